//! Errors of ACS files.

use std::path::PathBuf;

use crate::exit::{EndsCommand, ExitCode};
use crate::spec::SpecError;

/// The reason why an ACS file is not read. Exit code 5; 2 for a path that does not exist.
#[derive(Debug, thiserror::Error)]
pub enum CensusError {
    /// Exit code 2.
    #[error("{}: {what}", path.display())]
    NoSuchFile { path: PathBuf, what: &'static str },
    #[error("{file}: cannot be read")]
    Unreadable {
        file: String,
        #[source]
        source: std::io::Error,
    },
    #[error("{file}: {message}")]
    Refused { file: String, message: String, hint: Option<String> },
    #[error(transparent)]
    BadValue(Box<BadValue>),
    /// A requested vintage that no file has. Exit code 2.
    #[error("--acs-vintage {asked}: no file has it; there are {there}")]
    NoSuchVintage { asked: String, there: String },
    #[error(transparent)]
    Spec(#[from] SpecError),
}

/// A cell with an unexpected value.
#[derive(Debug, thiserror::Error)]
#[error("{file} line {line}{}, column {column}: {value:?} is not {expected}", area.as_ref().map_or_else(String::new, |area| format!(", {area}")))]
pub struct BadValue {
    pub file: String,
    pub line: u64,
    /// GEO_ID of the row.
    pub area: Option<String>,
    pub column: String,
    pub value: String,
    pub expected: String,
    pub hint: String,
}

impl CensusError {
    pub(super) fn refused(file: &str, message: impl Into<String>) -> Self {
        Self::Refused { file: file.to_owned(), message: message.into(), hint: None }
    }
}

impl EndsCommand for CensusError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoSuchFile { .. } | Self::NoSuchVintage { .. } => ExitCode::USAGE,
            Self::Spec(error) => error.exit_code(),
            Self::Unreadable { .. } | Self::Refused { .. } | Self::BadValue(_) => ExitCode::INPUT,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { hint, .. } => hint.clone(),
            Self::BadValue(bad) => Some(bad.hint.clone()),
            Self::Spec(error) => error.hint(),
            _ => None,
        }
    }
}
