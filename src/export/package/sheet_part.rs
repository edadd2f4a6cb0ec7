//! A sheet as rust_xlsxwriter writes it, made part of another workbook: its cells' formats are
//! those of that workbook, and its texts stand in the cells, since the list of the workbook's texts
//! stays as it is.

use super::styles::Formats;
use super::xml::{ROOT, Xml};

/// The texts that cells refer to by their numbers: what stands in each `<si>`.
pub(crate) fn shared_strings(xml: &Xml) -> Vec<&str> {
    xml.children(ROOT).filter(|at| xml.name(*at) == "si").map(|at| xml.inner(at)).collect()
}

/// `sheet` with the formats and the texts of the workbook that it becomes part of.
pub(crate) fn adapted(sheet: &str, formats: &Formats, strings: &[&str]) -> String {
    let mut out = String::with_capacity(sheet.len() + sheet.len() / 8);
    let mut rest = sheet;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        let tag = &rest[at..end];
        out.push_str(&rest[..at]);
        rest = &rest[end..];
        let name = tag[1..].find([' ', '/', '>']).map_or("", |end| &tag[1..1 + end]);
        match name {
            "c" => {
                let (text, left) = cell(tag, rest, formats, strings);
                out.push_str(&text);
                rest = left;
            }
            "row" => out.push_str(&renumbered(tag, " s=\"", &formats.cells)),
            "col" => out.push_str(&renumbered(tag, " style=\"", &formats.cells)),
            "cfRule" => out.push_str(&renumbered(tag, " dxfId=\"", &formats.conditional)),
            // The sheet that was looked at last stays in front.
            "sheetView" => out.push_str(&tag.replace(" tabSelected=\"1\"", "")),
            _ => out.push_str(tag),
        }
    }
    out.push_str(rest);
    out
}

/// `sheet` with the results of its formulas alone.
pub(crate) fn without_formulas(sheet: &str) -> String {
    // A formula begins with `<f>`, that of an array with `<f t="array"`.
    let mut pieces = sheet.split("<f");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once("</f>").filter(|_| piece.starts_with(['>', ' '])) {
            Some((_, behind)) => out.push_str(behind),
            None => out.extend(["<f", piece]),
        }
    }
    out
}

/// A cell's tag, with its text where it has a shared one; and what follows.
fn cell<'a>(tag: &str, rest: &'a str, formats: &Formats, strings: &[&str]) -> (String, &'a str) {
    const SHARED: &str = " t=\"s\"";
    let tag = renumbered(tag, " s=\"", &formats.cells);
    let text = || {
        let (number, left) = rest.strip_prefix("<v>")?.split_once("</v></c>")?;
        Some((strings.get(number.parse::<usize>().ok()?)?, left))
    };
    match text().filter(|_| tag.contains(SHARED)) {
        Some((text, left)) => {
            let tag = tag.replace(SHARED, " t=\"inlineStr\"");
            (format!("{tag}<is>{text}</is></c>"), left)
        }
        None => (tag, rest),
    }
}

/// `tag` with the number behind `key` replaced by what `places` has for it.
fn renumbered(tag: &str, key: &str, places: &[usize]) -> String {
    let new = || {
        let start = tag.find(key)? + key.len();
        let end = start + tag[start..].find('"')?;
        let new = places.get(tag[start..end].parse::<usize>().ok()?)?;
        Some(format!("{}{new}{}", &tag[..start], &tag[end..]))
    };
    new().unwrap_or_else(|| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_get_their_formats_and_texts() {
        let formats = Formats { cells: vec![0, 40, 41], conditional: vec![7] };
        let sheet = "<worksheet><sheetViews><sheetView tabSelected=\"1\" workbookViewId=\"0\"/>\
            </sheetViews><cols><col min=\"1\" style=\"1\"/></cols><sheetData><row r=\"1\" s=\"2\">\
            <c r=\"A1\" s=\"1\" t=\"s\"><v>1</v></c><c r=\"B1\" s=\"2\"><f>A1&lt;2</f><v>3</v></c>\
            <c r=\"C1\" t=\"s\"><v>0</v></c><c r=\"D1\" s=\"1\"/></row></sheetData>\
            <cfRule type=\"expression\" dxfId=\"0\"><formula>$A1=0</formula></cfRule></worksheet>";
        let strings = ["<t>first</t>", "<t xml:space=\"preserve\"> b</t>"];
        let expected = "<worksheet><sheetViews><sheetView workbookViewId=\"0\"/></sheetViews><cols>\
            <col min=\"1\" style=\"40\"/></cols><sheetData><row r=\"1\" s=\"41\">\
            <c r=\"A1\" s=\"40\" t=\"inlineStr\"><is><t xml:space=\"preserve\"> b</t></is></c>\
            <c r=\"B1\" s=\"41\"><f>A1&lt;2</f><v>3</v></c>\
            <c r=\"C1\" t=\"inlineStr\"><is><t>first</t></is></c><c r=\"D1\" s=\"40\"/></row>\
            </sheetData><cfRule type=\"expression\" dxfId=\"7\"><formula>$A1=0</formula></cfRule>\
            </worksheet>";
        assert_eq!(adapted(sheet, &formats, &strings), expected);
    }

    #[test]
    fn results_stay_where_formulas_go() {
        let sheet = "<c r=\"A1\"><f t=\"array\" ref=\"A1\">SUM(B1)</f><v>3</v></c><c r=\"B1\" t=\"e\">\
            <f>1/0</f><v>#DIV/0!</v></c><font/><formula>$A1=0</formula>";
        let expected = "<c r=\"A1\"><v>3</v></c><c r=\"B1\" t=\"e\"><v>#DIV/0!</v></c><font/>\
            <formula>$A1=0</formula>";
        assert_eq!(without_formulas(sheet), expected);
    }
}
