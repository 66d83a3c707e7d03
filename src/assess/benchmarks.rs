//! Finds which of the areas with the most immigrants are covered: under which rule, by which agencies, and since when.
//!
//! This is a query on the public tables, so that it works for any list of a release. A county is covered if an
//! agreement that reaches it is on the list. A place is covered if all its counties are, and in part if some are; under
//! a rule that counts residents it is also covered if its own police has an agreement.

use std::collections::{BTreeMap, HashMap};

use enum_map::EnumMap;

use super::as_of::AsOf;
use super::own_agencies::{OwnAgencies, RankedArea};
use super::policed::{Policed, PolicedOn};
use super::ranked::{Ranked, Unranked, counties_of, ranked};
use super::reached::ListedAgreements;
use super::vintage_figures::VintageFigures;
use crate::census::{Area, Measure, Sum};
use crate::coverage::Began;
use crate::reference::Reference;
use crate::spec::{Benchmark, BenchmarkLevel, Rule, Rules};
use crate::table::{TableError, TableSource};
use crate::words::{Extent, ModelGroup};

/// An area of a benchmark under a rule and model group.
#[derive(Debug)]
pub struct BenchmarkRow {
    /// Position among the benchmarks.
    pub benchmark: usize,
    pub rule: String,
    pub group: ModelGroup,
    /// Rank of the area, from 1.
    pub rank: usize,
    /// Position among the areas.
    pub area: usize,
    /// `None`: no agreement reaches it.
    pub extent: Option<Extent>,
    /// How much of a county its reaching agencies police; `None` for places and for counties that no agency reaches.
    pub policed: Option<Policed>,
    pub agreements: usize,
    /// Names of the agencies behind the agreements, sorted.
    pub agencies: Vec<String>,
    pub began: Option<Began>,
}

impl BenchmarkRow {
    /// The agencies that reach the area, or else the area's own agencies, which state law may or may not let sign.
    pub fn by_whom(&self, area: &RankedArea) -> String {
        match (self.extent, area.own_agencies.as_slice()) {
            (Some(_), _) => self.agencies.join("; "),
            (None, []) => match &area.why_none {
                Some(why) => format!("has none: {why}"),
                None => "our sources name no sheriff or police of its own".into(),
            },
            (None, own) => format!("has its own: {}", own.join("; ")),
        }
    }
}

/// How many of a benchmark's areas are covered, and how many people live in them.
#[derive(Debug)]
pub struct BenchmarkTotal {
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
    pub us: EnumMap<Measure, Sum>,
}

/// Some of the areas.
#[derive(Debug, Default)]
pub struct Side {
    pub areas: usize,
    /// By measure.
    pub people: EnumMap<Measure, Sum>,
}

/// Every benchmark as of one list.
#[derive(Debug)]
pub struct Benchmarks {
    /// Vintage by which counties are ranked.
    pub vintage: String,
    pub areas: Vec<RankedArea>,
    pub rows: Vec<BenchmarkRow>,
    pub totals: Vec<BenchmarkTotal>,
}

/// Computes every benchmark that the figures allow, as of a list.
pub fn benchmarks(
    benchmarks: &[Benchmark],
    rules: &Rules,
    tables: &dyn TableSource,
    list: &AsOf,
    reference: &Reference,
) -> Result<Benchmarks, TableError> {
    let cells = tables.columns_where("coverage", &["acs_vintage", "rule"], "list_id", &list.list_id)?;
    let names = cells.texts("rule")?.into_iter().zip(cells.texts("acs_vintage")?);
    let vintage_of: BTreeMap<&str, &str> =
        names.filter_map(|(rule, vintage)| Some((rule?, vintage?))).collect();
    let rules_there: Vec<&Rule> =
        rules.rules.iter().filter(|rule| vintage_of.contains_key(rule.name.as_str())).collect();
    let of_rules = |counts_residents: bool| {
        let rule = rules_there.iter().find(|rule| rules.needs_places(rule) == counts_residents)?;
        vintage_of.get(rule.name.as_str()).copied()
    };
    // Counties are ranked by the vintage of the rules that count whole counties, places by a vintage that has places.
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
    let listed = ListedAgreements::load(tables, list, &vintage_of, with_places)?;
    let own_agencies = OwnAgencies::load(tables, reference, &listed.place_of)?;
    let policed_on = PolicedOn::load(tables, list.date)?;
    let ranked: Vec<Ranked> =
        benchmarks.iter().map(|benchmark| ranked(benchmark, figures_of(benchmark), reference)).collect();

    let mut found =
        Benchmarks { vintage: vintage.to_owned(), areas: Vec::new(), rows: Vec::new(), totals: Vec::new() };
    let mut at_area: HashMap<Area, usize> = HashMap::new();
    for rule in rules_there {
        let counts_residents = rules.needs_places(rule);
        for (group, models) in rules.groups.iter().filter(|(_, models)| rules.is_about(rule, models)) {
            let reached = listed.reached(&rule.name, models);
            let policed = policed_on.of(&rule.name, *group);
            for (at, benchmark) in benchmarks.iter().enumerate() {
                let figures = figures_of(benchmark);
                let shares = benchmark.state_share_at_least.map(|least| (least, reached.shares(figures)));
                let is_asked = |area: &Area| match (&shares, area.county_fips()) {
                    (Some((least, shares)), Some(county)) => {
                        let state = figures.counties.get(&county).map(|(state, _)| state.as_str());
                        let share = state.and_then(|state| shares.get(state)).copied().unwrap_or_default();
                        share >= *least && !reached.counties.contains_key(&county)
                    }
                    _ => true,
                };
                let areas = ranked[at].areas.iter().filter(|(area, _)| is_asked(area)).take(benchmark.top);
                let mut total = BenchmarkTotal {
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
                    // The rule's vintage decides in which counties an area lies: agreements reach those counties.
                    let counties = counties_of(*area, vintage_of[rule.name.as_str()], reference);
                    let reach = reached.of(*area, &counties, counts_residents);
                    let side = match reach.extent {
                        Some(Extent::Whole) => &mut total.covered,
                        Some(Extent::Part) => &mut total.in_part,
                        None => &mut total.uncovered,
                    };
                    let people = EnumMap::from_fn(|measure| figures.of(*area, measure).unwrap_or_default());
                    side.areas += 1;
                    for (measure, sum) in &mut side.people {
                        sum.add(&people[measure]);
                    }
                    let at_area = *at_area.entry(*area).or_insert_with(|| {
                        found.areas.push(own_agencies.area((*area, *state), people, figures, reference));
                        found.areas.len() - 1
                    });
                    found.rows.push(BenchmarkRow {
                        benchmark: at,
                        rule: rule.name.clone(),
                        group: *group,
                        rank,
                        area: at_area,
                        extent: reach.extent,
                        policed: area.county_fips().and_then(|county| policed?.get(&county).cloned()),
                        agreements: reach.agreements.len(),
                        agencies: listed.names(&reach.agreements),
                        began: listed.began(&reach.agreements, list),
                    });
                }
                if !ranked[at].areas.is_empty() {
                    found.totals.push(total);
                }
            }
        }
    }
    Ok(found)
}
