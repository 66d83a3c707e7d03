//! Tables `agreements`, `agreement_spells`, `agreement_events`, `agreement_dates`, `agreement_links`,
//! `agreement_redirects`, `pending`, `pending_names`.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Results;
use crate::identify::agreement_redirects as agreement_redirects_of;
use crate::identify::pending_names as pending_names_of;
use crate::identify::{Agreement, AgreementLink, Sightings, lifetimes, of_kind};
use crate::table::{Table, TableBuilder, TableError};
use crate::words::{AgencyAt, AgreementAt, ListKind, Model, PendingOutcome, StateCode};

pub fn agreements(results: &Results) -> Result<Table, TableError> {
    let agreements = &results.agreements.agreements;
    let agencies = &results.agencies.agencies;
    let all = || agreements.iter();
    let agency = |a: &Agreement| &agencies[a.agency];
    let counts_for = results.agreements.all_count_for();
    let lives = lifetimes(&results.agreements);
    let waited = first_pending_days(results);
    let pending_lists = results.panel.samples(ListKind::Pending);
    let pending_days = pending_lists.first().zip(pending_lists.last()).map(|(a, b)| a.day()..=b.day());
    let was_pending = |a: &Agreement| {
        let began = a.spells.first()?.began_by;
        pending_days.as_ref().filter(|days| days.contains(&began))?;
        Some(waited.get(&(a.agency, a.model)).is_some_and(|pending| *pending <= began))
    };
    TableBuilder::new(&results.specs.tables, "agreements")?
        .text("agreement_id", all().map(|a| Some(&a.id)))
        .text("agency_id", all().map(|a| Some(&agency(a).id)))
        .text("counts_for_agency_id", counts_for.iter().map(|held| Some(&agencies[held.agency].id)))
        .text("counts_for_model", counts_for.iter().map(|held| Some(held.model.as_str())))
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
        .text("successor_agreement_id", all().map(|a| Some(&agreements[a.end.as_ref()?.successor?].id)))
        .integer("spell_count", all().map(|a| Some(a.spells.len() as i64)))
        .integer("entry_days", lives.iter().map(|life| life.entry.map(Into::into)))
        .integer("lower_days", lives.iter().map(|life| life.lower.map(Into::into)))
        .integer("upper_days", lives.iter().map(|life| life.upper.map(Into::into)))
        .boolean("is_event", lives.iter().map(|life| life.censored.is_none()))
        .text("censor_reason", lives.iter().map(|life| life.censored.map(|why| why.as_str())))
        .boolean("was_pending", all().map(was_pending))
        .text("moa_url", all().map(|a| a.moa_url.as_ref()))
        .text("addendum_url", all().map(|a| a.addendum_url.as_ref()))
        .sorted()
}

/// The first pending list that prints each agency and model.
fn first_pending_days(results: &Results) -> BTreeMap<(AgencyAt, Model), Date> {
    results.pending.iter().map(|pending| ((pending.agency, pending.model), pending.first_pending)).collect()
}

pub fn agreement_spells(results: &Results) -> Result<Table, TableError> {
    let rows: Vec<_> = results
        .agreements
        .agreements
        .iter()
        .flat_map(|a| a.spells.iter().zip(1_i64..).map(move |(spell, number)| (a, number, spell)))
        .collect();
    let all = || rows.iter();
    TableBuilder::new(&results.specs.tables, "agreement_spells")?
        .text("agreement_id", all().map(|(a, _, _)| Some(&a.id)))
        .integer("spell_number", all().map(|(_, number, _)| Some(*number)))
        .date("began_after_date", all().map(|(_, _, s)| s.began_after))
        .date("began_by_date", all().map(|(_, _, s)| Some(s.began_by)))
        .date("last_listed_date", all().map(|(_, _, s)| Some(s.last_listed)))
        .date("ended_after_date", all().map(|(_, _, s)| s.ended_after))
        .date("ended_by_date", all().map(|(_, _, s)| s.ended_by))
        .date("signed_date", all().map(|(_, _, s)| s.signed_date))
        .integer("list_count", all().map(|(_, _, s)| Some(s.list_count as i64)))
        .sorted()
}

pub fn agreement_events(results: &Results) -> Result<Table, TableError> {
    let rows: Vec<_> =
        results.agreements.agreements.iter().flat_map(|a| a.events.iter().map(move |e| (a, e))).collect();
    let all = || rows.iter();
    TableBuilder::new(&results.specs.tables, "agreement_events")?
        .text("agreement_id", all().map(|(a, _)| Some(&a.id)))
        .text("list_id", all().map(|(_, e)| Some(&e.list_id)))
        .text("event", all().map(|(_, e)| Some(e.event)))
        .date("list_date", all().map(|(_, e)| Some(e.date)))
        .integer("row_number", all().map(|(_, e)| e.row_number.map(Into::into)))
        .text("old_value", all().map(|(_, e)| e.old_value.as_ref()))
        .text("new_value", all().map(|(_, e)| e.new_value.as_ref()))
        .sorted()
}

pub fn agreement_dates(results: &Results) -> Result<Table, TableError> {
    let mut dates: BTreeMap<(AgreementAt, Date), Sightings> = BTreeMap::new();
    let rows = results.panel.listings.iter().zip(&results.agreements.of_row);
    for ((listing, agreement), seen) in rows.zip(of_kind(&results.panel, ListKind::Participating)) {
        let Some((key, seen)) = agreement.zip(listing.signed_date).zip(seen) else { continue };
        dates.entry(key).and_modify(|all| all.add(seen)).or_insert(seen);
    }
    let all = || dates.iter();
    let id = |at: AgreementAt| &results.agreements.agreements[at].id;
    TableBuilder::new(&results.specs.tables, "agreement_dates")?
        .text("agreement_id", all().map(|((at, _), _)| Some(id(*at))))
        .date("signed_date", all().map(|((_, signed), _)| Some(*signed)))
        .date("date_first_listed_date", all().map(|(_, seen)| Some(seen.first)))
        .date("date_last_listed_date", all().map(|(_, seen)| Some(seen.last)))
        .integer("listing_count", all().map(|(_, seen)| Some(seen.count.into())))
        .sorted()
}

pub fn agreement_links(results: &Results) -> Result<Table, TableError> {
    let all = || results.links.iter();
    let list_id = |link: &AgreementLink| &results.panel.lists[link.seen.cite.list].list_id;
    let agency_id = |at: AgencyAt| &results.agencies.agencies[at].id;
    TableBuilder::new(&results.specs.tables, "agreement_links")?
        .text("agreement_id", all().map(|l| Some(&results.agreements.agreements[l.agreement].id)))
        .text("moa_url", all().map(|l| Some(&l.url)))
        .date("link_first_listed_date", all().map(|l| Some(l.seen.first)))
        .date("link_last_listed_date", all().map(|l| Some(l.seen.last)))
        .text("first_list_id", all().map(|l| Some(list_id(l))))
        .integer("first_row_number", all().map(|l| Some(l.seen.cite.row_number.into())))
        .integer("listing_count", all().map(|l| Some(l.seen.count.into())))
        .text("link_verdict", all().map(|l| Some(l.verdict.as_str())))
        .text("named_agency_id", all().map(|l| l.named_agency.map(agency_id)))
        .text("link_evidence", all().map(|l| Some(&l.evidence)))
        .sorted()
}

pub fn agreement_redirects(results: &Results) -> Result<Table, TableError> {
    let redirects = agreement_redirects_of(&results.panel, &results.agencies, &results.agreements);
    let all = || redirects.iter();
    let id = |at: AgreementAt| &results.agreements.agreements[at].id;
    TableBuilder::new(&results.specs.tables, "agreement_redirects")?
        .text("old_agreement_id", all().map(|r| Some(&r.old_id)))
        .text("agreement_id", all().map(|r| Some(id(r.agreement))))
        .text("reason", all().map(|r| Some(r.reason)))
        .text("evidence", all().map(|r| Some(&r.evidence)))
        .sorted()
}

pub fn pending_names(results: &Results) -> Result<Table, TableError> {
    let names = pending_names_of(&results.panel, &results.agencies);
    let all = || names.iter();
    TableBuilder::new(&results.specs.tables, "pending_names")?
        .text("agency_id", all().map(|n| Some(&results.agencies.agencies[n.agency].id)))
        .text("model", all().map(|n| Some(n.model.as_str())))
        .text("pending_name", all().map(|n| Some(&n.name)))
        .date("name_first_pending_date", all().map(|n| Some(n.first_pending)))
        .date("name_last_pending_date", all().map(|n| Some(n.last_pending)))
        .date("name_participating_date", all().map(|n| n.participating))
        .integer("listing_count", all().map(|n| Some(n.count.into())))
        .sorted()
}

pub fn pending(results: &Results) -> Result<Table, TableError> {
    let agencies = &results.agencies.agencies;
    let all = || results.pending.iter();
    TableBuilder::new(&results.specs.tables, "pending")?
        .text("agency_id", all().map(|p| Some(&agencies[p.agency].id)))
        .text("model", all().map(|p| Some(p.model.as_str())))
        .date("pending_after_date", all().map(|p| p.pending_after))
        .date("first_pending_date", all().map(|p| Some(p.first_pending)))
        .text("last_pending_list_id", all().map(|p| Some(&p.last_list_id)))
        .date("last_pending_date", all().map(|p| Some(p.last_pending)))
        .date("participating_date", all().map(|p| p.participating))
        .text("outcome", all().map(|p| Some(p.outcome)))
        .integer("wait_min_days", all().map(|p| p.wait_min_days.map(Into::into)))
        .integer("wait_max_days", all().map(|p| p.wait_max_days.map(Into::into)))
        .boolean("is_event", all().map(|p| p.outcome == PendingOutcome::Participating))
        .sorted()
}
