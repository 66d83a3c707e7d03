//! The county or counties that an agency's own name says.

use crate::identify::places::finder::{AgencyFinder, FoundCounties};
use crate::identify::places::location::Typo;
use crate::normalise;
use crate::reference::County;
use crate::words::{AgencyType, CountyFips, CountyMethod, Kind, StateCode};

/// The most words of a county's name; longer names are not examined further.
const COUNTY_WORDS: usize = 6;

impl<'a> AgencyFinder<'a> {
    /// Returns the counties that the name itself says: "X County"; for a sheriff or jail also "X" alone; for an agency
    /// that serves several counties, all those with which the name opens.
    pub(in crate::identify) fn counties_in_name(&self) -> Option<FoundCounties> {
        let state = self.state?;
        let counties = &self.reference.counties;
        let place = self.name.place_words(self.vocabulary);
        if let Some(found) = self.county_by_word(state) {
            return Some(found);
        }
        // The Utah Department of Corrections is not Utah County's.
        let is_state = self.reference.states.named(&place.join(" ")) == Some(state);
        if matches!(self.name.kind, Kind::Sheriff | Kind::Corrections) && !place.is_empty() && !is_state {
            if let Some(county) = counties.named(state, &place.join(" ")) {
                return Some(FoundCounties::new(vec![county.fips], CountyMethod::AgencyName, 1.0));
            }
            let named = counties.all_base_named(state, &place.join(" "));
            if let Some((county, score)) = self.county_or_city(&named) {
                return Some(FoundCounties::new(vec![county.fips], CountyMethod::AgencyName, score));
            }
        }
        if self.is_regional() || matches!(self.name.kind, Kind::Transport | Kind::Corrections) {
            let (each, typo) = self.counties_it_opens_with(state, &place);
            if each.len() > 1 {
                let score = if typo.is_some() { 0.9 } else { 1.0 };
                return Some(FoundCounties {
                    typo,
                    ..FoundCounties::new(each, CountyMethod::AgencyName, score)
                });
            }
        }
        self.county_before_sheriff(state)
    }

    /// Chooses between a county and an independent city of one name the one that the name, the cell or the TYPE means;
    /// a sheriff is the county's unless one of these says otherwise.
    fn county_or_city(&self, named: &[&'a County]) -> Option<(&'a County, f64)> {
        let is_city = self.name.words.first().is_some_and(|word| word == "city");
        match named {
            [] => None,
            [only] => Some((only, 1.0)),
            _ => {
                let in_cell = || named.iter().find(|county| Some(county.fips) == self.witnesses.county_cell);
                let of_type = match self.witnesses.agency_type {
                    Some(AgencyType::Municipality) => Some(true),
                    Some(AgencyType::County) => Some(false),
                    _ => None,
                };
                let wants_city = if is_city { Some(true) } else { of_type };
                let by_type = named.iter().find(|c| Some(c.is_independent_city()) == wants_city);
                let county = named.iter().find(|c| !c.is_independent_city());
                match (is_city.then_some(by_type).flatten(), in_cell(), by_type, county) {
                    (Some(city), ..) => Some((*city, 1.0)),
                    (_, Some(cell), ..) => Some((*cell, 0.9)),
                    (_, _, by_type, county) => by_type.or(county).map(|county| (*county, 0.7)),
                }
            }
        }
    }

    /// Returns the counties whose names open the name one after another; one of them may be misspelled.
    fn counties_it_opens_with(&self, state: StateCode, place: &[String]) -> (Vec<CountyFips>, Option<Typo>) {
        let counties = &self.reference.counties;
        let (mut each, mut typo, mut at) = (Vec::new(), None, 0);
        while at < place.len() {
            let two = || Some((counties.base_named(state, &place.get(at..at + 2)?.join(" "))?, 2));
            let one = || Some((counties.base_named(state, &place[at])?, 1));
            if place[at] == "and" {
                at += 1;
            } else if let Some((county, words)) = two().or_else(one) {
                each.push(county.fips);
                at += words;
            } else if typo.is_none()
                && let Some(fips) = normalise::county(&place[at], state, counties).value
                && let Some(county) = self.county(fips)
            {
                typo = Some(Typo { typed: place[at].clone(), meant: county.base_name.clone() });
                each.push(fips);
                at += 1;
            } else {
                break;
            }
        }
        // A misspelled word that stands alone is probably no county.
        if each.len() < 2 { (Vec::new(), None) } else { (each, typo) }
    }

    /// Returns the county before the word "county" (or "parish" …), or after "county of": by its exact name, or else
    /// with a typing error.
    fn county_by_word(&self, state: StateCode) -> Option<FoundCounties> {
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
                return Some(FoundCounties::new(vec![county.fips], CountyMethod::AgencyName, 1.0));
            }
            if at > 0 && word != "borough" && self.name.kind != Kind::Constable {
                let typed = words[at.saturating_sub(COUNTY_WORDS)..at].join(" ");
                if let Some(fips) = normalise::county(&format!("{typed} County"), state, counties).value {
                    let typo =
                        self.county(fips).map(|county| Typo { typed, meant: county.base_name.clone() });
                    return Some(FoundCounties {
                        typo,
                        ..FoundCounties::new(vec![fips], CountyMethod::AgencyName, 0.9)
                    });
                }
            }
        }
        None
    }

    /// Returns the county before the sheriff, whatever word replaces "county": "St. Charles Place Sheriff".
    fn county_before_sheriff(&self, state: StateCode) -> Option<FoundCounties> {
        if self.name.kind != Kind::Sheriff {
            return None;
        }
        let place = self.name.place_words(self.vocabulary);
        // The sheriff of New York City is not New York County's.
        let (word, base) = place.split_last().filter(|(word, base)| !base.is_empty() && *word != "city")?;
        let county = self.reference.counties.base_named(state, &base.join(" "))?;
        let is_longer = !self.reference.counties.all_base_named(state, &place.join(" ")).is_empty();
        let is_there = !is_longer && self.witnesses.county_cell.is_none_or(|cell| cell == county.fips);
        let meant =
            county.name.strip_prefix(county.base_name.as_str()).map(str::trim).filter(|_| is_there)?;
        let typo = (!meant.is_empty()).then(|| Typo { typed: word.clone(), meant: meant.to_owned() });
        Some(FoundCounties { typo, ..FoundCounties::new(vec![county.fips], CountyMethod::AgencyName, 0.9) })
    }
}

fn is_county_word(word: &str) -> bool {
    matches!(word, "county" | "parish" | "borough" | "municipio")
        || (word.len() >= 5 && strsim::osa_distance(word, "county") == 1)
}
