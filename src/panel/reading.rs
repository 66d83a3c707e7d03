//! Reads every offered file, or takes what was read of it before.

use rayon::prelude::*;
use tracing::{info, warn};

use super::draft::Draft;
use super::rows::Rows;
use crate::acquire::{Offered, OfferedContent};
use crate::progress::Progress;
use crate::read::{Entry, Store, read};
use crate::record::Record;
use crate::spec::Specs;
use crate::words::RunStep;

/// How many files are read before their rows are put together, and how large they may be together: this bounds the rows
/// as printed that are held at once.
const FILES_AT_A_TIME: usize = 32;

const BYTES_AT_A_TIME: u64 = 8_000_000;

/// Everything that files are read with.
pub struct Reading<'a> {
    pub specs: &'a Specs,
    /// Lists read before, by the content of their files.
    pub store: &'a Store,
    /// Lists that need no file.
    pub record: &'a Record,
    pub progress: &'a Progress,
}

impl<'a> Reading<'a> {
    /// Files are read with these.
    pub fn new(specs: &'a Specs, store: &'a Store, record: &'a Record, progress: &'a Progress) -> Self {
        Self { specs, store, record, progress }
    }
}

/// Every file, and the distinct rows of all of them.
pub struct ReadLists {
    pub(super) drafts: Vec<Draft>,
    pub(super) rows: Rows,
    /// Files that were read now, and will not be read again by the next run.
    pub new: usize,
}

impl ReadLists {
    /// Says in the log what was read.
    pub fn log(&self) {
        info!(step = RunStep::Read.as_str(), files = self.drafts.len(), new = self.new, "files read");
    }
}

/// Reads every offered file, or takes what was read of it before; puts what is new into the store.
pub fn read_all(offered: &[Offered], reading: &Reading) -> ReadLists {
    let Reading { specs, store, record, progress } = reading;
    let bar = progress.bar("reading", offered.len());
    let read_some = |files: &[Offered]| -> Vec<Draft> {
        let read = files.par_iter().map(|file| {
            let draft = Draft::new(match file.content {
                OfferedContent::Recorded(at) => record.read(at, file, &specs.layouts),
                _ => read(file, specs, store),
            });
            bar.step();
            draft
        });
        read.collect()
    };
    let (mut rows, mut new) = (Rows::default(), 0);
    let mut drafts: Vec<Draft> = Vec::with_capacity(offered.len());
    let mut is_kept = true;
    let mut put_together = |mut read: Vec<Draft>| {
        let entries: Vec<Entry> = read.iter_mut().filter_map(|draft| draft.file.to_store.take()).collect();
        new += entries.len();
        // The store only saves time: a run goes on without it.
        if is_kept && let Err(error) = store.put(entries.iter()) {
            warn!("what was read is not kept for the next run: {error}");
            is_kept = false;
        }
        for mut draft in read {
            if let Ok(list) = &mut draft.file.list {
                draft.rows = rows.add(list);
                // The rest of the list is for the table `lists`.
                list.rows = Vec::with_capacity(0);
                list.texts = Default::default();
            }
            drafts.push(draft);
        }
    };
    let mut before = Vec::new();
    for files in at_a_time(offered) {
        // Rows are put together while the next files are read.
        let (read, ()) = rayon::join(|| read_some(files), || put_together(std::mem::take(&mut before)));
        before = read;
    }
    put_together(before);
    bar.done();
    ReadLists { drafts, rows, new }
}

/// Splits the files into groups, in their order.
fn at_a_time(offered: &[Offered]) -> Vec<&[Offered]> {
    let (mut groups, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, file) in offered.iter().enumerate() {
        bytes += file.size();
        if at + 1 - start == FILES_AT_A_TIME || bytes >= BYTES_AT_A_TIME {
            groups.push(&offered[start..=at]);
            (start, bytes) = (at + 1, 0);
        }
    }
    groups.push(&offered[start..]);
    groups
}
