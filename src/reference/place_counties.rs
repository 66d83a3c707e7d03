//! `data/reference/place_counties.csv`: residents of places in several counties, by county, Census 2020.
//!
//! A part that the table lacks has no residents. A place of Connecticut has rows by old county and by planning region;
//! each vintage uses one of the two.

use std::collections::HashMap;

use serde::Deserialize;

use super::counties::Counties;
use super::table::rows;
use crate::spec::{SpecError, SpecFiles};
use crate::words::CountyFips;

const FILE: &str = "data/reference/place_counties.csv";

/// Residents by place and county; unit: persons, as the decennial census of 2020 counts them.
#[derive(Debug)]
pub struct PlaceCounties(HashMap<String, Vec<(CountyFips, u64)>>);

#[derive(Deserialize)]
struct PlaceCountyRow {
    place_geoid: String,
    county_fips: String,
    residents_2020: u64,
}

pub(super) fn load(files: &SpecFiles, counties: &Counties) -> Result<PlaceCounties, SpecError> {
    let mut parts: HashMap<String, Vec<(CountyFips, u64)>> = HashMap::new();
    for row in rows::<PlaceCountyRow>(files, FILE)? {
        let county = CountyFips::new(&row.county_fips).filter(|fips| counties.get(*fips).is_some());
        let Some(county) = county.filter(|fips| row.place_geoid.starts_with(fips.state_fips())) else {
            let message = format!("{} {}: no county of the place's state", row.place_geoid, row.county_fips);
            return Err(SpecError::says(FILE, message));
        };
        if row.residents_2020 > 0 {
            parts.entry(row.place_geoid).or_default().push((county, row.residents_2020));
        }
    }
    for of_place in parts.values_mut() {
        of_place.sort_unstable_by_key(|(county, residents)| (std::cmp::Reverse(*residents), *county));
    }
    Ok(PlaceCounties(parts))
}

impl PlaceCounties {
    /// The inhabited parts of a place in several counties, most residents first; empty for a place in one county.
    pub fn of(&self, place_geoid: &str) -> &[(CountyFips, u64)] {
        self.0.get(place_geoid).map(Vec::as_slice).unwrap_or_default()
    }

    /// The inhabited parts by the counties of the vintage that ends in `year`. For a place of Connecticut these are
    /// either the parts by old county or those by planning region.
    pub fn of_vintage(&self, place_geoid: &str, year: u16, counties: &Counties) -> Vec<(CountyFips, u64)> {
        let county = |fips: CountyFips| counties.get(fips);
        let parts = self.of(place_geoid);
        let has_ended = parts.iter().any(|(fips, _)| county(*fips).is_some_and(|c| c.last_vintage.is_some()));
        let is_of = |fips: CountyFips| county(fips).is_some_and(|county| county.is_of(year));
        parts.iter().copied().filter(|(fips, _)| !has_ended || is_of(*fips)).collect()
    }
}
