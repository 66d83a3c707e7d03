//! Tables `counties`, `county_coverage`, `coverage`, `claims`.

use polars::frame::DataFrame;

use super::Results;
use crate::census::{Estimate, Figures, Measure, share, share_margin};
use crate::coverage::{Cell, Judged, stretches};
use crate::frames::{Columns, FrameError};
use crate::reference::County;
use crate::spec::{Claim, Tables};
use crate::words::{ModelGroup, day_before};

pub fn counties(results: &Results) -> Result<DataFrame, FrameError> {
    let rows: Vec<(&Figures, &County)> = results
        .figures
        .iter()
        .flat_map(|f| results.reference.counties.of_vintage(f.year()).map(move |county| (f, county)))
        .collect();
    let all = || rows.iter();
    let mut columns = Columns::new(&results.specs.tables, "counties", rows.len())?
        .text("county_fips", all().map(|(_, c)| Some(c.fips.as_str())))
        .text("county_name", all().map(|(_, c)| Some(&c.name)))
        .text("state_code", all().map(|(_, c)| Some(c.state.as_str())))
        .text("acs_vintage", all().map(|(f, _)| Some(&f.vintage)))
        .text("missing_reason", all().map(|(f, c)| missing_reason(f, c)));
    for measure in Measure::ALL {
        let estimate = |(f, c): &(&Figures, &County)| f.counties.get(&c.fips).map(|e| e[measure as usize]);
        let name = measure.as_str();
        columns = columns
            .integer(name, all().map(|row| estimate(row).and_then(|e| e.value)))
            .integer(&format!("{name}_moe"), all().map(|row| estimate(row).and_then(|e| e.moe)));
    }
    columns.finish()
}

fn missing_reason(figures: &Figures, county: &County) -> Option<&'static str> {
    let noncitizens = figures.has(Measure::Noncitizen, |e| e.value);
    let margins = figures.has(Measure::ForeignBorn, |e: &Estimate| e.moe);
    match (figures.counties.contains_key(&county.fips), noncitizens, margins) {
        (false, _, _) => Some("not_in_acs"),
        (true, false, false) => Some("no_noncitizens_and_margins_in_input"),
        (true, false, true) => Some("no_noncitizens_in_input"),
        (true, true, false) => Some("no_margins_in_input"),
        (true, true, true) => None,
    }
}

pub fn county_coverage(results: &Results) -> Result<DataFrame, FrameError> {
    let days: Vec<_> = results.panel.as_of_lists().iter().map(|(_, list)| list.day()).collect();
    let rows = stretches(results.cube, &days);
    let groups: Vec<ModelGroup> = results.specs.rules.groups.keys().copied().collect();
    let all = || rows.iter();
    Columns::new(&results.specs.tables, "county_coverage", rows.len())?
        .text(
            "county_fips",
            all().map(|s| Some(results.reaches.counties[usize::from(s.county)].0.to_string())),
        )
        .text("rule", all().map(|s| Some(&results.specs.rules.rules[s.rule].name)))
        .text("model_group", all().map(|s| Some(groups[s.group].as_str())))
        .date("from_date", all().map(|s| Some(s.from)))
        .date("until_date", all().map(|s| s.until))
        .integer("agreement_count", all().map(|s| Some(s.agreement_count.into())))
        .integer("agency_count", all().map(|s| Some(s.agency_count.into())))
        .number("covered_share", all().map(|_| Some(1.0)))
        .finish()
}

pub fn coverage(results: &Results) -> Result<DataFrame, FrameError> {
    let cells = &results.cube.cells;
    let lists = &results.panel.lists;
    let vintage = results.figures.first().map_or("", |f| &f.vintage);
    let days: Vec<_> = results.panel.as_of_lists().iter().map(|(at, list)| (*at, list.day())).collect();
    let next_day = |cell: &Cell| days.iter().find(|(at, _)| *at > cell.list).map(|(_, day)| *day);
    let rule = |cell: &Cell| &results.specs.rules.rules[cell.rule];
    let all = || cells.iter();
    let mut columns = Columns::new(&results.specs.tables, "coverage", cells.len())?
        .date("as_of_date", all().map(|c| Some(lists[c.list].day())))
        .text("geography", all().map(|c| Some(c.geography.to_string())))
        .text("rule", all().map(|c| Some(&rule(c).name)))
        .text("model_group", all().map(|c| Some(c.group.as_str())))
        .text("acs_vintage", all().map(|_| Some(vintage)))
        .text("list_id", all().map(|c| Some(&lists[c.list].list_id)))
        .date("until_date", all().map(|c| next_day(c).map(day_before)))
        .boolean("is_upper_bound", all().map(|c| rule(c).upper_bound))
        .integer("county_count", all().map(|c| Some(c.county_count.into())))
        .integer("county_total", all().map(|c| Some(c.county_total.into())))
        .integer("agreement_count", all().map(|c| Some(c.agreement_count.into())))
        .integer("agency_count", all().map(|c| Some(c.agency_count.into())))
        .integer("unplaced_agency_count", all().map(|c| Some(c.unplaced_agency_count.into())));
    for measure in Measure::ALL {
        let people = cells.iter().map(|cell| People::of(cell, measure)).collect::<Vec<_>>();
        let name = |part: &str| format!("{}_{part}", measure.as_str());
        columns = columns
            .integer(&name("covered"), people.iter().map(|p| p.covered))
            .number(&name("covered_moe"), people.iter().map(|p| p.covered_moe))
            .integer(&name("total"), people.iter().map(|p| p.total))
            .number(&name("total_moe"), people.iter().map(|p| p.total_moe))
            .number(&name("share"), people.iter().map(|p| p.share))
            .number(&name("share_moe"), people.iter().map(|p| p.share_moe));
    }
    columns.finish()
}

/// The people of one cell in one measure.
struct People {
    covered: Option<i64>,
    covered_moe: Option<f64>,
    total: Option<i64>,
    total_moe: Option<f64>,
    share: Option<f64>,
    share_moe: Option<f64>,
}

impl People {
    fn of(cell: &Cell, measure: Measure) -> Self {
        let (covered, total) = (&cell.covered[measure as usize], &cell.total[measure as usize]);
        // Of a geography without figures nothing is known, not even of the empty set.
        let value = covered.value().filter(|_| total.value().is_some());
        let moe = covered.margin().filter(|_| total.margin().is_some());
        let share_of = value.zip(total.value());
        let margins = moe.zip(total.margin());
        Self {
            covered: value,
            covered_moe: moe,
            total: total.value(),
            total_moe: total.margin(),
            share: share_of.map(|(part, whole)| share(part, whole)),
            share_moe: share_of.zip(margins).map(|((part, whole), (x, y))| share_margin(part, x, whole, y)),
        }
    }
}

/// The claims with what was computed for each.
pub fn claims(tables: &Tables, judged: &[(&Claim, Judged)]) -> Result<DataFrame, FrameError> {
    let all = || judged.iter();
    Columns::new(tables, "claims", judged.len())?
        .text("claim_id", all().map(|(c, _)| Some(&c.claim_id)))
        .date("as_of_date", all().map(|(c, _)| Some(c.as_of_date)))
        .text("measure", all().map(|(c, _)| Some(c.definition.measure.as_str())))
        .text("geography", all().map(|(c, _)| Some(&c.definition.geography)))
        .text("rule", all().map(|(c, _)| c.definition.rule.as_ref()))
        .text("model_group", all().map(|(c, _)| Some(c.definition.model_group.as_str())))
        .text("printed_text", all().map(|(c, _)| Some(&c.text)))
        .number("printed_value", all().map(|(c, _)| Some(c.printed)))
        .number("computed_value", all().map(|(_, j)| j.computed))
        .text("verdict", all().map(|(_, j)| Some(j.verdict)))
        .text("definition", all().map(|(_, j)| Some(&j.definition)))
        .text("source_name", all().map(|(c, _)| Some(&c.source_name)))
        .text("source_url", all().map(|(c, _)| c.source_url.as_ref()))
        .text("source_date", all().map(|(c, _)| Some(&c.source_date)))
        .text("source_form", all().map(|(c, _)| Some(&c.source_form)))
        .text("note", all().map(|(c, _)| c.note.as_ref()))
        .finish()
}
