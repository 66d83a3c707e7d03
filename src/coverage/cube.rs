//! The cube: as-of list × geography × rule × model group.
//!
//! Lists are taken in order, and only what changed from one to the next is counted again. Rules and groups do
//! not depend on each other and are counted in parallel.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;

use super::Reaches;
use super::stretches::{Open, Stretch};
use crate::census::{CountyFigures, Figures, Measure, Sum};
use crate::identify::Agencies;
use crate::panel::{List, Panel};
use crate::reference::States;
use crate::spec::Rules;
use crate::words::{Model, ModelGroup, StateCode};

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

/// One cell of the cube.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    pub county_count: u32,
    /// Agreements that reach a county of the geography.
    pub agreement_count: u32,
    pub agency_count: u32,
    /// Agencies with an agreement of the group that the rule would take, were their county known.
    pub unplaced_agency_count: u32,
    /// Position of the people covered among [`Cube::covered`].
    pub covered: u32,
}

/// People covered: position of the geography, and the sum of each measure.
pub type Covered = (usize, [Sum; 3]);

/// Every cell, and the stretches of the counties behind them.
#[derive(Debug, Default)]
pub struct Cube {
    /// Positions in the panel of the as-of lists, in order.
    pub lists: Vec<usize>,
    /// `US` first, then by code, each with the figures of all its counties and their number.
    pub geographies: Vec<(Geography, [Sum; 3], u32)>,
    pub groups: Vec<ModelGroup>,
    pub rules: usize,
    /// By list, rule, group, geography.
    cells: Vec<Cell>,
    pub covered: Vec<Covered>,
    /// By county, rule, group and first day.
    pub stretches: Vec<Stretch>,
}

impl Cube {
    /// The cell at these positions.
    pub fn cell(&self, list: usize, rule: usize, group: usize, geography: usize) -> &Cell {
        let at = (list * self.rules + rule) * self.groups.len() + group;
        &self.cells[at * self.geographies.len() + geography]
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

/// Fills the cube for every as-of list of the panel.
pub fn cube(
    panel: &Panel,
    agencies: &Agencies,
    rules: &Rules,
    reaches: &Reaches,
    figures: &Figures,
    states: &States,
) -> Cube {
    let as_of = panel.as_of_lists();
    let days: Vec<Date> = as_of.iter().map(|(_, list)| list.day()).collect();
    let map = Map::new(agencies, reaches, figures, states);
    let changes = changes(panel, agencies, &as_of);
    let groups: Vec<ModelGroup> = rules.groups.keys().copied().collect();
    let tasks: Vec<(usize, usize)> =
        (0..rules.rules.len()).flat_map(|rule| (0..groups.len()).map(move |group| (rule, group))).collect();
    let slices: Vec<Slice> = tasks
        .par_iter()
        .map(|(rule, group)| {
            let models = rules.groups[&groups[*group]].iter().fold(0, |mask, model| mask | bit(*model));
            Tally::new(&map, *rule, models).follow(&changes, &days)
        })
        .collect();

    let mut cube = Cube {
        lists: as_of.iter().map(|(at, _)| *at).collect(),
        geographies: map.geographies.iter().map(|g| (g.geography, g.total, g.counties)).collect(),
        groups,
        rules: rules.rules.len(),
        ..Cube::default()
    };
    let width = cube.geographies.len();
    let mut offsets = Vec::with_capacity(slices.len());
    let mut counted: Vec<Vec<Cell>> = Vec::with_capacity(slices.len());
    for ((rule, group), slice) in tasks.into_iter().zip(slices) {
        offsets.push(cube.covered.len() as u32);
        cube.covered.extend(slice.covered);
        let stretches = slice.stretches.into_iter();
        cube.stretches.extend(stretches.map(|stretch| Stretch { rule, group, ..stretch }));
        counted.push(slice.cells);
    }
    cube.cells.reserve(cube.lists.len() * counted.len() * width);
    for list in 0..cube.lists.len() {
        for (cells, offset) in counted.iter().zip(&offsets) {
            let cells = &cells[list * width..(list + 1) * width];
            cube.cells.extend(cells.iter().map(|cell| Cell { covered: cell.covered + offset, ..*cell }));
        }
    }
    cube.stretches.sort_unstable();
    cube
}

/// A set of models as bits.
type Models = u8;

fn bit(model: Model) -> Models {
    1 << model as u8
}

/// An agency, its models on the list before and on this one.
type Change = (u32, Models, Models);

/// What changed from each as-of list to the next; the first is held against an empty one.
fn changes(panel: &Panel, agencies: &Agencies, as_of: &[(usize, &List)]) -> Vec<Vec<Change>> {
    let mut before: Vec<Models> = vec![0; agencies.agencies.len()];
    let changes = as_of.iter().map(|(_, list)| {
        let mut now: Vec<Models> = vec![0; agencies.agencies.len()];
        for (_, row) in &list.rows {
            if let Some((body, model)) = agencies.of_row[*row as usize].zip(panel.listing(*row).model) {
                now[body as usize] |= bit(model);
            }
        }
        let pairs = before.iter().zip(&now).enumerate();
        let changed = pairs.filter(|(_, (before, now))| before != now);
        let changed = changed.map(|(agency, (before, now))| (agency as u32, *before, *now)).collect();
        before = now;
        changed
    });
    changes.collect()
}

/// What is the same for every list, rule and group.
struct Map<'a> {
    agencies: &'a Agencies,
    reaches: &'a Reaches,
    /// By position of the county.
    figures: Vec<CountyFigures>,
    /// Position of the geography that is each county's state.
    state_of: Vec<usize>,
    at_state: BTreeMap<StateCode, usize>,
    geographies: Vec<Area>,
}

struct Area {
    geography: Geography,
    total: [Sum; 3],
    counties: u32,
    /// Positions of a state's counties.
    positions: Vec<u16>,
    in_us: bool,
}

impl<'a> Map<'a> {
    fn new(agencies: &'a Agencies, reaches: &'a Reaches, figures: &Figures, states: &States) -> Self {
        let mut of_state: BTreeMap<StateCode, Vec<u16>> = BTreeMap::new();
        for (at, (_, state)) in reaches.counties.iter().enumerate() {
            of_state.entry(*state).or_default().push(at as u16);
        }
        let figures: Vec<CountyFigures> = reaches
            .counties
            .iter()
            .map(|(fips, _)| figures.counties.get(fips).copied().unwrap_or_default())
            .collect();
        let us = Area {
            geography: Geography::Us,
            total: Default::default(),
            counties: 0,
            positions: Vec::new(),
            in_us: false,
        };
        let mut geographies = vec![us];
        let mut state_of = vec![0; figures.len()];
        let mut at_state = BTreeMap::new();
        for (state, positions) in of_state {
            let mut total = <[Sum; 3]>::default();
            for county in &positions {
                add(&mut total, &figures[usize::from(*county)]);
                state_of[usize::from(*county)] = geographies.len();
            }
            let in_us = states.in_us(state);
            let counties = positions.len() as u32;
            if in_us {
                merge(&mut geographies[0].total, &total);
                geographies[0].counties += counties;
            }
            at_state.insert(state, geographies.len());
            geographies.push(Area { geography: Geography::State(state), total, counties, positions, in_us });
        }
        Self { agencies, reaches, figures, state_of, at_state, geographies }
    }
}

/// The cells of one rule and group.
struct Slice {
    /// By list, geography.
    cells: Vec<Cell>,
    covered: Vec<Covered>,
    stretches: Vec<Stretch>,
}

/// Counts of one rule and group while lists are followed.
struct Tally<'a> {
    map: &'a Map<'a>,
    rule: usize,
    models: Models,
    /// By county: agreements, agencies.
    counties: Vec<(u32, u32)>,
    /// By geography.
    cells: Vec<Cell>,
    covered: Vec<Covered>,
    touched: Vec<u16>,
    stale: Vec<bool>,
}

impl<'a> Tally<'a> {
    fn new(map: &'a Map<'a>, rule: usize, models: Models) -> Self {
        let geographies = map.geographies.len();
        let covered: Vec<Covered> = (0..geographies).map(|at| (at, Default::default())).collect();
        Self {
            map,
            rule,
            models,
            counties: vec![(0, 0); map.figures.len()],
            cells: (0..geographies).map(|at| Cell { covered: at as u32, ..Cell::default() }).collect(),
            covered,
            touched: Vec::new(),
            stale: vec![false; geographies],
        }
    }

    fn follow(mut self, changes: &[Vec<Change>], days: &[Date]) -> Slice {
        let mut cells = Vec::with_capacity(changes.len() * self.cells.len());
        let mut open = Open::new(self.counties.len());
        for (changed, day) in changes.iter().zip(days) {
            for (agency, before, now) in changed {
                let (before, now) = (before & self.models, now & self.models);
                if before != now {
                    self.count(*agency, before, u32::wrapping_sub);
                    self.count(*agency, now, u32::wrapping_add);
                }
            }
            self.touched.sort_unstable();
            self.touched.dedup();
            for county in std::mem::take(&mut self.touched) {
                open.see(county, self.counties[usize::from(county)], *day);
            }
            self.sum_again();
            cells.extend_from_slice(&self.cells);
        }
        Slice { cells, covered: self.covered, stretches: open.close() }
    }

    /// Adds or takes away what an agency reaches by these models.
    fn count(&mut self, agency: u32, models: Models, by: fn(u32, u32) -> u32) {
        let held = || Model::ALL.iter().copied().filter(|model| models & bit(*model) != 0);
        let reaches = self.map.reaches;
        let mut reached: Vec<u16> = Vec::new();
        let mut agreements = 0;
        for model in held() {
            let counties = reaches.of(self.rule, agency, model);
            agreements += u32::from(!counties.is_empty());
            for county in counties {
                let count = &mut self.counties[usize::from(*county)].0;
                *count = by(*count, 1);
                reached.push(*county);
            }
        }
        reached.sort_unstable();
        reached.dedup();
        for county in &reached {
            let count = &mut self.counties[usize::from(*county)].1;
            *count = by(*count, 1);
        }
        // An agency is of one state; all it reaches is in it.
        if let Some(first) = reached.first() {
            let state = self.map.state_of[usize::from(*first)];
            self.stale[state] = true;
            self.at(state, |cell| {
                cell.agreement_count = by(cell.agreement_count, agreements);
                cell.agency_count = by(cell.agency_count, 1);
            });
        }
        self.touched.extend(reached);
        if held().any(|model| reaches.would_reach(self.rule, agency, model)) {
            let state = self.map.agencies.agencies[agency as usize].state;
            if let Some(state) = state.and_then(|code| self.map.at_state.get(&code)) {
                self.at(*state, |cell| cell.unplaced_agency_count = by(cell.unplaced_agency_count, 1));
            }
        }
    }

    /// Changes the cell of a state and, where it is in it, that of the US.
    fn at(&mut self, state: usize, change: impl Fn(&mut Cell)) {
        change(&mut self.cells[state]);
        if self.map.geographies[state].in_us {
            change(&mut self.cells[0]);
        }
    }

    /// Sums the people of the states in which something changed, and of the US.
    fn sum_again(&mut self) {
        let mut us_is_stale = false;
        for state in 1..self.cells.len() {
            if !std::mem::replace(&mut self.stale[state], false) {
                continue;
            }
            let area = &self.map.geographies[state];
            us_is_stale |= area.in_us;
            let mut sums = <[Sum; 3]>::default();
            let mut counties = 0;
            for county in area.positions.iter().map(|at| usize::from(*at)) {
                if self.counties[county].1 > 0 {
                    add(&mut sums, &self.map.figures[county]);
                    counties += 1;
                }
            }
            self.put(state, counties, sums);
        }
        if us_is_stale {
            let mut sums = <[Sum; 3]>::default();
            let mut counties = 0;
            let cells = self.cells.iter().zip(&self.map.geographies);
            for (cell, _) in cells.filter(|(_, area)| area.in_us) {
                merge(&mut sums, &self.covered[cell.covered as usize].1);
                counties += cell.county_count;
            }
            self.put(0, counties, sums);
        }
    }

    fn put(&mut self, at: usize, counties: u32, sums: [Sum; 3]) {
        self.cells[at].county_count = counties;
        if self.covered[self.cells[at].covered as usize].1 != sums {
            self.cells[at].covered = self.covered.len() as u32;
            self.covered.push((at, sums));
        }
    }
}

fn add(sums: &mut [Sum; 3], figures: &CountyFigures) {
    for measure in Measure::ALL {
        sums[measure as usize].add(figures[measure as usize]);
    }
}

fn merge(sums: &mut [Sum; 3], others: &[Sum; 3]) {
    for (sum, other) in sums.iter_mut().zip(others) {
        sum.merge(other);
    }
}
