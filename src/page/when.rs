//! Reads the time that a sentence of ICE's page speaks for: `June 5, 2025, at 4 p.m.`, `January 2021`, `3/17/2025`.

use jiff::civil::{Date, Time};

use super::words::bare;
use crate::read::{FIRST_DAY, LAST_DAY};
use crate::words::MONTHS;

/// The time that a statement speaks for: a day, or a month where it gives no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    pub from: Date,
    pub until: Date,
    /// The time of day, in ICE's own time, where the statement gives one.
    pub time: Option<Time>,
}

/// Reads the time in the words behind "as of"; also returns how many words give it.
pub fn time_of(words: &[&str]) -> (Option<Stated>, usize) {
    let known = |day: Date| (FIRST_DAY..=LAST_DAY).contains(&day);
    let at = |n: usize| words.get(n).map(|word| bare(word)).unwrap_or_default();
    let year = |n: usize| at(n).parse::<i16>().ok().filter(|_| at(n).len() == 4);
    let (from, until, mut length) = if let Some(month) = MONTHS.iter().position(|month| *month == at(0)) {
        let month = month as i8 + 1;
        let of_month = at(1);
        let of_month = of_month.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        match (of_month.parse::<i8>(), year(1), year(2)) {
            (Ok(day), None, Some(year)) => {
                let day = Date::new(year, month, day).ok();
                (day, day, 3)
            }
            (_, Some(year), _) => {
                let first = Date::new(year, month, 1).ok();
                (first, first.map(|first| first.last_of_month()), 2)
            }
            _ => return (None, 0),
        }
    } else {
        let slashed: Vec<i16> = at(0).split('/').map_while(|part| part.parse().ok()).collect();
        let [month, day, year] = slashed.as_slice() else { return (None, 0) };
        let day = i8::try_from(*month).ok().zip(i8::try_from(*day).ok());
        let day = day.and_then(|(month, day)| Date::new(*year, month, day).ok());
        (day, day, 1)
    };
    let (time, more) = hour_of(&words[length.min(words.len())..]);
    length += more;
    let stated = from.zip(until).filter(|(from, until)| known(*from) && known(*until));
    (stated.map(|(from, until)| Stated { from, until, time }), length)
}

/// Reads the time of day with which these words begin; also returns how many words give it.
fn hour_of(words: &[&str]) -> (Option<Time>, usize) {
    let at = |n: usize| words.get(n).map(|word| bare(word)).unwrap_or_default();
    let from = usize::from(at(0) == "at");
    if at(from) == "noon" {
        return (Time::new(12, 0, 0, 0).ok(), from + 1);
    }
    let half = |text: &str| match text.replace('.', "").as_str() {
        "am" => Some(0),
        "pm" => Some(12),
        _ => None,
    };
    let clock = at(from);
    let digits = clock.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.');
    let (afternoon, length) = match (half(&clock[digits.len()..]), half(&at(from + 1))) {
        (Some(half), _) => (half, 1),
        (None, Some(half)) if digits == clock => (half, 2),
        _ => return (None, 0),
    };
    let (hour, minute) = digits.split_once(':').unwrap_or((digits, "0"));
    let (Ok(hour), Ok(minute)) = (hour.parse::<i8>(), minute.parse::<i8>()) else { return (None, 0) };
    let time =
        (1..=12).contains(&hour).then(|| Time::new(hour % 12 + afternoon, minute, 0, 0).ok()).flatten();
    let zone = usize::from(matches!(at(from + length).as_str(), "et" | "est" | "edt" | "eastern"));
    (time, from + length + zone)
}
