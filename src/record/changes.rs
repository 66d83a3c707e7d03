//! What changed between two lists, as a person would say it: which rows came, went, moved, and which cells changed.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::SLOTS;
use crate::spec::Field;

/// A row's cells with their marks.
pub type Cells = [Option<String>; SLOTS];

/// Agencies as alike as this are one, spelled anew, where all else that names the row is the same.
const ALIKE: f64 = 0.8;

/// Positions on the list before and on this one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub came: Vec<usize>,
    pub went: Vec<usize>,
    /// On this list, and on the list before.
    pub moved: Vec<(usize, usize)>,
    /// Rows of both that may differ in cells, on this list and on the list before.
    pub stayed: Vec<(usize, usize)>,
}

/// Compares two lists.
pub fn changes(old: &[Cells], new: &[Cells]) -> Changes {
    let mut keys = Numbers::default();
    let old_keys: Vec<u32> = old.iter().map(|row| keys.of(key(row))).collect();
    let new_keys: Vec<u32> = new.iter().map(|row| keys.of(key(row))).collect();
    let mut stayed: Vec<(usize, usize)> = Vec::new();
    let (mut left, mut fresh): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            stayed.extend((0..len).map(|at| (new_index + at, old_index + at)));
            continue;
        }
        let (gone, come) = (op.old_range(), op.new_range());
        let mut next = gone.start;
        let mut renamed: Vec<usize> = Vec::new();
        for at in come {
            // A row that is spelled anew stays where it was.
            match (next..gone.end).find(|old_at| is_renamed(&old[*old_at], &new[at])) {
                Some(old_at) => {
                    stayed.push((at, old_at));
                    renamed.push(old_at);
                    next = old_at + 1;
                }
                None => fresh.push(at),
            }
        }
        left.extend(gone.filter(|at| !renamed.contains(at)));
    }
    let mut moved = Vec::new();
    pair_off(&mut left, &mut fresh, &mut moved, |at| &old[at], |at| &new[at]);
    pair_off(&mut left, &mut fresh, &mut moved, |at| old_keys[at], |at| new_keys[at]);
    moved.sort_unstable();
    stayed.extend(&moved);
    stayed.sort_unstable();
    Changes { came: fresh, went: left, moved, stayed }
}

/// Takes out rows that have the same key on both sides, the first of each first.
fn pair_off<K: Eq + Hash>(
    left: &mut Vec<usize>,
    fresh: &mut Vec<usize>,
    pairs: &mut Vec<(usize, usize)>,
    old_key: impl Fn(usize) -> K,
    new_key: impl Fn(usize) -> K,
) {
    let mut by_key: HashMap<K, VecDeque<usize>> = HashMap::new();
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

/// What names a row: state, agency and model, however they are spaced and capitalised.
fn key(row: &Cells) -> [String; 3] {
    [Field::State, Field::Agency, Field::Model].map(|field| plain(row, field))
}

fn plain(row: &Cells, field: Field) -> String {
    let text = row[field as usize].as_deref().unwrap_or_default();
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether two rows name one agreement that is spelled anew, or whose state or model was corrected.
fn is_renamed(old: &Cells, new: &Cells) -> bool {
    let (one, other) = (key(old), key(new));
    let same = |at: usize| one[at] == other[at];
    match (same(0), same(1), same(2)) {
        (true, false, true) => strsim::normalized_damerau_levenshtein(&one[1], &other[1]) >= ALIKE,
        (false, true, true) | (true, true, false) => true,
        _ => false,
    }
}

/// Gives each distinct value a number.
struct Numbers<K>(HashMap<K, u32>);

impl<K> Default for Numbers<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> Numbers<K> {
    fn of(&mut self, value: K) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(value).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: &str, agency: &str, model: &str, signed: &str) -> Cells {
        let mut cells: Cells = Default::default();
        for (field, text) in
            [(Field::State, state), (Field::Agency, agency), (Field::Model, model), (Field::Signed, signed)]
        {
            cells[field as usize] = Some(format!("={text}"));
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
