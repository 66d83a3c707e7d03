//! What can go wrong, and the exit code of each: part of the public interface (DESIGN.md).

use crate::acquire::AcquireError;
use crate::census::CensusError;
use crate::check::CheckError;
use crate::commands::AddError;
use crate::coverage::ChangeError;
use crate::fetch::FetchError;
use crate::frames::FrameError;
use crate::fs::{LockError, WriteError};
use crate::page::FactsError;
use crate::publish::{HoldError, PublishError};
use crate::record::{RecordError, ShowError};
use crate::reference::SharesError;
use crate::report::ReportError;
use crate::spec::SpecError;
use crate::stop::Stopped;

/// Refused files that are said one by one; the table `lists` has them all.
pub const SHOWN_REFUSALS: usize = 20;

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
    #[error("{}", describe_refused(.files, *.offered))]
    Refused { files: Vec<(String, String)>, offered: usize },
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
    Frame(#[from] FrameError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("{}", describe_claims(.0))]
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

fn describe_refused(files: &[(String, String)], offered: usize) -> String {
    let mut text = format!("{} of {offered} lists were refused; nothing was published", files.len());
    for (file, reason) in files.iter().take(SHOWN_REFUSALS) {
        text.push_str(&format!("\n  {file}: {reason}"));
    }
    if files.len() > SHOWN_REFUSALS {
        text.push_str(&format!("\n  and {} more", files.len() - SHOWN_REFUSALS));
    }
    text
}

fn describe_claims(claims: &[String]) -> String {
    let mut text = "claims have another verdict than the one written down with them".to_owned();
    for claim in claims {
        text.push_str(&format!("\n  {claim}"));
    }
    text
}

impl Error {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Spec(_) => 3,
            Self::Record(_) | Self::NotRecorded(_) => 5,
            Self::NotAsRecorded(_) => 6,
            Self::Show(ShowError::Write(_)) => 8,
            Self::Show(ShowError::Workbook(_)) => 1,
            Self::Acquire(_) | Self::Statements(FactsError::NoSuchPath(_)) => 2,
            Self::Statements(FactsError::Spec(_)) => 3,
            Self::Statements(FactsError::Unreadable { .. }) => 5,
            Self::Census(CensusError::NoSuchFile { .. } | CensusError::NoSuchVintage { .. })
            | Self::Shares(SharesError::NoSuchFile(_)) => 2,
            Self::Census(CensusError::Spec(_)) => 3,
            Self::Change(ChangeError::Vintages { .. }) => 2,
            Self::Change(ChangeError::Frame(_)) => 1,
            Self::Refused { .. } | Self::Census(_) | Self::Shares(_) => 5,
            Self::Check(CheckError::Blocked(_)) | Self::Claims(_) => 6,
            Self::Check(CheckError::Spec(_)) => 3,
            Self::Lock(LockError::Held { .. }) => 7,
            Self::Lock(LockError::Write(_)) | Self::Write(_) | Self::Stdout(_) => 8,
            Self::Publish(
                PublishError::Write(_) | PublishError::Place { .. } | PublishError::Store { .. },
            ) => 8,
            Self::Publish(PublishError::Overtaken { .. }) => 7,
            Self::Fetch(error) => error.exit_code(),
            Self::Stopped(stopped) => u8::try_from(128 + stopped.signal).unwrap_or(143),
            Self::Publish(PublishError::Unreadable { .. } | PublishError::Address { .. })
            | Self::Frame(FrameError::Unreadable(_)) => 2,
            Self::Check(CheckError::Frame(_))
            | Self::Frame(_)
            | Self::Report(_)
            | Self::Publish(_)
            | Self::Signals(_)
            | Self::Internal(_) => 1,
        }
    }

    /// All of it: what happened, because of what, and what a person can do.
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

    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Spec(error) => error.hint(),
            Self::Record(_) => Some(
                "get the file back from version control (`git checkout -- data/lists`), or take it out if it was never there and \
                 add its list again; nothing was published".into(),
            ),
            Self::NotAsRecorded(_) => Some(
                "was the workbook changed after it was recorded, or does this program read it otherwise? the record is kept"
                    .into(),
            ),
            Self::Acquire(AcquireError::NoSuchPath { option: "--lists" | "--add-lists", .. }) => {
                Some(
                    "is the disk mounted, has a fetch got lists? (Without --lists the program runs on the record it ships)"
                        .into(),
                )
            }
            Self::Census(error) => error.hint(),
            Self::Change(ChangeError::Vintages { .. }) => Some(
                "a change of agreements wants one vintage: make the release with --acs-vintage newest".into(),
            ),
            Self::Shares(SharesError::Refused { .. }) => Some(
                "columns are place_geoid,county_fips,population (residents of the part) or …,share (0 to 1)"
                    .into(),
            ),
            Self::Lock(LockError::Held { .. }) => Some("wait for it, or give --wait SECONDS".into()),
            Self::Write(_) | Self::Lock(LockError::Write(_)) | Self::Publish(PublishError::Write(_)) => {
                Some("make room, or see to the rights of that path, and run again; the release before stays".into())
            }
            Self::Internal(_) => Some("please report it, with the log; the release before stays current".into()),
            Self::Fetch(error) => error.hint(),
            Self::Publish(PublishError::Overtaken { .. }) => {
                Some("run again: it starts from what the other one has published".into())
            }
            Self::Publish(PublishError::Unreadable { .. }) | Self::Frame(FrameError::Unreadable(_)) => {
                Some("was the release made by another version of the program? make it again".into())
            }
            Self::Claims(_) => Some(
                "in pipelines/coverage/claims.toml: mend the figure or the definition, or, once looked into, the verdict"
                    .into(),
            ),
            Self::Check(CheckError::Blocked(outcomes)) if outcomes.iter().any(|o| o.name == "release_is_whole") => {
                Some("`coverage287 run` makes it again from the same inputs".into())
            }
            Self::Check(CheckError::Blocked(_)) => Some(
                "the release before stays current; if what was found is as it should be, --accept NAME --reason TEXT lets it \
                 through this once; thresholds are in pipelines/agreements/checks.toml; figures that do not add up are the \
                 input's: download the files again".into(),
            ),
            _ => None,
        }
    }
}

impl From<AddError> for Error {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Record(error) => Self::Record(error),
            AddError::Spec(error) => Self::Spec(error),
            AddError::Statements(error) => Self::Statements(error),
            AddError::Write(error) => Self::Write(error),
            AddError::NotSame { .. } => Self::Internal(error.to_string()),
        }
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
