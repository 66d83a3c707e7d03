//! Repairs signing dates that one row alone cannot show to be wrong: they are compared with the lists before and after,
//! the pending lists, and the name of the agreement's file.
//!
//! A date is changed only where the lists rule it out: an agreement signed a year before it was first listed, on lists
//! that print new agreements within days, was signed in the year of its listing, if day and month fit. An agency that
//! was only renamed keeps its date: its row left as the new one appeared.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use typed_index_collections::TiVec;

use super::{List, Panel};
use crate::normalise::{Listing, Repair, column, dates_in_file_name};
use crate::reference::key;
use crate::spec::Field;
use crate::words::{ListKind, Model, RowAt, SampleAt, StateCode};

/// An agreement is on a list within this many days after it was signed. So were 1,388 of the 1,397 that came onto the
/// archive's lists since 2025-02-21 without another name of that model and date leaving as they came.
const LISTED_WITHIN: i32 = 31;
/// A list can be dated this many days before the signatures on it.
const LISTED_BEFORE: i32 = 1;
/// A list without the agreement is evidence against its date from this many days after that date: only one of those
/// 1,397 came later, an agency whose row another had overprinted for a week.
const ABSENT_AFTER: i32 = 100;

/// Two signing dates at most this many days apart are about the same.
const ABOUT: i32 = 7;
/// How many rows on either side of a row without a date are searched for its date.
const LOOKED_AT: usize = 32;

/// The key of one agreement on the lists, before agencies are identified.
type DatedKey = (StateCode, String, Model);

/// Repairs the signing dates of the panel's rows.
pub fn repair_signed_dates(mut panel: Panel) -> Panel {
    let lists = SignedLists::new(&panel);
    let repairs: Vec<(RowAt, Date, Repair)> =
        lists.agreements.iter().flat_map(|agreement| lists.repair(agreement)).collect();
    for (row, date, repair) in repairs {
        let listing = &mut panel.listings[row];
        listing.signed_date = Some(date);
        listing.repairs.push(Arc::new(repair));
    }
    panel
}

/// One agreement on the participating lists that count.
#[derive(Default)]
struct DatedAgreement {
    /// Its rows in the order of the lists that first print them, each with that list.
    rows: Vec<(RowAt, SampleAt)>,
    /// Every list that prints it, ascending.
    listed: Vec<SampleAt>,
    /// First pending list.
    pending: Option<Date>,
}

impl DatedAgreement {
    /// Whether it was on a list before this one and is not on this one.
    fn is_gone_on(&self, list: SampleAt) -> bool {
        self.first().is_some_and(|first| first < list) && self.listed.binary_search(&list).is_err()
    }

    /// The first list that prints it.
    fn first(&self) -> Option<SampleAt> {
        self.listed.first().copied()
    }
}

/// The partial key that similar agreements share: the date, and two of state, name and model.
type Alike = (Date, Option<StateCode>, Option<String>, Option<Model>);

struct SignedLists<'a> {
    panel: &'a Panel,
    samples: TiVec<SampleAt, &'a List>,
    agreements: Vec<DatedAgreement>,
    /// The number of each row's agreement.
    of_row: TiVec<RowAt, Option<usize>>,
    /// The keys of the agreements, by number.
    keys: Vec<DatedKey>,
    /// First list that prints each link.
    first_linked: HashMap<&'a str, (SampleAt, usize)>,
    /// Agreements by partial key.
    alike: HashMap<Alike, Vec<usize>>,
    /// Whether any agreement with this partial key was gone on a list; filled when first asked.
    gone: RefCell<HashMap<(SampleAt, Alike), bool>>,
    /// Signing dates of a state's agreements that are on the list before a list and not on it; filled when first asked.
    left: RefCell<HashMap<(SampleAt, StateCode), Vec<Date>>>,
}

impl<'a> SignedLists<'a> {
    fn new(panel: &'a Panel) -> Self {
        let mut numbers: HashMap<DatedKey, usize> = HashMap::new();
        let mut keys: Vec<DatedKey> = Vec::new();
        let number = |listing: &Listing| {
            let key = key_of(listing)?;
            Some(*numbers.entry(key).or_insert_with_key(|key| {
                keys.push(key.clone());
                keys.len() - 1
            }))
        };
        let of_row: TiVec<RowAt, Option<usize>> = panel.listings.iter().map(number).collect();
        let mut agreements: Vec<DatedAgreement> = Vec::new();
        agreements.resize_with(keys.len(), DatedAgreement::default);
        let samples = panel.samples(ListKind::Participating);
        let mut seen: TiVec<RowAt, bool> = vec![false; of_row.len()].into();
        let mut first_linked = HashMap::new();
        let mut alike: HashMap<Alike, Vec<usize>> = HashMap::new();
        for (at, list) in samples.iter_enumerated() {
            for (_, row) in &list.rows {
                let Some(number) = of_row[*row] else { continue };
                let agreement = &mut agreements[number];
                if agreement.listed.last() != Some(&at) {
                    agreement.listed.push(at);
                }
                if std::mem::replace(&mut seen[*row], true) {
                    continue;
                }
                agreement.rows.push((*row, at));
                let listing = panel.listing(*row);
                if let Some(url) = listing.moa_url.as_deref() {
                    first_linked.entry(url).or_insert((at, number));
                }
                if let Some(signed) = listing.signed_date {
                    for two in alike_to(signed, &keys[number]) {
                        let numbers = alike.entry(two).or_default();
                        if numbers.last() != Some(&number) {
                            numbers.push(number);
                        }
                    }
                }
            }
        }
        for list in panel.samples(ListKind::Pending) {
            for number in list.rows.iter().filter_map(|(_, row)| of_row[*row]) {
                agreements[number].pending.get_or_insert(list.day());
            }
        }
        Self {
            panel,
            samples,
            agreements,
            of_row,
            keys,
            first_linked,
            alike,
            gone: RefCell::default(),
            left: RefCell::default(),
        }
    }

    fn repair(&self, agreement: &DatedAgreement) -> Vec<(RowAt, Date, Repair)> {
        let repair = |(row, first): &(RowAt, SampleAt)| {
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
        agreement.rows.iter().filter_map(repair).collect()
    }

    /// Returns the date a year later for an agreement dated, to the month, a year before it was first listed.
    fn year_too_early(
        &self,
        agreement: &DatedAgreement,
        listing: &Listing,
        signed: Date,
    ) -> Option<(Date, &'static str, String)> {
        let next_year = signed.checked_add(1.years()).ok()?;
        let first_list = agreement.first()?;
        let first = self.samples[first_list].day();
        let late = (first - next_year).get_days();
        if late < -LISTED_BEFORE {
            return None;
        }
        let file_dates = listing.moa_url.as_deref().map(dates_in_file_name).unwrap_or_default();
        let named =
            file_dates.contains(&next_year).then(|| format!("the agreement's file name says {next_year}"));
        let pending = agreement.pending.filter(|day| (*day - signed).get_days() >= ABSENT_AFTER);
        let pending = pending.filter(|_| late <= LISTED_WITHIN).map(|day| format!("first pending on {day}"));
        // The newest earlier list: it would print the agreement, had it been signed on its date.
        let without = self.samples[..first_list].iter().rev().find(|list| list.day() < first);
        let without = without.map(|list| list.day()).filter(|day| (*day - signed).get_days() >= ABSENT_AFTER);
        let without = without.filter(|_| late <= LISTED_WITHIN);
        let without = without.map(|day| format!("the list of {day} is without it"));
        let evidence: Vec<String> = [without, named, pending].into_iter().flatten().collect();
        let contradicts = file_dates.contains(&signed);
        if evidence.is_empty() || contradicts || self.is_older(agreement, first_list, listing, signed) {
            return None;
        }
        let evidence = format!("first listed on {first}; {}", evidence.join("; "));
        Some((next_year, "date_year_too_early", evidence))
    }

    /// Whether the agreement is as old as it says: it was listed before with the same link, or under another name, in
    /// another state or in another model that was gone as it appeared; or another agreement of the state, signed about
    /// that day, left just then.
    fn is_older(&self, agreement: &DatedAgreement, first: SampleAt, listing: &Listing, signed: Date) -> bool {
        let number = agreement.rows.first().and_then(|(row, _)| self.of_row[*row]);
        let linked = listing.moa_url.as_deref().and_then(|url| self.first_linked.get(url));
        if linked.is_some_and(|(at, owner)| *at < first && Some(*owner) != number) {
            return true;
        }
        let Some(key) = number.map(|number| &self.keys[number]) else { return true };
        let is_gone = |number: &usize| self.agreements[*number].is_gone_on(first);
        alike_to(signed, key).into_iter().any(|alike| {
            let mut known = self.gone.borrow_mut();
            *known.entry((first, alike)).or_insert_with_key(|(_, alike)| {
                self.alike.get(alike).is_some_and(|numbers| numbers.iter().any(is_gone))
            })
        }) || self.left_just_then(first, key.0, signed)
    }

    /// Whether an agreement of the state, signed within a week of `signed`, is on the list before and not on this one.
    fn left_just_then(&self, first: SampleAt, state: StateCode, signed: Date) -> bool {
        let Some(before) = first.before() else { return false };
        let mut known = self.left.borrow_mut();
        let left = known.entry((first, state)).or_insert_with(|| {
            let rows = self.samples[before].rows.iter();
            let mut days: Vec<Date> = rows
                .filter(|(_, row)| {
                    let number = self.of_row[*row];
                    number.is_some_and(|number| {
                        self.keys[number].0 == state && self.agreements[number].is_gone_on(first)
                    })
                })
                .filter_map(|(_, row)| self.panel.listing(*row).signed_date)
                .collect();
            days.sort_unstable();
            days
        });
        left.iter().any(|day| (*day - signed).get_days().abs() <= ABOUT)
    }

    /// Returns a date for a row that prints none, or none that can be read: that of the nearest list that prints one.
    fn printed_elsewhere(
        &self,
        agreement: &DatedAgreement,
        first: SampleAt,
    ) -> Option<(Date, &'static str, String)> {
        let day = self.samples[first].day();
        let here = agreement.rows.partition_point(|(_, at)| *at < first);
        let near =
            &agreement.rows[here.saturating_sub(LOOKED_AT)..agreement.rows.len().min(here + LOOKED_AT)];
        let dated = near.iter().filter_map(|(row, at)| {
            let listing = self.panel.listing(*row);
            let printed = listing.signed_date?;
            // The date that list prints may need a repair itself.
            let signed = self.year_too_early(agreement, listing, printed).map_or(printed, |(date, ..)| date);
            ((signed - day).get_days() <= LISTED_BEFORE).then_some((*at, signed))
        });
        // The nearest list after it takes precedence over those before it.
        let (at, signed) =
            dated.min_by_key(|(at, _)| (*at < first, at.lists_since(first).max(first.lists_since(*at))))?;
        let evidence = format!("the list of {} prints it", self.samples[at].day());
        Some((signed, "date_from_other_list", evidence))
    }
}

/// Returns the partial keys of an agreement with this date and key.
fn alike_to(signed: Date, (state, name, model): &DatedKey) -> [Alike; 3] {
    [
        (signed, Some(*state), Some(name.clone()), None),
        (signed, Some(*state), None, Some(*model)),
        (signed, None, Some(name.clone()), Some(*model)),
    ]
}

fn key_of(listing: &Listing) -> Option<DatedKey> {
    Some((listing.state?, key(listing.agency_name.as_ref()?), listing.model?))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::panel::made::{self, MadeRow};

    /// Agency, signing date, file of the agreement.
    type Row<'a> = (&'a str, Option<Date>, Option<&'a str>);

    /// A panel of lists, each with its kind, day and rows.
    fn panel(lists: &[(ListKind, Date, &[Row])]) -> Panel {
        let row = |(agency, signed, file): &Row| MadeRow {
            state: "TX",
            agency: (*agency).to_owned(),
            model: Model::Tfm,
            signed: *signed,
            file: file.map(str::to_owned),
        };
        let lists: Vec<_> =
            lists.iter().map(|(kind, day, rows)| (*kind, *day, rows.iter().map(row).collect())).collect();
        made::panel(&lists)
    }

    /// Returns the repaired signing date of the last row of the last list, and why it was repaired.
    fn repaired(lists: &[(ListKind, Date, &[Row])]) -> (Option<Date>, Option<String>) {
        let panel = repair_signed_dates(panel(lists));
        let last = panel.listings.last().unwrap();
        (last.signed_date, last.repairs.last().and_then(|repair| repair.evidence.clone()))
    }

    #[test]
    fn a_year_too_early_needs_evidence() {
        use ListKind::{Participating, Pending};
        let (typed, meant) = (Some(date(2025, 1, 7)), Some(date(2026, 1, 7)));
        let (before, first, late) = (date(2025, 12, 30), date(2026, 1, 8), date(2026, 2, 27));
        let other: &[Row] = &[("Bay", Some(date(2020, 6, 9)), None)];
        let (row, linked): (&[Row], &[Row]) =
            (&[("Tenaha", typed, None)], &[("Tenaha", typed, Some("https://a.gov/Tenaha_01072026.pdf"))]);
        let said_old: &[Row] = &[("Tenaha", typed, Some("https://a.gov/Tenaha_01072025.pdf"))];
        for (what, lists, expected) in [
            ("a list without it", &[(Participating, before, other), (Participating, first, row)][..], meant),
            (
                "half a year between the lists, listed long after",
                &[(Participating, date(2025, 6, 6), other), (Participating, late, row)],
                typed,
            ),
            (
                "another left just then, signed the day before",
                &[
                    (Participating, before, &[("Tenaha Marshal", Some(date(2025, 1, 6)), None)]),
                    (Participating, first, row),
                ],
                typed,
            ),
            ("nothing else", &[(Participating, first, row)], typed),
            ("its file", &[(Participating, late, linked)], meant),
            ("its file, from before", &[(Participating, before, linked)], typed),
            ("pending long after", &[(Pending, before, row), (Participating, first, row)], meant),
            ("pending, listed long after", &[(Pending, before, row), (Participating, late, row)], typed),
            (
                "its file says the printed date",
                &[(Participating, before, other), (Participating, first, said_old)],
                typed,
            ),
            (
                "a list soon after it",
                &[(Participating, date(2025, 3, 1), other), (Participating, date(2025, 4, 1), row)],
                typed,
            ),
            (
                "it was there before",
                &[(Participating, before, row), (Participating, before, other), (Participating, first, row)],
                typed,
            ),
            (
                "renamed",
                &[(Participating, before, &[("Tenaha PD", typed, None)]), (Participating, first, row)],
                typed,
            ),
            (
                "renamed, a list between",
                &[
                    (Participating, date(2025, 12, 1), &[("Tenaha PD", typed, None)]),
                    (Participating, before, other),
                    (Participating, first, row),
                ],
                typed,
            ),
        ] {
            let (date, evidence) = repaired(lists);
            assert_eq!(date, expected, "{what}");
            assert_eq!(evidence.is_some(), expected == meant, "{what}");
        }
    }

    #[test]
    fn a_blank_is_what_the_next_list_prints() {
        use ListKind::{Participating, Pending};
        let day = |day| date(2025, 12, day);
        let blank: &[Row] = &[("Hampshire", None, None)];
        let dated = |of: i8| [("Hampshire", Some(day(of)), None)];
        let panel = repair_signed_dates(panel(&[
            (Pending, day(1), blank),
            (Participating, day(2), blank),
            (Participating, day(8), &dated(2)),
            (Participating, day(9), &dated(5)),
        ]));
        let found: Vec<_> = panel.listings.iter().map(|listing| listing.signed_date).collect();
        assert_eq!(found, [None, Some(day(2)), Some(day(2)), Some(day(5))], "pending lists have no date");
        // The date on the next list has its year repaired first.
        let typed: &[Row] =
            &[("Hampshire", Some(date(2024, 12, 2)), Some("https://a.gov/Hampshire_12022025.pdf"))];
        let other: &[Row] = &[("Bay", Some(date(2020, 6, 9)), None)];
        let (date, _) = repaired(&[
            (Participating, day(1), other),
            (Participating, day(8), typed),
            (Participating, day(8), blank),
        ]);
        assert_eq!(date, Some(day(2)));
        // A date signed after the list that leaves it blank is another signature.
        assert_eq!(repaired(&[(Participating, day(9), &dated(9)), (Participating, day(2), blank)]).0, None);
    }
}
