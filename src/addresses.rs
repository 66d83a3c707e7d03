//! Reads MOA and ADDENDUM: the address of the agreement, without what mail programs and browsers wrapped it in.
//!
//! A wrapped link carries the mailbox of the person who copied it. Only the target of such a link is kept, as printed
//! value too; an address that still holds a mailbox is withheld altogether. This is done twice: when a list is read
//! ([`without_mailboxes`]), so that neither the store of what was read nor the record of lists holds a mailbox, and
//! when its links are read.

use std::borrow::Cow;

use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::mailboxes::{WITHHELD, names_a_person, withhold_mailboxes};
use crate::words::LinkRule;

/// The part that all hosts of Outlook's link tracker share, in every cloud.
const TRACKER: &str = ".safelinks.protection.";
/// Other wrappers: a part of their host, and the parameter that holds the target.
const WRAPPERS: [(&str, &str); 2] = [("google.", "q"), ("linkprotect.cudasvc.com", "a")];
/// Schemes of the web; where two are equally near to a misspelled one, the first is meant.
const SCHEMES: [&str; 2] = ["https", "http"];
/// A wrapped link as it is kept: one tracker's address stands for all, and the target follows. Nothing else of the
/// wrapping stays.
const WRAPPED: &str = "https://link.safelinks.protection.outlook.com/?url=";
/// A link to a mailbox, and a link to a place on somebody's disk, as they are kept.
const TO_A_MAILBOX: &str = "mailto:[withheld]";
const TO_A_DISK: &str = "file:[withheld]";
/// Most layers of wrapping that are removed.
const DEPTH: usize = 4;

/// A printed address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedAddress {
    /// The printed address as it may be shown.
    pub printed: String,
    /// The address, valid and `http` or `https`.
    pub url: Option<String>,
    /// The rules that led to it; empty where the address is as printed.
    pub rules: Vec<LinkRule>,
}

/// Reads a printed address. `None` where `text` is words and not an address.
/// An address is marked unless its host is one that agreements are published on, or one below such a host.
pub fn link(text: &str, hosts: &[String]) -> Option<PrintedAddress> {
    let trimmed = text.trim();
    if !looks_like_address(trimmed) {
        return None;
    }
    let mut rules = Vec::new();
    let mut address = trimmed.to_owned();
    let mut printed = text.to_owned();
    if trimmed != text {
        rules.push(LinkRule::EdgeSpaces);
    }
    for (rule, repaired) in
        [(LinkRule::ViewSource, without_viewer(&address)), (LinkRule::MissingScheme, with_scheme(&address))]
    {
        if let Some(repaired) = repaired {
            rules.push(rule);
            address = repaired;
        }
    }
    for _ in 0..DEPTH {
        let Some((rule, target)) = unwrap(&address) else { break };
        rules.push(rule);
        address = target;
        if rule == LinkRule::OutlookLink {
            printed.clone_from(&address);
        }
    }
    if let Some(rest) = single_slash(&address) {
        rules.push(LinkRule::MissingSlash);
        address = rest;
    }
    let two = address.split_whitespace().skip(1).any(|word| word.starts_with("http"));
    if two {
        rules.push(LinkRule::TwoAddresses);
        let shown = withhold_mailboxes(&printed).into_owned();
        let is_private = has_tracker(&shown) || names_a_person(&shown);
        let shown = if is_private { WITHHELD.to_owned() } else { shown };
        return Some(PrintedAddress { printed: shown, url: None, rules });
    }
    if let Some(shorter) = address.strip_suffix("%20") {
        rules.push(LinkRule::TrailingSpace);
        address = shorter.trim_end_matches("%20").to_owned();
    }
    let is_withheld = address.contains(WITHHELD) && address != TO_A_DISK;
    if is_withheld
        || withhold_mailboxes(&address) != address
        || has_tracker(&address)
        || names_a_person(&address)
    {
        rules.push(LinkRule::MailboxWithheld);
        return Some(PrintedAddress { printed: WITHHELD.to_owned(), url: None, rules });
    }
    // The printed wrapping of a clean target may itself hold a mailbox.
    if withhold_mailboxes(&printed) != printed || has_tracker(&printed) || names_a_person(&printed) {
        printed.clone_from(&address);
    }
    let url = Url::parse(&address).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| host.contains('.'))
            && url.username().is_empty()
    });
    match url {
        Some(url) => {
            let is_of = |host: &str, known: &String| {
                host == known || host.strip_suffix(known.as_str()).is_some_and(|below| below.ends_with('.'))
            };
            let host = url.host_str().unwrap_or_default();
            let is_elsewhere = !hosts.iter().any(|known| is_of(host, known));
            let url = url.to_string();
            if url != address {
                rules.push(LinkRule::Encoded);
            }
            if is_elsewhere {
                rules.push(LinkRule::OtherHost);
            }
            Some(PrintedAddress { printed, url: Some(url), rules })
        }
        // A place on somebody's disk names that person.
        None => {
            rules.push(LinkRule::NotAWebAddress);
            Some(PrintedAddress { printed: WITHHELD.to_owned(), url: None, rules })
        }
    }
}

/// Returns a cell's text, or a link's target, as it is kept: for a wrapped link its target in a wrapping without a
/// mailbox, for a link to a mailbox only that it was one. [`link`] reads the kept form like the text itself.
pub fn without_mailboxes(text: &str) -> Cow<'_, str> {
    let is_file = |scheme: &str| scheme.eq_ignore_ascii_case("file:");
    let is_plain = |text: &str| {
        let is_on_disk = text.trim_start().get(..5).is_some_and(is_file);
        !is_on_disk && !has_tracker(text) && !names_a_person(text) && withhold_mailboxes(text) == text
    };
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let word = |word: &str| match (is_plain(word), word.starts_with("http")) {
        (true, _) => word.to_owned(),
        // Two addresses stay two.
        (false, true) => format!("https://{WITHHELD}"),
        (false, false) => WITHHELD.to_owned(),
    };
    let words = || Cow::Owned(text.split(' ').map(word).collect::<Vec<_>>().join(" "));
    let Some(found) = link(text, &[]) else { return words() };
    let has = |rule: LinkRule| found.rules.contains(&rule);
    if has(LinkRule::TwoAddresses) {
        return words();
    }
    let kept = match found.url {
        Some(_) if has(LinkRule::OutlookLink) && is_plain(&found.printed) => wrapped(&found.printed),
        Some(_) if is_plain(&found.printed) => found.printed.trim().to_owned(),
        None if has(LinkRule::NotAWebAddress) && text.trim().get(..5).is_some_and(is_file) => {
            TO_A_DISK.to_owned()
        }
        _ if has(LinkRule::OutlookLink) => wrapped(TO_A_MAILBOX),
        _ => TO_A_MAILBOX.to_owned(),
    };
    // Spaces around an address stay: they are an error like any other, repaired later.
    let (before, after) = (text.len() - text.trim_start().len(), text.trim_end().len());
    Cow::Owned([&text[..before], &kept, &text[after..]].concat())
}

/// Wraps an address in the form in which it is kept.
pub fn wrapped(target: &str) -> String {
    byte_serialize(target.as_bytes()).fold(WRAPPED.to_owned(), |text, part| text + part)
}

/// The address in a wrapping that [`wrapped`] made; `None` for any other text.
pub fn unwrapped(text: &str) -> Option<String> {
    let (_, target) =
        url::form_urlencoded::parse(text.strip_prefix(WRAPPED).map(|rest| ["u=", rest].concat())?.as_bytes())
            .next()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))?;
    (wrapped(&target) == text).then_some(target)
}

/// Returns the address behind `view-source:https://…`.
fn without_viewer(address: &str) -> Option<String> {
    address.strip_prefix("view-source:").map(str::to_owned)
}

/// Gives `https//…`, `htps://…` and `www.…` the scheme they are meant to have.
fn with_scheme(address: &str) -> Option<String> {
    if address.get(..4).is_some_and(|www| www.eq_ignore_ascii_case("www.")) {
        return Some(format!("https://{address}"));
    }
    let (scheme, rest) = address.split_once("//")?;
    let scheme = scheme.trim_end_matches(':').to_ascii_lowercase();
    let edits = |known: &&&str| strsim::osa_distance(&scheme, known);
    let meant = SCHEMES.iter().min_by_key(edits).filter(|known| edits(known) <= 1)?;
    let is_whole = SCHEMES.contains(&scheme.as_str()) && address.contains("://");
    (!is_whole).then(|| format!("{meant}://{rest}"))
}

fn looks_like_address(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|s| {
        matches!(
            s.to_ascii_lowercase().as_str(),
            "http"
                | "https"
                | "chrome-extension"
                | "edge-extension"
                | "extension"
                | "mailto"
                | "file"
                | "view-source"
        )
    }) || with_scheme(text).is_some_and(|address| !address.contains(' '))
}

fn has_tracker(address: &str) -> bool {
    address.to_ascii_lowercase().contains(&TRACKER[1..])
}

/// Removes one layer of wrapping.
fn unwrap(address: &str) -> Option<(LinkRule, String)> {
    if address.split_once(':').is_some_and(|(scheme, _)| scheme.ends_with("extension")) {
        let at = address.find("http")?;
        return Some((LinkRule::BrowserExtension, address[at..].to_owned()));
    }
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    if host.contains(TRACKER) {
        let mut target = url.query_pairs().find(|(name, _)| name == "url")?.1.into_owned();
        // Some programs encode the target twice.
        if target.starts_with("http%3A") || target.starts_with("https%3A") {
            target = url::form_urlencoded::parse(target.as_bytes()).next()?.0.into_owned();
        }
        return Some((LinkRule::OutlookLink, target));
    }
    if host.starts_with("urldefense.") && address.contains("/v3/__") {
        let target = address.split_once("/v3/__")?.1;
        return Some((LinkRule::MailFilterLink, target.split("__;").next()?.to_owned()));
    }
    if host.starts_with("urldefense.") && address.contains("/v2/") {
        // This wrapper has its own percent form: `-` for `%`, `_` for `/`.
        let target = url.query_pairs().find(|(name, _)| name == "u")?.1.replace('-', "%").replace('_', "/");
        let decoded = url::form_urlencoded::parse(target.as_bytes()).next()?.0.into_owned();
        return Some((LinkRule::MailFilterLink, decoded));
    }
    let wrapper = WRAPPERS.iter().find(|(of, _)| host.contains(of));
    if let Some((_, target)) = wrapper.and_then(|(_, name)| url.query_pairs().find(|(n, _)| n == name)) {
        return target.starts_with("http").then(|| (LinkRule::WrappedLink, target.into_owned()));
    }
    if host == "web.archive.org" {
        let at = address.get(8..)?.find("http")? + 8;
        return Some((LinkRule::ArchiveLink, address[at..].to_owned()));
    }
    None
}

/// Gives `https:/www…` its second slash.
fn single_slash(address: &str) -> Option<String> {
    ["https:/", "http:/"].iter().find_map(|scheme| {
        let rest = address.strip_prefix(scheme)?;
        (!rest.starts_with('/')).then(|| format!("{scheme}/{rest}"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The kept form of a text reads like the text, and names nobody.
    #[test]
    fn nobody_is_named_in_what_is_kept() {
        let tracked = |target: &str| {
            format!(
                "https://gcc02.safelinks.protection.outlook.com/?url={target}&data=05%7Cjane.doe%40agency.gov"
            )
        };
        for (text, kept) in [
            ("https://www.ice.gov/x.pdf".to_owned(), "https://www.ice.gov/x.pdf"),
            (" link pending ".to_owned(), " link pending "),
            (
                tracked("https%3A%2F%2Fwww.ice.gov%2Fx.pdf"),
                "https://link.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.ice.gov%2Fx.pdf",
            ),
            (
                format!(" {}  ", tracked("https%3A%2F%2Fwww.ice.gov%2Fx.pdf")),
                " https://link.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.ice.gov%2Fx.pdf  ",
            ),
            (
                tracked("mailto%3Ajane.doe%40agency.gov"),
                "https://link.safelinks.protection.outlook.com/?url=mailto%3A%5Bwithheld%5D",
            ),
            ("mailto:jane.doe@agency.gov".to_owned(), "mailto:[withheld]"),
            ("https://www.ice.gov/x?by=jane.doe@agency.gov".to_owned(), "mailto:[withheld]"),
            ("file:///C:/x.pdf".to_owned(), "file:[withheld]"),
            ("file:///C:/Users/jdoe/x.pdf".to_owned(), "mailto:[withheld]"),
            ("ask jane.doe@agency.gov".to_owned(), "ask [withheld]"),
            ("see https://x.sharepoint.com/personal/jane_doe/x.pdf".to_owned(), "see https://[withheld]"),
            (
                "https://www.ice.gov/x.pdf https://a.gov/?m=jane@a.gov".to_owned(),
                "https://www.ice.gov/x.pdf https://[withheld]",
            ),
        ] {
            let found = without_mailboxes(&text);
            assert_eq!(found, kept, "{text}");
            assert_eq!(without_mailboxes(&found), found, "{text}");
            let (read, again) = (link(&text, &[]), link(&found, &[]));
            let said = |link: &Option<PrintedAddress>| {
                link.as_ref().map(|link| (link.url.clone(), link.rules.clone()))
            };
            assert_eq!(said(&again), said(&read), "{text}");
        }
    }

    #[test]
    fn links_are_unwrapped() {
        let outlook = "https://gcc02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.ice.gov%2Fdoclib%2Fx.pdf&data=05%7C02%7Cjane.doe%40agency.gov%7C1";
        for (text, printed, url, rules) in [
            (
                "https://www.ice.gov/doclib/x.pdf",
                "https://www.ice.gov/doclib/x.pdf",
                Some("https://www.ice.gov/doclib/x.pdf"),
                &[][..],
            ),
            (
                outlook,
                "https://www.ice.gov/doclib/x.pdf",
                Some("https://www.ice.gov/doclib/x.pdf"),
                &[LinkRule::OutlookLink],
            ),
            (
                "chrome-extension://abc/https:/www.ice.gov/x.pdf",
                "chrome-extension://abc/https:/www.ice.gov/x.pdf",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::BrowserExtension, LinkRule::MissingSlash],
            ),
            (
                "https://web.archive.org/web/2025/https://www.ice.gov/a b.pdf",
                "https://web.archive.org/web/2025/https://www.ice.gov/a b.pdf",
                Some("https://www.ice.gov/a%20b.pdf"),
                &[LinkRule::ArchiveLink, LinkRule::Encoded],
            ),
            (
                "http://www.ice.gov/x%20y.pdf",
                "http://www.ice.gov/x%20y.pdf",
                Some("http://www.ice.gov/x%20y.pdf"),
                &[],
            ),
            ("mailto:jane.doe@agency.gov", "[withheld]", None, &[LinkRule::MailboxWithheld]),
            (
                "https://gcc02.safelinks.protection.outlook.com/?data=jane.doe",
                "[withheld]",
                None,
                &[LinkRule::MailboxWithheld],
            ),
            ("file:///C:/Users/jdoe/x.pdf", "[withheld]", None, &[LinkRule::MailboxWithheld]),
            ("file:///C:/x.pdf", "[withheld]", None, &[LinkRule::NotAWebAddress]),
            (
                "https://dhs.sharepoint.com/personal/jane_doe/x.pdf",
                "[withheld]",
                None,
                &[LinkRule::MailboxWithheld],
            ),
            (
                "https://urldefense.com/v3/__https://www.ice.gov/x.pdf__;!!abc",
                "https://urldefense.com/v3/__https://www.ice.gov/x.pdf__;!!abc",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::MailFilterLink],
            ),
            (
                "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.ice.gov_x.pdf&d=Dw",
                "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.ice.gov_x.pdf&d=Dw",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::MailFilterLink],
            ),
            (
                "https://gcc02.safelinks.protection.office365.us/?url=https%3A%2F%2Fwww.ice.gov%2Fx.pdf&data=1",
                "https://www.ice.gov/x.pdf",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::OutlookLink],
            ),
            (
                "https://www.google.com/url?q=https://www.ice.gov/x.pdf&sa=D",
                "https://www.google.com/url?q=https://www.ice.gov/x.pdf&sa=D",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::WrappedLink],
            ),
            (
                "www.ice.gov/x.pdf",
                "www.ice.gov/x.pdf",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::MissingScheme],
            ),
            (
                "https//www.ice.gov/x.pdf",
                "https//www.ice.gov/x.pdf",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::MissingScheme],
            ),
            (
                "htps://www.ice.gov/x.pdf",
                "htps://www.ice.gov/x.pdf",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::MissingScheme],
            ),
            (
                "ttp://www.ice.gov/x.pdf",
                "ttp://www.ice.gov/x.pdf",
                Some("http://www.ice.gov/x.pdf"),
                &[LinkRule::MissingScheme],
            ),
            (
                "http//www.ice.gov/x.pdf",
                "http//www.ice.gov/x.pdf",
                Some("http://www.ice.gov/x.pdf"),
                &[LinkRule::MissingScheme],
            ),
            (
                "view-source:https://www.ice.gov/x.pdf",
                "view-source:https://www.ice.gov/x.pdf",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::ViewSource],
            ),
            (
                "https://www.ice.gov/x.pdf https://www.ice.gov/y.pdf",
                "https://www.ice.gov/x.pdf https://www.ice.gov/y.pdf",
                None,
                &[LinkRule::TwoAddresses],
            ),
            (
                "https://www.ice.gov/x.pdf%20",
                "https://www.ice.gov/x.pdf%20",
                Some("https://www.ice.gov/x.pdf"),
                &[LinkRule::TrailingSpace],
            ),
        ] {
            let link = link(text, &hosts()).unwrap();
            assert_eq!(
                (link.printed.as_str(), link.url.as_deref(), link.rules.as_slice()),
                (printed, url, rules),
                "{text}"
            );
        }
        for words in
            ["link", "link pending", "Cons", "note: see below", "see // below", "ftp://a.gov/x.pdf", ""]
        {
            assert_eq!(link(words, &hosts()), None, "{words}");
        }
    }

    fn hosts() -> Vec<String> {
        ["ice.gov", "a.gov", "b.gov"].map(str::to_owned).into()
    }

    #[test]
    fn a_link_to_another_host_is_marked() {
        for (address, is_marked) in [
            ("https://www.ice.gov/x.pdf", false),
            ("https://ice.gov/x.pdf", false),
            ("https://www.ice.gov.evil.example/x.pdf", true),
            ("https://notice.gov/x.pdf", true),
            ("http://evil.example/", true),
        ] {
            let link = link(address, &hosts()).unwrap();
            assert_eq!(link.rules.contains(&LinkRule::OtherHost), is_marked, "{address}");
            assert!(link.url.is_some(), "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_mailbox_and_no_tracker_survives(path in "[a-z0-9/=&%@.?]{0,30}", wrapped in any::<bool>()) {
            let text = if wrapped {
                format!("https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.gov%2F{path}&data=a%40b.c")
            } else {
                format!("https://a.gov/{path}")
            };
            if let Some(link) = link(&text, &hosts()) {
                for shown in [Some(link.printed), link.url].into_iter().flatten() {
                    prop_assert!(!shown.contains('@') && !shown.contains("%40") && !shown.contains("safelinks"), "{}", shown);
                }
            }
        }
    }
}
