//! `data/reference/fbi_agencies.csv`: agencies that report to the FBI, with their ORI and counties.

use serde::Deserialize;

use super::{Counties, Index, index, key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, StateCode};

const FILE: &str = "data/reference/fbi_agencies.csv";

/// An agency of the FBI's list. Names lack the suffix: `Alachua` is the sheriff where `kind` is County.
#[derive(Debug, Clone)]
pub struct FbiAgency {
    /// Nine characters; several agencies of ours may share one.
    pub ori: String,
    pub name: String,
    pub state: Option<StateCode>,
    /// City, County, University or College, State Police …
    pub kind: String,
    /// Its counties as far as their names are known, 2024 codes.
    pub counties: Vec<CountyFips>,
}

/// The list.
#[derive(Debug)]
pub struct FbiAgencies {
    agencies: Vec<FbiAgency>,
    by_name: Index<(StateCode, String)>,
}

#[derive(Deserialize)]
struct Row {
    ori: String,
    fbi_name: String,
    state_code: String,
    county_names: String,
    fbi_kind: String,
}

pub(super) fn load(files: &SpecFiles, counties: &Counties) -> Result<FbiAgencies, SpecError> {
    let mut agencies = Vec::new();
    for row in rows::<Row>(files, FILE)? {
        let state = StateCode::new(&row.state_code);
        let in_state = |name: &str| {
            state
                .and_then(|s| counties.named(s, name).or_else(|| counties.base_named(s, name)))
                .map(|c| c.fips)
        };
        let counties = row.county_names.split(',').filter_map(in_state).collect();
        agencies.push(FbiAgency { ori: row.ori, name: row.fbi_name, state, kind: row.fbi_kind, counties });
    }
    let none = StateCode::new("ZZ").expect("two letters");
    let by_name = index(agencies.iter().map(|a| (a.state.unwrap_or(none), key(&a.name))));
    Ok(FbiAgencies { agencies, by_name })
}

impl FbiAgencies {
    /// Agencies of a state with this name and FBI kind.
    pub fn named(&self, state: StateCode, name: &str, kind: &str) -> Vec<&FbiAgency> {
        let found = self.by_name.get(&(state, key(name))).map(Vec::as_slice).unwrap_or_default();
        found.iter().map(|at| &self.agencies[*at as usize]).filter(|agency| agency.kind == kind).collect()
    }
}
