//! The cells of a row of an ACS file, whatever its form.

use std::borrow::Cow;

/// The cells of a row by position; `None` for `null` and for a missing cell.
pub trait RowCells {
    fn text(&self, at: usize) -> Option<Cow<'_, str>>;
}

/// Decodes bytes as UTF-8, or else as Windows-1252.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// A line of cells separated by pipes, and the position at which each cell ends.
pub(super) struct Piped<'l> {
    pub(super) line: &'l [u8],
    pub(super) ends: &'l [usize],
}

impl RowCells for Piped<'_> {
    fn text(&self, at: usize) -> Option<Cow<'_, str>> {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] + 1);
        self.ends.get(at).map(|end| decoded(&self.line[start..*end]))
    }
}

impl RowCells for csv::ByteRecord {
    fn text(&self, at: usize) -> Option<Cow<'_, str>> {
        self.get(at).map(decoded)
    }
}

impl RowCells for Vec<Option<Cow<'_, str>>> {
    fn text(&self, at: usize) -> Option<Cow<'_, str>> {
        self.get(at)?.as_deref().map(Cow::Borrowed)
    }
}
