//! Joins names of one agency: one rule at a time, the surest first, each with its evidence.
//!
//! | rule | two names are one agency when |
//! |---|---|
//! | `reviewed` | a person has decided so (`data/crosswalks/agency_names.csv`) |
//! | `same_words` | they read the same once abbreviations are written out and office is department |
//! | `same_role` | both are the sheriff, the jail, the prosecutor or the police of one county or place |
//! | `one_edit` | one word of many letters differs by one edit, and not both are names that the Census knows |
//! | `renamed` | one leaves the lists as the other comes, of one model, kind and signing date or agreement file; on
//! |           | pending lists, which have neither, where one name is the other with words left out |
//!
//! No rule but the first joins agencies of two roles (Melbourne and Melbourne Beach), nor names that a person has decided
//! are not the same. Names of the same letters are always one agency: they would have one id.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use typed_index_collections::{TiSlice, TiVec};

use crate::identify::agencies::ids::name_key;
use crate::identify::agencies::role::{Role, role};
use crate::identify::agencies::spelling::{Spelling, Spellings};
use crate::identify::places::location::Typo;
use crate::panel::Panel;
use crate::reference::{Reference, key};
use crate::words::{Kind, Level, NameMethod, SpellingAt, StateCode};

/// The fewest letters of a word that may be a misspelling of another.
const LONG_WORD: usize = 6;

/// The most letters of a word; longer ones are no words.
const MAX_WORD: usize = 24;

/// Up to so many pairs of names of one state, level and kind, every pair is compared.
const FEW_PAIRS: usize = 200_000;

/// If more agencies than this come at once in one state and model, or share a form, none is compared: none can be
/// chosen.
pub(in crate::identify) const MANY: usize = 400;

/// Why a name belongs to an agency.
#[derive(Debug, Clone, PartialEq)]
pub struct Bond {
    /// The names that the rule looked at.
    pub names: [SpellingAt; 2],
    pub rule: NameMethod,
    pub score: f64,
    pub evidence: String,
}

/// The names of each agency.
#[derive(Debug)]
pub struct JoinedNames {
    /// By name: the agency's earliest name.
    pub earliest: TiVec<SpellingAt, SpellingAt>,
    /// By name: why it was joined; `None` for a name that stands alone.
    pub bonds: TiVec<SpellingAt, Option<Bond>>,
}

/// Joins the names of each agency.
pub fn join_names(panel: &Panel, spellings: &Spellings, reference: &Reference) -> JoinedNames {
    let all = &spellings.all;
    let mut joiner = Joiner::new(all, reference);
    joiner.join_reviewed();
    joiner.same_words(reference);
    joiner.same_role();
    joiner.one_edit();
    joiner.renamed(panel);
    joiner.renamed_while_pending(panel);
    JoinedNames { earliest: all.keys().map(|at| joiner.root(at)).collect(), bonds: joiner.bonds }
}

pub(in crate::identify) struct Joiner<'a> {
    pub(in crate::identify) all: &'a TiSlice<SpellingAt, Spelling>,
    pub(in crate::identify) reference: &'a Reference,
    roles: TiVec<SpellingAt, Option<Role>>,
    /// For each name, a step towards its agency's earliest name.
    parent: TiVec<SpellingAt, SpellingAt>,
    /// Names of each agency, by its earliest name.
    members: TiVec<SpellingAt, Vec<SpellingAt>>,
    /// Pairs of names that a person has decided are not the same.
    apart: HashSet<(SpellingAt, SpellingAt)>,
    bonds: TiVec<SpellingAt, Option<Bond>>,
}

impl<'a> Joiner<'a> {
    fn new(all: &'a TiSlice<SpellingAt, Spelling>, reference: &'a Reference) -> Self {
        let mut joiner = Self {
            all,
            reference,
            roles: all.iter().map(role).collect(),
            parent: all.keys().collect(),
            members: all.keys().map(|at| vec![at]).collect(),
            apart: HashSet::new(),
            bonds: vec![None; all.len()].into(),
        };
        joiner.note_apart();
        joiner
    }

    /// The earliest name of a name's agency.
    pub(in crate::identify) fn root(&self, mut at: SpellingAt) -> SpellingAt {
        while self.parent[at] != at {
            at = self.parent[at];
        }
        at
    }

    /// Joins the agencies of two names, unless they are known to be two.
    pub(in crate::identify) fn join(&mut self, bond: Bond) {
        let (a, b) = (self.root(bond.names[0]), self.root(bond.names[1]));
        // Names of the same letters mint one id, and an id has one owner.
        let [letters, other_letters] = bond.names.map(|at| name_key(&self.all[at].name));
        let is_decided = bond.rule == NameMethod::Reviewed || letters == other_letters;
        if a == b || (!is_decided && self.are_apart(a, b)) {
            return;
        }
        let (early, late) = (a.min(b), a.max(b));
        self.parent[late] = early;
        let moved = std::mem::take(&mut self.members[late]);
        self.members[early].extend(moved);
        for name in bond.names {
            self.bonds[name].get_or_insert_with(|| bond.clone());
        }
    }

    /// Whether two agencies have different roles, or names that a person has decided are not the same.
    fn are_apart(&self, a: SpellingAt, b: SpellingAt) -> bool {
        let (a, b) = (&self.members[a], &self.members[b]);
        let roles = |names: &[SpellingAt]| -> BTreeSet<&str> {
            let exact = names.iter().filter_map(|at| self.roles[*at].as_ref()).filter(|r| r.is_exact);
            // A county's jail and its corrections may be two agencies, or one.
            exact
                .map(|role| role.key.trim_start_matches("jail ").trim_start_matches("corrections "))
                .collect()
        };
        let (ours, theirs) = (roles(a), roles(b));
        let differ = !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(&theirs);
        let decided = !self.apart.is_empty()
            && a.iter().any(|a| b.iter().any(|b| self.apart.contains(&(*a.min(b), *a.max(b)))));
        differ || decided
    }

    /// Joins names that a person has decided are one agency.
    fn join_reviewed(&mut self) {
        for (names, evidence) in self.decided(true) {
            self.join(Bond { names, rule: NameMethod::Reviewed, score: 1.0, evidence });
        }
    }

    /// Notes names that a person has decided are two agencies.
    fn note_apart(&mut self) {
        let apart = self.decided(false).into_iter().map(|([a, b], _)| (a.min(b), a.max(b)));
        self.apart = apart.collect();
    }

    /// Returns the pairs of names that a person has decided are one agency, or are not, each with the evidence.
    fn decided(&self, is_same: bool) -> Vec<([SpellingAt; 2], String)> {
        let decisions = self.reference.crosswalk.names();
        if decisions.is_empty() {
            return Vec::new();
        }
        let mut by_key: HashMap<(StateCode, String), Vec<SpellingAt>> = HashMap::new();
        for (at, spelling) in self.all.iter_enumerated() {
            if let Some(state) = spelling.state {
                by_key.entry((state, key(&spelling.name))).or_default().push(at);
            }
        }
        let mut found = Vec::new();
        for decision in decisions.iter().filter(|decision| decision.is_same == is_same) {
            let of = |n: usize| by_key.get(&(decision.state, decision.names[n].clone()));
            let (Some(ones), Some(others)) = (of(0), of(1)) else { continue };
            for (a, b) in ones.iter().flat_map(|a| others.iter().map(move |b| (*a, *b))) {
                found.push(([a, b], decision.evidence.clone()));
            }
        }
        found
    }

    /// Joins names that read the same.
    fn same_words(&mut self, reference: &Reference) {
        let mut first: HashMap<(Option<StateCode>, String), SpellingAt> = HashMap::new();
        let mut minted: HashMap<(Option<StateCode>, String), SpellingAt> = HashMap::new();
        for (at, spelling) in self.all.iter_enumerated() {
            let state = spelling.state.and_then(|code| reference.states.get(code));
            let identity = spelling.read.identity(state, spelling.location.level);
            let letters = name_key(&spelling.name);
            let earlier = [
                // Names that mint one id are one agency, whatever their words: an id has one owner.
                *minted.entry((spelling.state, letters.clone())).or_insert(at),
                *first
                    .entry((spelling.state, if identity.is_empty() { letters } else { identity }))
                    .or_insert(at),
            ];
            for other in earlier.into_iter().filter(|other| *other != at) {
                let evidence = format!("{:?} reads as {:?}", spelling.name, self.all[other].name);
                self.join(Bond { names: [other, at], rule: NameMethod::SameWords, score: 1.0, evidence });
            }
        }
    }

    /// Joins names of one role.
    fn same_role(&mut self) {
        let mut by_role: BTreeMap<(Option<StateCode>, String), Vec<SpellingAt>> = BTreeMap::new();
        for (at, role) in self.roles.iter_enumerated() {
            if let Some(role) = role {
                by_role.entry((self.all[at].state, role.key.clone())).or_default().push(at);
            }
        }
        for ((_, role), mut names) in by_role {
            // Names without a typing error come first.
            names.sort_by_key(|at| (!self.roles[*at].as_ref().is_some_and(|r| r.is_exact), *at));
            let a = names[0];
            for b in names[1..].iter().copied() {
                let typo = self.all[b].location.typo.as_ref();
                let (score, evidence) = match typo {
                    Some(Typo { typed, meant }) => {
                        (0.9, format!("both are {role}; {typed:?} is near {meant}"))
                    }
                    None => (1.0, format!("both are {role}")),
                };
                let evidence = format!("{:?} and {:?}: {evidence}", self.all[a].name, self.all[b].name);
                self.join(Bond { names: [a, b], rule: NameMethod::SameRole, score, evidence });
            }
        }
    }

    /// Joins names that differ by a typing error in one word.
    fn one_edit(&mut self) {
        let mut kindred: BTreeMap<(Option<StateCode>, Level, Kind), Vec<SpellingAt>> = BTreeMap::new();
        for (at, spelling) in self.all.iter_enumerated() {
            let location = &spelling.location;
            kindred.entry((spelling.state, location.level, location.kind)).or_default().push(at);
        }
        let mut pairs: BTreeSet<(SpellingAt, SpellingAt)> = BTreeSet::new();
        for names in kindred.values() {
            let doubtful: Vec<SpellingAt> =
                names.iter().copied().filter(|at| self.is_doubtful(*at)).collect();
            if doubtful.len() * names.len() <= FEW_PAIRS {
                let all = doubtful.iter().flat_map(|a| names.iter().map(move |b| (*a.min(b), *a.max(b))));
                pairs.extend(all.filter(|(a, b)| a != b && self.have_one_length(*a, *b)));
            } else {
                pairs.extend(
                    self.sharing_a_form(names)
                        .into_iter()
                        .filter(|(a, b)| self.is_doubtful(*a) || self.is_doubtful(*b)),
                );
            }
        }
        let near: Vec<(SpellingAt, SpellingAt, String, String)> = pairs
            .into_iter()
            .map(
                |(a, b)| {
                    if self.roles[a].as_ref().is_some_and(|role| role.is_exact) { (b, a) } else { (a, b) }
                },
            )
            .filter(|(a, b)| self.root(*a) != self.root(*b))
            .filter_map(|(a, b)| self.one_word_apart(a, b).map(|(typed, meant)| (a, b, typed, meant)))
            .collect();
        // A name that is near to two agencies is a misspelling of neither.
        let mut near_to: HashMap<SpellingAt, BTreeSet<SpellingAt>> = HashMap::new();
        for (a, b, ..) in &near {
            near_to.entry(self.root(*a)).or_default().insert(self.root(*b));
            near_to.entry(self.root(*b)).or_default().insert(self.root(*a));
        }
        let is_alone = |at: SpellingAt| near_to[&self.root(at)].len() == 1;
        // A name without a typing error may be meant by several misspellings.
        let alone: Vec<_> = near
            .into_iter()
            .filter(|(a, b, ..)| is_alone(*a) && (is_alone(*b) || !self.is_doubtful(*b)))
            .collect();
        for (a, b, typed, meant) in alone {
            let evidence = format!("{typed:?} is one edit from {meant:?}");
            self.join(Bond { names: [a, b], rule: NameMethod::OneEdit, score: 0.8, evidence });
        }
    }

    /// Whether a name may have a typing error: it has no role, or not exactly.
    fn is_doubtful(&self, at: SpellingAt) -> bool {
        self.roles[at].as_ref().is_none_or(|role| !role.is_exact)
    }

    /// Whether two names have as many words and nearly as many letters.
    fn have_one_length(&self, a: SpellingAt, b: SpellingAt) -> bool {
        let (ours, theirs) = (&self.all[a].read.words, &self.all[b].read.words);
        let letters = |words: &[String]| words.iter().map(String::len).sum::<usize>();
        ours.len() == theirs.len() && letters(ours).abs_diff(letters(theirs)) <= 1
    }

    /// Returns pairs of names in which one word may differ by one edit. Two such words share a form that lacks one
    /// letter, so only names that share a form are compared, however many names there are.
    fn sharing_a_form(&self, names: &[SpellingAt]) -> BTreeSet<(SpellingAt, SpellingAt)> {
        let mut alike: HashMap<(usize, String), Vec<SpellingAt>> = HashMap::new();
        for at in names {
            let words = &self.all[*at].read.words;
            for (place, word) in words.iter().enumerate().filter(|(_, word)| is_long_word(word)) {
                let others = words.iter().enumerate().filter(|(n, _)| *n != place).map(|(_, w)| w.as_str());
                let others = others.collect::<Vec<_>>().join(" ");
                for gap in 0..=word.len() {
                    let form = match gap.checked_sub(1) {
                        None => word.clone(),
                        Some(gap) => format!("{}{}", &word[..gap], &word[gap + 1..]),
                    };
                    alike.entry((place, format!("{form}\n{others}"))).or_default().push(*at);
                }
            }
        }
        let mut pairs = BTreeSet::new();
        for names in alike.into_values().filter(|names| (2..=MANY).contains(&names.len())) {
            for (n, a) in names.iter().enumerate() {
                pairs.extend(names[n + 1..].iter().filter(|b| *b != a).map(|b| (*a.min(b), *a.max(b))));
            }
        }
        pairs
    }

    /// Returns the one word in which two names differ, if it differs by one edit.
    fn one_word_apart(&self, a: SpellingAt, b: SpellingAt) -> Option<(String, String)> {
        let (a, b) = (&self.all[a], &self.all[b]);
        let (ours, theirs) = (&a.read.words, &b.read.words);
        if ours.len() != theirs.len() {
            return None;
        }
        let mut odd = ours.iter().zip(theirs).filter(|(a, b)| a != b);
        let (typed, meant) = odd.next()?;
        let is_near = is_long_word(typed) && is_long_word(meant) && strsim::osa_distance(typed, meant) == 1;
        // Where both names have a county cell, the cells must agree.
        let cells = a.county_cell().zip(b.county_cell());
        let elsewhere = cells.is_some_and(|(a, b)| a != b);
        (is_near && odd.next().is_none() && !elsewhere && !are_beside(a, b))
            .then(|| (typed.clone(), meant.clone()))
    }
}

/// Whether one list has both names in a model under different signatures or files: then they are two agencies.
fn are_beside(a: &Spelling, b: &Spelling) -> bool {
    a.traces.iter().any(|(model, ours)| {
        let Some(theirs) = b.traces.get(model) else { return false };
        let at_once = ours.samples.iter().any(|at| theirs.samples.binary_search(at).is_ok());
        let differ = (!ours.signed.is_empty()
            && !theirs.signed.is_empty()
            && ours.signed.is_disjoint(&theirs.signed))
            || (!ours.files.is_empty() && !theirs.files.is_empty() && ours.files.is_disjoint(&theirs.files));
        at_once && differ
    })
}

/// Whether a word has enough letters to be a misspelling of another.
fn is_long_word(word: &str) -> bool {
    (LONG_WORD..=MAX_WORD).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphabetic())
}
