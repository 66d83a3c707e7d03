//! Our reading held against that of calamine, an independent reader.

use super::{NAME, altered, read_as, shipped};
use crate::support::books::*;
use crate::support::numbers::Numbers;
use crate::support::shared;
use calamine::{DataRef, Reader, Xlsx};
use coverage287::read::RawList;
use std::collections::BTreeMap;
use std::io::Cursor;

/// The first sheet as calamine reads it: cells by row and column, both counted from 1, and links by cell.
type Cells = BTreeMap<(u32, u32), String>;

fn by_calamine(bytes: &[u8]) -> Option<(Cells, Cells)> {
    let read = || {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).ok()?;
        let sheet = book.sheets_metadata().first()?.name.clone();
        let mut cells = Cells::new();
        let mut reader = book.worksheet_cells_reader(&sheet).ok()?;
        while let Some(cell) = reader.next_cell().ok()? {
            let (row, column) = cell.get_position();
            let text = match cell.get_value() {
                DataRef::Empty => String::new(),
                DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                    text.clone()
                }
                DataRef::SharedString(text) => (*text).to_owned(),
                DataRef::Bool(is) => is.to_string().to_uppercase(),
                DataRef::Int(number) => number.to_string(),
                DataRef::Float(number) => number.to_string(),
                DataRef::DateTime(day) => {
                    let (year, month, day_of, hour, minute, second, _) = day.to_ymd_hms_milli();
                    if (hour, minute, second) == (0, 0, 0) {
                        format!("{year:04}-{month:02}-{day_of:02}")
                    } else {
                        format!("{year:04}-{month:02}-{day_of:02}T{hour:02}:{minute:02}:{second:02}")
                    }
                }
                DataRef::Error(error) => error.to_string(),
            };
            if !text.trim().is_empty() {
                cells.insert((row + 1, column + 1), text);
            }
        }
        drop(reader);
        let mut links = Cells::new();
        for link in book.hyperlinks_by_sheet_name(&sheet).ok()? {
            let Some(target) = link.target else { continue };
            for row in link.range.start.0..=link.range.end.0.min(20_000) {
                for column in link.range.start.1..=link.range.end.1.min(20) {
                    links.insert((row + 1, column + 1), target.clone());
                }
            }
        }
        // Our reading keeps the target of a wrapped link.
        for text in cells.values_mut().chain(links.values_mut()) {
            *text = coverage287::addresses::without_mailboxes(text).into_owned();
        }
        Some((cells, links))
    };
    std::panic::catch_unwind(read).ok()?
}

/// Returns the cells and links that we and calamine read differently.
fn differences(ours: &RawList, (cells, links): &(Cells, Cells)) -> Vec<String> {
    let found = listed(ours);
    let header = cells.keys().map(|(row, _)| *row).min().unwrap_or(0);
    // A list may begin in another column than the first.
    let before = cells.keys().find(|(row, _)| *row == header).map_or(0, |(_, column)| column - 1);
    let width = found.headers.len() as u32;
    // The positions of the columns with links; a list need not have both.
    let linked = ["MOA", "ADDENDUM"].map(|name| {
        let at = found.headers.iter().position(|header| header == name);
        at.map_or(0, |at| before + 1 + at as u32)
    });
    let mut mine = Cells::new();
    let mut my_links = Cells::new();
    for row in &found.rows {
        for (column, cell) in (1..).zip(&row.cells) {
            if let Some(cell) = cell.as_ref().filter(|cell| !cell.trim().is_empty()) {
                mine.insert((row.number, column + before), cell.clone());
            }
        }
        for (column, link) in linked.into_iter().zip(&row.links) {
            if let Some(link) = link {
                my_links.insert((row.number, column), link.clone());
            }
        }
    }
    let is_of_list =
        |(row, column): &(u32, u32)| *row > header && (before + 1..=before + width).contains(column);
    let theirs: Cells =
        cells.iter().filter(|(at, _)| is_of_list(at)).map(|(at, text)| (*at, text.clone())).collect();
    let rows: Vec<u32> = found.rows.iter().map(|row| row.number).collect();
    let is_linked = |(row, column): &(u32, u32)| rows.contains(row) && linked.contains(column);
    // To calamine, a place within the workbook is no target.
    let is_inside = |at: &(u32, u32)| my_links.get(at).is_some_and(|link| link.starts_with('#'));
    let their_links: Cells = links
        .iter()
        .filter(|(at, _)| is_linked(at) && !is_inside(at))
        .map(|(at, text)| (*at, text.clone()))
        .collect();
    my_links.retain(|_, link| !link.starts_with('#'));
    let mut said = Vec::new();
    for (mine, theirs) in [(&mine, &theirs), (&my_links, &their_links)] {
        let places: std::collections::BTreeSet<&(u32, u32)> = mine.keys().chain(theirs.keys()).collect();
        // calamine reads a day before the first day as the first day; we read a number.
        let is_before_all = |place: &(u32, u32)| {
            let number = mine.get(place).and_then(|text| text.parse::<f64>().ok());
            number.is_some_and(|number| number < 0.0)
                && theirs.get(place).is_some_and(|day| ["1899-12-31", "1904-01-01"].contains(&day.as_str()))
        };
        let differ = |place: &&(u32, u32)| mine.get(place) != theirs.get(place) && !is_before_all(place);
        for place in places.into_iter().filter(differ) {
            said.push(format!("{place:?}: {:?}, calamine {:?}", mine.get(place), theirs.get(place)));
        }
    }
    said
}

#[test]
fn what_both_accept_calamine_reads_alike() {
    let specs = shipped();
    let plain = parts(&short_list(), &PLAIN);
    let mut numbers = Numbers(0x2870_2026_1130_0001);
    let (mut both, mut refused, mut apart) = (0, 0, Vec::new());
    for round in 0..6_000 {
        let altered = altered(&plain, &mut numbers);
        let bytes = archive_with(&altered, ::zip::CompressionMethod::Stored);
        let ours = read_as(NAME, bytes.clone(), &specs);
        let Ok(ours) = ours else {
            refused += 1;
            continue;
        };
        // To calamine, a number with spaces around it is no number, and then means the first text.
        let sheet = altered.iter().find(|(name, _)| name == SHEET).unwrap();
        if memchr::memmem::find(&sheet.1, b"<v> ").is_some() {
            continue;
        }
        let Some(theirs) = by_calamine(&bytes) else { continue };
        both += 1;
        let said = differences(&ours, &theirs);
        if !said.is_empty() {
            apart.push(format!("round {round}: {}", said[..said.len().min(3)].join("; ")));
        }
    }
    assert!(apart.is_empty(), "{} differ:\n{}", apart.len(), apart[..apart.len().min(20)].join("\n"));
    println!("6000 altered workbooks: {both} read by both, {refused} refused");
    assert!(both > 1_000 && refused > 500, "{both} {refused}");
}

/// calamine reads every cell and link of the real workbooks alike.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn every_workbook_of_the_archive_calamine_reads_alike() {
    let shared = shared();
    let specs = shipped();
    let (mut alike, mut unread) = (0, 0);
    for folder in ["participating", "pending"] {
        for entry in std::fs::read_dir(shared.join("archive").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            // Its name says no more than that it is read.
            let Ok(ours) = read_as(NAME, bytes.clone(), &specs) else { continue };
            let Some(theirs) = by_calamine(&bytes) else {
                unread += 1;
                continue;
            };
            let said = differences(&ours, &theirs);
            assert!(said.is_empty(), "{}: {}", path.display(), said[..said.len().min(5)].join("; "));
            alike += 1;
        }
    }
    println!("{alike} workbooks of the archive read alike, {unread} by ours alone");
    assert!(alike > 500 && unread < 20, "{alike} {unread}");
}
