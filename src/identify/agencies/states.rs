//! Repairs the STATE cell where the lists themselves show that the printed state is wrong.
//!
//! Each of two rules leaves a repair of step `identify` with its evidence:
//! - `county_of_another_state`: the name says a county that the printed state does not have in any spelling and that
//!   one other state has; of several such states, the one under which the same agency is printed too.
//! - `printed_elsewhere_next`: the same agreement (name, model, signing date) leaves one state's rows as it appears
//!   among another's, where it stays; no list has both, and no file's name supports the first state. An agency that
//!   waits under a state without a place so called is the one that participates under another within days.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use typed_index_collections::{TiSlice, TiVec};

use crate::identify::names::file_name::file_state;
use crate::identify::names::lexicon::Lexicon;
use crate::identify::names::name::Name;
use crate::identify::names::sightings::{Cite, sightings};
use crate::identify::places::locate::locate;
use crate::identify::places::location::Witnesses;
use crate::normalise::{Listing, Repair, clean, column, county};
use crate::panel::Panel;
use crate::read::Text;
use crate::reference::{Reference, key};
use crate::spec::Field;
use crate::words::{ListAt, ListKind, RowAt, SampleAt, StateCode};

/// The step under which repairs of this file are recorded.
const STEP: &str = "identify";

/// The most days from the last pending list under one state to the first list under the other.
const DAYS_AFTER: i32 = 7;

/// The fewest days on which lists must print the right state, unless these are more than the days with the wrong one.
const DAYS_TO_STAY: usize = 2;

/// The most words that a county's name has.
const COUNTY_WORDS: usize = 4;

/// An agency's rows under one printed state.
#[derive(Default)]
struct Group {
    rows: BTreeSet<RowAt>,
    /// The lists of either kind that print them.
    lists: BTreeSet<ListAt>,
}

/// The right state, and why.
struct StateRepair {
    state: StateCode,
    rule: &'static str,
    evidence: String,
}

/// Repairs the states of the panel's rows, and reads their county cells within the right state.
pub fn repair_states(mut panel: Panel, lexicon: &Lexicon, reference: &Reference) -> Panel {
    let mut repairs: BTreeMap<RowAt, StateRepair> = BTreeMap::new();
    let cites: TiVec<RowAt, Option<Cite>> =
        sightings(&panel, |_| true).into_iter().map(|seen| seen.map(|seen| seen.cite)).collect();
    by_county(&panel, &cites, lexicon, reference, &mut repairs);
    by_agreement(&panel, &cites, lexicon, reference, &mut repairs);
    for (row, repair) in repairs {
        let listing = &mut panel.listings[row];
        listing.repairs.push(Arc::new(Repair {
            column: column(Field::State),
            step: STEP,
            value_printed: listing.printed.state.clone(),
            value: Some(repair.state.to_string()),
            rule: repair.rule.to_owned(),
            evidence: Some(repair.evidence),
        }));
        listing.state_named = listing.state.replace(repair.state);
        let text = listing.printed.county.as_ref().and_then(|text| clean(text, lexicon.vocabulary).value);
        let Some(text) = text else { continue };
        let read = county(&text, repair.state, &reference.counties);
        listing.county = read.value;
        listing.repairs.retain(|repair| (repair.column, repair.step) != (column(Field::County), "county"));
        if let Some(fix) = read.fix {
            let name = read.value.and_then(|fips| reference.counties.get(fips)).map(|c| c.name.clone());
            listing.repairs.push(Arc::new(Repair {
                column: column(Field::County),
                step: "county",
                value_printed: Some(text.into()),
                value: name,
                rule: fix.rule,
                evidence: fix.evidence,
            }));
        }
    }
    panel
}

/// Agencies by name, each with its rows under every printed state.
type ByName = BTreeMap<String, BTreeMap<StateCode, Group>>;

/// Returns the cleaned names whose letters are printed under several states.
fn under_several_states(panel: &Panel) -> HashSet<Text> {
    let mut keys: HashMap<&Text, String> = HashMap::new();
    let mut states: HashMap<String, Option<StateCode>> = HashMap::new();
    for listing in &panel.listings {
        let (Some(state), Some(name)) = (listing.state, &listing.agency_name) else { continue };
        let key = keys.entry(name).or_insert_with(|| key(name));
        match states.get_mut(key) {
            Some(known) if *known == Some(state) => {}
            Some(known) => *known = None,
            None => {
                states.insert(key.clone(), Some(state));
            }
        }
    }
    let is_several = |(_, key): &(&Text, String)| states.get(key).is_some_and(Option::is_none);
    keys.into_iter().filter(is_several).map(|(name, _)| name.clone()).collect()
}

/// Groups rows by the key that `wanted` returns. Rows whose name has only one state are left out: that cannot be wrong.
fn by_name(panel: &Panel, wanted: impl Fn(&Listing) -> Option<String>) -> ByName {
    let several = under_several_states(panel);
    let wanted = |listing: &Listing| {
        let name = listing.agency_name.as_ref()?;
        if several.contains(name) { wanted(listing) } else { None }
    };
    let mut numbers: HashMap<(String, StateCode), usize> = HashMap::new();
    let mut of_row: TiVec<RowAt, Option<usize>> = vec![None; panel.listings.len()].into();
    let mut states: HashMap<String, StateCode> = HashMap::new();
    let mut apart: BTreeSet<String> = BTreeSet::new();
    let keys: TiVec<RowAt, Option<(String, StateCode)>> =
        panel.listings.iter().map(|listing| wanted(listing).zip(listing.state)).collect();
    for (name, state) in keys.iter().flatten() {
        if *states.entry(name.clone()).or_insert(*state) != *state {
            apart.insert(name.clone());
        }
    }
    for (row, key) in keys.into_iter_enumerated() {
        let Some(key) = key.filter(|(name, _)| apart.contains(name)) else { continue };
        let next = numbers.len();
        of_row[row] = Some(*numbers.entry(key).or_insert(next));
    }
    let mut groups: Vec<Group> = Vec::new();
    groups.resize_with(numbers.len(), Group::default);
    for (list, kept) in panel.kept() {
        for (_, row) in &kept.rows {
            let Some(number) = of_row[*row] else { continue };
            let group = &mut groups[number];
            group.rows.insert(*row);
            group.lists.insert(list);
        }
    }
    let mut names = ByName::new();
    for ((name, state), number) in numbers {
        names.entry(name).or_default().insert(state, std::mem::take(&mut groups[number]));
    }
    names
}

/// Finds agencies that are named for a county their printed state does not have.
fn by_county(
    panel: &Panel,
    cites: &TiSlice<RowAt, Option<Cite>>,
    lexicon: &Lexicon,
    reference: &Reference,
    repairs: &mut BTreeMap<RowAt, StateRepair>,
) {
    let counties = &reference.counties;
    // Most names say a county of their state: only the others are examined.
    let mut foreign: BTreeMap<(StateCode, &Text), Option<String>> = BTreeMap::new();
    for listing in &panel.listings {
        let (Some(state), Some(name)) = (listing.state, &listing.agency_name) else { continue };
        foreign.entry((state, name)).or_insert_with(|| {
            if !may_be_foreign(name, state, reference) {
                return None;
            }
            let name = Name::read(name, reference.states.get(state), lexicon);
            let base = county_words(&name)?;
            let is_own = !counties.all_base_named(state, &base).is_empty()
                || county(&format!("{base} county"), state, counties).value.is_some();
            (!is_own && counties.is_base_name(&base)).then_some(base)
        });
    }
    let odd = foreign.iter().filter(|(_, base)| base.is_some());
    let wanted: BTreeSet<String> = odd.map(|((_, name), _)| key(name)).collect();
    if wanted.is_empty() {
        return;
    }
    let names = by_name(panel, |listing| {
        let name = listing.agency_name.as_ref().filter(|name| wanted.contains(&key(name)))?;
        Some(key(name))
    });
    let mut rows_of: HashMap<(StateCode, &Text), Vec<RowAt>> = HashMap::new();
    for (row, listing) in panel.listings.iter_enumerated().filter(|(row, _)| cites[*row].is_some()) {
        let (Some(state), Some(name)) = (listing.state, &listing.agency_name) else { continue };
        if wanted.contains(&key(name)) {
            rows_of.entry((state, name)).or_default().push(row);
        }
    }
    let mut found: Vec<(RowAt, StateRepair)> = Vec::new();
    for ((wrong, name), base) in foreign.iter().filter_map(|(at, base)| Some((at, base.as_ref()?))) {
        let rows: Vec<RowAt> = rows_of.get(&(*wrong, *name)).cloned().unwrap_or_default();
        if rows.is_empty() || rows.iter().any(|row| panel.listing(*row).county.is_some()) {
            continue;
        }
        let none = BTreeMap::new();
        let groups = names.get(&key(name)).unwrap_or(&none);
        let having: Vec<StateCode> = reference
            .states
            .iter()
            .map(|state| state.code)
            .filter(|state| !counties.all_base_named(*state, base).is_empty())
            .collect();
        let printed: Vec<StateCode> =
            having.iter().copied().filter(|state| groups.contains_key(state)).collect();
        let right = match (having.as_slice(), printed.as_slice()) {
            ([only], _) | (_, [only]) => *only,
            _ => continue,
        };
        let mut evidence =
            format!("{} has no county {base:?}, {} has", title(*wrong, reference), title(right, reference));
        let cite = groups.get(&right).and_then(|g| g.rows.iter().filter_map(|r| cites[*r]).min());
        if let Some(cite) = cite {
            evidence += &format!("; printed there in {}", cite.text(panel));
        }
        for row in &rows {
            let rule = "county_of_another_state";
            found.push((*row, StateRepair { state: right, rule, evidence: evidence.clone() }));
        }
    }
    repairs.extend(found);
}

/// Whether the words before "county" or "parish" are not plainly a county of the state. Few names are left, and only
/// these are read.
fn may_be_foreign(name: &str, state: StateCode, reference: &Reference) -> bool {
    let lower = name.to_lowercase();
    let at = lower.find(" county").or_else(|| lower.find(" parish"));
    at.is_some_and(|at| reference.counties.all_base_named(state, &lower[..at]).is_empty())
}

/// Returns the words before "county" or "parish" in a name.
fn county_words(name: &Name) -> Option<String> {
    let at = name.words.iter().position(|word| matches!(word.as_str(), "county" | "parish"))?;
    let words = &name.words[at.saturating_sub(COUNTY_WORDS)..at];
    (!words.is_empty()).then(|| words.join(" "))
}

/// Finds agreements that are printed under one state and then under another: on participating lists under the same
/// signature, on pending lists where the state has no place so called.
fn by_agreement(
    panel: &Panel,
    cites: &TiSlice<RowAt, Option<Cite>>,
    lexicon: &Lexicon,
    reference: &Reference,
    repairs: &mut BTreeMap<RowAt, StateRepair>,
) {
    let lists = StateLists::new(panel);
    let names = by_name(panel, |listing| {
        let (model, signed) = (listing.model?, listing.signed_date?);
        Some(format!("{}\n{model}\n{signed}", key(listing.agency_name.as_ref()?)))
    });
    for groups in names.values() {
        let printed: Vec<(StateCode, Vec<SampleAt>, &Group)> =
            groups.iter().map(|(state, group)| (*state, lists.samples(group), group)).collect();
        let mut rights: BTreeMap<StateCode, (StateCode, SampleAt, SampleAt)> = BTreeMap::new();
        for (wrong, gone, group) in &printed {
            // A file whose name says the printed state supports it.
            if group.rows.iter().any(|row| file_state(panel.listing(*row), reference) == Some(*wrong)) {
                continue;
            }
            let cells: Vec<&str> = group
                .rows
                .iter()
                .filter_map(|row| reference.counties.get(panel.listing(*row).county?))
                .map(|county| county.base_name.as_str())
                .collect();
            let next: Vec<_> = printed
                .iter()
                // A state that lacks the county of a cell is not the right one.
                .filter(|(right, ..)| {
                    cells.iter().all(|cell| !reference.counties.all_base_named(*right, cell).is_empty())
                })
                .filter(|(right, there, _)| {
                    right != wrong
                        && gone.iter().all(|at| !there.contains(at))
                        && lists.takes_over(gone, there)
                })
                .collect();
            let [(right, there, _)] = next[..] else { continue };
            let first = there.iter().find(|at| Some(*at) > gone.last()).copied();
            if let (Some(last), Some(first)) = (gone.last(), first) {
                rights.insert(*wrong, (*right, *last, first));
            }
        }
        for (wrong, (next, last, first)) in &rights {
            // The next state may itself be wrong: its own right state is then taken.
            let mut right = *next;
            for _ in 0..rights.len() {
                right = rights.get(&right).map_or(right, |(next, ..)| *next);
            }
            if right == *wrong || rights.contains_key(&right) {
                continue;
            }
            let cite = groups[&right].rows.iter().filter_map(|row| cites[*row]).min();
            let evidence = format!(
                "the same name, model and signing date are printed for {} up to {} and for {} from {}{}",
                title(*wrong, reference),
                lists.file(*last),
                title(*next, reference),
                lists.file(*first),
                cite.map_or_else(String::new, |cite| format!(" ({})", cite.text(panel)))
            );
            for row in &groups[wrong].rows {
                let rule = "printed_elsewhere_next";
                repairs.entry(*row).or_insert_with(|| StateRepair {
                    state: right,
                    rule,
                    evidence: evidence.clone(),
                });
            }
        }
    }
    by_pending(panel, cites, lexicon, reference, repairs);
}

/// Finds agencies that wait under a state without a place so called, and participate under another within days.
fn by_pending(
    panel: &Panel,
    cites: &TiSlice<RowAt, Option<Cite>>,
    lexicon: &Lexicon,
    reference: &Reference,
    repairs: &mut BTreeMap<RowAt, StateRepair>,
) {
    let names =
        by_name(panel, |listing| Some(format!("{}\n{}", key(listing.agency_name.as_ref()?), listing.model?)));
    let days = |group: &Group, kind: ListKind| -> Option<(Date, Date)> {
        let of_kind = |list: &&ListAt| panel.lists[**list].counts(kind);
        let mut days = group.lists.iter().filter(of_kind).map(|list| panel.lists[*list].day());
        let first = days.next()?;
        Some((first, days.next_back().unwrap_or(first)))
    };
    for groups in names.values() {
        for (wrong, group) in groups {
            let (Some((_, last)), None) =
                (days(group, ListKind::Pending), days(group, ListKind::Participating))
            else {
                continue;
            };
            let comes = groups.iter().filter(|(right, other)| {
                let first = days(other, ListKind::Participating).map(|(first, _)| first);
                let waits = days(other, ListKind::Pending).is_some_and(|(first, _)| first <= last);
                *right != wrong
                    && !waits
                    && first.is_some_and(|first| (0..=DAYS_AFTER).contains(&(first - last).get_days()))
            });
            let [(right, other)] = comes.collect::<Vec<_>>()[..] else { continue };
            let first = group.rows.iter().filter_map(|row| Some((cites[*row]?, *row))).min();
            let Some((_, row)) = first else { continue };
            let Some(name) = &panel.listing(row).agency_name else { continue };
            let is_placed = |state: StateCode| {
                let read = Name::read(name, reference.states.get(state), lexicon);
                let alone = Witnesses::default();
                let location = locate(&read, Some(state), &alone, lexicon.vocabulary, reference);
                location.level.is_statewide() || !location.counties.is_empty()
            };
            if is_placed(*wrong) || !is_placed(*right) {
                continue;
            }
            let cite = other.rows.iter().filter_map(|row| cites[*row]).min();
            let evidence = format!(
                "{} has no place so called and {} has; pending up to {last}, and printed there{}",
                title(*wrong, reference),
                title(*right, reference),
                cite.map_or_else(String::new, |cite| format!(" in {}", cite.text(panel)))
            );
            for row in &group.rows {
                let rule = "printed_elsewhere_next";
                repairs.entry(*row).or_insert_with(|| StateRepair {
                    state: *right,
                    rule,
                    evidence: evidence.clone(),
                });
            }
        }
    }
}

/// The participating lists that say what is listed, by their position among them.
struct StateLists<'a> {
    panel: &'a Panel,
    samples: TiVec<SampleAt, ListAt>,
}

impl<'a> StateLists<'a> {
    fn new(panel: &'a Panel) -> Self {
        let counting = panel.kept().filter(|(_, list)| list.counts(ListKind::Participating));
        Self { panel, samples: counting.map(|(at, _)| at).collect() }
    }

    /// The lists that print a group, ascending.
    fn samples(&self, group: &Group) -> Vec<SampleAt> {
        group.lists.iter().filter_map(|list| self.samples.binary_search(list).ok()).collect()
    }

    fn file(&self, sample: SampleAt) -> &str {
        self.samples.get(sample).map_or("", |list| &self.panel.lists[*list].file_name)
    }

    fn day(&self, sample: SampleAt) -> Date {
        self.samples.get(sample).map_or(Date::MIN, |list| self.panel.lists[*list].day())
    }

    /// Whether the agreement that left one state is under the other on the very next list and stays there: on more days
    /// than under the first, or on two.
    fn takes_over(&self, gone: &[SampleAt], there: &[SampleAt]) -> bool {
        let Some(last) = gone.last() else { return false };
        let days = |samples: &mut dyn Iterator<Item = SampleAt>| {
            samples.map(|at| self.day(at)).collect::<BTreeSet<_>>().len()
        };
        let before = days(&mut gone.iter().copied());
        let after = days(&mut there.iter().copied().filter(|at| at > last));
        there.contains(&last.after()) && (after >= DAYS_TO_STAY || after > before)
    }
}

fn title(state: StateCode, reference: &Reference) -> String {
    reference.states.get(state).map_or_else(|| state.to_string(), |s| s.name.clone())
}
