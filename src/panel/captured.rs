//! The day of a list whose name does not date it: a file that an archive captured, or that was fetched, apart from
//! ICE's page.
//!
//! A file that could be had on a day need not be the list of that day. Such a list is dated no later than the evidence
//! allows, by the first of these rules that applies:
//!
//! 1. Same file: it has the bytes, or the cells and the time stamp, of a list that its name dates. It is that list.
//! 2. Saved before: its workbook was saved before it was captured. Its day is the day it was saved. But where its cells
//!    are those of an earlier list, and nobody knows when it was captured, or the page said something else in between,
//!    it tells nothing new: somebody saved an old list again, and it is dated no later than that list.
//! 3. Captured: nothing says when it was saved, or only that somebody saved it after the capture. If its cells are
//!    those of an earlier list, it is dated no later than that list. Otherwise the capture is the only evidence.
//!
//! A capture of the page's own table (2021 to February 2025) is evidence for its day: `list_day.rs` settles it.

use jiff::civil::{Date, DateTime};

use super::list_day::BoundedDay;
use crate::page::Statement;
use crate::read::{ListDate, Settled};
use crate::words::{ListKind, ModelGroup};

/// A statement contradicts a list that differs from it by more rows than this, and by more than this share of what it
/// states: the page of March 17, 2025, is one row away from its own list.
const ROWS_APART: i64 = 1;
const SHARE_APART: f64 = 0.01;

/// A list whose name does not date it.
pub struct Capture<'a> {
    pub bounded: &'a BoundedDay,
    pub kind: ListKind,
    /// sha256 of its bytes.
    pub sha256: &'a str,
    /// A number for each of its rows, links aside, ascending.
    pub cells: &'a [u32],
    pub row_count: usize,
    /// When its workbook says it was saved.
    pub saved: Option<DateTime>,
}

/// A list whose day is settled.
pub struct SettledList<'a> {
    pub list_id: &'a str,
    pub file_name: &'a str,
    pub sha256: &'a str,
    pub kind: ListKind,
    pub date: Date,
    /// Whether its name says its day.
    pub is_named: bool,
    pub cells: &'a [u32],
    pub saved: Option<DateTime>,
}

/// A capture whose day is settled.
#[derive(Debug)]
pub struct SettledCapture {
    pub date: ListDate,
    /// Id of the list whose cells it repeats, so that it tells nothing new.
    pub repeats: Option<String>,
}

/// Settles the day of a capture by the lists that are settled and by what the page said.
pub fn settle_capture(
    capture: &Capture,
    settled: &[SettledList],
    statements: &[Statement],
) -> SettledCapture {
    if let Some(found) = same_file(capture, settled) {
        return found;
    }
    match (capture.bounded.saved, capture.bounded.captured) {
        (Some(saved), captured) => saved_before(capture, settled, statements, saved, captured),
        (None, Some(captured)) => only_captured(capture, settled, statements, captured),
        // Nothing bounds it: `list_day.rs` makes no such capture.
        (None, None) => capture.on(Date::MIN, Settled::Capture, None),
    }
}

/// Rule 1.
fn same_file(capture: &Capture, settled: &[SettledList]) -> Option<SettledCapture> {
    let has_stamp = |list: &SettledList| list.saved.is_some() && list.saved == capture.saved;
    let is_same = |list: &&SettledList| {
        list.is_named
            && list.kind == capture.kind
            && (list.sha256 == capture.sha256 || (list.cells == capture.cells && has_stamp(list)))
    };
    let list = settled.iter().filter(is_same).min_by_key(|list| (list.date, list.file_name, list.list_id))?;
    Some(capture.repeats(list, &format!("it is the file {}", list.file_name)))
}

/// Rule 2.
fn saved_before(
    capture: &Capture,
    settled: &[SettledList],
    statements: &[Statement],
    saved: Date,
    captured: Option<Date>,
) -> SettledCapture {
    if let Some(list) = capture.latest_alike(settled, saved) {
        let cells = format!("its cells are those of {}", list.file_name);
        let said = contradiction(capture, statements, list.date, saved);
        match (captured, said) {
            (_, Some(said)) => return capture.repeats(list, &format!("{cells}, though {said}")),
            (None, None) => return capture.repeats(list, &cells),
            (Some(_), None) if list.date == saved => return capture.repeats(list, &cells),
            // The list was saved again, and captured: on that day nothing had changed.
            (Some(_), None) => {}
        }
    }
    if captured == Some(saved) {
        return capture.on(saved, Settled::Capture, None);
    }
    let why = format!("its workbook was saved on {saved}: it is evidence of that day and no later");
    capture.on(saved, Settled::Workbook, Some(&why))
}

/// Rule 3.
fn only_captured(
    capture: &Capture,
    settled: &[SettledList],
    statements: &[Statement],
    captured: Date,
) -> SettledCapture {
    let Some(list) = capture.latest_alike(settled, captured.yesterday().unwrap_or(captured)) else {
        return capture.on(captured, Settled::Capture, None);
    };
    let stamp = capture.saved.map_or_else(String::new, |saved| {
        format!("; its workbook was saved on {}, after that, which is no evidence", saved.date())
    });
    let said = contradiction(capture, statements, list.date, captured);
    let said = said.map_or_else(String::new, |said| format!("; {said}"));
    capture.repeats(list, &format!("its cells are those of {}{stamp}{said}", list.file_name))
}

impl Capture<'_> {
    /// The latest list up to a day that has the same cells as this one.
    fn latest_alike<'l, 's>(
        &self,
        settled: &'l [SettledList<'s>],
        until: Date,
    ) -> Option<&'l SettledList<'s>> {
        let is_alike =
            |list: &&SettledList| list.kind == self.kind && list.cells == self.cells && list.date <= until;
        let key = |list: &&'l SettledList<'s>| (list.date, std::cmp::Reverse((list.file_name, list.list_id)));
        settled.iter().filter(is_alike).max_by_key(key)
    }

    /// Says in words what is known of when the file was captured or fetched.
    fn got(&self) -> String {
        match self.bounded.captured {
            Some(captured) => format!("it was captured on {captured}"),
            None if self.bounded.named.digits.is_empty() => "its name says no day".to_owned(),
            None => format!("its name says {}, which cannot be when it was got", self.bounded.named.digits),
        }
    }

    fn on(&self, date: Date, method: Settled, why: Option<&str>) -> SettledCapture {
        let note = why.map(|why| format!("{}, and {why}", self.got()));
        let edition = self.bounded.named.edition.clone();
        SettledCapture { date: ListDate { date, method, edition, note }, repeats: None }
    }

    fn repeats(&self, list: &SettledList, why: &str) -> SettledCapture {
        let why = format!("{why}: it is evidence of {} and no later", list.date);
        let settled = self.on(list.date, Settled::Neighbours, Some(&why));
        SettledCapture { repeats: Some(list.list_id.to_owned()), ..settled }
    }
}

/// Says in words what the page stated, after one day and up to another, that contradicts the list. Only a stated number
/// of agreements, or that of all three models, counts.
fn contradiction(capture: &Capture, statements: &[Statement], after: Date, until: Date) -> Option<String> {
    let rows = i64::try_from(capture.row_count).ok()?;
    let models = [ModelGroup::Jem, ModelGroup::Wso, ModelGroup::Tfm];
    let of_kind = statements.iter().filter(|statement| statement.kind == Some(capture.kind));
    let mut said: Vec<(Date, i64)> = of_kind
        .filter_map(|statement| {
            let stated = statement.stated.filter(|stated| stated.from > after && stated.until <= until)?;
            Some((stated.from, statement.total(&models)?.0))
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
    use crate::page::StatementSource;
    use crate::read::named_date;

    /// Id, day, whether the name says the day, cells, and when the list was saved.
    type MadeList<'a> = (&'a str, Date, bool, &'a [u32], Option<&'a str>);

    /// Returns the day, the method and the list repeated, for a capture among these lists and statements.
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
        let bounded = BoundedDay {
            captured,
            saved: time(saved).filter(is_before).map(|saved| saved.date()),
            named: named.clone(),
        };
        let capture = Capture {
            bounded: &bounded,
            kind: ListKind::Participating,
            sha256: "bytes",
            cells: &cells,
            row_count: 239,
            saved: time(saved),
        };
        let lists: Vec<SettledList> = lists
            .iter()
            .map(|(id, date, is_named, cells, saved)| SettledList {
                list_id: id,
                file_name: id,
                sha256: id,
                kind: ListKind::Participating,
                date: *date,
                is_named: *is_named,
                cells,
                saved: time(*saved),
            })
            .collect();
        let source = StatementSource { name: String::new(), url: String::new() };
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
        // No other list has its cells: the capture is the only evidence.
        assert_eq!(
            settled("x-20250301180751.xlsx", stamp_after, &[other], &page),
            (date(2025, 3, 1), "capture", None)
        );
        // A later list with the same cells is no evidence.
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
        // Without a capture, somebody may have saved an old list again.
        assert_eq!(
            settled("agencies.xlsx", Some("2025-11-20T10:00:00"), &[feb, other], &[]),
            (feb.1, "neighbours", repeats("feb"))
        );
        // A statement of the page after the workbook was saved is no evidence about it.
        let after = ["As of March 1, 2025, ICE has signed 272 agreements."];
        assert_eq!(
            settled("x-20250301180751.xlsx", Some("2025-02-28T10:00:00"), &[feb], &after),
            (date(2025, 2, 28), "workbook", None)
        );
        // The same bytes as a list that its name dates later, as ICE dates a Friday's file for Monday.
        let monday = ("bytes", date(2025, 3, 3), true, same, None);
        assert_eq!(
            settled("x-20250301180751.xlsx", stamp_day, &[monday], &[]),
            (date(2025, 3, 3), "neighbours", repeats("bytes"))
        );
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
