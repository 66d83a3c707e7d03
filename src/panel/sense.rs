//! Checks that a list makes sense before it counts: a workbook may have the header of a list and hold something else,
//! or be damaged in a way that no reader notices (`[sense]` of `pipelines/agreements/source.toml`).

use std::collections::HashMap;

use rayon::prelude::*;
use typed_index_collections::TiVec;

use super::rows::Rows;
use crate::acquire::Refusal;
use crate::normalise::{Slots, clean, model, state};
use crate::read::cell_slot;
use crate::reference::States;
use crate::spec::{Field, Layouts, Sense, Specs};
use crate::words::{RowAt, StateCode};

/// Counts of a list's rows: all, and those that make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SenseCounts {
    rows: usize,
    states: usize,
    models: usize,
    names: usize,
    distinct: usize,
}

/// A distinct row: which of its cells make sense.
#[derive(Debug, Clone, Copy)]
pub struct ShownRow {
    has_state: bool,
    has_model: bool,
    has_name: bool,
    /// A number that is the same for all rows of one agency.
    agency: Option<usize>,
}

/// Judges distinct rows as printed. This is done before any day is settled, so that a file that is no list settles
/// none.
pub fn shown(rows: &Rows, specs: &Specs, states: &States) -> TiVec<RowAt, ShownRow> {
    let vocabulary = &specs.vocabulary;
    let of = |row: &Slots, field: Field| row[cell_slot(field)].map(|id| id.get() as usize - 1);
    // Only the texts of three columns are cleaned, each once.
    let mut is_asked = vec![false; rows.texts().len()];
    for row in rows.rows() {
        let asked =
            [Field::State, Field::Agency, Field::Model].into_iter().filter_map(|field| of(row, field));
        asked.for_each(|at| is_asked[at] = true);
    }
    let cleaned = rows.texts().par_iter().zip(is_asked);
    let cleaned: Vec<Option<String>> =
        cleaned.map(|(text, is_asked)| is_asked.then(|| clean(text, vocabulary).value).flatten()).collect();
    let text = |row: &Slots, field: Field| of(row, field).and_then(|at| Some((at, cleaned[at].as_deref()?)));
    // A text that also stands in another column of its row names no agency.
    let others = |row: &Slots| {
        [Field::State, Field::Model, Field::Type].map(|field| row[cell_slot(field)]).into_iter().flatten()
    };
    let mut known_states: HashMap<usize, Option<StateCode>> = HashMap::new();
    let mut known_models: HashMap<usize, bool> = HashMap::new();
    let mut agencies: HashMap<(Option<StateCode>, &str), usize> = HashMap::new();
    let mut all = TiVec::with_capacity(rows.rows().len());
    for row in rows.rows() {
        let state = text(row, Field::State)
            .and_then(|(at, text)| *known_states.entry(at).or_insert_with(|| state(text, states).value));
        let has_model = text(row, Field::Model).is_some_and(|(at, text)| {
            *known_models.entry(at).or_insert_with(|| model(text, vocabulary).value.is_some())
        });
        let name = text(row, Field::Agency).map(|(_, text)| text);
        let next = agencies.len();
        all.push(ShownRow {
            has_state: state.is_some(),
            has_model,
            has_name: name.is_some_and(|name| {
                is_name(name, &specs.layouts)
                    && !others(row).any(|id| Some(id) == row[cell_slot(Field::Agency)])
            }),
            agency: name.map(|name| *agencies.entry((state, name)).or_insert(next)),
        });
    }
    all
}

/// Returns the refusal of rows that make no sense as a list; an empty list is not refused here.
pub fn refusal(list: &[ShownRow], sense: &Sense) -> Option<Refusal> {
    let counts = counts(list);
    let share = |count: usize| count as f64 / counts.rows as f64;
    let too_few = |count: usize, at_least: f64| {
        let missing = counts.rows - count;
        counts.rows > 0 && (count == 0 || (missing > sense.spare && share(count) < at_least))
    };
    let are_alike = counts.rows > sense.spare && share(counts.distinct) < sense.distinct_agencies;
    let said = [
        (too_few(counts.states, sense.states_known), counts.states, "have a state that is known"),
        (too_few(counts.models, sense.models_known), counts.models, "have a model that is known"),
        (too_few(counts.names, sense.agencies_named), counts.names, "name an agency"),
        (are_alike, counts.distinct, ""),
    ];
    let said = said.into_iter().filter(|(fails, _, _)| *fails);
    let say = |count: usize, what: &str| match (what, count) {
        ("", 1) => "all name the same agency".to_owned(),
        ("", count) => format!("all name one of {count} agencies"),
        (what, count) => format!("{count} {what}"),
    };
    let said: Vec<String> = said.map(|(_, count, what)| say(count, what)).collect();
    (!said.is_empty()).then(|| Refusal::NoSense { rows: counts.rows, said: said.join(", ") })
}

fn counts(list: &[ShownRow]) -> SenseCounts {
    let number = |is: fn(&ShownRow) -> bool| list.iter().filter(|row| is(row)).count();
    let mut agencies: Vec<usize> = list.iter().filter_map(|row| row.agency).collect();
    agencies.sort_unstable();
    agencies.dedup();
    SenseCounts {
        rows: list.len(),
        states: number(|row| row.has_state),
        models: number(|row| row.has_model),
        names: number(|row| row.has_name),
        distinct: agencies.len(),
    }
}

/// Whether a text may name an agency: it has letters, and is no header of a list, no address and no error.
fn is_name(text: &str, layouts: &Layouts) -> bool {
    let is_header = || {
        let text = text.to_uppercase();
        layouts.layouts.iter().any(|layout| layout.headers.contains(&text))
    };
    text.chars().any(char::is_alphabetic) && !text.contains("://") && !text.starts_with('#') && !is_header()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SpecFiles;

    /// Returns the refusal of rows. Each has a state or not, a model or not, and the name of an agency.
    fn said(rows: &[(bool, bool, &str)]) -> Option<String> {
        let specs = Specs::load(&SpecFiles::default()).unwrap();
        let mut names: Vec<&str> = rows.iter().map(|(_, _, name)| *name).collect();
        names.sort_unstable();
        names.dedup();
        let shown: Vec<ShownRow> = rows
            .iter()
            .map(|(has_state, has_model, name)| ShownRow {
                has_state: *has_state,
                has_model: *has_model,
                has_name: is_name(name, &specs.layouts),
                agency: names.binary_search(name).ok(),
            })
            .collect();
        refusal(&shown, &specs.agreements.sense).map(|refusal| refusal.to_string())
    }

    #[test]
    fn what_is_no_list_is_told_from_one_with_errors() {
        let names: Vec<String> = (0..10).map(|n| format!("Agency {n}")).collect();
        let mut rows: Vec<(bool, bool, &str)> =
            names.iter().map(|name| (true, true, name.as_str())).collect();
        assert_eq!(said(&rows), None);
        // One row is never too many, and an empty list is not refused here.
        rows[0].0 = false;
        assert_eq!(said(&rows), None);
        assert_eq!(said(&[]), None);
        // Half of the rows is too many.
        rows.iter_mut().take(5).for_each(|row| row.0 = false);
        assert!(said(&rows).unwrap().contains("of 10 rows 5 have a state that is known"));
        for (rows, expected) in [
            (
                vec![(false, false, "STATE"); 7],
                "0 have a state that is known, 0 have a model that is known, 0 name an agency, all name the same agency",
            ),
            (vec![(true, true, "Bay County Sheriff"); 7], "of 7 rows all name the same agency"),
            (vec![(true, true, "45714"), (true, true, "45715"), (true, true, "A")], "1 name an agency"),
            (vec![(false, true, "Bay County Sheriff")], "0 have a state that is known"),
        ] {
            let found = said(&rows).unwrap();
            assert!(found.contains(expected), "{found}");
        }
    }
}
