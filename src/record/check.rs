//! Compares the record with workbooks: each list must be, cell by cell, what reading its workbook gives.

use rayon::prelude::*;

use super::Record;
use super::parse::SLOT_NAMES;
use crate::acquire::Offered;
use crate::read::{RawList, Store, read};
use crate::spec::Specs;

/// The result of comparing the record with workbooks.
#[derive(Debug, Default)]
pub struct ComparedRecord {
    /// Lists of the record.
    pub recorded: usize,
    /// Lists among these whose workbook is at hand.
    pub compared: usize,
    pub different: Vec<Difference>,
    /// Names of files that are lists and that the record does not have.
    pub not_recorded: Vec<String>,
    /// Names of files that are no lists, with the reason.
    pub refused: Vec<(String, String)>,
}

/// A list that differs between the record and its workbook.
#[derive(Debug)]
pub struct Difference {
    pub file_name: String,
    /// Its file in the record.
    pub path: String,
    pub differences: Vec<String>,
}

/// Reads the workbooks and compares each with the list of the record that was taken from the same bytes.
pub fn check(record: &Record, offered: &[Offered], specs: &Specs) -> ComparedRecord {
    enum Found {
        Same(usize),
        Different(usize, Difference),
        NotRecorded(String),
        Refused(String, String),
    }
    let at_of = |file: &Offered| {
        let by_id = file.list_id().and_then(|id| record.position(&id));
        let sha256 = file.content_sha256.as_deref();
        // A file may have another name now than when it was recorded.
        by_id.or_else(|| record.lists().iter().position(|list| Some(list.head.sha256.as_str()) == sha256))
    };
    let compare = |file: &Offered| match (at_of(file), read(file, specs, &Store::none()).list) {
        (None, Ok(_)) => Found::NotRecorded(file.file_name.clone()),
        (None, Err(refusal)) => Found::Refused(file.file_name.clone(), refusal.to_string()),
        (Some(at), list) => {
            let differences = match (list, record.list(at, &specs.layouts)) {
                (Ok(list), Ok(recorded)) => differences(&list, &recorded),
                (Err(refusal), _) => vec![format!("the workbook is refused: {refusal}")],
                (_, Err(refusal)) => vec![format!("the recorded list is refused: {refusal}")],
            };
            if differences.is_empty() {
                return Found::Same(at);
            }
            let path = record.lists()[at].path.clone();
            Found::Different(at, Difference { file_name: file.file_name.clone(), path, differences })
        }
    };
    let found: Vec<Found> = offered.par_iter().map(compare).collect();
    let mut compared = ComparedRecord { recorded: record.lists().len(), ..ComparedRecord::default() };
    let mut at_hand: Vec<usize> = Vec::new();
    for found in found {
        match found {
            Found::Same(at) => at_hand.push(at),
            Found::Different(at, difference) => {
                at_hand.push(at);
                compared.different.push(difference);
            }
            Found::NotRecorded(name) => compared.not_recorded.push(name),
            Found::Refused(name, reason) => compared.refused.push((name, reason)),
        }
    }
    at_hand.sort_unstable();
    at_hand.dedup();
    compared.compared = at_hand.len();
    compared
}

/// Lists every difference between two readings of a list, apart from the size of its file.
pub fn differences(workbook: &RawList, recorded: &RawList) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, one: &dyn std::fmt::Debug, other: &dyn std::fmt::Debug, same: bool| {
        if !same {
            found.push(format!("{what}: the workbook has {one:?}, the record {other:?}"));
        }
    };
    let (a, b) = (workbook, recorded);
    differ("layout", &a.layout.name, &b.layout.name, a.layout == b.layout);
    differ("header", &a.printed_columns, &b.printed_columns, a.printed_columns == b.printed_columns);
    differ("saved", &a.saved, &b.saved, a.saved == b.saved);
    differ("set aside", &a.aside, &b.aside, a.aside == b.aside);
    for (what, one, other) in [
        ("rows", a.rows.len() as u32, b.rows.len() as u32),
        ("rows with a value", a.rows_seen, b.rows_seen),
        ("blank rows", a.blank_rows, b.blank_rows),
        ("links that lead nowhere", a.lost_links, b.lost_links),
        ("stray cells", a.stray_cells, b.stray_cells),
        ("stray rows", a.stray_rows, b.stray_rows),
    ] {
        differ(what, &one, &other, one == other);
    }
    for (one, other) in a.rows.iter().zip(&b.rows) {
        let number = one.row_number;
        if number != other.row_number {
            differ(&format!("number of row {number}"), &number, &other.row_number, false);
        }
        for (slot, name) in SLOT_NAMES.iter().enumerate() {
            let one = one.slots[slot].map(|id| a.texts.get(id));
            let other = other.slots[slot].map(|id| b.texts.get(id));
            if one != other {
                differ(&format!("row {number} {name}"), &one, &other, false);
            }
        }
    }
    found
}
