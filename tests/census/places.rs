//! Residents of places and towns.

use crate::support::census::Vintage;
use crate::support::{cell, shared, table, where_is};
use coverage287::publishing::RunOutput;
use std::collections::{BTreeMap, BTreeSet};

use super::*;

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn real_places_of_two_tables_agree() {
    let shared = shared();
    let of = |name: &str| {
        let path = shared.join("census").join(name);
        inspect(&["--geo", "25,2500135,2507000", text(&path)]).0
    };
    let (lines, sums) = (of("ACSDT5Y2024.B05002-Data.csv"), of("ACSDT5Y2024.B05001-Data.csv"));
    for geo in ["0400000US25", "1600000US2500135", "1600000US2507000"] {
        for concept in ["population", "native", "foreign_born", "naturalized", "noncitizen"] {
            let (line, sum) = (figure(&lines[0], geo, concept), figure(&sums[0], geo, concept));
            assert_eq!(line["estimate"], sum["estimate"], "{geo} {concept}");
        }
        assert_eq!(figure(&lines[0], geo, "noncitizen"), figure(&sums[0], geo, "noncitizen"), "{geo}");
    }
    let both =
        ["ACSDT5Y2024.B05002-Data.csv", "ACSDT5Y2024.B05001-Data.csv"].map(|n| shared.join("census").join(n));
    let done = run_with(&[], &both, |settings| settings.acs_sample = true);
    // The foreign-born of the counties, which are the shipped ones, are sums of lines.
    let figures = where_is(&done, "acs_figures", "geo_level", "place");
    let derived = figures.booleans("is_derived").unwrap();
    assert!(!derived.contains(&Some(true)), "of a line and a sum of lines the line is taken");
}

#[test]
fn residents_of_places_and_towns_are_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let lists = [list(dir.path(), "07012025", &OF_PLACES)];
    let made = with_places();
    let acs = [write(dir.path(), "acs5-2023.csv", &made.api_csv())];
    let county = |fips: &str, at: usize| made.areas[&format!("0500000US{fips}")].figures[at];

    // A place in several counties is split by its residents in the Census of 2020, where no share is given.
    let done = run_with(&lists, &acs, |_| {});
    let whole: Vec<_> = covered(&done, "2025-07-01", "place_weighted");
    let fips: Vec<&str> = whole.iter().map(|(fips, _)| fips.as_str()).collect();
    assert_eq!(fips, ["12103", "42091", "48157", "48201", "48339"]);
    let us = cell_of(&done, "US", "place_weighted");
    let counts = [
        "county_count",
        "agreement_count",
        "agency_count",
        "unplaced_agency_count",
        "residentless_agency_count",
    ];
    assert_eq!(counts.map(|name| us[name].as_str()), ["5", "6", "6", "1", "2"]);
    // Harris County was made smaller than Houston: nobody beyond its residents is counted.
    let parts = table(&done, "place_parts");
    let houston_in = |fips: &str| {
        let row = (0..parts.row_count()).find(|row| {
            cell(&parts, "geo_id", *row).ends_with("4835000") && cell(&parts, "county_fips", *row) == fips
        });
        cell(&parts, "part_population", row.unwrap()).parse::<i64>().unwrap().min(county(fips, 0).0)
    };
    let people = houston_in("48157") + houston_in("48201") + 5_000 + 58_000 + county("48339", 0).0;
    assert_eq!(us["population_covered"], people.to_string());
    let methods: Vec<_> = (0..parts.row_count())
        .map(|row| ["geo_id", "county_fips", "share_method"].map(|name| cell(&parts, name, row)).join(" "))
        .collect();
    assert_eq!(
        methods,
        [
            "0600000US4209100156 42091 whole",
            "1600000US1236175 12103 whole",
            "1600000US4835000 48157 census_2020",
            "1600000US4835000 48201 census_2020",
            "1600000US4835000 48339 census_2020"
        ]
    );
    let residents = table(&done, "agency_residents");
    let homes: BTreeSet<_> = (0..residents.row_count())
        .map(|row| {
            ["geo_id", "residents_method", "residents_reason"].map(|n| cell(&residents, n, row)).join(" ")
        })
        .collect();
    let expected = [
        "0600000US4209100156 county_subdivision ",
        "1600000US1228000 none no_figure_of_its_area",
        "1600000US1236175 place ",
        "1600000US4835000 place ",
    ];
    assert_eq!(homes, expected.map(str::to_owned).into());

    // Places are split by shares; the part in a covered county adds nobody.
    let shares = "place_geoid,county_fips,population\n4835000,48157,10\n4835000,48201,80\n4835000,48339,10\n4835000,48473,0\n";
    let shares = write(dir.path(), "shares.csv", shares);
    let split = run_with(&lists, &acs, |settings| settings.place_shares = Some(shares.clone()));
    assert_ne!(done.release_id, split.release_id);
    let us = cell_of(&split, "US", "place_weighted");
    assert_eq!(us["county_count"], "5");
    assert_ne!(us["population_covered"], people.to_string());
    let cap = |part: i64, fips: &str, at: usize| part.min(county(fips, at).0);
    // 2,300,001 in tenths: 230,000 and 1,840,001 (the person left over goes where most was cut off).
    let people = cap(230_000, "48157", 0) + cap(1_840_001, "48201", 0) + 63_000 + county("48339", 0).0;
    assert_eq!(us["population_covered"], people.to_string());
    let born = cap(60_000, "48157", 2) + cap(480_001, "48201", 2) + 7_800 + county("48339", 2).0;
    assert_eq!(us["foreign_born_covered"], born.to_string());
    // Margins are in proportion; among those of zeros only the largest counts.
    let mut squares = 0.0;
    for (part, moe, fips) in [(60_000, 500.0, "48157"), (480_001, 4_000.0, "48201")] {
        let (value, margin) = county(fips, 2);
        squares += if part > value { margin.unwrap().pow(2) as f64 } else { moe * moe };
    }
    squares += 100_f64.powi(2) + 300_f64.powi(2);
    let (value, margin) = county("48339", 2);
    assert!(value > 0);
    squares += margin.unwrap().pow(2) as f64;
    let found: f64 = us["foreign_born_covered_moe"].parse().unwrap();
    assert!((found - squares.sqrt()).abs() < 1e-6, "{found} {}", squares.sqrt());
    let shared: BTreeMap<_, _> = covered(&split, "2025-07-01", "place_weighted").into_iter().collect();
    assert_eq!(shared["48339"], "1.0");
    let share: f64 = shared["12103"].parse().unwrap();
    assert!((share - 5_000.0 / county("12103", 0).0 as f64).abs() < 1e-6);

    // The rule lies between county_agency and any_local, in every cell.
    for geography in ["US", "TX", "FL", "PA"] {
        let of = |rule: &str| cell_of(&split, geography, rule)["population_covered"].parse::<i64>().unwrap();
        assert!(of("county_agency") <= of("place_weighted") && of("place_weighted") <= of("any_local"));
    }
    // Without figures of places there is no such rule.
    let plain = [write(dir.path(), "acs5-2022.csv", &Vintage::whole(2022).api_csv())];
    let without = run_with(&lists, &plain, |_| {});
    assert!(!table(&without, "coverage").texts("rule").unwrap().contains(&Some("place_weighted")));
    assert_eq!(
        table(&without, "place_parts").row_count() + table(&without, "agency_residents").row_count(),
        0
    );
}

#[test]
fn the_shares_of_a_place_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    for (content, says) in [
        ("place_geoid,county_fips,share\n4835000,48157,0.5\n", "do not sum to 1"),
        (
            "place_geoid,county_fips,share\n4835000,12086,1\n",
            "is no county of Houston city, which lies in 48201",
        ),
        ("place_geoid,county_fips,share\n4835000,48301,1\n", "\"48301\" is no county of Houston city"),
        ("place_geoid,county_fips,share\n9999999,48301,1\n", "no place has this code"),
        ("place_geoid,county_fips,share\n", "holds no shares"),
        ("", "has no column place_geoid"),
        ("place_geoid;county_fips;share\n4835000;48157;1\n", "has no column place_geoid"),
        (
            "place_geoid,county_fips,population,share\n4835000,48157,5,\n4835000,48201,,0.5\n",
            "population on one line and share on another",
        ),
        ("place_geoid,county_fips,share\n48350,48157,1\n", "no place has this code of seven digits"),
        ("place_geoid,county_fips,share\n4835000,48157,1.5\n", "share \"1.5\" is not from 0 to 1"),
        ("place_geoid,county_fips,population\n1236175,12103,0\n", "nobody lives there"),
        ("place_geoid,county_fips,population\n4835000,48157,5\n", "it lies in 48201 too; give every county"),
        (
            "place_geoid,county_fips,share\n4835000,48473,0.5\n",
            "had no residents in the Census of 2020: leave the line out",
        ),
        (
            "place_geoid,county_fips,population\n1236175,12103,\"5,000\"\n",
            "line 2, place \"1236175\": population \"5,000\" is not a count",
        ),
        ("place_geoid,county_fips,population\n4835000,48157,5\n4835000,48157,5\n", "is there twice"),
        ("geoid,share\n4835000,1\n", "has no column place_geoid"),
    ] {
        let path = write(dir.path(), "shares.csv", content);
        let (code, message) = fails(&["--place-shares", text(&path)]);
        assert_eq!(code, 5, "{message}");
        assert!(message.contains("shares.csv") && message.contains(says), "{says}: {message}");
    }
    assert_eq!(fails(&["--place-shares", "nowhere.csv"]).0, 2);
}

#[test]
fn a_village_within_a_town_is_not_counted_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        ("NEW YORK", "Town of Albion Police Department", "Municipality", "Orleans County"),
        ("NEW YORK", "Holley Police Department", "Municipality", "Orleans County"),
    ];
    let lists = [list(dir.path(), "07012025", &rows)];
    let made = Vintage::whole(2023)
        .with("0600000US3607300969", "Albion town, Orleans County, New York", [(700, 40), (70, 30), (20, 20)])
        .with("1600000US3635155", "Holley village, New York", [(500, 40), (50, 30), (20, 20)]);
    let acs = [write(dir.path(), "acs5-2023.csv", &made.api_csv())];
    let done = run_with(&lists, &acs, |_| {});
    assert_eq!(table(&done, "place_parts").row_count(), 2);
    assert_eq!(cell_of(&done, "NY", "place_weighted")["population_covered"], "700");
}

fn newest(done: &RunOutput) -> String {
    let lists = table(done, "coverage");
    (0..lists.row_count()).map(|row| cell(&lists, "as_of_date", row)).max().unwrap()
}

/// Computes place_weighted again, from the public tables alone: the counties of county_agency and, outside them, the
/// parts of the places whose police are on the list.
#[test]
fn place_weighted_is_what_the_tables_say() {
    let dir = tempfile::tempdir().unwrap();
    let made = every_place(2024);
    let acs = [write(dir.path(), "acs5-2024.csv", &made.api_csv())];
    let done = run_with(&[], &acs, |_| {});
    let day = newest(&done);
    let list = coverage287::assess::as_of(&done, day.parse().unwrap()).unwrap().unwrap();
    let whole: BTreeSet<String> = covered(&done, &day, "county_agency").into_iter().map(|(f, _)| f).collect();
    let residents = table(&done, "agency_residents");
    let home: BTreeMap<String, String> = (0..residents.row_count())
        .map(|row| (cell(&residents, "agency_id", row), cell(&residents, "geo_id", row)))
        .collect();
    let listed: BTreeSet<&String> =
        list.rows.iter().filter_map(|row| row.agency_id.as_ref()).filter_map(|id| home.get(id)).collect();
    let parts = table(&done, "place_parts");
    let mut people: BTreeMap<String, i64> = BTreeMap::new();
    for fips in &whole {
        if let Some(area) = made.areas.get(&format!("0500000US{fips}")) {
            people.insert(fips.clone(), area.figures[0].0);
        }
    }
    let mut in_parts = 0;
    for row in 0..parts.row_count() {
        let of = |name: &str| cell(&parts, name, row);
        if listed.contains(&of("geo_id")) && !whole.contains(&of("county_fips")) {
            *people.entry(of("county_fips")).or_default() += of("part_population").parse::<i64>().unwrap();
            in_parts += 1;
        }
    }
    assert!(whole.len() > 600 && in_parts > 100, "{} {in_parts}", whole.len());
    for (fips, people) in &mut people {
        *people = (*people).min(made.areas[&format!("0500000US{fips}")].figures[0].0);
    }
    for (geography, fips) in [("US", ""), ("FL", "12"), ("TX", "48"), ("PA", "42"), ("PR", "72")] {
        let expected: i64 = people
            .iter()
            .filter(|(county, _)| county.starts_with(fips) && (fips == "72" || !county.starts_with("72")))
            .map(|(_, people)| people)
            .sum();
        let cell = cell_of(&done, geography, "place_weighted");
        assert_eq!(cell["population_covered"], expected.to_string(), "{geography}");
    }
    // The main county of the police of a place in several counties is that of the place's largest part.
    let agencies = table(&done, "agencies");
    let mut across = 0;
    for row in (0..parts.row_count()).filter(|row| cell(&parts, "share_method", *row) == "census_2020") {
        let geo_id = cell(&parts, "geo_id", row);
        let is_largest = cell(&parts, "part_share", row).parse::<f64>().unwrap() > 0.5;
        let mut police = (0..agencies.row_count())
            .filter(|row| home.get(&cell(&agencies, "agency_id", *row)) == Some(&geo_id))
            .map(|row| cell(&agencies, "main_county_fips", row));
        assert!(!is_largest || police.any(|county| county == cell(&parts, "county_fips", row)), "{geo_id}");
        across += usize::from(is_largest);
    }
    assert!(across > 5, "{across}");
}

#[test]
fn towns_of_a_summary_file_which_has_no_names_are_known_by_their_codes() {
    let dir = tempfile::tempdir().unwrap();
    let lists = [list(dir.path(), "07012025", &OF_PLACES)];
    let acs = [write(dir.path(), "acsdt5y2023.dat", &with_places().summary_file())];
    let done = run_with(&lists, &acs, |_| {});
    let residents = table(&done, "agency_residents");
    let reasons: BTreeSet<String> =
        (0..residents.row_count()).map(|row| cell(&residents, "residents_reason", row)).collect();
    assert_eq!(reasons, ["", "no_figure_of_its_area"].map(str::to_owned).into());
    assert_eq!(cell_of(&done, "US", "place_weighted")["unplaced_agency_count"], "1");
}

#[test]
fn a_town_is_no_statistical_division_nor_a_city_of_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        ("TEXAS", "Comfort Police Department", "Municipality", "Kendall County"),
        ("PENNSYLVANIA", "Chester Township Police Department", "Municipality", "Delaware County"),
        ("PENNSYLVANIA", "Chester Police Department", "Municipality", "Delaware County"),
    ];
    let lists = [list(dir.path(), "07012025", &rows)];
    let made = Vintage::whole(2023)
        .with("0600000US4825990815", "Comfort CCD, Kendall County, Texas", [(9_000, 1), (900, 1), (90, 1)])
        .with(
            "0600000US4204513208",
            "Chester city, Delaware County, Pennsylvania",
            [(33_000, 1), (900, 1), (90, 1)],
        )
        .with(
            "0600000US4204513212",
            "Chester township, Delaware County, Pennsylvania",
            [(4_000, 1), (400, 1), (40, 1)],
        )
        .with("1600000US4213208", "Chester city, Pennsylvania", [(33_000, 1), (900, 1), (90, 1)]);
    let acs = [write(dir.path(), "acs5-2023.csv", &made.api_csv())];
    let done = run_with(&lists, &acs, |_| {});
    let parts = table(&done, "place_parts");
    let found: Vec<String> = (0..parts.row_count()).map(|row| cell(&parts, "geo_id", row)).collect();
    assert_eq!(found, ["0600000US4204513212", "1600000US4213208"]);
    let cap = made.areas["0500000US42045"].figures[0].0;
    assert_eq!(cell_of(&done, "PA", "place_weighted")["population_covered"], 37_000.min(cap).to_string());
}

#[test]
fn cities_that_are_no_part_of_a_town_are_counted_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        ("CONNECTICUT", "Stamford Police Department", "Municipality", ""),
        ("CONNECTICUT", "Greenwich Police Department", "Municipality", ""),
        ("OHIO", "Akron Police Department", "Municipality", "Summit County"),
        ("OHIO", "Springfield Township Police Department", "Municipality", "Summit County"),
    ];
    let lists = [list(dir.path(), "07012025", &rows)];
    let few = |people: i64| [(people, 10), (people / 10, 5), (people / 20, 5)];
    let region = "Western Connecticut Planning Region, Connecticut";
    let towns = |made: Vintage| {
        made.with("0600000US0919033620", &format!("Greenwich town, {region}"), few(160))
            .with("1600000US3901000", "Akron city, Ohio", few(300))
            .with("0600000US3915374121", "Springfield township, Summit County, Ohio", few(100))
    };
    let of = |made: Vintage| {
        let acs = [write(dir.path(), "acs5-2023.csv", &made.api_csv())];
        let done = run_with(&lists, &acs, |_| {});
        ["CT", "OH"].map(|state| cell_of(&done, state, "place_weighted")["population_covered"].clone())
    };
    let city = towns(Vintage::whole(2023)).with("1600000US0973000", "Stamford city, Connecticut", few(350));
    assert_eq!(of(city), ["510", "400"]);
    // The city and the town of its name are the same area.
    let town = towns(Vintage::whole(2023)).with(
        "0600000US0919073070",
        &format!("Stamford town, {region}"),
        few(350),
    );
    assert_eq!(of(town), ["510", "400"]);
}
