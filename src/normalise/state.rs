//! STATE: a name in capitals becomes a USPS code (`data/reference/states.csv`).

use super::{Clean, nearest};
use crate::reference::States;
use crate::words::StateCode;

/// Edits a state's name may be away from the printed text.
const EDITS: usize = 2;

/// Reads a cleaned STATE text.
pub fn state(text: &str, states: &States) -> Clean<StateCode> {
    if let Some(code) = states.named(text) {
        let name = states.get(code).map_or("", |state| &state.name);
        return if text == name.to_uppercase() {
            Clean::same(code)
        } else {
            Clean::fixed(code, "state_case", name.to_uppercase())
        };
    }
    if let Some(code) = StateCode::new(&text.to_uppercase()).filter(|code| states.get(*code).is_some()) {
        return Clean::fixed(code, "state_abbreviation", code);
    }
    let printed = text.to_uppercase();
    if let Some(code) = states.named(&written_out(&printed)) {
        let name = states.get(code).map_or("", |state| &state.name);
        return Clean::fixed(code, "state_abbreviation", name.to_uppercase());
    }
    if let Some(code) =
        StateCode::new(printed.trim_end_matches('.')).filter(|code| states.get(*code).is_some())
    {
        return Clean::fixed(code, "state_abbreviation", code);
    }
    let names: Vec<_> = states.iter().map(|state| (state.code, state.name.to_uppercase())).collect();
    // A short name is within two edits of anything short.
    let limit = EDITS.min(printed.chars().count() / 4);
    // The first letter is hardly ever wrong: W VIRGINIA is not Virginia.
    let alike = names.iter().filter(|(_, name)| name.chars().next() == printed.chars().next());
    match nearest(&printed, limit, alike.map(|(code, name)| ((*code, name), name.as_str()))) {
        Some(((code, name), edits)) => {
            Clean::fixed(code, "state_typo", format_args!("{edits} edits from {name}"))
        }
        None => Clean::unknown("state_unknown", "no state or territory of this name"),
    }
}

/// Writes out the direction in a name and drops what stands before the name: `N. CAROLINA`, `STATE OF TEXAS`.
fn written_out(printed: &str) -> String {
    let name = printed.strip_prefix("STATE OF ").unwrap_or(printed);
    let (first, rest) = name.split_once([' ', '.']).unwrap_or((name, ""));
    let direction = match first {
        "N" | "NO" => "NORTH",
        "S" | "SO" => "SOUTH",
        "W" => "WEST",
        _ => return name.to_owned(),
    };
    format!("{direction} {}", rest.trim_start_matches(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;
    use crate::spec::SpecFiles;

    #[test]
    fn states_are_read() {
        let reference = Reference::load(&SpecFiles::default()).unwrap();
        for (printed, code, rule) in [
            ("FLORIDA", Some("FL"), None),
            ("NORTHERN MARIANA ISLANDS", Some("MP"), None),
            ("Pennsylvania", Some("PA"), Some("state_case")),
            ("UTAh", Some("UT"), Some("state_case")),
            ("tx", Some("TX"), Some("state_abbreviation")),
            ("MCHIGAN", Some("MI"), Some("state_typo")),
            ("UTAHJ", Some("UT"), Some("state_typo")),
            ("PENNSLYVANIA", Some("PA"), Some("state_typo")),
            ("N. CAROLINA", Some("NC"), Some("state_abbreviation")),
            ("W.VIRGINIA", Some("WV"), Some("state_abbreviation")),
            ("W VIRGINIA", Some("WV"), Some("state_abbreviation")),
            ("STATE OF TEXAS", Some("TX"), Some("state_abbreviation")),
            ("TX.", Some("TX"), Some("state_abbreviation")),
            ("WEST VIRIGINIA", Some("WV"), Some("state_typo")),
            ("WVIRGINIA", None, Some("state_unknown")),
            ("ONTARIO", None, Some("state_unknown")),
            ("X", None, Some("state_unknown")),
        ] {
            let clean = state(printed, &reference.states);
            assert_eq!(clean.value.map(|c| c.to_string()).as_deref(), code, "{printed}");
            assert_eq!(clean.fix.map(|fix| fix.rule).as_deref(), rule, "{printed}");
        }
    }
}
