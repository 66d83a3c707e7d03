//! Step 9, report: what a person reads. Everything here is a query on the public tables.

mod coverage_rows;
mod first_page;
mod glance;
mod html;
mod page;
mod summary;
mod text;

pub use coverage_rows::{
    CoverageRow, Slice, coverage_frame, coverage_rows, has_other_vintage, points, rows_of, state_bodies,
};
pub use first_page::{LINES, cut, first_page};
pub use html::{PICTURES, PlotError, REPORT, ReportError, report};
pub use page::page;
pub use summary::{Summary, summary};
pub use text::{Table, percent, plus_minus, say, thousands};
