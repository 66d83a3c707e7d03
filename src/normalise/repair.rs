//! A value as it is read, and the rule that changed it.

use std::fmt::Display;

use crate::read::Text;

/// A value that was changed on its way, and the step that changed it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repair {
    /// The printed column.
    pub column: &'static str,
    pub step: &'static str,
    pub value_printed: Option<Text>,
    pub value: Option<String>,
    pub rule: String,
    pub evidence: Option<String>,
}

impl Repair {
    pub(super) fn is_of(&self, column: &str, step: &str) -> bool {
        (self.column, self.step) == (column, step)
    }
}

/// A value as read, and the rule that changed the printed form, if one had to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean<T> {
    /// `None`: nothing printed, or unreadable (then `fix` says so).
    pub value: Option<T>,
    pub fix: Option<Fix>,
}

/// Why a value is not what is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub rule: String,
    pub evidence: Option<String>,
}

impl<T> Clean<T> {
    /// A value as printed.
    pub fn same(value: T) -> Self {
        Self { value: Some(value), fix: None }
    }

    /// Nothing is printed.
    pub fn blank() -> Self {
        Self { value: None, fix: None }
    }

    /// A value that `rule` changed.
    pub fn fixed(value: T, rule: impl Into<String>, evidence: impl Display) -> Self {
        let fix = Fix { rule: rule.into(), evidence: Some(evidence.to_string()) };
        Self { value: Some(value), fix: Some(fix) }
    }

    /// A value that is printed and cannot be read.
    pub fn unknown(rule: &str, evidence: impl Display) -> Self {
        Self { value: None, fix: Some(Fix { rule: rule.into(), evidence: Some(evidence.to_string()) }) }
    }
}

/// The candidate nearest to `text` by edits (a swap of neighbours is one), if it is within `limit` and
/// no other candidate is as near.
pub fn nearest<'a, T>(
    text: &str,
    limit: usize,
    candidates: impl Iterator<Item = (T, &'a str)>,
) -> Option<(T, usize)> {
    let mut best: Option<(T, usize)> = None;
    let mut tied = false;
    for (candidate, name) in candidates {
        if name.len().abs_diff(text.len()) > limit {
            continue;
        }
        let distance = strsim::osa_distance(text, name);
        match &best {
            Some((_, least)) if distance > *least => {}
            Some((_, least)) if distance == *least => tied = true,
            _ if distance <= limit => (best, tied) = (Some((candidate, distance)), false),
            _ => {}
        }
    }
    best.filter(|_| !tied)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_unique_and_near() {
        let names = ["Harris", "Harrison", "Hardin"];
        let near = |text, limit| nearest(text, limit, names.iter().map(|n| (*n, *n)));
        assert_eq!(near("Harrs", 1), Some(("Harris", 1)));
        assert_eq!(near("Hrarison", 2), Some(("Harrison", 1)));
        assert_eq!(near("Hardis", 1), None, "Hardin and Harris are both one edit away");
        assert_eq!(near("Zavala", 2), None);
    }
}
