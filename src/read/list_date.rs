//! Reads from a file name the day a list speaks for: `mmddyyyy` with an edition, or an archive's capture time.
//! Names have typing errors; whether to believe one is settled later, with the list itself (`panel/dates.rs`).

use jiff::civil::{Date, DateTime, Time, date};

use crate::acquire::Refusal;
use crate::words::MONTHS;

/// How a list's date was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// By the name of the file.
    FileName,
    /// By the time stamp an archive put into the name.
    Capture,
    /// The name is wrong; the day nearest to it around the time the workbook was saved counts.
    Workbook,
    /// The name is wrong; the day nearest to it around the lists with the most rows in common counts.
    Neighbours,
}

impl Settled {
    /// The value in `lists.list_date_method`.
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
pub const FIRST_DAY: Date = date(2002, 1, 1);
/// No list is later: a name with a later day has a typing error.
pub const LAST_DAY: Date = date(2099, 12, 31);

/// A list's day and edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDate {
    pub date: Date,
    pub method: Settled,
    pub edition: Edition,
    /// Why it is not the day in the name.
    pub note: Option<String>,
}

/// The date and edition in a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDate {
    /// The digits that stand for a day.
    pub digits: String,
    /// The day, if the digits are one on which a list can have been published.
    pub date: Option<Date>,
    /// Whether the digits are an archive's capture time.
    pub is_capture: bool,
    /// The capture time.
    pub captured: Option<DateTime>,
    pub edition: Edition,
}

/// A list's edition within its day, in the order `am`, `mid`, none, `pm`; `b` or `2` marks a second one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition {
    rank: u8,
    /// As the name has it; `none` where it has none.
    pub name: String,
}

impl Edition {
    /// Whether it is a morning's edition.
    pub fn is_morning(&self) -> bool {
        self.rank <= 1
    }

    /// The edition of a name's ending; an unknown ending ranks as none and keeps its name.
    fn new(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        let times = ["am", "mid", "pm"].iter().find_map(|time| Some((*time, lower.strip_prefix(time)?)));
        let (time, second) = times.unwrap_or(("", lower.as_str()));
        // `b`, `_b`, `2`, `_v2`: a later edition of that time of day.
        let is_later = u8::from(!second.is_empty());
        let rank = match time {
            "am" => is_later,
            "mid" => 2,
            "pm" => 4 + is_later,
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
    let stem = stem_of(file_name).replace("%20", " ");
    let stem = stem.as_str();
    let (digits, end) = date_digits(stem).ok_or(Refusal::NoDate)?;
    let is_capture = digits.len() == 14;
    let date = match digits.len() {
        6 => day(&format!("20{}", &digits[4..]), &digits[..2], &digits[2..4]),
        7 | 9 => None,
        8 => day(&digits[4..], &digits[..2], &digits[2..4])
            .or_else(|| day(&digits[..4], &digits[4..6], &digits[6..])),
        14 => day(&digits[..4], &digits[4..6], &digits[6..8]),
        _ => return Err(Refusal::NoDate),
    };
    let edition = Edition::new(&edition(&stem[end..]));
    let captured = date.filter(|_| is_capture).and_then(|day| {
        let time = |at: usize| digits[at..at + 2].parse::<i8>().ok();
        Some(day.to_datetime(Time::new(time(8)?, time(10)?, time(12)?, 0).ok()?))
    });
    Ok(NamedDate { digits, date, is_capture, captured, edition })
}

/// A file name without its ending, also where that was added twice (`am.xls.xlsx`) or a quote follows it
/// (`am.xlsx"`).
fn stem_of(file_name: &str) -> &str {
    let name = file_name.trim_end_matches(['"', '\'', ' ']);
    let mut stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    while let Some((before, ending)) = stem.rsplit_once('.') {
        let ending = ending.trim_end_matches(['"', '\'', '_', ' ']).to_ascii_lowercase();
        if !["xlsx", "xlsm", "xlsb", "xls", "csv", "ods"].contains(&ending.as_str()) {
            break;
        }
        stem = before;
    }
    stem
}

/// Whether a text is the time or the day that a browser adds to the name of a download: `12.15.07 AM`, `05192026`.
fn is_download_stamp(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let time = upper.strip_suffix("AM").or_else(|| upper.strip_suffix("PM")).map(str::trim_end);
    let parts: Vec<&str> = time.unwrap_or(&upper).split(['.', ':', '_']).collect();
    let is_number = |part: &&str| matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
    let is_time = matches!(parts.len(), 2 | 3) && parts.iter().all(is_number);
    let is_day = matches!(text.len(), 6..=14) && text.bytes().all(|b| b.is_ascii_digit());
    is_time || is_day
}

/// Returns the text before a download stamp at its end, if there is one.
fn before_download_stamp(rest: &str) -> Option<&str> {
    let separators = rest.char_indices().filter(|(_, c)| matches!(c, ' ' | '_' | '-'));
    separators
        .map(|(at, _)| (&rest[..at], &rest[at + 1..]))
        .find(|(_, end)| is_download_stamp(end))
        .map(|(b, _)| b)
}

/// Returns the edition in the text after the date, without additions of a file manager or a browser.
fn edition(rest: &str) -> String {
    let mut rest = rest.trim_matches([' ', '_', '-', '"', '\'']);
    loop {
        if let Some(before) = before_download_stamp(rest) {
            rest = before.trim_end_matches([' ', '-', '_']);
            continue;
        }
        // A site adds `_0` to a second file of a name, a file manager ` (1)` or ` copy`.
        let numbered =
            rest.rsplit_once('_').filter(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        let rest_of = numbered.map_or(rest, |(before, _)| before);
        let shorter = match rest_of.strip_suffix(')').and_then(|r| r.rsplit_once('(')) {
            Some((before, number)) if number.bytes().all(|b| b.is_ascii_digit()) => before,
            _ => rest_of.strip_suffix("copy").or(rest_of.strip_suffix("Copy")).unwrap_or(rest_of),
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

/// Returns the month with whose name, whole or of three letters, a text ends.
fn month_before(text: &str) -> Option<usize> {
    let lower = text.trim_end_matches([' ', '_', '-', '.']).to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| lower.ends_with(month) || lower.ends_with(&month[..3]))?;
    Some(at + 1)
}

impl NamedDate {
    /// The content of a name without a date.
    pub fn nothing() -> Self {
        Self {
            digits: String::new(),
            date: None,
            is_capture: false,
            captured: None,
            edition: Edition::new(""),
        }
    }

    /// Whether the digits begin with this month and day; never so where a digit is missing or too many.
    pub fn says_month_and_day(&self, day: Date) -> bool {
        self.digits.len() == 8 && self.digits.starts_with(&format!("{:02}{:02}", day.month(), day.day()))
    }

    /// Counts the typing errors between the name's digits and a day written in their form.
    pub fn errors_to(&self, day: Date) -> usize {
        let (year, month, of_month) = (day.year(), day.month(), day.day());
        let spelled = match self.digits.len() {
            6 => format!("{month:02}{of_month:02}{:02}", year % 100),
            14 => format!("{year:04}{month:02}{of_month:02}"),
            _ => format!("{month:02}{of_month:02}{year:04}"),
        };
        let digits = &self.digits[..if self.is_capture { 8 } else { self.digits.len() }];
        let errors = strsim::osa_distance(digits, &spelled);
        if self.is_capture {
            return errors;
        }
        // Swapped month and day are one error.
        let day_first = format!("{}{}{}", &spelled[2..4], &spelled[..2], &spelled[4..]);
        errors.min(strsim::osa_distance(digits, &day_first) + 1)
    }
}

/// Returns the digits that stand for a day, and where they end: the first digits like a date that a time of day
/// follows, or else the first digits like a date.
fn date_digits(stem: &str) -> Option<(String, usize)> {
    let dates = dates_like(stem);
    let followed = |(_, end): &&(String, usize)| {
        let rest = stem[*end..].trim_start_matches([' ', '_', '-']).to_ascii_lowercase();
        ["am", "mid", "pm"].iter().any(|time| rest.starts_with(time))
    };
    dates.iter().find(followed).or(dates.first()).cloned()
}

/// Finds runs of digits as long as a date, and three runs joined like a date (`04-02-2026`, `2026_04_02`), which are
/// put into the form `mmddyyyy`.
fn dates_like(stem: &str) -> Vec<(String, usize)> {
    let mut runs: Vec<(usize, &str)> = Vec::new();
    for (at, c) in stem.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        match runs.last_mut() {
            Some((start, run)) if *start + run.len() == at => *run = &stem[*start..at + c.len_utf8()],
            _ => runs.push((at, &stem[at..at + 1])),
        }
    }
    let mut found = Vec::new();
    for (at, (start, run)) in runs.iter().enumerate() {
        if let Some(month) = month_before(&stem[..*start]).filter(|_| matches!(run.len(), 5 | 6)) {
            let (day, year) = run.split_at(run.len() - 4);
            found.push((format!("{month:02}{day:0>2}{year}"), start + run.len()));
            continue;
        }
        if matches!(run.len(), 6..=9 | 14) {
            found.push(((*run).to_owned(), start + run.len()));
            continue;
        }
        if let Some([(_, first), (b, second), (c, third)]) = runs.get(at..at + 3) {
            let is_joined = |end: usize, next: usize| {
                end + 1 == next && matches!(stem.as_bytes()[end], b'-' | b'_' | b'.' | b' ')
            };
            if is_joined(start + first.len(), *b) && is_joined(b + second.len(), *c) {
                let (year, month, day) = match (first.len(), second.len(), third.len()) {
                    (4, 1..=2, 1..=2) => ((*first).to_owned(), second, third),
                    (1..=2, 1..=2, 4) => ((*third).to_owned(), first, second),
                    (1..=2, 1..=2, 2) => (format!("20{third}"), first, second),
                    _ => continue,
                };
                found.push((format!("{month:0>2}{day:0>2}{year}"), c + third.len()));
            }
        }
    }
    found
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
            ("participating%20Agencies09212026pm.xlsx", date(2026, 9, 21), false, "pm"),
            ("participatingAgencies09212026pm_0.xlsx", date(2026, 9, 21), false, "pm"),
            ("287(g) Participating Agencies 09-21-2026 am.xlsx", date(2026, 9, 21), false, "am"),
            ("participating 2026-09-21.xlsx", date(2026, 9, 21), false, "none"),
            ("participating_9.21.26pm.xlsx", date(2026, 9, 21), false, "pm"),
            ("287gParticipatingAgencies3_09212026PM.xlsx", date(2026, 9, 21), false, "PM"),
            ("%2009212026am.xlsx", date(2026, 9, 21), false, "am"),
            ("participatingAgenciesSep212026am.xlsx", date(2026, 9, 21), false, "am"),
            ("participating_September_92026.xlsx", date(2026, 9, 9), false, "none"),
            ("(1)participatingAgencies09212026_am.xlsx", date(2026, 9, 21), false, "am"),
            (
                "web.archive.org_20260922103000_participatingAgencies09212026am.xlsx",
                date(2026, 9, 21),
                false,
                "am",
            ),
            ("20260925_participatingAgencies09212026mid.xlsx", date(2026, 9, 21), false, "mid"),
            ("ParticipatingAgencies08282026pm.xlsx", date(2026, 8, 28), false, "pm"),
            ("participatingAgencies06102026.xlsx", date(2026, 6, 10), false, "none"),
            ("participatingAgencies06102026", date(2026, 6, 10), false, "none"),
            ("participatingAgencies03032025PM.xlsx", date(2025, 3, 3), false, "PM"),
            ("participatingAgencies04212026am 12.15.07 AM.xlsx", date(2026, 4, 21), false, "am"),
            ("participatingAgencies04212026am 12.15.07 AM", date(2026, 4, 21), false, "am"),
            ("participatingAgencies05182026am (1).xlsx", date(2026, 5, 18), false, "am"),
            ("participatingAgencies05182026am.xlsx\"", date(2026, 5, 18), false, "am"),
            ("participatingAgencies05182026am\".xlsx", date(2026, 5, 18), false, "am"),
            ("participatingAgencies05182026am.xlsx_.xlsx", date(2026, 5, 18), false, "am"),
            ("participatingAgencies05182026am 05192026.xlsx", date(2026, 5, 18), false, "am"),
            ("participatingAgencies05182026am.xls.xlsx", date(2026, 5, 18), false, "am"),
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
            ("a31102025.xlsx", date(2025, 10, 31), 1),
            ("a20251301000000.xlsx", date(2025, 10, 1), 1),
            ("participatingAgencies060920263pm.xlsx", date(2026, 6, 9), 1),
            ("participatingAgencies041720263pm.xlsx", date(2026, 4, 17), 1),
        ] {
            let named = named_date(name).unwrap();
            assert_eq!((named.date, named.errors_to(meant)), (None, errors), "{name}");
        }
    }

    #[test]
    fn editions_are_ordered() {
        let order = ["am", "am_b", "mid", "", "pm", "pm_b"].map(Edition::new);
        assert!(order.is_sorted());
        for odd in ["é", "日本", "– Copy", "a", "e\u{301}"] {
            assert_eq!(Edition::new(odd).rank, 3, "{odd}");
        }
        for (one, other) in
            [("pm3", "pm_b"), ("pmC", "pm_v2"), ("amB", "am_b"), ("pmB", "pm2"), ("", "draft"), ("PM", "pm")]
        {
            assert_eq!(Edition::new(one).rank, Edition::new(other).rank, "{one} {other}");
        }
    }
}
