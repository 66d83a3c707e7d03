//! The names of lists in the store.

use std::path::Path;

use super::disposition;
use super::web::Got;
use crate::mailboxes::withhold_mailboxes;
use crate::page::{PageLink, file_name};
use crate::read::named_date;

/// Most characters of a file name that is stored.
const NAME_CHARS: usize = 120;

/// Chooses a list's name: the first of the header's name, the address after redirects and the address before them that
/// has a day; else the first that is the name of a file; else one made from its kind. A number in an address
/// (`/public/060126`) is an id, not a day.
pub fn list_name(link: &PageLink, got: &Got) -> String {
    let by_header = got.headers.content_disposition.as_deref().and_then(disposition::file_name);
    let is_name = |name: &String| name.chars().any(char::is_alphabetic);
    let by_address = |address| Some(file_name(address)).filter(is_name);
    let names = [by_header.clone(), by_address(&got.address), by_address(&link.address)];
    let is_dated = |name: &&String| named_date(name).is_ok_and(|named| named.date.is_some());
    let says_a_day = |name: &&String| named_date(name).is_ok();
    let has_ending = |name: &&String| Path::new(name).extension().is_some_and(|ending| ending.len() <= 5);
    let all = || names.iter().flatten();
    let name = all().find(is_dated).or_else(|| all().find(says_a_day)).or_else(|| all().find(has_ending));
    let kind = link.kind.as_deref().unwrap_or("list");
    safe_name(&name.cloned().or(by_header).unwrap_or_else(|| format!("{kind}Agencies.xlsx")))
}

/// The name with an ending by which a run knows a workbook.
pub fn as_workbook(name: String) -> String {
    let is_known =
        ["xlsx", "xlsm", "ods"].iter().any(|ending| name.to_lowercase().ends_with(&format!(".{ending}")));
    if is_known { name } else { format!("{name}.xlsx") }
}

/// The name with an ending by which a run finds a list as text in a folder.
pub fn as_text(name: String) -> String {
    let is_known = ["csv", "tsv"].iter().any(|ending| name.to_lowercase().ends_with(&format!(".{ending}")));
    if is_known { name } else { format!("{name}.csv") }
}

/// A name that is valid on every disk, and holds no mailbox.
pub fn safe_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._-()".contains(c);
    let name = withhold_mailboxes(name.trim().trim_matches(['"', '\'']));
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let from = name.len().saturating_sub(NAME_CHARS);
    match name[from..].trim_start_matches(['.', '~', ' ']).trim_end() {
        "" => "list.xlsx".to_owned(),
        rest => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe() {
        for (name, expected) in [
            ("participatingAgencies06062025am copy.xlsx", "participatingAgencies06062025am copy.xlsx"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a/b\\c\u{0}d.xlsx", "a_b_c_d.xlsx"),
            (".hidden.xlsx", "hidden.xlsx"),
            ("~$lock.xlsx", "__lock.xlsx"),
            ("participatingAgencies05182026am.xlsx\"", "participatingAgencies05182026am.xlsx"),
            ("", "list.xlsx"),
        ] {
            assert_eq!(safe_name(name), expected, "{name}");
        }
        assert_eq!(safe_name(&format!("{}06062025.xlsx", "x".repeat(500))).len(), NAME_CHARS);
    }
}
