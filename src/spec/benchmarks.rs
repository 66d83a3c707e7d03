//! `pipelines/coverage/benchmarks.toml`: the areas with the most immigrants, looked at one by one.

use serde::Deserialize;

use super::{SpecError, SpecFiles};
use crate::words::Concept;

const FILE: &str = "pipelines/coverage/benchmarks.toml";

/// Areas of a level in the order of a measure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    pub name: String,
    /// Its title, for people.
    pub title: String,
    pub level: BenchmarkLevel,
    /// Population, foreign-born or noncitizens.
    pub measure: Concept,
    pub order: Order,
    /// How many areas.
    pub top: usize,
    /// Residents an area must have.
    #[serde(default)]
    pub min_population: i64,
    pub only: Option<Only>,
    /// With `only`: share of the counties of the state that must be covered, 0 to 1.
    pub state_share_at_least: Option<f64>,
}

/// The kind of the areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BenchmarkLevel {
    County,
    Place,
}

/// The order of the areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// By the measure.
    Count,
    /// By the measure as a share of all residents.
    Share,
}

/// Limits which areas count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// Areas that no agreement reaches, where many counties of the state are covered.
    Uncovered,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BenchmarksFile {
    #[serde(rename = "benchmark")]
    benchmarks: Vec<Benchmark>,
}

pub(super) fn load(files: &SpecFiles) -> Result<Vec<Benchmark>, SpecError> {
    let benchmarks = files.toml::<BenchmarksFile>(FILE)?.benchmarks;
    for (at, benchmark) in benchmarks.iter().enumerate() {
        let says =
            |message: &str| Err(SpecError::says(FILE, format!("benchmark {}: {message}", benchmark.name)));
        if benchmarks[..at].iter().any(|earlier| earlier.name == benchmark.name) {
            return says("is there twice");
        }
        if !matches!(benchmark.measure, Concept::Population | Concept::ForeignBorn | Concept::Noncitizen) {
            return says("measure is population, foreign_born or noncitizen");
        }
        if benchmark.top == 0 || benchmark.min_population < 0 {
            return says("top is at least 1 and min_population at least 0");
        }
        if benchmark.only.is_some() != benchmark.state_share_at_least.is_some() {
            return says("only = \"uncovered\" and state_share_at_least go together");
        }
        if benchmark.state_share_at_least.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return says("state_share_at_least is a share, 0 to 1");
        }
        if benchmark.only.is_some() && benchmark.level != BenchmarkLevel::County {
            return says("only = \"uncovered\" is of counties");
        }
    }
    Ok(benchmarks)
}
