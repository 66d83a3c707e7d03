//! The shared texts of a workbook.

use super::SPREADSHEETML;
use super::attributes::trimmed;
use super::encoding::text;
use super::xml::{Budget, Tag, Xml};
use crate::acquire::Refusal;
use crate::shown::quoted;

/// Most shared texts that a workbook may hold; the archive's workbooks have at most 2,338. The number that a workbook
/// states reserves no memory.
const TEXTS: usize = 1_000_000;

/// Every shared text, one after another.
#[derive(Debug, Default)]
pub struct Strings {
    all: String,
    ends: Vec<usize>,
}

impl Strings {
    /// Reads the part that holds the texts.
    ///
    /// # Errors
    /// A part that cannot be read, or too many texts.
    pub fn read(part: &str, bytes: &[u8], budget: &Budget) -> Result<Self, Refusal> {
        let source = text(part, bytes)?;
        let mut xml = Xml::new(part, &source, SPREADSHEETML, budget);
        if xml.root()?.name() != "sst" {
            return Err(xml.damaged("is not a table of texts"));
        }
        let mut strings = Self::default();
        while let Some(tag) = xml.child()? {
            if tag.name() != "si" {
                xml.skip()?;
                continue;
            }
            if strings.ends.len() >= TEXTS {
                return Err(Refusal::TooLarge {
                    what: "its table of texts",
                    limit: TEXTS as u64,
                    unit: "texts",
                });
            }
            rich_text(&mut xml, &mut strings.all)?;
            strings.ends.push(strings.all.len());
        }
        xml.finish()?;
        Ok(strings)
    }

    /// The text with this number, counted from 0.
    pub fn get(&self, at: u64) -> Option<&str> {
        let at = usize::try_from(at).ok()?;
        let end = *self.ends.get(at)?;
        Some(&self.all[at.checked_sub(1).map_or(0, |before| self.ends[before])..end])
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Adds the text of an `si` or `is` element: its `t`, or those of its runs; the pronunciation is left out. Spaces at
/// the ends of the whole text count only where a `t` says so.
///
/// # Errors
/// XML that is not well formed, or a text in more than one form.
pub fn rich_text(xml: &mut Xml, found: &mut String) -> Result<(), Refusal> {
    let start = found.len();
    let (mut has_text, mut has_runs, mut keeps_spaces) = (false, false, false);
    while let Some(tag) = xml.child()? {
        match tag.name() {
            "t" if !has_text && !has_runs => {
                has_text = true;
                keeps_spaces |= push_text(xml, &tag, found)?;
            }
            "r" if !has_text => {
                has_runs = true;
                while let Some(tag) = xml.child()? {
                    match tag.name() {
                        "t" => keeps_spaces |= push_text(xml, &tag, found)?,
                        "rPr" => xml.skip()?,
                        name => {
                            return Err(
                                xml.damaged(format_args!("has an element {} in a text", quoted(name)))
                            );
                        }
                    }
                }
            }
            "t" | "r" => return Err(xml.damaged("holds a text in more than one form")),
            "rPh" | "phoneticPr" => xml.skip()?,
            name => return Err(xml.damaged(format_args!("has an element {} in a text", quoted(name)))),
        }
    }
    let whole = &found[start..];
    let kept = if keeps_spaces { whole } else { trimmed(whole) };
    let plain = unescaped(kept).or_else(|| (kept.len() < whole.len()).then(|| kept.to_owned()));
    if let Some(plain) = plain {
        found.truncate(start);
        found.push_str(&plain);
    }
    Ok(())
}

/// Adds the text of a `t` element; returns whether spaces at its ends count.
fn push_text(xml: &mut Xml, tag: &Tag, found: &mut String) -> Result<bool, Refusal> {
    let keeps_spaces = tag.attribute("xml:space")?.is_some_and(|space| space == "preserve");
    xml.text(found)?;
    Ok(keeps_spaces)
}

/// Replaces every `_xHHHH_` of a text by the character that it stands for, which XML cannot hold (ECMA-376, part 1,
/// 22.9.2.19); `None` where there is none.
pub fn unescaped(text: &str) -> Option<String> {
    let code = |at: usize| -> Option<u16> {
        let digits = text.get(at..at + 7)?.strip_prefix("_x")?.strip_suffix('_')?;
        let are_digits = digits.bytes().all(|b| b.is_ascii_hexdigit());
        are_digits.then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let mut plain = String::new();
    let (mut from, mut looked) = (0, 0);
    while let Some(at) = text[looked..].find("_x").map(|found| looked + found) {
        let Some(first) = code(at) else {
            looked = at + 2;
            continue;
        };
        // Characters beyond the first 65,536 are written as two.
        let pair = code(at + 7).map(|second| [first, second]);
        let (sign, length) = match pair
            .and_then(|pair| char::decode_utf16(pair).next()?.ok().filter(|c| c.len_utf16() == 2))
        {
            Some(sign) => (Some(sign), 14),
            None => (char::from_u32(u32::from(first)), 7),
        };
        let Some(sign) = sign else {
            looked = at + 7;
            continue;
        };
        plain.push_str(&text[from..at]);
        plain.push(sign);
        (from, looked) = (at + length, at + length);
    }
    if from == 0 {
        return None;
    }
    plain.push_str(&text[from..]);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_signs_are_signs() {
        for (written, plain) in [
            ("TEXAS_x000D_\n", Some("TEXAS\r\n")),
            ("_x005F_x000D_", Some("_x000D_")),
            ("_xD83D__xDE00_!", Some("\u{1F600}!")),
            ("_xD83D_", None),
            ("_x00e9_t_x00E9_", Some("été")),
            ("a_x_b_x00", None),
            ("_x00é9_", None),
        ] {
            assert_eq!(unescaped(written).as_deref(), plain, "{written}");
        }
    }
}
