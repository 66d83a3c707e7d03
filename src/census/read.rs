//! Reads one ACS file: recognises its form by its content, then reads its rows one by one.
//!
//! Files of lines are streamed. The table-based summary file has many summary levels in no promised order; only the
//! rows of kept levels are held. Names that are not UTF-8 are read as Windows-1252, which includes Latin-1, the
//! Bureau's older encoding.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;

use tracing::warn;

use super::acs_file::{AcsFile, AcsRow};
use super::agree::{sum_that_fails, take};
use super::area::{self, Area};
use super::bytes::{BoundedReader, Hashed};
use super::cells::{Piped, RowCells, decoded};
use super::columns::{AcsColumns, LineColumns};
use super::form::{AcsForm, form};
use super::value::{AreaEstimates, CensusCell, Estimate, Gap, cell};
use super::{BadValue, CensusError, Sum, document, vintage};
use crate::shown::{plain, shown};
use crate::spec::CensusSource;
use crate::words::Vintage;

/// How many first bytes of a file show its form.
const HEAD: usize = 8192;

/// Bound on the bytes of an area's name: the longest in `data/reference` have under half of it.
const LONGEST_NAME: usize = 200;

/// How many bytes of a file are read at once.
const BUFFER: usize = 1 << 16;

/// Whether a text can be an area's name: short, printable, and no mailbox.
fn is_name(text: &str) -> bool {
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '@' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.len() <= LONGEST_NAME && !text.contains(is_odd)
}

/// Reads a percentage from 0 to 100 in hundredths: `5`, `5.1` and `5.10`.
fn hundredths(text: &str) -> Option<i64> {
    let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let is_digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_digits(whole, 3) || !is_digits(decimals, 2) {
        return None;
    }
    let hundredths = whole.parse::<i64>().ok()? * 100 + format!("{decimals:0<2}").parse::<i64>().ok()?;
    (hundredths <= 10_000).then_some(hundredths)
}

/// Checks that a path is a plain file.
///
/// # Errors
/// [`CensusError::NoSuchFile`].
pub fn check_path(path: &Path) -> Result<(), CensusError> {
    let what = match path.metadata() {
        Ok(found) if found.is_file() => return Ok(()),
        Err(_) => "no such file",
        Ok(found) if found.is_dir() => "is a folder: give each file by itself",
        Ok(_) => "is no plain file: save what it gives to one",
    };
    Err(CensusError::NoSuchFile { path: path.to_owned(), what })
}

/// Reads a file of any form; its name says the vintage.
///
/// # Errors
/// [`CensusError`] says what is wrong and where, what was expected, and what to download instead.
pub fn read_path(path: &Path, spec: &CensusSource) -> Result<AcsFile, CensusError> {
    check_path(path)?;
    let file = plain(&path.file_name().unwrap_or_default().to_string_lossy());
    let unreadable = |source| CensusError::Unreadable { file: file.clone(), source };
    let opened = File::open(path).map_err(unreadable)?;
    let size = opened.metadata().map_err(unreadable)?.len();
    read(&file, opened, size, None, spec)
}

/// Reads a file's bytes. `vintage` is given if the file's name does not say it.
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
    let form = form(file, &head[start..], spec)?;
    let vintage = vintage.map_or_else(|| vintage::of_name(file), Ok)?;
    let mut bytes = Hashed::new(Cursor::new(head).chain(bytes).take(spec.bounds.file_bytes));
    bytes.read_exact(&mut [0; 3][..start]).map_err(unreadable)?;
    let reading = AcsReading { file, vintage, spec, columns: None, form };
    match form {
        AcsForm::SummaryFile => reading.summary_file(bytes),
        AcsForm::Api => reading.document(bytes, size),
        AcsForm::Csv | AcsForm::Tidy => reading.csv(bytes),
    }
}

struct AcsReading<'a> {
    file: &'a str,
    vintage: Vintage,
    spec: &'a CensusSource,
    columns: Option<AcsColumns>,
    form: AcsForm,
}

/// The rows read so far.
#[derive(Default)]
struct Taken {
    rows: BTreeMap<Area, AcsRow>,
    passed_over: u64,
}

impl AcsReading<'_> {
    /// Reads lines of unquoted cells separated by pipes; the start of a row shows whether its level is kept.
    fn summary_file(mut self, bytes: Hashed<impl Read>) -> Result<AcsFile, CensusError> {
        let mut reader =
            BufReader::with_capacity(BUFFER, BoundedReader::new(bytes, self.spec.bounds.line_bytes));
        let mut line = Vec::new();
        let mut ends = Vec::new();
        let mut is_ended = true;
        let mut taken = Taken::default();
        for number in 1.. {
            line.clear();
            let read = reader.read_until(b'\n', &mut line);
            if read.map_err(|e| CensusError::refused(self.file, format!("cannot be read: {e}")))? == 0 {
                break;
            }
            reader.get_mut().next_record();
            is_ended = line.ends_with(b"\n");
            let text = line.trim_ascii_end();
            if text.is_empty() {
                continue;
            }
            let Some(columns) = &self.columns else {
                let header = text.split(|byte| *byte == b'|').map(|name| shown(decoded(name).trim()));
                self.columns = Some(AcsColumns::new(self.file, header.collect(), self.vintage, self.spec)?);
                continue;
            };
            if columns.opens_with_geo_id() && area::is_passed_over(text) {
                let width = memchr::memchr_iter(b'|', text).count() + 1;
                if width != columns.header.len() {
                    return Err(self.wrong_width(number, width, columns));
                }
                taken.passed_over += 1;
                continue;
            }
            ends.clear();
            ends.extend(memchr::memchr_iter(b'|', text));
            ends.push(text.len());
            if ends.len() != columns.header.len() {
                return Err(self.wrong_width(number, ends.len(), columns));
            }
            self.row(columns, number, &Piped { line: text, ends: &ends }, &mut taken)?;
        }
        let sha256 = reader.into_inner().into_inner().finish().map_err(|source| self.unreadable(source))?;
        self.warn_unless(is_ended);
        self.done(taken, sha256)
    }

    /// Warns unless the file ends with a line end: a file cut within its last number otherwise looks whole.
    fn warn_unless(&self, is_ended: bool) {
        if !is_ended {
            warn!(
                file = self.file,
                "its last line has no end: if it was cut short, its last figure is wrong"
            );
        }
    }

    fn csv(mut self, bytes: Hashed<impl Read>) -> Result<AcsFile, CensusError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(BoundedReader::new(bytes, self.spec.bounds.line_bytes));
        let mut record = csv::ByteRecord::new();
        let mut taken = Taken::default();
        loop {
            let more = reader.read_byte_record(&mut record);
            if !more.map_err(|e| CensusError::refused(self.file, format!("cannot be read: {e}")))? {
                break;
            }
            reader.get_mut().next_record();
            let line = record.position().map_or(0, csv::Position::line);
            let Some(columns) = &self.columns else {
                let header = (0..record.len()).map(|at| shown(record.text(at).unwrap_or_default().trim()));
                self.columns = Some(AcsColumns::new(self.file, header.collect(), self.vintage, self.spec)?);
                continue;
            };
            self.check_width(line, &record, columns)?;
            self.row(columns, line, &record, &mut taken)?;
        }
        let bytes = reader.into_inner();
        self.warn_unless(bytes.ends_in_line());
        let sha256 = bytes.into_inner().finish().map_err(|source| self.unreadable(source))?;
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
                let header = cells.iter().map(|cell| shown(cell.as_deref().unwrap_or_default().trim()));
                self.columns = Some(AcsColumns::new(self.file, header.collect(), self.vintage, self.spec)?);
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

    /// Checks that a row is as long as the header. data.census.gov ends each line with a comma, and so with an empty
    /// cell; a row with text there has slipped.
    fn check_width(
        &self,
        line: u64,
        record: &csv::ByteRecord,
        columns: &AcsColumns,
    ) -> Result<(), CensusError> {
        let named = columns.header.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        let is_slipped = (named..record.len()).any(|at| !record[at].is_empty());
        if is_slipped || record.len() != columns.header.len() {
            return Err(self.wrong_width(line, record.len(), columns));
        }
        Ok(())
    }

    fn wrong_width(&self, line: u64, width: usize, columns: &AcsColumns) -> CensusError {
        CensusError::Refused {
            file: self.file.to_owned(),
            message: format!(
                "line {line} does not fit the header: {width} cells for {}",
                columns.header.len()
            ),
            hint: Some(format!("was it cut short? {}", self.spec.instead(self.vintage))),
        }
    }

    fn bad(&self, line: u64, cells: &dyn RowCells, at: usize, expected: &str) -> CensusError {
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
        columns: &AcsColumns,
        line: u64,
        cells: &dyn RowCells,
        taken: &mut Taken,
    ) -> Result<(), CensusError> {
        let area = match columns.area_of(cells) {
            Ok(area) => area,
            // The row of titles is below the header, or wherever sorting has put it.
            Err(_) if columns.are_titles(cells) => {
                return columns
                    .check_titles(cells)
                    .map_err(|(at, expected)| self.bad(line, cells, at, &expected));
            }
            Err((at, expected)) => return Err(self.bad(line, cells, at, expected)),
        };
        let Some(area) = area else {
            taken.passed_over += 1;
            return Ok(());
        };
        let mut estimates = AreaEstimates::default();
        for (at, (source, lines)) in columns.sources.iter().enumerate() {
            let estimate = self.estimate(lines, at as u16, line, cells)?;
            // The table is not meant to have figures of the area, and has none.
            if !source.is_of(area) && estimate.value.is_err() {
                continue;
            }
            take(&mut estimates[source.concept], &estimate, |at| &columns.sources[at].0.rank)
                .map_err(|clash| self.bad_figure(columns, line, area, at, clash.new, &clash.expected()))?;
        }
        // Rows of Puerto Rico are empty in a table whose twin has its figures.
        let is_empty = estimates.values().all(|estimate| estimate.value == Err(Gap::NotInInput));
        if is_empty && !columns.sources.iter().any(|(source, _)| source.is_of(area)) {
            taken.passed_over += 1;
            return Ok(());
        }
        if let Some(failed) = sum_that_fails(&estimates) {
            let source = usize::from(estimates[failed.concept].source);
            return Err(self.bad_figure(columns, line, area, source, failed.value, &failed.expected));
        }
        let name = columns.name.and_then(|at| Some((at, cells.text(at)?)));
        if let Some((at, _)) = name.as_ref().filter(|(_, name)| !is_name(name)) {
            return Err(self.bad(line, cells, *at, "the name of an area"));
        }
        let name = name.as_ref().map(|(_, name)| name.trim()).filter(|name| !name.is_empty()).map(Box::from);
        if let Some(before) = taken.rows.insert(area, AcsRow { line, name, estimates }) {
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

    /// Returns the estimate of a line, or the sum of several lines with the margin of a sum.
    fn estimate(
        &self,
        lines: &[LineColumns],
        source: u16,
        line: u64,
        cells: &dyn RowCells,
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

    fn line(&self, columns: &LineColumns, line: u64, cells: &dyn RowCells) -> Result<Estimate, CensusError> {
        let bad = |at: usize, expected: &str| self.bad(line, cells, at, expected);
        if let (Some(percent), Some(of)) = (columns.percent, columns.percent_of) {
            return self.percent(percent, of, line, cells);
        }
        // Without a column the figure is not in the input; an empty cell is a null of the input.
        let read = |at: Option<usize>, note: Option<usize>| -> Result<CensusCell, CensusError> {
            let Some(at) = at else { return Ok(CensusCell::Gap(Gap::NotInInput)) };
            let text = cells.text(at).unwrap_or(Cow::Borrowed("null"));
            let value = cell(&text)
                .ok_or_else(|| bad(at, "a count of people, or what the Bureau writes where it has none"))?;
            let Some(note_at) = note else { return Ok(value) };
            let note = cell(&cells.text(note_at).unwrap_or(Cow::Borrowed("null")));
            match (value, note) {
                (_, None | Some(CensusCell::Number(_))) => Err(bad(note_at, "an annotation of the Bureau")),
                (_, Some(CensusCell::Gap(Gap::Null))) => Ok(value),
                (CensusCell::Number(0), Some(CensusCell::Controlled))
                | (CensusCell::Gap(Gap::Null), Some(_)) => Ok(note.unwrap_or(value)),
                (value, Some(note)) if value == note => Ok(value),
                _ => Err(bad(
                    at,
                    &format!("what its annotation {:?} says", cells.text(note_at).unwrap_or_default()),
                )),
            }
        };
        let value = match read(columns.estimate, columns.estimate_note)? {
            CensusCell::Number(value) => Ok(value),
            CensusCell::Gap(gap) => Err(gap),
            CensusCell::Controlled => {
                return Err(bad(
                    columns.estimate.unwrap_or_default(),
                    "an estimate: only a margin is controlled",
                ));
            }
        };
        let margin = read(columns.margin, columns.margin_note)?;
        let moe_squared = match margin {
            CensusCell::Number(moe) => Ok(moe * moe),
            CensusCell::Controlled => Ok(0),
            CensusCell::Gap(gap) => Err(gap),
        };
        // Without an estimate there is no margin, whatever its cell says.
        let moe_squared = value.and(moe_squared);
        let is_controlled = value.is_ok() && margin == CensusCell::Controlled;
        Ok(Estimate { value, moe_squared, is_controlled, source: 0 })
    }

    /// Returns an estimate that is published only as a percentage of the residents: rounded to whole people, without a
    /// margin.
    fn percent(
        &self,
        percent: usize,
        of: usize,
        line: u64,
        cells: &dyn RowCells,
    ) -> Result<Estimate, CensusError> {
        let text = |at: usize| cells.text(at).unwrap_or(Cow::Borrowed("null"));
        if let Some(CensusCell::Gap(gap)) = cell(&text(percent)) {
            return Ok(Estimate::none(gap));
        }
        let hundredths = hundredths(&text(percent))
            .ok_or_else(|| self.bad(line, cells, percent, "a percentage from 0 to 100 to two decimals"))?;
        match cell(&text(of)) {
            Some(CensusCell::Number(residents)) => Ok(Estimate {
                value: Ok((residents * hundredths + 5_000) / 10_000),
                moe_squared: Err(Gap::NotInInput),
                is_controlled: false,
                source: 0,
            }),
            Some(CensusCell::Gap(gap)) => Ok(Estimate::none(gap)),
            _ => Err(self.bad(line, cells, of, "a count of people")),
        }
    }

    /// The error for a figure that contradicts other figures.
    fn bad_figure(
        &self,
        columns: &AcsColumns,
        line: u64,
        area: Area,
        source: usize,
        value: i64,
        expected: &str,
    ) -> CensusError {
        let of_lines = columns.sources.get(source).map(|(_, lines)| lines.as_slice()).unwrap_or_default();
        let names = of_lines.iter().filter_map(|line| columns.header.get(line.estimate.or(line.percent)?));
        CensusError::BadValue(Box::new(BadValue {
            file: self.file.to_owned(),
            line,
            area: Some(area.to_string()),
            column: names.map(String::as_str).collect::<Vec<_>>().join("+"),
            value: value.to_string(),
            expected: expected.to_owned(),
            hint: self.spec.instead(self.vintage),
        }))
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
            form: if columns.is_tidy { AcsForm::Tidy } else { self.form },
            vintage: self.vintage,
            sources: columns.sources.into_iter().map(|(source, _)| source).collect(),
            rows,
            rows_passed_over: passed_over,
        })
    }
}
