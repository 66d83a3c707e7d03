//! `run.json`: what a run read, wrote and checked. Unlike every other file of a release it tells of the
//! run: its clock is here and nowhere else.

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use super::package::Written;
use crate::census::{Figures, Pairing};
use crate::check::Outcome;
use crate::panel::Panel;
use crate::reference::PlaceShares;
use crate::tables::Results;
use crate::words::ListStatus;

/// Everything `run.json` tells.
pub struct RunRecord<'a> {
    pub release_id: &'a str,
    /// sha256 over all that decided what the run would publish.
    pub request_sha256: &'a str,
    pub run_id: &'a str,
    /// When the run started, RFC 3339.
    pub started: &'a str,
    /// The day of the newest participating list.
    pub newest: Option<Date>,
    /// The day of the newest pending list.
    pub newest_pending: Option<Date>,
    /// sha256 over what ICE's page is known to have said.
    pub statements_sha256: Option<&'a str>,
    pub inputs_sha256: &'a str,
    pub specs_sha256: &'a str,
    pub panel: &'a Panel,
    pub figures: &'a [Figures],
    pub pairing: Pairing,
    pub shares: &'a PlaceShares,
    pub written: &'a [Written],
    pub documents: &'a [(String, String)],
    pub counts: &'a Counts,
    pub checks: &'a [Outcome],
    /// What was let through when the same release was made before.
    pub accepted_before: &'a [Value],
    /// Seconds of each step.
    pub steps: &'a [(&'static str, f64)],
    pub peak_memory_bytes: Option<u64>,
}

/// Rows and things each step let through.
#[derive(Debug, Clone, Serialize)]
pub struct Counts {
    pub files_offered: usize,
    pub lists_accepted: usize,
    pub lists_superseded: usize,
    pub lists_duplicate: usize,
    pub lists_stale: usize,
    pub lists_quarantined: usize,
    pub rows_read: usize,
    pub rows_kept: usize,
    pub rows_set_aside_with_duplicate_lists: usize,
    pub blank_rows_skipped: u64,
    pub repairs: usize,
    pub agencies: usize,
    pub agencies_without_county: usize,
    pub agreements: usize,
    pub pending: usize,
    pub coverage_cells: usize,
}

impl Counts {
    /// Counts the lists of a panel; the rest is for the later steps to fill in.
    pub fn of(panel: &Panel) -> Self {
        let with = |status| panel.lists.iter().filter(move |list| list.status == status);
        let rows = |status| with(status).map(|list| list.row_count).sum();
        Self {
            files_offered: panel.lists.len(),
            lists_accepted: with(ListStatus::Accepted).count(),
            lists_superseded: with(ListStatus::Superseded).count(),
            lists_duplicate: with(ListStatus::Duplicate).count(),
            lists_stale: with(ListStatus::Stale).count(),
            lists_quarantined: with(ListStatus::Quarantined).count(),
            rows_read: panel.lists.iter().map(|list| list.rows_read).sum(),
            rows_kept: panel.kept().map(|(_, list)| list.rows.len()).sum(),
            rows_set_aside_with_duplicate_lists: rows(ListStatus::Duplicate),
            blank_rows_skipped: panel.lists.iter().map(|list| u64::from(list.blank_rows)).sum(),
            repairs: panel
                .kept()
                .flat_map(|(_, list)| panel.listings_of(list))
                .map(|l| l.repairs.len())
                .sum(),
            agencies: 0,
            agencies_without_county: 0,
            agreements: 0,
            pending: 0,
            coverage_cells: 0,
        }
    }
}

impl Counts {
    /// Adds what the steps after reading found.
    pub fn found(&mut self, results: &Results) {
        self.agencies = results.agencies.agencies.len();
        self.agencies_without_county = crate::check::unplaced(results);
        self.agreements = results.agreements.agreements.len();
        self.pending = results.pending.len();
        self.coverage_cells = results.cube.len();
    }
}

/// The record as JSON.
pub fn run_json(record: &RunRecord) -> Value {
    let lists = record.panel.lists.iter().map(|list| {
        json!({
            "kind": "list", "file_name": list.file_name, "sha256": list.sha256,
            "list_id": list.list_id, "list_status": list.status.as_str(), "reason": list.reason,
        })
    });
    let inputs = record.figures.iter().flat_map(|f| f.inputs.iter().map(move |input| (f, input)));
    let figures = inputs.map(|(f, input)| {
        json!({
            "kind": "acs", "file_name": input.file_name, "sha256": input.sha256, "acs_form": input.form,
            "acs_vintage": f.vintage.to_string(), "is_sample": f.is_sample,
        })
    });
    let shares =
        record.shares.input.iter().map(
            |input| json!({ "kind": "place_shares", "file_name": input.file_name, "sha256": input.sha256 }),
        );
    let tables = record
        .written
        .iter()
        .map(|w| json!({ "path": w.path, "sha256": w.sha256, "bytes": w.bytes, "rows": w.rows }));
    let accepted = record.checks.iter().filter(|check| check.accepted.is_some()).map(|check| {
        json!({
            "check": check.name, "actual": check.actual, "reason": check.accepted, "run_id": record.run_id,
            "started": record.started,
        })
    });
    let accepted: Vec<Value> = record.accepted_before.iter().cloned().chain(accepted).collect();
    let documents = record.documents.iter().map(|(path, sha256)| json!({ "path": path, "sha256": sha256 }));
    json!({
        "release_id": record.release_id,
        "request_sha256": record.request_sha256,
        "program": "coverage287",
        "program_version": env!("CARGO_PKG_VERSION"),
        "schema_version": super::release::SCHEMA_VERSION,
        "run_id": record.run_id,
        "started": record.started,
        "newest_list_date": record.newest.map(|day| day.to_string()),
        "newest_pending_list_date": record.newest_pending.map(|day| day.to_string()),
        "statements_sha256": record.statements_sha256,
        "inputs_sha256": record.inputs_sha256,
        "specs_sha256": record.specs_sha256,
        "inputs": lists.chain(figures).chain(shares).collect::<Vec<_>>(),
        "acs_vintage_asked": record.pairing.to_string(),
        "outputs": tables.chain(documents).collect::<Vec<_>>(),
        "counts": record.counts,
        "checks": record.checks,
        "accepted": accepted,
        "steps": record.steps.iter().map(|(step, seconds)| json!({ "step": step, "seconds": seconds })).collect::<Vec<_>>(),
        "peak_memory_bytes": record.peak_memory_bytes,
    })
}
