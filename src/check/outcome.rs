//! Outcomes of checks.

use serde::{Deserialize, Serialize};

use crate::exit::{EndsCommand, ExitCode};
use crate::spec::{CheckSpec, SpecError};
use crate::table::TableError;

/// The outcome of one check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    pub name: String,
    pub text: String,
    pub blocking: bool,
    pub passed: bool,
    pub expected: String,
    pub actual: String,
    /// Why a person let a failure through, this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
    /// Whether the last run found the same, and reported it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
}

impl Outcome {
    pub(super) fn new(spec: &CheckSpec, (passed, expected, actual): CheckResult) -> Self {
        let CheckSpec { name, text, blocking, .. } = spec.clone();
        Self { name, text, blocking, passed, expected, actual, accepted: None, repeated: false }
    }

    /// Whether the outcome stops the publishing.
    pub fn blocks(&self) -> bool {
        self.blocking && !self.passed && self.accepted.is_none()
    }
}

/// The check of `coverage287 check`: whether a release is as it was written.
pub const RELEASE_IS_WHOLE: &str = "release_is_whole";

/// A check could not be run, or one that blocks has failed.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// At least one check that blocks has failed; these are all outcomes. Exit code 6.
    #[error("{}", describe(.0))]
    Blocked(Vec<Outcome>),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl EndsCommand for CheckError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Blocked(_) => ExitCode::CHECK,
            Self::Spec(error) => error.exit_code(),
            // The tables of a run are its own: an error in them is a fault of the program.
            Self::Table(_) => ExitCode::FAULT,
        }
    }

    fn hint(&self) -> Option<String> {
        let Self::Blocked(outcomes) = self else { return None };
        let hint = match outcomes.iter().any(|outcome| outcome.name == RELEASE_IS_WHOLE) {
            true => "`coverage287 run` makes it again from the same inputs",
            false => {
                "the previous release is still current; if what the check found is right, publish this once with --accept NAME \
                 --reason TEXT; thresholds are in pipelines/agreements/checks.toml; if figures do not add up, the input files \
                 are wrong: download them again"
            }
        };
        Some(hint.to_owned())
    }
}

fn describe(outcomes: &[Outcome]) -> String {
    let failed = outcomes.iter().filter(|outcome| outcome.blocks());
    let lines = failed
        .map(|f| format!("check {} failed: {}; expected {}, found {}", f.name, f.text, f.expected, f.actual));
    lines.collect::<Vec<_>>().join("\n")
}

/// Expected and found, and whether that passes.
pub(super) type CheckResult = (bool, String, String);

pub(super) fn none_of(offenders: Vec<String>) -> CheckResult {
    let actual = match offenders.as_slice() {
        [] => "none".to_owned(),
        some => format!("{}: {}", some.len(), some.iter().take(5).cloned().collect::<Vec<_>>().join("; ")),
    };
    (offenders.is_empty(), "none".to_owned(), actual)
}

pub(super) fn limit_of(spec: &CheckSpec) -> Result<f64, SpecError> {
    let file = "pipelines/agreements/checks.toml";
    spec.at_most.ok_or_else(|| SpecError::says(file, format!("check {}: needs at_most", spec.name)))
}

pub(super) fn at_most(spec: &CheckSpec, (count, of): (usize, usize)) -> Result<CheckResult, SpecError> {
    let limit = limit_of(spec)?;
    if let Some(least) = spec.of_at_least.filter(|least| of < *least) {
        return Ok((true, format!("at most {limit}, of {least} and more"), format!("{count} of {of}")));
    }
    let share = if of == 0 { 0.0 } else { count as f64 / of as f64 };
    Ok((share <= limit, format!("at most {limit}"), format!("{share:.4} ({count} of {of})")))
}
