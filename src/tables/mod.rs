//! Step 7, tables: what the steps found, as the public tables.
//!
//! One function a table. Which columns there are, of which type, and what they say is in the table's
//! TOML; a column that is missing here or there is an error.

mod agencies;
mod agreements;
mod benchmarks;
mod census;
mod coverage;
mod listings;
mod lists;
mod months;
mod statements;

use polars::frame::DataFrame;
use rayon::prelude::*;

use crate::batches::Batches;
use crate::census::Figures;
use crate::coverage::{Cube, Reaches};
use crate::frames::{FrameError, Frames, TableSource, Wanted};
use crate::identify::{Agencies, Agreements, Link, PendingAgreement};
use crate::panel::{Compared, Panel};
use crate::reference::Reference;
use crate::spec::Specs;

pub use benchmarks::{benchmark_totals, benchmarks};
pub use coverage::claims;

/// What the steps before found.
pub struct Results {
    pub specs: Specs,
    pub reference: Reference,
    pub panel: Panel,
    /// What ICE's page said, beside the lists of the time.
    pub statements: Vec<Compared>,
    pub agencies: Agencies,
    pub agreements: Agreements,
    pub pending: Vec<PendingAgreement>,
    pub links: Vec<Link>,
    /// Every vintage read, newest first; the reaches say which coverage uses.
    pub figures: Vec<Figures>,
    pub reaches: Reaches,
    pub cube: Cube,
}

type Maker = fn(&Results) -> Result<DataFrame, FrameError>;
type LargeMaker = fn(&Results) -> Result<Batches<'_>, FrameError>;

/// The tables that are held whole: all but the large ones, and the claims, which are computed from these.
pub fn tables(results: &Results) -> Result<Frames, FrameError> {
    let makers: [(&str, Maker); 21] = [
        ("lists", lists::lists),
        ("newest_lists", statements::newest_lists),
        ("page_statements", statements::page_statements),
        ("agencies", agencies::agencies),
        ("agency_counties", agencies::agency_counties),
        ("agency_names", agencies::agency_names),
        ("agency_redirects", agencies::agency_redirects),
        ("counties_reference", agencies::counties_reference),
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
    ];
    let made: Vec<(&str, DataFrame)> = makers
        .par_iter()
        .map(|(name, make)| Ok((*name, make(results)?)))
        .collect::<Result<_, FrameError>>()?;
    let mut frames = Frames::default();
    for (name, frame) in made {
        frames.insert(name, frame);
    }
    Ok(frames)
}

/// The large tables: theirs are nearly all of the rows.
pub fn large_tables(results: &Results) -> Result<Vec<Batches<'_>>, FrameError> {
    let makers: [LargeMaker; 5] =
        [listings::listings, coverage::coverage, listings::repairs, months::county_months, months::reaches];
    makers.par_iter().map(|make| make(results)).collect()
}

/// What a run made: the tables that are held whole, and what the large ones are made from.
pub struct Made {
    pub results: Results,
    pub frames: Frames,
}

impl TableSource for Made {
    fn read(&self, table: &str, wanted: Wanted) -> Result<DataFrame, FrameError> {
        Tabled { frames: &self.frames, large: &large_tables(&self.results)? }.read(table, wanted)
    }
}

/// Queries of a run's own tables while they are being made.
pub struct Tabled<'t, 'r> {
    pub frames: &'t Frames,
    pub large: &'t [Batches<'r>],
}

impl TableSource for Tabled<'_, '_> {
    fn read(&self, table: &str, wanted: Wanted) -> Result<DataFrame, FrameError> {
        match self.large.iter().find(|large| large.table.name == table) {
            Some(large) => large.read(table, wanted),
            None => self.frames.read(table, wanted),
        }
    }
}
