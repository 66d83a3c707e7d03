//! Runs a command that tells somebody.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::LastRun;

/// How long the command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `sh -c COMMAND` with the run's line and, where it failed, the error on standard input, and with
/// `COVERAGE287_STATUS`, `_EXIT_CODE`, `_RUN_ID`, `_RELEASE_ID` and `_LINE` in its environment.
///
/// # Errors
/// In words: it cannot be started, fails, or takes more than a minute.
pub fn notify(command: &str, run: &LastRun) -> Result<(), String> {
    let status = serde_json::to_value(run.status).expect("a word");
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env("COVERAGE287_STATUS", status.as_str().unwrap_or_default())
        .env("COVERAGE287_EXIT_CODE", run.exit_code.to_string())
        .env("COVERAGE287_RUN_ID", &run.run_id)
        .env("COVERAGE287_RELEASE_ID", run.release_id.as_deref().unwrap_or_default())
        .env("COVERAGE287_LINE", &run.line)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // The group holds everything that the command starts, so that all of it can be ended.
        .process_group(0)
        .spawn()
        .map_err(|e| format!("the notify command cannot be started: {e}"))?;
    let mut text = format!("{}\n", run.line);
    if let Some(error) = &run.error {
        text.push_str(&format!("\n{error}\n"));
    }
    let stdin = child.stdin.take();
    // A command that reads nothing must not hold up the run.
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
    let began = Instant::now();
    let ended = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Ok(status),
            Ok(None) if began.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                    let _ = kill_process_group(group, Signal::KILL);
                }
                let _ = child.wait();
                break Err(format!("the notify command took more than {} seconds", PATIENCE.as_secs()));
            }
            Err(e) => break Err(e.to_string()),
        }
    }?;
    drop(writer);
    if ended.success() { Ok(()) } else { Err(format!("the notify command failed: {ended}")) }
}
