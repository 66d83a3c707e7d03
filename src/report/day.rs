//! The counts of a list for its day.

use serde::{Deserialize, Serialize};

use super::CoverageRow;

/// The counts and the coverage of one as-of list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Day {
    pub date: String,
    pub agreements: usize,
    pub states: usize,
    pub territories: usize,
    pub agencies: usize,
    /// Each model with its agreements, states and territories.
    pub by_model: Vec<(String, usize, usize, usize)>,
    pub new_agreements: usize,
    pub new_agreement_states: usize,
    pub new_agreement_territories: usize,
    pub new_agencies: usize,
    /// Agencies of `new_agencies` that had an agreement before: on a list dated before the day from which agreements
    /// are new, or signed before that day.
    pub new_agencies_with_one_before: usize,
    pub unread_signed_dates: usize,
    pub coverage: Vec<CoverageRow>,
}
