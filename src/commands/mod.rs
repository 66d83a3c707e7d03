//! Commands beside `run`: each reads lists or a release and prints what a person asked for.

mod benchmarks;
mod census;
mod change;
mod check;
mod claims;
mod coverage;
mod diff;
mod explain;
mod fetch;
mod json;
mod lists;
mod manual;
mod panel;
mod record;
mod releases;
mod rows;
mod run;
mod schema;
mod suggest;

use json::json;
pub use record::{AddError, AddPlan, Added, AddedList, add, plan};

use std::io::{IsTerminal, Write};

use tracing::Level;

use crate::cli::{Cli, Command, Format, LogFormat, RecordCommand};
use crate::error::Error;
use crate::exit::EndsCommand;
use crate::mailboxes::withhold_mailboxes;
use crate::settings::run_id;
use crate::shown::{visible_json, visible_lines};
use crate::spec::SpecFiles;
use crate::table::CsvTexts;

/// Runs the command that the arguments ask for, with log and errors on standard error; returns the exit code.
pub fn main_with(cli: Cli) -> u8 {
    log(&cli);
    let is_json = cli.common.log_format == LogFormat::Json;
    match dispatch(cli) {
        Ok(()) => 0,
        Err(error) if is_json => {
            let _span = tracing::error_span!("run", id = run_id()).entered();
            tracing::error!(exit_code = error.exit_code().number(), "{}", visible_lines(&shown(&error)));
            error.exit_code().number()
        }
        Err(error) => {
            let _ = writeln!(Unfailing(std::io::stderr()), "error: {}", visible_lines(&shown(&error)));
            error.exit_code().number()
        }
    }
}

/// Returns an error as a person sees it; addresses of a publisher's page may hold anybody's mailbox.
fn shown(error: &Error) -> String {
    match error {
        Error::Fetch(_) => withhold_mailboxes(&error.explained()).into_owned(),
        _ => error.explained(),
    }
}

fn log(cli: &Cli) {
    let level = if cli.common.quiet { Level::WARN } else { Level::INFO };
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(|| Unfailing(std::io::stderr()))
        .with_target(false);
    match cli.common.log_format {
        LogFormat::Json => builder.json().init(),
        LogFormat::Text => {
            builder.without_time().with_ansi(std::io::stderr().is_terminal()).init();
        }
    }
}

/// Standard error whose own failures (a full disk, a closed pipe) do not fail the run.
struct Unfailing(std::io::Stderr);

impl Write for Unfailing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

/// Runs the command that the arguments ask for.
pub fn dispatch(cli: Cli) -> Result<(), Error> {
    if cli.command.is_some() && cli.run.are_given() {
        return Err(Error::Usage("options of `run` go after the word run: coverage287 run --lists …".into()));
    }
    let files = SpecFiles::new(cli.common.root.clone());
    let format = cli.common.format;
    let prints_list = matches!(cli.command, Some(Command::Record(RecordCommand::Show { .. })));
    if cli.common.raw && format != Format::Csv && !prints_list {
        return Err(Error::Usage("--raw: is about text cells of CSV; give --format csv as well".into()));
    }
    let csv_texts = if cli.common.raw { CsvTexts::Raw } else { CsvTexts::Guarded };
    let is_table = matches!(
        cli.command,
        Some(Command::Coverage(_) | Command::Claims(_) | Command::Benchmarks(_) | Command::Panel(_))
    );
    if format == Format::Csv && !is_table && !prints_list {
        let message =
            "--format csv: only coverage, panel, benchmarks and claims print rows of a table".to_owned();
        return Err(Error::Usage(message));
    }
    let text = match cli.command {
        None => run::run(cli.run, &cli.common)?,
        Some(Command::Run(args)) => run::run(args, &cli.common)?,
        Some(Command::Fetch(args)) => fetch::fetch(&args, &cli.common)?,
        Some(Command::Lists(args)) => lists::lists(&args, &cli.common, &files)?,
        Some(Command::Record(command)) => {
            let (text, failure) = record::record(&command, &cli.common, &files, csv_texts)?;
            let format = if prints_list && format == Format::Text { Format::Csv } else { format };
            print(&text, format)?;
            return failure.map_or(Ok(()), Err);
        }
        Some(Command::Census(args)) => {
            let (text, refused) = census::census(&args, &files, format)?;
            print(&text, format)?;
            return refused.map_or(Ok(()), Err);
        }
        Some(Command::Coverage(args)) => coverage::coverage(&args, &files, format, csv_texts)?,
        Some(Command::Panel(args)) => panel::panel(&args, &files, format, csv_texts)?,
        Some(Command::Benchmarks(args)) => benchmarks::benchmarks(&args, &files, format, csv_texts)?,
        Some(Command::Claims(args)) => {
            let (text, unlike) = claims::claims(&args, &files, format, csv_texts)?;
            print(&text, format)?;
            return unlike.map_or(Ok(()), Err);
        }
        Some(Command::Explain(args)) => explain::explain(&args, &files, format)?,
        Some(Command::Diff(args)) => diff::diff(&args, &files, format)?,
        Some(Command::Suggest(args)) => suggest::suggest(&args, &files, format)?,
        Some(Command::Check { dir }) => check::check(&dir, &files, format)?,
        Some(Command::Releases(args)) => releases::releases(&args, format)?,
        Some(Command::Prune { place, keep }) => releases::prune(&place, usize::from(keep), format)?,
        Some(Command::Rollback { place, id }) => releases::rollback(&place, id.as_deref(), format)?,
        Some(Command::Manual { dir }) => manual::manual(&dir)?,
        Some(Command::Schema) => schema::schema(&files, format)?,
    };
    print(&text, format)
}

/// Prints the answer of a command; text from lists can neither move the cursor nor reverse the direction of words.
fn print(text: &str, format: Format) -> Result<(), Error> {
    let is_for_a_person = format == Format::Text || std::io::stdout().is_terminal();
    let text = match format {
        Format::Json => visible_json(text),
        _ if is_for_a_person => visible_lines(text),
        _ => text.into(),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        // A reader that closes the pipe once it has seen enough is no failure.
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::Stdout(e)),
        _ => Ok(()),
    }
}
