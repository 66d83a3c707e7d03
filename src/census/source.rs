//! Where a figure was read from.

use super::area::Area;
use crate::spec::TableAreas;
use crate::words::{Concept, FigureMethod};

/// A line, or a sum of lines, that a concept was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FigureSource {
    pub concept: Concept,
    pub rank: Rank,
    /// `B05002`; of a tidy file the table it says nothing of.
    pub table: String,
    /// Line numbers; of a tidy file none.
    pub lines: Vec<u16>,
    pub areas: TableAreas,
}

/// Which of two sources goes before: a line, a sum of lines, a percentage; then the table that is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    pub method: FigureMethod,
    /// Place of the table in `pipelines/census/concepts.toml`.
    pub table: usize,
}

impl FigureSource {
    /// Whether it was computed from what is published, and is not itself a published count.
    pub fn is_derived(&self) -> bool {
        self.rank.method != FigureMethod::Line
    }

    /// Whether the table has figures of an area.
    pub fn is_of(&self, area: Area) -> bool {
        match self.areas {
            TableAreas::Us => !area.is_in_puerto_rico(),
            TableAreas::PuertoRico => area.is_in_puerto_rico(),
            TableAreas::All => true,
        }
    }
}
