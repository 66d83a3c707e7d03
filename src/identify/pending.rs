//! Agencies that wait: from the pending lists to the participating ones.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Agencies;
use super::agencies::name_key;
use crate::panel::Panel;
use crate::words::{ListKind, Model};

/// An agency and model on the pending lists. Waits are brackets: lists are samples in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAgreement {
    /// Position among the agencies.
    pub agency: u32,
    pub model: Model,
    pub first_pending: Date,
    pub last_pending: Date,
    /// First participating list that prints it.
    pub participating: Option<Date>,
    pub outcome: &'static str,
    pub wait_min_days: Option<i32>,
    pub wait_max_days: Option<i32>,
}

/// Positions of the first and last list that print something.
type Ends = BTreeMap<(u32, Model), (usize, usize)>;

/// Follows every agency and model from its pending lists.
pub fn pending(panel: &Panel, agencies: &Agencies) -> Vec<PendingAgreement> {
    let (waiting, pending_days) = ends(panel, agencies, ListKind::Pending);
    let (listed, listed_days) = ends(panel, agencies, ListKind::Participating);
    waiting
        .iter()
        .map(|((agency, model), (first, last))| {
            let first_pending = pending_days[*first];
            let before = first.checked_sub(1).map(|n| pending_days[n]);
            let (participating, not_yet) = match listed.get(&(*agency, *model)) {
                Some((at, _)) => (Some(listed_days[*at]), at.checked_sub(1).map(|n| listed_days[n])),
                None => (None, None),
            };
            let is_on_newest = last + 1 == pending_days.len();
            let told_later = listed_days.last().is_some_and(|day| *day > pending_days[*last]);
            let outcome = match participating {
                Some(_) => "participating",
                None if !is_on_newest => "left_pending",
                None if told_later => "unobserved",
                None => "still_pending",
            };
            // Of a body that was participating before it was pending again no wait is observed.
            let waited = participating.is_none_or(|day| day >= first_pending);
            let days = |from: Option<Date>, to: Option<Date>| {
                Some((to? - from?).get_days().max(0)).filter(|_| waited)
            };
            PendingAgreement {
                agency: *agency,
                model: *model,
                first_pending,
                last_pending: pending_days[*last],
                participating,
                outcome,
                wait_min_days: days(Some(first_pending), not_yet),
                wait_max_days: days(before, participating),
            }
        })
        .collect()
}

fn ends(panel: &Panel, agencies: &Agencies, kind: ListKind) -> (Ends, Vec<Date>) {
    let mut ends = Ends::new();
    let mut days = Vec::new();
    let samples = panel.samples(kind);
    for (at, list) in samples.iter().enumerate() {
        days.push(list.day());
        for (_, row) in &list.rows {
            let body = agencies.of_row[*row as usize];
            if let Some(key) = body.zip(panel.listing(*row).model) {
                ends.entry(key).and_modify(|(_, last)| *last = at).or_insert((at, at));
            }
        }
    }
    (ends, days)
}

/// A name on the pending lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingName {
    /// Position among the agencies.
    pub agency: u32,
    pub model: Model,
    pub name: String,
    pub first_pending: Date,
    pub last_pending: Date,
    /// First participating list that prints a name of the same letters.
    pub participating: Option<Date>,
    pub count: u32,
}

/// What lists print of a name, told by its letters: the name, first and last day, rows.
type Printed = BTreeMap<(u32, Model, String), (String, Date, Date, u32)>;

/// Follows every name from its pending lists, sorted by agency, model and name. Names of the same letters are one.
pub fn pending_names(panel: &Panel, agencies: &Agencies) -> Vec<PendingName> {
    let waiting = printed(panel, agencies, ListKind::Pending);
    let listed = printed(panel, agencies, ListKind::Participating);
    let names = waiting.into_iter().map(|(key, (name, first, last, count))| {
        let participating = listed.get(&key).map(|(_, first, _, _)| *first);
        let (agency, model, _) = key;
        PendingName { agency, model, name, first_pending: first, last_pending: last, participating, count }
    });
    let mut names: Vec<PendingName> = names.collect();
    names.sort_by(|a, b| (a.agency, a.model, &a.name).cmp(&(b.agency, b.model, &b.name)));
    names
}

fn printed(panel: &Panel, agencies: &Agencies, kind: ListKind) -> Printed {
    let mut all = Printed::new();
    // The name of each distinct row, read once.
    let mut keys: Vec<Option<Option<(u32, Model, String)>>> = vec![None; panel.listings.len()];
    for list in panel.samples(kind) {
        let day = list.day();
        for (_, row) in &list.rows {
            let listing = panel.listing(*row);
            let name = || {
                let name = listing.agency_name.as_ref()?;
                Some(match listing.state_named {
                    Some(state) => format!("{name} ({state})"),
                    None => name.to_string(),
                })
            };
            let key = keys[*row as usize].get_or_insert_with(|| {
                Some((agencies.of_row[*row as usize]?, listing.model?, name_key(&name()?)))
            });
            let Some(key) = key else { continue };
            match all.get_mut(key) {
                Some((_, _, last, count)) => (*last, *count) = (day, *count + 1),
                None => {
                    all.insert(key.clone(), (name().unwrap_or_default(), day, day, 1));
                }
            }
        }
    }
    all
}
