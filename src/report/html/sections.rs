//! The tables of the report, as text ready to be shown.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::{CoverageRow, Slice, coverage_rows, has_other_vintage};
use super::map::{in_part, share_of_part, us};
use crate::assess::{BenchmarkRow, Benchmarks, Side};
use crate::census::Measure;
use crate::coverage::InPart;
use crate::panel::{ComparedFigure, List};
use crate::table::{TableError, TableSource};
use crate::tables::Results;
use crate::text::{percent, plus_minus, thousands};
use crate::words::{CountyFips, Extent, ListStatus, Model, ModelGroup, epoch_days};

/// A cell and, where it is a number, what it is sorted by.
pub struct GridCell {
    pub text: String,
    pub sort: Option<String>,
}

impl GridCell {
    fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), sort: None }
    }

    fn count(value: i64) -> Self {
        Self { text: thousands(value), sort: Some(value.to_string()) }
    }

    fn share(share: Option<f64>, text: String) -> Self {
        let text = if text.is_empty() { "unknown".to_owned() } else { text };
        Self { text, sort: Some(share.map_or_else(|| "-1".into(), |share| share.to_string())) }
    }
}

/// A table as it is shown.
pub struct Grid {
    pub header: Vec<String>,
    pub rows: Vec<Vec<GridCell>>,
    /// Rows left out, and the public table that has them.
    pub not_shown: usize,
    pub table: &'static str,
}

impl Grid {
    /// All rows.
    fn new<const N: usize>(header: [&str; N], rows: Vec<Vec<GridCell>>) -> Self {
        Self { header: header.map(str::to_owned).into(), rows, not_shown: 0, table: "" }
    }

    /// As many rows as a page can take; the rest is in a public table.
    fn first<const N: usize>(header: [&str; N], mut rows: Vec<Vec<GridCell>>, table: &'static str) -> Self {
        let not_shown = rows.len().saturating_sub(ROWS);
        rows.truncate(ROWS);
        Self { not_shown, table, ..Self::new(header, rows) }
    }
}

/// Rows shown of a list that may be long; the rest is in the tables.
const ROWS: usize = 150;

/// Groups shown, the widest last.
const GROUPS: [ModelGroup; 3] = [ModelGroup::Tfm, ModelGroup::Jail, ModelGroup::All];

/// Every state and territory with an agreement or figures.
pub fn states(results: &Results, tables: &dyn TableSource, list: &List) -> Result<Grid, TableError> {
    let rules: Vec<&str> = results.specs.report.state_rules.iter().map(String::as_str).collect();
    let slice = Slice {
        list_id: Some(list.list_id.clone()),
        until: None,
        geography: None,
        rule: None,
        groups: vec![ModelGroup::All.as_str().to_owned()],
    };
    let rows = coverage_rows(tables, &slice, &rules)?;
    let mut by_state: BTreeMap<&str, BTreeMap<&str, &CoverageRow>> = BTreeMap::new();
    for row in &rows {
        by_state.entry(&row.geography).or_default().insert(&row.rule, row);
    }
    let mut listed: BTreeMap<String, ([i64; 3], BTreeSet<u32>)> = BTreeMap::new();
    for (_, row) in &list.rows {
        let listing = results.panel.listing(*row);
        let Some(state) = listing.state else { continue };
        let (counts, agencies) = listed.entry(state.to_string()).or_default();
        if let Some(model) = listing.model {
            counts[model as usize] += 1;
        }
        agencies.extend(results.agencies.of_row[*row as usize]);
    }
    let mut header = vec!["State".to_owned(), "Agencies".to_owned()];
    header.extend([Model::Tfm, Model::Jem, Model::Wso].map(|model| model.to_string()));
    for rule in &rules {
        let row = rows.iter().find(|row| row.rule == **rule);
        let of =
            row.filter(|row| has_other_vintage(row, &rows)).map(|row| format!(" (ACS {})", row.acs_vintage));
        header
            .extend([format!("Counties, {rule}"), format!("Foreign-born, {rule}{}", of.unwrap_or_default())]);
    }
    let named = |code: &str| {
        let state = results.reference.states.iter().find(|state| state.code.as_str() == code);
        state.map_or_else(|| code.to_owned(), |state| state.name.clone())
    };
    let mut grid = Vec::new();
    for (code, of_rule) in by_state.iter().filter(|(code, _)| **code != "US") {
        let none = ([0; 3], BTreeSet::new());
        let (counts, agencies) = listed.get(*code).unwrap_or(&none);
        let mut cells = vec![GridCell::words(named(code)), GridCell::count(agencies.len() as i64)];
        cells.extend(
            [Model::Tfm, Model::Jem, Model::Wso].map(|model| GridCell::count(counts[model as usize])),
        );
        for rule in &rules {
            let Some(row) = of_rule.get(rule) else {
                cells.extend([GridCell::words("unknown"), GridCell::words("unknown")]);
                continue;
            };
            let of = format!(
                "{} of {}{}",
                thousands(row.county_count),
                thousands(row.county_total),
                row.counties_in_part()
            );
            let share = row.foreign_born.share;
            cells.push(GridCell { text: of, sort: Some(row.county_count.to_string()) });
            let of_share = row.foreign_born.share_with_margin();
            let floor = if of_share.is_empty() { "" } else { row.floor(Measure::ForeignBorn) };
            cells.push(GridCell::share(share, format!("{floor}{of_share}")));
        }
        grid.push(cells);
    }
    grid.sort_by(|a, b| a[0].text.cmp(&b[0].text));
    Ok(Grid { header, rows: grid, not_shown: 0, table: "" })
}

/// Statements of ICE's page that are held against a list, the newest first.
pub fn statements(results: &Results) -> Grid {
    let held = results.statements.iter().rev().filter(|compared| compared.list.is_some());
    let rows = held.map(|compared| {
        let figures = |of: fn(&ComparedFigure) -> Option<i64>, is_stated: bool| {
            let figures = compared.figures.iter().filter_map(|figure| {
                let sum = if figure.is_sum && is_stated { " (their sum, not stated)" } else { "" };
                Some(format!("{} {}{sum}", figure.group, thousands(of(figure)?)))
            });
            figures.collect::<Vec<_>>().join(", ")
        };
        let list = compared.list.map(|at| &results.panel.lists[at]);
        let apart = match (compared.rows_apart.unwrap_or_default(), compared.states_differ) {
            (0, true) => "rows equal, states not".to_owned(),
            (0, false) => "equal".to_owned(),
            (1, _) => "1 row apart".to_owned(),
            (rows, _) => format!("{rows} rows apart"),
        };
        vec![
            GridCell::words(compared.statement.stated_printed.clone().unwrap_or_default()),
            GridCell::words(compared.statement.kind.map_or("", |kind| kind.as_str())),
            GridCell::words(figures(|figure| figure.stated_agreements, true)),
            GridCell::words(list.map_or_else(String::new, |list| list.day().to_string())),
            GridCell::words(figures(|figure| figure.listed_agreements, false)),
            GridCell { text: apart, sort: compared.rows_apart.map(|rows| rows.to_string()) },
        ]
    });
    Grid::first(["As of", "List", "Page", "List of", "Rows", "Compared"], rows.collect(), "page_statements")
}

/// Coverage of the US under every rule, one table a model group.
pub fn coverage(
    results: &Results,
    tables: &dyn TableSource,
    list: &List,
) -> Result<Vec<(String, Grid)>, TableError> {
    let rules: Vec<&str> = results.specs.rules.rules.iter().map(|rule| rule.name.as_str()).collect();
    let mut grids = Vec::new();
    for group in GROUPS {
        let slice = Slice {
            list_id: Some(list.list_id.clone()),
            until: None,
            geography: Some("US".into()),
            rule: None,
            groups: vec![group.as_str().to_owned()],
        };
        let rows = coverage_rows(tables, &slice, &rules)?;
        let has_noncitizens = rows.iter().any(|row| row.noncitizen.covered.is_some());
        let mut header: Vec<String> =
            ["Rule", "Counties", "Agreements", "People", "Foreign-born"].map(str::to_owned).into();
        if has_noncitizens {
            header.push("Noncitizens".into());
        }
        let cells = |row: &CoverageRow| {
            let mark = if row.is_upper_bound { " ≤" } else { "" };
            let of = match has_other_vintage(row, &rows) {
                true => format!(" (ACS {})", row.acs_vintage),
                false => String::new(),
            };
            let people = |measure: Measure| {
                let people = row.people(measure);
                let covered = people.covered.map_or_else(|| "unknown".into(), thousands);
                let moe = plus_minus(people.covered_moe);
                let share = people.share_with_margin();
                let share = if share.is_empty() { share } else { format!(", {share}") };
                let floor = row.floor(measure);
                GridCell {
                    text: format!("{floor}{covered}{moe}{share}"),
                    sort: people.covered.map(|n| n.to_string()),
                }
            };
            let mut cells = vec![
                GridCell::words(format!("{}{mark}{of}", row.rule)),
                GridCell {
                    text: format!(
                        "{}{} of {}{}",
                        row.floor(Measure::Population),
                        thousands(row.county_count),
                        thousands(row.county_total),
                        row.counties_in_part()
                    ),
                    sort: Some(row.county_count.to_string()),
                },
                GridCell::count(row.agreement_count),
                people(Measure::Population),
                people(Measure::ForeignBorn),
            ];
            if has_noncitizens {
                cells.push(people(Measure::Noncitizen));
            }
            cells
        };
        let what = match group {
            ModelGroup::Tfm => "Task force: who lives where an agency has one",
            ModelGroup::Jail => "Jail models: who lives where people booked into a jail can be screened",
            _ => "Any model",
        };
        let rows = rows.iter().map(cells).collect();
        grids.push((what.to_owned(), Grid { header, rows, not_shown: 0, table: "" }));
    }
    Ok(grids)
}

/// The first areas of a benchmark under a rule, by any model: covered or not, by whom, since when; and whether the
/// rule of the map covers them.
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
    // A county that counts whole may be policed in part only.
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
        let born = area.people[Measure::ForeignBorn as usize];
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
        ["", "County", "State", "Foreign-born", &top, &map, "Since", "By whom, or bodies of its own"],
        rows,
    )
}

/// How many of a benchmark's areas are covered, and how much of the nation's foreign-born live in them: a sentence.
pub fn standing(results: &Results, benchmarks: &Benchmarks) -> String {
    let report = &results.specs.report;
    let found = benchmarks.totals.iter().find(|row| {
        results.specs.benchmarks[row.benchmark].name == report.top_benchmark
            && row.rule == report.top_rule
            && row.group == ModelGroup::All
    });
    let Some(found) = found else { return String::new() };
    let at = Measure::ForeignBorn as usize;
    let share = |side: &Side| {
        let part = side.people[at].value().zip(found.us[at].value());
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

/// How coverage of the US changed, under every rule, from one list to the newest.
pub fn changes_in_coverage(results: &Results, from: usize) -> Grid {
    let cube = &results.cube;
    let (us, newest) = (us(results).unwrap_or_default(), cube.lists.len() - 1);
    let header =
        ["Rule", "Models", "Counties before", "Counties now", "Change", "Foreign-born before", "now"];
    let mut rows = Vec::new();
    for (at, rule) in results.specs.rules.rules.iter().enumerate() {
        for group in GROUPS {
            let Some(group_at) = cube.groups.iter().position(|known| *known == group) else { continue };
            let (old, new) = (cube.cell(from, at, group_at, us), cube.cell(newest, at, group_at, us));
            let share = |cell: &crate::coverage::CoverageCell| {
                let covered = &cube.covered[cell.covered as usize];
                let total = &cube.totals[covered.vintage][us].people[Measure::ForeignBorn as usize];
                let part = covered.people[Measure::ForeignBorn as usize].value();
                let share = part.zip(total.value()).map(|(part, whole)| crate::census::share(part, whole));
                GridCell::share(share, share.map_or_else(String::new, percent))
            };
            let change = i64::from(new.county_count) - i64::from(old.county_count);
            let sign = if change > 0 { "+" } else { "" };
            rows.push(vec![
                GridCell::words(&rule.name),
                GridCell::words(group.as_str()),
                GridCell::count(old.county_count.into()),
                GridCell::count(new.county_count.into()),
                GridCell { text: format!("{sign}{}", thousands(change)), sort: Some(change.to_string()) },
                share(old),
                share(new),
            ]);
        }
    }
    Grid::new(header, rows)
}

/// Events of agreements in words, of lists after one day and up to another.
pub struct Events {
    /// Event → how many.
    pub counts: Vec<(String, usize)>,
    /// Bodies of a state or territory among them: state, name, model, day of the list.
    pub state_bodies: Vec<String>,
    pub grid: Grid,
}

/// An event in words: an end is settled some lists after the departure.
fn words_of(event: &str) -> String {
    match event {
        "ended" => "earlier departure confirmed".to_owned(),
        other => other.replace('_', " "),
    }
}

/// What happened to agreements on the lists after a day; of these the events of some words, or all.
pub fn events(
    results: &Results,
    tables: &dyn TableSource,
    after: Date,
    only: Option<&str>,
) -> Result<Events, TableError> {
    let frame = tables.table("agreement_events")?;
    let (ids, kinds) = (frame.texts("agreement_id")?, frame.texts("event")?);
    let (old, new) = (frame.texts("old_value")?, frame.texts("new_value")?);
    let days = frame.dates("list_date")?;
    let agreements: BTreeMap<&str, usize> = (results.agreements.agreements.iter().zip(0..))
        .map(|(agreement, at)| (agreement.id.as_str(), at))
        .collect();
    let mut found: Vec<(Date, String, Vec<GridCell>)> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut state_bodies: Vec<(Date, String)> = Vec::new();
    for at in 0..frame.row_count() {
        let Some(day) = days[at].filter(|day| *day > after) else { continue };
        let kind = kinds[at].unwrap_or_default();
        if only.is_some_and(|only| only != kind) {
            continue;
        }
        *counts.entry(kind.to_owned()).or_default() += 1;
        let agreement =
            ids[at].and_then(|id| agreements.get(id)).map(|at| &results.agreements.agreements[*at]);
        let Some(agreement) = agreement else { continue };
        let agency = &results.agencies.agencies[agreement.agency as usize];
        let state = agency.state.map_or_else(String::new, |state| state.to_string());
        let change = match (old[at], new[at]) {
            (Some(old), Some(new)) => format!("{old} → {new}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => String::new(),
        };
        if agency.location.level.is_statewide() {
            state_bodies
                .push((day, format!("{} ({state}, {}, list of {day})", agency.name, agreement.model)));
        }
        let cells = vec![
            GridCell::words(day.to_string()),
            GridCell::words(words_of(kind)),
            GridCell::words(state.clone()),
            GridCell::words(&agency.name),
            GridCell::words(agreement.model.as_str()),
            GridCell::words(change),
            GridCell::words(agreement.status.as_str()),
        ];
        found.push((day, format!("{kind} {state} {} {}", agency.name, agreement.model), cells));
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let rows = found.into_iter().map(|(.., cells)| cells).collect();
    let header = ["List of", "What", "State", "Agency", "Model", "From → to", "The agreement now"];
    let counts = counts.into_iter().map(|(kind, count)| (words_of(&kind), count)).collect();
    state_bodies.sort();
    let state_bodies = state_bodies.into_iter().map(|(_, body)| body).collect();
    Ok(Events { counts, state_bodies, grid: Grid::first(header, rows, "agreement_events") })
}

/// Figures in print, computed again.
pub fn claims(tables: &dyn TableSource) -> Result<Grid, TableError> {
    let frame = tables.table("claims")?;
    let column = |name: &str| frame.texts(name);
    let (printed, verdicts, sources) = (column("printed_text")?, column("verdict")?, column("source_name")?);
    let (definitions, notes) = (column("definition")?, column("note")?);
    let (dates, addresses) = (column("source_date")?, column("source_url")?);
    let source = |name: Option<&str>, date: Option<&str>, address: Option<&str>| {
        let address = address.map_or_else(String::new, |address| format!(" ({address})"));
        format!("{}, {}{address}", name.unwrap_or_default(), date.unwrap_or_default())
    };
    let (values, computed) = (frame.numbers("printed_value")?, frame.numbers("computed_value")?);
    let figure = |value: Option<f64>| match value {
        Some(value) if value.fract() == 0.0 => GridCell::count(value as i64),
        Some(value) => GridCell { text: format!("{value:.1}"), sort: Some(value.to_string()) },
        None => GridCell::words("–"),
    };
    let mut rows = Vec::new();
    for at in 0..frame.row_count() {
        let day = frame.dates("as_of_date")?[at].map_or_else(String::new, |day| day.to_string());
        let note = notes[at].map_or_else(String::new, |note| format!(" ({note})"));
        rows.push(vec![
            GridCell::words(day),
            GridCell::words(printed[at].unwrap_or_default()),
            figure(values[at]),
            figure(computed[at]),
            GridCell::words(verdicts[at].unwrap_or_default().replace('_', " ")),
            GridCell::words(format!("{}{note}", definitions[at].unwrap_or_default())),
            GridCell::words(source(sources[at], dates[at], addresses[at])),
        ]);
    }
    let header = ["As of", "Claim, in our words", "Printed", "Found", "Verdict", "Computed as", "Source"];
    Ok(Grid::new(header, rows))
}

/// How the lists count, and which were set aside, with the reason.
pub fn lists(results: &Results) -> (Vec<(String, usize)>, Grid) {
    let lists = &results.panel.lists;
    let counts = ListStatus::ALL
        .iter()
        .map(|status| (status.to_string(), lists.iter().filter(|list| list.status == *status).count()));
    let aside =
        lists.iter().filter(|list| matches!(list.status, ListStatus::Quarantined | ListStatus::Stale));
    let row = |list: &List| {
        vec![
            GridCell::words(&list.file_name),
            GridCell::words(
                list.date.as_ref().map_or_else(|| "no date".into(), |date| date.date.to_string()),
            ),
            GridCell::words(list.status.as_str()),
            GridCell::words(list.reason.as_deref().unwrap_or_default().lines().next().unwrap_or_default()),
        ]
    };
    let header = ["File", "Date", "Counts as", "Why"];
    (counts.collect(), Grid::first(header, aside.map(row).collect(), "lists"))
}

/// What is not known of the rows of the newest list, with list and row.
pub fn unresolved(results: &Results, list: &List) -> Grid {
    let mut rows = Vec::new();
    for (number, row) in &list.rows {
        let listing = results.panel.listing(*row);
        let agency = results.agencies.of_row[*row as usize].map(|at| &results.agencies.agencies[at as usize]);
        let unplaced = agency
            .filter(|agency| !agency.location.level.is_statewide() && agency.location.counties.is_empty());
        let mut what: Vec<String> = Vec::new();
        for (lacks, name) in [
            (listing.state.is_none(), "state not read"),
            (agency.is_none(), "no agency"),
            (listing.model.is_none(), "model not read"),
            (listing.signed_date.is_none(), "signing date not read"),
        ] {
            if lacks {
                what.push(name.to_owned());
            }
        }
        what.extend(unplaced.map(|agency| format!("county not known: {}", agency.location.evidence)));
        if !what.is_empty() {
            let name = agency.map_or_else(String::new, |agency| agency.name.clone());
            let state = listing.state.map_or_else(String::new, |state| state.to_string());
            rows.push(vec![
                GridCell::words(&list.file_name),
                GridCell::count((*number).into()),
                GridCell::words(state),
                GridCell::words(name),
                GridCell::words(what.join("; ")),
            ]);
        }
    }
    Grid::first(["List", "Row", "State", "Agency", "What is not known"], rows, "listings")
}
