//! The resolved settings of a command: this is the last module that knows arguments, environment and clock.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::acquire::{AcquireError, Offered, offered, statements_beside};
use crate::census::Pairing;
use crate::check::Accept;
use crate::cli::{Common, Format, ListArgs, LogFormat, RunArgs, WatchedArgs};
use crate::error::Error;
use crate::mailboxes::withhold_mailboxes;
use crate::progress::Progress;
use crate::publish::{Folder, ReleasePlace, is_address};
use crate::read::Store;
use crate::record::{Record, RecordError};
use crate::spec::{SpecFiles, Specs};
use crate::stop::Stop;
use crate::stopwatch::now;
use crate::tell::Listeners;

/// Settings of `coverage287 run`.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// Which lists are read.
    pub lists: ListSelection,
    /// Tables and folders of statements of ICE's page, beside those that are shipped.
    pub statements: Vec<PathBuf>,
    /// Folders in which stores of `fetch` keep what the page said.
    pub statements_kept: Vec<PathBuf>,
    /// Folders in which stores of `fetch` keep statements of the page.
    pub acs: Vec<PathBuf>,
    /// Take ACS files that do not hold every county.
    pub acs_sample: bool,
    /// The vintage coverage is computed with.
    pub acs_vintage: Pairing,
    /// How places that span counties are split.
    pub place_shares: Option<PathBuf>,
    /// Whether to take ACS files that do not hold every county.
    pub place: ReleasePlace,
    /// Only lists dated then or before.
    pub as_of: Option<Date>,
    /// Whether to do everything but write.
    pub dry_run: bool,
    /// Whether to print everything, not one screen of it.
    pub is_full: bool,
    /// Whether to read every list again, and make the release even if nothing is new.
    pub rebuild: bool,
    /// The store of what was read of lists before.
    pub store: Store,
    pub progress: Progress,
    pub files: SpecFiles,
    pub format: Format,
    /// Failed checks that are let through.
    pub accept: Accept,
    /// How many releases to keep.
    pub keep: Option<usize>,
    pub watched: Watched,
}

/// Which lists a command is about: files, the record that the project ships, or both.
#[derive(Debug, Clone, Default)]
pub struct ListSelection {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    pub with_record: bool,
}

impl ListSelection {
    /// Resolves the arguments.
    pub fn new(args: &ListArgs) -> Self {
        let paths = [args.lists.as_slice(), &args.add_lists].concat();
        Self { with_record: args.lists.is_empty(), paths }
    }

    /// Whether the lists are those of the record and no others.
    pub fn are_shipped(&self) -> bool {
        self.with_record && self.paths.is_empty()
    }

    /// The files.
    ///
    /// # Errors
    /// A path that does not exist, or a folder without lists.
    pub fn files(&self) -> Result<Vec<Offered>, AcquireError> {
        let option = if self.with_record { "--add-lists" } else { "--lists" };
        offered(&self.paths, option)
    }

    /// The record, or none where it is left out.
    ///
    /// # Errors
    /// A file of the record that is not as it was written.
    pub fn record(&self, files: &SpecFiles, specs: &Specs) -> Result<Record, RecordError> {
        if self.with_record { Record::load(files, &specs.agreements) } else { Ok(Record::default()) }
    }
}

/// How a job is watched over.
#[derive(Debug, Clone, Default)]
pub struct Watched {
    /// Names this run in log, record and lock.
    pub run_id: String,
    /// When it started.
    pub now: Timestamp,
    /// The same, RFC 3339; of a release's files only `run.json` has it.
    pub started: String,
    /// The day it is, or `--as-of`; `None` where nobody asks how old things are.
    pub today: Option<Date>,
    /// Whether to print one line instead of a page.
    pub is_brief: bool,
    pub listeners: Listeners,
    /// How long to wait for another run's lock.
    pub wait: Duration,
    /// Whether to stop.
    pub stop: Stop,
}

impl Watched {
    /// Looks at clock and process, and listens to signals from now on.
    ///
    /// # Errors
    /// [`Error::Signals`], or [`Error::Usage`] where the clock says no time that can be written.
    pub fn new(args: &WatchedArgs, as_of: Option<Date>) -> Result<Self, Error> {
        let now = now().ok_or_else(|| {
            Error::Usage("the clock of this machine says a time beyond the year 9999: set it right".into())
        })?;
        Ok(Self {
            run_id: run_id().to_owned(),
            now,
            started: now.to_string(),
            today: Some(as_of.unwrap_or_else(|| jiff::tz::Offset::UTC.to_datetime(now).date())),
            is_brief: args.brief,
            listeners: Listeners {
                metrics_file: args.metrics_file.clone(),
                notify_command: args.notify_command.clone(),
            },
            wait: Duration::from_secs(args.wait),
            stop: Stop::on_signals().map_err(Error::Signals)?,
        })
    }

    /// The text in the lock that says who holds it.
    pub fn holder(&self) -> String {
        format!("process {}, started {}, run {}", std::process::id(), self.started, self.run_id)
    }
}

impl RunSettings {
    /// A run over these lists (none: those of the record) that writes nothing; all else as by default.
    pub fn dry(lists: &[PathBuf]) -> Self {
        Self {
            lists: ListSelection { paths: lists.to_vec(), with_record: lists.is_empty() },
            statements: Vec::new(),
            statements_kept: Vec::new(),
            acs: Vec::new(),
            acs_sample: false,
            acs_vintage: Pairing::Newest,
            place_shares: None,
            place: ReleasePlace::Folder(Folder::new(Path::new("nowhere"))),
            as_of: None,
            dry_run: true,
            is_full: false,
            rebuild: false,
            store: Store::none(),
            progress: Progress::default(),
            files: SpecFiles::default(),
            format: Format::Text,
            accept: Accept::default(),
            keep: None,
            watched: Watched::default(),
        }
    }

    /// Resolves the arguments of `run`.
    ///
    /// # Errors
    /// An address that is not valid, or signals that cannot be listened to.
    pub fn new(args: RunArgs, common: &Common) -> Result<Self, Error> {
        // An object store has no local folder to keep what was read in.
        let store = args.store.or_else(|| (!is_address(&args.out)).then(|| args.out.join("store")));
        let store = match &store {
            Some(dir) if args.rebuild => Store::to(dir),
            Some(dir) => Store::new(dir),
            None => Store::none(),
        };
        let store = if args.dry_run { store.read_only() } else { store };
        let reason = args.reason.unwrap_or_default();
        let lists = ListSelection::new(&args.lists);
        Ok(Self {
            store,
            rebuild: args.rebuild,
            progress: progress(common),
            statements_kept: statements_beside(&lists.paths),
            statements: args.statements,
            lists,
            acs: args.acs,
            acs_sample: args.acs_sample,
            acs_vintage: args.acs_vintage,
            place_shares: args.place_shares,
            place: ReleasePlace::new(&args.out)?,
            as_of: args.as_of,
            dry_run: args.dry_run,
            is_full: args.full,
            files: SpecFiles::new(common.root.clone()),
            format: common.format,
            accept: Accept { names: args.accept, reason: withhold_mailboxes(reason.trim()).into_owned() },
            keep: args.keep.map(usize::from),
            watched: Watched::new(&args.watched, args.as_of)?,
        })
    }
}

/// The name of this process in log, record and lock: when it began, and its number.
pub fn run_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let stamp = now().unwrap_or_default().strftime("%Y%m%dT%H%M%SZ");
        format!("{stamp}-{}", std::process::id())
    })
}

/// Bars on a terminal, unless it is to stay quiet or the log is for a machine.
pub fn progress(common: &Common) -> Progress {
    let wanted = !common.quiet && common.log_format == LogFormat::Text;
    Progress::new(wanted && std::io::stderr().is_terminal())
}
