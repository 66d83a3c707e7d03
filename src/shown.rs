//! Invisible characters, and text in a form that is safe to show.

use std::borrow::Cow;

/// Whether a character shows nothing and stands for nothing: zero-width characters, marks of direction, soft hyphens,
/// tags and variant selectors, code points that are no character, and control characters other than spaces.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
        || is_no_character(c)
        || (c.is_control() && !c.is_whitespace())
}

/// Whether a code point is no character: such lie at the end of every plane and in a block of their own.
fn is_no_character(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || (u32::from(c) & 0xFFFE) == 0xFFFE
}

/// Whether a character moves a cursor, reverses text, begins a line or cannot be seen.
pub fn is_unsafe(c: char) -> bool {
    is_invisible(c) || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The most characters of a text that is quoted in a message.
const QUOTED: usize = 60;

/// A text in quotes, as a message shows it: in one line, and cut where it is long.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?} and {} bytes more", &text[..end], text.len() - end),
    }
}

/// Text that is safe on a terminal, in one line: control characters, invisible ones and line breaks are shown by
/// their number, such as `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Like [`visible`], for text of several lines, which stay lines.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| c != '\n' && is_unsafe(c)) {
        return Cow::Borrowed(text);
    }
    let line = |line: &str| visible(line).into_owned();
    Cow::Owned(text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
}

/// JSON in which every unsafe character within a text is written as `\uXXXX`: the same data.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    let is_unsafe = |c| c != '\n' && is_unsafe(c);
    if !json.contains(is_unsafe) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_unsafe(c) {
            let units =
                c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
            shown.push_str(&units);
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// A text without control characters, which could write over what a terminal shows.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The most characters of a value that an error shows.
const SHOWN: usize = 80;

/// At most 80 characters of a value.
pub fn shown(text: &str) -> String {
    // The value is cut first, for it may be as long as a file.
    let mut shown: String = plain(&text.chars().take(SHOWN).collect::<String>());
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown_by_its_number() {
        for (text, shown) in [
            ("Peñasco Police", "Peñasco Police"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{2066}b", "a\\u{2066}b"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("one\ntwo", "one\\u{a}two"),
            ("STATE\u{200b}", "STATE\\u{200b}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
