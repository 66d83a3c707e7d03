//! Single rows through the whole pipeline: workbooks made on the spot.

use coverage287::publishing::RunOutput;

use crate::support::{
    BAY, HEADERS, Row, assert_said, cell, dry_run, new_workbook, table, where_is, workbook, workbook_with,
};

fn run(name: &str, make: impl FnOnce(&std::path::Path)) -> RunOutput {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    make(&path);
    dry_run(&[path])
}

fn rules_of(done: &RunOutput, column: &str) -> Vec<(String, String, String)> {
    let rows = where_is(done, "repairs", "column", column);
    (0..rows.row_count())
        .map(|at| (cell(&rows, "step", at), cell(&rows, "repair_rule", at), cell(&rows, "value", at)))
        .collect()
}

#[test]
fn a_plain_row_is_read_as_it_stands() {
    let done = run("participatingAgencies06062025am.xlsx", |path| workbook(path, &[BAY]));
    let row = table(&done, "listings");
    for (column, value) in [
        ("row_number", "2"),
        ("list_date", "2025-06-06"),
        ("state_code", "FL"),
        ("agency_name", "Bay County Sheriff's Office"),
        ("agency_type", "County"),
        ("model", "TFM"),
        ("signed_date", "2025-03-01"),
        ("signed_printed", "2025-03-01"),
        ("county_name", "Bay County"),
        ("county_fips", "12005"),
        ("moa_url", BAY.link),
        ("moa_printed", "link"),
        ("addendum_url", ""),
    ] {
        assert_eq!(cell(&row, column, 0), value, "{column}");
    }
    assert_eq!(table(&done, "repairs").row_count(), 0);
    let agency = table(&done, "agencies");
    assert_eq!(
        (cell(&agency, "ori", 0).as_str(), cell(&agency, "agency_kind", 0).as_str()),
        ("FL0030000", "sheriff")
    );
}

#[test]
fn what_cannot_be_read_is_kept_null_and_listed() {
    let odd = Row { state: "ONTARIO", county: "Nowhere County", signed: "soon", ..BAY };
    let lost = Row { county: "Nowhere County", model: "Hybrid", agency_type: "Tribe", ..BAY };
    let done = run("participatingAgencies06062025am.xlsx", |path| workbook(path, &[odd, lost]));
    let rows = table(&done, "listings");
    assert_eq!(rows.row_count(), 2, "rows are kept");
    assert_eq!((cell(&rows, "state_code", 0), cell(&rows, "signed_date", 0)), (String::new(), String::new()));
    assert_eq!((cell(&rows, "county_name", 1), cell(&rows, "model", 1)), (String::new(), String::new()));
    assert_eq!(cell(&rows, "county_printed", 1), "Nowhere County");
    let unknown =
        |column: &str| rules_of(&done, column).iter().map(|(_, rule, _)| rule.clone()).collect::<Vec<_>>();
    assert_eq!(unknown("STATE"), ["state_unknown"]);
    assert_eq!(unknown("COUNTY"), ["county_unknown"]);
    assert_eq!(unknown("SIGNED"), ["date_unreadable"]);
    assert_eq!(unknown("SUPPORT TYPE"), ["model_unknown"]);
    assert_eq!(unknown("TYPE"), ["type_unknown"]);
    // Claims count the rows that were read and nothing else.
    let new = where_is(&done, "claims", "claim_id", "2025-06-06-new-agreements");
    assert_eq!(cell(&new, "computed_value", 0), "1.0");
}

#[test]
fn hidden_and_blank_rows_and_formatted_ends() {
    let done = run("participatingAgencies06062025am.xlsx", |path| {
        let blank =
            Row { state: "", agency: "", agency_type: "", county: "", model: "", signed: "", link: "" };
        let other = Row { agency: "Gulf County Sheriff's Office", county: "Gulf County", ..BAY };
        workbook_with(path, &HEADERS, &[BAY, blank, other], |sheet| {
            sheet.set_row_hidden(1).unwrap();
            let grey = rust_xlsxwriter::Format::new().set_background_color("DDDDDD");
            for row in 4..1_504 {
                sheet.write_blank(row, 0, &grey).unwrap();
            }
        });
    });
    let rows = table(&done, "listings");
    assert_eq!((cell(&rows, "row_number", 0), cell(&rows, "row_number", 1)), ("2".into(), "4".into()));
    let lists = table(&done, "lists");
    assert_eq!((cell(&lists, "row_count", 0), cell(&lists, "blank_row_count", 0)), ("2".into(), "1".into()));
}

#[test]
fn a_pivot_beside_the_list_is_not_the_list() {
    let done = run("participatingAgencies06062025am.xlsx", |path| {
        let mut book = new_workbook();
        let pivot = book.add_worksheet();
        pivot.write_string(0, 0, "Row Labels").unwrap();
        pivot.write_string(0, 1, "Count of STATE").unwrap();
        let sheet = book.add_worksheet();
        for (header, column) in HEADERS.iter().zip(0..) {
            sheet.write_string(0, column, *header).unwrap();
        }
        sheet.write_string(1, 0, "FLORIDA").unwrap();
        sheet.write_string(1, 1, BAY.agency).unwrap();
        sheet.write_string(1, 4, BAY.model).unwrap();
        book.save(path).unwrap();
    });
    assert_eq!(table(&done, "listings").row_count(), 1);
    let reason = cell(&table(&done, "lists"), "reason", 0);
    assert_eq!(reason, "sheet \"Sheet1\" is no list and was passed over");
}

#[test]
fn of_a_wrapped_link_only_the_target_is_kept() {
    let wrapped = "https://gcc02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.ice.gov%2Fx.pdf&data=05%7Cjane.doe%40agency.gov%7C1";
    let mail = Row {
        link: "mailto:jane.doe@agency.gov",
        agency: "Gulf County Sheriff's Office jane.doe@agency.gov",
        ..BAY
    };
    let done = run("participatingAgencies06062025am.xlsx", |path| {
        workbook(path, &[Row { link: wrapped, ..BAY }, mail])
    });
    let rows = table(&done, "listings");
    assert_eq!(cell(&rows, "moa_url", 0), "https://www.ice.gov/x.pdf");
    assert_eq!(cell(&rows, "moa_link_printed", 0), "https://www.ice.gov/x.pdf");
    for spec in done.results.specs.tables.iter() {
        let (table, frame) = (&spec.name, table(&done, &spec.name));
        for text in crate::support::rows(&frame).iter().flat_map(|row| row.values()) {
            assert!(!text.contains("jane.doe") && !text.contains("safelinks"), "{table}: {text}");
        }
    }
}

/// Rows that could get one key: names that make one id, and a cell with an odd link and an odd text.
#[test]
fn odd_rows_keep_keys_unique() {
    let names =
        ["Florida Fish & Wildlife", "Florida Fish Wildlife", "!!!", "???", "County of County of County"];
    let mut rows: Vec<Row> = names.iter().map(|agency| Row { agency, ..BAY }).collect();
    rows.push(Row { link: "mailto:jane.doe@agency.gov", ..BAY });
    // The odd rows are so few that the file counts as a list.
    let others: Vec<String> = (0..8).map(|n| format!("Bay County Constable Precinct {n}")).collect();
    rows.extend(others.iter().map(|agency| Row { agency, county: "", ..BAY }));
    let done = run("participatingAgencies06062025am.xlsx", |path| {
        workbook_with(path, &HEADERS, &rows, |sheet| {
            let text = "https:/www.ice.gov/x.pdf ";
            let link = rust_xlsxwriter::Url::new("mailto:jane.doe@agency.gov");
            sheet.write_url_with_text(6, 6, link, text).unwrap();
        });
    });
    assert!(done.checks.iter().all(|check| check.passed || !check.blocking));
    let fish = where_is(&done, "listings", "county_printed", "Bay County");
    assert_eq!(cell(&fish, "agency_id", 0), cell(&fish, "agency_id", 1));
    assert_eq!(cell(&fish, "moa_url", 5), "https://www.ice.gov/x.pdf");
    let repair = where_is(&done, "repairs", "column", "MOA");
    assert_eq!(cell(&repair, "repair_rule", 0), "mailbox_withheld+edge_spaces+missing_slash");
}

/// A town's police without a county makes a floor under the rules that would take it, and under no other.
#[test]
fn a_figure_is_a_floor_only_under_rules_that_take_the_lost_body() {
    let lost =
        Row { agency: "Atlantis Keys Police Department", agency_type: "Municipality", county: "", ..BAY };
    let done = run("participatingAgencies06062025am.xlsx", |path| workbook(path, &[lost]));
    let rows = where_is(&done, "coverage", "geography", "FL");
    for at in 0..rows.row_count() {
        let taken = !matches!(cell(&rows, "rule", at).as_str(), "sheriff" | "county_agency")
            && matches!(cell(&rows, "model_group", at).as_str(), "TFM" | "all");
        assert_eq!(cell(&rows, "unplaced_agency_count", at) == "1", taken, "{at}");
    }
}

#[test]
fn what_belongs_to_no_column_or_row_is_counted_and_said() {
    let done = run("participatingAgencies06062025am.xlsx", |path| {
        workbook_with(path, &HEADERS, &[BAY], |sheet| {
            sheet.write_string(2, 20, "alone").unwrap();
            sheet
                .write_url_with_text(5, 6, rust_xlsxwriter::Url::new("https://www.ice.gov/x.pdf"), " ")
                .unwrap();
        });
    });
    let lists = table(&done, "lists");
    let reason = cell(&lists, "reason", 0);
    for part in [
        "1 values outside the layout's columns were set aside",
        "1 rows with nothing but such values were set aside",
        "1 links that lead nowhere, lie behind no row or are too long were set aside",
    ] {
        assert!(reason.contains(part), "{reason}");
    }
    let conserved = done.checks.iter().find(|c| c.name == "rows_are_conserved").unwrap();
    assert_eq!((conserved.expected.as_str(), conserved.passed), ("2 rows read of 1 lists", true));
    assert_eq!((cell(&lists, "row_count", 0), cell(&lists, "blank_row_count", 0)), ("1".into(), "0".into()));
}

#[test]
fn a_participating_list_without_rows_is_not_the_end_of_all_agreements() {
    let dir = tempfile::tempdir().unwrap();
    workbook(&dir.path().join("participatingAgencies06062025am.xlsx"), &[BAY]);
    workbook(&dir.path().join("participatingAgencies06072025am.xlsx"), &[]);
    workbook(&dir.path().join("participatingAgencies06082025am.xlsx"), &[BAY]);
    let done = dry_run(&[dir.path().to_owned()]);
    let empty = where_is(&done, "lists", "file_name", "participatingAgencies06072025am.xlsx");
    assert_eq!(cell(&empty, "list_status", 0), "quarantined");
    let agreement = table(&done, "agreements");
    assert_eq!(cell(&agreement, "agreement_status", 0), "active");
}

#[test]
fn kind_is_decided_by_content_not_by_name() {
    let done = {
        let dir = tempfile::tempdir().unwrap();
        let pending = dir.path().join("participatingAgencies06062025pm.xlsx");
        workbook_with(&pending, &HEADERS[..5], &[BAY], |_| {});
        let participating = dir.path().join("pendingAgencies06062025am.xlsx");
        workbook(&participating, &[BAY]);
        dry_run(&[pending, participating])
    };
    let lists = table(&done, "lists");
    let kinds: Vec<_> =
        (0..2).map(|at| (cell(&lists, "file_name", at), cell(&lists, "list_kind", at))).collect();
    assert!(kinds.contains(&("participatingAgencies06062025pm.xlsx".into(), "pending".into())), "{kinds:?}");
}

#[test]
fn an_agreement_is_followed_over_the_lists() {
    let dir = tempfile::tempdir().unwrap();
    let gulf = Row { agency: "Gulf County Sheriff's Office", county: "Gulf County", ..BAY };
    let moved = Row { signed: "2025-02-28", ..BAY };
    let lists: Vec<_> = [
        ("06062025am", vec![BAY, gulf]),
        ("06092025am", vec![BAY]),
        ("06102025am", vec![moved]),
        ("06112025am", vec![moved, gulf]),
    ]
    .iter()
    .map(|(day, rows)| {
        let path = dir.path().join(format!("participatingAgencies{day}.xlsx"));
        workbook(&path, rows);
        path
    })
    .collect();
    let events = |done: &RunOutput, name: &str| {
        let agency = where_is(done, "agencies", "agency_name", name);
        let id = format!("{}-TFM", cell(&agency, "agency_id", 0));
        let rows = where_is(done, "agreement_events", "agreement_id", &id);
        let mut found: Vec<_> = (0..rows.row_count())
            .map(|at| (cell(&rows, "list_date", at), cell(&rows, "event", at)))
            .collect();
        found.sort();
        let agreement = where_is(done, "agreements", "agreement_id", &id);
        (found, cell(&agreement, "agreement_status", 0), cell(&agreement, "spell_count", 0))
    };
    let gone = dry_run(&lists[..2]);
    assert_eq!(events(&gone, gulf.agency).1, "unconfirmed", "one list without it is not enough");
    assert_eq!(events(&dry_run(&lists[..3]), gulf.agency).1, "ended");
    let back = dry_run(&lists);
    let (found, status, spells) = events(&back, gulf.agency);
    assert_eq!(
        found,
        [("2025-06-06", "listed"), ("2025-06-09", "unlisted"), ("2025-06-11", "relisted")]
            .map(|(day, event)| (day.to_owned(), event.to_owned()))
    );
    assert_eq!((status.as_str(), spells.as_str()), ("active", "2"));
    assert!(events(&back, BAY.agency).0.contains(&("2025-06-10".into(), "re_dated".into())));
}

/// Cell errors are read as texts, whether a program knows them or not; a second list is set aside and reported.
#[test]
fn odd_cells_and_sheets() {
    let done = run("participatingAgencies06062025am.xlsx", |path| {
        let mut book = new_workbook();
        let hidden = book.add_worksheet();
        let put = |sheet: &mut rust_xlsxwriter::Worksheet, rows: &[[&str; 5]]| {
            let headers = ["STATE", "LAW ENFORCEMENT AGENCY", "SUPPORT TYPE", "SIGNED", "MOA"];
            for (cells, row) in std::iter::once(&headers).chain(rows).zip(0..) {
                for (text, column) in cells.iter().zip(0..) {
                    sheet.write_string(row, column, *text).unwrap();
                }
            }
        };
        let row = ["FLORIDA", BAY.agency, "Task Force Model", "2025-03-01", "link"];
        put(hidden, &[row, row, row]);
        hidden.set_hidden(true);
        let shown = book.add_worksheet();
        put(shown, &[row]);
        let formula = rust_xlsxwriter::Formula::new("=1/0").set_result("#SPILL!");
        shown.write_formula(1, 4, formula).unwrap();
        shown.set_active(true);
        book.save(path).unwrap();
    });
    let rows = table(&done, "listings");
    assert_eq!(rows.row_count(), 1, "the visible sheet is the list");
    assert_eq!(cell(&rows, "moa_printed", 0), "#SPILL!");
    let lists = table(&done, "lists");
    let reason = cell(&lists, "reason", 0);
    assert_said!(reason);
}
