//! Errors of writing and reading a release.

use std::path::PathBuf;

use crate::exit::{EndsCommand, ExitCode};
use crate::fs::WriteError;
use crate::table::{OTHER_VERSION, TableError};

/// A release that cannot be written or read. Each variant has its own exit code.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("table {table} cannot be encoded")]
    Encode {
        table: String,
        #[source]
        source: parquet::errors::ParquetError,
    },
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The place for the release cannot be used. Exit code 8.
    #[error("{}: {message}", path.display())]
    Place { path: PathBuf, message: String },
    /// An address that is not valid. Exit code 2.
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
    #[error("{}: is not a release, and holds none; `coverage287 run` makes one", path.display())]
    NoRelease { path: PathBuf },
    #[error("{}: {message}", path.display())]
    Unreadable { path: PathBuf, message: String },
}

impl EndsCommand for PublishError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Write(_) | Self::Place { .. } | Self::Store { .. } => ExitCode::WRITE,
            Self::Overtaken { .. } => ExitCode::BUSY,
            Self::NoRelease { .. } | Self::Unreadable { .. } | Self::Address { .. } => ExitCode::USAGE,
            Self::Table(error) => error.exit_code(),
            Self::Encode { .. } => ExitCode::FAULT,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Write(error) => error.hint(),
            Self::Table(error) => error.hint(),
            Self::Overtaken { .. } => {
                Some("run again: the next run starts from what the other one has published".into())
            }
            Self::Unreadable { .. } => Some(OTHER_VERSION.into()),
            _ => None,
        }
    }
}
