//! Census places that an agency's name may mean.

use crate::identify::names::name::Name;
use crate::identify::places::location::Typo;
use crate::normalise::nearest;
use crate::reference::{Place, Reference, key};
use crate::spec::Vocabulary;
use crate::words::{Kind, Level, StateCode};

/// Words for what a place legally is, at the end of its everyday name.
const DESCRIPTIONS: &[&str] = &["city", "town", "village", "borough"];

/// The most words of a place's name; longer names are not examined further.
const PLACE_WORDS: usize = 6;

/// The fewest letters with which a place's name may have one typing error, or two.
const ONE_ERROR: usize = 6;
const TWO_ERRORS: usize = 9;

/// The most letters of a place's name; a longer text is none.
const LONGEST: usize = 40;

/// The fewest edits from a name with two typing errors to the second nearest place.
const FAR: usize = 4;

/// How the words of a name lead to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The words are the place's name.
    Exact,
    /// The words are the place's name with a typing error.
    Typo,
    /// The words begin the place's name, and the name of no other place of the state.
    Beginning,
    /// The name of a campus or an airport says the place beside other words.
    Beside,
}

impl Match {
    /// Returns how sure the match is.
    pub fn score(self) -> f64 {
        match self {
            Self::Exact => 1.0,
            Self::Typo => 0.9,
            Self::Beginning => 0.8,
            Self::Beside => 0.7,
        }
    }
}

/// Places found, and a typing error that was allowed for: the words, and the name they mean.
#[derive(Debug)]
pub struct FoundPlaces<'a> {
    pub places: Vec<&'a Place>,
    pub how: Match,
    pub typo: Option<Typo>,
}

impl<'a> FoundPlaces<'a> {
    /// No place at all.
    pub fn none() -> Self {
        Self::exact(Vec::new())
    }

    fn typo(places: Vec<&'a Place>, typed: String, meant: String) -> Self {
        Self { places, how: Match::Typo, typo: Some(Typo { typed, meant }) }
    }

    fn exact(places: Vec<&'a Place>) -> Self {
        Self { places, how: Match::Exact, typo: None }
    }
}

/// Returns the places of the state that the agency's name may mean.
pub fn places<'a>(
    name: &Name,
    state: Option<StateCode>,
    vocabulary: &Vocabulary,
    reference: &'a Reference,
) -> FoundPlaces<'a> {
    let Some(state) = state else { return FoundPlaces::exact(Vec::new()) };
    let named = |words: &[String]| reference.places.named(state, &words.join(" "));
    let mut words = name.place_words(vocabulary);
    words.truncate(PLACE_WORDS);
    // Sewickley Township is not the borough of Sewickley, in another county.
    if words.iter().any(|word| word == "township") {
        let mut places = named(&words);
        places.retain(|place| place.name.ends_with("township"));
        return FoundPlaces::exact(places);
    }
    // A tribe or nation is not the place of the same name.
    if name.kind == Kind::Tribal {
        return FoundPlaces::exact(Vec::new());
    }
    // Galveston County's constable is not the city's.
    if name.kind == Kind::Constable && words.iter().any(|word| matches!(word.as_str(), "county" | "parish")) {
        return FoundPlaces::exact(Vec::new());
    }
    let shortest = if name.kind == Kind::Constable { 1 } else { words.len() };
    for end in (shortest..=words.len()).rev().filter(|end| *end > 0) {
        let all = named(&words[..end]);
        let is_named = !all.is_empty();
        let places = of_prefix(name, state, vocabulary, all);
        // If a place has this very name but is not what the name says, no other spelling is tried.
        if !places.is_empty() || is_named {
            return FoundPlaces::exact(places);
        }
        // "Middlesboro" is short for Middlesborough.
        if let Some(short) = words[..end].join(" ").strip_suffix("boro") {
            let places = reference.places.named(state, &format!("{short}borough"));
            if !places.is_empty() {
                return FoundPlaces::exact(places);
            }
        }
        // Hillsboro's police is printed as Hillsborough's.
        if let Some(start) = words[..end].join(" ").strip_suffix("borough") {
            let meant = format!("{start}boro");
            let places = reference.places.named(state, &meant);
            if !places.is_empty() {
                return FoundPlaces::typo(places, words[..end].join(" "), titled(&meant));
            }
        }
        if end > 1 && DESCRIPTIONS.contains(&words[end - 1].as_str()) {
            let places = named(&words[..end - 1]);
            if !places.is_empty() {
                return FoundPlaces::exact(places);
            }
        }
    }
    match (name.kind, name.level) {
        (Kind::Police, None) if !words.is_empty() => near(&words, state, reference),
        (Kind::Campus | Kind::Transport, Some(Level::Campus | Level::Special)) => {
            FoundPlaces { places: beside(name, state, reference), how: Match::Beside, typo: None }
        }
        _ => FoundPlaces::exact(Vec::new()),
    }
}

/// Keeps the places that are what the name says before theirs: where towns are governments of their own, the Town of
/// Madison is not the city.
fn of_prefix<'a>(
    name: &Name,
    state: StateCode,
    vocabulary: &Vocabulary,
    mut places: Vec<&'a Place>,
) -> Vec<&'a Place> {
    let has_towns = vocabulary.town_states.iter().any(|code| code == state.as_str());
    if let Some(what) =
        name.place_prefix().filter(|what| has_towns && matches!(*what, "town" | "township" | "village"))
    {
        // "Agawam Town city", Massachusetts, is called a town.
        let is_called = |place: &&Place| what == "town" && place.name.ends_with(" Town city");
        places.retain(|place| place.name.ends_with(what) || is_called(place));
    }
    places
}

/// Returns the place that the words mean, with a typing error or as the beginning of its name.
fn near<'a>(words: &[String], state: StateCode, reference: &'a Reference) -> FoundPlaces<'a> {
    let none = FoundPlaces::exact(Vec::new());
    let typed = words.join(" ");
    let wanted = key(&typed);
    // The name of a county or a town is not misspelled.
    let is_known = !reference.fbi.named(state, &typed, "City").is_empty()
        || !reference.towns.named(state, &typed).is_empty()
        || !reference.counties.all_base_named(state, &typed).is_empty();
    if is_known {
        return none;
    }
    let alike: Vec<(String, Vec<&Place>)> = looking_alike(words)
        .map(|meant| (meant.clone(), reference.places.named(state, &meant)))
        .filter(|(_, places)| !places.is_empty())
        .collect();
    if let [(meant, places)] = alike.as_slice() {
        return FoundPlaces::typo(places.clone(), typed, titled(meant));
    }
    if !(ONE_ERROR..=LONGEST).contains(&wanted.len()) {
        return none;
    }
    let cities = reference.fbi.of_state(state, "City").map(|agency| agency.name.as_str());
    let candidates = reference.places.names_of(state, cities);
    let all = || candidates.iter().map(|(key, name)| (name.as_str(), key.as_str()));
    let one = nearest(&wanted, 1, all());
    let two = || {
        let (name, edits) = nearest(&wanted, 2, all()).filter(|_| wanted.len() >= TWO_ERRORS)?;
        let others = candidates.iter().filter(|(_, other)| other != name);
        let second = others.map(|(key, _)| strsim::osa_distance(&wanted, key)).min();
        second.is_none_or(|edits| edits >= FAR).then_some((name, edits))
    };
    if let Some((meant, _)) = one.or_else(two) {
        let places = reference.places.named(state, meant);
        return FoundPlaces::typo(places, typed, meant.to_owned());
    }
    if words.len() < 2 {
        return none;
    }
    let mut begun = candidates.iter().filter(|(_, name)| {
        let name = name.to_lowercase();
        name.strip_prefix(typed.as_str()).is_some_and(|rest| rest.starts_with(' '))
    });
    match (begun.next(), begun.next()) {
        (Some((_, meant)), None) => {
            let places = reference.places.named(state, meant);
            FoundPlaces { places, how: Match::Beginning, typo: None }
        }
        _ => none,
    }
}

/// The names that look alike in print: a capital I, with which a word begins, is taken for a small l ("Luka" for Iuka).
fn looking_alike(words: &[String]) -> impl Iterator<Item = String> {
    (0..words.len()).filter_map(|at| {
        let mut meant = words.to_vec();
        meant[at] = format!("i{}", words[at].strip_prefix('l')?);
        Some(meant.join(" "))
    })
}

/// Returns the words with a capital each, as names are printed.
fn titled(words: &str) -> String {
    let title = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    words.split(' ').map(title).collect::<Vec<String>>().join(" ")
}

/// Returns the places named after "at", or else by the longest beginning of the name.
fn beside<'a>(name: &Name, state: StateCode, reference: &'a Reference) -> Vec<&'a Place> {
    let named = |words: &[String]| reference.places.named(state, &words.join(" "));
    if let Some(at) = name.words.iter().position(|word| word == "at") {
        let after = &name.words[at + 1..];
        let found = (1..=after.len().min(PLACE_WORDS)).rev().map(|end| named(&after[..end]));
        if let Some(places) = found.into_iter().find(|places| !places.is_empty()) {
            return places;
        }
    }
    let end = name.words.len().min(PLACE_WORDS);
    let beginnings = (1..end).rev().map(|end| named(&name.words[..end]));
    beginnings.into_iter().find(|places| !places.is_empty()).unwrap_or_default()
}
