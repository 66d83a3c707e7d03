//! Shared parts of the tests: the program as a process and as a library, workbooks made on the spot, and the folder of
//! real inputs beside the checkout.

pub mod books;
pub mod census;
pub mod numbers;
pub mod publisher;
pub mod world;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use coverage287::acquire::Offered;
use coverage287::job::{Ran, run};
use coverage287::publishing::RunOutput;
use coverage287::read::{ReadFile, Store, read};
use coverage287::record::{Record, Recorded, csv_of_list};
use coverage287::settings::RunSettings;
use coverage287::spec::{SpecFiles, Specs};
use coverage287::table::{CsvTexts, Table, TableSource, Value};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, Url, Workbook};

/// Returns a command for the built program.
pub fn program() -> assert_cmd::Command {
    let mut command = assert_cmd::Command::cargo_bin("coverage287").unwrap();
    command.arg("--quiet");
    command
}

/// Runs the pipeline in this process and writes nothing.
pub fn dry_run(lists: &[PathBuf]) -> RunOutput {
    dry_run_of(lists, |_| {})
}

/// Runs the pipeline likewise, with other settings.
pub fn dry_run_of(lists: &[PathBuf], more: impl FnOnce(&mut RunSettings)) -> RunOutput {
    let mut settings = RunSettings::dry(lists);
    more(&mut settings);
    match run(&settings).ran.unwrap() {
        Ran::Made(done) => *done,
        Ran::Nothing(_) => unreachable!("a dry run looks at no release"),
    }
}

/// Reads one file, by itself.
pub fn read_one(offered: &Offered, specs: &Specs) -> ReadFile {
    read(offered, specs, &Store::none())
}

/// Returns the folder of real workbooks and answer keys, beside the checkout. Tests that need it are ignored unless
/// they are asked for (`cargo test --release -- --include-ignored`).
pub fn shared() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    assert!(folder.join("archive").is_dir(), "{} has no archive: see CONTRIBUTING.md", folder.display());
    folder
}

/// Returns four lists of the record as files: participating lists of 2025-01-19, 2025-06-06 and 2026-02-27, and a
/// pending list of 2025-06-06. For tests that need real lists and not all of them.
pub fn four_lists() -> &'static [PathBuf] {
    static LISTS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    LISTS.get_or_init(|| {
        let specs = Specs::load(&SpecFiles::default()).unwrap();
        let record = Record::load(&SpecFiles::default(), &specs.agreements).unwrap();
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("four-lists-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let names = [
            "ParticipatingEntities-20250119192356",
            "participatingAgencies06062025am",
            "participatingAgencies02272026am",
            "pendingAgencies06062025am",
        ];
        let written = names.map(|name| {
            let is_it = |list: &Recorded| list.head.file_name == format!("{name}.xlsx");
            let at = record.lists().iter().position(is_it).unwrap();
            let list = record.list(at, &specs.layouts).unwrap();
            let path = folder.join(format!("{name}.csv"));
            std::fs::write(&path, csv_of_list(&list, CsvTexts::Raw).unwrap()).unwrap();
            path
        });
        written.to_vec()
    })
}

/// Returns the program's options for [`four_lists`].
pub fn with_four_lists() -> Vec<&'static str> {
    four_lists().iter().flat_map(|path| ["--lists", path.to_str().unwrap()]).collect()
}

/// Returns the workbooks of [`four_lists`].
pub fn shipped_workbooks(shared: &Path) -> Vec<PathBuf> {
    [
        "participating/ParticipatingEntities-20250119192356.xlsx",
        "participating/participatingAgencies06062025am.xlsx",
        "participating/participatingAgencies02272026am.xlsx",
        "pending/pendingAgencies06062025am.xlsx",
    ]
    .map(|name| shared.join("archive").join(name))
    .to_vec()
}

/// Headers of the participating lists since July 2025.
pub const HEADERS: [&str; 8] =
    ["STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE", "SIGNED", "MOA", "ADDENDUM"];

/// One row of a workbook to make. A SIGNED of the form `YYYY-MM-DD` becomes a date cell.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub state: &'a str,
    pub agency: &'a str,
    pub agency_type: &'a str,
    pub county: &'a str,
    pub model: &'a str,
    pub signed: &'a str,
    pub link: &'a str,
}

/// A typical row.
pub const BAY: Row = Row {
    state: "FLORIDA",
    agency: "Bay County Sheriff's Office",
    agency_type: "County",
    county: "Bay County",
    model: "Task Force Model",
    signed: "2025-03-01",
    link: "https://www.ice.gov/doclib/287gMOA/BayCoFL_TFM_MOA_030125.pdf",
};

/// Makes a participating workbook.
pub fn workbook(path: &Path, rows: &[Row]) {
    workbook_with(path, &HEADERS, rows, |_| {});
}

/// Returns a workbook without a sheet, which is of the same bytes whenever it is made.
pub fn new_workbook() -> Workbook {
    let mut book = Workbook::new();
    let saved = ExcelDateTime::parse_from_str("2026-11-02T12:00:00").unwrap();
    book.set_properties(&DocProperties::new().set_creation_datetime(&saved));
    book
}

/// Makes a workbook with these headers; `more` can add to its sheet.
pub fn workbook_with(
    path: &Path,
    headers: &[&str],
    rows: &[Row],
    more: impl FnOnce(&mut rust_xlsxwriter::Worksheet),
) {
    let mut book = new_workbook();
    let sheet = book.add_worksheet();
    let date = CellFormat::new().set_num_format("mm/dd/yyyy");
    for (at, header) in headers.iter().enumerate() {
        sheet.write_string(0, at as u16, *header).unwrap();
    }
    for (row, line) in rows.iter().zip(1_u32..) {
        let (row, line) = (*row, line);
        for (header, column) in headers.iter().zip(0_u16..) {
            let text = match *header {
                "STATE" => row.state,
                "LAW ENFORCEMENT AGENCY" => row.agency,
                "TYPE" => row.agency_type,
                "COUNTY" => row.county,
                "SUPPORT TYPE" => row.model,
                "SIGNED" => row.signed,
                _ => "",
            };
            match (*header, ExcelDateTime::parse_from_str(text)) {
                ("SIGNED", Ok(day)) => {
                    sheet.write_with_format(line, column, &day, &date).unwrap();
                }
                ("MOA", _) if !row.link.is_empty() => {
                    sheet.write_url_with_text(line, column, Url::new(row.link), "link").unwrap();
                }
                _ if text.is_empty() => {}
                _ => {
                    sheet.write_string(line, column, text).unwrap();
                }
            }
        }
    }
    more(sheet);
    book.save(path).unwrap();
}

/// Returns the rows of a table where a text column has this value.
pub fn where_is(done: &RunOutput, table: &str, column: &str, value: &str) -> Table {
    done.rows_where(table, column, value).unwrap()
}

/// Returns all rows of a table.
pub fn table(done: &RunOutput, name: &str) -> Table {
    done.table(name).unwrap()
}

/// Returns the rows of a table as maps from column to text; null is an empty text.
pub fn rows(table: &Table) -> Vec<BTreeMap<String, String>> {
    let row = |at| table.row(at).map(|(name, value)| (name.to_owned(), text(value))).collect();
    (0..table.row_count()).map(row).collect()
}

/// Returns the rows of a table that are as wanted.
pub fn rows_that(
    table: &Table,
    is_wanted: impl Fn(&BTreeMap<String, String>) -> bool,
) -> Vec<BTreeMap<String, String>> {
    rows(table).into_iter().filter(is_wanted).collect()
}

/// Fails where a column holds a word that its spec does not list, or a null it may not hold.
pub fn hold_only_their_words(done: &RunOutput) {
    for spec in done.results.specs.tables.iter() {
        let table = done.table(&spec.name).unwrap();
        for row in (0..table.row_count()).map(|at| table.row(at)) {
            for ((name, value), column) in row.zip(&spec.columns) {
                assert_eq!(name, column.name);
                assert!(column.null || value != Value::Null, "{}.{name} has nulls", spec.name);
                let (Some(words), Value::Text(text)) = (&column.values, value) else { continue };
                assert!(words.iter().any(|word| word == text), "{}.{name}: {text}", spec.name);
            }
        }
    }
}

/// Returns a cell as text; null is an empty text, and a number has its decimal point.
pub fn cell(table: &Table, column: &str, row: usize) -> String {
    let (_, value) = table.row(row).find(|(name, _)| *name == column).unwrap();
    text(value)
}

fn text(value: Value) -> String {
    match value {
        Value::Number(number) => format!("{number:?}"),
        other => other.to_string(),
    }
}

/// Whether a text stands in any cell of a table.
pub fn holds_text(table: &Table, text: &str) -> bool {
    rows(table).iter().any(|row| row.values().any(|cell| cell.contains(text)))
}

/// Returns the sha256 of every file of a release whose bytes are promised, by name.
pub fn promised(release: &Path) -> Vec<(String, String)> {
    use sha2::{Digest, Sha256};
    let mut files: Vec<_> = std::fs::read_dir(release)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.ends_with(".parquet")
                || name.ends_with(".svg")
                || name.ends_with(".html")
                || name.starts_with("citation.")
                || ["datapackage.json", "dictionary.md", "summary.json", "CITATION.cff", "zenodo.json"]
                    .contains(&&*name)
        })
        .map(|path| {
            let digest = coverage287::spec::hex(&Sha256::digest(std::fs::read(&path).unwrap()));
            (path.file_name().unwrap().to_string_lossy().into_owned(), digest)
        })
        .collect();
    files.sort();
    files
}

/// Returns the record of the last run: `last_run.json` of a folder of releases or of a store.
pub fn last_run(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder.join("last_run.json")).unwrap()).unwrap()
}

/// Whether the last run found what was there already.
pub fn is_nothing_new(folder: &Path) -> bool {
    last_run(folder)["status"] == "nothing_new"
}

/// Returns the lines of a log that warn or tell an error.
pub fn warnings(log: &str) -> String {
    let lines = log.lines().map(str::trim_start);
    lines
        .filter(|line| ["WARN", "ERROR"].iter().any(|level| line.starts_with(level)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The error that a text tells, from the word `error` on with its hint, or all of a text without one. Names in brackets
/// replace values that differ from run to run.
pub fn told_error(text: &str) -> String {
    let error = match text.find("error: ") {
        Some(at) => &text[at..],
        None => text,
    };
    let temporary = std::env::temp_dir();
    error.replace(temporary.to_str().unwrap(), "[TMP]").trim_end().to_owned()
}

/// Compares the error that a text tells with the snapshot of this test (`tests/golden/said`).
macro_rules! assert_said {
    ($text:expr) => {
        insta::with_settings!({
            snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/said"),
            omit_expression => true,
            filters => vec![
                (r"\[TMP\]/\.tmp\w+", "[DIR]"),
                (r"127\.0\.0\.1:\d+", "[HOST]"),
                (r"\b[0-9a-f]{64}\b", "[SHA256]"),
                (r"\d{4}-\d\d-\d\d-[0-9a-f]{8}", "[RELEASE]"),
                (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "[TIME]"),
                (r"\d{8}T\d{6}Z-\d+", "[RUN]"),
                (r"since \d{4}-\d\d-\d\d", "since [DAY]"),
                (r"\(process [^)]*\)", "([PROCESS])"),
                (r"\d+ days: the newest list", "[N] days: the newest list"),
            ],
        }, {
            insta::assert_snapshot!(crate::support::told_error(&$text.to_string()));
        })
    };
}
pub(crate) use assert_said;
