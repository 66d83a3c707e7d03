//! The rule `renamed`: one agency leaves the lists as another comes, and both can be one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use typed_index_collections::TiSlice;

use crate::identify::agencies::same::{Bond, Joiner, MANY};
use crate::identify::agencies::spelling::Spelling;
use crate::identify::names::name::is_number;
use crate::identify::names::sightings::Sightings;
use crate::identify::places::location::Location;
use crate::panel::Panel;
use crate::read::Text;
use crate::words::{Kind, Level, ListKind, Model, NameMethod, SampleAt, SpellingAt, StateCode};

/// Lists that may lie between the last list with one name and the first with the next.
const LISTS_BETWEEN: u32 = 1;

/// How alike two names must be for one to have become the other. The first limit holds where one is no known place, or
/// both are the state's; the second where both are known, or where their signing days only nearly agree.
const ALIKE: f64 = 0.55;
const VERY_ALIKE: f64 = 0.75;

/// The most letters of a name that are compared.
const COMPARED: usize = 80;

/// Letters at the start of a word that are compared: an office of agriculture is agricultural.
const STEM: usize = 6;

/// Words that say what kind of agency or place it is, and not which one.
const KIND_WORDS: &[&str] = &[
    "department",
    "office",
    "police",
    "sheriff",
    "constable",
    "jail",
    "corrections",
    "correctional",
    "detention",
    "county",
    "township",
    "borough",
    "city",
    "town",
    "village",
    "state",
    "of",
    "the",
    "board",
    "commissioners",
    "facility",
    "center",
];

/// The most days from the last pending list with one name to the first list with the next.
const DAYS_AFTER: i32 = 7;

/// Days by which dates of the same signature may differ.
const DATE_MOVES: i32 = 1;

/// Words that many agency names have.
const PLAIN: &[&str] = &[
    "department",
    "office",
    "police",
    "sheriff",
    "county",
    "parish",
    "division",
    "the",
    "and",
    "public",
    "safety",
    "services",
    "commission",
    "constable",
    "township",
    "borough",
    "city",
    "town",
    "village",
];

/// Names by state, model and one of their words, each with the days on which a pending and a participating list first
/// have it.
type ByWord<'w> = HashMap<(Option<StateCode>, Model, &'w str), Vec<(SpellingAt, Option<Date>, Option<Date>)>>;

impl<'a> Joiner<'a> {
    /// Joins two agencies where one leaves the lists as the other comes.
    pub(in crate::identify) fn renamed(&mut self, panel: &Panel) {
        let samples = panel.samples(ListKind::Participating);
        let lines = self.lines();
        let newest = samples.last_key();
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        // Agencies by the list on which they come, or come back.
        let mut comes_on: HashMap<(Option<StateCode>, Model, SampleAt), Vec<usize>> = HashMap::new();
        for (at, line) in lines.iter().enumerate() {
            for stretch in line.samples.chunk_by(|a, b| a.after() == *b) {
                comes_on.entry((line.state, line.model, stretch[0])).or_default().push(at);
            }
        }
        for (leaving, gone) in lines.iter().enumerate().filter(|(_, line)| Some(line.last()) < newest) {
            let next = std::iter::successors(Some(gone.last().after()), |at| Some(at.after()));
            let coming = next
                .take(1 + LISTS_BETWEEN as usize)
                .filter_map(|on| comes_on.get(&(gone.state, gone.model, on)));
            for coming in coming.filter(|coming| coming.len() <= MANY).flatten() {
                if leaving != *coming
                    && gone.becomes(&lines[*coming])
                    && self.may_be_one(gone, &lines[*coming])
                {
                    pairs.push((leaving, *coming));
                }
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        // The nearest pairs go first; where several left or came at once, none can be chosen.
        let gap = |pair: &(usize, usize)| lines[pair.0].gap_to(&lines[pair.1]);
        let (mut of_leaving, mut of_coming): (HashMap<usize, u32>, HashMap<usize, u32>) = Default::default();
        for pair in &pairs {
            for (least, at) in [(&mut of_leaving, pair.0), (&mut of_coming, pair.1)] {
                let least = least.entry(at).or_insert(u32::MAX);
                *least = (*least).min(gap(pair));
            }
        }
        pairs.retain(|pair| gap(pair) <= of_leaving[&pair.0].min(of_coming[&pair.1]));
        let (mut left, mut came): (HashMap<usize, u32>, HashMap<usize, u32>) = Default::default();
        for (leaving, coming) in &pairs {
            *left.entry(*leaving).or_default() += 1;
            *came.entry(*coming).or_default() += 1;
        }
        let alone = |pair: &&(usize, usize)| left[&pair.0] == 1 && came[&pair.1] == 1;
        for (leaving, coming) in pairs.iter().filter(alone) {
            let (gone, come) = (&lines[*leaving], &lines[*coming]);
            let file = |at: SampleAt| samples[at].file_name.as_str();
            let first = come.samples.iter().find(|at| **at > gone.last()).copied().unwrap_or(come.last());
            let shared = match gone.files.intersection(&come.files).next() {
                Some(url) => format!("both link to {url}"),
                None => match gone.signed.intersection(&come.signed).next() {
                    Some(signed) => format!("both are signed {signed}"),
                    None => "they are signed on days beside each other".to_owned(),
                },
            };
            let (a, b) = (gone.name(self.all), come.name(self.all));
            let evidence = format!(
                "{:?} is printed up to {}, {:?} from {} in {}; {shared}",
                self.all[a].name,
                file(gone.last()),
                self.all[b].name,
                file(first),
                gone.model,
            );
            self.join(Bond { names: [a, b], rule: NameMethod::Renamed, score: 0.9, evidence });
        }
    }

    /// Joins each name that only pending lists print to another name of its agency that came as it left. Pending lists
    /// have no signatures, so one name must be the other with words left out.
    pub(in crate::identify) fn renamed_while_pending(&mut self, panel: &Panel) {
        // Names by their distinguishing words, with the days on which lists first have them.
        let mut by_word: ByWord = HashMap::new();
        for (at, spelling) in self.all.iter_enumerated() {
            for (model, trace) in &spelling.traces {
                let first = |seen: Option<Sightings>| seen.map(|seen| seen.first);
                let firsts = (at, first(trace.pending), first(trace.participating));
                for word in telling_words(spelling) {
                    by_word.entry((spelling.state, *model, word)).or_default().push(firsts);
                }
            }
        }
        let mut pairs: BTreeSet<(SpellingAt, SpellingAt, Model)> = BTreeSet::new();
        for (at, waiting) in self.all.iter_enumerated() {
            for (model, trace) in &waiting.traces {
                let Some(seen) = trace.pending.filter(|_| trace.participating.is_none()) else { continue };
                for word in telling_words(waiting) {
                    let sharing = by_word.get(&(waiting.state, *model, word)).map_or(&[][..], Vec::as_slice);
                    if sharing.len() > MANY {
                        continue;
                    }
                    for (other, waits, listed) in sharing.iter().filter(|(other, ..)| *other != at) {
                        // A name that waits beside it on one list is another agency's.
                        let after = |day: &Option<Date>| day.map(|day| (day - seen.last).get_days());
                        let (waits, listed) = (after(waits), after(listed));
                        let first = waits.into_iter().chain(listed).min();
                        let comes = waits.is_none_or(|days| days > 0)
                            && first.is_some_and(|days| (0..=DAYS_AFTER).contains(&days));
                        if comes && is_shorter(waiting, &self.all[*other]) {
                            pairs.insert((at, *other, *model));
                        }
                    }
                }
            }
        }
        let mut others_of: HashMap<(SpellingAt, Model), Vec<SpellingAt>> = HashMap::new();
        for (at, other, model) in &pairs {
            others_of.entry((*at, *model)).or_default().push(*other);
        }
        for (at, other, model) in &pairs {
            let agencies: BTreeSet<_> =
                others_of[&(*at, *model)].iter().map(|other| self.root(*other)).collect();
            if agencies.len() != 1 || self.root(*at) == self.root(*other) {
                continue;
            }
            let (waiting, come) = (&self.all[*at], &self.all[*other]);
            let last = waiting.traces[model].pending.map_or(waiting.sightings.last, |seen| seen.last);
            let evidence = format!(
                "{:?} is on pending lists up to {last}, {:?} is printed from {} on in {model}; one has words of the other",
                waiting.name,
                come.name,
                come.sightings.cite.text(panel),
            );
            self.join(Bond { names: [*at, *other], rule: NameMethod::Renamed, score: 0.8, evidence });
        }
    }

    /// Returns every agency in every model, followed over the lists.
    fn lines(&self) -> Vec<NameLine> {
        let mut lines: BTreeMap<(SpellingAt, Model), NameLine> = BTreeMap::new();
        for (at, spelling) in self.all.iter_enumerated() {
            for (model, trace) in spelling.traces.iter().filter(|(_, trace)| !trace.samples.is_empty()) {
                let line = lines
                    .entry((self.root(at), *model))
                    .or_insert_with(|| NameLine { state: spelling.state, ..NameLine::new(*model) });
                line.names.push(at);
                line.samples.extend(&trace.samples);
                line.signed.extend(&trace.signed);
                line.files.extend(trace.files.iter().cloned());
            }
        }
        let mut lines: Vec<NameLine> = lines.into_values().collect();
        for line in &mut lines {
            line.samples.sort_unstable();
            line.samples.dedup();
        }
        lines
    }

    /// Whether two agencies can be one, where one left as the other came.
    fn may_be_one(&self, gone: &NameLine, come: &NameLine) -> bool {
        let (a, b) = (&self.all[gone.name(self.all)], &self.all[come.name(self.all)]);
        let (ours, theirs) = (&a.location, &b.location);
        let are_countys = ours.level == Level::County && is_countys(a) && is_countys(b);
        if ours.level != theirs.level || !(ours.kind == theirs.kind || are_countys) {
            return false;
        }
        // Two names side by side on one list, in whatever model, are two agencies.
        if are_two(a, b)
            || gone.names.iter().any(|a| come.names.iter().any(|b| self.are_listed_at_once(*a, *b)))
        {
            return false;
        }
        let likeness = self.likeness(a, b);
        let shares_file = !gone.files.is_disjoint(&come.files);
        // The day of a signature often moves by one; without the same paper, the names must be very alike.
        let same_paper = !gone.signed.is_disjoint(&come.signed) || shares_file;
        if !same_paper && likeness < VERY_ALIKE {
            return false;
        }
        if ours.level.is_statewide() {
            return likeness > ALIKE || (shares_file && ours.kind == Kind::StatePolice);
        }
        let is_known = !ours.counties.is_empty() && !theirs.counties.is_empty();
        if is_known && ours.counties.iter().all(|county| !theirs.counties.contains(county)) {
            return false;
        }
        match ours.level {
            Level::County if is_known && are_countys => true,
            _ if is_known => likeness >= VERY_ALIKE,
            _ => likeness >= ALIKE,
        }
    }

    /// Whether a participating list has both names.
    fn are_listed_at_once(&self, a: SpellingAt, b: SpellingAt) -> bool {
        let traces = |at: SpellingAt| self.all[at].traces.values();
        traces(a).any(|ours| {
            traces(b).any(|theirs| ours.samples.iter().any(|at| theirs.samples.binary_search(at).is_ok()))
        })
    }

    /// Returns how alike two names are, from 0 to 1: by letters, or by the share of the shorter name's words that the
    /// other has too. Words that many agencies have do not count, and words are compared by their beginnings.
    fn likeness(&self, a: &Spelling, b: &Spelling) -> f64 {
        let words = |spelling: &Spelling| -> BTreeSet<String> {
            let state = self.state_words(spelling.state);
            let words = spelling.read.words.iter().filter(|word| {
                word.len() > 2 && !PLAIN.contains(&word.as_str()) && !state.contains(word.as_str())
            });
            words.map(|word| word.chars().take(STEM).collect()).collect()
        };
        let (ours, theirs) = (words(a), words(b));
        // In the name of a state's agency, the words before its kind would be the state's.
        let place = |spelling: &Spelling| -> String {
            let words = &spelling.read.words[..spelling.read.place_end()];
            let state = self.state_words(spelling.state);
            let telling =
                words.iter().filter(|word| !PLAIN.contains(&word.as_str()) && !state.contains(word.as_str()));
            telling.flat_map(|word| word.chars()).take(COMPARED).collect()
        };
        let is_states = a.location.level.is_statewide();
        let letters = match (place(a), place(b)) {
            (a, b) if is_states || a.is_empty() || b.is_empty() => 0.0,
            (a, b) => strsim::normalized_damerau_levenshtein(&a, &b),
        };
        let fewer = ours.len().min(theirs.len());
        let shared = ours.intersection(&theirs).count();
        let of_words = if fewer == 0 { 0.0 } else { shared as f64 / fewer as f64 };
        letters.max(of_words)
    }

    fn state_words(&self, state: Option<StateCode>) -> BTreeSet<String> {
        let state = state.and_then(|code| self.reference.states.get(code));
        state.map(|s| s.name.to_lowercase().split(' ').map(str::to_owned).collect()).unwrap_or_default()
    }
}

/// Whether two names plainly mean two agencies: with other numbers or directions (precincts 1 and 4, Upper Leacock and
/// Leacock), a town and the borough of its name, other places or county cells, a university's trustees and its police,
/// or two universities.
fn are_two(a: &Spelling, b: &Spelling) -> bool {
    fn words(spelling: &Spelling, is_it: impl Fn(&str) -> bool) -> BTreeSet<&str> {
        spelling.read.words.iter().map(String::as_str).filter(|word| is_it(word)).collect()
    }
    let is_direction = |word: &str| {
        let stems =
            ["upper", "lower", "east", "west", "north", "south", "central", "new", "old", "great", "little"];
        stems.iter().any(|stem| {
            word == *stem || word.strip_prefix(stem).is_some_and(|rest| rest == "ern" || is_stem(rest))
        })
    };
    fn is_stem(word: &str) -> bool {
        matches!(word, "east" | "west" | "eastern" | "western")
    }
    let differ = |is_it: &dyn Fn(&str) -> bool| words(a, is_it) != words(b, is_it);
    let is_form = |word: &str| matches!(word, "township" | "borough" | "village" | "town");
    let (ours, theirs) = (words(a, is_form), words(b, is_form));
    let is_police = a.location.kind == Kind::Police && b.location.kind == Kind::Police;
    let other_form = ours != theirs && (is_police || (!ours.is_empty() && !theirs.is_empty()));
    let known = |a: Option<String>, b: Option<String>| a.zip(b).is_some_and(|(a, b)| a != b);
    let other_place = known(a.location.place_geoid.clone(), b.location.place_geoid.clone());
    let other_cell = a.county_cell().zip(b.county_cell()).is_some_and(|(a, b)| a != b);
    let is_trustees = |spelling: &Spelling| spelling.read.says("trustees");
    let is_campus = a.location.level == Level::Campus || b.location.level == Level::Campus;
    let is_institutions = |word: &str| !matches!(word, "police" | "department" | "public" | "safety" | "the");
    differ(&is_number)
        || differ(&is_direction)
        || other_form
        || other_place
        || other_cell
        || is_trustees(a) != is_trustees(b)
        || (is_campus && differ(&is_institutions))
}

/// Whether all words of one name, except those for kinds, are in the other, and both can be one agency.
fn is_shorter(waiting: &Spelling, come: &Spelling) -> bool {
    let (ours, theirs) = (&waiting.location, &come.location);
    let kindred = ours.kind == theirs.kind
        || (ours.level == Level::County && is_countys(waiting) && is_countys(come))
        // The name does not say what kind of agency it is.
        || (ours.kind == Kind::Other && waiting.read.phrase.is_none() && ours.level != Level::County);
    let is_known = |location: &Location| !location.counties.is_empty();
    let apart =
        is_known(ours) && is_known(theirs) && ours.counties.iter().all(|c| !theirs.counties.contains(c));
    let is_plain_constable = ours.kind == Kind::Constable && theirs.kind == Kind::Constable;
    let (a, b) = (telling_words(waiting), telling_words(come));
    let within = !a.is_empty() && !b.is_empty() && (a.is_subset(&b) || b.is_subset(&a));
    // A constable's ward or district may be left out; nothing else that distinguishes two agencies may.
    let are_two =
        if is_plain_constable { are_two_but_for_numbers(waiting, come) } else { are_two(waiting, come) };
    let is_one_level = ours.level == theirs.level || !is_known(ours) || ours.kind == Kind::Other;
    kindred
        && !apart
        && !are_two
        && is_one_level
        && within
        && (a == b || is_plain_constable || is_countys(waiting) || ours.kind == Kind::Other)
}

/// Whether two constables' names mean two agencies, where one of them may lack a number.
fn are_two_but_for_numbers(a: &Spelling, b: &Spelling) -> bool {
    let (ours, theirs): (BTreeSet<&str>, BTreeSet<&str>) =
        (a.read.numbers().collect(), b.read.numbers().collect());
    let other_cell = a.county_cell().zip(b.county_cell()).is_some_and(|(a, b)| a != b);
    other_cell || (!ours.is_empty() && !theirs.is_empty() && ours != theirs)
}

/// Returns the words of a name that say which agency it is, and not what kind.
fn telling_words(spelling: &Spelling) -> BTreeSet<&str> {
    let code = spelling.state.map(|code| code.as_str().to_lowercase());
    let words = spelling.read.words.iter().map(String::as_str);
    words.filter(|word| !KIND_WORDS.contains(word) && Some(*word) != code.as_deref()).collect()
}

/// Whether it is a county's board, which is the county, or its jail, which is the board's.
fn is_countys(spelling: &Spelling) -> bool {
    spelling.location.kind == Kind::Corrections || spelling.read.says("board of county commissioners")
}

/// An agency in a model over the participating lists.
struct NameLine {
    state: Option<StateCode>,
    model: Model,
    /// The earliest first; at least one.
    names: Vec<SpellingAt>,
    /// The lists that print one of them, ascending; at least one.
    samples: Vec<SampleAt>,
    signed: BTreeSet<Date>,
    files: BTreeSet<Text>,
}

impl NameLine {
    fn new(model: Model) -> Self {
        let (names, samples) = (Vec::new(), Vec::new());
        Self { state: None, model, names, samples, signed: BTreeSet::new(), files: BTreeSet::new() }
    }

    /// Returns the number of lists from this one's last list to the other's first list after it.
    fn gap_to(&self, other: &Self) -> u32 {
        let first = other.samples.iter().find(|at| **at > self.last());
        first.map_or(u32::MAX, |first| first.lists_since(self.last()))
    }

    fn last(&self) -> SampleAt {
        *self.samples.last().expect("a line is made of names that some list prints")
    }

    /// Returns the name that most listings print; among equals the earliest.
    fn name(&self, all: &TiSlice<SpellingAt, Spelling>) -> SpellingAt {
        let most = self.names.iter().max_by_key(|at| (all[**at].sightings.count, std::cmp::Reverse(**at)));
        *most.expect("a line has at least one name")
    }

    /// Whether the other comes, or comes back, as this one leaves, under the same signature, and no list has both.
    fn becomes(&self, other: &Self) -> bool {
        let comes = |at: &SampleAt| {
            (1..=1 + LISTS_BETWEEN).contains(&at.lists_since(self.last()))
                && at.before().is_none_or(|before| other.samples.binary_search(&before).is_err())
        };
        let same_paper = !self.signed.is_disjoint(&other.signed) || !self.files.is_disjoint(&other.files);
        let nearly = || {
            self.signed.iter().any(|a| other.signed.iter().any(|b| (*a - *b).get_days().abs() <= DATE_MOVES))
        };
        (same_paper || nearly())
            && other.samples.iter().any(comes)
            && !self.samples.iter().any(|at| other.samples.binary_search(at).is_ok())
    }
}
