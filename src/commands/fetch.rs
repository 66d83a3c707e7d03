//! `coverage287 fetch`: the job of getting inputs, its last words, and its record.

use std::path::PathBuf;

use serde_json::json;
use tracing::{info, info_span, warn};

use crate::acquire::offered;
use crate::cli::{Common, FetchArgs, FetchKind, Format};
use crate::error::Error;
use crate::fetch::{Asked, FetchError, Fetched, Originals, fetch as get};
use crate::fs::{self, LockError};
use crate::report::say;
use crate::settings::{Stopwatch, Watched};
use crate::spec::{FetchSpec, SpecFiles, Specs};
use crate::tell::{LastRun, Outcomes, tell};

/// What the record is called.
const RECORD: &str = "run.json";

/// Gets what is asked for and returns what standard output is to say.
///
/// # Errors
/// What went wrong, once everything else was got.
pub fn fetch(args: &FetchArgs, common: &Common) -> Result<String, Error> {
    let watched = Watched::new(&args.watched, None)?;
    let _span = info_span!("fetch", id = watched.run_id).entered();
    let watch = Stopwatch::start(&watched.stop);
    let record = args.store.join(RECORD);
    let before = std::fs::read(&record).ok().and_then(|text| LastRun::from_json(&text));
    let (fetched, is_locked) = match locked(args, common, &watched) {
        Ok(fetched) => (Ok(fetched), true),
        Err(error) => {
            let is_locked =
                !matches!(error, Error::Lock(_) | Error::Usage(_) | Error::Spec(_) | Error::Acquire(_));
            (Err(error), is_locked)
        }
    };
    let outcomes = |fetched: &Fetched| Outcomes {
        line: line(fetched),
        is_new: !fetched.new.is_empty(),
        counts: json!({
            "new_files": fetched.new.len(),
            "unchanged_files": fetched.unchanged,
            "requests": fetched.requests,
        }),
        ..Outcomes::default()
    };
    let mut last = match &fetched {
        Ok(fetched) => LastRun::good("fetch", &watched.run_id, outcomes(fetched)),
        Err(error) => LastRun::failed("fetch", &watched.run_id, error),
    };
    last.started.clone_from(&watched.started);
    last.ended = Stopwatch::now();
    last.peak_memory_bytes = watch.peak_memory_bytes();
    last.follows(before.as_ref());
    if is_locked && let Err(error) = fs::write_for_good(&record, &last.to_json()) {
        warn!("the fetch is not recorded: {error}");
    }
    tell(&last, before.as_ref(), &watched.listeners);
    let fetched = fetched?;
    info!(step = "end", "{}", last.line);
    Ok(match common.format {
        Format::Json => super::json(&last),
        _ if watched.is_brief => format!("{}\n", last.line),
        _ => text(&fetched, &last, args),
    })
}

/// Does it under the lock of the store.
fn locked(args: &FetchArgs, common: &Common, watched: &Watched) -> Result<Fetched, Error> {
    let files = SpecFiles::new(common.root.clone());
    let (spec, specs) = (FetchSpec::load(&files)?, Specs::load(&files)?);
    let import = if args.import.is_empty() { Vec::new() } else { offered(&args.import, &files)? };
    fs::make_dir(&args.store)?;
    let lock = args.store.join(".lock");
    let lock = fs::lock_within(&lock, &watched.holder(), watched.wait, || watched.stop.is_asked());
    if let Err(LockError::Held { .. }) = &lock {
        watched.stop.check("waiting for the lock")?;
    }
    let _lock = lock?;
    let all = [FetchKind::Lists, FetchKind::Acs, FetchKind::Reference];
    let asked = Asked {
        kinds: if args.kinds.is_empty() { &all } else { &args.kinds },
        import: &import,
        years: &args.acs_year,
        now: watched.started.parse().unwrap_or(jiff::Timestamp::UNIX_EPOCH),
    };
    let fetched = get(&asked, &spec, &specs, &Originals::new(&args.store), &watched.stop)?;
    if fetched.problems.is_empty() {
        return Ok(fetched);
    }
    let got = fetched.new.len();
    Err(FetchError::Problems { problems: fetched.problems, got }.into())
}

fn line(fetched: &Fetched) -> String {
    let lists = fetched.new.iter().filter(|(folder, _)| folder == "lists").count();
    match fetched.new.len() {
        0 => format!("nothing new: {} files are as they were", fetched.unchanged),
        new => format!("fetched {new} new files, {lists} of them lists; {} as they were", fetched.unchanged),
    }
}

fn text(fetched: &Fetched, last: &LastRun, args: &FetchArgs) -> String {
    let mut text = String::new();
    for (folder, name) in &fetched.new {
        say(&mut text, format_args!("new  {folder}/{name}"));
    }
    say(&mut text, format_args!("{}", last.line));
    let lists: PathBuf = args.store.join("lists");
    if lists.is_dir() {
        say(&mut text, format_args!("  coverage287 run --lists {}", lists.display()));
    }
    text
}
