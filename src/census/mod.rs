//! Step "census": how many people, and how many of them immigrants, live in each county, place and town.
//!
//! Figures are ACS estimates with the Bureau's 90 % margins of error where the file has them. They are read from the
//! forms in which the Bureau publishes them (`read`); `pipelines/census/concepts.toml` says which line of which table
//! counts whom. Files of one vintage are put together ([`figures`]) and must agree; a vintage that lacks a county is
//! refused (`whole`), since the missing county would be counted as nobody.

mod acs_file;
mod agree;
mod area;
mod bytes;
mod cells;
mod columns;
mod document;
mod error;
mod figures;
mod form;
mod margin;
mod measure;
mod pairing;
mod read;
mod source;
mod value;
mod vintage;
mod vintage_figures;
mod whole;
mod whole_counties;

pub use area::{Area, Level};
pub use bytes::sha256_of;
pub use error::{BadValue, CensusError};
pub use figures::{Inspected, Request, digests, figures, inspect, inspect_shipped, load, log};
pub use margin::{Sum, ratio_margin, share, share_margin};
pub use measure::Measure;
pub use pairing::Pairing;
pub use read::check_path;
pub use source::FigureSource;
pub use value::{AreaEstimates, Estimate, Gap, cv, reliability, share_reliability};
pub use vintage_figures::{AreaFigures, CountyFigures, Figures};
pub use whole::sums_of_counties;
