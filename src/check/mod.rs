//! Gates: what must hold of the tables before they are published.
//!
//! Which there are, whether they block and their thresholds: `pipelines/agreements/checks.toml`. Each
//! outcome, passed or not, is in `run.json` with what was expected and what was found.

mod gates;
mod integrity;

use rayon::prelude::*;
use serde::Serialize;

use crate::frames::{FrameError, Frames};
use crate::spec::{CheckSpec, SpecError, Tables};
use crate::tables::Results;
use crate::watch::Seen;

pub use integrity::{duplicate_keys, unresolved};

/// What came of one check.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub name: String,
    pub text: String,
    pub blocking: bool,
    pub passed: bool,
    pub expected: String,
    pub actual: String,
}

/// A check could not be run, or one that blocks has failed.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Exit code 6.
    #[error("{}", describe(.0))]
    Blocked(Vec<Outcome>),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error(transparent)]
    Frame(#[from] FrameError),
}

fn describe(failed: &[Outcome]) -> String {
    let lines = failed
        .iter()
        .map(|f| format!("check {} failed: {}; expected {}, found {}", f.name, f.text, f.expected, f.actual));
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs every check. Of large tables, which are never held whole, it goes by what was seen on their way.
pub fn checks(
    results: &Results,
    frames: &Frames,
    seen: &[(String, Seen)],
) -> Result<Vec<Outcome>, CheckError> {
    results.specs.checks.checks.par_iter().map(|spec| one(spec, results, frames, seen)).collect()
}

/// The outcomes as an error, if one that blocks has failed.
pub fn block(outcomes: &[Outcome]) -> Result<(), CheckError> {
    let failed: Vec<_> = outcomes.iter().filter(|o| o.blocking && !o.passed).cloned().collect();
    if failed.is_empty() { Ok(()) } else { Err(CheckError::Blocked(failed)) }
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
) -> Result<Outcome, CheckError> {
    let tables: &Tables = &results.specs.tables;
    let (passed, expected, actual) = match spec.name.as_str() {
        "rows_are_conserved" => gates::rows_are_conserved(results, seen),
        "keys_are_unique" => none_of(integrity::all_duplicate_keys(tables, frames, seen)?),
        "references_resolve" => none_of(integrity::all_unresolved(tables, frames, seen)?),
        "lists_are_whole" => at_most(spec, gates::largest_loss(results))?,
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
        "foreign_born_total" => gates::foreign_born_total(spec, results),
        "counties_sum_to_their_state" => none_of(gates::counties_that_do_not_sum(results)),
        "claims_as_recorded" => none_of(gates::claims_not_as_recorded(frames)?),
        "counties_of_the_vintage" => gates::counties_of_the_vintage(results),
        unknown => {
            let message = format!("check {unknown:?} is not one the program knows");
            return Err(SpecError::says("pipelines/agreements/checks.toml", message).into());
        }
    };
    let CheckSpec { name, text, blocking, .. } = spec.clone();
    Ok(Outcome { name, text, blocking, passed, expected, actual })
}

fn none_of(offenders: Vec<String>) -> Found {
    let actual = match offenders.as_slice() {
        [] => "none".to_owned(),
        some => format!("{}: {}", some.len(), some.iter().take(5).cloned().collect::<Vec<_>>().join("; ")),
    };
    (offenders.is_empty(), "none".to_owned(), actual)
}

fn at_most(spec: &CheckSpec, (count, of): (usize, usize)) -> Result<Found, SpecError> {
    let limit = spec.at_most.ok_or_else(|| {
        SpecError::says("pipelines/agreements/checks.toml", format!("check {}: needs at_most", spec.name))
    })?;
    if let Some(least) = spec.of_at_least.filter(|least| of < *least) {
        return Ok((true, format!("at most {limit}, of {least} and more"), format!("{count} of {of}")));
    }
    let share = if of == 0 { 0.0 } else { count as f64 / of as f64 };
    Ok((share <= limit, format!("at most {limit}"), format!("{share:.4} ({count} of {of})")))
}
