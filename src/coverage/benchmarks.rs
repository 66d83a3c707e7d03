//! Which of the areas with the most immigrants are covered: under which rule, by whom, since when.
//!
//! A query on the public tables, so that it can be asked of any list of a release. A county is covered where an
//! agreement that reaches it is on the list; a place where all its counties are, in part where some are; under a rule
//! that counts residents also where its own police has an agreement.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use polars::frame::DataFrame;

use super::AsOf;
use super::months::{Began, began};
use super::own_bodies::OwnBodies;
use super::vintage_figures::VintageFigures;
use crate::census::{Area, Estimate, Level, Measure, Sum};
use crate::frames::{FrameError, TableSource, date_of, texts};
use crate::identify::SpellDays;
use crate::reference::{Reference, States};
use crate::spec::{Benchmark, BenchmarkLevel, Order, Rule, Rules};
use crate::words::{CountyFips, Extent, Model, ModelGroup, StateCode, Vintage};

/// An area of a benchmark under a rule and model group.
#[derive(Debug)]
pub struct Benched {
    /// Position among the benchmarks.
    pub benchmark: usize,
    pub rule: String,
    pub group: ModelGroup,
    /// From 1 on.
    pub rank: usize,
    /// Position among the areas.
    pub area: usize,
    /// `None`: no agreement reaches it.
    pub extent: Option<Extent>,
    pub agreements: usize,
    /// Names of the agencies behind them, in order.
    pub agencies: Vec<String>,
    pub began: Option<Began>,
}

impl Benched {
    /// The agencies that reach the area, or the bodies of its own, which state law may or may not let sign.
    pub fn by_whom(&self, area: &BenchedArea) -> String {
        match (self.extent, area.own_bodies.as_slice()) {
            (Some(_), _) => self.agencies.join("; "),
            (None, []) => "no sheriff or police of its own is known".into(),
            (None, own) => format!("has its own: {}", own.join("; ")),
        }
    }
}

/// An area of some benchmark.
#[derive(Debug)]
pub struct BenchedArea {
    pub area: Area,
    pub name: String,
    pub state: StateCode,
    /// In the order of [`Measure::ALL`].
    pub people: [Estimate; 3],
    /// Sheriffs and police of its own that are known, by name and witness.
    pub own_bodies: Vec<String>,
}

/// How many of a benchmark's areas are covered, and how many people live in them.
#[derive(Debug)]
pub struct Standing {
    pub benchmark: usize,
    pub rule: String,
    pub group: ModelGroup,
    pub covered: Side,
    pub in_part: Side,
    pub uncovered: Side,
    /// All of the US, by measure.
    pub us: [Sum; 3],
}

/// Some of the areas.
#[derive(Debug, Default)]
pub struct Side {
    pub areas: usize,
    /// By measure.
    pub people: [Sum; 3],
}

/// Every benchmark as of one list.
#[derive(Debug)]
pub struct Benchmarks {
    pub vintage: String,
    pub areas: Vec<BenchedArea>,
    pub benched: Vec<Benched>,
    pub standings: Vec<Standing>,
}

/// Looks at every benchmark that the figures allow, as of a list.
pub fn benchmarks(
    benchmarks: &[Benchmark],
    rules: &Rules,
    tables: &dyn TableSource,
    list: &AsOf,
    reference: &Reference,
) -> Result<Benchmarks, FrameError> {
    let cells = tables.columns_where("coverage", &["acs_vintage", "rule"], "list_id", &list.list_id)?;
    let vintage = texts(&cells, "acs_vintage")?.first().copied().flatten().unwrap_or_default().to_owned();
    let there: BTreeSet<Option<&str>> = texts(&cells, "rule")?.into_iter().collect();
    let rules_there: Vec<&Rule> =
        rules.rules.iter().filter(|rule| there.contains(&Some(rule.name.as_str()))).collect();
    let states = &reference.states;
    let figures = VintageFigures::load(tables, &vintage, states)?;
    let held = Held::load(tables, list, &vintage)?;
    let bodies = OwnBodies::load(tables, reference, &held.place_of)?;
    let us = Measure::ALL.map(|measure| figures.total("US", measure));
    let counties_of = |area: Area| counties_of(area, &vintage, reference);
    let ranked: Vec<Vec<(Area, StateCode)>> =
        benchmarks.iter().map(|benchmark| ranked(benchmark, &figures, states)).collect();

    let mut found = Benchmarks {
        vintage: vintage.clone(),
        areas: Vec::new(),
        benched: Vec::new(),
        standings: Vec::new(),
    };
    let mut at_area: HashMap<Area, usize> = HashMap::new();
    for rule in rules_there {
        let counts_residents = rules.needs_places(rule);
        for (group, models) in &rules.groups {
            let reached = held.reached(&rule.name, models);
            for (at, benchmark) in benchmarks.iter().enumerate() {
                let shares = benchmark.state_share_at_least.map(|least| (least, reached.shares(&figures)));
                let is_left_out = |area: &Area| match (&shares, area.county_fips()) {
                    (Some((least, shares)), Some(county)) => {
                        let state = figures.counties.get(&county).map(|(state, _)| state.as_str());
                        let share = state.and_then(|state| shares.get(state)).copied().unwrap_or_default();
                        share >= *least && !reached.counties.contains_key(&county)
                    }
                    _ => true,
                };
                let areas = ranked[at].iter().filter(|(area, _)| is_left_out(area)).take(benchmark.top);
                let mut standing = Standing {
                    benchmark: at,
                    rule: rule.name.clone(),
                    group: *group,
                    covered: Side::default(),
                    in_part: Side::default(),
                    uncovered: Side::default(),
                    us,
                };
                for ((area, state), rank) in areas.zip(1..) {
                    let reach = reached.of(*area, &counties_of(*area), counts_residents);
                    let side = match reach.extent {
                        Some(Extent::Whole) => &mut standing.covered,
                        Some(Extent::Part) => &mut standing.in_part,
                        None => &mut standing.uncovered,
                    };
                    let people = Measure::ALL.map(|m| figures.of(*area, m).unwrap_or_default());
                    side.areas += 1;
                    for (sum, estimate) in side.people.iter_mut().zip(&people) {
                        sum.add(estimate);
                    }
                    let at_area = *at_area.entry(*area).or_insert_with(|| {
                        found.areas.push(bodies.area((*area, *state), people, &figures, reference));
                        found.areas.len() - 1
                    });
                    found.benched.push(Benched {
                        benchmark: at,
                        rule: rule.name.clone(),
                        group: *group,
                        rank,
                        area: at_area,
                        extent: reach.extent,
                        agreements: reach.agreements.len(),
                        agencies: held.names(&reach.agreements),
                        began: held.began(&reach.agreements, list),
                    });
                }
                if !ranked[at].is_empty() {
                    found.standings.push(standing);
                }
            }
        }
    }
    Ok(found)
}

/// The areas of a benchmark's level in its order; none where the figures have no such measure.
fn ranked(benchmark: &Benchmark, figures: &VintageFigures, states: &States) -> Vec<(Area, StateCode)> {
    let level = match benchmark.level {
        BenchmarkLevel::County => Level::County,
        BenchmarkLevel::Place => Level::Place,
    };
    let Some(measure) = Measure::find(benchmark.measure.as_str()) else { return Vec::new() };
    let state_of = |area: Area| states.of_fips(&area.code()[..2]).filter(|state| states.in_us(*state));
    let is_county_of_vintage =
        |area: &Area| area.county_fips().is_none_or(|fips| figures.counties.contains_key(&fips));
    let value = |area: Area, measure: Measure| figures.of(area, measure)?.value.ok();
    let areas = figures.of_level(level).filter(is_county_of_vintage);
    let mut ranked: Vec<(i64, i64, Area)> = areas
        .filter_map(|area| Some((value(area, measure)?, value(area, Measure::Population).unwrap_or(0), area)))
        .filter(|(_, population, _)| *population >= benchmark.min_population)
        .collect();
    match benchmark.order {
        Order::Count => ranked.sort_by_key(|(value, _, area)| (std::cmp::Reverse(*value), *area)),
        Order::Share => {
            ranked.retain(|(_, population, _)| *population > 0);
            let cross = |a: &(i64, i64, Area), b: &(i64, i64, Area)| i128::from(a.0) * i128::from(b.1);
            ranked.sort_by(|a, b| cross(b, a).cmp(&cross(a, b)).then(a.2.cmp(&b.2)));
        }
    }
    ranked.into_iter().filter_map(|(.., area)| Some((area, state_of(area)?))).collect()
}

/// The counties of the vintage that an area lies in.
fn counties_of(area: Area, vintage: &str, reference: &Reference) -> Vec<CountyFips> {
    if let Some(fips) = area.county_fips() {
        return vec![fips];
    }
    let Some(vintage) = Vintage::parse(vintage) else { return Vec::new() };
    let is_there = |fips: &CountyFips| reference.counties.get(*fips).is_some_and(|c| c.is_of(vintage.last()));
    let place = reference.places.get(&area.code());
    let counties = place.into_iter().flat_map(|place| place.counties.iter().chain(&place.ended_counties));
    counties.copied().filter(is_there).collect()
}

/// An agreement on the list.
struct Agreement {
    agency_id: String,
    model: Model,
    spells: Vec<SpellDays>,
}

/// By county: agreements on the list that reach it, by their positions, and how far.
type Holders = BTreeMap<CountyFips, Vec<(usize, Extent)>>;

/// What is held on a list.
struct Held {
    /// Days of the as-of lists.
    days: Vec<Date>,
    agreements: Vec<Agreement>,
    names: HashMap<String, String>,
    /// GEO_ID of the place an agency is the police of.
    place_of: HashMap<String, Area>,
    /// By rule.
    reaches: HashMap<String, Holders>,
}

impl Held {
    fn load(tables: &dyn TableSource, list: &AsOf, vintage: &str) -> Result<Self, FrameError> {
        let rows = tables.columns_where("listings", &["agreement_id"], "list_id", &list.list_id)?;
        let listed: HashSet<&str> = texts(&rows, "agreement_id")?.into_iter().flatten().collect();
        let frame = tables.columns("agreements", &["agreement_id", "agency_id", "model"])?;
        let (ids, agencies, models) =
            (texts(&frame, "agreement_id")?, texts(&frame, "agency_id")?, texts(&frame, "model")?);
        let mut agreements = Vec::new();
        let mut at: HashMap<&str, usize> = HashMap::new();
        for ((id, agency), model) in ids.iter().zip(agencies).zip(models) {
            let model = Model::ALL.iter().find(|known| Some(known.as_str()) == model);
            if let (Some(id), Some(agency), Some(model)) =
                (id.filter(|id| listed.contains(id)), agency, model)
            {
                at.insert(id, agreements.len());
                agreements.push(Agreement {
                    agency_id: agency.to_owned(),
                    model: *model,
                    spells: Vec::new(),
                });
            }
        }
        let spells =
            tables.columns("agreement_spells", &["agreement_id", "began_by_date", "ended_by_date"])?;
        for (row, id) in texts(&spells, "agreement_id")?.into_iter().enumerate() {
            let day = |column| date_of(&spells, column, row);
            if let (Some(at), Some(began_by)) = (id.and_then(|id| at.get(id)), day("began_by_date")?) {
                agreements[*at].spells.push(SpellDays { began_by, ended_by: day("ended_by_date")? });
            }
        }
        let frame = tables.columns_where(
            "reaches",
            &["rule", "county_fips", "agreement_id", "extent"],
            "acs_vintage",
            vintage,
        )?;
        let reaches = reaches(&frame, &at)?;
        let frame = tables.columns("agencies", &["agency_id", "agency_name"])?;
        let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let names = texts(&frame, "agency_id")?.into_iter().zip(texts(&frame, "agency_name")?);
        let names = names.map(|(id, name)| (own(id), own(name))).collect();
        let frame = tables.rows_where("agency_residents", "acs_vintage", vintage)?;
        let places = texts(&frame, "agency_id")?.into_iter().zip(texts(&frame, "geo_id")?);
        let place_of = places.filter_map(|(id, place)| Some((own(id), Area::of_geo_id(place?)?))).collect();
        let lists = tables.table("lists")?;
        let (kinds, statuses) = (texts(&lists, "list_kind")?, texts(&lists, "list_status")?);
        let mut days = Vec::new();
        for row in 0..lists.height() {
            if kinds[row] == Some("participating") && statuses[row] == Some("accepted") {
                days.extend(date_of(&lists, "list_date", row)?);
            }
        }
        days.sort();
        Ok(Self { days, agreements, names, place_of, reaches })
    }

    /// What some models reach under a rule.
    fn reached(&self, rule: &str, models: &[Model]) -> Reached<'_> {
        let mut counties = Holders::new();
        for (county, held) in self.reaches.get(rule).into_iter().flatten() {
            let held = held.iter().copied().filter(|(at, _)| models.contains(&self.agreements[*at].model));
            let held: Vec<_> = held.collect();
            if !held.is_empty() {
                counties.insert(*county, held);
            }
        }
        Reached { held: self, counties }
    }

    /// Names of the agencies of agreements, each once, in order.
    fn names(&self, agreements: &BTreeSet<usize>) -> Vec<String> {
        let ids: BTreeSet<&str> =
            agreements.iter().map(|at| self.agreements[*at].agency_id.as_str()).collect();
        let mut names: Vec<String> = ids.iter().filter_map(|id| self.names.get(*id)).cloned().collect();
        names.sort();
        names
    }

    /// When what these agreements cover as of a list began.
    fn began(&self, agreements: &BTreeSet<usize>, list: &AsOf) -> Option<Began> {
        let spells = agreements.iter().flat_map(|at| &self.agreements[*at].spells).copied();
        began(&spells.collect::<Vec<_>>(), list.date).map(|by| Began::of(by, &self.days))
    }
}

/// Rule → county → agreements on the list, by their positions.
fn reaches(frame: &DataFrame, at: &HashMap<&str, usize>) -> Result<HashMap<String, Holders>, FrameError> {
    let (rules, counties) = (texts(frame, "rule")?, texts(frame, "county_fips")?);
    let (ids, extents) = (texts(frame, "agreement_id")?, texts(frame, "extent")?);
    let mut reaches: HashMap<String, Holders> = HashMap::new();
    for (((rule, county), id), extent) in rules.into_iter().zip(counties).zip(ids).zip(extents) {
        let agreement = id.and_then(|id| at.get(id));
        if let (Some(rule), Some(county), Some(agreement)) =
            (rule, county.and_then(CountyFips::new), agreement)
        {
            let extent = if extent == Some(Extent::Part.as_str()) { Extent::Part } else { Extent::Whole };
            let of_rule = match reaches.get_mut(rule) {
                Some(of_rule) => of_rule,
                None => reaches.entry(rule.to_owned()).or_default(),
            };
            of_rule.entry(county).or_default().push((*agreement, extent));
        }
    }
    Ok(reaches)
}

/// What is reached under one rule by one model group.
struct Reached<'a> {
    held: &'a Held,
    counties: Holders,
}

/// How far an area is reached, and by which agreements.
#[derive(Default)]
struct Reach {
    extent: Option<Extent>,
    agreements: BTreeSet<usize>,
}

impl Reached<'_> {
    /// How far an area is reached that lies in these counties.
    fn of(&self, area: Area, counties: &[CountyFips], counts_residents: bool) -> Reach {
        let mut reach = Reach::default();
        let (mut whole, mut some) = (0, false);
        let is_place = area.level() == Level::Place;
        for county in counties {
            let held = self.counties.get(county).map(Vec::as_slice).unwrap_or_default();
            whole += usize::from(held.iter().any(|(_, extent)| *extent == Extent::Whole));
            // In a county reached in part a place is reached where it is the part.
            let reaching = held.iter().filter(|(_, extent)| *extent == Extent::Whole || !is_place);
            for (agreement, _) in reaching {
                some = true;
                reach.agreements.insert(*agreement);
            }
            if is_place && counts_residents {
                let is_own =
                    |at: &usize| self.held.place_of.get(&self.held.agreements[*at].agency_id) == Some(&area);
                let own = held.iter().map(|(at, _)| *at).filter(is_own);
                reach.agreements.extend(own.clone());
                if own.count() > 0 {
                    whole = counties.len();
                }
            }
        }
        reach.extent = match (whole, some) {
            (whole, _) if whole > 0 && whole >= counties.len() => Some(Extent::Whole),
            (0, false) => None,
            _ => Some(Extent::Part),
        };
        reach
    }

    /// Share of the counties of each state that are reached.
    fn shares<'f>(&self, figures: &'f VintageFigures) -> HashMap<&'f str, f64> {
        let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
        for (fips, (state, _)) in &figures.counties {
            let count = counts.entry(state.as_str()).or_default();
            count.0 += usize::from(self.counties.contains_key(fips));
            count.1 += 1;
        }
        counts.into_iter().map(|(state, (part, all))| (state, part as f64 / all as f64)).collect()
    }
}
