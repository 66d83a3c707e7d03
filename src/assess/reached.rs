//! The counties and places that the agreements on a list reach.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;

use super::as_of::AsOf;
use super::vintage_figures::VintageFigures;
use crate::census::{Area, Level};
use crate::coverage::{Began, began};
use crate::identify::SpellDays;
use crate::query::Query;
use crate::table::{Table, TableError, TableSource};
use crate::words::{CountyFips, Extent, ListKind, ListStatus, Model};

/// An agreement on the list.
struct ListedAgreement {
    agency_id: String,
    model: Model,
    spells: Vec<SpellDays>,
}

/// By county: positions of the agreements on the list that reach it, and the extent.
type CountyAgreements = BTreeMap<CountyFips, Vec<(usize, Extent)>>;

/// The agreements on a list, and the counties that each reaches.
pub(super) struct ListedAgreements {
    /// Days of the as-of lists.
    days: Vec<Date>,
    agreements: Vec<ListedAgreement>,
    names: HashMap<String, String>,
    /// By agency: the place whose police it is.
    pub(super) place_of: HashMap<String, Area>,
    /// Agreements that reach each county, by rule.
    reaches: HashMap<String, CountyAgreements>,
}

impl ListedAgreements {
    /// Reads which agreements reach which county, in the vintage of each rule, and which place's police an agency is,
    /// in the vintage `with_places`.
    pub(super) fn load(
        tables: &dyn TableSource,
        list: &AsOf,
        vintage_of: &BTreeMap<&str, &str>,
        with_places: &str,
    ) -> Result<Self, TableError> {
        let rows = tables.columns_where("listings", &["agreement_id"], "list_id", &list.list_id)?;
        let listed: HashSet<&str> = rows.texts("agreement_id")?.into_iter().flatten().collect();
        let frame =
            tables.columns("agreements", &["agreement_id", "counts_for_agency_id", "counts_for_model"])?;
        let (ids, agencies, models) = (
            frame.texts("agreement_id")?,
            frame.texts("counts_for_agency_id")?,
            frame.texts("counts_for_model")?,
        );
        let mut agreements = Vec::new();
        let mut at: HashMap<&str, usize> = HashMap::new();
        for ((id, agency), model) in ids.iter().zip(agencies).zip(models) {
            let model = model.and_then(Model::find);
            if let (Some(id), Some(agency), Some(model)) =
                (id.filter(|id| listed.contains(id)), agency, model)
            {
                at.insert(id, agreements.len());
                agreements.push(ListedAgreement { agency_id: agency.to_owned(), model, spells: Vec::new() });
            }
        }
        let spells =
            tables.columns("agreement_spells", &["agreement_id", "began_by_date", "ended_by_date"])?;
        let (began, ended) = (spells.dates("began_by_date")?, spells.dates("ended_by_date")?);
        for (row, id) in spells.texts("agreement_id")?.into_iter().enumerate() {
            if let (Some(at), Some(began_by)) = (id.and_then(|id| at.get(id)), began[row]) {
                agreements[*at].spells.push(SpellDays { began_by, ended_by: ended[row] });
            }
        }
        let mut reaches = HashMap::new();
        for (rule, vintage) in vintage_of {
            let columns = ["county_fips", "agreement_id", "extent", "acs_vintage"];
            let rows = tables.columns_where("reaches", &columns, "rule", rule)?;
            reaches
                .insert((*rule).to_owned(), reached_counties(&rows.rows_with("acs_vintage", vintage)?, &at)?);
        }
        let frame = tables.columns("agencies", &["agency_id", "agency_name"])?;
        let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let names = frame.texts("agency_id")?.into_iter().zip(frame.texts("agency_name")?);
        let names = names.map(|(id, name)| (own(id), own(name))).collect();
        let frame = tables.rows_where("agency_residents", "acs_vintage", with_places)?;
        let places = frame.texts("agency_id")?.into_iter().zip(frame.texts("geo_id")?);
        let place_of = places.filter_map(|(id, place)| Some((own(id), Area::of_geo_id(place?)?))).collect();
        let lists = tables.columns("lists", &["list_kind", "list_status", "list_date"])?;
        let lists = Query::of(&lists)?
            .with_text("list_kind", &[ListKind::Participating.as_str()])?
            .with_text("list_status", &[ListStatus::Accepted.as_str()])?
            .table()?;
        let mut days: Vec<Date> = lists.dates("list_date")?.into_iter().flatten().collect();
        days.sort();
        Ok(Self { days, agreements, names, place_of, reaches })
    }

    /// The counties that some models reach under a rule.
    pub(super) fn reached(&self, rule: &str, models: &[Model]) -> ReachedCounties<'_> {
        let mut counties = CountyAgreements::new();
        for (county, held) in self.reaches.get(rule).into_iter().flatten() {
            let held = held.iter().copied().filter(|(at, _)| models.contains(&self.agreements[*at].model));
            let held: Vec<_> = held.collect();
            if !held.is_empty() {
                counties.insert(*county, held);
            }
        }
        ReachedCounties { held: self, counties }
    }

    /// Names of the agencies behind agreements, each once, sorted.
    pub(super) fn names(&self, agreements: &BTreeSet<usize>) -> Vec<String> {
        let ids: BTreeSet<&str> =
            agreements.iter().map(|at| self.agreements[*at].agency_id.as_str()).collect();
        let mut names: Vec<String> = ids.iter().filter_map(|id| self.names.get(*id)).cloned().collect();
        names.sort();
        names
    }

    /// When the coverage by these agreements as of a list began.
    pub(super) fn began(&self, agreements: &BTreeSet<usize>, list: &AsOf) -> Option<Began> {
        let spells = agreements.iter().flat_map(|at| &self.agreements[*at].spells).copied();
        began(&spells.collect::<Vec<_>>(), list.date).map(|by| Began::of(by, &self.days))
    }
}

/// Reads county → positions of the agreements on the list that reach it, and the extent.
fn reached_counties(rows: &Table, at: &HashMap<&str, usize>) -> Result<CountyAgreements, TableError> {
    let (counties, ids, extents) =
        (rows.texts("county_fips")?, rows.texts("agreement_id")?, rows.texts("extent")?);
    let mut reached = CountyAgreements::new();
    for ((county, id), extent) in counties.into_iter().zip(ids).zip(extents) {
        let agreement = id.and_then(|id| at.get(id));
        if let (Some(county), Some(agreement)) = (county.and_then(CountyFips::new), agreement) {
            let extent = if extent == Some(Extent::Part.as_str()) { Extent::Part } else { Extent::Whole };
            reached.entry(county).or_default().push((*agreement, extent));
        }
    }
    Ok(reached)
}

/// The counties that one model group reaches under one rule.
pub(super) struct ReachedCounties<'a> {
    held: &'a ListedAgreements,
    pub(super) counties: CountyAgreements,
}

/// How much of an area is reached, and by which agreements.
#[derive(Default)]
pub(super) struct AreaReach {
    pub(super) extent: Option<Extent>,
    pub(super) agreements: BTreeSet<usize>,
}

impl ReachedCounties<'_> {
    /// How much of an area in these counties is reached.
    pub(super) fn of(&self, area: Area, counties: &[CountyFips], counts_residents: bool) -> AreaReach {
        let mut reach = AreaReach::default();
        let (mut whole, mut some) = (0, false);
        let is_place = area.level() == Level::Place;
        for county in counties {
            let held = self.counties.get(county).map(Vec::as_slice).unwrap_or_default();
            whole += usize::from(held.iter().any(|(_, extent)| *extent == Extent::Whole));
            // If a county is reached in part, only the places that are that part are reached.
            let reaching = held.iter().filter(|(_, extent)| *extent == Extent::Whole || !is_place);
            for (agreement, _) in reaching {
                some = true;
                reach.agreements.insert(*agreement);
            }
            if is_place && counts_residents {
                let is_own =
                    |at: &usize| self.held.place_of.get(&self.held.agreements[*at].agency_id) == Some(&area);
                let own = held.iter().map(|(at, _)| *at).filter(is_own);
                reach.agreements.extend(own.clone());
                if own.count() > 0 {
                    whole = counties.len();
                }
            }
        }
        reach.extent = match (whole, some) {
            (whole, _) if whole > 0 && whole >= counties.len() => Some(Extent::Whole),
            (0, false) => None,
            _ => Some(Extent::Part),
        };
        reach
    }

    /// The share of each state's counties that are reached.
    pub(super) fn shares<'f>(&self, figures: &'f VintageFigures) -> HashMap<&'f str, f64> {
        let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
        for (fips, (state, _)) in &figures.counties {
            let count = counts.entry(state.as_str()).or_default();
            count.0 += usize::from(self.counties.contains_key(fips));
            count.1 += 1;
        }
        counts.into_iter().map(|(state, (part, all))| (state, part as f64 / all as f64)).collect()
    }
}
