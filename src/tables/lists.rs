//! Tables `lists`, `listings`, `repairs`.

use polars::frame::DataFrame;

use super::Results;
use crate::frames::{Columns, FrameError};
use crate::normalise::{Listing, Repair};
use crate::panel::List;
use crate::read::Text;
use crate::words::{AgencyType, ListKind, ListStatus, Model, StateCode};

pub fn lists(results: &Results) -> Result<DataFrame, FrameError> {
    let lists = &results.panel.lists;
    let all = || lists.iter();
    let known = |list: &List| list.status != ListStatus::Quarantined;
    Columns::new(&results.specs.tables, "lists", lists.len())?
        .text("list_id", all().map(|l| Some(&l.list_id)))
        .text("list_kind", all().map(|l| l.kind.as_ref().map(ListKind::as_str)))
        .date("list_date", all().map(|l| l.date.as_ref().map(|d| d.date)))
        .text("list_date_method", all().map(|l| l.date.as_ref().map(|d| d.method)))
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
        .finish()
}

/// A listing with what it belongs to.
struct Row<'a> {
    list: &'a List,
    listing: &'a Listing,
    agency: Option<u32>,
}

pub fn listings(results: &Results) -> Result<DataFrame, FrameError> {
    let agencies = &results.agencies.agencies;
    let rows: Vec<Row> = results
        .panel
        .kept()
        .flat_map(|(at, list)| {
            let bodies = results.agencies.of_listing[at].iter();
            list.listings.iter().zip(bodies).map(move |(listing, agency)| Row {
                list,
                listing,
                agency: *agency,
            })
        })
        .collect();
    let all = || rows.iter();
    let agency = |row: &Row| row.agency.map(|at| &agencies[at as usize]);
    let agreement = |row: &Row| results.agreements.find(row.agency?, row.listing.model?);
    let county = |row: &Row| row.listing.county.and_then(|fips| results.reference.counties.get(fips));
    fn printed<'a>(
        rows: &'a [Row<'a>],
        get: fn(&'a Listing) -> &'a Option<Text>,
    ) -> impl Iterator<Item = Option<&'a Text>> {
        rows.iter().map(move |row| get(row.listing).as_ref())
    }
    Columns::new(&results.specs.tables, "listings", rows.len())?
        .text("list_id", all().map(|r| Some(&r.list.list_id)))
        .integer("row_number", all().map(|r| Some(r.listing.row_number.into())))
        .date("list_date", all().map(|r| Some(r.list.day())))
        .text("list_kind", all().map(|r| r.list.kind.as_ref().map(ListKind::as_str)))
        .text("agreement_id", all().map(|r| agreement(r).map(|a| &a.id)))
        .text("state_code", all().map(|r| r.listing.state.as_ref().map(StateCode::as_str)))
        .text("agency_id", all().map(|r| agency(r).map(|a| &a.id)))
        .text("agency_name", printed(&rows, |l| &l.agency_name))
        .text("agency_type", all().map(|r| r.listing.agency_type.as_ref().map(AgencyType::as_str)))
        .text("model", all().map(|r| r.listing.model.as_ref().map(Model::as_str)))
        .date("signed_date", all().map(|r| r.listing.signed_date))
        .text("county_name", all().map(|r| county(r).map(|c| &c.name)))
        .text("county_fips", all().map(|r| agency(r)?.location.counties.first().map(ToString::to_string)))
        .text("moa_url", printed(&rows, |l| &l.moa_url))
        .text("addendum_url", printed(&rows, |l| &l.addendum_url))
        .text("state_printed", printed(&rows, |l| &l.printed.state))
        .text("agency_printed", printed(&rows, |l| &l.printed.agency))
        .text("type_printed", printed(&rows, |l| &l.printed.agency_type))
        .text("county_printed", printed(&rows, |l| &l.printed.county))
        .text("model_printed", printed(&rows, |l| &l.printed.model))
        .text("signed_printed", printed(&rows, |l| &l.printed.signed))
        .text("moa_printed", printed(&rows, |l| &l.printed.moa))
        .text("moa_link_printed", printed(&rows, |l| &l.printed.moa_link))
        .text("addendum_printed", printed(&rows, |l| &l.printed.addendum))
        .text("addendum_link_printed", printed(&rows, |l| &l.printed.addendum_link))
        .finish()
}

pub fn repairs(results: &Results) -> Result<DataFrame, FrameError> {
    let rows: Vec<(&List, &Repair)> =
        results.panel.kept().flat_map(|(_, list)| list.repairs.iter().map(move |r| (list, r))).collect();
    let all = || rows.iter();
    Columns::new(&results.specs.tables, "repairs", rows.len())?
        .text("list_id", all().map(|(list, _)| Some(&list.list_id)))
        .integer("row_number", all().map(|(_, r)| Some(r.row_number.into())))
        .text("column", all().map(|(_, r)| Some(r.column)))
        .text("step", all().map(|(_, r)| Some(r.step)))
        .text("value_printed", all().map(|(_, r)| r.value_printed.as_ref()))
        .text("value", all().map(|(_, r)| r.value.as_ref()))
        .text("repair_rule", all().map(|(_, r)| Some(&r.rule)))
        .text("evidence", all().map(|(_, r)| r.evidence.as_ref()))
        .finish()
}
