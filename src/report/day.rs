//! What a list says of its day.

use serde::{Deserialize, Serialize};

use super::CoverageRow;

/// One as-of list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Day {
    pub date: String,
    pub agreements: usize,
    pub states: usize,
    pub territories: usize,
    pub agencies: usize,
    /// Model, agreements, states, territories.
    pub by_model: Vec<(String, usize, usize, usize)>,
    pub new_agreements: usize,
    pub new_agreement_states: usize,
    pub new_agreement_territories: usize,
    pub new_agencies: usize,
    /// Of the agencies with a new agreement those that had one before: on a list dated before the day,
    /// or signed before it.
    pub new_agencies_with_one_before: usize,
    pub unread_signed_dates: usize,
    pub coverage: Vec<CoverageRow>,
}
