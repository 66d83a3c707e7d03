//! The figures of one vintage for the nation, states, counties and places, read back from the public tables.

use std::collections::BTreeMap;

use enum_map::EnumMap;

use crate::census::{Area, CountyFigures, Estimate, Gap, Level, Measure, Sum};
use crate::reference::States;
use crate::table::{TableError, TableSource};
use crate::words::CountyFips;

/// The geographies for which changes are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The US alone, changed or not.
    Us,
    /// Every state and territory in which something changed.
    States,
}

/// Figures of a vintage by area, and the geography of each county.
pub(super) struct VintageFigures {
    pub(super) vintage: String,
    /// All of the US, by measure.
    pub(super) us: EnumMap<Measure, Sum>,
    figures: BTreeMap<Area, CountyFigures>,
    /// State of each county of the vintage, and whether it is in the US.
    pub(super) counties: BTreeMap<CountyFips, (String, bool)>,
    /// Names of areas as the input prints them.
    names: BTreeMap<Area, String>,
    /// Area of each geography.
    areas: BTreeMap<String, Area>,
}

impl VintageFigures {
    pub(super) fn load(tables: &dyn TableSource, vintage: &str, states: &States) -> Result<Self, TableError> {
        let columns = ["geo_id", "concept", "estimate", "estimate_moe", "geo_name"];
        let rows = tables.columns_where("acs_figures", &columns, "acs_vintage", vintage)?;
        let (ids, concepts) = (rows.texts("geo_id")?, rows.texts("concept")?);
        let (estimates, margins) = (rows.integers("estimate")?, rows.numbers("estimate_moe")?);
        let printed = rows.texts("geo_name")?;
        let mut figures: BTreeMap<Area, CountyFigures> = BTreeMap::new();
        let mut names = BTreeMap::new();
        for ((((id, concept), value), moe), name) in
            ids.into_iter().zip(concepts).zip(estimates).zip(margins).zip(printed)
        {
            // Most areas are towns, which no benchmark ranks.
            let area = id.and_then(Area::of_geo_id).filter(|area| area.level() != Level::Subdivision);
            let measure = concept.and_then(Measure::find);
            if let (Some(area), Some(measure)) = (area, measure) {
                let estimate = Estimate {
                    value: value.ok_or(Gap::NotInInput),
                    // The square of a margin is a whole number.
                    moe_squared: moe.map(|moe| (moe * moe).round() as i64).ok_or(Gap::NotInInput),
                    ..Estimate::default()
                };
                figures.entry(area).or_default()[measure] = estimate;
                if let Some(name) = name {
                    names.insert(area, name.to_owned());
                }
            }
        }
        let rows = tables.rows_where("counties", "acs_vintage", vintage)?;
        let (codes, of_states) = (rows.texts("county_fips")?, rows.texts("state_code")?);
        let counties = codes.iter().zip(of_states).filter_map(|(fips, state)| {
            let code = state.and_then(crate::words::StateCode::new)?;
            Some((CountyFips::new(fips.as_ref()?)?, (code.to_string(), states.in_us(code))))
        });
        let mut areas: BTreeMap<String, Area> = states
            .iter()
            .filter_map(|state| Some((state.code.to_string(), Area::new(Level::State, &state.fips)?)))
            .collect();
        areas.insert("US".into(), Area::NATION);
        let mut of_vintage = Self {
            vintage: vintage.to_owned(),
            us: EnumMap::default(),
            figures,
            names,
            counties: counties.collect(),
            areas,
        };
        of_vintage.us = EnumMap::from_fn(|measure| of_vintage.total("US", measure));
        Ok(of_vintage)
    }

    /// The geography in which a county counts; `None` for a county of a territory if the scope is the US alone.
    pub(super) fn geography(&self, county: CountyFips, scope: Scope) -> Option<&str> {
        match (self.counties.get(&county)?, scope) {
            ((state, _), Scope::States) => Some(state),
            ((_, in_us), Scope::Us) => in_us.then_some("US"),
        }
    }

    pub(super) fn of(&self, area: Area, measure: Measure) -> Option<Estimate> {
        let estimate = self.figures.get(&area)?[measure];
        estimate.value.is_ok().then_some(estimate)
    }

    pub(super) fn sum(&self, counties: &[CountyFips], measure: Measure) -> Sum {
        let mut sum = Sum::default();
        for fips in counties {
            sum.add(&self.of(Area::county(*fips), measure).unwrap_or_default());
        }
        sum
    }

    /// Every county of a geography.
    pub(super) fn all<'a>(&'a self, geography: &'a str) -> impl Iterator<Item = CountyFips> + 'a {
        let is_there =
            move |(state, in_us): &(String, bool)| state == geography || (geography == "US" && *in_us);
        self.counties.iter().filter(move |(_, of)| is_there(of)).map(|(fips, _)| *fips)
    }

    /// The total of a geography: the published row, or the sum of its counties.
    pub(super) fn total(&self, geography: &str, measure: Measure) -> Sum {
        let row = self.areas.get(geography).and_then(|area| self.of(*area, measure));
        match row.filter(|row| row.value.is_ok()) {
            Some(row) => Sum::from(&row),
            None => self.sum(&self.all(geography).collect::<Vec<_>>(), measure),
        }
    }

    /// The areas of a level that the input has.
    pub(super) fn of_level(&self, level: Level) -> impl Iterator<Item = Area> + '_ {
        self.figures.keys().copied().filter(move |area| area.level() == level)
    }

    /// An area's name as the input prints it.
    pub(super) fn name(&self, area: Area) -> Option<&str> {
        self.names.get(&area).map(String::as_str)
    }
}
