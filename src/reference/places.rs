//! `data/reference/places.csv`: Census places 2020 with the counties they lie in. If a place lies in several,
//! `place_counties.csv` says how many people live in each.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::connecticut::ConnecticutTowns;
use super::counties::Counties;
use super::place_counties::PlaceCounties;
use super::table::{Index, index, key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, StateCode};

const FILE: &str = "data/reference/places.csv";

/// The legal descriptions with which the Bureau ends the names of places; the names that people use lack them.
const DESCRIPTIONS: &[&str] = &[
    " metropolitan government (balance)",
    " consolidated government (balance)",
    " unified government (balance)",
    " consolidated government",
    " metro government (balance)",
    " unified government",
    " metro township",
    " urban county",
    " city and borough",
    " municipality",
    " city (balance)",
    " corporation",
    " (balance)",
    " village",
    " borough",
    " comunidad",
    " zona urbana",
    " plantation",
    " Town city",
    " city",
    " town",
    " CDP",
];

/// A Census place.
#[derive(Debug, Clone)]
pub struct Place {
    /// Seven digits: state and place.
    pub geoid: String,
    /// With its legal description: `Kenneth City town`.
    pub name: String,
    pub state: StateCode,
    /// Incorporated and active (Census class C1 to C8), unlike a CDP or an inactive place.
    pub is_incorporated: bool,
    /// Its own county subdivision (class C5), with the place's code.
    pub is_subdivision: bool,
    /// In no county subdivision but itself: independent of any (class C5), coextensive with one (C2), its own county
    /// (C7), or one government with a town of Connecticut. Source: Bureau, *Class Codes and Definitions*.
    pub is_alone: bool,
    /// Independent of any county (class C7), or the balance of a consolidated city-county (class C8).
    pub is_county_wide: bool,
    /// The counties in which residents of the place live, most residents first; 2024 codes.
    pub counties: Vec<CountyFips>,
    /// The counties in which only an uninhabited part of the place lies.
    pub empty_counties: Vec<CountyFips>,
    /// The counties of the table that have ended since: the eight of Connecticut.
    pub ended_counties: Vec<CountyFips>,
}

impl Place {
    /// The ten-digit code of the county subdivision that the place, or its part in `county`, is.
    ///
    /// Source: Bureau, *Class Codes and Definitions*: a place of class C5 is independent of any county
    /// subdivision and serves as one, under its own code.
    pub fn cousub_geoid(&self, county: CountyFips) -> Option<String> {
        let is_there = self.is_subdivision && self.counties.contains(&county);
        is_there.then(|| format!("{county}{}", &self.geoid[2..]))
    }

    /// The name without its legal description: `Kenneth City`.
    pub fn base_name(&self) -> &str {
        DESCRIPTIONS.iter().find_map(|end| self.name.strip_suffix(end)).unwrap_or(&self.name)
    }
}

/// All places.
#[derive(Debug)]
pub struct Places {
    places: Vec<Place>,
    /// Names of a state's places, with the keys by which they are looked up; made when a misspelled name is looked up.
    names: HashMap<StateCode, OnceLock<Vec<(String, String)>>>,
    by_name: Index<(StateCode, String)>,
}

#[derive(Deserialize)]
struct PlaceRow {
    place_geoid: String,
    place_name: String,
    state_code: String,
    place_class: String,
    county_fips: String,
}

pub(super) fn load(
    files: &SpecFiles,
    counties: &Counties,
    towns: &ConnecticutTowns,
    parts: &PlaceCounties,
) -> Result<Places, SpecError> {
    let mut places = Vec::new();
    for row in rows::<PlaceRow>(files, FILE)? {
        let state = StateCode::new(&row.state_code)
            .ok_or_else(|| SpecError::says(FILE, format!("{:?} is not a USPS code", row.state_code)))?;
        let fips = row.county_fips.split(' ').filter_map(CountyFips::new);
        let is_there = |fips: &CountyFips| counties.get(*fips).is_some_and(|c| c.last_vintage.is_none());
        let (of_reference, ended_counties) = fips.partition(is_there);
        let mut place = Place {
            is_incorporated: row.place_class.starts_with('C') && row.place_class != "C9",
            is_subdivision: row.place_class == "C5",
            is_alone: matches!(row.place_class.as_str(), "C2" | "C5" | "C7"),
            ended_counties,
            is_county_wide: matches!(row.place_class.as_str(), "C7" | "C8"),
            counties: Vec::new(),
            empty_counties: Vec::new(),
            geoid: row.place_geoid,
            name: row.place_name,
            state,
        };
        place.is_alone |= place.is_incorporated && towns.is_city(place.state, place.base_name());
        place.counties = towns.or_region(Some(state), place.base_name(), of_reference);
        let inhabited = parts.of(&place.geoid).iter().map(|(county, _)| *county).filter(is_there);
        let inhabited: Vec<CountyFips> = inhabited.collect();
        if !inhabited.is_empty() {
            place.empty_counties = std::mem::replace(&mut place.counties, inhabited);
            place.empty_counties.retain(|county| !place.counties.contains(county));
        }
        places.push(place);
    }
    places.sort_by(|a: &Place, b| a.geoid.cmp(&b.geoid));
    let by_name = index(places.iter().map(|place| (place.state, key(place.base_name()))));
    let names = places.iter().map(|place| (place.state, OnceLock::new())).collect();
    Ok(Places { places, names, by_name })
}

impl Places {
    pub fn iter(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// The place with this GEOID.
    pub fn get(&self, geoid: &str) -> Option<&Place> {
        self.places.binary_search_by(|place| place.geoid.as_str().cmp(geoid)).ok().map(|at| &self.places[at])
    }

    /// Keys and names of a state's places and of `others`, sorted by name; made once for each state.
    pub fn names_of<'n>(
        &'n self,
        state: StateCode,
        others: impl Iterator<Item = &'n str>,
    ) -> &'n [(String, String)] {
        let Some(names) = self.names.get(&state) else { return &[] };
        names.get_or_init(|| {
            let mut names: Vec<&str> = self.of_state(state).map(Place::base_name).chain(others).collect();
            names.sort_unstable();
            names.dedup();
            let mut keyed: Vec<(String, String)> =
                names.iter().map(|name| (key(name), (*name).to_owned())).collect();
            keyed.dedup_by(|a, b| a.0 == b.0);
            keyed
        })
    }

    /// The places of one state.
    pub fn of_state(&self, state: StateCode) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(move |place| place.state == state)
    }

    /// The places of a state that people call by this name: incorporated ones, or the others if there
    /// are none. A name that includes the legal description (`Kenneth City town`) must match in full.
    pub fn named(&self, state: StateCode, name: &str) -> Vec<&Place> {
        let wanted = key(name);
        if wanted.is_empty() {
            return Vec::new();
        }
        let found = self.by_name.get(&(state, wanted)).map(Vec::as_slice).unwrap_or_default();
        let all: Vec<_> = found.iter().map(|at| &self.places[*at as usize]).collect();
        let incorporated: Vec<_> = all.iter().copied().filter(|place| place.is_incorporated).collect();
        if incorporated.is_empty() { all } else { incorporated }
    }
}
