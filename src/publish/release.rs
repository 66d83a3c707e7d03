//! A release: built aside, put in place in one step, opened again.
//!
//! `OUT/releases/<id>/` holds the tables and their documents, `OUT/current` points at the newest one. A
//! run that fails leaves both as they were.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::PublishError;
use super::package::Written;
use super::parquet_file::{read_table, write_batches, write_table};
use crate::batches::Batches;
use crate::frames::{FrameError, Frames, TableSource};
use crate::fs;
use crate::progress::Progress;
use crate::spec::{TableSpec, Tables, hex};
use crate::watch::{Seen, Watch};
use polars::frame::DataFrame;

/// Version of the public tables; documented in CHANGELOG.md.
pub const SCHEMA_VERSION: u32 = 1;

const CURRENT: &str = "current";
const RELEASES: &str = "releases";
/// The file whose name marks a release; also the only one that tells of a run and not of the data.
pub const RUN_JSON: &str = "run.json";

/// The last words of the run that made a release, as data.
pub const SUMMARY_JSON: &str = "summary.json";

/// A current release that a run would only make again.
#[derive(Debug)]
pub struct Unchanged {
    pub release_id: String,
    pub dir: PathBuf,
    /// The bytes of its summary.
    pub summary: Vec<u8>,
    pub counts: serde_json::Value,
    pub checks: serde_json::Value,
    /// Files that were refused, with the reason.
    pub refused: Vec<(String, String)>,
}

impl Unchanged {
    /// The current release below `out`, if this request has made it and it is whole.
    pub fn of(out: &Path, request_sha256: &str) -> Option<Self> {
        let target = std::fs::read_link(out.join(CURRENT)).ok()?;
        let release = Release { dir: out.join(target) };
        let run = std::fs::read(release.dir.join(RUN_JSON)).ok()?;
        let run: serde_json::Value = serde_json::from_slice(&run).ok()?;
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
        let summary = std::fs::read(release.dir.join(SUMMARY_JSON)).ok()?;
        let (counts, checks) = (run["counts"].clone(), run["checks"].clone());
        Some(Self {
            release_id: text(&run["release_id"]),
            dir: release.dir,
            summary,
            counts,
            checks,
            refused,
        })
    }
}

/// What was published.
#[derive(Debug)]
pub struct Published {
    pub dir: PathBuf,
    /// False where the same release was there already, whole.
    pub is_new: bool,
}

/// Files of a release by name; the bytes are final.
pub type Files = Vec<(String, Vec<u8>)>;

/// Every table of a release, encoded.
pub struct Encoded {
    pub files: Files,
    pub written: Vec<Written>,
    /// Pages and pictures beside the tables.
    pub documents: Files,
    /// What was seen of each large table on its way.
    pub seen: Vec<(String, Seen)>,
}

/// Encodes every table, in parallel, in the order of the specs.
pub fn encode(
    tables: &Tables,
    frames: &Frames,
    large: &[Batches],
    metadata: &[(String, String)],
    progress: &Progress,
) -> Result<Encoded, PublishError> {
    // The large ones first: they take the longest.
    let mut specs: Vec<(usize, &TableSpec)> = tables.iter().enumerate().collect();
    let large_of = |table: &TableSpec| large.iter().find(|batches| batches.table.name == table.name);
    specs.sort_by_key(|(at, table)| (large_of(table).is_none(), *at));
    let bar = progress.bar("encoding", specs.len());
    let mut encoded: Vec<_> = specs
        .par_iter()
        .with_max_len(1)
        .map(|(at, table)| {
            let mut pairs = metadata.to_vec();
            pairs.push(("table_description".into(), table.description.clone()));
            let (bytes, seen) = match large_of(table) {
                Some(batches) => {
                    let mut watch = Watch::new(table, frames)?;
                    let watched = batches.iter().inspect(|batch| batch.iter().for_each(|b| watch.see(b)));
                    let bytes = write_batches(table, watched, &pairs)?;
                    (bytes, Some(watch.finish()))
                }
                None => (write_table(table, frames.get(&table.name)?, &pairs)?, None),
            };
            let rows = match &seen {
                Some(seen) => seen.rows,
                None => frames.get(&table.name)?.height(),
            };
            let written = Written {
                table: table.name.clone(),
                path: format!("{}.parquet", table.name),
                bytes: bytes.len(),
                sha256: hex(&Sha256::digest(&bytes)),
                rows,
            };
            bar.step();
            Ok((*at, bytes, written, seen))
        })
        .collect::<Result<_, PublishError>>()?;
    bar.done();
    encoded.sort_by_key(|(at, ..)| *at);
    let mut all = Encoded { files: Vec::new(), written: Vec::new(), documents: Vec::new(), seen: Vec::new() };
    for (_, bytes, written, seen) in encoded {
        all.files.push((written.path.clone(), bytes));
        all.seen.extend(seen.map(|seen| (written.table.clone(), seen)));
        all.written.push(written);
    }
    Ok(all)
}

/// Puts a release in place and points `current` at it.
pub fn publish(out: &Path, id: &str, files: &Files, run_json: &[u8]) -> Result<Published, PublishError> {
    let releases = out.join(RELEASES);
    let dir = releases.join(id);
    let is_new = !is_whole(&dir, files);
    remove_leftovers(&releases)?;
    if is_new {
        let aside = releases.join(format!(".{id}.part"));
        fs::remove_dir(&aside)?;
        fs::make_dir(&aside)?;
        // In parallel: each waits for the disk.
        files.par_iter().try_for_each(|(name, bytes)| fs::write(&aside.join(name), bytes))?;
        fs::write(&aside.join(RUN_JSON), run_json)?;
        fs::put_dir(&aside, &dir)?;
    } else {
        // The same bytes by another request, which the next run of it is to find.
        fs::write(&dir.join(RUN_JSON), run_json)?;
    }
    let target = Path::new(RELEASES).join(id);
    if std::fs::read_link(out.join(CURRENT)).ok().as_deref() != Some(target.as_path()) {
        fs::swap_link(&out.join(CURRENT), &target)?;
    }
    Ok(Published { dir, is_new })
}

/// Checks, before anything is made, that a release can be put below `out`.
pub fn check_place(out: &Path) -> Result<(), PublishError> {
    let current = out.join(CURRENT);
    let is_link = std::fs::symlink_metadata(&current).map(|metadata| metadata.file_type().is_symlink());
    match is_link {
        Ok(false) => {
            let message = "is not a link, which a run would point at its release; move it away".to_owned();
            Err(PublishError::Place { path: current, message })
        }
        _ => Ok(()),
    }
}

/// Removes what runs that were killed have left beside the releases; the caller holds the lock.
fn remove_leftovers(releases: &Path) -> Result<(), PublishError> {
    for entry in std::fs::read_dir(releases).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') && (name.ends_with(".part") || name.ends_with(".old")) {
            fs::remove_dir(&entry.path())?;
        }
    }
    Ok(())
}

fn is_whole(dir: &Path, files: &Files) -> bool {
    dir.join(RUN_JSON).is_file()
        && files.iter().all(|(name, bytes)| std::fs::read(dir.join(name)).is_ok_and(|there| there == *bytes))
}

/// The tables of a release on disk.
pub struct ReleaseTables<'a> {
    release: &'a Release,
    tables: &'a Tables,
}

impl ReleaseTables<'_> {
    fn read(&self, table: &str, only: Option<(&str, &str)>) -> Result<DataFrame, FrameError> {
        let shape = |message: String| FrameError::Shape { table: table.to_owned(), message };
        let spec = self.tables.find(table).ok_or_else(|| shape("has no spec".into()))?;
        let path = self.release.dir.join(format!("{table}.parquet"));
        read_table(spec, &path, only).map_err(|e| match e {
            PublishError::Frame(error) => error,
            other => FrameError::Unreadable(other.to_string()),
        })
    }
}

impl TableSource for ReleaseTables<'_> {
    fn table(&self, table: &str) -> Result<DataFrame, FrameError> {
        self.read(table, None)
    }

    fn rows_where(&self, table: &str, column: &str, value: &str) -> Result<DataFrame, FrameError> {
        self.read(table, Some((column, value)))
    }
}

/// A release on disk.
#[derive(Debug)]
pub struct Release {
    pub dir: PathBuf,
}

impl Release {
    /// Opens a release: its own folder, or an output folder with `current` in it.
    pub fn open(path: &Path) -> Result<Self, PublishError> {
        let current = path.join(CURRENT);
        let dir = if current.exists() { current } else { path.to_owned() };
        if dir.join("datapackage.json").is_file() {
            return Ok(Self { dir });
        }
        let message = "is not a release, and holds none; `coverage287 run` makes one".to_owned();
        Err(PublishError::Unreadable { path: path.to_owned(), message })
    }

    /// Reads some of its tables.
    pub fn frames(&self, tables: &Tables, names: &[&str]) -> Result<Frames, PublishError> {
        let mut frames = Frames::default();
        for table in tables.iter().filter(|table| names.contains(&table.name.as_str())) {
            let path = self.dir.join(format!("{}.parquet", table.name));
            frames.insert(&table.name, read_table(table, &path, None)?);
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
