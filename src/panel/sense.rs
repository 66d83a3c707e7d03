//! Whether what was read of a file is a list: a workbook may have the header of one and hold something else, or be
//! damaged in a way that no reader can tell (`[sense]` of `pipelines/agreements/source.toml`).

use std::collections::HashMap;

use crate::acquire::Refusal;
use crate::normalise::Listing;
use crate::spec::{Layouts, Sense};
use crate::words::StateCode;

/// What of a list makes sense: numbers of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    rows: usize,
    states: usize,
    models: usize,
    names: usize,
    distinct: usize,
}

/// What each distinct row shows.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    has_state: bool,
    has_model: bool,
    has_name: bool,
    /// The same for rows of one agency.
    agency: Option<usize>,
}

/// Looks at distinct rows.
pub fn shown(listings: &[Listing], layouts: &Layouts) -> Vec<Shown> {
    let mut agencies: HashMap<(Option<StateCode>, &str), usize> = HashMap::new();
    let show = |listing: &'_ Listing| {
        let name = listing.agency_name.as_deref();
        Shown {
            has_state: listing.state.is_some(),
            has_model: listing.model.is_some(),
            has_name: name.is_some_and(|name| is_name(name, layouts)),
            agency: None,
        }
    };
    let mut all: Vec<Shown> = listings.iter().map(show).collect();
    for (shown, listing) in all.iter_mut().zip(listings) {
        let next = agencies.len();
        let of = |name| *agencies.entry((listing.state, name)).or_insert(next);
        shown.agency = listing.agency_name.as_deref().map(of);
    }
    all
}

/// Why these rows are not those of a list, if they are not; an empty list is none to look at.
pub fn refusal(list: &[Shown], sense: &Sense) -> Option<Refusal> {
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
        (are_alike, counts.distinct, "name an agency that no other row does"),
    ];
    let said = said.into_iter().filter(|(fails, _, _)| *fails);
    let said: Vec<String> = said.map(|(_, count, what)| format!("{count} {what}")).collect();
    (!said.is_empty()).then(|| Refusal::NoSense { rows: counts.rows, said: said.join(", ") })
}

fn counts(list: &[Shown]) -> Counts {
    let number = |is: fn(&Shown) -> bool| list.iter().filter(|row| is(row)).count();
    let mut agencies: Vec<usize> = list.iter().filter_map(|row| row.agency).collect();
    agencies.sort_unstable();
    agencies.dedup();
    Counts {
        rows: list.len(),
        states: number(|row| row.has_state),
        models: number(|row| row.has_model),
        names: number(|row| row.has_name),
        distinct: agencies.len(),
    }
}

/// Whether a text may name an agency: it has letters, and is no header of a list.
fn is_name(text: &str, layouts: &Layouts) -> bool {
    let is_header = || {
        let text = text.to_uppercase();
        layouts.layouts.iter().any(|layout| layout.headers.contains(&text))
    };
    text.chars().any(char::is_alphabetic) && !is_header()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{SpecFiles, Specs};
    use crate::words::Model;

    fn row(state: bool, agency: &str, model: bool) -> Listing {
        Listing {
            state: state.then(|| StateCode::new("FL")).flatten(),
            agency_name: (!agency.is_empty()).then(|| agency.into()),
            model: model.then_some(Model::Tfm),
            ..Listing::default()
        }
    }

    fn said(rows: &[(bool, &str, bool)]) -> Option<String> {
        let specs = Specs::load(&SpecFiles::default()).unwrap();
        let listings: Vec<Listing> = rows.iter().map(|(s, a, m)| row(*s, a, *m)).collect();
        refusal(&shown(&listings, &specs.layouts), &specs.agreements.sense).map(|refusal| refusal.to_string())
    }

    #[test]
    fn what_is_no_list_is_told_from_one_with_errors() {
        let names: Vec<String> = (0..10).map(|n| format!("Agency {n}")).collect();
        let mut rows: Vec<(bool, &str, bool)> =
            names.iter().map(|name| (true, name.as_str(), true)).collect();
        assert_eq!(said(&rows), None);
        // One row is never too many, and an empty list is none to look at.
        rows[0].0 = false;
        assert_eq!(said(&rows), None);
        assert_eq!(said(&[]), None);
        // Half of them is.
        rows.iter_mut().take(5).for_each(|row| row.0 = false);
        assert!(said(&rows).unwrap().contains("5 have a state that is known"));
        for (rows, expected) in [
            (
                vec![(false, "STATE", false); 7],
                "0 have a state that is known, 0 have a model that is known, 0 name an agency",
            ),
            (vec![(true, "Bay County Sheriff", true); 7], "1 name an agency that no other row does"),
            (vec![(true, "45714", true), (true, "45715", true), (true, "A", true)], "1 name an agency"),
            (vec![(false, "Bay County Sheriff", true)], "0 have a state that is known"),
        ] {
            let found = said(&rows).unwrap();
            assert!(found.contains(expected), "{found}");
        }
    }
}
