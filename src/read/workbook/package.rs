//! The parts of a workbook, found as the format says: by relationships and content types, not by their usual names.
//! (ECMA-376, part 2, Open Packaging Conventions.)

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::encoding::text;
use super::xml::{Budget, Xml, damaged};
use crate::acquire::{Inflated, Refusal};

const RELATIONSHIPS: &[&[&str]] = &[&["http://schemas.openxmlformats.org/package/2006/relationships"]];
const CONTENT_TYPES: &[&[&str]] = &[&["http://schemas.openxmlformats.org/package/2006/content-types"]];
const PROPERTIES: &[&[&str]] = &[
    &["http://schemas.openxmlformats.org/package/2006/metadata/core-properties"],
    &["http://purl.org/dc/terms/"],
];

/// Position of the namespace of times among those of properties.
const DCTERMS: usize = 1;

/// Most relationships of a part; a list has one for each link.
const RELATIONSHIPS_OF_A_PART: usize = 100_000;

/// A workbook's parts, by name.
pub struct Package<'a> {
    parts: HashMap<String, (&'a str, &'a [u8])>,
    /// Relationships of the package itself.
    root: Relationships,
    budget: &'a Budget,
}

/// A relationship of a part: its kind, and the part or address it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    /// The last word of its type's address, such as `worksheet` or `hyperlink`.
    pub kind: String,
    /// A part's name, or an address where it leads out of the workbook.
    pub target: String,
    pub is_external: bool,
}

/// A part's relationships, by id.
pub type Relationships = HashMap<String, Relationship>;

/// The kind of document that an archive is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageForm {
    /// A workbook, and the name of its workbook part.
    Xlsx(String),
    Xlsb,
    Ods,
    Other,
}

impl<'a> Package<'a> {
    /// Takes an archive's entries. Names are compared without regard to case; `\` counts as `/`, and one at the start
    /// is ignored.
    ///
    /// # Errors
    /// Relationships of the package that cannot be read.
    pub fn open(inflated: &'a Inflated, budget: &'a Budget) -> Result<Self, Refusal> {
        let entries = inflated.entries.iter();
        let parts = entries.map(|(name, bytes)| (plain(name), (name.as_str(), bytes.as_slice()))).collect();
        let mut package = Self { parts, root: Relationships::new(), budget };
        package.root = package.relationships("")?;
        Ok(package)
    }

    /// The budget of this workbook.
    pub fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// A part's name in the archive and its bytes.
    pub fn part(&self, name: &str) -> Option<(&'a str, &'a [u8])> {
        let found = self.parts.get(&plain(name)).copied();
        // A name in a relationship is an address, in which characters may be written as %20.
        found.or_else(|| {
            let decoded = percent_encoding::percent_decode_str(name).decode_utf8().ok()?;
            self.parts.get(&plain(&decoded)).copied()
        })
    }

    /// The kind of document that this is.
    ///
    /// # Errors
    /// Content types that cannot be read.
    pub fn form(&self) -> Result<PackageForm, Refusal> {
        let kind = self.part("mimetype").map(|(_, kind)| kind);
        if kind.is_some_and(|kind| kind.starts_with(b"application/vnd.oasis.opendocument.spreadsheet")) {
            return Ok(PackageForm::Ods);
        }
        let Some(name) = self.workbook()? else {
            // The entry that names the kind of an OpenDocument may be missing.
            let is_document = kind.is_none() && self.part("content.xml").is_some();
            return Ok(if is_document { PackageForm::Ods } else { PackageForm::Other });
        };
        let is_binary = name.to_ascii_lowercase().ends_with(".bin");
        Ok(if is_binary { PackageForm::Xlsb } else { PackageForm::Xlsx(name) })
    }

    /// Returns the name of the workbook part, by the package's relationship or else by its content type.
    ///
    /// # Errors
    /// Relationships or content types that cannot be read.
    fn workbook(&self) -> Result<Option<String>, Refusal> {
        let mut documents: Vec<&str> = self.root_targets("officeDocument").collect();
        documents.sort_unstable();
        documents.dedup();
        if documents.len() > 1 {
            return Err(damaged("_rels/.rels", "names more than one workbook"));
        }
        if let Some(named) = documents.pop().filter(|name| self.part(name).is_some()) {
            return Ok(Some(named.to_owned()));
        }
        let typed = self
            .typed("spreadsheetml.sheet.main+xml")?
            .or(self.typed("ms-excel.sheet.binary.macroEnabled.main")?);
        let usual =
            || ["xl/workbook.xml", "xl/workbook.bin"].into_iter().find(|name| self.part(name).is_some());
        Ok(typed.or_else(|| usual().map(str::to_owned)))
    }

    /// Returns the part to which `[Content_Types].xml` gives a type with this ending.
    ///
    /// # Errors
    /// Content types that cannot be read.
    pub fn typed(&self, ending: &str) -> Result<Option<String>, Refusal> {
        let Some((name, bytes)) = self.part("[Content_Types].xml") else { return Ok(None) };
        let text = text(name, bytes)?;
        let mut xml = Xml::new(name, &text, CONTENT_TYPES, self.budget);
        xml.root()?;
        let mut found = None;
        while let Some(tag) = xml.child()? {
            let [part, kind] = tag.attributes(["PartName", "ContentType"])?;
            if let Some((part, _)) = part.zip(kind).filter(|(_, kind)| kind.ends_with(ending)) {
                found = Some(part.into_owned()).filter(|name| self.part(name).is_some()).or(found);
            }
            xml.skip()?;
        }
        Ok(found)
    }

    /// Parts that the package's own relationships of a kind lead to.
    fn root_targets(&self, kind: &str) -> impl Iterator<Item = &str> {
        let of_kind = move |to: &&Relationship| to.kind == kind && !to.is_external;
        self.root.values().filter(of_kind).map(|to| to.target.as_str())
    }

    /// The relationships of a part; none where it has none. The package's own are those of `""`.
    ///
    /// # Errors
    /// Relationships that cannot be read, or two with one id.
    pub fn relationships(&self, of: &str) -> Result<Relationships, Refusal> {
        let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
        let slash = if folder.is_empty() { "" } else { "/" };
        let Some((name, bytes)) = self.part(&format!("{folder}{slash}_rels/{file}.rels")) else {
            return Ok(Relationships::new());
        };
        let text = text(name, bytes)?;
        let mut xml = Xml::new(name, &text, RELATIONSHIPS, self.budget);
        xml.root()?;
        let mut found = Relationships::new();
        while let Some(tag) = xml.child()? {
            let [id, kind, target, mode] = tag.attributes(["Id", "Type", "Target", "TargetMode"])?;
            let is_said = mode.is_some_and(|mode| mode.trim().eq_ignore_ascii_case("External"));
            let is_external = is_said || target.as_deref().is_some_and(has_scheme);
            if let (Some(id), Some(kind), Some(target)) = (id, kind, target) {
                let kind = kind.trim().rsplit('/').next().unwrap_or_default().to_owned();
                // A line break in an attribute is a space.
                let target = target.replace(['\t', '\r', '\n'], " ");
                let target = if is_external { target } else { resolved(folder, &target) };
                let relationship = Relationship { kind, target, is_external };
                if found.insert(id.trim().to_owned(), relationship).is_some() {
                    return Err(xml.damaged("two relationships have one id"));
                }
                if found.len() > RELATIONSHIPS_OF_A_PART {
                    let limit = RELATIONSHIPS_OF_A_PART as u64;
                    return Err(Refusal::TooLarge { what: "a part", limit, unit: "relationships" });
                }
            }
            xml.skip()?;
        }
        xml.finish()?;
        Ok(found)
    }

    /// Returns when the workbook was last saved, according to its properties.
    pub fn saved(&self) -> Option<String> {
        let named = self.root_targets("core-properties").min();
        let (name, bytes) =
            named.and_then(|name| self.part(name)).or_else(|| self.part("docProps/core.xml"))?;
        let text = text(name, bytes).ok()?;
        let mut xml = Xml::new(name, &text, PROPERTIES, self.budget);
        xml.root().ok()?;
        while let Some(tag) = xml.child().ok()? {
            if tag.namespace == DCTERMS && tag.name() == "modified" {
                let mut saved = String::new();
                xml.text(&mut saved).ok()?;
                return in_utc(saved.trim());
            }
            xml.skip().ok()?;
        }
        None
    }
}

/// A time as `YYYY-MM-DDTHH:MM:SS` in UTC; one without an offset is taken for UTC, as the format says.
fn in_utc(time: &str) -> Option<String> {
    const FORM: &str = "%Y-%m-%dT%H:%M:%S";
    match time.parse::<Timestamp>() {
        Ok(time) => Some(time.strftime(FORM).to_string()),
        Err(_) => Some(time.get(..19)?.parse::<DateTime>().ok()?.strftime(FORM).to_string()),
    }
}

/// A part's name in the form that is compared.
fn plain(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// Whether a target is a full address, such as `https://…`, and not relative to a folder.
fn has_scheme(target: &str) -> bool {
    let scheme = target.trim().split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Returns the part that a relationship's target means, relative to a folder.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.trim().replace('\\', "/");
    let mut steps: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.retain(|step| !step.is_empty());
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_resolved_from_their_folder() {
        for (folder, target, expected) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "../worksheets/sheet1.xml", "worksheets/sheet1.xml"),
            ("xl", "./styles.xml", "xl/styles.xml"),
            ("xl", "worksheets\\sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("", "xl/workbook.xml", "xl/workbook.xml"),
            ("a/b", "../../../x.xml", "x.xml"),
        ] {
            assert_eq!(resolved(folder, target), expected, "{folder} {target}");
        }
    }
}
