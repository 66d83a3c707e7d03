pub mod acquire;
pub mod read;
pub mod reference;
pub mod spec;
pub mod words;
