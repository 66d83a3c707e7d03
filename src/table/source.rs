//! The sources from which tables are read: the current run, or a release on disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_schema::Schema;
use arrow_select::concat::concat_batches;

use super::{Table, TableError};
use crate::spec::{ColumnSpec, TableSpec};

/// The wanted part of a table; by default all of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Names of columns; the result has them in the order of the table.
    pub columns: Option<&'a [&'a str]>,
    /// A text column and a value: only rows with that value are wanted.
    pub only: Option<(&'a str, &'a str)>,
}

impl Wanted<'_> {
    /// Whether a column is wanted.
    pub fn has(&self, column: &str) -> bool {
        self.columns.is_none_or(|columns| columns.contains(&column))
    }

    /// The wanted columns of a table's spec.
    ///
    /// # Errors
    /// A column that the table does not have.
    pub fn specs<'t>(&self, table: &'t TableSpec) -> Result<Vec<&'t ColumnSpec>, TableError> {
        let unknown = self.columns.into_iter().flatten().find(|name| table.column(name).is_none());
        if let Some(name) = unknown {
            return Err(TableError::shape(&table.name, format!("has no column {name}")));
        }
        Ok(table.columns.iter().filter(|spec| self.has(&spec.name)).collect())
    }

    /// The wanted part of a table.
    ///
    /// # Errors
    /// A column that the table does not have.
    pub fn of(&self, table: &Table) -> Result<Table, TableError> {
        let Some(columns) = self.columns else { return self.rows_of(table) };
        if let Some(name) = columns.iter().find(|name| !table.has(name)) {
            return Err(TableError::shape("of a query", format!("no column {name:?}")));
        }
        let names: Vec<&str> = table.names().into_iter().filter(|name| self.has(name)).collect();
        match self.only {
            // Only the wanted columns are copied, and the one by which rows are chosen.
            Some((column, _)) if !self.has(column) => {
                let with: Vec<&str> = names.iter().copied().chain([column]).collect();
                self.rows_of(&table.select(&with)?)?.select(&names)
            }
            _ => self.rows_of(&table.select(&names)?),
        }
    }

    /// The wanted rows of a table, with all its columns.
    fn rows_of(&self, table: &Table) -> Result<Table, TableError> {
        match self.only {
            Some((column, value)) => table.rows_with(column, value),
            None => Ok(table.clone()),
        }
    }
}

/// A source of public tables: the current run, or a release on disk.
pub trait TableSource: Sync {
    /// The wanted part of a table.
    ///
    /// # Errors
    /// The table is not there, cannot be read, or lacks a wanted column.
    fn read(&self, table: &str, wanted: Wanted) -> Result<Table, TableError>;

    /// All of a table.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn table(&self, table: &str) -> Result<Table, TableError> {
        self.read(table, Wanted::default())
    }

    /// Some columns of a table.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn columns(&self, table: &str, columns: &[&str]) -> Result<Table, TableError> {
        self.read(table, Wanted { columns: Some(columns), only: None })
    }

    /// The rows in which a text column has this value.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn rows_where(&self, table: &str, column: &str, value: &str) -> Result<Table, TableError> {
        self.read(table, Wanted { columns: None, only: Some((column, value)) })
    }

    /// Some columns of the rows in which a text column has this value.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn columns_where(
        &self,
        table: &str,
        columns: &[&str],
        column: &str,
        value: &str,
    ) -> Result<Table, TableError> {
        self.read(table, Wanted { columns: Some(columns), only: Some((column, value)) })
    }
}

/// Tables by name, each held whole.
#[derive(Debug, Default)]
pub struct TableSet(BTreeMap<String, Table>);

impl TableSet {
    /// The table with this name.
    ///
    /// # Errors
    /// No table has the name.
    pub fn get(&self, table: &str) -> Result<&Table, TableError> {
        self.0.get(table).ok_or_else(|| TableError::shape(table, "is not in the release"))
    }

    /// The number of tables.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no tables.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a table.
    pub fn insert(&mut self, name: &str, table: Table) {
        self.0.insert(name.to_owned(), table);
    }
}

impl TableSource for TableSet {
    fn read(&self, table: &str, wanted: Wanted) -> Result<Table, TableError> {
        wanted.of(self.get(table)?)
    }
}

/// Joins the parts of a table, one below the other. Without parts the table has its wanted columns and no rows.
///
/// # Errors
/// A part has other columns, or the table lacks a wanted column.
pub fn concatenated(table: &TableSpec, wanted: Wanted, parts: Vec<Table>) -> Result<Table, TableError> {
    let schema = match parts.first() {
        Some(first) => first.batch().schema(),
        None => {
            Arc::new(Schema::new(wanted.specs(table)?.into_iter().map(ColumnSpec::field).collect::<Vec<_>>()))
        }
    };
    match parts.as_slice() {
        [one] => Ok(one.clone()),
        parts => Ok(Table::new(concat_batches(&schema, parts.iter().map(Table::batch))?)),
    }
}
