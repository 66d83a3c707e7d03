//! Tables `page_statements` and `newest_lists`.

use super::Results;
use crate::panel::{ComparedFigure, ComparedStatement};
use crate::table::{Table, TableBuilder, TableError};
use crate::words::ListKind;

pub fn page_statements(results: &Results) -> Result<Table, TableError> {
    let lists = &results.panel.lists;
    let rows: Vec<(&ComparedStatement, &ComparedFigure)> =
        results.statements.iter().flat_map(|c| c.figures.iter().map(move |figure| (c, figure))).collect();
    let all = || rows.iter();
    let stated = |c: &ComparedStatement| c.statement.stated;
    let method =
        |figure: &ComparedFigure| match (figure.stated_agreements.or(figure.stated_states), figure.is_sum) {
            (None, _) => None,
            (_, true) => Some("sum_of_models"),
            (_, false) => Some("stated"),
        };
    let difference = |figure: &ComparedFigure| Some(figure.listed_agreements? - figure.stated_agreements?);
    TableBuilder::new(&results.specs.tables, "page_statements")?
        .text("statement_id", all().map(|(c, _)| Some(&c.statement.id)))
        .text("model_group", all().map(|(_, figure)| Some(figure.group.as_str())))
        .text("list_kind", all().map(|(c, _)| c.statement.kind.map(|kind| kind.as_str())))
        .date("stated_from_date", all().map(|(c, _)| stated(c).map(|stated| stated.from)))
        .date("stated_until_date", all().map(|(c, _)| stated(c).map(|stated| stated.until)))
        .text("stated_time_printed", all().map(|(c, _)| c.statement.stated_printed.as_ref()))
        .integer("stated_agreement_count", all().map(|(_, figure)| figure.stated_agreements))
        .integer("stated_state_count", all().map(|(_, figure)| figure.stated_states))
        .text("figure_method", all().map(|(_, figure)| method(figure)))
        .text("list_id", all().map(|(c, _)| c.list.map(|at| &lists[at].list_id)))
        .integer("listed_agreement_count", all().map(|(_, figure)| figure.listed_agreements))
        .integer("listed_state_count", all().map(|(_, figure)| figure.listed_states))
        .integer("agreement_difference_count", all().map(|(_, figure)| difference(figure)))
        .text("statement_printed", all().map(|(c, _)| Some(&c.statement.text)))
        .text("page_updated_printed", all().map(|(c, _)| c.statement.updated.as_ref()))
        .text("source_name", all().map(|(c, _)| Some(&c.statement.source.name)))
        .text("source_url", all().map(|(c, _)| Some(&c.statement.source.url)))
        .text("reason", all().map(|(c, _)| c.reason.as_ref()))
        .sorted()
}

pub fn newest_lists(results: &Results) -> Result<Table, TableError> {
    let limit = results.specs.checks.pending_behind_days;
    let rows: Vec<_> = ListKind::ALL.iter().map(|kind| results.panel.newest_of(*kind, limit)).collect();
    let all = || rows.iter();
    TableBuilder::new(&results.specs.tables, "newest_lists")?
        .text("list_kind", all().map(|row| Some(row.kind.as_str())))
        .text("list_id", all().map(|row| row.list.map(|list| &list.list_id)))
        .date("list_date", all().map(|row| row.list.map(|list| list.day())))
        .integer("row_count", all().map(|row| row.list.map(|list| list.row_count as i64)))
        .integer("days_behind_count", all().map(|row| row.days_behind))
        .text("list_state", all().map(|row| Some(row.state.as_str())))
        .sorted()
}
