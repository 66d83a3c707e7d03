//! Reads one worksheet once: its cells go to an [`Assembler`] in their order, and then its links.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::RangeInclusive;

use super::attributes::{number, trimmed};
use super::encoding::text;
use super::formats::{Formats, write_date};
use super::formula::{FormulaLink, link};
use super::package::Relationships;
use super::strings::{Strings, rich_text, unescaped};
use super::xml::{Budget, Tag, Xml};
use super::{LAST_COLUMN, LAST_ROW, SPREADSHEETML};
use crate::acquire::Refusal;
use crate::read::Assembler;
use crate::shown::quoted;
use crate::spec::Bounds;

/// Texts and formats that the cells of all sheets of a workbook refer to.
pub struct SharedParts<'a> {
    pub strings: Strings,
    pub formats: Formats,
    /// Whether its days are counted from 1904.
    pub is_1904: bool,
    pub budget: &'a Budget,
}

/// A link behind an area of cells.
struct SheetLink {
    rows: RangeInclusive<u32>,
    columns: RangeInclusive<u32>,
    /// Position of its target; `None` where it is not known.
    target: Option<usize>,
}

/// Reads a worksheet's part.
///
/// # Errors
/// [`Refusal::NoSheet`] where it is a chart or the like; a cell that contradicts its type, or exceeds the bounds.
pub fn read(
    part: &str,
    bytes: &[u8],
    shared: &SharedParts,
    relationships: &Relationships,
    assembler: &mut Assembler,
) -> Result<(), Refusal> {
    let source = text(part, bytes)?;
    let mut xml = Xml::new(part, &source, SPREADSHEETML, shared.budget);
    if xml.root()?.name() != "worksheet" {
        return Err(Refusal::NoSheet { sheet: assembler.sheet().to_owned() });
    }
    let mut sheet = Sheet {
        xml,
        shared,
        relationships,
        targets: Vec::new(),
        links: Vec::new(),
        merged: Vec::new(),
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
            "mergeCells" => {
                while let Some(tag) = sheet.xml.child()? {
                    let range = tag.attribute("ref")?;
                    if let Some((first, last)) = range.as_deref().and_then(|range| area(trimmed(range))) {
                        sheet.merged.push((first, last));
                    }
                    sheet.xml.skip()?;
                }
            }
            "hyperlinks" => sheet.hyperlinks(assembler.bounds())?,
            _ => sheet.xml.skip()?,
        }
    }
    sheet.xml.finish()?;
    assembler.end_row()?;
    for (first, last) in &sheet.merged {
        assembler.cover(first.row..=last.row, first.column..=last.column)?;
    }
    assembler.drop_covered_rows();
    sheet.put_links(assembler)
}

/// The content of a cell's element. One value serves all cells, so that their texts need no new memory.
#[derive(Default)]
struct Content {
    value: String,
    formula: String,
    /// The text that the cell shows, where it is made from its value.
    shown: String,
    has_value: bool,
    /// Whether the value is the cell's own text, not a shared one.
    is_inline: bool,
    has_formula: bool,
    /// The number of a formula that several cells share.
    shared_formula: Option<u64>,
}

impl Content {
    fn clear(&mut self) {
        self.value.clear();
        self.formula.clear();
        self.shown.clear();
        (self.has_value, self.is_inline, self.has_formula) = (false, false, false);
        self.shared_formula = None;
    }
}

struct Sheet<'a, 'b> {
    xml: Xml<'a>,
    shared: &'b SharedParts<'b>,
    relationships: &'b Relationships,
    /// Targets of the links that formulas make, and each distinct target of the sheet's hyperlinks.
    targets: Vec<String>,
    links: Vec<SheetLink>,
    /// First and last cells of areas that are shown as one cell.
    merged: Vec<(CellPlace, CellPlace)>,
    /// Links of formulas that several cells share, by their number.
    shared_links: HashMap<u64, Option<usize>>,
}

/// The place of a cell; rows and columns are counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct CellPlace {
    row: u32,
    column: u32,
}

impl Sheet<'_, '_> {
    fn rows(&mut self, assembler: &mut Assembler) -> Result<(), Refusal> {
        let mut content = Content::default();
        let mut last = 0;
        while let Some(tag) = self.xml.child()? {
            if tag.name() != "row" {
                return Err(self.xml.damaged(format_args!("has {} among its rows", quoted(tag.name()))));
            }
            let row = match tag.attribute("r")? {
                None => last + 1,
                Some(said) => number(&said).and_then(|row| u32::try_from(row).ok()).unwrap_or(0),
            };
            if !(1..=LAST_ROW).contains(&row) {
                return Err(self
                    .xml
                    .damaged(format_args!("has no valid number for the row after row {last}")));
            }
            last = row;
            self.cells(row, &mut content, assembler)?;
        }
        Ok(())
    }

    fn cells(&mut self, row: u32, content: &mut Content, assembler: &mut Assembler) -> Result<(), Refusal> {
        let mut last = 0;
        while let Some(tag) = self.xml.child()? {
            match tag.name() {
                "c" => {}
                "extLst" => {
                    self.xml.skip()?;
                    continue;
                }
                name => {
                    let message = format!("holds an element {}, which is none of a row's", quoted(name));
                    return Err(assembler.bad_row(row, message));
                }
            }
            let [reference, format, kind] = tag.attributes(["r", "s", "t"])?;
            let place = match reference {
                None => CellPlace { row, column: last + 1 },
                Some(said) => match place(trimmed(&said)) {
                    Some(place) if place.row == row => place,
                    _ => {
                        return Err(assembler
                            .bad_row(row, format!("holds a cell {}, which is not in it", quoted(&said))));
                    }
                },
            };
            if place.column > LAST_COLUMN {
                return Err(assembler.bad_row(row, format!("has more than {LAST_COLUMN} columns")));
            }
            last = place.column;
            self.cell(place, format.as_deref(), kind.as_deref(), content, assembler)?;
        }
        Ok(())
    }

    /// Reads one cell: its value by its type, and the link its formula makes.
    fn cell(
        &mut self,
        place: CellPlace,
        format: Option<&str>,
        kind: Option<&str>,
        content: &mut Content,
        assembler: &mut Assembler,
    ) -> Result<(), Refusal> {
        content.clear();
        self.content(place, content, assembler)?;
        let kind = kind.map_or("n", trimmed);
        let made = link(&content.formula);
        let shared = content.shared_formula;
        // An empty text as the result of a formula is a value.
        let may_lack_value = content.has_formula && !(kind == "str" && content.has_value);
        let shown = self.shown(format, kind, content).map_err(|what| bad_cell(assembler, place, &what))?;
        let has_text = shown.is_some_and(|shown| !shown.is_empty());
        let mut plain = None;
        if may_lack_value && !has_text {
            // A spreadsheet program shows this text once it has opened the workbook.
            match &made {
                Some(FormulaLink::Known { shown: Some(shown), .. }) => plain = Some(shown.as_str()),
                _ => assembler.lose_formula(),
            }
        }
        assembler.cell(place.row, place.column, plain.or(shown))?;
        self.link_by_formula(place, made, shared);
        Ok(())
    }

    /// Reads the elements of a cell.
    fn content(
        &mut self,
        place: CellPlace,
        content: &mut Content,
        assembler: &Assembler,
    ) -> Result<(), Refusal> {
        while let Some(tag) = self.xml.child()? {
            match tag.name() {
                "v" | "is" if content.has_value => {
                    return Err(bad_cell(assembler, place, "holds more than one value"));
                }
                "v" => {
                    content.has_value = true;
                    self.xml.text(&mut content.value)?;
                }
                "is" => {
                    (content.has_value, content.is_inline) = (true, true);
                    rich_text(&mut self.xml, &mut content.value)?;
                }
                "f" if content.has_formula => {
                    return Err(bad_cell(assembler, place, "holds more than one formula"));
                }
                "f" => {
                    content.has_formula = true;
                    content.shared_formula = shared_number(&tag)?;
                    self.xml.text(&mut content.formula)?;
                }
                "extLst" => self.xml.skip()?,
                name => {
                    let what = format!("holds an element {}, which is none of a cell's", quoted(name));
                    return Err(bad_cell(assembler, place, &what));
                }
            }
        }
        Ok(())
    }

    /// Returns the text that a cell shows, by its type; or the problem with the cell.
    fn shown<'c>(
        &'c self,
        format: Option<&str>,
        kind: &str,
        content: &'c mut Content,
    ) -> Result<Option<&'c str>, String> {
        let Content { value: whole, shown, has_value, is_inline, .. } = content;
        let value = trimmed(whole);
        if *has_value && *is_inline != (kind == "inlineStr") {
            return Err(format!("is of the type {} and holds its text in the form of another", quoted(kind)));
        }
        Ok(match kind {
            "inlineStr" => Some(whole.as_str()),
            "s" if value.is_empty() => None,
            "s" => {
                let known = number(value).and_then(|at| self.shared.strings.get(at));
                let texts = self.shared.strings.len();
                let unknown =
                    || format!("points to shared text {}, of which there are {texts}", quoted(value));
                Some(known.ok_or_else(unknown)?)
            }
            "str" => match unescaped(whole) {
                Some(plain) => {
                    *shown = plain;
                    Some(shown.as_str())
                }
                None => Some(whole.as_str()),
            },
            // No list has all kinds of errors, and dates come as they are typed: neither is checked.
            "e" | "d" => Some(value),
            "b" => match value {
                "" => None,
                "1" | "true" => Some("TRUE"),
                "0" | "false" => Some("FALSE"),
                _ => return Err(format!("is neither true nor false but {}", quoted(value))),
            },
            "n" if value.is_empty() => None,
            "n" => {
                let serial = decimal(value).ok_or_else(|| format!("is no number but {}", quoted(value)))?;
                let is_date = match format {
                    None => self.shared.formats.is_date(0).unwrap_or(false),
                    Some(said) => {
                        number(said).and_then(|format| self.shared.formats.is_date(format)).ok_or_else(
                            || format!("has the format {}, which the workbook does not have", quoted(said)),
                        )?
                    }
                };
                if !(is_date && write_date(serial, self.shared.is_1904, shown)) {
                    write!(shown, "{serial}").map_err(|e| e.to_string())?;
                }
                Some(shown.as_str())
            }
            other => return Err(format!("is of a type {} that is not known", quoted(other))),
        })
    }

    /// Adds the link that a cell's own formula makes, or the formula that it shares.
    fn link_by_formula(&mut self, place: CellPlace, own: Option<FormulaLink>, shared: Option<u64>) {
        let target = match (own, shared.and_then(|shared| self.shared_links.get(&shared))) {
            (Some(FormulaLink::Known { target, .. }), _) => {
                self.targets.push(target);
                Some(self.targets.len() - 1)
            }
            (Some(FormulaLink::Unknown), _) => None,
            (None, Some(target)) => *target,
            (None, None) => return,
        };
        if let Some(shared) = shared {
            self.shared_links.insert(shared, target);
        }
        let (rows, columns) = (place.row..=place.row, place.column..=place.column);
        self.links.push(SheetLink { rows, columns, target });
    }

    /// Reads the links; a target is at most as long as a cell may be, and all together as a list's text may be.
    fn hyperlinks(&mut self, bounds: &Bounds) -> Result<(), Refusal> {
        let mut left = bounds.text_bytes;
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
                None => match self.target(&id, &location, bounds.cell_chars) {
                    None => None,
                    Some(target) => {
                        left = left.checked_sub(target.len()).ok_or(Refusal::TooLarge {
                            what: "the targets of its links",
                            limit: bounds.text_bytes as u64,
                            unit: "bytes",
                        })?;
                        self.targets.push(target);
                        by_id.insert((id, location), self.targets.len() - 1);
                        Some(self.targets.len() - 1)
                    }
                },
            };
            self.links.push(SheetLink {
                rows: first.row..=last.row,
                columns: first.column..=last.column,
                target,
            });
            self.xml.skip()?;
        }
        Ok(())
    }

    /// The target of a link: out of the workbook by a relationship, or a place within it.
    fn target(&self, id: &str, location: &str, limit: usize) -> Option<String> {
        let outside = self.relationships.get(id).map(|to| to.target.as_str());
        if outside.map_or(0, str::len).saturating_add(location.len()) > limit {
            return None;
        }
        match (outside.filter(|target| !target.is_empty()), location) {
            (Some(target), "") => Some(target.to_owned()),
            (Some(target), place) => Some(format!("{target}#{place}")),
            (None, "") => None,
            (None, place) => Some(format!("#{place}")),
        }
    }

    /// Puts the links behind the cells of the columns that hold links.
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

/// The number of a formula that several cells share.
fn shared_number(tag: &Tag) -> Result<Option<u64>, Refusal> {
    let [kind, shared] = tag.attributes(["t", "si"])?;
    let is_shared = kind.is_some_and(|kind| trimmed(&kind) == "shared");
    Ok(shared.filter(|_| is_shared).and_then(|shared| number(&shared)))
}

/// Reads a number as a workbook writes one: digits, a sign, a point, an exponent.
fn decimal(value: &str) -> Option<f64> {
    let is_plain = value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    is_plain.then(|| value.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}

fn bad_cell(assembler: &Assembler, place: CellPlace, what: &str) -> Refusal {
    assembler.bad_row(place.row, format!("cell {}{} {what}", letters(place.column), place.row))
}

/// A column as its letters.
fn letters(column: u32) -> String {
    let (mut letters, mut left) = (Vec::new(), column);
    while left > 0 {
        letters.push(b'A' + ((left - 1) % 26) as u8);
        left = (left - 1) / 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// The cell that a reference such as `C7` or `$C$7` names.
fn place(reference: &str) -> Option<CellPlace> {
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
    ((1..=LAST_ROW).contains(&row) && column <= LAST_COLUMN).then_some(CellPlace { row, column })
}

/// The first and last cell of an area such as `G2:G8`, or of one cell, or of whole columns such as `G:H`.
fn area(reference: &str) -> Option<(CellPlace, CellPlace)> {
    let (from, to) = reference.split_once(':').unwrap_or((reference, reference));
    let (from, to) = match (place(from), place(to)) {
        (Some(from), Some(to)) => (from, to),
        _ => (place(&format!("{from}1"))?, place(&format!("{to}{LAST_ROW}"))?),
    };
    let first = CellPlace { row: from.row.min(to.row), column: from.column.min(to.column) };
    Some((first, CellPlace { row: from.row.max(to.row), column: from.column.max(to.column) }))
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
        assert_eq!(area("G:H").map(|(a, b)| (a.row, a.column, b.row, b.column)), Some((1, 7, LAST_ROW, 8)));
        assert_eq!(area("G").map(|(a, b)| (a.row, b.row)), Some((1, LAST_ROW)));
        assert_eq!(["A", "Z", "AA", "XFD"], [1, 26, 27, 16_384].map(letters).each_ref().map(String::as_str));
    }
}
