//! A list as printed: rows of texts, each distinct text kept once.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::num::NonZeroU32;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::addresses::without_mailboxes;
use crate::mailboxes::withhold_mailboxes;
use crate::spec::{Bounds, Field, Layout};

/// Cells of a row and links behind them.
const SLOTS: usize = Field::COUNT + 2;

/// Number of a text of a list; the first is 1.
pub type TextId = NonZeroU32;

/// One row as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawRow {
    /// As a spreadsheet program shows it; the header is 1.
    pub row_number: u32,
    /// The fields in their order, then the links behind MOA and ADDENDUM.
    pub slots: [Option<TextId>; SLOTS],
}

impl RawRow {
    /// An empty row.
    pub fn new(row_number: u32) -> Self {
        Self { row_number, slots: Default::default() }
    }

    /// Puts a text into a cell.
    pub fn put(&mut self, field: Field, text: TextId) {
        self.slots[cell_slot(field)] = Some(text);
    }

    /// Puts the target of a link behind a cell of a linked column.
    pub fn put_link(&mut self, field: Field, target: TextId) {
        self.slots[link_slot(field)] = Some(target);
    }
}

/// Slot of a cell.
pub fn cell_slot(field: Field) -> usize {
    field as usize
}

/// Slot of the link behind a cell.
pub fn link_slot(field: Field) -> usize {
    Field::COUNT + usize::from(field == Field::Addendum)
}

/// A list as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawList {
    /// The layout its header matched; it says what kind of list this is.
    pub layout: Layout,
    /// Headers as printed, trailing empty ones dropped.
    pub printed_columns: Vec<String>,
    pub rows: Vec<RawRow>,
    pub texts: Texts,
    /// Rows after the header without a value.
    pub blank_rows: u32,
    /// Rows after the header with a value anywhere.
    pub rows_seen: u32,
    /// Links that lead nowhere, lie behind no row or are longer than a cell may be: set aside, and given in the list's
    /// reason.
    pub lost_links: u32,
    /// Cells with a value outside the layout's columns: set aside, and given in the list's reason.
    pub stray_cells: u32,
    /// Rows that have only stray cells.
    pub stray_rows: u32,
    /// Other content of the file that was set aside, in words.
    pub aside: Vec<String>,
    pub sizes: Sizes,
    /// When the workbook was last saved, UTC, according to its properties.
    pub saved: Option<String>,
}

impl RawList {
    /// Returns the list without anybody's mailbox in its cells, its links or the notes on it.
    #[must_use]
    pub fn without_mailboxes(mut self) -> Self {
        for aside in &mut self.aside {
            if let Cow::Owned(withheld) = withhold_mailboxes(aside) {
                *aside = withheld;
            }
        }
        let is_clean = |text: &str| matches!(without_mailboxes(text), Cow::Borrowed(_));
        if self.texts.iter().all(is_clean) {
            return self;
        }
        let mut pool = Pool::default();
        // Two texts may have become one.
        let ids: Vec<Option<TextId>> =
            self.texts.iter().map(|text| pool.id(&without_mailboxes(text))).collect();
        for slot in self.rows.iter_mut().flat_map(|row| &mut row.slots) {
            *slot = slot.and_then(|id| ids[id.get() as usize - 1]);
        }
        self.texts = pool.into_texts();
        self
    }

    /// When the workbook says it was last saved, UTC.
    pub fn saved(&self) -> Option<DateTime> {
        self.saved.as_deref()?.trim_end_matches('Z').parse().ok()
    }

    /// The cell's text; `None` where it is blank or the layout has no such column.
    pub fn cell(&self, row: &RawRow, field: Field) -> Option<&str> {
        row.slots[cell_slot(field)].map(|id| self.texts.get(id))
    }

    /// The target of the link behind the cell.
    pub fn link(&self, row: &RawRow, field: Field) -> Option<&str> {
        row.slots[link_slot(field)].filter(|_| field.is_linked()).map(|id| self.texts.get(id))
    }

    /// The texts of a column, from the first row to the last.
    pub fn column(&self, field: Field) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(move |row| self.cell(row, field))
    }
}

/// The sizes of a file that the bounds of `pipelines/agreements/source.toml` limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sizes {
    pub file_bytes: u64,
    pub zip_entries: usize,
    pub inflated_bytes: u64,
    pub inflation: u64,
    /// Column of the last cell with a value.
    pub columns: u32,
    pub cell_chars: usize,
    pub text_bytes: usize,
}

impl Sizes {
    /// Whether all of them are within bounds.
    pub fn fit(&self, bounds: &Bounds) -> bool {
        self.file_bytes <= bounds.file_bytes
            && self.zip_entries <= bounds.zip_entries
            && self.inflated_bytes <= bounds.inflated_bytes
            && self.inflation <= bounds.inflation
            && self.columns <= bounds.columns
            && self.cell_chars <= bounds.cell_chars
            && self.text_bytes <= bounds.text_bytes
    }
}

/// Texts one after another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Texts {
    all: String,
    /// Where each text ends in `all`.
    ends: Vec<u32>,
}

impl Texts {
    /// Adds a new text, joined from its parts; `None` where the texts would hold more than 4 GB.
    pub fn push(&mut self, parts: &[&str]) -> Option<TextId> {
        let end = parts.iter().map(|part| part.len()).sum::<usize>().checked_add(self.all.len())?;
        let end = u32::try_from(end).ok()?;
        parts.iter().for_each(|part| self.all.push_str(part));
        self.ends.push(end);
        TextId::new(self.ends.len() as u32)
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the text with a number that this list gave.
    pub fn get(&self, id: TextId) -> &str {
        let at = id.get() as usize - 1;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]) as usize;
        &self.all[start..self.ends[at] as usize]
    }

    /// All texts, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.all[start as usize..*end as usize])
    }

    /// Whether every text is valid and every number of the rows has one: data read from a disk may be damaged.
    pub fn are_whole(&self, rows: &[RawRow]) -> bool {
        let ends = &self.ends;
        ends.is_sorted()
            && ends.iter().all(|end| self.all.is_char_boundary(*end as usize))
            && rows.iter().flat_map(|row| &row.slots).flatten().all(|id| id.get() as usize <= ends.len())
    }
}

/// Gives each distinct text a number.
#[derive(Debug, Default)]
pub struct Pool {
    texts: Texts,
    known: HashTable<TextId>,
    hasher: RandomState,
}

impl Pool {
    /// The number of a text; `None` where the list holds more than 4 GB of them.
    pub fn id(&mut self, text: &str) -> Option<TextId> {
        let Self { texts, known, hasher } = self;
        let hash = hasher.hash_one(text);
        if let Some(id) = known.find(hash, |id| texts.get(*id) == text) {
            return Some(*id);
        }
        let id = texts.push(&[text])?;
        known.insert_unique(hash, id, |id| hasher.hash_one(texts.get(*id)));
        Some(id)
    }

    /// Bytes of all texts.
    pub fn bytes(&self) -> usize {
        self.texts.all.len()
    }

    /// Returns the text with a number that this pool gave.
    pub fn text(&self, id: TextId) -> &str {
        self.texts.get(id)
    }

    /// The texts, numbered as they were given.
    pub fn into_texts(self) -> Texts {
        self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_distinct_text_is_kept_once() {
        let mut pool = Pool::default();
        let ids: Vec<_> = ["a", "", "bé", "a", "b"].iter().map(|t| pool.id(t).unwrap()).collect();
        assert_eq!(ids[0], ids[3]);
        let texts = pool.into_texts();
        assert_eq!(ids.iter().map(|id| texts.get(*id)).collect::<Vec<_>>(), ["a", "", "bé", "a", "b"]);
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "", "bé", "b"]);
    }

    #[test]
    fn damage_is_seen() {
        let mut pool = Pool::default();
        let id = pool.id("é").unwrap();
        let mut row = RawRow::new(2);
        row.put(Field::Agency, id);
        let whole = pool.into_texts();
        assert!(whole.are_whole(std::slice::from_ref(&row)));
        row.put(Field::State, TextId::new(2).unwrap());
        assert!(!whole.are_whole(&[row]));
        assert!(!Texts { ends: vec![1], ..whole }.are_whole(&[]));
    }
}
