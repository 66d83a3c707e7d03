//! Tables `benchmarks` and `benchmark_totals`.

use super::benchmarks::{BenchmarkRow, BenchmarkTotal, Benchmarks, Side};
use super::own_agencies::RankedArea;
use crate::census::{Estimate, Measure, Sum, share, share_margin, share_reliability};
use crate::spec::Specs;
use crate::table::{Table, TableBuilder, TableError};

/// Table `benchmarks`: one row for each area of a benchmark.
pub fn benchmarks(specs: &Specs, found: &Benchmarks) -> Result<Table, TableError> {
    let all = || found.rows.iter();
    let areas = || all().map(|row| &found.areas[row.area]);
    let people = |measure: Measure| areas().map(move |area| area.people[measure]);
    let count = |get: fn(&BenchmarkRow) -> usize| all().map(move |row| Some(get(row) as i64));
    let policed = || all().map(|row| row.policed.as_ref());
    let estimate = |e: Estimate| e.value.ok();
    let moe = |e: Estimate| e.moe().map(|moe| moe.round() as i64);
    TableBuilder::new(&specs.tables, "benchmarks")?
        .text("benchmark", all().map(|row| Some(&specs.benchmarks[row.benchmark].name)))
        .text("rule", all().map(|row| Some(&row.rule)))
        .text("model_group", all().map(|row| Some(row.group.as_str())))
        .integer("rank", count(|row| row.rank))
        .text("geo_id", areas().map(|area| Some(area.area.to_string())))
        .text("geo_level", areas().map(|area| Some(area.area.level().as_str())))
        .text("geo_name", areas().map(|area| Some(&area.name)))
        .text("state_code", areas().map(|area| Some(area.state.to_string())))
        .text("acs_vintage", areas().map(|area| Some(&area.vintage)))
        .integer("population", people(Measure::Population).map(estimate))
        .integer("population_moe", people(Measure::Population).map(moe))
        .integer("foreign_born", people(Measure::ForeignBorn).map(estimate))
        .integer("foreign_born_moe", people(Measure::ForeignBorn).map(moe))
        .integer("noncitizen", people(Measure::Noncitizen).map(estimate))
        .integer("noncitizen_moe", people(Measure::Noncitizen).map(moe))
        .text("covered_extent", all().map(|row| Some(row.extent.map_or("none", |extent| extent.as_str()))))
        .text("policed_extent", policed().map(|policed| Some(policed?.extent.as_str())))
        .number("covered_part", policed().map(|policed| policed?.part))
        .text("covered_part_reason", policed().map(|policed| policed?.reason.as_deref()))
        .integer("agreement_count", count(|row| row.agreements))
        .integer("agency_count", count(|row| row.agencies.len()))
        .text("agency_names", all().map(|row| joined(&row.agencies)))
        .date("began_after_date", all().map(|row| row.began.and_then(|began| began.after)))
        .date("began_by_date", all().map(|row| row.began.map(|began| began.by)))
        .boolean("has_own_body", areas().map(|area| !area.own_agencies.is_empty()))
        .text("own_body_names", areas().map(|area: &RankedArea| joined(&area.own_agencies)))
        .text("own_body_reason", areas().map(|area: &RankedArea| no_agency(area)))
        .sorted()
}

/// Why no agency of an area's own is named.
fn no_agency(area: &RankedArea) -> Option<&str> {
    let why = area.why_none.as_deref().unwrap_or("not in our sources");
    area.own_agencies.is_empty().then_some(why)
}

fn joined(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join("; "))
}

/// One of the three sides of a total.
type GetSide = fn(&BenchmarkTotal) -> &Side;

/// Table `benchmark_totals`: one row for each benchmark, rule and model group.
pub fn benchmark_totals(specs: &Specs, found: &Benchmarks) -> Result<Table, TableError> {
    let all = || found.totals.iter();
    let mut columns = TableBuilder::new(&specs.tables, "benchmark_totals")?
        .text("benchmark", all().map(|row| Some(&specs.benchmarks[row.benchmark].name)))
        .text("rule", all().map(|row| Some(&row.rule)))
        .text("model_group", all().map(|row| Some(row.group.as_str())))
        .text("acs_vintage", all().map(|row| Some(&row.vintage)))
        .text("title", all().map(|row| Some(&specs.benchmarks[row.benchmark].title)))
        .integer("unranked_area_count", all().map(|row| Some(row.unranked.count as i64)))
        .text("unranked_area_names", all().map(|row| joined(&row.unranked.names)));
    let sides: [(&str, GetSide); 3] =
        [("covered", |row| &row.covered), ("part", |row| &row.in_part), ("uncovered", |row| &row.uncovered)];
    for (side, get) in sides {
        columns =
            columns.integer(format!("{side}_area_count"), all().map(move |row| Some(get(row).areas as i64)));
        for measure in Measure::ALL {
            let named = |part: &str| format!("{}_in_{side}{part}", measure.as_str());
            let sums = || all().map(|row| (get(row).people[measure], row.us[measure], get(row).areas));
            columns = columns
                .integer(named(""), sums().map(|(sum, us, _)| sum.value().filter(|_| us.value().is_some())))
                .number(
                    named("_moe"),
                    sums().map(|(sum, us, _)| sum.margin().filter(|_| us.margin().is_some())),
                )
                .number(
                    named("_us_share"),
                    sums().map(|(sum, us, _)| share_of(&sum, &us).map(|(share, _)| share)),
                )
                .number(
                    named("_us_share_moe"),
                    sums().map(|(sum, us, areas)| {
                        share_of(&sum, &us)?.1.map(|moe| if areas == 0 { 0.0 } else { moe })
                    }),
                )
                .text(
                    named("_us_share_reliability"),
                    sums().map(|(sum, us, _)| {
                        let (share, moe) = share_of(&sum, &us)?;
                        let mark = share_reliability(Some(share), moe, specs.census.reliability)?;
                        Some(mark.as_str())
                    }),
                );
        }
    }
    columns.sorted()
}

/// The share of a part in the US, with its margin.
fn share_of(part: &Sum, us: &Sum) -> Option<(f64, Option<f64>)> {
    let (value, whole) = (part.value()?, us.value()?);
    let margins = part.margin().zip(us.margin());
    Some((share(value, whole), margins.map(|(x, y)| share_margin(value, x, whole, y))))
}
