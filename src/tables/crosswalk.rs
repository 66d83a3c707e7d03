//! Table `county_crosswalk`: the codes of counties that ended since 2010, and the codes that took their place, with the
//! share of the old county's people that lives in each.

use std::collections::{BTreeMap, HashMap};

use super::Results;
use crate::census::{Figures, Level, Measure};
use crate::reference::{Reference, key, split_town_name};
use crate::table::{Table, TableBuilder, TableError};
use crate::words::{CountyFips, CrosswalkMethod, Vintage};

/// An old county and a county that has some or all of its territory.
struct Succession {
    old: CountyFips,
    new: CountyFips,
    change: String,
    share: Option<PopulationShare>,
}

/// A share of the people of an old county.
#[derive(Clone, Copy)]
struct PopulationShare {
    share: f64,
    method: CrosswalkMethod,
    /// The vintage of the people that were counted; `None` where the share needs none.
    vintage: Option<Vintage>,
}

pub fn county_crosswalk(results: &Results) -> Result<Table, TableError> {
    let rows = successions(&results.reference, &results.figures);
    let all = || rows.iter();
    let counties = &results.reference.counties;
    let share = |row: &Succession| row.share;
    TableBuilder::new(&results.specs.tables, "county_crosswalk")?
        .text("old_county_fips", all().map(|row| Some(row.old.as_str())))
        .text("county_fips", all().map(|row| Some(row.new.as_str())))
        .text("change", all().map(|row| Some(&row.change)))
        .integer("from_vintage", all().map(|row| first_vintage(results, row).map(Into::into)))
        .text("old_county_name", all().map(|row| counties.get(row.old).map(|county| &county.name)))
        .number("old_population_share", all().map(|row| share(row).map(|share| share.share)))
        .text("share_method", all().map(|row| share(row).map(|share| share.method.as_str())))
        .text("share_acs_vintage", all().map(|row| share(row)?.vintage.map(|vintage| vintage.to_string())))
        .sorted()
}

/// The last year of the first ACS vintage without the old county.
fn first_vintage(results: &Results, row: &Succession) -> Option<u16> {
    let last = results.reference.counties.get(row.old)?.last_vintage?;
    last.checked_add(1)
}

fn successions(reference: &Reference, figures: &[Figures]) -> Vec<Succession> {
    let mut newest: Vec<&Figures> = figures.iter().collect();
    newest.sort_by_key(|figures| std::cmp::Reverse(figures.vintage));
    let changes = reference.changes.all().map(|(old, new, change)| Succession {
        old,
        new,
        change: change.to_owned(),
        share: of_whole_counties(reference, &newest, old, new),
    });
    let connecticut = of_towns(reference, &newest);
    changes.chain(connecticut).collect()
}

/// The share where a county passed to others whole: all of it to the only one; or, if it was split into counties that
/// took in nothing else, as their people are today.
fn of_whole_counties(
    reference: &Reference,
    newest: &[&Figures],
    old: CountyFips,
    new: CountyFips,
) -> Option<PopulationShare> {
    let successors = reference.changes.successors(old);
    if let [_] = successors {
        return Some(PopulationShare { share: 1.0, method: CrosswalkMethod::Whole, vintage: None });
    }
    if successors.iter().any(|successor| reference.changes.predecessors(*successor) != [old]) {
        return None;
    }
    newest.iter().find_map(|figures| {
        let people = |fips: &CountyFips| figures.county(*fips)[Measure::Population].value.ok();
        let total: i64 = successors.iter().map(people).sum::<Option<i64>>().filter(|total| *total > 0)?;
        let share = people(&new)? as f64 / total as f64;
        Some(PopulationShare { share, method: CrosswalkMethod::Successors, vintage: Some(figures.vintage) })
    })
}

/// Connecticut's counties and the planning regions that cut across them, by the people of their towns.
fn of_towns(reference: &Reference, newest: &[&Figures]) -> Vec<Succession> {
    let towns = &reference.connecticut;
    let mut pairs: BTreeMap<(CountyFips, CountyFips), Option<PopulationShare>> =
        towns.all().map(|(_, old, region)| ((old, region), None)).collect();
    let counted = newest.iter().find_map(|figures| {
        let people = people_of_towns(reference, figures);
        let of_towns = towns
            .all()
            .map(|(town, old, region)| Some(((old, region), *people.get(&(region, town.to_owned()))?)));
        Some((figures.vintage, of_towns.collect::<Option<Vec<_>>>()?))
    });
    if let Some((vintage, of_towns)) = counted {
        let (mut of_pair, mut of_old) = (BTreeMap::<_, i64>::new(), BTreeMap::<_, i64>::new());
        for ((old, region), people) in of_towns {
            *of_pair.entry((old, region)).or_default() += people;
            *of_old.entry(old).or_default() += people;
        }
        for (pair, share) in &mut pairs {
            let total = of_old.get(&pair.0).copied().filter(|total| *total > 0);
            *share = total.zip(of_pair.get(pair)).map(|(total, people)| PopulationShare {
                share: *people as f64 / total as f64,
                method: CrosswalkMethod::Towns,
                vintage: Some(vintage),
            });
        }
    }
    let change = "the county's towns passed to planning regions in 2022";
    pairs
        .into_iter()
        .map(|((old, new), share)| Succession { old, new, change: change.to_owned(), share })
        .collect()
}

/// The people of each county subdivision of Connecticut, by its region and the key of its name.
fn people_of_towns(reference: &Reference, figures: &Figures) -> HashMap<(CountyFips, String), i64> {
    let state = reference.connecticut.state();
    let of_state = figures.of_level(Level::Subdivision).filter_map(|(area, of_area)| {
        let code = area.code();
        let region = CountyFips::new(&code[..5])?;
        reference.counties.get(region).filter(|county| county.state == state)?;
        // "Avon town, Capitol Planning Region, Connecticut", with semicolons in some years; most files lack names.
        let printed = of_area.name.as_deref().and_then(|name| name.split([',', ';']).next());
        let name = printed.or_else(|| reference.towns.get(&code).map(|town| town.name.as_str()))?;
        let (name, _) = split_town_name(name)?;
        let people = figures.of(area)[Measure::Population].value.ok()?;
        Some(((region, key(name)), people))
    });
    of_state.collect()
}
