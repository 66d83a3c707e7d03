//! Finds an agency's entry in the FBI's list by its name, kind and county.

use crate::identify::places::finder::{AgencyFinder, FoundCounties};
use crate::identify::places::location::Typo;
use crate::identify::places::named_places::{self, Match};
use crate::reference::{FbiAgency, Place};
use crate::words::{CountyFips, Kind, Level};

/// The FBI's kind of campus agencies.
pub(in crate::identify) const CAMPUS: &str = "University or College";

/// Words of a campus agency's name that are not its institution's.
const CAMPUS_KINDS: &[&str] = &[
    "police department",
    "department of public safety",
    "public safety department",
    "district board of trustees of",
    "board of trustees of",
    "board of trustees",
];

impl<'a> AgencyFinder<'a> {
    pub(in crate::identify) fn fbi_cities(&self) -> Vec<&'a FbiAgency> {
        let Some(state) = self.state else { return Vec::new() };
        let place = self.name.place_words(self.vocabulary).join(" ");
        self.reference.fbi.named(state, &place, "City")
    }

    /// Returns the campus whose name the agency gives without "university" or "college".
    pub(in crate::identify) fn fbi_campus(&self) -> Option<&'a FbiAgency> {
        let state = self.state?;
        let place = self.name.place_words(self.vocabulary).join(" ");
        if place.is_empty() {
            return None;
        }
        ["university", "college"].iter().find_map(|word| {
            match self.reference.fbi.named(state, &format!("{place} {word}"), CAMPUS).as_slice() {
                [only] => Some(*only),
                _ => None,
            }
        })
    }

    /// Returns the institution of a campus agency, or the name of an airport or a port.
    pub(in crate::identify) fn institution(&self) -> String {
        let mut words = self.name.words.join(" ");
        for kind in CAMPUS_KINDS {
            words = words.replace(kind, "");
        }
        words.trim().trim_end_matches(" police").to_owned()
    }

    /// Returns the FBI's entry for this very agency, if its name and kind, or else also its county, leave only one.
    pub(in crate::identify) fn fbi(
        &self,
        level: Level,
        kind: Kind,
        named: Option<&FoundCounties>,
        place: Option<&Place>,
        places: &named_places::FoundPlaces,
    ) -> Option<&'a FbiAgency> {
        let state = self.state?;
        let fbi = &self.reference.fbi;
        // A town is not the city of the same name.
        let what = self.name.place_prefix().filter(|what| matches!(*what, "town" | "village" | "township"));
        let is_other = |place: &&Place| what.is_none_or(|what| place.name.ends_with(what));
        let cities = |names: &[&str]| {
            let found = names.iter().map(|name| fbi.named(state, name, "City"));
            found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
        };
        let words = self.name.place_words(self.vocabulary).join(" ");
        let found = match (level, kind) {
            (Level::Municipal, Kind::Police) if self.said_town.is_some() => {
                self.said_town.as_ref().map(|said| self.town_police(said)).unwrap_or_default()
            }
            // A city may have a marshal beside its police.
            (_, Kind::Police) if self.name.phrase.as_deref() == Some("marshal") => return None,
            (Level::County | Level::Municipal, Kind::Sheriff) if named.is_none() => Vec::new(),
            (Level::County, Kind::Sheriff) => {
                let county = self.county(*named?.counties.first()?)?;
                match fbi.named(state, &county.base_name, "County") {
                    found if found.is_empty() => fbi.named(state, &county.name, "County"),
                    found => found,
                }
            }
            (Level::County, Kind::Police) => {
                let county = self.county(*named?.counties.first()?)?;
                fbi.named(state, &format!("{} police department", county.name), "County")
            }
            (Level::Municipal, Kind::Police) => match (&places.typo, what) {
                (Some(Typo { meant, .. }), _) => cities(&[meant]),
                (None, Some(what)) => {
                    cities(&[&format!("{words} {what}"), place.filter(is_other).map_or("", |_| &words)])
                }
                (None, None) if places.how == Match::Exact => {
                    let (base, whole) =
                        place.map_or(("", ""), |place| (place.base_name(), place.name.as_str()));
                    cities(&[&words, base, whole])
                }
                (None, None) => place.map(|p| cities(&[p.base_name(), &p.name])).unwrap_or_default(),
            },
            (Level::Regional, _) => cities(&[&words, &self.institution()]),
            (Level::Campus, _) => match fbi.named(state, &self.institution(), CAMPUS) {
                found if found.is_empty() => self.fbi_campus().into_iter().collect(),
                found => found,
            },
            (Level::Tribal, _) => fbi.named(state, &self.institution(), "Tribal"),
            (Level::Special, _) => fbi.named(state, &self.institution(), "Other"),
            _ => Vec::new(),
        };
        if found.is_empty() && !level.is_statewide() {
            let whole = self.name.words.join(" ");
            return fbi.called(state, &self.name.text).or_else(|| fbi.called(state, &whole));
        }
        let there = |counties: &[CountyFips]| {
            let mut there = found.iter().filter(|a| a.counties.iter().any(|c| counties.contains(c)));
            there.next().filter(|_| there.next().is_none()).copied()
        };
        match found.as_slice() {
            [only] => Some(only),
            _ => {
                let cell = self.cell().and_then(|cell| there(&[cell]));
                let of_town = || match self.said_town.as_ref()?.towns.as_slice() {
                    [only] => there(&[only.county]),
                    _ => None,
                };
                cell.or_else(|| there(&place?.counties)).or_else(of_town)
            }
        }
    }
}
