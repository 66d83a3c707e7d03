//! The file name in a `Content-Disposition` header: since April 2026 the only place where ICE says which list an
//! address gives.
//!
//! `filename*` (RFC 8187) takes precedence over `filename` (RFC 6266). Servers write the header in more ways than the
//! standard has, so this accepts what browsers accept: capitals, blanks around `=`, a name without quotes or with a
//! quote that is never opened or closed, encoded words (RFC 2047), percent-encoding, a path.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use encoding_rs::Encoding;
use percent_encoding::percent_decode_str;

/// Bytes of a header that are looked at.
const HEADER: usize = 8_000;

/// The file name that a header gives, without a path; `None` where it gives none.
pub fn file_name(header: &str) -> Option<String> {
    let header = match header.char_indices().nth(HEADER) {
        Some((end, _)) => &header[..end],
        None => header,
    };
    let parameters = parameters(header);
    let find =
        |name: &str| parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let extended = find("filename*").and_then(extended).and_then(|name| bare_name(&name));
    extended.or_else(|| {
        let name = find("filename")?;
        let words = encoded_words(name);
        let name = match &words {
            Some(words) => words.clone(),
            None => percent_decode_str(name).decode_utf8().map_or_else(|_| name.to_owned(), Into::into),
        };
        bare_name(&name)
    })
}

/// Returns the names, in lower case, and values of a header's parameters. A semicolon within quotes ends nothing.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = header;
    while let Some(at) = rest.find(['=', ';']) {
        let (name, after) = (&rest[..at], &rest[at + 1..]);
        if rest[at..].starts_with(';') {
            rest = after;
            continue;
        }
        let value = after.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = value.find(';').unwrap_or(value.len());
                // A quote that was never opened.
                (value[..end].trim().trim_matches('"').to_owned(), &value[end..])
            }
        };
        found.push((name.trim().to_ascii_lowercase(), value));
        rest = after;
    }
    found
}

/// Returns a text up to its closing quote, or all of it where there is none, and the rest. A backslash escapes a quote
/// or another backslash; before anything else it is part of a path.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => match chars.peek() {
                Some((_, next @ ('"' | '\\'))) => {
                    value.push(*next);
                    chars.next();
                }
                _ => value.push(c),
            },
            c => value.push(c),
        }
    }
    // Without its closing quote a value ends where the next parameter begins.
    match value.find(';') {
        Some(end) if value[end..].contains('=') => (value[..end].trim_end().to_owned(), ""),
        _ => (value, ""),
    }
}

/// Decodes a value such as `UTF-8'en'na%C3%AFve.xlsx`; `None` where it has another form, or is not in its charset.
fn extended(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let (charset, _language, name) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes: Vec<u8> = percent_decode_str(name).collect();
    decoded(charset, &bytes)
}

fn decoded(charset: &str, bytes: &[u8]) -> Option<String> {
    let encoding = Encoding::for_label(charset.trim().as_bytes())?;
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(Into::into)
}

/// Decodes the encoded words of a text (`=?utf-8?B?…?=`); `None` where it has none, or one that is damaged.
fn encoded_words(text: &str) -> Option<String> {
    let mut whole = String::new();
    let mut rest = text;
    let mut is_after_word = false;
    while let Some(start) = rest.find("=?") {
        let between = &rest[..start];
        // Blanks between two encoded words are not part of the text.
        if !(is_after_word && between.trim().is_empty()) {
            whole.push_str(between);
        }
        let mut parts = rest[start + 2..].splitn(3, '?');
        let (charset, coding, tail) = (parts.next()?, parts.next()?, parts.next()?);
        let (content, after) = tail.split_once("?=")?;
        let bytes = match coding {
            "B" | "b" => {
                BASE64_STANDARD.decode(content).or_else(|_| BASE64_STANDARD_NO_PAD.decode(content)).ok()?
            }
            "Q" | "q" => {
                percent_decode_str(&content.replace('%', "=25").replace('_', " ").replace('=', "%")).collect()
            }
            _ => return None,
        };
        whole.push_str(&decoded(charset.split('*').next()?, &bytes)?);
        (rest, is_after_word) = (after, true);
    }
    is_after_word.then(|| whole + rest)
}

/// The last part of a path, without characters that no name has.
fn bare_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next()?;
    let plain: String = last.chars().filter(|c| !c.is_control()).collect();
    let plain = plain.trim().trim_matches('"').trim();
    (!plain.is_empty() && plain.chars().any(|c| c != '.')).then(|| plain.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_as_servers_write_them() {
        let expected = Some("participatingAgencies05182026am.xlsx");
        for header in [
            r#"attachment; filename="participatingAgencies05182026am.xlsx""#,
            "attachment; filename=participatingAgencies05182026am.xlsx",
            r#"attachment;filename="participatingAgencies05182026am.xlsx";size=12"#,
            r#"ATTACHMENT; FILENAME="participatingAgencies05182026am.xlsx""#,
            r#"attachment; filename = "participatingAgencies05182026am.xlsx""#,
            r#"attachment; Filename =participatingAgencies05182026am.xlsx ; x=y"#,
            r#"filename="participatingAgencies05182026am.xlsx""#,
            // A quote that is never opened, or never closed.
            r#"attachment; filename=participatingAgencies05182026am.xlsx""#,
            r#"attachment; filename="participatingAgencies05182026am.xlsx"#,
            r#"attachment; filename="participatingAgencies05182026am.xlsx; size=12"#,
            // RFC 8187, which takes precedence.
            "attachment; filename*=UTF-8''participatingAgencies05182026am.xlsx",
            "attachment; filename=old.xlsx; filename*=utf-8'en'participatingAgencies05182026am.xlsx",
            r#"attachment; filename*="UTF-8''participatingAgencies05182026am%2Exlsx"; filename="old.xlsx""#,
            "attachment; FILENAME* = iso-8859-1''participatingAgencies05182026am.xlsx",
            // A `filename*` that is damaged is ignored.
            r#"attachment; filename*=UTF-8''%FF%FE; filename="participatingAgencies05182026am.xlsx""#,
            r#"attachment; filename*=nonsense; filename="participatingAgencies05182026am.xlsx""#,
            // RFC 2047.
            r#"attachment; filename="=?UTF-8?B?cGFydGljaXBhdGluZ0FnZW5jaWVzMDUxODIwMjZhbS54bHN4?=""#,
            "attachment; filename==?utf-8?Q?participatingAgencies05182026am=2Exlsx?=",
            r#"attachment; filename="=?utf-8?q?participatingAgencies?= =?utf-8?q?05182026am.xlsx?=""#,
            // A path, and percent-encoding.
            r#"attachment; filename="../../etc/participatingAgencies05182026am.xlsx""#,
            r#"attachment; filename="C:\doclib\participatingAgencies05182026am.xlsx""#,
            "attachment; filename*=UTF-8''..%2F..%2FparticipatingAgencies05182026am.xlsx",
            r#"attachment; filename="participatingAgencies05182026am%2Exlsx""#,
            "attachment; filename=\"participating\u{0}Agencies05182026am.xlsx\"",
        ] {
            assert_eq!(file_name(header).as_deref(), expected, "{header}");
        }
        for (header, expected) in [
            (r#"attachment; filename="a;b \"c\" 05182026.xlsx""#, Some("a;b \"c\" 05182026.xlsx")),
            (
                r#"attachment; filename="287(g) Participating Agencies 05182026am""#,
                Some("287(g) Participating Agencies 05182026am"),
            ),
            ("attachment; filename*=UTF-8''na%C3%AFve%20list.xlsx", Some("naïve list.xlsx")),
            ("attachment; filename=100%.xlsx", Some("100%.xlsx")),
            ("attachment", None),
            ("inline; filename=", None),
            (r#"attachment; filename="""#, None),
            (r#"attachment; filename="..""#, None),
            (r#"attachment; x="filename=evil.xlsx""#, None),
            ("", None),
        ] {
            assert_eq!(file_name(header).as_deref(), expected, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_a_panic_and_no_name_has_a_path(header in r#"(attachment; ?)?[fF]ilename\*? ?=.{0,60}"#) {
            if let Some(name) = file_name(&header) {
                prop_assert!(!name.contains(['/', '\\']) && name != "." && name != "..");
            }
        }
    }
}
