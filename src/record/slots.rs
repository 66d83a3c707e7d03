//! The cells of a row, and the files of the lists.

use crate::read::{cell_slot, link_slot};
use crate::spec::Field;
use crate::words::ListKind;

/// Where the record is, below the project or `--root`: one folder for each kind.
pub const FOLDER: &str = "data/lists";

/// Ending of its files.
pub(super) const ENDING: &str = ".txt";

/// Fields and the links behind two of them.
pub(super) const SLOTS: usize = Field::COUNT + 2;

/// The folder of a kind's lists.
pub(super) fn folder(kind: ListKind) -> String {
    format!("{FOLDER}/{}", kind.as_str())
}

/// Slots in the order in which a line has its cells.
pub(super) fn order_of(fields: &[Field]) -> Vec<usize> {
    let links =
        [Field::Moa, Field::Addendum].into_iter().filter(|field| fields.contains(field)).map(link_slot);
    fields.iter().map(|field| cell_slot(*field)).chain(links).collect()
}
