//! Which vintage goes with which list.

use crate::support::census::Vintage;
use crate::support::{assert_said, cell, program, rows_that, table};
use coverage287::census::Pairing;
use coverage287::settings::RunSettings;
use coverage287::table::Table;
use std::collections::BTreeSet;

use super::*;

#[test]
fn lists_and_figures_of_different_years_are_brought_together() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        ("CONNECTICUT", "Danbury Police Department", "Municipality", "Fairfield County"),
        ("CONNECTICUT", "New Milford Police Department", "Municipality", ""),
        ("ALASKA", "Valdez Police Department", "Municipality", ""),
        ("SOUTH DAKOTA", "Oglala Lakota County Sheriff's Office", "County", "Oglala Lakota County"),
        ("VIRGINIA", "Bedford County Sheriff's Office", "County", "Bedford County"),
    ];
    let lists = [list(dir.path(), "03012020", &rows), list(dir.path(), "03012023", &rows)];
    let acs = [2013, 2021, 2022].map(|year| {
        let text =
            if year < 2015 { old_lines(&Vintage::whole(year)) } else { Vintage::whole(year).api_csv() };
        write(dir.path(), &format!("acs5-{year}.csv"), &text)
    });
    let of = |pairing: Pairing, day: &str| {
        let done = run_with(&lists, &acs, |settings| settings.acs_vintage = pairing);
        let counties: Vec<String> =
            covered(&done, day, "any_local").into_iter().map(|(fips, _)| fips).collect();
        (counties.join(" "), done)
    };
    let vintage = |text: &str| text.parse::<Pairing>().unwrap();
    assert_eq!(of(vintage("newest"), "2023-03-01").0, "02063 09190 46102 51019");
    // Danbury was in Fairfield County and New Milford in Litchfield County; both are in one region now.
    assert_eq!(of(vintage("2017-2021"), "2023-03-01").0, "02063 09001 09005 46102 51019");
    assert_eq!(of(vintage("2013"), "2023-03-01").0, "02261 09001 09005 46113 51019 51515");
    // Each list has its own vintage: 2020 goes with 2013 (the newest that had ended), 2023 with 2022.
    let (then, done) = of(vintage("paired"), "2020-03-01");
    assert_eq!(then, "02261 09001 09005 46113 51019 51515");
    let now: Vec<String> =
        covered(&done, "2023-03-01", "any_local").into_iter().map(|(fips, _)| fips).collect();
    assert_eq!(now.join(" "), "02063 09190 46102 51019");
    let coverage = table(&done, "coverage");
    let vintages: BTreeSet<(String, String)> = (0..coverage.row_count())
        .map(|row| (cell(&coverage, "as_of_date", row), cell(&coverage, "acs_vintage", row)))
        .collect();
    let expected = [("2020-03-01", "2009-2013"), ("2023-03-01", "2018-2022")];
    assert_eq!(vintages, expected.map(|(day, vintage)| (day.to_owned(), vintage.to_owned())).into());
    // Nothing is dropped: `counties` has all vintages, on both sides of each change.
    let counties = table(&done, "counties");
    let of_2013 = (0..counties.row_count()).filter(|row| cell(&counties, "acs_vintage", *row) == "2009-2013");
    assert_eq!(of_2013.count(), 3_221 + 13, "with the island areas");
    // The people of a date are those of its vintage's counties.
    let people = |day: &str, year: u16, fips: &[&str]| {
        let made = Vintage::whole(year);
        let sum: i64 = fips.iter().map(|fips| made.areas[&format!("0500000US{fips}")].figures[2].0).sum();
        let row = (0..coverage.row_count()).find(|row| {
            let of = |name: &str| cell(&coverage, name, *row);
            of("as_of_date") == day
                && of("geography") == "US"
                && of("rule") == "any_local"
                && of("model_group") == "all"
        });
        assert_eq!(cell(&coverage, "foreign_born_covered", row.unwrap()), sum.to_string(), "{day}");
    };
    people("2020-03-01", 2013, &["02261", "09001", "09005", "46113", "51019", "51515"]);
    people("2023-03-01", 2022, &["02063", "09190", "46102", "51019"]);
    // Chugach is no more than a part of Valdez-Cordova: no county agency would cover it whole.
    assert!(covered(&done, "2020-03-01", "county_agency").iter().all(|(fips, _)| fips != "02261"));
}

/// Returns table B05002 as it was up to 2014.
fn old_lines(made: &Vintage) -> String {
    let mut text = String::from("GEO_ID,B05002_001E,B05002_013E\n");
    for (id, area) in &made.areas {
        text.push_str(&format!("{id},{},{}\n", area.figures[0].0, area.figures[2].0));
    }
    text
}

/// Counties of the shipped vintage with other figures, and no row of the nation.
#[test]
fn figures_of_the_shipped_vintage_need_not_be_those_that_are_shipped() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023).only("0500000US");
    let acs = [write(dir.path(), "acs5-2023-counties.json", &made.api())];
    let done = run_with(&[], &acs, |_| {});
    // The four lists are old, and two checks say so.
    let is_of_age = |name: &str| name == "source_is_fresh" || name == "pending_list_is_recent";
    assert!(done.checks.iter().all(|check| check.passed || is_of_age(&check.name)));
}

#[test]
fn the_shipped_counties_stand_behind_places_of_their_vintage() {
    let dir = tempfile::tempdir().unwrap();
    let lists = [list(dir.path(), "07012025", &OF_PLACES)];
    let places = with_places().only("1600000US");
    let acs = [write(dir.path(), "acs5-2023-places.csv", &places.api_csv())];
    let done = run_with(&lists, &acs, |_| {});
    let us = cell_of(&done, "US", "place_weighted");
    // Montgomery County, Texas, and two places, one of them in two counties more; the town has no figure.
    assert_eq!((us["county_count"].as_str(), us["unplaced_agency_count"].as_str()), ("4", "2"));
    assert_eq!(us["population_covered_moe"], "", "the shipped counties have no margins");
}

#[test]
fn what_is_asked_of_the_figures_is_part_of_the_release() {
    let dir = tempfile::tempdir().unwrap();
    let lists = [list(dir.path(), "07012025", &OF_PLACES[..2])];
    let acs = [2022, 2023]
        .map(|year| write(dir.path(), &format!("acs5-{year}.csv"), &Vintage::whole(year).api_csv()));
    let id =
        |change: &dyn Fn(&mut RunSettings)| run_with(&lists, &acs, |settings| change(settings)).release_id;
    let ids: BTreeSet<String> = [
        id(&|_| {}),
        id(&|settings| settings.acs_vintage = Pairing::ByYear),
        id(&|settings| settings.acs_vintage = "2022".parse().unwrap()),
        id(&|settings| settings.acs_sample = true),
    ]
    .into();
    assert_eq!(ids.len(), 4);
    let reversed = [acs[1].clone(), acs[0].clone()];
    assert!(ids.contains(&run_with(&lists, &reversed, |_| {}).release_id));
}

/// A series in which each list goes with its own vintage equals, day by day, a run with that vintage.
#[test]
fn a_paired_series_is_made_of_runs_with_one_vintage() {
    let dir = tempfile::tempdir().unwrap();
    let acs = [2024, 2025, 2026]
        .map(|year| write(dir.path(), &format!("acs5-{year}.csv"), &every_place(year).api_csv()));
    let of = |pairing: Pairing| run_with(&[], &acs, |settings| settings.acs_vintage = pairing);
    let paired = of(Pairing::ByYear);
    let (all, days) = (table(&paired, "coverage"), ["2025-01-19", "2025-06-06", "2026-02-27"]);
    let mut compared = 0;
    for (vintage, days) in [("2025", &days[..2]), ("2026", &days[2..])] {
        let single = of(vintage.parse().unwrap());
        for day in days {
            let day: jiff::civil::Date = day.parse().unwrap();
            let of_day = |table: &Table| rows_that(table, |row| row["as_of_date"] == day.to_string());
            let (one, other) = (of_day(&all), of_day(&table(&single, "coverage")));
            assert_eq!(one, other, "{day}");
            compared += one.len();
            for rule in ["sheriff", "any_local", "place_weighted"] {
                let day = day.to_string();
                assert_eq!(covered(&paired, &day, rule), covered(&single, &day, rule), "{day} {rule}");
            }
        }
    }
    assert_eq!(compared, all.row_count());
}

#[test]
fn a_run_knows_whether_its_figures_have_changed() {
    let dir = tempfile::tempdir().unwrap();
    let lists = list(dir.path(), "07012025", &OF_PLACES[..3]);
    let made = with_places();
    let acs = write(dir.path(), "acs5-2023.csv", &made.api_csv());
    let shares = write(dir.path(), "shares.csv", "place_geoid,county_fips,share\n4835000,48201,1\n");
    let out = dir.path().join("out");
    let run = |more: &[&str]| {
        let mut command = program();
        command.args(["run", "--format", "json", "--lists", text(&lists), "--out", text(&out)]);
        command.args(["--acs", text(&acs), "--place-shares", text(&shares)]).args(more);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let page: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (page["release_id"].as_str().unwrap().to_owned(), page["is_new"].as_bool().unwrap())
    };
    let (first, is_new) = run(&[]);
    assert!(is_new);
    assert_eq!(run(&[]), (first.clone(), false));
    let record = std::fs::read_to_string(out.join("current/run.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let inputs = record["inputs"].as_array().unwrap();
    let kinds: Vec<_> = inputs.iter().map(|input| input["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["list", "acs", "place_shares"]);
    assert_eq!(inputs[1]["acs_vintage"], "2019-2023");
    write(dir.path(), "shares.csv", "place_geoid,county_fips,share\n4835000,48157,1\n");
    let (second, is_new) = run(&[]);
    assert!(is_new && second != first);
    let (third, is_new) = run(&["--acs-vintage", "2023"]);
    assert!(is_new && third != second);
    write(dir.path(), "acs5-2023.csv", &made.api_csv().replace("Autauga County", "Autauga county"));
    let (fourth, is_new) = run(&[]);
    assert!(is_new && ![&first, &second, &third].contains(&&fourth));
    program().args(["check", text(&out)]).assert().success();
}

#[test]
fn a_change_between_vintages_is_not_one_of_agreements() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("lists");
    std::fs::create_dir(&folder).unwrap();
    list(&folder, "03012022", &OF_PLACES[..1]);
    list(&folder, "03012023", &OF_PLACES[..2]);
    let acs = [2022, 2023]
        .map(|year| write(dir.path(), &format!("acs5-{year}.csv"), &Vintage::whole(year).api_csv()));
    let out = dir.path().join("out");
    program()
        .args(["--lists", text(&folder), "--out", text(&out), "--acs-vintage", "paired"])
        .args(["--acs", text(&acs[0]), "--acs", text(&acs[1])])
        .assert()
        .success();
    let since =
        program().args(["coverage", "--release", text(&out), "--since", "2022-03-01"]).output().unwrap();
    assert_eq!(since.status.code(), Some(2));
    let message = String::from_utf8(since.stderr).unwrap();
    assert_said!(message);
    let absent =
        program().args(["coverage", "--release", text(&out), "--rule", "place_weighted"]).output().unwrap();
    assert_eq!(absent.status.code(), Some(2));
    program().args(["check", text(&out)]).assert().success();
}

/// Every Connecticut agreement of 2025 is accounted for, with figures from before and after its counties were replaced.
#[test]
fn old_and_new_connecticut_account_for_every_agreement() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        ("CONNECTICUT", "Danbury Police Department", "Municipality", "Fairfield County"),
        ("CONNECTICUT", "Greenwich Police Department", "Municipality", "Western Connecticut Planning Region"),
        ("CONNECTICUT", "New Milford Police Department", "Municipality", ""),
        ("CONNECTICUT", "Willimantic Police Department", "Municipality", "Windham County"),
        ("CONNECTICUT", "Mohegan Tribal Police Department", "Municipality", "New London County"),
        ("CONNECTICUT", "Connecticut State Police", "State Agency", ""),
    ];
    let lists = [list(dir.path(), "07012025", &rows)];
    let of = |year: u16, rule: &str| {
        let acs = [write(dir.path(), &format!("acs5-{year}.csv"), &Vintage::whole(year).api_csv())];
        let done = run_with(&lists, &acs, |_| {});
        let cell = cell_of(&done, "CT", rule);
        let counties: Vec<String> =
            covered(&done, "2025-07-01", rule).into_iter().map(|(fips, _)| fips).collect();
        let count = |name: &str| cell[name].parse::<usize>().unwrap();
        assert_eq!(table(&done, "agreements").row_count(), rows.len());
        (counties.join(" "), count("agency_count"), count("unplaced_agency_count"), count("county_total"))
    };
    let (counties, placed, unplaced, total) = of(2015, "any_local");
    assert_eq!((counties.as_str(), total), ("09001 09005 09015", 8));
    // Four towns and places are placed; no town says where the tribe was.
    assert_eq!((placed, unplaced), (4, 1));
    let (counties, placed, unplaced, total) = of(2023, "any_local");
    assert_eq!(total, 9);
    assert_eq!(counties, "09180 09190");
    assert_eq!(placed + unplaced, 5);
    for year in [2015, 2023] {
        let (_, placed, unplaced, _) = of(year, "statewide_all");
        assert_eq!(placed + unplaced, rows.len(), "{year}");
    }
}

#[test]
fn agencies_are_never_in_counties_that_have_ended() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        ("CONNECTICUT", "Mohegan Tribal Police Department", "Municipality", "New London County"),
        ("ALASKA", "Metlakatla Tribal Police Department", "Municipality", ""),
        ("ALASKA", "Fairbanks International Airport Police", "Municipality", ""),
    ];
    let done = run_with(&[list(dir.path(), "07012025", &rows)], &[], |_| {});
    let counties = &done.results.reference.counties;
    let frame = table(&done, "agency_counties");
    for row in 0..frame.row_count() {
        let fips = coverage287::words::CountyFips::new(&cell(&frame, "county_fips", row)).unwrap();
        assert_eq!(counties.get(fips).unwrap().last_vintage, None, "{fips}");
    }
    let agencies = table(&done, "agencies");
    let airport =
        (0..agencies.row_count()).find(|row| cell(&agencies, "agency_name", *row).contains("Fairbanks"));
    assert_eq!(cell(&agencies, "main_county_fips", airport.unwrap()), "02090");
}

#[test]
fn one_year_figures_never_go_before_five_year_ones() {
    let dir = tempfile::tempdir().unwrap();
    let five = write(dir.path(), "acs5-2022.csv", &Vintage::whole(2022).api_csv());
    let one = write(dir.path(), "acs1-2023.csv", &Vintage::whole(2023).only("0400000US").api_csv());
    let of = |pairing: &str| {
        let done = run_with(&[], &[five.clone(), one.clone()], |settings| {
            settings.acs_sample = true;
            settings.acs_vintage = pairing.parse().unwrap();
        });
        cell(&table(&done, "coverage"), "acs_vintage", 0)
    };
    assert_eq!(of("newest"), "2018-2022");
    assert_eq!(of("2023"), "2023");
}
