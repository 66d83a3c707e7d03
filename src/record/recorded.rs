//! The lists that the project ships, and the cells of each.

use std::collections::HashMap;

use rayon::prelude::*;

use super::apply::{Building, ListRows};
use super::form::{CellMark, unmark};
use super::parse::{Head, RecordError, body, head};
use super::slots::{ENDING, folder};
use crate::acquire::{Offered, Refusal};
use crate::normalise::Slots;
use crate::read::{RawList, RawRow, ReadFile, TextId, Texts, as_headers, cell_slot, link_slot};
use crate::spec::{AgreementSource, Bounds, Layouts, SpecFiles};
use crate::words::ListKind;

/// The most bytes of a file of the record. A list within the bounds that prints its longest cells again and again is
/// larger, and is not recorded.
pub const FILE_BYTES: u64 = 64_000_000;

/// The lists of the record, by their files' names.
#[derive(Debug, Default)]
pub struct Record {
    lists: Vec<Recorded>,
    /// Texts of all cells, each once and with its [`CellMark`].
    texts: Texts,
    /// Rows of all lists; a row that stays as it was stands here once.
    rows: Vec<Slots>,
    by_id: HashMap<String, usize>,
}

/// One list of the record.
#[derive(Debug)]
pub struct Recorded {
    pub head: Head,
    /// Where its file lies: below the project, or below `--root`.
    pub path: String,
    /// Its rows: their numbers, and positions in [`Record::rows`].
    numbers: Vec<u32>,
    rows: Vec<u32>,
}

impl Recorded {
    /// Participating or pending: the folder it lies in.
    pub fn kind(&self) -> ListKind {
        self.head.kind
    }

    /// How many rows it has.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }
}

impl Record {
    /// Reads the record: the program's own files, and those below `--root`.
    ///
    /// # Errors
    /// [`RecordError`]: a file is not as it was written.
    pub fn load(files: &SpecFiles, source: &AgreementSource) -> Result<Self, RecordError> {
        Self::of_files(Self::files(files)?, &source.bounds)
    }

    /// The files of the record, with the kind of their lists and where they lie.
    ///
    /// # Errors
    /// [`RecordError`]: one cannot be read, or is larger than a list may be.
    pub fn files(files: &SpecFiles) -> Result<Vec<(ListKind, String, Vec<u8>)>, RecordError> {
        let mut found = Vec::new();
        for kind in [ListKind::Participating, ListKind::Pending] {
            let folder = folder(kind);
            let of_folder = files.folder(&folder, ENDING, FILE_BYTES).map_err(|error| {
                let cause =
                    std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
                RecordError::of_file(&folder, format!("{error}{cause}"))
            })?;
            found.extend(of_folder.into_iter().map(|(path, bytes)| (kind, path, bytes)));
        }
        Ok(found)
    }

    /// Reads files of the record, each with the kind of its list and its name. The bounds limit how large its lists may
    /// be.
    ///
    /// # Errors
    /// [`RecordError`]: a file is not as it was written.
    pub fn of_files(found: Vec<(ListKind, String, Vec<u8>)>, bounds: &Bounds) -> Result<Self, RecordError> {
        let heads: Vec<Result<(Head, usize), RecordError>> =
            found.par_iter().map(|(kind, path, bytes)| head(*kind, path, bytes)).collect();
        // The first of several wrong files is reported, whichever was read first.
        let heads: Vec<(Head, usize)> = heads.into_iter().collect::<Result<_, _>>()?;
        let mut by_id = HashMap::with_capacity(found.len());
        for (at, (head, _)) in heads.iter().enumerate() {
            if let Some(other) = by_id.insert(head.list_id.clone(), at) {
                let other: &str = &found[other].1;
                let message = format!("is the same list as {other}: take one of the two out");
                return Err(RecordError::of_file(&found[at].1, message));
            }
        }
        let order = in_order(&heads, &by_id, &found)?;
        let mut building = Building::new(bounds);
        let mut done: Vec<Option<ListRows>> = heads.iter().map(|_| None).collect();
        for at in order {
            let (head, from) = &heads[at];
            let (_, path, bytes) = &found[at];
            let before = head.after.as_ref().and_then(|after| by_id.get(&after.list_id)).copied();
            let before = before.and_then(|before| Some((&heads[before].0, done[before].as_ref()?)));
            let steps = body(head, path, bytes, *from)?;
            let applied = building.apply(head, &steps, before);
            let rows = applied.map_err(|(line, message)| RecordError::of_line(path, line, message))?;
            if building.cells_digest(&rows) != head.cells {
                let message = "the cells of the list do not have the digest on this line";
                return Err(RecordError::of_line(path, head.cells_line, message));
            }
            done[at] = Some(rows);
        }
        let lists = heads.into_iter().zip(found).zip(done).map(|(((head, _), (_, path, _)), rows)| {
            let ListRows { numbers, rows } = rows.unwrap_or_default();
            Recorded { head, path, numbers, rows }
        });
        Ok(Self { lists: lists.collect(), texts: building.pool.into_texts(), rows: building.rows, by_id })
    }

    /// The lists of the record.
    pub fn lists(&self) -> &[Recorded] {
        &self.lists
    }

    /// Position of the list with this id.
    pub fn position(&self, list_id: &str) -> Option<usize> {
        self.by_id.get(list_id).copied()
    }

    /// Every list of the record, as a run is offered them.
    pub fn offered(&self) -> Vec<Offered> {
        let offer =
            |(at, list): (usize, &Recorded)| Offered::recorded(&list.head.file_name, &list.head.sha256, at);
        self.lists.iter().enumerate().map(offer).collect()
    }

    /// Every list of the record, and the files that it does not have, as a run is offered them: by name.
    pub fn with(&self, files: Vec<Offered>) -> Vec<Offered> {
        let is_new = |file: &Offered| file.list_id().is_none_or(|id| self.position(&id).is_none());
        let mut all = self.offered();
        all.extend(files.into_iter().filter(is_new));
        all.sort_by(|a, b| a.file_name.cmp(&b.file_name));
        all
    }

    /// Reads a list of the record as it was offered.
    pub fn read(&self, at: usize, offered: &Offered, layouts: &Layouts) -> ReadFile {
        ReadFile::new(offered, self.lists[at].head.sha256.clone(), self.list(at, layouts))
    }

    /// Returns a list as reading its workbook gives it.
    ///
    /// # Errors
    /// [`Refusal`] where no layout has its header any more.
    pub fn list(&self, at: usize, layouts: &Layouts) -> Result<RawList, Refusal> {
        let recorded = &self.lists[at];
        let head = &recorded.head;
        let headers = as_headers(&head.header);
        let Some(layout) = layouts.find(&headers) else {
            return Err(crate::read::unknown_header(&recorded.path, 1, &headers, layouts));
        };
        // The layout decides what a column holds.
        let slots: Vec<(usize, usize)> = head
            .fields
            .iter()
            .zip(&layout.fields)
            .flat_map(|(recorded, field)| {
                let links = field.is_linked().then(|| (link_slot(*recorded), link_slot(*field)));
                std::iter::once((cell_slot(*recorded), cell_slot(*field))).chain(links)
            })
            .collect();
        let prefix = head.links.as_deref().unwrap_or_default();
        let mut local: Vec<Option<TextId>> = vec![None; self.texts.len()];
        let mut texts = Texts::default();
        let mut rows = Vec::with_capacity(recorded.rows.len());
        for (number, row) in recorded.numbers.iter().zip(&recorded.rows) {
            let cells = &self.rows[*row as usize];
            let mut printed = RawRow::new(*number);
            for (from, to) in &slots {
                let Some(id) = cells[*from] else { continue };
                let known = &mut local[id.get() as usize - 1];
                if known.is_none() {
                    *known = match unmark(self.texts.get(id)) {
                        (CellMark::Plain, text) => texts.push(&[text]),
                        (CellMark::Linked, text) => texts.push(&[prefix, text]),
                    };
                }
                printed.slots[*to] = *known;
            }
            rows.push(printed);
        }
        Ok(RawList {
            layout: layout.clone(),
            printed_columns: head.header.clone(),
            rows_seen: rows.len() as u32 + head.stray_rows,
            rows,
            texts,
            blank_rows: head.blank_rows,
            lost_links: head.lost_links,
            stray_cells: head.stray_cells,
            stray_rows: head.stray_rows,
            aside: head.aside.clone(),
            sizes: Default::default(),
            saved: head.saved.clone(),
        })
    }
}

/// Positions of the lists, each after the one it is written against.
fn in_order(
    heads: &[(Head, usize)],
    by_id: &HashMap<String, usize>,
    found: &[(ListKind, String, Vec<u8>)],
) -> Result<Vec<usize>, RecordError> {
    let mut after: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut order: Vec<usize> = Vec::with_capacity(heads.len());
    for (at, (head, _)) in heads.iter().enumerate() {
        let Some(before) = &head.after else {
            order.push(at);
            continue;
        };
        let path = &found[at].1;
        let Some(known) = by_id.get(&before.list_id) else {
            let message = format!(
                "is written against list {} ({}), which is not in the record: its file is missing",
                before.list_id, before.file_name
            );
            return Err(RecordError::of_line(path, before.line, message));
        };
        if heads[*known].0.cells != before.cells {
            let message = format!("is written against {}, whose cells have changed since", found[*known].1);
            return Err(RecordError::of_line(path, before.line, message));
        }
        after.entry(*known).or_default().push(at);
    }
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        order.extend(after.remove(&at).unwrap_or_default());
        next += 1;
    }
    if let Some(at) = after.values().flatten().min() {
        return Err(RecordError::of_file(
            &found[*at].1,
            "is written against itself, through a chain of other lists",
        ));
    }
    Ok(order)
}
