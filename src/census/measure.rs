//! The groups of people that coverage counts.

use enum_map::Enum;

use crate::words::Concept;

/// A group of people that coverage counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub enum Measure {
    /// Residents.
    Population,
    /// Residents born abroad to parents who were not US citizens, naturalised citizens included.
    ForeignBorn,
    /// Foreign-born residents who are not US citizens.
    Noncitizen,
}

impl Measure {
    pub const ALL: [Self; 3] = [Self::Population, Self::ForeignBorn, Self::Noncitizen];

    pub fn as_str(self) -> &'static str {
        self.concept().as_str()
    }

    /// The concept among an area's figures that the measure counts.
    pub fn concept(self) -> Concept {
        match self {
            Self::Population => Concept::Population,
            Self::ForeignBorn => Concept::ForeignBorn,
            Self::Noncitizen => Concept::Noncitizen,
        }
    }

    /// The measure of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.as_str() == name)
    }
}
