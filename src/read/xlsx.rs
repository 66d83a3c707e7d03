//! Workbooks, cell by cell: never a dense range, in which two cells far apart exhaust memory.
//!
//! The first sheet whose header is a known layout is the list; a pivot beside it is not. Rows hidden by
//! a filter are rows.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use jiff::civil::Date;

use super::{Assembler, RawList};
use crate::acquire::Refusal;
use crate::spec::{Bounds, Field, Layouts};

/// Sheets that are looked at for the list.
const SHEETS: usize = 16;

/// Rows that all links of a sheet may touch together.
const LINKED_ROWS: u64 = 1_000_000;

/// Reads a workbook that has passed the guard.
pub fn read(bytes: &[u8], layouts: &Layouts, bounds: &Bounds) -> Result<RawList, Refusal> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut first_refusal = None;
    for sheet in workbook.sheet_names().into_iter().take(SHEETS) {
        match read_sheet(&mut workbook, &sheet, layouts, bounds) {
            // Another sheet may be the list.
            Err(refusal @ (Refusal::UnknownHeader { .. } | Refusal::NoSheet { .. })) => {
                first_refusal.get_or_insert(refusal);
            }
            read => return Ok(RawList { saved: saved(&mut workbook), ..read? }),
        }
    }
    Err(first_refusal.unwrap_or(Refusal::NoSheet { sheet: String::new() }))
}

/// The day of the workbook's own time stamp; a workbook without properties has none.
fn saved(workbook: &mut Xlsx<Cursor<&[u8]>>) -> Option<Date> {
    let properties = workbook.workbook_properties().ok()?;
    properties.modified.as_deref()?.get(..10)?.parse().ok()
}

fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    layouts: &Layouts,
    bounds: &Bounds,
) -> Result<RawList, Refusal> {
    let mut assembler = Assembler::new(sheet, layouts, bounds);
    let mut cells = match workbook.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        // A chart sheet is not a list.
        Err(XlsxError::NotAWorksheet(_)) => return Err(Refusal::NoSheet { sheet: sheet.to_owned() }),
        Err(e) => return Err(damaged(e)),
    };
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        assembler.cell(row.saturating_add(1), column.saturating_add(1), printed(cell.get_value()))?;
    }
    drop(cells);
    assembler.end_row()?;
    put_links(workbook, sheet, &mut assembler)?;
    assembler.finish()
}

fn put_links(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    assembler: &mut Assembler,
) -> Result<(), Refusal> {
    let columns = assembler.linked_columns();
    if columns.is_empty() || assembler.rows_kept() == 0 {
        return Ok(());
    }
    let mut left = LINKED_ROWS;
    for link in workbook.hyperlinks_by_sheet_name(sheet).map_err(damaged)? {
        let Some(target) = link.target else { continue };
        let (first, last) = (link.range.start, link.range.end);
        let here = |(column, _): &&(u32, Field)| (first.1..=last.1).contains(&(column - 1));
        for (_, field) in columns.iter().filter(here) {
            // A link on one cell is looked up, one on a range can touch every row: that is what is bounded.
            let touched = if first.0 == last.0 { 1 } else { assembler.rows_kept() as u64 };
            left = left.checked_sub(touched).ok_or(Refusal::TooLarge {
                what: "the reach of its links",
                limit: LINKED_ROWS,
                unit: "rows",
            })?;
            assembler.link(first.0.saturating_add(1)..=last.0.saturating_add(1), *field, &target);
        }
    }
    Ok(())
}

/// A cell as text: text as typed, dates as `YYYY-MM-DD`, whole numbers without a fraction.
fn printed(value: &DataRef<'_>) -> Option<String> {
    Some(match value {
        DataRef::Empty => return None,
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    })
}

fn damaged(error: XlsxError) -> Refusal {
    Refusal::Damaged { message: error.to_string() }
}
