//! Lists that were refused: whether a run can go on without them.

use tracing::warn;

use super::list::Panel;
use crate::acquire::Refusal;
use crate::exit::{EndsCommand, ExitCode};
use crate::spec::Refusals;
use crate::text::counted;

/// How many refused files are named one by one; the table `lists` has them all.
pub const SHOWN_REFUSALS: usize = 20;

/// Refused lists that a run cannot go on without: nothing is published. Exit code 5; 2 where no list is left though
/// none was refused.
#[derive(Debug, thiserror::Error)]
pub enum RefusedLists {
    #[error("{}", describe(.files, *.offered))]
    Refused {
        /// Names and reasons.
        files: Vec<(String, String)>,
        offered: usize,
    },
    #[error("none of the lists is a participating list of a day that counts")]
    NoneCounts,
}

impl EndsCommand for RefusedLists {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused { .. } => ExitCode::INPUT,
            Self::NoneCounts => ExitCode::USAGE,
        }
    }
}

fn describe(files: &[(String, String)], offered: usize) -> String {
    let were = if files.len() == 1 { "was" } else { "were" };
    let mut text = format!(
        "{} of {} {were} refused; nothing was published",
        files.len(),
        counted(offered, "list", "lists")
    );
    for (file, reason) in files.iter().take(SHOWN_REFUSALS) {
        text.push_str(&format!("\n  {file}: {reason}"));
    }
    if files.len() > SHOWN_REFUSALS {
        text.push_str(&format!("\n  and {} more", files.len() - SHOWN_REFUSALS));
    }
    text
}

/// Names refused files in the log.
pub fn warn_refused<'a>(files: impl ExactSizeIterator<Item = (&'a str, &'a str)>) {
    let count = files.len();
    for (file, reason) in files.take(SHOWN_REFUSALS) {
        warn!(file, "refused: {reason}");
    }
    if count > SHOWN_REFUSALS {
        warn!(files = count - SHOWN_REFUSALS, "refused as well; `coverage287 lists` says why");
    }
}

impl Panel {
    /// Names refused lists in the log, and stops the run where a named list was refused, too many were refused, or no
    /// list is left. `file_count` is how many files were offered; 0: the record alone.
    ///
    /// # Errors
    /// [`RefusedLists`], with every refused file.
    pub fn without_refused(self, allowed: &Refusals, file_count: usize) -> Result<Self, RefusedLists> {
        let offered = if file_count == 0 { self.lists.len() } else { file_count };
        let refused: Vec<_> = self.refused().collect();
        let reason_of = |list: &super::List| list.reason.clone().unwrap_or_default();
        let files: Vec<(String, String)> =
            refused.iter().map(|(list, _)| (list.file_name.clone(), reason_of(list))).collect();
        warn_refused(files.iter().map(|(file, reason)| (file.as_str(), reason.as_str())));
        // A run cannot go on without a list that was named, or one that the store holds as another.
        let named =
            refused.iter().any(|(list, refusal)| list.is_named || matches!(refusal, Refusal::NotAsStored));
        let too_many = refused.len() > allowed.allowed(offered);
        let none_left = self.as_of_lists().is_empty();
        if named || too_many || (none_left && !refused.is_empty()) {
            return Err(RefusedLists::Refused { files, offered });
        }
        if none_left { Err(RefusedLists::NoneCounts) } else { Ok(self) }
    }
}
