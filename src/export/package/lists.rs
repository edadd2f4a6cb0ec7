//! The lists of a workbook that name its sheets: the workbook's own part, and the titles among its
//! properties.

use super::existing::Existing;
use super::graft::NewSheet;
use super::parts::canonical;
use super::strict::{RELATIONSHIPS, STRICT_RELATIONSHIPS};
use super::xml::{Edits, ROOT, Xml, escaped};

/// What stands before the defined names in a workbook's part (ECMA-376, CT_Workbook).
const BEFORE_NAMES: [&str; 3] = ["sheets", "functionGroups", "externalReferences"];

impl Existing {
    /// The first number that no sheet has.
    pub(super) fn next_id(&self) -> u32 {
        let stay = self.sheets.iter().filter(|sheet| !sheet.is_added);
        stay.filter_map(|sheet| sheet.id.parse::<u32>().ok()).max().unwrap_or(0) + 1
    }

    /// The first number that no relation of the workbook has, but for those of sheets that go.
    pub(super) fn next_relation(&self) -> u32 {
        let gone = |id: &str| self.is_gone(id);
        let stay = self.related.iter().filter(|one| !gone(&one.id));
        let number = |id: &str| id.strip_prefix("rId")?.parse::<u32>().ok();
        stay.filter_map(|one| number(&one.id)).max().unwrap_or(0) + 1
    }

    /// Whether the relation called `id` is that of something that an earlier run added.
    fn is_gone(&self, id: &str) -> bool {
        let relation = self.related.iter().find(|one| one.id == id);
        let part = relation.and_then(|one| one.part.as_ref());
        let is_sheet = |part: &String| {
            self.sheets.iter().any(|sheet| sheet.is_added && sheet.part.as_ref() == Some(part))
        };
        let is_mark = |part: &String| Some(canonical(part)) == self.mark;
        let is_outdated = relation.is_some_and(|one| one.kind == "calcChain");
        is_outdated || part.is_some_and(|part| is_sheet(part) || is_mark(part))
    }

    /// For each sheet its place when those that an earlier run added are gone.
    fn places(&self) -> Vec<Option<usize>> {
        let mut next = 0..;
        let place = |added: bool| if added { None } else { next.next() };
        self.sheets.iter().map(|sheet| sheet.is_added).map(place).collect()
    }
}

/// The workbook's part with the `new` sheets and their `names` in its lists.
pub(super) fn workbook(existing: &Existing, new: &[NewSheet], names: &[String]) -> String {
    let xml = &existing.workbook.xml;
    let mut edits = Edits::default();
    let places = existing.places();
    let gone = existing.sheets.iter().filter(|sheet| sheet.is_added);
    gone.for_each(|sheet| edits.replace(xml.place(sheet.element), ""));
    let example = existing.sheets.first().map(|sheet| sheet.element);
    let relation = relation_key(xml, example, existing.is_strict);
    if let Some(list) = xml.child(ROOT, "sheets") {
        let sheet = |sheet: &NewSheet| {
            let (name, id, target) = (escaped(&sheet.name), sheet.id, &sheet.relation);
            format!("<sheet name=\"{name}\" sheetId=\"{id}\" {relation}=\"{target}\"/>")
        };
        xml.append(&mut edits, list, &new.iter().map(sheet).collect::<String>());
    }
    move_places(xml, &mut edits, &places);
    add_names(xml, &mut edits, (&places, names), existing.is_again);
    edits.of(&xml.text)
}

/// The attribute by which elements of a part refer to others, `r:id`, as its `example` has it, with its
/// namespace where the part's first element does not say it.
pub(super) fn relation_key(xml: &Xml, example: Option<usize>, is_strict: bool) -> String {
    let namespace = if is_strict { STRICT_RELATIONSHIPS } else { RELATIONSHIPS };
    let declared = xml.attributes(ROOT).find(|(_, value)| *value == namespace);
    let declared = declared.and_then(|(key, _)| key.strip_prefix("xmlns:"));
    match (declared, example.and_then(|element| xml.relation(element))) {
        (Some(prefix), _) => format!("{prefix}:id"),
        (None, Some((key, _))) => {
            format!("xmlns:{}=\"{namespace}\" {key}", key.strip_suffix(":id").unwrap_or("r"))
        }
        (None, None) => format!("xmlns:r=\"{namespace}\" r:id"),
    }
}

/// Changes the places of sheets that the views of the workbook have.
fn move_places(xml: &Xml, edits: &mut Edits, places: &[Option<usize>]) {
    for view in xml.all("workbookView") {
        for key in ["activeTab", "firstSheet"] {
            let Some(place) = xml.value_place(view, key) else { continue };
            let Ok(old) = xml.text[place.clone()].parse::<usize>() else { continue };
            let new = places.get(old).copied().flatten().unwrap_or(0);
            if new != old {
                edits.replace(place, new.to_string());
            }
        }
    }
}

/// Takes the names out that belong to sheets that go, gives the others their sheets' new places, and
/// adds those of the new sheets. Where sheets are added again, names of the whole workbook by ours are
/// those of an earlier run.
fn add_names(
    xml: &Xml,
    edits: &mut Edits,
    (places, names): (&[Option<usize>], &[String]),
    is_again: bool,
) {
    let called = |text: &str| {
        let start = text.split(" name=\"").nth(1)?;
        start.split('"').next().map(str::to_lowercase)
    };
    // Names of the whole workbook that an earlier run defined.
    let of_workbook = names.iter().filter(|name| !name.contains(" localSheetId="));
    let ours: Vec<String> = of_workbook.filter_map(|name| called(name)).collect();
    for name in xml.all("definedName") {
        let of_sheet = xml.value_place(name, "localSheetId");
        let sheet = of_sheet.clone().and_then(|place| xml.text[place].parse::<usize>().ok());
        match sheet.map(|old| (old, places.get(old).copied().flatten())) {
            Some((_, None)) => edits.replace(xml.place(name), ""),
            Some((old, Some(new))) if old != new => {
                edits.replace(of_sheet.unwrap_or_default(), new.to_string());
            }
            None if is_again
                && called(xml.outer(name)).is_some_and(|name| ours.contains(&name)) =>
            {
                edits.replace(xml.place(name), "");
            }
            _ => {}
        }
    }
    let new = names.concat();
    match xml.child(ROOT, "definedNames") {
        Some(list) => xml.append(edits, list, &new),
        None if new.is_empty() => {}
        None => {
            let before = BEFORE_NAMES.iter().filter_map(|name| xml.child(ROOT, name)).max();
            let at = before.map_or(xml.tag_end(ROOT), |element| xml.place(element).end);
            let list = format!("<definedNames>{new}</definedNames>");
            edits.insert(at, &xml.in_prefix(ROOT, &list));
        }
    }
}

/// The properties `app` with the titles of the `new` sheets instead of those that go; none where the
/// titles in it are not those of the sheets, and are better left alone.
pub(super) fn titles(app: &Xml, existing: &Existing, new: &[NewSheet]) -> Option<String> {
    let vector = |name| app.child(app.child(ROOT, name)?, "vector");
    let (pairs, titles) = (vector("HeadingPairs")?, vector("TitlesOfParts")?);
    let count = app.children(pairs).nth(1).and_then(|variant| app.children(variant).next())?;
    let sheets: usize = app.inner(count).trim().parse().ok()?;
    let listed: Vec<usize> = app.children(titles).collect();
    let related = |part: &Option<String>| {
        existing.related.iter().any(|one| one.kind == "worksheet" && one.part == *part)
    };
    let worksheets: Vec<_> = existing.sheets.iter().filter(|one| related(&one.part)).collect();
    let is_known = worksheets.len() == sheets
        && listed.len() >= sheets
        && listed.iter().zip(&worksheets).all(|(title, sheet)| {
            quick_xml::escape::unescape(app.inner(*title)).is_ok_and(|text| text == *sheet.name)
        });
    if !is_known {
        return None;
    }
    let mut edits = Edits::default();
    let gone = worksheets.iter().filter(|sheet| sheet.is_added).count();
    for (title, _) in listed.iter().zip(&worksheets).filter(|(_, sheet)| sheet.is_added) {
        edits.replace(app.place(*title), "");
    }
    let last = app.place(*listed.get(sheets.checked_sub(1)?)?).end;
    let prefix = app.prefix(listed[0]);
    let title =
        |sheet: &NewSheet| format!("<{prefix}lpstr>{}</{prefix}lpstr>", escaped(&sheet.name));
    edits.insert(last, &new.iter().map(title).collect::<String>());
    let total = app.tag_end(count)..app.tag_end(count) + app.inner(count).len();
    edits.replace(total, (sheets + new.len() - gone).to_string());
    edits.replace(app.value_place(titles, "size")?, (listed.len() + new.len() - gone).to_string());
    Some(edits.of(&app.text))
}
