//! Tests of the day that each name and each list gets.

use jiff::civil::date;

use super::*;
use crate::panel::captured::{Capture, settle_capture};
use crate::read::{RawRow, named_date};
use crate::spec::{SpecFiles, Specs};

/// A list with these signing dates, saved at this time.
fn list(kind: ListKind, signed: &[&str], saved: Option<&str>) -> RawList {
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let layout = specs.layouts.layouts.iter().find(|l| l.kind == kind && !l.is_page_table).unwrap().clone();
    let mut pool = crate::read::Pool::default();
    let row = |(at, day): (usize, &&str)| {
        let mut row = RawRow::new(at as u32 + 2);
        row.put(Field::Signed, pool.id(day).unwrap());
        row
    };
    let rows = signed.iter().enumerate().map(row).collect();
    RawList {
        layout,
        printed_columns: Vec::new(),
        rows,
        texts: pool.into_texts(),
        blank_rows: 0,
        rows_seen: signed.len() as u32,
        lost_links: 0,
        stray_cells: 0,
        stray_rows: 0,
        aside: Vec::new(),
        sizes: Default::default(),
        saved: saved.map(str::to_owned),
    }
}

/// Returns the day and the method; where the list alone leaves its day open, it is compared with lists of these days
/// and rows.
fn settled(
    name: &str,
    kind: ListKind,
    signed: &[&str],
    saved: Option<&str>,
    rows: &[u32],
    beside: &[(Date, &[u32])],
) -> Option<(Date, &'static str)> {
    let date = match settle(named_date(name).unwrap(), &list(kind, signed, saved)) {
        Dating::Sure(date) => date,
        Dating::Doubtful(doubt) => settle_beside(&doubt, kind, rows, beside).ok()?,
        Dating::Bounded(bounded) => bounded_by(&bounded, kind, rows, saved),
    };
    Some((date.date, date.method.as_str()))
}

/// Returns the day of a list whose name does not date it, without other lists.
fn bounded_by(bounded: &BoundedDay, kind: ListKind, rows: &[u32], saved: Option<&str>) -> ListDate {
    let alone = Capture {
        bounded,
        kind,
        sha256: "",
        cells: rows,
        row_count: rows.len(),
        saved: saved.map(|saved| saved.parse().unwrap()),
    };
    settle_capture(&alone, &[], &[]).date
}

#[test]
fn by_the_list_alone() {
    use ListKind::{Participating, Pending};
    let winter = ["2025-12-01", "2025-12-17", "2025-12-18"];
    let summer = ["2025-08-07", "2025-08-28", "2025-08-28", "2025-08-28"];
    let typos = ["2024-12-03", "2025-01-03", "5025-12-02", "2025-12-01"];
    for (name, kind, signed, saved, expected) in [
        // The year: the workbook says which, or nothing does.
        (
            "01052025pm",
            Participating,
            &winter[..],
            Some("2026-01-05T20:22:43"),
            Some((date(2026, 1, 5), "workbook")),
        ),
        (
            "01092025pm",
            Participating,
            &winter[..],
            Some("2026-01-08T20:13:31"),
            Some((date(2026, 1, 9), "workbook")),
        ),
        ("01052025pm", Participating, &winter[..], Some("2026-04-01T00:00:00"), None),
        ("01052025pm", Participating, &winter[..], None, None),
        ("01052025pm", Participating, &typos[..], None, Some((date(2025, 1, 5), "file_name"))),
        ("01052025pm", Pending, &[], Some("2026-01-05T20:37:46"), Some((date(2026, 1, 5), "workbook"))),
        // The month.
        (
            "08022025pm",
            Participating,
            &summer[..],
            Some("2025-09-02T20:05:26"),
            Some((date(2025, 9, 2), "workbook")),
        ),
        // Digits that are no day.
        (
            "090022025am",
            Participating,
            &summer[..],
            Some("2025-09-02T12:11:44"),
            Some((date(2025, 9, 2), "workbook")),
        ),
        ("090022025am", Participating, &summer[..], None, Some((date(2025, 9, 2), "file_name"))),
        ("11114025am", Participating, &["2025-11-10"; 3], None, Some((date(2025, 11, 11), "file_name"))),
        (
            "11114025am",
            Participating,
            &["2025-11-13"; 3],
            Some("2025-11-14T15:00:00"),
            Some((date(2025, 11, 14), "workbook")),
        ),
        (
            "10223025am",
            Participating,
            &["2025-10-17"; 3],
            Some("2025-10-22T10:22:41"),
            Some((date(2025, 10, 22), "workbook")),
        ),
        ("10223025am", Pending, &[], Some("2025-10-22T10:22:41"), Some((date(2025, 10, 22), "workbook"))),
        ("11112035am", Pending, &[], Some("2025-11-10T10:22:41"), Some((date(2025, 11, 11), "workbook"))),
        ("13012025am", Participating, &["2025-03-01"; 1], Some("2026-11-24T00:00:00"), None),
        // Names of 2026 with a digit too many: the workbook says which day, or the signatures do.
        (
            "060920263pm",
            Participating,
            &["2026-06-08"; 3],
            Some("2026-06-09T19:01:02"),
            Some((date(2026, 6, 9), "workbook")),
        ),
        (
            "041720263pm",
            Participating,
            &["2026-04-15"; 3],
            Some("2026-04-17T19:01:02"),
            Some((date(2026, 4, 17), "workbook")),
        ),
        ("060920263pm", Participating, &["2026-06-08"; 3], None, Some((date(2026, 6, 9), "file_name"))),
        ("041720263pm", Participating, &["2026-04-15"; 3], None, Some((date(2026, 4, 17), "file_name"))),
        // Saving a workbook again does not change its day.
        (
            "06062025am",
            Participating,
            &["2025-06-05"; 3],
            Some("2026-06-06T00:00:00"),
            Some((date(2025, 6, 6), "file_name")),
        ),
        ("06062025am", Pending, &[], Some("2025-09-30T00:00:00"), Some((date(2025, 6, 6), "file_name"))),
        (
            "-20250119192356",
            Participating,
            &["2020-12-23"; 3],
            Some("2025-04-21T13:21:22"),
            Some((date(2025, 1, 19), "capture")),
        ),
        // The day a file was captured or fetched is not its day: its workbook was saved before, whatever the clock
        // said.
        (
            "-20261115093000",
            Participating,
            &["2026-05-15"; 3],
            Some("2026-05-18T11:30:00"),
            Some((date(2026, 5, 18), "workbook")),
        ),
        (
            "-19700101000000",
            Participating,
            &["2026-05-15"; 3],
            Some("2026-05-18T11:30:00"),
            Some((date(2026, 5, 18), "workbook")),
        ),
        (
            "-21000101000000",
            Participating,
            &["2026-05-15"; 3],
            Some("2026-05-18T11:30:00"),
            Some((date(2026, 5, 18), "workbook")),
        ),
        (
            "-20200101000000",
            Participating,
            &["2026-05-15"; 3],
            Some("2026-05-18T11:30:00"),
            Some((date(2026, 5, 18), "workbook")),
        ),
        // Saved again after it was captured: no evidence.
        (
            "-20250301180751",
            Participating,
            &["2025-02-26"; 3],
            Some("2025-04-16T16:09:04"),
            Some((date(2025, 3, 1), "capture")),
        ),
        ("-20250301180751", Participating, &["2025-02-26"; 3], None, Some((date(2025, 3, 1), "capture"))),
        // A workbook whose clock was wrong.
        (
            "-20250301180751",
            Participating,
            &["2025-02-26"; 3],
            Some("1980-01-01T00:00:00"),
            Some((date(2025, 3, 1), "capture")),
        ),
    ] {
        let found = settled(&format!("list{name}.xlsx"), kind, signed, saved, &[], &[]);
        assert_eq!(found, expected, "{name} saved {saved:?}");
    }
}

/// Names that ICE and browsers have made since 2026, with what settles the day of each.
#[test]
fn names_seen_since_2026() {
    for (name, saved, signed, expected, why) in [
        (
            "participatingAgencies060920263pm.xlsx",
            Some("2026-06-09T19:10:00"),
            "2026-06-08",
            (date(2026, 6, 9), "workbook"),
            "nine digits are no day; saved on June 9, from which the name is one digit away",
        ),
        (
            "participatingAgencies041720263pm.xlsx",
            Some("2026-04-17T19:10:00"),
            "2026-04-16",
            (date(2026, 4, 17), "workbook"),
            "the same: saved on April 17",
        ),
        (
            "participatingAgencies060920263pm.xlsx",
            None,
            "2026-06-08",
            (date(2026, 6, 9), "file_name"),
            "not saved by anybody: the one day that is one digit away and soon after the newest signature",
        ),
        (
            "participatingAgencies041720263pm.xlsx",
            None,
            "2026-04-16",
            (date(2026, 4, 17), "file_name"),
            "the same",
        ),
        (
            "participatingAgencies06102026.xlsx",
            Some("2026-06-10T11:00:00"),
            "2026-06-09",
            (date(2026, 6, 10), "file_name"),
            "no suffix: the name says the day, and the workbook was saved on it",
        ),
        (
            "ParticipatingAgencies08282026pm.xlsx",
            Some("2026-08-28T19:00:00"),
            "2026-08-27",
            (date(2026, 8, 28), "file_name"),
            "a capital: the same",
        ),
        (
            "ParticipatingAgency091826am.xlsx",
            Some("2026-09-18T11:00:00"),
            "2026-09-17",
            (date(2026, 9, 18), "file_name"),
            "a year of two digits, and the workbook was saved that day",
        ),
        (
            "287gParticipatingAgencies091526pm.xlsx",
            Some("2026-09-15T19:00:00"),
            "2026-09-14",
            (date(2026, 9, 15), "file_name"),
            "the same, and 287 is no part of a date",
        ),
        (
            "participatingAgencies03032025PM.xlsx",
            Some("2025-03-03T20:00:00"),
            "2025-02-28",
            (date(2025, 3, 3), "file_name"),
            "a suffix in capitals",
        ),
        (
            "participatingAgencies04212026am 12.15.07 AM.xlsx",
            Some("2026-04-20T20:00:00"),
            "2026-04-17",
            (date(2026, 4, 21), "file_name"),
            "a browser added the time of the download; saved the evening before",
        ),
        (
            "participatingAgencies05182026am (1).xlsx",
            Some("2026-05-18T11:00:00"),
            "2026-05-15",
            (date(2026, 5, 18), "file_name"),
            "a second download of the name",
        ),
        (
            "participatingAgencies05182026am.xlsx\"",
            Some("2026-05-18T11:00:00"),
            "2026-05-15",
            (date(2026, 5, 18), "file_name"),
            "a quote that the header left",
        ),
        (
            "participatingAgencies0518.xlsx",
            Some("2026-05-18T11:00:00"),
            "2026-05-15",
            (date(2026, 5, 18), "workbook"),
            "no year, so no day: the workbook says when it was saved",
        ),
        (
            "participatingAgencies_May 18 2026.xlsx",
            Some("2026-05-18T11:00:00"),
            "2026-05-15",
            (date(2026, 5, 18), "workbook"),
            "a day in words is not read: the workbook says",
        ),
        ("287g.xlsx", Some("2026-05-18T11:00:00"), "2026-05-15", (date(2026, 5, 18), "workbook"), "the same"),
    ] {
        let signed = [signed; 3];
        let list = list(ListKind::Participating, &signed, saved);
        let named = named_date(name).unwrap_or_else(|_| NamedDate::nothing());
        let found = match settle(named, &list) {
            Dating::Sure(date) => date,
            Dating::Doubtful(doubt) => {
                settle_beside::<u32>(&doubt, ListKind::Participating, &[], &[]).unwrap()
            }
            Dating::Bounded(bounded) => bounded_by(&bounded, ListKind::Participating, &[], saved),
        };
        assert_eq!((found.date, found.method.as_str()), expected, "{name}: {why}");
    }
}

#[test]
fn by_the_lists_beside_it() {
    let rows: Vec<u32> = (0..10).collect();
    let (like, other): (&[u32], &[u32]) = (&rows, &[90, 91, 92]);
    let signed = ["2025-10-17"; 3];
    let beside = [(date(2025, 3, 1), other), (date(2025, 10, 21), like), (date(2025, 10, 23), like)];
    let found = settled("x10223025am.xlsx", ListKind::Participating, &signed, None, &rows, &beside);
    assert_eq!(found, Some((date(2025, 10, 22), "neighbours")));
    // Two errors away from the days beside it.
    let found = settled("x10993025am.xlsx", ListKind::Participating, &signed, None, &rows, &beside);
    assert_eq!(found, None);
    // Two days are one error away, and nothing decides between them.
    let found = settled("x1022025am.xlsx", ListKind::Participating, &signed, None, &rows, &beside);
    assert_eq!(found, None);
    // A name that can be right is compared with the lists of its day.
    let (spring, autumn): (Vec<u32>, Vec<u32>) = ((0..50).collect(), (40..140).collect());
    let year = [
        (date(2025, 3, 12), autumn.as_slice()),
        (date(2025, 4, 9), spring.as_slice()),
        (date(2025, 4, 11), spring.as_slice()),
        (date(2025, 9, 9), autumn.as_slice()),
        (date(2025, 10, 9), rows.as_slice()),
    ];
    for (name, kind, saved, expected) in [
        // A month too late, a month too early, month and day exchanged: the time stamp decides.
        (
            "x05102025am",
            ListKind::Participating,
            Some("2025-04-10T12:00:00"),
            (date(2025, 4, 10), "workbook"),
        ),
        ("x03102025am", ListKind::Pending, Some("2025-04-10T12:00:00"), (date(2025, 4, 10), "workbook")),
        (
            "x10042025am",
            ListKind::Participating,
            Some("2025-04-10T12:00:00"),
            (date(2025, 4, 10), "workbook"),
        ),
        // Without a time stamp the lists beside it decide; where there are none the name stands.
        ("x09102025am", ListKind::Participating, None, (date(2025, 4, 10), "neighbours")),
        ("x07102025am", ListKind::Participating, None, (date(2025, 7, 10), "file_name")),
        // Saved again long after.
        (
            "x04102025am",
            ListKind::Participating,
            Some("2025-05-10T12:00:00"),
            (date(2025, 4, 10), "file_name"),
        ),
        // A list that was saved long before, and resembles the lists of its day.
        ("x04102025am", ListKind::Pending, Some("2025-01-20T12:00:00"), (date(2025, 4, 10), "file_name")),
    ] {
        let name = format!("{name}.xlsx");
        let found = settled(&name, kind, &["2025-03-01"; 3], saved, &spring, &year);
        assert_eq!(found, Some(expected), "{name} {saved:?}");
    }
    // Saved again a month later: without lists of its own weeks the name stands.
    let autumn_only = [(date(2025, 11, 12), rows.as_slice()), (date(2025, 11, 18), rows.as_slice())];
    let saved = Some("2025-11-14T12:00:00");
    let found = settled("x10142025am.xlsx", ListKind::Pending, &[], saved, &rows, &autumn_only);
    assert_eq!(found, Some((date(2025, 10, 14), "file_name")));
    // A year without a signature near it, and no time stamp.
    let signed = ["2025-11-10"; 3];
    let found = settled("x11142052am.xlsx", ListKind::Participating, &signed, None, &rows, &autumn_only);
    assert_eq!(found, Some((date(2025, 11, 14), "neighbours")));
    let alone = settled("x11142052am.xlsx", ListKind::Participating, &signed, None, &rows, &[]);
    assert_eq!(alone, None);
    // A pending list of another year, without a time stamp, before any list of its kind.
    let found = settled("x11142024am.xlsx", ListKind::Pending, &[], None, &rows, &autumn_only);
    assert_eq!(found, Some((date(2025, 11, 14), "neighbours")));
    let found = settled("x11242025am.xlsx", ListKind::Pending, &[], None, &rows, &autumn_only);
    assert_eq!(found, Some((date(2025, 11, 24), "file_name")));
    let found = settled("x12142025am.xlsx", ListKind::Pending, &[], None, &rows, &autumn_only);
    assert_eq!(found, Some((date(2025, 12, 14), "file_name")));
    // Saved half a year before the day in its name, and nothing else is known.
    let alone = settled("x11252026am.xlsx", ListKind::Pending, &[], Some("2026-02-10T00:00:00"), &rows, &[]);
    assert_eq!(alone, None);
    // A pending list that was saved again a year later, among lists of its own day.
    let saved = Some("2026-10-22T00:00:00");
    let found = settled("x10222025am.xlsx", ListKind::Pending, &[], saved, &rows, &beside);
    assert_eq!(found, Some((date(2025, 10, 22), "file_name")));
}
