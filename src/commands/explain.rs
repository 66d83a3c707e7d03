//! `coverage287 explain NAME`: everything known about an agency and why, in words a person can check.

use polars::prelude::*;

use super::json;
use crate::cli::{ExplainArgs, Format};
use crate::error::Error;
use crate::frames::{FrameError, Frames, TableSource};
use crate::publish::Release;
use crate::reference::key;
use crate::report::say;
use crate::spec::{SpecFiles, Specs};

/// Agencies that are explained one by one; of more only names are given.
const EXPLAINED: usize = 5;

/// Tables that tell of an agency, each with its column of agency ids.
const TELLING: [&str; 4] = ["agency_names", "agency_counties", "agreements", "pending"];

/// Explains the agencies whose printed names hold the words, or that have the id.
pub fn explain(args: &ExplainArgs, files: &SpecFiles, format: Format) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let tables = [
        "agencies",
        "agency_names",
        "agency_counties",
        "agency_redirects",
        "agreements",
        "agreement_spells",
        "agreement_events",
        "pending",
        "counties_reference",
        "lists",
        "repairs",
    ];
    let release = Release::open(&args.release.release)?;
    let frames = release.frames(&specs.tables, &tables)?;
    let on_disk = release.tables(&specs.tables);
    let ids = matching(&frames, &args.name)?;
    match ids.as_slice() {
        [] => {
            Err(Error::Usage(format!("no agency of the release is called {:?}, or has that id", args.name)))
        }
        many if many.len() > EXPLAINED => {
            let mut out =
                format!("{} agencies match {:?}; give more of a name, or an id:\n", many.len(), args.name);
            for id in many {
                let agency = rows(&frames, "agencies", "agency_id", id)?;
                say(&mut out, format_args!("  {id}  {}", of(&agency[0], "agency_name")));
            }
            Ok(out)
        }
        few => {
            let all = few.iter().map(|id| one(&frames, &on_disk, id)).collect::<Result<Vec<_>, _>>()?;
            match format {
                Format::Json => Ok(json(&all)),
                Format::Text => Ok(all.iter().map(text).collect::<Vec<_>>().join("\n")),
            }
        }
    }
}

/// Ids of agencies by id (theirs, one that gave way to it, or an agreement's) or by part of a name.
fn matching(frames: &Frames, name: &str) -> Result<Vec<String>, FrameError> {
    let mut ids = Vec::new();
    for (table, column) in
        [("agencies", "agency_id"), ("agency_redirects", "old_agency_id"), ("agreements", "agreement_id")]
    {
        for row in rows(frames, table, column, name)? {
            ids.push(of(&row, "agency_id"));
        }
    }
    if ids.is_empty() {
        let wanted = key(name);
        let names = frames.get("agency_names")?;
        let printed = crate::frames::texts(names, "agency_printed")?;
        let agencies = crate::frames::texts(names, "agency_id")?;
        for (printed, id) in printed.iter().zip(agencies) {
            if !wanted.is_empty() && printed.is_some_and(|printed| key(printed).contains(&wanted)) {
                ids.extend(id.map(str::to_owned));
            }
        }
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// A row as (column, value); null is an empty text.
type Row = Vec<(String, String)>;

fn rows(frames: &Frames, table: &str, column: &str, value: &str) -> Result<Vec<Row>, FrameError> {
    let frame = frames.lazy(table)?.filter(col(column).eq(lit(value))).collect()?;
    let row = |at: usize| -> Result<Row, FrameError> {
        let cell = |column: &Column| -> Result<(String, String), FrameError> {
            let value = match column.get(at)? {
                AnyValue::Null => String::new(),
                AnyValue::String(text) => text.to_owned(),
                AnyValue::StringOwned(text) => text.to_string(),
                AnyValue::Date(days) => {
                    crate::words::from_epoch_days(days).map_or_else(String::new, |d| d.to_string())
                }
                other => other.to_string(),
            };
            Ok((column.name().to_string(), value))
        };
        frame.columns().iter().map(cell).collect()
    };
    (0..frame.height()).map(row).collect()
}

fn of(row: &Row, column: &str) -> String {
    row.iter().find(|(name, _)| name == column).map_or_else(String::new, |(_, value)| value.clone())
}

/// An agency and the rows that tell of it, by table.
#[derive(serde::Serialize)]
struct Explained {
    agency: Row,
    tables: Vec<(String, Vec<Row>)>,
}

impl Explained {
    fn rows(&self, table: &str) -> &[Row] {
        self.tables.iter().find(|(name, _)| name == table).map_or(&[], |(_, rows)| rows)
    }
}

fn one(frames: &Frames, on_disk: &dyn TableSource, id: &str) -> Result<Explained, FrameError> {
    let mut agencies = rows(frames, "agencies", "agency_id", id)?;
    let mut tables = Vec::new();
    for table in TELLING.iter().chain(&["agency_redirects"]) {
        tables.push(((*table).to_owned(), rows(frames, table, "agency_id", id)?));
    }
    let agreements: Vec<String> = tables[2].1.iter().map(|row| of(row, "agreement_id")).collect();
    for table in ["agreement_spells", "agreement_events"] {
        let mut all = Vec::new();
        for agreement in &agreements {
            all.extend(rows(frames, table, "agreement_id", agreement)?);
        }
        tables.push((table.to_owned(), all));
    }
    let mut counties = Vec::new();
    for row in &tables[1].1 {
        counties.extend(rows(frames, "counties_reference", "county_fips", &of(row, "county_fips"))?);
    }
    tables.push(("counties_reference".to_owned(), counties));
    tables.push(("repairs".to_owned(), repairs(frames, on_disk, id)?));
    Ok(Explained { agency: agencies.pop().unwrap_or_default(), tables })
}

/// Repairs of the agency's listings, with the file they were printed in; one row for each distinct change.
fn repairs(frames: &Frames, on_disk: &dyn TableSource, id: &str) -> Result<Vec<Row>, FrameError> {
    let listings =
        on_disk.rows_where("listings", "agency_id", id)?.lazy().select([col("list_id"), col("row_number")]);
    let files = frames.lazy("lists")?.select([col("list_id"), col("file_name")]);
    let frame = frames
        .lazy("repairs")?
        .join(
            listings,
            [col("list_id"), col("row_number")],
            [col("list_id"), col("row_number")],
            JoinArgs::new(JoinType::Semi),
        )
        .join(files, [col("list_id")], [col("list_id")], JoinArgs::new(JoinType::Left))
        .group_by_stable([col("column"), col("step"), col("value_printed"), col("value"), col("repair_rule")])
        .agg([col("file_name").first(), col("row_number").first(), len().cast(DataType::Int64).alias("rows")])
        .collect()?;
    let mut single = Frames::default();
    single.insert("repairs", frame.with_row_index("at".into(), None)?);
    let mut all = Vec::new();
    for column in
        ["STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE", "SIGNED", "MOA", "ADDENDUM"]
    {
        all.extend(rows(&single, "repairs", "column", column)?);
    }
    Ok(all)
}

fn text(explained: &Explained) -> String {
    let agency = |column: &str| of(&explained.agency, column);
    let mut out = String::new();
    say(
        &mut out,
        format_args!("{}, {}  ({})", agency("agency_name"), agency("state_code"), agency("agency_id")),
    );
    let phrase = agency("kind_phrase");
    let why = if phrase.is_empty() {
        "no phrase of its name says what it does".into()
    } else {
        format!("its name says {phrase:?}")
    };
    say(&mut out, format_args!("  {} body of kind {}: {why}", agency("agency_level"), agency("agency_kind")));
    let counties: Vec<String> = explained
        .rows("counties_reference")
        .iter()
        .map(|row| format!("{} ({})", of(row, "county_name"), of(row, "county_fips")))
        .collect();
    let extent = explained.rows("agency_counties").first().map(|row| of(row, "extent")).unwrap_or_default();
    let (method, score) = (agency("county_method").replace('_', " "), agency("county_score"));
    match counties.is_empty() {
        true => say(&mut out, format_args!("  no county: {method}")),
        false => {
            say(&mut out, format_args!("  {extent} of {}; by {method}, score {score}", counties.join(", ")))
        }
    }
    for (label, column) in [("ORI", "ori"), ("Census place", "place_geoid")] {
        if !agency(column).is_empty() {
            say(&mut out, format_args!("  {label} {}", agency(column)));
        }
    }
    say(
        &mut out,
        format_args!(
            "  listed {} to {}",
            agency("agency_first_listed_date"),
            agency("agency_last_listed_date")
        ),
    );
    say(&mut out, format_args!("  printed as"));
    for row in explained.rows("agency_names") {
        let (name, state) = (of(row, "agency_printed"), of(row, "state_printed"));
        let (first, last) = (of(row, "name_first_listed_date"), of(row, "name_last_listed_date"));
        say(
            &mut out,
            format_args!("    {name:?} in {state:?}, {} times, {first} to {last}", of(row, "listing_count")),
        );
    }
    for row in explained.rows("agency_redirects") {
        say(
            &mut out,
            format_args!(
                "  took over id {}: {} ({})",
                of(row, "old_agency_id"),
                of(row, "evidence"),
                of(row, "reason")
            ),
        );
    }
    agreements(&mut out, explained);
    for row in explained.rows("pending") {
        let participating = of(row, "participating_date");
        let until = if participating.is_empty() {
            String::new()
        } else {
            format!(", participating by {participating}")
        };
        say(
            &mut out,
            format_args!(
                "  {} pending {} to {}: {}{until}",
                of(row, "model"),
                of(row, "first_pending_date"),
                of(row, "last_pending_date"),
                of(row, "outcome").replace('_', " ")
            ),
        );
    }
    let repairs = explained.rows("repairs");
    if !repairs.is_empty() {
        say(&mut out, format_args!("  repairs"));
    }
    for row in repairs {
        let (column, printed, value) = (of(row, "column"), of(row, "value_printed"), of(row, "value"));
        say(
            &mut out,
            format_args!(
                "    {column}: {printed:?} to {value:?} ({}), {} rows, first in {} row {}",
                of(row, "repair_rule"),
                of(row, "rows"),
                of(row, "file_name"),
                of(row, "row_number")
            ),
        );
    }
    out
}

fn agreements(out: &mut String, explained: &Explained) {
    for row in explained.rows("agreements") {
        let id = of(row, "agreement_id");
        say(
            out,
            format_args!(
                "  agreement {id}: {}, signed {}",
                of(row, "agreement_status"),
                of(row, "signed_date")
            ),
        );
        for spell in explained.rows("agreement_spells").iter().filter(|spell| of(spell, "agreement_id") == id)
        {
            let after = of(spell, "began_after_date");
            let began = match after.is_empty() {
                true => format!("on the first list read, {}", of(spell, "began_by_date")),
                false => format!("after {after}, by {}", of(spell, "began_by_date")),
            };
            let ended = match of(spell, "ended_by_date") {
                end if end.is_empty() => "still listed".to_owned(),
                end => format!("gone after {}, by {end}", of(spell, "ended_after_date")),
            };
            say(out, format_args!("    {began}; {ended}; on {} lists", of(spell, "list_count")));
        }
        for event in explained.rows("agreement_events").iter().filter(|event| of(event, "agreement_id") == id)
        {
            let (old, new) = (of(event, "old_value"), of(event, "new_value"));
            let change = if old.is_empty() { String::new() } else { format!(": {old} to {new}") };
            say(
                out,
                format_args!(
                    "    {} {}{change}",
                    of(event, "list_date"),
                    of(event, "event").replace('_', " ")
                ),
            );
        }
        if !of(row, "moa_url").is_empty() {
            say(out, format_args!("    {}", of(row, "moa_url")));
        }
    }
}
