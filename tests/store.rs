//! The store keeps what was read of each list: a daily run reads only new lists, and equals the full rebuild.

use std::path::{Path, PathBuf};

use crate::support::{
    BAY, HEADERS, Row, assert_said, is_nothing_new, promised, shared, workbook, workbook_with,
};

/// Runs the program and returns how many lists it read anew; `None` where it found its release made.
fn run(out: &Path, lists: &[PathBuf], more: &[&str]) -> Option<usize> {
    let mut command = assert_cmd::Command::cargo_bin("coverage287").unwrap();
    command.args(["--out", out.to_str().unwrap(), "--log-format", "json"]).args(more);
    for list in lists {
        command.arg("--lists").arg(list);
    }
    let done = command.assert().success();
    let log = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    let mut lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let read = lines.rfind(|line| line["fields"]["step"] == "read");
    read.map(|line| line["fields"]["new"].as_u64().unwrap() as usize)
}

fn current(out: &Path) -> Vec<(String, String)> {
    promised(&out.join("current"))
}

/// Makes lists of four days; the second has the first one's rows in another order.
fn four_days(dir: &Path) -> Vec<PathBuf> {
    let gulf = Row { agency: "Gulf County  Sheriff’s Office ", county: "Gulf Conty", ..BAY };
    let tampa = Row { agency: "Tampa PD", agency_type: "Municipality", county: "#N/A", ..BAY };
    let days: [(&str, &[Row]); 4] = [
        ("participatingAgencies06062025am.xlsx", &[BAY, gulf]),
        ("participatingAgencies06092025am.xlsx", &[gulf, BAY]),
        ("participatingAgencies06102025am.xlsx", &[BAY, gulf, tampa]),
        ("participatingAgencies06112025am.xlsx", &[BAY, tampa]),
    ];
    let make = |(name, rows): &(&str, &[Row])| {
        let path = dir.join(name);
        workbook(&path, rows);
        path
    };
    days.iter().map(make).collect()
}

/// Checks that each release, made day by day with a store, is the one that a full rebuild makes.
fn day_by_day(lists: &[PathBuf]) {
    let dir = tempfile::tempdir().unwrap();
    let daily = dir.path().join("daily");
    for day in 1..=lists.len() {
        assert_eq!(run(&daily, &lists[..day], &[]), Some(1), "day {day} reads one list");
        let rebuilt = dir.path().join(format!("rebuilt{day}"));
        assert_eq!(run(&rebuilt, &lists[..day], &[]), Some(day));
        assert_eq!(current(&daily), current(&rebuilt), "day {day}");
    }
    assert_eq!(
        run(&daily, lists, &["--rebuild"]),
        Some(lists.len()),
        "a rebuild takes nothing from the store"
    );
    assert_eq!(current(&daily), current(&dir.path().join(format!("rebuilt{}", lists.len()))));
}

#[test]
fn day_by_day_is_a_full_rebuild() {
    let dir = tempfile::tempdir().unwrap();
    day_by_day(&four_days(dir.path()));
}

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn day_by_day_is_a_full_rebuild_of_real_lists() {
    let shared = shared();
    let names = [
        "participating/ParticipatingEntities-20250119192356.xlsx",
        "pending/pendingAgencies06062025am.xlsx",
        "participating/participatingAgencies06062025am.xlsx",
        "participating/participatingAgencies08022025pm.xlsx",
        "participating/participatingAgencies090022025am.xlsx",
        "participating/participatingAgencies01052025pm.xlsx",
    ];
    // The first must be a participating list: without one there is no day that counts.
    day_by_day(&names.map(|name| shared.join("archive").join(name)));
}

#[test]
fn with_nothing_new_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let (lists, out) = (four_days(dir.path()), dir.path().join("out"));
    assert_eq!(run(&out, &lists, &[]), Some(4));
    let made = std::fs::read(out.join("current/run.json")).unwrap();
    let page = |out: &Path| {
        let mut command = crate::support::program();
        command.args(["--out", out.to_str().unwrap()]);
        for list in &lists {
            command.arg("--lists").arg(list);
        }
        String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
    };
    assert_eq!(run(&out, &lists, &[]), None);
    assert_eq!(std::fs::read(out.join("current/run.json")).unwrap(), made, "the release is the same run's");
    let again = page(&out);
    assert!(is_nothing_new(&out));
    // The page has the same words as that of the run that made the release.
    let first = page(&dir.path().join("other"));
    let words = |page: &str| page.split("\nRelease ").next().unwrap().to_owned();
    assert_eq!(words(&again), words(&first));

    // A release that is not whole is made again, and so is one that other options would not make.
    std::fs::write(out.join("current/lists.parquet"), "damaged").unwrap();
    assert_eq!(run(&out, &lists, &[]), Some(0));
    assert_eq!(current(&out), current(&dir.path().join("other")));
    assert_eq!(run(&out, &lists, &["--as-of", "2025-06-10"]), Some(0));
    let fewer = ["--accept", "newest_list_stays", "--reason", "fewer lists on purpose"];
    assert_eq!(run(&out, &lists[..3], &fewer), Some(0));
}

#[test]
fn a_damaged_entry_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let (lists, out) = (four_days(dir.path()), dir.path().join("out"));
    run(&out, &lists, &[]);
    let expected = current(&out);
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(out.join("store")).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    assert_eq!(entries.len(), 4);
    for (entry, harm) in entries.iter().zip(0..) {
        let mut bytes = std::fs::read(entry).unwrap();
        match harm {
            0 => bytes.truncate(bytes.len() / 2),
            1 => {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 0xFF;
            }
            2 => bytes.clear(),
            _ => bytes = b"not an entry".to_vec(),
        }
        std::fs::write(entry, bytes).unwrap();
    }
    std::fs::remove_dir_all(out.join("releases")).unwrap();
    assert_eq!(run(&out, &lists, &[]), Some(4));
    assert_eq!(current(&out), expected);
    std::fs::remove_dir_all(out.join("releases")).unwrap();
    assert_eq!(run(&out, &lists, &[]), Some(0), "the entries were mended");
}

/// Every byte of an entry is changed: the list is read again, or the entry says the same.
#[test]
fn no_changed_entry_is_believed() {
    let dir = tempfile::tempdir().unwrap();
    let (lists, out) = (four_days(dir.path()), dir.path().join("out"));
    run(&out, &lists[..1], &[]);
    let expected = current(&out);
    let entry = std::fs::read_dir(out.join("store")).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&entry).unwrap();
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&entry, bytes).unwrap();
        std::fs::remove_dir_all(out.join("releases")).unwrap();
        run(&out, &lists[..1], &[]);
        assert_eq!(current(&out), expected, "byte {at}");
    }
}

/// A new spec makes only those entries old that it must.
#[test]
fn a_new_spec_makes_old_what_it_must() {
    let dir = tempfile::tempdir().unwrap();
    let mut lists = four_days(dir.path());
    // Two lists of another layout.
    for name in ["pendingAgencies06062025am.xlsx", "pendingAgencies06092025am.xlsx"] {
        let path = dir.path().join(name);
        workbook_with(&path, &HEADERS[..5], &[Row { agency: name, ..BAY }], |_| {});
        lists.push(path);
    }
    let out = dir.path().join("out");
    assert_eq!(run(&out, &lists, &[]), Some(6));

    let root = dir.path().join("root");
    let specs = root.join("pipelines/agreements");
    std::fs::create_dir_all(&specs).unwrap();
    let shipped = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/agreements").join(name);
        std::fs::read_to_string(path).unwrap()
    };
    let with = |name: &str, text: String| {
        std::fs::write(specs.join(name), text).unwrap();
        run(&out, &lists, &["--root", root.to_str().unwrap()])
    };
    // The meaning of values is decided after reading.
    let vocabulary = shipped("vocabulary.toml").replacen("\"#N/A\", ", "", 1);
    assert_eq!(with("vocabulary.toml", vocabulary), Some(0));
    // No list has this layout.
    let layouts = shipped("layouts.toml");
    let another = "\n[[layout]]\nname = \"participating_2027\"\nkind = \"participating\"\ncolumns = [\"STATE\", \"LAW ENFORCEMENT AGENCY\", \"SUPPORT TYPE\", \"MOA\", \"SIGNED\"]\nnote = \"\"\n";
    assert_eq!(with("layouts.toml", format!("{layouts}{another}")), Some(0));
    // The layout of two of the lists gets another name.
    let renamed = layouts.replacen("pending_2025_county", "pending_2025_with_county", 1);
    assert_eq!(with("layouts.toml", renamed), Some(2));
    // A bound below what lists have: they are refused, although the store holds them.
    let source = shipped("source.toml");
    assert_eq!(with("source.toml", source.replacen("cell_chars = 4_000", "cell_chars = 5_000", 1)), Some(0));
    std::fs::write(specs.join("source.toml"), source.replacen("cell_chars = 4_000", "cell_chars = 20", 1))
        .unwrap();
    let mut command = crate::support::program();
    command
        .args(["--root", root.to_str().unwrap(), "--out", out.to_str().unwrap(), "--lists"])
        .arg(&lists[0]);
    let refused = command.assert().code(5);
    assert_said!(String::from_utf8_lossy(&refused.get_output().stderr));
}

#[test]
fn a_dry_run_writes_no_entry() {
    let dir = tempfile::tempdir().unwrap();
    let (lists, out) = (four_days(dir.path()), dir.path().join("out"));
    assert_eq!(run(&out, &lists, &["--dry-run"]), Some(4));
    assert!(!out.exists());
    let elsewhere = dir.path().join("elsewhere");
    assert_eq!(run(&out, &lists, &["--store", elsewhere.to_str().unwrap()]), Some(4));
    assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 4);
    assert!(!out.join("store").exists());
    let other = dir.path().join("other");
    assert_eq!(run(&other, &lists, &["--store", elsewhere.to_str().unwrap()]), Some(0));
    assert_eq!(current(&other), current(&out));
}

/// An entry under the name of another, and requests that lead to the same release.
#[test]
fn entries_are_known_by_name_and_requests_by_what_they_come_to() {
    let dir = tempfile::tempdir().unwrap();
    let (lists, out) = (four_days(dir.path()), dir.path().join("out"));
    assert_eq!(run(&out, &lists, &[]), Some(4));
    let expected = current(&out);
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(out.join("store")).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let bytes: Vec<Vec<u8>> = entries.iter().map(|entry| std::fs::read(entry).unwrap()).collect();
    std::fs::write(&entries[0], &bytes[1]).unwrap();
    std::fs::write(&entries[1], &bytes[0]).unwrap();
    std::fs::remove_dir_all(out.join("releases")).unwrap();
    assert_eq!(run(&out, &lists, &[]), Some(2), "entries that changed places are read again");
    assert_eq!(current(&out), expected);

    // The day of the newest list as `--as-of` is another request for the same release, which is found from then on.
    assert_eq!(run(&out, &lists, &["--as-of", "2025-06-11"]), Some(0));
    assert_eq!(run(&out, &lists, &["--as-of", "2025-06-11"]), None);
    assert_eq!(current(&out), expected);
}

/// A store that cannot be written to costs time and nothing else.
#[test]
fn a_store_that_cannot_be_written_to_is_done_without() {
    let dir = tempfile::tempdir().unwrap();
    let (lists, out) = (four_days(dir.path()), dir.path().join("out"));
    let file = dir.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    assert_eq!(run(&out, &lists, &["--store", file.to_str().unwrap()]), Some(4));
    let other = dir.path().join("other");
    run(&other, &lists, &[]);
    assert_eq!(current(&out), current(&other));
}
