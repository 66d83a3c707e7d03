//! Tables `listings` and `repairs`: one batch for each list.
//!
//! The values of a row do not depend on the list that prints it, so they are worked out once for each distinct row.

use typed_index_collections::TiSlice;

use super::Results;
use crate::normalise::{Listing, Repair};
use crate::panel::List;
use crate::read::Text;
use crate::table::{CodedTexts, PartedTable, Parts, TableError};
use crate::words::{AgencyType, ListKind, Model, RowAt, StateCode, epoch_days};

/// The lists whose rows are kept, ordered by id.
fn lists(results: &Results) -> Vec<&List> {
    let mut lists: Vec<&List> = results.panel.kept().map(|(_, list)| list).collect();
    lists.sort_by_key(|list| &list.list_id);
    lists
}

/// A text column and its value for each distinct row.
type TextColumn = (&'static str, CodedTexts);

pub fn listings(results: &Results) -> Result<PartedTable<'_>, TableError> {
    let lists = lists(results);
    let rows = &results.panel.listings;
    let all = || rows.iter();
    let agencies = || results.agencies.of_row.iter().map(|at| at.map(|at| &results.agencies.agencies[at]));
    let agreements =
        || results.agreements.of_row.iter().map(|at| at.map(|at| &results.agreements.agreements[at]));
    let county = |listing: &Listing| results.reference.counties.get(listing.county?);
    fn printed(rows: &TiSlice<RowAt, Listing>, get: fn(&Listing) -> &Option<Text>) -> CodedTexts {
        CodedTexts::new(rows.iter().map(|row| get(row).as_ref()))
    }
    let texts: Vec<TextColumn> = vec![
        ("agreement_id", CodedTexts::new(agreements().map(|a| a.map(|a| &a.id)))),
        ("state_code", CodedTexts::new(all().map(|l| l.state.as_ref().map(StateCode::as_str)))),
        ("agency_id", CodedTexts::new(agencies().map(|a| a.map(|a| &a.id)))),
        ("agency_name", printed(rows, |l| &l.agency_name)),
        ("agency_type", CodedTexts::new(all().map(|l| l.agency_type.as_ref().map(AgencyType::as_str)))),
        ("model", CodedTexts::new(all().map(|l| l.model.as_ref().map(Model::as_str)))),
        ("county_name", CodedTexts::new(all().map(|l| county(l).map(|c| &c.name)))),
        (
            "county_fips",
            CodedTexts::new(agencies().map(|a| a?.location.counties.first().map(ToString::to_string))),
        ),
        ("moa_url", printed(rows, |l| &l.moa_url)),
        ("addendum_url", printed(rows, |l| &l.addendum_url)),
        ("state_printed", printed(rows, |l| &l.printed.state)),
        ("agency_printed", printed(rows, |l| &l.printed.agency)),
        ("type_printed", printed(rows, |l| &l.printed.agency_type)),
        ("county_printed", printed(rows, |l| &l.printed.county)),
        ("model_printed", printed(rows, |l| &l.printed.model)),
        ("signed_printed", printed(rows, |l| &l.printed.signed)),
        ("moa_printed", printed(rows, |l| &l.printed.moa)),
        ("moa_link_printed", printed(rows, |l| &l.printed.moa_link)),
        ("addendum_printed", printed(rows, |l| &l.printed.addendum)),
        ("addendum_link_printed", printed(rows, |l| &l.printed.addendum_link)),
    ];
    let list_ids = lists.iter().map(|list| list.list_id.as_str()).collect();
    let parts = Parts { column: Some("list_id"), texts: list_ids };
    PartedTable::new(&results.specs.tables, "listings", parts, move |at, part| {
        let list = lists[at];
        let rows = || list.rows.iter();
        let day = epoch_days(list.day());
        let signed = |row: RowAt| results.panel.listing(row).signed_date.map(epoch_days);
        let mut columns = part
            .constant("list_id", Some(&list.list_id), list.rows.len())
            .integer("row_number", rows().map(|(number, _)| Some((*number).into())))
            .days("list_date", rows().map(|_| Some(day)))
            .constant("list_kind", list.kind.as_ref().map(ListKind::as_str), list.rows.len())
            .days("signed_date", rows().map(|(_, row)| signed(*row)));
        for (name, coded) in &texts {
            columns = columns.coded(*name, coded, rows().map(|(_, row)| Some(*row)));
        }
        columns.finish()
    })
}

pub fn repairs(results: &Results) -> Result<PartedTable<'_>, TableError> {
    let lists = lists(results);
    // The repairs of each distinct row, by column and step, and the position at which they start among all repairs.
    let mut all: Vec<&Repair> = Vec::new();
    let mut starts = vec![0];
    for listing in &results.panel.listings {
        let start = all.len();
        all.extend(listing.repairs.iter().map(|repair| &**repair));
        all[start..].sort_by_key(|repair| (repair.column, repair.step));
        starts.push(all.len());
    }
    let texts: Vec<TextColumn> = vec![
        ("column", CodedTexts::new(all.iter().map(|r| Some(r.column)))),
        ("step", CodedTexts::new(all.iter().map(|r| Some(r.step)))),
        ("value_printed", CodedTexts::new(all.iter().map(|r| r.value_printed.as_ref()))),
        ("value", CodedTexts::new(all.iter().map(|r| r.value.as_ref()))),
        ("repair_rule", CodedTexts::new(all.iter().map(|r| Some(&r.rule)))),
        ("evidence", CodedTexts::new(all.iter().map(|r| r.evidence.as_ref()))),
    ];
    let list_ids = lists.iter().map(|list| list.list_id.as_str()).collect();
    let parts = Parts { column: Some("list_id"), texts: list_ids };
    PartedTable::new(&results.specs.tables, "repairs", parts, move |at, part| {
        let list = lists[at];
        let repaired: Vec<(u32, usize)> = list
            .rows
            .iter()
            .flat_map(|(number, row)| {
                let row = usize::from(*row);
                (starts[row]..starts[row + 1]).map(move |repair| (*number, repair))
            })
            .collect();
        let mut columns = part
            .constant("list_id", Some(&list.list_id), repaired.len())
            .integer("row_number", repaired.iter().map(|(number, _)| Some((*number).into())));
        for (name, coded) in &texts {
            columns = columns.coded(*name, coded, repaired.iter().map(|(_, repair)| Some(*repair)));
        }
        columns.finish()
    })
}
