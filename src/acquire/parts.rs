//! Looks into a workbook's parts before a parser does: what would make it reserve, copy or pass over more than
//! the parts hold.
//!
//! No spreadsheet program writes comments, CDATA sections or document types into these parts; they can only
//! hide something from one reader that another sees.

use memchr::{memchr_iter, memmem};

use super::Refusal;

/// Shared texts a workbook may hold, or say that it holds; the archive's have at most 1,960.
const TEXTS: u64 = 1_000_000;
/// Cell formats of a workbook: a spreadsheet program allows 65,490.
const FORMATS: usize = 65_490;
/// Bytes that formats, or links, may come to when each takes as much as the longest.
const COPIED_BYTES: usize = 64_000_000;

/// Checks the parts of a workbook.
///
/// # Errors
/// The [`Refusal`] that fits.
pub(super) fn check(entries: &[(String, Vec<u8>)]) -> Result<(), Refusal> {
    let (mut links, mut longest_target) = (0, 0);
    for (name, xml) in entries {
        let lower = name.to_ascii_lowercase();
        let is_rels = lower.ends_with(".rels");
        let is_content = lower.starts_with("xl/") && lower.ends_with(".xml");
        if !is_rels && !is_content {
            continue;
        }
        if memmem::find(xml, b"<!").is_some() {
            let what =
                "holds a comment, a CDATA section or a document type, as no spreadsheet program writes";
            return Err(Refusal::SuspiciousEntry { name: name.clone(), what });
        }
        if lower == "xl/sharedstrings.xml" {
            check_texts(xml)?;
        } else if lower == "xl/styles.xml" {
            let formats = count(xml, b"<xf", FORMATS);
            within("its table of cell formats", formats, FORMATS, "formats")?;
            within("its table of cell formats", formats * longest_quoted(xml), COPIED_BYTES, "bytes")?;
        } else if lower.starts_with("xl/worksheets/") && !is_rels {
            links = links.max(check_rows(name, xml)?);
        } else if is_rels {
            longest_target = longest_target.max(longest_quoted(xml));
        }
    }
    within("the targets of its links", links.saturating_mul(longest_target), COPIED_BYTES, "bytes")
}

/// A shared text takes a parser some 24 bytes, however short it is, and room is made for as many as are said.
fn check_texts(xml: &[u8]) -> Result<(), Refusal> {
    let limit = TEXTS as usize;
    within("its table of texts", count(xml, b"<si", limit), limit, "texts")?;
    for at in memmem::find_iter(xml, b"ount=\"") {
        let digits: Vec<u8> = xml[at + 6..].iter().copied().take_while(u8::is_ascii_digit).take(20).collect();
        let said = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse::<u64>().ok());
        if !digits.is_empty() && said.is_none_or(|said| said > TEXTS) {
            return within("its table of texts", usize::MAX, limit, "texts");
        }
    }
    Ok(())
}

/// A sheet has its rows in one part, what lies beyond it would be passed over, and its links behind them. How
/// many links there are.
fn check_rows(name: &str, xml: &[u8]) -> Result<usize, Refusal> {
    let end = memmem::find(xml, b"</sheetData>").map_or(0, |at| at + 1);
    let beyond = &xml[end..];
    let rows: [&[u8]; 4] = [b"<sheetData>", b"</sheetData>", b"<row ", b"<row>"];
    if end > 0 && rows.iter().any(|row| memmem::find(beyond, row).is_some()) {
        return Err(Refusal::Damaged { message: format!("{name} holds its rows in more than one part") });
    }
    Ok(count(beyond, b"<hyperlink", usize::MAX))
}

fn count(xml: &[u8], what: &[u8], limit: usize) -> usize {
    memmem::find_iter(xml, what).take(limit.saturating_add(1)).count()
}

/// The longest stretch between two double quotes.
fn longest_quoted(xml: &[u8]) -> usize {
    let quotes: Vec<usize> = memchr_iter(b'"', xml).collect();
    quotes.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
}

fn within(what: &'static str, found: usize, limit: usize, unit: &'static str) -> Result<(), Refusal> {
    if found > limit { Err(Refusal::TooLarge { what, limit: limit as u64, unit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, xml: &str) -> Option<String> {
        check(&[(name.to_owned(), xml.as_bytes().to_vec())]).err().map(|refusal| refusal.to_string())
    }

    #[test]
    fn odd_parts_are_refused() {
        let (sheet, texts, styles) = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml");
        let formats = format!("<a b=\"{}\"/>{}", "x".repeat(100_000), "<xf/>".repeat(30_000));
        for (name, xml, expected) in [
            (sheet, "<sheetData><row r=\"1\"/></sheetData><hyperlinks/>".to_owned(), None),
            (sheet, "<sheetData/><rowBreaks/>".to_owned(), None),
            (sheet, "<sheetData></sheetData><sheetData></sheetData>".to_owned(), Some("more than one part")),
            (sheet, "<sheetData></sheetData><row r=\"2\"/>".to_owned(), Some("more than one part")),
            (sheet, "<sheetData/><!-- </sheetData> -->".to_owned(), Some("holds a comment")),
            (texts, "<!DOCTYPE sst [<!ENTITY a \"b\">]><sst/>".to_owned(), Some("holds a comment")),
            (texts, "<sst count=\"3\" uniqueCount=\"2\"><si/></sst>".to_owned(), None),
            (texts, "<sst uniqueCount=\"1000001\"/>".to_owned(), Some("1000000 texts")),
            (texts, "<sst uniqueCount=\"100000000000000000000000\"/>".to_owned(), Some("1000000 texts")),
            (texts, "<si/>".repeat(1_000_001), Some("1000000 texts")),
            (styles, "<xf/>".repeat(65_491), Some("65490 formats")),
            (styles, formats, Some("64000000 bytes")),
            ("docProps/app.xml", "<!-- fine -->".to_owned(), None),
        ] {
            let found = refused(name, &xml);
            match expected {
                None => assert_eq!(found, None),
                Some(part) => {
                    assert!(found.as_ref().is_some_and(|said| said.contains(part)), "{part}: {found:?}")
                }
            }
        }
    }

    #[test]
    fn a_long_target_of_many_links_is_refused() {
        let entry = |name: &str, xml: String| (name.to_owned(), xml.into_bytes());
        let rels = |length| {
            entry("xl/worksheets/_rels/sheet1.xml.rels", format!("<R Target=\"{}\"/>", "x".repeat(length)))
        };
        let sheet = entry("xl/worksheets/sheet1.xml", "<hyperlink r:id=\"rId1\"/>".repeat(2_000));
        assert!(check(&[sheet.clone(), rels(3_000)]).is_ok());
        assert!(matches!(check(&[sheet, rels(100_000)]), Err(Refusal::TooLarge { .. })));
    }
}
