//! A part of a package as text with its elements' places, so that single places can be changed
//! while every other byte stays as it was.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::Event;

/// A part, and where its elements stand in it.
#[derive(Debug)]
pub(crate) struct Xml {
    /// The part, as it is in the package.
    pub text: String,
    elements: Vec<Element>,
}

/// Where an element stands in the text of its part.
#[derive(Debug)]
struct Element {
    /// The element that it stands in; none for the root.
    parent: Option<usize>,
    /// All of it, with its tags.
    outer: Range<usize>,
    /// Between its tags; empty, at the end of its tag, where it has only one.
    inner: Range<usize>,
    is_empty: bool,
}

/// The element that everything else stands in.
pub(crate) const ROOT: usize = 0;

impl Xml {
    /// Reads `text`; none where it is no well-formed XML.
    pub fn read(mut text: String) -> Option<Xml> {
        // The reader does not count a byte order mark among the places.
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        let mut elements: Vec<Element> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut reader = Reader::from_str(&text);
        loop {
            let start = reader.buffer_position() as usize;
            let event = reader.read_event().ok()?;
            let end = reader.buffer_position() as usize;
            match event {
                Event::Start(_) | Event::Empty(_) => {
                    let is_empty = matches!(event, Event::Empty(_));
                    let parent = open.last().copied();
                    if !is_empty {
                        open.push(elements.len());
                    }
                    let (outer, inner) = (start..end, end..end);
                    elements.push(Element { parent, outer, inner, is_empty });
                }
                Event::End(_) => {
                    let element = &mut elements[open.pop()?];
                    element.inner.end = start;
                    element.outer.end = end;
                }
                Event::Eof => break,
                _ => {}
            }
        }
        (open.is_empty() && !elements.is_empty()).then_some(Xml { text, elements })
    }

    /// The same with two tags for the root where it has only one, so that something can stand in it.
    pub fn opened(self) -> Xml {
        if !self.elements[ROOT].is_empty {
            return self;
        }
        let mut edits = Edits::default();
        self.append(&mut edits, ROOT, "");
        Xml::read(edits.of(&self.text)).unwrap_or(self)
    }

    /// The elements right inside of `parent`, in their order.
    pub fn children(&self, parent: usize) -> impl Iterator<Item = usize> {
        let end = self.elements[parent].outer.end;
        let inside = (parent + 1..self.elements.len())
            .take_while(move |&at| self.elements[at].outer.start < end);
        inside.filter(move |&at| self.elements[at].parent == Some(parent))
    }

    /// The first element called `name` (without its prefix) right inside of `parent`.
    pub fn child(&self, parent: usize, name: &str) -> Option<usize> {
        self.children(parent).find(|&at| self.name(at) == name)
    }

    /// All elements called `name`, wherever they stand.
    pub fn all(&self, name: &str) -> impl Iterator<Item = usize> {
        (0..self.elements.len()).filter(move |&at| self.name(at) == name)
    }

    /// The name of an element without its prefix.
    pub fn name(&self, element: usize) -> &str {
        let name = self.qualified(element);
        name.rsplit_once(':').map_or(name, |(_, name)| name)
    }

    /// What the names of an element and of its like begin with: `x:`, mostly nothing.
    pub fn prefix(&self, element: usize) -> &str {
        let name = self.qualified(element);
        &name[..name.rfind(':').map_or(0, |at| at + 1)]
    }

    fn qualified(&self, element: usize) -> &str {
        let tag = &self.text[self.elements[element].outer.start + 1..];
        let end = tag.find(|c: char| c.is_whitespace() || c == '/' || c == '>');
        &tag[..end.unwrap_or(tag.len())]
    }

    /// The element with its tags.
    pub fn outer(&self, element: usize) -> &str {
        &self.text[self.elements[element].outer.clone()]
    }

    /// What stands between its tags, as it is written.
    pub fn inner(&self, element: usize) -> &str {
        &self.text[self.elements[element].inner.clone()]
    }

    /// Where the element stands.
    pub fn place(&self, element: usize) -> Range<usize> {
        self.elements[element].outer.clone()
    }

    /// Its tag, or its first one if it has two.
    pub fn tag(&self, element: usize) -> &str {
        &self.text[self.elements[element].outer.start..self.tag_end(element)]
    }

    /// Where that ends.
    pub fn tag_end(&self, element: usize) -> usize {
        self.elements[element].inner.start
    }

    /// The value of the attribute called `key`, with its prefix.
    pub fn attribute(&self, element: usize, key: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.attributes(element).find(|(known, _)| *known == key)?;
        unescape(value).ok()
    }

    /// The attribute of the relationships' namespace called `id`: `("r:id", "rId1")`.
    pub fn relation(&self, element: usize) -> Option<(&str, &str)> {
        self.attributes(element).find(|(key, _)| key.ends_with(":id"))
    }

    /// The attributes of an element as they are written.
    pub fn attributes(&self, element: usize) -> impl Iterator<Item = (&str, &str)> {
        self.attribute_places(element).map(|(key, value)| (&self.text[key], &self.text[value]))
    }

    /// Where the value of the attribute called `key` stands.
    pub fn value_place(&self, element: usize, key: &str) -> Option<Range<usize>> {
        let mut places = self.attribute_places(element);
        places.find(|(known, _)| self.text[known.clone()] == *key).map(|(_, value)| value)
    }

    /// Where the names and the values of the attributes stand.
    fn attribute_places(
        &self,
        element: usize,
    ) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let end = self.elements[element].inner.start;
        let mut at = self.elements[element].outer.start + 1 + self.qualified(element).len();
        std::iter::from_fn(move || {
            let rest = &self.text[at..end];
            let key = at + (rest.len() - rest.trim_start().len());
            let equals = key + self.text[key..end].find('=')?;
            let key = key..key + self.text[key..equals].trim_end().len();
            let rest = &self.text[equals + 1..end];
            let quote = rest.trim_start().chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let value = equals + 1 + rest.find(quote)? + 1;
            let close = value + self.text[value..end].find(quote)?;
            at = close + 1;
            Some((key, value..close))
        })
    }

    /// `fragment` (elements of this part's own kind, without prefixes) as it must be written in the
    /// element `inside`.
    pub fn in_prefix<'a>(&self, inside: usize, fragment: &'a str) -> Cow<'a, str> {
        let prefix = self.prefix(inside);
        if prefix.is_empty() {
            return Cow::Borrowed(fragment);
        }
        let mut out = String::with_capacity(fragment.len() + 16);
        let mut rest = fragment;
        while let Some(at) = rest.find('<') {
            let name = at + if rest[at + 1..].starts_with('/') { 2 } else { 1 };
            out.push_str(&rest[..name]);
            out.push_str(prefix);
            rest = &rest[name..];
        }
        out.push_str(rest);
        Cow::Owned(out)
    }

    /// Appends `fragment` to what stands in the element.
    pub fn append(&self, edits: &mut Edits, element: usize, fragment: &str) {
        let fragment = self.in_prefix(element, fragment);
        let place = &self.elements[element];
        if place.is_empty {
            let tag = self.outer(element);
            let open = tag[..tag.len() - 2].trim_end();
            let name = self.qualified(element);
            edits.replace(place.outer.clone(), format!("{open}>{fragment}</{name}>"));
        } else {
            edits.insert(place.inner.end, &fragment);
        }
    }
}

/// Changes of a text, in any order; no two of them at places that overlap.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    changes: Vec<(Range<usize>, String)>,
}

impl Edits {
    /// Puts `text` in the place of what stands there.
    pub fn replace(&mut self, place: Range<usize>, text: impl Into<String>) {
        self.changes.push((place, text.into()));
    }

    /// Puts `text` before what stands at `at`.
    pub fn insert(&mut self, at: usize, text: &str) {
        self.changes.push((at..at, text.to_owned()));
    }

    /// `text` with the changes.
    pub fn of(mut self, text: &str) -> String {
        self.changes.sort_by_key(|(place, _)| (place.start, place.end));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (place, new) in self.changes {
            out.push_str(&text[at..place.start]);
            out.push_str(&new);
            at = place.end;
        }
        out.push_str(&text[at..]);
        out
    }
}

/// `value` as it is written in an attribute.
pub(crate) fn escaped(value: &str) -> Cow<'_, str> {
    escape(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = "<?xml version=\"1.0\"?>\n<x:book xmlns:x='m' xmlns:r=\"r\"><x:sheets>\
                        <x:sheet name=\"a &amp; b\" r:id='rId1' /></x:sheets><x:names/></x:book>";

    #[test]
    fn elements_and_attributes_are_found_with_any_prefix() {
        let xml = Xml::read(BOOK.to_owned()).unwrap();
        assert_eq!((xml.name(ROOT), xml.prefix(ROOT)), ("book", "x:"));
        let sheets = xml.child(ROOT, "sheets").unwrap();
        let sheet = xml.child(sheets, "sheet").unwrap();
        assert_eq!(xml.attribute(sheet, "name").unwrap(), "a & b");
        assert_eq!(xml.relation(sheet), Some(("r:id", "rId1")));
        assert_eq!(xml.attribute(sheet, "id"), None);
        assert_eq!(xml.children(ROOT).count(), 2);
        assert_eq!(xml.tag(ROOT), "<x:book xmlns:x='m' xmlns:r=\"r\">");
        assert!(Xml::read("<a><b></a>".to_owned()).is_none());
        assert!(Xml::read("<a>".to_owned()).is_none());
        let marked = Xml::read("\u{feff}<a><b/></a>".to_owned()).unwrap();
        assert_eq!(marked.outer(1), "<b/>");
    }

    #[test]
    fn what_is_appended_takes_the_prefix_and_opens_empty_elements() {
        let xml = Xml::read(BOOK.to_owned()).unwrap();
        let mut edits = Edits::default();
        xml.append(&mut edits, xml.child(ROOT, "names").unwrap(), "<name>1</name>");
        xml.append(&mut edits, xml.child(ROOT, "sheets").unwrap(), "<sheet/>");
        let new = edits.of(&xml.text);
        assert_eq!(
            new,
            BOOK.replace("<x:names/>", "<x:names><x:name>1</x:name></x:names>")
                .replace("' /></x:sheets>", "' /><x:sheet/></x:sheets>")
        );
        assert!(Xml::read(new).is_some());
    }
}
