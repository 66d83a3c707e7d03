//! The state of each kind of list on the page, and since when: a new file, the same one, an empty one, or none. A
//! missing list of a kind that is not required is reported and is not a failure.

use tracing::{info, warn};

use super::FetchError;
use super::found::{FetchOutcome, KindFound, KindState, ListGot};
use super::job::Job;
use crate::mailboxes::withhold_mailboxes;

/// The record in which the store remembers the state of each kind.
const KINDS: &str = "kinds.json";

impl Job<'_> {
    /// Reports and remembers what the page gave for each kind, and returns what is wrong with it. `outcomes` are those
    /// of the candidates, each with the kind that the page says it is.
    pub fn say_kinds(&mut self, outcomes: Vec<(String, FetchOutcome)>) -> Result<Vec<String>, FetchError> {
        let before: Vec<KindFound> = self.originals.record(KINDS).unwrap_or_default();
        let (mut lists, mut tried, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for (said, outcome) in outcomes {
            match outcome {
                FetchOutcome::List(list) => {
                    if list.kind != said {
                        let name = list.file_name.as_deref().unwrap_or("a list");
                        tried.push((said, format!("{name} is a {} list", list.kind)));
                    }
                    lists.push(list);
                }
                FetchOutcome::NoList(why) => tried.push((said, why)),
                FetchOutcome::Failed { problem, is_stray } => failed.push((said, problem, is_stray)),
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
            // The list with the most rows decides the state of the kind.
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
            // The warning comes once: while the state stays the same, later fetches only inform.
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
