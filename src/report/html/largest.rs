//! The areas with the most immigrants.

use std::collections::BTreeMap;

use super::grid::{Grid, GridCell};
use super::map::{in_part, share_of_part};
use crate::assess::{BenchmarkRow, Benchmarks, Side};
use crate::census::Measure;
use crate::coverage::InPart;
use crate::tables::Results;
use crate::text::{percent, plus_minus, thousands};
use crate::words::{CountyFips, Extent, ModelGroup, epoch_days};

/// Returns the first areas of a benchmark under a rule, by any model: whether each is covered, by whom, since when, and
/// whether the rule of the map covers it.
pub fn areas(results: &Results, benchmarks: &Benchmarks, benchmark: &str, count: usize) -> Grid {
    let report = &results.specs.report;
    let specs = &results.specs.benchmarks;
    let of = |rule: &str| -> Vec<&BenchmarkRow> {
        let is_of = |row: &&BenchmarkRow| {
            specs[row.benchmark].name == benchmark && row.rule == rule && row.group == ModelGroup::All
        };
        benchmarks.rows.iter().filter(is_of).take(count).collect()
    };
    let extent = |row: &BenchmarkRow| match row.extent {
        Some(Extent::Whole) => "yes",
        Some(Extent::Part) => "in part",
        None => "no",
    };
    // A county that counts as a whole may be policed in part only.
    let map_rule = results.specs.rules.rules.iter().position(|rule| rule.name == report.map_rule);
    let in_part: BTreeMap<CountyFips, InPart> = map_rule
        .map(|rule| in_part(results, rule))
        .unwrap_or_default()
        .into_iter()
        .map(|(county, part)| (results.reaches.counties[usize::from(county)].0, part))
        .collect();
    let part_of = |row: &BenchmarkRow| {
        let part = in_part.get(&benchmarks.areas[row.area].area.county_fips()?)?;
        Some(
            share_of_part(part)
                .map_or_else(|| "in part".into(), |share| format!("in part: {share} of residents")),
        )
    };
    let by_map: BTreeMap<usize, String> = of(&report.map_rule)
        .iter()
        .map(|row| (row.area, part_of(row).unwrap_or_else(|| extent(row).to_owned())))
        .collect();
    let cells = |row: &BenchmarkRow| {
        let area = &benchmarks.areas[row.area];
        let born = area.people[Measure::ForeignBorn];
        let value = born.value.unwrap_or_default();
        let since = row.began.map_or_else(String::new, |began| began.words());
        vec![
            GridCell::count(row.rank as i64),
            GridCell::words(&area.name),
            GridCell::words(area.state.to_string()),
            GridCell {
                text: format!("{}{}", thousands(value), plus_minus(born.moe())),
                sort: Some(value.to_string()),
            },
            GridCell::words(extent(row)),
            GridCell::words(by_map.get(&row.area).cloned().unwrap_or_default()),
            GridCell { text: since, sort: row.began.map(|began| epoch_days(began.by).to_string()) },
            GridCell::words(row.by_whom(area)),
        ]
    };
    let rows: Vec<Vec<GridCell>> = of(&report.top_rule).into_iter().map(cells).collect();
    let covered = ["Covered, ", "Covered, "];
    let rules = [&report.top_rule, &report.map_rule];
    let [top, map] = [0, 1].map(|at| format!("{}{}", covered[at], rules[at]));
    Grid::new(
        ["", "County", "State", "Foreign-born", &top, &map, "Since", "Agencies that reach it, or its own"],
        rows,
    )
}

/// Returns a sentence: how many of a benchmark's areas are covered, and what share of the foreign-born lives in them.
pub fn standing(results: &Results, benchmarks: &Benchmarks) -> String {
    let report = &results.specs.report;
    let found = benchmarks.totals.iter().find(|row| {
        results.specs.benchmarks[row.benchmark].name == report.top_benchmark
            && row.rule == report.top_rule
            && row.group == ModelGroup::All
    });
    let Some(found) = found else { return String::new() };
    let share = |side: &Side| {
        let part = side.people[Measure::ForeignBorn].value().zip(found.us[Measure::ForeignBorn].value());
        part.map_or_else(
            || "an unknown share".into(),
            |(part, whole)| percent(crate::census::share(part, whole)),
        )
    };
    let areas = found.covered.areas + found.in_part.areas + found.uncovered.areas;
    format!(
        "Of the {areas} counties with the most foreign-born residents {} are covered under {}, home to {} of the \
         nation's foreign-born; {} are not, home to {}.",
        found.covered.areas,
        report.top_rule,
        share(&found.covered),
        found.uncovered.areas,
        share(&found.uncovered)
    )
}
