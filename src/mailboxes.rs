//! Withholds mailboxes and folders named after a person, wherever a text comes from and goes to.

use std::borrow::Cow;

/// The text put in place of an e-mail address.
pub const WITHHELD: &str = "[withheld]";

/// Withholds every word of a text that holds an `@` (or its percent form), or names a folder of a person.
pub fn withhold_mailboxes(text: &str) -> Cow<'_, str> {
    if !names_a_person(text) {
        return Cow::Borrowed(text);
    }
    // A folder's name may hold spaces: then no single word of the text names the person.
    let words = text.split(' ').map(|word| if names_a_person(word) { WITHHELD } else { word });
    let words = words.collect::<Vec<_>>().join(" ");
    Cow::Owned(if names_a_person(&words) { WITHHELD.to_owned() } else { words })
}

/// Folders that are named after a person, as they stand in a path or an address.
const FOLDERS: [&str; 5] = ["/users/", "/home/", "/home$/", "/documents and settings/", "/~"];

/// Whether a text holds a mailbox, or a folder that is named after a person.
pub fn names_a_person(text: &str) -> bool {
    // A full-width or small `@` becomes a plain one in the clean form.
    if text.contains(['@', '\u{FF20}', '\u{FE6B}']) {
        return true;
    }
    if !text.contains(['%', '/', '\\']) {
        return false;
    }
    // An address may be encoded twice.
    let plain = decoded(&decoded(text)).to_ascii_lowercase().replace('\\', "/");
    let is_shared = || ["sharepoint", "onedrive"].iter().any(|host| plain.contains(host));
    plain.contains('@')
        || FOLDERS.iter().any(|folder| plain.contains(folder))
        || (plain.contains("/personal/") && is_shared())
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mailboxes_are_withheld() {
        for (text, expected) in [
            ("link", "link"),
            ("see C:\\Users\\jdoe\\x.pdf", "see [withheld]"),
            ("ask jane.doe@agency.gov now", "ask [withheld] now"),
            ("mailto:jane%40agency.gov", "[withheld]"),
            ("jane\u{FF20}agency.gov", "[withheld]"),
            ("https://a.gov/?u=jane%2540agency.gov", "[withheld]"),
        ] {
            assert_eq!(withhold_mailboxes(text), expected);
        }
    }

    proptest! {
        #[test]
        fn no_mailbox_survives(text in "[a-z@. %40]{0,40}") {
            let kept = withhold_mailboxes(&text);
            prop_assert!(!kept.contains('@') && !kept.contains("%40"));
        }
    }
}
