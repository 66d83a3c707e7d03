//! Statements of ICE's page: sentences that say what its list holds. They are an answer key that comes with every
//! fetch.

use html5gum::StartTag;
use sha2::{Digest, Sha256};

use super::listener::{Listener, add_space, add_words, attribute};
pub use super::sentence::{Figure, Stated};
use super::sentence::{read, segments};
use super::source::StatementSource;
use crate::mailboxes::withhold_mailboxes;
use crate::spec::hex;
use crate::words::{ListKind, ModelGroup};

/// Most bytes of a statement.
pub const STATEMENT_BYTES: usize = 2_000;
/// Most statements of a page; ICE's has two.
const STATEMENTS: usize = 40;

/// One statement, about one kind of list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// sha256 over kind and text, first 12 hex digits.
    pub id: String,
    /// `None` where no figure could be read.
    pub kind: Option<ListKind>,
    /// The time it speaks for; `None` where that is unclear.
    pub stated: Option<Stated>,
    /// The words that give that time.
    pub stated_printed: Option<String>,
    /// Ascending by group, each once.
    pub figures: Vec<Figure>,
    /// The parts that could not be read, in words.
    pub unread: Vec<String>,
    /// The text as printed, with single spaces.
    pub text: String,
    /// When the page says it was updated, as its markup has it.
    pub updated: Option<String>,
    pub source: StatementSource,
}

impl Statement {
    /// Reads the statements of a text: one for each kind of list it is about.
    pub fn read(text: &str, updated: Option<&str>, source: &StatementSource) -> Vec<Self> {
        let text = text.trim();
        let said = read(text);
        let mut kinds: Vec<Option<ListKind>> = said.figures.iter().map(|figure| Some(figure.kind)).collect();
        kinds.sort();
        kinds.dedup();
        if kinds.is_empty() {
            kinds.push(None);
        }
        let of_kind = |kind: Option<ListKind>| {
            let key = format!("{}\n{text}", kind.map_or("", |kind| kind.as_str()));
            Self {
                id: hex(&Sha256::digest(key))[..12].to_owned(),
                kind,
                stated: said.stated,
                stated_printed: said.stated_printed.clone(),
                figures: said.figures.iter().filter(|figure| Some(figure.kind) == kind).copied().collect(),
                unread: said.unread.clone(),
                text: text.to_owned(),
                updated: updated.map(str::to_owned),
                source: source.clone(),
            }
        };
        kinds.into_iter().map(of_kind).collect()
    }

    /// The number of agreements it gives for a group of models, if any.
    pub fn agreements(&self, group: ModelGroup) -> Option<i64> {
        self.figures.iter().find(|figure| figure.group == group)?.agreements
    }

    /// The agreements of all models: the stated total (`true`), else the sum of these models if each is stated
    /// (`false`).
    pub fn total(&self, models: &[ModelGroup]) -> Option<(i64, bool)> {
        if let Some(total) = self.agreements(ModelGroup::All) {
            return Some((total, true));
        }
        // An unread part may be about another model.
        let is_whole = !models.is_empty() && self.unread.is_empty();
        let counts: Option<Vec<i64>> = models.iter().map(|model| self.agreements(*model)).collect();
        Some((counts.filter(|_| is_whole)?.iter().sum(), false))
    }
}

/// Whether a block has an "as of" but does not end its sentence.
fn is_unfinished(block: &str) -> bool {
    block.to_lowercase().contains("as of") && !block.trim_end().ends_with(['.', '!', '?', '…'])
}

/// Gathers statements and the time of the page's update.
#[derive(Default)]
pub struct StatementReader {
    block: String,
    /// Whether the current block is an item of a list.
    in_item: bool,
    /// A block that ends with a colon: the items that follow are part of its statement.
    open: Option<String>,
    texts: Vec<String>,
    updated: Option<String>,
}

impl StatementReader {
    fn finish_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        let block = block.trim();
        if block.is_empty() {
            return;
        }
        if let Some(mut open) = self.open.take() {
            if self.in_item {
                add_space(&mut open);
                add_words(&mut open, block, STATEMENT_BYTES);
                // Items are parts of a sentence, whether or not they end with punctuation.
                if !open.ends_with(['.', ';', ',', '…']) {
                    open.push(';');
                }
                self.open = Some(open);
                return;
            }
            self.take(&open);
        }
        if block.ends_with(':') && is_unfinished(block) {
            self.open = Some(block.to_owned());
        } else {
            self.take(block);
        }
    }

    /// Keeps the statements of a block, if it has an "as of" and counts something.
    fn take(&mut self, block: &str) {
        let lower = block.to_lowercase();
        let counts = ["agreement", "moa", "memorand", "application"];
        if lower.contains("as of") && counts.iter().any(|word| lower.contains(word)) {
            let room = STATEMENTS.saturating_sub(self.texts.len());
            // The text is cut last, for withholding a mailbox can make it longer.
            let whole = segments(&withhold_mailboxes(block)).into_iter().map(|segment| {
                let mut text = String::new();
                add_words(&mut text, &segment, STATEMENT_BYTES);
                text
            });
            self.texts.extend(whole.take(room));
        }
    }

    /// Returns the statements and the time of the update.
    pub fn finish(mut self) -> (Vec<String>, Option<String>) {
        self.finish_block();
        if let Some(open) = self.open.take() {
            self.take(&open);
        }
        (self.texts, self.updated)
    }
}

impl Listener for StatementReader {
    fn start(&mut self, tag: &StartTag<()>, is_block: bool) {
        let name: &[u8] = &tag.name;
        // A footnote's number is not part of the word before it.
        if matches!(name, b"br" | b"sup" | b"sub") {
            add_space(&mut self.block);
        } else if is_block {
            // A sentence that continues in a list stays open, like one that ends with a colon.
            if matches!(name, b"ul" | b"ol") && self.open.is_none() && is_unfinished(&self.block) {
                self.open = Some(std::mem::take(&mut self.block));
            }
            self.finish_block();
            self.in_item = name == b"li";
        } else if name == b"time" {
            // The last of several times counts: the page's own stands at its end. Only a valid time is kept.
            let time = attribute(tag, b"datetime");
            if time.parse::<jiff::Timestamp>().is_ok() {
                self.updated = Some(time);
            }
        }
    }

    fn end(&mut self, name: &[u8], is_block: bool) {
        if matches!(name, b"sup" | b"sub") {
            add_space(&mut self.block);
        } else if is_block && name != b"br" {
            self.finish_block();
            if matches!(name, b"ul" | b"ol")
                && let Some(open) = self.open.take()
            {
                self.take(&open);
            }
        }
    }

    fn text(&mut self, text: &str) {
        add_words(&mut self.block, text, STATEMENT_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use crate::page::read_page;
    use crate::spec::{FetchSpec, SpecFiles, Specs};

    fn statements(html: &str) -> Vec<String> {
        let files = SpecFiles::default();
        let (spec, layouts) = (FetchSpec::load(&files).unwrap().page, Specs::load(&files).unwrap().layouts);
        read_page(html, &spec.url, &spec, &layouts)
            .statements
            .iter()
            .map(|text| text.trim().to_owned())
            .collect()
    }

    #[test]
    fn a_sentence_goes_on_in_the_list_below_it_and_no_further() {
        for (html, expected) in [
            (
                "<p>As of May 18, 2026, ICE has signed:</p><ul><li>160 JEM agreements</li><li>510 WSO agreements</li></ul>\
                 <nav><ul><li>12 JEM agreements</li></ul></nav>",
                "As of May 18, 2026, ICE has signed: 160 JEM agreements; 510 WSO agreements;",
            ),
            (
                "<p>As of May 18, 2026, ICE has signed 325 agreements <ul><li>in Florida</li></ul>",
                "As of May 18, 2026, ICE has signed 325 agreements in Florida;",
            ),
            (
                "<p>As of May 18, 2026,<br>ICE has signed 84<sup>3</sup> agreements.</p><ul><li>5 TFM agreements</li></ul>",
                "As of May 18, 2026, ICE has signed 84 3 agreements.",
            ),
        ] {
            assert_eq!(statements(html), [expected], "{html}");
        }
        assert!(statements("<p>5 agreements</p><p>As of today</p>").is_empty());
    }
}
