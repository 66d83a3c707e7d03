//! The checks, one function for each.

use std::collections::BTreeSet;

use super::CheckResult;
use crate::census::{Area, Estimate, Figures, Measure, Sum, sums_of_counties};
use crate::coverage::{CoverageCell, Reach};
use crate::normalise::Listing;
use crate::panel::List;
use crate::query::{Join, Query};
use crate::spec::{CheckSpec, Rule};
use crate::table::{KeyFindings, TableError, TableSource};
use crate::tables::Results;
use crate::words::{Concept, Level, ListKind, ListStatus, Model, Status, Verdict};

/// Checks, for each list and for all, that rows read are rows kept and rows set aside.
pub fn rows_are_conserved(results: &Results, keys: &[(String, KeyFindings)]) -> CheckResult {
    let lists = &results.panel.lists;
    let read: usize = lists.iter().map(|list| list.rows_read).sum();
    let kept = keys.iter().find(|(table, _)| table == "listings").map_or(0, |(_, found)| found.rows);
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

/// Claims whose verdict differs from the one written down with them; without its lists a claim has none to compare.
pub fn claims_not_as_recorded(tables: &dyn TableSource) -> Result<Vec<String>, TableError> {
    let claims = tables.columns("claims", &["claim_id", "verdict", "verdict_recorded"])?;
    let (ids, verdicts, recorded) =
        (claims.texts("claim_id")?, claims.texts("verdict")?, claims.texts("verdict_recorded")?);
    let unlike = ids.iter().zip(verdicts.iter().zip(&recorded)).filter(|(_, (verdict, recorded))| {
        verdict != recorded && **verdict != Some(Verdict::NotCheckable.as_str())
    });
    let say = |(id, (verdict, recorded)): (&Option<&str>, (&Option<&str>, &Option<&str>))| {
        format!("{} {}, recorded {}", id.unwrap_or(""), verdict.unwrap_or(""), recorded.unwrap_or(""))
    };
    Ok(unlike.map(say).collect())
}

pub fn agencies_outside_their_state(tables: &dyn TableSource) -> Result<Vec<String>, TableError> {
    let counties = tables.columns("counties_reference", &["county_fips", "state_code"])?;
    let counties = Query::of(&counties)?.rename("state_code", "county_state")?;
    let agencies = Query::of(&tables.columns("agencies", &["agency_id", "state_code"])?)?;
    let outside = Query::of(&tables.columns("agency_counties", &["agency_id", "county_fips"])?)?
        .join(agencies, &["agency_id"], Join::Left)?
        .join(counties, &["county_fips"], Join::Left)?
        .where_unlike("state_code", "county_state")?
        .sort(&["agency_id"])?
        .table()?;
    let (ids, counties) = (outside.texts("agency_id")?, outside.texts("county_fips")?);
    let pairs = ids.iter().zip(counties);
    Ok(pairs.map(|(id, county)| format!("{} in {}", id.unwrap_or(""), county.unwrap_or(""))).collect())
}

/// Agencies with a row of another state.
pub fn agencies_in_two_states(results: &Results) -> Vec<String> {
    let rows = results.panel.listings.iter().zip(&results.agencies.of_row);
    let elsewhere = rows.filter_map(|(listing, agency)| {
        let agency = &results.agencies.agencies[(*agency)?];
        (agency.state != listing.state).then(|| {
            let state = listing.state.map_or_else(|| "no state".to_owned(), |code| code.to_string());
            format!("{} in {state}", agency.id)
        })
    });
    elsewhere.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Counts the county-level and municipal agencies without a county, and all of them.
pub fn unplaced_of_counties_and_towns(results: &Results) -> (usize, usize) {
    let agencies = results.agencies.agencies.iter();
    let local: Vec<_> =
        agencies.filter(|agency| matches!(agency.location.level, Level::County | Level::Municipal)).collect();
    (local.iter().filter(|agency| agency.location.counties.is_empty()).count(), local.len())
}

/// Decisions without a word of why: on a county or none, on names that were joined, on ends.
pub fn unexplained(results: &Results) -> Vec<String> {
    let agencies = results.agencies.agencies.iter().filter(|agency| {
        let is_joined =
            agency.names.iter().any(|name| name.bond.as_ref().is_some_and(|b| b.evidence.is_empty()));
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

/// Counts the agencies below the state without a county, and all agencies below the state.
pub fn unplaced_agencies(results: &Results) -> (usize, usize) {
    let agencies = &results.agencies.agencies;
    let local = || agencies.iter().filter(|agency| !agency.location.level.is_statewide());
    (local().filter(|agency| agency.location.counties.is_empty()).count(), local().count())
}

/// Counts the kept listings that lack something, and all of them (or only the participating ones).
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

/// Pairs of rules in which one must not go beyond the other: positions of the wider and of the narrower.
fn nested(rules: &[Rule]) -> Vec<(usize, usize)> {
    let at = |name: &String| rules.iter().position(|rule| rule.name == *name);
    let of_rule = |(position, rule): (usize, &Rule)| {
        let includes = rule.includes.iter().filter_map(&at).map(|narrow| (position, narrow));
        let within = rule.within.as_ref().and_then(&at).map(|wide| (wide, position));
        includes.chain(within).collect::<Vec<_>>()
    };
    rules.iter().enumerate().flat_map(of_rule).collect()
}

/// Pairs of rules whose wider rule covers fewer counties or people: agreement by agreement, and cell by cell.
pub fn rules_that_do_not_nest(results: &Results) -> Vec<String> {
    let (rules, cube) = (&results.specs.rules.rules, &results.cube);
    let mut found = Vec::new();
    for (wide, narrow) in nested(rules) {
        let names = format!("{} below {}", rules[wide].name, rules[narrow].name);
        for vintage in &results.reaches.vintages {
            for (at, agency) in results.agencies.agencies.iter_enumerated() {
                for model in Model::ALL {
                    let (more, less) = (vintage.of(wide, at, *model), vintage.of(narrow, at, *model));
                    let parts = |reach: &Reach| {
                        reach.parts.iter().map(|part| vintage.parts()[*part].county).collect::<Vec<_>>()
                    };
                    let (more_parts, less_parts) = (parts(more), parts(less));
                    let is_whole = |county: &u16| more.whole.contains(county);
                    let is_held = less.whole.iter().all(is_whole)
                        && less_parts.iter().all(|county| is_whole(county) || more_parts.contains(county));
                    if !is_held || (less.is_taken() && !more.is_taken()) {
                        found.push(format!("{names} of {} in {model}", agency.id));
                    }
                }
            }
        }
        let people = |cell: &CoverageCell| cube.covered[cell.covered].people.map(|_, sum| sum.value());
        for list in 0..cube.lists.len() {
            // People of two vintages are not compared, and neither are counties where the vintages have others.
            let (of_wide, of_narrow) = (cube.vintage(list, wide), cube.vintage(list, narrow));
            let counties = |vintage: usize| &results.reaches.vintages[vintage].has_county;
            let (is_same, has_same) = (of_wide == of_narrow, counties(of_wide) == counties(of_narrow));
            for group in 0..cube.groups.len() {
                for (at, geography) in cube.geographies.iter().enumerate() {
                    let more = cube.cell(list, wide, group, at);
                    let less = cube.cell(list, narrow, group, at);
                    let is_fewer = |(more, less): (Option<i64>, Option<i64>)| {
                        more.zip(less).is_some_and(|(more, less)| more < less)
                    };
                    let counts = |cell: &CoverageCell| [cell.agreement_count, cell.agency_count];
                    if (is_same && people(more).into_values().zip(people(less).into_values()).any(is_fewer))
                        || (has_same && more.county_count < less.county_count)
                        || counts(more).iter().zip(counts(less)).any(|(more, less)| *more < less)
                    {
                        found.push(format!("{names} in {geography}, {}", cube.groups[group]));
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
    for covered in &cube.covered {
        let total = &cube.totals[covered.vintage][covered.geography];
        for measure in Measure::ALL {
            let (part, whole) = (covered.people[measure].value(), total.people[measure].value());
            if part.zip(whole).is_some_and(|(part, whole)| part > whole) {
                found.push(format!("{} in {}", measure.as_str(), cube.geographies[covered.geography]));
            }
        }
    }
    found
}

/// States, and the nation, whose counties do not sum to their own row.
pub fn counties_that_do_not_sum(results: &Results) -> Vec<String> {
    let (counties, states) = (&results.reference.counties, &results.reference.states);
    let of_vintage = |figures| sums_of_counties(figures, counties, states);
    results.figures.iter().flat_map(of_vintage).collect()
}

/// Whether the shipped counties of a vintage sum to the known total of the 50 states and DC.
pub fn shipped_total(spec: &CheckSpec, concept: Concept, results: &Results) -> CheckResult {
    // For other input the nation's own row says what its counties must sum to.
    let shipped = &results.specs.census.shipped;
    let is_shipped = |figures: &&Figures| {
        let is_input = |name: &str| figures.inputs.iter().any(|input| input.file_name == name);
        Some(figures.vintage) == spec.vintage
            && shipped.iter().any(|file| file.vintage == figures.vintage && is_input(file.name()))
    };
    let figures = results.figures.iter().find(is_shipped);
    let (Some(figures), Some(expected)) = (figures, spec.equals) else {
        return (true, "no expectation for the input".into(), "not looked at".into());
    };
    let counties = results.reference.counties.of_vintage(figures.vintage.last());
    let mut total = Sum::default();
    for county in counties.filter(|county| results.reference.states.in_us(county.state)) {
        let of_county = figures.areas.get(&Area::county(county.fips));
        total.add(&of_county.map_or_else(Estimate::default, |county| county.estimates[concept]));
    }
    match total.value() {
        Some(total) => (total == expected, expected.to_string(), total.to_string()),
        None => (true, expected.to_string(), "a county has no figure".into()),
    }
}

pub fn counties_of_the_vintage(results: &Results) -> CheckResult {
    let mut passed = true;
    let (mut expected, mut actual) = (Vec::new(), Vec::new());
    for figures in &results.figures {
        let gathered = figures.gathered(&results.reference.counties, &results.reference.states);
        passed &= gathered.is_all() || figures.is_sample;
        let sample = if figures.is_sample { ", taken as a sample" } else { "" };
        expected.push(format!("{} of {}{sample}", gathered.expected, figures.vintage));
        actual.push(format!("{} of {}", gathered.held, figures.vintage));
    }
    (passed, expected.join(", "), actual.join(", "))
}
