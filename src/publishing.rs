//! Step `publish`: makes the documents of a release, and puts all of it in place in one step.

use jiff::civil::Date;
use tracing::info;

use crate::check::{Outcome, unplaced};
use crate::error::Error;
use crate::fingerprints::Fingerprints;
use crate::panel::{List, Panel};
use crate::publish::{
    AcceptedCheck, Cited, Counts, Encoded, PublishPermit, Published, RunInput, RunOutputFile, RunRecord,
    SCHEMA_VERSION, SUMMARY_JSON, StepSeconds, dictionary, package,
};
use crate::reference::PlaceShares;
use crate::report::{Reported, Summary};
use crate::settings::RunSettings;
use crate::stopwatch::Stopwatch;
use crate::table::{Table, TableError, TableSet, TableSource, Wanted};
use crate::tables::{Results, read_table};
use crate::words::{ListKind, ListStatus, RunStep};

/// A release that was made.
pub struct RunOutput {
    pub release_id: String,
    pub results: Results,
    /// The tables that are held whole.
    small: TableSet,
    pub summary: Summary,
    pub counts: Counts,
    pub checks: Vec<Outcome>,
    /// The day of the newest participating list.
    pub newest: Option<Date>,
    /// The day of the newest pending list.
    pub newest_pending: Option<Date>,
    /// `None` for a dry run.
    pub published: Option<Published>,
}

impl TableSource for RunOutput {
    fn read(&self, table: &str, wanted: Wanted) -> Result<Table, TableError> {
        read_table(&self.results, &self.small, table, wanted)
    }
}

/// Everything a release is put together from, once its tables are encoded and checked.
pub struct Publishing<'a> {
    pub settings: &'a RunSettings,
    pub results: Results,
    /// The tables that are held whole.
    pub small: TableSet,
    pub shares: PlaceShares,
    pub fingerprints: Fingerprints,
    pub checks: Vec<Outcome>,
    /// sha256 over all that decides what is published.
    pub request_sha256: &'a str,
    /// `None` for a dry run.
    pub permit: Option<&'a PublishPermit>,
}

impl Publishing<'_> {
    /// Adds the documents to the tables and puts all in place; a dry run writes nothing.
    ///
    /// # Errors
    /// A file that cannot be written: the previous release stays current.
    pub fn publish(
        self,
        encoded: Encoded,
        reported: Reported,
        stopwatch: &mut Stopwatch,
    ) -> Result<RunOutput, Error> {
        let specs = &self.results.specs;
        let Encoded { mut files, written, .. } = encoded;
        let sources = [&specs.agreements.source, &specs.census.source];
        let id = &self.fingerprints.release_id;
        let package = package(&specs.tables, &specs.warnings, &sources, id, SCHEMA_VERSION, &written);
        let dictionary = dictionary(&specs.tables, &specs.rules, &specs.warnings, &written);
        files.push(("datapackage.json".into(), json_text(&package).into()));
        files.push(("dictionary.md".into(), dictionary.into_bytes().into()));
        let newest_list = newest(&self.results.panel, ListKind::Participating);
        let newest_pending = newest(&self.results.panel, ListKind::Pending);
        let citations = Cited { release_id: id, newest: newest_list.or(newest_pending) }.files();
        files.extend(citations.map(|(name, text)| (name.to_owned(), text.into_bytes().into())));
        files.push((SUMMARY_JSON.into(), json_text(&reported.summary).into()));
        files.extend(reported.files.into_iter().map(|(name, bytes)| (name, bytes.into())));
        let mut published = None;
        if let Some(permit) = self.permit {
            let tables = written.iter().map(|table| RunOutputFile {
                path: table.path.clone(),
                sha256: table.sha256.clone(),
                bytes: Some(table.bytes),
                rows: Some(table.rows),
            });
            let outputs = tables.chain(documents(&files[written.len()..])).collect();
            let run = json_text(&self.run_record(outputs, stopwatch));
            published = Some(self.settings.place.publish(permit, id, &files, &run)?);
            stopwatch.done(RunStep::Publish);
            info!(step = RunStep::Publish.as_str(), release = id.as_str(), "release published");
        }
        Ok(RunOutput {
            counts: counts(&self.results),
            newest: newest_list,
            newest_pending,
            release_id: self.fingerprints.release_id,
            summary: reported.summary,
            results: self.results,
            small: self.small,
            checks: self.checks,
            published,
        })
    }

    fn run_record(&self, outputs: Vec<RunOutputFile>, stopwatch: &Stopwatch) -> RunRecord {
        let Self { settings, results, fingerprints, .. } = self;
        let before = settings.place.run_of(&fingerprints.release_id);
        let mut accepted = before.map(|run| run.accepted).unwrap_or_default();
        accepted.extend(self.checks.iter().filter_map(|check| {
            Some(AcceptedCheck {
                check: check.name.clone(),
                actual: check.actual.clone(),
                reason: check.accepted.clone()?,
                run_id: settings.watched.run_id.clone(),
                started: settings.watched.started.clone(),
            })
        }));
        let step =
            |(step, seconds): &(RunStep, f64)| StepSeconds { step: step.to_string(), seconds: *seconds };
        let newest = |kind| newest(&results.panel, kind).map(|day| day.to_string());
        RunRecord {
            release_id: fingerprints.release_id.clone(),
            request_sha256: self.request_sha256.to_owned(),
            program: "coverage287".to_owned(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            schema_version: SCHEMA_VERSION,
            run_id: settings.watched.run_id.clone(),
            started: settings.watched.started.clone(),
            newest_list_date: newest(ListKind::Participating),
            newest_pending_list_date: newest(ListKind::Pending),
            statements_sha256: fingerprints.statements_sha256.clone(),
            inputs_sha256: fingerprints.inputs_sha256.clone(),
            specs_sha256: results.specs.fingerprint.clone(),
            inputs: inputs(results, &self.shares),
            acs_vintage_asked: settings.acs_vintage.to_string(),
            outputs,
            counts: counts(results),
            checks: self.checks.to_vec(),
            accepted,
            steps: stopwatch.laps().iter().map(step).collect(),
            peak_memory_bytes: stopwatch.peak_memory_bytes(),
        }
    }
}

/// The day of the newest list of a kind that counts.
fn newest(panel: &Panel, kind: ListKind) -> Option<Date> {
    panel.newest_of(kind, 0).list.map(List::day)
}

fn documents(files: &[(String, crate::publish::FileContent)]) -> impl Iterator<Item = RunOutputFile> {
    files.iter().map(|(name, bytes)| RunOutputFile {
        path: name.clone(),
        sha256: bytes.sha256(),
        bytes: None,
        rows: None,
    })
}

/// The files that a run read.
fn inputs(results: &Results, shares: &PlaceShares) -> Vec<RunInput> {
    let lists = results.panel.lists.iter().map(|list| RunInput::List {
        file_name: list.file_name.clone(),
        sha256: list.sha256.clone(),
        list_id: list.list_id.clone(),
        list_status: list.status,
        reason: list.reason.clone(),
    });
    let acs = results.figures.iter().flat_map(|figures| {
        figures.inputs.iter().map(|input| RunInput::Acs {
            file_name: input.file_name.clone(),
            sha256: input.sha256.clone(),
            acs_form: input.form.to_owned(),
            acs_vintage: figures.vintage.to_string(),
            is_sample: figures.is_sample,
        })
    });
    let shares = shares.input.iter().map(|input| RunInput::PlaceShares {
        file_name: input.file_name.clone(),
        sha256: input.sha256.clone(),
    });
    lists.chain(acs).chain(shares).collect()
}

/// How much each step let through.
fn counts(results: &Results) -> Counts {
    let panel = &results.panel;
    let with = |status| panel.lists.iter().filter(move |list| list.status == status);
    let kept = || panel.kept().map(|(_, list)| list);
    Counts {
        files_offered: panel.lists.len(),
        lists_accepted: with(ListStatus::Accepted).count(),
        lists_superseded: with(ListStatus::Superseded).count(),
        lists_duplicate: with(ListStatus::Duplicate).count(),
        lists_stale: with(ListStatus::Stale).count(),
        lists_quarantined: with(ListStatus::Quarantined).count(),
        rows_read: panel.lists.iter().map(|list| list.rows_read).sum(),
        rows_kept: kept().map(|list| list.rows.len()).sum(),
        rows_set_aside_with_duplicate_lists: with(ListStatus::Duplicate).map(|list| list.row_count).sum(),
        blank_rows_skipped: panel.lists.iter().map(|list| u64::from(list.blank_rows)).sum(),
        repairs: kept().flat_map(|list| panel.listings_of(list)).map(|row| row.repairs.len()).sum(),
        agencies: results.agencies.agencies.len(),
        agencies_without_county: unplaced(results),
        agreements: results.agreements.agreements.len(),
        pending: results.pending.len(),
        coverage_cells: results.cube.len(),
    }
}

fn json_text(value: &impl serde::Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("plain data is always JSON");
    text.push(b'\n');
    text
}
