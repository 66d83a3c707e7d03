//! Agreement ids that gave way: of names that are another body's, and of rows whose state was printed wrong.

use std::collections::BTreeMap;

use super::agencies::mint;
use super::{Agencies, Agreements};
use crate::panel::Panel;

/// An agreement id that some release may have carried, and the one that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementRedirect {
    pub old_id: String,
    /// Position of the agreement.
    pub agreement: u32,
    pub reason: &'static str,
    pub evidence: String,
}

/// Every id that gave way, sorted; one hop.
pub fn agreement_redirects(
    panel: &Panel,
    agencies: &Agencies,
    agreements: &Agreements,
) -> Vec<AgreementRedirect> {
    let live: BTreeMap<&str, u32> =
        agreements.agreements.iter().zip(0..).map(|(agreement, at)| (agreement.id.as_str(), at)).collect();
    let mut redirects: BTreeMap<String, AgreementRedirect> = BTreeMap::new();
    let mut add = |old_id: String, agreement: u32, reason: &'static str, evidence: String| {
        if !live.contains_key(old_id.as_str()) {
            let redirect = AgreementRedirect { old_id: old_id.clone(), agreement, reason, evidence };
            redirects.entry(old_id).or_insert(redirect);
        }
    };
    for (at, agreement) in (0..).zip(&agreements.agreements) {
        for redirect in &agencies.agencies[agreement.agency as usize].redirects {
            let old_id = format!("{}-{}", redirect.old_id, agreement.model);
            add(old_id, at, redirect.reason, redirect.evidence.clone());
        }
    }
    // Rows of one name went to another state's body while the name stayed with others.
    let mut moved: BTreeMap<String, u32> = BTreeMap::new();
    for (listing, agreement) in panel.listings.iter().zip(&agreements.of_row) {
        let (Some(state), Some(name), Some(model)) =
            (listing.state_named, &listing.agency_name, listing.model)
        else {
            continue;
        };
        if let Some(at) = agreement {
            let lowest = moved.entry(format!("{}-{model}", mint(Some(state), name))).or_insert(*at);
            *lowest = (*lowest).min(*at);
        }
    }
    for (old_id, at) in moved {
        add(
            old_id,
            at,
            "state_corrected",
            "its rows were printed under a wrong state; see repairs".to_owned(),
        );
    }
    redirects.into_values().collect()
}
