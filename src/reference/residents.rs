//! `data/census/acs5-2019-2023-b05002-counties.csv`: how many people live in a county, for telling which county of a
//! place in several is the main one. Whatever figures a run is given, this is told by those that are shipped.

use std::collections::HashMap;

use serde::Deserialize;

use super::table::rows;
use crate::spec::{SpecError, SpecFiles};
use crate::words::CountyFips;

const FILE: &str = "data/census/acs5-2019-2023-b05002-counties.csv";

/// Residents by county; unit: people.
#[derive(Debug)]
pub struct CountyResidents(HashMap<CountyFips, i64>);

#[derive(Deserialize)]
struct CountyResidentsRow {
    county_fips: String,
    population: Option<i64>,
}

pub(super) fn load(files: &SpecFiles) -> Result<CountyResidents, SpecError> {
    let rows = rows::<CountyResidentsRow>(files, FILE)?;
    let known =
        rows.into_iter().filter_map(|row| Some((CountyFips::new(&row.county_fips)?, row.population?)));
    Ok(CountyResidents(known.collect()))
}

impl CountyResidents {
    /// Of several counties the one with most residents.
    pub fn most(&self, counties: &[CountyFips]) -> Option<CountyFips> {
        counties
            .iter()
            .copied()
            .max_by_key(|county| (self.0.get(county).copied(), std::cmp::Reverse(*county)))
    }
}
