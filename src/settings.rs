//! What a command works with, resolved: the last module that knows arguments, environment and clock.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::civil::Date;

use crate::census::Pairing;
use crate::cli::{Common, Format, LogFormat, RunArgs};
use crate::progress::Progress;
use crate::read::Store;
use crate::spec::SpecFiles;

/// Settings of `coverage287 run`.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// Files and folders of lists; none: the shipped ones.
    pub lists: Vec<PathBuf>,
    /// ACS files; none: the shipped figures.
    pub acs: Vec<PathBuf>,
    /// Take ACS files that do not hold every county.
    pub acs_sample: bool,
    /// The vintage coverage is computed with.
    pub acs_vintage: Pairing,
    /// How places that span counties are split.
    pub place_shares: Option<PathBuf>,
    pub out: PathBuf,
    /// Only lists dated then or before.
    pub as_of: Option<Date>,
    /// Everything but writing.
    pub dry_run: bool,
    /// Read every list again, and make the release even if nothing is new.
    pub rebuild: bool,
    /// What was read of lists before.
    pub store: Store,
    pub progress: Progress,
    pub files: SpecFiles,
    pub format: Format,
    /// Prometheus textfile to write.
    pub metrics_file: Option<PathBuf>,
    /// How long to wait for another run's lock.
    pub wait: Duration,
    /// When the run started, RFC 3339; told in `run.json` and nowhere else.
    pub started: String,
}

impl RunSettings {
    /// A run over these lists (none: the shipped ones) that writes nothing; all else as by default.
    pub fn dry(lists: &[PathBuf]) -> Self {
        Self {
            lists: lists.to_vec(),
            acs: Vec::new(),
            acs_sample: false,
            acs_vintage: Pairing::Newest,
            place_shares: None,
            out: PathBuf::from("out"),
            as_of: None,
            dry_run: true,
            rebuild: false,
            store: Store::none(),
            progress: Progress::default(),
            files: SpecFiles::default(),
            format: Format::Text,
            metrics_file: None,
            wait: Duration::ZERO,
            started: String::new(),
        }
    }

    /// Resolves the arguments of `run`.
    pub fn new(args: RunArgs, common: &Common) -> Self {
        let store = args.store.unwrap_or_else(|| args.out.join("store"));
        Self {
            store: if args.rebuild { Store::to(&store) } else { Store::new(&store) },
            rebuild: args.rebuild,
            progress: progress(common),
            lists: args.lists,
            acs: args.acs,
            acs_sample: args.acs_sample,
            acs_vintage: args.acs_vintage,
            place_shares: args.place_shares,
            out: args.out,
            as_of: args.as_of,
            dry_run: args.dry_run,
            files: SpecFiles::new(common.root.clone()),
            format: common.format,
            metrics_file: args.metrics_file,
            wait: Duration::from_secs(args.wait),
            started: jiff::Timestamp::now().to_string(),
        }
    }
}

/// Bars on a terminal, unless it is to stay quiet or the log is for a machine.
pub fn progress(common: &Common) -> Progress {
    let wanted = !common.quiet && common.log_format == LogFormat::Text;
    Progress::new(wanted && std::io::stderr().is_terminal())
}

/// How long each step of a run takes; told in `run.json` and nowhere else.
#[derive(Debug)]
pub struct Stopwatch {
    last: Instant,
    laps: Vec<(&'static str, f64)>,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { last: Instant::now(), laps: Vec::new() }
    }

    /// Ends a step.
    pub fn lap(&mut self, step: &'static str) {
        let now = Instant::now();
        self.laps.push((step, (now - self.last).as_secs_f64()));
        self.last = now;
    }

    /// Steps and the seconds each took.
    pub fn laps(&self) -> &[(&'static str, f64)] {
        &self.laps
    }

    /// The most memory this process has held at once; `None` where the system does not say.
    pub fn peak_memory_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
    }
}
