//! A link of the page that may lead to a list.

use serde::{Deserialize, Serialize};
use url::Url;

/// The evidence that makes a link a candidate, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Strength {
    /// Its ending or its words say that it leads to a spreadsheet.
    Spreadsheet,
    /// Its own words name a kind of list.
    OwnWords,
    /// The text around it, or the heading above, names one.
    Around,
}

/// A link that may lead to a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageLink {
    pub address: Url,
    /// Its text.
    pub text: String,
    /// The kind that its words name; `None` for a spreadsheet whose words name none, or two.
    pub kind: Option<String>,
    pub strength: Strength,
    /// Whether its words invite to a list (`View`, `download`).
    pub invites: bool,
}
