//! Step `publish`: a release, typed, documented and put in place in one step.
//!
//! Every schema comes from the table's TOML ([`crate::spec::TableSpec`]). A table is Arrow record batches
//! ([`crate::table`]); parquet writes it.

mod citation;
mod content;
mod dictionary;
mod encode;
mod error;
mod open;
mod package;
mod parquet_file;
mod place;
mod release;
mod run_json;
mod unchanged;

pub use citation::Cited;
pub use content::FileContent;
pub use dictionary::{dictionary, type_name};
pub use encode::{Encoded, Files, encode};
pub use error::PublishError;
pub use package::{WrittenTable, package};
pub use parquet_file::{arrow_schema, read_table, write_table};
pub use place::{
    CURRENT, Current, Folder, HoldError, LAST_RUN, LAST_RUN_BEFORE, ListedRelease, PublishPermit, Published,
    ReleasePlace, Waiting, is_address,
};
pub use release::{Release, ReleaseTables, SCHEMA_VERSION, SUMMARY_JSON};
pub use run_json::{AcceptedCheck, Counts, RUN_JSON, RunInput, RunOutputFile, RunRecord, StepSeconds};
pub use unchanged::Unchanged;
