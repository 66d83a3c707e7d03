//! Step "tables": makes the public tables from the results of the steps.
//!
//! Each table has one function. The table's TOML gives its columns with their types and meaning; a column
//! that only the TOML or only the function has is an error.

mod agencies;
mod agreements;
mod census;
mod county_panel;
mod coverage;
mod crosswalk;
mod laws;
mod listings;
mod lists;
mod months;
mod results;
mod statements;

use rayon::prelude::*;
use tracing::info;

use crate::table::{PartedTable, Table, TableError, TableSet, TableSource, Wanted};
use crate::words::RunStep;

pub use county_panel::{PanelCounty, PanelData};
pub use results::Results;

type Maker = fn(&Results) -> Result<Table, TableError>;
type LargeMaker = fn(&Results) -> Result<PartedTable<'_>, TableError>;

/// Makes every public table except those that step "assess" computes from the others.
///
/// # Errors
/// A table does not have the shape of its spec, which is an error of the program.
pub fn tables(results: &Results) -> Result<RunTables<'_>, TableError> {
    let (small, large) = rayon::join(|| small_tables(results), || large_tables(results));
    let tables = RunTables { small: small?, large: large? };
    info!(step = RunStep::Tables.as_str(), tables = tables.count(), "tables made");
    Ok(tables)
}

/// The tables that are held whole.
fn small_tables(results: &Results) -> Result<TableSet, TableError> {
    let makers: [(&str, Maker); 27] = [
        ("lists", lists::lists),
        ("newest_lists", statements::newest_lists),
        ("page_statements", statements::page_statements),
        ("agencies", agencies::agencies),
        ("agency_counties", agencies::agency_counties),
        ("agency_oris", agencies::agency_oris),
        ("agency_names", agencies::agency_names),
        ("agency_redirects", agencies::agency_redirects),
        ("counties_reference", agencies::counties_reference),
        ("county_crosswalk", crosswalk::county_crosswalk),
        ("agreements", agreements::agreements),
        ("agreement_spells", agreements::agreement_spells),
        ("agreement_events", agreements::agreement_events),
        ("agreement_dates", agreements::agreement_dates),
        ("agreement_links", agreements::agreement_links),
        ("agreement_redirects", agreements::agreement_redirects),
        ("pending", agreements::pending),
        ("pending_names", agreements::pending_names),
        ("counties", census::counties),
        ("acs_figures", census::acs_figures),
        ("agency_residents", census::agency_residents),
        ("place_parts", census::place_parts),
        ("county_coverage", coverage::county_coverage),
        ("county_spells", county_panel::county_spells),
        ("ends", laws::ends),
        ("state_laws", laws::state_laws),
        ("state_panel", county_panel::state_panel),
    ];
    let made: Vec<(&str, Table)> = makers
        .par_iter()
        .map(|(name, make)| Ok((*name, make(results)?)))
        .collect::<Result<_, TableError>>()?;
    let mut set = TableSet::default();
    for (name, table) in made {
        set.insert(name, table);
    }
    Ok(set)
}

/// The large tables, which have nearly all of the rows.
fn large_tables(results: &Results) -> Result<Vec<PartedTable<'_>>, TableError> {
    LARGE_TABLES.par_iter().map(|(_, make)| make(results)).collect()
}

const LARGE_TABLES: [(&str, LargeMaker); 6] = [
    ("listings", listings::listings),
    ("coverage", coverage::coverage),
    ("repairs", listings::repairs),
    ("county_months", months::county_months),
    ("county_panel", county_panel::county_panel),
    ("reaches", months::reaches),
];

/// Every table of a run: the small ones held whole, the large ones made part by part.
pub struct RunTables<'r> {
    pub small: TableSet,
    pub large: Vec<PartedTable<'r>>,
}

impl RunTables<'_> {
    /// Adds other tables to these.
    pub fn with(mut self, tables: impl IntoIterator<Item = (&'static str, Table)>) -> Self {
        tables.into_iter().for_each(|(name, table)| self.small.insert(name, table));
        self
    }

    /// The tables that are held whole.
    pub fn into_small(self) -> TableSet {
        self.small
    }

    fn count(&self) -> usize {
        self.small.len() + self.large.len()
    }
}

impl TableSource for RunTables<'_> {
    fn read(&self, table: &str, wanted: Wanted) -> Result<Table, TableError> {
        match self.large.iter().find(|large| large.table.name == table) {
            Some(large) => large.read(table, wanted),
            None => self.small.read(table, wanted),
        }
    }
}

/// Reads a table of a finished run, of which only the small tables were kept; a large one is made again.
///
/// # Errors
/// The table is not there, or lacks a wanted column.
pub fn read_table(
    results: &Results,
    small: &TableSet,
    table: &str,
    wanted: Wanted,
) -> Result<Table, TableError> {
    match LARGE_TABLES.iter().find(|(name, _)| *name == table) {
        Some((_, make)) => make(results)?.read(table, wanted),
        None => small.read(table, wanted),
    }
}
