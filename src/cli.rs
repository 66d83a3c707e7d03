//! Arguments as typed.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::census::Pairing;
use crate::words::PeriodLength;

/// 287(g) agreements on ICE's lists, cleaned, placed and joined with the immigrant population they reach.
///
/// Without a command: `run`.
///
/// Exit codes: 0 done or nothing new · 1 internal · 2 usage · 3 bad spec or settings · 4 source
/// unreachable · 5 input refused · 6 a blocking check failed, nothing published · 7 another run holds
/// the lock · 8 could not write · 143 terminated.
#[derive(Debug, Parser)]
#[command(name = "coverage287", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Args)]
pub struct Common {
    /// Folder with pipelines/ and data/: a file there is read instead of the program's own file of the same path
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Form of results on standard output
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub format: Format,
    /// Form of the log on standard error
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub log_format: LogFormat,
    /// Print text cells of CSV unchanged. Without this option, a cell that a spreadsheet program would take for a formula
    /// gets an apostrophe in front
    #[arg(long, global = true)]
    pub raw: bool,
    /// Log warnings and errors only
    #[arg(long, global = true)]
    pub quiet: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    /// Rows with the columns of the public tables; of commands that print a table
    Csv,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The whole job: read lists, identify, join with population, publish a release
    Run(RunArgs),
    /// Gets new lists, ACS tables and reference files from their publishers into the store
    Fetch(FetchArgs),
    /// Reads and cleans lists and says what each counts for, without publishing
    Lists(ListsArgs),
    /// Keeps the record of lists that a run starts from
    #[command(subcommand)]
    Record(RecordCommand),
    /// Reads ACS files without a run, and says what each file holds and what it lacks to be whole
    Census(CensusArgs),
    /// Coverage from a release, every rule side by side or one slice
    Coverage(CoverageArgs),
    /// Every county or state in every month: covered or not, since when, and its people; ready for a regression
    Panel(PanelArgs),
    /// The largest counties and places by immigrants: covered or not, by whom, since when
    Benchmarks(BenchmarkArgs),
    /// Published figures against ours, with verdicts
    Claims(ClaimsArgs),
    /// Everything known about an agency and why
    Explain(ExplainArgs),
    /// What changed between two releases, or two lists of a release, by key
    Diff(DiffArgs),
    /// Candidates for a person to review, with scores; `run` never reads them
    Suggest(SuggestArgs),
    /// Whether a release is whole: hashes, schemas, keys, references
    Check {
        /// A release, or an output folder with a current one
        dir: PathBuf,
    },
    /// The releases that are there, and which one counts
    Releases(PlaceArgs),
    /// Removes older releases
    Prune {
        #[command(flatten)]
        place: PlaceArgs,
        /// Keep so many, the current one among them
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        keep: u16,
    },
    /// Makes an earlier release the current one, after checking that the release is whole
    Rollback {
        #[command(flatten)]
        place: PlaceArgs,
        /// Id of the release. Without it: the release made before the current one
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
    /// The data dictionary
    Schema,
    /// Writes the man page and shell completions into a folder
    Manual {
        /// Folder to write into
        dir: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// Where releases are
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Wait so long for a run to release the lock
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub wait: u64,
}

/// The kinds of files that `fetch` gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FetchKind {
    /// The participating and pending lists that the programme's page links to
    Lists,
    /// ACS summary files
    Acs,
    /// Codes of counties, places and subdivisions
    Reference,
}

#[derive(Debug, Args)]
pub struct FetchArgs {
    /// What to get; without it: everything
    #[arg(value_enum)]
    pub kinds: Vec<FetchKind>,
    /// Folder to write to: lists go to DIR/lists, ACS tables to DIR/acs, reference files to DIR/reference
    #[arg(long, value_name = "DIR", default_value = "store")]
    pub store: PathBuf,
    /// Take earlier lists, or saved copies of ICE's page (.html), from a folder (or one file) instead of their publisher;
    /// repeatable
    #[arg(long, value_name = "PATH", conflicts_with = "kinds")]
    pub import: Vec<PathBuf>,
    /// Last year of the ACS vintage to get; repeatable. Without it: those of pipelines/fetch.toml
    #[arg(long, value_name = "YEAR")]
    pub acs_year: Vec<i16>,
    #[command(flatten)]
    pub watched: WatchedArgs,
}

/// Which lists. Without an option: the record of lists that the program ships.
#[derive(Debug, Default, Args)]
pub struct ListArgs {
    /// These lists and no others: a list, or a folder of lists; repeatable. Without it: the record the program ships
    #[arg(long, value_name = "PATH", conflicts_with = "add_lists")]
    pub lists: Vec<PathBuf>,
    /// These lists beside those of the record; repeatable. A list that the record has counts once
    #[arg(long, value_name = "PATH")]
    pub add_lists: Vec<PathBuf>,
}

impl ListArgs {
    fn are_given(&self) -> bool {
        let Self { lists, add_lists } = self;
        !lists.is_empty() || !add_lists.is_empty()
    }
}

/// A command about the record of lists.
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// Adds lists to the record below --root; a list that it has already changes nothing
    Add {
        /// Lists, folders of lists, or the store of `fetch`
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
    },
    /// Checks that no file of the record was changed and, for each list whose workbook is given, that the list equals its
    /// workbook cell by cell
    Check {
        /// Workbooks, folders of them, or the store of `fetch`
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Prints a list as CSV, each cell as printed
    Show {
        /// Its file name, or its list_id
        #[arg(value_name = "LIST")]
        list: String,
        /// Write a plain workbook instead
        #[arg(long, value_name = "FILE")]
        xlsx: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub lists: ListArgs,
    /// A table of what ICE's page said of its lists, or a folder of such tables; repeatable. The run always reads the tables
    /// that the program ships, and those in the store that --lists or --add-lists names
    #[arg(long, value_name = "PATH")]
    pub statements: Vec<PathBuf>,
    /// Figures from the Census Bureau, in any of its forms; repeatable. Without it: those the program ships
    #[arg(long, value_name = "FILE")]
    pub acs: Vec<PathBuf>,
    /// Take ACS files that do not hold every county: what they lack is null
    #[arg(long)]
    pub acs_sample: bool,
    /// Compute coverage with this vintage (2019-2023, or 2023), the newest, or paired: each list with the newest
    /// vintage that ends in its year or before (where none does, the oldest)
    #[arg(long, value_name = "VINTAGE", default_value = "newest")]
    pub acs_vintage: Pairing,
    /// How places that span counties are split: place_geoid,county_fips,population (or share)
    #[arg(long, value_name = "FILE")]
    pub place_shares: Option<PathBuf>,
    /// Where releases go: a folder, or an object store (s3://bucket/prefix, gs://, az://) of a program built with it
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Only lists dated then or before: what could have been published that day
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// Do everything but write
    #[arg(long)]
    pub dry_run: bool,
    /// Print all there is to say, not one screen of it
    #[arg(long, conflicts_with = "brief")]
    pub full: bool,
    /// Read every list again and make the release even if nothing is new
    #[arg(long)]
    pub rebuild: bool,
    /// Folder that keeps, for the next run, what this run read from each list. Without it: OUT/store
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Publish although the check NAME failed, in this run only; repeatable. The release records the check and the reason
    #[arg(long, value_name = "NAME", requires = "reason")]
    pub accept: Vec<String>,
    /// Why the failed check is accepted
    #[arg(long, value_name = "TEXT", requires = "accept")]
    pub reason: Option<String>,
    /// Keep so many releases, the current one among them, and remove older ones once this one is in place
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub keep: Option<u16>,
    #[command(flatten)]
    pub watched: WatchedArgs,
}

/// What an unattended run wants.
#[derive(Debug, Clone, Default, Args)]
pub struct WatchedArgs {
    /// Print one line instead of a page
    #[arg(long)]
    pub brief: bool,
    /// Write what the run did for Prometheus' textfile collector, whatever came of it
    #[arg(long, value_name = "FILE")]
    pub metrics_file: Option<PathBuf>,
    /// Run this with `sh -c` when something changed or failed, with the run's line on standard input
    #[arg(long, value_name = "COMMAND")]
    pub notify_command: Option<String>,
    /// Wait so long for another run to release the lock
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub wait: u64,
}

impl WatchedArgs {
    fn are_given(&self) -> bool {
        let Self { brief, metrics_file, notify_command, wait } = self;
        *brief || metrics_file.is_some() || notify_command.is_some() || *wait > 0
    }
}

impl RunArgs {
    /// Whether any of these arguments was given.
    pub fn are_given(&self) -> bool {
        let Self {
            lists,
            statements,
            acs,
            acs_sample,
            acs_vintage,
            place_shares,
            out,
            as_of,
            dry_run,
            full,
            rebuild,
            store,
            accept,
            reason: _,
            keep,
            watched,
        } = self;
        lists.are_given()
            || !statements.is_empty()
            || !acs.is_empty()
            || *acs_sample
            || *acs_vintage != Pairing::Newest
            || place_shares.is_some()
            || out != Path::new("out")
            || as_of.is_some()
            || *dry_run
            || *full
            || *rebuild
            || store.is_some()
            || !accept.is_empty()
            || keep.is_some()
            || watched.are_given()
    }
}

#[derive(Debug, Args)]
pub struct ListsArgs {
    #[command(flatten)]
    pub lists: ListArgs,
    /// A table of what ICE's page said of its lists, or a folder of them; repeatable
    #[arg(long, value_name = "PATH")]
    pub statements: Vec<PathBuf>,
    /// Only lists dated then or before
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
}

#[derive(Debug, Args)]
pub struct CensusArgs {
    /// ACS files in any of the Bureau's forms; without one: the figures the program ships
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print the figures of these areas: GEO_IDs, or the FIPS codes of states, counties, places and subdivisions
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub geo: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// A release, or an output folder with a current one
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub release: PathBuf,
}

#[derive(Debug, Args)]
pub struct BenchmarkArgs {
    /// One benchmark; without it: how much of each is covered, under every rule
    #[arg(value_name = "BENCHMARK")]
    pub name: Option<String>,
    #[command(flatten)]
    pub release: ReleaseArgs,
    /// The newest list dated then or before; without it: the newest
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// One rule. Without it: every rule, or county_agency where BENCHMARK is given
    #[arg(long, value_name = "RULE")]
    pub rule: Option<String>,
    /// TFM, jail, JEM, WSO or all
    #[arg(long, value_name = "GROUP", default_value = "all")]
    pub models: String,
}

#[derive(Debug, Args)]
pub struct ClaimsArgs {
    #[command(flatten)]
    pub release: ReleaseArgs,
    /// Fail (exit 6) where a verdict is not the one written down with the claim
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Args)]
pub struct CoverageArgs {
    #[command(flatten)]
    pub release: ReleaseArgs,
    /// The newest list dated then or before; without it: the newest
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// What changed since the newest list dated then or before, with the margin of the change
    #[arg(long, value_name = "DATE")]
    pub since: Option<Date>,
    /// One rule; without it: all
    #[arg(long, value_name = "RULE")]
    pub rule: Option<String>,
    /// TFM, jail, JEM, WSO or all; without it: TFM, jail and all
    #[arg(long, value_name = "GROUP")]
    pub models: Option<String>,
    /// One row for the US, one a state, one a covered county, or one an as-of date
    #[arg(long, value_enum, default_value = "us")]
    pub by: By,
    /// US, or the USPS code of a state or territory: that one alone, or its counties
    #[arg(long, value_name = "CODE")]
    pub geography: Option<String>,
    /// population, foreign_born or noncitizen; without it: all that are known
    #[arg(long, value_name = "MEASURE")]
    pub measure: Option<String>,
}

#[derive(Debug, Args)]
pub struct PanelArgs {
    #[command(flatten)]
    pub release: ReleaseArgs,
    /// A rule that counts whole counties; without it: that of the release's own panel, county_agency
    #[arg(long, value_name = "RULE")]
    pub rule: Option<String>,
    /// TFM, jail, JEM, WSO or all, several with commas between them; without it: TFM, jail and all
    #[arg(long, value_name = "GROUPS", value_delimiter = ',')]
    pub models: Vec<String>,
    /// Rows of counties or of states
    #[arg(long, value_enum, default_value = "county")]
    pub by: PanelBy,
    /// Length of the periods
    #[arg(long, value_name = "PERIOD", value_parser = period_length(), default_value = "month")]
    pub every: PeriodLength,
    /// A day (2025-01-20) or month (2025-01) of the first period; without it: the first list's
    #[arg(long, value_name = "DAY", value_parser = day_or_month)]
    pub from: Option<Date>,
    /// A day or month of the last period; without it: the newest list's
    #[arg(long, value_name = "DAY", value_parser = day_or_month)]
    pub to: Option<Date>,
    /// People of this vintage (2019-2023, or 2023), of the newest, or paired: each period's of the newest vintage that
    /// ends in its year or before (where none does, the oldest)
    #[arg(long, value_name = "VINTAGE", default_value = "newest")]
    pub acs_vintage: Pairing,
    /// Write the rows into a file, whose name ends in .csv or .parquet
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn period_length() -> impl TypedValueParser<Value = PeriodLength> {
    let words = PeriodLength::ALL.iter().map(|length| length.as_str());
    PossibleValuesParser::new(words)
        .try_map(|word| word.parse::<PeriodLength>().map_err(|error| error.to_string()))
}

/// The first day of a month, or a day.
fn day_or_month(text: &str) -> Result<Date, String> {
    let day = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
    day.parse().map_err(|_| "neither a day such as 2025-01-20 nor a month such as 2025-01".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PanelBy {
    County,
    State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    Us,
    State,
    County,
    Date,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Part of an agency's name as printed, or an agency or agreement id
    pub name: String,
    #[command(flatten)]
    pub release: ReleaseArgs,
}

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A release or an output folder; or a list: its date, list_id or file name
    pub old: String,
    /// The newer release or list, of the same kind as OLD
    pub new: String,
    #[command(flatten)]
    pub release: ReleaseArgs,
}

#[derive(Debug, Args)]
pub struct SuggestArgs {
    #[command(flatten)]
    pub release: ReleaseArgs,
    /// Only agencies that may be the same one (same), agencies without a certain county (county), ended agreements that may
    /// have a successor (successor), or links that may belong to another agency (link)
    #[arg(long, value_name = "KIND", value_parser = ["same", "county", "successor", "link"])]
    pub kind: Option<String>,
}
