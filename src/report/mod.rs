//! Step "report": makes what a person reads. Everything here is a query on the public tables.

mod coverage_rows;
mod day;
mod error;
mod first_page;
mod glance;
mod html;
mod page;
mod reported;
mod summary;

pub use coverage_rows::{
    CoverageRow, Slice, coverage_rows, coverage_slice, has_other_vintage, points, rows_of, state_agencies,
};
pub use error::ReportError;
pub use first_page::{LINES, cut, first_page};
pub use html::{PICTURES, PlotError, REPORT, pages};
pub use page::page;
pub use reported::{Reported, report};
pub use summary::{Summary, summary};
