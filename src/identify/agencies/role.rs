//! The role of an agency: the sheriff of a county, the police of a place. Two names of one role are one agency.

use crate::identify::agencies::spelling::Spelling;
use crate::words::{CountyMethod, Kind, Level};

/// A role that only one agency of a state has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Kind, and code of the county or place.
    pub key: String,
    /// Whether the name says it without a typing error.
    pub is_exact: bool,
}

/// The lowest score of a location that gives a role: below it the name alone does not say.
const SURE: f64 = 0.9;

/// Returns the role that a name alone gives an agency; `None` if it does not say, or if several agencies may have it.
pub fn role(spelling: &Spelling) -> Option<Role> {
    let location = &spelling.location;
    if location.score < SURE || location.method == CountyMethod::Reviewed {
        return None;
    }
    let is_exact = location.typo.is_none();
    let county = || location.counties.first().filter(|_| location.counties.len() == 1);
    let key = match (location.level, location.kind) {
        (Level::County, Kind::Sheriff) => format!("sheriff {}", county()?),
        // A county's corrections and its jail may be two agencies.
        (Level::County, Kind::Corrections) => format!("{} {}", family(spelling)?, county()?),
        (Level::County, Kind::Prosecutor | Kind::Police) => format!("{} {}", family(spelling)?, county()?),
        (Level::Municipal, Kind::Police) => {
            let place = location.place_geoid.as_ref()?;
            // A township's police is not that of the borough of the same name.
            let is_town = spelling.read.words.iter().any(|word| word == "township");
            if is_town || (location.method == CountyMethod::CensusPlace && location.score < SURE) {
                return None;
            }
            format!("{} {place}", family(spelling)?)
        }
        _ => return None,
    };
    Some(Role { key, is_exact })
}

/// Returns one word for phrases of one meaning: lists change what they call a county's corrections.
fn family(spelling: &Spelling) -> Option<&str> {
    Some(match spelling.read.phrase.as_deref()? {
        "corrections" | "correctional" => "corrections",
        "jail" | "detention" | "prison" => "jail",
        "department of public safety" | "public safety department" | "public safety" => "public safety",
        phrase => phrase,
    })
}
