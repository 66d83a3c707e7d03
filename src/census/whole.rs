//! What must hold of the figures of a vintage as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::area::{Area, Level};
use super::margin::Sum;
use super::value::Gap;
use super::{CensusError, Figures};
use crate::reference::{Counties, County, StateKind, States, key};
use crate::spec::{CensusSource, TableAreas};
use crate::words::{Concept, CountyFips, Vintage};

/// How many counties an error names.
const NAMED: usize = 5;

/// Share of counties whose printed name may be another than the code's: names change, columns that slipped do not.
const OTHER_NAMES: f64 = 0.05;

/// How many counties a vintage holds, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathered {
    pub held: usize,
    pub expected: usize,
}

impl Gathered {
    /// Whether none is missing.
    pub fn is_all(self) -> bool {
        self.held == self.expected
    }
}

/// Counties the ACS has in a vintage: of the states and DC, and of Puerto Rico where the tables are of it.
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
    /// How many counties of its vintage it holds.
    pub fn gathered(&self, counties: &Counties, states: &States) -> Gathered {
        let expected = expected(self, self.vintage, counties, states);
        let held = expected.keys().filter(|fips| self.areas.contains_key(&Area::county(**fips))).count();
        Gathered { held, expected: expected.len() }
    }
}

/// Checks that the figures hold every county of their vintage and no other, each with its residents and
/// foreign-born; a sample may lack some. Names must be those of the codes.
///
/// # Errors
/// [`CensusError::Refused`], naming the counties.
pub fn check(
    figures: &Figures,
    is_sample: bool,
    source: &CensusSource,
    counties: &Counties,
    states: &States,
) -> Result<(), CensusError> {
    let vintage = figures.vintage;
    let expected = expected(figures, vintage, counties, states);
    let held: BTreeSet<CountyFips> =
        figures.of_level(Level::County).filter_map(|(area, _)| area.county_fips()).collect();
    let missing: Vec<_> = expected.values().filter(|county| !held.contains(&county.fips)).collect();
    let island = |fips: &CountyFips| {
        counties.get(*fips).is_some_and(|c| expected.is_empty() || c.is_of(vintage.last()))
    };
    let unknown: Vec<_> = held.iter().filter(|fips| !expected.contains_key(fips) && !island(fips)).collect();
    let lacks = |concept: Concept| {
        held.iter().find(|fips| {
            expected.contains_key(fips)
                && figures.areas[&Area::county(**fips)].estimates[concept as usize].value
                    == Err(Gap::NotInInput)
        })
    };
    let lacking = [Concept::Population, Concept::ForeignBorn]
        .into_iter()
        .find_map(|concept| Some((concept, lacks(concept)?)));
    let message = if !unknown.is_empty() {
        let names = unknown.iter().map(ToString::to_string).collect();
        let fits = fits(figures, &held, counties, states);
        format!("{} codes are no counties of vintage {vintage}: {}{fits}", unknown.len(), list(names))
    } else if is_sample {
        return check_names(figures, counties, source);
    } else if held.is_empty() {
        format!("holds no counties of vintage {vintage}")
    } else if !missing.is_empty() {
        let names = missing.iter().map(|county| format!("{} {}", county.fips, county.name)).collect();
        let fits = fits(figures, &held, counties, states);
        let (few, all) = (missing.len(), expected.len());
        format!("{few} of {all} counties of vintage {vintage} are missing: {}{fits}", list(names))
    } else if let Some((concept, county)) = lacking {
        format!("no file has {concept} of county {county}")
    } else {
        return check_names(figures, counties, source);
    };
    let hint = format!("{}; a file of some areas only is taken with --acs-sample", source.instead(vintage));
    Err(CensusError::Refused { file: file_names(figures), message, hint: Some(hint) })
}

/// The names of the files of a vintage.
fn file_names(figures: &Figures) -> String {
    figures.inputs.iter().map(|input| input.file_name.as_str()).collect::<Vec<_>>().join(", ")
}

/// At most [`NAMED`] of the names.
fn list(names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", names[..names.len().min(NAMED)].join(", "))
}

/// The vintages whose counties the file does hold, in words; nothing where it holds those of none.
fn fits(figures: &Figures, held: &BTreeSet<CountyFips>, counties: &Counties, states: &States) -> String {
    let is_whole = |last: &u16| {
        let vintage = Vintage::five_years(*last);
        vintage.is_some_and(|v| expected(figures, v, counties, states).keys().eq(held.iter()))
    };
    // Later ones are like the last that is known.
    let newest = counties.newest_change().max(figures.vintage.last());
    let years: Vec<u16> = (Vintage::FIRST_YEAR..=newest).filter(is_whole).collect();
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

/// Checks that counties bear the names of their codes: else columns have slipped against each other.
fn check_names(figures: &Figures, counties: &Counties, source: &CensusSource) -> Result<(), CensusError> {
    let named = figures.of_level(Level::County).filter_map(|(area, figures)| {
        let county = counties.get(area.county_fips()?)?;
        Some((county, figures.name.as_deref()?))
    });
    let named: Vec<(&County, &str)> = named.collect();
    let others: Vec<_> =
        named.iter().filter(|(county, name)| !key(name).starts_with(&key(&county.base_name))).collect();
    if others.len() as f64 <= named.len() as f64 * OTHER_NAMES {
        return Ok(());
    }
    let names = others.iter().map(|(county, name)| format!("{} {} is {name:?}", county.fips, county.name));
    Err(CensusError::Refused {
        file: file_names(figures),
        message: format!(
            "{} of {} counties do not bear the name of their code: {}",
            others.len(),
            named.len(),
            list(names.collect())
        ),
        hint: Some(format!("were columns sorted apart? {}", source.instead(figures.vintage))),
    })
}

/// Where the counties of a state, or of the nation, do not sum to its own row: GEO_ID, concept, row and sum. Where a
/// county is missing or has no figure nothing is said.
pub fn sums_of_counties(figures: &Figures, counties: &Counties, states: &States) -> Vec<String> {
    let all: Vec<&County> = counties.of_vintage(figures.vintage.last()).collect();
    let of_area = |area: Area| {
        all.iter().filter(move |county| match area.state_fips() {
            Some(state) => county.fips.state_fips() == state,
            None => states.in_us(county.state),
        })
    };
    let rows = figures.of_level(Level::Nation).chain(figures.of_level(Level::State));
    let mut found = Vec::new();
    for (area, row) in rows {
        for concept in Concept::ALL {
            let mut sum = Sum::default();
            for county in of_area(area) {
                let figures = figures.areas.get(&Area::county(county.fips));
                sum.add(&figures.map(|f| f.estimates[*concept as usize]).unwrap_or_default());
            }
            let published = row.estimates[*concept as usize].value.ok();
            if let (Some(published), Some(sum)) = (published, sum.value())
                && published != sum
            {
                found.push(format!("{area} {concept} {published}, its counties {sum}"));
            }
        }
    }
    found
}
