//! Finds the lists that a run is offered, by name only.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tracing::{info, warn};

use super::Refusal;
use crate::exit::{EndsCommand, ExitCode};
use crate::mailboxes::withhold_mailboxes;
use crate::shown::visible;
use crate::spec::hex;

/// Endings of files in a folder that are taken for lists. Their content is checked later.
const ENDINGS: &[&str] = &["xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "tsv"];

/// Endings of files that may hold a list in a form that cannot be read: archives, and unfinished downloads.
const CLOSED: &[&str] =
    &["zip", "gz", "7z", "rar", "tar", "crdownload", "part", "partial", "download", "tmp", "numbers"];

/// Most skipped files that a message names.
const SHOWN: usize = 5;

/// Endings of saved pages, which `fetch --import` takes too.
const PAGES: &[&str] = &["html", "htm"];

/// Most levels of folders within folders that are searched.
const DEPTH: usize = 8;

/// A path that cannot be offered. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum AcquireError {
    #[error("{option} {}: no such file or folder", path.display())]
    NoSuchPath { option: &'static str, path: PathBuf },
    #[error("{option} {}: holds no lists (files ending in .xlsx, .ods, .csv or .tsv{})", path.display(), or_pages(option))]
    NoLists { option: &'static str, path: PathBuf },
    #[error("{option} {}: cannot be read", path.display())]
    Unreadable {
        option: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl EndsCommand for AcquireError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::USAGE
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoSuchPath { option: "--lists" | "--add-lists", .. } => Some(
                "check that the disk is mounted and that a fetch has got lists (without --lists the program runs on the record it ships)"
                    .into(),
            ),
            _ => None,
        }
    }
}

fn or_pages(option: &str) -> &'static str {
    if option == "--import" { ", or saved pages ending in .html" } else { "" }
}

/// One file that may be a list, or a list of the record.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The name without its folder, as it is shown and published.
    pub file_name: String,
    /// Whether the file itself is named on the command line: then its refusal stops the run.
    pub is_named: bool,
    pub content: OfferedContent,
    /// sha256 of the bytes that the store of originals put there, which is the name of the folder.
    pub stored_as: Option<String>,
    /// sha256 of the bytes, once [`digest`] has read them; `None` before, or where they cannot be read.
    pub content_sha256: Option<String>,
}

/// The place of the rows.
#[derive(Debug, Clone)]
pub enum OfferedContent {
    File(PathBuf),
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// In the record, at this position.
    Recorded(usize),
}

impl Offered {
    /// A file, by its path.
    pub fn file(path: &Path, is_named: bool) -> Self {
        // A name is shown and published: invisible characters appear as their number, and a mailbox is withheld.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self {
            file_name: withhold_mailboxes(&visible(&name)).into_owned(),
            is_named,
            content: OfferedContent::File(path.to_owned()),
            stored_as: folder_name(path).filter(|name| is_sha256(name)),
            content_sha256: None,
        }
    }

    /// A list of the record: name and sha256 of its workbook, and its position in the record.
    pub fn recorded(file_name: &str, sha256: &str, at: usize) -> Self {
        Self {
            file_name: file_name.to_owned(),
            is_named: false,
            content: OfferedContent::Recorded(at),
            stored_as: None,
            content_sha256: Some(sha256.to_owned()),
        }
    }

    /// The id of its list; `None` where its bytes have not been read.
    pub fn list_id(&self) -> Option<String> {
        Some(list_id(&self.file_name, self.content_sha256.as_deref()?))
    }

    /// Its size in bytes; 0 where it is unknown or not needed.
    pub fn size(&self) -> u64 {
        match &self.content {
            OfferedContent::Recorded(_) => 0,
            OfferedContent::Bytes(bytes) => bytes.len() as u64,
            OfferedContent::File(path) => std::fs::metadata(path).map_or(0, |file| file.len()),
        }
    }

    /// Reads the bytes; refuses more than `limit` of them.
    pub fn bytes(&self, limit: u64) -> Result<Vec<u8>, Refusal> {
        let unreadable = |e: std::io::Error| Refusal::Unreadable { message: e.to_string() };
        let path = match &self.content {
            OfferedContent::File(path) => path,
            OfferedContent::Bytes(bytes) => return Ok(bytes.clone()),
            OfferedContent::Recorded(_) => {
                return Err(Refusal::Unreadable { message: "a list of the record has no file".into() });
            }
        };
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > limit {
            return Err(Refusal::TooLarge { what: "file", limit, unit: "bytes" });
        }
        Ok(bytes)
    }
}

/// A list's id: the first 12 hex digits of the sha256 over its file's name and the sha256 of its bytes.
pub fn list_id(file_name: &str, sha256: &str) -> String {
    hex(&Sha256::digest(format!("{file_name}\n{sha256}")))[..12].to_owned()
}

/// Reads every file once and sets the sha256 of its bytes; files larger than `limit` get none.
pub fn digest(offered: &mut [Offered], limit: u64) {
    let files = offered.par_iter_mut().filter(|file| !matches!(file.content, OfferedContent::Recorded(_)));
    files.for_each(|file| {
        file.content_sha256 = file.bytes(limit).ok().map(|bytes| hex(&Sha256::digest(&bytes)));
    });
}

/// Finds the lists at paths, sorted by name. `option` is the option of the command line that gave the paths.
pub fn offered(paths: &[PathBuf], option: &'static str) -> Result<Vec<Offered>, AcquireError> {
    offered_at(paths, option, ENDINGS)
}

/// Finds the files to import: lists and saved pages, sorted by name.
pub fn imported(paths: &[PathBuf]) -> Result<Vec<Offered>, AcquireError> {
    offered_at(paths, "--import", &[ENDINGS, PAGES].concat())
}

/// Whether a folder is a store of originals.
fn is_store(path: &Path) -> bool {
    path.join("lists").is_dir() && path.join("origins").is_dir()
}

/// Returns the folders of statements that belong to the lists at these paths: a store, or its folder `lists`, brings
/// the statements of pages with it.
pub fn statements_beside(paths: &[PathBuf]) -> Vec<PathBuf> {
    let store = |path: &PathBuf| {
        if is_store(path) {
            return Some(path.clone());
        }
        let whole = path.canonicalize().ok()?;
        let is_lists = whole.file_name().is_some_and(|name| name == "lists");
        whole.parent().filter(|above| is_lists && is_store(above)).map(Path::to_owned)
    };
    paths
        .iter()
        .filter_map(store)
        .map(|store| store.join("statements"))
        .filter(|folder| folder.is_dir())
        .collect()
}

/// Finds the files at the paths given with an option, sorted by name.
fn offered_at(
    paths: &[PathBuf],
    option: &'static str,
    endings: &[&str],
) -> Result<Vec<Offered>, AcquireError> {
    let mut all = Vec::new();
    for path in paths {
        // A store offers its lists, not the files that it keeps apart.
        let lists = path.join("lists");
        let path = if is_store(path) { &lists } else { path };
        if path.is_file() {
            all.push(Offered::file(path, true));
        } else if path.is_dir() {
            let mut walk = Walk { endings, seen: HashSet::new(), found: Vec::new(), passed: Vec::new() };
            walk.folder(path, DEPTH).map_err(|source| AcquireError::Unreadable {
                option,
                path: path.clone(),
                source,
            })?;
            say_passed_over(path, &walk.passed);
            if walk.found.is_empty() {
                return Err(AcquireError::NoLists { option, path: path.clone() });
            }
            all.extend(walk.found.iter().map(|path| Offered::file(path, false)));
        } else {
            return Err(AcquireError::NoSuchPath { option, path: path.clone() });
        }
    }
    all.sort_by(|a, b| a.file_name.cmp(&b.file_name));
    Ok(all)
}

fn folder_name(path: &Path) -> Option<String> {
    Some(path.parent()?.file_name()?.to_str()?.to_owned())
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Reports the skipped files of a folder: those that may hold lists by name, all others by number.
fn say_passed_over(folder: &Path, passed: &[PathBuf]) {
    let is_closed = |path: &&PathBuf| ending(path).is_some_and(|ending| CLOSED.contains(&ending.as_str()));
    let (closed, others): (Vec<&PathBuf>, Vec<&PathBuf>) = passed.iter().partition(is_closed);
    let folder = visible(&folder.to_string_lossy()).into_owned();
    if !closed.is_empty() {
        let name =
            |path: &&PathBuf| visible(&path.file_name().unwrap_or_default().to_string_lossy()).into_owned();
        let mut names = closed.iter().take(SHOWN).map(name).collect::<Vec<_>>().join(", ");
        if closed.len() > SHOWN {
            names.push_str(&format!(" and {} more", closed.len() - SHOWN));
        }
        warn!(
            folder,
            files = names,
            "not read: unpack archives, wait for downloads to end, save other forms as .xlsx"
        );
    }
    if !others.is_empty() {
        let mut endings: BTreeMap<String, usize> = BTreeMap::new();
        for path in &others {
            let ending = ending(path)
                .map_or_else(|| "no ending".to_owned(), |ending| visible(&format!(".{ending}")).into_owned());
            *endings.entry(ending).or_default() += 1;
        }
        let mut endings: Vec<(String, usize)> = endings.into_iter().collect();
        endings.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let said: Vec<String> =
            endings.iter().take(SHOWN).map(|(ending, count)| format!("{count} {ending}")).collect();
        info!(
            folder,
            files = others.len(),
            endings = said.join(", "),
            "no lists by their endings, and not read"
        );
    }
}

/// The ending of a name, in lower case.
fn ending(path: &Path) -> Option<String> {
    path.extension().and_then(|ending| ending.to_str()).map(str::to_lowercase)
}

/// A walk through a folder and those below it, each once, whatever links to it.
struct Walk<'a> {
    endings: &'a [&'a str],
    seen: HashSet<PathBuf>,
    /// Regular files with a list's ending.
    found: Vec<PathBuf>,
    /// The other regular files.
    passed: Vec<PathBuf>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> std::io::Result<()> {
        if !self.seen.insert(folder.canonicalize()?) {
            return Ok(());
        }
        let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let path = entry.path();
            // `~$` marks a spreadsheet program's lock file.
            if entry.file_name().to_string_lossy().starts_with(['.', '~']) {
                continue;
            }
            let is_list = ending(&path).is_some_and(|ending| self.endings.contains(&ending.as_str()));
            // A link that leads nowhere is offered, and refused as unreadable; a pipe or a device is not a list.
            let (is_dir, is_file) = match std::fs::metadata(&path) {
                Ok(metadata) => (metadata.is_dir(), metadata.is_file()),
                Err(_) => (false, true),
            };
            if is_dir && depth > 0 {
                self.folder(&path, depth - 1)?;
            } else if is_file && is_list {
                self.found.push(path);
            } else if is_file {
                self.passed.push(path);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_and_lock_files_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("pending")).unwrap();
        for name in ["b.xlsx", "pending/a.XLSX", "~$b.xlsx", ".hidden.xlsx", "notes.txt"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        let lists = offered(&[dir.path().to_owned()], "--lists").unwrap();
        assert_eq!(lists.iter().map(|l| &*l.file_name).collect::<Vec<_>>(), ["a.XLSX", "b.xlsx"]);
        assert!(lists.iter().all(|l| !l.is_named));
    }

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.xlsx");
        std::fs::write(&path, [0; 100]).unwrap();
        let lists = offered(&[path], "--lists").unwrap();
        assert_eq!(lists[0].bytes(100).unwrap().len(), 100);
        assert!(matches!(lists[0].bytes(99), Err(Refusal::TooLarge { limit: 99, .. })));
    }
}
