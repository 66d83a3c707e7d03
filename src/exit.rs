//! The exit code of the program and what a person can do, which every error says beside its text.

/// The exit code of the program. The numbers are part of the public interface (README.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExitCode(u8);

impl ExitCode {
    /// The program did what it was asked to do.
    pub const DONE: Self = Self(0);
    /// A fault of the program.
    pub const FAULT: Self = Self(1);
    /// The arguments, or a path that they name.
    pub const USAGE: Self = Self(2);
    /// A spec file.
    pub const SPEC: Self = Self(3);
    /// A source that could not be fetched.
    pub const SOURCE: Self = Self(4);
    /// An input that was refused.
    pub const INPUT: Self = Self(5);
    /// A check that blocks.
    pub const CHECK: Self = Self(6);
    /// Another run that holds the lock, or has published meanwhile.
    pub const BUSY: Self = Self(7);
    /// A file that could not be written.
    pub const WRITE: Self = Self(8);

    /// The code of a process that stopped by a signal: 128 + signal.
    pub fn of_signal(signal: usize) -> Self {
        Self(u8::try_from(128 + signal).unwrap_or(143))
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// An error that ends a command.
pub trait EndsCommand: std::error::Error {
    /// The exit code.
    fn exit_code(&self) -> ExitCode;

    /// Returns what a person can do about the error.
    fn hint(&self) -> Option<String> {
        None
    }
}
