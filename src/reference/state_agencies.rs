//! `data/crosswalks/state_agencies.csv`: reviewed decisions on agencies of states: their police powers, and the state's
//! patrol that is a part of them.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::fbi::FbiAgencies;
use super::states::States;
use super::table::{key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{PolicePowers, StateCode};

const FILE: &str = "data/crosswalks/state_agencies.csv";

/// Words in the names of a state's agencies that do not tell one from another.
pub const FORM_WORDS: [&str; 8] =
    ["of", "the", "and", "department", "state", "division", "office", "headquarters"];

/// The reviewed agencies of states.
#[derive(Debug, Default)]
pub struct StateAgencies {
    agencies: Vec<StateAgency>,
}

/// A reviewed agency of a state.
#[derive(Debug)]
pub struct StateAgency {
    state: StateCode,
    /// Key of its name.
    name: String,
    /// The words of its name that tell it from the state's others.
    words: BTreeSet<String>,
    pub powers: PolicePowers,
    /// The FBI's identifier of the patrol that is a part of it.
    pub patrol_ori: Option<String>,
    /// The law or page that gives it these powers, in our words, with its citation.
    pub evidence: String,
    /// Where it was read.
    pub source_url: String,
}

#[derive(Deserialize)]
struct StateAgencyRow {
    state_code: String,
    agency_name: String,
    police_powers: String,
    patrol_ori: String,
    evidence: String,
    source_url: String,
}

pub(super) fn load(
    files: &SpecFiles,
    states: &States,
    fbi: &FbiAgencies,
) -> Result<StateAgencies, SpecError> {
    let mut agencies: Vec<StateAgency> = Vec::new();
    for row in rows::<StateAgencyRow>(files, FILE)? {
        let says = |message: &str| Err(SpecError::says(FILE, format!("{}: {message}", row.agency_name)));
        let Some(state) = StateCode::new(&row.state_code).filter(|code| states.get(*code).is_some()) else {
            return says("names no state");
        };
        let Ok(powers) = row.police_powers.parse() else {
            return says("police_powers is general, limited or none");
        };
        let is_address = url::Url::parse(&row.source_url).is_ok_and(|url| url.scheme().starts_with("http"));
        if row.evidence.trim().is_empty() || !is_address {
            return says("has no evidence, or no address where it was read");
        }
        let patrol_ori = Some(row.patrol_ori).filter(|ori| !ori.is_empty());
        if let Some(ori) = &patrol_ori
            && !fbi.iter().any(|agency| agency.ori == *ori && agency.state == Some(state))
        {
            return says("patrol_ori is not in the state's part of the FBI's list");
        }
        let name = key(&row.agency_name);
        let words = telling(&row.agency_name, state, states);
        if agencies.iter().any(|other| other.state == state && other.name == name) {
            return says("is there twice");
        }
        agencies.push(StateAgency {
            state,
            name,
            words,
            powers,
            patrol_ori,
            evidence: row.evidence,
            source_url: row.source_url,
        });
    }
    Ok(StateAgencies { agencies })
}

/// The words of a name without those of the state's name and of form, each without its plural.
fn telling(agency_name: &str, state: StateCode, states: &States) -> BTreeSet<String> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let of_state = states.get(state).map(|state| words(&state.name)).unwrap_or_default();
    let is_telling = |word: &String| !FORM_WORDS.contains(&word.as_str()) && !of_state.contains(word);
    words(agency_name)
        .into_iter()
        .filter(is_telling)
        .map(|word| word.trim_end_matches('s').to_owned())
        .collect()
}

impl StateAgencies {
    /// The decision on an agency of this name, or of a name of the same words but for those of form: "Oklahoma State
    /// Bureau of Investigation" is the "Oklahoma Bureau of Investigation".
    pub fn of(&self, state: StateCode, agency_name: &str, states: &States) -> Option<&StateAgency> {
        let of_state = || self.agencies.iter().filter(|agency| agency.state == state);
        let name = key(agency_name);
        if let Some(found) = of_state().find(|agency| agency.name == name) {
            return Some(found);
        }
        let words = telling(agency_name, state, states);
        let mut alike = of_state().filter(|agency| !words.is_empty() && agency.words == words);
        alike.next().filter(|_| alike.next().is_none())
    }

    /// Every decision: state, key of the name, and the decision.
    pub fn iter(&self) -> impl Iterator<Item = (StateCode, &str, &StateAgency)> {
        self.agencies.iter().map(|agency| (agency.state, agency.name.as_str(), agency))
    }
}
