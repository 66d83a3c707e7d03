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
    let names: Vec<_> = states.iter().map(|state| (state.code, state.name.to_uppercase())).collect();
    // A short name is within two edits of anything short.
    let limit = EDITS.min(printed.chars().count() / 4);
    match nearest(&printed, limit, names.iter().map(|(code, name)| ((*code, name), name.as_str()))) {
        Some(((code, name), edits)) => {
            Clean::fixed(code, "state_typo", format_args!("{edits} edits from {name}"))
        }
        None => Clean::unknown("state_unknown", "no state or territory of this name"),
    }
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
            ("ONTARIO", None, Some("state_unknown")),
            ("X", None, Some("state_unknown")),
        ] {
            let clean = state(printed, &reference.states);
            assert_eq!(clean.value.map(|c| c.to_string()).as_deref(), code, "{printed}");
            assert_eq!(clean.fix.map(|fix| fix.rule).as_deref(), rule, "{printed}");
        }
    }
}
