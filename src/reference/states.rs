//! `data/reference/states.csv`: states, the District of Columbia, Puerto Rico and the island areas.

use std::collections::HashMap;

use serde::Deserialize;

use super::table::{key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::StateCode;

const FILE: &str = "data/reference/states.csv";

/// A state, district or territory.
#[derive(Debug, Clone)]
pub struct State {
    pub code: StateCode,
    /// Two-digit FIPS code.
    pub fips: String,
    pub name: String,
    pub kind: StateKind,
}

/// The kind of a state. US totals are states and the district; territories are reported separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    State,
    District,
    Territory,
}

/// All states, ordered by code.
#[derive(Debug)]
pub struct States {
    states: Vec<State>,
    by_key: HashMap<String, StateCode>,
}

#[derive(Deserialize)]
struct StateRow {
    state_code: String,
    state_fips: String,
    state_name: String,
    state_kind: StateKind,
}

pub(super) fn load(files: &SpecFiles) -> Result<States, SpecError> {
    let mut states = Vec::new();
    for row in rows::<StateRow>(files, FILE)? {
        let code = StateCode::new(&row.state_code)
            .ok_or_else(|| SpecError::says(FILE, format!("{:?} is not a USPS code", row.state_code)))?;
        states.push(State { code, fips: row.state_fips, name: row.state_name, kind: row.state_kind });
    }
    states.sort_by_key(|state| state.code);
    let by_key = states.iter().map(|state| (key(&state.name), state.code)).collect();
    Ok(States { states, by_key })
}

impl States {
    /// All states in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &State> {
        self.states.iter()
    }

    pub fn get(&self, code: StateCode) -> Option<&State> {
        self.states.binary_search_by_key(&code, |state| state.code).ok().map(|at| &self.states[at])
    }

    /// The state with this name, whatever its case and spaces.
    pub fn named(&self, name: &str) -> Option<StateCode> {
        self.by_key.get(&key(name)).copied()
    }

    /// The state with this FIPS code.
    pub fn of_fips(&self, fips: &str) -> Option<StateCode> {
        self.states.iter().find(|state| state.fips == fips).map(|state| state.code)
    }

    /// Whether a state counts in US totals.
    pub fn in_us(&self, code: StateCode) -> bool {
        self.get(code).is_some_and(|state| state.kind != StateKind::Territory)
    }
}
