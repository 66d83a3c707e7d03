//! The cells of the cube: as-of list × geography × rule × model group.

use typed_index_collections::TiVec;

use super::geography::{Geography, Total};
use super::people::{Inexact, PeopleSums};
use super::stretches::Stretch;
use crate::words::{CoveredAt, ListAt, ModelGroup, Vintage};

/// One cell of the cube.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CoverageCell {
    pub county_count: u32,
    /// The counties among these that are reached only by agencies that police part of them.
    pub part_county_count: u32,
    /// Agreements in the geography that the rule takes.
    pub agreement_count: u32,
    pub agency_count: u32,
    /// Agencies with an agreement of the group that would cover people under the rule if their county were known or,
    /// for a rule that counts residents, if the number of their residents were known.
    pub unplaced_agency_count: u32,
    /// Agencies whose agreements reach no resident: campus and port police, under a rule that counts residents.
    pub residentless_agency_count: u32,
    /// Position of the people covered among [`Cube::covered`].
    pub covered: CoveredAt,
}

/// The people covered in a geography by the figures of a vintage (both are positions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covered {
    pub vintage: usize,
    pub geography: usize,
    pub people: PeopleSums,
    /// The covered people in counties that are reached only by agencies that police part of them.
    pub in_part: PeopleSums,
    /// How inexact the covered foreign-born residents of places and towns are.
    pub inexact: Inexact,
    pub set: CoveredSet,
}

/// How much of a geography is covered; the share of nothing or of everything has no sampling error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoveredSet {
    Nothing,
    Part,
    Everything,
}

/// Every cell of the cube, and the stretches of covered counties behind the cells.
#[derive(Debug, Default)]
pub struct Cube {
    /// The as-of lists, in order.
    pub lists: Vec<ListAt>,
    /// The vintages used, newest first.
    pub vintages: Vec<Vintage>,
    /// Position of the vintage of each rule (first index) and list (second).
    pub(super) vintage_of: Vec<Vec<usize>>,
    /// `US` first, then by code.
    pub geographies: Vec<Geography>,
    /// Totals by vintage and geography.
    pub totals: Vec<Vec<Total>>,
    pub groups: Vec<ModelGroup>,
    pub rules: usize,
    /// By rule and group: whether the rule is about the group's models.
    pub(super) is_about: Vec<Vec<bool>>,
    /// Cells by list, rule, group and geography.
    pub(super) cells: Vec<CoverageCell>,
    pub covered: TiVec<CoveredAt, Covered>,
    /// Stretches, ordered by county, rule, group and first day.
    pub stretches: Vec<Stretch>,
}

impl Cube {
    /// The cell at these positions.
    pub fn cell(&self, list: usize, rule: usize, group: usize, geography: usize) -> &CoverageCell {
        let at = (list * self.rules + rule) * self.groups.len() + group;
        &self.cells[at * self.geographies.len() + geography]
    }

    /// Whether a rule is about all models of a group: if not, the group has no figures under it.
    pub fn is_about(&self, rule: usize, group: usize) -> bool {
        self.is_about[rule][group]
    }

    /// Position of the vintage whose figures a rule uses on a list.
    pub fn vintage(&self, list: usize, rule: usize) -> usize {
        self.vintage_of[rule][list]
    }

    /// Whether the rule uses the figures of the vintage at this position on some list.
    pub fn uses(&self, rule: usize, vintage: usize) -> bool {
        self.vintage_of[rule].contains(&vintage)
    }

    /// The number of cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are no cells.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}
