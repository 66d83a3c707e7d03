//! Step "identify": finds which agency each row is about, where it serves, and what became of each agreement.
//!
//! Wrong states are repaired first ([`repair_states`]). Then the names on the lists are gathered, each is placed by
//! what it says ([`locate()`]), and names of one agency are joined by named rules. An agency's id is minted from the
//! earliest name under which it was listed; the ids of its other names are redirects. Agreements are followed over the
//! lists as spells and events; for those that ended it is settled why.

pub mod agencies;
pub mod agreements;
mod identified;
pub mod names;
pub mod places;

pub use agencies::agency::{Agencies, Agency, PrintedName, Redirect, agencies};
pub use agencies::ids::name_key;
pub use agencies::same::Bond;
pub use agencies::spelling::{Spelling, Spellings};
pub use agencies::states::repair_states;
pub use agreements::agreement::{Agreement, End, Event, Spell, SpellDays};
pub use agreements::follow::{Agreements, CountsFor, agreements};
pub use agreements::jails::{RunsJail, jails};
pub use agreements::lifetime::{Lifetime, lifetimes};
pub use agreements::links::{AgreementLink, links};
pub use agreements::pending::{PendingAgreement, PendingName, pending, pending_names};
pub use agreements::redirects::{AgreementRedirect, agreement_redirects};
pub use identified::{Identified, identify};
pub use names::lexicon::Lexicon;
pub use names::name::Name;
pub use names::sightings::{Cite, Sightings, of_kind};
pub use places::locate::locate;
pub use places::location::{Location, Ori, Witnesses};
