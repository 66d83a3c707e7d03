//! The digest of a list's cells: the same whatever list its file is written against.

use sha2::{Digest, Sha256};

use super::slots::SLOTS;
use crate::spec::hex;

/// Hex digits of a digest of cells.
pub const DIGEST: usize = 16;

/// The first bytes of the sha256 over a row's cells.
pub type RowDigest = [u8; 16];

/// Returns the first digits of the sha256 over the numbers of a list's rows and the digest of each row.
pub fn cells_digest(rows: impl Iterator<Item = (u32, RowDigest)>) -> String {
    let mut hash = Sha256::new();
    for (number, digest) in rows {
        hash.update(number.to_be_bytes());
        hash.update(digest);
    }
    hex(&hash.finalize())[..DIGEST].to_owned()
}

/// Returns the digest of a row's marked cells.
pub fn row_digest(cells: &[Option<&str>; SLOTS]) -> RowDigest {
    let mut hash = Sha256::new();
    for cell in cells {
        // A length that no text has stands for a blank cell.
        let length = cell.map_or(u64::MAX, |text| text.len() as u64);
        hash.update(length.to_be_bytes());
        hash.update(cell.unwrap_or_default());
    }
    let mut digest = RowDigest::default();
    digest.copy_from_slice(&hash.finalize()[..16]);
    digest
}
