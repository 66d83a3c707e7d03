//! People of the default release: margins, noncitizens, places and towns, parts of counties; who could sign; ORIs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use coverage287::assess::as_of;
use coverage287::publishing::RunOutput;
use coverage287::words::StateCode;
use jiff::civil::{Date, date};

use crate::support::{
    Row, assert_said, dry_run, dry_run_of, four_lists, rows, rows_that, table, where_is, workbook,
};

/// Returns the rows of a table that the project ships.
fn shipped(file: &str) -> Vec<BTreeMap<String, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(file);
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// Returns the coverage on the newest list.
fn newest_coverage(done: &RunOutput) -> Vec<BTreeMap<String, String>> {
    rows_that(&table(done, "coverage"), |row| row["until_date"].is_empty())
}

#[test]
fn every_share_of_counties_has_its_margin_and_says_how_sure_it_is() {
    let done = dry_run(&[]);
    let coverage = table(&done, "coverage");
    let is_island = |row: &BTreeMap<String, String>| ["AS", "GU", "MP", "VI"].contains(&&*row["geography"]);
    let by_county = rows_that(&coverage, |row| {
        !is_island(row) && row["rule"] != "place_weighted" && row["county_count"] != "0"
    });
    assert!(by_county.len() > 100_000, "{}", by_county.len());
    for row in &by_county {
        assert_eq!(row["acs_vintage"], "2020-2024");
        for measure in ["population", "foreign_born", "noncitizen"] {
            for part in ["covered", "covered_moe", "total", "total_moe", "share", "share_moe"] {
                assert!(!row[&format!("{measure}_{part}")].is_empty(), "{measure}_{part}: {row:?}");
            }
            if row[&format!("{measure}_covered")] != "0" {
                assert!(!row[&format!("{measure}_share_reliability")].is_empty(), "{measure}: {row:?}");
                assert!(!row[&format!("{measure}_covered_reliability")].is_empty(), "{measure}: {row:?}");
            }
        }
    }

    // Rules of places use figures of places, and say which figures are missing.
    for row in newest_coverage(&done).into_iter().filter(|row| row["rule"] == "place_weighted") {
        assert_eq!(row["acs_vintage"], "2019-2023");
        assert_eq!(row["noncitizen_covered"], "");
        let says = if is_island(&row) { "not_in_acs" } else { "noncitizen: not_in_input" };
        assert!(row["missing_reason"].contains(says), "{row:?}");
    }
}

#[test]
fn shipped_counties_sum_to_the_nation() {
    let us: Vec<i64> = {
        let mut sums = [0; 3];
        for row in shipped("census/acs5-2020-2024-b05001-counties.csv") {
            let line = |line: usize| row[&format!("B05001_00{line}E")].parse::<i64>().unwrap();
            assert_eq!(line(1), (2..=6).map(line).sum::<i64>(), "{}", row["GEO_ID"]);
            for (sum, value) in sums.iter_mut().zip([line(1), line(5) + line(6), line(6)]) {
                *sum += value;
            }
        }
        sums.to_vec()
    };
    assert_eq!(us, [334_922_499, 47_349_078, 22_674_672]);
    let done = dry_run(&[]);
    let of = |rule: &str, column: &str| {
        let coverage = newest_coverage(&done);
        let row = coverage.iter().find(|row| row["geography"] == "US" && row["rule"] == rule).unwrap();
        row[column].clone()
    };
    let totals = ["population_total", "foreign_born_total", "noncitizen_total"];
    assert_eq!(totals.map(|column| of("any_local", column)), ["334922499", "47349078", "22674672"]);
    // The nation's row of 2019-2023 has margins and noncitizens; its counties have neither.
    assert_eq!(totals.map(|column| of("place_weighted", column)), ["332387540", "46108901", "21975173"]);
    let moe: f64 = of("place_weighted", "noncitizen_total_moe").parse().unwrap();
    assert!((moe - 141_119.0).abs() < 1e-9);
    let moe: f64 = of("place_weighted", "foreign_born_total_moe").parse().unwrap();
    assert!((moe - 47_750_f64.hypot(141_119.0)).abs() < 1e-6);
    for name in ["population_total_2020_2024", "foreign_born_total_2020_2024", "noncitizen_total_2020_2024"] {
        let check = done.checks.iter().find(|check| check.name == name).unwrap();
        assert!(check.blocking && check.passed && check.actual != "not looked at", "{check:?}");
    }
}

/// Residents of places and counties, added up by hand from the shipped files for ten states: the program's own sums are
/// not used, only which agencies are listed and where they are.
#[test]
fn residents_of_ten_states_are_those_of_a_calculation_by_hand() {
    let done = dry_run(&[]);
    let of = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<i64>().unwrap();
    let population: HashMap<String, i64> = shipped("census/acs5-2019-2023-b05002-counties.csv")
        .iter()
        .map(|row| (row["county_fips"].clone(), of(row, "population")))
        .collect();
    let mut areas: HashMap<String, i64> = HashMap::new();
    for file in ["b01003-places", "b01003-county-subdivisions"] {
        for row in shipped(&format!("census/acs5-2019-2023-{file}.csv")) {
            areas.insert(row["GEO_ID"][9..].to_owned(), of(&row, "B01003_001E"));
        }
    }
    let mut parts: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    for row in shipped("reference/place_counties.csv") {
        parts
            .entry(row["place_geoid"].clone())
            .or_default()
            .push((row["county_fips"].clone(), of(&row, "residents_2020")));
    }
    let alone: BTreeSet<String> = shipped("reference/places.csv")
        .iter()
        .filter(|row| ["C2", "C5", "C7"].contains(&row["place_class"].as_str()))
        .map(|row| row["place_geoid"].clone())
        .collect();
    let newest = as_of(&done, Date::MAX).unwrap().unwrap();
    let listed: BTreeSet<String> = newest.rows.iter().filter_map(|row| row.agency_id.clone()).collect();
    let counties: HashMap<String, Vec<(String, String)>> = {
        let mut counties: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for row in rows(&table(&done, "agency_counties")) {
            counties
                .entry(row["agency_id"].clone())
                .or_default()
                .push((row["county_fips"].clone(), row["extent"].clone()));
        }
        counties
    };
    let agencies = rows(&table(&done, "agencies"));
    let coverage = newest_coverage(&done);
    let states = ["TX", "FL", "PA", "NH", "OK", "GA", "AL", "IN", "MO", "NY"];
    let mut places_seen = 0;
    for state in states {
        let here =
            || agencies.iter().filter(|a| a["state_code"] == state && listed.contains(&a["agency_id"]));
        let none = Vec::new();
        let of_agency =
            |agency: &BTreeMap<String, String>| counties.get(&agency["agency_id"]).unwrap_or(&none).clone();
        // Counties that a sheriff, police or jail serves as a whole.
        let mut whole: BTreeSet<String> = BTreeSet::new();
        for agency in
            here().filter(|a| ["sheriff", "police", "corrections"].contains(&a["agency_kind"].as_str()))
        {
            whole.extend(
                of_agency(agency).into_iter().filter(|(_, extent)| extent == "whole").map(|(fips, _)| fips),
            );
        }
        let mut people: i64 = whole.iter().map(|fips| population[fips]).sum();
        // Places and towns of municipal police elsewhere, each once: by county and by code, with the kind of area.
        let mut residents: BTreeMap<String, BTreeMap<String, (u8, i64)>> = BTreeMap::new();
        for agency in here().filter(|a| a["agency_level"] == "municipal" && a["agency_kind"] == "police") {
            let (place, town) = (&agency["place_geoid"], &agency["cousub_geoid"]);
            let (code, is_place) = if areas.contains_key(place) { (place, true) } else { (town, false) };
            let Some(all) = areas.get(code) else { continue };
            let split = parts.get(code).filter(|parts| is_place && parts.len() > 1);
            let shares = match split {
                Some(parts) => parts.clone(),
                None if is_place => vec![(of_agency(agency)[0].0.clone(), 1)],
                None => vec![(code[..5].to_owned(), 1)],
            };
            let sum: i64 = shares.iter().map(|(_, share)| share).sum();
            for (fips, share) in shares.into_iter().filter(|(fips, _)| !whole.contains(fips)) {
                let kind = if !is_place { 0 } else { u8::from(!alone.contains(code)) * 2 + 1 };
                // Parts of a place are whole people: they may be one apart from the exact share.
                residents.entry(fips).or_default().insert(code.clone(), (kind, all * share / sum));
                places_seen += 1;
            }
        }
        let mut slack = 0;
        for (fips, of_county) in &residents {
            let sum = |kind: u8| of_county.values().filter(|(k, _)| *k == kind).map(|(_, n)| n).sum::<i64>();
            people += (sum(1) + sum(0).max(sum(3))).min(population[fips]);
            slack += of_county.len() as i64;
        }
        let row = coverage
            .iter()
            .find(|row| {
                row["geography"] == state && row["rule"] == "place_weighted" && row["model_group"] == "all"
            })
            .unwrap();
        let found = of(row, "population_covered");
        assert!((0..=slack).contains(&(found - people)), "{state}: {found}, by hand {people} ± {slack}");
        // Under any_local the same counties and more count as whole.
        let wide = coverage
            .iter()
            .find(|row| {
                row["geography"] == state && row["rule"] == "any_local" && row["model_group"] == "all"
            })
            .unwrap();
        let in_part: BTreeSet<&String> = residents.keys().collect();
        assert!(of(wide, "part_county_count") <= of(wide, "county_count") - whole.len() as i64);
        assert!(of(wide, "county_count") >= (whole.len() + in_part.len()) as i64);
    }
    assert!(places_seen > 100, "{places_seen}");
}

#[test]
fn a_county_reached_by_a_village_is_marked() {
    let done = dry_run(&[]);
    let now = rows_that(&table(&done, "county_coverage"), |row| row["until_date"].is_empty());
    let of = |fips: &str, rule: &str| {
        let found = now
            .iter()
            .find(|row| row["county_fips"] == fips && row["rule"] == rule && row["model_group"] == "all");
        found.unwrap().clone()
    };
    let harris = of("48201", "any_local");
    assert_eq!((harris["policed_extent"].as_str(), harris["covered_share"].as_str()), ("part", "1.0"));
    let part: f64 = harris["covered_part"].parse().unwrap();
    assert!(part > 0.0 && part < 0.002, "{part}");
    let by_place: f64 = of("48201", "place_weighted")["covered_share"].parse().unwrap();
    assert!((part - by_place).abs() < 1e-12);
    let miami = of("12086", "any_local");
    assert_eq!((miami["policed_extent"].as_str(), miami["covered_part"].as_str()), ("whole", ""));
    for row in &now {
        let is_part = row["policed_extent"] == "part";
        let has_share = !row["covered_part"].is_empty();
        let reason = row["covered_part_reason"].as_str();
        assert!(is_part || (!has_share && reason.is_empty()), "{row:?}");
        assert!(
            !is_part || has_share != matches!(reason, "no_residents" | "not_known" | "no_place_figures"),
            "{row:?}"
        );
        assert!(row["rule"] != "sheriff" || !is_part);
        if has_share {
            assert!((0.0..=1.0).contains(&row["covered_part"].parse::<f64>().unwrap()));
        }
    }
    // The cube and the months say the same.
    let us = newest_coverage(&done)
        .into_iter()
        .find(|row| row["geography"] == "US" && row["rule"] == "any_local" && row["model_group"] == "all")
        .unwrap();
    let territories: BTreeSet<String> = rows(&table(&done, "counties_reference"))
        .iter()
        .filter(|c| ["PR", "GU", "MP", "AS", "VI"].contains(&c["state_code"].as_str()))
        .map(|c| c["county_fips"].clone())
        .collect();
    let parts = now.iter().filter(|row| {
        row["rule"] == "any_local"
            && row["model_group"] == "all"
            && row["policed_extent"] == "part"
            && !territories.contains(&row["county_fips"])
    });
    assert_eq!(us["part_county_count"], parts.count().to_string());
    assert!(us["population_in_part"].parse::<i64>().unwrap() > 4_000_000, "Harris County alone");
    let months = where_is(&done, "county_months", "county_fips", "48201");
    let last = rows(&months)
        .into_iter()
        .rfind(|row| row["rule"] == "any_local" && row["model_group"] == "all")
        .unwrap();
    assert_eq!(last["part_day_count"], last["day_count"]);
    assert!((last["covered_part"].parse::<f64>().unwrap() - part).abs() < 1e-9);
}

#[test]
fn a_place_is_mainly_where_most_of_its_people_live() {
    let done = dry_run(&[]);
    let mut parts: HashMap<String, BTreeMap<String, i64>> = HashMap::new();
    for row in shipped("reference/place_counties.csv") {
        let residents = row["residents_2020"].parse().unwrap();
        parts.entry(row["place_geoid"].clone()).or_default().insert(row["county_fips"].clone(), residents);
    }
    let several: HashMap<String, Vec<String>> = shipped("reference/places.csv")
        .iter()
        .map(|row| (row["place_geoid"].clone(), row["county_fips"].split(' ').map(str::to_owned).collect()))
        .collect();
    let mut counties: HashMap<String, BTreeSet<String>> = HashMap::new();
    for row in rows(&table(&done, "agency_counties")) {
        counties.entry(row["agency_id"].clone()).or_default().insert(row["county_fips"].clone());
    }
    let (mut in_several, mut on_empty_land) = (0, 0);
    for agency in rows(&table(&done, "agencies")) {
        let place = &agency["place_geoid"];
        let Some(parts) = parts.get(place) else { continue };
        let most = parts.iter().max_by_key(|(_, residents)| **residents).unwrap().0;
        assert_eq!(&agency["main_county_fips"], most, "{}", agency["agency_name"]);
        let held: BTreeSet<String> = parts.keys().cloned().collect();
        assert_eq!(counties[&agency["agency_id"]], held, "{}", agency["agency_name"]);
        in_several += usize::from(parts.len() > 1);
        on_empty_land += usize::from(several[place].iter().any(|fips| !parts.contains_key(fips)));
    }
    assert_eq!((in_several, on_empty_land), (26, 7));
    let named = |name: &str, state: &str| {
        let agencies = rows(&table(&done, "agencies"));
        let agency = agencies.iter().find(|a| a["agency_name"] == name && a["state_code"] == state).unwrap();
        agency["main_county_fips"].clone()
    };
    assert_eq!(named("Longboat Key Police Department", "FL"), "12115");
    assert_eq!(named("Alto Police Department", "GA"), "13137");
    assert_eq!(named("Mustang Ridge Police Department", "TX"), "48453");
    // Highland County, Ohio, has nothing but an empty part of Sardinia.
    let highland = where_is(&done, "county_coverage", "county_fips", "39071");
    assert_eq!(highland.row_count(), 0);
}

/// Makes a row that says little more than its agency and, in its county cell, the place.
fn row_of<'a>(state: &'a str, agency: &'a str, county: &'a str) -> Row<'a> {
    Row { state, agency, county, agency_type: "", model: "Task Force Model", signed: "2025-03-01", link: "" }
}

/// Makes a run over a list of these agencies: state, name, county cell.
fn of_bodies(folder: &Path, bodies: &[(&str, &str, &str)]) -> RunOutput {
    let path = folder.join("participatingAgencies07012025am.xlsx");
    let rows: Vec<Row> = bodies.iter().map(|(state, agency, county)| row_of(state, agency, county)).collect();
    workbook(&path, &rows);
    dry_run_of(&[path], |_| {})
}

#[test]
fn bodies_over_several_counties_are_placed_by_their_authority() {
    let mut reviewed: BTreeMap<(String, String), BTreeSet<(String, String)>> = BTreeMap::new();
    for row in shipped("crosswalks/agency_counties.csv") {
        let body = (row["state_code"].clone(), row["agency_name"].clone());
        reviewed.entry(body).or_default().insert((row["county_fips"].clone(), row["extent"].clone()));
    }
    let states: HashMap<String, String> = shipped("reference/states.csv")
        .iter()
        .map(|row| (row["state_code"].clone(), row["state_name"].to_uppercase()))
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let bodies: Vec<(&str, &str, &str)> =
        reviewed.keys().map(|(state, name)| (states[state].as_str(), name.as_str(), "")).collect();
    let made = of_bodies(dir.path(), &bodies);
    let check = |done: &RunOutput, state: &str, name: &str, expected: &BTreeSet<(String, String)>| {
        let agencies = rows(&table(done, "agencies"));
        // Two names of the table may be one agency: North County is its police cooperative.
        let names = rows(&where_is(done, "agency_names", "agency_printed", name));
        let is_it = |a: &&BTreeMap<String, String>| {
            a["state_code"] == state && names.iter().any(|row| row["agency_id"] == a["agency_id"])
        };
        let agency = agencies.iter().find(is_it).unwrap();
        let found: BTreeSet<(String, String)> =
            rows(&where_is(done, "agency_counties", "agency_id", &agency["agency_id"]))
                .iter()
                .map(|row| (row["county_fips"].clone(), row["extent"].clone()))
                .collect();
        assert_eq!(found, *expected, "{name}");
        assert_eq!(agency["county_method"], "reviewed", "{name}");
        assert!(!agency["county_evidence"].contains(".csv"), "{name}: {}", agency["county_evidence"]);
    };
    for ((state, name), expected) in &reviewed {
        check(&made, state, name, expected);
    }
    // The names are as a list may print them.
    for (state, title, printed, reviewed_name) in [
        ("AR", "ARKANSAS", "6th Judicial District Drug Task Force", "6th Judicial District"),
        ("AR", "ARKANSAS", "Sixteenth Judicial District DTF", "16th Judicial District Drug Task Force"),
        ("OK", "OKLAHOMA", "District Attorney District 25", "Office of the District Attorney, District 25"),
        (
            "TN",
            "TENNESSEE",
            "23rd Judicial District Drug and Violent Crime Task Force",
            "23rd Judicial District",
        ),
        ("TX", "TEXAS", "32nd Judicial District Attorney's Office", "32nd Judicial District Attorney"),
        ("GA", "GEORGIA", "Northern Judicial Circuit District Attorney", "Northern Judicial Circuit"),
        (
            "FL",
            "FLORIDA",
            "State Attorney 20th Judicial Circuit",
            "Office of the State Attorney, 20th Judicial Circuit",
        ),
        (
            "PA",
            "PENNSYLVANIA",
            "Northwest Regional Police Department",
            "Northwest Regional Police Department",
        ),
    ] {
        let done = of_bodies(dir.path(), &[(title, printed, "")]);
        check(&done, state, printed, &reviewed[&(state.to_owned(), reviewed_name.to_owned())]);
    }
    // The reviewed counties are not those of a district of another number.
    let other =
        of_bodies(dir.path(), &[("ARKANSAS", "5th Judicial District Drug Task Force", "Pope County")]);
    let agency = &rows(&table(&other, "agencies"))[0];
    assert_eq!(
        (agency["county_method"].as_str(), agency["main_county_fips"].as_str()),
        ("county_cell", "05115")
    );
}

#[test]
fn towns_are_told_by_the_list_of_governments() {
    let dir = tempfile::tempdir().unwrap();
    let done = of_bodies(
        dir.path(),
        &[
            ("PENNSYLVANIA", "Hellam Township Police Department", ""),
            ("MAINE", "Wells Police Department", ""),
            ("PENNSYLVANIA", "Damascus Township Constable", ""),
            ("PENNSYLVANIA", "Derry Township Constable", ""),
            ("PENNSYLVANIA", "Franklin Township Police Department", "Beaver County"),
            ("NEW JERSEY", "Hillsborough Township Police Department", ""),
            ("MICHIGAN", "Shelby Township Police Department", "Macomb County"),
            ("MISSOURI", "Union Police Department", ""),
        ],
    );
    let agencies: BTreeMap<String, BTreeMap<String, String>> =
        rows(&table(&done, "agencies")).into_iter().map(|row| (row["agency_name"].clone(), row)).collect();
    let of = |name: &str| {
        let agency = &agencies[name];
        (agency["cousub_geoid"].as_str(), agency["main_county_fips"].as_str())
    };
    assert_eq!(of("Hellam Township Police Department"), ("4213333728", "42133"));
    assert_eq!(of("Wells Police Department"), ("2303181475", "23031"));
    assert_eq!(of("Damascus Township Constable"), ("4212718104", "42127"));
    assert_eq!(of("Franklin Township Police Department").1, "42007");
    assert!(of("Franklin Township Police Department").0.starts_with("42007"));
    assert_eq!(of("Hillsborough Township Police Department").1, "34035");
    assert_eq!(of("Shelby Township Police Department").1, "26099");
    // A city of Missouri is no township of its name.
    assert_eq!(of("Union Police Department").0, "");
    let derry = &agencies["Derry Township Constable"];
    assert_eq!(derry["main_county_fips"], "");
    assert_said!(derry["county_evidence"]);
}

/// Where cells name two counties, each with a township of the name, ICE has corrected one: the newest list decides,
/// unless the FBI knows such a police only in the other (Union Township: Lawrence County on the pending list,
/// Washington County on the others).
#[test]
fn two_townships_of_one_name_are_told_apart_by_the_newest_list() {
    let done = dry_run(&[]);
    let agencies = rows(&table(&done, "agencies"));
    let butler = agencies.iter().find(|a| a["agency_name"] == "Butler Township Police Department").unwrap();
    assert_eq!((butler["main_county_fips"].as_str(), butler["ori"].as_str()), ("42079", "PA0405600"));
    assert_said!(butler["county_evidence"]);
    let union = agencies
        .iter()
        .find(|a| a["agency_name"] == "Union Township Police Department" && a["state_code"] == "PA")
        .unwrap();
    assert_eq!((union["main_county_fips"].as_str(), union["ori"].as_str()), ("42073", "PA0370800"));
    assert_said!(union["county_evidence"]);
}

#[test]
fn of_the_newest_list_hardly_an_agency_is_without_a_county_and_few_without_an_ori() {
    let done = dry_run(&[]);
    let agencies: BTreeMap<String, BTreeMap<String, String>> =
        rows(&table(&done, "agencies")).into_iter().map(|row| (row["agency_id"].clone(), row)).collect();
    let newest = as_of(&done, Date::MAX).unwrap().unwrap();
    let listed: Vec<_> = newest.rows.iter().map(|row| &agencies[row.agency_id.as_ref().unwrap()]).collect();
    let is_local =
        |a: &&&BTreeMap<String, String>| !["state", "territory"].contains(&a["agency_level"].as_str());
    let local = listed.iter().filter(is_local).count();
    let unplaced = listed.iter().filter(is_local).filter(|a| a["main_county_fips"].is_empty()).count();
    assert!(unplaced * 1_000 < local, "{unplaced} of {local}");
    let is_police = |a: &&&BTreeMap<String, String>| {
        let of = |column: &str| a[column].as_str();
        match of("agency_kind") {
            "sheriff" | "campus" | "state_police" => true,
            "police" => ["municipal", "county"].contains(&of("agency_level")),
            _ => false,
        }
    };
    let police = listed.iter().filter(is_police).count();
    let with = listed.iter().filter(is_police).filter(|a| !a["ori"].is_empty()).count();
    assert!(with * 100 >= police * 97, "{with} of {police}");
    let all = listed.iter().filter(|a| !a["ori"].is_empty()).count();
    assert!(all * 100 >= listed.len() * 90, "{all} of {}", listed.len());
    for agency in agencies.values() {
        assert_ne!(agency["ori"].is_empty(), agency["ori_reason"].is_empty(), "{}", agency["agency_name"]);
        assert_eq!(agency["ori"].is_empty(), agency["ori_method"].is_empty());
    }
}

/// Every ORI on the FBI's list belongs to an entry of the agency's state and, where the entry has a county, of one of
/// the agency's counties; an ORI that the list lacks says that it was derived.
#[test]
fn an_ori_is_of_the_agencys_own_state_and_county() {
    let done = dry_run(&[]);
    let base: HashMap<String, String> = shipped("reference/counties.csv")
        .iter()
        .map(|row| (row["county_fips"].clone(), coverage287::reference::key(&row["county_base_name"])))
        .collect();
    let fbi: BTreeMap<String, BTreeMap<String, String>> =
        shipped("reference/fbi_agencies.csv").into_iter().map(|row| (row["ori"].clone(), row)).collect();
    let mut counties: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows(&table(&done, "agency_counties")) {
        counties.entry(row["agency_id"].clone()).or_default().push(base[&row["county_fips"]].clone());
    }
    let mut derived = 0;
    for agency in rows(&table(&done, "agencies")).iter().filter(|agency| !agency["ori"].is_empty()) {
        let Some(entry) = fbi.get(&agency["ori"]) else {
            assert_eq!(agency["ori_method"], "county_number", "{}", agency["agency_name"]);
            assert!(agency["agency_kind"] == "sheriff" && agency["ori_score"].parse::<f64>().unwrap() < 1.0);
            derived += 1;
            continue;
        };
        assert_eq!(entry["state_code"], agency["state_code"]);
        if agency["agency_level"] == "state" || entry["county_names"].is_empty() {
            continue;
        }
        let named: Vec<String> = entry["county_names"].split(',').map(coverage287::reference::key).collect();
        let own = &counties[&agency["agency_id"]];
        let is_region = agency["state_code"] == "CT";
        assert!(is_region || own.iter().any(|county| named.contains(county)), "{agency:?} {entry:?}");
        if agency["agency_kind"] == "sheriff" && agency["agency_level"] == "county" {
            // The sheriff of Clark County, Nevada, heads a police that the FBI's list takes for a city's.
            let is_its_name = entry["fbi_name"] == agency["agency_name"];
            assert!(entry["fbi_kind"] == "County" || is_its_name, "{}", agency["agency_name"]);
        }
    }
    assert!((1..20).contains(&derived), "{derived}");
}

#[test]
fn of_the_largest_counties_it_is_said_who_could_sign() {
    let done =
        crate::support::dry_run_of(&[], |settings| settings.acs_vintage = "2019-2023".parse().unwrap());
    let benchmarks = where_is(&done, "benchmarks", "benchmark", "counties_foreign_born");
    let mut silent = Vec::new();
    for row in
        rows(&benchmarks).iter().filter(|row| row["rule"] == "county_agency" && row["model_group"] == "all")
    {
        assert_ne!(row["own_body_names"].is_empty(), row["own_body_reason"].is_empty(), "{row:?}");
        assert_eq!(row["has_own_body"] == "true", !row["own_body_names"].is_empty());
        if row["own_body_reason"] == "not in our sources" {
            silent.push(row["geo_name"].clone());
        }
        if ["36081", "36047", "36005", "36061", "36085"].iter().any(|fips| row["geo_id"].ends_with(fips)) {
            assert!(row["own_body_names"].starts_with("New York City Police Department"), "{row:?}");
        }
    }
    assert_eq!(silent, Vec::<String>::new());
    let places = where_is(&done, "benchmarks", "benchmark", "places_foreign_born");
    let places = rows(&places);
    for (place, police) in [
        ("Charlotte city", "Charlotte-Mecklenburg city (FBI NC0600100)"),
        ("Las Vegas city", "Las Vegas Metropolitan Police Department city (FBI NV0020100)"),
    ] {
        let row = places.iter().find(|row| row["geo_name"] == place).unwrap();
        assert_eq!(row["own_body_names"], police, "{row:?}");
    }
}

/// A benchmark says the same about a county as county_coverage.
#[test]
fn a_ranked_county_reached_in_part_says_so() {
    let done = dry_run(&[]);
    let is_harris = |row: &BTreeMap<String, String>| {
        row["geo_id"] == "0500000US48201" && row["rule"] == "any_local" && row["model_group"] == "all"
    };
    let benchmarks = rows(&where_is(&done, "benchmarks", "benchmark", "counties_noncitizen"));
    let ranked = benchmarks.iter().find(|row| is_harris(row)).unwrap();
    let covered = rows(&where_is(&done, "county_coverage", "county_fips", "48201"));
    let now = covered
        .iter()
        .find(|row| row["rule"] == "any_local" && row["model_group"] == "all" && row["until_date"].is_empty())
        .unwrap();
    assert_eq!(ranked["covered_extent"], "whole");
    for column in ["policed_extent", "covered_part", "covered_part_reason"] {
        assert_eq!(ranked[column], now[column], "{column}");
    }
    assert_eq!(ranked["policed_extent"], "part");
}

/// With 2019-2023 pinned the figures of June 6, 2025 are as before, except where a county was named that no agency
/// reaches, or an agency had none: docs/coverage-differences.md names each.
#[test]
fn with_the_older_vintage_pinned_june_6_2025_stands() {
    let done = dry_run_of(&[], |settings| settings.acs_vintage = "2019-2023".parse().unwrap());
    let june = as_of(&done, date(2025, 6, 6)).unwrap().unwrap();
    let coverage = rows(&where_is(&done, "coverage", "list_id", &june.list_id));
    let of = |rule: &str| {
        let is_it = |row: &&BTreeMap<String, String>| {
            row["geography"] == "US" && row["rule"] == rule && row["model_group"] == "all"
        };
        let row = coverage.iter().find(is_it).unwrap();
        assert_eq!(row["acs_vintage"], "2019-2023");
        ["county_count", "population_covered", "foreign_born_covered"]
            .map(|column| row[column].parse::<i64>().unwrap())
    };
    assert_eq!(of("sheriff"), [319_i64, 52_853_521, 7_549_774]);
    assert_eq!(of("county_agency"), [334, 53_343_122, 7_558_829]);
    assert_eq!(of("any_local"), [435, 64_416_559, 8_632_769]);
    assert_eq!(of("state_police"), [1_399, 111_259_295, 12_171_591]);
    assert_eq!(of("statewide_tfm"), [1_672, 136_276_108, 16_328_073]);
    assert_eq!(of("statewide_all"), [1_723, 148_163_142, 18_016_816]);
}

/// Cities of a county have its number in their ORIs, and its sheriff that number and 0000: hardly any sheriff on the
/// FBI's list to whom the rule applies has another.
#[test]
fn the_number_of_a_county_is_its_sheriffs() {
    let key = coverage287::reference::key;
    let fbi = shipped("reference/fbi_agencies.csv");
    let mut prefixes: HashMap<(String, String), BTreeSet<String>> = HashMap::new();
    let mut sheriffs: HashMap<(String, String), Vec<String>> = HashMap::new();
    for row in &fbi {
        let counties: Vec<&str> = row["county_names"].split(',').filter(|name| !name.is_empty()).collect();
        let state = row["state_code"].clone();
        match (row["fbi_kind"].as_str(), counties.as_slice()) {
            ("City", [only]) => {
                prefixes.entry((state, key(only))).or_default().insert(row["ori"][..5].to_owned());
            }
            ("County", _) => {
                sheriffs.entry((state, key(&row["fbi_name"]))).or_default().push(row["ori"].clone())
            }
            _ => {}
        }
    }
    let (mut right, mut all) = (0, 0);
    for county in shipped("reference/counties.csv") {
        let is_city = county["county_kind"] == "city" || county["state_code"] == "MI";
        let of = (county["state_code"].clone(), key(&county["county_base_name"]));
        let (Some(prefixes), Some(oris)) = (prefixes.get(&of), sheriffs.get(&of)) else { continue };
        if is_city || !county["last_vintage"].is_empty() || prefixes.len() != 1 || oris.len() != 1 {
            continue;
        }
        all += 1;
        right += usize::from(oris[0] == format!("{}0000", prefixes.first().unwrap()));
    }
    assert!(all > 2_400 && all - right <= 1, "{right} of {all}");
}

/// ORIs that a list made for the test asks for: state agencies by the words of their names, a college, a regional
/// police, a sheriff whom the FBI's list lacks; and agencies without an ORI, with the reason.
#[test]
fn oris_are_found_by_what_names_say() {
    let dir = tempfile::tempdir().unwrap();
    let bodies = [
        ("ARKANSAS", "Arkansas State Police", "", "ARASP0000"),
        ("WYOMING", "Wyoming Highway Patrol", "", "WYWHP0000"),
        ("NEBRASKA", "Nebraska State Patrol", "", "NBNSP0000"),
        ("OKLAHOMA", "Oklahoma State Bureau of Investigation", "", "OKOBI0000"),
        ("TEXAS", "Texas Department of Public Safety - Texas Highway Patrol", "", "TX0000000"),
        ("OHIO", "Lake County Sheriff's Office", "Lake County", "OH0430000"),
        ("ARKANSAS", "Arkansas Department of Public Safety", "", "ARASP0000"),
        ("OKLAHOMA", "Oklahoma Department of Public Safety", "", "OKOHP1200"),
        ("MONTANA", "Montana Department of Justice", "", "MTMHP0000"),
        ("TENNESSEE", "Trousdale County Sheriff's Office", "Trousdale County", "TN0850000"),
        ("PENNSYLVANIA", "Northwest Regional Police Department", "", "PA0362600"),
        ("FLORIDA", "Tallahassee State College Police Department", "Leon County", "FL0372200"),
        // The entry is another agency's, there is none, or there are several.
        ("ARIZONA", "Arizona Department of Corrections", "", "does_not_report"),
        ("FLORIDA", "Orange County Corrections Department", "Orange County", "does_not_report"),
        ("FLORIDA", "Florida Department of Law Enforcement", "", "several_candidates"),
        ("TEXAS", "Galveston County Constable Precinct 4", "Galveston County", "several_candidates"),
        ("NEW YORK", "Nassau County Police Department", "Nassau County", "NY0290000"),
        ("NEW YORK", "Nassau County Sheriff's Office", "Nassau County", "entry_of_another_agency"),
    ];
    let listed: Vec<(&str, &str, &str)> =
        bodies.iter().map(|(state, name, county, _)| (*state, *name, *county)).collect();
    let done = of_bodies(dir.path(), &listed);
    let agencies = rows(&table(&done, "agencies"));
    let names = rows(&table(&done, "agency_names"));
    for (_, name, _, expected) in bodies {
        let id = &names.iter().find(|row| row["agency_printed"] == name).unwrap()["agency_id"];
        let agency = agencies.iter().find(|row| row["agency_id"] == *id).unwrap();
        let found = if agency["ori"].is_empty() { &agency["ori_reason"] } else { &agency["ori"] };
        assert_eq!(found, expected, "{name}");
    }
}

/// The FBI's list has units of some agencies of states, and not the agency itself.
#[test]
fn an_agency_of_a_state_has_the_identifiers_of_its_units() {
    let dir = tempfile::tempdir().unwrap();
    let (law, patrol) = ("Florida Department of Law Enforcement", "Wyoming Highway Patrol");
    let done = of_bodies(dir.path(), &[("FLORIDA", law, ""), ("WYOMING", patrol, "")]);
    let names = rows(&table(&done, "agency_names"));
    let id =
        |name: &str| names.iter().find(|row| row["agency_printed"] == name).unwrap()["agency_id"].clone();
    let oris = rows(&table(&done, "agency_oris"));
    let of = |name: &str, relation: &str| {
        oris.iter().filter(|row| row["agency_id"] == id(name) && row["ori_relation"] == relation).count()
    };
    assert_eq!((of(law, "own"), of(law, "unit") > 5, of(law, "candidate")), (0, true, 0));
    assert_eq!((of(patrol, "own"), of(patrol, "candidate")), (1, 0));
    assert!(oris.iter().all(|row| row["ori"].len() == 9 && !row["fbi_name"].is_empty()));
}

/// Who runs a jail is said by a name, by the law of the state, or by an agreement in a jail's model; or it is not known.
#[test]
fn who_runs_a_jail_is_known_by_what_shows_it() {
    let dir = tempfile::tempdir().unwrap();
    let (task_force, jail, warrants) =
        ("Task Force Model", "Jail Enforcement Model", "Warrant Service Officer");
    let listed = [
        ("FLORIDA", "Bay County Sheriff's Office", "Bay County", jail, "true"),
        ("FLORIDA", "Clay County Sheriff's Office", "Clay County", task_force, ""),
        ("FLORIDA", "Orange County Corrections Department", "Orange County", warrants, "true"),
        // The county's jail is another agency.
        ("FLORIDA", "Orange County Sheriff's Office", "Orange County", warrants, ""),
        ("FLORIDA", "Florida Department of Corrections", "", jail, "false"),
        ("FLORIDA", "Florida Highway Patrol", "", task_force, ""),
        // A jailer runs the jail of a Kentucky county, and the state those of Alaska.
        ("KENTUCKY", "Daviess County Sheriff's Office", "Daviess County", warrants, "false"),
        ("KENTUCKY", "Daviess County Detention Center", "Daviess County", jail, "true"),
        ("ALASKA", "Alaska Department of Corrections", "", jail, "true"),
        ("ALASKA", "Palmer Police Department", "Matanuska-Susitna Borough", warrants, "false"),
    ];
    let path = dir.path().join("participatingAgencies07012025am.xlsx");
    let made: Vec<Row> = listed
        .iter()
        .map(|(state, agency, county, model, _)| Row { model, ..row_of(state, agency, county) })
        .collect();
    workbook(&path, &made);
    let done = dry_run_of(&[path], |_| {});
    let agencies = rows(&table(&done, "agencies"));
    let names = rows(&table(&done, "agency_names"));
    for (state, name, _, _, runs) in listed {
        let id = &names.iter().find(|row| row["agency_printed"] == name).unwrap()["agency_id"];
        let agency = agencies.iter().find(|row| row["agency_id"] == *id).unwrap();
        assert_eq!(agency["runs_jail"], runs, "{state} {name}: {}", agency["runs_jail_evidence"]);
        assert!(agency["runs_jail_evidence"].len() > 10);
    }

    // The rule takes these operators, and says nothing of groups with task forces.
    let covered = rows(&where_is(&done, "county_coverage", "rule", "jail_operator"));
    let of = |group: &str| -> BTreeSet<&str> {
        let of_group = covered.iter().filter(|row| row["model_group"] == group);
        of_group.map(|row| row["county_fips"].as_str()).collect()
    };
    let alaska = of("JEM").into_iter().filter(|county| county.starts_with("02")).count();
    assert_eq!(alaska, done.results.reference.counties.of_state(StateCode::new("AK").unwrap()).count());
    let local = |group: &str| -> Vec<&str> {
        of(group).into_iter().filter(|county| !county.starts_with("02")).collect()
    };
    assert_eq!((local("JEM"), local("WSO")), (vec!["12005", "21059"], vec!["12095"]));
    assert_eq!(local("jail"), ["12005", "12095", "21059"]);
    let cells = rows(&where_is(&done, "coverage", "rule", "jail_operator"));
    let groups: BTreeSet<&str> = cells.iter().map(|row| row["model_group"].as_str()).collect();
    assert_eq!(groups, ["JEM", "WSO", "jail"].into());
    assert!(covered.iter().all(|row| groups.contains(&*row["model_group"])));
}

/// Agencies of one kind are of one kind in every state, by reviewed decisions that say where their powers stand.
#[test]
fn police_powers_of_state_agencies_are_reviewed() {
    let dir = tempfile::tempdir().unwrap();
    let bodies = [
        ("NORTH DAKOTA", "North Dakota Bureau of Criminal Investigation", "state_police", "general"),
        ("KANSAS", "Kansas Bureau of Investigation", "state_police", "general"),
        ("OKLAHOMA", "Oklahoma State Bureau of Investigation", "state_police", "general"),
        ("OKLAHOMA", "Oklahoma Bureau of Narcotics", "state_other", "limited"),
        // The state's patrol is a part of these.
        ("MONTANA", "Montana Department of Justice", "state_police", "limited"),
        ("GEORGIA", "Georgia Department of Public Safety", "state_police", "limited"),
        ("TEXAS", "Texas National Guard", "military", "none"),
        // No text was read of it, and its kind goes by its name.
        ("OHIO", "Ohio State Highway Patrol", "state_police", ""),
    ];
    let listed: Vec<(&str, &str, &str)> =
        bodies.iter().map(|(state, name, ..)| (*state, *name, "")).collect();
    let done = of_bodies(dir.path(), &listed);
    let agencies = rows(&table(&done, "agencies"));
    let names = rows(&table(&done, "agency_names"));
    for (_, name, kind, powers) in bodies {
        let id = &names.iter().find(|row| row["agency_printed"] == name).unwrap()["agency_id"];
        let agency = agencies.iter().find(|row| row["agency_id"] == *id).unwrap();
        assert_eq!((&*agency["agency_kind"], &*agency["police_powers"]), (kind, powers), "{name}");
        let is_cited = agency["police_powers_source_url"].starts_with("http");
        assert_eq!(is_cited && !agency["police_powers_evidence"].is_empty(), !powers.is_empty(), "{name}");
    }
}

/// A month in which the share is null on some days and a floor on others has the reason of the null.
#[test]
fn a_county_in_part_says_why_its_share_is_not_known() {
    let dir = tempfile::tempdir().unwrap();
    let village = row_of("TEXAS", "Jersey Village Police Department", "Harris County");
    let constable = row_of("TEXAS", "Harris County Constable Precinct 4", "Harris County");
    let sheriff = row_of("TEXAS", "Harris County Sheriff's Office", "Harris County");
    let lists = [
        ("07012025", vec![constable]),
        ("07112025", vec![constable, village]),
        ("08012025", vec![constable, village, sheriff]),
        ("09012025", vec![village]),
    ]
    .map(|(day, rows)| {
        let path = dir.path().join(format!("participatingAgencies{day}am.xlsx"));
        workbook(&path, &rows);
        path
    });
    let done = dry_run_of(&lists, |_| {});
    let is_it = |row: &BTreeMap<String, String>| {
        row["county_fips"] == "48201" && row["rule"] == "any_local" && row["model_group"] == "all"
    };
    let stretches: Vec<_> = rows(&table(&done, "county_coverage")).into_iter().filter(is_it).collect();
    let of = |row: &BTreeMap<String, String>| {
        let has_share = !row["covered_part"].is_empty();
        (
            row["from_date"].clone(),
            row["policed_extent"].clone(),
            has_share,
            row["covered_part_reason"].clone(),
        )
    };
    let expected = [
        ("2025-07-01", "part", false, "no_residents"),
        ("2025-07-11", "part", true, ""),
        ("2025-08-01", "whole", false, ""),
        ("2025-09-01", "part", true, ""),
    ];
    let expected = expected.map(|(day, extent, has_share, reason)| {
        (day.to_owned(), extent.to_owned(), has_share, reason.to_owned())
    });
    assert_eq!(stretches.iter().map(of).collect::<Vec<_>>(), expected);
    let months: Vec<_> = rows(&table(&done, "county_months")).into_iter().filter(is_it).collect();
    let of = |row: &BTreeMap<String, String>| {
        let columns = ["part_day_count", "day_count", "covered_part_reason"];
        columns.map(|column| row[column].clone())
    };
    assert_eq!(of(&months[0]), ["31", "31", "no_residents"]);
    assert_eq!(of(&months[1]), ["0", "31", ""]);
    assert_eq!(of(&months[2]), ["1", "1", ""]);
}

/// Every county that ended leads to counties that there are, and all of its people are somewhere.
#[test]
fn old_county_codes_lead_to_new_ones() {
    let done = dry_run(four_lists());
    let crosswalk = rows(&table(&done, "county_crosswalk"));
    let reference = rows(&table(&done, "counties_reference"));
    let ended: BTreeSet<&str> = reference
        .iter()
        .filter(|row| !row["last_vintage"].is_empty())
        .map(|row| &*row["county_fips"])
        .collect();
    let old: BTreeSet<&str> = crosswalk.iter().map(|row| &*row["old_county_fips"]).collect();
    assert_eq!(old, ended);
    assert!(crosswalk.iter().all(|row| !ended.contains(&*row["county_fips"])), "a new code is one of today");
    let share = |row: &BTreeMap<String, String>| row["old_population_share"].parse::<f64>().unwrap();
    for old in &old {
        let of_old = crosswalk.iter().filter(|row| row["old_county_fips"] == *old);
        let total: f64 = of_old.map(share).sum();
        assert!((total - 1.0).abs() < 1e-9, "{old}: {total}");
    }
    let of = |old: &str| -> Vec<(String, String, String)> {
        let of_old = crosswalk.iter().filter(|row| row["old_county_fips"] == old);
        let cells = |row: &BTreeMap<String, String>| {
            (row["county_fips"].clone(), format!("{:.4}", share(row)), row["share_method"].clone())
        };
        of_old.map(cells).collect()
    };
    let found = |cells: &[(&str, &str, &str)]| -> Vec<(String, String, String)> {
        cells
            .iter()
            .map(|(county, share, method)| ((*county).into(), (*share).into(), (*method).into()))
            .collect()
    };
    assert_eq!(of("51515"), found(&[("51019", "1.0000", "whole")]));
    // Chugach has 6,862 people and Copper River 2,626 (ACS 2020-2024).
    assert_eq!(of("02261"), found(&[("02063", "0.7232", "successors"), ("02066", "0.2768", "successors")]));
    // The towns of one county are in several regions.
    let windham: Vec<String> = of("09015").into_iter().map(|(county, ..)| county).collect();
    assert_eq!(windham, ["09150", "09180"]);
    let fairfield: Vec<String> = of("09001").into_iter().map(|(county, ..)| county).collect();
    assert_eq!(fairfield, ["09120", "09140", "09190"]);
}

/// A capital I printed as a small l, and a town printed with the longer form of its ending, are the town.
#[test]
fn names_that_look_alike_are_the_town() {
    let dir = tempfile::tempdir().unwrap();
    let printed = [
        ("MISSISSIPPI", "Luka Police Department", ""),
        ("TEXAS", "Hillsborough Police Department", ""),
        ("FLORIDA", "Lola Police Department", ""),
    ];
    let done = of_bodies(dir.path(), &printed);
    let agencies = rows(&table(&done, "agencies"));
    let of = |state: &str| agencies.iter().find(|row| row["state_code"] == state).unwrap();
    let told = |row: &BTreeMap<String, String>| {
        ["agency_name", "name_is_mended", "main_county_fips", "ori", "county_evidence"]
            .map(|column| row[column].clone())
    };
    let (iuka, hillsboro) = (told(of("MS")), told(of("TX")));
    assert_eq!((&*iuka[0], &*iuka[2], &*iuka[3]), ("Iuka Police Department", "28141", "MS0710100"));
    assert_eq!((&*hillsboro[0], &*hillsboro[2]), ("Hillsboro Police Department", "48217"));
    // Florida has no Iola.
    assert_eq!((&*of("FL")["agency_name"], &*of("FL")["main_county_fips"]), ("Lola Police Department", ""));
    assert_said!([iuka, hillsboro].map(|row| row.join(" | ")).join("\n"));
}

/// A state's bureau of criminal investigation is of one kind whatever the state calls it, and a drug task force is of several
/// agencies' territories.
#[test]
fn agencies_of_one_kind_are_classed_alike() {
    let dir = tempfile::tempdir().unwrap();
    let printed = [
        ("NORTH DAKOTA", "North Dakota Bureau of Criminal Investigation", ""),
        ("KANSAS", "Kansas Bureau of Investigation", ""),
        ("SOUTH DAKOTA", "South Dakota Division of Criminal Investigation", ""),
        ("MISSOURI", "COMET Drug Task Force", "Greene County"),
        ("ARKANSAS", "16th Judicial District Drug Task Force", ""),
    ];
    let done = of_bodies(dir.path(), &printed);
    let found: BTreeMap<String, (String, String)> = rows(&table(&done, "agencies"))
        .into_iter()
        .map(|row| (row["state_code"].clone(), (row["agency_kind"].clone(), row["agency_level"].clone())))
        .collect();
    for state in ["ND", "KS", "SD"] {
        assert_eq!(found[state], ("state_police".into(), "state".into()), "{state}");
    }
    for state in ["MO", "AR"] {
        assert_eq!(found[state].1, "regional", "{state}");
    }
}
