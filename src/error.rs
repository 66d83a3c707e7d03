//! Any failure of a command, with its exit code and a hint: both belong to the error of the step that failed.

use crate::acquire::AcquireError;
use crate::assess::ChangeError;
use crate::census::CensusError;
use crate::check::CheckError;
use crate::coverage::PlanError;
use crate::exit::{EndsCommand, ExitCode};
use crate::fetch::FetchError;
use crate::fs::{LockError, WriteError};
use crate::mailboxes::withhold_mailboxes;
use crate::page::FactsError;
use crate::panel::RefusedLists;
use crate::publish::{HoldError, PublishError};
use crate::record::{RecordError, ShowError};
use crate::reference::SharesError;
use crate::report::ReportError;
use crate::spec::SpecError;
use crate::stop::Stopped;
use crate::table::TableError;
use crate::tell::{Failure, Status};

/// Any failure of a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Acquire(#[from] AcquireError),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("{0}")]
    NotAsRecorded(String),
    #[error("{0}")]
    NotRecorded(String),
    #[error(transparent)]
    Show(#[from] ShowError),
    #[error(transparent)]
    Refused(#[from] RefusedLists),
    #[error(transparent)]
    Statements(#[from] FactsError),
    #[error(transparent)]
    Census(#[from] CensusError),
    #[error(transparent)]
    Shares(#[from] SharesError),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("the verdicts of these claims differ from the recorded verdicts:\n  {}", .0.join("\n  "))]
    Claims(Vec<String>),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error("a fault of the program: {0}")]
    Internal(String),
    #[error("cannot listen to signals")]
    Signals(#[source] std::io::Error),
    #[error("cannot write to standard output")]
    Stdout(#[source] std::io::Error),
}

impl EndsCommand for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::USAGE,
            Self::NotRecorded(_) => ExitCode::INPUT,
            Self::NotAsRecorded(_) | Self::Claims(_) => ExitCode::CHECK,
            Self::Stdout(_) => ExitCode::WRITE,
            Self::Internal(_) | Self::Signals(_) => ExitCode::FAULT,
            _ => self.of_step().map_or(ExitCode::FAULT, EndsCommand::exit_code),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotAsRecorded(_) => {
                "either the workbook was changed after it was recorded, or this program reads it differently; the record is unchanged"
            }
            Self::Internal(_) => "please report it, with the log; the previous release is still current",
            Self::Claims(_) => {
                "look into each claim, then correct its figure, definition or verdict in pipelines/coverage/claims.toml"
            }
            _ => return self.of_step()?.hint(),
        };
        Some(hint.to_owned())
    }
}

impl Error {
    /// The error of the step that failed; `None` for errors of the command itself.
    fn of_step(&self) -> Option<&dyn EndsCommand> {
        Some(match self {
            Self::Acquire(error) => error,
            Self::Spec(error) => error,
            Self::Record(error) => error,
            Self::Show(error) => error,
            Self::Refused(error) => error,
            Self::Statements(error) => error,
            Self::Census(error) => error,
            Self::Shares(error) => error,
            Self::Change(error) => error,
            Self::Check(error) => error,
            Self::Table(error) => error,
            Self::Report(error) => error,
            Self::Publish(error) => error,
            Self::Lock(error) => error,
            Self::Write(error) => error,
            Self::Fetch(error) => error,
            Self::Stopped(error) => error,
            Self::Usage(_)
            | Self::NotAsRecorded(_)
            | Self::NotRecorded(_)
            | Self::Claims(_)
            | Self::Internal(_)
            | Self::Signals(_)
            | Self::Stdout(_) => return None,
        })
    }

    /// Explains the error: what happened, because of what, and what a person can do.
    pub fn explained(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            text.push_str(&format!("\n  because: {cause}"));
            source = cause.source();
        }
        if let Some(hint) = self.hint() {
            text.push_str(&format!("\n  hint: {hint}"));
        }
        text
    }

    /// The error as the record of the last run has it.
    pub fn failure(&self) -> Failure {
        let exit_code = self.exit_code();
        let checks = match self {
            Self::Check(CheckError::Blocked(checks)) => checks.clone(),
            _ => Vec::new(),
        };
        let status = match self {
            Self::Stopped(_) | Self::Fetch(FetchError::Stopped(_)) => Status::Stopped,
            _ if exit_code == ExitCode::CHECK => Status::Blocked,
            _ => Status::Failed,
        };
        let text = withhold_mailboxes(&self.explained()).into_owned();
        Failure { status, exit_code: exit_code.number(), text, checks }
    }
}

impl From<HoldError> for Error {
    fn from(error: HoldError) -> Self {
        match error {
            HoldError::Lock(error) => Self::Lock(error),
            HoldError::Publish(error) => Self::Publish(error),
        }
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Census(error) => Self::Census(error),
            PlanError::Shares(error) => Self::Shares(error),
            PlanError::Spec(error) => Self::Spec(error),
        }
    }
}
