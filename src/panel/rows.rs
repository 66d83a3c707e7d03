//! The rows of all lists, each distinct row once: most rows are printed as on the list before.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use typed_index_collections::{TiSlice, TiVec};

use crate::normalise::{RawTexts, Slots};
use crate::read::{RawList, Text, TextId, Texts, cell_slot, link_slot};
use crate::spec::Field;
use crate::words::{ListKind, RowAt};

/// A row of a list: its number on the sheet, and which of the distinct rows it is.
pub type ListRow = (u32, RowAt);

/// Distinct texts and distinct rows, numbered as they come.
#[derive(Debug, Default)]
pub struct Rows {
    texts: Vec<Text>,
    known_texts: HashTable<TextId>,
    rows: TiVec<RowAt, Slots>,
    /// Known rows by kind: where lists are compared, what a row says depends on the list's kind.
    known_rows: HashMap<(ListKind, Slots), RowAt, RandomState>,
    hasher: RandomState,
}

impl Rows {
    /// Adds the rows of a list.
    pub fn add(&mut self, list: &RawList) -> Vec<ListRow> {
        let numbers: Vec<TextId> = self.number(&list.texts);
        let rows = list.rows.iter().map(|row| {
            let slots = row.slots.map(|id| id.map(|id| numbers[id.get() as usize - 1]));
            let next = self.rows.next_key();
            let known = *self.known_rows.entry((list.layout.kind, slots)).or_insert(next);
            if known == next {
                self.rows.push(slots);
            }
            (row.row_number, known)
        });
        rows.collect()
    }

    fn number(&mut self, texts: &Texts) -> Vec<TextId> {
        let Self { texts: all, known_texts: known, hasher, .. } = self;
        let number = |text: &str| {
            let hash = hasher.hash_one(text);
            if let Some(id) = known.find(hash, |id| all[id.get() as usize - 1] == text) {
                return *id;
            }
            all.push(text.into());
            let id = TextId::new(all.len() as u32).expect("there is at least the one that was pushed");
            known.insert_unique(hash, id, |id| hasher.hash_one(all[id.get() as usize - 1].as_str()));
            id
        };
        texts.iter().map(number).collect()
    }

    /// Distinct texts, in the order of their numbers.
    pub fn texts(&self) -> &[Text] {
        &self.texts
    }

    /// Distinct rows, in the order of their numbers.
    pub fn rows(&self) -> &TiSlice<RowAt, Slots> {
        &self.rows
    }

    /// Numbers the rows; rows that differ only in their links have the same number.
    pub fn without_links(&self) -> TiVec<RowAt, u32> {
        let mut known: HashMap<Slots, u32, RandomState> = HashMap::default();
        let rows = self.rows.iter().map(|row| {
            let mut cells = *row;
            for field in Field::ALL.into_iter().filter(|field| field.is_linked()) {
                cells[cell_slot(field)] = None;
                cells[link_slot(field)] = None;
            }
            let next = known.len() as u32;
            *known.entry(cells).or_insert(next)
        });
        rows.collect()
    }

    /// Returns the texts and rows to clean.
    pub fn into_raw(self) -> RawTexts {
        RawTexts { texts: self.texts, rows: self.rows }
    }
}
