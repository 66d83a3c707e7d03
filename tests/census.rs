//! Figures from the Census Bureau's own files: every form, margins by hand, vintages, places, and bad input.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use coverage287::census::{Measure, Pairing};
use coverage287::job::{Ran, run};
use coverage287::publishing::RunOutput;
use coverage287::settings::RunSettings;
use coverage287::table::Table;

use crate::support::census::{Area, Vintage};
use crate::support::{
    BAY, Row, cell, four_lists, program, rows_that, shared, table, where_is, with_four_lists, workbook,
};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Makes a dry run in this process, over four lists where none are given; `more` changes its settings.
fn run_with(lists: &[PathBuf], acs: &[PathBuf], more: impl FnOnce(&mut RunSettings)) -> RunOutput {
    let mut settings = RunSettings::dry(if lists.is_empty() { four_lists() } else { lists });
    settings.acs = acs.to_vec();
    more(&mut settings);
    match run(&settings).ran.unwrap() {
        Ran::Made(done) => *done,
        Ran::Nothing(_) => unreachable!("a dry run looks at no release"),
    }
}

/// Returns exit code and standard error of a run that publishes nothing.
fn fails(arguments: &[&str]) -> (i32, String) {
    let output =
        program().args(["run", "--dry-run"]).args(with_four_lists()).args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Returns the answer of `coverage287 census` about files, and its exit code.
fn inspect(arguments: &[&str]) -> (serde_json::Value, i32) {
    let output = program().args(["census", "--format", "json"]).args(arguments).output().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap_or_default(), output.status.code().unwrap())
}

fn figure<'a>(file: &'a serde_json::Value, geo_id: &str, concept: &str) -> &'a serde_json::Value {
    let figures = file["figures"].as_array().unwrap();
    figures.iter().find(|line| line["geo_id"] == geo_id && line["concept"] == concept).unwrap()
}

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn every_real_file_is_read_or_refused_for_its_reason() {
    let shared = shared();
    for (name, expected) in [
        ("acs5-2023-b05002-counties.api.json", Ok(("2019-2023", [0, 0, 3_222, 0, 0], true))),
        ("acsdt5y2024-b05001.excerpt.dat", Ok(("2020-2024", [0, 0, 99, 0, 0], false))),
        ("ACSDT5Y2024.B05001-Data.csv", Ok(("2020-2024", [0, 1, 0, 0, 248], false))),
        ("ACSDT5Y2024.B05002-Data.csv", Ok(("2020-2024", [0, 1, 0, 0, 248], false))),
        ("acs1-2018-b05003-states.api.csv", Ok(("2018", [0, 52, 0, 0, 0], false))),
        ("acsdt5y2024-b11001.head.dat", Err("table B11001")),
        ("aff-2015-s0102-counties.latin1.csv", Err("mixes counts with percents")),
        ("column-metadata-2019-b050xx.csv", Err("what the lines of tables mean")),
        ("column-metadata-2024-b050xx.csv", Err("what the lines of tables mean")),
    ] {
        let path = shared.join("census").join(name);
        let (files, code) = inspect(&[text(&path)]);
        let file = &files[0];
        match expected {
            Ok((vintage, rows, is_whole)) => {
                let held: Vec<u64> = file["row_counts"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row[1].as_u64().unwrap())
                    .collect();
                assert_eq!(
                    (file["acs_vintage"].as_str(), held.as_slice()),
                    (Some(vintage), &rows[..]),
                    "{name}"
                );
                assert_eq!((file["is_whole"].as_bool(), code), (Some(is_whole), 0), "{name}");
                assert_eq!(file["sums_that_fail"].as_array().unwrap().len(), 0, "{name}");
            }
            Err(reason) => {
                assert!(file["reason"].as_str().unwrap().contains(reason), "{name}: {file}");
                assert!(file["hint"].as_str().unwrap().contains("use table B05002"), "{name}: {file}");
                assert_eq!(code, 5, "{name}");
            }
        }
    }
}

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn the_extract_of_99_counties_is_no_nation_but_a_sample() {
    let shared = shared();
    let path = shared.join("census/acsdt5y2024-b05001.excerpt.dat");
    let (code, message) = fails(&["--acs", text(&path)]);
    assert_eq!(code, 5);
    assert!(
        message.contains("3045 of 3144 counties of vintage 2020-2024 are missing: 01011 Bullock"),
        "{message}"
    );
    assert!(message.contains("--acs-sample"), "{message}");

    let (files, _) = inspect(&["--geo", "51600,0500000US09190", text(&path)]);
    let of = |geo: &str, concept: &str| {
        let line = figure(&files[0], geo, concept);
        (line["estimate"].as_i64().unwrap(), line["estimate_moe"].as_f64().unwrap())
    };
    assert_eq!(of("0500000US51600", "noncitizen"), (3_634, 598.0));
    assert_eq!(of("0500000US09190", "noncitizen"), (72_843, 3_208.0));
    // The population is controlled, the foreign-born are a sum of lines: 4,026 ± 532 and 3,634 ± 598.
    assert_eq!(of("0500000US51600", "population"), (25_026, 0.0));
    assert_eq!(of("0500000US51600", "foreign_born"), (7_660, (532_f64.powi(2) + 598_f64.powi(2)).sqrt()));

    let done = run_with(&[], std::slice::from_ref(&path), |settings| settings.acs_sample = true);
    let counties = table(&done, "counties");
    let row = |fips: &str| {
        let codes = counties.texts("county_fips").unwrap();
        codes.iter().position(|code| *code == Some(fips)).unwrap()
    };
    let fairfax = row("51600");
    let shown =
        ["noncitizen", "noncitizen_moe", "foreign_born_moe", "noncitizen_reliability", "missing_reason"];
    assert_eq!(shown.map(|name| cell(&counties, name, fairfax)), ["3634", "598", "800", "high", ""]);
    let miami = row("12086");
    assert_eq!(
        cell(&counties, "missing_reason", miami),
        "population: not_in_input; foreign_born: not_in_input; noncitizen: not_in_input"
    );
    assert_eq!(cell(&counties, "missing_reason", row("66010")), "not_in_acs");

    // The test reads line by line, in its own way: the total is the sum of lines 2 to 6 of all 99.
    let raw = std::fs::read_to_string(&path).unwrap();
    let header: Vec<&str> = raw.lines().next().unwrap().split('|').collect();
    let mut rows = 0;
    for line in raw.lines().skip(1) {
        let values: BTreeMap<&str, i64> = header
            .iter()
            .copied()
            .zip(line.split('|'))
            .skip(1)
            .map(|(c, v)| (c, v.parse().unwrap()))
            .collect();
        let sum: i64 = (2..=6).map(|n| values[format!("B05001_E{n:03}").as_str()]).sum();
        assert_eq!(values["B05001_E001"], sum, "{line}");
        let fips = &line[9..14];
        assert_eq!(cell(&counties, "population", row(fips)), values["B05001_E001"].to_string());
        assert_eq!(cell(&counties, "noncitizen", row(fips)), values["B05001_E006"].to_string());
        rows += 1;
    }
    assert_eq!(rows, 99);
}

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
fn every_form_gives_the_same_counties() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2022);
    let counties = made.only("0500000US");
    let forms = [
        ("acsdt5y2022-b05002.dat", made.summary_file()),
        ("ACSDT5Y2022.B05002-Data.csv", made.data_census_gov()),
        ("acs5-2022-b05002-counties.api.json", made.api()),
        ("acs5-2022-b05002.api.csv", made.api_csv()),
        ("acs5-2022-windows.csv", made.api_csv().replace('\n', "\r\n")),
        ("acs5-2022-counties.csv", counties.api_csv()),
    ];
    let mut first: Option<Table> = None;
    for (name, text) in forms {
        let path = write(dir.path(), name, &text);
        let done = run_with(&[], &[path], |_| {});
        let found = table(&done, "counties");
        let expected = first.get_or_insert_with(|| found.clone());
        assert!(found == *expected, "{name}");
    }
    let first = first.unwrap();
    for (row, fips) in first.texts("county_fips").unwrap().into_iter().enumerate() {
        let Some(area) = made.areas.get(&format!("0500000US{}", fips.unwrap())) else { continue };
        assert_eq!(cell(&first, "foreign_born", row), area.figures[2].0.to_string());
        assert_eq!(cell(&first, "foreign_born_moe", row), area.figures[2].1.unwrap().to_string());
        assert_eq!(cell(&first, "population_moe", row), area.figures[0].1.unwrap_or(0).to_string());
    }
}

#[test]
fn files_of_one_vintage_are_put_together_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2022);
    let parts = [
        write(dir.path(), "acs5-2022-counties.csv", &made.only("0500000US").api_csv()),
        write(dir.path(), "acs5-2022-states.csv", &made.only("0400000US").data_census_gov()),
        write(dir.path(), "acsdt5y2022-nation.dat", &made.only("0100000US").summary_file()),
    ];
    let whole = [write(dir.path(), "acsdt5y2022-b05002.dat", &made.summary_file())];
    let reversed: Vec<PathBuf> = parts.iter().rev().cloned().collect();
    let of = |paths: &[PathBuf]| {
        let done = run_with(&[], paths, |_| {});
        (table(&done, "coverage"), done.release_id)
    };
    let (one, id) = of(&parts);
    let (other, reversed_id) = of(&reversed);
    assert!(one == other && one == of(&whole).0);
    assert_eq!(id, reversed_id);

    // A figure differs between the two files.
    let mut wrong = made.only("0400000US");
    wrong.areas.get_mut("0400000US12").unwrap().figures[2].0 += 1;
    wrong.areas.get_mut("0400000US12").unwrap().figures[0].0 += 1;
    wrong.areas.get_mut("0400000US12").unwrap().figures[4].0 += 1;
    let wrong_states = write(dir.path(), "acs5-2022-other.csv", &wrong.api_csv());
    let (code, message) = fails(&["--acs", text(&whole[0]), "--acs", text(&wrong_states)]);
    assert_eq!(code, 5);
    assert!(message.contains("0400000US12") && message.contains("of vintage 2018-2022"), "{message}");
    // Alone, the file agrees with nothing: the counties do not sum to it, and nothing is published.
    let (code, message) = fails(&["--acs", text(&parts[0]), "--acs", text(&wrong_states)]);
    assert_eq!(code, 6);
    assert!(message.contains("counties_sum_to_their_state") && message.contains("0400000US12"), "{message}");
}

/// Returns files: the name, the content, and the words of the refusal.
fn refusals(made: &Vintage) -> Vec<(&'static str, String, Vec<&'static str>)> {
    let csv = made.api_csv();
    let dat = made.summary_file();
    let header = "GEO_ID,B05002_001E,B05002_001M,B05002_013E,B05002_013M,NAME\n";
    let one = |row: &str| format!("{header}{row}\n");
    let without = |fips: &str| {
        let lines = csv.lines().filter(|line| !line.starts_with(&format!("0500000US{fips}")));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    vec![
        (
            "acs5-2023.html.json",
            "<html><head><title>Missing Key</title></head><body>A valid <em>key</em> must be included</body></html>"
                .into(),
            vec!["its key is missing or wrong", "api.census.gov/data/key_signup.html"],
        ),
        ("acs5-2023-page.csv", "\n <!DOCTYPE html><p>busy</p>".into(), vec!["is a web page"]),
        ("acs5-2023-error.json", "error: unknown variable 'B05002_099E'".into(), vec!["unknown variable"]),
        ("acs5-2023-empty.csv", String::new(), vec!["is empty"]),
        ("acs5-2023-object.json", "{\"a\": 1}".into(), vec!["is a JSON object"]),
        ("acs5-2023-cut.json", made.api()[..9_000].to_owned(), vec!["is not the JSON array of arrays"]),
        ("acs5-2023-cut.dat", dat[..dat.len() - 30].to_owned(), vec!["does not fit the header", "was it cut short?"]),
        ("b05002.csv", csv.clone(), vec!["does not say the vintage"]),
        ("acs-2021-or-2023.csv", csv.clone(), vec!["which one is the vintage?"]),
        (
            "acs5-2021.csv",
            csv.clone(),
            vec![
                "are no areas of vintage 2017-2021: 0500000US09110",
                "it holds the counties of the vintages that end in 2022 or later",
            ],
        ),
        ("acsdt5y2014.dat", dat.clone(), vec!["line 27 of table B05002, which in vintage 2010-2014 has 15"]),
        ("acs1-2023.csv", csv.clone(), vec!["1-year dataset 2023"]),
        (
            "acs5-2023-few.csv",
            without("12086"),
            vec!["1 of 3222 counties of vintage 2019-2023 are missing: 12086 Miami-Dade County"],
        ),
        (
            "acs5-2023-twice.csv",
            csv.clone() + csv.lines().nth(1).unwrap() + "\n",
            vec!["was on line 2 already"],
        ),
        (
            "acs5-2023-s0102.csv",
            "GEO_ID,NAME,S0102_C01_001E,S0102_C01_001M\n0500000US01001,\"Autauga County, Alabama\",1,1\n".into(),
            vec!["S0102, a subject table: counts mixed with percents", "use table B05002"],
        ),
        (
            "acs5-2023-dp02.json",
            r#"[["DP02_0094E","DP02_0094PE","state","county"],["1","0.1","01","001"]]"#.into(),
            vec!["DP02, a data profile"],
        ),
        (
            "acs5-2023-tracts.csv",
            "GEO_ID,B05002_001E,B05002_013E\n1400000US01001020100,5,1\n1400000US01001020200,5,1\n".into(),
            vec!["holds 2 rows and none of the nation, a state"],
        ),
        (
            "acs5-2023-tracts.json",
            r#"[["B05002_001E","B05002_013E","state","county","tract"],["5","1","01","001","020100"]]"#.into(),
            vec!["for areas of a level that is not read"],
        ),
        (
            "acs5-2023-nowhere.csv",
            "B05002_001E,B05002_013E\n5,1\n".into(),
            vec!["has no column that names areas"],
        ),
        (
            "acs5-2022-states.csv",
            made.only("0400000US").api_csv(),
            vec!["holds no counties of vintage 2018-2022"],
        ),
        (
            "acs5-2023-titles.csv",
            made.data_census_gov().replacen(
                "Estimate!!Total:!!Foreign-born:!!Not a U.S. citizen",
                "Estimate!!Total:!!Foreign-born:!!Naturalized U.S. citizen!!Latin America",
                1,
            ),
            vec!["line 2, column B05002_021E", "Not a U.S. citizen"],
        ),
        (
            "acs5-2023-text.csv",
            one("0500000US01001,many,1,1,1,\"Autauga County, Alabama\""),
            vec!["line 2, 0500000US01001, column B05002_001E: \"many\" is not a count of people"],
        ),
        (
            "acs5-2023-negative.csv",
            one("0500000US01001,10,1,-1,1,\"Autauga County, Alabama\""),
            vec!["column B05002_013E: \"-1\""],
        ),
        (
            "acs5-2023-half.csv",
            one("0500000US01001,10,1,1.5,1,\"Autauga County, Alabama\""),
            vec!["column B05002_013E: \"1.5\""],
        ),
        (
            "acs5-2023-huge.csv",
            one("0500000US01001,9223372036854775807,1,1,1,\"Autauga County, Alabama\""),
            vec!["column B05002_001E: \"9223372036854775807\""],
        ),
        (
            "acs5-2023-controlled.csv",
            one("0500000US01001,-555555555,1,1,1,\"Autauga County, Alabama\""),
            vec!["only a margin is controlled"],
        ),
        (
            "acs5-2023-more.csv",
            one("0500000US01001,10,1,11,1,\"Autauga County, Alabama\""),
            vec!["column B05002_013E: \"11\" is not at most population 10"],
        ),
        (
            "acs5-2023-sum.csv",
            "GEO_ID,B05002_001E,B05002_002E,B05002_013E\n0500000US01001,10,5,4\n".into(),
            vec!["line 2, 0500000US01001, column B05002_001E: \"10\" is not the sum of native 5 and foreign_born 4"],
        ),
        (
            "acs5-2023-citizens.csv",
            "GEO_ID,B05002_001E,B05002_013E,B05002_014E,B05002_021E\n0500000US01001,10,5,4,2\n".into(),
            vec!["column B05002_013E: \"5\" is not the sum of naturalized 4 and noncitizen 2"],
        ),
        (
            "acs5-2023-note.csv",
            "GEO_ID,B05002_001E,B05002_001EA,B05002_013E\n0500000US01001,10,N,1\n".into(),
            vec!["is not what its annotation \"N\" says"],
        ),
        (
            "acs5-2023-geo.csv",
            one("05000US01001,10,1,1,1,\"Autauga County, Alabama\""),
            vec!["column GEO_ID: \"05000US01001\" is not a GEO_ID"],
        ),
        (
            "acs5-2023-codes.csv",
            "GEO_ID,state,county,B05002_001E,B05002_013E\n0500000US01001,01,003,10,1\n".into(),
            vec!["is not the area of the row's codes"],
        ),
        (
            "acs5-2023-column-twice.csv",
            "GEO_ID,B05002_001E,B05002_001E,B05002_013E\n0500000US01001,10,10,1\n".into(),
            vec!["has the column B05002_001E twice"],
        ),
        (
            "acs5-2023-shown.csv",
            "\"Label (Grouping)\",\"Autauga County, Alabama!!Estimate\"\n\"Total:\",\"59,285\"\n".into(),
            vec!["as data.census.gov shows it"],
        ),
        (
            "acs5-2023-long.csv",
            "GEOID,NAME,variable,estimate,moe\n01001,\"Autauga County, Alabama\",B05002_001,5,1\n".into(),
            vec!["one row an area and variable"],
        ),
        ("acs5-2023-other.csv", "a,b\n1,2\n".into(), vec!["not an ACS file in a form that is known"]),
        ("acs5-2023-zip.csv", "PK\u{3}\u{4}rest".into(), vec!["unpack it"]),
        (
            "acs5-2023-slipped.csv",
            slipped(made),
            vec!["is named \"Autauga County, Alabama\", which is 01001", "slipped against each other?"],
        ),
    ]
}

/// Returns figures with the names of counties moved down by one row.
fn slipped(made: &Vintage) -> String {
    let mut moved = made.only("0500000US");
    let names: Vec<String> = moved.areas.values().map(|area| area.name.clone()).collect();
    for (area, name) in moved.areas.values_mut().skip(1).zip(names) {
        area.name = name;
    }
    moved.api_csv()
}

#[test]
fn bad_files_are_refused_with_place_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023);
    let lists = dir.path().join("participatingAgencies07012025.xlsx");
    workbook(&lists, &[BAY]);
    for (name, content, says) in refusals(&made) {
        let path = write(dir.path(), name, &content);
        let (code, message) = fails(&["--lists", text(&lists), "--acs", text(&path)]);
        assert_eq!(code, 5, "{name}: {message}");
        assert!(message.contains(name), "{name}: {message}");
        for part in says {
            assert!(message.contains(part), "{name}: {part} is not in {message}");
        }
    }
    assert_eq!(fails(&["--acs", text(&dir.path().join("nowhere.dat"))]).0, 2);
    assert_eq!(fails(&["--acs-vintage", "2019-2022"]).0, 2);
    let (code, message) = fails(&["--acs-vintage", "2018-2022"]);
    assert_eq!(code, 2);
    assert!(message.contains("no file has it; there are 2020-2024, 2019-2023"), "{message}");
}

#[test]
fn hostile_files_end_in_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let deep = "[".repeat(200_000);
    let wide = format!("[[{}\"state\"]]", "\"a\",".repeat(200_000));
    let long_line = format!("GEO_ID|B05002_E001|B05002_E013\n{}", "1".repeat(3_000_000));
    let quoted = format!("GEO_ID,B05002_001E\n\"{}", "x".repeat(3_000_000));
    let nul = "GEO_ID\0,B05002_001E\n".to_owned();
    for (name, content) in [
        ("acs5-2023-deep.json", deep),
        ("acs5-2023-wide.json", wide),
        ("acs5-2023-line.dat", long_line),
        ("acs5-2023-quoted.csv", quoted),
        ("acs5-2023-nul.csv", nul),
        ("acs5-2023-bar.dat", "|".repeat(100_000)),
        ("acs5-2023-commas.csv", ",".repeat(100_000)),
        ("acs5-2023-lone.csv", "GEO_ID,B05002_001E,B05002_013E".into()),
        ("acs5-2023-bom.csv", "\u{feff}".into()),
    ] {
        let path = write(dir.path(), name, &content);
        let (code, message) = fails(&["--acs", text(&path)]);
        assert_eq!(code, 5, "{name}: {message}");
        assert!(message.len() < 3_000, "{name}: {} bytes", message.len());
    }
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
fn names_in_latin_1_are_read_and_never_mangled() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023);
    let bytes: Vec<u8> = made.api_csv().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let path = dir.path().join("acs5-2023-latin1.csv");
    std::fs::write(&path, bytes).unwrap();
    assert!(std::fs::read_to_string(&path).is_err(), "not UTF-8");
    let (files, code) = inspect(&["--geo", "35013,72003", text(&path)]);
    assert_eq!(code, 0);
    assert_eq!(figure(&files[0], "0500000US35013", "population")["geo_name"], "Doña Ana County, New Mexico");
    assert_eq!(
        figure(&files[0], "0500000US72003", "population")["geo_name"],
        "Aguada Municipio, Puerto Rico"
    );
}

#[test]
fn tables_with_a_twin_for_puerto_rico_may_come_without_it() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2024);
    let table_of = |name: &str, is_in: &dyn Fn(&str) -> bool| {
        let mut text =
            format!("GEO_ID|{name}_E001|{name}_M001|{name}_E002|{name}_M002|{name}_E003|{name}_M003\n");
        for (id, area) in made.areas.iter().filter(|(id, _)| is_in(id)) {
            let [people, native, born, ..] = area.figures;
            let margin = |made: (i64, Option<i64>)| made.1.unwrap_or(-555_555_555);
            text.push_str(&format!(
                "{id}|{}|{}|{}|{}|{}|{}\n",
                people.0,
                margin(people),
                native.0,
                margin(native),
                born.0,
                margin(born)
            ));
        }
        text
    };
    let is_pr = |id: &str| id.get(9..11) == Some("72");
    let us = write(dir.path(), "acsdt5y2024-b05012.dat", &table_of("B05012", &|id| !is_pr(id)));
    let pr = write(dir.path(), "acsdt5y2024-b05012pr.dat", &table_of("B05012PR", &is_pr));
    let done = run_with(&[], std::slice::from_ref(&us), |_| {});
    let counties = table(&done, "counties");
    let adjuntas = counties.texts("county_fips").unwrap().into_iter().position(|f| f == Some("72001"));
    let adjuntas = adjuntas.unwrap();
    assert!(cell(&counties, "missing_reason", adjuntas).starts_with("population: not_in_input"));
    let both = run_with(&[], &[us, pr], |_| {});
    let counties = table(&both, "counties");
    assert_eq!(
        cell(&counties, "foreign_born", adjuntas),
        made.areas["0500000US72001"].figures[2].0.to_string()
    );
}

#[test]
fn the_line_of_noncitizens_moved_in_2015() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2014);
    let mut old = String::from("GEO_ID,B05002_001E,B05002_013E,B05002_013M,B05002_015E,B05002_015M\n");
    for (id, area) in &made.areas {
        let [people, _, born, _, noncitizens] = area.figures;
        let (b, n) = (born.1.unwrap(), noncitizens.1.unwrap());
        old.push_str(&format!("{id},{},{},{b},{},{n}\n", people.0, born.0, noncitizens.0));
    }
    let path = write(dir.path(), "acs5-2014.csv", &old);
    let done = run_with(&[], &[path], |_| {});
    let counties = table(&done, "counties");
    assert_eq!(cell(&counties, "acs_vintage", 0), "2010-2014");
    let expected = made.areas["0500000US01001"].figures[4];
    assert_eq!(cell(&counties, "noncitizen", 0), expected.0.to_string());
    // From 2015 on line 15 counts naturalised citizens of Europe: no noncitizens are read from it.
    let made = Vintage::whole(2019);
    let mut new = String::from("GEO_ID,B05002_001E,B05002_013E,B05002_015E\n");
    for (id, area) in &made.areas {
        new.push_str(&format!("{id},{},{},1\n", area.figures[0].0, area.figures[2].0));
    }
    let path = write(dir.path(), "acs5-2019.csv", &new);
    let done = run_with(&[], &[path], |_| {});
    let counties = table(&done, "counties");
    assert_eq!(cell(&counties, "noncitizen", 0), "");
    assert!(cell(&counties, "missing_reason", 0).ends_with("noncitizen: not_in_input"));
}

/// Makes a participating workbook of a day with these agencies, all of them task forces.
fn list(dir: &Path, day: &str, rows: &[(&str, &str, &str, &str)]) -> PathBuf {
    let path = dir.join(format!("participatingAgencies{day}.xlsx"));
    let rows: Vec<Row> = rows
        .iter()
        .map(|(state, agency, agency_type, county)| {
            let signed = "2019-06-01";
            Row { state, agency, agency_type, county, signed, link: "", ..BAY }
        })
        .collect();
    workbook(&path, &rows);
    path
}

fn covered(done: &RunOutput, day: &str, rule: &str) -> Vec<(String, String)> {
    let frame = table(done, "county_coverage");
    let rows = (0..frame.row_count()).filter(|row| {
        let of = |name: &str| cell(&frame, name, *row);
        let until = of("until_date");
        of("rule") == rule
            && of("model_group") == "all"
            && of("from_date").as_str() <= day
            && (until.is_empty() || until.as_str() >= day)
    });
    rows.map(|row| (cell(&frame, "county_fips", row), cell(&frame, "covered_share", row))).collect()
}

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

/// Returns figures of counties and of these places and towns.
fn with_places() -> Vintage {
    Vintage::whole(2023)
        .with(
            "1600000US4835000",
            "Houston city, Texas",
            [(2_300_001, 70), (600_001, 5_000), (400_000, 4_000)],
        )
        .with("1600000US1236175", "Kenneth City town, Florida", [(5_000, 30), (800, 100), (0, 12)])
        .with(
            "0600000US4209100156",
            "Abington township; Montgomery County; Pennsylvania",
            [(58_000, 40), (7_000, 300), (2_000, 200)],
        )
        .with(
            "0600000US4209101000",
            "Ambler borough, Montgomery County, Pennsylvania",
            [(6_000, 40), (700, 90), (200, 60)],
        )
}

const OF_PLACES: [(&str, &str, &str, &str); 7] = [
    ("TEXAS", "Houston Police Department", "Municipality", "Harris County"),
    ("TEXAS", "Montgomery County Sheriff's Office", "County", "Montgomery County"),
    ("PENNSYLVANIA", "Abington Township Police Department", "Municipality", "Montgomery County"),
    ("FLORIDA", "Kenneth City Police Department", "Municipality", "Pinellas County"),
    ("FLORIDA", "Florida Atlantic University Police Department", "Municipality", "Palm Beach County"),
    // No figure of this agency's place is given.
    ("FLORIDA", "Gulf Breeze Police Department", "Municipality", "Santa Rosa County"),
    ("TEXAS", "Harris County Constable Precinct 4", "County", "Harris County"),
];

fn cell_of(done: &RunOutput, geography: &str, rule: &str) -> BTreeMap<String, String> {
    let coverage = table(done, "coverage");
    let row = (0..coverage.row_count())
        .filter(|row| {
            let of = |name: &str| cell(&coverage, name, *row);
            of("geography") == geography && of("rule") == rule && of("model_group") == "all"
        })
        .max_by_key(|row| cell(&coverage, "as_of_date", *row))
        .unwrap();
    let names = coverage.names();
    names.iter().map(|name| (name.to_string(), cell(&coverage, name, row))).collect()
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

/// A small file of each form, changed at random: what comes is figures or an error, and figures are counts.
#[test]
fn changed_files_never_panic_nor_give_nonsense() {
    use coverage287::census::inspect;
    use coverage287::reference::Regions;
    use coverage287::spec::{SpecFiles, Specs};
    use proptest::prelude::*;

    let files = SpecFiles::default();
    let specs = Specs::load(&files).unwrap();
    let regions = Regions::load(&files).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut small = with_places();
    let few = ["0100000US", "0400000US01", "0500000US0100", "0600000US", "1600000US"];
    small.areas.retain(|id, _| few.iter().any(|prefix| id.starts_with(prefix)));
    let forms = [
        ("acsdt5y2023.dat", small.summary_file()),
        ("acs5-2023-download.csv", small.data_census_gov()),
        ("acs5-2023.json", small.api()),
        ("acs5-2023.csv", small.api_csv()),
    ];
    let pieces = [
        "-555555555",
        "*****",
        "null",
        "\"",
        "|",
        ",",
        "\n",
        "\r",
        "[",
        "]",
        "US",
        "é",
        "-",
        "1e9",
        "99999999999999999999",
        "GEO_ID",
        "B05002_E001",
        "!!",
        "\u{feff}",
        "\0",
    ];
    let read = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        inspect(&path, &specs.census, &regions.counties, &regions.states)
    };
    for (name, text) in &forms {
        assert!(read(name, text.as_bytes()).is_ok(), "{name}");
    }
    let change = (0_usize..4, any::<prop::sample::Index>(), 0_usize..12, 0..pieces.len());
    let config = ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(form in 0..forms.len(), changes in prop::collection::vec(change, 1..4))| {
        let (name, text) = &forms[form];
        let mut bytes = text.clone().into_bytes();
        for (how, at, length, piece) in changes {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            let end = (at + length).min(bytes.len());
            match how {
                0 => drop(bytes.drain(at..end)),
                1 => bytes.truncate(at),
                2 => drop(bytes.splice(at..at, pieces[piece].bytes()).count()),
                _ => bytes[at..end].iter_mut().for_each(|byte| *byte ^= 1 << (length % 8)),
            }
        }
        match read(name, &bytes) {
            Err(error) => prop_assert!(error.to_string().chars().count() < 2_000),
            Ok(inspected) => {
                for figures in inspected.figures.areas.values() {
                    for estimate in &figures.estimates {
                        prop_assert!(estimate.value.is_err() || (0..=1_000_000_000).contains(&estimate.value.unwrap()));
                        prop_assert!(estimate.moe_squared.is_err() || estimate.moe_squared.unwrap() >= 0);
                    }
                }
            }
        }
    });
}

fn newest(done: &RunOutput) -> String {
    let lists = table(done, "coverage");
    (0..lists.row_count()).map(|row| cell(&lists, "as_of_date", row)).max().unwrap()
}

/// Returns figures of every place of the reference, beside the counties.
fn every_place(year: u16) -> Vintage {
    let mut made = Vintage::whole(year);
    let reference =
        coverage287::reference::Reference::load(&coverage287::spec::SpecFiles::default()).unwrap();
    let in_acs =
        |place: &&coverage287::reference::Place| *place.geoid < *"60" || place.geoid.starts_with("72");
    for (at, place) in reference.places.iter().filter(in_acs).enumerate() {
        let people = 50 + (at as i64 * 7_919) % 900;
        let figures = [(people, 11), (people / 5, 7), (people / 9, 5)];
        made = made.with(&format!("1600000US{}", place.geoid), &place.name, figures);
    }
    made
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
fn two_tables_in_one_file_must_agree() {
    let dir = tempfile::tempdir().unwrap();
    let header =
        "GEO_ID,B05002_001E,B05002_013E,B05002_013M,B05001_005E,B05001_005M,B05001_006E,B05001_006M\n";
    let read = |row: &str| {
        let path = write(dir.path(), "acs5-2023.csv", &format!("{header}{row}\n"));
        inspect(&["--geo", "01001", text(&path)])
    };
    let (files, code) = read("0500000US01001,1000,100,44,60,30,40,40");
    assert_eq!(code, 0);
    let born = figure(&files[0], "0500000US01001", "foreign_born");
    // The line is taken, not the sum of lines, whose margin would be 50.
    assert_eq!((&born["estimate"], &born["estimate_moe"]), (&100.into(), &44.0.into()));
    let (files, code) = read("0500000US01001,1000,700,44,60,30,40,40");
    assert_eq!(code, 5);
    let reason = files[0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("0500000US01001, column B05001_005E+B05001_006E: \"100\" is not the figure 700"),
        "{reason}"
    );
    // Two files give two margins of one line.
    let one = "GEO_ID,B05002_001E,B05002_013E,B05002_013M\n";
    let paths = [44, 99].map(|moe| {
        let name = format!("acs5-2023-{moe}.csv");
        write(dir.path(), &name, &format!("{one}0500000US01001,1000,100,{moe}\n"))
    });
    let (code, message) = fails(&["--acs-sample", "--acs", text(&paths[0]), "--acs", text(&paths[1])]);
    assert_eq!(code, 5);
    assert!(message.contains("foreign_born 99 of vintage 2019-2023 is not the margin 44"), "{message}");
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
    assert!(message.contains("2018-2022") && message.contains("2019-2023"), "{message}");
    let absent =
        program().args(["coverage", "--release", text(&out), "--rule", "place_weighted"]).output().unwrap();
    assert_eq!(absent.status.code(), Some(2));
    program().args(["check", text(&out)]).assert().success();
}

#[test]
fn the_census_command_tells_people_what_a_file_lacks() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023);
    let few = write(dir.path(), "acs5-2023-states.csv", &made.only("0400000US").api_csv());
    let bare = "GEO_ID,B05002_001E\n".to_owned()
        + &made
            .only("0500000US")
            .areas
            .iter()
            .map(|(id, area)| format!("{id},{}\n", area.figures[0].0))
            .collect::<String>();
    let bare = write(dir.path(), "acs5-2023-people.csv", &bare);
    let page = write(dir.path(), "acs5-2023-page.json", "<html>Missing Key</html>");
    let output =
        program().args(["census", text(&few), text(&bare), text(&page), "--geo", "12"]).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8(output.stdout).unwrap();
    for part in [
        "holds no counties of vintage 2019-2023",
        "no file has foreign_born of county 01001",
        "refused: acs5-2023-page.json: is the page by which the Census API says",
        "0400000US12  Florida",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert_eq!(program().args(["census", "--geo", "1"]).output().unwrap().status.code(), Some(2));
    assert_eq!(program().args(["census", "nowhere.dat"]).output().unwrap().status.code(), Some(2));
    let shipped = program().args(["census"]).output().unwrap();
    assert!(
        String::from_utf8(shipped.stdout).unwrap().contains("counties: 3,222 of 3,222 of the vintage; whole")
    );
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
fn forms_that_programs_have_changed_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let figures = |name: &str, content: &str| {
        let path = write(dir.path(), name, content);
        let (files, code) = inspect(&["--geo", "01001,0919018500,01", text(&path)]);
        assert_eq!(code, 0, "{name}: {files}");
        let mut lines = files[0]["figures"].as_array().unwrap().clone();
        lines.retain(|line| !line["estimate"].is_null());
        let of =
            |concept: &str| lines.iter().find(|line| line["concept"] == concept).unwrap()["estimate"].clone();
        (
            lines[0]["geo_id"].as_str().unwrap().to_owned(),
            of("population").as_i64(),
            of("foreign_born").as_i64(),
        )
    };
    let county = |people, born| ("0500000US01001".to_owned(), Some(people), Some(born));
    for (name, content) in [
        // get=NAME,group(B05002): NAME twice.
        (
            "acs5-2023-group.json",
            r#"[["NAME","B05002_001E","B05002_013E","GEO_ID","NAME","state","county"],
            ["Autauga County, Alabama","59285","1529","0500000US01001","Autauga County, Alabama","01","001"]]"#,
        ),
        (
            "acs5-2023-ucgid.json",
            r#"[["NAME","B05002_001E","B05002_013E","ucgid"],["Autauga County, Alabama",59285,1529,"0500000US01001"]]"#,
        ),
        // descriptive=true: titles below the names.
        (
            "acs5-2023-descriptive.json",
            r#"[["GEO_ID","B05002_001E","B05002_013E"],["Geography","Estimate!!Total:","Estimate!!Total:!!Foreign-born:"],
            ["0500000US01001","59285","1529"]]"#,
        ),
        // Sorted: the titles are last.
        (
            "acs5-2023-sorted.csv",
            "GEO_ID,B05002_001E,B05002_013E\n0500000US01001,59285,1529\nGeography,Estimate!!Total:,Estimate!!Total:!!Foreign-born:\n",
        ),
        // pandas: an index, and codes without their zeros.
        (
            "acs5-2023-pandas.csv",
            ",NAME,B05002_001E,B05002_013E,state,county\n0,\"Autauga County, Alabama\",59285.0,1529.0,1,1\n",
        ),
        (
            "acs5-2023-r.csv",
            "\"state\",\"county\",\"B05002_001E\",\"B05002_001M\",\"B05002_013E\"\n\"01\",\"001\",59285,NA,1529\n",
        ),
    ] {
        assert_eq!(figures(name, content), county(59_285, 1_529), "{name}");
    }
    let town = figures(
        "acs5-2023-towns.csv",
        "state,county,county_subdivision,B05002_001E,B05002_013E\n09,190,18500,86518,28000\n",
    );
    assert_eq!(town.0, "0600000US0919018500");
}

#[test]
fn what_would_be_taken_for_something_else_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023);
    let csv = made.api_csv();
    let guam = csv.clone()
        + "0500000US66010,100,1,80,1,20,1,10,1,10,1,Guam,null,null,null,null,null,null,null,null,null,null\n";
    let mac = csv.replace("Doña Ana", "Do–a Ana");
    let double = csv.replace("Doña Ana", "DoÃ±a Ana");
    for (name, content, says) in [
        ("acs5-2023-guam.csv", guam, "1 codes are no areas of vintage 2019-2023: 0500000US66010"),
        ("acs5-2023-mac.csv", mac, "0500000US35013 is named \"Do–a Ana County, New Mexico\""),
        ("acs5-2023-double.csv", double, "its letters were read in another encoding"),
        (
            "acs5-2023-metro.json",
            r#"[["B05002_001E","B05002_013E","state","metropolitan statistical area/micropolitan statistical area (or part)"],
            ["5","1","11","47900"]]"#
                .to_owned(),
            "a level that is not read",
        ),
        (
            "acs5-2023-wide.csv",
            "GEOID,NAME,B05002_001E,B05002_013E\n01001,\"Autauga County, Alabama\",5,1\n".to_owned(),
            "a GEOID, 01001, does not",
        ),
        ("acs5-2023-nowhere.csv", csv.clone() + &csv.lines().nth(1).unwrap().replacen("US", "US99", 1),
            "column GEO_ID: \"0500000US99"),
        ("acs3-2013.csv", csv.clone(), "3-year dataset"),
        ("acs5-2023-semicolons.csv", "GEO_ID;B05002_001E\n0500000US01001;5\n".to_owned(), "semicolons or tabs"),
    ] {
        let path = write(dir.path(), name, &content);
        let (code, message) = fails(&["--acs", text(&path)]);
        assert_eq!(code, 5, "{name}: {message}");
        assert!(message.contains(says), "{name}: {message}");
    }
    // The message names an address that the year does have.
    let old = write(dir.path(), "acs5-2013.csv", "GEO_ID,B05002_001E,B05002_013E\n0500000US01001,5,1\n");
    let (_, message) = fails(&["--acs", text(&old)]);
    assert!(message.contains("B05002_015E") && !message.contains("B05002_021E"), "{message}");
    assert!(!message.contains("table-based"), "{message}");
}

/// Hostile and damaged files that an earlier version accepted, or crashed on.
#[test]
fn what_once_went_wrong_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2022);
    let mut few_names = made.clone();
    // Two counties have swapped names: their sum is still the state's.
    let (one, other) = ("0500000US01001", "0500000US01003");
    let name = few_names.areas[one].name.clone();
    few_names.areas.get_mut(other).unwrap().name = name;
    let header = "GEO_ID,NAME,B05002_001E,B05002_001M,B05002_013E,B05002_013M,\n";
    let odd_name =
        |name: &str| format!("GEO_ID,NAME,B05002_001E,B05002_013E\n0500000US01001,\"{name}\",5,1\n");
    for (file, content, says) in [
        (
            "acs5-2022-names.csv",
            few_names.api_csv(),
            "0500000US01003 is named \"Autauga County, Alabama\", which is 01001",
        ),
        (
            "acs5-2022-slip.csv",
            format!("{header}0500000US01001,\"Autauga County, Alabama\",,59285,120,1529,300\n"),
            "line 2 does not fit",
        ),
        (
            "acs5-2022-quote.csv",
            format!("{header}0500000US01001,\"Autauga County, Alabama,\"59285,2120,1529,300,\n"),
            "line 2 does not fit",
        ),
        (
            "acs5-2022-group.csv",
            "GEO_ID,POPGROUP,B05002_001E,B05002_013E\n0500000US01001,4018,5,1\n".to_owned(),
            "one population group",
        ),
        (
            "acs5-2022-sign.csv",
            "GEO_ID,B05002_001E,B05002_001M,B05002_013E\n0500000US01001,50,555555555,1\n".to_owned(),
            "column B05002_001M: \"555555555\"",
        ),
        ("acs5-2022-escape.csv", odd_name("Autauga\u{1b}[31m County"), "is not the name of an area"),
        ("acs5-2022-mail.csv", odd_name("jane.doe@example.org"), "is not the name of an area"),
        ("acs5-2022-bidi.csv", odd_name("Autauga\u{202e} County"), "is not the name of an area"),
        ("acs5-2022-long.csv", odd_name(&"A".repeat(900_000)), "is not the name of an area"),
        (
            "acs5-2022-header.csv",
            format!("GEO_ID,B05{}_x\n0500000US01001,5\n", "9".repeat(500_000)),
            "use table B05002",
        ),
        (
            "acs5-2022-string.json",
            format!("[[\"GEO_ID\",\"B05002_001E\"],\"{}\"]", "x".repeat(500_000)),
            "array of arrays",
        ),
    ] {
        let path = write(dir.path(), file, &content);
        let (code, message) = fails(&["--acs", text(&path)]);
        assert_eq!(code, 5, "{file}: {message}");
        assert!(message.contains(says), "{file}: {message}");
        assert!(message.len() < 2_500 && !message.contains('\u{1b}'), "{file}: {} bytes", message.len());
    }
    for (name, is_read) in [
        ("Autauga County, Alaska", false),
        ("Autauga County; Alaska", false),
        ("Baldwin County, Alabama", false),
        ("Baldwin, AL", false),
        ("Autauga County, AL", true),
        ("Autauga County; Alabama", true),
        ("County 01001", true),
        ("", true),
        ("AUTAUGA COUNTY", true),
    ] {
        let path = write(dir.path(), "acs5-2022-one.csv", &odd_name(name));
        assert_eq!(inspect(&[text(&path)]).1 == 0, is_read, "{name}");
    }
    let municipio = odd_name("Municipio de A\u{f1}asco, Puerto Rico").replace("01001", "72011");
    assert_eq!(inspect(&[text(&write(dir.path(), "acs5-2022-pr.csv", &municipio))]).1, 0);
}

/// Nothing of a long file name is lost: the vintage may stand at its end.
#[test]
fn a_long_name_says_its_vintage_too() {
    let dir = tempfile::tempdir().unwrap();
    let name = format!("{}-acs5-2022.csv", "counties-of-the-united-states-".repeat(5));
    let path = write(dir.path(), &name, &Vintage::whole(2022).api_csv());
    let (files, code) = inspect(&[text(&path)]);
    assert_eq!((code, files[0]["acs_vintage"].as_str()), (0, Some("2018-2022")));
    assert_eq!(files[0]["file_name"].as_str(), Some(name.as_str()));
}

#[test]
fn the_same_file_twice_is_one_and_of_two_years_none() {
    let dir = tempfile::tempdir().unwrap();
    let csv = Vintage::whole(2022).api_csv();
    let one = write(dir.path(), "acs5-2022.csv", &csv);
    let copy = write(dir.path(), "acs5-2022-copy.csv", &csv);
    let other_year = write(dir.path(), "acs5-2023.csv", &csv);
    let alone = run_with(&[], std::slice::from_ref(&one), |_| {});
    let twice = run_with(&[], &[copy.clone(), one.clone()], |_| {});
    assert_eq!(alone.results.figures[0].inputs.len(), twice.results.figures[0].inputs.len());
    assert!(table(&alone, "coverage") == table(&twice, "coverage"));
    let (code, message) = fails(&["--acs", text(&one), "--acs", text(&other_year)]);
    assert_eq!(code, 5);
    assert!(message.contains("is the same file as acs5-2022.csv, which says another vintage"), "{message}");
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
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("06037") && said.contains("every sum with one of them is unknown"), "{said}");
}

/// A log that cannot be written is no failure.
#[cfg(target_os = "linux")]
#[test]
fn a_full_log_changes_no_outcome() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("coverage287"));
        let status =
            command.args(arguments).stdout(std::process::Stdio::null()).stderr(full()).status().unwrap();
        status.code().unwrap()
    };
    assert_eq!(run(&["census", "nowhere.dat"]), 2);
    assert_eq!(run(&["run", "--dry-run"]), 0);
    assert_eq!(run(&["--log-format", "json", "run", "--dry-run"]), 0);
}

/// The program does not wait for a pipe.
#[cfg(unix)]
#[test]
fn pipes_and_folders_are_no_files() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("acs5-2023.dat");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for arguments in [["--acs", text(&pipe)], ["--place-shares", text(&pipe)], ["--acs", text(dir.path())]] {
        let (code, message) = fails(&arguments);
        assert_eq!(code, 2, "{message}");
    }
    assert!(fails(&["--acs", text(dir.path())]).1.contains("is a folder"));
}
