//! The bytes of a file of a release until it is written.

use std::io::{Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::spec::hex;

/// The most bytes of one piece of a file: kept in pieces, a large file is not copied while it grows.
const PIECE: usize = 1 << 20;

/// Bytes of a file, in pieces.
#[derive(Debug, Default)]
pub struct FileContent {
    pieces: Vec<Vec<u8>>,
}

impl FileContent {
    /// Bytes in all.
    pub fn len(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The pieces in their order; none is empty.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().map(Vec::as_slice)
    }

    /// sha256 of all, in hex.
    pub fn sha256(&self) -> String {
        let mut digest = Sha256::new();
        self.pieces().for_each(|piece| digest.update(piece));
        hex(&digest.finalize())
    }

    /// Whether the content is these bytes.
    #[cfg(any(test, feature = "object-store"))]
    pub fn is(&self, mut bytes: &[u8]) -> bool {
        let mut is_next = |piece: &[u8]| bytes.strip_prefix(piece).map(|later| bytes = later).is_some();
        self.pieces().all(&mut is_next) && bytes.is_empty()
    }

    /// Whether a file has these bytes and no others; a file that cannot be read has not.
    pub fn is_in(&self, path: &Path) -> bool {
        let Ok(mut file) = std::fs::File::open(path) else { return false };
        let is_as_long = file.metadata().is_ok_and(|metadata| metadata.len() == self.len() as u64);
        let mut read = vec![0; self.pieces.iter().map(Vec::len).max().unwrap_or_default()];
        is_as_long
            && self.pieces().all(|piece| {
                let read = &mut read[..piece.len()];
                file.read_exact(read).is_ok() && *read == *piece
            })
    }
}

impl From<Vec<u8>> for FileContent {
    fn from(bytes: Vec<u8>) -> Self {
        Self { pieces: if bytes.is_empty() { Vec::new() } else { vec![bytes] } }
    }
}

impl Write for FileContent {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut left = bytes;
        while !left.is_empty() {
            let is_first = self.pieces.is_empty();
            match self.pieces.last_mut().filter(|piece| piece.len() < PIECE) {
                Some(piece) => {
                    let (now, later) = left.split_at(left.len().min(PIECE - piece.len()));
                    piece.extend_from_slice(now);
                    left = later;
                }
                // A small file takes no more than it needs.
                None => self.pieces.push(Vec::with_capacity(if is_first { 0 } else { PIECE })),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_bytes_that_were_written() {
        let bytes: Vec<u8> = (0..3 * PIECE + 17).map(|at| (at % 251) as u8).collect();
        let mut content = FileContent::default();
        for part in bytes.chunks(700_001) {
            content.write_all(part).unwrap();
        }
        assert_eq!(content.len(), bytes.len());
        assert_eq!(content.pieces().collect::<Vec<_>>().concat(), bytes);
        assert!(content.pieces().all(|piece| !piece.is_empty() && piece.len() <= PIECE));
        assert!(content.is(&bytes) && !content.is(&bytes[1..]) && !content.is(&bytes[..bytes.len() - 1]));
        assert_eq!(content.sha256(), FileContent::from(bytes.clone()).sha256());

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let is_in = |there: &[u8]| {
            std::fs::write(&path, there).unwrap();
            content.is_in(&path)
        };
        assert!(is_in(&bytes));
        assert!(!is_in(&bytes[1..]));
        assert!(!is_in(&[bytes.as_slice(), b"x"].concat()));
        let mut other = bytes.clone();
        *other.last_mut().unwrap() ^= 1;
        assert!(!is_in(&other));
        assert!(!content.is_in(&dir.path().join("none")));
    }

    #[test]
    fn nothing_has_no_pieces() {
        let mut content = FileContent::from(Vec::new());
        content.write_all(b"").unwrap();
        assert!(content.is_empty());
        assert_eq!(content.sha256(), hex(&Sha256::digest(b"")));
    }
}
