//! Statements of ICE's page: what it says in words that its list holds. An answer key with every fetch.

use html5gum::StartTag;
use sha2::{Digest, Sha256};

use super::facts::Source;
use super::read::{Listener, add_words, attribute};
pub use super::sentence::{Figure, Stated};
use super::sentence::{read, segments};
use crate::normalise::withhold_mailboxes;
use crate::spec::hex;
use crate::words::{ListKind, ModelGroup};

/// Bytes of a statement.
pub const STATEMENT_BYTES: usize = 2_000;
/// Statements of a page; ICE's has two.
const STATEMENTS: usize = 40;

/// One statement, of one kind of list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// sha256 over kind and text, first 12 hex digits.
    pub id: String,
    /// `None` where no figure could be read.
    pub kind: Option<ListKind>,
    /// Of when it speaks; `None` where that is not plain.
    pub stated: Option<Stated>,
    /// The words that say it.
    pub stated_printed: Option<String>,
    /// Ascending by group, each once.
    pub figures: Vec<Figure>,
    /// What could not be read, in words.
    pub unread: Vec<String>,
    /// The text as printed, its spaces made one.
    pub text: String,
    /// When the page says it was updated, as its markup has it.
    pub updated: Option<String>,
    pub source: Source,
}

impl Statement {
    /// The statements of a text: one a kind of list that it speaks of.
    pub fn read(text: &str, updated: Option<&str>, source: &Source) -> Vec<Self> {
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

    /// Agreements that it gives a group of models, if it does.
    pub fn agreements(&self, group: ModelGroup) -> Option<i64> {
        self.figures.iter().find(|figure| figure.group == group)?.agreements
    }

    /// Agreements of all models: as stated, or where only every model's are, their sum (`false`).
    pub fn total(&self) -> Option<(i64, bool)> {
        if let Some(total) = self.agreements(ModelGroup::All) {
            return Some((total, true));
        }
        let models: Vec<i64> = self.figures.iter().filter_map(|figure| figure.agreements).collect();
        let sum = models.iter().try_fold(0_i64, |sum, count| sum.checked_add(*count))?;
        // What was not read may be a model.
        (!models.is_empty() && self.unread.is_empty()).then_some((sum, false))
    }
}

/// Gathers statements and the time of the page's update.
#[derive(Default)]
pub struct StatementReader {
    block: String,
    texts: Vec<String>,
    updated: Option<String>,
}

impl StatementReader {
    fn finish_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        let lower = block.to_lowercase();
        let counts = ["agreement", "moa", "memorand", "application"];
        if lower.contains("as of") && counts.iter().any(|word| lower.contains(word)) {
            let room = STATEMENTS.saturating_sub(self.texts.len());
            self.texts.extend(segments(&withhold_mailboxes(&block)).into_iter().take(room));
        }
    }

    /// The statements and the update.
    pub fn finish(mut self) -> (Vec<String>, Option<String>) {
        self.finish_block();
        (self.texts, self.updated)
    }
}

impl Listener for StatementReader {
    fn start(&mut self, tag: &StartTag<()>, is_block: bool) {
        if is_block {
            self.finish_block();
        } else if &**tag.name == b"time" {
            // Of several the last: the page's own stands at its end. Only what is a time is kept.
            let time = attribute(tag, b"datetime");
            if time.parse::<jiff::Timestamp>().is_ok() {
                self.updated = Some(time);
            }
        }
    }

    fn end(&mut self, _: &[u8], is_block: bool) {
        if is_block {
            self.finish_block();
        }
    }

    fn text(&mut self, text: &str) {
        add_words(&mut self.block, text, STATEMENT_BYTES);
    }
}
