//! Looks at the batches of a large table as they go by: whether the rows are in the order of their key, each
//! key once, and whether what they refer to is there.

use std::cmp::Ordering;
use std::collections::HashSet;

use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Date32Array, DictionaryArray, Int64Array, RecordBatch, StringArray};

use crate::frames::{FrameError, Frames, texts};
use crate::spec::TableSpec;

/// What was seen of one table.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub rows: usize,
    /// Rows whose key is null, or not greater than the one before.
    pub out_of_order: usize,
    /// Foreign keys without their row, as text.
    pub unresolved: Vec<String>,
}

/// Watches one table.
pub struct Watch {
    table: String,
    key: Vec<usize>,
    last: Option<RecordBatch>,
    references: Vec<Reference>,
    rows: usize,
    out_of_order: usize,
}

struct Reference {
    column: usize,
    name: String,
    known: HashSet<String>,
    /// Texts of a coded column that were looked up already.
    looked_up: HashSet<i32>,
    lost: usize,
    first: Option<String>,
}

impl Watch {
    /// `frames` hold the tables that this one refers to.
    pub fn new(table: &TableSpec, frames: &Frames) -> Result<Self, FrameError> {
        let position =
            |name: &String| table.columns.iter().position(|column| column.name == *name).unwrap_or(0);
        let mut references = Vec::new();
        for fk in &table.foreign_keys {
            let ([column], [target]) = (fk.columns.as_slice(), fk.references.as_slice()) else {
                let message = "a large table refers by one column at a time".to_owned();
                return Err(FrameError::Shape { table: table.name.clone(), message });
            };
            let known = texts(frames.get(&fk.table)?, target)?.into_iter().flatten().map(str::to_owned);
            references.push(Reference {
                column: position(column),
                name: column.clone(),
                known: known.collect(),
                looked_up: HashSet::new(),
                lost: 0,
                first: None,
            });
        }
        Ok(Self {
            table: table.name.clone(),
            key: table.key.iter().map(position).collect(),
            last: None,
            references,
            rows: 0,
            out_of_order: 0,
        })
    }

    /// Takes the next batch.
    pub fn see(&mut self, batch: &RecordBatch) {
        let rows = batch.num_rows();
        if rows == 0 {
            return;
        }
        self.rows += rows;
        if let Some(last) = &self.last {
            let before = last.num_rows() - 1;
            self.out_of_order += usize::from(!self.is_before(last, before, batch, 0));
        }
        for row in 1..rows {
            self.out_of_order += usize::from(!self.is_before(batch, row - 1, batch, row));
        }
        let nulls = self.key.iter().map(|column| batch.column(*column).null_count()).sum::<usize>();
        self.out_of_order += nulls;
        for reference in &mut self.references {
            reference.see(batch.column(reference.column));
        }
        self.last = Some(batch.slice(rows - 1, 1));
    }

    /// What was seen.
    pub fn finish(self) -> Seen {
        let lost = self.references.iter().filter(|reference| reference.lost > 0);
        let lost = lost.map(|r| {
            let first = r.first.as_deref().unwrap_or_default();
            format!("{}.{}: {} values, first {first}", self.table, r.name, r.lost)
        });
        Seen { rows: self.rows, out_of_order: self.out_of_order, unresolved: lost.collect() }
    }

    fn is_before(&self, a: &RecordBatch, i: usize, b: &RecordBatch, j: usize) -> bool {
        for column in &self.key {
            match compare(a.column(*column), i, b.column(*column), j) {
                Ordering::Less => return true,
                Ordering::Greater => return false,
                Ordering::Equal => {}
            }
        }
        false
    }
}

impl Reference {
    fn see(&mut self, column: &ArrayRef) {
        if let Some(coded) = column.as_any().downcast_ref::<DictionaryArray<Int32Type>>() {
            let Some(values) = coded.values().as_any().downcast_ref::<StringArray>() else { return };
            // The texts of a constant column are its own; those of a coded one are the table's.
            if values.len() == 1 {
                self.looked_up.clear();
            }
            for code in coded.keys().iter().flatten() {
                if self.looked_up.insert(code) {
                    self.look_up(values.value(code as usize));
                }
            }
        }
    }

    fn look_up(&mut self, text: &str) {
        if !self.known.contains(text) {
            self.lost += 1;
            self.first.get_or_insert_with(|| text.to_owned());
        }
    }
}

/// Nulls are equal to each other and before all else.
fn compare(a: &ArrayRef, i: usize, b: &ArrayRef, j: usize) -> Ordering {
    fn of<'a, T: 'static>(a: &'a ArrayRef, b: &'a ArrayRef) -> Option<(&'a T, &'a T)> {
        a.as_any().downcast_ref::<T>().zip(b.as_any().downcast_ref::<T>())
    }
    if a.is_null(i) || b.is_null(j) {
        return b.is_null(j).cmp(&a.is_null(i));
    }
    if let Some((a, b)) = of::<DictionaryArray<Int32Type>>(a, b) {
        fn text(array: &DictionaryArray<Int32Type>, at: usize) -> Option<&str> {
            let values = array.values().as_any().downcast_ref::<StringArray>()?;
            Some(values.value(array.keys().value(at) as usize))
        }
        let same = std::sync::Arc::ptr_eq(a.values(), b.values()) && a.keys().value(i) == b.keys().value(j);
        return if same { Ordering::Equal } else { text(a, i).cmp(&text(b, j)) };
    }
    if let Some((a, b)) = of::<Int64Array>(a, b) {
        return a.value(i).cmp(&b.value(j));
    }
    if let Some((a, b)) = of::<Date32Array>(a, b) {
        return a.value(i).cmp(&b.value(j));
    }
    of::<StringArray>(a, b).map_or(Ordering::Equal, |(a, b)| a.value(i).cmp(b.value(j)))
}
