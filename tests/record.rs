//! The record of lists: it holds what the workbooks say, it only grows, and a changed file of it is never read as a
//! list.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use coverage287::acquire::{Offered, digest};
use coverage287::addresses::unwrapped;
use coverage287::commands::{AddPlan, plan};
use coverage287::page::PageStatements;
use coverage287::read::{RawList, list_of};
use coverage287::record::{Record, check, csv_of_list, differences, write_workbook};
use coverage287::reference::Regions;
use coverage287::spec::{SpecFiles, Specs};
use coverage287::table::CsvTexts;
use coverage287::words::ListKind;
use proptest::prelude::*;

use crate::support::{BAY, HEADERS, Row, assert_said, program, promised, shared, workbook, workbook_with};

/// The files of a record: kind, path and text.
type Files = Vec<(ListKind, String, Vec<u8>)>;

/// The data that planning uses, loaded once.
struct World {
    specs: Specs,
    regions: Regions,
    statements: PageStatements,
}

impl World {
    fn new() -> Self {
        let files = SpecFiles::default();
        Self {
            specs: Specs::load(&files).unwrap(),
            regions: Regions::load(&files).unwrap(),
            statements: PageStatements::load(&[], &[], &files).unwrap(),
        }
    }

    fn record(&self, files: &Files) -> Record {
        Record::of_files(files.clone(), &self.specs.agreements.bounds).unwrap()
    }

    fn plan(&self, files: &Files, paths: &[PathBuf]) -> AddPlan {
        plan(&self.record(files), offered(paths), &self.specs, &self.regions, &self.statements)
    }

    /// Adds these lists to the files of the record.
    fn add(&self, files: &mut Files, paths: &[PathBuf]) -> AddPlan {
        let plan = self.plan(files, paths);
        files.extend(
            plan.files.iter().map(|(kind, path, text)| (*kind, path.clone(), text.clone().into_bytes())),
        );
        plan
    }

    /// Returns every list of a record by its id.
    fn lists(&self, files: &Files) -> BTreeMap<String, RawList> {
        let record = self.record(files);
        let list = |at: usize| {
            (record.lists()[at].head.list_id.clone(), record.list(at, &self.specs.layouts).unwrap())
        };
        (0..record.lists().len()).map(list).collect()
    }
}

fn offered(paths: &[PathBuf]) -> Vec<Offered> {
    let mut files: Vec<Offered> = paths.iter().map(|path| Offered::file(path, true)).collect();
    digest(&mut files, 8_000_000);
    files
}

fn same(one: &BTreeMap<String, RawList>, other: &BTreeMap<String, RawList>) -> bool {
    one.len() == other.len()
        && one.iter().all(|(id, list)| other.get(id).is_some_and(|other| differences(list, other).is_empty()))
}

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn the_record_is_the_archive_cell_by_cell() {
    let shared = shared();
    let world = World::new();
    let record = Record::load(&SpecFiles::default(), &world.specs.agreements).unwrap();
    let of_kind = |kind| record.lists().iter().filter(|list| list.kind() == kind).count();
    assert_eq!((of_kind(ListKind::Participating), of_kind(ListKind::Pending)), (290, 248));
    let mut offered = coverage287::acquire::offered(&[shared.join("archive")], "--lists").unwrap();
    digest(&mut offered, world.specs.agreements.bounds.file_bytes);
    let compared = check(&record, &offered, &world.specs);
    assert_eq!((compared.recorded, compared.compared), (538, 538));
    assert!(compared.different.is_empty() && compared.not_recorded.is_empty(), "{:?}", compared.different);
}

/// The release made of the record has the bytes of the release made of the workbooks, whether it is made of the record
/// alone or with the same workbooks beside it.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn the_record_makes_the_release_of_the_workbooks() {
    let shared = shared();
    let dir = tempfile::tempdir().unwrap();
    let archive = shared.join("archive");
    let run = |name: &str, option: Option<&str>| {
        let out = dir.path().join(name);
        let mut command = program();
        command.args(["run", "--brief", "--out"]).arg(&out);
        if let Some(option) = option {
            command.arg(option).arg(&archive);
        }
        command.assert().success();
        (std::fs::read_link(out.join("current")).unwrap(), promised(&out.join("current")))
    };
    let recorded = run("recorded", None);
    assert!(recorded.1.len() > 30);
    assert_eq!(recorded, run("workbooks", Some("--lists")));
    assert_eq!(recorded, run("both", Some("--add-lists")));
}

#[test]
fn the_record_is_small_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let size = |folder: &Path| -> u64 {
        fn sum(folder: &Path) -> u64 {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            entries.map(|path| if path.is_dir() { sum(&path) } else { path.metadata().unwrap().len() }).sum()
        }
        sum(folder)
    };
    assert!(size(&root.join("lists")) <= 3_000_000, "{}", size(&root.join("lists")));
    assert!(size(&root) <= 12_000_000);
    for kind in ["participating", "pending"] {
        for entry in std::fs::read_dir(root.join("lists").join(kind)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let is_shown = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
            assert!(text.chars().all(is_shown), "{}", path.display());
            assert!(!text.contains('@') && !text.to_lowercase().contains("safelinks"), "{}", path.display());
            assert!(text.lines().all(|line| line.trim_end() == line), "{}", path.display());
        }
    }
}

/// Every list printed as CSV reads as the same list; some of them are also read from a workbook.
#[test]
fn what_is_shown_reads_as_the_same_list() {
    let world = World::new();
    let record = Record::load(&SpecFiles::default(), &world.specs.agreements).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for at in 0..record.lists().len() {
        let name = &record.lists()[at].head.file_name;
        let list = record.list(at, &world.specs.layouts).unwrap();
        let rows = |list: &RawList| {
            let cells = |row: &coverage287::read::RawRow| {
                row.slots.map(|id| id.map(|id| list.texts.get(id).to_owned()))
            };
            list.rows.iter().map(|row| (row.row_number, cells(row))).collect::<Vec<_>>()
        };
        let csv = csv_of_list(&list, CsvTexts::Raw).unwrap();
        let back = list_of(csv.as_bytes(), true, &world.specs.layouts, &world.specs.agreements).unwrap();
        assert!(rows(&back) == rows(&list), "{name} as CSV");
        let targets = |rows: Vec<(u32, [Option<String>; 10])>| -> Vec<(u32, [Option<String>; 10])> {
            let target = |cell: Option<String>| cell.map(|text| unwrapped(&text).unwrap_or(text));
            rows.into_iter().map(|(number, cells)| (number, cells.map(target))).collect()
        };
        if at % 40 == 0 || at + 1 == record.lists().len() {
            let path = dir.path().join("list.xlsx");
            write_workbook(&list, &path).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            let back = list_of(&bytes, false, &world.specs.layouts, &world.specs.agreements).unwrap();
            assert_eq!(
                back.saved,
                list.saved.clone().or_else(|| Some("1970-01-01T00:00:00".into())),
                "{name}"
            );
            let differing =
                targets(rows(&list)).into_iter().zip(rows(&back)).find(|(one, other)| one != other);
            assert!(differing.is_none() && back.rows.len() == list.rows.len(), "{name}: {differing:?}");
        }
    }
}

/// Makes a list: rows by the numbers of agencies, with their link or none, blank rows between, and dirt.
fn made(path: &Path, rows: &[(u8, u8, bool)], blank_after: usize) {
    let names: Vec<String> = rows
        .iter()
        .map(|(agency, dirt, _)| {
            let dirt = ["", " ", "\u{a0}", "\\", "\t x", "\u{200b}"][usize::from(*dirt) % 6];
            format!(
                "{} {dirt}County Sheriff's Office{dirt}",
                ["Bay", "Clay", "Lee", "Polk", "Duval"][usize::from(*agency) % 5]
            )
        })
        .collect();
    let listed: Vec<Row> = rows
        .iter()
        .zip(&names)
        .map(|((agency, dirt, is_linked), name)| Row {
            agency: name,
            model: ["Task Force Model", "Jail Enforcement Model", "Warrant Service Officer"][usize::from(*agency / 5) % 3],
            county: if dirt % 2 == 0 { "Bay County" } else { "#N/A" },
            link: if *is_linked {
                ["https://www.ice.gov/doclib/x.pdf",
                 "https://gcc02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.ice.gov%2Fdoclib%2Fy.pdf&data=05%7Cjane.doe%40agency.gov",
                 "https://web.archive.org/web/20250101000000/https://www.ice.gov/z.pdf"][usize::from(*dirt) % 3]
            } else { "" },
            ..BAY
        })
        .collect();
    workbook_with(path, &HEADERS, &listed, |sheet| {
        // A row further down, after blank ones.
        let row = (listed.len() + 1 + blank_after) as u32;
        for (column, text) in
            ["FLORIDA", "Leon County Sheriff's Office", "County", "Leon County", "Task Force Model"]
                .iter()
                .enumerate()
        {
            sheet.write_string(row, column as u16, *text).unwrap();
        }
        if blank_after == 2 {
            sheet.write_string(row, 12, "a note beside the list").unwrap();
        }
    });
}

fn rows() -> impl Strategy<Value = (Vec<(u8, u8, bool)>, usize)> {
    (prop::collection::vec((0_u8..15, 0_u8..6, any::<bool>()), 1..9), 0_usize..3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Lists added one by one in any order, or all at once, or twice, are the same lists; the files of the record stay.
    #[test]
    fn any_order_gives_the_same_lists(
        lists in prop::collection::vec(rows(), 1..6),
        order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let world = World::new();
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = lists.iter().enumerate().map(|(at, (rows, blank))| {
            let path = dir.path().join(format!("participatingAgencies060{}2025am.xlsx", at + 1));
            made(&path, rows, *blank);
            path
        }).collect();
        let (mut at_once, mut one_by_one) = (Files::new(), Files::new());
        let added = world.add(&mut at_once, &paths);
        prop_assert_eq!(added.added.lists.len(), paths.len());
        let read: BTreeMap<String, RawList> = added.lists.iter().cloned().collect();
        let is_read_back = same(&read, &world.lists(&at_once));
        prop_assert!(is_read_back);
        let reversed: Vec<PathBuf> = paths.iter().rev().cloned().collect();
        prop_assert_eq!(&world.plan(&Files::new(), &reversed).files, &added.files);
        for at in order.into_iter().filter(|at| *at < paths.len()) {
            let before = one_by_one.clone();
            world.add(&mut one_by_one, &paths[at..=at]);
            prop_assert_eq!(&one_by_one[..before.len()], &before[..]);
            prop_assert_eq!(one_by_one.len(), before.len() + 1);
        }
        prop_assert!(same(&world.lists(&at_once), &world.lists(&one_by_one)));
        let again = world.plan(&one_by_one, &paths);
        prop_assert!(again.files.is_empty() && again.added.known.len() == paths.len());
        let text: Vec<u8> = at_once.iter().flat_map(|(_, _, bytes)| bytes.clone()).collect();
        prop_assert!(!String::from_utf8(text).unwrap().contains("jane"));
    }
}

/// Returns the files of three lists in a chain.
fn chain(world: &World, dir: &Path) -> Files {
    let mut files = Files::new();
    let more = [
        BAY,
        Row { agency: "Clay County Sheriff's Office", ..BAY },
        Row { agency: "Lee County Sheriff", ..BAY },
    ];
    for (name, rows) in [
        ("participatingAgencies06012025am.xlsx", &more[..2]),
        ("participatingAgencies06022025am.xlsx", &more[..1]),
        ("participatingAgencies06032025am.xlsx", &more[..]),
    ] {
        let path = dir.join(name);
        workbook(&path, rows);
        world.add(&mut files, &[path]);
    }
    assert_eq!(files.len(), 3);
    files
}

#[test]
fn a_record_cut_at_any_byte_is_refused_or_the_shorter_whole() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let files = chain(&world, dir.path());
    let all = world.lists(&files);
    let read = |files: Files| Record::of_files(files, &world.specs.agreements.bounds);
    let mut told = String::new();
    for at in 0..files.len() {
        let (_, path, bytes) = &files[at];
        for end in 0..bytes.len() {
            let mut cut = files.clone();
            cut[at].2.truncate(end);
            let error = read(cut).unwrap_err();
            assert_eq!(&error.file, path, "cut at {end}");
            assert!(error.line.is_some(), "cut at {end}: {error}");
        }
        // Each byte is changed, and each line removed, doubled or swapped with the one above it.
        for byte in 0..bytes.len() {
            let mut edited = files.clone();
            edited[at].2[byte] ^= 1;
            assert!(read(edited).is_err(), "byte {byte} changed");
        }
        let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        for line in 0..lines.len() {
            let mut without = lines.clone();
            without.remove(line);
            let mut twice = lines.clone();
            twice.insert(line, lines[line]);
            let mut swapped = lines.clone();
            swapped.swap(line, line.saturating_sub(1));
            for lines in [without, twice, swapped] {
                let mut edited = files.clone();
                edited[at].2 = lines.concat();
                if edited[at].2 != files[at].2 {
                    assert!(read(edited).is_err(), "line {line}");
                }
            }
        }
        // Without a file the record is shorter, or the list written as changes from it reports the missing file.
        let mut fewer = files.clone();
        fewer.remove(at);
        match read(fewer) {
            Ok(record) => {
                assert_eq!(at, 2, "only the last list can be done without");
                assert_eq!(record.lists().len(), 2);
            }
            Err(error) => told += &format!("{error}\n"),
        }
    }
    assert_eq!(all.len(), 3);
    assert_said!(told);
}

#[test]
fn what_version_control_does_to_a_file_is_said() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let files = chain(&world, dir.path());
    let text = String::from_utf8(files[2].2.clone()).unwrap();
    let line_of = |text: &str, what: &str| text.lines().position(|line| line.starts_with(what)).unwrap() + 1;
    let summed = |text: &str| {
        use sha2::{Digest, Sha256};
        let above = &text[..text.find("sum: ").unwrap_or(text.len())];
        format!("{above}sum: {}\n", coverage287::spec::hex(&Sha256::digest(above)))
    };
    let came = text.lines().find(|line| line.starts_with("+ ")).unwrap();
    let conflict = text.replace(came, &format!("<<<<<<< HEAD\n{came}\n=======\n{came} II\n>>>>>>> other"));
    let rows = text.lines().find(|line| line.starts_with("rows: ")).unwrap();
    let sum_line = text.lines().count();
    for (edited, line, words) in [
        (conflict.clone(), line_of(&conflict, "<<<<<<<"), "marks of a merge"),
        (text.replace('\n', "\r\n"), 1, "line ends"),
        (text.replace("Lee County", "Lee Country"), sum_line, "the file was edited"),
        (text.replace("form 1", "form 2"), 1, "newer program"),
        // Edits by somebody who knows how sums are made.
        (summed(&text.replace(rows, "rows: 2-4000000000")), line_of(&text, "rows: "), "more than the"),
        (summed(&text.replace(rows, "rows: 2-9")), line_of(&text, "rows: "), "its changes give 3"),
        (summed(&text.replace(rows, "rows: 9-2")), line_of(&text, "rows: "), "no numbers of rows"),
        (summed(&text.replace("+ 4", "+ 40")), line_of(&text, "+ 4"), "no row 40"),
        (summed(&text.replace("+ 4", "+ 04")), line_of(&text, "+ 4"), "no number of a row"),
        (
            summed(&text.replace("Lee County", "\\pLee County").replace("\tLee", "\t\\pLee")),
            line_of(&text, "+ 4"),
            "no line \"links\"",
        ),
        (summed(&text.replace("Lee County", "Lee\u{202e}County")), line_of(&text, "+ 4"), "nobody sees"),
        (
            summed(&text.replace("type county model signed", "type county model")),
            line_of(&text, "fields: "),
            "lies among those",
        ),
        (
            summed(&text.replace("\tFLORIDA\tLee", "\t\\qFLORIDA\tLee")),
            line_of(&text, "+ 4"),
            "stands for nothing",
        ),
        (
            summed(&text.replace(came, &format!("{came}\n- 2\tFLORIDA\tNobody"))),
            line_of(&text, "changes: "),
            "are said",
        ),
        (summed(&text.replace("file: participatingAgencies06032025am", "file: other")), 0, "not the id"),
        (summed(&text.replace("saved: ", "mood: ")), line_of(&text, "saved: "), "no line of a head"),
        (
            summed(&text.replace("saved: ", "stray rows: 4294967295\nsaved: ")),
            line_of(&text, "saved: "),
            "no count",
        ),
        (summed(&text.replace(rows, &format!("{rows}\n{rows}"))), line_of(&text, "rows: ") + 1, "said twice"),
        (
            summed(&text.replace("Lee County", "Lea County")),
            line_of(&text, "cells: "),
            "do not have the digest on this line",
        ),
        (summed(&text.replace(&text[text.find("changes: ").unwrap()..], "")), 0, "no line \"changes\""),
        (summed(&text.replace(came, "").replace("2 came", "1 came")), line_of(&text, "+ "), "no change"),
    ] {
        assert_ne!(edited, text, "{words}");
        let mut files = files.clone();
        files[2].2 = edited.into_bytes();
        let error = Record::of_files(files, &world.specs.agreements.bounds).unwrap_err();
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert_eq!(error.line.unwrap_or(0), line, "{words}: {error}");
    }
    // Another list takes the place of the one that the next list is written as changes from.
    let mut changed = files.clone();
    let first = String::from_utf8(files[0].2.clone()).unwrap();
    let cells = first.lines().find(|line| line.starts_with("cells: ")).unwrap();
    let other = text.lines().find(|line| line.starts_with("cells: ")).unwrap();
    changed[0].2 = summed(&first.replace(cells, other)).into_bytes();
    let error = Record::of_files(changed, &world.specs.agreements.bounds).unwrap_err();
    assert_said!(error);
    // The same list under two names.
    let mut twice = files.clone();
    twice.push((ListKind::Participating, "other.txt".into(), files[2].2.clone()));
    assert_said!(Record::of_files(twice, &world.specs.agreements.bounds).unwrap_err());
}

/// Two lists of one name, and of one day and edition, are two lists.
#[test]
fn lists_that_contradict_each_other_are_both_kept() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("other")).unwrap();
    let name = "participatingAgencies06012025am.xlsx";
    let paths = [dir.path().join(name), dir.path().join("other").join(name)];
    workbook(&paths[0], &[BAY]);
    workbook(&paths[1], &[Row { agency: "Clay County Sheriff's Office", ..BAY }]);
    let mut files = Files::new();
    let plan = world.add(&mut files, &paths);
    assert_eq!(plan.added.lists.len(), 2);
    assert_ne!(files[0].1, files[1].1);
    assert_eq!(world.lists(&files).len(), 2);
    // Two lists of the archive have one day and edition, but two contents.
    let record = Record::load(&SpecFiles::default(), &world.specs.agreements).unwrap();
    let july = record
        .lists()
        .iter()
        .filter(|list| list.head.file_name.starts_with("participatingAgencies07032025pm"));
    assert_eq!(july.count(), 2);
}

/// Another copy of the record may write a list as changes from another: one file takes the place of the other.
#[test]
fn a_file_may_take_the_place_of_another_of_its_list() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let files = chain(&world, dir.path());
    let second = dir.path().join("participatingAgencies06022025am.xlsx");
    let mut alone = Files::new();
    world.add(&mut alone, &[second]);
    assert_eq!(alone[0].1, files[1].1);
    assert_ne!(alone[0].2, files[1].2, "written whole, and not against the first");
    let mut mixed = files.clone();
    mixed[1] = alone[0].clone();
    assert!(same(&world.lists(&mixed), &world.lists(&files)));
}

/// Two copies of the record put together can hold two files that are each written as changes from the other.
#[test]
fn files_written_against_each_other_are_refused() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let paths = ["participatingAgencies06012025am.xlsx", "participatingAgencies06022025am.xlsx"];
    let paths = paths.map(|name| dir.path().join(name));
    workbook(&paths[0], &[BAY]);
    workbook(&paths[1], &[BAY, Row { agency: "Clay County Sheriff's Office", ..BAY }]);
    let (mut one, mut other) = (Files::new(), Files::new());
    for at in [0, 1] {
        world.add(&mut one, &paths[at..=at]);
        world.add(&mut other, &paths[1 - at..=1 - at]);
    }
    let second_against_first = one[1].clone();
    let first_against_second = other[1].clone();
    let files = vec![first_against_second, second_against_first];
    let error = Record::of_files(files, &world.specs.agreements.bounds).unwrap_err();
    assert_said!(error);
}

/// Lists with a column more or less than the one they are changes from, and with archives' prefixes elsewhere too.
#[test]
fn columns_that_come_and_go_are_written() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let archived = |time: &str| format!("https://web.archive.org/web/{time}/https://www.ice.gov/x.pdf");
    let (one, other) = (archived("20260101000000"), archived("20260102000000"));
    let narrow = ["STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE", "SIGNED", "MOA"];
    let wide = dir.path().join("participatingAgencies06012025am.xlsx");
    let less = dir.path().join("participatingAgencies06022025am.xlsx");
    let titled = dir.path().join("participatingAgencies06032025am.csv");
    workbook_with(
        &wide,
        &HEADERS,
        &[Row { link: &one, ..BAY }, Row { agency: "Clay Police", link: &other, ..BAY }],
        |sheet| {
            sheet.write_string(1, 7, "addendum").unwrap();
            sheet.write_string(2, 7, &one).unwrap();
        },
    );
    workbook_with(
        &less,
        &narrow,
        &[Row { link: &one, ..BAY }, Row { agency: "Clay Police", link: &other, ..BAY }],
        |_| {},
    );
    let text = format!(
        "{one},,,,,,\nSTATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED,MOA\n\
         FLORIDA,Bay County Sheriff's Office,County,Bay County,Task Force Model,2025-03-01,{other}\n"
    );
    std::fs::write(&titled, text).unwrap();
    for paths in [[&wide, &less, &titled], [&titled, &less, &wide], [&less, &wide, &titled]] {
        let mut files = Files::new();
        for path in paths {
            let plan = world.add(&mut files, std::slice::from_ref(path));
            assert_eq!(plan.added.lists.len(), 1, "{:?}", plan.added.refused);
            let (id, list) = &plan.lists[0];
            assert_eq!(differences(list, &world.lists(&files)[id]), Vec::<String>::new());
        }
    }
}

/// Lists with nothing in common, as long as a list may be, are compared in no time; so is a list in reverse order.
#[test]
fn long_lists_are_compared() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let rows = world.specs.agreements.bounds.rows.min(15_000) - 10;
    let list = |name: &str, word: &str, is_turned: bool| {
        let row =
            |at: u32| format!("FLORIDA,{word} {at} Police,County,Bay County,Task Force Model,2025-03-01,\n");
        let rows: Vec<String> =
            if is_turned { (0..rows).rev().map(row).collect() } else { (0..rows).map(row).collect() };
        let path = dir.path().join(name);
        let header = "STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED,MOA";
        std::fs::write(&path, format!("{header}\n{}", rows.concat())).unwrap();
        path
    };
    let lists = [
        list("participatingAgencies06012025am.csv", "Old Town", false),
        list("participatingAgencies06022025am.csv", "Old Town", true),
        list("participatingAgencies06032025am.csv", "New Village", false),
    ];
    let plan = world.plan(&Files::new(), &lists);
    let counts: Vec<[usize; 4]> = plan.added.lists.iter().map(|list| list.counts).collect();
    let rows = rows as usize;
    assert_eq!(counts, [[rows, 0, 0, 0], [0, 0, 0, rows - 1], [rows, rows, 0, 0]]);
}

/// `record add`, `check` and `show` as a person uses them, and a run on what was added.
#[test]
fn the_record_grows_from_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let (root, out) = (dir.path().join("root"), dir.path().join("out"));
    std::fs::create_dir_all(&root).unwrap();
    let new = dir.path().join("participatingAgencies06012026am.xlsx");
    workbook(
        &new,
        &[Row { agency: "Made County Police", ..BAY }, Row { agency: "Unmade County Police", ..BAY }],
    );
    let record = |args: &[&str]| {
        let mut command = program();
        command.arg("--root").arg(&root).arg("record").args(args);
        command
    };
    let said = |command: &mut assert_cmd::Command, code: i32| {
        let output = command.assert().code(code).get_output().clone();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&output.stdout), text(&output.stderr))
    };
    let new_path = new.to_str().unwrap();
    let (added, _) = said(&mut record(&["add", new_path]), 0);
    let line = "+2 −1843 agreements: Made County Police, FLORIDA (Task Force Model) came; Unmade";
    assert!(added.starts_with(line), "{added}");
    let written = |folder: &str| {
        let entries = std::fs::read_dir(root.join("data/lists").join(folder)).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let files = written("participating");
    assert_eq!((files.len(), written("pending").len()), (1, 0));
    let bytes = std::fs::read(&files[0]).unwrap();
    let (again, _) = said(&mut record(&["add", new_path]), 0);
    assert_said!(again);
    assert_eq!(std::fs::read(&files[0]).unwrap(), bytes);

    let (checked, _) = said(&mut record(&["check", new_path]), 0);
    assert_said!(checked);
    let (shown, _) = said(&mut record(&["show", "participatingAgencies06012026am"]), 0);
    assert!(shown.starts_with("ROW,STATE,LAW ENFORCEMENT AGENCY,"), "{shown}");
    assert_eq!(shown.lines().count(), 3);
    let book = dir.path().join("shown.xlsx");
    said(&mut record(&["show", "participatingAgencies06012026am.xlsx", "--xlsx", book.to_str().unwrap()]), 0);
    assert!(book.is_file());
    let (_, unknown) = said(&mut record(&["show", "2026-06-01"]), 2);
    assert_said!(unknown);

    // A file that a run would not take is not recorded.
    let nonsense = dir.path().join("participatingAgencies06022026am.xlsx");
    workbook(&nonsense, &[Row { state: "STATE", agency: "STATE", ..BAY }]);
    let (_, refused) = said(&mut record(&["add", nonsense.to_str().unwrap()]), 5);
    assert_said!(refused);
    assert_eq!(written("participating").len(), 1);
    let (_, nowhere) = said(program().args(["record", "add", new_path]), 2);
    assert_said!(nowhere);

    // A damaged record: exit 5 with file and line, and the release stays as it is.
    let mut whole = program();
    whole.args(["run", "--brief", "--out"]).arg(&out);
    whole.assert().success();
    let before = std::fs::read_link(out.join("current")).unwrap();
    std::fs::write(&files[0], String::from_utf8(bytes.clone()).unwrap().replace("Unmade", "Unmake")).unwrap();
    let mut broken = program();
    broken.arg("--root").arg(&root).args(["run", "--out"]).arg(&out);
    let (_, error) = said(&mut broken, 5);
    let name = files[0].file_name().unwrap().to_str().unwrap();
    assert!(error.contains(name) && error.contains("line ") && error.contains("edited"), "{error}");
    assert_eq!(std::fs::read_link(out.join("current")).unwrap(), before);
    let (_, error) = said(&mut record(&["check"]), 5);
    assert!(error.contains(name), "{error}");
}

/// A new list is one small commit, whose subject says what changed; with nothing new there is none.
#[test]
fn a_new_list_is_one_small_commit() {
    let dir = tempfile::tempdir().unwrap();
    let (checkout, store) = (dir.path().join("checkout"), dir.path().join("store"));
    std::fs::create_dir_all(checkout.join("data")).unwrap();
    std::fs::create_dir_all(&store).unwrap();
    std::fs::write(checkout.join("data/README"), "the record\n").unwrap();
    let git = |args: &[&str]| {
        let mut command = std::process::Command::new("git");
        let run =
            command.arg("-C").arg(&checkout).args(["-c", "user.name=t", "-c", "user.email=t@t"]).args(args);
        let output = run.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", "first"]);
    // The newest list of the record, with one row more and one less.
    let world = World::new();
    let record = Record::load(&SpecFiles::default(), &world.specs.agreements).unwrap();
    let is_newest =
        |list: &coverage287::record::Recorded| list.head.file_name == "participatingAgencies05182026am.xlsx";
    let at = record.lists().iter().position(is_newest).unwrap();
    let csv = csv_of_list(&record.list(at, &world.specs.layouts).unwrap(), CsvTexts::Raw).unwrap();
    let without: Vec<&str> = csv.lines().filter(|line| !line.starts_with("700,")).collect();
    let text = format!(
        "{}\n1845,FLORIDA,Made County Police,County,Bay County,Task Force Model,2026-05-20,link pending,,,\n",
        without.join("\n")
    );
    std::fs::write(store.join("participatingAgencies05212026am.csv"), text).unwrap();
    let program = assert_cmd::cargo::cargo_bin!("coverage287");
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let commit = || {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/record-commit");
        let run = std::process::Command::new(script)
            .arg(&checkout)
            .arg(&store)
            .env("PATH", &path)
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    };
    commit();
    assert!(
        git(&["log", "-1", "--format=%s"]).starts_with("+1 −1 agreements: Made County Police, FLORIDA"),
        "{}",
        git(&["log", "-1"])
    );
    let changed = git(&["show", "--format=", "--numstat"]);
    assert_eq!(changed.lines().count(), 1, "{changed}");
    let added: usize = changed.split('\t').next().unwrap().parse().unwrap();
    assert!(
        added < 20 && changed.contains("\t0\tdata/lists/participating/participatingAgencies05212026am-"),
        "{changed}"
    );
    commit();
    assert_eq!(git(&["log", "--oneline"]).lines().count(), 2);
}

/// A list that was recorded differently from its workbook is found, cell by cell.
#[test]
fn a_list_recorded_otherwise_is_found() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("other")).unwrap();
    let name = "participatingAgencies06012025am.xlsx";
    let (path, other) = (dir.path().join(name), dir.path().join("other").join(name));
    workbook(&path, &[BAY]);
    workbook(&other, &[Row { agency: "Bey County Sheriff's Office", ..BAY }]);
    let (mut files, mut others) = (Files::new(), Files::new());
    world.add(&mut files, std::slice::from_ref(&path));
    world.add(&mut others, &[other]);
    // The file has the other list's cells under the name of the first.
    let own = String::from_utf8(files[0].2.clone()).unwrap();
    let mut text = String::from_utf8(others[0].2.clone()).unwrap();
    for what in ["sha256: ", "list: "] {
        let line = |text: &str| text.lines().find(|line| line.starts_with(what)).unwrap().to_owned();
        text = text.replace(&line(&text), &line(&own));
    }
    use sha2::{Digest, Sha256};
    let above = &text[..text.find("sum: ").unwrap()];
    files[0].2 = format!("{above}sum: {}\n", coverage287::spec::hex(&Sha256::digest(above))).into_bytes();
    let record = world.record(&files);
    let compared = check(&record, &offered(&[path]), &world.specs);
    assert_eq!(compared.different.len(), 1);
    // The two workbooks may have been saved in different seconds.
    let said = &compared.different[0].differences;
    let said: Vec<&String> = said.iter().filter(|line| !line.starts_with("saved")).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("row 2 agency: the workbook has"), "{said:?}");
}

#[test]
fn the_first_page_is_a_screen() {
    let dir = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let mut command = program();
        command.arg("run").args(more).arg("--out").arg(dir.path());
        String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
    };
    let page = run(&[]);
    assert!(page.lines().count() <= coverage287::report::LINES, "{page}");
    for words in
        ["newest", "previous", "a year before", "2025-06-06", "Last 7 days", "Last 30 days", "report.html"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("county_agency") && page.contains("any_local") && page.contains("rules"));
    let full = run(&["--full"]);
    assert!(full.lines().count() > 100 && full.contains("Repairs by rule"), "{full}");
}
