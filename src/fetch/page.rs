//! The links of the programme's page, told apart by what they mean (`pipelines/fetch.toml`, `[page]`).

use scraper::{ElementRef, Html, Selector};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::spec::{LinkKind, PageSpec};

/// Characters of the text around a link that may say what it is.
const AROUND: usize = 300;
/// Links of a page that are looked at; ICE's has some hundreds.
const LINKS: usize = 20_000;

/// A link to a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub address: Url,
    /// Its text.
    pub text: String,
    /// The kind that its words say; `None` if they say none, or two.
    pub kind: Option<String>,
}

/// What a page has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// Each address once.
    pub links: Vec<Link>,
    /// All links of the page.
    pub seen: usize,
}

impl Links {
    /// Kinds that the page should have and lacks.
    pub fn missing<'a>(&self, spec: &'a PageSpec) -> Vec<&'a str> {
        let has = |kind: &LinkKind| self.links.iter().any(|link| link.kind.as_ref() == Some(&kind.name));
        spec.kinds.iter().filter(|kind| kind.required && !has(kind)).map(|kind| kind.name.as_str()).collect()
    }

    /// What was found, for a person.
    pub fn described(&self) -> String {
        let links = self.links.iter().map(|link| {
            let kind = link.kind.as_deref().unwrap_or("neither");
            format!("{} {:?} ({kind})", link.address, link.text)
        });
        match self.links.len() {
            0 => format!("{} links, none to a spreadsheet", self.seen),
            _ => format!("{} links, to spreadsheets: {}", self.seen, links.collect::<Vec<_>>().join("; ")),
        }
    }
}

/// Finds the links to spreadsheets on the page of an address.
pub fn links(html: &str, address: &Url, spec: &PageSpec) -> Links {
    let page = Html::parse_document(html);
    let base = page.select(&selector("base[href]")).next();
    let base = base.and_then(|base| base.value().attr("href")).and_then(|href| address.join(href).ok());
    let base = base.as_ref().unwrap_or(address);
    let mut found = Links::default();
    for anchor in page.select(&selector("a[href], area[href]")).take(LINKS) {
        found.seen += 1;
        let href = anchor.value().attr("href").unwrap_or_default().trim();
        let Ok(mut target) = base.join(href) else { continue };
        target.set_fragment(None);
        let said = Said::of(&anchor, &target);
        if !said.is_spreadsheet(spec) || spec.passed_over.iter().any(|word| said.name.contains(word)) {
            continue;
        }
        let link = Link { kind: said.kind(&spec.kinds), text: said.shown, address: target };
        match found.links.iter_mut().find(|there| there.address == link.address) {
            // Linked twice, of which one says more.
            Some(there) => there.kind = there.kind.take().or(link.kind),
            None => found.links.push(link),
        }
    }
    found
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a selector written here")
}

/// Everything about a link that can say what it is, in small letters.
struct Said {
    /// The last part of its path, decoded.
    name: String,
    /// Its text, title and label.
    text: String,
    around: String,
    shown: String,
}

impl Said {
    fn of(anchor: &ElementRef, target: &Url) -> Self {
        let text: String = anchor.text().collect::<Vec<_>>().join(" ");
        let attributes = ["title", "aria-label", "download", "type"]
            .map(|name| anchor.value().attr(name).unwrap_or_default());
        let around = anchor.parent().and_then(ElementRef::wrap);
        let around: String =
            around.map(|parent| parent.text().collect::<Vec<_>>().join(" ")).unwrap_or_default();
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            name: file_name(target).to_lowercase(),
            text: format!("{text} {}", attributes.join(" ")).to_lowercase(),
            around: around.to_lowercase().chars().take(AROUND).collect(),
            shown: plain(&text).chars().take(80).collect(),
        }
    }

    fn is_spreadsheet(&self, spec: &PageSpec) -> bool {
        match self.name.rsplit_once('.') {
            Some((_, ending)) if spec.endings.iter().any(|known| known == ending) => true,
            // Another file, or a page.
            Some((_, ending)) if ending.len() <= 5 && ending.chars().all(|c| c.is_ascii_alphanumeric()) => {
                false
            }
            _ => spec.says_spreadsheet.iter().any(|word| self.text.contains(word)),
        }
    }

    /// The one kind that the first of its texts to say any says.
    fn kind(&self, kinds: &[LinkKind]) -> Option<String> {
        [&self.name, &self.text, &self.around].into_iter().find_map(|text| {
            let mut said = kinds.iter().filter(|kind| kind.words.iter().any(|word| text.contains(word)));
            match (said.next(), said.next()) {
                (Some(kind), None) => Some(kind.name.clone()),
                _ => None,
            }
        })
    }
}

/// The last part of an address's path, decoded.
pub fn file_name(address: &Url) -> String {
    let last = address.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    percent_encoding::percent_decode_str(last).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{FetchSpec, SpecFiles};

    fn found(html: &str) -> Links {
        let spec = FetchSpec::load(&SpecFiles::default()).unwrap().page;
        links(html, &Url::parse("https://www.ice.gov/identify-and-arrest/287g").unwrap(), &spec)
    }

    #[test]
    fn links_are_told_apart_by_what_they_mean() {
        for (html, expected) in [
            (r#"<a href="/doclib/participatingAgencies06062025am.xlsx">x</a>"#, Some("participating")),
            (r#"<a href="/DOCLIB/PendingAgencies06062025AM.XLSX?v=2#top">x</a>"#, Some("pending")),
            (r#"<a href="files/list-4.xlsx">Participating <b>Agencies</b></a>"#, Some("participating")),
            (r#"<a href="/media/4711" title="Pending agencies (Excel)">here</a>"#, Some("pending")),
            (r#"<p>Agencies with pending applications: <a href="/a.xlsx">download</a></p>"#, Some("pending")),
            (r#"<p>Participating and pending: <a href="/a.xlsx">download</a></p>"#, None),
            (r#"<a href="/doclib/terminated.xlsx">Terminated</a>"#, None),
        ] {
            let links = found(html);
            assert_eq!(links.links.len(), 1, "{html}");
            assert_eq!(links.links[0].kind.as_deref(), expected, "{html}");
        }
        for html in [
            r#"<a href="/doclib/287gMOA/participating.pdf">Participating</a>"#,
            r#"<a href="/participating">Participating agencies</a>"#,
            r#"<a href="http://[bad/participating.xlsx">x</a>"#,
            r#"<!-- <a href="/participating.xlsx">x</a> -->"#,
        ] {
            assert!(found(html).links.is_empty(), "{html}");
        }
    }

    #[test]
    fn a_base_is_followed_and_an_address_is_one_link() {
        let links = found(
            r#"<base href="https://www.ice.gov/doclib/"><a href="pending1.xlsx">a</a> <a href="/doclib/pending1.xlsx">b</a>"#,
        );
        assert_eq!(links.links.len(), 1);
        assert_eq!(links.links[0].address.as_str(), "https://www.ice.gov/doclib/pending1.xlsx");
        let spec = FetchSpec::load(&SpecFiles::default()).unwrap().page;
        assert_eq!(links.missing(&spec), ["participating"]);
        assert!(links.described().contains("pending1.xlsx \"a\" (pending)"), "{}", links.described());
    }
}
