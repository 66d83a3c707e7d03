//! Tables `county_months`, one batch for each state, and `reaches`, one batch for each rule.

use std::ops::Range;

use super::Results;
use super::coverage::by_name;
use crate::coverage::{CountyMonth, Months};
use crate::table::{CodedTexts, PartedTable, Parts, TableError};
use crate::words::{AgreementAt, CountyFips, Extent, PartReason, StateCode, epoch_days};

/// The data from which the months and spells of counties are counted.
pub(super) fn months_of(results: &Results) -> Months<'_> {
    let (cube, reaches) = (&results.cube, &results.reaches);
    let models = cube.groups.iter().map(|group| results.specs.rules.groups[group].clone()).collect();
    let days = cube.lists.iter().map(|at| results.panel.lists[*at].day()).collect();
    Months::new(cube, reaches, &results.agreements, models, days)
}

/// The positions of counties by state: counties are in the order of their codes, so those of a state are adjacent.
pub(super) fn by_state(
    all: &[(CountyFips, StateCode)],
    counties: impl Iterator<Item = CountyFips>,
) -> Vec<(&str, Range<usize>)> {
    let mut states: Vec<(&str, Range<usize>)> = Vec::new();
    for (at, fips) in counties.enumerate() {
        let Ok(found) = all.binary_search_by_key(&fips, |(fips, _)| *fips) else { continue };
        let state = all[found].1.as_str();
        match states.last_mut() {
            Some((last, range)) if *last == state => range.end = at + 1,
            _ => states.push((state, at..at + 1)),
        }
    }
    states
}

pub fn county_months(results: &Results) -> Result<PartedTable<'_>, TableError> {
    let (cube, reaches) = (&results.cube, &results.reaches);
    let rules = &results.specs.rules;
    let months = months_of(results);
    let states = by_state(&reaches.counties, reaches.counties.iter().map(|(fips, _)| *fips));
    let counties = CodedTexts::new(reaches.counties.iter().map(|(fips, _)| Some(fips.as_str())));
    let rule_names = CodedTexts::new(rules.rules.iter().map(|rule| Some(&rule.name)));
    let group_names = CodedTexts::new(cube.groups.iter().map(|group| Some(group.as_str())));
    let reasons = CodedTexts::new(PartReason::ALL.iter().map(|reason| Some(reason.as_str())));
    let rank_of_rule = ranks(rules.rules.iter().map(|rule| rule.name.clone()));
    let rank_of_group = ranks(cube.groups.iter().map(|group| group.as_str().to_owned()));
    let parts = Parts { column: None, texts: states.iter().map(|(state, _)| *state).collect() };
    PartedTable::new(&results.specs.tables, "county_months", parts, move |at, part| {
        let mut rows = months.of_counties(states[at].1.start as u16..states[at].1.end as u16);
        rows.sort_by_key(|row| (row.county, row.month, rank_of_rule[row.rule], rank_of_group[row.group]));
        let all = || rows.iter();
        let count = |get: fn(&CountyMonth) -> i64| all().map(move |row| Some(get(row)));
        part.coded("county_fips", &counties, all().map(|row| Some(row.county)))
            .days("month_date", all().map(|row| Some(epoch_days(row.month))))
            .coded("rule", &rule_names, all().map(|row| Some(row.rule)))
            .coded("model_group", &group_names, all().map(|row| Some(row.group)))
            .boolean("any_day", all().map(|row| row.days > 0))
            .boolean("first_day", all().map(|row| row.first_day))
            .number("covered_share", all().map(|row| Some(row.resident_days? / row.known_days as f64)))
            .integer("part_day_count", count(|row| row.part_days))
            .number("covered_part", all().map(|row| Some(row.part_resident_days? / row.part_days as f64)))
            .coded("covered_part_reason", &reasons, all().map(|row| row.part_reason.map(|why| why as usize)))
            .integer("day_count", count(|row| row.days))
            .integer("known_day_count", count(|row| row.known_days))
            .integer("list_count", count(|row| row.list_count))
            .days("began_after_date", all().map(|row| row.began.after.map(epoch_days)))
            .days("began_by_date", all().map(|row| Some(epoch_days(row.began.by))))
            .finish()
    })
}

/// A county that an agreement reaches.
struct Reached {
    vintage: usize,
    county: u16,
    agreement: AgreementAt,
    extent: Extent,
}

pub fn reaches(results: &Results) -> Result<PartedTable<'_>, TableError> {
    let (reaches, agreements) = (&results.reaches, &results.agreements.agreements);
    let rules = &results.specs.rules.rules;
    let vintages =
        reaches.vintages.iter().map(|vintage| results.figures[vintage.figures].vintage.to_string());
    let vintages: Vec<String> = vintages.collect();
    let rank_of_vintage = ranks(vintages.iter().cloned());
    let order = by_name(rules.iter().map(|rule| rule.name.clone()));
    let counties = CodedTexts::new(reaches.counties.iter().map(|(fips, _)| Some(fips.as_str())));
    let of_agreement = || agreements.iter();
    let agreement_ids = CodedTexts::new(of_agreement().map(|agreement| Some(&agreement.id)));
    let counts_for = results.agreements.all_count_for();
    let agency_ids =
        CodedTexts::new(counts_for.iter().map(|held| Some(&results.agencies.agencies[held.agency].id)));
    let models = CodedTexts::new(counts_for.iter().map(|held| Some(held.model.as_str())));
    let extents = CodedTexts::new(Extent::ALL.iter().map(|extent| Some(extent.as_str())));
    let vintage_names = CodedTexts::new(vintages.iter().map(Some));
    let rank_of_agreement = ranks(of_agreement().map(|agreement| agreement.id.clone()));
    let parts =
        Parts { column: Some("rule"), texts: order.iter().map(|at| rules[*at].name.as_str()).collect() };
    PartedTable::new(&results.specs.tables, "reaches", parts, move |at, part| {
        let rule = order[at];
        let mut rows: Vec<Reached> = Vec::new();
        let used = reaches.vintages.iter().enumerate();
        for (vintage, reached) in used.filter(|(vintage, _)| results.cube.uses(rule, *vintage)) {
            for (agreement, held) in counts_for.iter_enumerated() {
                let whole = &reached.of(rule, held.agency, held.model).whole;
                let row = |county| Reached {
                    vintage,
                    county,
                    agreement,
                    extent: if whole.contains(&county) { Extent::Whole } else { Extent::Part },
                };
                rows.extend(reached.counties_of(rule, held.agency, held.model).into_iter().map(row));
            }
        }
        rows.sort_by_key(|row| {
            (rank_of_vintage[row.vintage], row.county, rank_of_agreement[usize::from(row.agreement)])
        });
        let all = || rows.iter();
        let agreement = || all().map(|row| Some(row.agreement));
        part.constant("rule", Some(&rules[rule].name), rows.len())
            .coded("acs_vintage", &vintage_names, all().map(|row| Some(row.vintage)))
            .coded("county_fips", &counties, all().map(|row| Some(row.county)))
            .coded("agreement_id", &agreement_ids, agreement())
            .coded("agency_id", &agency_ids, agreement())
            .coded("model", &models, agreement())
            .coded("extent", &extents, all().map(|row| Some(row.extent as usize)))
            .finish()
    })
}

/// The rank of each name in alphabetical order, by its position.
fn ranks(names: impl Iterator<Item = String>) -> Vec<usize> {
    let order = by_name(names);
    let mut ranks = vec![0; order.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at] = rank;
    }
    ranks
}
