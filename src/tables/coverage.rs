//! Tables `county_coverage`, `coverage`, `claims`.

use polars::frame::DataFrame;

use super::Results;
use crate::batches::{Batches, Coded, Parts};
use crate::census::{Measure, cv, share, share_margin};
use crate::coverage::{Cell, Covered, Cube, Judged, Set, Total};
use crate::frames::{Columns, FrameError};
use crate::spec::{Claim, Tables};
use crate::words::{day_before, epoch_days};

pub fn county_coverage(results: &Results) -> Result<DataFrame, FrameError> {
    let rows = &results.cube.stretches;
    let groups = &results.cube.groups;
    let all = || rows.iter();
    Columns::new(&results.specs.tables, "county_coverage", rows.len())?
        .text(
            "county_fips",
            all().map(|s| Some(results.reaches.counties[usize::from(s.county)].0.to_string())),
        )
        .text("rule", all().map(|s| Some(&results.specs.rules.rules[s.rule].name)))
        .text("model_group", all().map(|s| Some(groups[s.group].as_str())))
        .date("from_date", all().map(|s| Some(s.from)))
        .date("until_date", all().map(|s| s.until))
        .integer("agreement_count", all().map(|s| Some(s.agreement_count.into())))
        .integer("agency_count", all().map(|s| Some(s.agency_count.into())))
        .number(
            "covered_share",
            all().map(|s| s.covered.map_or(Some(1.0), |part| part.map(|(a, b)| share(a, b)))),
        )
        .finish()
}

/// One batch an as-of list.
pub fn coverage(results: &Results) -> Result<Batches<'_>, FrameError> {
    let (cube, panel) = (&results.cube, &results.panel);
    let rules = &results.specs.rules.rules;
    let vintages = Coded::new(cube.vintages.iter().map(|vintage| Some(vintage.to_string())));
    let geographies = Coded::new(cube.geographies.iter().map(|geography| Some(geography.to_string())));
    let rule_names = Coded::new(rules.iter().map(|rule| Some(&rule.name)));
    let group_names = Coded::new(cube.groups.iter().map(|group| Some(group.as_str())));
    let people: Vec<[People; 3]> = cube.covered.iter().map(|covered| People::of(cube, covered)).collect();
    // The cells of a list in the order of the key: geography, rule, group, each by its name.
    let mut order: Vec<(usize, usize, usize)> = Vec::new();
    for geography in by_name(cube.geographies.iter().map(ToString::to_string)) {
        for rule in by_name(rules.iter().map(|rule| rule.name.clone())) {
            for group in by_name(cube.groups.iter().map(|group| group.as_str().to_owned())) {
                order.push((geography, rule, group));
            }
        }
    }
    let texts = cube.lists.iter().map(|at| panel.lists[*at].list_id.as_str()).collect();
    let parts = Parts { column: Some("list_id"), texts };
    Batches::new(&results.specs.tables, "coverage", parts, move |at, batch| {
        let list = &panel.lists[cube.lists[at]];
        let day = epoch_days(list.day());
        let vintage = cube.vintage_of[at];
        let until = cube.lists.get(at + 1).map(|next| epoch_days(day_before(panel.lists[*next].day())));
        let cells: Vec<(&Cell, usize)> = order
            .iter()
            .map(|(geography, rule, group)| (cube.cell(at, *rule, *group, *geography), *geography))
            .collect();
        let rows = cells.len();
        let count = |get: fn(&Cell) -> u32| cells.iter().map(move |(cell, _)| Some(i64::from(get(cell))));
        let mut batch = batch
            .date("as_of_date", std::iter::repeat_n(Some(day), rows))
            .coded("geography", &geographies, order.iter().map(|(geography, _, _)| Some(*geography)))
            .coded("rule", &rule_names, order.iter().map(|(_, rule, _)| Some(*rule)))
            .coded("model_group", &group_names, order.iter().map(|(_, _, group)| Some(*group)))
            .coded("acs_vintage", &vintages, std::iter::repeat_n(Some(vintage), rows))
            .constant("list_id", Some(&list.list_id), rows)
            .date("until_date", std::iter::repeat_n(until, rows))
            .boolean("is_upper_bound", order.iter().map(|(_, rule, _)| rules[*rule].upper_bound))
            .integer("county_count", count(|cell| cell.county_count))
            .integer(
                "county_total",
                cells.iter().map(|(_, at)| Some(cube.totals[vintage][*at].counties.into())),
            )
            .integer("agreement_count", count(|cell| cell.agreement_count))
            .integer("agency_count", count(|cell| cell.agency_count))
            .integer("unplaced_agency_count", count(|cell| cell.unplaced_agency_count))
            .integer("residentless_agency_count", count(|cell| cell.residentless_agency_count));
        for (measure, names) in Measure::ALL.into_iter().zip(PEOPLE_COLUMNS) {
            let people = || cells.iter().map(|(cell, _)| &people[cell.covered as usize][measure as usize]);
            let [covered, covered_moe, covered_cv, total, total_moe, share, share_moe] = names;
            batch = batch
                .integer(covered, people().map(|p| p.covered))
                .number(covered_moe, people().map(|p| p.covered_moe))
                .number(covered_cv, people().map(|p| p.covered_cv))
                .integer(total, people().map(|p| p.total))
                .number(total_moe, people().map(|p| p.total_moe))
                .number(share, people().map(|p| p.share))
                .number(share_moe, people().map(|p| p.share_moe));
        }
        batch.finish()
    })
}

/// Columns of each measure, in the order of [`Measure::ALL`].
const PEOPLE_COLUMNS: [[&str; 7]; 3] = [
    [
        "population_covered",
        "population_covered_moe",
        "population_covered_cv",
        "population_total",
        "population_total_moe",
        "population_share",
        "population_share_moe",
    ],
    [
        "foreign_born_covered",
        "foreign_born_covered_moe",
        "foreign_born_covered_cv",
        "foreign_born_total",
        "foreign_born_total_moe",
        "foreign_born_share",
        "foreign_born_share_moe",
    ],
    [
        "noncitizen_covered",
        "noncitizen_covered_moe",
        "noncitizen_covered_cv",
        "noncitizen_total",
        "noncitizen_total_moe",
        "noncitizen_share",
        "noncitizen_share_moe",
    ],
];

/// Positions of names in their order.
pub(super) fn by_name(names: impl Iterator<Item = String>) -> Vec<usize> {
    let mut names: Vec<(String, usize)> = names.zip(0..).collect();
    names.sort();
    names.into_iter().map(|(_, at)| at).collect()
}

/// The people covered in one measure.
struct People {
    covered: Option<i64>,
    covered_moe: Option<f64>,
    covered_cv: Option<f64>,
    total: Option<i64>,
    total_moe: Option<f64>,
    share: Option<f64>,
    share_moe: Option<f64>,
}

impl People {
    fn of(cube: &Cube, covered: &Covered) -> [Self; 3] {
        let Total { people: total, has_figures, .. } = &cube.totals[covered.vintage][covered.geography];
        Measure::ALL.map(|measure| {
            let set = covered.set;
            let (covered, total) = (&covered.people[measure as usize], &total[measure as usize]);
            // Of a geography without figures nothing is known, not even of the empty set.
            let value = covered.value().filter(|_| has_figures[measure as usize]);
            let moe = covered
                .margin()
                .filter(|_| value.is_some() && (set != Set::Empty || total.margin().is_some()));
            let share_of = value.zip(total.value());
            let margins = moe.zip(total.margin());
            Self {
                covered: value,
                covered_moe: moe,
                covered_cv: value.zip(moe).and_then(|(value, moe)| cv(value, moe)),
                total: total.value(),
                total_moe: total.margin(),
                share: share_of.map(|(part, whole)| share(part, whole)),
                share_moe: share_of.zip(margins).map(|((part, whole), (x, y))| match set {
                    Set::Some => share_margin(part, x, whole, y),
                    Set::Empty | Set::Whole => 0.0,
                }),
            }
        })
    }
}

/// The claims with what was computed for each.
pub fn claims(tables: &Tables, judged: &[(&Claim, Judged)]) -> Result<DataFrame, FrameError> {
    let all = || judged.iter();
    Columns::new(tables, "claims", judged.len())?
        .text("claim_id", all().map(|(c, _)| Some(&c.claim_id)))
        .date("as_of_date", all().map(|(c, _)| Some(c.as_of_date)))
        .text("measure", all().map(|(c, _)| Some(c.definition.measure.as_str())))
        .text("geography", all().map(|(c, _)| Some(&c.definition.geography)))
        .text("rule", all().map(|(c, _)| c.definition.rule.as_ref()))
        .text("model_group", all().map(|(c, _)| Some(c.definition.model_group.as_str())))
        .text("printed_text", all().map(|(c, _)| Some(&c.text)))
        .number("printed_value", all().map(|(c, _)| Some(c.printed)))
        .number("computed_value", all().map(|(_, j)| j.computed))
        .text("verdict", all().map(|(_, j)| Some(j.verdict.as_str())))
        .text("verdict_recorded", all().map(|(c, _)| Some(c.verdict.as_str())))
        .text("definition", all().map(|(_, j)| Some(&j.definition)))
        .text("source_name", all().map(|(c, _)| Some(&c.source_name)))
        .text("source_url", all().map(|(c, _)| c.source_url.as_ref()))
        .text("source_date", all().map(|(c, _)| Some(&c.source_date)))
        .text("source_form", all().map(|(c, _)| Some(&c.source_form)))
        .text("note", all().map(|(c, _)| c.note.as_ref()))
        .finish()
}
