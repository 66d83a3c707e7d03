//! Text: compatibility forms, apostrophes and spaces made plain; null tokens emptied; mailboxes withheld.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfkc};

use super::{Clean, Fix};
use crate::shown::is_invisible;
use crate::spec::Vocabulary;

/// Cleans a printed text: NFKC, straight apostrophes and hyphens, single spaces, none at the ends; takes out what a
/// program has put into words. A null token becomes nothing. Rules are joined by `+`, each named once.
pub fn clean(printed: &str, vocabulary: &Vocabulary) -> Clean<String> {
    let mut rules: Vec<&'static str> = Vec::new();
    let mut text = Cow::Borrowed(printed);
    // Compatibility forms can hide spaces and apostrophes: passes go on until one changes nothing.
    while let Some(next) = pass(&text, &mut rules) {
        text = Cow::Owned(next);
    }
    for (spoiled, meant) in &vocabulary.spoiled_by_programs {
        while !spoiled.is_empty() && !meant.contains(spoiled.as_str()) && text.contains(spoiled.as_str()) {
            text = Cow::Owned(text.replace(spoiled.as_str(), meant));
            if !rules.contains(&"spoiled_by_program") {
                rules.push("spoiled_by_program");
            }
        }
    }
    if text.is_empty() {
        let has_spaces = !printed.is_empty();
        return if has_spaces {
            Clean::unknown("only_spaces", "holds nothing to read")
        } else {
            Clean::blank()
        };
    }
    if vocabulary.null_tokens.iter().any(|token| is_token(&text, token)) {
        return Clean::unknown("null_token", format_args!("{text} stands for nothing"));
    }
    let fix = (!rules.is_empty()).then(|| Fix { rule: rules.join("+"), evidence: None });
    Clean { value: Some(text.into_owned()), fix }
}

/// Whether the text is a null token; where it opens with `#` only its letters count (`#n?A`).
fn is_token(text: &str, token: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let like = || text.starts_with('#') && letters(text).eq_ignore_ascii_case(&letters(token));
    token.eq_ignore_ascii_case(text) || (token.starts_with('#') && like())
}

/// A rule's name and what it makes of a text it changes.
type CleaningStep = (&'static str, fn(&str) -> Option<String>);

/// Applies the first of the steps that changes the text.
fn pass(text: &str, rules: &mut Vec<&'static str>) -> Option<String> {
    let steps: [CleaningStep; 6] = [
        ("edge_spaces", |t| (t.trim().len() < t.len()).then(|| t.trim().to_owned())),
        ("inner_spaces", |t| has_odd_spaces(t).then(|| single_spaces(t))),
        ("apostrophe", |t| t.contains(is_odd_apostrophe).then(|| t.replace(is_odd_apostrophe, "'"))),
        ("hyphen", |t| t.contains(is_odd_hyphen).then(|| t.replace(is_odd_hyphen, "-"))),
        ("unicode_form", |t| (!is_nfkc(t)).then(|| t.nfkc().collect())),
        ("invisible_characters", |t| t.contains(is_invisible).then(|| t.replace(is_invisible, ""))),
    ];
    let (rule, next) = steps.iter().find_map(|(rule, step)| Some((*rule, step(text)?)))?;
    if !rules.contains(&rule) {
        rules.push(rule);
    }
    Some(next)
}

fn is_odd_apostrophe(c: char) -> bool {
    matches!(c, '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{00B4}' | '\u{FF07}' | '`')
}

fn is_odd_hyphen(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn has_odd_spaces(text: &str) -> bool {
    text.contains("  ") || text.contains(|c: char| c.is_whitespace() && c != ' ')
}

fn single_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens() -> Vocabulary {
        crate::spec::SpecFiles::default().toml("pipelines/agreements/vocabulary.toml").unwrap()
    }

    #[test]
    fn rules_are_named() {
        for (printed, value, rule) in [
            ("Bay County", Some("Bay County"), None),
            (" Bay County\u{a0}", Some("Bay County"), Some("edge_spaces")),
            ("Kansas  Bureau", Some("Kansas Bureau"), Some("inner_spaces")),
            ("Kansas\nBureau ", Some("Kansas Bureau"), Some("edge_spaces+inner_spaces")),
            ("Sheriff\u{2019}s Office", Some("Sheriff's Office"), Some("apostrophe")),
            ("Miami\u{2013}Dade", Some("Miami-Dade"), Some("hyphen")),
            ("\u{fb01}re", Some("fire"), Some("unicode_form")),
            ("Waria-labelon County", Some("Walton County"), Some("spoiled_by_program")),
            ("Dade\u{200b}", Some("Dade"), Some("invisible_characters")),
            ("#n/a", None, Some("null_token")),
            (" #NA ", None, Some("null_token")),
            ("#n?A", None, Some("null_token")),
            ("#1 District", Some("#1 District"), None),
            (" \u{a0}", None, Some("only_spaces")),
            ("", None, None),
        ] {
            let clean = clean(printed, &tokens());
            assert_eq!(clean.value.as_deref(), value, "{printed:?}");
            assert_eq!(clean.fix.map(|fix| fix.rule).as_deref(), rule, "{printed:?}");
        }
    }

    thread_local! {
        static TOKENS: Vocabulary = tokens();
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            if let Some(once) = TOKENS.with(|tokens| clean(&text, tokens)).value {
                let twice = TOKENS.with(|tokens| clean(&once, tokens));
                prop_assert_eq!(twice.value.as_deref(), Some(once.as_str()));
                prop_assert_eq!(twice.fix, None);
            }
        }

        #[test]
        fn a_fix_is_recorded_exactly_when_the_text_changed(text in any::<String>()) {
            let clean = TOKENS.with(|tokens| clean(&text, tokens));
            if let Some(value) = clean.value {
                prop_assert_eq!(value != text, clean.fix.is_some());
            }
        }
    }
}
