//! Workbooks, cell by cell: never a dense range, in which two cells far apart exhaust memory.
//!
//! The first visible sheet whose header is a known layout is the list; a pivot beside it is not, and a second
//! list is set aside and said. Rows hidden by a filter are rows.

use std::io::{Cursor, Write};

use calamine::{DataRef, Reader, SheetVisible, Xlsx, XlsxError};
use memchr::memmem;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::Assembler;
use super::raw::{RawList, Sizes};
use crate::acquire::{Inflated, Refusal};
use crate::spec::{Bounds, Field, Layouts};

/// Sheets that are looked at for the list.
const SHEETS: usize = 16;

/// Rows that all links of a sheet may touch together.
const LINKED_ROWS: u64 = 1_000_000;

type Workbook = Xlsx<Cursor<Vec<u8>>>;

/// Reads a workbook that has passed the guard.
pub fn read(inflated: &Inflated, layouts: &Layouts, bounds: &Bounds) -> Result<RawList, Refusal> {
    let mut workbook: Workbook = Xlsx::new(Cursor::new(stored(inflated, as_texts)?)).map_err(damaged)?;
    let mut found: Option<RawList> = None;
    let mut aside = Vec::new();
    let mut first_refusal = None;
    for (sheet, is_visible) in sheets(&workbook) {
        match read_sheet(&mut workbook, inflated, &sheet, layouts, bounds) {
            Sheet::List(list) if found.is_none() && (is_visible || !list.rows.is_empty()) => {
                if !is_visible {
                    aside.push(format!("the list is on sheet {sheet:?}, which is hidden"));
                }
                found = Some(*list);
            }
            Sheet::List(list) => {
                aside.push(format!("sheet {sheet:?}, a list of {} rows, was set aside", list.rows.len()));
            }
            Sheet::Damaged(refusal) if found.is_none() => return Err(refusal),
            Sheet::Damaged(_) => aside.push(format!("sheet {sheet:?}, a damaged list, was set aside")),
            // Another sheet may be the list. What it holds is not looked at; that it holds something is said.
            Sheet::Other(refusal) => {
                if !matches!(refusal, Refusal::NoSheet { .. }) {
                    aside.push(format!("sheet {sheet:?} is no list and was passed over"));
                }
                first_refusal.get_or_insert(refusal);
            }
        }
    }
    let more = workbook.sheets_metadata().len().saturating_sub(SHEETS);
    if more > 0 {
        aside.push(format!("{more} sheets after the first {SHEETS} were not looked at"));
    }
    let Some(list) = found else {
        return Err(first_refusal.unwrap_or(Refusal::NoSheet { sheet: String::new() }));
    };
    let sizes = Sizes {
        zip_entries: inflated.entries.len(),
        inflated_bytes: inflated.bytes,
        inflation: inflated.inflation,
        ..list.sizes
    };
    Ok(RawList { saved: saved(&mut workbook), aside, sizes, ..list })
}

/// The first sheets and whether each is visible, visible ones first.
fn sheets(workbook: &Workbook) -> Vec<(String, bool)> {
    let sheets = workbook.sheets_metadata().iter().take(SHEETS);
    let mut sheets: Vec<_> =
        sheets.map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible)).collect();
    sheets.sort_by_key(|(_, is_visible)| !is_visible);
    sheets
}

/// The workbook's own time stamp; a workbook without properties has none.
fn saved(workbook: &mut Workbook) -> Option<String> {
    let properties = workbook.workbook_properties().ok()?;
    Some(properties.modified.as_deref()?.get(..19)?.to_owned())
}

/// What a sheet is.
enum Sheet {
    List(Box<RawList>),
    /// It has a list's header, and cannot be read.
    Damaged(Refusal),
    /// It is no list.
    Other(Refusal),
}

fn read_sheet(
    workbook: &mut Workbook,
    inflated: &Inflated,
    sheet: &str,
    layouts: &Layouts,
    bounds: &Bounds,
) -> Sheet {
    let mut assembler = Assembler::new(sheet, layouts, bounds);
    let put =
        put_cells(workbook, sheet, &mut assembler).and_then(|()| put_links(inflated, sheet, &mut assembler));
    let is_list = assembler.is_list();
    match put.and_then(|()| assembler.finish()) {
        Ok(list) => Sheet::List(Box::new(list)),
        Err(refusal) if is_list => Sheet::Damaged(refusal),
        Err(refusal) => Sheet::Other(refusal),
    }
}

fn put_cells(workbook: &mut Workbook, sheet: &str, assembler: &mut Assembler) -> Result<(), Refusal> {
    let mut cells = match workbook.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        // A chart sheet is not a list.
        Err(XlsxError::NotAWorksheet(_)) => return Err(Refusal::NoSheet { sheet: sheet.to_owned() }),
        Err(e) => return Err(damaged(e)),
    };
    let mut shown = String::new();
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        let text = printed(cell.get_value(), &mut shown);
        assembler.cell(row.saturating_add(1), column.saturating_add(1), text)?;
    }
    assembler.end_row()
}

fn put_links(inflated: &Inflated, sheet: &str, assembler: &mut Assembler) -> Result<(), Refusal> {
    let columns = assembler.linked_columns();
    if columns.is_empty() || assembler.rows_kept() == 0 {
        return Ok(());
    }
    let linked = stored(inflated, links_alone)?;
    let mut workbook: Workbook = Xlsx::new(Cursor::new(linked)).map_err(damaged)?;
    let mut left = LINKED_ROWS;
    for link in workbook.hyperlinks_by_sheet_name(sheet).map_err(damaged)? {
        let (first, last) = (link.range.start, link.range.end);
        let here = |(column, _): &&(u32, Field)| (first.1..=last.1).contains(&(column - 1));
        let Some(target) = link.target else {
            columns.iter().filter(here).for_each(|_| assembler.lose_link());
            continue;
        };
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

/// What a rewritten archive takes of an entry.
enum Part<'a> {
    Whole,
    Pieces([&'a [u8]; 3]),
    Instead(Vec<u8>),
    Nothing,
}

/// Cells that hold an error as cells that hold its text: there are more kinds of errors than a parser knows.
fn as_texts<'a>(name: &str, content: &'a [u8]) -> Part<'a> {
    const VALUE: &[u8] = b"\"e\"";
    if !is_sheet(name) {
        return Part::Whole;
    }
    // Every cell has a type, and hardly any this one: its value alone is found faster.
    let errors = memmem::find_iter(content, VALUE).filter(|at| content[..*at].ends_with(b" t="));
    let errors: Vec<usize> = errors.collect();
    if errors.is_empty() {
        return Part::Whole;
    }
    let mut texts = Vec::with_capacity(content.len() + 2 * errors.len());
    let mut from = 0;
    for at in errors {
        texts.extend_from_slice(&content[from..at]);
        texts.extend_from_slice(b"\"str\"");
        from = at + VALUE.len();
    }
    texts.extend_from_slice(&content[from..]);
    Part::Instead(texts)
}

fn is_sheet(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("xl/worksheets/") && name.ends_with(".xml")
}

/// The archive again, its entries not compressed: a parser has nothing left to inflate.
fn stored<'a>(inflated: &'a Inflated, part: impl Fn(&str, &'a [u8]) -> Part<'a>) -> Result<Vec<u8>, Refusal> {
    let failed = |message: String| Refusal::Damaged { message };
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::with_capacity(inflated.bytes as usize + 8_192)));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in &inflated.entries {
        let part = part(name, content);
        let pieces: [&[u8]; 3] = match &part {
            Part::Whole => [content.as_slice(), &[], &[]],
            Part::Instead(other) => [other.as_slice(), &[], &[]],
            Part::Pieces(pieces) => *pieces,
            Part::Nothing => continue,
        };
        archive.start_file(name.as_str(), options).map_err(|e| failed(e.to_string()))?;
        for piece in pieces {
            archive.write_all(piece).map_err(|e| failed(e.to_string()))?;
        }
    }
    Ok(archive.finish().map_err(|e| failed(e.to_string()))?.into_inner())
}

/// A sheet without its rows and no shared texts: links are read without going through the cells again.
fn links_alone<'a>(name: &str, content: &'a [u8]) -> Part<'a> {
    if matches!(name.to_ascii_lowercase().as_str(), "xl/sharedstrings.xml" | "xl/styles.xml") {
        return Part::Nothing;
    }
    if !is_sheet(name) {
        return Part::Whole;
    }
    let (first, last) = (memmem::find(content, b"<sheetData>"), memmem::rfind(content, b"</sheetData>"));
    match first.zip(last) {
        Some((first, last)) if first < last => {
            Part::Pieces([&content[..first], b"<sheetData>", &content[last..]])
        }
        _ => Part::Whole,
    }
}

/// A cell as text: text as typed, dates as `YYYY-MM-DD`, whole numbers without a fraction.
fn printed<'a>(value: &'a DataRef<'_>, shown: &'a mut String) -> Option<&'a str> {
    use std::fmt::Write;
    shown.clear();
    let written = match value {
        DataRef::Empty => return None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => return Some(text),
        DataRef::SharedString(text) => return Some(text),
        DataRef::Bool(true) => return Some("TRUE"),
        DataRef::Bool(false) => return Some("FALSE"),
        DataRef::Int(number) => write!(shown, "{number}"),
        DataRef::Float(number) => write!(shown, "{number}"),
        DataRef::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                write!(shown, "{year:04}-{month:02}-{day:02}")
            } else {
                write!(shown, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::Error(error) => write!(shown, "{error}"),
    };
    written.is_ok().then_some(shown.as_str())
}

fn damaged(error: XlsxError) -> Refusal {
    Refusal::Damaged { message: error.to_string() }
}
