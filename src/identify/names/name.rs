//! Reads an agency's name: its kind, the phrase that says so, and the words around it.
//!
//! The phrases are in `pipelines/agreements/vocabulary.toml`. A name is read as words: lower case, no punctuation,
//! possessives dropped, abbreviations written out.

use unicode_normalization::UnicodeNormalization;

use crate::identify::names::lexicon::Lexicon;
use crate::reference::State;
use crate::spec::Vocabulary;
use crate::words::{Kind, Level};

/// A one-word phrase with more letters than this may have one letter wrong.
const TYPO_LETTERS: usize = 5;

/// Words after a state's postal code that show that the code stands for the state's name.
const AFTER_CODE: &[&str] = &["department", "division", "office", "bureau", "state", "highway"];

/// A name, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name as given.
    pub text: String,
    /// Words with abbreviations written out.
    pub words: Vec<String>,
    pub kind: Kind,
    /// The phrase that decided the kind.
    pub phrase: Option<String>,
    /// The level, where the phrase alone settles it.
    pub level: Option<Level>,
    /// Position in `words` of the phrase.
    phrase_at: usize,
}

/// Words that join a place's name to what the place runs; they belong to neither.
const JOINTS: &[&str] = &["department", "division", "office", "bureau", "of", "the", "state", "services"];

impl Name {
    /// Reads a cleaned name of an agency of `state`; misspelled words of agency names are read as meant.
    pub fn read(text: &str, state: Option<&State>, lexicon: &Lexicon) -> Self {
        let vocabulary = lexicon.vocabulary;
        let mut words = words(text, vocabulary);
        for word in &mut words {
            if let Some(meant) = lexicon.meant(word) {
                meant.clone_into(word);
            }
        }
        write_numbers(&mut words);
        if let Some(state) = state {
            write_out_code(text, &mut words, state);
        }
        // An exact phrase goes before one with a typing error: Pinson's police is no prison.
        for find in [find_exact, find] {
            for entry in &vocabulary.kinds {
                for phrase in &entry.phrases {
                    let wanted: Vec<&str> = phrase.split(' ').collect();
                    if let Some(phrase_at) = find(&words, &wanted) {
                        let (kind, level, phrase) = (entry.kind, entry.level, Some(phrase.clone()));
                        return Self { text: text.to_owned(), words, kind, phrase, level, phrase_at };
                    }
                }
            }
        }
        let phrase_at = words.len();
        Self { text: text.to_owned(), words, kind: Kind::Other, phrase: None, level: None, phrase_at }
    }

    /// Reads the same name as a police department's where the words before "police" or "marshal" are a place's name:
    /// College Station is no campus, Oak Harbor no port.
    pub fn as_police_of(self, is_place: impl Fn(&str) -> bool) -> Self {
        if !matches!(self.kind, Kind::Campus | Kind::Transport) {
            return self;
        }
        let at = self.words.iter().position(|word| matches!(word.as_str(), "police" | "marshal"));
        match at.filter(|at| is_place(&self.words[..*at].join(" "))) {
            Some(phrase_at) => {
                let phrase = Some(self.words[phrase_at].clone());
                Self { kind: Kind::Police, phrase, level: None, phrase_at, ..self }
            }
            None => self,
        }
    }

    /// The numbers in the name, as digits: of a precinct, ward, district or circuit.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str).filter(|word| is_number(word))
    }

    /// Whether the name numbers one of these parts of a county or state: `Ward 5`, but not Ward County.
    pub fn numbers_a(&self, parts: &[&str]) -> bool {
        let is_numbered =
            |part: &String, number: &String| parts.contains(&part.as_str()) && is_number(number);
        self.words.windows(2).any(|pair| is_numbered(&pair[0], &pair[1]) || is_numbered(&pair[1], &pair[0]))
    }

    /// Position in `words` of the phrase that decided the kind, or the end of `words`.
    pub fn place_end(&self) -> usize {
        self.phrase_at
    }

    /// Whether the words hold this phrase.
    pub fn says(&self, phrase: &str) -> bool {
        find(&self.words, &phrase.split(' ').collect::<Vec<_>>()).is_some()
    }

    /// Whether the words hold this phrase, with at most one letter of one long word wrong.
    pub fn nearly_says(&self, phrase: &str) -> bool {
        let wanted: Vec<&str> = phrase.split(' ').collect();
        self.words.windows(wanted.len()).any(|window| {
            let odd = || window.iter().zip(&wanted).filter(|(word, wanted)| word.as_str() != **wanted);
            odd().count() <= 1 && odd().all(|(word, wanted)| is_nearly(word, wanted))
        })
    }

    /// The word before "of" at the start of the name, which says what the place is: the town of "Town of Madison".
    pub fn place_prefix(&self) -> Option<&str> {
        match self.words.as_slice() {
            [what, of, ..] if of == "of" => Some(what),
            _ => None,
        }
    }

    /// Whether the words open with this phrase.
    pub fn opens_with(&self, phrase: &str) -> bool {
        find(&self.words, &phrase.split(' ').collect::<Vec<_>>()) == Some(0)
    }

    /// Returns the words of the place that an agency serves: those before the phrase, without "city of" and the like;
    /// if there are none, those after it.
    pub fn place_words(&self, vocabulary: &Vocabulary) -> Vec<String> {
        let mut before = self.words[..self.phrase_at].to_vec();
        while before.last().is_some_and(|word| JOINTS.contains(&word.as_str())) {
            before.pop();
        }
        if before.is_empty() {
            let length = self.phrase.as_ref().map_or(0, |phrase| phrase.split(' ').count());
            before = self.words[(self.phrase_at + length).min(self.words.len())..].to_vec();
            let joints = before.iter().take_while(|word| JOINTS.contains(&word.as_str())).count();
            before.drain(..joints);
        }
        // "Metropolitan Nashville" is Nashville.
        if before.len() > 1 && before.first().is_some_and(|word| word == "metropolitan") {
            before.remove(0);
        }
        if before.len() > 1
            && before.last().is_some_and(|word| matches!(word.as_str(), "metropolitan" | "metro"))
        {
            before.pop();
        }
        for prefix in &vocabulary.place_prefixes {
            let prefix: Vec<&str> = prefix.split(' ').collect();
            if before.len() > prefix.len() && find(&before[..prefix.len()], &prefix) == Some(0) {
                before.drain(..prefix.len());
            }
        }
        before
    }

    /// Returns a key that all spellings of one agency share: a sheriff's office is his department, a state's own name
    /// and the postal code at the end may be left out, and the order of the words does not matter for state agencies
    /// and constables.
    pub fn identity(&self, state: Option<&State>, level: Level) -> String {
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let code = state.map(|s| s.code.as_str().to_lowercase());
        if words.len() > 1 && words.last().copied() == code.as_deref() {
            words.pop();
        }
        if matches!(self.kind, Kind::Sheriff | Kind::Constable | Kind::StatePolice) {
            words.retain(|word| !matches!(*word, "office" | "department"));
        }
        if self.kind == Kind::Constable {
            words.retain(|word| !matches!(*word, "of" | "the" | "state"));
            words.sort_unstable();
        }
        if let Some(state) = state.filter(|_| level == Level::State) {
            let name = state.name.to_lowercase();
            let name: Vec<&str> = name.split(' ').collect();
            if words.len() > name.len()
                && let Some(at) = words.windows(name.len()).position(|window| window == name)
            {
                words.drain(at..at + name.len());
            }
            words.retain(|word| !matches!(*word, "of" | "the" | "and" | "department"));
            words.sort_unstable();
        }
        words.concat()
    }
}

/// Number words in the order of their values from 1: ordinals, then cardinals.
const ORDINALS: &[&str] = &[
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];
const CARDINALS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// Parts of a county or state that are numbered.
const NUMBERED: &[&str] = &["precinct", "ward", "district", "circuit", "judicial", "region", "zone"];

/// Whether a word is digits.
pub fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// Words between a number and what it numbers: the eighth south judicial district.
const DIRECTIONS: &[&str] = &["north", "south", "east", "west"];

/// Tens that an ordinal may follow: the twenty-third district.
const TENS: [(&str, usize); 3] = [("twenty", 20), ("thirty", 30), ("forty", 40)];

/// Writes the numbers of precincts, wards, districts and circuits as digits: `First Ward`, `1st Ward`, `Precinct II`,
/// `Twenty-Third Judicial District`.
fn write_numbers(words: &mut Vec<String>) {
    let is_numbered = |word: Option<&String>| word.is_some_and(|word| NUMBERED.contains(&word.as_str()));
    let ordinal_of = |word: &str| ORDINALS.iter().position(|name| *name == word).map(|at| at + 1);
    for at in (0..words.len().saturating_sub(1)).rev() {
        let tens = TENS.iter().find(|(name, _)| *name == words[at]).map(|(_, tens)| *tens);
        let ones = ordinal_of(&words[at + 1]).filter(|number| *number < 10);
        if let (Some(tens), Some(ones), true) = (tens, ones, is_numbered(words.get(at + 2))) {
            words[at] = (tens + ones).to_string();
            words.remove(at + 1);
        }
    }
    for at in 0..words.len() {
        let before = is_numbered(at.checked_sub(1).and_then(|before| words.get(before)));
        let is_direction = words.get(at + 1).is_some_and(|next| DIRECTIONS.contains(&next.as_str()));
        let after = is_numbered(words.get(at + 1 + usize::from(is_direction)));
        let word = words[at].as_str();
        let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
        let is_ordinal = matches!(&word[digits.len()..], "st" | "nd" | "rd" | "th" | "d");
        let ordinal = ordinal_of(word).filter(|_| before || after);
        let cardinal = CARDINALS.iter().position(|name| *name == word).map(|at| at + 1).filter(|_| before);
        // "District V", "XVI Judicial District"; a single letter before a district need not be a numeral.
        let roman = roman(word).filter(|_| before || (after && word.len() > 1));
        match ordinal.or(cardinal).or(roman) {
            Some(number) => words[at] = number.to_string(),
            None if !digits.is_empty() && is_ordinal => words[at] = digits.trim_start_matches('0').to_owned(),
            None => {}
        }
    }
}

/// The value of a Roman numeral of at most 39; `None` for anything else.
fn roman(word: &str) -> Option<usize> {
    let ones = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    let tens = ["", "x", "xx", "xxx"];
    let is_it = |number: &usize| format!("{}{}", tens[number / 10], ones[number % 10]) == word;
    (1..40).find(is_it)
}

/// Writes out a state's postal code where it opens an agency's name: the `MT` of `MT Dept of Justice` is no mountain.
fn write_out_code(text: &str, words: &mut Vec<String>, state: &State) {
    let opens = text.split(' ').next() == Some(state.code.as_str());
    if opens && words.get(1).is_some_and(|word| AFTER_CODE.contains(&word.as_str())) {
        let name = state.name.to_lowercase();
        words.splice(..1, name.split(' ').map(str::to_owned));
    }
}

/// Returns the words of any agency's name, with abbreviations written out and the numbers of districts as digits.
pub(in crate::identify) fn plain_words(text: &str, vocabulary: &Vocabulary) -> Vec<String> {
    let mut words = words(text, vocabulary);
    write_numbers(&mut words);
    words
}

/// The words of a name.
fn words(text: &str, vocabulary: &Vocabulary) -> Vec<String> {
    let plain: String = text
        .nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    // A note in brackets, such as "(Addendum)", is not part of the name.
    let plain = match (plain.find('('), plain.ends_with(')')) {
        (Some(at), true) if at > 0 => plain[..at].to_owned(),
        _ => plain,
    };
    // The "&" of "Fish & Wildlife" is a word; "A&M" is one word.
    let plain = plain.replace("'s", "\u{1}").replace(" & ", " and ").replace('&', "");
    let mut words = Vec::new();
    for word in plain.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\u{1}' | '\'')) {
        let word = word.replace('\'', "");
        if word.is_empty() {
            continue;
        }
        // "Sheriff's" becomes "sheriff", but "Prince George's" "georges": only known words lose the possessive.
        let bare = word.replace('\u{1}', "");
        let full = word.replace('\u{1}', "s");
        match vocabulary.abbreviations.get(&full).or_else(|| vocabulary.abbreviations.get(&bare)) {
            Some(long) => words.extend(long.split(' ').map(str::to_owned)),
            None if bare != full && is_body_word(&bare) => words.push(bare),
            None => words.push(full),
        }
    }
    words
}

/// Whether the possessive of a word names an office, not a place.
fn is_body_word(word: &str) -> bool {
    matches!(
        word,
        "sheriff"
            | "county"
            | "general"
            | "attorney"
            | "prosecutor"
            | "marshal"
            | "constable"
            | "auditor"
            | "parish"
    )
}

/// Whether a long word has one letter wrong.
fn is_nearly(word: &str, wanted: &str) -> bool {
    wanted.len() > TYPO_LETTERS
        && word.len().abs_diff(wanted.len()) <= 1
        && strsim::osa_distance(word, wanted) == 1
}

/// Position of `wanted` in `words`.
fn find_exact(words: &[String], wanted: &[&str]) -> Option<usize> {
    words.windows(wanted.len()).position(|window| window == wanted)
}

/// Position of `wanted` in `words`; if `wanted` is one long word, it may have one letter wrong.
fn find(words: &[String], wanted: &[&str]) -> Option<usize> {
    let lenient = wanted.len() == 1;
    let same = |word: &String, wanted: &&str| word == wanted || (lenient && is_nearly(word, wanted));
    (0..(words.len() + 1).saturating_sub(wanted.len()))
        .find(|at| words[*at..].iter().zip(wanted).all(|(word, wanted)| same(word, wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;
    use crate::spec::SpecFiles;

    fn shipped() -> (Vocabulary, Reference) {
        let files = SpecFiles::default();
        let vocabulary = files.toml("pipelines/agreements/vocabulary.toml").unwrap();
        (vocabulary, Reference::load(&files).unwrap())
    }

    #[test]
    fn kinds_and_places_are_read() {
        let (vocabulary, reference) = shipped();
        let lexicon = Lexicon::new(&vocabulary, &reference);
        for (name, kind, place) in [
            ("Bay County Sheriff's Office", Kind::Sheriff, "bay county"),
            ("Prince George's County Police Department", Kind::Police, "prince georges county"),
            ("Christian County Sherrif's Office", Kind::Sheriff, "christian county"),
            ("Texas County's Sheriff's Office", Kind::Sheriff, "texas county"),
            ("St Johns County Sheriffs Office", Kind::Sheriff, "saint johns county"),
            ("City of Doral Police Department", Kind::Police, "doral"),
            ("Tampa PD", Kind::Police, "tampa"),
            ("Indian River Shores DPS", Kind::Police, "indian river shores"),
            ("Center Line Division of Public Safety and Security", Kind::Police, "center line"),
            ("Constable Unity Township", Kind::Constable, "unity township"),
            ("Office of Constable Monroeville 6th Ward", Kind::Constable, "monroeville 6 ward"),
            ("Orange County Corrections Department", Kind::Corrections, "orange county"),
            ("Georgia Department of Public Safety", Kind::Police, "georgia"),
            ("Kansas Bureau Of Investigation", Kind::StatePolice, "kansas"),
            ("Mississippi Attorney General's Office", Kind::Prosecutor, "mississippi"),
            ("Florida Gaming Control Commission", Kind::Other, "florida gaming control commission"),
            ("Las Vegas Metropolitan Police Department", Kind::Sheriff, "las vegas metropolitan police"),
            ("Monmouth County Sheriff's Office (Addendum)", Kind::Sheriff, "monmouth county"),
        ] {
            let read = Name::read(name, None, &lexicon);
            assert_eq!(read.kind, kind, "{name}");
            if kind != Kind::Sheriff || !name.starts_with("Las") {
                assert_eq!(read.place_words(&vocabulary).join(" "), place, "{name}");
            }
        }
    }

    #[test]
    fn a_regional_body_is_told_in_spite_of_a_typing_error() {
        let (vocabulary, reference) = shipped();
        let lexicon = Lexicon::new(&vocabulary, &reference);
        let read = |name: &str| Name::read(name, None, &lexicon);
        assert!(read("16th Judicial Distric Drug Task Force").nearly_says("judicial district"));
        assert!(read("Sixth Judical Circuit").nearly_says("judicial circuit"));
        assert!(!read("Criminal Investigation Division").nearly_says("judicial district"));
        assert!(!read("Regional Hospital").nearly_says("regional jail"));
    }

    #[test]
    fn spellings_of_one_body_have_one_identity() {
        let (vocabulary, reference) = shipped();
        let lexicon = Lexicon::new(&vocabulary, &reference);
        let identity = |name: &str| Name::read(name, None, &lexicon).identity(None, Level::County);
        for (a, b) in [
            ("Walker County Sheriff's Office", "Walker County Sheriff's Department"),
            ("Panama City Police Dept.", "Panama City Police Department"),
            ("Arkansas State Police", "Arkansas State Police Department"),
            ("Gulf County BOCC", "Gulf County Board of County Commissioners"),
            ("Galveston County Constable's Office Pct.1", "Galveston County Constable Precinct 1"),
        ] {
            assert_eq!(identity(a), identity(b));
        }
        for (a, b) in [
            ("Melbourne Police Department", "Melbourne Beach Police Department"),
            ("Pima County Sheriff's Office", "Pinal County Sheriff's Office"),
            ("Galveston County Constable Precinct 1", "Galveston County Constable Precinct 4"),
        ] {
            assert_ne!(identity(a), identity(b));
        }
    }
}
