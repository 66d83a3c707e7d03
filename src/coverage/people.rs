//! People of counties and of parts of counties, by measure.

use enum_map::EnumMap;

use super::residents::Part;
use crate::census::{CountyFigures, Level, Measure, Sum};

/// The sum of each measure.
pub type PeopleSums = EnumMap<Measure, Sum>;

pub fn add(people: &mut PeopleSums, figures: &CountyFigures) {
    for (measure, sum) in people {
        sum.add(&figures[measure]);
    }
}

pub fn merge(people: &mut PeopleSums, others: &PeopleSums) {
    for (measure, sum) in people {
        sum.merge(&others[measure]);
    }
}

/// How inexact the foreign-born residents of places and towns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inexact {
    /// Parts of places and towns whose foreign-born residents are not known.
    pub unknown_parts: u32,
    /// All residents of these parts; unit: persons.
    pub unknown_residents: i64,
    /// The largest error of counts from rounded percentages; unit: a hundred-thousandth of a person.
    pub rounding: i64,
}

impl Inexact {
    pub fn merge(&mut self, other: &Self) {
        self.unknown_parts += other.unknown_parts;
        self.unknown_residents += other.unknown_residents;
        self.rounding += other.rounding;
    }
}

/// Residents of places and towns, and how inexact they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct PartResidents {
    pub people: PeopleSums,
    pub inexact: Inexact,
}

impl PartResidents {
    fn add(&mut self, part: &Part, have_foreign_born: bool) {
        for measure in Measure::ALL {
            let people = part.people[measure];
            // If other places have figures, missing ones are counted here, and the sum is a floor.
            if measure == Measure::ForeignBorn && have_foreign_born && people.is_err() {
                self.inexact.unknown_parts += 1;
                self.inexact.unknown_residents += part.people[Measure::Population].unwrap_or(0);
                continue;
            }
            self.people[measure].add_part(people, &part.figures[measure], part.share);
        }
        self.inexact.rounding += part.rounding;
    }

    fn merge(&mut self, other: &Self) {
        merge(&mut self.people, &other.people);
        self.inexact.merge(&other.inexact);
    }

    /// The number of residents; `None` if it is not known.
    pub fn population(&self) -> Option<i64> {
        self.people[Measure::Population].value()
    }
}

/// Residents of places and towns in one county, none of them counted twice.
///
/// Residents of a village within a township are the township's too, and the Bureau's figures do not say which village
/// lies in which township. So either the subdivisions count or the places within subdivisions, whichever have more
/// residents; the sum is then never more than the people covered.
#[derive(Debug, Default)]
pub struct Uncounted {
    subdivisions: PartResidents,
    within: PartResidents,
    others: PartResidents,
}

impl Uncounted {
    /// Sorts the parts of one county; `have_foreign_born` says whether places have figures of foreign-born residents.
    pub fn of<'a>(parts: impl Iterator<Item = &'a Part>, have_foreign_born: bool) -> Self {
        let mut sorted = Self::default();
        for part in parts {
            let residents = match (part.area.level(), part.is_within_subdivision) {
                (Level::Subdivision, _) => &mut sorted.subdivisions,
                (_, true) => &mut sorted.within,
                (_, false) => &mut sorted.others,
            };
            residents.add(part, have_foreign_born);
        }
        sorted
    }

    /// The sum of the residents, in each measure at most what the whole county has.
    pub fn people(&self, county: &CountyFigures) -> PartResidents {
        let is_larger = self.within.population() > self.subdivisions.population();
        let mut residents = self.others;
        residents.merge(if is_larger { &self.within } else { &self.subdivisions });
        for measure in Measure::ALL {
            let (sum, whole) = (&mut residents.people[measure], Sum::from(&county[measure]));
            if sum.value().zip(whole.value()).is_some_and(|(sum, whole)| sum > whole) {
                *sum = whole;
                if measure == Measure::ForeignBorn {
                    residents.inexact.rounding = 0;
                }
            }
        }
        residents
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census::{Area, Estimate, Gap};
    use crate::coverage::ShareMethod;

    fn figures(population: Estimate, foreign_born: Estimate) -> CountyFigures {
        EnumMap::from_array([population, foreign_born, Estimate::default()])
    }

    fn part(level: Level, code: &str, people: i64, is_within_subdivision: bool) -> Part {
        Part {
            area: Area::new(level, code).unwrap(),
            county: 0,
            people: EnumMap::from_array([Ok(people), Ok(people / 10), Err(Gap::NotInInput)]),
            figures: figures(Estimate::new(people, 10), Estimate::new(people / 10, 4)),
            share: (1, 1),
            method: ShareMethod::Whole,
            rounding: 0,
            foreign_born_method: None,
            is_within_subdivision,
        }
    }

    #[test]
    fn nobody_is_counted_twice() {
        let village = part(Level::Place, "3600100", 300, true);
        let other = part(Level::Place, "3600200", 500, true);
        let city = part(Level::Place, "3600300", 1_000, false);
        let town = part(Level::Subdivision, "3600100400", 700, false);
        let county = figures(Estimate::new(5_000, 0), Estimate::new(500, 50));
        let of = |parts: &[&Part], county: &CountyFigures| {
            let people = Uncounted::of(parts.iter().copied(), true).people(county).people;
            (people[Measure::Population].value().unwrap(), people[Measure::Population].margin().unwrap())
        };
        assert_eq!(of(&[&village, &other, &city], &county), (1_800, 300_f64.sqrt()));
        assert_eq!(of(&[&village, &town, &city], &county), (1_700, 200_f64.sqrt()));
        assert_eq!(of(&[&village, &other, &town], &county), (800, 200_f64.sqrt()));
        assert_eq!(of(&[], &county), (0, 0.0));
        let small = figures(Estimate::new(900, 0), Estimate::new(100, 7));
        assert_eq!(of(&[&city], &small), (900, 0.0), "never more than the county has");
    }
}
