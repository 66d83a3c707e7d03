//! `coverage287 run`: the job, its last words, and its metrics.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::Format;
use crate::error::Error;
use crate::fs;
use crate::publish::{PublishError, SUMMARY_JSON};
use crate::report::{Summary, page, say};
use crate::run::{Ran, open_line, run as run_job};
use crate::settings::RunSettings;

/// What a run says when it is over, whether it made a release or found it made.
struct LastWords<'a> {
    release_id: &'a str,
    dir: Option<&'a Path>,
    is_new: bool,
    summary: Summary,
    counts: Value,
    checks: Value,
}

/// Runs the job and returns what standard output is to say.
pub fn run(settings: &RunSettings) -> Result<String, Error> {
    let ran = run_job(settings)?;
    let words = match &ran {
        Ran::Nothing(unchanged) => LastWords {
            release_id: &unchanged.release_id,
            dir: Some(&unchanged.dir),
            is_new: false,
            summary: serde_json::from_slice(&unchanged.summary)
                .map_err(|e| unreadable(&unchanged.dir, &e))?,
            counts: unchanged.counts.clone(),
            checks: unchanged.checks.clone(),
        },
        Ran::Made(done) => LastWords {
            release_id: &done.release_id,
            dir: done.published.as_ref().map(|p| p.dir.as_path()),
            is_new: done.published.as_ref().is_some_and(|p| p.is_new),
            summary: done.summary.clone(),
            counts: plain(&done.counts),
            checks: plain(&done.checks),
        },
    };
    if let Some(path) = &settings.metrics_file {
        fs::write(path, metrics(&words).as_bytes())?;
    }
    if settings.format == Format::Json {
        return Ok(super::json(&json!({
            "release_id": words.release_id,
            "release": words.dir,
            "is_new": words.is_new,
            "counts": words.counts,
            "checks": words.checks,
            "summary": words.summary,
        })));
    }
    Ok(text(&words, settings))
}

fn unreadable(dir: &Path, error: &serde_json::Error) -> PublishError {
    PublishError::Unreadable { path: dir.join(SUMMARY_JSON), message: error.to_string() }
}

fn plain(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("counts and checks are plain data")
}

fn text(words: &LastWords, settings: &RunSettings) -> String {
    let mut text = page(&words.summary);
    for check in words.checks.as_array().into_iter().flatten().filter(|check| check["passed"] == false) {
        let of = |name: &str| check[name].as_str().unwrap_or_default();
        say(&mut text, format_args!("\nCheck {} failed: {}; found {}", of("name"), of("text"), of("actual")));
    }
    match words.dir {
        None => say(&mut text, format_args!("\nDry run: release {} was not written.", words.release_id)),
        Some(dir) => {
            let new = if words.is_new { "" } else { " (nothing new: it was there already)" };
            say(&mut text, format_args!("\nRelease {}{new}", dir.display()));
            say(&mut text, format_args!("  {}", open_line(&settings.out.join("current"))));
        }
    }
    text
}

/// Counts in the form of Prometheus' textfile collector.
fn metrics(words: &LastWords) -> String {
    let mut out = String::new();
    for (name, count) in words.counts.as_object().into_iter().flatten() {
        say(&mut out, format_args!("# TYPE coverage287_{name} gauge\ncoverage287_{name} {count}"));
    }
    say(&mut out, format_args!("# TYPE coverage287_check_passed gauge"));
    for check in words.checks.as_array().into_iter().flatten() {
        let (name, passed) = (check["name"].as_str().unwrap_or_default(), u8::from(check["passed"] == true));
        say(&mut out, format_args!("coverage287_check_passed{{check=\"{name}\"}} {passed}"));
    }
    out
}
