//! Every table of a release as the bytes of its file.

use rayon::prelude::*;

use super::PublishError;
use super::content::Content;
use super::package::Written;
use super::parquet_file::{write_batches, write_table};
use crate::batches::Batches;
use crate::frames::{Frames, Wanted};
use crate::progress::Progress;
use crate::spec::{TableSpec, Tables};
use crate::watch::{Seen, Watch};

/// Files of a release by name; the bytes are final.
pub type Files = Vec<(String, Content)>;

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
                    let watched = batches
                        .iter(Wanted::default())
                        .inspect(|batch| batch.iter().for_each(|b| watch.see(b)));
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
                sha256: bytes.sha256(),
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
