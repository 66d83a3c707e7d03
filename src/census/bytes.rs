//! Bytes on their way from a file: hashed, and bounded record by record.

use std::io::{Error, ErrorKind, Read, copy, sink};

use sha2::{Digest, Sha256};

use crate::spec::hex;

/// Returns the sha256 of bytes, in hex, without holding them in memory.
pub fn sha256_of(bytes: impl Read) -> std::io::Result<String> {
    Hashed::new(bytes).finish()
}

/// A reader that passes bytes on and hashes them.
pub struct Hashed<R> {
    bytes: R,
    hash: Sha256,
}

impl<R: Read> Hashed<R> {
    pub fn new(bytes: R) -> Self {
        Self { bytes, hash: Sha256::new() }
    }

    /// Reads to the end and returns the sha256 of all bytes, in hex.
    pub fn finish(mut self) -> std::io::Result<String> {
        copy(&mut self, &mut sink())?;
        Ok(hex(&self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.hash.update(&into[..read]);
        Ok(read)
    }
}

/// A reader that passes bytes on and fails at a record longer than the bound, because the reader of records holds one
/// whole. Line ends do not end a record, since they may be quoted; [`BoundedReader::next_record`] does.
pub struct BoundedReader<R> {
    bytes: R,
    bound: usize,
    /// Bytes read since the last record began, including those that were read ahead.
    record: usize,
    /// The last byte read.
    last: u8,
}

impl<R> BoundedReader<R> {
    pub fn new(bytes: R, bound: usize) -> Self {
        Self { bytes, bound, record: 0, last: b'\n' }
    }

    /// Says that a record is complete.
    pub fn next_record(&mut self) {
        self.record = 0;
    }

    /// Whether the bytes read so far end with a line end.
    pub fn ends_in_line(&self) -> bool {
        self.last == b'\n'
    }

    pub fn into_inner(self) -> R {
        self.bytes
    }
}

impl<R: Read> Read for BoundedReader<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.record += read;
        if let Some(last) = into[..read].last() {
            self.last = *last;
        }
        if self.record > self.bound + into.len() {
            let message = format!("a row is longer than the bound of {} bytes", self.bound);
            return Err(Error::new(ErrorKind::InvalidData, message));
        }
        Ok(read)
    }
}
