//! Words of a sentence.

/// A word without the punctuation around it, in lower case.
pub fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}
