//! The FBI's identifier (ORI) of an agency: its own entry in the FBI's list, or why it has none.
//!
//! An entry is taken where name, kind and county leave only one. An ORI that is near, or derived, says so in its method
//! and score. Where there are several entries, or only another agency's, there is no ORI.

use std::collections::BTreeSet;

use crate::identify::names::name::plain_words;
use crate::identify::places::fbi_entries::CAMPUS;
use crate::identify::places::finder::{AgencyFinder, FoundCounties};
use crate::identify::places::location::Ori;
use crate::identify::places::named_places::{self, Match};
use crate::reference::{FbiAgency, key};
use crate::words::{CountyFips, Kind, Level, OriMethod, OriReason};

/// Words before "College" that the FBI leaves out or puts in.
const COLLEGE_FORMS: &[&str] = &["state", "community", "technical", "junior", "city"];

impl<'a> AgencyFinder<'a> {
    /// Returns the agency's ORI, once its counties are known; `fbi` is the entry to which its name alone leads.
    pub(in crate::identify) fn ori(
        &self,
        (level, kind): (Level, Kind),
        found: &FoundCounties,
        fbi: Option<&FbiAgency>,
        places: &named_places::FoundPlaces,
    ) -> Result<Ori, OriReason> {
        if level.is_statewide() {
            return self.statewide_ori(kind);
        }
        let crosswalk = &self.reference.crosswalk;
        let decided = self.state.and_then(|state| crosswalk.ori_of(state, &self.name.text));
        if let Some(ori) = decided {
            return Ok(Ori { ori: ori.to_owned(), method: OriMethod::Reviewed, score: 1.0 });
        }
        let fbi_is_anothers = fbi.is_some_and(|agency| crosswalk.is_decided(&agency.ori));
        if fbi_is_anothers {
            return Err(OriReason::EntryOfAnotherAgency);
        }
        let is_near = matches!(places.how, Match::Typo | Match::Beginning);
        let shares =
            |agency: &&FbiAgency| agency.counties.iter().any(|county| found.counties.contains(county));
        if let Some(agency) = fbi.filter(shares) {
            return Ok(match is_near {
                true => Ori::of(agency, OriMethod::FbiNameNear, places.how.score()),
                false => Ori::of(agency, OriMethod::FbiName, 1.0),
            });
        }
        let main = found.counties.first().copied();
        match (level, kind) {
            (Level::County, Kind::Sheriff) => self.sheriffs_ori(main),
            (Level::Municipal, Kind::Police) if fbi.is_none() => self.municipal_ori(main),
            (Level::Campus, _) => self.campus_ori(main),
            (Level::Regional, Kind::Police) => self.regional_ori(main),
            (_, Kind::Constable) => Err(self.constables_reason(main)),
            // Where a county has a sheriff and a police, its entry does not say whose it is.
            (Level::County, Kind::Police) if !self.entries_in("County", main).is_empty() => {
                Err(OriReason::EntryOfAnotherAgency)
            }
            _ if fbi.is_some() => Err(OriReason::EntryElsewhere),
            _ => Err(OriReason::DoesNotReport),
        }
    }

    /// Returns the entries of a kind in a county.
    fn entries_in(&self, kind: &str, county: Option<CountyFips>) -> Vec<&'a FbiAgency> {
        let Some((state, county)) = self.state.zip(county) else { return Vec::new() };
        let of_state = self.reference.fbi.of_state(state, kind);
        of_state.filter(|agency| agency.counties.contains(&county)).collect()
    }

    /// Finds the ORI of a sheriff to whom the county's bare name did not lead. It is that of the county's only entry,
    /// if that is named for the county and the city it is one with (`Hartsville/Trousdale`). Where the county has no
    /// entry, it is the number that the ORIs of all its cities share, and 0000.
    fn sheriffs_ori(&self, county: Option<CountyFips>) -> Result<Ori, OriReason> {
        let of_county = self.entries_in("County", county);
        if of_county.iter().any(|agency| self.reference.crosswalk.is_decided(&agency.ori)) {
            return Err(OriReason::EntryOfAnotherAgency);
        }
        if let Some(county) = county.and_then(|county| self.county(county)) {
            let is_its = |agency: &&&FbiAgency| {
                let mut parts = agency.name.split(['-', '/']);
                let is_police =
                    ["police", "public safety"].iter().any(|word| agency.name.to_lowercase().contains(word));
                !is_police && parts.any(|part| key(part) == key(&county.base_name))
            };
            match (of_county.iter().find(is_its), of_county.len()) {
                (Some(only), 1) => return Ok(Ori::of(only, OriMethod::FbiName, 0.9)),
                (None, 1..) => return Err(OriReason::EntryOfAnotherAgency),
                (Some(_), _) => return Err(OriReason::SeveralCandidates),
                (None, 0) => {}
            }
        }
        // A city that is a county shares its number with its police.
        let is_city = county.and_then(|county| self.county(county)).is_some_and(|c| c.is_independent_city());
        // Michigan numbers the agencies of its counties otherwise.
        let is_numbered = self.state.is_some_and(|state| state.as_str() != "MI") && !is_city;
        // If the list has no sheriff in the state, nothing shows that sheriffs are numbered so.
        let mut sheriffs =
            self.state.into_iter().flat_map(|state| self.reference.fbi.of_state(state, "County"));
        let is_numbered = is_numbered && sheriffs.next().is_some();
        let cities = self.entries_in("City", county);
        // A sheriff who heads a metropolitan police (Clark County, Nevada) has its entry, and no number of his own.
        if cities.iter().any(|agency| agency.name.contains("Metropolitan")) {
            return Err(OriReason::EntryOfAnotherAgency);
        }
        let cities = cities.into_iter().filter(|agency| agency.counties.len() == 1);
        let prefixes: BTreeSet<&str> = cities.filter_map(|agency| agency.ori.get(..5)).collect();
        match prefixes.into_iter().collect::<Vec<_>>().as_slice() {
            [prefix] if is_numbered => {
                let ori = format!("{prefix}0000");
                if self.reference.fbi.iter().any(|agency| agency.ori == ori) {
                    return Err(OriReason::EntryOfAnotherAgency);
                }
                Ok(Ori { ori, method: OriMethod::CountyNumber, score: 0.9 })
            }
            _ => Err(OriReason::DoesNotReport),
        }
    }

    /// Finds the only entry of the name in the county, among several in the state.
    fn municipal_ori(&self, county: Option<CountyFips>) -> Result<Ori, OriReason> {
        let Some(state) = self.state else { return Err(OriReason::DoesNotReport) };
        let named = self.fbi_cities();
        let here: Vec<&&FbiAgency> =
            named.iter().filter(|agency| county.is_some_and(|c| agency.counties.contains(&c))).collect();
        let is_marshal = self.name.phrase.as_deref() == Some("marshal");
        let is_police =
            !is_marshal || self.vocabulary.marshal_police_states.iter().any(|code| code == state.as_str());
        match (here.as_slice(), named.len()) {
            (_, 0) => Err(OriReason::DoesNotReport),
            ([_], _) if !is_police => Err(OriReason::EntryOfAnotherAgency),
            ([only], _) => Ok(Ori::of(only, OriMethod::FbiName, 1.0)),
            ([], _) => Err(OriReason::EntryElsewhere),
            _ => Err(OriReason::SeveralCandidates),
        }
    }

    /// Finds the county's college of the same name but for words such as "State" and "Community".
    fn campus_ori(&self, county: Option<CountyFips>) -> Result<Ori, OriReason> {
        let short = |name: &str| -> Vec<String> {
            let mut words = plain_words(name, self.vocabulary);
            if words.last().is_some_and(|word| word == "college") {
                words.retain(|word| !COLLEGE_FORMS.contains(&word.as_str()));
            }
            words
        };
        let own = short(&self.institution());
        let of_county = self.entries_in(CAMPUS, county).into_iter();
        let named: Vec<&FbiAgency> =
            of_county.filter(|agency| own.len() > 1 && short(&agency.name) == own).collect();
        match named.as_slice() {
            [] => Err(OriReason::DoesNotReport),
            [only] => Ok(Ori::of(only, OriMethod::FbiNameNear, 0.9)),
            _ => Err(OriReason::SeveralCandidates),
        }
    }

    /// Finds a regional police whose name the FBI writes with its county's: `Northwest Lancaster County Regional`.
    fn regional_ori(&self, county: Option<CountyFips>) -> Result<Ori, OriReason> {
        let Some(of) = county.and_then(|county| self.county(county)) else {
            return Err(OriReason::DoesNotReport);
        };
        let own = plain_words(&self.institution(), self.vocabulary);
        let of_county = plain_words(&of.name, self.vocabulary);
        let without = |name: &str| {
            let mut words = plain_words(name, self.vocabulary);
            if let Some(at) = words.windows(of_county.len()).position(|window| window == of_county.as_slice())
            {
                words.drain(at..at + of_county.len());
            }
            words
        };
        let entries = self.entries_in("City", county).into_iter();
        let is_it = |agency: &&FbiAgency| agency.name.contains("Regional") && without(&agency.name) == own;
        match entries.filter(is_it).collect::<Vec<_>>().as_slice() {
            [] => Err(OriReason::DoesNotReport),
            [only] => Ok(Ori::of(only, OriMethod::FbiNameNear, 0.9)),
            _ => Err(OriReason::SeveralCandidates),
        }
    }

    /// Says why a constable has no ORI: the FBI's entries name no precinct.
    fn constables_reason(&self, county: Option<CountyFips>) -> OriReason {
        let Some((state, county)) = self.state.zip(county) else { return OriReason::DoesNotReport };
        let is_constable = |agency: &FbiAgency| {
            agency.state == Some(state)
                && agency.counties.contains(&county)
                && agency.name.to_lowercase().contains("constable")
        };
        match self.reference.fbi.iter().any(is_constable) {
            true => OriReason::SeveralCandidates,
            false => OriReason::DoesNotReport,
        }
    }
}
