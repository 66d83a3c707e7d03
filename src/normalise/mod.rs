//! Step `normalise`: printed values become typed ones.
//!
//! Each printed value stays beside the clean one, and each change is a [`Repair`] with the rule that made it. A value
//! that cannot be read is null, with a repair that says so: never a guess, never a default. Work is done per distinct
//! row of all lists, and in it per distinct value.

mod county;
mod date;
mod listing;
mod repair;
mod state;
mod text;
mod vocabulary;

pub use county::county;
pub use date::{dates_in_file_name, signed_date};
pub use listing::{Listing, Printed, RawTexts, Slots, column, normalise};
pub use repair::{Clean, Fix, Repair, nearest};
pub use state::state;
pub use text::clean;
pub use vocabulary::{agency_type, model};
