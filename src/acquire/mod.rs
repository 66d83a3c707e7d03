//! Step "acquire": finds the offered files, and reads their bytes safely.
//!
//! Lists come from the record that the project ships, from files (`--lists PATH`, a file, or a folder with all below
//! it), or from both (`--add-lists PATH`). Nothing is parsed here; [`guard`] checks a workbook before a parser reads
//! it.

mod guard;
mod offered;

pub use guard::{Inflated, Refusal, guard, kind_of};
pub use offered::{
    AcquireError, Offered, OfferedContent, digest, imported, list_id, offered, statements_beside,
};
