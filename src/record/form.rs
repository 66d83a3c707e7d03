//! Cells of the record as text: tabs, line breaks and characters that nobody sees are spelled out.

use std::borrow::Cow;
use std::fmt::Write;

use crate::addresses::{unwrapped, wrapped};
use crate::shown::is_unsafe;

/// The mark before a cell's text in memory: whether the list's own prefix of links precedes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellMark {
    Plain,
    Linked,
}

const PLAIN: char = '=';
const LINKED: char = 'p';

/// Marks a cell's text. Cells of two lists that differ in the prefix of links only get the same marked text.
pub fn mark(text: &str, prefix: Option<&str>) -> String {
    match prefix.and_then(|prefix| text.strip_prefix(prefix)) {
        Some(rest) => format!("{LINKED}{rest}"),
        None => format!("{PLAIN}{text}"),
    }
}

/// Splits a marked text into its mark and its text.
pub fn unmark(marked: &str) -> (CellMark, &str) {
    match marked.strip_prefix(LINKED) {
        Some(rest) => (CellMark::Linked, rest),
        None => (CellMark::Plain, marked.strip_prefix(PLAIN).unwrap_or(marked)),
    }
}

/// Writes a text as it stands in a line.
pub fn escape(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !(c == '\\' || is_unsafe(c) || (c.is_whitespace() && c != ' '));
    if text.chars().all(is_plain) && !text.starts_with(' ') && !text.ends_with(' ') {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 8);
    let last = text.len() - text.chars().next_back().map_or(0, char::len_utf8);
    for (at, c) in text.char_indices() {
        match c {
            '\\' => line.push_str("\\\\"),
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            ' ' if at == 0 || at == last => line.push_str("\\s"),
            c if is_plain(c) => line.push(c),
            c => write!(line, "{}", c.escape_unicode()).expect("writing to a string does not fail"),
        }
    }
    Cow::Owned(line)
}

/// Reads back a text that [`escape`] wrote.
///
/// # Errors
/// A backslash is followed by none of its forms.
pub fn unescape(line: &str) -> Result<Cow<'_, str>, String> {
    if !line.contains('\\') {
        return Ok(Cow::Borrowed(line));
    }
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let mut chars = after.chars();
        let unknown = || format!("{after:?} after a backslash stands for nothing");
        match chars.next() {
            Some('\\') => text.push('\\'),
            Some('t') => text.push('\t'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('s') => text.push(' '),
            Some('u') => {
                let (digits, after) = after
                    .strip_prefix("u{")
                    .and_then(|digits| digits.split_once('}'))
                    .filter(|(digits, _)| matches!(digits.len(), 1..=6))
                    .ok_or_else(unknown)?;
                let c = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).ok_or_else(unknown)?;
                text.push(c);
                rest = after;
                continue;
            }
            _ => return Err(unknown()),
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
    Ok(Cow::Owned(text))
}

/// Writes a cell as it stands in a line of its own: a blank one is `\b`.
pub fn named_cell(marked: Option<&str>) -> String {
    marked.map_or_else(|| "\\b".to_owned(), cell_line)
}

/// Writes a marked cell as it stands in a line.
pub fn cell_line(marked: &str) -> String {
    match unmark(marked) {
        (CellMark::Linked, text) => format!("\\p{}", escape(text)),
        (CellMark::Plain, text) => match unwrapped(text) {
            Some(target) => format!("\\w{}", escape(&target)),
            None => escape(text).into_owned(),
        },
    }
}

/// Reads a cell of a line, with its mark; `None` for a blank one.
///
/// # Errors
/// A backslash is followed by none of its forms.
pub fn cell_marked(line: &str) -> Result<Option<String>, String> {
    if line.is_empty() || line == "\\b" {
        return Ok(None);
    }
    if let Some(rest) = line.strip_prefix("\\p") {
        return Ok(Some(format!("{LINKED}{}", unescape(rest)?)));
    }
    if let Some(target) = line.strip_prefix("\\w") {
        return Ok(Some(format!("{PLAIN}{}", wrapped(&unescape(target)?))));
    }
    Ok(Some(format!("{PLAIN}{}", unescape(line)?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_nobody_sees_is_spelled_out() {
        for (text, line) in [
            ("Bay County", "Bay County"),
            ("Bay County ", "Bay County\\s"),
            (" ", "\\s"),
            ("a\u{a0}b\tc\nd\\", "a\\u{a0}b\\tc\\nd\\\\"),
            ("<<<<<<< HEAD", "<<<<<<< HEAD"),
            ("\u{202e}x", "\\u{202e}x"),
        ] {
            assert_eq!(escape(text), line);
            assert_eq!(unescape(line).unwrap(), text);
        }
        for line in ["\\", "\\x", "\\u{", "\\u{}", "\\u{110000}", "\\u{d800}", "\\p"] {
            assert!(unescape(line).is_err(), "{line}");
        }
    }

    #[test]
    fn links_are_written_without_what_wraps_them() {
        let archived = "https://web.archive.org/web/20210113002027/";
        let text = format!("{archived}https://www.ice.gov/x.pdf");
        assert_eq!(cell_line(&mark(&text, Some(archived))), "\\phttps://www.ice.gov/x.pdf");
        let tracked = wrapped("https://www.ice.gov/a b.pdf?x=1&y=%20");
        assert_eq!(cell_line(&mark(&tracked, None)), "\\whttps://www.ice.gov/a b.pdf?x=1&y=%20");
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(text in "\\PC{0,20}|[ \\t\\n\\r\\\\\u{a0}a]{0,8}|.{0,12}", is_wrapped: bool) {
            let text = if is_wrapped { wrapped(&text) } else { text };
            let marked = mark(&text, Some("https://web"));
            let line = cell_line(&marked);
            prop_assert!(!line.contains(['\t', '\n', '\r']) && line.trim() == line);
            let back = cell_marked(&line).unwrap();
            prop_assert_eq!(back.is_none(), line.is_empty());
            prop_assert_eq!(back.unwrap_or_else(|| mark("", None)), marked);
        }
    }
}
