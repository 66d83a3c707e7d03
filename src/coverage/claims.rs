//! Figures in print, computed again from the public tables, with a verdict each.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use polars::prelude::*;

use crate::frames::{FrameError, TableSource, date_of, texts};
use crate::reference::States;
use crate::spec::{Alternative, Claim, Measure, Rules};
use crate::words::{Model, StateCode, epoch_days, from_epoch_days};

/// A claim is checked on a list at most this much older than the day it speaks of.
const LIST_AGE_DAYS: i32 = 7;

/// What was computed for a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub computed: Option<f64>,
    pub verdict: &'static str,
    pub definition: String,
}

/// The rows of one participating list that a count needs.
#[derive(Debug)]
pub struct AsOf {
    pub list_id: String,
    pub date: Date,
    pub rows: Vec<AsOfRow>,
}

/// One row of it.
#[derive(Debug, Clone)]
pub struct AsOfRow {
    pub state: Option<StateCode>,
    pub agency_id: Option<String>,
    pub model: Option<Model>,
    pub signed: Option<Date>,
}

/// The newest accepted participating list dated at or before `day`; `None` before the first.
pub fn as_of(tables: &dyn TableSource, day: Date) -> Result<Option<AsOf>, FrameError> {
    let newest = tables
        .table("lists")?
        .lazy()
        .filter(col("list_kind").eq(lit("participating")).and(col("list_status").eq(lit("accepted"))))
        .filter(col("list_date").cast(DataType::Int32).lt_eq(lit(epoch_days(day))))
        .sort(["list_date"], SortMultipleOptions::default())
        .tail(1)
        .collect()?;
    if newest.height() == 0 {
        return Ok(None);
    }
    let list_id = texts(&newest, "list_id")?.first().copied().flatten().map(str::to_owned);
    let (Some(list_id), Some(date)) = (list_id, date_of(&newest, "list_date", 0)?) else { return Ok(None) };
    let rows = tables.rows_where("listings", "list_id", &list_id)?;
    let days = rows.column("signed_date")?.date()?.physical().iter().map(|d| d.and_then(from_epoch_days));
    let (states, agencies, models) =
        (texts(&rows, "state_code")?, texts(&rows, "agency_id")?, texts(&rows, "model")?);
    let rows =
        states.iter().zip(&agencies).zip(&models).zip(days).map(|(((state, agency), model), signed)| {
            let model = model.and_then(|code| Model::ALL.iter().find(|m| m.as_str() == code).copied());
            AsOfRow {
                state: state.and_then(StateCode::new),
                agency_id: agency.map(str::to_owned),
                model,
                signed,
            }
        });
    Ok(Some(AsOf { rows: rows.collect(), list_id, date }))
}

/// Judges every claim.
pub fn judge<'a>(
    claims: &'a [Claim],
    tables: &dyn TableSource,
    rules: &Rules,
    states: &States,
) -> Result<Vec<(&'a Claim, Judged)>, FrameError> {
    let mut lists: BTreeMap<Date, Option<AsOf>> = BTreeMap::new();
    for claim in claims {
        if let Entry::Vacant(unread) = lists.entry(claim.as_of_date) {
            unread.insert(as_of(tables, claim.as_of_date)?);
        }
    }
    let judge = |claim: &'a Claim| {
        let list = lists.get(&claim.as_of_date).and_then(Option::as_ref);
        Ok((claim, one(claim, list, tables, rules, states)?))
    };
    claims.iter().map(judge).collect()
}

fn one(
    claim: &Claim,
    list: Option<&AsOf>,
    tables: &dyn TableSource,
    rules: &Rules,
    states: &States,
) -> Result<Judged, FrameError> {
    let not_checkable = |why: String| Judged { computed: None, verdict: "not_checkable", definition: why };
    let Some(list) = list else {
        return Ok(not_checkable(format!("no list is dated {} or before", claim.as_of_date)));
    };
    let age = (claim.as_of_date - list.date).get_days();
    if age > LIST_AGE_DAYS {
        let why = format!("the newest list by {} is of {}, {age} days older", claim.as_of_date, list.date);
        return Ok(not_checkable(why));
    }
    let Some(computed) = compute(&claim.definition, list, tables, rules, states)? else {
        return Ok(not_checkable("the release holds no such coverage".into()));
    };
    let definition = describe(&claim.definition, list.date);
    if computed == claim.printed {
        return Ok(Judged { computed: Some(computed), verdict: "holds", definition });
    }
    if computed.round() == claim.printed && claim.definition.measure == Measure::AgreementShare {
        return Ok(Judged { computed: Some(computed), verdict: "holds_rounded", definition });
    }
    for other in &claim.others {
        if compute(other, list, tables, rules, states)? == Some(claim.printed) {
            let definition = format!("{definition}; holds as: {}", describe(other, list.date));
            return Ok(Judged { computed: Some(computed), verdict: "holds_other_definition", definition });
        }
    }
    Ok(Judged { computed: Some(computed), verdict: "does_not_hold", definition })
}

fn compute(
    reading: &Alternative,
    list: &AsOf,
    tables: &dyn TableSource,
    rules: &Rules,
    states: &States,
) -> Result<Option<f64>, FrameError> {
    let models = &rules.groups[&reading.model_group];
    let is_in = |row: &&AsOfRow| match reading.geography.as_str() {
        "all" => true,
        "US" => row.state.is_some_and(|code| states.in_us(code)),
        code => row.state.is_some_and(|state| state.as_str() == code),
    };
    // A row without a readable model counts among all models only.
    let of_group =
        |row: &&AsOfRow| row.model.map_or(models.len() == Model::ALL.len(), |m| models.contains(&m));
    let is_new =
        |row: &&AsOfRow| row.signed.zip(reading.since).is_some_and(|(signed, since)| signed >= since);
    let is_earlier =
        |row: &&AsOfRow| row.signed.zip(reading.since).is_some_and(|(signed, since)| signed < since);
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
        Measure::Agreements => here().count(),
        Measure::NewAgreements => here().filter(is_new).count(),
        Measure::EarlierAgreements => here().filter(is_earlier).count(),
        Measure::Agencies => agencies(&mut here()),
        Measure::NewAgencies => agencies(&mut here().filter(is_new)),
        Measure::States => distinct_states(&mut here(), false),
        Measure::StatesOfNewAgreements => distinct_states(&mut here().filter(is_new), false),
        Measure::StatesAndTerritories => distinct_states(&mut here(), true),
        Measure::AgreementShare => {
            let all = rows().count();
            return Ok((all > 0).then(|| here().count() as f64 / all as f64 * 100.0));
        }
        Measure::CoveredCounties => return covered_counties(reading, list, tables),
    };
    Ok(Some(count as f64))
}

fn covered_counties(
    reading: &Alternative,
    list: &AsOf,
    tables: &dyn TableSource,
) -> Result<Option<f64>, FrameError> {
    let geography = if reading.geography == "all" { "US" } else { &reading.geography };
    let cell = tables
        .rows_where("coverage", "list_id", &list.list_id)?
        .lazy()
        .filter(col("geography").eq(lit(geography)))
        .filter(col("rule").eq(lit(reading.rule.as_deref().unwrap_or_default())))
        .filter(col("model_group").eq(lit(reading.model_group.as_str())))
        .select([col("county_count")])
        .collect()?;
    Ok(cell.column("county_count")?.i64()?.get(0).map(|count| count as f64))
}

fn describe(reading: &Alternative, date: Date) -> String {
    let mut text = format!("{} on the list of {date}", reading.measure.as_str());
    if let Some(since) = reading.since {
        let side = if reading.measure == Measure::EarlierAgreements { "before" } else { "on or after" };
        text = format!("{text}, signed {side} {since}");
    }
    if reading.geography != "all" {
        text = format!("{text}, geography {}", reading.geography);
    }
    if let Some(rule) = &reading.rule {
        text = format!("{text}, rule {rule}");
    }
    format!("{text}, models {}", reading.model_group)
}
