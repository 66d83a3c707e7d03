//! Pairs as-of lists with vintages, and chooses the rules that the figures allow.

use crate::census::{CensusError, Figures, Pairing};
use crate::panel::Panel;
use crate::spec::Rules;

/// The vintages with which coverage is computed.
#[derive(Debug)]
pub struct Vintages {
    /// Positions among the figures, newest first.
    pub used: Vec<usize>,
    /// By as-of list: position among `used`.
    of_list: Vec<usize>,
    /// The same for rules that count residents of places: the list's vintage if it has figures of places, else the
    /// newest one that has.
    of_list_with_places: Vec<usize>,
}

impl Vintages {
    /// Pairs the as-of lists with vintages as `pairing` says.
    ///
    /// # Errors
    /// [`CensusError::NoSuchVintage`].
    pub fn pair(pairing: Pairing, panel: &Panel, figures: &[Figures]) -> Result<Self, CensusError> {
        let days: Vec<_> = panel.as_of_lists().iter().map(|(_, list)| list.day()).collect();
        let of_list = pairing.of_days(figures, &days)?;
        let newest = figures.iter().position(Figures::have_places);
        let with_places = |at: &usize| if figures[*at].have_places() { *at } else { newest.unwrap_or(*at) };
        let of_list_with_places: Vec<usize> = of_list.iter().map(with_places).collect();
        let mut used: Vec<usize> = of_list.iter().chain(&of_list_with_places).copied().collect();
        used.sort_unstable();
        used.dedup();
        let among_used = |of_list: Vec<usize>| -> Vec<usize> {
            let at = |figures: &usize| used.binary_search(figures).expect("every list's vintage is used");
            of_list.iter().map(at).collect()
        };
        Ok(Self { of_list: among_used(of_list), of_list_with_places: among_used(of_list_with_places), used })
    }

    /// By rule and as-of list: position among `used`.
    pub fn of_rules(&self, rules: &Rules) -> Vec<Vec<usize>> {
        let of_rule = |rule| match rules.needs_places(rule) {
            true => self.of_list_with_places.clone(),
            false => self.of_list.clone(),
        };
        rules.rules.iter().map(of_rule).collect()
    }

    /// The vintages by name.
    pub fn names(&self, figures: &[Figures]) -> String {
        self.used.iter().map(|at| figures[*at].vintage.to_string()).collect::<Vec<_>>().join(", ")
    }

    /// The rules that the figures allow: residents of places are counted where a vintage has figures of places.
    pub fn rules(&self, rules: Rules, figures: &[Figures]) -> Rules {
        if figures.iter().any(Figures::have_places) { rules } else { rules.without_residents() }
    }
}
