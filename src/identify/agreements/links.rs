//! Whether the file behind an agreement's link is the agreement's own, judged by the file's name.
//!
//! Files are named like `LakeCoSheriffsOfficeOH_WSO_MOA_05282025.pdf`: place, agency, state, model, date. The place is
//! compared with that of the agreement's agency, then with those of all other agencies; state and model are compared
//! with the agreement's. A name that says nothing is `unclear`, which is no flag.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use typed_index_collections::TiSlice;

use crate::identify::agencies::agency::{Agencies, Agency};
use crate::identify::agreements::agreement::Agreement;
use crate::identify::agreements::follow::Agreements;
use crate::identify::names::file_name::{FileName, KIND_WORDS};
use crate::identify::names::sightings::{Sightings, of_kind};
use crate::panel::Panel;
use crate::read::Text;
use crate::reference::{Reference, key};
use crate::words::{AgencyAt, AgreementAt, Level, LinkVerdict, ListKind};

/// The fewest letters of a place's name that is looked for in a file's name.
const PLACE_LETTERS: usize = 4;

/// Limits: tokens of a file's name among which a place is looked for, and agreements with one address that are compared.
const PLACE_TOKENS: usize = 12;
const OWNERS: usize = 16;

/// The fewest letters with which a place's name may have one typing error, or two.
const ONE_ERROR: usize = 6;
const TWO_ERRORS: usize = 9;

/// An agreement's link and what its file's name says.
#[derive(Debug, Clone, PartialEq)]
pub struct AgreementLink {
    /// Position of the agreement.
    pub agreement: AgreementAt,
    pub url: Text,
    pub seen: Sightings,
    pub verdict: LinkVerdict,
    /// Position of the other agency that the file's name means.
    pub named_agency: Option<AgencyAt>,
    pub evidence: String,
}

/// Every link of every agreement, sorted by agreement and address.
pub fn links(
    panel: &Panel,
    agencies: &Agencies,
    agreements: &Agreements,
    reference: &Reference,
) -> Vec<AgreementLink> {
    let mut printed: BTreeMap<(AgreementAt, Text), Sightings> = BTreeMap::new();
    let rows = panel.listings.iter().zip(&agreements.of_row);
    for ((listing, agreement), seen) in rows.zip(of_kind(panel, ListKind::Participating)) {
        let Some((key, seen)) = agreement.zip(listing.moa_url.clone()).zip(seen) else { continue };
        printed.entry(key).and_modify(|all| all.add(seen)).or_insert(seen);
    }
    let judge = LinkJudge::new(agencies, agreements, reference, &printed);
    let judged = printed.par_iter().map(|((at, url), seen)| {
        let (verdict, named_agency, evidence) = judge.verdict(url, *at);
        AgreementLink { agreement: *at, url: url.clone(), seen: *seen, verdict, named_agency, evidence }
    });
    judged.collect()
}

struct LinkJudge<'a> {
    agencies: &'a TiSlice<AgencyAt, Agency>,
    agreements: &'a TiSlice<AgreementAt, Agreement>,
    reference: &'a Reference,
    /// The agencies of each place, by the letters of its name.
    places: HashMap<String, Vec<AgencyAt>>,
    /// The agreements of each address.
    printed: HashMap<&'a str, Vec<AgreementAt>>,
}

impl<'a> LinkJudge<'a> {
    fn new(
        agencies: &'a Agencies,
        agreements: &'a Agreements,
        reference: &'a Reference,
        links: &'a BTreeMap<(AgreementAt, Text), Sightings>,
    ) -> Self {
        let (agencies, agreements) = (agencies.agencies.as_slice(), agreements.agreements.as_slice());
        let mut printed: HashMap<&str, Vec<AgreementAt>> = HashMap::new();
        for (agreement, url) in links.keys() {
            printed.entry(url).or_default().push(*agreement);
        }
        let mut judge = Self { agencies, agreements, reference, places: HashMap::new(), printed };
        for (at, agency) in agencies.iter_enumerated() {
            let place = judge.place(agency).filter(|place| place.len() >= PLACE_LETTERS);
            if let Some(place) = place {
                judge.places.entry(place).or_default().push(at);
            }
        }
        judge
    }

    /// Returns the letters of the county's or place's name after which an agency is named.
    fn place(&self, agency: &Agency) -> Option<String> {
        let location = &agency.location;
        let name = match (location.level, &location.place_geoid) {
            (Level::County, _) => {
                let county = self.reference.counties.get(*location.counties.first()?)?;
                county.base_name.clone()
            }
            (Level::Municipal | Level::Subcounty, Some(geoid)) => {
                self.reference.places.get(geoid)?.base_name().to_owned()
            }
            _ => return None,
        };
        Some(key(&name))
    }

    fn verdict(&self, url: &str, agreement: AgreementAt) -> (LinkVerdict, Option<AgencyAt>, String) {
        let agreement = &self.agreements[agreement];
        let stem = url.rsplit('/').next().unwrap_or(url);
        let file = FileName::read(stem, self.reference);
        let letters = key(&file.tokens.join(" "));
        let says = |what: String| format!("{stem}: {what}");
        let ours = self.speaks_of(&file, &letters, agreement.agency);
        if let Err((other, why)) = ours {
            return (LinkVerdict::OtherAgency, Some(other), says(why));
        }
        let ours = ours.ok().flatten();
        if ours.is_none()
            && let Some((other, why)) = self.owner(url, &file, &letters, agreement)
        {
            return (LinkVerdict::OtherAgency, Some(other), says(why));
        }
        let state = self.agencies[agreement.agency].state;
        if let Some(named) = file.state.filter(|named| Some(*named) != state) {
            return (LinkVerdict::OtherState, None, says(format!("it names the state {named}")));
        }
        if let Some(named) = file.model.filter(|named| *named != agreement.model) {
            return (LinkVerdict::OtherModel, None, says(format!("it names the model {named}")));
        }
        match ours {
            Some(why) => (LinkVerdict::Agrees, None, says(why)),
            None => (LinkVerdict::Unclear, None, says("it names no agency of the lists".into())),
        }
    }

    /// Returns how a file's name speaks of an agency; `None` if it does not; as an error, the other agency with whose
    /// place the name opens.
    fn speaks_of(
        &self,
        file: &FileName,
        letters: &str,
        agency: AgencyAt,
    ) -> Result<Option<String>, (AgencyAt, String)> {
        let ours = &self.agencies[agency];
        let place = self.place(ours);
        let state = file.state.or(ours.state);
        // The longest opening that is a place's name is taken: Panama City Beach is not Panama City.
        for end in (1..=file.tokens.len().min(PLACE_TOKENS)).rev() {
            let opening = key(&file.tokens[..end].join(" "));
            if place.as_ref() == Some(&opening) {
                return Ok(Some(format!("it opens with {:?}", file.tokens[..end].join(" "))));
            }
            let is_kind = file.tokens.get(end).is_some_and(|next| KIND_WORDS.contains(&next.as_str()));
            let found = self.places.get(&opening).filter(|_| is_kind && place.is_some());
            let other = found.and_then(|found| {
                found.iter().find(|at| **at != agency && self.agencies[**at].state == state)
            });
            if let Some(other) = other {
                let (words, name) = (file.tokens[..end].join(" "), &self.agencies[*other].name);
                return Err((*other, format!("{words:?} is {name}'s")));
            }
        }
        if let Some(place) = place.filter(|place| holds(letters, place)) {
            return Ok(Some(format!("it has the letters of {place:?}, or nearly")));
        }
        Ok(self.shared_word(ours, letters).map(|word| format!("it has the word {word:?}")))
    }

    /// Returns the other agency whose agreement prints the same address and of which the file's name speaks.
    fn owner(
        &self,
        url: &str,
        file: &FileName,
        letters: &str,
        agreement: &Agreement,
    ) -> Option<(AgencyAt, String)> {
        self.printed.get(url)?.iter().take(OWNERS).find_map(|at| {
            let other = self.agreements[*at].agency;
            if other == agreement.agency {
                return None;
            }
            let why = self.speaks_of(file, letters, other).ok()??;
            Some((other, format!("it is {}'s, {why}", self.agencies[other].name)))
        })
    }

    /// Returns a word of the agency's name that few other names have and that the file's letters hold.
    fn shared_word(&self, agency: &Agency, letters: &str) -> Option<String> {
        let state = agency.state.and_then(|code| self.reference.states.get(code));
        let state = state.map(|state| state.name.to_lowercase()).unwrap_or_default();
        let is_plain =
            |word: &str| PLAIN.contains(&word) || state.split(' ').any(|of_state| of_state == word);
        agency
            .name
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_lowercase)
            .find(|word| word.len() >= PLACE_LETTERS && !is_plain(word) && letters.contains(word.as_str()))
    }
}

/// Words that many agency names have.
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
    "constables",
    "correction",
    "corrections",
    "borough",
    "village",
    "enforcement",
    "services",
    "commission",
    "general",
    "highway",
    "patrol",
];

/// Whether letters hold a place's name, with typing errors allowed by its length.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_in_letters() {
        assert!(holds("whitfieldcoga", "whitfield"));
        assert!(holds("whitefieldcoga", "whitfield"), "one letter more");
        assert!(!holds("whitfieldcoga", "wayne"));
        assert!(!holds("", "wayne"));
        assert!(!holds("wayne", ""));
    }
}
