//! `data/reference/connecticut_towns.csv`: the planning region of each town of Connecticut, and the county it was of.
//!
//! The Census place table of 2020 and the FBI's list still go by the eight counties, which the regions of 2022 cut
//! across: the town decides.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Counties, key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, StateCode};

const FILE: &str = "data/reference/connecticut_towns.csv";

/// Regions, and counties that ended in 2022, by town.
#[derive(Debug)]
pub struct ConnecticutTowns {
    state: StateCode,
    regions: HashMap<String, (CountyFips, CountyFips)>,
}

#[derive(Deserialize)]
struct Row {
    town_name: String,
    county_fips: String,
    old_county_fips: String,
}

pub(super) fn load(files: &SpecFiles, counties: &Counties) -> Result<ConnecticutTowns, SpecError> {
    let state = StateCode::new("CT").expect("two letters");
    let mut regions = HashMap::new();
    for row in rows::<Row>(files, FILE)? {
        let of_state = |code: &str| {
            let county = CountyFips::new(code).and_then(|fips| counties.get(fips))?;
            (county.state == state).then_some(county.fips)
        };
        let (Some(region), Some(old)) = (of_state(&row.county_fips), of_state(&row.old_county_fips)) else {
            let message = format!("{}: no region and county of Connecticut", row.town_name);
            return Err(SpecError::says(FILE, message));
        };
        regions.insert(key(&row.town_name), (region, old));
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
        self.regions.get(&key(town)).map(|(region, _)| *region).filter(|_| state == Some(self.state))
    }

    /// The county a town was of until 2022.
    pub fn old_county(&self, state: StateCode, town: &str) -> Option<CountyFips> {
        self.regions.get(&key(town)).map(|(_, old)| *old).filter(|_| state == self.state)
    }
}
