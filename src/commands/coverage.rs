//! `coverage287 coverage`: the people who live where an agreement reaches, every rule side by side or one slice.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{change, json};
use crate::assess::{AsOf, as_of};
use crate::census::{Measure, reliability};
use crate::cli::{By, CoverageArgs, Format};
use crate::error::Error;
use crate::publish::Release;
use crate::query::{Join, Query};
use crate::reference::Regions;
use crate::report::{CoverageRow, Slice, coverage_slice, has_other_vintage, rows_of, state_agencies};
use crate::spec::{Reliability as Thresholds, SpecFiles, Specs};
use crate::table::{CsvTexts, Table, TableError, TableSource, csv_of};
use crate::text::{TextTable, percent, plus_minus, say, thousands};
use crate::words::{ModelGroup, Reliability};

/// Model groups shown when none is asked for.
const GROUPS: [&str; 3] = ["TFM", "jail", "all"];

/// Returns a slice of the coverage of a release.
pub fn coverage(
    args: &CoverageArgs,
    files: &SpecFiles,
    format: Format,
    csv_texts: CsvTexts,
) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let rules: Vec<&str> = specs.rules.rules.iter().map(|rule| rule.name.as_str()).collect();
    if let Some(group) =
        args.models.as_deref().filter(|g| ModelGroup::ALL.iter().all(|known| known.as_str() != *g))
    {
        return Err(Error::Usage(format!("--models {group}: not one of TFM, jail, JEM, WSO, all")));
    }
    let measures: Vec<Measure> = match args.measure.as_deref() {
        None => Measure::ALL.to_vec(),
        Some(name) => vec![Measure::find(name).ok_or_else(|| {
            Error::Usage(format!("--measure {name}: not one of population, foreign_born, noncitizen"))
        })?],
    };
    let release = Release::open(&args.release.release)?;
    let tables = release.tables(&specs.tables);
    let day = args.as_of.unwrap_or(Date::MAX);
    let list = as_of(&tables, day)?
        .ok_or_else(|| Error::Usage(format!("--as-of {day}: before the first list of the release")))?;
    let groups: Vec<String> =
        args.models.clone().map_or_else(|| GROUPS.map(str::to_owned).into(), |group| vec![group]);
    if let Some(rule) = &args.rule {
        let cells = tables.rows_where("coverage", "list_id", &list.list_id)?;
        let there: BTreeSet<&str> = cells.texts("rule")?.into_iter().flatten().collect();
        if !there.contains(rule.as_str()) {
            let there = there.into_iter().collect::<Vec<_>>().join(", ");
            let why = match rules.contains(&rule.as_str()) {
                true => "the release was made without figures of places (--acs), or of other rules; it has",
                false => "no such rule; the release has",
            };
            return Err(Error::Usage(format!("--rule {rule}: {why} {there}")));
        }
    }
    if let (Some(name), Some(models)) = (&args.rule, &args.models) {
        let group = ModelGroup::ALL.iter().find(|group| group.as_str() == models);
        let of_group = group.and_then(|group| specs.rules.groups.get(group));
        let rule = specs.rules.find(name);
        if rule.zip(of_group).is_some_and(|(rule, models)| !specs.rules.is_about(rule, models)) {
            return Err(Error::Usage(format!(
                "--models {models}: {name} is a rule about other models alone"
            )));
        }
    }
    if let Some(geography) = &args.geography {
        let cells = tables.rows_where("coverage", "list_id", &list.list_id)?;
        if !cells.texts("geography")?.contains(&Some(geography.as_str())) {
            let message =
                format!("--geography {geography}: not US, nor the USPS code of a state or territory");
            return Err(Error::Usage(message));
        }
    }
    if args.since.is_some() && args.by == By::Date {
        return Err(Error::Usage(
            "--since compares two dates; --by date shows every one: give one of them".into(),
        ));
    }
    let wanted = change::AskedChange { args, groups: &groups, rules: &rules, measures: &measures, format };
    if let Some(day) = args.since {
        let before = as_of(&tables, day)?
            .ok_or_else(|| Error::Usage(format!("--since {day}: before the first list of the release")))?;
        if before.date >= list.date {
            let message = format!(
                "--since {day}: the newest list up to that day is of {}, and the list to compare with it is of {}, which is not \
                 later; give an earlier day",
                before.date, list.date
            );
            return Err(Error::Usage(message));
        }
        return change::changes(&tables, &before, &list, &wanted, files);
    }
    if args.by == By::County {
        return county_rows(&tables, &list, &wanted, files, csv_texts);
    }
    let is_one_geography = args.by != By::State;
    let slice = Slice {
        list_id: (args.by != By::Date).then(|| list.list_id.clone()),
        until: Some(list.date),
        geography: args.geography.clone().or_else(|| is_one_geography.then(|| "US".to_owned())),
        rule: args.rule.clone(),
        groups,
    };
    let slice = coverage_slice(&tables, &slice, &rules)?;
    if format == Format::Csv {
        return Ok(csv_of(&only_measures(&slice, &measures)?, csv_texts)?);
    }
    let rows = rows_of(&slice)?;
    if format == Format::Json {
        return Ok(envelope(&list, &rows, &measures));
    }
    let of = args.geography.as_ref().map_or_else(String::new, |geography| format!(" of {geography}"));
    let vintage = rows.first().map_or_else(String::new, |row| format!(", people of ACS {}", row.acs_vintage));
    let mut out = match args.by {
        By::Date => format!("Coverage{of} at every as-of date up to {}{vintage}\n\n", list.date),
        _ => format!("Coverage{of} as of {}{vintage}\n\n", list.date),
    };
    out.push_str(&table(&rows, &measures, args.by, specs.census.reliability).render(0));
    out.push('\n');
    for rule in specs.rules.rules.iter().filter(|rule| rows.iter().any(|row| row.rule == rule.name)) {
        let mark = if rule.upper_bound { " (upper bound)" } else { "" };
        say(&mut out, format_args!("{}{mark}: {}", rule.name, rule.text));
    }
    if rows.iter().any(|row| row.residentless_agency_count > 0) {
        say(
            &mut out,
            format_args!("\nAgencies without residents (campus, port …) are counted and add nobody."),
        );
    }
    if rows.iter().any(|row| row.is_upper_bound) {
        say(&mut out, format_args!("\nState agencies behind the upper bounds:"));
        let agencies = state_agencies(&tables, &list.list_id)?;
        let is_shown = |state: &String| args.geography.as_ref().is_none_or(|g| g == "US" || g == state);
        for (state, name, models) in agencies.into_iter().filter(|(state, ..)| is_shown(state)) {
            say(&mut out, format_args!("  {state} {name} ({models})"));
        }
    }
    Ok(out)
}

/// Removes the columns of measures that were not asked for.
fn only_measures(table: &Table, wanted: &[Measure]) -> Result<Table, TableError> {
    let others: Vec<Measure> = Measure::ALL.into_iter().filter(|measure| !wanted.contains(measure)).collect();
    let is_other = |name: &str| others.iter().any(|measure| is_of(name, *measure));
    let names: Vec<&str> = table.names().into_iter().filter(|name| !is_other(name)).collect();
    table.select(&names)
}

/// Whether a column belongs to a measure: `population`, `population_moe`, `population_covered` …
fn is_of(column: &str, measure: Measure) -> bool {
    column == measure.as_str() || column.starts_with(&format!("{}_", measure.as_str()))
}

/// Returns rows as JSON, with the day of their list, without the measures that were not asked for.
fn envelope(list: &AsOf, rows: &impl serde::Serialize, wanted: &[Measure]) -> String {
    let mut rows = serde_json::to_value(rows).expect("rows are plain data");
    for row in rows.as_array_mut().into_iter().flatten().filter_map(|row| row.as_object_mut()) {
        row.retain(|name, _| {
            Measure::ALL.iter().all(|measure| wanted.contains(measure) || !is_of(name, *measure))
        });
    }
    json(&serde_json::json!({ "as_of_date": list.date.to_string(), "rows": rows }))
}

fn table(rows: &[CoverageRow], measures: &[Measure], by: By, thresholds: Thresholds) -> TextTable {
    let mut header = vec!["models", "rule"];
    match by {
        By::State => header.push("where"),
        By::Date => header.push("as of"),
        By::Us | By::County => {}
    }
    let left = header.len();
    header.extend(["counties", "in part", "of", "agreements", "agencies", "unplaced"]);
    for measure in measures {
        header.extend([measure.as_str(), "share"]);
    }
    let mut table = TextTable::new(left, &header);
    for row in rows {
        let mark = if row.is_upper_bound { " ≤" } else { "" };
        let of = match has_other_vintage(row, rows) {
            true => format!(", ACS {}", row.acs_vintage),
            false => String::new(),
        };
        let mut cells = vec![row.model_group.clone(), format!("{}{mark}{of}", row.rule)];
        match by {
            By::State => cells.push(row.geography.clone()),
            By::Date => cells.push(row.as_of_date.clone()),
            By::Us | By::County => {}
        }
        for count in [
            row.county_count,
            row.part_county_count,
            row.county_total,
            row.agreement_count,
            row.agency_count,
            row.unplaced_agency_count,
        ] {
            cells.push(thousands(count));
        }
        for measure in measures {
            let people = row.people(*measure);
            let margin = plus_minus(people.covered_moe);
            // An estimate is marked where its standard error is a large part of it.
            let is_low = people.covered_cv.is_some_and(|cv| reliability(cv, thresholds) == Reliability::Low);
            let mark = if is_low { " (low)" } else { "" };
            let covered = people.covered.map_or_else(|| "-".into(), thousands);
            let floor = row.floor(*measure);
            cells.push(format!("{floor}{covered}{margin}{mark}"));
            let share = people.share_with_margin();
            cells.push(if share.is_empty() { "-".into() } else { share });
        }
        table.row(cells);
    }
    table
}

#[derive(serde::Serialize)]
struct CountyRow {
    model_group: String,
    rule: String,
    county_fips: String,
    county_name: String,
    state_code: String,
    agreement_count: i64,
    agency_count: i64,
    /// Share of the county's residents covered; below 1 only under a rule that counts residents.
    covered_share: Option<f64>,
    /// whole; or part, where every agency that reaches the county polices part of it.
    policed_extent: String,
    /// Share of its residents in the places and towns that reach it, if the extent is part; null with the reason.
    covered_part: Option<f64>,
    covered_part_reason: Option<String>,
    /// Vintage of the figures.
    acs_vintage: String,
    /// All people of the county, covered or not.
    population: Option<i64>,
    population_moe: Option<i64>,
    foreign_born: Option<i64>,
    foreign_born_moe: Option<i64>,
    noncitizen: Option<i64>,
    noncitizen_moe: Option<i64>,
}

/// Columns of `counties` that are shown beside the coverage of a county.
const COUNTY_COLUMNS: [&str; 10] = [
    "county_fips",
    "acs_vintage",
    "county_name",
    "state_code",
    "population",
    "population_moe",
    "foreign_born",
    "foreign_born_moe",
    "noncitizen",
    "noncitizen_moe",
];

fn county_rows(
    tables: &dyn TableSource,
    list: &AsOf,
    wanted: &change::AskedChange,
    files: &SpecFiles,
    csv_texts: CsvTexts,
) -> Result<String, Error> {
    let change::AskedChange { args: wanted, groups, rules: order, measures, format } = *wanted;
    let codes: Vec<&str> = groups.iter().map(String::as_str).collect();
    let mut query = Query::of(&tables.table("county_coverage")?)?
        .on(list.date, "from_date", "until_date")?
        .with_text("model_group", &codes)?;
    if let Some(rule) = &wanted.rule {
        query = query.with_text("rule", &[rule])?;
    }
    // The vintage that each rule was computed with; a release may hold other vintages too.
    let columns = ["rule", "acs_vintage"];
    let vintages = tables.columns_where("coverage", &columns, "list_id", &list.list_id)?;
    let counties = tables.columns("counties", &COUNTY_COLUMNS)?;
    let mut query = query
        .join(Query::of(&vintages)?.distinct()?, &["rule"], Join::Left)?
        .join(Query::of(&counties)?, &["county_fips", "acs_vintage"], Join::Left)?
        .sort(&["model_group", "rule", "county_fips"])?;
    // The counties of the US are all counties but those of the territories.
    query = match &wanted.geography {
        Some(code) if code == "US" => {
            let states = Regions::load(files)?.states;
            let inside = states.iter().map(|state| state.code).filter(|code| states.in_us(*code));
            let inside: Vec<String> = inside.map(|code| code.to_string()).collect();
            query.with_text("state_code", &inside.iter().map(String::as_str).collect::<Vec<_>>())?
        }
        Some(code) => query.with_text("state_code", &[code])?,
        None => query,
    };
    let table = query.table()?;
    if format == Format::Csv {
        return Ok(csv_of(&only_measures(&table, measures)?, csv_texts)?);
    }
    let text = |name: &str| -> Result<Vec<String>, TableError> {
        Ok(table.texts(name)?.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
    };
    let integer = |name: &str| table.integers(name);
    let (models, rules, fips) = (text("model_group")?, text("rule")?, text("county_fips")?);
    let (names, states) = (text("county_name")?, text("state_code")?);
    let (agreements, agencies) = (integer("agreement_count")?, integer("agency_count")?);
    let (shares, parts) = (table.numbers("covered_share")?, table.numbers("covered_part")?);
    let (extents, vintages) = (text("policed_extent")?, text("acs_vintage")?);
    let reasons = table.texts("covered_part_reason")?;
    let (people, born, noncitizens) =
        (integer("population")?, integer("foreign_born")?, integer("noncitizen")?);
    let (people_moe, born_moe, noncitizens_moe) =
        (integer("population_moe")?, integer("foreign_born_moe")?, integer("noncitizen_moe")?);
    let rows = (0..table.row_count()).map(|at| CountyRow {
        model_group: models[at].clone(),
        rule: rules[at].clone(),
        county_fips: fips[at].clone(),
        county_name: names[at].clone(),
        state_code: states[at].clone(),
        agreement_count: agreements[at].unwrap_or_default(),
        agency_count: agencies[at].unwrap_or_default(),
        covered_share: shares[at],
        policed_extent: extents[at].clone(),
        covered_part: parts[at],
        covered_part_reason: reasons[at].map(str::to_owned),
        acs_vintage: vintages[at].clone(),
        population: people[at],
        population_moe: people_moe[at],
        foreign_born: born[at],
        foreign_born_moe: born_moe[at],
        noncitizen: noncitizens[at],
        noncitizen_moe: noncitizens_moe[at],
    });
    let mut rows: Vec<CountyRow> = rows.collect();
    let of =
        |names: &[&str], name: &str| names.iter().position(|known| *known == name).unwrap_or(names.len());
    rows.sort_by_key(|row| (of(&codes, &row.model_group), of(order, &row.rule), row.county_fips.clone()));
    if format == Format::Json {
        return Ok(envelope(list, &rows, measures));
    }
    if rows.is_empty() {
        return Ok(format!("No county is covered so as of {}\n", list.date));
    }
    let mut header =
        vec!["models", "rule", "fips", "county", "", "agreements", "agencies", "covered", "in part"];
    header.extend(measures.iter().map(|measure| measure.as_str()));
    let mut table = TextTable::new(5, &header);
    for row in rows {
        let share = row.covered_share.map_or_else(|| "-".into(), percent);
        let mut cells = vec![
            row.model_group,
            row.rule,
            row.county_fips,
            row.county_name,
            row.state_code,
            thousands(row.agreement_count),
            thousands(row.agency_count),
            share,
            match (row.covered_part, row.covered_part_reason) {
                (Some(part), None) => percent(part),
                (Some(part), Some(_)) => format!("≥ {}", percent(part)),
                (None, Some(reason)) => reason.replace('_', " "),
                (None, None) => String::new(),
            },
        ];
        for measure in measures {
            let (all, moe) = match measure {
                Measure::Population => (row.population, row.population_moe),
                Measure::ForeignBorn => (row.foreign_born, row.foreign_born_moe),
                Measure::Noncitizen => (row.noncitizen, row.noncitizen_moe),
            };
            let moe = moe.map_or_else(String::new, |moe| format!(" ± {}", thousands(moe)));
            cells.push(all.map_or_else(|| "-".into(), |all| format!("{}{moe}", thousands(all))));
        }
        table.row(cells);
    }
    let mut out = format!("Covered counties as of {}\n\n{}", list.date, table.render(0));
    say(
        &mut out,
        format_args!(
            "\nPeople are all of each county; covered is the share of its residents that is covered."
        ),
    );
    Ok(out)
}
