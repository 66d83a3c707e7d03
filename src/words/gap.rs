//! Why there is no figure.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

words! {
    /// Why there is no figure.
    Gap {
        /// The ACS is not taken there.
        NotInAcs = "not_in_acs",
        /// No file that is read has it.
        NotInInput = "not_in_input",
        /// An empty cell, `null`, or what R and pandas write for it.
        Null = "null_in_input",
        /// `-666666666`, `-`: no sample cases, or too few.
        NoEstimate = "too_few_cases_for_estimate",
        /// `-999999999`, `N`: too few sample cases to be shown.
        NotShown = "too_few_cases_to_show",
        /// `-888888888`, `(X)`: not applicable, or not available.
        NotApplicable = "not_applicable",
        /// `-222222222`, `**`: no sample cases, or too few, for a standard error.
        NoMargin = "too_few_cases_for_margin",
        /// `-333333333`, `***`: a median in an open-ended interval.
        OpenEnded = "open_ended_interval",
    }
}
