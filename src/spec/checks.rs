//! `pipelines/agreements/checks.toml`: the conditions for publishing a release.

use serde::Deserialize;

use super::{SpecError, SpecFiles};
use crate::words::{Check, Concept, Vintage};

const FILE: &str = "pipelines/agreements/checks.toml";

/// The checks, and the constants that the checks and the spells use.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    /// How many accepted participating lists in a row must lack an agreement before it has ended.
    pub confirm_lists: usize,
    /// A statement of ICE's page is compared with a list at most this many days older, where none is of its own day.
    pub statement_days: i32,
    /// The newest list of another kind is called behind from this many days behind the newest participating list.
    pub pending_behind_days: i64,
    #[serde(rename = "check")]
    pub checks: Vec<CheckSpec>,
}

/// One check.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckSpec {
    pub name: String,
    /// The check of this name; `None` for a total, which `measure` names.
    #[serde(skip)]
    pub check: Option<Check>,
    /// Whether a failure stops the publishing; the failure of a check that does not block is a warning.
    pub blocking: bool,
    /// Whether a person may let a failure through (`--accept`): not where the release would be broken.
    #[serde(default = "yes")]
    pub acceptable: bool,
    pub text: String,
    /// Threshold of a share, 0 to 1.
    pub at_most: Option<f64>,
    /// Threshold of a check that counts days.
    pub at_most_days: Option<i64>,
    /// The number of things below which a share says nothing: one of few is a large share.
    pub of_at_least: Option<usize>,
    /// This many are never too many, whatever their share.
    #[serde(default)]
    pub spare: usize,
    /// Whether a failure is reported once: the next run that finds the same mentions it without alarm.
    #[serde(default)]
    pub once: bool,
    /// Expected value of a total.
    pub equals: Option<i64>,
    /// The figure of the shipped counties that must sum to it: population, foreign_born or noncitizen.
    pub measure: Option<Concept>,
    /// The ACS vintage of the expectation, which says nothing of other vintages.
    pub vintage: Option<Vintage>,
}

fn yes() -> bool {
    true
}

impl Checks {
    /// A check by its name.
    pub fn find(&self, name: &str) -> Option<&CheckSpec> {
        self.checks.iter().find(|check| check.name == name)
    }
}

pub(super) fn load(files: &SpecFiles) -> Result<Checks, SpecError> {
    let mut checks: Checks = files.toml(FILE)?;
    for check in &mut checks.checks {
        check.check = Check::find(&check.name);
        if check.check.is_none() && check.measure.is_none() {
            let message = format!("check {:?} is not one the program knows", check.name);
            return Err(SpecError::says(FILE, message));
        }
    }
    if checks.confirm_lists == 0 {
        return Err(SpecError::says(FILE, "confirm_lists must be at least 1"));
    }
    if checks.statement_days < 0 || checks.pending_behind_days < 0 {
        return Err(SpecError::says(FILE, "statement_days and pending_behind_days are 0 or more"));
    }
    for (at, check) in checks.checks.iter().enumerate() {
        let says = |message: &str| Err(SpecError::says(FILE, format!("check {}: {message}", check.name)));
        if checks.checks[..at].iter().any(|earlier| earlier.name == check.name) {
            return says("is there twice");
        }
        if check.once && check.blocking {
            return says("a check that blocks is told every time: once is for warnings");
        }
        if check.at_most.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return says("at_most is a share, 0 to 1");
        }
    }
    Ok(checks)
}
