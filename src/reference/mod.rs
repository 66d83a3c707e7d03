//! Reference tables: states, counties through time, places, agencies known to the FBI.
//!
//! They come from `data/reference/`, written by `data/recipes/build_data.py` (sources:
//! `data/SOURCES.md`). Names are looked up by [`key`], which ignores case, punctuation and spaces and
//! reads `St.` as `Saint`.

mod changes;
mod connecticut;
mod counties;
mod counties_then;
mod crosswalk;
mod everything;
mod fbi;
mod laws;
mod place_counties;
mod places;
mod residents;
mod shapes;
mod shares;
mod state_agencies;
mod states;
mod table;
mod towns;

pub use changes::CountyChanges;
pub use connecticut::ConnecticutTowns;
pub use counties::{Counties, County};
pub use counties_then::Then;
pub use crosswalk::{CountyBody, Crosswalk, NameDecision, Reviewed};
pub use everything::{Reference, Regions};
pub use fbi::{FbiAgencies, FbiAgency};
pub use laws::{LawSource, Laws, ReviewedEnd, SourceDate, StateLaw};
pub use place_counties::PlaceCounties;
pub use places::{Place, Places};
pub use residents::CountyResidents;
pub use shapes::Shapes;
pub use shares::{PlaceShares, SharesError};
pub use state_agencies::{FORM_WORDS, StateAgencies, StateAgency};
pub use states::{State, StateKind, States};
pub use table::key;
pub use towns::{Town, Towns, split_town_name};
