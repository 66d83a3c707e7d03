//! Gates: what must hold of the tables before they are published.
//!
//! Which there are, whether they block and their thresholds: `pipelines/agreements/checks.toml`. Each
//! outcome, passed or not, is in `run.json` with what was expected and what was found.

mod gates;
mod integrity;
mod new_lists;

use jiff::civil::Date;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::acquire::Refusal;
use crate::frames::{FrameError, Frames};
use crate::spec::{CheckSpec, SpecError, Tables};
use crate::tables::Results;
use crate::watch::Seen;

pub use integrity::{duplicate_keys, unresolved};
pub use new_lists::Against;

/// What came of one check.
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
    /// The last run found the same, and told it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
}

/// Marks the failures that are told once and that the last run has told.
pub fn mark_repeated(outcomes: &mut [Outcome], specs: &[CheckSpec], before: &[(String, String)]) {
    for outcome in outcomes.iter_mut().filter(|outcome| !outcome.passed) {
        let is_told_once = specs.iter().any(|spec| spec.name == outcome.name && spec.once);
        let was_told =
            || before.iter().any(|(name, actual)| *name == outcome.name && *actual == outcome.actual);
        outcome.repeated = is_told_once && was_told();
    }
}

impl Outcome {
    fn new(spec: &CheckSpec, (passed, expected, actual): Found) -> Self {
        let CheckSpec { name, text, blocking, .. } = spec.clone();
        Self { name, text, blocking, passed, expected, actual, accepted: None, repeated: false }
    }

    /// Whether nothing may be published.
    pub fn blocks(&self) -> bool {
        self.blocking && !self.passed && self.accepted.is_none()
    }
}

/// What a person lets through (`--accept NAME --reason TEXT`).
#[derive(Debug, Clone, Default)]
pub struct Accept {
    pub names: Vec<String>,
    pub reason: String,
}

impl Accept {
    /// Why these cannot be accepted, if they cannot.
    pub fn refused(&self, specs: &[CheckSpec]) -> Option<String> {
        self.names.iter().find_map(|name| match specs.iter().find(|spec| spec.name == *name) {
            Some(spec) if !spec.blocking => {
                Some(format!("--accept {name}: is a warning, which holds nothing up"))
            }
            Some(spec) if !spec.acceptable => {
                Some(format!("--accept {name}: cannot be accepted: a release that fails it is broken"))
            }
            Some(_) => None,
            None => {
                let known = specs.iter().filter(|spec| spec.blocking && spec.acceptable);
                let known: Vec<&str> = known.map(|spec| spec.name.as_str()).collect();
                Some(format!("--accept {name}: no such check; there are {}", known.join(", ")))
            }
        })
    }

    /// Marks the failures that are let through.
    pub fn mark(&self, outcomes: &mut [Outcome]) {
        for outcome in outcomes.iter_mut().filter(|outcome| !outcome.passed) {
            if self.names.contains(&outcome.name) {
                outcome.accepted = Some(self.reason.clone());
            }
        }
    }
}

/// A check could not be run, or one that blocks has failed.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Of all that were asked, at least one that blocks has failed. Exit code 6.
    #[error("{}", describe(.0))]
    Blocked(Vec<Outcome>),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error(transparent)]
    Frame(#[from] FrameError),
}

fn describe(outcomes: &[Outcome]) -> String {
    let failed = outcomes.iter().filter(|outcome| outcome.blocks());
    let lines = failed
        .map(|f| format!("check {} failed: {}; expected {}, found {}", f.name, f.text, f.expected, f.actual));
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs every check. Of large tables, which are never held whole, it goes by what was seen on their way.
pub fn checks(
    results: &Results,
    frames: &Frames,
    seen: &[(String, Seen)],
    against: &Against,
) -> Result<Vec<Outcome>, CheckError> {
    let specs = &results.specs.checks.checks;
    specs.par_iter().map(|spec| Ok(Outcome::new(spec, one(spec, results, frames, seen, against)?))).collect()
}

/// The name of the check that the clock alone can make fail.
const FRESH: &str = "source_is_fresh";

/// Asks again, of a release that is there, what time changes: how old its newest list is.
pub fn ask_again(outcomes: &mut [Outcome], specs: &[CheckSpec], newest: Option<Date>, against: &Against) {
    for spec in specs.iter().filter(|spec| spec.name == FRESH) {
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.name == FRESH) {
            *outcome = Outcome::new(spec, new_lists::freshness(spec, newest, against));
        }
    }
}

/// The outcomes as an error, if one that blocks has failed.
pub fn block(outcomes: &[Outcome]) -> Result<(), CheckError> {
    if outcomes.iter().any(Outcome::blocks) { Err(CheckError::Blocked(outcomes.to_vec())) } else { Ok(()) }
}

/// Says in the log which checks failed.
pub fn say_failed(checks: &[Outcome]) {
    let failed: Vec<_> = checks.iter().filter(|outcome| !outcome.passed).collect();
    for outcome in &failed {
        if outcome.repeated {
            info!(check = outcome.name, actual = outcome.actual, "as before");
            continue;
        }
        let accepted = outcome.accepted.as_deref();
        warn!(
            check = outcome.name,
            expected = outcome.expected,
            actual = outcome.actual,
            accepted,
            "check failed"
        );
    }
    info!(step = "check", checks = checks.len(), failed = failed.len(), "tables checked");
}

/// Agencies below the state without a county.
pub fn unplaced(results: &Results) -> usize {
    gates::unplaced_agencies(results).0
}

/// Expected and found, and whether that passes.
type Found = (bool, String, String);

fn one(
    spec: &CheckSpec,
    results: &Results,
    frames: &Frames,
    seen: &[(String, Seen)],
    against: &Against,
) -> Result<Found, CheckError> {
    let tables: &Tables = &results.specs.tables;
    let newest = || results.panel.as_of_lists().last().map(|(_, list)| list.day());
    if let Some(concept) = spec.measure {
        return Ok(gates::shipped_total(spec, concept, results));
    }
    Ok(match spec.name.as_str() {
        "rows_are_conserved" => gates::rows_are_conserved(results, seen),
        "keys_are_unique" => none_of(integrity::all_duplicate_keys(tables, frames, seen)?),
        "references_resolve" => none_of(integrity::all_unresolved(tables, frames, seen)?),
        "lists_are_whole" | "departures_are_few" => at_most(spec, new_lists::largest_loss(results, against))?,
        "rows_do_not_drop" => at_most(spec, new_lists::largest_drop(results, against))?,
        "new_lists_are_understood" => at_most(spec, new_lists::least_resolved(results, against, spec))?,
        "rows_are_not_set_aside" => at_most(spec, new_lists::most_set_aside(results, against, spec))?,
        "headers_are_known" => {
            let is_header = |refusal: &Refusal| matches!(refusal, Refusal::UnknownHeader { .. });
            none_of(new_lists::new_refusals(results, against, is_header))
        }
        "newest_list_is_read" => none_of(new_lists::refused_newest(results, against)),
        "new_lists_are_read" => none_of(new_lists::new_refusals(results, against, |_| true)),
        "lists_are_still_there" => none_of(new_lists::missing_lists(results, against)),
        "days_have_come" => none_of(new_lists::days_to_come(results, against)),
        FRESH => new_lists::freshness(spec, newest(), against),
        "list_agrees_with_page" => {
            let held = results.statements.iter().filter(|compared| compared.list.is_some()).count();
            let (passed, _, actual) = none_of(new_lists::apart_from_page(results));
            let of = format!("{held} of {} statements held against a list", results.statements.len());
            (passed, "the same figures".to_owned(), if passed { of } else { format!("{actual} ({of})") })
        }
        "list_is_near_page" => new_lists::is_near_page(spec, limit_of(spec)?, results, against),
        "pending_list_is_recent" => new_lists::pending_is_recent(results, against),
        "newest_list_stays" => new_lists::newest_stays(newest(), against),
        "agencies_in_their_state" => none_of(gates::agencies_outside_their_state(frames)?),
        "agencies_in_one_state" => none_of(gates::agencies_in_two_states(results)),
        "county_and_municipal_agencies_are_placed" => {
            at_most(spec, gates::unplaced_of_counties_and_towns(results))?
        }
        "local_agencies_are_placed" => at_most(spec, gates::unplaced_agencies(results))?,
        "decisions_are_explained" => none_of(gates::unexplained(results)),
        "states_are_known" => at_most(spec, gates::without(results, |l| l.state.is_none(), false))?,
        "models_are_known" => at_most(spec, gates::without(results, |l| l.model.is_none(), false))?,
        "signed_dates_are_known" => {
            at_most(spec, gates::without(results, |l| l.signed_date.is_none(), true))?
        }
        "rules_nest" => none_of(gates::rules_that_do_not_nest(results)),
        "shares_at_most_one" => none_of(gates::shares_over_one(results)),
        "counties_sum_to_their_state" => none_of(gates::counties_that_do_not_sum(results)),
        "claims_as_recorded" => none_of(gates::claims_not_as_recorded(frames)?),
        "counties_of_the_vintage" => gates::counties_of_the_vintage(results),
        unknown => {
            let message = format!("check {unknown:?} is not one the program knows");
            return Err(SpecError::says("pipelines/agreements/checks.toml", message).into());
        }
    })
}

fn none_of(offenders: Vec<String>) -> Found {
    let actual = match offenders.as_slice() {
        [] => "none".to_owned(),
        some => format!("{}: {}", some.len(), some.iter().take(5).cloned().collect::<Vec<_>>().join("; ")),
    };
    (offenders.is_empty(), "none".to_owned(), actual)
}

fn limit_of(spec: &CheckSpec) -> Result<f64, SpecError> {
    let file = "pipelines/agreements/checks.toml";
    spec.at_most.ok_or_else(|| SpecError::says(file, format!("check {}: needs at_most", spec.name)))
}

fn at_most(spec: &CheckSpec, (count, of): (usize, usize)) -> Result<Found, SpecError> {
    let limit = limit_of(spec)?;
    if let Some(least) = spec.of_at_least.filter(|least| of < *least) {
        return Ok((true, format!("at most {limit}, of {least} and more"), format!("{count} of {of}")));
    }
    let share = if of == 0 { 0.0 } else { count as f64 / of as f64 };
    Ok((share <= limit, format!("at most {limit}"), format!("{share:.4} ({count} of {of})")))
}
