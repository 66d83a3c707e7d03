//! The attributes of an element, and the numbers and spaces in them. Every cell has some, so they are read byte by
//! byte, without memory of their own.

/// The attributes of a start tag, each with its value as it is written.
pub struct Attributes<'a> {
    left: &'a str,
}

impl<'a> Attributes<'a> {
    /// Takes the text between an element's name and its end.
    pub fn of(tag: &'a str) -> Self {
        Self { left: tag }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<(&'a str, &'a str), &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.left.as_bytes();
        // The common form of a cell's attribute: one space, one letter, double quotes.
        if let [b' ', b'a'..=b'z', b'=', b'"', value @ ..] = bytes
            && let Some(length) = value.iter().position(|byte| *byte == b'"')
            && value.get(length + 1).is_none_or(|byte| *byte == b' ')
        {
            let found = (&self.left[1..2], &self.left[4..4 + length]);
            self.left = &self.left[length + 5..];
            return Some(Ok(found));
        }
        let after_spaces = |mut at: usize| {
            while bytes.get(at).is_some_and(is_space) {
                at += 1;
            }
            at
        };
        let start = after_spaces(0);
        if start == bytes.len() {
            return None;
        }
        let left = std::mem::take(&mut self.left);
        let is_of_name = |byte: &u8| !matches!(byte, b'=' | b'"' | b'\'' | b'<') && !is_space(byte);
        let name = bytes[start..].iter().take_while(|byte| is_of_name(byte)).count();
        if name == 0 {
            return Some(Err("has an attribute without a name"));
        }
        let equals = after_spaces(start + name);
        if bytes.get(equals) != Some(&b'=') {
            return Some(Err("has an attribute without a value"));
        }
        let quote = after_spaces(equals + 1);
        let sign = bytes.get(quote).copied().filter(|sign| matches!(sign, b'"' | b'\''));
        let Some(length) = sign.and_then(|sign| memchr::memchr(sign, &bytes[quote + 1..])) else {
            return Some(Err("has an attribute whose value is not quoted"));
        };
        let end = quote + 1 + length;
        if bytes.get(end + 1).is_some_and(|byte| !is_space(byte)) {
            return Some(Err("has no space between two attributes"));
        }
        self.left = &left[end + 1..];
        Some(Ok((&left[start..start + name], &left[quote + 1..end])))
    }
}

/// Whether a byte is a space in XML.
pub fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Reads a number as XML writes one: digits, with nothing but spaces around them.
pub fn number(text: &str) -> Option<u64> {
    let digits = trimmed(text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// The text without XML's spaces at its ends.
pub fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(is_space) && !bytes.last().is_some_and(is_space) {
        return text;
    }
    text.trim_matches([' ', '\t', '\r', '\n'])
}
