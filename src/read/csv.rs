//! Reads lists as CSV, in two forms: the tidy one that `record show` prints, which has ICE's own headers, a `ROW`
//! column before them and a `<HEADER> LINK` column after them for each column with links; and the export of a
//! spreadsheet program, which has ICE's headers alone, in UTF-8, UTF-16 or Windows-1252, with commas, semicolons or
//! tabs.

use std::borrow::Cow;

use ::csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{Assembler, ROWS_ABOVE, RawList, Sizes, as_headers};
use crate::acquire::Refusal;
use crate::shown::quoted;
use crate::spec::{Bounds, Field, Layouts};

/// Delimiters that may stand between cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// First rows in which the header is looked for, blank ones included.
const ROWS_LOOKED_AT: usize = 1_000;

/// Cells of a row that are looked at.
const CELLS: usize = 1_000;

/// Reads a list.
///
/// # Errors
/// The reason why it cannot be read.
pub fn read(bytes: &[u8], layouts: &Layouts, bounds: &Bounds) -> Result<RawList, Refusal> {
    let (text, is_guessed) = text(bytes)?;
    // A spreadsheet program may say its delimiter before the first row.
    let (said, text) = match said_delimiter(&text) {
        Some((delimiter, rest)) => (Some(delimiter), rest),
        None => (None, &*text),
    };
    // The character that ended files of an older system.
    let text = text.trim_end_matches('\u{1A}');
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
    let mut columns = CsvColumns::default();
    let (mut row, mut short_rows): (u32, u32) = (0, 0);
    let mut is_short = false;
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(bad)?;
        let line = row.saturating_add(1).saturating_add(blank_lines(text, &record));
        if at == header_at {
            columns = CsvColumns { header_row: line, ..CsvColumns::of(&record) };
            if columns.row.is_some() && is_guessed {
                let message = "a tidy list is UTF-8, and this one holds bytes that are not".to_owned();
                return Err(Refusal::Damaged { message });
            }
        } else if at > header_at
            && (record.len() > columns.width || (columns.row.is_some() && record.len() < columns.width))
        {
            let message = format!("has {} cells, and the header has {}", record.len(), columns.width);
            return Err(assembler.bad_row(line, message));
        }
        row = match columns.row.filter(|_| at > header_at).and_then(|column| record.get(column)) {
            Some(text) => {
                let number = text.parse();
                number.map_err(|_| {
                    assembler.bad_row(line, format!("column ROW: {} is not a row number", quoted(text)))
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
            is_short = record.len() < columns.width;
            short_rows += u32::from(is_short);
            // A quote that is closed rows later makes one cell of whole rows.
            let holds_rows = |cell: &str| {
                let delimiters = || memchr::memchr_iter(delimiter, cell.as_bytes()).count();
                cell.contains(['\r', '\n']) && delimiters() + 1 >= columns.width.max(2)
            };
            if record.iter().any(holds_rows) {
                return Err(assembler.bad_row(line, "a quote is closed rows later".to_owned()));
            }
        }
        put(&record, row, &columns, &mut assembler)?;
    }
    if is_short && !text.ends_with(['\r', '\n']) {
        return Err(assembler.bad_row(row, "ends before its last cell: the file was cut short".to_owned()));
    }
    let mut list = assembler.finish()?;
    if short_rows > 0 {
        list.aside
            .push(format!("{short_rows} rows have fewer cells than the header; the missing ones are blank"));
    }
    let sizes = Sizes { file_bytes: bytes.len() as u64, ..list.sizes };
    Ok(RawList { sizes, ..list })
}

/// Puts a record's cells and the links beside them.
fn put(
    record: &StringRecord,
    row: u32,
    columns: &CsvColumns,
    assembler: &mut Assembler,
) -> Result<(), Refusal> {
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

/// Decodes a file's bytes: by their byte order mark, as UTF-16 by its form, as UTF-8 where they are valid, else as
/// Windows-1252 where they may be. Also returns whether Windows-1252 was guessed.
fn text(bytes: &[u8]) -> Result<(Cow<'_, str>, bool), Refusal> {
    let (encoding, from) = match (Encoding::for_bom(bytes), bytes) {
        (Some((encoding, length)), _) => (encoding, length),
        (None, [first, 0, ..]) if *first != 0 => (UTF_16LE, 0),
        (None, [0, second, ..]) if *second != 0 => (UTF_16BE, 0),
        (None, _) if std::str::from_utf8(bytes).is_ok() => (UTF_8, 0),
        (None, _) => {
            // Characters of UTF-8 among other bytes mean a damaged UTF-8 file; five bytes mean nothing in Windows-1252.
            let has_signs = bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
            let has_others = bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D));
            if has_signs || has_others {
                let message = "holds bytes that are no text in UTF-8, nor in Windows-1252".to_owned();
                return Err(Refusal::Damaged { message });
            }
            return Ok((WINDOWS_1252.decode_without_bom_handling(bytes).0, true));
        }
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[from..]);
    let text = text.ok_or_else(|| Refusal::Damaged {
        message: format!("holds bytes that are no text in {}", encoding.name()),
    })?;
    Ok((text, false))
}

/// Returns the delimiter that a first line `sep=;` names, and the text after that line.
fn said_delimiter(text: &str) -> Option<(u8, &str)> {
    let line_end = text.find(['\r', '\n'])?;
    let line = text[..line_end].trim_start_matches('"');
    let said = line.get(..4).filter(|said| said.eq_ignore_ascii_case("sep=")).map(|_| &line[4..])?;
    let delimiter = DELIMITERS.into_iter().find(|known| said.as_bytes().first() == Some(known))?;
    let rest = &said[1..];
    if rest.contains(|c: char| !matches!(c, '"' | ',' | ';' | ' ' | '\t')) {
        return None;
    }
    let rest = &text[line_end..];
    Some((delimiter, rest.strip_prefix("\r\n").unwrap_or(&rest[1..])))
}

/// Returns the position of a list's header among the first rows, if this delimiter stands between cells.
fn header_row(text: &str, delimiter: u8, layouts: &Layouts) -> Option<usize> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let records = reader.records().take(ROWS_LOOKED_AT).map_while(Result::ok).enumerate();
    // Empty rows do not count.
    let records = records.filter(|(_, record)| record.iter().any(|cell| !cell.trim().is_empty()));
    records.take(ROWS_ABOVE + 1).find_map(|(at, record)| {
        let columns = CsvColumns::of(&record);
        let printed = record.iter().take(CELLS).enumerate().filter(|(at, _)| !columns.is_own(*at));
        let printed: Vec<String> = printed.map(|(_, header)| header.to_owned()).collect();
        layouts.find(&as_headers(&printed)).map(|_| at)
    })
}

/// Counts the blank lines before a record: empty rows of a sheet, which a CSV reader skips.
fn blank_lines(text: &str, record: &StringRecord) -> u32 {
    let start = record.position().map_or(0, |position| position.byte() as usize);
    let bytes = text.as_bytes();
    // The reader stops between the two characters of a line end.
    let is_within = start > 0 && bytes.get(start) == Some(&b'\n') && bytes[start - 1] == b'\r';
    let before = bytes.get(start + usize::from(is_within)..).unwrap_or_default();
    let ends = before.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    let (lines, _) =
        ends.fold((0, 0), |(lines, last), b| (lines + u32::from(!(*b == b'\n' && last == b'\r')), *b));
    lines
}

/// The columns of a file, by its header.
#[derive(Default)]
struct CsvColumns {
    /// The tidy form's column of row numbers.
    row: Option<usize>,
    /// The tidy form's columns of links: at most one for each field.
    links: Vec<(usize, Field)>,
    /// Cells of the header.
    width: usize,
    header_row: u32,
    last_row: u32,
}

impl CsvColumns {
    fn of(header: &StringRecord) -> Self {
        let mut columns = Self { width: header.len(), ..Self::default() };
        for (at, text) in header.iter().enumerate() {
            match text.trim().to_uppercase().as_str() {
                "ROW" if columns.row.is_none() => columns.row = Some(at),
                "MOA LINK" => columns.add_link(at, Field::Moa),
                "ADDENDUM LINK" => columns.add_link(at, Field::Addendum),
                _ => {}
            }
        }
        columns
    }

    fn add_link(&mut self, at: usize, field: Field) {
        if self.links.iter().all(|(_, known)| *known != field) {
            self.links.push((at, field));
        }
    }

    /// Whether a column belongs to the tidy form and not to ICE's list.
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
    fn damaged_text_is_refused_or_said() {
        let specs = Specs::load(&SpecFiles::default()).unwrap();
        let read = |bytes: &[u8]| read(bytes, &specs.layouts, &specs.agreements.bounds);
        let text = written(',', "\r");
        let cut = written(',', "\n").replace("Warrant Service Officer,6/7/2025,\n", "Warrant");
        let tidy =
            format!("ROW,{}", written(',', "\n").replace("FLORIDA", "2,FLORIDA").replace("TEXAS", "3,TEXAS"));
        let windows = |byte: u8| -> Vec<u8> {
            WINDOWS_1252.encode(&text).0.iter().map(|b| if *b == 0xF1 { byte } else { *b }).collect()
        };
        for (bytes, words) in [
            ([text.as_bytes(), b"\xF1"].concat(), "no text in UTF-8, nor"),
            (windows(0x81), "nor in Windows"),
            (
                written(',', "\n").replace("6/7/2025,\n", "6/7/2025,,\n").into_bytes(),
                "has 6 cells, and the header has 5",
            ),
            ([b"\xFF\xFE".as_slice(), b"S\0\x00\xD8X\0"].concat(), "no text in UTF-16LE"),
            (cut.into_bytes(), "the file was cut short"),
            (
                text.replacen("TEXAS", "\"TEXAS,\r,,,,", 1)
                    .replacen("Officer,6", "Officer\",6", 1)
                    .into_bytes(),
                "a quote is closed rows later",
            ),
            (WINDOWS_1252.encode(&tidy).0.into_owned(), "a tidy list is UTF-8"),
        ] {
            let refusal = read(&bytes).unwrap_err().to_string();
            assert!(refusal.contains(words), "{words}: {refusal}");
        }
        let ended = format!("{}\u{1A}", written(',', "\n"));
        assert_eq!(listed(ended.as_bytes()), expected([2, 3]));
        for said in ["SEP=;", "\"sep=;\"", "sep=;;;;"] {
            assert_eq!(
                listed(format!("{said}\r\n{}", written(';', "\r\n")).as_bytes()),
                expected([2, 3]),
                "{said}"
            );
        }
        let blanks = format!("{}{}", ";;;;\n".repeat(20), written(';', "\n"));
        assert_eq!(listed(blanks.as_bytes()), expected([22, 23]));
        let short = written(',', "\n").replace("6/7/2025,\n", "6/7/2025\n");
        let list = read(short.as_bytes()).unwrap();
        assert_eq!(list.aside, ["1 rows have fewer cells than the header; the missing ones are blank"]);
    }

    #[test]
    fn rows_keep_their_numbers_below_titles_and_blank_lines() {
        let text = written(';', "\r\n");
        let (header, rows) = text.split_once("\r\n").unwrap();
        let titled = format!("Participating Agencies;;;;\r\n\r\n{header}\r\n\r\n;;;;\r\n{rows}");
        assert_eq!(listed(titled.as_bytes()), expected([6, 7]));
    }
}
