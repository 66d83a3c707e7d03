//! Estimates and margins as the Bureau writes them, and the marks that it writes where it has none.
//!
//! Source: U.S. Census Bureau, *Notes on ACS Estimate and Annotation Values*
//! (census.gov/data/developers/data-sets/acs-1yr/notes-on-acs-estimate-and-annotation-values.html).

use enum_map::EnumMap;

pub use crate::words::Gap;
use crate::words::{Concept, Reliability};

/// The largest figure: a larger number is not a count of people, and squares of margins must fit 64 bits.
pub const MOST_PEOPLE: i64 = 1_000_000_000;

/// Standard errors in a margin of 90 % confidence (handbook, chapter 7).
const STANDARD_ERRORS: f64 = 1.645;

/// An ACS estimate, in persons, with its 90 % margin of error.
///
/// Margins are kept squared: the square of a sum's margin is a whole number, so that sums of squares stay exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    pub value: Result<i64, Gap>,
    pub moe_squared: Result<i64, Gap>,
    /// The estimate is controlled to an official total and has no sampling error: its margin is 0.
    pub is_controlled: bool,
    /// Position of the estimate's source among the sources of the figures.
    pub source: u16,
}

impl Estimate {
    /// No estimate, for this reason.
    pub const fn none(gap: Gap) -> Self {
        Self { value: Err(gap), moe_squared: Err(gap), is_controlled: false, source: 0 }
    }

    /// An estimate and its margin, both in persons.
    pub fn new(value: i64, moe: i64) -> Self {
        Self { value: Ok(value), moe_squared: Ok(moe * moe), is_controlled: false, source: 0 }
    }

    /// The margin, in persons.
    pub fn moe(&self) -> Option<f64> {
        self.moe_squared.ok().map(|squared| (squared as f64).sqrt())
    }

    /// Standard error over estimate; `None` for an estimate of 0 or without a margin.
    pub fn cv(&self) -> Option<f64> {
        cv(self.value.ok()?, self.moe()?)
    }
}

impl Default for Estimate {
    fn default() -> Self {
        Self::none(Gap::NotInInput)
    }
}

/// Coefficient of variation: the standard error (margin over 1.645) over the estimate; `None` for an estimate of 0.
///
/// Source: handbook, chapter 7, "Measures of sampling error".
pub fn cv(value: i64, moe: f64) -> Option<f64> {
    (value != 0).then(|| moe / STANDARD_ERRORS / value.abs() as f64)
}

/// The reliability of a share, by its margin; `None` for a share of 0 or without a margin.
pub fn share_reliability(
    share: Option<f64>,
    moe: Option<f64>,
    thresholds: crate::spec::Reliability,
) -> Option<Reliability> {
    let (share, moe) = share.zip(moe).filter(|(share, _)| *share > 0.0)?;
    Some(reliability(moe / STANDARD_ERRORS / share, thresholds))
}

/// The reliability of an estimate, by its coefficient of variation: thresholds in `pipelines/census/source.toml`.
pub fn reliability(cv: f64, thresholds: crate::spec::Reliability) -> Reliability {
    if cv <= thresholds.high {
        Reliability::High
    } else if cv <= thresholds.medium {
        Reliability::Medium
    } else {
        Reliability::Low
    }
}

/// One area's estimates, by [`Concept`].
pub type AreaEstimates = EnumMap<Concept, Estimate>;

/// The meaning of one cell of an estimate, a margin or an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CensusCell {
    Number(i64),
    /// `-555555555`, `*****`: the estimate is controlled.
    Controlled,
    Gap(Gap),
}

/// Reads a cell: a whole number from 0 on, or a mark of the Bureau for a missing one; `None` for anything else.
pub fn cell(text: &str) -> Option<CensusCell> {
    let text = text.trim();
    let gap = match text {
        // R writes NA, pandas nan.
        "" | "null" | "NA" | "NaN" | "nan" => Gap::Null,
        "-" => Gap::NoEstimate,
        "N" => Gap::NotShown,
        "(X)" => Gap::NotApplicable,
        "**" => Gap::NoMargin,
        "***" => Gap::OpenEnded,
        "*****" => return Some(CensusCell::Controlled),
        _ => return number(text),
    };
    Some(CensusCell::Gap(gap))
}

fn number(text: &str) -> Option<CensusCell> {
    let gap = match whole(text)? {
        -666_666_666 => Gap::NoEstimate,
        -999_999_999 => Gap::NotShown,
        -888_888_888 => Gap::NotApplicable,
        -222_222_222 => Gap::NoMargin,
        -333_333_333 => Gap::OpenEnded,
        -555_555_555 => return Some(CensusCell::Controlled),
        // Marks that have lost their minus sign.
        222_222_222 | 333_333_333 | 555_555_555 | 666_666_666 | 888_888_888 | 999_999_999 => return None,
        number => return (0..=MOST_PEOPLE).contains(&number).then_some(CensusCell::Number(number)),
    };
    Some(CensusCell::Gap(gap))
}

/// Reads a whole number: `59285`, `59285.0`, `5.9285E4`.
fn whole(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number);
    }
    // Rust parses `inf` and `nan` as numbers.
    let has_digits_only =
        text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'));
    let number = text.parse::<f64>().ok().filter(|_| has_digits_only)?;
    (number.fract() == 0.0 && number.abs() <= MOST_PEOPLE as f64).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_where_no_figure_is_is_never_a_number() {
        for (number, text, expected) in [
            ("-555555555", "*****", CensusCell::Controlled),
            ("-666666666", "-", CensusCell::Gap(Gap::NoEstimate)),
            ("-999999999", "N", CensusCell::Gap(Gap::NotShown)),
            ("-888888888", "(X)", CensusCell::Gap(Gap::NotApplicable)),
            ("-222222222", "**", CensusCell::Gap(Gap::NoMargin)),
            ("-333333333", "***", CensusCell::Gap(Gap::OpenEnded)),
        ] {
            let float = format!("{number}.0");
            let padded = format!(" {number} ");
            for form in [number, text, &float, &padded] {
                assert_eq!(cell(form), Some(expected), "{form}");
            }
        }
        assert_eq!(cell("-5.55555555E8"), Some(CensusCell::Controlled));
        assert_eq!(cell("null"), Some(CensusCell::Gap(Gap::Null)));
        assert_eq!(cell(""), Some(CensusCell::Gap(Gap::Null)));
    }

    #[test]
    fn numbers_are_counts_of_people() {
        for (text, expected) in [("59285", 59_285), ("59285.0", 59_285), ("0", 0), ("1e3", 1_000)] {
            assert_eq!(cell(text), Some(CensusCell::Number(expected)), "{text}");
        }
        for wrong in
            ["-1", "59285.5", "59,285", "many", "inf", "9223372036854775807", "1e400", "±5", "-555555556"]
        {
            assert_eq!(cell(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn how_sure_an_estimate_is() {
        let thresholds = crate::spec::Reliability { high: 0.12, medium: 0.4 };
        // 3,634 ± 598: a standard error of 364, a tenth.
        let cv = Estimate::new(3_634, 598).cv().unwrap();
        assert!((cv - 0.100_03).abs() < 0.000_01, "{cv}");
        assert_eq!(reliability(cv, thresholds), Reliability::High);
        assert_eq!(reliability(Estimate::new(100, 50).cv().unwrap(), thresholds), Reliability::Medium);
        assert_eq!(reliability(Estimate::new(1, 2).cv().unwrap(), thresholds), Reliability::Low);
        assert_eq!(Estimate::new(0, 12).cv(), None);
    }
}
