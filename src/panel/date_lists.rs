//! The day each list speaks for.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use typed_index_collections::{TiSlice, TiVec};

use super::captured::{Capture, SettledList, settle_capture};
use super::draft::{Draft, unsettled};
use super::list_day::settle_beside;
use super::reading::ReadLists;
use super::rows::Rows;
use super::sense;
use crate::normalise::RawTexts;
use crate::page::PageStatements;
use crate::read::named_date;
use crate::reference::States;
use crate::spec::{Sense, Specs};
use crate::words::{ListKind, RowAt};

/// Lists in the order of their days, and their distinct rows as printed.
pub struct DatedLists {
    pub(super) drafts: Vec<Draft>,
    /// Every distinct row.
    pub rows: RawTexts,
    /// The day of the first list that prints a row, for each distinct row.
    pub first_days: TiVec<RowAt, Date>,
}

/// Settles the days of lists. Lists dated after `as_of` are left out as if they had not been published yet. Statements
/// of ICE's page are evidence for the day of lists whose names do not date them.
pub fn date_lists(
    read: ReadLists,
    specs: &Specs,
    states: &States,
    statements: &PageStatements,
    as_of: Option<Date>,
) -> DatedLists {
    let ReadLists { mut drafts, rows, .. } = read;
    set_aside_nonsense(&mut drafts, &sense::shown(&rows, specs, states), &specs.agreements.sense);
    settle_doubts(&mut drafts, as_of);
    settle_captures(&mut drafts, &rows, statements);
    drafts.retain(|draft| !draft.is_after(as_of));
    drafts.sort_by(|a, b| a.order().cmp(&b.order()));
    drop_repeated(&mut drafts);
    let rows = rows.into_raw();
    let first_days = first_days(&drafts, rows.rows.len());
    DatedLists { drafts, rows, first_days }
}

/// Keeps a file that was offered twice once; it counts as named if it was named either time.
fn drop_repeated(drafts: &mut Vec<Draft>) {
    let mut ids: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Draft> = Vec::with_capacity(drafts.len());
    for draft in drafts.drain(..) {
        match ids.get(&draft.file.list_id) {
            Some(at) => kept[*at].file.is_named |= draft.file.is_named,
            None => {
                ids.insert(draft.file.list_id.clone(), kept.len());
                kept.push(draft);
            }
        }
    }
    *drafts = kept;
}

/// Leaves out lists after `as_of`, and settles the days that files alone leave open by the lists whose day is sure.
fn settle_doubts(drafts: &mut Vec<Draft>, as_of: Option<Date>) {
    drafts.retain(|draft| !draft.is_after(as_of));
    if drafts.iter().all(|draft| draft.doubt.is_none()) {
        return;
    }
    let distinct = |draft: &Draft| {
        let mut rows: Vec<RowAt> = draft.rows.iter().map(|(_, row)| *row).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    };
    let sure: Vec<(ListKind, Date, Vec<RowAt>)> = drafts
        .iter()
        .filter(|draft| draft.file.list.is_ok())
        .filter_map(|draft| Some((draft.kind?, draft.date.as_ref()?.date, distinct(draft))))
        .collect();
    for draft in drafts.iter_mut() {
        let (Some(doubt), Some(kind)) = (draft.doubt.take(), draft.kind) else { continue };
        let of_kind = sure.iter().filter(|(of, _, _)| *of == kind);
        let of_kind: Vec<(Date, &[RowAt])> = of_kind.map(|(_, day, rows)| (*day, rows.as_slice())).collect();
        match settle_beside(&doubt, kind, &distinct(draft), &of_kind) {
            Ok(date) => draft.date = Some(date),
            Err(refusal) => {
                draft.file.list = Err(refusal);
                draft.kind = None;
                draft.rows.clear();
            }
        }
    }
    drafts.retain(|draft| !draft.is_after(as_of));
}

/// Settles the days of lists whose names do not date them, in the order of what bounds them: one may be compared with
/// another.
fn settle_captures(drafts: &mut [Draft], rows: &Rows, statements: &PageStatements) {
    if drafts.iter().all(|draft| draft.bounded.is_none()) {
        return;
    }
    let numbers = rows.without_links();
    // Only lists with the same number of rows can have the same cells.
    let sizes: HashSet<(Option<ListKind>, usize)> = drafts
        .iter()
        .filter(|draft| draft.bounded.is_some())
        .map(|draft| (draft.kind, draft.rows.len()))
        .collect();
    let cells: Vec<Option<Vec<u32>>> = drafts
        .iter()
        .map(|draft| {
            sizes.contains(&(draft.kind, draft.rows.len())).then(|| {
                let mut cells: Vec<u32> = draft.rows.iter().map(|(_, row)| numbers[*row]).collect();
                cells.sort_unstable();
                cells
            })
        })
        .collect();
    let mut open: Vec<usize> = (0..drafts.len()).filter(|at| drafts[*at].bounded.is_some()).collect();
    open.sort_by_key(|at| {
        let draft = &drafts[*at];
        let bounded = draft.bounded.as_ref();
        let day = bounded.and_then(|bounded| bounded.saved.or(bounded.captured));
        (day, draft.saved, draft.file.file_name.clone(), draft.file.list_id.clone())
    });
    // The same file may be offered twice: once is enough.
    let dated = |draft: &Draft| draft.date.as_ref().filter(|_| draft.file.list.is_ok()).map(|date| date.date);
    let mut known: Vec<usize> = (0..drafts.len()).filter(|at| dated(&drafts[*at]).is_some()).collect();
    for at in open {
        let (draft, Some(kind)) = (&drafts[at], drafts[at].kind) else { continue };
        let (Some(bounded), Some(own)) = (&draft.bounded, cells[at].as_deref()) else { continue };
        let settled = known.iter().filter(|other| drafts[**other].file.list_id != draft.file.list_id);
        let settled: Vec<SettledList> = settled
            .filter_map(|other| {
                let draft = &drafts[*other];
                Some(SettledList {
                    list_id: &draft.file.list_id,
                    file_name: &draft.file.file_name,
                    sha256: &draft.file.sha256,
                    kind: draft.kind?,
                    date: dated(draft)?,
                    is_named: draft.is_named,
                    cells: cells[*other].as_deref()?,
                    saved: draft.stamp,
                })
            })
            .collect();
        let capture = Capture {
            bounded,
            kind,
            sha256: &draft.file.sha256,
            cells: own,
            row_count: draft.rows.len(),
            saved: draft.stamp,
        };
        let found = settle_capture(&capture, &settled, &statements.statements);
        if found.repeats.is_none() {
            known.push(at);
        }
        let draft = &mut drafts[at];
        draft.date = Some(found.date);
        draft.repeats = found.repeats;
        draft.bounded = None;
    }
}

/// Sets aside files that have a list's header and make no sense as a list: they settle no other list's day.
fn set_aside_nonsense(drafts: &mut [Draft], shown: &TiSlice<RowAt, sense::ShownRow>, sense: &Sense) {
    for draft in drafts.iter_mut().filter(|draft| draft.file.list.is_ok()) {
        let rows: Vec<_> = draft.rows.iter().map(|(_, row)| shown[*row]).collect();
        if let Some(refusal) = sense::refusal(&rows, sense) {
            draft.file.list = Err(refusal);
            draft.kind = None;
            // The name's day is shown beside the reason.
            let named = || unsettled(named_date(&draft.file.file_name).ok()?);
            draft.date = draft.date.take().or_else(named);
            draft.bounded = None;
            draft.doubt = None;
            draft.rows.clear();
        }
    }
}

/// Returns the day of the first list that prints each row; rows of refused lists have none and are cleaned in vain.
fn first_days(drafts: &[Draft], rows: usize) -> TiVec<RowAt, Date> {
    let mut days = TiVec::from(vec![Date::MAX; rows]);
    for draft in drafts {
        let Some(date) = &draft.date else { continue };
        for (_, row) in &draft.rows {
            let day = &mut days[*row];
            *day = date.date.min(*day);
        }
    }
    days
}
