//! The errors of a fetch.

use super::web::WebError;
use crate::exit::{EndsCommand, ExitCode};
use crate::fs::WriteError;
use crate::spec::SpecError;
use crate::stop::Stopped;
use crate::text::counted;

/// A problem with one source.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error(transparent)]
    Web(WebError),
    /// The content that was got is not what it should be. Exit code 5.
    #[error("{what}: is refused: {why}{}", if *is_kept { " (kept apart in the store)" } else { "" })]
    Refused { what: String, why: String, is_kept: bool },
    /// The page is not as it was. Exit code 5.
    #[error("{address}{}: {why}; found {found}", titled(title))]
    Page { address: String, title: String, why: String, found: String },
    /// The publisher keeps programs out, at least at this address. Exit code 4.
    #[error(
        "{address}: gave a page that keeps programs out (a bot wall, a challenge or a consent page){}{}, and not what was \
         asked for",
        titled(title), status.map_or_else(String::new, |status| format!(", with status {status}"))
    )]
    Wall { address: String, title: String, status: Option<u16> },
}

fn titled(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(", titled {title:?}") }
}

impl Problem {
    /// Whether asking again is unlikely to help: the file is not there, or the address gives something else.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::Web(WebError::Status { status, .. }) => matches!(status, 404 | 410),
            Self::Web(WebError::NotAllowed { .. }) | Self::Refused { .. } => true,
            _ => false,
        }
    }

    fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Web(WebError::NotAllowed { .. } | WebError::Unreachable { .. } | WebError::Status { .. })
                | Self::Wall { .. }
        )
    }
}

/// A fetch that did not get everything.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{}", describe(problems, *got))]
    Problems { problems: Vec<Problem>, got: usize },
    #[error("pipelines/fetch.toml: web.proxy: {0}")]
    Proxy(String),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

fn describe(problems: &[Problem], got: usize) -> String {
    let failed = counted(problems.len(), "source failed", "sources failed");
    let mut text = format!("{failed}; new files in the store: {got}");
    for problem in problems {
        text.push_str(&format!("\n  {problem}"));
    }
    text
}

impl EndsCommand for FetchError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Problems { problems, .. } if problems.iter().any(Problem::is_refusal) => ExitCode::INPUT,
            Self::Problems { .. } => ExitCode::SOURCE,
            Self::Proxy(_) | Self::Spec(_) => ExitCode::SPEC,
            Self::Write(error) => error.exit_code(),
            Self::Stopped(stopped) => stopped.exit_code(),
        }
    }

    fn hint(&self) -> Option<String> {
        let Self::Problems { problems, .. } = self else { return None };
        let has = |is: fn(&Problem) -> bool| problems.iter().any(is);
        let mut hints = Vec::new();
        if has(|p| matches!(p, Problem::Web(WebError::Unreachable { .. } | WebError::Status { .. }))) {
            hints.push("the next fetch asks again; what was got is kept");
        }
        if has(|p| matches!(p, Problem::Web(WebError::NotAllowed { .. }))) {
            hints.push(
                "if the publisher has moved there, add the host or the address to pipelines/fetch.toml",
            );
        }
        if has(|p| matches!(p, Problem::Wall { .. })) {
            hints.push(
                "open the address in a browser: if the browser shows the page, the publisher lets people in but not this program; \
                 then download the list by hand and add it with fetch --import FILE",
            );
        }
        if has(|p| matches!(p, Problem::Page { .. })) {
            hints.push(
                "open the page: if its links have new names, add their words to [page] of pipelines/fetch.toml, or to \
                 passed_over; meanwhile a list can be downloaded by hand and added with fetch --import FILE",
            );
        }
        if has(|p| matches!(p, Problem::Refused { .. } | Problem::Web(WebError::TooLarge { .. }))) {
            hints.push(
                "open what was refused: the bounds are in pipelines/*/source.toml and pipelines/fetch.toml",
            );
        }
        Some(hints.join("; "))
    }
}
