//! The facts by which an agency is located, and the counties that are found.

use super::location::Witnesses;
use crate::identify::names::name::Name;
use crate::identify::places::location::Typo;
use crate::reference::{Reference, Town};
use crate::spec::Vocabulary;
use crate::words::{CountyFips, CountyMethod, StateCode};

/// The facts by which an agency is located.
pub(in crate::identify) struct AgencyFinder<'a> {
    pub(in crate::identify) name: &'a Name,
    pub(in crate::identify) state: Option<StateCode>,
    pub(in crate::identify) witnesses: &'a Witnesses,
    pub(in crate::identify) vocabulary: &'a Vocabulary,
    pub(in crate::identify) reference: &'a Reference,
    pub(in crate::identify) said_town: Option<SaidTown<'a>>,
}

/// Counties found, the method, and how sure it is.
pub(in crate::identify) struct FoundCounties {
    pub counties: Vec<CountyFips>,
    pub method: CountyMethod,
    pub score: f64,
    pub typo: Option<Typo>,
}

impl FoundCounties {
    pub fn new(counties: Vec<CountyFips>, method: CountyMethod, score: f64) -> Self {
        Self { counties, method, score, typo: None }
    }
}

/// The towns that a name may mean; the agency is one town's own.
pub(in crate::identify) struct SaidTown<'a> {
    /// Towns of that name in the state, each in a county.
    pub towns: Vec<&'a Town>,
    /// The town's name in lower case, without the word for what it legally is.
    pub(in crate::identify) base: String,
    /// `town` or `township`, as the name says it.
    pub(in crate::identify) kind: &'static str,
}
