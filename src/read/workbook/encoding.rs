//! Decodes a part as text: its XML names the encoding it is written in.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::attributes::is_space;
use super::xml::damaged;
use crate::acquire::Refusal;
use crate::shown::quoted;

/// Decodes a part by its byte order mark, its form or its declaration; as UTF-8 where nothing says otherwise.
///
/// # Errors
/// An encoding that is not known, or bytes that are not of the encoding.
pub fn text<'a>(part: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Refusal> {
    let (encoding, skip) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (Some(encoding), length),
        None if bytes.starts_with(b"<\0") => (Some(UTF_16LE), 0),
        None if bytes.starts_with(b"\0<") => (Some(UTF_16BE), 0),
        None => (None, 0),
    };
    let bytes = &bytes[skip..];
    let encoding = match encoding {
        Some(encoding) => encoding,
        None => match declared(bytes) {
            None => UTF_8,
            // These labels have their own meaning here, not the one that browsers give them.
            Some(label) if matches!(label.as_str(), "iso-8859-1" | "latin1" | "us-ascii" | "ascii") => {
                return without_control(part, encoding_rs::mem::decode_latin1(bytes));
            }
            Some(label) => Encoding::for_label(label.as_bytes()).ok_or_else(|| Refusal::Damaged {
                message: format!("{part} is written in the encoding {}, which is not known", quoted(&label)),
            })?,
        },
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let text = text.ok_or_else(|| Refusal::Damaged {
        message: format!("{part} holds bytes that are no text in {}", encoding.name()),
    })?;
    without_control(part, text)
}

/// Returns the text, if its only control characters are those that XML allows. Many bytes are checked at a time.
fn without_control<'a>(part: &str, text: Cow<'a, str>) -> Result<Cow<'a, str>, Refusal> {
    let is_control = |byte: &u8| *byte < 0x20 && !is_space(byte);
    let has_control = |chunk: &[u8]| chunk.iter().fold(false, |found, byte| found | is_control(byte));
    if text.as_bytes().chunks(4_096).any(has_control) {
        return Err(damaged(part, "holds a control character, which XML does not allow"));
    }
    Ok(text)
}

/// The encoding that an XML declaration names, in lower case.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(256)];
    let head = std::str::from_utf8(head.get(..head.iter().position(|b| *b == b'>')?)?).ok()?;
    let after =
        head.strip_prefix("<?xml")?.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(after[1..].split_once(quote)?.0.trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_text_by_what_it_says() {
        let latin = |label: &str| {
            [format!("<?xml version='1.0' encoding='{label}'?><r>").as_bytes(), b"\xF1\x92</r>"].concat()
        };
        let utf_16: Vec<u8> = "<r>ñ</r>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, expected) in [
            ("<r>ñ</r>".as_bytes().to_vec(), Some("<r>ñ</r>")),
            (latin("ISO-8859-1"), Some("<r>ñ\u{92}</r>")),
            (latin("Windows-1252"), Some("<r>ñ\u{2019}</r>")),
            (latin("utf-8"), None),
            (latin("klingon"), None),
            ([latin("ISO-8859-1"), b"\x01".to_vec()].concat(), None),
            (b"<r>\x1b</r>".to_vec(), None),
            (utf_16.clone(), Some("<r>ñ</r>")),
            ([&[0xFE, 0xFF], utf_16.as_slice()].concat(), Some("<r>ñ</r>")),
        ] {
            let found = text("part.xml", &bytes);
            let found = found.as_ref().ok().map(|text| &text[text.find("<r>").unwrap()..]);
            assert_eq!(found, expected, "{bytes:?}");
        }
    }
}
