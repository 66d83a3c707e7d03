//! A table of the page.

use crate::text::thousands;

/// The most rows shown of a table that may be long; the rest is in the public tables.
const ROWS: usize = 150;

/// A cell and, where it is a number, the value that it is sorted by.
pub struct GridCell {
    pub text: String,
    pub sort: Option<String>,
}

impl GridCell {
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), sort: None }
    }

    pub(super) fn count(value: i64) -> Self {
        Self { text: thousands(value), sort: Some(value.to_string()) }
    }

    pub(super) fn share(share: Option<f64>, text: String) -> Self {
        let text = if text.is_empty() { "unknown".to_owned() } else { text };
        Self { text, sort: Some(share.map_or_else(|| "-1".into(), |share| share.to_string())) }
    }
}

/// A table as it is shown.
pub struct Grid {
    pub header: Vec<String>,
    pub rows: Vec<Vec<GridCell>>,
    /// Rows left out, and the public table that has them.
    pub not_shown: usize,
    pub table: &'static str,
}

impl Grid {
    /// Makes a grid of all rows.
    pub(super) fn new<const N: usize>(header: [&str; N], rows: Vec<Vec<GridCell>>) -> Self {
        Self { header: header.map(str::to_owned).into(), rows, not_shown: 0, table: "" }
    }

    /// Makes a grid of as many rows as a page can take; the rest is in a public table.
    pub(super) fn first<const N: usize>(
        header: [&str; N],
        mut rows: Vec<Vec<GridCell>>,
        table: &'static str,
    ) -> Self {
        let not_shown = rows.len().saturating_sub(ROWS);
        rows.truncate(ROWS);
        Self { not_shown, table, ..Self::new(header, rows) }
    }
}
