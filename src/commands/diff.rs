//! `coverage287 diff OLD NEW`: what changed between two releases, or between two lists of a release, by key.
//!
//! Keys are followed through redirects: an agency that has another id in the newer release is the same agency. A plain
//! comparison of two lists takes every new spelling for a departure.

use std::collections::{BTreeMap, BTreeSet};

use super::json;
use super::rows::{TextRow, rows};
use crate::cli::{DiffArgs, Format};
use crate::error::Error;
use crate::publish::Release;
use crate::spec::{SpecFiles, Specs, Tables};
use crate::table::TableSource;
use crate::text::{TextTable, say};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
struct TableChange {
    change: &'static str,
    state_code: String,
    agency_name: String,
    model: String,
    /// The key in the newer of the two; for a row that is gone, the key in the older.
    key: String,
    old_value: String,
    new_value: String,
}

/// Kinds of changes in the order in which they are shown, each with its meaning.
const CHANGES: [(&str, &str); 8] = [
    ("added", "agreements that only the newer has"),
    ("ended", "agreements that have left, with why"),
    ("returned", "agreements that had ended and are listed again"),
    ("re_dated", "signing dates"),
    ("renamed", "names"),
    ("moved", "states and counties"),
    ("relinked", "files of agreements"),
    ("joined", "ids that gave way to another"),
];

/// Columns that are compared, the key first.
const AGREEMENT: &[&str] = &[
    "agreement_id",
    "agency_id",
    "state_code",
    "model",
    "signed_date",
    "agreement_status",
    "end_kind",
    "successor_agreement_id",
    "moa_url",
];
const AGENCY: &[&str] = &["agency_id", "agency_name", "state_code", "main_county_fips"];

/// Compares two releases, or two lists.
pub fn diff(args: &DiffArgs, files: &SpecFiles, format: Format) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let folders = [&args.old, &args.new].map(|name| std::path::Path::new(name).is_dir());
    let missing = [&args.old, &args.new]
        .into_iter()
        .find(|name| name.contains(['/', '\\']) && !std::path::Path::new(name).exists());
    if let Some(missing) = missing {
        return Err(Error::Usage(format!("{missing:?} does not exist")));
    }
    let mut changes = match folders {
        [true, true] => between_releases(args, &specs.tables)?,
        [false, false] => between_lists(args, &specs.tables)?,
        _ => {
            let message = format!(
                "{:?} and {:?} cannot be compared: give two releases, or two lists of one (a date, a list_id or a file name)",
                args.old, args.new
            );
            return Err(Error::Usage(message));
        }
    };
    changes.sort();
    if format == Format::Json {
        return Ok(json(&changes));
    }
    let mut out = String::new();
    for (kind, says) in CHANGES {
        let of_kind: Vec<&TableChange> = changes.iter().filter(|change| change.change == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        say(&mut out, format_args!("{} ({says}): {}", kind.replace('_', "-"), of_kind.len()));
        let mut table =
            TextTable::new(5, &["state", "agency", "model", "old", "new", "key"]).ending_in_words();
        for change in of_kind {
            let TableChange { state_code, agency_name, model, key, old_value, new_value, .. } =
                change.clone();
            table.row(vec![state_code, agency_name, model, old_value, new_value, key]);
        }
        out.push_str(&table.render(2));
    }
    if changes.is_empty() {
        out.push_str("no agreement changed\n");
    }
    Ok(out)
}

/// The agreements and agencies of a release by id, and the redirects from retired ids.
struct ReleaseSide {
    agreements: BTreeMap<String, TextRow>,
    agencies: BTreeMap<String, TextRow>,
    agency_redirects: BTreeMap<String, String>,
    agreement_redirects: BTreeMap<String, String>,
    /// Day of the newest list.
    newest: String,
}

impl ReleaseSide {
    fn read(path: &str, tables: &Tables) -> Result<Self, Error> {
        let release = Release::open(std::path::Path::new(path))?;
        let by = |table: &str, columns: &[&str]| -> Result<BTreeMap<String, TextRow>, Error> {
            let rows = rows(&release.columns(tables, table, columns)?);
            Ok(rows.into_iter().map(|row| (row.get(columns[0]).to_owned(), row)).collect())
        };
        let redirects = |table: &str, columns: [&str; 2]| -> Result<BTreeMap<String, String>, Error> {
            let rows = by(table, &columns)?;
            Ok(rows.into_iter().map(|(old, row)| (old, row.get(columns[1]).to_owned())).collect())
        };
        Ok(Self {
            agreements: by("agreements", AGREEMENT)?,
            agencies: by("agencies", AGENCY)?,
            agency_redirects: redirects("agency_redirects", ["old_agency_id", "agency_id"])?,
            newest: by("lists", &["list_id", "list_date"])?
                .values()
                .map(|row| row.get("list_date").to_owned())
                .max()
                .unwrap_or_default(),
            agreement_redirects: redirects("agreement_redirects", ["old_agreement_id", "agreement_id"])?,
        })
    }

    /// Returns an agreement of another release as this release has it.
    fn agreement(&self, id: &str) -> Option<&TextRow> {
        let id = self.agreement_redirects.get(id).map_or(id, String::as_str);
        self.agreements.get(id)
    }

    fn agency(&self, id: &str) -> Option<&TextRow> {
        let id = self.agency_redirects.get(id).map_or(id, String::as_str);
        self.agencies.get(id)
    }

    fn name(&self, agreement: &TextRow) -> String {
        self.agencies.get(agreement.get("agency_id")).map_or("", |row| row.get("agency_name")).to_owned()
    }
}

/// Fails unless the older one goes first: the other way round every arrival would be a departure.
fn in_order(old: &str, new: &str) -> Result<(), Error> {
    if old <= new {
        return Ok(());
    }
    Err(Error::Usage(format!("the older one goes first: the first is of {old}, the second of {new}")))
}

/// Whether a row of `agreements` is on the newest lists, as far as is known.
fn is_listed(agreement: &TextRow) -> bool {
    matches!(agreement.get("agreement_status"), "active" | "unconfirmed")
}

/// Says what became of an agreement, in the words of its row.
fn why(agreement: &TextRow) -> String {
    let words =
        ["agreement_status", "end_kind", "successor_agreement_id"].map(|column| agreement.get(column));
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn between_releases(args: &DiffArgs, tables: &Tables) -> Result<Vec<TableChange>, Error> {
    let (old, new) = (ReleaseSide::read(&args.old, tables)?, ReleaseSide::read(&args.new, tables)?);
    in_order(&old.newest, &new.newest)?;
    let mut changes = Vec::new();
    let mut seen = BTreeSet::new();
    for (id, before) in &old.agreements {
        let Some(after) = new.agreement(id) else {
            changes.push(TableChange {
                change: "ended",
                state_code: before.get("state_code").into(),
                agency_name: old.name(before),
                model: before.get("model").into(),
                key: id.clone(),
                old_value: before.get("agreement_status").into(),
                new_value: "not in the newer release".into(),
            });
            continue;
        };
        let key = after.get("agreement_id").to_owned();
        seen.insert(key.clone());
        let change = |change, old_value: &str, new_value: &str| TableChange {
            change,
            state_code: after.get("state_code").into(),
            agency_name: new.name(after),
            model: after.get("model").into(),
            key: key.clone(),
            old_value: old_value.into(),
            new_value: new_value.into(),
        };
        let status = (before.get("agreement_status"), after.get("agreement_status"));
        match (is_listed(before), is_listed(after)) {
            (true, false) => {
                changes.push(change("ended", status.0, &why(after)));
            }
            (false, true) => changes.push(change("returned", status.0, status.1)),
            _ => {}
        }
        if before.differs(after, "signed_date") {
            changes.push(change("re_dated", before.get("signed_date"), after.get("signed_date")));
        }
        if before.differs(after, "moa_url") && !before.get("moa_url").is_empty() {
            changes.push(change("relinked", before.get("moa_url"), after.get("moa_url")));
        }
        if *id != key {
            changes.push(change("joined", id, &key));
        }
    }
    for (id, after) in new.agreements.iter().filter(|(id, _)| !seen.contains(*id)) {
        changes.push(TableChange {
            change: "added",
            state_code: after.get("state_code").into(),
            agency_name: new.name(after),
            model: after.get("model").into(),
            key: id.clone(),
            old_value: String::new(),
            new_value: after.get("signed_date").into(),
        });
    }
    for (id, before) in &old.agencies {
        let Some(after) = new.agency(id) else { continue };
        let mut push = |change, old_value: String, new_value: String| {
            changes.push(TableChange {
                change,
                state_code: after.get("state_code").into(),
                agency_name: after.get("agency_name").into(),
                model: String::new(),
                key: after.get("agency_id").into(),
                old_value,
                new_value,
            });
        };
        if before.differs(after, "agency_name") {
            push("renamed", before.get("agency_name").into(), after.get("agency_name").into());
        }
        let place = |row: &TextRow| {
            format!("{} {}", row.get("state_code"), row.get("main_county_fips")).trim().to_owned()
        };
        if before.differs(after, "state_code") || before.differs(after, "main_county_fips") {
            push("moved", place(before), place(after));
        }
    }
    changes.dedup();
    Ok(changes)
}

fn between_lists(args: &DiffArgs, tables: &Tables) -> Result<Vec<TableChange>, Error> {
    let release = Release::open(&args.release.release)?;
    let source = release.tables(tables);
    let lists = rows(&source.table("lists")?);
    let list = |name: &str| -> Result<&TextRow, Error> {
        let usable = |row: &&TextRow| {
            row.get("list_kind") == "participating"
                && matches!(row.get("list_status"), "accepted" | "superseded")
        };
        let is_it = |row: &&TextRow| {
            let file = row.get("file_name");
            row.get("list_id") == name || file == name || file.strip_suffix(".xlsx") == Some(name)
        };
        // A date stands for the newest list of that day or before it.
        let as_of = || {
            let day = name.parse::<jiff::civil::Date>().ok()?.to_string();
            let then =
                |row: &&TextRow| row.get("list_status") == "accepted" && row.get("list_date") <= day.as_str();
            lists.iter().filter(usable).filter(then).max_by_key(|row| row.get("list_date").to_owned())
        };
        lists.iter().filter(usable).find(is_it).or_else(as_of).ok_or_else(|| {
            let message = format!(
                "{name:?} is no participating list of {}: give its list_id, its file name, or a date; `coverage287 lists` shows them",
                release.dir.display()
            );
            Error::Usage(message)
        })
    };
    let (old, new) = (list(&args.old)?.clone(), list(&args.new)?.clone());
    in_order(old.get("list_date"), new.get("list_date"))?;
    let of = |list: &TextRow| -> Result<BTreeMap<String, TextRow>, Error> {
        let rows = rows(&source.rows_where("listings", "list_id", list.get("list_id"))?);
        let with_id = rows.into_iter().filter(|row| !row.get("agreement_id").is_empty());
        let mut by_id = BTreeMap::new();
        for row in with_id {
            by_id.entry(row.get("agreement_id").to_owned()).or_insert(row);
        }
        Ok(by_id)
    };
    let (before, after) = (of(&old)?, of(&new)?);
    let side = ReleaseSide::read(&args.release.release.display().to_string(), tables)?;
    let mut changes = Vec::new();
    for id in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let (a, b) = (before.get(id), after.get(id));
        let Some(row) = b.or(a) else { continue };
        let agreement = side.agreements.get(id).cloned().unwrap_or_default();
        let change = |change, old_value: String, new_value: String| TableChange {
            change,
            state_code: row.get("state_code").into(),
            agency_name: side.name(&agreement),
            model: row.get("model").into(),
            key: id.clone(),
            old_value,
            new_value,
        };
        let cite = |list: &TextRow, row: &TextRow| {
            format!("{} row {}", list.get("file_name"), row.get("row_number"))
        };
        match (a, b) {
            (None, Some(b)) => changes.push(change("added", String::new(), cite(&new, b))),
            (Some(a), None) => {
                changes.push(change("ended", cite(&old, a), format!("now {}", why(&agreement))));
            }
            (Some(a), Some(b)) => {
                for (kind, column) in [
                    ("re_dated", "signed_date"),
                    ("renamed", "agency_name"),
                    ("moved", "county_name"),
                    ("relinked", "moa_url"),
                ] {
                    let (old, new) = (a.get(column), b.get(column));
                    // A cell that is filled in for the first time has not moved anything.
                    let is_filled = matches!(kind, "moved" | "relinked") && old.is_empty();
                    if old != new && !is_filled {
                        changes.push(change(kind, old.into(), new.into()));
                    }
                }
            }
            (None, None) => {}
        }
    }
    Ok(changes)
}
