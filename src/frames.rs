//! The public tables as polars frames, each in the shape its TOML gives it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use jiff::civil::Date;
use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Float64Chunked, Int32Chunked, Int64Chunked, IntoLazy,
    IntoSeries, LazyFrame, NewChunkedArray, PolarsError, Series, SortMultipleOptions, StringChunked,
    StringChunkedBuilder, col, lit,
};

use crate::spec::{ColumnSpec, ColumnType, TableSpec, Tables};
use crate::words::{epoch_days, from_epoch_days};

/// A frame that does not have the shape of its table: an error of the program.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("table {table}: {message}")]
    Shape { table: String, message: String },
    /// A table of a release on disk.
    #[error("{0}")]
    Unreadable(String),
    #[error("a query on the release failed")]
    Query(#[from] PolarsError),
}

/// Tables by name.
#[derive(Debug, Default)]
pub struct Frames(BTreeMap<String, DataFrame>);

impl Frames {
    /// The frame of a table.
    pub fn get(&self, table: &str) -> Result<&DataFrame, FrameError> {
        self.0.get(table).ok_or_else(|| FrameError::Shape {
            table: table.to_owned(),
            message: "is not in the release".into(),
        })
    }

    /// The frame of a table, to query.
    pub fn lazy(&self, table: &str) -> Result<LazyFrame, FrameError> {
        Ok(self.get(table)?.clone().lazy())
    }

    /// Adds a frame as it is; it must have been read from a table or shaped.
    pub fn insert(&mut self, table: &str, frame: DataFrame) {
        self.0.insert(table.to_owned(), frame);
    }
}

/// What is wanted of a table; by default all of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Names of columns; they come in the order of the table.
    pub columns: Option<&'a [&'a str]>,
    /// The rows in which a text column has a value.
    pub only: Option<(&'a str, &'a str)>,
}

impl Wanted<'_> {
    /// Whether a column is wanted.
    pub fn has(&self, column: &str) -> bool {
        self.columns.is_none_or(|columns| columns.contains(&column))
    }

    /// The columns of a table that are wanted.
    ///
    /// # Errors
    /// A column that the table does not have.
    pub fn specs<'t>(&self, table: &'t TableSpec) -> Result<Vec<&'t ColumnSpec>, FrameError> {
        let unknown = self.columns.into_iter().flatten().find(|name| table.column(name).is_none());
        if let Some(name) = unknown {
            let message = format!("has no column {name}");
            return Err(FrameError::Shape { table: table.name.clone(), message });
        }
        Ok(table.columns.iter().filter(|spec| self.has(&spec.name)).collect())
    }

    /// What is wanted of a frame.
    ///
    /// # Errors
    /// A column that the frame does not have.
    pub fn of(&self, frame: &DataFrame) -> Result<DataFrame, FrameError> {
        let mut query = frame.clone().lazy();
        if let Some((column, value)) = self.only {
            query = query.filter(col(column).eq(lit(value)));
        }
        if let Some(columns) = self.columns {
            columns.iter().try_for_each(|name| frame.column(name).map(drop))?;
            let names = frame.get_column_names().into_iter().filter(|name| self.has(name));
            query = query.select(names.map(|name| col(name.clone())).collect::<Vec<_>>());
        }
        Ok(query.collect()?)
    }
}

/// Where the rows of public tables can be had: a run at hand, or a release on disk.
pub trait TableSource {
    /// What is wanted of a table.
    fn read(&self, table: &str, wanted: Wanted) -> Result<DataFrame, FrameError>;

    /// All of a table.
    fn table(&self, table: &str) -> Result<DataFrame, FrameError> {
        self.read(table, Wanted::default())
    }

    /// Some columns of a table.
    fn columns(&self, table: &str, columns: &[&str]) -> Result<DataFrame, FrameError> {
        self.read(table, Wanted { columns: Some(columns), only: None })
    }

    /// The rows in which a text column has this value.
    fn rows_where(&self, table: &str, column: &str, value: &str) -> Result<DataFrame, FrameError> {
        self.read(table, Wanted { columns: None, only: Some((column, value)) })
    }

    /// Some columns of the rows in which a text column has this value.
    fn columns_where(
        &self,
        table: &str,
        columns: &[&str],
        column: &str,
        value: &str,
    ) -> Result<DataFrame, FrameError> {
        self.read(table, Wanted { columns: Some(columns), only: Some((column, value)) })
    }
}

impl TableSource for Frames {
    fn read(&self, table: &str, wanted: Wanted) -> Result<DataFrame, FrameError> {
        wanted.of(self.get(table)?)
    }
}

/// Batches with the wanted columns of a table as one frame.
pub fn frame_of(
    table: &TableSpec,
    wanted: Wanted,
    batches: impl Iterator<Item = Result<RecordBatch, FrameError>>,
) -> Result<DataFrame, FrameError> {
    let specs = wanted.specs(table)?;
    let frames = batches.map(|batch| {
        let batch = batch?;
        let columns = specs.iter().zip(batch.columns()).map(|(spec, array)| column_of(spec, array));
        let columns = columns.collect::<Option<Vec<_>>>().ok_or_else(|| FrameError::Shape {
            table: table.name.clone(),
            message: "a batch has a column of another type".into(),
        })?;
        Ok(DataFrame::new(batch.num_rows(), columns)?)
    });
    stacked(table, wanted, frames)
}

/// Frames with the wanted columns of a table, one below the other.
pub fn stacked(
    table: &TableSpec,
    wanted: Wanted,
    frames: impl Iterator<Item = Result<DataFrame, FrameError>>,
) -> Result<DataFrame, FrameError> {
    let empty = |spec: &&ColumnSpec| Column::new_empty(spec.name.as_str().into(), &data_type(spec.kind));
    let mut all = DataFrame::new(0, wanted.specs(table)?.iter().map(empty).collect())?;
    for frame in frames {
        let frame = frame?;
        match all.height() {
            0 => all = frame,
            _ => {
                all.vstack_mut(&frame)?;
            }
        }
    }
    Ok(all)
}

fn column_of(spec: &ColumnSpec, array: &dyn Array) -> Option<Column> {
    let name = || spec.name.as_str().into();
    let any = array.as_any();
    let series = match spec.kind {
        ColumnType::Text => match any.downcast_ref::<DictionaryArray<Int32Type>>() {
            Some(coded) => {
                let texts = coded.downcast_dict::<StringArray>()?;
                StringChunked::from_iter_options(name(), texts.into_iter()).into_series()
            }
            None => StringChunked::from_iter_options(name(), any.downcast_ref::<StringArray>()?.iter())
                .into_series(),
        },
        ColumnType::Integer => {
            Int64Chunked::from_iter_options(name(), any.downcast_ref::<Int64Array>()?.iter()).into_series()
        }
        ColumnType::Number => {
            Float64Chunked::from_iter_options(name(), any.downcast_ref::<Float64Array>()?.iter())
                .into_series()
        }
        ColumnType::Boolean => {
            BooleanChunked::from_iter_options(name(), any.downcast_ref::<BooleanArray>()?.iter())
                .into_series()
        }
        ColumnType::Date => {
            let days = any.downcast_ref::<Date32Array>()?.iter();
            Int32Chunked::from_iter_options(name(), days).into_date().into_series()
        }
    };
    Some(series.into())
}

/// Columns of a table while it is built: each is given once, in any order.
pub struct Columns<'a> {
    table: &'a TableSpec,
    height: usize,
    columns: Vec<Column>,
}

impl<'a> Columns<'a> {
    /// A table of `height` rows.
    pub fn new(tables: &'a Tables, table: &str, height: usize) -> Result<Self, FrameError> {
        let spec = tables
            .find(table)
            .ok_or_else(|| FrameError::Shape { table: table.to_owned(), message: "has no spec".into() })?;
        Ok(Self { table: spec, height, columns: Vec::with_capacity(spec.columns.len()) })
    }

    pub fn text<S: AsRef<str>>(self, name: &str, values: impl Iterator<Item = Option<S>>) -> Self {
        let mut builder = StringChunkedBuilder::new(name.into(), self.height);
        for value in values {
            builder.append_option(value.as_ref().map(AsRef::as_ref));
        }
        self.with(builder.finish().into_series())
    }

    pub fn integer(self, name: &str, values: impl Iterator<Item = Option<i64>>) -> Self {
        let column: Int64Chunked = values.collect();
        self.with(column.with_name(name.into()).into_series())
    }

    pub fn number(self, name: &str, values: impl Iterator<Item = Option<f64>>) -> Self {
        let column: Float64Chunked = values.collect();
        self.with(column.with_name(name.into()).into_series())
    }

    pub fn boolean(self, name: &str, values: impl Iterator<Item = bool>) -> Self {
        let column: BooleanChunked = values.map(Some).collect();
        self.with(column.with_name(name.into()).into_series())
    }

    pub fn date(self, name: &str, values: impl Iterator<Item = Option<Date>>) -> Self {
        let days: Int32Chunked = values.map(|day| day.map(epoch_days)).collect();
        self.with(days.with_name(name.into()).into_date().into_series())
    }

    fn with(mut self, series: Series) -> Self {
        self.columns.push(series.into());
        self
    }

    /// The frame, its columns in the order of the spec and its rows in the order of the key.
    ///
    /// # Errors
    /// A column that is missing, unknown, of another length or of another type.
    pub fn finish(self) -> Result<DataFrame, FrameError> {
        let table = self.table;
        let wrong = |message: String| FrameError::Shape { table: table.name.clone(), message };
        if let Some(unknown) = self.columns.iter().find(|c| table.column(c.name()).is_none()) {
            return Err(wrong(format!("column {} is not in its spec", unknown.name())));
        }
        let mut ordered = Vec::with_capacity(table.columns.len());
        for spec in &table.columns {
            let column = self.columns.iter().find(|c| c.name() == spec.name.as_str());
            let column = column.ok_or_else(|| wrong(format!("column {} was not given", spec.name)))?;
            if column.dtype() != &data_type(spec.kind) || column.len() != self.height {
                let message = format!("column {} is {} × {}", spec.name, column.dtype(), column.len());
                return Err(wrong(message));
            }
            ordered.push(column.clone());
        }
        let frame = DataFrame::new(self.height, ordered)?;
        let options = SortMultipleOptions::default().with_maintain_order(true);
        Ok(frame.sort(table.key.iter().map(String::as_str), options)?)
    }
}

/// How text cells are written into a CSV that a person may open in a spreadsheet program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvTexts {
    /// One that a program would take for a formula gets an apostrophe before it.
    Guarded,
    /// As they are.
    Raw,
}

impl CsvTexts {
    /// The cell as it is written. What makes a formula of a text: `=`, `+`, `-`, `@`, a tab or a line break at its start
    /// (OWASP, "CSV Injection").
    pub fn cell(self, text: &str) -> Cow<'_, str> {
        let is_formula = text.starts_with([
            '=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
        ]);
        if self == Self::Guarded && is_formula { format!("'{text}").into() } else { text.into() }
    }
}

/// A frame as CSV: a header, a row a line, dates as ISO 8601, null as nothing. Of texts only what could be a formula is
/// changed, and that only where `csv_texts` says so; numbers never are.
///
/// # Errors
/// A column of a type that no public table has.
pub fn csv_of(frame: &DataFrame, csv_texts: CsvTexts) -> Result<String, FrameError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |message: String| FrameError::Shape { table: "CSV".into(), message };
    writer.write_record(frame.get_column_names()).map_err(|e| failed(e.to_string()))?;
    let mut columns = frame.columns().iter().map(texts_of).collect::<Result<Vec<_>, _>>()?;
    let is_text = |column: &Column| matches!(column.dtype(), DataType::String);
    for (texts, _) in columns.iter_mut().zip(frame.columns()).filter(|(_, column)| is_text(column)) {
        for text in texts.iter_mut() {
            if let Cow::Owned(guarded) = csv_texts.cell(text) {
                *text = guarded;
            }
        }
    }
    for row in 0..frame.height() {
        let cells = columns.iter().map(|column| column[row].as_str());
        writer.write_record(cells).map_err(|e| failed(e.to_string()))?;
    }
    csv_text(writer)
}

/// What a CSV writer has written.
pub fn csv_text(writer: csv::Writer<Vec<u8>>) -> Result<String, FrameError> {
    let failed = |message: String| FrameError::Shape { table: "CSV".into(), message };
    let bytes = writer.into_inner().map_err(|e| failed(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| failed(e.to_string()))
}

fn texts_of(column: &Column) -> Result<Vec<String>, FrameError> {
    fn shown<T: ToString>(values: impl Iterator<Item = Option<T>>) -> Vec<String> {
        values.map(|value| value.map_or_else(String::new, |value| value.to_string())).collect()
    }
    Ok(match column.dtype() {
        DataType::Boolean => shown(column.bool()?.iter()),
        DataType::Int64 => shown(column.i64()?.iter()),
        DataType::Float64 => shown(column.f64()?.iter()),
        DataType::Date => shown(column.date()?.physical().iter().map(|day| day.and_then(from_epoch_days))),
        _ => shown(column.str()?.iter()),
    })
}

/// The polars type of a public column.
pub fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text => DataType::String,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Number => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date,
    }
}

/// A text column's values.
pub fn texts<'a>(frame: &'a DataFrame, column: &str) -> Result<Vec<Option<&'a str>>, FrameError> {
    Ok(frame.column(column)?.str()?.iter().collect())
}

/// A date column's value in a row.
pub fn date_of(frame: &DataFrame, column: &str, row: usize) -> Result<Option<Date>, FrameError> {
    Ok(frame.column(column)?.date()?.physical().get(row).and_then(from_epoch_days))
}
