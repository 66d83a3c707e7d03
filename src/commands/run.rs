//! `coverage287 run`: the job, its last words, and its metrics.

use super::json;
use crate::cli::Format;
use crate::error::Error;
use crate::fs;
use crate::report::{page, say, summary};
use crate::run::{Done, open_line, run as run_job};
use crate::settings::RunSettings;

/// Runs the job and returns what standard output is to say.
pub fn run(settings: &RunSettings) -> Result<String, Error> {
    let done = run_job(settings)?;
    if let Some(path) = &settings.metrics_file {
        fs::write(path, metrics(&done).as_bytes())?;
    }
    let summary = summary(&done.frames, &done.specs, &done.reference)?;
    if settings.format == Format::Json {
        return Ok(json(&serde_json::json!({
            "release_id": done.release_id,
            "release": done.published.as_ref().map(|p| &p.dir),
            "is_new": done.published.as_ref().is_some_and(|p| p.is_new),
            "counts": done.counts,
            "checks": done.checks,
            "summary": summary,
        })));
    }
    let mut text = page(&summary);
    let failed = done.checks.iter().filter(|check| !check.passed);
    for check in failed {
        say(&mut text, format_args!("\nCheck {} failed: {}; found {}", check.name, check.text, check.actual));
    }
    match &done.published {
        None => say(&mut text, format_args!("\nDry run: release {} was not written.", done.release_id)),
        Some(published) => {
            let new = if published.is_new { "" } else { " (nothing new: it was there already)" };
            say(&mut text, format_args!("\nRelease {}{new}", published.dir.display()));
            say(&mut text, format_args!("  {}", open_line(&settings.out.join("current"))));
        }
    }
    Ok(text)
}

/// Counts in the form of Prometheus' textfile collector.
fn metrics(done: &Done) -> String {
    let mut out = String::new();
    let value = serde_json::to_value(&done.counts).expect("counts are plain data");
    for (name, count) in value.as_object().into_iter().flatten() {
        say(&mut out, format_args!("# TYPE coverage287_{name} gauge\ncoverage287_{name} {count}"));
    }
    say(&mut out, format_args!("# TYPE coverage287_check_passed gauge"));
    for check in &done.checks {
        let (name, passed) = (&check.name, u8::from(check.passed));
        say(&mut out, format_args!("coverage287_check_passed{{check=\"{name}\"}} {passed}"));
    }
    out
}
