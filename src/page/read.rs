//! One walk over a page's tags and texts, and who listens to it.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

use super::links::{LinkReader, Links};
use super::statement::StatementReader;
use super::table::{PageTable, TableReader};
use crate::spec::{Layouts, PageSpec};

/// Characters of a title.
const TITLE_CHARS: usize = 120;

/// Elements that begin and end a piece of text of their own.
const BLOCKS: [&[u8]; 26] = [
    b"p", b"li", b"ul", b"ol", b"dl", b"dt", b"dd", b"td", b"th", b"tr", b"div", b"section", b"article",
    b"h1", b"h2", b"h3", b"h4", b"h5", b"h6", b"table", b"caption", b"header", b"footer", b"nav", b"main",
    b"br",
];

/// What a page has.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub title: String,
    /// Texts of headings and title, for telling a page that keeps the program out from the one that was wanted.
    pub headings: Vec<String>,
    pub links: Links,
    /// Sentences that say what a list holds, as they stand, in their order.
    pub statements: Vec<String>,
    /// When the page says it was updated, as its markup has it (RFC 3339 on ICE's).
    pub updated: Option<String>,
    /// The list, where the page has it as a table.
    pub table: Option<PageTable>,
}

/// Something that listens to a walk over a page.
pub trait Listener {
    /// A tag; `is_block` where it begins a piece of text of its own.
    fn start(&mut self, tag: &StartTag<()>, is_block: bool);
    fn end(&mut self, name: &[u8], is_block: bool);
    fn text(&mut self, text: &str);
}

/// Reads the page of an address.
pub fn read_page(html: &str, address: &Url, spec: &PageSpec, layouts: &Layouts) -> Page {
    let mut links = LinkReader::new(address, spec);
    let mut statements = StatementReader::default();
    let mut tables = TableReader::new(layouts, address);
    let mut head = HeadReader::default();
    let mut emitter = DefaultEmitter::default();
    // What stands in a script is no tag.
    emitter.naively_switch_states(true);
    let mut templates = 0_usize;
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        let listeners: [&mut dyn Listener; 4] = [&mut links, &mut statements, &mut tables, &mut head];
        match token {
            Token::StartTag(tag) if **tag.name == *b"template" => templates += usize::from(!tag.self_closing),
            Token::EndTag(tag) if **tag.name == *b"template" => templates = templates.saturating_sub(1),
            _ if templates > 0 => {}
            Token::StartTag(tag) => {
                let is_block = BLOCKS.contains(&&**tag.name);
                listeners.into_iter().for_each(|listener| listener.start(&tag, is_block));
            }
            Token::EndTag(tag) => {
                let is_block = BLOCKS.contains(&&**tag.name);
                listeners.into_iter().for_each(|listener| listener.end(&tag.name, is_block));
            }
            Token::String(text) => {
                let text = String::from_utf8_lossy(&text);
                listeners.into_iter().for_each(|listener| listener.text(&text));
            }
            _ => {}
        }
    }
    let (texts, updated) = statements.finish();
    Page {
        title: head.title,
        headings: head.headings,
        links: links.finish(),
        statements: texts,
        updated,
        table: tables.finish(),
    }
}

/// The title of a page, or of the first part of one; empty where it has none.
pub fn title_of(html: &str) -> String {
    let mut head = HeadReader::default();
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => head.start(&tag, false),
            Token::EndTag(tag) => head.end(&tag.name, false),
            Token::String(text) => head.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    head.title
}

/// The value of a tag's attribute; empty where it has none.
pub fn attribute(tag: &StartTag<()>, name: &[u8]) -> String {
    let value = tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
    value.unwrap_or_default()
}

/// Adds a text, its spaces made one, up to `limit` bytes; what the limit cuts off is cut between words. Texts that follow
/// each other without a space are one word, as on the page: `<b>JEM</b>,`.
pub fn add_words(to: &mut String, text: &str, limit: usize) {
    let mut is_glued = !text.starts_with(char::is_whitespace);
    for word in text.split_whitespace() {
        if to.len() + word.len() >= limit {
            return;
        }
        if !is_glued {
            add_space(to);
        }
        to.push_str(word);
        is_glued = false;
    }
    if text.ends_with(char::is_whitespace) {
        add_space(to);
    }
}

/// Adds a space, unless there is one or nothing to stand behind.
pub fn add_space(to: &mut String) {
    if !to.is_empty() && !to.ends_with(' ') {
        to.push(' ');
    }
}

/// Title and headings.
#[derive(Default)]
struct HeadReader {
    title: String,
    headings: Vec<String>,
    within: Option<bool>,
}

/// Headings that are looked at.
const HEADINGS: usize = 8;

impl Listener for HeadReader {
    fn start(&mut self, tag: &StartTag<()>, _: bool) {
        match &**tag.name {
            b"title" if self.title.is_empty() => self.within = Some(true),
            b"h1" | b"h2" if self.headings.len() < HEADINGS => {
                self.within = Some(false);
                self.headings.push(String::new());
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8], _: bool) {
        if matches!(name, b"title" | b"h1" | b"h2") {
            self.within = None;
        }
    }

    fn text(&mut self, text: &str) {
        match self.within {
            Some(true) => add_words(&mut self.title, text, TITLE_CHARS),
            Some(false) => {
                if let Some(heading) = self.headings.last_mut() {
                    add_words(heading, text, TITLE_CHARS);
                }
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::spec::{FetchSpec, SpecFiles, Specs};

    #[test]
    fn texts_are_joined_as_the_page_has_them() {
        for (texts, expected) in [
            (&["JEM", ",", " WSO "][..], "JEM, WSO "),
            (&["  a\n b", "c ", " d"], "a bc d"),
            (&[" ", "a"], "a"),
            (&["one two three"], "one two"),
        ] {
            let mut to = String::new();
            texts.iter().for_each(|text| add_words(&mut to, text, 12));
            assert_eq!(to, expected);
        }
        assert_eq!(title_of("<title> Access\n Denied </title><h1>x</h1>").trim(), "Access Denied");
        assert_eq!(title_of("no page"), "");
    }

    proptest! {
        /// Whatever a page holds: no panic, and nothing longer than its bounds.
        #[test]
        fn any_page_is_read(pieces in prop::collection::vec(prop::sample::select(vec![
            "<table>", "</table>", "<tr>", "</tr>", "<td>", "<th>STATE", "<th>LAW ENFORCEMENT AGENCY", "<th>SUPPORT TYPE",
            "<th>SIGNED", "<th>MOA", "<a href=/participating>", "</a>", "<a href='http://['>", "<base href=\"//x/\">", "<p>",
            "</p>", "<template>", "</template>", "<!--", "-->", "<script>", "</script>", "As of May 5, 2026, ", "As of ",
            "at 99 p.m. ", "ICE has signed ", "1,2,3 ", "99999999999999999999 ", "agreements ", "in nine states. ", "pending ",
            "JEM ", "<time datetime=x>", "\u{1F600}", "é", "\u{0}", "<title>", "<h1>", "<", "&", "&#x110000;", "\"",
        ]), 0..60)) {
            let files = SpecFiles::default();
            let (spec, layouts) = (FetchSpec::load(&files).unwrap().page, Specs::load(&files).unwrap().layouts);
            let page = read_page(&pieces.concat(), &spec.url, &spec, &layouts);
            prop_assert!(page.title.len() <= TITLE_CHARS + 1);
            for text in &page.statements {
                let source = crate::page::Source { name: String::new(), url: String::new() };
                prop_assert!(!crate::page::Statement::read(text, None, &source).is_empty());
            }
            if let Some(table) = &page.table {
                prop_assert!(csv::Reader::from_reader(table.tidy().as_slice()).records().all(|row| row.is_ok()));
            }
        }
    }
}
