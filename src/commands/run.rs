//! `coverage287 run`: the job, and the summary it prints.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::check::Outcome;
use crate::cli::{Common, Format, RunArgs};
use crate::error::Error;
use crate::job::{Over, Ran, run as run_job};
use crate::publish::{Counts, PublishError, SUMMARY_JSON};
use crate::report::{REPORT, Summary, cut, first_page, page};
use crate::settings::RunSettings;
use crate::text::say;

/// The most failed checks that the first page names, and its width in columns.
const CHECKS: usize = 4;
const WIDTH: usize = 100;

/// The command that opens a file in the program that shows it.
const OPEN: &str = if cfg!(target_os = "macos") {
    "open"
} else if cfg!(windows) {
    "start"
} else {
    "xdg-open"
};

/// The summary that a run prints at its end, whether it made the release or found it made.
struct LastWords<'a> {
    release_id: &'a str,
    /// Path of the release; `None` for a dry run.
    shown: Option<&'a str>,
    is_new: bool,
    summary: Summary,
    counts: &'a Counts,
    checks: &'a [Outcome],
}

/// Runs the job and returns the text for standard output.
pub fn run(args: RunArgs, common: &Common) -> Result<String, Error> {
    let settings = RunSettings::new(args, common)?;
    let Over { ran, last_run } = run_job(&settings);
    let ran = ran?;
    if settings.watched.is_brief && settings.format == Format::Text {
        return Ok(format!("{}\n", last_run.line));
    }
    let words = match &ran {
        Ran::Nothing(unchanged) => LastWords {
            release_id: &unchanged.release_id,
            shown: Some(&unchanged.shown),
            is_new: false,
            summary: serde_json::from_slice(&unchanged.summary)
                .map_err(|e| unreadable(&unchanged.shown, &e))?,
            counts: &unchanged.counts,
            checks: &unchanged.checks,
        },
        Ran::Made(done) => LastWords {
            release_id: &done.release_id,
            shown: done.published.as_ref().map(|p| p.shown.as_str()),
            is_new: done.published.as_ref().is_some_and(|p| p.is_new),
            summary: done.summary.clone(),
            counts: &done.counts,
            checks: &done.checks,
        },
    };
    if settings.format == Format::Json {
        return Ok(super::json(&json!({
            "run_id": last_run.run_id,
            "line": last_run.line,
            "release_id": words.release_id,
            "release": words.shown,
            "is_new": words.is_new,
            "counts": words.counts,
            "checks": words.checks,
            "summary": words.summary,
        })));
    }
    Ok(text(&words, &settings))
}

fn unreadable(shown: &str, error: &serde_json::Error) -> PublishError {
    PublishError::Unreadable { path: PathBuf::from(shown).join(SUMMARY_JSON), message: error.to_string() }
}

fn text(words: &LastWords, settings: &RunSettings) -> String {
    if settings.is_full { full_text(words, settings) } else { screen(words, settings) }
}

/// Returns one screen of text.
fn screen(words: &LastWords, settings: &RunSettings) -> String {
    let mut text = first_page(&words.summary);
    let failed: Vec<&Outcome> = words.checks.iter().filter(|check| !check.passed).collect();
    if !failed.is_empty() {
        text.push('\n');
    }
    for Outcome { name, actual, accepted, .. } in failed.iter().take(CHECKS) {
        say(&mut text, format_args!("{}", cut(&format!("Check {name} failed: {actual}"), WIDTH)));
        if let Some(reason) = accepted {
            say(&mut text, format_args!("{}", cut(&format!("  let through: {reason}"), WIDTH)));
        }
    }
    if failed.len() > CHECKS {
        say(&mut text, format_args!("and {} checks more", failed.len() - CHECKS));
    }
    text.push('\n');
    match words.shown {
        None => say(&mut text, format_args!("Dry run: release {} was not written.", words.release_id)),
        Some(shown) => {
            let new = if words.is_new { "" } else { " (nothing new: it was there already)" };
            say(&mut text, format_args!("Release {shown}{new}"));
            let current = settings.place.current_shown(shown);
            let report = current.join(REPORT);
            if settings.place.is_folder() {
                say(
                    &mut text,
                    format_args!("Report  {}    open it: {OPEN} {}", report.display(), report.display()),
                );
            } else {
                say(&mut text, format_args!("Report  {}", report.display()));
            }
            say(&mut text, format_args!("Tables  {}", open_line(&current)));
        }
    }
    say(&mut text, format_args!("All of it: coverage287 run --full"));
    text
}

/// Returns the full text.
fn full_text(words: &LastWords, settings: &RunSettings) -> String {
    let mut text = page(&words.summary);
    for check in words.checks.iter().filter(|check| !check.passed) {
        let Outcome { name, text: what, actual, .. } = check;
        say(&mut text, format_args!("\nCheck {name} failed: {what}; found {actual}"));
        if let Some(reason) = &check.accepted {
            say(&mut text, format_args!("  let through: {reason}"));
        }
    }
    match words.shown {
        None => say(&mut text, format_args!("\nDry run: release {} was not written.", words.release_id)),
        Some(shown) => {
            let new = if words.is_new { "" } else { " (nothing new: it was there already)" };
            say(&mut text, format_args!("\nRelease {shown}{new}"));
            say(&mut text, format_args!("  {}", open_line(&settings.place.current_shown(shown))));
        }
    }
    text
}

/// Returns the one command that opens a release's agreements.
fn open_line(dir: &Path) -> String {
    format!(
        "python3 -c \"import polars as pl; print(pl.read_parquet('{}/agreements.parquet'))\"",
        dir.display()
    )
}
