//! Panels made for tests.

use jiff::civil::Date;

use super::{List, Panel};
use crate::normalise::{Listing, Printed};
use crate::read::{ListDate, Settled, named_date};
use crate::words::{ListKind, ListStatus, Model, StateCode};

/// A row to make.
#[derive(Debug, Clone)]
pub struct MadeRow {
    /// USPS code; printed as such.
    pub state: &'static str,
    pub agency: String,
    pub model: Model,
    pub signed: Option<Date>,
    pub file: Option<String>,
}

/// A panel of lists, each with its kind, day and rows.
pub fn panel(lists: &[(ListKind, Date, Vec<MadeRow>)]) -> Panel {
    let mut panel = Panel::default();
    for (at, (kind, day, rows)) in lists.iter().enumerate() {
        let mut list_rows = Vec::new();
        for row in rows {
            let listing = Listing {
                state: StateCode::new(row.state),
                state_named: None,
                agency_name: Some(row.agency.as_str().into()),
                agency_type: None,
                model: Some(row.model),
                signed_date: row.signed,
                county: None,
                moa_url: row.file.as_deref().map(Into::into),
                addendum_url: None,
                printed: Printed {
                    state: Some(row.state.into()),
                    agency: Some(row.agency.as_str().into()),
                    ..Printed::default()
                },
                repairs: Vec::new(),
            };
            list_rows.push((list_rows.len() as u32 + 2, panel.listings.push_and_get_key(listing)));
        }
        panel.lists.push(List {
            list_id: format!("list{at}"),
            file_name: format!("list{at}.xlsx"),
            sha256: String::new(),
            is_named: false,
            is_recorded: false,
            kind: Some(*kind),
            date: Some(ListDate {
                date: *day,
                method: Settled::FileName,
                edition: named_date("x06062025.xlsx").unwrap().edition,
                note: None,
            }),
            layout: None,
            printed_columns: None,
            row_count: list_rows.len(),
            rows_read: list_rows.len(),
            stray_rows: 0,
            blank_rows: 0,
            status: ListStatus::Accepted,
            same_rows_as: None,
            reason: None,
            rows: list_rows,
            refusal: None,
        });
    }
    panel
}
