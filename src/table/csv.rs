//! A table as CSV.

use std::borrow::Cow;

use super::{Table, TableError, Value};

/// How text cells are written into a CSV that a person may open in a spreadsheet program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvTexts {
    /// A cell that a spreadsheet program would take for a formula gets an apostrophe before it.
    Guarded,
    /// Cells are written as they are.
    Raw,
}

impl CsvTexts {
    /// The cell as it is written. A text could be a formula if it starts with `=`, `+`, `-`, `@`, a tab or a line break
    /// (OWASP, "CSV Injection").
    pub fn cell(self, text: &str) -> Cow<'_, str> {
        let is_formula = text.starts_with([
            '=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
        ]);
        if self == Self::Guarded && is_formula { format!("'{text}").into() } else { text.into() }
    }
}

/// Writes a table as CSV: a header, one row per line, dates as ISO 8601, null as nothing. Texts that could be formulas
/// are changed if `csv_texts` says so; other texts and numbers never are.
///
/// # Errors
/// The text cannot be written, which is an error of the program.
pub fn csv_of(table: &Table, csv_texts: CsvTexts) -> Result<String, TableError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| TableError::shape("CSV", error.to_string());
    writer.write_record(table.names()).map_err(failed)?;
    for at in 0..table.row_count() {
        let cells = table.row(at).map(|(_, value)| match value {
            Value::Text(text) => csv_texts.cell(text).into_owned(),
            other => other.to_string(),
        });
        writer.write_record(cells.collect::<Vec<_>>()).map_err(failed)?;
    }
    csv_text(writer)
}

/// The text that a CSV writer has written.
///
/// # Errors
/// The text cannot be written, which is an error of the program.
pub fn csv_text(writer: csv::Writer<Vec<u8>>) -> Result<String, TableError> {
    let bytes = writer.into_inner().map_err(|e| TableError::shape("CSV", e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| TableError::shape("CSV", e.to_string()))
}
