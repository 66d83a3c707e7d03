//! The panel: every list that was offered, in the order of the days they speak for.
//!
//! It is what reading and normalising hand to the later steps. A refused file is in it too, with the
//! reason; its rows are not.

use jiff::civil::Date;
use rayon::prelude::*;

use crate::acquire::{Offered, Refusal};
use crate::normalise::{Listing, NormalList, Repair, normalise, standing, withhold_mailboxes};
use crate::read::{Edition, ListDate, ReadFile, list_date, read, settle};
use crate::reference::Reference;
use crate::spec::Specs;
use crate::words::{ListKind, ListStatus};

/// One offered file and what it counts for.
#[derive(Debug)]
pub struct List {
    pub list_id: String,
    pub file_name: String,
    pub sha256: String,
    /// sha256 of the bytes read; what a release id goes by.
    pub content_sha256: String,
    pub is_named: bool,
    pub kind: Option<ListKind>,
    pub date: Option<ListDate>,
    pub layout: Option<String>,
    pub printed_columns: Option<String>,
    /// Rows that were kept as listings, or would be.
    pub row_count: usize,
    /// Rows with a value, as the reader counted them.
    pub rows_read: usize,
    pub blank_rows: u32,
    pub status: ListStatus,
    /// Position in the panel of an earlier list with the same rows.
    pub same_rows_as: Option<usize>,
    pub reason: Option<String>,
    /// Empty unless rows of the status are kept.
    pub listings: Vec<Listing>,
    pub repairs: Vec<Repair>,
    pub refusal: Option<Refusal>,
}

impl List {
    /// Its day; lists without one are quarantined and have no rows.
    pub fn day(&self) -> Date {
        self.date.as_ref().map_or(Date::MIN, |date| date.date)
    }

    /// Whether the tables hold its rows.
    pub fn is_kept(&self) -> bool {
        matches!(self.status, ListStatus::Accepted | ListStatus::Superseded | ListStatus::Stale)
    }

    fn counts(&self, kind: ListKind) -> bool {
        self.kind == Some(kind) && matches!(self.status, ListStatus::Accepted | ListStatus::Superseded)
    }
}

/// All lists: by day, participating before pending, by edition, by name; those without a day last.
#[derive(Debug, Default)]
pub struct Panel {
    pub lists: Vec<List>,
}

impl Panel {
    /// Lists whose rows are kept, in order, with their positions.
    pub fn kept(&self) -> impl Iterator<Item = (usize, &List)> {
        self.lists.iter().enumerate().filter(|(_, list)| list.is_kept())
    }

    /// Lists of a kind that tell what was listed on a day: every edition, no stale one.
    pub fn samples(&self, kind: ListKind) -> Vec<&List> {
        self.lists.iter().filter(|list| list.counts(kind)).collect()
    }

    /// Participating lists that are the as-of list of some day, in order, with their positions.
    pub fn as_of_lists(&self) -> Vec<(usize, &List)> {
        let of_day =
            |list: &List| list.counts(ListKind::Participating) && list.status == ListStatus::Accepted;
        self.lists.iter().enumerate().filter(|(_, list)| of_day(list)).collect()
    }

    /// Files that were refused.
    pub fn refused(&self) -> impl Iterator<Item = (&List, &Refusal)> {
        self.lists.iter().filter_map(|list| Some((list, list.refusal.as_ref()?)))
    }
}

/// Reads and normalises every offered file, in parallel, and settles which lists count. Lists dated
/// after `as_of` are left out as if they had not been published yet.
pub fn panel(offered: &[Offered], specs: &Specs, reference: &Reference, as_of: Option<Date>) -> Panel {
    let mut read: Vec<(ReadFile, Option<ListDate>, Option<NormalList>)> = offered
        .par_iter()
        .map(|file| {
            let mut file = read(file, &specs.layouts, &specs.agreements);
            // An empty list would read as the end of every agreement.
            if file.list.as_ref().is_ok_and(|l| l.kind == ListKind::Participating && l.rows.is_empty()) {
                file.list = Err(Refusal::NoRows);
            }
            let by_name = list_date(&file.file_name);
            let date = match &file.list {
                Ok(list) => by_name.and_then(|date| settle(date, list)),
                Err(_) => by_name,
            };
            let normal = match (&file.list, &date) {
                (Ok(list), Ok(date)) => Some(normalise(list, date.date, &specs.vocabulary, reference)),
                _ => None,
            };
            let date = match date {
                Ok(date) => Some(date),
                Err(refusal) => {
                    file.list = file.list.and(Err(refusal));
                    None
                }
            };
            (file, date, normal)
        })
        .collect();
    read.retain(|(_, date, _)| date.as_ref().is_none_or(|date| as_of.is_none_or(|as_of| date.date <= as_of)));
    read.sort_by(|a, b| order(a).cmp(&order(b)));
    // The same file offered twice is one file.
    read.dedup_by(|again, first| {
        let same = again.0.list_id == first.0.list_id;
        first.0.is_named |= same && again.0.is_named;
        same
    });

    let edition = |date: &Option<ListDate>| date.as_ref().map(|date| date.edition.clone());
    let editions: Vec<Option<Edition>> = read.iter().map(|(_, date, _)| edition(date)).collect();
    let mut positions = Vec::new();
    let mut settled = Vec::new();
    for (at, (file, _, normal)) in read.iter().enumerate() {
        if let (Some(normal), Some(edition)) = (normal, &editions[at]) {
            positions.push(at);
            settled.push((normal, edition, file.file_name.as_str()));
        }
    }
    let standings = standing(&settled);
    let mut by_position = std::collections::HashMap::new();
    for (at, standing) in positions.iter().zip(standings) {
        let same_rows_as = standing.same_rows_as.map(|n| positions[n]);
        by_position.insert(*at, (standing.status, same_rows_as, standing.reason));
    }

    let lists = read.into_iter().enumerate().map(|(at, (file, date, normal))| {
        let (status, same_rows_as, reason) =
            by_position.remove(&at).unwrap_or((ListStatus::Quarantined, None, None));
        list(file, date, normal, status, same_rows_as, reason)
    });
    Panel { lists: lists.collect() }
}

type Order<'a> = (bool, Option<(Date, ListKind, Edition)>, &'a str, &'a str);

fn order<'a>((file, date, normal): &'a (ReadFile, Option<ListDate>, Option<NormalList>)) -> Order<'a> {
    let key = normal.as_ref().zip(date.as_ref()).map(|(normal, d)| (d.date, normal.kind, d.edition.clone()));
    (key.is_none(), key, &file.file_name, &file.list_id)
}

fn list(
    file: ReadFile,
    date: Option<ListDate>,
    normal: Option<NormalList>,
    status: ListStatus,
    same_rows_as: Option<usize>,
    reason: Option<&str>,
) -> List {
    let mut list = List {
        list_id: file.list_id,
        // Names and refusals are published: a mailbox in them is not.
        file_name: withhold_mailboxes(&file.file_name).into_owned(),
        sha256: file.sha256,
        content_sha256: file.content_sha256,
        is_named: file.is_named,
        kind: None,
        date,
        layout: None,
        printed_columns: None,
        row_count: 0,
        rows_read: 0,
        blank_rows: 0,
        status,
        same_rows_as,
        reason: reason.map(str::to_owned),
        listings: Vec::new(),
        repairs: Vec::new(),
        refusal: None,
    };
    match file.list {
        Ok(raw) => {
            list.kind = Some(raw.kind);
            list.layout = Some(raw.layout);
            list.printed_columns = Some(raw.printed_columns.join("|"));
            list.row_count = raw.rows.len();
            list.rows_read = raw.rows_seen as usize;
            list.blank_rows = raw.blank_rows;
            let aside = [
                (raw.stray_cells, "values outside the layout's columns"),
                (raw.rows_seen - raw.rows.len() as u32, "rows with nothing but such values"),
                (raw.lost_links, "links behind no row, or too long,"),
            ];
            for (count, what) in aside.into_iter().filter(|(count, _)| *count > 0) {
                let said = format!("{count} {what} were set aside");
                list.reason = Some(list.reason.map_or(said.clone(), |reason| format!("{reason}; {said}")));
            }
        }
        Err(refusal) => {
            list.reason = Some(withhold_mailboxes(&refusal.to_string()).into_owned());
            list.refusal = Some(refusal);
        }
    }
    if let Some(normal) = normal.filter(|_| list.is_kept()) {
        list.listings = normal.listings;
        list.repairs = normal.repairs;
    }
    list
}
