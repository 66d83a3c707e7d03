//! Every name under which lists print an agency of a state, and what they say beside it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use rayon::prelude::*;
use typed_index_collections::{TiSlice, TiVec};

use crate::identify::names::lexicon::Lexicon;
use crate::identify::names::name::Name;
use crate::identify::names::sightings::{Sightings, of_kind, sightings};
use crate::identify::places::locate::locate;
use crate::identify::places::location::{Location, Witnesses};
use crate::normalise::Listing;
use crate::panel::Panel;
use crate::read::Text;
use crate::reference::Reference;
use crate::words::{AgencyType, CountyFips, ListKind, Model, RowAt, SampleAt, SpellingAt, StateCode};

/// The lists that print a name in a model, and what the participating ones print with it.
#[derive(Debug, Default)]
pub struct Trace {
    pub participating: Option<Sightings>,
    pub pending: Option<Sightings>,
    /// The participating lists that print it, ascending.
    pub samples: Vec<SampleAt>,
    /// Signing dates on its rows.
    pub signed: BTreeSet<Date>,
    /// Addresses of the agreement.
    pub files: BTreeSet<Text>,
}

/// A cleaned name in a state.
#[derive(Debug)]
pub struct Spelling {
    pub state: Option<StateCode>,
    pub name: Text,
    pub read: Name,
    /// Located by the name alone.
    pub location: Location,
    pub sightings: Sightings,
    /// By agency and state as printed.
    pub printed: BTreeMap<(Text, Text), Sightings>,
    /// Wrong states under which its rows are printed.
    pub states_named: BTreeSet<StateCode>,
    /// Number of listings that name each county.
    pub counties: BTreeMap<CountyFips, u32>,
    /// Day of the last list that names each county.
    pub counties_last: BTreeMap<CountyFips, Date>,
    /// Number of listings of each TYPE.
    pub types: BTreeMap<AgencyType, u32>,
    pub traces: BTreeMap<Model, Trace>,
}

/// All names in the order in which lists first print them, and the name of every row.
#[derive(Debug)]
pub struct Spellings {
    pub all: TiVec<SpellingAt, Spelling>,
    /// The name of each distinct row of the panel; `None` where no name is printed, or no kept list prints the row.
    pub of_row: TiVec<RowAt, Option<SpellingAt>>,
}

/// Gathers the names on all kept lists.
pub fn spellings(panel: &Panel, lexicon: &Lexicon, reference: &Reference) -> Spellings {
    let seen = sightings(panel, |_| true);
    // Rows in the order in which lists first print them.
    let mut rows: Vec<RowAt> = panel.listings.keys().filter(|row| seen[*row].is_some()).collect();
    rows.sort_unstable_by_key(|row| seen[*row].map(|seen| seen.cite));
    let mut by_name: HashMap<(Option<StateCode>, Text), SpellingAt> = HashMap::new();
    let mut names: TiVec<SpellingAt, (Option<StateCode>, Text, Sightings)> = TiVec::new();
    let mut of_row: TiVec<RowAt, Option<SpellingAt>> = vec![None; panel.listings.len()].into();
    for row in &rows {
        let listing = panel.listing(*row);
        let (Some(name), Some(seen)) = (&listing.agency_name, seen[*row]) else { continue };
        let next = names.next_key();
        let at = *by_name.entry((listing.state, name.clone())).or_insert(next);
        match names.get_mut(at) {
            Some((_, _, all)) => all.add(seen),
            None => names.push((listing.state, name.clone(), seen)),
        }
        of_row[*row] = Some(at);
    }
    let all: Vec<Spelling> = Vec::from(names)
        .into_par_iter()
        .map(|(state, name, seen)| Spelling::new(state, name, seen, lexicon, reference))
        .collect();
    let mut all = TiVec::from(all);
    for row in rows {
        let listing = panel.listing(row);
        let (Some(at), Some(seen)) = (of_row[row], seen[row]) else { continue };
        let spelling = &mut all[at];
        let printed = (
            listing.printed.agency.clone().unwrap_or_default(),
            listing.printed.state.clone().unwrap_or_default(),
        );
        spelling.printed.entry(printed).and_modify(|all| all.add(seen)).or_insert(seen);
        spelling.states_named.extend(listing.state_named);
        if let Some(county) = listing.county {
            *spelling.counties.entry(county).or_default() += seen.count;
            let last = spelling.counties_last.entry(county).or_insert(seen.last);
            *last = seen.last.max(*last);
        }
        if let Some(agency_type) = listing.agency_type {
            *spelling.types.entry(agency_type).or_default() += seen.count;
        }
    }
    trace(panel, &of_row, &mut all);
    Spellings { all, of_row }
}

/// Follows every name over the lists.
fn trace(
    panel: &Panel,
    of_row: &TiSlice<RowAt, Option<SpellingAt>>,
    all: &mut TiSlice<SpellingAt, Spelling>,
) {
    // The trace of each distinct row is looked up once.
    let mut numbers: HashMap<(SpellingAt, Model), usize> = HashMap::new();
    let mut traces: Vec<Trace> = Vec::new();
    let number = |(at, listing): (&Option<SpellingAt>, &Listing)| {
        let key = at.zip(listing.model)?;
        Some(*numbers.entry(key).or_insert_with(|| {
            traces.push(Trace::default());
            traces.len() - 1
        }))
    };
    let trace_of: TiVec<RowAt, Option<usize>> = of_row.iter().zip(&panel.listings).map(number).collect();
    for (sample, list) in panel.samples(ListKind::Participating).iter_enumerated() {
        for (_, row) in &list.rows {
            let Some(number) = trace_of[*row] else { continue };
            let samples = &mut traces[number].samples;
            if samples.last() != Some(&sample) {
                samples.push(sample);
            }
        }
    }
    let kinds = [ListKind::Participating, ListKind::Pending].map(|kind| of_kind(panel, kind));
    for (row, listing) in panel.listings.iter_enumerated() {
        let Some(number) = trace_of[row] else { continue };
        let trace = &mut traces[number];
        let [participating, pending] = &kinds;
        if let Some(seen) = participating[row] {
            trace.signed.extend(listing.signed_date);
            trace.files.extend(listing.moa_url.clone());
            trace.participating = Some(seen.and(trace.participating));
        }
        trace.pending = pending[row].map(|seen| seen.and(trace.pending)).or(trace.pending);
    }
    for ((at, model), number) in numbers {
        let trace = std::mem::take(&mut traces[number]);
        all[at].traces.insert(model, trace);
    }
}

impl Spelling {
    fn new(
        state: Option<StateCode>,
        name: Text,
        sightings: Sightings,
        lexicon: &Lexicon,
        reference: &Reference,
    ) -> Self {
        let read = Name::read(&name, state.and_then(|code| reference.states.get(code)), lexicon);
        let read = read.as_police_of(|words| {
            let is_place =
                |code| reference.places.named(code, words).iter().any(|place| place.is_incorporated);
            let is_city = |code| !reference.fbi.named(code, words, "City").is_empty();
            state.is_some_and(|code| is_place(code) || is_city(code))
        });
        let location = locate(&read, state, &Witnesses::default(), lexicon.vocabulary, reference);
        Self {
            state,
            name,
            read,
            location,
            sightings,
            printed: BTreeMap::new(),
            states_named: BTreeSet::new(),
            counties: BTreeMap::new(),
            counties_last: BTreeMap::new(),
            types: BTreeMap::new(),
            traces: BTreeMap::new(),
        }
    }

    /// Returns the county that most of its listings name, if any does; among equals the first.
    pub fn county_cell(&self) -> Option<CountyFips> {
        most_frequent(&self.counties)
    }
}

/// Returns the value seen most often; among equals the first.
pub fn most_frequent<T: Copy>(counts: &BTreeMap<T, u32>) -> Option<T> {
    let most = counts.values().max()?;
    counts.iter().find(|(_, count)| *count == most).map(|(value, _)| *value)
}
