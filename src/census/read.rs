//! One ACS file: its form told by its content, its rows read one by one.
//!
//! Files of lines are streamed: of the table-based summary file, whose many summary levels come in no promised
//! order, only the rows of kept levels are ever held. Names that are not UTF-8 are read as Windows-1252, of which
//! Latin-1, the Bureau's older encoding, is a part.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::area::Area;
use super::columns::{Columns, LineColumns, Source};
use super::value::{AreaEstimates, Cell, Estimate, Gap, cell};
use super::{BadValue, CensusError, Sum, document, vintage};
use crate::spec::{CensusSource, hex};
use crate::words::{Concept, Vintage};

/// Bytes of a file by which its form is told.
const HEAD: usize = 8192;

/// Characters of a value that an error shows.
const SHOWN: usize = 80;

/// The forms the Bureau gives its figures out in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Table-based summary file: pipes, `GEO_ID|B05002_E001|B05002_M001…`.
    SummaryFile,
    /// Census API: an array of arrays.
    Api,
    /// data.census.gov, or an API pull saved as CSV.
    Csv,
    /// The project's own: `county_fips,population,foreign_born`.
    Tidy,
}

impl Form {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SummaryFile => "table-based summary file",
            Self::Api => "Census API, array of arrays",
            Self::Csv => "CSV of data.census.gov or the Census API",
            Self::Tidy => "tidy county figures",
        }
    }
}

/// One area's row.
#[derive(Debug, Clone)]
pub struct Row {
    pub line: u64,
    /// As printed; `None` in forms that have no names.
    pub name: Option<Box<str>>,
    pub estimates: AreaEstimates,
}

/// What a file holds.
#[derive(Debug)]
pub struct AcsFile {
    pub file_name: String,
    pub sha256: String,
    pub form: Form,
    pub vintage: Vintage,
    /// What estimates were read from, by their `source`.
    pub sources: Vec<Source>,
    pub rows: BTreeMap<Area, Row>,
    /// Rows of levels that are not kept.
    pub rows_passed_over: u64,
}

/// The cells of a row by position; `None` for `null` and for a cell that is not there.
pub trait Cells {
    fn text(&self, at: usize) -> Option<Cow<'_, str>>;
}

impl Cells for csv::ByteRecord {
    fn text(&self, at: usize) -> Option<Cow<'_, str>> {
        let bytes = self.get(at)?;
        Some(match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
        })
    }
}

impl Cells for Vec<Option<Cow<'_, str>>> {
    fn text(&self, at: usize) -> Option<Cow<'_, str>> {
        self.get(at)?.as_deref().map(Cow::Borrowed)
    }
}

/// Reads a file of any form, whose name says the vintage.
///
/// # Errors
/// [`CensusError`]: what is wrong where, what was expected, and what to download instead.
pub fn read_path(path: &Path, spec: &CensusSource) -> Result<AcsFile, CensusError> {
    if !path.is_file() {
        return Err(CensusError::NoSuchFile { path: path.to_owned() });
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let unreadable = |source| CensusError::Unreadable { file: file.clone(), source };
    let opened = File::open(path).map_err(unreadable)?;
    let size = opened.metadata().map_err(unreadable)?.len();
    read(&file, opened, size, None, spec)
}

/// Reads a file's bytes; `vintage` where its name does not say it.
pub fn read(
    file: &str,
    mut bytes: impl Read,
    size: u64,
    vintage: Option<Vintage>,
    spec: &CensusSource,
) -> Result<AcsFile, CensusError> {
    let unreadable = |source| CensusError::Unreadable { file: file.to_owned(), source };
    if size > spec.bounds.file_bytes {
        let message = format!("{size} bytes are more than the bound of {}", spec.bounds.file_bytes);
        return Err(CensusError::refused(file, message));
    }
    let mut head = Vec::with_capacity(HEAD);
    bytes.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(unreadable)?;
    let start = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let (form, delimiter) = form(file, &head[start..], spec)?;
    let vintage = vintage.map_or_else(|| vintage::of_name(file), Ok)?;
    let mut bytes = Hashed::new(Cursor::new(head).chain(bytes).take(spec.bounds.file_bytes));
    bytes.read_exact(&mut [0; 3][..start]).map_err(unreadable)?;
    let reading = Reading { file, vintage, spec, columns: None, form };
    match delimiter {
        None => reading.document(bytes, size),
        Some(delimiter) => reading.lines(bytes, delimiter),
    }
}

/// The form, and the delimiter of a file of lines; `None` for a JSON document. What is neither is explained.
fn form(file: &str, head: &[u8], spec: &CensusSource) -> Result<(Form, Option<u8>), CensusError> {
    let refused = |message: &str, hint: &str| CensusError::Refused {
        file: file.to_owned(),
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    };
    let text = head.trim_ascii_start();
    let says = |words: &str| {
        let head = String::from_utf8_lossy(text).to_lowercase();
        words.split('|').any(|word| head.contains(word))
    };
    let shown = || shown(&String::from_utf8_lossy(text.split(|b| *b == b'\n').next().unwrap_or_default()));
    match text {
        [] => Err(refused(
            "is empty",
            "the Census API answers so where it has no such areas; download it again",
        )),
        [b'[', ..] => Ok((Form::Api, None)),
        [b'<', ..] if says("missing key|invalid key|valid <em>key</em>|api key") => Err(refused(
            "is the page by which the Census API says that its key is missing or wrong, not data",
            "get a key at https://api.census.gov/data/key_signup.html and add &key=YOUR_KEY to the address",
        )),
        [b'<', ..] => {
            Err(refused("is a web page, not data", "download the file itself; open it to see what it says"))
        }
        [b'{', ..] => Err(refused(
            "is a JSON object, not the array of arrays of the Census API",
            "ask the API for its plain answer, without a converter",
        )),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Err(refused(
            "is UTF-16, as a spreadsheet saves it",
            "use the file as the Bureau gives it out, or save it as UTF-8",
        )),
        [b'P', b'K', 3 | 5, ..] => Err(refused(
            "is a zip archive or a workbook",
            "unpack it and give its -Data.csv, or the .dat file",
        )),
        [0x1F, 0x8B, ..] => Err(refused("is compressed (gzip)", "unpack it first")),
        _ if text.starts_with(b"error:") => Err(CensusError::Refused {
            file: file.to_owned(),
            message: format!("is an error message of the Census API: {}", shown()),
            hint: Some("ask for variables and areas that the dataset has".into()),
        }),
        _ if text.contains(&0) => Err(refused("is no text", "give a file in one of the Bureau's forms")),
        _ => {
            let line = text.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
            if line.contains(&b'|') {
                Ok((Form::SummaryFile, Some(b'|')))
            } else if line.contains(&b',') {
                Ok((Form::Csv, Some(b',')))
            } else {
                let hint = format!("use {}", spec.concepts.mixed.instead);
                Err(refused(
                    &format!("is not an ACS file in a form that is known: it begins {:?}", shown()),
                    &hint,
                ))
            }
        }
    }
}

/// At most [`SHOWN`] characters of a value.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

struct Reading<'a> {
    file: &'a str,
    vintage: Vintage,
    spec: &'a CensusSource,
    columns: Option<Columns>,
    form: Form,
}

/// What was read so far.
#[derive(Default)]
struct Taken {
    rows: BTreeMap<Area, Row>,
    passed_over: u64,
}

impl Reading<'_> {
    fn lines(mut self, bytes: Hashed<impl Read>, delimiter: u8) -> Result<AcsFile, CensusError> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .quoting(delimiter == b',')
            .flexible(true)
            .has_headers(false)
            .from_reader(Bounded::new(bytes, self.spec.bounds.line_bytes));
        let mut record = csv::ByteRecord::new();
        let mut taken = Taken::default();
        let mut is_first_row = true;
        loop {
            let more = reader.read_byte_record(&mut record);
            if !more.map_err(|e| CensusError::refused(self.file, format!("cannot be read: {e}")))? {
                break;
            }
            let line = record.position().map_or(0, csv::Position::line);
            let Some(columns) = &self.columns else {
                let header =
                    (0..record.len()).map(|at| record.text(at).unwrap_or_default().trim().to_owned());
                self.columns = Some(Columns::new(self.file, header.collect(), self.vintage, self.spec)?);
                continue;
            };
            if std::mem::take(&mut is_first_row) && columns.are_titles(&record) {
                columns
                    .check_titles(&record)
                    .map_err(|(at, expected)| self.bad(line, &record, at, &expected))?;
                continue;
            }
            self.check_width(line, &record, columns)?;
            self.row(columns, line, &record, &mut taken)?;
        }
        // What a row bound left unread is part of the file's hash too.
        let sha256 = reader.into_inner().into_inner().finish().map_err(|source| self.unreadable(source))?;
        self.done(taken, sha256)
    }

    fn document(mut self, mut bytes: Hashed<impl Read>, size: u64) -> Result<AcsFile, CensusError> {
        let bound = self.spec.bounds.document_bytes;
        if size > bound {
            let message = format!("{size} bytes of JSON are more than the bound of {bound}");
            return Err(CensusError::refused(self.file, message));
        }
        let mut text = Vec::new();
        bytes.by_ref().take(bound).read_to_end(&mut text).map_err(|source| self.unreadable(source))?;
        let sha256 = bytes.finish().map_err(|source| self.unreadable(source))?;
        let mut taken = Taken::default();
        document::rows(self.file, &text, |line, cells| {
            let Some(columns) = &self.columns else {
                let header = cells.iter().map(|cell| cell.as_deref().unwrap_or_default().trim().to_owned());
                self.columns = Some(Columns::new(self.file, header.collect(), self.vintage, self.spec)?);
                return Ok(());
            };
            if cells.len() != columns.header.len() {
                return Err(self.wrong_width(line, cells.len(), columns));
            }
            self.row(columns, line, cells, &mut taken)
        })?;
        self.done(taken, sha256)
    }

    fn unreadable(&self, source: std::io::Error) -> CensusError {
        CensusError::Unreadable { file: self.file.to_owned(), source }
    }

    /// A row as long as the header; data.census.gov ends its lines with a comma that stands for nothing.
    fn check_width(&self, line: u64, record: &csv::ByteRecord, columns: &Columns) -> Result<(), CensusError> {
        let filled = |from: usize| (from..record.len()).any(|at| !record[at].is_empty());
        let is_long = record.len() > columns.header.len() && filled(columns.header.len());
        let is_short = columns.header.iter().skip(record.len()).any(|name| !name.is_empty());
        if is_long || is_short { Err(self.wrong_width(line, record.len(), columns)) } else { Ok(()) }
    }

    fn wrong_width(&self, line: u64, width: usize, columns: &Columns) -> CensusError {
        CensusError::Refused {
            file: self.file.to_owned(),
            message: format!("line {line} has {width} cells, the header {}", columns.header.len()),
            hint: Some(format!("was it cut short? {}", self.spec.instead(self.vintage))),
        }
    }

    fn bad(&self, line: u64, cells: &dyn Cells, at: usize, expected: &str) -> CensusError {
        let columns = self.columns.as_ref();
        let area = columns.and_then(|columns| columns.area_of(cells).ok().flatten());
        CensusError::BadValue(Box::new(BadValue {
            file: self.file.to_owned(),
            line,
            area: area.map(|area| area.to_string()),
            column: columns.and_then(|c| c.header.get(at)).cloned().unwrap_or_default(),
            value: shown(&cells.text(at).unwrap_or(Cow::Borrowed("null"))),
            expected: expected.to_owned(),
            hint: self.spec.instead(self.vintage),
        }))
    }

    fn row(
        &self,
        columns: &Columns,
        line: u64,
        cells: &dyn Cells,
        taken: &mut Taken,
    ) -> Result<(), CensusError> {
        let area = columns.area_of(cells).map_err(|(at, expected)| self.bad(line, cells, at, expected))?;
        let Some(area) = area else {
            taken.passed_over += 1;
            return Ok(());
        };
        let mut estimates = AreaEstimates::default();
        for (at, (source, lines)) in columns.sources.iter().enumerate() {
            let estimate = self.estimate(lines, at as u16, line, cells)?;
            let known = &mut estimates[source.concept as usize];
            // A table without figures of the area says nothing of it.
            if source.is_of(area) || (estimate.value.is_ok() && known.value.is_err()) {
                *known = estimate;
            }
        }
        // A row of Puerto Rico in a table that has a twin for it is empty.
        let is_empty = estimates.iter().all(|estimate| estimate.value == Err(Gap::NotInInput));
        if is_empty && !columns.sources.iter().any(|(source, _)| source.is_of(area)) {
            taken.passed_over += 1;
            return Ok(());
        }
        self.check_sums(columns, &estimates, line, cells)?;
        let name = columns.name.and_then(|at| Some(cells.text(at)?.trim().into()));
        if let Some(before) = taken.rows.insert(area, Row { line, name, estimates }) {
            let message = format!("line {line}: {area} was on line {} already", before.line);
            let hint = Some("one row an area: was the file put together from several?".into());
            return Err(CensusError::Refused { file: self.file.to_owned(), message, hint });
        }
        if taken.rows.len() > self.spec.bounds.rows {
            let message = format!("more than {} rows of kept levels", self.spec.bounds.rows);
            return Err(CensusError::refused(self.file, message));
        }
        Ok(())
    }

    /// The estimate of a line, or of a sum of lines with the margin of a sum.
    fn estimate(
        &self,
        lines: &[LineColumns],
        source: u16,
        line: u64,
        cells: &dyn Cells,
    ) -> Result<Estimate, CensusError> {
        let mut parts = lines.iter().map(|columns| self.line(columns, line, cells));
        let estimate = match (parts.next(), parts.next()) {
            (None, _) => Estimate::default(),
            (Some(only), None) => only?,
            (Some(first), Some(second)) => {
                let mut sum = Sum::default();
                for part in [first, second].into_iter().chain(parts) {
                    sum.add(&part?);
                }
                sum.estimate()
            }
        };
        Ok(Estimate { source, ..estimate })
    }

    fn line(&self, columns: &LineColumns, line: u64, cells: &dyn Cells) -> Result<Estimate, CensusError> {
        let bad = |at: usize, expected: &str| self.bad(line, cells, at, expected);
        // A margin that no column has is not in the input; an empty cell is the input's own.
        let read = |at: Option<usize>, note: Option<usize>| -> Result<Cell, CensusError> {
            let Some(at) = at else { return Ok(Cell::Gap(Gap::NotInInput)) };
            let text = cells.text(at).unwrap_or(Cow::Borrowed("null"));
            let value = cell(&text)
                .ok_or_else(|| bad(at, "a count of people, or what the Bureau writes where it has none"))?;
            let Some(note_at) = note else { return Ok(value) };
            let note = cell(&cells.text(note_at).unwrap_or(Cow::Borrowed("null")));
            match (value, note) {
                (_, None | Some(Cell::Number(_))) => Err(bad(note_at, "an annotation of the Bureau")),
                (_, Some(Cell::Gap(Gap::Null))) => Ok(value),
                (Cell::Number(0), Some(Cell::Controlled)) | (Cell::Gap(Gap::Null), Some(_)) => {
                    Ok(note.unwrap_or(value))
                }
                (value, Some(note)) if value == note => Ok(value),
                _ => Err(bad(
                    at,
                    &format!("what its annotation {:?} says", cells.text(note_at).unwrap_or_default()),
                )),
            }
        };
        let value = match read(columns.estimate, columns.estimate_note)? {
            Cell::Number(value) => Ok(value),
            Cell::Gap(gap) => Err(gap),
            Cell::Controlled => {
                return Err(bad(
                    columns.estimate.unwrap_or_default(),
                    "an estimate: only a margin is controlled",
                ));
            }
        };
        let margin = read(columns.margin, columns.margin_note)?;
        let moe_squared = match margin {
            Cell::Number(moe) => Ok(moe * moe),
            Cell::Controlled => Ok(0),
            Cell::Gap(gap) => Err(gap),
        };
        // Of what there is no estimate of there is no margin, whatever is written there.
        let moe_squared = value.and_then(|_| moe_squared);
        let is_controlled = value.is_ok() && margin == Cell::Controlled;
        Ok(Estimate { value, moe_squared, is_controlled, source: 0 })
    }

    /// Total = native + foreign-born, and foreign-born = naturalised + noncitizens; a part is never the larger.
    fn check_sums(
        &self,
        columns: &Columns,
        estimates: &AreaEstimates,
        line: u64,
        cells: &dyn Cells,
    ) -> Result<(), CensusError> {
        let Some((concept, expected)) = sums_that_fail(estimates) else { return Ok(()) };
        let source = columns.sources.iter().find(|(source, _)| source.concept == concept);
        let at = source.and_then(|(_, lines)| lines.first()?.estimate).unwrap_or_default();
        Err(self.bad(line, cells, at, &expected))
    }

    fn done(self, taken: Taken, sha256: String) -> Result<AcsFile, CensusError> {
        let Taken { rows, passed_over } = taken;
        let Some(columns) = self.columns else {
            return Err(CensusError::refused(self.file, "holds no rows"));
        };
        if rows.is_empty() {
            let message = match passed_over {
                0 => "holds no rows below its header".to_owned(),
                rows => format!(
                    "holds {rows} rows and none of the nation, a state, a county, a county subdivision or a place"
                ),
            };
            let hint = Some(self.spec.instead(self.vintage));
            return Err(CensusError::Refused { file: self.file.to_owned(), message, hint });
        }
        Ok(AcsFile {
            file_name: self.file.to_owned(),
            sha256,
            form: if columns.is_tidy { Form::Tidy } else { self.form },
            vintage: self.vintage,
            sources: columns.sources.into_iter().map(|(source, _)| source).collect(),
            rows,
            rows_passed_over: passed_over,
        })
    }
}

/// Of figures that do not add up, the concept at fault and what was expected of it.
pub fn sums_that_fail(estimates: &AreaEstimates) -> Option<(Concept, String)> {
    let of = |concept: Concept| estimates[concept as usize].value.ok();
    let sums = [
        (Concept::Population, Concept::Native, Concept::ForeignBorn),
        (Concept::ForeignBorn, Concept::Naturalized, Concept::Noncitizen),
    ];
    for (whole, one, other) in sums {
        if let (Some(total), Some(a), Some(b)) = (of(whole), of(one), of(other))
            && total != a + b
        {
            let expected = format!("the sum of {} {a} and {} {b}", one.as_str(), other.as_str());
            return Some((whole, expected));
        }
    }
    let parts = [
        (Concept::Population, Concept::Native),
        (Concept::Population, Concept::ForeignBorn),
        (Concept::Population, Concept::Noncitizen),
        (Concept::ForeignBorn, Concept::Naturalized),
        (Concept::ForeignBorn, Concept::Noncitizen),
    ];
    parts.into_iter().find_map(|(whole, part)| {
        let (total, some) = (of(whole)?, of(part)?);
        (some > total).then(|| (part, format!("at most {} {total}", whole.as_str())))
    })
}

/// sha256 of bytes, in hex, without holding them.
pub fn sha256_of(bytes: impl Read) -> std::io::Result<String> {
    Hashed::new(bytes).finish()
}

/// Bytes passed on, and hashed.
struct Hashed<R> {
    bytes: R,
    hash: Sha256,
}

impl<R: Read> Hashed<R> {
    fn new(bytes: R) -> Self {
        Self { bytes, hash: Sha256::new() }
    }

    /// sha256 of all bytes to the end, in hex.
    fn finish(mut self) -> std::io::Result<String> {
        std::io::copy(&mut self, &mut std::io::sink())?;
        Ok(hex(&self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.hash.update(&into[..read]);
        Ok(read)
    }
}

/// Bytes passed on, as long as no line is longer than the bound: the reader of lines holds one whole.
struct Bounded<R> {
    bytes: R,
    bound: usize,
    line: usize,
}

impl<R> Bounded<R> {
    fn new(bytes: R, bound: usize) -> Self {
        Self { bytes, bound, line: 0 }
    }

    fn into_inner(self) -> R {
        self.bytes
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        match memchr::memrchr(b'\n', &into[..read]) {
            Some(at) => self.line = read - at,
            None => self.line += read,
        }
        if self.line > self.bound {
            let message = format!("a line is longer than the bound of {} bytes", self.bound);
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message));
        }
        Ok(read)
    }
}
