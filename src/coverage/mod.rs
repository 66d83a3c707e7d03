//! Step "coverage": which counties an agreement reaches under each rule, and how many people live there.
//!
//! Everyone is counted once: a county is covered or not, however many agencies cover it. Under a rule that counts
//! residents the same holds for a place outside the covered counties. The reach of an agreement depends on the agency,
//! its counties and the model, not on the day; so it is worked out once per agency, model, rule and vintage, and each
//! list only counts the changes.

mod basis;
mod cells;
mod county_panel;
mod covered;
mod cube;
mod geography;
mod months;
mod people;
mod plan;
mod reach;
mod reached;
mod residents;
mod stretches;
mod vintages;

pub use cells::{CoverageCell, Covered, CoveredSet, Cube};
pub use county_panel::{Cohort, CountyHistory, PeriodCoverage, Periods};
pub use covered::{Coverage, coverage};
pub use cube::cube;
pub use geography::{Geography, Total};
pub use months::{Began, CountyMonth, CountySpell, CoverageSpell, Months, began};
pub use people::{Inexact, PeopleSums};
pub use plan::{Plan, PlanError, plan};
pub use reach::{Reach, Reaches, UnplacedCounties, VintageReaches, reaches};
pub use residents::{Home, Homes, Part, ShareMethod, UnknownResidents};
pub use stretches::{CountyHold, InPart, Stretch};
pub use vintages::Vintages;
