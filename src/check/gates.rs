//! What each check looks at.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::Found;
use crate::census::Measure;
use crate::coverage::Geography;
use crate::frames::{FrameError, Frames, texts};
use crate::spec::CheckSpec;
use crate::tables::Results;
use crate::words::{ListStatus, ModelGroup};

pub fn rows_are_conserved(results: &Results, frames: &Frames) -> Result<Found, FrameError> {
    let lists = &results.panel.lists;
    let read: usize = lists.iter().map(|list| list.rows_read).sum();
    let kept = frames.get("listings")?.height();
    let duplicates = lists.iter().filter(|list| list.status == ListStatus::Duplicate);
    let duplicates: usize = duplicates.map(|list| list.row_count).sum();
    let stray: usize = lists.iter().map(|list| list.rows_read - list.row_count).sum();
    let whole = lists.iter().filter(|list| list.is_kept()).all(|list| list.row_count == list.listings.len());
    let actual = format!(
        "{kept} kept, {duplicates} set aside with duplicate lists, {stray} with values outside every column"
    );
    Ok((whole && read == kept + duplicates + stray, format!("{read} rows read"), actual))
}

pub fn agencies_outside_their_state(frames: &Frames) -> Result<Vec<String>, FrameError> {
    let counties = frames
        .lazy("counties_reference")?
        .select([col("county_fips"), col("state_code").alias("county_state")]);
    let agencies = frames.lazy("agencies")?.select([col("agency_id"), col("state_code")]);
    let outside = frames
        .lazy("agency_counties")?
        .join(agencies, [col("agency_id")], [col("agency_id")], JoinArgs::new(JoinType::Left))
        .join(counties, [col("county_fips")], [col("county_fips")], JoinArgs::new(JoinType::Left))
        .filter(col("state_code").neq_missing(col("county_state")))
        .sort(["agency_id"], SortMultipleOptions::default())
        .collect()?;
    let (ids, counties) = (texts(&outside, "agency_id")?, texts(&outside, "county_fips")?);
    let pairs = ids.iter().zip(counties);
    Ok(pairs.map(|(id, county)| format!("{} in {}", id.unwrap_or(""), county.unwrap_or(""))).collect())
}

/// Agencies below the state without a county, of all below the state.
pub fn unplaced_agencies(results: &Results) -> (usize, usize) {
    let agencies = &results.agencies.agencies;
    let local = || agencies.iter().filter(|agency| !agency.location.level.is_statewide());
    (local().filter(|agency| agency.location.counties.is_empty()).count(), local().count())
}

/// Listings without a value in a column, of all (or of the participating ones).
pub fn without(frames: &Frames, column: &str, participating: bool) -> Result<(usize, usize), FrameError> {
    let mut listings = frames.lazy("listings")?.select([col("list_kind"), col(column)]);
    if participating {
        listings = listings.filter(col("list_kind").eq(lit("participating")));
    }
    let listings = listings.collect()?;
    Ok((listings.column(column)?.null_count(), listings.height()))
}

/// Rule pairs of which the wider covers fewer counties or people.
pub fn rules_that_do_not_nest(results: &Results) -> Vec<String> {
    let rules = &results.specs.rules.rules;
    // List, group, geography and rule: counties and people covered.
    type Covered = BTreeMap<(usize, ModelGroup, Geography, usize), (u32, Option<i64>)>;
    let mut cells = Covered::new();
    for cell in &results.cube.cells {
        let people = cell.covered[Measure::Population as usize].value();
        cells.insert((cell.list, cell.group, cell.geography, cell.rule), (cell.county_count, people));
    }
    let mut found = Vec::new();
    for ((list, group, geography, rule), (counties, people)) in &cells {
        for narrower in &rules[*rule].includes {
            let at = rules.iter().position(|rule| rule.name == *narrower);
            let narrow = at.and_then(|at| cells.get(&(*list, *group, *geography, at)));
            if let Some((fewer, less)) = narrow {
                let fewer_people = people.zip(*less).is_some_and(|(people, less)| people < less);
                if counties < fewer || fewer_people {
                    found.push(format!("{} below {narrower} in {geography}, {group}", rules[*rule].name));
                }
            }
        }
    }
    found
}

pub fn shares_over_one(frames: &Frames) -> Result<Vec<String>, FrameError> {
    let coverage = frames.get("coverage")?;
    let mut found = Vec::new();
    for measure in Measure::ALL {
        let name = format!("{}_share", measure.as_str());
        if let Some(most) = coverage.column(&name)?.f64()?.max().filter(|most| *most > 1.0) {
            found.push(format!("{name} up to {most}"));
        }
    }
    Ok(found)
}

pub fn foreign_born_total(spec: &CheckSpec, results: &Results) -> Found {
    let figures = results.figures.iter().find(|f| Some(&f.vintage) == spec.vintage.as_ref());
    let (Some(figures), Some(expected)) = (figures, spec.equals) else {
        return (true, "no expectation for the vintage".into(), "not looked at".into());
    };
    let in_us = |fips: &&crate::words::CountyFips| {
        let county = results.reference.counties.get(**fips);
        county.is_some_and(|c| results.reference.states.in_us(c.state))
    };
    let of_us = figures.counties.iter().filter(|(fips, _)| in_us(fips));
    let total: i64 = of_us.filter_map(|(_, county)| county[Measure::ForeignBorn as usize].value).sum();
    (total == expected, expected.to_string(), total.to_string())
}

pub fn counties_of_the_vintage(results: &Results) -> Found {
    let mut passed = true;
    let (mut expected, mut actual) = (Vec::new(), Vec::new());
    for figures in results.figures {
        let whole = figures.check_whole(&results.reference.counties, &results.reference.states).is_ok();
        passed &= whole;
        expected.push(format!("all counties of {}", figures.vintage));
        actual.push(format!("{} of {}", figures.counties.len(), figures.vintage));
    }
    (passed, expected.join(", "), actual.join(", "))
}
