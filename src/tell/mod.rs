//! Tells how a run ended, however it ended: a record, metrics, and a command that is run when somebody should know.
//! None of it is part of a release.

mod last_run;
mod metrics;
mod notify;

pub use last_run::{Failure, LastRun, Outcomes, Status, Success};
pub use metrics::metrics;
pub use notify::notify;

use std::path::PathBuf;

use tracing::warn;

use crate::fs;

/// The listeners that are told how a run ended.
#[derive(Debug, Clone, Default)]
pub struct Listeners {
    /// Prometheus textfile to write.
    pub metrics_file: Option<PathBuf>,
    /// A line for the shell, run on change or failure.
    pub notify_command: Option<String>,
}

/// Tells all listeners. A listener that cannot be told is a warning and changes nothing of what was done.
pub fn tell(run: &LastRun, before: Option<&LastRun>, listeners: &Listeners) {
    if let Some(path) = &listeners.metrics_file
        && let Err(error) = fs::write(path, metrics(run).as_bytes())
    {
        warn!("metrics are not written: {error}: {}", error.source);
    }
    if let Some(command) = &listeners.notify_command
        && run.is_news(before)
        && let Err(error) = notify(command, run)
    {
        warn!("nobody was notified: {error}");
    }
}
