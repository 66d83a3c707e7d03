//! Finds whether a county or place has an agency that could sign: a sheriff or police of its own.
//!
//! Sources are ICE's lists, which may have named such an agency (with or without an agreement now), the FBI's list of
//! agencies that report to it and, for counties where neither names one, `data/crosswalks/county_bodies.csv`. If no
//! source names an agency, that does not prove that there is none. Whether state law lets it sign was not examined.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::vintage_figures::VintageFigures;
use crate::census::{Area, CountyFigures, Level};
use crate::reference::{FbiAgency, Reference, key};
use crate::table::{TableError, TableSource};
use crate::words::{CountyFips, Extent, Kind, StateCode};

/// An area of some benchmark.
#[derive(Debug)]
pub struct RankedArea {
    pub area: Area,
    pub name: String,
    pub state: StateCode,
    pub people: CountyFigures,
    /// Known sheriffs and police of the area's own, by name and source.
    pub own_agencies: Vec<String>,
    /// The evidence that the area has no agency of its own; `None` if no source says so.
    pub why_none: Option<String>,
    /// Vintage of the figures of people.
    pub vintage: String,
}

/// Agencies by their area.
pub(super) struct OwnAgencies {
    /// From ICE's lists, by area.
    listed: BTreeMap<Area, BTreeSet<String>>,
    /// From the FBI's list, by county.
    reporting: BTreeMap<CountyFips, BTreeSet<String>>,
}

impl OwnAgencies {
    /// `place_of` has the place whose police an agency is.
    pub(super) fn load(
        tables: &dyn TableSource,
        reference: &Reference,
        place_of: &HashMap<String, Area>,
    ) -> Result<Self, TableError> {
        let agencies = tables.table("agencies")?;
        let (ids, names, kinds) =
            (agencies.texts("agency_id")?, agencies.texts("agency_name")?, agencies.texts("agency_kind")?);
        let places = agencies.texts("place_geoid")?;
        let mut own: HashMap<&str, &str> = HashMap::new();
        let mut listed: BTreeMap<Area, BTreeSet<String>> = BTreeMap::new();
        for (at, (id, name)) in ids.iter().zip(names).enumerate() {
            let is_police = [Kind::Sheriff, Kind::Police].iter().any(|kind| kinds[at] == Some(kind.as_str()));
            if let (Some(id), Some(name), true) = (id, name, is_police) {
                own.insert(id, name);
                let of_place = places[at].and_then(|geoid| Area::new(Level::Place, geoid));
                for area in place_of.get(*id).copied().into_iter().chain(of_place) {
                    listed.entry(area).or_default().insert(format!("{name} (on ICE's lists)"));
                }
            }
        }
        let whole = tables.rows_where("agency_counties", "extent", Extent::Whole.as_str())?;
        for (id, county) in whole.texts("agency_id")?.into_iter().zip(whole.texts("county_fips")?) {
            let name = id.and_then(|id| own.get(id));
            if let Some((name, county)) = name.zip(county.and_then(CountyFips::new)) {
                listed.entry(Area::county(county)).or_default().insert(format!("{name} (on ICE's lists)"));
            }
        }
        let mut reporting: BTreeMap<CountyFips, BTreeSet<String>> = BTreeMap::new();
        for agency in reference.fbi.iter().filter(|agency| agency.kind == "County") {
            for county in &agency.counties {
                let name = format!("{} county (FBI {})", agency.name, agency.ori);
                reporting.entry(*county).or_default().insert(name);
            }
        }
        Ok(Self { listed, reporting })
    }

    /// Returns an area with its people and its own agencies.
    pub(super) fn area(
        &self,
        (area, state): (Area, StateCode),
        people: CountyFigures,
        figures: &VintageFigures,
        reference: &Reference,
    ) -> RankedArea {
        let county = area.county_fips().and_then(|fips| reference.counties.get(fips));
        let place = (area.level() == Level::Place).then(|| reference.places.get(&area.code())).flatten();
        let name = county.map(|county| county.name.clone()).or_else(|| place.map(|place| place.name.clone()));
        let name = name.or_else(|| figures.name(area).map(str::to_owned)).unwrap_or_else(|| area.to_string());
        let mut own: Vec<String> = self.listed.get(&area).into_iter().flatten().cloned().collect();
        if own.is_empty() {
            own.extend(
                area.county_fips().and_then(|fips| self.reporting.get(&fips)).into_iter().flatten().cloned(),
            );
        }
        // A city may be governed as one with its county: the police of Indianapolis is Marion County's.
        if let (true, Some(county)) = (own.is_empty(), county) {
            let cities: Vec<&str> = reference.crosswalk.cities_of(county.fips).collect();
            let is_its = |name: &str| cities.iter().any(|city| key(name).contains(*city));
            let found =
                reference.fbi.iter().filter(|agency| agency.kind == "City" && agency.state == Some(state));
            // The list names no county for Washington.
            let is_here =
                |agency: &FbiAgency| agency.counties.is_empty() || agency.counties.contains(&county.fips);
            let here = found.filter(|agency| is_here(agency) && is_its(&agency.name));
            own.extend(here.map(|agency| format!("{} city (FBI {})", agency.name, agency.ori)));
        }
        // If a city is a county, its police has the city's name.
        let city =
            county.filter(|county| county.is_independent_city()).map(|county| county.base_name.as_str());
        let called = city.or_else(|| place.map(|place| place.base_name()));
        let counties = place.map_or_else(|| area.county_fips().into_iter().collect(), |p| p.counties.clone());
        if let (true, Some(called)) = (own.is_empty(), called) {
            let names: Vec<String> = counties
                .iter()
                .filter_map(|fips| Some(reference.counties.get(*fips)?.base_name.clone()))
                .collect();
            let is_its = |agency: &&FbiAgency| {
                let is_here = |county: &CountyFips| counties.contains(county);
                agency.kind == "City"
                    && agency.state == Some(state)
                    && (agency.counties.is_empty() || agency.counties.iter().any(is_here))
                    && is_police_of(&agency.name, called, &names)
            };
            let here = reference.fbi.iter().filter(is_its);
            own.extend(here.map(|agency| format!("{} city (FBI {})", agency.name, agency.ori)));
        }
        let reviewed = area.county_fips().map(|fips| reference.crosswalk.bodies_of(fips)).unwrap_or_default();
        let mut why_none = None;
        if own.is_empty() {
            own.extend(reviewed.iter().filter_map(|agency| {
                Some(format!("{} ({})", agency.agency_name.as_ref()?, agency.evidence))
            }));
            why_none = reviewed
                .iter()
                .find(|agency| agency.agency_name.is_none())
                .map(|agency| agency.evidence.clone());
        }
        let vintage = figures.vintage.clone();
        RankedArea { area, name, state, vintage, people, own_agencies: own, why_none }
    }
}

/// Words that the FBI's list adds to city names.
const ADDED: [&str; 4] = ["city", "metropolitan", "police", "department"];

/// Whether a name in the FBI's list is a city's police: "Fairfax City", "Las Vegas Metropolitan Police Department" or,
/// with the name of the county, "Charlotte-Mecklenburg".
fn is_police_of(name: &str, city: &str, counties: &[String]) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(key).collect()
    };
    let is_rest = |rest: &[String]| {
        rest.iter().all(|word| ADDED.contains(&word.as_str())) || counties.iter().any(|c| words(c) == rest)
    };
    key(name) == key(city) || words(name).strip_prefix(words(city).as_slice()).is_some_and(is_rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_police_bears_the_name_of_its_city() {
        let counties = ["Mecklenburg".to_owned()];
        for (name, city, expected) in [
            ("Fairfax City", "Fairfax", true),
            ("Washington", "Washington", true),
            ("Las Vegas Metropolitan Police Department", "Las Vegas", true),
            ("Charlotte-Mecklenburg", "Charlotte", true),
            ("Charlotte-Gastonia", "Charlotte", false),
            ("Charlottesville", "Charlotte", false),
            ("North Las Vegas", "Las Vegas", false),
            ("Las Vegas Park Police", "Las Vegas", false),
        ] {
            assert_eq!(is_police_of(name, city, &counties), expected, "{name} {city}");
        }
    }
}
