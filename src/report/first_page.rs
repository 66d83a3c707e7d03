//! The summary that a run prints at its end: one screen of a terminal. The rest is behind `--full` ([`super::page`])
//! and in the report.

use super::day::Day;
use super::glance::{AgencyModels, ChangeSince, DayBeside};
use super::summary::Summary;
use super::{CoverageRow, has_other_vintage};
use crate::census::Measure;
use crate::text::{TextTable, percent, say, thousands};
use crate::words::Verdict;

/// The columns of the page, and the most lines that it has.
const WIDTH: usize = 100;
pub const LINES: usize = 60;

/// The most agencies named for each change, and the most claims shown.
const NAMED: usize = 6;
const CLAIMS: usize = 6;

/// The models whose coverage is shown: all of them together.
const GROUP: &str = "all";

/// Returns the first page as text.
pub fn first_page(summary: &Summary) -> String {
    let mut out = String::new();
    let glance = &summary.glance;
    let Some(newest) = glance.days.first() else { return out };
    say(
        &mut out,
        format_args!(
            "287(g) agreements on ICE's list of {}; lists read: {}, the first of {}",
            newest.day.date,
            thousands(glance.list_count as i64),
            glance.first_list_date
        ),
    );
    out.push('\n');
    agreements(&mut out, &glance.days, &summary.new_since);
    // Noncitizens are shown where the figures have them.
    let is_known = |measure: Measure| {
        measure != Measure::Noncitizen
            || glance
                .days
                .iter()
                .flat_map(|day| &day.day.coverage)
                .any(|row| row.noncitizen.covered.is_some())
    };
    let measures = [
        (Measure::Noncitizen, "Noncitizens,"),
        (Measure::ForeignBorn, "Foreign-born people,"),
        (Measure::Population, "All people,"),
    ];
    for (measure, who) in measures.into_iter().filter(|(measure, _)| is_known(*measure)) {
        out.push('\n');
        coverage(&mut out, &glance.days, (&summary.page_rules, &summary.place_rules), measure, who);
    }
    let other = glance.days.iter().find_map(|beside| {
        let rows = &beside.day.coverage;
        rows.iter().find(|row| summary.page_rules.contains(&row.rule) && has_other_vintage(row, rows))
    });
    if let Some(row) = other {
        let vintage = &row.acs_vintage;
        say(
            &mut out,
            format_args!(
                "  * people of ACS {vintage}, the newest with figures of places; beside those of the other rules with \
                 --acs-vintage {vintage}"
            ),
        );
    }
    say(
        &mut out,
        format_args!(
            "  (policed in part: of these people, those in counties of which every agency polices only a part, and the number of \
             such counties;\n  \"all rules\": the narrowest rule to the widest, without those marked *; the widest is an upper bound; ≥: a \
             floor, since something is not known; more: coverage287 coverage)"
        ),
    );
    if !glance.changes.is_empty() {
        out.push('\n');
        changes(&mut out, &glance.changes);
    }
    if !summary.claims.is_empty() {
        out.push('\n');
        claims(&mut out, summary);
    }
    out
}

fn table(days: &[DayBeside]) -> TextTable {
    let mut table = TextTable::new(1, &[]);
    let row = |cell: &dyn Fn(&DayBeside) -> String| {
        std::iter::once(String::new()).chain(days.iter().map(cell)).collect::<Vec<_>>()
    };
    table.row(row(&|day| day.why.clone()));
    table.row(row(&|day| day.day.date.clone()));
    table
}

/// Returns a table without the blank line that its empty header makes.
fn rendered(table: &TextTable) -> String {
    table.render(0).lines().skip(1).map(|line| format!("{line}\n")).collect()
}

fn agreements(out: &mut String, days: &[DayBeside], new_since: &str) {
    let mut table = table(days);
    let mut line = |name: String, value: &dyn Fn(&Day) -> String| {
        table.row(std::iter::once(name).chain(days.iter().map(|beside| value(&beside.day))).collect());
    };
    let count = |count: usize| thousands(count as i64);
    line("Agreements".into(), &|day| count(day.agreements));
    for (at, name) in
        ["jail enforcement (JEM)", "warrant service officer (WSO)", "task force (TFM)"].iter().enumerate()
    {
        line(format!("  {name}"), &|day| {
            day.by_model.get(at).map_or_else(String::new, |model| count(model.1))
        });
    }
    line("Agencies".into(), &|day| count(day.agencies));
    line("States + territories".into(), &|day| match day.territories {
        0 => day.states.to_string(),
        territories => format!("{} + {territories}", day.states),
    });
    line(format!("Signed since {new_since}"), &|day| count(day.new_agreements));
    out.push_str(&rendered(&table));
}

/// Writes the coverage of a measure. `rules` are the rules shown; `place_rules` are all that count residents of places.
fn coverage(
    out: &mut String,
    days: &[DayBeside],
    (rules, place_rules): (&[String], &[String]),
    measure: Measure,
    who: &str,
) {
    let rows = |day: &Day| -> Vec<CoverageRow> {
        day.coverage.iter().filter(|row| row.model_group == GROUP).cloned().collect()
    };
    let by_day: Vec<Vec<CoverageRow>> = days.iter().map(|beside| rows(&beside.day)).collect();
    let first = by_day.first().and_then(|rows| rows.first());
    let total = first.and_then(|row| row.people(measure).total).map_or_else(|| "unknown".into(), thousands);
    let mut vintages: Vec<&str> =
        by_day.iter().filter_map(|rows| Some(rows.first()?.acs_vintage.as_str())).collect();
    vintages.dedup();
    // Lists that are paired with several vintages have several totals: the total of the newest list is shown.
    let of = if vintages.len() > 1 { "on the newest list " } else { "" };
    say(
        out,
        format_args!(
            "{who} {of}of {total} (ACS {}), who live where an agency has an agreement, by rule",
            vintages.join(", then ")
        ),
    );
    let mut table = TextTable::new(1, &[]);
    let mut unknown = String::new();
    for rule in rules {
        let of_rule: Vec<Option<&CoverageRow>> =
            by_day.iter().map(|rows| rows.iter().find(|row| row.rule == *rule)).collect();
        if of_rule.iter().flatten().next().is_none() {
            continue;
        }
        let is_of_places = place_rules.contains(rule);
        let is_other = of_rule
            .iter()
            .zip(&by_day)
            .any(|(row, rows)| row.is_some_and(|row| has_other_vintage(row, rows)));
        let is_known = of_rule.iter().flatten().any(|row| row.people(measure).covered.is_some());
        if !is_known && is_of_places {
            say(&mut unknown, format_args!("  {rule}: not known of places"));
            continue;
        }
        let people = |row: &CoverageRow| {
            let people = row.people(measure);
            let covered = people.covered.map_or_else(|| "unknown".into(), thousands);
            format!("{}{covered} {:>6}", row.floor(measure), people.share_with_margin())
        };
        let none = || "-".to_owned();
        let cells = of_rule.iter().map(|row| row.map_or_else(none, people));
        let of = if is_other { " *" } else { "" };
        table.row(std::iter::once(format!("  {rule}{of}")).chain(cells).collect());
        // A rule that counts whole counties also shows how many of them are reached in part only.
        let is_partly = of_rule.iter().flatten().any(|row| row.part_county_count > 0);
        if is_partly && !is_of_places {
            let in_part = |row: &CoverageRow| {
                let people = row.people(measure).in_part.map_or_else(|| "unknown".into(), thousands);
                format!("{people} in {:>3}", row.part_county_count)
            };
            let cells = of_rule.iter().map(|row| row.map_or_else(none, in_part));
            let label = "    policed in part".to_owned();
            table.row(std::iter::once(label).chain(cells).collect());
        }
    }
    let counties = by_day.iter().map(|rows| {
        let row = rules.first().and_then(|rule| rows.iter().find(|row| row.rule == *rule));
        row.map_or_else(
            || "-".to_owned(),
            |row| format!("{}{}", row.floor(Measure::Population), thousands(row.county_count)),
        )
    });
    let spans = by_day.iter().map(|rows| {
        let of_one_vintage = rows.iter().filter(|row| !has_other_vintage(row, rows));
        let mut shares: Vec<f64> = of_one_vintage.filter_map(|row| row.people(measure).share).collect();
        shares.sort_by(f64::total_cmp);
        match (shares.first(), shares.last()) {
            (Some(least), Some(most)) => {
                format!("{} to {}", percent(*least).trim_end_matches(" %"), percent(*most))
            }
            _ => "-".to_owned(),
        }
    });
    let with_share = |rows: &Vec<CoverageRow>| {
        rows.iter().filter(|row| !has_other_vintage(row, rows) && row.people(measure).share.is_some()).count()
    };
    let count = by_day.first().map_or(0, with_share);
    table.row(std::iter::once(format!("  all {count} rules")).chain(spans).collect());
    if measure == Measure::Population {
        let rule = rules.first().map_or("", String::as_str);
        table.row(std::iter::once(format!("  counties, {rule}")).chain(counties).collect());
    }
    out.push_str(&rendered(&table));
    out.push_str(&unknown);
}

fn changes(out: &mut String, changes: &[ChangeSince]) {
    for change in changes {
        let ChangeSince {
            span_days,
            since_date,
            before_days,
            came_count,
            left_count,
            left_unconfirmed_count,
            agencies_came,
            agencies_left,
            ..
        } = change;
        let apart =
            if before_days > span_days { format!(", {before_days} days before") } else { String::new() };
        // An agreement that only the newest lists lack may come back.
        let unconfirmed = match left_unconfirmed_count {
            0 => String::new(),
            count => format!(" ({} not confirmed by a later list)", thousands(*count as i64)),
        };
        say(
            out,
            format_args!(
                "Last {span_days} days (from the list of {since_date}{apart}): {} agreements came, {} went{unconfirmed}; \
                 {} agencies had none before, {} have none now",
                thousands(*came_count as i64),
                thousands(*left_count as i64),
                thousands(*agencies_came as i64),
                thousands(*agencies_left as i64)
            ),
        );
    }
    // The agencies named are those of the shortest span with a change.
    let Some(change) = changes.iter().find(|change| change.came_count + change.left_count > 0) else {
        return;
    };
    for (mark, agencies) in [("+", &change.came), ("−", &change.left)] {
        if !agencies.is_empty() {
            out.push_str(&named(mark, agencies));
        }
    }
}

/// Returns one line that names as many agencies as fit.
fn named(mark: &str, agencies: &[AgencyModels]) -> String {
    let mut line = format!("  {mark} ");
    for (at, agency) in agencies.iter().enumerate() {
        let name = format!("{} {} ({})", agency.state_code, agency.agency_name, agency.models);
        let rest = agencies.len() - at;
        let more = format!("and {rest} more");
        let room = WIDTH.saturating_sub(line.chars().count() + more.len() + 2);
        if at == NAMED || (at > 0 && name.chars().count() > room) {
            line.push_str(&more);
            break;
        }
        line.push_str(&name);
        if at + 1 < agencies.len() {
            line.push_str("; ");
        }
    }
    line.push('\n');
    line
}

fn claims(out: &mut String, summary: &Summary) {
    let count =
        |verdict: Verdict| summary.claims.iter().filter(|claim| claim.verdict == verdict.as_str()).count();
    let said = [
        (Verdict::Holds, "hold"),
        (Verdict::HoldsRounded, "hold rounded"),
        (Verdict::HoldsOtherDefinition, "hold under another definition"),
        (Verdict::DoesNotHold, "do not hold"),
        (Verdict::NotCheckable, "have no list of their day here"),
    ];
    let said =
        said.into_iter().map(|(verdict, words)| (count(verdict), words)).filter(|(count, _)| *count > 0);
    let said: Vec<String> = said.map(|(count, words)| format!("{count} {words}")).collect();
    say(
        out,
        format_args!("Of {} figures in print, computed again, {}", summary.claims.len(), said.join(", ")),
    );
    let failed: Vec<_> =
        summary.claims.iter().filter(|claim| claim.verdict == Verdict::DoesNotHold.as_str()).collect();
    for claim in failed.iter().take(CLAIMS) {
        let found = claim.computed_value.map_or_else(|| "-".into(), super::page::figure);
        let text = cut(&claim.printed_text, WIDTH - 44);
        let printed = super::page::figure(claim.printed_value);
        say(out, format_args!("  {}  {text}: printed {printed}, found {found}", claim.as_of_date));
    }
    if failed.len() > CLAIMS {
        say(out, format_args!("  and {} more: coverage287 claims", failed.len() - CLAIMS));
    }
}

/// Cuts a text to one line of at most so many characters.
pub fn cut(text: &str, width: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(width) {
        None => line,
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
    }
}
