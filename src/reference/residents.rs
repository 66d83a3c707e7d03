//! `data/census/acs5-2019-2023-b05002-counties.csv`: the residents of counties, which decide the main county of a place
//! that lies in several. The shipped figures decide this, whatever figures a run is given.

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
    /// Returns the county with most residents among several.
    pub fn most(&self, counties: &[CountyFips]) -> Option<CountyFips> {
        counties
            .iter()
            .copied()
            .max_by_key(|county| (self.0.get(county).copied(), std::cmp::Reverse(*county)))
    }
}
