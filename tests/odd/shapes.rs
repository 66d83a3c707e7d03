//! Workbooks in legal and illegal shapes, each with what must come of it.

use super::{NAME, numbers_as, read_as, renamed, shipped, utf_16};
use crate::support::assert_said;
use crate::support::books::*;

/// The fate of an odd file.
pub(super) enum Expected {
    /// Read as the short list, as it is.
    Same,
    /// Read as the short list, so many rows further down.
    Below(u32),
    /// Refused, with these words.
    Refused(&'static str),
}

use Expected::{Below, Refused, Same};

pub(super) type Case = (&'static str, Parts, Expected);

/// Puts every XML part into another encoding, which the part declares.
fn encoded(parts: &Parts, label: &str, encode: impl Fn(&str) -> Vec<u8>) -> Parts {
    let declared = |xml: &[u8]| {
        let xml = std::str::from_utf8(xml).unwrap();
        encode(&xml.replacen("encoding=\"UTF-8\"", &format!("encoding=\"{label}\""), 1))
    };
    parts.iter().map(|(name, xml)| (name.clone(), declared(xml))).collect()
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

pub(super) fn cases() -> Vec<Case> {
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
    assert_said!(read_as(NAME, archive(&made), &specs).unwrap_err());
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
    assert_said!(format!("{}\n\n{}", found.aside.join("\n"), read.aside.join("\n")));
    assert_eq!((read.lost_links, read.stray_cells), (1, 4));
}
