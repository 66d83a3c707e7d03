//! Lists as CSV. Two forms: the tidy one of `data/lists/`, which has ICE's own headers, a `ROW` column before them and a
//! `<HEADER> LINK` column after them for each column that carries links; and what a spreadsheet program exports, which
//! has ICE's headers alone, in UTF-8, UTF-16 or Windows-1252, with commas, semicolons or tabs.

use std::borrow::Cow;

use ::csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{Assembler, RawList, Sizes, as_headers};
use crate::acquire::Refusal;
use crate::spec::{Bounds, Field, Layouts};

/// Signs that stand between cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Rows among which the header is looked for.
const HEADER_ROWS: usize = 11;

/// Cells of a row that are looked at.
const CELLS: usize = 1_000;

/// Reads a list.
///
/// # Errors
/// Why it cannot be read.
pub fn read(bytes: &[u8], layouts: &Layouts, bounds: &Bounds) -> Result<RawList, Refusal> {
    let text = text(bytes);
    // A spreadsheet program may say its delimiter before the first row.
    let (said, text) = match said_delimiter(&text) {
        Some((delimiter, rest)) => (Some(delimiter), rest),
        None => (None, &*text),
    };
    match text.trim_ascii_start().as_bytes() {
        [] => return Err(Refusal::Empty),
        [b'<', ..] => return Err(Refusal::WebPage),
        _ => {}
    }
    // An open quote swallows all rows after it.
    if memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1 {
        return Err(Refusal::Damaged { message: "a quote is not closed".into() });
    }
    let header = |delimiter: &u8| header_row(text, *delimiter, layouts).map(|at| (*delimiter, at));
    let found = match &said {
        Some(delimiter) => header(delimiter),
        None => DELIMITERS.iter().find_map(header),
    };
    let (delimiter, header_at) = found.unwrap_or((said.unwrap_or(b','), 0));
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let bad = |e: ::csv::Error| Refusal::Damaged { message: e.to_string() };
    let mut assembler = Assembler::new("CSV", layouts, bounds);
    let mut columns = Columns::default();
    let mut row: u32 = 0;
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(bad)?;
        let line = row.saturating_add(1).saturating_add(blank_lines(text, &record));
        if at == header_at {
            columns = Columns { header_row: line, ..Columns::of(&record) };
        } else if columns.row.is_some() && record.len() != columns.width {
            let message = format!("has {} cells, and the header has {}", record.len(), columns.width);
            return Err(assembler.bad_row(line, message));
        }
        row = match columns.row.filter(|_| at > header_at).and_then(|column| record.get(column)) {
            Some(text) => {
                let number = text.parse();
                number.map_err(|_| {
                    assembler.bad_row(line, format!("column ROW: {text:?} is not a row number"))
                })?
            }
            None => line,
        };
        if at > header_at && row <= columns.last_row {
            let message = format!("column ROW: {row} does not come after {}", columns.last_row);
            return Err(assembler.bad_row(line, message));
        }
        columns.last_row = row;
        if at > header_at {
            // A quote that is closed rows later: then a cell holds whole rows.
            let holds_rows = |cell: &str| {
                let delimiters = memchr::memchr_iter(delimiter, cell.as_bytes()).count();
                cell.contains('\n') && delimiters + 1 >= columns.width.max(2)
            };
            if record.iter().any(holds_rows) {
                return Err(assembler.bad_row(line, "a quote is closed rows later".to_owned()));
            }
        }
        put(&record, row, &columns, &mut assembler)?;
    }
    let list = assembler.finish()?;
    let sizes = Sizes { file_bytes: bytes.len() as u64, ..list.sizes };
    Ok(RawList { sizes, ..list })
}

/// Puts a record's cells and the links beside them.
fn put(record: &StringRecord, row: u32, columns: &Columns, assembler: &mut Assembler) -> Result<(), Refusal> {
    let printed = (0..record.len()).filter(|at| !columns.is_own(*at));
    for (at, from) in printed.enumerate() {
        let column = u32::try_from(at + 1).unwrap_or(u32::MAX);
        assembler.cell(row, column, record.get(from))?;
    }
    assembler.end_row()?;
    for (at, field) in &columns.links {
        if let Some(target) = record.get(*at).filter(|target| !target.is_empty() && row > columns.header_row)
        {
            assembler.link(row..=row, *field, target)?;
        }
    }
    Ok(())
}

/// The file's bytes as text: by its byte order mark, by the form of UTF-16, or else UTF-8 where it is that and
/// Windows-1252 where it is not.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0;
    }
    match bytes {
        [first, 0, ..] if *first != 0 => UTF_16LE.decode_without_bom_handling(bytes).0,
        [0, second, ..] if *second != 0 => UTF_16BE.decode_without_bom_handling(bytes).0,
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        },
    }
}

/// The delimiter that a first line `sep=;` says, and what follows the line.
fn said_delimiter(text: &str) -> Option<(u8, &str)> {
    let line_end = text.find(['\r', '\n'])?;
    let said = text[..line_end].trim_matches('"').strip_prefix("sep=")?;
    let delimiter = DELIMITERS.into_iter().find(|known| said.as_bytes() == [*known])?;
    let rest = &text[line_end..];
    Some((delimiter, rest.strip_prefix("\r\n").unwrap_or(&rest[1..])))
}

/// Which of the first rows is the header of a list, if the cells are told apart by this sign.
fn header_row(text: &str, delimiter: u8, layouts: &Layouts) -> Option<usize> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let records = reader.records().take(HEADER_ROWS).map_while(Result::ok);
    records.enumerate().find_map(|(at, record)| {
        let columns = Columns::of(&record);
        let printed = record.iter().take(CELLS).enumerate().filter(|(at, _)| !columns.is_own(*at));
        let printed: Vec<String> = printed.map(|(_, header)| header.to_owned()).collect();
        layouts.find(&as_headers(&printed)).map(|_| at)
    })
}

/// Blank lines before a record: a row of a sheet that holds nothing, which a reader of CSV passes over.
fn blank_lines(text: &str, record: &StringRecord) -> u32 {
    let start = record.position().map_or(0, |position| position.byte() as usize);
    let bytes = text.as_bytes();
    // The reader stops between the two signs of a line end.
    let is_within = start > 0 && bytes.get(start) == Some(&b'\n') && bytes[start - 1] == b'\r';
    let before = bytes.get(start + usize::from(is_within)..).unwrap_or_default();
    let ends = before.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    let (lines, _) =
        ends.fold((0, 0), |(lines, last), b| (lines + u32::from(!(*b == b'\n' && last == b'\r')), *b));
    lines
}

/// What the columns of a file are.
#[derive(Default)]
struct Columns {
    /// The tidy form's column of row numbers.
    row: Option<usize>,
    /// The tidy form's columns of links.
    links: Vec<(usize, Field)>,
    /// Cells of the header.
    width: usize,
    header_row: u32,
    last_row: u32,
}

impl Columns {
    fn of(header: &StringRecord) -> Self {
        let mut columns = Self { width: header.len(), ..Self::default() };
        for (at, text) in header.iter().enumerate() {
            match text.trim().to_uppercase().as_str() {
                "ROW" if columns.row.is_none() => columns.row = Some(at),
                "MOA LINK" => columns.links.push((at, Field::Moa)),
                "ADDENDUM LINK" => columns.links.push((at, Field::Addendum)),
                _ => {}
            }
        }
        columns
    }

    /// Whether a column is the form's own and not ICE's.
    fn is_own(&self, at: usize) -> bool {
        self.row == Some(at) || self.links.iter().any(|(link, _)| *link == at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{SpecFiles, Specs};

    const TABLE: [[&str; 5]; 3] = [
        ["STATE", "LAW ENFORCEMENT AGENCY", "SUPPORT TYPE", "SIGNED", "MOA"],
        ["FLORIDA", "Village of Pe\u{f1}asco; \"Keys\" Police, Dept", "Task Force Model", "6/6/2025", "link"],
        ["TEXAS", "Sheriff\u{2019}s Office", "Warrant Service Officer", "6/7/2025", ""],
    ];

    fn written(delimiter: char, line_end: &str) -> String {
        let cell = |text: &&str| {
            let needs_quotes = text.contains([delimiter, '"']);
            if needs_quotes { format!("\"{}\"", text.replace('"', "\"\"")) } else { (*text).to_owned() }
        };
        let row = |row: &[&str; 5]| row.iter().map(cell).collect::<Vec<_>>().join(&delimiter.to_string());
        TABLE.iter().map(|cells| row(cells) + line_end).collect()
    }

    fn listed(bytes: &[u8]) -> Vec<(u32, Vec<Option<String>>)> {
        let specs = Specs::load(&SpecFiles::default()).unwrap();
        let list = read(bytes, &specs.layouts, &specs.agreements.bounds).unwrap();
        let fields = [Field::State, Field::Agency, Field::Model, Field::Signed, Field::Moa];
        let cells = |row| fields.map(|field| list.cell(row, field).map(str::to_owned)).to_vec();
        list.rows.iter().map(|row| (row.row_number, cells(row))).collect()
    }

    fn expected(rows: [u32; 2]) -> Vec<(u32, Vec<Option<String>>)> {
        let cells = |at: usize| TABLE[at].map(|text| (!text.is_empty()).then(|| text.to_owned())).to_vec();
        vec![(rows[0], cells(1)), (rows[1], cells(2))]
    }

    #[test]
    fn every_programs_form_is_read() {
        for delimiter in [',', ';', '\t'] {
            for line_end in ["\r\n", "\n", "\r"] {
                let text = written(delimiter, line_end);
                let utf_16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
                    mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
                };
                for bytes in [
                    text.clone().into_bytes(),
                    format!("\u{feff}{text}").into_bytes(),
                    utf_16([0xFF, 0xFE], u16::to_le_bytes),
                    utf_16([0xFE, 0xFF], u16::to_be_bytes),
                    utf_16([0xFF, 0xFE], u16::to_le_bytes)[2..].to_vec(),
                    WINDOWS_1252.encode(&text).0.into_owned(),
                ] {
                    assert_eq!(listed(&bytes), expected([2, 3]), "{delimiter:?} {line_end:?}");
                }
                let said = format!("sep={delimiter}{line_end}{text}");
                assert_eq!(listed(said.as_bytes()), expected([2, 3]), "{delimiter:?} said");
            }
        }
    }

    #[test]
    fn rows_keep_their_numbers_below_titles_and_blank_lines() {
        let text = written(';', "\r\n");
        let (header, rows) = text.split_once("\r\n").unwrap();
        let titled = format!("Participating Agencies;;;;\r\n\r\n{header}\r\n\r\n;;;;\r\n{rows}");
        assert_eq!(listed(titled.as_bytes()), expected([6, 7]));
    }
}
