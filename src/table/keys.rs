//! Checks the keys and references of a table part by part: whether the rows are in the order of their key, each key
//! occurs once, and the rows that they refer to exist.

use std::cmp::Ordering;
use std::collections::HashSet;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Int32Array};
use arrow_ord::ord::{DynComparator, make_comparator};
use arrow_schema::SortOptions;

use super::{Table, TableError, TableSource};
use crate::spec::{ForeignKey, TableSpec};

/// The findings on one table.
#[derive(Debug, Clone, Default)]
pub struct KeyFindings {
    pub rows: usize,
    /// Rows whose key has a null, or is not greater than the key of the previous row.
    pub out_of_order: usize,
    /// References to rows that do not exist, as text.
    pub unresolved: Vec<String>,
}

/// Checks one table.
pub struct KeyCheck<'a> {
    table: &'a TableSpec,
    last: Option<Table>,
    references: Vec<ReferenceCheck<'a>>,
    rows: usize,
    out_of_order: usize,
}

/// Codes of a coded column whose texts are among the known keys.
#[derive(Default)]
struct KnownCodes {
    codes: HashSet<i32>,
    /// The texts that they code.
    texts: Option<ArrayRef>,
}

/// Checks one reference of a table.
struct ReferenceCheck<'a> {
    key: &'a ForeignKey,
    /// Keys of the referenced table.
    known: HashSet<String>,
    known_codes: KnownCodes,
    missing: usize,
    first_missing: Option<String>,
}

impl<'a> KeyCheck<'a> {
    /// `others` has the tables to which this one refers.
    ///
    /// # Errors
    /// A referenced table cannot be read.
    pub fn new(table: &'a TableSpec, others: &dyn TableSource) -> Result<Self, TableError> {
        let mut references = Vec::new();
        for key in &table.foreign_keys {
            let columns: Vec<&str> = key.references.iter().map(String::as_str).collect();
            let target = others.columns(&key.table, &columns)?;
            let known = keys_of(&target, &columns)?.into_iter().flatten().collect();
            references.push(ReferenceCheck {
                key,
                known,
                known_codes: KnownCodes::default(),
                missing: 0,
                first_missing: None,
            });
        }
        Ok(Self { table, last: None, references, rows: 0, out_of_order: 0 })
    }

    /// Takes the next part of the table.
    ///
    /// # Errors
    /// The part lacks a column of a key.
    pub fn see(&mut self, part: &Table) -> Result<(), TableError> {
        let rows = part.row_count();
        if rows == 0 {
            return Ok(());
        }
        self.rows += rows;
        let border = match &self.last {
            Some(last) => Some(KeyOrder::between(self.table, last, part)?),
            None => None,
        };
        let order = KeyOrder::within(self.table, part)?;
        let is_greater = |row: u32| match row {
            0 => border.as_ref().is_none_or(|border| border.compare(0, 0) == Ordering::Less),
            row => order.compare(row - 1, row) == Ordering::Less,
        };
        let key_columns = self.table.key.iter().filter_map(|name| part.batch().column_by_name(name));
        let with_nulls: Vec<&ArrayRef> = key_columns.filter(|column| column.null_count() > 0).collect();
        let has_null = |row: u32| with_nulls.iter().any(|column| column.is_null(row as usize));
        self.out_of_order += (0..rows as u32).filter(|row| has_null(*row) || !is_greater(*row)).count();
        for reference in &mut self.references {
            reference.see(part)?;
        }
        self.last = Some(Table::new(part.batch().slice(rows - 1, 1)));
        Ok(())
    }

    /// Returns the findings.
    pub fn finish(self) -> KeyFindings {
        let missing = self.references.iter().filter(|reference| reference.missing > 0);
        let missing = missing.map(|reference| {
            let columns = reference.key.columns.join("+");
            let first = reference.first_missing.as_deref().unwrap_or_default();
            format!("{}.{columns}: {} rows, first {first}", self.table.name, reference.missing)
        });
        KeyFindings { rows: self.rows, out_of_order: self.out_of_order, unresolved: missing.collect() }
    }
}

impl KeyFindings {
    /// "table: n rows", if the keys of `n` rows are wrong.
    pub fn wrong_keys(&self, table: &str) -> Option<String> {
        (self.out_of_order > 0).then(|| format!("{table}: {} rows", self.out_of_order))
    }
}

impl ReferenceCheck<'_> {
    fn see(&mut self, part: &Table) -> Result<(), TableError> {
        let columns: Vec<&str> = self.key.columns.iter().map(String::as_str).collect();
        if let [column] = columns.as_slice()
            && let Some(array) = part.batch().column_by_name(column)
            && let Some(coded) = array.as_dictionary_opt::<Int32Type>()
            && let Some(texts) = coded.values().as_string_opt::<i32>()
        {
            // Most parts share the texts of their table. What a code means is known only as long as they do.
            let is_same = |other: &ArrayRef| other.to_data().ptr_eq(&coded.values().to_data());
            if !self.known_codes.texts.as_ref().is_some_and(is_same) {
                self.known_codes = KnownCodes { codes: HashSet::new(), texts: Some(coded.values().clone()) };
            }
            for code in coded.keys().iter().flatten() {
                if !self.known_codes.codes.contains(&code) && self.look_up(texts.value(code as usize)) {
                    self.known_codes.codes.insert(code);
                }
            }
            return Ok(());
        }
        for key in keys_of(part, &columns)?.into_iter().flatten() {
            self.look_up(&key);
        }
        Ok(())
    }

    /// Whether a key exists; counts it as missing if it does not.
    fn look_up(&mut self, key: &str) -> bool {
        let is_known = self.known.contains(key);
        if !is_known {
            self.missing += 1;
            self.first_missing.get_or_insert_with(|| key.to_owned());
        }
        is_known
    }
}

/// The keys of rows as texts, columns separated by a space; `None` if a column is null and so refers to nothing.
fn keys_of(table: &Table, columns: &[&str]) -> Result<Vec<Option<String>>, TableError> {
    let part = table.select(columns)?;
    let key = |at: usize| {
        let cells = part.row(at).map(|(_, value)| match value {
            super::Value::Null => None,
            value => Some(value.to_string()),
        });
        Some(cells.collect::<Option<Vec<_>>>()?.join(" "))
    };
    Ok((0..part.row_count()).map(key).collect())
}

/// The order of rows by the columns of a key.
pub(super) struct KeyOrder {
    columns: Vec<KeyColumnOrder>,
}

/// The order of rows by one column.
struct KeyColumnOrder {
    compare: DynComparator,
    /// Codes of both sides, if they code the same texts: equal codes then mean equal texts.
    codes: Option<(Int32Array, Int32Array)>,
}

impl KeyOrder {
    /// The order of rows within one table.
    pub(super) fn within(spec: &TableSpec, table: &Table) -> Result<Self, TableError> {
        Self::between(spec, table, table)
    }

    /// The order of rows of one table against rows of another.
    pub(super) fn between(spec: &TableSpec, left: &Table, right: &Table) -> Result<Self, TableError> {
        let columns = spec.key.iter().map(|name| {
            let of = |table: &Table| {
                let message = || TableError::shape(&spec.name, format!("lacks its key column {name}"));
                table.batch().column_by_name(name).cloned().ok_or_else(message)
            };
            let (left, right) = (of(left)?, of(right)?);
            let compare = make_comparator(&left, &right, SortOptions::default())?;
            let coded = left.as_dictionary_opt::<Int32Type>().zip(right.as_dictionary_opt::<Int32Type>());
            let coded =
                coded.filter(|(left, right)| left.values().to_data().ptr_eq(&right.values().to_data()));
            let codes = coded.map(|(left, right)| (left.keys().clone(), right.keys().clone()));
            Ok(KeyColumnOrder { compare, codes })
        });
        Ok(Self { columns: columns.collect::<Result<_, TableError>>()? })
    }

    /// Compares the row at a position of the left table with the row at a position of the right table.
    pub(super) fn compare(&self, left: u32, right: u32) -> Ordering {
        let orders = self.columns.iter().map(|column| column.compare(left as usize, right as usize));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl KeyColumnOrder {
    fn compare(&self, left: usize, right: usize) -> Ordering {
        match &self.codes {
            Some((lefts, rights))
                if lefts.is_valid(left)
                    && rights.is_valid(right)
                    && lefts.values()[left] == rights.values()[right] =>
            {
                Ordering::Equal
            }
            _ => (self.compare)(left, right),
        }
    }
}
