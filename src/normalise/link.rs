//! MOA and ADDENDUM: where the agreement lies, freed of what mail programs and browsers wrapped it in.
//!
//! A wrapped link carries the mailbox of whoever copied it. Of such a link only its target is kept, as
//! printed value too; an address that still holds a mailbox is withheld altogether.

use url::Url;

use super::text::{WITHHELD, withhold_mailboxes};

/// Outlook's link tracker.
const TRACKER: &str = ".safelinks.protection.outlook.com";
/// Wrappings within wrappings that are undone.
const DEPTH: usize = 4;

/// A printed address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What may be shown as printed.
    pub printed: String,
    /// The address, valid and `http` or `https`.
    pub url: Option<String>,
    /// What was done to get there; empty where the address is as printed.
    pub rules: Vec<&'static str>,
}

/// Reads a printed address. `None` where `text` is not an address but words.
pub fn link(text: &str) -> Option<Link> {
    let trimmed = text.trim();
    if !looks_like_address(trimmed) {
        return None;
    }
    let mut rules = Vec::new();
    let mut address = trimmed.to_owned();
    let mut printed = text.to_owned();
    if trimmed != text {
        rules.push("edge_spaces");
    }
    for _ in 0..DEPTH {
        let Some((rule, target)) = unwrap(&address) else { break };
        rules.push(rule);
        address = target;
        if rule == "outlook_link" {
            printed.clone_from(&address);
        }
    }
    if let Some(rest) = single_slash(&address) {
        rules.push("missing_slash");
        address = rest;
    }
    if withhold_mailboxes(&address) != address || has_tracker(&address) {
        rules.push("mailbox_withheld");
        return Some(Link { printed: WITHHELD.to_owned(), url: None, rules });
    }
    // What is printed may wrap a clean target in something that is not.
    if withhold_mailboxes(&printed) != printed || has_tracker(&printed) {
        printed.clone_from(&address);
    }
    let url = Url::parse(&address).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| host.contains('.'))
            && url.username().is_empty()
    });
    match url {
        Some(url) => {
            let url = url.to_string();
            if url != address {
                rules.push("encoded");
            }
            Some(Link { printed, url: Some(url), rules })
        }
        None => {
            rules.push("not_a_web_address");
            Some(Link { printed, url: None, rules })
        }
    }
}

fn looks_like_address(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|s| {
        matches!(s.to_ascii_lowercase().as_str(), "http" | "https" | "chrome-extension" | "mailto" | "file")
    })
}

fn has_tracker(address: &str) -> bool {
    address.to_ascii_lowercase().contains(&TRACKER[1..])
}

/// One layer of wrapping taken off.
fn unwrap(address: &str) -> Option<(&'static str, String)> {
    if address.starts_with("chrome-extension:") {
        let at = address.find("http")?;
        return Some(("browser_extension", address[at..].to_owned()));
    }
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    if host.ends_with(TRACKER) {
        let mut target = url.query_pairs().find(|(name, _)| name == "url")?.1.into_owned();
        // Some programs encode what is encoded already.
        if target.starts_with("http%3A") || target.starts_with("https%3A") {
            target = url::form_urlencoded::parse(target.as_bytes()).next()?.0.into_owned();
        }
        return Some(("outlook_link", target));
    }
    if host == "web.archive.org" {
        let at = address.get(8..)?.find("http")? + 8;
        return Some(("archive_link", address[at..].to_owned()));
    }
    None
}

/// `https:/www…` with its second slash.
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
                &["outlook_link"],
            ),
            (
                "chrome-extension://abc/https:/www.ice.gov/x.pdf",
                "chrome-extension://abc/https:/www.ice.gov/x.pdf",
                Some("https://www.ice.gov/x.pdf"),
                &["browser_extension", "missing_slash"],
            ),
            (
                "https://web.archive.org/web/2025/https://www.ice.gov/a b.pdf",
                "https://web.archive.org/web/2025/https://www.ice.gov/a b.pdf",
                Some("https://www.ice.gov/a%20b.pdf"),
                &["archive_link", "encoded"],
            ),
            (
                "http://www.ice.gov/x%20y.pdf",
                "http://www.ice.gov/x%20y.pdf",
                Some("http://www.ice.gov/x%20y.pdf"),
                &[],
            ),
            ("mailto:jane.doe@agency.gov", "[withheld]", None, &["mailbox_withheld"]),
            (
                "https://gcc02.safelinks.protection.outlook.com/?data=jane.doe",
                "[withheld]",
                None,
                &["mailbox_withheld"],
            ),
            ("file:///C:/x.pdf", "file:///C:/x.pdf", None, &["not_a_web_address"]),
        ] {
            let link = link(text).unwrap();
            assert_eq!(
                (link.printed.as_str(), link.url.as_deref(), link.rules.as_slice()),
                (printed, url, rules),
                "{text}"
            );
        }
        for words in ["link", "link pending", "Cons", "note: see below", ""] {
            assert_eq!(link(words), None, "{words}");
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
            if let Some(link) = link(&text) {
                for shown in [Some(link.printed), link.url].into_iter().flatten() {
                    prop_assert!(!shown.contains('@') && !shown.contains("%40") && !shown.contains("safelinks"), "{}", shown);
                }
            }
        }
    }
}
