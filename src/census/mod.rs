//! Step 5, census: how many people, and how many of them immigrants, live in each county, place and town.
//!
//! Figures are ACS estimates with the Bureau's 90 % margins of error where the file has them. They come from the
//! forms the Bureau gives them out in (`read`); which line of which table counts whom is in
//! `pipelines/census/concepts.toml`. Files of one vintage are put together ([`figures`]) and must agree; a vintage
//! that lacks a county is refused (`whole`): a hole would be counted as nobody.

mod agree;
mod area;
mod bytes;
mod columns;
mod document;
mod figures;
mod form;
mod margin;
mod read;
mod value;
mod vintage;
mod whole;
mod whole_counties;

use std::path::PathBuf;

pub use area::{Area, Level};
pub use bytes::sha256_of;
pub use columns::Source;
pub use figures::{
    AreaFigures, CountyFigures, Figures, Inspected, Measure, Pairing, Request, digests, figures, inspect,
    inspect_shipped,
};
pub use form::{plain, shown};
pub use margin::{Sum, ratio_margin, share, share_margin};
pub use read::check_path;
pub use value::{Estimate, Gap, cv, reliability, share_reliability};
pub use whole::sums_of_counties;

use crate::spec::SpecError;

/// An ACS file that is not read. Exit code 5; a path that does not exist is 2.
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
    /// A vintage that was asked for and is not among the files. Exit code 2.
    #[error("--acs-vintage {asked}: no file has it; there are {there}")]
    NoSuchVintage { asked: String, there: String },
    #[error(transparent)]
    Spec(#[from] SpecError),
}

/// A cell that is not what it should be.
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
    fn refused(file: &str, message: impl Into<String>) -> Self {
        Self::Refused { file: file.to_owned(), message: message.into(), hint: None }
    }

    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { hint, .. } => hint.clone(),
            Self::BadValue(bad) => Some(bad.hint.clone()),
            Self::Spec(error) => error.hint(),
            _ => None,
        }
    }
}
