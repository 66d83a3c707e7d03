//! Where an agency is: its level, its counties, its place or town, and its entry in the FBI's list.
//!
//! [`locate`] asks in this order: the county that the name says ([`named_county`]), the town ([`towns`]), the place
//! ([`named_places`]), the FBI's list ([`fbi_entries`]), and last the county cell. [`ori`] is the FBI's identifier;
//! [`state_agencies`] has what is known of agencies of states.

pub mod fbi_entries;
pub mod finder;
pub mod locate;
pub mod location;
pub mod named_county;
pub mod named_places;
pub mod ori;
pub mod state_agencies;
pub mod towns;
