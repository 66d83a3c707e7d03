//! Builds a table column by column.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow_schema::{DataType, Field, Schema};
use jiff::civil::Date;

use super::keys::KeyOrder;
use super::{Table, TableError, Wanted};
use crate::spec::{ColumnType, TableSpec, Tables};
use crate::words::epoch_days;

/// The distinct texts of a column, and the text that each of many things has.
#[derive(Debug)]
pub struct CodedTexts {
    texts: Arc<StringArray>,
    codes: Vec<Option<i32>>,
}

impl CodedTexts {
    /// Codes the texts of things, given in the order of the things.
    pub fn new<S: AsRef<str>>(values: impl Iterator<Item = Option<S>>) -> Self {
        let mut known: HashMap<String, i32, foldhash::fast::RandomState> = HashMap::default();
        let mut texts: Vec<String> = Vec::new();
        let codes = values.map(|value| {
            let value = value?;
            let text = value.as_ref();
            if let Some(code) = known.get(text) {
                return Some(*code);
            }
            let code = texts.len() as i32;
            known.insert(text.to_owned(), code);
            texts.push(text.to_owned());
            Some(code)
        });
        let codes = codes.collect();
        Self { texts: Arc::new(texts.into_iter().map(Some).collect()), codes }
    }
}

/// Builds a table. Each column is given once, in any order; columns that are not wanted are not made.
pub struct TableBuilder<'a> {
    table: &'a TableSpec,
    wanted: Wanted<'a>,
    columns: Vec<(Cow<'static, str>, ArrayRef)>,
}

impl<'a> TableBuilder<'a> {
    /// Begins a table with all its columns.
    ///
    /// # Errors
    /// The table has no spec.
    pub fn new(tables: &'a Tables, table: &str) -> Result<Self, TableError> {
        let spec = tables.find(table).ok_or_else(|| TableError::shape(table, "has no spec"))?;
        Ok(Self::with_wanted(spec, Wanted::default()))
    }

    /// Begins a table with some of its columns.
    pub fn with_wanted(table: &'a TableSpec, wanted: Wanted<'a>) -> Self {
        Self { table, wanted, columns: Vec::with_capacity(table.columns.len()) }
    }

    /// A column of texts.
    pub fn text<S: AsRef<str>>(
        self,
        name: impl Into<Cow<'static, str>>,
        values: impl Iterator<Item = Option<S>>,
    ) -> Self {
        self.with(name, || {
            let mut texts = arrow_array::builder::StringBuilder::new();
            values.for_each(|value| texts.append_option(value));
            Arc::new(texts.finish())
        })
    }

    /// A column of coded texts: each row is given as the position of its thing among the coded things.
    pub fn coded<At>(
        self,
        name: impl Into<Cow<'static, str>>,
        coded: &CodedTexts,
        things: impl Iterator<Item = Option<At>>,
    ) -> Self
    where
        usize: From<At>,
    {
        self.with(name, || {
            let keys: Int32Array = things.map(|at| coded.codes[usize::from(at?)]).collect();
            // Codes are positions of texts by construction.
            Arc::new(DictionaryArray::<Int32Type>::new(keys, coded.texts.clone()))
        })
    }

    /// A column of texts in which all rows have the same text.
    pub fn constant(self, name: impl Into<Cow<'static, str>>, text: Option<&str>, rows: usize) -> Self {
        let coded = CodedTexts::new(std::iter::once(text));
        self.coded(name, &coded, std::iter::repeat_n(Some(0_usize), rows))
    }

    /// A column of whole numbers.
    pub fn integer(
        self,
        name: impl Into<Cow<'static, str>>,
        values: impl Iterator<Item = Option<i64>>,
    ) -> Self {
        self.with(name, || Arc::new(values.collect::<Int64Array>()))
    }

    /// A column of numbers.
    pub fn number(
        self,
        name: impl Into<Cow<'static, str>>,
        values: impl Iterator<Item = Option<f64>>,
    ) -> Self {
        self.with(name, || Arc::new(values.collect::<Float64Array>()))
    }

    /// A column of truth values.
    pub fn boolean(
        self,
        name: impl Into<Cow<'static, str>>,
        values: impl Iterator<Item = impl Into<Option<bool>>>,
    ) -> Self {
        self.with(name, || Arc::new(values.map(Into::into).collect::<BooleanArray>()))
    }

    /// A column of days.
    pub fn date(
        self,
        name: impl Into<Cow<'static, str>>,
        values: impl Iterator<Item = Option<Date>>,
    ) -> Self {
        self.days(name, values.map(|day| day.map(epoch_days)))
    }

    /// A column of days, counted from 1970-01-01.
    pub fn days(self, name: impl Into<Cow<'static, str>>, days: impl Iterator<Item = Option<i32>>) -> Self {
        self.with(name, || Arc::new(days.collect::<Date32Array>()))
    }

    fn with(mut self, name: impl Into<Cow<'static, str>>, column: impl FnOnce() -> ArrayRef) -> Self {
        let name = name.into();
        if self.wanted.has(&name) {
            self.columns.push((name, column()));
        }
        self
    }

    /// The table: the wanted columns in the order of the spec, the rows as they were given.
    ///
    /// # Errors
    /// A column is missing, unknown, given twice, of another length or of another type.
    pub fn finish(self) -> Result<Table, TableError> {
        let table = self.table;
        let wrong = |message: String| TableError::Shape { table: table.name.clone(), message };
        if let Some((unknown, _)) = self.columns.iter().find(|(name, _)| table.column(name).is_none()) {
            return Err(wrong(format!("column {unknown} is not in its spec")));
        }
        for (at, (name, _)) in self.columns.iter().enumerate() {
            if self.columns[..at].iter().any(|(other, _)| other == name) {
                return Err(wrong(format!("column {name} was given twice")));
            }
        }
        let specs = self.wanted.specs(table)?;
        let mut fields = Vec::with_capacity(specs.len());
        let mut columns = Vec::with_capacity(specs.len());
        for spec in specs {
            let column = self.columns.iter().find(|(name, _)| *name == spec.name);
            let (_, column) = column.ok_or_else(|| wrong(format!("column {} was not given", spec.name)))?;
            if !fits(spec.kind, column.data_type()) {
                return Err(wrong(format!("column {} is {}", spec.name, column.data_type())));
            }
            fields.push(Field::new(&spec.name, column.data_type().clone(), spec.null));
            columns.push(column.clone());
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns);
        batch.map(Table::new).map_err(|e| wrong(e.to_string()))
    }

    /// The table with its rows in the order of its key; rows with the same key stay in the order given.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn sorted(self) -> Result<Table, TableError> {
        let spec = self.table;
        let table = self.finish()?;
        let order = KeyOrder::within(spec, &table)?;
        let mut positions: Vec<u32> = (0..table.row_count() as u32).collect();
        let is_sorted = positions.is_sorted_by(|a, b| order.compare(*a, *b) != Ordering::Greater);
        if is_sorted {
            return Ok(table);
        }
        positions.sort_by(|a, b| order.compare(*a, *b));
        table.take(&positions)
    }
}

/// Whether an array of this type can be a column of the kind.
fn fits(kind: ColumnType, data_type: &DataType) -> bool {
    match (kind, data_type) {
        (ColumnType::Text, DataType::Dictionary(_, value)) => **value == DataType::Utf8,
        _ => *data_type == kind.data_type(),
    }
}
