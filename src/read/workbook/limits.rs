//! Names and limits of the format.

/// The namespace of workbooks, transitional and strict.
pub const SPREADSHEETML: &[&[&str]] = &[&[
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
]];

/// Sheets that are looked at for the list.
pub const SHEETS: usize = 16;

/// The last row of a sheet, and the last column (every spreadsheet program stops here).
pub const LAST_ROW: u32 = 1_048_576;

pub const LAST_COLUMN: u32 = 16_384;
