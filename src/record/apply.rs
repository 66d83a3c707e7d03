//! Builds the rows of a list from those of the list before it and the steps of its own file.

use super::digest::{RowDigest, cells_digest, row_digest};
use super::form::{CellMark, unmark};
use super::parse::{Head, NAMED_BY, Names, RecordStep, SLOT_NAMES};
use super::slots::order_of;
use crate::normalise::Slots;
use crate::read::{Pool, TextId, cell_slot};
use crate::spec::{Bounds, Field};

/// The rows of a list: their numbers, and which rows of the record they are.
#[derive(Debug, Default)]
pub struct ListRows {
    pub numbers: Vec<u32>,
    pub rows: Vec<u32>,
}

/// The line that is wrong, and what is wrong with it.
pub type RowFault = (usize, String);

/// The most rows of all lists of a record together: a small file can say that a long list stayed as it was.
const ROWS_IN_ALL: u64 = 50_000_000;

/// Texts and rows of the lists that were put together so far.
pub struct Building<'a> {
    pub pool: Pool,
    pub rows: Vec<Slots>,
    /// The digest of each row; filled when it is first asked for.
    row_digests: Vec<Option<RowDigest>>,
    /// Rows of all lists so far, each as often as it is listed.
    row_count: u64,
    bounds: &'a Bounds,
}

impl<'a> Building<'a> {
    /// Starts empty; the bounds limit how large lists may be.
    pub fn new(bounds: &'a Bounds) -> Self {
        Self { pool: Pool::default(), rows: Vec::new(), row_digests: Vec::new(), row_count: 0, bounds }
    }

    /// Builds the numbers and rows of a list from those of the list before it and its own steps.
    pub fn apply(
        &mut self,
        head: &Head,
        steps: &[RecordStep],
        before: Option<(&Head, &ListRows)>,
    ) -> Result<ListRows, RowFault> {
        let (old_numbers, old_rows): (&[u32], &[u32]) =
            before.map_or((&[], &[]), |(_, before)| (&before.numbers, &before.rows));
        let count: u64 = head.rows.iter().map(|(first, last)| u64::from(last - first) + 1).sum();
        if count > u64::from(self.bounds.rows) {
            let message =
                format!("has {count} rows, more than the {} that a list may have", self.bounds.rows);
            return Err((head.rows_line, message));
        }
        self.row_count += count;
        if self.row_count > ROWS_IN_ALL {
            let message =
                format!("with it the record has more than {ROWS_IN_ALL} rows, which is more than is read");
            return Err((head.rows_line, message));
        }
        let numbers: Vec<u32> = head.rows.iter().flat_map(|(first, last)| *first..=*last).collect();
        let old_at = |number: u32, line: usize| {
            old_numbers
                .binary_search(&number)
                .map_err(|_| (line, format!("the list before has no row {number}")))
        };
        let new_at = |number: u32, line: usize| {
            numbers.binary_search(&number).map_err(|_| (line, format!("the list has no row {number}")))
        };
        let mut rows: Vec<Option<u32>> = vec![None; numbers.len()];
        let mut stays = vec![true; old_rows.len()];
        let mut place = |at: usize, row: u32, line: usize| match rows[at].replace(row) {
            None => Ok(()),
            Some(_) => Err((line, format!("row {} is taken twice", numbers[at]))),
        };
        let mut leave = |at: usize, line: usize| match std::mem::replace(&mut stays[at], false) {
            true => Ok(()),
            false => Err((line, format!("row {} of the list before is taken twice", old_numbers[at]))),
        };
        for step in steps {
            match step {
                RecordStep::Came { line, number, cells } => {
                    let row = self.slots_of(head, cells, *line)?;
                    self.rows.push(row);
                    place(new_at(*number, *line)?, self.rows.len() as u32 - 1, *line)?;
                }
                RecordStep::Went { line, number, cells } => {
                    let at = old_at(*number, *line)?;
                    let Some((before, _)) = before else {
                        return Err((*line, "a row went, and the file names no list before".to_owned()));
                    };
                    let row = self.slots_of(before, cells, *line)?;
                    if !same_cells(&self.rows[old_rows[at] as usize], &row) {
                        let message = format!("row {number} of the list before prints something else");
                        return Err((*line, message));
                    }
                    leave(at, *line)?;
                }
                RecordStep::Moved { line, number, from, .. } => {
                    let at = old_at(*from, *line)?;
                    leave(at, *line)?;
                    place(new_at(*number, *line)?, old_rows[at], *line)?;
                }
                RecordStep::Changed { .. } => {}
            }
        }
        let mut staying = old_rows.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(row, _)| *row);
        for row in rows.iter_mut().filter(|row| row.is_none()) {
            *row = staying.next();
        }
        let mut rows: Vec<u32> = rows.into_iter().flatten().collect();
        let left = staying.count();
        if rows.len() != numbers.len() || left > 0 {
            let message = format!("has {} rows, and its changes give {}", numbers.len(), rows.len() + left);
            return Err((head.rows_line, message));
        }
        for step in steps {
            match step {
                RecordStep::Changed { line, number, names, cells: changed } => {
                    let at = new_at(*number, *line)?;
                    let mut cells = self.rows[rows[at] as usize];
                    for (slot, old, new) in changed {
                        let known = cells[*slot].map(|id| self.pool.text(id));
                        if known != old.as_deref() {
                            let name = SLOT_NAMES[*slot];
                            return Err((*line, format!("{name} of row {number} was something else before")));
                        }
                        cells[*slot] = self.text_id(head, new.as_deref(), *line)?;
                    }
                    self.rows.push(cells);
                    rows[at] = self.rows.len() as u32 - 1;
                    self.is_named(&cells, names, *number, *line)?;
                }
                RecordStep::Moved { line, number, names, .. } => {
                    let row = rows[new_at(*number, *line)?];
                    // The changes above may have changed the row's name.
                    self.is_named(&self.rows[row as usize], names, *number, *line)?;
                }
                RecordStep::Came { .. } | RecordStep::Went { .. } => {}
            }
        }
        Ok(ListRows { numbers, rows })
    }

    /// Returns the digest of a list's cells: see [`cells_digest`].
    pub fn cells_digest(&mut self, list: &ListRows) -> String {
        self.row_digests.resize(self.rows.len(), None);
        let Self { pool, rows: all, row_digests, .. } = self;
        let rows = list.numbers.iter().zip(&list.rows).map(|(number, row)| {
            let row = *row as usize;
            let cells = all[row].map(|id| id.map(|id| pool.text(id)));
            (*number, *row_digests[row].get_or_insert_with(|| row_digest(&cells)))
        });
        cells_digest(rows)
    }

    /// Checks that a row has the state, agency and model that a line calls it by.
    fn is_named(&self, cells: &Slots, names: &Names, number: u32, line: usize) -> Result<(), RowFault> {
        let is_it = NAMED_BY
            .iter()
            .zip(names)
            .all(|(field, name)| cells[cell_slot(*field)].map(|id| self.pool.text(id)) == name.as_deref());
        if is_it { Ok(()) } else { Err((line, format!("row {number} is another one than the line says"))) }
    }

    fn text_id(&mut self, head: &Head, text: Option<&str>, line: usize) -> Result<Option<TextId>, RowFault> {
        let Some(text) = text else { return Ok(None) };
        if head.links.is_none() && unmark(text).0 == CellMark::Linked {
            return Err((line, "a cell has \\p, and the head has no line \"links\"".to_owned()));
        }
        // A character has at most four bytes.
        if text.len() > self.bounds.cell_chars.saturating_mul(4) + 1 {
            return Err((line, format!("a cell is larger than {} characters", self.bounds.cell_chars)));
        }
        let id = self.pool.id(text);
        id.map(Some).ok_or_else(|| (line, "the record holds more text than fits".to_owned()))
    }

    /// Puts the cells of a line into slots. The line has the cells of the list's columns, then the links.
    fn slots_of(&mut self, head: &Head, cells: &[Option<String>], line: usize) -> Result<Slots, RowFault> {
        let order = order_of(&head.fields);
        if cells.len() > order.len() {
            return Err((line, format!("has {} cells, and a row has {}", cells.len(), order.len())));
        }
        let mut slots: Slots = Default::default();
        for (slot, text) in order.iter().zip(cells) {
            slots[*slot] = self.text_id(head, text.as_deref(), line)?;
        }
        Ok(slots)
    }
}

/// Whether two rows print the same, links aside.
fn same_cells(one: &Slots, other: &Slots) -> bool {
    one[..Field::COUNT] == other[..Field::COUNT]
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::acquire::list_id;
    use crate::record::parse::head;
    use crate::spec::{SpecFiles, Specs, hex};
    use crate::words::ListKind;

    #[test]
    fn the_rows_of_all_lists_together_are_bounded() {
        let sha256 = "0".repeat(64);
        let above = format!(
            "coverage287 list, form 1\nfile: a.xlsx\nsha256: {sha256}\nlist: {}\nheader: STATE\tSIGNED\nfields: state signed\n\
             rows: 2-3\ncells: 0000000000000000\nchanges: 0 came, 0 went, 0 changed, 0 moved\n",
            list_id("a.xlsx", &sha256)
        );
        let text = format!("{above}sum: {}\n", hex(&Sha256::digest(&above)));
        let (head, _) = head(ListKind::Participating, "a.txt", text.as_bytes()).unwrap();
        let bounds = Specs::load(&SpecFiles::default()).unwrap().agreements.bounds;
        let said = |row_count: u64| {
            let mut building = Building { row_count, ..Building::new(&bounds) };
            building.apply(&head, &[], None).unwrap_err().1
        };
        assert!(said(0).contains("its changes give 0"));
        assert!(said(ROWS_IN_ALL - 2).contains("its changes give 0"));
        assert!(said(ROWS_IN_ALL - 1).contains("more than is read"));
    }
}
