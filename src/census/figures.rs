//! The figures of one vintage, county by county.

use std::collections::BTreeMap;

use super::CensusError;
use crate::reference::{Counties, StateKind, States};
use crate::words::CountyFips;

/// How many missing or unknown counties an error names.
const NAMED: usize = 5;

/// Whom a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Residents. B05002 line 1.
    Population,
    /// Residents born abroad to parents who were not US citizens, naturalised citizens included. B05002 line 13.
    ForeignBorn,
    /// Foreign-born residents who are not US citizens. B05002 line 21 (line 15 up to 2014).
    Noncitizen,
}

impl Measure {
    pub const ALL: [Self; 3] = [Self::Population, Self::ForeignBorn, Self::Noncitizen];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Population => "population",
            Self::ForeignBorn => "foreign_born",
            Self::Noncitizen => "noncitizen",
        }
    }

    /// The measure of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.as_str() == name)
    }
}

/// An ACS estimate in persons and its 90 % margin of error; each `None` where the file has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Estimate {
    pub value: Option<i64>,
    pub moe: Option<i64>,
}

/// One county's figures, by [`Measure`].
pub type CountyFigures = [Estimate; 3];

/// The figures of one vintage.
#[derive(Debug, Clone)]
pub struct Figures {
    /// First and last year of the five: `2019-2023`.
    pub vintage: String,
    pub file_name: String,
    pub sha256: String,
    pub counties: BTreeMap<CountyFips, CountyFigures>,
}

impl Figures {
    /// The last year of the five.
    pub fn year(&self) -> u16 {
        self.vintage.rsplit('-').next().and_then(|year| year.parse().ok()).unwrap_or_default()
    }

    /// Whether any county has an estimate, or a margin, of the measure.
    pub fn has(&self, measure: Measure, part: fn(&Estimate) -> Option<i64>) -> bool {
        self.counties.values().any(|county| part(&county[measure as usize]).is_some())
    }

    /// Checks that the file holds every county of its vintage and no other.
    ///
    /// # Errors
    /// [`CensusError::Refused`], naming the counties.
    pub fn check_whole(&self, counties: &Counties, states: &States) -> Result<(), CensusError> {
        let in_acs = |county: &&crate::reference::County| {
            states
                .get(county.state)
                .is_some_and(|s| s.kind != StateKind::Territory || s.code.as_str() == "PR")
        };
        let expected: BTreeMap<CountyFips, &str> =
            counties.of_vintage(self.year()).filter(in_acs).map(|c| (c.fips, c.name.as_str())).collect();
        let missing: Vec<_> = expected.iter().filter(|(fips, _)| !self.counties.contains_key(fips)).collect();
        let unknown: Vec<_> = self.counties.keys().filter(|fips| !expected.contains_key(fips)).collect();
        let list = |names: Vec<String>| {
            let more = names.len().saturating_sub(NAMED);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{tail}", names[..names.len().min(NAMED)].join(", "))
        };
        let of = |figures: &CountyFigures, measure: Measure| figures[measure as usize].value;
        let impossible = self.counties.iter().find(|(_, figures)| {
            let [people, born, foreign] = Measure::ALL.map(|measure| of(figures, measure));
            born > people || foreign.is_some_and(|foreign| Some(foreign) > born)
        });
        let message = if let Some((fips, figures)) = impossible {
            let shown = Measure::ALL.map(|m| of(figures, m).map_or("none".into(), |n| n.to_string()));
            format!(
                "county {fips}: population, foreign-born and noncitizens of {} cannot be",
                shown.join(", ")
            )
        } else if !missing.is_empty() {
            let names = missing.iter().map(|(fips, name)| format!("{fips} {name}")).collect();
            format!("{} of {} counties are missing: {}", missing.len(), expected.len(), list(names))
        } else if !unknown.is_empty() {
            let names = unknown.iter().map(ToString::to_string).collect();
            format!("{} codes are no counties of vintage {}: {}", unknown.len(), self.vintage, list(names))
        } else {
            return Ok(());
        };
        Err(CensusError::Refused {
            file: self.file_name.clone(),
            message,
            hint: Some(format!("download the table for all counties of the 5-year vintage {}", self.vintage)),
        })
    }
}
