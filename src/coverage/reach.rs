//! The reach of each agency's agreements under each rule: counties, and residents of places and towns.

use std::collections::{BTreeMap, BTreeSet};

use enum_map::EnumMap;
use typed_index_collections::{TiSlice, TiVec};

use super::residents::{Homes, Part};
use crate::census::Figures;
use crate::identify::{Agencies, Agency, RunsJail};
use crate::reference::{County, PlaceShares, Reference, Then};
use crate::spec::{ReachSpec, Rules, Territory};
use crate::words::{AgencyAt, CountyFips, Extent, Kind, Level, Model, PartAt, StateCode};

/// The reach of one agreement under a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Counties reached as a whole: ascending positions.
    pub whole: Box<[u16]>,
    /// The counties among these that the agency polices only in part: all-or-nothing rules count everybody there.
    pub in_part: Box<[u16]>,
    /// Residents reached in other counties: ascending positions among the parts.
    pub parts: Box<[PartAt]>,
    /// Whether the rule takes the agreement though it reaches no residents.
    pub nobody: bool,
}

impl Reach {
    /// Whether the rule takes the agreement.
    pub fn is_taken(&self) -> bool {
        self.nobody || !self.whole.is_empty() || !self.parts.is_empty()
    }
}

/// `Some` if a local agency would cover people under a rule were its county known or, for a rule that counts residents,
/// their number. Holds the agency's counties; it is missed while one of them is not covered anyway. Empty if no county
/// of the agency is known.
pub type UnplacedCounties = Option<Box<[u16]>>;

/// The reaches of all agreements, by vintage.
#[derive(Debug)]
pub struct Reaches {
    /// The counties of all vintages that coverage uses, island areas included, in the order of their codes.
    pub counties: Vec<(CountyFips, StateCode)>,
    pub vintages: Vec<VintageReaches>,
}

impl Reaches {
    /// Position of the vintage that gives the residents of places and towns for coverage by `vintage`: itself, or the
    /// newest one that has figures of places.
    pub fn with_homes(&self, vintage: usize) -> Option<usize> {
        let has_homes = |at: &usize| !self.vintages[*at].homes.homes.is_empty();
        std::iter::once(vintage).chain(0..self.vintages.len()).find(has_homes)
    }
}

/// The reaches of all agreements with the counties and places of one vintage.
#[derive(Debug)]
pub struct VintageReaches {
    /// Position among the figures.
    pub figures: usize,
    /// Whether the vintage has each of the counties.
    pub has_county: Vec<bool>,
    /// By rule, agency and model.
    reached: Vec<TiVec<AgencyAt, EnumMap<Model, Reach>>>,
    /// By rule, agency and model.
    unplaced: Vec<TiVec<AgencyAt, EnumMap<Model, UnplacedCounties>>>,
    pub homes: Homes,
}

impl VintageReaches {
    /// The reach of an agency's agreement under a rule.
    pub fn of(&self, rule: usize, agency: AgencyAt, model: Model) -> &Reach {
        &self.reached[rule][agency][model]
    }

    /// Whether an agency's agreement is unplaced under a rule, and its counties.
    pub fn unplaced(&self, rule: usize, agency: AgencyAt, model: Model) -> &UnplacedCounties {
        &self.unplaced[rule][agency][model]
    }

    /// The counties that an agency's agreement reaches under a rule, as a whole or in part, each once.
    pub fn counties_of(&self, rule: usize, agency: AgencyAt, model: Model) -> Vec<u16> {
        let reach = self.of(rule, agency, model);
        let in_parts = reach.parts.iter().map(|part| self.parts()[*part].county);
        let mut counties: Vec<u16> = reach.whole.iter().copied().chain(in_parts).collect();
        counties.sort_unstable();
        counties.dedup();
        counties
    }

    /// Parts of places and towns.
    pub fn parts(&self) -> &TiSlice<PartAt, Part> {
        &self.homes.parts
    }
}

/// Works out the reach of every agency and model under every rule, with each of the vintages `used`.
pub fn reaches(
    agencies: &Agencies,
    jails: &TiSlice<AgencyAt, RunsJail>,
    rules: &Rules,
    reference: &Reference,
    figures: &[Figures],
    used: &[usize],
    shares: &PlaceShares,
) -> Reaches {
    let counties: BTreeMap<CountyFips, &County> = used
        .iter()
        .flat_map(|at| reference.counties.of_vintage(figures[*at].vintage.last()))
        .map(|county| (county.fips, county))
        .collect();
    let at: BTreeMap<CountyFips, u16> = counties.keys().copied().zip(0..).collect();
    let vintages = used.iter().map(|used| {
        let year = figures[*used].vintage.last();
        let has_county: Vec<bool> = counties.values().map(|county| county.is_of(year)).collect();
        let mut in_state: BTreeMap<StateCode, Vec<u16>> = BTreeMap::new();
        for county in counties.values().filter(|county| county.is_of(year)) {
            in_state.entry(county.state).or_default().push(at[&county.fips]);
        }
        let homes = match figures[*used].have_places() {
            true => Homes::find(agencies, reference, &figures[*used], shares, &at),
            false => Homes::none(),
        };
        let territories: TiVec<AgencyAt, Vec<Then>> =
            agencies.agencies.iter().map(|agency| territory(agency, reference, year)).collect();
        let world = World { at: &at, in_state: &in_state, homes: &homes, territories: &territories, jails };
        let reached =
            by_rule(rules, agencies, |reaches, at, agency, model| world.reach(reaches, at, agency, model));
        let unplaced =
            by_rule(rules, agencies, |reaches, at, agency, model| world.unplaced(reaches, at, agency, model));
        VintageReaches { figures: *used, has_county, reached, unplaced, homes }
    });
    let vintages = vintages.collect();
    Reaches { counties: counties.values().map(|county| (county.fips, county.state)).collect(), vintages }
}

/// Computes a value for every rule, agency and model.
fn by_rule<T>(
    rules: &Rules,
    agencies: &Agencies,
    of: impl Fn(&[&ReachSpec], AgencyAt, &Agency, Model) -> T,
) -> Vec<TiVec<AgencyAt, EnumMap<Model, T>>> {
    let of_rule = |rule| {
        let reaches = rules.reaches(rule);
        let of_agency = |(at, agency)| EnumMap::from_fn(|model| of(&reaches, at, agency, model));
        agencies.agencies.iter_enumerated().map(of_agency).collect()
    };
    rules.rules.iter().map(of_rule).collect()
}

/// The counties of a vintage that an agency serves.
fn territory(agency: &Agency, reference: &Reference, year: u16) -> Vec<Then> {
    let location = &agency.location;
    let town = location.town.as_deref();
    let of = |county: &CountyFips| reference.then(*county, location.extent, town, year);
    location.counties.iter().flat_map(of).collect()
}

struct World<'a> {
    at: &'a BTreeMap<CountyFips, u16>,
    in_state: &'a BTreeMap<StateCode, Vec<u16>>,
    homes: &'a Homes,
    /// By agency.
    territories: &'a TiSlice<AgencyAt, Vec<Then>>,
    jails: &'a TiSlice<AgencyAt, RunsJail>,
}

impl World<'_> {
    fn reach(&self, reaches: &[&ReachSpec], at: AgencyAt, agency: &Agency, model: Model) -> Reach {
        let mut whole: BTreeSet<u16> = BTreeSet::new();
        let mut entire: BTreeSet<u16> = BTreeSet::new();
        let mut parts: BTreeSet<PartAt> = BTreeSet::new();
        let mut nobody = false;
        for reach in reaches.iter().filter(|reach| self.takes(reach, at, agency, model)) {
            match reach.territory {
                Territory::Counties => {
                    for then in self.territories[at].iter().filter(|then| reach.takes_extent(then.extent)) {
                        if let Some(county) = self.at.get(&then.county) {
                            whole.insert(*county);
                            entire.extend((then.extent == Extent::Whole).then_some(county));
                        }
                    }
                }
                Territory::State => {
                    let counties = agency.state.and_then(|state| self.in_state.get(&state));
                    whole.extend(counties.into_iter().flatten());
                    entire.extend(counties.into_iter().flatten());
                }
                Territory::Residents => parts.extend(self.homes.parts_of(at)),
                Territory::Nobody => nobody = true,
            }
        }
        // An agreement that is unplaced is not also counted as reaching nobody.
        nobody &= self.unplaced(reaches, at, agency, model).is_none();
        // A county that is covered as a whole has no parts.
        parts.retain(|part| !whole.contains(&self.homes.parts[*part].county));
        Reach {
            in_part: whole.difference(&entire).copied().collect(),
            whole: whole.into_iter().collect(),
            parts: parts.into_iter().collect(),
            nobody,
        }
    }

    fn unplaced(
        &self,
        reaches: &[&ReachSpec],
        at: AgencyAt,
        agency: &Agency,
        model: Model,
    ) -> UnplacedCounties {
        let location = &agency.location;
        if location.level.is_statewide() {
            return None;
        }
        let territory = &self.territories[at];
        let taking = || reaches.iter().filter(|reach| self.takes(reach, at, agency, model));
        // An agency with some known county is placed. One without any is unplaced, not counted as reaching nobody.
        let is_nowhere = territory.is_empty()
            && taking().any(|reach| match reach.territory {
                Territory::Counties => reach.takes_extent(location.extent),
                Territory::Nobody => true,
                Territory::State | Territory::Residents => false,
            });
        let counts_residents = || taking().any(|reach| reach.territory == Territory::Residents);
        // A rule that counts residents counts nobody for regional police, since their residents are not known.
        let is_counted_for_nobody = || taking().any(|reach| reach.territory == Territory::Nobody);
        let is_lost = is_nowhere
            || (self.homes.is_unknown(at) && counts_residents())
            || (polices_residents(agency) && is_counted_for_nobody());
        is_lost.then(|| territory.iter().filter_map(|then| self.at.get(&then.county)).copied().collect())
    }

    /// Whether a reach takes an agency and model, whatever the agency's counties.
    fn takes(&self, reach: &ReachSpec, at: AgencyAt, agency: &Agency, model: Model) -> bool {
        reach.takes_agency(agency.location.kind, agency.location.level)
            && reach.takes_model(model)
            && reach.takes_jail(self.jails[at].runs)
    }
}

/// Whether an agency polices residents though it is not one place's or town's own police: regional police serve several
/// towns together, whose residents are not known.
pub fn polices_residents(agency: &Agency) -> bool {
    (agency.location.level, agency.location.kind) == (Level::Regional, Kind::Police)
}
