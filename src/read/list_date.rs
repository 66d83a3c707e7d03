//! What a file name says of the day a list speaks for: `mmddyyyy` with an edition, or an archive's capture
//! time. Names carry typing errors; whether one is to be believed is settled with the list itself at hand
//! (`panel/dates.rs`).

use jiff::civil::{Date, date};

use crate::acquire::Refusal;

/// How a list's date was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// By the name of the file.
    FileName,
    /// By the time stamp an archive put into the name.
    Capture,
    /// The name is wrong; the day nearest to it about the time the workbook was saved.
    Workbook,
    /// The name is wrong; the day nearest to it about the lists with the most rows in common.
    Neighbours,
}

impl Settled {
    /// The word of `lists.list_date_method`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FileName => "file_name",
            Self::Capture => "capture",
            Self::Workbook => "workbook",
            Self::Neighbours => "neighbours",
        }
    }
}

/// The first 287(g) agreement was signed in 2002; no list is older.
const FIRST_DAY: Date = date(2002, 1, 1);
/// No list of ours is younger: a name that says so has a typing error.
const LAST_DAY: Date = date(2099, 12, 31);

/// A list's day and edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDate {
    pub date: Date,
    pub method: Settled,
    pub edition: Edition,
    /// Why it is not the day the name says.
    pub note: Option<String>,
}

/// What a file name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDate {
    /// The digits that stand for a day.
    pub digits: String,
    /// The day, if they are one on which a list can have been published.
    pub date: Option<Date>,
    /// Whether the digits are an archive's capture time.
    pub is_capture: bool,
    pub edition: Edition,
}

/// Which list of a day: `am` before `mid`, before none, before `pm`; `b` or `2` marks a second one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition {
    rank: u8,
    /// As the name has it; `none` where it has none.
    pub name: String,
}

impl Edition {
    /// The edition of a name's ending; an unknown ending ranks as none and keeps its name.
    fn new(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        let (time, second) = lower.split_at(lower.len().min(if lower.starts_with("mid") { 3 } else { 2 }));
        let is_second = matches!(second.trim_start_matches(['_', '-', ' ']), "b" | "2");
        let rank = match (time, is_second || second.is_empty()) {
            ("am", true) => u8::from(is_second),
            ("mid", true) => 2,
            ("pm", true) => 4 + u8::from(is_second),
            _ => 3,
        };
        Self { rank, name: if name.is_empty() { "none".into() } else { name.into() } }
    }
}

/// Reads a file name.
///
/// # Errors
/// [`Refusal::NoDate`].
pub fn named_date(file_name: &str) -> Result<NamedDate, Refusal> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let start = start_of_date(stem).ok_or(Refusal::NoDate)?;
    let digits: String = stem[start..].chars().take_while(char::is_ascii_digit).collect();
    let is_capture = digits.len() == 14;
    let date = match digits.len() {
        6 => day(&format!("20{}", &digits[4..]), &digits[..2], &digits[2..4]),
        7 | 9 => None,
        8 => day(&digits[4..], &digits[..2], &digits[2..4])
            .or_else(|| day(&digits[..4], &digits[4..6], &digits[6..])),
        14 => day(&digits[..4], &digits[4..6], &digits[6..8]),
        _ => return Err(Refusal::NoDate),
    };
    let edition = edition(&stem[start + digits.len()..]);
    Ok(NamedDate { digits, date, is_capture, edition: Edition::new(&edition) })
}

/// The edition in what follows the date: without what a file manager adds to a second file of a name.
fn edition(rest: &str) -> String {
    let mut rest = rest.trim();
    loop {
        let shorter = match rest.strip_suffix(')').and_then(|r| r.rsplit_once('(')) {
            Some((before, number)) if number.bytes().all(|b| b.is_ascii_digit()) => before,
            _ => rest.strip_suffix("copy").or(rest.strip_suffix("Copy")).unwrap_or(rest),
        };
        let shorter = shorter.trim_end_matches([' ', '-', '_']).trim();
        if shorter == rest {
            return rest.to_owned();
        }
        rest = shorter;
    }
}

fn day(year: &str, month: &str, day: &str) -> Option<Date> {
    let day = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (FIRST_DAY..=LAST_DAY).contains(&day).then_some(day)
}

impl NamedDate {
    /// Whether the digits open with this month and day.
    pub fn says_month_and_day(&self, day: Date) -> bool {
        self.digits.starts_with(&format!("{:02}{:02}", day.month(), day.day()))
    }

    /// Typing errors between the name's digits and a day, in the form the digits are of.
    pub fn errors_to(&self, day: Date) -> usize {
        let (year, month, of_month) = (day.year(), day.month(), day.day());
        let spelled = match self.digits.len() {
            6 => format!("{month:02}{of_month:02}{:02}", year % 100),
            14 => format!("{year:04}{month:02}{of_month:02}"),
            _ => format!("{month:02}{of_month:02}{year:04}"),
        };
        let digits = &self.digits[..if self.is_capture { 8 } else { self.digits.len() }];
        strsim::osa_distance(digits, &spelled)
    }
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
    fn names_of_a_day() {
        for (name, day, is_capture, edition) in [
            ("participatingAgencies06062025am.xlsx", date(2025, 6, 6), false, "am"),
            ("participatingAgencies06112025pm copy.xlsx", date(2025, 6, 11), false, "pm"),
            ("participatingAgencies06112025pm - Copy (2).xlsx", date(2025, 6, 11), false, "pm"),
            ("participatingAgencies05122025amB.xlsx", date(2025, 5, 12), false, "amB"),
            ("participatingAgencies07242025pm_b.xlsx", date(2025, 7, 24), false, "pm_b"),
            ("participatingAgencies12042025pm2.xlsx", date(2025, 12, 4), false, "pm2"),
            ("ParticipatingEntities-20250119192356.xlsx", date(2025, 1, 19), true, "none"),
            ("287gParticipatingAgencies09152026pm.xlsx", date(2026, 9, 15), false, "pm"),
            ("287gParticipatingAgencies091526pm.xlsx", date(2026, 9, 15), false, "pm"),
            ("ParticipatingAgency091826am.xlsx", date(2026, 9, 18), false, "am"),
            ("ParticipatingAgencies09212026pm.csv", date(2026, 9, 21), false, "pm"),
            ("participating_20260921.csv", date(2026, 9, 21), false, "none"),
        ] {
            let found = named_date(name).unwrap();
            assert_eq!(
                (found.date, found.is_capture, found.edition.name.as_str()),
                (Some(day), is_capture, edition),
                "{name}"
            );
        }
    }

    #[test]
    fn digits_that_are_no_day_are_kept_and_names_without_digits_refused() {
        for name in ["agreements.xlsx", "287g.xlsx", "list2025.xlsx", "", "x123456789012345.xlsx"] {
            assert_eq!(named_date(name), Err(Refusal::NoDate), "{name}");
        }
        for (name, meant, errors) in [
            ("a13012025.xlsx", date(2025, 3, 1), 1),
            ("a090022025am.xlsx", date(2025, 9, 2), 1),
            ("a11114025am.xlsx", date(2025, 11, 11), 1),
            ("a10223025am.xlsx", date(2025, 10, 22), 1),
            ("a1022025.xlsx", date(2025, 10, 22), 1),
            ("a20251301000000.xlsx", date(2025, 10, 1), 1),
        ] {
            let named = named_date(name).unwrap();
            assert_eq!((named.date, named.errors_to(meant)), (None, errors), "{name}");
        }
    }

    #[test]
    fn editions_are_ordered() {
        let order = ["am", "am_b", "mid", "", "pm", "pm_b"].map(Edition::new);
        assert!(order.is_sorted());
        for (one, other) in [("amB", "am_b"), ("pmB", "pm2"), ("", "draft"), ("PM", "pm")] {
            assert_eq!(Edition::new(one).rank, Edition::new(other).rank, "{one} {other}");
        }
    }
}
