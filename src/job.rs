//! The job around the pipeline: who may run, whether there is anything to do, what the release before says, and a
//! record of the outcome, whatever it was.

use jiff::civil::Date;
use tracing::{error_span, info, warn};

use crate::acquire::{Offered, digest};
use crate::census;
use crate::check::{Accept, Baseline, ask_again, block, mark_repeated, say_failed};
use crate::error::Error;
use crate::fingerprints::request_sha256;
use crate::page::PageStatements;
use crate::panel::warn_refused;
use crate::publish::{Current, PublishPermit, Published, RunInput, Unchanged, Waiting};
use crate::publishing::RunOutput;
use crate::record::Record;
use crate::reference::PlaceShares;
use crate::report::Summary;
use crate::run::{Start, run as run_pipeline};
use crate::settings::{RunSettings, Watched};
use crate::spec::Specs;
use crate::stopwatch::Stopwatch;
use crate::tell::{LastRun, Outcomes, tell};
use crate::text::thousands;
use crate::words::{ListStatus, RunStep};

/// The result of a run.
pub enum Ran {
    /// The current release is what this run would make.
    Nothing(Box<Unchanged>),
    Made(Box<RunOutput>),
}

/// A run that is over.
pub struct Over {
    pub ran: Result<Ran, Error>,
    pub last_run: LastRun,
}

/// Does the job.
pub fn run(settings: &RunSettings) -> Over {
    let _span = error_span!("run", id = settings.watched.run_id).entered();
    let mut stopwatch = Stopwatch::start(&settings.watched.stop);
    let prepared = prepare(settings);
    let before = settings.place.last_run();
    let before = before.and_then(|text| {
        let run = LastRun::from_json(&text);
        if run.is_none() {
            warn!("what the last run said of itself cannot be read, and is lost");
        }
        run
    });
    let (mut ran, permit) = match prepared {
        Err(error) => (Err(error), None),
        Ok((inputs, permit)) => {
            let work =
                || run_unless_unchanged(settings, inputs, before.as_ref(), permit.as_ref(), &mut stopwatch);
            (caught(work), permit)
        }
    };
    if permit.is_some() && ran.is_ok() {
        ran = prune(settings).and(ran);
    }
    let mut last_run = record(settings, &ran, before.as_ref(), &stopwatch);
    if permit.is_some()
        && let Err(error) = settings.place.keep_last_run(&last_run.to_json())
    {
        warn!("the run is not recorded: {error}");
        // The release stays published; that nobody can read the record of it is a failure of its own.
        if ran.is_ok() {
            ran = Err(error.into());
            last_run = record(settings, &ran, before.as_ref(), &stopwatch);
        }
    }
    // Telling somebody may take long; the next run need not wait for it.
    drop(permit);
    let over = Over { ran, last_run };
    if over.ran.is_ok() {
        info!(step = "end", "{}", over.last_run.line);
    }
    if !settings.dry_run {
        tell(&over.last_run, before.as_ref(), &settings.watched.listeners);
    }
    over
}

/// The inputs of a run, before any list is read.
struct Inputs {
    specs: Specs,
    /// The lists the project ships, or none of them.
    record: Record,
    offered: Vec<Offered>,
    statements: PageStatements,
}

/// Finds what is offered and takes the right to publish (`None` for a dry run): wrong arguments are reported before
/// anything is touched.
fn prepare(settings: &RunSettings) -> Result<(Inputs, Option<PublishPermit>), Error> {
    let specs = Specs::load(&settings.files)?;
    let Accept { names, reason } = &settings.accept;
    if let Some(message) = settings.accept.refused(&specs.checks.checks) {
        return Err(Error::Usage(message));
    }
    if !names.is_empty() && reason.is_empty() {
        return Err(Error::Usage("--reason: say why the check is let through".into()));
    }
    let offered = settings.lists.files()?;
    let record = settings.lists.record(&settings.files, &specs)?;
    let statements = PageStatements::load(&settings.statements, &settings.statements_kept, &settings.files)?;
    let statements = statements.as_of(settings.as_of);
    let inputs = Inputs { specs, record, offered, statements };
    settings.acs.iter().try_for_each(|path| census::check_path(path))?;
    settings.place_shares.as_deref().map_or(Ok(()), PlaceShares::check_path)?;
    if settings.dry_run {
        return Ok((inputs, None));
    }
    settings.place.check()?;
    let Watched { stop, wait, .. } = &settings.watched;
    let permit = settings.place.hold(&Waiting { holder: &settings.watched.holder(), wait: *wait, stop });
    // A stop that was asked for during the wait is reported, not the result of the wait.
    stop.check("waiting for the lock")?;
    Ok((inputs, Some(permit?)))
}

/// Runs the pipeline, unless the current release is what it would make.
fn run_unless_unchanged(
    settings: &RunSettings,
    inputs: Inputs,
    before: Option<&LastRun>,
    permit: Option<&PublishPermit>,
    stopwatch: &mut Stopwatch,
) -> Result<Ran, Error> {
    let Inputs { specs, record, mut offered, statements } = inputs;
    let current = settings.place.current()?;
    digest(&mut offered, specs.agreements.bounds.file_bytes);
    let file_count = offered.len();
    let offered = record.with(offered);
    info!(step = RunStep::Acquire.as_str(), files = offered.len(), "lists offered");
    let request = request_sha256(settings, &specs, &offered, &record, &statements);
    // A file that could not be read may be readable now.
    let is_readable = offered.iter().all(|file| file.content_sha256.is_some());
    if is_readable
        && permit.is_some()
        && !settings.rebuild
        && let Some(current) = &current
        && let Some(mut unchanged) = Unchanged::of(current, &request)
    {
        warn_refused(unchanged.refused.iter().map(|(file, reason)| (file.as_str(), reason.as_str())));
        let now = Baseline {
            today: settings.watched.today,
            is_shipped: settings.lists.are_shipped(),
            ..Baseline::default()
        };
        ask_again(&mut unchanged.checks, &specs.checks.checks, unchanged.newest, &now);
        settings.accept.mark(&mut unchanged.checks);
        mark_repeated(&mut unchanged.checks, &specs.checks.checks, &failed_before(before));
        say_failed(&unchanged.checks);
        block(&unchanged.checks)?;
        info!(step = RunStep::Acquire.as_str(), release = unchanged.release_id, "nothing new");
        return Ok(Ran::Nothing(Box::new(unchanged)));
    }
    let baseline = baseline(settings, current.as_ref(), before);
    drop(current);
    stopwatch.lap(RunStep::Acquire)?;
    let start = Start {
        settings,
        specs,
        offered: &offered,
        file_count,
        record: &record,
        statements,
        request_sha256: &request,
        baseline: &baseline,
        permit,
    };
    Ok(Ran::Made(Box::new(run_pipeline(start, stopwatch)?)))
}

/// Returns what the checks compare a run with. A list that any release has is known, even a release that is no longer
/// current.
fn baseline(settings: &RunSettings, current: Option<&Current>, before: Option<&LastRun>) -> Baseline {
    let mut baseline = Baseline {
        newest: current.and_then(|current| current.run.newest()),
        today: settings.watched.today,
        is_shipped: settings.lists.are_shipped(),
        is_cut: settings.as_of.is_some(),
        failed_before: failed_before(before),
        ..Baseline::default()
    };
    let releases = settings.place.releases().unwrap_or_default();
    for run in releases.iter().filter_map(|release| settings.place.run_of(&release.id)) {
        for input in run.inputs {
            let RunInput::List { list_id, list_status, .. } = input else { continue };
            let lists = match list_status {
                ListStatus::Quarantined => &mut baseline.refused_lists,
                _ => &mut baseline.known_lists,
            };
            lists.insert(list_id);
        }
    }
    baseline
}

/// Checks that failed in the last run, with what was found.
fn failed_before(before: Option<&LastRun>) -> Vec<(String, String)> {
    let checks = before.into_iter().flat_map(|run| &run.checks).filter(|check| !check.passed);
    checks.map(|check| (check.name.clone(), check.actual.clone())).collect()
}

/// Keeps as many releases as are wanted.
fn prune(settings: &RunSettings) -> Result<(), Error> {
    let removed = settings.keep.map_or(Ok(Vec::new()), |keep| settings.place.prune(keep))?;
    if !removed.is_empty() {
        info!(removed = removed.join(", "), "older releases are removed");
    }
    Ok(())
}

/// Turns a fault of the program into an error, which ends the run like any other: reported and recorded.
pub fn caught<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Error::Internal(text.unwrap_or_default()))
    })
}

/// Makes the record of the run.
fn record(
    settings: &RunSettings,
    ran: &Result<Ran, Error>,
    before: Option<&LastRun>,
    stopwatch: &Stopwatch,
) -> LastRun {
    let run_id = &settings.watched.run_id;
    let mut last_run = match ran {
        Err(error) => LastRun::failed("run", run_id, error.failure()),
        Ok(ran) => {
            let mut outcomes = outcomes(ran);
            add_ages(&mut outcomes, ran, settings.watched.today);
            LastRun::good("run", run_id, outcomes)
        }
    };
    last_run.started.clone_from(&settings.watched.started);
    last_run.ended = Stopwatch::now();
    last_run.steps = stopwatch.laps().iter().map(|(step, seconds)| (step.to_string(), *seconds)).collect();
    last_run.peak_memory_bytes = stopwatch.peak_memory_bytes();
    last_run.follows(before);
    last_run
}

/// Adds how old the newest list of each kind is on a day: in the record and the metrics, and nowhere in the release.
fn add_ages(outcomes: &mut Outcomes, ran: &Ran, today: Option<Date>) {
    let (participating, pending) = match ran {
        Ran::Nothing(unchanged) => (unchanged.newest, unchanged.newest_pending),
        Ran::Made(done) => (done.newest, done.newest_pending),
    };
    for (name, newest) in [("participating", participating), ("pending", pending)] {
        if let Some((newest, today)) = newest.zip(today)
            && let Some(counts) = outcomes.counts.as_object_mut()
        {
            counts.insert(format!("newest_{name}_list_age_days"), (today - newest).get_days().into());
        }
    }
}

fn outcomes(ran: &Ran) -> Outcomes {
    let newest = |day: Option<Date>| day.map(|day| day.to_string());
    match ran {
        Ran::Nothing(unchanged) => Outcomes {
            line: format!("nothing new: {} is current", unchanged.release_id),
            release_id: Some(unchanged.release_id.clone()),
            newest_list_date: newest(unchanged.newest),
            counts: serde_json::to_value(&unchanged.counts).expect("counts are plain data"),
            checks: unchanged.checks.clone(),
            ..Outcomes::default()
        },
        Ran::Made(done) => {
            let verb = match &done.published {
                None => "dry run",
                Some(published) if published.is_new => "published",
                // The release was made before but was not current until now: after a rollback, for one.
                Some(published) if published.has_moved => "current again",
                Some(_) => "nothing new",
            };
            let has_changed = |published: &Published| published.is_new || published.has_moved;
            Outcomes {
                line: format!("{verb}: {}{}", done.release_id, newest_day(&done.summary)),
                has_changed: done.published.as_ref().is_some_and(has_changed),
                is_dry: done.published.is_none(),
                release_id: Some(done.release_id.clone()),
                newest_list_date: newest(done.newest),
                counts: serde_json::to_value(&done.counts).expect("counts are plain data"),
                checks: done.checks.clone(),
            }
        }
    }
}

/// The newest list in a few words.
fn newest_day(summary: &Summary) -> String {
    summary.days.last().map_or_else(String::new, |day| {
        let (agreements, agencies) = (thousands(day.agreements as i64), thousands(day.agencies as i64));
        format!(", {agreements} agreements of {agencies} agencies on {}", day.date)
    })
}
