//! Everything a person reads of the program, as it is: help, errors, pages. A reworded message is one reviewed snapshot
//! (`INSTA_UPDATE=always cargo test --release messages`); other tests ask for exit codes, names and numbers.

use std::path::Path;

use crate::support::{BAY, HEADERS, program, with_four_lists, workbook, workbook_with};

/// Compares a text with its snapshot; names in brackets replace values that differ from run to run.
fn assert_reads(name: &str, text: &str, dir: &Path) {
    let dir = dir.to_str().unwrap().replace('\\', "/");
    insta::with_settings!({
        snapshot_path => "golden",
        prepend_module_to_snapshot => false,
        omit_expression => true,
        filters => vec![
            (dir.as_str(), "[DIR]"),
            (r"\d{4}-\d\d-\d\d-[0-9a-f]{8}", "[RELEASE]"),
            (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "[TIME]"),
            (r"process \d+, started [^,]+, run [^)]+", "[RUN]"),
            (r"\d{8}T\d{6}Z-\d+", "[RUN]"),
            // The age of the newest list grows from day to day.
            (r"\d+ days: the newest list", "[DAYS]: the newest list"),
        ],
    }, {
        insta::assert_snapshot!(name, text);
    });
}

/// Returns the output of a call: exit code, standard output, standard error.
fn said(arguments: &[&str]) -> String {
    let output = program().args(arguments).output().unwrap();
    let of = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    format!(
        "$ coverage287 {}\n[exit code {code}]\n{}{}\n",
        arguments.join(" "),
        of(&output.stdout),
        of(&output.stderr)
    )
}

#[test]
fn help() {
    let commands: [&[&str]; 18] = [
        &[],
        &["run"],
        &["fetch"],
        &["lists"],
        &["coverage"],
        &["benchmarks"],
        &["claims"],
        &["explain"],
        &["census"],
        &["diff"],
        &["suggest"],
        &["record"],
        &["record", "add"],
        &["check"],
        &["schema"],
        &["releases"],
        &["prune"],
        &["rollback"],
    ];
    let texts = commands.map(|command| said(&[command, &["--help"]].concat()));
    assert!(texts.iter().all(|text| text.contains("[exit code 0]")));
    assert_reads("help", &texts.concat(), Path::new("no folder"));
}

#[test]
fn errors() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let out = path("out");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        path(name)
    };
    let mut other = HEADERS;
    other[4] = "PROGRAM";
    let header = path("participatingAgencies06082025am.xlsx");
    workbook_with(Path::new(&header), &other, &[BAY], |_| {});
    let good = path("participatingAgencies06062025am.xlsx");
    workbook(Path::new(&good), &[BAY]);
    let web_page = write("participatingAgencies06072025am.xlsx", b"<!DOCTYPE html><title>404</title>");
    let no_day = write(
        "agreements.csv",
        b"STATE,LAW ENFORCEMENT AGENCY,SUPPORT TYPE,SIGNED,MOA\nTEXAS,X,Task Force Model,2025-03-01,link\n",
    );
    let acs = write("acs5-2023.json", b"[[\"NAME\",\"B05002_001E\"],[\"Bay County\",\"x\"]]");
    let shares = write("shares.csv", b"place,county\n1,2\n");
    let empty = path("empty");
    std::fs::create_dir(&empty).unwrap();
    let root = path("root");
    std::fs::create_dir_all(Path::new(&root).join("pipelines/agreements")).unwrap();
    let checks = Path::new(&root).join("pipelines/agreements/checks.toml");
    std::fs::write(&checks, "confirm_lists = 2\nstatement_days = 1\npending_behind_days = 21\n[[check]]\nname = \"rows_are_concerved\"\nblocking = true\ntext = \"x\"\n").unwrap();
    let calls: [&[&str]; 17] = [
        &["run", "--lists", &path("nowhere.xlsx"), "--out", &out],
        &["run", "--lists", &empty, "--out", &out],
        &["run", "--lists", &header, "--out", &out],
        &["run", "--lists", &web_page, "--out", &out],
        &["run", "--lists", &no_day, "--out", &out],
        &["run", "--lists", &good, "--acs", &acs, "--out", &out],
        &["run", "--lists", &good, "--acs", &path("nowhere.json"), "--out", &out],
        &["run", "--lists", &good, "--acs-vintage", "1999-2003", "--out", &out],
        &["run", "--lists", &good, "--place-shares", &shares, "--out", &out],
        &["run", "--lists", &good, "--accept", "no_such_check", "--reason", "x", "--out", &out],
        &["run", "--lists", &good, "--accept", "keys_are_unique", "--reason", "x", "--out", &out],
        &["run", "--lists", &good, "--out", &write("a file", b"")],
        &["--root", &root, "run", "--out", &out],
        &["coverage", "--release", &path("nowhere")],
        &["check", &empty],
        &["diff", &empty, &empty],
        &["run", "--no-such-option"],
    ];
    let texts: String = calls.iter().map(|call| said(call)).collect();
    assert!(!texts.contains("[exit code 0]") && !texts.contains("[exit code 1]"), "{texts}");
    assert_reads("errors", &texts, dir.path());
}

#[test]
fn pages() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let out = out.to_str().unwrap();
    let made = said(&[&["run", "--out", out], with_four_lists().as_slice()].concat());
    let page = made.split_once("\n[exit code 0]\n").map_or(made.as_str(), |(_, page)| page);
    let calls: [&[&str]; 10] = [
        &["coverage", "--release", out],
        &["coverage", "--release", out, "--geography", "TX", "--models", "TFM"],
        &["coverage", "--release", out, "--rule", "nowhere"],
        &["coverage", "--release", out, "--rule", "jail_operator", "--models", "TFM"],
        &["coverage", "--release", out, "--since", "2025-06-06", "--rule", "county_agency"],
        &["benchmarks", "--release", out],
        &["explain", "--release", out, "Bay County Sheriff's Office"],
        &["explain", "--release", out, "County"],
        &["releases", "--out", out],
        &["check", out],
    ];
    let texts: String = calls.iter().map(|call| said(call)).collect();
    assert_reads("pages", &format!("{page}\n{texts}"), dir.path());
}
