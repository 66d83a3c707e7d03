//! Step "identify", all of it.

use tracing::info;
use typed_index_collections::TiVec;

use super::agencies::agency::{Agencies, agencies};
use super::agencies::states::repair_states;
use super::agreements::follow::{Agreements, agreements};
use super::agreements::jails::{RunsJail, jails};
use super::agreements::links::{AgreementLink, links};
use super::agreements::pending::{PendingAgreement, pending};
use super::names::lexicon::Lexicon;
use crate::panel::Panel;
use crate::reference::Reference;
use crate::words::{AgencyAt, RunStep};

/// The rows of all lists, with what each is about.
pub struct Identified {
    /// The panel, its wrong states repaired.
    pub panel: Panel,
    pub agencies: Agencies,
    pub agreements: Agreements,
    pub pending: Vec<PendingAgreement>,
    pub links: Vec<AgreementLink>,
    /// Whether each agency runs a jail.
    pub jails: TiVec<AgencyAt, RunsJail>,
}

/// Finds out which agency each row is about, where it is, and what became of each agreement. An agreement is over when
/// `confirm_lists` lists in a row lack it.
pub fn identify(panel: Panel, lexicon: &Lexicon, reference: &Reference, confirm_lists: usize) -> Identified {
    let panel = repair_states(panel, lexicon, reference);
    let agencies = agencies(&panel, lexicon, reference);
    let agreements = agreements(&panel, &agencies, confirm_lists);
    let pending = pending(&panel, &agencies);
    let links = links(&panel, &agencies, &agreements, reference);
    let jails = jails(&agencies, &agreements, lexicon.vocabulary);
    info!(
        step = RunStep::Identify.as_str(),
        agencies = agencies.agencies.len(),
        agreements = agreements.agreements.len(),
        "agencies and agreements identified"
    );
    Identified { panel, agencies, agreements, pending, links, jails }
}
