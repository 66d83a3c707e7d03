//! A run in the form of Prometheus' textfile collector. It is written after every run, so that a failed run shows. A
//! run that never came shows too, by the time of the last one.

use jiff::Timestamp;
use jiff::civil::Date;

use super::LastRun;
use crate::text::say;

/// The text of the metrics file.
pub fn metrics(run: &LastRun) -> String {
    let mut out = String::new();
    // Two commands write two files, which the collector reads as one.
    let prefix =
        if run.command == "run" { "coverage287".to_owned() } else { format!("coverage287_{}", run.command) };
    let mut gauge = |name: &str, help: &str, labels: &str, value: f64| {
        say(&mut out, format_args!("# HELP {prefix}_{name} {help}\n# TYPE {prefix}_{name} gauge"));
        say(&mut out, format_args!("{prefix}_{name}{labels} {value}"));
    };
    let version = format!("{{version=\"{}\"}}", run.program_version);
    gauge("build_info", "Version of the program.", &version, 1.0);
    gauge("exit_code", "Exit code of the last run.", "", f64::from(run.exit_code));
    gauge(
        "success",
        "Whether the last run did what it was to do.",
        "",
        f64::from(u8::from(run.status.is_good())),
    );
    for (name, help, time) in [
        ("run_timestamp_seconds", "When the last run ended.", Some(run.ended.as_str())),
        (
            "last_success_timestamp_seconds",
            "When the last run ended that did what it was to do.",
            run.last_success.as_ref().map(|success| success.ended.as_str()),
        ),
    ] {
        if let Some(second) = time.and_then(seconds) {
            gauge(name, help, "", second);
        }
    }
    if let Some(day) = run.newest_list_date.as_ref().and_then(|date| date.parse::<Date>().ok()) {
        let midnight = jiff::tz::Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).map(Timestamp::as_second);
        if let Ok(midnight) = midnight {
            gauge("newest_list_timestamp_seconds", "Midnight of the newest list's day.", "", midnight as f64);
        }
    }
    if let Some(bytes) = run.peak_memory_bytes {
        gauge("peak_memory_bytes", "The most memory held at once.", "", bytes as f64);
    }
    for (name, count) in run.counts.as_object().into_iter().flatten() {
        if let Some(count) = count.as_f64() {
            gauge(name, "Counted by the last run.", "", count);
        }
    }
    let mut family = |name: &str, help: &str, lines: Vec<(String, f64)>| {
        if lines.is_empty() {
            return;
        }
        say(&mut out, format_args!("# HELP {prefix}_{name} {help}\n# TYPE {prefix}_{name} gauge"));
        for (label, value) in lines {
            say(&mut out, format_args!("{prefix}_{name}{{{label}}} {value}"));
        }
    };
    let steps = run.steps.iter().map(|(step, seconds)| (format!("step=\"{step}\""), *seconds));
    family("step_seconds", "Seconds of each step that was done.", steps.collect());
    let checks = |value: fn(&crate::check::Outcome) -> bool| {
        let of = |check: &crate::check::Outcome| {
            let blocking = check.blocking;
            (format!("check=\"{}\",blocking=\"{blocking}\"", check.name), f64::from(u8::from(value(check))))
        };
        run.checks.iter().map(of).collect::<Vec<_>>()
    };
    family("check_passed", "Whether a check passed.", checks(|check| check.passed));
    family(
        "check_accepted",
        "Whether a person let a failure through.",
        checks(|check| check.accepted.is_some()),
    );
    out
}

fn seconds(time: &str) -> Option<f64> {
    Some(time.parse::<Timestamp>().ok()?.as_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tell::Failure;

    #[test]
    fn a_failed_run_has_metrics_too() {
        let mut run = LastRun::failed("run", "1", Failure::of_usage("x"));
        run.ended = "2026-01-01T00:00:10Z".into();
        let text = metrics(&run);
        for line in [
            "coverage287_success 0\n",
            "coverage287_exit_code 2\n",
            "coverage287_run_timestamp_seconds 1767225610\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(!text.contains("last_success_timestamp_seconds"), "never: no line");
        // Every line is a comment or a sample of a name that was announced.
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split([' ', '{']).next().unwrap();
            assert!(text.contains(&format!("# TYPE {name} gauge\n")), "{line}");
        }
    }
}
