//! Odd workbooks: every legal shape of a list is read right, everything else is refused with its reason.

mod by_calamine;
mod folders;
mod programs;
mod shapes;

use crate::support::books::*;
use crate::support::numbers::Numbers;
use coverage287::acquire::{Offered, OfferedContent, Refusal};
use coverage287::read::RawList;
use coverage287::spec::{SpecFiles, Specs};

fn shipped() -> Specs {
    Specs::load(&SpecFiles::default()).unwrap()
}

/// Returns the list that a run reads from a file.
fn read_as(file_name: &str, bytes: Vec<u8>, specs: &Specs) -> Result<RawList, Box<Refusal>> {
    let offered = Offered {
        file_name: file_name.into(),
        is_named: true,
        content: OfferedContent::Bytes(bytes),
        content_sha256: None,
        stored_as: None,
    };
    let list = crate::support::read_one(&offered, specs).list;
    // A panic is caught and becomes a refusal; the test is that there is none.
    assert_ne!(list.as_ref().err(), Some(&Refusal::GaveUp), "{file_name}");
    list.map_err(Box::new)
}

const NAME: &str = "participatingAgencies06062025am.xlsx";

/// Renames parts, and the references to them.
fn renamed(parts: &Parts, from: &str, to: &str, refers: &[(&str, &str, &str)]) -> Parts {
    let mut parts = parts.clone();
    for (part, before, after) in refers {
        parts = with(&parts, part, |xml| xml.replace(before, after));
    }
    parts
        .into_iter()
        .map(|(name, content)| (if name == from { to.to_owned() } else { name }, content))
        .collect()
}

fn utf_16(text: &str, mark: &[u8]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// Writes the number of a shared text otherwise, in the cells of a column that hold one.
fn numbers_as(parts: &Parts, from: &str, to: &str) -> Parts {
    with(parts, SHEET, |xml| xml.replace(from, to))
}

/// Replaces a text in a part by something legal, or something that looks so.
fn alter(parts: &mut Parts, numbers: &mut Numbers) {
    const CHANGES: [(&str, &str, &str); 40] = [
        (SHEET, "<v>1", "<v>2"),
        (SHEET, "<v>2", "<v>"),
        (SHEET, "</v>", "0</v>"),
        (SHEET, "<v>", "<v> "),
        (SHEET, " t=\"s\"", ""),
        (SHEET, " t=\"s\"", " t=\"n\""),
        (SHEET, " t=\"s\"", " t=\"str\""),
        (SHEET, " t=\"s\"", " t=\"e\""),
        (SHEET, " t=\"s\"", " t=\"b\""),
        (SHEET, " s=\"1\"", " s=\"0\""),
        (SHEET, " s=\"1\"", ""),
        (SHEET, " s=\"1\"", " s=\"2\""),
        (SHEET, "<v>4", "<v>-4"),
        (SHEET, "<v>4", "<v>0.4"),
        (SHEET, "<v>45", "<v>4.5e"),
        (SHEET, " r=\"B", " r=\"C"),
        (SHEET, " r=\"A", " r=\"AA"),
        (SHEET, "<row r=\"3\"", "<row r=\"4\""),
        (SHEET, "<row r=\"5\"", "<row"),
        (SHEET, "<row r=\"2\"", "<row hidden=\"1\" r=\"2\""),
        (SHEET, "</row>", ""),
        (SHEET, "<c ", "<!-- <c/> --><c "),
        (SHEET, "ref=\"G2\"", "ref=\"G2:H5\""),
        (SHEET, "ref=\"G3\"", "ref=\"G4\""),
        (SHEET, "r:id=\"rId2\"", "r:id=\"rId1\""),
        (SHEET, "r:id=\"rId2\"", "location=\"A1\""),
        (STRINGS, "<si>", "<si/><si>"),
        (STRINGS, "<t xml:space=\"preserve\">", "<t> "),
        (STRINGS, "</t>", " </t>"),
        (STRINGS, "</t></si>", "</t><t>x</t></si>"),
        (STRINGS, "County", "Co_x0041_unty"),
        (STRINGS, "County", "Co&#x75;nty"),
        (STRINGS, "<t xml:space=\"preserve\">", "<r><t>x</t></r><t xml:space=\"preserve\">"),
        (STRINGS, "&amp;", "&"),
        (STYLES, "mm/dd/yyyy", "0.00"),
        (STYLES, "mm/dd/yyyy", "[h]:mm"),
        (STYLES, "numFmtId=\"164\" fontId", "numFmtId=\"14\" fontId"),
        (WORKBOOK, "<sheets>", "<workbookPr date1904=\"true\"/><sheets>"),
        (SHEET_RELS, "TargetMode=\"External\"", ""),
        (SHEET_RELS, "rId1", "rId8"),
    ];
    let (name, from, to) = CHANGES[numbers.below(CHANGES.len())];
    let part = parts.iter_mut().find(|(part, _)| part == name).unwrap();
    let text = String::from_utf8_lossy(&part.1).into_owned();
    let places: Vec<usize> = text.match_indices(from).map(|(at, _)| at).collect();
    if places.is_empty() {
        return;
    }
    let at = places[numbers.below(places.len())];
    part.1 = format!("{}{to}{}", &text[..at], &text[at + from.len()..]).into_bytes();
}

/// Returns a changed workbook.
fn altered(plain: &Parts, numbers: &mut Numbers) -> Parts {
    let mut parts = plain.clone();
    for _ in 0..=numbers.below(3) {
        alter(&mut parts, numbers);
    }
    parts
}
