//! Signing dates that one row alone cannot tell to be wrong: held against the lists before and after it,
//! the pending lists, and the name of the agreement's file.
//!
//! A date is changed only where the lists rule it out: an agreement signed a year before it was first
//! listed, on lists that print new agreements within days, was signed in the year of its listing, if day and
//! month say so. A body that was only renamed keeps its date: its row left as the new one appeared.

use std::collections::{BTreeSet, HashMap};

use jiff::ToSpan;
use jiff::civil::Date;

use super::{List, Panel};
use crate::normalise::{Listing, Repair, column, dates_in_file_name};
use crate::reference::key;
use crate::spec::Field;
use crate::words::{ListKind, Model, StateCode};

/// Days after it was signed within which an agreement is on a list: 1,384 of the archive's 1,391 that were not
/// renamed.
const LISTED_WITHIN: i32 = 31;
/// Days by which a list can be dated before the signatures on it.
const LISTED_BEFORE: i32 = 1;
/// Days after the printed date from which a list without the agreement speaks against it: the longest an
/// agreement of the archive took to be listed is 87.
const ABSENT_AFTER: i32 = 100;

/// What one agreement is told by on the lists, before agencies are.
type Key = (StateCode, String, Model);

/// Mends the signing dates of the panel's rows.
pub fn mend_signed_dates(panel: &mut Panel) {
    let lists = Lists::new(panel);
    let mended: Vec<(u32, Date, Repair)> =
        lists.agreements.iter().flat_map(|agreement| lists.mend(agreement)).collect();
    for (row, date, repair) in mended {
        let listing = &mut panel.listings[row as usize];
        listing.signed_date = Some(date);
        listing.repairs.push(repair);
    }
}

/// One agreement on the participating lists that count.
#[derive(Default)]
struct Agreement {
    /// Its rows, each with the first list that prints it, in the order of these.
    rows: Vec<(u32, usize)>,
    /// The first list that prints it.
    first: usize,
    /// First pending list.
    pending: Option<Date>,
}

struct Lists<'a> {
    panel: &'a Panel,
    samples: Vec<&'a List>,
    agreements: Vec<Agreement>,
    /// Agreement of each row.
    of_row: Vec<Option<u32>>,
    /// By number of the agreement.
    keys: Vec<Key>,
    /// First list that prints each link.
    first_linked: HashMap<&'a str, (usize, u32)>,
    /// Agreements that were ever printed with a date.
    signed_on: HashMap<Date, BTreeSet<u32>>,
}

impl<'a> Lists<'a> {
    fn new(panel: &'a Panel) -> Self {
        let mut numbers: HashMap<Key, u32> = HashMap::new();
        let of_row: Vec<Option<u32>> = panel
            .listings
            .iter()
            .map(|listing| {
                let next = numbers.len() as u32;
                Some(*numbers.entry(key_of(listing)?).or_insert(next))
            })
            .collect();
        let mut agreements: Vec<Agreement> = Vec::new();
        agreements.resize_with(numbers.len(), Agreement::default);
        let samples = panel.samples(ListKind::Participating);
        let mut seen = vec![false; of_row.len()];
        let mut first_linked = HashMap::new();
        let mut signed_on: HashMap<Date, BTreeSet<u32>> = HashMap::new();
        for (at, list) in samples.iter().enumerate() {
            for (_, row) in &list.rows {
                if std::mem::replace(&mut seen[*row as usize], true) {
                    continue;
                }
                let Some(number) = of_row[*row as usize] else { continue };
                let agreement = &mut agreements[number as usize];
                if agreement.rows.is_empty() {
                    agreement.first = at;
                }
                agreement.rows.push((*row, at));
                let listing = panel.listing(*row);
                if let Some(url) = listing.moa_url.as_deref() {
                    first_linked.entry(url).or_insert((at, number));
                }
                if let Some(signed) = listing.signed_date {
                    signed_on.entry(signed).or_default().insert(number);
                }
            }
        }
        for list in panel.samples(ListKind::Pending) {
            for number in list.rows.iter().filter_map(|(_, row)| of_row[*row as usize]) {
                agreements[number as usize].pending.get_or_insert(list.day());
            }
        }
        let mut keys: Vec<(Key, u32)> = numbers.into_iter().collect();
        keys.sort_unstable_by_key(|(_, number)| *number);
        let keys = keys.into_iter().map(|(key, _)| key).collect();
        Self { panel, samples, agreements, of_row, keys, first_linked, signed_on }
    }

    fn mend(&self, agreement: &Agreement) -> Vec<(u32, Date, Repair)> {
        let mend = |(row, first): &(u32, usize)| {
            let listing = self.panel.listing(*row);
            let (date, rule, evidence) = match listing.signed_date {
                Some(signed) => self.year_too_early(agreement, listing, signed)?,
                None => self.printed_elsewhere(agreement, *first)?,
            };
            let repair = Repair {
                column: column(Field::Signed),
                step: "lists",
                value_printed: listing.printed.signed.clone(),
                value: Some(date.to_string()),
                rule: rule.to_owned(),
                evidence: Some(evidence),
            };
            Some((*row, date, repair))
        };
        agreement.rows.iter().filter_map(mend).collect()
    }

    /// Signed a year before it was first listed, to the month: the year is one too early.
    fn year_too_early(
        &self,
        agreement: &Agreement,
        listing: &Listing,
        signed: Date,
    ) -> Option<(Date, &'static str, String)> {
        let next_year = signed.checked_add(1.years()).ok()?;
        let first = self.samples[agreement.first].day();
        // The newest list that would print it, had it been signed when it says.
        let without = self.samples[..agreement.first].iter().rev().find(|list| list.day() < first)?.day();
        let is_absent = (without - signed).get_days() >= ABSENT_AFTER;
        let is_listed_in_time = (without - next_year).get_days() < LISTED_WITHIN
            && (next_year - first).get_days() <= LISTED_BEFORE;
        if !is_absent || !is_listed_in_time {
            return None;
        }
        let file_dates = listing.moa_url.as_deref().map(dates_in_file_name).unwrap_or_default();
        if file_dates.contains(&signed) || self.is_older(agreement, listing, signed) {
            return None;
        }
        let mut evidence = format!("first listed on {first}; the list of {without} is without it");
        if file_dates.contains(&next_year) {
            evidence.push_str(&format!("; the agreement's file name says {next_year}"));
        }
        if let Some(pending) = agreement.pending.filter(|day| (*day - signed).get_days() >= ABSENT_AFTER) {
            evidence.push_str(&format!("; first pending on {pending}"));
        }
        Some((next_year, "date_year_too_early", evidence))
    }

    /// Whether the agreement was listed before under another name, in another state or in another model that
    /// left as it appeared, or with the same link: then it is as old as it says.
    fn is_older(&self, agreement: &Agreement, listing: &Listing, signed: Date) -> bool {
        let number = agreement.rows.first().and_then(|(row, _)| self.of_row[*row as usize]);
        let linked = listing.moa_url.as_deref().and_then(|url| self.first_linked.get(url));
        if linked.is_some_and(|(at, owner)| *at < agreement.first && Some(*owner) != number) {
            return true;
        }
        let Some((state, name, model)) = key_of(listing) else { return true };
        let is_on_list = |number: u32| {
            let now = &self.samples[agreement.first].rows;
            now.iter().any(|(_, row)| self.of_row[*row as usize] == Some(number))
        };
        let others = self.signed_on.get(&signed).into_iter().flatten();
        let earlier = others.filter(|number| self.agreements[**number as usize].first < agreement.first);
        earlier.copied().any(|number| {
            let (other_state, other_name, other_model) = &self.keys[number as usize];
            let alike = [*other_state == state, *other_name == name, *other_model == model];
            alike.iter().filter(|same| **same).count() == 2 && !is_on_list(number)
        })
    }

    /// The date of a row that prints none, or none that can be read: what the next list that prints one says.
    fn printed_elsewhere(&self, agreement: &Agreement, first: usize) -> Option<(Date, &'static str, String)> {
        let day = self.samples[first].day();
        let dated = agreement.rows.iter().filter_map(|(row, at)| {
            let signed = self.panel.listing(*row).signed_date?;
            ((signed - day).get_days() <= LISTED_BEFORE).then_some((*at, signed))
        });
        // The nearest list after it goes before those before it.
        let (at, signed) = dated.min_by_key(|(at, _)| (*at < first, at.abs_diff(first)))?;
        let evidence = format!("the list of {} prints it", self.samples[at].day());
        Some((signed, "date_from_other_list", evidence))
    }
}

fn key_of(listing: &Listing) -> Option<Key> {
    Some((listing.state?, key(listing.agency_name.as_ref()?), listing.model?))
}
