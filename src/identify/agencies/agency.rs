//! From printed names to agencies.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use rayon::prelude::*;
use typed_index_collections::TiVec;

use super::ids::mint;
use crate::identify::agencies::published_name::best;
use crate::identify::agencies::same::{Bond, JoinedNames, join_names};
use crate::identify::agencies::spelling::{Spelling, Spellings, most_frequent, spellings};
use crate::identify::names::lexicon::Lexicon;
use crate::identify::names::sightings::Sightings;
use crate::identify::places::locate::locate;
use crate::identify::places::location::{Location, Witnesses};
use crate::panel::Panel;
use crate::read::Text;
use crate::reference::Reference;
use crate::words::{
    AgencyAt, AgencyType, CountyFips, Kind, Level, NameMethod, OriReason, RedirectReason, RowAt, SpellingAt,
    StateCode,
};

/// A law-enforcement agency.
#[derive(Debug)]
pub struct Agency {
    /// Minted from its earliest name.
    pub id: String,
    /// The printed name with the fewest typing errors, then with the most listings; repaired where even that name has
    /// an error.
    pub name: String,
    /// Whether no list prints the name in this form.
    pub is_repaired: bool,
    pub state: Option<StateCode>,
    pub kind_phrase: Option<String>,
    /// Numbers in its name, as digits: of a precinct, ward, district or circuit.
    pub numbers: Vec<String>,
    pub location: Location,
    pub first_listed: Date,
    pub last_listed: Date,
    /// Sorted by agency and state as printed, each once.
    pub names: Vec<PrintedName>,
    pub redirects: Vec<Redirect>,
}

/// A name as lists print it.
#[derive(Debug)]
pub struct PrintedName {
    pub agency: Text,
    /// Empty where no state is printed.
    pub state: Text,
    pub sightings: Sightings,
    /// Why it is this agency's name; `None` for an agency's only name.
    pub bond: Option<Bond>,
}

/// A retired id.
#[derive(Debug, Clone, PartialEq)]
pub struct Redirect {
    pub old_id: String,
    pub reason: RedirectReason,
    pub score: f64,
    pub evidence: String,
}

/// Every agency, and the agency of every row.
#[derive(Debug)]
pub struct Agencies {
    /// Sorted by id.
    pub agencies: TiVec<AgencyAt, Agency>,
    /// By distinct row of the panel: position of its agency in `agencies`; `None` where no name is printed.
    pub of_row: TiVec<RowAt, Option<AgencyAt>>,
}

/// Identifies the agencies on all kept lists and places them.
pub fn agencies(panel: &Panel, lexicon: &Lexicon, reference: &Reference) -> Agencies {
    let spellings = spellings(panel, lexicon, reference);
    let joined = join_names(panel, &spellings, reference);
    // The names of each agency, by its earliest name.
    let mut names: BTreeMap<SpellingAt, Vec<SpellingAt>> = BTreeMap::new();
    for (at, earliest) in joined.earliest.iter_enumerated() {
        names.entry(*earliest).or_default().push(at);
    }
    let owned: BTreeSet<String> = spellings.all.iter().map(|s| mint(s.state, &s.name)).collect();
    let finishing = Finishing { spellings: &spellings, joined: &joined, owned, lexicon, reference };
    let names: Vec<(SpellingAt, Vec<SpellingAt>)> = names.into_iter().collect();
    let mut agencies: Vec<(SpellingAt, Agency)> =
        names.par_iter().map(|(earliest, names)| (*earliest, finishing.agency(names))).collect();
    agencies.sort_by(|a, b| a.1.id.cmp(&b.1.id));
    share_no_ori(&mut agencies);
    // A retired id leads to one agency only, even where its rows went to several.
    let mut given = BTreeSet::new();
    for (_, agency) in &mut agencies {
        agency.redirects.retain(|redirect| given.insert(redirect.old_id.clone()));
    }
    let (earliest, agencies): (TiVec<AgencyAt, SpellingAt>, TiVec<AgencyAt, Agency>) =
        agencies.into_iter().unzip();
    let agency_of: HashMap<SpellingAt, AgencyAt> =
        earliest.into_iter_enumerated().map(|(agency, earliest)| (earliest, agency)).collect();
    let of_spelling = |at: &Option<SpellingAt>| at.map(|at| agency_of[&joined.earliest[at]]);
    let of_row = spellings.of_row.iter().map(of_spelling).collect();
    Agencies { agencies, of_row }
}

/// Removes a county's ORI if its sheriff and police both have agreements: the FBI calls both alike, and may mean
/// either.
fn share_no_ori(agencies: &mut [(SpellingAt, Agency)]) {
    let mut kinds: BTreeMap<String, BTreeSet<Kind>> = BTreeMap::new();
    for (_, agency) in agencies.iter() {
        if let Ok(ori) = &agency.location.ori {
            kinds.entry(ori.ori.clone()).or_default().insert(agency.location.kind);
        }
        let location = &agency.location;
        if (location.level, location.kind) == (Level::County, Kind::Police) && location.ori.is_err() {
            // The police's entry may be the county's bare one, to which the sheriff's name leads.
            let sheriffs = agencies.iter().map(|(_, other)| &other.location).filter(|other| {
                other.kind == Kind::Sheriff && other.counties.first() == location.counties.first()
            });
            for ori in sheriffs.filter_map(|other| other.ori.as_ref().ok()) {
                kinds.entry(ori.ori.clone()).or_default().insert(Kind::Police);
            }
        }
    }
    for (_, agency) in agencies {
        let location = &mut agency.location;
        let is_shared = location.ori.as_ref().is_ok_and(|ori| kinds[&ori.ori].len() > 1);
        if is_shared && location.level == Level::County {
            location.ori = Err(OriReason::EntryOfAnotherAgency);
        }
    }
}

/// The parts from which an agency is made once its names are known.
struct Finishing<'a> {
    spellings: &'a Spellings,
    joined: &'a JoinedNames,
    /// Ids minted from some name under its right state.
    owned: BTreeSet<String>,
    lexicon: &'a Lexicon<'a>,
    reference: &'a Reference,
}

impl Finishing<'_> {
    /// Makes the agency of these names; the earliest name comes first.
    fn agency(&self, names: &[SpellingAt]) -> Agency {
        let spellings: Vec<&Spelling> = names.iter().map(|at| &self.spellings.all[*at]).collect();
        let earliest = spellings[0];
        let best = best(&spellings, self.lexicon);
        let location = self.location(&spellings, best);
        let repaired = self.lexicon.repaired(&best.name, &location);
        let id = mint(earliest.state, &earliest.name);
        let mut sightings = earliest.sightings;
        let mut printed = Vec::new();
        for (at, spelling) in names.iter().zip(&spellings) {
            sightings.add(spelling.sightings);
            for ((agency, state), sightings) in &spelling.printed {
                printed.push(PrintedName {
                    agency: agency.clone(),
                    state: state.clone(),
                    sightings: *sightings,
                    bond: self.joined.bonds[*at].clone(),
                });
            }
        }
        printed.sort_by(|a, b| (&a.agency, &a.state).cmp(&(&b.agency, &b.state)));
        printed.shrink_to_fit();
        Agency {
            redirects: self.redirects(&id, names),
            id,
            is_repaired: repaired.as_ref().is_some_and(|name| spellings.iter().all(|s| *s.name != **name)),
            name: repaired.unwrap_or_else(|| best.name.to_string()),
            state: earliest.state,
            kind_phrase: best.read.phrase.clone(),
            numbers: best.read.numbers().map(str::to_owned).collect(),
            location,
            first_listed: sightings.first,
            last_listed: sightings.last,
            names: printed,
        }
    }

    /// Locates the agency by its published name and by what all its listings say beside the name.
    fn location(&self, spellings: &[&Spelling], best: &Spelling) -> Location {
        let mut counties: BTreeMap<CountyFips, u32> = BTreeMap::new();
        let mut last: BTreeMap<CountyFips, Date> = BTreeMap::new();
        let mut types: BTreeMap<AgencyType, u32> = BTreeMap::new();
        for spelling in spellings {
            for (county, count) in &spelling.counties {
                *counties.entry(*county).or_default() += count;
            }
            for (county, day) in &spelling.counties_last {
                let known = last.entry(*county).or_insert(*day);
                *known = *day.max(known);
            }
            for (agency_type, count) in &spelling.types {
                *types.entry(*agency_type).or_default() += count;
            }
        }
        let county_cell = most_frequent(&counties);
        let other_cells = counties.keys().copied().filter(|county| Some(*county) != county_cell).collect();
        let newest = last.values().max();
        let mut newest_cells = last.iter().filter(|(_, day)| Some(*day) == newest).map(|(county, _)| *county);
        let newest_cell = newest_cells.next().filter(|_| newest_cells.next().is_none());
        let agency_type = most_frequent(&types);
        let witnesses = Witnesses { county_cell, newest_cell, other_cells, agency_type };
        locate(&best.read, best.state, &witnesses, self.lexicon.vocabulary, self.reference)
    }

    /// Returns the ids of the agency's other names, and of its names under states that were printed by mistake.
    fn redirects(&self, id: &str, names: &[SpellingAt]) -> Vec<Redirect> {
        let mut known = BTreeSet::from([id.to_owned()]);
        let mut redirects = Vec::new();
        for at in names {
            let spelling = &self.spellings.all[*at];
            let old_id = mint(spelling.state, &spelling.name);
            if known.insert(old_id.clone()) {
                let bond = self.joined.bonds[*at].as_ref();
                redirects.push(Redirect {
                    old_id,
                    reason: bond.map_or(NameMethod::SameWords, |bond| bond.rule).into(),
                    score: bond.map_or(1.0, |bond| bond.score),
                    evidence: bond.map_or_else(String::new, |bond| bond.evidence.clone()),
                });
            }
            for state in &spelling.states_named {
                let old_id = mint(Some(*state), &spelling.name);
                if !self.owned.contains(&old_id) && known.insert(old_id.clone()) {
                    redirects.push(Redirect {
                        old_id,
                        reason: RedirectReason::StateCorrected,
                        score: 0.9,
                        evidence: format!("{:?} was printed under {state}; see repairs", spelling.name),
                    });
                }
            }
        }
        redirects
    }
}
