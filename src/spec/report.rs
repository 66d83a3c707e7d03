//! `pipelines/coverage/report.toml`: what the page and the report show.

use jiff::civil::Date;
use serde::Deserialize;

use super::claims::iso_date;
use super::{Benchmark, BenchmarkLevel, Order, Rules, SpecError, SpecFiles};
use crate::words::{Concept, ModelGroup};

const FILE: &str = "pipelines/coverage/report.toml";

/// Choices of the page and the report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSpec {
    /// "New" agreements are signed on or after this day.
    #[serde(deserialize_with = "iso_date")]
    pub new_since: Date,
    /// The newest list is shown beside the list of this day.
    #[serde(deserialize_with = "iso_date")]
    pub beside: Date,
    /// Rule by which a county is drawn as covered.
    pub map_rule: String,
    /// Rule by which one of the largest counties is called covered.
    pub top_rule: String,
    /// Rules counted in the table of states.
    pub state_rules: Vec<String>,
    /// Rule of the tables `county_panel` and `state_panel`: one that counts whole counties.
    pub panel_rule: String,
    /// Model groups of these tables.
    pub panel_groups: Vec<ModelGroup>,
    /// Benchmark whose first areas are listed.
    pub top_benchmark: String,
    /// How many areas are listed.
    pub top: usize,
    /// Departures within this many days before the newest list are shown.
    pub recent_days: i32,
}

impl ReportSpec {
    /// Checks that the rules it names exist: rules that count residents are dropped where the figures have no places.
    ///
    /// # Errors
    /// [`SpecError`] naming the rule.
    pub fn check(&self, rules: &Rules) -> Result<(), SpecError> {
        let named = [&self.map_rule, &self.top_rule, &self.panel_rule].into_iter().chain(&self.state_rules);
        match named.into_iter().find(|rule| rules.find(rule).is_none()) {
            None => Ok(()),
            Some(rule) => {
                let message = format!(
                    "{rule:?} is no rule of rules.toml, or needs figures of places that are not there (--acs)"
                );
                Err(SpecError::says(FILE, message))
            }
        }
    }
}

pub(super) fn load(
    files: &SpecFiles,
    rules: &Rules,
    benchmarks: &[Benchmark],
) -> Result<ReportSpec, SpecError> {
    let report: ReportSpec = files.toml(FILE)?;
    report.check(rules)?;
    let says = |message: String| Err(SpecError::says(FILE, message));
    let Some(top) = benchmarks.iter().find(|benchmark| benchmark.name == report.top_benchmark) else {
        return says(format!("top_benchmark {:?} is not in benchmarks.toml", report.top_benchmark));
    };
    let is_largest = top.level == BenchmarkLevel::County
        && top.measure == Concept::ForeignBorn
        && top.order == Order::Count
        && top.only.is_none();
    if !is_largest {
        return says(format!(
            "top_benchmark {:?} is not of all counties by foreign-born residents",
            top.name
        ));
    }
    if rules.find(&report.panel_rule).is_some_and(|rule| rules.needs_places(rule)) {
        return says(format!(
            "panel_rule {:?} counts residents of places: a panel is of whole counties",
            report.panel_rule
        ));
    }
    let mut groups = report.panel_groups.clone();
    groups.sort_unstable();
    groups.dedup();
    if groups.is_empty() || groups.len() < report.panel_groups.len() {
        return says("panel_groups: is empty, or has a group twice".into());
    }
    if let Some(group) = groups.iter().find(|group| !rules.groups.contains_key(group)) {
        return says(format!("panel_groups: {group} is no group of rules.toml"));
    }
    let panel_rule = rules.find(&report.panel_rule);
    let is_about =
        |group: &&ModelGroup| panel_rule.is_some_and(|rule| rules.is_about(rule, &rules.groups[*group]));
    if let Some(group) = groups.iter().find(|group| !is_about(group)) {
        return says(format!(
            "panel_groups: {} is a rule about other models than {group}",
            report.panel_rule
        ));
    }
    if report.top == 0 || report.top > top.top {
        return says(format!("top is from 1 to the {} of {}", top.top, top.name));
    }
    if !(1..=3_660).contains(&report.recent_days) {
        return says("recent_days is from 1 to 3660".into());
    }
    Ok(report)
}
