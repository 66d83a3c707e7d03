//! The listeners to a page as it is read, and how its texts are joined.

use html5gum::StartTag;

/// Something that listens to a walk over a page.
pub trait Listener {
    /// Takes a start tag; `is_block` where it begins a piece of text of its own.
    fn start(&mut self, tag: &StartTag<()>, is_block: bool);
    fn end(&mut self, name: &[u8], is_block: bool);
    fn text(&mut self, text: &str);
}

/// The value of a tag's attribute; empty where it has none.
pub fn attribute(tag: &StartTag<()>, name: &[u8]) -> String {
    let value = tag.attributes.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
    value.unwrap_or_default()
}

/// Adds a text with single spaces, up to `limit` bytes. A longer one is cut between words and ends with an ellipsis,
/// after which nothing is added. Texts without a space between them are one word, as on the page: `<b>JEM</b>,`.
pub fn add_words(to: &mut String, text: &str, limit: usize) {
    if to.ends_with(CUT) {
        return;
    }
    let mut is_glued = !text.starts_with(char::is_whitespace);
    for word in text.split_whitespace() {
        if to.len() + word.len() + 1 + CUT.len_utf8() > limit {
            to.truncate(to.trim_end().len());
            to.push(CUT);
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

/// The ellipsis at the end of a text that was cut.
pub const CUT: char = '…';

/// Adds a space, unless the text is empty, was cut or ends with one.
pub fn add_space(to: &mut String) {
    if !to.is_empty() && !to.ends_with([' ', CUT]) {
        to.push(' ');
    }
}
