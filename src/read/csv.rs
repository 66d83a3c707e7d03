//! The tidy form: a CSV with ICE's own headers, a `ROW` column before them and a `<HEADER> LINK` column
//! after them for each column that carries links. `data/lists/` is in this form.

use super::{Assembler, RawList, Sizes};
use crate::acquire::Refusal;
use crate::spec::{Bounds, Field, Layouts};

/// Reads a tidy list.
pub fn read(bytes: &[u8], layouts: &Layouts, bounds: &Bounds) -> Result<RawList, Refusal> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match text.trim_ascii_start() {
        [] => return Err(Refusal::Empty),
        [b'<', ..] => return Err(Refusal::WebPage),
        _ => {}
    }
    // An open quote swallows all rows after it.
    if memchr::memchr_iter(b'"', text).count() % 2 == 1 {
        return Err(Refusal::Damaged { message: "a quote is not closed".into() });
    }
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    let mut records = reader.records();
    let bad = |e: ::csv::Error| Refusal::Damaged { message: e.to_string() };
    let header = records.next().ok_or(Refusal::Empty)?.map_err(bad)?;
    let columns: Vec<Column> = header.iter().map(column).collect();

    let mut assembler = Assembler::new("CSV", layouts, bounds);
    let printed: Vec<_> = positions(&columns, |c| matches!(c, Column::Printed)).collect();
    for (at, from) in printed.iter().enumerate() {
        assembler.cell(1, at as u32 + 1, header.get(*from))?;
    }
    assembler.end_row()?;

    let row_column = positions(&columns, |c| matches!(c, Column::Row)).next();
    let links: Vec<_> = columns
        .iter()
        .enumerate()
        .filter_map(|(at, column)| match column {
            Column::Link(field) => Some((at, *field)),
            _ => None,
        })
        .collect();
    let mut last_row = 1;
    for (record, line) in records.zip(2..) {
        let record = record.map_err(bad)?;
        let row = match row_column.and_then(|at| record.get(at)) {
            Some(text) => text.parse().map_err(|_| Refusal::BadRow {
                sheet: "CSV".into(),
                row: line,
                message: format!("column ROW: {text:?} is not a row number"),
            })?,
            None => line,
        };
        if row <= last_row {
            let message = format!("column ROW: {row} does not come after {last_row}");
            return Err(Refusal::BadRow { sheet: "CSV".into(), row: line, message });
        }
        last_row = row;
        // So does one that is closed rows later: then a cell holds whole rows.
        let holds_rows = |cell: &str| {
            cell.contains('\n') && memchr::memchr_iter(b',', cell.as_bytes()).count() >= columns.len() - 1
        };
        if record.iter().any(holds_rows) {
            let message = "a quote is closed rows later".to_owned();
            return Err(Refusal::BadRow { sheet: "CSV".into(), row: line, message });
        }
        for (at, from) in printed.iter().enumerate() {
            assembler.cell(row, at as u32 + 1, record.get(*from))?;
        }
        assembler.end_row()?;
        for (at, field) in &links {
            if let Some(target) = record.get(*at).filter(|target| !target.is_empty()) {
                assembler.link(row..=row, *field, target);
            }
        }
    }
    let list = assembler.finish()?;
    let sizes = Sizes { file_bytes: bytes.len() as u64, ..list.sizes };
    Ok(RawList { sizes, ..list })
}

enum Column {
    Row,
    Printed,
    Link(Field),
}

fn column(header: &str) -> Column {
    match header.trim().to_uppercase().as_str() {
        "ROW" => Column::Row,
        "MOA LINK" => Column::Link(Field::Moa),
        "ADDENDUM LINK" => Column::Link(Field::Addendum),
        _ => Column::Printed,
    }
}

fn positions<'a>(columns: &'a [Column], wanted: fn(&Column) -> bool) -> impl Iterator<Item = usize> + 'a {
    columns.iter().enumerate().filter(move |(_, column)| wanted(column)).map(|(at, _)| at)
}
