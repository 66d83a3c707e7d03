//! A file of the record as text: its head, and the steps from the list before to its own.

use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use super::digest::DIGEST;
use super::form::{cell_marked, unescape};
use crate::acquire::list_id;
use crate::exit::{EndsCommand, ExitCode};
use crate::read::link_slot;
use crate::shown::is_unsafe;
use crate::spec::{Field, hex};
use crate::words::ListKind;

/// First line of every file.
pub const FIRST_LINE: &str = "coverage287 list, form 1";

/// The most lines of a file, and the largest count in it: more than any list within the bounds has.
const LINES: usize = 1_000_000;

/// A file of the record that is not as it was written. Exit code 5.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", line.map_or_else(String::new, |line| format!(" line {line}")))]
pub struct RecordError {
    pub file: String,
    pub line: Option<usize>,
    pub message: String,
}

impl EndsCommand for RecordError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::INPUT
    }

    fn hint(&self) -> Option<String> {
        Some(
            "get the file back from version control (`git checkout -- data/lists`), or remove it if it was never there and \
             add its list again; nothing was published"
                .into(),
        )
    }
}

impl RecordError {
    /// An error of a whole file.
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, message: message.into() }
    }

    /// An error of a line, counted from 1.
    pub fn of_line(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: Some(line), message: message.into() }
    }
}

/// The lines of a file before its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub kind: ListKind,
    pub file_name: String,
    /// sha256 of the workbook.
    pub sha256: String,
    pub list_id: String,
    pub saved: Option<String>,
    /// Headers as printed.
    pub header: Vec<String>,
    pub fields: Vec<Field>,
    /// The prefix that `\p` stands for.
    pub links: Option<String>,
    /// First and last number of each run of rows.
    pub rows: Vec<(u32, u32)>,
    pub blank_rows: u32,
    pub lost_links: u32,
    pub stray_cells: u32,
    pub stray_rows: u32,
    pub aside: Vec<String>,
    pub after: Option<After>,
    /// Rows that came, went, changed, moved.
    pub changes: [usize; 4],
    /// sha256 of the file's lines but the last.
    pub sum: String,
    /// The first digits of the sha256 over numbers and cells of its rows.
    pub cells: String,
    /// Where `rows:` and `cells:` stand.
    pub rows_line: usize,
    pub cells_line: usize,
}

/// The list that changes are against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    pub file_name: String,
    pub list_id: String,
    /// The digest of its cells, as its head states it.
    pub cells: String,
    pub line: usize,
}

/// One change; cells are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordStep {
    Came { line: usize, number: u32, cells: Vec<Option<String>> },
    Went { line: usize, number: u32, cells: Vec<Option<String>> },
    Moved { line: usize, number: u32, from: u32, names: Names },
    Changed { line: usize, number: u32, names: Names, cells: Vec<ChangedCell> },
}

/// The cells by which a person knows a row.
pub type Names = [Option<String>; NAMED_BY.len()];

/// A cell that changed: its slot, and its marked texts before and after.
pub type ChangedCell = (usize, Option<String>, Option<String>);

/// The text of a file whose last line is the sum of all lines before it.
fn summed<'b>(path: &str, bytes: &'b [u8]) -> Result<(&'b str, String), RecordError> {
    let of_line = |line: usize, message: &str| Err(RecordError::of_line(path, line, message));
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count() + 1;
            return of_line(line, "holds bytes that are not UTF-8");
        }
    };
    // The marks that version control leaves where it could not merge two versions.
    let is_conflict =
        |line: &str| ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark));
    if let Some(at) = text.lines().position(is_conflict) {
        return of_line(
            at + 1,
            "holds the marks of a merge that was not finished: take one of the two versions whole",
        );
    }
    if let Some(at) = memchr::memchr(b'\r', bytes) {
        let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
        return of_line(line, "ends its lines in another way: keep version control from changing line ends");
    }
    let is_kept = |c: char| matches!(c, '\n' | '\t') || !is_unsafe(c);
    if let Some(at) = text.find(|c| !is_kept(c)) {
        let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
        return of_line(line, "holds a character that nobody sees, which is written by its number");
    }
    let lines = memchr::memchr_iter(b'\n', bytes).count();
    if lines > LINES {
        return of_line(LINES, "has more lines than a list can need");
    }
    if !text.starts_with(FIRST_LINE) || text.as_bytes().get(FIRST_LINE.len()) != Some(&b'\n') {
        return of_line(
            1,
            &format!(
                "does not begin with {FIRST_LINE:?}: it was made by a newer program, or is none of its files"
            ),
        );
    }
    let Some(body) = text.strip_suffix('\n') else {
        return of_line(lines + 1, "ends within a line: the file was cut");
    };
    let (above, last) = body.rsplit_once('\n').unwrap_or(("", body));
    let Some(sum) = last.strip_prefix("sum: ") else {
        return of_line(lines, "does not end with its sum: the file was cut, or lines were added");
    };
    let above = &text[..=above.len()];
    if hex(&Sha256::digest(above)) != sum {
        return of_line(lines, "the sum is not that of the lines above: the file was edited");
    }
    Ok((above, sum.to_owned()))
}

/// Reads the head of a file; also returns the byte at which the changes begin.
///
/// # Errors
/// The file is not as it was written.
pub fn head(kind: ListKind, path: &str, bytes: &[u8]) -> Result<(Head, usize), RecordError> {
    let (text, sum) = summed(path, bytes)?;
    let mut head = Head {
        kind,
        file_name: String::new(),
        sha256: String::new(),
        list_id: String::new(),
        saved: None,
        header: Vec::new(),
        fields: Vec::new(),
        links: None,
        rows: Vec::new(),
        blank_rows: 0,
        lost_links: 0,
        stray_cells: 0,
        stray_rows: 0,
        aside: Vec::new(),
        after: None,
        changes: [0; 4],
        sum,
        cells: String::new(),
        rows_line: 0,
        cells_line: 0,
    };
    let mut seen: Vec<&str> = Vec::new();
    let mut at = FIRST_LINE.len() + 1;
    for (line, text) in (2..).zip(text[at..].lines()) {
        let wrong = |message: String| RecordError::of_line(path, line, message);
        let Some((name, value)) = text.split_once(": ") else {
            return Err(wrong(format!("{text:?} is no line of a head")));
        };
        at += text.len() + 1;
        if name != "aside" && seen.contains(&name) {
            return Err(wrong(format!("{name:?} is said twice")));
        }
        seen.push(name);
        let plain = || unescape(value).map(|value| value.into_owned()).map_err(wrong);
        let count = || {
            let count = value.parse::<u32>().ok().filter(|count| *count as usize <= LINES);
            count.ok_or_else(|| wrong(format!("{value:?} is no count of a list")))
        };
        match name {
            "file" => head.file_name = plain()?,
            "sha256" if is_hex(value, 64) => value.clone_into(&mut head.sha256),
            "list" if is_hex(value, 12) => value.clone_into(&mut head.list_id),
            "saved" => {
                let is_time = value.len() == 19 && value.parse::<DateTime>().is_ok();
                let time = is_time.then(|| value.to_owned());
                head.saved = Some(time.ok_or_else(|| wrong(format!("{value:?} is no time")))?);
            }
            "header" => {
                let headers = value.split('\t').map(|header| Ok(unescape(header)?.into_owned()));
                head.header = headers.collect::<Result<_, String>>().map_err(wrong)?;
            }
            "fields" => {
                head.fields = value.split(' ').map(field).collect::<Result<_, _>>().map_err(wrong)?;
                // Participating lists have signing dates, and pending ones have none.
                let is_participating = head.fields.contains(&Field::Signed);
                if is_participating != (kind == ListKind::Participating) {
                    return Err(wrong(format!("is not a {} list, and lies among those", kind.as_str())));
                }
            }
            "links" => head.links = Some(plain()?),
            "rows" => {
                head.rows = ranges(value).map_err(wrong)?;
                head.rows_line = line;
            }
            "cells" if is_hex(value, DIGEST) => {
                value.clone_into(&mut head.cells);
                head.cells_line = line;
            }
            "blank rows" => head.blank_rows = count()?,
            "lost links" => head.lost_links = count()?,
            "stray cells" => head.stray_cells = count()?,
            "stray rows" => head.stray_rows = count()?,
            "aside" => head.aside.push(plain()?),
            "after" => head.after = Some(after(value, line).map_err(wrong)?),
            "changes" => {
                head.changes = changes(value).map_err(wrong)?;
                break;
            }
            _ => return Err(wrong(format!("{text:?} is no line of a head"))),
        }
    }
    let needed = ["file", "sha256", "list", "header", "fields", "rows", "cells", "changes"];
    if let Some(missing) = needed.iter().find(|name| !seen.contains(*name)) {
        return Err(RecordError::of_file(path, format!("its head has no line {missing:?}")));
    }
    if head.fields.len() > head.header.len() {
        return Err(RecordError::of_file(path, "its head has more fields than headers"));
    }
    if list_id(&head.file_name, &head.sha256) != head.list_id {
        let message = format!("list {} is not the id of its file's name and sha256", head.list_id);
        return Err(RecordError::of_file(path, message));
    }
    Ok((head, at))
}

/// Reads the changes, which begin at the byte `from`.
///
/// # Errors
/// The file is not as it was written.
pub fn body(head: &Head, path: &str, bytes: &[u8], from: usize) -> Result<Vec<RecordStep>, RecordError> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let end = text.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
    let first = memchr::memchr_iter(b'\n', &bytes[..from]).count() + 1;
    let mut steps = Vec::new();
    let mut counts = [0; 4];
    for (line, text) in (first..).zip(text[from..end.max(from)].lines()) {
        let step = step(text, line).map_err(|message| RecordError::of_line(path, line, message))?;
        let kind = match &step {
            RecordStep::Came { .. } => 0,
            RecordStep::Went { .. } => 1,
            RecordStep::Changed { .. } => 2,
            RecordStep::Moved { .. } => 3,
        };
        counts[kind] += 1;
        steps.push(step);
    }
    if counts != head.changes {
        let message = format!("{} are said, and there are {}", said(head.changes), said(counts));
        return Err(RecordError::of_line(path, first - 1, message));
    }
    Ok(steps)
}

/// Writes the numbers of changes as a head states them.
pub fn said([came, went, changed, moved]: [usize; 4]) -> String {
    format!("{came} came, {went} went, {changed} changed, {moved} moved")
}

fn changes(value: &str) -> Result<[usize; 4], String> {
    let numbers: Vec<usize> =
        value.split(", ").filter_map(|part| part.split(' ').next()?.parse().ok()).collect();
    let counts: [usize; 4] = numbers.try_into().map_err(|_| format!("{value:?} says no changes"))?;
    if said(counts) == value { Ok(counts) } else { Err(format!("{value:?} says no changes")) }
}

fn step(text: &str, line: usize) -> Result<RecordStep, String> {
    let mut cells = text.split('\t');
    let first = cells.next().unwrap_or_default();
    let number = |text: &str| number(text).ok_or_else(|| format!("{text:?} is no number of a row"));
    let marked = |cells: std::str::Split<'_, char>| cells.map(cell_marked).collect::<Result<Vec<_>, _>>();
    let unknown = || format!("{:?} is no change", first);
    let (kind, rest) = first.split_once(' ').ok_or_else(unknown)?;
    match kind {
        "+" => Ok(RecordStep::Came { line, number: number(rest)?, cells: marked(cells)? }),
        "-" => Ok(RecordStep::Went { line, number: number(rest)?, cells: marked(cells)? }),
        ">" => {
            let (to, from) = rest.split_once(" from ").ok_or_else(unknown)?;
            let names =
                marked(cells)?.try_into().map_err(|_| "a moved row has its state, agency and model")?;
            Ok(RecordStep::Moved { line, number: number(to)?, from: number(from)?, names })
        }
        "~" => {
            let parts: Vec<&str> = cells.collect();
            let (names, parts) = parts.split_at(parts.len().min(NAMED_BY.len()));
            if names.len() != NAMED_BY.len() || parts.is_empty() || parts.len() % 3 != 0 {
                return Err(
                    "a changed row has its state, agency and model, then column, old and new cell".to_owned()
                );
            }
            // A column that this list no longer has is blank on it, and is named all the same.
            let changed = |parts: &[&str]| -> Result<ChangedCell, String> {
                let slot = slot(parts[0]);
                let slot = slot.ok_or_else(|| format!("{:?} is no column of the list", parts[0]))?;
                Ok((slot, cell_marked(parts[1])?, cell_marked(parts[2])?))
            };
            let names = names.iter().map(|cell| cell_marked(cell)).collect::<Result<Vec<_>, _>>()?;
            let cells: Vec<ChangedCell> = parts.chunks(3).map(changed).collect::<Result<_, _>>()?;
            if cells
                .iter()
                .enumerate()
                .any(|(at, (slot, ..))| cells[..at].iter().any(|(known, ..)| known == slot))
            {
                return Err("a column changes twice".to_owned());
            }
            let names = names.try_into().map_err(|_| "a changed row has its state, agency and model")?;
            Ok(RecordStep::Changed { line, number: number(rest)?, names, cells })
        }
        _ => Err(unknown()),
    }
}

/// Cells by which a person knows a row.
pub const NAMED_BY: [Field; 3] = [Field::State, Field::Agency, Field::Model];

/// A row's number: the first row of a list is below its header.
fn number(text: &str) -> Option<u32> {
    let number = text.parse::<u32>().ok().filter(|number| *number >= 2)?;
    (number.to_string() == text).then_some(number)
}

/// Names of the fields' slots, the links' last.
pub const SLOT_NAMES: [&str; super::slots::SLOTS] =
    ["state", "agency", "type", "county", "model", "signed", "moa", "addendum", "moa_link", "addendum_link"];

fn slot(name: &str) -> Option<usize> {
    SLOT_NAMES.iter().position(|known| *known == name)
}

fn field(name: &str) -> Result<Field, String> {
    let at = slot(name).filter(|at| *at < link_slot(Field::Moa));
    at.map(|at| Field::ALL[at]).ok_or_else(|| format!("{name:?} is no field of a list"))
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Reads `2-650 652` as the first and last number of each run, in order.
fn ranges(text: &str) -> Result<Vec<(u32, u32)>, String> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for run in text.split(' ').filter(|_| text != "none") {
        let (first, last) = run.split_once('-').unwrap_or((run, run));
        let run = number(first).zip(number(last));
        let run =
            run.filter(|(first, last)| first <= last && runs.last().is_none_or(|(_, before)| before < first));
        runs.push(run.ok_or_else(|| format!("{text:?} are no numbers of rows, in order"))?);
    }
    Ok(runs)
}

fn after(value: &str, line: usize) -> Result<After, String> {
    let mut parts = value.rsplitn(3, ' ');
    let (cells, list_id, name) = (parts.next(), parts.next(), parts.next());
    let (Some(cells), Some(list_id), Some(name)) = (cells, list_id, name) else {
        return Err("names no list: file name, id and cells".to_owned());
    };
    if !is_hex(cells, DIGEST) || !is_hex(list_id, 12) {
        return Err("names no list: file name, id and cells".to_owned());
    }
    Ok(After {
        file_name: unescape(name)?.into_owned(),
        list_id: list_id.to_owned(),
        cells: cells.to_owned(),
        line,
    })
}
