//! Which vintage each as-of list goes with, and which rules its figures allow.

use tracing::warn;

use crate::census::{CensusError, Figures, Pairing};
use crate::panel::Panel;
use crate::spec::Rules;

/// The vintages coverage is computed with.
#[derive(Debug)]
pub struct Vintages {
    /// Positions among the figures, newest first.
    pub used: Vec<usize>,
    /// By as-of list: position among `used`.
    pub of_list: Vec<usize>,
}

impl Vintages {
    /// Pairs the as-of lists with vintages, as asked for.
    ///
    /// # Errors
    /// [`CensusError::NoSuchVintage`].
    pub fn pair(pairing: Pairing, panel: &Panel, figures: &[Figures]) -> Result<Self, CensusError> {
        let days: Vec<_> = panel.as_of_lists().iter().map(|(_, list)| list.day()).collect();
        let of_list = pairing.of_days(figures, &days)?;
        let mut used = of_list.clone();
        used.sort_unstable();
        used.dedup();
        let at = |figures: &usize| used.binary_search(figures).expect("every list's vintage is used");
        let of_list = of_list.iter().map(at).collect();
        Ok(Self { used, of_list })
    }

    /// The vintages by name.
    pub fn names(&self, figures: &[Figures]) -> String {
        self.used.iter().map(|at| figures[*at].vintage.to_string()).collect::<Vec<_>>().join(", ")
    }

    /// The rules that the figures allow: residents of places are counted where every vintage used has places.
    pub fn rules(&self, rules: Rules, figures: &[Figures]) -> Rules {
        if self.used.iter().all(|at| figures[*at].have_places()) {
            return rules;
        }
        if let Some(with_places) = figures.iter().find(|figures| figures.have_places()) {
            warn!(
                vintage = %with_places.vintage,
                "places are not counted: coverage uses a vintage without figures of places"
            );
        }
        rules.without_residents()
    }
}
