//! Step 8, publish: the tables of a release, typed, documented and put in place in one step.
//!
//! Every schema comes from the table's TOML ([`crate::spec::TableSpec`]). A table is a polars frame
//! until it is written; arrow-rs and parquet write it.

mod dictionary;
mod package;
mod parquet_file;
mod release;
mod run_json;

pub use dictionary::dictionary;
pub use package::package;
pub use parquet_file::{read_table, write_table};
pub use release::{PublishError, Published, Release, publish};
pub use run_json::{RunRecord, run_json};
