//! Reads ICE's page of the programme: its links to lists, its statements about them, and the list itself where that was
//! a table of the page (2021 to February 2025).
//!
//! A page is read once, as a sequence of tags and texts; no tree is built of it, whatever it holds. Text in comments,
//! scripts and templates does not count. Words and bounds are in `pipelines/fetch.toml`, `[page]`.

mod counts;
mod facts;
mod link_words;
mod links;
mod listener;
mod page_link;
mod read;
mod sentence;
mod source;
mod statement;
mod table;
mod when;
mod words;

pub use facts::{FactsError, PageStatements, table_of};
pub use links::{Links, file_name};
pub use page_link::{PageLink, Strength};
pub use read::{Page, page_text, read_page, title_of};
pub use source::StatementSource;
pub use statement::{Figure, STATEMENT_BYTES, Stated, Statement};
pub use table::PageTable;
