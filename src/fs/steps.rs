//! One step of writing: what can go wrong with it, and where tests make it fail.

use std::io;
use std::path::{Path, PathBuf};

use super::faults;
use crate::exit::{EndsCommand, ExitCode};

/// A write that failed. Exit code 8.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot {what}", path.display())]
pub struct WriteError {
    pub path: PathBuf,
    pub what: &'static str,
    #[source]
    pub source: io::Error,
}

impl EndsCommand for WriteError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::WRITE
    }

    fn hint(&self) -> Option<String> {
        Some(
            "free disk space, or fix the permissions of that path, and run again; the previous release is still current"
                .into(),
        )
    }
}

pub(super) fn failed(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError { path, what, source }
}

/// One operation on disk.
pub(super) fn step<T>(
    path: &Path,
    what: &'static str,
    operation: impl FnOnce() -> io::Result<T>,
) -> Result<T, WriteError> {
    faults::strike().and_then(|()| operation()).map_err(failed(path, what))
}
