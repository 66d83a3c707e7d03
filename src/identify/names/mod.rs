//! What a printed name says: its words, what kind of agency it is, and where and when lists print it.
//!
//! [`lexicon`] knows which words are spelled right; [`name`] reads a name; [`sightings`] counts where it is printed.

pub mod lexicon;
pub mod name;
pub mod sightings;
