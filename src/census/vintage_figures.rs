//! The figures of one vintage.

use std::collections::BTreeMap;

use enum_map::EnumMap;

use super::area::{Area, Level};
use super::measure::Measure;
use super::source::FigureSource;
use super::value::{AreaEstimates, Estimate};
use crate::words::{CountyFips, FigureMethod, Vintage};

/// One area's figures, by [`Measure`].
pub type CountyFigures = EnumMap<Measure, Estimate>;

/// The figures of one area in a vintage.
#[derive(Debug, Clone)]
pub struct AreaFigures {
    /// The name as the files print it; `None` if no file prints one.
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
    /// Ordered by file name.
    pub inputs: Vec<Input>,
    /// The sources of the estimates; an estimate's `source` is its position here.
    pub sources: Vec<FigureSource>,
    pub areas: BTreeMap<Area, AreaFigures>,
    /// Whether the figures were taken though some counties are missing.
    pub is_sample: bool,
}

impl Figures {
    /// One area's figures; empty estimates for an area that no file has.
    pub fn of(&self, area: Area) -> CountyFigures {
        match self.areas.get(&area) {
            Some(figures) => EnumMap::from_fn(|measure: Measure| figures.estimates[measure.concept()]),
            None => CountyFigures::default(),
        }
    }

    /// A county's figures.
    pub fn county(&self, fips: CountyFips) -> CountyFigures {
        self.of(Area::county(fips))
    }

    /// How a figure was obtained; `None` if there is none.
    pub fn method(&self, area: Area, measure: Measure) -> Option<FigureMethod> {
        let estimate = self.areas.get(&area)?.estimates[measure.concept()];
        let source = self.sources.get(usize::from(estimate.source))?;
        estimate.value.is_ok().then_some(source.rank.method)
    }

    /// The largest error, in persons, that rounding causes in a figure computed from a rounded percentage; `None` for
    /// other figures.
    ///
    /// A percentage to two decimals may be off by 0.005 either way; the count is rounded once more.
    pub fn half_width(&self, area: Area, measure: Measure) -> Option<f64> {
        let is_rounded = self.method(area, measure)? == FigureMethod::PercentOfPopulation;
        let residents = self.of(area)[Measure::Population];
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
