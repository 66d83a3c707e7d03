//! Where a statement was read.

use serde::Deserialize;
use serde::Serialize;

/// Where a statement was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StatementSource {
    pub name: String,
    pub url: String,
}
