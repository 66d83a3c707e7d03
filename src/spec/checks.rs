//! `pipelines/agreements/checks.toml`: what must hold before a release is published.

use serde::Deserialize;

/// The gates and the constants they and the spells go by.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    /// Accepted participating lists in a row that must lack an agreement before it has ended.
    pub confirm_lists: usize,
    #[serde(rename = "check")]
    pub checks: Vec<CheckSpec>,
}

/// One gate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckSpec {
    pub name: String,
    /// A failure publishes nothing; of one that does not block it is a warning.
    pub blocking: bool,
    pub text: String,
    /// Threshold of a share, 0 to 1.
    pub at_most: Option<f64>,
    /// Expected value of a total.
    pub equals: Option<i64>,
    /// ACS vintage the expectation is for; of others it says nothing.
    pub vintage: Option<String>,
}
