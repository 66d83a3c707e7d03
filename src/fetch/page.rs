//! The links of the programme's page, told apart by what they mean (`pipelines/fetch.toml`, `[page]`).

use std::mem::take;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::normalise::withhold_mailboxes;
use crate::spec::{LinkKind, PageSpec};

/// Characters of a text that may say what a link is, and of one that is shown.
const SAYS: usize = 400;
const SHOWN: usize = 80;
/// Links of a page that are looked at; ICE's has some hundreds.
const LINKS: usize = 20_000;
/// Links to spreadsheets that are remembered: more than any page may have.
const SPREADSHEETS: usize = 1_000;
/// Links to spreadsheets that an error shows.
const LISTED: usize = 12;

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
        let links = self.links.iter().take(LISTED).map(|link| {
            let kind = link.kind.as_deref().unwrap_or("neither");
            format!("{} {:?} ({kind})", link.address, link.text)
        });
        let links = links.collect::<Vec<_>>().join("; ");
        match self.links.len() {
            0 => format!("{} links, none to a spreadsheet", self.seen),
            some if some > LISTED => format!("{} links, {some} to spreadsheets: {links} …", self.seen),
            _ => format!("{} links, to spreadsheets: {links}", self.seen),
        }
    }
}

/// Elements that begin and end a piece of text of its own.
const BLOCKS: [&[u8]; 19] = [
    b"p", b"li", b"ul", b"ol", b"dl", b"dt", b"dd", b"td", b"th", b"tr", b"div", b"section", b"article",
    b"h1", b"h2", b"h3", b"h4", b"table", b"br",
];

/// Finds the links to spreadsheets on the page of an address. The page is gone through once, as a row of tags and
/// texts: nothing is built of it, whatever it holds.
pub fn links(html: &str, address: &Url, spec: &PageSpec) -> Links {
    let mut reader = PageReader {
        base: address.clone(),
        has_base: false,
        spec,
        found: Links::default(),
        block: Block::default(),
    };
    let mut emitter = DefaultEmitter::default();
    // What stands in a script is no link.
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) if BLOCKS.contains(&&**tag.name) => reader.block_begins(),
            Token::StartTag(tag) => reader.tag(&tag),
            Token::EndTag(tag) if BLOCKS.contains(&&**tag.name) => reader.block_ends(),
            Token::EndTag(tag) if **tag.name == *b"a" => reader.block.in_link = None,
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    reader.finish();
    reader.found
}

/// A piece of text, and the links in it.
#[derive(Default)]
struct Block {
    text: String,
    links: Vec<Said>,
    /// In the last link, behind so many pieces that began within it.
    in_link: Option<usize>,
}

struct PageReader<'a> {
    base: Url,
    has_base: bool,
    spec: &'a PageSpec,
    found: Links,
    block: Block,
}

impl PageReader<'_> {
    fn tag(&mut self, tag: &StartTag<()>) {
        let attribute = |name: &[u8]| {
            let value = tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
            value.unwrap_or_default()
        };
        match &**tag.name {
            // The first counts.
            b"base" if !self.has_base => {
                self.has_base = true;
                if let Ok(base) = self.base.join(&attribute(b"href")) {
                    self.base = base;
                }
            }
            b"a" | b"area" if self.found.seen < LINKS && tag.attributes.contains_key(b"href".as_slice()) => {
                self.found.seen += 1;
                let Ok(mut target) = self.base.join(attribute(b"href").trim()) else { return };
                target.set_fragment(None);
                let words = [b"title".as_slice(), b"aria-label", b"download", b"type"].map(attribute);
                let name = file_name(&target);
                self.block.links.push(Said { target, name, text: String::new(), words: words.join(" ") });
                // A link that was never closed ends where the next begins.
                self.block.in_link = (&**tag.name == b"a").then_some(0);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        add(&mut self.block.text, text);
        if let Some(link) = self.block.links.last_mut().filter(|_| self.block.in_link.is_some()) {
            add(&mut link.text, text);
        }
    }

    /// A link may go around pieces of text: they are its own.
    fn block_begins(&mut self) {
        match &mut self.block.in_link {
            Some(within) => *within += 1,
            None => self.finish(),
        }
    }

    /// What ends and did not begin within the link ends the link too.
    fn block_ends(&mut self) {
        match &mut self.block.in_link {
            Some(within) if *within > 0 => *within -= 1,
            _ => self.finish(),
        }
    }

    /// Takes the links of a piece of text that is whole.
    fn finish(&mut self) {
        let block = take(&mut self.block);
        for said in block.links {
            let is_wanted = said.is_spreadsheet(self.spec)
                && !self.spec.passed_over.iter().any(|word| says(&said.name, word));
            if is_wanted {
                let kind = said.kind(&self.spec.kinds, &block.text);
                let text = withhold_mailboxes(&said.text).chars().take(SHOWN).collect();
                self.add_link(Link { address: said.target, text, kind });
            }
        }
    }

    fn add_link(&mut self, link: Link) {
        let has_room = self.found.links.len() < SPREADSHEETS;
        match self.found.links.iter_mut().find(|there| there.address == link.address) {
            // Linked twice, of which one says more.
            Some(there) => there.kind = there.kind.take().or(link.kind),
            None if has_room => self.found.links.push(link),
            None => {}
        }
    }
}

/// Adds a text, its spaces made one, up to what is looked at.
fn add(to: &mut String, text: &str) {
    for word in text.split_whitespace() {
        if to.len() + word.len() >= SAYS {
            return;
        }
        if !to.is_empty() {
            to.push(' ');
        }
        to.push_str(word);
    }
}

/// Whether a text has a word (in small letters) that begins there: `pendingAgencies` and `icePending` say pending,
/// `spending` does not.
fn says(text: &str, word: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.match_indices(word).any(|(at, _)| {
        let begins_large = text[at..].starts_with(|c: char| c.is_uppercase());
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphabetic() || (begins_large && c.is_lowercase()))
    })
}

/// Everything about a link that can say what it is.
struct Said {
    target: Url,
    /// The last part of its path, decoded.
    name: String,
    text: String,
    /// Its title, label and type.
    words: String,
}

impl Said {
    fn is_spreadsheet(&self, spec: &PageSpec) -> bool {
        match self.name.to_lowercase().rsplit_once('.') {
            Some((_, ending)) if spec.endings.iter().any(|known| known == ending) => true,
            // Another file, or a page.
            Some((_, ending)) if ending.len() <= 5 && ending.chars().all(|c| c.is_ascii_alphanumeric()) => {
                false
            }
            _ => {
                let said = format!("{} {}", self.text, self.words).to_lowercase();
                spec.says_spreadsheet.iter().any(|word| said.contains(word))
            }
        }
    }

    /// The one kind that the first of its texts to say any says.
    fn kind(&self, kinds: &[LinkKind], around: &str) -> Option<String> {
        let text = format!("{} {}", self.text, self.words);
        [self.name.as_str(), &text, around].into_iter().find_map(|text| {
            let mut said = kinds.iter().filter(|kind| kind.words.iter().any(|word| says(text, word)));
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
            (r#"<a href="/doclib/ICE-spending-2026.xlsx">x</a>"#, None),
            (r#"<a href="/doclib/icePending2026.xlsx">x</a>"#, Some("pending")),
            (r#"<a href="/a.xlsx"><div>Pending</div><div>agencies</div></a>"#, Some("pending")),
            (r#"<div>newest: <a href="/participating.xlsx">list</div></body>"#, Some("participating")),
            (r#"<a href="/x">x<a href="/pending.xlsx">y"#, Some("pending")),
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
            r#"<script>var a = '<a href="/participating.xlsx">x</a>'</script>"#,
        ] {
            assert!(found(html).links.is_empty(), "{html}");
        }
    }

    /// What would make a tree of millions of nodes, or be gone through once for every link, is gone through once.
    #[test]
    fn a_page_made_to_be_large_is_gone_through_once() {
        let nested: String = (0..1_000).map(|n| format!("<b a={n}>")).collect();
        let text = "<div>x</div>".repeat(200_000);
        let anchors = "<a href=/a>participating pending </a>".repeat(50_000);
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
        let spec = FetchSpec::load(&SpecFiles::default()).unwrap().page;
        assert_eq!(links.missing(&spec), ["participating"]);
        assert!(links.described().contains("pending1.xlsx \"a\" (pending)"), "{}", links.described());
    }
}
