//! One agency in one model, followed over the participating lists.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Agencies;
use super::spells::spells;
use crate::panel::{List, Panel};
use crate::read::Text;
use crate::words::{ListKind, Model};

/// A printed date that moves by no more than this is a correction, not a new signature.
const RE_DATED_DAYS: i32 = 31;

/// An agreement.
#[derive(Debug)]
pub struct Agreement {
    pub id: String,
    /// Position among the agencies.
    pub agency: u32,
    pub model: Model,
    pub spells: Vec<Spell>,
    pub events: Vec<Event>,
    pub first_signed: Option<Date>,
    pub moa_url: Option<Text>,
    pub addendum_url: Option<Text>,
    pub status: &'static str,
}

impl Agreement {
    /// The spell that is open or was the last.
    pub fn last_spell(&self) -> &Spell {
        self.spells.last().expect("an agreement is made from at least one listing")
    }
}

/// An unbroken stretch on the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spell {
    pub began_after: Option<Date>,
    pub began_by: Date,
    pub last_listed: Date,
    pub ended_after: Option<Date>,
    pub ended_by: Option<Date>,
    pub signed_date: Option<Date>,
    pub list_count: usize,
}

/// A change from one list to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub list_id: String,
    pub date: Date,
    pub event: &'static str,
    pub old_value: Option<String>,
    pub new_value: Option<String>,
}

/// Every agreement, sorted by agency and model.
#[derive(Debug)]
pub struct Agreements {
    pub agreements: Vec<Agreement>,
    /// Per distinct row of the panel: position in `agreements`; `None` where no participating list ever
    /// printed the row's agency in its model.
    pub of_row: Vec<Option<u32>>,
}

/// One agreement's lines on the lists: (position of the list, signing date), and its newest links.
#[derive(Default)]
struct Trace {
    listed: Vec<(usize, Option<Date>)>,
    moa_row: Option<u32>,
    addendum_row: Option<u32>,
}

/// Follows every agreement. An agreement missing from the newest lists has ended when `confirm_lists`
/// lists in a row lack it; before that it is unconfirmed.
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
    let mut traces: Vec<Trace> = Vec::new();
    traces.resize_with(by_key.len(), Trace::default);
    for (sample, list) in samples.iter().enumerate() {
        for (_, row) in &list.rows {
            let Some(number) = of_row[*row as usize] else { continue };
            let (trace, listing) = (&mut traces[number as usize], panel.listing(*row));
            // A row printed twice is one agreement: its first row with a date speaks.
            match trace.listed.last_mut() {
                Some((last, signed)) if *last == sample => *signed = signed.or(listing.signed_date),
                _ => trace.listed.push((sample, listing.signed_date)),
            }
            if listing.moa_url.is_some() {
                trace.moa_row = Some(*row);
            }
            if listing.addendum_url.is_some() {
                trace.addendum_row = Some(*row);
            }
        }
    }
    // Those that only pending lists print are no agreements yet.
    let mut numbers: Vec<Option<u32>> = vec![None; traces.len()];
    let mut all = Vec::with_capacity(traces.len());
    for ((key, number), trace) in by_key.iter().zip(&traces).filter(|(_, trace)| !trace.listed.is_empty()) {
        numbers[*number as usize] = Some(all.len() as u32);
        all.push(agreement(panel, agencies, *key, trace, &samples, &days, confirm_lists));
    }
    let of_row = of_row.into_iter().map(|number| numbers[number? as usize]).collect();
    Agreements { agreements: all, of_row }
}

fn agreement(
    panel: &Panel,
    agencies: &Agencies,
    (agency, model): (u32, Model),
    trace: &Trace,
    samples: &[&List],
    days: &[Date],
    confirm_lists: usize,
) -> Agreement {
    let last = trace.listed.last().map_or(0, |(at, _)| *at);
    // Two editions of a day are one witness.
    let mut days_without: Vec<Date> =
        days[last + 1..].iter().copied().filter(|day| *day > days[last]).collect();
    days_without.dedup();
    let status = match days.len() - 1 - last {
        0 => "active",
        _ if days_without.len() >= confirm_lists => "ended",
        _ => "unconfirmed",
    };
    Agreement {
        id: format!("{}-{model}", agencies.agencies[agency as usize].id),
        agency,
        model,
        spells: spells(&trace.listed, days),
        events: events(&trace.listed, samples, confirm_lists),
        first_signed: trace.listed.iter().filter_map(|(_, signed)| *signed).min(),
        moa_url: trace.moa_row.and_then(|row| panel.listing(row).moa_url.clone()),
        addendum_url: trace.addendum_row.and_then(|row| panel.listing(row).addendum_url.clone()),
        status,
    }
}

fn events(listed: &[(usize, Option<Date>)], samples: &[&List], confirm_lists: usize) -> Vec<Event> {
    let event = |at: usize, event, old: Option<String>, new: Option<String>| Event {
        list_id: samples[at].list_id.clone(),
        date: samples[at].day(),
        event,
        old_value: old,
        new_value: new,
    };
    let mut events = Vec::new();
    let mut signed: Option<Date> = None;
    for (n, (at, printed)) in listed.iter().enumerate() {
        let before = n.checked_sub(1).map(|n| listed[n].0);
        match before {
            None => events.push(event(*at, "listed", None, None)),
            Some(before) if before + 1 < *at => {
                events.push(event(before + 1, "unlisted", None, None));
                events.push(event(*at, "relisted", None, None));
            }
            Some(_) => {}
        }
        if let Some(new) = printed {
            if let Some(old) = signed.filter(|old| old != new) {
                let moved = (*new - old).get_days();
                let name = if moved > RE_DATED_DAYS { "re_signed" } else { "re_dated" };
                events.push(event(*at, name, Some(old.to_string()), Some(new.to_string())));
            }
            signed = Some(*new);
        }
    }
    if let Some((last, _)) = listed.last() {
        if last + 1 < samples.len() {
            events.push(event(last + 1, "unlisted", None, None));
        }
        let mut day = samples[*last].day();
        let mut days_without = 0;
        for (at, list) in
            samples.iter().enumerate().skip(last + 1).filter(|(_, list)| list.day() > samples[*last].day())
        {
            if list.day() > day {
                (day, days_without) = (list.day(), days_without + 1);
            }
            if days_without == confirm_lists {
                events.push(event(at, "ended", None, None));
                break;
            }
        }
    }
    events
}
