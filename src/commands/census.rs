//! `coverage287 census`: the contents of ACS files, before anything is made of them.

use super::json;
use crate::census::{
    Area, AreaEstimates, AreaFigures, CensusError, Estimate, Figures, Inspected, Level, inspect,
    inspect_shipped, reliability, sums_of_counties,
};
use crate::cli::{CensusArgs, Format};
use crate::error::Error;
use crate::exit::EndsCommand;
use crate::reference::Regions;
use crate::shown::plain;
use crate::spec::{CensusSource, SpecFiles, Specs};
use crate::text::{TextTable, say, thousands};
use crate::words::{Concept, FigureMethod};

/// The most failing sums that are shown.
const SHOWN: usize = 5;

#[derive(serde::Serialize)]
struct FileLine {
    file_name: String,
    is_read: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(flatten)]
    held: Option<Held>,
}

#[derive(serde::Serialize)]
struct Held {
    form: &'static str,
    acs_vintage: String,
    /// Rows by level: nation, state, county, county subdivision, place.
    row_counts: Vec<(&'static str, usize)>,
    rows_passed_over: u64,
    counties_held: usize,
    counties_expected: usize,
    /// Whether a run takes the file alone, without --acs-sample.
    is_whole: bool,
    /// Why a run does not take it alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    lacks: Option<String>,
    sources: Vec<SourceLine>,
    sums_that_fail: Vec<String>,
    figures: Vec<FigureLine>,
}

#[derive(serde::Serialize)]
struct SourceLine {
    concept: &'static str,
    source_table: String,
    source_lines: Vec<u16>,
    is_derived: bool,
    /// The way the figure is found: a line, a sum of lines, or a percentage of the residents.
    method: FigureMethod,
}

#[derive(serde::Serialize)]
struct FigureLine {
    geo_id: String,
    geo_name: Option<String>,
    concept: &'static str,
    estimate: Option<i64>,
    estimate_moe: Option<f64>,
    estimate_cv: Option<f64>,
    estimate_reliability: Option<&'static str>,
    estimate_missing_reason: Option<&'static str>,
    moe_missing_reason: Option<&'static str>,
}

/// Reads each file and says what it holds; the second value is the refusal, if any file was refused.
pub fn census(
    args: &CensusArgs,
    files: &SpecFiles,
    format: Format,
) -> Result<(String, Option<Error>), Error> {
    let specs = Specs::load(files)?;
    let regions = Regions::load(files)?;
    let asked = args.geo.iter().map(|code| area(code)).collect::<Result<Vec<_>, _>>()?;
    let mut lines = Vec::new();
    let mut refused = None;
    if args.files.is_empty() {
        let shipped = inspect_shipped(files, &specs.census, &regions.counties, &regions.states)?;
        lines.extend(shipped.iter().map(|inspected| held(inspected, &asked, &specs.census, &regions)));
    }
    for path in &args.files {
        match inspect(path, &specs.census, &regions.counties, &regions.states) {
            Ok(inspected) => lines.push(held(&inspected, &asked, &specs.census, &regions)),
            Err(error @ CensusError::Spec(_)) => return Err(error.into()),
            Err(error) => {
                let name = path.file_name().unwrap_or_default();
                lines.push(FileLine {
                    file_name: plain(&name.to_string_lossy()),
                    is_read: false,
                    reason: Some(error.to_string()),
                    hint: error.hint(),
                    held: None,
                });
                refused.get_or_insert(Error::from(error));
            }
        }
    }
    let text = match format {
        Format::Json => json(&lines),
        Format::Text | Format::Csv => text(&lines),
    };
    Ok((text, refused))
}

/// Returns an area by its GEO_ID, or by a code whose number of digits says its level.
fn area(code: &str) -> Result<Area, Error> {
    let by_digits = || {
        let mut levels = Level::ALL.into_iter().filter(|level| *level != Level::Nation);
        levels.find_map(|level| Area::new(level, code))
    };
    let area = Area::of_geo_id(code).or_else(by_digits);
    area.ok_or_else(|| {
        let forms = "a GEO_ID (0500000US51600), or 2 digits of a state, 5 of a county, 7 of a place, 10 of a subdivision";
        Error::Usage(format!("--geo {code:?}: not {forms}"))
    })
}

fn held(inspected: &Inspected, asked: &[Area], spec: &CensusSource, regions: &Regions) -> FileLine {
    let figures = &inspected.figures;
    let gathered = figures.gathered(&regions.counties, &regions.states);
    let sources = figures.sources.iter().map(|source| SourceLine {
        concept: source.concept.as_str(),
        source_table: source.table.clone(),
        source_lines: source.lines.clone(),
        is_derived: source.is_derived(),
        method: source.rank.method,
    });
    FileLine {
        file_name: figures.inputs.iter().map(|input| input.file_name.as_str()).collect::<Vec<_>>().join(", "),
        is_read: true,
        reason: None,
        hint: None,
        held: Some(Held {
            form: figures.inputs.first().map_or("", |input| input.form),
            acs_vintage: figures.vintage.to_string(),
            row_counts: Level::ALL.map(|level| (level.as_str(), figures.of_level(level).count())).to_vec(),
            rows_passed_over: inspected.rows_passed_over,
            counties_held: gathered.held,
            counties_expected: gathered.expected,
            is_whole: inspected.lacks.is_none(),
            lacks: inspected.lacks.clone(),
            sources: sources.collect(),
            sums_that_fail: sums_of_counties(figures, &regions.counties, &regions.states),
            figures: asked.iter().flat_map(|area| of_area(figures, *area, spec)).collect(),
        }),
    }
}

fn of_area(figures: &Figures, area: Area, spec: &CensusSource) -> Vec<FigureLine> {
    let none = AreaFigures { name: None, estimates: AreaEstimates::default() };
    let of_area = figures.areas.get(&area).unwrap_or(&none);
    let line = |(concept, estimate): (Concept, &Estimate)| FigureLine {
        geo_id: area.to_string(),
        geo_name: of_area.name.as_deref().map(str::to_owned),
        concept: concept.as_str(),
        estimate: estimate.value.ok(),
        estimate_moe: estimate.moe(),
        estimate_cv: estimate.cv(),
        estimate_reliability: estimate.cv().map(|cv| reliability(cv, spec.reliability).as_str()),
        estimate_missing_reason: estimate.value.err().map(|gap| gap.as_str()),
        moe_missing_reason: estimate.moe_squared.err().map(|gap| gap.as_str()),
    };
    of_area.estimates.iter().map(line).collect()
}

fn text(lines: &[FileLine]) -> String {
    let mut out = String::new();
    for line in lines {
        say(&mut out, format_args!("{}", line.file_name));
        let Some(held) = &line.held else {
            say(&mut out, format_args!("  refused: {}", line.reason.as_deref().unwrap_or_default()));
            if let Some(hint) = &line.hint {
                say(&mut out, format_args!("  {hint}"));
            }
            continue;
        };
        say(&mut out, format_args!("  {}, vintage {}", held.form, held.acs_vintage));
        let rows = held.row_counts.iter().filter(|(_, count)| *count > 0);
        let rows: Vec<String> =
            rows.map(|(level, count)| format!("{level} {}", thousands(*count as i64))).collect();
        let passed_over = thousands(i64::try_from(held.rows_passed_over).unwrap_or(i64::MAX));
        say(&mut out, format_args!("  rows: {}; passed over {passed_over}", rows.join(", ")));
        let whole = if held.is_whole { "whole" } else { "not whole" };
        let (has, all) = (thousands(held.counties_held as i64), thousands(held.counties_expected as i64));
        say(&mut out, format_args!("  counties: {has} of {all} of the vintage; {whole}"));
        if let Some(lacks) = &held.lacks {
            say(&mut out, format_args!("  {lacks}"));
            let how = "a run takes it with --acs-sample, or with the files of its vintage that have the rest";
            say(&mut out, format_args!("  {how}"));
        }
        for source in &held.sources {
            let numbers: Vec<String> = source.source_lines.iter().map(ToString::to_string).collect();
            let sum = match source.method {
                FigureMethod::Line => "",
                FigureMethod::SumOfLines => ", derived",
                FigureMethod::SumOfCounties => ", derived from the counties that a place is",
                FigureMethod::PercentOfPopulation => ", derived from its percentage of the residents",
            };
            let of = if numbers.is_empty() { String::new() } else { format!(" line {}", numbers.join("+")) };
            say(&mut out, format_args!("  {}: {}{of}{sum}", source.concept, source.source_table));
        }
        for sum in held.sums_that_fail.iter().take(SHOWN) {
            say(&mut out, format_args!("  does not add up: {sum}"));
        }
        if !held.figures.is_empty() {
            out.push_str(&figures_table(&held.figures).render(2));
        }
    }
    out
}

fn figures_table(figures: &[FigureLine]) -> TextTable {
    let mut table = TextTable::new(3, &["area", "name", "concept", "estimate", "±", "cv", "reliability"]);
    for figure in figures {
        let estimate = figure
            .estimate
            .map_or_else(|| figure.estimate_missing_reason.unwrap_or_default().to_owned(), thousands);
        let margin = figure.estimate_moe.map_or_else(
            || figure.moe_missing_reason.unwrap_or_default().to_owned(),
            |moe| thousands(moe.round() as i64),
        );
        table.row(vec![
            figure.geo_id.clone(),
            figure.geo_name.clone().unwrap_or_default(),
            figure.concept.to_owned(),
            estimate,
            margin,
            figure.estimate_cv.map_or_else(String::new, |cv| format!("{cv:.3}")),
            figure.estimate_reliability.unwrap_or_default().to_owned(),
        ]);
    }
    table
}
