//! The command `fetch`: gets new lists, ACS tables and reference files from their publishers into the store of originals.
//!
//! The programme's page gives the links to lists and its statements about them ([`crate::page`]). Each candidate is got
//! only if it has changed (`web`, `hosts`), named (`names`, `disposition`), checked before it is kept (`lists`,
//! `pages`), and kept for good by its content (`originals`). A source that fails does not stop the others; all problems
//! are reported at the end.

mod disposition;
mod error;
mod found;
mod hosts;
mod job;
mod kinds;
mod lists;
mod names;
mod originals;
mod pages;
mod walls;
mod web;

pub use error::{FetchError, Problem};
pub use found::{KindFound, KindState};
pub use hosts::is_public;
pub use job::{Asked, Fetched, fetch};
pub use originals::{AddressMark, MarkedPage, Origin, Originals, STATEMENTS, Sighting};
pub use web::{Answer, Got, Headers, Known, Web, WebError};
