//! Kinds of lists as the page gives them, and since when: a new file, the same one, an empty one, or none. Where the kind is
//! not required, a missing list is said and is no failure.

use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use super::job::Job;
use super::{FetchError, Problem};
use crate::normalise::withhold_mailboxes;

/// Where the store remembers what the page gave of each kind.
const KINDS: &str = "kinds.json";

/// State of a kind of list on the page.
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
    /// Links that gave no answer.
    NotAnswered,
}

/// A kind of list as the page gave it, and since when it has been so.
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
    /// Says how the kind stands, in a sentence; `None` where there is a new file.
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

    /// Whether a person should hear of it, once.
    fn is_odd(&self) -> bool {
        !matches!(self.state, KindState::New | KindState::SameFile)
    }
}

/// Outcome of asking for one candidate.
pub enum Outcome {
    List(ListGot),
    /// No list, and why; said where nothing else gives the kind.
    NoList(String),
    /// A problem. A stray link, which never gave a list and does not invite to one, is of no concern where another gives it.
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

impl Job<'_> {
    /// Says, of each kind, what the page gave, remembers it, and returns what is wrong with that. `outcomes` are those of
    /// candidates, with the kind that the page says they are of.
    pub fn say_kinds(&mut self, outcomes: Vec<(String, Outcome)>) -> Result<Vec<String>, FetchError> {
        let before: Vec<KindFound> = self.originals.record(KINDS).unwrap_or_default();
        let (mut lists, mut tried, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for (said, outcome) in outcomes {
            match outcome {
                Outcome::List(list) => {
                    if list.kind != said {
                        let name = list.file_name.as_deref().unwrap_or("a list");
                        tried.push((said, format!("{name} is a {} list", list.kind)));
                    }
                    lists.push(list);
                }
                Outcome::NoList(why) => tried.push((said, why)),
                Outcome::Failed { problem, is_stray } => failed.push((said, problem, is_stray)),
            }
        }
        let (mut wrong, mut all) = (Vec::new(), Vec::new());
        let fetch = self.spec;
        for spec in &fetch.page.kinds {
            let before = before.iter().find(|found| found.kind == spec.name);
            let of_kind = || lists.iter().filter(|list| list.kind == spec.name);
            let tried: Vec<&str> =
                tried.iter().filter(|(kind, _)| *kind == spec.name).map(|(_, why)| why.as_str()).collect();
            let (problems, others): (Vec<_>, Vec<_>) =
                failed.into_iter().partition(|(kind, _, _)| *kind == spec.name);
            failed = others;
            // Of several the one with the most rows says how the kind stands.
            let list = of_kind().max_by_key(|list| (list.rows, list.is_new));
            let state = match list {
                Some(ListGot { rows: Some(0), .. }) => KindState::HeaderOnly,
                Some(_) if of_kind().any(|list| list.is_new) => KindState::New,
                Some(_) => KindState::SameFile,
                None if !problems.is_empty() => KindState::NotAnswered,
                None if tried.is_empty() => KindState::NotLinked,
                None => KindState::NoList,
            };
            let (noted, passed): (Vec<_>, Vec<_>) =
                problems.into_iter().partition(|(_, problem, is_stray)| {
                    (list.is_none() || !is_stray) && (spec.required || !problem.is_lasting())
                });
            for (_, problem, _) in passed {
                info!(step = "page", "{}", withhold_mailboxes(&problem.to_string()));
            }
            if list.is_none() && spec.required && noted.is_empty() {
                wrong.push(match tried.as_slice() {
                    [] => format!("has no link to a {} list", spec.name),
                    tried => format!("has no {} list behind its links ({})", spec.name, tried.join("; ")),
                });
            }
            noted.into_iter().for_each(|(_, problem, _)| self.problem(problem));
            let since = before.filter(|before| before.state == state).map(|before| before.since.clone());
            let found = KindFound {
                kind: spec.name.clone(),
                state,
                since: since.unwrap_or_else(|| self.now.to_string()),
                file_name: list
                    .and_then(|list| list.file_name.clone())
                    .or_else(|| before.and_then(|before| before.file_name.clone())),
                file_since: list
                    .map(|list| list.since.clone())
                    .or_else(|| before.and_then(|before| before.file_since.clone())),
            };
            // Once: as long as it stays so, the next fetch says it without alarm.
            if let Some(message) = found.message().filter(|_| !spec.required) {
                match found.is_odd() && before.is_none_or(|before| before.state != state) {
                    true => warn!("{message}"),
                    false => info!(step = "page", "{message}"),
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
