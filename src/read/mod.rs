//! Step 2, read: rows as printed.
//!
//! A workbook or a tidy CSV becomes a [`RawList`]: its layout, and every row that holds a value with
//! every cell as text. Nothing is cleaned. Blank rows are skipped and counted.

mod assemble;
mod csv;
mod list_date;
mod xlsx;

use std::collections::HashSet;
use std::sync::Arc;

use assemble::Assembler;
pub use list_date::{Edition, ListDate, list_date, settle};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::acquire::{Offered, Refusal, guard};
use crate::spec::{AgreementSource, Field, Layouts, hex};
use crate::words::ListKind;

/// Text shared by the many rows that print it.
pub type Text = Arc<str>;

/// One row as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// As a spreadsheet program shows it; the header is 1.
    pub row_number: u32,
    cells: [Option<Text>; Field::COUNT],
    /// Links behind the MOA and ADDENDUM cells.
    links: [Option<Text>; 2],
}

impl RawRow {
    /// An empty row.
    pub fn new(row_number: u32) -> Self {
        Self { row_number, cells: Default::default(), links: Default::default() }
    }

    /// The cell's text; `None` where it is blank or the layout has no such column.
    pub fn cell(&self, field: Field) -> Option<&Text> {
        self.cells[field as usize].as_ref()
    }

    /// The target of the link behind the cell.
    pub fn link(&self, field: Field) -> Option<&Text> {
        self.links[usize::from(field == Field::Addendum)].as_ref().filter(|_| field.is_linked())
    }
}

/// A list as printed.
#[derive(Debug)]
pub struct RawList {
    pub kind: ListKind,
    pub layout: String,
    /// Headers as printed, trailing empty ones dropped.
    pub printed_columns: Vec<String>,
    pub rows: Vec<RawRow>,
    /// Rows after the header without a value.
    pub blank_rows: u32,
    /// Rows after the header with a value anywhere; those not in `rows` have only stray cells.
    pub rows_seen: u32,
    /// Links behind no row, or longer than a cell may be: set aside, and said in the list's reason.
    pub lost_links: u32,
    /// Cells with a value outside the layout's columns: set aside, and said in the list's reason.
    pub stray_cells: u32,
    /// The day a workbook says it was last saved.
    pub saved: Option<Date>,
}

/// A file that was offered, and what came of reading it.
#[derive(Debug)]
pub struct ReadFile {
    /// First 12 hex digits of the sha256 over file name and content.
    pub list_id: String,
    pub file_name: String,
    pub sha256: String,
    /// sha256 of the bytes read: of a tidy list not the workbook's.
    pub content_sha256: String,
    pub is_named: bool,
    pub list: Result<RawList, Refusal>,
}

/// Reads one file. Whatever is wrong with it stays with it.
pub fn read(offered: &Offered, layouts: &Layouts, source: &AgreementSource) -> ReadFile {
    let bytes = offered.bytes(source.bounds.file_bytes);
    let content_sha256 = hex(&Sha256::digest(bytes.as_deref().unwrap_or_default()));
    let sha256 = bytes.as_ref().map_or_else(|_| offered.sha256(&[]), |bytes| offered.sha256(bytes));
    let list = bytes.and_then(|bytes| {
        // A tidy list is text: its first byte is a header's. Anything else goes through the guard.
        if offered.file_name.to_lowercase().ends_with(".csv") || offered.workbook_sha256.is_some() {
            csv::read(&bytes, layouts, &source.bounds)
        } else {
            guard(&bytes, &source.bounds)?;
            xlsx::read(&bytes, layouts, &source.bounds)
        }
    });
    ReadFile {
        list_id: list_id(&offered.file_name, &sha256),
        file_name: offered.file_name.clone(),
        is_named: offered.is_named,
        sha256,
        content_sha256,
        list,
    }
}

fn list_id(file_name: &str, sha256: &str) -> String {
    hex(&Sha256::digest(format!("{file_name}\n{sha256}")))[..12].to_owned()
}

/// Keeps one copy of each text of a list.
#[derive(Debug, Default)]
struct Pool(HashSet<Text>);

impl Pool {
    fn text(&mut self, text: &str) -> Text {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let text: Text = text.into();
        self.0.insert(text.clone());
        text
    }
}
