//! Tables `agencies`, `agency_counties`, `agency_names`, `agency_redirects`, `counties_reference`.

use super::Results;
use crate::identify::{Agency, Cite};
use crate::table::{Table, TableBuilder, TableError};
use crate::words::{CountyFips, NameMethod, OriReason, StateCode};

pub fn agencies(results: &Results) -> Result<Table, TableError> {
    let agencies = &results.agencies.agencies;
    let all = || agencies.iter();
    let state = |a: &Agency| a.state.and_then(|code| results.reference.states.get(code));
    TableBuilder::new(&results.specs.tables, "agencies")?
        .text("agency_id", all().map(|a| Some(&a.id)))
        .text("agency_name", all().map(|a| Some(&a.name)))
        .boolean("name_is_mended", all().map(|a| a.is_repaired))
        .text("state_code", all().map(|a| a.state.as_ref().map(StateCode::as_str)))
        .text("state_fips", all().map(|a| state(a).map(|s| &s.fips)))
        .text("agency_level", all().map(|a| Some(a.location.level.as_str())))
        .text("agency_kind", all().map(|a| Some(a.location.kind.as_str())))
        .text("kind_phrase", all().map(|a| a.kind_phrase.as_ref()))
        .text("main_county_fips", all().map(|a| a.location.counties.first().map(CountyFips::as_str)))
        .text("place_geoid", all().map(|a| a.location.place_geoid.as_ref()))
        .text("cousub_geoid", all().map(|a| a.location.cousub_geoid.as_ref()))
        .text("ori", all().map(|a| a.location.ori.as_ref().ok().map(|ori| &ori.ori)))
        .text("county_method", all().map(|a| Some(a.location.method)))
        .number("county_score", all().map(|a| Some(a.location.score)))
        .text("county_evidence", all().map(|a| Some(&a.location.evidence)))
        .text("ori_method", all().map(|a| a.location.ori.as_ref().ok().map(|ori| ori.method)))
        .number("ori_score", all().map(|a| a.location.ori.as_ref().ok().map(|ori| ori.score)))
        .text("ori_reason", all().map(|a| a.location.ori.as_ref().err().map(OriReason::as_str)))
        .date("agency_first_listed_date", all().map(|a| Some(a.first_listed)))
        .date("agency_last_listed_date", all().map(|a| Some(a.last_listed)))
        .sorted()
}

pub fn agency_counties(results: &Results) -> Result<Table, TableError> {
    let rows: Vec<(&Agency, usize, &CountyFips)> = results
        .agencies
        .agencies
        .iter()
        .flat_map(|a| a.location.counties.iter().enumerate().map(move |(at, fips)| (a, at, fips)))
        .collect();
    let all = || rows.iter();
    TableBuilder::new(&results.specs.tables, "agency_counties")?
        .text("agency_id", all().map(|(a, _, _)| Some(&a.id)))
        .text("county_fips", all().map(|(_, _, fips)| Some(fips.as_str())))
        .text("extent", all().map(|(a, _, _)| Some(a.location.extent.as_str())))
        .boolean("is_main", all().map(|(_, at, _)| *at == 0))
        .sorted()
}

pub fn agency_names(results: &Results) -> Result<Table, TableError> {
    let rows: Vec<_> =
        results.agencies.agencies.iter().flat_map(|a| a.names.iter().map(move |n| (a, n))).collect();
    let all = || rows.iter();
    let list_id = |cite: Cite| &results.panel.lists[cite.list].list_id;
    TableBuilder::new(&results.specs.tables, "agency_names")?
        .text("agency_id", all().map(|(a, _)| Some(&a.id)))
        .text("agency_printed", all().map(|(_, name)| Some(&name.agency)))
        .text("state_printed", all().map(|(_, name)| Some(&name.state)))
        .date("name_first_listed_date", all().map(|(_, name)| Some(name.sightings.first)))
        .date("name_last_listed_date", all().map(|(_, name)| Some(name.sightings.last)))
        .integer("listing_count", all().map(|(_, name)| Some(name.sightings.count.into())))
        .text("first_list_id", all().map(|(_, name)| Some(list_id(name.sightings.cite))))
        .integer("first_row_number", all().map(|(_, name)| Some(name.sightings.cite.row_number.into())))
        .text(
            "name_method",
            all().map(|(_, name)| {
                Some(name.bond.as_ref().map_or(NameMethod::Alone, |bond| bond.rule).as_str())
            }),
        )
        .number("name_score", all().map(|(_, name)| Some(name.bond.as_ref().map_or(1.0, |b| b.score))))
        .text("name_evidence", all().map(|(_, name)| name.bond.as_ref().map(|b| &b.evidence)))
        .sorted()
}

pub fn agency_redirects(results: &Results) -> Result<Table, TableError> {
    let rows: Vec<_> =
        results.agencies.agencies.iter().flat_map(|a| a.redirects.iter().map(move |r| (a, r))).collect();
    let all = || rows.iter();
    TableBuilder::new(&results.specs.tables, "agency_redirects")?
        .text("old_agency_id", all().map(|(_, r)| Some(&r.old_id)))
        .text("agency_id", all().map(|(a, _)| Some(&a.id)))
        .text("reason", all().map(|(_, r)| Some(r.reason)))
        .number("score", all().map(|(_, r)| Some(r.score)))
        .text("evidence", all().map(|(_, r)| Some(&r.evidence)))
        .sorted()
}

pub fn counties_reference(results: &Results) -> Result<Table, TableError> {
    let rows: Vec<_> = results.reference.counties.iter().collect();
    let all = || rows.iter();
    TableBuilder::new(&results.specs.tables, "counties_reference")?
        .text("county_fips", all().map(|c| Some(c.fips.as_str())))
        .text("county_name", all().map(|c| Some(&c.name)))
        .text("state_code", all().map(|c| Some(c.state.as_str())))
        .text("county_kind", all().map(|c| Some(&c.kind)))
        .integer("first_vintage", all().map(|c| c.first_vintage.map(Into::into)))
        .integer("last_vintage", all().map(|c| c.last_vintage.map(Into::into)))
        .sorted()
}
