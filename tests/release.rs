//! A release on disk: whole or not there.

use std::path::Path;

use crate::support::{assert_said, is_nothing_new, program, promised, with_four_lists};

fn publish(out: &Path) -> String {
    let run = program().args(["--out", out.to_str().unwrap()]).args(with_four_lists()).assert().success();
    String::from_utf8(run.get_output().stdout.clone()).unwrap()
}

#[test]
fn a_second_run_finds_nothing_new_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    publish(&out);
    let run_json = std::fs::read(out.join("current/run.json")).unwrap();
    publish(&out);
    assert!(is_nothing_new(&out));
    assert_eq!(std::fs::read(out.join("current/run.json")).unwrap(), run_json);
    assert_eq!(std::fs::read_dir(out.join("releases")).unwrap().count(), 1);
}

#[test]
fn a_damaged_release_is_found_and_made_whole() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    publish(&out);
    let before = promised(&out.join("current"));
    let victim = out.join("current/agreements.parquet");
    let mut bytes = std::fs::read(&victim).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&victim, bytes).unwrap();
    let check = program().args(["check", out.to_str().unwrap()]).output().unwrap();
    assert_eq!(check.status.code(), Some(6));
    assert_said!(String::from_utf8_lossy(&check.stderr));
    publish(&out);
    assert!(!is_nothing_new(&out));
    assert_eq!(promised(&out.join("current")), before);
    program().args(["check", out.to_str().unwrap()]).assert().success();
}

#[test]
fn changed_documents_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    publish(&out);
    for name in ["dictionary.md", "run.json"] {
        let path = out.join("current").join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}more")).unwrap();
        let check = program().args(["check", out.to_str().unwrap()]).output().unwrap();
        assert_eq!(check.status.code(), Some(6), "{name}");
        assert!(String::from_utf8_lossy(&check.stderr).contains(name));
        std::fs::write(&path, text).unwrap();
    }
    program().args(["check", out.to_str().unwrap()]).assert().success();
}

#[test]
fn what_a_killed_run_left_behind_does_not_matter() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    publish(&out);
    let id =
        std::fs::read_link(out.join("current")).unwrap().file_name().unwrap().to_string_lossy().into_owned();
    std::fs::remove_dir_all(out.join("releases").join(&id)).unwrap();
    let aside = out.join("releases").join(format!(".{id}.part"));
    std::fs::create_dir(&aside).unwrap();
    std::fs::write(aside.join("stray.parquet"), "half").unwrap();
    std::fs::create_dir(out.join("releases").join(format!(".{id}.old"))).unwrap();
    std::os::unix::fs::symlink("nowhere", out.join("current.new")).unwrap();
    publish(&out);
    program().args(["check", out.to_str().unwrap()]).assert().success();
    assert!(!out.join("current/stray.parquet").exists() && !aside.exists());
    assert_eq!(std::fs::read_dir(out.join("releases")).unwrap().count(), 1);
}

#[test]
fn run_json_tells_inputs_outputs_counts_and_checks() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    publish(&out);
    let text = std::fs::read_to_string(out.join("current/run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&text).unwrap();
    // Four lists, and the figures that are shipped.
    assert_eq!(run["inputs"].as_array().unwrap().len(), 4 + 7);
    let hashes = promised(&out.join("current"));
    let outputs = run["outputs"].as_array().unwrap();
    assert_eq!(outputs.len(), hashes.len());
    for output in outputs {
        let (path, sha256) = (output["path"].as_str().unwrap(), output["sha256"].as_str().unwrap());
        assert!(hashes.contains(&(path.to_owned(), sha256.to_owned())), "{path}");
    }
    assert_eq!(run["counts"]["rows_read"], 135 + 649 + 1492 + 79);
    let checks = run["checks"].as_array().unwrap();
    // The four lists are old, and two checks say so.
    let is_of_age = |name: &serde_json::Value| name == "source_is_fresh" || name == "pending_list_is_recent";
    let is_right = |c: &serde_json::Value| (c["passed"] == true) != is_of_age(&c["name"]);
    assert!(checks.len() >= 12 && checks.iter().all(|c| is_right(c) && !c["actual"].is_null()));
    // No path of a machine, no host, no user.
    assert!(!text.contains(dir.path().to_str().unwrap()));
}
