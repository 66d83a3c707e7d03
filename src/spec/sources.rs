//! `pipelines/agreements/source.toml`: the publisher of the lists, and bounds.

use serde::Deserialize;

/// Who publishes an input.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    pub publisher: String,
    pub title: String,
    pub page_url: String,
    pub licence: String,
}

/// ICE's lists.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementSource {
    pub source: Publisher,
    pub bounds: Bounds,
    pub refusals: Refusals,
    pub sense: Sense,
}

/// Sizes beyond which a workbook is refused.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Entries of its zip archive.
    pub zip_entries: usize,
    /// Bytes of all entries, counted while inflating.
    pub inflated_bytes: u64,
    /// A large entry may inflate to this many times its compressed size.
    pub inflation: u64,
    /// Rows that hold a value.
    pub rows: u32,
    /// Column of the last cell that holds a value, counted from 1.
    pub columns: u32,
    /// Characters of one cell.
    pub cell_chars: usize,
    /// Bytes of all distinct texts of a list.
    pub text_bytes: usize,
}

/// How many refused files a run tolerates.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusals {
    pub allowed_count: usize,
    pub allowed_share: f64,
}

impl Refusals {
    /// Returns how many files may be refused among `offered`: the larger of the count and the share.
    pub fn allowed(&self, offered: usize) -> usize {
        self.allowed_count.max((offered as f64 * self.allowed_share) as usize)
    }
}

/// Shares of a list's rows, 0 to 1, below which the list is set aside.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sense {
    /// Rows with a state that is known.
    pub states_known: f64,
    /// Rows with a model that is known.
    pub models_known: f64,
    /// Rows whose agency has letters and is not a header's word.
    pub agencies_named: f64,
    /// Distinct agencies.
    pub distinct_agencies: f64,
    /// This many rows are never too many, unless they are all there are.
    pub spare: usize,
}
