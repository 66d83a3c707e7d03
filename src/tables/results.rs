//! The results of the previous steps.

use typed_index_collections::TiVec;

use crate::census::Figures;
use crate::coverage::{Coverage, Cube, Reaches};
use crate::identify::{Agencies, AgreementLink, Agreements, Identified, PendingAgreement, RunsJail};
use crate::page::PageStatements;
use crate::panel::{ComparedStatement, Panel, compare};
use crate::reference::Reference;
use crate::spec::Specs;
use crate::words::AgencyAt;

/// The results of the previous steps.
pub struct Results {
    pub specs: Specs,
    pub reference: Reference,
    pub panel: Panel,
    /// The statements of ICE's page, compared with the lists of their time.
    pub statements: Vec<ComparedStatement>,
    pub agencies: Agencies,
    pub agreements: Agreements,
    pub pending: Vec<PendingAgreement>,
    pub links: Vec<AgreementLink>,
    /// Whether each agency runs a jail.
    pub jails: TiVec<AgencyAt, RunsJail>,
    /// Every vintage that was read, newest first; the reaches say which of them coverage uses.
    pub figures: Vec<Figures>,
    pub reaches: Reaches,
    pub cube: Cube,
}

impl Results {
    /// Puts the results of the steps together, and compares the statements of ICE's page with the lists.
    pub fn new(
        specs: Specs,
        reference: Reference,
        identified: Identified,
        figures: Vec<Figures>,
        coverage: Coverage,
        statements: &PageStatements,
    ) -> Self {
        let Identified { panel, agencies, agreements, pending, links, jails } = identified;
        let Coverage { reaches, cube } = coverage;
        let statements = compare(statements, &panel, &reference.states, specs.checks.statement_days);
        Self {
            specs,
            reference,
            panel,
            statements,
            agencies,
            agreements,
            pending,
            links,
            jails,
            figures,
            reaches,
            cube,
        }
    }
}
