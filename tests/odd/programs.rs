//! Exports of one list by many programs, and lists written for other readers to check.

use super::shapes::cases;
use super::{NAME, altered, read_as, shipped, utf_16};
use crate::support::books::*;
use crate::support::dry_run;
use crate::support::numbers::Numbers;
use coverage287::table::Table;
use std::path::Path;

/// Returns a list with its days as a spreadsheet program shows them.
fn as_shown(list: &Listed) -> Listed {
    let mut list = list.clone();
    for row in &mut list.rows {
        let day = row.cells[5].as_deref().and_then(|text| text.parse::<jiff::civil::Date>().ok());
        if let Some(day) = day {
            row.cells[5] = Some(day.strftime("%-m/%-d/%Y").to_string());
        }
    }
    list
}

/// Every form in which programs save one real list gives the same tables.
#[test]
fn every_programs_export_of_a_list_gives_the_same_tables() {
    let specs = shipped();
    let tidy = std::fs::read(&crate::support::four_lists()[1]).unwrap();
    let list = listed(&read_as("participatingAgencies06062025am.csv", tidy, &specs).unwrap());
    assert_eq!(list.rows.len(), 649);
    let name = "participatingAgencies06062025am";
    let xlsx = |manner: &Manner| archive(&parts(&list, manner));
    let forms: Vec<(&str, String, Vec<u8>)> = vec![
        ("Excel", format!("{name}.xlsx"), xlsx(&PLAIN)),
        ("openpyxl", format!("{name}.xlsx"), xlsx(&Manner { day_format: "yyyy-mm-dd h:mm:ss", ..PLAIN })),
        (
            "LibreOffice",
            format!("{name}.xlsx"),
            xlsx(&Manner {
                day_format: "[$-409]m/d/yyyy",
                has_blank_cells: true,
                blank_rows_after: 40,
                ..PLAIN
            }),
        ),
        (
            "Google Sheets",
            format!("{name}.xlsx"),
            xlsx(&Manner { day_format: "m/d/yyyy", has_blank_cells: true, blank_rows_after: 351, ..PLAIN }),
        ),
        (
            "Numbers",
            format!("{name}.xlsx"),
            xlsx(&Manner {
                day_format: "m/d/yy",
                has_blank_cells: true,
                sheet: "Sheet 1 - Table 1",
                sheet_before: Some("Export Summary"),
                ..PLAIN
            }),
        ),
        ("Open XML SDK", format!("{name}.xlsx"), xlsx(&Manner { prefix: "x:", is_inline: true, ..PLAIN })),
        ("OpenDocument", format!("{name}.ods"), archive(&open_document(&list))),
        ("CSV", format!("{name}.csv"), csv(&list, ',').into_bytes()),
        ("CSV with days as shown", format!("{name}.csv"), csv(&as_shown(&list), ',').into_bytes()),
        ("CSV with semicolons", format!("{name}.csv"), csv(&list, ';').into_bytes()),
        ("text with tabs in UTF-16", format!("{name}.tsv"), utf_16(&csv(&list, '\t'), &[0xFF, 0xFE])),
    ];
    let mut first: Option<(Table, Table)> = None;
    for (program, file_name, bytes) in forms {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(&file_name);
        std::fs::write(&path, bytes).unwrap();
        let done = dry_run(&[path]);
        // CSV has no links behind its cells; a list with another sheet has a note that says so.
        let is_text = !file_name.ends_with(".xlsx") && !file_name.ends_with(".ods");
        let links = ["moa_url", "addendum_url", "moa_link_printed", "addendum_link_printed"];
        let mut apart = vec!["list_id", "file_name", "sha256"];
        let reason = crate::support::cell(&crate::support::table(&done, "lists"), "reason", 0);
        if program == "Numbers" {
            assert_eq!(reason, "sheet \"Export Summary\" is no list and was passed over");
            apart.push("reason");
        } else {
            assert_eq!(reason, "", "{program}");
        }
        if is_text {
            apart.extend(links);
        }
        if program.ends_with("as shown") {
            apart.push("signed_printed");
        }
        let tables = ["listings", "lists"].map(|name| crate::support::table(&done, name));
        let Some((listings, lists)) = &first else {
            assert_eq!(tables[0].row_count(), 649);
            first = Some(tables.into());
            continue;
        };
        for (found, expected) in tables.iter().zip([listings, lists]) {
            assert_eq!(found.row_count(), expected.row_count(), "{program}");
            for column in expected.names().into_iter().filter(|name| !apart.contains(name)) {
                let of = |table: &Table| table.select(&[column]).unwrap();
                assert!(of(found) == of(expected), "{program}: {column}");
            }
        }
    }
}

/// Writes altered workbooks, and what is read of each, for a reader in another language.
#[test]
fn written_for_other_readers() {
    let specs = shipped();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("odd");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    let mut numbers = Numbers(0x2870_2026_1130_0002);
    let plain = parts(&short_list(), &PLAIN);
    let inline = parts(&short_list(), &Manner { is_inline: true, prefix: "x:", ..PLAIN });
    let odd = cases().into_iter().map(|(name, parts, _)| (name.to_owned(), parts));
    let made = (0..400)
        .map(|n| (format!("altered {n}"), altered(if n % 4 == 0 { &inline } else { &plain }, &mut numbers)));
    let mut index = Vec::new();
    for (at, (name, parts)) in odd.chain(made).enumerate() {
        let bytes = archive(&parts);
        let Ok(list) = read_as(NAME, bytes.clone(), &specs) else { continue };
        let found = listed(&list);
        let rows: Vec<serde_json::Value> = found
            .rows
            .iter()
            .map(|row| serde_json::json!({ "row": row.number, "cells": row.cells, "links": row.links }))
            .collect();
        let file = format!("{at:04}.xlsx");
        std::fs::write(folder.join(&file), bytes).unwrap();
        index.push(serde_json::json!({ "file": file, "name": name, "headers": found.headers, "rows": rows }));
    }
    assert!(index.len() > 150, "{}", index.len());
    println!("{} workbooks left for other readers in {}", index.len(), folder.display());
    std::fs::write(folder.join("index.json"), serde_json::to_vec(&index).unwrap()).unwrap();
}
