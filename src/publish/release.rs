//! A release: built aside, put in place in one step, opened again.
//!
//! `OUT/releases/<id>/` holds the tables and their documents, `OUT/current` points at the newest one. A
//! run that fails leaves both as they were.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::PublishError;
use super::package::Written;
use super::parquet_file::{read_table, write_table};
use crate::frames::Frames;
use crate::fs;
use crate::spec::{Tables, hex};

/// Version of the public tables; documented in CHANGELOG.md.
pub const SCHEMA_VERSION: u32 = 1;

const CURRENT: &str = "current";
const RELEASES: &str = "releases";
/// The file whose name marks a release; also the only one that tells of a run and not of the data.
pub const RUN_JSON: &str = "run.json";

/// What was published.
#[derive(Debug)]
pub struct Published {
    pub dir: PathBuf,
    /// False where the same release was there already, whole.
    pub is_new: bool,
}

/// Files of a release by name; the bytes are final.
pub type Files = Vec<(String, Vec<u8>)>;

/// Encodes every table, in parallel, in the order of the specs.
pub fn encode(
    tables: &Tables,
    frames: &Frames,
    metadata: &[(String, String)],
) -> Result<(Files, Vec<Written>), PublishError> {
    let specs: Vec<_> = tables.iter().collect();
    let encoded: Vec<_> = specs
        .par_iter()
        .map(|table| {
            let frame = frames.get(&table.name)?;
            let mut pairs = metadata.to_vec();
            pairs.push(("table_description".into(), table.description.clone()));
            let bytes = write_table(table, frame, &pairs)?;
            let written = Written {
                table: table.name.clone(),
                path: format!("{}.parquet", table.name),
                bytes: bytes.len(),
                sha256: hex(&Sha256::digest(&bytes)),
                rows: frame.height(),
            };
            Ok(((written.path.clone(), bytes), written))
        })
        .collect::<Result<_, PublishError>>()?;
    Ok(encoded.into_iter().unzip())
}

/// Puts a release in place and points `current` at it.
pub fn publish(out: &Path, id: &str, files: &Files, run_json: &[u8]) -> Result<Published, PublishError> {
    let releases = out.join(RELEASES);
    let dir = releases.join(id);
    let is_new = !is_whole(&dir, files);
    if is_new {
        let aside = releases.join(format!(".{id}.part"));
        fs::remove_dir(&aside)?;
        fs::make_dir(&aside)?;
        for (name, bytes) in files {
            fs::write(&aside.join(name), bytes)?;
        }
        fs::write(&aside.join(RUN_JSON), run_json)?;
        fs::put_dir(&aside, &dir)?;
    }
    let target = Path::new(RELEASES).join(id);
    if std::fs::read_link(out.join(CURRENT)).ok().as_deref() != Some(target.as_path()) {
        fs::swap_link(&out.join(CURRENT), &target)?;
    }
    Ok(Published { dir, is_new })
}

fn is_whole(dir: &Path, files: &Files) -> bool {
    dir.join(RUN_JSON).is_file()
        && files.iter().all(|(name, bytes)| std::fs::read(dir.join(name)).is_ok_and(|there| there == *bytes))
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
            frames.insert(&table.name, read_table(table, &path)?);
        }
        Ok(frames)
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
        for name in ["datapackage.json", "dictionary.md"] {
            let outputs = run["outputs"].as_array().into_iter().flatten();
            let expected = outputs.filter(|o| o["path"] == name).find_map(|o| o["sha256"].as_str());
            let found = std::fs::read(self.dir.join(name)).map(|bytes| hex(&Sha256::digest(bytes))).ok();
            if expected.is_none() || expected != found.as_deref() {
                damage.push(format!("{name}: its content is not what was written"));
            }
        }
        damage
    }
}
