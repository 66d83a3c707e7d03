//! Reads a sentence of ICE's page: the time it speaks for, and how many agreements or applications of each model there
//! are, in how many states.
//!
//! It reads sentences like these, of 2021, 2025 and since: "As of January 2021, ICE has 287(g) JEM agreements with 74
//! law enforcement agencies in 21 states", "As of June 5, 2025, at 4 p.m., ICE has signed 640 Memorandums of Agreement
//! for 287(g) programs covering 40 states", "ICE has 88 pending 287(g) program applications". A number is not read, and
//! this is reported, where it is unclear what it counts: a missing figure can be looked up, a wrong one is believed.

use std::collections::BTreeMap;

use super::counts::{Word, classified, figures_of, is_of_all};
pub use super::when::Stated;
use super::when::time_of;
use crate::words::{ListKind, ModelGroup};

/// A count for a kind of list and a model, or for all models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    pub kind: ListKind,
    pub group: ModelGroup,
    /// Agreements, or applications.
    pub agreements: Option<i64>,
    /// States that they are in.
    pub states: Option<i64>,
}

/// A text as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParsedSentence {
    pub stated: Option<Stated>,
    /// The words that give the time.
    pub stated_printed: Option<String>,
    pub figures: Vec<Figure>,
    /// The parts that could not be read, in words.
    pub unread: Vec<String>,
}

/// Cuts a block of text before each sentence that begins with "As of", so that each segment has one time.
pub fn segments(text: &str) -> Vec<String> {
    let mut segments: Vec<String> = Vec::new();
    for sentence in sentences(text) {
        let begins = as_of(&sentence).is_some_and(|at| at == 0);
        match segments.last_mut() {
            Some(segment) if !begins => {
                segment.push(' ');
                segment.push_str(&sentence.join(" "));
            }
            // Sentences before the first one with an "As of" have no time and are left out.
            None if as_of(&sentence).is_none() => {}
            _ => segments.push(sentence.join(" ")),
        }
    }
    segments
}

/// The sentences of a text, each as its words.
fn sentences(text: &str) -> Vec<Vec<&str>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, word) in words.iter().enumerate() {
        let lower = word.trim_end_matches(['"', '”', ')']).to_lowercase();
        let is_short = ["a.m.", "p.m.", "u.s.", "no.", "st."].iter().any(|short| lower.ends_with(short));
        let goes_on = words.get(at + 1).is_some_and(|next| !next.starts_with(|c: char| c.is_uppercase()));
        if lower.ends_with(['.', '!', '?']) && !is_short && !goes_on {
            sentences.push(words[start..=at].to_vec());
            start = at + 1;
        }
    }
    if start < words.len() {
        sentences.push(words[start..].to_vec());
    }
    sentences
}

/// Position of "as of" in a sentence.
fn as_of(words: &[&str]) -> Option<usize> {
    words.windows(2).position(|pair| pair[0].eq_ignore_ascii_case("as") && pair[1].eq_ignore_ascii_case("of"))
}

/// Reads a segment.
pub fn read(segment: &str) -> ParsedSentence {
    let mut said = ParsedSentence::default();
    let mut figures = SentenceFigures::new();
    let mut kind_before = None;
    for mut words in sentences(segment) {
        if let Some(at) = as_of(&words) {
            let (stated, length) = time_of(&words[at + 2..]);
            if said.stated.is_none() && said.stated_printed.is_none() {
                let printed = words[at + 2..at + 2 + length].join(" ");
                said.stated_printed =
                    Some(printed.trim_end_matches([',', '.', ';']).to_owned()).filter(|p| !p.is_empty());
                // `p.m.` keeps its full stop.
                if let Some(printed) = said.stated_printed.as_mut().filter(|p| p.ends_with(".m")) {
                    printed.push('.');
                }
                said.stated = stated;
            }
            words.drain(at..at + 2 + length);
        }
        read_sentence(&words, &mut kind_before, &mut figures, &mut said.unread);
    }
    for ((kind, group), found) in figures {
        match found {
            Ok((agreements, states)) => said.figures.push(Figure { kind, group, agreements, states }),
            Err(()) => said.unread.push(format!("two figures are given of {kind} agreements, {group}")),
        }
    }
    if said.figures.is_empty() && said.unread.is_empty() {
        said.unread.push("no figure was found".to_owned());
    }
    if said.stated.is_none() {
        said.unread.push("it is not plain of which day it speaks".to_owned());
    }
    said
}

/// Agreements and states by kind and model; an error where two figures differ.
type SentenceFigures = BTreeMap<(ListKind, ModelGroup), Result<(Option<i64>, Option<i64>), ()>>;

/// Reads all figures of a sentence, or none: a number makes the others doubtful where it is unclear what it counts.
/// Sentences without a number, or without anything that is counted, are skipped.
fn read_sentence(
    words: &[&str],
    kind_before: &mut Option<ListKind>,
    figures: &mut SentenceFigures,
    unread: &mut Vec<String>,
) {
    let found = classified(words);
    let is = |wanted: fn(&Word) -> bool| found.iter().any(|token| wanted(&token.word));
    let is_counted = is(|word| {
        matches!(
            word,
            Word::Agreements | Word::Applications | Word::Agencies | Word::Model(_) | Word::Pending
        )
    });
    if !is_counted || !is(|word| matches!(word, Word::Number(_) | Word::OddNumber | Word::Spelled(_))) {
        return;
    }
    let has_aside =
        words.iter().any(|word| word.starts_with('(') && word[1..].starts_with(|c: char| c.is_ascii_digit()));
    let is_cut = words.iter().any(|word| word.ends_with('…'));
    let read =
        (is_of_all(&found) && !has_aside && !is_cut).then(|| figures_of(&found, *kind_before)).flatten();
    match read {
        Some(read) => {
            for ((kind, group), agreements, states) in read {
                *kind_before = Some(kind);
                put(figures, (kind, group), agreements, states);
            }
        }
        None => unread.push(format!("{:?} was not read", words.join(" "))),
    }
}

/// Adds a figure; where two figures differ, neither counts.
fn put(
    figures: &mut SentenceFigures,
    of: (ListKind, ModelGroup),
    agreements: Option<i64>,
    states: Option<i64>,
) {
    let differ =
        |there: Option<i64>, new: Option<i64>| there.zip(new).is_some_and(|(there, new)| there != new);
    if agreements.is_none() && states.is_none() {
        return;
    }
    let entry = figures.entry(of).or_insert(Ok((None, None)));
    if let Ok((a, b)) = *entry {
        let both = Ok((a.or(agreements), b.or(states)));
        *entry = if differ(a, agreements) || differ(b, states) { Err(()) } else { both };
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Figures as text: kind, group, agreements, states.
    fn figures(text: &str) -> Vec<String> {
        let shown = |n: Option<i64>| n.map_or_else(|| "-".into(), |n| n.to_string());
        let line = |f: &Figure| format!("{} {} {} {}", f.kind, f.group, shown(f.agreements), shown(f.states));
        read(text).figures.iter().map(line).collect()
    }

    #[test]
    fn what_the_page_has_said_since_2021() {
        for (text, expected) in [
            (
                "As of January 2021, ICE has 287(g) JEM agreements with 74 law enforcement agencies in 21 states. ICE also \
                 has 287(g) WSO agreements with 76 law enforcement agencies in 11 states.",
                &["participating JEM 74 21", "participating WSO 76 11"][..],
            ),
            (
                "As of February 28, 2025, at 3 p.m. ICE has signed 287(g) JEM agreements with 69 law enforcement agencies \
                 in 18 states, 287(g) WSO agreements with 118 law enforcement agencies in 15 states, and 287(g) TFM \
                 agreements with 85 agencies in nine states.",
                &["participating TFM 85 9", "participating JEM 69 18", "participating WSO 118 15"],
            ),
            (
                "As of February 28, 2025, at 3 p.m., the following 43 287(g) program applications are pending.",
                &["pending all 43 -"],
            ),
            (
                "As of June 5, 2025, at 4 p.m., ICE has signed 640 Memorandums of Agreement for 287(g) programs covering \
                 40 states. These include JEM agreements with 102 law enforcement agencies in 26 states, 287(g) WSO \
                 agreements with 231 law enforcement agencies in 31 states, and 287(g) TFM agreements with 307 agencies \
                 in 30 states.",
                &[
                    "participating TFM 307 30",
                    "participating JEM 102 26",
                    "participating WSO 231 31",
                    "participating all 640 40",
                ],
            ),
            (
                "As of June 5, 2025, at 4 p.m., ICE has 88 pending 287(g) program applications. These include 12 pending \
                 JEM agreements, 25 pending WSO agreements, and 51 pending TFM agreements.",
                &["pending TFM 51 -", "pending JEM 12 -", "pending WSO 25 -", "pending all 88 -"],
            ),
            (
                "As of May 18, 2026, ICE has signed 1,843 Memorandums of Agreement covering 39 states and 2 territories. \
                 These include 160 Jail Enforcement Model agreements in 31 states, 510 Warrant Service Officer agreements \
                 and 1,173 Task Force Model agreements.",
                &[
                    "participating TFM 1173 -",
                    "participating JEM 160 31",
                    "participating WSO 510 -",
                    "participating all 1843 39",
                ],
            ),
            (
                "As of 03/17/2025, ICE has signed 76 JEM, 143 WSO and 140 TFM agreements.",
                &["participating TFM 140 -", "participating JEM 76 -", "participating WSO 143 -"],
            ),
            (
                "As of May 1, 2026, there are 5 pending applications. These include 2 JEM agreements.",
                &["pending JEM 2 -", "pending all 5 -"],
            ),
        ] {
            assert_eq!(figures(text), expected, "{text}");
        }
    }

    #[derive(serde::Deserialize)]
    struct Case {
        text: String,
        figures: Vec<String>,
    }

    /// Reads the sentences of `tests/cases/statements.toml`, real and possible ones, each behind an "As of".
    #[test]
    fn what_is_not_plain_is_not_read_and_said() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/statements.toml");
        let cases: std::collections::BTreeMap<String, Vec<Case>> =
            toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        for case in &cases["case"] {
            let text = format!("As of May 18, 2026, {}", case.text);
            assert_eq!(figures(&text), case.figures, "{text}");
            let parsed = read(&text);
            assert!(!parsed.figures.is_empty() || !parsed.unread.is_empty(), "{text}: nothing is said");
        }
        assert!(cases["case"].len() >= 60);
        let parsed = read("As of last week, ICE has signed 10 agreements.");
        assert_eq!(parsed.stated, None);
        assert!(parsed.unread.iter().any(|why| why.contains("of which day")), "{:?}", parsed.unread);
        assert!(
            figures("As of May 1, 2026, ICE has signed 40 agreements within one business day.").is_empty()
        );
    }

    #[test]
    fn days_months_and_times() {
        for (text, from, until, time, printed) in [
            (
                "As of June 5, 2025, at 4 p.m., ICE",
                date(2025, 6, 5),
                date(2025, 6, 5),
                Some(16),
                "June 5, 2025, at 4 p.m.",
            ),
            (
                "As of February 28, 2025, at 3 p.m. ICE",
                date(2025, 2, 28),
                date(2025, 2, 28),
                Some(15),
                "February 28, 2025, at 3 p.m.",
            ),
            (
                "As of March 3, 2025, at 9 a.m., ICE",
                date(2025, 3, 3),
                date(2025, 3, 3),
                Some(9),
                "March 3, 2025, at 9 a.m.",
            ),
            (
                "As of March 3rd, 2025 at 9am ET, ICE",
                date(2025, 3, 3),
                date(2025, 3, 3),
                Some(9),
                "March 3rd, 2025 at 9am ET",
            ),
            ("As of January 2021, ICE", date(2021, 1, 1), date(2021, 1, 31), None, "January 2021"),
            ("As of 3/17/2025 ICE", date(2025, 3, 17), date(2025, 3, 17), None, "3/17/2025"),
            (
                "As of May 1, 2026, noon, ICE",
                date(2026, 5, 1),
                date(2026, 5, 1),
                Some(12),
                "May 1, 2026, noon",
            ),
            (
                "As of May 1, 2026, 12 a.m., ICE",
                date(2026, 5, 1),
                date(2026, 5, 1),
                Some(0),
                "May 1, 2026, 12 a.m.",
            ),
        ] {
            let said = read(text);
            let stated = said.stated.unwrap_or_else(|| panic!("{text}"));
            assert_eq!((stated.from, stated.until), (from, until), "{text}");
            assert_eq!(stated.time.map(|time| i32::from(time.hour())), time, "{text}");
            assert_eq!(said.stated_printed.as_deref(), Some(printed), "{text}");
        }
        for text in [
            "As of February 30, 2025, x",
            "As of May 1, 1925, x",
            "As of 13/13/2025, x",
            "As of",
            "As of May",
        ] {
            assert_eq!(read(text).stated, None, "{text}");
        }
    }

    #[test]
    fn a_block_may_speak_of_two_times() {
        let text = "Hello. As of May 1, 2026, ICE has signed 5 agreements. It is so. As of May 2, 2026, ICE has 3 pending \
                    applications.";
        let found = segments(text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].ends_with("It is so.") && found[1].starts_with("As of May 2"), "{found:?}");
        assert!(segments("No time is said here. 5 agreements.").is_empty());
    }
}
