//! A release on disk, opened again: its tables, and what is wrong with it.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::PublishError;
use super::parquet_file::read_table;
use super::run_json::{RUN_JSON, RunRecord};
use crate::spec::{Tables, hex};
use crate::table::{Table, TableError, TableSet, TableSource, Wanted};

/// Version of the public tables; documented in CHANGELOG.md.
pub const SCHEMA_VERSION: u32 = 1;

/// The last words of the run that made a release, as data.
pub const SUMMARY_JSON: &str = "summary.json";

/// The tables of a release on disk.
pub struct ReleaseTables<'a> {
    release: &'a Release,
    tables: &'a Tables,
}

impl TableSource for ReleaseTables<'_> {
    fn read(&self, table: &str, wanted: Wanted) -> Result<Table, TableError> {
        let shape = |message: String| TableError::Shape { table: table.to_owned(), message };
        let spec = self.tables.find(table).ok_or_else(|| shape("has no spec".into()))?;
        let path = self.release.dir.join(format!("{table}.parquet"));
        read_table(spec, &path, wanted).map_err(|e| match e {
            PublishError::Table(error) => error,
            other => TableError::Unreadable(other.to_string()),
        })
    }
}

/// A release on disk.
#[derive(Debug)]
pub struct Release {
    pub dir: PathBuf,
    /// The copy of a release in an object store; it is removed when this is dropped.
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

    /// Reads some of its tables.
    pub fn table_set(&self, tables: &Tables, names: &[&str]) -> Result<TableSet, PublishError> {
        let mut set = TableSet::default();
        for table in tables.iter().filter(|table| names.contains(&table.name.as_str())) {
            let path = self.dir.join(format!("{}.parquet", table.name));
            set.insert(&table.name, read_table(table, &path, Wanted::default())?);
        }
        Ok(set)
    }

    /// Some columns of a table, as far as the release has them; empty where it does not have the table.
    pub fn columns(&self, tables: &Tables, table: &str, columns: &[&str]) -> Result<Table, PublishError> {
        let path = self.dir.join(format!("{table}.parquet"));
        match tables.find(table) {
            Some(spec) if path.is_file() => super::parquet_file::read_columns(spec, &path, columns),
            _ => Ok(Table::empty()),
        }
    }

    /// Its tables, read when they are asked for.
    pub fn tables<'a>(&'a self, tables: &'a Tables) -> ReleaseTables<'a> {
        ReleaseTables { release: self, tables }
    }

    /// Lists the damage: files that are missing or changed since they were written.
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
            if !is_plain(name) {
                damage.push(format!("{name:?}: is not a file name of a release"));
                continue;
            }
            match self.digest(name) {
                Ok(digest) => {
                    let found = format!("sha256:{digest}");
                    if resource["hash"].as_str() != Some(&found) {
                        damage.push(format!("{name}: its content is not what was written ({found})"));
                    }
                }
                Err(e) => damage.push(format!("{name}: {e}")),
            }
        }
        damage.extend(self.damaged_documents());
        Ok(damage)
    }

    /// The SHA-256 of one of its files, in lower-case hexadecimal. What is not a regular file (a device never ends) is
    /// not read.
    fn digest(&self, name: &str) -> std::io::Result<String> {
        let path = self.dir.join(name);
        if !std::fs::metadata(&path)?.is_file() {
            return Err(std::io::Error::other("is not a regular file"));
        }
        let (mut digest, mut file) = (Sha256::new(), std::fs::File::open(path)?);
        let mut chunk = vec![0; 64 * 1024];
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(hex(&digest.finalize())),
                count => digest.update(&chunk[..count]),
            }
        }
    }

    /// Returns the damaged documents beside the tables, by the hashes in `run.json`.
    fn damaged_documents(&self) -> Vec<String> {
        let text = std::fs::read(self.dir.join(RUN_JSON)).unwrap_or_default();
        let run: RunRecord = match serde_json::from_slice(&text) {
            Ok(run) => run,
            Err(e) => return vec![format!("{RUN_JSON}: is missing or not what was written ({e})")],
        };
        let mut damage = Vec::new();
        let named = run.outputs.iter().map(|output| output.path.as_str());
        // Tables are checked by the package; pages and pictures are whatever the run says it wrote.
        let documents = named.filter(|name| !name.ends_with(".parquet") && is_plain(name));
        let documents: BTreeSet<&str> =
            ["datapackage.json", "dictionary.md", SUMMARY_JSON].into_iter().chain(documents).collect();
        for name in documents {
            let written = run.outputs.iter().find(|output| output.path == name);
            let found = self.digest(name).ok();
            if written.is_none_or(|output| found.as_deref() != Some(output.sha256.as_str())) {
                damage.push(format!("{name}: its content is not what was written"));
            }
        }
        damage
    }
}

/// Whether a name is that of a file in the folder itself.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '\\'])
}
