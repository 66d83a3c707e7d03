//! The same inputs give the same bytes, whatever the time zone, the locale, the threads and the order.

use std::path::{Path, PathBuf};

use crate::support::{BAY, Row, four_lists, program, promised, shared, shipped_workbooks, workbook};

fn bytes(lists: &[PathBuf], environment: &[(&str, &str)]) -> Vec<(String, String)> {
    let dir = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["--out", dir.path().to_str().unwrap()]);
    for list in lists {
        command.arg("--lists").arg(list);
    }
    command.envs(environment.iter().copied()).assert().success();
    promised(&dir.path().join("current"))
}

fn same_bytes(lists: &[PathBuf]) {
    let first = bytes(lists, &[]);
    assert!(first.len() > 15);
    let reversed: Vec<PathBuf> = lists.iter().rev().cloned().collect();
    for environment in [
        &[][..],
        &[("TZ", "Pacific/Kiritimati"), ("LC_ALL", "tr_TR.UTF-8"), ("LANG", "tr_TR.UTF-8")],
        &[("TZ", "America/Los_Angeles"), ("RAYON_NUM_THREADS", "1"), ("POLARS_MAX_THREADS", "1")],
        &[("RAYON_NUM_THREADS", "7"), ("POLARS_MAX_THREADS", "5")],
    ] {
        assert_eq!(bytes(&reversed, environment), first, "{environment:?}");
    }
}

#[test]
fn lists_of_the_record() {
    same_bytes(four_lists());
    // All lists of the record, without an option.
    let all = bytes(&[], &[]);
    assert_eq!(bytes(&[], &[("RAYON_NUM_THREADS", "1"), ("TZ", "Pacific/Kiritimati")]), all);
}

#[test]
fn workbooks_made_here() {
    let dir = tempfile::tempdir().unwrap();
    let make = |name: &str, rows: &[Row]| {
        let path = dir.path().join(name);
        workbook(&path, rows);
        path
    };
    let gulf = Row { agency: "Gulf County  Sheriff’s Department ", county: "#N/A", ..BAY };
    let tampa = Row {
        agency: "Tampa PD",
        agency_type: "Municipality",
        county: "",
        model: "Warrant Service Office",
        ..BAY
    };
    same_bytes(&[
        make("participatingAgencies06062025am.xlsx", &[BAY, gulf]),
        make("participatingAgencies06062025pm.xlsx", &[gulf, BAY, tampa]),
        make("participatingAgencies06092025am.xlsx", &[tampa]),
    ]);
}

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn real_workbooks() {
    let shared = shared();
    same_bytes(&shipped_workbooks(&shared));
}

/// The working directory and its surroundings change nothing.
#[test]
fn the_working_directory_does_not_matter() {
    let dir = tempfile::tempdir().unwrap();
    let run = |from: &Path, out: &str| {
        program()
            .current_dir(from)
            .args(["--out", dir.path().join(out).to_str().unwrap()])
            .assert()
            .success();
        promised(&dir.path().join(out).join("current"))
    };
    assert_eq!(run(Path::new("/"), "a"), run(dir.path(), "b"));
}
