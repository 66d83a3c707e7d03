//! The panel: every list that was offered, in the order of the days they speak for, and the distinct rows they print.
//!
//! Reading and normalising hand it to the later steps. A refused file is in it too, with the reason; its rows are not.

mod build;
mod captured;
mod date_lists;
mod draft;
mod list;
mod list_day;
#[cfg(test)]
pub mod made;
mod newest;
mod reading;
mod refusals;
mod rows;
mod sense;
mod signed;
mod standing;
mod statements;

pub use build::build;
pub use date_lists::{DatedLists, date_lists};
pub use list::{List, Panel};
pub use newest::NewestList;
pub use reading::{ReadLists, Reading, read_all};
pub use refusals::{RefusedLists, SHOWN_REFUSALS, warn_refused};
pub use rows::ListRow;
pub use statements::{ComparedFigure, ComparedStatement, compare};

use jiff::civil::Date;

use crate::normalise::normalise;
use crate::page::PageStatements;
use crate::reference::{Counties, States};
use crate::spec::Specs;

/// Makes the panel of the lists that were read: dates and normalises them, and decides which of them count.
pub fn panel(
    read: ReadLists,
    specs: &Specs,
    states: &States,
    counties: &Counties,
    statements: &PageStatements,
    as_of: Option<Date>,
) -> Panel {
    let dated = date_lists(read, specs, states, statements, as_of);
    let listings = normalise(&dated.rows, &dated.first_days, &specs.vocabulary, states, counties);
    build(dated, listings)
}
