//! Ranks the areas of a benchmark.

use super::vintage_figures::VintageFigures;
use crate::census::{Area, Level, Measure};
use crate::reference::Reference;
use crate::spec::{Benchmark, BenchmarkLevel, Order};
use crate::words::{CountyFips, StateCode, Vintage};

/// Areas of a benchmark's level that lack the figure by which it ranks.
#[derive(Debug, Clone, Default)]
pub struct Unranked {
    /// The areas that may belong among the ranked, since they have enough residents.
    pub count: usize,
    /// Names of the largest of them.
    pub names: Vec<String>,
}

/// The most areas without a figure that are named.
const NAMED: usize = 20;

/// The areas of a benchmark's level in rank order, and the areas that lack the figure.
#[derive(Default)]
pub(super) struct Ranked {
    pub(super) areas: Vec<(Area, StateCode)>,
    pub(super) unranked: Unranked,
}

/// Ranks the areas of a benchmark's level; empty if the figures lack the measure.
pub(super) fn ranked(benchmark: &Benchmark, figures: &VintageFigures, reference: &Reference) -> Ranked {
    let states = &reference.states;
    let level = match benchmark.level {
        BenchmarkLevel::County => Level::County,
        BenchmarkLevel::Place => Level::Place,
    };
    let Some(measure) = Measure::find(benchmark.measure.as_str()) else { return Ranked::default() };
    let state_of = |area: Area| states.of_fips(&area.code()[..2]).filter(|state| states.in_us(*state));
    let is_county_of_vintage =
        |area: &Area| area.county_fips().is_none_or(|fips| figures.counties.contains_key(&fips));
    let value = |area: Area, measure: Measure| figures.of(area, measure)?.value.ok();
    let all: Vec<Area> = figures.of_level(level).filter(is_county_of_vintage).collect();
    let areas = all.iter().copied();
    let mut ranked: Vec<(i64, i64, Area)> = areas
        .filter_map(|area| Some((value(area, measure)?, value(area, Measure::Population).unwrap_or(0), area)))
        .filter(|(_, population, _)| *population >= benchmark.min_population)
        .collect();
    match benchmark.order {
        Order::Count => ranked.sort_by_key(|(value, _, area)| (std::cmp::Reverse(*value), *area)),
        Order::Share => {
            ranked.retain(|(_, population, _)| *population > 0);
            let cross = |a: &(i64, i64, Area), b: &(i64, i64, Area)| i128::from(a.0) * i128::from(b.1);
            ranked.sort_by(|a, b| cross(b, a).cmp(&cross(a, b)).then(a.2.cmp(&b.2)));
        }
    }
    ranked.retain(|(.., area)| state_of(*area).is_some());
    // An area without a figure may rank if it has at least as many residents as the last ranked area has immigrants.
    let least = match benchmark.order {
        Order::Count => ranked.get(benchmark.top.saturating_sub(1)).map_or(0, |(value, ..)| *value),
        Order::Share => benchmark.min_population,
    };
    let lacks = |area: &Area| state_of(*area).is_some() && value(*area, measure).is_none();
    let mut unranked: Vec<(i64, Area)> = all
        .iter()
        .filter(|area| !ranked.is_empty() && lacks(area))
        .filter_map(|area| Some((value(*area, Measure::Population)?, *area)))
        .filter(|(residents, _)| *residents >= least.max(benchmark.min_population))
        .collect();
    unranked.sort_by_key(|(residents, area)| (std::cmp::Reverse(*residents), *area));
    let name = |area: Area| {
        let place = reference.places.get(&area.code()).map(|place| place.name.clone());
        let place = place.or_else(|| figures.name(area).map(str::to_owned));
        let state = state_of(area).map_or_else(String::new, |code| format!(", {code}"));
        format!("{}{state}", place.unwrap_or_else(|| area.to_string()))
    };
    Ranked {
        unranked: Unranked {
            count: unranked.len(),
            names: unranked.iter().take(NAMED).map(|(_, area)| name(*area)).collect(),
        },
        areas: ranked.into_iter().filter_map(|(.., area)| Some((area, state_of(area)?))).collect(),
    }
}

/// The counties of the vintage that an area lies in.
pub(super) fn counties_of(area: Area, vintage: &str, reference: &Reference) -> Vec<CountyFips> {
    if let Some(fips) = area.county_fips() {
        return vec![fips];
    }
    let Some(vintage) = Vintage::of_printed(vintage) else { return Vec::new() };
    let is_there = |fips: &CountyFips| reference.counties.get(*fips).is_some_and(|c| c.is_of(vintage.last()));
    let place = reference.places.get(&area.code());
    let counties = place.into_iter().flat_map(|place| place.counties.iter().chain(&place.ended_counties));
    counties.copied().filter(is_there).collect()
}
