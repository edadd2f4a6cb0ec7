//! The lists in a package: what the parts say of each other, and the order in which the standard
//! wants things (ECMA-376, parts 1 and 2). Excel repairs or refuses what readers let pass here.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Event, Tag, read_tag, resolve, tags, walk};

/// The elements right inside of each list, in their order.
const ORDER: [(&str, &str); 3] = [
    (
        "workbook",
        "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups \
         externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr \
         smartTagTypes webPublishing fileRecoveryPr webPublishObjects extLst",
    ),
    (
        "worksheet",
        "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection \
         protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells \
         phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins \
         pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors \
         smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls \
         webPublishItems tableParts extLst",
    ),
    (
        "styleSheet",
        "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst",
    ),
];

/// The kinds of relations that sheets in a workbook's list have.
const SHEETS: [&str; 4] = ["worksheet", "chartsheet", "dialogsheet", "xlMacrosheet"];

/// The workbook's part.
pub fn workbook(parts: &BTreeMap<String, String>) -> String {
    let root = parts.get("_rels/.rels").map(|text| relations("", text)).unwrap_or_default();
    let found = root.into_values().find(|(kind, _)| kind == "officeDocument");
    found.map_or_else(|| "xl/workbook.xml".to_owned(), |(_, part)| part)
}

/// The part of a kind that the workbook refers to.
pub fn related(parts: &BTreeMap<String, String>, kind: &str) -> Option<String> {
    let all = relations_of(&workbook(parts), parts).into_values();
    all.into_iter().find(|(known, _)| known == kind).map(|(_, part)| part)
}

/// The faults in the lists of the package, a line each.
pub fn faults(parts: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    names_of_parts(parts, &mut faults);
    for (name, text) in parts {
        order(name, text, &mut faults);
        referred(name, text, parts, &mut faults);
    }
    sheets(parts, &mut faults);
    defined_names(parts, &mut faults);
    kinds(parts, &mut faults);
    styles(parts, &mut faults);
    faults
}

/// Names of parts are the same in any case.
fn names_of_parts(parts: &BTreeMap<String, String>, faults: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for name in parts.keys().filter(|name| !seen.insert(name.to_lowercase())) {
        faults.push(format!("there are two parts {name}"));
    }
}

/// The elements right inside of a root stand in the standard's order. What is wrapped for older
/// programs, and what the standard does not know, may stand anywhere.
fn order(name: &str, text: &str, faults: &mut Vec<String>) {
    let children = children(text);
    let Some((root, inside)) = children.split_first() else { return };
    let Some((_, order)) = ORDER.iter().find(|(known, _)| known == root) else { return };
    let place = |child: &String| order.split_whitespace().position(|known| known == child);
    let mut last = 0;
    for child in inside {
        match place(child) {
            Some(at) if at < last => faults.push(format!("{name}: {child} stands too late")),
            Some(at) => last = at,
            None => {}
        }
    }
}

/// The root of a text and what stands right inside of it.
fn children(text: &str) -> Vec<String> {
    let (mut depth, mut names) = (0, Vec::new());
    let _ = walk(text, |event| match event {
        Event::Start(tag) | Event::Empty(tag) => {
            if depth < 2 && (depth == 1 || names.is_empty()) {
                names.push(tag.local_name().as_ref().to_owned());
            }
            depth += i32::from(matches!(event, Event::Start(_)));
        }
        Event::End(_) => depth -= 1,
        _ => (),
    });
    names
}

/// By its identifier the kind and the target of each relation inside the package; `folder` is that
/// of the part that has them.
fn relations(folder: &str, text: &str) -> HashMap<String, (String, String)> {
    let relation = |tag: Tag| {
        let kind = tag.get("Type")?.rsplit('/').next()?.to_owned();
        let target = match tag.get("TargetMode") {
            Some("External") => String::new(),
            _ => resolve(folder, tag.get("Target")?),
        };
        Some((tag.get("Id")?.to_owned(), (kind, target)))
    };
    tags(text).into_iter().filter_map(relation).collect()
}

/// The relations of the part called `name`.
fn relations_of(name: &str, parts: &BTreeMap<String, String>) -> HashMap<String, (String, String)> {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let list = format!("{folder}{}_rels/{file}.rels", if folder.is_empty() { "" } else { "/" });
    parts.get(&list).map(|text| relations(folder, text)).unwrap_or_default()
}

/// What a part refers to by an identifier is among its relations.
fn referred(name: &str, text: &str, parts: &BTreeMap<String, String>, faults: &mut Vec<String>) {
    let Some(prefix) = relation_prefix(text) else { return };
    let known = relations_of(name, parts);
    let keys = ["id", "embed", "link", "pict"].map(|key| format!("{prefix}:{key}"));
    for tag in tags(text) {
        let ids = keys.iter().filter_map(|key| tag.get(key));
        for id in ids.filter(|id| !id.is_empty() && !known.contains_key(*id)) {
            faults.push(format!("{name}: {} refers to {id}, which is no relation", tag.name));
        }
    }
}

/// The prefix that a part has for the relationships' namespace.
fn relation_prefix(text: &str) -> Option<String> {
    let is_it = |uri: &str| {
        uri.ends_with("officeDocument/2006/relationships\"")
            || uri.ends_with("ooxml/officeDocument/relationships\"")
    };
    let mut declared = text.split("xmlns:").skip(1).filter_map(|rest| rest.split_once('='));
    declared.find_map(|(prefix, rest)| {
        let end = rest.get(1..)?.find(['"', '\''])? + 2;
        let uri = rest[..end].replace('\'', "\"");
        is_it(&uri).then(|| prefix.to_owned())
    })
}

/// Names, numbers and relations of the sheets, and the places among them.
fn sheets(parts: &BTreeMap<String, String>, faults: &mut Vec<String>) {
    let book = workbook(parts);
    let Some(text) = parts.get(&book) else { return };
    let known = relations_of(&book, parts);
    let all = tags(text);
    let sheets: Vec<&Tag> = all.iter().filter(|tag| tag.name == "sheet").collect();
    let (mut names, mut ids, mut targets) = (HashSet::new(), HashSet::new(), HashSet::new());
    for sheet in &sheets {
        let name = sheet.get("name").unwrap_or("");
        let plain = quick_xml::escape::unescape(name).unwrap_or_default();
        let is_long = plain.encode_utf16().count() > 31;
        if plain.is_empty() || is_long || plain.contains(['[', ']', ':', '*', '?', '/', '\\']) {
            faults.push(format!("no sheet may be called '{plain}'"));
        }
        if !names.insert(plain.to_lowercase()) {
            faults.push(format!("there are two sheets {plain}"));
        }
        let id = sheet.get("sheetId").and_then(|id| id.parse::<u16>().ok()).unwrap_or(0);
        if id == 0 || !ids.insert(id) {
            faults.push(format!("the sheet {plain} has the number {id}, which is taken or none"));
        }
        let key = sheet.attributes.keys().find(|key| key.ends_with(":id"));
        match key.and_then(|key| known.get(sheet.get(key)?)) {
            Some((kind, target)) if SHEETS.contains(&kind.as_str()) => {
                if !targets.insert(target) {
                    faults.push(format!("the sheet {plain} shares its part"));
                }
            }
            other => faults.push(format!("the sheet {plain} leads to {other:?}")),
        }
    }
    for tag in &all {
        for key in ["localSheetId", "activeTab", "firstSheet"] {
            let place = tag.get(key).map(|place| place.parse::<usize>().unwrap_or(usize::MAX));
            if place.is_some_and(|place| place >= sheets.len()) {
                faults.push(format!("{} has {key} {:?} of {}", tag.name, place, sheets.len()));
            }
        }
    }
}

/// Defined names are none that a cell or a number has.
fn defined_names(parts: &BTreeMap<String, String>, faults: &mut Vec<String>) {
    let Some(text) = parts.get(&workbook(parts)) else { return };
    for tag in tags(text).into_iter().filter(|tag| tag.name == "definedName") {
        let name = tag.get("name").unwrap_or("");
        let letters = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
        let is_cell = (1..=3).contains(&letters)
            && letters < name.len()
            && name[letters..].bytes().all(|byte| byte.is_ascii_digit());
        let is_other = matches!(name.to_lowercase().as_str(), "" | "r" | "c");
        let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '\\');
        if is_cell || is_other || !starts || name.contains([' ', '!', '"', '\'']) {
            faults.push(format!("nothing may be called '{name}'"));
        }
    }
}

/// The relation that leads to a part and its content type say the same of it.
fn kinds(parts: &BTreeMap<String, String>, faults: &mut Vec<String>) {
    let types = parts.get("[Content_Types].xml").map(|text| tags(text)).unwrap_or_default();
    let mut seen = HashSet::new();
    let keys = types.iter().filter_map(|tag| tag.get("PartName").or(tag.get("Extension")));
    for key in keys.filter(|key| !seen.insert(key.to_lowercase())) {
        faults.push(format!("{key} has two content types"));
    }
    let kinds: HashMap<String, &str> = types
        .iter()
        .filter_map(|tag| Some((tag.get("PartName")?.to_lowercase(), tag.get("ContentType")?)))
        .collect();
    for (kind, target) in parts.keys().flat_map(|name| relations_of(name, parts).into_values()) {
        let end = match kind.as_str() {
            "worksheet" | "chartsheet" | "drawing" | "sharedStrings" | "styles" | "comments"
            | "calcChain" | "table" => format!(".{kind}+xml"),
            "chart" => "chart+xml".to_owned(),
            _ => continue,
        };
        let said = kinds.get(&format!("/{}", target.to_lowercase())).copied().unwrap_or("");
        // The packages that tests write by hand have short ones.
        if said.len() > 1 && !said.ends_with(&end) {
            faults.push(format!("{target} is {kind} and has the content type {said}"));
        }
    }
}

/// The lists of formats have as many elements as they say, and refer to what is there.
fn styles(parts: &BTreeMap<String, String>, faults: &mut Vec<String>) {
    let Some(text) = related(parts, "styles").and_then(|part| parts.get(&part)) else { return };
    let lists = lists(text);
    for (list, (said, found)) in &lists {
        let said = said.as_ref().and_then(|said| said.parse::<usize>().ok());
        if said.is_some_and(|said| said != found.len()) {
            faults.push(format!("styles: {list} says {said:?} and has {}", found.len()));
        }
    }
    let of = |list: &str| lists.get(list).map(|(_, tags)| tags.as_slice()).unwrap_or_default();
    let numbers: Vec<&str> = of("numFmts").iter().filter_map(|tag| tag.get("numFmtId")).collect();
    let known: HashSet<&&str> = numbers.iter().collect();
    if known.len() < numbers.len() {
        faults.push("styles: a number format stands twice".to_owned());
    }
    for format in of("cellXfs") {
        let keys = [("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")];
        for (key, list) in keys.into_iter().chain([("xfId", "cellStyleXfs")]) {
            let place = format.get(key).map(|place| place.parse().unwrap_or(usize::MAX));
            if place.is_some_and(|place| place >= of(list).len().max(1)) {
                faults.push(format!("styles: a format has {key} {place:?} of {}", of(list).len()));
            }
        }
        let number = format.get("numFmtId").unwrap_or("0");
        if number.parse::<u32>().is_ok_and(|at| at >= 164) && !known.contains(&number) {
            faults.push(format!("styles: a format has the number format {number}"));
        }
    }
    let conditional = of("dxfs").len();
    for (name, text) in parts.iter().filter(|(name, _)| name.contains("worksheets/")) {
        let ids = tags(text).into_iter().filter(|tag| tag.name == "cfRule");
        for id in ids.filter_map(|tag| tag.get("dxfId")?.parse::<usize>().ok()) {
            if id >= conditional {
                faults.push(format!("{name} has the conditional format {id} of {conditional}"));
            }
        }
    }
}

/// For each list of a style sheet how many elements it says to have, and those that it has.
fn lists(text: &str) -> BTreeMap<String, (Option<String>, Vec<Tag>)> {
    let mut lists: BTreeMap<String, (Option<String>, Vec<Tag>)> = BTreeMap::new();
    let (mut depth, mut list) = (0, String::new());
    let _ = walk(text, |event| match event {
        Event::Start(tag) | Event::Empty(tag) => {
            let tag = read_tag(tag);
            match depth {
                1 => {
                    list.clone_from(&tag.name);
                    let said = tag.get("count").map(str::to_owned);
                    lists.insert(tag.name, (said, Vec::new()));
                }
                2 => lists.entry(list.clone()).or_default().1.push(tag),
                _ => (),
            }
            depth += i32::from(matches!(event, Event::Start(_)));
        }
        Event::End(_) => depth -= 1,
        _ => (),
    });
    lists
}
