//! How long the steps of a run take.

use std::time::{Instant, SystemTime};

use jiff::Timestamp;

use crate::stop::{Stop, Stopped};
use crate::words::RunStep;

/// The time it is; `None` where the clock says a year before -9999 or beyond 9999.
pub fn now() -> Option<Timestamp> {
    Timestamp::try_from(SystemTime::now()).ok()
}

/// How long each step of a run takes. `last_run.json` and the metrics tell all steps, `run.json` of the release those
/// before it is published. Between two steps a run can be stopped.
#[derive(Debug)]
pub struct Stopwatch {
    last: Instant,
    laps: Vec<(RunStep, f64)>,
    stop: Stop,
}

impl Stopwatch {
    /// Starts; the run goes on until `stop` says otherwise.
    pub fn start(stop: &Stop) -> Self {
        Self { last: Instant::now(), laps: Vec::new(), stop: stop.clone() }
    }

    /// Ends a step.
    ///
    /// # Errors
    /// [`Stopped`], if the process has been asked to.
    pub fn lap(&mut self, step: RunStep) -> Result<(), Stopped> {
        self.done(step);
        self.stop.check(&format!("after the step {step}"))
    }

    /// Adds a step that ran beside another one, with the seconds it took itself.
    pub fn beside(&mut self, lap: (RunStep, f64)) {
        self.laps.push(lap);
    }

    /// Ends a step after which the run cannot be stopped.
    pub fn done(&mut self, step: RunStep) {
        let now = Instant::now();
        self.laps.push((step, (now - self.last).as_secs_f64()));
        self.last = now;
    }

    /// The present time, RFC 3339.
    pub fn now() -> String {
        now().unwrap_or_default().to_string()
    }

    /// Steps and the seconds each took. A step that ran beside another one follows it.
    pub fn laps(&self) -> &[(RunStep, f64)] {
        &self.laps
    }

    /// The most memory this process has held at once; `None` where the system does not say.
    pub fn peak_memory_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
    }
}

/// Returns the result of some work, and the seconds it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let started = Instant::now();
    let result = work();
    (result, started.elapsed().as_secs_f64())
}
