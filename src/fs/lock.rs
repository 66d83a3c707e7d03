//! The lock of a folder: held by one run at a time, released by the system when the run ends, however it ends.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::steps::{WriteError, failed, step};
use crate::exit::{EndsCommand, ExitCode};

/// How long a waiting run pauses before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// A held lock; it is released when dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why a lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds the lock. Exit code 7.
    #[error("{}: another run holds the lock ({holder})", path.display())]
    Held { path: PathBuf, holder: String },
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl EndsCommand for LockError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Held { .. } => ExitCode::BUSY,
            Self::Write(error) => error.exit_code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Held { .. } => Some("wait until the other run has ended, or give --wait SECONDS".into()),
            Self::Write(error) => error.hint(),
        }
    }
}

/// Takes a lock without waiting; `holder` is written into it for anybody who finds it held.
pub fn lock(path: &Path, holder: &str) -> Result<Lock, LockError> {
    let open = || File::options().create(true).truncate(false).read(true).write(true).open(path);
    let mut file = step(path, "open the lock", open)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let holder = holder_of(path);
            return Err(LockError::Held { path: path.to_owned(), holder });
        }
        Err(fs::TryLockError::Error(e)) => return Err(failed(path, "lock")(e).into()),
    }
    step(path, "write the lock", || file.set_len(0).and_then(|()| writeln!(file, "{holder}")))?;
    Ok(Lock { _file: file })
}

/// How often a lock is read to learn who holds it, and the pause between: a run writes that only once it has the lock.
const LOOKS: usize = 25;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Returns who holds a lock, as the lock file says.
fn holder_of(path: &Path) -> String {
    for look in 0..LOOKS {
        let text = fs::read_to_string(path).unwrap_or_default();
        if !text.trim().is_empty() {
            return text.trim().to_owned();
        }
        if look + 1 < LOOKS {
            std::thread::sleep(BETWEEN_LOOKS);
        }
    }
    "it does not say which".to_owned()
}

/// Takes a lock, and waits up to `wait` for another run to release it. `is_over` says to give up waiting.
pub fn lock_within(
    path: &Path,
    holder: &str,
    wait: Duration,
    is_over: impl Fn() -> bool,
) -> Result<Lock, LockError> {
    let mut waited = Duration::ZERO;
    loop {
        match lock(path, holder) {
            Err(LockError::Held { .. }) if waited < wait && !is_over() => {
                std::thread::sleep(LOOK_AGAIN);
                waited += LOOK_AGAIN;
            }
            taken => return taken,
        }
    }
}
