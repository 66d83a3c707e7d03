//! Figures from the Census Bureau's own files: every form, margins by hand, vintages, places, and bad input.

mod files;
mod margins;
mod places;
mod refusals;
mod vintages;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use coverage287::job::{Ran, run};
use coverage287::publishing::RunOutput;
use coverage287::settings::RunSettings;

use crate::support::census::Vintage;
use crate::support::{BAY, Row, cell, four_lists, program, table, with_four_lists, workbook};

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(super) fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Makes a dry run in this process, over four lists where none are given; `more` changes its settings.
pub(super) fn run_with(lists: &[PathBuf], acs: &[PathBuf], more: impl FnOnce(&mut RunSettings)) -> RunOutput {
    let mut settings = RunSettings::dry(if lists.is_empty() { four_lists() } else { lists });
    settings.acs = acs.to_vec();
    more(&mut settings);
    match run(&settings).ran.unwrap() {
        Ran::Made(done) => *done,
        Ran::Nothing(_) => unreachable!("a dry run looks at no release"),
    }
}

/// Returns exit code and standard error of a run that publishes nothing.
pub(super) fn fails(arguments: &[&str]) -> (i32, String) {
    // Not the folder of releases of whoever runs the tests.
    let dir = tempfile::tempdir().unwrap();
    let mut run = program();
    run.args(["run", "--dry-run", "--out"]).arg(dir.path()).args(with_four_lists()).args(arguments);
    let output = run.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Returns the answer of `coverage287 census` about files, and its exit code.
pub(super) fn inspect(arguments: &[&str]) -> (serde_json::Value, i32) {
    let output = program().args(["census", "--format", "json"]).args(arguments).output().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap_or_default(), output.status.code().unwrap())
}

pub(super) fn figure<'a>(file: &'a serde_json::Value, geo_id: &str, concept: &str) -> &'a serde_json::Value {
    let figures = file["figures"].as_array().unwrap();
    figures.iter().find(|line| line["geo_id"] == geo_id && line["concept"] == concept).unwrap()
}

/// Makes a participating workbook of a day with these agencies, all of them task forces.
pub(super) fn list(dir: &Path, day: &str, rows: &[(&str, &str, &str, &str)]) -> PathBuf {
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

pub(super) fn covered(done: &RunOutput, day: &str, rule: &str) -> Vec<(String, String)> {
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

/// Returns figures of counties and of these places and towns.
pub(super) fn with_places() -> Vintage {
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

pub(super) const OF_PLACES: [(&str, &str, &str, &str); 7] = [
    ("TEXAS", "Houston Police Department", "Municipality", "Harris County"),
    ("TEXAS", "Montgomery County Sheriff's Office", "County", "Montgomery County"),
    ("PENNSYLVANIA", "Abington Township Police Department", "Municipality", "Montgomery County"),
    ("FLORIDA", "Kenneth City Police Department", "Municipality", "Pinellas County"),
    ("FLORIDA", "Florida Atlantic University Police Department", "Municipality", "Palm Beach County"),
    // No figure of this agency's place is given.
    ("FLORIDA", "Gulf Breeze Police Department", "Municipality", "Santa Rosa County"),
    ("TEXAS", "Harris County Constable Precinct 4", "County", "Harris County"),
];

pub(super) fn cell_of(done: &RunOutput, geography: &str, rule: &str) -> BTreeMap<String, String> {
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

/// Returns figures of every place of the reference, beside the counties.
pub(super) fn every_place(year: u16) -> Vintage {
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
