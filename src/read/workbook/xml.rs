//! Reads the XML of a workbook's parts, once and within bounds.
//!
//! [`super::encoding`] decodes a part first. Comments, processing instructions and elements of other namespaces are
//! skipped; a document type is refused, for it can expand without end. Elements are counted over the whole workbook, so
//! that no part, however it is written, takes longer than reading some megabytes does.

use std::borrow::Cow;
use std::cell::Cell;

use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::attributes::Attributes;
use crate::acquire::Refusal;
use crate::shown::quoted;

/// Most elements that are read in all parts of a workbook; the archive's workbooks have at most 38,587.
const ELEMENTS: u64 = 3_000_000;

/// Most levels of elements within elements.
const DEPTH: usize = 256;

/// Number of elements that may still be read, in all parts of a workbook.
#[derive(Debug)]
pub struct Budget(Cell<u64>);

impl Budget {
    /// The budget of one workbook.
    pub fn new() -> Self {
        Self(Cell::new(ELEMENTS))
    }

    /// Takes one element.
    ///
    /// # Errors
    /// No element is left.
    #[inline]
    pub fn spend(&self) -> Result<(), Refusal> {
        let Some(left) = self.0.get().checked_sub(1) else {
            let unit = "cells and other elements, blank ones included";
            return Err(Refusal::TooLarge { what: "the workbook", limit: ELEMENTS, unit });
        };
        self.0.set(left);
        Ok(())
    }
}

/// A walk through a part, element by element.
pub struct Xml<'a> {
    part: &'a str,
    reader: Reader<&'a [u8]>,
    budget: &'a Budget,
    /// Namespaces that are looked for, each with its addresses.
    namespaces: &'static [&'static [&'static str]],
    /// Declared prefixes, each with the depth of its element and the namespace it stands for.
    prefixes: Vec<(usize, String, Option<usize>)>,
    /// The namespace of elements without a prefix.
    unprefixed: Option<usize>,
    /// Byte before which no element but the root declares a prefix.
    declares_from: u64,
    /// Whether the root element declares no namespace: then the part is taken to be of the first one looked for.
    is_bare: bool,
    depth: usize,
}

/// The start of an element of one of the namespaces looked for.
pub struct Tag<'a> {
    start: BytesStart<'a>,
    part: &'a str,
    /// Position of its namespace among those looked for.
    pub namespace: usize,
}

impl<'a> Xml<'a> {
    /// Starts at the beginning of a part.
    pub fn new(
        part: &'a str,
        text: &'a str,
        namespaces: &'static [&'static [&'static str]],
        budget: &'a Budget,
    ) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        // The root element's own declarations stand before its end.
        let is_declared = text.starts_with("<?xml");
        let root = if is_declared { text.find('>').map_or(0, |end| end + 1) } else { 0 };
        let root_end = text[root..].find('>').map_or(text.len(), |end| root + end);
        let declared = memchr::memmem::find(&text.as_bytes()[root_end..], b"xmlns");
        let declares_from = declared.map_or(u64::MAX, |at| (root_end + at) as u64);
        Self {
            part,
            reader,
            budget,
            namespaces,
            prefixes: Vec::new(),
            unprefixed: None,
            declares_from,
            is_bare: false,
            depth: 0,
        }
    }

    /// The refusal of this part as damaged.
    pub fn damaged(&self, what: impl std::fmt::Display) -> Refusal {
        damaged(self.part, what)
    }

    #[inline]
    fn event(&mut self) -> Result<Event<'a>, Refusal> {
        let event = match self.reader.read_event() {
            Ok(event) => event,
            Err(e) => return Err(self.damaged(e)),
        };
        match &event {
            Event::Start(_) => {
                self.budget.spend()?;
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(self.damaged(format_args!("nests more than {DEPTH} elements")));
                }
                return Ok(event);
            }
            Event::End(_) => {
                self.depth -= 1;
                return Ok(event);
            }
            Event::Text(_) if self.depth > 0 => return Ok(event),
            _ => {}
        }
        self.rare(&event)?;
        Ok(event)
    }

    /// Refuses an event that may not stand where it does.
    #[cold]
    fn rare(&self, event: &Event) -> Result<(), Refusal> {
        match event {
            Event::Text(text) if self.depth == 0 && !text.trim_ascii().is_empty() => {
                return Err(self.damaged("has text outside its root element"));
            }
            Event::CData(_) | Event::GeneralRef(_) if self.depth == 0 => {
                return Err(self.damaged("has text outside its root element"));
            }
            Event::DocType(_) => {
                return Err(self.damaged("has a document type, which no spreadsheet program writes"));
            }
            Event::Eof if self.depth > 0 => return Err(self.damaged("ends in the middle of an element")),
            _ => {}
        }
        Ok(())
    }

    /// Goes to the root element.
    ///
    /// # Errors
    /// No root element of the namespaces looked for.
    pub fn root(&mut self) -> Result<Tag<'a>, Refusal> {
        loop {
            match self.event()? {
                Event::Start(start) => {
                    return match self.tag(start)? {
                        Some(tag) => Ok(tag),
                        None => Err(self.damaged("has a root element of no namespace that is known")),
                    };
                }
                Event::Eof => return Err(self.damaged("is empty")),
                _ => {}
            }
        }
    }

    /// Goes to the end of the part: nothing follows the root element.
    ///
    /// # Errors
    /// Something follows.
    pub fn finish(&mut self) -> Result<(), Refusal> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Start(_) => return Err(self.damaged("has more than one root element")),
                _ => {}
            }
        }
    }

    /// Returns the next element within the current one; `None` at its end.
    ///
    /// # Errors
    /// XML that is not well formed, text where only elements may stand, or exceeded bounds.
    pub fn child(&mut self) -> Result<Option<Tag<'a>>, Refusal> {
        loop {
            match self.event()? {
                Event::Start(start) => {
                    if let Some(tag) = self.tag(start)? {
                        return Ok(Some(tag));
                    }
                    self.skip()?;
                }
                Event::End(_) => {
                    self.close();
                    return Ok(None);
                }
                Event::Text(text) if text.trim_ascii().is_empty() => {}
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(self.damaged("has text between elements, where none may stand"));
                }
                _ => {}
            }
        }
    }

    /// Skips the rest of the current element.
    ///
    /// # Errors
    /// As [`Self::child`].
    pub fn skip(&mut self) -> Result<(), Refusal> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.event()?;
        }
        self.close();
        Ok(())
    }

    /// Adds the text of the current element to `found` and ends it; elements of other namespaces are skipped.
    ///
    /// # Errors
    /// As [`Self::child`].
    pub fn text(&mut self, found: &mut String) -> Result<(), Refusal> {
        loop {
            match self.event()? {
                Event::Text(text) => found.push_str(&text.xml10_content()),
                Event::CData(text) => found.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => self.push_reference(&reference, found)?,
                Event::Start(start) => match self.tag(start)? {
                    Some(tag) => {
                        return Err(
                            self.damaged(format_args!("has an element {} within a text", quoted(tag.name())))
                        );
                    }
                    None => self.skip()?,
                },
                Event::End(_) => {
                    self.close();
                    return Ok(());
                }
                _ => {}
            }
        }
    }

    /// Returns the next text or element within the current element; `None` at its end.
    ///
    /// # Errors
    /// As [`Self::child`].
    pub fn piece(&mut self) -> Result<Option<Piece<'a>>, Refusal> {
        loop {
            match self.event()? {
                Event::Text(text) => return Ok(Some(Piece::Text(text.xml10_content()))),
                Event::CData(text) => return Ok(Some(Piece::Text(text.xml10_content()))),
                Event::GeneralRef(reference) => {
                    let mut text = String::new();
                    self.push_reference(&reference, &mut text)?;
                    return Ok(Some(Piece::Text(text.into())));
                }
                Event::Start(start) => match self.tag(start)? {
                    Some(tag) => return Ok(Some(Piece::Tag(tag))),
                    None => self.skip()?,
                },
                Event::End(_) => {
                    self.close();
                    return Ok(None);
                }
                _ => {}
            }
        }
    }

    fn push_reference(&self, reference: &BytesRef, found: &mut String) -> Result<(), Refusal> {
        if let Some(c) = reference.resolve_char_ref().map_err(|e| self.damaged(e))? {
            if (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}') {
                return Err(self.damaged("refers to a character that XML does not allow"));
            }
            found.push(c);
            return Ok(());
        }
        let text = resolve_xml_entity(reference).ok_or_else(|| {
            self.damaged(format_args!(
                "has an entity {} that is not known",
                quoted(&format!("&{};", &**reference))
            ))
        })?;
        found.push_str(text);
        Ok(())
    }

    /// Forgets the prefixes of an element that has ended.
    #[inline]
    fn close(&mut self) {
        if self.prefixes.last().is_some_and(|(depth, _, _)| *depth > self.depth) {
            self.prefixes.retain(|(depth, _, _)| *depth <= self.depth);
            self.unprefixed = self.namespace_of("");
        }
    }

    /// Returns the start of an element, if its namespace is one looked for.
    #[inline]
    fn tag(&mut self, start: BytesStart<'a>) -> Result<Option<Tag<'a>>, Refusal> {
        let may_declare = self.depth == 1 || self.reader.buffer_position() > self.declares_from;
        if may_declare && start.attributes_raw().contains("xmlns") {
            self.declare(&start)?;
        }
        if self.depth == 1 {
            self.is_bare = self.prefixes.is_empty();
            self.unprefixed = self.namespace_of("");
        }
        let namespace = match start.name().prefix() {
            None => self.unprefixed,
            Some(prefix) => self.namespace_of(prefix.as_ref()),
        };
        Ok(namespace.map(|namespace| Tag { start, part: self.part, namespace }))
    }

    /// Returns the namespace that a prefix stands for, if it is one looked for.
    fn namespace_of(&self, prefix: &str) -> Option<usize> {
        match self.prefixes.iter().rev().find(|(_, known, _)| known == prefix) {
            Some((_, _, namespace)) => *namespace,
            None => (self.is_bare && prefix.is_empty()).then_some(0),
        }
    }

    fn declare(&mut self, start: &BytesStart) -> Result<(), Refusal> {
        for attribute in Attributes::of(start.attributes_raw()) {
            let (key, value) = attribute.map_err(|e| self.damaged(e))?;
            let prefix = match key.strip_prefix("xmlns") {
                Some("") => "",
                Some(prefixed) if prefixed.starts_with(':') => &prefixed[1..],
                _ => continue,
            };
            let address = unescape(value).map_err(|e| self.damaged(e))?;
            let namespace = self.namespaces.iter().position(|addresses| addresses.contains(&address.trim()));
            let again = |(depth, known, _): &(usize, String, _)| *depth == self.depth && known == prefix;
            if self.prefixes.iter().any(again) || self.prefixes.len() >= DEPTH {
                return Err(self.damaged("declares a prefix twice, or too many"));
            }
            self.prefixes.push((self.depth, prefix.to_owned(), namespace));
        }
        self.unprefixed = self.namespace_of("");
        Ok(())
    }
}

/// A piece of an element: text, or an element within it.
pub enum Piece<'a> {
    Text(Cow<'a, str>),
    Tag(Tag<'a>),
}

impl Tag<'_> {
    /// The prefix of the name; empty where it has none.
    pub fn prefix(&self) -> &str {
        self.start.name().prefix().map_or("", |prefix| prefix.into_inner())
    }

    /// The name without its prefix.
    pub fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// Returns the values of the attributes with these names. A name that begins with a colon matches any prefix: `:id`
    /// finds `r:id`.
    ///
    /// # Errors
    /// An attribute that is there twice, or is not well formed.
    pub fn attributes<const N: usize>(&self, names: [&str; N]) -> Result<[Option<Cow<'_, str>>; N], Refusal> {
        let mut found = [const { None }; N];
        for attribute in Attributes::of(self.start.attributes_raw()) {
            let (key, value) = attribute.map_err(|e| damaged(self.part, e))?;
            let is_this = |name: &&str| match name.strip_prefix(':') {
                Some(local) => {
                    key.split_once(':').is_some_and(|(prefix, own)| prefix != "xmlns" && own == local)
                }
                None => key == *name,
            };
            let Some(at) = names.iter().position(is_this) else { continue };
            let value = unescape(value).map_err(|e| damaged(self.part, e))?;
            if found[at].replace(value).is_some() {
                return Err(damaged(self.part, format_args!("has an element with {} twice", quoted(key))));
            }
        }
        Ok(found)
    }

    /// The value of one attribute.
    ///
    /// # Errors
    /// As [`Self::attributes`].
    pub fn attribute(&self, name: &str) -> Result<Option<Cow<'_, str>>, Refusal> {
        let [value] = self.attributes([name])?;
        Ok(value)
    }
}

/// The refusal of a part as damaged.
pub fn damaged(part: &str, what: impl std::fmt::Display) -> Refusal {
    Refusal::Damaged { message: format!("{part}: {what}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMESPACES: &[&[&str]] = &[&["urn:a"], &["urn:b"]];

    /// Names of the elements that are found, each with its namespace and its attribute `x`.
    fn found(xml: &str) -> Result<String, String> {
        let budget = Budget::new();
        let mut walk = Xml::new("part.xml", xml, NAMESPACES, &budget);
        let mut said = String::new();
        let mut all = || {
            let root = walk.root()?;
            said.push_str(&format!("{}{}", root.name(), root.namespace));
            let mut open = 0;
            loop {
                match walk.child()? {
                    Some(tag) => {
                        let x = tag.attribute("x")?.map_or_else(String::new, |x| format!("={x}"));
                        said.push_str(&format!(" {}{}{x}", tag.name(), tag.namespace));
                        open += 1;
                    }
                    None if open == 0 => return walk.finish(),
                    None => open -= 1,
                }
            }
        };
        all().map(|()| said).map_err(|refusal: Refusal| refusal.to_string())
    }

    #[test]
    fn elements_of_the_namespaces_are_found_and_others_passed_over() {
        for (xml, expected) in [
            ("<r><c x='1'/></r>", "r0 c0=1"),
            (
                "<?xml version='1.0'?><!-- > --><r xmlns='urn:a' xmlns:b='urn:b'><b:c x = \"&lt;1\"/><d/></r>",
                "r0 c1=<1 d0",
            ),
            ("<r xmlns='urn:a'><o:c xmlns:o='urn:other'><d/></o:c><e/></r>", "r0 e0"),
            ("<r xmlns='urn:a'><c xmlns='urn:other'><d/></c><e/></r>", "r0 e0"),
            ("<r xmlns='urn:a'><c xmlns='urn:b'><d/></c><e/></r>", "r0 c1 d1 e0"),
            ("<a:r xmlns:a='urn:a'><a:c/><c/></a:r>", "r0 c0"),
            ("<r xmlns='urn:a'><!-- <d/> --><?pi <e/>?></r>\n", "r0"),
            ("<r><!-- <?xml > --><c xmlns='urn:other'/><d/></r>", "r0 d0"),
            ("<r><c xmlns:q='urn:q'/></r>", "r0 c0"),
        ] {
            assert_eq!(found(xml).as_deref(), Ok(expected), "{xml}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_damaged() {
        let deep = format!("<r>{}", "<c>".repeat(300));
        for (xml, expected) in [
            ("", "is empty"),
            ("<r>", "ends in the middle"),
            ("<r></q>", "part.xml"),
            ("<r/><r/>", "more than one root element"),
            ("<r/>text", "text outside"),
            ("<r>text</r>", "text between elements"),
            ("<!DOCTYPE r [<!ENTITY a 'b'>]><r/>", "document type"),
            ("<r xmlns='urn:other'/>", "no namespace that is known"),
            ("<r xmlns='urn:a' xmlns='urn:b'/>", "a prefix twice"),
            ("<r><c x='1' x='2'/></r>", "\"x\" twice"),
            ("<r><c x=1/></r>", "not quoted"),
            ("<r><c x/></r>", "without a value"),
            ("<r><c y='1'x='2'/></r>", "no space between"),
            ("<r><c x='&nbsp;'/></r>", "part.xml"),
            (&deep, "nests more than 256"),
        ] {
            let said = found(xml).unwrap_err();
            assert!(said.contains(expected), "{xml}: {said}");
        }
    }

    #[test]
    fn elements_are_counted_over_all_parts() {
        let budget = Budget(Cell::new(3));
        for (round, is_within) in [(1, true), (2, false)] {
            let mut walk = Xml::new("part.xml", "<r><c/></r>", NAMESPACES, &budget);
            let read = walk.root().and_then(|_| walk.skip());
            assert_eq!(read.is_ok(), is_within, "{round}");
        }
    }
}
