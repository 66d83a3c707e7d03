//! Spec files as text: embedded in the binary, or from `--root DIR`, which takes precedence.
//!
//! A spec is loaded strictly. An unknown key, a missing one or a wrong type is an error that names the file, the line
//! and, where one is close, the key that was probably meant.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::shipped;
use crate::exit::{EndsCommand, ExitCode};

/// A folder may hold at most the bytes of this many files of the largest size.
const FILES_OF_LIMIT: u64 = 8;

/// A spec file that cannot be used. Exit code 3.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    #[error("{file}: {message}")]
    Malformed { file: String, line: Option<usize>, message: String, hint: Option<String> },
    #[error("{file}: not among the specs of the program, and not below --root")]
    Missing { file: String },
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl SpecError {
    /// Returns an error in the content of a well-formed file.
    pub fn says(file: &str, message: impl Into<String>) -> Self {
        Self::Malformed { file: file.to_owned(), line: None, message: message.into(), hint: None }
    }
}

impl EndsCommand for SpecError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::SPEC
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Malformed { hint, .. } => hint.clone(),
            Self::Missing { .. } => Some("--root wants a folder that holds pipelines/ and data/".into()),
            Self::Unreadable { .. } => None,
        }
    }
}

/// The files under `pipelines/` and `data/`.
#[derive(Debug, Clone, Default)]
pub struct SpecFiles {
    root: Option<PathBuf>,
}

impl SpecFiles {
    /// `root` is a folder with `pipelines/` and `data/`; a file it lacks comes from the binary.
    pub fn new(root: Option<PathBuf>) -> Self {
        Self { root }
    }

    /// Checks that `--root`, if given, is a folder with `pipelines/` or `data/` in it.
    ///
    /// # Errors
    /// [`SpecError::Missing`].
    pub fn check_root(&self) -> Result<(), SpecError> {
        match &self.root {
            Some(root) if !root.join("pipelines").is_dir() && !root.join("data").is_dir() => {
                Err(SpecError::Missing { file: root.display().to_string() })
            }
            _ => Ok(()),
        }
    }

    /// The bytes of a file, by its path below the project (`pipelines/…` or `data/…`).
    pub fn bytes(&self, file: &str) -> Result<Vec<u8>, SpecError> {
        if let Some(path) = self.root.as_ref().map(|root| root.join(file)).filter(|p| p.is_file()) {
            return std::fs::read(&path).map_err(|source| SpecError::Unreadable { path, source });
        }
        shipped::bytes(file).ok_or_else(|| SpecError::Missing { file: file.to_owned() })
    }

    /// The text of a file.
    pub fn text(&self, file: &str) -> Result<String, SpecError> {
        String::from_utf8(self.bytes(file)?).map_err(|_| SpecError::says(file, "is not UTF-8"))
    }

    /// A TOML file as `T`.
    pub fn toml<T: DeserializeOwned>(&self, file: &str) -> Result<T, SpecError> {
        parse(file, &self.text(file)?)
    }

    /// Names of the files with this ending in a folder, sorted; those of `--root` and of the binary.
    pub fn names(&self, folder: &str, ending: &str) -> Vec<String> {
        let shipped = shipped::names(folder).filter(|name| name.ends_with(ending));
        let mut names: BTreeSet<String> = shipped.map(str::to_owned).collect();
        let own = self.root.as_ref().map(|root| root.join(folder));
        if let Some(entries) = own.and_then(|dir| std::fs::read_dir(dir).ok()) {
            names.extend(entries.flatten().filter_map(|e| name_of(&e.path(), ending)));
        }
        names.into_iter().map(|name| format!("{folder}/{name}")).collect()
    }

    /// Every file with this ending in a folder, by name, with its bytes; a file of `--root` takes precedence over the
    /// binary's. The name returned is the file's path.
    ///
    /// # Errors
    /// A file below `--root` cannot be read, or is larger than `limit` bytes; or a folder is larger than eight times
    /// that.
    pub fn folder(
        &self,
        folder: &str,
        ending: &str,
        limit: u64,
    ) -> Result<Vec<(String, Vec<u8>)>, SpecError> {
        let shipped = shipped::folder(folder).into_iter().filter(|(path, _)| path.ends_with(ending));
        let mut files: BTreeMap<String, (String, Vec<u8>)> =
            shipped.map(|(path, bytes)| (path.to_owned(), (path.to_owned(), bytes))).collect();
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| SpecError::Unreadable { path, source }
        };
        let Some(own) = self.root.as_ref().map(|root| root.join(folder)) else {
            return Ok(files.into_values().collect());
        };
        match std::fs::metadata(&own) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(files.into_values().collect());
            }
            Err(error) => return Err(unreadable(&own)(error)),
        }
        let entries = std::fs::read_dir(&own).map_err(unreadable(&own))?;
        let mut paths = entries
            .map(|entry| Ok(entry.map_err(unreadable(&own))?.path()))
            .collect::<Result<Vec<_>, _>>()?;
        // The first of several wrong files is reported.
        paths.sort();
        let mut bytes_in_all = 0;
        for path in paths {
            let Some(name) = name_of(&path, ending).filter(|name| !name.starts_with('.')) else { continue };
            // Reading a pipe would wait.
            if !std::fs::metadata(&path).map_err(unreadable(&path))?.is_file() {
                return Err(SpecError::says(&path.display().to_string(), "is no file"));
            }
            let mut bytes = Vec::new();
            let file = std::fs::File::open(&path).map_err(unreadable(&path))?;
            file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable(&path))?;
            let shown = path.display().to_string();
            if bytes.len() as u64 > limit {
                return Err(SpecError::says(&shown, format!("is larger than {limit} bytes")));
            }
            bytes_in_all += bytes.len() as u64;
            if bytes_in_all > limit.saturating_mul(FILES_OF_LIMIT) {
                let message = format!("with it the folder holds more than {} bytes", limit * FILES_OF_LIMIT);
                return Err(SpecError::says(&shown, message));
            }
            files.insert(format!("{folder}/{name}"), (shown, bytes));
        }
        Ok(files.into_values().collect())
    }

    /// sha256 over every spec and shipped table, in hex; a release records it as its rules.
    pub fn fingerprint(&self) -> Result<String, SpecError> {
        let mut hash = Sha256::new();
        for folder in FINGERPRINTED {
            for ending in [".toml", ".csv"] {
                for file in self.names(folder, ending) {
                    let bytes = self.bytes(&file)?;
                    hash.update(format!("{file}\0{}\0", bytes.len()));
                    hash.update(&bytes);
                }
            }
        }
        Ok(hex(&hash.finalize()))
    }
}

/// Folders whose files decide what a release says. The shipped lists are inputs and
/// are hashed as such.
const FINGERPRINTED: &[&str] = &[
    "pipelines/agreements",
    "pipelines/agreements/tables",
    "pipelines/census",
    "pipelines/census/tables",
    "pipelines/coverage",
    "pipelines/coverage/tables",
    // These figures also decide the main county of a place in several counties.
    "data/census",
    "data/reference",
    "data/crosswalks",
    "data/corrections",
];

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn name_of(path: &Path, ending: &str) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    name.ends_with(ending).then(|| name.to_owned())
}

/// Parses `text` as the TOML file `file`.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, SpecError> {
    toml::from_str(text).map_err(|e| {
        let line = e.span().map(|span| text[..span.start].matches('\n').count() + 1);
        let message = match line {
            Some(line) => format!("line {line}: {}", e.message()),
            None => e.message().to_owned(),
        };
        SpecError::Malformed { file: file.to_owned(), line, hint: nearest_key(e.message()), message }
    })
}

/// Returns the nearest key, if one is near, from serde's "unknown field `x`, expected one of `a`, `b`".
fn nearest_key(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown").then(|| quoted.next())??;
    quoted
        .map(|key| (strsim::osa_distance(unknown, key), key))
        .min()
        .filter(|(distance, key)| *distance <= key.len().div_ceil(2))
        .map(|(_, key)| format!("did you mean `{key}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        blocking: bool,
    }

    #[test]
    fn an_unknown_key_names_file_line_and_nearest_key() {
        let error = parse::<Example>("checks.toml", "\n\nblokcing = true\n").unwrap_err();
        assert_eq!(error.to_string(), "checks.toml: line 3: unknown field `blokcing`, expected `blocking`");
        assert_eq!(error.hint().as_deref(), Some("did you mean `blocking`?"));
    }

    #[test]
    fn a_far_key_gets_no_guess() {
        assert!(parse::<Example>("checks.toml", "blocking = true").unwrap().blocking);
        let error = parse::<Example>("checks.toml", "zzz = 1").unwrap_err();
        assert_eq!(error.hint(), None);
    }

    #[test]
    fn the_root_goes_before_the_binary() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("pipelines/coverage")).unwrap();
        std::fs::write(root.path().join("pipelines/coverage/rules.toml"), "mine").unwrap();
        let files = SpecFiles::new(Some(root.path().to_owned()));
        assert_eq!(files.text("pipelines/coverage/rules.toml").unwrap(), "mine");
        assert!(files.text("pipelines/coverage/warnings.toml").unwrap().contains("[warnings]"));
        assert_ne!(files.fingerprint().unwrap(), SpecFiles::default().fingerprint().unwrap());
    }
}
