//! Panels: the spells of counties, the balanced tables made of them, and the command that makes others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use coverage287::publishing::RunOutput;

use crate::support::{BAY, Row, assert_said, dry_run, program, rows, table, where_is, workbook};

const CLAY: Row = Row { agency: "Clay County Sheriff's Office", county: "Clay County", ..BAY };
const LEE: Row = Row { agency: "Lee County Sheriff's Office", county: "Lee County", ..BAY };

/// Bay is on every list; Clay from the second on, signed a month before; Lee on the second and third alone.
fn lists(dir: &Path) -> Vec<PathBuf> {
    let clay = Row { signed: "2025-03-20", ..CLAY };
    [
        ("participatingAgencies03102025am.xlsx", vec![BAY]),
        ("participatingAgencies04202025am.xlsx", vec![BAY, clay, LEE]),
        ("participatingAgencies05052025am.xlsx", vec![BAY, clay, LEE]),
        ("participatingAgencies06302025am.xlsx", vec![BAY, clay]),
    ]
    .into_iter()
    .map(|(name, rows)| {
        let path = dir.join(name);
        workbook(&path, &rows);
        path
    })
    .collect()
}

fn run() -> RunOutput {
    let dir = tempfile::tempdir().unwrap();
    dry_run(&lists(dir.path()))
}

/// The values of these columns, row by row.
fn values(rows: &[BTreeMap<String, String>], columns: &[&str]) -> Vec<String> {
    let of = |row: &BTreeMap<String, String>| {
        columns.iter().map(|column| row[*column].as_str()).collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(of).collect()
}

#[test]
fn spells_say_between_which_days_a_county_was_covered() {
    let done = run();
    let spells = where_is(&done, "county_spells", "rule", "sheriff");
    let mut found = rows(&spells);
    found.retain(|row| row["model_group"] == "TFM");
    let columns = [
        "county_fips",
        "began_after_date",
        "began_by_date",
        "last_covered_date",
        "ended_by_date",
        "signed_date",
    ];
    assert_eq!(
        values(&found, &columns),
        [
            "12005  2025-03-10 2025-06-30  2025-03-01",
            "12019 2025-03-10 2025-04-20 2025-06-30  2025-03-20",
            "12071 2025-03-10 2025-04-20 2025-05-05 2025-06-30 2025-03-01",
        ]
    );
}

#[test]
fn the_panel_is_balanced_and_says_what_is_not_known() {
    let done = run();
    let all = table(&done, "county_panel");
    assert_eq!(all.row_count(), 3_235 * 4 * 3);
    let of = |county: &str| {
        let mut found = rows(&where_is(&done, "county_panel", "county_fips", county));
        found.retain(|row| row["model_group"] == "TFM");
        found
    };
    let days = [
        "period_date",
        "treated",
        "maybe",
        "known_day_count",
        "day_count",
        "sure_day_count",
        "unknown_day_count",
        "treated_by_signing",
    ];
    // Clay's coverage began between March 11 and April 20. It was signed on March 20.
    assert_eq!(
        values(&of("12019"), &days),
        [
            "2025-03-01 false true 22 0 0 21 true",
            "2025-04-01 true false 30 11 11 19 true",
            "2025-05-01 true false 31 31 31 0 true",
            "2025-06-01 true false 30 30 30 0 true",
        ]
    );
    // Lee's ended between May 6 and June 30.
    assert_eq!(
        values(&of("12071"), &days),
        [
            "2025-03-01 false true 22 0 0 21 true",
            "2025-04-01 true false 30 11 11 19 true",
            "2025-05-01 true false 31 31 5 26 true",
            "2025-06-01 true true 30 29 0 29 true",
        ]
    );
    let cohort = [
        "first_treated_low_date",
        "first_treated_high_date",
        "first_treated_number",
        "never_treated",
        "left_censored",
        "ever_off",
        "first_signed_date",
        "first_signed_number",
    ];
    let first = |county: &str| values(&of(county)[..1], &cohort).remove(0);
    assert_eq!(first("12019"), "2025-03-01 2025-04-01 2 false false false 2025-03-01 1");
    assert_eq!(first("12071"), "2025-03-01 2025-04-01 2 false false true 2025-03-01 1");
    assert_eq!(first("12005"), " 2025-03-01  false true false 2025-03-01 1");
    assert_eq!(first("12086"), "  0 true false false  0");
}

/// Each month of the panel has the days of `county_months`, and a county without a row there has none.
#[test]
fn the_panel_agrees_with_the_months() {
    let done = run();
    let mut months = rows(&where_is(&done, "county_months", "rule", "county_agency"));
    months.retain(|row| matches!(&*row["model_group"], "TFM" | "jail" | "all"));
    let key = |row: &BTreeMap<String, String>, date: &str| {
        [&row["county_fips"], &row[date], &row["model_group"]].map(String::clone)
    };
    let months: BTreeMap<_, _> = months
        .iter()
        .map(|row| (key(row, "month_date"), (row["day_count"].clone(), row["known_day_count"].clone())))
        .collect();
    assert!(months.len() > 10);
    let mut treated = 0;
    for row in rows(&table(&done, "county_panel")) {
        match months.get(&key(&row, "period_date")) {
            Some((days, known)) => {
                assert_eq!((&row["day_count"], &row["known_day_count"]), (days, known));
                assert_eq!(row["treated"], "true");
                treated += 1;
            }
            None => assert_eq!((&*row["day_count"], &*row["treated"]), ("0", "false")),
        }
    }
    assert_eq!(treated, months.len());
}

/// A state is treated where a county is; its people are those of its counties.
#[test]
fn states_are_the_sums_of_their_counties() {
    let done = run();
    let mut florida = rows(&where_is(&done, "state_panel", "state_code", "FL"));
    florida.retain(|row| row["model_group"] == "TFM");
    let columns = ["period_date", "county_count", "treated_county_count", "maybe_county_count", "treated"];
    assert_eq!(
        values(&florida, &columns),
        [
            "2025-03-01 67 1 2 true",
            "2025-04-01 67 3 0 true",
            "2025-05-01 67 3 0 true",
            "2025-06-01 67 3 1 true",
        ]
    );
    let counties = rows(&where_is(&done, "county_panel", "state_code", "FL"));
    let sum = |column: &str, date: &str, is_wanted: &dyn Fn(&BTreeMap<String, String>) -> bool| -> i64 {
        let of = counties.iter().filter(|row| row["model_group"] == "TFM" && row["period_date"] == date);
        of.filter(|row| is_wanted(row)).map(|row| row[column].parse::<i64>().unwrap()).sum()
    };
    for row in &florida {
        for measure in ["population", "foreign_born", "noncitizen"] {
            let date = &row["period_date"];
            assert_eq!(row[measure], sum(measure, date, &|_| true).to_string());
            let treated = sum(measure, date, &|row| row["treated"] == "true");
            assert_eq!(row[&format!("treated_{measure}")], treated.to_string());
        }
    }
}

fn publish(dir: &Path) -> PathBuf {
    let out = dir.join("out");
    let mut command = program();
    command.args(["run", "--out", out.to_str().unwrap()]);
    for list in lists(dir) {
        command.arg("--lists").arg(list);
    }
    command.assert().success();
    out
}

fn panel(out: &Path, more: &[&str]) -> (i32, String) {
    let done = program().args(["panel", "--release", out.to_str().unwrap()]).args(more).output().unwrap();
    let text = if done.status.success() { done.stdout } else { done.stderr };
    (done.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// The command makes the release's own panel again, and any other by the same columns.
#[test]
fn the_command_makes_the_table_and_others() {
    let dir = tempfile::tempdir().unwrap();
    let out = publish(dir.path());
    let (code, csv) = panel(&out, &["--format", "csv"]);
    assert_eq!(code, 0);
    let own = run();
    let mut lines = csv.lines();
    let header = lines.next().unwrap();
    let columns: Vec<&str> = header.split(',').collect();
    let table = table(&own, "county_panel");
    assert_eq!(columns, table.names());
    let mut count = 0;
    for (row, line) in rows(&table).iter().zip(lines) {
        for (column, printed) in columns.iter().zip(line.split(',')) {
            let is_same = match (printed.parse::<f64>(), row[*column].parse::<f64>()) {
                (Ok(printed), Ok(own)) => (printed - own).abs() < 1e-9,
                _ => printed == row[*column],
            };
            assert!(is_same, "{column}: {printed} and {} of {line}", row[*column]);
        }
        count += 1;
    }
    assert_eq!((count, csv.lines().count() - 1), (table.row_count(), table.row_count()));

    for ending in ["csv", "parquet"] {
        let path = dir.path().join(format!("panel.{ending}"));
        let (code, said) = panel(&out, &["--by", "state", "--output", path.to_str().unwrap()]);
        assert_eq!(code, 0, "{said}");
        assert!(path.metadata().unwrap().len() > 1_000);
    }
    let (_, by_quarter) =
        panel(&out, &["--every", "quarter", "--models", "TFM", "--rule", "any_local", "--format", "csv"]);
    assert_eq!(by_quarter.lines().count(), 1 + 3_235 * 2);
    assert!(by_quarter.contains("\n12019,FL,2025-04-01,any_local,TFM,2,true,false,"), "{by_quarter}");
    let (_, jails) = panel(&out, &["--rule", "jail_operator", "--format", "csv"]);
    assert_eq!(jails.lines().count(), 1 + 3_235 * 4, "a rule about jail models has no panel of task forces");
    // Before the first list nothing is known.
    let (_, early) =
        panel(&out, &["--from", "2025-01", "--to", "2025-04", "--models", "TFM", "--format", "csv"]);
    assert!(
        early.contains("\n12019,FL,2025-02-01,county_agency,TFM,2,,,,0,0,0,0,2025-03-01,2025-04-01,4,"),
        "{early}"
    );
    assert_said!(panel(&out, &[]).1);
    assert_said!(panel(&out, &["--by", "state", "--every", "year", "--format", "json"]).1);
}

#[test]
fn a_panel_that_cannot_be_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let out = publish(dir.path());
    let mut said = String::new();
    for arguments in [
        &["--rule", "place_weighted"] as &[&str],
        &["--rule", "nobody"],
        &["--models", "TFM,SWAT"],
        &["--rule", "jail_operator", "--models", "jail,TFM"],
        &["--from", "2025-06-01", "--to", "2025-05-01"],
        &["--from", "0001-01-01"],
        &["--from", "June"],
        &["--acs-vintage", "1999"],
        &["--acs-vintage", "2014-2018"],
        &["--output", "panel.xlsx"],
        &["--every", "week"],
    ] {
        let (code, text) = panel(&out, arguments);
        assert!(matches!(code, 2 | 3), "{arguments:?}: {code} {text}");
        said.push_str(&text);
    }
    assert_said!(said);
}
