//! Builds the panel from dated lists and their normalised rows, and decides which of the lists count.

use std::collections::HashMap;

use jiff::civil::Date;
use tracing::info;
use typed_index_collections::{TiSlice, TiVec};

use super::date_lists::DatedLists;
use super::draft::Draft;
use super::list::Panel;
use super::signed::repair_signed_dates;
use super::standing::{Candidate, ListStanding, standing};
use crate::normalise::Listing;
use crate::words::{AgencyType, CountyFips, ListStatus, Model, RowAt, RunStep, StateCode};

/// Puts the panel together: settles which lists count, and repairs signing dates that the lists rule out. `listings` are the
/// rows of the dated lists, normalised.
pub fn build(dated: DatedLists, listings: TiVec<RowAt, Listing>) -> Panel {
    let DatedLists { drafts, rows, .. } = dated;
    drop(rows);
    let candidates: Vec<Option<Candidate>> = candidates(&drafts, &listings);
    let (positions, counted): (Vec<usize>, Vec<&Candidate>) =
        candidates.iter().enumerate().filter_map(|(at, c)| Some((at, c.as_ref()?))).unzip();
    let mut standings: HashMap<usize, ListStanding> = HashMap::new();
    for (at, standing) in positions.iter().zip(standing(&counted)) {
        let same_rows_as = standing.same_rows_as.map(|n| positions[n]);
        standings.insert(*at, ListStanding { same_rows_as, ..standing });
    }
    let quarantined = ListStanding { status: ListStatus::Quarantined, same_rows_as: None, reason: None };
    let lists = drafts.into_iter().enumerate().map(|(at, draft)| {
        let standing = standings.remove(&at).unwrap_or_else(|| quarantined.clone());
        draft.into_list(standing)
    });
    let panel = repair_signed_dates(Panel { lists: lists.collect(), listings });
    let kept = || panel.kept().map(|(_, list)| list);
    info!(
        step = RunStep::Normalise.as_str(),
        lists = panel.lists.len(),
        rows = kept().map(|list| list.rows.len()).sum::<usize>(),
        repairs = kept().flat_map(|list| panel.listings_of(list)).map(|row| row.repairs.len()).sum::<usize>(),
        "rows normalised"
    );
    panel
}

/// Returns the facts that decide what each list counts for; `None` for a list that was set aside already.
fn candidates(drafts: &[Draft], listings: &TiSlice<RowAt, Listing>) -> Vec<Option<Candidate>> {
    type Cells<'a> = (
        (Option<StateCode>, Option<&'a str>, Option<AgencyType>, Option<Model>),
        (Option<Date>, Option<CountyFips>, Option<&'a str>, Option<&'a str>),
    );
    fn cells(listing: &Listing) -> Cells<'_> {
        (
            (listing.state, listing.agency_name.as_deref(), listing.agency_type, listing.model),
            (
                listing.signed_date,
                listing.county,
                listing.moa_url.as_deref(),
                listing.addendum_url.as_deref(),
            ),
        )
    }
    let mut numbers: HashMap<Cells, u32, foldhash::fast::RandomState> = HashMap::default();
    let clean: TiVec<RowAt, u32> = listings
        .iter()
        .map(|listing| {
            let next = numbers.len() as u32;
            *numbers.entry(cells(listing)).or_insert(next)
        })
        .collect();
    let candidate = |draft: &Draft| {
        let date = draft.date.as_ref().filter(|_| draft.file.list.is_ok())?;
        let mut rows: Vec<u32> = draft.rows.iter().map(|(_, row)| clean[*row]).collect();
        rows.sort_unstable();
        Some(Candidate {
            kind: draft.kind?,
            date: date.date,
            edition: date.edition.clone(),
            saved: draft.saved,
            file_name: draft.file.file_name.clone(),
            list_id: draft.file.list_id.clone(),
            sha256: draft.file.sha256.clone(),
            is_named: draft.is_named,
            repeats: draft.repeats.clone(),
            rows,
        })
    };
    drafts.iter().map(candidate).collect()
}
