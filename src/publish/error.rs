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
    /// An address that is none. Exit code 2.
    #[error("{address}: {message}")]
    Address { address: String, message: String },
    /// An object store that does not do what it is asked. Exit code 8.
    #[error("{address}: cannot {what}")]
    Store {
        address: String,
        what: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another run has published in the same place meanwhile. Exit code 7.
    #[error("{address}: another run has published there since this one began; nothing was changed")]
    Overtaken { address: String },
    #[error("{}: {message}", path.display())]
    Unreadable { path: PathBuf, message: String },
}
