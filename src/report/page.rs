//! The whole report of a run for a terminal, which `--full` prints. The first page is in [`super::first_page`].

use super::day::Day;
use super::summary::{ClaimLine, GROUPS, Summary, TopCounty};
use super::{CoverageRow, has_other_vintage};
use crate::census::Measure;
use crate::text::{TextTable, say, thousands};
use crate::words::Verdict;

/// Width of the page in columns.
const WIDTH: usize = 100;

/// Returns the page as text.
pub fn page(summary: &Summary) -> String {
    let mut out = String::new();
    let dates: Vec<&str> = summary.days.iter().rev().map(|day| day.date.as_str()).collect();
    say(&mut out, format_args!("287(g) agreements as of {}", dates.join(", beside ")));
    lists(&mut out, summary);
    agreements(&mut out, summary);
    for group in GROUPS {
        coverage(&mut out, summary, group);
    }
    agencies(&mut out, summary);
    counties(&mut out, summary);
    claims(&mut out, &summary.claims);
    repairs(&mut out, &summary.repairs);
    out
}

fn lists(out: &mut String, summary: &Summary) {
    say(out, format_args!("\nLists read"));
    let mut table = TextTable::new(3, &["date", "kind", "status", "rows", "  file"]).ending_in_words();
    for list in &summary.lists {
        table.row(vec![
            list.date.clone().unwrap_or_else(|| "no date".into()),
            list.kind.clone().unwrap_or_else(|| "unread".into()),
            list.status.clone(),
            thousands(list.row_count),
            format!("  {}", list.file_name),
        ]);
    }
    out.push_str(&table.render(2));
    for list in summary.lists.iter().filter(|list| list.status != "accepted") {
        let reason = list.reason.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
        say(out, format_args!("  {} {}: {reason}", list.status, list.file_name));
    }
    if summary.lists_not_shown > 0 {
        say(out, format_args!("  and {} more: table lists", summary.lists_not_shown));
    }
    if let Some(note) = &summary.pending_note {
        say(out, format_args!("  {}", capitalised(note)));
    }
    let said = &summary.statements;
    if said.all > said.without_list {
        say(
            out,
            format_args!(
                "  {} statements of ICE's page: {} agree with the list of their time, {} differ, {} are of a time without a \
                 list here (table page_statements)",
                said.all, said.agree, said.differ, said.without_list
            ),
        );
    }
}

/// Returns a text with a capital first letter.
fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn agreements(out: &mut String, summary: &Summary) {
    let header: Vec<&str> =
        std::iter::once("Agreements").chain(summary.days.iter().map(|d| d.date.as_str())).collect();
    let mut table = TextTable::new(1, &header);
    let mut line = |name: &str, value: &dyn Fn(&Day) -> String| {
        table.row(std::iter::once(name.to_owned()).chain(summary.days.iter().map(value)).collect());
    };
    line("  all", &|d| in_states(d.agreements, d.states, d.territories));
    for (at, name) in
        ["  JEM jail enforcement", "  WSO warrant service officer", "  TFM task force"].iter().enumerate()
    {
        line(name, &|d| in_states(d.by_model[at].1, d.by_model[at].2, d.by_model[at].3));
    }
    line("  agencies", &|d| thousands(d.agencies as i64));
    line(&format!("New since {}", summary.new_since), &|d| {
        in_states(d.new_agreements, d.new_agreement_states, d.new_agreement_territories)
    });
    line("  agencies with a new one", &|d| thousands(d.new_agencies as i64));
    line("  of these had one before", &|d| thousands(d.new_agencies_with_one_before as i64));
    line("  signing date unread", &|d| thousands(d.unread_signed_dates as i64));
    out.push('\n');
    out.push_str(&table.render(0));
}

fn in_states(count: usize, states: usize, territories: usize) -> String {
    let beyond = if territories > 0 { format!(" + {territories}") } else { String::new() };
    format!("{} in {states}{beyond} states", thousands(count as i64))
}

/// Measures with their names on the page.
const SHOWN: [(Measure, &str); 3] = [
    (Measure::Population, "people"),
    (Measure::ForeignBorn, "foreign-born"),
    (Measure::Noncitizen, "noncitizens"),
];

fn coverage(out: &mut String, summary: &Summary, group: &str) {
    let what = match group {
        "TFM" => "task force: who lives where an agency has one",
        "jail" => "jail models: who lives where an arrest can lead to one",
        _ => "any model",
    };
    let mut vintages: Vec<&str> =
        summary.days.iter().filter_map(|day| Some(day.coverage.first()?.acs_vintage.as_str())).collect();
    vintages.dedup();
    say(out, format_args!("\nCoverage, {group} ({what}), ACS {}", vintages.join(", then ")));
    // Noncitizens are shown where the figures have them.
    let all = || summary.days.iter().flat_map(|day| &day.coverage);
    let measures: &[(Measure, &str)] = match all().any(|row| row.noncitizen.covered.is_some()) {
        true => &SHOWN,
        false => &SHOWN[..2],
    };
    let mut header = vec!["rule"];
    for _ in &summary.days {
        header.push("counties");
        header.extend(measures.iter().flat_map(|(_, name)| [*name, ""]));
    }
    let mut table = TextTable::new(1, &[]);
    let mut dates = vec![String::new()];
    for day in &summary.days {
        dates.push(day.date.clone());
        dates.extend(measures.iter().flat_map(|_| [String::new(), String::new()]));
    }
    table.row(dates);
    table.row(header.iter().map(|h| (*h).to_owned()).collect());
    let rows = |day: &Day| -> Vec<CoverageRow> {
        day.coverage.iter().filter(|row| row.model_group == group).cloned().collect()
    };
    let by_day: Vec<Vec<CoverageRow>> = summary.days.iter().map(rows).collect();
    for at in 0..by_day.first().map_or(0, Vec::len) {
        let first = &by_day[0][at];
        let mark = if first.is_upper_bound { " ≤" } else { "" };
        let other =
            by_day.iter().map(|rows| (&rows[at], rows)).find(|(row, rows)| has_other_vintage(row, rows));
        let of = other.map_or_else(String::new, |(row, _)| format!(", ACS {}", row.acs_vintage));
        let mut cells = vec![format!("{}{mark}{of}", first.rule)];
        for rows in &by_day {
            let row = &rows[at];
            let floor = row.floor(Measure::Population);
            cells.push(format!("{floor}{}{}", thousands(row.county_count), row.counties_in_part()));
            for (measure, _) in measures {
                let people = row.people(*measure);
                let covered = people.covered.map_or_else(|| "unknown".into(), thousands);
                cells.push(format!("{}{covered}", row.floor(*measure)));
                cells.push(people.share_with_margin());
            }
        }
        table.row(cells);
    }
    out.push_str(&table.render(2).lines().skip(1).map(|line| format!("{line}\n")).collect::<String>());
}

fn agencies(out: &mut String, summary: &Summary) {
    say(
        out,
        format_args!(
            "\n≤ upper bound: the rule counts everyone in a state where any of these agencies has an agreement (≥ a floor: the \
             county or the residents of an agency, or the foreign-born residents of a place, are not known):"
        ),
    );
    let agencies: Vec<String> = summary
        .state_agencies
        .iter()
        .map(|(state, name, models)| format!("{state} {name} ({models})"))
        .collect();
    wrap(out, &agencies, "; ");
}

fn counties(out: &mut String, summary: &Summary) {
    say(
        out,
        format_args!(
            "\nLargest immigrant counties by foreign-born residents, rule {}, models {}",
            summary.top_rule, summary.top_group
        ),
    );
    let line = |c: &TopCounty| format!("{}, {} {}", c.county_name, c.state_code, thousands(c.foreign_born));
    for (name, counties) in
        [("with an agreement   ", &summary.largest_with), ("without             ", &summary.largest_without)]
    {
        let names: Vec<String> = counties.iter().map(line).collect();
        say(out, format_args!("  {name}"));
        wrap(out, &names, "; ");
    }
}

fn claims(out: &mut String, claims: &[ClaimLine]) {
    say(out, format_args!("\nFigures in print, computed again"));
    let mut table = TextTable::new(2, &["as of", "claim", "printed", "found", "  verdict"]);
    let (unchecked, checked): (Vec<_>, Vec<_>) =
        claims.iter().partition(|claim| claim.verdict == Verdict::NotCheckable.as_str());
    for claim in checked {
        table.row(vec![
            claim.as_of_date.clone(),
            claim.printed_text.clone(),
            figure(claim.printed_value),
            claim.computed_value.map_or_else(|| "-".into(), figure),
            format!("  {}", claim.verdict.replace('_', " ")),
        ]);
    }
    out.push_str(&table.render(2));
    if !unchecked.is_empty() {
        let count = unchecked.len();
        say(out, format_args!("  and {count} of days without a list here: coverage287 claims"));
    }
}

/// Formats a printed figure, or one that was computed.
pub fn figure(value: f64) -> String {
    if value.fract() == 0.0 { thousands(value as i64) } else { format!("{value:.1}") }
}

fn repairs(out: &mut String, repairs: &[(String, usize)]) {
    say(out, format_args!("\nRepairs by rule (each with its row in table repairs)"));
    let names: Vec<String> = repairs
        .iter()
        .map(|(rule, rows)| format!("{} {}", rule.replace('_', " "), thousands(*rows as i64)))
        .collect();
    wrap(out, &names, " · ");
}

/// Writes items on lines of the page's width, after two spaces.
fn wrap(out: &mut String, items: &[String], between: &str) {
    let mut line = String::from("  ");
    for (at, item) in items.iter().enumerate() {
        if line.chars().count() + item.chars().count() + between.len() > WIDTH && line.trim() != "" {
            say(out, format_args!("{}", line.trim_end()));
            line = String::from("  ");
        }
        line.push_str(item);
        if at + 1 < items.len() {
            line.push_str(between);
        }
    }
    if !line.trim().is_empty() {
        say(out, format_args!("{}", line.trim_end()));
    }
}
