//! The archive of real lists: the status of each list, and every dirty value of an independent key that the text or the
//! lists alone can settle.

use std::collections::BTreeMap;

use coverage287::publishing::RunOutput;
use coverage287::table::Table;

use crate::support::{cell, dry_run, rows_that, shared, table, where_is};

type Case = BTreeMap<String, String>;

/// The archive as it was read.
struct Archive {
    done: RunOutput,
    lists: Table,
    state_names: BTreeMap<String, String>,
}

impl Archive {
    /// Returns the row of `lists` for a file.
    fn list(&self, file: &str) -> usize {
        (0..self.lists.row_count())
            .find(|at| cell(&self.lists, "file_name", *at) == file)
            .unwrap_or_else(|| panic!("{file} has no row in lists"))
    }

    /// Returns the row of `lists` whose listings stand for a list; for a duplicate, that of the list it repeats.
    fn speaking(&self, mut list: usize) -> usize {
        while cell(&self.lists, "list_status", list) == "duplicate" {
            let same = cell(&self.lists, "same_rows_as_list_id", list);
            list = (0..self.lists.row_count()).find(|at| cell(&self.lists, "list_id", *at) == same).unwrap();
        }
        list
    }

    /// Returns the listings of these sheet rows.
    fn rows(&self, file: &str, numbers: &str) -> (Table, Vec<usize>) {
        let id = cell(&self.lists, "list_id", self.speaking(self.list(file)));
        let listings = where_is(&self.done, "listings", "list_id", &id);
        let at = |number: &str| {
            (0..listings.row_count())
                .find(|at| cell(&listings, "row_number", *at) == number)
                .unwrap_or_else(|| panic!("{file} row {number} is not in listings"))
        };
        let found = numbers.split(',').map(at).collect();
        (listings, found)
    }

    /// Returns the outcome of a case in the words of the key; `None` where the key only expects that the value is read.
    fn outcome(&self, case: &Case) -> Option<String> {
        let (file, expected) = (&case["file"], case["expected"].as_str());
        let list = self.list(file);
        let of_list = |column: &str| cell(&self.lists, column, list);
        match (case["category"].as_str(), case["column"].as_str()) {
            ("blank_row_inside", _) => {
                let is_skipped = of_list("blank_row_count").parse::<u32>().unwrap() > 0;
                return Some(if is_skipped { "skip".into() } else { "kept".into() });
            }
            ("empty_list", _) => return Some(format!("{} rows", of_list("row_count"))),
            ("filename", _) if expected == "pending" => return Some(of_list("list_kind")),
            // The key gives a list with the rows of an older list the day of the older one.
            ("filename", _) => {
                let same = of_list("same_rows_as_list_id");
                let older = (0..self.lists.row_count()).find(|at| cell(&self.lists, "list_id", *at) == same);
                let date = of_list("list_date");
                let older = older.map(|at| cell(&self.lists, "list_date", at));
                let day = if date == expected { date } else { older.unwrap_or(date) };
                return (!expected.is_empty()).then_some(day);
            }
            _ => {}
        }
        let (rows, at) = self.rows(file, &case["row"]);
        let value = |column: &str| cell(&rows, column, at[0]);
        if case["category"] == "duplicate_row" {
            let (a, b) = (cell(&rows, "agreement_id", at[0]), cell(&rows, "agreement_id", at[1]));
            return Some(if a == b && !a.is_empty() { "one agreement".into() } else { "two".into() });
        }
        if case["category"] == "hidden_rows" {
            return Some("read anyway".into());
        }
        let (printed, clean) = match case["column"].as_str() {
            "STATE" => {
                let name = self.state_names.get(&value("state_code")).cloned().unwrap_or_default();
                ("state_printed", name.to_uppercase())
            }
            "COUNTY" => ("county_printed", value("county_name")),
            "SIGNED" => ("signed_printed", value("signed_date")),
            "MOA" => ("moa_printed", value("moa_url")),
            "ADDENDUM" => ("addendum_printed", value("addendum_url")),
            "SUPPORT TYPE" => ("model_printed", model_name(&value("model")).to_owned()),
            "TYPE" => ("type_printed", value("agency_type")),
            "LAW ENFORCEMENT AGENCY" => ("agency_printed", value("agency_name")),
            other => panic!("a case of column {other}"),
        };
        // A link is printed behind the cell; only the target of a wrapped link is kept.
        let is_link = case["category"].starts_with("link_");
        if !is_link && !case["printed"].is_empty() {
            assert_eq!(value(printed), case["printed"], "{file} row {}", case["row"]);
        }
        if is_link && expected.starts_with("unwrap") {
            let target = value("moa_url");
            let is_unwrapped = target.starts_with("https://www.ice.gov/") && !target.contains("safelinks");
            return Some(if is_unwrapped { expected.to_owned() } else { target });
        }
        if is_link {
            assert!(value("moa_url").starts_with("http"), "{file} row {}: link lost", case["row"]);
        }
        let clean = if clean.is_empty() { "(null)".to_owned() } else { clean };
        (!expected.is_empty()).then_some(clean)
    }
}

fn model_name(code: &str) -> &'static str {
    match code {
        "JEM" => "Jail Enforcement Model",
        "WSO" => "Warrant Service Officer",
        "TFM" => "Task Force Model",
        _ => "",
    }
}

/// Every file has its row, and the files that a plain reader gets wrong have the right day and status.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn every_list_has_its_day_and_standing() {
    let shared = shared();
    let done = dry_run(&[shared.join("archive")]);
    let lists = table(&done, "lists");
    assert_eq!(lists.row_count(), 538);
    let at = |file: &str| (0..538).find(|at| cell(&lists, "file_name", *at) == file).unwrap();
    let file_of = |list_id: &str| {
        (0..538).find(|at| cell(&lists, "list_id", *at) == list_id).map(|at| cell(&lists, "file_name", at))
    };
    let p = |day: &str| format!("participatingAgencies{day}.xlsx");
    for (file, date, method, status, same) in [
        // ICE wrote wrong years and a wrong month.
        (p("01052025pm"), "2026-01-05", "workbook", "accepted", ""),
        (p("01062025pm"), "2026-01-06", "workbook", "accepted", "01052025pm"),
        (p("01092025pm"), "2026-01-09", "workbook", "accepted", "01082026am"),
        (p("08022025pm"), "2025-09-02", "workbook", "accepted", ""),
        (p("09032025am"), "2025-09-03", "file_name", "superseded", "08022025pm"),
        ("pendingAgencies01052025pm.xlsx".into(), "2026-01-05", "workbook", "accepted", ""),
        // A digit too many; the list of the Friday before under a new name.
        (p("090022025am"), "2025-09-02", "workbook", "superseded", "08292025pm"),
        // A second file of an edition is the later one if it was saved later.
        (p("07032025pm"), "2025-07-03", "file_name", "superseded", ""),
        (p("07032025pm copy"), "2025-07-03", "file_name", "accepted", ""),
        (p("06112025pm copy"), "2025-06-11", "file_name", "accepted", "06062025am"),
        (p("12042025pm2"), "2025-12-04", "file_name", "accepted", ""),
        // ICE published the list of August 7 once more, after August 8.
        (p("08112025am"), "2025-08-11", "file_name", "stale", "08072025pm"),
        (p("08142025pm"), "2025-08-14", "file_name", "duplicate", "08142025am"),
        (p("-20250327140009"), "2025-03-27", "capture", "superseded", ""),
    ] {
        let at = at(&file);
        let found = [
            cell(&lists, "list_date", at),
            cell(&lists, "list_date_method", at),
            cell(&lists, "list_status", at),
        ];
        assert_eq!(found, [date, method, status], "{file}");
        let same_rows = file_of(&cell(&lists, "same_rows_as_list_id", at)).unwrap_or_default();
        assert_eq!(same_rows, if same.is_empty() { String::new() } else { p(same) }, "{file}");
        let is_explained = !cell(&lists, "reason", at).is_empty();
        assert_eq!(is_explained, status != "accepted" || method == "workbook", "{file}");
    }
    assert_eq!(cell(&lists, "list_kind", at(&p("09222025pm"))), "pending");

    let mut statuses: BTreeMap<String, usize> = BTreeMap::new();
    let mut layouts: BTreeMap<String, usize> = BTreeMap::new();
    for at in 0..538 {
        *statuses.entry(cell(&lists, "list_status", at)).or_default() += 1;
        *layouts.entry(cell(&lists, "layout", at)).or_default() += 1;
        let is_pending = cell(&lists, "list_kind", at) == "pending";
        assert!(is_pending || cell(&lists, "row_count", at).parse::<u32>().unwrap() > 100);
    }
    let expected = [("accepted", 421), ("duplicate", 14), ("stale", 1), ("superseded", 102)];
    assert_eq!(statuses, expected.map(|(status, count)| (status.to_owned(), count)).into());
    assert_eq!(layouts.len(), 7, "{layouts:?}");
    assert!(done.checks.iter().all(|check| check.passed || !check.blocking));
}

/// These signing dates, each with its evidence, and no others are known to be wrong only from other lists.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn signing_dates_that_other_lists_mend() {
    let shared = shared();
    let done = dry_run(&[shared.join("archive")]);
    let repairs = where_is(&done, "repairs", "step", "lists");
    let mut found: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for at in 0..repairs.row_count() {
        let of = |column: &str| cell(&repairs, column, at);
        assert!(of("evidence").contains("the list of "), "{}", of("evidence"));
        *found.entry((of("repair_rule"), of("value_printed"), of("value"))).or_default() += 1;
    }
    let expected = [
        (("date_from_other_list", "", "2025-12-02"), 6),
        (("date_year_too_early", "2025-02-23", "2026-02-23"), 28),
    ];
    let text = |((rule, printed, value), rows): ((&str, &str, &str), usize)| {
        ((rule.to_owned(), printed.to_owned(), value.to_owned()), rows)
    };
    assert_eq!(found, expected.map(text).into());

    // Task force agreements of the years in which ICE had none: their year is one that the model's history rules out.
    let repairs = where_is(&done, "repairs", "repair_rule", "date_without_model");
    let mut found: BTreeMap<(String, String), usize> = BTreeMap::new();
    for at in 0..repairs.row_count() {
        let of = |column: &str| cell(&repairs, column, at);
        *found.entry((of("value_printed"), of("value"))).or_default() += 1;
    }
    let expected = [(("2016-03-19", "2026-03-19"), 15), (("2025-01-07", "2026-01-07"), 46)];
    let text =
        |((printed, value), rows): ((&str, &str), usize)| ((printed.to_owned(), value.to_owned()), rows);
    assert_eq!(found, expected.map(text).into());
}

/// Every reviewed reason is that of an agreement that was removed, and every reviewed agency of a state is on a list: a
/// decision that no list bears out would be found by nobody.
#[test]
fn reviewed_decisions_meet_the_record() {
    let done = dry_run(&[]);
    let known: usize = (0..table(&done, "ends").row_count())
        .filter(|at| cell(&table(&done, "ends"), "end_reason", *at) != "not_known")
        .count();
    assert_eq!(known, done.results.reference.laws.end_reasons.len());
    let reviewed = rows_that(&table(&done, "agencies"), |row| !row["police_powers"].is_empty());
    let decided: Vec<&str> = done.results.reference.state_agencies.iter().map(|(_, name, _)| name).collect();
    // North Dakota's bureau is on a later list than those of the record.
    assert_eq!(reviewed.len() + 1, decided.len(), "{decided:?}");
    assert!(decided.contains(&"northdakotabureauofcriminalinvestigation"));
    let of_states =
        rows_that(&table(&done, "agencies"), |row| matches!(&*row["agency_level"], "state" | "territory"));
    assert_eq!(of_states.len(), reviewed.len(), "every agency of a state or territory is reviewed");
}

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn every_case_that_text_or_lists_can_settle() {
    let shared = shared();
    let done = dry_run(&[shared.join("archive")]);
    let lists = table(&done, "lists");
    let states = done.results.reference.states.iter();
    let state_names = states.map(|state| (state.code.to_string(), state.name.clone())).collect();
    let archive = Archive { done, lists, state_names };
    let mut key = csv::Reader::from_path(shared.join("oracles/dirty_cases.csv")).unwrap();
    let (mut wrong, mut with_expectation, mut read) = (Vec::new(), 0, 0);
    for case in key.deserialize::<Case>().map(Result::unwrap) {
        if !matches!(case["stage"].as_str(), "text" | "list") {
            continue;
        }
        read += 1;
        let Some(outcome) = archive.outcome(&case) else { continue };
        with_expectation += 1;
        let expected = if case["category"] == "empty_list" { "0 rows" } else { &case["expected"] };
        if outcome != expected {
            wrong.push(format!(
                "{} {} row {}: {outcome}, not {expected}",
                case["category"], case["file"], case["row"]
            ));
        }
    }
    println!("{read} cases read, {with_expectation} with an expectation, {} wrong", wrong.len());
    assert_eq!(wrong, [] as [String; 0]);
    assert!(read > 100 && with_expectation > 60, "{read} {with_expectation}");
}
