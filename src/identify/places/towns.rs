//! Towns and townships that a name says: governments in the Bureau's list, not the city or village of the same name.

use super::finder::SaidTown;
use crate::identify::names::name::Name;
use crate::identify::places::finder::{AgencyFinder, FoundCounties};
use crate::identify::places::location::Typo;
use crate::identify::places::named_places;
use crate::reference::{FbiAgency, Place, Reference, Town};
use crate::words::{CountyFips, CountyMethod, Kind, Level, StateCode};

/// The most words that a town's name has.
const TOWN_WORDS: usize = 4;

/// Reads which town a name says ("Hellam Township", "Town of Madison", "Charter Township of Canton", "Rye Town"), where
/// the state has a town or township so called.
pub(in crate::identify) fn said_town<'a>(
    name: &Name,
    state: Option<StateCode>,
    reference: &'a Reference,
) -> Option<SaidTown<'a>> {
    let state = state?;
    if matches!(name.kind, Kind::Sheriff | Kind::Tribal | Kind::Campus | Kind::Prosecutor) {
        return None;
    }
    let words = &name.words;
    let of = |base: &[String], kind: &'static str| -> Option<SaidTown<'a>> {
        let base: Vec<&str> = base.iter().map(String::as_str).filter(|word| *word != "charter").collect();
        let base = base.join(" ");
        if base.is_empty() {
            return None;
        }
        // A township may be called a town, and a town a township.
        let mut towns = reference.towns.named(state, &base);
        towns.retain(|town| matches!(town.legal_kind(), "town" | "township" | "charter township"));
        if towns.iter().any(|town| town.legal_kind().ends_with(kind)) {
            towns.retain(|town| town.legal_kind().ends_with(kind));
        }
        (!towns.is_empty()).then_some(SaidTown { towns, base, kind })
    };
    for (at, word) in words.iter().enumerate() {
        let kind = match word.as_str() {
            "township" => "township",
            "town" => "town",
            _ => continue,
        };
        let found = if words.get(at + 1).is_some_and(|next| next == "of") {
            let end = words.len().min(at + 2 + TOWN_WORDS);
            (at + 3..=end).rev().find_map(|end| of(&words[at + 2..end], kind))
        } else {
            (at.saturating_sub(TOWN_WORDS)..at).find_map(|start| of(&words[start..at], kind))
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

impl<'a> AgencyFinder<'a> {
    /// Returns the county of a town's own agency. It is the cell's county, if that has a town of the name; of several
    /// counties that cells name, the one where the FBI knows its police. Else it is the only county with such a town;
    /// else that of the only such police that the FBI knows. A cell that names another county stands where the FBI's
    /// list has the police there.
    pub(in crate::identify) fn town_counties(
        &self,
        said: &SaidTown,
        fbi: Option<&FbiAgency>,
    ) -> FoundCounties {
        let has_town = |county: &CountyFips| said.towns.iter().any(|town| town.county == *county);
        let is_police = self.name.kind == Kind::Police;
        let cell = self.cell();
        let by_fbi = fbi.and_then(|agency| agency.counties.iter().copied().find(|county| has_town(county)));
        let is_fbis = |county: &CountyFips| fbi.is_some_and(|agency| agency.counties.contains(county));
        match (cell, said.towns.as_slice()) {
            (Some(cell), _) if has_town(&cell) => {
                match self.cell_that_the_fbi_knows(cell).filter(|other| is_police && has_town(other)) {
                    Some(other) => FoundCounties::new(vec![other], CountyMethod::CountyCell, 0.8),
                    None => FoundCounties::new(vec![cell], CountyMethod::CountyCell, 1.0),
                }
            }
            (Some(cell), _) if is_fbis(&cell) => {
                FoundCounties::new(vec![cell], CountyMethod::CountyCell, 0.7)
            }
            (Some(_), [only]) => FoundCounties::new(vec![only.county], CountyMethod::PlaceOverCell, 0.9),
            (None, [only]) => FoundCounties::new(vec![only.county], CountyMethod::CensusTown, 1.0),
            (Some(cell), _) => match by_fbi {
                Some(county) => FoundCounties::new(vec![county], CountyMethod::FbiOverCell, 0.7),
                None => FoundCounties::new(vec![cell], CountyMethod::CountyCell, 0.7),
            },
            (None, _) => match by_fbi {
                Some(county) => FoundCounties::new(vec![county], CountyMethod::FbiList, 0.9),
                None => FoundCounties::new(Vec::new(), CountyMethod::NotFound, 0.0),
            },
        }
    }

    /// Returns the FBI's police of a town: named as the name says or, if no city or village of the state has the town's
    /// name, without the word "town".
    pub(in crate::identify) fn town_police(&self, said: &SaidTown) -> Vec<&'a FbiAgency> {
        let Some(state) = self.state else { return Vec::new() };
        let fbi = &self.reference.fbi;
        let called = fbi.named(state, &format!("{} {}", said.base, said.kind), "City");
        let is_city =
            self.reference.places.named(state, &said.base).iter().any(|place| place.is_incorporated);
        match called.is_empty() && said.kind == "town" && !is_city {
            true => fbi.named(state, &said.base, "City"),
            false => called,
        }
    }

    /// Returns the town or township whose own agency this is, in one of its counties. If the name does not say which of
    /// them it is, only a town of the very name counts: a township's police always says it.
    pub(in crate::identify) fn town_government(
        &self,
        level: Level,
        place: Option<&Place>,
        places: &named_places::FoundPlaces,
        counties: &[CountyFips],
    ) -> Option<&'a Town> {
        let is_towns =
            level == Level::Municipal || (level == Level::Subcounty && self.name.kind == Kind::Constable);
        if !is_towns || place.is_some() || self.name.numbers_a(&["precinct"]) {
            return None;
        }
        let mut found = match (&self.said_town, &places.typo) {
            (Some(said), _) => said.towns.clone(),
            (None, Some(Typo { meant, .. })) => self.reference.towns.named(self.state?, meant),
            (None, None) => {
                self.reference.towns.named(self.state?, &self.name.place_words(self.vocabulary).join(" "))
            }
        };
        if self.said_town.is_none() {
            found.retain(|town| town.legal_kind() == "town");
        }
        found.retain(|town| counties.contains(&town.county));
        match found.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}
