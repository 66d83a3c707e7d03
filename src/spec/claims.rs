//! `pipelines/coverage/claims.toml`: figures in print, with where they were read.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::{Rules, SpecError, SpecFiles};
use crate::words::{ModelGroup, StateCode, Verdict};

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
    /// The claim in terms of our tables.
    pub definition: ClaimDefinition,
    /// Other definitions the source may have meant.
    #[serde(default, rename = "other")]
    pub others: Vec<ClaimDefinition>,
    /// The verdict seen with the lists that the claim speaks of, when the claim was written down. A run that comes to
    /// another verdict says so; a run that lacks the lists does not.
    pub verdict: Verdict,
    /// The list may be this many days older than the day the claim speaks of.
    #[serde(default = "a_week")]
    pub list_age_days: i32,
    pub source_name: String,
    /// One `https` address of the source.
    pub source_url: Option<String>,
    /// Why there is no address; exactly one of the two is given.
    pub source_url_missing_reason: Option<String>,
    pub source_date: String,
    pub source_form: String,
    pub note: Option<String>,
}

/// One reading of a claim in terms of our tables.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimDefinition {
    pub measure: ClaimMeasure,
    /// `all` (every row of the list), `US`, or a USPS code.
    #[serde(default = "all")]
    pub geography: String,
    #[serde(default = "all_models")]
    pub model_group: ModelGroup,
    pub rule: Option<String>,
    /// Signing date the measure counts from (or up to); for a growth, the day after the list it is measured from.
    #[serde(default, deserialize_with = "optional_iso_date")]
    pub since: Option<Date>,
    /// The day of a list the source may have counted, where it is not the day the claim speaks of.
    #[serde(default, deserialize_with = "optional_iso_date")]
    pub as_of: Option<Date>,
}

/// The measure of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimMeasure {
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
    /// Growth of agreements since the list before `since`, as a percentage of those that list had.
    AgreementGrowth,
    /// Place of the model group among the three models by agreements; 1 has the most.
    ModelRank,
    /// Counties covered under `rule`.
    CoveredCounties,
}

impl ClaimMeasure {
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
            Self::AgreementGrowth => "agreement_growth",
            Self::ModelRank => "model_rank",
            Self::CoveredCounties => "covered_counties",
        }
    }

    /// Says in words what is counted: a row is an agency in a model, and now and then printed twice.
    pub fn words(self) -> &'static str {
        match self {
            Self::Agreements => "rows",
            Self::NewAgreements => "rows signed since a day",
            Self::EarlierAgreements => "rows signed before a day",
            Self::Agencies => "agencies",
            Self::NewAgencies => "agencies with a row signed since a day",
            Self::States => "states",
            Self::StatesOfNewAgreements => "states of rows signed since a day",
            Self::StatesAndTerritories => "states and territories",
            Self::AgreementShare => "share of rows",
            Self::AgreementGrowth => "growth in rows",
            Self::ModelRank => "place among the models by rows",
            Self::CoveredCounties => "covered counties",
        }
    }

    fn needs_since(self) -> bool {
        matches!(
            self,
            Self::NewAgreements
                | Self::EarlierAgreements
                | Self::NewAgencies
                | Self::StatesOfNewAgreements
                | Self::AgreementGrowth
        )
    }

    /// Whether the measure is a percentage: percentages are printed rounded.
    pub fn is_percentage(self) -> bool {
        matches!(self, Self::AgreementShare | Self::AgreementGrowth)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimsFile {
    #[serde(rename = "claim")]
    claims: Vec<Claim>,
}

fn all() -> String {
    "all".to_owned()
}

/// Lists come every few days; one that is a week older still speaks for the day.
fn a_week() -> i32 {
    7
}

fn all_models() -> ModelGroup {
    ModelGroup::All
}

pub(super) fn iso_date<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

fn optional_iso_date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    Ok(Some(iso_date(from)?))
}

/// Whether a text is one `https` address, and nothing beside it.
fn is_one_address(text: &str) -> bool {
    let is_https = url::Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.host_str().is_some());
    is_https && !text.contains(|c: char| c.is_whitespace() || c == ';')
}

pub(super) fn load(files: &SpecFiles, rules: &Rules) -> Result<Vec<Claim>, SpecError> {
    let mut claims = files.toml::<ClaimsFile>(FILE)?.claims;
    let mut ids: Vec<&str> = claims.iter().map(|claim| claim.claim_id.as_str()).collect();
    ids.sort_unstable();
    if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(SpecError::says(FILE, format!("claim {} is there twice", twice[0])));
    }
    for claim in &claims {
        let says =
            |message: String| Err(SpecError::says(FILE, format!("claim {}: {message}", claim.claim_id)));
        if claim.list_age_days < 0 || !claim.printed.is_finite() {
            return says("list_age_days is at least 0, and printed a number".into());
        }
        match (&claim.source_url, &claim.source_url_missing_reason) {
            (Some(address), None) if is_one_address(address) => {}
            (None, Some(reason)) if !reason.trim().is_empty() => {}
            _ => {
                return says(
                    "needs either `source_url`, one https address, or `source_url_missing_reason`".into(),
                );
            }
        }
        for reading in std::iter::once(&claim.definition).chain(&claim.others) {
            if reading.measure == ClaimMeasure::ModelRank && rules.groups[&reading.model_group].len() != 1 {
                return says("model_rank needs `model_group`, one model".into());
            }
            let day = reading.as_of.unwrap_or(claim.as_of_date);
            match reading.since {
                None if reading.measure.needs_since() => return says("the measure needs `since`".into()),
                Some(_) if !reading.measure.needs_since() => {
                    return says("the measure does not go by `since`".into());
                }
                Some(since) if reading.measure == ClaimMeasure::AgreementGrowth && since > day => {
                    return says("`since` is after the day".into());
                }
                _ => {}
            }
            let is_place = ["all", "US"].contains(&reading.geography.as_str());
            if !is_place && StateCode::new(&reading.geography).is_none() {
                return says(format!("geography {:?} is not all, US or a USPS code", reading.geography));
            }
            match (&reading.rule, reading.measure) {
                (None, ClaimMeasure::CoveredCounties) => return says("covered_counties needs `rule`".into()),
                (Some(_), measure) if measure != ClaimMeasure::CoveredCounties => {
                    return says("only covered_counties goes by `rule`".into());
                }
                (_, ClaimMeasure::CoveredCounties) if reading.geography == "all" => {
                    return says("covered_counties needs `geography`: US or a USPS code".into());
                }
                (Some(rule), _) if rules.find(rule).is_none() => return says(format!("no rule {rule:?}")),
                _ => {}
            }
        }
    }
    claims.sort_by(|a, b| a.claim_id.cmp(&b.claim_id));
    Ok(claims)
}
