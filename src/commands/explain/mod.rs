//! `coverage287 explain NAME`: everything known about an agency or an agreement and why, in words a person can
//! check, with list and row for each piece of evidence.

mod words;

use std::collections::BTreeMap;

use polars::prelude::*;

use super::json;
use super::rows::{Row, rows as all_rows};
use crate::cli::{ExplainArgs, Format};
use crate::error::Error;
use crate::frames::{FrameError, Frames, TableSource};
use crate::publish::Release;
use crate::reference::key;
use crate::report::say;
use crate::spec::{SpecFiles, Specs};

/// Agencies that are explained one by one; of more only names are given.
const EXPLAINED: usize = 5;

/// Tables with a column of agency ids that tell of an agency.
const OF_AGENCY: [&str; 6] =
    ["agency_names", "agency_counties", "agency_redirects", "agreements", "pending", "pending_names"];

/// Tables with a column of agreement ids that tell of its agreements.
const OF_AGREEMENT: [&str; 5] =
    ["agreement_spells", "agreement_events", "agreement_dates", "agreement_links", "agreement_redirects"];

/// Explains the agencies whose printed names hold the words, or that have the id.
pub fn explain(args: &ExplainArgs, files: &SpecFiles, format: Format) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let mut tables = vec!["agencies", "counties_reference", "lists", "repairs"];
    tables.extend(OF_AGENCY);
    tables.extend(OF_AGREEMENT);
    let release = Release::open(&args.release.release)?;
    let frames = release.frames(&specs.tables, &tables)?;
    let on_disk = release.tables(&specs.tables);
    let ids = matching(&frames, &args.name)?;
    match ids.as_slice() {
        [] => {
            Err(Error::Usage(format!("no agency of the release is called {:?}, or has that id", args.name)))
        }
        many if many.len() > EXPLAINED && format == Format::Json => {
            let named = many
                .iter()
                .map(|id| rows(&frames, "agencies", "agency_id", id))
                .collect::<Result<Vec<_>, _>>()?;
            let named: Vec<BTreeMap<&str, &str>> = named
                .iter()
                .flatten()
                .map(|row| {
                    ["agency_id", "agency_name", "state_code"].map(|column| (column, row.get(column))).into()
                })
                .collect();
            Ok(json(&named))
        }
        many if many.len() > EXPLAINED => {
            let mut out =
                format!("{} agencies match {:?}; give more of a name, or an id:\n", many.len(), args.name);
            for id in many {
                let agency = rows(&frames, "agencies", "agency_id", id)?;
                let of = |column| agency.first().map_or("", |row| row.get(column));
                say(&mut out, format_args!("  {id}  {}, {}", of("agency_name"), of("state_code")));
            }
            Ok(out)
        }
        few => {
            let all =
                few.iter().map(|id| Explained::read(&frames, &on_disk, id)).collect::<Result<Vec<_>, _>>()?;
            match format {
                Format::Json => Ok(json(&all)),
                Format::Text | Format::Csv => Ok(all.iter().map(words::text).collect::<Vec<_>>().join("\n")),
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
        ids.extend(rows(frames, table, column, name)?.iter().map(|row| row.get("agency_id").to_owned()));
    }
    for redirect in rows(frames, "agreement_redirects", "old_agreement_id", name)? {
        let agreements = rows(frames, "agreements", "agreement_id", redirect.get("agreement_id"))?;
        ids.extend(agreements.iter().map(|row| row.get("agency_id").to_owned()));
    }
    let wanted = key(name);
    if ids.is_empty() && !wanted.is_empty() {
        for (table, column) in [("agency_names", "agency_printed"), ("agencies", "agency_name")] {
            let frame = frames.get(table)?;
            let names = crate::frames::texts(frame, column)?;
            let agencies = crate::frames::texts(frame, "agency_id")?;
            let matching =
                names.iter().zip(agencies).filter(|(name, _)| name.is_some_and(|n| key(n).contains(&wanted)));
            ids.extend(matching.filter_map(|(_, id)| id.map(str::to_owned)));
        }
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

fn rows(frames: &Frames, table: &str, column: &str, value: &str) -> Result<Vec<Row>, FrameError> {
    all_rows(&frames.lazy(table)?.filter(col(column).eq(lit(value))).collect()?)
}

/// An agency and the rows that tell of it, by table.
#[derive(serde::Serialize)]
struct Explained {
    agency: Row,
    tables: BTreeMap<&'static str, Vec<Row>>,
    /// Names of the files of lists, by list_id.
    #[serde(skip)]
    files: BTreeMap<String, String>,
    /// Where a pending list first prints each model: file and row.
    first_pending: BTreeMap<String, String>,
}

impl Explained {
    fn read(frames: &Frames, on_disk: &dyn TableSource, id: &str) -> Result<Self, FrameError> {
        let mut tables = BTreeMap::new();
        for table in OF_AGENCY {
            tables.insert(table, rows(frames, table, "agency_id", id)?);
        }
        for table in OF_AGREEMENT {
            let mut all = Vec::new();
            for agreement in &tables["agreements"] {
                all.extend(rows(frames, table, "agreement_id", agreement.get("agreement_id"))?);
            }
            tables.insert(table, all);
        }
        let mut counties = Vec::new();
        for row in &tables["agency_counties"] {
            counties.extend(rows(frames, "counties_reference", "county_fips", row.get("county_fips"))?);
        }
        tables.insert("counties_reference", counties);
        let listings = on_disk.rows_where("listings", "agency_id", id)?;
        tables.insert("repairs", repairs(frames, &listings)?);
        let files: BTreeMap<String, String> = all_rows(frames.get("lists")?)?
            .iter()
            .map(|row| (row.get("list_id").to_owned(), row.get("file_name").to_owned()))
            .collect();
        let mut first_pending = BTreeMap::new();
        for row in all_rows(&listings)?.iter().filter(|row| row.get("list_kind") == "pending") {
            let at = (
                row.get("list_date").to_owned(),
                row.get("list_id").to_owned(),
                row.get("row_number").to_owned(),
            );
            let first = first_pending.entry(row.get("model").to_owned()).or_insert_with(|| at.clone());
            if at < *first {
                *first = at;
            }
        }
        let first_pending = first_pending.into_iter().map(|(model, (_, list, row))| {
            (model, format!("{} row {row}", files.get(&list).map_or("", String::as_str)))
        });
        let agency = rows(frames, "agencies", "agency_id", id)?.pop().unwrap_or_default();
        Ok(Self { agency, tables, first_pending: first_pending.collect(), files })
    }

    fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// Rows of a table that tell of an agreement.
    fn of<'a>(&'a self, table: &str, agreement_id: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows(table).iter().filter(move |row| row.get("agreement_id") == agreement_id)
    }

    /// File and row.
    fn cite(&self, list_id: &str, row_number: &str) -> String {
        let file = self.files.get(list_id).map_or(list_id, String::as_str);
        if row_number.is_empty() { file.to_owned() } else { format!("{file} row {row_number}") }
    }
}

/// Repairs of the agency's listings, with the file they were printed in; one row for each distinct change.
fn repairs(frames: &Frames, listings: &DataFrame) -> Result<Vec<Row>, FrameError> {
    let listings = listings.clone().lazy().select([col("list_id"), col("row_number")]);
    let files = frames.lazy("lists")?.select([col("list_id"), col("file_name"), col("list_date")]);
    let frame = frames
        .lazy("repairs")?
        .join(
            listings,
            [col("list_id"), col("row_number")],
            [col("list_id"), col("row_number")],
            JoinArgs::new(JoinType::Semi),
        )
        .join(files, [col("list_id")], [col("list_id")], JoinArgs::new(JoinType::Left))
        .sort(
            ["list_date", "file_name", "row_number"],
            SortMultipleOptions::default().with_maintain_order(true),
        )
        .group_by_stable([
            col("column"),
            col("step"),
            col("value_printed"),
            col("value"),
            col("repair_rule"),
            col("evidence"),
        ])
        .agg([col("file_name").first(), col("row_number").first(), len().cast(DataType::Int64).alias("rows")])
        .sort(["column"], SortMultipleOptions::default().with_maintain_order(true))
        .collect()?;
    all_rows(&frame)
}
