//! The figures of one vintage.

use std::collections::BTreeMap;

use super::area::{Area, Level};
use super::measure::Measure;
use super::source::FigureSource;
use super::value::{AreaEstimates, Estimate};
use crate::words::{CountyFips, FigureMethod, Vintage};

/// One area's figures, by [`Measure`].
pub type CountyFigures = [Estimate; 3];

/// What a vintage says of one area.
#[derive(Debug, Clone)]
pub struct AreaFigures {
    /// As the files print it; `None` where none does.
    pub name: Option<Box<str>>,
    pub estimates: AreaEstimates,
}

/// A file that figures come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    pub file_name: String,
    pub sha256: String,
    pub form: &'static str,
}

/// The figures of one vintage.
#[derive(Debug, Clone)]
pub struct Figures {
    pub vintage: Vintage,
    /// By name.
    pub inputs: Vec<Input>,
    /// What estimates were read from, by their `source`.
    pub sources: Vec<FigureSource>,
    pub areas: BTreeMap<Area, AreaFigures>,
    /// Taken though some counties are missing.
    pub is_sample: bool,
}

impl Figures {
    /// One area's figures; of an area that no file has, none.
    pub fn of(&self, area: Area) -> CountyFigures {
        match self.areas.get(&area) {
            Some(figures) => Measure::ALL.map(|measure| figures.estimates[measure.concept() as usize]),
            None => [Estimate::default(); 3],
        }
    }

    /// A county's figures.
    pub fn county(&self, fips: CountyFips) -> CountyFigures {
        self.of(Area::county(fips))
    }

    /// How a figure was had; `None` where there is none.
    pub fn method(&self, area: Area, measure: Measure) -> Option<FigureMethod> {
        let estimate = self.areas.get(&area)?.estimates[measure.concept() as usize];
        let source = self.sources.get(usize::from(estimate.source))?;
        estimate.value.is_ok().then_some(source.rank.method)
    }

    /// By how many people a figure that was computed from a rounded percentage may be wrong for its rounding; `None` of
    /// others.
    ///
    /// A percentage to two decimals stands for those from 0.005 below it to 0.005 above; the count is rounded once more.
    pub fn half_width(&self, area: Area, measure: Measure) -> Option<f64> {
        let is_rounded = self.method(area, measure)? == FigureMethod::PercentOfPopulation;
        let [residents, ..] = self.of(area);
        is_rounded.then(|| residents.value.map_or(0.5, |residents| residents as f64 * 0.000_05 + 0.5))
    }

    /// The areas of a level, in the order of their codes.
    pub fn of_level(&self, level: Level) -> impl Iterator<Item = (Area, &AreaFigures)> {
        self.areas.iter().filter(move |(area, _)| area.level() == level).map(|(area, f)| (*area, f))
    }

    /// Whether there are figures of places or county subdivisions.
    pub fn have_places(&self) -> bool {
        self.areas.keys().any(|area| matches!(area.level(), Level::Place | Level::Subdivision))
    }
}
