//! Covered counties as stretches of days during which their counts stay the same.

use jiff::civil::Date;

use crate::census::share;
use crate::words::{PartReason, day_before};

/// A county that is reached only by agencies that police part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct InPart {
    /// Residents of the places and towns that reach it, and of the county, from one vintage; unit: persons.
    pub residents: Option<(i64, i64)>,
    /// Why the residents of these places and towns are not known, or not all of them.
    pub reason: Option<PartReason>,
}

/// A covered county, from one as-of day until the day before another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// Position among the counties of the reaches.
    pub county: u16,
    pub rule: usize,
    /// Position among the model groups.
    pub group: usize,
    pub from: Date,
    pub until: Option<Date>,
    pub held: CountyHold,
}

impl Stretch {
    /// The share of the county's residents that the rule counts; `None`: not known.
    pub fn covered_share(&self) -> Option<f64> {
        if self.held.counts_whole { Some(1.0) } else { self.part_share() }
    }

    /// The share of the county's residents who live in the places and towns that reach it; `None` if an agency polices
    /// the whole county, or if the share is not known.
    pub fn part_share(&self) -> Option<f64> {
        self.held.in_part?.residents.map(|(part, all)| share(part, all))
    }
}

/// The agreements and agencies that reach a county on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountyHold {
    pub agreements: u32,
    pub agencies: u32,
    /// Whether the rule counts all residents of the county.
    pub counts_whole: bool,
    /// `Some` if every agency that reaches the county polices only part of it.
    pub in_part: Option<InPart>,
}

/// The counties of one rule and group while lists are taken in order: their current counts, and since when they hold.
pub struct Open {
    since: Vec<Option<(Date, CountyHold)>>,
    done: Vec<Stretch>,
}

impl Open {
    /// Begins with this number of counties, none of them covered.
    pub fn new(counties: usize) -> Self {
        Self { since: vec![None; counties], done: Vec::new() }
    }

    /// Takes a county's agreements and agencies as of a day.
    pub fn see(&mut self, county: u16, held: CountyHold, day: Date) {
        let since = &mut self.since[usize::from(county)];
        match *since {
            Some((_, before)) if before == held => return,
            Some((from, before)) => self.done.push(stretch(county, from, Some(day_before(day)), before)),
            None => {}
        }
        *since = (held.agencies > 0).then_some((day, held));
    }

    /// Returns every stretch; open ones have no end.
    pub fn close(mut self) -> Vec<Stretch> {
        for (county, since) in self.since.iter().enumerate() {
            if let Some((from, held)) = since {
                self.done.push(stretch(county as u16, *from, None, *held));
            }
        }
        self.done
    }
}

fn stretch(county: u16, from: Date, until: Option<Date>, held: CountyHold) -> Stretch {
    Stretch { county, rule: 0, group: 0, from, until, held }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_stretch_splits_where_a_count_changes_and_ends_the_day_before() {
        let days = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1)];
        let mut open = Open::new(10);
        for (county, counts, day) in
            [(7, (1, 1), 0), (7, (1, 1), 1), (9, (2, 1), 1), (7, (2, 1), 2), (9, (0, 0), 2), (7, (2, 1), 3)]
        {
            let (agreements, agencies) = counts;
            let held = CountyHold { agreements, agencies, counts_whole: true, in_part: None };
            open.see(county, held, days[day]);
        }
        let mut found = open.close();
        found.sort();
        let found: Vec<_> = found.iter().map(|s| (s.county, s.from, s.until, s.held.agreements)).collect();
        let february = Some(date(2025, 2, 28));
        assert_eq!(found, [(7, days[0], february, 1), (7, days[2], None, 2), (9, days[1], february, 2)]);
    }
}
