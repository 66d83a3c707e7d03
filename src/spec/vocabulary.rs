//! `pipelines/agreements/vocabulary.toml`: the words of the lists and of agency names.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::words::{AgencyType, Kind, Level, Model};

/// The words the lists use.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// Cells that hold nothing, in upper case.
    pub null_tokens: Vec<String>,
    /// Texts that a program has put in the place of letters inside words, and the letters.
    pub spoiled_by_programs: BTreeMap<String, String>,
    /// Texts of a link cell that has, or will have, a link.
    pub unlinked_texts: Vec<String>,
    /// Hosts that agreements are published on; hosts below them count too.
    pub agreement_hosts: Vec<String>,
    #[serde(rename = "model")]
    pub models: Vec<ModelWord>,
    #[serde(rename = "type")]
    pub types: Vec<TypeWord>,
    /// Token of an agency name → the words it stands for.
    pub abbreviations: BTreeMap<String, String>,
    /// Kinds in order: the first entry with a phrase of the name decides.
    #[serde(rename = "kind")]
    pub kinds: Vec<KindPhrases>,
    pub state: StateBodies,
    pub unified_corrections_states: Vec<String>,
    /// States in which a jailer of the county's own runs its jail, by code, with the law that says so.
    pub jailer_states: BTreeMap<String, String>,
    /// The county of a territory's seat of government, by the territory's code.
    pub territory_main_counties: BTreeMap<String, String>,
    /// States in which towns or townships are governments beside the places in them.
    pub town_states: Vec<String>,
    /// USPS codes of the states in which the marshal of a town is its police.
    pub marshal_police_states: Vec<String>,
    pub regional_phrases: Vec<String>,
    pub place_prefixes: Vec<String>,
    /// Words that names of agencies are made of, beside places' names.
    pub body_words: Vec<String>,
}

/// A model: its printed form and its telling word.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelWord {
    pub code: Model,
    pub printed: String,
    pub word: String,
}

/// A TYPE and its telling word.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeWord {
    pub code: AgencyType,
    pub word: String,
}

/// Phrases of a name that tell the kind of an agency and, where they suffice, its level.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindPhrases {
    pub kind: Kind,
    pub phrases: Vec<String>,
    pub level: Option<Level>,
}

/// How a state agency is recognised by its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateBodies {
    pub words: Vec<String>,
    pub openings: Vec<String>,
    pub general_police: Vec<String>,
}
