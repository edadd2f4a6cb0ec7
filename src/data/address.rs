//! Addresses of cells: `B7` for people, a zero-based (row, column) for the program.
//!
//! Everything a user types (`--range A3:B32`, `--x C`) and everything an error says goes through
//! here, so that there is one idea of what an address is.

use std::fmt;

/// A cell's row and column, counted from zero.
pub(crate) type Position = (u32, u32);

/// The rows of the largest sheet that the formats allow.
pub(crate) const MAX_ROWS: u32 = 1_048_576;
/// The columns of the largest sheet: A to XFD.
pub(crate) const MAX_COLUMNS: u32 = 16_384;

/// The letters of a column: 0 is `A`, 26 is `AA`.
pub(crate) fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// The address of a cell: (6, 1) is `B7`.
pub(crate) fn cell_name((row, column): Position) -> String {
    format!("{}{}", column_name(column), u64::from(row) + 1)
}

/// The column of the letters `text` (any case, `$` allowed), where they are a column's.
pub(crate) fn parse_column(text: &str) -> Option<u32> {
    let letters = text.strip_prefix('$').unwrap_or(text);
    if letters.is_empty() || letters.len() > 3 || !letters.bytes().all(|b| b.is_ascii_alphabetic())
    {
        return None;
    }
    let number = letters
        .bytes()
        .fold(0, |number, letter| number * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    (number <= MAX_COLUMNS).then(|| number - 1)
}

/// A rectangle of cells, both corners included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    /// The upper left corner.
    pub first: Position,
    /// The lower right corner.
    pub last: Position,
}

impl Area {
    /// The area between two corners, whichever way they were given.
    pub(crate) fn between(a: Position, b: Position) -> Area {
        Area { first: (a.0.min(b.0), a.1.min(b.1)), last: (a.0.max(b.0), a.1.max(b.1)) }
    }

    /// Whether the cell lies inside.
    pub(crate) fn contains(&self, (row, column): Position) -> bool {
        (self.first.0..=self.last.0).contains(&row)
            && (self.first.1..=self.last.1).contains(&column)
    }

    /// Whether both have cells in common.
    pub(crate) fn meets(&self, other: &Area) -> bool {
        let rows = self.first.0 <= other.last.0 && other.first.0 <= self.last.0;
        rows && self.first.1 <= other.last.1 && other.first.1 <= self.last.1
    }

    /// The number of columns.
    pub(crate) fn width(&self) -> u32 {
        self.last.1 - self.first.1 + 1
    }

    /// Reads `A3:B32`, also with `$`, also whole columns (`A:B`).
    pub(crate) fn parse(text: &str) -> Option<Area> {
        let (from, to) = text.split_once(':')?;
        let (from, to) = (from.trim(), to.trim());
        if let (Some(first), Some(last)) = (parse_column(from), parse_column(to)) {
            return Some(Area::between((0, first), (MAX_ROWS - 1, last)));
        }
        Some(Area::between(parse_cell(from)?, parse_cell(to)?))
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", cell_name(self.first), cell_name(self.last))
    }
}

/// A cell from its address.
pub(crate) fn parse_cell(text: &str) -> Option<Position> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = text.split_at(start);
    let column = parse_column(letters.strip_suffix('$').unwrap_or(letters))?;
    let row: u32 = digits.parse().ok()?;
    (1..=MAX_ROWS).contains(&row).then(|| (row - 1, column))
}

/// Parts `data!A3:B32` or `'my sheet'!A3:B32` into the sheet, where one is named, and the rest.
pub(crate) fn split_sheet(text: &str) -> (Option<String>, &str) {
    match text.rsplit_once('!') {
        None => (None, text),
        Some((sheet, area)) => {
            let quoted = sheet.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            let name = quoted.map_or_else(|| sheet.to_owned(), |name| name.replace("''", "'"));
            (Some(name), area)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_there_and_back() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (16_383, "XFD")] {
            assert_eq!(column_name(column), name);
            assert_eq!(parse_column(name), Some(column));
        }
        for wrong in ["", "XFE", "ABCD", "A1", "x y", "ä"] {
            assert_eq!(parse_column(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn areas_are_read_as_people_write_them() {
        let area = Some(Area { first: (2, 0), last: (31, 1) });
        for text in ["A3:B32", "a3:b32", "$A$3:$B$32", "B32:A3", " A3 : B32 "] {
            assert_eq!(Area::parse(text), area, "{text}");
        }
        let columns = Some(Area { first: (0, 0), last: (1_048_575, 1) });
        assert_eq!(Area::parse("A:B"), columns);
        for wrong in ["", "A3", "A0:B2", "3:B", "A3:B", "A1048577:B2", "A3-B4"] {
            assert_eq!(Area::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_sheet_may_stand_before_the_area() {
        assert_eq!(split_sheet("A3:B4"), (None, "A3:B4"));
        assert_eq!(split_sheet("data!A3:B4"), (Some("data".into()), "A3:B4"));
        assert_eq!(split_sheet("'it''s'!A3:B4"), (Some("it's".into()), "A3:B4"));
    }
}
