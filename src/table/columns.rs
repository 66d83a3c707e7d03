//! A table and its columns by name and type.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow_schema::{ArrowError, Schema};
use arrow_select::filter::filter_record_batch;
use arrow_select::take::take_record_batch;
use jiff::civil::Date;

use super::TableError;
use crate::words::from_epoch_days;

/// Rows of a public table, or of a query on public tables.
///
/// Columns are texts (plain or dictionary-coded), 64-bit integers, 64-bit floats, booleans or dates (days since
/// 1970-01-01).
#[derive(Debug, Clone)]
pub struct Table {
    batch: RecordBatch,
}

impl PartialEq for Table {
    /// Tables are equal if their columns have the same names in the same order and their cells have the same values.
    fn eq(&self, other: &Self) -> bool {
        let row_count = self.row_count();
        let is_same = |at| self.row(at).eq(other.row(at));
        self.names() == other.names() && row_count == other.row_count() && (0..row_count).all(is_same)
    }
}

/// One cell of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Null,
    Text(&'a str),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Date(Date),
}

impl std::fmt::Display for Value<'_> {
    /// Writes null as nothing and dates as ISO 8601.
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Integer(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Boolean(value) => value.fmt(f),
            Self::Date(value) => value.fmt(f),
        }
    }
}

impl serde::Serialize for Value<'_> {
    /// Writes numbers and truth values as such, and dates as ISO 8601.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Date(value) => serializer.collect_str(value),
        }
    }
}

impl Table {
    /// A table of these columns.
    pub fn new(batch: RecordBatch) -> Self {
        Self { batch }
    }

    /// A table without columns or rows.
    pub fn empty() -> Self {
        Self { batch: RecordBatch::new_empty(Arc::new(Schema::empty())) }
    }

    /// The record batch as it is written.
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// The number of rows.
    pub fn row_count(&self) -> usize {
        self.batch.num_rows()
    }

    /// Names of the columns, in their order.
    pub fn names(&self) -> Vec<&str> {
        self.batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect()
    }

    /// Whether there is a column of this name.
    pub fn has(&self, column: &str) -> bool {
        self.batch.schema_ref().column_with_name(column).is_some()
    }

    /// A text column.
    ///
    /// # Errors
    /// The table has no such column of texts.
    pub fn texts(&self, column: &str) -> Result<Vec<Option<&str>>, TableError> {
        let array = self.column(column)?;
        if let Some(coded) = array.as_any().downcast_ref::<DictionaryArray<Int32Type>>()
            && let Some(texts) = coded.values().as_any().downcast_ref::<StringArray>()
        {
            return Ok(coded.keys().iter().map(|key| key.map(|key| texts.value(key as usize))).collect());
        }
        Ok(self.typed::<StringArray>(column, "texts")?.iter().collect())
    }

    /// A column of whole numbers.
    ///
    /// # Errors
    /// The table has no such column of integers.
    pub fn integers(&self, column: &str) -> Result<Vec<Option<i64>>, TableError> {
        Ok(self.typed::<Int64Array>(column, "integers")?.iter().collect())
    }

    /// A column of numbers.
    ///
    /// # Errors
    /// The table has no such column of numbers.
    pub fn numbers(&self, column: &str) -> Result<Vec<Option<f64>>, TableError> {
        Ok(self.typed::<Float64Array>(column, "numbers")?.iter().collect())
    }

    /// A column of truth values.
    ///
    /// # Errors
    /// The table has no such column of booleans.
    pub fn booleans(&self, column: &str) -> Result<Vec<Option<bool>>, TableError> {
        Ok(self.typed::<BooleanArray>(column, "booleans")?.iter().collect())
    }

    /// A column of days.
    ///
    /// # Errors
    /// The table has no such column of dates.
    pub fn dates(&self, column: &str) -> Result<Vec<Option<Date>>, TableError> {
        let days = self.typed::<Date32Array>(column, "dates")?;
        Ok(days.iter().map(|days| days.and_then(from_epoch_days)).collect())
    }

    /// The cells of a row, in the order of the columns.
    pub fn row(&self, at: usize) -> impl Iterator<Item = (&str, Value<'_>)> {
        let names = self.batch.schema_ref().fields().iter().map(|field| field.name().as_str());
        names.zip(self.batch.columns().iter().map(move |column| value(column, at)))
    }

    /// The table with only these columns, in this order.
    ///
    /// # Errors
    /// The table lacks one of them.
    pub fn select(&self, columns: &[&str]) -> Result<Self, TableError> {
        let positions = columns.iter().map(|name| self.batch.schema_ref().index_of(name));
        let positions = positions.collect::<Result<Vec<_>, ArrowError>>()?;
        Ok(Self { batch: self.batch.project(&positions)? })
    }

    /// The rows in which a text column has this value.
    ///
    /// # Errors
    /// The table has no such column of texts.
    pub fn rows_with(&self, column: &str, value: &str) -> Result<Self, TableError> {
        let is_it = self.texts(column)?.into_iter().map(|text| Some(text == Some(value)));
        Ok(Self { batch: filter_record_batch(&self.batch, &is_it.collect::<BooleanArray>())? })
    }

    /// The rows at these positions, in this order.
    ///
    /// # Errors
    /// A position is not in the table.
    pub fn take(&self, positions: &[u32]) -> Result<Self, TableError> {
        let positions = arrow_array::UInt32Array::from(positions.to_vec());
        Ok(Self { batch: take_record_batch(&self.batch, &positions)? })
    }

    fn column(&self, column: &str) -> Result<&ArrayRef, TableError> {
        self.batch.column_by_name(column).ok_or_else(|| {
            let message = format!("no column {column:?} among {:?}", self.names());
            TableError::shape("of a query", message)
        })
    }

    fn typed<T: 'static>(&self, column: &str, kind: &str) -> Result<&T, TableError> {
        let array = self.column(column)?;
        array.as_any().downcast_ref::<T>().ok_or_else(|| {
            TableError::shape("of a query", format!("column {column:?} is {}, not {kind}", array.data_type()))
        })
    }
}

/// The cell of a column in a row; null for a column of a type that public tables do not have.
fn value(array: &dyn Array, at: usize) -> Value<'_> {
    if array.is_null(at) {
        return Value::Null;
    }
    let any = array.as_any();
    if let Some(coded) = any.downcast_ref::<DictionaryArray<Int32Type>>() {
        let texts = coded.values().as_string_opt::<i32>();
        return texts.map_or(Value::Null, |texts| Value::Text(texts.value(coded.keys().value(at) as usize)));
    }
    if let Some(texts) = any.downcast_ref::<StringArray>() {
        return Value::Text(texts.value(at));
    }
    if let Some(integers) = any.downcast_ref::<Int64Array>() {
        return Value::Integer(integers.value(at));
    }
    if let Some(numbers) = any.downcast_ref::<Float64Array>() {
        return Value::Number(numbers.value(at));
    }
    if let Some(booleans) = any.downcast_ref::<BooleanArray>() {
        return Value::Boolean(booleans.value(at));
    }
    let days = any.downcast_ref::<Date32Array>().and_then(|days| from_epoch_days(days.value(at)));
    days.map_or(Value::Null, Value::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let texts: DictionaryArray<Int32Type> = [Some("a"), None, Some("b")].into_iter().collect();
        let columns: [(&str, ArrayRef); 3] = [
            ("text", Arc::new(texts)),
            ("count", Arc::new(Int64Array::from(vec![Some(1), Some(2), None]))),
            ("day", Arc::new(Date32Array::from(vec![Some(0), None, Some(20_000)]))),
        ];
        Table::new(RecordBatch::try_from_iter(columns).unwrap())
    }

    #[test]
    fn columns_are_read_by_name_and_type() {
        let table = table();
        assert_eq!(table.texts("text").unwrap(), [Some("a"), None, Some("b")]);
        assert_eq!(table.integers("count").unwrap(), [Some(1), Some(2), None]);
        assert_eq!(table.dates("day").unwrap()[2].unwrap().to_string(), "2024-10-04");
        let wrong = table.texts("count").unwrap_err().to_string();
        assert!(wrong.contains("\"count\" is Int64"), "{wrong}");
        assert!(table.numbers("none").is_err());
    }

    #[test]
    fn rows_are_selected_and_taken() {
        let table = table();
        assert_eq!(table.rows_with("text", "b").unwrap().integers("count").unwrap(), [None]);
        assert_eq!(table.take(&[1, 0]).unwrap().integers("count").unwrap(), [Some(2), Some(1)]);
        let row: Vec<String> = table.row(2).map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(row, ["text=b", "count=", "day=2024-10-04"]);
    }
}
