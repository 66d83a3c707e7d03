//! The change in coverage between two as-of dates, from the public tables, with the margin of the change.
//!
//! The covered set is taken as known at both dates, so the error of a change is the sampling error of the people in the
//! counties that changed, and in no others (handbook, chapter 8, applied to a sum of gains and losses).

use std::collections::BTreeMap;

use enum_map::EnumMap;

use super::as_of::AsOf;
use super::vintage_figures::{Scope, VintageFigures};
use crate::census::{Measure, Sum, ratio_margin, share, share_margin};
use crate::exit::{EndsCommand, ExitCode};
use crate::query::Query;
use crate::reference::States;
use crate::table::{TableError, TableSource};
use crate::words::CountyFips;

/// The change in one geography under one rule and model group, from one date to another.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub geography: String,
    pub rule: String,
    pub model_group: String,
    pub counties_gained: Vec<CountyFips>,
    pub counties_lost: Vec<CountyFips>,
    /// Counties whose covered part changed; only under a rule that counts residents.
    pub counties_changed: Vec<CountyFips>,
    /// People gained less people lost, by measure.
    pub people: EnumMap<Measure, PeopleChange>,
}

impl Change {
    /// A change in which nothing has changed.
    fn none(geography: &str, (rule, model_group): &(String, String)) -> Self {
        Self {
            geography: geography.to_owned(),
            rule: rule.clone(),
            model_group: model_group.clone(),
            ..Self::default()
        }
    }
}

/// A change in people.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct PeopleChange {
    pub change: Option<i64>,
    /// `None` where a county lacks a margin, or where parts of counties changed.
    pub change_moe: Option<f64>,
    /// The change divided by all people of the geography.
    pub share: Option<f64>,
    pub share_moe: Option<f64>,
}

/// The two dates use different vintages, between which people change too.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error(
        "the list of {before} uses ACS {old} and the list of {now} uses ACS {new}: their coverage cannot be compared"
    )]
    Vintages { before: String, old: String, now: String, new: String },
    #[error(transparent)]
    Table(#[from] TableError),
}

impl EndsCommand for ChangeError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Vintages { .. } => ExitCode::USAGE,
            Self::Table(error) => error.exit_code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Vintages { .. } => Some(
                "a change can be told apart from that of the figures only within one vintage: make the release with --acs-vintage newest".into(),
            ),
            Self::Table(error) => error.hint(),
        }
    }
}

/// Covered counties with their covered shares, by rule and model group.
type CoveredCounties = BTreeMap<(String, String), BTreeMap<CountyFips, Option<f64>>>;

/// Compares two dates under every rule, or under the one that is asked for.
///
/// # Errors
/// [`ChangeError::Vintages`] if the dates use different vintages, between which people change too.
pub fn change(
    tables: &dyn TableSource,
    before: &AsOf,
    now: &AsOf,
    scope: Scope,
    rule: Option<&str>,
    states: &States,
) -> Result<Vec<Change>, ChangeError> {
    let (old_cells, new_cells) = (CoverageCells::load(tables, before)?, CoverageCells::load(tables, now)?);
    let is_asked = |name: &str| rule.is_none_or(|rule| rule == name);
    for (name, new) in new_cells.vintages.iter().filter(|(name, _)| is_asked(name)) {
        if let Some(old) = old_cells.vintages.get(name).filter(|old| *old != new) {
            return Err(ChangeError::Vintages {
                before: before.date.to_string(),
                old: old.clone(),
                now: now.date.to_string(),
                new: new.clone(),
            });
        }
    }
    let mut of_vintages: BTreeMap<&str, VintageFigures> = BTreeMap::new();
    for vintage in new_cells.vintages.values() {
        if !of_vintages.contains_key(vintage.as_str()) {
            of_vintages.insert(vintage, VintageFigures::load(tables, vintage, states)?);
        }
    }
    let (then, since) = (covered_counties(tables, before)?, covered_counties(tables, now)?);
    let none = BTreeMap::new();
    let mut keys: Vec<&(String, String)> = then.keys().chain(since.keys()).collect();
    keys.sort();
    keys.dedup();
    let mut changes = Vec::new();
    for key in keys.into_iter().filter(|(name, _)| is_asked(name)) {
        let vintage = new_cells.vintages.get(&key.0).map_or("", String::as_str);
        let Some(figures) = of_vintages.get(vintage) else { continue };
        let (old, new) = (then.get(key).unwrap_or(&none), since.get(key).unwrap_or(&none));
        let mut of_geography: BTreeMap<String, Change> = BTreeMap::new();
        if scope == Scope::Us {
            of_geography.insert("US".into(), Change::none("US", key));
        }
        let mut counties: Vec<&CountyFips> = old.keys().chain(new.keys()).collect();
        counties.sort();
        counties.dedup();
        for fips in counties {
            let Some(geography) = figures.geography(*fips, scope) else { continue };
            let whole = |share: &Option<f64>| *share == Some(1.0);
            let list = |change: &mut Change| match (old.get(fips), new.get(fips)) {
                (None, Some(share)) if whole(share) => change.counties_gained.push(*fips),
                (Some(share), None) if whole(share) => change.counties_lost.push(*fips),
                // Unknown shares may have changed.
                (Some(one), Some(other)) if one == other && one.is_some() => {}
                _ => change.counties_changed.push(*fips),
            };
            let is_changed = old.get(fips) != new.get(fips) || old.get(fips) == Some(&None);
            if is_changed {
                list(
                    of_geography.entry(geography.to_owned()).or_insert_with(|| Change::none(geography, key)),
                );
            }
        }
        for mut change in of_geography.into_values() {
            let cell = (change.geography.clone(), key.0.clone(), key.1.clone());
            for measure in Measure::ALL {
                let of = |cells: &CoverageCells| cells.people.get(&cell).and_then(|people| people[measure]);
                let by_cells = of(&new_cells).zip(of(&old_cells)).map(|(new, old)| new - old);
                change.people[measure] = figures.changed(&change, measure, by_cells);
            }
            changes.push(change);
        }
    }
    Ok(changes)
}

/// The people covered as of one list, by (geography, rule, group) and measure.
struct CoverageCells {
    /// By rule.
    vintages: BTreeMap<String, String>,
    people: BTreeMap<(String, String, String), EnumMap<Measure, Option<i64>>>,
}

impl CoverageCells {
    fn load(tables: &dyn TableSource, list: &AsOf) -> Result<Self, TableError> {
        let covered = Measure::ALL.map(|measure| format!("{}_covered", measure.as_str()));
        let mut columns =
            vec!["geography", "rule", "model_group", "foreign_born_unknown_place_count", "acs_vintage"];
        columns.extend(covered.iter().map(String::as_str));
        let rows = tables.columns_where("coverage", &columns, "list_id", &list.list_id)?;
        let own = |text: &Option<&str>| text.unwrap_or_default().to_owned();
        let (geographies, rules, groups) =
            (rows.texts("geography")?, rows.texts("rule")?, rows.texts("model_group")?);
        let mut people: BTreeMap<_, EnumMap<Measure, Option<i64>>> = BTreeMap::new();
        let unknown = rows.integers("foreign_born_unknown_place_count")?;
        for (measure, column) in Measure::ALL.into_iter().zip(&covered) {
            for (row, value) in rows.integers(column)?.into_iter().enumerate() {
                let cell = (own(&geographies[row]), own(&rules[row]), own(&groups[row]));
                // A difference of two floors is unknown, so a floor counts as no value here.
                let is_floor = measure == Measure::ForeignBorn && unknown[row].unwrap_or(0) > 0;
                people.entry(cell).or_default()[measure] = value.filter(|_| !is_floor);
            }
        }
        let vintages = rules.iter().map(own).zip(rows.texts("acs_vintage")?.iter().map(own)).collect();
        Ok(Self { vintages, people })
    }
}

/// The counties covered as of a list.
fn covered_counties(tables: &dyn TableSource, list: &AsOf) -> Result<CoveredCounties, TableError> {
    let columns = ["rule", "model_group", "county_fips", "covered_share", "from_date", "until_date"];
    let table = tables.columns("county_coverage", &columns)?;
    let table = Query::of(&table)?.on(list.date, "from_date", "until_date")?.table()?;
    let (rules, groups, counties) =
        (table.texts("rule")?, table.texts("model_group")?, table.texts("county_fips")?);
    let shares = table.numbers("covered_share")?;
    let mut held = CoveredCounties::new();
    for (((rule, group), county), share) in rules.into_iter().zip(groups).zip(counties).zip(shares) {
        if let (Some(rule), Some(group), Some(fips)) = (rule, group, county.and_then(CountyFips::new)) {
            held.entry((rule.to_owned(), group.to_owned())).or_default().insert(fips, share);
        }
    }
    Ok(held)
}

impl VintageFigures {
    /// The change of one geography in one measure; where parts of counties changed, `by_cells` gives it.
    fn changed(&self, change: &Change, measure: Measure, by_cells: Option<i64>) -> PeopleChange {
        let total = self.total(&change.geography, measure);
        let (gained, lost) =
            (self.sum(&change.counties_gained, measure), self.sum(&change.counties_lost, measure));
        let sum = Sum::change(&gained, &lost);
        let has_parts = !change.counties_changed.is_empty();
        // In a geography without figures nothing is known, not even that nothing changed.
        let value = if has_parts { by_cells } else { sum.value() };
        let value = value.filter(|_| total.value().is_some() || by_cells.is_some());
        let moe = sum.margin().filter(|_| value.is_some() && !has_parts);
        let whole = total.value();
        let is_part = change.counties_gained.is_empty() || change.counties_lost.is_empty();
        let is_empty = change.counties_gained.is_empty() && change.counties_lost.is_empty();
        let count = self.all(&change.geography).count();
        let is_all = change.counties_gained.len() == count || change.counties_lost.len() == count;
        let share_moe = || {
            let ((value, moe), (whole, whole_moe)) = (value.zip(moe)?, whole.zip(total.margin())?);
            Some(match (is_empty || (is_part && is_all), is_part) {
                (true, _) => 0.0,
                // Gains alone, or losses alone, are a part of the whole; gains less losses are not.
                (false, true) => share_margin(value.abs(), moe, whole, whole_moe),
                (false, false) => ratio_margin(value.abs(), moe, whole, whole_moe),
            })
        };
        PeopleChange {
            change: value,
            change_moe: moe,
            share: value.zip(whole).map(|(value, whole)| share(value, whole)),
            share_moe: share_moe(),
        }
    }
}
