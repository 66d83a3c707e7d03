//! 287(g) agreements on ICE's lists, cleaned, placed and joined with the immigrant population they reach.
//!
//! A run takes these steps, in this order; [`run::run`] shows all of it, and docs/architecture.md says more:
//!
//! 1. `acquire` ([`acquire`], [`job`]): which files are offered, and whether anything is new
//! 2. `reference` ([`mod@reference`]): states, counties through time, places, towns, the FBI's list
//! 3. `read` ([`read`], [`record`]): rows as printed
//! 4. `normalise` ([`normalise`], [`panel`]): typed values, with a repair for each that changed; which lists count
//! 5. `identify` ([`identify`]): agencies, where they are, and agreements over time
//! 6. `census` ([`census`]): people, with margins of error
//! 7. `plan` ([`coverage::plan`]): which vintage and which rules each list goes with
//! 8. `coverage` ([`coverage`]): which counties an agreement reaches under each rule, and who lives there
//! 9. `tables` ([`tables`]): the public tables, each a [`table::Table`]
//! 10. `assess` ([`assess`]): claims and benchmarks, asked of the tables
//! 11. `encode` ([`publish`]): Parquet
//! 12. `report` ([`report`]): pages and pictures for people
//! 13. `check` ([`check`]): whether the release may be published
//! 14. `publish` ([`publishing`]): package, dictionary, `run.json`, all of it put in place at once
//!
//! [`fetch`] gets new files from their publishers into a store, and is a command of its own. Around a run are [`job`] (the lock,
//! the previous release, the record of the run) and [`tell`] (who learns of it).
//!
//! Facts that a researcher can change without a compiler are in `pipelines/` ([`spec`]) and `data/`
//! ([`mod@reference`]). All writing goes through [`fs`]; nothing below [`settings`] knows arguments, environment or clock.

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
