//! What the page gave of each kind of list, and since when: a new file, the same one, an empty one, or none. Of a kind that
//! is not required this is said, and no failure.

use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::FetchError;
use super::job::Job;

/// Where the store remembers what the page gave of each kind.
const KINDS: &str = "kinds.json";

/// What the page gave of a kind of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KindState {
    /// A file that was not seen before.
    New,
    /// A file that was.
    SameFile,
    /// A list with a header and no rows.
    HeaderOnly,
    /// No link to one, and no table.
    NotLinked,
    /// Links that gave no list.
    NoList,
}

/// What the page gave of a kind of list, and since when it has been so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindFound {
    /// As `pipelines/fetch.toml` calls it.
    pub kind: String,
    pub state: KindState,
    /// When it was first found so, RFC 3339.
    pub since: String,
    /// The file that the page gave last, and when that was first seen.
    pub file_name: Option<String>,
    pub file_since: Option<String>,
}

impl KindFound {
    /// What is to be said of it, if anything is.
    pub fn said(&self) -> Option<String> {
        let Self { kind, state, since, file_name, file_since } = self;
        let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
        let what = match state {
            KindState::New => return None,
            KindState::SameFile => {
                let since = file_since.as_deref().map(day)?;
                return Some(format!("the {kind} list is the same file since {since}"));
            }
            KindState::HeaderOnly => "has a header and no rows",
            KindState::NotLinked => "is not linked",
            KindState::NoList => "is linked, but no link gives a list",
        };
        let last =
            file_name.as_ref().map_or_else(String::new, |name| format!("; the last one got is {name}"));
        Some(format!("the {kind} list {what} since {}{last}", day(since)))
    }

    /// Whether a person should hear of it, once.
    fn is_odd(&self) -> bool {
        !matches!(self.state, KindState::New | KindState::SameFile)
    }
}

/// What came of one candidate.
pub enum Outcome {
    /// A list: of which kind, of how many rows, whether its file was not seen before, its name, and when
    /// it was first seen.
    List { kind: String, rows: usize, is_new: bool, file_name: Option<String>, since: String },
    /// No list, and why; said where nothing else gives the kind.
    NoList(String),
    /// A problem that has been noted.
    Failed,
}

impl Job<'_> {
    /// Says, of each kind, what the page gave, remembers it, and returns what is wrong with that.
    pub fn say_kinds(&mut self, outcomes: &[(Option<String>, Outcome)]) -> Result<Vec<String>, FetchError> {
        let before: Vec<KindFound> = self.originals.record(KINDS).unwrap_or_default();
        let mut wrong = Vec::new();
        let mut all = Vec::new();
        for spec in &self.spec.page.kinds {
            let before = before.iter().find(|found| found.kind == spec.name);
            let lists = || {
                outcomes.iter().filter_map(|(_, outcome)| match outcome {
                    Outcome::List { kind, rows, is_new, file_name, since } if *kind == spec.name => {
                        Some((*rows, *is_new, file_name, since))
                    }
                    _ => None,
                })
            };
            let tried: Vec<&str> = outcomes
                .iter()
                .filter_map(|(kind, outcome)| match outcome {
                    Outcome::NoList(why) if kind.as_ref() == Some(&spec.name) => Some(why.as_str()),
                    _ => None,
                })
                .collect();
            let has_failed = outcomes.iter().any(|(kind, outcome)| {
                kind.as_ref() == Some(&spec.name) && matches!(outcome, Outcome::Failed)
            });
            // Of several the one with the most rows says how the kind stands.
            let list = lists().max_by_key(|(rows, is_new, _, _)| (*rows, *is_new));
            let state = match list {
                Some((0, _, _, _)) => KindState::HeaderOnly,
                Some(_) if lists().any(|(_, is_new, _, _)| is_new) => KindState::New,
                Some(_) => KindState::SameFile,
                None if tried.is_empty() && !has_failed => KindState::NotLinked,
                None => KindState::NoList,
            };
            if list.is_none() && spec.required && !has_failed {
                let why = match tried.as_slice() {
                    [] => format!("has no link to a {} list", spec.name),
                    tried => format!("has no {} list behind its links ({})", spec.name, tried.join("; ")),
                };
                wrong.push(why);
            }
            let now = self.now.to_string();
            let since =
                before.filter(|before| before.state == state).map_or(now, |before| before.since.clone());
            let found = KindFound {
                kind: spec.name.clone(),
                state,
                since,
                file_name: list
                    .and_then(|list| list.2.clone())
                    .or_else(|| before.and_then(|b| b.file_name.clone())),
                file_since: list
                    .map(|list| list.3.clone())
                    .or_else(|| before.and_then(|b| b.file_since.clone())),
            };
            // Once: as long as it stays so, the next fetch says it without alarm.
            if let Some(said) = found.said().filter(|_| !spec.required) {
                match found.is_odd() && before.is_none_or(|before| before.state != state) {
                    true => warn!("{said}"),
                    false => info!(step = "page", "{said}"),
                }
            }
            all.push(found);
        }
        if all != before {
            self.originals.set_record(KINDS, &all)?;
        }
        self.fetched.kinds = all;
        Ok(wrong)
    }
}
