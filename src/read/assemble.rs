//! Turns cells, in the order of a sheet, into the rows of a list: matches the header, counts blanks, keeps bounds.

use std::ops::RangeInclusive;

use super::raw::{Pool, RawList, RawRow, Sizes, TextId};
use crate::acquire::Refusal;
use crate::read::cell_slot;
use crate::shown::{is_invisible, quoted};
use crate::spec::{Bounds, Field, Layout, Layouts};
use crate::text::counted;

/// Builds a [`RawList`] cell by cell. Rows and columns are counted from 1.
pub struct Assembler<'a> {
    sheet: String,
    layouts: &'a Layouts,
    bounds: &'a Bounds,
    pool: Pool,
    /// Cells of the current row.
    row: Vec<(u32, TextId)>,
    /// Whether any of them holds more than spaces.
    has_value: bool,
    row_number: u32,
    /// Last row with a value.
    last_row: u32,
    header: Option<Header>,
    above: Vec<RowAbove>,
    rows: Vec<RawRow>,
    stray_cells: u32,
    stray_rows: u32,
    lost_links: u32,
    lost_formulas: u32,
    /// Values that another cell hides.
    covered: u32,
    /// Rows that links and joined cells may still touch.
    linkable: u64,
    /// Rows after the header with a value anywhere.
    rows_seen: u32,
    widest: u32,
    longest: usize,
}

/// Most rows, such as a title's, that may stand above the header.
pub const ROWS_ABOVE: usize = 10;

/// Most headers that a message shows, and most characters of each.
const HEADERS_SHOWN: usize = 20;
const HEADER_CHARS: usize = 60;

/// Rows that all links and joined cells of a sheet may touch together.
const LINKED_ROWS: u64 = 1_000_000;

struct Header {
    row: u32,
    /// Empty columns before the list, where it does not begin in column A.
    before: u32,
    layout: Layout,
    printed: Vec<String>,
}

/// A row with values above the header.
struct RowAbove {
    row: u32,
    cells: Vec<String>,
}

impl<'a> Assembler<'a> {
    pub fn new(sheet: &str, layouts: &'a Layouts, bounds: &'a Bounds) -> Self {
        Self {
            sheet: sheet.to_owned(),
            layouts,
            bounds,
            pool: Pool::default(),
            row: Vec::new(),
            has_value: false,
            row_number: 0,
            last_row: 0,
            header: None,
            above: Vec::new(),
            rows: Vec::new(),
            stray_cells: 0,
            stray_rows: 0,
            lost_links: 0,
            lost_formulas: 0,
            covered: 0,
            linkable: LINKED_ROWS,
            rows_seen: 0,
            widest: 0,
            longest: 0,
        }
    }

    /// Takes the next cell; `text` is `None` or empty for a blank one. A cell with nothing but spaces is kept as
    /// printed beside others, but makes no row by itself.
    ///
    /// # Errors
    /// A cell out of order or beyond the bounds, or an unknown header.
    pub fn cell(&mut self, row: u32, column: u32, text: Option<&str>) -> Result<(), Refusal> {
        if row != self.row_number {
            if row < self.row_number {
                return Err(
                    self.bad_row(row, format!("comes after row {}: the sheet is damaged", self.row_number))
                );
            }
            self.end_row()?;
            self.row_number = row;
        }
        if self.row.last().is_some_and(|(before, _)| *before >= column) {
            return Err(self.bad_row(row, format!("column {column} does not come after the one before it")));
        }
        let too_large = |what, limit: u64, unit| Err(Refusal::TooLarge { what, limit, unit });
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(()) };
        // The longest character has four bytes.
        if text.len() > self.bounds.cell_chars.saturating_mul(4) {
            return Err(self.cell_too_large(row, column));
        }
        let is_white = text.trim().is_empty();
        if is_white && (self.header.is_none() || column > self.bounds.columns) {
            return Ok(());
        }
        if column > self.bounds.columns {
            return too_large("its widest row", self.bounds.columns.into(), "columns");
        }
        if self.rows.len() >= self.bounds.rows as usize {
            return too_large("the list", self.bounds.rows.into(), "rows");
        }
        let chars = if text.len() > self.longest { text.chars().count() } else { 0 };
        if chars > self.bounds.cell_chars {
            return Err(self.cell_too_large(row, column));
        }
        (self.widest, self.longest) = (self.widest.max(column), self.longest.max(chars));
        let text = self.pool.id(text).ok_or(Refusal::TooLarge {
            what: "the list's text",
            limit: u32::MAX.into(),
            unit: "bytes",
        })?;
        if self.pool.bytes() > self.bounds.text_bytes {
            return too_large("the list's text", self.bounds.text_bytes as u64, "bytes");
        }
        self.row.push((column, text));
        self.has_value |= !is_white;
        Ok(())
    }

    fn cell_too_large(&self, row: u32, column: u32) -> Refusal {
        Refusal::CellTooLarge { sheet: self.sheet.clone(), row, column, limit: self.bounds.cell_chars }
    }

    /// The bounds of a list.
    pub fn bounds(&self) -> &'a Bounds {
        self.bounds
    }

    /// The sheet's name.
    pub fn sheet(&self) -> &str {
        &self.sheet
    }

    /// Ends the sheet.
    ///
    /// # Errors
    /// A sheet without a header, or the last row's error.
    pub fn finish(mut self) -> Result<RawList, Refusal> {
        self.end_row()?;
        let Some(header) = self.header else {
            return Err(no_header(&self.sheet, &self.above, self.layouts));
        };
        let text_bytes = self.pool.bytes();
        let mut aside: Vec<String> = Vec::new();
        for above in &self.above {
            let said = above.cells.iter().filter(|text| !text.is_empty()).map(String::as_str);
            let said = quoted(&said.collect::<Vec<_>>().join(" | "));
            aside.push(format!("row {} above the header was set aside: {said}", above.row));
        }
        if self.lost_formulas > 0 {
            let cells = counted(self.lost_formulas as usize, "cell holds", "cells hold");
            aside.push(format!("{cells} a formula without its value; read as blank"));
        }
        if self.covered > 0 {
            let values = counted(self.covered as usize, "value lies", "values lie");
            aside.push(format!("{values} under merged cells, where nobody sees them; set aside"));
        }
        Ok(RawList {
            layout: header.layout,
            printed_columns: header.printed,
            blank_rows: self.last_row - header.row - self.rows_seen,
            rows_seen: self.rows_seen,
            rows: self.rows,
            stray_cells: self.stray_cells,
            lost_links: self.lost_links,
            texts: self.pool.into_texts(),
            stray_rows: self.stray_rows,
            aside,
            sizes: Sizes { columns: self.widest, cell_chars: self.longest, text_bytes, ..Sizes::default() },
            saved: None,
        })
    }

    /// Whether the header was read and is a layout's: then this sheet is the list.
    pub fn is_list(&self) -> bool {
        self.header.is_some()
    }

    /// Counts a link that has no target, or lies behind no row.
    pub fn lose_link(&mut self) {
        self.lose_links(1);
    }

    /// Counts so many lost links.
    pub fn lose_links(&mut self, count: u32) {
        self.lost_links = self.lost_links.saturating_add(count);
    }

    /// Counts a cell that has a formula without its value.
    pub fn lose_formula(&mut self) {
        self.lost_formulas = self.lost_formulas.saturating_add(1);
    }

    /// Columns that hold links, counted from 1; known once the header was read.
    pub fn linked_columns(&self) -> Vec<(u32, Field)> {
        let columns = self.header.iter().flat_map(|header| {
            header.layout.fields.iter().enumerate().map(|(at, field)| (header.before + at as u32 + 1, *field))
        });
        columns.filter(|(_, field)| field.is_linked()).collect()
    }

    /// Removes all values but the first from an area that is shown as one cell: nobody sees them.
    ///
    /// # Errors
    /// All such areas and links together touch too many rows.
    pub fn cover(&mut self, rows: RangeInclusive<u32>, columns: RangeInclusive<u32>) -> Result<(), Refusal> {
        let (first, end) = self.spend_rows(&rows)?;
        let Some(header) = &self.header else { return Ok(()) };
        let fields = header.layout.fields.iter().zip(header.before + 1..);
        let fields: Vec<(Field, u32)> = fields.map(|(field, column)| (*field, column)).collect();
        for row in &mut self.rows[first..end] {
            for (field, column) in fields.iter().filter(|(_, column)| columns.contains(column)) {
                let is_first = (row.row_number, *column) == (*rows.start(), *columns.start());
                let slot = &mut row.slots[cell_slot(*field)];
                self.covered += u32::from(!is_first && slot.is_some());
                *slot = slot.filter(|_| is_first);
            }
        }
        Ok(())
    }

    /// Sets aside rows that are empty once joined cells were [covered](Self::cover).
    pub fn drop_covered_rows(&mut self) {
        let before = self.rows.len();
        self.rows.retain(|row| row.slots.iter().any(Option::is_some));
        self.stray_rows += (before - self.rows.len()) as u32;
    }

    /// Returns the positions of the kept rows within these, and spends them.
    fn spend_rows(&mut self, rows: &RangeInclusive<u32>) -> Result<(usize, usize), Refusal> {
        let first = self.rows.partition_point(|row| row.row_number < *rows.start());
        let end = self.rows.partition_point(|row| row.row_number <= *rows.end()).max(first);
        let touched = (end - first).max(1) as u64;
        self.linkable = self.linkable.checked_sub(touched).ok_or(Refusal::TooLarge {
            what: "the reach of its links and joined cells",
            limit: LINKED_ROWS,
            unit: "rows",
        })?;
        Ok((first, end))
    }

    /// Puts a link behind the cells of the kept rows within these (counted from 1). A link that lies
    /// behind none of them, or is longer than a cell may be, is counted as lost.
    ///
    /// # Errors
    /// All links together touch too many rows.
    pub fn link(&mut self, rows: RangeInclusive<u32>, field: Field, target: &str) -> Result<(), Refusal> {
        let (first, end) = self.spend_rows(&rows)?;
        let fits = first < end && target.len() <= self.bounds.cell_chars;
        let Some(target) = fits.then(|| self.pool.id(target)).flatten() else {
            self.lose_link();
            return Ok(());
        };
        if self.pool.bytes() > self.bounds.text_bytes {
            let limit = self.bounds.text_bytes as u64;
            return Err(Refusal::TooLarge { what: "the list's text", limit, unit: "bytes" });
        }
        for row in &mut self.rows[first..end] {
            row.put_link(field, target);
        }
        Ok(())
    }

    /// Ends the current row, so that links can be put behind its cells.
    pub fn end_row(&mut self) -> Result<(), Refusal> {
        let cells = std::mem::take(&mut self.row);
        if !std::mem::replace(&mut self.has_value, false) {
            return Ok(());
        }
        self.last_row = self.row_number;
        let Some(header) = &self.header else { return self.look_for_header(&cells) };
        self.rows_seen += 1;
        let mut row = RawRow::new(self.row_number);
        let mut kept = false;
        for (column, text) in cells {
            let is_white = self.pool.text(text).trim().is_empty();
            let field =
                column.checked_sub(header.before + 1).and_then(|at| header.layout.fields.get(at as usize));
            match field {
                Some(field) => {
                    row.put(*field, text);
                    kept |= !is_white;
                }
                None => self.stray_cells += u32::from(!is_white),
            }
        }
        if kept {
            self.rows.push(row);
        } else {
            self.stray_rows += 1;
        }
        Ok(())
    }

    /// Takes a row as the header where it matches a layout, and else as a row above the header.
    fn look_for_header(&mut self, cells: &[(u32, TextId)]) -> Result<(), Refusal> {
        let width = cells.iter().map(|(column, _)| *column).max().unwrap_or(0);
        let mut printed = vec![String::new(); width as usize];
        for (column, text) in cells {
            self.pool.text(*text).clone_into(&mut printed[*column as usize - 1]);
        }
        let before = printed.iter().take_while(|text| text.is_empty()).count();
        if let Some(layout) = self.layouts.find(&as_headers(&printed[before..])) {
            // A row above the header that is as full as the list's own is not a title: the list was sorted with its
            // header.
            let is_full = |above: &&RowAbove| 4 * filled(above) >= 3 * layout.headers.len();
            if let Some(above) = self.above.iter().find(is_full) {
                let message = format!(
                    "looks like a row of the list, and the header is below it, in row {}",
                    self.row_number
                );
                return Err(self.bad_row(above.row, message));
            }
            printed.drain(..before);
            let before = before as u32;
            self.header = Some(Header { row: self.row_number, before, layout: layout.clone(), printed });
            return Ok(());
        }
        self.above.push(RowAbove { row: self.row_number, cells: printed });
        if self.above.len() <= ROWS_ABOVE {
            return Ok(());
        }
        Err(no_header(&self.sheet, &self.above, self.layouts))
    }

    /// The refusal of a row.
    pub fn bad_row(&self, row: u32, message: String) -> Refusal {
        Refusal::BadRow { sheet: self.sheet.clone(), row, message }
    }
}

fn filled(above: &RowAbove) -> usize {
    above.cells.iter().filter(|text| !text.trim().is_empty()).count()
}

/// The refusal of a sheet without a header; it shows the row with the most headers of a layout, the first of several.
fn no_header(sheet: &str, above: &[RowAbove], layouts: &Layouts) -> Refusal {
    let known = |row: &&RowAbove| {
        let headers = as_headers(&row.cells);
        let of = |layout: &Layout| headers.iter().filter(|header| layout.headers.contains(header)).count();
        layouts.layouts.iter().map(of).max().unwrap_or(0)
    };
    match above.iter().rev().max_by_key(known) {
        None => Refusal::NoSheet { sheet: sheet.to_owned() },
        Some(row) if known(&row) > 0 => unknown_header(sheet, row.row, &row.cells, layouts),
        Some(_) => {
            let first = &above[0];
            let cells = first.cells.iter().filter(|text| !text.is_empty()).map(String::as_str);
            let said = quoted(&cells.collect::<Vec<_>>().join(" | "));
            Refusal::NoHeader { sheet: sheet.to_owned(), row: first.row, said }
        }
    }
}

/// The refusal of a header that no layout has.
pub fn unknown_header(sheet: &str, row: u32, printed: &[String], layouts: &Layouts) -> Refusal {
    // The refusal is shown, so a mailbox typed into a header is withheld.
    let shown = |header: String| {
        let cut = header.char_indices().nth(HEADER_CHARS).map_or(header.len(), |(end, _)| end);
        if header.contains('@') { "[WITHHELD]".to_owned() } else { header[..cut].to_owned() }
    };
    let headers: Vec<String> = as_headers(printed).into_iter().take(HEADERS_SHOWN).map(shown).collect();
    let nearest = layouts.nearest(&headers);
    let columns: Vec<_> =
        headers.iter().map(|header| toml::Value::String(header.clone()).to_string()).collect();
    let kind = if headers.iter().any(|h| h == "SIGNED") { "participating" } else { "pending" };
    Refusal::UnknownHeader {
        sheet: sheet.to_owned(),
        row,
        nearest: nearest.map_or_else(String::new, |layout| layout.name.clone()),
        nearest_headers: nearest.map_or_else(Vec::new, |layout| layout.headers.clone()),
        entry: format!(
            "[[layout]]\nname = \"{kind}_new\"\nkind = \"{kind}\"\ncolumns = [{}]\nnote = \"since when\"",
            columns.join(", ")
        ),
        headers,
    }
}

/// Printed headers as layouts spell them: upper case, single spaces, no invisible characters.
pub fn as_headers(printed: &[String]) -> Vec<String> {
    printed.iter().map(|text| words(&text.replace(is_invisible, "")).to_uppercase()).collect()
}

/// Text with single spaces and none at its ends.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{SpecFiles, Specs};

    const HEADER: [&str; 5] = ["STATE", "LAW ENFORCEMENT AGENCY", "SUPPORT TYPE", "SIGNED", "MOA"];

    fn assemble(cells: &[(u32, u32, &str)]) -> Result<RawList, Refusal> {
        let specs = Specs::load(&SpecFiles::default()).unwrap();
        let bounds = Bounds { rows: 5, columns: 9, cell_chars: 30, ..specs.agreements.bounds };
        let mut assembler = Assembler::new("Sheet1", &specs.layouts, &bounds);
        for (at, header) in HEADER.iter().enumerate() {
            assembler.cell(1, at as u32 + 1, Some(header))?;
        }
        for (row, column, text) in cells {
            assembler.cell(*row, *column, Some(text))?;
        }
        assembler.finish()
    }

    #[test]
    fn blank_rows_are_counted_and_rows_keep_their_numbers() {
        let list = assemble(&[(2, 1, "FLORIDA"), (3, 1, "  "), (5, 1, "TEXAS"), (9, 2, "\u{a0}")]).unwrap();
        assert_eq!(list.rows.iter().map(|r| r.row_number).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(
            list.blank_rows, 2,
            "rows 3 and 4; what is blank after the last row is no part of the list"
        );
    }

    #[test]
    fn values_beside_the_layout_are_counted() {
        let list = assemble(&[(2, 1, "FLORIDA"), (2, 8, "stray"), (3, 9, "alone")]).unwrap();
        assert_eq!((list.rows.len(), list.stray_cells), (1, 2));
    }

    #[test]
    fn bounds_hold() {
        for (cells, what) in
            [(vec![(2, 10, "x")], "its widest row"), ((2..9).map(|row| (row, 1, "x")).collect(), "the list")]
        {
            match assemble(&cells) {
                Err(Refusal::TooLarge { what: found, .. }) => assert_eq!(found, what),
                other => panic!("{what}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_cell_that_is_too_large_is_named() {
        let refusal =
            assemble(&[(2, 1, "FLORIDA"), (3, 2, "a cell of more than thirty characters")]).unwrap_err();
        let said = refusal.to_string();
        assert!(
            said.contains("sheet \"Sheet1\" row 3 column 2: the cell is larger than 30 characters"),
            "{said}"
        );
    }

    #[test]
    fn rows_out_of_order_are_damage() {
        assert!(matches!(assemble(&[(4, 1, "a"), (3, 1, "b")]), Err(Refusal::BadRow { row: 3, .. })));
    }

    #[test]
    fn an_unknown_header_names_the_nearest_layout_and_the_entry_to_add() {
        let specs = Specs::load(&SpecFiles::default()).unwrap();
        let mut assembler = Assembler::new("Sheet1", &specs.layouts, &specs.agreements.bounds);
        for (at, header) in
            ["State ", "law enforcement  agency", "MODEL", "Signed", "jane.doe@agency.gov"].iter().enumerate()
        {
            assembler.cell(1, at as u32 + 1, Some(header)).unwrap();
        }
        let message = assembler.finish().unwrap_err().to_string();
        assert!(message.contains("nearest layout is participating_2021"), "{message}");
        assert!(!message.to_lowercase().contains("jane"), "{message}");
        assert!(!message.to_lowercase().contains("jane"), "{message}");
        assert!(message.contains(r#"columns = ["STATE", "LAW ENFORCEMENT AGENCY", "MODEL""#), "{message}");
    }
}
