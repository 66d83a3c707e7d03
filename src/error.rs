//! What can go wrong, and the exit code of each: part of the public interface (DESIGN.md).

use crate::acquire::AcquireError;
use crate::census::CensusError;
use crate::check::CheckError;
use crate::coverage::ChangeError;
use crate::frames::FrameError;
use crate::fs::{LockError, WriteError};
use crate::publish::PublishError;
use crate::reference::SharesError;
use crate::report::ReportError;
use crate::spec::SpecError;

/// Any failure of a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Acquire(#[from] AcquireError),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error("{}", describe_refused(.files, *.offered))]
    Refused { files: Vec<(String, String)>, offered: usize },
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
    #[error("cannot write to standard output")]
    Stdout(#[source] std::io::Error),
}

fn describe_refused(files: &[(String, String)], offered: usize) -> String {
    let mut text = format!("{} of {offered} lists were refused; nothing was published", files.len());
    for (file, reason) in files {
        text.push_str(&format!("\n  {file}: {reason}"));
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
            Self::Acquire(AcquireError::Spec(_)) | Self::Spec(_) => 3,
            Self::Acquire(_) => 2,
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
            Self::Publish(PublishError::Write(_) | PublishError::Place { .. }) => 8,
            Self::Publish(PublishError::Unreadable { .. }) | Self::Frame(FrameError::Unreadable(_)) => 2,
            Self::Check(CheckError::Frame(_)) | Self::Frame(_) | Self::Report(_) | Self::Publish(_) => 1,
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Acquire(AcquireError::Spec(error)) | Self::Spec(error) => error.hint(),
            Self::Acquire(AcquireError::NoSuchPath { .. }) => {
                Some("leave --lists out to run on the lists the program ships".into())
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
            Self::Publish(PublishError::Unreadable { .. }) | Self::Frame(FrameError::Unreadable(_)) => {
                Some("was the release made by another version of the program? make it again".into())
            }
            Self::Claims(_) => Some(
                "in pipelines/coverage/claims.toml: mend the figure or the definition, or, once looked into, the verdict"
                    .into(),
            ),
            Self::Check(CheckError::Blocked(_)) => Some(
                "the release before stays current; thresholds are in pipelines/agreements/checks.toml; figures that do not \
                 add up are the input's: download the files again".into(),
            ),
            _ => None,
        }
    }
}
