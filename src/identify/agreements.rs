//! One agency in one model, followed over the participating lists.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::spells::spells;
use super::{Agencies, Agency};
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
    by_key: BTreeMap<(u32, Model), u32>,
}

impl Agreements {
    /// The agreement of an agency in a model, if a participating list ever printed it.
    pub fn find(&self, agency: u32, model: Model) -> Option<&Agreement> {
        self.by_key.get(&(agency, model)).map(|at| &self.agreements[*at as usize])
    }
}

/// One agreement's lines on the lists: (position of the list, signing date), and its newest links.
#[derive(Default)]
struct Trace {
    listed: Vec<(usize, Option<Date>)>,
    moa_url: Option<Text>,
    addendum_url: Option<Text>,
}

/// Follows every agreement. An agreement missing from the newest lists has ended when `confirm_lists`
/// lists in a row lack it; before that it is unconfirmed.
pub fn agreements(panel: &Panel, agencies: &Agencies, confirm_lists: usize) -> Agreements {
    let position_of: BTreeMap<&str, usize> =
        panel.lists.iter().enumerate().map(|(at, list)| (list.list_id.as_str(), at)).collect();
    let samples = panel.samples(ListKind::Participating);
    let days: Vec<Date> = samples.iter().map(|list| list.day()).collect();

    let mut traces: BTreeMap<(u32, Model), Trace> = BTreeMap::new();
    for (sample, list) in samples.iter().enumerate() {
        let bodies = &agencies.of_listing[position_of[list.list_id.as_str()]];
        for (listing, body) in list.listings.iter().zip(bodies) {
            let (Some(body), Some(model)) = (body, listing.model) else { continue };
            let trace = traces.entry((*body, model)).or_default();
            // A row printed twice is one agreement: its first row with a date speaks.
            match trace.listed.last_mut() {
                Some((last, signed)) if *last == sample => *signed = signed.or(listing.signed_date),
                _ => trace.listed.push((sample, listing.signed_date)),
            }
            trace.moa_url = listing.moa_url.clone().or(trace.moa_url.take());
            trace.addendum_url = listing.addendum_url.clone().or(trace.addendum_url.take());
        }
    }
    let mut by_key = BTreeMap::new();
    let mut all = Vec::with_capacity(traces.len());
    for ((agency, model), trace) in traces {
        by_key.insert((agency, model), all.len() as u32);
        let owner = &agencies.agencies[agency as usize];
        all.push(agreement(owner, agency, model, trace, &samples, &days, confirm_lists));
    }
    Agreements { agreements: all, by_key }
}

fn agreement(
    owner: &Agency,
    agency: u32,
    model: Model,
    trace: Trace,
    samples: &[&List],
    days: &[Date],
    confirm_lists: usize,
) -> Agreement {
    let last = trace.listed.last().map_or(0, |(at, _)| *at);
    let lists_without = days.len() - 1 - last;
    let status = match lists_without {
        0 => "active",
        n if n >= confirm_lists => "ended",
        _ => "unconfirmed",
    };
    Agreement {
        id: format!("{}-{model}", owner.id),
        agency,
        model,
        spells: spells(&trace.listed, days),
        events: events(&trace.listed, samples, confirm_lists),
        first_signed: trace.listed.iter().filter_map(|(_, signed)| *signed).min(),
        moa_url: trace.moa_url,
        addendum_url: trace.addendum_url,
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
        if last + confirm_lists < samples.len() {
            events.push(event(last + confirm_lists, "ended", None, None));
        }
    }
    events
}
