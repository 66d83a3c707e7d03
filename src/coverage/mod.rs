//! Step 6, coverage: which counties an agreement reaches under each rule, and how many people live there.
//!
//! Everyone is counted once: a county is covered or not, however many agencies cover it; under a rule that counts
//! residents, a place outside the covered counties is. What a rule takes depends on an agency, its counties and a
//! model, not on the day; so it is worked out once per agency, model, rule and vintage, and each list only counts
//! what changed.

mod benchmarks;
mod change;
mod claims;
mod cube;
mod map;
mod months;
mod own_bodies;
mod people;
mod policed;
mod reach;
mod reached;
mod residents;
mod stretches;
mod vintage_figures;
mod vintages;

pub use benchmarks::{Benched, BenchedArea, Benchmarks, Side, Standing, Unranked, benchmarks};
pub use change::{Change, ChangeError, Changed, Scope, change};
pub use claims::{AsOf, AsOfRow, Judged, as_of, judge};
pub use cube::{Cell, Covered, Cube, Geography, Set, Total, cube};
pub use months::{Began, CountyMonth, Months};
pub use people::{Inexact, People};
pub use policed::Policed;
pub use reach::{Lost, Reach, Reaches, VintageReaches, reaches};
pub use residents::{Home, Homes, Part, ShareMethod, Unknown};
pub use stretches::{Held, InPart, Stretch};
pub use vintages::Vintages;
