//! Where an agency is, and what its rows say of that.

use crate::reference::FbiAgency;
use crate::words::{AgencyType, CountyFips, CountyMethod, Extent, Kind, Level, OriMethod, OriReason};

/// The facts that an agency's listings state beside its name.
#[derive(Debug, Clone, Default)]
pub struct Witnesses {
    /// The county that most rows print, if any does.
    pub county_cell: Option<CountyFips>,
    /// The county that the newest rows print, if only one is printed there.
    pub newest_cell: Option<CountyFips>,
    /// Counties that other rows print.
    pub other_cells: Vec<CountyFips>,
    /// The TYPE that most rows print.
    pub agency_type: Option<AgencyType>,
}

/// Where an agency is.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    pub level: Level,
    pub kind: Kind,
    /// The main county first.
    pub counties: Vec<CountyFips>,
    pub extent: Extent,
    pub place_geoid: Option<String>,
    /// Ten digits; for a place in several counties, the part in the main one.
    pub cousub_geoid: Option<String>,
    /// The place or town for which a municipal agency is named, with what it legally is where the name says so.
    pub town: Option<String>,
    /// How the counties were found: the words of `agencies.county_method`.
    pub method: CountyMethod,
    /// 1: exact and alone.
    pub score: f64,
    /// The statements of the witnesses, in words.
    pub evidence: String,
    pub ori: Result<Ori, OriReason>,
    /// The FBI's identifiers of units of a state's agency, or of the several of which one may be the agency's own.
    pub unit_oris: Vec<String>,
    /// A typing error that was allowed for in the name.
    pub typo: Option<Typo>,
}

/// A typing error in the words of a county or place.
#[derive(Debug, Clone, PartialEq)]
pub struct Typo {
    /// The words as printed.
    pub typed: String,
    /// The words of the place that is meant.
    pub meant: String,
}

/// The FBI's identifier of an agency.
#[derive(Debug, Clone, PartialEq)]
pub struct Ori {
    pub ori: String,
    /// The words of `agencies.ori_method`.
    pub method: OriMethod,
    /// 1: exact and alone.
    pub score: f64,
}

impl Ori {
    pub(in crate::identify) fn of(agency: &FbiAgency, method: OriMethod, score: f64) -> Self {
        Self { ori: agency.ori.clone(), method, score }
    }
}
