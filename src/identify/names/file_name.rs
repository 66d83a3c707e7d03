//! What the name of an agreement's file says: words, state and model.

use crate::normalise::Listing;
use crate::reference::Reference;
use crate::words::{Model, StateCode};

/// The most letters of a file's name that are read.
const FILE_LETTERS: usize = 200;

/// Tokens of file names that say what kind of agency it is; the place's name stands before them.
pub(in crate::identify) const KIND_WORDS: &[&str] = &[
    "co",
    "county",
    "parish",
    "city",
    "police",
    "pd",
    "so",
    "sheriff",
    "sheriffs",
    "borough",
    "boro",
    "township",
    "twp",
    "town",
    "village",
    "dept",
    "department",
    "constable",
    "jail",
    "public",
    "dps",
];

/// A file's name, as read.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::identify) struct FileName {
    /// Words in lower case, in order, without numbers.
    pub(in crate::identify) tokens: Vec<String>,
    pub(in crate::identify) state: Option<StateCode>,
    pub(in crate::identify) model: Option<Model>,
}

impl FileName {
    /// Reads a file's name: words begin at capitals or after signs; letters alone show a state's code and a model.
    pub(in crate::identify) fn read(stem: &str, reference: &Reference) -> Self {
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let stem: String = stem.chars().take(FILE_LETTERS).collect();
        let stem = stem.replace("%20", " ").replace("287g", " ");
        let mut words: Vec<String> = Vec::new();
        let mut word = String::new();
        let letters: Vec<char> = stem.chars().collect();
        for (at, letter) in letters.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| letters[at]);
            let after = letters.get(at + 1);
            let begins = letter.is_uppercase()
                && (before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit())
                    || (before.is_some_and(char::is_uppercase) && after.is_some_and(|c| c.is_lowercase())));
            if !letter.is_alphabetic() || begins {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            }
            if letter.is_alphabetic() {
                word.push(*letter);
            }
        }
        words.extend((!word.is_empty()).then_some(word));
        let state_of = |text: &str| StateCode::new(text).filter(|code| reference.states.get(*code).is_some());
        let (mut tokens, mut state, mut model): (Vec<String>, Option<StateCode>, Option<Model>) =
            (Vec::new(), None, None);
        for word in words {
            if let Some(named) = Model::ALL.iter().find(|model| model.as_str() == word) {
                model = model.or(Some(*named));
                continue;
            }
            // "SOGA" is a sheriff's office in Georgia.
            let is_run = word.len() > 2 && word.len() <= 5 && word.chars().all(|c| c.is_ascii_uppercase());
            let (body, code) = if is_run { word.split_at(word.len() - 2) } else { ("", word.as_str()) };
            let is_end = !tokens.is_empty() && model.is_none();
            match state_of(code)
                .filter(|_| is_end && (!is_run || KIND_WORDS.contains(&body.to_lowercase().as_str())))
            {
                Some(code) => {
                    state = Some(code);
                    tokens.extend((!body.is_empty()).then(|| body.to_lowercase()));
                }
                None => tokens.push(word.to_lowercase()),
            }
        }
        Self { tokens, state, model }
    }
}

/// Returns the state in the name of the file to which a listing links.
pub fn file_state(listing: &Listing, reference: &Reference) -> Option<StateCode> {
    let url = listing.moa_url.as_deref()?;
    FileName::read(url.rsplit('/').next().unwrap_or(url), reference).state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SpecFiles;

    #[test]
    fn file_names_are_read() {
        let reference = Reference::load(&SpecFiles::default()).unwrap();
        for (stem, tokens, state, model) in [
            (
                "LakeCoSheriffsOfficeOH_WSO_MOA_05282025.pdf",
                "lake co sheriffs office moa",
                Some("OH"),
                Some(Model::Wso),
            ),
            ("287gJEM_WhitfieldCoGa2020-06-09.pdf", "whitfield co ga", None, Some(Model::Jem)),
            ("TurnerCoSOGA_JEM_MOA_12162025.pdf", "turner co so moa", Some("GA"), Some(Model::Jem)),
            ("BartowPDFL_TFM_MOA_042925.pdf", "bartow pd moa", Some("FL"), Some(Model::Tfm)),
            ("Jackson_County_WSO_MOA_02.24.25.pdf", "jackson county moa", None, Some(Model::Wso)),
            (
                "ManheimBoroughPoliceDeptPA_TFM_MOA_1.pdf",
                "manheim borough police dept moa",
                Some("PA"),
                Some(Model::Tfm),
            ),
            ("", "", None, None),
        ] {
            let file = FileName::read(stem, &reference);
            assert_eq!(file.tokens.join(" "), tokens, "{stem}");
            assert_eq!(file.state.map(|code| code.to_string()).as_deref(), state, "{stem}");
            assert_eq!(file.model, model, "{stem}");
        }
    }
}
