//! Compares two lists as a person would: which rows came, went, moved, and which cells changed.

use std::collections::{HashMap, HashSet, VecDeque};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::slots::SLOTS;
use crate::read::cell_slot;
use crate::spec::Field;

/// A row's cells with their marks.
pub type RecordCells = [Option<String>; SLOTS];

/// Names of agencies at least this similar are one name, respelled, where all else that names the row is the same.
const ALIKE: f64 = 0.8;

/// Positions on the list before and on this one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub came: Vec<usize>,
    pub went: Vec<usize>,
    /// Positions on this list and on the list before.
    pub moved: Vec<(usize, usize)>,
    /// Rows of both lists that may differ in cells: positions on this list and on the list before.
    pub stayed: Vec<(usize, usize)>,
}

/// How far ahead of the last respelled row the next one is looked for: lists stay in their order.
const WINDOW: usize = 100;

/// Compares two lists.
pub fn changes(old: &[RecordCells], new: &[RecordCells]) -> Changes {
    let mut numbers = Numbers::default();
    let old_names: Vec<RowName> = old.iter().map(|row| RowName::of(row, &mut numbers)).collect();
    let new_names: Vec<RowName> = new.iter().map(|row| RowName::of(row, &mut numbers)).collect();
    let mut stayed = in_both(&old_names, &new_names);
    // Rows between two rows that stayed came, went or were respelled.
    let mut renamed: Vec<(usize, usize)> = Vec::new();
    // A row that stands elsewhere on the other list has moved.
    let rows = |names: &[RowName]| names.iter().map(|name| name.row).collect::<HashSet<u32>>();
    let (old_rows, new_rows) = (rows(&old_names), rows(&new_names));
    let (mut left, mut fresh): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    let (mut old_from, mut new_from) = (0, 0);
    for (new_at, old_at) in stayed.iter().copied().chain([(new.len(), old.len())]) {
        let mut next = old_from;
        for (at, other) in new_names.iter().enumerate().take(new_at).skip(new_from) {
            let window = next..old_at.min(next + WINDOW);
            let is_it = |old_at: &usize| {
                let one = &old_names[*old_at];
                !new_rows.contains(&one.row) && !old_rows.contains(&other.row) && one.is_renamed(other)
            };
            match window.into_iter().find(is_it) {
                Some(found) => {
                    renamed.push((at, found));
                    left.extend(next..found);
                    next = found + 1;
                }
                None => fresh.push(at),
            }
        }
        left.extend(next..old_at);
        (old_from, new_from) = (old_at + 1, new_at + 1);
    }
    stayed.extend(renamed);
    let mut moved = Vec::new();
    let named = |key: fn(&RowName) -> u32| (key, &old_names, &new_names);
    for (key, old, new) in [named(|name| name.row), named(|name| name.number)] {
        pair_off(&mut left, &mut fresh, &mut moved, |at| key(&old[at]), |at| key(&new[at]));
    }
    moved.sort_unstable();
    stayed.extend(&moved);
    stayed.sort_unstable();
    Changes { came: fresh, went: left, moved, stayed }
}

/// Returns rows of the same name that stand in the same order on both lists: positions on this list and on the one
/// before. Names that only one list has are left out first, so that lists with nothing in common cost nothing.
fn in_both(old: &[RowName], new: &[RowName]) -> Vec<(usize, usize)> {
    let numbers = |names: &[RowName]| names.iter().map(|name| name.number).collect::<HashSet<u32>>();
    let (of_old, of_new) = (numbers(old), numbers(new));
    let common = |names: &[RowName], others: &HashSet<u32>| -> (Vec<usize>, Vec<u32>) {
        let common = names.iter().enumerate().filter(|(_, name)| others.contains(&name.number));
        common.map(|(at, name)| (at, name.number)).unzip()
    };
    let (old_at, old) = common(old, &of_new);
    let (new_at, new) = common(new, &of_old);
    let mut both = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, &old, &new) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            both.extend((0..len).map(|at| (new_at[new_index + at], old_at[old_index + at])));
        }
    }
    both
}

/// Takes out pairs of rows that have the same key on both sides, in their order.
fn pair_off(
    left: &mut Vec<usize>,
    fresh: &mut Vec<usize>,
    pairs: &mut Vec<(usize, usize)>,
    old_key: impl Fn(usize) -> u32,
    new_key: impl Fn(usize) -> u32,
) {
    let mut by_key: HashMap<u32, VecDeque<usize>> = HashMap::new();
    for at in left.iter() {
        by_key.entry(old_key(*at)).or_default().push_back(*at);
    }
    let mut taken: Vec<usize> = Vec::new();
    fresh.retain(|at| {
        let Some(old) = by_key.get_mut(&new_key(*at)).and_then(VecDeque::pop_front) else { return true };
        pairs.push((*at, old));
        taken.push(old);
        false
    });
    taken.sort_unstable();
    left.retain(|at| taken.binary_search(at).is_err());
}

/// The name of a row: its state, agency and model, however they are spaced and capitalised.
struct RowName {
    /// Numbers of the three together, and of each.
    number: u32,
    state: u32,
    agency: u32,
    model: u32,
    agency_text: String,
    /// Numbers of the whole row, and of what else distinguishes two agreements.
    row: u32,
    county: Option<u32>,
    signed: Option<u32>,
}

impl RowName {
    fn of(row: &RecordCells, numbers: &mut Numbers) -> Self {
        let [state, agency, model] =
            [Field::State, Field::Agency, Field::Model].map(|field| plain(row, field));
        Self {
            number: numbers.of(format!("{state}\n{agency}\n{model}")),
            state: numbers.of(state),
            agency: numbers.of(agency.clone()),
            model: numbers.of(model),
            agency_text: agency,
            row: numbers.of(row.iter().map(|cell| format!("\n{cell:?}")).collect()),
            county: numbers.of_some(plain(row, Field::County)),
            signed: numbers.of_some(plain(row, Field::Signed)),
        }
    }

    /// Whether two rows name one agreement that was respelled, or whose state or model was corrected.
    fn is_renamed(&self, other: &Self) -> bool {
        // Rows of two counties, or of two days, are two agreements.
        let differ =
            |one: Option<u32>, other: Option<u32>| one.zip(other).is_some_and(|(one, other)| one != other);
        if differ(self.county, other.county) || differ(self.signed, other.signed) {
            return false;
        }
        match (self.state == other.state, self.agency == other.agency, self.model == other.model) {
            (true, false, true) => {
                let (one, two) = (&self.agency_text, &other.agency_text);
                let longest = one.len().max(two.len()) as f64;
                // Texts whose lengths are too far apart cannot be alike.
                one.len().min(two.len()) as f64 >= ALIKE * longest
                    && strsim::normalized_damerau_levenshtein(one, two) >= ALIKE
            }
            (false, true, true) | (true, true, false) => true,
            _ => false,
        }
    }
}

fn plain(row: &RecordCells, field: Field) -> String {
    let text = row[cell_slot(field)].as_deref().unwrap_or_default();
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Gives each distinct text a number.
#[derive(Default)]
struct Numbers(HashMap<String, u32>);

impl Numbers {
    fn of(&mut self, text: String) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(text).or_insert(next)
    }

    /// `None` for a cell that says nothing (`#N/A`).
    fn of_some(&mut self, text: String) -> Option<u32> {
        (!text.is_empty() && text != "na").then(|| self.of(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: &str, agency: &str, model: &str, signed: &str) -> RecordCells {
        let mut cells: RecordCells = Default::default();
        for (field, text) in
            [(Field::State, state), (Field::Agency, agency), (Field::Model, model), (Field::Signed, signed)]
        {
            cells[cell_slot(field)] = Some(format!("={text}"));
        }
        cells
    }

    #[test]
    fn rows_come_go_move_and_are_spelled_anew() {
        let old = [
            row("FLORIDA", "Bay County Sheriff", "TFM", "1"),
            row("FLORIDA", "Clay County Sheriff", "TFM", "2"),
            row("FLORIDA", "Lee County Sheriff", "TFM", "3"),
            row("TEXAS", "Kerr County Sheriff", "WSO", "4"),
            row("TEXAS", "Frankin County Constable", "WSO", "5"),
        ];
        let new = [
            row("TEXAS", "Kerr County Sheriff", "WSO", "4"),
            row("FLORIDA", "Bay County Sheriff ", "TFM", "1"),
            row("FLORIDA", "Lee County Sheriff", "TFM", "9"),
            row("TEXAS", "Aransas Pass Police", "WSO", "6"),
            row("TEXAS", "Franklin County Constable", "WSO", "5"),
        ];
        let found = changes(&old, &new);
        assert_eq!(found.came, [3]);
        assert_eq!(found.went, [1]);
        assert_eq!(found.moved, [(0, 3)]);
        assert_eq!(found.stayed, [(0, 3), (1, 0), (2, 2), (4, 4)]);
    }

    #[test]
    fn one_agency_for_another_is_no_correction() {
        let old = [row("TEXAS", "Goliad County Sheriff's Office", "WSO", "4")];
        let new = [row("TEXAS", "Goliad Police Department", "WSO", "4")];
        let found = changes(&old, &new);
        assert_eq!((found.came.len(), found.went.len()), (1, 1));
    }
}
