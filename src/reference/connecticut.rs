//! `data/reference/connecticut_towns.csv`: the planning region of each town of Connecticut, and its former county.
//!
//! The Census place table of 2020 and the FBI's list still go by the eight counties, which the regions of 2022 cut
//! across: the town decides.

use std::collections::HashMap;

use serde::Deserialize;

use super::counties::Counties;
use super::table::{key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, StateCode};

const FILE: &str = "data/reference/connecticut_towns.csv";

/// Regions, and counties that ended in 2022, by town.
#[derive(Debug)]
pub struct ConnecticutTowns {
    state: StateCode,
    towns: HashMap<String, ConnecticutTown>,
}

#[derive(Debug, Clone, Copy)]
struct ConnecticutTown {
    region: CountyFips,
    old_county: CountyFips,
    is_city: bool,
}

#[derive(Deserialize)]
struct ConnecticutRow {
    town_name: String,
    county_fips: String,
    old_county_fips: String,
    is_city: bool,
}

pub(super) fn load(files: &SpecFiles, counties: &Counties) -> Result<ConnecticutTowns, SpecError> {
    let state = StateCode::new("CT").expect("two letters");
    let mut towns = HashMap::new();
    for row in rows::<ConnecticutRow>(files, FILE)? {
        let of_state = |code: &str| {
            let county = CountyFips::new(code).and_then(|fips| counties.get(fips))?;
            (county.state == state).then_some(county.fips)
        };
        let (Some(region), Some(old)) = (of_state(&row.county_fips), of_state(&row.old_county_fips)) else {
            let message = format!("{}: no region and county of Connecticut", row.town_name);
            return Err(SpecError::says(FILE, message));
        };
        let town = ConnecticutTown { region, old_county: old, is_city: row.is_city };
        towns.insert(key(&row.town_name), town);
    }
    Ok(ConnecticutTowns { state, towns })
}

impl ConnecticutTowns {
    /// Connecticut.
    pub fn state(&self) -> StateCode {
        self.state
    }

    /// Every town, in no order: the key of its name, its county until 2022, and its planning region.
    pub fn all(&self) -> impl Iterator<Item = (&str, CountyFips, CountyFips)> {
        self.towns.iter().map(|(name, town)| (name.as_str(), town.old_county, town.region))
    }

    /// Returns the given counties (2024 reference); if there are none, the region of a town of Connecticut.
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
        self.town(state?, town).map(|town| town.region)
    }

    /// The county to which a town belonged until 2022.
    pub fn old_county(&self, state: StateCode, town: &str) -> Option<CountyFips> {
        self.town(state, town).map(|town| town.old_county)
    }

    /// Whether a city (or the borough of Naugatuck) has one government and territory with the town of its name.
    pub fn is_city(&self, state: StateCode, name: &str) -> bool {
        self.town(state, name).is_some_and(|town| town.is_city)
    }

    fn town(&self, state: StateCode, name: &str) -> Option<ConnecticutTown> {
        self.towns.get(&key(name)).copied().filter(|_| state == self.state)
    }
}
