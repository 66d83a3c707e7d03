//! Step 7, tables: what the steps found, as the public tables.
//!
//! One function a table. Which columns there are, of which type, and what they say is in the table's
//! TOML; a column that is missing here or there is an error.

mod agencies;
mod agreements;
mod coverage;
mod lists;

use crate::census::Figures;
use crate::coverage::{Cube, Reaches};
use crate::frames::{FrameError, Frames};
use crate::identify::{Agencies, Agreements, PendingAgreement};
use crate::panel::Panel;
use crate::reference::Reference;
use crate::spec::Specs;

pub use coverage::claims;

/// What the steps before found.
pub struct Results<'a> {
    pub specs: &'a Specs,
    pub reference: &'a Reference,
    pub panel: &'a Panel,
    pub agencies: &'a Agencies,
    pub agreements: &'a Agreements,
    pub pending: &'a [PendingAgreement],
    /// Every vintage read; coverage uses the first.
    pub figures: &'a [Figures],
    pub reaches: &'a Reaches,
    pub cube: &'a Cube,
}

type Maker = fn(&Results) -> Result<polars::frame::DataFrame, FrameError>;

/// Every table but the claims, which are computed from these.
pub fn tables(results: &Results) -> Result<Frames, FrameError> {
    let makers: [(&str, Maker); 15] = [
        ("lists", lists::lists),
        ("listings", lists::listings),
        ("repairs", lists::repairs),
        ("agencies", agencies::agencies),
        ("agency_counties", agencies::agency_counties),
        ("agency_names", agencies::agency_names),
        ("agency_redirects", agencies::agency_redirects),
        ("counties_reference", agencies::counties_reference),
        ("agreements", agreements::agreements),
        ("agreement_spells", agreements::agreement_spells),
        ("agreement_events", agreements::agreement_events),
        ("pending", agreements::pending),
        ("counties", coverage::counties),
        ("county_coverage", coverage::county_coverage),
        ("coverage", coverage::coverage),
    ];
    let mut frames = Frames::default();
    for (name, make) in makers {
        frames.insert(name, make(results)?);
    }
    Ok(frames)
}
