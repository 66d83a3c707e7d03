//! `pipelines/coverage/rules.toml`: which people an agency's agreement reaches.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{SpecError, SpecFiles};
use crate::words::{Extent, Kind, Level, Model, ModelGroup};

const FILE: &str = "pipelines/coverage/rules.toml";

/// The rules, in the order in which they are shown, and the model groups.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub groups: BTreeMap<ModelGroup, Vec<Model>>,
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// A named answer to "whom does an agreement reach": the union of its reaches and of the rules it includes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    pub text: String,
    #[serde(default)]
    pub includes: Vec<String>,
    /// A wider rule that this rule does not go beyond, though it is no part of it; checked like `includes`.
    pub within: Option<String>,
    /// Whether the rule reaches more people than police can; it is shown only with the state agencies behind it.
    #[serde(default)]
    pub upper_bound: bool,
    #[serde(default, rename = "reach")]
    pub reaches: Vec<ReachSpec>,
}

/// Conditions on agency and agreement, and the territory that is covered where all hold. A condition that is left out
/// accepts any.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReachSpec {
    pub kinds: Option<Vec<Kind>>,
    pub levels: Option<Vec<Level>>,
    pub extents: Option<Vec<Extent>>,
    pub models: Option<Vec<Model>>,
    /// Whether the agency runs a jail; one of which that is not known meets neither condition.
    pub runs_jail: Option<bool>,
    pub territory: Territory,
}

/// The territory that a reach covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Territory {
    /// The counties an agency polices.
    Counties,
    /// Every county of its state.
    State,
    /// The residents of the place or, where towns have police, of the county subdivision, that the agency is the police
    /// of.
    Residents,
    /// Nobody: the agreement is counted, and no resident is.
    Nobody,
}

impl ReachSpec {
    /// Whether the reach takes an agency of this kind and level, whatever its counties and models.
    pub fn takes_agency(&self, kind: Kind, level: Level) -> bool {
        holds(&self.kinds, &kind) && holds(&self.levels, &level)
    }

    /// Whether the reach takes a model.
    pub fn takes_model(&self, model: Model) -> bool {
        holds(&self.models, &model)
    }

    /// Whether the reach takes an agency that runs a jail, or runs none; `None`: not known.
    pub fn takes_jail(&self, runs_jail: Option<bool>) -> bool {
        self.runs_jail.is_none_or(|wanted| runs_jail == Some(wanted))
    }

    /// Whether the reach takes a county served to this extent.
    pub fn takes_extent(&self, extent: Extent) -> bool {
        holds(&self.extents, &extent)
    }
}

fn holds<T: PartialEq>(condition: &Option<Vec<T>>, value: &T) -> bool {
    condition.as_ref().is_none_or(|any| any.contains(value))
}

impl Rules {
    /// The rule of this name.
    pub fn find(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// Whether a rule counts the residents of places.
    pub fn needs_places(&self, rule: &Rule) -> bool {
        self.reaches(rule).iter().any(|reach| reach.territory == Territory::Residents)
    }

    /// Whether any rule counts the residents of places.
    pub fn need_places(&self) -> bool {
        self.rules.iter().any(|rule| self.needs_places(rule))
    }

    /// Keeps the rules that can do without figures of places.
    pub fn without_residents(self) -> Self {
        // A rule that includes a rule that counts residents counts them too: no rule is left with a part missing.
        let kept = self.rules.iter().filter(|rule| !self.needs_places(rule)).cloned().collect();
        Self { rules: kept, groups: self.groups }
    }

    /// Whether a rule is about all these models. One that takes only models of jails says nothing of task forces, and a
    /// group with task forces has no figures under it.
    pub fn is_about(&self, rule: &Rule, models: &[Model]) -> bool {
        let reaches = self.reaches(rule);
        models.iter().all(|model| reaches.iter().any(|reach| reach.takes_model(*model)))
    }

    /// Every reach of a rule: its own and, through `includes`, those of narrower rules.
    pub fn reaches<'a>(&'a self, rule: &'a Rule) -> Vec<&'a ReachSpec> {
        let included = rule.includes.iter().filter_map(|name| self.find(name));
        included.flat_map(|narrower| self.reaches(narrower)).chain(&rule.reaches).collect()
    }
}

pub(super) fn load(files: &SpecFiles) -> Result<Rules, SpecError> {
    let rules: Rules = files.toml(FILE)?;
    for (at, rule) in rules.rules.iter().enumerate() {
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let starts = rule.name.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts || rule.name.len() > 40 || !rule.name.chars().all(is_word) {
            let message =
                format!("rule {:?}: a name is a word of a-z, 0-9 and _, of 40 letters at most", rule.name);
            return Err(SpecError::says(FILE, message));
        }
        if rule.text.trim().is_empty() || rule.text.chars().any(char::is_control) {
            let message = format!("rule {}: text says in one line what it means", rule.name);
            return Err(SpecError::says(FILE, message));
        }
        if rule.reaches.is_empty() && rule.includes.is_empty() {
            let message =
                format!("rule {}: has no reach and includes no rule, so that it takes nothing", rule.name);
            return Err(SpecError::says(FILE, message));
        }
        // A rule may include only rules before it: that also rules out circles.
        for name in &rule.includes {
            if !rules.rules[..at].iter().any(|earlier| earlier.name == *name) {
                let message = format!("rule {}: includes {name:?}, which is not a rule above it", rule.name);
                return Err(SpecError::says(FILE, message));
            }
        }
        if rules.rules[..at].iter().any(|earlier| earlier.name == rule.name) {
            return Err(SpecError::says(FILE, format!("rule {} is there twice", rule.name)));
        }
    }
    for rule in &rules.rules {
        if let Some(name) = rule.within.as_ref().filter(|name| rules.find(name).is_none()) {
            return Err(SpecError::says(
                FILE,
                format!("rule {}: within {name:?}, which is no rule", rule.name),
            ));
        }
    }
    if let Some(group) = ModelGroup::ALL.iter().find(|g| !rules.groups.contains_key(g)) {
        return Err(SpecError::says(FILE, format!("[groups] has no {group}")));
    }
    Ok(rules)
}
