//! The current release, where a run would only make it again.

use jiff::civil::Date;

use super::place::Current;
use super::release::SUMMARY_JSON;
use super::run_json::Counts;
use crate::check::Outcome;

/// A current release that a run would only make again.
#[derive(Debug)]
pub struct Unchanged {
    pub release_id: String,
    /// Where it is, as a person would type it.
    pub shown: String,
    /// The bytes of its summary.
    pub summary: Vec<u8>,
    pub counts: Counts,
    pub checks: Vec<Outcome>,
    /// The day of its newest participating list.
    pub newest: Option<Date>,
    /// The day of its newest pending list.
    pub newest_pending: Option<Date>,
    /// Files that were refused, with the reason.
    pub refused: Vec<(String, String)>,
}

impl Unchanged {
    /// Returns the current release, if this request has made it and it is whole.
    pub fn of(current: &Current, request_sha256: &str) -> Option<Self> {
        let Current { release, run, shown, .. } = current;
        if run.request_sha256 != request_sha256 {
            return None;
        }
        let damage = release.damage().ok()?;
        if !damage.is_empty() {
            tracing::warn!(
                "the current release was changed after it was written; this run makes it again: {}",
                damage.join("; ")
            );
            return None;
        }
        Some(Self {
            release_id: run.release_id.clone(),
            shown: shown.clone(),
            summary: std::fs::read(release.dir.join(SUMMARY_JSON)).ok()?,
            counts: run.counts.clone(),
            checks: run.checks.clone(),
            newest: Some(run.newest()?),
            newest_pending: run.newest_pending(),
            refused: run.refused_files(),
        })
    }
}
