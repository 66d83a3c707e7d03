//! Reading and looking up reference tables.

use std::collections::HashMap;

use serde::de::DeserializeOwned;

use crate::spec::{SpecError, SpecFiles};

/// The key under which a name is looked up: lower-case ASCII letters and digits, accents dropped,
/// `saint` for `st` and `sainte` for `ste`.
pub fn key(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    // Most names are plain letters, which no normal form changes.
    if name.is_ascii() {
        return key_of(name.chars());
    }
    key_of(name.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)))
}

fn key_of(letters: impl Iterator<Item = char>) -> String {
    let mut out = String::with_capacity(letters.size_hint().0);
    // Where the current word begins in `out`.
    let mut start = 0;
    let end_word = |out: &mut String, start: &mut usize| {
        let long = match &out[*start..] {
            "st" => "saint",
            "ste" => "sainte",
            _ => "",
        };
        if !long.is_empty() {
            out.replace_range(*start.., long);
        }
        *start = out.len();
    };
    for c in letters {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !c.is_ascii() && c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !is_apostrophe(c) {
            end_word(&mut out, &mut start);
        }
    }
    end_word(&mut out, &mut start);
    out
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{FF07}' | '`')
}

/// Rows of a reference table.
pub(super) fn rows<T: DeserializeOwned>(files: &SpecFiles, file: &str) -> Result<Vec<T>, SpecError> {
    let bytes = files.bytes(file)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().collect::<Result<_, _>>().map_err(|e| SpecError::says(file, e.to_string()))
}

/// Positions by key; several where a key is not unique.
pub(super) type Index<K> = HashMap<K, Vec<u32>>;

pub(super) fn index<K: Eq + std::hash::Hash>(keys: impl Iterator<Item = K>) -> Index<K> {
    let mut index: Index<K> = HashMap::new();
    for (at, key) in keys.enumerate() {
        index.entry(key).or_default().push(at as u32);
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_forget_what_lists_get_wrong() {
        for (name, expected) in [
            ("St. Johns County", "saintjohnscounty"),
            ("Saint Johns  county", "saintjohnscounty"),
            ("Doña Ana", "donaana"),
            ("Prince George\u{2019}s", "princegeorges"),
            ("Miami-Dade", "miamidade"),
            ("Ste. Genevieve", "saintegenevieve"),
            ("Stanly", "stanly"),
            ("", ""),
        ] {
            assert_eq!(key(name), expected, "{name}");
        }
    }
}
