//! Workbooks that want to do harm, or were cut on their way: refused with a reason, never a panic, never a
//! part of a list, never more than 512 MB.

use std::io::{Cursor, Write};

use coverage287::acquire::{Content, Offered, Refusal};
use coverage287::read::{ReadFile, Store, read};
use coverage287::spec::{SpecFiles, Specs};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::support::books::{Parts, archive_with, entries};
use crate::support::{BAY, HEADERS, Row, program, workbook, workbook_with};

/// Resident memory that no input may make the program pass.
const MEMORY_LIMIT: u64 = 512 << 20;

fn offered(file_name: &str, bytes: Vec<u8>) -> Offered {
    Offered {
        file_name: file_name.into(),
        is_named: true,
        content: Content::Bytes(bytes),
        workbook_sha256: None,
        content_sha256: None,
        stored_as: None,
    }
}

/// Set for the process that is to say how much memory it takes.
const CHILD: &str = "COVERAGE287_HOSTILE_CHILD";

fn read_bytes(bytes: Vec<u8>, specs: &Specs) -> ReadFile {
    let offered = offered("participatingAgencies06062025am.xlsx", bytes);
    let file = read(&offered, &specs.layouts, &specs.agreements, &Store::none());
    // A panic is caught and becomes a refusal; that there is none is what is tested.
    assert_ne!(file.list.as_ref().err(), Some(&Refusal::GaveUp));
    file
}

/// Ends a test: where asked for, says what the process has held up to here.
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

/// A workbook with two rows.
fn two_rows() -> Vec<u8> {
    made(|path| workbook(path, &[BAY, Row { agency: "Gulf County Sheriff's Office", ..BAY }]))
}

/// An archive of these entries, which are not compressed.
fn archive(entries: &Parts) -> Vec<u8> {
    archive_with(entries, CompressionMethod::Stored)
}

/// A workbook of two rows with one entry made anew.
fn with_entry(name: &str, make: impl Fn(&str) -> String) -> Vec<u8> {
    let mut entries = entries(&two_rows());
    let entry = entries.iter_mut().find(|(entry, _)| entry == name).unwrap();
    entry.1 = make(std::str::from_utf8(&entry.1).unwrap()).into_bytes();
    archive(&entries)
}

/// The most memory this process has held, in bytes.
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
    assert!(refusal.to_string().contains("widest row"), "{refusal}");
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
    // Refused, or read with the reference as it stands: never its ten trillion letters.
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
        // Whatever comes of it, it comes.
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

/// Repeatable numbers (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// What is put into the middle of an entry.
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
                // The archive's own checksums tell a changed byte from a changed list.
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

/// All of the above once more in a process of their own, which then says how much memory it took.
#[test]
fn hostile_inputs_stay_below_512_mb() {
    if std::env::var_os(CHILD).is_some() {
        return;
    }
    // No more address space than 2 GB: what asks for it aborts, and with it everything.
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
        let refusal = read(&offered, &specs.layouts, &specs.agreements, &Store::none()).list.unwrap_err();
        assert!(refusal.to_string().contains(expected), "{refusal}");
    }
    say_peak();
}

/// Every bomb in one folder beside a list that is whole, in little memory: each is set aside with its reason.
#[test]
fn all_bombs_beside_a_list_in_2_gb_of_address_space() {
    let dir = tempfile::tempdir().unwrap();
    let lists = dir.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    workbook(&lists.join("participatingAgencies06062025am.xlsx"), &[BAY]);
    let sheet = "xl/worksheets/sheet1.xml";
    let rows = |content: &str| {
        let content = content.to_owned();
        with_entry(sheet, |xml| {
            let end = xml.find("</sheetData>").unwrap();
            format!("{}{content}{}", &xml[..end], &xml[end..])
        })
    };
    let count = |count: &str| {
        let said = format!("<sst uniqueCount={count}");
        with_entry("xl/sharedStrings.xml", |xml| {
            xml.replacen("<sst", &said, 1).replacen(" uniqueCount=\"1", " u=\"1", 1)
        })
    };
    let mut bombs = vec![
        rows(&"<row/>".repeat(2_400_000)),
        rows(&format!("<row r=\"9\">{}</row>", "<c/>".repeat(3_500_000))),
        rows(&format!("<row r=\"9\">{}</row>", "<c r=\"A9\"><v>1</v></c>".repeat(500_000))),
        rows(&format!("<row r=\"9\" {}/>", (0..900_000).map(|n| format!("a{n}=\"\" ")).collect::<String>())),
        rows("<row r=\"9\"><c r=\"A9\"><is><t>x</t></is></c></row>"),
        with_entry("xl/sharedStrings.xml", |_| format!("<sst>{}</sst>", "<si/>".repeat(2_600_000))),
        with_entry("xl/sharedStrings.xml", |_| {
            format!("<sst><si>{}</si></sst>", "<r><t>aaaaaaaaaaaa</t></r>".repeat(500_000))
        }),
        with_entry("xl/sharedStrings.xml", |_| "<a>".repeat(5_000_000)),
        with_entry("xl/sharedStrings.xml", |_| format!("<sst><!--{}--></sst>", "-x".repeat(7_000_000))),
        with_entry("xl/styles.xml", |_| {
            format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(2_500_000))
        }),
        with_entry("xl/workbook.xml", |xml| {
            xml.replacen(
                "</sheets>",
                &format!("{}</sheets>", "<sheet name=\"x\" sheetId=\"9\" r:id=\"rId1\"/>".repeat(200_000)),
                1,
            )
        }),
        with_entry(sheet, |xml| {
            xml.replacen(
                "</sheetData>",
                &format!(
                    "</sheetData><hyperlinks>{}</hyperlinks>",
                    "<hyperlink ref=\"A1:XFD1048576\" r:id=\"rId1\"/>".repeat(200_000)
                ),
                1,
            )
        }),
        with_entry(sheet, |xml| {
            let formula = format!("<f t=\"shared\" si=\"0\">HYPERLINK(\"{}\")</f>", "x".repeat(3_000_000));
            let cells: String = (3..20_000)
                .map(|row| format!("<row r=\"{row}\"><c r=\"G{row}\"><f t=\"shared\" si=\"0\"/></c></row>"))
                .collect();
            xml.replacen(
                "</sheetData>",
                &format!("<row r=\"3\"><c r=\"G3\">{formula}</c></row>{cells}</sheetData>"),
                1,
            )
        }),
    ];
    for number in [
        "'4294967295'",
        " \"4294967295\"",
        "\"+4294967295\"",
        "\"&#52;294967295\"",
        "\"18446744073709551615\"",
    ] {
        bombs.push(count(number));
    }
    let ods = |rows: &str| {
        let content = format!(
            "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet><table:table table:name=\"x\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
        );
        archive(&vec![
            ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
            ("content.xml".to_owned(), content.into_bytes()),
        ])
    };
    let header: String = HEADERS
        .iter()
        .map(|header| format!("<table:table-cell><text:p>{header}</text:p></table:table-cell>"))
        .collect();
    let cell = "<table:table-cell table:number-columns-repeated=\"4294967295\"><text:p>x</text:p></table:table-cell>";
    for rows in [
        format!(
            "<table:table-row>{header}</table:table-row><table:table-row table:number-rows-repeated=\"18446744073709551615\"><table:table-cell><text:p>FLORIDA</text:p></table:table-cell></table:table-row>"
        ),
        format!("<table:table-row>{header}</table:table-row><table:table-row>{cell}</table:table-row>"),
        format!(
            "<table:table-row>{header}</table:table-row><table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>",
            "<text:s text:c=\"4294967295\"/>".repeat(300_000)
        ),
        format!("{}{}", "<table:table-row-group>".repeat(300), "</table:table-row-group>".repeat(300)),
    ] {
        bombs.push(ods(&rows));
    }
    bombs.push(format!("{}\n{}", HEADERS.join(","), "x,".repeat(3_000_000)).into_bytes());
    bombs.push("\u{feff}\"".repeat(100_000).into_bytes());
    let number = bombs.len();
    for (at, bomb) in bombs.into_iter().enumerate() {
        std::fs::write(
            lists.join(format!("participatingAgencies{:02}{:02}2025am.xlsx", 1 + at / 28, 1 + at % 28)),
            bomb,
        )
        .unwrap();
    }
    // So many may be refused here.
    let root = dir.path().join("root");
    std::fs::create_dir_all(root.join("pipelines/agreements")).unwrap();
    let source = SpecFiles::default().text("pipelines/agreements/source.toml").unwrap();
    let source = source.replacen("allowed_count = 3", "allowed_count = 100", 1);
    std::fs::write(root.join("pipelines/agreements/source.toml"), source).unwrap();
    let out = dir.path().join("out");
    let started = std::time::Instant::now();
    let ran = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 2000000 && exec \"$0\" --quiet --root \"$1\" --lists \"$2\" --out \"$3\""])
        .arg(assert_cmd::cargo::cargo_bin("coverage287"))
        .args([&root, &lists, &out])
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(0), "{log}");
    println!("{number} bombs beside a list: {:.1} s", started.elapsed().as_secs_f64());
    let run = std::fs::read(out.join("current/run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_slice(&run).unwrap();
    let quarantined = run["counts"]["lists_quarantined"].as_u64().unwrap();
    // A huge number that is only said, and bytes after the list's end, change nothing of the list.
    assert!(quarantined as usize >= number - 8, "{quarantined} of {number}: {log}");
    assert!(!log.contains("made the parser give up"), "{log}");
}
