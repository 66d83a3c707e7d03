//! Figures of one area that must agree: with each other, and with the same figure of another table or file.

use super::source::Rank;
use super::value::{AreaEstimates, Estimate, Gap};
use crate::words::Concept;

/// Two figures that should be equal: the one that was taken before, and the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clash {
    pub known: i64,
    pub new: i64,
    /// Position of the known figure's source.
    pub source: u16,
    pub is_margin: bool,
}

impl Clash {
    /// Says in words which figure was expected.
    pub fn expected(self) -> String {
        let what = if self.is_margin { "the margin" } else { "the figure" };
        format!("{what} {} that another column or file of the vintage has", self.known)
    }
}

/// Takes the better of two estimates: one with a figure before one without, one with a margin before one without, a
/// line before a sum of lines, then the preferred table. `rank` gives the rank of a source.
///
/// # Errors
/// The two figures, or the two margins of the same lines, are not equal.
pub fn take<'r>(known: &mut Estimate, new: &Estimate, rank: impl Fn(usize) -> &'r Rank) -> Result<(), Clash> {
    if new.value == Err(Gap::NotInInput) {
        return Ok(());
    }
    if known.value == Err(Gap::NotInInput) {
        *known = *new;
        return Ok(());
    }
    if let (Ok(one), Ok(other)) = (known.value, new.value)
        && one != other
    {
        return Err(Clash { known: one, new: other, source: known.source, is_margin: false });
    }
    let of = |estimate: &Estimate| {
        (estimate.value.is_err(), estimate.moe_squared.is_err(), rank(usize::from(estimate.source)))
    };
    if let (Ok(one), Ok(other)) = (known.moe_squared, new.moe_squared)
        && one != other
        && rank(usize::from(known.source)) == rank(usize::from(new.source))
    {
        let root = |squared: i64| (squared as f64).sqrt().round() as i64;
        let (known_moe, new_moe) = (root(one), root(other));
        return Err(Clash { known: known_moe, new: new_moe, source: known.source, is_margin: true });
    }
    if of(new) < of(known) {
        *known = *new;
    }
    Ok(())
}

/// A figure that contradicts other figures of its area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedSum {
    pub concept: Concept,
    pub value: i64,
    pub expected: String,
}

/// Returns the first of an area's figures that breaks a rule: total = native + foreign-born,
/// foreign-born = naturalised + noncitizens, and no part is larger than its whole.
pub fn sum_that_fails(estimates: &AreaEstimates) -> Option<FailedSum> {
    let of = |concept: Concept| estimates[concept].value.ok();
    let sums = [
        (Concept::Population, Concept::Native, Concept::ForeignBorn),
        (Concept::ForeignBorn, Concept::Naturalized, Concept::Noncitizen),
    ];
    for (concept, one, other) in sums {
        if let (Some(value), Some(a), Some(b)) = (of(concept), of(one), of(other))
            && value != a + b
        {
            let expected = format!("the sum of {one} {a} and {other} {b}");
            return Some(FailedSum { concept, value, expected });
        }
    }
    let parts = [
        (Concept::Population, Concept::Native),
        (Concept::Population, Concept::ForeignBorn),
        (Concept::Population, Concept::Noncitizen),
        (Concept::ForeignBorn, Concept::Naturalized),
        (Concept::ForeignBorn, Concept::Noncitizen),
    ];
    parts.into_iter().find_map(|(whole, concept)| {
        let (total, value) = (of(whole)?, of(concept)?);
        (value > total).then(|| FailedSum { concept, value, expected: format!("at most {whole} {total}") })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::FigureMethod;

    const LINE: Rank = Rank { method: FigureMethod::Line, table: 1 };
    const SUM: Rank = Rank { method: FigureMethod::SumOfLines, table: 0 };

    fn of(value: i64, moe: i64, source: u16) -> Estimate {
        Estimate { source, ..Estimate::new(value, moe) }
    }

    #[test]
    fn the_better_of_two_is_taken_in_either_order() {
        let ranks = [LINE, SUM];
        let rank = |at: usize| &ranks[at];
        let bare = Estimate { moe_squared: Err(Gap::NotInInput), ..of(5, 0, 0) };
        for (better, worse) in [
            (of(5, 3, 0), of(5, 4, 1)),
            (of(5, 4, 1), bare),
            (bare, Estimate::none(Gap::Null)),
            (Estimate::none(Gap::Null), Estimate::default()),
        ] {
            for (first, second) in [(better, worse), (worse, better)] {
                let mut known = first;
                take(&mut known, &second, rank).unwrap();
                assert_eq!(known, better);
            }
        }
    }

    #[test]
    fn what_contradicts_is_refused() {
        let ranks = [LINE, SUM];
        let rank = |at: usize| &ranks[at];
        let clash = take(&mut of(5, 3, 0), &of(6, 3, 1), rank).unwrap_err();
        assert_eq!((clash.known, clash.new, clash.is_margin), (5, 6, false));
        let clash = take(&mut of(5, 3, 0), &of(5, 4, 0), rank).unwrap_err();
        assert_eq!((clash.known, clash.new, clash.is_margin), (3, 4, true));
    }

    #[test]
    fn figures_add_up() {
        let mut estimates = AreaEstimates::default();
        let mut set = |concept: Concept, value| estimates[concept] = Estimate::new(value, 1);
        set(Concept::Population, 10);
        set(Concept::Native, 6);
        set(Concept::ForeignBorn, 4);
        set(Concept::Naturalized, 1);
        set(Concept::Noncitizen, 3);
        assert_eq!(sum_that_fails(&estimates), None);
        estimates[Concept::Noncitizen] = Estimate::new(2, 1);
        let failed = sum_that_fails(&estimates).unwrap();
        assert_eq!((failed.concept, failed.value), (Concept::ForeignBorn, 4));
        estimates[Concept::Naturalized] = Estimate::none(Gap::Null);
        assert_eq!(sum_that_fails(&estimates), None);
        estimates[Concept::Noncitizen] = Estimate::new(5, 1);
        assert_eq!(sum_that_fails(&estimates).unwrap().expected, "at most foreign_born 4");
    }
}
