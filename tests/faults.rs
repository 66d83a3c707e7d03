//! Faults: whatever operation on disk fails, wherever the process dies, `current` is whole and the next run comes to
//! the same bytes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use clap::Parser;
use coverage287::exit::EndsCommand;
use coverage287::fs::faults::{self, InjectedFault};

use crate::support::{BAY, Row, assert_said, program, promised, workbook};

const PLAN: &str = "COVERAGE287_TEST_PLAN";
const SIGNAL_AT: &str = "COVERAGE287_TEST_SIGNAL_AT";
const ARGS: &str = "COVERAGE287_TEST_ARGS";

/// Not a test: runs the program inside this process, with a fault planned, when a test starts it so.
#[test]
fn child() {
    let Ok(args) = std::env::var(ARGS) else { return };
    if let Ok(plan) = std::env::var(PLAN) {
        let (kind, nth) = plan.split_once(' ').unwrap();
        let fault = match kind {
            "full" => InjectedFault::Full,
            "once" => InjectedFault::Once,
            _ => InjectedFault::Abort,
        };
        faults::plan(nth.parse().unwrap(), fault);
    }
    if let Ok(step) = std::env::var(SIGNAL_AT) {
        tracing::subscriber::set_global_default(SignalAt(step)).unwrap();
    }
    let cli = coverage287::cli::Cli::parse_from(args.split('\n'));
    let code = match coverage287::commands::dispatch(cli) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("error: {}", error.explained());
            error.exit_code().number()
        }
    };
    eprintln!("operations: {}", faults::count());
    std::process::exit(i32::from(code));
}

/// A log that sends this process a SIGTERM at the line of a step, so that it arrives before the step is over.
struct SignalAt(String);

impl tracing::Subscriber for SignalAt {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Step(String);
        impl tracing::field::Visit for Step {
            fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
                if field.name() == "step" {
                    self.0 = value.to_owned();
                }
            }
            fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
        }
        let mut step = Step(String::new());
        event.record(&mut step);
        if step.0 == self.0 {
            signal_hook::low_level::raise(signal_hook::consts::SIGTERM).unwrap();
        }
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// Runs the program in a process of its own, inside this binary.
fn start(args: &[&str], environment: &[(&str, String)]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "faults::child", "--nocapture", "--test-threads=1"])
        .env(ARGS, [&["coverage287"], args].concat().join("\n"))
        .env("RAYON_NUM_THREADS", "1")
        .env("POLARS_MAX_THREADS", "1")
        .envs(environment.iter().map(|(name, value)| (*name, value)))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Two small lists, the first of them published.
struct Small {
    dir: tempfile::TempDir,
}

impl Small {
    fn new() -> Self {
        let small = Self { dir: tempfile::tempdir().unwrap() };
        std::fs::create_dir(small.lists()).unwrap();
        workbook(&small.lists().join("participatingAgencies06062025am.xlsx"), &[BAY]);
        small
    }

    fn lists(&self) -> PathBuf {
        self.dir.path().join("lists")
    }

    fn add_the_second(&self) {
        let gulf = Row { agency: "Gulf County Sheriff's Office", ..BAY };
        workbook(&self.lists().join("participatingAgencies06092025am.xlsx"), &[BAY, gulf]);
    }

    /// Makes another output folder, a copy of `from`.
    fn copy(&self, from: &Path, name: &str) -> PathBuf {
        let to = self.dir.path().join(name);
        drop(std::fs::remove_dir_all(&to));
        let copied = Command::new("cp").arg("-a").arg(from).arg(&to).status().unwrap();
        assert!(copied.success());
        to
    }

    fn publish(&self, out: &Path) {
        program().arg("--out").arg(out).arg("--lists").arg(self.lists()).assert().success();
    }

    fn start(&self, out: &Path, environment: &[(&str, String)]) -> Output {
        let (out, lists) = (out.to_str().unwrap(), self.lists());
        start(
            &["--quiet", "run", "--keep", "2", "--out", out, "--lists", lists.to_str().unwrap()],
            environment,
        )
    }
}

fn operations(output: &Output) -> usize {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.strip_prefix("operations: "));
    line.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

/// Whether `current` is there and as it was written.
fn is_whole(out: &Path) -> bool {
    coverage287::publish::Release::open(out)
        .is_ok_and(|release| release.damage().is_ok_and(|damage| damage.is_empty()))
}

/// Each operation of a run that has a previous release and a damaged one to replace, one after the other: it fails
/// alone, the disk is full from there on, or the process dies there.
#[test]
fn whatever_operation_fails_current_is_whole_and_the_next_run_is_the_same() {
    let small = Small::new();
    let base = small.dir.path().join("base");
    small.publish(&base);
    let first = promised(&base.join("current"));
    small.add_the_second();
    let after = small.copy(&base, "after");
    small.publish(&after);
    let second = promised(&after.join("current"));
    assert_ne!(first, second);
    // The release that the run makes is already there and damaged, so that the run must replace it.
    let id = std::fs::read_link(after.join("current")).unwrap();
    std::fs::create_dir_all(base.join(&id)).unwrap();
    std::fs::write(base.join(&id).join("lists.parquet"), "damaged").unwrap();

    let counted = small.start(&small.copy(&base, "counted"), &[(PLAN, "once 0".into())]);
    let all = operations(&counted);
    assert!(all > 100, "{all}");
    let (small, base, first, second) = (&small, &base, &first, &second);
    // A full disk is like one failure that goes on at later operations: every seventh operation is enough.
    let kinds = |nth: usize| if nth % 7 == 1 { &["once", "abort", "full"][..] } else { &["once", "abort"] };
    let faults: Vec<(usize, &str)> =
        (1..=all).flat_map(|nth| kinds(nth).iter().map(move |kind| (nth, *kind))).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let next = &next;
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let faults = &faults;
            scope.spawn(move || {
                while let Some((nth, kind)) =
                    faults.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
                {
                    let out = small.copy(base, &format!("out{worker}"));
                    let output = small.start(&out, &[(PLAN, format!("{kind} {nth}"))]);
                    let text = String::from_utf8_lossy(&output.stderr).into_owned();
                    assert!(is_whole(&out), "{kind} {nth}: {text}");
                    let now = promised(&out.join("current"));
                    assert!(now == *first || now == *second, "{kind} {nth}");
                    match output.status.code() {
                        Some(0) => assert_eq!(now, *second, "{kind} {nth}: {text}"),
                        Some(8) => {}
                        None if *kind == "abort" => {}
                        other => panic!("{kind} {nth}: {other:?} {text}"),
                    }
                    // The leftovers do not disturb the next run.
                    small.publish(&out);
                    assert_eq!(promised(&out.join("current")), *second, "{kind} {nth}");
                    let left = std::fs::read_dir(out.join("releases")).unwrap().flatten();
                    let left: Vec<_> = left
                        .map(|entry| entry.file_name())
                        .filter(|name| name.to_string_lossy().starts_with('.'))
                        .collect();
                    assert!(left.is_empty(), "{kind} {nth}: {left:?}");
                }
            });
        }
    });
}

/// A SIGTERM in a step ends the run after that step: exit code 143, nothing published, and it is recorded.
#[test]
fn a_signal_stops_between_steps() {
    let small = Small::new();
    let base = small.dir.path().join("base");
    small.publish(&base);
    let first = promised(&base.join("current"));
    small.add_the_second();
    for (step, after) in [
        ("acquire", "acquire"),
        ("reference", "read"),
        ("read", "read"),
        ("normalise", "normalise"),
        ("identify", "identify"),
        ("census", "plan"),
        ("plan", "plan"),
        ("coverage", "coverage"),
        ("tables", "tables"),
        ("assess", "assess"),
        ("encode", "encode"),
        ("report", "check"),
        ("check", "check"),
    ] {
        let out = small.copy(&base, step);
        let (path, lists) = (out.to_str().unwrap(), small.lists());
        let metrics = small.dir.path().join("m.prom");
        let args = [
            "run",
            "--out",
            path,
            "--lists",
            lists.to_str().unwrap(),
            "--metrics-file",
            metrics.to_str().unwrap(),
        ];
        let output = start(&args, &[(SIGNAL_AT, step.into())]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(143), "{step}: {text}");
        assert!(text.contains(&format!("stopped by signal 15 after the step {after}\n")), "{step}: {text}");
        assert_eq!(promised(&out.join("current")), first, "{step}");
        let record: serde_json::Value =
            serde_json::from_slice(&std::fs::read(out.join("last_run.json")).unwrap()).unwrap();
        assert_eq!((&record["status"], &record["exit_code"]), (&"stopped".into(), &143.into()), "{step}");
        assert!(std::fs::read_to_string(&metrics).unwrap().contains("coverage287_exit_code 143\n"));
        small.publish(&out);
    }
    // Once the release is published there is nothing left to stop.
    let out = small.copy(&base, "publish");
    let (path, lists) = (out.to_str().unwrap(), small.lists());
    let output =
        start(&["run", "--out", path, "--lists", lists.to_str().unwrap()], &[(SIGNAL_AT, "publish".into())]);
    assert_eq!(output.status.code(), Some(0));
    assert_ne!(promised(&out.join("current")), first);
}

/// A signal from outside ends a run that waits for the lock.
#[test]
fn a_signal_ends_the_wait_for_a_lock() {
    let small = Small::new();
    let out = small.dir.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let held = coverage287::fs::lock(&out.join(".lock"), "process 1").unwrap();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("coverage287"))
        .args(["--wait", "30", "--out"])
        .arg(&out)
        .arg("--lists")
        .arg(small.lists())
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    let killed = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    drop(held);
}

/// Two runs at once: one makes the release, the other says who does, or waits and finds it made.
#[test]
fn two_runs_at_once() {
    let small = Small::new();
    small.add_the_second();
    let out = small.dir.path().join("out");
    let start = |wait: &str| {
        Command::new(assert_cmd::cargo::cargo_bin!("coverage287"))
            .args(["--quiet", "--brief", "--wait", wait, "--out"])
            .arg(&out)
            .arg("--lists")
            .arg(small.lists())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut losers: Vec<Output> = Vec::new();
    for wait in ["0", "60"] {
        drop(std::fs::remove_dir_all(&out));
        let runs: Vec<_> = (0..4).map(|_| start(wait)).collect();
        let outputs: Vec<Output> = runs.into_iter().map(|run| run.wait_with_output().unwrap()).collect();
        let codes: Vec<i32> = outputs.iter().map(|output| output.status.code().unwrap()).collect();
        assert!(
            codes.contains(&0) && codes.iter().all(|code| *code == 0 || (*code == 7 && wait == "0")),
            "{codes:?}"
        );
        let published = outputs.iter().filter(|output| output.stdout.starts_with(b"published")).count();
        assert_eq!(published, 1);
        losers.extend(outputs.into_iter().filter(|output| output.status.code() == Some(7)));
        assert!(is_whole(&out));
    }
    // How many of them come too late differs from time to time; all of them say the same.
    if let Some(loser) = losers.first() {
        assert_said!(String::from_utf8_lossy(&loser.stderr));
    }
}

/// A limit on the size of files stands for a full disk: the system reports an error.
#[test]
fn a_full_disk_and_a_folder_that_may_not_be_written() {
    let small = Small::new();
    let base = small.dir.path().join("base");
    small.publish(&base);
    let first = promised(&base.join("current"));
    small.add_the_second();
    let out = small.copy(&base, "full");
    let program_path = assert_cmd::cargo::cargo_bin!("coverage287");
    // Blocks of 512 bytes: the first table that is larger fails.
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; exec {} --quiet --out {} --lists {}",
        program_path.display(),
        out.display(),
        small.lists().display()
    );
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(8), "{text}");
    assert_eq!(promised(&out.join("current")), first);
    small.publish(&out);

    let output =
        program().args(["--out", "/proc/coverage287", "--lists"]).arg(small.lists()).output().unwrap();
    assert_eq!(output.status.code(), Some(8));
}

/// An output folder may be read but not written. Root may write everywhere, so the program runs as somebody else.
#[test]
fn a_folder_that_may_only_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let small = Small::new();
    let out = small.dir.path().join("out");
    small.publish(&out);
    let first = promised(&out.join("current"));
    small.add_the_second();
    let binary = small.dir.path().join("coverage287");
    std::fs::copy(assert_cmd::cargo::cargo_bin!("coverage287"), &binary).unwrap();
    let rights =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    rights(small.dir.path(), 0o755);
    rights(&out, 0o555);
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(nobody).arg(&binary);
        command
    } else {
        Command::new(&binary)
    };
    let run = command
        .args(["--quiet", "--out"])
        .arg(&out)
        .arg("--lists")
        .arg(small.lists())
        .current_dir("/")
        .output();
    let run = match run {
        Err(error) if is_root => {
            println!("skipped: nobody else can run it: setpriv: {error}");
            return;
        }
        run => run.unwrap(),
    };
    let text = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(8), "{text}");
    rights(&out, 0o755);
    assert_eq!(promised(&out.join("current")), first);
    small.publish(&out);
}

/// Each operation of a fetch fails in turn: each file in the store is what its place says, no address is marked as
/// seen whose file is missing, and the next fetch gets what is missing.
#[test]
fn whatever_operation_of_a_fetch_fails_nothing_is_marked_that_is_not_safe() {
    use crate::support::publisher::{Play, Publisher};
    use sha2::{Digest, Sha256};
    let dir = tempfile::tempdir().unwrap();
    let publisher = Publisher::start();
    let root = publisher.root(dir.path(), |spec| spec);
    let path = dir.path().join("list.xlsx");
    for name in ["participatingAgencies06062025am.xlsx", "pendingAgencies06062025am.xlsx"] {
        workbook(&path, &[Row { agency: name, ..BAY }]);
        publisher.play(&format!("/doclib/{name}"), Play::File(std::fs::read(&path).unwrap()));
    }
    publisher.page_with(&[
        "/doclib/participatingAgencies06062025am.xlsx",
        "/doclib/pendingAgencies06062025am.xlsx",
    ]);
    let store = dir.path().join("store");
    let args =
        ["--quiet", "--root", root.to_str().unwrap(), "fetch", "lists", "--store", store.to_str().unwrap()];
    let digest = |bytes: &[u8]| coverage287::spec::hex(&Sha256::digest(bytes));
    let folders = |name: &str| -> Vec<PathBuf> {
        std::fs::read_dir(store.join(name)).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
    };
    let stored = || -> Vec<(String, PathBuf)> {
        let of = |folder: &PathBuf| {
            let sha256 = folder.file_name().unwrap().to_string_lossy().into_owned();
            std::fs::read_dir(folder)
                .unwrap()
                .map(move |file| (sha256.clone(), file.unwrap().path()))
                .collect::<Vec<_>>()
        };
        folders("lists").iter().flat_map(of).collect()
    };
    let all = operations(&start(&args, &[(PLAN, "once 0".into())]));
    assert!(all > 20, "{all}");
    for (nth, kind) in (1..=all).flat_map(|nth| [(nth, "once"), (nth, "abort")]) {
        drop(std::fs::remove_dir_all(&store));
        let output = start(&args, &[(PLAN, format!("{kind} {nth}"))]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 8) | None), "{kind} {nth}: {text}");
        for (sha256, path) in stored() {
            assert_eq!(digest(&std::fs::read(&path).unwrap()), sha256, "{kind} {nth}: {}", path.display());
        }
        for mark in
            folders("marks").iter().filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        {
            let mark: serde_json::Value = serde_json::from_slice(&std::fs::read(mark).unwrap()).unwrap();
            if let Some(place) = mark["stored"].as_array() {
                let [folder, name] = [0, 1].map(|at| place[at].as_str().unwrap());
                let path = store.join(folder).join(mark["sha256"].as_str().unwrap()).join(name);
                assert!(path.is_file(), "{kind} {nth}: marked and not there: {}", path.display());
                let origin = store.join(format!("origins/{}.json", mark["sha256"].as_str().unwrap()));
                assert!(origin.is_file(), "{kind} {nth}: marked, and nobody knows from where");
            }
        }
        let again = start(&args, &[]);
        assert_eq!(again.status.code(), Some(0), "{kind} {nth}: {}", String::from_utf8_lossy(&again.stderr));
        assert_eq!(stored().len(), 2, "{kind} {nth}");
    }
}
