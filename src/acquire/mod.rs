//! Step 1, acquire: which files are offered, and their bytes, safely.
//!
//! Lists come from the record that the project ships, from files (`--lists PATH`, a file, or a folder with all below it), or
//! from both (`--add-lists PATH`). Nothing is parsed here; [`guard`] looks at a workbook before a parser does.

mod guard;
mod offered;

pub use guard::{Inflated, Refusal, guard, kind_of};
pub use offered::{
    AcquireError, Offered, OfferedContent, digest, imported, list_id, offered, statements_beside,
};
