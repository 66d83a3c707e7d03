//! `data/reference/counties.csv`: counties and equivalents with the ACS vintages that have them.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::states::States;
use super::table::{Index, index, key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, StateCode};

const FILE: &str = "data/reference/counties.csv";

/// The vintage whose county codes listings, agencies and agency_counties use.
const REFERENCE_VINTAGE: u16 = 2024;

/// A county or equivalent.
#[derive(Debug, Clone)]
pub struct County {
    pub fips: CountyFips,
    /// With its legal description: `Baltimore city`, `Acadia Parish`.
    pub name: String,
    /// Without it: `Baltimore`, `Acadia`.
    pub base_name: String,
    pub state: StateCode,
    /// county, parish, borough, city …
    pub kind: String,
    /// Last year of the first ACS vintage that has it; `None`: before 2010.
    pub first_vintage: Option<u16>,
    /// Last year of the last ACS vintage that has it; `None`: it still exists.
    pub last_vintage: Option<u16>,
}

impl County {
    /// Whether an ACS vintage, given by its last year, has the county.
    pub fn is_of(&self, vintage: u16) -> bool {
        self.first_vintage.is_none_or(|first| first <= vintage)
            && self.last_vintage.is_none_or(|last| vintage <= last)
    }

    /// Whether it is a city that is its own county equivalent.
    pub fn is_independent_city(&self) -> bool {
        self.kind == "city"
    }
}

/// All counties; names are looked up among those of the 2024 reference.
#[derive(Debug)]
pub struct Counties {
    counties: Vec<County>,
    by_fips: HashMap<CountyFips, u32>,
    by_name: Index<(StateCode, String)>,
    by_base_name: Index<(StateCode, String)>,
    base_keys: HashSet<String>,
}

#[derive(Deserialize)]
struct CountyFileRow {
    county_fips: String,
    county_name: String,
    county_base_name: String,
    state_code: String,
    county_kind: String,
    first_vintage: Option<u16>,
    last_vintage: Option<u16>,
}

pub(super) fn load(files: &SpecFiles, states: &States) -> Result<Counties, SpecError> {
    let mut counties = Vec::new();
    for row in rows::<CountyFileRow>(files, FILE)? {
        let fips = CountyFips::new(&row.county_fips);
        let state = StateCode::new(&row.state_code).filter(|code| states.get(*code).is_some());
        let (Some(fips), Some(state)) = (fips, state) else {
            let message = format!("{} {}: not a county and its state", row.county_fips, row.state_code);
            return Err(SpecError::says(FILE, message));
        };
        counties.push(County {
            fips,
            name: row.county_name,
            base_name: row.county_base_name,
            state,
            kind: row.county_kind,
            first_vintage: row.first_vintage,
            last_vintage: row.last_vintage,
        });
    }
    counties.sort_by_key(|county| county.fips);
    let current = |county: &County, name: &str| {
        // An empty key is never looked up, so it hides a county that has ended.
        (county.state, if county.is_of(REFERENCE_VINTAGE) { key(name) } else { String::new() })
    };
    Ok(Counties {
        by_fips: counties.iter().enumerate().map(|(at, county)| (county.fips, at as u32)).collect(),
        base_keys: counties.iter().map(|county| key(&county.base_name)).collect(),
        by_name: index(counties.iter().map(|county| current(county, &county.name))),
        by_base_name: index(counties.iter().map(|county| current(county, &county.base_name))),
        counties,
    })
}

impl Counties {
    /// All counties in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &County> {
        self.counties.iter()
    }

    pub fn get(&self, fips: CountyFips) -> Option<&County> {
        self.by_fips.get(&fips).map(|at| &self.counties[*at as usize])
    }

    /// The counties of an ACS vintage (given by its last year) or boundary year, including the island areas.
    pub fn of_vintage(&self, vintage: u16) -> impl Iterator<Item = &County> {
        self.counties.iter().filter(move |county| county.is_of(vintage))
    }

    /// The vintage since which, as far as is known, no county has changed.
    pub fn newest_change(&self) -> u16 {
        let firsts = self.counties.iter().filter_map(|county| county.first_vintage);
        firsts.max().unwrap_or_default().max(REFERENCE_VINTAGE)
    }

    /// The counties of one state in the 2024 reference.
    pub fn of_state(&self, state: StateCode) -> impl Iterator<Item = &County> {
        self.of_vintage(REFERENCE_VINTAGE).filter(move |county| county.state == state)
    }

    /// The county of a state with this full name (`Baltimore city`).
    pub fn named(&self, state: StateCode, name: &str) -> Option<&County> {
        self.only(&self.by_name, state, name)
    }

    /// The county of a state with this base name (`Autauga`), if only one has it; two are called Baltimore.
    pub fn base_named(&self, state: StateCode, base_name: &str) -> Option<&County> {
        self.only(&self.by_base_name, state, base_name)
    }

    /// Whether any state has a county of this base name.
    pub fn is_base_name(&self, base_name: &str) -> bool {
        self.base_keys.contains(&key(base_name))
    }

    /// Every county of a state with this base name.
    pub fn all_base_named(&self, state: StateCode, base_name: &str) -> Vec<&County> {
        // The empty key hides counties that have ended.
        let name = Some(key(base_name)).filter(|name| !name.is_empty());
        let found = name.and_then(|name| self.by_base_name.get(&(state, name))).map(Vec::as_slice);
        let found = found.unwrap_or_default();
        found.iter().map(|at| &self.counties[*at as usize]).collect()
    }

    fn only(&self, index: &Index<(StateCode, String)>, state: StateCode, name: &str) -> Option<&County> {
        let name = key(name);
        match index.get(&(state, name.clone())).map(Vec::as_slice) {
            Some([at]) if !name.is_empty() => Some(&self.counties[*at as usize]),
            _ => None,
        }
    }
}
