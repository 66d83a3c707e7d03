//! Step 5, census: how many people, and how many of them immigrants, live in each county.
//!
//! Figures are ACS 5-year estimates with the Bureau's 90 % margins of error where the file has them. A
//! file that lacks a county of its vintage is refused: a hole would be counted as nobody.

mod api;
mod figures;
mod margin;
mod tidy;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use figures::{CountyFigures, Estimate, Figures, Measure};
pub use margin::{Sum, share, share_margin};

use crate::reference::{Counties, States};
use crate::spec::{CensusSource, SpecError, SpecFiles, hex};

/// No figure of a county is larger: a larger number is not a count of people, and sums stay in 64 bits.
const MOST_PEOPLE: i64 = 1_000_000_000;

/// An ACS file that is not read. Exit code 5; a path that does not exist is 2.
#[derive(Debug, thiserror::Error)]
pub enum CensusError {
    #[error("--acs {}: no such file", path.display())]
    NoSuchFile { path: PathBuf },
    #[error("{file}: cannot be read")]
    Unreadable {
        file: String,
        #[source]
        source: std::io::Error,
    },
    #[error("{file}: {message}")]
    Refused { file: String, message: String, hint: Option<String> },
    #[error("{file} line {line}, column {column}: {value:?} is not {expected}")]
    BadValue { file: String, line: usize, column: String, value: String, expected: &'static str },
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl CensusError {
    fn refused(file: &str, message: impl Into<String>) -> Self {
        Self::Refused { file: file.to_owned(), message: message.into(), hint: None }
    }

    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { hint, .. } => hint.clone(),
            Self::Spec(error) => error.hint(),
            _ => None,
        }
    }
}

/// Reads the given files, or the shipped figures where there are none. One vintage each, newest first.
pub fn figures(
    paths: &[PathBuf],
    files: &SpecFiles,
    source: &CensusSource,
    counties: &Counties,
    states: &States,
) -> Result<Vec<Figures>, CensusError> {
    let mut all = Vec::new();
    if paths.is_empty() {
        let shipped = &source.shipped;
        let bytes = files.bytes(&format!("data/{}", shipped.file))?;
        let name = shipped.file.rsplit('/').next().unwrap_or(&shipped.file);
        all.push(tidy::read(name, &bytes, &shipped.vintage)?);
    }
    for path in paths {
        all.push(from_path(path, source)?);
    }
    for figures in &all {
        figures.check_whole(counties, states)?;
    }
    all.sort_by(|a, b| b.vintage.cmp(&a.vintage).then(a.file_name.cmp(&b.file_name)));
    if let Some(twice) = all.windows(2).find(|pair| pair[0].vintage == pair[1].vintage) {
        let message = format!("holds vintage {}, which {} holds too", twice[1].vintage, twice[0].file_name);
        return Err(CensusError::refused(&twice[1].file_name, message));
    }
    Ok(all)
}

/// What the given files, or the shipped figures, are: a line each, for telling whether they have changed.
pub fn digests(paths: &[PathBuf], files: &SpecFiles, source: &CensusSource) -> Vec<String> {
    if paths.is_empty() {
        let file = &source.shipped.file;
        let bytes = files.bytes(&format!("data/{file}")).unwrap_or_default();
        return vec![format!("acs {file} {}", sha256(&bytes))];
    }
    let digest = |path: &PathBuf| {
        let size = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|file| file.len());
        let fits = size.is_some_and(|size| size <= source.bounds.file_bytes);
        let bytes = if fits { std::fs::read(path).ok() } else { None };
        format!("acs {:?} {}", path.file_name(), bytes.map_or_else(String::new, |bytes| sha256(&bytes)))
    };
    paths.iter().map(digest).collect()
}

fn from_path(path: &Path, source: &CensusSource) -> Result<Figures, CensusError> {
    if !path.is_file() {
        return Err(CensusError::NoSuchFile { path: path.to_owned() });
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let unreadable = |source| CensusError::Unreadable { file: file.clone(), source };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > source.bounds.file_bytes {
        let message = format!("{size} bytes are more than the bound of {}", source.bounds.file_bytes);
        return Err(CensusError::refused(&file, message));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes).trim_ascii_start();
    match text {
        [] => Err(CensusError::refused(&file, "is empty")),
        [b'[', ..] => api::read(&file, text, source),
        [b'<', ..] => Err(CensusError::Refused {
            file,
            message: "is a web page, not data".into(),
            hint: Some("the Census API answers so where its key is missing or wrong".into()),
        }),
        _ if text.starts_with(b"county_fips,") => {
            let vintage = vintage_of_name(&file)?;
            tidy::read(&file, text, &vintage)
        }
        _ => Err(CensusError::Refused {
            file,
            message: "is not an ACS file in a form known".into(),
            hint: Some(
                "give a Census API pull of table B05002 for all counties (a JSON array of arrays)".into(),
            ),
        }),
    }
}

/// `2019-2023` from a name that holds the last year of the vintage: `acs5-2023-b05002.json`.
fn vintage_of_name(file: &str) -> Result<String, CensusError> {
    let years: Vec<u16> = file
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .filter(|year| (2009..2100).contains(year))
        .collect();
    match years.last() {
        Some(year) => Ok(format!("{}-{year}", year - 4)),
        None => Err(CensusError::Refused {
            file: file.to_owned(),
            message: "its name does not say the vintage".into(),
            hint: Some("name it after the last year of the five, as acs5-2023-b05002-counties.json".into()),
        }),
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
