//! Step "plan": the vintage of each list, and the rules that the figures allow.

use std::path::Path;

use tracing::info;

use super::vintages::Vintages;
use crate::census::{CensusError, Figures, Pairing};
use crate::panel::Panel;
use crate::reference::{PlaceShares, Reference, SharesError};
use crate::spec::{SpecError, Specs};
use crate::words::RunStep;

/// The specs, vintages and shares with which coverage is computed.
pub struct Plan {
    /// The specs, with the rules that the figures allow.
    pub specs: Specs,
    pub vintages: Vintages,
    /// A researcher's own shares of places that lie in several counties (`--place-shares`); empty without a file, and the
    /// residents of the Census of 2020 decide.
    pub shares: PlaceShares,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Census(#[from] CensusError),
    #[error(transparent)]
    Shares(#[from] SharesError),
    #[error(transparent)]
    Spec(#[from] SpecError),
}

/// Pairs every list with a vintage, and leaves out rules that need figures of places if there are none.
///
/// # Errors
/// No file has the vintage, a file of shares is refused, or the report names a rule that is left out.
pub fn plan(
    specs: Specs,
    pairing: Pairing,
    place_shares: Option<&Path>,
    panel: &Panel,
    figures: &[Figures],
    reference: &Reference,
) -> Result<Plan, PlanError> {
    let vintages = Vintages::pair(pairing, panel, figures)?;
    let shares =
        place_shares.map_or(Ok(PlaceShares::default()), |path| PlaceShares::read(path, reference))?;
    let rules = vintages.rules(specs.rules, figures);
    let mut report = specs.report;
    report.state_rules.retain(|rule| rules.find(rule).is_some());
    report.check(&rules)?;
    info!(
        step = RunStep::Plan.as_str(),
        vintages = figures.len(),
        used = vintages.names(figures),
        rules = rules.rules.len(),
        "vintages and rules chosen"
    );
    Ok(Plan { specs: Specs { rules, report, ..specs }, vintages, shares })
}
