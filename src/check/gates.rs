//! What each check looks at.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::Found;
use crate::census::Measure;
use crate::coverage::Cell;
use crate::frames::{FrameError, Frames, texts};
use crate::normalise::Listing;
use crate::panel::List;
use crate::spec::CheckSpec;
use crate::tables::Results;
use crate::watch::Seen;
use crate::words::{Level, ListKind, ListStatus, Status};

/// For each list and for all: rows read are rows kept and rows set aside.
pub fn rows_are_conserved(results: &Results, seen: &[(String, Seen)]) -> Found {
    let lists = &results.panel.lists;
    let read: usize = lists.iter().map(|list| list.rows_read).sum();
    let kept = seen.iter().find(|(table, _)| table == "listings").map_or(0, |(_, seen)| seen.rows);
    let of = |status: ListStatus| lists.iter().filter(move |list| list.status == status);
    let duplicates: usize = of(ListStatus::Duplicate).map(|list| list.row_count).sum();
    let stray: usize = lists.iter().map(|list| list.stray_rows).sum();
    let is_whole = |list: &List| {
        let written = if list.is_kept() { list.rows.len() } else { 0 };
        let aside = if list.status == ListStatus::Duplicate { list.row_count } else { 0 };
        list.rows_read == written + aside + list.stray_rows
    };
    let torn = lists.iter().filter(|list| !is_whole(list)).count();
    let actual = format!(
        "{kept} kept, {duplicates} set aside with duplicate lists, {stray} with values outside every column; \
         {torn} lists do not add up"
    );
    (
        torn == 0 && read == kept + duplicates + stray,
        format!("{read} rows read of {} lists", lists.len()),
        actual,
    )
}

/// Agreements from which a list is large enough to tell that the next one was cut short.
const LARGE: usize = 100;

/// Of the step from one as-of list to the next that loses the largest share: agreements lost, and all before.
pub fn largest_loss(results: &Results) -> (usize, usize) {
    let lists = results.panel.as_of_lists();
    let held: Vec<BTreeSet<u32>> = lists
        .iter()
        .map(|(_, list)| {
            list.rows.iter().filter_map(|(_, row)| results.agreements.of_row[*row as usize]).collect()
        })
        .collect();
    let losses = held.windows(2).filter(|pair| pair[0].len() >= LARGE);
    let losses = losses.map(|pair| (pair[0].difference(&pair[1]).count(), pair[0].len()));
    losses.max_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1))).unwrap_or((0, 0))
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

/// Agencies of which a row is another state's.
pub fn agencies_in_two_states(results: &Results) -> Vec<String> {
    let rows = results.panel.listings.iter().zip(&results.agencies.of_row);
    let elsewhere = rows.filter_map(|(listing, body)| {
        let agency = &results.agencies.agencies[(*body)? as usize];
        (agency.state != listing.state).then(|| {
            let state = listing.state.map_or_else(|| "no state".to_owned(), |code| code.to_string());
            format!("{} in {state}", agency.id)
        })
    });
    elsewhere.collect::<BTreeSet<_>>().into_iter().collect()
}

/// County-level and municipal agencies without a county, of all of them.
pub fn unplaced_of_counties_and_towns(results: &Results) -> (usize, usize) {
    let agencies = results.agencies.agencies.iter();
    let local: Vec<_> =
        agencies.filter(|agency| matches!(agency.location.level, Level::County | Level::Municipal)).collect();
    (local.iter().filter(|agency| agency.location.counties.is_empty()).count(), local.len())
}

/// Decisions without a word of why: a county or none, names that were joined, ends.
pub fn unexplained(results: &Results) -> Vec<String> {
    let agencies = results.agencies.agencies.iter().filter(|agency| {
        let is_joined =
            agency.names.values().any(|name| name.bond.as_ref().is_some_and(|b| b.evidence.is_empty()));
        agency.location.evidence.is_empty()
            || is_joined
            || agency.redirects.iter().any(|r| r.evidence.is_empty())
    });
    let ends = results.agreements.agreements.iter().filter(|agreement| {
        let is_over = matches!(agreement.status, Status::Ended | Status::Succeeded);
        is_over != agreement.end.as_ref().is_some_and(|end| !end.evidence.is_empty())
    });
    agencies.map(|agency| agency.id.clone()).chain(ends.map(|agreement| agreement.id.clone())).collect()
}

/// Agencies below the state without a county, of all below the state.
pub fn unplaced_agencies(results: &Results) -> (usize, usize) {
    let agencies = &results.agencies.agencies;
    let local = || agencies.iter().filter(|agency| !agency.location.level.is_statewide());
    (local().filter(|agency| agency.location.counties.is_empty()).count(), local().count())
}

/// Kept listings that lack something, of all (or of the participating ones).
pub fn without(results: &Results, lacks: fn(&Listing) -> bool, participating: bool) -> (usize, usize) {
    let panel = &results.panel;
    let kept = panel.kept().map(|(_, list)| list);
    let lists = kept.filter(|list| !participating || list.kind == Some(ListKind::Participating));
    let (mut lacking, mut all) = (0, 0);
    for listing in lists.flat_map(|list| panel.listings_of(list)) {
        all += 1;
        lacking += usize::from(lacks(listing));
    }
    (lacking, all)
}

/// Rule pairs of which the wider covers fewer counties or people.
pub fn rules_that_do_not_nest(results: &Results) -> Vec<String> {
    let (rules, cube) = (&results.specs.rules.rules, &results.cube);
    let people = |cell: &Cell| cube.covered[cell.covered as usize].1[Measure::Population as usize].value();
    let mut found = Vec::new();
    for (wide, rule) in rules.iter().enumerate() {
        let narrower = rule.includes.iter().filter_map(|name| rules.iter().position(|r| r.name == *name));
        for narrow in narrower {
            for list in 0..cube.lists.len() {
                for group in 0..cube.groups.len() {
                    for (at, (geography, _, _)) in cube.geographies.iter().enumerate() {
                        let more = cube.cell(list, wide, group, at);
                        let less = cube.cell(list, narrow, group, at);
                        let fewer_people = people(more).zip(people(less)).is_some_and(|(m, l)| m < l);
                        if more.county_count < less.county_count || fewer_people {
                            let (name, group) = (&rules[narrow].name, cube.groups[group]);
                            found.push(format!("{} below {name} in {geography}, {group}", rule.name));
                        }
                    }
                }
            }
        }
    }
    found
}

/// Geographies in which more people are covered than live there.
pub fn shares_over_one(results: &Results) -> Vec<String> {
    let cube = &results.cube;
    let mut found = Vec::new();
    for (at, sums) in &cube.covered {
        let (geography, totals, _) = &cube.geographies[*at];
        for measure in Measure::ALL {
            let (part, whole) = (sums[measure as usize].value(), totals[measure as usize].value());
            if part.zip(whole).is_some_and(|(part, whole)| part > whole) {
                found.push(format!("{} in {geography}", measure.as_str()));
            }
        }
    }
    found
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
    for figures in &results.figures {
        let whole = figures.check_whole(&results.reference.counties, &results.reference.states).is_ok();
        passed &= whole;
        expected.push(format!("all counties of {}", figures.vintage));
        actual.push(format!("{} of {}", figures.counties.len(), figures.vintage));
    }
    (passed, expected.join(", "), actual.join(", "))
}
