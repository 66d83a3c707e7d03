//! `coverage287 explain NAME`: everything known about an agency or an agreement and why, in words a person can
//! check, with list and row for each piece of evidence.

mod explained;
mod words;

use std::collections::BTreeMap;

use super::json;
use crate::cli::{ExplainArgs, Format};
use crate::error::Error;
use crate::publish::Release;
use crate::reference::key;
use crate::spec::{SpecFiles, Specs};
use crate::table::{TableError, TableSet};
use crate::text::say;
use explained::{Explained, OF_AGENCY, OF_AGREEMENT, rows};

/// The most agencies that are explained one by one; if there are more, only their names are given.
const EXPLAINED: usize = 5;

/// Explains the agencies whose printed names hold the words, or that have the id.
pub fn explain(args: &ExplainArgs, files: &SpecFiles, format: Format) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let mut tables = vec!["agencies", "counties_reference", "lists", "repairs"];
    tables.extend(OF_AGENCY);
    tables.extend(OF_AGREEMENT);
    let release = Release::open(&args.release.release)?;
    let tables = release.table_set(&specs.tables, &tables)?;
    let on_disk = release.tables(&specs.tables);
    let ids = matching(&tables, &args.name)?;
    match ids.as_slice() {
        [] => {
            Err(Error::Usage(format!("no agency of the release is called {:?}, or has that id", args.name)))
        }
        many if many.len() > EXPLAINED && format == Format::Json => {
            let named = many
                .iter()
                .map(|id| rows(&tables, "agencies", "agency_id", id))
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
                let agency = rows(&tables, "agencies", "agency_id", id)?;
                let of = |column| agency.first().map_or("", |row| row.get(column));
                say(&mut out, format_args!("  {id}  {}, {}", of("agency_name"), of("state_code")));
            }
            Ok(out)
        }
        few => {
            let all =
                few.iter().map(|id| Explained::read(&tables, &on_disk, id)).collect::<Result<Vec<_>, _>>()?;
            match format {
                Format::Json => Ok(json(&all)),
                Format::Text | Format::Csv => Ok(all.iter().map(words::text).collect::<Vec<_>>().join("\n")),
            }
        }
    }
}

/// Finds ids of agencies by an id (an agency's, a retired one, or an agreement's) or by part of a name.
fn matching(tables: &TableSet, name: &str) -> Result<Vec<String>, TableError> {
    let mut ids = Vec::new();
    for (table, column) in
        [("agencies", "agency_id"), ("agency_redirects", "old_agency_id"), ("agreements", "agreement_id")]
    {
        ids.extend(rows(tables, table, column, name)?.iter().map(|row| row.get("agency_id").to_owned()));
    }
    for redirect in rows(tables, "agreement_redirects", "old_agreement_id", name)? {
        let agreements = rows(tables, "agreements", "agreement_id", redirect.get("agreement_id"))?;
        ids.extend(agreements.iter().map(|row| row.get("agency_id").to_owned()));
    }
    let wanted = key(name);
    if ids.is_empty() && !wanted.is_empty() {
        for (table, column) in [("agency_names", "agency_printed"), ("agencies", "agency_name")] {
            let table = tables.get(table)?;
            let (names, agencies) = (table.texts(column)?, table.texts("agency_id")?);
            let matching =
                names.iter().zip(agencies).filter(|(name, _)| name.is_some_and(|n| key(n).contains(&wanted)));
            ids.extend(matching.filter_map(|(_, id)| id.map(str::to_owned)));
        }
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}
