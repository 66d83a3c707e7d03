//! Tables `agreements`, `agreement_spells`, `agreement_events`, `pending`.

use polars::frame::DataFrame;

use super::Results;
use crate::frames::{Columns, FrameError};
use crate::identify::Agreement;
use crate::words::StateCode;

pub fn agreements(results: &Results) -> Result<DataFrame, FrameError> {
    let agreements = &results.agreements.agreements;
    let agencies = &results.agencies.agencies;
    let all = || agreements.iter();
    let agency = |a: &Agreement| &agencies[a.agency as usize];
    Columns::new(&results.specs.tables, "agreements", agreements.len())?
        .text("agreement_id", all().map(|a| Some(&a.id)))
        .text("agency_id", all().map(|a| Some(&agency(a).id)))
        .text("state_code", all().map(|a| agency(a).state.as_ref().map(StateCode::as_str)))
        .text("model", all().map(|a| Some(a.model.as_str())))
        .date("signed_date", all().map(|a| a.last_spell().signed_date))
        .date("first_signed_date", all().map(|a| a.first_signed))
        .date("began_after_date", all().map(|a| a.spells.first().and_then(|s| s.began_after)))
        .date("began_by_date", all().map(|a| a.spells.first().map(|s| s.began_by)))
        .date("ended_after_date", all().map(|a| a.last_spell().ended_after))
        .date("ended_by_date", all().map(|a| a.last_spell().ended_by))
        .text("agreement_status", all().map(|a| Some(a.status.as_str())))
        .text("end_kind", all().map(|a| a.end.as_ref().map(|end| end.kind.as_str())))
        .text("end_evidence", all().map(|a| a.end.as_ref().map(|end| &end.evidence)))
        .text("successor_agreement_id", all().map(|a| Some(&agreements[a.end.as_ref()?.successor? as usize].id)))
        .integer("spell_count", all().map(|a| Some(a.spells.len() as i64)))
        .text("moa_url", all().map(|a| a.moa_url.as_ref()))
        .text("addendum_url", all().map(|a| a.addendum_url.as_ref()))
        .finish()
}

pub fn agreement_spells(results: &Results) -> Result<DataFrame, FrameError> {
    let rows: Vec<_> = results
        .agreements
        .agreements
        .iter()
        .flat_map(|a| a.spells.iter().zip(1_i64..).map(move |(spell, number)| (a, number, spell)))
        .collect();
    let all = || rows.iter();
    Columns::new(&results.specs.tables, "agreement_spells", rows.len())?
        .text("agreement_id", all().map(|(a, _, _)| Some(&a.id)))
        .integer("spell_number", all().map(|(_, number, _)| Some(*number)))
        .date("began_after_date", all().map(|(_, _, s)| s.began_after))
        .date("began_by_date", all().map(|(_, _, s)| Some(s.began_by)))
        .date("last_listed_date", all().map(|(_, _, s)| Some(s.last_listed)))
        .date("ended_after_date", all().map(|(_, _, s)| s.ended_after))
        .date("ended_by_date", all().map(|(_, _, s)| s.ended_by))
        .date("signed_date", all().map(|(_, _, s)| s.signed_date))
        .integer("list_count", all().map(|(_, _, s)| Some(s.list_count as i64)))
        .finish()
}

pub fn agreement_events(results: &Results) -> Result<DataFrame, FrameError> {
    let rows: Vec<_> =
        results.agreements.agreements.iter().flat_map(|a| a.events.iter().map(move |e| (a, e))).collect();
    let all = || rows.iter();
    Columns::new(&results.specs.tables, "agreement_events", rows.len())?
        .text("agreement_id", all().map(|(a, _)| Some(&a.id)))
        .text("list_id", all().map(|(_, e)| Some(&e.list_id)))
        .text("event", all().map(|(_, e)| Some(e.event)))
        .date("list_date", all().map(|(_, e)| Some(e.date)))
        .integer("row_number", all().map(|(_, e)| e.row_number.map(Into::into)))
        .text("old_value", all().map(|(_, e)| e.old_value.as_ref()))
        .text("new_value", all().map(|(_, e)| e.new_value.as_ref()))
        .finish()
}

pub fn pending(results: &Results) -> Result<DataFrame, FrameError> {
    let agencies = &results.agencies.agencies;
    let all = || results.pending.iter();
    Columns::new(&results.specs.tables, "pending", results.pending.len())?
        .text("agency_id", all().map(|p| Some(&agencies[p.agency as usize].id)))
        .text("model", all().map(|p| Some(p.model.as_str())))
        .date("first_pending_date", all().map(|p| Some(p.first_pending)))
        .date("last_pending_date", all().map(|p| Some(p.last_pending)))
        .date("participating_date", all().map(|p| p.participating))
        .text("outcome", all().map(|p| Some(p.outcome)))
        .integer("wait_min_days", all().map(|p| p.wait_min_days.map(Into::into)))
        .integer("wait_max_days", all().map(|p| p.wait_max_days.map(Into::into)))
        .finish()
}
