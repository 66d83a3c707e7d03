pub mod acquire;
pub mod identify;
pub mod normalise;
pub mod panel;
pub mod read;
pub mod reference;
pub mod spec;
pub mod words;
