//! Checks of new lists: lists that the release before does not have. A list that was published once is not checked
//! again, or one that a person let through would be in the way for ever.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::Date;

use super::CheckResult;
use crate::acquire::Refusal;
use crate::panel::{List, Panel};
use crate::spec::CheckSpec;
use crate::tables::Results;
use crate::words::{AgreementAt, ListAt, ListKind, ListState, ModelGroup};

/// The current release, the last run and the day, which a run is compared with beside its own tables.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// Ids of the lists that the current release has read; none where there is no release.
    pub known_lists: HashSet<String>,
    /// Ids of the lists that it has refused.
    pub refused_lists: HashSet<String>,
    /// The newest participating list of the current release.
    pub newest: Option<Date>,
    /// The day of the run, or of `--as-of`; `None` where nobody asks how old things are.
    pub today: Option<Date>,
    /// Whether the lists are those the program ships, of days that are what they are.
    pub is_shipped: bool,
    /// Whether lists are left out on purpose (`--as-of`).
    pub is_cut: bool,
    /// Checks that failed in the last run, with what was found.
    pub failed_before: Vec<(String, String)>,
}

impl Baseline {
    fn is_new(&self, list: &List) -> bool {
        !self.known_lists.contains(&list.list_id)
    }

    /// Lists that are new and large enough for the check.
    fn new_lists<'a>(&self, panel: &'a Panel, spec: &CheckSpec) -> impl Iterator<Item = &'a List> {
        let least = spec.of_at_least.unwrap_or_default();
        panel.kept().map(|(_, list)| list).filter(move |list| self.is_new(list) && list.rows_read >= least)
    }

    /// Pairs of an as-of list and the next, at least one of which is new.
    fn steps<'a>(&self, panel: &'a Panel) -> Vec<(&'a List, &'a List)> {
        let lists = panel.as_of_lists();
        let pairs = lists.windows(2).map(|pair| (pair[0].1, pair[1].1));
        pairs.filter(|(before, after)| self.is_new(before) || self.is_new(after)).collect()
    }
}

/// A list with this many rows, or agreements, is large enough to tell that the next one was cut short.
const LARGE: usize = 100;

/// Compares two shares.
fn by_share(a: &(usize, usize), b: &(usize, usize)) -> std::cmp::Ordering {
    (a.0 as u128 * b.1.max(1) as u128).cmp(&(b.0 as u128 * a.1.max(1) as u128))
}

/// Returns agreements lost, and all before, at the step that loses the largest share of its agreements.
pub fn largest_loss(results: &Results, baseline: &Baseline) -> (usize, usize) {
    let held = |list: &List| -> BTreeSet<AgreementAt> {
        list.rows.iter().filter_map(|(_, row)| results.agreements.of_row[*row]).collect()
    };
    let losses =
        baseline.steps(&results.panel).into_iter().map(|(before, after)| (held(before), held(after)));
    let losses = losses.filter(|(before, _)| before.len() >= LARGE);
    let losses = losses.map(|(before, after)| (before.difference(&after).count(), before.len()));
    losses.max_by(by_share).unwrap_or((0, 0))
}

/// Returns rows fewer, and all before, at the step in which the number of rows falls by the largest share.
pub fn largest_drop(results: &Results, baseline: &Baseline) -> (usize, usize) {
    let drops = baseline.steps(&results.panel).into_iter().filter(|(before, _)| before.rows.len() >= LARGE);
    let drops =
        drops.map(|(before, after)| (before.rows.len().saturating_sub(after.rows.len()), before.rows.len()));
    drops.max_by(by_share).unwrap_or((0, 0))
}

/// Returns rows without a known state, agency or model, and all rows, of the new list with the largest share of such
/// rows. Lists with no more of them than the check's `spare` do not count.
pub fn least_resolved(results: &Results, baseline: &Baseline, spec: &CheckSpec) -> (usize, usize) {
    let panel = &results.panel;
    let new = baseline.new_lists(panel, spec);
    let shares = new.map(|list| {
        let lacks = list.rows.iter().filter(|(_, row)| {
            let listing = panel.listing(*row);
            listing.state.is_none() || listing.model.is_none() || results.agencies.of_row[*row].is_none()
        });
        (lacks.count(), list.rows.len())
    });
    shares.filter(|(lacking, _)| *lacking > spec.spare).max_by(by_share).unwrap_or((0, 0))
}

/// Returns rows set aside, and all rows, of the new list with the largest share of rows set aside.
pub fn most_set_aside(results: &Results, baseline: &Baseline, spec: &CheckSpec) -> (usize, usize) {
    let new = baseline.new_lists(&results.panel, spec);
    new.map(|list| (list.stray_rows, list.rows_read)).max_by(by_share).unwrap_or((0, 0))
}

/// New files that were refused: all, or only those whose header no layout has.
pub fn new_refusals(results: &Results, baseline: &Baseline, is_of: fn(&Refusal) -> bool) -> Vec<String> {
    let is_new = |list: &List| baseline.is_new(list) && !baseline.refused_lists.contains(&list.list_id);
    let refused = results.panel.refused().filter(|(list, refusal)| is_new(list) && is_of(refusal));
    let say = |list: &List| format!("{}: {}", list.file_name, list.reason.as_deref().unwrap_or_default());
    refused.map(|(list, _)| say(list)).collect()
}

/// New refused files whose names say that they would be the newest list of their kind.
pub fn refused_newest(results: &Results, baseline: &Baseline) -> Vec<String> {
    let panel = &results.panel;
    let newest = |kind| panel.newest_of(kind, 0).list.and_then(|list| list.date.as_ref());
    let is_newer = |list: &List| {
        let Some(date) = &list.date else { return false };
        let is_pending = list.file_name.to_lowercase().contains("pending");
        let kind = if is_pending { ListKind::Pending } else { ListKind::Participating };
        newest(kind).is_none_or(|newest| (date.date, &date.edition) > (newest.date, &newest.edition))
    };
    let is_new = |list: &List| baseline.is_new(list) && !baseline.refused_lists.contains(&list.list_id);
    let refused = panel.refused().map(|(list, _)| list).filter(|list| is_new(list) && is_newer(list));
    let say = |list: &List| {
        let reason = list.reason.as_deref().unwrap_or_default();
        format!(
            "{}: {reason} (offer a good copy under the same name; or let a release without it through: \
             --accept newest_list_is_read --reason TEXT)",
            list.file_name
        )
    };
    refused.map(say).collect()
}

/// Lists of the current release that were not offered again, by id.
pub fn missing_lists(results: &Results, baseline: &Baseline) -> Vec<String> {
    if baseline.is_cut {
        return Vec::new();
    }
    let offered: HashSet<&str> = results.panel.lists.iter().map(|list| list.list_id.as_str()).collect();
    let mut missing: Vec<String> =
        baseline.known_lists.iter().filter(|id| !offered.contains(id.as_str())).cloned().collect();
    missing.sort();
    missing
}

/// New lists dated in the future, and new rows signed after the day of their list.
pub fn days_to_come(results: &Results, baseline: &Baseline) -> Vec<String> {
    let panel = &results.panel;
    let mut found = Vec::new();
    for (_, list) in panel.kept().filter(|(_, list)| baseline.is_new(list)) {
        let day = list.day();
        if baseline.today.is_some_and(|today| day > today) {
            found.push(format!("{} is of {day}", list.file_name));
        }
        if list.kind != Some(ListKind::Participating) {
            continue;
        }
        for (number, row) in &list.rows {
            if let Some(signed) = panel.listing(*row).signed_date.filter(|signed| *signed > day) {
                found.push(format!("{} row {number} is signed {signed}", list.file_name));
            }
        }
    }
    found
}

/// Statements of ICE's page that differ from the list of that time, each with both figures.
pub fn apart_from_page(results: &Results) -> Vec<String> {
    let apart = results.statements.iter().filter(|compared| compared.agrees() == Some(false));
    apart.map(|compared| compared.message(&results.panel)).collect()
}

/// Whether every new list is within a share of the number of agreements that the page states. Lists of few rows and
/// statements without a total are not checked.
pub fn is_near_page(spec: &CheckSpec, limit: f64, results: &Results, baseline: &Baseline) -> CheckResult {
    let least = spec.of_at_least.unwrap_or_default();
    let is_asked = |at: ListAt| {
        let list = &results.panel.lists[at];
        baseline.is_new(list) && list.row_count >= least
    };
    let of_new = results.statements.iter().filter(|compared| compared.list.is_some_and(is_asked));
    let apart = of_new.filter_map(|compared| {
        let total = compared.figures.iter().find(|f| f.group == ModelGroup::All && !f.is_sum)?;
        let (stated, listed) = (total.stated_agreements?, total.listed_agreements?);
        let share = (stated - listed).abs() as f64 / stated.max(1) as f64;
        Some((share, compared))
    });
    let farthest = apart.max_by(|(a, _), (b, _)| a.total_cmp(b));
    let expected = format!("at most {limit}, of lists of {least} rows and more");
    match farthest {
        None => (true, expected, "no new list, or nothing stated of one".into()),
        Some((share, compared)) => {
            (share <= limit, expected, format!("{share:.4}: {}", compared.message(&results.panel)))
        }
    }
}

/// Whether the newest pending list says how things stand: it has rows and is not too far behind.
pub fn pending_is_recent(results: &Results, baseline: &Baseline) -> CheckResult {
    let limit = results.specs.checks.pending_behind_days;
    let newest = results.panel.newest_of(ListKind::Pending, limit);
    let expected = format!("at most {limit} days behind, with rows");
    let actual = newest.message().unwrap_or_else(|| {
        newest.list.map_or_else(String::new, |list| format!("the newest pending list is of {}", list.day()))
    });
    if baseline.is_shipped {
        return (true, "of lists that are fetched".into(), actual);
    }
    (newest.state == ListState::Current, expected, actual)
}

/// Whether the newest participating list is at least as new as the current release's.
pub fn newest_stays(newest: Option<Date>, baseline: &Baseline) -> CheckResult {
    match (newest, baseline.newest.filter(|_| !baseline.is_cut)) {
        (_, None) => (true, "no release before, or --as-of".into(), "not looked at".into()),
        (None, Some(before)) => (false, format!("{before} or later"), "no list".into()),
        (Some(newest), Some(before)) => (newest >= before, format!("{before} or later"), newest.to_string()),
    }
}

/// Checks how old the newest participating list is.
pub fn freshness(spec: &CheckSpec, newest: Option<Date>, baseline: &Baseline) -> CheckResult {
    let (Some(limit), Some(newest), Some(today)) = (spec.at_most_days, newest, baseline.today) else {
        return (true, "no day to compare with".into(), "not looked at".into());
    };
    if baseline.is_shipped {
        return (true, "of lists that are fetched".into(), format!("the shipped lists end on {newest}"));
    }
    let days = newest.duration_until(today).as_hours() / 24;
    (days <= limit, format!("at most {limit} days"), format!("{days} days: the newest list is of {newest}"))
}
