//! Where releases go: a folder, or an object store behind the same few verbs.
//!
//! Both keep one promise: all of a release is there before the pointer to it is moved, and the pointer changes in one
//! step, last. In a folder the pointer is the link `current`; in a store, which has no links, it is the object
//! `current.json`.

mod folder;
mod listing;
#[cfg(feature = "object-store")]
mod objects;

use std::path::{Path, PathBuf};

use super::encode::Files;
use super::run_json::RunRecord;
use super::{PublishError, Release};
use crate::fs::{Lock, LockError};

pub use folder::Folder;
pub use listing::{CURRENT, Current, LAST_RUN, LAST_RUN_BEFORE, ListedRelease, Published, RELEASES, Waiting};
#[cfg(feature = "object-store")]
pub use objects::{Objects, Version};

/// Schemes of addresses that are object stores.
const SCHEMES: [&str; 3] = ["s3://", "gs://", "az://"];

/// Where releases go.
#[derive(Debug, Clone)]
pub enum ReleasePlace {
    Folder(Folder),
    #[cfg(feature = "object-store")]
    Objects(Objects),
}

/// The permit to publish: one run has it at a time, until it is dropped.
#[derive(Debug)]
pub enum PublishPermit {
    Lock {
        _lock: Lock,
    },
    /// The pointer as it was when the run began: it is moved only from there.
    #[cfg(feature = "object-store")]
    Pointer(Version),
}

/// Whether a path is an address of an object store.
pub fn is_address(path: &Path) -> bool {
    path.to_str().is_some_and(|text| SCHEMES.iter().any(|scheme| text.starts_with(scheme)))
}

impl ReleasePlace {
    /// A folder, or the object store of an address (`s3://bucket/prefix`, `gs://`, `az://`).
    ///
    /// # Errors
    /// [`PublishError::Address`] where the address is not valid, or the program was built without such stores.
    pub fn new(path: &Path) -> Result<Self, PublishError> {
        if !is_address(path) {
            return Ok(Self::Folder(Folder::new(path)));
        }
        #[cfg(feature = "object-store")]
        return Ok(Self::Objects(Objects::new(path)?));
        #[cfg(not(feature = "object-store"))]
        Err(PublishError::Address {
            address: path.display().to_string(),
            message: "this program was built without object stores: build it with --features object-store"
                .to_owned(),
        })
    }

    /// Checks, before anything is made, that a release can be put there.
    pub fn check(&self) -> Result<(), PublishError> {
        match self {
            Self::Folder(folder) => folder.check(),
            #[cfg(feature = "object-store")]
            Self::Objects(_) => Ok(()),
        }
    }

    /// Takes the right to publish. What a killed run has left behind is cleared away.
    pub fn hold(&self, waiting: &Waiting) -> Result<PublishPermit, HoldError> {
        match self {
            Self::Folder(folder) => Ok(PublishPermit::Lock { _lock: folder.hold(waiting)? }),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => Ok(PublishPermit::Pointer(objects.version()?)),
        }
    }

    /// The current release; `None` where there is none, or it does not say what made it.
    pub fn current(&self) -> Result<Option<Current>, PublishError> {
        match self {
            Self::Folder(folder) => Ok(folder.current()),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.current(),
        }
    }

    /// Puts a release in place and points at it.
    pub fn publish(
        &self,
        held: &PublishPermit,
        id: &str,
        files: &Files,
        run_json: &[u8],
    ) -> Result<Published, PublishError> {
        match (self, held) {
            #[cfg(feature = "object-store")]
            (Self::Objects(objects), PublishPermit::Pointer(version)) => {
                objects.publish(version, id, files, run_json)
            }
            #[cfg(feature = "object-store")]
            (Self::Objects(_), PublishPermit::Lock { .. }) => unreachable!("hold gives each place its own"),
            (Self::Folder(folder), _) => folder.publish(id, files, run_json),
        }
    }

    /// Every release, the one made last at the end.
    pub fn releases(&self) -> Result<Vec<ListedRelease>, PublishError> {
        let mut releases = match self {
            Self::Folder(folder) => folder.releases()?,
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.releases()?,
        };
        releases.sort_by(|a, b| (&a.started, &a.id).cmp(&(&b.started, &b.id)));
        Ok(releases)
    }

    /// Points at another release that is there.
    pub fn point_at(&self, held: &PublishPermit, id: &str) -> Result<(), PublishError> {
        match (self, held) {
            #[cfg(feature = "object-store")]
            (Self::Objects(objects), PublishPermit::Pointer(version)) => objects.point_at(version, id),
            #[cfg(feature = "object-store")]
            (Self::Objects(_), PublishPermit::Lock { .. }) => unreachable!("hold gives each place its own"),
            (Self::Folder(folder), _) => folder.point_at(id),
        }
    }

    /// Opens one of the releases.
    pub fn open(&self, id: &str) -> Result<Release, PublishError> {
        match self {
            Self::Folder(folder) => Release::open(&folder.release(id)),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.open(id),
        }
    }

    /// Removes a release. The caller sees to it that it is not the current one.
    pub fn remove(&self, id: &str) -> Result<(), PublishError> {
        match self {
            Self::Folder(folder) => Ok(crate::fs::retire_dir(&folder.release(id))?),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.remove(id),
        }
    }

    /// Removes all but the last `keep` releases that were made, and never the current one. Returns the ids of the
    /// removed releases. The caller has the right to publish.
    pub fn prune(&self, keep: usize) -> Result<Vec<String>, PublishError> {
        let releases = self.releases()?;
        let others: Vec<&ListedRelease> = releases.iter().filter(|release| !release.is_current).collect();
        let kept = keep.saturating_sub(releases.len() - others.len());
        let old = &others[..others.len().saturating_sub(kept)];
        old.iter().map(|release| self.remove(&release.id).map(|()| release.id.clone())).collect()
    }

    /// The `run.json` of a release, if it is there and can be read.
    pub fn run_of(&self, id: &str) -> Option<RunRecord> {
        match self {
            Self::Folder(folder) => folder.run_of(id),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.run_of(id),
        }
    }

    /// Returns the record of the last run.
    pub fn last_run(&self) -> Option<Vec<u8>> {
        const NAMES: [&str; 2] = [LAST_RUN, LAST_RUN_BEFORE];
        match self {
            Self::Folder(folder) => NAMES.iter().find_map(|name| std::fs::read(folder.dir().join(name)).ok()),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => NAMES.iter().find_map(|name| objects.get(name).ok().flatten()),
        }
    }

    /// Keeps the record of this run.
    pub fn keep_last_run(&self, text: &[u8]) -> Result<(), PublishError> {
        match self {
            Self::Folder(folder) => Ok(crate::fs::write_for_good(&folder.dir().join(LAST_RUN), text)?),
            #[cfg(feature = "object-store")]
            Self::Objects(objects) => objects.put(LAST_RUN, text),
        }
    }

    /// Whether it is a folder, whose files a program can open.
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// Where a reader finds the release that is current now, as a person would type it.
    pub fn current_shown(&self, release: &str) -> PathBuf {
        #[cfg(not(feature = "object-store"))]
        let _ = release;
        match self {
            Self::Folder(folder) => folder.dir().join(CURRENT),
            // In an object store the pointer is no folder.
            #[cfg(feature = "object-store")]
            Self::Objects(_) => PathBuf::from(release),
        }
    }
}

/// Why there is no right to publish.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Publish(#[from] PublishError),
}
