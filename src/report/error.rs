//! A report that could not be made.

use super::html::PlotError;
use crate::exit::{EndsCommand, ExitCode};
use crate::table::TableError;

/// The report could not be made: an error of the program.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the report cannot be written")]
    Template(#[from] askama::Error),
    #[error(transparent)]
    Plot(#[from] PlotError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl EndsCommand for ReportError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::FAULT
    }
}
