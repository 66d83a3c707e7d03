//! What a command works with, resolved: the last module that knows arguments, environment and clock.

use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;

use crate::cli::{Common, Format, RunArgs};
use crate::spec::SpecFiles;

/// Settings of `coverage287 run`.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// Files and folders of lists; none: the shipped ones.
    pub lists: Vec<PathBuf>,
    /// ACS files; none: the shipped figures.
    pub acs: Vec<PathBuf>,
    pub out: PathBuf,
    /// Only lists dated then or before.
    pub as_of: Option<Date>,
    /// Everything but writing.
    pub dry_run: bool,
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
            out: PathBuf::from("out"),
            as_of: None,
            dry_run: true,
            files: SpecFiles::default(),
            format: Format::Text,
            metrics_file: None,
            wait: Duration::ZERO,
            started: String::new(),
        }
    }

    /// Resolves the arguments of `run`.
    pub fn new(args: RunArgs, common: &Common) -> Self {
        Self {
            lists: args.lists,
            acs: args.acs,
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
