//! Errors of tables.

use arrow_schema::ArrowError;

use crate::exit::{EndsCommand, ExitCode};

/// The hint for a release that this program cannot read.
pub const OTHER_VERSION: &str = "was the release made by another version of the program? make it again";

/// A table does not have the shape of its spec, or cannot be read or queried.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// An error of the program: a column is missing, unknown, of another type or of another length.
    #[error("table {table}: {message}")]
    Shape { table: String, message: String },
    /// A table of a release on disk cannot be read.
    #[error("{0}")]
    Unreadable(String),
    #[error("a query on the release failed")]
    Query(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl TableError {
    /// An error in the shape of a table.
    pub fn shape(table: &str, message: impl Into<String>) -> Self {
        Self::Shape { table: table.to_owned(), message: message.into() }
    }
}

impl From<ArrowError> for TableError {
    fn from(error: ArrowError) -> Self {
        Self::Query(error.into())
    }
}

impl EndsCommand for TableError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unreadable(_) => ExitCode::USAGE,
            Self::Shape { .. } | Self::Query(_) => ExitCode::FAULT,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable(_) => Some(OTHER_VERSION.into()),
            Self::Shape { .. } | Self::Query(_) => None,
        }
    }
}
