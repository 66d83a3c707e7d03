//! What changed in coverage between two as-of dates, from the public tables, with the margin of the change.
//!
//! The covered set is taken as known at both dates, so that the error of a change is the sampling error of the people
//! in the counties that changed, and in no other (handbook, chapter 8, applied to a sum of gains and losses).

use std::collections::BTreeMap;

use polars::prelude::*;

use super::AsOf;
use crate::census::{Area, Estimate, Gap, Level, Measure, Sum, share, share_margin};
use crate::frames::{FrameError, TableSource, texts};
use crate::reference::States;
use crate::words::{CountyFips, epoch_days};

/// What changed in one geography under one rule and model group, from one date to another.
#[derive(Debug, Clone)]
pub struct Change {
    pub geography: String,
    pub rule: String,
    pub model_group: String,
    pub counties_gained: Vec<CountyFips>,
    pub counties_lost: Vec<CountyFips>,
    /// Counties of which another part is covered than before; only under a rule that counts residents.
    pub counties_changed: Vec<CountyFips>,
    /// People gained less people lost, by measure.
    pub people: [Changed; 3],
}

/// A change in people.
#[derive(Debug, Clone, Copy, Default)]
pub struct Changed {
    pub change: Option<i64>,
    /// `None` where a county lacks a margin, or where parts of counties changed.
    pub change_moe: Option<f64>,
    /// The change over all people of the geography.
    pub share: Option<f64>,
    pub share_moe: Option<f64>,
}

/// Two dates that go with vintages whose counties are not the same.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("{before} goes with the figures of {old} and {now} with those of {new}")]
    Vintages { before: String, old: String, now: String, new: String },
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Covered counties with the share of each that is covered, by rule and model group.
type Held = BTreeMap<(String, String), BTreeMap<CountyFips, Option<f64>>>;

/// Compares two dates. `by_state` gives a row for every state with a change beside that of the US.
pub fn change(
    tables: &dyn TableSource,
    before: &AsOf,
    now: &AsOf,
    by_state: bool,
    states: &States,
) -> Result<Vec<Change>, ChangeError> {
    let (old, vintage) = (vintage_of(tables, before)?, vintage_of(tables, now)?);
    if old != vintage {
        return Err(ChangeError::Vintages {
            before: before.date.to_string(),
            old,
            now: now.date.to_string(),
            new: vintage,
        });
    }
    let figures = AreaFigures::load(tables, &vintage, states)?;
    let (then, since) = (held(tables, before)?, held(tables, now)?);
    let people = covered(tables, before, now)?;
    let none = BTreeMap::new();
    let mut keys: Vec<&(String, String)> = then.keys().chain(since.keys()).collect();
    keys.sort();
    keys.dedup();
    let mut changes = Vec::new();
    for key in keys {
        let (old, new) = (then.get(key).unwrap_or(&none), since.get(key).unwrap_or(&none));
        let mut of_geography: BTreeMap<String, Change> = BTreeMap::new();
        let mut counties: Vec<&CountyFips> = old.keys().chain(new.keys()).collect();
        counties.sort();
        counties.dedup();
        for fips in counties.into_iter().filter(|fips| old.get(fips) != new.get(fips)) {
            for geography in figures.geographies(*fips, by_state) {
                let change = of_geography.entry(geography.clone()).or_insert_with(|| Change {
                    geography,
                    rule: key.0.clone(),
                    model_group: key.1.clone(),
                    counties_gained: Vec::new(),
                    counties_lost: Vec::new(),
                    counties_changed: Vec::new(),
                    people: Default::default(),
                });
                let whole = |share: Option<&Option<f64>>| share.is_some_and(|share| *share == Some(1.0));
                match (old.get(fips), new.get(fips)) {
                    (None, share) if whole(share) => change.counties_gained.push(*fips),
                    (share, None) if whole(share) => change.counties_lost.push(*fips),
                    _ => change.counties_changed.push(*fips),
                }
            }
        }
        if !by_state {
            of_geography.entry("US".into()).or_insert_with(|| Change {
                geography: "US".into(),
                rule: key.0.clone(),
                model_group: key.1.clone(),
                counties_gained: Vec::new(),
                counties_lost: Vec::new(),
                counties_changed: Vec::new(),
                people: Default::default(),
            });
        }
        for mut change in of_geography.into_values() {
            let key = (change.geography.clone(), change.rule.clone(), change.model_group.clone());
            for measure in Measure::ALL {
                let by_cells = people.get(&key).and_then(|people| people[measure as usize]);
                change.people[measure as usize] = figures.changed(&change, measure, by_cells);
            }
            changes.push(change);
        }
    }
    Ok(changes)
}

/// The vintage a list's coverage was computed with.
fn vintage_of(tables: &dyn TableSource, list: &AsOf) -> Result<String, FrameError> {
    let coverage = tables.rows_where("coverage", "list_id", &list.list_id)?;
    Ok(texts(&coverage, "acs_vintage")?.first().copied().flatten().unwrap_or_default().to_owned())
}

/// The counties covered as of a list.
fn held(tables: &dyn TableSource, list: &AsOf) -> Result<Held, FrameError> {
    let day = epoch_days(list.date);
    let until = || col("until_date").cast(DataType::Int32);
    let frame = tables
        .table("county_coverage")?
        .lazy()
        .filter(col("from_date").cast(DataType::Int32).lt_eq(lit(day)))
        .filter(col("until_date").is_null().or(until().gt_eq(lit(day))))
        .collect()?;
    let (rules, groups, counties) =
        (texts(&frame, "rule")?, texts(&frame, "model_group")?, texts(&frame, "county_fips")?);
    let shares = frame.column("covered_share")?.f64()?;
    let mut held = Held::new();
    for (((rule, group), county), share) in rules.iter().zip(groups).zip(counties).zip(shares.iter()) {
        if let (Some(rule), Some(group), Some(fips)) = (rule, group, county.and_then(CountyFips::new)) {
            held.entry((rule.to_string(), group.to_owned())).or_default().insert(fips, share);
        }
    }
    Ok(held)
}

/// People covered by cell at two dates: their difference, by (geography, rule, group).
type Differences = BTreeMap<(String, String, String), [Option<i64>; 3]>;

fn covered(tables: &dyn TableSource, before: &AsOf, now: &AsOf) -> Result<Differences, FrameError> {
    let mut found = Differences::new();
    for (list, sign) in [(before, -1), (now, 1)] {
        let frame = tables.rows_where("coverage", "list_id", &list.list_id)?;
        let (geographies, rules, groups) =
            (texts(&frame, "geography")?, texts(&frame, "rule")?, texts(&frame, "model_group")?);
        for measure in Measure::ALL {
            let people = frame.column(&format!("{}_covered", measure.as_str()))?.i64()?;
            let cells = geographies.iter().zip(&rules).zip(&groups).zip(people.iter());
            for (((geography, rule), group), people) in cells {
                let text = |text: &Option<&str>| text.unwrap_or_default().to_owned();
                let cell = found.entry((text(geography), text(rule), text(group))).or_insert([Some(0); 3]);
                let known = &mut cell[measure as usize];
                *known = known.zip(people).map(|(known, people)| known + sign * people);
            }
        }
    }
    Ok(found)
}

/// Figures of a vintage, by area, and which county is of which geography.
struct AreaFigures {
    figures: BTreeMap<(Area, &'static str), Estimate>,
    /// State of each county of the vintage, and whether it is in the US.
    counties: BTreeMap<CountyFips, (String, bool)>,
    /// Area of each geography.
    areas: BTreeMap<String, Area>,
}

impl AreaFigures {
    fn load(tables: &dyn TableSource, vintage: &str, states: &States) -> Result<Self, FrameError> {
        let frame = tables.rows_where("acs_figures", "acs_vintage", vintage)?;
        let (ids, concepts) = (texts(&frame, "geo_id")?, texts(&frame, "concept")?);
        let (estimates, margins) = (frame.column("estimate")?.i64()?, frame.column("estimate_moe")?.f64()?);
        let mut figures = BTreeMap::new();
        for (((id, concept), value), moe) in
            ids.iter().zip(concepts).zip(estimates.iter()).zip(margins.iter())
        {
            let area = id.and_then(Area::of_geo_id);
            let measure = concept.and_then(Measure::find);
            if let (Some(area), Some(measure)) = (area, measure) {
                let estimate = Estimate {
                    value: value.ok_or(Gap::NotInInput),
                    // A margin is the root of a whole number.
                    moe_squared: moe.map(|moe| (moe * moe).round() as i64).ok_or(Gap::NotInInput),
                    ..Estimate::default()
                };
                figures.insert((area, measure.as_str()), estimate);
            }
        }
        let frame = tables.rows_where("counties", "acs_vintage", vintage)?;
        let (codes, of_states) = (texts(&frame, "county_fips")?, texts(&frame, "state_code")?);
        let counties = codes.iter().zip(of_states).filter_map(|(fips, state)| {
            let code = state.and_then(crate::words::StateCode::new)?;
            Some((CountyFips::new(fips.as_ref()?)?, (code.to_string(), states.in_us(code))))
        });
        let mut areas: BTreeMap<String, Area> = states
            .iter()
            .filter_map(|state| Some((state.code.to_string(), Area::new(Level::State, &state.fips)?)))
            .collect();
        areas.insert("US".into(), Area::NATION);
        Ok(Self { figures, counties: counties.collect(), areas })
    }

    fn geographies(&self, county: CountyFips, by_state: bool) -> Vec<String> {
        match self.counties.get(&county) {
            Some((state, _)) if by_state => vec![state.clone()],
            Some((_, true)) => vec!["US".into()],
            _ => Vec::new(),
        }
    }

    fn of(&self, area: Area, measure: Measure) -> Option<Estimate> {
        self.figures.get(&(area, measure.as_str())).copied()
    }

    fn sum(&self, counties: impl Iterator<Item = CountyFips>, measure: Measure) -> Sum {
        let mut sum = Sum::default();
        for fips in counties {
            sum.add(&self.of(Area::county(fips), measure).unwrap_or_default());
        }
        sum
    }

    /// Every county of a geography.
    fn all(&self, geography: &str) -> impl Iterator<Item = CountyFips> {
        let is_there =
            move |(state, in_us): &(String, bool)| state == geography || (geography == "US" && *in_us);
        self.counties.iter().filter(move |(_, of)| is_there(of)).map(|(fips, _)| *fips)
    }

    /// All of a geography: the published row, or the sum of its counties.
    fn total(&self, geography: &str, measure: Measure) -> Sum {
        let row = self.areas.get(geography).and_then(|area| self.of(*area, measure));
        match row.filter(|row| row.value.is_ok()) {
            Some(row) => Sum::from(&row),
            None => self.sum(self.all(geography), measure),
        }
    }

    /// The change of one geography in one measure; by its cells where parts of counties changed.
    fn changed(&self, change: &Change, measure: Measure, by_cells: Option<i64>) -> Changed {
        let total = self.total(&change.geography, measure);
        if total.value().is_none() && self.of_some(change, measure).is_none() {
            return Changed::default();
        }
        // Where all of it changed one way the published row has the smaller margin.
        let of = |counties: &[CountyFips]| {
            let is_all = !counties.is_empty() && counties.len() == self.all(&change.geography).count();
            if is_all { total } else { self.sum(counties.iter().copied(), measure) }
        };
        let sum = Sum::change(&of(&change.counties_gained), &of(&change.counties_lost));
        let has_parts = !change.counties_changed.is_empty();
        let value = if has_parts { by_cells } else { sum.value() };
        let moe = sum.margin().filter(|_| !has_parts);
        let whole = total.value();
        let share_moe = || {
            let ((value, moe), (whole, whole_moe)) = (value.zip(moe)?, whole.zip(total.margin())?);
            Some(share_margin(value.abs(), moe, whole, whole_moe))
        };
        Changed {
            change: value,
            change_moe: moe,
            share: value.zip(whole).map(|(value, whole)| share(value, whole)),
            share_moe: share_moe(),
        }
    }

    /// A figure of any of the counties that changed.
    fn of_some(&self, change: &Change, measure: Measure) -> Option<i64> {
        let counties =
            change.counties_gained.iter().chain(&change.counties_lost).chain(&change.counties_changed);
        counties.filter_map(|fips| self.of(Area::county(*fips), measure)?.value.ok()).next()
    }
}
