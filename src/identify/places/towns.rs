//! Towns and townships that a name says: governments by the Bureau's list, which are not the city or village of their name.

use super::finder::SaidTown;
use crate::identify::names::name::Name;
use crate::identify::places::finder::{AgencyFinder, FoundCounties};
use crate::identify::places::named_places;
use crate::reference::{FbiAgency, Place, Reference, Town};
use crate::words::CountyMethod;
use crate::words::{CountyFips, Kind, Level, StateCode};

/// Words that a town's name has at most.
const TOWN_WORDS: usize = 4;

/// Reads which town a name says: "Hellam Township", "Town of Madison", "Charter Township of Canton", "Rye Town", where the
/// state has a town or township so called.
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
    /// Where a town's own agency is: in the county that its cell names, of those that have a town of the name, or
    /// of several that cells name in the one where the FBI knows its police; in the only one that has; else in that of the only such police that the FBI knows. A cell that names another county stands where
    /// the FBI's list has the police there.
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

    /// The FBI's police of a town: called as the name says or, of a town whose name no city or village of the state has,
    /// without that word.
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

    /// The town or township whose own agency this is, in one of its counties. Where the name does not say so it is a town of
    /// the very name: a township's police always says it.
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
            (None, Some((_, meant))) => self.reference.towns.named(self.state?, meant),
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
