//! From printed names to bodies.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{Location, Name, Witnesses, locate};
use crate::panel::Panel;
use crate::read::Text;
use crate::reference::{Reference, key};
use crate::spec::{Vocabulary, hex};
use crate::words::{AgencyType, CountyFips, StateCode};

/// Two names of one body read the same once abbreviations are written out and office is department.
pub const SAME_WORDS: &str = "same_words";

/// A law-enforcement body.
#[derive(Debug)]
pub struct Agency {
    /// Minted from its earliest name.
    pub id: String,
    /// The cleaned name most listings print; of equals the latest.
    pub name: Text,
    pub state: Option<StateCode>,
    pub kind_phrase: Option<String>,
    pub location: Location,
    pub first_listed: Date,
    pub last_listed: Date,
    /// (agency as printed, state as printed) → first list, last list, listings.
    pub names: BTreeMap<(Text, Text), (Date, Date, u32)>,
    pub redirects: Vec<Redirect>,
}

/// An id that gave way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    pub old_id: String,
    pub reason: &'static str,
    pub evidence: String,
}

/// Every body, and the body of every row.
#[derive(Debug)]
pub struct Agencies {
    /// Sorted by id.
    pub agencies: Vec<Agency>,
    /// Per distinct row of the panel: position in `agencies`; `None` where no name is printed.
    pub of_row: Vec<Option<u32>>,
}

/// How often and when a row was listed.
#[derive(Clone, Copy)]
struct Sightings {
    first: Date,
    last: Date,
    count: u32,
}

/// Tells the bodies of all kept lists apart and places them.
pub fn agencies(panel: &Panel, vocabulary: &Vocabulary, reference: &Reference) -> Agencies {
    let mut sightings: Vec<Option<Sightings>> = vec![None; panel.listings.len()];
    // Rows in the order in which lists first print them.
    let mut rows: Vec<u32> = Vec::with_capacity(panel.listings.len());
    for (_, list) in panel.kept() {
        let day = list.day();
        for (_, row) in &list.rows {
            match &mut sightings[*row as usize] {
                Some(seen) => (seen.last, seen.count) = (day, seen.count + 1),
                unseen => {
                    *unseen = Some(Sightings { first: day, last: day, count: 1 });
                    rows.push(*row);
                }
            }
        }
    }
    let mut gathering = Gathering::default();
    let mut of_row: Vec<Option<u32>> = vec![None; panel.listings.len()];
    for row in rows {
        let listing = panel.listing(row);
        let (Some(name), Some(seen)) = (&listing.agency_name, sightings[row as usize]) else { continue };
        let body = gathering.body(listing.state, name, vocabulary, reference);
        gathering.bodies[body as usize].see(name, listing, seen);
        of_row[row as usize] = Some(body);
    }
    let mut agencies: Vec<(usize, Agency)> = gathering
        .bodies
        .into_par_iter()
        .enumerate()
        .map(|(at, body)| (at, body.finish(vocabulary, reference)))
        .collect();
    agencies.sort_by(|a, b| a.1.id.cmp(&b.1.id));
    let mut moved = vec![0; agencies.len()];
    for (to, (from, _)) in agencies.iter().enumerate() {
        moved[*from] = to as u32;
    }
    for body in of_row.iter_mut().flatten() {
        *body = moved[*body as usize];
    }
    Agencies { agencies: agencies.into_iter().map(|(_, agency)| agency).collect(), of_row }
}

/// The id that (state, cleaned name) mints from itself: 40 bits of sha256 behind the state's code.
fn mint(state: Option<StateCode>, name: &str) -> String {
    let state = state.as_ref().map_or("XX", StateCode::as_str);
    let digest = hex(&Sha256::digest(format!("{state}\n{}", name_key(name))));
    format!("{state}-{}", &digest[..10])
}

/// A name made of nothing but signs is its own key.
fn name_key(name: &str) -> String {
    let key = key(name);
    if key.is_empty() { name.to_owned() } else { key }
}

#[derive(Default)]
struct Gathering {
    bodies: Vec<Body>,
    by_name: HashMap<(Option<StateCode>, Text), u32>,
    by_identity: HashMap<(Option<StateCode>, String), u32>,
    by_minted_id: HashMap<String, u32>,
}

/// A body while its listings are seen, lists in date order.
struct Body {
    state: Option<StateCode>,
    /// Cleaned names in the order in which they were first seen.
    cleaned: Vec<Text>,
    listings_of: HashMap<Text, (u32, Date)>,
    names: BTreeMap<(Text, Text), (Date, Date, u32)>,
    counties: BTreeMap<CountyFips, u32>,
    types: BTreeMap<AgencyType, u32>,
    first_listed: Date,
    last_listed: Date,
}

impl Gathering {
    fn body(
        &mut self,
        state: Option<StateCode>,
        name: &Text,
        vocabulary: &Vocabulary,
        reference: &Reference,
    ) -> u32 {
        if let Some(body) = self.by_name.get(&(state, name.clone())) {
            return *body;
        }
        let read = Name::read(name, vocabulary);
        let level = locate(&read, state, &Witnesses::default(), vocabulary, reference).level;
        let identity = read.identity(state.and_then(|code| reference.states.get(code)), level);
        let identity = if identity.is_empty() { name_key(name) } else { identity };
        let next = self.bodies.len() as u32;
        // Names that mint one id are one body, whatever their words: an id has one owner.
        let minted = mint(state, name);
        let known = self.by_minted_id.get(&minted).or(self.by_identity.get(&(state, identity.clone())));
        let body = known.copied().unwrap_or(next);
        self.by_minted_id.insert(minted, body);
        self.by_identity.entry((state, identity)).or_insert(body);
        if body == next {
            self.bodies.push(Body::new(state));
        }
        self.bodies[body as usize].cleaned.push(name.clone());
        self.by_name.insert((state, name.clone()), body);
        body
    }
}

impl Body {
    fn new(state: Option<StateCode>) -> Self {
        Self {
            state,
            cleaned: Vec::new(),
            listings_of: HashMap::new(),
            names: BTreeMap::new(),
            counties: BTreeMap::new(),
            types: BTreeMap::new(),
            first_listed: Date::MAX,
            last_listed: Date::MIN,
        }
    }

    fn see(&mut self, name: &Text, listing: &crate::normalise::Listing, seen: Sightings) {
        self.first_listed = self.first_listed.min(seen.first);
        self.last_listed = self.last_listed.max(seen.last);
        let (count, last) = self.listings_of.entry(name.clone()).or_insert((0, seen.last));
        (*count, *last) = (*count + seen.count, seen.last.max(*last));
        let printed = (
            listing.printed.agency.clone().unwrap_or_default(),
            listing.printed.state.clone().unwrap_or_default(),
        );
        let (first, last, count) = self.names.entry(printed).or_insert((seen.first, seen.last, 0));
        (*first, *last) = (seen.first.min(*first), seen.last.max(*last));
        *count += seen.count;
        if let Some(county) = listing.county {
            *self.counties.entry(county).or_default() += seen.count;
        }
        if let Some(agency_type) = listing.agency_type {
            *self.types.entry(agency_type).or_default() += seen.count;
        }
    }

    fn finish(self, vocabulary: &Vocabulary, reference: &Reference) -> Agency {
        let earliest = &self.cleaned[0];
        let most = self.cleaned.iter().max_by_key(|name| (self.listings_of[*name], name.len(), *name));
        let name = most.unwrap_or(earliest).clone();
        let witnesses =
            Witnesses { county_cell: most_frequent(&self.counties), agency_type: most_frequent(&self.types) };
        let read = Name::read(&name, vocabulary);
        let location = locate(&read, self.state, &witnesses, vocabulary, reference);
        let id = mint(self.state, earliest);
        let mut known = BTreeSet::from([id.clone()]);
        let mut redirects = Vec::new();
        for other in &self.cleaned[1..] {
            let old_id = mint(self.state, other);
            if known.insert(old_id.clone()) {
                redirects.push(Redirect {
                    old_id,
                    reason: SAME_WORDS,
                    evidence: format!("{other:?} reads as {earliest:?}"),
                });
            }
        }
        Agency {
            id,
            name,
            state: self.state,
            kind_phrase: read.phrase,
            location,
            first_listed: self.first_listed,
            last_listed: self.last_listed,
            names: self.names,
            redirects,
        }
    }
}

/// The value seen most often; of equals the first.
fn most_frequent<T: Copy>(counts: &BTreeMap<T, u32>) -> Option<T> {
    let most = counts.values().max()?;
    counts.iter().find(|(_, count)| *count == most).map(|(value, _)| *value)
}
