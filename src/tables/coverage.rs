//! Tables `county_coverage`, `coverage`, `claims`.

use std::collections::BTreeSet;

use enum_map::EnumMap;
use rayon::prelude::*;
use typed_index_collections::TiVec;

use super::Results;
use crate::census::{Gap, Measure, Sum, cv, reliability, share, share_margin, share_reliability};
use crate::coverage::{CoverageCell, Covered, CoveredSet, Cube, Geography, Stretch, Total};
use crate::table::{CodedTexts, PartedTable, Parts, Table, TableBuilder, TableError};
use crate::words::{CoveredAt, Extent, PartReason, Reliability, day_before, epoch_days};

pub fn county_coverage(results: &Results) -> Result<Table, TableError> {
    let rows = &results.cube.stretches;
    let groups = &results.cube.groups;
    let all = || rows.iter();
    TableBuilder::new(&results.specs.tables, "county_coverage")?
        .text(
            "county_fips",
            all().map(|s| Some(results.reaches.counties[usize::from(s.county)].0.to_string())),
        )
        .text("rule", all().map(|s| Some(&results.specs.rules.rules[s.rule].name)))
        .text("model_group", all().map(|s| Some(groups[s.group].as_str())))
        .date("from_date", all().map(|s| Some(s.from)))
        .date("until_date", all().map(|s| s.until))
        .integer("agreement_count", all().map(|s| Some(s.held.agreements.into())))
        .integer("agency_count", all().map(|s| Some(s.held.agencies.into())))
        .number("covered_share", all().map(Stretch::covered_share))
        .text("policed_extent", all().map(|s| Some(extent(s).as_str())))
        .number("covered_part", all().map(Stretch::part_share))
        .text("covered_part_reason", all().map(|s| s.held.in_part?.reason.as_ref().map(PartReason::as_str)))
        .sorted()
}

/// Whole if some agency polices the whole county, part if each one that reaches it polices a part.
fn extent(stretch: &Stretch) -> Extent {
    if stretch.held.in_part.is_some() { Extent::Part } else { Extent::Whole }
}

/// Table `coverage`, one batch for each as-of list.
pub fn coverage(results: &Results) -> Result<PartedTable<'_>, TableError> {
    let (cube, panel) = (&results.cube, &results.panel);
    let rules = &results.specs.rules.rules;
    let vintages = CodedTexts::new(cube.vintages.iter().map(|vintage| Some(vintage.to_string())));
    let geographies = CodedTexts::new(cube.geographies.iter().map(|geography| Some(geography.to_string())));
    let rule_names = CodedTexts::new(rules.iter().map(|rule| Some(&rule.name)));
    let group_names = CodedTexts::new(cube.groups.iter().map(|group| Some(group.as_str())));
    let of_covered = || cube.covered.raw.par_iter();
    let people: Vec<_> = of_covered().map(|covered| People::of(cube, covered)).collect();
    let people: TiVec<CoveredAt, EnumMap<Measure, People>> = people.into();
    let thresholds = results.specs.census.reliability;
    let words = CodedTexts::new(Reliability::ALL.iter().map(|word| Some(word.as_str())));
    let mark = move |cv: Option<f64>| cv.map(|cv| reliability(cv, thresholds) as usize);
    let mark_of_share =
        move |p: &People| share_reliability(p.share, p.share_moe, thresholds).map(|mark| mark as usize);
    // There are few distinct reasons; each is written once.
    let reasons: Vec<Option<String>> = of_covered().map(|c| missing_reason(results, c)).collect();
    let distinct: Vec<&str> =
        reasons.iter().flatten().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    let reason_of: TiVec<CoveredAt, Option<usize>> =
        reasons.iter().map(|reason| distinct.binary_search(&reason.as_deref()?).ok()).collect();
    let reason_names = CodedTexts::new(distinct.iter().map(|reason| Some(*reason)));
    // The cells of a list are in the order of the key: geography, rule and group, each by name.
    let mut order: Vec<(usize, usize, usize)> = Vec::new();
    for geography in by_name(cube.geographies.iter().map(ToString::to_string)) {
        for rule in by_name(rules.iter().map(|rule| rule.name.clone())) {
            for group in by_name(cube.groups.iter().map(|group| group.as_str().to_owned())) {
                if cube.is_about(rule, group) {
                    order.push((geography, rule, group));
                }
            }
        }
    }
    let texts = cube.lists.iter().map(|at| panel.lists[*at].list_id.as_str()).collect();
    let parts = Parts { column: Some("list_id"), texts };
    PartedTable::new(&results.specs.tables, "coverage", parts, move |at, part| {
        let list = &panel.lists[cube.lists[at]];
        let day = epoch_days(list.day());
        let vintage_of: Vec<usize> = (0..rules.len()).map(|rule| cube.vintage(at, rule)).collect();
        let until = cube.lists.get(at + 1).map(|next| epoch_days(day_before(panel.lists[*next].day())));
        let cells: Vec<(&CoverageCell, usize)> = order
            .iter()
            .map(|(geography, rule, group)| (cube.cell(at, *rule, *group, *geography), *geography))
            .collect();
        let rows = cells.len();
        let count =
            |get: fn(&CoverageCell) -> u32| cells.iter().map(move |(cell, _)| Some(i64::from(get(cell))));
        let mut columns = part
            .days("as_of_date", std::iter::repeat_n(Some(day), rows))
            .coded("geography", &geographies, order.iter().map(|(geography, _, _)| Some(*geography)))
            .coded("rule", &rule_names, order.iter().map(|(_, rule, _)| Some(*rule)))
            .coded("model_group", &group_names, order.iter().map(|(_, _, group)| Some(*group)))
            .coded("acs_vintage", &vintages, order.iter().map(|(_, rule, _)| Some(vintage_of[*rule])))
            .constant("list_id", Some(&list.list_id), rows)
            .days("until_date", std::iter::repeat_n(until, rows))
            .boolean("is_upper_bound", order.iter().map(|(_, rule, _)| rules[*rule].upper_bound))
            .integer("county_count", count(|cell| cell.county_count))
            .integer(
                "county_total",
                order.iter().map(|(at, rule, _)| Some(cube.totals[vintage_of[*rule]][*at].counties.into())),
            )
            .integer("part_county_count", count(|cell| cell.part_county_count))
            .integer("agreement_count", count(|cell| cell.agreement_count))
            .integer("agency_count", count(|cell| cell.agency_count))
            .integer("unplaced_agency_count", count(|cell| cell.unplaced_agency_count))
            .integer("residentless_agency_count", count(|cell| cell.residentless_agency_count));
        for measure in Measure::ALL {
            let people = || cells.iter().map(|(cell, _)| &people[cell.covered][measure]);
            let name = |figure: &str| format!("{}_{figure}", measure.as_str());
            columns = columns
                .integer(name("covered"), people().map(|p| p.covered))
                .number(name("covered_moe"), people().map(|p| p.covered_moe))
                .number(name("covered_cv"), people().map(|p| p.covered_cv))
                .coded(name("covered_reliability"), &words, people().map(|p| mark(p.covered_cv)))
                .integer(name("total"), people().map(|p| p.total))
                .number(name("total_moe"), people().map(|p| p.total_moe))
                .number(name("share"), people().map(|p| p.share))
                .number(name("share_moe"), people().map(|p| p.share_moe))
                .coded(name("share_reliability"), &words, people().map(mark_of_share))
                .integer(name("in_part"), people().map(|p| p.part))
                .number(name("in_part_moe"), people().map(|p| p.part_moe));
        }
        let inexact = || cells.iter().map(|(cell, _)| &cube.covered[cell.covered].inexact);
        columns
            .integer("foreign_born_unknown_place_count", inexact().map(|i| Some(i.unknown_parts.into())))
            .integer("foreign_born_unknown_place_population", inexact().map(|i| Some(i.unknown_residents)))
            .number("foreign_born_half_width", inexact().map(|i| Some(i.rounding as f64 / 100_000.0)))
            .coded("missing_reason", &reason_names, cells.iter().map(|(cell, _)| reason_of[cell.covered]))
            .finish()
    })
}

/// Says why figures of a row are null, measure by measure; the margin of a null figure gets no reason of its own.
fn missing_reason(results: &Results, covered: &Covered) -> Option<String> {
    let cube = &results.cube;
    let total = &cube.totals[covered.vintage][covered.geography];
    let is_island = |code| !results.reference.states.in_us(code) && code.as_str() != "PR";
    if matches!(cube.geographies[covered.geography], Geography::State(code) if is_island(code)) {
        return Some(Gap::NotInAcs.as_str().to_owned());
    }
    let reasons = Measure::ALL.iter().filter_map(|measure| {
        let (people, all) = (&covered.people[*measure], &total.people[*measure]);
        let name = measure.as_str();
        let of = |gap: fn(&Sum) -> Option<Gap>| gap(people).or(gap(all));
        match (total.has_figures[*measure], of(Sum::gap), of(Sum::margin_gap)) {
            (false, ..) => Some(format!("{name}: {}", Gap::NotInInput.as_str())),
            (true, Some(gap), _) => Some(format!("{name}: {}", gap.as_str())),
            (true, None, Some(gap)) => Some(format!("{name}_moe: {}", gap.as_str())),
            (true, None, None) => None,
        }
    });
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    (!reasons.is_empty()).then_some(reasons)
}

/// Positions of names in alphabetical order.
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
    /// The covered people in counties that are reached only by agencies that police part of them.
    part: Option<i64>,
    part_moe: Option<f64>,
}

impl People {
    fn of(cube: &Cube, covered: &Covered) -> EnumMap<Measure, Self> {
        let Total { people: total, has_figures, .. } = &cube.totals[covered.vintage][covered.geography];
        EnumMap::from_fn(|measure| {
            let set = covered.set;
            let in_part = &covered.in_part[measure];
            // A floor has no margin.
            let is_floor = measure == Measure::ForeignBorn && covered.inexact.unknown_parts > 0;
            let (covered, total) = (&covered.people[measure], &total[measure]);
            // In a geography without figures nothing is known, not even that nobody is covered.
            let value = covered.value().filter(|_| has_figures[measure]);
            let moe = covered.margin().filter(|_| {
                value.is_some() && !is_floor && (set != CoveredSet::Nothing || total.margin().is_some())
            });
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
                    CoveredSet::Part => share_margin(part, x, whole, y),
                    CoveredSet::Nothing | CoveredSet::Everything => 0.0,
                }),
                part: in_part.value().filter(|_| value.is_some()),
                part_moe: in_part.margin().filter(|_| moe.is_some()),
            }
        })
    }
}
