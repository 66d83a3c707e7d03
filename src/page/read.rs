//! Walks once over a page's tags and texts, and passes them to the listeners.

use encoding_rs::{Encoding, WINDOWS_1252};
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

use super::links::{LinkReader, Links};
use super::listener::{Listener, add_words};
use super::statement::StatementReader;
use super::table::{PageTable, TableReader};
use crate::mailboxes::withhold_mailboxes;
use crate::spec::{Layouts, PageSpec};

/// Most bytes of a title.
const TITLE_BYTES: usize = 120;

/// Elements whose content is a piece of text of its own.
const BLOCKS: [&[u8]; 26] = [
    b"p", b"li", b"ul", b"ol", b"dl", b"dt", b"dd", b"td", b"th", b"tr", b"div", b"section", b"article",
    b"h1", b"h2", b"h3", b"h4", b"h5", b"h6", b"table", b"caption", b"header", b"footer", b"nav", b"main",
    b"br",
];

/// The content of a page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The title, which shows whether this is the wanted page or one that keeps the program out.
    pub title: String,
    pub links: Links,
    /// Sentences that say what a list holds, as printed, in the page's order.
    pub statements: Vec<String>,
    /// When the page says it was updated, as its markup has it (RFC 3339 on ICE's).
    pub updated: Option<String>,
    /// The list, where the page has it as a table.
    pub table: Option<PageTable>,
}

/// Reads the page of an address.
pub fn read_page(html: &str, address: &Url, spec: &PageSpec, layouts: &Layouts) -> Page {
    let mut links = LinkReader::new(address, spec);
    let mut statements = StatementReader::default();
    let mut tables = TableReader::new(layouts, address);
    let mut head = HeadReader::default();
    let mut emitter = DefaultEmitter::default();
    // Text in a script is not a tag.
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
        title: withhold_mailboxes(head.title.trim()).into_owned(),
        links: links.finish(),
        statements: texts,
        updated,
        table: tables.finish(),
    }
}

/// Decodes a page's bytes in the encoding that its first bytes, its header or its own markup names; else as UTF-8, or
/// as Windows-1252 where they are not UTF-8.
pub fn page_text(bytes: &[u8], content_type: Option<&str>) -> String {
    /// First bytes in which a page may name its encoding.
    const HEAD: usize = 1_024;
    let named = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let (_, after) = lower.split_once("charset")?;
        let label =
            after.trim_start_matches([' ', '=', '"', '\'']).split(['"', '\'', ';', '>', ' ', '/']).next()?;
        Encoding::for_label(label.as_bytes())
    };
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).into_owned();
    let by_bytes = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let said = by_bytes.or_else(|| content_type.and_then(named)).or_else(|| named(&head));
    match (said, std::str::from_utf8(bytes)) {
        (Some(encoding), _) => encoding.decode(bytes).0.into_owned(),
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

/// Returns the title of a page, or of the first part of one; empty where it has none.
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

/// Gathers the title of a page.
#[derive(Default)]
struct HeadReader {
    title: String,
    in_title: bool,
}

impl Listener for HeadReader {
    fn start(&mut self, tag: &StartTag<()>, _: bool) {
        self.in_title |= **tag.name == *b"title" && self.title.is_empty();
    }

    fn end(&mut self, name: &[u8], _: bool) {
        self.in_title &= name != b"title";
    }

    fn text(&mut self, text: &str) {
        if self.in_title {
            add_words(&mut self.title, text, TITLE_BYTES);
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
            (&["one two three four", " five"], "one two…"),
        ] {
            let mut to = String::new();
            texts.iter().for_each(|text| add_words(&mut to, text, 14));
            assert_eq!(to, expected);
        }
        assert_eq!(title_of("<title> Access\n Denied </title><h1>x</h1>").trim(), "Access Denied");
        assert_eq!(title_of("no page"), "");
        let utf16: Vec<u8> =
            std::iter::once(0xFEFF_u16).chain("naïve".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for (bytes, header) in [
            ("naïve".as_bytes(), None),
            (b"na\xEFve".as_slice(), None),
            (b"na\xEFve", Some("text/html; charset=ISO-8859-1")),
            (&utf16, Some("text/html")),
        ] {
            assert_eq!(page_text(bytes, header), "naïve", "{bytes:?}");
        }
        assert!(page_text(b"<meta charset=\"windows-1252\">na\xEFve", None).ends_with("naïve"));
    }

    proptest! {
        /// No page makes the reader panic, or gives anything longer than its bounds.
        #[test]
        fn any_page_is_read(pieces in prop::collection::vec(prop::sample::select(vec![
            "<table>", "</table>", "<tr>", "</tr>", "<td>", "<th>STATE", "<th>LAW ENFORCEMENT AGENCY", "<th>SUPPORT TYPE",
            "<th>SIGNED", "<th>MOA", "<a href=/participating>", "</a>", "<a href='http://['>", "<base href=\"//x/\">", "<p>",
            "</p>", "<template>", "</template>", "<!--", "-->", "<script>", "</script>", "As of May 5, 2026, ", "As of ",
            "at 99 p.m. ", "ICE has signed ", "1,2,3 ", "99999999999999999999 ", "agreements ", "in nine states. ", "pending ",
            "JEM ", "<time datetime=x>", "\u{1F600}", "é", "\u{0}", "<title>", "<h1>", "<", "&", "&#x110000;", "\"", "a@b.gov ", "<li>", "</li>", "signed: ",
        ]), 0..60), many in 0_usize..400) {
            let pieces = [pieces, vec!["x@y.z "; many], vec!["agreements"]].concat();
            let files = SpecFiles::default();
            let (spec, layouts) = (FetchSpec::load(&files).unwrap().page, Specs::load(&files).unwrap().layouts);
            let page = read_page(&pieces.concat(), &spec.url, &spec, &layouts);
            prop_assert!(page.title.len() <= 10 * TITLE_BYTES && !page.title.contains('@'));
            for text in &page.statements {
                let source = crate::page::StatementSource { name: String::new(), url: String::new() };
                prop_assert!(text.len() <= crate::page::STATEMENT_BYTES && !text.contains('@'), "{text}");
                prop_assert!(!crate::page::Statement::read(text, None, &source).is_empty());
            }
            if let Some(table) = &page.table {
                prop_assert!(csv::Reader::from_reader(table.tidy().as_slice()).records().all(|row| row.is_ok()));
            }
        }
    }
}
