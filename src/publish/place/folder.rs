//! Releases in a folder: `OUT/releases/<id>/`, and the link `OUT/current`. A run that fails leaves both as they
//! were.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tracing::warn;

use super::{CURRENT, Current, ListedRelease, Published, RELEASES, Waiting};
use crate::fs::{self, Lock, LockError};
use crate::publish::encode::Files;
use crate::publish::run_json::{RUN_JSON, RunRecord};
use crate::publish::{PublishError, Release};

/// An output folder.
#[derive(Debug, Clone)]
pub struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// The folder, which need not exist yet.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The folder of a release.
    pub fn release(&self, id: &str) -> PathBuf {
        self.dir.join(RELEASES).join(id)
    }

    /// Checks that the link can be put there.
    pub fn check(&self) -> Result<(), PublishError> {
        let current = self.dir.join(CURRENT);
        let is_link = std::fs::symlink_metadata(&current).map(|metadata| metadata.file_type().is_symlink());
        match is_link {
            Ok(false) => {
                let message =
                    "is not a link: a run puts its link to the current release here; move what is there away"
                        .to_owned();
                Err(PublishError::Place { path: current, message })
            }
            _ => Ok(()),
        }
    }

    /// Takes the folder's lock and clears away what a killed run has left behind.
    pub fn hold(&self, waiting: &Waiting) -> Result<Lock, LockError> {
        fs::make_dir(&self.dir)?;
        let path = self.dir.join(".lock");
        let lock = fs::lock_within(&path, waiting.holder, waiting.wait, || waiting.stop.is_asked())?;
        // Files that cannot be cleared away harm nothing; they only take disk space.
        if let Err(error) = fs::clear_asides(&self.dir.join(RELEASES)) {
            warn!("what a run left behind stays: {error}: {}", error.source);
        }
        fs::remove_file(&self.dir.join(format!("{CURRENT}.new")))?;
        fs::remove_file(&self.dir.join(format!("{}.part", super::LAST_RUN)))?;
        Ok(lock)
    }

    /// The id that the link gives, if it leads to a release.
    fn current_id(&self) -> Option<String> {
        let target = std::fs::read_link(self.dir.join(CURRENT)).ok()?;
        Some(target.file_name()?.to_string_lossy().into_owned())
    }

    pub fn current(&self) -> Option<Current> {
        let target = std::fs::read_link(self.dir.join(CURRENT)).ok()?;
        let dir = self.dir.join(target);
        let run = std::fs::read(dir.join(RUN_JSON)).ok()?;
        let run = serde_json::from_slice(&run).ok()?;
        let shown = dir.display().to_string();
        Some(Current { id: self.current_id()?, release: Release::at(dir), run, shown })
    }

    /// Puts a release in place and points `current` at it.
    pub fn publish(&self, id: &str, files: &Files, run_json: &[u8]) -> Result<Published, PublishError> {
        let dir = self.release(id);
        let is_new = !is_whole(&dir, files);
        if is_new {
            fs::make_dir(&self.dir.join(RELEASES))?;
            let aside = fs::aside_of(&dir, "part");
            fs::make_dir(&aside)?;
            // In parallel: each waits for the disk.
            files
                .par_iter()
                .try_for_each(|(name, bytes)| fs::write_pieces(&aside.join(name), bytes.pieces()))?;
            fs::write(&aside.join(RUN_JSON), run_json)?;
            fs::put_dir(&aside, &dir)?;
        } else {
            // The bytes are the same, but another request made them: its next run is to find this release.
            fs::write_for_good(&dir.join(RUN_JSON), run_json)?;
        }
        let has_moved = self.current_id().as_deref() != Some(id);
        self.point_at(id)?;
        Ok(Published { shown: dir.display().to_string(), is_new, has_moved })
    }

    pub fn point_at(&self, id: &str) -> Result<(), PublishError> {
        let (link, target) = (self.dir.join(CURRENT), Path::new(RELEASES).join(id));
        if std::fs::read_link(&link).ok().as_deref() != Some(target.as_path()) {
            fs::swap_link(&link, &target)?;
        }
        Ok(())
    }

    /// The `run.json` of a release.
    pub fn run_of(&self, id: &str) -> Option<RunRecord> {
        let run = std::fs::read(self.release(id).join(RUN_JSON)).ok()?;
        serde_json::from_slice(&run).ok()
    }

    pub fn releases(&self) -> Result<Vec<ListedRelease>, PublishError> {
        let current = self.current_id();
        let mut listed = Vec::new();
        for entry in std::fs::read_dir(self.dir.join(RELEASES)).into_iter().flatten().flatten() {
            let id = entry.file_name().to_string_lossy().into_owned();
            if fs::is_aside(&id) || !entry.path().is_dir() {
                continue;
            }
            // Anything else in the folder is not ours.
            let Some(run) = self.run_of(&id) else { continue };
            let started = run.started;
            listed.push(ListedRelease { is_current: current.as_deref() == Some(id.as_str()), id, started });
        }
        Ok(listed)
    }
}

fn is_whole(dir: &Path, files: &Files) -> bool {
    dir.join(RUN_JSON).is_file() && files.iter().all(|(name, bytes)| bytes.is_in(&dir.join(name)))
}
