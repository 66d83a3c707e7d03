//! `pipelines/coverage/claims.toml`: figures in print, with where they were read.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::{Rules, SpecError, SpecFiles};
use crate::words::ModelGroup;

const FILE: &str = "pipelines/coverage/claims.toml";

/// A published figure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    pub claim_id: String,
    #[serde(deserialize_with = "iso_date")]
    pub as_of_date: Date,
    /// The claim in our words.
    pub text: String,
    /// The figure as printed: a count, or a percentage where the measure is a share.
    pub printed: f64,
    /// What the claim says, in terms of our tables.
    pub definition: Alternative,
    /// Other definitions the source may have meant.
    #[serde(default, rename = "other")]
    pub others: Vec<Alternative>,
    pub source_name: String,
    pub source_url: Option<String>,
    pub source_date: String,
    pub source_form: String,
    pub note: Option<String>,
}

/// One reading of a claim in terms of our tables.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    pub measure: Measure,
    /// `all` (every row of the list), `US`, or a USPS code.
    #[serde(default = "all")]
    pub geography: String,
    #[serde(default = "all_models")]
    pub model_group: ModelGroup,
    pub rule: Option<String>,
    /// Signing date the measure counts from (or up to).
    #[serde(default, deserialize_with = "optional_iso_date")]
    pub since: Option<Date>,
}

/// What a claim counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Rows of the as-of list.
    Agreements,
    /// Rows whose repaired signing date is on or after `since`.
    NewAgreements,
    /// Rows whose repaired signing date is before `since`.
    EarlierAgreements,
    /// Agencies with a row.
    Agencies,
    /// Agencies with a row signed on or after `since`.
    NewAgencies,
    /// States (not territories) with a row.
    States,
    /// States with a row signed on or after `since`.
    StatesOfNewAgreements,
    /// States and territories with a row.
    StatesAndTerritories,
    /// Rows of the geography as a percentage of all rows.
    AgreementShare,
    /// Counties covered under `rule`.
    CoveredCounties,
}

impl Measure {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agreements => "agreements",
            Self::NewAgreements => "new_agreements",
            Self::EarlierAgreements => "earlier_agreements",
            Self::Agencies => "agencies",
            Self::NewAgencies => "new_agencies",
            Self::States => "states",
            Self::StatesOfNewAgreements => "states_of_new_agreements",
            Self::StatesAndTerritories => "states_and_territories",
            Self::AgreementShare => "agreement_share",
            Self::CoveredCounties => "covered_counties",
        }
    }

    fn needs_since(self) -> bool {
        matches!(
            self,
            Self::NewAgreements | Self::EarlierAgreements | Self::NewAgencies | Self::StatesOfNewAgreements
        )
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "claim")]
    claims: Vec<Claim>,
}

fn all() -> String {
    "all".to_owned()
}

fn all_models() -> ModelGroup {
    ModelGroup::All
}

fn iso_date<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

fn optional_iso_date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    Ok(Some(iso_date(from)?))
}

pub(super) fn load(files: &SpecFiles, rules: &Rules) -> Result<Vec<Claim>, SpecError> {
    let mut claims = files.toml::<File>(FILE)?.claims;
    for claim in &claims {
        let says =
            |message: String| Err(SpecError::says(FILE, format!("claim {}: {message}", claim.claim_id)));
        for reading in std::iter::once(&claim.definition).chain(&claim.others) {
            if reading.measure.needs_since() && reading.since.is_none() {
                return says("the measure needs `since`".into());
            }
            match (&reading.rule, reading.measure) {
                (None, Measure::CoveredCounties) => return says("covered_counties needs `rule`".into()),
                (Some(rule), _) if rules.find(rule).is_none() => return says(format!("no rule {rule:?}")),
                _ => {}
            }
        }
    }
    claims.sort_by(|a, b| a.claim_id.cmp(&b.claim_id));
    Ok(claims)
}
