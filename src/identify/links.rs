//! Whether the file behind an agreement's link is the agreement's own, told from the file's name.
//!
//! Files are named like `LakeCoSheriffsOfficeOH_WSO_MOA_05282025.pdf`: place, body, state, model, date. The place is
//! compared with the agency's, then with those of all other agencies; state and model with the row's. A name that
//! says nothing is `unclear`, which is no flag.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::{Agencies, Agency, Agreements, Cite};
use crate::panel::Panel;
use crate::read::Text;
use crate::reference::{Reference, key};
use crate::words::{Level, LinkVerdict, Model, StateCode};

/// Letters that the name of a place must have to be looked for in a file's name.
const PLACE_LETTERS: usize = 4;

/// Letters from which the place's name may have one typing error, and two.
const ONE_ERROR: usize = 6;
const TWO_ERRORS: usize = 9;

/// Tokens of file names that say what a body is: the place's name stands before them.
const BODIES: &[&str] = &[
    "co",
    "county",
    "parish",
    "city",
    "police",
    "pd",
    "so",
    "sheriff",
    "sheriffs",
    "borough",
    "boro",
    "township",
    "twp",
    "town",
    "village",
    "dept",
    "department",
    "constable",
    "jail",
    "public",
    "dps",
];

/// An agreement's link and what its file's name says.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Position of the agreement.
    pub agreement: u32,
    pub url: Text,
    pub first: Date,
    pub last: Date,
    /// Where it is printed first.
    pub cite: Cite,
    /// Listings that have it.
    pub count: u32,
    pub verdict: LinkVerdict,
    /// Position of the other agency that the name speaks of.
    pub named_agency: Option<u32>,
    pub evidence: String,
}

/// Every link of every agreement, sorted by agreement and address.
pub fn links(
    panel: &Panel,
    agencies: &Agencies,
    agreements: &Agreements,
    reference: &Reference,
) -> Vec<Link> {
    let judge = Judge::new(agencies, reference);
    let mut found: BTreeMap<(u32, Text), Link> = BTreeMap::new();
    let mut judged: HashMap<(u32, Text), (LinkVerdict, Option<u32>, String)> = HashMap::new();
    for (number, agreement) in agreements.agreements.iter().enumerate() {
        for line in &agreement.lines {
            let Some(url) = panel.listing(line.row).moa_url.clone() else { continue };
            let day = panel.lists[line.cite.list as usize].day();
            let entry = found.entry((number as u32, url.clone())).or_insert_with(|| {
                let at = (number as u32, url.clone());
                let (verdict, named_agency, evidence) = judged
                    .entry(at)
                    .or_insert_with(|| judge.verdict(&url, agreement.agency, agreement.model))
                    .clone();
                Link {
                    agreement: number as u32,
                    url,
                    first: day,
                    last: day,
                    cite: line.cite,
                    count: 0,
                    verdict,
                    named_agency,
                    evidence,
                }
            });
            entry.last = entry.last.max(day);
            entry.count += 1;
        }
    }
    found.into_values().collect()
}

/// What a file's name says.
#[derive(Debug, PartialEq, Eq)]
struct FileName {
    /// Lower case, in order; numbers dropped.
    tokens: Vec<String>,
    state: Option<StateCode>,
    model: Option<Model>,
}

struct Judge<'a> {
    agencies: &'a [Agency],
    reference: &'a Reference,
    /// Letters of places, with the agencies of each.
    places: HashMap<String, Vec<u32>>,
}

impl<'a> Judge<'a> {
    fn new(agencies: &'a Agencies, reference: &'a Reference) -> Self {
        let agencies = agencies.agencies.as_slice();
        let mut judge = Self { agencies, reference, places: HashMap::new() };
        for (at, agency) in agencies.iter().enumerate() {
            let place = judge.place(agency).filter(|place| place.len() >= PLACE_LETTERS);
            if let Some(place) = place {
                judge.places.entry(place).or_default().push(at as u32);
            }
        }
        judge
    }

    /// The letters of the place that an agency of a county or a place is named for.
    fn place(&self, agency: &Agency) -> Option<String> {
        let location = &agency.location;
        let name = match (location.level, &location.place_geoid) {
            (Level::County, _) => {
                let county = self.reference.counties.get(*location.counties.first()?)?;
                county.base_name.clone()
            }
            (Level::Municipal | Level::Subcounty, Some(geoid)) => {
                let places = self.reference.places.of_state(agency.state?);
                let mut places = places.filter(|place| place.geoid == *geoid);
                places.next()?.base_name().to_owned()
            }
            _ => return None,
        };
        Some(key(&name))
    }

    fn verdict(&self, url: &str, agency: u32, model: Model) -> (LinkVerdict, Option<u32>, String) {
        let stem = url.rsplit('/').next().unwrap_or(url);
        let file = read(stem, self.reference);
        let ours = &self.agencies[agency as usize];
        let letters = key(&file.tokens.join(" "));
        let says = |what: String| format!("{stem}: {what}");
        let place = self.place(ours);
        let is_ours =
            place.as_ref().is_some_and(|place| holds(&letters, place)) || self.shares_words(ours, &letters);
        if !is_ours
            && place.is_some()
            && let Some((other, place)) = self.other(&file, agency)
        {
            let name = &self.agencies[other as usize].name;
            return (LinkVerdict::OtherAgency, Some(other), says(format!("{place:?} is {name}'s")));
        }
        if let Some(state) = file.state.filter(|state| Some(*state) != ours.state) {
            return (LinkVerdict::OtherState, None, says(format!("it names the state {state}")));
        }
        if let Some(named) = file.model.filter(|named| *named != model) {
            return (LinkVerdict::OtherModel, None, says(format!("it names the model {named}")));
        }
        match (is_ours, place) {
            (true, Some(place)) => (LinkVerdict::Agrees, None, says(format!("it names {place:?}"))),
            (true, None) => (LinkVerdict::Agrees, None, says("it has words of the agency's name".into())),
            _ => (LinkVerdict::Unclear, None, says("it names no agency of the lists".into())),
        }
    }

    /// Whether the letters hold a word that few other names have.
    fn shares_words(&self, agency: &Agency, letters: &str) -> bool {
        const PLAIN: &[&str] = &[
            "department",
            "office",
            "police",
            "sheriff",
            "sheriffs",
            "county",
            "state",
            "public",
            "safety",
            "board",
            "division",
            "township",
            "constable",
            "correction",
            "corrections",
            "borough",
            "village",
        ];
        agency
            .name
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_lowercase)
            .filter(|word| word.len() >= PLACE_LETTERS && !PLAIN.contains(&word.as_str()))
            .any(|word| letters.contains(&word))
    }

    /// The other agency whose place opens the file's name and is followed by what a body is: of the same state and
    /// model as far as the name says them.
    fn other(&self, file: &FileName, ours: u32) -> Option<(u32, String)> {
        let is_body = |token: &String| BODIES.contains(&token.as_str());
        let end = file.tokens.iter().position(is_body).filter(|end| *end > 0)?;
        let place = key(&file.tokens[..end].join(" "));
        let with_body = key(&file.tokens[..=end].join(" "));
        let found = self.places.get(&place).or_else(|| self.places.get(&with_body))?;
        let state = file.state.or(self.agencies[ours as usize].state);
        let is_there = |at: &&u32| **at != ours && self.agencies[**at as usize].state == state;
        let other = found.iter().find(is_there)?;
        Some((*other, file.tokens[..end].join(" ")))
    }
}

/// Whether letters hold a place's name, a typing error apart.
fn holds(letters: &str, place: &str) -> bool {
    if place.is_empty() || letters.contains(place) {
        return !place.is_empty();
    }
    let limit = match place.len() {
        TWO_ERRORS.. => 2,
        ONE_ERROR.. => 1,
        _ => return false,
    };
    let letters: Vec<char> = letters.chars().collect();
    let length = place.chars().count();
    (length.saturating_sub(1)..=length + 1).any(|wide| {
        letters.windows(wide.max(1)).any(|window| {
            let window: String = window.iter().collect();
            strsim::osa_distance(&window, place) <= limit
        })
    })
}

/// Reads a file's name: words begin with capitals or after signs; a state's code and a model are told by their letters.
fn read(stem: &str, reference: &Reference) -> FileName {
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let stem = stem.replace("%20", " ").replace("287g", " ");
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = stem.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && (before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit())
                || (before.is_some_and(char::is_uppercase) && after.is_some_and(|c| c.is_lowercase())));
        if !letter.is_alphabetic() || begins {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if letter.is_alphabetic() {
            word.push(*letter);
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    let state_of = |text: &str| StateCode::new(text).filter(|code| reference.states.get(*code).is_some());
    let (mut tokens, mut state, mut model): (Vec<String>, Option<StateCode>, Option<Model>) =
        (Vec::new(), None, None);
    for word in words {
        if let Some(named) = Model::ALL.iter().find(|model| model.as_str() == word) {
            model = model.or(Some(*named));
            continue;
        }
        // "SOGA" is a sheriff's office in Georgia.
        let is_run = word.len() > 2 && word.len() <= 5 && word.chars().all(|c| c.is_ascii_uppercase());
        let (body, code) = if is_run { word.split_at(word.len() - 2) } else { ("", word.as_str()) };
        let is_end = !tokens.is_empty() && model.is_none();
        match state_of(code).filter(|_| is_end && (!is_run || BODIES.contains(&body.to_lowercase().as_str())))
        {
            Some(code) => {
                state = Some(code);
                tokens.extend((!body.is_empty()).then(|| body.to_lowercase()));
            }
            None => tokens.push(word.to_lowercase()),
        }
    }
    FileName { tokens, state, model }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SpecFiles;

    #[test]
    fn file_names_are_read() {
        let reference = Reference::load(&SpecFiles::default()).unwrap();
        for (stem, tokens, state, model) in [
            (
                "LakeCoSheriffsOfficeOH_WSO_MOA_05282025.pdf",
                "lake co sheriffs office moa",
                Some("OH"),
                Some(Model::Wso),
            ),
            ("287gJEM_WhitfieldCoGa2020-06-09.pdf", "whitfield co ga", None, Some(Model::Jem)),
            ("TurnerCoSOGA_JEM_MOA_12162025.pdf", "turner co so moa", Some("GA"), Some(Model::Jem)),
            ("BartowPDFL_TFM_MOA_042925.pdf", "bartow pd moa", Some("FL"), Some(Model::Tfm)),
            ("Jackson_County_WSO_MOA_02.24.25.pdf", "jackson county moa", None, Some(Model::Wso)),
            (
                "ManheimBoroughPoliceDeptPA_TFM_MOA_1.pdf",
                "manheim borough police dept moa",
                Some("PA"),
                Some(Model::Tfm),
            ),
            ("", "", None, None),
        ] {
            let file = read(stem, &reference);
            assert_eq!(file.tokens.join(" "), tokens, "{stem}");
            assert_eq!(file.state.map(|code| code.to_string()).as_deref(), state, "{stem}");
            assert_eq!(file.model, model, "{stem}");
        }
    }

    #[test]
    fn a_place_is_found_in_letters() {
        assert!(holds("whitfieldcoga", "whitfield"));
        assert!(holds("whitefieldcoga", "whitfield"), "one letter more");
        assert!(!holds("whitfieldcoga", "wayne"));
        assert!(!holds("", "wayne"));
        assert!(!holds("wayne", ""));
    }
}
