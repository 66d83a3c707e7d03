//! Workbooks that want to do harm, or were cut on their way: each is refused with a reason, never with a panic, never
//! read in part, never with more than 512 MB.

use std::io::{Cursor, Write};

use coverage287::acquire::{Offered, OfferedContent, Refusal};
use coverage287::read::ReadFile;
use coverage287::spec::{SpecFiles, Specs};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::support::books::{Parts, archive_with, entries};
use crate::support::numbers::Numbers;
use crate::support::{BAY, HEADERS, Row, assert_said, program, workbook, workbook_with};

/// Resident memory that no input may make the program pass.
const MEMORY_LIMIT: u64 = 512 << 20;

fn offered(file_name: &str, bytes: Vec<u8>) -> Offered {
    Offered {
        file_name: file_name.into(),
        is_named: true,
        content: OfferedContent::Bytes(bytes),
        content_sha256: None,
        stored_as: None,
    }
}

/// Set for the process that reports how much memory it takes.
const CHILD: &str = "COVERAGE287_HOSTILE_CHILD";

fn read_bytes(bytes: Vec<u8>, specs: &Specs) -> ReadFile {
    let offered = offered("participatingAgencies06062025am.xlsx", bytes);
    let file = crate::support::read_one(&offered, specs);
    // A panic is caught and becomes a refusal; the test is that there is none.
    assert_ne!(file.list.as_ref().err(), Some(&Refusal::GaveUp));
    file
}

/// Ends a test: where asked for, prints the most memory that the process has held so far.
fn say_peak() {
    if let (Some(_), Some(peak)) = (std::env::var_os(CHILD), peak_memory()) {
        println!("peak so far: {peak}");
    }
}

fn shipped() -> Specs {
    Specs::load(&SpecFiles::default()).unwrap()
}

fn made(make: impl FnOnce(&std::path::Path)) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made.xlsx");
    make(&path);
    std::fs::read(path).unwrap()
}

/// Makes a workbook with two rows.
fn two_rows() -> Vec<u8> {
    made(|path| workbook(path, &[BAY, Row { agency: "Gulf County Sheriff's Office", ..BAY }]))
}

/// Makes an archive of these entries, which are not compressed.
fn archive(entries: &Parts) -> Vec<u8> {
    archive_with(entries, CompressionMethod::Stored)
}

/// Makes a workbook of two rows with one entry replaced.
fn with_entry(name: &str, make: impl Fn(&str) -> String) -> Vec<u8> {
    let mut entries = entries(&two_rows());
    let entry = entries.iter_mut().find(|(entry, _)| entry == name).unwrap();
    entry.1 = make(std::str::from_utf8(&entry.1).unwrap()).into_bytes();
    archive(&entries)
}

/// Returns the most memory this process has held, in bytes.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[test]
fn far_apart_cells_take_no_memory() {
    let specs = shipped();
    let bytes = made(|path| {
        workbook_with(path, &HEADERS, &[BAY], |sheet| {
            sheet.write_string(1_048_575, 16_383, "far").unwrap();
        });
    });
    let refusal = read_bytes(bytes, &specs).list.unwrap_err();
    assert_said!(refusal);
    let bytes = made(|path| {
        workbook_with(path, &HEADERS, &[BAY], |sheet| {
            sheet.write_blank(1_048_575, 16_383, &rust_xlsxwriter::Format::new().set_bold()).unwrap();
        });
    });
    let list = read_bytes(bytes, &specs).list.unwrap();
    assert_eq!((list.rows.len(), list.blank_rows), (1, 0));
    say_peak();
}

#[test]
fn a_shared_string_of_600_mb_in_a_small_file() {
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries(&two_rows()) {
        bomb.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        if name == "xl/sharedStrings.xml" {
            bomb.write_all(b"<sst><si><t>").unwrap();
            let megabyte = vec![b'a'; 1 << 20];
            (0..600).for_each(|_| bomb.write_all(&megabyte).unwrap());
            bomb.write_all(b"</t></si></sst>").unwrap();
        } else {
            bomb.write_all(&content).unwrap();
        }
    }
    let bomb = bomb.finish().unwrap().into_inner();
    assert!(bomb.len() < 4_000_000, "{} bytes", bomb.len());
    let refusal = read_bytes(bomb.clone(), &shipped()).list.unwrap_err();
    assert!(matches!(refusal, Refusal::TooLarge { what: "its inflated content", .. }), "{refusal}");

    // The program as a process, beside a list that is whole.
    let dir = tempfile::tempdir().unwrap();
    let lists = dir.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    workbook(&lists.join("participatingAgencies06062025am.xlsx"), &[BAY]);
    for name in ["participatingAgencies05092025am.xlsx", "participatingAgencies05102025am.xlsx"] {
        std::fs::write(lists.join(name), &bomb).unwrap();
    }
    let (lists, out) = (lists.to_str().unwrap(), dir.path().join("out"));
    program().args(["--lists", lists, "--out", out.to_str().unwrap()]).assert().success();
    let run = std::fs::read(out.join("current/run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_slice(&run).unwrap();
    assert_eq!(run["counts"]["lists_quarantined"], 2);
    if let Some(peak) = run["peak_memory_bytes"].as_u64() {
        println!("peak of the run beside two bombs: {} MB", peak >> 20);
        assert!(peak < MEMORY_LIMIT, "{peak}");
    }
    say_peak();
}

#[test]
fn many_short_texts_are_refused_before_they_are_parsed() {
    let crowd = with_entry("xl/sharedStrings.xml", |_| format!("<sst>{}</sst>", "<si/>".repeat(2_000_000)));
    let refusal = read_bytes(crowd, &shipped()).list.unwrap_err();
    assert!(matches!(refusal, Refusal::TooLarge { what: "its table of texts", .. }), "{refusal}");
    say_peak();
}

#[test]
fn nested_entities_are_not_expanded() {
    let specs = shipped();
    let mut entities = "<!ENTITY a0 \"ha\">".to_owned();
    for n in 1..20 {
        entities.push_str(&format!("<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10)));
    }
    let doctype = format!("<!DOCTYPE sst [{entities}]>");
    let laughing = with_entry("xl/sharedStrings.xml", |xml| {
        xml.replacen("<sst", &format!("{doctype}<sst"), 1).replacen("FLORIDA", "&a19;", 1)
    });
    // The list is refused, or read with the reference as it stands: never with its ten trillion letters.
    if let Ok(list) = read_bytes(laughing, &specs).list {
        let longest = list.texts.iter().map(str::len).max();
        assert!(longest < Some(1_000), "{longest:?}");
    }
    let external = with_entry("xl/sharedStrings.xml", |xml| {
        let doctype = "<!DOCTYPE sst [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
        xml.replacen("<sst", &format!("{doctype}<sst"), 1).replacen("FLORIDA", "&a;", 1)
    });
    if let Ok(list) = read_bytes(external, &specs).list {
        assert!(list.texts.iter().all(|text| !text.contains("root:")));
    }
    say_peak();
}

#[test]
fn deep_and_endless_xml_is_no_harm() {
    let specs = shipped();
    for (name, from, to) in [
        ("xl/worksheets/sheet1.xml", "<sheetData>", "<a>".repeat(500_000)),
        ("xl/worksheets/sheet1.xml", "</sheetData>", "</sheetData><sheetData>".repeat(10_000)),
        ("xl/sharedStrings.xml", "<si>", "<si><r>".repeat(100_000)),
        ("xl/styles.xml", "<cellXfs", "<xf/>".repeat(500_000)),
        ("xl/workbook.xml", "<sheets>", "<sheets>".repeat(100_000)),
        ("xl/workbook.xml", "</sheets>", "<sheet name=\"x\" sheetId=\"9\" r:id=\"rId1\"/>".repeat(50_000)),
    ] {
        let bytes = with_entry(name, |xml| xml.replacen(from, &to, 1));
        // Any result is right.
        drop(read_bytes(bytes, &specs).list);
    }
    say_peak();
}

#[test]
fn a_workbook_cut_at_every_64th_byte_is_refused() {
    let specs = shipped();
    let whole = two_rows();
    assert_eq!(read_bytes(whole.clone(), &specs).list.unwrap().rows.len(), 2);
    for end in (0..whole.len()).step_by(64) {
        let refusal = read_bytes(whole[..end].to_vec(), &specs).list.unwrap_err();
        assert!(!refusal.to_string().is_empty(), "cut at {end}");
    }
    say_peak();
}

#[test]
fn a_flipped_byte_makes_no_panic_and_no_part_of_a_list() {
    let specs = shipped();
    let whole = two_rows();
    let expected = read_bytes(whole.clone(), &specs).list.unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xFF;
        // Bytes that no reader looks at (time stamps, comments) leave the list whole.
        if let Ok(list) = read_bytes(bytes, &specs).list {
            assert_eq!((&list.rows, &list.texts), (&expected.rows, &expected.texts), "flipped at {at}");
        }
    }
    say_peak();
}

/// Texts that are put into the middle of an entry.
const SPLINTERS: [&str; 14] = [
    "<",
    ">",
    "\"",
    "&#0;",
    "&#xFFFFFFFF;",
    "&amp",
    "]]>",
    "<!--",
    "r=\"XFD1048576\"",
    "r=\"A99999999999\"",
    "t=\"s\"",
    "<v>4294967296</v>",
    "-1",
    "\u{feff}",
];

/// Twenty thousand workbooks, half of them with mutated bytes, half with mutated content under a sound archive.
#[test]
fn twenty_thousand_mutated_workbooks() {
    let specs = shipped();
    let whole = two_rows();
    let parts = entries(&whole);
    let expected = read_bytes(whole.clone(), &specs).list.unwrap();
    let mut numbers = Numbers(0x2870_2025_0606_2871);
    let (mut read, mut refused) = (0, 0);
    for round in 0..20_000 {
        let is_raw = round % 2 == 0;
        let bytes = if is_raw {
            let mut bytes = whole.clone();
            for _ in 0..=numbers.below(8) {
                let at = numbers.below(bytes.len());
                bytes[at] = numbers.below(256) as u8;
            }
            bytes
        } else {
            let mut parts = parts.clone();
            for _ in 0..=numbers.below(3) {
                let part = numbers.below(parts.len());
                mutate(&mut parts[part].1, &mut numbers);
            }
            archive(&parts)
        };
        match read_bytes(bytes, &specs).list {
            Ok(list) => {
                read += 1;
                // The archive's own checksums distinguish a changed byte from a changed list.
                let is_same = list.rows == expected.rows && list.texts == expected.texts;
                assert!(!is_raw || is_same, "round {round}: a part of a list");
            }
            Err(refusal) => {
                refused += 1;
                assert!(!refusal.to_string().is_empty());
            }
        }
    }
    println!("20000 mutated workbooks: {read} read, {refused} refused");
    assert!(read > 100 && refused > 1_000, "{read} {refused}");
    say_peak();
}

fn mutate(content: &mut Vec<u8>, numbers: &mut Numbers) {
    let at = numbers.below(content.len());
    let length = numbers.below(40).min(content.len() - at);
    match numbers.below(4) {
        0 => drop(content.drain(at..at + length)),
        1 => {
            let copy = content[at..at + length].to_vec();
            content.splice(at..at, copy);
        }
        2 => {
            let splinter = SPLINTERS[numbers.below(SPLINTERS.len())];
            content.splice(at..at, splinter.bytes());
        }
        _ => {
            if let Some(byte) = content.get_mut(at) {
                *byte = numbers.below(256) as u8;
            }
        }
    }
}

/// Runs all tests above once more in a process of their own, which then says how much memory it took.
#[test]
fn hostile_inputs_stay_below_512_mb() {
    if std::env::var_os(CHILD).is_some() {
        return;
    }
    // Address space is limited to 2 GB: a test that asks for more aborts, and with it everything.
    let output = std::process::Command::new("sh")
        .args([
            "-c",
            "ulimit -v 2000000 && exec \"$0\" hostile:: --skip stay_below --nocapture --test-threads 2",
        ])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let peaks =
        said.lines().filter_map(|line| line.split_once("peak so far: ")?.1.trim().parse::<u64>().ok());
    if let Some(peak) = peaks.max() {
        println!("peak of all hostile inputs together: {} MB", peak >> 20);
        assert!(peak < MEMORY_LIMIT, "{peak}");
    }
}

#[test]
fn a_tidy_list_with_odd_row_numbers_is_refused() {
    let specs = shipped();
    let header = "ROW,STATE,LAW ENFORCEMENT AGENCY,SUPPORT TYPE,SIGNED,MOA\n";
    for (rows, expected) in [
        ("1,FLORIDA,a,b,c,d\n", "does not come after"),
        ("3,FLORIDA,a,b,c,d\n3,FLORIDA,a,b,c,d\n", "does not come after"),
        ("4294967296,FLORIDA,a,b,c,d\n", "is not a row number"),
        ("-2,FLORIDA,a,b,c,d\n", "is not a row number"),
        ("2,FLORIDA,a\n", "has 3 cells, and the header has 6"),
        ("2,\"FLORIDA,a,b,c,d\n", "a quote is not closed"),
        ("2,\"FLORIDA,a,b,c,d\n3,FLORIDA,a,b,c,d\n4,x\",a,b,c,d\n", "a quote is closed rows later"),
    ] {
        let offered = offered("list06062025.csv", format!("{header}{rows}").into_bytes());
        let refusal = crate::support::read_one(&offered, &specs).list.unwrap_err();
        assert!(refusal.to_string().contains(expected), "{refusal}");
    }
    say_peak();
}

/// Returns every bomb: what it is, its bytes, and the words of the refusal, none if it does no harm and is read.
fn bombs() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    const SHEET: &str = "xl/worksheets/sheet1.xml";
    const RELS: &str = "xl/worksheets/_rels/sheet1.xml.rels";
    const TEXTS: &str = "xl/sharedStrings.xml";
    let rows = |content: String| {
        with_entry(SHEET, |xml| xml.replacen("</sheetData>", &format!("{content}</sheetData>"), 1))
    };
    let behind = |content: String| {
        with_entry(SHEET, |xml| xml.replacen("</sheetData>", &format!("</sheetData>{content}"), 1))
    };
    let long_target = |links: String| {
        let mut parts = entries(&behind(format!("<hyperlinks>{links}</hyperlinks>")));
        let rel = format!(
            "<Relationships><Relationship Id=\"a\" Type=\"x/hyperlink\" Target=\"https://{}\" TargetMode=\"External\"/></Relationships>",
            "x".repeat(900_000)
        );
        parts.retain(|(name, _)| name != RELS);
        parts.push((RELS.to_owned(), rel.into_bytes()));
        for part in parts.iter_mut().filter(|(name, _)| name == SHEET) {
            let xml = String::from_utf8(part.1.clone()).unwrap();
            let start = xml.rfind("<hyperlinks>").unwrap();
            let before = xml[..start].replace("<hyperlinks>", "<x>").replace("</hyperlinks>", "</x>");
            part.1 = format!("{before}{}", &xml[start..]).into_bytes();
        }
        archive(&parts)
    };
    let repeated = |count: usize, make: &dyn Fn(usize) -> String| (0..count).map(make).collect::<String>();
    let spaces = |cells: usize| {
        let parts = entries(&rows(repeated(cells / 8, &|row| {
            let cells = repeated(8, &|_| "<c t=\"s\"><v>0</v></c>".to_owned());
            format!("<row r=\"{}\">{cells}</row>", row + 10)
        })));
        let parts = parts.into_iter().map(|(name, xml)| {
            let xml = if name == TEXTS {
                String::from_utf8(xml)
                    .unwrap()
                    .replacen(
                        "<si>",
                        &format!("<si><t xml:space=\"preserve\">{}</t></si><si>", " ".repeat(900_000)),
                        1,
                    )
                    .into_bytes()
            } else {
                xml
            };
            (name, xml)
        });
        archive(&parts.collect())
    };
    let mut bombs: Vec<(&'static str, Vec<u8>, &'static str)> = vec![
        (
            "joined cells",
            behind(format!("<mergeCells>{}</mergeCells>", "<mergeCell ref=\"A2:H3\"/>".repeat(550_000))),
            "1000000 rows",
        ),
        ("empty rows", rows("<row/>".repeat(2_000_000)), "no valid number for the row"),
        (
            "empty cells",
            rows(format!("<row r=\"9\">{}</row>", "<c/>".repeat(3_500_000))),
            "more than 16384 columns",
        ),
        (
            "empty cells of many rows",
            rows(repeated(60_000, &|row| format!("<row r=\"{}\">{}</row>", row + 9, "<c/>".repeat(55)))),
            "3000000 cells",
        ),
        (
            "one cell again and again",
            rows(format!("<row r=\"9\">{}</row>", "<c r=\"A9\"><v>1</v></c>".repeat(500_000))),
            "does not come after",
        ),
        ("attributes", rows(format!("<row r=\"9\" {}/>", repeated(900_000, &|n| format!("a{n}=\"\" ")))), ""),
        (
            "texts",
            with_entry(TEXTS, |_| format!("<sst>{}</sst>", "<si/>".repeat(2_600_000))),
            "1000000 texts",
        ),
        (
            "runs",
            with_entry(TEXTS, |_| {
                format!("<sst><si>{}</si></sst>", "<r><t>aaaaaaaaaaaa</t></r>".repeat(500_000))
            }),
            "4000 characters",
        ),
        ("elements in elements", with_entry(TEXTS, |_| "<sst>".repeat(3_000_000)), "nests more than"),
        (
            "a comment",
            with_entry(TEXTS, |_| format!("<sst><!--{}--></sst>", "-x".repeat(7_000_000))),
            "points to shared text",
        ),
        (
            "formats",
            with_entry("xl/styles.xml", |_| {
                format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(2_500_000))
            }),
            "65490 formats",
        ),
        (
            "sheets",
            with_entry("xl/workbook.xml", |xml| {
                xml.replacen(
                    "</sheets>",
                    &format!(
                        "{}</sheets>",
                        "<sheet name=\"x\" sheetId=\"9\" r:id=\"rId1\"/>".repeat(200_000)
                    ),
                    1,
                )
            }),
            "",
        ),
        (
            "links behind all cells",
            long_target("<hyperlink ref=\"A1:XFD1048576\" location=\"x\"/>".repeat(200_000)),
            "",
        ),
        (
            "long links with a place",
            long_target(repeated(200_000, &|n| {
                format!("<hyperlink ref=\"G2\" r:id=\"a\" location=\"{n}\"/>")
            })),
            "",
        ),
        (
            "a long link that many formulas share",
            rows(format!(
                "<row r=\"4\"><c r=\"G4\" t=\"str\"><f t=\"shared\" si=\"0\">HYPERLINK(\"{}\")</f><v>link</v></c></row>{}",
                "x".repeat(900_000),
                repeated(19_000, &|row| format!(
                    "<row r=\"{0}\"><c r=\"A{0}\" t=\"str\"><v>FLORIDA</v></c><c r=\"G{0}\" t=\"str\"><f t=\"shared\" si=\"0\"/><v>link</v></c></row>",
                    row + 5
                ))
            )),
            "makes no sense as a list",
        ),
        ("spaces in many cells", spaces(400_000), "4000 characters"),
        (
            "a value of megabytes",
            rows(format!("<row r=\"9\"><c r=\"A9\" t=\"s\"><v>{}</v></c></row>", "9".repeat(900_000))),
            "bytes more",
        ),
    ];
    for number in [
        "'4294967295'",
        " \"4294967295\"",
        "\"+4294967295\"",
        "\"&#52;294967295\"",
        "\"18446744073709551615\"",
    ] {
        let said = format!("<sst uniqueCount={number}");
        let bomb =
            with_entry(TEXTS, |xml| xml.replacen("<sst", &said, 1).replacen(" uniqueCount=\"1", " u=\"1", 1));
        bombs.push(("a huge count", bomb, ""));
    }
    let ods = |rows: &str| {
        let spaces = ["office", "table", "text"]
            .map(|space| format!(" xmlns:{space}=\"urn:oasis:names:tc:opendocument:xmlns:{space}:1.0\""))
            .concat();
        let content = format!(
            "<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name=\"x\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
        );
        let kind = b"application/vnd.oasis.opendocument.spreadsheet".to_vec();
        archive(&vec![("mimetype".to_owned(), kind), ("content.xml".to_owned(), content.into_bytes())])
    };
    let text = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let header = format!(
        "<table:table-row>{}</table:table-row>",
        HEADERS.iter().map(|header| text(header)).collect::<String>()
    );
    let row = |times: &str, cells: &str| {
        format!("{header}<table:table-row table:number-rows-repeated=\"{times}\">{cells}</table:table-row>")
    };
    let lost = "<table:table-cell table:formula=\"of:=A1\"/>";
    for (what, rows, words) in [
        ("rows without end", row("18446744073709551615", &text("FLORIDA")), "20000 rows"),
        (
            "cells without end",
            row(
                "1",
                "<table:table-cell table:number-columns-repeated=\"4294967295\"><text:p>x</text:p></table:table-cell>",
            ),
            "64 columns",
        ),
        (
            "spaces without end",
            row("1", &text(&"<text:s text:c=\"4294967295\"/>".repeat(300_000))),
            "is larger than 4000 characters",
        ),
        (
            "a long link of many rows",
            row(
                "20000",
                &format!(
                    "<table:table-cell><text:p><text:a xlink:href=\"{}\">x</text:a></text:p></table:table-cell>",
                    "x".repeat(900_000)
                ),
            ),
            "20000 rows",
        ),
        (
            "blank cells of many rows",
            row("1048576", &format!("{lost}{}", "<table:table-cell/>".repeat(60_000))),
            "3000000 cells",
        ),
        ("lost formulas of many rows", row("1048576", &lost.repeat(10)), "3000000 cells"),
        (
            "blank rows beyond all",
            format!(
                "{header}<table:table-row table:number-rows-repeated=\"18446744073709551615\"/><table:table-row>{}</table:table-row>",
                text("x")
            ),
            "1048576 rows",
        ),
        (
            "groups in groups",
            format!("{}{}", "<table:table-row-group>".repeat(300), "</table:table-row-group>".repeat(300)),
            "nests more than",
        ),
    ] {
        bombs.push((what, ods(&rows), words));
    }
    bombs.push((
        "a row of CSV",
        format!("{}\n{}", HEADERS.join(","), "x,".repeat(3_000_000)).into_bytes(),
        "has 3000001 cells",
    ));
    bombs.push((
        "columns of links",
        format!("{},{}\n", HEADERS.join(","), "MOA LINK,".repeat(1_700_000)).into_bytes(),
        "is neither",
    ));
    bombs.push(("quotes", "\u{feff}\"".repeat(100_000).into_bytes(), "is neither"));
    bombs
}

/// All bombs in one folder beside a list that is whole, in little memory: each is refused with its reason, or read, and
/// the list counts.
#[test]
fn all_bombs_beside_a_list_in_2_gb_of_address_space() {
    let dir = tempfile::tempdir().unwrap();
    let lists = dir.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    workbook(&lists.join("participatingAgencies06062025am.xlsx"), &[BAY]);
    let bombs = bombs();
    let name = |at: usize| format!("participatingAgencies{:02}{:02}2025am.xlsx", 1 + at / 28, 1 + at % 28);
    for (at, (_, bomb, _)) in bombs.iter().enumerate() {
        std::fs::write(lists.join(name(at)), bomb).unwrap();
    }
    // This run allows that many refused files.
    let root = dir.path().join("root");
    std::fs::create_dir_all(root.join("pipelines/agreements")).unwrap();
    let source = SpecFiles::default().text("pipelines/agreements/source.toml").unwrap();
    let source = source.replacen("allowed_count = 3", "allowed_count = 100", 1);
    std::fs::write(root.join("pipelines/agreements/source.toml"), source).unwrap();
    let out = dir.path().join("out");
    let limited = |args: &[&str]| {
        let output = std::process::Command::new("sh")
            .args(["-c", "ulimit -v 2000000 && exec \"$0\" --quiet \"$@\""])
            .arg(assert_cmd::cargo::cargo_bin("coverage287"))
            .args(args)
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{log}");
        output.stdout
    };
    let [root, lists, out_dir] = [&root, &lists, &out].map(|path| path.to_str().unwrap());
    let started = std::time::Instant::now();
    let told = limited(&["--root", root, "--format", "json", "lists", "--lists", lists]);
    println!("{} bombs beside a list: {:.1} s", bombs.len(), started.elapsed().as_secs_f64());
    let told: Vec<serde_json::Value> = serde_json::from_slice(&told).unwrap();
    for (at, (what, _, words)) in bombs.iter().enumerate() {
        let list = told.iter().find(|list| list["file_name"] == name(at)).unwrap();
        let (status, reason) =
            (list["list_status"].as_str().unwrap(), list["reason"].as_str().unwrap_or_default());
        assert_eq!(status == "quarantined", !words.is_empty(), "{what}: {status} {reason}");
        assert!(words.is_empty() || reason.contains(words), "{what}: {reason}");
        assert!(reason.len() < 500, "{what}: {} bytes of reason", reason.len());
    }
    limited(&["--root", root, "--lists", lists, "--out", out_dir]);
    let run: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("current/run.json")).unwrap()).unwrap();
    let refused = bombs.iter().filter(|(_, _, words)| !words.is_empty()).count();
    assert_eq!(run["counts"]["lists_quarantined"], refused);
}
