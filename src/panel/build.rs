//! From offered files to the panel: read, dated, cleaned, and told which of them count.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, DateTime};
use rayon::prelude::*;
use tracing::warn;

use super::captured::{Capture, SettledList, settle_capture};
use super::dates::{Bounded, Dating, Doubt, settle, settle_beside};
use super::rows::{ListRow, Rows};
use super::signed::mend_signed_dates;
use super::standing::{Candidate, Standing, standing};
use super::{List, Panel, sense};
use crate::acquire::{Content, Offered, Refusal};
use crate::normalise::{Listing, normalise, withhold_mailboxes};
use crate::page::PageStatements;
use crate::progress::Progress;
use crate::read::{Entry, ListDate, NamedDate, RawList, ReadFile, Settled, Store, named_date, read};
use crate::record::Record;
use crate::reference::{Counties, States};
use crate::shown::visible_lines;
use crate::spec::{Sense, Specs};
use crate::words::{AgencyType, CountyFips, ListKind, ListStatus, Model, StateCode};

/// Files that are read before their rows are put together, and how large they may be together: what is held at once
/// of rows as printed.
const FILES_AT_A_TIME: usize = 32;
const BYTES_AT_A_TIME: u64 = 8_000_000;

/// What reading goes by.
pub struct Reading<'a> {
    pub specs: &'a Specs,
    /// Lists read before, by the content of their files.
    pub store: &'a Store,
    /// Lists that need no file.
    pub record: &'a Record,
    pub progress: &'a Progress,
}

/// Every file, and the distinct rows of all of them.
pub struct Read {
    drafts: Vec<Draft>,
    rows: Rows,
    /// Files that the store did not hold.
    pub new: usize,
}

/// A file while its day is being settled.
struct Draft {
    file: ReadFile,
    kind: Option<ListKind>,
    /// When it was captured, or else saved.
    saved: Option<DateTime>,
    date: Option<ListDate>,
    doubt: Option<Doubt>,
    /// Whether its name says its day, or the page was the list: captures apart from it and names without a day do not.
    is_named: bool,
    /// Of a list that no name dates: what bounds its day.
    bounded: Option<Bounded>,
    /// When its workbook says it was saved.
    stamp: Option<DateTime>,
    /// The list of which it is a repetition, by id.
    repeats: Option<String>,
    rows: Vec<ListRow>,
}

/// Reads every offered file, or takes what was read of it before; what is new is put into the store.
pub fn read_all(offered: &[Offered], reading: &Reading) -> Read {
    let Reading { specs, store, record, progress } = reading;
    let bar = progress.bar("reading", offered.len());
    let read_some = |files: &[Offered]| -> Vec<Draft> {
        let read = files.par_iter().map(|file| {
            let draft = Draft::new(match file.content {
                Content::Recorded(at) => record.read(at, file, &specs.layouts),
                _ => read(file, specs, store),
            });
            bar.step();
            draft
        });
        read.collect()
    };
    let (mut rows, mut new) = (Rows::default(), 0);
    let mut drafts: Vec<Draft> = Vec::with_capacity(offered.len());
    let mut is_kept = true;
    let mut put_together = |mut read: Vec<Draft>| {
        let entries: Vec<Entry> = read.iter_mut().filter_map(|draft| draft.file.to_store.take()).collect();
        new += entries.len();
        // The store only saves time: a run goes on without it.
        if is_kept && let Err(error) = store.put(entries.iter()) {
            warn!("what was read is not kept for the next run: {error}");
            is_kept = false;
        }
        for mut draft in read {
            if let Ok(list) = &mut draft.file.list {
                draft.rows = rows.add(list);
                // What is left of the list is what `lists` says of it.
                list.rows = Vec::with_capacity(0);
                list.texts = Default::default();
            }
            drafts.push(draft);
        }
    };
    let mut before = Vec::new();
    for files in at_a_time(offered) {
        // Rows are put together while the next files are read.
        let (read, ()) = rayon::join(|| read_some(files), || put_together(std::mem::take(&mut before)));
        before = read;
    }
    put_together(before);
    bar.done();
    Read { drafts, rows, new }
}

/// The files in groups, in their order.
fn at_a_time(offered: &[Offered]) -> Vec<&[Offered]> {
    let (mut groups, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, file) in offered.iter().enumerate() {
        bytes += file.size();
        if at + 1 - start == FILES_AT_A_TIME || bytes >= BYTES_AT_A_TIME {
            groups.push(&offered[start..=at]);
            (start, bytes) = (at + 1, 0);
        }
    }
    groups.push(&offered[start..]);
    groups
}

/// Cleans what was read and settles which lists count. Lists dated after `as_of` are left out as if they had
/// not been published yet. What ICE's page said is evidence for the day of lists that no name dates.
pub fn panel(
    read: Read,
    specs: &Specs,
    states: &States,
    counties: &Counties,
    statements: &PageStatements,
    as_of: Option<Date>,
) -> Panel {
    let Read { mut drafts, rows, .. } = read;
    set_aside_nonsense(&mut drafts, &sense::shown(&rows, specs, states), &specs.agreements.sense);
    settle_doubts(&mut drafts, as_of);
    settle_captures(&mut drafts, &rows, statements);
    drafts.retain(|draft| !draft.is_after(as_of));
    drafts.sort_by(|a, b| a.order().cmp(&b.order()));
    drop_repeated(&mut drafts);

    let raw = rows.into_raw();
    let first_days = first_days(&drafts, raw.rows.len());
    let listings = normalise(&raw, &first_days, &specs.vocabulary, states, counties);
    drop(raw);

    let candidates: Vec<Option<Candidate>> = candidates(&drafts, &listings);
    let (positions, dated): (Vec<usize>, Vec<&Candidate>) =
        candidates.iter().enumerate().filter_map(|(at, c)| Some((at, c.as_ref()?))).unzip();
    let mut standings: HashMap<usize, Standing> = HashMap::new();
    for (at, standing) in positions.iter().zip(standing(&dated)) {
        let same_rows_as = standing.same_rows_as.map(|n| positions[n]);
        standings.insert(*at, Standing { same_rows_as, ..standing });
    }
    let quarantined = Standing { status: ListStatus::Quarantined, same_rows_as: None, reason: None };
    let lists = drafts.into_iter().enumerate().map(|(at, draft)| {
        let standing = standings.remove(&at).unwrap_or_else(|| quarantined.clone());
        draft.into_list(standing)
    });
    let mut panel = Panel { lists: lists.collect(), listings };
    mend_signed_dates(&mut panel);
    panel
}

impl Draft {
    fn new(mut file: ReadFile) -> Self {
        let named = named_date(&file.file_name);
        // An empty list would read as the end of every agreement.
        let is_empty = |list: &RawList| list.layout.kind == ListKind::Participating && list.rows.is_empty();
        if file.list.as_ref().is_ok_and(is_empty) {
            file.list = Err(Refusal::NoRows);
        }
        let (named, no_day) = match named {
            Ok(named) => (named, None),
            // The workbook may say when it was saved.
            Err(refusal) => (NamedDate::nothing(), Some(refusal)),
        };
        let dating = file.list.as_ref().ok().map(|list| settle(named.clone(), list));
        if let Some(refusal) = no_day.filter(|_| !matches!(dating, Some(Dating::Bounded(_)))) {
            file.list = file.list.and(Err(refusal));
        }
        let list = file.list.as_ref().ok();
        let kind = list.map(|list| list.layout.kind);
        let stamp = list.and_then(RawList::saved);
        let saved = named.captured.or(stamp);
        let mut draft = Self {
            kind,
            saved,
            date: None,
            doubt: None,
            is_named: !matches!(dating, Some(Dating::Bounded(_))),
            bounded: None,
            stamp,
            repeats: None,
            rows: Vec::new(),
            file,
        };
        match dating.filter(|_| draft.file.list.is_ok()) {
            Some(Dating::Sure(date)) => draft.date = Some(date),
            Some(Dating::Doubtful(doubt)) => draft.doubt = Some(doubt),
            Some(Dating::Bounded(bounded)) => draft.bounded = Some(bounded),
            // The name's day is shown beside the reason why the file was refused.
            None => draft.date = unsettled(named),
        }
        draft
    }

    fn order(&self) -> impl Ord {
        let dated = self.kind.zip(self.date.clone()).filter(|_| self.file.list.is_ok());
        // What repeats a list of its day stands before it: that one is the day's.
        // One that its name dates is the day's before one that it does not.
        let is_own = (self.repeats.is_none(), self.is_named);
        let key = dated.map(|(kind, date)| (date.date, kind, is_own, date.edition, self.saved));
        (key.is_none(), key, self.file.file_name.clone(), self.file.list_id.clone())
    }

    fn is_after(&self, as_of: Option<Date>) -> bool {
        self.date.as_ref().zip(as_of).is_some_and(|(date, as_of)| date.date > as_of)
    }

    fn into_list(self, standing: Standing) -> List {
        let Self { file, kind, date, rows, .. } = self;
        let mut list = List {
            list_id: file.list_id,
            file_name: file.file_name,
            sha256: file.sha256,
            is_named: file.is_named,
            is_recorded: file.is_recorded,
            kind,
            date,
            layout: None,
            printed_columns: None,
            row_count: 0,
            rows_read: 0,
            stray_rows: 0,
            blank_rows: 0,
            status: standing.status,
            same_rows_as: standing.same_rows_as,
            reason: None,
            rows: Vec::new(),
            refusal: None,
        };
        let mut said: Vec<String> = standing.reason.map(str::to_owned).into_iter().collect();
        match file.list {
            Ok(raw) => {
                said.extend(list.date.as_ref().and_then(|date| date.note.clone()));
                list.printed_columns = Some(raw.printed_columns.join("|"));
                list.layout = Some(raw.layout.name);
                list.row_count = rows.len();
                list.rows_read = raw.rows_seen as usize;
                list.blank_rows = raw.blank_rows;
                let aside = [
                    (raw.stray_cells, "values outside the layout's columns"),
                    (raw.stray_rows, "rows with nothing but such values"),
                    (raw.lost_links, "links that lead nowhere, lie behind no row or are too long"),
                ];
                let aside = aside.into_iter().filter(|(count, _)| *count > 0);
                said.extend(aside.map(|(count, what)| format!("{count} {what} were set aside")));
                said.extend(raw.aside.iter().map(|what| withhold_mailboxes(what).into_owned()));
                list.stray_rows = raw.stray_rows as usize;
            }
            Err(refusal) => {
                said.push(withhold_mailboxes(&refusal.to_string()).into_owned());
                list.refusal = Some(refusal);
            }
        }
        let said = said.join("; ");
        let said = visible_lines(&said);
        list.reason = (!said.is_empty()).then(|| withhold_mailboxes(&said).into_owned());
        if list.is_kept() {
            list.rows = rows;
        }
        list
    }
}

/// The same file offered twice is one file; that it was named itself is kept.
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

/// The day a name says of a file that is refused anyway.
fn unsettled(named: NamedDate) -> Option<ListDate> {
    let method = if named.is_capture { Settled::Capture } else { Settled::FileName };
    Some(ListDate { date: named.date?, method, edition: named.edition, note: None })
}

/// Leaves out lists after `as_of` and settles the days that files alone leave open, by those that are sure.
fn settle_doubts(drafts: &mut Vec<Draft>, as_of: Option<Date>) {
    drafts.retain(|draft| !draft.is_after(as_of));
    if drafts.iter().all(|draft| draft.doubt.is_none()) {
        return;
    }
    let distinct = |draft: &Draft| {
        let mut rows: Vec<u32> = draft.rows.iter().map(|(_, row)| *row).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    };
    let sure: Vec<(ListKind, Date, Vec<u32>)> = drafts
        .iter()
        .filter(|draft| draft.file.list.is_ok())
        .filter_map(|draft| Some((draft.kind?, draft.date.as_ref()?.date, distinct(draft))))
        .collect();
    for draft in drafts.iter_mut() {
        let (Some(doubt), Some(kind)) = (draft.doubt.take(), draft.kind) else { continue };
        let of_kind = sure.iter().filter(|(of, _, _)| *of == kind);
        let of_kind: Vec<(Date, &[u32])> = of_kind.map(|(_, day, rows)| (*day, rows.as_slice())).collect();
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

/// Settles the days of lists that no name dates, in the order of what bounds them: one may be held against another.
fn settle_captures(drafts: &mut [Draft], rows: &Rows, statements: &PageStatements) {
    if drafts.iter().all(|draft| draft.bounded.is_none()) {
        return;
    }
    let numbers = rows.without_links();
    // Only lists of as many rows can have the cells of one.
    let sizes: HashSet<(Option<ListKind>, usize)> = drafts
        .iter()
        .filter(|draft| draft.bounded.is_some())
        .map(|draft| (draft.kind, draft.rows.len()))
        .collect();
    let cells: Vec<Option<Vec<u32>>> = drafts
        .iter()
        .map(|draft| {
            sizes.contains(&(draft.kind, draft.rows.len())).then(|| {
                let mut cells: Vec<u32> = draft.rows.iter().map(|(_, row)| numbers[*row as usize]).collect();
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

/// Sets aside what has a list's header and makes no sense as one: it settles no other list's day.
fn set_aside_nonsense(drafts: &mut [Draft], shown: &[sense::Shown], sense: &Sense) {
    for draft in drafts.iter_mut().filter(|draft| draft.file.list.is_ok()) {
        let rows: Vec<_> = draft.rows.iter().map(|(_, row)| shown[*row as usize]).collect();
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

/// The day of the first list that prints each row; rows of refused lists have none and are cleaned for nothing.
fn first_days(drafts: &[Draft], rows: usize) -> Vec<Date> {
    let mut days = vec![Date::MAX; rows];
    for draft in drafts {
        let Some(date) = &draft.date else { continue };
        for (_, row) in &draft.rows {
            let day = &mut days[*row as usize];
            *day = date.date.min(*day);
        }
    }
    days
}

/// What decides what each list counts for; `None` for those set aside already.
fn candidates(drafts: &[Draft], listings: &[Listing]) -> Vec<Option<Candidate>> {
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
    let clean: Vec<u32> = listings
        .iter()
        .map(|listing| {
            let next = numbers.len() as u32;
            *numbers.entry(cells(listing)).or_insert(next)
        })
        .collect();
    let candidate = |draft: &Draft| {
        let date = draft.date.as_ref().filter(|_| draft.file.list.is_ok())?;
        let mut rows: Vec<u32> = draft.rows.iter().map(|(_, row)| clean[*row as usize]).collect();
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
