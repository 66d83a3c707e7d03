//! `pipelines/census/`: the Census Bureau's figures, what each line of its tables counts, and bounds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::sources::Publisher;
use super::{SpecError, SpecFiles};
use crate::words::{Concept, FigureMethod, Vintage};

const SOURCE: &str = "pipelines/census/source.toml";
const CONCEPTS: &str = "pipelines/census/concepts.toml";

/// The most lines that one concept may be the sum of: squares of their margins are summed in 64 bits.
const MOST_LINES: usize = 8;

/// The Census Bureau's figures.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CensusSource {
    pub source: Publisher,
    pub shipped: Vec<ShippedFigures>,
    pub downloads: Downloads,
    pub geography: GeographyColumns,
    pub reliability: Reliability,
    pub bounds: FigureBounds,
    #[serde(skip)]
    pub concepts: Concepts,
}

/// A file of figures that comes with the program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippedFigures {
    /// Path below `data/`.
    pub file: String,
    pub vintage: Vintage,
    /// The table of its figures, where its columns do not name it.
    pub table: Option<String>,
    /// In words: which areas it has, and what it lacks.
    pub note: String,
}

impl ShippedFigures {
    /// Its name without folders, by which a release names it.
    pub fn name(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or(&self.file)
    }
}

/// Where to get a file that is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Downloads {
    /// In words, as is the next field.
    pub api: String,
    pub summary_file: String,
    /// The first vintage that has a table-based summary file.
    pub summary_file_since: u16,
}

/// Columns of a pull of the Census API that name areas of levels not kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeographyColumns {
    pub other_columns: Vec<String>,
}

/// An estimate is called highly, or medium, reliable up to these coefficients of variation.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    pub high: f64,
    pub medium: f64,
}

/// Sizes beyond which an ACS file is refused.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureBounds {
    /// Bytes of a file of lines, which is read line by line.
    pub file_bytes: u64,
    /// Bytes of a file that is held whole.
    pub document_bytes: u64,
    /// Bytes of a line.
    pub line_bytes: usize,
    /// Rows that are kept.
    pub rows: usize,
}

/// Which tables are read, in the order in which they are preferred, and which are refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concepts {
    pub mixed: Mixed,
    #[serde(rename = "table")]
    pub tables: Vec<AcsTable>,
}

/// Tables that mix counts with percents, by how their names begin.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Mixed {
    /// The table to use instead, in words.
    pub instead: String,
    /// The kind of table by the beginning of its name: `S`, `DP`, `CP`.
    #[serde(flatten)]
    pub kinds: BTreeMap<String, String>,
}

/// A table of the Bureau.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcsTable {
    /// `B05002`.
    pub name: String,
    pub title: String,
    pub areas: TableAreas,
    #[serde(rename = "layout")]
    pub layouts: Vec<TableLayout>,
}

/// Where a table has figures: some have a twin for Puerto Rico.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableAreas {
    All,
    Us,
    PuertoRico,
}

/// The lines of a table over some vintages, named by their last years.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableLayout {
    pub first_vintage: Option<u16>,
    pub last_vintage: Option<u16>,
    pub line_count: u16,
    #[serde(rename = "concept")]
    pub concepts: Vec<ConceptLines>,
}

/// One concept as a line, or a sum of lines, of a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConceptLines {
    pub name: Concept,
    /// Titles by line number.
    lines: BTreeMap<String, String>,
}

impl ConceptLines {
    /// Line numbers, ascending, with their titles.
    pub fn lines(&self) -> impl Iterator<Item = (u16, &str)> {
        let numbered =
            self.lines.iter().filter_map(|(line, title)| Some((line.parse().ok()?, title.as_str())));
        numbered.collect::<BTreeMap<u16, &str>>().into_iter()
    }

    /// Whether it is a line as it is, or a sum of lines.
    pub fn method(&self) -> FigureMethod {
        if self.lines.len() > 1 { FigureMethod::SumOfLines } else { FigureMethod::Line }
    }
}

impl AcsTable {
    /// The layout that a vintage has.
    pub fn layout(&self, vintage: Vintage) -> Option<&TableLayout> {
        self.layouts.iter().find(|layout| layout.is_of(vintage.last()))
    }
}

impl TableLayout {
    fn is_of(&self, year: u16) -> bool {
        self.first_vintage.is_none_or(|first| first <= year)
            && self.last_vintage.is_none_or(|last| year <= last)
    }
}

impl Concepts {
    /// Returns the table of this name, and its place in the order of preference.
    pub fn table(&self, name: &str) -> Option<(usize, &AcsTable)> {
        self.tables.iter().enumerate().find(|(_, table)| table.name == name)
    }

    /// Names of the tables that are read.
    pub fn names(&self) -> String {
        self.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl CensusSource {
    /// Says in words where to get figures of a vintage that can be read.
    pub fn instead(&self, vintage: Vintage) -> String {
        let Downloads { api, summary_file, summary_file_since } = &self.downloads;
        let year = vintage.last();
        let text = if year >= *summary_file_since { format!("{api}, {summary_file}") } else { api.clone() };
        let lines = self.concepts.tables.iter().filter_map(|table| table.layout(vintage));
        let noncitizens = lines.flat_map(|layout| &layout.concepts).find(|c| c.name == Concept::Noncitizen);
        let line = noncitizens.and_then(|concept| concept.lines().next()).map_or(0, |(line, _)| line);
        text.replace("{year}", &year.to_string()).replace("{noncitizen}", &format!("{line:03}"))
    }
}

pub(super) fn load(files: &SpecFiles) -> Result<CensusSource, SpecError> {
    let mut source: CensusSource = files.toml(SOURCE)?;
    let concepts: Concepts = files.toml(CONCEPTS)?;
    let says = |table: &AcsTable, message: String| {
        SpecError::says(CONCEPTS, format!("table {}: {message}", table.name))
    };
    for (at, table) in concepts.tables.iter().enumerate() {
        if concepts.tables[..at].iter().any(|earlier| earlier.name == table.name) {
            return Err(says(table, "is there twice".into()));
        }
        for year in Vintage::FIRST_FIVE_YEARS_END..=Vintage::LAST_YEAR {
            if table.layouts.iter().filter(|layout| layout.is_of(year)).count() > 1 {
                return Err(says(table, format!("two layouts are of the vintage of {year}")));
            }
        }
        for layout in &table.layouts {
            let mut seen = BTreeSet::new();
            for concept in &layout.concepts {
                if !seen.insert(concept.name) {
                    return Err(says(table, format!("{} is there twice", concept.name)));
                }
                let numbers: Vec<u16> = concept.lines().map(|(line, _)| line).collect();
                let are_lines = numbers.iter().all(|line| (1..=layout.line_count).contains(line));
                if !are_lines || numbers.len() != concept.lines.len() || numbers.is_empty() {
                    let message = format!("{}: lines go from 1 to {}", concept.name, layout.line_count);
                    return Err(says(table, message));
                }
                if numbers.len() > MOST_LINES {
                    return Err(says(table, format!("{}: more than {MOST_LINES} lines", concept.name)));
                }
            }
        }
    }
    let Reliability { high, medium } = source.reliability;
    if !(0.0 < high && high < medium) {
        return Err(SpecError::says(SOURCE, "[reliability] wants 0 < high < medium"));
    }
    source.concepts = concepts;
    Ok(source)
}
