//! People of counties and of parts of counties, by measure.

use super::residents::Part;
use crate::census::{CountyFigures, Level, Measure, Sum};

/// The sum of each measure.
pub type People = [Sum; 3];

pub fn add(people: &mut People, figures: &CountyFigures) {
    for measure in Measure::ALL {
        people[measure as usize].add(&figures[measure as usize]);
    }
}

pub fn merge(people: &mut People, others: &People) {
    for (sum, other) in people.iter_mut().zip(others) {
        sum.merge(other);
    }
}

/// Residents of places and towns in one county, none of them counted twice.
///
/// A village within a township has residents that are the township's too, and which lies in which is not in the
/// Bureau's figures: of subdivisions and of the places within subdivisions only those with more residents count. Thus
/// the sum is never more than are covered.
#[derive(Debug, Default)]
pub struct Uncounted {
    subdivisions: People,
    within: People,
    others: People,
}

impl Uncounted {
    /// Sorts the parts of one county.
    pub fn of<'a>(parts: impl Iterator<Item = &'a Part>) -> Self {
        let mut sorted = Self::default();
        for part in parts {
            let people = match (part.area.level(), part.is_within_subdivision) {
                (Level::Subdivision, _) => &mut sorted.subdivisions,
                (_, true) => &mut sorted.within,
                (_, false) => &mut sorted.others,
            };
            for (measure, sum) in people.iter_mut().enumerate() {
                sum.add_part(part.people[measure], &part.figures[measure], part.share);
            }
        }
        sorted
    }

    /// Their sum; of no measure more than the whole county has.
    pub fn people(&self, county: &CountyFigures) -> People {
        let of = |people: &People| people[Measure::Population as usize].value();
        let larger =
            if of(&self.within) > of(&self.subdivisions) { &self.within } else { &self.subdivisions };
        let mut people = self.others;
        merge(&mut people, larger);
        for measure in Measure::ALL {
            let (sum, whole) = (&mut people[measure as usize], Sum::from(&county[measure as usize]));
            if sum.value().zip(whole.value()).is_some_and(|(sum, whole)| sum > whole) {
                *sum = whole;
            }
        }
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census::{Area, Estimate, Gap};
    use crate::coverage::ShareMethod;

    fn part(level: Level, code: &str, people: i64, is_within_subdivision: bool) -> Part {
        Part {
            area: Area::new(level, code).unwrap(),
            county: 0,
            people: [Ok(people), Ok(people / 10), Err(Gap::NotInInput)],
            figures: [Estimate::new(people, 10), Estimate::new(people / 10, 4), Estimate::default()],
            share: (1, 1),
            method: ShareMethod::Whole,
            is_within_subdivision,
        }
    }

    #[test]
    fn nobody_is_counted_twice() {
        let village = part(Level::Place, "3600100", 300, true);
        let other = part(Level::Place, "3600200", 500, true);
        let city = part(Level::Place, "3600300", 1_000, false);
        let town = part(Level::Subdivision, "3600100400", 700, false);
        let county = [Estimate::new(5_000, 0), Estimate::new(500, 50), Estimate::default()];
        let of = |parts: &[&Part], county: &CountyFigures| {
            let people = Uncounted::of(parts.iter().copied()).people(county);
            (people[0].value().unwrap(), people[0].margin().unwrap())
        };
        assert_eq!(of(&[&village, &other, &city], &county), (1_800, 300_f64.sqrt()));
        assert_eq!(of(&[&village, &town, &city], &county), (1_700, 200_f64.sqrt()));
        assert_eq!(of(&[&village, &other, &town], &county), (800, 200_f64.sqrt()));
        assert_eq!(of(&[], &county), (0, 0.0));
        let small = [Estimate::new(900, 0), Estimate::new(100, 7), Estimate::default()];
        assert_eq!(of(&[&city], &small), (900, 0.0), "never more than the county has");
    }
}
