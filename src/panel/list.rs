//! Lists, and the distinct rows of all of them.

use jiff::civil::Date;
use typed_index_collections::TiVec;

use super::rows::ListRow;
use crate::acquire::Refusal;
use crate::normalise::Listing;
use crate::read::ListDate;
use crate::words::{ListAt, ListKind, ListStatus, RowAt, SampleAt};

/// One offered file and what it counts for.
#[derive(Debug)]
pub struct List {
    pub list_id: String,
    pub file_name: String,
    /// sha256 of the workbook's bytes, whether they were read or the record has the list; the release id depends on it.
    pub sha256: String,
    pub is_named: bool,
    /// Whether the record has it.
    pub is_recorded: bool,
    pub kind: Option<ListKind>,
    pub date: Option<ListDate>,
    pub layout: Option<String>,
    pub printed_columns: Option<String>,
    /// Rows that were kept as listings, or would be.
    pub row_count: usize,
    /// Rows with a value, as the reader counted them.
    pub rows_read: usize,
    /// Rows among these with values outside the layout's columns only.
    pub stray_rows: usize,
    pub blank_rows: u32,
    pub status: ListStatus,
    /// Position in the panel of an earlier list with the same rows.
    pub same_rows_as: Option<ListAt>,
    pub reason: Option<String>,
    /// Its rows by their number on the sheet; empty unless rows of this status are kept.
    pub rows: Vec<ListRow>,
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

    /// Whether it is of the kind and tells what was listed on its day.
    pub fn counts(&self, kind: ListKind) -> bool {
        self.kind == Some(kind) && matches!(self.status, ListStatus::Accepted | ListStatus::Superseded)
    }
}

/// All lists, ordered by day, participating before pending, edition, the time they were saved and name; those without a
/// day last.
#[derive(Debug, Default)]
pub struct Panel {
    pub lists: TiVec<ListAt, List>,
    /// The distinct rows of all lists, in no order that means anything.
    pub listings: TiVec<RowAt, Listing>,
}

impl Panel {
    /// Lists whose rows are kept, in order, with their positions.
    pub fn kept(&self) -> impl Iterator<Item = (ListAt, &List)> {
        self.lists.iter_enumerated().filter(|(_, list)| list.is_kept())
    }

    /// Lists of a kind that tell what was listed on a day: every edition, no stale one.
    pub fn samples(&self, kind: ListKind) -> TiVec<SampleAt, &List> {
        self.lists.iter().filter(|list| list.counts(kind)).collect()
    }

    /// Participating lists that are the as-of list of some day, in order, with their positions.
    pub fn as_of_lists(&self) -> Vec<(ListAt, &List)> {
        let of_day =
            |list: &List| list.counts(ListKind::Participating) && list.status == ListStatus::Accepted;
        self.lists.iter_enumerated().filter(|(_, list)| of_day(list)).collect()
    }

    /// Files that were refused.
    pub fn refused(&self) -> impl Iterator<Item = (&List, &Refusal)> {
        self.lists.iter().filter_map(|list| Some((list, list.refusal.as_ref()?)))
    }

    /// The rows of a list, clean.
    pub fn listings_of(&self, list: &List) -> impl Iterator<Item = &Listing> {
        list.rows.iter().map(|(_, row)| &self.listings[*row])
    }

    /// The row's listing.
    pub fn listing(&self, row: RowAt) -> &Listing {
        &self.listings[row]
    }
}
