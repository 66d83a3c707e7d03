//! Pairs each list with a vintage.

use jiff::civil::Date;

use super::error::CensusError;
use super::vintage_figures::Figures;
use crate::words::Vintage;

/// The choice of the vintage for each list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    Newest,
    One(Vintage),
    /// The newest vintage that ends in the list's year or before; the oldest vintage if none does.
    ByYear,
}

impl std::str::FromStr for Pairing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "newest" => Ok(Self::Newest),
            "paired" => Ok(Self::ByYear),
            _ => Vintage::parse(text)
                .map(Self::One)
                .ok_or_else(|| "not newest, paired, or a 5-year vintage such as 2019-2023".into()),
        }
    }
}

impl Pairing {
    /// Returns a position in `figures` (newest first) for each list, given the lists' days.
    ///
    /// # Errors
    /// [`CensusError::NoSuchVintage`].
    pub fn of_days(self, figures: &[Figures], days: &[Date]) -> Result<Vec<usize>, CensusError> {
        let vintages: Vec<Vintage> = figures.iter().map(|figures| figures.vintage).collect();
        self.among(&vintages, days)
    }

    /// Returns a position in `vintages` (newest first) for each day.
    ///
    /// # Errors
    /// [`CensusError::NoSuchVintage`].
    pub fn among(self, vintages: &[Vintage], days: &[Date]) -> Result<Vec<usize>, CensusError> {
        let one = |at| Ok(vec![at; days.len()]);
        match self {
            Self::Newest => one(0),
            // A year alone may name a 1-year dataset.
            Self::One(asked) => match vintages
                .iter()
                .position(|vintage| *vintage == asked)
                .or_else(|| vintages.iter().position(|vintage| vintage.last() == asked.last()))
            {
                Some(at) => one(at),
                None => Err(CensusError::NoSuchVintage {
                    asked: asked.to_string(),
                    there: vintages.iter().map(Vintage::to_string).collect::<Vec<_>>().join(", "),
                }),
            },
            Self::ByYear => {
                let of_day = |day: &Date| {
                    let year = u16::try_from(day.year()).unwrap_or_default();
                    let newest = vintages.iter().position(|vintage| vintage.last() <= year);
                    newest.unwrap_or(vintages.len().saturating_sub(1))
                };
                Ok(days.iter().map(of_day).collect())
            }
        }
    }
}

impl std::fmt::Display for Pairing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Newest => f.write_str("newest"),
            Self::One(vintage) => vintage.fmt(f),
            Self::ByYear => f.write_str("paired"),
        }
    }
}
