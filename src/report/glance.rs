//! The first facts that a person wants, as data: the newest list beside three others, and what changed of late.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::day::Day;
use crate::assess::{AsOf, as_of};
use crate::table::{Table, TableError, TableSource};
use crate::words::day_before;

/// The spans over which changes are shown, in days before the newest list.
const SPANS: [i32; 2] = [7, 30];

/// The newest list beside others, and what changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Glance {
    /// Lists that were read, whatever their status.
    pub list_count: usize,
    /// Day of the first participating list that counts.
    pub first_list_date: String,
    /// The lists shown, the newest first.
    pub days: Vec<DayBeside>,
    /// The changes over each span of days, the shortest first.
    pub changes: Vec<ChangeSince>,
}

/// A list and why it is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DayBeside {
    /// newest, previous, a year before, or nothing for the day that the report chooses.
    pub why: String,
    pub day: Day,
}

/// The changes between two lists. An agreement that was renamed, relabelled or put under another state has not changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeSince {
    /// Days of the span before the newest list.
    pub span_days: i32,
    /// Day of the older list, and how many days it lies before the newest list.
    pub since_date: String,
    pub before_days: i32,
    /// Agreements that only the newer list has, by agency: state, name and models.
    pub came: Vec<AgencyModels>,
    /// Agreements that only the older list has, by agency.
    pub left: Vec<AgencyModels>,
    pub came_count: usize,
    pub left_count: usize,
    /// Agreements of `left_count` that only the newest lists lack, which ICE may correct.
    pub left_unconfirmed_count: usize,
    /// Agencies that had no agreement on the older list, and agencies that have none on the newer.
    pub agencies_came: usize,
    pub agencies_left: usize,
}

/// An agency and some of its models.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgencyModels {
    pub state_code: String,
    pub agency_name: String,
    /// The models, joined by `+`.
    pub models: String,
}

/// Returns the lists to show, each with the reason.
pub fn lists_beside(
    tables: &dyn TableSource,
    newest: &AsOf,
    chosen: Date,
) -> Result<Vec<(&'static str, AsOf)>, TableError> {
    let year_before = newest.date.checked_sub(1.year()).unwrap_or(Date::MIN);
    let days = [
        ("previous", as_of(tables, day_before(newest.date))?),
        ("a year before", as_of(tables, year_before)?),
        ("", as_of(tables, chosen)?.filter(|list| list.date == chosen)),
    ];
    let mut shown: Vec<(&'static str, AsOf)> = vec![("newest", newest.clone())];
    for (why, list) in days {
        if let Some(list) = list.filter(|list| shown.iter().all(|(_, known)| known.list_id != list.list_id)) {
            shown.push((why, list));
        }
    }
    Ok(shown)
}

/// Returns the changes over each span up to the newest list.
pub fn changes(tables: &dyn TableSource, newest: Date) -> Result<Vec<ChangeSince>, TableError> {
    let spells = Spells::read(tables)?;
    let mut changes = Vec::new();
    for span in SPANS {
        let before = newest.checked_sub(span.days()).unwrap_or(Date::MIN);
        let Some(list) = as_of(tables, before)? else { continue };
        changes.push(spells.change(span, list.date, newest));
    }
    Ok(changes)
}

/// The spells of each agreement on the lists, and its agency.
struct Spells {
    /// The spells of each agreement: the first list with it, and the first list without it.
    spells: BTreeMap<String, Vec<(Date, Option<Date>)>>,
    /// The agency, the model and the successor of each agreement.
    agreements: BTreeMap<String, (String, String, Option<String>)>,
    /// Agreements that are missing from the newest lists only.
    unconfirmed: BTreeSet<String>,
    /// The state and the name of each agency.
    agencies: BTreeMap<String, (String, String)>,
}

impl Spells {
    fn read(tables: &dyn TableSource) -> Result<Self, TableError> {
        let text = |frame: &Table, name: &str| -> Result<Vec<Option<String>>, TableError> {
            Ok(frame.texts(name)?.into_iter().map(|text| text.map(str::to_owned)).collect())
        };
        let frame =
            tables.columns("agreement_spells", &["agreement_id", "began_by_date", "ended_by_date"])?;
        let (began, ended) = (frame.dates("began_by_date")?, frame.dates("ended_by_date")?);
        let mut spells: BTreeMap<String, Vec<(Date, Option<Date>)>> = BTreeMap::new();
        for (at, id) in text(&frame, "agreement_id")?.into_iter().enumerate() {
            let (Some(id), Some(began)) = (id, began[at]) else { continue };
            spells.entry(id).or_default().push((began, ended[at]));
        }
        let frame = tables.columns(
            "agreements",
            &["agreement_id", "agency_id", "model", "successor_agreement_id", "agreement_status"],
        )?;
        let statuses = text(&frame, "agreement_status")?;
        let (ids, agency_ids, models, successors) = (
            text(&frame, "agreement_id")?,
            text(&frame, "agency_id")?,
            text(&frame, "model")?,
            text(&frame, "successor_agreement_id")?,
        );
        let unconfirmed =
            ids.iter().zip(statuses).filter(|(_, status)| status.as_deref() == Some("unconfirmed"));
        let unconfirmed = unconfirmed.filter_map(|(id, _)| id.clone()).collect();
        let rows = ids.into_iter().zip(agency_ids).zip(models).zip(successors);
        let agreements =
            rows.filter_map(|(((id, agency), model), successor)| Some((id?, (agency?, model?, successor))));
        let agreements = agreements.collect();
        let frame = tables.columns("agencies", &["agency_id", "agency_name", "state_code"])?;
        let (ids, names, states) =
            (text(&frame, "agency_id")?, text(&frame, "agency_name")?, text(&frame, "state_code")?);
        let rows = ids.into_iter().zip(states).zip(names);
        let agencies = rows
            .filter_map(|((id, state), name)| {
                Some((id?, (state.unwrap_or_else(|| "?".into()), name.unwrap_or_default())))
            })
            .collect();
        Ok(Self { spells, agreements, unconfirmed, agencies })
    }

    /// Returns the agreements on the list of a day.
    fn listed(&self, day: Date) -> BTreeSet<&str> {
        let is_on = |spells: &&Vec<(Date, Option<Date>)>| {
            spells.iter().any(|(began, ended)| *began <= day && ended.is_none_or(|ended| day < ended))
        };
        self.spells.iter().filter(|(_, spells)| is_on(spells)).map(|(id, _)| id.as_str()).collect()
    }

    fn change(&self, span_days: i32, since: Date, newest: Date) -> ChangeSince {
        let (old, new) = (self.listed(since), self.listed(newest));
        let successor = |id: &str| self.agreements.get(id).and_then(|(_, _, successor)| successor.as_deref());
        let succeeded: BTreeSet<&str> = old.iter().filter_map(|id| successor(id)).collect();
        let came: Vec<&str> =
            new.iter().filter(|id| !old.contains(*id) && !succeeded.contains(*id)).copied().collect();
        let left: Vec<&str> = old
            .iter()
            .filter(|id| !new.contains(*id) && successor(id).is_none_or(|next| !new.contains(next)))
            .copied()
            .collect();
        let agency = |id: &str| self.agreements.get(id).map(|(agency, ..)| agency.as_str());
        let agencies =
            |of: &BTreeSet<&str>| -> BTreeSet<&str> { of.iter().filter_map(|id| agency(id)).collect() };
        let (old_agencies, new_agencies) = (agencies(&old), agencies(&new));
        let only = |of: &[&str], others: &BTreeSet<&str>| {
            of.iter()
                .filter_map(|id| agency(id))
                .filter(|id| !others.contains(id))
                .collect::<BTreeSet<_>>()
                .len()
        };
        ChangeSince {
            span_days,
            since_date: since.to_string(),
            before_days: (newest - since).get_days(),
            agencies_came: only(&came, &old_agencies),
            agencies_left: only(&left, &new_agencies),
            came_count: came.len(),
            left_count: left.len(),
            left_unconfirmed_count: left.iter().filter(|id| self.unconfirmed.contains(**id)).count(),
            came: self.by_agency(&came),
            left: self.by_agency(&left),
        }
    }

    fn by_agency(&self, ids: &[&str]) -> Vec<AgencyModels> {
        let mut models: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (agency, model, _) in ids.iter().filter_map(|id| self.agreements.get(*id)) {
            models.entry(agency).or_default().insert(model);
        }
        let mut all: Vec<AgencyModels> = models
            .into_iter()
            .filter_map(|(id, models)| {
                let (state, name) = self.agencies.get(id)?;
                Some(AgencyModels {
                    state_code: state.clone(),
                    agency_name: name.clone(),
                    models: models.into_iter().collect::<Vec<_>>().join("+"),
                })
            })
            .collect();
        all.sort();
        all
    }
}
