//! Opens a release by its path or address.

use std::path::Path;

use super::PublishError;
use super::place::{CURRENT, ReleasePlace, is_address};
use super::release::Release;

impl Release {
    /// Opens a release: its own folder, or an output folder (or object store) with a current one.
    pub fn open(path: &Path) -> Result<Self, PublishError> {
        if is_address(path) {
            let current = ReleasePlace::new(path)?.current()?;
            return current.map(|current| current.release).ok_or_else(|| no_release(path));
        }
        let current = path.join(CURRENT);
        let dir = if current.exists() { current } else { path.to_owned() };
        if dir.join("datapackage.json").is_file() {
            return Ok(Self::at(dir));
        }
        Err(no_release(path))
    }
}

fn no_release(path: &Path) -> PublishError {
    PublishError::NoRelease { path: path.to_owned() }
}
