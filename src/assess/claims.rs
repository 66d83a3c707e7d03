//! Published figures, computed again from the public tables, each with a verdict.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::as_of::{AsOf, AsOfRow, as_of};
use crate::query::Query;
use crate::reference::States;
use crate::spec::{Claim, ClaimDefinition, ClaimMeasure, Rules};
use crate::table::{TableError, TableSource};
use crate::words::{Model, Verdict, day_before};

/// The figure computed for a claim, and the verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub computed: Option<f64>,
    pub verdict: Verdict,
    pub definition: String,
}

/// Judges every claim.
pub fn judge<'a>(
    claims: &'a [Claim],
    tables: &dyn TableSource,
    rules: &Rules,
    states: &States,
) -> Result<Vec<(&'a Claim, Judged)>, TableError> {
    let mut judge = ClaimJudge { tables, rules, states, lists: BTreeMap::new() };
    claims.iter().map(|claim| Ok((claim, judge.claim(claim)?))).collect()
}

/// The tables and rules by which claims are judged, with the lists read so far by requested day.
struct ClaimJudge<'a> {
    tables: &'a dyn TableSource,
    rules: &'a Rules,
    states: &'a States,
    lists: BTreeMap<Date, Option<AsOf>>,
}

impl ClaimJudge<'_> {
    fn claim(&mut self, claim: &Claim) -> Result<Judged, TableError> {
        let (day, age) = (claim.as_of_date, claim.list_age_days);
        let computed = match self.reading(&claim.definition, day, age)? {
            Ok(found) => found,
            Err(why) => {
                return Ok(Judged { computed: None, verdict: Verdict::NotCheckable, definition: why });
            }
        };
        let Computed { value, definition } = computed;
        let judged = |verdict, definition| Ok(Judged { computed: Some(value), verdict, definition });
        if value == claim.printed {
            return judged(Verdict::Holds, definition);
        }
        if is_printed(value, claim.printed, claim.definition.measure) {
            return judged(Verdict::HoldsRounded, definition);
        }
        for other in &claim.others {
            match self.reading(other, day, age)? {
                Ok(found) if is_printed(found.value, claim.printed, other.measure) => {
                    let definition = format!("{definition}; holds as: {}", found.definition);
                    return judged(Verdict::HoldsOtherDefinition, definition);
                }
                _ => {}
            }
        }
        judged(Verdict::DoesNotHold, definition)
    }

    /// Computes a figure under one definition; otherwise says why there is none.
    fn reading(
        &mut self,
        reading: &ClaimDefinition,
        day: Date,
        list_age_days: i32,
    ) -> Result<Result<Computed, String>, TableError> {
        let day = reading.as_of.unwrap_or(day);
        let growth_from = match reading.since {
            Some(since) if reading.measure == ClaimMeasure::AgreementGrowth => Some(day_before(since)),
            _ => None,
        };
        for day in [Some(day), growth_from].into_iter().flatten() {
            if let Entry::Vacant(unread) = self.lists.entry(day) {
                unread.insert(as_of(self.tables, day)?);
            }
        }
        let list_of = |day: Date| {
            let list =
                self.lists[&day].as_ref().ok_or_else(|| format!("no list is dated {day} or before"))?;
            let age = (day - list.date).get_days();
            if age > list_age_days {
                return Err(format!("the newest list by {day} is of {}, {age} days older", list.date));
            }
            Ok(list)
        };
        let (list, before) = match (list_of(day), growth_from.map(list_of).transpose()) {
            (Ok(list), Ok(before)) => (list, before),
            (Err(why), _) | (_, Err(why)) => return Ok(Err(why)),
        };
        let computed = compute(reading, list, before, self.tables, self.rules, self.states)?;
        Ok(computed
            .map(|value| Computed { value, definition: describe(reading, list.date) })
            .ok_or_else(|| "the release holds no such coverage".to_owned()))
    }
}

/// Whether a figure equals the printed one: a count exactly, a percentage to the decimals printed. A figure that lies
/// halfway between two printed ones equals both, because publishers round halves either way.
fn is_printed(value: f64, printed: f64, measure: ClaimMeasure) -> bool {
    if !measure.is_percentage() {
        return value == printed;
    }
    // A figure printed as 61.0 counts as 61: the file of claims has numbers.
    let decimals = printed.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let half = 0.5 / 10_f64.powi(decimals as i32);
    // A percentage is a quotient of doubles: its error is far below a billionth.
    (value - printed).abs() <= half + 1e-9
}

/// A figure and its definition in terms of the tables.
struct Computed {
    value: f64,
    definition: String,
}

fn compute(
    reading: &ClaimDefinition,
    list: &AsOf,
    before: Option<&AsOf>,
    tables: &dyn TableSource,
    rules: &Rules,
    states: &States,
) -> Result<Option<f64>, TableError> {
    let models = &rules.groups[&reading.model_group];
    let is_in = |row: &&AsOfRow| match reading.geography.as_str() {
        "all" => true,
        "US" => row.state.is_some_and(|code| states.in_us(code)),
        code => row.state.is_some_and(|state| state.as_str() == code),
    };
    // A row without a readable model counts only if all models are counted.
    let of_group =
        |row: &&AsOfRow| row.model.map_or(models.len() == Model::ALL.len(), |m| models.contains(&m));
    let is_new =
        |row: &&AsOfRow| row.signed.zip(reading.since).is_some_and(|(signed, since)| signed >= since);
    let is_earlier =
        |row: &&AsOfRow| row.signed.zip(reading.since).is_some_and(|(signed, since)| signed < since);
    let rows_of = |list: &AsOf| list.rows.iter().filter(of_group).filter(is_in).count();
    let rows = || list.rows.iter().filter(of_group);
    let here = || rows().filter(is_in);
    let agencies = |rows: &mut dyn Iterator<Item = &AsOfRow>| {
        rows.filter_map(|row| row.agency_id.as_deref()).collect::<BTreeSet<_>>().len()
    };
    let distinct_states = |rows: &mut dyn Iterator<Item = &AsOfRow>, territories: bool| {
        let codes: BTreeSet<_> = rows.filter_map(|row| row.state).collect();
        codes.into_iter().filter(|code| territories || states.in_us(*code)).count()
    };
    let count = match reading.measure {
        ClaimMeasure::Agreements => here().count(),
        ClaimMeasure::NewAgreements => here().filter(is_new).count(),
        ClaimMeasure::EarlierAgreements => here().filter(is_earlier).count(),
        ClaimMeasure::Agencies => agencies(&mut here()),
        ClaimMeasure::NewAgencies => agencies(&mut here().filter(is_new)),
        ClaimMeasure::States => distinct_states(&mut here(), false),
        ClaimMeasure::StatesOfNewAgreements => distinct_states(&mut here().filter(is_new), false),
        ClaimMeasure::StatesAndTerritories => distinct_states(&mut here(), true),
        ClaimMeasure::AgreementShare => {
            let all = rows().count();
            return Ok((all > 0).then(|| here().count() as f64 / all as f64 * 100.0));
        }
        ClaimMeasure::AgreementGrowth => {
            let (now, then) = (here().count() as f64, before.map_or(0, rows_of) as f64);
            return Ok((then > 0.0).then(|| (now - then) / then * 100.0));
        }
        ClaimMeasure::ModelRank => {
            let of =
                |model: Model| list.rows.iter().filter(is_in).filter(|row| row.model == Some(model)).count();
            let own: usize = models.iter().map(|model| of(*model)).sum();
            1 + Model::ALL.iter().filter(|model| of(**model) > own).count()
        }
        ClaimMeasure::CoveredCounties => return covered_counties(reading, list, tables),
    };
    Ok(Some(count as f64))
}

fn covered_counties(
    reading: &ClaimDefinition,
    list: &AsOf,
    tables: &dyn TableSource,
) -> Result<Option<f64>, TableError> {
    let geography = &reading.geography;
    let columns = ["geography", "rule", "model_group", "county_count"];
    let cells = tables.columns_where("coverage", &columns, "list_id", &list.list_id)?;
    let cell = Query::of(&cells)?
        .with_text("geography", &[geography])?
        .with_text("rule", &[reading.rule.as_deref().unwrap_or_default()])?
        .with_text("model_group", &[reading.model_group.as_str()])?
        .table()?;
    Ok(cell.integers("county_count")?.first().copied().flatten().map(|count| count as f64))
}

fn describe(reading: &ClaimDefinition, date: Date) -> String {
    let mut text = format!("{} of the list of {date}", reading.measure.words());
    if let Some(since) = reading.since {
        text = match reading.measure {
            ClaimMeasure::AgreementGrowth => format!("{text}, since the list before {since}"),
            ClaimMeasure::EarlierAgreements => format!("{text}, signed before {since}"),
            _ => format!("{text}, signed on or after {since}"),
        };
    }
    if reading.geography != "all" {
        text = format!("{text}, geography {}", reading.geography);
    }
    if let Some(rule) = &reading.rule {
        text = format!("{text}, rule {rule}");
    }
    format!("{text}, models {}", reading.model_group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_equals_what_it_may_be_printed_as() {
        let is = |value, printed| is_printed(value, printed, ClaimMeasure::AgreementShare);
        assert!(is(61.4, 61.0) && !is(61.6, 61.0));
        assert!(is(12.25, 12.2) && is(12.25, 12.3));
        assert!(is(12.5, 12.0) && is(12.5, 13.0));
        assert!(is(100.0 * 7.0 / 8.0, 87.5) && !is(87.6, 87.5));
        assert!(!is_printed(649.4, 649.0, ClaimMeasure::Agreements));
    }
}
