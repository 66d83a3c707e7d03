//! Tables `state_laws` and `ends`.

use jiff::Span;

use super::Results;
use crate::identify::{Agreement, lifetimes, name_key};
use crate::reference::{ReviewedEnd, SourceDate, StateLaw};
use crate::table::{Table, TableBuilder, TableError};
use crate::words::{AgreementAt, EndReason};

pub fn state_laws(results: &Results) -> Result<Table, TableError> {
    let laws = &results.reference.laws.laws;
    let mut numbers: Vec<i64> = Vec::with_capacity(laws.len());
    for of_state in laws.chunk_by(|a, b| a.state == b.state) {
        numbers.extend(1..=of_state.len() as i64);
    }
    let all = || laws.iter();
    let text = |date: &Option<SourceDate>| date.as_ref().map(|date| date.text.clone());
    let day = |date: &Option<SourceDate>| date.as_ref().and_then(SourceDate::day);
    let source = |law: &StateLaw| law.source.url.clone();
    TableBuilder::new(&results.specs.tables, "state_laws")?
        .text("state_code", all().map(|law| Some(law.state.as_str())))
        .integer("law_number", numbers.into_iter().map(Some))
        .text("effect", all().map(|law| Some(law.effect.as_str())))
        .text("scope", all().map(|law| law.scope.as_ref()))
        .text("citation", all().map(|law| law.citation.as_ref()))
        .text("signed_text", all().map(|law| text(&law.signed)))
        .date("signed_date", all().map(|law| day(&law.signed)))
        .text("in_force_text", all().map(|law| text(&law.in_force)))
        .date("in_force_date", all().map(|law| day(&law.in_force)))
        .text("what_it_says", all().map(|law| Some(&law.says)))
        .text("source_name", all().map(|law| Some(&law.source.name)))
        .text("source_url", all().map(|law| source(law).ok()))
        .text("source_url_missing_reason", all().map(|law| source(law).err()))
        .text("source_form", all().map(|law| Some(law.source.form.as_str())))
        .sorted()
}

pub fn ends(results: &Results) -> Result<Table, TableError> {
    let agreements = &results.agreements.agreements;
    let agencies = &results.agencies.agencies;
    let lives = lifetimes(&results.agreements);
    let removed = agreements.iter_enumerated().filter(|(at, _)| lives[*at].censored.is_none());
    let rows: Vec<(AgreementAt, &Agreement, Option<&ReviewedEnd>)> =
        removed.map(|(at, agreement)| (at, agreement, reviewed(results, agreement))).collect();
    let all = || rows.iter();
    TableBuilder::new(&results.specs.tables, "ends")?
        .text("agreement_id", all().map(|(_, agreement, _)| Some(&agreement.id)))
        .text("agency_id", all().map(|(_, agreement, _)| Some(&agencies[agreement.agency].id)))
        .text("state_code", all().map(|(_, a, _)| agencies[a.agency].state.map(|state| state.to_string())))
        .text("model", all().map(|(_, agreement, _)| Some(agreement.model.as_str())))
        .date("ended_after_date", all().map(|(_, agreement, _)| agreement.last_spell().ended_after))
        .date("ended_by_date", all().map(|(_, agreement, _)| agreement.last_spell().ended_by))
        .text("end_reason", all().map(|(.., end)| Some(end.map_or(EndReason::NotKnown, |end| end.reason))))
        .text("reason_text", all().map(|(.., end)| end.and_then(|end| Some(&end.day.as_ref()?.text))))
        .date("reason_date", all().map(|(.., end)| end.and_then(|end| end.day.as_ref()?.day())))
        .text("what_it_says", all().map(|(.., end)| end.map(|end| &end.says)))
        .text("source_name", all().map(|(.., end)| end.map(|end| &end.source.name)))
        .text("source_url", all().map(|(.., end)| end.and_then(|end| end.source.url.as_ref().ok())))
        .text(
            "source_url_missing_reason",
            all().map(|(.., end)| end.and_then(|end| end.source.url.as_ref().err())),
        )
        .text("source_form", all().map(|(.., end)| end.map(|end| end.source.form.as_str())))
        .sorted()
}

/// How many days after an agreement left the lists its end may be announced.
const ANNOUNCED_WITHIN: i32 = 31;

/// The reviewed reason of an end: that of its agency and model, given before the list that lacks it or soon after.
fn reviewed<'r>(results: &'r Results, agreement: &Agreement) -> Option<&'r ReviewedEnd> {
    let agency = &results.agencies.agencies[agreement.agency];
    let latest = agreement.last_spell().ended_by?.saturating_add(Span::new().days(ANNOUNCED_WITHIN));
    let name = name_key(&agency.name);
    results.reference.laws.end_reasons.iter().find(|end| {
        Some(end.state) == agency.state
            && name_key(&end.agency_name) == name
            && end.model.is_none_or(|model| model == agreement.model)
            && end.day.as_ref().is_none_or(|day| day.first <= latest)
    })
}
