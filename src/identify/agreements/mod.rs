//! The history of each agreement over the lists.
//!
//! [`follow`] follows an agency in one model over the lists: its unbroken stretches ([`spells`]), the agreement that
//! took its place ([`succession`]), its changes ([`events`]), how long it
//! lasted ([`lifetime`]), and which agencies run a jail ([`jails`]). Other modules hold the files it links to ([`links`]),
//! applications ([`pending`]), and ids that are no longer used ([`redirects`]).

pub mod agreement;
pub mod events;
pub mod follow;
pub mod jails;
pub mod lifetime;
pub mod links;
pub mod pending;
pub mod redirects;
pub mod spells;
pub mod succession;
