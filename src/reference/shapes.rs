//! `data/reference/county_shapes.csv` and `state_shapes.csv`: outlines for maps.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::table::rows;
use crate::spec::{SpecError, SpecFiles};
use crate::words::CountyFips;

const COUNTIES: &str = "data/reference/county_shapes.csv";
const STATES: &str = "data/reference/state_shapes.csv";

/// Outlines as SVG paths in a frame of 9750 by 6100: the Albers map of the 50 states and DC, with Alaska, Hawaii and
/// Puerto Rico set below. Boundaries are those of 2023; the island areas have none.
#[derive(Debug)]
pub struct Shapes {
    pub counties: BTreeMap<CountyFips, String>,
    /// By two-digit FIPS code.
    pub states: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct CountyShape {
    county_fips: String,
    path: String,
}

#[derive(Deserialize)]
struct StateShape {
    state_fips: String,
    path: String,
}

impl Shapes {
    /// Loads the outlines: only the report needs them.
    ///
    /// # Errors
    /// A table is malformed, or a path has characters that an outline cannot have.
    pub fn load(files: &SpecFiles) -> Result<Self, SpecError> {
        let is_path = |path: &str| path.bytes().all(|b| b.is_ascii_digit() || b"Mlz,- ".contains(&b));
        let mut shapes = Self { counties: BTreeMap::new(), states: BTreeMap::new() };
        for CountyShape { county_fips, path } in rows(files, COUNTIES)? {
            let fips = CountyFips::new(&county_fips).filter(|_| is_path(&path)).ok_or_else(|| {
                SpecError::says(COUNTIES, format!("{county_fips:?}: not a county's code and outline"))
            })?;
            shapes.counties.insert(fips, path);
        }
        for StateShape { state_fips, path } in rows(files, STATES)? {
            if state_fips.len() != 2 || !is_path(&path) {
                let message = format!("{state_fips:?}: not a state's code and outline");
                return Err(SpecError::says(STATES, message));
            }
            shapes.states.insert(state_fips, path);
        }
        Ok(shapes)
    }
}
