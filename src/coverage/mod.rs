//! Step 6, coverage: which counties an agreement reaches under each rule, and how many people live there.
//!
//! Everyone is counted once: a county is covered or not, however many agencies cover it. What a rule
//! takes depends on an agency, its counties and a model, not on the day; so it is worked out once per
//! agency, model and rule, and each list only counts what changed.

mod claims;
mod cube;
mod reach;
mod stretches;

pub use claims::{AsOf, AsOfRow, Judged, as_of, judge};
pub use cube::{Cell, Covered, Cube, Geography, cube};
pub use reach::{Reaches, reaches};
pub use stretches::Stretch;
