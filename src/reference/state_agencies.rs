//! `data/crosswalks/state_agencies.csv`: reviewed decisions on agencies of states: their police powers, and the state's
//! patrol that is a part of them.

use serde::Deserialize;

use super::fbi::FbiAgencies;
use super::states::States;
use super::table::{key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{PolicePowers, StateCode};

const FILE: &str = "data/crosswalks/state_agencies.csv";

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
    pub powers: PolicePowers,
    /// The FBI's identifier of the patrol that is a part of it.
    pub patrol_ori: Option<String>,
    /// What gives it these powers, in our words, and where that stands.
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
        if agencies.iter().any(|other| other.state == state && other.name == name) {
            return says("is there twice");
        }
        agencies.push(StateAgency {
            state,
            name,
            powers,
            patrol_ori,
            evidence: row.evidence,
            source_url: row.source_url,
        });
    }
    Ok(StateAgencies { agencies })
}

impl StateAgencies {
    /// The decision on an agency of this name.
    pub fn of(&self, state: StateCode, agency_name: &str) -> Option<&StateAgency> {
        let name = key(agency_name);
        self.agencies.iter().find(|agency| agency.state == state && agency.name == name)
    }

    /// Every decision: state, key of the name, and the decision.
    pub fn iter(&self) -> impl Iterator<Item = (StateCode, &str, &StateAgency)> {
        self.agencies.iter().map(|agency| (agency.state, agency.name.as_str(), agency))
    }
}
