//! Whose body an agency is and where it serves: level, county or counties, place.
//!
//! The agency's own name goes first. For bodies that name no county the county cell is held against the
//! Census place table and the FBI's list; where both of these put the body elsewhere than the cell does,
//! the cell is wrong (Monroe, Georgia, is not in Monroe County). The method is recorded.

use super::name::Name;
use crate::normalise;
use crate::reference::{County, FbiAgency, Place, Reference, StateKind};
use crate::spec::Vocabulary;
use crate::words::{AgencyType, CountyFips, Extent, Kind, Level, StateCode};

/// Words that describe what a place legally is, at the end of what people call it.
const DESCRIPTIONS: &[&str] = &["city", "town", "village", "borough"];

/// Words that a county's or place's name has at most: longer names are not looked into further.
const COUNTY_WORDS: usize = 6;

/// What the listings of an agency say beside its name.
#[derive(Debug, Clone, Default)]
pub struct Witnesses {
    /// The county most rows print, if any does.
    pub county_cell: Option<CountyFips>,
    /// The TYPE most rows print.
    pub agency_type: Option<AgencyType>,
}

/// Where an agency is.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    pub level: Level,
    pub kind: Kind,
    /// The main county first.
    pub counties: Vec<CountyFips>,
    pub extent: Extent,
    pub place_geoid: Option<String>,
    /// How the counties were found: the words of `agencies.county_method`.
    pub method: &'static str,
    /// 1: exact and alone.
    pub score: f64,
    pub ori: Option<String>,
}

/// Locates an agency of `state` by its name and what its rows say.
pub fn locate(
    name: &Name,
    state: Option<StateCode>,
    witnesses: &Witnesses,
    vocabulary: &Vocabulary,
    reference: &Reference,
) -> Location {
    let finder = Finder { name, state, witnesses, vocabulary, reference };
    finder.locate()
}

struct Finder<'a> {
    name: &'a Name,
    state: Option<StateCode>,
    witnesses: &'a Witnesses,
    vocabulary: &'a Vocabulary,
    reference: &'a Reference,
}

/// Counties found, by which method and how surely.
struct Found {
    counties: Vec<CountyFips>,
    method: &'static str,
    score: f64,
}

impl<'a> Finder<'a> {
    fn locate(&self) -> Location {
        let named = self.counties_in_name();
        let places = self.places();
        let level = self.level(named.as_ref(), &places);
        let kind = self.kind(level);
        let place = places.first().copied().filter(|_| matches!(level, Level::Municipal | Level::Subcounty));
        let fbi = self.fbi(level, kind);
        let found = self.counties(level, named, &places, fbi);
        let extent = self.extent(level, kind, place, &found.counties);
        Location {
            level,
            kind,
            place_geoid: place.filter(|p| shares_county(p, &found.counties)).map(|p| p.geoid.clone()),
            ori: fbi.map(|agency| agency.ori.clone()),
            counties: found.counties,
            extent,
            method: found.method,
            score: found.score,
        }
    }

    fn reviewed(&self) -> Option<(&'a [CountyFips], Extent)> {
        self.reference.crosswalk.find(self.state?, &self.name.text)
    }

    /// Counties the name itself says: "X County"; of a sheriff or jail also "X" alone; of a body that
    /// serves several all that it opens with.
    fn counties_in_name(&self) -> Option<Found> {
        let state = self.state?;
        let place = self.name.place_words(self.vocabulary);
        let found = |counties, score| Some(Found { counties, method: "agency_name", score });
        if let Some((county, score)) = self.county_by_word(state) {
            return found(vec![county], score);
        }
        // The Utah Department of Corrections is not Utah County's.
        let is_state = self.reference.states.named(&place.join(" ")) == Some(state);
        if matches!(self.name.kind, Kind::Sheriff | Kind::Corrections) && !place.is_empty() && !is_state {
            // A city that is also a county's name: the sheriff is the county's, unless only the city is there.
            let named = self.reference.counties.all_base_named(state, &place.join(" "));
            if let Some(county) = named.iter().find(|c| !c.is_independent_city()).or(named.first()) {
                return found(vec![county.fips], 1.0);
            }
        }
        if self.is_regional() || self.name.kind == Kind::Transport {
            let each = place.iter().map_while(|word| self.reference.counties.base_named(state, word));
            let each: Vec<_> = each.map(|county| county.fips).collect();
            if each.len() > 1 {
                return found(each, 1.0);
            }
        }
        None
    }

    /// The county before the word "county" (or "parish" …), or after "county of"; by its exact name, or
    /// else with a typing error.
    fn county_by_word(&self, state: StateCode) -> Option<(CountyFips, f64)> {
        let words = &self.name.words;
        let counties = &self.reference.counties;
        for (at, word) in words.iter().enumerate().filter(|(_, word)| is_county_word(word)) {
            let after = words.get(at + 1).is_some_and(|next| next == "of").then(|| {
                (at + 3..=words.len().min(at + 2 + COUNTY_WORDS))
                    .rev()
                    .find_map(|end| counties.base_named(state, &words[at + 2..end].join(" ")))
            });
            let before = || {
                (at.saturating_sub(COUNTY_WORDS)..at).find_map(|start| {
                    let base = words[start..at].join(" ");
                    let full = counties.named(state, &format!("{base} {word}"));
                    // "West York Borough" is a borough in York County, not York.
                    full.or_else(|| counties.base_named(state, &base).filter(|_| word != "borough"))
                })
            };
            if let Some(county) = after.flatten().or_else(before) {
                return Some((county.fips, 1.0));
            }
            if at > 0 && word != "borough" && self.name.kind != Kind::Constable {
                let text = format!("{} County", words[at.saturating_sub(COUNTY_WORDS)..at].join(" "));
                if let Some(fips) = normalise::county(&text, state, counties).value {
                    return Some((fips, 0.9));
                }
            }
        }
        None
    }

    /// Census places the name may mean.
    fn places(&self) -> Vec<&'a Place> {
        let Some(state) = self.state else { return Vec::new() };
        let mut words = self.name.place_words(self.vocabulary);
        words.truncate(COUNTY_WORDS);
        // Sewickley Township is not the borough of Sewickley, in another county.
        if words.iter().any(|word| word == "township") {
            let mut places = self.reference.places.named(state, &words.join(" "));
            places.retain(|place| place.name.ends_with("township"));
            return places;
        }
        let shortest = if self.name.kind == Kind::Constable { 1 } else { words.len() };
        for end in (shortest..=words.len()).rev().filter(|end| *end > 0) {
            let places = self.reference.places.named(state, &words[..end].join(" "));
            if !places.is_empty() {
                return places;
            }
            if end > 1 && DESCRIPTIONS.contains(&words[end - 1].as_str()) {
                let places = self.reference.places.named(state, &words[..end - 1].join(" "));
                if !places.is_empty() {
                    return places;
                }
            }
        }
        Vec::new()
    }

    fn is_regional(&self) -> bool {
        self.vocabulary.regional_phrases.iter().any(|phrase| self.name.nearly_says(phrase))
    }

    fn level(&self, named: Option<&Found>, places: &[&Place]) -> Level {
        let state = self.state.and_then(|code| self.reference.states.get(code));
        if state.is_some_and(|s| s.kind == StateKind::Territory && s.code.as_str() != "PR") {
            return Level::Territory;
        }
        if let Some(level) = self.name.level {
            return level;
        }
        if self.is_regional() {
            return Level::Regional;
        }
        if self.name.words.iter().any(|word| matches!(word.as_str(), "precinct" | "ward")) {
            return Level::Subcounty;
        }
        if named.is_some() {
            return Level::County;
        }
        let place = self.name.place_words(self.vocabulary).join(" ");
        let is_state_name = state.is_some_and(|s| s.name.to_lowercase() == place);
        match self.name.kind {
            Kind::Sheriff => return Level::County,
            Kind::Police if !is_state_name && (!places.is_empty() || !self.fbi_cities().is_empty()) => {
                return Level::Municipal;
            }
            _ => {}
        }
        let is_municipal = self.witnesses.agency_type == Some(AgencyType::Municipality);
        if self.name.kind == Kind::Police && is_municipal && self.name.says("police department") {
            return Level::Municipal;
        }
        if self.is_state_body(state.map(|s| s.name.to_lowercase()).as_deref()) {
            return Level::State;
        }
        match (self.witnesses.agency_type, self.name.kind) {
            (Some(AgencyType::State), _) => Level::State,
            (Some(AgencyType::County), Kind::Police) if self.name.says("police department") => {
                Level::Municipal
            }
            (Some(AgencyType::County), _) => Level::County,
            (Some(AgencyType::Municipality), _) | (None, Kind::Police) => Level::Municipal,
            (None, _) if !places.is_empty() => Level::Municipal,
            (None, _) => Level::State,
        }
    }

    fn is_state_body(&self, state_name: Option<&str>) -> bool {
        let state = &self.vocabulary.state;
        let own = state_name.is_some_and(|name| self.name.says(name));
        let code = self.state.map(|code| code.as_str().to_lowercase());
        let opens_with_code = code.as_deref() == self.name.words.first().map(String::as_str)
            && state.openings.iter().any(|opening| self.name.says(opening));
        own || opens_with_code
            || state.words.iter().any(|word| self.name.words.contains(word))
            || state.openings.iter().any(|opening| self.name.opens_with(opening))
    }

    /// The kind the name says, settled by the level: a state's public safety department is a state police.
    fn kind(&self, level: Level) -> Kind {
        let general = || self.vocabulary.state.general_police.iter().any(|p| self.name.says(p));
        let unified = || {
            let states = &self.vocabulary.unified_corrections_states;
            self.state.is_some_and(|code| states.iter().any(|s| s == code.as_str()))
        };
        match (self.name.kind, level) {
            (Kind::Corrections, Level::State) if unified() => Kind::UnifiedCorrections,
            (Kind::Police, Level::State) if general() => Kind::StatePolice,
            (Kind::Police | Kind::Other, Level::State) => Kind::StateOther,
            (kind, _) => kind,
        }
    }

    fn counties(
        &self,
        level: Level,
        named: Option<Found>,
        places: &[&Place],
        fbi: Option<&FbiAgency>,
    ) -> Found {
        match level {
            Level::State => return Found { counties: Vec::new(), method: "state_body", score: 1.0 },
            Level::Territory => {
                let state = self.state.map(|code| self.reference.counties.of_state(code));
                let all = state.into_iter().flatten().map(|county| county.fips).collect();
                return Found { counties: all, method: "territory", score: 1.0 };
            }
            _ => {}
        }
        if let Some((counties, _)) = self.reviewed() {
            return Found { counties: counties.to_vec(), method: "reviewed", score: 1.0 };
        }
        if let Some(found) = named {
            return found;
        }
        let place = self.one_place(places);
        let by_place = place.map(|place| place.counties.as_slice()).filter(|counties| !counties.is_empty());
        let by_fbi = fbi.map(|agency| agency.counties.as_slice()).filter(|counties| !counties.is_empty());
        match (self.witnesses.county_cell, by_place, by_fbi) {
            (Some(cell), Some(place), Some(fbi)) if !place.contains(&cell) && !fbi.contains(&cell) => {
                Found { counties: main_first(place, fbi), method: "place_over_cell", score: 0.9 }
            }
            (Some(cell), Some(place), _) if place.contains(&cell) => {
                Found { counties: main_first(place, &[cell]), method: "county_cell", score: 1.0 }
            }
            (Some(cell), Some(_), _) => Found { counties: vec![cell], method: "county_cell", score: 0.7 },
            (Some(cell), None, _) => Found { counties: vec![cell], method: "county_cell", score: 0.9 },
            (None, Some(place), fbi) => Found {
                counties: main_first(place, fbi.unwrap_or_default()),
                method: "census_place",
                score: if places.len() == 1 { 1.0 } else { 0.8 },
            },
            (None, None, Some(fbi)) => Found { counties: fbi.to_vec(), method: "fbi_list", score: 0.9 },
            (None, None, None) => Found { counties: Vec::new(), method: "not_found", score: 0.0 },
        }
    }

    /// Of several places of one name the one the county cell or the FBI's list points to; none if
    /// neither does, unless all lie in the same counties.
    fn one_place<'p>(&self, places: &[&'p Place]) -> Option<&'p Place> {
        let points_to = |counties: &[CountyFips]| {
            let mut there = places.iter().copied().filter(|p| shares_county(p, counties));
            there.next().filter(|_| there.next().is_none())
        };
        match places {
            [] => None,
            [only] => Some(only),
            [first, rest @ ..] => {
                let cell = self.witnesses.county_cell.and_then(|cell| points_to(&[cell]));
                let fbi = || match self.fbi_cities().as_slice() {
                    [agency] => points_to(&agency.counties),
                    _ => None,
                };
                let same = || rest.iter().all(|p| p.counties == first.counties).then_some(*first);
                cell.or_else(fbi).or_else(same)
            }
        }
    }

    fn fbi_cities(&self) -> Vec<&'a FbiAgency> {
        let Some(state) = self.state else { return Vec::new() };
        let place = self.name.place_words(self.vocabulary).join(" ");
        self.reference.fbi.named(state, &place, "City")
    }

    /// The FBI's entry for this very body, if its name and kind leave only one.
    fn fbi(&self, level: Level, kind: Kind) -> Option<&'a FbiAgency> {
        let state = self.state?;
        let found = match (level, kind) {
            (Level::County, Kind::Sheriff) => {
                let county = self.counties_in_name()?.counties.first().copied()?;
                let county: &County = self.reference.counties.get(county)?;
                self.reference.fbi.named(state, &county.base_name, "County")
            }
            (Level::Municipal, Kind::Police) => self.fbi_cities(),
            (Level::Campus | Level::Special, _) => {
                let words = self.name.words.join(" ");
                let words =
                    words.trim_end_matches(" police department").trim_end_matches(" board of trustees");
                let kind = if level == Level::Campus { "University or College" } else { "Other" };
                self.reference.fbi.named(state, words, kind)
            }
            _ => return None,
        };
        match found.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    fn extent(&self, level: Level, kind: Kind, place: Option<&Place>, counties: &[CountyFips]) -> Extent {
        let serves_city_county = || {
            place.is_some_and(|p| p.is_county_wide && counties.len() == 1)
                || matches!(counties, [only] if self.reference.counties.get(*only).is_some_and(County::is_independent_city))
        };
        if let Some((_, extent)) = self.reviewed() {
            return extent;
        }
        match level {
            Level::County | Level::Territory => Extent::Whole,
            Level::Regional if kind == Kind::Corrections => Extent::Whole,
            Level::Municipal if serves_city_county() => Extent::Whole,
            _ => Extent::Part,
        }
    }
}

fn is_county_word(word: &str) -> bool {
    matches!(word, "county" | "parish" | "borough" | "municipio")
        || (word.len() >= 5 && strsim::osa_distance(word, "county") == 1)
}

fn shares_county(place: &Place, counties: &[CountyFips]) -> bool {
    place.counties.iter().any(|county| counties.contains(county))
}

/// The place's counties with those a witness names in front.
fn main_first(place: &[CountyFips], witness: &[CountyFips]) -> Vec<CountyFips> {
    let (mut first, rest): (Vec<_>, Vec<_>) = place.iter().partition(|county| witness.contains(county));
    first.extend(rest);
    first
}
