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
use super::policed::{Policed, PolicedOn};
use super::vintage_figures::VintageFigures;
use crate::census::{Area, Estimate, Level, Measure, Sum};
use crate::frames::{FrameError, TableSource, date_of, texts};
use crate::identify::SpellDays;
use crate::reference::Reference;
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
    /// How much of a county the agencies that reach it police; `None` for places and counties that none reaches.
    pub policed: Option<Policed>,
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
            (None, []) => match &area.why_none {
                Some(why) => format!("has none: {why}"),
                None => "a sheriff or police of its own is not in our sources".into(),
            },
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
    /// The evidence that it has none of its own; `None` where no source says so.
    pub why_none: Option<String>,
    /// Vintage of its people.
    pub vintage: String,
}

/// Areas of a benchmark's level of which the figure it ranks by is not known.
#[derive(Debug, Clone, Default)]
pub struct Unranked {
    /// Those that may belong among the ranked: they have enough residents.
    pub count: usize,
    /// The largest of them, by name.
    pub names: Vec<String>,
}

/// How many of a benchmark's areas are covered, and how many people live in them.
#[derive(Debug)]
pub struct Standing {
    pub benchmark: usize,
    pub rule: String,
    pub group: ModelGroup,
    /// Vintage of the figures.
    pub vintage: String,
    pub unranked: Unranked,
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
    /// Vintage by which counties are ranked.
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
    let names = texts(&cells, "rule")?.into_iter().zip(texts(&cells, "acs_vintage")?);
    let vintage_of: BTreeMap<&str, &str> =
        names.filter_map(|(rule, vintage)| Some((rule?, vintage?))).collect();
    let rules_there: Vec<&Rule> =
        rules.rules.iter().filter(|rule| vintage_of.contains_key(rule.name.as_str())).collect();
    let of_rules = |counts_residents: bool| {
        let rule = rules_there.iter().find(|rule| rules.needs_places(rule) == counts_residents)?;
        vintage_of.get(rule.name.as_str()).copied()
    };
    // Counties are ranked by the vintage of the rules that count whole counties, places by one that has places.
    let vintage = of_rules(false).or(of_rules(true)).unwrap_or_default();
    let with_places = of_rules(true).unwrap_or(vintage);
    let states = &reference.states;
    let of_counties = VintageFigures::load(tables, vintage, states)?;
    let of_places = match with_places == vintage {
        true => None,
        false => Some(VintageFigures::load(tables, with_places, states)?),
    };
    let figures_of = |benchmark: &Benchmark| match (benchmark.level, &of_places) {
        (BenchmarkLevel::Place, Some(figures)) => figures,
        _ => &of_counties,
    };
    let held = Held::load(tables, list, &vintage_of, with_places)?;
    let bodies = OwnBodies::load(tables, reference, &held.place_of)?;
    let policed_on = PolicedOn::load(tables, list.date)?;
    let ranked: Vec<Ranked> =
        benchmarks.iter().map(|benchmark| ranked(benchmark, figures_of(benchmark), reference)).collect();

    let mut found = Benchmarks {
        vintage: vintage.to_owned(),
        areas: Vec::new(),
        benched: Vec::new(),
        standings: Vec::new(),
    };
    let mut at_area: HashMap<Area, usize> = HashMap::new();
    for rule in rules_there {
        let counts_residents = rules.needs_places(rule);
        for (group, models) in &rules.groups {
            let reached = held.reached(&rule.name, models);
            let policed = policed_on.of(&rule.name, *group);
            for (at, benchmark) in benchmarks.iter().enumerate() {
                let figures = figures_of(benchmark);
                let shares = benchmark.state_share_at_least.map(|least| (least, reached.shares(figures)));
                let is_left_out = |area: &Area| match (&shares, area.county_fips()) {
                    (Some((least, shares)), Some(county)) => {
                        let state = figures.counties.get(&county).map(|(state, _)| state.as_str());
                        let share = state.and_then(|state| shares.get(state)).copied().unwrap_or_default();
                        share >= *least && !reached.counties.contains_key(&county)
                    }
                    _ => true,
                };
                let areas = ranked[at].areas.iter().filter(|(area, _)| is_left_out(area)).take(benchmark.top);
                let mut standing = Standing {
                    benchmark: at,
                    rule: rule.name.clone(),
                    group: *group,
                    covered: Side::default(),
                    in_part: Side::default(),
                    uncovered: Side::default(),
                    us: figures.us,
                    vintage: figures.vintage.clone(),
                    unranked: ranked[at].unranked.clone(),
                };
                for ((area, state), rank) in areas.zip(1..) {
                    // The rule's vintage decides which counties an area lies in: agreements reach those.
                    let counties = counties_of(*area, vintage_of[rule.name.as_str()], reference);
                    let reach = reached.of(*area, &counties, counts_residents);
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
                        found.areas.push(bodies.area((*area, *state), people, figures, reference));
                        found.areas.len() - 1
                    });
                    found.benched.push(Benched {
                        benchmark: at,
                        rule: rule.name.clone(),
                        group: *group,
                        rank,
                        area: at_area,
                        extent: reach.extent,
                        policed: area.county_fips().and_then(|county| policed?.get(&county).cloned()),
                        agreements: reach.agreements.len(),
                        agencies: held.names(&reach.agreements),
                        began: held.began(&reach.agreements, list),
                    });
                }
                if !ranked[at].areas.is_empty() {
                    found.standings.push(standing);
                }
            }
        }
    }
    Ok(found)
}

/// Areas of a benchmark's level that are named of those without a figure.
const NAMED: usize = 20;

/// The areas of a benchmark's level in its order, and those that lack the figure.
#[derive(Default)]
struct Ranked {
    areas: Vec<(Area, StateCode)>,
    unranked: Unranked,
}

/// Ranks the areas of a benchmark's level; none where the figures have no such measure.
fn ranked(benchmark: &Benchmark, figures: &VintageFigures, reference: &Reference) -> Ranked {
    let states = &reference.states;
    let level = match benchmark.level {
        BenchmarkLevel::County => Level::County,
        BenchmarkLevel::Place => Level::Place,
    };
    let Some(measure) = Measure::find(benchmark.measure.as_str()) else { return Ranked::default() };
    let state_of = |area: Area| states.of_fips(&area.code()[..2]).filter(|state| states.in_us(*state));
    let is_county_of_vintage =
        |area: &Area| area.county_fips().is_none_or(|fips| figures.counties.contains_key(&fips));
    let value = |area: Area, measure: Measure| figures.of(area, measure)?.value.ok();
    let all: Vec<Area> = figures.of_level(level).filter(is_county_of_vintage).collect();
    let areas = all.iter().copied();
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
    ranked.retain(|(.., area)| state_of(*area).is_some());
    // One without a figure may be among the first if it has as many residents as the last of them immigrants.
    let least = match benchmark.order {
        Order::Count => ranked.get(benchmark.top.saturating_sub(1)).map_or(0, |(value, ..)| *value),
        Order::Share => benchmark.min_population,
    };
    let lacks = |area: &Area| state_of(*area).is_some() && value(*area, measure).is_none();
    let mut unranked: Vec<(i64, Area)> = all
        .iter()
        .filter(|area| !ranked.is_empty() && lacks(area))
        .filter_map(|area| Some((value(*area, Measure::Population)?, *area)))
        .filter(|(residents, _)| *residents >= least.max(benchmark.min_population))
        .collect();
    unranked.sort_by_key(|(residents, area)| (std::cmp::Reverse(*residents), *area));
    let name = |area: Area| {
        let place = reference.places.get(&area.code()).map(|place| place.name.clone());
        let place = place.or_else(|| figures.name(area).map(str::to_owned));
        let state = state_of(area).map_or_else(String::new, |code| format!(", {code}"));
        format!("{}{state}", place.unwrap_or_else(|| area.to_string()))
    };
    Ranked {
        unranked: Unranked {
            count: unranked.len(),
            names: unranked.iter().take(NAMED).map(|(_, area)| name(*area)).collect(),
        },
        areas: ranked.into_iter().filter_map(|(.., area)| Some((area, state_of(area)?))).collect(),
    }
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
    /// Reads what reaches which county from the vintage of each rule, and which place an agency is the police of from
    /// the vintage `with_places`.
    fn load(
        tables: &dyn TableSource,
        list: &AsOf,
        vintage_of: &BTreeMap<&str, &str>,
        with_places: &str,
    ) -> Result<Self, FrameError> {
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
        let mut all = HashMap::new();
        for vintage in vintage_of.values().collect::<BTreeSet<_>>() {
            let columns = ["rule", "county_fips", "agreement_id", "extent"];
            let frame = tables.columns_where("reaches", &columns, "acs_vintage", vintage)?;
            let of_vintage = reaches(&frame, &at)?.into_iter();
            all.extend(of_vintage.filter(|(rule, _)| vintage_of.get(rule.as_str()) == Some(vintage)));
        }
        let frame = tables.columns("agencies", &["agency_id", "agency_name"])?;
        let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let names = texts(&frame, "agency_id")?.into_iter().zip(texts(&frame, "agency_name")?);
        let names = names.map(|(id, name)| (own(id), own(name))).collect();
        let frame = tables.rows_where("agency_residents", "acs_vintage", with_places)?;
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
        Ok(Self { days, agreements, names, place_of, reaches: all })
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
