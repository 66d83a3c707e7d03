//! Classifies the links of the programme's page by words in a link's file name, text, title or label, else in the text
//! around it or the heading above (`pipelines/fetch.toml`, `[page]`). An address needs no file ending, as ICE's have
//! had none since April 2026 (`/file-download/download/public/<id>`): only links that clearly lead elsewhere are ruled
//! out. The bytes of a candidate decide whether it is a list.

use std::mem::take;

use html5gum::StartTag;
use serde::{Deserialize, Serialize};
use url::Url;

use super::link_words::LinkWords;
use super::listener::{Listener, add_space, add_words, attribute};
use super::page_link::PageLink;
use crate::mailboxes::withhold_mailboxes;
use crate::spec::PageSpec;
use crate::text::counted;

/// Most bytes of a text that may describe a link, and of an address; most characters of a text that is shown.
const SAYS: usize = 400;
const ADDRESS: usize = 2_000;
const SHOWN: usize = 80;
/// Links of a page that are looked at; ICE's has some hundreds.
const LINKS: usize = 20_000;
/// Links of one piece of text that are held at once.
const OF_A_BLOCK: usize = 500;
/// Most candidates that are remembered: more than any page may have.
const CANDIDATES: usize = 1_000;
/// Candidates, and other links, that an error shows.
const LISTED: usize = 12;

/// The links of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// Candidates, the surest first, each address once.
    pub links: Vec<PageLink>,
    /// Number of all links of the page.
    pub seen: usize,
    /// Texts and addresses of the first links that are no candidates.
    pub others: Vec<(String, String)>,
}

impl Links {
    /// Describes the links for a person.
    pub fn described(&self) -> String {
        let links = self.links.iter().take(LISTED).map(|link| {
            let kind = link.kind.as_deref().unwrap_or("neither");
            format!("{} {:?} ({kind})", shown(link.address.as_str()), link.text)
        });
        let links = links.collect::<Vec<_>>().join("; ");
        let others = self.others.iter().map(|(text, address)| format!("{address} {text:?}"));
        let others = others.collect::<Vec<_>>().join("; ");
        let seen = counted(self.seen, "link", "links");
        match self.links.len() {
            0 if self.seen == 0 => "no links at all".to_owned(),
            0 => format!("{seen}, none to a list: {others}{}", more(self.seen, self.others.len())),
            some => format!("{seen}, of which {some} may be lists: {links}{}", more(some, LISTED)),
        }
    }
}

fn more(all: usize, shown: usize) -> &'static str {
    if all > shown { " …" } else { "" }
}

/// A piece of text, and the links in it.
#[derive(Default)]
struct Block {
    text: String,
    /// The text since the previous link.
    before: String,
    links: Vec<LinkWords>,
    /// Number of pieces of text that are open within the last link; `None` outside it.
    in_link: Option<usize>,
}

/// Gathers the links of a page.
pub struct LinkReader<'a> {
    page: Url,
    base: Url,
    has_base: bool,
    spec: &'a PageSpec,
    found: Links,
    block: Block,
    /// The heading above the current text.
    heading: String,
    in_heading: bool,
}

impl Listener for LinkReader<'_> {
    fn start(&mut self, tag: &StartTag<()>, is_block: bool) {
        if is_block {
            self.block_begins();
            if is_heading(&tag.name) {
                self.heading.clear();
                self.in_heading = true;
            }
            return;
        }
        match &**tag.name {
            // The first base counts.
            b"base" if !self.has_base => {
                self.has_base = true;
                let base = self.base.join(&attribute(tag, b"href"));
                if let Some(base) = base.ok().filter(|base| base.as_str().len() <= ADDRESS) {
                    self.base = base;
                }
            }
            b"a" | b"area" if self.found.seen < LINKS && tag.attributes.contains_key(b"href".as_slice()) => {
                self.found.seen += 1;
                let href = attribute(tag, b"href");
                if href.len() > ADDRESS {
                    return;
                }
                let Ok(mut target) = self.base.join(href.trim()) else { return };
                target.set_fragment(None);
                if self.block.links.len() >= OF_A_BLOCK {
                    self.finish_block();
                }
                let words = [b"title".as_slice(), b"aria-label", b"download", b"type"]
                    .map(|name| attribute(tag, name));
                let name = file_name(&target);
                let mut short = String::new();
                add_words(&mut short, &words.join(" "), SAYS);
                let before = take(&mut self.block.before);
                self.block.links.push(LinkWords { target, name, text: String::new(), words: short, before });
                // A link that was never closed ends where the next begins.
                self.block.in_link = (&**tag.name == b"a").then_some(0);
            }
            // A picture in a link may say what it leads to.
            b"img" if self.block.in_link.is_some() => {
                if let Some(link) = self.block.links.last_mut() {
                    add_space(&mut link.text);
                    add_words(&mut link.text, &attribute(tag, b"alt"), SAYS);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8], is_block: bool) {
        if is_block {
            self.block_ends();
            self.in_heading &= !is_heading(name);
        } else if name == b"a" {
            self.block.in_link = None;
        }
    }

    fn text(&mut self, text: &str) {
        add_words(&mut self.block.text, text, SAYS);
        if self.in_heading {
            add_words(&mut self.heading, text, SAYS);
        }
        if let Some(link) = self.block.links.last_mut().filter(|_| self.block.in_link.is_some()) {
            add_words(&mut link.text, text, SAYS);
        } else {
            // The nearest words count, so only the end of a long text is taken.
            let mut from = text.len().saturating_sub(SAYS);
            while !text.is_char_boundary(from) {
                from += 1;
            }
            if self.block.before.len() > SAYS {
                self.block.before.clear();
            }
            add_words(&mut self.block.before, &text[from..], 3 * SAYS);
        }
    }
}

fn is_heading(name: &[u8]) -> bool {
    matches!(name, [b'h', b'1'..=b'6'])
}

impl<'a> LinkReader<'a> {
    pub fn new(address: &Url, spec: &'a PageSpec) -> Self {
        Self {
            page: address.clone(),
            base: address.clone(),
            has_base: false,
            spec,
            found: Links::default(),
            block: Block::default(),
            heading: String::new(),
            in_heading: false,
        }
    }

    /// Begins a piece of text; one within a link belongs to the link.
    fn block_begins(&mut self) {
        match &mut self.block.in_link {
            Some(within) => {
                *within += 1;
                add_space(&mut self.block.text);
                self.block.links.iter_mut().for_each(|link| add_space(&mut link.text));
            }
            None => self.finish_block(),
        }
    }

    /// Ends a piece of text, and also the link if the piece did not begin within it.
    fn block_ends(&mut self) {
        match &mut self.block.in_link {
            Some(within) if *within > 0 => {
                *within -= 1;
                self.block.links.iter_mut().for_each(|link| add_space(&mut link.text));
            }
            _ => self.finish_block(),
        }
    }

    /// Takes the links of a finished piece of text.
    fn finish_block(&mut self) {
        let block = take(&mut self.block);
        for said in block.links {
            match said.candidate(self.spec, &self.page, &block.text, &self.heading) {
                Some(link) => self.add_link(link),
                None if self.found.others.len() < LISTED
                    && matches!(said.target.scheme(), "http" | "https") =>
                {
                    self.found.others.push((shown(&said.text), shown(said.target.as_str())));
                }
                None => {}
            }
        }
    }

    fn add_link(&mut self, link: PageLink) {
        let has_room = self.found.links.len() < CANDIDATES;
        match self.found.links.iter_mut().find(|there| there.address == link.address) {
            // The page links twice to this address, and one link may say more.
            Some(there) => {
                there.kind = there.kind.take().or(link.kind);
                there.strength = there.strength.min(link.strength);
            }
            None if has_room => self.found.links.push(link),
            None => {}
        }
    }

    /// Returns all links.
    pub fn finish(mut self) -> Links {
        self.finish_block();
        self.found.links.sort_by_key(|link| (link.strength, !link.invites));
        self.found
    }
}

/// A text as messages show it.
fn shown(text: &str) -> String {
    withhold_mailboxes(text.trim()).chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

/// The last part of an address's path, decoded.
pub fn file_name(address: &Url) -> String {
    let last = address.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    percent_encoding::percent_decode_str(last).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::read_page;
    use crate::spec::{FetchSpec, SpecFiles, Specs};

    fn found(html: &str) -> Links {
        let files = SpecFiles::default();
        let spec = FetchSpec::load(&files).unwrap().page;
        let layouts = Specs::load(&files).unwrap().layouts;
        read_page(html, &Url::parse("https://www.ice.gov/identify-and-arrest/287g").unwrap(), &spec, &layouts)
            .links
    }

    #[test]
    fn links_are_told_apart_by_what_they_mean() {
        use crate::page::Strength::{Around, OwnWords, Spreadsheet};
        for (html, expected, strength) in [
            (
                r#"<a href="/doclib/participatingAgencies06062025am.xlsx">x</a>"#,
                Some("participating"),
                Spreadsheet,
            ),
            (
                r#"<a href="/DOCLIB/PendingAgencies06062025AM.XLSX?v=2#top">x</a>"#,
                Some("pending"),
                Spreadsheet,
            ),
            (
                r#"<a href="files/list-4.xlsx">Participating <b>Agencies</b></a>"#,
                Some("participating"),
                Spreadsheet,
            ),
            (
                r#"<a href="/media/4711" title="Pending agencies (Excel)">here</a>"#,
                Some("pending"),
                Spreadsheet,
            ),
            (
                r#"<p>Agencies with pending applications: <a href="/a.xlsx">download</a></p>"#,
                Some("pending"),
                Spreadsheet,
            ),
            (r#"<p>Participating and pending: <a href="/a.xlsx">download</a></p>"#, None, Spreadsheet),
            (r#"<a href="/doclib/terminated.xlsx">Terminated</a>"#, None, Spreadsheet),
            (r#"<a href="/doclib/ICE-spending-2026.xlsx">x</a>"#, None, Spreadsheet),
            (r#"<a href="/doclib/icePending2026.xlsx">x</a>"#, Some("pending"), Spreadsheet),
            (r#"<a href="/a.xlsx"><div>Pending</div><div>agencies</div></a>"#, Some("pending"), Spreadsheet),
            (
                r#"<div>newest: <a href="/participating.xlsx">list</div></body>"#,
                Some("participating"),
                Spreadsheet,
            ),
            (r#"<a href="/x">x<a href="/pending.xlsx">y"#, Some("pending"), Spreadsheet),
            // Addresses that carry no ending.
            (
                r#"<a href="/file-download/download/public/4711">View 287(g) Participating Agencies</a>"#,
                Some("participating"),
                OwnWords,
            ),
            (
                r#"<a href="https://www.ice.gov/file-download/download/public/4712"><span>View 287(g)</span> <span>Pending Agencies</span></a>"#,
                Some("pending"),
                OwnWords,
            ),
            (
                r#"<a href="/file-download/download/public/1" aria-label="Participating Agencies">View</a>"#,
                Some("participating"),
                OwnWords,
            ),
            (r#"<a href="/media/participating-agencies">x</a>"#, Some("participating"), OwnWords),
            (r#"<a href="/media/v1.2">Participating agencies</a>"#, Some("participating"), OwnWords),
            (r#"<p>The pending applications are <a href="/media/77">here</a>.</p>"#, Some("pending"), Around),
            (
                r#"<a href="/media/78"><img src="/x.png" alt="Participating agencies"></a>"#,
                Some("participating"),
                OwnWords,
            ),
            (
                r#"<h3>287(g) Pending Agencies</h3><p>As of today.</p><p><a href="/media/77">View the list</a></p>"#,
                Some("pending"),
                Around,
            ),
        ] {
            let links = found(html);
            assert_eq!(links.links.len(), 1, "{html}");
            assert_eq!(
                (links.links[0].kind.as_deref(), links.links[0].strength),
                (expected, strength),
                "{html}"
            );
        }
        for html in [
            r#"<a href="/doclib/287gMOA/participating.pdf">Participating</a>"#,
            r#"<a href="/doclib/participatingAgencies.docx">Participating</a>"#,
            r#"<a href="/doclib/participating.JPG">Participating</a>"#,
            r#"<a href="/about/participating.html">Participating</a>"#,
            r#"<a href="/newsroom?topic=287g">News of participating agencies</a>"#,
            r#"<a href="/news/releases/participating-agencies">Participating agencies</a>"#,
            r#"<a href="mailto:participating@agency.gov">Participating agencies</a>"#,
            r##"<a href="#participating">Participating agencies</a>"##,
            r#"<a href="/identify-and-arrest/287g">Participating agencies</a>"#,
            r#"<a href="http://[bad/participating.xlsx">x</a>"#,
            r#"<!-- <a href="/participating.xlsx">x</a> -->"#,
            r#"<script>var a = '<a href="/participating.xlsx">x</a>'</script>"#,
            r#"<template><template></template><a href="/participating.xlsx">x</a></template>"#,
            // Below a heading, but without an invitation to a list.
            r#"<h3>287(g) Pending Agencies</h3><p><a href="/about">About us</a></p>"#,
        ] {
            assert!(found(html).links.is_empty(), "{html}");
        }
    }

    /// A page that would make a tree of millions of nodes, or be read once for every link, is read once.
    #[test]
    fn a_page_made_to_be_large_is_gone_through_once() {
        let nested: String = (0..1_000).map(|n| format!("<b a={n}>")).collect();
        let text = "<div>x</div>".repeat(200_000);
        let anchors = "<a href=/a.pdf>participating pending </a>".repeat(50_000);
        let page = format!("<div>{nested}</div>{text}<p>{anchors}<a href=/pending.xlsx>x</a>");
        let found = found(&page);
        assert_eq!((found.seen, found.links.len()), (LINKS, 0), "links beyond the bound are not looked at");
    }

    #[test]
    fn a_base_is_followed_and_an_address_is_one_link() {
        let links = found(
            r#"<base href="https://www.ice.gov/doclib/"><a href="pending1.xlsx">a</a> <a href="/doclib/pending1.xlsx">b</a>"#,
        );
        assert_eq!(links.links.len(), 1);
        assert_eq!(links.links[0].address.as_str(), "https://www.ice.gov/doclib/pending1.xlsx");
        assert!(links.described().contains("pending1.xlsx \"a\" (pending)"), "{}", links.described());
    }

    #[test]
    fn the_words_before_a_link_are_its_own() {
        let links = found(
            r#"<p>Participating agencies: <a href="/m/1">View</a>. Pending agencies: <a href="/m/2">View</a>.</p>"#,
        );
        let kinds: Vec<_> =
            links.links.iter().map(|link| (link.address.path(), link.kind.as_deref())).collect();
        assert_eq!(kinds, [("/m/1", Some("participating")), ("/m/2", Some("pending"))]);
        let long = format!(
            "<p>Participating {} whose pending applications are <a href=/m/3>here</a></p>",
            "x ".repeat(300)
        );
        assert_eq!(found(&long).links[0].kind.as_deref(), Some("pending"));
    }

    /// A base, an address and a number of links that would take gigabytes are kept within their bounds.
    #[test]
    fn large_addresses_are_passed_over() {
        let base = format!("<base href='https://www.ice.gov/{}/'>", "x".repeat(3_000_000));
        let page = format!(
            "{base}<p>{}</p><a href='/{}.xlsx'>pending</a>",
            "<a href=pending.xlsx>x</a>".repeat(5_000),
            "y".repeat(3_000)
        );
        let links = found(&page);
        let addresses: Vec<&str> = links.links.iter().map(|link| link.address.as_str()).collect();
        assert_eq!(addresses, ["https://www.ice.gov/identify-and-arrest/pending.xlsx"]);
    }

    #[test]
    fn the_surest_come_first_and_what_is_none_is_named() {
        let links = found(
            r#"<p>pending: <a href="/m/1">here</a></p><p><a href="/d/2">Participating agencies</a></p>
               <p><a href="/pending.xlsx">x</a></p>"#,
        );
        let addresses: Vec<&str> = links.links.iter().map(|link| link.address.path()).collect();
        assert_eq!(addresses, ["/pending.xlsx", "/d/2", "/m/1"]);
        let none = found(r#"<a href="/about">About ICE</a>"#);
        assert_eq!(none.described(), "1 link, none to a list: https://www.ice.gov/about \"About ICE\"");
    }
}
