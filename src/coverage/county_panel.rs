//! Panels for regressions: every county in every period, how much of it is covered, and when its coverage began.
//!
//! Lists are samples in time. A day on which a list shows the county covered is sure, as is every day between two such
//! lists; the days between a list with the coverage and one without it are not known. Each county therefore has a first
//! treated period that is at the earliest `low` and at the latest `high`.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::months::{CoverageSpell, days_of};
use crate::words::{PeriodLength, day_before};

impl CoverageSpell {
    /// The first day by the signing dates; where no date is printed, the day of the first list.
    fn begin_by_signing(&self) -> Date {
        self.signed.unwrap_or(self.began.by)
    }

    /// The last day, as lists hold until the day before the next; `known_until` is the day of the newest.
    fn last_held(&self, known_until: Date) -> Date {
        self.ended_by.map_or(known_until, day_before)
    }
}

/// Adjacent periods of a panel, each given by its first day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    pub length: PeriodLength,
    pub starts: Vec<Date>,
}

impl Periods {
    /// The periods from the one that one day is in to the one that another is in.
    pub fn between(length: PeriodLength, from: Date, until: Date) -> Self {
        let first = length.start_of(from);
        let starts = std::iter::successors(Some(first), |start| length.next(*start));
        Self { length, starts: starts.take_while(|start| *start <= until).collect() }
    }

    /// The last day of the period that begins on a day.
    fn last_day(&self, start: Date) -> Date {
        self.length.next(start).map_or(Date::MAX, day_before)
    }

    /// The number of the period that begins on a day: 1 for the panel's first; below it for earlier ones.
    pub fn number(&self, start: Date) -> i64 {
        let Some(first) = self.starts.first() else { return 0 };
        let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
        (months(start) - months(*first)) / self.length.months() + 1
    }
}

impl PeriodLength {
    /// Months in a period.
    pub fn months(self) -> i64 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }

    /// The first day of the period that a day is in.
    pub fn start_of(self, day: Date) -> Date {
        let month = match self {
            Self::Month => day.month(),
            Self::Quarter => (day.month() - 1) / 3 * 3 + 1,
            Self::Year => 1,
        };
        date(day.year(), month, 1)
    }

    /// The first day of the period after one that begins on a day.
    fn next(self, start: Date) -> Option<Date> {
        start.checked_add(self.months().months()).ok()
    }
}

/// A county in a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeriodCoverage {
    /// Days of the period on which the lists speak of the county.
    pub known_days: i64,
    /// Those on which it is covered, each list held until the day before the next.
    pub days: i64,
    /// Those on which it is covered for sure: from the first list of a coverage to the last.
    pub sure_days: i64,
    /// Those of which that is not known: between a list with the coverage and one without it.
    pub unknown_days: i64,
    /// Days covered if each agreement began on the day on which it was signed.
    pub days_by_signing: i64,
}

impl PeriodCoverage {
    /// Whether it is covered on any day, as the lists are held; `None`: the lists do not speak of the period.
    pub fn is_treated(&self) -> Option<bool> {
        (self.known_days > 0).then_some(self.days > 0)
    }

    /// Whether the period may be the other way: the only days that could tell are not known.
    pub fn is_maybe(&self) -> Option<bool> {
        (self.known_days > 0).then_some(self.sure_days == 0 && self.unknown_days > 0)
    }

    /// Whether it is covered on any day by the signing dates.
    pub fn is_treated_by_signing(&self) -> Option<bool> {
        (self.known_days > 0).then_some(self.days_by_signing > 0)
    }
}

/// When a county was covered first, as first days of periods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cohort {
    /// The earliest period in which it can have begun; `None`: never, or before the first list.
    pub low: Option<Date>,
    /// The period of the first list that shows it; `None`: never.
    pub high: Option<Date>,
    /// Whether the first list that speaks of the county shows it already: its begin is not known.
    pub is_left_censored: bool,
    /// Whether a coverage of the county has ended.
    pub was_ever_off: bool,
    /// The period of the earliest signing date; `None`: never covered.
    pub signed: Option<Date>,
}

impl Cohort {
    /// Puts two counties together: the earliest of each.
    pub fn earliest(self, other: Self) -> Self {
        let min = |a: Option<Date>, b: Option<Date>| a.into_iter().chain(b).min();
        Self {
            low: min(self.low, other.low),
            high: min(self.high, other.high),
            is_left_censored: self.is_left_censored || other.is_left_censored,
            was_ever_off: self.was_ever_off || other.was_ever_off,
            signed: min(self.signed, other.signed),
        }
    }

    /// The number of the first treated period (by `high`) as estimators of staggered adoption want it: 0 for never; `None`
    /// where the begin is not known, or lies before the panel.
    pub fn number(&self, periods: &Periods) -> Option<i64> {
        let Some(high) = self.high else { return Some(0) };
        Some(periods.number(high)).filter(|number| *number > 0 && !self.is_left_censored)
    }
}

/// The coverage of a county through time.
#[derive(Debug, Clone, Copy)]
pub struct CountyHistory<'a> {
    /// In order of time.
    pub spells: &'a [CoverageSpell],
    /// The days of the first and the last list that speak of the county; `None`: no list does.
    pub known: Option<(Date, Date)>,
}

impl CountyHistory<'_> {
    /// The county in the period that begins on a day.
    pub fn in_period(&self, periods: &Periods, start: Date) -> PeriodCoverage {
        let Some(known) = self.known else { return PeriodCoverage::default() };
        let Some(days) = overlap((start, periods.last_day(start)), known) else {
            return PeriodCoverage::default();
        };
        let mut found = PeriodCoverage { known_days: days_of(days), ..PeriodCoverage::default() };
        // Signing dates of two spells can overlap: a day is counted once.
        let mut signed_until: Option<Date> = None;
        for spell in self.spells {
            let held = (spell.began.by, spell.last_held(known.1));
            let count = |from: Option<Date>, until: Option<Date>| {
                from.zip(until).and_then(|span| overlap(span, days)).map_or(0, days_of)
            };
            found.days += count(Some(held.0), Some(held.1));
            found.sure_days += count(Some(held.0), Some(spell.last_covered));
            let after = spell.began.after.and_then(|day| day.tomorrow().ok());
            found.unknown_days += count(after, Some(day_before(spell.began.by)));
            let ended = spell.ended_by.map(day_before);
            found.unknown_days += count(spell.last_covered.tomorrow().ok(), ended);
            let begin = spell.begin_by_signing();
            let begin = signed_until.map_or(begin, |until| begin.max(until.tomorrow().unwrap_or(until)));
            found.days_by_signing += count(Some(begin), Some(held.1));
            signed_until = signed_until.max(Some(held.1));
        }
        found
    }

    /// When the county was covered first.
    pub fn cohort(&self, length: PeriodLength) -> Cohort {
        let (Some(first), Some((_, until))) = (self.spells.first(), self.known) else {
            return Cohort::default();
        };
        let low = first.began.after.and_then(|day| day.tomorrow().ok());
        let has_ended = |spell: &CoverageSpell| spell.ended_by.is_some_and(|day| day <= until);
        Cohort {
            low: low.map(|day| length.start_of(day)),
            high: Some(length.start_of(first.began.by)),
            is_left_censored: first.began.after.is_none(),
            was_ever_off: self.spells.iter().any(has_ended),
            signed: self.spells.iter().map(|spell| length.start_of(spell.begin_by_signing())).min(),
        }
    }
}

/// The days that two spans share, if any.
fn overlap(a: (Date, Date), b: (Date, Date)) -> Option<(Date, Date)> {
    let shared = (a.0.max(b.0), a.1.min(b.1));
    (shared.0 <= shared.1).then_some(shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::Began;

    fn spell(
        after: Option<Date>,
        by: Date,
        last: Date,
        ended: Option<Date>,
        signed: Option<Date>,
    ) -> CoverageSpell {
        CoverageSpell { began: Began { after, by }, last_covered: last, ended_by: ended, signed }
    }

    #[test]
    fn periods_begin_on_their_first_day() {
        let (from, until) = (date(2024, 11, 17), date(2025, 5, 3));
        for (length, count, first, last) in [
            (PeriodLength::Month, 7, date(2024, 11, 1), date(2025, 5, 1)),
            (PeriodLength::Quarter, 3, date(2024, 10, 1), date(2025, 4, 1)),
            (PeriodLength::Year, 2, date(2024, 1, 1), date(2025, 1, 1)),
        ] {
            let periods = Periods::between(length, from, until);
            assert_eq!((periods.starts.len(), periods.starts[0]), (count, first));
            assert_eq!(*periods.starts.last().unwrap(), last);
            let numbers: Vec<i64> = periods.starts.iter().map(|start| periods.number(*start)).collect();
            assert_eq!(numbers, (1..=count as i64).collect::<Vec<_>>());
        }
        let months = Periods::between(PeriodLength::Month, from, until);
        assert_eq!(months.number(date(2024, 10, 1)), 0);
        assert_eq!(months.number(date(2023, 11, 1)), -11);
    }

    /// Lists of January 10, February 20, March 5, April 10 and 30; the county is covered on those of March and April 10.
    #[test]
    fn days_between_a_list_with_the_coverage_and_one_without_are_not_known() {
        let spells = [spell(
            Some(date(2025, 2, 20)),
            date(2025, 3, 5),
            date(2025, 4, 10),
            Some(date(2025, 4, 30)),
            Some(date(2025, 2, 10)),
        )];
        let history = CountyHistory { spells: &spells, known: Some((date(2025, 1, 10), date(2025, 4, 30))) };
        let months = Periods::between(PeriodLength::Month, date(2025, 1, 10), date(2025, 5, 2));
        let found: Vec<_> = months.starts.iter().map(|start| history.in_period(&months, *start)).collect();
        let of = |known_days, days, sure_days, unknown_days, days_by_signing| PeriodCoverage {
            known_days,
            days,
            sure_days,
            unknown_days,
            days_by_signing,
        };
        assert_eq!(
            found,
            [
                of(22, 0, 0, 0, 0),
                // The 21st to the 28th are not known; signed on the 10th.
                of(28, 0, 0, 8, 19),
                of(31, 27, 27, 4, 31),
                // Held to the 29th; the 11th to the 29th are not known.
                of(30, 29, 10, 19, 29),
                of(0, 0, 0, 0, 0),
            ]
        );
        let treated: Vec<_> = found.iter().map(PeriodCoverage::is_treated).collect();
        assert_eq!(treated, [Some(false), Some(false), Some(true), Some(true), None]);
        let maybe: Vec<_> = found.iter().map(PeriodCoverage::is_maybe).collect();
        assert_eq!(maybe, [Some(false), Some(true), Some(false), Some(false), None]);
        let cohort = history.cohort(PeriodLength::Month);
        assert_eq!((cohort.low, cohort.high), (Some(date(2025, 2, 1)), Some(date(2025, 3, 1))));
        assert_eq!((cohort.number(&months), cohort.was_ever_off), (Some(3), true));
        assert_eq!((cohort.is_left_censored, cohort.signed), (false, Some(date(2025, 2, 1))));
    }

    #[test]
    fn a_coverage_on_the_first_list_has_no_begin() {
        let spells = [spell(None, date(2025, 1, 10), date(2025, 4, 30), None, None)];
        let history = CountyHistory { spells: &spells, known: Some((date(2025, 1, 10), date(2025, 4, 30))) };
        let months = Periods::between(PeriodLength::Month, date(2025, 1, 10), date(2025, 4, 30));
        let cohort = history.cohort(PeriodLength::Month);
        assert_eq!((cohort.low, cohort.high), (None, Some(date(2025, 1, 1))));
        assert_eq!((cohort.number(&months), cohort.was_ever_off), (None, false));
        assert!(cohort.is_left_censored);
        let never = CountyHistory { spells: &[], ..history }.cohort(PeriodLength::Month);
        assert_eq!((never, never.number(&months)), (Cohort::default(), Some(0)));
    }

    #[test]
    fn a_coverage_of_before_the_panel_has_no_number() {
        let spells = [spell(
            Some(date(2025, 2, 1)),
            date(2025, 2, 10),
            date(2025, 6, 30),
            None,
            Some(date(2025, 1, 1)),
        )];
        let history = CountyHistory { spells: &spells, known: Some((date(2025, 1, 10), date(2025, 6, 30))) };
        let months = Periods::between(PeriodLength::Month, date(2025, 3, 1), date(2025, 6, 30));
        assert_eq!(history.cohort(PeriodLength::Month).number(&months), None);
        let earlier = Periods::between(PeriodLength::Month, date(2025, 2, 1), date(2025, 6, 30));
        assert_eq!(history.cohort(PeriodLength::Month).number(&earlier), Some(1));
    }

    #[test]
    fn signing_dates_that_overlap_count_a_day_once() {
        let (january, march) = (date(2025, 1, 5), date(2025, 3, 5));
        let spells = [
            spell(None, january, date(2025, 1, 20), Some(date(2025, 2, 1)), None),
            spell(Some(date(2025, 2, 20)), march, date(2025, 3, 31), None, Some(date(2025, 1, 1))),
        ];
        let history = CountyHistory { spells: &spells, known: Some((january, date(2025, 3, 31))) };
        let year = Periods::between(PeriodLength::Year, january, march);
        let found = history.in_period(&year, year.starts[0]);
        assert_eq!((found.known_days, found.days_by_signing, found.days), (86, 86, 27 + 27));
    }
}
