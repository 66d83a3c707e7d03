//! All writing to disk goes through here: whole files, atomically, with errors that name the path.
//!
//! A file is written beside its place, flushed to disk and renamed; a folder is built aside and renamed;
//! a link is swapped. Whoever reads sees the old or the new, never a half; only where a folder gives way to
//! another of its name is there a moment with none.

#![allow(clippy::disallowed_methods, reason = "this is the one place that writes")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A write that failed. Exit code 8.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot {what}", path.display())]
pub struct WriteError {
    pub path: PathBuf,
    pub what: &'static str,
    #[source]
    pub source: std::io::Error,
}

fn failed(path: &Path, what: &'static str) -> impl FnOnce(std::io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError { path, what, source }
}

/// Makes a folder and those above it.
pub fn make_dir(path: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(path).map_err(failed(path, "make the folder"))
}

/// Writes a file through `write` and flushes it to disk. The file is new or replaced whole.
pub fn write_with(
    path: &Path,
    write: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    let part = part_of(path);
    let mut file = File::create(&part).map_err(failed(&part, "write"))?;
    if let Err(e) = write(&mut file).and_then(|()| file.sync_all()) {
        drop(fs::remove_file(&part));
        return Err(failed(path, "write")(e));
    }
    fs::rename(&part, path).map_err(failed(path, "put in place"))
}

/// Writes a file whole.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write_with(path, |file| file.write_all(bytes))
}

/// Writes a file whole without flushing it to disk: for what can be made again.
pub fn write_unflushed(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    // Two runs may share a folder of such files.
    let part = part_of(&path.with_extension(std::process::id().to_string()));
    fs::write(&part, bytes).map_err(failed(&part, "write"))?;
    fs::rename(&part, path).map_err(failed(path, "put in place"))
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// Puts a folder built aside in its place. A folder that is there already gives way: between two renames the
/// place is empty.
pub fn put_dir(from: &Path, to: &Path) -> Result<(), WriteError> {
    sync_dir(from)?;
    let mut name = std::ffi::OsString::from(".");
    name.push(to.file_name().unwrap_or_default());
    name.push(".old");
    let old = to.with_file_name(name);
    // What a run killed in the middle left behind.
    remove_dir(&old)?;
    if to.exists() {
        fs::rename(to, &old).map_err(failed(to, "move aside"))?;
        if let Err(e) = fs::rename(from, to) {
            fs::rename(&old, to).map_err(failed(to, "put back"))?;
            return Err(failed(to, "put in place")(e));
        }
        remove_dir(&old)?;
    } else {
        fs::rename(from, to).map_err(failed(to, "put in place"))?;
    }
    to.parent().map_or(Ok(()), sync_dir)
}

/// Removes a folder and all in it; one that is not there is fine.
pub fn remove_dir(path: &Path) -> Result<(), WriteError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(failed(path, "remove")(e)),
        _ => Ok(()),
    }
}

/// Points the link `link` to `target` (relative to the link's folder) in one step.
pub fn swap_link(link: &Path, target: &Path) -> Result<(), WriteError> {
    let mut name = link.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = link.with_file_name(name);
    match fs::remove_file(&new) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed(&new, "remove")(e)),
        _ => {}
    }
    std::os::unix::fs::symlink(target, &new).map_err(failed(&new, "make the link"))?;
    fs::rename(&new, link).map_err(failed(link, "put in place"))?;
    link.parent().map_or(Ok(()), sync_dir)
}

fn sync_dir(path: &Path) -> Result<(), WriteError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(failed(path, "flush to disk"))
}

/// The lock of an output folder; held until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Exit code 7.
    #[error("{}: another run holds the lock ({holder})", path.display())]
    Held { path: PathBuf, holder: String },
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Takes the lock of an output folder without waiting; `holder` is written into it for whoever finds it held.
pub fn lock(path: &Path, holder: &str) -> Result<Lock, LockError> {
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map_err(failed(path, "open the lock"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let holder = fs::read_to_string(path).unwrap_or_default().trim().to_owned();
            return Err(LockError::Held { path: path.to_owned(), holder });
        }
        Err(fs::TryLockError::Error(e)) => return Err(failed(path, "lock")(e).into()),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{holder}")).map_err(failed(path, "write the lock"))?;
    Ok(Lock { _file: file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_swapped_and_a_folder_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for (name, text) in [("a", "1"), ("b", "2")] {
            make_dir(&at(name)).unwrap();
            write(&at(name).join("x"), text.as_bytes()).unwrap();
        }
        for target in ["a", "b"] {
            swap_link(&at("current"), Path::new(target)).unwrap();
        }
        assert_eq!(fs::read_to_string(at("current/x")).unwrap(), "2");
        put_dir(&at("a"), &at("b")).unwrap();
        assert_eq!(fs::read_to_string(at("current/x")).unwrap(), "1");
        assert!(!at("a").exists() && !at(".b.old").exists());
    }

    #[test]
    fn a_held_lock_names_its_holder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".lock");
        let held = lock(&path, "process 1").unwrap();
        let error = lock(&path, "process 2").unwrap_err();
        assert!(error.to_string().contains("process 1"), "{error}");
        drop(held);
        lock(&path, "process 3").unwrap();
    }

    #[test]
    fn a_failed_write_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        write(&path, b"old").unwrap();
        let error = write_with(&path, |file| {
            file.write_all(b"ne")?;
            Err(std::io::Error::other("disk full"))
        });
        assert!(error.unwrap_err().to_string().contains("cannot write"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}
