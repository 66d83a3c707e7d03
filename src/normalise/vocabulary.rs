//! SUPPORT TYPE and TYPE: a closed set of words (`pipelines/agreements/vocabulary.toml`), each recognised by the word
//! that only it has.

use super::{Clean, nearest};
use crate::spec::Vocabulary;
use crate::words::{AgencyType, Model};

/// A telling word may be this many edits away.
const EDITS: usize = 2;

/// Reads a cleaned SUPPORT TYPE text.
pub fn model(text: &str, vocabulary: &Vocabulary) -> Clean<Model> {
    if let Some(known) = vocabulary.models.iter().find(|m| m.printed.eq_ignore_ascii_case(text)) {
        return if known.printed == text {
            Clean::same(known.code)
        } else {
            Clean::fixed(known.code, "model_case", &known.printed)
        };
    }
    let first = text.split_whitespace().next().unwrap_or_default();
    if let Some(known) = vocabulary.models.iter().find(|m| m.code.as_str().eq_ignore_ascii_case(first)) {
        return Clean::fixed(known.code, "model_code", &known.printed);
    }
    let printed = nearest(text, EDITS, vocabulary.models.iter().map(|m| (m, m.printed.as_str())));
    let told = || told_by_word(text, vocabulary.models.iter().map(|m| (m, m.word.as_str())));
    match printed.map(|(known, _)| known).or_else(told) {
        Some(known) => Clean::fixed(known.code, "model_variant", &known.printed),
        None => Clean::unknown("model_unknown", "says none of the three models"),
    }
}

/// Reads a cleaned TYPE text.
pub fn agency_type(text: &str, vocabulary: &Vocabulary) -> Clean<AgencyType> {
    if let Some(known) = AgencyType::ALL.iter().find(|t| t.as_str().eq_ignore_ascii_case(text)) {
        return if known.as_str() == text {
            Clean::same(*known)
        } else {
            Clean::fixed(*known, "type_case", known)
        };
    }
    let printed = nearest(text, EDITS, AgencyType::ALL.iter().map(|t| (*t, t.as_str())));
    let told = || told_by_word(text, vocabulary.types.iter().map(|t| (t.code, t.word.as_str())));
    match printed.map(|(known, _)| known).or_else(told) {
        Some(known) => Clean::fixed(known, "type_variant", known),
        None => Clean::unknown("type_unknown", "says none of the three types"),
    }
}

/// Returns the entry whose telling word starts a word of the text, or is nearest to one; only if no other entry's does.
fn told_by_word<'a, T: Copy>(text: &str, entries: impl Iterator<Item = (T, &'a str)> + Clone) -> Option<T> {
    let words: Vec<String> = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
    let mut starting = entries.clone().filter(|(_, word)| words.iter().any(|w| w.starts_with(word)));
    match (starting.next(), starting.next()) {
        (Some((only, _)), None) => return Some(only),
        (Some(_), Some(_)) => return None,
        (None, _) => {}
    }
    let near = words.iter().filter_map(|w| nearest(w, EDITS.min(w.len() / 3), entries.clone()));
    near.min_by_key(|(_, edits)| *edits).map(|(entry, _)| entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SpecFiles;

    fn shipped() -> Vocabulary {
        SpecFiles::default().toml("pipelines/agreements/vocabulary.toml").unwrap()
    }

    #[test]
    fn models_are_read() {
        for (printed, code, rule) in [
            ("Task Force Model", Some("TFM"), None),
            ("task force model", Some("TFM"), Some("model_case")),
            ("Task Force Officer", Some("TFM"), Some("model_variant")),
            ("Warrant Service Office", Some("WSO"), Some("model_variant")),
            ("Warant Service Officer", Some("WSO"), Some("model_variant")),
            ("Jail Enforcement", Some("JEM"), Some("model_variant")),
            ("Jail and Task Force Model", None, Some("model_unknown")),
            ("TFM", Some("TFM"), Some("model_code")),
            ("WSO Model", Some("WSO"), Some("model_code")),
            ("Hybrid", None, Some("model_unknown")),
        ] {
            let clean = model(printed, &shipped());
            assert_eq!(clean.value.map(|m| m.as_str()), code, "{printed}");
            assert_eq!(clean.fix.map(|fix| fix.rule).as_deref(), rule, "{printed}");
        }
    }

    #[test]
    fn types_are_read() {
        for (printed, code, rule) in [
            ("County", Some("County"), None),
            ("State Agency", Some("State Agency"), None),
            ("State", Some("State Agency"), Some("type_variant")),
            ("Municipal", Some("Municipality"), Some("type_variant")),
            ("Muncipality", Some("Municipality"), Some("type_variant")),
            ("Tribe", None, Some("type_unknown")),
        ] {
            let clean = agency_type(printed, &shipped());
            assert_eq!(clean.value.map(|m| m.as_str()), code, "{printed}");
            assert_eq!(clean.fix.map(|fix| fix.rule).as_deref(), rule, "{printed}");
        }
    }
}
