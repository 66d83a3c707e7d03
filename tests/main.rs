//! One integration binary; each module is one side from which the program is looked at.

mod cli;
mod determinism;
mod docs;
mod figures;
mod hostile;
mod release;
mod rows;
mod schema;
mod support;
