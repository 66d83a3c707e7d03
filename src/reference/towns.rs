//! `data/reference/towns.csv`: county subdivisions that are governments (towns, townships), by the Bureau's Gazetteer of
//! 2025.

use std::collections::HashMap;

use serde::Deserialize;

use super::counties::Counties;
use super::table::{Index, index, key, rows};
use crate::spec::{SpecError, SpecFiles};
use crate::words::{CountyFips, StateCode};

const FILE: &str = "data/reference/towns.csv";

/// The legal kinds that the Bureau writes after the name of a county subdivision that is or may be a government, longer
/// ones first. Statistical ones (CCD) and unorganised ones (UT, gore, grant, location, purchase) have no police.
const GOVERNMENTS: &[&str] =
    &["charter township", "township", "plantation", "village", "borough", "city", "town"];

/// A town or township that is a government.
#[derive(Debug)]
pub struct Town {
    /// Ten digits: county and subdivision.
    pub geoid: String,
    pub county: CountyFips,
    /// With its legal kind: `Abington township`.
    pub name: String,
}

impl Town {
    /// The town's legal kind: `charter township`; empty if the name does not say it.
    pub fn legal_kind(&self) -> &'static str {
        split_town_name(&self.name).map_or("", |(_, kind)| kind)
    }
}

/// All towns.
#[derive(Debug)]
pub struct Towns {
    /// Ordered by code.
    towns: Vec<Town>,
    /// By state and key of the name without its legal kind.
    by_name: Index<(StateCode, String)>,
    by_geoid: HashMap<String, u32>,
}

#[derive(Deserialize)]
struct TownRow {
    cousub_geoid: String,
    town_name: String,
    functional_status: String,
}

pub(super) fn load(files: &SpecFiles, counties: &Counties) -> Result<Towns, SpecError> {
    let mut towns = Vec::new();
    let mut names = Vec::new();
    for row in rows::<TownRow>(files, FILE)? {
        let county = row.cousub_geoid.get(..5).and_then(CountyFips::new).and_then(|fips| counties.get(fips));
        let is_government = matches!(row.functional_status.as_str(), "A" | "B" | "C");
        let Some(county) = county.filter(|_| row.cousub_geoid.len() == 10 && is_government) else {
            let message = format!("{}: not in a county, or no active government (A, B, C)", row.cousub_geoid);
            return Err(SpecError::says(FILE, message));
        };
        let base = split_town_name(&row.town_name).map_or(row.town_name.as_str(), |(base, _)| base);
        names.push((county.state, key(base)));
        towns.push(Town { geoid: row.cousub_geoid, county: county.fips, name: row.town_name });
    }
    let by_geoid = towns.iter().zip(0..).map(|(town, at)| (town.geoid.clone(), at)).collect();
    Ok(Towns { by_name: index(names.into_iter()), towns, by_geoid })
}

impl Towns {
    /// The town with this code.
    pub fn get(&self, geoid: &str) -> Option<&Town> {
        self.by_geoid.get(geoid).map(|at| &self.towns[*at as usize])
    }

    /// Towns of a state with this name: the name with its legal kind (`Hellam township`) or, if no town matches,
    /// without it.
    pub fn named(&self, state: StateCode, name: &str) -> Vec<&Town> {
        let of = |base: &str| -> Vec<&Town> {
            let found = self.by_name.get(&(state, key(base))).map(Vec::as_slice).unwrap_or_default();
            found.iter().map(|at| &self.towns[*at as usize]).collect()
        };
        let Some((base, said)) = split_town_name(name) else { return of(name) };
        let mut found = of(base);
        found.retain(|town| town.legal_kind().ends_with(said));
        if found.is_empty() { of(name) } else { found }
    }
}

/// Splits a town's name from its legal kind; `None` if the name does not say it.
pub fn split_town_name(name: &str) -> Option<(&str, &'static str)> {
    let lower = name.to_ascii_lowercase();
    let what = GOVERNMENTS
        .iter()
        .copied()
        .find(|what| lower.strip_suffix(*what).is_some_and(|rest| rest.trim_end().len() < rest.len()))?;
    Some((name[..name.len() - what.len()].trim_end(), what)).filter(|(name, _)| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Regions;

    #[test]
    fn towns_lose_what_they_legally_are() {
        for (name, expected) in [
            ("Abington township", Some(("Abington", "township"))),
            ("Clinton charter township", Some(("Clinton", "charter township"))),
            ("Carroll plantation", Some(("Carroll", "plantation"))),
            ("Old Town city", Some(("Old Town", "city"))),
            ("Town", None),
            ("Abilene CCD", None),
            ("Dixs grant", None),
            ("Newtown", None),
        ] {
            assert_eq!(split_town_name(name), expected, "{name}");
        }
    }

    #[test]
    fn towns_are_found_by_their_names() {
        let files = SpecFiles::default();
        let towns = load(&files, &Regions::load(&files).unwrap().counties).unwrap();
        let named = |state: &str, name: &str| {
            let found = towns.named(StateCode::new(state).unwrap(), name);
            found.iter().map(|town| town.geoid.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(named("PA", "Hellam Township"), ["4213333728"]);
        assert_eq!(named("ME", "wells"), ["2303181475"]);
        // A borough is not a township.
        assert!(named("PA", "Bellefonte Township").is_empty());
        assert_eq!(named("PA", "Sewickley Township").len(), 1);
        assert!(named("PA", "Derry Township").len() > 1);
        assert!(named("TX", "Houston").is_empty());
        assert_eq!(towns.get("4213333728").unwrap().name, "Hellam township");
    }
}
