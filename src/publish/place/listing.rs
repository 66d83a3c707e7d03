//! Names and types for the contents of a place of releases.

use std::time::Duration;

use crate::publish::release::Release;
use crate::publish::run_json::RunRecord;
use crate::stop::Stop;

/// The name of the pointer to the current release.
pub const CURRENT: &str = "current";

/// The folder of all releases.
pub const RELEASES: &str = "releases";

/// The record of the last run, beside the releases.
pub const LAST_RUN: &str = "last_run.json";

/// The name of that record until version 0.1 of November 2026.
pub const LAST_RUN_BEFORE: &str = "run.json";

/// The current release.
#[derive(Debug)]
pub struct Current {
    pub id: String,
    pub release: Release,
    /// Its `run.json`.
    pub run: RunRecord,
    /// Where it is, as a person would type it.
    pub shown: String,
}

/// A release that was published.
#[derive(Debug)]
pub struct Published {
    /// Where it is, as a person would type it.
    pub shown: String,
    /// Whether it is new; false where the same release was there already, whole.
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

/// How a run waits for another.
pub struct Waiting<'a> {
    /// Names the run that waits, for anybody who finds the lock held.
    pub holder: &'a str,
    pub wait: Duration,
    pub stop: &'a Stop,
}
