//! STATE, where the lists themselves show that the printed one is wrong.
//!
//! Two rules, each of which leaves a repair of step `identify` with its evidence:
//! `county_of_another_state`: the name speaks of a county that the printed state does not have, by any
//! spelling, and one other state has; of several, the one under which the same body is printed too.
//! `printed_elsewhere_next`: the very agreement (name, model, signing date) leaves one state's rows as it
//! appears among another's, and no list has both.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::lexicon::Lexicon;
use super::{Cite, Name};
use crate::normalise::{Repair, clean, column, county};
use crate::panel::Panel;
use crate::reference::{Reference, key};
use crate::spec::Field;
use crate::words::{ListKind, Model, StateCode};

/// The step that repairs of this file are recorded under.
const STEP: &str = "identify";

/// Words that a county's name has at most.
const COUNTY_WORDS: usize = 4;

/// A body's rows under one printed state.
#[derive(Default)]
struct Group {
    rows: BTreeSet<u32>,
    /// Positions of the lists of either kind that print them, ascending.
    lists: BTreeSet<u32>,
    /// Whether a row's county cell is a county of the state.
    has_county: bool,
}

/// A state to be set, and why.
struct Mend {
    state: StateCode,
    rule: &'static str,
    evidence: String,
}

/// Mends the states of the panel's rows, and reads their county cells within the right state.
pub fn mend_states(panel: &mut Panel, lexicon: &Lexicon, reference: &Reference) {
    let mut mends: BTreeMap<u32, Mend> = BTreeMap::new();
    let cites = cites(panel);
    by_county(panel, &cites, lexicon, reference, &mut mends);
    by_agreement(panel, &cites, reference, &mut mends);
    for (row, mend) in mends {
        let listing = &mut panel.listings[row as usize];
        listing.repairs.push(Repair {
            column: column(Field::State),
            step: STEP,
            value_printed: listing.printed.state.clone(),
            value: Some(mend.state.to_string()),
            rule: mend.rule.to_owned(),
            evidence: Some(mend.evidence),
        });
        listing.state_named = listing.state.replace(mend.state);
        let text = listing.printed.county.as_ref().and_then(|text| clean(text, lexicon.vocabulary).value);
        let Some(text) = text else { continue };
        let read = county(&text, mend.state, &reference.counties);
        listing.county = read.value;
        listing.repairs.retain(|repair| (repair.column, repair.step) != (column(Field::County), "county"));
        if let Some(fix) = read.fix {
            let name = read.value.and_then(|fips| reference.counties.get(fips)).map(|c| c.name.clone());
            listing.repairs.push(Repair {
                column: column(Field::County),
                step: "county",
                value_printed: Some(text.into()),
                value: name,
                rule: fix.rule,
                evidence: fix.evidence,
            });
        }
    }
}

/// Where each distinct row is printed first; `None` where no kept list prints it.
fn cites(panel: &Panel) -> Vec<Option<Cite>> {
    let mut cites = vec![None; panel.listings.len()];
    for (list, kept) in panel.kept() {
        for (row_number, row) in &kept.rows {
            cites[*row as usize].get_or_insert(Cite { list: list as u32, row_number: *row_number });
        }
    }
    cites
}

/// Bodies by name, and for each the rows under every printed state.
type ByName = BTreeMap<String, BTreeMap<StateCode, Group>>;

fn by_name(panel: &Panel, wanted: impl Fn(&crate::normalise::Listing) -> Option<String>) -> ByName {
    let mut keys: HashMap<u32, Option<(String, StateCode)>> = HashMap::new();
    let mut names = ByName::new();
    for (list, kept) in panel.kept() {
        for (_, row) in &kept.rows {
            let listing = panel.listing(*row);
            let key = keys.entry(*row).or_insert_with(|| wanted(listing).zip(listing.state));
            let Some((name, state)) = key else { continue };
            let group = names.entry(name.clone()).or_default().entry(*state).or_default();
            group.rows.insert(*row);
            group.lists.insert(list as u32);
            group.has_county |= listing.county.is_some();
        }
    }
    names
}

/// Bodies that are named for a county their printed state does not have.
fn by_county(
    panel: &Panel,
    cites: &[Option<Cite>],
    lexicon: &Lexicon,
    reference: &Reference,
    mends: &mut BTreeMap<u32, Mend>,
) {
    let counties = &reference.counties;
    // Of most names the county is one of the state's: only the others are looked into.
    let mut foreign: HashMap<(StateCode, &str), Option<String>> = HashMap::new();
    for listing in &panel.listings {
        let (Some(state), Some(name)) = (listing.state, &listing.agency_name) else { continue };
        foreign.entry((state, name)).or_insert_with(|| {
            let name = Name::read(name, reference.states.get(state), lexicon);
            let base = county_words(&name)?;
            let is_own = !counties.all_base_named(state, &base).is_empty()
                || county(&format!("{base} county"), state, counties).value.is_some();
            (!is_own && counties.is_base_name(&base)).then_some(base)
        });
    }
    if foreign.values().all(Option::is_none) {
        return;
    }
    let names = by_name(panel, |listing| listing.agency_name.as_ref().map(|name| key(name)));
    let mut found: Vec<(u32, Mend)> = Vec::new();
    for ((wrong, name), base) in foreign.iter().filter_map(|(at, base)| Some((at, base.as_ref()?))) {
        let Some(groups) = names.get(&key(name)) else { continue };
        let Some(group) = groups.get(wrong).filter(|group| !group.has_county) else { continue };
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
        let title = |state: StateCode| {
            reference.states.get(state).map_or_else(|| state.to_string(), |s| s.name.clone())
        };
        let mut evidence = format!("{} has no county {base:?}, {} has", title(*wrong), title(right));
        let cite = groups.get(&right).and_then(|g| g.rows.iter().filter_map(|r| cites[*r as usize]).min());
        if let Some(cite) = cite {
            evidence += &format!("; printed there in {}", cite.text(panel));
        }
        for row in &group.rows {
            let rule = "county_of_another_state";
            found.push((*row, Mend { state: right, rule, evidence: evidence.clone() }));
        }
    }
    mends.extend(found);
}

/// The words that a name puts before "county" or "parish".
fn county_words(name: &Name) -> Option<String> {
    let at = name.words.iter().position(|word| matches!(word.as_str(), "county" | "parish"))?;
    let words = &name.words[at.saturating_sub(COUNTY_WORDS)..at];
    (!words.is_empty()).then(|| words.join(" "))
}

/// Agreements that are printed under one state and then under another.
fn by_agreement(
    panel: &Panel,
    cites: &[Option<Cite>],
    reference: &Reference,
    mends: &mut BTreeMap<u32, Mend>,
) {
    // Positions of the participating lists that tell what is listed.
    let mut sample_of: BTreeMap<u32, usize> = BTreeMap::new();
    for (list, _) in panel.kept().filter(|(_, list)| list.counts(ListKind::Participating)) {
        sample_of.insert(list as u32, sample_of.len());
    }
    let names = by_name(panel, |listing| {
        let model: Model = listing.model?;
        let signed = listing.signed_date?;
        Some(format!("{}\n{model}\n{signed}", key(listing.agency_name.as_ref()?)))
    });
    for groups in names.values().filter(|groups| groups.len() > 1) {
        let samples = |group: &Group| -> Vec<usize> {
            group.lists.iter().filter_map(|list| sample_of.get(list).copied()).collect()
        };
        let printed: Vec<(StateCode, Vec<usize>, &Group)> =
            groups.iter().map(|(state, group)| (*state, samples(group), group)).collect();
        for (wrong, gone, group) in &printed {
            let next = printed.iter().filter(|(right, there, _)| {
                right != wrong && gone.iter().all(|at| !there.contains(at)) && takes_over(gone, there)
            });
            let [(right, there, right_group)] = next.collect::<Vec<_>>()[..] else { continue };
            let (Some(last), Some(first)) = (gone.last(), there.iter().find(|at| Some(*at) > gone.last()))
            else {
                continue;
            };
            let file = |sample: usize| {
                let list = sample_of.iter().find(|(_, at)| **at == sample).map(|(list, _)| *list);
                list.map_or_else(String::new, |list| panel.lists[list as usize].file_name.clone())
            };
            let cite = right_group.rows.iter().filter_map(|row| cites[*row as usize]).min();
            let evidence = format!(
                "the same name, model and signing date are printed for {} up to {} and for {} from {}{}",
                title(*wrong, reference),
                file(*last),
                title(*right, reference),
                file(*first),
                cite.map_or_else(String::new, |cite| format!(" ({})", cite.text(panel)))
            );
            for row in &group.rows {
                let rule = "printed_elsewhere_next";
                mends.entry(*row).or_insert_with(|| Mend { state: *right, rule, evidence: evidence.clone() });
            }
        }
    }
}

/// Whether what is gone is on the very next list among the others, and stays there.
fn takes_over(gone: &[usize], there: &[usize]) -> bool {
    let (Some(last), Some(end)) = (gone.last(), there.last()) else { return false };
    there.contains(&(last + 1)) && end > last
}

fn title(state: StateCode, reference: &Reference) -> String {
    reference.states.get(state).map_or_else(|| state.to_string(), |s| s.name.clone())
}
