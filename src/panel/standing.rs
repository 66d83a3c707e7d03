//! Which lists count: accepted, superseded, duplicate, stale (docs/architecture.md, "Which lists count").
//!
//! Lists of a kind are ordered by date, edition, and when their workbook was saved. Two lists are the same when every
//! clean cell and link of their rows is the same.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, DateTime};

use crate::read::Edition;
use crate::words::{ListKind, ListStatus};

/// The facts that decide what a list counts for.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub kind: ListKind,
    pub date: Date,
    pub edition: Edition,
    /// When the list was captured, or else its workbook last saved.
    pub saved: Option<DateTime>,
    pub file_name: String,
    pub list_id: String,
    /// sha256 of the bytes: a file that was published before tells nothing new.
    pub sha256: String,
    /// Whether its name dates it: a list without such a name takes nothing from a list with one.
    pub is_named: bool,
    /// Id of the list whose cells it repeats, so that it tells nothing new.
    pub repeats: Option<String>,
    /// A number for each row, the same where all clean cells and links are the same. The numbers are ascending, because
    /// the order of a list's rows does not matter.
    pub rows: Vec<u32>,
}

impl Candidate {
    /// The order in which lists of a kind are taken. File names decide where day, edition and time do not, so that the
    /// order of input never does.
    fn order(&self) -> (Date, bool, &Edition, Option<DateTime>, &str, &str) {
        (self.date, self.is_named, &self.edition, self.saved, &self.file_name, &self.list_id)
    }
}

/// The status of a list: what it counts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListStanding {
    pub status: ListStatus,
    /// Position of an earlier list of the same kind with the same rows.
    pub same_rows_as: Option<usize>,
    pub reason: Option<&'static str>,
}

/// Returns the standing of each list. `lists` are in any order; positions are those of `lists`.
pub fn standing(lists: &[&Candidate]) -> Vec<ListStanding> {
    let accepted = ListStanding { status: ListStatus::Accepted, same_rows_as: None, reason: None };
    let mut standings = vec![accepted; lists.len()];
    for kind in ListKind::ALL {
        let mut order: Vec<usize> = (0..lists.len()).filter(|at| lists[*at].kind == *kind).collect();
        order.sort_by_key(|at| lists[*at].order());
        let (own, repeated): (Vec<usize>, Vec<usize>) =
            order.into_iter().partition(|at| lists[*at].repeats.is_none());
        settle(lists, &own, &mut standings);
        // The standing of lists that their names date does not depend on other lists.
        let named: Vec<usize> = own.iter().copied().filter(|at| lists[*at].is_named).collect();
        if named.len() < own.len() {
            settle(lists, &named, &mut standings);
            let days: HashSet<Date> = named.iter().map(|at| lists[*at].date).collect();
            for at in own.iter().filter(|at| !lists[**at].is_named && days.contains(&lists[**at].date)) {
                if standings[*at].status == ListStatus::Accepted {
                    standings[*at].status = ListStatus::Superseded;
                    standings[*at].reason = Some("another list of the day has a name that says so");
                }
            }
        }
        for at in repeated {
            standings[at] = repetition(lists, at, &standings);
        }
    }
    standings
}

/// The standing of a list that repeats the cells of another: it counts for nothing that the other does not.
fn repetition(lists: &[&Candidate], at: usize, standings: &[ListStanding]) -> ListStanding {
    let repeated = lists.iter().position(|other| Some(&other.list_id) == lists[at].repeats.as_ref());
    let is_same = repeated.filter(|other| lists[*other].rows == lists[at].rows);
    match (is_same, repeated.map(|other| standings[other].status)) {
        (Some(other), _) => ListStanding {
            status: ListStatus::Duplicate,
            same_rows_as: Some(other),
            reason: Some("every clean cell and link equals those of another list of the day"),
        },
        (None, None) => ListStanding {
            status: ListStatus::Stale,
            same_rows_as: None,
            reason: Some("it repeats the cells of a list that is not among these"),
        },
        (None, Some(ListStatus::Stale)) => ListStanding {
            status: ListStatus::Stale,
            same_rows_as: None,
            reason: Some("its cells are those of a stale list"),
        },
        (None, _) => ListStanding {
            status: ListStatus::Superseded,
            same_rows_as: None,
            reason: Some("its cells are those of another list of the day, which has other links"),
        },
    }
}

fn settle(lists: &[&Candidate], order: &[usize], standings: &mut [ListStanding]) {
    let contents: Vec<&[u32]> = order.iter().map(|at| lists[*at].rows.as_slice()).collect();
    let date = |n: usize| -> Date { lists[order[n]].date };
    let mut seen: HashMap<&[u32], usize> = HashMap::new();
    let mut current: Option<usize> = None;
    for at in order {
        standings[*at] = ListStanding { status: ListStatus::Accepted, same_rows_as: None, reason: None };
    }
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
                // Rows that a later day repeats are how things stand: then the list in between was the odd one.
                // An empty list equals every other empty list and tells nothing of its age.
                // A file with the earlier list's bytes is no evidence, and a copy of this file is no second evidence.
                let bytes = |n: usize| lists[order[n]].sha256.as_str();
                let later_day =
                    (n + 1..order.len()).find(|later| date(*later) > date(n) && bytes(*later) != bytes(n));
                let persists = bytes(n) != bytes(earlier)
                    && later_day.is_some_and(|later| contents[later] == contents[n]);
                if !persists && !contents[n].is_empty() {
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
    // The last edition among the remaining lists of a day is the day's.
    let mut last_of_day: HashMap<Date, usize> = HashMap::new();
    for (n, at) in order.iter().enumerate() {
        if standings[*at].status != ListStatus::Accepted {
            continue;
        }
        if let Some(earlier) = last_of_day.insert(date(n), *at) {
            let (before, after) = (lists[earlier], lists[*at]);
            standings[earlier].status = ListStatus::Superseded;
            standings[earlier].reason = Some(
                match (before.edition == after.edition, before.saved.zip(after.saved)) {
                    (false, _) => "a later edition of the same day differs",
                    (true, Some((first, last))) if first < last => {
                        "another list of the same day and edition differs and is the later one by its time stamp"
                    }
                    (true, _) => {
                        "another list of the same day and edition differs and comes after it by name"
                    }
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::named_date;

    /// Lists by file name, time stamp and rows.
    fn statuses(lists: &[(&str, Option<&str>, &[u32])]) -> Vec<&'static str> {
        let candidate = |(name, saved, rows): &(&str, Option<&str>, &[u32])| {
            let named = named_date(name).unwrap();
            Candidate {
                kind: ListKind::Participating,
                date: named.date.unwrap(),
                edition: named.edition,
                saved: saved.map(|saved| saved.parse().unwrap()),
                file_name: (*name).to_owned(),
                list_id: String::new(),
                sha256: (*name).to_owned(),
                is_named: !name.starts_with("weak"),
                repeats: None,
                rows: rows.to_vec(),
            }
        };
        let lists: Vec<_> = lists.iter().map(candidate).collect();
        standing(&lists.iter().collect::<Vec<_>>()).iter().map(|s| s.status.as_str()).collect()
    }

    fn by_name(lists: &[(&str, &[u32])]) -> Vec<&'static str> {
        statuses(&lists.iter().map(|(name, rows)| (*name, None, *rows)).collect::<Vec<_>>())
    }

    #[test]
    fn lists_are_told_apart_by_their_rows() {
        assert_eq!(
            by_name(&[
                ("a08072025pm.xlsx", &[1]),
                ("a08082025am.xlsx", &[1, 2]),
                ("a08082025pm.xlsx", &[1, 2]),
                ("a08092025am.xlsx", &[1]),
                ("a08102025am.xlsx", &[1, 2]),
                ("a08112025am.xlsx", &[3]),
                ("a08112025pm.xlsx", &[3, 2]),
            ]),
            ["accepted", "accepted", "duplicate", "stale", "accepted", "superseded", "accepted"]
        );
    }

    #[test]
    fn a_return_that_persists_is_how_things_stand() {
        let return_to_x = |last: &'static str| {
            let rows: &[(&str, &[u32])] = &[
                ("a09162024.xlsx", &[1]),
                ("a12112024.xlsx", &[2]),
                ("a12182024.xlsx", &[1]),
                ("a01042025.xlsx", if last == "x" { &[1] } else { &[2, 3] }),
            ];
            by_name(rows)
        };
        assert_eq!(return_to_x("x"), ["accepted"; 4]);
        assert_eq!(return_to_x("z"), ["accepted", "accepted", "stale", "accepted"]);
        assert_eq!(
            by_name(&[("a01012025.xlsx", &[]), ("a01022025.xlsx", &[1]), ("a01032025.xlsx", &[])]),
            ["accepted"; 3]
        );
    }

    #[test]
    fn a_list_that_no_name_dates_takes_nothing_from_one_that_a_name_does() {
        // A list that its name does not date is superseded on its day; between two days it is no return to an older
        // one.
        assert_eq!(
            by_name(&[
                ("a05142026am.xlsx", &[1, 2]),
                ("weak05162026.xlsx", &[1]),
                ("a05182026am.xlsx", &[1, 2]),
                ("weak05182026.xlsx", &[1, 2, 3]),
            ]),
            ["accepted", "accepted", "accepted", "superseded"]
        );
    }

    #[test]
    fn a_repetition_counts_for_nothing_of_its_own() {
        let list = |name: &str, rows: &[u32], repeats: Option<&str>| Candidate {
            kind: ListKind::Participating,
            date: "2025-02-26".parse().unwrap(),
            edition: named_date("x06062025.xlsx").unwrap().edition,
            saved: None,
            file_name: name.to_owned(),
            list_id: name.to_owned(),
            sha256: name.to_owned(),
            is_named: repeats.is_none(),
            repeats: repeats.map(str::to_owned),
            rows: rows.to_vec(),
        };
        let lists = [list("x", &[1, 2], None), list("z", &[1, 2], Some("x")), list("a", &[1, 3], Some("x"))];
        for order in [[0, 1, 2], [2, 1, 0]] {
            let candidates: Vec<&Candidate> = order.iter().map(|at| &lists[*at]).collect();
            let found = standing(&candidates);
            for (at, standing) in order.iter().zip(found) {
                let expected = ["accepted", "duplicate", "superseded"][*at];
                assert_eq!(standing.status.as_str(), expected, "{}", lists[*at].file_name);
            }
        }
    }

    #[test]
    fn the_order_of_input_does_not_matter() {
        let a = by_name(&[("a08072025am.xlsx", &[1]), ("a08072025pm.xlsx", &[2])]);
        let mut b = by_name(&[("a08072025pm.xlsx", &[2]), ("a08072025am.xlsx", &[1])]);
        b.reverse();
        assert_eq!(a, b);
    }

    #[test]
    fn of_two_lists_of_an_edition_the_one_saved_later_is_the_days() {
        let (early, late) = (Some("2025-07-02T23:46:43"), Some("2025-07-03T15:04:38"));
        for (plain, copy, expected) in
            [(early, late, ["superseded", "accepted"]), (late, early, ["accepted", "superseded"])]
        {
            let lists: [(&str, Option<&str>, &[u32]); 2] =
                [("a07032025pm.xlsx", plain, &[1]), ("a07032025pm copy.xlsx", copy, &[1, 2])];
            assert_eq!(statuses(&lists), expected);
        }
    }
}
