//! Adds lists to the record: what a run would take of them, each as a file of what changed against the list before it.

use std::path::Path;

use super::check::differences;
use super::write::{Before, Sheet, Written, written};
use super::{Record, RecordError};
use crate::acquire::Offered;
use crate::fs::{self, WriteError};
use crate::page::PageStatements;
use crate::panel::{List, Panel, panel, read_all};
use crate::progress::Progress;
use crate::read::{RawList, Reading, Store, read};
use crate::reference::Regions;
use crate::spec::{SpecFiles, Specs};
use crate::words::ListKind;

/// Why nothing was added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Spec(#[from] crate::spec::SpecError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("list {list_id}: what was written does not read as the list it is; please report this file")]
    NotSame { list_id: String },
}

/// What became of the lists that were offered.
#[derive(Debug, Default)]
pub struct Added {
    /// In the order of their days.
    pub lists: Vec<AddedList>,
    /// Names of those that the record had.
    pub known: Vec<String>,
    /// Names and reasons of those that a run would not take; whether they were named themselves.
    pub refused: Vec<(String, String, bool)>,
}

/// A list that was added.
#[derive(Debug)]
pub struct AddedList {
    pub kind: ListKind,
    /// The day it speaks for, among all that are there.
    pub date: String,
    pub file_name: String,
    pub list_id: String,
    /// Its file, below the folder of the record.
    pub path: String,
    pub rows: usize,
    /// Name of the list it is written against; `None`: it is written whole.
    pub against: Option<String>,
    /// Whether no list of its kind is of a later day.
    pub is_newest: bool,
    /// Rows that came, went, changed, moved.
    pub counts: [usize; 4],
    /// State, agency and model of rows that came and of rows that went.
    pub came: Vec<String>,
    pub went: Vec<String>,
}

/// Adds what is offered to the record below a root.
///
/// # Errors
/// [`AddError`]. Files that were written before it stand, and each is whole.
pub fn add(
    record: &Record,
    offered: Vec<Offered>,
    root: &Path,
    files: &SpecFiles,
    specs: &Specs,
) -> Result<Added, AddError> {
    let mut added = Added::default();
    let (known, new): (Vec<Offered>, Vec<Offered>) =
        offered.into_iter().partition(|file| file.list_id().is_some_and(|id| record.position(&id).is_some()));
    added.known = known.into_iter().map(|file| file.file_name).collect();
    if new.is_empty() {
        return Ok(added);
    }
    let reading = Reading { specs, store: &Store::none(), record, progress: &Progress::default() };
    let panel = panel_of(record, &new, &reading, files)?;
    let mut chain = Chain { record, specs, links: Vec::new() };
    for (at, list) in panel.lists.iter().enumerate().filter(|(_, list)| is_taken(list)) {
        chain.links.extend(record.position(&list.list_id).map(|position| Link {
            at,
            list_id: list.list_id.clone(),
            kind: record.lists()[position].kind(),
            sum: record.lists()[position].head.sum.clone(),
            new: None,
        }));
    }
    for (at, list) in panel.lists.iter().enumerate() {
        let Some(file) = new.iter().find(|file| file.list_id().as_ref() == Some(&list.list_id)) else { continue };
        let raw = if is_taken(list) { read(file, &reading).list.ok() } else { None };
        let Some(raw) = raw else {
            let reason = list.reason.clone().unwrap_or_default();
            added.refused.push((list.file_name.clone(), reason, list.is_named));
            continue;
        };
        let kind = raw.layout.kind;
        let sheet = |list: &'_ List, raw: &'_ RawList| -> OwnedSheet {
            OwnedSheet {
                file_name: list.file_name.clone(),
                sha256: list.sha256.clone(),
                list_id: list.list_id.clone(),
                list: raw.clone(),
            }
        };
        let before = chain.before(at, kind).and_then(|link| {
            let raw = chain.list(link)?;
            Some((sheet(&panel.lists[link.at], &raw), link.sum.clone()))
        });
        let own = sheet(list, &raw);
        let written = written(
            &own.sheet(),
            before.as_ref().map(|(sheet, sum)| Before { sheet: sheet.sheet(), sum }).as_ref(),
        );
        let Written { path, text, sum, counts, came, went } = written;
        put(root, &path, &text)?;
        let is_later = |other: &&List| is_taken(other) && other.kind == Some(kind);
        added.lists.push(AddedList {
            kind,
            date: list.day().to_string(),
            file_name: list.file_name.clone(),
            list_id: list.list_id.clone(),
            path,
            rows: raw.rows.len(),
            against: before.map(|(sheet, _)| sheet.file_name),
            is_newest: panel.lists[at + 1..].iter().find(is_later).is_none(),
            counts,
            came,
            went,
        });
        chain.links.push(Link { at, list_id: list.list_id.clone(), kind, sum, new: Some(raw) });
    }
    same_when_read_back(&chain, files)?;
    Ok(added)
}

/// All lists, those of the record and the new ones, with the days they speak for.
fn panel_of(
    record: &Record,
    new: &[Offered],
    reading: &Reading,
    files: &SpecFiles,
) -> Result<Panel, AddError> {
    let mut all = record.offered();
    all.extend(new.iter().cloned());
    let regions = Regions::load(files)?;
    let statements = PageStatements::load(&[], &[], files)
        .map_err(|error| RecordError::of_file("data/statements", error.to_string()))?;
    let read = read_all(&all, reading);
    Ok(panel(read, reading.specs, &regions.states, &regions.counties, &statements, None))
}

/// Whether a run takes it for a list.
fn is_taken(list: &List) -> bool {
    list.refusal.is_none() && list.kind.is_some()
}

/// The lists that one can be written against.
struct Chain<'a> {
    record: &'a Record,
    specs: &'a Specs,
    links: Vec<Link>,
}

struct Link {
    /// Its place among all lists, in the order of their days.
    at: usize,
    list_id: String,
    kind: ListKind,
    /// Of its file.
    sum: String,
    /// `None`: the record has it.
    new: Option<RawList>,
}

impl Chain<'_> {
    /// The list of the kind before a place, or where there is none the first after it.
    fn before(&self, at: usize, kind: ListKind) -> Option<&Link> {
        let of_kind = || self.links.iter().filter(|link| link.kind == kind);
        let before = of_kind().filter(|link| link.at < at).max_by_key(|link| link.at);
        before.or_else(|| of_kind().min_by_key(|link| link.at))
    }

    fn list(&self, link: &Link) -> Option<RawList> {
        let recorded = || self.record.list(self.record.position(&link.list_id)?, &self.specs.layouts).ok();
        link.new.clone().or_else(recorded)
    }
}

struct OwnedSheet {
    file_name: String,
    sha256: String,
    list_id: String,
    list: RawList,
}

impl OwnedSheet {
    fn sheet(&self) -> Sheet<'_> {
        Sheet { file_name: &self.file_name, sha256: &self.sha256, list_id: &self.list_id, list: &self.list }
    }
}

/// Reads the record again: what was added must be what was read.
fn same_when_read_back(chain: &Chain, files: &SpecFiles) -> Result<(), AddError> {
    let specs = chain.specs;
    let record = Record::load(files, &specs.agreements)?;
    for link in &chain.links {
        let Some(raw) = &link.new else { continue };
        let position = record.position(&link.list_id);
        let back = position.and_then(|at| record.list(at, &specs.layouts).ok());
        if !back.is_some_and(|back| differences(raw, &back).is_empty()) {
            return Err(AddError::NotSame { list_id: link.list_id.clone() });
        }
    }
    Ok(())
}

fn put(root: &Path, path: &str, text: &str) -> Result<(), WriteError> {
    let path = root.join(path);
    if let Some(folder) = path.parent() {
        fs::make_dir(folder)?;
    }
    fs::write_for_good(&path, text.as_bytes())
}
