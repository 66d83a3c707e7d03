//! The cells of the cube: as-of list × geography × rule × model group.

use super::geography::{Geography, Total};
use super::people::{Inexact, PeopleSums};
use super::stretches::Stretch;
use crate::words::{ModelGroup, Vintage};

/// One cell of the cube.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CoverageCell {
    pub county_count: u32,
    /// Counties among them that are reached only by bodies that police part of them.
    pub part_county_count: u32,
    /// Agreements that the rule takes in the geography.
    pub agreement_count: u32,
    pub agency_count: u32,
    /// Agencies with an agreement of the group that would cover people under the rule, were their county known, or
    /// where the rule counts residents their number.
    pub unplaced_agency_count: u32,
    /// Agencies behind the agreements that reach no resident: campus and port police, under a rule that counts
    /// residents.
    pub residentless_agency_count: u32,
    /// Position of the people covered among [`Cube::covered`].
    pub covered: u32,
}

/// People covered: positions of the vintage and the geography, and sums of each measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covered {
    pub vintage: usize,
    pub geography: usize,
    pub people: PeopleSums,
    /// People of counties that are reached only by agencies that police part of them.
    pub in_part: PeopleSums,
    /// How far the foreign-born residents of places and towns among them are not exact.
    pub inexact: Inexact,
    pub set: CoveredSet,
}

/// How much of a geography is covered: of nothing, and of everything, the share is known without error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoveredSet {
    Nothing,
    Part,
    Everything,
}

/// Every cell, and the stretches of the counties behind them.
#[derive(Debug, Default)]
pub struct Cube {
    /// Positions in the panel of the as-of lists, in order.
    pub lists: Vec<usize>,
    /// The vintages used, newest first.
    pub vintages: Vec<Vintage>,
    /// Position of the vintage, by rule and list.
    pub(super) vintage_of: Vec<Vec<usize>>,
    /// `US` first, then by code.
    pub geographies: Vec<Geography>,
    /// By vintage and geography.
    pub totals: Vec<Vec<Total>>,
    pub groups: Vec<ModelGroup>,
    pub rules: usize,
    /// By list, rule, group, geography.
    pub(super) cells: Vec<CoverageCell>,
    pub covered: Vec<Covered>,
    /// By county, rule, group and first day.
    pub stretches: Vec<Stretch>,
}

impl Cube {
    /// The cell at these positions.
    pub fn cell(&self, list: usize, rule: usize, group: usize, geography: usize) -> &CoverageCell {
        let at = (list * self.rules + rule) * self.groups.len() + group;
        &self.cells[at * self.geographies.len() + geography]
    }

    /// Position of the vintage that a rule's figures on a list are of.
    pub fn vintage(&self, list: usize, rule: usize) -> usize {
        self.vintage_of[rule][list]
    }

    /// Whether the rule's figures on some list are of the vintage at this position.
    pub fn uses(&self, rule: usize, vintage: usize) -> bool {
        self.vintage_of[rule].contains(&vintage)
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}
