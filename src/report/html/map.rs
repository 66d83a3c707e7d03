//! The county map: the agreements of local agencies, county by county.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use jiff::civil::Date;

use crate::census::Measure;
use crate::coverage::{Geography, InPart, Stretch};
use crate::identify::Agency;
use crate::panel::List;
use crate::reference::Shapes;
use crate::tables::Results;
use crate::text::{plus_minus, thousands};
use crate::words::{
    AgreementAt, CountyFips, ListKind, ListStatus, Model, ModelGroup, PartReason, PendingOutcome, StateCode,
};

/// The status of a county, which decides the class it is drawn in. Colours differ in lightness too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CountyStatus {
    TaskForceAndJail,
    TaskForce,
    Jail,
    Pending,
    Left,
    None,
}

impl CountyStatus {
    const ALL: [Self; 6] =
        [Self::TaskForceAndJail, Self::TaskForce, Self::Jail, Self::Pending, Self::Left, Self::None];

    /// Returns the class, which is hatched where only agencies that police part of the county reach it.
    fn class(self, is_in_part: bool) -> &'static str {
        match (self, is_in_part) {
            (Self::TaskForceAndJail, true) => return "hb",
            (Self::TaskForce, true) => return "ht",
            (Self::Jail, true) => return "hj",
            _ => {}
        }
        match self {
            Self::TaskForceAndJail => "b",
            Self::TaskForce => "t",
            Self::Jail => "j",
            Self::Pending => "p",
            Self::Left => "l",
            Self::None => "n",
        }
    }

    /// Says the status; `pending` is the day of the newest pending list.
    fn words(self, pending: Option<Date>) -> String {
        let words = match self {
            Self::TaskForceAndJail => "task force and jail models",
            Self::TaskForce => "task force",
            Self::Jail => "jail model only",
            Self::Pending => {
                let day = pending.map_or_else(String::new, |day| format!(" of {day}"));
                return format!("none, local agency on the pending list{day}");
            }
            Self::Left => "none now, one before",
            Self::None => "none",
        };
        words.to_owned()
    }
}

/// A county as it is drawn.
pub struct Drawn {
    pub class: &'static str,
    pub path: String,
    pub text: String,
}

/// An entry of the legend.
pub struct LegendKey {
    pub class: &'static str,
    pub words: String,
    pub counties: usize,
}

/// A name beside a square of an island area.
pub struct Label {
    pub x: usize,
    pub y: usize,
    pub text: String,
}

/// The map, for the report or as a file of its own.
#[derive(Template)]
#[template(path = "map.svg", escape = "html")]
pub struct CountyMap {
    pub title: String,
    pub rule: String,
    pub counties: Vec<Drawn>,
    /// Outlines of states; true where a state agency has a task-force agreement.
    pub states: Vec<(String, bool)>,
    pub labels: Vec<Label>,
    pub legend: Vec<LegendKey>,
    /// Counties with figures and without an outline: those of Connecticut before its regions.
    pub undrawn: Vec<String>,
    /// Whether the map is a file, with its own style and legend.
    pub is_file: bool,
}

/// Side of an island county's square, and the position of the first row of squares.
const SQUARE: usize = 90;
const ISLANDS: (usize, usize) = (6450, 5480);

/// Draws the counties as of the newest list.
pub fn map(results: &Results, shapes: &Shapes, list: &List) -> CountyMap {
    let reaches = &results.reaches;
    let rules = &results.specs.rules.rules;
    let Some(rule) = rules.iter().position(|rule| rule.name == results.specs.report.map_rule) else {
        return CountyMap::empty();
    };
    let list_at = results.cube.lists.iter().rposition(|at| results.panel.lists[*at].list_id == list.list_id);
    let vintage = list_at.map_or(0, |at| results.cube.vintage(at, rule));
    let (reached, figures) = match reaches.vintages.get(vintage) {
        Some(reached) => (reached, &results.figures[reached.figures]),
        None => return CountyMap::empty(),
    };
    let held: BTreeSet<AgreementAt> =
        list.rows.iter().filter_map(|(_, row)| results.agreements.of_row[*row]).collect();
    let mut now: BTreeMap<u16, BTreeMap<&str, Vec<Model>>> = BTreeMap::new();
    let mut before: BTreeSet<u16> = BTreeSet::new();
    for (at, agreement) in results.agreements.agreements.iter_enumerated() {
        let agency = &results.agencies.agencies[agreement.agency];
        for county in reached.counties_of(rule, agreement.agency, agreement.model) {
            if held.contains(&at) {
                now.entry(county).or_default().entry(&agency.name).or_default().push(agreement.model);
            } else {
                before.insert(county);
            }
        }
    }
    let waiting = waiting(results);
    let pending = pending_list(results).map(List::day);
    let with_state_body = state_task_forces(results, &held);
    let in_part = in_part(results, rule);
    let mut counties_in_part = 0;
    let mut map = CountyMap::empty();
    let mut counts: BTreeMap<CountyStatus, usize> = BTreeMap::new();
    let mut islands: BTreeMap<StateCode, usize> = BTreeMap::new();
    for ((fips, state), at) in reaches.counties.iter().zip(0_u16..) {
        if !reached.has_county[usize::from(at)] {
            continue;
        }
        let agencies = now.get(&at);
        let has = |is: fn(&Model) -> bool| agencies.is_some_and(|all| all.values().flatten().any(is));
        let standing = match (has(|m| *m == Model::Tfm), has(|m| *m != Model::Tfm)) {
            (true, true) => CountyStatus::TaskForceAndJail,
            (true, false) => CountyStatus::TaskForce,
            (false, true) => CountyStatus::Jail,
            (false, false) if waiting.contains_key(fips) => CountyStatus::Pending,
            (false, false) if before.contains(&at) => CountyStatus::Left,
            (false, false) => CountyStatus::None,
        };
        let county = results.reference.counties.get(*fips);
        let name = county.map_or_else(|| fips.to_string(), |county| county.name.clone());
        let mut text = format!("{name}, {state}: {}.", standing.words(pending));
        let list_of = |all: &BTreeMap<&str, Vec<Model>>| {
            let one = |(name, models): (&&str, &Vec<Model>)| {
                let models: Vec<&str> = models.iter().map(Model::as_str).collect();
                format!("{name} ({})", models.join(", "))
            };
            all.iter().map(one).collect::<Vec<_>>().join("; ")
        };
        if let Some(agencies) = agencies {
            text.push_str(&format!(" {}.", list_of(agencies)));
        }
        let part = in_part.get(&at).filter(|_| agencies.is_some());
        if let Some(part) = part {
            text.push_str(&part_of_county(part));
        }
        if let Some(names) = waiting.get(fips) {
            text.push_str(&format!(
                " Pending on {}: {}.",
                pending.unwrap_or_default(),
                names.iter().copied().collect::<Vec<_>>().join("; ")
            ));
        }
        if with_state_body.contains(state) {
            text.push_str(" An agency of the state or territory has a task force.");
        }
        text.push_str(&people(&figures.county(*fips)));
        let path = match shapes.counties.get(fips) {
            Some(path) => path.clone(),
            None if results.reference.states.in_us(*state) || state.as_str() == "PR" => {
                map.undrawn.push(format!("{name}, {state}"));
                continue;
            }
            None => {
                let row = islands.len();
                let rows = row - usize::from(islands.contains_key(state));
                let (in_row, row) = match islands.get_mut(state) {
                    Some(in_row) => {
                        *in_row += 1;
                        (*in_row, rows)
                    }
                    None => {
                        islands.insert(*state, 0);
                        (0, row)
                    }
                };
                let (x, y) = (ISLANDS.0 + in_row * (SQUARE + 20), ISLANDS.1 + row * (SQUARE + 30));
                if in_row == 0 {
                    let state =
                        results.reference.states.get(*state).map_or_else(String::new, |s| s.name.clone());
                    map.labels.push(Label { x: x - 30, y: y + SQUARE - 15, text: state });
                }
                let square = format!("M{x},{y}l{SQUARE},0 0,{SQUARE} -{SQUARE},0z");
                map.states.push((square.clone(), with_state_body.contains(state)));
                square
            }
        };
        *counts.entry(standing).or_default() += 1;
        counties_in_part += usize::from(part.is_some());
        map.counties.push(Drawn { class: standing.class(part.is_some()), path, text });
    }
    for (fips, path) in &shapes.states {
        let code = results.reference.states.of_fips(fips);
        map.states.push((path.clone(), code.is_some_and(|code| with_state_body.contains(&code))));
    }
    map.legend = CountyStatus::ALL
        .map(|standing| LegendKey {
            class: standing.class(false),
            words: standing.words(pending),
            counties: counts.get(&standing).copied().unwrap_or_default(),
        })
        .into();
    let after_jail =
        CountyStatus::ALL.iter().position(|standing| *standing == CountyStatus::Jail).map_or(0, |at| at + 1);
    map.legend.insert(
        after_jail,
        LegendKey {
            class: "ht",
            words: "of these, hatched: only part of it is policed".into(),
            counties: counties_in_part,
        },
    );
    map.rule = results.specs.report.map_rule.clone();
    map.title = format!("287(g) agreements of local agencies, {}", list.day());
    map
}

impl CountyMap {
    fn empty() -> Self {
        Self {
            title: String::new(),
            rule: String::new(),
            counties: Vec::new(),
            states: Vec::new(),
            labels: Vec::new(),
            legend: Vec::new(),
            undrawn: Vec::new(),
            is_file: false,
        }
    }
}

/// Returns the counties that are reached, on the newest list, only by agencies that police part of them.
pub fn in_part(results: &Results, rule: usize) -> BTreeMap<u16, InPart> {
    let group = results.cube.groups.iter().position(|group| *group == ModelGroup::All);
    let is_now =
        |stretch: &&Stretch| stretch.rule == rule && Some(stretch.group) == group && stretch.until.is_none();
    let now = results.cube.stretches.iter().filter(is_now);
    now.filter_map(|stretch| Some((stretch.county, stretch.held.in_part?))).collect()
}

/// Returns `0.1 %`, or nothing where the share is not known.
pub fn share_of_part(part: &InPart) -> Option<String> {
    let share = part.residents.map(|(part, all)| crate::census::share(part, all) * 100.0)?;
    let floor = if part.reason.is_some() { "at least " } else { "" };
    let share = if share > 0.0 && share < 0.05 { "under 0.1".into() } else { format!("{share:.1}") };
    Some(format!("{floor}{share} %"))
}

/// Says ` Only part of the county is policed: 0.1 % of its residents live in the places and towns of these agencies.`
fn part_of_county(part: &InPart) -> String {
    let of_residents = match (share_of_part(part), part.reason) {
        (Some(share), _) => {
            format!("{share} of its residents live in the places and towns of these agencies")
        }
        (None, Some(PartReason::NoResidents)) => "these agencies have no residents of their own".into(),
        (None, _) => "how many of its residents live there is not known".into(),
    };
    format!(" Only part of the county is policed: {of_residents}.")
}

/// Returns the newest pending list that counts.
pub fn pending_list(results: &Results) -> Option<&List> {
    let counts = |list: &&List| list.kind == Some(ListKind::Pending) && list.status == ListStatus::Accepted;
    results.panel.lists.iter().rev().find(counts)
}

/// Returns the local agencies that still wait on the newest pending list, by county. An agency that has since got the
/// agreement it waits for is left out.
fn waiting(results: &Results) -> BTreeMap<CountyFips, BTreeSet<&str>> {
    let mut waiting: BTreeMap<CountyFips, BTreeSet<&str>> = BTreeMap::new();
    for pending in results.pending.iter().filter(|pending| pending.outcome == PendingOutcome::StillPending) {
        let agency: &Agency = &results.agencies.agencies[pending.agency];
        for county in &agency.location.counties {
            waiting.entry(*county).or_default().insert(&agency.name);
        }
    }
    waiting
}

/// Returns the states in which a state agency has a task-force agreement.
fn state_task_forces(results: &Results, held: &BTreeSet<AgreementAt>) -> BTreeSet<StateCode> {
    let agreements = held.iter().map(|at| &results.agreements.agreements[*at]);
    let task_forces = agreements.filter(|agreement| agreement.model == Model::Tfm);
    let agencies = task_forces.map(|agreement| &results.agencies.agencies[agreement.agency]);
    agencies.filter(|agency| agency.location.level.is_statewide()).filter_map(|agency| agency.state).collect()
}

/// Returns ` Foreign-born 1,459,018 ± 5,000 of 2,685,296 residents, 54.3 %.`
fn people(figures: &crate::census::CountyFigures) -> String {
    let of = |measure: Measure| figures[measure];
    let (born, all) = (of(Measure::ForeignBorn), of(Measure::Population));
    let (Ok(born_value), Ok(all_value)) = (born.value, all.value) else {
        return " No ACS figures.".to_owned();
    };
    let moe = plus_minus(born.moe());
    let share = match all_value {
        0 => String::new(),
        _ => format!(", {:.1} %", born_value as f64 / all_value as f64 * 100.0),
    };
    format!(" Foreign-born {}{moe} of {} residents{share}.", thousands(born_value), thousands(all_value))
}

/// Returns the position of the US among the geographies.
pub fn us(results: &Results) -> Option<usize> {
    results.cube.geographies.iter().position(|geography| *geography == Geography::Us)
}
