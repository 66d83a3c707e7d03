//! Keeps the reading of each file by the file's content, so that a daily run reads only new files.
//!
//! An entry holds the rows as printed and nothing derived from them, so that a new vocabulary, rule or reference
//! table makes no entry outdated. An entry is used only if the same reader wrote it, its layout is still the same, and
//! it is within today's bounds. An entry that is damaged, or lies under another's name, is ignored. A refused file has
//! no entry, nor has a file of which anything was set aside, for that depends on more.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{RawList, as_headers};
use crate::fs::{self, WriteError};
use crate::spec::{Bounds, Layouts};

/// Digest of the source code that decides what is read from a file.
const READER: &str = env!("COVERAGE287_READER");

/// Level of compression; higher ones take longer than they save.
const ZSTD_LEVEL: i32 = 1;

/// Bytes an entry may inflate to: more than any list within the bounds.
const ENTRY_BYTES: usize = 64_000_000;

/// A folder of entries, or none.
#[derive(Debug, Clone, Default)]
pub struct Store {
    dir: Option<PathBuf>,
    /// Whether nothing is taken from it, only put into it.
    is_write_only: bool,
    /// Whether nothing is put into it, only taken from it.
    is_read_only: bool,
}

/// An entry to put into the store: its file name and bytes.
#[derive(Debug)]
pub struct Entry {
    name: String,
    bytes: Vec<u8>,
}

#[derive(Serialize)]
struct Written<'a> {
    reader: &'a str,
    key: &'a str,
    list: &'a RawList,
}

#[derive(Deserialize)]
struct Kept {
    reader: String,
    key: String,
    list: RawList,
}

impl Store {
    /// The store in a folder, which need not exist yet.
    pub fn new(dir: &Path) -> Self {
        Self { dir: Some(dir.to_owned()), ..Self::default() }
    }

    /// Returns the same store, into which nothing is put.
    pub fn read_only(self) -> Self {
        Self { is_read_only: true, ..self }
    }

    /// The store in a folder, from which nothing is taken.
    pub fn to(dir: &Path) -> Self {
        Self { is_write_only: true, ..Self::new(dir) }
    }

    /// A store that holds nothing and takes nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns the reading of the file with this key, if the file would be read the same today.
    pub(super) fn get(&self, key: &str, layouts: &Layouts, bounds: &Bounds) -> Option<RawList> {
        let dir = self.dir.as_ref().filter(|_| !self.is_write_only)?;
        let path = dir.join(file_name(key));
        if std::fs::metadata(&path).ok()?.len() > ENTRY_BYTES as u64 {
            return None;
        }
        let bytes = std::fs::read(path).ok()?;
        let kept: Kept = postcard::from_bytes(&unpack(&bytes)?).ok()?;
        let list = kept.list;
        let same_layout = layouts.find(&as_headers(&list.printed_columns)) == Some(&list.layout);
        let valid = (kept.reader.as_str(), kept.key.as_str()) == (READER, key)
            && same_layout
            && is_plain(&list)
            && list.sizes.fit(bounds)
            && list.rows.len() <= bounds.rows as usize
            && list.texts.are_whole(&list.rows);
        valid.then_some(list)
    }

    /// The entry that keeps a list; `None` where there is no store.
    pub(super) fn entry(&self, key: &str, list: &RawList) -> Option<Entry> {
        self.dir.as_ref().filter(|_| is_plain(list))?;
        let bytes = postcard::to_stdvec(&Written { reader: READER, key, list }).ok()?;
        Some(Entry { name: file_name(key), bytes: pack(&bytes)? })
    }

    /// Puts entries in place.
    pub fn put<'a>(&self, entries: impl Iterator<Item = &'a Entry>) -> Result<(), WriteError> {
        let Some(dir) = self.dir.as_ref().filter(|_| !self.is_read_only) else { return Ok(()) };
        let mut entries = entries.peekable();
        if entries.peek().is_some() {
            fs::make_dir(dir)?;
        }
        // Entries are not flushed: where a power cut damages one, the file is read again.
        entries.try_for_each(|entry| fs::write_unflushed(&dir.join(&entry.name), &entry.bytes))
    }
}

/// The name of an entry's file: its ending is not a list's, for a folder of lists may hold the store.
fn file_name(key: &str) -> String {
    format!("{key}.read")
}

/// Whether all of the file is in the list.
fn is_plain(list: &RawList) -> bool {
    list.aside.is_empty()
        && list.lost_links == 0
        && list.stray_cells == 0
        && list.rows_seen as usize == list.rows.len()
}

fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL).ok()?;
    compressor.include_checksum(true).ok()?;
    compressor.compress(bytes).ok()
}

fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(bytes).ok()??;
    let size = usize::try_from(size).ok().filter(|size| *size <= ENTRY_BYTES)?;
    zstd::bulk::decompress(bytes, size).ok()
}
