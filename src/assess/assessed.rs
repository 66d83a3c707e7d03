//! Step "assess" as a whole: all that a run asks of its own tables.

use jiff::civil::Date;
use tracing::info;

use super::as_of::as_of;
use super::benchmark_tables::{benchmark_totals, benchmarks as benchmarks_table};
use super::benchmarks::{Benchmarks, benchmarks};
use super::claim_table::claims as claims_table;
use super::claims::judge;
use crate::reference::Reference;
use crate::spec::Specs;
use crate::table::{Table, TableError, TableSource};
use crate::words::RunStep;

/// Claims and benchmarks of the newest list, and the tables that hold them.
pub struct Assessed {
    pub benchmarks: Benchmarks,
    pub tables: [(&'static str, Table); 3],
}

/// Judges every claim and looks at every benchmark.
///
/// # Errors
/// A table cannot be read, or no list counts.
pub fn assess(
    specs: &Specs,
    reference: &Reference,
    tables: &dyn TableSource,
) -> Result<Assessed, TableError> {
    let newest =
        as_of(tables, Date::MAX)?.ok_or_else(|| TableError::shape("lists", "has no list that counts"))?;
    let (judged, found) = rayon::join(
        || judge(&specs.claims, tables, &specs.rules, &reference.states),
        || benchmarks(&specs.benchmarks, &specs.rules, tables, &newest, reference),
    );
    let (judged, benchmarks) = (judged?, found?);
    info!(
        step = RunStep::Assess.as_str(),
        claims = judged.len(),
        areas = benchmarks.areas.len(),
        "tables asked"
    );
    let tables = [
        ("claims", claims_table(&specs.tables, &judged)?),
        ("benchmarks", benchmarks_table(specs, &benchmarks)?),
        ("benchmark_totals", benchmark_totals(specs, &benchmarks)?),
    ];
    Ok(Assessed { benchmarks, tables })
}
