//! Finds the counties of an earlier year on which a territory of today lies.

use super::everything::Reference;
use super::table::key;
use crate::words::{CountyFips, Extent};

/// A county of a vintage, and how much of it a territory covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Then {
    pub county: CountyFips,
    pub extent: Extent,
}

impl Reference {
    /// The counties of a vintage (given by its last year) on which a territory in a county of today lies: the county
    /// itself, if the vintage has it; the county that it was recoded from, or split from and so a part of; a county
    /// that has since merged into it, if the territory is the whole county or the town names it; in Connecticut the
    /// town's county. Empty if they cannot be determined.
    pub fn then(&self, county: CountyFips, extent: Extent, town: Option<&str>, year: u16) -> Vec<Then> {
        let (counties, changes) = (&self.counties, &self.changes);
        let is_there = |fips: &CountyFips| counties.get(*fips).is_some_and(|county| county.is_of(year));
        let before = changes.before.get(&county).map(Vec::as_slice).unwrap_or_default();
        let before: Vec<CountyFips> = before.iter().copied().filter(is_there).collect();
        if is_there(&county) {
            let is_town = |fips: &&CountyFips| {
                let base = counties.get(**fips).map(|county| key(&county.base_name));
                base.is_some() && base == town.map(key)
            };
            return match (extent, before.iter().find(is_town)) {
                (Extent::Part, Some(merged)) => vec![Then { county: *merged, extent: Extent::Whole }],
                (Extent::Part, None) => vec![Then { county, extent }],
                (Extent::Whole, _) => {
                    std::iter::once(county).chain(before).map(|county| Then { county, extent }).collect()
                }
            };
        }
        if !before.is_empty() {
            let of = |old: CountyFips| {
                let is_split = changes.after.get(&old).is_some_and(|after| after.len() > 1);
                Then { county: old, extent: if is_split { Extent::Part } else { extent } }
            };
            return before.into_iter().map(of).collect();
        }
        // A place that is not a town (Willimantic) lies in the county of the Census place table.
        let of_place = || {
            let state = counties.get(county)?.state;
            let places = self.places.named(state, town?);
            let mut old: Vec<CountyFips> =
                places.iter().flat_map(|place| place.ended_counties.clone()).collect();
            old.sort_unstable();
            old.dedup();
            <[CountyFips; 1]>::try_from(old).ok().map(|[only]| only)
        };
        let old = town.and_then(|town| self.connecticut.old_county(counties.get(county)?.state, town));
        old.or_else(of_place)
            .filter(is_there)
            .map(|county| Then { county, extent: Extent::Part })
            .into_iter()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SpecFiles;

    #[test]
    fn a_territory_of_today_lies_on_the_counties_of_then() {
        let reference = Reference::load(&SpecFiles::default()).unwrap();
        let then = |county: &str, extent, town: Option<&str>, year| {
            let county = CountyFips::new(county).unwrap();
            let found = reference.then(county, extent, town, year);
            found.iter().map(|then| format!("{} {}", then.county, then.extent)).collect::<Vec<_>>()
        };
        let (whole, part) = (Extent::Whole, Extent::Part);
        assert_eq!(then("12086", whole, None, 2010), ["12086 whole"]);
        // Recoded.
        assert_eq!(then("46102", whole, None, 2014), ["46113 whole"]);
        assert_eq!(then("46102", whole, None, 2015), ["46102 whole"]);
        assert_eq!(then("02158", part, Some("Hooper Bay"), 2014), ["02270 part"]);
        // Split: the whole of Chugach is a part of Valdez-Cordova.
        assert_eq!(then("02063", whole, Some("Valdez"), 2019), ["02261 part"]);
        assert_eq!(then("02063", whole, Some("Valdez"), 2020), ["02063 whole"]);
        // Merged: the county's sheriff now also serves the former city, whose police served nothing else.
        assert_eq!(then("51019", whole, None, 2013), ["51019 whole", "51515 whole"]);
        assert_eq!(then("51019", part, Some("Bedford"), 2013), ["51515 whole"]);
        assert_eq!(then("51019", part, Some("Bedford"), 2014), ["51019 part"]);
        // Cut across: the town decides.
        assert_eq!(then("09190", part, Some("Danbury"), 2021), ["09001 part"]);
        assert_eq!(then("09190", part, Some("New Milford"), 2021), ["09005 part"]);
        assert_eq!(then("09150", part, Some("Willimantic"), 2021), ["09015 part"]);
        assert_eq!(then("09190", part, Some("Danbury"), 2022), ["09190 part"]);
        assert!(then("09190", part, None, 2021).is_empty());
        assert!(then("09190", part, Some("Springfield"), 2021).is_empty());
    }
}
