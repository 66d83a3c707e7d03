//! Whose agency it is and where it serves: level, kind, county or counties, place.
//!
//! The agency's own name goes first. If it names no county, the county cell is compared with the Census place table and
//! the FBI's list. Where both of these put the agency elsewhere than the cell does, the cell is wrong (Monroe, Georgia,
//! is not in Monroe County). The method and its evidence are recorded.

use crate::identify::names::name::Name;
use crate::identify::places::finder::{AgencyFinder, FoundCounties};
use crate::identify::places::location::{Location, Typo, Witnesses};
use crate::identify::places::named_places::{self, Match};
use crate::identify::places::towns::said_town;
use crate::reference::{County, FbiAgency, Place, Reference, Reviewed, StateKind, Town};
use crate::spec::Vocabulary;
use crate::words::{AgencyType, CountyFips, CountyMethod, Extent, Kind, Level, StateCode};

/// Locates an agency of `state` by its name and what its rows say.
pub fn locate(
    name: &Name,
    state: Option<StateCode>,
    witnesses: &Witnesses,
    vocabulary: &Vocabulary,
    reference: &Reference,
) -> Location {
    let said_town = said_town(name, state, reference);
    let finder = AgencyFinder { name, state, witnesses, vocabulary, reference, said_town };
    finder.locate()
}

impl<'a> AgencyFinder<'a> {
    fn locate(&self) -> Location {
        let named = self.counties_in_name();
        let places = match &self.said_town {
            // A town is not the place of the same name.
            Some(_) => named_places::FoundPlaces::none(),
            None => named_places::places(self.name, self.state, self.vocabulary, self.reference),
        };
        let level = self.level(named.as_ref(), &places);
        let kind = self.reviewed_kind(level, self.kind(level));
        let has_place = matches!(level, Level::Municipal | Level::Subcounty);
        let place = self.one_place(&places.places).filter(|_| has_place && named.is_none());
        let fbi = self.fbi(level, kind, named.as_ref(), place, &places);
        let mut found = self.counties(level, named, &places, fbi);
        if level == Level::Municipal && found.typo.is_none() && found.method != CountyMethod::Reviewed {
            found.typo = places.typo.clone();
        }
        let extent = self.extent(level, kind, place, &found.counties);
        // A place that the Census only counts has no government, and no police of its own.
        let place = place.filter(|p| p.is_incorporated && shares_county(p, &found.counties));
        let town = self.town_government(level, place, &places, &found.counties);
        let main = found.counties.first();
        Location {
            town: self.town(level, place),
            level,
            kind,
            place_geoid: place.map(|p| p.geoid.clone()),
            cousub_geoid: place
                .zip(main)
                .and_then(|(place, main)| place.cousub_geoid(*main))
                .or_else(|| town.map(|town| town.geoid.clone())),
            evidence: self.evidence(&found, &places, fbi, town),
            ori: self.ori((level, kind), &found, fbi, &places),
            unit_oris: self.unit_oris(level, kind),
            counties: found.counties,
            extent,
            method: found.method,
            score: found.score,
            typo: found.typo,
        }
    }

    fn town(&self, level: Level, place: Option<&Place>) -> Option<String> {
        let is_towns = matches!(level, Level::Municipal | Level::Subcounty | Level::Campus);
        let words = || self.name.place_words(self.vocabulary).join(" ");
        let named = || match self.name.place_prefix() {
            // "Town of Madison"
            Some(what) if !words().ends_with(what) => format!("{} {what}", words()),
            _ => words(),
        };
        is_towns.then(|| place.map_or_else(named, |place| place.base_name().to_owned()))
    }

    /// Returns the county that most cells name. Where that county and the newest list's each have a town of the name,
    /// returns the newest list's, which ICE has corrected.
    pub(in crate::identify) fn cell(&self) -> Option<CountyFips> {
        let Witnesses { county_cell, newest_cell, .. } = self.witnesses;
        let is_town = |county: &CountyFips| {
            let towns = self.said_town.iter().flat_map(|said| &said.towns);
            towns.into_iter().any(|town| town.county == *county)
        };
        match (county_cell, newest_cell) {
            (Some(most), Some(newest)) if most != newest && is_town(most) && is_town(newest) => Some(*newest),
            _ => *county_cell,
        }
    }

    fn reviewed(&self) -> Option<&'a Reviewed> {
        // The sheriff of a county within a district is not the district's agency.
        let is_countys = matches!(self.name.kind, Kind::Sheriff | Kind::Constable);
        let words = if is_countys { &[] } else { self.name.words.as_slice() };
        self.reference.crosswalk.counties(self.state?, &self.name.text, words)
    }

    pub(in crate::identify) fn county(&self, fips: CountyFips) -> Option<&'a County> {
        self.reference.counties.get(fips)
    }

    pub(in crate::identify) fn is_regional(&self) -> bool {
        // A prosecutor of a numbered district or circuit serves several counties.
        if self.name.kind == Kind::Prosecutor && self.name.numbers_a(&["district", "circuit"]) {
            return true;
        }
        self.vocabulary.regional_phrases.iter().any(|phrase| self.name.nearly_says(phrase))
    }

    fn level(&self, named: Option<&FoundCounties>, places: &named_places::FoundPlaces) -> Level {
        let state = self.state.and_then(|code| self.reference.states.get(code));
        if state.is_some_and(|s| s.kind == StateKind::Territory && s.code.as_str() != "PR") {
            return Level::Territory;
        }
        // A county's bureau of investigation belongs to the county.
        let is_countys = named.is_some() && self.name.kind == Kind::StatePolice;
        if let Some(level) = self.name.level.filter(|_| !is_countys) {
            return level;
        }
        if self.is_regional() {
            return Level::Regional;
        }
        if self.name.numbers_a(&["precinct", "ward"]) {
            return Level::Subcounty;
        }
        if named.is_some() {
            return Level::County;
        }
        if self.said_town.is_some() {
            return Level::Municipal;
        }
        let place = self.name.place_words(self.vocabulary).join(" ");
        let is_state_name = state.is_some_and(|s| s.name.to_lowercase() == place);
        let is_exact = !places.places.is_empty() && places.how == Match::Exact;
        match self.name.kind {
            Kind::Sheriff => return Level::County,
            Kind::Police if self.city_county().is_some() => return Level::Municipal,
            Kind::Police if !is_state_name && (is_exact || !self.fbi_cities().is_empty()) => {
                return Level::Municipal;
            }
            // "Florida Atlantic Police Department" belongs to the university of that name.
            Kind::Police if !is_state_name && self.fbi_campus().is_some() => return Level::Campus,
            Kind::Police if !is_state_name && !places.places.is_empty() => return Level::Municipal,
            _ => {}
        }
        let is_municipal = self.witnesses.agency_type == Some(AgencyType::Municipality);
        if self.name.kind == Kind::Police && is_municipal && self.name.says("police department") {
            return Level::Municipal;
        }
        if self.is_state_body(state.map(|s| s.name.to_lowercase()).as_deref()) {
            return Level::State;
        }
        if self.name.words.iter().any(|word| word == "township") {
            return Level::Municipal;
        }
        match (self.witnesses.agency_type, self.name.kind) {
            (Some(AgencyType::State), _) => Level::State,
            (Some(AgencyType::County), Kind::Police) if self.name.says("police department") => {
                Level::Municipal
            }
            (Some(AgencyType::County), _) => Level::County,
            (Some(AgencyType::Municipality), _) | (None, Kind::Police) => Level::Municipal,
            // A decision on an agency's counties shows that the agency is not the state's.
            (None, _) if is_exact || self.reviewed().is_some() => Level::Municipal,
            (None, _) => Level::State,
        }
    }

    fn is_state_body(&self, state_name: Option<&str>) -> bool {
        let state = &self.vocabulary.state;
        let own = state_name.is_some_and(|name| self.is_states_name(name));
        let code = self.state.map(|code| code.as_str().to_lowercase());
        let opens_with_code = code.as_deref() == self.name.words.first().map(String::as_str)
            && state.openings.iter().any(|opening| self.name.says(opening));
        own || opens_with_code
            || state.words.iter().any(|word| self.name.words.contains(word))
            || state.openings.iter().any(|opening| self.name.opens_with(opening))
    }

    /// Whether the name holds the state's own: New York City's name does not, nor does that of Northern Oregon.
    fn is_states_name(&self, state_name: &str) -> bool {
        let wanted: Vec<&str> = state_name.split(' ').collect();
        let words = &self.name.words;
        let at = words.windows(wanted.len()).position(|window| window == wanted.as_slice());
        let is_part = |word: &String| {
            let directions = ["north", "south", "east", "west", "central"];
            directions.iter().any(|direction| word.starts_with(direction))
        };
        at.is_some_and(|at| {
            let after = words.get(at + wanted.len()).map(String::as_str);
            let is_smaller = matches!(after, Some("city" | "county" | "regional"));
            !is_smaller && !at.checked_sub(1).is_some_and(|before| is_part(&words[before]))
        })
    }

    /// Returns the kind that the name says, settled by the level: a state's public safety department is a state police.
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
            (Kind::Police, Level::Campus) => Kind::Campus,
            (Kind::StatePolice, Level::County) => Kind::Police,
            (kind, _) => kind,
        }
    }

    fn counties(
        &self,
        level: Level,
        named: Option<FoundCounties>,
        places: &named_places::FoundPlaces,
        fbi: Option<&FbiAgency>,
    ) -> FoundCounties {
        match level {
            Level::State => return FoundCounties::new(Vec::new(), CountyMethod::StateBody, 1.0),
            Level::Territory => {
                let state = self.state.map(|code| self.reference.counties.of_state(code));
                let all: Vec<_> = state.into_iter().flatten().map(|county| county.fips).collect();
                // The main county is the capital's.
                let mains = &self.vocabulary.territory_main_counties;
                let main =
                    self.state.and_then(|code| mains.get(code.as_str())).and_then(|f| CountyFips::new(f));
                return FoundCounties::new(main_first(&all, main.as_slice()), CountyMethod::Territory, 1.0);
            }
            _ => {}
        }
        if let Some(reviewed) = self.reviewed() {
            return FoundCounties::new(reviewed.counties.clone(), CountyMethod::Reviewed, 1.0);
        }
        if let Some(found) = named {
            return found;
        }
        if let Some(said) = &self.said_town {
            return self.town_counties(said, fbi);
        }
        if let Some(county) = self.city_county().filter(|_| matches!(level, Level::Municipal | Level::County))
        {
            return FoundCounties::new(vec![county], CountyMethod::CityCounty, 1.0);
        }
        let cell = self.cell();
        let one = self.one_place(&places.places);
        let place = one.map(|place| place.counties.as_slice());
        let is_empty_part = |cell: &CountyFips| one.is_some_and(|place| place.empty_counties.contains(cell));
        // Where the name says a place only beside other words, the FBI's list knows better.
        let is_weaker = places.how == Match::Beside && fbi.is_some_and(|agency| !agency.counties.is_empty());
        let by_place = place.filter(|counties| !counties.is_empty() && !is_weaker);
        let by_fbi = fbi.map(|agency| agency.counties.as_slice()).filter(|counties| !counties.is_empty());
        let sure = places.how.score();
        let ori = |counties: &[CountyFips]| fbi.and_then(|agency| agency.ori_county(counties));
        // The main county is the one that the ORI numbers, or else the one with the most residents.
        let with_main = |counties: &[CountyFips], witness: &[CountyFips]| {
            let both: Vec<CountyFips> = counties.iter().copied().filter(|c| witness.contains(c)).collect();
            let most = self.reference.residents.most(if both.is_empty() { counties } else { &both });
            let main = ori(counties).or(most);
            main_first(&main_first(counties, witness), main.as_slice())
        };
        // A campus or an airport is in one county of its city.
        let is_spot = places.how == Match::Beside;
        match (cell, by_place, by_fbi) {
            (Some(cell), Some(place), Some(fbi)) if !place.contains(&cell) && !fbi.contains(&cell) => {
                FoundCounties::new(place.to_vec(), CountyMethod::PlaceOverCell, 0.9)
            }
            // Nobody lives in the part of the place that is in the cell's county.
            (Some(cell), Some(place), _) if is_empty_part(&cell) => {
                FoundCounties::new(place.to_vec(), CountyMethod::PlaceOverCell, 0.9)
            }
            (Some(cell), Some(place), _) if place.contains(&cell) => FoundCounties::new(
                if is_spot { vec![cell] } else { place.to_vec() },
                CountyMethod::CountyCell,
                1.0,
            ),
            (Some(cell), Some(_), _) => FoundCounties::new(vec![cell], CountyMethod::CountyCell, 0.7),
            (Some(cell), None, Some(fbi)) if !fbi.contains(&cell) => {
                FoundCounties::new(with_main(fbi, &[]), CountyMethod::FbiOverCell, 0.7)
            }
            (Some(cell), None, Some(fbi)) => {
                FoundCounties::new(main_first(fbi, &[cell]), CountyMethod::CountyCell, 1.0)
            }
            (Some(cell), None, None) => match self.cell_that_the_fbi_knows(cell) {
                Some(other) => FoundCounties::new(vec![other], CountyMethod::CountyCell, 0.8),
                None => FoundCounties::new(vec![cell], CountyMethod::CountyCell, 0.9),
            },
            (None, Some(place), fbi) => {
                let score = if places.places.len() == 1 { sure } else { 0.8 };
                let main = ori(place).or(fbi.and_then(|fbi| place.iter().find(|c| fbi.contains(c)).copied()));
                let spot = main.or(place.first().copied());
                let counties = if is_spot { spot.into_iter().collect() } else { place.to_vec() };
                FoundCounties::new(counties, CountyMethod::CensusPlace, score)
            }
            (None, None, Some(fbi)) => FoundCounties::new(with_main(fbi, &[]), CountyMethod::FbiList, 0.9),
            (None, None, None) => {
                let town = self.name.place_words(self.vocabulary).join(" ");
                match self.reference.connecticut.region(self.state, &town) {
                    Some(region) => FoundCounties::new(vec![region], CountyMethod::ConnecticutTown, 1.0),
                    None => FoundCounties::new(Vec::new(), CountyMethod::NotFound, 0.0),
                }
            }
        }
    }

    /// Chooses among several counties that cells name for the agency. If the FBI knows no agency of the name in the
    /// county that most cells name, returns the only other county in which it does.
    pub(in crate::identify) fn cell_that_the_fbi_knows(&self, most: CountyFips) -> Option<CountyFips> {
        let cities = self.fbi_cities();
        let knows = |county: &CountyFips| cities.iter().any(|agency| agency.counties.contains(county));
        let mut others = self.witnesses.other_cells.iter().copied().filter(knows);
        let other = others.next().filter(|_| !knows(&most))?;
        others.next().is_none().then_some(other)
    }

    /// Returns the county that is governed as one with the place of the name.
    fn city_county(&self) -> Option<CountyFips> {
        let place = self.name.place_words(self.vocabulary).join(" ");
        self.reference.crosswalk.city_county(self.state?, &place)
    }

    /// Chooses among places of one name the one that the county cell or the FBI's list points to; none if neither does,
    /// unless all lie in the same counties.
    fn one_place<'p>(&self, places: &[&'p Place]) -> Option<&'p Place> {
        let points_to = |counties: &[CountyFips]| {
            let mut there = places.iter().copied().filter(|p| shares_county(p, counties));
            there.next().filter(|_| there.next().is_none())
        };
        match places {
            [] => None,
            [only] => Some(only),
            [first, rest @ ..] => {
                let cell = self.cell().and_then(|cell| points_to(&[cell]));
                let fbi = || match self.fbi_cities().as_slice() {
                    [agency] => points_to(&agency.counties),
                    _ => None,
                };
                let same = || rest.iter().all(|p| p.counties == first.counties).then_some(*first);
                cell.or_else(fbi).or_else(same)
            }
        }
    }

    fn extent(&self, level: Level, kind: Kind, place: Option<&Place>, counties: &[CountyFips]) -> Extent {
        let is_city = |fips: CountyFips| self.county(fips).is_some_and(County::is_independent_city);
        let serves_city_county = || {
            place.is_some_and(|p| p.is_county_wide && counties.len() == 1)
                || matches!(counties, [only] if is_city(*only))
        };
        if let Some(reviewed) = self.reviewed() {
            return reviewed.extent;
        }
        match level {
            // Police of a county's parks or courts are not the county's police.
            Level::County if kind == Kind::Police && !self.is_countys_police() => Extent::Part,
            Level::County | Level::Territory => Extent::Whole,
            Level::Regional if kind == Kind::Corrections => Extent::Whole,
            Level::Municipal if serves_city_county() || self.city_county().is_some() => Extent::Whole,
            _ => Extent::Part,
        }
    }

    /// Whether the county stands right before the police in the name.
    fn is_countys_police(&self) -> bool {
        let place = self.name.place_words(self.vocabulary);
        place
            .last()
            .is_some_and(|word| matches!(word.as_str(), "county" | "parish" | "borough" | "municipality"))
    }

    /// Returns what each witness says, in words that can be checked.
    fn evidence(
        &self,
        found: &FoundCounties,
        places: &named_places::FoundPlaces,
        fbi: Option<&FbiAgency>,
        town: Option<&Town>,
    ) -> String {
        let title =
            |fips: &CountyFips| self.county(*fips).map_or_else(|| fips.to_string(), |c| c.name.clone());
        let titles = |counties: &[CountyFips]| counties.iter().map(title).collect::<Vec<_>>().join(" and ");
        match found.method {
            CountyMethod::StateBody => return "a body of the state has no county of its own".into(),
            CountyMethod::Territory => return "a body of the whole territory".into(),
            CountyMethod::Reviewed => {
                return self.reviewed().map_or_else(String::new, |reviewed| reviewed.evidence.clone());
            }
            _ => {}
        }
        let mut says = Vec::new();
        if found.method == CountyMethod::AgencyName {
            says.push(match &found.typo {
                Some(Typo { typed, meant }) => {
                    format!("the name says {typed:?}, one county is near: {meant}")
                }
                None => format!("the name says {}", titles(&found.counties)),
            });
        }
        if let Some(cell) = &self.cell() {
            let most =
                match (self.witnesses.other_cells.is_empty(), self.witnesses.county_cell == Some(*cell)) {
                    (true, _) => "the county cell says",
                    (false, true) => "most county cells say",
                    (false, false) => "the newest county cells say",
                };
            says.push(format!("{most} {}", title(cell)));
            let main = found.counties.first();
            if let Some(other) =
                main.filter(|main| self.cell() != Some(**main) && self.witnesses.other_cells.contains(main))
            {
                says.push(format!("others say {}, where the FBI lists a body of the name", title(other)));
            }
        }
        if found.method != CountyMethod::AgencyName {
            let place = self.one_place(&places.places);
            match (place, places.places.len(), &places.typo) {
                (Some(place), _, None) if !place.counties.is_empty() => {
                    says.push(format!("the Census puts {} in {}", place.name, titles(&place.counties)));
                    if !place.empty_counties.is_empty() {
                        let empty = titles(&place.empty_counties);
                        says.push(format!("nobody lives in its part in {empty} (Census 2020)"));
                    }
                    if place.counties.len() > 1 && !self.reference.place_counties.of(&place.geoid).is_empty()
                    {
                        says.push(format!(
                            "most of its people live in {} (Census 2020)",
                            title(&place.counties[0])
                        ));
                    }
                }
                (_, _, Some(Typo { typed, meant })) => {
                    let counties =
                        place.map(|place| format!(", {}", titles(&place.counties))).unwrap_or_default();
                    says.push(format!("{typed:?} is near {meant}{counties}"));
                }
                (None, 2.., _) => {
                    says.push(format!("the Census has {} places so called", places.places.len()))
                }
                _ => {}
            }
        }
        if let Some(agency) = fbi.filter(|agency| !agency.counties.is_empty()) {
            let counties = titles(&agency.counties);
            says.push(format!("the FBI lists {} ({}) in {counties}", agency.name, agency.ori));
        }
        if found.method == CountyMethod::CityCounty {
            says.push(format!("governed as one with {}", titles(&found.counties)));
        }
        if found.method == CountyMethod::ConnecticutTown {
            says.push(format!("a town of {}", titles(&found.counties)));
        }
        let of_state = self.said_town.as_ref().map_or(0, |said| said.towns.len());
        if let Some(town) = town {
            let alone = if of_state == 1 { ", the only one so called in the state" } else { "" };
            says.push(format!("the Census has {} in {}{alone}", town.name, title(&town.county)));
        } else if of_state > 1 {
            says.push(format!("the Census has {of_state} towns so called in the state"));
        }
        if says.is_empty() {
            says.push("neither the name nor a cell, the Census or the FBI's list says where".to_owned());
        }
        says.join("; ")
    }
}

fn shares_county(place: &Place, counties: &[CountyFips]) -> bool {
    place.counties.iter().any(|county| counties.contains(county))
}

/// Returns the place's counties, with those that a witness names in front.
fn main_first(place: &[CountyFips], witness: &[CountyFips]) -> Vec<CountyFips> {
    let (mut first, rest): (Vec<_>, Vec<_>) = place.iter().partition(|county| witness.contains(county));
    first.extend(rest);
    first
}
