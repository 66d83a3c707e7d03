//! Which names are one body: a rule at a time, the surest first, each with its evidence.
//!
//! | rule | two names are one body when |
//! |---|---|
//! | `reviewed` | a person has decided so (`data/crosswalks/agency_names.csv`) |
//! | `same_words` | they read the same once abbreviations are written out and office is department |
//! | `same_role` | both are the sheriff, the jail, the prosecutor or the police of one county or place |
//! | `one_edit` | one word of many letters differs by one edit, and not both are names that the Census knows |
//! | `renamed` | one leaves the lists as the other comes, of one model, kind and signing date or agreement file |
//!
//! No rule joins bodies of two roles (Melbourne and Melbourne Beach), nor names that a person has decided are not
//! the same.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;

use super::role::{Role, role};
use super::{Spelling, Spellings};
use crate::panel::Panel;
use crate::read::Text;
use crate::reference::{Reference, key};
use crate::words::{CountyFips, Kind, Level, ListKind, Model, StateCode};

/// Letters that a word must have to be taken for the misspelling of another.
const LONG_WORD: usize = 6;

/// Lists that may lie between the last with one name and the first with the next.
const LISTS_BETWEEN: u32 = 1;

/// How alike two names must be of which the Census knows one only, and the lists tell that one became the other.
const ALIKE: f64 = 0.6;

/// Why a name belongs to a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Bond {
    /// The names that the rule looked at, as positions.
    pub names: [u32; 2],
    pub rule: &'static str,
    pub score: f64,
    pub evidence: String,
}

/// The body of every name.
#[derive(Debug)]
pub struct Bodies {
    /// By position of the name: position of the body's earliest name.
    pub of_spelling: Vec<u32>,
    /// By position of the name: why it was joined; `None` for a name that stands alone.
    pub bonds: Vec<Option<Bond>>,
}

/// Joins the names that are one body's.
pub fn bodies(panel: &Panel, spellings: &Spellings, reference: &Reference) -> Bodies {
    let all = &spellings.all;
    let mut joiner = Joiner::new(all, reference);
    joiner.reviewed(reference, true);
    joiner.same_words(reference);
    joiner.same_role();
    joiner.one_edit();
    joiner.renamed(panel);
    Bodies { of_spelling: (0..all.len()).map(|at| joiner.root(at)).collect(), bonds: joiner.bonds }
}

struct Joiner<'a> {
    all: &'a [Spelling],
    roles: Vec<Option<Role>>,
    /// Towards the earliest name of a body.
    parent: Vec<u32>,
    /// Names of each body, by its earliest.
    members: Vec<Vec<u32>>,
    /// Pairs of names that are not the same.
    apart: HashSet<(u32, u32)>,
    bonds: Vec<Option<Bond>>,
}

impl<'a> Joiner<'a> {
    fn new(all: &'a [Spelling], reference: &Reference) -> Self {
        let mut joiner = Self {
            all,
            roles: all.iter().map(role).collect(),
            parent: (0..all.len() as u32).collect(),
            members: (0..all.len() as u32).map(|at| vec![at]).collect(),
            apart: HashSet::new(),
            bonds: vec![None; all.len()],
        };
        joiner.reviewed(reference, false);
        joiner
    }

    fn root(&self, mut at: usize) -> u32 {
        while self.parent[at] as usize != at {
            at = self.parent[at] as usize;
        }
        at as u32
    }

    /// Joins the bodies of two names, unless they are known to be two.
    fn join(&mut self, bond: Bond) {
        let (a, b) = (self.root(bond.names[0] as usize), self.root(bond.names[1] as usize));
        if a == b || (bond.rule != "reviewed" && self.are_apart(a, b)) {
            return;
        }
        let (early, late) = (a.min(b), a.max(b));
        self.parent[late as usize] = early;
        let moved = std::mem::take(&mut self.members[late as usize]);
        self.members[early as usize].extend(moved);
        for name in bond.names {
            self.bonds[name as usize].get_or_insert_with(|| bond.clone());
        }
    }

    /// Whether two bodies have different roles, or names that were decided not to be the same.
    fn are_apart(&self, a: u32, b: u32) -> bool {
        let (a, b) = (&self.members[a as usize], &self.members[b as usize]);
        let roles = |names: &[u32]| -> BTreeSet<&str> {
            let exact =
                names.iter().filter_map(|at| self.roles[*at as usize].as_ref()).filter(|r| r.is_exact);
            exact.map(|role| role.key.as_str()).collect()
        };
        let (ours, theirs) = (roles(a), roles(b));
        let differ = !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(&theirs);
        let decided = !self.apart.is_empty()
            && a.iter().any(|a| b.iter().any(|b| self.apart.contains(&(*a.min(b), *a.max(b)))));
        differ || decided
    }

    /// Decisions of a person: those that two names are one body, or those that they are not.
    fn reviewed(&mut self, reference: &Reference, wants_same: bool) {
        let decisions = reference.crosswalk.names();
        if decisions.is_empty() {
            return;
        }
        let mut by_key: HashMap<(StateCode, String), Vec<u32>> = HashMap::new();
        for (at, spelling) in self.all.iter().enumerate() {
            if let Some(state) = spelling.state {
                by_key.entry((state, key(&spelling.name))).or_default().push(at as u32);
            }
        }
        for decision in decisions.iter().filter(|decision| decision.is_same == wants_same) {
            let of = |n: usize| by_key.get(&(decision.state, decision.names[n].clone()));
            let (Some(a), Some(b)) = (of(0), of(1)) else { continue };
            for (a, b) in a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b))) {
                if wants_same {
                    let evidence = decision.evidence.clone();
                    self.join(Bond { names: [a, b], rule: "reviewed", score: 1.0, evidence });
                } else {
                    self.apart.insert((a.min(b), a.max(b)));
                }
            }
        }
    }

    /// Names that read the same.
    fn same_words(&mut self, reference: &Reference) {
        let mut first: HashMap<(Option<StateCode>, String), u32> = HashMap::new();
        let mut minted: HashMap<(Option<StateCode>, String), u32> = HashMap::new();
        for (at, spelling) in self.all.iter().enumerate() {
            let state = spelling.state.and_then(|code| reference.states.get(code));
            let identity = spelling.read.identity(state, spelling.location.level);
            let letters = super::agencies::name_key(&spelling.name);
            let earlier = [
                // Names that mint one id are one body, whatever their words: an id has one owner.
                *minted.entry((spelling.state, letters.clone())).or_insert(at as u32),
                *first
                    .entry((spelling.state, if identity.is_empty() { letters } else { identity }))
                    .or_insert(at as u32),
            ];
            for other in earlier.into_iter().filter(|other| *other != at as u32) {
                let evidence = format!("{:?} reads as {:?}", spelling.name, self.all[other as usize].name);
                self.join(Bond { names: [other, at as u32], rule: "same_words", score: 1.0, evidence });
            }
        }
    }

    /// Names of one role.
    fn same_role(&mut self) {
        let mut by_role: BTreeMap<(Option<StateCode>, String), Vec<u32>> = BTreeMap::new();
        for (at, role) in self.roles.iter().enumerate() {
            if let Some(role) = role {
                by_role.entry((self.all[at].state, role.key.clone())).or_default().push(at as u32);
            }
        }
        for ((_, role), mut names) in by_role {
            // Those without a typing error come first.
            names.sort_by_key(|at| (!self.roles[*at as usize].as_ref().is_some_and(|r| r.is_exact), *at));
            for pair in names.windows(2) {
                let (a, b) = (names[0], pair[1]);
                let typo = self.all[b as usize].location.typo.as_ref();
                let (score, evidence) = match typo {
                    Some((typed, meant)) => (0.9, format!("both are {role}; {typed:?} is near {meant}")),
                    None => (1.0, format!("both are {role}")),
                };
                let evidence = format!(
                    "{:?} and {:?}: {evidence}",
                    self.all[a as usize].name, self.all[b as usize].name
                );
                self.join(Bond { names: [a, b], rule: "same_role", score, evidence });
            }
        }
    }

    /// Names of which one word has a typing error.
    fn one_edit(&mut self) {
        let mut alike: BTreeMap<(Option<StateCode>, Level, Kind), Vec<u32>> = BTreeMap::new();
        for (at, spelling) in self.all.iter().enumerate() {
            let location = &spelling.location;
            alike.entry((spelling.state, location.level, location.kind)).or_default().push(at as u32);
        }
        for names in alike.values() {
            let unknown = |at: &&u32| self.roles[**at as usize].as_ref().is_none_or(|role| !role.is_exact);
            let doubtful: Vec<u32> = names.iter().filter(unknown).copied().collect();
            for a in doubtful {
                for b in names {
                    if a == *b || self.root(a as usize) == self.root(*b as usize) {
                        continue;
                    }
                    if let Some((typed, meant)) = self.one_word_apart(a, *b) {
                        let evidence = format!("{typed:?} is one edit from {meant:?}");
                        self.join(Bond { names: [a, *b], rule: "one_edit", score: 0.8, evidence });
                    }
                }
            }
        }
    }

    /// The one word in which two names differ, if it differs by one edit.
    fn one_word_apart(&self, a: u32, b: u32) -> Option<(String, String)> {
        let (a, b) = (&self.all[a as usize], &self.all[b as usize]);
        let (ours, theirs) = (&a.read.words, &b.read.words);
        if ours.len() != theirs.len() {
            return None;
        }
        let mut odd = ours.iter().zip(theirs).filter(|(a, b)| a != b);
        let (typed, meant) = odd.next()?;
        let is_word = |word: &str| word.len() >= LONG_WORD && word.bytes().all(|b| b.is_ascii_alphabetic());
        let is_near = is_word(typed) && is_word(meant) && strsim::osa_distance(typed, meant) == 1;
        // Where both say in which county they are, they say the same.
        let cells = a.county_cell().zip(b.county_cell());
        let elsewhere = cells.is_some_and(|(a, b)| a != b);
        (is_near && odd.next().is_none() && !elsewhere).then(|| (typed.clone(), meant.clone()))
    }

    /// Bodies of which one leaves as the other comes.
    fn renamed(&mut self, panel: &Panel) {
        let samples = panel.samples(ListKind::Participating);
        let lines = self.lines();
        let newest = samples.len().saturating_sub(1) as u32;
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        let mut by_market: BTreeMap<(Option<StateCode>, Model), Vec<usize>> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            by_market.entry((line.state, line.model)).or_default().push(at);
        }
        for (leaving, gone) in lines.iter().enumerate().filter(|(_, line)| line.last() < newest) {
            for coming in &by_market[&(gone.state, gone.model)] {
                if leaving != *coming
                    && gone.becomes(&lines[*coming])
                    && self.may_be_one(gone, &lines[*coming])
                {
                    pairs.push((leaving, *coming));
                }
            }
        }
        // Of several that left or came at once none can be told from the other.
        let alone = |pair: &&(usize, usize)| {
            pairs.iter().filter(|other| other.0 == pair.0).count() == 1
                && pairs.iter().filter(|other| other.1 == pair.1).count() == 1
        };
        for (leaving, coming) in pairs.iter().filter(alone) {
            let (gone, come) = (&lines[*leaving], &lines[*coming]);
            let file = |at: u32| samples[at as usize].file_name.as_str();
            let first = come.samples.iter().find(|at| **at > gone.last()).copied().unwrap_or_default();
            let shared = match gone.files.intersection(&come.files).next() {
                Some(url) => format!("both link to {url}"),
                None => {
                    let signed = gone.signed.intersection(&come.signed).next();
                    format!("both are signed {}", signed.map(Date::to_string).unwrap_or_default())
                }
            };
            let (a, b) = (gone.name(self.all), come.name(self.all));
            let evidence = format!(
                "{:?} is printed up to {}, {:?} from {} in {}; {shared}",
                self.all[a as usize].name,
                file(gone.last()),
                self.all[b as usize].name,
                file(first),
                gone.model,
            );
            self.join(Bond { names: [a, b], rule: "renamed", score: 0.9, evidence });
        }
    }

    /// Every body in every model over the lists.
    fn lines(&self) -> Vec<Line> {
        let mut lines: BTreeMap<(u32, Model), Line> = BTreeMap::new();
        for (at, spelling) in self.all.iter().enumerate() {
            for (model, trace) in &spelling.traces {
                let body = self.root(at);
                let line = lines
                    .entry((body, *model))
                    .or_insert_with(|| Line { state: spelling.state, ..Line::new(*model) });
                line.names.push(at as u32);
                line.samples.extend(&trace.samples);
                line.signed.extend(&trace.signed);
                line.files.extend(trace.files.iter().cloned());
            }
        }
        let mut lines: Vec<Line> = lines.into_values().collect();
        for line in &mut lines {
            line.samples.sort_unstable();
            line.samples.dedup();
        }
        lines
    }

    /// Whether two bodies, of which one left as the other came, can be one.
    fn may_be_one(&self, gone: &Line, come: &Line) -> bool {
        let (a, b) = (&self.all[gone.name(self.all) as usize], &self.all[come.name(self.all) as usize]);
        let (ours, theirs) = (&a.location, &b.location);
        // A county's board is the county: its jail is the board's.
        let is_countys = |kind: Kind| matches!(kind, Kind::Other | Kind::Corrections);
        let are_kindred = ours.kind == theirs.kind
            || (ours.level == Level::County && is_countys(ours.kind) && is_countys(theirs.kind));
        if ours.level != theirs.level || !are_kindred {
            return false;
        }
        // A university's trustees are not its police.
        if ours.level == Level::Campus && a.read.says("trustees") != b.read.says("trustees") {
            return false;
        }
        if ours.level.is_statewide() {
            return true;
        }
        let counties = |spelling: &Spelling| -> BTreeSet<CountyFips> {
            let named = spelling.location.counties.iter().copied();
            if spelling.location.counties.is_empty() {
                spelling.county_cell().into_iter().collect()
            } else {
                named.collect()
            }
        };
        let (here, there) = (counties(a), counties(b));
        if !here.is_empty() && !there.is_empty() && here.is_disjoint(&there) {
            return false;
        }
        let is_unknown = |spelling: &Spelling| spelling.location.counties.is_empty();
        let alike = || strsim::normalized_damerau_levenshtein(&a.name, &b.name) >= ALIKE;
        let shares_file = gone.files.intersection(&come.files).next().is_some();
        shares_file || if is_unknown(a) || is_unknown(b) { alike() } else { !here.is_disjoint(&there) }
    }
}

/// A body in a model over the participating lists.
struct Line {
    state: Option<StateCode>,
    model: Model,
    names: Vec<u32>,
    samples: Vec<u32>,
    signed: BTreeSet<Date>,
    files: BTreeSet<Text>,
}

impl Line {
    fn new(model: Model) -> Self {
        let (names, samples) = (Vec::new(), Vec::new());
        Self { state: None, model, names, samples, signed: BTreeSet::new(), files: BTreeSet::new() }
    }

    fn last(&self) -> u32 {
        self.samples.last().copied().unwrap_or_default()
    }

    /// The name that most listings print; of equals the earliest.
    fn name(&self, all: &[Spelling]) -> u32 {
        let most =
            self.names.iter().max_by_key(|at| (all[**at as usize].sightings.count, std::cmp::Reverse(**at)));
        most.copied().unwrap_or_default()
    }

    /// Whether the other comes, or comes back, as this one leaves, under the same signature, and no list has both.
    fn becomes(&self, other: &Self) -> bool {
        let comes = |at: &u32| {
            *at > self.last()
                && *at <= self.last() + 1 + LISTS_BETWEEN
                && at.checked_sub(1).is_none_or(|before| other.samples.binary_search(&before).is_err())
        };
        let same_paper = !self.signed.is_disjoint(&other.signed) || !self.files.is_disjoint(&other.files);
        same_paper
            && other.samples.iter().any(comes)
            && !self.samples.iter().any(|at| other.samples.binary_search(at).is_ok())
    }
}
