//! Slices of the coverage table.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::census::Measure;
use crate::query::{Join, Query};
use crate::table::{Table, TableError, TableSource};
use crate::text::{percent, thousands};
use crate::words::Level;

/// A selection of rows of the coverage table.
#[derive(Debug, Clone, Default)]
pub struct Slice {
    /// One list; `None`: every as-of date.
    pub list_id: Option<String>,
    /// The last as-of date that is included; `None`: no limit.
    pub until: Option<Date>,
    /// `US` or a USPS code; `None`: all.
    pub geography: Option<String>,
    pub rule: Option<String>,
    pub groups: Vec<String>,
}

/// A row of the coverage table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CoverageRow {
    pub as_of_date: String,
    pub geography: String,
    pub rule: String,
    pub model_group: String,
    pub acs_vintage: String,
    pub is_upper_bound: bool,
    pub county_count: i64,
    pub county_total: i64,
    /// Counties of `county_count` that are reached only by agencies that police part of them.
    pub part_county_count: i64,
    pub agreement_count: i64,
    pub agency_count: i64,
    pub unplaced_agency_count: i64,
    pub residentless_agency_count: i64,
    /// Places and towns whose foreign-born residents are not known: above 0, those covered are a floor.
    pub foreign_born_unknown_place_count: i64,
    pub foreign_born_half_width: f64,
    pub missing_reason: Option<String>,
    pub population: CoveredPeople,
    pub foreign_born: CoveredPeople,
    pub noncitizen: CoveredPeople,
}

/// The people of one measure: covered, in all, and the share.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Default)]
pub struct CoveredPeople {
    pub covered: Option<i64>,
    pub covered_moe: Option<f64>,
    pub covered_cv: Option<f64>,
    /// Covered people in counties that are reached only by agencies that police part of them.
    pub in_part: Option<i64>,
    pub total: Option<i64>,
    pub share: Option<f64>,
    pub share_moe: Option<f64>,
}

impl CoverageRow {
    /// Returns the people of a measure.
    pub fn people(&self, measure: Measure) -> CoveredPeople {
        match measure {
            Measure::Population => self.population,
            Measure::ForeignBorn => self.foreign_born,
            Measure::Noncitizen => self.noncitizen,
        }
    }
}

impl CoverageRow {
    /// Returns the mark of a figure that is a floor: the rule takes an agency whose county or residents are not known,
    /// or places whose foreign-born residents are not known.
    pub fn floor(&self, measure: Measure) -> &'static str {
        let lacks_places = measure == Measure::ForeignBorn && self.foreign_born_unknown_place_count > 0;
        let is_floor = (self.unplaced_agency_count > 0 || lacks_places) && !self.is_upper_bound;
        if is_floor && self.people(measure).covered.is_some() { "≥ " } else { "" }
    }

    /// Returns `, 147 in part`, or nothing where every county is policed as a whole.
    pub fn counties_in_part(&self) -> String {
        match self.part_county_count {
            0 => String::new(),
            count => format!(", {} in part", thousands(count)),
        }
    }
}

/// Whether a row uses another vintage than the first of the rows that it is shown with.
pub fn has_other_vintage(row: &CoverageRow, rows: &[CoverageRow]) -> bool {
    rows.first().is_some_and(|first| first.acs_vintage != row.acs_vintage)
}

impl CoveredPeople {
    /// Returns the share as a percentage, with its margin where it has one: `16.4 % ± 0.1`, `10.7 % ± 0.02`.
    pub fn share_with_margin(&self) -> String {
        let moe = self.share_moe.map(points);
        self.share.map_or_else(String::new, |share| format!("{}{}", percent(share), moe.unwrap_or_default()))
    }
}

/// Formats the margin of a share in points; a small one has two decimals, so that it is not taken for zero.
pub fn points(moe: f64) -> String {
    let points = moe * 100.0;
    if points > 0.0 && points < 0.005 {
        return " ± <0.01".into();
    }
    if points > 0.0 && points < 0.1 { format!(" ± {points:.2}") } else { format!(" ± {points:.1}") }
}

/// Returns the rows of the table in a slice, in the order of `slice.groups`, of `rules`, by geography and date.
///
/// # Errors
/// The table cannot be read.
pub fn coverage_slice(tables: &dyn TableSource, slice: &Slice, rules: &[&str]) -> Result<Table, TableError> {
    let all = match (&slice.list_id, &slice.geography) {
        (Some(list_id), _) => tables.rows_where("coverage", "list_id", list_id)?,
        (None, Some(geography)) => tables.rows_where("coverage", "geography", geography)?,
        (None, None) => tables.table("coverage")?,
    };
    let (groups_of, rules_of, geographies, days) =
        (all.texts("model_group")?, all.texts("rule")?, all.texts("geography")?, all.dates("as_of_date")?);
    let rank = |order: &[&str], name: &str| order.iter().position(|known| *known == name);
    let groups: Vec<&str> = slice.groups.iter().map(String::as_str).collect();
    let mut order = Vec::with_capacity(all.row_count());
    for at in 0..all.row_count() {
        let (rule, geography) = (rules_of[at].unwrap_or_default(), geographies[at].unwrap_or_default());
        let is_wanted = slice.until.is_none_or(|until| days[at].is_some_and(|day| day <= until))
            && slice.geography.as_deref().is_none_or(|wanted| wanted == geography)
            && slice.rule.as_deref().is_none_or(|wanted| wanted == rule);
        if let (true, Some(group)) = (is_wanted, rank(&groups, groups_of[at].unwrap_or_default())) {
            let rule = rank(rules, rule).unwrap_or(rules.len());
            order.push((group, rule, geography != "US", geography, at as u32));
        }
    }
    order.sort_unstable();
    let positions: Vec<u32> = order.into_iter().map(|(.., at)| at).collect();
    all.take(&positions)
}

/// Returns the rows of [`coverage_slice`], read.
pub fn coverage_rows(
    tables: &dyn TableSource,
    slice: &Slice,
    rules: &[&str],
) -> Result<Vec<CoverageRow>, TableError> {
    rows_of(&coverage_slice(tables, slice, rules)?)
}

/// Reads rows of the coverage table.
pub fn rows_of(table: &Table) -> Result<Vec<CoverageRow>, TableError> {
    let text = |name: &str| -> Result<Vec<String>, TableError> {
        Ok(table.texts(name)?.iter().map(|t| t.unwrap_or_default().to_owned()).collect())
    };
    let count = |name: &str| -> Result<Vec<i64>, TableError> {
        Ok(table.integers(name)?.into_iter().map(Option::unwrap_or_default).collect())
    };
    let people = |measure: &str| -> Result<Vec<CoveredPeople>, TableError> {
        let named = |part: &str| format!("{measure}_{part}");
        let (covered, total) = (table.integers(&named("covered"))?, table.integers(&named("total"))?);
        let (covered_moe, covered_cv) =
            (table.numbers(&named("covered_moe"))?, table.numbers(&named("covered_cv"))?);
        let (share, share_moe) = (table.numbers(&named("share"))?, table.numbers(&named("share_moe"))?);
        let in_part = table.integers(&named("in_part"))?;
        let row = |at: usize| CoveredPeople {
            in_part: in_part[at],
            covered: covered[at],
            covered_moe: covered_moe[at],
            covered_cv: covered_cv[at],
            total: total[at],
            share: share[at],
            share_moe: share_moe[at],
        };
        Ok((0..table.row_count()).map(row).collect())
    };
    let (geographies, names, groups, vintages) =
        (text("geography")?, text("rule")?, text("model_group")?, text("acs_vintage")?);
    let (counties, totals, agreements, agencies, unplaced, residentless) = (
        count("county_count")?,
        count("county_total")?,
        count("agreement_count")?,
        count("agency_count")?,
        count("unplaced_agency_count")?,
        count("residentless_agency_count")?,
    );
    let (in_part, unknown_places) = (count("part_county_count")?, count("foreign_born_unknown_place_count")?);
    let half_widths = table.numbers("foreign_born_half_width")?;
    let reasons = table.texts("missing_reason")?;
    let (population, foreign_born, noncitizen) =
        (people("population")?, people("foreign_born")?, people("noncitizen")?);
    let upper: Vec<bool> =
        table.booleans("is_upper_bound")?.into_iter().map(|is_upper| is_upper == Some(true)).collect();
    let days = table.dates("as_of_date")?;
    let day = |at: usize| days[at].map_or_else(String::new, |d| d.to_string());
    let row = |at: usize| CoverageRow {
        as_of_date: day(at),
        geography: geographies[at].clone(),
        rule: names[at].clone(),
        model_group: groups[at].clone(),
        acs_vintage: vintages[at].clone(),
        is_upper_bound: upper[at],
        county_count: counties[at],
        county_total: totals[at],
        part_county_count: in_part[at],
        foreign_born_unknown_place_count: unknown_places[at],
        foreign_born_half_width: half_widths[at].unwrap_or_default(),
        missing_reason: reasons[at].map(str::to_owned),
        agreement_count: agreements[at],
        agency_count: agencies[at],
        unplaced_agency_count: unplaced[at],
        residentless_agency_count: residentless[at],
        population: population[at],
        foreign_born: foreign_born[at],
        noncitizen: noncitizen[at],
    };
    Ok((0..table.row_count()).map(row).collect())
}

/// Returns the state and territory agencies with an agreement on a list (state, name, models): the agencies behind the
/// statewide rules. Sorted by state and name.
pub fn state_agencies(
    tables: &dyn TableSource,
    list_id: &str,
) -> Result<Vec<(String, String, String)>, TableError> {
    let columns = ["agency_id", "agency_name", "agency_level", "state_code"];
    let statewide = Query::of(&tables.columns("agencies", &columns)?)?
        .with_text("agency_level", &[Level::State.as_str(), Level::Territory.as_str()])?
        .select(&["agency_id", "agency_name", "state_code"])?;
    let listed = tables.columns_where("listings", &["agency_id", "model"], "list_id", list_id)?;
    let table = Query::of(&listed)?
        .join(statewide, &["agency_id"], Join::Inner)?
        .sort(&["state_code", "agency_name", "model"])?
        .table()?;
    let (states, names, models) =
        (table.texts("state_code")?, table.texts("agency_name")?, table.texts("model")?);
    let mut agencies: Vec<(String, String, String)> = Vec::new();
    for ((state, name), model) in states.iter().zip(names).zip(models) {
        let (state, name, model) = (state.unwrap_or("?"), name.unwrap_or("?"), model.unwrap_or("?"));
        match agencies.last_mut() {
            Some((s, n, models)) if s == state && n == name => {
                if !models.split('+').any(|m| m == model) {
                    models.push('+');
                    models.push_str(model);
                }
            }
            _ => agencies.push((state.to_owned(), name.to_owned(), model.to_owned())),
        }
    }
    Ok(agencies)
}
