//! Step 4, identify: which body each row speaks of, where it polices, and what became of each agreement.
//!
//! Wrong states are mended first ([`mend_states`]). Then the names on the lists are gathered, each is placed
//! by what it says ([`locate()`]), and names of one body are joined by rules with names. An agency's id is
//! minted from the earliest name it was listed under; the ids of its other names are redirects. Agreements are
//! followed over the lists as spells and events, and what became of those that ended is settled.

mod agencies;
mod agreements;
mod events;
mod fbi;
mod lexicon;
mod links;
mod locate;
mod mend;
mod name;
mod named_county;
mod ori;
mod pending;
mod places;
mod redirects;
mod renamed;
mod role;
mod same;
mod sightings;
mod spelling;
mod spells;
mod states;
mod succession;
mod towns;

pub use agencies::{Agencies, Agency, PrintedName, Redirect, agencies};
pub use agreements::{Agreement, Agreements, End, Event, Spell, SpellDays, agreements};
pub use lexicon::Lexicon;
pub use links::{Link, links};
pub use locate::{Location, Witnesses, locate};
pub use name::Name;
pub use ori::Ori;
pub use pending::{PendingAgreement, PendingName, pending, pending_names};
pub use redirects::{AgreementRedirect, agreement_redirects};
pub use same::Bond;
pub use sightings::{Cite, Sightings, of_kind};
pub use spelling::{Spelling, Spellings};
pub use states::mend_states;
