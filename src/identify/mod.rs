//! Step 4, identify: which body each row speaks of, where it polices, and what became of each agreement.
//!
//! Bodies are told by state and the words of their name ([`Name`]), placed by [`locate()`], and followed
//! over the lists as agreements with spells and events. An agency's id is minted from the earliest name
//! it was listed under; the ids of its other names are redirects.

mod agencies;
mod agreements;
mod locate;
mod name;
mod pending;
mod spells;

pub use agencies::{Agencies, Agency, Redirect, agencies};
pub use agreements::{Agreement, Agreements, Event, Spell, agreements};
pub use locate::{Location, Witnesses, locate};
pub use name::Name;
pub use pending::{PendingAgreement, pending};
