//! Step "assess": questions to the public tables, so that they can be put to a run's own tables and to any release:
//! published figures, the areas with the most immigrants, and the changes between two dates.

mod as_of;
mod assessed;
mod benchmark_tables;
mod benchmarks;
mod change;
mod claim_table;
mod claims;
mod own_agencies;
mod policed;
mod ranked;
mod reached;
mod vintage_figures;

pub use as_of::{AsOf, AsOfRow, as_of};
pub use assessed::{Assessed, assess};
pub use benchmark_tables::{benchmark_totals, benchmarks as benchmarks_table};
pub use benchmarks::{BenchmarkRow, BenchmarkTotal, Benchmarks, Side, benchmarks};
pub use change::{Change, ChangeError, PeopleChange, change};
pub use claim_table::claims as claims_table;
pub use claims::{Judged, judge};
pub use own_agencies::RankedArea;
pub use policed::Policed;
pub use ranked::Unranked;
pub use vintage_figures::Scope;
