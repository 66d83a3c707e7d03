//! Arguments as typed.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::census::Pairing;

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
    /// Folder with pipelines/ and data/ that go before the program's own
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Form of results on standard output
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub format: Format,
    /// Form of the log on standard error
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub log_format: LogFormat,
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
    /// Reads and cleans lists and says what each counts for, without publishing
    Lists(ListsArgs),
    /// Reads ACS files and says what each holds, whole or not, without a run
    Census(CensusArgs),
    /// Coverage from a release, every rule side by side or one slice
    Coverage(CoverageArgs),
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
    /// The data dictionary
    Schema,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// A list, or a folder of lists; repeatable. Without it: the lists the program ships
    #[arg(long, value_name = "PATH")]
    pub lists: Vec<PathBuf>,
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
    /// Where releases go
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Only lists dated then or before: what could have been published that day
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// Do everything but write
    #[arg(long)]
    pub dry_run: bool,
    /// Read every list again and make the release even if nothing is new
    #[arg(long)]
    pub rebuild: bool,
    /// Where what was read of each list is kept for the next run. Without it: OUT/store
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Write counts for Prometheus' textfile collector
    #[arg(long, value_name = "FILE")]
    pub metrics_file: Option<PathBuf>,
    /// Wait so long for another run to release the lock
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub wait: u64,
}

impl RunArgs {
    /// Whether any of them was given.
    pub fn are_given(&self) -> bool {
        let Self {
            lists,
            acs,
            acs_sample,
            acs_vintage,
            place_shares,
            out,
            as_of,
            dry_run,
            rebuild,
            store,
            metrics_file,
            wait,
        } = self;
        !lists.is_empty()
            || !acs.is_empty()
            || *acs_sample
            || *acs_vintage != Pairing::Newest
            || place_shares.is_some()
            || out != Path::new("out")
            || as_of.is_some()
            || *dry_run
            || *rebuild
            || store.is_some()
            || metrics_file.is_some()
            || *wait > 0
    }
}

#[derive(Debug, Args)]
pub struct ListsArgs {
    /// A list, or a folder of lists; repeatable. Without it: the lists the program ships
    #[arg(long, value_name = "PATH")]
    pub lists: Vec<PathBuf>,
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
    /// One rule; without it: all, or of one benchmark county_agency
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
    /// The other one, of the same sort
    pub new: String,
    #[command(flatten)]
    pub release: ReleaseArgs,
}

#[derive(Debug, Args)]
pub struct SuggestArgs {
    #[command(flatten)]
    pub release: ReleaseArgs,
    /// Only what may be one body (same), is not placed for sure (county), may have a successor, or links elsewhere (link)
    #[arg(long, value_name = "KIND", value_parser = ["same", "county", "successor", "link"])]
    pub kind: Option<String>,
}
