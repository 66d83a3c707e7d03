//! The day a list speaks for, by its file name: `mmddyyyy` with an edition, or an archive's capture time.

use jiff::civil::{Date, date};

use crate::acquire::Refusal;

/// How a list's date was settled.
pub const BY_FILE_NAME: &str = "file_name";
/// How a list's date was settled: by the time stamp an archive put into the name.
pub const BY_CAPTURE: &str = "capture";

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
            assert_eq!((found.date, found.method, found.edition.name.as_str()), (day, method, edition), "{name}");
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

    #[test]
    fn editions_are_ordered() {
        let order = ["am", "am_b", "mid", "", "pm", "pm_b"].map(Edition::new);
        assert!(order.is_sorted());
        assert_eq!(Edition::new("amB").rank, Edition::new("am_b").rank);
    }
}
