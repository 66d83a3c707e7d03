//! `run.json` of a release: what the run that made it read, wrote and checked. Unlike every other file of a release it
//! tells of the run: its clock is here and nowhere else.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::check::Outcome;
use crate::words::ListStatus;

/// The file whose name marks a release; also the only one that tells of a run and not of the data.
pub const RUN_JSON: &str = "run.json";

/// `run.json` of a release. Fields that another version of the program did not write are empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunRecord {
    pub release_id: String,
    /// sha256 over all that decided what the run would publish.
    pub request_sha256: String,
    pub program: String,
    pub program_version: String,
    pub schema_version: u32,
    pub run_id: String,
    /// When the run started, RFC 3339.
    pub started: String,
    /// The day of the newest participating list, ISO 8601.
    pub newest_list_date: Option<String>,
    /// The day of the newest pending list, ISO 8601.
    pub newest_pending_list_date: Option<String>,
    /// sha256 over the known statements of ICE's page.
    pub statements_sha256: Option<String>,
    pub inputs_sha256: String,
    pub specs_sha256: String,
    pub inputs: Vec<RunInput>,
    /// The vintage that was asked for (`--acs-vintage`).
    pub acs_vintage_asked: String,
    pub outputs: Vec<RunOutputFile>,
    pub counts: Counts,
    pub checks: Vec<Outcome>,
    /// Failed checks that were let through, in this run or when the same release was made before.
    pub accepted: Vec<AcceptedCheck>,
    pub steps: Vec<StepSeconds>,
    pub peak_memory_bytes: Option<u64>,
}

impl RunRecord {
    /// The day of the newest participating list.
    pub fn newest(&self) -> Option<Date> {
        self.newest_list_date.as_deref()?.parse().ok()
    }

    /// The day of the newest pending list.
    pub fn newest_pending(&self) -> Option<Date> {
        self.newest_pending_list_date.as_deref()?.parse().ok()
    }

    /// Files of lists that were refused, with the reason.
    pub fn refused_files(&self) -> Vec<(String, String)> {
        let refused = self.inputs.iter().filter_map(|input| match input {
            RunInput::List { file_name, list_status: ListStatus::Quarantined, reason, .. } => {
                Some((file_name.clone(), reason.clone().unwrap_or_default()))
            }
            _ => None,
        });
        refused.collect()
    }
}

/// A file that a run read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RunInput {
    List {
        file_name: String,
        sha256: String,
        list_id: String,
        list_status: ListStatus,
        reason: Option<String>,
    },
    Acs {
        file_name: String,
        sha256: String,
        acs_form: String,
        acs_vintage: String,
        is_sample: bool,
    },
    PlaceShares {
        file_name: String,
        sha256: String,
    },
}

/// A file that a run wrote. Tables have their size; documents are what they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunOutputFile {
    pub path: String,
    pub sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
}

/// A failed check that a person let through.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AcceptedCheck {
    pub check: String,
    pub actual: String,
    pub reason: String,
    pub run_id: String,
    pub started: String,
}

/// How long a step took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StepSeconds {
    pub step: String,
    pub seconds: f64,
}

/// Rows and things each step let through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
