//! `data/reference/connecticut_towns.csv`: the planning region of each town of Connecticut.
//!
//! The Census place table of 2020 and the FBI's list still go by the eight counties, which the regions of 2022 cut
//! across: the town decides.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Counties, key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, StateCode};

const FILE: &str = "data/reference/connecticut_towns.csv";

/// Regions by town.
#[derive(Debug)]
pub struct ConnecticutTowns {
    state: StateCode,
    regions: HashMap<String, CountyFips>,
}

#[derive(Deserialize)]
struct Row {
    town_name: String,
    county_fips: String,
}

pub(super) fn load(files: &SpecFiles, counties: &Counties) -> Result<ConnecticutTowns, SpecError> {
    let state = StateCode::new("CT").expect("two letters");
    let mut regions = HashMap::new();
    for row in rows::<Row>(files, FILE)? {
        let region = CountyFips::new(&row.county_fips).and_then(|fips| counties.get(fips));
        let Some(region) = region.filter(|region| region.state == state) else {
            return Err(SpecError::says(FILE, format!("{}: no region of Connecticut", row.town_name)));
        };
        regions.insert(key(&row.town_name), region.fips);
    }
    Ok(ConnecticutTowns { state, regions })
}

impl ConnecticutTowns {
    /// Counties of the 2024 reference: those given, or for a town of Connecticut without any its region.
    pub fn or_region(
        &self,
        state: Option<StateCode>,
        name: &str,
        counties: Vec<CountyFips>,
    ) -> Vec<CountyFips> {
        if counties.is_empty() { self.region(state, name).into_iter().collect() } else { counties }
    }

    /// The region of a town, if the state is Connecticut.
    pub fn region(&self, state: Option<StateCode>, town: &str) -> Option<CountyFips> {
        self.regions.get(&key(town)).copied().filter(|_| state == Some(self.state))
    }
}
