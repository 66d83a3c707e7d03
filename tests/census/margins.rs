//! Margins of error, and figures that are not known.

use crate::support::census::{Area, Vintage};
use crate::support::{assert_said, cell, program, table, warnings};
use coverage287::census::Measure;
use coverage287::publishing::RunOutput;
use coverage287::table::Table;
use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Returns the margin of a set of areas, as the handbook computes it.
fn margin_by_hand(areas: &[&Area], at: usize) -> f64 {
    let (mut squares, mut largest_of_zero) = (0.0, 0.0_f64);
    for area in areas {
        let (value, margin) = area.figures[at];
        let margin = margin.unwrap_or(0) as f64;
        if value == 0 {
            largest_of_zero = largest_of_zero.max(margin);
        } else {
            squares += margin * margin;
        }
    }
    (squares + largest_of_zero * largest_of_zero).sqrt()
}

/// Returns the areas that a set of counties is the sum of: the state, if all its counties are in the set.
fn components<'a>(made: &'a Vintage, counties: impl Iterator<Item = &'a String>) -> Vec<&'a Area> {
    let mut of_state: BTreeMap<&str, Vec<&Area>> = BTreeMap::new();
    for fips in counties {
        if let Some(area) = made.areas.get(&format!("0500000US{fips}")) {
            of_state.entry(&fips[..2]).or_default().push(area);
        }
    }
    let whole =
        |state: &str| made.areas.keys().filter(|id| id.starts_with(&format!("0500000US{state}"))).count();
    let rows = of_state.into_iter().map(|(state, counties)| match counties.len() == whole(state) {
        true => vec![&made.areas[&format!("0400000US{state}")]],
        false => counties,
    });
    rows.flatten().collect()
}

/// Returns the position of a measure among the figures that are made.
fn at(measure: Measure) -> usize {
    match measure {
        Measure::Population => 0,
        Measure::ForeignBorn => 2,
        Measure::Noncitizen => 4,
    }
}

#[test]
fn margins_are_those_of_a_calculation_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023);
    assert_eq!(made.only("0500000US").areas.len(), 3_222);
    let path = write(dir.path(), "acsdt5y2023-b05002.dat", &made.summary_file());
    let done = run_with(&[], &[path], |_| {});
    let covered = table(&done, "county_coverage");
    let coverage = table(&done, "coverage");
    let states = &done.results.reference.states;
    // Counties by (rule, group) as of the newest list.
    let days = coverage.dates("as_of_date").unwrap();
    let newest = days.iter().flatten().max().copied().unwrap();
    let mut sets: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let until = covered.dates("until_date").unwrap();
    for row in 0..covered.row_count() {
        if until[row].is_none_or(|until| until >= newest) {
            let of = |column: &str| cell(&covered, column, row);
            sets.entry((of("rule"), of("model_group"))).or_default().insert(of("county_fips"));
        }
    }
    let mut read: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    let mut number = |column: String, row: usize| {
        let numbers = read.entry(column).or_insert_with_key(|column| coverage.numbers(column).unwrap());
        numbers[row]
    };
    let (mut cells, mut whole, mut partial) = (0, 0, 0);
    for row in (0..coverage.row_count()).filter(|row| days[*row] == Some(newest)) {
        let geography = cell(&coverage, "geography", row);
        let state = coverage287::words::StateCode::new(&geography).and_then(|code| states.get(code));
        let is_in = |fips: &str| match state {
            Some(state) => fips.starts_with(&state.fips),
            None => !fips.starts_with("72"),
        };
        let row_id = state.map_or_else(|| "0100000US".to_owned(), |state| format!("0400000US{}", state.fips));
        let Some(published) = made.areas.get(&row_id) else {
            assert_eq!(cell(&coverage, "population_total", row), "", "{geography} has no ACS");
            continue;
        };
        let key = (cell(&coverage, "rule", row), cell(&coverage, "model_group", row));
        let set: Vec<&Area> = sets
            .get(&key)
            .into_iter()
            .flatten()
            .filter(|fips| is_in(fips))
            .filter_map(|fips| made.areas.get(&format!("0500000US{fips}")))
            .collect();
        let all = made.areas.keys().filter(|id| id.starts_with("0500000US") && is_in(&id[9..])).count();
        for measure in Measure::ALL {
            let (name, at) = (measure.as_str(), at(measure));
            let (total, total_moe) = (published.figures[at].0, published.figures[at].1.unwrap_or(0) as f64);
            let sum: i64 = set.iter().map(|area| area.figures[at].0).sum();
            // A set with every county of a state, or of the US, has the published row's margin, else that of the sum.
            let moe = if set.len() == all {
                total_moe
            } else {
                let rows = sets.get(&key).into_iter().flatten().filter(|fips| is_in(fips));
                margin_by_hand(&components(&made, rows), at)
            };
            assert_eq!(
                cell(&coverage, &format!("{name}_covered"), row),
                sum.to_string(),
                "{geography} {key:?}"
            );
            assert_eq!(cell(&coverage, &format!("{name}_total"), row), total.to_string());
            assert_eq!(number(format!("{name}_covered_moe"), row), Some(moe), "{geography} {key:?} {name}");
            assert_eq!(number(format!("{name}_total_moe"), row), Some(total_moe));
            let p = sum as f64 / total as f64;
            let share_moe = if set.is_empty() || set.len() == all {
                0.0
            } else {
                let (x, y) = (moe * moe, p * p * total_moe * total_moe);
                (if x >= y { x - y } else { x + y }).sqrt() / total as f64
            };
            let found = number(format!("{name}_share_moe"), row).unwrap();
            assert!((found - share_moe).abs() < 1e-12, "{geography} {key:?} {name}: {found} {share_moe}");
            assert_eq!(number(format!("{name}_share"), row), Some(p));
            let cv = (sum > 0).then(|| moe / 1.645 / sum as f64);
            assert_eq!(number(format!("{name}_covered_cv"), row), cv);
        }
        cells += 1;
        whole += usize::from(set.len() == all);
        partial += usize::from(!set.is_empty() && set.len() < all);
    }
    assert!(cells > 1_000 && whole > 20 && partial > 300, "{cells} {whole} {partial}");
}

#[test]
fn what_the_bureau_leaves_out_is_null_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let mut csv = Vintage::whole(2023).api_csv();
    let mut set = |fips: &str, from: &dyn Fn(&[&str]) -> Vec<String>| {
        let line = csv.lines().find(|line| line.starts_with(&format!("0500000US{fips}"))).unwrap().to_owned();
        let changed = from(&line.split(',').collect::<Vec<_>>()).join(",");
        csv = csv.replace(&line, &changed);
    };
    // Columns: GEO_ID, then estimate and margin of lines 1, 2, 13, 14, 21.
    let blank = |values: &'static [(usize, &'static str)]| {
        move |cells: &[&str]| {
            let mut cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
            for (at, value) in values {
                cells[*at] = (*value).to_owned();
            }
            cells
        }
    };
    set("01001", &blank(&[(9, "-999999999"), (10, "-999999999")]));
    set("01003", &blank(&[(10, "-222222222")]));
    set("01005", &blank(&[(9, "-666666666.0"), (10, "-888888888")]));
    set("01007", &blank(&[(5, "null"), (6, "null"), (7, ""), (8, "")]));
    set("01009", &blank(&[(10, "-333333333")]));
    let path = write(dir.path(), "acs5-2023.csv", &csv);
    let done = run_with(&[], &[path], |_| {});
    let counties = table(&done, "counties");
    let reasons = [0, 1, 2, 3, 4].map(|row| cell(&counties, "missing_reason", row));
    assert_eq!(
        reasons,
        [
            "noncitizen: too_few_cases_to_show",
            "noncitizen_moe: too_few_cases_for_margin",
            "noncitizen: too_few_cases_for_estimate",
            "foreign_born: null_in_input",
            "noncitizen_moe: open_ended_interval",
        ]
    );
    // Unknown values are not summed: neither total nor share of Alabama is known.
    let coverage = table(&done, "coverage");
    let (mut known, mut unknown) = (0, 0);
    for row in 0..coverage.row_count() {
        if cell(&coverage, "geography", row) == "AL" && cell(&coverage, "county_count", row) != "0" {
            let is_null = cell(&coverage, "noncitizen_covered", row).is_empty();
            assert_eq!(is_null, reaches_unknown(&done, &coverage, row));
            assert_eq!(cell(&coverage, "noncitizen_share", row).is_empty(), is_null);
            known += usize::from(!is_null);
            unknown += usize::from(is_null);
        }
    }
    assert!(known > 0 && unknown > 0, "{known} {unknown}");
}

/// Whether a covered county of Alabama has no noncitizens' figure.
fn reaches_unknown(done: &RunOutput, coverage: &Table, row: usize) -> bool {
    let covered = table(done, "county_coverage");
    let day = coverage.dates("as_of_date").unwrap()[row].unwrap();
    let (from, until) = (covered.dates("from_date").unwrap(), covered.dates("until_date").unwrap());
    let of = |name: &str| cell(coverage, name, row);
    (0..covered.row_count()).any(|at| {
        ["01001", "01005"].contains(&cell(&covered, "county_fips", at).as_str())
            && cell(&covered, "rule", at) == of("rule")
            && cell(&covered, "model_group", at) == of("model_group")
            && from[at].unwrap() <= day
            && until[at].is_none_or(|until| until >= day)
    })
}

#[test]
fn a_change_has_the_margin_of_what_changed() {
    let dir = tempfile::tempdir().unwrap();
    let before = [
        ("FLORIDA", "Bay County Sheriff's Office", "County", "Bay County"),
        ("GEORGIA", "Hall County Sheriff's Office", "County", "Hall County"),
    ];
    let after = [
        ("FLORIDA", "Bay County Sheriff's Office", "County", "Bay County"),
        ("FLORIDA", "Leon County Sheriff's Office", "County", "Leon County"),
        ("TEXAS", "Tarrant County Sheriff's Office", "County", "Tarrant County"),
        ("GUAM", "Guam Police Department", "State Agency", ""),
    ];
    list(dir.path(), "03012025", &before);
    list(dir.path(), "07012025", &after);
    let made = Vintage::whole(2023);
    let acs = write(dir.path(), "acs5-2023.dat", &made.summary_file());
    let out = dir.path().join("out");
    let lists = dir.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    for day in ["03012025", "07012025"] {
        let name = format!("participatingAgencies{day}.xlsx");
        std::fs::rename(dir.path().join(&name), lists.join(&name)).unwrap();
    }
    program().args(["--lists", text(&lists), "--acs", text(&acs), "--out", text(&out)]).assert().success();
    let changes = |more: &[&str]| {
        let mut command = program();
        command
            .args(["coverage", "--release", text(&out), "--format", "json", "--since", "2025-03-15"])
            .args(more);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let found = changes(&["--rule", "sheriff", "--models", "TFM"]);
    assert_eq!((&found["from_date"], &found["as_of_date"]), (&"2025-03-01".into(), &"2025-07-01".into()));
    let row = &found["rows"][0];
    assert_eq!(row["counties_gained"], serde_json::json!(["12073", "48439"]));
    assert_eq!(row["counties_lost"], serde_json::json!(["13139"]));
    let area = |fips: &str| &made.areas[&format!("0500000US{fips}")];
    let gained = [area("12073"), area("48439")];
    let lost = area("13139");
    let all = [gained[0], gained[1], lost];
    for measure in Measure::ALL {
        let at = at(measure);
        let expected: i64 = gained.iter().map(|area| area.figures[at].0).sum::<i64>() - lost.figures[at].0;
        let people = &row[measure.as_str()];
        assert_eq!(people["change"].as_i64(), Some(expected));
        let moe = people["change_moe"].as_f64().unwrap();
        assert!((moe - margin_by_hand(&all, at)).abs() < 1e-9, "{moe}");
    }
    let by_state = changes(&["--rule", "sheriff", "--models", "TFM", "--by", "state"]);
    let states: Vec<_> =
        by_state["rows"].as_array().unwrap().iter().map(|row| row["geography"].as_str()).collect();
    assert_eq!(states, [Some("FL"), Some("GA"), Some("TX")]);
    // Nothing changed since the newest list.
    let since_now =
        program().args(["coverage", "--release", text(&out), "--since", "2025-07-02"]).output().unwrap();
    assert_eq!(since_now.status.code(), Some(2));
    let shown =
        program().args(["coverage", "--release", text(&out), "--since", "2025-03-15"]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("Change in coverage from 2025-03-01 to 2025-07-01") && shown.contains(" ± "),
        "{shown}"
    );
}

#[test]
fn parts_of_places_have_margins_in_proportion() {
    let dir = tempfile::tempdir().unwrap();
    let lists = [list(dir.path(), "07012025", &OF_PLACES[..1])];
    let made =
        Vintage::whole(2023).with("1600000US4835000", "Houston city, Texas", [(400, 13), (40, 13), (4, 2)]);
    let acs = [write(dir.path(), "acs5-2023.csv", &made.api_csv())];
    let shares = write(
        dir.path(),
        "shares.csv",
        "place_geoid,county_fips,population\n4835000,48157,3\n4835000,48201,97\n4835000,48339,0\n4835000,48473,0\n",
    );
    let done = run_with(&lists, &acs, |settings| settings.place_shares = Some(shares));
    let parts = table(&done, "place_parts");
    let margins: Vec<f64> = parts.numbers("part_population_moe").unwrap().into_iter().flatten().collect();
    assert!((margins[0] - 0.39).abs() < 1e-9 && (margins[1] - 12.61).abs() < 1e-9, "{margins:?}");
    let moe: f64 = cell_of(&done, "TX", "place_weighted")["population_covered_moe"].parse().unwrap();
    assert!((moe - (0.39_f64.powi(2) + 12.61_f64.powi(2)).sqrt()).abs() < 1e-4, "{moe}");
}

#[test]
fn a_county_without_a_figure_leaves_the_others_known() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2022);
    // Only counties are given, and Los Angeles has no figure.
    let csv: String = made
        .only("0500000US")
        .api_csv()
        .lines()
        .map(|line| match line.starts_with("0500000US06037") {
            true => format!(
                "0500000US06037{},\"Los Angeles County, California\"{}\n",
                ",null".repeat(10),
                ",null".repeat(10)
            ),
            false => format!("{line}\n"),
        })
        .collect();
    let acs = write(dir.path(), "acs5-2022.csv", &csv);
    let lists =
        [list(dir.path(), "07012025", &[("FLORIDA", "Bay County Sheriff's Office", "County", "Bay County")])];
    let done = run_with(&lists, std::slice::from_ref(&acs), |_| {});
    let bay = made.areas["0500000US12005"].figures[0].0.to_string();
    let us = cell_of(&done, "US", "sheriff");
    assert_eq!((us["population_covered"].as_str(), us["population_total"].as_str()), (bay.as_str(), ""));
    let california = cell_of(&done, "CA", "sheriff");
    assert_eq!(
        (california["population_covered"].as_str(), california["population_share"].as_str()),
        ("0", "")
    );
    let guam = cell_of(&done, "GU", "sheriff");
    assert_eq!(guam["population_covered"], "");
    let output = program()
        .args(["run", "--dry-run", "--lists", text(&lists[0]), "--acs", text(&acs)])
        .output()
        .unwrap();
    let said = warnings(&String::from_utf8(output.stderr).unwrap());
    assert_said!(said.lines().filter(|line| line.contains("06037")).collect::<Vec<_>>().join("\n"));
}
