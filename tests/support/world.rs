//! A publisher with a page and lists, a store, and the built program between them.

use std::path::{Path, PathBuf};

use super::publisher::{Play, Publisher};
use super::{BAY, HEADERS, Row, program, workbook, workbook_with};

pub const PARTICIPATING: &str = "/doclib/participatingAgencies06062025am.xlsx";
pub const PENDING: &str = "/doclib/pendingAgencies06062025am.xlsx";

/// A publisher with a page, a participating and a pending list.
pub struct World {
    pub dir: tempfile::TempDir,
    pub publisher: Publisher,
    pub root: PathBuf,
}

impl World {
    pub fn new() -> Self {
        Self::with(|spec| spec)
    }

    pub fn with(change: impl FnOnce(String) -> String) -> Self {
        Self::of(Publisher::start(), change)
    }

    pub fn of(publisher: Publisher, change: impl FnOnce(String) -> String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = publisher.root(dir.path(), change);
        let world = Self { dir, publisher, root };
        world.publisher.page_with(&[PARTICIPATING, PENDING]);
        world.publisher.play(PARTICIPATING, Play::File(list(&[BAY])));
        world.publisher.play(PENDING, Play::File(pending()));
        world
    }

    pub fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    /// Fetches, and returns exit code and output.
    pub fn fetch(&self, more: &[&str]) -> (i32, String) {
        let mut command = program();
        command.arg("fetch").arg("--root").arg(&self.root).arg("--store").arg(self.store()).args(more);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    pub fn lists(&self, more: &[&str]) -> (i32, String) {
        self.fetch(&[&["lists"], more].concat())
    }

    /// Returns the record of the last fetch.
    pub fn last_run(&self) -> serde_json::Value {
        super::last_run(&self.store())
    }

    /// The counts of the last fetch: new files, and files that were as before.
    pub fn new_and_unchanged(&self) -> (u64, u64) {
        let counts = &self.last_run()["counts"];
        (counts["new_files"].as_u64().unwrap(), counts["unchanged_files"].as_u64().unwrap())
    }

    /// Returns the files of a folder of the store: sha256 and name.
    pub fn stored(&self, folder: &str) -> Vec<(String, String)> {
        files(&self.store().join(folder))
    }
}

pub fn files(folder: &Path) -> Vec<(String, String)> {
    let name = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut found = Vec::new();
    for of_content in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(of_content.path()).into_iter().flatten().flatten() {
            found.push((name(&of_content), name(&file)));
        }
    }
    found.sort();
    found
}

pub fn bytes_of(make: impl FnOnce(&Path)) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("list.xlsx");
    make(&path);
    std::fs::read(path).unwrap()
}

pub fn list(rows: &[Row]) -> Vec<u8> {
    bytes_of(|path| workbook(path, rows))
}

pub fn pending() -> Vec<u8> {
    let gulf = Row { agency: "Gulf County Sheriff's Office", ..BAY };
    bytes_of(|path| workbook_with(path, &HEADERS[..5], &[gulf], |_| {}))
}

pub fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    coverage287::spec::hex(&Sha256::digest(bytes))
}
