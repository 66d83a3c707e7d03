//! Agencies of states: their reviewed powers, and their entries in the FBI's list.

use std::collections::BTreeSet;

use crate::identify::names::name::plain_words;
use crate::identify::places::finder::AgencyFinder;
use crate::identify::places::location::Ori;
use crate::reference::{FORM_WORDS, FbiAgency, StateAgency};
use crate::words::{Kind, Level, OriMethod, OriReason, PolicePowers};

/// Kinds of the FBI's entries among which a state's agency is looked for; the list calls some such agencies Federal.
const STATE_KINDS: &[&str] = &["State Police", "Other State Agency", "Federal"];

impl<'a> AgencyFinder<'a> {
    /// The kind of a state's agency by its reviewed powers: with power to enforce all criminal laws, or with the state's
    /// patrol as a part of it, it is a state police; without both it is none.
    pub(in crate::identify) fn reviewed_kind(&self, level: Level, kind: Kind) -> Kind {
        let Some(reviewed) = self.reviewed_state_agency().filter(|_| level == Level::State) else {
            return kind;
        };
        let has_patrol = reviewed.patrol_ori.is_some();
        match (reviewed.powers, kind) {
            (_, Kind::StateOther) if has_patrol => Kind::StatePolice,
            (PolicePowers::General, Kind::StateOther) => Kind::StatePolice,
            (PolicePowers::Limited | PolicePowers::None, Kind::StatePolice) if !has_patrol => {
                Kind::StateOther
            }
            _ => kind,
        }
    }

    /// The reviewed decision on a state's agency of this name.
    fn reviewed_state_agency(&self) -> Option<&'a StateAgency> {
        self.reference.state_agencies.of(self.state?, &self.name.text, &self.reference.states)
    }

    /// Finds a state agency's entry: the only one that its name leads to, or that of the patrol that is a part of it.
    pub(in crate::identify) fn statewide_ori(&self, kind: Kind) -> Result<Ori, OriReason> {
        let (found, score) = self.statewide_entries(kind);
        match alone(found) {
            // A unit's entry may not cover the whole agency.
            Ok(only) if only.is_unit => Ok(Ori::of(only, OriMethod::FbiStateName, 0.8)),
            Ok(only) => Ok(Ori::of(only, OriMethod::FbiStateName, score)),
            Err(reason) => {
                let patrol = self.reviewed_state_agency().and_then(|agency| agency.patrol_ori.clone());
                let of_patrol = |ori| Ori { ori, method: OriMethod::Reviewed, score: 0.8 };
                patrol.map(of_patrol).ok_or(reason)
            }
        }
    }

    /// The identifiers of all entries to which the name of a state's agency leads, in their order.
    pub(in crate::identify) fn unit_oris(&self, level: Level, kind: Kind) -> Vec<String> {
        if !level.is_statewide() {
            return Vec::new();
        }
        let mut oris: Vec<String> =
            self.statewide_entries(kind).0.into_iter().map(|entry| entry.ori.clone()).collect();
        oris.sort();
        oris.dedup();
        oris
    }

    /// Finds the entries of a state's agency by the words of its name, without the state's and words of form, and how
    /// sure they are. It tries an entry's whole name, then the entry's end and, for a state police, parts of the
    /// agency's name.
    fn statewide_entries(&self, kind: Kind) -> (Vec<&'a FbiAgency>, f64) {
        let Some(state) = self.state.and_then(|code| self.reference.states.get(code)) else {
            return (Vec::new(), 0.0);
        };
        let entries: Vec<&FbiAgency> =
            STATE_KINDS.iter().flat_map(|kind| self.reference.fbi.of_state(state.code, kind)).collect();
        let of_state = plain_words(&state.name, self.vocabulary);
        let own = self.telling(&self.name.text, &of_state);
        let mut found = self.entries_alike(&entries, &own, &of_state);
        let score = if found.is_empty() { 0.9 } else { 1.0 };
        if found.is_empty() {
            // "Department of Agriculture and Consumer Services, Office of Agricultural Law Enforcement"
            let ends_so = |agency: &&FbiAgency| {
                let last = agency.name.rsplit_once(", ").map(|(_, last)| self.telling(last, &of_state));
                own.len() > 2 && last.as_ref() == Some(&own)
            };
            found = entries.iter().copied().filter(ends_so).collect();
        }
        if found.is_empty() && kind == Kind::StatePolice {
            found = self.state_police_entries(&entries, &of_state);
        }
        (found, score)
    }

    /// Returns the words of a name that distinguish a state's agency from its others, each without its plural.
    fn telling(&self, name: &str, of_state: &[String]) -> BTreeSet<String> {
        let words = plain_words(name, self.vocabulary).into_iter();
        let is_telling = |word: &String| !FORM_WORDS.contains(&word.as_str()) && !of_state.contains(word);
        words.filter(is_telling).map(|word| word.trim_end_matches('s').to_owned()).collect()
    }

    /// Returns the entries with the same distinguishing words.
    fn entries_alike<'e>(
        &self,
        entries: &[&'e FbiAgency],
        words: &BTreeSet<String>,
        of_state: &[String],
    ) -> Vec<&'e FbiAgency> {
        if words.is_empty() {
            return Vec::new();
        }
        // A state's "police" is its state police and no other agency.
        let is_police = words.iter().eq(["police"]);
        let is_it = |agency: &&FbiAgency| {
            self.telling(&agency.name, of_state) == *words && (!is_police || agency.kind == "State Police")
        };
        entries.iter().copied().filter(is_it).collect()
    }

    /// Returns the state police that a part of the name says, the last part first; else the one that opens the name.
    fn state_police_entries<'e>(&self, entries: &[&'e FbiAgency], of_state: &[String]) -> Vec<&'e FbiAgency> {
        let entries: Vec<&FbiAgency> =
            entries.iter().copied().filter(|agency| agency.kind == "State Police").collect();
        // "Department of Highway Safety and Motor Vehicles, Division of Highway Patrol"
        let parts: Vec<&str> = self.name.text.split([',', '-']).map(str::trim).collect();
        if let [first, .., last] = parts.as_slice() {
            for part in [last, first] {
                let found = self.entries_alike(&entries, &self.telling(part, of_state), of_state);
                if !found.is_empty() {
                    return found;
                }
            }
        }
        let own: Vec<String> =
            self.name.words.iter().filter(|word| !of_state.contains(word)).cloned().collect();
        let opens = |agency: &&FbiAgency| {
            let words = plain_words(&agency.name, self.vocabulary);
            words.len() > 1 && own.starts_with(&words)
        };
        entries.into_iter().filter(opens).collect()
    }
}

/// Picks the entry of the whole agency: not of a unit; then without a county; then the one that reported last.
fn alone(mut found: Vec<&FbiAgency>) -> Result<&FbiAgency, OriReason> {
    if found.is_empty() {
        return Err(OriReason::DoesNotReport);
    }
    for is_better in [|agency: &FbiAgency| !agency.is_unit, |agency: &FbiAgency| agency.counties.is_empty()] {
        if found.iter().any(|agency| is_better(agency)) {
            found.retain(|agency| is_better(agency));
        }
    }
    let newest = found.iter().map(|agency| agency.last_year).max();
    found.retain(|agency| Some(agency.last_year) == newest);
    match found.as_slice() {
        [only] => Ok(only),
        _ => Err(OriReason::SeveralCandidates),
    }
}
