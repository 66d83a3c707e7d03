//! Tables `agencies`, `agency_counties`, `agency_names`, `agency_redirects`, `counties_reference`.

use std::collections::HashMap;

use super::Results;
use crate::identify::{Agency, Cite};
use crate::reference::FbiAgency;
use crate::table::{Table, TableBuilder, TableError};
use crate::words::{CountyFips, NameMethod, OriReason, OriRelation, StateCode};

pub fn agencies(results: &Results) -> Result<Table, TableError> {
    let agencies = &results.agencies.agencies;
    let all = || agencies.iter();
    let state = |a: &Agency| a.state.and_then(|code| results.reference.states.get(code));
    let powers = |a: &Agency| {
        let of_name =
            |name: &str| results.reference.state_agencies.of(a.state?, name, &results.reference.states);
        let is_state = a.location.level.is_statewide();
        let printed = || a.names.iter().find_map(|name| of_name(&name.agency));
        is_state.then(|| of_name(&a.name).or_else(printed)).flatten()
    };
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
        .boolean("runs_jail", results.jails.iter().map(|jail| jail.runs))
        .text("runs_jail_evidence", results.jails.iter().map(|jail| Some(&jail.evidence)))
        .text("police_powers", all().map(|a| powers(a).map(|found| found.powers.as_str())))
        .text("police_powers_evidence", all().map(|a| powers(a).map(|found| &found.evidence)))
        .text("police_powers_source_url", all().map(|a| powers(a).map(|found| &found.source_url)))
        .date("agency_first_listed_date", all().map(|a| Some(a.first_listed)))
        .date("agency_last_listed_date", all().map(|a| Some(a.last_listed)))
        .sorted()
}

/// An identifier of the FBI's list and the agency that it is of.
struct OriRow<'r> {
    agency: &'r Agency,
    ori: &'r str,
    entry: Option<&'r FbiAgency>,
    relation: OriRelation,
}

pub fn agency_oris(results: &Results) -> Result<Table, TableError> {
    let entries: HashMap<&str, &FbiAgency> =
        results.reference.fbi.iter().map(|entry| (entry.ori.as_str(), entry)).collect();
    let mut rows = Vec::new();
    for agency in &results.agencies.agencies {
        let own = agency.location.ori.as_ref().ok().map(|own| own.ori.as_str());
        let units = agency.location.unit_oris.iter().map(String::as_str).filter(|ori| Some(*ori) != own);
        for ori in own.into_iter().chain(units) {
            let entry = entries.get(ori).copied();
            let relation = match (Some(ori) == own, entry.is_some_and(|entry| entry.is_unit)) {
                (true, _) => OriRelation::Own,
                (false, true) => OriRelation::Unit,
                (false, false) => OriRelation::Candidate,
            };
            rows.push(OriRow { agency, ori, entry, relation });
        }
    }
    let all = || rows.iter();
    TableBuilder::new(&results.specs.tables, "agency_oris")?
        .text("agency_id", all().map(|row| Some(&row.agency.id)))
        .text("ori", all().map(|row| Some(row.ori)))
        .text("ori_relation", all().map(|row| Some(row.relation)))
        .text("fbi_name", all().map(|row| row.entry.map(|entry| &entry.name)))
        .text("fbi_kind", all().map(|row| row.entry.map(|entry| &entry.kind)))
        .text(
            "fbi_county_fips",
            all().map(|row| {
                let entry = row.entry.filter(|entry| !entry.counties.is_empty())?;
                let codes: Vec<&str> = entry.counties.iter().map(CountyFips::as_str).collect();
                Some(codes.join("|"))
            }),
        )
        .integer("last_report_year", all().map(|row| row.entry.map(|entry| i64::from(entry.last_year))))
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
