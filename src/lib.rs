//! 287(g) agreements on ICE's lists, cleaned, placed and joined with the immigrant population they reach.
//!
//! Data goes one way, through these modules in this order; [`run::run`] shows the whole of it:
//!
//! 0. [`fetch`] – new files from their publishers into the store of originals (a command of its own)
//! 1. [`acquire`] – which files are offered, and their bytes, safely
//! 2. [`read`] – rows as printed
//! 3. [`normalise`] – values, with a repair for each that changed; the result is the [`panel`]
//! 4. [`identify`] – agencies, places and agreements over time
//! 5. [`census`] – people
//! 6. [`coverage`] – rules, and claims checked against them
//! 7. [`tables`] – the public tables, each a [`table`], then [`assess`] and [`check`]: questions to them and gates
//! 8. [`publish`] – Parquet, data package, dictionary, manifest
//! 9. [`report`] – pages for people
//!
//! The lists that the project ships are in the [`record`], which `record add` makes longer. Around it are [`job`] (lock, what was there before, record) and [`tell`] (who learns of it).
//!
//! Facts that a researcher can change without a compiler are in `pipelines/` ([`spec`]) and `data/`
//! ([`mod@reference`]). All writing goes through [`fs`]; nothing below [`settings`] knows arguments,
//! environment or clock.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make their own inputs"))]

pub mod acquire;
pub mod addresses;
pub mod assess;
pub mod census;
pub mod check;
pub mod cli;
pub mod commands;
pub mod coverage;
pub mod error;
pub mod exit;
pub mod facts;
pub mod fetch;
pub mod fingerprints;
pub mod fs;
pub mod identify;
pub mod job;
pub mod mailboxes;
pub mod normalise;
pub mod page;
pub mod panel;
pub mod progress;
pub mod publish;
pub mod publishing;
pub mod query;
pub mod read;
pub mod record;
pub mod reference;
pub mod report;
pub mod run;
pub mod settings;
pub mod shown;
pub mod spec;
pub mod stop;
pub mod stopwatch;
pub mod table;
pub mod tables;
pub mod tell;
pub mod text;
pub mod words;
