//! Decides by a link's words whether it may lead to a list.

use url::Url;

use super::page_link::{PageLink, Strength};
use crate::shown::shown;
use crate::spec::{LinkKind, PageSpec};

/// Whether a text has `word` (in lower case) at the start of one of its words: `pendingAgencies` and `icePending` have
/// `pending`, `spending` does not.
pub(super) fn says(text: &str, word: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.match_indices(word).any(|(at, _)| {
        let begins_large = text[at..].starts_with(|c: char| c.is_uppercase());
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphabetic() || (begins_large && c.is_lowercase()))
    })
}

/// All words that can show what a link leads to.
pub(super) struct LinkWords {
    pub(super) target: Url,
    /// The last part of its path, decoded.
    pub(super) name: String,
    pub(super) text: String,
    /// Its title, label and type.
    pub(super) words: String,
    /// The text between the previous link and this one.
    pub(super) before: String,
}

impl LinkWords {
    /// Returns the link as a candidate, if it is one.
    pub(super) fn candidate(
        &self,
        spec: &PageSpec,
        page: &Url,
        around: &str,
        heading: &str,
    ) -> Option<PageLink> {
        if self.is_something_else(spec, page) || spec.passed_over.iter().any(|word| says(&self.name, word)) {
            return None;
        }
        let own = format!("{} {}", self.text, self.words);
        let by_own_words = kind_of([self.name.as_str(), own.as_str()], &spec.kinds);
        let is_word = |word: &String| {
            own.split(|c: char| !c.is_alphanumeric()).any(|own| own.eq_ignore_ascii_case(word))
        };
        let invites = spec.says_list.iter().any(is_word);
        let by_text_around = || kind_of([self.before.as_str(), around], &spec.kinds);
        // Anything may stand below a heading: it counts only for a link that invites to a list.
        let by_heading = || Some(heading).filter(|_| invites).and_then(|text| kind_of([text], &spec.kinds));
        let kind = by_own_words.clone().or_else(by_text_around).or_else(by_heading);
        let strength = match (self.is_spreadsheet(spec), by_own_words, &kind) {
            (true, _, _) => Strength::Spreadsheet,
            (false, Some(_), _) => Strength::OwnWords,
            (false, None, Some(_)) => Strength::Around,
            (false, None, None) => return None,
        };
        Some(PageLink { address: self.target.clone(), text: shown(&self.text), kind, strength, invites })
    }

    pub(super) fn ending(&self) -> Option<String> {
        Some(self.name.rsplit_once('.')?.1.to_lowercase())
    }

    /// Whether the link clearly leads to no list: to another sort of file or address, a page of news, or the page
    /// itself.
    pub(super) fn is_something_else(&self, spec: &PageSpec, page: &Url) -> bool {
        let is_itself = self.target.path() == page.path()
            && self.target.query() == page.query()
            && self.target.host() == page.host();
        let is_other_file = || self.ending().is_some_and(|ending| spec.other_endings.contains(&ending));
        let is_other_page = || {
            let path = self.target.path().to_lowercase();
            spec.other_paths.iter().any(|other| {
                path.strip_prefix(other.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        !matches!(self.target.scheme(), "http" | "https") || is_itself || is_other_file() || is_other_page()
    }

    pub(super) fn is_spreadsheet(&self, spec: &PageSpec) -> bool {
        if self.ending().is_some_and(|ending| spec.endings.contains(&ending)) {
            return true;
        }
        let said = format!("{} {}", self.text, self.words).to_lowercase();
        spec.says_spreadsheet.iter().any(|word| said.contains(word))
    }
}

/// Returns the kind that the first of these texts to name exactly one kind names.
pub(super) fn kind_of<const N: usize>(texts: [&str; N], kinds: &[LinkKind]) -> Option<String> {
    texts.into_iter().find_map(|text| {
        let mut said = kinds.iter().filter(|kind| kind.words.iter().any(|word| says(text, word)));
        match (said.next(), said.next()) {
            (Some(kind), None) => Some(kind.name.clone()),
            _ => None,
        }
    })
}
