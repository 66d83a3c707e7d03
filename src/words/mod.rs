//! The field's words as types: what a state, a county, a model or a kind of list is.
//!
//! Values are made once, at the edge (a reference table, a vocabulary, a cell), and are valid ever
//! after. Codes of states and counties order as their text does, words in the order in which they are declared.

use std::fmt;

use enum_map::Enum;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// USPS code of a state, the District of Columbia or a territory: two upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateCode([u8; 2]);

impl StateCode {
    /// `None` unless `text` is two upper-case ASCII letters. The reference table says whether such a state exists.
    pub fn new(text: &str) -> Option<Self> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Some(Self([*a, *b])),
            _ => None,
        }
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two ASCII letters by construction")
    }
}

/// FIPS code of a county or equivalent: five digits, the first two of them the state's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountyFips([u8; 5]);

impl CountyFips {
    /// `None` unless `text` is five digits.
    pub fn new(text: &str) -> Option<Self> {
        let bytes: [u8; 5] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_digit).then_some(Self(bytes))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("five ASCII digits by construction")
    }

    /// The two-digit FIPS code of its state.
    pub fn state_fips(&self) -> &str {
        &self.as_str()[..2]
    }
}

macro_rules! shown_as_code {
    ($($type:ty),*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
shown_as_code!(StateCode, CountyFips);

/// Declares a closed set of words: an enum that reads from and prints as its words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[derive(EnumString, IntoStaticStr, VariantArray)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] #[strum(serialize = $word)] $variant),* }

        impl $name {
            /// Every word of the set, in the order in which they are shown.
            pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

            /// The word as tables and specs spell it.
            pub fn as_str(&self) -> &'static str {
                self.into()
            }

            /// Returns the word that tables and specs spell like this; `None` if the set has none.
            pub fn find(word: &str) -> Option<Self> {
                word.parse().ok()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

mod gap;
mod methods;
mod outcomes;
mod positions;

pub use gap::Gap;
pub use methods::{
    CountyMethod, CrosswalkMethod, LinkRule, NameMethod, OriMethod, OriRelation, PolicePowers, RedirectReason,
};
pub use outcomes::{
    CensorReason, Check, EndKind, EndReason, EventKind, LawEffect, PendingOutcome, PeriodLength, SourceForm,
};
pub use positions::{AgencyAt, AgreementAt, CoveredAt, ListAt, PartAt, RowAt, SampleAt, SpellingAt};

words! {
    /// The steps of a run, in their order: in the program, the log, `run.json`, the metrics and the docs.
    RunStep {
        /// The files that are offered, and whether anything is new.
        Acquire = "acquire",
        /// States, counties, places, towns, the FBI's list; loaded while lists are read.
        Reference = "reference",
        /// Rows as printed.
        Read = "read",
        /// Values, with a repair for each that changed.
        Normalise = "normalise",
        /// Agencies, where they are, and agreements over time.
        Identify = "identify",
        /// People; read while lists are read.
        Census = "census",
        /// The vintage and the rules that each list is paired with.
        Plan = "plan",
        /// Which counties an agreement reaches under each rule, and who lives there.
        Coverage = "coverage",
        /// The public tables.
        Tables = "tables",
        /// Claims and benchmarks, asked of the tables.
        Assess = "assess",
        /// The tables as Parquet.
        Encode = "encode",
        /// Pages and pictures; made while tables are encoded.
        Report = "report",
        /// Whether the release may be published.
        Check = "check",
        /// The release is put in place.
        Publish = "publish",
    }
}

words! {
    /// The content of a list: agreements in force, or applications.
    ListKind { Participating = "participating", Pending = "pending" }
}

words! {
    /// The status of a list: what it counts for (docs/architecture.md, "Which lists count").
    ListStatus {
        Accepted = "accepted",
        /// An earlier edition of a day: used for spells, not for as-of dates.
        Superseded = "superseded",
        Duplicate = "duplicate",
        Stale = "stale",
        Quarantined = "quarantined",
    }
}

words! {
    /// The state of the newest list of a kind, compared with the newest participating list.
    ListState {
        Current = "current",
        Behind = "behind",
        /// A header and no rows.
        Empty = "empty",
        None = "none",
    }
}

words! {
    /// The model of an agreement: jail enforcement, warrant service officer, task force.
    #[derive(Enum)]
    Model { Jem = "JEM", Wso = "WSO", Tfm = "TFM" }
}

words! {
    /// Models counted together; a group's members are in `pipelines/coverage/rules.toml`.
    ModelGroup { Tfm = "TFM", Jail = "jail", Jem = "JEM", Wso = "WSO", All = "all" }
}

words! {
    /// The TYPE cell of a list.
    AgencyType { County = "County", Municipality = "Municipality", State = "State Agency" }
}

words! {
    /// The people that an ACS figure counts; `pipelines/census/concepts.toml` says which line of which table has it.
    #[derive(Enum)]
    Concept {
        /// Residents.
        Population = "population",
        /// Residents who were US citizens at birth.
        Native = "native",
        /// Residents born abroad to parents who were not US citizens: naturalised citizens and noncitizens.
        ForeignBorn = "foreign_born",
        /// Foreign-born residents who are US citizens.
        Naturalized = "naturalized",
        /// Foreign-born residents who are not US citizens.
        Noncitizen = "noncitizen",
    }
}

words! {
    /// How an ACS estimate was derived from what the Bureau publishes. Where an area and concept have two, the first in
    /// this order is taken.
    FigureMethod {
        /// A line of a table, as it is.
        Line = "line",
        /// A sum of lines: its margin is computed.
        SumOfLines = "sum_of_lines",
        /// The sum of the counties that make up a place.
        SumOfCounties = "sum_of_counties",
        /// A published percentage of the residents: rounded, and without a margin.
        PercentOfPopulation = "percent_of_population",
    }
}

words! {
    /// How sure an estimate is, by its coefficient of variation.
    Reliability { High = "high", Medium = "medium", Low = "low" }
}

words! {
    /// The level of government of an agency.
    Level {
        State = "state", County = "county", Municipal = "municipal", Regional = "regional",
        Subcounty = "subcounty", Special = "special", Campus = "campus", Tribal = "tribal",
        Territory = "territory",
    }
}

impl Level {
    /// Whether an agency is of the whole state or territory: it has no county of its own.
    pub fn is_statewide(self) -> bool {
        matches!(self, Self::State | Self::Territory)
    }
}

words! {
    /// The kind of an agency: what it does.
    Kind {
        Sheriff = "sheriff", Police = "police", Corrections = "corrections",
        UnifiedCorrections = "unified_corrections", StatePolice = "state_police",
        StateOther = "state_other", Prosecutor = "prosecutor", Constable = "constable",
        Campus = "campus", Transport = "transport", Military = "military", Tribal = "tribal",
        Other = "other",
    }
}

words! {
    /// Whether an agency serves the whole of a county or a part of it.
    Extent { Whole = "whole", Part = "part" }
}

words! {
    /// Why an agency has no ORI.
    OriReason {
        /// No entry of the FBI's list bears its name in its state.
        DoesNotReport = "does_not_report",
        /// Several entries may be its own.
        SeveralCandidates = "several_candidates",
        /// The only entries of its name are in other counties.
        EntryElsewhere = "entry_elsewhere",
        /// The entry that would fit is, or may be, that of another agency.
        EntryOfAnotherAgency = "entry_of_another_agency",
    }
}

words! {
    /// Why the share of a county's residents who live in the places and towns that reach it is a floor, or not known. A
    /// month has the last of its days' reasons in this order: a reason that makes the share null takes precedence over
    /// a floor.
    PartReason {
        /// Residents of some of the places and towns are not known: the share is a floor.
        SomeNotKnown = "some_not_known",
        /// No agency that reaches the county has residents of its own: constables, campus police.
        NoResidents = "no_residents",
        /// Residents of the places and towns are not known.
        NotKnown = "not_known",
        /// The release has no figures of places.
        NoPlaceFigures = "no_place_figures",
    }
}

words! {
    /// The status of an agreement on the newest list.
    Status {
        Active = "active",
        Ended = "ended",
        /// Missing only from the newest lists.
        Unconfirmed = "unconfirmed",
        /// Another agreement took its place.
        Succeeded = "succeeded",
    }
}

words! {
    /// The verdict on an agreement's file name: whose agreement it says it is.
    LinkVerdict {
        Agrees = "agrees", OtherAgency = "other_agency", OtherState = "other_state", OtherModel = "other_model",
        /// The name has nothing that can be compared.
        Unclear = "unclear",
    }
}

words! {
    /// The verdict on a figure in print after it was computed again.
    Verdict {
        Holds = "holds",
        /// It holds to the precision printed.
        HoldsRounded = "holds_rounded",
        /// It holds under another definition, which the source may have meant.
        HoldsOtherDefinition = "holds_other_definition",
        DoesNotHold = "does_not_hold",
        /// No list of the day, or no such coverage.
        NotCheckable = "not_checkable",
    }
}

/// The years an ACS dataset averages: five, or one. Prints as `2019-2023`, or `2018`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Vintage {
    last: u16,
    years: u16,
}

impl Vintage {
    /// Last year of the first 5-year dataset.
    pub const FIRST_FIVE_YEARS_END: u16 = 2009;
    /// Year of the first 1-year dataset.
    const FIRST_ONE_YEAR: u16 = 2005;
    pub const LAST_YEAR: u16 = 2099;

    /// The dataset of five years that ends in `last`; `None` where there can be none.
    pub fn five_years(last: u16) -> Option<Self> {
        (Self::FIRST_FIVE_YEARS_END..=Self::LAST_YEAR).contains(&last).then_some(Self { last, years: 5 })
    }

    /// The dataset of one year; `None` where there can be none.
    pub fn one_year(year: u16) -> Option<Self> {
        (Self::FIRST_ONE_YEAR..=Self::LAST_YEAR).contains(&year).then_some(Self { last: year, years: 1 })
    }

    /// The dataset that prints like this: `2019-2023`, or `2018` for one year.
    pub fn of_printed(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(year) => Self::one_year(year),
            Err(_) => Self::parse(text),
        }
    }

    /// The dataset of five years that somebody asks for: `2019-2023`, or its last year alone.
    pub fn parse(text: &str) -> Option<Self> {
        let Some((first, last)) = text.split_once('-') else { return Self::five_years(text.parse().ok()?) };
        let vintage = Self::five_years(last.parse().ok()?)?;
        (vintage.first().to_string() == first).then_some(vintage)
    }

    /// First year.
    pub fn first(self) -> u16 {
        self.last + 1 - self.years
    }

    /// Last year, by which the Bureau names the dataset.
    pub fn last(self) -> u16 {
        self.last
    }

    /// Whether it is one of the 1-year datasets, which have only areas of 65,000 residents and more.
    pub fn is_one_year(self) -> bool {
        self.years == 1
    }
}

impl TryFrom<String> for Vintage {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no 5-year vintage such as 2019-2023"))
    }
}

impl fmt::Display for Vintage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.years {
            1 => write!(f, "{}", self.last),
            _ => write!(f, "{}-{}", self.first(), self.last),
        }
    }
}

/// The months, in lower case.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Days since 1970-01-01, the unit of Arrow's `date32`.
pub fn epoch_days(day: Date) -> i32 {
    (day - date(1970, 1, 1)).get_days()
}

/// The date `days` after 1970-01-01; `None` outside the years -9999 to 9999.
pub fn from_epoch_days(days: i32) -> Option<Date> {
    date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The day before; a date has one unless it is the first of the calendar.
pub fn day_before(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_checked_at_the_edge() {
        assert_eq!(StateCode::new("FL").map(|s| s.to_string()), Some("FL".into()));
        assert_eq!(CountyFips::new("12086").map(|c| c.state_fips().to_owned()), Some("12".into()));
        for wrong in ["", "F", "fl", "FLA", "1É"] {
            assert_eq!(StateCode::new(wrong), None, "{wrong}");
        }
        for wrong in ["", "1208", "120866", "1208a", "١٢٣"] {
            assert_eq!(CountyFips::new(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn epoch_days_go_both_ways() {
        for (day, days) in [(date(1970, 1, 1), 0), (date(2025, 6, 6), 20_245), (date(1969, 12, 31), -1)] {
            assert_eq!(epoch_days(day), days);
            assert_eq!(from_epoch_days(days), Some(day));
        }
        assert_eq!(from_epoch_days(i32::MAX), None);
    }
}
