//! `coverage287 panel`: every county or state in every period, ready for a regression.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;

use super::json;
use crate::census::Measure;
use crate::cli::{Format, PanelArgs, PanelBy};
use crate::coverage::{Began, CoverageSpell, Periods};
use crate::error::Error;
use crate::fs;
use crate::publish::{Release, write_table};
use crate::spec::{SpecFiles, Specs};
use crate::table::{CsvTexts, Table, TableBuilder, TableSource, csv_of};
use crate::tables::{PanelCounty, PanelData};
use crate::text::{TextTable, counted, say, thousands};
use crate::words::{CountyFips, ModelGroup, Vintage};

/// The most periods of a panel: the months of thirty years, as long as the act has been law. More would be a mistake in a
/// date, and memory is taken for every county in every period.
const MOST_PERIODS: usize = 360;

/// Returns a panel of a release as rows or in a few words, or writes it into a file.
pub fn panel(
    args: &PanelArgs,
    files: &SpecFiles,
    format: Format,
    csv_texts: CsvTexts,
) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let rule = asked_rule(args, &specs)?;
    let groups = asked_groups(args, &specs, &rule)?;
    let release = Release::open(&args.release.release)?;
    let data = data(args, &release.tables(&specs.tables), rule, groups)?;
    let name = match args.by {
        PanelBy::County => "county_panel",
        PanelBy::State => "state_panel",
    };
    let builder = TableBuilder::new(&specs.tables, name)?;
    let table = match args.by {
        PanelBy::County => data.county_rows(0..data.counties.len(), builder)?,
        PanelBy::State => data.state_rows(builder)?,
    };
    if let Some(path) = &args.output {
        write(path, &table, name, &specs, csv_texts)?;
        return Ok(format!("{}: {}\n", path.display(), counted(table.row_count(), "row", "rows")));
    }
    match format {
        Format::Csv => Ok(csv_of(&table, csv_texts)?),
        Format::Json => Ok(json(&summary(&data, &table, name, args.by)?)),
        Format::Text => Ok(page(&summary(&data, &table, name, args.by)?)),
    }
}

fn asked_rule(args: &PanelArgs, specs: &Specs) -> Result<String, Error> {
    let asked = args.rule.as_deref().unwrap_or(&specs.report.panel_rule);
    let whole = || specs.rules.rules.iter().filter(|rule| !specs.rules.needs_places(rule));
    let names = || whole().map(|rule| rule.name.as_str()).collect::<Vec<_>>().join(", ");
    match specs.rules.find(asked) {
        Some(rule) if !specs.rules.needs_places(rule) => Ok(asked.to_owned()),
        Some(_) => Err(Error::Usage(format!(
            "--rule {asked}: it counts residents of places, and a panel is of whole counties; one of {}",
            names()
        ))),
        None => Err(Error::Usage(format!("--rule {asked}: not one of {}", names()))),
    }
}

/// The groups that were asked for, or those of the release's panel that the rule is about.
fn asked_groups(args: &PanelArgs, specs: &Specs, rule: &str) -> Result<Vec<ModelGroup>, Error> {
    let is_about = |group: &ModelGroup| {
        let models = specs.rules.groups.get(group).map(Vec::as_slice).unwrap_or_default();
        specs.rules.find(rule).is_some_and(|rule| specs.rules.is_about(rule, models))
    };
    let mut groups = BTreeSet::new();
    for asked in &args.models {
        let group = ModelGroup::ALL.iter().find(|group| group.as_str() == asked);
        let message = || Error::Usage(format!("--models {asked}: not one of TFM, jail, JEM, WSO, all"));
        let group = *group.ok_or_else(message)?;
        if !is_about(&group) {
            return Err(Error::Usage(format!("--models {asked}: {rule} is a rule about other models alone")));
        }
        groups.insert(group);
    }
    if groups.is_empty() {
        groups.extend(specs.report.panel_groups.iter().filter(|group| is_about(group)));
    }
    let mut groups: Vec<ModelGroup> = groups.into_iter().collect();
    groups.sort_unstable_by_key(|group| group.as_str());
    Ok(groups)
}

/// A list that counts: its day, and the vintage that coverage under the rule uses on it.
struct UsedList {
    day: Date,
    vintage: Vintage,
}

fn data(
    args: &PanelArgs,
    tables: &dyn TableSource,
    rule: String,
    groups: Vec<ModelGroup>,
) -> Result<PanelData, Error> {
    let lists = used_lists(tables, &rule)?;
    let (Some(first), Some(newest)) = (lists.first(), lists.last()) else {
        return Err(Error::Usage(format!("--rule {rule}: the release has no coverage under it")));
    };
    let length = args.every;
    let (from, until) = (args.from.unwrap_or(first.day), args.to.unwrap_or(newest.day));
    if from > until {
        return Err(Error::Usage(format!("--from {from}: is after {until}, the last day of the panel")));
    }
    let periods = Periods::between(length, from, until);
    if periods.starts.len() > MOST_PERIODS {
        return Err(Error::Usage(format!(
            "--from {from}: more than {MOST_PERIODS} periods up to {until}; the lists of the release begin on {}",
            first.day
        )));
    }
    let counties = tables.table("counties")?;
    let (vintages, people) = people(&counties)?;
    let vintage_of =
        args.acs_vintage.among(&vintages, &periods.starts).map_err(crate::coverage::PlanError::from)?;
    let mut spells = spells(tables, &rule, &groups)?;
    let known = |fips: CountyFips| {
        let has = |list: &&UsedList| people.contains_key(&(fips, list.vintage));
        lists.iter().find(has).map(|list| (list.day, newest.day))
    };
    let of_newest = people.iter().filter(|((_, vintage), _)| *vintage == newest.vintage);
    let counties = of_newest.map(|((fips, _), (state, _))| PanelCounty {
        fips: *fips,
        state: state.clone(),
        known: known(*fips),
        spells: spells.remove(fips).unwrap_or_else(|| vec![Vec::new(); groups.len()]),
        people: vintages
            .iter()
            .map(|vintage| people.get(&(*fips, *vintage)).map_or([None; 3], |(_, people)| *people))
            .collect(),
    });
    let counties: Vec<PanelCounty> = counties.collect();
    Ok(PanelData {
        rule,
        groups: groups.iter().map(|group| group.as_str().to_owned()).collect(),
        periods,
        vintages,
        vintage_of,
        counties,
    })
}

/// The lists that count, in order of time: the days on which the country has a cell of the rule.
fn used_lists(tables: &dyn TableSource, rule: &str) -> Result<Vec<UsedList>, Error> {
    let columns = ["as_of_date", "geography", "rule", "model_group", "acs_vintage"];
    let cells = tables.columns_where("coverage", &columns, "geography", "US")?;
    let (days, vintages) = (cells.dates("as_of_date")?, cells.texts("acs_vintage")?);
    let rules = cells.texts("rule")?;
    let mut lists = BTreeMap::new();
    for ((day, vintage), of) in days.into_iter().zip(vintages).zip(rules) {
        let vintage = vintage.and_then(Vintage::of_printed);
        if let (Some(day), Some(vintage), true) = (day, vintage, of == Some(rule)) {
            lists.insert(day, vintage);
        }
    }
    Ok(lists.into_iter().map(|(day, vintage)| UsedList { day, vintage }).collect())
}

/// The state and the people of a county in a vintage.
type People = BTreeMap<(CountyFips, Vintage), (String, [Option<i64>; 3])>;

/// The vintages of table `counties`, newest first, and the people of its counties.
fn people(counties: &Table) -> Result<(Vec<Vintage>, People), Error> {
    let (fips, states) = (counties.texts("county_fips")?, counties.texts("state_code")?);
    let vintages = counties.texts("acs_vintage")?;
    let measures: Vec<Vec<Option<i64>>> =
        Measure::ALL.iter().map(|measure| counties.integers(measure.as_str())).collect::<Result<_, _>>()?;
    let mut people = People::new();
    for row in 0..counties.row_count() {
        let key = fips[row].and_then(CountyFips::new).zip(vintages[row].and_then(Vintage::of_printed));
        if let Some(key) = key {
            let of_row = [0, 1, 2].map(|at: usize| measures[at][row]);
            people.insert(key, (states[row].unwrap_or_default().to_owned(), of_row));
        }
    }
    let mut vintages: Vec<Vintage> = people.keys().map(|(_, vintage)| *vintage).collect();
    vintages.sort_unstable_by(|a, b| b.cmp(a));
    vintages.dedup();
    Ok((vintages, people))
}

/// The spells of each county, by group.
type Spells = BTreeMap<CountyFips, Vec<Vec<CoverageSpell>>>;

fn spells(tables: &dyn TableSource, rule: &str, groups: &[ModelGroup]) -> Result<Spells, Error> {
    let table = tables.rows_where("county_spells", "rule", rule)?;
    let (fips, of_groups) = (table.texts("county_fips")?, table.texts("model_group")?);
    let (after, by) = (table.dates("began_after_date")?, table.dates("began_by_date")?);
    let (last, ended) = (table.dates("last_covered_date")?, table.dates("ended_by_date")?);
    let signed = table.dates("signed_date")?;
    let mut spells = Spells::new();
    for row in 0..table.row_count() {
        let group = groups.iter().position(|group| of_groups[row] == Some(group.as_str()));
        let days = by[row].zip(last[row]);
        let (Some(fips), Some(group), Some((by, last))) = (fips[row].and_then(CountyFips::new), group, days)
        else {
            continue;
        };
        let spell = CoverageSpell {
            began: Began { after: after[row], by },
            last_covered: last,
            ended_by: ended[row],
            signed: signed[row],
        };
        spells.entry(fips).or_insert_with(|| vec![Vec::new(); groups.len()])[group].push(spell);
    }
    Ok(spells)
}

fn write(path: &Path, table: &Table, name: &str, specs: &Specs, csv_texts: CsvTexts) -> Result<(), Error> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => fs::write(path, csv_of(table, csv_texts)?.as_bytes())?,
        Some("parquet") => {
            let spec = specs
                .tables
                .find(name)
                .ok_or_else(|| crate::table::TableError::shape(name, "has no spec"))?;
            let content = write_table(spec, std::iter::once(Ok(table.clone())), &[])?;
            fs::write_pieces(path, content.pieces())?;
        }
        _ => {
            let message = format!("--output {}: ends neither in .csv nor in .parquet", path.display());
            return Err(Error::Usage(message));
        }
    }
    Ok(())
}

/// The size of a panel, and how many of its counties or states are treated.
#[derive(serde::Serialize)]
struct PanelSummary {
    table: String,
    rule: String,
    every: String,
    first_period: Option<String>,
    last_period: Option<String>,
    period_count: usize,
    unit_count: usize,
    row_count: usize,
    groups: Vec<GroupSummary>,
}

/// The counties or states of a panel by one model group.
#[derive(Debug, Default, serde::Serialize)]
struct GroupSummary {
    model_group: String,
    never_treated: usize,
    left_censored: usize,
    treated_in_the_panel: usize,
    /// Those whose first treated period is not one for sure.
    first_period_uncertain: usize,
    ever_off: usize,
    treated_in_last_period: usize,
}

fn summary(data: &PanelData, table: &Table, name: &str, by: PanelBy) -> Result<PanelSummary, Error> {
    let unit = if by == PanelBy::County { "county_fips" } else { "state_code" };
    let units: BTreeSet<&str> = table.texts(unit)?.into_iter().flatten().collect();
    let groups = table.texts("model_group")?;
    let (numbers, treated) = (table.integers("period_number")?, table.booleans("treated")?);
    let (low, high) = (table.dates("first_treated_low_date")?, table.dates("first_treated_high_date")?);
    let first = table.integers("first_treated_number")?;
    let flags = ["never_treated", "left_censored", "ever_off"];
    let [never, censored, off] = flags.map(|column| table.booleans(column));
    let (never, censored, off) = (never?, censored?, off?);
    let last_number = data.periods.starts.len() as i64;
    let of_group = |group: &String| {
        let mut found = GroupSummary { model_group: group.clone(), ..GroupSummary::default() };
        let rows = (0..table.row_count()).filter(|row| groups[*row] == Some(group.as_str()));
        for row in rows.filter(|row| numbers[*row] == Some(last_number)) {
            let count = |flag: bool| usize::from(flag);
            found.never_treated += count(never[row] == Some(true));
            found.left_censored += count(censored[row] == Some(true));
            found.ever_off += count(off[row] == Some(true));
            found.treated_in_last_period += count(treated[row] == Some(true));
            let is_within = first[row].is_some_and(|number| (1..=last_number).contains(&number));
            found.treated_in_the_panel += count(is_within);
            found.first_period_uncertain += count(is_within && low[row] != high[row]);
        }
        found
    };
    Ok(PanelSummary {
        table: name.to_owned(),
        rule: data.rule.clone(),
        every: data.periods.length.as_str().to_owned(),
        first_period: data.periods.starts.first().map(Date::to_string),
        last_period: data.periods.starts.last().map(Date::to_string),
        period_count: data.periods.starts.len(),
        unit_count: units.len(),
        row_count: table.row_count(),
        groups: data.groups.iter().map(of_group).collect(),
    })
}

fn page(summary: &PanelSummary) -> String {
    let mut out = String::new();
    let (one, many) =
        if summary.table == "county_panel" { ("county", "counties") } else { ("state", "states") };
    let day = |day: &Option<String>| day.clone().unwrap_or_default();
    say(
        &mut out,
        format_args!(
            "Panel under {}: {} {} by {}, from that of {} to that of {}, {} rows\n",
            summary.rule,
            thousands(summary.unit_count as i64),
            if summary.unit_count == 1 { one } else { many },
            counted(summary.period_count, &summary.every, &format!("{}s", summary.every)),
            day(&summary.first_period),
            day(&summary.last_period),
            thousands(summary.row_count as i64),
        ),
    );
    let header = [
        "models",
        "never",
        "first treated in it",
        "of these uncertain",
        "from the first list",
        "ever off",
        "in the last",
    ];
    let mut table = TextTable::new(1, &header);
    for group in &summary.groups {
        let number = |count: usize| thousands(count as i64);
        table.row(vec![
            group.model_group.clone(),
            number(group.never_treated),
            number(group.treated_in_the_panel),
            number(group.first_period_uncertain),
            number(group.left_censored),
            number(group.ever_off),
            number(group.treated_in_last_period),
        ]);
    }
    out.push_str(&table.render(0));
    out.push_str(
        "\nnever: on no list; uncertain: a new period began between the last list without the coverage and the first list with it;\n\
         from the first list: begin unknown; ever off: a coverage ended; in the last: treated in the last period.\n\
         --format csv prints the rows; --output FILE.csv or FILE.parquet writes them.\n",
    );
    out
}
