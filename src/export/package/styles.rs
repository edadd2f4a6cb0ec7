//! Adding the formats of new sheets to those of a workbook.
//!
//! Cells name their format by its place in a list, so what is there stays where it is and new
//! formats are appended. One that the workbook has already is taken from it: adding the same sheets
//! twice gives the same styles as adding them once.

use std::collections::HashMap;

use super::xml::{Edits, ROOT, Xml, escaped};

/// The lists of a style sheet in the order that the standard wants (ECMA-376, CT_Stylesheet).
const ORDER: [&str; 8] =
    ["numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"];
/// Number formats below are the program's own, the same in all workbooks.
const FIRST_OWN_NUMBER: u32 = 164;
/// The most cell formats of a workbook (Excel's specifications and limits).
const MOST_FORMATS: usize = 65_490;

/// More than the formats that new sheets need.
const ENOUGH: usize = 300;

/// Whether a style sheet has room for the formats of new sheets.
pub(crate) fn has_room(theirs: &Xml) -> bool {
    let list = theirs.child(ROOT, "cellXfs");
    list.is_none_or(|list| theirs.children(list).count() + ENOUGH <= MOST_FORMATS)
}

/// Where the formats of the new sheets stand in the workbook's lists.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Formats {
    /// By the number of a cell's format in the new sheets.
    pub cells: Vec<usize>,
    /// By the number of a conditional format's.
    pub conditional: Vec<usize>,
}

/// A workbook's style sheet that grows.
struct Growing<'a> {
    theirs: &'a Xml,
    /// What is appended to each list of [`ORDER`], and how many elements that are.
    appended: HashMap<&'static str, (String, usize)>,
}

/// `theirs` with the formats of `ours`, and where those stand in it; none where there is no room.
pub(crate) fn merge(theirs: &Xml, ours: &Xml) -> Option<(String, Formats)> {
    let mut growing = Growing { theirs, appended: HashMap::new() };
    let numbers = growing.add_numbers(ours);
    let font = theirs.child(ROOT, "fonts").and_then(|fonts| theirs.child(fonts, "font"));
    let usual = Face::of(theirs, font);
    let own = ours.child(ROOT, "fonts").and_then(|fonts| ours.child(fonts, "font"));
    let own = Face::of(ours, own);
    // The workbook's usual font is that of the new sheets, too.
    let fonts = growing.add(ours, "fonts", &|_, text| own.exchanged(text, &usual));
    let fills = growing.add(ours, "fills", &|_, text| text.to_owned());
    let borders = growing.add(ours, "borders", &|_, text| text.to_owned());
    let lists = [("fontId", &fonts), ("fillId", &fills), ("borderId", &borders)];
    let cells = growing.add(ours, "cellXfs", &|format, text| {
        let mut edits = Edits::default();
        let start = ours.place(format).start;
        let mut set = |key: &str, new: &dyn Fn(u32) -> Option<u32>| {
            let Some(place) = ours.value_place(format, key) else { return };
            let old = ours.text[place.clone()].parse().ok();
            if let Some(new) = old.and_then(new) {
                edits.replace(place.start - start..place.end - start, new.to_string());
            }
        };
        set("numFmtId", &|old| Some(numbers.get(&old).copied().unwrap_or(old)));
        for (key, places) in lists {
            set(key, &|old| places.get(old as usize).map(|place| *place as u32));
        }
        // Named styles are theirs: everything that a cell looks like stands in its own format.
        set("xfId", &|_| Some(0));
        edits.of(text)
    });
    let conditional = growing.add(ours, "dxfs", &|_, text| text.to_owned());
    let fits = growing.count("cellXfs") <= MOST_FORMATS;
    fits.then(|| (growing.text(), Formats { cells, conditional }))
}

impl Growing<'_> {
    /// The number of elements in a list, with those that are appended.
    fn count(&self, list: &str) -> usize {
        let theirs = self.theirs.child(ROOT, list);
        let appended = self.appended.get(list).map_or(0, |(_, count)| *count);
        theirs.map_or(0, |list| self.theirs.children(list).count()) + appended
    }

    /// Adds the elements of a list of `ours`, changed by `change`; returns their places.
    fn add(
        &mut self,
        ours: &Xml,
        list: &'static str,
        change: &dyn Fn(usize, &str) -> String,
    ) -> Vec<usize> {
        let theirs = self.theirs;
        let inside = theirs.child(ROOT, list);
        let known = inside.into_iter().flat_map(|list| theirs.children(list).enumerate());
        let mut known: HashMap<String, usize> =
            known.map(|(at, element)| (theirs.outer(element).to_owned(), at)).collect();
        let mut next = self.count(list);
        // The usual font and the format of a cell that has none are theirs.
        let is_theirs = next > 0 && matches!(list, "fonts" | "cellXfs");
        let appended = self.appended.entry(list).or_default();
        let elements = ours.child(ROOT, list).into_iter().flat_map(|list| ours.children(list));
        let places = elements.enumerate().map(|(at, element)| {
            if at == 0 && is_theirs {
                return 0;
            }
            let text = change(element, ours.outer(element));
            let written = theirs.in_prefix(ROOT, &text).into_owned();
            *known.entry(written).or_insert_with(|| {
                appended.0.push_str(&text);
                appended.1 += 1;
                next += 1;
                next - 1
            })
        });
        places.collect()
    }

    /// Adds the number formats of `ours`; returns the new number for each of its own.
    fn add_numbers(&mut self, ours: &Xml) -> HashMap<u32, u32> {
        let formats = |xml: &Xml| -> Vec<(u32, String)> {
            let list = xml.child(ROOT, "numFmts").into_iter();
            let of = |format| {
                let number = xml.attribute(format, "numFmtId")?.parse().ok()?;
                Some((number, xml.attribute(format, "formatCode")?.into_owned()))
            };
            list.flat_map(|list| xml.children(list).collect::<Vec<_>>()).filter_map(of).collect()
        };
        let theirs = formats(self.theirs);
        let largest = theirs.iter().map(|(number, _)| *number).max().unwrap_or(0);
        let mut next = largest.max(FIRST_OWN_NUMBER - 1) + 1;
        let appended = self.appended.entry("numFmts").or_default();
        let places = formats(ours).into_iter().map(|(number, code)| {
            let known = theirs.iter().find(|(_, known)| *known == code);
            let new = known.map_or_else(
                || {
                    let code = escaped(&code);
                    let text = format!("<numFmt numFmtId=\"{next}\" formatCode=\"{code}\"/>");
                    appended.0.push_str(&text);
                    appended.1 += 1;
                    next += 1;
                    next - 1
                },
                |(number, _)| *number,
            );
            (number, new)
        });
        places.collect()
    }

    /// The style sheet with all that was appended.
    fn text(&self) -> String {
        let theirs = self.theirs;
        let mut edits = Edits::default();
        let mut before = theirs.tag_end(ROOT);
        // Lists that are not there, in their order, by the place where they go.
        let mut missing: Vec<(usize, String)> = Vec::new();
        for list in ORDER {
            let (text, count) = self.appended.get(list).map_or(("", 0), |(t, n)| (t.as_str(), *n));
            match theirs.child(ROOT, list) {
                Some(element) => {
                    before = theirs.place(element).end;
                    if count == 0 {
                        continue;
                    }
                    let total = self.count(list);
                    let is_empty = theirs.outer(element).ends_with("/>");
                    match theirs.value_place(element, "count") {
                        Some(_) if is_empty => {
                            let list = format!("<{list} count=\"{total}\">{text}</{list}>");
                            edits.replace(theirs.place(element), theirs.in_prefix(ROOT, &list));
                        }
                        Some(place) => {
                            edits.replace(place, total.to_string());
                            theirs.append(&mut edits, element, text);
                        }
                        None => theirs.append(&mut edits, element, text),
                    }
                }
                None if count > 0 => {
                    let list = format!("<{list} count=\"{count}\">{text}</{list}>");
                    missing.push((before, theirs.in_prefix(ROOT, &list).into_owned()));
                }
                None => {}
            }
        }
        missing.iter().for_each(|(at, text)| edits.insert(*at, text));
        edits.of(&theirs.text)
    }
}

/// The elements by which a font is found: its name, its family, and its part in the theme.
#[derive(Debug, Default)]
struct Face {
    written: Vec<String>,
}

impl Face {
    fn of(styles: &Xml, font: Option<usize>) -> Face {
        let is_face = |at: &usize| matches!(styles.name(*at), "name" | "family" | "scheme");
        let parts = font.into_iter().flat_map(|font| styles.children(font)).filter(is_face);
        let bare = |text: &str| text.replacen(styles.prefix(ROOT), "", 1);
        Face { written: parts.map(|part| bare(styles.outer(part))).collect() }
    }

    /// The font `text`, with the face of `other` where it has this one.
    fn exchanged(&self, text: &str, other: &Face) -> String {
        let (own, other) = (self.written.concat(), other.written.concat());
        if other.is_empty() || own.is_empty() {
            text.to_owned()
        } else {
            text.replace(&own, &other)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "<styleSheet xmlns=\"m\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" \
        formatCode=\"0.00&quot;s&quot;\"/></numFmts><fonts count=\"2\"><font><sz val=\"11\"/>\
        <name val=\"Calibri\"/><family val=\"2\"/></font><font><b/><sz val=\"11\"/>\
        <name val=\"Calibri\"/><family val=\"2\"/></font></fonts><fills count=\"1\"><fill/></fills>\
        <borders count=\"1\"><border/></borders><cellXfs count=\"2\"><xf numFmtId=\"0\" \
        fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"164\" fontId=\"1\" \
        fillId=\"0\" borderId=\"0\" xfId=\"1\"/></cellXfs><dxfs count=\"1\"><dxf/></dxfs>\
        </styleSheet>";
    const THEIRS: &str = "<styleSheet xmlns=\"m\"><numFmts count=\"1\"><numFmt numFmtId=\"164\" \
        formatCode=\"0.0\"/></numFmts><fonts count=\"1\"><font><sz val=\"10\"/>\
        <name val=\"Arial\"/></font></fonts><fills count=\"1\"><fill/></fills><borders count=\"1\">\
        <border/></borders><cellXfs count=\"1\"><xf numFmtId=\"164\"/></cellXfs><cellStyles/>\
        <dxfs count=\"0\"/><colors/></styleSheet>";

    fn read(text: &str) -> Xml {
        Xml::read(text.to_owned()).unwrap()
    }

    #[test]
    fn formats_are_appended_with_their_numbers_changed() {
        let (text, formats) = merge(&read(THEIRS), &read(OURS)).unwrap();
        assert_eq!(formats, Formats { cells: vec![0, 1], conditional: vec![0] });
        let expected = THEIRS
            .replace(
                "formatCode=\"0.0\"/>",
                "formatCode=\"0.0\"/><numFmt numFmtId=\"165\" formatCode=\"0.00&quot;s&quot;\"/>",
            )
            .replace("<numFmts count=\"1\">", "<numFmts count=\"2\">")
            .replace("<fonts count=\"1\">", "<fonts count=\"2\">")
            .replace(
                "</font></fonts>",
                "</font><font><b/><sz val=\"11\"/><name val=\"Arial\"/></font></fonts>",
            )
            .replace("<cellXfs count=\"1\">", "<cellXfs count=\"2\">")
            .replace(
                "</cellXfs>",
                "<xf numFmtId=\"165\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
                 </cellXfs>",
            )
            .replace("<dxfs count=\"0\"/>", "<dxfs count=\"1\"><dxf/></dxfs>");
        assert_eq!(text, expected);
    }

    #[test]
    fn what_was_added_before_is_found_again() {
        for theirs in [THEIRS, "<x:styleSheet xmlns:x=\"m\"></x:styleSheet>"] {
            let (once, formats) = merge(&read(theirs), &read(OURS)).unwrap();
            let twice = merge(&read(&once), &read(OURS)).unwrap();
            assert_eq!(twice, (once, formats), "{theirs}");
        }
    }

    #[test]
    fn a_format_too_many_is_refused() {
        let many = "<xf numFmtId=\"164\"/>".repeat(MOST_FORMATS);
        let theirs = THEIRS.replace("<xf numFmtId=\"164\"/>", &many);
        assert_eq!(merge(&read(&theirs), &read(OURS)), None);
    }
}
