//! The lists found at the publisher, kind by kind.

use serde::{Deserialize, Serialize};

use super::error::Problem;

/// State of a kind of list on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KindState {
    /// A file that was not seen before.
    New,
    /// A file that was seen before.
    SameFile,
    /// A list with a header and no rows.
    HeaderOnly,
    /// No link to a list, and no table.
    NotLinked,
    /// Links that gave no list.
    NoList,
    /// Links that gave no answer.
    NotAnswered,
}

/// A kind of list as the page gave it, and since when it has been so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindFound {
    /// As `pipelines/fetch.toml` calls it.
    pub kind: String,
    pub state: KindState,
    /// When this state was first found, RFC 3339.
    pub since: String,
    /// The file that the page gave last, and when that was first seen.
    pub file_name: Option<String>,
    pub file_since: Option<String>,
}

impl KindFound {
    /// Describes the state in a sentence; `None` where there is a new file.
    pub fn message(&self) -> Option<String> {
        let Self { kind, state, since, file_name, file_since } = self;
        let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
        let since = day(since);
        let what = match state {
            KindState::New => return None,
            KindState::SameFile => {
                let since = file_since.as_deref().map(day)?;
                return Some(format!("the {kind} list has been the same file since {since}"));
            }
            KindState::HeaderOnly => format!("the {kind} list has had a header and no rows since {since}"),
            KindState::NotLinked => format!("the page has had no link to a {kind} list since {since}"),
            KindState::NoList => format!("the page's links to a {kind} list have given none since {since}"),
            KindState::NotAnswered => {
                format!("the page's link to a {kind} list has not answered since {since}")
            }
        };
        let last =
            file_name.as_ref().map_or_else(String::new, |name| format!("; the last one got is {name}"));
        Some(what + &last)
    }

    /// Whether the state is worth one warning.
    pub(super) fn is_odd(&self) -> bool {
        !matches!(self.state, KindState::New | KindState::SameFile)
    }
}

/// Outcome of asking for one candidate.
pub enum FetchOutcome {
    List(ListGot),
    /// No list, and why; reported where no other candidate gives the kind.
    NoList(String),
    /// A problem. A stray link, which never gave a list and does not invite to one, does not matter where another gives
    /// it.
    Failed {
        problem: Problem,
        is_stray: bool,
    },
}

/// A list that a candidate gave.
pub struct ListGot {
    pub kind: String,
    /// Rows; `None` where they could not be read, or are not remembered.
    pub rows: Option<usize>,
    /// Whether its file was not seen before.
    pub is_new: bool,
    pub file_name: Option<String>,
    /// When the file was first seen, RFC 3339.
    pub since: String,
}
