//! Questions about whole tables: the one door to polars, the query engine.
//!
//! A [`Query`] starts from a [`Table`] and ends as one. No other module knows polars; no list goes through here on its
//! way to its rows.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType as ArrowType;
use jiff::civil::Date;
use polars_core::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Float64Chunked, Int32Chunked, Int64Chunked, IntoSeries,
    NewChunkedArray, PolarsError, SortMultipleOptions, StringChunked, UniqueKeepStrategy,
};
use polars_ops::frame::{DataFrameJoinOps, JoinArgs, JoinType, MaintainOrderJoin};

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
    /// # Errors
    /// One of the tables lacks a column.
    pub fn join(mut self, right: Self, on: &[&str], join: Join) -> Result<Self, TableError> {
        let how = match join {
            Join::Inner => JoinType::Inner,
            Join::Left => JoinType::Left,
        };
        let mut args = JoinArgs::new(how);
        args.maintain_order = MaintainOrderJoin::LeftRight;
        self.frame = self.frame.join(&right.frame, on, on, args, None)?;
        self.dates.extend(right.dates.into_iter().filter(|date| !on.contains(&date.as_str())));
        Ok(self)
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
