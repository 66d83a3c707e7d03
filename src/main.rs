//! The program: arguments in, exit code out. Everything else is in the library.

use std::process::ExitCode;

use clap::Parser;
use coverage287::cli::Cli;
use coverage287::commands::main_with;
use mimalloc::MiMalloc;

/// Gives back memory that one step had and the next does not need: a fifth of the peak on lists a hundred times as long
/// (docs/performance.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(main_with(Cli::parse()))
}
