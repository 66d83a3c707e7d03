//! The program as a process: exit codes, messages, and outputs that stay as they were.

use std::path::Path;

use coverage287::words::RunStep;

use crate::support::{BAY, HEADERS, assert_said, program, with_four_lists, workbook, workbook_with};

/// Runs the program with these arguments and returns exit code and standard error.
fn fails(arguments: &[&str]) -> (i32, String) {
    let output = program().args(arguments).output().unwrap();
    assert!(output.stdout.is_empty(), "a failed run has no results");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_missing_path_and_a_folder_without_lists_are_usage_errors() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let (code, message) = fails(&["--lists", "nowhere.xlsx", "--out", text(&out)]);
    assert_eq!(code, 2);
    assert_said!(message);
    let (code, message) = fails(&["--lists", text(dir.path()), "--out", text(&out)]);
    assert_eq!(code, 2);
    assert_said!(message);
    assert_eq!(fails(&["--acs", "nowhere.json", "--out", text(&out)]).0, 2);
    assert_eq!(fails(&["--no-such-flag"]).0, 2);
    let (code, message) = fails(&["--dry-run", "claims"]);
    assert_eq!(code, 2);
    assert_said!(message);
    assert!(!out.exists(), "wrong input does not touch the output folder");
}

#[test]
fn a_refused_list_that_was_named_stops_the_run_and_nothing_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    program().args(["--out", text(&out)]).assert().success();
    let before = std::fs::read_link(out.join("current")).unwrap();
    let good = dir.path().join("participatingAgencies06062025am.xlsx");
    workbook(&good, &[BAY]);
    let whole = std::fs::read(&good).unwrap();

    let mut wrong_header = HEADERS;
    wrong_header[4] = "PROGRAM";
    let header = dir.path().join("participatingAgencies06082025am.xlsx");
    workbook_with(&header, &wrong_header, &[BAY], |_| {});
    let tidy = b"STATE,LAW ENFORCEMENT AGENCY,SUPPORT TYPE,SIGNED,MOA\nTEXAS,X Police Department,Task Force Model,2025-03-01,link\n";
    let cases: [(&str, &[u8], &str); 4] = [
        (
            "participatingAgencies06072025am.xlsx",
            b"<!DOCTYPE html><title>404</title>",
            "is a web page, not a workbook",
        ),
        ("participatingAgencies06072025pm.xlsx", &whole[..whole.len() / 2], "is damaged, cut short"),
        ("agreements.csv", tidy, "its name carries no date"),
        ("participatingAgencies99999999am.xlsx", &whole, "no day on which a list can have been published"),
    ];
    for (name, bytes, reason) in cases {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let (code, message) = fails(&["--lists", text(&path), "--lists", text(&good), "--out", text(&out)]);
        assert_eq!(code, 5, "{message}");
        assert!(message.contains(name) && message.contains(reason), "{message}");
    }
    let (code, message) = fails(&["--lists", text(&header), "--out", text(&out)]);
    assert_eq!(code, 5);
    for part in [
        "row 1",
        "STATE | LAW ENFORCEMENT AGENCY",
        "participating_2025_addendum",
        "[[layout]]",
        "layouts.toml",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(std::fs::read_link(out.join("current")).unwrap(), before);
    assert_eq!(std::fs::read_dir(out.join("releases")).unwrap().count(), 1);
}

#[test]
fn in_a_folder_a_refused_list_is_set_aside_and_the_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let lists = dir.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    workbook(&lists.join("participatingAgencies06062025am.xlsx"), &[BAY]);
    let refuse = |n: usize| {
        std::fs::write(lists.join(format!("participatingAgencies050{n}2025am.xlsx")), "<html>").unwrap()
    };
    refuse(7);
    let out = dir.path().join("out");
    let run = program().args(["--full", "--lists", text(&lists), "--out", text(&out)]).assert().success();
    let page = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert_said!(page.lines().find(|line| line.contains("05072025")).unwrap());
    for n in [1, 2, 3] {
        refuse(n);
    }
    let (code, message) = fails(&["--lists", text(&lists), "--out", text(&out)]);
    assert_eq!(code, 5);
    assert_said!(message);
}

#[test]
fn an_acs_file_with_a_county_missing_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let shipped =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("data/census/acs5-2019-2023-b05002-counties.csv");
    let figures = std::fs::read_to_string(shipped).unwrap();
    let rows: Vec<&str> = figures.lines().collect();
    let write = |name: &str, text: String| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let out = dir.path().join("out");
    let lacking = write(
        "acs5-2023.csv",
        rows.iter().filter(|r| !r.starts_with("12086")).map(|r| format!("{r}\n")).collect(),
    );
    let (code, message) = fails(&["--acs", text(&lacking), "--out", text(&out)]);
    assert_eq!(code, 5);
    assert_said!(message);
    let odd = write("acs5-2022.csv", figures.replacen(",59285,", ",many,", 1));
    let (code, message) = fails(&["--acs", text(&odd), "--out", text(&out)]);
    assert_eq!(code, 5);
    assert_said!(message);
    let impossible = write("acs5-2018.csv", figures.replacen(",59285,1529", ",1529,59285", 1));
    let (code, message) = fails(&["--acs", text(&impossible), "--out", text(&out)]);
    assert_eq!(code, 5);
    assert_said!(message);
    let huge = write("acs5-2020.csv", figures.replacen(",59285,", ",9223372036854775807,", 1));
    assert_eq!(fails(&["--acs", text(&huge), "--out", text(&out)]).0, 5);
    let page = write("acs5-2021.json", "<html>Missing Key</html>".into());
    assert_eq!(fails(&["--acs", text(&page), "--out", text(&out)]).0, 5);
    assert!(!out.join("current").exists());
}

#[test]
fn a_census_api_pull_gives_the_shipped_figures() {
    let dir = tempfile::tempdir().unwrap();
    let shipped =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("data/census/acs5-2019-2023-b05002-counties.csv");
    let mut pull = vec![serde_json::json!(["county", "NAME", "B05002_013E", "state", "B05002_001E"])];
    for row in csv::Reader::from_path(shipped).unwrap().records() {
        let row = row.unwrap();
        pull.push(serde_json::json!([&row[0][2..], &row[1], &row[3], &row[0][..2], &row[2]]));
    }
    let path = dir.path().join("acs5-2023-b05002-counties.json");
    std::fs::write(&path, serde_json::to_vec(&pull).unwrap()).unwrap();
    let run = |arguments: &[&str]| {
        let output = program().args(["--dry-run", "--format", "json"]).args(arguments).output().unwrap();
        let page: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let days = page["summary"]["days"].as_array().unwrap().clone();
        let rows = days.iter().flat_map(|day| day["coverage"].as_array().unwrap().clone());
        let by_county = rows.filter(|row| row["rule"] != "place_weighted");
        let people = |row: &serde_json::Value| {
            let of = |measure: &str| row[measure]["covered"].clone();
            (row["rule"].clone(), row["county_count"].clone(), of("population"), of("foreign_born"))
        };
        by_county.map(|row| people(&row)).collect::<Vec<_>>()
    };
    let pulled = run(&["--acs", text(&path)]);
    assert!(pulled.len() >= 18);
    assert_eq!(pulled, run(&["--acs-vintage", "2019-2023"]));
}

#[test]
fn a_bad_spec_names_file_line_and_nearest_key() {
    let root = tempfile::tempdir().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/coverage/rules.toml");
    let changed = std::fs::read_to_string(rules).unwrap().replacen("kinds = ", "kindz = ", 1);
    std::fs::create_dir_all(root.path().join("pipelines/coverage")).unwrap();
    std::fs::write(root.path().join("pipelines/coverage/rules.toml"), changed).unwrap();
    let (code, message) = fails(&["--root", text(root.path()), "--dry-run"]);
    assert_eq!(code, 3);
    for part in ["pipelines/coverage/rules.toml", "line ", "unknown field `kindz`", "did you mean `kinds`?"] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_root_that_is_not_there_and_a_nonsense_threshold() {
    assert_eq!(fails(&["--root", "/no/such/folder", "--dry-run"]).0, 3);
    let root = tempfile::tempdir().unwrap();
    let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/agreements/checks.toml");
    let changed = std::fs::read_to_string(checks).unwrap().replace("confirm_lists = 2", "confirm_lists = 0");
    std::fs::create_dir_all(root.path().join("pipelines/agreements")).unwrap();
    std::fs::write(root.path().join("pipelines/agreements/checks.toml"), changed).unwrap();
    let (code, message) = fails(&["--root", text(root.path()), "--dry-run"]);
    assert_eq!(code, 3);
    assert_said!(message);
}

/// A list that was named itself still counts as named when its folder is named too, in either order.
#[test]
fn a_named_list_in_a_named_folder_stops_the_run_in_either_order() {
    let dir = tempfile::tempdir().unwrap();
    workbook(&dir.path().join("participatingAgencies06062025am.xlsx"), &[BAY]);
    let bad = dir.path().join("participatingAgencies06072025am.xlsx");
    std::fs::write(&bad, "<html>").unwrap();
    let (folder, bad) = (text(dir.path()), text(&bad));
    assert_eq!(fails(&["--dry-run", "--lists", folder, "--lists", bad]).0, 5);
    assert_eq!(fails(&["--dry-run", "--lists", bad, "--lists", folder]).0, 5);
}

#[test]
fn a_failed_check_publishes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/agreements/checks.toml");
    let changed = std::fs::read_to_string(checks).unwrap().replace("46_108_901", "46_108_902");
    std::fs::create_dir_all(root.path().join("pipelines/agreements")).unwrap();
    std::fs::write(root.path().join("pipelines/agreements/checks.toml"), changed).unwrap();
    let out = root.path().join("out");
    let (code, message) = fails(&["--root", text(root.path()), "--out", text(&out)]);
    assert_eq!(code, 6);
    assert_said!(message);
    assert!(!out.join("current").exists());
}

#[test]
fn a_held_lock_and_an_unwritable_folder() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let held = coverage287::fs::lock(&out.join(".lock"), "process 1").unwrap();
    let (code, message) = fails(&["--out", text(&out)]);
    assert_eq!(code, 7);
    assert_said!(message);
    drop(held);
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (code, message) = fails(&["--out", text(&file.join("out"))]);
    assert_eq!(code, 8);
    assert_said!(message);
}

#[test]
fn as_of_leaves_out_later_lists() {
    let page = |day: &str| {
        let run = program().args(["--dry-run", "--as-of", day]).args(with_four_lists()).assert().success();
        String::from_utf8(run.get_output().stdout.clone()).unwrap()
    };
    assert!(page("2025-06-06").starts_with("287(g) agreements on ICE's list of 2025-06-06;"));
    assert!(page("2025-06-05").starts_with("287(g) agreements on ICE's list of 2025-01-19;"));
    let (code, message) = fails(&["--dry-run", "--as-of", "2020-01-01"]);
    assert_eq!(code, 2);
    assert_said!(message);
}

#[test]
fn commands_read_a_release() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let metrics = dir.path().join("metrics.prom");
    program().args(["--out", text(&out), "--metrics-file", text(&metrics)]).assert().success();
    assert!(std::fs::read_to_string(&metrics).unwrap().contains("coverage287_lists_accepted 421\n"));
    let says = |arguments: &[&str]| {
        let run = program().args(arguments).args(["--release", text(&out)]).assert().success();
        String::from_utf8(run.get_output().stdout.clone()).unwrap()
    };
    let june = says(&["coverage", "--as-of", "2025-06-06"]);
    for part in [
        "Coverage as of 2025-06-06",
        "statewide_all ≤",
        "State agencies behind the upper bounds:",
        "  IA Iowa Department of Public Safety (TFM)",
    ] {
        assert!(june.contains(part), "{part}: {june}");
    }
    let florida = says(&[
        "coverage",
        "--by",
        "state",
        "--rule",
        "sheriff",
        "--models",
        "TFM",
        "--measure",
        "foreign_born",
    ]);
    assert!(florida.lines().any(|line| line.starts_with("TFM     sheriff  FL ")), "{florida}");
    assert!(says(&["coverage", "--by", "county", "--rule", "sheriff"]).contains("Miami-Dade County"));
    let walker = says(&["explain", "Walker County Sheriff", "--format", "json"]);
    assert!(walker.contains("same_words"), "{walker}");
    let monroe = says(&["explain", "Monroe Police Department"]);
    assert!(monroe.contains("Walton County (13297); by place over cell"), "{monroe}");
    let unknown = program().args(["explain", "Nobody", "--release", text(&out)]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    let before =
        program().args(["coverage", "--as-of", "2020-01-01", "--release", text(&out)]).output().unwrap();
    assert_eq!(before.status.code(), Some(2));
    program().args(["check", text(&out)]).assert().success();
    program().args(["coverage", "--release", text(dir.path())]).assert().code(2);
}

/// Without a terminal there are no bars, but one line for each step, as text or as JSON.
#[test]
fn a_step_says_one_line() {
    let dir = tempfile::tempdir().unwrap();
    // The steps in their order, each with its line.
    let mut steps: Vec<&str> = RunStep::ALL.iter().map(RunStep::as_str).collect();
    steps.push("end");
    for (format, out) in [("text", "a"), ("json", "b")] {
        let out = dir.path().join(out);
        let mut command = assert_cmd::Command::cargo_bin("coverage287").unwrap();
        let run = command
            .args(["--out", text(&out), "--log-format", format])
            .args(with_four_lists())
            .assert()
            .success();
        let log = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        // The four lists are old, and two checks say so.
        let (warned, told): (Vec<&str>, Vec<&str>) = log.lines().partition(|line| line.contains("WARN"));
        assert_eq!((warned.len(), told.len()), (2, steps.len()), "{log}");
        for (line, step) in told.into_iter().zip(&steps) {
            assert!(!line.contains('\r') && !line.contains('\u{1b}'), "{line}");
            if format == "json" {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                assert_eq!(line["fields"]["step"], *step);
            } else {
                assert!(line.contains(&format!("step=\"{step}\"")), "{line}");
            }
        }
    }
}

/// The command says what each list is and counts for, without a release.
#[test]
fn lists_are_told_without_publishing() {
    let dir = tempfile::tempdir().unwrap();
    workbook(&dir.path().join("participatingAgencies06062025am.xlsx"), &[BAY]);
    workbook(&dir.path().join("participatingAgencies06062025pm.xlsx"), &[BAY]);
    std::fs::write(dir.path().join("participatingAgencies06072025am.xlsx"), "<html>").unwrap();
    let run = |more: &[&str]| {
        let done = program().args(["lists", "--lists", text(dir.path())]).args(more).assert().success();
        String::from_utf8(done.get_output().stdout.clone()).unwrap()
    };
    let page = run(&[]);
    for part in [
        "2025-06-06  file_name  participating  am       accepted        1    participatingAgencies06062025am.xlsx",
        "duplicate participatingAgencies06062025pm.xlsx: every clean cell and link equals",
        "quarantined participatingAgencies06072025am.xlsx: is a web page",
        "3 lists, 2 rows, 1 refused",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let lines: serde_json::Value = serde_json::from_str(&run(&["--format", "json"])).unwrap();
    let statuses: Vec<_> =
        lines.as_array().unwrap().iter().map(|line| line["list_status"].as_str()).collect();
    assert_eq!(statuses, [Some("accepted"), Some("duplicate"), Some("quarantined")]);
    assert!(!dir.path().join("out").exists());
}

#[test]
fn pipes_and_loops_in_a_folder_are_no_lists() {
    let dir = tempfile::tempdir().unwrap();
    let lists = dir.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    workbook(&lists.join("participatingAgencies06062025am.xlsx"), &[BAY]);
    for link in ["a", "b", "c", "d"] {
        std::os::unix::fs::symlink(&lists, lists.join(link)).unwrap();
    }
    let pipe = lists.join("participatingAgencies06072025am.xlsx");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()) || !pipe.exists());
    let done = program().args(["lists", "--lists", text(&lists)]).assert().success();
    let page = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    assert!(page.ends_with("1 lists, 1 rows, 0 refused\n"), "{page}");
}

/// A list that was cut short would read as the end of its agreements.
#[test]
fn a_list_that_was_cut_short_publishes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..120).map(|n| format!("Town {n} Police Department")).collect();
    let rows: Vec<crate::support::Row> =
        names.iter().map(|agency| crate::support::Row { agency, ..BAY }).collect();
    workbook(&dir.path().join("participatingAgencies06062025am.xlsx"), &rows);
    workbook(&dir.path().join("participatingAgencies06092025am.xlsx"), &rows[..50]);
    let out = dir.path().join("out");
    let (code, message) = fails(&["--lists", text(dir.path()), "--out", text(&out)]);
    assert_eq!(code, 6);
    assert_said!(message);
    assert!(!out.join("current").exists());
}

#[test]
fn a_folder_in_the_place_of_current_is_said_at_once() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("current")).unwrap();
    let (code, message) = fails(&["--out", text(dir.path())]);
    assert_eq!(code, 8);
    assert_said!(message);
}

/// With a clock beyond the year 9999, the program says what happened and publishes nothing.
#[test]
fn a_clock_beyond_the_year_9999_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("clock.c");
    std::fs::write(
        &source,
        "#include <time.h>\nint clock_gettime(clockid_t id, struct timespec *now) { now->tv_sec = 400000000000; now->tv_nsec = 0; return 0; }\n",
    )
    .unwrap();
    let library = dir.path().join("clock.so");
    let compiled =
        std::process::Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    if !compiled.is_ok_and(|status| status.success()) {
        println!("skipped: a_clock_beyond_the_year_9999_is_said: no C compiler makes a shared library");
        return;
    }
    let out = dir.path().join("out");
    for log in ["text", "json"] {
        let run = program()
            .args(["--log-format", log, "run", "--out", text(&out)])
            .env("LD_PRELOAD", &library)
            .assert();
        let run = run.code(2);
        let message = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        assert_said!(message);
    }
    assert!(!out.join("current").exists());
}
