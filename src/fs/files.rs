//! Writes, puts in place and removes files and folders.

#![allow(clippy::disallowed_methods, reason = "this is the one place that writes")]

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::steps::{WriteError, failed, step};

/// Makes a folder and those above it, and flushes each folder that got a new one.
pub fn make_dir(path: &Path) -> Result<(), WriteError> {
    let missing: Vec<&Path> =
        path.ancestors().take_while(|at| !at.as_os_str().is_empty() && !at.is_dir()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    step(path, "make the folder", || fs::create_dir_all(path))?;
    missing.iter().filter_map(|at| at.parent()).try_for_each(sync_dir)
}

/// Writes a file through `write` and flushes it to disk. The file is new or replaced whole.
pub fn write_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), WriteError> {
    let part = part_of(path);
    let mut file = step(&part, "write", || File::create(&part))?;
    let written = step(path, "write", || write(&mut file)).and_then(|()| {
        step(path, "flush to disk", || file.sync_all())?;
        step(path, "put in place", || fs::rename(&part, path))
    });
    if written.is_err() {
        drop(fs::remove_file(&part));
    }
    written
}

/// Writes a file whole.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write_with(path, |file| file.write_all(bytes))
}

/// Writes a file whole from its pieces.
pub fn write_pieces<'p>(path: &Path, mut pieces: impl Iterator<Item = &'p [u8]>) -> Result<(), WriteError> {
    write_with(path, |file| pieces.try_for_each(|piece| file.write_all(piece)))
}

/// Writes a file whole, and flushes its folder too: once this returns, no power cut undoes it.
pub fn write_for_good(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write(path, bytes)?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Writes a file whole without flushing it to disk: for what can be made again.
pub fn write_unflushed(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let part = part_of(path);
    step(&part, "write", || fs::write(&part, bytes))?;
    step(path, "put in place", || fs::rename(&part, path))
}

/// A file that is being received: it has no name that anybody looks for until it is [put](Incoming::put).
#[derive(Debug)]
pub struct Incoming {
    path: PathBuf,
    file: File,
}

impl Incoming {
    /// Opens an empty file at `path`; anything that a killed run left there is gone.
    pub fn new(path: &Path) -> Result<Self, WriteError> {
        let open = || File::options().create(true).truncate(true).read(true).write(true).open(path);
        let file = step(path, "write", open)?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Adds bytes.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        step(&self.path, "write", || self.file.write_all(bytes))
    }

    /// Returns what was added, at most `limit` bytes of it.
    pub fn head(&self, limit: u64) -> Result<Vec<u8>, WriteError> {
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
        read.map_err(failed(&self.path, "read back"))?;
        Ok(bytes)
    }

    /// Whether its last bytes are these.
    pub fn ends_with(&self, end: &[u8]) -> Result<bool, WriteError> {
        let last = || -> io::Result<bool> {
            let mut file = File::open(&self.path)?;
            let from = file.metadata()?.len().saturating_sub(end.len() as u64);
            let mut last = Vec::new();
            file.seek(SeekFrom::Start(from))?;
            file.read_to_end(&mut last)?;
            Ok(last == end)
        };
        last().map_err(failed(&self.path, "read back"))
    }

    /// Flushes it, gives it its name, and flushes the folder: once this returns, no power cut undoes it.
    pub fn put(self, path: &Path) -> Result<(), WriteError> {
        step(path, "flush to disk", || self.file.sync_all())?;
        step(path, "put in place", || fs::rename(&self.path, path))?;
        path.parent().map_or(Ok(()), sync_dir)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // A file that was put is no longer there.
        drop(fs::remove_file(&self.path));
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// Puts a folder built aside in its place. A folder that is there already changes places with it in one step, where the
/// system can do that; otherwise there is a moment without a folder.
pub fn put_dir(from: &Path, to: &Path) -> Result<(), WriteError> {
    sync_dir(from)?;
    let old = aside_of(to, "old");
    // A run killed in the middle may have left this folder behind.
    remove_dir(&old)?;
    if !to.exists() {
        step(to, "put in place", || fs::rename(from, to))?;
    } else if step(to, "put in place", || exchange(from, to)).is_ok() {
        to.parent().map_or(Ok(()), sync_dir)?;
        return remove_dir(from);
    } else {
        step(to, "move aside", || fs::rename(to, &old))?;
        if let Err(error) = step(to, "put in place", || fs::rename(from, to)) {
            fs::rename(&old, to).map_err(failed(to, "put back"))?;
            return Err(error);
        }
    }
    to.parent().map_or(Ok(()), sync_dir)?;
    remove_dir(&old)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The hidden name beside a folder, under which the folder is built or retired.
pub fn aside_of(path: &Path, what: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".");
    name.push(what);
    path.with_file_name(name)
}

/// Whether a name is one of [`aside_of`]: what a killed run left behind.
pub fn is_aside(name: &str) -> bool {
    name.starts_with('.') && [".part", ".old", ".gone"].iter().any(|ending| name.ends_with(ending))
}

/// Clears a folder of what a killed run left in it: puts back a folder that was moved aside and whose successor never
/// came, and removes everything else.
pub fn clear_asides(folder: &Path) -> Result<(), WriteError> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let place = name.strip_prefix('.').and_then(|name| name.strip_suffix(".old"));
        match place.map(|place| folder.join(place)).filter(|place| !place.exists()) {
            Some(place) => step(&place, "put back", || fs::rename(entry.path(), &place))?,
            None if is_aside(&name) => remove_dir(&entry.path())?,
            None => {}
        }
    }
    Ok(())
}

/// Gives a file that is of no use the ending `.damaged`.
pub fn move_aside(path: &Path) -> Result<(), WriteError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".damaged");
    step(path, "move aside", || fs::rename(path, path.with_file_name(name)))
}

/// Removes a folder and all in it; one that is not there is fine.
pub fn remove_dir(path: &Path) -> Result<(), WriteError> {
    if !path.exists() {
        return Ok(());
    }
    match step(path, "remove", || fs::remove_dir_all(path)) {
        Err(e) if e.source.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Removes a folder that somebody may be reading: first its name, at once, then its contents.
pub fn retire_dir(path: &Path) -> Result<(), WriteError> {
    let gone = aside_of(path, "gone");
    remove_dir(&gone)?;
    step(path, "remove", || fs::rename(path, &gone))?;
    path.parent().map_or(Ok(()), sync_dir)?;
    remove_dir(&gone)
}

/// Removes a file; one that is not there is fine.
pub fn remove_file(path: &Path) -> Result<(), WriteError> {
    if std::fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    step(path, "remove", || fs::remove_file(path))
}

/// Points the link `link` to `target` (relative to the link's folder) in one step.
pub fn swap_link(link: &Path, target: &Path) -> Result<(), WriteError> {
    let mut name = link.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = link.with_file_name(name);
    remove_file(&new)?;
    step(&new, "make the link", || std::os::unix::fs::symlink(target, &new))?;
    step(link, "put in place", || fs::rename(&new, link))?;
    link.parent().map_or(Ok(()), sync_dir)
}

fn sync_dir(path: &Path) -> Result<(), WriteError> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    step(path, "flush to disk", || File::open(path).and_then(|dir| dir.sync_all()))
}

#[cfg(test)]
mod tests {
    use super::super::lock::lock;
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
        retire_dir(&at("b")).unwrap();
        assert!(!at("b").exists() && !at(".b.gone").exists());
    }

    /// Where the system cannot exchange folders, a run can be killed between two renames.
    #[test]
    fn what_was_moved_aside_for_a_successor_that_never_came_is_put_back() {
        let dir = tempfile::tempdir().unwrap();
        for name in [".a.old", ".a.part", "b", ".b.old", ".c.gone"] {
            make_dir(&dir.path().join(name)).unwrap();
        }
        clear_asides(dir.path()).unwrap();
        let mut left: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["a", "b"]);
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
            Err(io::Error::other("disk full"))
        });
        assert!(error.unwrap_err().to_string().contains("cannot write"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_is_received_has_no_name_until_it_is_put() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let mut dropped = Incoming::new(&at(".a.part")).unwrap();
        dropped.add(b"half").unwrap();
        drop(dropped);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let mut put = Incoming::new(&at(".a.part")).unwrap();
        put.add(b"who").unwrap();
        put.add(b"le").unwrap();
        assert_eq!(put.head(4).unwrap(), b"whol");
        put.put(&at("a")).unwrap();
        assert_eq!(fs::read_to_string(at("a")).unwrap(), "whole");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
