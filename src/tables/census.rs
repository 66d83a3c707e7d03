//! Tables `counties`, `acs_figures`, `agency_residents`, `place_parts`.

use super::Results;
use crate::census::{Area, Estimate, FigureSource, Figures, Gap, Level, Measure, reliability};
use crate::coverage::{Home, Part, VintageReaches};
use crate::reference::County;
use crate::table::{Table, TableBuilder, TableError};
use crate::words::{Concept, FigureMethod, Vintage};

pub fn counties(results: &Results) -> Result<Table, TableError> {
    let rows: Vec<(&Figures, &County)> = results
        .figures
        .iter()
        .flat_map(|f| results.reference.counties.of_vintage(f.vintage.last()).map(move |county| (f, county)))
        .collect();
    let all = || rows.iter();
    let thresholds = results.specs.census.reliability;
    let mut columns = TableBuilder::new(&results.specs.tables, "counties")?
        .text("county_fips", all().map(|(_, c)| Some(c.fips.as_str())))
        .text("county_name", all().map(|(_, c)| Some(&c.name)))
        .text("state_code", all().map(|(_, c)| Some(c.state.as_str())))
        .text("acs_vintage", all().map(|(f, _)| Some(f.vintage.to_string())))
        .text("missing_reason", all().map(|(f, c)| missing_reason(results, f, c)));
    for measure in Measure::ALL {
        let estimates: Vec<Estimate> = all().map(|(f, c)| f.county(c.fips)[measure]).collect();
        let name = measure.as_str();
        let cvs: Vec<Option<f64>> = estimates.iter().map(Estimate::cv).collect();
        let marks = cvs.iter().map(|cv| cv.map(|cv| reliability(cv, thresholds).as_str()));
        columns = columns
            .integer(name, estimates.iter().map(|e| e.value.ok()))
            .integer(format!("{name}_moe"), estimates.iter().map(|e| e.moe().map(|moe| moe.round() as i64)))
            .number(format!("{name}_cv"), cvs.iter().copied())
            .text(format!("{name}_reliability"), marks);
    }
    columns.sorted()
}

/// Says why figures of a county are null, column by column.
fn missing_reason(results: &Results, figures: &Figures, county: &County) -> Option<String> {
    let states = &results.reference.states;
    if !states.in_us(county.state) && county.state.as_str() != "PR" {
        return Some(Gap::NotInAcs.as_str().to_owned());
    }
    let estimates = figures.county(county.fips);
    let reasons = Measure::ALL.iter().filter_map(|measure| {
        let (estimate, name) = (&estimates[*measure], measure.as_str());
        match (estimate.value, estimate.moe_squared) {
            (Err(gap), _) => Some(format!("{name}: {}", gap.as_str())),
            (Ok(_), Err(gap)) => Some(format!("{name}_moe: {}", gap.as_str())),
            (Ok(_), Ok(_)) => None,
        }
    });
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    (!reasons.is_empty()).then_some(reasons)
}

/// A figure that a file has, or marks as missing.
struct FigureRow<'a> {
    vintage: Vintage,
    area: Area,
    name: Option<&'a str>,
    concept: Concept,
    estimate: &'a Estimate,
    source: &'a FigureSource,
    half_width: Option<f64>,
}

pub fn acs_figures(results: &Results) -> Result<Table, TableError> {
    let mut rows: Vec<FigureRow> = Vec::new();
    for figures in &results.figures {
        for (area, of_area) in &figures.areas {
            for (concept, estimate) in &of_area.estimates {
                let source = figures.sources.get(usize::from(estimate.source));
                if let (Some(source), true) = (source, estimate.value != Err(Gap::NotInInput)) {
                    let (vintage, area, concept) = (figures.vintage, *area, concept);
                    let measure = Measure::ALL.into_iter().find(|measure| measure.concept() == concept);
                    rows.push(FigureRow {
                        half_width: measure.and_then(|measure| figures.half_width(area, measure)),
                        vintage,
                        area,
                        name: of_area.name.as_deref(),
                        concept,
                        estimate,
                        source,
                    });
                }
            }
        }
    }
    let all = || rows.iter();
    let thresholds = results.specs.census.reliability;
    TableBuilder::new(&results.specs.tables, "acs_figures")?
        .text("geo_id", all().map(|row| Some(row.area.to_string())))
        .text("acs_vintage", all().map(|row| Some(row.vintage.to_string())))
        .text("concept", all().map(|row| Some(row.concept.as_str())))
        .text("geo_level", all().map(|row| Some(row.area.level().as_str())))
        .text("geo_name", all().map(|row| row.name))
        .integer("estimate", all().map(|row| row.estimate.value.ok()))
        .number("estimate_moe", all().map(|row| row.estimate.moe()))
        .number("estimate_cv", all().map(|row| row.estimate.cv()))
        .text(
            "estimate_reliability",
            all().map(|row| row.estimate.cv().map(|cv| reliability(cv, thresholds).as_str())),
        )
        .boolean("is_controlled", all().map(|row| row.estimate.is_controlled))
        .boolean("is_derived", all().map(|row| row.source.is_derived()))
        .text("estimate_method", all().map(|row| Some(row.source.rank.method.as_str())))
        .number("estimate_half_width", all().map(|row| row.half_width))
        .text("source_table", all().map(|row| Some(&row.source.table)))
        .text("source_lines", all().map(|row| lines(row.source)))
        .text("estimate_missing_reason", all().map(|row| row.estimate.value.err().map(|gap| gap.as_str())))
        .text("moe_missing_reason", all().map(|row| row.estimate.moe_squared.err().map(|gap| gap.as_str())))
        .sorted()
}

/// The lines of a source as text: `5+6`.
fn lines(source: &FigureSource) -> Option<String> {
    let lines: Vec<String> = source.lines.iter().map(ToString::to_string).collect();
    (!lines.is_empty()).then(|| lines.join("+"))
}

/// The vintages with which coverage was computed, and the reaches of each.
fn used(results: &Results) -> impl Iterator<Item = (Vintage, &VintageReaches)> {
    results.reaches.vintages.iter().map(|vintage| (results.figures[vintage.figures].vintage, vintage))
}

pub fn agency_residents(results: &Results) -> Result<Table, TableError> {
    let agencies = &results.agencies.agencies;
    let rows: Vec<(&str, Vintage, &Home)> = used(results)
        .flat_map(|(vintage, reaches)| {
            let homes = agencies.iter().zip(&reaches.homes.homes);
            homes.map(move |(agency, home)| (agency.id.as_str(), vintage, home))
        })
        .filter(|(_, _, home)| **home != Home::None)
        .collect();
    let all = || rows.iter();
    let area = |home: &Home| match home {
        Home::Known(area) => Some(*area),
        Home::Unknown(area, _) => *area,
        Home::None => None,
    };
    let method = |home: &Home| match home {
        Home::Known(area) if area.level() == Level::Subdivision => "county_subdivision",
        Home::Known(_) => "place",
        _ => "none",
    };
    let reason = |home: &Home| match home {
        Home::Unknown(_, why) => Some(why.as_str()),
        _ => None,
    };
    TableBuilder::new(&results.specs.tables, "agency_residents")?
        .text("agency_id", all().map(|(agency, ..)| Some(agency)))
        .text("acs_vintage", all().map(|(_, vintage, _)| Some(vintage.to_string())))
        .text("geo_id", all().map(|(.., home)| area(home).map(|area| area.to_string())))
        .text("residents_method", all().map(|(.., home)| Some(method(home))))
        .text("residents_reason", all().map(|(.., home)| reason(home)))
        .sorted()
}

pub fn place_parts(results: &Results) -> Result<Table, TableError> {
    let rows: Vec<(Vintage, &Part)> = used(results)
        .flat_map(|(vintage, reaches)| reaches.parts().iter().map(move |part| (vintage, part)))
        .collect();
    let all = || rows.iter();
    let county = |part: &Part| results.reaches.counties[usize::from(part.county)].0.to_string();
    let mut columns = TableBuilder::new(&results.specs.tables, "place_parts")?
        .text("geo_id", all().map(|(_, part)| Some(part.area.to_string())))
        .text("acs_vintage", all().map(|(vintage, _)| Some(vintage.to_string())))
        .text("county_fips", all().map(|(_, part)| Some(county(part))))
        .number("part_share", all().map(|(_, part)| Some(part.share.0 as f64 / part.share.1.max(1) as f64)))
        .text("share_method", all().map(|(_, part)| Some(part.method.as_str())));
    for measure in Measure::ALL {
        let name = format!("part_{}", measure.as_str());
        columns = columns
            .integer(name.clone(), all().map(|(_, part)| part.people[measure].ok()))
            .number(format!("{name}_moe"), all().map(|(_, part)| part.margin(measure)));
    }
    let method = |(_, part): &(Vintage, &Part)| part.foreign_born_method.as_ref().map(FigureMethod::as_str);
    let half_width = |(_, part): &(Vintage, &Part)| {
        let is_rounded = part.foreign_born_method == Some(FigureMethod::PercentOfPopulation);
        is_rounded.then(|| part.rounding as f64 / 100_000.0)
    };
    columns = columns
        .text("part_foreign_born_method", all().map(method))
        .number("part_foreign_born_half_width", all().map(half_width));
    columns.sorted()
}
