//! Step "report" as a whole.

use tracing::info;

use super::error::ReportError;
use super::html::pages;
use super::summary::{Summary, summary};
use crate::assess::Benchmarks;
use crate::reference::Shapes;
use crate::table::TableSource;
use crate::tables::Results;
use crate::words::RunStep;

/// The parts of a release that a person reads.
pub struct Reported {
    /// The summary that the run prints at its end, as data.
    pub summary: Summary,
    /// Pages and pictures, by file name.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Reported {
    /// Says in the log how many files there are.
    pub fn log(&self) {
        info!(step = RunStep::Report.as_str(), files = self.files.len(), "report written");
    }
}

/// Writes the report of the newest list.
///
/// # Errors
/// A query, a shape or a drawing that fails: errors of the program or of `data/`.
pub fn report(
    results: &Results,
    tables: &dyn TableSource,
    benchmarks: &Benchmarks,
    shapes: &Shapes,
    release_id: &str,
) -> Result<Reported, ReportError> {
    let summary = summary(results, tables, benchmarks)?;
    let files = pages(results, tables, &summary, benchmarks, shapes, release_id)?;
    Ok(Reported { summary, files })
}
