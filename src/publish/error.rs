//! What can go wrong with a release.

use std::path::PathBuf;

use crate::frames::FrameError;
use crate::fs::WriteError;

/// A release that cannot be written or read. Exit code 8 where writing failed, else 2.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("table {table} cannot be encoded")]
    Encode {
        table: String,
        #[source]
        source: parquet::errors::ParquetError,
    },
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Where the release is to go. Exit code 8.
    #[error("{}: {message}", path.display())]
    Place { path: PathBuf, message: String },
    #[error("{}: {message}", path.display())]
    Unreadable { path: PathBuf, message: String },
}
