//! Places that are whole counties: New York City is five counties, Broomfield is Broomfield County.

use super::area::{Area, Level};
use super::margin::Sum;
use super::source::{FigureSource, Rank};
use super::value::Gap;
use super::vintage_figures::Figures;
use crate::reference::{Counties, Places};
use crate::words::{Concept, CountyFips, FigureMethod};

impl Figures {
    /// Gives places the figures of their counties. A place with exactly the residents of its counties is these
    /// counties; it gets their figures if it lacks its own or has only a rounded one. Margins are those of a sum.
    ///
    /// Source: `data/reference/places.csv` for the counties that a place lies in.
    pub fn complete_places(&mut self, places: &Places, counties: &Counties) {
        let year = self.vintage.last();
        let is_there = |fips: &CountyFips| counties.get(*fips).is_some_and(|county| county.is_of(year));
        let mut found = Vec::new();
        for (area, of_place) in self.of_level(Level::Place) {
            let Some(place) = places.get(&area.code()) else { continue };
            let own: Vec<Area> = place.counties.iter().copied().filter(is_there).map(Area::county).collect();
            let sum = |concept: Concept| {
                let mut sum = Sum::default();
                for county in &own {
                    let estimates = self.areas.get(county).map(|of_county| of_county.estimates);
                    sum.add(&estimates.unwrap_or_default()[concept]);
                }
                sum
            };
            let population = of_place.estimates[Concept::Population].value.ok();
            let is_whole = population.is_some() && sum(Concept::Population).value() == population;
            let [first, ..] = own.as_slice() else { continue };
            if own.len() != place.counties.len() || !is_whole {
                continue;
            }
            for concept in Concept::ALL {
                let estimate = &of_place.estimates[*concept];
                let method = self.sources.get(usize::from(estimate.source)).map(|source| source.rank.method);
                let is_lacking = estimate.value == Err(Gap::NotInInput)
                    || (estimate.value.is_ok() && method == Some(FigureMethod::PercentOfPopulation));
                let of_county = self.areas.get(first).map(|of_county| of_county.estimates[*concept]);
                let sum = sum(*concept).estimate();
                if let (true, true, Some(of_county)) = (is_lacking, sum.value.is_ok(), of_county) {
                    found.push((area, *concept, sum, usize::from(of_county.source)));
                }
            }
        }
        for (area, concept, sum, source) in found {
            let Some(of_county) = self.sources.get(source) else { continue };
            let rank = Rank { method: FigureMethod::SumOfCounties, ..of_county.rank };
            let source = FigureSource { concept, rank, ..of_county.clone() };
            let at = self.sources.iter().position(|known| *known == source).unwrap_or_else(|| {
                self.sources.push(source);
                self.sources.len() - 1
            });
            if let Some(of_place) = self.areas.get_mut(&area) {
                of_place.estimates[concept] = super::Estimate { source: at as u16, ..sum };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::census::{Measure, Request, figures};
    use crate::reference::Reference;
    use crate::spec::{SpecFiles, Specs};

    #[test]
    fn new_york_city_is_its_five_counties() {
        let files = SpecFiles::default();
        let (specs, reference) = (Specs::load(&files).unwrap(), Reference::load(&files).unwrap());
        let request = Request { paths: &[], is_sample: false };
        let mut all =
            figures(&request, &files, &specs.census, &reference.counties, &reference.states).unwrap();
        let with_places = all.iter_mut().find(|figures| figures.have_places()).unwrap();
        let city = Area::new(Level::Place, "3651000").unwrap();
        assert_eq!(with_places.method(city, Measure::ForeignBorn), None);
        with_places.complete_places(&reference.places, &reference.counties);
        assert_eq!(with_places.method(city, Measure::ForeignBorn), Some(FigureMethod::SumOfCounties));
        let of = |area: Area| with_places.of(area)[Measure::ForeignBorn].value.unwrap();
        let counties = ["36005", "36047", "36061", "36081", "36085"];
        let sum: i64 = counties.iter().map(|fips| of(Area::new(Level::County, fips).unwrap())).sum();
        assert_eq!(of(city), sum);
        // Philadelphia is its county, whose count is not a rounded percentage.
        let philadelphia = Area::new(Level::Place, "4260000").unwrap();
        assert_eq!(of(philadelphia), of(Area::new(Level::County, "42101").unwrap()));
        // A place keeps a figure of its own, and a place that is only part of its county gets none.
        let chicago = Area::new(Level::Place, "1714000").unwrap();
        assert_eq!(
            with_places.method(chicago, Measure::ForeignBorn),
            Some(FigureMethod::PercentOfPopulation)
        );
        let oklahoma_city = Area::new(Level::Place, "4055000").unwrap();
        assert_eq!(with_places.method(oklahoma_city, Measure::ForeignBorn), None);
    }
}
