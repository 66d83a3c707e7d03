//! The known facts about an agency, in words.

use super::explained::Explained;
use crate::commands::rows::TextRow;
use crate::text::say;

/// Returns an agency as text.
pub fn text(explained: &Explained) -> String {
    let mut out = String::new();
    who(&mut out, explained);
    names(&mut out, explained);
    for agreement in explained.rows("agreements") {
        agreement_text(&mut out, explained, agreement);
    }
    pending(&mut out, explained);
    repairs(&mut out, explained);
    out
}

fn who(out: &mut String, explained: &Explained) {
    let agency = &explained.agency;
    let (name, state, id) = (agency.get("agency_name"), agency.get("state_code"), agency.get("agency_id"));
    say(out, format_args!("{name}, {state}  ({id})"));
    if agency.get("name_is_mended") == "true" {
        say(out, format_args!("  no list prints the name without a typing error"));
    }
    let why = match agency.get("kind_phrase") {
        "" => "no phrase of its name says what it does".to_owned(),
        phrase => format!("its name says {phrase:?}"),
    };
    let (level, kind) = (agency.get("agency_level"), agency.get("agency_kind"));
    say(out, format_args!("  {level} agency of kind {kind}: {why}"));
    let counties: Vec<String> = explained
        .rows("counties_reference")
        .iter()
        .map(|row| format!("{} ({})", row.get("county_name"), row.get("county_fips")))
        .collect();
    let extent = explained.rows("agency_counties").first().map_or("", |row| row.get("extent"));
    let (method, score) = (plain(agency.get("county_method")), agency.get("county_score"));
    match counties.is_empty() {
        true => say(out, format_args!("  no county: {method}")),
        false => say(out, format_args!("  {extent} of {}; by {method}, score {score}", counties.join(", "))),
    }
    say(out, format_args!("    {}", agency.get("county_evidence")));
    if !agency.get("ori").is_empty() {
        let (ori, method, score) =
            (agency.get("ori"), plain(agency.get("ori_method")), agency.get("ori_score"));
        say(out, format_args!("  ORI {ori}; by {method}, score {score}"));
    }
    if !agency.get("police_powers").is_empty() {
        let (powers, evidence) = (agency.get("police_powers"), agency.get("police_powers_evidence"));
        say(
            out,
            format_args!("  police powers: {powers}. {evidence}; {}", agency.get("police_powers_source_url")),
        );
    }
    let jail = match agency.get("runs_jail") {
        "true" => "runs a jail",
        "false" => "runs no jail",
        _ => "whether it runs a jail is not known",
    };
    say(out, format_args!("  {jail}: {}", agency.get("runs_jail_evidence")));
    for (label, column) in [("Census place", "place_geoid"), ("county subdivision", "cousub_geoid")] {
        if !agency.get(column).is_empty() {
            say(out, format_args!("  {label} {}", agency.get(column)));
        }
    }
    let (first, last) = (agency.get("agency_first_listed_date"), agency.get("agency_last_listed_date"));
    say(out, format_args!("  listed {first} to {last}"));
}

fn names(out: &mut String, explained: &Explained) {
    say(out, format_args!("  printed as"));
    for row in explained.rows("agency_names") {
        let (name, state) = (row.get("agency_printed"), row.get("state_printed"));
        let (first, last) = (row.get("name_first_listed_date"), row.get("name_last_listed_date"));
        let cite = explained.cite(row.get("first_list_id"), row.get("first_row_number"));
        let count = row.get("listing_count");
        say(
            out,
            format_args!("    {name:?} in {state:?}, {count} times, {first} to {last}; first in {cite}"),
        );
        if row.get("name_method") != "alone" {
            let (rule, score, why) =
                (plain(row.get("name_method")), row.get("name_score"), row.get("name_evidence"));
            say(out, format_args!("      this agency's by {rule}, score {score}: {why}"));
        }
    }
    for row in explained.rows("agency_redirects") {
        let (old, why, rule) = (row.get("old_agency_id"), row.get("evidence"), plain(row.get("reason")));
        say(out, format_args!("  took over id {old}: {why} ({rule})"));
    }
}

fn agreement_text(out: &mut String, explained: &Explained, agreement: &TextRow) {
    let id = agreement.get("agreement_id");
    let (status, signed) = (agreement.get("agreement_status"), agreement.get("signed_date"));
    say(
        out,
        format_args!(
            "  agreement {id}: {status}, signed {}",
            if signed.is_empty() { "on no known day" } else { signed }
        ),
    );
    if !agreement.get("end_kind").is_empty() {
        let kind = plain(agreement.get("end_kind"));
        let successor = match agreement.get("successor_agreement_id") {
            "" => String::new(),
            successor => format!(", followed by {successor}"),
        };
        say(out, format_args!("    why: {kind}{successor}; {}", agreement.get("end_evidence")));
    }
    for spell in explained.of("agreement_spells", id) {
        let by = spell.get("began_by_date");
        let began = match spell.get("began_after_date") {
            "" => format!("on the first list read, {by}"),
            after => format!("after {after}, by {by}"),
        };
        let ended = match spell.get("ended_by_date") {
            "" => "still listed".to_owned(),
            end => format!("gone after {}, by {end}", spell.get("ended_after_date")),
        };
        say(out, format_args!("    {began}; {ended}; on {} lists", spell.get("list_count")));
    }
    // Events of one day stand in the order in which lists can show them.
    let mut events: Vec<&TextRow> = explained.of("agreement_events", id).collect();
    events.sort_by_key(|event| event.get("list_date"));
    for event in events {
        let (old, new) = (event.get("old_value"), event.get("new_value"));
        let change =
            if old.is_empty() && new.is_empty() { String::new() } else { format!(": {old} to {new}") };
        let cite = explained.cite(event.get("list_id"), event.get("row_number"));
        let (day, what) = (event.get("list_date"), plain(event.get("event")));
        say(out, format_args!("    {day} {what}{change}; {cite}"));
    }
    for link in explained.of("agreement_links", id) {
        let (url, verdict, why) =
            (link.get("moa_url"), plain(link.get("link_verdict")), link.get("link_evidence"));
        let cite = explained.cite(link.get("first_list_id"), link.get("first_row_number"));
        say(out, format_args!("    file {url}, first in {cite}"));
        if !matches!(link.get("link_verdict"), "agrees" | "unclear") {
            say(out, format_args!("      the file's name speaks of {verdict}: {why}"));
        }
    }
    for redirect in explained.of("agreement_redirects", id) {
        let (old, rule) = (redirect.get("old_agreement_id"), plain(redirect.get("reason")));
        say(out, format_args!("    took over id {old} ({rule})"));
    }
}

fn pending(out: &mut String, explained: &Explained) {
    for row in explained.rows("pending") {
        let model = row.get("model");
        let until = match row.get("participating_date") {
            "" => String::new(),
            day => format!(", participating by {day}"),
        };
        let wait = match (row.get("wait_min_days"), row.get("wait_max_days")) {
            ("", "") => String::new(),
            (least, "") => format!(", after {least} days at least"),
            ("", most) => format!(", after {most} days at most"),
            (least, most) => format!(", after {least} to {most} days"),
        };
        let (first, last) = (row.get("first_pending_date"), row.get("last_pending_date"));
        let outcome = plain(row.get("outcome"));
        let cite = explained.first_pending.get(model).map_or("", String::as_str);
        say(
            out,
            format_args!("  {model} pending {first} to {last}, first in {cite}: {outcome}{until}{wait}"),
        );
    }
    let names = explained.rows("pending_names");
    for row in names.iter().filter(|_| names.len() > explained.rows("pending").len()) {
        let (model, name) = (row.get("model"), row.get("pending_name"));
        let (first, last) = (row.get("name_first_pending_date"), row.get("name_last_pending_date"));
        say(out, format_args!("    {model} as {name:?} {first} to {last}"));
    }
}

fn repairs(out: &mut String, explained: &Explained) {
    let repairs = explained.rows("repairs");
    if !repairs.is_empty() {
        say(out, format_args!("  repairs"));
    }
    for row in repairs {
        let (column, printed, value) = (row.get("column"), row.get("value_printed"), row.get("value"));
        let (rule, count) = (row.get("repair_rule"), row.get("rows"));
        let (file, number) = (row.get("file_name"), row.get("row_number"));
        say(
            out,
            format_args!(
                "    {column}: {printed:?} to {value:?} ({rule}), {count} rows, first in {file} row {number}"
            ),
        );
        if !row.get("evidence").is_empty() {
            say(out, format_args!("      {}", row.get("evidence")));
        }
    }
}

/// Returns a word of a closed set as people write it.
fn plain(word: &str) -> String {
    word.replace('_', " ")
}
