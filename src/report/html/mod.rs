//! `report.html` and its pictures: the release for a person to read. The report is one file that requests nothing from
//! elsewhere and is readable without script.

mod events;
mod grid;
mod largest;
mod map;
mod plots;
mod sections;

use std::collections::BTreeSet;

use askama::Template;
use jiff::civil::Date;

use super::day::Day;
use super::error::ReportError;
use super::summary::Summary;
use super::{CoverageRow, has_other_vintage};
use crate::assess::Benchmarks;
use crate::panel::List;
use crate::reference::Shapes;
use crate::spec::Rule;
use crate::table::TableSource;
use crate::tables::Results;
use crate::words::{EventKind, ListAt, ListKind};
use events::Events;
use grid::Grid;
pub use plots::PlotError;

/// The file name of the report.
pub const REPORT: &str = "report.html";

/// The pictures that a newspaper can use: file name, and what each shows.
pub const PICTURES: [(&str, &str); 3] = [
    ("map.svg", "the county map"),
    ("growth.svg", "agreements by model on each list"),
    ("rules.svg", "foreign-born residents covered under every rule"),
];

/// The benchmark of counties that no agreement reaches, and how many of them are shown.
const LEFT_OUT: &str = "counties_left_out";
const LEFT_OUT_SHOWN: usize = 15;

/// A table with its name, as the template takes it.
struct ShownGrid {
    id: String,
    caption: String,
    grid: Grid,
    is_sortable: bool,
}

impl ShownGrid {
    fn new(id: &str, caption: impl Into<String>, grid: Grid) -> Self {
        Self { id: id.to_owned(), caption: caption.into(), grid, is_sortable: false }
    }

    fn sortable(self) -> Self {
        Self { is_sortable: true, ..self }
    }
}

#[derive(Template)]
#[template(path = "report.html")]
struct Report<'a> {
    release_id: &'a str,
    version: &'static str,
    day: &'a Day,
    new_since: &'a str,
    acs_vintage: &'a str,
    first_day: Date,
    map: String,
    legend: Vec<map::LegendKey>,
    undrawn: Vec<String>,
    map_rule: Option<&'a Rule>,
    growth: String,
    rules_plot: String,
    coverage: Vec<ShownGrid>,
    rules: &'a [Rule],
    state_agencies: &'a [(String, String, String)],
    largest: ShownGrid,
    /// A sentence: how many of the largest counties are covered.
    standing: String,
    left_out: ShownGrid,
    top_rule: &'a str,
    states: ShownGrid,
    previous: Option<Previous>,
    claims: ShownGrid,
    list_counts: Vec<(String, usize)>,
    lists: ShownGrid,
    repairs: &'a [(String, usize)],
    unresolved: ShownGrid,
    warnings: Vec<(&'a str, &'a str)>,
    sources: Vec<String>,
    has_margins: bool,
    /// The vintages that coverage was computed with, the newest first.
    vintages: Vec<String>,
    /// The rules that use another vintage than the other rules, with that vintage.
    other_vintages: Vec<(String, String)>,
    /// The day of the newest pending list.
    pending_day: Option<Date>,
    /// A note on the newest pending list, if there is anything to say.
    pending_note: &'a Option<String>,
    /// The statements of ICE's page, beside the lists.
    statements: ShownGrid,
    pictures: [(&'static str, &'static str); 3],
}

impl Report<'_> {
    fn thousands(&self, count: &usize) -> String {
        crate::text::thousands(*count as i64)
    }
}

/// The changes since earlier lists.
struct Previous {
    day: Date,
    /// How many events there are of each kind.
    event_counts: Vec<(String, usize)>,
    event_table: ShownGrid,
    /// The day of the last list before the recent days, with which the newest is compared.
    recent_day: Date,
    left: ShownGrid,
    left_count: usize,
    state_agencies_left: Vec<String>,
    changes: ShownGrid,
    recent_changes: Option<ShownGrid>,
}

/// Returns the report of the newest list and its pictures: names and bytes.
///
/// # Errors
/// A query, a shape or a drawing that fails: errors of the program or of `data/`.
pub fn pages(
    results: &Results,
    tables: &dyn TableSource,
    summary: &Summary,
    benchmarks: &Benchmarks,
    shapes: &Shapes,
    release_id: &str,
) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    let specs = &results.specs;
    let Some((list_at, list)) = results.panel.as_of_lists().last().copied() else { return Ok(Vec::new()) };
    let Some(day) = summary.days.last() else { return Ok(Vec::new()) };
    let mut map = map::map(results, shapes, list);
    let inline = rendered(&map)?;
    map.is_file = true;
    let map_file = rendered(&map)?;
    let growth = plots::growth(results, "Agreements on ICE's list, and rows of the pending list")?;
    let rules_plot = plots::rules(results, "Foreign-born residents of the US in covered counties, by rule")?;
    let coverage = sections::coverage(results, tables, list)?;
    let coverage = coverage.into_iter().enumerate();
    let coverage = coverage.map(|(at, (what, grid))| ShownGrid::new(&format!("coverage-{at}"), what, grid));
    let largest = largest::areas(results, benchmarks, &specs.report.top_benchmark, specs.report.top);
    let left_out = largest::areas(results, benchmarks, LEFT_OUT, LEFT_OUT_SHOWN);
    let (list_counts, lists) = sections::lists(results);
    let text = Report {
        release_id,
        version: env!("CARGO_PKG_VERSION"),
        day,
        new_since: &summary.new_since,
        acs_vintage: &summary.acs_vintage,
        first_day: plots::first_day(results),
        map: inline,
        legend: map.legend,
        undrawn: map.undrawn,
        map_rule: specs.rules.find(&specs.report.map_rule),
        coverage: coverage.collect(),
        rules: &specs.rules.rules,
        state_agencies: &summary.state_agencies,
        largest: ShownGrid::new("largest", "The largest immigrant counties", largest).sortable(),
        standing: largest::standing(results, benchmarks),
        left_out: ShownGrid::new(
            "left-out",
            "Counties that no agreement reaches, where many of the state are covered",
            left_out,
        )
        .sortable(),
        top_rule: &specs.report.top_rule,
        states: ShownGrid::new(
            "states",
            "Every state and territory",
            sections::states(results, tables, list)?,
        )
        .sortable(),
        previous: previous(results, tables, list_at)?,
        claims: ShownGrid::new(
            "claims",
            "Figures in print, computed again from the tables",
            sections::claims(tables)?,
        )
        .sortable(),
        list_counts,
        lists: ShownGrid::new(
            "set-aside",
            "Lists that count for nothing, or are older than their name",
            lists,
        ),
        repairs: &summary.repairs,
        unresolved: ShownGrid::new(
            "unresolved",
            "What is not known of the rows of the newest list",
            sections::unresolved(results, list),
        ),
        warnings: warnings(results),
        sources: sources(results),
        has_margins: day.coverage.iter().any(|row| row.foreign_born.covered_moe.is_some()),
        vintages: list_vintages(results),
        other_vintages: other_vintages(&day.coverage),
        pending_day: map::pending_list(results).map(List::day),
        pending_note: &summary.pending_note,
        statements: ShownGrid::new(
            "statements",
            "What ICE's page said its lists held, and what the lists hold",
            sections::statements(results),
        )
        .sortable(),
        pictures: PICTURES,
        growth: growth.clone(),
        rules_plot: rules_plot.clone(),
    };
    let html = rendered(&text)?;
    let pictures = [map_file, growth, rules_plot].map(String::into_bytes);
    let pictures = PICTURES.iter().zip(pictures).map(|((name, _), bytes)| ((*name).to_owned(), bytes));
    Ok(std::iter::once((REPORT.to_owned(), html.into_bytes())).chain(pictures).collect())
}

fn rendered(template: &impl Template) -> Result<String, ReportError> {
    Ok(legal(template.render()?))
}

/// Removes from a page what XML does not allow: file names and cells may hold anything.
fn legal(page: String) -> String {
    let is_illegal = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    if page.contains(is_illegal) { page.replace(is_illegal, "") } else { page }
}

/// Returns the changes since the list before the newest, and over the recent days.
fn previous(
    results: &Results,
    tables: &dyn TableSource,
    newest: ListAt,
) -> Result<Option<Previous>, ReportError> {
    let lists = &results.cube.lists;
    let day_of = |position: usize| results.panel.lists[lists[position]].day();
    let Some(before) = lists.iter().position(|at| *at == newest).and_then(|at| at.checked_sub(1)) else {
        return Ok(None);
    };
    let now = day_of(before + 1);
    let recent_days = results.specs.report.recent_days;
    let is_recent = |position: &usize| (now - day_of(*position)).get_days() >= recent_days;
    let recent = (0..=before).rev().find(is_recent).unwrap_or(0);
    let events = events::events(results, tables, day_of(before), None)?;
    let left = events::events(results, tables, day_of(recent), Some(EventKind::Unlisted))?;
    let left_count = left.counts.iter().map(|(_, count)| count).sum();
    let (day, recent_day) = (day_of(before), day_of(recent));
    let changes = |from: usize, id: &str| {
        let caption = format!("Coverage of the US on {} and {now}", day_of(from));
        ShownGrid::new(id, caption, sections::changes_in_coverage(results, from))
    };
    let Events { counts, grid, .. } = events;
    Ok(Some(Previous {
        day,
        recent_day,
        event_table: ShownGrid::new("events", format!("Changes to agreements since the list of {day}"), grid),
        event_counts: counts,
        left: ShownGrid::new(
            "left",
            format!("Agreements that a list after {recent_day} no longer has"),
            left.grid,
        ),
        left_count,
        state_agencies_left: left.state_agencies,
        changes: changes(before, "changes"),
        recent_changes: (recent != before).then(|| changes(recent, "recent-changes")),
    }))
}

/// Returns the vintages that go with the rules that count whole counties, over all lists.
fn list_vintages(results: &Results) -> Vec<String> {
    let (cube, rules) = (&results.cube, &results.specs.rules);
    let by_county = rules.rules.iter().position(|rule| !rules.needs_places(rule)).unwrap_or_default();
    let used: BTreeSet<usize> = (0..cube.lists.len()).map(|list| cube.vintage(list, by_county)).collect();
    used.into_iter().map(|vintage| cube.vintages[vintage].to_string()).collect()
}

/// Returns the rules of a day's coverage that use another vintage than its first rule.
fn other_vintages(coverage: &[CoverageRow]) -> Vec<(String, String)> {
    let others = coverage.iter().filter(|row| has_other_vintage(row, coverage));
    let others: BTreeSet<(String, String)> =
        others.map(|row| (row.rule.clone(), row.acs_vintage.clone())).collect();
    others.into_iter().collect()
}

/// Returns the warnings that concern this release.
fn warnings(results: &Results) -> Vec<(&str, &str)> {
    let rules = &results.specs.rules;
    let has_samples = results.figures.iter().any(|figures| figures.is_sample);
    let speaks = |name: &str| match name {
        "samples_of_counties" => has_samples,
        "place_weighted_is_a_floor" => rules.need_places(),
        _ => true,
    };
    let all = results.specs.warnings.warnings.iter();
    all.filter(|(name, _)| speaks(name)).map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

/// Returns the sources of lists and figures.
fn sources(results: &Results) -> Vec<String> {
    let specs = &results.specs;
    let publishers = [&specs.agreements.source, &specs.census.source];
    let named =
        publishers.map(|source| format!("{}: {} ({})", source.publisher, source.title, source.page_url));
    let participating = results.panel.lists.iter().filter(|list| list.kind == Some(ListKind::Participating));
    let pending = results.panel.lists.iter().filter(|list| list.kind == Some(ListKind::Pending));
    let counted =
        format!("{} participating and {} pending lists were read", participating.count(), pending.count());
    named.into_iter().chain([counted]).collect()
}
