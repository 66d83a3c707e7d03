//! The name that an agency is published under: the printed name without typing errors or, where lists print none, the
//! best one, repaired.
//!
//! The lexicon says which words are spelled right.

use crate::identify::agencies::spelling::Spelling;
use crate::identify::names::lexicon::Lexicon;
use crate::identify::places::location::{Location, Typo};
use crate::reference::key;

impl Lexicon<'_> {
    /// Returns the name with its typing errors repaired; `None` where it has none.
    pub fn repaired(&self, name: &str, location: &Location) -> Option<String> {
        let mut tokens: Vec<String> = name.split(' ').map(str::to_owned).collect();
        if let Some(Typo { typed, meant }) = &location.typo {
            respell(&mut tokens, typed, meant);
        }
        let mut repaired: Vec<String> = tokens.iter().map(|token| self.token(token)).collect();
        // A note in brackets is not part of the name.
        if let Some(at) = repaired.iter().position(|token| token.starts_with('('))
            && at > 0
            && repaired.last().is_some_and(|token| token.ends_with(')'))
        {
            repaired.truncate(at);
        }
        let repaired = repaired.join(" ");
        (repaired != name).then_some(repaired)
    }

    /// Returns a token with its word repaired: letters, case, and the apostrophe of a sheriff's office.
    fn token(&self, token: &str) -> String {
        let letters = |c: char| c.is_alphabetic() || c == '\'';
        let (Some(start), Some(end)) = (token.find(letters), token.rfind(letters)) else {
            return token.to_owned();
        };
        let end = end + token[end..].chars().next().map_or(1, char::len_utf8);
        let core = &token[start..end];
        let lower = core.to_lowercase();
        let (stem, ending) = match lower.strip_suffix("'s") {
            Some(stem) => (stem, "'s"),
            None => (lower.as_str(), ""),
        };
        let is_owner = |word: &str| matches!(word, "sheriff" | "constable" | "marshal");
        let word = match stem.strip_suffix('s').filter(|stem| is_owner(stem)) {
            // "Sheriffs Office" and "Constables's Office" are repaired; "Constables Office" can be that of several.
            Some(owner) if owner == "sheriff" || !ending.is_empty() => format!("{owner}'s"),
            _ => match self.meant(stem) {
                Some(meant) => format!("{meant}{ending}"),
                None => lower.clone(),
            },
        };
        let is_upper = core.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
        let starts_upper = core.chars().next().is_some_and(char::is_uppercase);
        let odd_case =
            !is_upper && core.chars().take_while(|c| c.is_uppercase()).count() > 1 && self.knows(stem);
        if word == lower && !odd_case {
            return token.to_owned();
        }
        let word = match (is_upper, starts_upper) {
            (true, _) => word.to_uppercase(),
            (_, true) => title(&word),
            _ => word,
        };
        format!("{}{word}{}", &token[..start], &token[end..])
    }
}

/// Chooses which of an agency's names to publish. The best has the fewest errors, then the most listings, then the most
/// letters.
pub fn best<'s>(names: &[&'s Spelling], lexicon: &Lexicon) -> &'s Spelling {
    if let [only] = names {
        return only;
    }
    let rank = |spelling: &'s Spelling| {
        let misplaced = usize::from(spelling.location.typo.is_some());
        let errors = lexicon.errors(&spelling.name) + misplaced;
        let count = spelling.sightings.count;
        (std::cmp::Reverse(errors), count, spelling.name.len(), std::cmp::Reverse(&spelling.name))
    };
    names.iter().copied().max_by_key(|spelling| rank(spelling)).unwrap_or(names[0])
}

/// The most words that a place's name has.
const PLACE_WORDS: usize = 8;

/// Replaces the place as typed by the place as meant, where the tokens hold it.
fn respell(tokens: &mut Vec<String>, typed: &str, meant: &str) {
    let wanted = key(typed);
    for start in 0..tokens.len() {
        for end in start + 1..=tokens.len().min(start + PLACE_WORDS) {
            let run = tokens[start..end].join(" ");
            if key(&run) == wanted {
                let after: String =
                    run.chars().rev().take_while(|c| !c.is_alphanumeric() && *c != '.').collect();
                tokens.splice(start..end, [format!("{meant}{}", after.chars().rev().collect::<String>())]);
                return;
            }
        }
    }
}

fn title(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
