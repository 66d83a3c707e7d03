//! Workbooks (`.xlsx`), part by part and cell by cell.
//!
//! The parts are read here and not by a library for two reasons: a part that does not parse must refuse the list, never
//! become another value, and no number that a file states may reserve memory. The tests compare the reading of every
//! workbook they have, and of thousands of damaged ones, with calamine's and openpyxl's.
//!
//! - [`package`]: which part is which
//! - [`encoding`], [`xml`], [`attributes`]: the one way through a part, with its bounds
//! - [`strings`], [`formats`]: what cells refer to
//! - [`sheet`], [`formula`]: cells and links
//!
//! The first visible sheet whose header is a known layout is the list; a pivot beside it is not, and a second
//! list is set aside and reported. Rows hidden by a filter count as rows.

mod attributes;
mod encoding;
mod formats;
mod formula;
mod limits;
mod package;
mod sheet;
mod strings;
mod xml;

use std::collections::HashSet;

pub use attributes::number;
pub use encoding::text;
pub use formula::{FormulaLink, link};
pub use limits::{LAST_COLUMN, LAST_ROW, SHEETS, SPREADSHEETML};
pub use package::{Package, PackageForm};
pub use xml::{Budget, Piece, Tag, Xml};

use attributes::trimmed;
use formats::Formats;
use package::Relationships;
use sheet::SharedParts;
use strings::Strings;

use super::Assembler;
use super::raw::RawList;
use crate::acquire::Refusal;
use crate::shown::quoted;
use crate::spec::{Bounds, Layouts};

/// The result of reading a sheet.
pub enum SheetReading {
    List(Box<RawList>),
    /// A sheet that is, or may be, a list and cannot be read.
    Damaged(Refusal),
    /// A sheet that is not a list.
    Other(Refusal),
}

impl SheetReading {
    /// Classifies the result of reading a sheet; `is_list` says whether its header was a list's.
    pub fn of(read: Result<RawList, Refusal>, is_list: bool) -> Self {
        match read {
            Ok(list) => Self::List(Box::new(list)),
            // A bad row or part may come before the header.
            Err(refusal @ (Refusal::BadRow { .. } | Refusal::Damaged { .. })) => Self::Damaged(refusal),
            Err(refusal) if is_list => Self::Damaged(refusal),
            Err(refusal) => Self::Other(refusal),
        }
    }
}

/// The sheets of a document, taken one by one, visible ones first: the list among them, and notes on the others.
#[derive(Default)]
pub struct Sheets {
    found: Option<RawList>,
    aside: Vec<String>,
    first_refusal: Option<Refusal>,
}

impl Sheets {
    /// Takes the next sheet.
    ///
    /// # Errors
    /// The list is damaged.
    pub fn add(&mut self, name: &str, is_visible: bool, sheet: SheetReading) -> Result<(), Refusal> {
        let name = quoted(name);
        match sheet {
            SheetReading::List(list) if self.found.is_none() && (is_visible || !list.rows.is_empty()) => {
                if !is_visible {
                    self.aside.push(format!("the list is on sheet {name}, which is hidden"));
                }
                self.found = Some(*list);
            }
            SheetReading::List(list) => {
                self.aside.push(format!("sheet {name}, a list of {} rows, was set aside", list.rows.len()));
            }
            SheetReading::Damaged(refusal) if self.found.is_none() => return Err(refusal),
            SheetReading::Damaged(_) => self.aside.push(format!("sheet {name} is damaged and was set aside")),
            // Another sheet may be the list. This one's content is not looked at; that it has some is reported.
            SheetReading::Other(refusal) => {
                if !matches!(refusal, Refusal::NoSheet { .. }) {
                    self.aside.push(format!("sheet {name} is no list and was passed over"));
                }
                self.first_refusal.get_or_insert(refusal);
            }
        }
        Ok(())
    }

    /// Adds a note on something in the document that was set aside.
    pub fn say(&mut self, aside: String) {
        self.aside.push(aside);
    }

    /// Returns the list.
    ///
    /// # Errors
    /// There is no list: the reason why the first sheet is not one.
    pub fn list(self) -> Result<RawList, Refusal> {
        let Some(mut list) = self.found else {
            return Err(self.first_refusal.unwrap_or(Refusal::NoSheet { sheet: String::new() }));
        };
        list.aside.extend(self.aside);
        Ok(list)
    }
}

/// Reads the list of the workbook with this workbook part.
///
/// # Errors
/// The reason why it has none that can be read.
pub fn read(package: &Package, name: &str, layouts: &Layouts, bounds: &Bounds) -> Result<RawList, Refusal> {
    let relationships = package.relationships(name)?;
    let workbook = Workbook::read(package, name)?;
    let shared = shared(package, &relationships, workbook.is_1904)?;
    let mut sheets = Sheets::default();
    let (mut seen, mut again) = (HashSet::new(), 0);
    for listed in workbook.sheets.iter().take(SHEETS) {
        let Some(to) = relationships.get(&listed.id) else {
            let message = format!("{name}: sheet {} leads to no part of the workbook", quoted(&listed.name));
            return Err(Refusal::Damaged { message });
        };
        if to.kind != "worksheet" || to.is_external {
            let refusal = Refusal::NoSheet { sheet: listed.name.clone() };
            sheets.add(&listed.name, listed.is_visible, SheetReading::Other(refusal))?;
            continue;
        }
        let Some((part, bytes)) = package.part(&to.target) else {
            let (sheet, part) = (quoted(&listed.name), quoted(&to.target));
            let message = format!("{name}: sheet {sheet} is the part {part}, which is not there");
            return Err(Refusal::Damaged { message });
        };
        if !seen.insert(part) {
            again += 1;
            continue;
        }
        let mut assembler = Assembler::new(&listed.name, layouts, bounds);
        let read = package
            .relationships(&to.target)
            .and_then(|relationships| sheet::read(part, bytes, &shared, &relationships, &mut assembler));
        let is_list = assembler.is_list();
        let sheet = SheetReading::of(read.and_then(|()| assembler.finish()), is_list);
        sheets.add(&listed.name, listed.is_visible, sheet)?;
    }
    if again > 0 {
        sheets.say(format!("{again} sheets show the same part as another and were not read again"));
    }
    let more = workbook.sheets.len().saturating_sub(SHEETS);
    if more > 0 {
        sheets.say(format!("{more} sheets after the first {SHEETS} were not looked at"));
    }
    let list = sheets.list()?;
    Ok(RawList { saved: package.saved(), ..list })
}

/// The texts and formats that the workbook part's relationships lead to.
fn shared<'a>(
    package: &Package<'a>,
    relationships: &Relationships,
    is_1904: bool,
) -> Result<SharedParts<'a>, Refusal> {
    let part = |kind: &str| -> Result<Option<(&'a str, &'a [u8])>, Refusal> {
        let mut targets: Vec<&str> = relationships
            .values()
            .filter(|to| to.kind == kind && !to.is_external)
            .map(|to| to.target.as_str())
            .collect();
        targets.sort_unstable();
        targets.dedup();
        match targets.as_slice() {
            // A relationship may be of another type than it should; the part's own type says what it is.
            [] => {
                let named = package.typed(&format!("spreadsheetml.{kind}+xml"))?;
                Ok(named.and_then(|name| package.part(&name)))
            }
            [target] => Ok(package.part(target)),
            _ => Err(Refusal::Damaged { message: format!("the workbook has more than one part of {kind}") }),
        }
    };
    let budget = package.budget();
    let strings = match part("sharedStrings")? {
        Some((name, bytes)) => Strings::read(name, bytes, budget)?,
        None => Strings::default(),
    };
    let formats = match part("styles")? {
        Some((name, bytes)) => Formats::read(name, bytes, budget)?,
        None if relationships.values().any(|to| to.kind == "styles" && !to.is_external) => {
            let message = "the part with the formats of cells is not there".to_owned();
            return Err(Refusal::Damaged { message });
        }
        None => Formats::default(),
    };
    Ok(SharedParts { strings, formats, is_1904, budget })
}

/// The content of the workbook part.
struct Workbook {
    /// The sheets, visible ones first.
    sheets: Vec<ListedSheet>,
    is_1904: bool,
}

/// A sheet as the workbook part lists it.
struct ListedSheet {
    name: String,
    is_visible: bool,
    /// Id of the relationship that leads to it.
    id: String,
}

impl Workbook {
    fn read(package: &Package, name: &str) -> Result<Self, Refusal> {
        let Some((part, bytes)) = package.part(name) else { return Err(Refusal::UnknownKind) };
        let source = text(part, bytes)?;
        let mut xml = Xml::new(part, &source, SPREADSHEETML, package.budget());
        if xml.root()?.name() != "workbook" {
            return Err(xml.damaged("is not a workbook"));
        }
        let mut workbook = Self { sheets: Vec::new(), is_1904: false };
        while let Some(tag) = xml.child()? {
            match tag.name() {
                "workbookPr" => {
                    workbook.is_1904 = match tag.attribute("date1904")?.as_deref().map(trimmed) {
                        None | Some("0" | "false" | "off") => false,
                        Some("1" | "true" | "on") => true,
                        Some(said) => {
                            let what = format_args!("says {} of its days from 1904", quoted(said));
                            return Err(xml.damaged(what));
                        }
                    };
                    xml.skip()?;
                }
                "sheets" => {
                    while let Some(sheet) = xml.child()? {
                        let [name, state, id] = sheet.attributes(["name", "state", ":id"])?;
                        workbook.sheets.push(ListedSheet {
                            name: name.unwrap_or_default().into_owned(),
                            is_visible: state.is_none_or(|state| state.trim() == "visible"),
                            id: id.unwrap_or_default().trim().to_owned(),
                        });
                        xml.skip()?;
                    }
                }
                _ => xml.skip()?,
            }
        }
        xml.finish()?;
        workbook.sheets.sort_by_key(|sheet| !sheet.is_visible);
        Ok(workbook)
    }
}
