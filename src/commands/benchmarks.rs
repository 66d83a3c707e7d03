//! `coverage287 benchmarks`: the areas with the most immigrants, covered or not, as of any list of a release.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::json;
use crate::assess::{
    BenchmarkRow, BenchmarkTotal, Benchmarks, Unranked, as_of, benchmark_totals, benchmarks as look,
    benchmarks_table,
};
use crate::census::Measure;
use crate::cli::{BenchmarkArgs, Format};
use crate::error::Error;
use crate::publish::Release;
use crate::reference::Reference;
use crate::spec::{SpecFiles, Specs};
use crate::table::{CsvTexts, Table, csv_of};
use crate::text::{TextTable, percent, plus_minus, say, thousands};
use crate::words::{Extent, ModelGroup};

/// The rule that one benchmark is shown under when none is asked for.
const RULE: &str = "county_agency";

/// The most areas without a figure that are named.
const NAMED: usize = 8;

/// Returns how much of each benchmark is covered, or the areas of one benchmark.
pub fn benchmarks(
    args: &BenchmarkArgs,
    files: &SpecFiles,
    format: Format,
    csv_texts: CsvTexts,
) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let rules: Vec<&str> = specs.rules.rules.iter().map(|rule| rule.name.as_str()).collect();
    let names: Vec<&str> = specs.benchmarks.iter().map(|benchmark| benchmark.name.as_str()).collect();
    let usage = |message: String| Err(Error::Usage(message));
    if let Some(name) = args.name.as_deref().filter(|name| !names.contains(name)) {
        return usage(format!("{name}: no such benchmark; there are {}", names.join(", ")));
    }
    if let Some(rule) = args.rule.as_deref().filter(|rule| !rules.contains(rule)) {
        return usage(format!("--rule {rule}: no such rule; there are {}", rules.join(", ")));
    }
    let Some(group) = ModelGroup::ALL.iter().find(|group| group.as_str() == args.models) else {
        return usage(format!("--models {}: not one of TFM, jail, JEM, WSO, all", args.models));
    };
    let release = Release::open(&args.release.release)?;
    let tables = release.tables(&specs.tables);
    let day = args.as_of.unwrap_or(Date::MAX);
    let list = as_of(&tables, day)?
        .ok_or_else(|| Error::Usage(format!("--as-of {day}: before the first list of the release")))?;
    let reference = Reference::load(files)?;
    let mut found = look(&specs.benchmarks, &specs.rules, &tables, &list, &reference)?;
    let default = rules.contains(&RULE).then_some(RULE);
    let rule = args.rule.as_deref().or_else(|| args.name.as_ref().and(default));
    let is_wanted = |benchmark: usize, of: &str, models: ModelGroup| {
        args.name.as_deref().is_none_or(|name| name == specs.benchmarks[benchmark].name)
            && rule.is_none_or(|rule| rule == of)
            && models == *group
    };
    if let (Some(rule), false) = (rule, found.totals.iter().any(|row| rule == Some(row.rule.as_str()))) {
        let why = "the release has none: it was made without figures of places (--acs), or of other rules";
        return usage(format!("--rule {rule}: {why}"));
    }
    found.rows.retain(|row| is_wanted(row.benchmark, &row.rule, row.group));
    found.totals.retain(|row| is_wanted(row.benchmark, &row.rule, row.group));
    if let (Some(name), true) = (&args.name, found.totals.is_empty()) {
        return usage(format!(
            "{name}: the release has no figures for it: a file that has them is given with --acs"
        ));
    }
    match format {
        Format::Text if args.name.is_some() => Ok(areas_page(&specs, &found, &list.date.to_string())),
        Format::Text => Ok(totals_page(&specs, &found, &list.date.to_string(), group.as_str())),
        Format::Csv if args.name.is_some() => Ok(csv_of(&benchmarks_table(&specs, &found)?, csv_texts)?),
        Format::Csv => Ok(csv_of(&benchmark_totals(&specs, &found)?, csv_texts)?),
        Format::Json => Ok(json(&serde_json::json!({
            "as_of_date": list.date.to_string(),
            "acs_vintage": found.vintage,
            "totals": objects(&benchmark_totals(&specs, &found)?),
            "areas": match args.name {
                Some(_) => objects(&benchmarks_table(&specs, &found)?),
                None => Vec::new(),
            },
        }))),
    }
}

fn totals_page(specs: &Specs, found: &Benchmarks, day: &str, group: &str) -> String {
    let mut out = format!("Benchmarks as of {day}, models {group}\n");
    for (at, benchmark) in specs.benchmarks.iter().enumerate() {
        let totals: Vec<&BenchmarkTotal> = found.totals.iter().filter(|row| row.benchmark == at).collect();
        let of = totals.first().map_or_else(String::new, |row| format!(" (ACS {})", row.vintage));
        say(&mut out, format_args!("\n{}: {}{of}", benchmark.name, benchmark.title));
        if let Some(unranked) = totals.first().map(|row| &row.unranked).filter(|unranked| unranked.count > 0)
        {
            say(&mut out, format_args!("  {}", not_ranked(unranked)));
        }
        if totals.is_empty() {
            say(&mut out, format_args!("  not in the figures of this release (--acs)"));
            continue;
        }
        let Some(measure) = Measure::find(benchmark.measure.as_str()) else { continue };
        let mut table = TextTable::new(
            1,
            &["rule", "covered", "in part", "not", measure.as_str(), "of the US", "not", "of the US"],
        );
        for row in totals {
            let mut cells = vec![row.rule.clone()];
            cells.extend(
                [&row.covered, &row.in_part, &row.uncovered].map(|side| thousands(side.areas as i64)),
            );
            for side in [&row.covered, &row.uncovered] {
                let sum = &side.people[measure];
                let (people, us) = (sum.value(), row.us[measure].value());
                let margin = plus_minus(sum.margin());
                cells.push(
                    people.map_or_else(|| "-".into(), |people| format!("{}{margin}", thousands(people))),
                );
                let share = people.zip(us).map(|(part, whole)| percent(crate::census::share(part, whole)));
                cells.push(share.unwrap_or_else(|| "-".into()));
            }
            table.row(cells);
        }
        out.push_str(&table.render(2));
    }
    out
}

/// Names the areas that have no figure and may belong among the ranked ones.
fn not_ranked(unranked: &Unranked) -> String {
    let Unranked { count, names } = unranked;
    let named: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    let more = count.saturating_sub(named.len());
    let more = if more > 0 { format!(" and {} more", thousands(more as i64)) } else { String::new() };
    format!(
        "not ranked, since their figure is not known, though they may belong here: {}{more}",
        named.join("; ")
    )
}

fn areas_page(specs: &Specs, found: &Benchmarks, day: &str) -> String {
    let mut out = String::new();
    let mut before: Option<(usize, &str)> = None;
    let mut table: Option<TextTable> = None;
    for row in &found.rows {
        if before != Some((row.benchmark, row.rule.as_str())) {
            before = Some((row.benchmark, row.rule.as_str()));
            if let Some(table) = table.take() {
                out.push_str(&table.render(2));
                out.push('\n');
            }
            let title = &specs.benchmarks[row.benchmark].title;
            let vintage = &found.areas[row.area].vintage;
            say(
                &mut out,
                format_args!("As of {day}, rule {}, models {}, ACS {vintage}: {title}", row.rule, row.group),
            );
            let is_of =
                |total: &&BenchmarkTotal| total.benchmark == row.benchmark && total.unranked.count > 0;
            if let Some(total) = found.totals.iter().find(is_of) {
                say(&mut out, format_args!("  {}", not_ranked(&total.unranked)));
            }
            let header = [
                "",
                "area",
                "",
                "people",
                "foreign-born",
                "noncitizen",
                "covered",
                "since",
                "  by (or could sign)",
            ];
            table = Some(TextTable::new(3, &header).ending_in_words());
        }
        if let Some(table) = &mut table {
            table.row(cells(found, row));
        }
    }
    if let Some(table) = table {
        out.push_str(&table.render(2));
    }
    out
}

/// Says whether an area is covered and, for a county, how much of it is policed by the agencies that reach it.
fn covered(row: &BenchmarkRow) -> String {
    let policed = row.policed.as_ref().filter(|policed| policed.extent == Extent::Part);
    match (row.extent, policed.map(|policed| policed.part)) {
        (None, _) => "no".into(),
        (Some(Extent::Part), _) => "in part".into(),
        (Some(Extent::Whole), None) => "yes".into(),
        (Some(Extent::Whole), Some(None)) => "yes, policed in part".into(),
        (Some(Extent::Whole), Some(Some(part))) => format!("yes, {} of it policed", percent(part)),
    }
}

fn cells(found: &Benchmarks, row: &BenchmarkRow) -> Vec<String> {
    let area = &found.areas[row.area];
    let mut cells = vec![row.rank.to_string(), area.name.clone(), area.state.to_string()];
    for estimate in area.people.values() {
        let moe = plus_minus(estimate.moe());
        cells.push(estimate.value.map_or_else(|_| "-".into(), |value| format!("{}{moe}", thousands(value))));
    }
    cells.push(covered(row));
    cells.push(row.began.map_or_else(|| "-".into(), |began| began.words()));
    cells.push(format!("  {}", row.by_whom(area)));
    cells
}

/// Returns the rows of a table as JSON objects.
fn objects(table: &Table) -> Vec<serde_json::Value> {
    let object = |at| table.row(at).collect::<BTreeMap<_, _>>();
    let json = |at| serde_json::to_value(object(at)).expect("cells are plain data");
    (0..table.row_count()).map(json).collect()
}
