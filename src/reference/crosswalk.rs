//! `data/crosswalks/agency_counties.csv`: reviewed decisions on which counties an agency serves, each with
//! its evidence, for bodies whose name, cell and lists cannot say.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Counties, key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, Extent, StateCode};

const FILE: &str = "data/crosswalks/agency_counties.csv";

/// Counties of reviewed agencies, the main one first.
#[derive(Debug)]
pub struct Crosswalk(HashMap<(StateCode, String), (Vec<CountyFips>, Extent)>);

#[derive(Deserialize)]
struct Row {
    state_code: String,
    agency_name: String,
    county_fips: String,
    extent: Extent,
    evidence: String,
}

pub(super) fn load(files: &SpecFiles, counties: &Counties) -> Result<Crosswalk, SpecError> {
    let mut reviewed: HashMap<_, (Vec<CountyFips>, Extent)> = HashMap::new();
    for row in rows::<Row>(files, FILE)? {
        let says = |message: &str| Err(SpecError::says(FILE, format!("{}: {message}", row.agency_name)));
        let county = CountyFips::new(&row.county_fips).and_then(|fips| counties.get(fips));
        let state = StateCode::new(&row.state_code);
        let (Some(county), Some(state)) = (county, state) else {
            return says("names no state and county");
        };
        if county.state != state {
            return says("names a county outside its state");
        }
        if row.evidence.trim().is_empty() {
            return says("has no evidence");
        }
        let entry = reviewed.entry((state, key(&row.agency_name))).or_insert((Vec::new(), row.extent));
        entry.0.push(county.fips);
    }
    Ok(Crosswalk(reviewed))
}

impl Crosswalk {
    /// The reviewed counties of an agency, by its cleaned name.
    pub fn find(&self, state: StateCode, agency_name: &str) -> Option<(&[CountyFips], Extent)> {
        self.0.get(&(state, key(agency_name))).map(|(counties, extent)| (counties.as_slice(), *extent))
    }
}
