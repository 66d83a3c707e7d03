//! Changes of counties through time: they give the counties of an older ACS vintage on which today's territories lie.
//!
//! Agencies are placed in the counties of the 2024 reference; figures use the counties of their vintage. Sources:
//! `data/reference/county_changes.csv` (recoded, split and merged counties) and `data/reference/connecticut_towns.csv`,
//! since Connecticut's planning regions of 2022 cut across its eight counties.

use std::collections::HashMap;

use serde::Deserialize;

use super::counties::Counties;
use super::table::rows;
use crate::spec::{SpecError, SpecFiles};
use crate::words::CountyFips;

const FILE: &str = "data/reference/county_changes.csv";

/// Counties and their predecessors and successors.
#[derive(Debug)]
pub struct CountyChanges {
    /// Predecessors by today's code.
    pub(super) before: HashMap<CountyFips, Vec<CountyFips>>,
    /// Successors by the code that ended.
    pub(super) after: HashMap<CountyFips, Vec<CountyFips>>,
    /// The code that ended, a successor, and what happened; in the order of the file.
    all: Vec<(CountyFips, CountyFips, String)>,
}

impl CountyChanges {
    /// Every county that ended with each of its successors, and what happened.
    pub fn all(&self) -> impl Iterator<Item = (CountyFips, CountyFips, &str)> {
        self.all.iter().map(|(old, new, change)| (*old, *new, change.as_str()))
    }

    /// The counties to which a county passed.
    pub fn successors(&self, old: CountyFips) -> &[CountyFips] {
        self.after.get(&old).map(Vec::as_slice).unwrap_or_default()
    }

    /// The counties that ended of which a county has territory.
    pub fn predecessors(&self, new: CountyFips) -> &[CountyFips] {
        self.before.get(&new).map(Vec::as_slice).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct CountyChangeRow {
    old_county_fips: String,
    county_fips: String,
    change: String,
}

pub(super) fn load(files: &SpecFiles, counties: &Counties) -> Result<CountyChanges, SpecError> {
    let mut changes = CountyChanges { before: HashMap::new(), after: HashMap::new(), all: Vec::new() };
    for row in rows::<CountyChangeRow>(files, FILE)? {
        let code = |text: &str| CountyFips::new(text).filter(|fips| counties.get(*fips).is_some());
        let (Some(old), Some(new)) = (code(&row.old_county_fips), code(&row.county_fips)) else {
            let message = format!("{} {}: not two counties", row.old_county_fips, row.county_fips);
            return Err(SpecError::says(FILE, message));
        };
        changes.before.entry(new).or_default().push(old);
        changes.after.entry(old).or_default().push(new);
        changes.all.push((old, new, row.change));
    }
    Ok(changes)
}
