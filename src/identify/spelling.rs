//! Every name under which lists print a body of a state, and what they say beside it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::lexicon::Lexicon;
use super::{Location, Name, Witnesses, locate};
use crate::panel::Panel;
use crate::read::Text;
use crate::reference::Reference;
use crate::words::{AgencyType, CountyFips, ListKind, Model, StateCode};

/// Where a row stands: position of the list in the panel, number on the sheet. Orders as lists do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cite {
    pub list: u32,
    pub row_number: u32,
}

impl Cite {
    /// File and row, as evidence names them.
    pub fn text(self, panel: &Panel) -> String {
        format!("{} row {}", panel.lists[self.list as usize].file_name, self.row_number)
    }
}

/// When and how often something is printed, by the days of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sightings {
    pub first: Date,
    pub last: Date,
    pub count: u32,
    /// The first of them.
    pub cite: Cite,
}

impl Sightings {
    /// Adds others of the same thing.
    pub fn add(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.count += other.count;
        self.cite = self.cite.min(other.cite);
    }
}

/// The participating lists that print a name in a model, and what they print there.
#[derive(Debug, Default)]
pub struct Trace {
    /// Positions among the participating lists that count, ascending.
    pub samples: Vec<u32>,
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
    /// By the name alone.
    pub location: Location,
    pub sightings: Sightings,
    /// (agency as printed, state as printed).
    pub printed: BTreeMap<(Text, Text), Sightings>,
    /// States its rows name beside the right one.
    pub states_named: BTreeSet<StateCode>,
    /// Listings that name each county.
    pub counties: BTreeMap<CountyFips, u32>,
    /// Listings of each TYPE.
    pub types: BTreeMap<AgencyType, u32>,
    pub traces: BTreeMap<Model, Trace>,
}

/// All names in the order in which lists first print them, and the name of every row.
#[derive(Debug)]
pub struct Spellings {
    pub all: Vec<Spelling>,
    /// Per distinct row of the panel; `None` where no name is printed, or no kept list prints the row.
    pub of_row: Vec<Option<u32>>,
}

/// Gathers the names on all kept lists.
pub fn spellings(panel: &Panel, lexicon: &Lexicon, reference: &Reference) -> Spellings {
    let mut seen: Vec<Option<Sightings>> = vec![None; panel.listings.len()];
    // Rows in the order in which lists first print them.
    let mut rows: Vec<u32> = Vec::with_capacity(panel.listings.len());
    for (at, list) in panel.kept() {
        let day = list.day();
        for (row_number, row) in &list.rows {
            match &mut seen[*row as usize] {
                Some(seen) => (seen.last, seen.count) = (seen.last.max(day), seen.count + 1),
                unseen => {
                    let cite = Cite { list: at as u32, row_number: *row_number };
                    *unseen = Some(Sightings { first: day, last: day, count: 1, cite });
                    rows.push(*row);
                }
            }
        }
    }
    let mut by_name: HashMap<(Option<StateCode>, Text), u32> = HashMap::new();
    let mut all: Vec<Spelling> = Vec::new();
    let mut of_row: Vec<Option<u32>> = vec![None; panel.listings.len()];
    for row in rows {
        let listing = panel.listing(row);
        let (Some(name), Some(seen)) = (&listing.agency_name, seen[row as usize]) else { continue };
        let next = all.len() as u32;
        let at = *by_name.entry((listing.state, name.clone())).or_insert(next);
        if at == next {
            all.push(Spelling::new(listing.state, name.clone(), seen, lexicon, reference));
        }
        let spelling = &mut all[at as usize];
        if at != next {
            spelling.sightings.add(seen);
        }
        let printed = (
            listing.printed.agency.clone().unwrap_or_default(),
            listing.printed.state.clone().unwrap_or_default(),
        );
        spelling.printed.entry(printed).and_modify(|all| all.add(seen)).or_insert(seen);
        spelling.states_named.extend(listing.state_named);
        if let Some(county) = listing.county {
            *spelling.counties.entry(county).or_default() += seen.count;
        }
        if let Some(agency_type) = listing.agency_type {
            *spelling.types.entry(agency_type).or_default() += seen.count;
        }
        of_row[row as usize] = Some(at);
    }
    trace(panel, &of_row, &mut all);
    Spellings { all, of_row }
}

/// Follows every name over the participating lists.
fn trace(panel: &Panel, of_row: &[Option<u32>], all: &mut [Spelling]) {
    let mut seen = vec![false; panel.listings.len()];
    for (sample, list) in panel.samples(ListKind::Participating).iter().enumerate() {
        for (_, row) in &list.rows {
            let listing = panel.listing(*row);
            let (Some(at), Some(model)) = (of_row[*row as usize], listing.model) else { continue };
            let trace = all[at as usize].traces.entry(model).or_default();
            if trace.samples.last() != Some(&(sample as u32)) {
                trace.samples.push(sample as u32);
            }
            if !std::mem::replace(&mut seen[*row as usize], true) {
                trace.signed.extend(listing.signed_date);
                trace.files.extend(listing.moa_url.clone());
            }
        }
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
            types: BTreeMap::new(),
            traces: BTreeMap::new(),
        }
    }

    /// The county most of its listings name, if any does; of equals the first.
    pub fn county_cell(&self) -> Option<CountyFips> {
        most_frequent(&self.counties)
    }
}

/// The value seen most often; of equals the first.
pub fn most_frequent<T: Copy>(counts: &BTreeMap<T, u32>) -> Option<T> {
    let most = counts.values().max()?;
    counts.iter().find(|(_, count)| *count == most).map(|(value, _)| *value)
}
