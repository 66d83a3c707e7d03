//! The day of a list that no name dates: a file that an archive captured, or a fetch got, apart from ICE's page.
//!
//! That a file could be had on a day does not say that it was the list of that day. Such a list is dated no later than the
//! evidence allows:
//!
//! 1. It has the cells and the time stamp of a list that its name dates: it is that list.
//! 2. Its workbook was saved before it was captured: it is of the day it was saved. But if its cells are those of an
//!    earlier list, and the page said something else in between, somebody saved an old list again: it is no later than
//!    that one.
//! 3. Nothing says when it was saved, or only that somebody saved it after the capture: if its cells are those of an
//!    earlier list, it is no later than that one. Else the capture is all there is.
//!
//! A capture of the page's own table (2021 to February 2025) is evidence for its day: `panel/dates.rs` settles it.

use jiff::civil::{Date, DateTime};

use super::dates::Bounded;
use crate::page::Statement;
use crate::read::{ListDate, Settled};
use crate::words::ListKind;

/// A statement contradicts a list that is more rows away from it than this, and more than this share of what it states:
/// the page of March 17, 2025, is one row away from its own list.
const ROWS_APART: i64 = 1;
const SHARE_APART: f64 = 0.01;

/// A list that no name dates.
pub struct Capture<'a> {
    pub bounded: &'a Bounded,
    pub kind: ListKind,
    /// Its rows, links aside: a number for each, ascending.
    pub cells: &'a [u32],
    pub row_count: usize,
    /// When its workbook says it was saved.
    pub saved: Option<DateTime>,
}

/// A list whose day is settled.
pub struct SettledList<'a> {
    pub list_id: &'a str,
    pub file_name: &'a str,
    pub kind: ListKind,
    pub date: Date,
    /// Its name says its day.
    pub is_named: bool,
    pub cells: &'a [u32],
    pub saved: Option<DateTime>,
}

/// What became of a capture.
#[derive(Debug)]
pub struct Captured {
    pub date: ListDate,
    /// The list of whose cells it is a repetition, and so tells nothing new.
    pub repeats: Option<String>,
}

/// Settles the day of a capture by the lists that are settled and by what the page said.
pub fn settle_capture(capture: &Capture, settled: &[SettledList], statements: &[Statement]) -> Captured {
    let Bounded { named, captured, saved } = capture.bounded;
    let is_in_time = |list: &&SettledList| captured.is_none_or(|captured| list.date <= captured);
    let alike = || {
        settled
            .iter()
            .filter(|list| list.kind == capture.kind && list.cells == capture.cells)
            .filter(is_in_time)
    };
    let dated = |date: Date, method: Settled, note: Option<String>| ListDate {
        date,
        method,
        edition: named.edition.clone(),
        note,
    };
    let got = match captured {
        Some(captured) => format!("it was captured on {captured}"),
        None if named.digits.is_empty() => "its name says no day".to_owned(),
        None => format!("its name says {}, which cannot be when it was got", named.digits),
    };
    let repeats = |list: &SettledList, why: String| Captured {
        date: dated(
            list.date,
            Settled::Neighbours,
            Some(format!("{got}, and {why}: it is evidence of {} and no later", list.date)),
        ),
        repeats: Some(list.list_id.to_owned()),
    };
    // The same file under a name with a day.
    let same_file =
        alike().filter(|list| list.is_named && list.saved.is_some() && list.saved == capture.saved);
    if let Some(list) = same_file.min_by_key(|list| (list.date, list.file_name, list.list_id)) {
        return repeats(list, format!("its cells and time stamp are those of {}", list.file_name));
    }
    let latest = |until: Date| {
        alike()
            .filter(|list| list.date <= until)
            .max_by_key(|list| (list.date, std::cmp::Reverse((list.file_name, list.list_id))))
    };
    match (saved, captured) {
        (Some(saved), _) => {
            let earlier = latest(*saved);
            if let Some(list) = earlier.filter(|list| list.date == *saved) {
                return repeats(list, format!("its cells are those of {}", list.file_name));
            }
            let until = captured.unwrap_or(*saved);
            let said =
                earlier.and_then(|list| Some((list, contradiction(capture, statements, list.date, until)?)));
            if let Some((list, said)) = said {
                return repeats(list, format!("its cells are those of {}, though {said}", list.file_name));
            }
            let note = (*captured != Some(*saved)).then(|| {
                format!(
                    "{got}, and its workbook was saved on {saved}: it is evidence of that day and no later"
                )
            });
            let method = if *captured == Some(*saved) { Settled::Capture } else { Settled::Workbook };
            Captured { date: dated(*saved, method, note), repeats: None }
        }
        (None, Some(captured)) => {
            let earlier = latest(captured.yesterday().unwrap_or(*captured));
            match earlier {
                Some(list) => {
                    let stamp = capture.saved.map_or_else(String::new, |saved| {
                        format!(
                            "; its workbook was saved on {}, after that, which is no evidence",
                            saved.date()
                        )
                    });
                    let said = contradiction(capture, statements, list.date, *captured);
                    let said = said.map_or_else(String::new, |said| format!("; {said}"));
                    repeats(list, format!("its cells are those of {}{stamp}{said}", list.file_name))
                }
                None => Captured { date: dated(*captured, Settled::Capture, None), repeats: None },
            }
        }
        (None, None) => unreachable!("a list that nothing bounds is not settled as one"),
    }
}

/// What the page said after one day and up to another that is not so of the list, in words.
fn contradiction(capture: &Capture, statements: &[Statement], after: Date, until: Date) -> Option<String> {
    let rows = i64::try_from(capture.row_count).ok()?;
    let of_kind = statements.iter().filter(|statement| statement.kind == Some(capture.kind));
    let mut said: Vec<(Date, i64)> = of_kind
        .filter_map(|statement| {
            let stated = statement.stated.filter(|stated| stated.from > after && stated.until <= until)?;
            Some((stated.from, statement.total()?.0))
        })
        .filter(|(_, total)| {
            let apart = (total - rows).abs();
            apart > ROWS_APART && apart as f64 > SHARE_APART * *total as f64
        })
        .collect();
    said.sort_unstable();
    let (day, total) = said.first()?;
    Some(format!("the page said {total} on {day}, and it has {rows}"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::page::Source;
    use crate::read::named_date;

    /// Id, day, whether its name says it, cells, and when it was saved.
    type MadeList<'a> = (&'a str, Date, bool, &'a [u32], Option<&'a str>);

    /// Day, method, list repeated, of a capture with these cells among these lists and statements.
    fn settled(
        name: &str,
        saved: Option<&str>,
        lists: &[MadeList],
        said: &[&str],
    ) -> (Date, &'static str, Option<String>) {
        let cells = [1, 2, 3];
        let time = |text: Option<&str>| text.map(|text| text.parse::<DateTime>().unwrap());
        let named = named_date(name).unwrap_or_else(|_| crate::read::NamedDate::nothing());
        let captured = named.date.filter(|_| named.is_capture);
        let is_before = |saved: &DateTime| named.captured.is_none_or(|captured| *saved <= captured);
        let bounded = Bounded {
            captured,
            saved: time(saved).filter(is_before).map(|saved| saved.date()),
            named: named.clone(),
        };
        let capture = Capture {
            bounded: &bounded,
            kind: ListKind::Participating,
            cells: &cells,
            row_count: 239,
            saved: time(saved),
        };
        let lists: Vec<SettledList> = lists
            .iter()
            .map(|(id, date, is_named, cells, saved)| SettledList {
                list_id: id,
                file_name: id,
                kind: ListKind::Participating,
                date: *date,
                is_named: *is_named,
                cells,
                saved: time(*saved),
            })
            .collect();
        let source = Source { name: String::new(), url: String::new() };
        let said: Vec<Statement> =
            said.iter().flat_map(|text| Statement::read(text, None, &source)).collect();
        let found = settle_capture(&capture, &lists, &said);
        (found.date.date, found.date.method.as_str(), found.repeats)
    }

    #[test]
    fn a_capture_is_no_later_than_the_evidence_allows() {
        let same: &[u32] = &[1, 2, 3];
        let feb = ("feb", date(2025, 2, 26), false, same, Some("2025-02-26T20:50:13"));
        let other = ("other", date(2025, 2, 28), false, [7, 8].as_slice(), None);
        let (stamp_after, stamp_day) = (Some("2025-04-16T16:09:04"), Some("2025-03-01T12:00:00"));
        let page = ["As of February 28, 2025, at 3 p.m., ICE has signed 272 agreements."];
        let repeats = |id: &str| Some(id.to_owned());
        // Saved again after the capture, and its cells are those of an earlier list.
        assert_eq!(
            settled("x-20250301180751.xlsx", stamp_after, &[feb, other], &page),
            (feb.1, "neighbours", repeats("feb"))
        );
        assert_eq!(
            settled("x-20250301180751.xlsx", None, &[feb], &[]),
            (feb.1, "neighbours", repeats("feb"))
        );
        // No other list has its cells: the capture is all there is.
        assert_eq!(
            settled("x-20250301180751.xlsx", stamp_after, &[other], &page),
            (date(2025, 3, 1), "capture", None)
        );
        // A later list that is like it says nothing.
        let later = ("later", date(2025, 3, 5), true, same, None);
        assert_eq!(
            settled("x-20250301180751.xlsx", None, &[later], &[]),
            (date(2025, 3, 1), "capture", None)
        );
        // Saved on the day of the capture: nothing has changed since; unless the page said that something had.
        assert_eq!(
            settled("x-20250301180751.xlsx", stamp_day, &[feb], &[]),
            (date(2025, 3, 1), "capture", None)
        );
        assert_eq!(
            settled("x-20250301180751.xlsx", stamp_day, &[feb], &page),
            (feb.1, "neighbours", repeats("feb"))
        );
        for (near, expected) in [
            ("As of February 28, 2025, ICE has signed 240 agreements.", date(2025, 3, 1)),
            ("As of February 20, 2025, ICE has signed 272 agreements.", date(2025, 3, 1)),
            ("As of March 3, 2025, ICE has signed 272 agreements.", date(2025, 3, 1)),
            ("As of February 28, 2025, ICE has 272 pending applications.", date(2025, 3, 1)),
            (
                "As of February 28, 2025, ICE has signed 240 agreements. These include 5 WSO agreements.",
                date(2025, 3, 1),
            ),
        ] {
            assert_eq!(settled("x-20250301180751.xlsx", stamp_day, &[feb], &[near]).0, expected, "{near}");
        }
        // Saved days before it was captured or fetched.
        let old = Some("2025-02-27T10:00:00");
        assert_eq!(
            settled("x-20250301180751.xlsx", old, &[other], &[]),
            (date(2025, 2, 27), "workbook", None)
        );
        assert_eq!(settled("agencies.xlsx", old, &[other], &[]), (date(2025, 2, 27), "workbook", None));
        // The same file under a name with a day, which is not the day it was saved.
        let named = ("named", date(2025, 2, 28), true, same, old);
        assert_eq!(
            settled("agencies.xlsx", old, &[named], &[]),
            (date(2025, 2, 28), "neighbours", repeats("named"))
        );
        assert_eq!(
            settled("x-20261130000000.xlsx", old, &[feb, named], &[]),
            (date(2025, 2, 28), "neighbours", repeats("named"))
        );
    }
}
