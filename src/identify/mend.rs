//! The name that an agency is published under: of those that lists print the one without typing errors, and where
//! they print none such, the best of them mended.
//!
//! A word is in order where it is part of the name of a place, a county or an agency that the FBI knows, or one of
//! the words that names of bodies are made of (`body_words` in `pipelines/agreements/vocabulary.toml`).

use std::collections::HashSet;

use super::{Location, Spelling};
use crate::reference::{Reference, key};
use crate::spec::Vocabulary;

/// Letters from which a word may have one typing error, and two.
const ONE_ERROR: usize = 5;
const TWO_ERRORS: usize = 7;

/// Words that are in order.
#[derive(Debug)]
pub struct Lexicon<'a> {
    vocabulary: &'a Vocabulary,
    known: HashSet<String>,
}

impl<'a> Lexicon<'a> {
    /// Words of places, counties and agencies of all states, and of bodies.
    pub fn new(vocabulary: &'a Vocabulary, reference: &Reference) -> Self {
        let mut known: HashSet<String> = HashSet::new();
        let mut add = |name: &str| {
            for word in words(name) {
                if !known.contains(&word) {
                    known.insert(word);
                }
            }
        };
        reference.counties.iter().for_each(|county| add(&county.base_name));
        reference.places.iter().for_each(|place| add(place.base_name()));
        reference.fbi.iter().for_each(|agency| add(&agency.name));
        reference.states.iter().for_each(|state| add(&state.name));
        vocabulary.body_words.iter().for_each(|word| add(word));
        vocabulary.abbreviations.values().for_each(|words| add(words));
        // A misspelled phrase is a sign of its kind, and still misspelled.
        let phrases = vocabulary.kinds.iter().flat_map(|kind| kind.phrases.iter());
        phrases.filter(|phrase| phrase.contains(' ')).for_each(|phrase| add(phrase));
        Self { vocabulary, known }
    }

    /// Words of a name that are not in order.
    pub fn errors(&self, name: &str) -> usize {
        let odd = |token: &&str| {
            let odd_case = token.chars().take_while(|c| c.is_uppercase()).count() > 1
                && token.chars().any(char::is_lowercase)
                && !token.contains('\'');
            // An abbreviation, a bracket and a lost apostrophe are mended too, but are no errors in a word.
            odd_case || words(token).any(|word| word.len() >= ONE_ERROR && !self.knows(&word))
        };
        name.split(' ').filter(odd).count()
    }

    fn knows(&self, word: &str) -> bool {
        self.known.contains(word) || word.strip_suffix('s').is_some_and(|word| self.known.contains(word))
    }

    /// The word of bodies that a word is a misspelling of.
    fn meant(&self, word: &str) -> Option<&'a str> {
        if word.len() < ONE_ERROR || self.known.contains(word) {
            return None;
        }
        let limit = |body: &str| if word.len().min(body.len()) >= TWO_ERRORS { 2 } else { 1 };
        let near = self.vocabulary.body_words.iter().filter_map(|body| {
            let edits = strsim::osa_distance(word, body);
            (edits <= limit(body)).then_some((edits, body.as_str()))
        });
        let mut near: Vec<(usize, &str)> = near.collect();
        near.sort_unstable();
        match near.as_slice() {
            [(_, only)] => Some(only),
            [(first, best), (second, _), ..] if first < second => Some(best),
            _ => None,
        }
    }

    /// The name with its typing errors mended; `None` where it has none.
    pub fn mended(&self, name: &str, location: &Location) -> Option<String> {
        let mut tokens: Vec<String> = name.split(' ').map(str::to_owned).collect();
        if let Some((typed, meant)) = &location.typo {
            respell(&mut tokens, typed, meant);
        }
        let mut mended: Vec<String> = tokens.iter().map(|token| self.token(token)).collect();
        // What takes the place of "county" in a sheriff's name is what his state calls one.
        if let (Some(at), Some(kind)) = (sheriff_at(&mended), self.county_kind(location)) {
            if at > 0 && location.method == "agency_name" && location.score < 0.9 && location.typo.is_none() {
                mended[at - 1] = kind;
            }
        }
        // A note in brackets is not part of the name.
        if let Some(at) = mended.iter().position(|token| token.starts_with('('))
            && at > 0
            && mended.last().is_some_and(|token| token.ends_with(')'))
        {
            mended.truncate(at);
        }
        let mended = mended.join(" ");
        (mended != name).then_some(mended)
    }

    fn county_kind(&self, location: &Location) -> Option<String> {
        let in_louisiana = location.counties.first()?.state_fips() == "22";
        Some(if in_louisiana { "Parish" } else { "County" }.to_owned())
    }

    /// A token with its word mended: letters, case, and the apostrophe of a sheriff's office.
    fn token(&self, token: &str) -> String {
        let letters = |c: char| c.is_alphabetic() || c == '\'';
        let (Some(start), Some(end)) = (token.find(letters), token.rfind(letters)) else { return token.to_owned() };
        let end = end + token[end..].chars().next().map_or(1, char::len_utf8);
        let core = &token[start..end];
        let lower = core.to_lowercase();
        let (stem, ending) = match lower.strip_suffix("'s") {
            Some(stem) => (stem, "'s"),
            None => (lower.as_str(), ""),
        };
        let is_owner = |word: &str| matches!(word, "sheriff" | "constable" | "marshal");
        let word = match stem.strip_suffix('s').filter(|stem| is_owner(stem)) {
            // "Sheriffs Office", "Constables's Office"
            Some(owner) => format!("{owner}'s"),
            None => match self.meant(stem) {
                Some(meant) => format!("{meant}{ending}"),
                None => lower.clone(),
            },
        };
        let is_upper = core.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
        let starts_upper = core.chars().next().is_some_and(char::is_uppercase);
        let odd_case = !is_upper && core.chars().take_while(|c| c.is_uppercase()).count() > 1 && self.known.contains(stem);
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

/// Of a body's names the one to publish, and its mended form where it needs one. The best has the fewest errors,
/// then the most listings, then the most letters.
pub fn best<'s>(names: &[&'s Spelling], lexicon: &Lexicon) -> &'s Spelling {
    let rank = |spelling: &'s Spelling| {
        let misplaced = usize::from(spelling.location.typo.is_some());
        let errors = lexicon.errors(&spelling.name) + misplaced;
        let count = spelling.sightings.count;
        (std::cmp::Reverse(errors), count, spelling.name.len(), std::cmp::Reverse(&spelling.name))
    };
    names.iter().copied().max_by_key(|spelling| rank(spelling)).unwrap_or(names[0])
}

/// Writes the place as it is meant where the tokens spell it as typed.
fn respell(tokens: &mut Vec<String>, typed: &str, meant: &str) {
    let wanted = key(typed);
    for start in 0..tokens.len() {
        for end in start + 1..=tokens.len() {
            let run = tokens[start..end].join(" ");
            if key(&run) == wanted {
                let after: String = run.chars().rev().take_while(|c| !c.is_alphanumeric()).collect();
                tokens.splice(start..end, [format!("{meant}{}", after.chars().rev().collect::<String>())]);
                return;
            }
        }
    }
}

fn sheriff_at(tokens: &[String]) -> Option<usize> {
    tokens.iter().position(|token| token.to_lowercase().starts_with("sheriff"))
}

fn title(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The words of a name, in lower case, without possessives.
fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_end_matches("'s").replace('\'', "").to_lowercase())
        .filter(|word| !word.is_empty())
}
