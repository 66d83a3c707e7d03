//! What a place of releases holds, and what is done there.

use std::time::Duration;

use crate::publish::release::Release;
use crate::publish::run_json::RunRecord;
use crate::stop::Stop;

/// What points at the release that counts.
pub const CURRENT: &str = "current";

/// The folder of all releases.
pub const RELEASES: &str = "releases";

/// The record of the last run, beside the releases.
pub const LAST_RUN: &str = "last_run.json";

/// Its name until version 0.1 of November 2026.
pub const LAST_RUN_BEFORE: &str = "run.json";

/// The release that counts.
#[derive(Debug)]
pub struct Current {
    pub id: String,
    pub release: Release,
    /// Its `run.json`.
    pub run: RunRecord,
    /// Where it is, as a person would type it.
    pub shown: String,
}

/// What was published.
#[derive(Debug)]
pub struct Published {
    /// Where it is, as a person would type it.
    pub shown: String,
    /// False where the same release was there already, whole.
    pub is_new: bool,
    /// Whether another release, or none, was current before.
    pub has_moved: bool,
}

/// A release among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRelease {
    pub id: String,
    /// When the run that made it began, RFC 3339; empty where it does not say.
    pub started: String,
    pub is_current: bool,
}

/// Where a run goes that waits for another.
pub struct Waiting<'a> {
    /// Who waits, for whoever finds the lock held.
    pub holder: &'a str,
    pub wait: Duration,
    pub stop: &'a Stop,
}
