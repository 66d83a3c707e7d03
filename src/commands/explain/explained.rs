//! An agency and everything that the tables of a release say about it.

use std::collections::{BTreeMap, HashMap};

use crate::commands::rows::{TextRow, rows as all_rows};
use crate::query::{Join, Query};
use crate::table::{Table, TableError, TableSet, TableSource};

/// Tables about an agency, each with a column of agency ids.
pub(super) const OF_AGENCY: [&str; 6] =
    ["agency_names", "agency_counties", "agency_redirects", "agreements", "pending", "pending_names"];

/// Tables about the agreements of an agency, each with a column of agreement ids.
pub(super) const OF_AGREEMENT: [&str; 5] =
    ["agreement_spells", "agreement_events", "agreement_dates", "agreement_links", "agreement_redirects"];

/// Columns of `repairs` that say what was changed, and why.
const CHANGE: [&str; 6] = ["column", "step", "value_printed", "value", "repair_rule", "evidence"];

/// Columns shown for a change; file and row are those of the first row that has it.
const CHANGE_SHOWN: [&str; 8] =
    ["column", "step", "value_printed", "value", "repair_rule", "evidence", "file_name", "row_number"];

pub(super) fn rows(
    tables: &TableSet,
    table: &str,
    column: &str,
    value: &str,
) -> Result<Vec<TextRow>, TableError> {
    Ok(all_rows(&tables.rows_where(table, column, value)?))
}

/// An agency and the rows about it, by table.
#[derive(serde::Serialize)]
pub(super) struct Explained {
    pub(super) agency: TextRow,
    pub(super) tables: BTreeMap<&'static str, Vec<TextRow>>,
    /// Names of the files of lists, by list_id.
    #[serde(skip)]
    pub(super) files: BTreeMap<String, String>,
    /// File and row where a pending list first prints each model.
    pub(super) first_pending: BTreeMap<String, String>,
}

impl Explained {
    pub(super) fn read(of: &TableSet, on_disk: &dyn TableSource, id: &str) -> Result<Self, TableError> {
        let mut tables = BTreeMap::new();
        for table in OF_AGENCY {
            tables.insert(table, rows(of, table, "agency_id", id)?);
        }
        for table in OF_AGREEMENT {
            let mut all = Vec::new();
            for agreement in &tables["agreements"] {
                all.extend(rows(of, table, "agreement_id", agreement.get("agreement_id"))?);
            }
            tables.insert(table, all);
        }
        let mut counties = Vec::new();
        for row in &tables["agency_counties"] {
            counties.extend(rows(of, "counties_reference", "county_fips", row.get("county_fips"))?);
        }
        tables.insert("counties_reference", counties);
        let listings = on_disk.rows_where("listings", "agency_id", id)?;
        tables.insert("repairs", repairs(of, &listings)?);
        let files: BTreeMap<String, String> = all_rows(of.get("lists")?)
            .iter()
            .map(|row| (row.get("list_id").to_owned(), row.get("file_name").to_owned()))
            .collect();
        let mut first_pending = BTreeMap::new();
        for row in all_rows(&listings).iter().filter(|row| row.get("list_kind") == "pending") {
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
        let agency = rows(of, "agencies", "agency_id", id)?.pop().unwrap_or_default();
        Ok(Self { agency, tables, first_pending: first_pending.collect(), files })
    }

    pub(super) fn rows(&self, table: &str) -> &[TextRow] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// Returns the rows of a table about an agreement.
    pub(super) fn of<'a>(&'a self, table: &str, agreement_id: &'a str) -> impl Iterator<Item = &'a TextRow> {
        self.rows(table).iter().filter(move |row| row.get("agreement_id") == agreement_id)
    }

    /// Returns file and row as a citation.
    pub(super) fn cite(&self, list_id: &str, row_number: &str) -> String {
        let file = self.files.get(list_id).map_or(list_id, String::as_str);
        if row_number.is_empty() { file.to_owned() } else { format!("{file} row {row_number}") }
    }
}

/// Returns the repairs of the agency's listings, with the file that printed them; one row for each distinct change.
fn repairs(tables: &TableSet, listings: &Table) -> Result<Vec<TextRow>, TableError> {
    let listings = Query::of(listings)?.select(&["list_id", "row_number"])?.distinct()?;
    let files = Query::of(tables.get("lists")?)?.select(&["list_id", "file_name", "list_date"])?;
    let repairs = Query::of(tables.get("repairs")?)?
        .join(listings, &["list_id", "row_number"], Join::Inner)?
        .join(files, &["list_id"], Join::Left)?
        .sort(&["list_date", "file_name", "row_number"])?
        .table()?;
    let mut changes: Vec<(TextRow, i64)> = Vec::new();
    let mut at: HashMap<Vec<String>, usize> = HashMap::new();
    for row in all_rows(&repairs) {
        let change = CHANGE.iter().map(|column| row.get(column).to_owned()).collect();
        let known = *at.entry(change).or_insert_with(|| {
            changes.push((row.select(&CHANGE_SHOWN), 0));
            changes.len() - 1
        });
        changes[known].1 += 1;
    }
    let mut rows: Vec<TextRow> =
        changes.into_iter().map(|(row, count)| row.with("rows", &count.to_string())).collect();
    rows.sort_by(|a, b| a.get("column").cmp(b.get("column")));
    Ok(rows)
}
