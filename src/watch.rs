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
        let position = |name: &String| {
            let at = table.columns.iter().position(|column| column.name == *name);
            let message = format!("key column {name} is not in its spec");
            at.ok_or_else(|| FrameError::Shape { table: table.name.clone(), message })
        };
        let mut references = Vec::new();
        for fk in &table.foreign_keys {
            let ([column], [target]) = (fk.columns.as_slice(), fk.references.as_slice()) else {
                let message = "a large table refers by one column at a time".to_owned();
                return Err(FrameError::Shape { table: table.name.clone(), message });
            };
            let known = texts(frames.get(&fk.table)?, target)?.into_iter().flatten().map(str::to_owned);
            references.push(Reference {
                column: position(column)?,
                name: column.clone(),
                known: known.collect(),
                looked_up: HashSet::new(),
                lost: 0,
                first: None,
            });
        }
        Ok(Self {
            table: table.name.clone(),
            key: table.key.iter().map(position).collect::<Result<_, _>>()?,
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
        let columns = KeyColumn::all(&self.key, batch);
        if let Some(last) = &self.last {
            self.out_of_order +=
                usize::from(compare(&KeyColumn::all(&self.key, last), 0, &columns, 0) != Ordering::Less);
        }
        let pairs = (1..rows).filter(|row| compare(&columns, row - 1, &columns, *row) != Ordering::Less);
        self.out_of_order += pairs.count();
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
        } else if let Some(texts) = column.as_any().downcast_ref::<StringArray>() {
            texts.iter().flatten().for_each(|text| self.look_up(text));
        }
    }

    fn look_up(&mut self, text: &str) {
        if !self.known.contains(text) {
            self.lost += 1;
            self.first.get_or_insert_with(|| text.to_owned());
        }
    }
}

/// A key column of a batch. Nulls are counted apart.
enum KeyColumn<'a> {
    Coded(&'a [i32], &'a StringArray),
    Integers(&'a [i64]),
    Dates(&'a [i32]),
    Texts(&'a StringArray),
}

impl<'a> KeyColumn<'a> {
    fn of(array: &'a ArrayRef) -> Self {
        let any = array.as_any();
        if let Some(coded) = any.downcast_ref::<DictionaryArray<Int32Type>>()
            && let Some(texts) = coded.values().as_any().downcast_ref::<StringArray>()
        {
            return Self::Coded(coded.keys().values(), texts);
        }
        if let Some(integers) = any.downcast_ref::<Int64Array>() {
            return Self::Integers(integers.values());
        }
        match any.downcast_ref::<Date32Array>() {
            Some(dates) => Self::Dates(dates.values()),
            None => {
                Self::Texts(any.downcast_ref::<StringArray>().expect("keys are texts, integers or dates"))
            }
        }
    }

    fn all(key: &[usize], batch: &'a RecordBatch) -> Vec<Self> {
        key.iter().map(|column| Self::of(batch.column(*column))).collect()
    }

    fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Coded(codes, texts) => Some(texts.value(codes[row] as usize)),
            Self::Texts(texts) => Some(texts.value(row)),
            _ => None,
        }
    }
}

fn compare(a: &[KeyColumn], i: usize, b: &[KeyColumn], j: usize) -> Ordering {
    let columns = a.iter().zip(b).map(|(a, b)| match (a, b) {
        (KeyColumn::Integers(a), KeyColumn::Integers(b)) => a[i].cmp(&b[j]),
        (KeyColumn::Dates(a), KeyColumn::Dates(b)) => a[i].cmp(&b[j]),
        (KeyColumn::Coded(x, texts), KeyColumn::Coded(y, others))
            if x[i] == y[j] && std::ptr::eq(*texts, *others) =>
        {
            Ordering::Equal
        }
        _ => a.text(i).cmp(&b.text(j)),
    });
    columns.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
