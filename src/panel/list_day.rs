//! The day a list speaks for: the day in its name, compared with the list itself.
//!
//! The workbook of ICE's own files was saved on the day in the name or up to four days before (416 of the 424 of the
//! archive; the other eight have a wrong name), and no agreement is signed after that day. A name that both confirm is
//! believed. Where the workbook's time stamp or the signatures contradict it, the day meant is the one with the fewest
//! typing errors from the name about the time the workbook was saved, or about the lists with the most rows in common.
//! A name that can be right is compared with these lists as well. A list whose day stays open is set aside.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::acquire::Refusal;
use crate::normalise::signed_date;
use crate::read::{FIRST_DAY, LAST_DAY, ListDate, NamedDate, RawList, Settled};
use crate::spec::Field;
use crate::words::ListKind;

/// A workbook is published at most this many days after it was saved.
const PUBLISHED_AFTER: i32 = 7;
/// A workbook is published at most this many days before it was saved: time stamps are in UTC, so an evening's list is
/// of the day before.
const PUBLISHED_BEFORE: i32 = 1;
/// A workbook saved more than this many days before the day in its name is too old for that day: nobody saves it again
/// before it is published.
const TOO_OLD: i32 = 14;
/// The same limit for a list of which nothing else is known.
const FAR_TOO_OLD: i32 = 62;
/// A name is not believed where this many rows are signed after its day: fewer are typing errors.
const SIGNED_AHEAD_ROWS: usize = 3;
/// A name whose day is within this many days of the newest signature is believed over another year.
const RECENTLY_SIGNED: i32 = 45;
/// A day that nothing else confirms is not believed more than this many days after the newest signature: since lists
/// are named by their day, the archive never went more than 25 days without a signature.
const LONG_UNSIGNED: i32 = 150;
/// A name can mean a day that a time stamp points to if it is at most this many typing errors away.
const ERRORS: usize = 2;
/// The same limit where the only evidence is how similar a list is to others.
const ERRORS_BESIDE: usize = 1;
/// The day of a list is looked for within this many days before or after the lists it resembles.
const BESIDE: i32 = 7;
/// A list clearly resembles one list more than another if their shares of rows in common differ by this: participating
/// lists change by a few rows, pending ones by half.
const CLEARLY: f64 = 0.03;
const CLEARLY_PENDING: f64 = 0.3;
/// The day of a list without any other evidence is looked for within this many days after its newest signature.
const AFTER_SIGNING: i32 = 60;

/// The day of a list as far as it is known before the list is compared with others.
#[derive(Debug)]
pub enum Dating {
    Sure(ListDate),
    Doubtful(Doubt),
    Bounded(BoundedDay),
}

/// A list whose name does not date it: a file that was captured or fetched apart from the page. The time of that is no
/// evidence for its day, because an old file can be captured or fetched on any later day (`panel/captured.rs`).
#[derive(Debug)]
pub struct BoundedDay {
    pub named: NamedDate,
    /// The day it was captured, where no signature rules that out: its own day is no later.
    pub captured: Option<Date>,
    /// The day its workbook was saved; `None` where somebody saved it again after the capture.
    pub saved: Option<Date>,
}

/// A name that is not to be believed as it stands, or that nothing confirms.
#[derive(Debug)]
pub struct Doubt {
    named: NamedDate,
    /// The name's own day, where no signature rules it out.
    by_name: Option<Date>,
    /// The day the workbook's time stamp points to.
    by_workbook: Option<Date>,
    /// Which of these two days to believe where other lists do not decide.
    otherwise: Option<Settled>,
    signed: Signed,
    why: String,
}

/// Signing dates of a list, sorted.
#[derive(Debug)]
struct Signed(Vec<Date>);

impl Signed {
    fn of(list: &RawList) -> Self {
        let mut read: HashMap<&str, Option<Date>> = HashMap::new();
        let day = |text| *read.entry(text).or_insert_with(|| signed_date(text.trim(), LAST_DAY, None).value);
        let mut days: Vec<Date> = list.column(Field::Signed).filter_map(day).collect();
        days.sort_unstable();
        Self(days)
    }

    /// Counts the rows signed after `day`, and one day more: a list can be dated a day early.
    fn after(&self, day: Date) -> usize {
        let limit = day.saturating_add(1.days());
        self.0.len() - self.0.partition_point(|signed| *signed <= limit)
    }

    /// The newest date that is not among the few that can be typing errors.
    fn newest(&self) -> Option<Date> {
        self.0.len().checked_sub(SIGNED_AHEAD_ROWS).map(|at| self.0[at])
    }
}

/// Settles a list's day from the list alone, where that is possible.
pub fn settle(named: NamedDate, list: &RawList) -> Dating {
    let signed = Signed::of(list);
    // The time of a capture of the page's own table is the list's; an archive made its workbook later.
    let is_bounded = !list.layout.is_page_table && (named.is_capture || named.digits.is_empty());
    if let Some(bounded) = Some(&named).filter(|_| is_bounded).and_then(|named| bounded(named, list, &signed))
    {
        return Dating::Bounded(bounded);
    }
    let saved = list.saved().map(|saved| saved.date()).filter(|_| !named.is_capture);
    let contradicted = named.date.is_some_and(|day| signed.after(day) >= SIGNED_AHEAD_ROWS);
    let is_confirmed = |day: &Date| saved.is_some_and(|saved| is_published_on(*day, saved));
    if let Some(day) = named.date.filter(is_confirmed) {
        return sure(named, day);
    }
    if let Some(day) = named.date.filter(|_| named.is_capture && !contradicted) {
        return sure(named, day);
    }
    let fits = |day: &Date| signed.after(*day) < SIGNED_AHEAD_ROWS;
    let by_workbook = saved.and_then(|saved| {
        let off = |day: Date| (day - saved).get_days().abs();
        let days = days(saved, -PUBLISHED_BEFORE, PUBLISHED_AFTER).filter(fits);
        // Two errors are many: a name with two means only the day the workbook was saved, or a day beside it.
        let days = days.filter(|day| named.errors_to(*day) < ERRORS || off(*day) <= 1);
        nearest(&named, ERRORS, days, |day| (off(day), day < saved))
    });
    let why = match (named.date, saved) {
        (None, _) => "which is no day on which a list can have been published".to_owned(),
        (Some(day), _) if contradicted => {
            format!("{} of its agreements were signed later", signed.after(day))
        }
        (Some(_), Some(saved)) => format!("the workbook was saved on {saved}"),
        (Some(_), None) => "and nothing on the list is of about that day".to_owned(),
    };
    let by_name = named.date.filter(|_| !contradicted);
    let otherwise = match (by_name, by_workbook, saved) {
        (None, Some(day), _) => return sure_of(&named, day, Settled::Workbook, &why),
        (None, None, _) => None,
        (Some(day), None, None) => Some(Settled::FileName)
            .filter(|_| signed.newest().is_none_or(|newest| (day - newest).get_days() <= LONG_UNSIGNED)),
        (Some(day), by_workbook, Some(saved)) if (day - saved).get_days() > TOO_OLD => match by_workbook {
            Some(_) => Some(Settled::Workbook),
            None => Some(Settled::FileName).filter(|_| (day - saved).get_days() <= FAR_TOO_OLD),
        },
        // Anybody who opens a workbook and saves it changes its time stamp: the time stamp alone is evidence for
        // another year, and for no other month or day.
        (Some(day), Some(other), _) => {
            let recent = signed.newest().is_some_and(|newest| (day - newest).get_days() <= RECENTLY_SIGNED);
            let same_day = (other.month(), other.day()) == (day.month(), day.day());
            Some(if same_day && !recent { Settled::Workbook } else { Settled::FileName })
        }
        (Some(day), None, Some(_)) => return sure(named, day),
    };
    Dating::Doubtful(Doubt { named, by_name, by_workbook, otherwise, signed, why })
}

/// Returns what bounds the day of a list whose name does not date it; `None` where nothing does.
fn bounded(named: &NamedDate, list: &RawList, signed: &Signed) -> Option<BoundedDay> {
    let fits = |day: &Date| signed.after(*day) < SIGNED_AHEAD_ROWS;
    let captured = named.date.filter(|_| named.is_capture).filter(fits);
    let time = named.captured.filter(|_| captured.is_some());
    let saved = list.saved().filter(|saved| time.is_none_or(|time| *saved <= time)).map(|saved| saved.date());
    let saved = saved.filter(fits).filter(|saved| (FIRST_DAY..=LAST_DAY).contains(saved));
    (captured.is_some() || saved.is_some()).then(|| BoundedDay { named: named.clone(), captured, saved })
}

/// Settles a doubtful day by the lists of its kind whose day is sure, each with its rows, ascending.
///
/// # Errors
/// [`Refusal::Undated`] where these lists do not decide either.
pub fn settle_beside<Row: Ord>(
    doubt: &Doubt,
    kind: ListKind,
    rows: &[Row],
    sure: &[(Date, &[Row])],
) -> Result<ListDate, Refusal> {
    let alike: Vec<(Date, f64)> = sure.iter().map(|(day, others)| (*day, overlap(rows, others))).collect();
    let likest = |near: Date| {
        let beside = alike.iter().filter(|(day, _)| (*day - near).get_days().abs() <= BESIDE);
        beside.map(|(_, share)| *share).reduce(f64::max)
    };
    let by_name = |day| Ok(named(doubt, day, Settled::FileName, None));
    let by_workbook = |day| Ok(named(doubt, day, Settled::Workbook, Some(&doubt.why)));
    let clearly = if kind == ListKind::Pending { CLEARLY_PENDING } else { CLEARLY };
    let most = alike.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    match (doubt.by_name, doubt.by_workbook) {
        (Some(name), Some(workbook)) => {
            // Without a list of about the named day, the name cannot be compared with anything.
            return match (likest(name), likest(workbook).unwrap_or(0.0)) {
                (Some(a), b) if a > b => by_name(name),
                (Some(a), b) if a < b => by_workbook(workbook),
                _ if doubt.otherwise == Some(Settled::Workbook) => by_workbook(workbook),
                _ => by_name(name),
            };
        }
        // The lists of about that day resemble it as much as any others.
        (Some(name), None) if likest(name).is_some_and(|share| share > most - clearly) => {
            return by_name(name);
        }
        _ => {}
    }
    // Without a list of about the named day, only another year is looked for.
    let is_free = doubt.by_name.is_none_or(|name| likest(name).is_some() || doubt.otherwise.is_none());
    let enough = if kind == ListKind::Pending { 0.5 } else { 0.8 };
    let likest: Vec<Date> =
        alike.iter().filter(|(_, share)| *share == most && most >= enough).map(|(day, _)| *day).collect();
    let fits = |day: &Date| doubt.signed.after(*day) < SIGNED_AHEAD_ROWS;
    if let Some((first, last)) = likest.iter().min().zip(likest.iter().max()) {
        let days = days(*first, -BESIDE, (*last - *first).get_days().saturating_add(BESIDE)).filter(fits);
        // The lists beside it are of many days: the month and day in the name take precedence.
        let meant = only(days.filter(|day| doubt.named.errors_to(*day) <= ERRORS_BESIDE), |day| {
            (doubt.named.errors_to(day), !doubt.named.says_month_and_day(day))
        });
        if let Some(day) = meant.filter(|day| is_free || doubt.named.says_month_and_day(*day)) {
            return Ok(named(doubt, day, Settled::Neighbours, Some(&doubt.why)));
        }
    }
    if let (Some(day), Some(Settled::FileName)) = (doubt.by_name, doubt.otherwise) {
        return by_name(day);
    }
    // Without other lists: the only day soon after its newest signature that is one typing error from the name.
    let soon = doubt.signed.newest().into_iter().flat_map(|newest| days(newest, 0, AFTER_SIGNING));
    let soon = only(soon.filter(|day| doubt.named.errors_to(*day) == 1), |_| ());
    match soon.filter(|_| doubt.named.date.is_none() && !doubt.named.is_capture) {
        Some(day) => {
            let why = format!("{}; its newest agreement was signed shortly before", doubt.why);
            Ok(named(doubt, day, Settled::FileName, Some(&why)))
        }
        None => Err(Refusal::Undated { digits: doubt.named.digits.clone(), doubt: doubt.why.clone() }),
    }
}

fn sure(named: NamedDate, date: Date) -> Dating {
    let method = if named.is_capture { Settled::Capture } else { Settled::FileName };
    Dating::Sure(ListDate { date, method, edition: named.edition, note: None })
}

fn sure_of(named: &NamedDate, date: Date, method: Settled, why: &str) -> Dating {
    let note = Some(format!("the name says {}, {why}: it is of {date}", named.digits));
    Dating::Sure(ListDate { date, method, edition: named.edition.clone(), note })
}

fn named(doubt: &Doubt, date: Date, method: Settled, why: Option<&str>) -> ListDate {
    let note = why.map(|why| format!("the name says {}, {why}: it is of {date}", doubt.named.digits));
    ListDate { date, method, edition: doubt.named.edition.clone(), note }
}

/// Whether a workbook saved on `saved` can have been published on `day`.
fn is_published_on(day: Date, saved: Date) -> bool {
    (-PUBLISHED_BEFORE..=PUBLISHED_AFTER).contains(&(day - saved).get_days())
}

/// The days from `from` days after a day to `to` days after it.
fn days(day: Date, from: i32, to: i32) -> impl Iterator<Item = Date> {
    (from..=to).filter_map(move |n| day.checked_add(n.days()).ok())
}

/// The day with the fewest typing errors from the name, if they are few enough; the nearest among equals.
fn nearest<K: Ord>(
    named: &NamedDate,
    limit: usize,
    days: impl Iterator<Item = Date>,
    distance: impl Fn(Date) -> K,
) -> Option<Date> {
    let days = days.map(|day| (named.errors_to(day), day)).filter(|(errors, _)| *errors <= limit);
    days.min_by_key(|(errors, day)| (*errors, distance(*day), *day)).map(|(_, day)| day)
}

/// The day with the least key, if it is the only one.
fn only<K: Ord>(days: impl Iterator<Item = Date>, key: impl Fn(Date) -> K) -> Option<Date> {
    let mut days: Vec<Date> = days.collect();
    days.sort_by_key(|day| key(*day));
    match days.as_slice() {
        [day] => Some(*day),
        [day, next, ..] if key(*day) < key(*next) => Some(*day),
        _ => None,
    }
}

/// The share, 0 to 1, of rows on both lists among the rows on either; both ascending.
fn overlap<Row: Ord>(a: &[Row], b: &[Row]) -> f64 {
    let (mut both, mut i, mut j) = (0_usize, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (both, i, j) = (both + 1, i + 1, j + 1),
        }
    }
    let either = a.len() + b.len() - both;
    if either == 0 { 0.0 } else { both as f64 / either as f64 }
}

#[cfg(test)]
mod tests;
