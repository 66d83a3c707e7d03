//! `pipelines/coverage/report.toml`: what the page and the report show.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::{Benchmark, Rules, SpecError, SpecFiles};

const FILE: &str = "pipelines/coverage/report.toml";

/// Choices of the page and the report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSpec {
    /// "New" agreements are signed on or after this day.
    #[serde(deserialize_with = "iso_date")]
    pub new_since: Date,
    /// The newest list is shown beside that of this day.
    #[serde(deserialize_with = "iso_date")]
    pub beside: Date,
    /// Rule by which a county is drawn as covered.
    pub map_rule: String,
    /// Rule by which one of the largest counties is called covered.
    pub top_rule: String,
    /// Rules counted in the table of states.
    pub state_rules: Vec<String>,
    /// Benchmark whose first areas are listed.
    pub top_benchmark: String,
    /// How many.
    pub top: usize,
    /// Days before the newest list of which departures are shown.
    pub recent_days: i32,
}

fn iso_date<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

pub(super) fn load(
    files: &SpecFiles,
    rules: &Rules,
    benchmarks: &[Benchmark],
) -> Result<ReportSpec, SpecError> {
    let report: ReportSpec = files.toml(FILE)?;
    let named = [&report.map_rule, &report.top_rule].into_iter().chain(&report.state_rules);
    for rule in named {
        if rules.find(rule).is_none() {
            return Err(SpecError::says(FILE, format!("{rule:?} is no rule of rules.toml")));
        }
    }
    if benchmarks.iter().all(|benchmark| benchmark.name != report.top_benchmark) {
        let message = format!("{:?} is no benchmark of benchmarks.toml", report.top_benchmark);
        return Err(SpecError::says(FILE, message));
    }
    Ok(report)
}
