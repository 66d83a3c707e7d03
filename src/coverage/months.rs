//! Covered counties month by month, with the interval in which their coverage began.
//!
//! Days are counted from the as-of lists: each list holds until the day before the next. The begin of coverage is
//! read from the spells of the agreements: it is an interval between two lists, and a change of the vintage's
//! counties does not interrupt the coverage.

use jiff::civil::Date;
use typed_index_collections::{TiSlice, TiVec};

use super::cells::Cube;
use super::reach::{Reaches, VintageReaches};
use super::stretches::Stretch;
use crate::identify::{Agreement, Agreements, CountsFor, SpellDays};
use crate::words::{AgreementAt, Model, PartReason, day_before};

/// A county in a month in which it is covered on at least one day, under a rule, by a model group.
#[derive(Debug, Clone, PartialEq)]
pub struct CountyMonth {
    /// Position among the counties of the reaches.
    pub county: u16,
    pub rule: usize,
    /// Position among the model groups.
    pub group: usize,
    /// First day of the month.
    pub month: Date,
    /// Whether it is covered on the first day of the month that the lists cover: the 1st, or the day of the first list.
    pub first_day: bool,
    /// Days covered.
    pub days: i64,
    /// Days of the month that lie between the first list and the newest.
    pub known_days: i64,
    /// Days covered, each weighted by the share of residents covered; `None` where the share is not known.
    pub resident_days: Option<f64>,
    /// Days on which only agencies that police part of the county reach it.
    pub part_days: i64,
    /// Those days, weighted by the share of residents in the places and towns that reach it; `None`: none, or unknown.
    pub part_resident_days: Option<f64>,
    pub part_reason: Option<PartReason>,
    /// As-of lists of the month that show the coverage; 0: carried forward from an earlier list.
    pub list_count: i64,
    pub began: Began,
}

/// An unbroken coverage of a county.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountySpell {
    /// Position among the counties of the reaches.
    pub county: u16,
    pub rule: usize,
    /// Position among the model groups.
    pub group: usize,
    pub spell: CoverageSpell,
}

/// An unbroken coverage of a county under a rule, by a model group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoverageSpell {
    pub began: Began,
    /// Day of the last as-of list that shows it.
    pub last_covered: Date,
    /// Day of the first as-of list without it; `None`: it is on the newest.
    pub ended_by: Option<Date>,
    /// The earliest signing date among the agreements that are listed during it; `None`: none of them has a date.
    pub signed: Option<Date>,
}

/// When an unbroken coverage began: after the last list without it, by the first list with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Began {
    /// `None`: the first list read already has it.
    pub after: Option<Date>,
    pub by: Date,
}

impl Began {
    /// The interval that ends with the list of day `by` and begins after the as-of list before it; each day has one
    /// list that counts. `days` are the days of the as-of lists, in order.
    pub fn of(by: Date, days: &[Date]) -> Self {
        let before = days.partition_point(|day| *day < by);
        Self { after: before.checked_sub(1).map(|before| days[before]), by }
    }

    /// `after 2025-02-21, by 2025-02-26`
    pub fn words(&self) -> String {
        match self.after {
            Some(after) => format!("after {after}, by {}", self.by),
            None => format!("by {}", self.by),
        }
    }
}

/// Agreements, by county.
type AgreementsByCounty = Vec<Vec<AgreementAt>>;

/// The data from which months are counted.
pub struct Months<'a> {
    cube: &'a Cube,
    agreements: &'a TiSlice<AgreementAt, Agreement>,
    counts_for: TiVec<AgreementAt, CountsFor>,
    /// The models of each group.
    models: Vec<Vec<Model>>,
    /// Days of the as-of lists.
    days: Vec<Date>,
    /// By vintage and rule: the agreements that reach each county.
    holders: Vec<Vec<AgreementsByCounty>>,
}

impl<'a> Months<'a> {
    /// `days` are the days of the cube's as-of lists, `models` the models of its groups.
    pub fn new(
        cube: &'a Cube,
        reaches: &Reaches,
        agreements: &'a Agreements,
        models: Vec<Vec<Model>>,
        days: Vec<Date>,
    ) -> Self {
        let all = agreements.agreements.as_slice();
        let counts_for = agreements.all_count_for();
        let counties = reaches.counties.len();
        let of_rule = |vintage: &VintageReaches, rule: usize| {
            let mut holders: AgreementsByCounty = vec![Vec::new(); counties];
            for at in all.keys() {
                let CountsFor { agency, model } = counts_for[at];
                for county in vintage.counties_of(rule, agency, model) {
                    holders[usize::from(county)].push(at);
                }
            }
            holders
        };
        let of_vintage = |vintage| (0..cube.rules).map(|rule| of_rule(vintage, rule)).collect();
        let holders = reaches.vintages.iter().map(of_vintage).collect();
        Self { cube, agreements: all, counts_for, models, days, holders }
    }

    /// The months of a range of counties, by county, rule and group, in order of time.
    pub fn of_counties(&self, counties: std::ops::Range<u16>) -> Vec<CountyMonth> {
        let stretches = &self.cube.stretches;
        let start = stretches.partition_point(|stretch| stretch.county < counties.start);
        let end = stretches.partition_point(|stretch| stretch.county < counties.end);
        let mut months = Vec::new();
        let is_same = |a: &Stretch, b: &Stretch| (a.county, a.rule, a.group) == (b.county, b.rule, b.group);
        for of_one in stretches[start..end].chunk_by(is_same) {
            let first_of_one = months.len();
            // Adjacent stretches are one unbroken coverage.
            let follows = |a: &Stretch, b: &Stretch| a.until == Some(day_before(b.from));
            for unbroken in of_one.chunk_by(follows) {
                let began = self.began(&unbroken[0]);
                for stretch in unbroken {
                    self.add(&mut months, first_of_one, stretch, began);
                }
            }
        }
        months
    }

    /// The unbroken coverages of all counties, by county, rule and group, in order of time.
    pub fn spells(&self) -> Vec<CountySpell> {
        let stretches = &self.cube.stretches;
        let Some(newest) = self.days.last().copied() else { return Vec::new() };
        let is_one = |a: &Stretch, b: &Stretch| {
            let is_same = (a.county, a.rule, a.group) == (b.county, b.rule, b.group);
            is_same && a.until == Some(day_before(b.from))
        };
        let unbroken = stretches.chunk_by(is_one).filter_map(|unbroken| {
            let (first, last) = (unbroken.first()?, unbroken.last()?);
            let began = self.began(first);
            let ended_by = last.until.and_then(|day| day.tomorrow().ok());
            let through = self.days.partition_point(|day| *day <= last.until.unwrap_or(newest));
            let last_covered = self.days[through.checked_sub(1)?];
            let signed = self.signed(first, (began.by, last_covered));
            let spell = CoverageSpell { began, last_covered, ended_by, signed };
            Some(CountySpell { county: first.county, rule: first.rule, group: first.group, spell })
        });
        unbroken.collect()
    }

    /// The earliest signing date among the agreements that are listed during a coverage that opens with a stretch.
    fn signed(&self, stretch: &Stretch, (from, until): (Date, Date)) -> Option<Date> {
        let spells = self.holders_of(stretch).flat_map(|at| &self.agreements[at].spells);
        let during =
            spells.filter(|spell| spell.began_by <= until && spell.ended_by.is_none_or(|ended| ended > from));
        during.filter_map(|spell| spell.signed_date).min()
    }

    /// The agreements of a stretch's group that reach its county by the vintage of its first list.
    fn holders_of(&self, stretch: &Stretch) -> impl Iterator<Item = AgreementAt> {
        let list = self.days.partition_point(|day| *day < stretch.from);
        let has_list = list < self.cube.lists.len();
        let vintage = if has_list { self.cube.vintage(list, stretch.rule) } else { 0 };
        let models = &self.models[stretch.group];
        let holders = &self.holders[vintage][stretch.rule][usize::from(stretch.county)];
        holders.iter().copied().filter(|at| models.contains(&self.counts_for[*at].model))
    }

    /// Adds the days of a stretch to the months they are in; months of the same county, rule and group begin at
    /// `first`.
    fn add(&self, months: &mut Vec<CountyMonth>, first: usize, stretch: &Stretch, began: Began) {
        let (Some(first_list), Some(newest)) = (self.days.first().copied(), self.days.last().copied()) else {
            return;
        };
        let until = stretch.until.unwrap_or(newest);
        let share = stretch.covered_share();
        let part_share = stretch.part_share();
        let part_reason = stretch.held.in_part.and_then(|in_part| in_part.reason);
        let mut month = stretch.from.first_of_month();
        while month <= until {
            let known = (month.max(first_list), month.last_of_month().min(newest));
            let covered = (stretch.from.max(month), until.min(month.last_of_month()));
            let days = days_of(covered);
            let lists = self.lists_of(covered);
            let resident_days = share.map(|share| share * days as f64);
            let part_days = if stretch.held.in_part.is_some() { days } else { 0 };
            let part_resident_days = part_share.map(|share| share * days as f64);
            match months[first..].last_mut().filter(|last| last.month == month) {
                Some(last) => {
                    last.days += days;
                    last.list_count += lists;
                    last.resident_days = last.resident_days.zip(resident_days).map(|(a, b)| a + b);
                    if part_days > 0 {
                        last.part_resident_days = match last.part_days {
                            0 => part_resident_days,
                            _ => last.part_resident_days.zip(part_resident_days).map(|(a, b)| a + b),
                        };
                        last.part_days += part_days;
                        // The month gets the weightiest reason.
                        last.part_reason = last.part_reason.max(part_reason);
                    }
                }
                None => months.push(CountyMonth {
                    county: stretch.county,
                    rule: stretch.rule,
                    group: stretch.group,
                    month,
                    first_day: covered.0 == known.0,
                    days,
                    known_days: days_of(known),
                    resident_days,
                    part_days,
                    part_resident_days,
                    part_reason,
                    list_count: lists,
                    began,
                }),
            }
            let Ok(next) = month.last_of_month().tomorrow() else { return };
            month = next;
        }
    }

    /// The number of as-of lists on these days.
    fn lists_of(&self, (from, until): (Date, Date)) -> i64 {
        let before = self.days.partition_point(|day| *day < from);
        let through = self.days.partition_point(|day| *day <= until);
        (through - before) as i64
    }

    /// When the unbroken coverage that opens with a stretch began, by the spells of the agreements behind it.
    fn began(&self, stretch: &Stretch) -> Began {
        let spells = self.holders_of(stretch).flat_map(|at| &self.agreements[at].spells);
        let spells: Vec<SpellDays> = spells.map(SpellDays::from).collect();
        Began::of(began(&spells, stretch.from).unwrap_or(stretch.from), &self.days)
    }
}

/// The day of the list by which the coverage on `day` began: the begin of the earliest spell that leads up to the day
/// without a break (a spell may end on the day on which the next begins). `None` if no spell holds on the day.
pub fn began(spells: &[SpellDays], day: Date) -> Option<Date> {
    let earliest = |holds: &dyn Fn(&SpellDays) -> bool| {
        spells.iter().filter(|spell| holds(spell)).map(|spell| spell.began_by).min()
    };
    let mut found = earliest(&|s| s.began_by <= day && s.ended_by.is_none_or(|ended| ended > day))?;
    while let Some(earlier) =
        earliest(&|s| s.began_by < found && s.ended_by.is_none_or(|ended| ended >= found))
    {
        found = earlier;
    }
    Some(found)
}

/// The number of days from one day to another, both included.
pub fn days_of((from, until): (Date, Date)) -> i64 {
    i64::from((until - from).get_days()) + 1
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAYS: [Date; 5] =
        [date(2025, 3, 1), date(2025, 4, 1), date(2025, 5, 1), date(2025, 6, 1), date(2025, 7, 1)];

    /// A spell from one list up to another, on which it is gone.
    fn spell(from: usize, until: Option<usize>) -> SpellDays {
        SpellDays { began_by: DAYS[from], ended_by: until.map(|list| DAYS[list]) }
    }

    #[test]
    fn coverage_began_with_the_first_of_the_spells_that_follow_on_each_other() {
        let at = |list: usize| DAYS[list];
        let cases: [(&[SpellDays], usize, Option<usize>); 7] = [
            (&[spell(0, None)], 3, Some(0)),
            (&[spell(2, None)], 3, Some(2)),
            // One agency takes over from another on the same list.
            (&[spell(1, Some(3)), spell(3, None)], 3, Some(1)),
            // A list between the two spells has neither.
            (&[spell(1, Some(2)), spell(3, None)], 3, Some(3)),
            // The spells overlap, and the earliest is long over.
            (&[spell(0, Some(2)), spell(1, Some(3)), spell(2, None)], 4, Some(0)),
            // A spell that begins later does not count.
            (&[spell(4, None)], 3, None),
            (&[], 3, None),
        ];
        for (spells, day, expected) in cases {
            assert_eq!(began(spells, DAYS[day]), expected.map(at), "{spells:?} on {}", DAYS[day]);
        }
        assert_eq!(Began::of(DAYS[0], &DAYS), Began { after: None, by: DAYS[0] });
        assert_eq!(Began::of(DAYS[2], &DAYS), Began { after: Some(DAYS[1]), by: DAYS[2] });
    }
}
