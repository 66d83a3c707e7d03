//! Words of names that are in order, and what others are misspellings of.
//!
//! A word is in order where it is part of the name of a place, a county or an agency that the FBI knows, or one of
//! the words that names of bodies are made of (`body_words` in `pipelines/agreements/vocabulary.toml`).

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::reference::Reference;
use crate::spec::Vocabulary;

/// Letters from which a word may have one typing error, and two.
const ONE_ERROR: usize = 5;
const TWO_ERRORS: usize = 7;

/// Letters beyond which a word is no misspelling of another.
const LONGEST: usize = 24;

/// Words that are in order.
#[derive(Debug)]
pub struct Lexicon<'a> {
    pub vocabulary: &'a Vocabulary,
    known: HashSet<String, RandomState>,
}

impl<'a> Lexicon<'a> {
    /// Words of places, counties and agencies of all states, and of bodies.
    pub fn new(vocabulary: &'a Vocabulary, reference: &Reference) -> Self {
        let mut known: HashSet<String, RandomState> = HashSet::default();
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

    /// Whether a word is in order.
    pub fn knows(&self, word: &str) -> bool {
        self.known.contains(word) || word.strip_suffix('s').is_some_and(|word| self.known.contains(word))
    }

    /// The word of bodies that a word is a misspelling of.
    pub fn meant(&self, word: &str) -> Option<&'a str> {
        if !(ONE_ERROR..=LONGEST).contains(&word.len()) || self.knows(word) {
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
}

/// The words of a name, in lower case, without possessives.
fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_end_matches("'s").replace('\'', "").to_lowercase())
        .filter(|word| !word.is_empty())
}
