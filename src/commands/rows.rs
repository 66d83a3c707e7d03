//! Rows of a table as texts, for commands that print them.

use crate::table::Table;

/// A row as (column, value); null is an empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextRow(Vec<(String, String)>);

impl TextRow {
    /// Whether two rows have a column and differ in it.
    pub fn differs(&self, other: &Self, column: &str) -> bool {
        let of = |row: &Self| row.0.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone());
        of(self).zip(of(other)).is_some_and(|(a, b)| a != b)
    }

    /// Returns some of the columns, in this order.
    pub fn select(&self, columns: &[&str]) -> Self {
        Self(columns.iter().map(|column| ((*column).to_owned(), self.get(column).to_owned())).collect())
    }

    /// Returns the row with one more column.
    pub fn with(mut self, column: &str, value: &str) -> Self {
        self.0.push((column.to_owned(), value.to_owned()));
        self
    }

    /// Returns the value of a column; empty where it is null or the row has no such column.
    pub fn get(&self, column: &str) -> &str {
        self.0.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value)
    }
}

impl serde::Serialize for TextRow {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, value) in &self.0 {
            map.serialize_entry(column, &(!value.is_empty()).then_some(value))?;
        }
        map.end()
    }
}

/// Returns all rows of a table.
pub fn rows(table: &Table) -> Vec<TextRow> {
    let row = |at: usize| {
        TextRow(table.row(at).map(|(name, value)| (name.to_owned(), value.to_string())).collect())
    };
    (0..table.row_count()).map(row).collect()
}
