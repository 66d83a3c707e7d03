//! `coverage287 coverage --since DATE`: the change in coverage since a day, with its margin.

use jiff::civil::Date;

use super::json;
use crate::assess::{AsOf, Change, PeopleChange, Scope, change};
use crate::census::Measure;
use crate::cli::{By, CoverageArgs, Format};
use crate::error::Error;
use crate::reference::Regions;
use crate::report::points;
use crate::spec::SpecFiles;
use crate::table::{TableError, TableSource};
use crate::text::{TextTable, percent, say, thousands};
use crate::words::CountyFips;

/// The change to show, and how.
pub struct AskedChange<'a> {
    pub args: &'a CoverageArgs,
    pub groups: &'a [String],
    /// The rules, in the order in which they are shown.
    pub rules: &'a [&'a str],
    pub measures: &'a [Measure],
    pub format: Format,
}

#[derive(serde::Serialize)]
struct ChangeRow<'a> {
    geography: &'a str,
    rule: &'a str,
    model_group: &'a str,
    counties_gained: Vec<String>,
    counties_lost: Vec<String>,
    counties_changed: Vec<String>,
    population: PeopleChange,
    foreign_born: PeopleChange,
    noncitizen: PeopleChange,
}

/// Writes a row for each county that was gained or lost, or of which another part is covered.
fn csv_of_counties(changes: &[Change], from: Date, to: Date) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| Error::Table(TableError::shape("CSV", e.to_string()));
    let header = ["from_date", "as_of_date", "rule", "model_group", "county_fips", "county_change"];
    writer.write_record(header).map_err(failed)?;
    for change in changes {
        let of = |counties: &[CountyFips], what: &'static str| {
            counties.iter().map(|fips| (*fips, what)).collect::<Vec<_>>()
        };
        let mut counties = of(&change.counties_gained, "gained");
        counties.extend(of(&change.counties_lost, "lost"));
        counties.extend(of(&change.counties_changed, "changed"));
        counties.sort();
        for (fips, what) in counties {
            let (from, to) = (from.to_string(), to.to_string());
            let cells = [&from, &to, change.rule.as_str(), &change.model_group, fips.as_str(), what];
            writer.write_record(cells).map_err(failed)?;
        }
    }
    crate::table::csv_text(writer).map_err(Error::Table)
}

/// Writes a row for each change; the people of each measure have columns of their own.
fn csv(changes: &[Change], from: Date, to: Date) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header: Vec<String> = [
        "from_date",
        "as_of_date",
        "geography",
        "rule",
        "model_group",
        "counties_gained",
        "counties_lost",
        "counties_changed",
    ]
    .map(str::to_owned)
    .into();
    for measure in Measure::ALL {
        header.extend(
            ["change", "change_moe", "change_share", "change_share_moe"]
                .map(|part| format!("{}_{part}", measure.as_str())),
        );
    }
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let rows = changes.iter().map(|change| {
        let codes =
            |counties: &[CountyFips]| counties.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let mut cells = vec![
            from.to_string(),
            to.to_string(),
            change.geography.clone(),
            change.rule.clone(),
            change.model_group.clone(),
            codes(&change.counties_gained),
            codes(&change.counties_lost),
            codes(&change.counties_changed),
        ];
        for people in change.people.values() {
            let count = people.change.map_or_else(String::new, |count| count.to_string());
            cells.extend([count, number(people.change_moe), number(people.share), number(people.share_moe)]);
        }
        cells
    });
    let failed = |e: csv::Error| Error::Table(TableError::shape("CSV", e.to_string()));
    for row in std::iter::once(header).chain(rows) {
        writer.write_record(row).map_err(failed)?;
    }
    crate::table::csv_text(writer).map_err(Error::Table)
}

/// Returns the changes between two lists of a release.
pub fn changes(
    tables: &dyn TableSource,
    before: &AsOf,
    now: &AsOf,
    wanted: &AskedChange,
    files: &SpecFiles,
) -> Result<String, Error> {
    let regions = Regions::load(files)?;
    let is_us = match wanted.args.geography.as_deref() {
        Some(geography) => geography == "US",
        None => wanted.args.by == By::Us,
    };
    let scope = if is_us { Scope::Us } else { Scope::States };
    let mut changes = change(tables, before, now, scope, wanted.args.rule.as_deref(), &regions.states)?;
    let at = |change: &Change| {
        let group = wanted.groups.iter().position(|group| *group == change.model_group)?;
        Some((group, wanted.rules.iter().position(|rule| *rule == change.rule)?))
    };
    changes.retain(|change| {
        at(change).is_some() && wanted.args.rule.as_ref().is_none_or(|rule| *rule == change.rule)
    });
    changes.sort_by(|a, b| (at(a), &a.geography).cmp(&(at(b), &b.geography)));
    if let Some(geography) = &wanted.args.geography {
        changes.retain(|change| change.geography == *geography);
    }
    let (from, to) = (before.date, now.date);
    if wanted.format == Format::Csv {
        return match wanted.args.by {
            By::County => csv_of_counties(&changes, from, to),
            _ => csv(&changes, from, to),
        };
    }
    if wanted.format == Format::Json {
        let rows: Vec<ChangeRow> = changes.iter().map(row).collect();
        return Ok(json(&serde_json::json!({
            "from_date": from.to_string(), "as_of_date": to.to_string(), "rows": rows,
        })));
    }
    let mut out = format!("Change in coverage from {from} to {to}\n\n");
    if wanted.args.by == By::County {
        out.push_str(&counties(&changes, &regions).render(0));
        return Ok(out);
    }
    out.push_str(&table(&changes, wanted).render(0));
    say(
        &mut out,
        format_args!("\n± is the 90 % margin of the counties that changed; shares are points of all people."),
    );
    if changes.iter().any(|change| !change.counties_changed.is_empty()) {
        say(&mut out, format_args!("Where parts of counties changed no margin is given."));
    }
    Ok(out)
}

fn row(change: &Change) -> ChangeRow<'_> {
    let texts = |counties: &[CountyFips]| counties.iter().map(ToString::to_string).collect();
    let people = |measure: Measure| change.people[measure];
    ChangeRow {
        geography: &change.geography,
        rule: &change.rule,
        model_group: &change.model_group,
        counties_gained: texts(&change.counties_gained),
        counties_lost: texts(&change.counties_lost),
        counties_changed: texts(&change.counties_changed),
        population: people(Measure::Population),
        foreign_born: people(Measure::ForeignBorn),
        noncitizen: people(Measure::Noncitizen),
    }
}

fn table(changes: &[Change], wanted: &AskedChange) -> TextTable {
    let by_state = wanted.args.by == By::State;
    let mut header = vec!["models", "rule"];
    if by_state {
        header.push("where");
    }
    let left = header.len();
    header.extend(["gained", "lost"]);
    for measure in wanted.measures {
        header.extend([measure.as_str(), "share"]);
    }
    let mut table = TextTable::new(left, &header);
    for change in changes {
        let mut cells = vec![change.model_group.clone(), change.rule.clone()];
        if by_state {
            cells.push(change.geography.clone());
        }
        for counties in [&change.counties_gained, &change.counties_lost] {
            cells.push(thousands(counties.len() as i64));
        }
        for measure in wanted.measures {
            let changed = change.people[*measure];
            let sign = |n: i64| if n > 0 { format!("+{}", thousands(n)) } else { thousands(n) };
            let moe = changed.change_moe.map(|moe| format!(" ± {}", thousands(moe.round() as i64)));
            let people = changed.change.map_or_else(|| "-".into(), sign);
            cells.push(format!("{people}{}", moe.unwrap_or_default()));
            let moe = changed.share_moe.map(points);
            let share = changed.share.map_or_else(|| "-".into(), percent);
            cells.push(format!("{share}{}", moe.unwrap_or_default()));
        }
        table.row(cells);
    }
    table
}

fn counties(changes: &[Change], regions: &Regions) -> TextTable {
    let mut table = TextTable::new(6, &["models", "rule", "change", "fips", "county", ""]);
    for change in changes {
        let kinds = [
            ("gained", &change.counties_gained),
            ("lost", &change.counties_lost),
            ("part", &change.counties_changed),
        ];
        for (kind, fips) in kinds.into_iter().flat_map(|(kind, all)| all.iter().map(move |fips| (kind, fips)))
        {
            let county = regions.counties.get(*fips);
            table.row(vec![
                change.model_group.clone(),
                change.rule.clone(),
                kind.to_owned(),
                fips.to_string(),
                county.map(|county| county.name.clone()).unwrap_or_default(),
                county.map(|county| county.state.to_string()).unwrap_or_default(),
            ]);
        }
    }
    table
}
