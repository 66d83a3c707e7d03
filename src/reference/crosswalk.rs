//! `data/crosswalks/`: reviewed decisions, each with its evidence.
//!
//! `agency_counties.csv` says which counties an agency serves if its name, cell and lists cannot; `city_counties.csv`
//! says which places are governed as one with their county; `agency_names.csv` says which two names are one agency or
//! two, where the rules would decide otherwise; `agency_oris.csv` says whose an entry of the FBI's list is, where its name
//! does not; `county_bodies.csv` says which sheriff or police of its own a county
//! has if no list names one.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use super::counties::Counties;
use super::states::States;
use super::table::{key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, Extent, StateCode};

const COUNTIES: &str = "data/crosswalks/agency_counties.csv";
const CITY_COUNTIES: &str = "data/crosswalks/city_counties.csv";
const NAMES: &str = "data/crosswalks/agency_names.csv";
const ORIS: &str = "data/crosswalks/agency_oris.csv";
const COUNTY_BODIES: &str = "data/crosswalks/county_bodies.csv";

/// The reviewed decisions.
#[derive(Debug)]
pub struct Crosswalk {
    /// The counties that reviewed agencies serve, by state and key of the name.
    counties: BTreeMap<(StateCode, String), Reviewed>,
    /// Counties that are governed as one with a place.
    city_counties: HashMap<(StateCode, String), CountyFips>,
    names: Vec<NameDecision>,
    /// Whose an entry of the FBI's list is: by ORI, the state and the key of the agency's name.
    oris: HashMap<String, (StateCode, String)>,
    /// Agencies that counties have of their own, where no list names one.
    county_bodies: BTreeMap<CountyFips, Vec<CountyBody>>,
}

/// A county's own sheriff or police that neither ICE's lists nor the FBI's list names, or the evidence that the county
/// has none.
#[derive(Debug)]
pub struct CountyBody {
    /// `None`: the county has none.
    pub agency_name: Option<String>,
    pub evidence: String,
}

/// A reviewed decision on the counties that an agency serves.
#[derive(Debug)]
pub struct Reviewed {
    /// The decision applies to every name that holds all these words; if there are none, only to the name itself.
    words: Vec<String>,
    /// The counties, the main one first.
    pub counties: Vec<CountyFips>,
    pub extent: Extent,
    /// The source for the decision.
    pub evidence: String,
}

/// A decision on two names of one state.
#[derive(Debug)]
pub struct NameDecision {
    pub state: StateCode,
    /// Keys of the two names.
    pub names: [String; 2],
    /// Whether both names are of one agency.
    pub is_same: bool,
    pub evidence: String,
}

#[derive(Deserialize)]
struct CrosswalkCountyRow {
    state_code: String,
    agency_name: String,
    name_words: String,
    county_fips: String,
    extent: Extent,
    evidence: String,
}

#[derive(Deserialize)]
struct CountyBodyRow {
    county_fips: String,
    agency_name: Option<String>,
    evidence: String,
}

#[derive(Deserialize)]
struct OriRow {
    state_code: String,
    agency_name: String,
    ori: String,
    evidence: String,
    source_url: String,
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
    let mut reviewed: BTreeMap<(StateCode, String), Reviewed> = BTreeMap::new();
    for row in rows::<CrosswalkCountyRow>(files, COUNTIES)? {
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
        let words: Vec<String> = row.name_words.split_whitespace().map(str::to_owned).collect();
        let new = Reviewed {
            words: words.clone(),
            counties: Vec::new(),
            extent: row.extent,
            evidence: row.evidence.clone(),
        };
        let is_plain = |word: &String| word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !words.iter().all(is_plain) {
            return says("name_words are small letters and digits");
        }
        let known = reviewed.entry((state, key(&row.agency_name))).or_insert(new);
        if known.extent != row.extent || known.words != words || known.counties.contains(&county.fips) {
            return says("has two extents, other name_words, or a county twice");
        }
        if known.evidence.split("; ").all(|evidence| evidence != row.evidence) {
            known.evidence = format!("{}; {}", known.evidence, row.evidence);
        }
        known.counties.push(county.fips);
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
    let mut oris = HashMap::new();
    for row in rows::<OriRow>(files, ORIS)? {
        let state = StateCode::new(&row.state_code).filter(|code| states.get(*code).is_some());
        let is_cited = !row.evidence.trim().is_empty() && row.source_url.starts_with("https://");
        let decided = state.filter(|_| is_cited).map(|state| (state, key(&row.agency_name)));
        if decided.is_none_or(|decided| oris.insert(row.ori.clone(), decided).is_some()) {
            let message =
                format!("{}: names no state, has no evidence with an address, or is there twice", row.ori);
            return Err(SpecError::says(ORIS, message));
        }
    }
    let mut county_bodies: BTreeMap<CountyFips, Vec<CountyBody>> = BTreeMap::new();
    for row in rows::<CountyBodyRow>(files, COUNTY_BODIES)? {
        let CountyBodyRow { county_fips, agency_name, evidence } = row;
        let county = CountyFips::new(&county_fips).and_then(|fips| counties.get(fips));
        let Some(county) = county.filter(|_| !evidence.trim().is_empty()) else {
            let message = format!("{county_fips}: no county, or no evidence");
            return Err(SpecError::says(COUNTY_BODIES, message));
        };
        county_bodies.entry(county.fips).or_default().push(CountyBody { agency_name, evidence });
    }
    Ok(Crosswalk { counties: reviewed, city_counties, names, oris, county_bodies })
}

impl Crosswalk {
    /// Returns the decision on the counties of an agency, by its cleaned name or by `words`: the words of the name with
    /// abbreviations and numbers written out alike. If several decisions fit the words, the one with most words counts.
    pub fn counties(&self, state: StateCode, agency_name: &str, words: &[String]) -> Option<&Reviewed> {
        if let Some(found) = self.counties.get(&(state, key(agency_name))) {
            return Some(found);
        }
        let of_state = self.counties.range((state, String::new())..).take_while(|((of, _), _)| *of == state);
        let holds = |reviewed: &&Reviewed| {
            !reviewed.words.is_empty() && reviewed.words.iter().all(|word| words.contains(word))
        };
        of_state.map(|(_, reviewed)| reviewed).filter(holds).max_by_key(|reviewed| reviewed.words.len())
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

    /// The entry of the FBI's list that is an agency's by a reviewed decision.
    pub fn ori_of(&self, state: StateCode, agency_name: &str) -> Option<&str> {
        let decided = (state, key(agency_name));
        self.oris.iter().find(|(_, of)| **of == decided).map(|(ori, _)| ori.as_str())
    }

    /// Whether a reviewed decision says whose an entry of the FBI's list is.
    pub fn is_decided(&self, ori: &str) -> bool {
        self.oris.contains_key(ori)
    }

    /// The decisions on a county's own agencies.
    pub fn bodies_of(&self, county: CountyFips) -> &[CountyBody] {
        self.county_bodies.get(&county).map(Vec::as_slice).unwrap_or_default()
    }

    /// Decisions on pairs of names, in the order of the file.
    pub fn names(&self) -> &[NameDecision] {
        &self.names
    }
}
