//! Opens a release by its path or address.

use std::path::Path;

use super::PublishError;
use super::place::{CURRENT, ReleasePlace, is_address};
use super::release::Release;

impl Release {
    /// Opens a release: its own folder, or an output folder (or object store) with a current one.
    pub fn open(path: &Path) -> Result<Self, PublishError> {
        if is_address(path) {
            let message = || "holds no current release; `coverage287 run` makes one".to_owned();
            return match ReleasePlace::new(path)?.current()? {
                Some(current) => Ok(current.release),
                None => Err(PublishError::Unreadable { path: path.to_owned(), message: message() }),
            };
        }
        let current = path.join(CURRENT);
        let dir = if current.exists() { current } else { path.to_owned() };
        if dir.join("datapackage.json").is_file() {
            return Ok(Self::at(dir));
        }
        let message = "is not a release, and holds none; `coverage287 run` makes one".to_owned();
        Err(PublishError::Unreadable { path: path.to_owned(), message })
    }
}
