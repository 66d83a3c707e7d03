//! Stops a run that is asked to stop. SIGTERM and SIGINT are noted and obeyed between two steps, so that a step is done
//! whole or not at all; a second signal ends the process at once, which harms no release either.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit::{EndsCommand, ExitCode};

/// Whether this process has been asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicUsize>);

/// The process was asked to stop, and did. Exit code 128 + signal: 143 for SIGTERM.
#[derive(Debug, thiserror::Error)]
#[error("stopped by signal {signal} {at}")]
pub struct Stopped {
    pub signal: usize,
    /// Where it stopped: "after the step read", "in a wait".
    pub at: String,
}

impl EndsCommand for Stopped {
    fn exit_code(&self) -> ExitCode {
        ExitCode::of_signal(self.signal)
    }
}

impl Stop {
    /// Listens to the signals from now on.
    ///
    /// # Errors
    /// The system takes no handler.
    pub fn on_signals() -> std::io::Result<Self> {
        let stop = Self::default();
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
            flag::register_usize(signal, Arc::clone(&stop.0), signal as usize)?;
        }
        Ok(stop)
    }

    /// Whether it is time to stop.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst) != 0
    }

    /// Stops here if asked to.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn check(&self, at: &str) -> Result<(), Stopped> {
        match self.0.load(Ordering::SeqCst) {
            0 => Ok(()),
            signal => Err(Stopped { signal, at: at.to_owned() }),
        }
    }
}
