//! Reads printed names: the words, the kind of agency, and where and when lists print each.
//!
//! [`lexicon`] knows which words are spelled right; [`name`] reads a name, [`file_name`] that of an agreement's file;
//! [`sightings`] counts where something is printed.

pub mod file_name;
pub mod lexicon;
pub mod name;
pub mod sightings;
