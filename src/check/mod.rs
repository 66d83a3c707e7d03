//! Checks: conditions on the tables before they are published.
//!
//! `pipelines/agreements/checks.toml` lists the checks, whether they block, and their thresholds. Each outcome, passed
//! or not, is in `run.json` with what was expected and what was found.

mod new_lists;
mod outcome;
mod whole_tables;

use jiff::civil::Date;
use rayon::prelude::*;
use tracing::{info, warn};

use crate::acquire::Refusal;
use crate::spec::CheckSpec;
use crate::table::{KeyFindings, TableSource};
use crate::tables::Results;

use crate::words::Check;
pub use new_lists::Baseline;
pub use outcome::{CheckError, Outcome, RELEASE_IS_WHOLE};
use outcome::{CheckResult, at_most, limit_of, none_of};

/// Marks the failures that are reported once and that the last run has reported.
pub fn mark_repeated(outcomes: &mut [Outcome], specs: &[CheckSpec], before: &[(String, String)]) {
    for outcome in outcomes.iter_mut().filter(|outcome| !outcome.passed) {
        let is_told_once = specs.iter().any(|spec| spec.name == outcome.name && spec.once);
        let was_told =
            || before.iter().any(|(name, actual)| *name == outcome.name && *actual == outcome.actual);
        outcome.repeated = is_told_once && was_told();
    }
}

/// The failed checks that a person lets through (`--accept NAME --reason TEXT`).
#[derive(Debug, Clone, Default)]
pub struct Accept {
    pub names: Vec<String>,
    pub reason: String,
}

impl Accept {
    /// Says why these cannot be accepted, if they cannot.
    pub fn refused(&self, specs: &[CheckSpec]) -> Option<String> {
        self.names.iter().find_map(|name| match specs.iter().find(|spec| spec.name == *name) {
            Some(spec) if !spec.blocking => Some(format!(
                "--accept {name}: this check only warns and stops no release; leave the option out"
            )),
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

/// Runs every check. `keys` are the findings on the keys and references of each table while it was encoded.
pub fn checks(
    results: &Results,
    tables: &dyn TableSource,
    keys: &[(String, KeyFindings)],
    baseline: &Baseline,
) -> Result<Vec<Outcome>, CheckError> {
    let specs = &results.specs.checks.checks;
    specs.par_iter().map(|spec| Ok(Outcome::new(spec, one(spec, results, tables, keys, baseline)?))).collect()
}

/// Runs every check, marks the failures that a person lets through and those that the last run reported already, and
/// stops where one blocks.
///
/// # Errors
/// [`CheckError::Blocked`] with all outcomes.
pub fn checked(
    results: &Results,
    tables: &dyn TableSource,
    keys: &[(String, KeyFindings)],
    baseline: &Baseline,
    accept: &Accept,
) -> Result<Vec<Outcome>, CheckError> {
    let mut outcomes = checks(results, tables, keys, baseline)?;
    accept.mark(&mut outcomes);
    mark_repeated(&mut outcomes, &results.specs.checks.checks, &baseline.failed_before);
    say_failed(&outcomes);
    block(&outcomes)?;
    Ok(outcomes)
}

/// Repeats for an existing release the check that depends on time: how old its newest list is.
pub fn ask_again(outcomes: &mut [Outcome], specs: &[CheckSpec], newest: Option<Date>, baseline: &Baseline) {
    for spec in specs.iter().filter(|spec| spec.check == Some(Check::SourceIsFresh)) {
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.name == spec.name) {
            *outcome = Outcome::new(spec, new_lists::freshness(spec, newest, baseline));
        }
    }
}

/// The outcomes as an error, if one that blocks has failed.
pub fn block(outcomes: &[Outcome]) -> Result<(), CheckError> {
    if outcomes.iter().any(Outcome::blocks) { Err(CheckError::Blocked(outcomes.to_vec())) } else { Ok(()) }
}

/// Logs which checks failed.
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

/// Counts the agencies below the state without a county.
pub fn unplaced(results: &Results) -> usize {
    whole_tables::unplaced_agencies(results).0
}

fn one(
    spec: &CheckSpec,
    results: &Results,
    tables: &dyn TableSource,
    keys: &[(String, KeyFindings)],
    baseline: &Baseline,
) -> Result<CheckResult, CheckError> {
    let newest = || results.panel.as_of_lists().last().map(|(_, list)| list.day());
    if let Some(concept) = spec.measure {
        return Ok(whole_tables::shipped_total(spec, concept, results));
    }
    let Some(check) = spec.check else {
        return Ok((true, "a measure that the check names".into(), "not looked at".into()));
    };
    Ok(match check {
        Check::RowsAreConserved => whole_tables::rows_are_conserved(results, keys),
        Check::KeysAreUnique => {
            none_of(keys.iter().filter_map(|(table, found)| found.wrong_keys(table)).collect())
        }
        Check::ReferencesResolve => {
            none_of(keys.iter().flat_map(|(_, found)| found.unresolved.iter().cloned()).collect())
        }
        Check::ListsAreWhole | Check::DeparturesAreFew => {
            at_most(spec, new_lists::largest_loss(results, baseline))?
        }
        Check::RowsDoNotDrop => at_most(spec, new_lists::largest_drop(results, baseline))?,
        Check::NewListsAreUnderstood => at_most(spec, new_lists::least_resolved(results, baseline, spec))?,
        Check::RowsAreNotSetAside => at_most(spec, new_lists::most_set_aside(results, baseline, spec))?,
        Check::HeadersAreKnown => {
            let is_header = |refusal: &Refusal| matches!(refusal, Refusal::UnknownHeader { .. });
            none_of(new_lists::new_refusals(results, baseline, is_header))
        }
        Check::NewestListIsRead => none_of(new_lists::refused_newest(results, baseline)),
        Check::NewListsAreRead => none_of(new_lists::new_refusals(results, baseline, |_| true)),
        Check::ListsAreStillThere => none_of(new_lists::missing_lists(results, baseline)),
        Check::DaysHaveCome => none_of(new_lists::days_to_come(results, baseline)),
        Check::SourceIsFresh => new_lists::freshness(spec, newest(), baseline),
        Check::ListAgreesWithPage => {
            let held = results.statements.iter().filter(|compared| compared.list.is_some()).count();
            let (passed, _, actual) = none_of(new_lists::apart_from_page(results));
            let of = format!("{held} of {} statements held against a list", results.statements.len());
            (passed, "the same figures".to_owned(), if passed { of } else { format!("{actual} ({of})") })
        }
        Check::ListIsNearPage => new_lists::is_near_page(spec, limit_of(spec)?, results, baseline),
        Check::PendingListIsRecent => new_lists::pending_is_recent(results, baseline),
        Check::NewestListStays => new_lists::newest_stays(newest(), baseline),
        Check::AgenciesInTheirState => none_of(whole_tables::agencies_outside_their_state(tables)?),
        Check::AgenciesInOneState => none_of(whole_tables::agencies_in_two_states(results)),
        Check::CountyAndMunicipalAgenciesArePlaced => {
            at_most(spec, whole_tables::unplaced_of_counties_and_towns(results))?
        }
        Check::LocalAgenciesArePlaced => at_most(spec, whole_tables::unplaced_agencies(results))?,
        Check::DecisionsAreExplained => none_of(whole_tables::unexplained(results)),
        Check::StatesAreKnown => at_most(spec, whole_tables::without(results, |l| l.state.is_none(), false))?,
        Check::ModelsAreKnown => at_most(spec, whole_tables::without(results, |l| l.model.is_none(), false))?,
        Check::SignedDatesAreKnown => {
            at_most(spec, whole_tables::without(results, |l| l.signed_date.is_none(), true))?
        }
        Check::RulesNest => none_of(whole_tables::rules_that_do_not_nest(results)),
        Check::SharesAtMostOne => none_of(whole_tables::shares_over_one(results)),
        Check::CountiesSumToTheirState => none_of(whole_tables::counties_that_do_not_sum(results)),
        Check::ClaimsAsRecorded => none_of(whole_tables::claims_not_as_recorded(tables)?),
        Check::CountiesOfTheVintage => whole_tables::counties_of_the_vintage(results),
    })
}
