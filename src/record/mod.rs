//! The record: every list that could be had, each cell as printed, in text files that version control keeps (`data/lists/`).
//!
//! ICE overwrites its list, so the record is the only place where all of them stand. It only grows: a list that is
//! added is a file of its own, which says what changed against the list of its kind before it (where there is none, against
//! the first after it; the very first is written whole), and no other file is touched.
//!
//! A file is lines of UTF-8, each of which ends in `\n`:
//!
//! ```text
//! coverage287 list, form 1
//! file: participatingAgencies06092025am.xlsx          name of the workbook
//! sha256: 1f0c…                                       of the workbook's bytes
//! list: 3f2a9c81d0aa                                  its list_id in every table
//! saved: 2025-06-09T12:31:00                          when the workbook says it was saved; left out where it does not
//! header: STATE⇥LAW ENFORCEMENT AGENCY⇥…              headers as printed
//! fields: state agency type county model signed moa   what each of these columns holds
//! links: https://web.archive.org/web/2021…/           what `\p` stands for in cells; left out where no cell has it
//! rows: 2-650                                         numbers of its rows on the sheet
//! cells: 05c1…                                        first digits of the sha256 over these numbers and all cells
//! blank rows: 12                                      left out where there are none; so are the other counts
//! after: participatingAgencies06062025am.xlsx 8a… 7f… the list that the changes are against: name, id, and its cells
//! changes: 3 came, 1 went, 2 changed, 0 moved
//! + 120⇥FLORIDA⇥…                                     a row that came: its number on this list, its cells
//! - 121⇥FLORIDA⇥…                                     a row that went: its number on the list before, its cells
//! > 98 from 97⇥FLORIDA⇥agency⇥model                   a row that stands elsewhere
//! ~ 130⇥FLORIDA⇥agency⇥model⇥moa⇥link pending⇥link    a row that changed: for each cell its column, what it was and is
//! sum: 9b0d…                                          sha256 of all lines above
//! ```
//!
//! Rows that are not named stay in their order and take the numbers that no other row takes. Cells are separated by tabs;
//! after the cells of the columns come the links behind `moa` and `addendum`, and blank cells at the end are left out. In a
//! cell `\\`, `\t`, `\n`, `\r` and `\s` (a space at its start or end) stand for what they look like, `\u{a0}` for a
//! character that nobody sees, `\b` for a blank cell, and `\w` for an address that a mail program wrapped: what follows
//! it is the address.
//!
//! Every file ends with its sum, and has the digests of its cells and of those of the list before: a file that was
//! edited, cut or merged badly is found, wherever in the chain it is, and nothing is made of the record
//! ([`RecordError`]). A list's cells do not depend on the list it is written against, so that one file may take the
//! place of another of the same list.

mod apply;
mod changes;
mod check;
mod digest;
mod form;
mod parse;
mod recorded;
mod show;
mod slots;
mod write;

pub use check::{ComparedRecord, Difference, check, differences};
pub use parse::RecordError;
pub use recorded::{FILE_BYTES, Record, Recorded};
pub use show::{ShowError, csv_of_list, write_workbook};
pub use slots::FOLDER;
pub use write::{Before, RecordSheet, WrittenList, written};
