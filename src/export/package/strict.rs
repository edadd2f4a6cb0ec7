//! The strict form of the standard, whose namespaces have other names (ECMA-376, part 1, annex on
//! transitional namespaces). A workbook has one form in all of its parts.

/// The namespace of what parts refer to.
pub(super) const RELATIONSHIPS: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// The same in the strict form.
pub(super) const STRICT_RELATIONSHIPS: &str =
    "http://purl.oclc.org/ooxml/officeDocument/relationships";

/// The beginnings of the names of namespaces and relations: as rust_xlsxwriter writes them, and as the
/// strict form has them.
const NAMESPACES: [(&str, &str); 6] = [
    (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    ),
    (RELATIONSHIPS, STRICT_RELATIONSHIPS),
    (
        "http://schemas.openxmlformats.org/drawingml/2006/main",
        "http://purl.oclc.org/ooxml/drawingml/main",
    ),
    (
        "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "http://purl.oclc.org/ooxml/drawingml/chart",
    ),
    (
        "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
        "http://purl.oclc.org/ooxml/drawingml/spreadsheetDrawing",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes",
        "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
    ),
];

/// A part with the names of namespaces as the strict form has them.
pub(super) fn as_strict(part: &str) -> String {
    NAMESPACES.iter().fold(part.to_owned(), |text, (transitional, strict)| {
        text.replace(&format!("\"{transitional}"), &format!("\"{strict}"))
    })
}
