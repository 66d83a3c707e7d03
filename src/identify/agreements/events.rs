//! Changes to an agreement from one list to the next.

use std::collections::BTreeSet;

use jiff::civil::Date;
use typed_index_collections::TiSlice;

use crate::identify::agencies::ids::name_key;
use crate::identify::agreements::agreement::{Agreement, Event, PrintedRun};
use crate::panel::{List, Panel};
use crate::words::{AgreementAt, EventKind, SampleAt, StateCode};

/// Returns the changes to an agreement, in the order of the lists.
///
/// A signing date that moves is `re_signed` where the new date is later than the first list that prints the agreement:
/// a listed agreement cannot have been first signed later, so it was signed again. Any other move is `re_dated`: the
/// same signature under another date. A name that changes only in signs, spaces or case is the same name.
pub fn events(
    agreement: &Agreement,
    all: &TiSlice<AgreementAt, Agreement>,
    panel: &Panel,
    samples: &TiSlice<SampleAt, &List>,
    confirm_lists: usize,
) -> Vec<Event> {
    let mut teller = Teller { panel, samples, events: Vec::new() };
    let mut signed: Option<Date> = None;
    let mut files = BTreeSet::new();
    let mut file: Option<&str> = None;
    for (n, line) in agreement.lines.iter().enumerate() {
        let listing = panel.listing(line.row);
        let before = n.checked_sub(1).map(|n| &agreement.lines[n]);
        match before {
            None => teller.row(line, EventKind::Listed, None, None),
            Some(before) if before.samples.1.after() < line.samples.0 => {
                teller.missing(before.samples.1.after(), EventKind::Unlisted, None, None);
                teller.row(line, EventKind::Relisted, None, None);
            }
            Some(_) => {}
        }
        // A row that was also printed before the gap has not changed.
        if before.is_some_and(|before| before.row == line.row) {
            continue;
        }
        if let Some(before) = before.map(|before| panel.listing(before.row)) {
            let letters = |name: &Option<crate::read::Text>| name.as_ref().map(|name| name_key(name));
            if letters(&before.agency_name) != letters(&listing.agency_name) {
                let text = |name: &Option<crate::read::Text>| name.as_ref().map(|name| name.to_string());
                teller.row(line, EventKind::Renamed, text(&before.agency_name), text(&listing.agency_name));
            }
            let state = |listing: &crate::normalise::Listing| listing.state_named.or(listing.state);
            if state(before) != state(listing) {
                let code = |state: Option<StateCode>| state.map(|code| code.to_string());
                teller.row(line, EventKind::StateCorrected, code(state(before)), code(state(listing)));
            }
        }
        if let Some(new) = line.signed {
            if let Some(old) = signed.filter(|old| *old != new) {
                let first_listed = agreement.spells.first().map(|spell| spell.began_by);
                let again = new > old && first_listed.is_some_and(|day| new > day);
                let name = if again { EventKind::ReSigned } else { EventKind::ReDated };
                teller.row(line, name, Some(old.to_string()), Some(new.to_string()));
            }
            signed = Some(new);
        }
        if let Some(url) = listing.moa_url.as_deref() {
            // An address that was linked before is no new link.
            if file.is_some_and(|file| file != url) && !files.contains(url) {
                teller.row(line, EventKind::Relinked, file.map(str::to_owned), Some(url.to_owned()));
            }
            files.insert(url);
            file = Some(url);
        }
    }
    if let Some(last) = agreement.lines.last().map(|line| line.samples.1) {
        teller.end(agreement, all, last, confirm_lists);
    }
    teller.events.shrink_to_fit();
    teller.events
}

struct Teller<'a> {
    panel: &'a Panel,
    samples: &'a TiSlice<SampleAt, &'a List>,
    events: Vec<Event>,
}

impl Teller<'_> {
    fn row(&mut self, line: &PrintedRun, event: EventKind, old: Option<String>, new: Option<String>) {
        let list = &self.panel.lists[line.cite.list];
        self.push(list.list_id.clone(), list.day(), event, old, new, Some(line.cite.row_number));
    }

    fn missing(&mut self, sample: SampleAt, event: EventKind, old: Option<String>, new: Option<String>) {
        let list = self.samples[sample];
        self.push(list.list_id.clone(), list.day(), event, old, new, None);
    }

    fn push(
        &mut self,
        list_id: String,
        date: Date,
        event: EventKind,
        old_value: Option<String>,
        new_value: Option<String>,
        row_number: Option<u32>,
    ) {
        self.events.push(Event { list_id, date, event, old_value, new_value, row_number });
    }

    /// Adds the events that the lists after the agreement's last one show.
    fn end(
        &mut self,
        agreement: &Agreement,
        all: &TiSlice<AgreementAt, Agreement>,
        last: SampleAt,
        confirm_lists: usize,
    ) {
        let samples = self.samples;
        let next = last.after();
        if samples.get(next).is_none() {
            return;
        }
        self.missing(next, EventKind::Unlisted, None, None);
        if let Some(end) = agreement.end.as_ref().filter(|end| end.successor.is_some()) {
            let successor = end.successor.map(|at| all[at].id.clone());
            self.missing(next, end.kind.into(), Some(agreement.id.clone()), successor);
            return;
        }
        let mut day = samples[last].day();
        let mut days_without = 0;
        let later =
            samples.iter_enumerated().filter(|(at, list)| *at > last && list.day() > samples[last].day());
        for (at, list) in later {
            if list.day() > day {
                (day, days_without) = (list.day(), days_without + 1);
            }
            if days_without == confirm_lists {
                self.missing(at, EventKind::Ended, None, None);
                break;
            }
        }
    }
}
