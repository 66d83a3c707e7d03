//! COUNTY: a printed county name becomes a county of the row's state (`data/reference/counties.csv`).
//!
//! There is no table of typing errors: a name that is not a county's is compared with the names of all counties of its
//! state.

use super::{Clean, nearest};
use crate::reference::{Counties, County, key};
use crate::words::{CountyFips, StateCode};

/// Words by which lists describe a county equivalent, right or wrong.
const DESCRIPTIONS: &[&str] =
    &["County", "Parish", "Borough", "Census Area", "Municipality", "Municipio", "City", "Planning Region"];

/// A description may be this many edits away from what is printed.
const DESCRIPTION_EDITS: usize = 2;

/// Letters below which no typing error is repaired.
const SHORT: usize = 3;
/// Letters from which one typing error may be anywhere, the first letter included.
const MIDDLE: usize = 6;
/// Letters from which two typing errors are repaired.
const LONG: usize = 7;

/// The second nearest county must be this many edits away from a name with two typing errors.
const FAR: usize = 4;

/// Reads a cleaned COUNTY text within `state`.
///
/// Tries in this order: the full name (`Baltimore city`), the base name with a description that is not the county's own
/// (`Lafourche County`) or that is misspelled (`Lake Conty`), the base name alone (`Montgomery`), the name as the
/// Census would write it (`City of Richmond`), the one of several names that is a county's, and the one county that is
/// nearest by edits. Where a base name is both a county's and an independent city's, "X County" is the county.
pub fn county(text: &str, state: StateCode, counties: &Counties) -> Clean<CountyFips> {
    if let Some(county) = counties.named(state, text) {
        return if county.name == text {
            Clean::same(county.fips)
        } else if county.name.eq_ignore_ascii_case(text) {
            Clean::fixed(county.fips, "county_case", &county.name)
        } else {
            Clean::fixed(county.fips, "county_spelling", &county.name)
        };
    }
    let (base, misspelled) = without_description(text);
    if let Some(county) = counties.base_named(state, base) {
        let rule = match misspelled {
            Some(_) => "county_description_typo",
            None if base == text => "county_without_description",
            None => "county_description",
        };
        return Clean::fixed(county.fips, rule, &county.name);
    }
    let respelled = respelled(text);
    if respelled != text {
        let (base, _) = without_description(&respelled);
        if let Some(county) = counties.named(state, &respelled).or(counties.base_named(state, base)) {
            return Clean::fixed(county.fips, "county_spelling", &county.name);
        }
    }
    if let Some(county) = only_part(base, state, counties) {
        return Clean::fixed(county.fips, "county_beside_another_name", &county.name);
    }
    let candidates: Vec<_> =
        counties.of_state(state).map(|county| (county, key(&county.base_name))).collect();
    let wanted = key(base);
    match nearest_county(&wanted, base, &candidates, counties) {
        Some((County { fips, name, .. }, edits)) => {
            Clean::fixed(*fips, "county_typo", format_args!("{edits} edits from {name}"))
        }
        None => Clean::unknown("county_unknown", format_args!("{state} has no county of this name")),
    }
}

/// Respells a name as the Census writes it: turns `County of X` and `City of X` round, drops a state after a comma,
/// writes out abbreviations.
fn respelled(text: &str) -> String {
    let name = text.split_once(',').map_or(text, |(name, _)| name).trim();
    let lower = name.to_lowercase();
    let name = match (lower.strip_prefix("county of "), lower.strip_prefix("city of ")) {
        (Some(base), _) => format!("{base} county"),
        (_, Some(base)) => format!("{base} city"),
        _ => lower,
    };
    let words = name.split_whitespace().map(|word| match word.trim_end_matches('.') {
        "ft" => "fort",
        "mt" => "mount",
        "n" => "north",
        "s" => "south",
        "e" => "east",
        "w" => "west",
        "&" => "and",
        "co" | "cnty" | "cty" => "county",
        word => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Returns the county nearest by edits: one edit, or two in a long name that is near no other county of the state and
/// is no county's of another state, for then the state may be wrong.
fn nearest_county<'a>(
    wanted: &str,
    base: &str,
    candidates: &[(&'a County, String)],
    counties: &Counties,
) -> Option<(&'a County, usize)> {
    let names = || candidates.iter().map(|(county, name)| (*county, name.as_str()));
    // A short name is one edit from many others: its first letter must be right, and no other state may have it as it
    // is.
    let is_sure = |name: &str| {
        let first = |name: &str| name.chars().next();
        wanted.len() >= MIDDLE || (first(name) == first(wanted) && !counties.is_base_name(base))
    };
    if let Some((county, edits)) = nearest(wanted, 1, names())
        && wanted.len() >= SHORT
        && is_sure(&key(&county.base_name))
    {
        return Some((county, edits));
    }
    let two_edits =
        nearest(wanted, 2, names()).filter(|_| wanted.len() >= LONG && !counties.is_base_name(base))?;
    let others = names().filter(|(county, _)| county.fips != two_edits.0.fips);
    let second = others.map(|(_, name)| strsim::osa_distance(wanted, name)).min();
    second.is_none_or(|edits| edits >= FAR).then_some(two_edits)
}

/// Returns the county of the only part of a name that is a county's: `Sparta-White` in Tennessee is in White County.
fn only_part<'a>(base: &str, state: StateCode, counties: &'a Counties) -> Option<&'a County> {
    let parts: Vec<&str> = base.split(['-', '/']).map(str::trim).collect();
    let mut found = parts.iter().filter_map(|part| counties.base_named(state, part));
    match (parts.len(), found.next(), found.next()) {
        (2.., Some(county), None) => Some(county),
        _ => None,
    }
}

/// Cuts the description off the end of a name; also returns the description's own word if it is misspelled.
fn without_description(text: &str) -> (&str, Option<&str>) {
    let ends = DESCRIPTIONS.iter().find_map(|description| {
        let start = text.len().checked_sub(description.len())?;
        let (base, end) = (text.get(..start)?, text.get(start..)?);
        (end.eq_ignore_ascii_case(description) && base.ends_with(' ')).then(|| base.trim_end())
    });
    if let Some(base) = ends {
        return (base, None);
    }
    let Some((base, word)) = text.rsplit_once(' ') else { return (text, None) };
    let is_word = |description: &&&str| !description.contains(' ') && description.len() > 4;
    let lower = word.to_lowercase();
    let descriptions = DESCRIPTIONS.iter().filter(is_word).map(|d| (*d, d.to_lowercase()));
    let descriptions: Vec<_> = descriptions.collect();
    let near = nearest(&lower, DESCRIPTION_EDITS, descriptions.iter().map(|(d, low)| (*d, low.as_str())));
    near.map_or((text, None), |_| (base.trim_end(), Some(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;
    use crate::spec::SpecFiles;

    #[test]
    fn counties_are_read_within_their_state() {
        let reference = Reference::load(&SpecFiles::default()).unwrap();
        for (state, printed, fips, rule) in [
            ("FL", "Bay County", Some("12005"), None),
            ("FL", "bay county", Some("12005"), Some("county_case")),
            ("LA", "Saint Landry Parish", Some("22097"), Some("county_spelling")),
            ("LA", "St. Landry County", Some("22097"), Some("county_description")),
            ("KS", "Montgomery", Some("20125"), Some("county_without_description")),
            ("MD", "Baltimore County", Some("24005"), None),
            ("MD", "Baltimore city", Some("24510"), None),
            ("MD", "Baltimore City", Some("24510"), Some("county_case")),
            ("VA", "Portsmouth County", Some("51740"), Some("county_description")),
            ("FL", "Flagere County", Some("12035"), Some("county_typo")),
            ("PA", "Alleghany County", Some("42003"), Some("county_typo")),
            ("GA", "Murrary County", Some("13213"), Some("county_typo")),
            ("FL", "Lake Conty", Some("12069"), Some("county_description_typo")),
            ("MS", "Hinds Couny", Some("28049"), Some("county_description_typo")),
            ("LA", "Acadia Parrish", Some("22001"), Some("county_description_typo")),
            ("AR", "Pop County", Some("05115"), Some("county_typo")),
            ("TN", "Sparta-White County", Some("47185"), Some("county_beside_another_name")),
            ("FL", "Miami-Dade County", Some("12086"), None),
            ("TX", "Smith County, TX", Some("48423"), Some("county_spelling")),
            ("VA", "City of Richmond", Some("51760"), Some("county_spelling")),
            ("TX", "Ft. Bend County", Some("48157"), Some("county_spelling")),
            ("LA", "E. Baton Rouge", Some("22033"), Some("county_spelling")),
            ("VA", "King & Queen", Some("51097"), Some("county_spelling")),
            ("TX", "County of Smith", Some("48423"), Some("county_spelling")),
            ("TX", "All", None, Some("county_unknown")),
            ("MS", "State", None, Some("county_unknown")),
            ("NM", "Lee County", None, Some("county_unknown")),
            ("OK", "Wichita County", None, Some("county_unknown")),
            ("TX", "Fall County", None, Some("county_unknown")),
            ("TX", "Houston County", Some("48225"), None),
            ("TX", "Trousdale County", None, Some("county_unknown")),
            ("MD", "Baltimore", None, Some("county_unknown")),
        ] {
            let code = StateCode::new(state).unwrap();
            let clean = county(printed, code, &reference.counties);
            assert_eq!(clean.value.map(|c| c.to_string()).as_deref(), fips, "{printed}, {state}");
            assert_eq!(clean.fix.map(|fix| fix.rule).as_deref(), rule, "{printed}, {state}");
        }
    }

    #[test]
    fn every_county_reads_as_itself() {
        let reference = Reference::load(&SpecFiles::default()).unwrap();
        for expected in reference.counties.of_vintage(2024) {
            let clean = county(&expected.name, expected.state, &reference.counties);
            assert_eq!((clean.value, clean.fix), (Some(expected.fips), None), "{}", expected.name);
        }
    }
}
