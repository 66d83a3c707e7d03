//! Compares what ICE's page said of its list with the list of that time.
//!
//! The list is chosen by time, never by its figures. For a statement of a morning it is the am edition of the day or,
//! where there is none, the list before; for one of an afternoon, or without a time, the last edition of the day; for
//! one of a month the last list up to the page's update or, where that is not known, the first of the month. Where the
//! day or month has no list, it is the newest of some days before (`statement_days`).

use std::collections::BTreeSet;

use jiff::civil::{Date, time};

use super::{List, Panel};
use crate::page::{PageStatements, Stated, Statement};
use crate::reference::States;
use crate::words::{ListAt, ListKind, ListStatus, Model, ModelGroup, StateCode};

/// A statement beside the list of its time.
#[derive(Debug, Clone)]
pub struct ComparedStatement {
    pub statement: Statement,
    /// Position in the panel of the list it is compared with.
    pub list: Option<ListAt>,
    pub figures: Vec<ComparedFigure>,
    /// Rows by which statement and list differ: for all models together or model by model, whichever is more.
    pub rows_apart: Option<i64>,
    /// Whether a number of states differs.
    pub states_differ: bool,
    /// Why it is not compared with a list, or which part of it could not be read.
    pub reason: Option<String>,
}

/// One figure of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComparedFigure {
    pub group: ModelGroup,
    pub stated_agreements: Option<i64>,
    pub stated_states: Option<i64>,
    /// Whether the page does not state the figure, which is then the sum of what it states of each model.
    pub is_sum: bool,
    pub listed_agreements: Option<i64>,
    pub listed_states: Option<i64>,
}

/// Compares every statement with the list of its time. Where its own day has no list, that list may be `days` days
/// older.
pub fn compare(said: &PageStatements, panel: &Panel, states: &States, days: i32) -> Vec<ComparedStatement> {
    let mut compared: Vec<ComparedStatement> =
        said.statements.iter().map(|statement| one(statement, panel, states, days)).collect();
    compared.sort_by(|a, b| {
        let key = |c: &ComparedStatement| (c.statement.stated, c.statement.kind, c.statement.id.clone());
        key(a).cmp(&key(b))
    });
    compared
}

fn one(statement: &Statement, panel: &Panel, states: &States, days: i32) -> ComparedStatement {
    let mut reasons = statement.unread.clone();
    let list = match (statement.kind, statement.stated) {
        (Some(kind), Some(stated)) => {
            // The day as the page has it, in its own time.
            let updated = statement.updated.as_deref().and_then(|updated| updated.get(..10)?.parse().ok());
            let found = list_of(panel, kind, stated, updated, days);
            if found.is_none() {
                reasons.push(format!("no {kind} list of that time is here"));
            }
            found
        }
        _ => None,
    };
    // The models of the list or, without a list, all three.
    let models = match list {
        Some(at) => {
            let of_list: BTreeSet<Model> =
                panel.listings_of(&panel.lists[at]).filter_map(|listing| listing.model).collect();
            of_list.into_iter().collect()
        }
        None => Model::ALL.to_vec(),
    };
    let groups: Vec<ModelGroup> = models.iter().map(|model| group_of(*model)).collect();
    let stated =
        |group: ModelGroup, agreements: Option<i64>, states: Option<i64>, is_sum: bool| ComparedFigure {
            group,
            stated_agreements: agreements,
            stated_states: states,
            is_sum,
            listed_agreements: None,
            listed_states: None,
        };
    let mut figures: Vec<ComparedFigure> =
        statement.figures.iter().map(|f| stated(f.group, f.agreements, f.states, false)).collect();
    if let Some((sum, false)) = statement.total(&groups) {
        match figures.iter_mut().find(|figure| figure.group == ModelGroup::All) {
            Some(all) => (all.stated_agreements, all.is_sum) = (Some(sum), true),
            None => figures.push(stated(ModelGroup::All, Some(sum), None, true)),
        }
    }
    if figures.is_empty() {
        figures.push(stated(ModelGroup::All, None, None, false));
    }
    if let Some(at) = list {
        figures = figures.into_iter().map(|figure| listed(figure, panel, &panel.lists[at], states)).collect();
    }
    ComparedStatement {
        statement: statement.clone(),
        rows_apart: list.and_then(|_| rows_apart(&figures)),
        states_differ: list.is_some() && states_differ(&figures),
        list,
        figures,
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
    }
}

/// Returns the list that a statement speaks of.
fn list_of(
    panel: &Panel,
    kind: ListKind,
    stated: Stated,
    updated: Option<Date>,
    days: i32,
) -> Option<ListAt> {
    let lists = || panel.lists.iter_enumerated().filter(|(_, list)| list.counts(kind));
    let of_time: Vec<(ListAt, &List)> =
        lists().filter(|(_, list)| (stated.from..=stated.until).contains(&list.day())).collect();
    let before = || {
        let is_recent =
            |list: &List| list.day() < stated.from && (stated.from - list.day()).get_days() <= days;
        let of_day = lists().filter(|(_, list)| list.status == ListStatus::Accepted && is_recent(list));
        of_day.map(|(at, _)| at).max_by_key(|at| (panel.lists[*at].day(), *at))
    };
    let is_month = stated.from != stated.until;
    let is_morning = stated.time.is_some_and(|at| at < time(12, 0, 0, 0));
    let position = |found: Option<&(ListAt, &List)>| found.map(|(at, _)| *at);
    if is_month {
        let until =
            updated.and_then(|day| position(of_time.iter().rev().find(|(_, list)| list.day() <= day)));
        return until.or_else(|| position(of_time.first())).or_else(before);
    }
    if is_morning {
        let is_early = |list: &List| list.date.as_ref().is_some_and(|date| date.edition.is_morning());
        let early = position(of_time.iter().rev().find(|(_, list)| is_early(list)));
        return early.or_else(before).or_else(|| position(of_time.first()));
    }
    position(of_time.last()).or_else(before)
}

/// The group of one model.
fn group_of(model: Model) -> ModelGroup {
    match model {
        Model::Jem => ModelGroup::Jem,
        Model::Wso => ModelGroup::Wso,
        Model::Tfm => ModelGroup::Tfm,
    }
}

/// Adds the counts of a list to a figure.
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

impl ComparedStatement {
    /// Whether statement and list say the same; `None` where the statement is not compared with a list.
    pub fn agrees(&self) -> Option<bool> {
        self.list.map(|_| self.rows_apart.unwrap_or_default() == 0 && !self.states_differ)
    }

    /// Says in words what the page says and what the list has.
    pub fn message(&self, panel: &Panel) -> String {
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
