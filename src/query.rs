//! Questions about whole tables: the one door to polars, the query engine.
//!
//! A [`Query`] starts from a [`Table`] and ends as one. No other module knows polars; no list goes through here on its
//! way to its rows.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType as ArrowType;
use jiff::civil::Date;
use polars_core::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Float64Chunked, GroupsIndicator, IdxCa, IdxSize,
    Int32Chunked, Int64Chunked, IntoSeries, NewChunkedArray, PolarsError, SortMultipleOptions, StringChunked,
    UniqueKeepStrategy,
};

use crate::table::{Table, TableError};
use crate::words::epoch_days;

/// Rows on their way from a table to an answer.
#[derive(Debug, Clone)]
pub struct Query {
    frame: DataFrame,
    /// Columns of days: polars holds them as days since 1970-01-01.
    dates: Vec<String>,
}

/// Rows of the left table that a join keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Rows that have a match.
    Inner,
    /// All rows; the columns of the right table are null where there is no match.
    Left,
}

impl From<PolarsError> for TableError {
    fn from(error: PolarsError) -> Self {
        Self::Query(error.into())
    }
}

impl Query {
    /// Starts a question about a table.
    ///
    /// # Errors
    /// The table has a column of another type than those of public tables.
    pub fn of(table: &Table) -> Result<Self, TableError> {
        let mut dates = Vec::new();
        let columns = table.batch().schema_ref().fields().iter().map(|field| {
            let name = field.name().as_str();
            let key = || name.into();
            Ok::<Column, TableError>(
                match field.data_type() {
                    ArrowType::Int64 => {
                        Int64Chunked::from_iter_options(key(), table.integers(name)?.into_iter())
                            .into_series()
                    }
                    ArrowType::Float64 => {
                        Float64Chunked::from_iter_options(key(), table.numbers(name)?.into_iter())
                            .into_series()
                    }
                    ArrowType::Boolean => {
                        BooleanChunked::from_iter_options(key(), table.booleans(name)?.into_iter())
                            .into_series()
                    }
                    ArrowType::Date32 => {
                        dates.push(name.to_owned());
                        let days = table.dates(name)?.into_iter().map(|day| day.map(epoch_days));
                        Int32Chunked::from_iter_options(key(), days).into_series()
                    }
                    _ => {
                        StringChunked::from_iter_options(key(), table.texts(name)?.into_iter()).into_series()
                    }
                }
                .into(),
            )
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { frame: DataFrame::new(table.row_count(), columns)?, dates })
    }

    /// The rows in which a text column has one of these values.
    ///
    /// # Errors
    /// There is no such column of texts.
    pub fn with_text(self, column: &str, values: &[&str]) -> Result<Self, TableError> {
        let texts = self.frame.column(column)?.str()?.iter();
        let mask = texts.map(|text| text.is_some_and(|text| values.contains(&text)));
        let mask = BooleanChunked::from_iter_values("mask".into(), mask);
        self.filtered(&mask)
    }

    /// Keeps the rows whose day in a date column `is_wanted` accepts; the day is `None` where it is null.
    ///
    /// # Errors
    /// There is no such column of dates.
    pub fn with_date(
        self,
        column: &str,
        is_wanted: impl Fn(Option<i32>) -> bool,
    ) -> Result<Self, TableError> {
        let mask = self.frame.column(column)?.i32()?.iter().map(is_wanted);
        let mask = BooleanChunked::from_iter_values("mask".into(), mask);
        self.filtered(&mask)
    }

    /// Keeps the rows that hold on a day: their first day is not after it, and their last day is not before it or not
    /// known.
    ///
    /// # Errors
    /// There are no such columns of dates.
    pub fn on(self, day: Date, first: &str, last: &str) -> Result<Self, TableError> {
        let day = epoch_days(day);
        self.with_date(first, |from| from.is_some_and(|from| from <= day))?
            .with_date(last, |until| until.is_none_or(|until| until >= day))
    }

    /// The rows in which two columns of texts differ; null differs from every text.
    ///
    /// # Errors
    /// There are no such columns of texts.
    pub fn where_unlike(self, column: &str, other: &str) -> Result<Self, TableError> {
        let (left, right) = (self.frame.column(column)?.str()?, self.frame.column(other)?.str()?);
        let mask = left.iter().zip(right.iter()).map(|(left, right)| left != right);
        let mask = BooleanChunked::from_iter_values("mask".into(), mask);
        self.filtered(&mask)
    }

    /// These columns, in this order.
    ///
    /// # Errors
    /// One of them is not there.
    pub fn select(self, columns: &[&str]) -> Result<Self, TableError> {
        Ok(Self { frame: self.frame.select(columns.iter().copied())?, ..self })
    }

    /// A column under another name.
    ///
    /// # Errors
    /// The column is not there.
    pub fn rename(mut self, column: &str, name: &str) -> Result<Self, TableError> {
        self.frame.rename(column, name.into())?;
        for date in self.dates.iter_mut().filter(|date| *date == column) {
            name.clone_into(date);
        }
        Ok(self)
    }

    /// Every distinct row once.
    ///
    /// # Errors
    /// The query engine fails.
    pub fn distinct(self) -> Result<Self, TableError> {
        Ok(Self { frame: self.frame.unique_stable(None, UniqueKeepStrategy::First, None)?, ..self })
    }

    /// Joins the rows with those of another table that have the same values in these columns, in the order of the left.
    /// A null matches nothing.
    ///
    /// The engine's own grouping finds the rows that match. Its crate of joins would be a tenth of all that is compiled,
    /// for this one function.
    ///
    /// # Errors
    /// One of the tables lacks a column, or both have a column of the same name beside those.
    pub fn join(self, right: Self, on: &[&str], join: Join) -> Result<Self, TableError> {
        let columns = || on.iter().copied();
        let (left_keys, right_keys) = (self.frame.select(columns())?, right.frame.select(columns())?);
        let by_left_row = matching_rows(&left_keys, &right_keys)?;
        let (mut left_rows, mut right_rows): (Vec<IdxSize>, Vec<Option<IdxSize>>) = (Vec::new(), Vec::new());
        for (left_row, found) in (0..).zip(&by_left_row) {
            match (found.is_empty(), join) {
                (true, Join::Inner) => {}
                (true, Join::Left) => {
                    left_rows.push(left_row);
                    right_rows.push(None);
                }
                (false, _) => {
                    left_rows.extend(std::iter::repeat_n(left_row, found.len()));
                    right_rows.extend(found.iter().copied().map(Some));
                }
            }
        }
        let left = self.frame.take(&IdxCa::from_vec("rows".into(), left_rows))?;
        let right_rows = IdxCa::from_iter_options("rows".into(), right_rows.into_iter());
        let added = right.frame.drop_many(columns()).take(&right_rows)?;
        let mut dates = self.dates;
        dates.extend(right.dates.into_iter().filter(|date| !on.contains(&date.as_str())));
        Ok(Self { frame: left.hstack(added.columns())?, dates })
    }

    /// Sorts the rows by these columns, nulls first; equal rows stay in their order.
    ///
    /// # Errors
    /// One of them is not there.
    pub fn sort(self, by: &[&str]) -> Result<Self, TableError> {
        let options = SortMultipleOptions::default().with_maintain_order(true);
        Ok(Self { frame: self.frame.sort(by.iter().copied(), options)?, ..self })
    }

    /// The answer as a table.
    ///
    /// # Errors
    /// The query engine fails.
    pub fn table(self) -> Result<Table, TableError> {
        let mut columns: Vec<(&str, ArrayRef, bool)> = Vec::new();
        for column in self.frame.columns() {
            let is_date = self.dates.iter().any(|date| date == column.name().as_str());
            let array: ArrayRef = match column.dtype() {
                DataType::Int32 if is_date => Arc::new(column.i32()?.iter().collect::<Date32Array>()),
                DataType::Int64 => Arc::new(column.i64()?.iter().collect::<Int64Array>()),
                DataType::Float64 => Arc::new(column.f64()?.iter().collect::<Float64Array>()),
                DataType::Boolean => Arc::new(column.bool()?.iter().collect::<BooleanArray>()),
                _ => Arc::new(column.str()?.iter().collect::<StringArray>()),
            };
            columns.push((column.name(), array, true));
        }
        if columns.is_empty() {
            return Ok(Table::empty());
        }
        Ok(Table::new(RecordBatch::try_from_iter_with_nullable(columns)?))
    }

    fn filtered(self, mask: &BooleanChunked) -> Result<Self, TableError> {
        Ok(Self { frame: self.frame.filter(mask)?, ..self })
    }
}

/// By row of the left keys: the rows of the right keys that are the same, ascending.
fn matching_rows(left: &DataFrame, right: &DataFrame) -> Result<Vec<Vec<IdxSize>>, TableError> {
    let left_count = left.height() as IdxSize;
    // The keys of both tables, one below the other: the rows of a group have the same.
    let keys = left.vstack(right)?;
    let mut has_null = vec![false; keys.height()];
    for key in keys.columns() {
        for (has_null, is_null) in has_null.iter_mut().zip(key.is_null().iter()) {
            *has_null |= is_null == Some(true);
        }
    }
    let mut by_left_row = vec![Vec::new(); left.height()];
    let groups = keys.group_by(keys.get_column_names_owned())?.into_groups();
    for group in groups.iter() {
        let mut rows: Vec<IdxSize> = match group {
            GroupsIndicator::Idx((_, rows)) => rows.to_vec(),
            GroupsIndicator::Slice([first, count]) => (first..first + count).collect(),
        };
        rows.sort_unstable();
        rows.retain(|row| !has_null[*row as usize]);
        let (left_rows, right_rows) = rows.split_at(rows.partition_point(|row| *row < left_count));
        let right_rows: Vec<IdxSize> = right_rows.iter().map(|row| row - left_count).collect();
        for row in left_rows {
            by_left_row[*row as usize].clone_from(&right_rows);
        }
    }
    Ok(by_left_row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, &[Option<&str>])]) -> Query {
        let columns = columns.iter().map(|(name, texts)| {
            (*name, Arc::new(texts.iter().copied().collect::<StringArray>()) as ArrayRef, true)
        });
        Query::of(&Table::new(RecordBatch::try_from_iter_with_nullable(columns).unwrap())).unwrap()
    }

    fn rows(query: Query) -> Vec<String> {
        let table = query.table().unwrap();
        let row = |at| table.row(at).map(|(_, value)| value.to_string()).collect::<Vec<_>>().join(" ");
        (0..table.row_count()).map(row).collect()
    }

    #[test]
    fn a_join_keeps_the_order_of_the_left_and_every_match() {
        let left = || table(&[("id", &[Some("b"), None, Some("a"), Some("z"), Some("b")])]);
        let right = || {
            table(&[
                ("id", &[Some("a"), Some("b"), None, Some("b")]),
                ("name", &[Some("A"), Some("B1"), Some("none"), Some("B2")]),
            ])
        };
        let inner = left().join(right(), &["id"], Join::Inner).unwrap();
        assert_eq!(rows(inner), ["b B1", "b B2", "a A", "b B1", "b B2"]);
        let all = left().join(right(), &["id"], Join::Left).unwrap();
        assert_eq!(rows(all), ["b B1", "b B2", " ", "a A", "z ", "b B1", "b B2"]);
    }

    #[test]
    fn a_join_on_two_columns_needs_both() {
        let left = table(&[
            ("state", &[Some("TX"), Some("TX"), None]),
            ("name", &[Some("x"), Some("y"), Some("x")]),
        ]);
        let right = table(&[
            ("state", &[Some("TX"), Some("OK"), None]),
            ("name", &[Some("x"), Some("y"), Some("x")]),
            ("found", &[Some("1"), Some("2"), Some("3")]),
        ]);
        assert_eq!(rows(left.join(right, &["state", "name"], Join::Inner).unwrap()), ["TX x 1"]);
    }

    #[test]
    fn an_empty_table_joins_to_nothing() {
        let left = || table(&[("id", &[Some("a")])]);
        let right = || table(&[("id", &[]), ("name", &[])]);
        assert!(rows(left().join(right(), &["id"], Join::Inner).unwrap()).is_empty());
        assert_eq!(rows(left().join(right(), &["id"], Join::Left).unwrap()), ["a "]);
    }
}
