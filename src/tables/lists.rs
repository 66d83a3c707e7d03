//! Table `lists`.

use super::Results;
use crate::panel::List;
use crate::table::{Table, TableBuilder, TableError};
use crate::words::{ListKind, ListStatus};

pub fn lists(results: &Results) -> Result<Table, TableError> {
    let lists = &results.panel.lists;
    let all = || lists.iter();
    let known = |list: &List| list.status != ListStatus::Quarantined;
    TableBuilder::new(&results.specs.tables, "lists")?
        .text("list_id", all().map(|l| Some(&l.list_id)))
        .text("list_kind", all().map(|l| l.kind.as_ref().map(ListKind::as_str)))
        .date("list_date", all().map(|l| l.date.as_ref().map(|d| d.date)))
        .text("list_date_method", all().map(|l| l.date.as_ref().map(|d| d.method.as_str())))
        .text("edition", all().map(|l| l.date.as_ref().map(|d| &d.edition.name)))
        .text("file_name", all().map(|l| Some(&l.file_name)))
        .text("sha256", all().map(|l| Some(&l.sha256)))
        .text("layout", all().map(|l| l.layout.as_ref()))
        .text("printed_columns", all().map(|l| l.printed_columns.as_ref()))
        .integer("row_count", all().map(|l| known(l).then_some(l.row_count as i64)))
        .integer("blank_row_count", all().map(|l| known(l).then(|| l.blank_rows.into())))
        .text("list_status", all().map(|l| Some(l.status.as_str())))
        .text("same_rows_as_list_id", all().map(|l| l.same_rows_as.map(|at| &lists[at].list_id)))
        .text("reason", all().map(|l| l.reason.as_ref()))
        .sorted()
}
