//! The cube and the tables made of it: months, reaches, benchmarks, claims, slices and the report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use coverage287::job::{Ran, run};
use coverage287::publishing::RunOutput;
use coverage287::settings::RunSettings;
use coverage287::table::Table;

use crate::support::census::Vintage;
use crate::support::{
    BAY, Row, assert_said, dry_run, dry_run_of, four_lists, program, shared, table, told_error, warnings,
    with_four_lists, workbook,
};

type Line = BTreeMap<String, String>;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn lines(frame: &Table) -> Vec<Line> {
    crate::support::rows(frame)
}

fn says(arguments: &[&str]) -> String {
    let run = program().args(arguments).assert().success();
    String::from_utf8(run.get_output().stdout.clone()).unwrap()
}

fn csv_lines(text: &str) -> Vec<Line> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap()
}

/// Makes a root folder that goes before the program's own, with one of its files changed.
fn root_with(file: &str, change: impl FnOnce(String) -> String) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let own = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let path = root.path().join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, change(own)).unwrap();
    root
}

const GULF: Row = Row { agency: "Gulf County Sheriff's Office", county: "Gulf County", ..BAY };

const CALHOUN: Row = Row { agency: "Calhoun County Sheriff's Office", county: "Calhoun County", ..BAY };

/// Makes five lists: Bay County leaves and comes back, Gulf County comes with the second.
fn five_lists(dir: &Path) -> Vec<PathBuf> {
    let lists: [(&str, &[Row]); 5] = [
        ("03102025", &[BAY]),
        ("03202025", &[BAY, GULF]),
        ("05152025", &[GULF]),
        ("05282025", &[BAY, GULF, CALHOUN]),
        ("07022025", &[GULF, CALHOUN]),
    ];
    let make = |(day, rows): (&str, &[Row])| {
        let path = dir.join(format!("participatingAgencies{day}.xlsx"));
        workbook(&path, rows);
        path
    };
    lists.map(make).into()
}

#[test]
fn months_are_of_days_and_begin_within_an_interval() {
    let dir = tempfile::tempdir().unwrap();
    let done = dry_run(&five_lists(dir.path()));
    let of_rule = |row: &Line| row["rule"] == "sheriff" && row["model_group"] == "TFM";
    let shown = ["county_fips", "month_date", "day_count", "known_day_count", "list_count", "first_day"];
    let began = ["began_after_date", "began_by_date"];
    let found: Vec<String> = lines(&table(&done, "county_months"))
        .iter()
        .filter(|row| of_rule(row) && row["county_fips"] != "12013")
        .map(|row| shown.iter().chain(&began).map(|name| row[*name].as_str()).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        found,
        [
            // The county is on the first list: its beginning is not known. Days before that list are not known either.
            "12005 2025-03-01 22 22 2 true  2025-03-10",
            "12005 2025-04-01 30 30 0 true  2025-03-10",
            // It leaves on the 15th and is back on the 28th: 14 and 4 days.
            "12005 2025-05-01 18 31 1 true  2025-03-10",
            "12005 2025-06-01 30 30 0 true 2025-05-15 2025-05-28",
            "12005 2025-07-01 1 2 0 true 2025-05-15 2025-05-28",
            "12045 2025-03-01 12 22 1 false 2025-03-10 2025-03-20",
            "12045 2025-04-01 30 30 0 true 2025-03-10 2025-03-20",
            "12045 2025-05-01 31 31 2 true 2025-03-10 2025-03-20",
            "12045 2025-06-01 30 30 0 true 2025-03-10 2025-03-20",
            "12045 2025-07-01 2 2 1 true 2025-03-10 2025-03-20",
        ]
    );
    let shares: Vec<f64> = lines(&table(&done, "county_months"))
        .iter()
        .filter(|row| of_rule(row) && row["county_fips"] == "12005")
        .map(|row| row["covered_share"].parse().unwrap())
        .collect();
    let expected = [1.0, 1.0, 18.0 / 31.0, 1.0, 0.5];
    assert!(
        shares.len() == 5 && shares.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6),
        "{shares:?}"
    );
}

/// Coverage goes on when a county passes from one agency to another on one list.
#[test]
fn coverage_that_passes_to_another_body_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let police = Row { agency: "Panama City Police Department", agency_type: "Municipality", ..BAY };
    let lists = [("04012025", BAY), ("04082025", police), ("04152025", GULF)].map(|(day, row)| {
        let path = dir.path().join(format!("participatingAgencies{day}.xlsx"));
        workbook(&path, &[row]);
        path
    });
    let done = dry_run(&lists);
    let of = |rule: &str| -> Vec<String> {
        let rows = lines(&table(&done, "county_months")).into_iter();
        let rows = rows.filter(|row| {
            row["county_fips"] == "12005" && row["model_group"] == "TFM" && row["rule"] == rule
        });
        rows.map(|row| format!("{} {} {}", row["day_count"], row["known_day_count"], row["began_by_date"]))
            .collect()
    };
    assert_eq!(of("any_local"), ["14 15 2025-04-01"]);
    assert_eq!(of("sheriff"), ["7 15 2025-04-01"]);
}

/// Under place_weighted a month has the share of residents; a change of vintage is no new beginning.
#[test]
fn months_of_residents_and_of_two_vintages() {
    let dir = tempfile::tempdir().unwrap();
    let kenneth = Row {
        agency: "Kenneth City Police Department",
        agency_type: "Municipality",
        county: "Pinellas County",
        ..BAY
    };
    let calhoun = |day: &str, rows: &[Row]| {
        let path = dir.path().join(format!("participatingAgencies{day}.xlsx"));
        workbook(&path, rows);
        path
    };
    let lists = [
        calhoun("11202022", &[Row { signed: "2020-01-01", ..kenneth }]),
        calhoun("12112022", &[Row { signed: "2020-01-01", ..kenneth }, Row { signed: "2020-01-01", ..BAY }]),
        calhoun("01162024", &[Row { signed: "2020-01-01", ..kenneth }, Row { signed: "2020-01-01", ..GULF }]),
    ];
    let with = |year: u16| {
        Vintage::whole(year).with(
            "1600000US1236175",
            "Kenneth City town, Florida",
            [(5_000, 30), (800, 100), (600, 12)],
        )
    };
    let acs: Vec<PathBuf> = [2022, 2023]
        .map(|year| {
            let path = dir.path().join(format!("acs5-{year}.csv"));
            std::fs::write(&path, with(year).api_csv()).unwrap();
            path
        })
        .into();
    let mut settings = RunSettings::dry(&lists);
    settings.acs = acs;
    settings.acs_vintage = coverage287::census::Pairing::ByYear;
    let Ran::Made(done) = run(&settings).ran.unwrap() else { unreachable!("a dry run looks at no release") };
    let coverage = lines(&table(&done, "coverage"));
    let vintages: BTreeSet<&str> = coverage.iter().map(|row| row["acs_vintage"].as_str()).collect();
    assert_eq!(vintages.len(), 2, "{vintages:?}");
    let months = lines(&table(&done, "county_months"));
    let of = |rule: &str| -> Vec<&Line> {
        let is_it =
            |row: &&Line| row["rule"] == rule && row["model_group"] == "TFM" && row["county_fips"] == "12103";
        months.iter().filter(is_it).collect()
    };
    for rule in ["any_local", "place_weighted"] {
        let rows = of(rule);
        assert_eq!(rows.len(), 15, "November 2022 to January 2024");
        assert!(
            rows.iter().all(|row| row["began_by_date"] == "2022-11-20" && row["began_after_date"].is_empty())
        );
    }
    let shares: Vec<f64> =
        of("place_weighted").iter().map(|row| row["covered_share"].parse().unwrap()).collect();
    // The share of Kenneth City among the county's residents, by the vintage of the list.
    let county = |year: u16| with(year).areas["0500000US12103"].figures[0].0 as f64;
    let (first, last) = (5_000.0 / county(2022), 5_000.0 / county(2023));
    assert!(shares[..14].iter().all(|share| (share - first).abs() < 1e-6), "{shares:?} {first}");
    // In the last month the newer vintage holds from the day of the list, the 16th, which is the last known day.
    let mixed = (first * 15.0 + last) / 16.0;
    assert!((shares[14] - mixed).abs() < 1e-6, "{shares:?} {mixed}");
    assert!(of("any_local").iter().all(|row| row["covered_share"].parse::<f64>().unwrap() == 1.0));
    the_rules_nest(&done);
}

/// Checks that the days of county_months are those of county_coverage, county by county.
fn days_agree(done: &RunOutput) {
    let lists = lines(&table(done, "lists"));
    let participating =
        lists.iter().filter(|l| l["list_kind"] == "participating" && l["list_status"] == "accepted");
    let newest: jiff::civil::Date =
        participating.map(|list| list["list_date"].parse().unwrap()).max().unwrap();
    let key = |row: &Line| ["county_fips", "rule", "model_group"].map(|name| row[name].clone());
    let mut by_stretch: BTreeMap<[String; 3], i64> = BTreeMap::new();
    for row in lines(&table(done, "county_coverage")) {
        let from: jiff::civil::Date = row["from_date"].parse().unwrap();
        let until = if row["until_date"].is_empty() { newest } else { row["until_date"].parse().unwrap() };
        *by_stretch.entry(key(&row)).or_default() += i64::from((until - from).get_days()) + 1;
    }
    let mut by_month: BTreeMap<[String; 3], i64> = BTreeMap::new();
    for row in lines(&table(done, "county_months")) {
        let days: i64 = row["day_count"].parse().unwrap();
        let known: i64 = row["known_day_count"].parse().unwrap();
        assert!(row["any_day"] == "true" && (1..=known).contains(&days) && known <= 31, "{row:?}");
        // Under a rule that counts residents, the share is a share of residents.
        if row["rule"] != "place_weighted" {
            let share: f64 = row["covered_share"].parse().unwrap();
            assert!((share - days as f64 / known as f64).abs() < 1e-6, "{row:?}");
        }
        let part_days: i64 = row["part_day_count"].parse().unwrap();
        assert!((0..=days).contains(&part_days));
        assert!(part_days > 0 || (row["covered_part"].is_empty() && row["covered_part_reason"].is_empty()));
        assert!(
            row["began_by_date"] <= newest.to_string() && row["began_after_date"] <= row["began_by_date"]
        );
        *by_month.entry(key(&row)).or_default() += days;
    }
    assert_eq!(by_stretch, by_month);
}

#[test]
fn months_have_the_days_of_the_stretches() {
    days_agree(&dry_run(four_lists()));
}

/// Checks that `reaches`, joined with the listings, gives every county count, and that the people of these counties,
/// each counted once, are those covered.
fn reaches_reproduce_the_cube(done: &RunOutput) {
    let models = |group: &str| match group {
        "TFM" | "JEM" | "WSO" => vec![group.to_owned()],
        "jail" => vec!["JEM".into(), "WSO".into()],
        _ => vec!["JEM".into(), "WSO".into(), "TFM".into()],
    };
    let reaches = lines(&table(done, "reaches"));
    let mut listed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in lines(&table(done, "listings")) {
        if row["list_kind"] == "participating" {
            listed.entry(row["list_id"].clone()).or_default().insert(row["agreement_id"].clone());
        }
    }
    let counties: BTreeMap<(String, String), Line> = lines(&table(done, "counties"))
        .into_iter()
        .map(|row| ((row["county_fips"].clone(), row["acs_vintage"].clone()), row))
        .collect();
    let states = &done.results.reference.states;
    let in_us = |code: &str| states.iter().any(|s| s.code.as_str() == code && states.in_us(s.code));
    let mut covered: BTreeMap<(String, String, String), BTreeSet<&str>> = BTreeMap::new();
    let coverage = lines(&table(done, "coverage"));
    let groups: BTreeSet<&str> = coverage.iter().map(|row| row["model_group"].as_str()).collect();
    for (list_id, agreements) in &listed {
        for group in &groups {
            let models = models(group);
            for row in &reaches {
                if agreements.contains(&row["agreement_id"]) && models.contains(&row["model"]) {
                    let key = (list_id.clone(), row["rule"].clone(), (*group).to_owned());
                    covered.entry(key).or_default().insert(&row["county_fips"]);
                }
            }
        }
    }
    let mut cells = 0;
    for row in &coverage {
        let key = (row["list_id"].clone(), row["rule"].clone(), row["model_group"].clone());
        let none = BTreeSet::new();
        let of = |fips: &str| &counties[&(fips.to_owned(), row["acs_vintage"].clone())];
        let here = covered.get(&key).unwrap_or(&none).iter().filter(|fips| match row["geography"].as_str() {
            "US" => in_us(&of(fips)["state_code"]),
            state => of(fips)["state_code"] == state,
        });
        let here: Vec<&&str> = here.collect();
        assert_eq!(row["county_count"], here.len().to_string(), "{row:?}");
        // Residents of places are added up by hand in tests/people.rs.
        if row["rule"] == "place_weighted" {
            continue;
        }
        for measure in ["population", "foreign_born"] {
            let total = &row[&format!("{measure}_total")];
            if total.is_empty() {
                continue;
            }
            let people: i64 = here.iter().map(|fips| of(fips)[measure].parse::<i64>().unwrap()).sum();
            assert_eq!(row[&format!("{measure}_covered")], people.to_string(), "{row:?}");
            assert!(people <= total.parse().unwrap(), "{row:?}");
        }
        cells += 1;
    }
    assert!(cells > 1_000, "{cells}");
}

#[test]
fn anyone_can_reproduce_the_cube() {
    reaches_reproduce_the_cube(&dry_run(four_lists()));
}

#[test]
fn a_rule_added_in_toml_is_everywhere() {
    let more = "\n[[rule]]\nname = \"prosecutors\"\ntext = \"a prosecutor has an agreement\"\n  [[rule.reach]]\n  kinds = [\"prosecutor\"]\n  territory = \"counties\"\n";
    let root = root_with("pipelines/coverage/rules.toml", |own| own + more);
    let out = root.path().join("out");
    let common = ["--root", text(root.path())];
    let page = says(&[&common[..], &["run", "--full", "--out", text(&out)], &with_four_lists()].concat());
    assert!(page.contains("  prosecutors"), "{page}");
    let release = [&common[..], &["--release", text(&out)]].concat();
    let table = says(&[&["coverage"], &release[..]].concat());
    assert!(table.contains("prosecutors: a prosecutor has an agreement"), "{table}");
    let rows =
        csv_lines(&says(&[&["coverage", "--rule", "prosecutors", "--format", "csv"], &release[..]].concat()));
    let all = rows.iter().find(|row| row["model_group"] == "all").unwrap();
    let count: usize = all["county_count"].parse().unwrap();
    assert!(count > 0, "{all:?}");
    let counties = says(
        &[
            &[
                "coverage",
                "--rule",
                "prosecutors",
                "--by",
                "county",
                "--models",
                "all",
                "--geography",
                "US",
                "--format",
                "csv",
            ],
            &release[..],
        ]
        .concat(),
    );
    assert_eq!(csv_lines(&counties).len(), count);
    let benchmarks = says(&[&["benchmarks", "--rule", "prosecutors"], &release[..]].concat());
    assert!(benchmarks.contains("  prosecutors"), "{benchmarks}");
    let current = out.join("current");
    let report = std::fs::read_to_string(current.join("report.html")).unwrap();
    assert!(report.contains("<dt>prosecutors</dt><dd>a prosecutor has an agreement"), "the text of the rule");
    assert!(report.contains("<td>prosecutors</td>"), "its row");
    assert!(std::fs::read_to_string(current.join("rules.svg")).unwrap().contains("prosecutors"), "its plot");
    assert!(std::fs::read_to_string(current.join("dictionary.md")).unwrap().contains("prosecutors"));
    program().args(["check", text(&out)]).assert().success();
}

#[test]
fn a_rule_must_have_a_plain_name_and_take_something() {
    let reach = "  [[rule.reach]]\n  kinds = [\"prosecutor\"]\n  territory = \"counties\"\n";
    let cases = [
        ("name = \"<b>\"\ntext = \"t\"\n", reach),
        ("name = \"a\\u0007b\"\ntext = \"t\"\n", reach),
        ("name = \"\"\ntext = \"t\"\n", reach),
        ("name = \"one\"\ntext = \"two\\nlines\"\n", reach),
        ("name = \"one\"\ntext = \"t\"\n", ""),
    ];
    let mut told = String::new();
    for (rule, reach) in cases {
        let more = format!("\n[[rule]]\n{rule}{reach}");
        let root = root_with("pipelines/coverage/rules.toml", |own| own + &more);
        let run = program().args(["--root", text(root.path()), "--dry-run"]).output().unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(3), "{rule}: {said}");
        told += &format!("{rule}{}\n\n", told_error(&said));
    }
    assert_said!(told);
}

#[test]
fn a_claim_with_a_wrong_figure_is_caught() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    says(&[&["run", "--out", text(&out)], &with_four_lists()[..]].concat());
    let as_they_are = says(&["claims", "--strict", "--release", text(&out)]);
    assert_said!(as_they_are.lines().last().unwrap());
    let edited = |own: String| own.replacen("printed = 649", "printed = 650", 1);
    let root = root_with("pipelines/coverage/claims.toml", edited);
    let arguments = ["claims", "--root", text(root.path()), "--release", text(&out)];
    let verdict = says(&[&arguments[..], &["--format", "csv"]].concat());
    let verdict =
        csv_lines(&verdict).into_iter().find(|row| row["claim_id"] == "2025-06-06-agreements").unwrap();
    assert_eq!((&*verdict["verdict"], &*verdict["verdict_recorded"]), ("does_not_hold", "holds"));
    let strict = program().args(arguments).arg("--strict").output().unwrap();
    assert_eq!(strict.status.code(), Some(6));
    assert_said!(String::from_utf8(strict.stderr).unwrap());
    // A run says so too, and goes on.
    let run = program()
        .args(["--root", text(root.path()), "run", "--out", text(&out)])
        .args(with_four_lists())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(0));
    assert_said!(warnings(&String::from_utf8(run.stderr).unwrap()));
    // An edited verdict is a difference as well.
    let root = root_with("pipelines/coverage/claims.toml", |own| {
        own.replacen("verdict = \"holds\"", "verdict = \"does_not_hold\"", 1)
    });
    let arguments = ["claims", "--strict", "--root", text(root.path()), "--release", text(&out)];
    assert_eq!(program().args(arguments).output().unwrap().status.code(), Some(6));
}

#[test]
fn every_claim_is_judged_by_default_and_as_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    says(&["--out", text(&out)]);
    let claims = csv_lines(&says(&["claims", "--strict", "--format", "csv", "--release", text(&out)]));
    assert_eq!(claims.len(), 42);
    assert!(claims.iter().all(|claim| claim["verdict"] != "not_checkable"));
    assert!(claims.iter().all(|claim| claim["verdict"] == claim["verdict_recorded"]));
    let misses = claims.iter().filter(|claim| claim["verdict"] == "does_not_hold").count();
    assert_eq!(misses, 4, "known misses stay misses");

    // Virginia's State Police leaves on the list of February 6, 2026.
    let of = |rule: &str, geography: &str| -> BTreeMap<String, i64> {
        let rows = says(&[
            "coverage",
            "--by",
            "date",
            "--rule",
            rule,
            "--models",
            "TFM",
            "--geography",
            geography,
            "--format",
            "csv",
            "--release",
            text(&out),
        ]);
        csv_lines(&rows)
            .into_iter()
            .map(|row| (row["as_of_date"].clone(), row["county_count"].parse().unwrap()))
            .collect()
    };
    let (police, upper) = (of("state_police", "US"), of("statewide_tfm", "US"));
    assert_eq!((police["2026-02-05"], police["2026-02-06"]), (1923, 1811));
    assert_eq!((upper["2026-02-05"], upper["2026-02-06"]), (1923, 1923));
    let virginia = of("state_police", "VA");
    assert_eq!((virginia["2026-02-05"], virginia["2026-02-06"]), (133, 21));
    let report = std::fs::read_to_string(out.join("current/report.html")).unwrap();
    assert!(report.len() < 2_000_000, "{}", report.len());
    let files = std::fs::read_dir(out.join("current")).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 12_000_000, "{bytes}");
    // The report of that month names it.
    let then = dir.path().join("then");
    says(&["--out", text(&then), "--as-of", "2026-02-27"]);
    let report = std::fs::read_to_string(then.join("current/report.html")).unwrap();
    let left = report.split("<table id=\"left\"").nth(1).unwrap().split("</table>").next().unwrap();
    let row =
        left.split("<tr>").find(|row| row.contains("2026-02-06") && row.contains("<td>VA</td>")).unwrap();
    assert!(row.contains("State Police") && row.contains("<td>TFM</td>"), "{row}");
    let changes =
        report.split("<table id=\"recent-changes\"").nth(1).unwrap().split("</table>").next().unwrap();
    let row = changes.split("<tr>").find(|row| row.contains("<td>state_police</td><td>TFM</td>")).unwrap();
    assert!(row.contains("1,819"), "{row}");
}

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn the_archive_is_reproduced_from_its_tables() {
    let shared = shared();
    let done = dry_run(&[shared.join("archive/participating")]);
    days_agree(&done);
    the_rules_nest(&done);
}

/// Counts and people of a cell, by rule.
type ByRule<'a> = BTreeMap<&'a str, (&'a str, [Option<i64>; 5])>;

/// Checks the chain of rules (docs/architecture.md) on the published table: for every date, state and model group.
fn the_rules_nest(done: &RunOutput) {
    let chain = ["sheriff", "county_agency", "any_local", "state_police", "statewide_tfm", "statewide_all"];
    let weighted = ["county_agency", "place_weighted", "any_local"];
    let frame = table(done, "coverage");
    let text = |name: &str| frame.texts(name).unwrap();
    let (geographies, rules, groups, lists) =
        (text("geography"), text("rule"), text("model_group"), text("list_id"));
    let vintages = text("acs_vintage");
    let columns =
        ["county_count", "agreement_count", "agency_count", "population_covered", "foreign_born_covered"];
    let columns = columns.map(|name| frame.integers(name).unwrap());
    let mut cells: BTreeMap<(&str, &str, &str), ByRule> = BTreeMap::new();
    for row in 0..frame.row_count() {
        let key = (lists[row].unwrap(), geographies[row].unwrap(), groups[row].unwrap());
        let values = columns.each_ref().map(|column| column[row]);
        cells.entry(key).or_default().insert(rules[row].unwrap(), (vintages[row].unwrap(), values));
    }
    let mut pairs = 0;
    let rules_there = cells.values().map(BTreeMap::len).max().unwrap();
    assert!(rules_there >= chain.len());
    for (key, by_rule) in &cells {
        for pair in chain.windows(2).chain(weighted.windows(2)) {
            let (Some(narrow), Some(wide)) = (by_rule.get(pair[0]), by_rule.get(pair[1])) else { continue };
            // People of two vintages are not compared with each other.
            let counts = if narrow.0 == wide.0 { 5 } else { 3 };
            for (narrow, wide) in narrow.1.iter().zip(&wide.1).take(counts) {
                assert!(narrow <= wide, "{pair:?} at {key:?}: {narrow:?} {wide:?}");
            }
            pairs += 1;
        }
    }
    assert!(pairs >= cells.len() * 5 && pairs > 800, "{pairs}");
}

#[test]
fn the_chain_of_rules_holds_everywhere() {
    the_rules_nest(&dry_run(four_lists()));
    // With one vintage for every rule, people are compared too.
    let pinned = dry_run_of(four_lists(), |settings| settings.acs_vintage = "2019-2023".parse().unwrap());
    assert_eq!(pinned.results.cube.vintages.len(), 1);
    the_rules_nest(&pinned);
}

#[test]
fn slices_are_the_rows_of_the_table() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    says(&[&["run", "--out", text(&out)], &with_four_lists()[..]].concat());
    let specs = coverage287::spec::Specs::load(&coverage287::spec::SpecFiles::default()).unwrap();
    let columns: Vec<&str> =
        specs.tables.find("coverage").unwrap().columns.iter().map(|c| c.name.as_str()).collect();
    let slice = |arguments: &[&str]| {
        says(&[&["coverage"], arguments, &["--format", "csv", "--release", text(&out)]].concat())
    };
    let all = slice(&[]);
    assert_eq!(all.lines().next().unwrap(), columns.join(","));
    let rows = csv_lines(&all);
    // Task forces first, then the jail models, all last; rules from the narrow to the wide.
    let order: Vec<String> =
        rows.iter().map(|row| format!("{} {}", row["model_group"], row["rule"])).collect();
    // One rule is about the jail models alone.
    assert_eq!(order.len(), 22);
    assert_eq!([&order[0], &order[7], &order[21]], ["TFM sheriff", "jail sheriff", "all statewide_all"]);
    let june = csv_lines(&slice(&["--as-of", "2025-06-06", "--rule", "county_agency", "--models", "all"]));
    assert_eq!(
        (june.len(), june[0]["county_count"].as_str(), june[0]["foreign_born_covered"].as_str()),
        (1, "334", "7894344")
    );
    let dates =
        csv_lines(&slice(&["--by", "date", "--rule", "sheriff", "--models", "all", "--geography", "TX"]));
    let of: Vec<(&str, &str)> =
        dates.iter().map(|row| (row["as_of_date"].as_str(), row["geography"].as_str())).collect();
    assert_eq!(of, [("2025-01-19", "TX"), ("2025-06-06", "TX"), ("2026-02-27", "TX")]);
    let states = csv_lines(&slice(&["--by", "state", "--rule", "sheriff", "--models", "all"]));
    assert_eq!(states.len(), 57);
    let guam = states.iter().find(|row| row["geography"] == "GU").unwrap();
    assert_eq!(guam["population_total"], "", "what is unknown is not zero");
    let texas =
        csv_lines(&slice(&["--by", "county", "--rule", "sheriff", "--models", "all", "--geography", "TX"]));
    assert_eq!(texas.len().to_string(), dates[2]["county_count"]);
    let us =
        csv_lines(&slice(&["--by", "county", "--rule", "any_local", "--models", "all", "--geography", "US"]));
    let whole = csv_lines(&slice(&["--rule", "any_local", "--models", "all"]));
    assert_eq!(us.len().to_string(), whole[0]["county_count"], "territories are apart");
    let changes = csv_lines(&slice(&["--since", "2025-06-06", "--rule", "sheriff", "--models", "all"]));
    let gained = changes[0]["counties_gained"].split(' ').count() as i64;
    let lost = changes[0]["counties_lost"].split(' ').filter(|fips| !fips.is_empty()).count() as i64;
    assert_eq!(gained - lost, 673 - 319);
    let of =
        ["--since", "2025-06-06", "--rule", "sheriff", "--models", "all", "--by", "county", "--geography"];
    let by_county = csv_lines(&slice(&[&of[..], &["US"]].concat()));
    let count = |what: &str| by_county.iter().filter(|row| row["county_change"] == what).count() as i64;
    assert_eq!((count("gained"), count("lost")), (gained, lost));
    let people = slice(&["--measure", "population", "--rule", "sheriff"]);
    assert!(people.contains("population_covered") && !people.contains("foreign_born"), "{people}");
    for (arguments, message) in [
        (&["--geography", "XX"][..], "--geography XX"),
        (&["--by", "date", "--since", "2025-06-06"], "give one of them"),
    ] {
        let failed =
            program().arg("coverage").args(arguments).args(["--release", text(&out)]).output().unwrap();
        assert_eq!(failed.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&failed.stderr).contains(message), "{message}");
    }
    let lists = program().args(["lists", "--format", "csv"]).output().unwrap();
    assert_eq!(lists.status.code(), Some(2));
}

#[test]
fn benchmarks_are_the_largest_areas_and_what_covers_them() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    says(&[&["run", "--out", text(&out)], &with_four_lists()[..]].concat());
    let done = dry_run(four_lists());
    let states = &done.results.reference.states;
    let is_in_us = |code: &str| states.iter().any(|s| s.code.as_str() == code && states.in_us(s.code));
    let mut counties: Vec<Line> = lines(&table(&done, "counties"))
        .into_iter()
        .filter(|row| is_in_us(&row["state_code"]) && row["acs_vintage"] == "2020-2024")
        .filter(|row| !row["foreign_born"].is_empty())
        .collect();
    counties.sort_by_key(|row| (-row["foreign_born"].parse::<i64>().unwrap(), row["county_fips"].clone()));
    let covered: BTreeMap<(String, String, String), Line> = lines(&table(&done, "county_coverage"))
        .into_iter()
        .filter(|row| row["until_date"].is_empty())
        .map(|row| ((row["rule"].clone(), row["model_group"].clone(), row["county_fips"].clone()), row))
        .collect();
    let rows = lines(&table(&done, "benchmarks"));
    let of = |benchmark: &str, rule: &str, group: &str| -> Vec<&Line> {
        let is_it =
            |row: &&Line| row["benchmark"] == benchmark && row["rule"] == rule && row["model_group"] == group;
        rows.iter().filter(is_it).collect()
    };
    for (rule, group) in [("county_agency", "all"), ("any_local", "TFM"), ("statewide_all", "jail")] {
        let found = of("counties_foreign_born", rule, group);
        assert_eq!(found.len(), 100);
        for (row, county) in found.iter().zip(&counties) {
            assert_eq!(row["geo_id"], format!("0500000US{}", county["county_fips"]));
            assert_eq!(row["foreign_born"], county["foreign_born"]);
            let key = (rule.to_owned(), group.to_owned(), county["county_fips"].clone());
            let is_covered = covered.get(&key);
            assert_eq!(row["covered_extent"] == "whole", is_covered.is_some(), "{row:?}");
            let counts = is_covered.map_or(("0", "0"), |c| (&c["agreement_count"], &c["agency_count"]));
            assert_eq!((row["agreement_count"].as_str(), row["agency_count"].as_str()), counts, "{row:?}");
        }
        let in_covered: i64 = found
            .iter()
            .filter(|row| row["covered_extent"] == "whole")
            .map(|row| row["foreign_born"].parse::<i64>().unwrap())
            .sum();
        let totals = lines(&table(&done, "benchmark_totals"));
        let total = totals
            .iter()
            .find(|row| {
                row["benchmark"] == "counties_foreign_born"
                    && row["rule"] == rule
                    && row["model_group"] == group
            })
            .unwrap();
        assert_eq!(total["foreign_born_in_covered"], in_covered.to_string());
        let share: f64 = total["foreign_born_in_covered_us_share"].parse().unwrap();
        assert!((share - in_covered as f64 / 47_349_078.0).abs() < 1e-6);
    }
    // None of the counties left out is covered, and the state of each has many that are.
    let left_out = of("counties_left_out", "county_agency", "all");
    assert!(left_out.iter().all(|row| row["covered_extent"] == "none"));
    let harris = left_out.iter().find(|row| row["geo_id"] == "0500000US48201").unwrap();
    assert_eq!((harris["rank"].as_str(), harris["has_own_body"].as_str()), ("1", "true"));
    assert!(!left_out.iter().any(|row| row["state_code"] == "CA"));
    // The figures lack noncitizens of places, so no benchmark counts them.
    assert!(rows.iter().all(|row| row["benchmark"] != "places_noncitizen"));
    // The totals name places without a figure that may belong among the first; New York City is its five counties.
    let places = of("places_foreign_born", "county_agency", "all");
    assert_eq!((places.len(), places[0]["geo_name"].as_str()), (100, "New York city"));
    assert!(places.iter().all(|row| row["acs_vintage"] == "2019-2023"));
    let totals = lines(&table(&done, "benchmark_totals"));
    for row in totals.iter().filter(|row| row["benchmark"] == "places_foreign_born") {
        let last: i64 = places[99]["foreign_born"].parse().unwrap();
        assert!(last > 40_000 && row["unranked_area_count"].parse::<i64>().unwrap() > 10);
        assert!(row["unranked_area_names"].starts_with("Oklahoma City city, OK"), "{row:?}");
    }
    assert!(totals.iter().all(|r| r["unranked_area_count"] == "0" || r["benchmark"].starts_with("places")));
    let miami = of("counties_foreign_born", "county_agency", "all")
        .into_iter()
        .find(|r| r["geo_id"].ends_with("12086"))
        .unwrap()
        .clone();
    assert_eq!(
        (miami["began_after_date"].as_str(), miami["began_by_date"].as_str()),
        ("2025-01-19", "2025-06-06")
    );
    assert!(miami["agency_names"].contains("Dade Sheriff"), "{miami:?}");

    // The command gives the same, and answers for another day.
    let release = ["--release", text(&out)];
    let now = csv_lines(&says(
        &[&["benchmarks", "counties_foreign_born", "--format", "csv"], &release[..]].concat(),
    ));
    assert_eq!(now.len(), 100);
    let found = of("counties_foreign_born", "county_agency", "all");
    assert!(
        now.iter()
            .zip(found)
            .all(|(a, b)| a["geo_id"] == b["geo_id"] && a["covered_extent"] == b["covered_extent"])
    );
    let june = csv_lines(&says(
        &[&["benchmarks", "counties_foreign_born", "--as-of", "2025-06-06", "--format", "csv"], &release[..]]
            .concat(),
    ));
    let count = |rows: &[Line]| rows.iter().filter(|row| row["covered_extent"] == "whole").count();
    assert!(count(&june) < count(&now), "{} {}", count(&june), count(&now));
    let page = says(&[&["benchmarks"], &release[..]].concat());
    let unknown: Vec<&str> =
        page.lines().skip_while(|line| !line.contains("places_noncitizen")).take(2).collect();
    assert_said!(unknown.join("\n"));
    for wrong in [
        &["benchmarks", "largest"][..],
        &["benchmarks", "places_noncitizen"],
        &["benchmarks", "--rule", "none"],
    ] {
        assert_eq!(program().args(wrong).args(release).output().unwrap().status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_place_is_covered_by_its_counties_or_its_own_police() {
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        Row { state: "TEXAS", agency: "Harris County Sheriff's Office", county: "Harris County", ..BAY },
        Row {
            agency: "Kenneth City Police Department",
            agency_type: "Municipality",
            county: "Pinellas County",
            ..BAY
        },
    ];
    let list = dir.path().join("participatingAgencies07012025.xlsx");
    workbook(&list, &rows);
    let acs = dir.path().join("acs5-2023.csv");
    let made = Vintage::whole(2023)
        .with(
            "1600000US4835000",
            "Houston city, Texas",
            [(2_300_001, 70), (600_001, 5_000), (400_000, 4_000)],
        )
        .with("1600000US1236175", "Kenneth City town, Florida", [(5_000, 30), (800, 100), (600, 12)])
        .with(
            "1600000US1263000",
            "St. Petersburg city, Florida",
            [(250_000, 30), (30_000, 100), (9_000, 12)],
        );
    std::fs::write(&acs, made.api_csv()).unwrap();
    let mut settings = RunSettings::dry(&[list]);
    settings.acs = vec![acs];
    let Ran::Made(done) = run(&settings).ran.unwrap() else { unreachable!("a dry run looks at no release") };
    let rows = lines(&table(&done, "benchmarks"));
    let of = |rule: &str| -> Vec<String> {
        let is_it = |row: &&Line| {
            row["benchmark"] == "places_foreign_born" && row["rule"] == rule && row["model_group"] == "all"
        };
        let shown = |row: &Line| {
            format!(
                "{} {} {} {}",
                row["geo_name"], row["foreign_born_moe"], row["covered_extent"], row["agency_names"]
            )
        };
        rows.iter().filter(is_it).map(shown).collect()
    };
    // Houston lies in three counties, of which one is covered.
    assert_eq!(
        of("county_agency"),
        [
            "Houston city 5000 part Harris County Sheriff's Office",
            "St. Petersburg city 100 none ",
            "Kenneth City town 100 none ",
        ]
    );
    // Everyone in Pinellas County counts under any_local; among residents of places only Kenneth City's count.
    let kenneth = "Kenneth City Police Department";
    assert_eq!(
        of("any_local")[1..],
        [
            format!("St. Petersburg city 100 whole {kenneth}"),
            format!("Kenneth City town 100 whole {kenneth}"),
        ]
    );
    assert_eq!(
        of("place_weighted")[1..],
        ["St. Petersburg city 100 none ".to_owned(), format!("Kenneth City town 100 whole {kenneth}"),]
    );
    let noncitizens = rows.iter().filter(|row| {
        row["benchmark"] == "counties_noncitizen" && row["rule"] == "sheriff" && row["model_group"] == "TFM"
    });
    assert_eq!(noncitizens.count(), 100);
}

#[test]
fn choices_of_the_report_are_checked() {
    let cases = [
        ("map_rule = \"any_local\"", "map_rule = \"place_weighted\""),
        ("top_rule = \"county_agency\"", "top_rule = \"nobody\""),
        ("top = 30", "top = 0"),
        ("top = 30", "top = 101"),
        ("recent_days = 31", "recent_days = -5"),
        ("\"counties_foreign_born\"", "\"places_foreign_born\""),
    ];
    let mut told = String::new();
    for (old, new) in cases {
        let root = root_with("pipelines/coverage/report.toml", |own| own.replacen(old, new, 1));
        // Figures without places.
        let acs =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("data/census/acs5-2019-2023-b05002-counties.csv");
        let run =
            program().args(["--root", text(root.path()), "--dry-run", "--acs", text(&acs)]).output().unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(3), "{new}: {said}");
        told += &format!("{new}\n{}\n\n", told_error(&said));
    }
    assert_said!(told);
}

#[test]
fn claims_that_say_nothing_are_refused() {
    let claim = |definition: &str| {
        format!(
            "[[claim]]\nclaim_id = \"one\"\nas_of_date = \"2025-06-06\"\ntext = \"t\"\nprinted = 42.7\n\
             definition = {{ {definition} }}\nverdict = \"holds_rounded\"\nsource_name = \"n\"\n\
             source_url = \"https://example.org/\"\n\
             source_date = \"2025\"\nsource_form = \"original\"\n"
        )
    };
    let cases = [
        "measure = \"agreements\", since = \"2025-01-20\"",
        "measure = \"new_agreements\"",
        "measure = \"agreements\", geography = \"Florida\"",
        "measure = \"agreements\", rule = \"sheriff\"",
        "measure = \"covered_counties\", rule = \"sheriff\"",
        "measure = \"model_rank\"",
        "measure = \"agreement_growth\", since = \"2025-07-01\"",
    ];
    let address = "source_url = \"https://example.org/\"\n";
    let addresses = [
        "",
        "source_url = \"example.org\"\n",
        "source_url = \"https://example.org/ ; https://example.com/\"\n",
        "source_url = \"http://example.org/\"\n",
        "source_url = \"https://example.org/\"\nsource_url_missing_reason = \"why\"\n",
        "source_url_missing_reason = \" \"\n",
    ];
    let whole = claim("measure = \"agreements\"");
    let cases = cases.map(|definition| (definition, claim(definition)));
    let addresses = addresses.map(|other| (other, whole.replace(address, other)));
    let mut told = String::new();
    for (definition, claim) in cases.into_iter().chain(addresses) {
        let root = root_with("pipelines/coverage/claims.toml", |_| claim.clone());
        let run = program().args(["--root", text(root.path()), "--dry-run"]).output().unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(3), "{definition}: {said}");
        told += &format!("{definition}\n{}\n\n", told_error(&said));
    }
    assert_said!(told);
    // Percentages hold to the decimals printed: Florida has 277 of 649.
    let share = claim("measure = \"agreement_share\", geography = \"FL\"");
    let root = root_with("pipelines/coverage/claims.toml", |_| share);
    let out = root.path().join("out");
    says(&[&["--root", text(root.path()), "run", "--out", text(&out)], &with_four_lists()[..]].concat());
    says(&["--root", text(root.path()), "claims", "--strict", "--release", text(&out)]);
}

#[test]
fn what_lists_print_is_text_in_the_report() {
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("participatingAgencies07012025.xlsx");
    let odd = Row {
        agency: "</title><script>alert(1)</script> \"Bay\" & Sons\u{ffff}\u{fdd0} Sheriff's Office",
        ..BAY
    };
    workbook(&list, &[odd, GULF]);
    let out = dir.path().join("out");
    says(&["--lists", text(&list), "--out", text(&out)]);
    for name in ["report.html", "map.svg"] {
        let page = std::fs::read_to_string(out.join("current").join(name)).unwrap();
        assert!(!page.contains("<script>alert") && !page.contains(['\u{ffff}', '\u{fdd0}']), "{name}");
        assert!(page.contains("&#60;script&#62;alert(1)"), "{name}");
    }
}

#[test]
fn a_release_of_one_list_has_a_report() {
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("participatingAgencies07012025.xlsx");
    workbook(&list, &[BAY]);
    let out = dir.path().join("out");
    says(&["--lists", text(&list), "--out", text(&out)]);
    let report = std::fs::read_to_string(out.join("current/report.html")).unwrap();
    assert!(report.contains("There is no list before this one."));
    assert!(report.matches("<path class=\"").count() >= 3_100);
}
