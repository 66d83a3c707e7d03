//! What became of each agreement over the lists.
//!
//! [`follow`] takes an agency in one model through the lists: unbroken stretches ([`spells`]), what took its place
//! ([`succession`]), what changed ([`events`]). Beside these: the files it links to ([`links`]), applications
//! ([`pending`]), and ids that are no longer used ([`redirects`]).

pub mod agreement;
pub mod events;
pub mod follow;
pub mod links;
pub mod pending;
pub mod redirects;
pub mod spells;
pub mod succession;
