//! A recorded list printed back: as CSV in the tidy form, which reads as the same list, or as a plain workbook.

use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Formula, Url, Workbook, XlsxError};

use super::parse::SLOT_NAMES;
use super::slots::order_of;
use crate::addresses::unwrapped;
use crate::exit::{EndsCommand, ExitCode};
use crate::fs::{self, WriteError};
use crate::read::{RawList, link_slot};
use crate::table::{CsvTexts, TableError, csv_text};

/// Writes a list as CSV: `ROW`, its own headers, and `<HEADER> LINK` for each column that carries links.
///
/// # Errors
/// The CSV writer fails, which nobody has seen.
pub fn csv_of_list(list: &RawList, csv_texts: CsvTexts) -> Result<String, TableError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| TableError::Shape { table: "CSV".into(), message: e.to_string() };
    let fields = &list.layout.fields;
    let slots = order_of(fields);
    let links = slots[fields.len()..].iter().map(|slot| SLOT_NAMES[*slot].replace('_', " ").to_uppercase());
    let columns = list.printed_columns.iter().take(fields.len()).cloned();
    writer.write_record(std::iter::once("ROW".to_owned()).chain(columns).chain(links)).map_err(failed)?;
    for row in &list.rows {
        let cells = slots.iter().map(|slot| {
            let text = row.slots[*slot].map_or("", |id| list.texts.get(id));
            csv_texts.cell(text).into_owned()
        });
        writer.write_record(std::iter::once(row.row_number.to_string()).chain(cells)).map_err(failed)?;
    }
    csv_text(writer)
}

/// A workbook that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    #[error("the list does not fit into a workbook")]
    Workbook(#[from] XlsxError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl EndsCommand for ShowError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Workbook(_) => ExitCode::FAULT,
            Self::Write(error) => error.exit_code(),
        }
    }
}

/// Writes a list as a workbook: its header in the first row, each row at its number, links behind their cells. A link
/// that a mail program wrapped is written as its target. The workbook says that it was saved when ICE's was, or in 1970
/// where that is unknown: the same list gives the same bytes on any day.
///
/// # Errors
/// The workbook cannot be made or written.
pub fn write_workbook(list: &RawList, path: &Path) -> Result<(), ShowError> {
    let saved = list.saved.as_deref();
    let saved = saved.and_then(|time| ExcelDateTime::parse_from_str(time).ok());
    let saved = saved.map_or_else(|| ExcelDateTime::from_timestamp(0), Ok)?;
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_creation_datetime(&saved));
    let sheet = book.add_worksheet();
    let fields = &list.layout.fields;
    for (column, header) in (0_u16..).zip(list.printed_columns.iter().take(fields.len())) {
        sheet.write_string(0, column, header)?;
    }
    for row in &list.rows {
        for (column, field) in (0_u16..).zip(fields) {
            let line = row.row_number.saturating_sub(1);
            let text = list.cell(row, *field).unwrap_or_default();
            let target = list.link(row, *field).filter(|_| row.slots[link_slot(*field)].is_some());
            let Some(target) = target else {
                if !text.is_empty() {
                    sheet.write_string(line, column, text)?;
                }
                continue;
            };
            // A link that a mail program wrapped is of no use to a person.
            let unwrapped = unwrapped(target);
            let target = unwrapped.as_deref().unwrap_or(target);
            let is_address = target.starts_with("http");
            if !is_address || sheet.write_url_with_text(line, column, Url::new(target), text).is_err() {
                // A workbook does not take this address as a link.
                let quoted = |text: &str| text.replace('"', "\"\"");
                let formula = format!("HYPERLINK(\"{}\",\"{}\")", quoted(target), quoted(text));
                sheet.write_formula(line, column, Formula::new(formula).set_result(text))?;
            }
        }
    }
    fs::write(path, &book.save_to_buffer()?)?;
    Ok(())
}
