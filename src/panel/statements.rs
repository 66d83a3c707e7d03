//! What ICE's page said of its list, held against the list of that time.
//!
//! Of the lists of the day, or month, that a statement speaks of, the one nearest to it is its list: which edition the
//! page described it does not say. Where there is none, or the statement is of a morning, the list before it may be.

use std::collections::BTreeSet;

use jiff::civil::{Date, time};

use super::{List, Panel};
use crate::page::{PageStatements, Statement};
use crate::reference::States;
use crate::words::{ListKind, ListStatus, Model, ModelGroup, StateCode};

/// A statement beside the list of its time.
#[derive(Debug, Clone)]
pub struct Compared {
    pub statement: Statement,
    /// Position in the panel of the list it is held against.
    pub list: Option<usize>,
    pub figures: Vec<ComparedFigure>,
    /// Rows that statement and list are apart: of all models together or model by model, whichever is more.
    pub rows_apart: Option<i64>,
    /// Whether a number of states differs.
    pub states_differ: bool,
    /// Why it is not held against a list, or what of it could not be read.
    pub reason: Option<String>,
}

/// One figure of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComparedFigure {
    pub group: ModelGroup,
    pub stated_agreements: Option<i64>,
    pub stated_states: Option<i64>,
    /// The page does not state it: it is the sum of what it states of each model.
    pub is_sum: bool,
    pub listed_agreements: Option<i64>,
    pub listed_states: Option<i64>,
}

/// Holds every statement against the list of its time: one of its day or month, or one of up to `days` days before.
pub fn compare(said: &PageStatements, panel: &Panel, states: &States, days: i32) -> Vec<Compared> {
    let mut compared: Vec<Compared> =
        said.statements.iter().map(|statement| one(statement, panel, states, days)).collect();
    compared.sort_by(|a, b| {
        let key = |c: &Compared| (c.statement.stated, c.statement.kind, c.statement.id.clone());
        key(a).cmp(&key(b))
    });
    compared
}

fn one(statement: &Statement, panel: &Panel, states: &States, days: i32) -> Compared {
    let mut figures: Vec<ComparedFigure> = statement
        .figures
        .iter()
        .map(|figure| ComparedFigure {
            group: figure.group,
            stated_agreements: figure.agreements,
            stated_states: figure.states,
            is_sum: false,
            listed_agreements: None,
            listed_states: None,
        })
        .collect();
    match statement.total() {
        Some((total, false)) => figures.push(ComparedFigure {
            group: ModelGroup::All,
            stated_agreements: Some(total),
            stated_states: None,
            is_sum: true,
            listed_agreements: None,
            listed_states: None,
        }),
        None if figures.is_empty() => figures.push(ComparedFigure {
            group: ModelGroup::All,
            stated_agreements: None,
            stated_states: None,
            is_sum: false,
            listed_agreements: None,
            listed_states: None,
        }),
        _ => {}
    }
    let mut reasons = statement.unread.clone();
    let candidates = match (statement.kind, statement.stated) {
        (Some(kind), Some(stated)) => {
            let found = candidates(panel, kind, stated.from, stated.until, stated.time, days);
            if found.is_empty() {
                reasons.push(format!("no {kind} list of that time is here"));
            }
            found
        }
        _ => Vec::new(),
    };
    let held = candidates.into_iter().map(|at| {
        let beside = figures.iter().map(|figure| listed(*figure, panel, &panel.lists[at], states));
        (at, beside.collect::<Vec<_>>())
    });
    let held: Option<(usize, Vec<ComparedFigure>)> =
        held.min_by_key(|(_, figures)| (rows_apart(figures), states_differ(figures)));
    let (list, figures) = held.map_or((None, figures), |(at, figures)| (Some(at), figures));
    Compared {
        statement: statement.clone(),
        rows_apart: list.and_then(|_| rows_apart(&figures)),
        states_differ: list.is_some() && states_differ(&figures),
        list,
        figures,
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
    }
}

/// Positions of the lists that a statement may speak of, the likeliest first.
fn candidates(
    panel: &Panel,
    kind: ListKind,
    from: Date,
    until: Date,
    at: Option<jiff::civil::Time>,
    days: i32,
) -> Vec<usize> {
    let lists = || panel.lists.iter().enumerate().filter(|(_, list)| list.counts(kind));
    let of_time = lists().filter(|(_, list)| (from..=until).contains(&list.day())).map(|(at, _)| at);
    let mut found: Vec<usize> = of_time.collect();
    let is_morning = at.is_some_and(|at| at < time(12, 0, 0, 0));
    if found.is_empty() || is_morning {
        let is_recent = |list: &List| list.day() < from && (from - list.day()).get_days() <= days;
        let is_before = |(_, list): &(usize, &List)| list.status == ListStatus::Accepted && is_recent(list);
        found.extend(
            panel
                .lists
                .iter()
                .enumerate()
                .rev()
                .filter(|(_, list)| list.counts(kind))
                .find(is_before)
                .map(|(at, _)| at),
        );
    }
    found
}

/// A figure beside what a list has.
fn listed(figure: ComparedFigure, panel: &Panel, list: &List, states: &States) -> ComparedFigure {
    let model = match figure.group {
        ModelGroup::Jem => Some(Model::Jem),
        ModelGroup::Wso => Some(Model::Wso),
        ModelGroup::Tfm => Some(Model::Tfm),
        ModelGroup::All | ModelGroup::Jail => None,
    };
    let is_of = |found: Option<Model>| model.is_none() || found == model;
    let mut rows = 0;
    let mut of_states: BTreeSet<StateCode> = BTreeSet::new();
    for listing in panel.listings_of(list).filter(|listing| is_of(listing.model)) {
        rows += 1;
        of_states.extend(listing.state.filter(|state| states.in_us(*state)));
    }
    ComparedFigure {
        listed_agreements: Some(rows),
        listed_states: i64::try_from(of_states.len()).ok(),
        ..figure
    }
}

fn rows_apart(figures: &[ComparedFigure]) -> Option<i64> {
    let apart = |figure: &ComparedFigure| Some((figure.stated_agreements? - figure.listed_agreements?).abs());
    let all = figures.iter().filter(|figure| figure.group == ModelGroup::All).filter_map(apart).max();
    let models: Vec<i64> = figures.iter().filter(|f| f.group != ModelGroup::All).filter_map(apart).collect();
    all.max((!models.is_empty()).then(|| models.iter().sum()))
}

fn states_differ(figures: &[ComparedFigure]) -> bool {
    figures
        .iter()
        .any(|figure| figure.stated_states.is_some_and(|states| Some(states) != figure.listed_states))
}

impl Compared {
    /// Whether statement and list say the same; `None` where it is not held against one.
    pub fn agrees(&self) -> Option<bool> {
        self.list.map(|_| self.rows_apart.unwrap_or_default() == 0 && !self.states_differ)
    }

    /// What the page says and what the list has, in words.
    pub fn said(&self, panel: &Panel) -> String {
        let figures = |value: fn(&ComparedFigure) -> Option<i64>| {
            let of = |group: ModelGroup| self.figures.iter().find(|f| f.group == group).and_then(value);
            let models = [ModelGroup::Jem, ModelGroup::Wso, ModelGroup::Tfm];
            let models: Vec<String> =
                models.into_iter().filter_map(|group| Some(format!("{group} {}", of(group)?))).collect();
            let total = of(ModelGroup::All).map_or_else(String::new, |total| total.to_string());
            match models.is_empty() {
                true => total,
                false => format!("{total} ({})", models.join(", ")),
            }
        };
        let when = self.statement.stated_printed.as_deref().unwrap_or("an unknown day");
        let kind = self.statement.kind.map_or("", |kind| kind.as_str());
        let stated = figures(|figure| figure.stated_agreements);
        let list = self.list.map(|at| &panel.lists[at]);
        let listed = figures(|figure| figure.listed_agreements);
        let list = list
            .map_or_else(String::new, |list| format!("{} of {} has {listed}", list.file_name, list.day()));
        let states = if self.states_differ { ", and numbers of states differ" } else { "" };
        let apart = self.rows_apart.unwrap_or_default();
        format!("{kind}, as of {when}, the page says {stated}; {list}: {apart} apart{states}")
    }
}
