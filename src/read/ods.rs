//! OpenDocument spreadsheets (`.ods`), as LibreOffice and Google Sheets save them (OASIS OpenDocument 1.3, part 3).
//!
//! Rows and cells that a document marks as repeated are repeated within the bounds of a list; blank ones cost nothing.

use std::collections::HashSet;
use std::rc::Rc;

use super::Assembler;
use super::raw::RawList;
use super::workbook::{
    Budget, FormulaLink, LAST_ROW, Package, Piece, SHEETS, SheetReading, Sheets, Tag, Xml, link, number, text,
};
use crate::acquire::Refusal;
use crate::shown::quoted;
use crate::spec::{Bounds, Layouts};

const OFFICE: usize = 0;
const TABLE: usize = 1;
const TEXT: usize = 2;
const STYLE: usize = 3;
/// The namespaces of a document, at the positions above.
const NAMESPACES: &[&[&str]] = &[
    &["urn:oasis:names:tc:opendocument:xmlns:office:1.0"],
    &["urn:oasis:names:tc:opendocument:xmlns:table:1.0"],
    &["urn:oasis:names:tc:opendocument:xmlns:text:1.0"],
    &["urn:oasis:names:tc:opendocument:xmlns:style:1.0"],
];

/// Attributes are looked up by the prefixes that every program writes.
const OTHER_PREFIXES: &str = "writes its names with other prefixes than programs do";

/// Spaces that one element may stand for.
const SPACES_AT_A_TIME: u64 = 1_000;

/// Reads the list of a document.
///
/// # Errors
/// The reason why it has none that can be read.
pub fn read(package: &Package, layouts: &Layouts, bounds: &Bounds) -> Result<RawList, Refusal> {
    let is_encrypted = package
        .part("META-INF/manifest.xml")
        .is_some_and(|(_, bytes)| memchr::memmem::find(bytes, b"encryption-data").is_some());
    if is_encrypted {
        return Err(Refusal::Encrypted);
    }
    let (part, bytes) = package.part("content.xml").ok_or(Refusal::UnknownKind)?;
    let source = text(part, bytes)?;
    let mut xml = Xml::new(part, &source, NAMESPACES, package.budget());
    xml.root()?;
    let mut hidden = HashSet::new();
    let mut read: Vec<(String, bool, SheetReading)> = Vec::new();
    let mut more = 0;
    while let Some(tag) = xml.child()? {
        match (tag.namespace, tag.name()) {
            (OFFICE, "automatic-styles") => hidden = hidden_styles(&mut xml)?,
            (OFFICE, "body") => {
                while let Some(tag) = xml.child()? {
                    if (tag.namespace, tag.name()) != (OFFICE, "spreadsheet") {
                        xml.skip()?;
                        continue;
                    }
                    if tag.prefix() != "office" {
                        return Err(xml.damaged(OTHER_PREFIXES));
                    }
                    while let Some(tag) = xml.child()? {
                        if (tag.namespace, tag.name()) != (TABLE, "table") {
                            xml.skip()?;
                        } else if tag.prefix() != "table" {
                            return Err(xml.damaged(OTHER_PREFIXES));
                        } else if read.len() == SHEETS {
                            more += 1;
                            xml.skip()?;
                        } else {
                            let [name, style] = tag.attributes(["table:name", "table:style-name"])?;
                            let name = name.unwrap_or_default().into_owned();
                            let is_visible = style.is_none_or(|style| !hidden.contains(style.as_ref()));
                            let sheet = read_sheet(&mut xml, &name, package.budget(), layouts, bounds)?;
                            read.push((name, is_visible, sheet));
                        }
                    }
                }
            }
            _ => xml.skip()?,
        }
    }
    xml.finish()?;
    read.sort_by_key(|(_, is_visible, _)| !is_visible);
    let mut sheets = Sheets::default();
    for (name, is_visible, sheet) in read {
        sheets.add(&name, is_visible, sheet)?;
    }
    if more > 0 {
        sheets.say(format!("{more} sheets after the first {SHEETS} were not looked at"));
    }
    // The document gives the time it was saved in an unknown place's local time: that is no evidence for a day.
    sheets.list()
}

/// Styles of sheets that are not shown.
fn hidden_styles(xml: &mut Xml) -> Result<HashSet<String>, Refusal> {
    let mut hidden = HashSet::new();
    while let Some(tag) = xml.child()? {
        if (tag.namespace, tag.name()) != (STYLE, "style") {
            xml.skip()?;
            continue;
        }
        let name = tag.attribute("style:name")?.unwrap_or_default().into_owned();
        while let Some(tag) = xml.child()? {
            if tag.attribute("table:display")?.is_some_and(|display| display == "false") {
                hidden.insert(name.clone());
            }
            xml.skip()?;
        }
    }
    Ok(hidden)
}

/// Reads one sheet. A problem with its rows refuses only the sheet; a problem with the document refuses all.
fn read_sheet(
    xml: &mut Xml,
    name: &str,
    budget: &Budget,
    layouts: &Layouts,
    bounds: &Bounds,
) -> Result<SheetReading, Refusal> {
    let limit = bounds.cell_chars.saturating_mul(4);
    let assembler = Assembler::new(name, layouts, bounds);
    let mut table = OdsTable { assembler, budget, limit, row: 0, links: Vec::new(), refusal: None };
    table.rows(xml)?;
    let OdsTable { mut assembler, links, refusal, .. } = table;
    let is_list = assembler.is_list();
    let put = match refusal {
        Some(refusal) => Err(refusal),
        None => assembler.end_row().and_then(|()| put_links(&links, &mut assembler)),
    };
    let is_list = is_list || assembler.is_list();
    Ok(SheetReading::of(put.and_then(|()| assembler.finish()), is_list))
}

fn put_links(links: &[Linked], assembler: &mut Assembler) -> Result<(), Refusal> {
    let columns = assembler.linked_columns();
    for (row, column, target) in links {
        let row = *row;
        for (_, field) in columns.iter().filter(|(linked, _)| linked == column) {
            match target {
                Some(target) => assembler.link(row..=row, *field, target)?,
                None => assembler.lose_link(),
            }
        }
    }
    Ok(())
}

/// Row, column and target of a link; a link that a calculation makes has no known target.
type Linked = (u32, u32, Target);
type Target = Option<Rc<str>>;

/// A sheet while it is read.
struct OdsTable<'a> {
    assembler: Assembler<'a>,
    budget: &'a Budget,
    /// Bytes of a cell's text: four for each character that it may have.
    limit: usize,
    /// Rows so far.
    row: u64,
    links: Vec<Linked>,
    /// The reason why the sheet cannot be read; its other rows are skipped.
    refusal: Option<Refusal>,
}

/// A cell: how often it is repeated, the text it shows and the target of its link.
#[derive(Default)]
struct Found {
    times: u64,
    shown: Option<String>,
    link: Option<Target>,
    /// Links after the first.
    more_links: u32,
    has_lost_formula: bool,
    /// The reason why its value cannot be read.
    wrong: Option<String>,
}

impl Found {
    /// Whether it shows nothing and had nothing set aside.
    fn is_blank(&self) -> bool {
        self.shown.is_none() && self.link.is_none() && !self.has_lost_formula && self.wrong.is_none()
    }
}

impl OdsTable<'_> {
    /// Reads rows, and groups of rows.
    fn rows(&mut self, xml: &mut Xml) -> Result<(), Refusal> {
        // Number of tags open within the sheet: groups may lie in groups.
        let mut open = 0;
        loop {
            let Some(tag) = xml.child()? else {
                if open == 0 {
                    return Ok(());
                }
                open -= 1;
                continue;
            };
            match (tag.namespace, tag.name()) {
                (TABLE, "table-row") => {
                    let times = repeated(&tag, "table:number-rows-repeated")?;
                    let cells = self.cells(xml)?;
                    if self.refusal.is_none() {
                        self.refusal = self.put_row(&cells, times).err();
                    }
                }
                (TABLE, "table-row-group" | "table-rows" | "table-header-rows") => open += 1,
                _ => xml.skip()?,
            }
        }
    }

    fn cells(&mut self, xml: &mut Xml) -> Result<Vec<Found>, Refusal> {
        let mut cells = Vec::new();
        while let Some(tag) = xml.child()? {
            match (tag.namespace, tag.name()) {
                (TABLE, "table-cell") => cells.push(self.cell(xml, &tag)?),
                // A cell that another covers is not shown.
                (TABLE, "covered-table-cell") => {
                    cells.push(Found {
                        times: repeated(&tag, "table:number-columns-repeated")?,
                        ..Found::default()
                    });
                    xml.skip()?;
                }
                _ => xml.skip()?,
            }
        }
        Ok(cells)
    }

    fn put_row(&mut self, cells: &[Found], times: u64) -> Result<(), Refusal> {
        if cells.iter().all(Found::is_blank) {
            self.row = self.row.saturating_add(times);
            return Ok(());
        }
        for _ in 0..times {
            self.row = self.row.saturating_add(1);
            let row = u32::try_from(self.row)
                .ok()
                .filter(|row| *row <= LAST_ROW)
                .ok_or(Refusal::TooLarge { what: "a sheet", limit: LAST_ROW.into(), unit: "rows" })?;
            let mut column: u64 = 0;
            for cell in cells {
                self.budget.spend()?;
                let at = |column: u64| u32::try_from(column).unwrap_or(u32::MAX);
                if let Some(wrong) = &cell.wrong {
                    let message = format!("the cell of column {} {wrong}", at(column.saturating_add(1)));
                    return Err(self.assembler.bad_row(row, message));
                }
                if cell.has_lost_formula {
                    self.assembler.lose_formula();
                }
                self.assembler.lose_links(cell.more_links);
                let Some(shown) = cell.shown.as_deref() else {
                    if cell.link.is_some() {
                        self.assembler.lose_link();
                    }
                    column = column.saturating_add(cell.times);
                    continue;
                };
                for _ in 0..cell.times {
                    self.budget.spend()?;
                    column = column.saturating_add(1);
                    self.assembler.cell(row, at(column), Some(shown))?;
                    if let Some(target) = &cell.link {
                        self.links.push((row, at(column), target.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads a cell. A problem with its value is reported when the cell is put into its row.
    fn cell(&self, xml: &mut Xml, tag: &Tag) -> Result<Found, Refusal> {
        let times = repeated(tag, "table:number-columns-repeated")?;
        let [kind, value, day, truth, string, formula] = tag.attributes([
            "office:value-type",
            "office:value",
            "office:date-value",
            "office:boolean-value",
            "office:string-value",
            "table:formula",
        ])?;
        let mut paragraphs = Paragraphs::new(self.limit);
        while let Some(child) = xml.child()? {
            if child.namespace == TEXT && child.name() == "p" {
                paragraphs.read(xml)?;
            } else {
                // Notes and drawings are not part of the cell's text.
                xml.skip()?;
            }
        }
        let is_too_large = paragraphs.is_full();
        let Paragraphs { text, link: address, more_links, .. } = paragraphs;
        let shown = match kind.as_deref() {
            _ if is_too_large => Err(format!("is larger than {} characters", self.limit / 4)),
            None | Some("string") => {
                // An error value has an empty text and shows its name.
                let string = string.filter(|string| !string.is_empty()).map(|string| string.into_owned());
                Ok(string.unwrap_or(text))
            }
            Some("float" | "percentage" | "currency") => {
                let value = value.unwrap_or_default();
                let number = value.trim().parse().ok().filter(|number: &f64| number.is_finite());
                number
                    .map(|number| number.to_string())
                    .ok_or_else(|| format!("is no number but {}", quoted(&value)))
            }
            Some("date") => {
                let day = day.unwrap_or_default();
                let is_day = day.starts_with(|c: char| c.is_ascii_digit());
                let plain = day.strip_suffix("T00:00:00").unwrap_or(&day);
                is_day.then(|| plain.to_owned()).ok_or_else(|| format!("is no date but {}", quoted(&day)))
            }
            Some("boolean") => match truth.as_deref() {
                Some("true") => Ok("TRUE".to_owned()),
                Some("false") => Ok("FALSE".to_owned()),
                other => Err(format!("is neither true nor false but {}", quoted(other.unwrap_or_default()))),
            },
            Some(_) => Ok(text),
        };
        let (shown, wrong) = match shown {
            Ok(shown) => (Some(shown).filter(|shown| !shown.is_empty()), None),
            Err(wrong) => (None, Some(wrong)),
        };
        let made = formula.as_deref().and_then(|formula| link(formula.trim_start_matches("of:")));
        let address = match (address, made) {
            (Some(target), _) | (None, Some(FormulaLink::Known { target, .. })) => Some(Some(target)),
            (None, Some(FormulaLink::Unknown)) => Some(None),
            (None, None) => None,
        };
        // A target longer than a cell may be is lost.
        let link = address.map(|target| target.filter(|target| target.len() <= self.limit).map(Rc::from));
        // An empty text as the result of a formula is a value.
        let has_lost_formula = formula.is_some() && shown.is_none() && kind.is_none();
        Ok(Found { times, shown, link, more_links, has_lost_formula, wrong })
    }
}

fn repeated(tag: &Tag, name: &str) -> Result<u64, Refusal> {
    Ok(match tag.attribute(name)? {
        None => 1,
        Some(said) => number(&said).filter(|times| *times > 0).ok_or_else(|| Refusal::Damaged {
            message: format!("content.xml: {name} is {}, which is no number of times", quoted(&said)),
        })?,
    })
}

/// The text of a cell's paragraphs and the first link in them.
struct Paragraphs {
    count: usize,
    text: String,
    /// Bytes that the text may have.
    limit: usize,
    link: Option<String>,
    more_links: u32,
}

impl Paragraphs {
    fn new(limit: usize) -> Self {
        Self { count: 0, text: String::new(), limit, link: None, more_links: 0 }
    }

    /// Whether the text is longer than a cell may be: then no more is added to it.
    fn is_full(&self) -> bool {
        self.text.len() > self.limit
    }

    /// Reads a paragraph: spans, links and fields within it are part of its text.
    fn read(&mut self, xml: &mut Xml) -> Result<(), Refusal> {
        if self.count > 0 {
            self.text.push('\n');
        }
        self.count += 1;
        let mut open = 0;
        // Spaces and line breaks between words count as one space; further spaces have elements of their own.
        let mut after_space = true;
        loop {
            match xml.piece()? {
                None if open == 0 => return Ok(()),
                None => open -= 1,
                Some(Piece::Text(_)) if self.is_full() => {}
                Some(Piece::Text(piece)) => {
                    for c in piece.chars() {
                        let is_space = matches!(c, ' ' | '\t' | '\r' | '\n');
                        if !is_space {
                            self.text.push(c);
                        } else if !after_space {
                            self.text.push(' ');
                        }
                        after_space = is_space;
                    }
                }
                Some(Piece::Tag(tag)) => {
                    match (tag.namespace, tag.name()) {
                        (TEXT, _) if self.is_full() => {}
                        (TEXT, "s") => {
                            let spaces = tag.attribute("text:c")?;
                            let spaces =
                                spaces.as_deref().and_then(number).unwrap_or(1).min(SPACES_AT_A_TIME);
                            self.text.extend(std::iter::repeat_n(' ', spaces as usize));
                        }
                        (TEXT, "tab") => self.text.push('\t'),
                        (TEXT, "line-break") => self.text.push('\n'),
                        (TEXT, "a") => match tag.attribute("xlink:href")? {
                            Some(target) if self.link.is_none() => self.link = Some(target.into_owned()),
                            _ => self.more_links += 1,
                        },
                        (TEXT, name) if !matches!(name, "note" | "ruby-text" | "bookmark") => {}
                        _ => {
                            xml.skip()?;
                            continue;
                        }
                    }
                    open += 1;
                }
            }
        }
    }
}
