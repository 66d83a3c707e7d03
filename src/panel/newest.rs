//! The newest list of each kind, and how far it is behind the newest participating one.

use super::{List, Panel};
use crate::words::{ListKind, ListState, ListStatus};

/// The newest list of a kind.
#[derive(Debug, Clone, Copy)]
pub struct NewestList<'a> {
    pub kind: ListKind,
    pub list: Option<&'a List>,
    /// Days from its day to that of the newest participating list; negative where it is newer.
    pub days_behind: Option<i64>,
    pub state: ListState,
}

impl NewestList<'_> {
    /// Says how the newest list of the kind stands, in a sentence; `None` where it is current.
    pub fn message(&self) -> Option<String> {
        let kind = self.kind;
        let list = match (self.state, self.list) {
            (ListState::None, _) | (_, None) => return Some(format!("there is no {kind} list")),
            (ListState::Current, _) => return None,
            (_, Some(list)) => list,
        };
        let day = list.day().strftime("%B %-d, %Y");
        let behind = match self.days_behind {
            Some(days) if days > 0 => format!(", {days} days before the newest participating list"),
            _ => String::new(),
        };
        let empty = if self.state == ListState::Empty { ", and has no rows" } else { "" };
        Some(format!("the newest {kind} list is of {day}{behind}{empty}"))
    }
}

impl Panel {
    /// Returns the newest accepted list of a kind; its state says whether it is more than `limit` days behind.
    pub fn newest_of(&self, kind: ListKind, limit: i64) -> NewestList<'_> {
        let newest = |kind: ListKind| {
            let of_kind = |list: &&List| list.kind == Some(kind) && list.status == ListStatus::Accepted;
            self.lists.iter().rfind(of_kind)
        };
        let list = newest(kind);
        let participating = newest(ListKind::Participating);
        let days_behind =
            list.zip(participating).map(|(list, newest)| i64::from((newest.day() - list.day()).get_days()));
        let state = match (list, days_behind) {
            (None, _) => ListState::None,
            (Some(list), _) if list.row_count == 0 => ListState::Empty,
            (_, Some(days)) if days > limit => ListState::Behind,
            _ => ListState::Current,
        };
        NewestList { kind, list, days_behind, state }
    }
}
