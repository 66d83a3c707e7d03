//! Follows agencies from the pending lists to the participating ones.

use std::collections::BTreeMap;

use jiff::civil::Date;
use typed_index_collections::TiVec;

use crate::identify::agencies::agency::Agencies;
use crate::identify::agencies::ids::name_key;
use crate::identify::names::sightings::{Sightings, of_kind};
use crate::normalise::Listing;
use crate::panel::Panel;
use crate::words::{AgencyAt, ListKind, Model, PendingOutcome, RowAt, SampleAt};

/// An agency and model on the pending lists. A wait is a range of days, because lists are samples in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAgreement {
    /// Position among the agencies.
    pub agency: AgencyAt,
    pub model: Model,
    /// Day of the last pending list before the first that prints it; `None`: the first of all prints it.
    pub pending_after: Option<Date>,
    pub first_pending: Date,
    pub last_pending: Date,
    /// The last pending list that prints it.
    pub last_list_id: String,
    /// Day of the first participating list that prints it.
    pub participating: Option<Date>,
    pub outcome: PendingOutcome,
    /// Shortest wait that the lists allow, in days: from the first pending list that prints it to the last participating
    /// list that does not; of a wait whose end is not seen, to the last pending list that prints it. `None` for a
    /// renewal, and where the first participating list of all has it.
    pub wait_min_days: Option<i32>,
    /// Longest wait that the lists allow, in days: from the last pending list that does not print it to the first
    /// participating list that does. `None` where one of them is missing.
    pub wait_max_days: Option<i32>,
}

/// The first and last list of a kind that print each agency and model.
type Ends = BTreeMap<(AgencyAt, Model), (SampleAt, SampleAt)>;

/// Follows every agency and model from its pending lists.
pub fn pending(panel: &Panel, agencies: &Agencies) -> Vec<PendingAgreement> {
    let (waiting, pending_days) = ends(panel, agencies, ListKind::Pending);
    let (listed, listed_days) = ends(panel, agencies, ListKind::Participating);
    let lists = panel.samples(ListKind::Pending);
    waiting
        .iter()
        .map(|((agency, model), (first, last))| {
            let first_pending = pending_days[*first];
            let before = first.before().map(|at| pending_days[at]);
            let (participating, not_yet) = match listed.get(&(*agency, *model)) {
                Some((at, _)) => (Some(listed_days[*at]), at.before().map(|at| listed_days[at])),
                None => (None, None),
            };
            let is_on_newest = Some(*last) == pending_days.last_key();
            let told_later = listed_days.last().is_some_and(|day| *day > pending_days[*last]);
            let outcome = match participating {
                Some(day) if day < first_pending => PendingOutcome::Renewal,
                Some(_) => PendingOutcome::Participating,
                None if !is_on_newest => PendingOutcome::LeftPending,
                None if told_later => PendingOutcome::Unobserved,
                None => PendingOutcome::StillPending,
            };
            // An agency that participates already does not wait.
            let days = |from: Option<Date>, to: Option<Date>| {
                Some((to? - from?).get_days().max(0)).filter(|_| outcome != PendingOutcome::Renewal)
            };
            let last_pending = pending_days[*last];
            let waiting_through = if participating.is_some() { not_yet } else { Some(last_pending) };
            PendingAgreement {
                agency: *agency,
                model: *model,
                pending_after: before,
                first_pending,
                last_pending,
                last_list_id: lists[*last].list_id.clone(),
                participating,
                outcome,
                wait_min_days: days(Some(first_pending), waiting_through),
                wait_max_days: days(before, participating),
            }
        })
        .collect()
}

fn ends(panel: &Panel, agencies: &Agencies, kind: ListKind) -> (Ends, TiVec<SampleAt, Date>) {
    let mut ends = Ends::new();
    let mut days = TiVec::new();
    for (at, list) in panel.samples(kind).iter_enumerated() {
        days.push(list.day());
        for (_, row) in &list.rows {
            let agency = agencies.of_row[*row];
            if let Some(key) = agency.zip(panel.listing(*row).model) {
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
    pub agency: AgencyAt,
    pub model: Model,
    pub name: String,
    pub first_pending: Date,
    pub last_pending: Date,
    /// Day of the first participating list that prints a name of the same letters.
    pub participating: Option<Date>,
    pub count: u32,
}

/// An agency, a model, and the letters of a name.
type NameKey = (AgencyAt, Model, String);

/// Follows every name from its pending lists, sorted by agency, model and name. Names of the same letters are one.
pub fn pending_names(panel: &Panel, agencies: &Agencies) -> Vec<PendingName> {
    let waiting = printed(panel, agencies, ListKind::Pending);
    let listed = printed(panel, agencies, ListKind::Participating);
    let names = waiting.into_iter().map(|(key, (row, seen))| {
        let participating = listed.get(&key).map(|(_, seen)| seen.first);
        let (agency, model, _) = key;
        PendingName {
            agency,
            model,
            name: name(panel.listing(row)).unwrap_or_default(),
            first_pending: seen.first,
            last_pending: seen.last,
            participating,
            count: seen.count,
        }
    });
    let mut names: Vec<PendingName> = names.collect();
    names.sort_by(|a, b| (a.agency, a.model, &a.name).cmp(&(b.agency, b.model, &b.name)));
    names
}

/// Returns for every name the row that first prints it on lists of a kind, and when they print it.
fn printed(panel: &Panel, agencies: &Agencies, kind: ListKind) -> BTreeMap<NameKey, (RowAt, Sightings)> {
    let mut all: BTreeMap<NameKey, (RowAt, Sightings)> = BTreeMap::new();
    for (row, seen) in of_kind(panel, kind).into_iter_enumerated() {
        let listing = panel.listing(row);
        let (Some(seen), Some(agency), Some(model)) = (seen, agencies.of_row[row], listing.model) else {
            continue;
        };
        let Some(name) = name(listing) else { continue };
        let entry = all.entry((agency, model, name_key(&name))).or_insert((row, seen));
        if entry.0 != row {
            if seen.cite < entry.1.cite {
                entry.0 = row;
            }
            entry.1.add(seen);
        }
    }
    all
}

/// Returns the cleaned name, followed by the printed state's code where that was wrong.
fn name(listing: &Listing) -> Option<String> {
    let name = listing.agency_name.as_ref()?;
    Some(match listing.state_named {
        Some(state) => format!("{name} ({state})"),
        None => name.to_string(),
    })
}
