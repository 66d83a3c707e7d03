//! Step 8, publish: a release, typed, documented and put in place in one step.
//!
//! Every schema comes from the table's TOML ([`crate::spec::TableSpec`]). Until it is written a table is
//! a polars frame, or batches of one list each; arrow-rs and parquet write it.

mod content;
mod dictionary;
mod encode;
mod error;
mod package;
mod parquet_file;
mod place;
mod release;
mod run_json;

pub use content::Content;
pub use dictionary::{dictionary, type_name};
pub use encode::{Encoded, Files, encode};
pub use error::PublishError;
pub use package::{Written, package};
pub use parquet_file::{arrow_schema, read_table, write_batches, write_table};
pub use place::{
    CURRENT, Current, Folder, Held, HoldError, LAST_RUN, Listed, Place, Published, Waiting, is_address,
};
pub use release::{Release, ReleaseTables, SCHEMA_VERSION, SUMMARY_JSON, Unchanged};
pub use run_json::{Counts, RunRecord, run_json};
