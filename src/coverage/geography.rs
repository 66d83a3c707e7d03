//! The geographies for which coverage is computed.

use enum_map::EnumMap;

use super::people::PeopleSums;
use crate::census::Measure;
use crate::words::StateCode;

/// The 50 states and the District of Columbia, or one state or territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Geography {
    Us,
    State(StateCode),
}

impl std::fmt::Display for Geography {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Us => f.write_str("US"),
            Self::State(code) => code.fmt(f),
        }
    }
}

/// The totals of a geography in a vintage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Total {
    /// The published row, or the sum of the counties if no file has the row.
    pub people: PeopleSums,
    /// Whether any county has a figure, by measure.
    pub has_figures: EnumMap<Measure, bool>,
    pub counties: u32,
}
