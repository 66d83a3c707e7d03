//! The cube: as-of list × geography × rule × model group.
//!
//! Lists are taken in order, and only the changes from one to the next are counted again. Rules and groups do
//! not depend on each other and are counted in parallel.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;
use typed_index_collections::TiVec;

use super::basis::VintageBasis;
use super::cells::{CoverageCell, Covered, CoveredSet, Cube};
use super::people::{Inexact, PartResidents, PeopleSums, Uncounted, add, merge};
use super::reach::Reaches;
use super::reached::{AgencyReach, Models, bit};
use super::stretches::{CountyHold, InPart, Open, Stretch};
use super::vintages::Vintages;
use crate::census::{Figures, Measure};
use crate::identify::{Agreements, CountsFor, Identified};
use crate::panel::List;
use crate::reference::States;
use crate::spec::Rules;
use crate::words::{AgencyAt, CoveredAt, ListAt, ModelGroup, PartAt, PartReason};

/// Fills the cube for every as-of list of the panel; `vintages` says which vintage of the reaches each rule uses on
/// each list.
pub fn cube(
    identified: &Identified,
    rules: &Rules,
    reaches: &Reaches,
    figures: &[Figures],
    vintages: &Vintages,
    states: &States,
) -> Cube {
    let Identified { panel, agencies, agreements, .. } = identified;
    let vintage_of = vintages.of_rules(rules);
    let as_of = panel.as_of_lists();
    let days: Vec<Date> = as_of.iter().map(|(_, list)| list.day()).collect();
    let maps: Vec<VintageBasis> = (0..reaches.vintages.len())
        .map(|vintage| VintageBasis::new(agencies, reaches, vintage, figures, states))
        .collect();
    let changes = changes(agencies.agencies.len(), agreements, &as_of);
    let groups: Vec<ModelGroup> = rules.groups.keys().copied().collect();
    let of_rule = |rule| groups.iter().map(|group| rules.is_about(rule, &rules.groups[group])).collect();
    let is_about: Vec<Vec<bool>> = rules.rules.iter().map(of_rule).collect();
    let tasks: Vec<(usize, usize)> =
        (0..rules.rules.len()).flat_map(|rule| (0..groups.len()).map(move |group| (rule, group))).collect();
    let slices: Vec<CubeSlice> = tasks
        .par_iter()
        .map(|(rule, group)| {
            let models = rules.groups[&groups[*group]].iter().fold(0, |mask, model| mask | bit(*model));
            Tally::new(&maps, *rule, models).follow(&changes, &days, &vintage_of[*rule])
        })
        .collect();

    let name = |at: &usize| figures[*at].vintage;
    let totals = |map: &VintageBasis| map.geographies.iter().map(|area| area.total).collect();
    let mut cube = Cube {
        lists: as_of.iter().map(|(at, _)| *at).collect(),
        vintages: vintages.used.iter().map(name).collect(),
        vintage_of,
        geographies: maps
            .first()
            .map_or_else(Vec::new, |map| map.geographies.iter().map(|g| g.geography).collect()),
        totals: maps.iter().map(totals).collect(),
        groups,
        rules: rules.rules.len(),
        is_about,
        ..Cube::default()
    };
    let width = cube.geographies.len();
    let mut offsets = Vec::with_capacity(slices.len());
    let mut counted: Vec<Vec<CoverageCell>> = Vec::with_capacity(slices.len());
    for ((rule, group), slice) in tasks.into_iter().zip(slices) {
        offsets.push(cube.covered.len());
        cube.covered.extend(slice.covered);
        let is_about = cube.is_about[rule][group];
        let stretches = slice.stretches.into_iter().filter(|_| is_about);
        cube.stretches.extend(stretches.map(|stretch| Stretch { rule, group, ..stretch }));
        counted.push(slice.cells);
    }
    cube.cells.reserve(cube.lists.len() * counted.len() * width);
    for list in 0..cube.lists.len() {
        for (cells, offset) in counted.iter().zip(&offsets) {
            let cells = &cells[list * width..(list + 1) * width];
            let moved = |covered: CoveredAt| CoveredAt::from(usize::from(covered) + offset);
            cube.cells
                .extend(cells.iter().map(|cell| CoverageCell { covered: moved(cell.covered), ..*cell }));
        }
    }
    cube.stretches.sort_unstable();
    cube
}

/// The position of the US among the geographies; the states follow.
const US: usize = 0;

/// A change of an agency's models from one list to the next.
struct ListChange {
    agency: AgencyAt,
    before: Models,
    now: Models,
}

/// Sums of one geography.
#[derive(Default)]
struct CoveredSums {
    people: PeopleSums,
    in_part: PeopleSums,
    inexact: Inexact,
}

/// The changes from each as-of list to the next; the first list is compared with an empty one.
fn changes(agencies: usize, agreements: &Agreements, as_of: &[(ListAt, &List)]) -> Vec<Vec<ListChange>> {
    let counts_for = agreements.all_count_for();
    let mut before: TiVec<AgencyAt, Models> = vec![0; agencies].into();
    let changes = as_of.iter().map(|(_, list)| {
        let mut now: TiVec<AgencyAt, Models> = vec![0; agencies].into();
        for (_, row) in &list.rows {
            if let Some(at) = agreements.of_row[*row] {
                let CountsFor { agency, model } = counts_for[at];
                now[agency] |= bit(model);
            }
        }
        let all = now.iter_enumerated();
        let all = all.map(|(agency, now)| ListChange { agency, before: before[agency], now: *now });
        let changed = all.filter(|change| change.before != change.now).collect();
        before = now;
        changed
    });
    changes.collect()
}

/// Whether an agency's agreements are added to the counts or taken out of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    In,
    Out,
}

impl Turn {
    /// Changes a count. A count below zero is an error of this program and stops the run.
    fn of(self, count: u32, by: u32) -> u32 {
        match self {
            Self::In => count + by,
            Self::Out => count - by,
        }
    }
}

/// The cells of one rule and group.
struct CubeSlice {
    /// Cells by list and geography.
    cells: Vec<CoverageCell>,
    covered: TiVec<CoveredAt, Covered>,
    stretches: Vec<Stretch>,
}

/// The counts of a county while lists are taken in order.
#[derive(Debug, Clone, Copy, Default)]
struct CountyHolders {
    agreements: u32,
    agencies: u32,
    /// Agencies for which the rule counts all residents of the county.
    whole: u32,
    /// Agencies that police the whole county.
    entire: u32,
    /// Agencies whose residents in the county are not known (`unknown`), or that have none there (`residentless`).
    unknown: u32,
    residentless: u32,
}

/// One of the counts of a county.
type CountOf = fn(&mut CountyHolders) -> &mut u32;

/// The counts of one rule and group while lists are taken in order.
struct Tally<'a> {
    maps: &'a [VintageBasis<'a>],
    vintage: usize,
    rule: usize,
    models: Models,
    /// By agency: its models of the group on the current list.
    held: TiVec<AgencyAt, Models>,
    counties: Vec<CountyHolders>,
    /// By part: the number of agencies that reach it.
    parts: TiVec<PartAt, u32>,
    /// By geography.
    cells: Vec<CoverageCell>,
    /// By geography: the unplaced agencies, with the counties that they are in.
    unplaced: Vec<BTreeMap<AgencyAt, Vec<u16>>>,
    /// By geography: whether every county is reached as a whole.
    is_whole: Vec<bool>,
    covered: TiVec<CoveredAt, Covered>,
    touched: Vec<u16>,
    is_stale: Vec<bool>,
}

impl<'a> Tally<'a> {
    fn new(maps: &'a [VintageBasis<'a>], rule: usize, models: Models) -> Self {
        let (geographies, counties, agencies) = maps
            .first()
            .map_or((0, 0, 0), |map| (map.geographies.len(), map.figures.len(), map.agencies.agencies.len()));
        let mut tally = Self {
            maps,
            vintage: 0,
            rule,
            models,
            held: vec![0; agencies].into(),
            counties: vec![CountyHolders::default(); counties],
            parts: TiVec::new(),
            cells: vec![CoverageCell::default(); geographies],
            unplaced: vec![BTreeMap::new(); geographies],
            is_whole: vec![false; geographies],
            covered: TiVec::new(),
            touched: Vec::new(),
            is_stale: vec![false; geographies],
        };
        tally.enter(0);
        tally
    }

    fn map(&self) -> &'a VintageBasis<'a> {
        &self.maps[self.vintage]
    }

    /// Changes to the figures of another vintage, in which nobody is covered yet.
    fn enter(&mut self, vintage: usize) {
        self.vintage = vintage;
        let Some(map) = self.maps.get(vintage) else { return };
        self.parts = vec![0; map.homes.map_or(0, |homes| homes.parts.len())].into();
        for (geography, cell) in self.cells.iter_mut().enumerate() {
            cell.covered = self.covered.push_and_get_key(Covered {
                vintage,
                geography,
                people: PeopleSums::default(),
                in_part: PeopleSums::default(),
                inexact: Inexact::default(),
                set: CoveredSet::Nothing,
            });
        }
        self.is_stale.fill(true);
    }

    fn follow(mut self, changes: &[Vec<ListChange>], days: &[Date], vintage_of: &[usize]) -> CubeSlice {
        let mut cells = Vec::with_capacity(changes.len() * self.cells.len());
        let mut open = Open::new(self.counties.len());
        for ((changed, day), vintage) in changes.iter().zip(days).zip(vintage_of) {
            if *vintage != self.vintage {
                self.change_vintage(*vintage);
            }
            for change in changed {
                let (before, now) = (change.before & self.models, change.now & self.models);
                if before != now {
                    self.count(change.agency, before, Turn::Out);
                    self.count(change.agency, now, Turn::In);
                    self.held[change.agency] = now;
                }
            }
            self.touched.sort_unstable();
            self.touched.dedup();
            for county in std::mem::take(&mut self.touched) {
                open.see(county, self.held_in(county), *day);
            }
            self.sum_again();
            cells.extend_from_slice(&self.cells);
        }
        CubeSlice { cells, covered: self.covered, stretches: open.close() }
    }

    /// Counts all current agreements again with another vintage.
    fn change_vintage(&mut self, vintage: usize) {
        let held: Vec<(AgencyAt, Models)> =
            self.held.iter_enumerated().map(|(at, models)| (at, *models)).filter(|(_, m)| *m != 0).collect();
        for (agency, models) in &held {
            self.count(*agency, *models, Turn::Out);
        }
        self.enter(vintage);
        for (agency, models) in &held {
            self.count(*agency, *models, Turn::In);
        }
    }

    /// A county's agreements and agencies, and how much of it they reach.
    fn held_in(&self, county: u16) -> CountyHold {
        let CountyHolders { agreements, agencies, whole, entire, .. } = self.counties[usize::from(county)];
        let in_part = (entire == 0 && agencies > 0).then(|| self.in_part(usize::from(county)));
        CountyHold { agreements, agencies, counts_whole: whole > 0, in_part }
    }

    /// The residents of places and towns in a county that no agency polices as a whole.
    fn in_part(&self, county: usize) -> InPart {
        let CountyHolders { unknown, residentless, .. } = self.counties[county];
        let map = self.map();
        if map.homes.is_none() {
            return InPart { residents: None, reason: Some(PartReason::NoPlaceFigures) };
        }
        let has_parts = map.parts_in[county].iter().any(|part| self.parts[*part] > 0);
        let reason = match (has_parts, unknown, residentless) {
            (true, 0, _) => None,
            (true, ..) => Some(PartReason::SomeNotKnown),
            (false, 0, _) => Some(PartReason::NoResidents),
            (false, ..) => Some(PartReason::NotKnown),
        };
        let figures = &map.home_figures[county];
        let residents = self.residents(county).population();
        let all = figures[Measure::Population].value.ok();
        let residents = residents.zip(all).filter(|_| has_parts);
        InPart { residents, reason: reason.or(residents.is_none().then_some(PartReason::NotKnown)) }
    }

    /// The residents of the places and towns reached in a county.
    fn residents(&self, county: usize) -> PartResidents {
        let map = self.map();
        let Some(homes) = map.homes else { return PartResidents::default() };
        let reached = map.parts_in[county].iter().filter(|part| self.parts[**part] > 0);
        let parts = reached.map(|part| &homes.parts[*part]);
        Uncounted::of(parts, homes.have_foreign_born).people(&map.home_figures[county])
    }

    /// Adds to the counts, or takes out of them, all that an agency reaches by these models.
    fn count(&mut self, agency: AgencyAt, models: Models, turn: Turn) {
        let map = self.map();
        let AgencyReach {
            agreements,
            by_agreement,
            whole,
            counties,
            entire,
            parts,
            unknown,
            residentless,
            lost,
        } = AgencyReach::gather(map, self.rule, agency, models);
        for county in by_agreement {
            let count = &mut self.counties[usize::from(county)].agreements;
            *count = turn.of(*count, 1);
        }
        let each: [(Vec<u16>, CountOf); 4] = [
            (whole, |county| &mut county.whole),
            (entire, |county| &mut county.entire),
            (unknown, |county| &mut county.unknown),
            (residentless, |county| &mut county.residentless),
        ];
        for (reached, count) in each {
            for county in &reached {
                let count = count(&mut self.counties[usize::from(*county)]);
                *count = turn.of(*count, 1);
            }
            self.touched.extend(reached);
        }
        for county in &counties {
            let count = &mut self.counties[usize::from(*county)].agencies;
            *count = turn.of(*count, 1);
        }
        for part in parts {
            let count = &mut self.parts[part];
            *count = turn.of(*count, 1);
        }
        // An agency belongs to one state and reaches only counties of that state.
        let of_county = counties.first().map(|county| map.state_of[usize::from(*county)]);
        let of_agency = || {
            let state = map.agencies.agencies[agency].state?;
            map.at_state.get(&state).copied()
        };
        if let Some(state) = of_county.or_else(of_agency) {
            self.is_stale[state] |= !counties.is_empty() || lost.is_some();
            let is_residentless = agreements > 0 && counties.is_empty() && lost.is_none();
            self.change_cells(state, |cell| {
                cell.agreement_count = turn.of(cell.agreement_count, agreements);
                cell.agency_count = turn.of(cell.agency_count, u32::from(agreements > 0));
                cell.residentless_agency_count =
                    turn.of(cell.residentless_agency_count, u32::from(is_residentless));
            });
            match lost {
                Some(counties) if turn == Turn::In => drop(self.unplaced[state].insert(agency, counties)),
                _ => drop(self.unplaced[state].remove(&agency)),
            }
        }
        self.touched.extend(counties);
    }

    /// Changes the cell of a state and, if the state counts in US totals, the cell of the US.
    fn change_cells(&mut self, state: usize, change: impl Fn(&mut CoverageCell)) {
        change(&mut self.cells[state]);
        if self.map().geographies[state].in_us {
            change(&mut self.cells[US]);
        }
    }

    /// Sums the people of the states in which something changed, and of the US, again.
    fn sum_again(&mut self) {
        let map = self.map();
        let mut us_is_stale = false;
        for state in 1..self.cells.len() {
            if !std::mem::replace(&mut self.is_stale[state], false) {
                continue;
            }
            let area = &map.geographies[state];
            us_is_stale |= area.in_us;
            let mut sums = CoveredSums::default();
            let (mut counties, mut whole, mut part_counties) = (0, 0, 0);
            for county in area.positions.iter().map(|at| usize::from(*at)) {
                let held = self.counties[county];
                let is_in_part = held.entire == 0 && held.agencies > 0;
                if held.whole > 0 {
                    add(&mut sums.people, &map.figures[county]);
                    whole += 1;
                    if is_in_part {
                        add(&mut sums.in_part, &map.figures[county]);
                    }
                } else if held.agencies > 0 {
                    let residents = self.residents(county);
                    merge(&mut sums.people, &residents.people);
                    merge(&mut sums.in_part, &residents.people);
                    sums.inexact.merge(&residents.inexact);
                }
                counties += u32::from(held.agencies > 0);
                part_counties += u32::from(is_in_part);
            }
            // An agency is not missed if all its counties are covered anyway.
            let is_missing = |counties: &&Vec<u16>| {
                counties.is_empty()
                    || counties.iter().any(|county| self.counties[usize::from(*county)].whole == 0)
            };
            let unplaced = self.unplaced[state].values().filter(is_missing).count();
            self.cells[state].unplaced_agency_count = unplaced as u32;
            self.cells[state].part_county_count = part_counties;
            self.put(state, counties, sums, whole == area.total.counties);
        }
        if us_is_stale {
            let mut sums = CoveredSums::default();
            let (mut counties, mut part_counties, mut unplaced, mut is_whole) = (0, 0, 0, true);
            for state in (1..self.cells.len()).filter(|state| map.geographies[*state].in_us) {
                let cell = &self.cells[state];
                // For a state that is covered as a whole, this is the published row.
                let covered = &self.covered[cell.covered];
                merge(&mut sums.people, &covered.people);
                merge(&mut sums.in_part, &covered.in_part);
                sums.inexact.merge(&covered.inexact);
                counties += cell.county_count;
                part_counties += cell.part_county_count;
                unplaced += cell.unplaced_agency_count;
                is_whole &= self.is_whole[state];
            }
            self.cells[US].unplaced_agency_count = unplaced;
            self.cells[US].part_county_count = part_counties;
            self.put(US, counties, sums, is_whole);
        }
    }

    /// Stores the sums of a geography; if all of it is covered, the published row with its margin replaces them.
    fn put(&mut self, at: usize, counties: u32, sums: CoveredSums, is_whole: bool) {
        let CoveredSums { people: sum, in_part, inexact } = sums;
        let (people, set) = match (is_whole, counties) {
            (true, _) => (self.map().geographies[at].total.people, CoveredSet::Everything),
            (false, 0) => (sum, CoveredSet::Nothing),
            (false, _) => (sum, CoveredSet::Part),
        };
        self.cells[at].county_count = counties;
        self.is_whole[at] = is_whole;
        let covered = Covered { vintage: self.vintage, geography: at, people, in_part, inexact, set };
        if self.covered[self.cells[at].covered] != covered {
            self.cells[at].covered = self.covered.push_and_get_key(covered);
        }
    }
}
