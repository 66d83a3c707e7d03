//! The files under `pipelines/` and `data/` as the program holds them: compressed, and listed by `build.rs`.

use std::collections::HashMap;

use flate2::{Decompress, FlushDecompress};

// FILES: path, block, and where in the block it begins and ends, by path. BLOCKS: where in the bytes a block begins and
// ends, and how long it is inflated.
include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/shipped.bin"));

/// The bytes of a file.
pub fn bytes(path: &str) -> Option<Vec<u8>> {
    let at = FILES.binary_search_by_key(&path, |(name, ..)| name).ok()?;
    let (_, block, start, end) = FILES[at];
    let mut bytes = inflated(block);
    bytes.truncate(end);
    Some(if start == 0 { bytes } else { bytes.split_off(start) })
}

/// Every file of a folder, by name, and its bytes; not those in folders below it.
pub fn folder(folder: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut blocks: HashMap<usize, Vec<u8>> = HashMap::new();
    let files = in_folder(folder).map(|(path, block, start, end)| {
        let block = blocks.entry(*block).or_insert_with(|| inflated(*block));
        (*path, block[*start..*end].to_vec())
    });
    files.collect()
}

/// Names of the files in a folder, without it.
pub fn names(folder: &str) -> impl Iterator<Item = &'static str> {
    in_folder(folder).filter_map(|(path, ..)| path.rsplit('/').next())
}

fn in_folder(folder: &str) -> impl Iterator<Item = &'static (&'static str, usize, usize, usize)> {
    let is_in = move |path: &str| path.rsplit_once('/').is_some_and(|(of, _)| of == folder);
    FILES.iter().filter(move |(path, ..)| is_in(path))
}

fn inflated(block: usize) -> Vec<u8> {
    let (start, end, length) = BLOCKS[block];
    let mut bytes = Vec::with_capacity(length);
    let done =
        Decompress::new(false).decompress_vec(&PACKED[start..end], &mut bytes, FlushDecompress::Finish);
    assert!(
        done.is_ok() && bytes.len() == length,
        "block {block} was written by build.rs, from which it is inflated"
    );
    bytes
}
