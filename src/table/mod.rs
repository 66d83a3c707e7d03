//! The one kind of table, as which every public table is made, checked, written and read.
//!
//! A [`Table`] is an Arrow record batch with typed columns. A [`TableBuilder`] makes one in the shape that the table's
//! TOML gives it. A large table is never held whole: [`PartedTable`] makes it part by part. [`KeyCheck`] checks the
//! keys and references of both. [`crate::query`] filters, joins and sorts whole tables.

mod builder;
mod columns;
mod csv;
mod error;
mod keys;
mod parted;
mod source;

pub use builder::{CodedTexts, TableBuilder};
pub use columns::{Table, Value};
pub use csv::{CsvTexts, csv_of, csv_text};
pub use error::{OTHER_VERSION, TableError};
pub use keys::{KeyCheck, KeyFindings};
pub use parted::{PartedTable, Parts};
pub use source::{TableSet, TableSource, Wanted, concatenated};
