//! Bars on a terminal for the steps that take long; elsewhere a step writes its one line in the log.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Whether bars are shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Bars on standard error, if `shown`.
    pub fn new(shown: bool) -> Self {
        Self { shown }
    }

    /// Starts a bar of so many steps.
    pub fn bar(&self, what: &'static str, steps: usize) -> Bar {
        let target = if self.shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{msg:>10} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        Bar(bar)
    }
}

/// One bar; many threads can step it.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    pub fn step(&self) {
        self.0.inc(1);
    }

    /// Takes the bar off the terminal.
    pub fn done(&self) {
        self.0.finish_and_clear();
    }
}
