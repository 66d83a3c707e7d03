//! Workbooks that want to do harm, or were cut on their way: refused with a reason, never a panic, never a
//! part of a list.

use coverage287::acquire::{Content, Offered};
use coverage287::read::{ReadFile, Store, read};
use coverage287::spec::{SpecFiles, Specs};

use crate::support::{BAY, HEADERS, Row, workbook, workbook_with};

fn read_bytes(bytes: Vec<u8>, specs: &Specs) -> ReadFile {
    let offered = Offered {
        file_name: "participatingAgencies06062025am.xlsx".into(),
        is_named: true,
        content: Content::Bytes(bytes),
        workbook_sha256: None,
        content_sha256: None,
    };
    read(&offered, &specs.layouts, &specs.agreements, &Store::none())
}

fn made(make: impl FnOnce(&std::path::Path)) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made.xlsx");
    make(&path);
    std::fs::read(path).unwrap()
}

#[test]
fn far_apart_cells_take_no_memory() {
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let bytes = made(|path| {
        workbook_with(path, &HEADERS, &[BAY], |sheet| {
            sheet.write_string(1_048_575, 16_383, "far").unwrap();
        });
    });
    let refusal = read_bytes(bytes, &specs).list.unwrap_err();
    assert!(refusal.to_string().contains("widest row"), "{refusal}");
    let bytes = made(|path| {
        workbook_with(path, &HEADERS, &[BAY], |sheet| {
            sheet.write_blank(1_048_575, 16_383, &rust_xlsxwriter::Format::new().set_bold()).unwrap();
        });
    });
    let list = read_bytes(bytes, &specs).list.unwrap();
    assert_eq!((list.rows.len(), list.blank_rows), (1, 1_048_574));
}

#[test]
fn a_workbook_cut_at_every_64th_byte_is_refused() {
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let whole = made(|path| workbook(path, &[BAY, Row { agency: "Gulf County Sheriff's Office", ..BAY }]));
    assert_eq!(read_bytes(whole.clone(), &specs).list.unwrap().rows.len(), 2);
    for end in (0..whole.len()).step_by(64) {
        let refusal = read_bytes(whole[..end].to_vec(), &specs).list.unwrap_err();
        assert!(!refusal.to_string().is_empty(), "cut at {end}");
    }
}

#[test]
fn a_flipped_byte_makes_no_panic_and_no_part_of_a_list() {
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let whole = made(|path| workbook(path, &[BAY, Row { agency: "Gulf County Sheriff's Office", ..BAY }]));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xFF;
        // Bytes that no reader looks at (time stamps, comments) leave the list whole.
        if let Ok(list) = read_bytes(bytes, &specs).list {
            assert_eq!(list.rows.len(), 2, "flipped at {at}");
        }
    }
}

#[test]
fn a_tidy_list_with_odd_row_numbers_is_refused() {
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let header = "ROW,STATE,LAW ENFORCEMENT AGENCY,SUPPORT TYPE,SIGNED,MOA\n";
    for (rows, expected) in [
        ("1,FLORIDA,a,b,c,d\n", "does not come after"),
        ("3,FLORIDA,a,b,c,d\n3,FLORIDA,a,b,c,d\n", "does not come after"),
        ("4294967296,FLORIDA,a,b,c,d\n", "is not a row number"),
        ("-2,FLORIDA,a,b,c,d\n", "is not a row number"),
        ("2,FLORIDA,a\n", "is damaged"),
    ] {
        let offered = Offered {
            file_name: "list06062025.csv".into(),
            is_named: true,
            content: Content::Bytes(format!("{header}{rows}").into_bytes()),
            workbook_sha256: None,
        content_sha256: None,
        };
        let refusal = read(&offered, &specs.layouts, &specs.agreements, &Store::none()).list.unwrap_err();
        assert!(refusal.to_string().contains(expected), "{refusal}");
    }
}
