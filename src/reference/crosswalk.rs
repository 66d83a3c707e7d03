//! `data/crosswalks/`: reviewed decisions, each with its evidence.
//!
//! `agency_counties.csv` says which counties an agency serves, for bodies whose name, cell and lists cannot
//! say; `city_counties.csv` which places are governed as one with their county; `agency_names.csv` which two names are one body, and which are not, where the rules would say otherwise.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::{Counties, States, key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, Extent, StateCode};

const COUNTIES: &str = "data/crosswalks/agency_counties.csv";
const CITY_COUNTIES: &str = "data/crosswalks/city_counties.csv";
const NAMES: &str = "data/crosswalks/agency_names.csv";

/// What a person has decided.
#[derive(Debug)]
pub struct Crosswalk {
    /// Counties of reviewed agencies, the main one first.
    counties: HashMap<(StateCode, String), (Vec<CountyFips>, Extent)>,
    /// Counties that are governed as one with a place.
    city_counties: HashMap<(StateCode, String), CountyFips>,
    names: Vec<NameDecision>,
}

/// A decision on two names of one state.
#[derive(Debug)]
pub struct NameDecision {
    pub state: StateCode,
    /// Keys of the two names.
    pub names: [String; 2],
    /// One body, or two.
    pub is_same: bool,
    pub evidence: String,
}

#[derive(Deserialize)]
struct CountyRow {
    state_code: String,
    agency_name: String,
    county_fips: String,
    extent: Extent,
    evidence: String,
}

#[derive(Deserialize)]
struct CityCountyRow {
    state_code: String,
    place_name: String,
    county_fips: String,
    evidence: String,
}

#[derive(Deserialize)]
struct NameRow {
    state_code: String,
    agency_name: String,
    other_name: String,
    decision: Decision,
    evidence: String,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Same,
    NotSame,
}

pub(super) fn load(files: &SpecFiles, states: &States, counties: &Counties) -> Result<Crosswalk, SpecError> {
    let mut reviewed: HashMap<_, (Vec<CountyFips>, Extent)> = HashMap::new();
    for row in rows::<CountyRow>(files, COUNTIES)? {
        let says = |message: &str| Err(SpecError::says(COUNTIES, format!("{}: {message}", row.agency_name)));
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
    let mut city_counties = HashMap::new();
    for row in rows::<CityCountyRow>(files, CITY_COUNTIES)? {
        let county = CountyFips::new(&row.county_fips).and_then(|fips| counties.get(fips));
        let state = StateCode::new(&row.state_code);
        let is_there = county.is_some_and(|county| Some(county.state) == state);
        let (Some(county), Some(state), true, false) =
            (county, state, is_there, row.evidence.trim().is_empty())
        else {
            let message = format!("{}: names no county of its state, or has no evidence", row.place_name);
            return Err(SpecError::says(CITY_COUNTIES, message));
        };
        city_counties.insert((state, key(&row.place_name)), county.fips);
    }
    let mut names = Vec::new();
    let mut decided = HashSet::new();
    for row in rows::<NameRow>(files, NAMES)? {
        let says = |message: &str| {
            let pair = format!("{} and {}", row.agency_name, row.other_name);
            Err(SpecError::says(NAMES, format!("{pair}: {message}")))
        };
        let state = StateCode::new(&row.state_code).filter(|code| states.get(*code).is_some());
        let Some(state) = state else { return says("names no state") };
        let mut pair = [key(&row.agency_name), key(&row.other_name)];
        pair.sort();
        if pair[0].is_empty() || pair[0] == pair[1] {
            return says("are not two names");
        }
        if row.evidence.trim().is_empty() {
            return says("has no evidence");
        }
        if !decided.insert((state, pair.clone())) {
            return says("are decided twice");
        }
        names.push(NameDecision {
            state,
            names: pair,
            is_same: row.decision == Decision::Same,
            evidence: row.evidence,
        });
    }
    Ok(Crosswalk { counties: reviewed, city_counties, names })
}

impl Crosswalk {
    /// The reviewed counties of an agency, by its cleaned name.
    pub fn counties(&self, state: StateCode, agency_name: &str) -> Option<(&[CountyFips], Extent)> {
        let found = self.counties.get(&(state, key(agency_name)));
        found.map(|(counties, extent)| (counties.as_slice(), *extent))
    }

    /// Keys of the names of the places that are governed as one with a county.
    pub fn cities_of(&self, county: CountyFips) -> impl Iterator<Item = &str> {
        let of_county = self.city_counties.iter().filter(move |(_, fips)| **fips == county);
        of_county.map(|((_, place), _)| place.as_str())
    }

    /// The county that is governed as one with a place of this name.
    pub fn city_county(&self, state: StateCode, place_name: &str) -> Option<CountyFips> {
        self.city_counties.get(&(state, key(place_name))).copied()
    }

    /// Decisions on pairs of names, in the order of the file.
    pub fn names(&self) -> &[NameDecision] {
        &self.names
    }
}
