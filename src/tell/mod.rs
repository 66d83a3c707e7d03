//! What a run says of itself when it is over, however it ended: a record, metrics, and a command that is run when
//! somebody should know. None of it is part of a release.

mod last_run;
mod metrics;
mod notify;

pub use last_run::{Failure, LastRun, Outcomes, Status, Success};
pub use metrics::metrics;
pub use notify::notify;

use std::path::PathBuf;

use tracing::warn;

use crate::fs;

/// Who is told.
#[derive(Debug, Clone, Default)]
pub struct Listeners {
    /// Prometheus textfile to write.
    pub metrics_file: Option<PathBuf>,
    /// A line for the shell, run on change or failure.
    pub notify_command: Option<String>,
}

/// Tells all of them. Somebody who cannot be told changes nothing of what was done: it is a warning.
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
