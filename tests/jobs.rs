//! The job around the pipeline: gates and who lets lists through, records, metrics, notices, locks, releases that are
//! kept and made current again, pages of the manual.

use std::path::{Path, PathBuf};

use crate::support::{BAY, HEADERS, Row, assert_said, last_run, program, warnings, workbook, workbook_with};

/// A folder of lists and an output folder.
struct Job {
    dir: tempfile::TempDir,
}

impl Job {
    fn new() -> Self {
        let job = Self { dir: tempfile::tempdir().unwrap() };
        std::fs::create_dir(job.lists()).unwrap();
        job
    }

    fn lists(&self) -> PathBuf {
        self.dir.path().join("lists")
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Adds a list of so many towns, the first ones of all.
    fn add(&self, day: &str, towns: usize) {
        self.add_with(day, towns, |_, row| row);
    }

    fn add_with<'a>(&self, day: &str, towns: usize, change: impl Fn(usize, Row<'a>) -> Row<'a>) {
        let names: Vec<String> = (0..towns).map(|n| format!("Town {n} Police Department")).collect();
        let rows: Vec<Row> = names.iter().map(|agency| Row { agency, ..BAY }).collect();
        let rows: Vec<Row> = rows
            .iter()
            .enumerate()
            .map(|(at, row)| {
                let changed = change(at, BAY);
                Row { agency: row.agency, ..changed }
            })
            .collect();
        workbook(&self.lists().join(format!("participatingAgencies{day}am.xlsx")), &rows);
    }

    fn run(&self, more: &[&str]) -> (i32, String, String) {
        let mut command = program();
        command.arg("--out").arg(self.out()).arg("--lists").arg(self.lists()).args(more);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn record(&self) -> serde_json::Value {
        last_run(&self.out())
    }
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn check<'a>(run: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    run["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

/// Each gate on new lists: the gate stops a list, says why, and the previous release stays.
#[test]
fn gates_stop_what_is_new_and_wrong() {
    type Wrong = fn(&Job);
    let cases: [(&str, Wrong, &str); 4] =
        [
            ("rows_do_not_drop", |job| job.add("06092025", 110), "0.0833 (10 of 120)"),
            ("departures_are_few", |job| job.add("06092025", 110), "0.0833 (10 of 120)"),
            (
                "new_lists_are_understood",
                |job| {
                    job.add_with("06092025", 120, |at, row| {
                        if at < 3 { Row { model: "Tribal Model", ..row } } else { row }
                    })
                },
                "0.0250 (3 of 120)",
            ),
            (
                "headers_are_known",
                |job| {
                    let mut headers = HEADERS;
                    headers[4] = "PROGRAM";
                    workbook_with(
                        &job.lists().join("participatingAgencies06092025am.xlsx"),
                        &headers,
                        &[BAY],
                        |_| {},
                    );
                },
                "unknown header",
            ),
        ];
    for (name, add, found) in cases {
        let job = Job::new();
        job.add("06062025", 120);
        assert_eq!(job.run(&[]).0, 0, "{name}");
        let before = std::fs::read_link(job.out().join("current")).unwrap();
        add(&job);
        let (code, _, text) = job.run(&[]);
        assert_eq!(code, 6, "{name}: {text}");
        assert!(text.contains(&format!("check {name} failed")) && text.contains(found), "{name}: {text}");
        assert_eq!(std::fs::read_link(job.out().join("current")).unwrap(), before);
        let record = job.record();
        assert_eq!((&record["status"], &record["exit_code"]), (&"blocked".into(), &6.into()));
        assert_eq!(check(&record, name)["passed"], false);
        assert_eq!(check(&record, "keys_are_unique")["passed"], true, "those that passed are recorded too");
        // The last successful run is remembered.
        assert!(record["last_success"]["release_id"].as_str().unwrap().starts_with("2025-06-06"));

        // A person lets the list through, and the release says so.
        let failing: Vec<String> = record["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|check| check["passed"] == false && check["blocking"] == true)
            .map(|check| check["name"].as_str().unwrap().to_owned())
            .collect();
        let mut accept: Vec<&str> = failing.iter().flat_map(|name| ["--accept", name]).collect();
        assert_eq!(job.run(&accept).0, 2, "without a reason");
        accept.extend(["--reason", "ICE confirmed it by phone, ask someone@example.org"]);
        let (code, page, text) = job.run(&accept);
        assert_eq!(code, 0, "{name}: {text}");
        assert!(page.contains("ICE confirmed it by phone") && !page.contains("example.org"), "{page}");
        let run = std::fs::read_to_string(job.out().join("current/run.json")).unwrap();
        assert!(run.contains("ICE confirmed it by phone") && !run.contains("example.org"), "{name}");

        // This holds once: the accepted list is no longer new, and the next list is checked again.
        assert_eq!(job.run(&[]).0, 0, "{name}: nothing new");
        assert_eq!(job.run(&["--rebuild"]).0, 0, "{name}: the same lists");
        job.add("06102025", 90);
        assert_eq!(job.run(&[]).0, 6, "{name}: another drop");
    }
}

/// A list of a future day is stopped. The day of the run is given, since the clock's is another every day.
#[test]
fn a_list_of_a_day_to_come_is_stopped() {
    use coverage287::job::run;
    use coverage287::settings::RunSettings;
    let job = Job::new();
    job.add("06062025", 3);
    job.add("06092025", 3);
    let mut settings = RunSettings::dry(&[job.lists()]);
    for (today, is_stopped) in [("2025-06-08", true), ("2025-06-09", false)] {
        settings.watched.today = Some(today.parse().unwrap());
        let over = run(&settings);
        assert_eq!(over.last_run.exit_code, if is_stopped { 6 } else { 0 }, "{today}");
        let line = over.last_run.error.unwrap_or_default();
        assert_eq!(
            line.contains("participatingAgencies06092025am.xlsx is of 2025-06-09"),
            is_stopped,
            "{line}"
        );
    }
}

#[test]
fn what_can_be_accepted_is_said() {
    let job = Job::new();
    job.add("06062025", 3);
    for name in ["no_such_check", "keys_are_unique", "source_is_fresh"] {
        let (code, _, text) = job.run(&["--accept", name, "--reason", "why"]);
        assert_eq!(code, 2, "{text}");
        assert_said!(text);
    }
    assert_eq!(job.run(&["--accept", "rows_do_not_drop", "--reason", "  "]).0, 2);
    assert!(!job.out().exists());
}

/// The age of the newest list is also checked for a release that is already there.
#[test]
fn a_source_that_is_stale_is_told_on_a_day_with_nothing_new() {
    let job = Job::new();
    job.add("06062025", 3);
    let metrics = job.at("coverage287.prom");
    let told = ["--metrics-file", metrics.to_str().unwrap()];
    assert_eq!(job.run(&[&told[..], &["--as-of", "2025-06-20"]].concat()).0, 0);
    assert!(
        std::fs::read_to_string(&metrics)
            .unwrap()
            .contains("coverage287_check_passed{check=\"source_is_fresh\",blocking=\"false\"} 1\n")
    );
    for _ in 0..2 {
        let (code, page, _) = job.run(&told);
        assert_eq!(code, 0);
        assert_eq!(job.record()["status"], "nothing_new");
        assert_eq!(check(&job.record(), "source_is_fresh")["passed"], false);
        assert!(page.contains("source_is_fresh"), "{page}");
    }
    let text = std::fs::read_to_string(&metrics).unwrap();
    assert!(
        text.contains("coverage287_check_passed{check=\"source_is_fresh\",blocking=\"false\"} 0\n"),
        "{text}"
    );
    assert!(text.contains("coverage287_newest_list_timestamp_seconds 1749168000\n"), "{text}");

    // Where the spec makes the check block, it blocks.
    let root = job.at("root");
    std::fs::create_dir_all(root.join("pipelines/agreements")).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/agreements/checks.toml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let text = text.replace(
        "name = \"source_is_fresh\"\nblocking = false",
        "name = \"source_is_fresh\"\nblocking = true",
    );
    std::fs::write(root.join("pipelines/agreements/checks.toml"), text).unwrap();
    let root = ["--root", root.to_str().unwrap()];
    assert_eq!(job.run(&[&root[..], &["--as-of", "2025-06-20"]].concat()).0, 0);
    assert_eq!(job.run(&root).0, 6);
}

#[test]
fn a_run_is_recorded_and_measured_whatever_comes_of_it() {
    let job = Job::new();
    job.add("06062025", 3);
    let metrics = job.at("m.prom");
    let told = ["--metrics-file", metrics.to_str().unwrap()];
    let of = |name: &str| {
        let text = std::fs::read_to_string(&metrics).unwrap();
        let line =
            text.lines().find(|line| line.starts_with(&format!("coverage287_{name} "))).map(str::to_owned);
        line.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
    };
    assert_eq!(job.run(&told).0, 0);
    let (first, published) = (job.record(), of("last_success_timestamp_seconds").unwrap());
    assert_eq!((&first["status"], &first["exit_code"]), (&"changed".into(), &0.into()));
    assert_said!(first["line"].as_str().unwrap());
    assert_eq!((of("success"), of("agreements")), (Some(1.0), Some(3.0)));
    let steps: Vec<&str> =
        first["steps"].as_array().unwrap().iter().map(|step| step[0].as_str().unwrap()).collect();
    assert_eq!(steps, coverage287::words::RunStep::ALL.iter().map(|step| step.as_str()).collect::<Vec<_>>());

    assert_eq!(job.run(&told).0, 0);
    assert_eq!(job.record()["status"], "nothing_new");

    // A refused list gives exit code 5, and changes nothing else.
    std::fs::write(job.lists().join("participatingAgencies06072025am.xlsx"), "<html>").unwrap();
    let named = job.lists().join("participatingAgencies06072025am.xlsx");
    let before = std::fs::read_link(job.out().join("current")).unwrap();
    let (code, _, _) = job.run(&[&told[..], &["--lists", named.to_str().unwrap()]].concat());
    assert_eq!(code, 5);
    let record = job.record();
    assert_eq!((&record["status"], &record["exit_code"]), (&"failed".into(), &5.into()));
    assert_said!(record["error"].as_str().unwrap());
    assert_eq!(record["last_success"]["release_id"], first["release_id"]);
    assert_eq!((of("success"), of("exit_code")), (Some(0.0), Some(5.0)));
    assert!(of("last_success_timestamp_seconds").unwrap() >= published);
    assert_eq!(std::fs::read_link(job.out().join("current")).unwrap(), before);

    // `--brief` prints one line, for a mail.
    std::fs::remove_file(named).unwrap();
    let (_, line, _) = job.run(&["--brief"]);
    assert_eq!(line.lines().count(), 1, "{line}");
    assert_eq!(line.trim_end(), job.record()["line"].as_str().unwrap());
}

#[test]
fn logs_carry_the_run() {
    let job = Job::new();
    job.add("06062025", 3);
    let log = |form: &str| {
        let mut command = assert_cmd::Command::cargo_bin("coverage287").unwrap();
        command
            .args(["--log-format", form, "--rebuild", "--out"])
            .arg(job.out())
            .arg("--lists")
            .arg(job.lists());
        String::from_utf8(command.assert().success().get_output().stderr.clone()).unwrap()
    };
    let lines = log("json");
    let id = job.record()["run_id"].as_str().unwrap().to_owned();
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 5 && lines.iter().all(|line| line["span"]["id"] == *id), "{lines:?}");
    let steps: Vec<&str> = lines.iter().filter_map(|line| line["fields"]["step"].as_str()).collect();
    let all = coverage287::words::RunStep::ALL.iter().map(|step| step.as_str());
    assert_eq!(steps, all.chain(["end"]).collect::<Vec<_>>());
    let text = log("text");
    let id = job.record()["run_id"].as_str().unwrap().to_owned();
    assert!(text.lines().all(|line| line.contains(&id)), "{text}");
}

#[test]
fn somebody_is_told_on_change_and_on_failure() {
    let job = Job::new();
    job.add("06062025", 3);
    let (told, line) = (job.at("told"), job.at("line"));
    let command = format!(
        "echo \"$COVERAGE287_STATUS $COVERAGE287_EXIT_CODE\" >> {}; cat > {}",
        told.display(),
        line.display()
    );
    let notify = ["--notify-command", command.as_str()];
    job.run(&notify);
    job.run(&notify);
    std::fs::write(job.lists().join("participatingAgencies06072025am.xlsx"), "<html>").unwrap();
    let named = job.lists().join("participatingAgencies06072025am.xlsx");
    job.run(&[&notify[..], &["--lists", named.to_str().unwrap()]].concat());
    assert_eq!(std::fs::read_to_string(&told).unwrap(), "changed 0\nfailed 5\n", "nothing new is no news");
    assert_said!(std::fs::read_to_string(line).unwrap());
    // A failure to tell somebody does not change the result of the run.
    std::fs::remove_file(named).unwrap();
    job.add("06092025", 4);
    let (code, _, text) = job.run(&["--notify-command", "exit 3", "--metrics-file", "/nowhere/m.prom"]);
    assert_eq!(code, 0);
    assert_said!(warnings(&text));
}

#[test]
fn releases_are_kept_removed_and_pointed_back_at() {
    let job = Job::new();
    let ids = |job: &Job| -> Vec<(String, bool)> {
        let mut command = program();
        command.args(["releases", "--format", "json", "--out"]).arg(job.out());
        let done = command.assert().success();
        let list: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
        list.as_array()
            .unwrap()
            .iter()
            .map(|r| (r["release_id"].as_str().unwrap()[..10].to_owned(), r["is_current"] == true))
            .collect()
    };
    let days = ["06062025", "06092025", "06102025", "06112025"];
    for (n, day) in days.iter().enumerate() {
        job.add(day, 3 + n);
        assert_eq!(job.run(&["--keep", "3"]).0, 0);
    }
    let expect = |days: &[&str], current: &str| -> Vec<(String, bool)> {
        days.iter().map(|day| (format!("2025-06-{day}"), *day == current)).collect()
    };
    assert_eq!(ids(&job), expect(&["09", "10", "11"], "11"));
    let on = |args: &[&str]| {
        let output = program().args(args).arg("--out").arg(job.out()).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    assert_eq!(on(&["rollback"]).0, 0);
    assert_eq!(ids(&job), expect(&["09", "10", "11"], "10"));
    // The next run goes forward, which is news for readers of `current`.
    let told = job.at("told");
    let (code, text, _) = job.run(&["--brief", "--notify-command", &format!("cat >> '{}'", told.display())]);
    assert_eq!(code, 0, "{text}");
    assert_said!(text);
    assert_eq!(job.record()["status"], "changed");
    assert_eq!(std::fs::read_to_string(&told).unwrap().trim_end(), text.trim_end());
    assert_eq!(ids(&job), expect(&["09", "10", "11"], "11"));
    let (_, text, _) = job.run(&["--brief"]);
    assert_said!(text);
    assert_eq!(on(&["rollback"]).0, 0);
    program().arg("check").arg(job.out()).assert().success();
    // A damaged release is not made current.
    let releases: Vec<String> = std::fs::read_dir(job.out().join("releases"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let oldest = releases.iter().find(|id| id.starts_with("2025-06-09")).unwrap();
    std::fs::write(job.out().join("releases").join(oldest).join("lists.parquet"), "x").unwrap();
    let (code, text) = on(&["rollback", oldest]);
    assert_eq!(code, 6, "{text}");
    assert_said!(text);
    assert_eq!(on(&["rollback", "2020-01-01-00000000"]).0, 2);
    // The current release is never removed, however few are kept.
    let (code, text) = on(&["prune", "--keep", "1"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(ids(&job), expect(&["10"], "10"));
    // The next run goes forward again.
    assert_eq!(job.run(&[]).0, 0);
    assert_eq!(ids(&job), expect(&["10", "11"], "11"));
    assert_eq!(on(&["prune", "--keep", "0"]).0, 2);
}

#[test]
fn the_manual_is_made_from_the_arguments() {
    let dir = tempfile::tempdir().unwrap();
    program().arg("manual").arg(dir.path()).assert().success();
    let page = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    assert!(page("man/man1/coverage287.1").contains("Exit codes"));
    assert!(page("man/man1/coverage287-fetch.1").contains("import"));
    assert!(page("bash-completion/completions/coverage287").contains("--notify-command"));
    for name in ["zsh/site-functions/_coverage287", "fish/vendor_completions.d/coverage287.fish"] {
        assert!(!page(name).is_empty());
    }
}

/// The program starts without a network and writes only below the folders that it was given: the test looks at every
/// system call that opens to write, renames, removes, or asks for a connection.
#[test]
fn it_writes_only_where_it_may_and_asks_nobody() {
    let found = std::process::Command::new("strace").arg("--version").output();
    if !found.is_ok_and(|found| found.status.success()) {
        println!("skipped: system calls are not looked at: strace cannot be had");
        return;
    }
    let job = Job::new();
    job.add("06062025", 3);
    let trace = job.at("trace");
    let metrics = job.at("out-of-the-way.prom");
    let traced = std::process::Command::new("strace")
        .args(["-f", "-qq", "-y", "-e", "trace=%file,%network,ftruncate", "-o"])
        .arg(&trace)
        .arg(assert_cmd::cargo::cargo_bin!("coverage287"))
        .args(["--quiet", "--metrics-file"])
        .arg(&metrics)
        .arg("--out")
        .arg(job.out())
        .arg("--lists")
        .arg(job.lists())
        .current_dir("/")
        .output()
        .unwrap();
    assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
    let trace = std::fs::read_to_string(trace).unwrap();
    let mut written = 0;
    for line in trace.lines() {
        let call = line.split_whitespace().nth(1).unwrap_or_default();
        let is_network =
            ["socket(", "connect(", "bind(", "sendto("].iter().any(|name| call.starts_with(name));
        // A signal wakes its own process through a pair of sockets.
        assert!(!is_network, "{line}");
        let opens_to_write =
            call.starts_with("open") && ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|f| line.contains(f));
        let changes = ["rename", "unlink", "mkdir", "rmdir", "symlink", "link(", "truncate", "chmod"];
        if !opens_to_write && !changes.iter().any(|name| call.starts_with(name)) {
            continue;
        }
        let may = [job.out(), metrics.clone()];
        let is_allowed = may.iter().any(|path| line.contains(&*path.to_string_lossy()));
        let is_device = ["/dev/null", "/dev/tty", "/proc/self/"].iter().any(|path| line.contains(path));
        assert!(is_allowed || is_device, "{line}");
        written += usize::from(is_allowed);
    }
    assert!(written > 50, "{written}");
}

/// A list that is gone, or cannot be read, takes the release back in time only if a person says so.
#[test]
fn no_release_goes_back_in_time_by_itself() {
    let job = Job::new();
    job.add("06062025", 3);
    job.add("06092025", 4);
    assert_eq!(job.run(&[]).0, 0);
    let newest = job.lists().join("participatingAgencies06092025am.xlsx");
    let aside = job.at("aside.xlsx");
    std::fs::rename(&newest, &aside).unwrap();
    for _ in 0..2 {
        let (code, _, text) = job.run(&[]);
        assert_eq!(code, 6, "{text}");
        assert_said!(text);
    }
    // A person asks on purpose for the release of that day.
    assert_eq!(job.run(&["--as-of", "2025-06-06"]).0, 0);
    std::fs::rename(&aside, &newest).unwrap();
    assert_eq!(job.run(&[]).0, 0);

    // A file in the store of originals that cannot be read is not what was stored.
    let bytes = std::fs::read(&newest).unwrap();
    use sha2::{Digest, Sha256};
    let folder = job.lists().join(coverage287::spec::hex(&Sha256::digest(&bytes)));
    std::fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("participatingAgencies06092025am.xlsx")).unwrap();
    let (code, _, text) = job.run(&[]);
    assert_eq!(code, 5, "{text}");
    assert_said!(text);
}

/// An accepted check is remembered: by a dry run, after a rollback, and when the release is made again.
#[test]
fn what_was_let_through_is_remembered() {
    let job = Job::new();
    job.add("06062025", 120);
    assert_eq!(job.run(&[]).0, 0);
    job.add("06092025", 110);
    let accept = ["--accept", "rows_do_not_drop", "--accept", "departures_are_few", "--reason", "confirmed"];
    assert_eq!(job.run(&accept).0, 0);
    let accepted = || json(&job.out().join("current/run.json"))["accepted"].clone();
    let first = accepted();
    assert_eq!(first.as_array().unwrap().len(), 2, "{first}");
    assert_eq!((&first[0]["check"], &first[0]["reason"]), (&"rows_do_not_drop".into(), &"confirmed".into()));
    assert_eq!(job.run(&["--rebuild"]).0, 0);
    assert_eq!(accepted(), first);
    assert_eq!(job.run(&["--dry-run"]).0, 0);
    program().args(["rollback", "--out"]).arg(job.out()).assert().success();
    assert_eq!(job.run(&[]).0, 0, "forward again");
    assert_eq!(accepted(), first);
}

#[test]
fn what_lies_beside_releases_is_left_alone() {
    let job = Job::new();
    for (n, day) in ["06062025", "06092025"].iter().enumerate() {
        job.add(day, 3 + n);
        assert_eq!(job.run(&[]).0, 0);
    }
    let notes = job.out().join("releases/my-notes");
    std::fs::create_dir(&notes).unwrap();
    std::fs::write(notes.join("n.txt"), "x").unwrap();
    program().args(["prune", "--keep", "1", "--out"]).arg(job.out()).assert().success();
    assert!(notes.join("n.txt").exists());
    assert_eq!(std::fs::read_dir(job.out().join("releases")).unwrap().count(), 2);
}

/// A log for a machine stays JSON to its end, and names the run that failed, however quiet it is.
#[test]
fn errors_are_events_of_a_json_log() {
    let job = Job::new();
    std::fs::write(job.lists().join("participatingAgencies06072025am.xlsx"), "<html>").unwrap();
    let (code, _, log) = job.run(&["--log-format", "json"]);
    assert_eq!(code, 5);
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    assert_eq!((&last["level"], &last["fields"]["exit_code"]), (&"ERROR".into(), &5.into()));
    assert_said!(last["fields"]["message"].as_str().unwrap());
    assert!(lines.iter().all(|line| line["span"]["id"] == job.record()["run_id"]), "{log}");
}

#[test]
fn that_it_works_again_is_news() {
    let job = Job::new();
    job.add("06062025", 3);
    let told = job.at("told");
    let command = format!("echo $COVERAGE287_STATUS >> {}", told.display());
    let notify = ["--notify-command", command.as_str()];
    job.run(&notify);
    let bad = job.at("participatingAgencies06072025am.xlsx");
    std::fs::write(&bad, "<html>").unwrap();
    job.run(&[&notify[..], &["--lists", bad.to_str().unwrap()]].concat());
    job.run(&notify);
    job.run(&notify);
    assert_eq!(std::fs::read_to_string(&told).unwrap(), "changed\nfailed\nnothing_new\n");
}
