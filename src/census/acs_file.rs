//! What one ACS file holds.

use std::collections::BTreeMap;

use super::area::Area;
use super::form::AcsForm;
use super::source::FigureSource;
use super::value::AreaEstimates;
use crate::words::Vintage;

/// One area's row.
#[derive(Debug, Clone)]
pub struct AcsRow {
    pub line: u64,
    /// As printed; `None` in forms that have no names.
    pub name: Option<Box<str>>,
    pub estimates: AreaEstimates,
}

/// What a file holds.
#[derive(Debug)]
pub struct AcsFile {
    pub file_name: String,
    pub sha256: String,
    pub form: AcsForm,
    pub vintage: Vintage,
    /// What estimates were read from, by their `source`.
    pub sources: Vec<FigureSource>,
    pub rows: BTreeMap<Area, AcsRow>,
    /// Rows of levels that are not kept.
    pub rows_passed_over: u64,
}
