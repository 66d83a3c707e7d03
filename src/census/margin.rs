//! Sums and shares of ACS estimates with their margins of error.
//!
//! Source: U.S. Census Bureau, *Understanding and Using American Community Survey Data: What All Data
//! Users Need to Know* (2020), chapter 8. Margins have 90 % confidence. Sums are kept in integers;
//! floats appear only in the last step.

use super::value::{Estimate, Gap};

const BILLIONTHS: i128 = 1_000_000_000;

/// A sum of estimates over areas that do not overlap, or over lines of one area.
///
/// The margin is the root of the sum of squared margins; among components estimated as zero, only the
/// largest margin counts (chapter 8, "Calculating MOEs for aggregated count data"). A controlled
/// estimate has margin 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    total: i64,
    /// Sum of squared margins, in billionths: parts of areas are exact enough, and the order of adding does not matter.
    squares: i128,
    /// Largest squared margin of the components estimated as zero, in billionths.
    largest_of_zero: i128,
    /// Why a component has no estimate; the sum is then unknown.
    gap: Option<Gap>,
    margin_gap: Option<Gap>,
}

impl Sum {
    /// Adds one area.
    pub fn add(&mut self, estimate: &Estimate) {
        let value = match estimate.value {
            Ok(value) => value,
            Err(gap) => {
                self.gap = first(self.gap, Some(gap));
                return;
            }
        };
        self.add_margin(value, estimate.moe_squared, (1, 1));
    }

    /// Adds part of an area: `value` people, and the area's margin in proportion to the share (part, whole).
    pub fn add_part(&mut self, value: Result<i64, Gap>, area: &Estimate, share: (u64, u64)) {
        match value {
            Ok(value) => self.add_margin(value, area.moe_squared, share),
            Err(gap) => self.gap = first(self.gap, Some(gap)),
        }
    }

    fn add_margin(&mut self, value: i64, moe_squared: Result<i64, Gap>, (part, whole): (u64, u64)) {
        self.total += value;
        let (part, whole) = (i128::from(part), i128::from(whole.max(1)));
        // Two steps, so that each product fits.
        let squared = |squared: i64| i128::from(squared) * BILLIONTHS * part / whole * part / whole;
        match moe_squared.map(squared) {
            Err(gap) => self.margin_gap = first(self.margin_gap, Some(gap)),
            Ok(squared) if value == 0 => self.largest_of_zero = self.largest_of_zero.max(squared),
            Ok(squared) => self.squares += squared,
        }
    }

    /// Adds the areas of another sum; no area may be in both.
    pub fn merge(&mut self, other: &Self) {
        self.total += other.total;
        self.join_margins(other);
    }

    /// Returns the gained areas less the lost ones; no area may be in both. The margin of a change is the margin of
    /// the areas that changed.
    pub fn change(gained: &Self, lost: &Self) -> Self {
        let mut change = *gained;
        change.total -= lost.total;
        change.join_margins(lost);
        change
    }

    fn join_margins(&mut self, other: &Self) {
        self.squares += other.squares;
        self.largest_of_zero = self.largest_of_zero.max(other.largest_of_zero);
        self.gap = first(self.gap, other.gap);
        self.margin_gap = first(self.margin_gap, other.margin_gap);
    }

    /// The sum, in persons; `None` if an area has no estimate.
    pub fn value(&self) -> Option<i64> {
        self.gap.is_none().then_some(self.total)
    }

    /// The margin of the sum, in persons; `None` if an area has no margin.
    pub fn margin(&self) -> Option<f64> {
        let squared = self.squares + self.largest_of_zero;
        // Whole squares stay exact.
        let (whole, rest) = (squared / BILLIONTHS, squared % BILLIONTHS);
        let squared = whole as f64 + rest as f64 / BILLIONTHS as f64;
        (self.gap.is_none() && self.margin_gap.is_none()).then(|| squared.sqrt())
    }

    /// Why there is no sum; `None` if there is one.
    pub fn gap(&self) -> Option<Gap> {
        self.gap
    }

    /// Why there is no margin; `None` if there is one.
    pub fn margin_gap(&self) -> Option<Gap> {
        self.gap.or(self.margin_gap)
    }

    /// The sum as one estimate.
    pub fn estimate(&self) -> Estimate {
        if let Some(gap) = self.gap {
            return Estimate::none(gap);
        }
        // A concept is a sum of at most 8 lines, whose squares are whole and fit.
        let squared = i64::try_from((self.squares + self.largest_of_zero) / BILLIONTHS).unwrap_or(i64::MAX);
        let moe_squared = self.margin_gap.map_or(Ok(squared), Err);
        Estimate { value: Ok(self.total), moe_squared, is_controlled: false, source: 0 }
    }
}

impl From<&Estimate> for Sum {
    fn from(estimate: &Estimate) -> Self {
        let mut sum = Self::default();
        sum.add(estimate);
        sum
    }
}

/// Returns the reason that comes first in [`Gap`], so that the order of the areas makes no difference.
fn first(one: Option<Gap>, other: Option<Gap>) -> Option<Gap> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Part over whole, 0 to 1; 0 if the whole is nobody.
pub fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Margin of a share whose numerator is a part of its denominator (chapter 8, "Calculating MOEs for derived
/// proportions"): sqrt(MOE_X² − p² MOE_Y²) / Y, with plus where the radicand is negative; 0 if the whole is nobody.
/// The caller handles empty and complete sets, whose margin is 0: an estimate of nobody may still be of some counties.
pub fn share_margin(part: i64, part_margin: f64, whole: i64, whole_margin: f64) -> f64 {
    let (x, y) = terms(part, part_margin, whole, whole_margin);
    root_over(if x >= y { x - y } else { x + y }, whole)
}

/// Margin of a ratio whose numerator is no part of its denominator, such as gains less losses (chapter 8, "Calculating
/// MOEs for derived ratios"): sqrt(MOE_X² + p² MOE_Y²) / Y.
pub fn ratio_margin(part: i64, part_margin: f64, whole: i64, whole_margin: f64) -> f64 {
    let (x, y) = terms(part, part_margin, whole, whole_margin);
    root_over(x + y, whole)
}

/// Returns MOE_X² and p² MOE_Y².
fn terms(part: i64, part_margin: f64, whole: i64, whole_margin: f64) -> (f64, f64) {
    (part_margin.powi(2), share(part, whole).powi(2) * whole_margin.powi(2))
}

fn root_over(radicand: f64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { radicand.sqrt() / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: i64, moe: i64) -> Estimate {
        Estimate::new(value, moe)
    }

    /// An estimate of seven without a margin.
    fn seven() -> Estimate {
        Estimate { moe_squared: Err(Gap::NotInInput), ..Estimate::new(7, 0) }
    }

    /// The worked examples of chapter 8: a sum of three estimates, and its share of three others.
    #[test]
    fn the_handbook_examples() {
        let mut part = Sum::default();
        for (value, moe) in [(135_173, 3_860), (43_104, 2_642), (24_842, 1_957)] {
            part.add(&estimate(value, moe));
        }
        assert_eq!(part.value(), Some(203_119));
        assert_eq!(part.margin().unwrap().round(), 5_070.0);
        let mut whole = Sum::default();
        for (value, moe) in [(466_037, 391), (97_360, 572), (67_101, 459)] {
            whole.add(&estimate(value, moe));
        }
        let (x, y) = (part.value().unwrap(), whole.value().unwrap());
        assert_eq!((share(x, y) * 1000.0).round(), 322.0);
        let margin = share_margin(x, part.margin().unwrap(), y, whole.margin().unwrap());
        assert_eq!((margin * 1000.0).round(), 8.0);
    }

    #[test]
    fn of_zeros_only_the_largest_margin_counts() {
        let mut sum = Sum::default();
        for (value, moe) in [(0, 10), (0, 12), (5, 5)] {
            sum.add(&estimate(value, moe));
        }
        assert_eq!(sum.margin(), Some(13.0));
    }

    #[test]
    fn sums_of_parts_are_the_sum() {
        let all = [estimate(0, 10), estimate(7, 3), seven(), estimate(0, 12)];
        let sum = |areas: &[Estimate]| {
            let mut sum = Sum::default();
            areas.iter().for_each(|area| sum.add(area));
            sum
        };
        let mut merged = sum(&all[..2]);
        merged.merge(&sum(&all[2..]));
        assert_eq!(merged, sum(&all));
    }

    #[test]
    fn what_is_missing_is_not_zero() {
        let mut sum = Sum::default();
        sum.add(&estimate(5, 5));
        sum.add(&seven());
        assert_eq!((sum.value(), sum.margin()), (Some(12), None));
        sum.add(&Estimate::default());
        assert_eq!((sum.value(), sum.margin()), (None, None));
    }

    #[test]
    fn the_margin_of_a_change_is_that_of_what_changed() {
        let sum = |areas: &[Estimate]| {
            let mut sum = Sum::default();
            areas.iter().for_each(|area| sum.add(area));
            sum
        };
        let change = Sum::change(&sum(&[estimate(10, 3)]), &sum(&[estimate(30, 4), estimate(0, 12)]));
        assert_eq!((change.value(), change.margin()), (Some(-20), Some(13.0)));
    }

    #[test]
    fn margins_of_shares_and_ratios() {
        assert_eq!(share_margin(9, 0.0, 10, 1.0), 0.09, "plus where the radicand is negative");
        assert_eq!(
            share_margin(0, 12.0, 100, 5.0),
            0.12,
            "counties in which nobody was found are not no counties"
        );
        assert_eq!(share_margin(5, 3.0, 0, 3.0), 0.0);
        assert_eq!(ratio_margin(0, 50.0, 100, 9.0), 0.5);
        assert_eq!(ratio_margin(100, 3.0, 100, 4.0), 0.05);
    }
}
