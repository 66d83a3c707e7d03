//! OpenDocument spreadsheets (`.ods`), as LibreOffice and Google Sheets save them (OASIS OpenDocument 1.3, part 3).
//!
//! Rows and cells that a document says are repeated are repeated within the bounds of a list; blank ones cost nothing.

use std::collections::HashSet;

use super::Assembler;
use super::raw::RawList;
use super::workbook::{Budget, Made, Package, Piece, Sheet, Sheets, Tag, Xml, link, number, text};
use crate::acquire::Refusal;
use crate::spec::{Bounds, Layouts};

const OFFICE: usize = 0;
const TABLE: usize = 1;
const TEXT: usize = 2;
const STYLE: usize = 3;
const DUBLIN_CORE: usize = 4;

/// The namespaces of a document, at the positions above.
const SPACES: &[&[&str]] = &[
    &["urn:oasis:names:tc:opendocument:xmlns:office:1.0"],
    &["urn:oasis:names:tc:opendocument:xmlns:table:1.0"],
    &["urn:oasis:names:tc:opendocument:xmlns:text:1.0"],
    &["urn:oasis:names:tc:opendocument:xmlns:style:1.0"],
    &["http://purl.org/dc/elements/1.1/"],
];

/// The last row of a sheet.
const LAST_ROW: u64 = 1_048_576;

/// Sheets that are looked at for the list.
const SHEETS: usize = 16;

/// Spaces that one element may stand for.
const SPACES_AT_A_TIME: u64 = 1_000;

/// Reads the list of a document.
///
/// # Errors
/// Why it has none that can be read.
pub fn read(package: &Package, layouts: &Layouts, bounds: &Bounds) -> Result<RawList, Refusal> {
    let is_encrypted = package
        .part("META-INF/manifest.xml")
        .is_some_and(|(_, bytes)| memchr::memmem::find(bytes, b"encryption-data").is_some());
    if is_encrypted {
        return Err(Refusal::Encrypted);
    }
    let (part, bytes) = package.part("content.xml").ok_or(Refusal::UnknownKind)?;
    let source = text(part, bytes)?;
    let mut xml = Xml::new(part, &source, SPACES, package.budget());
    xml.root()?;
    let mut hidden = HashSet::new();
    let mut read: Vec<(String, bool, Sheet)> = Vec::new();
    let mut more = 0;
    while let Some(tag) = xml.child()? {
        match (tag.space, tag.name()) {
            (OFFICE, "automatic-styles") => hidden = hidden_styles(&mut xml)?,
            (OFFICE, "body") => {
                while let Some(tag) = xml.child()? {
                    if (tag.space, tag.name()) != (OFFICE, "spreadsheet") {
                        xml.skip()?;
                        continue;
                    }
                    while let Some(tag) = xml.child()? {
                        if (tag.space, tag.name()) != (TABLE, "table") {
                            xml.skip()?;
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
    Ok(RawList { saved: saved(package), ..sheets.list()? })
}

/// Styles of sheets that are not shown.
fn hidden_styles(xml: &mut Xml) -> Result<HashSet<String>, Refusal> {
    let mut hidden = HashSet::new();
    while let Some(tag) = xml.child()? {
        if (tag.space, tag.name()) != (STYLE, "style") {
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

/// Reads one sheet. What is wrong with its rows stays with it; what is wrong with the document does not.
fn read_sheet(
    xml: &mut Xml,
    name: &str,
    budget: &Budget,
    layouts: &Layouts,
    bounds: &Bounds,
) -> Result<Sheet, Refusal> {
    let mut table = Table {
        assembler: Assembler::new(name, layouts, bounds),
        budget,
        row: 0,
        links: Vec::new(),
        refusal: None,
    };
    table.rows(xml)?;
    let Table { mut assembler, links, refusal, .. } = table;
    let is_list = assembler.is_list();
    let put = match refusal {
        Some(refusal) => Err(refusal),
        None => assembler.end_row().and_then(|()| put_links(&links, &mut assembler)),
    };
    let is_list = is_list || assembler.is_list();
    Ok(match put.and_then(|()| assembler.finish()) {
        Ok(list) => Sheet::List(Box::new(list)),
        Err(refusal) if is_list => Sheet::Damaged(refusal),
        Err(refusal) => Sheet::Other(refusal),
    })
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

/// Row, column and target of a link; the target of one that a calculation makes is not known.
type Linked = (u32, u32, Option<String>);

/// A sheet while it is read.
struct Table<'a> {
    assembler: Assembler<'a>,
    budget: &'a Budget,
    /// Rows so far.
    row: u64,
    links: Vec<Linked>,
    /// Why the sheet cannot be read; what follows is passed over.
    refusal: Option<Refusal>,
}

/// A cell: how often it stands beside itself, what it shows and where it leads.
#[derive(Clone)]
struct Found {
    times: u64,
    shown: Option<String>,
    link: Option<Option<String>>,
    has_lost_formula: bool,
}

impl Table<'_> {
    /// Goes through rows, and groups of rows.
    fn rows(&mut self, xml: &mut Xml) -> Result<(), Refusal> {
        // Groups may lie in groups: the tags that are open within the sheet.
        let mut open = 0;
        loop {
            let Some(tag) = xml.child()? else {
                if open == 0 {
                    return Ok(());
                }
                open -= 1;
                continue;
            };
            match (tag.space, tag.name()) {
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
            if tag.space == TABLE && matches!(tag.name(), "table-cell" | "covered-table-cell") {
                cells.push(cell(xml, &tag)?);
            } else {
                xml.skip()?;
            }
        }
        Ok(cells)
    }

    fn put_row(&mut self, cells: &[Found], times: u64) -> Result<(), Refusal> {
        let is_blank = cells.iter().all(|cell| cell.shown.is_none() && !cell.has_lost_formula);
        if is_blank {
            self.row = self.row.saturating_add(times);
            return Ok(());
        }
        for _ in 0..times {
            self.row += 1;
            if self.row > LAST_ROW {
                return Err(Refusal::TooLarge { what: "a sheet", limit: LAST_ROW, unit: "rows" });
            }
            let row = self.row as u32;
            let mut column: u64 = 0;
            for cell in cells {
                if cell.has_lost_formula {
                    self.assembler.lose_formula();
                }
                if cell.shown.is_none() {
                    if cell.link.is_some() {
                        self.assembler.lose_link();
                    }
                    column = column.saturating_add(cell.times);
                    continue;
                }
                for _ in 0..cell.times {
                    self.budget.spend()?;
                    column = column.saturating_add(1);
                    let at = u32::try_from(column).unwrap_or(u32::MAX);
                    self.assembler.cell(row, at, cell.shown.as_deref())?;
                    if let Some(target) = &cell.link {
                        self.links.push((row, at, target.clone()));
                    }
                }
            }
        }
        Ok(())
    }
}

fn repeated(tag: &Tag, name: &str) -> Result<u64, Refusal> {
    Ok(match tag.attribute(name)? {
        None => 1,
        Some(said) => number(&said).filter(|times| *times > 0).ok_or_else(|| Refusal::Damaged {
            message: format!("content.xml: {name} is {said:?}, which is no number of times"),
        })?,
    })
}

fn cell(xml: &mut Xml, tag: &Tag) -> Result<Found, Refusal> {
    let times = repeated(tag, "table:number-columns-repeated")?;
    let [kind, value, day, truth, string, formula] = tag.attributes([
        "office:value-type",
        "office:value",
        "office:date-value",
        "office:boolean-value",
        "office:string-value",
        "table:formula",
    ])?;
    let mut paragraphs = Paragraphs::default();
    while let Some(child) = xml.child()? {
        if child.space == TEXT && child.name() == "p" {
            if paragraphs.count > 0 {
                paragraphs.text.push('\n');
            }
            paragraphs.count += 1;
            paragraphs.read(xml)?;
        } else {
            // Notes and drawings are not what the cell says.
            xml.skip()?;
        }
    }
    let bad = |what: String| Refusal::Damaged { message: format!("content.xml: a cell {what}") };
    let shown = match kind.as_deref() {
        None | Some("string") => {
            // An error has an empty text and shows its name.
            let string = string.filter(|string| !string.is_empty()).map(|string| string.into_owned());
            string.or(Some(paragraphs.text))
        }
        Some("float" | "percentage" | "currency") => {
            let value = value.unwrap_or_default();
            let number: Option<f64> = value.trim().parse().ok().filter(|number: &f64| number.is_finite());
            Some(number.ok_or_else(|| bad(format!("is no number but {value:?}")))?.to_string())
        }
        Some("date") => {
            let day = day.ok_or_else(|| bad("is a date and says none".to_owned()))?;
            Some(day.strip_suffix("T00:00:00").map(str::to_owned).unwrap_or_else(|| day.into_owned()))
        }
        Some("boolean") => Some(truth.unwrap_or_default().to_uppercase()),
        Some(_) => Some(paragraphs.text),
    };
    let shown = shown.filter(|shown| !shown.is_empty());
    let made = formula.as_deref().and_then(|formula| link(formula.trim_start_matches("of:")));
    let link = match (paragraphs.link, &made) {
        (Some(target), _) => Some(Some(target)),
        (None, Some(Made::Link { target, .. })) => Some(Some(target.clone())),
        (None, Some(Made::Unknown)) => Some(None),
        (None, None) => None,
    };
    let has_lost_formula = formula.is_some() && shown.is_none();
    Ok(Found { times, shown, link, has_lost_formula })
}

/// The text of a cell's paragraphs and the first link in them.
#[derive(Default)]
struct Paragraphs {
    count: usize,
    text: String,
    link: Option<String>,
}

impl Paragraphs {
    /// Reads a paragraph: spans and links within it are part of its text.
    fn read(&mut self, xml: &mut Xml) -> Result<(), Refusal> {
        let mut open = 0;
        // Spaces and line breaks between words are one space; what counts as more has elements of its own.
        let mut after_space = true;
        loop {
            match xml.piece()? {
                None if open == 0 => return Ok(()),
                None => open -= 1,
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
                    match (tag.space, tag.name()) {
                        (TEXT, "s") => {
                            let spaces = tag.attribute("text:c")?;
                            let spaces =
                                spaces.as_deref().and_then(number).unwrap_or(1).min(SPACES_AT_A_TIME);
                            self.text.extend(std::iter::repeat_n(' ', spaces as usize));
                        }
                        (TEXT, "tab") => self.text.push('\t'),
                        (TEXT, "line-break") => self.text.push('\n'),
                        (TEXT, "a") => {
                            let target = tag.attribute("xlink:href")?.map(|target| target.into_owned());
                            self.link = self.link.take().or(target);
                        }
                        (TEXT, "span") => {}
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

/// When the document says it was last saved.
fn saved(package: &Package) -> Option<String> {
    let (part, bytes) = package.part("meta.xml")?;
    let source = text(part, bytes).ok()?;
    let mut xml = Xml::new(part, &source, SPACES, package.budget());
    xml.root().ok()?;
    while let Some(tag) = xml.child().ok()? {
        if (tag.space, tag.name()) != (OFFICE, "meta") {
            xml.skip().ok()?;
            continue;
        }
        while let Some(tag) = xml.child().ok()? {
            if (tag.space, tag.name()) == (DUBLIN_CORE, "date") {
                let mut saved = String::new();
                xml.text(&mut saved).ok()?;
                return Some(saved.trim().get(..19)?.to_owned());
            }
            xml.skip().ok()?;
        }
    }
    None
}
