//! One worksheet, gone through once: its cells go to an [`Assembler`] as they come, its links follow.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::RangeInclusive;

use super::SHEETS_OF;
use super::formats::{Formats, write_date};
use super::formula::{Made, link};
use super::package::Relationships;
use super::strings::{Strings, rich_text, unescaped};
use super::xml::{Budget, Tag, Xml, number, text, trimmed};
use crate::acquire::Refusal;
use crate::read::Assembler;

/// Rows and columns of a sheet (ECMA-376 leaves it open; every spreadsheet program stops here).
const LAST_ROW: u32 = 1_048_576;
const LAST_COLUMN: u32 = 16_384;

/// What the cells of all sheets of a workbook refer to.
pub struct Shared<'a> {
    pub strings: Strings,
    pub formats: Formats,
    /// Whether its days are counted from 1904.
    pub is_1904: bool,
    pub budget: &'a Budget,
}

/// Links behind cells.
struct Link {
    rows: RangeInclusive<u32>,
    columns: RangeInclusive<u32>,
    /// Position of its target; `None` where it is not known.
    target: Option<usize>,
}

/// Reads a worksheet's part.
///
/// # Errors
/// [`Refusal::NoSheet`] where it is a chart or the like; a cell that cannot be what it says, or passes the bounds.
pub fn read(
    part: &str,
    bytes: &[u8],
    shared: &Shared,
    relationships: &Relationships,
    assembler: &mut Assembler,
) -> Result<(), Refusal> {
    let source = text(part, bytes)?;
    let mut xml = Xml::new(part, &source, SHEETS_OF, shared.budget);
    if xml.root()?.name() != "worksheet" {
        return Err(Refusal::NoSheet { sheet: assembler.sheet().to_owned() });
    }
    let mut sheet = Sheet {
        xml,
        shared,
        relationships,
        cell: Found::default(),
        targets: Vec::new(),
        links: Vec::new(),
        shared_links: HashMap::new(),
    };
    let mut has_rows = false;
    while let Some(tag) = sheet.xml.child()? {
        match tag.name() {
            "sheetData" => {
                if std::mem::replace(&mut has_rows, true) {
                    return Err(sheet.xml.damaged("holds its rows in more than one part"));
                }
                sheet.rows(assembler)?;
            }
            "hyperlinks" => sheet.hyperlinks()?,
            _ => sheet.xml.skip()?,
        }
    }
    sheet.xml.finish()?;
    assembler.end_row()?;
    sheet.put_links(assembler)
}

/// What a cell's element holds.
#[derive(Default)]
struct Found {
    value: String,
    formula: String,
    shown: String,
}

struct Sheet<'a, 'b> {
    xml: Xml<'a>,
    shared: &'b Shared<'b>,
    relationships: &'b Relationships,
    cell: Found,
    /// Each distinct target of a formula or relationship once.
    targets: Vec<String>,
    links: Vec<Link>,
    /// Links of formulas that several cells share, by their number.
    shared_links: HashMap<u64, Option<usize>>,
}

/// Where a cell is: both counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    row: u32,
    column: u32,
}

impl Sheet<'_, '_> {
    fn rows(&mut self, assembler: &mut Assembler) -> Result<(), Refusal> {
        let mut last = 0;
        while let Some(tag) = self.xml.child()? {
            if tag.name() != "row" {
                self.xml.skip()?;
                continue;
            }
            let row = match tag.attribute("r")? {
                None => last + 1,
                Some(said) => number(&said).and_then(|row| u32::try_from(row).ok()).unwrap_or(0),
            };
            if !(1..=LAST_ROW).contains(&row) {
                return Err(self
                    .xml
                    .damaged(format_args!("has a row after row {last} without a number of one")));
            }
            last = row;
            self.cells(row, assembler)?;
        }
        Ok(())
    }

    fn cells(&mut self, row: u32, assembler: &mut Assembler) -> Result<(), Refusal> {
        let mut last = 0;
        while let Some(tag) = self.xml.child()? {
            if tag.name() != "c" {
                self.xml.skip()?;
                continue;
            }
            let [reference, format, kind] = tag.attributes(["r", "s", "t"])?;
            let place = match reference {
                None => Place { row, column: last + 1 },
                Some(said) => match place(trimmed(&said)) {
                    Some(place) if place.row == row => place,
                    _ => {
                        return Err(
                            assembler.bad_row(row, format!("holds a cell {said:?}, which is not in it"))
                        );
                    }
                },
            };
            if place.column > LAST_COLUMN {
                return Err(assembler.bad_row(row, format!("has more than {LAST_COLUMN} columns")));
            }
            last = place.column;
            self.cell(place, format.as_deref(), kind.as_deref(), assembler)?;
        }
        Ok(())
    }

    /// Reads one cell: its value by its type, and the link its formula makes.
    fn cell(
        &mut self,
        place: Place,
        format: Option<&str>,
        kind: Option<&str>,
        assembler: &mut Assembler,
    ) -> Result<(), Refusal> {
        let mut found = std::mem::take(&mut self.cell);
        found.value.clear();
        found.formula.clear();
        found.shown.clear();
        let (mut has_value, mut has_inline, mut formula_of) = (false, false, None);
        while let Some(tag) = self.xml.child()? {
            match tag.name() {
                "v" | "is" if has_value => {
                    return Err(bad_cell(assembler, place, "holds more than one value"));
                }
                "v" => {
                    has_value = true;
                    self.xml.text(&mut found.value)?;
                }
                "is" => {
                    (has_value, has_inline) = (true, true);
                    rich_text(&mut self.xml, &mut found.value)?;
                }
                "f" => {
                    formula_of = self.shared_number(&tag)?;
                    self.xml.text(&mut found.formula)?;
                }
                _ => self.xml.skip()?,
            }
        }
        let made = self.formula_link(&found.formula, formula_of);
        if let Some(target) = &made {
            let target = *target;
            self.links.push(Link {
                rows: place.row..=place.row,
                columns: place.column..=place.column,
                target,
            });
        }
        let bad = |what: &str| bad_cell(assembler, place, what);
        let value = trimmed(&found.value);
        if has_inline != (kind == Some("inlineStr")) && has_value {
            return Err(bad("holds a text in a form that is not its type's"));
        }
        let shown = match kind.map_or("n", trimmed) {
            "inlineStr" => Some(found.value.as_str()),
            "s" if value.is_empty() => None,
            "s" => {
                let texts = self.shared.strings.len();
                let known = number(value).and_then(|at| self.shared.strings.get(at));
                let unknown = || bad(&format!("points to shared text {value:?}, of which there are {texts}"));
                Some(known.ok_or_else(unknown)?)
            }
            "str" => match unescaped(&found.value) {
                Some(plain) => {
                    found.shown = plain;
                    Some(found.shown.as_str())
                }
                None => Some(found.value.as_str()),
            },
            // There are more kinds of errors than a list of them has; dates come as they are typed.
            "e" | "d" => Some(value),
            "b" => match value {
                "" => None,
                "1" | "true" => Some("TRUE"),
                "0" | "false" => Some("FALSE"),
                _ => return Err(bad(&format!("is neither true nor false but {value:?}"))),
            },
            "n" if value.is_empty() => None,
            "n" => {
                let plain =
                    value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
                let serial: Option<f64> =
                    plain.then(|| value.parse().ok()).flatten().filter(|n: &f64| n.is_finite());
                let serial = serial.ok_or_else(|| bad(&format!("is no number but {value:?}")))?;
                let format = format.map_or(Some(0), number);
                let is_date = match format.and_then(|format| self.shared.formats.is_date(format)) {
                    Some(is_date) => is_date,
                    // A workbook without formats shows numbers as they are.
                    None => return Err(bad("has a format that the workbook does not have")),
                };
                if !(is_date && write_date(serial, self.shared.is_1904, &mut found.shown)) {
                    write!(found.shown, "{serial}").map_err(|e| self.xml.damaged(e))?;
                }
                Some(found.shown.as_str())
            }
            other => return Err(bad(&format!("is of a type {other:?} that is not known"))),
        };
        let has_text = shown.is_some_and(|shown| !shown.is_empty());
        if !has_text && !found.formula.is_empty() {
            match link(&found.formula) {
                // What a spreadsheet program shows once it has opened the workbook.
                Some(Made::Link { target, shown }) => {
                    let shown = shown.unwrap_or(target);
                    assembler.cell(place.row, place.column, Some(&shown))?;
                }
                _ => {
                    assembler.lose_formula();
                    assembler.cell(place.row, place.column, None)?;
                }
            }
        } else {
            assembler.cell(place.row, place.column, shown)?;
        }
        self.cell = found;
        Ok(())
    }

    /// The number of a formula that several cells share.
    fn shared_number(&self, tag: &Tag) -> Result<Option<u64>, Refusal> {
        let [kind, shared] = tag.attributes(["t", "si"])?;
        let is_shared = kind.is_some_and(|kind| trimmed(&kind) == "shared");
        Ok(shared.filter(|_| is_shared).and_then(|shared| number(&shared)))
    }

    /// The target of the link that a formula makes, or that the formula it shares does; `Some(None)` is a link whose
    /// target is not known.
    fn formula_link(&mut self, formula: &str, shared: Option<u64>) -> Option<Option<usize>> {
        if formula.is_empty() {
            return shared.and_then(|shared| self.shared_links.get(&shared).copied());
        }
        let target = match link(formula)? {
            Made::Unknown => None,
            Made::Link { target, .. } => {
                self.targets.push(target);
                Some(self.targets.len() - 1)
            }
        };
        if let Some(shared) = shared {
            self.shared_links.insert(shared, target);
        }
        Some(target)
    }

    fn hyperlinks(&mut self) -> Result<(), Refusal> {
        let mut by_id: HashMap<(String, String), usize> = HashMap::new();
        while let Some(tag) = self.xml.child()? {
            let [range, id, location] = tag.attributes(["ref", ":id", "location"])?;
            let Some((first, last)) = range.as_deref().and_then(|range| area(trimmed(range))) else {
                return Err(self.xml.damaged("has a link behind no cell"));
            };
            let id = id.unwrap_or_default().trim().to_owned();
            let location = location.unwrap_or_default().into_owned();
            let target = match by_id.get(&(id.clone(), location.clone())) {
                Some(known) => Some(*known),
                None => self.target(&id, &location).map(|target| {
                    self.targets.push(target);
                    let at = self.targets.len() - 1;
                    by_id.insert((id, location), at);
                    at
                }),
            };
            self.links.push(Link { rows: first.row..=last.row, columns: first.column..=last.column, target });
            self.xml.skip()?;
        }
        Ok(())
    }

    /// Where a link leads: out of the workbook by a relationship, or to a place within it.
    fn target(&self, id: &str, location: &str) -> Option<String> {
        let outside = self.relationships.get(id).map(|to| to.target.as_str());
        match (outside, location) {
            (Some(target), "") => Some(target.to_owned()),
            (Some(target), place) => Some(format!("{target}#{place}")),
            (None, "") => None,
            (None, place) => Some(format!("#{place}")),
        }
    }

    /// Puts the links behind the cells of the columns that have them.
    fn put_links(&self, assembler: &mut Assembler) -> Result<(), Refusal> {
        let columns = assembler.linked_columns();
        for link in &self.links {
            for (_, field) in columns.iter().filter(|(column, _)| link.columns.contains(column)) {
                match link.target {
                    Some(target) => assembler.link(link.rows.clone(), *field, &self.targets[target])?,
                    None => assembler.lose_link(),
                }
            }
        }
        Ok(())
    }
}

fn bad_cell(assembler: &Assembler, place: Place, what: &str) -> Refusal {
    assembler.bad_row(place.row, format!("cell {}{} {what}", letters(place.column), place.row))
}

/// A column as its letters.
pub fn letters(column: u32) -> String {
    let (mut letters, mut left) = (Vec::new(), column);
    while left > 0 {
        letters.push(b'A' + ((left - 1) % 26) as u8);
        left = (left - 1) / 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// The cell that a reference such as `C7` or `$C$7` names.
fn place(reference: &str) -> Option<Place> {
    let reference = reference.strip_prefix('$').unwrap_or(reference);
    let digits = reference.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, digits) = reference.split_at(digits);
    let digits = digits.strip_prefix('$').unwrap_or(digits);
    if letters.is_empty() || letters.len() > 3 || digits.is_empty() || digits.len() > 7 {
        return None;
    }
    let column =
        letters.bytes().fold(0, |sum, letter| sum * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    ((1..=LAST_ROW).contains(&row) && column <= LAST_COLUMN).then_some(Place { row, column })
}

/// The first and last cell of an area such as `G2:G8`, or of one cell.
fn area(reference: &str) -> Option<(Place, Place)> {
    let (from, to) = reference.split_once(':').unwrap_or((reference, reference));
    let (from, to) = (place(from)?, place(to)?);
    let first = Place { row: from.row.min(to.row), column: from.column.min(to.column) };
    Some((first, Place { row: from.row.max(to.row), column: from.column.max(to.column) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_cells() {
        for (reference, expected) in [
            ("A1", Some((1, 1))),
            ("$H$20", Some((20, 8))),
            ("aa7", Some((7, 27))),
            ("XFD1048576", Some((1_048_576, 16_384))),
            ("XFE1", None),
            ("A0", None),
            ("A1048577", None),
            ("A", None),
            ("7", None),
            ("A-1", None),
            ("A\u{663}", None),
            ("", None),
        ] {
            let found = place(reference).map(|place| (place.row, place.column));
            assert_eq!(found, expected, "{reference}");
        }
        assert_eq!(area("G8:F2").map(|(a, b)| (a.row, a.column, b.row, b.column)), Some((2, 6, 8, 7)));
        assert_eq!(["A", "Z", "AA", "XFD"], [1, 26, 27, 16_384].map(letters).each_ref().map(String::as_str));
    }
}
