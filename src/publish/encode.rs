//! Every table of a release as the bytes of its file.

use arrow_array::Array;
use rayon::prelude::*;
use tracing::info;

use super::PublishError;
use super::content::FileContent;
use super::package::WrittenTable;
use super::parquet_file::write_table;
use crate::progress::Progress;
use crate::spec::{TableSpec, Tables};
use crate::table::{KeyCheck, KeyFindings, Table, TableError, Wanted};
use crate::tables::RunTables;
use crate::words::RunStep;

/// Files of a release by name; the bytes are final.
pub type Files = Vec<(String, FileContent)>;

/// Every table of a release, encoded.
pub struct Encoded {
    pub files: Files,
    pub written: Vec<WrittenTable>,
    /// The findings on the keys and references of each table.
    pub keys: Vec<(String, KeyFindings)>,
}

impl Encoded {
    /// Says in the log how much was encoded.
    pub fn log(&self) {
        let bytes: usize = self.written.iter().map(|table| table.bytes).sum();
        info!(step = RunStep::Encode.as_str(), tables = self.written.len(), bytes, "tables encoded");
    }
}

/// Encodes every table, in parallel, in the order of the specs.
pub fn encode(
    tables: &Tables,
    made: &RunTables,
    metadata: &[(String, String)],
    progress: &Progress,
) -> Result<Encoded, PublishError> {
    // The large ones first: they take the longest.
    let mut specs: Vec<(usize, &TableSpec)> = tables.iter().enumerate().collect();
    let RunTables { small, large } = made;
    let large_of = |table: &TableSpec| large.iter().find(|parted| parted.table.name == table.name);
    specs.sort_by_key(|(at, table)| (large_of(table).is_none(), *at));
    let bar = progress.bar("encoding", specs.len());
    let mut encoded: Vec<_> = specs
        .par_iter()
        .with_max_len(1)
        .map(|(at, table)| {
            let mut pairs = metadata.to_vec();
            pairs.push(("table_description".into(), table.description.clone()));
            let mut check = KeyCheck::new(table, small)?;
            let mut has_value = vec![false; table.columns.len()];
            let mut checked = |part: Result<Table, TableError>| {
                let part = part?;
                for (has_value, column) in has_value.iter_mut().zip(part.batch().columns()) {
                    *has_value |= column.null_count() < column.len();
                }
                check.see(&part)?;
                Ok(part)
            };
            let bytes = match large_of(table) {
                Some(parted) => write_table(table, parted.iter(Wanted::default()).map(&mut checked), &pairs)?,
                None => {
                    let whole = std::iter::once(small.get(&table.name).cloned());
                    write_table(table, whole.map(&mut checked), &pairs)?
                }
            };
            let keys = check.finish();
            let valued = table.columns.iter().zip(has_value);
            let empty = valued.filter(|(_, has_value)| keys.rows > 0 && !has_value);
            let written = WrittenTable {
                table: table.name.clone(),
                path: format!("{}.parquet", table.name),
                bytes: bytes.len(),
                sha256: bytes.sha256(),
                rows: keys.rows,
                empty_columns: empty.map(|(column, _)| column.name.clone()).collect(),
            };
            bar.step();
            Ok((*at, bytes, written, keys))
        })
        .collect::<Result<_, PublishError>>()?;
    bar.done();
    encoded.sort_by_key(|(at, ..)| *at);
    let mut all = Encoded { files: Vec::new(), written: Vec::new(), keys: Vec::new() };
    for (_, bytes, written, keys) in encoded {
        all.files.push((written.path.clone(), bytes));
        all.keys.push((written.table.clone(), keys));
        all.written.push(written);
    }
    Ok(all)
}
