//! COUNTY: a printed county name becomes a county of the row's state (`data/reference/counties.csv`).
//!
//! Nothing is taken from a table of typing errors: a name that is not a county's is held against the
//! names of all counties of its state.

use super::{Clean, nearest};
use crate::reference::{Counties, County, key};
use crate::words::{CountyFips, StateCode};

/// Words by which lists describe a county equivalent, right or wrong.
const DESCRIPTIONS: &[&str] =
    &["County", "Parish", "Borough", "Census Area", "Municipality", "Municipio", "City", "Planning Region"];

/// Reads a cleaned COUNTY text within `state`.
///
/// In this order: the full name (`Baltimore city`), the base name with a description that is not the
/// county's own (`Lafourche County`), the base name alone (`Montgomery`), and the one county that is
/// nearest by edits. Where a base name is a county's and an independent city's, "X County" is the county.
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
    let base = without_description(text);
    if let Some(county) = counties.base_named(state, base) {
        let rule = if base == text { "county_without_description" } else { "county_description" };
        return Clean::fixed(county.fips, rule, &county.name);
    }
    let candidates: Vec<_> =
        counties.of_state(state).map(|county| (county, key(&county.base_name))).collect();
    let wanted = key(base);
    // One edit in a short name, two in a longer one.
    let limit = match wanted.len() {
        0..4 => 0,
        4..7 => 1,
        _ => 2,
    };
    match nearest(&wanted, limit, candidates.iter().map(|(county, name)| (*county, name.as_str()))) {
        Some((County { fips, name, .. }, edits)) => {
            Clean::fixed(*fips, "county_typo", format_args!("{edits} edits from {name}"))
        }
        None => Clean::unknown("county_unknown", format_args!("{state} has no county of this name")),
    }
}

fn without_description(text: &str) -> &str {
    let ends = DESCRIPTIONS.iter().find_map(|description| {
        let start = text.len().checked_sub(description.len())?;
        let (base, end) = (text.get(..start)?, text.get(start..)?);
        (end.eq_ignore_ascii_case(description) && base.ends_with(' ')).then(|| base.trim_end())
    });
    ends.unwrap_or(text)
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
