//! `pipelines/coverage/warnings.toml`: warnings that a reader must know before using a table.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Warnings by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warnings {
    pub warnings: BTreeMap<String, String>,
}
