//! Which agencies run a jail, and what shows it: the name, the law of the state, or an agreement in a jail's model.

use std::collections::{BTreeMap, BTreeSet};

use typed_index_collections::TiVec;

use crate::identify::agencies::agency::{Agencies, Agency};
use crate::identify::agreements::follow::Agreements;
use crate::spec::Vocabulary;
use crate::words::{AgencyAt, CountyFips, Extent, Kind, Level, Model};

/// Whether an agency runs a jail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunsJail {
    /// `None`: not known.
    pub runs: Option<bool>,
    /// The name, law or agreement that shows it, or why it is not known.
    pub evidence: String,
}

/// Settles for every agency whether it runs a jail.
pub fn jails(
    agencies: &Agencies,
    agreements: &Agreements,
    vocabulary: &Vocabulary,
) -> TiVec<AgencyAt, RunsJail> {
    let mut models: BTreeMap<AgencyAt, BTreeSet<Model>> = BTreeMap::new();
    for held in agreements.all_count_for() {
        models.entry(held.agency).or_default().insert(held.model);
    }
    // The jails of counties, by the counties that they serve as a whole.
    let mut jail_of: BTreeMap<CountyFips, AgencyAt> = BTreeMap::new();
    for (at, agency) in agencies.agencies.iter_enumerated().rev() {
        if is_local_jail(agency) && agency.location.extent == Extent::Whole {
            jail_of.extend(agency.location.counties.iter().map(|county| (*county, at)));
        }
    }
    let of_agency = |(at, agency): (AgencyAt, &Agency)| {
        let jail_models: Vec<&str> = models
            .get(&at)
            .into_iter()
            .flatten()
            .filter(|model| matches!(model, Model::Jem | Model::Wso))
            .map(Model::as_str)
            .collect();
        let other = agency.location.counties.first().and_then(|county| jail_of.get(county));
        let other = other.filter(|jail| **jail != at).map(|jail| agencies.agencies[*jail].name.as_str());
        runs_jail(agency, &jail_models.join(" and "), other, vocabulary)
    };
    agencies.agencies.iter_enumerated().map(of_agency).collect()
}

fn is_local_jail(agency: &Agency) -> bool {
    agency.location.kind == Kind::Corrections && !agency.location.level.is_statewide()
}

/// `models` are its agreements in models of jails, in words; `other` is a jail of its county that is another agency.
fn runs_jail(agency: &Agency, models: &str, other: Option<&str>, vocabulary: &Vocabulary) -> RunsJail {
    let settled = |runs, evidence: String| RunsJail { runs: Some(runs), evidence };
    let is_in =
        |states: &[String]| agency.state.is_some_and(|code| states.iter().any(|s| s == code.as_str()));
    let location = &agency.location;
    if location.kind == Kind::UnifiedCorrections {
        return settled(true, "it runs the jails of its state (Census of Jails, integrated systems)".into());
    }
    if location.kind == Kind::Corrections && matches!(location.level, Level::State | Level::Territory) {
        return settled(
            false,
            "it runs prisons of its state or territory, and other agencies its jails".into(),
        );
    }
    if is_local_jail(agency) {
        return settled(true, "its name says so".into());
    }
    if location.level.is_statewide() {
        return RunsJail {
            runs: None,
            evidence: "an agency of a state that is no department of corrections".into(),
        };
    }
    let though = if models.is_empty() { String::new() } else { format!("; and yet it has {models}") };
    if is_in(&vocabulary.unified_corrections_states) {
        let law = "the state runs the jails of its counties (Census of Jails, integrated systems)";
        return settled(false, format!("{law}{though}"));
    }
    let jailers = agency.state.and_then(|code| vocabulary.jailer_states.get(code.as_str()));
    if let Some(law) = jailers.filter(|_| matches!(location.kind, Kind::Sheriff | Kind::Police)) {
        return settled(false, format!("a jailer of the county runs its jail ({law}){though}"));
    }
    match (models, other) {
        ("", _) => RunsJail { runs: None, evidence: "neither its name nor an agreement says".into() },
        (_, Some(jail)) => {
            RunsJail { runs: None, evidence: format!("it has {models}, but {jail} is a jail of its county") }
        }
        (_, None) => settled(true, format!("it has {models}, which agencies that hold people sign")),
    }
}
