//! `coverage287 fetch`: the job of getting inputs, the summary it prints, and its record.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::{error_span, info, warn};

use crate::acquire::{Offered, imported};
use crate::cli::{Common, FetchArgs, FetchKind, Format};
use crate::error::Error;
use crate::fetch::{Asked, FetchError, Fetched, KindState, Originals, STATEMENTS, fetch as get};
use crate::fs::{self, Lock};
use crate::job::caught;
use crate::page::PageStatements;
use crate::publish::{LAST_RUN, LAST_RUN_BEFORE};
use crate::settings::Watched;
use crate::spec::{FetchSpec, SpecFiles, Specs};
use crate::stopwatch::Stopwatch;
use crate::tell::{LastRun, Outcomes, tell};
use crate::text::{counted, say};

/// Gets the inputs asked for and returns the text for standard output.
///
/// # Errors
/// The failure, once everything else was got.
pub fn fetch(args: &FetchArgs, common: &Common) -> Result<String, Error> {
    let watched = Watched::new(&args.watched, None)?;
    let _span = error_span!("fetch", id = watched.run_id).entered();
    let watch = Stopwatch::start(&watched.stop);
    let record = args.store.join(LAST_RUN);
    let prepared = prepare(args, common, &watched);
    let of_before = || std::fs::read(args.store.join(LAST_RUN_BEFORE));
    let before = std::fs::read(&record).or_else(|_| of_before()).ok();
    let before = before.and_then(|text| LastRun::from_json(&text));
    let (mut fetched, lock) = match prepared {
        Ok(prepared) => (caught(|| prepared.fetch(args, &watched)), Some(prepared.lock)),
        Err(error) => (Err(error), None),
    };
    let outcomes = |fetched: &Fetched| Outcomes {
        line: line(fetched),
        has_changed: !fetched.new.is_empty(),
        counts: counts(fetched, watched.now),
        ..Outcomes::default()
    };
    let recorded = |fetched: &Result<Fetched, Error>| {
        let mut last = match fetched {
            Ok(fetched) => LastRun::good("fetch", &watched.run_id, outcomes(fetched)),
            Err(error) => LastRun::failed("fetch", &watched.run_id, error.failure()),
        };
        last.started.clone_from(&watched.started);
        last.ended = Stopwatch::now();
        last.peak_memory_bytes = watch.peak_memory_bytes();
        last.follows(before.as_ref());
        last
    };
    let mut last = recorded(&fetched);
    if lock.is_some()
        && let Err(error) = fs::write_for_good(&record, &last.to_json())
    {
        match &fetched {
            Ok(fetched) => warn!("{}; but the fetch is not recorded: {error}", line(fetched)),
            Err(_) => warn!("the fetch is not recorded: {error}"),
        }
        // The files are in the store; that the fetch is not recorded is a failure of its own.
        if fetched.is_ok() {
            fetched = Err(error.into());
            last = recorded(&fetched);
        }
    }
    drop(lock);
    tell(&last, before.as_ref(), &watched.listeners);
    let fetched = fetched?;
    info!(step = "end", "{}", last.line);
    Ok(match common.format {
        Format::Json => super::json(&last),
        _ if watched.is_brief => format!("{}\n", last.line),
        _ => text(&fetched, &last, args),
    })
}

/// A fetch that is ready to begin.
struct Prepared {
    spec: FetchSpec,
    specs: Specs,
    import: Vec<Offered>,
    /// Statements that the page is known to have made.
    known: PageStatements,
    lock: Lock,
}

/// Reads the specs, finds the files to import, and takes the lock of the store.
fn prepare(args: &FetchArgs, common: &Common, watched: &Watched) -> Result<Prepared, Error> {
    let files = SpecFiles::new(common.root.clone());
    let (spec, specs) = (FetchSpec::load(&files)?, Specs::load(&files)?);
    let import = if args.import.is_empty() { Vec::new() } else { imported(&args.import)? };
    fs::make_dir(&args.store)?;
    let lock = args.store.join(".lock");
    let lock = fs::lock_within(&lock, &watched.holder(), watched.wait, || watched.stop.is_asked());
    // A request to stop during the wait is reported before a failure to get the lock.
    watched.stop.check("waiting for the lock")?;
    let lock = lock?;
    let kept = args.store.join(STATEMENTS);
    let known = PageStatements::load(&[], &[kept], &files)?;
    Ok(Prepared { spec, specs, import, known, lock })
}

impl Prepared {
    fn fetch(&self, args: &FetchArgs, watched: &Watched) -> Result<Fetched, Error> {
        let all = [FetchKind::Lists, FetchKind::Acs, FetchKind::Reference];
        let asked = Asked {
            kinds: if args.kinds.is_empty() { &all } else { &args.kinds },
            import: &self.import,
            years: &args.acs_year,
            now: watched.now,
            known: &self.known,
        };
        let originals = Originals::new(&args.store);
        let fetched = get(&asked, &self.spec, &self.specs, &originals, &watched.stop)?;
        if fetched.problems.is_empty() {
            return Ok(fetched);
        }
        let got = fetched.new.len();
        Err(FetchError::Problems { problems: fetched.problems, got }.into())
    }
}

/// Returns the counts of a fetch, and the age today of the files that the page gives.
fn counts(fetched: &Fetched, now: Timestamp) -> Value {
    let mut counts = json!({
        "new_files": fetched.new.len(),
        "unchanged_files": fetched.unchanged,
        "requests": fetched.requests,
    });
    for found in &fetched.kinds {
        let is_given = matches!(found.state, KindState::New | KindState::SameFile | KindState::HeaderOnly);
        counts[format!("{}_list_is_given", found.kind)] = json!(i64::from(is_given));
        counts[format!("{}_list_state", found.kind)] = json!(found.state);
        let since = found.file_since.as_ref().and_then(|since| since.parse::<Timestamp>().ok());
        if let Some(since) = since {
            let days = (now.as_second() - since.as_second()).div_euclid(86_400);
            counts[format!("{}_file_age_days", found.kind)] = json!(days);
        }
    }
    counts
}

fn line(fetched: &Fetched) -> String {
    let lists = fetched.new.iter().filter(|(folder, _)| folder == "lists").count();
    let line = match fetched.new.len() {
        0 => format!(
            "nothing new: {}",
            counted(fetched.unchanged, "file is as it was", "files are as they were")
        ),
        new => {
            let (new, lists) = (counted(new, "new file", "new files"), counted(lists, "list", "lists"));
            format!("fetched {new}, of these {lists}; {} as before", fetched.unchanged)
        }
    };
    let odd =
        fetched.kinds.iter().filter(|found| !matches!(found.state, KindState::New | KindState::SameFile));
    odd.filter_map(|found| found.message()).fold(line, |line, said| format!("{line}; {said}"))
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
