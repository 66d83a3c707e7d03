//! The tables of the report, as text ready to be shown.

use std::collections::{BTreeMap, BTreeSet};

use enum_map::EnumMap;

use super::super::{CoverageRow, Slice, coverage_rows, has_other_vintage};
use super::grid::{Grid, GridCell};
use super::map::us;
use crate::census::Measure;
use crate::panel::{ComparedFigure, List};
use crate::table::{TableError, TableSource};
use crate::tables::Results;
use crate::text::{percent, plus_minus, thousands};
use crate::words::{AgencyAt, ListStatus, Model, ModelGroup};

/// Model groups shown, the widest last.
const GROUPS: [ModelGroup; 3] = [ModelGroup::Tfm, ModelGroup::Jail, ModelGroup::All];

/// Makes the table of every state and territory with an agreement or figures.
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
    let mut listed: BTreeMap<String, (EnumMap<Model, i64>, BTreeSet<AgencyAt>)> = BTreeMap::new();
    for (_, row) in &list.rows {
        let listing = results.panel.listing(*row);
        let Some(state) = listing.state else { continue };
        let (counts, agencies) = listed.entry(state.to_string()).or_default();
        if let Some(model) = listing.model {
            counts[model] += 1;
        }
        agencies.extend(results.agencies.of_row[*row]);
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
        let none = (EnumMap::default(), BTreeSet::new());
        let (counts, agencies) = listed.get(*code).unwrap_or(&none);
        let mut cells = vec![GridCell::words(named(code)), GridCell::count(agencies.len() as i64)];
        cells.extend([Model::Tfm, Model::Jem, Model::Wso].map(|model| GridCell::count(counts[model])));
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

/// Makes the table of the statements of ICE's page that are compared with a list, the newest first.
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

/// Makes the tables of coverage of the US under every rule, one for each model group.
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

/// Makes the table of changes in coverage of the US, under every rule, from one list to the newest.
pub fn changes_in_coverage(results: &Results, from: usize) -> Grid {
    let cube = &results.cube;
    let (us, newest) = (us(results).unwrap_or_default(), cube.lists.len() - 1);
    let header =
        ["Rule", "Models", "Counties before", "Counties now", "Change", "Foreign-born before", "now"];
    let mut rows = Vec::new();
    for (at, rule) in results.specs.rules.rules.iter().enumerate() {
        for group in GROUPS {
            let Some(group_at) = cube.groups.iter().position(|known| *known == group) else { continue };
            if !cube.is_about(at, group_at) {
                continue;
            }
            let (old, new) = (cube.cell(from, at, group_at, us), cube.cell(newest, at, group_at, us));
            let share = |cell: &crate::coverage::CoverageCell| {
                let covered = &cube.covered[cell.covered];
                let total = &cube.totals[covered.vintage][us].people[Measure::ForeignBorn];
                let part = covered.people[Measure::ForeignBorn].value();
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

/// Makes the table of published claims, with their figures computed again.
pub fn claims(tables: &dyn TableSource) -> Result<Grid, TableError> {
    let frame = tables.table("claims")?;
    let column = |name: &str| frame.texts(name);
    let (printed, verdicts, sources) = (column("printed_text")?, column("verdict")?, column("source_name")?);
    let (definitions, notes) = (column("definition")?, column("note")?);
    let (dates, addresses) = (column("source_date")?, column("source_url")?);
    let no_address = column("source_url_missing_reason")?;
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
            GridCell::words(source(sources[at], dates[at], addresses[at].or(no_address[at]))),
        ]);
    }
    let header = ["As of", "Claim, in our words", "Printed", "Found", "Verdict", "Computed as", "Source"];
    Ok(Grid::new(header, rows))
}

/// Counts the lists by status, and makes the table of those set aside, with the reason.
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

/// Makes the table of unknown values in the rows of the newest list, with list and row.
pub fn unresolved(results: &Results, list: &List) -> Grid {
    let mut rows = Vec::new();
    for (number, row) in &list.rows {
        let listing = results.panel.listing(*row);
        let agency = results.agencies.of_row[*row].map(|at| &results.agencies.agencies[at]);
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
