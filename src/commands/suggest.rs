//! `coverage287 suggest`: cases for a person to look at and decide. `run` never reads them: a decision counts once it
//! is in `data/crosswalks`, with its evidence.

use std::collections::BTreeMap;

use super::json;
use super::rows::{TextRow, rows};
use crate::cli::{Format, SuggestArgs};
use crate::error::Error;
use crate::publish::Release;
use crate::reference::Reference;
use crate::spec::{SpecFiles, Specs};
use crate::table::TableSource;
use crate::text::say;

/// Names below this likeness are not suggested as one agency.
const ALIKE: f64 = 0.86;

/// Days between the end of one agreement and the beginning of another that may be its successor.
const DAYS: i32 = 31;

/// The most places suggested for an agency that has none.
const PLACES: usize = 3;

/// A county with a score below this is worth a look.
const SURE: f64 = 0.9;

/// One case to look at.
#[derive(Debug, PartialEq, serde::Serialize)]
struct Suggestion {
    /// One of same, county, successor, link.
    kind: &'static str,
    /// 0 to 1; the surest case comes first.
    score: f64,
    state_code: String,
    subject: String,
    candidate: String,
    evidence: String,
    /// The row to add to a crosswalk once the case is decided; values to fill in stand between angle brackets.
    row_to_add: Option<String>,
}

/// Returns the cases of a release that a person should review.
pub fn suggest(args: &SuggestArgs, files: &SpecFiles, format: Format) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let reference = Reference::load(files)?;
    let release = Release::open(&args.release.release)?;
    let source = release.tables(&specs.tables);
    let read = |table: &str| -> Result<Vec<TextRow>, Error> { Ok(rows(&source.table(table)?)) };
    let (agencies, agreements) = (read("agencies")?, read("agreements")?);
    let names: BTreeMap<&str, &TextRow> = agencies.iter().map(|row| (row.get("agency_id"), row)).collect();
    let mut found = Vec::new();
    same(&agencies, &mut found);
    counties(&agencies, &reference, &mut found);
    successors(&agreements, &names, &mut found);
    for link in read("agreement_links")? {
        if matches!(link.get("link_verdict"), "agrees" | "unclear") {
            continue;
        }
        let agency = link.get("agreement_id").rsplit_once('-').and_then(|(id, _)| names.get(id));
        let other = names.get(link.get("named_agency_id")).map_or("", |row| row.get("agency_name"));
        found.push(Suggestion {
            kind: "link",
            score: 0.9,
            state_code: agency.map_or("", |row| row.get("state_code")).to_owned(),
            subject: format!(
                "{} ({})",
                agency.map_or("", |row| row.get("agency_name")),
                link.get("agreement_id")
            ),
            candidate: other.to_owned(),
            evidence: link.get("link_evidence").to_owned(),
            row_to_add: None,
        });
    }
    found.retain(|suggestion| args.kind.as_deref().is_none_or(|kind| kind == suggestion.kind));
    found.sort_by(|a, b| {
        (a.kind, &a.state_code)
            .cmp(&(b.kind, &b.state_code))
            .then(b.score.total_cmp(&a.score))
            .then_with(|| (&a.subject, &a.candidate).cmp(&(&b.subject, &b.candidate)))
    });
    if format == Format::Json {
        return Ok(json(&found));
    }
    let mut out = String::new();
    let title = |kind: &str| match kind {
        "same" => "may be the same agency",
        "county" => "have no county, or one that is not sure",
        "successor" => "may have taken the place of an agreement that ended",
        _ => "link to a file that does not seem to be theirs",
    };
    for kind in ["same", "county", "successor", "link"] {
        let of_kind: Vec<&Suggestion> = found.iter().filter(|s| s.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        say(&mut out, format_args!("{} that {}", of_kind.len(), title(kind)));
        for Suggestion { score, state_code, subject, candidate, evidence, row_to_add, .. } in of_kind {
            let arrow = if candidate.is_empty() { String::new() } else { format!(" <-> {candidate}") };
            say(&mut out, format_args!("  {score:.2} {state_code} {subject}{arrow}"));
            say(&mut out, format_args!("       {evidence}"));
            if let Some(row) = row_to_add {
                say(&mut out, format_args!("       {row}"));
            }
        }
    }
    if found.is_empty() {
        out.push_str("nothing to look at\n");
    }
    Ok(out)
}

/// Finds agencies of one state, level and kind with names that are nearly the same.
fn same(agencies: &[TextRow], found: &mut Vec<Suggestion>) {
    let mut alike: BTreeMap<(&str, &str, &str), Vec<&TextRow>> = BTreeMap::new();
    for agency in agencies {
        let key = (agency.get("state_code"), agency.get("agency_level"), agency.get("agency_kind"));
        alike.entry(key).or_default().push(agency);
    }
    for ((state, ..), agencies) in alike {
        for (at, a) in agencies.iter().enumerate() {
            for b in &agencies[at + 1..] {
                let (ours, theirs) = (a.get("agency_name"), b.get("agency_name"));
                let place = |row: &TextRow| row.get("place_geoid").to_owned();
                let are_two_places = !place(a).is_empty() && !place(b).is_empty() && place(a) != place(b);
                let county = |row: &TextRow| row.get("main_county_fips").to_owned();
                let are_apart = !county(a).is_empty() && !county(b).is_empty() && county(a) != county(b);
                let digits = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
                if are_two_places || are_apart || digits(ours) != digits(theirs) {
                    continue;
                }
                let score =
                    strsim::normalized_damerau_levenshtein(&ours.to_lowercase(), &theirs.to_lowercase());
                if score < ALIKE {
                    continue;
                }
                let listed = |row: &TextRow| {
                    format!(
                        "{} to {}",
                        row.get("agency_first_listed_date"),
                        row.get("agency_last_listed_date")
                    )
                };
                found.push(Suggestion {
                    kind: "same",
                    score,
                    state_code: state.to_owned(),
                    subject: ours.to_owned(),
                    candidate: theirs.to_owned(),
                    evidence: format!(
                        "listed {} and {}; {} and {}",
                        listed(a),
                        listed(b),
                        a.get("county_evidence"),
                        b.get("county_evidence")
                    ),
                    row_to_add: Some(format!(
                        "data/crosswalks/agency_names.csv: {state},{},{},<same or not_same>,<evidence>",
                        quoted(ours),
                        quoted(theirs)
                    )),
                });
            }
        }
    }
}

/// Finds agencies below the state without a county, or with an unsure one, and the places whose names are nearest.
fn counties(agencies: &[TextRow], reference: &Reference, found: &mut Vec<Suggestion>) {
    for agency in agencies {
        let score: f64 = agency.get("county_score").parse().unwrap_or(0.0);
        if matches!(agency.get("agency_level"), "state" | "territory") || score >= SURE {
            continue;
        }
        let state = agency.get("state_code");
        let Some(code) = crate::words::StateCode::new(state) else { continue };
        let name = agency.get("agency_name").to_lowercase();
        let mut near: Vec<(f64, String, String)> = reference
            .places
            .of_state(code)
            .map(|place| (strsim::jaro_winkler(&name, &place.base_name().to_lowercase()), place))
            .map(|(score, place)| {
                let counties: Vec<&str> = place.counties.iter().map(|county| county.as_str()).collect();
                (score, place.name.clone(), counties.join(" "))
            })
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        near.truncate(PLACES);
        let near: Vec<String> =
            near.iter().map(|(score, name, counties)| format!("{name} in {counties} ({score:.2})")).collect();
        let now = agency.get("main_county_fips");
        let now = if now.is_empty() { "none" } else { now };
        found.push(Suggestion {
            kind: "county",
            score,
            state_code: state.to_owned(),
            subject: format!(
                "{}, county {now} by {}",
                agency.get("agency_name"),
                agency.get("county_method")
            ),
            candidate: near.join(", "),
            evidence: agency.get("county_evidence").to_owned(),
            row_to_add: Some(format!(
                "data/crosswalks/agency_counties.csv: {state},{},,<county_fips>,<whole or part>,<evidence>",
                quoted(agency.get("agency_name"))
            )),
        });
    }
}

/// Finds agreements that began about when another of the state was removed, of agencies of the same county or with
/// nearly the same name.
fn successors(agreements: &[TextRow], names: &BTreeMap<&str, &TextRow>, found: &mut Vec<Suggestion>) {
    let day = |row: &TextRow, column: &str| row.get(column).parse::<jiff::civil::Date>().ok();
    for gone in agreements.iter().filter(|row| row.get("end_kind") == "removed") {
        let (Some(left), Some(agency)) = (day(gone, "ended_by_date"), names.get(gone.get("agency_id")))
        else {
            continue;
        };
        for come in agreements.iter().filter(|row| row.get("state_code") == gone.get("state_code")) {
            let (Some(began), Some(other)) = (day(come, "began_by_date"), names.get(come.get("agency_id")))
            else {
                continue;
            };
            let days = (began - left).get_days().abs();
            // A successor came later than the removed agreement and outlived it.
            let is_after = came_after(gone, come);
            if days > DAYS || !is_after || come.get("agreement_id") == gone.get("agreement_id") {
                continue;
            }
            let is_same = come.get("agency_id") == gone.get("agency_id");
            let county = agency.get("main_county_fips");
            let shares = !county.is_empty() && county == other.get("main_county_fips");
            let (ours, theirs) = (agency.get("agency_name"), other.get("agency_name"));
            let alike = strsim::normalized_damerau_levenshtein(ours, theirs);
            let signed =
                !gone.get("signed_date").is_empty() && gone.get("signed_date") == come.get("signed_date");
            let score = 0.25 * f64::from(u8::from(shares))
                + 0.25 * f64::from(u8::from(signed))
                + 0.25 * f64::from(u8::from(is_same))
                + 0.25 * alike;
            if score < 0.5 {
                continue;
            }
            found.push(Suggestion {
                kind: "successor",
                score,
                state_code: gone.get("state_code").to_owned(),
                subject: format!(
                    "{ours} {}, signed {}, left by {left}",
                    gone.get("model"),
                    gone.get("signed_date")
                ),
                candidate: format!(
                    "{theirs} {}, signed {}, came by {began}",
                    come.get("model"),
                    come.get("signed_date")
                ),
                evidence: format!("{} / {}", gone.get("agreement_id"), come.get("agreement_id")),
                row_to_add: (!is_same).then(|| {
                    format!(
                        "data/crosswalks/agency_names.csv: {},{},{},<same or not_same>,<evidence>",
                        gone.get("state_code"),
                        quoted(ours),
                        quoted(theirs)
                    )
                }),
            });
        }
    }
}

/// Whether the second agreement came onto the lists later than the first, and outlived it.
fn came_after(gone: &TextRow, come: &TextRow) -> bool {
    let ended = |row: &TextRow| match row.get("ended_by_date") {
        "" => "9999-12-31".to_owned(),
        day => day.to_owned(),
    };
    come.get("began_by_date") > gone.get("began_by_date") && ended(come) > ended(gone)
}

/// Returns a value as a field of a CSV row.
fn quoted(text: &str) -> String {
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
