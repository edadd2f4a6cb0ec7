//! Links to cells of a workbook, for terminals that show links.

use std::io::IsTerminal;
use std::path::Path;

use crate::export::address::encoded;

/// The address of a cell: `file:///home/me/graddes.trace.xlsx#adam!Q46`.
pub fn to_cell(workbook: &Path, sheet: &str, cell: &str) -> String {
    let path = workbook.to_string_lossy().replace('\\', "/");
    let path = path.trim_start_matches("//?");
    let root = if path.starts_with('/') { "" } else { "/" };
    format!("file://{root}{}#{}!{cell}", encoded(path, "/"), encoded(sheet, ""))
}

/// The text as a link, where a terminal shows it (OSC 8; others ignore the marks).
pub fn shown(text: &str, link: Option<&str>) -> String {
    match link.filter(|_| std::io::stdout().is_terminal()) {
        Some(link) => format!("\u{1b}]8;;{link}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
        None => text.to_owned(),
    }
}

/// How long the mark is that `text` begins with, where it is one of those around a link to a file.
pub fn mark(text: &str) -> Option<usize> {
    let address = text.strip_prefix("\u{1b}]8;;")?;
    let (address, _) = address.split_once("\u{1b}\\")?;
    let is_file = address.is_empty() || address.starts_with("file://");
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic());
    (is_file && is_plain).then(|| "\u{1b}]8;;\u{1b}\\".len() + address.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_file_sheet_and_cell() {
        let link = to_cell(Path::new("/my files/a.trace.xlsx"), "sgd (2)", "Q46");
        assert_eq!(link, "file:///my%20files/a.trace.xlsx#sgd%20%282%29!Q46");
    }

    #[test]
    fn what_is_no_terminal_gets_no_marks() {
        assert_eq!(shown("Q46", Some("file:///a")), "Q46");
    }
}
