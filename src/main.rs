//! The program: arguments in, exit code out. Everything else is in the library.

use std::process::ExitCode;

use clap::Parser;
use coverage287::cli::Cli;
use coverage287::commands::main_with;

fn main() -> ExitCode {
    ExitCode::from(main_with(Cli::parse()))
}
