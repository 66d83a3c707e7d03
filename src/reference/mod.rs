//! Reference tables: states, counties through time, places, agencies known to the FBI.
//!
//! They come from `data/reference/`, written by `data/recipes/build_data.py` (sources:
//! `data/SOURCES.md`). Names are looked up by [`key`], which forgets case, punctuation and spaces and
//! reads `St.` as `Saint`.

mod changes;
mod connecticut;
mod counties;
mod crosswalk;
mod fbi;
mod place_counties;
mod places;
mod residents;
mod shapes;
mod shares;
mod states;
mod towns;

use std::collections::HashMap;

use serde::de::DeserializeOwned;

pub use changes::{CountyChanges, Then};
pub use connecticut::ConnecticutTowns;
pub use counties::{Counties, County};
pub use crosswalk::{CountyBody, Crosswalk, NameDecision, Reviewed};
pub use fbi::{FbiAgencies, FbiAgency};
pub use place_counties::PlaceCounties;
pub use places::{Place, Places};
pub use residents::Residents;
pub use shapes::Shapes;
pub use shares::{PlaceShares, SharesError};
pub use states::{State, StateKind, States};
pub use towns::{Town, Towns, split_town_name};

use crate::spec::{SpecError, SpecFiles};

/// Every reference table.
#[derive(Debug)]
pub struct Reference {
    pub states: States,
    pub counties: Counties,
    pub places: Places,
    pub place_counties: PlaceCounties,
    pub towns: Towns,
    pub fbi: FbiAgencies,
    pub crosswalk: Crosswalk,
    pub changes: CountyChanges,
    pub connecticut: ConnecticutTowns,
    pub residents: Residents,
}

/// The part of the reference that values are cleaned by.
#[derive(Debug)]
pub struct Regions {
    pub states: States,
    pub counties: Counties,
}

impl Regions {
    /// Loads states and counties alone: a small part of the whole.
    pub fn load(files: &SpecFiles) -> Result<Self, SpecError> {
        let states = states::load(files)?;
        Ok(Self { counties: counties::load(files, &states)?, states })
    }
}

impl Reference {
    pub fn load(files: &SpecFiles) -> Result<Self, SpecError> {
        let Regions { states, counties } = Regions::load(files)?;
        let connecticut = connecticut::load(files, &counties)?;
        let place_counties = place_counties::load(files, &counties)?;
        let changes = changes::load(files, &counties)?;
        let (places, (fbi, towns)) = rayon::join(
            || places::load(files, &counties, &connecticut, &place_counties),
            || rayon::join(|| fbi::load(files, &counties, &connecticut), || towns::load(files, &counties)),
        );
        let crosswalk = crosswalk::load(files, &states, &counties)?;
        Ok(Self {
            places: places?,
            place_counties,
            towns: towns?,
            fbi: fbi?,
            crosswalk,
            changes,
            connecticut,
            residents: residents::load(files)?,
            states,
            counties,
        })
    }
}

/// The key under which a name is looked up: lower-case ASCII letters and digits, accents dropped,
/// `saint` for `st` and `sainte` for `ste`.
pub fn key(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    // Most names are plain letters, which no normal form changes.
    if name.is_ascii() {
        return key_of(name.chars());
    }
    key_of(name.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)))
}

fn key_of(letters: impl Iterator<Item = char>) -> String {
    let mut out = String::with_capacity(letters.size_hint().0);
    // Where the word at hand begins in what is put out.
    let mut start = 0;
    let end_word = |out: &mut String, start: &mut usize| {
        let long = match &out[*start..] {
            "st" => "saint",
            "ste" => "sainte",
            _ => "",
        };
        if !long.is_empty() {
            out.replace_range(*start.., long);
        }
        *start = out.len();
    };
    for c in letters {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !c.is_ascii() && c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !is_apostrophe(c) {
            end_word(&mut out, &mut start);
        }
    }
    end_word(&mut out, &mut start);
    out
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{FF07}' | '`')
}

/// Rows of a reference table.
fn rows<T: DeserializeOwned>(files: &SpecFiles, file: &str) -> Result<Vec<T>, SpecError> {
    let bytes = files.bytes(file)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().collect::<Result<_, _>>().map_err(|e| SpecError::says(file, e.to_string()))
}

/// Positions by key; several where a key is not unique.
type Index<K> = HashMap<K, Vec<u32>>;

fn index<K: Eq + std::hash::Hash>(keys: impl Iterator<Item = K>) -> Index<K> {
    let mut index: Index<K> = HashMap::new();
    for (at, key) in keys.enumerate() {
        index.entry(key).or_default().push(at as u32);
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_forget_what_lists_get_wrong() {
        for (name, expected) in [
            ("St. Johns County", "saintjohnscounty"),
            ("Saint Johns  county", "saintjohnscounty"),
            ("Doña Ana", "donaana"),
            ("Prince George\u{2019}s", "princegeorges"),
            ("Miami-Dade", "miamidade"),
            ("Ste. Genevieve", "saintegenevieve"),
            ("Stanly", "stanly"),
            ("", ""),
        ] {
            assert_eq!(key(name), expected, "{name}");
        }
    }

    #[test]
    fn the_shipped_tables_load() {
        let reference = Reference::load(&SpecFiles::default()).unwrap();
        assert_eq!(reference.states.iter().filter(|s| s.kind != StateKind::Territory).count(), 51);
        assert_eq!(reference.counties.of_vintage(2023).count(), 3_235);
        assert_eq!(reference.counties.of_vintage(2021).count(), 3_234);
        assert!(reference.places.iter().count() > 32_000);
    }
}
