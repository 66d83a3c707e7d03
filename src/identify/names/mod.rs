//! Reads printed names: the words, the kind of agency, and where and when lists print each.
//!
//! [`lexicon`] knows which words are spelled right; [`name`] reads a name; [`sightings`] counts where it is printed.

pub mod lexicon;
pub mod name;
pub mod sightings;
