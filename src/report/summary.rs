//! The summary that a run prints at its end, as data.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use typed_index_collections::TiVec;

use super::day::Day;
use super::glance::{DayBeside, Glance, changes, lists_beside};
use super::{Slice, coverage_rows, state_agencies};
use crate::assess::{AsOf, AsOfRow, Benchmarks, as_of};
use crate::census::Measure;
use crate::panel::Panel;
use crate::reference::Reference;
use crate::spec::Specs;
use crate::table::{TableError, TableSource};
use crate::tables::Results;
use crate::words::{ListKind, Model, RowAt, day_before};

/// The models by which the largest counties count as covered.
const TOP_GROUP: &str = "all";
const TOP: usize = 5;

/// The page as data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Summary {
    pub lists: Vec<ListLine>,
    /// How many lists were read beside those shown one by one.
    pub lists_not_shown: usize,
    /// A note on the newest pending list, if there is anything to say.
    pub pending_note: Option<String>,
    pub statements: StatementCounts,
    /// The content of the first page.
    pub glance: Glance,
    /// Rules whose coverage the first page shows.
    pub page_rules: Vec<String>,
    /// Rules that count residents of places and towns.
    pub place_rules: Vec<String>,
    pub days: Vec<Day>,
    pub new_since: String,
    pub acs_vintage: String,
    pub top_rule: String,
    pub top_group: String,
    pub largest_with: Vec<TopCounty>,
    pub largest_without: Vec<TopCounty>,
    /// State agencies behind the statewide rules, on the newest list: state, name, models.
    #[serde(rename = "state_bodies")]
    pub state_agencies: Vec<(String, String, String)>,
    pub claims: Vec<ClaimLine>,
    /// Repair rules, each with the number of listings that it changed.
    pub repairs: Vec<(String, usize)>,
}

/// Counts of statements of ICE's page, by whether they agree with the list of their time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StatementCounts {
    pub all: usize,
    pub agree: usize,
    pub differ: usize,
    /// Statements of a time without a list.
    pub without_list: usize,
}

/// A list that was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListLine {
    pub date: Option<String>,
    pub kind: Option<String>,
    pub status: String,
    pub row_count: i64,
    pub file_name: String,
    pub reason: Option<String>,
}

/// A large immigrant county.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TopCounty {
    pub county_name: String,
    pub state_code: String,
    pub foreign_born: i64,
    pub agreement_count: i64,
}

/// A claim and its verdict.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClaimLine {
    pub as_of_date: String,
    pub printed_text: String,
    pub printed_value: f64,
    pub computed_value: Option<f64>,
    pub verdict: String,
}

/// Model groups shown, the widest last.
pub const GROUPS: [&str; 3] = ["TFM", "jail", "all"];

/// How many lists are shown one by one.
const LISTS_SHOWN: usize = 8;

/// Makes the summary of the newest list of the tables.
pub fn summary(
    results: &Results,
    tables: &dyn TableSource,
    benchmarks: &Benchmarks,
) -> Result<Summary, TableError> {
    let (specs, reference) = (&results.specs, &results.reference);
    let mut lists = list_lines(tables)?;
    let list_count = lists.len();
    let lists_not_shown = lists.len().saturating_sub(LISTS_SHOWN);
    // Lists that were set aside are chosen first: a person must look at them.
    lists.sort_by_key(|line| (line.status == "accepted", std::cmp::Reverse(line.date.clone())));
    lists.truncate(LISTS_SHOWN);
    lists.sort_by(|a, b| (&a.date, &a.file_name).cmp(&(&b.date, &b.file_name)));

    let newest = as_of(tables, Date::MAX)?;
    let list_id = newest.as_ref().map_or_else(String::new, |newest| newest.list_id.clone());
    let beside = newest.as_ref().map(|newest| lists_beside(tables, newest, specs.report.beside));
    let beside = beside.transpose()?.unwrap_or_default();
    let before = as_of(tables, day_before(specs.report.new_since))?;
    let had: BTreeSet<String> =
        before.into_iter().flat_map(|list| list.rows).filter_map(|row| row.agency_id).collect();
    let beside: Vec<DayBeside> = beside
        .into_iter()
        .map(|(why, list)| {
            let day = day(&list, &had, tables, specs, reference)?;
            Ok(DayBeside { why: why.to_owned(), day })
        })
        .collect::<Result<_, TableError>>()?;
    // The full page shows the newest list and the one that the report chooses.
    let chosen = specs.report.beside.to_string();
    let is_shown = |beside: &&DayBeside| beside.why == "newest" || beside.day.date == chosen;
    let days: Vec<Day> = beside.iter().filter(is_shown).map(|beside| beside.day.clone()).rev().collect();
    let place_rules = specs.rules.rules.iter().filter(|rule| specs.rules.needs_places(rule));
    let glance = Glance {
        list_count,
        first_list_date: first_list_date(&results.panel),
        changes: newest.as_ref().map_or(Ok(Vec::new()), |newest| changes(tables, newest.date))?,
        days: beside,
    };
    let vintage = days.last().and_then(|day| day.coverage.first()).map(|row| row.acs_vintage.clone());
    let acs_vintage = vintage.unwrap_or_default();
    let (largest_with, largest_without) = largest_counties(specs, benchmarks);
    Ok(Summary {
        lists,
        lists_not_shown,
        pending_note: results.panel.newest_of(ListKind::Pending, specs.checks.pending_behind_days).message(),
        statements: statement_counts(results),
        glance,
        page_rules: specs.report.state_rules.clone(),
        place_rules: place_rules.map(|rule| rule.name.clone()).collect(),
        days,
        new_since: specs.report.new_since.to_string(),
        acs_vintage,
        top_rule: specs.report.top_rule.clone(),
        top_group: TOP_GROUP.to_owned(),
        largest_with,
        largest_without,
        state_agencies: state_agencies(tables, &list_id)?,
        claims: claim_lines(tables)?,
        repairs: repairs_by_rule(&results.panel),
    })
}

/// Returns the day of the first participating list that counts.
fn first_list_date(panel: &Panel) -> String {
    panel.as_of_lists().first().map_or_else(String::new, |(_, list)| list.day().to_string())
}

fn statement_counts(results: &Results) -> StatementCounts {
    let count = |wanted| results.statements.iter().filter(|compared| compared.agrees() == wanted).count();
    StatementCounts {
        all: results.statements.len(),
        agree: count(Some(true)),
        differ: count(Some(false)),
        without_list: count(None),
    }
}

fn list_lines(tables: &dyn TableSource) -> Result<Vec<ListLine>, TableError> {
    let lists = &tables.table("lists")?;
    let text = |name: &str| lists.texts(name);
    let (kinds, statuses, names, reasons) =
        (text("list_kind")?, text("list_status")?, text("file_name")?, text("reason")?);
    let (rows, dates) = (lists.integers("row_count")?, lists.dates("list_date")?);
    (0..lists.row_count())
        .map(|at| {
            Ok(ListLine {
                date: dates[at].map(|d| d.to_string()),
                kind: kinds[at].map(str::to_owned),
                status: statuses[at].unwrap_or_default().to_owned(),
                row_count: rows[at].unwrap_or_default(),
                file_name: names[at].unwrap_or_default().to_owned(),
                reason: reasons[at].map(str::to_owned),
            })
        })
        .collect()
}

fn day(
    list: &AsOf,
    had: &BTreeSet<String>,
    tables: &dyn TableSource,
    specs: &Specs,
    reference: &Reference,
) -> Result<Day, TableError> {
    let states_of = |rows: &mut dyn Iterator<Item = &AsOfRow>| -> (usize, usize) {
        let codes: BTreeSet<_> = rows.filter_map(|row| row.state).collect();
        let in_us = codes.iter().filter(|code| reference.states.in_us(**code)).count();
        (in_us, codes.len() - in_us)
    };
    let agencies_of = |rows: &mut dyn Iterator<Item = &AsOfRow>| -> BTreeSet<String> {
        rows.filter_map(|row| row.agency_id.clone()).collect()
    };
    let rows = || list.rows.iter();
    let (states, territories) = states_of(&mut rows());
    let by_model = Model::ALL.iter().map(|model| {
        let of_model = || rows().filter(|row| row.model == Some(*model));
        let (states, territories) = states_of(&mut of_model());
        (model.to_string(), of_model().count(), states, territories)
    });
    let is_new = |row: &&AsOfRow| row.signed.is_some_and(|signed| signed >= specs.report.new_since);
    let new_agencies = agencies_of(&mut rows().filter(is_new));
    let earlier = agencies_of(
        &mut rows().filter(|row| row.signed.is_some_and(|signed| signed < specs.report.new_since)),
    );
    let with_one_before = new_agencies.iter().filter(|id| had.contains(*id) || earlier.contains(*id)).count();
    let rules: Vec<&str> = specs.rules.rules.iter().map(|rule| rule.name.as_str()).collect();
    let slice = Slice {
        list_id: Some(list.list_id.clone()),
        until: None,
        geography: Some("US".into()),
        rule: None,
        groups: GROUPS.map(str::to_owned).into(),
    };
    Ok(Day {
        date: list.date.to_string(),
        agreements: list.rows.len(),
        states,
        territories,
        agencies: agencies_of(&mut rows()).len(),
        by_model: by_model.collect(),
        new_agreements: rows().filter(is_new).count(),
        new_agreement_states: states_of(&mut rows().filter(is_new)).0,
        new_agreement_territories: states_of(&mut rows().filter(is_new)).1,
        new_agencies: new_agencies.len(),
        new_agencies_with_one_before: with_one_before,
        unread_signed_dates: rows().filter(|row| row.signed.is_none()).count(),
        coverage: coverage_rows(tables, &slice, &rules)?,
    })
}

/// Returns the first counties of the report's benchmark that are covered under its rule, and the first that are not.
fn largest_counties(specs: &Specs, benchmarks: &Benchmarks) -> (Vec<TopCounty>, Vec<TopCounty>) {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let report = &specs.report;
    let rows = benchmarks.rows.iter().filter(|row| {
        specs.benchmarks[row.benchmark].name == report.top_benchmark
            && row.rule == report.top_rule
            && row.group.as_str() == TOP_GROUP
    });
    for row in rows {
        let area = &benchmarks.areas[row.area];
        let side = if row.agreements > 0 { &mut with } else { &mut without };
        if side.len() < TOP {
            side.push(TopCounty {
                county_name: area.name.clone(),
                state_code: area.state.to_string(),
                foreign_born: area.people[Measure::ForeignBorn].value.unwrap_or_default(),
                agreement_count: row.agreements as i64,
            });
        }
    }
    (with, without)
}

fn claim_lines(tables: &dyn TableSource) -> Result<Vec<ClaimLine>, TableError> {
    let claims = &tables.table("claims")?;
    let (printed, verdicts) = (claims.texts("printed_text")?, claims.texts("verdict")?);
    let (values, computed, days) =
        (claims.numbers("printed_value")?, claims.numbers("computed_value")?, claims.dates("as_of_date")?);
    (0..claims.row_count())
        .map(|at| {
            Ok(ClaimLine {
                as_of_date: days[at].map_or_else(String::new, |d| d.to_string()),
                printed_text: printed[at].unwrap_or_default().to_owned(),
                printed_value: values[at].unwrap_or_default(),
                computed_value: computed[at],
                verdict: verdicts[at].unwrap_or_default().to_owned(),
            })
        })
        .collect()
}

fn repairs_by_rule(panel: &Panel) -> Vec<(String, usize)> {
    let mut listed: TiVec<RowAt, usize> = vec![0; panel.listings.len()].into();
    for (_, row) in panel.kept().flat_map(|(_, list)| &list.rows) {
        listed[*row] += 1;
    }
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for (listing, times) in panel.listings.iter().zip(listed).filter(|(_, times)| *times > 0) {
        for rule in listing.repairs.iter().flat_map(|repair| repair.rule.split('+')) {
            *by_rule.entry(rule).or_default() += times;
        }
    }
    let mut all: Vec<_> = by_rule.into_iter().map(|(rule, rows)| (rule.to_owned(), rows)).collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    all
}
