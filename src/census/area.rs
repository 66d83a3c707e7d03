//! Areas the Bureau counts people in, by summary level and code.

use std::fmt;

use crate::words::CountyFips;

/// The summary levels that are kept; rows of other levels are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Nation,
    State,
    County,
    Subdivision,
    Place,
}

impl Level {
    pub const ALL: [Self; 5] = [Self::Nation, Self::State, Self::County, Self::Subdivision, Self::Place];

    /// The start of each GEO_ID of the level: its summary level, variant and component 00 (the whole area), and `US`.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Nation => "0100000US",
            Self::State => "0400000US",
            Self::County => "0500000US",
            Self::Subdivision => "0600000US",
            Self::Place => "1600000US",
        }
    }

    /// The number of digits in a code.
    pub fn digits(self) -> usize {
        match self {
            Self::Nation => 0,
            Self::State => 2,
            Self::County => 5,
            Self::Subdivision => 10,
            Self::Place => 7,
        }
    }

    /// The level's word in the tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nation => "nation",
            Self::State => "state",
            Self::County => "county",
            Self::Subdivision => "county_subdivision",
            Self::Place => "place",
        }
    }
}

/// One area. Orders by level, then by code; prints as the Bureau's GEO_ID: `0500000US01001`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area {
    level: Level,
    code: u64,
}

impl Area {
    pub const NATION: Self = Self { level: Level::Nation, code: 0 };

    /// The area of a level with this code, which must have as many digits as the level's codes.
    pub fn new(level: Level, code: &str) -> Option<Self> {
        let is_code = code.len() == level.digits() && code.bytes().all(|b| b.is_ascii_digit());
        // The nation's code has no digits.
        let code = if code.is_empty() { 0 } else { code.parse().ok()? };
        is_code.then_some(Self { level, code })
    }

    /// The area that a GEO_ID names, if its level is kept.
    pub fn of_geo_id(text: &str) -> Option<Self> {
        match geo_id(text)? {
            GeoId::Area(area) => Some(area),
            GeoId::Other => None,
        }
    }

    /// A county.
    pub fn county(fips: CountyFips) -> Self {
        let code = fips.as_str().bytes().fold(0, |code, digit| code * 10 + u64::from(digit - b'0'));
        Self { level: Level::County, code }
    }

    pub fn level(self) -> Level {
        self.level
    }

    /// The area's code without the prefix; empty for the nation.
    pub fn code(self) -> String {
        match self.level.digits() {
            0 => String::new(),
            digits => format!("{:0digits$}", self.code),
        }
    }

    /// The FIPS code, if the area is a county.
    pub fn county_fips(self) -> Option<CountyFips> {
        (self.level == Level::County).then(|| CountyFips::new(&self.code())).flatten()
    }

    /// Whether the area is in Puerto Rico, for which some tables have a twin.
    pub fn is_in_puerto_rico(self) -> bool {
        let below_state = self.level.digits().checked_sub(2).and_then(|digits| u32::try_from(digits).ok());
        below_state.is_some_and(|digits| self.code / 10_u64.pow(digits) == 72)
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}{}", self.level.prefix(), self.code()))
    }
}

impl fmt::Debug for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The area that a GEO_ID names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeoId {
    Area(Area),
    /// An area of another level or component: a tract, the urban part of a state.
    Other,
}

/// Reads a GEO_ID; `None` if the text is not one.
pub fn geo_id(text: &str) -> Option<GeoId> {
    for level in Level::ALL {
        if let Some(code) = text.strip_prefix(level.prefix()) {
            return Area::new(level, code).map(GeoId::Area);
        }
    }
    let (prefix, code) = text.split_once("US")?;
    let is_prefix = prefix.len() == 7 && prefix.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    (is_prefix && code.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(GeoId::Other)
}

/// Whether a row begins with the GEO_ID of a level, variant or component that is not kept; false for all other rows.
pub fn is_passed_over(row: &[u8]) -> bool {
    let Some((prefix, rest)) = row.split_at_checked(9) else { return false };
    let is_prefix =
        prefix[7..] == *b"US" && prefix[..7].iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let is_kept = Level::ALL.iter().any(|level| level.prefix().as_bytes() == prefix);
    is_prefix && !is_kept && rest.first().is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geo_ids_are_read_by_their_exact_prefix() {
        for text in ["0100000US", "0400000US09", "0500000US01001", "0600000US2502300170", "1600000US2500135"]
        {
            assert!(matches!(geo_id(text), Some(GeoId::Area(area)) if area.to_string() == text), "{text}");
        }
        for other in ["1400000US01001020100", "0400001US01", "310M700US10100", "0100089US"] {
            assert_eq!(geo_id(other), Some(GeoId::Other), "{other}");
        }
        for wrong in
            ["", "01001", "0500000US1001", "0500000US010010", "0500000US0100a", "Geography", "050US01001"]
        {
            assert_eq!(geo_id(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn areas_order_by_level_and_code() {
        let areas = ["0100000US", "0400000US01", "0500000US01001", "0500000US72153", "1600000US0100124"];
        let areas: Vec<Area> = areas
            .iter()
            .map(|text| match geo_id(text) {
                Some(GeoId::Area(area)) => area,
                _ => unreachable!(),
            })
            .collect();
        assert!(areas.is_sorted());
        assert_eq!(areas[2].county_fips().map(|f| f.to_string()).as_deref(), Some("01001"));
        assert!(areas[3].is_in_puerto_rico());
    }
}
