//! `pipelines/agreements/layouts.toml`: the headers ICE has used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{SpecError, SpecFiles};
use crate::words::ListKind;

const FILE: &str = "pipelines/agreements/layouts.toml";

/// The content of a column of a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    State,
    Agency,
    Type,
    County,
    Model,
    Signed,
    Moa,
    Addendum,
}

impl Field {
    /// How many fields there are; a field is an index below it.
    pub const COUNT: usize = 8;

    /// All fields, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::State,
        Self::Agency,
        Self::Type,
        Self::County,
        Self::Model,
        Self::Signed,
        Self::Moa,
        Self::Addendum,
    ];

    /// Whether cells of the column carry links.
    pub fn is_linked(self) -> bool {
        matches!(self, Self::Moa | Self::Addendum)
    }
}

/// One header generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    pub name: String,
    pub kind: ListKind,
    /// Headers in upper case, in order.
    pub headers: Vec<String>,
    /// The field in each header's column.
    pub fields: Vec<Field>,
    /// Whether lists of this layout are the table of ICE's own page: when the page was captured, the list was
    /// published.
    pub is_page_table: bool,
}

/// Every header generation.
#[derive(Debug)]
pub struct Layouts {
    pub layouts: Vec<Layout>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutsFile {
    headers: BTreeMap<String, Field>,
    #[serde(rename = "layout")]
    layouts: Vec<LayoutEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutEntry {
    name: String,
    kind: ListKind,
    columns: Vec<String>,
    #[serde(default)]
    page_table: bool,
    #[serde(rename = "note")]
    _note: String,
}

pub(super) fn load(files: &SpecFiles) -> Result<Layouts, SpecError> {
    let file: LayoutsFile = files.toml(FILE)?;
    let layouts = file.layouts.into_iter().map(|entry| {
        let fields = entry.columns.iter().map(|header| {
            file.headers.get(header).copied().ok_or_else(|| {
                let message = format!(
                    "layout {}: header {header:?} is not in [headers]; say there what it is: {header:?} = \"state\", \
                     \"agency\", \"type\", \"county\", \"model\", \"signed\", \"moa\" or \"addendum\"",
                    entry.name
                );
                SpecError::says(FILE, message)
            })
        });
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        let says = |message: &str| Err(SpecError::says(FILE, format!("layout {}: {message}", entry.name)));
        if fields.iter().enumerate().any(|(at, field)| fields[..at].contains(field)) {
            return says("two of its columns hold the same");
        }
        if [Field::State, Field::Agency, Field::Model].iter().any(|needed| !fields.contains(needed)) {
            return says("a list has a state, an agency and a model");
        }
        if (entry.kind == ListKind::Participating) != fields.contains(&Field::Signed) {
            return says("participating lists have a signing date, and pending ones have none");
        }
        Ok(Layout { name: entry.name, kind: entry.kind, headers: entry.columns, fields, is_page_table: entry.page_table })
    });
    let layouts: Vec<Layout> = layouts.collect::<Result<_, SpecError>>()?;
    for (at, layout) in layouts.iter().enumerate() {
        let same = |other: &&Layout| other.name == layout.name || other.headers == layout.headers;
        if let Some(other) = layouts[..at].iter().find(same) {
            let message = format!("layout {}: has the name or the columns of {}", layout.name, other.name);
            return Err(SpecError::says(FILE, message));
        }
    }
    Ok(Layouts { layouts })
}

impl Layouts {
    /// The layout whose headers are exactly these.
    pub fn find(&self, headers: &[String]) -> Option<&Layout> {
        self.layouts.iter().find(|layout| layout.headers == headers)
    }

    /// The layout that takes the fewest insertions, removals and changes of headers to reach.
    pub fn nearest(&self, headers: &[String]) -> Option<&Layout> {
        self.layouts
            .iter()
            .min_by_key(|layout| strsim::generic_levenshtein(&layout.headers, &headers.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_that_makes_no_sense_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("pipelines/agreements");
        std::fs::create_dir_all(&folder).unwrap();
        let shipped = SpecFiles::default().text(FILE).unwrap();
        let entry = |kind: &str, columns: &str| {
            format!("\n[[layout]]\nname = \"new\"\nkind = \"{kind}\"\ncolumns = [{columns}]\nnote = \"\"\n")
        };
        let all = "\"STATE\", \"LAW ENFORCEMENT AGENCY\", \"SUPPORT TYPE\"";
        for (kind, columns, message) in [
            ("pending", format!("{all}, \"STATE\""), "two of its columns hold the same"),
            ("pending", "\"STATE\"".to_owned(), "a list has a state"),
            ("participating", all.to_owned(), "participating lists have a signing date"),
            ("pending", format!("{all}, \"SIGNED\""), "participating lists have a signing date"),
            ("pending", format!("{all}, \"CITY\""), "header \"CITY\" is not in [headers]"),
            ("participating", format!("{all}, \"SIGNED\", \"MOA\""), ""),
        ] {
            std::fs::write(folder.join("layouts.toml"), format!("{shipped}{}", entry(kind, &columns)))
                .unwrap();
            let loaded = load(&SpecFiles::new(Some(root.path().to_owned())));
            match loaded {
                Ok(_) => panic!("{columns} loads"),
                Err(e) if message.is_empty() => {
                    assert!(e.to_string().contains("has the name or the columns of"))
                }
                Err(e) => assert!(e.to_string().contains(message), "{e}"),
            }
        }
    }
}
