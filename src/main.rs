//! The program: arguments in, exit code out. Everything else is in the library.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use coverage287::cli::{Cli, LogFormat};
use coverage287::commands::dispatch;
use tracing::Level;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(&cli);
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut message = format!("error: {error}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                message.push_str(&format!("\n  because: {cause}"));
                source = cause.source();
            }
            if let Some(hint) = error.hint() {
                message.push_str(&format!("\n  hint: {hint}"));
            }
            // A log that cannot be written changes no outcome.
            let _ = writeln!(std::io::stderr(), "{message}");
            ExitCode::from(error.exit_code())
        }
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
            use std::io::IsTerminal;
            builder.without_time().with_ansi(std::io::stderr().is_terminal()).init();
        }
    }
}

/// Standard error, of which a full disk or a closed pipe is no failure of the run.
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
