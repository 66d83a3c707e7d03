//! A file while its day is being settled.

use jiff::civil::{Date, DateTime};

use super::list::List;
use super::list_day::{BoundedDay, Dating, Doubt, settle};
use super::rows::ListRow;
use super::standing::ListStanding;
use crate::acquire::Refusal;
use crate::mailboxes::withhold_mailboxes;
use crate::read::{ListDate, NamedDate, RawList, ReadFile, Settled, named_date};
use crate::shown::visible_lines;
use crate::words::{ListAt, ListKind};

/// A file while its day is being settled.
pub(super) struct Draft {
    pub(super) file: ReadFile,
    pub(super) kind: Option<ListKind>,
    /// When it was captured, or else saved.
    pub(super) saved: Option<DateTime>,
    pub(super) date: Option<ListDate>,
    pub(super) doubt: Option<Doubt>,
    /// Whether its name says its day, or the page was the list: other captures and names without a day do not say it.
    pub(super) is_named: bool,
    /// The bounds of its day, where its name does not date it.
    pub(super) bounded: Option<BoundedDay>,
    /// When its workbook says it was saved.
    pub(super) stamp: Option<DateTime>,
    /// Id of the list that it repeats.
    pub(super) repeats: Option<String>,
    pub(super) rows: Vec<ListRow>,
}

impl Draft {
    pub(super) fn new(mut file: ReadFile) -> Self {
        let named = named_date(&file.file_name);
        // An empty list would read as the end of every agreement.
        let is_empty = |list: &RawList| list.layout.kind == ListKind::Participating && list.rows.is_empty();
        if file.list.as_ref().is_ok_and(is_empty) {
            file.list = Err(Refusal::NoRows);
        }
        let (named, no_day) = match named {
            Ok(named) => (named, None),
            // The workbook may say when it was saved.
            Err(refusal) => (NamedDate::nothing(), Some(refusal)),
        };
        let dating = file.list.as_ref().ok().map(|list| settle(named.clone(), list));
        if let Some(refusal) = no_day.filter(|_| !matches!(dating, Some(Dating::Bounded(_)))) {
            file.list = file.list.and(Err(refusal));
        }
        let list = file.list.as_ref().ok();
        let kind = list.map(|list| list.layout.kind);
        let stamp = list.and_then(RawList::saved);
        let saved = named.captured.or(stamp);
        let mut draft = Self {
            kind,
            saved,
            date: None,
            doubt: None,
            is_named: !matches!(dating, Some(Dating::Bounded(_))),
            bounded: None,
            stamp,
            repeats: None,
            rows: Vec::new(),
            file,
        };
        match dating.filter(|_| draft.file.list.is_ok()) {
            Some(Dating::Sure(date)) => draft.date = Some(date),
            Some(Dating::Doubtful(doubt)) => draft.doubt = Some(doubt),
            Some(Dating::Bounded(bounded)) => draft.bounded = Some(bounded),
            // The name's day is shown beside the reason why the file was refused.
            None => draft.date = unsettled(named),
        }
        draft
    }

    pub(super) fn order(&self) -> impl Ord {
        let dated = self.kind.zip(self.date.clone()).filter(|_| self.file.list.is_ok());
        // A list that repeats another list of its day stands before it, so that the other one is the day's.
        // A list whose name does not date it stands before one whose name does, for the same reason.
        let is_own = (self.repeats.is_none(), self.is_named);
        let key = dated.map(|(kind, date)| (date.date, kind, is_own, date.edition, self.saved));
        (key.is_none(), key, self.file.file_name.clone(), self.file.list_id.clone())
    }

    pub(super) fn is_after(&self, as_of: Option<Date>) -> bool {
        self.date.as_ref().zip(as_of).is_some_and(|(date, as_of)| date.date > as_of)
    }

    pub(super) fn into_list(self, standing: ListStanding) -> List {
        let Self { file, kind, date, rows, .. } = self;
        let mut list = List {
            list_id: file.list_id,
            file_name: file.file_name,
            sha256: file.sha256,
            is_named: file.is_named,
            is_recorded: file.is_recorded,
            kind,
            date,
            layout: None,
            printed_columns: None,
            row_count: 0,
            rows_read: 0,
            stray_rows: 0,
            blank_rows: 0,
            status: standing.status,
            same_rows_as: standing.same_rows_as.map(ListAt::from),
            reason: None,
            rows: Vec::new(),
            refusal: None,
        };
        let mut said: Vec<String> = standing.reason.map(str::to_owned).into_iter().collect();
        match file.list {
            Ok(raw) => {
                said.extend(list.date.as_ref().and_then(|date| date.note.clone()));
                list.printed_columns = Some(raw.printed_columns.join("|"));
                list.layout = Some(raw.layout.name);
                list.row_count = rows.len();
                list.rows_read = raw.rows_seen as usize;
                list.blank_rows = raw.blank_rows;
                let aside = [
                    (raw.stray_cells, "values outside the layout's columns"),
                    (raw.stray_rows, "rows with nothing but such values"),
                    (raw.lost_links, "links that lead nowhere, lie behind no row or are too long"),
                ];
                let aside = aside.into_iter().filter(|(count, _)| *count > 0);
                said.extend(aside.map(|(count, what)| format!("{count} {what} were set aside")));
                said.extend(raw.aside.iter().map(|what| withhold_mailboxes(what).into_owned()));
                list.stray_rows = raw.stray_rows as usize;
            }
            Err(refusal) => {
                said.push(withhold_mailboxes(&refusal.to_string()).into_owned());
                list.refusal = Some(refusal);
            }
        }
        let said = said.join("; ");
        let said = visible_lines(&said);
        list.reason = (!said.is_empty()).then(|| withhold_mailboxes(&said).into_owned());
        if list.is_kept() {
            list.rows = rows;
        }
        list
    }
}

/// Returns the day that the name of a refused file says.
pub(super) fn unsettled(named: NamedDate) -> Option<ListDate> {
    let method = if named.is_capture { Settled::Capture } else { Settled::FileName };
    Some(ListDate { date: named.date?, method, edition: named.edition, note: None })
}
