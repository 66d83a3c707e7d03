//! The cube: as-of list × rule × model group × geography.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::Reaches;
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
#[derive(Debug, Clone)]
pub struct Cell {
    /// Position of the list in the panel.
    pub list: usize,
    pub rule: usize,
    pub group: ModelGroup,
    pub geography: Geography,
    pub county_count: u32,
    pub county_total: u32,
    /// Agreements that reach a county of the geography.
    pub agreement_count: u32,
    pub agency_count: u32,
    /// Agencies with an agreement of the group that the rule would take, were their county known.
    pub unplaced_agency_count: u32,
    pub covered: [Sum; 3],
    pub total: [Sum; 3],
}

/// How many agreements and agencies cover a county on a list; of counties covered only.
pub type CountyCounts = Vec<(u16, u32, u32)>;

/// Every cell, and the covered counties behind them.
#[derive(Debug)]
pub struct Cube {
    /// By list, rule, group, geography.
    pub cells: Vec<Cell>,
    /// By as-of list (in order), rule and group: the counties covered.
    pub covered: Vec<Vec<Vec<CountyCounts>>>,
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
    let frame = Frame::new(agencies, rules, reaches, figures, states);
    let per_list: Vec<(Vec<Cell>, Vec<Vec<CountyCounts>>)> =
        panel.as_of_lists().into_par_iter().map(|(at, list)| frame.list(at, list)).collect();
    let (cells, covered): (Vec<_>, Vec<_>) = per_list.into_iter().unzip();
    Cube { cells: cells.into_iter().flatten().collect(), covered }
}

/// What is the same for every list.
struct Frame<'a> {
    agencies: &'a Agencies,
    rules: &'a Rules,
    reaches: &'a Reaches,
    states: &'a States,
    figures: Vec<CountyFigures>,
    totals: BTreeMap<Geography, ([Sum; 3], u32)>,
}

/// Sums of one geography while a list is added up.
#[derive(Default)]
struct Tally {
    counties: u32,
    agreements: u32,
    agencies: u32,
    covered: [Sum; 3],
}

impl<'a> Frame<'a> {
    fn new(
        agencies: &'a Agencies,
        rules: &'a Rules,
        reaches: &'a Reaches,
        figures: &'a Figures,
        states: &'a States,
    ) -> Self {
        let of = |at: usize| figures.counties.get(&reaches.counties[at].0).copied().unwrap_or_default();
        let by_position: Vec<_> = (0..reaches.counties.len()).map(of).collect();
        let mut totals: BTreeMap<Geography, ([Sum; 3], u32)> = BTreeMap::new();
        for (at, (_, state)) in reaches.counties.iter().enumerate() {
            for geography in geographies(*state, states) {
                let (sums, counties) = totals.entry(geography).or_default();
                add(sums, &by_position[at]);
                *counties += 1;
            }
        }
        Self { agencies, rules, reaches, states, figures: by_position, totals }
    }

    fn list(&self, at: usize, list: &List) -> (Vec<Cell>, Vec<Vec<CountyCounts>>) {
        let mut held: BTreeMap<u32, BTreeSet<Model>> = BTreeMap::new();
        for (listing, body) in list.listings.iter().zip(&self.agencies.of_listing[at]) {
            if let (Some(body), Some(model)) = (body, listing.model) {
                held.entry(*body).or_default().insert(model);
            }
        }
        let mut cells = Vec::new();
        let mut covered = Vec::new();
        for rule in 0..self.rules.rules.len() {
            let mut of_rule = Vec::new();
            for (group, models) in &self.rules.groups {
                let (counts, tallies) = self.tally(rule, models, &held);
                let unplaced = self.unplaced(rule, models, &held);
                for (geography, (total, county_total)) in &self.totals {
                    let none = Tally::default();
                    let tally = tallies.get(geography).unwrap_or(&none);
                    cells.push(Cell {
                        list: at,
                        rule,
                        group: *group,
                        geography: *geography,
                        county_count: tally.counties,
                        county_total: *county_total,
                        agreement_count: tally.agreements,
                        agency_count: tally.agencies,
                        unplaced_agency_count: unplaced.get(geography).copied().unwrap_or(0),
                        covered: tally.covered,
                        total: *total,
                    });
                }
                of_rule.push(counts);
            }
            covered.push(of_rule);
        }
        (cells, covered)
    }

    fn tally(
        &self,
        rule: usize,
        models: &[Model],
        held: &BTreeMap<u32, BTreeSet<Model>>,
    ) -> (CountyCounts, BTreeMap<Geography, Tally>) {
        let mut per_county = vec![(0_u32, 0_u32); self.reaches.counties.len()];
        let mut tallies: BTreeMap<Geography, Tally> = BTreeMap::new();
        for (agency, has) in held {
            let mut reached = BTreeSet::new();
            let mut agreements = 0;
            for model in models.iter().filter(|model| has.contains(model)) {
                let counties = self.reaches.of(rule, *agency, *model);
                agreements += u32::from(!counties.is_empty());
                for county in counties {
                    per_county[usize::from(*county)].0 += 1;
                    reached.insert(*county);
                }
            }
            for county in &reached {
                per_county[usize::from(*county)].1 += 1;
            }
            // An agency is of one state; all it reaches is in it.
            if let Some(first) = reached.first() {
                for geography in geographies(self.reaches.counties[usize::from(*first)].1, self.states) {
                    let tally = tallies.entry(geography).or_default();
                    tally.agreements += agreements;
                    tally.agencies += 1;
                }
            }
        }
        let mut counts = CountyCounts::new();
        for (at, (agreements, agencies)) in per_county.iter().enumerate().filter(|(_, n)| n.0 > 0) {
            counts.push((at as u16, *agreements, *agencies));
            for geography in geographies(self.reaches.counties[at].1, self.states) {
                let tally = tallies.entry(geography).or_default();
                tally.counties += 1;
                add(&mut tally.covered, &self.figures[at]);
            }
        }
        (counts, tallies)
    }

    fn unplaced(
        &self,
        rule: usize,
        models: &[Model],
        held: &BTreeMap<u32, BTreeSet<Model>>,
    ) -> BTreeMap<Geography, u32> {
        let mut unplaced = BTreeMap::new();
        for (agency, has) in held {
            let held_models = models.iter().filter(|model| has.contains(model));
            let would = held_models.into_iter().any(|model| self.reaches.would_reach(rule, *agency, *model));
            let state = self.agencies.agencies[*agency as usize].state;
            if let Some(state) = state.filter(|_| would) {
                for geography in geographies(state, self.states) {
                    *unplaced.entry(geography).or_default() += 1;
                }
            }
        }
        unplaced
    }
}

/// The geographies a state's counties count in.
fn geographies(state: StateCode, states: &States) -> impl Iterator<Item = Geography> {
    std::iter::once(Geography::State(state)).chain(states.in_us(state).then_some(Geography::Us))
}

fn add(sums: &mut [Sum; 3], figures: &CountyFigures) {
    for measure in Measure::ALL {
        sums[measure as usize].add(figures[measure as usize]);
    }
}
