//! Words of names that are spelled right, and the words that others misspell.
//!
//! A word is spelled right where it is part of the name of a place, a county or an agency that the FBI knows, or one of
//! the words that agency names are made of (`body_words` in `pipelines/agreements/vocabulary.toml`).

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::reference::Reference;
use crate::spec::Vocabulary;

/// The fewest letters with which a word may have one typing error, or two.
const ONE_ERROR: usize = 5;
const TWO_ERRORS: usize = 7;

/// The most letters that a misspelled word may have.
const LONGEST: usize = 24;

/// Words that are spelled right.
#[derive(Debug)]
pub struct Lexicon<'a> {
    pub vocabulary: &'a Vocabulary,
    known: HashSet<String, RandomState>,
}

impl<'a> Lexicon<'a> {
    /// Collects the words of places, counties and agencies of all states, and the words of agency names.
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
        // One-word phrases are left out: a misspelled one, such as "sherrif", tells the kind and is still misspelled.
        let phrases = vocabulary.kinds.iter().flat_map(|kind| kind.phrases.iter());
        phrases.filter(|phrase| phrase.contains(' ')).for_each(|phrase| add(phrase));
        Self { vocabulary, known }
    }

    /// Returns the number of words in a name that are not spelled right.
    pub fn errors(&self, name: &str) -> usize {
        let odd = |token: &&str| {
            let odd_case = token.chars().take_while(|c| c.is_uppercase()).count() > 1
                && token.chars().any(char::is_lowercase)
                && !token.contains('\'');
            // An abbreviation, a bracket and a lost apostrophe are repaired too, but are no errors in a word.
            odd_case || words(token).any(|word| word.len() >= ONE_ERROR && !self.knows(&word))
        };
        name.split(' ').filter(odd).count()
    }

    /// Whether a word is spelled right.
    pub fn knows(&self, word: &str) -> bool {
        self.known.contains(word) || word.strip_suffix('s').is_some_and(|word| self.known.contains(word))
    }

    /// Returns the word of agency names that a word misspells.
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

/// Returns the words of a name, in lower case, without possessives.
fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| word.trim_end_matches("'s").replace('\'', "").to_lowercase())
        .filter(|word| !word.is_empty())
}
