//! The one integration binary; each module tests one side of the program.

#![allow(clippy::disallowed_methods, reason = "tests make their own inputs")]

mod architecture;
mod archive;
mod census;
mod cli;
mod coverage;
mod determinism;
mod docs;
mod faults;
mod fetch;
mod figures;
mod hostile;
mod identity;
mod jobs;
mod keys;
mod messages;
mod odd;
mod page;
mod panel;
mod people;
mod record;
mod release;
mod rows;
mod schema;
mod store;
mod support;
