//! Tables `county_spells`, `county_panel` and `state_panel`: when each county was covered, as spells and as balanced panels.

use std::ops::Range;

use jiff::civil::Date;

use super::Results;
use super::months::{by_state, months_of};
use crate::census::Measure;
use crate::coverage::{Cohort, CountyHistory, CoverageSpell, PeriodCoverage, Periods};
use crate::table::{CodedTexts, PartedTable, Parts, Table, TableBuilder, TableError};
use crate::words::{CountyFips, PeriodLength, Vintage, epoch_days};

/// The data of a panel of one rule.
pub struct PanelData {
    pub rule: String,
    /// In the order of their names.
    pub groups: Vec<String>,
    pub periods: Periods,
    /// The vintages whose people are shown.
    pub vintages: Vec<Vintage>,
    /// By period: position among the vintages.
    pub vintage_of: Vec<usize>,
    /// In the order of their codes.
    pub counties: Vec<PanelCounty>,
}

/// A county of a panel.
pub struct PanelCounty {
    pub fips: CountyFips,
    pub state: String,
    /// The days of the first and the last list that speak of it; `None`: no list does.
    pub known: Option<(Date, Date)>,
    /// By group: its coverages, in order of time.
    pub spells: Vec<Vec<CoverageSpell>>,
    /// By vintage: its people, in the order of [`Measure::ALL`].
    pub people: Vec<[Option<i64>; 3]>,
}

impl PanelCounty {
    fn history(&self, group: usize) -> CountyHistory<'_> {
        CountyHistory { spells: &self.spells[group], known: self.known }
    }
}

impl PanelData {
    /// The rows of these counties as a table `county_panel`.
    ///
    /// # Errors
    /// The table does not have the shape of its spec.
    pub fn county_rows(&self, counties: Range<usize>, builder: TableBuilder) -> Result<Table, TableError> {
        struct Row {
            county: usize,
            period: usize,
            group: usize,
            found: PeriodCoverage,
            cohort: usize,
        }
        let (first, groups) = (counties.start, self.groups.len());
        let cohorts: Vec<Cohort> = self.counties[counties.clone()]
            .iter()
            .flat_map(|county| (0..groups).map(|group| county.history(group).cohort(self.periods.length)))
            .collect();
        let mut rows = Vec::with_capacity(counties.len() * self.periods.starts.len() * groups);
        for county in counties {
            for (period, start) in self.periods.starts.iter().enumerate() {
                for group in 0..groups {
                    let found = self.counties[county].history(group).in_period(&self.periods, *start);
                    rows.push(Row {
                        county,
                        period,
                        group,
                        found,
                        cohort: (county - first) * groups + group,
                    });
                }
            }
        }
        let codes = CodedTexts::new(self.counties.iter().map(|county| Some(county.fips.as_str())));
        let states = CodedTexts::new(self.counties.iter().map(|county| Some(&county.state)));
        let group_names = CodedTexts::new(self.groups.iter().map(Some));
        let vintages = CodedTexts::new(self.vintages.iter().map(|vintage| Some(vintage.to_string())));
        let all = || rows.iter();
        let cohort = |row: &Row| cohorts[row.cohort];
        let found = |row: &Row| row.found;
        let mut columns = builder
            .coded("county_fips", &codes, all().map(|row| Some(row.county)))
            .coded("state_code", &states, all().map(|row| Some(row.county)))
            .constant("rule", Some(&self.rule), rows.len())
            .coded("model_group", &group_names, all().map(|row| Some(row.group)))
            .days("period_date", all().map(|row| Some(epoch_days(self.periods.starts[row.period]))))
            .integer("period_number", all().map(|row| Some(row.period as i64 + 1)))
            .integer("known_day_count", all().map(|row| Some(found(row).known_days)))
            .integer("day_count", all().map(|row| Some(found(row).days)))
            .integer("sure_day_count", all().map(|row| Some(found(row).sure_days)))
            .integer("unknown_day_count", all().map(|row| Some(found(row).unknown_days)))
            .boolean("treated", all().map(|row| found(row).is_treated()))
            .boolean("maybe", all().map(|row| found(row).is_maybe()))
            .number("treated_share", all().map(|row| share(found(row).days, found(row).known_days)))
            .boolean("treated_by_signing", all().map(|row| found(row).is_treated_by_signing()))
            .coded("acs_vintage", &vintages, all().map(|row| Some(self.vintage_of[row.period])));
        columns = self.cohort_columns(columns, || rows.iter().map(cohort));
        for (at, measure) in Measure::ALL.into_iter().enumerate() {
            let people = |row: &Row| self.counties[row.county].people[self.vintage_of[row.period]][at];
            columns = columns.integer(measure.as_str(), all().map(people));
        }
        columns.finish()
    }

    /// Every state in every period as a table `state_panel`.
    ///
    /// # Errors
    /// The table does not have the shape of its spec.
    pub fn state_rows(&self, builder: TableBuilder) -> Result<Table, TableError> {
        struct Row<'a> {
            state: &'a str,
            period: usize,
            group: usize,
            known_days: i64,
            counties: i64,
            treated: i64,
            maybe: i64,
            signed: i64,
            cohort: Cohort,
            people: [Option<i64>; 3],
            treated_people: [Option<i64>; 3],
        }
        let mut counties: Vec<&PanelCounty> = self.counties.iter().collect();
        counties.sort_by(|a, b| a.state.cmp(&b.state));
        let length = self.periods.length;
        let mut rows = Vec::new();
        for of_state in counties.chunk_by(|a, b| a.state == b.state) {
            let cohorts: Vec<Cohort> = (0..self.groups.len())
                .map(|group| {
                    let of_counties = of_state.iter().map(|county| county.history(group).cohort(length));
                    of_counties.reduce(Cohort::earliest).unwrap_or_default()
                })
                .collect();
            for (period, start) in self.periods.starts.iter().enumerate() {
                for (group, cohort) in cohorts.iter().enumerate() {
                    let mut row = Row {
                        state: &of_state[0].state,
                        period,
                        group,
                        known_days: 0,
                        counties: of_state.len() as i64,
                        treated: 0,
                        maybe: 0,
                        signed: 0,
                        cohort: *cohort,
                        people: [Some(0); 3],
                        treated_people: [Some(0); 3],
                    };
                    for county in of_state {
                        let found = county.history(group).in_period(&self.periods, *start);
                        let is_treated = found.is_treated() == Some(true);
                        row.known_days = row.known_days.max(found.known_days);
                        row.treated += i64::from(is_treated);
                        row.maybe += i64::from(found.is_maybe() == Some(true));
                        row.signed += i64::from(found.is_treated_by_signing() == Some(true));
                        let people = county.people[self.vintage_of[period]];
                        for (at, people) in people.into_iter().enumerate() {
                            row.people[at] = row.people[at].zip(people).map(|(sum, more)| sum + more);
                            if is_treated {
                                let treated = &mut row.treated_people[at];
                                *treated = treated.zip(people).map(|(sum, more)| sum + more);
                            }
                        }
                    }
                    rows.push(row);
                }
            }
        }
        let all = || rows.iter();
        let known = |row: &Row, count: i64| (row.known_days > 0).then_some(count);
        let mut columns = builder
            .text("state_code", all().map(|row| Some(row.state)))
            .constant("rule", Some(&self.rule), rows.len())
            .text("model_group", all().map(|row| Some(&self.groups[row.group])))
            .date("period_date", all().map(|row| Some(self.periods.starts[row.period])))
            .integer("period_number", all().map(|row| Some(row.period as i64 + 1)))
            .integer("known_day_count", all().map(|row| Some(row.known_days)))
            .integer("county_count", all().map(|row| Some(row.counties)))
            .integer("treated_county_count", all().map(|row| known(row, row.treated)))
            .integer("maybe_county_count", all().map(|row| known(row, row.maybe)))
            .boolean("treated", all().map(|row| known(row, row.treated).map(|count| count > 0)))
            .boolean("treated_by_signing", all().map(|row| known(row, row.signed).map(|count| count > 0)))
            .text(
                "acs_vintage",
                all().map(|row| Some(self.vintages[self.vintage_of[row.period]].to_string())),
            );
        columns = self.cohort_columns(columns, || rows.iter().map(|row| row.cohort));
        for (at, measure) in Measure::ALL.into_iter().enumerate() {
            columns = columns.integer(measure.as_str(), all().map(|row| row.people[at])).integer(
                format!("treated_{}", measure.as_str()),
                all().map(|row| row.treated_people[at].filter(|_| row.known_days > 0)),
            );
        }
        columns.finish()
    }

    /// The columns that say when a coverage began.
    fn cohort_columns<'a, I: Iterator<Item = Cohort>>(
        &self,
        builder: TableBuilder<'a>,
        all: impl Fn() -> I,
    ) -> TableBuilder<'a> {
        let number = |day: Option<Date>| match day {
            None => Some(0),
            Some(day) => Some(self.periods.number(day)).filter(|number| *number > 0),
        };
        builder
            .days("first_treated_low_date", all().map(|cohort| cohort.low.map(epoch_days)))
            .days("first_treated_high_date", all().map(|cohort| cohort.high.map(epoch_days)))
            .integer("first_treated_number", all().map(|cohort| cohort.number(&self.periods)))
            .boolean("never_treated", all().map(|cohort| cohort.high.is_none()))
            .boolean("left_censored", all().map(|cohort| cohort.is_left_censored))
            .boolean("ever_off", all().map(|cohort| cohort.was_ever_off))
            .days("first_signed_date", all().map(|cohort| cohort.signed.map(epoch_days)))
            .integer("first_signed_number", all().map(|cohort| number(cohort.signed)))
    }
}

fn share(part: i64, all: i64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

pub fn county_spells(results: &Results) -> Result<Table, TableError> {
    let rules = &results.specs.rules.rules;
    let spells = months_of(results).spells();
    let all = || spells.iter();
    let counties = &results.reaches.counties;
    TableBuilder::new(&results.specs.tables, "county_spells")?
        .text("county_fips", all().map(|of| Some(counties[usize::from(of.county)].0.as_str())))
        .text("rule", all().map(|of| Some(&rules[of.rule].name)))
        .text("model_group", all().map(|of| Some(results.cube.groups[of.group].as_str())))
        .date("began_after_date", all().map(|of| of.spell.began.after))
        .date("began_by_date", all().map(|of| Some(of.spell.began.by)))
        .date("last_covered_date", all().map(|of| Some(of.spell.last_covered)))
        .date("ended_by_date", all().map(|of| of.spell.ended_by))
        .date("signed_date", all().map(|of| of.spell.signed))
        .sorted()
}

pub fn county_panel(results: &Results) -> Result<PartedTable<'_>, TableError> {
    let data = panel_data(results);
    let codes = data.counties.iter().map(|county| county.fips);
    let states = by_state(&results.reaches.counties, codes);
    let parts = Parts { column: None, texts: states.iter().map(|(state, _)| *state).collect() };
    PartedTable::new(&results.specs.tables, "county_panel", parts, move |at, part| {
        data.county_rows(states[at].1.clone(), part)
    })
}

pub fn state_panel(results: &Results) -> Result<Table, TableError> {
    panel_data(results).state_rows(TableBuilder::new(&results.specs.tables, "state_panel")?)
}

/// The panel that a release has: the rule and groups of `report.toml`, by month, from the first list to the newest, with
/// the counties and people of the newest list's vintage.
fn panel_data(results: &Results) -> PanelData {
    let (cube, reaches, report) = (&results.cube, &results.reaches, &results.specs.report);
    let days: Vec<Date> = cube.lists.iter().map(|at| results.panel.lists[*at].day()).collect();
    let rule = results.specs.rules.rules.iter().position(|rule| rule.name == report.panel_rule).unwrap_or(0);
    let mut groups = report.panel_groups.clone();
    groups.sort_unstable_by_key(|group| group.as_str());
    let newest = cube.lists.len().checked_sub(1);
    let vintage_at = newest.map_or(0, |list| cube.vintage(list, rule));
    let figures = reaches.vintages.get(vintage_at).and_then(|vintage| results.figures.get(vintage.figures));
    let vintage = figures.map(|figures| figures.vintage);
    let mut spells = months_of(results).spells();
    spells.retain(|of| of.rule == rule);
    let position: Vec<Option<usize>> =
        cube.groups.iter().map(|group| groups.iter().position(|known| known == group)).collect();
    let counties = reaches.counties.iter().zip(0_u16..).filter_map(|((fips, _), at)| {
        let county = results.reference.counties.get(*fips)?;
        county.is_of(vintage?.last()).then_some(())?;
        let speaks = |list: &usize| {
            let vintage = &reaches.vintages[cube.vintage(*list, rule)];
            county.is_of(results.figures[vintage.figures].vintage.last())
        };
        let first = (0..days.len()).find(speaks);
        let start = spells.partition_point(|of| of.county < at);
        let mut of_groups = vec![Vec::new(); groups.len()];
        for of in spells[start..].iter().take_while(|of| of.county == at) {
            if let Some(group) = position[of.group] {
                of_groups[group].push(of.spell);
            }
        }
        let estimates = figures?.county(*fips);
        Some(PanelCounty {
            fips: *fips,
            state: county.state.as_str().to_owned(),
            known: first.zip(days.last()).map(|(first, last)| (days[first], *last)),
            spells: of_groups,
            people: vec![Measure::ALL.map(|measure| estimates[measure].value.ok())],
        })
    });
    let counties: Vec<PanelCounty> = counties.collect();
    let periods = match (days.first(), days.last()) {
        (Some(first), Some(last)) => Periods::between(PeriodLength::Month, *first, *last),
        _ => Periods { length: PeriodLength::Month, starts: Vec::new() },
    };
    PanelData {
        rule: results.specs.rules.rules.get(rule).map_or_else(String::new, |rule| rule.name.clone()),
        groups: groups.iter().map(|group| group.as_str().to_owned()).collect(),
        vintage_of: vec![0; periods.starts.len()],
        periods,
        vintages: vintage.into_iter().collect(),
        counties,
    }
}
