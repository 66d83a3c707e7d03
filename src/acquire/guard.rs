//! Checks a workbook before a parser reads it: its form, by its first bytes, and the size it inflates to.
//!
//! Downloaded workbooks are hostile until shown otherwise. Sizes are counted, not believed: an entry is
//! inflated up to the bound, whatever size it declares. It is inflated once: parsers get the content.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use crate::shown::{quoted, visible};
use crate::spec::Bounds;

/// The reason why a file is not read as a list. The file is set aside with it; the others go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("cannot be read: {message}")]
    Unreadable { message: String },
    #[error("is not what was stored: the disk, or somebody, has changed it; fetch it again, or restore it")]
    NotAsStored,
    #[error("is empty; download it again")]
    Empty,
    #[error("is a web page, not a workbook: the publisher answered with an error page; download it again")]
    WebPage,
    #[error("is {form}, which is not read; save it as .xlsx")]
    OtherForm { form: &'static str },
    #[error("is encrypted; save it without a password")]
    Encrypted,
    #[error("is neither an .xlsx workbook, nor an .ods one, nor a list as CSV")]
    UnknownKind,
    #[error(
        "is damaged, cut short or not of a form that is read ({message}); download it again, or save it as .xlsx"
    )]
    Damaged { message: String },
    #[error(
        "{what} is larger than {limit} {unit}, a bound of pipelines/agreements/source.toml or of the program"
    )]
    TooLarge { what: &'static str, limit: u64, unit: &'static str },
    #[error(
        "sheet {} row {row} column {column}: the cell is larger than {limit} characters, a bound of \
         pipelines/agreements/source.toml", quoted(.sheet)
    )]
    CellTooLarge { sheet: String, row: u32, column: u32, limit: usize },
    #[error("its zip archive names an entry {} that {what}; do not trust this file", quoted(.name))]
    SuspiciousEntry { name: String, what: &'static str },
    #[error(
        "made the parser give up: open it, save it as a new .xlsx and offer that; please report this file"
    )]
    GaveUp,
    #[error("sheet {}: no worksheet holds a value", quoted(.sheet))]
    NoSheet { sheet: String },
    #[error("sheet {}: none of its first rows is the header of a list; row {row} holds {said}", quoted(.sheet))]
    NoHeader { sheet: String, row: u32, said: String },
    #[error(
        "sheet {} row {row}: unknown header [{}]. The nearest layout is {nearest} [{}]. If ICE has \
         changed its columns, add to a copy of pipelines/agreements/layouts.toml below --root, with each new \
         header under its [headers]:\n{entry}",
        quoted(.sheet), headers.join(" | "), nearest_headers.join(" | ")
    )]
    UnknownHeader {
        sheet: String,
        row: u32,
        headers: Vec<String>,
        nearest: String,
        nearest_headers: Vec<String>,
        entry: String,
    },
    #[error(
        "is a participating list with a header and no rows: ICE has never had no agreement; download it again"
    )]
    NoRows,
    #[error(
        "is read and makes no sense as a list: of {rows} rows {said} ([sense] of \
         pipelines/agreements/source.toml); download it again, or look at it"
    )]
    NoSense { rows: usize, said: String },
    #[error("sheet {} row {row}: {message}", quoted(.sheet))]
    BadRow { sheet: String, row: u32, message: String },
    #[error(
        "its name carries no date of the form mmddyyyy or yyyymmddhhmmss, and it does not say when it was saved; rename it to the day it was published"
    )]
    NoDate,
    #[error(
        "its name says {digits}, {doubt}, and neither the workbook's own time stamp nor the lists beside it say which day is meant; rename it to the day it was published"
    )]
    Undated { digits: String, doubt: String },
}

/// A workbook's inflated entries; nothing else in the program inflates a workbook.
#[derive(Debug)]
pub struct Inflated {
    /// Name and content, in the order of the archive.
    pub entries: Vec<(String, Vec<u8>)>,
    /// Bytes of all contents.
    pub bytes: u64,
    /// Highest ratio of inflated to compressed size of a large entry.
    pub inflation: u64,
}

/// Checks a workbook's bytes and inflates them.
///
/// # Errors
/// The [`Refusal`] that fits, each with its own words.
pub fn guard(bytes: &[u8], bounds: &Bounds) -> Result<Inflated, Refusal> {
    kind_of(bytes)?;
    let damaged = |e: zip::result::ZipError| Refusal::Damaged { message: e.to_string() };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > bounds.zip_entries {
        return Err(Refusal::TooLarge {
            what: "its zip archive",
            limit: bounds.zip_entries as u64,
            unit: "entries",
        });
    }
    if listed_entries(bytes) != Some(archive.len()) {
        let message = "its directory lists an entry twice, or not as many as it says".to_owned();
        return Err(Refusal::Damaged { message });
    }
    let mut names = HashSet::new();
    let mut entries = Vec::with_capacity(archive.len());
    let mut left = bounds.inflated_bytes;
    let mut inflation = 0;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(damaged)?;
        // Messages name entries: invisible characters of a name are shown by their number.
        let name = visible(&entry.name().map_err(damaged)?).into_owned();
        let suspicious = |what| Err(Refusal::SuspiciousEntry { name: name.clone(), what });
        // Names as on Windows, or from the root, are allowed: some programs write them, and nothing is written to a
        // disk.
        let plain = name.replace('\\', "/").trim_start_matches('/').to_lowercase();
        if plain.split('/').any(|part| part == "..") {
            return suspicious("points outside the archive");
        }
        if !names.insert(plain) {
            return suspicious("is there twice");
        }
        if !is_named_alike(bytes, entry.header_start(), entry.name_raw()) {
            return Err(Refusal::Damaged { message: format!("{name}: its two names differ") });
        }
        let compressed = entry.compressed_size().max(1);
        // The declared size only reserves memory, at most `ROOM`, so a false one does no harm.
        let mut content = Vec::with_capacity(entry.size().min(left).min(ROOM) as usize);
        let inflated = entry.take(left + 1).read_to_end(&mut content);
        inflated.map_err(|e| Refusal::Damaged { message: format!("{name}: {e}") })?;
        left = left.checked_sub(content.len() as u64).ok_or(Refusal::TooLarge {
            what: "its inflated content",
            limit: bounds.inflated_bytes,
            unit: "bytes",
        })?;
        if content.len() as u64 > ROOM {
            inflation = inflation.max(content.len() as u64 / compressed);
        }
        if inflation > bounds.inflation {
            return Err(Refusal::TooLarge {
                what: "the inflation of an entry",
                limit: bounds.inflation,
                unit: "times its compressed size",
            });
        }
        entries.push((name, content));
    }
    Ok(Inflated { entries, bytes: bounds.inflated_bytes - left, inflation })
}

/// The number of entries that the archive's directory states: the library shows two entries of one name as one.
fn listed_entries(archive: &[u8]) -> Option<usize> {
    let end = memchr::memmem::rfind(archive, b"PK\x05\x06")?;
    let count = archive.get(end + 10..end + 12)?;
    let count = u16::from_le_bytes([count[0], count[1]]);
    if count < u16::MAX {
        return Some(usize::from(count));
    }
    // The number is in the record that only archives of more than 4 GB have.
    let end = memchr::memmem::rfind(&archive[..end], b"PK\x06\x06")?;
    let count: [u8; 8] = archive.get(end + 32..end + 40)?.try_into().ok()?;
    usize::try_from(u64::from_le_bytes(count)).ok()
}

/// Whether an entry's own header and the archive's directory give it the same name: no checksum covers names.
fn is_named_alike(archive: &[u8], header_start: u64, name: &[u8]) -> bool {
    let header =
        usize::try_from(header_start).ok().and_then(|start| archive.get(start..)).unwrap_or_default();
    let length = header.get(26..28).map_or(0, |two| usize::from(u16::from_le_bytes([two[0], two[1]])));
    header.get(30..30 + length) == Some(name)
}

/// Most bytes that are reserved for an entry's declared size; up to this size, its ratio is not checked.
const ROOM: u64 = 1_000_000;

/// Decides by its first bytes whether a file is an archive, as workbooks are.
///
/// # Errors
/// The reason why it is not an archive; [`Refusal::UnknownKind`] may be text.
pub fn kind_of(bytes: &[u8]) -> Result<(), Refusal> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let holds = |what: &[u8]| memchr::memmem::find(text, what).is_some();
    if text.is_empty() {
        Err(Refusal::Empty)
    } else if bytes.starts_with(b"PK\x03\x04") {
        Ok(())
    } else if text.starts_with(b"<?xml") && holds(b"schemas-microsoft-com:office:spreadsheet") {
        Err(Refusal::OtherForm { form: "an XML spreadsheet of 2003" })
    } else if text.starts_with(b"<?xml") && holds(b"urn:oasis:names:tc:opendocument") {
        Err(Refusal::OtherForm { form: "a flat .fods document" })
    } else if text.starts_with(b"<") {
        Err(Refusal::WebPage)
    } else if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        // An encrypted .xlsx is an OLE file with a stream of this name, in UTF-16.
        let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = bytes.windows(encrypted.len()).any(|window| window == encrypted);
        Err(if found { Refusal::Encrypted } else { Refusal::OtherForm { form: "an old .xls workbook" } })
    } else {
        Err(Refusal::UnknownKind)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use zip::write::SimpleFileOptions;

    const BOUNDS: Bounds = Bounds {
        file_bytes: 1_000_000,
        zip_entries: 4,
        inflated_bytes: 10_000,
        inflation: 100,
        rows: 100,
        columns: 10,
        cell_chars: 100,
        text_bytes: 100_000,
    };

    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn first_bytes_tell_the_kind() {
        let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice();
        let encrypted: Vec<u8> =
            ole.iter().copied().chain("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for (bytes, expected) in [
            (b"".as_slice(), Refusal::Empty),
            (b"  \n", Refusal::Empty),
            (b"\xEF\xBB\xBF<!DOCTYPE html>", Refusal::WebPage),
            (b"\n<html>", Refusal::WebPage),
            (
                b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                Refusal::OtherForm { form: "an XML spreadsheet of 2003" },
            ),
            (ole, Refusal::OtherForm { form: "an old .xls workbook" }),
            (&encrypted, Refusal::Encrypted),
            (b"STATE,AGENCY", Refusal::UnknownKind),
        ] {
            assert_eq!(guard(bytes, &BOUNDS).unwrap_err(), expected);
        }
    }

    #[test]
    fn sizes_are_counted_not_believed() {
        let fits = archive(&[("xl/workbook.xml", &[b'x'; 9_000])]);
        assert_eq!(guard(&fits, &BOUNDS).unwrap().bytes, 9_000);
        let bomb = archive(&[("xl/workbook.xml", b"x"), ("xl/sharedStrings.xml", &[b'x'; 10_000])]);
        assert!(bomb.len() < 1_000, "the bomb is small on disk");
        let refusal = guard(&bomb, &BOUNDS).unwrap_err();
        assert!(matches!(refusal, Refusal::TooLarge { what: "its inflated content", .. }), "{refusal}");
    }

    #[test]
    fn archives_with_too_many_or_odd_entries_are_refused() {
        let many: Vec<_> = ["a", "b", "c", "d", "e"].map(|name| (name, b"x".as_slice())).into();
        assert!(matches!(guard(&archive(&many), &BOUNDS), Err(Refusal::TooLarge { unit: "entries", .. })));
        for name in ["../evil", "/../etc/passwd", "xl\\..\\x"] {
            let odd = archive(&[(name, b"x"), ("xl/workbook.xml", b"x")]);
            assert!(matches!(guard(&odd, &BOUNDS), Err(Refusal::SuspiciousEntry { .. })), "{name}");
        }
        let twice = archive(&[("xl/workbook.xml", b"x"), ("XL/workbook.xml", b"x")]);
        assert!(matches!(guard(&twice, &BOUNDS), Err(Refusal::SuspiciousEntry { .. })));
        // The very same name twice, which the library takes for one entry.
        let mut same = archive(&[("xl/workbook.xml", b"x"), ("xl/workbooX.xml", b"y")]);
        while let Some(at) = memchr::memmem::find(&same, b"workbooX") {
            same[at + 7] = b'k';
        }
        assert!(matches!(guard(&same, &BOUNDS), Err(Refusal::Damaged { .. })));
    }

    #[test]
    fn a_workbook_cut_anywhere_is_damaged() {
        let whole = archive(&[("xl/workbook.xml", b"content that compresses a little, little, little")]);
        for end in (4..whole.len()).step_by(7) {
            assert!(guard(&whole[..end], &BOUNDS).is_err(), "cut at {end}");
        }
    }
}
