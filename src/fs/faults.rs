//! Lets tests make the disk fail: the n-th operation of a process is refused, or the process dies before it.
//!
//! The program itself sets no plan; without one an operation costs one look at an empty cell.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The fault at the planned operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InjectedFault {
    /// The operation fails as on a full disk, and so does every later one that writes.
    Full,
    /// Only this operation fails.
    Once,
    /// The process ends there, as if killed.
    Abort,
}

static PLAN: OnceLock<(usize, InjectedFault)> = OnceLock::new();
static DONE: AtomicUsize = AtomicUsize::new(0);

/// Plans a fault at the n-th operation, counted from 1; 0 only counts. A process has one plan.
pub fn plan(nth: usize, fault: InjectedFault) {
    let _ = PLAN.set((nth, fault));
}

/// Operations since the plan was made.
pub fn count() -> usize {
    DONE.load(Ordering::SeqCst)
}

/// Called before every operation.
pub(super) fn strike() -> io::Result<()> {
    let Some((nth, fault)) = PLAN.get() else { return Ok(()) };
    let now = DONE.fetch_add(1, Ordering::SeqCst) + 1;
    match fault {
        InjectedFault::Full if *nth > 0 && now >= *nth => Err(io::ErrorKind::StorageFull.into()),
        InjectedFault::Once if now == *nth => Err(io::Error::other("made to fail")),
        InjectedFault::Abort if now == *nth => std::process::abort(),
        _ => Ok(()),
    }
}
