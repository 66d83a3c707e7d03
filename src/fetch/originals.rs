//! The store of originals: every file ever got, by its content, with its origin. Nothing in it is ever overwritten or
//! removed.
//!
//! ```text
//! STORE/lists/<sha256>/<file name>       a list, as published; `run --lists STORE/lists` reads them all
//! STORE/acs/<sha256>/<file name>         an ACS table; STORE/acs/current/<file name> links to the newest
//! STORE/reference/…                      the same for reference files
//! STORE/pages/<sha256>/<file name>       a page that was the list itself, or had a new statement about it
//! STORE/statements/<sha256>.csv          statements of pages about their lists; `run` reads them with the lists
//! STORE/kinds.json                       the state of each kind of list on the page, and since when
//! STORE/refused/<sha256>/<file name>     a spreadsheet that is not taken for a list: kept, for ICE overwrites its own
//! STORE/origins/<sha256>.json            where and when a file was seen, with its headers
//! STORE/marks/<sha256 of address>.json   the mark of an address: what it gave last; written once all of that is safe
//! ```

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::web::{Headers, Known};
use crate::fs::{self, Incoming, WriteError};
use crate::page::Links;
use crate::spec::hex;
use crate::words::ListKind;

/// Folders of the store.
pub const LISTS: &str = "lists";
pub const ACS: &str = "acs";
pub const REFERENCE: &str = "reference";
pub const REFUSED: &str = "refused";
pub const PAGES: &str = "pages";
pub const STATEMENTS: &str = "statements";

/// Most bytes of a record that are read.
const RECORD_BYTES: u64 = 16_000_000;

/// The store's folder.
#[derive(Debug, Clone)]
pub struct Originals {
    dir: PathBuf,
}

/// One sighting of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// `None` for a file that was imported.
    pub address: Option<Url>,
    pub file_name: String,
    /// When, RFC 3339.
    pub first_seen: String,
    pub headers: Headers,
}

/// The origin of a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Origin {
    pub sha256: String,
    pub bytes: u64,
    pub seen: Vec<Sighting>,
}

/// The outcome of putting a file into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Whether the store did not hold it before.
    pub is_new: bool,
    /// When its address first gave it, RFC 3339; `None` where this is the first time.
    pub first_seen: Option<String>,
}

/// A page's title and links, and the fingerprint of the rules that classified the links.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MarkedPage {
    #[serde(default)]
    pub title: String,
    pub links: Links,
    pub told_by: String,
}

/// What an address gave last.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddressMark {
    pub address: Url,
    pub sha256: String,
    /// Folder and name it is stored under; `None` for a page, of which only the links are kept.
    pub stored: Option<(String, String)>,
    pub headers: Headers,
    /// When the address first gave this, RFC 3339.
    pub since: String,
    /// The kind of the list that it gave, or that the page itself was.
    #[serde(default)]
    pub kind: Option<ListKind>,
    /// Rows of that list.
    #[serde(default)]
    pub rows: Option<usize>,
    #[serde(default)]
    pub page: Option<MarkedPage>,
}

impl AddressMark {
    /// Returns the headers for asking the publisher whether this still holds.
    fn known(&self) -> Known {
        Known { etag: self.headers.etag.clone(), last_modified: self.headers.last_modified.clone() }
    }
}

impl Originals {
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Returns the place for a file that is being received.
    pub fn incoming(&self) -> Result<PathBuf, WriteError> {
        fs::make_dir(&self.dir)?;
        Ok(self.dir.join(".incoming.part"))
    }

    fn object(&self, folder: &str, sha256: &str, name: &str) -> PathBuf {
        self.dir.join(folder).join(sha256).join(name)
    }

    /// Whether the store holds a file, with the content that the name of its folder says.
    pub fn holds(&self, folder: &str, sha256: &str, name: &str) -> bool {
        let file = std::fs::File::open(self.object(folder, sha256, name));
        file.is_ok_and(|file| crate::census::sha256_of(file).is_ok_and(|found| found == sha256))
    }

    /// Names under which a content is stored.
    pub fn names(&self, folder: &str, sha256: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.join(folder).join(sha256)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        names
    }

    /// Stores a file with its origin.
    pub fn put(
        &self,
        incoming: Incoming,
        folder: &str,
        (sha256, bytes): (&str, u64),
        sighting: Sighting,
    ) -> Result<Stored, WriteError> {
        let name = sighting.file_name.clone();
        let is_new = !self.holds(folder, sha256, &name);
        if is_new {
            fs::make_dir(&self.dir.join(folder).join(sha256))?;
            incoming.put(&self.object(folder, sha256, &name))?;
        }
        let path = self.dir.join("origins").join(format!("{sha256}.json"));
        let mut origin: Origin = match read(&path) {
            Some(origin) => origin,
            // An origin that cannot be read is kept aside, for a person may still learn from it.
            None if path.exists() => {
                fs::move_aside(&path)?;
                Origin::default()
            }
            None => Origin::default(),
        };
        let seen = |seen: &&Sighting| seen.address == sighting.address && seen.file_name == name;
        let first_seen = origin.seen.iter().find(seen).map(|seen| seen.first_seen.clone());
        if first_seen.is_none() {
            origin = Origin { sha256: sha256.to_owned(), bytes, ..origin };
            origin.seen.push(sighting);
            write(&path, &origin)?;
        }
        Ok(Stored { is_new, first_seen })
    }

    /// Points `current` of a folder at the content that a name has now.
    pub fn point(&self, folder: &str, sha256: &str, name: &str) -> Result<(), WriteError> {
        let current = self.dir.join(folder).join("current");
        fs::make_dir(&current)?;
        fs::swap_link(&current.join(name), &Path::new("..").join(sha256).join(name))
    }

    /// Bytes of the content that a name has now.
    pub fn current_bytes(&self, folder: &str, name: &str) -> Option<u64> {
        std::fs::metadata(self.dir.join(folder).join("current").join(name)).ok().map(|there| there.len())
    }

    fn mark_path(&self, address: &Url) -> PathBuf {
        self.dir.join("marks").join(format!("{}.json", hex(&Sha256::digest(address.as_str()))))
    }

    /// Returns the mark of what an address gave last.
    pub fn mark(&self, address: &Url) -> Option<AddressMark> {
        let mark: AddressMark = read(&self.mark_path(address))?;
        (mark.address == *address).then_some(mark)
    }

    /// Returns the headers for asking whether a mark still holds; none unless all that the address gave is stored
    /// unchanged.
    pub fn known(&self, mark: Option<&AddressMark>) -> Known {
        let is_there = |mark: &&AddressMark| match &mark.stored {
            Some((folder, name)) => self.holds(folder, &mark.sha256, name),
            None => true,
        };
        mark.filter(is_there).map(AddressMark::known).unwrap_or_default()
    }

    /// When a content was first seen, RFC 3339, if it was.
    pub fn first_seen(&self, sha256: &str) -> Option<String> {
        let origin: Origin = read(&self.dir.join("origins").join(format!("{sha256}.json")))?;
        origin.seen.into_iter().map(|seen| seen.first_seen).min()
    }

    /// A record of the store by its name.
    pub fn record<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        read(&self.dir.join(name))
    }

    /// Writes a record of the store.
    pub fn set_record(&self, name: &str, record: &impl Serialize) -> Result<(), WriteError> {
        write(&self.dir.join(name), record)
    }

    /// Puts a table of statements into the store; returns its name, and whether it is new.
    pub fn put_statements(&self, table: &[u8]) -> Result<(String, bool), WriteError> {
        let name = format!("{}.csv", hex(&Sha256::digest(table)));
        let path = self.dir.join(STATEMENTS).join(&name);
        let is_new = std::fs::read(&path).ok().as_deref() != Some(table);
        if is_new {
            fs::make_dir(&self.dir.join(STATEMENTS))?;
            fs::write_for_good(&path, table)?;
        }
        Ok((name, is_new))
    }

    /// Remembers what an address gave; called last, once that is safe.
    pub fn set_mark(&self, mark: &AddressMark) -> Result<(), WriteError> {
        write(&self.mark_path(&mark.address), mark)
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let size = std::fs::metadata(path).ok()?.len();
    let text = (size <= RECORD_BYTES).then(|| std::fs::read(path).ok())??;
    serde_json::from_slice(&text).ok()
}

fn write(path: &Path, record: &impl Serialize) -> Result<(), WriteError> {
    path.parent().map_or(Ok(()), fs::make_dir)?;
    let mut text = serde_json::to_vec_pretty(record).expect("records are plain data");
    text.push(b'\n');
    fs::write_for_good(path, &text)
}
