//! Reads what the numbers of a sentence count. Each number must stand in one of a few frames (`640 agreements`, `12
//! pending JEM agreements`, `JEM agreements with 102 agencies`, `in 26 states`); otherwise no figure is read.

use super::words::bare;
use crate::words::{ListKind, ModelGroup};

/// Role of a word in a sentence that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Number(i64),
    /// A word that begins like a number but cannot be read as one: `1,5,00`, `1357(g)`.
    OddNumber,
    /// A number that is written out.
    Spelled(i64),
    /// A model; `None` for one that no table has.
    Model(Option<ModelGroup>),
    Agreements,
    Applications,
    /// An agency may have several agreements, but only one in one model.
    Agencies,
    States,
    Pending,
    With,
    In,
    /// A word that may stand between a number and its noun: `287(g)`, `law enforcement`, `program`.
    Filler,
    Other,
}

/// A word of a sentence; the words of a model's name are one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub word: Word,
    /// The word in lower case, without punctuation; the first where the token has several.
    pub text: String,
    /// Whether punctuation follows it.
    pub ends_clause: bool,
}

/// Returns a sentence's words, each with its role.
pub fn classified(words: &[&str]) -> Vec<Token> {
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
        at += length;
        let ends_clause =
            words[at - 1].trim_end_matches([')', '"', '”']).ends_with([',', ';', '.', ':', '…']);
        found.push(Token { word, text: first, ends_clause });
    }
    found
}

/// Reads a word as a number; one larger than any count of agreements cannot be read.
fn number(word: &str) -> Option<Word> {
    const MOST: i64 = 1_000_000;
    let text = word.trim_matches(['(', ')', ',', ';', ':', '.', '"', '“', '”']);
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let groups: Vec<&str> = text.split(',').collect();
        let is_grouped = groups.len() == 1
            || (matches!(groups[0].len(), 1..=3) && groups[1..].iter().all(|group| group.len() == 3));
        let value = groups.concat().parse().ok().filter(|value| is_grouped && *value <= MOST);
        return Some(value.map_or(Word::OddNumber, Word::Number));
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

/// How a sentence that counts all there are begins, once its "As of" is removed.
const BEGINNINGS: [(&str, &[&str]); 6] = [
    ("ice", &["has", "also", "currently", "now"]),
    ("these", &["include"]),
    ("the", &["following"]),
    ("there", &["are"]),
    ("it", &["has", "also"]),
    ("they", &["include"]),
];

/// Whether a sentence begins like one that counts all there are, and has none of the words in `NOT_ALL`.
pub fn is_of_all(tokens: &[Token]) -> bool {
    let mut texts = tokens.iter().map(|token| token.text.as_str()).filter(|text| !text.is_empty());
    let (first, second) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
    let begins = BEGINNINGS.iter().any(|(subject, verbs)| *subject == first && verbs.contains(&second));
    begins && !tokens.iter().any(|token| NOT_ALL.contains(&token.text.as_str()))
}

/// Words that show that a sentence does not count all there are, or not exactly.
const NOT_ALL: [&str; 56] = [
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
    "not",
    "never",
];

/// Figures of one sentence: kind and group, agreements, states.
pub type ReadFigures = Vec<((ListKind, ModelGroup), Option<i64>, Option<i64>)>;

/// Returns the figures of a sentence; `None` where a number stands in none of the known frames:
///
/// - `JEM agreements with 102 law enforcement agencies`
/// - `640 Memorandums of Agreement`, `12 pending JEM agreements`, `43 287(g) program applications`
/// - `76 JEM, 143 WSO and 140 TFM agreements`
///
/// Each may have `in 26 states` or `covering 26 states` right behind it, and nothing else that could narrow it.
/// `529 agencies` without a model is not a count of agreements.
pub fn figures_of(found: &[Token], kind_before: Option<ListKind>) -> Option<ReadFigures> {
    let word = |at: usize| found.get(at).map(|token| token.word);
    // `These include 12 JEM agreements` counts the same kind as the sentence before.
    let goes_on = found.first().is_some_and(|token| matches!(token.text.as_str(), "these" | "they"));
    let of_sentence = kind_before.filter(|_| goes_on).unwrap_or(ListKind::Participating);
    let mut read: ReadFigures = Vec::new();
    // Counted models whose noun is still to come (`76 JEM, 143 WSO and 140 TFM agreements`).
    let mut waiting: Vec<(ModelGroup, i64)> = Vec::new();
    let mut has_shared_noun = false;
    // Where the states of the last figure would stand.
    let mut behind = 0;
    for at in 0..found.len() {
        let value = match found[at].word {
            Word::Number(value) => value,
            Word::OddNumber => return None,
            // The `one` of `within one business day` counts nothing.
            Word::Spelled(value) if counts_something(found, at) => value,
            _ => continue,
        };
        let after = after(found, at);
        let end = at + 1 + after.length;
        match (word(end), after.models.as_slice()) {
            (Some(Word::States), []) if at > 0 && word(at - 1) == Some(Word::In) => {
                if read.is_empty() || at - 1 != behind {
                    return None;
                }
                let is_plain = read.iter().rev().skip(1).all(|(_, _, states)| states.is_some())
                    || found[end..].iter().any(|token| matches!(token.word, Word::Number(_)));
                // `41 states and territories` is not a count of states.
                let has_territories = found[end + 1..].iter().take(2).any(|t| t.text.starts_with("territor"));
                match read.last_mut() {
                    _ if has_territories => {}
                    Some(((kind, _), _, _)) if has_shared_noun => {
                        let kind = *kind;
                        read.push(((kind, ModelGroup::All), None, Some(value)));
                    }
                    Some((_, _, states @ None)) if is_plain => *states = Some(value),
                    // It is unclear whether the last figure is meant or all of them.
                    _ => {}
                }
            }
            (_, []) if is_territories(found, at) => {}
            (Some(Word::Agencies), []) if at > 0 && word(at - 1) == Some(Word::With) => {
                behind = behind_noun(found, end)?;
                match model_before(found, at) {
                    ModelBefore::One(model, is_pending) => {
                        let kind = if is_pending { ListKind::Pending } else { of_sentence };
                        read.push(((kind, model), Some(value), None));
                        has_shared_noun = false;
                    }
                    // Agencies are not agreements, but their states are those of the agreements.
                    ModelBefore::None if read.is_empty() => {
                        read.push(((of_sentence, ModelGroup::All), None, None));
                    }
                    ModelBefore::None => {}
                    ModelBefore::Unclear => return None,
                }
            }
            (Some(noun @ (Word::Agreements | Word::Applications)), models) => {
                if !may_precede(found, at, !waiting.is_empty()) {
                    return None;
                }
                let (next, are_pending) = pending_behind(found, end);
                behind = behind_noun(found, next)?;
                let is_pending = noun == Word::Applications || after.is_pending || are_pending;
                let kind = if is_pending { ListKind::Pending } else { of_sentence };
                let group = match models {
                    [] if waiting.is_empty() => ModelGroup::All,
                    [Some(model)] => *model,
                    _ => return None,
                };
                has_shared_noun = !waiting.is_empty();
                read.extend(waiting.drain(..).map(|(model, value)| ((kind, model), Some(value), None)));
                read.push(((kind, group), Some(value), None));
            }
            (_, [Some(model)]) if after.length == 1 && is_in_row(found, at + 1) => {
                if !may_precede(found, at, !waiting.is_empty()) {
                    return None;
                }
                waiting.push((*model, value));
            }
            _ => return None,
        }
    }
    waiting.is_empty().then_some(read)
}

/// The words between a number and what it counts.
struct AfterNumber {
    /// Number of words.
    length: usize,
    models: Vec<Option<ModelGroup>>,
    is_pending: bool,
}

fn after(found: &[Token], at: usize) -> AfterNumber {
    let is_between = |token: &&Token| matches!(token.word, Word::Filler | Word::Pending | Word::Model(_));
    let between: Vec<Word> = found[at + 1..].iter().take_while(is_between).map(|token| token.word).collect();
    let model = |word: &Word| if let Word::Model(model) = word { Some(*model) } else { None };
    AfterNumber {
        length: between.len(),
        models: between.iter().filter_map(model).collect(),
        is_pending: between.contains(&Word::Pending),
    }
}

/// Whether a written-out number counts agreements, applications, agencies, states or territories.
fn counts_something(found: &[Token], at: usize) -> bool {
    let noun = found.get(at + 1 + after(found, at).length).map(|token| token.word);
    matches!(noun, Some(Word::Agreements | Word::Applications | Word::Agencies | Word::States))
        || is_territories(found, at)
}

/// Whether the word before a number lets it be a count of all there are: `has 640`, `, 143`, `and 140`; not `Phase 2`.
fn may_precede(found: &[Token], at: usize, is_in_row: bool) -> bool {
    const BEFORE: [&str; 9] =
        ["has", "have", "signed", "are", "include", "following", "and", "currently", "now"];
    let Some(token) = at.checked_sub(1).map(|at| &found[at]) else { return false };
    let is_counted =
        matches!(token.word, Word::Agreements | Word::Applications | Word::Agencies | Word::States);
    BEFORE.contains(&token.text.as_str())
        || (is_counted && token.ends_clause)
        || (is_in_row && matches!(token.word, Word::Model(_)))
}

/// Whether a model counted without a noun is followed by another count: `76 JEM, 143 WSO and 140 TFM`.
fn is_in_row(found: &[Token], model: usize) -> bool {
    let is_number =
        |at: usize| matches!(found.get(at).map(|token| token.word), Some(Word::Number(_) | Word::Spelled(_)));
    let is_and = found.get(model + 1).is_some_and(|token| token.text == "and");
    (found[model].ends_clause && is_number(model + 1)) || (is_and && is_number(model + 2))
}

/// Returns the position of the `pending` behind a noun (`agreements pending`, `applications are currently pending`)
/// and `true`; else the noun's own position and `false`.
fn pending_behind(found: &[Token], noun: usize) -> (usize, bool) {
    let text = |at: usize| found.get(at).map_or("", |token| token.text.as_str());
    let mut at = noun + 1;
    if found[noun].ends_clause {
        return (noun, false);
    }
    if text(at) == "are" {
        at += 1;
        if matches!(text(at), "currently" | "still" | "now") {
            at += 1;
        }
    }
    if text(at) == "pending" { (at, true) } else { (noun, false) }
}

/// Words before `agencies` that leave no agency out; `state agencies` would be only some of them.
const ALL_AGENCIES: [&[&str]; 4] = [
    &["law", "enforcement"],
    &["state", "and", "local", "law", "enforcement"],
    &["local", "and", "state", "law", "enforcement"],
    &["state", "and", "local"],
];

/// Returns the position where a count's states would stand: behind its noun and any words that do not narrow it. `None`
/// where something narrows it (`agreements in Florida`, `agreements under the Task Force Model`).
fn behind_noun(found: &[Token], noun: usize) -> Option<usize> {
    let token = |at: usize| found.get(at);
    let text = |at: usize| token(at).map_or("", |token| token.text.as_str());
    let is_number =
        |at: usize| matches!(token(at).map(|token| token.word), Some(Word::Number(_) | Word::Spelled(_)));
    let mut at = noun;
    // `with state and local law enforcement agencies`, `for 287(g) programs` and `nationwide` narrow nothing.
    loop {
        if found[at].ends_clause {
            return Some(at + 1);
        }
        let next = at + 1;
        let tail = match text(next) {
            "with" => ALL_AGENCIES.iter().find_map(|words| {
                let end = next + 1 + words.len();
                let is_said = words.iter().zip(next + 1..).all(|(word, at)| text(at) == *word);
                (is_said && token(end).is_some_and(|token| token.word == Word::Agencies)).then_some(end)
            }),
            "for" => found[next + 1..]
                .iter()
                .position(|token| token.word != Word::Filler)
                .or(Some(found.len() - next - 1))
                .filter(|length| *length > 0)
                .map(|length| next + length),
            "nationwide" => Some(next),
            _ => None,
        };
        match tail {
            Some(end) => at = end,
            None => break,
        }
    }
    let next = at + 1;
    let is_plain = match token(next) {
        None => true,
        Some(token) if token.word == Word::In => is_number(next + 1),
        Some(token) if token.word == Word::With => is_number(next + 1),
        // `applications and agreements` are counted together.
        Some(token) => {
            let is_noun = |token: &Token| matches!(token.word, Word::Agreements | Word::Applications);
            token.text == "and" && !found.get(next + 1).is_some_and(is_noun)
        }
    };
    is_plain.then_some(next)
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

fn model_before(found: &[Token], at: usize) -> ModelBefore {
    let word = |back: usize| at.checked_sub(back).map(|at| found[at].word);
    match (word(1), word(2)) {
        (Some(Word::With), Some(Word::Agreements)) => {}
        (Some(Word::With), Some(Word::Applications)) => return ModelBefore::Unclear,
        _ => return ModelBefore::None,
    }
    let mut named: Option<ModelGroup> = None;
    let mut is_pending = false;
    for token in found[..at - 2].iter().rev() {
        match token.word {
            Word::Filler => {}
            Word::Pending => is_pending = true,
            Word::Model(Some(model)) if named.is_none() => named = Some(model),
            Word::Model(_) => return ModelBefore::Unclear,
            Word::Other if token.text == "and" || token.text == "or" => {}
            // `1,600 agreements with 1,400 agencies` counts both.
            Word::Number(_) | Word::Spelled(_) if named.is_none() => break,
            Word::Number(_) | Word::Spelled(_) => return ModelBefore::Unclear,
            _ => break,
        }
    }
    named.map_or(if is_pending { ModelBefore::Unclear } else { ModelBefore::None }, |model| {
        ModelBefore::One(model, is_pending)
    })
}

/// Whether a number counts territories, which a sentence gives beside the states.
fn is_territories(found: &[Token], at: usize) -> bool {
    let texts = || found[at + 1..].iter().take(2).map(|token| token.text.as_str());
    texts().next().is_some_and(|text| text.starts_with("territor"))
        || (texts().next() == Some("u.s") && texts().nth(1).is_some_and(|text| text.starts_with("territor")))
}
