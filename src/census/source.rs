//! The source of a figure.

use super::area::Area;
use crate::spec::TableAreas;
use crate::words::{Concept, FigureMethod};

/// A line, or a sum of lines, that a concept was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FigureSource {
    pub concept: Concept,
    pub rank: Rank,
    /// `B05002`; `tidy` for a tidy file, which does not say its table.
    pub table: String,
    /// Line numbers; empty for a tidy file.
    pub lines: Vec<u16>,
    pub areas: TableAreas,
}

/// The order of preference among sources: a line, a sum of lines, a percentage; then the preferred table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    pub method: FigureMethod,
    /// Position of the table in `pipelines/census/concepts.toml`.
    pub table: usize,
}

impl FigureSource {
    /// Whether the figure was computed from published ones and is not itself a published count.
    pub fn is_derived(&self) -> bool {
        self.rank.method != FigureMethod::Line
    }

    /// Whether the table is meant to have figures of an area.
    pub fn is_of(&self, area: Area) -> bool {
        match self.areas {
            TableAreas::Us => !area.is_in_puerto_rico(),
            TableAreas::PuertoRico => area.is_in_puerto_rico(),
            TableAreas::All => true,
        }
    }
}
