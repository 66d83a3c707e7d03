//! The events of agreements.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::grid::{Grid, GridCell};
use crate::identify::Agreement;
use crate::table::{TableError, TableSource};
use crate::tables::Results;
use crate::words::EventKind;

/// The events of agreements in words, on the lists after one day and up to another.
pub struct Events {
    /// How many events there are of each kind.
    pub counts: Vec<(String, usize)>,
    /// The events of state and territory agencies: state, name, model, day of the list.
    pub state_agencies: Vec<String>,
    pub grid: Grid,
}

/// Returns an event in words: an end is settled some lists after the departure.
fn words_of(event: &str) -> String {
    match event {
        "ended" => "earlier departure confirmed".to_owned(),
        other => other.replace('_', " "),
    }
}

/// Returns the events of agreements on the lists after a day: those of one kind, or all.
pub fn events(
    results: &Results,
    tables: &dyn TableSource,
    after: Date,
    only: Option<EventKind>,
) -> Result<Events, TableError> {
    let frame = tables.table("agreement_events")?;
    let (ids, kinds) = (frame.texts("agreement_id")?, frame.texts("event")?);
    let (old, new) = (frame.texts("old_value")?, frame.texts("new_value")?);
    let days = frame.dates("list_date")?;
    let agreements: BTreeMap<&str, &Agreement> =
        results.agreements.agreements.iter().map(|agreement| (agreement.id.as_str(), agreement)).collect();
    let mut found: Vec<(Date, String, Vec<GridCell>)> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut state_agencies: Vec<(Date, String)> = Vec::new();
    for at in 0..frame.row_count() {
        let Some(day) = days[at].filter(|day| *day > after) else { continue };
        let kind = kinds[at].unwrap_or_default();
        if only.is_some_and(|only| only.as_str() != kind) {
            continue;
        }
        *counts.entry(kind.to_owned()).or_default() += 1;
        let Some(agreement) = ids[at].and_then(|id| agreements.get(id)) else { continue };
        let agency = &results.agencies.agencies[agreement.agency];
        let state = agency.state.map_or_else(String::new, |state| state.to_string());
        let change = match (old[at], new[at]) {
            (Some(old), Some(new)) => format!("{old} → {new}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => String::new(),
        };
        if agency.location.level.is_statewide() {
            state_agencies
                .push((day, format!("{} ({state}, {}, list of {day})", agency.name, agreement.model)));
        }
        let cells = vec![
            GridCell::words(day.to_string()),
            GridCell::words(words_of(kind)),
            GridCell::words(state.clone()),
            GridCell::words(&agency.name),
            GridCell::words(agreement.model.as_str()),
            GridCell::words(change),
            GridCell::words(agreement.status.as_str()),
        ];
        found.push((day, format!("{kind} {state} {} {}", agency.name, agreement.model), cells));
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let rows = found.into_iter().map(|(.., cells)| cells).collect();
    let header = ["List of", "What", "State", "Agency", "Model", "From → to", "The agreement now"];
    let counts = counts.into_iter().map(|(kind, count)| (words_of(&kind), count)).collect();
    state_agencies.sort();
    let state_agencies = state_agencies.into_iter().map(|(_, agency)| agency).collect();
    Ok(Events { counts, state_agencies, grid: Grid::first(header, rows, "agreement_events") })
}
