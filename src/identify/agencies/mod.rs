//! Which rows are about one agency, and what it is called.
//!
//! Rows with a wrong state are repaired first ([`states`]). Distinct names are gathered with their locations
//! ([`spelling`]). Names of one agency are joined ([`same`], by [`role`], and [`renamed`]). Each agency is published
//! under its best name ([`published_name`]) and an id that never changes ([`ids`]). [`agency`] puts all of it together.

pub mod agency;
pub mod ids;
pub mod published_name;
pub mod renamed;
pub mod role;
pub mod same;
pub mod spelling;
pub mod states;
