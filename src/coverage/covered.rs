//! The whole of step "coverage".

use tracing::{info, warn};

use super::cells::Cube;
use super::cube::cube;
use super::plan::Plan;
use super::reach::{Reaches, reaches};
use super::residents::UnknownResidents;
use crate::census::Figures;
use crate::identify::Identified;
use crate::reference::Reference;
use crate::words::RunStep;

/// The counties that each agreement reaches, and the people covered.
pub struct Coverage {
    pub reaches: Reaches,
    pub cube: Cube,
}

/// Computes coverage for every list, geography, rule and model group.
pub fn coverage(
    identified: &Identified,
    plan: &Plan,
    figures: &[Figures],
    reference: &Reference,
) -> Coverage {
    let agencies = &identified.agencies;
    let Plan { specs, vintages, shares } = plan;
    let reaches =
        reaches(agencies, &identified.jails, &specs.rules, reference, figures, &vintages.used, shares);
    let unknown = |vintage: &super::VintageReaches| vintage.homes.unknown(UnknownResidents::NoFigure);
    let without: usize = reaches.vintages.iter().map(unknown).sum();
    if without > 0 {
        warn!(
            agencies = without,
            "the places of these agencies have no figures: place_weighted is a floor where these agencies are"
        );
    }
    let cube = cube(identified, &specs.rules, &reaches, figures, vintages, &reference.states);
    info!(step = RunStep::Coverage.as_str(), cells = cube.len(), "coverage computed");
    Coverage { reaches, cube }
}
