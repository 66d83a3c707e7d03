//! Checks of the figures of a vintage as a whole.

use std::collections::{BTreeMap, BTreeSet};

use enum_map::EnumMap;
use tracing::warn;

use super::area::{Area, Level};
use super::margin::Sum;
use super::value::Gap;
use super::{AreaFigures, CensusError, Figures};
use crate::census::AreaEstimates;
use crate::reference::{Counties, County, State, StateKind, States, key};
use crate::shown::shown;
use crate::spec::{CensusSource, TableAreas};
use crate::words::{Concept, CountyFips, Vintage};

/// The most counties that an error names.
const NAMED: usize = 5;

/// How many counties the figures hold, and how many the vintage has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathered {
    pub held: usize,
    pub expected: usize,
}

impl Gathered {
    /// Whether no county is missing.
    pub fn is_all(self) -> bool {
        self.held == self.expected
    }
}

/// The counties that the ACS has in a vintage: in the states and DC, and in Puerto Rico if the tables include it.
fn expected<'a>(
    figures: &Figures,
    vintage: Vintage,
    counties: &'a Counties,
    states: &States,
) -> BTreeMap<CountyFips, &'a County> {
    let of_tables = |areas: TableAreas| {
        figures.sources.iter().any(|s| s.concept == Concept::ForeignBorn && s.areas == areas)
    };
    let has_puerto_rico = of_tables(TableAreas::All) || of_tables(TableAreas::PuertoRico);
    let in_acs = |county: &&County| {
        states.get(county.state).is_some_and(|state| match state.kind {
            StateKind::Territory => state.code.as_str() == "PR" && has_puerto_rico,
            _ => true,
        })
    };
    counties.of_vintage(vintage.last()).filter(in_acs).map(|county| (county.fips, county)).collect()
}

impl Figures {
    /// Counts how many counties of their vintage the figures hold.
    pub fn gathered(&self, counties: &Counties, states: &States) -> Gathered {
        let expected = expected(self, self.vintage, counties, states);
        let held = expected.keys().filter(|fips| self.areas.contains_key(&Area::county(**fips))).count();
        Gathered { held, expected: expected.len() }
    }
}

/// Checks that the figures hold exactly the counties of their vintage, each with its residents and foreign-born; a
/// sample may lack some. No area may be in an unknown state or county, and the names of counties must fit their codes.
///
/// # Errors
/// [`CensusError::Refused`], which names the counties.
pub fn check(
    figures: &Figures,
    is_sample: bool,
    source: &CensusSource,
    counties: &Counties,
    states: &States,
) -> Result<(), CensusError> {
    let vintage = figures.vintage;
    let refused = |message: String, hint: String| {
        Err(CensusError::Refused { file: file_names(figures), message, hint: Some(hint) })
    };
    let held: BTreeSet<CountyFips> =
        figures.of_level(Level::County).filter_map(|(area, _)| area.county_fips()).collect();
    let unknown = unknown_areas(figures, counties, states);
    if !unknown.is_empty() {
        let count = unknown.len();
        let is_county = unknown.iter().any(|id| id.starts_with(Level::County.prefix()));
        let fits = if is_county { fits(figures, &held, counties, states) } else { String::new() };
        let message = format!("{count} codes are no areas of vintage {vintage}: {}{fits}", list(unknown));
        return refused(message, source.instead(vintage));
    }
    check_names(figures, counties, states, source)?;
    if is_sample {
        return Ok(());
    }
    let hint = format!("{}; a file of some areas only is taken with --acs-sample", source.instead(vintage));
    let expected = expected(figures, vintage, counties, states);
    let missing: Vec<_> = expected.values().filter(|county| !held.contains(&county.fips)).collect();
    if held.is_empty() {
        return refused(format!("holds no counties of vintage {vintage}"), hint);
    }
    if !missing.is_empty() {
        let names = missing.iter().map(|county| format!("{} {}", county.fips, county.name)).collect();
        let (few, all) = (missing.len(), expected.len());
        let fits = fits(figures, &held, counties, states);
        let list = list(names);
        return refused(
            format!("{few} of {all} counties of vintage {vintage} are missing: {list}{fits}"),
            hint,
        );
    }
    for concept in [Concept::Population, Concept::ForeignBorn] {
        let lacks = |fips: &&CountyFips| {
            let estimates = &figures.areas[&Area::county(**fips)].estimates;
            estimates[concept].value == Err(Gap::NotInInput)
        };
        if let Some(county) = expected.keys().find(lacks) {
            return refused(format!("no file has {concept} of county {county}"), hint);
        }
    }
    Ok(())
}

/// GEO_IDs of areas in an unknown state, a state without ACS, or a county that the vintage lacks.
fn unknown_areas(figures: &Figures, counties: &Counties, states: &States) -> Vec<String> {
    // The ACS is not taken in the island areas.
    let in_acs = |state: &&State| state.kind != StateKind::Territory || state.code.as_str() == "PR";
    let state_codes: BTreeSet<&str> = states.iter().filter(in_acs).map(|state| state.fips.as_str()).collect();
    let of_vintage: BTreeSet<CountyFips> = counties
        .of_vintage(figures.vintage.last())
        .map(|county| county.fips)
        .filter(|fips| state_codes.contains(fips.state_fips()))
        .collect();
    let is_known = |area: &Area| {
        let code = area.code();
        match area.level() {
            Level::Nation => true,
            Level::State | Level::Place => state_codes.contains(&code[..2]),
            Level::County | Level::Subdivision => {
                CountyFips::new(&code[..5]).is_some_and(|fips| of_vintage.contains(&fips))
            }
        }
    };
    let unknown = figures.areas.keys().filter(|area| !is_known(area));
    unknown.map(ToString::to_string).collect()
}

/// Warns about counties for which the Bureau marks residents or foreign-born as missing: every sum with one of them is
/// unknown.
pub fn say_gaps(figures: &Figures) {
    for concept in [Concept::Population, Concept::ForeignBorn] {
        let is_gap = |(_, of_county): &(Area, &AreaFigures)| {
            !matches!(of_county.estimates[concept].value, Ok(_) | Err(Gap::NotInInput))
        };
        let counties: Vec<String> =
            figures.of_level(Level::County).filter(is_gap).map(|(area, _)| area.to_string()).collect();
        if !counties.is_empty() {
            warn!(
                vintage = %figures.vintage,
                counties = list(counties),
                "no {concept} is given of these: every sum with one of them is unknown"
            );
        }
    }
}

/// The names of the files of a vintage.
fn file_names(figures: &Figures) -> String {
    list(figures.inputs.iter().map(|input| input.file_name.clone()).collect())
}

/// Joins the names, at most [`NAMED`] of them.
fn list(names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", names[..names.len().min(NAMED)].join(", "))
}

/// Says in words which vintages have exactly the counties that the figures hold; empty if none has.
fn fits(figures: &Figures, held: &BTreeSet<CountyFips>, counties: &Counties, states: &States) -> String {
    let is_whole = |last: &u16| {
        let vintage = Vintage::five_years(*last);
        vintage.is_some_and(|v| expected(figures, v, counties, states).keys().eq(held.iter()))
    };
    // Later vintages have the counties of the last known one.
    let newest = counties.newest_change().max(figures.vintage.last());
    let years: Vec<u16> = (Vintage::FIRST_FIVE_YEARS_END..=newest).filter(is_whole).collect();
    match (years.first(), years.last()) {
        (Some(first), Some(last)) if *last == newest => {
            format!("; it holds the counties of the vintages that end in {first} or later")
        }
        (Some(first), Some(last)) => {
            format!("; it holds the counties of the vintages that end in {first} to {last}")
        }
        _ => String::new(),
    }
}

/// Checks that no area has the name of another state or county; otherwise rows and names have slipped against each
/// other. Other unexpected names pass, but a name in a wrong encoding is refused, since nobody can tell what it was.
fn check_names(
    figures: &Figures,
    counties: &Counties,
    states: &States,
    source: &CensusSource,
) -> Result<(), CensusError> {
    for (area, of_area) in &figures.areas {
        let Some(printed) = of_area.name.as_deref() else { continue };
        let (message, hint) = if let Some(other) = named_otherwise(*area, printed, counties, states) {
            let message = format!("{area} is named {:?}, which is {other}", shown(printed));
            (message, "have rows and names slipped against each other?")
        } else if is_mangled(*area, printed, counties) {
            let message =
                format!("{area} is named {:?}: its letters were read in another encoding", shown(printed));
            (message, "was it saved by a spreadsheet?")
        } else {
            continue;
        };
        let hint = Some(format!("{hint} {}", source.instead(figures.vintage)));
        return Err(CensusError::Refused { file: file_names(figures), message, hint });
    }
    Ok(())
}

/// Returns the other area to which a name belongs: "Baldwin County, Alabama" for Autauga, "Autauga County, Alaska".
fn named_otherwise(area: Area, printed: &str, counties: &Counties, states: &States) -> Option<String> {
    // The state comes after the last comma, in some years a semicolon.
    let (own, state) = printed.rsplit_once([',', ';']).unwrap_or((printed, ""));
    let own = own.split([',', ';']).next().unwrap_or(own);
    let called = |name: &str| {
        let wanted = key(name);
        states.iter().find(|state| key(&state.name) == wanted || state.code.as_str() == name.trim())
    };
    let other_state = |name: &str| called(name).filter(|other| !area.code().starts_with(&other.fips));
    match area.level() {
        Level::Nation => None,
        Level::State => other_state(printed).map(|other| other.name.clone()),
        Level::Subdivision | Level::Place => other_state(state).map(|other| format!("in {}", other.name)),
        Level::County => {
            if let Some(other) = other_state(state) {
                return Some(format!("in {}", other.name));
            }
            let county = counties.get(area.county_fips()?)?;
            let other =
                counties.named(county.state, own).or_else(|| counties.base_named(county.state, own))?;
            let is_own = key(own).starts_with(&key(&county.base_name));
            (other.fips != county.fips && !is_own).then(|| other.fips.to_string())
        }
    }
}

/// Whether accents were read in a wrong encoding: "DoÃ±a", "Do\u{2013}a", "Do\u{FFFD}a".
fn is_mangled(area: Area, printed: &str, counties: &Counties) -> bool {
    let letters: Vec<char> = printed.chars().collect();
    let is_pair = |pair: &[char]| {
        let follows = matches!(pair[1], '\u{80}'..='\u{BF}') || !pair[1].is_alphanumeric();
        matches!(pair[0], '\u{C2}' | '\u{C3}') && follows
    };
    if letters.contains(&char::REPLACEMENT_CHARACTER) || letters.windows(2).any(is_pair) {
        return true;
    }
    // The ASCII letters are the county's, but the others are not.
    let Some(county) = area.county_fips().and_then(|fips| counties.get(fips)) else { return false };
    let plain = |name: &str| name.chars().filter(char::is_ascii).collect::<String>();
    let is_own = key(printed).starts_with(&key(&county.base_name));
    !county.base_name.is_ascii() && !is_own && plain(printed).starts_with(&plain(&county.base_name))
}

/// Lists the states (or the nation) whose counties do not sum to their own row: GEO_ID, concept, row and sum. Sums
/// that lack a county or its figure are not checked.
pub fn sums_of_counties(figures: &Figures, counties: &Counties, states: &States) -> Vec<String> {
    let none = AreaEstimates::default();
    let mut sums: BTreeMap<Area, EnumMap<Concept, Sum>> = BTreeMap::new();
    for county in counties.of_vintage(figures.vintage.last()) {
        let of_county = figures.areas.get(&Area::county(county.fips));
        let estimates = of_county.map_or(&none, |figures| &figures.estimates);
        let state = Area::new(Level::State, county.fips.state_fips());
        let nation = states.in_us(county.state).then_some(Area::NATION);
        for area in state.into_iter().chain(nation) {
            let sums = sums.entry(area).or_default();
            for (concept, sum) in sums {
                sum.add(&estimates[concept]);
            }
        }
    }
    let rows = figures.of_level(Level::Nation).chain(figures.of_level(Level::State));
    let mut found = Vec::new();
    for (area, row) in rows {
        let Some(sums) = sums.get(&area) else { continue };
        for (concept, sum) in sums {
            if let (Ok(published), Some(sum)) = (row.estimates[concept].value, sum.value())
                && published != sum
            {
                found.push(format!(
                    "{area} {concept} {published}, its counties {sum} ({})",
                    file_names(figures)
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census::Estimate;
    use crate::reference::Regions;
    use crate::spec::SpecFiles;

    /// Figures with the residents and foreign-born of areas, given by GEO_ID.
    fn of(year: u16, areas: &[(&str, i64, i64)]) -> Figures {
        let estimates = |people, born| {
            let mut estimates = AreaEstimates::default();
            estimates[Concept::Population] = Estimate::new(people, 1);
            estimates[Concept::ForeignBorn] = Estimate::new(born, 1);
            AreaFigures { name: None, estimates }
        };
        let areas = areas.iter().map(|(id, a, b)| (Area::of_geo_id(id).unwrap(), estimates(*a, *b)));
        Figures {
            vintage: Vintage::five_years(year).unwrap(),
            inputs: Vec::new(),
            sources: Vec::new(),
            areas: areas.collect(),
            is_sample: true,
        }
    }

    #[test]
    fn a_state_is_the_sum_of_its_counties() {
        let Regions { states, counties } = Regions::load(&SpecFiles::default()).unwrap();
        let delaware = |born| {
            of(
                2023,
                &[
                    ("0400000US10", 60, born),
                    ("0500000US10001", 10, 1),
                    ("0500000US10003", 20, 2),
                    ("0500000US10005", 30, 3),
                ],
            )
        };
        assert!(sums_of_counties(&delaware(6), &counties, &states).is_empty());
        let found = sums_of_counties(&delaware(7), &counties, &states);
        assert_eq!(found, ["0400000US10 foreign_born 7, its counties 6 ()"]);
        let lacking = of(2023, &[("0400000US10", 60, 7), ("0500000US10001", 10, 1)]);
        assert!(sums_of_counties(&lacking, &counties, &states).is_empty());
    }

    #[test]
    fn areas_of_nowhere_are_not_read() {
        let Regions { states, counties } = Regions::load(&SpecFiles::default()).unwrap();
        let unknown = |year, id| unknown_areas(&of(year, &[(id, 1, 0)]), &counties, &states);
        for nowhere in ["0400000US99", "1600000US9999999", "0600000US0199999999", "0500000US09001"] {
            assert_eq!(unknown(2023, nowhere), [nowhere]);
        }
        for there in ["0500000US09001", "0600000US0900104720", "1600000US0918430", "0500000US72001"] {
            assert!(unknown(2021, there).is_empty(), "{there}");
        }
    }
}
