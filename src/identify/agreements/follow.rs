//! Follows one agency in one model over the participating lists: an agreement is the same from list to list while its
//! agency and its model are.

use std::collections::BTreeMap;

use jiff::civil::Date;
use typed_index_collections::{TiSlice, TiVec};

use super::agreement::{Agreement, PrintedRun};
use crate::identify::agencies::agency::Agencies;
use crate::identify::agreements::events::events;
use crate::identify::agreements::spells::spells;
use crate::identify::agreements::succession::succeed;
use crate::identify::names::sightings::Cite;
use crate::panel::{List, Panel};
use crate::read::Text;
use crate::words::{AgencyAt, AgreementAt, EndKind, ListKind, Model, RowAt, SampleAt, Status};

/// Every agreement, sorted by agency and model.
#[derive(Debug)]
pub struct Agreements {
    pub agreements: TiVec<AgreementAt, Agreement>,
    /// By distinct row of the panel: position of its agreement in `agreements`; `None` where no participating list ever
    /// printed the row's agency in its model.
    pub of_row: TiVec<RowAt, Option<AgreementAt>>,
}

/// The agency and model that an agreement counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountsFor {
    pub agency: AgencyAt,
    pub model: Model,
}

impl Agreements {
    /// The agency and model that an agreement counts for where counties and people are counted: its own; if the lists
    /// printed it under another agency's name at first ([`EndKind::Relabelled`], [`EndKind::StateCorrected`]), the
    /// agency whose it was; if they printed it under a wrong model ([`EndKind::ListingError`]), the right one.
    pub fn counts_for(&self, at: AgreementAt) -> CountsFor {
        let (mut now, mut meant) = (at, None);
        // No chain of successors comes back to where it began.
        loop {
            let agreement = &self.agreements[now];
            let end = agreement.end.as_ref();
            meant = end.and_then(|end| end.meant_model).or(meant);
            let relabelled =
                end.filter(|end| matches!(end.kind, EndKind::Relabelled | EndKind::StateCorrected));
            match relabelled.and_then(|end| end.successor) {
                Some(next) => now = next,
                None => {
                    return CountsFor { agency: agreement.agency, model: meant.unwrap_or(agreement.model) };
                }
            }
        }
    }

    /// [`Self::counts_for`] of every agreement.
    pub fn all_count_for(&self) -> TiVec<AgreementAt, CountsFor> {
        self.agreements.keys().map(|at| self.counts_for(at)).collect()
    }
}

/// Follows every agreement. An agreement missing from the newest lists has ended when `confirm_lists`
/// lists in a row lack it, each of another day; before that it is unconfirmed.
pub fn agreements(panel: &Panel, agencies: &Agencies, confirm_lists: usize) -> Agreements {
    let samples = panel.samples(ListKind::Participating);
    let days: TiVec<SampleAt, Date> = samples.iter().map(|list| list.day()).collect();
    let mut by_key: BTreeMap<(AgencyAt, Model), usize> = BTreeMap::new();
    for (listing, agency) in panel.listings.iter().zip(&agencies.of_row) {
        by_key.extend(agency.zip(listing.model).map(|key| (key, 0)));
    }
    for (at, number) in by_key.values_mut().enumerate() {
        *number = at;
    }
    let of_row: TiVec<RowAt, Option<usize>> = panel
        .listings
        .iter()
        .zip(&agencies.of_row)
        .map(|(listing, agency)| by_key.get(&((*agency)?, listing.model?)).copied())
        .collect();
    let lines = lines(panel, &samples, &of_row, by_key.len());
    // An agency and model that only pending lists print are no agreement yet.
    let mut position: Vec<Option<AgreementAt>> = vec![None; lines.len()];
    let mut all: TiVec<AgreementAt, Agreement> = TiVec::with_capacity(lines.len());
    for ((key, number), lines) in by_key.iter().zip(lines).filter(|(_, lines)| !lines.is_empty()) {
        let agreement = agreement(panel, agencies, *key, lines, &days, confirm_lists);
        position[*number] = Some(all.push_and_get_key(agreement));
    }
    succeed(&mut all, panel, agencies, &samples);
    for at in all.keys() {
        all[at].events = events(&all[at], &all, panel, &samples, confirm_lists);
    }
    let of_row = of_row.into_iter().map(|number| position[number?]).collect();
    Agreements { agreements: all, of_row }
}

/// Returns the rows that lists print of every agreement. Where a list has several rows of one agreement, the row like the
/// one chosen on the latest list that has the agreement is chosen, or else the first with a date.
fn lines(
    panel: &Panel,
    samples: &TiSlice<SampleAt, &List>,
    of_row: &TiSlice<RowAt, Option<usize>>,
    count: usize,
) -> Vec<Vec<PrintedRun>> {
    let counting = panel.lists.iter_enumerated().filter(|(_, list)| list.counts(ListKind::Participating));
    let mut all: Vec<Vec<PrintedRun>> = vec![Vec::new(); count];
    // The rows chosen on the list at hand, by agreement; and the agreements on it.
    let mut chosen: Vec<Option<PrintedRun>> = vec![None; count];
    let mut listed: Vec<usize> = Vec::new();
    for ((sample, list), (position, _)) in samples.iter_enumerated().zip(counting) {
        for (row_number, row) in &list.rows {
            let Some(number) = of_row[*row] else { continue };
            let cite = Cite { list: position, row_number: *row_number };
            let signed = panel.listing(*row).signed_date;
            let line = PrintedRun { samples: (sample, sample), row: *row, cite, signed };
            let best = &mut chosen[number];
            match best {
                None => listed.push(number),
                Some(best) => {
                    let before = all[number].last();
                    let has = |line: &PrintedRun| before.is_some_and(|before| is_like(panel, before, line));
                    if (has(&line), line.signed.is_some()) <= (has(best), best.signed.is_some()) {
                        continue;
                    }
                }
            }
            *best = Some(line);
        }
        for number in listed.drain(..) {
            let lines = &mut all[number];
            let Some(line) = chosen[number].take() else { continue };
            match lines.last_mut() {
                Some(last) if last.row == line.row && last.samples.1.after() == sample => {
                    last.samples.1 = sample
                }
                _ => lines.push(line),
            }
        }
    }
    all.iter_mut().for_each(Vec::shrink_to_fit);
    all
}

/// Whether two rows have the same name and signing date, cleaned.
fn is_like(panel: &Panel, a: &PrintedRun, b: &PrintedRun) -> bool {
    let name = |line: &PrintedRun| &panel.listing(line.row).agency_name;
    a.signed == b.signed && name(a) == name(b)
}

fn agreement(
    panel: &Panel,
    agencies: &Agencies,
    (agency, model): (AgencyAt, Model),
    lines: Vec<PrintedRun>,
    days: &TiSlice<SampleAt, Date>,
    confirm_lists: usize,
) -> Agreement {
    let last = lines.last().expect("an agreement is made from at least one row").samples.1;
    // Two editions of a day count as one list.
    let mut days_without: Vec<Date> =
        days[last.after()..].iter().copied().filter(|day| *day > days[last]).collect();
    days_without.dedup();
    let status = if days.last_key() == Some(last) {
        Status::Active
    } else if days_without.len() >= confirm_lists {
        Status::Ended
    } else {
        Status::Unconfirmed
    };
    let newest = |url: fn(&crate::normalise::Listing) -> &Option<Text>| {
        lines.iter().rev().find_map(|line| url(panel.listing(line.row)).clone())
    };
    Agreement {
        id: format!("{}-{model}", agencies.agencies[agency].id),
        agency,
        model,
        spells: spells(&lines, days),
        events: Vec::new(),
        first_signed: lines.iter().filter_map(|line| line.signed).min(),
        moa_url: newest(|listing| &listing.moa_url),
        addendum_url: newest(|listing| &listing.addendum_url),
        status,
        end: None,
        lines,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::panel::made::{self, MadeRow};

    #[test]
    fn lists_in_a_row_with_the_same_row_are_one_line() {
        let row = |agency: &str, signed| MadeRow {
            state: "FL",
            agency: agency.to_owned(),
            model: Model::Tfm,
            signed,
            file: None,
        };
        let bay = |day| row("Bay County Sheriff's Office", Some(date(2025, 3, day)));
        let undated = row("Bay County Sheriff's Office", None);
        let rows = [
            vec![bay(1)],
            // The row that the list before has too is chosen, wherever it stands.
            vec![bay(2), bay(1)],
            vec![row("Gulf County Sheriff's Office", None)],
            vec![bay(1)],
            // If the list before has none of the rows, the first with a date is chosen.
            vec![undated.clone(), bay(3), bay(4)],
            vec![undated],
        ];
        let lists = (1..).zip(rows).map(|(day, rows)| (ListKind::Participating, date(2025, 6, day), rows));
        let mut panel = made::panel(&lists.collect::<Vec<_>>());
        // Identical rows are one distinct row.
        let first = panel.lists.raw[0].rows[0].1;
        (panel.lists.raw[1].rows[1].1, panel.lists.raw[3].rows[0].1) = (first, first);
        let is_bay = |listing: &crate::normalise::Listing| {
            listing.agency_name.as_ref().is_some_and(|name| name.starts_with("Bay"))
        };
        let of_row: TiVec<RowAt, Option<usize>> =
            panel.listings.iter().map(|listing| is_bay(listing).then_some(0)).collect();

        let samples = panel.samples(ListKind::Participating);
        let lines = lines(&panel, &samples, &of_row, 1);
        let shown: Vec<_> = lines[0]
            .iter()
            .map(|line| {
                (line.samples, line.cite.list, line.cite.row_number, line.signed.map(|day| day.day()))
            })
            .collect();
        let expected =
            [(0, 1, 0, 2, Some(1)), (3, 3, 3, 2, Some(1)), (4, 4, 4, 3, Some(3)), (5, 5, 5, 2, None)];
        let expected = expected.map(|(first, last, list, row_number, day): (usize, usize, usize, u32, _)| {
            ((first.into(), last.into()), list.into(), row_number, day)
        });
        assert_eq!(shown, expected);
        assert_eq!((lines[0][0].row, lines[0][1].row), (first, first));
    }
}
