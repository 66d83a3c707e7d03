//! `data/reference/fbi_agencies.csv`: agencies that report to the FBI, with their ORI and counties.

use serde::Deserialize;

use super::connecticut::ConnecticutTowns;
use super::counties::Counties;
use super::table::{Index, index, key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, StateCode};

const FILE: &str = "data/reference/fbi_agencies.csv";

/// An agency of the FBI's list. Names lack the suffix: `Alachua` is the sheriff where `kind` is County.
#[derive(Debug, Clone)]
pub struct FbiAgency {
    /// Nine characters; several agencies of ours may share one.
    pub ori: String,
    pub name: String,
    pub state: Option<StateCode>,
    /// City, County, University or College, State Police …
    pub kind: String,
    /// The agency's counties (2024 codes), as far as their names are known.
    pub counties: Vec<CountyFips>,
    /// Whether it is a unit of an agency, such as a state police troop: its name in the list ends in a colon or comma.
    pub is_unit: bool,
    /// The last year for which the agency reported.
    pub last_year: u16,
}

/// The FBI's list.
#[derive(Debug)]
pub struct FbiAgencies {
    agencies: Vec<FbiAgency>,
    by_name: Index<(StateCode, String)>,
}

#[derive(Deserialize)]
struct FbiRow {
    ori: String,
    fbi_name: String,
    state_code: String,
    county_names: String,
    fbi_kind: String,
    is_unit: bool,
    last_year: u16,
}

pub(super) fn load(
    files: &SpecFiles,
    counties: &Counties,
    towns: &ConnecticutTowns,
) -> Result<FbiAgencies, SpecError> {
    let mut agencies = Vec::new();
    for row in rows::<FbiRow>(files, FILE)? {
        let state = StateCode::new(&row.state_code);
        // If a county and a city have the same name, the list adds "city" to the city's.
        let in_state = |name: &str| {
            let named = |state| {
                let of_base = counties.all_base_named(state, name);
                let county = of_base.iter().copied().find(|county| !county.is_independent_city());
                counties.named(state, name).or(county).or(of_base.first().copied())
            };
            state.and_then(named).map(|county| county.fips)
        };
        let named = row.county_names.split(',').filter_map(in_state).collect();
        let counties = towns.or_region(state, &row.fbi_name, named);
        agencies.push(FbiAgency {
            ori: row.ori,
            name: row.fbi_name,
            state,
            kind: row.fbi_kind,
            counties,
            is_unit: row.is_unit,
            last_year: row.last_year,
        });
    }
    let none = StateCode::new("ZZ").expect("two letters");
    // The list adds the county to a name that several agencies have: "Penn Township, York County".
    let bare = |a: &FbiAgency| a.name.split_once(", ").map_or_else(|| key(&a.name), |(name, _)| key(name));
    let by_name = index(agencies.iter().map(|a| (a.state.unwrap_or(none), bare(a))));
    Ok(FbiAgencies { agencies, by_name })
}

impl FbiAgency {
    /// The county that the third to fifth characters of the ORI give as its number among the state's counties in
    /// alphabetical order, which is the order of their FIPS codes: the 143rd of Texas is 48285.
    pub fn ori_county(&self, candidates: &[CountyFips]) -> Option<CountyFips> {
        let number: u32 = self.ori.get(2..5)?.parse().ok()?;
        let is_it = |county: &&CountyFips| county.as_str()[2..].parse() == Ok(2 * number - 1);
        candidates.iter().find(|county| number > 0 && is_it(county)).copied()
    }
}

impl FbiAgencies {
    pub fn iter(&self) -> impl Iterator<Item = &FbiAgency> {
        self.agencies.iter()
    }

    /// Agencies of a state with this FBI kind.
    pub fn of_state(&self, state: StateCode, kind: &str) -> impl Iterator<Item = &FbiAgency> {
        self.agencies.iter().filter(move |agency| agency.state == Some(state) && agency.kind == kind)
    }

    /// The agency of a state with this name in the list, whatever its kind, if there is only one.
    pub fn called(&self, state: StateCode, name: &str) -> Option<&FbiAgency> {
        let found = self.by_name.get(&(state, key(name)))?.iter().map(|at| &self.agencies[*at as usize]);
        let mut whole = found.filter(|agency| !agency.name.contains(", "));
        whole.next().filter(|_| whole.next().is_none())
    }

    /// Agencies of a state with this name and FBI kind, one for each ORI.
    pub fn named(&self, state: StateCode, name: &str, kind: &str) -> Vec<&FbiAgency> {
        let found = self.by_name.get(&(state, key(name))).map(Vec::as_slice).unwrap_or_default();
        let found = found.iter().map(|at| &self.agencies[*at as usize]);
        let mut found: Vec<_> = found.filter(|agency| agency.kind == kind).collect();
        found.dedup_by_key(|agency| &agency.ori);
        found
    }
}
