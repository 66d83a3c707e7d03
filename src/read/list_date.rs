//! The day a list speaks for, by its file name: `mmddyyyy` with an edition, or an archive's capture time.

use jiff::Span;
use jiff::civil::{Date, date};

use super::RawList;
use crate::acquire::Refusal;
use crate::spec::Field;

/// How a list's date was settled.
pub const BY_FILE_NAME: &str = "file_name";
/// How a list's date was settled: by the time stamp an archive put into the name.
pub const BY_CAPTURE: &str = "capture";

/// How a list's date was settled: the name's year is wrong, and the workbook says when it was saved.
pub const BY_WORKBOOK: &str = "workbook";

/// Days by which a signing date may be later than the list that prints it.
const SIGNED_AHEAD_DAYS: i32 = 31;
/// Rows that must be signed later than that before a list's name is not believed: fewer are typing errors.
const SIGNED_AHEAD_ROWS: usize = 3;
/// Days between the day of a list and the day its workbook was saved.
const SAVED_DAYS: i32 = 10;

/// The first 287(g) agreement was signed in 2002; no list is older.
const FIRST_DAY: Date = date(2002, 1, 1);
/// No list of ours is younger: a name that says so has a typing error.
const LAST_DAY: Date = date(2099, 12, 31);

/// A list's day and edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDate {
    pub date: Date,
    pub method: &'static str,
    pub edition: Edition,
}

/// Which list of a day: `am` before `mid`, before none, before `pm`; `b` marks a second one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition {
    rank: u8,
    /// As the name has it; `none` where it has none.
    pub name: String,
}

impl Edition {
    /// The edition of a name's ending; an unknown ending ranks as none and keeps its name.
    fn new(name: &str) -> Self {
        let rank = match name {
            "am" => 0,
            "am_b" | "amB" => 1,
            "mid" => 2,
            "pm" => 4,
            "pm_b" | "pmB" | "pm2" => 5,
            _ => 3,
        };
        Self { rank, name: if name.is_empty() { "none".into() } else { name.into() } }
    }
}

/// Reads a file name.
///
/// # Errors
/// [`Refusal::NoDate`] and [`Refusal::ImpossibleDate`].
pub fn list_date(file_name: &str) -> Result<ListDate, Refusal> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let start = start_of_date(stem).ok_or(Refusal::NoDate)?;
    let digits: String = stem[start..].chars().take_while(char::is_ascii_digit).collect();
    let (text, method) = match digits.len() {
        8 => (digits.clone(), BY_FILE_NAME),
        14 => (format!("{}{}", &digits[4..8], &digits[..4]), BY_CAPTURE),
        _ => return Err(Refusal::NoDate),
    };
    let number = |range: std::ops::Range<usize>| text[range].parse::<i16>().unwrap_or_default();
    let day = Date::new(number(4..8), number(0..2) as i8, number(2..4) as i8).ok();
    let day = day.filter(|day| (FIRST_DAY..=LAST_DAY).contains(day));
    let edition = stem[start + digits.len()..].trim().trim_end_matches("copy").trim();
    Ok(ListDate {
        date: day.ok_or(Refusal::ImpossibleDate { text: digits.clone() })?,
        method,
        edition: Edition::new(edition),
    })
}

/// Holds the date of a name against the list itself: a list dated long before its agreements were signed
/// has a wrong year in its name. The right one is that in which the workbook was saved.
///
/// # Errors
/// [`Refusal::Misdated`] where the workbook does not say.
pub fn settle(by_name: ListDate, list: &RawList) -> Result<ListDate, Refusal> {
    let limit = by_name.date.saturating_add(Span::new().days(SIGNED_AHEAD_DAYS));
    // Date cells alone: text dates are few, and are read later.
    let signed = list.rows.iter().filter_map(|row| row.cell(Field::Signed)?.parse::<Date>().ok());
    let ahead = signed.filter(|day| *day > limit && *day <= LAST_DAY).count();
    if ahead < SIGNED_AHEAD_ROWS {
        return Ok(by_name);
    }
    let refusal = || Refusal::Misdated { date: by_name.date.to_string(), rows: ahead };
    let saved = list.saved.ok_or_else(refusal)?;
    let in_year = Date::new(saved.year(), by_name.date.month(), by_name.date.day()).ok();
    let date = in_year.filter(|day| (*day - saved).get_days().abs() <= SAVED_DAYS).ok_or_else(refusal)?;
    Ok(ListDate { date, method: BY_WORKBOOK, edition: by_name.edition })
}

/// Where the date's digits start: the first run of digits that is not the programme's name.
fn start_of_date(stem: &str) -> Option<usize> {
    let digit = |c: char| c.is_ascii_digit();
    let from = stem.find(digit)?;
    match stem[from..].strip_prefix("287").filter(|rest| !rest.starts_with(digit)) {
        Some(rest) => rest.find(digit).map(|at| from + 3 + at),
        None => Some(from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_seen() {
        for (name, day, method, edition) in [
            ("participatingAgencies06062025am.xlsx", date(2025, 6, 6), BY_FILE_NAME, "am"),
            ("participatingAgencies06112025pm copy.xlsx", date(2025, 6, 11), BY_FILE_NAME, "pm"),
            ("participatingAgencies05122025amB.xlsx", date(2025, 5, 12), BY_FILE_NAME, "amB"),
            ("participatingAgencies07242025pm_b.xlsx", date(2025, 7, 24), BY_FILE_NAME, "pm_b"),
            ("ParticipatingEntities-20250119192356.xlsx", date(2025, 1, 19), BY_CAPTURE, "none"),
            ("287gParticipatingAgencies09152026pm.xlsx", date(2026, 9, 15), BY_FILE_NAME, "pm"),
            ("ParticipatingAgencies09212026.csv", date(2026, 9, 21), BY_FILE_NAME, "none"),
        ] {
            let found = list_date(name).unwrap();
            assert_eq!(
                (found.date, found.method, found.edition.name.as_str()),
                (day, method, edition),
                "{name}"
            );
        }
    }

    #[test]
    fn names_without_a_day_are_refused() {
        for name in ["agreements.xlsx", "287g.xlsx", "list2025.xlsx", "", "x123456789012345.xlsx"] {
            assert_eq!(list_date(name), Err(Refusal::NoDate), "{name}");
        }
        for name in ["a13012025.xlsx", "a02302025am.xlsx", "a01014025.xlsx", "a20251301000000.xlsx"] {
            assert!(matches!(list_date(name), Err(Refusal::ImpossibleDate { .. })), "{name}");
        }
    }

    fn list_signed(days: &[&str], saved: Option<Date>) -> RawList {
        let row = |(at, day): (usize, &&str)| {
            let mut row = crate::read::RawRow::new(at as u32 + 2);
            row.cells[Field::Signed as usize] = Some((*day).into());
            row
        };
        RawList {
            kind: crate::words::ListKind::Participating,
            layout: String::new(),
            printed_columns: Vec::new(),
            rows: days.iter().enumerate().map(row).collect(),
            blank_rows: 0,
            stray_cells: 0,
            rows_seen: days.len() as u32,
            lost_links: 0,
            saved,
        }
    }

    #[test]
    fn a_wrong_year_is_settled_by_the_workbook_or_not_at_all() {
        let by_name = list_date("participatingAgencies01052025pm.xlsx").unwrap();
        let late = ["2025-12-01", "2025-12-02", "2025-12-03"];
        let settled = settle(by_name.clone(), &list_signed(&late, Some(date(2026, 1, 5)))).unwrap();
        assert_eq!((settled.date, settled.method), (date(2026, 1, 5), BY_WORKBOOK));
        for saved in [None, Some(date(2026, 4, 1))] {
            let refused = settle(by_name.clone(), &list_signed(&late, saved)).unwrap_err();
            assert!(matches!(refused, Refusal::Misdated { rows: 3, .. }));
        }
        let typos = ["2025-12-01", "5025-12-02", "2024-12-03"];
        assert_eq!(settle(by_name.clone(), &list_signed(&typos, None)), Ok(by_name));
    }

    #[test]
    fn editions_are_ordered() {
        let order = ["am", "am_b", "mid", "", "pm", "pm_b"].map(Edition::new);
        assert!(order.is_sorted());
        assert_eq!(Edition::new("amB").rank, Edition::new("am_b").rank);
    }
}
