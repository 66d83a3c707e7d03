//! The record of a run: `last_run.json` beside the releases (and in the store, for `fetch`). It is written whatever the
//! outcome of the run, as long as the run held the lock.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::Outcome;

/// The most characters of an error in the line of a run.
const LINE_CHARS: usize = 600;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Something new is there.
    Changed,
    NothingNew,
    /// Nothing was to be kept (`--dry-run`).
    Dry,
    /// A check that blocks has failed.
    Blocked,
    Failed,
    /// The run was asked to stop.
    Stopped,
}

impl Status {
    /// Whether the run did what it was to do.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Changed | Self::NothingNew | Self::Dry)
    }
}

/// Why a run failed.
#[derive(Debug, Clone)]
pub struct Failure {
    pub status: Status,
    pub exit_code: u8,
    /// What went wrong, with causes and what to do.
    pub text: String,
    /// The checks, where one of them blocks.
    pub checks: Vec<Outcome>,
}

#[cfg(test)]
impl Failure {
    /// A failure of the arguments.
    pub fn of_usage(text: &str) -> Self {
        Self { status: Status::Failed, exit_code: 2, text: text.to_owned(), checks: Vec::new() }
    }
}

/// The last run that did what it was to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Success {
    pub run_id: String,
    pub ended: String,
    pub release_id: Option<String>,
}

/// One run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LastRun {
    /// `run` or `fetch`.
    pub command: String,
    pub run_id: String,
    pub program_version: String,
    /// RFC 3339, both.
    pub started: String,
    pub ended: String,
    pub status: Status,
    pub exit_code: u8,
    /// The whole outcome in one line.
    pub line: String,
    /// What went wrong, with causes and what to do.
    pub error: Option<String>,
    /// The release that the run made or found made; for a failed run the one before, which stays.
    pub release_id: Option<String>,
    /// The day of the newest participating list.
    pub newest_list_date: Option<String>,
    pub counts: Value,
    pub checks: Vec<Outcome>,
    /// Seconds of each step that was done.
    pub steps: Vec<(String, f64)>,
    pub peak_memory_bytes: Option<u64>,
    pub last_success: Option<Success>,
}

/// The outcomes of a run, as far as it got.
#[derive(Debug, Default)]
pub struct Outcomes {
    pub line: String,
    /// Whether readers find something else than before.
    pub has_changed: bool,
    pub is_dry: bool,
    pub release_id: Option<String>,
    pub newest_list_date: Option<String>,
    pub counts: Value,
    pub checks: Vec<Outcome>,
}

impl LastRun {
    /// A run that did what it was to do; the caller fills in times, steps and what went before.
    pub fn good(command: &str, run_id: &str, outcomes: Outcomes) -> Self {
        let Outcomes { line, has_changed, is_dry, release_id, newest_list_date, counts, checks } = outcomes;
        let status = match (is_dry, has_changed) {
            (true, _) => Status::Dry,
            (_, true) => Status::Changed,
            _ => Status::NothingNew,
        };
        let warnings: Vec<&str> = checks
            .iter()
            .filter(|check| !check.passed && !check.repeated)
            .map(|check| check.name.as_str())
            .collect();
        let warnings = match warnings.as_slice() {
            [] => String::new(),
            names => format!("; checks that failed: {}", names.join(", ")),
        };
        let line = format!("{line}{warnings}");
        Self { release_id, newest_list_date, counts, checks, ..Self::new(command, run_id, status, 0, line) }
    }

    /// A run that failed.
    pub fn failed(command: &str, run_id: &str, failure: Failure) -> Self {
        let Failure { status, exit_code, text, checks } = failure;
        let first = text.lines().next().unwrap_or_default();
        // The line goes into an environment and into mails: it is cut to what those bear, and has no control
        // characters.
        let first: String = first.chars().filter(|c| !c.is_control()).take(LINE_CHARS).collect();
        let line = format!("{command} failed (exit {exit_code}): {first}");
        Self { checks, error: Some(text), ..Self::new(command, run_id, status, exit_code, line) }
    }

    fn new(command: &str, run_id: &str, status: Status, exit_code: u8, line: String) -> Self {
        Self {
            command: command.to_owned(),
            run_id: run_id.to_owned(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            started: String::new(),
            ended: String::new(),
            status,
            exit_code,
            line,
            error: None,
            release_id: None,
            newest_list_date: None,
            counts: Value::Null,
            checks: Vec::new(),
            steps: Vec::new(),
            peak_memory_bytes: None,
            last_success: None,
        }
    }

    /// Takes over from the run before what still holds, and the last run that did what it was to do: this one, or the
    /// one remembered before.
    pub fn follows(&mut self, before: Option<&Self>) {
        self.last_success = if self.status.is_good() && self.status != Status::Dry {
            Some(Success {
                run_id: self.run_id.clone(),
                ended: self.ended.clone(),
                release_id: self.release_id.clone(),
            })
        } else {
            before.and_then(|run| run.last_success.clone())
        };
        // The published release is still the one before.
        if !self.status.is_good() {
            self.release_id = before.and_then(|run| run.release_id.clone());
            self.newest_list_date = before.and_then(|run| run.newest_list_date.clone());
        }
    }

    /// Whether somebody should know: something changed or failed, works again, or other checks fail than in the last
    /// run.
    pub fn is_news(&self, before: Option<&Self>) -> bool {
        let failing = |run: &Self| -> Vec<String> {
            run.checks.iter().filter(|check| !check.passed).map(|check| check.name.clone()).collect()
        };
        match self.status {
            Status::Dry => false,
            // It works again.
            Status::NothingNew if before.is_some_and(|run| !run.status.is_good()) => true,
            Status::NothingNew => {
                before.map_or(!failing(self).is_empty(), |run| failing(run) != failing(self))
            }
            _ => true,
        }
    }

    /// Writes the record as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("a record is plain data");
        text.push(b'\n');
        text
    }

    /// Reads a record from JSON, if the text is one.
    pub fn from_json(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, passed: bool) -> Outcome {
        let text = String::new;
        Outcome {
            name: name.into(),
            text: text(),
            blocking: false,
            passed,
            expected: text(),
            actual: text(),
            accepted: None,
            repeated: false,
        }
    }

    fn run(has_changed: bool, checks: Vec<Outcome>) -> LastRun {
        LastRun::good(
            "run",
            "1",
            Outcomes { line: "done".into(), has_changed, checks, ..Outcomes::default() },
        )
    }

    #[test]
    fn change_failure_and_other_checks_are_news() {
        let quiet = run(false, vec![check("a", true)]);
        let warns = run(false, vec![check("a", false)]);
        assert!(run(true, Vec::new()).is_news(Some(&quiet)));
        assert!(!quiet.is_news(Some(&quiet)) && !quiet.is_news(None) && !warns.is_news(Some(&warns)));
        assert!(warns.is_news(Some(&quiet)) && warns.is_news(None) && quiet.is_news(Some(&warns)));
        let failed = LastRun::failed("run", "2", Failure::of_usage("no such list"));
        assert!(failed.is_news(Some(&failed)));
        assert_eq!(failed.line, "run failed (exit 2): no such list");
        assert_eq!(warns.line, "done; checks that failed: a");
    }

    #[test]
    fn the_last_success_is_remembered_through_failures() {
        let mut first = run(true, Vec::new());
        first.follows(None);
        let mut second = LastRun::failed("run", "2", Failure::of_usage("x"));
        second.follows(Some(&first));
        assert_eq!(second.last_success.as_ref().map(|s| s.run_id.as_str()), Some("1"));
        let back = LastRun::from_json(&second.to_json()).unwrap();
        assert_eq!(back.last_success, second.last_success);
    }
}
