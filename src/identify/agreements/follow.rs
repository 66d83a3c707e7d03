//! Follows one agency in one model over the participating lists.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::agreement::Agreement;
use super::agreement::PrintedRun;
use crate::identify::agencies::agency::Agencies;
use crate::identify::agreements::events::events;
use crate::identify::agreements::spells::spells;
use crate::identify::agreements::succession::succeed;
use crate::identify::names::sightings::Cite;
use crate::panel::{List, Panel};
use crate::read::Text;
use crate::words::{ListKind, Model, Status};

/// Every agreement, sorted by agency and model.
#[derive(Debug)]
pub struct Agreements {
    pub agreements: Vec<Agreement>,
    /// By distinct row of the panel: position of its agreement in `agreements`; `None` where no participating list ever
    /// printed the row's agency in its model.
    pub of_row: Vec<Option<u32>>,
}

/// Follows every agreement. An agreement missing from the newest lists has ended when `confirm_lists`
/// lists in a row lack it, each of another day; before that it is unconfirmed.
pub fn agreements(panel: &Panel, agencies: &Agencies, confirm_lists: usize) -> Agreements {
    let samples = panel.samples(ListKind::Participating);
    let days: Vec<Date> = samples.iter().map(|list| list.day()).collect();
    let mut by_key: BTreeMap<(u32, Model), u32> = BTreeMap::new();
    for (listing, body) in panel.listings.iter().zip(&agencies.of_row) {
        by_key.extend(body.zip(listing.model).map(|key| (key, 0)));
    }
    for (at, number) in by_key.values_mut().enumerate() {
        *number = at as u32;
    }
    let of_row: Vec<Option<u32>> = panel
        .listings
        .iter()
        .zip(&agencies.of_row)
        .map(|(listing, body)| by_key.get(&(*body.as_ref()?, listing.model?)).copied())
        .collect();
    let lines = lines(panel, &samples, &of_row, by_key.len());
    // An agency and model that only pending lists print are no agreement yet.
    let mut numbers: Vec<Option<u32>> = vec![None; lines.len()];
    let mut all = Vec::with_capacity(lines.len());
    for ((key, number), lines) in by_key.iter().zip(lines).filter(|(_, lines)| !lines.is_empty()) {
        numbers[*number as usize] = Some(all.len() as u32);
        all.push(agreement(panel, agencies, *key, lines, &days, confirm_lists));
    }
    succeed(&mut all, panel, agencies, &samples);
    for at in 0..all.len() {
        all[at].events = events(&all[at], &all, panel, &samples, confirm_lists);
    }
    let of_row = of_row.into_iter().map(|number| numbers[number? as usize]).collect();
    Agreements { agreements: all, of_row }
}

/// Returns the rows that lists print of every agreement. Where a list has several rows of one agreement, the row that
/// the list before has too is chosen, or else the first with a date.
fn lines(panel: &Panel, samples: &[&List], of_row: &[Option<u32>], count: usize) -> Vec<Vec<PrintedRun>> {
    let position: Vec<u32> = panel
        .lists
        .iter()
        .enumerate()
        .filter(|(_, list)| list.counts(ListKind::Participating))
        .map(|(at, _)| at as u32)
        .collect();
    let mut all: Vec<Vec<PrintedRun>> = vec![Vec::new(); count];
    // The rows chosen on the list at hand, by agreement; and the agreements on it.
    let mut speaks: Vec<Option<PrintedRun>> = vec![None; count];
    let mut listed: Vec<u32> = Vec::new();
    for ((sample, list), position) in (0..).zip(samples).zip(position) {
        for (row_number, row) in &list.rows {
            let Some(number) = of_row[*row as usize] else { continue };
            let cite = Cite { list: position, row_number: *row_number };
            let signed = panel.listing(*row).signed_date;
            let line = PrintedRun { samples: (sample, sample), row: *row, cite, signed };
            let best = &mut speaks[number as usize];
            match best {
                None => listed.push(number),
                Some(best) => {
                    let before = all[number as usize].last();
                    let has = |line: &PrintedRun| before.is_some_and(|before| is_like(panel, before, line));
                    if (has(&line), line.signed.is_some()) <= (has(best), best.signed.is_some()) {
                        continue;
                    }
                }
            }
            *best = Some(line);
        }
        for number in listed.drain(..) {
            let lines = &mut all[number as usize];
            let Some(line) = speaks[number as usize].take() else { continue };
            match lines.last_mut() {
                Some(last) if last.row == line.row && last.samples.1 + 1 == sample => last.samples.1 = sample,
                _ => lines.push(line),
            }
        }
    }
    all.iter_mut().for_each(Vec::shrink_to_fit);
    all
}

/// Whether two rows print the same name and signing date.
fn is_like(panel: &Panel, a: &PrintedRun, b: &PrintedRun) -> bool {
    let name = |line: &PrintedRun| &panel.listing(line.row).agency_name;
    a.signed == b.signed && name(a) == name(b)
}

fn agreement(
    panel: &Panel,
    agencies: &Agencies,
    (agency, model): (u32, Model),
    lines: Vec<PrintedRun>,
    days: &[Date],
    confirm_lists: usize,
) -> Agreement {
    let last = lines.last().map_or(0, |line| line.samples.1 as usize);
    // Two editions of a day count as one list.
    let mut days_without: Vec<Date> =
        days[last + 1..].iter().copied().filter(|day| *day > days[last]).collect();
    days_without.dedup();
    let status = match days.len() - 1 - last {
        0 => Status::Active,
        _ if days_without.len() >= confirm_lists => Status::Ended,
        _ => Status::Unconfirmed,
    };
    let newest = |url: fn(&crate::normalise::Listing) -> &Option<Text>| {
        lines.iter().rev().find_map(|line| url(panel.listing(line.row)).clone())
    };
    Agreement {
        id: format!("{}-{model}", agencies.agencies[agency as usize].id),
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
        let first = panel.lists[0].rows[0].1;
        (panel.lists[1].rows[1].1, panel.lists[3].rows[0].1) = (first, first);
        let is_bay = |listing: &crate::normalise::Listing| {
            listing.agency_name.as_ref().is_some_and(|name| name.starts_with("Bay"))
        };
        let of_row: Vec<_> = panel.listings.iter().map(|listing| is_bay(listing).then_some(0)).collect();

        let samples = panel.samples(ListKind::Participating);
        let lines = lines(&panel, &samples, &of_row, 1);
        let shown: Vec<_> = lines[0]
            .iter()
            .map(|line| {
                (line.samples, line.cite.list, line.cite.row_number, line.signed.map(|day| day.day()))
            })
            .collect();
        let expected =
            [((0, 1), 0, 2, Some(1)), ((3, 3), 3, 2, Some(1)), ((4, 4), 4, 3, Some(3)), ((5, 5), 5, 2, None)];
        assert_eq!(shown, expected);
        assert_eq!((lines[0][0].row, lines[0][1].row), (first, first));
    }
}
