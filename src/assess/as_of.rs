//! The rows of the list that is valid on a day.

use jiff::civil::Date;

use crate::query::Query;
use crate::table::{TableError, TableSource};
use crate::words::{ListKind, ListStatus, Model, StateCode, epoch_days};

/// The rows of one participating list, as far as a count needs them.
#[derive(Debug, Clone)]
pub struct AsOf {
    pub list_id: String,
    pub date: Date,
    pub rows: Vec<AsOfRow>,
}

/// One row of the list.
#[derive(Debug, Clone)]
pub struct AsOfRow {
    pub state: Option<StateCode>,
    pub agency_id: Option<String>,
    pub model: Option<Model>,
    pub signed: Option<Date>,
}

/// The newest accepted participating list dated on or before `day`; `None` before the first.
///
/// # Errors
/// A table cannot be read.
pub fn as_of(tables: &dyn TableSource, day: Date) -> Result<Option<AsOf>, TableError> {
    let until = epoch_days(day);
    let lists = Query::of(&tables.columns("lists", &["list_id", "list_date", "list_kind", "list_status"])?)?
        .with_text("list_kind", &[ListKind::Participating.as_str()])?
        .with_text("list_status", &[ListStatus::Accepted.as_str()])?
        .with_date("list_date", |date| date.is_some_and(|date| date <= until))?
        .sort(&["list_date"])?
        .table()?;
    let (ids, dates) = (lists.texts("list_id")?, lists.dates("list_date")?);
    let (Some(Some(list_id)), Some(Some(date))) = (ids.last(), dates.last()) else { return Ok(None) };
    let columns = ["state_code", "agency_id", "model", "signed_date"];
    let rows = tables.columns_where("listings", &columns, "list_id", list_id)?;
    let (states, agencies, models, days) = (
        rows.texts("state_code")?,
        rows.texts("agency_id")?,
        rows.texts("model")?,
        rows.dates("signed_date")?,
    );
    let rows = (0..rows.row_count()).map(|row| AsOfRow {
        state: states[row].and_then(StateCode::new),
        agency_id: agencies[row].map(str::to_owned),
        model: models[row].and_then(Model::find),
        signed: days[row],
    });
    Ok(Some(AsOf { rows: rows.collect(), list_id: (*list_id).to_owned(), date: *date }))
}
