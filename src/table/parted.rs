//! A large table, made part by part in the order of its key and never held whole.

use super::{Table, TableBuilder, TableError, TableSource, Wanted, concatenated};
use crate::spec::{TableSpec, Tables};

/// A large table in parts: each holds the rows of one list, rule or state.
pub struct PartedTable<'a> {
    pub table: &'a TableSpec,
    pub parts: Parts<'a>,
    make: Box<MakePart<'a>>,
}

/// The parts of a large table, in the order of its key.
pub struct Parts<'a> {
    /// The column that holds the text of a part; `None` for parts by state, which no column holds.
    pub column: Option<&'static str>,
    pub texts: Vec<&'a str>,
}

type MakePart<'a> = dyn Fn(usize, TableBuilder) -> Result<Table, TableError> + Send + Sync + 'a;

impl<'a> PartedTable<'a> {
    /// `make` gives the rows of the part at a position.
    ///
    /// # Errors
    /// The table has no spec.
    pub fn new(
        tables: &'a Tables,
        table: &str,
        parts: Parts<'a>,
        make: impl Fn(usize, TableBuilder) -> Result<Table, TableError> + Send + Sync + 'a,
    ) -> Result<Self, TableError> {
        let table = tables.find(table).ok_or_else(|| TableError::shape(table, "has no spec"))?;
        Ok(Self { table, parts, make: Box::new(make) })
    }

    /// The wanted columns of the part at a position, with all its rows.
    ///
    /// # Errors
    /// The part does not have the shape of its table.
    pub fn at(&self, position: usize, wanted: Wanted) -> Result<Table, TableError> {
        (self.make)(position, TableBuilder::with_wanted(self.table, wanted))
    }

    /// Every part in turn.
    pub fn iter<'b>(&'b self, wanted: Wanted<'b>) -> impl Iterator<Item = Result<Table, TableError>> + 'b {
        (0..self.parts.texts.len()).map(move |position| self.at(position, wanted))
    }
}

impl TableSource for PartedTable<'_> {
    fn read(&self, _: &str, wanted: Wanted) -> Result<Table, TableError> {
        let Wanted { columns, only } = wanted;
        let position_of = |(column, value)| {
            let position = self.parts.texts.iter().position(|text| *text == value);
            (self.parts.column == Some(column)).then_some(position)
        };
        let parts: Result<Vec<Table>, TableError> = match (only, only.and_then(position_of)) {
            (_, Some(position)) => position.into_iter().map(|at| self.at(at, wanted)).collect(),
            (None, None) => self.iter(wanted).collect(),
            // Rows are chosen part by part, so that unwanted rows are not held.
            (Some((column, _)), None) => {
                let with: Option<Vec<&str>> =
                    columns.map(|columns| columns.iter().copied().chain([column]).collect());
                let with = Wanted { columns: with.as_deref(), only: None };
                self.iter(with).map(|part| wanted.of(&part?)).collect()
            }
        };
        concatenated(self.table, wanted, parts?)
    }
}
