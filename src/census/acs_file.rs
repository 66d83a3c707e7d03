//! The content of one ACS file.

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

/// The content of a file.
#[derive(Debug)]
pub struct AcsFile {
    pub file_name: String,
    pub sha256: String,
    pub form: AcsForm,
    pub vintage: Vintage,
    /// The sources of the estimates; an estimate's `source` is its position here.
    pub sources: Vec<FigureSource>,
    pub rows: BTreeMap<Area, AcsRow>,
    /// How many rows are of levels that are not kept.
    pub rows_passed_over: u64,
}
