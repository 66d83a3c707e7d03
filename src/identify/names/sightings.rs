//! When, where and how often lists print something. It is counted once for every distinct row, so that names, dates and
//! links are judged from some thousands of rows and not from all listings.

use jiff::civil::Date;
use typed_index_collections::TiVec;

use crate::panel::{List, Panel};
use crate::words::{ListAt, ListKind, RowAt};

/// The place of a row: position of the list in the panel, row number on the sheet. Sorts in the order of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cite {
    pub list: ListAt,
    pub row_number: u32,
}

impl Cite {
    /// Returns the file and row, as evidence names them.
    pub fn text(self, panel: &Panel) -> String {
        format!("{} row {}", panel.lists[self.list].file_name, self.row_number)
    }
}

/// When and how often something is printed, by the days of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sightings {
    pub first: Date,
    pub last: Date,
    pub count: u32,
    /// The first sighting.
    pub cite: Cite,
}

impl Sightings {
    /// Adds other sightings of the same thing.
    pub fn add(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.count += other.count;
        self.cite = self.cite.min(other.cite);
    }

    /// Returns these sightings and the others together.
    pub fn and(self, other: Option<Self>) -> Self {
        let mut all = self;
        if let Some(other) = other {
            all.add(other);
        }
        all
    }
}

/// Returns the sightings of each distinct row on the lists that `looks_at` accepts; `None` where no such list has it.
pub fn sightings(panel: &Panel, looks_at: impl Fn(&List) -> bool) -> TiVec<RowAt, Option<Sightings>> {
    let mut seen: TiVec<RowAt, Option<Sightings>> = vec![None; panel.listings.len()].into();
    for (at, list) in panel.kept().filter(|(_, list)| looks_at(list)) {
        let day = list.day();
        for (row_number, row) in &list.rows {
            match &mut seen[*row] {
                Some(seen) => (seen.last, seen.count) = (seen.last.max(day), seen.count + 1),
                unseen => {
                    let cite = Cite { list: at, row_number: *row_number };
                    *unseen = Some(Sightings { first: day, last: day, count: 1, cite });
                }
            }
        }
    }
    seen
}

/// Returns the sightings of each distinct row on the lists of a kind that say what was listed on their days.
pub fn of_kind(panel: &Panel, kind: ListKind) -> TiVec<RowAt, Option<Sightings>> {
    sightings(panel, |list| list.counts(kind))
}
