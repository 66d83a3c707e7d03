//! The rows of a large table as they are written: batch by batch in the order of the key, never all at once.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow_schema::{ArrowError, Field, Schema};
use polars::frame::DataFrame;

use crate::frames::{FrameError, TableSource, Wanted, frame_of, stacked};
use crate::spec::{ColumnType, TableSpec, Tables};

/// A large table in parts: every batch holds the rows of one list, rule or state.
pub struct Batches<'a> {
    pub table: &'a TableSpec,
    /// What the parts are, each by its text in the order of the key, and the column that holds it; of states none
    /// does.
    pub parts: Parts<'a>,
    make: Box<Make<'a>>,
}

/// The parts of a large table.
pub struct Parts<'a> {
    pub column: Option<&'static str>,
    pub texts: Vec<&'a str>,
}

type Make<'a> = dyn Fn(usize, Batch) -> Result<RecordBatch, FrameError> + Send + Sync + 'a;

impl<'a> Batches<'a> {
    /// `make` gives the rows of the part at a position.
    pub fn new(
        tables: &'a Tables,
        table: &str,
        parts: Parts<'a>,
        make: impl Fn(usize, Batch) -> Result<RecordBatch, FrameError> + Send + Sync + 'a,
    ) -> Result<Self, FrameError> {
        let spec = tables
            .find(table)
            .ok_or_else(|| FrameError::Shape { table: table.to_owned(), message: "has no spec".into() })?;
        Ok(Self { table: spec, parts, make: Box::new(make) })
    }

    /// The wanted columns of the part at a position; all its rows.
    pub fn at(&self, position: usize, wanted: Wanted) -> Result<RecordBatch, FrameError> {
        (self.make)(position, Batch { table: self.table, wanted, columns: Vec::new() })
    }

    /// Every batch in turn.
    pub fn iter<'b>(
        &'b self,
        wanted: Wanted<'b>,
    ) -> impl Iterator<Item = Result<RecordBatch, FrameError>> + 'b {
        (0..self.parts.texts.len()).map(move |position| self.at(position, wanted))
    }
}

impl TableSource for Batches<'_> {
    fn read(&self, _: &str, wanted: Wanted) -> Result<DataFrame, FrameError> {
        let Wanted { columns, only } = wanted;
        let part_of = |(column, value)| {
            let position = self.parts.texts.iter().position(|text| *text == value);
            (self.parts.column == Some(column)).then_some(position)
        };
        match (only, only.and_then(part_of)) {
            (_, Some(part)) => frame_of(self.table, wanted, part.into_iter().map(|at| self.at(at, wanted))),
            (None, None) => frame_of(self.table, wanted, self.iter(wanted)),
            // Part by part, so that what is not wanted is not held.
            (Some((column, _)), None) => {
                let with: Option<Vec<&str>> =
                    columns.map(|columns| columns.iter().copied().chain([column]).collect());
                let with = Wanted { columns: with.as_deref(), only: None };
                let parts = self
                    .iter(with)
                    .map(|batch| wanted.of(&frame_of(self.table, with, std::iter::once(batch))?));
                stacked(self.table, wanted, parts)
            }
        }
    }
}

/// Distinct texts of a column, and which of them each of many things has.
#[derive(Debug)]
pub struct Coded {
    texts: Arc<StringArray>,
    codes: Vec<Option<i32>>,
}

impl Coded {
    /// The texts of things, in their order.
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

/// Columns of a batch while it is built: each is given once, in any order. What is not wanted is not made.
pub struct Batch<'a> {
    table: &'a TableSpec,
    wanted: Wanted<'a>,
    columns: Vec<(&'static str, ArrayRef)>,
}

impl Batch<'_> {
    /// A text column: which thing each row is, by its position among the coded ones.
    pub fn coded(
        self,
        name: &'static str,
        coded: &Coded,
        things: impl Iterator<Item = Option<usize>>,
    ) -> Self {
        self.with(name, || {
            let keys: Int32Array = things.map(|at| coded.codes[at?]).collect();
            // Codes are positions of texts by construction.
            Arc::new(DictionaryArray::<Int32Type>::new(keys, coded.texts.clone()))
        })
    }

    /// A text column in which all rows are the same.
    pub fn constant(self, name: &'static str, text: Option<&str>, rows: usize) -> Self {
        let coded = Coded::new(std::iter::once(text));
        self.coded(name, &coded, std::iter::repeat_n(Some(0), rows))
    }

    pub fn integer(self, name: &'static str, values: impl Iterator<Item = Option<i64>>) -> Self {
        self.with(name, || Arc::new(values.collect::<Int64Array>()))
    }

    pub fn number(self, name: &'static str, values: impl Iterator<Item = Option<f64>>) -> Self {
        self.with(name, || Arc::new(values.collect::<Float64Array>()))
    }

    pub fn boolean(self, name: &'static str, values: impl Iterator<Item = bool>) -> Self {
        self.with(name, || Arc::new(values.map(Some).collect::<BooleanArray>()))
    }

    /// Days since 1970-01-01.
    pub fn date(self, name: &'static str, days: impl Iterator<Item = Option<i32>>) -> Self {
        self.with(name, || Arc::new(days.collect::<Date32Array>()))
    }

    fn with(mut self, name: &'static str, column: impl FnOnce() -> ArrayRef) -> Self {
        if self.wanted.has(name) {
            self.columns.push((name, column()));
        }
        self
    }

    /// The batch, the wanted columns in the order of the spec.
    ///
    /// # Errors
    /// A column that is missing, unknown, of another length or of another type.
    pub fn finish(self) -> Result<RecordBatch, FrameError> {
        let table = self.table;
        let wrong = |message: String| FrameError::Shape { table: table.name.clone(), message };
        if let Some((unknown, _)) = self.columns.iter().find(|(name, _)| table.column(name).is_none()) {
            return Err(wrong(format!("column {unknown} is not in its spec")));
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
        batch.map_err(|e: ArrowError| wrong(e.to_string()))
    }
}

/// Whether an array of this type can be a column of the kind.
fn fits(kind: ColumnType, data_type: &arrow_schema::DataType) -> bool {
    use arrow_schema::DataType::{Boolean, Date32, Dictionary, Float64, Int64, Utf8};
    match (kind, data_type) {
        (ColumnType::Text, Dictionary(_, value)) => **value == Utf8,
        (ColumnType::Text, Utf8)
        | (ColumnType::Integer, Int64)
        | (ColumnType::Number, Float64)
        | (ColumnType::Boolean, Boolean)
        | (ColumnType::Date, Date32) => true,
        _ => false,
    }
}
