//! What the numbers of a sentence count. A number stands in one of a few frames (`640 agreements`, `12 pending JEM
//! agreements`, `JEM agreements with 102 agencies`, `in 26 states`), or none of the sentence is read.

use super::sentence::bare;
use crate::words::{ListKind, ModelGroup};

/// What a word is to a reader of counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
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
pub fn classified(words: &[&str]) -> Vec<(Word, String)> {
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
pub const SUBJECTS: [&str; 6] = ["ice", "these", "the", "there", "it", "they"];

/// Words by which a sentence speaks of something else than all there are, or not exactly.
pub const NOT_ALL: [&str; 54] = [
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

/// Figures of one sentence: kind and group, agreements, states.
pub type Read = Vec<((ListKind, ModelGroup), Option<i64>, Option<i64>)>;

/// The figures of a sentence; `None` where a number stands in no frame that is known:
///
/// - `JEM agreements with 102 law enforcement agencies`
/// - `640 Memorandums of Agreement`, `12 pending JEM agreements`, `43 287(g) program applications`
/// - `76 JEM, 143 WSO and 140 TFM agreements`
///
/// each with `in 26 states`, or `covering 26 states`, behind it. `529 agencies` without a model are no agreements.
pub fn figures_of(found: &[(Word, String)], kind_before: Option<ListKind>) -> Option<Read> {
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
