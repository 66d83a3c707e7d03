//! Covered counties as stretches of days over which their counts hold.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Cube;
use super::cube::CountyCounts;
use crate::words::day_before;

/// A county covered, from one as-of day until the day before another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// Position among the counties of the reaches.
    pub county: u16,
    pub rule: usize,
    /// Position among the model groups.
    pub group: usize,
    pub from: Date,
    pub until: Option<Date>,
    pub agreement_count: u32,
    pub agency_count: u32,
}

/// Joins the as-of days on which a county's counts are the same. `days` are those of the cube's lists.
pub fn stretches(cube: &Cube, days: &[Date]) -> Vec<Stretch> {
    let mut all = Vec::new();
    let rules = cube.covered.first().map_or(0, Vec::len);
    for rule in 0..rules {
        for group in 0..cube.covered[0][rule].len() {
            let of_days: Vec<&CountyCounts> = cube.covered.iter().map(|list| &list[rule][group]).collect();
            all.extend(join(&of_days, days).into_iter().map(|mut stretch| {
                (stretch.rule, stretch.group) = (rule, group);
                stretch
            }));
        }
    }
    all.sort_unstable();
    all
}

fn join(of_days: &[&CountyCounts], days: &[Date]) -> Vec<Stretch> {
    let mut open: BTreeMap<u16, Stretch> = BTreeMap::new();
    let mut done = Vec::new();
    for (counts, day) in of_days.iter().zip(days) {
        let mut next: BTreeMap<u16, Stretch> = BTreeMap::new();
        for (county, agreement_count, agency_count) in counts.iter().copied() {
            let same = |s: &Stretch| (s.agreement_count, s.agency_count) == (agreement_count, agency_count);
            let stretch = match open.get(&county).is_some_and(same) {
                true => open.remove(&county),
                false => None,
            };
            let fresh =
                Stretch { county, rule: 0, group: 0, from: *day, until: None, agreement_count, agency_count };
            next.insert(county, stretch.unwrap_or(fresh));
        }
        done.extend(open.into_values().map(|stretch| Stretch { until: Some(day_before(*day)), ..stretch }));
        open = next;
    }
    done.extend(open.into_values());
    done
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_stretch_splits_where_a_count_changes_and_ends_the_day_before() {
        let days = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1)];
        let lists = [vec![(7, 1, 1)], vec![(7, 1, 1), (9, 2, 1)], vec![(7, 2, 1)], vec![(7, 2, 1)]];
        let of_days: Vec<&CountyCounts> = lists.iter().collect();
        let found: Vec<_> = join(&of_days, &days)
            .into_iter()
            .map(|s| (s.county, s.from, s.until, s.agreement_count))
            .collect();
        assert_eq!(
            found,
            [
                (7, days[0], Some(date(2025, 2, 28)), 1),
                (9, days[1], Some(date(2025, 2, 28)), 2),
                (7, days[2], None, 2),
            ]
        );
    }
}
