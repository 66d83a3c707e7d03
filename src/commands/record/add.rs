//! Adds lists to the record: each list that a run would take, as a file of its changes against the list before it.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::acquire::Offered;
use crate::error::Error;
use crate::fs::{self, WriteError};
use crate::page::{FactsError, PageStatements};
use crate::panel::{List, Panel, Reading, panel, read_all};
use crate::progress::Progress;
use crate::read::{RawList, Store, read};
use crate::record::{
    Before, FILE_BYTES, Record, RecordError, RecordSheet, WrittenList, differences, written,
};
use crate::reference::Regions;
use crate::spec::{SpecFiles, Specs};
use crate::words::{ListAt, ListKind, ListStatus};

/// The reason why nothing was added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Spec(#[from] crate::spec::SpecError),
    #[error(transparent)]
    Statements(#[from] FactsError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(
        "list {list_id}: the text made for the record does not read back as the same list; please report the file of the list"
    )]
    NotSame { list_id: String },
}

impl From<AddError> for Error {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Record(error) => Self::Record(error),
            AddError::Spec(error) => Self::Spec(error),
            AddError::Statements(error) => Self::Statements(error),
            AddError::Write(error) => Self::Write(error),
            AddError::NotSame { .. } => Self::Internal(error.to_string()),
        }
    }
}

/// The lists that were offered, by what became of them.
#[derive(Debug, Default)]
pub struct Added {
    /// The lists that were added, in the order of their days.
    pub lists: Vec<AddedList>,
    /// Names of lists that the record already had.
    pub known: Vec<String>,
    /// Names and reasons of files that a run would not take; whether each was named itself.
    pub refused: Vec<(String, String, bool)>,
}

/// A list that was added.
#[derive(Debug)]
pub struct AddedList {
    pub kind: ListKind,
    /// The day that the list speaks for, among all lists.
    pub date: String,
    pub file_name: String,
    pub list_id: String,
    /// Path of the list's file, below the folder of the record.
    pub path: String,
    pub rows: usize,
    /// Name of the list that this one is written as changes from; `None`: it is written whole.
    pub against: Option<String>,
    /// Whether the record had no later list of the same kind.
    pub follows_record: bool,
    /// Why a run does not use the list for its day, if it does not.
    pub note: Option<String>,
    /// Numbers of rows that came, went, changed and moved.
    pub counts: [usize; 4],
    /// Rows that came and rows that went, by agency, state and model.
    pub came: Vec<String>,
    pub went: Vec<String>,
}

/// Lists to add, and their files.
#[derive(Debug, Default)]
pub struct AddPlan {
    pub added: Added,
    /// Each file's path below the project and its text, after the file that it is written as changes from.
    pub files: Vec<(ListKind, String, String)>,
    /// The lists by their ids, as they are read from their workbooks.
    pub lists: Vec<(String, RawList)>,
}

/// Adds the offered lists to the record below a root. `statements` are folders of statements of ICE's page, beside
/// those that the program ships.
///
/// # Errors
/// [`AddError`]: nothing was written, or only files before the failure, and each of these is whole.
pub fn add(
    record: &Record,
    offered: Vec<Offered>,
    statements: &[PathBuf],
    root: &Path,
    files: &SpecFiles,
    specs: &Specs,
) -> Result<Added, AddError> {
    let regions = Regions::load(files)?;
    let statements = PageStatements::load(&[], statements, files)?;
    let plan = plan(record, offered, specs, &regions, &statements);
    if plan.files.is_empty() {
        return Ok(plan.added);
    }
    // Before anything is written: the record must read back as the lists that were read.
    let mut all = Record::files(files)?;
    all.extend(plan.files.iter().map(|(kind, path, text)| (*kind, path.clone(), text.clone().into_bytes())));
    let longer = Record::of_files(all, &specs.agreements.bounds)?;
    for (list_id, list) in &plan.lists {
        let back = longer.position(list_id).and_then(|at| longer.list(at, &specs.layouts).ok());
        if !back.is_some_and(|back| differences(list, &back).is_empty()) {
            return Err(AddError::NotSame { list_id: list_id.clone() });
        }
    }
    for (_, path, text) in &plan.files {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            fs::make_dir(folder)?;
        }
        fs::write_for_good(&path, text.as_bytes())?;
    }
    Ok(plan.added)
}

/// Plans what would be added, and writes nothing.
pub fn plan(
    record: &Record,
    offered: Vec<Offered>,
    specs: &Specs,
    regions: &Regions,
    statements: &PageStatements,
) -> AddPlan {
    let is_known = |file: &Offered| file.list_id().is_some_and(|id| record.position(&id).is_some());
    let (known, new): (Vec<Offered>, Vec<Offered>) = offered.into_iter().partition(is_known);
    let mut plan = AddPlan::default();
    plan.added.known = known
        .into_iter()
        .map(|file| (file.list_id(), file.file_name))
        .collect::<BTreeMap<_, _>>()
        .into_values()
        .collect();
    if new.is_empty() {
        return plan;
    }
    let store = Store::none();
    let reading = Reading { specs, store: &store, record, progress: &Progress::default() };
    // All lists, with the days they speak for.
    let all = record.with(new.clone());
    let read_lists = read_all(&all, &reading);
    let panel = panel(read_lists, specs, &regions.states, &regions.counties, statements, None);
    let mut chain = Chain::new(record, specs, &panel);
    let by_id: HashMap<String, &Offered> =
        new.iter().filter_map(|file| Some((file.list_id()?, file))).collect();
    for (at, list) in panel.lists.iter_enumerated() {
        let Some(file) = by_id.get(&list.list_id) else { continue };
        let raw = if is_taken(list) { read(file, specs, &store).list.ok() } else { None };
        let Some(raw) = raw else {
            let reason = list.reason.clone().unwrap_or_default();
            plan.added.refused.push((list.file_name.clone(), reason, list.is_named));
            continue;
        };
        let kind = raw.layout.kind;
        let before = chain.before(at, kind).and_then(|link| Some((link, chain.list(link)?)));
        let own = sheet(list, &raw);
        let against = before.as_ref().map(|(link, raw)| Before {
            sheet: sheet(&panel.lists[link.at], raw),
            links: link.links.as_deref(),
            cells: &link.cells,
        });
        let WrittenList { path, text, links, cells, counts, came, went } = written(&own, against.as_ref());
        if text.len() as u64 > FILE_BYTES {
            let reason = format!("it would be recorded in a file of more than {FILE_BYTES} bytes");
            plan.added.refused.push((list.file_name.clone(), reason, list.is_named));
            continue;
        }
        let follows_record =
            !chain.links.iter().any(|link| link.kind == kind && link.is_recorded() && link.at > at);
        plan.added.lists.push(AddedList {
            kind,
            date: list.day().to_string(),
            file_name: list.file_name.clone(),
            list_id: list.list_id.clone(),
            path: path.clone(),
            rows: raw.rows.len(),
            against: before.map(|(link, _)| panel.lists[link.at].file_name.clone()),
            follows_record,
            note: list.reason.clone().filter(|_| list.status != ListStatus::Accepted),
            counts,
            came,
            went,
        });
        plan.files.push((kind, path, text));
        chain.links.push(ChainLink { at, list_id: list.list_id.clone(), kind, links, cells, new: Some(raw) });
    }
    plan.lists = chain.links.into_iter().filter_map(|link| Some((link.list_id, link.new?))).collect();
    plan
}

fn sheet<'a>(list: &'a List, raw: &'a RawList) -> RecordSheet<'a> {
    RecordSheet { file_name: &list.file_name, sha256: &list.sha256, list_id: &list.list_id, list: raw }
}

/// Whether a run takes the file for a list.
fn is_taken(list: &List) -> bool {
    list.refusal.is_none() && list.kind.is_some()
}

/// The lists that another can be written as changes from.
struct Chain<'a> {
    record: &'a Record,
    specs: &'a Specs,
    links: Vec<ChainLink>,
}

struct ChainLink {
    /// Position of the list among all lists, in the order of their days.
    at: ListAt,
    list_id: String,
    kind: ListKind,
    /// Prefix of links and digits of cells, as in the head of the list's file.
    links: Option<String>,
    cells: String,
    /// The list, if it is new; `None`: the record has it.
    new: Option<RawList>,
}

impl<'a> Chain<'a> {
    /// Makes the chain of the lists that the record has, in the order of their days.
    fn new(record: &'a Record, specs: &'a Specs, panel: &Panel) -> Self {
        let link = |(at, list): (ListAt, &List)| {
            let recorded = &record.lists()[record.position(&list.list_id)?];
            Some(ChainLink {
                at,
                list_id: list.list_id.clone(),
                kind: recorded.kind(),
                links: recorded.head.links.clone(),
                cells: recorded.head.cells.clone(),
                new: None,
            })
        };
        let taken = panel.lists.iter_enumerated().filter(|(_, list)| is_taken(list));
        Self { record, specs, links: taken.filter_map(link).collect() }
    }

    /// Returns the list of the kind before a position or, where there is none, the first after it.
    fn before(&self, at: ListAt, kind: ListKind) -> Option<&ChainLink> {
        let of_kind = || self.links.iter().filter(|link| link.kind == kind);
        let before = of_kind().filter(|link| link.at < at).max_by_key(|link| link.at);
        before.or_else(|| of_kind().min_by_key(|link| link.at))
    }

    fn list(&self, link: &ChainLink) -> Option<RawList> {
        let recorded = || self.record.list(self.record.position(&link.list_id)?, &self.specs.layouts).ok();
        link.new.clone().or_else(recorded)
    }
}

impl ChainLink {
    fn is_recorded(&self) -> bool {
        self.new.is_none()
    }
}
