//! The source of a statement.

use serde::{Deserialize, Serialize};

/// The source of a statement: name and address of the page it was read on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StatementSource {
    pub name: String,
    pub url: String,
}
