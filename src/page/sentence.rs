//! What a sentence of ICE's page says: of when it speaks, how many agreements or applications there are of which model,
//! in how many states.
//!
//! Read are sentences like these, of 2021, 2025 and since: "As of January 2021, ICE has 287(g) JEM agreements with 74 law
//! enforcement agencies in 21 states", "As of June 5, 2025, at 4 p.m., ICE has signed 640 Memorandums of Agreement for
//! 287(g) programs covering 40 states", "ICE has 88 pending 287(g) program applications". A number of which it is not
//! plain what it counts is not read, and said: a figure that is missing can be looked up, a wrong one is believed.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, date};

use crate::words::{ListKind, MONTHS, ModelGroup};

/// When a statement speaks of: a day, or a month of which it does not say the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    pub from: Date,
    pub until: Date,
    /// The time of day, in ICE's own time, where it is said.
    pub time: Option<Time>,
}

/// What is said of a kind and a model, or of all models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    pub kind: ListKind,
    pub group: ModelGroup,
    /// Agreements, or applications.
    pub agreements: Option<i64>,
    /// States that they are in.
    pub states: Option<i64>,
}

/// What a text says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub stated: Option<Stated>,
    /// The words that say when.
    pub stated_printed: Option<String>,
    pub figures: Vec<Figure>,
    /// What could not be read, in words.
    pub unread: Vec<String>,
}

/// A block of text cut where a sentence begins to speak of another time: each begins with its "As of".
pub fn segments(text: &str) -> Vec<String> {
    let mut segments: Vec<String> = Vec::new();
    for sentence in sentences(text) {
        let begins = as_of(&sentence).is_some_and(|at| at == 0);
        match segments.last_mut() {
            Some(segment) if !begins => {
                segment.push(' ');
                segment.push_str(&sentence.join(" "));
            }
            // What stands before the first "As of" is no statement of a time, unless that follows within a sentence.
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

/// Where "as of" stands in a sentence.
fn as_of(words: &[&str]) -> Option<usize> {
    words.windows(2).position(|pair| pair[0].eq_ignore_ascii_case("as") && pair[1].eq_ignore_ascii_case("of"))
}

/// A word without the punctuation around it, in small letters.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// Reads a segment.
pub fn read(segment: &str) -> Said {
    let mut said = Said::default();
    let mut figures = Figures::new();
    let mut kind_before = None;
    for mut words in sentences(segment) {
        if let Some(at) = as_of(&words) {
            let (stated, length) = time_of(&words[at + 2..]);
            if said.stated.is_none() && said.stated_printed.is_none() {
                let printed = words[at + 2..at + 2 + length].join(" ");
                said.stated_printed =
                    Some(printed.trim_end_matches([',', '.', ';']).to_owned()).filter(|p| !p.is_empty());
                // `p.m.` keeps its stop.
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

/// When the words behind "as of" speak of, and how many words say it.
fn time_of(words: &[&str]) -> (Option<Stated>, usize) {
    let first_day = date(2002, 1, 1);
    let known = |day: Date| (first_day..=date(2099, 12, 31)).contains(&day);
    let at = |n: usize| words.get(n).map(|word| bare(word)).unwrap_or_default();
    let year = |n: usize| at(n).parse::<i16>().ok().filter(|_| at(n).len() == 4);
    let (from, until, mut length) = if let Some(month) = MONTHS.iter().position(|month| *month == at(0)) {
        let month = month as i8 + 1;
        let of_month = at(1);
        let of_month = of_month.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        match (of_month.parse::<i8>(), year(1), year(2)) {
            (Ok(day), None, Some(year)) => {
                let day = Date::new(year, month, day).ok();
                (day, day, 3)
            }
            (_, Some(year), _) => {
                let first = Date::new(year, month, 1).ok();
                (first, first.map(|first| first.last_of_month()), 2)
            }
            _ => return (None, 0),
        }
    } else {
        let slashed: Vec<i16> = at(0).split('/').map_while(|part| part.parse().ok()).collect();
        let [month, day, year] = slashed.as_slice() else { return (None, 0) };
        let day = i8::try_from(*month).ok().zip(i8::try_from(*day).ok());
        let day = day.and_then(|(month, day)| Date::new(*year, month, day).ok());
        (day, day, 1)
    };
    let (time, more) = hour_of(&words[length.min(words.len())..]);
    length += more;
    let stated = from.zip(until).filter(|(from, until)| known(*from) && known(*until));
    (stated.map(|(from, until)| Stated { from, until, time }), length)
}

/// The time of day at the head of these words, and how many words say it.
fn hour_of(words: &[&str]) -> (Option<Time>, usize) {
    let at = |n: usize| words.get(n).map(|word| bare(word)).unwrap_or_default();
    let from = usize::from(at(0) == "at");
    if at(from) == "noon" {
        return (Time::new(12, 0, 0, 0).ok(), from + 1);
    }
    let half = |text: &str| match text.replace('.', "").as_str() {
        "am" => Some(0),
        "pm" => Some(12),
        _ => None,
    };
    let clock = at(from);
    let digits = clock.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.');
    let (afternoon, length) = match (half(&clock[digits.len()..]), half(&at(from + 1))) {
        (Some(half), _) => (half, 1),
        (None, Some(half)) if digits == clock => (half, 2),
        _ => return (None, 0),
    };
    let (hour, minute) = digits.split_once(':').unwrap_or((digits, "0"));
    let (Ok(hour), Ok(minute)) = (hour.parse::<i8>(), minute.parse::<i8>()) else { return (None, 0) };
    let time =
        (1..=12).contains(&hour).then(|| Time::new(hour % 12 + afternoon, minute, 0, 0).ok()).flatten();
    let zone = usize::from(matches!(at(from + length).as_str(), "et" | "est" | "edt" | "eastern"));
    (time, from + length + zone)
}

/// What a word is to a reader of counts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Number(i64),
    /// A number that is written out, which may be a figure of speech.
    Spelled(i64),
    Model(Option<ModelGroup>),
    /// What is counted.
    Agreements {
        is_application: bool,
    },
    States,
    Pending,
    Other,
}

/// A sentence's words, those of a model's name as one.
fn classified(words: &[&str]) -> Vec<(Word, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let here = |n: usize| words.get(at + n).map(|word| bare(word)).unwrap_or_default();
        let (first, second, third) = (here(0), here(1), here(2));
        let (word, length) = match (first.as_str(), second.as_str(), third.as_str()) {
            ("287(g" | "287g" | "287", _, _) => (None, 1),
            ("tribal", "task", "force") => (Some(Word::Model(None)), 3),
            ("task", "force", _) => (Some(Word::Model(Some(ModelGroup::Tfm))), 2),
            ("jail", "enforcement", _) => (Some(Word::Model(Some(ModelGroup::Jem))), 2),
            ("warrant", "service", "officer" | "officers") => (Some(Word::Model(Some(ModelGroup::Wso))), 3),
            ("jem", _, _) => (Some(Word::Model(Some(ModelGroup::Jem))), 1),
            ("wso", _, _) => (Some(Word::Model(Some(ModelGroup::Wso))), 1),
            ("tfm", _, _) => (Some(Word::Model(Some(ModelGroup::Tfm))), 1),
            ("ttfm", _, _) => (Some(Word::Model(None)), 1),
            ("pending", _, _) => (Some(Word::Pending), 1),
            ("state" | "states", _, _) => (Some(Word::States), 1),
            (
                "agencies" | "agency" | "agreements" | "agreement" | "memorandums" | "memoranda"
                | "memorandum" | "moas" | "moa" | "entities" | "partners",
                _,
                _,
            ) => (Some(Word::Agreements { is_application: false }), 1),
            ("applications" | "application" | "applicants", _, _) => {
                (Some(Word::Agreements { is_application: true }), 1)
            }
            _ => (Some(number(words, at).unwrap_or(Word::Other)), 1),
        };
        if let Some(word) = word {
            found.push((word, words[at].to_owned()));
        }
        at += length;
    }
    found
}

/// The number a word is, unless it is part of a date.
fn number(words: &[&str], at: usize) -> Option<Word> {
    let text = words[at].trim_matches(['(', ')', ',', ';', ':', '.', '"', '“', '”']);
    let before = |n: usize| at.checked_sub(n).map(|at| bare(words[at])).unwrap_or_default();
    let is_month = |word: &str| MONTHS.contains(&word);
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b',') {
        let groups: Vec<&str> = text.split(',').collect();
        let is_grouped = groups.len() == 1
            || (matches!(groups[0].len(), 1..=3) && groups[1..].iter().all(|group| group.len() == 3));
        let value: i64 = groups.concat().parse().ok().filter(|_| is_grouped)?;
        let is_year = groups.len() == 1 && (1990..=2099).contains(&value);
        let in_date = is_month(&before(1))
            || (is_year
                && (is_month(&before(2))
                    || matches!(&*before(1), "in" | "since" | "fy" | "year" | "fiscal")));
        return (!in_date).then_some(Word::Number(value));
    }
    spelled(&bare(text)).map(Word::Spelled)
}

fn spelled(word: &str) -> Option<i64> {
    const ONES: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let one = |word: &str| ONES.iter().position(|one| *one == word).map(|n| n as i64);
    let ten = |word: &str| TENS.iter().position(|ten| *ten == word).map(|n| 20 + 10 * n as i64);
    match word.split_once('-') {
        Some((tens, ones)) => Some(ten(tens)? + one(ones).filter(|n| (1..10).contains(n))?),
        None => one(word).or_else(|| ten(word)),
    }
}

/// Words by which a number is no count of all there are.
const INEXACT: [&str; 10] =
    ["over", "than", "nearly", "almost", "approximately", "about", "around", "roughly", "least", "most"];

/// Agreements and states by kind and model; an error where two figures differ.
type Figures = BTreeMap<(ListKind, ModelGroup), Result<(Option<i64>, Option<i64>), ()>>;

fn read_sentence(
    words: &[&str],
    kind_before: &mut Option<ListKind>,
    figures: &mut Figures,
    unread: &mut Vec<String>,
) {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&bare(word).as_str()));
    let found = classified(words);
    let is_counted = |(word, _): &(Word, String)| matches!(word, Word::Agreements { .. } | Word::Model(_));
    let has_numbers = found.iter().any(|(word, _)| matches!(word, Word::Number(_)));
    if !found.iter().any(is_counted) {
        return;
    }
    if has(&["hundred", "thousand"]) || (has(&["since"]) && has_numbers) {
        unread.push(format!("{:?} was not read", words.join(" ")));
        return;
    }
    let goes_on =
        words.first().is_some_and(|word| matches!(bare(word).as_str(), "these" | "this" | "of" | "they"));
    let is_pending = has(&["pending"]) && !has(&["signed"]);
    let of_sentence = match (is_pending, goes_on.then_some(*kind_before).flatten()) {
        (true, _) => ListKind::Pending,
        (false, Some(kind)) if !has(&["signed"]) => kind,
        _ => ListKind::Participating,
    };
    // The model named last, until a count has taken it, and what the last count was of.
    let (mut model, mut counted): (Option<Option<ModelGroup>>, Option<(ListKind, ModelGroup)>) = (None, None);
    for (at, (word, printed)) in found.iter().enumerate() {
        let value = match word {
            Word::Model(named) => {
                model = Some(*named);
                continue;
            }
            Word::Number(value) | Word::Spelled(value) => *value,
            _ => continue,
        };
        let is_number = |(word, _): &&(Word, String)| !matches!(word, Word::Number(_) | Word::Spelled(_));
        let after: Vec<&Word> =
            found[at + 1..].iter().take_while(is_number).map(|(word, _)| word).take(10).collect();
        let noun = after.iter().position(|word| matches!(word, Word::Agreements { .. } | Word::States));
        let between = &after[..noun.unwrap_or(after.len())];
        let named = between.iter().find_map(|word| match word {
            Word::Model(named) => Some(*named),
            _ => None,
        });
        let is_exact =
            at.checked_sub(1).is_none_or(|before| !INEXACT.contains(&bare(&found[before].1).as_str()));
        let noun = noun.map(|at| after[at]);
        let is_said = match (noun, named) {
            (Some(Word::States), None) => {
                counted.is_some_and(|of| is_exact && put(figures, of, None, Some(value)))
            }
            (Some(Word::Agreements { .. }), _) | (None, Some(_)) => {
                let is_application = matches!(noun, Some(Word::Agreements { is_application: true }));
                let kind = if is_application || between.contains(&&Word::Pending) {
                    ListKind::Pending
                } else {
                    of_sentence
                };
                // A model between the number and what it counts is the count's; else the one named before it.
                let named = named.or_else(|| model.take());
                let group = match named {
                    Some(Some(group)) => Some(group),
                    Some(None) => None,
                    None => Some(ModelGroup::All),
                };
                counted = group.map(|group| (kind, group));
                *kind_before = Some(kind);
                counted.is_some_and(|of| is_exact && put(figures, of, Some(value), None))
            }
            _ => false,
        };
        // `within one business day` is no count.
        if !is_said && (matches!(word, Word::Number(_)) || noun.is_some()) {
            unread.push(format!("the number {printed:?} was not read"));
        }
    }
}

/// Notes a figure; of two that differ neither holds. Whether it could be noted.
fn put(
    figures: &mut Figures,
    of: (ListKind, ModelGroup),
    agreements: Option<i64>,
    states: Option<i64>,
) -> bool {
    let differ =
        |there: Option<i64>, new: Option<i64>| there.zip(new).is_some_and(|(there, new)| there != new);
    let entry = figures.entry(of).or_insert(Ok((None, None)));
    if let Ok((a, b)) = *entry {
        let both = Ok((a.or(agreements), b.or(states)));
        *entry = if differ(a, agreements) || differ(b, states) { Err(()) } else { both };
    }
    true
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn what_is_not_plain_is_not_read_and_said() {
        for (text, expected) in [
            ("As of May 1, 2026, ICE has signed more than 1,500 agreements.", &[][..]),
            ("As of May 1, 2026, ICE has signed 514 agreements since January 20, 2025.", &[]),
            ("As of May 1, 2026, ICE has signed one hundred and two agreements.", &[]),
            ("As of May 1, 2026, ICE has signed 10 agreements. It has signed 12 agreements.", &[]),
            ("As of May 1, 2026, ICE has 3 Tribal Task Force Model agreements.", &[]),
            ("As of May 1, 2026, ICE has signed 1,5,00 agreements.", &[]),
            (
                "As of May 1, 2026, ICE has signed 40 agreements and trained 3,000 officers.",
                &["participating all 40 -"],
            ),
        ] {
            assert_eq!(figures(text), expected, "{text}");
        }
        let said = read("As of last week, ICE has signed 10 agreements.");
        assert_eq!(said.stated, None);
        assert!(said.unread[0].contains("of which day"), "{:?}", said.unread);
        assert_eq!(
            read("As of May 1, 2026, ICE has signed more than 15 agreements.").unread,
            ["the number \"15\" was not read"]
        );
        assert!(
            read("As of May 1, 2026, ICE has signed 40 agreements within one business day.")
                .unread
                .is_empty()
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
