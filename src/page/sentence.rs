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

/// A count of a kind of list and a model, or of all models.
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
pub struct Parsed {
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
pub fn read(segment: &str) -> Parsed {
    let mut said = Parsed::default();
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Number(i64),
    /// A number that is written out.
    Spelled(i64),
    /// A model; `None` is one that no table has.
    Model(Option<ModelGroup>),
    Agreements,
    Applications,
    /// Agencies are no agreements: one may have several. One in one model is one.
    Agencies,
    States,
    Pending,
    With,
    In,
    /// What may stand between a number and what it counts: `287(g)`, `law enforcement`, `program`.
    Filler,
    Other,
}

/// A sentence's words with what each is; those of a model's name are one.
fn classified(words: &[&str]) -> Vec<(Word, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let here = |n: usize| words.get(at + n).map(|word| bare(word)).unwrap_or_default();
        let (first, second, third) = (here(0), here(1), here(2));
        let (word, length) = match (first.as_str(), second.as_str(), third.as_str()) {
            ("tribal", "task", "force") => (Word::Model(None), 3),
            ("task", "force", _) => (Word::Model(Some(ModelGroup::Tfm)), 2),
            ("jail", "enforcement", _) => (Word::Model(Some(ModelGroup::Jem)), 2),
            ("warrant", "service", "officer" | "officers") => (Word::Model(Some(ModelGroup::Wso)), 3),
            ("jem", _, _) => (Word::Model(Some(ModelGroup::Jem)), 1),
            ("wso", _, _) => (Word::Model(Some(ModelGroup::Wso)), 1),
            ("tfm", _, _) => (Word::Model(Some(ModelGroup::Tfm)), 1),
            ("ttfm", _, _) => (Word::Model(None), 1),
            ("memorandums" | "memoranda" | "memorandum", "of", "agreement" | "agreements") => {
                (Word::Agreements, 3)
            }
            ("agreements" | "agreement" | "moas" | "moa", _, _) => (Word::Agreements, 1),
            ("applications" | "application", _, _) => (Word::Applications, 1),
            ("agencies" | "agency", _, _) => (Word::Agencies, 1),
            ("states" | "state", _, _) => (Word::States, 1),
            ("pending", _, _) => (Word::Pending, 1),
            ("with", _, _) => (Word::With, 1),
            ("in" | "covering", _, _) => (Word::In, 1),
            (
                "287(g" | "287g" | "law" | "enforcement" | "program" | "programs" | "model" | "signed"
                | "active" | "different",
                _,
                _,
            ) => (Word::Filler, 1),
            _ => (number(words[at]).unwrap_or(Word::Other), 1),
        };
        found.push((word, first));
        at += length;
    }
    found
}

/// The number a word is; one that is larger than any count of agreements is none.
fn number(word: &str) -> Option<Word> {
    const MOST: i64 = 1_000_000;
    let text = word.trim_matches(['(', ')', ',', ';', ':', '.', '"', '“', '”']);
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let groups: Vec<&str> = text.split(',').collect();
        let is_grouped = groups.len() == 1
            || (matches!(groups[0].len(), 1..=3) && groups[1..].iter().all(|group| group.len() == 3));
        let value = groups.concat().parse().ok().filter(|value| is_grouped && *value <= MOST);
        // Whatever else begins with a digit is a number that is not understood, and stands in nobody's way for that.
        return Some(value.map_or(Word::Number(-1), Word::Number));
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

/// Words with which a sentence may begin, once its "As of" is taken away: it speaks of all there are.
const SUBJECTS: [&str; 6] = ["ice", "these", "the", "there", "it", "they"];

/// Words by which a sentence speaks of something else than all there are, or not exactly.
const NOT_ALL: [&str; 54] = [
    "since",
    "new",
    "newly",
    "additional",
    "more",
    "than",
    "over",
    "nearly",
    "almost",
    "approximately",
    "about",
    "around",
    "roughly",
    "least",
    "most",
    "up",
    "some",
    "estimated",
    "only",
    "terminated",
    "terminations",
    "expired",
    "expire",
    "ended",
    "rescinded",
    "suspended",
    "withdrawn",
    "former",
    "previously",
    "plan",
    "plans",
    "planned",
    "will",
    "would",
    "goal",
    "expects",
    "expected",
    "last",
    "past",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "hundred",
    "thousand",
    "million",
    "percent",
    "applied",
    "awaiting",
    "between",
    "no",
    "longer",
];

/// Agreements and states by kind and model; an error where two figures differ.
type Figures = BTreeMap<(ListKind, ModelGroup), Result<(Option<i64>, Option<i64>), ()>>;

/// Reads the figures of a sentence: all of them, or none, for a number of which it is not plain what it counts makes the
/// others doubtful. Sentences without a number, or without anything that is counted, are passed over.
fn read_sentence(
    words: &[&str],
    kind_before: &mut Option<ListKind>,
    figures: &mut Figures,
    unread: &mut Vec<String>,
) {
    let found = classified(words);
    let is = |wanted: fn(&Word) -> bool| found.iter().any(|(word, _)| wanted(word));
    let is_counted = is(|word| {
        matches!(
            word,
            Word::Agreements | Word::Applications | Word::Agencies | Word::Model(_) | Word::Pending
        )
    });
    if !is_counted || !is(|word| matches!(word, Word::Number(_) | Word::Spelled(_))) {
        return;
    }
    let bares: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let begins =
        bares.iter().find(|word| !word.is_empty()).is_some_and(|word| SUBJECTS.contains(&word.as_str()));
    let is_of_all = !bares.iter().any(|word| NOT_ALL.contains(&word.as_str()));
    let has_aside =
        words.iter().any(|word| word.starts_with('(') && word[1..].starts_with(|c: char| c.is_ascii_digit()));
    let is_cut = words.iter().any(|word| word.ends_with('…'));
    let read =
        (begins && is_of_all && !has_aside && !is_cut).then(|| figures_of(&found, *kind_before)).flatten();
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

/// Figures of one sentence: kind and group, agreements, states.
type Read = Vec<((ListKind, ModelGroup), Option<i64>, Option<i64>)>;

/// The figures of a sentence; `None` where a number stands in no frame that is known:
///
/// - `JEM agreements with 102 law enforcement agencies`
/// - `640 Memorandums of Agreement`, `12 pending JEM agreements`, `43 287(g) program applications`
/// - `76 JEM, 143 WSO and 140 TFM agreements`
///
/// each with `in 26 states`, or `covering 26 states`, behind it. `529 agencies` without a model are no agreements.
fn figures_of(found: &[(Word, String)], kind_before: Option<ListKind>) -> Option<Read> {
    let word = |at: usize| found.get(at).map(|(word, _)| *word);
    let has = |wanted: &str| found.iter().any(|(_, text)| text == wanted);
    let goes_on = found.first().is_some_and(|(_, text)| matches!(text.as_str(), "these" | "they" | "it"));
    let of_sentence = kind_before.filter(|_| goes_on && !has("signed")).unwrap_or(ListKind::Participating);
    let mut read: Read = Vec::new();
    // Models counted whose noun is still to come (`76 JEM, 143 WSO and 140 TFM agreements`).
    let mut waiting: Vec<(ModelGroup, i64)> = Vec::new();
    let mut has_shared_noun = false;
    for at in 0..found.len() {
        let value = match found[at].0 {
            Word::Number(value) => value,
            // `within one business day` is a manner of speaking.
            Word::Spelled(value) if is_counted(found, at) => value,
            _ => continue,
        };
        let after = after(found, at);
        let (end, is_pending) = (at + 1 + after.length, after.is_pending);
        if value < 0 || !may_precede(found, at) {
            return None;
        }
        match (word(end), after.models.as_slice()) {
            (Some(Word::States), []) if at.checked_sub(1).and_then(word) == Some(Word::In) => {
                let is_plain = read.iter().rev().skip(1).all(|(_, _, states)| states.is_some())
                    || found[end..].iter().any(|(word, _)| matches!(word, Word::Number(_)));
                match read.last_mut() {
                    Some(((kind, _), _, _)) if has_shared_noun => {
                        let kind = *kind;
                        read.push(((kind, ModelGroup::All), None, Some(value)));
                    }
                    Some((_, _, states @ None)) if is_plain => *states = Some(value),
                    // Whether the last of several is meant, or all of them, is not plain.
                    Some((_, _, None)) => {}
                    _ => return None,
                }
            }
            (_, []) if is_territories(found, at) => {}
            (Some(Word::Agencies), []) => match model_before(found, at) {
                ModelBefore::One(model, is_pending) => {
                    let kind = if is_pending { ListKind::Pending } else { of_sentence };
                    read.push(((kind, model), Some(value), None));
                }
                // They are no agreements, but their states are the agreements'.
                ModelBefore::None => read.push(((of_sentence, ModelGroup::All), None, None)),
                ModelBefore::Unclear => return None,
            },
            (Some(noun @ (Word::Agreements | Word::Applications)), models) => {
                let are_pending = found.get(end + 1).is_some_and(|(_, text)| text == "are")
                    && word(end + 2) == Some(Word::Pending);
                let kind = if noun == Word::Applications || is_pending || are_pending {
                    ListKind::Pending
                } else {
                    of_sentence
                };
                let group = match models {
                    [] if waiting.is_empty() => ModelGroup::All,
                    [Some(model)] => *model,
                    _ => return None,
                };
                has_shared_noun |= !waiting.is_empty();
                read.extend(waiting.drain(..).map(|(model, value)| ((kind, model), Some(value), None)));
                read.push(((kind, group), Some(value), None));
                // `agreements in Florida` are not all of them.
                let is_somewhere = word(end + 1) == Some(Word::In)
                    && !matches!(word(end + 2), Some(Word::Number(_) | Word::Spelled(_)));
                if is_somewhere {
                    return None;
                }
            }
            (_, [Some(model)]) if after.length == 1 => waiting.push((*model, value)),
            _ => return None,
        }
    }
    waiting.is_empty().then_some(read)
}

/// What stands between a number and what it counts.
struct After {
    /// Words.
    length: usize,
    models: Vec<Option<ModelGroup>>,
    is_pending: bool,
}

fn after(found: &[(Word, String)], at: usize) -> After {
    let is_between =
        |(word, _): &&(Word, String)| matches!(word, Word::Filler | Word::Pending | Word::Model(_));
    let between: Vec<Word> = found[at + 1..].iter().take_while(is_between).map(|(word, _)| *word).collect();
    let model = |word: &Word| if let Word::Model(model) = word { Some(*model) } else { None };
    After {
        length: between.len(),
        models: between.iter().filter_map(model).collect(),
        is_pending: between.contains(&Word::Pending),
    }
}

/// Whether a number that is written out counts something that is looked for.
fn is_counted(found: &[(Word, String)], at: usize) -> bool {
    let end = at + 1 + after(found, at).length;
    let noun = found.get(end).map(|(word, _)| *word);
    matches!(noun, Some(Word::Agreements | Word::Applications | Word::Agencies | Word::States))
        || is_territories(found, at)
}

/// Whether the word before a number lets it be a count of all there are: `has 640`, `with 102`, `, 143`; not `Phase 2`.
fn may_precede(found: &[(Word, String)], at: usize) -> bool {
    const BEFORE: [&str; 14] = [
        "has",
        "have",
        "signed",
        "are",
        "is",
        "include",
        "includes",
        "following",
        "and",
        "currently",
        "now",
        "with",
        "in",
        "covering",
    ];
    let Some((word, text)) = at.checked_sub(1).map(|at| &found[at]) else { return false };
    BEFORE.contains(&text.as_str())
        || matches!(
            word,
            Word::Agreements | Word::Applications | Word::Agencies | Word::States | Word::Model(_)
        )
}

/// The model named before a number of agencies.
enum ModelBefore {
    /// `pending JEM agreements with 102 agencies`: the model, and whether they are pending.
    One(ModelGroup, bool),
    /// `agreements with 529 agencies`.
    None,
    /// `JEM, WSO and TFM agreements with 1,843 agencies`, or a model that no table has.
    Unclear,
}

fn model_before(found: &[(Word, String)], at: usize) -> ModelBefore {
    let word = |back: usize| at.checked_sub(back).map(|at| found[at].0);
    let (Some(Word::With), Some(Word::Agreements)) = (word(1), word(2)) else { return ModelBefore::None };
    let mut named: Option<ModelGroup> = None;
    let mut is_pending = false;
    for (word, text) in found[..at - 2].iter().rev() {
        match word {
            Word::Filler => {}
            Word::Pending => is_pending = true,
            Word::Model(Some(model)) if named.is_none() => named = Some(*model),
            Word::Model(_) => return ModelBefore::Unclear,
            Word::Other if text == "and" || text == "or" => {}
            _ => break,
        }
    }
    named.map_or(if is_pending { ModelBefore::Unclear } else { ModelBefore::None }, |model| {
        ModelBefore::One(model, is_pending)
    })
}

/// Whether a number counts territories, which are told beside the states.
fn is_territories(found: &[(Word, String)], at: usize) -> bool {
    found[at + 1..].iter().take(2).any(|(_, text)| text.starts_with("territor"))
}

/// Notes a figure; of two that differ neither holds.
fn put(figures: &mut Figures, of: (ListKind, ModelGroup), agreements: Option<i64>, states: Option<i64>) {
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

    /// Sentences as they are, and as they may come to be, each behind an "As of": `tests/cases/statements.toml`.
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
