//! The basis of the cube's counts: the counties, states and people of one vintage.

use std::collections::BTreeMap;

use enum_map::EnumMap;

use super::geography::{Geography, Total};
use super::people::{PeopleSums, add, merge};
use super::reach::{Reaches, VintageReaches};
use super::residents::Homes;
use crate::census::Area as AcsArea;
use crate::census::{CountyFigures, Figures, Level, Measure, Sum};
use crate::identify::Agencies;
use crate::reference::States;
use crate::words::{PartAt, StateCode};

/// The data of one vintage that all lists, rules and groups share.
pub struct VintageBasis<'a> {
    pub agencies: &'a Agencies,
    pub reaches: &'a VintageReaches,
    /// The figures of each county, by its position.
    pub figures: Vec<CountyFigures>,
    /// Places and towns of the agencies, from this vintage or, if it has no figures of places, from another.
    pub homes: Option<&'a Homes>,
    /// The figures of each county in the vintage of the places, by the county's position.
    pub home_figures: Vec<CountyFigures>,
    /// Positions of the parts in each county, by the county's position.
    pub parts_in: Vec<Vec<PartAt>>,
    /// Position among the geographies of each county's state.
    pub state_of: Vec<usize>,
    pub at_state: BTreeMap<StateCode, usize>,
    pub geographies: Vec<GeographyTotal>,
}

pub struct GeographyTotal {
    pub geography: Geography,
    pub total: Total,
    /// Positions of a state's counties in the vintage.
    pub positions: Vec<u16>,
    pub in_us: bool,
}

impl<'a> VintageBasis<'a> {
    pub fn new(
        agencies: &'a Agencies,
        reaches: &'a Reaches,
        at: usize,
        all_figures: &[Figures],
        states: &States,
    ) -> Self {
        let vintage = &reaches.vintages[at];
        let figures = &all_figures[vintage.figures];
        // Every state gets an entry in every vintage, so that all vintages have the same geographies.
        let mut of_state: BTreeMap<StateCode, Vec<u16>> = BTreeMap::new();
        for (at, (_, state)) in reaches.counties.iter().enumerate() {
            let positions = of_state.entry(*state).or_default();
            if vintage.has_county[at] {
                positions.push(at as u16);
            }
        }
        let of_counties = |figures: &Figures| -> Vec<CountyFigures> {
            reaches.counties.iter().map(|(fips, _)| figures.county(*fips)).collect()
        };
        let by_county = of_counties(figures);
        let published = |area: Option<AcsArea>| area.filter(|area| figures.areas.contains_key(area));
        let us = GeographyTotal {
            geography: Geography::Us,
            total: Total::default(),
            positions: Vec::new(),
            in_us: false,
        };
        let mut geographies = vec![us];
        let mut state_of = vec![0; by_county.len()];
        let mut at_state = BTreeMap::new();
        for (code, positions) in of_state {
            let mut people = PeopleSums::default();
            let mut has_figures = EnumMap::<Measure, bool>::default();
            for county in &positions {
                for (measure, estimate) in &by_county[usize::from(*county)] {
                    has_figures[measure] |= estimate.value.is_ok();
                }
                add(&mut people, &by_county[usize::from(*county)]);
                state_of[usize::from(*county)] = geographies.len();
            }
            let row = states.get(code).and_then(|state| AcsArea::new(Level::State, &state.fips));
            let people = of_row(&people, figures, published(row));
            let counties = positions.len() as u32;
            let in_us = states.in_us(code);
            if in_us {
                merge(&mut geographies[0].total.people, &people);
                geographies[0].total.counties += counties;
                for (measure, us) in &mut geographies[0].total.has_figures {
                    *us |= has_figures[measure];
                }
            }
            at_state.insert(code, geographies.len());
            let total = Total { people, has_figures, counties };
            geographies.push(GeographyTotal { geography: Geography::State(code), total, positions, in_us });
        }
        let nation = published(Some(AcsArea::NATION));
        geographies[0].total.people = of_row(&geographies[0].total.people, figures, nation);
        let with_homes = reaches.with_homes(at).map(|at| &reaches.vintages[at]);
        let homes = with_homes.map(|vintage| &vintage.homes);
        let home_figures = with_homes.map(|vintage| of_counties(&all_figures[vintage.figures]));
        let mut parts_in = vec![Vec::new(); by_county.len()];
        for (at, part) in homes.into_iter().flat_map(|homes| homes.parts.iter_enumerated()) {
            parts_in[usize::from(part.county)].push(at);
        }
        Self {
            agencies,
            reaches: vintage,
            home_figures: home_figures.unwrap_or_default(),
            homes,
            figures: by_county,
            parts_in,
            state_of,
            at_state,
            geographies,
        }
    }
}

/// The published row of an area, or the sum of its counties where there is none, measure by measure.
fn of_row(counties: &PeopleSums, figures: &Figures, row: Option<AcsArea>) -> PeopleSums {
    let Some(row) = row else { return *counties };
    let published = figures.of(row);
    let mut people = *counties;
    for measure in Measure::ALL {
        let row = Sum::from(&published[measure]);
        if row.value().is_some() && (row.margin().is_some() || people[measure].margin().is_none()) {
            people[measure] = row;
        }
    }
    people
}
