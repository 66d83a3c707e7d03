//! A release on disk, opened again: its tables, and what is wrong with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use polars::frame::DataFrame;
use sha2::{Digest, Sha256};

use super::PublishError;
use super::parquet_file::read_table;
use super::place::{CURRENT, Current, Place, is_address};
use crate::check::Outcome;
use crate::frames::{FrameError, Frames, TableSource, Wanted};
use crate::spec::{Tables, hex};

/// Version of the public tables; documented in CHANGELOG.md.
pub const SCHEMA_VERSION: u32 = 1;

/// The file whose name marks a release; also the only one that tells of a run and not of the data.
pub const RUN_JSON: &str = "run.json";

/// The last words of the run that made a release, as data.
pub const SUMMARY_JSON: &str = "summary.json";

/// A current release that a run would only make again.
#[derive(Debug)]
pub struct Unchanged {
    pub release_id: String,
    /// Where it is, as a person would type it.
    pub shown: String,
    /// The bytes of its summary.
    pub summary: Vec<u8>,
    pub counts: serde_json::Value,
    pub checks: Vec<Outcome>,
    /// The day of its newest participating list.
    pub newest: Option<Date>,
    /// The day of its newest pending list.
    pub newest_pending: Option<Date>,
    /// Files that were refused, with the reason.
    pub refused: Vec<(String, String)>,
}

impl Unchanged {
    /// The current release, if this request has made it and it is whole.
    pub fn of(current: &Current, request_sha256: &str) -> Option<Self> {
        let Current { release, run, shown, .. } = current;
        if run["request_sha256"] != request_sha256 {
            return None;
        }
        let damage = release.damage().ok()?;
        if !damage.is_empty() {
            tracing::warn!("the release is not as it was written, and is made again: {}", damage.join("; "));
            return None;
        }
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let lists = run["inputs"].as_array()?.iter();
        let refused = lists.filter(|list| list["list_status"] == "quarantined");
        let refused = refused.map(|list| (text(&list["file_name"]), text(&list["reason"]))).collect();
        Some(Self {
            release_id: text(&run["release_id"]),
            shown: shown.clone(),
            summary: std::fs::read(release.dir.join(SUMMARY_JSON)).ok()?,
            counts: run["counts"].clone(),
            checks: serde_json::from_value(run["checks"].clone()).ok()?,
            newest: run["newest_list_date"].as_str()?.parse().ok(),
            newest_pending: run["newest_pending_list_date"].as_str().and_then(|day| day.parse().ok()),
            refused,
        })
    }
}

/// The tables of a release on disk.
pub struct ReleaseTables<'a> {
    release: &'a Release,
    tables: &'a Tables,
}

impl TableSource for ReleaseTables<'_> {
    fn read(&self, table: &str, wanted: Wanted) -> Result<DataFrame, FrameError> {
        let shape = |message: String| FrameError::Shape { table: table.to_owned(), message };
        let spec = self.tables.find(table).ok_or_else(|| shape("has no spec".into()))?;
        let path = self.release.dir.join(format!("{table}.parquet"));
        read_table(spec, &path, wanted).map_err(|e| match e {
            PublishError::Frame(error) => error,
            other => FrameError::Unreadable(other.to_string()),
        })
    }
}

/// A release on disk.
#[derive(Debug)]
pub struct Release {
    pub dir: PathBuf,
    /// Of one in an object store: its copy, gone when this is dropped.
    _copy: Option<tempfile::TempDir>,
}

impl Release {
    /// The release in a folder.
    pub fn at(dir: PathBuf) -> Self {
        Self { dir, _copy: None }
    }

    /// The copy of a release.
    pub fn copied(copy: tempfile::TempDir) -> Self {
        Self { dir: copy.path().to_owned(), _copy: Some(copy) }
    }

    /// Opens a release: its own folder, or an output folder (or object store) with a current one.
    pub fn open(path: &Path) -> Result<Self, PublishError> {
        if is_address(path) {
            let message = || "holds no current release; `coverage287 run` makes one".to_owned();
            return match Place::new(path)?.current()? {
                Some(current) => Ok(current.release),
                None => Err(PublishError::Unreadable { path: path.to_owned(), message: message() }),
            };
        }
        let current = path.join(CURRENT);
        let dir = if current.exists() { current } else { path.to_owned() };
        if dir.join("datapackage.json").is_file() {
            return Ok(Self::at(dir));
        }
        let message = "is not a release, and holds none; `coverage287 run` makes one".to_owned();
        Err(PublishError::Unreadable { path: path.to_owned(), message })
    }

    /// Reads some of its tables.
    pub fn frames(&self, tables: &Tables, names: &[&str]) -> Result<Frames, PublishError> {
        let mut frames = Frames::default();
        for table in tables.iter().filter(|table| names.contains(&table.name.as_str())) {
            let path = self.dir.join(format!("{}.parquet", table.name));
            frames.insert(&table.name, read_table(table, &path, Wanted::default())?);
        }
        Ok(frames)
    }

    /// Some columns of a table, as far as the release has them; empty where it does not have the table.
    pub fn columns(&self, tables: &Tables, table: &str, columns: &[&str]) -> Result<DataFrame, PublishError> {
        let path = self.dir.join(format!("{table}.parquet"));
        match tables.find(table) {
            Some(spec) if path.is_file() => super::parquet_file::read_columns(spec, &path, columns),
            _ => Ok(DataFrame::empty()),
        }
    }

    /// Its tables, read when they are asked for.
    pub fn tables<'a>(&'a self, tables: &'a Tables) -> ReleaseTables<'a> {
        ReleaseTables { release: self, tables }
    }

    /// What is wrong with it: files that are missing or changed since they were written.
    pub fn damage(&self) -> Result<Vec<String>, PublishError> {
        let path = self.dir.join("datapackage.json");
        let unreadable = |message: String| PublishError::Unreadable { path: path.clone(), message };
        let text = std::fs::read(&path).map_err(|e| unreadable(e.to_string()))?;
        let package: serde_json::Value =
            serde_json::from_slice(&text).map_err(|e| unreadable(e.to_string()))?;
        let resources =
            package["resources"].as_array().ok_or_else(|| unreadable("names no tables".into()))?;
        let mut damage = Vec::new();
        for resource in resources {
            let name = resource["path"].as_str().unwrap_or_default();
            let plain = !name.contains(['/', '\\']) && !name.is_empty();
            match std::fs::read(self.dir.join(name)) {
                Ok(bytes) if plain => {
                    let found = format!("sha256:{}", hex(&Sha256::digest(&bytes)));
                    if resource["hash"].as_str() != Some(&found) {
                        damage.push(format!("{name}: its content is not what was written ({found})"));
                    }
                }
                Ok(_) => damage.push(format!("{name}: is not a file name of a release")),
                Err(e) => damage.push(format!("{name}: {e}")),
            }
        }
        damage.extend(self.damaged_documents());
        Ok(damage)
    }

    /// The documents beside the tables, by the hashes in `run.json`.
    fn damaged_documents(&self) -> Vec<String> {
        let text = std::fs::read(self.dir.join(RUN_JSON)).unwrap_or_default();
        let run: serde_json::Value = match serde_json::from_slice(&text) {
            Ok(run) => run,
            Err(e) => return vec![format!("{RUN_JSON}: is missing or not what was written ({e})")],
        };
        let mut damage = Vec::new();
        let outputs = || run["outputs"].as_array().into_iter().flatten();
        let named = outputs().filter_map(|output| output["path"].as_str());
        // Tables are checked by the package; pages and pictures are whatever the run says it wrote.
        let documents = named.filter(|name| !name.ends_with(".parquet") && !name.contains(['/', '\\']));
        let documents: BTreeSet<&str> =
            ["datapackage.json", "dictionary.md", SUMMARY_JSON].into_iter().chain(documents).collect();
        for name in documents {
            let expected = outputs().filter(|o| o["path"] == name).find_map(|o| o["sha256"].as_str());
            let found = std::fs::read(self.dir.join(name)).map(|bytes| hex(&Sha256::digest(bytes))).ok();
            if expected.is_none() || expected != found.as_deref() {
                damage.push(format!("{name}: its content is not what was written"));
            }
        }
        damage
    }
}
