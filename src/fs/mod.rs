//! All writing to disk goes through here: whole files, atomically, with errors that name the path.
//!
//! A file is written beside its place, flushed to disk and renamed; a folder is built aside and exchanged; a link is
//! swapped. A reader sees the old or the new, never a half. Every operation goes through one door, where tests make it
//! fail ([`faults`]).

pub mod faults;
mod files;
mod lock;
mod steps;

pub use files::*;
pub use lock::{Lock, LockError, lock, lock_within};
pub use steps::WriteError;
