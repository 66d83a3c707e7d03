//! Which lists count: accepted, superseded, duplicate, stale (DESIGN.md, "Lists").
//!
//! Lists of a kind are taken by date and edition. Two lists are the same when every clean cell and link
//! of their rows is.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;

use super::{Listing, NormalList};
use crate::read::{Edition, Text};
use crate::words::{AgencyType, CountyFips, ListKind, ListStatus, Model, StateCode};

/// What a list counts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub status: ListStatus,
    /// Position of an earlier list of the same kind with the same rows.
    pub same_rows_as: Option<usize>,
    pub reason: Option<&'static str>,
}

/// The standing of each list; `lists` in any order. Positions are those of `lists`.
pub fn standing(lists: &[(&NormalList, &Edition, &str)]) -> Vec<Standing> {
    let accepted = Standing { status: ListStatus::Accepted, same_rows_as: None, reason: None };
    let mut standings = vec![accepted; lists.len()];
    for kind in ListKind::ALL {
        let mut order: Vec<usize> = (0..lists.len()).filter(|at| lists[*at].0.kind == *kind).collect();
        // File names settle what date and edition leave open, so that the order of input does not.
        order.sort_by_key(|at| (lists[*at].0.date, lists[*at].1.clone(), lists[*at].2.to_owned()));
        settle(lists, &order, &mut standings);
    }
    standings
}

fn settle(lists: &[(&NormalList, &Edition, &str)], order: &[usize], standings: &mut [Standing]) {
    let contents: Vec<u64> = order.iter().map(|at| content(&lists[*at].0.listings)).collect();
    let date = |n: usize| -> Date { lists[order[n]].0.date };
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let mut current: Option<usize> = None;
    for (n, at) in order.iter().enumerate() {
        let earlier = seen.get(&contents[n]).copied();
        let before = current.filter(|before| contents[*before] == contents[n]);
        let standing = &mut standings[*at];
        match (earlier, before) {
            (_, Some(before)) => {
                standing.same_rows_as = Some(order[before]);
                if date(before) == date(n) {
                    standing.status = ListStatus::Duplicate;
                    standing.reason = Some("every clean cell and link equals an earlier edition of the day");
                    continue;
                }
            }
            (Some(earlier), None) => {
                standing.same_rows_as = Some(order[earlier]);
                // What a later day repeats is how things stand: then the list in between was the odd one.
                // An empty list is like every other and tells nothing of its age.
                let later_day = (n + 1..order.len()).find(|later| date(*later) > date(n));
                let persists = later_day.is_some_and(|later| contents[later] == contents[n]);
                if !persists && !lists[*at].0.listings.is_empty() {
                    standing.status = ListStatus::Stale;
                    standing.reason = Some("the rows of an older list, with a different list in between");
                    continue;
                }
            }
            (None, None) => {}
        }
        seen.insert(contents[n], n);
        current = Some(n);
    }
    // Of the lists of a day that are left, the last edition is the day's.
    let mut last_of_day: HashMap<Date, usize> = HashMap::new();
    for (n, at) in order.iter().enumerate() {
        if standings[*at].status != ListStatus::Accepted {
            continue;
        }
        if let Some(earlier) = last_of_day.insert(date(n), *at) {
            standings[earlier].status = ListStatus::Superseded;
            standings[earlier].reason = Some("a later edition of the same day differs");
        }
    }
}

/// One hash over the clean cells and links of all rows, in order.
fn content(listings: &[Listing]) -> u64 {
    let mut hash = DefaultHasher::new();
    for listing in listings {
        cells(listing).hash(&mut hash);
    }
    listings.len().hash(&mut hash);
    hash.finish()
}

type Cells<'a> = (
    (Option<StateCode>, Option<&'a Text>, Option<AgencyType>, Option<Model>),
    (Option<Date>, Option<CountyFips>, Option<&'a Text>, Option<&'a Text>),
);

fn cells(listing: &Listing) -> Cells<'_> {
    (
        (listing.state, listing.agency_name.as_ref(), listing.agency_type, listing.model),
        (listing.signed_date, listing.county, listing.moa_url.as_ref(), listing.addendum_url.as_ref()),
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::normalise::Printed;
    use crate::read::list_date;

    fn list(names: &[&str], day: Date) -> NormalList {
        let listing = |(at, name): (usize, &&str)| Listing {
            row_number: at as u32 + 2,
            state: StateCode::new("FL"),
            agency_name: Some((*name).into()),
            agency_type: None,
            model: Some(Model::Tfm),
            signed_date: None,
            county: None,
            moa_url: None,
            addendum_url: None,
            printed: Printed::default(),
        };
        let listings = names.iter().enumerate().map(listing).collect();
        NormalList { kind: ListKind::Participating, date: day, listings, repairs: Vec::new() }
    }

    fn statuses(lists: &[(&str, &[&str])]) -> Vec<&'static str> {
        let lists: Vec<_> = lists
            .iter()
            .map(|(name, rows)| {
                let day = list_date(name).unwrap();
                (list(rows, day.date), day.edition, *name)
            })
            .collect();
        let lists: Vec<_> = lists.iter().map(|(list, edition, name)| (list, edition, *name)).collect();
        standing(&lists).iter().map(|s| s.status.as_str()).collect()
    }

    #[test]
    fn lists_are_told_apart_by_their_rows() {
        assert_eq!(
            statuses(&[
                ("a08072025pm.xlsx", &["x"]),
                ("a08082025am.xlsx", &["x", "y"]),
                ("a08082025pm.xlsx", &["x", "y"]),
                ("a08092025am.xlsx", &["x"]),
                ("a08102025am.xlsx", &["x", "y"]),
                ("a08112025am.xlsx", &["z"]),
                ("a08112025pm.xlsx", &["z", "y"]),
            ]),
            ["accepted", "accepted", "duplicate", "stale", "accepted", "superseded", "accepted"]
        );
    }

    #[test]
    fn a_return_that_persists_is_how_things_stand() {
        let return_to_x = |last: &'static str| {
            let rows: &[(&str, &[&str])] = &[
                ("a09162024.xlsx", &["x"]),
                ("a12112024.xlsx", &["y"]),
                ("a12182024.xlsx", &["x"]),
                ("a01042025.xlsx", if last == "x" { &["x"] } else { &["y", "z"] }),
            ];
            statuses(rows)
        };
        assert_eq!(return_to_x("x"), ["accepted"; 4]);
        assert_eq!(return_to_x("z"), ["accepted", "accepted", "stale", "accepted"]);
        assert_eq!(
            statuses(&[("a01012025.xlsx", &[]), ("a01022025.xlsx", &["x"]), ("a01032025.xlsx", &[])]),
            ["accepted"; 3]
        );
    }

    #[test]
    fn the_order_of_input_does_not_matter() {
        let a = statuses(&[("a08072025am.xlsx", &["x"]), ("a08072025pm.xlsx", &["y"])]);
        let mut b = statuses(&[("a08072025pm.xlsx", &["y"]), ("a08072025am.xlsx", &["x"])]);
        b.reverse();
        assert_eq!(a, b);
    }

    #[test]
    fn a_printed_date_alone_is_a_difference() {
        let day = date(2025, 8, 7);
        let (a, mut b) = (list(&["x"], day), list(&["x"], day));
        b.listings[0].signed_date = Some(day);
        assert_ne!(content(&a.listings), content(&b.listings));
    }
}
