//! Where the numbers of a column stood: runs of cells, so that a million addresses take no room.

use std::fmt;

use super::address::{Area, Position, cell_name, parse_cell};

/// The addresses of a column's numbers, in their order: `A2:A30`, or `A2:A7, A9:A30` where a cell
/// between them was left out. The cells of a table that lies in rows go to the right.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cells {
    runs: Vec<Run>,
    across: bool,
    are_plain: bool,
}

/// Cells without a gap.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Run {
    first: Position,
    count: u32,
}

impl Cells {
    /// No cells yet; `across` says that they will go to the right and not down.
    pub(crate) fn new(across: bool) -> Self {
        Cells { runs: Vec::new(), across, are_plain: false }
    }

    /// Adds the cell behind all others.
    pub(crate) fn push(&mut self, at: Position) {
        let across = self.across;
        if let Some(run) = self.runs.last_mut()
            && run.at(run.count, across) == at
        {
            run.count += 1;
            return;
        }
        self.runs.push(Run { first: at, count: 1 });
    }

    /// Notes whether each of the cells was seen to hold its number and nothing else.
    pub(crate) fn set_plain(&mut self, are_plain: bool) {
        self.are_plain = are_plain;
    }

    /// Whether each of the cells is known to hold its number as it is: typed, on a sheet without
    /// formulas. Otherwise it may be a text, a date, or computed.
    pub fn are_plain(&self) -> bool {
        self.are_plain
    }

    /// Whether the cells go to the right, as those of a table that lies in rows.
    pub fn go_across(&self) -> bool {
        self.across
    }

    /// The cells as one range, such as `A9:A37`; none where a cell between them was left out.
    pub fn range(&self) -> Option<String> {
        match self.runs.as_slice() {
            [_] => self.area().map(|area| area.to_string()),
            _ => None,
        }
    }

    /// The number of cells.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.count as usize).sum()
    }

    /// Whether there are none: the numbers were never in a file.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Keeps only the first `count` cells.
    pub fn truncate(&mut self, count: usize) {
        let mut left = u32::try_from(count).unwrap_or(u32::MAX);
        for run in &mut self.runs {
            run.count = run.count.min(left);
            left -= run.count;
        }
        self.runs.retain(|run| run.count > 0);
    }

    /// The address of the number at `index`, such as `B7`.
    pub fn get(&self, index: usize) -> Option<String> {
        self.position(index).map(cell_name)
    }

    /// All addresses.
    pub fn iter(&self) -> impl Iterator<Item = String> + '_ {
        let of = |run: &Run| {
            let (run, across) = (*run, self.across);
            (0..run.count).map(move |offset| cell_name(run.at(offset, across)))
        };
        self.runs.iter().flat_map(of)
    }

    /// The row and the column of the number at `index`, counted from 0.
    pub(crate) fn position(&self, index: usize) -> Option<Position> {
        let mut left = u32::try_from(index).ok()?;
        for run in &self.runs {
            if left < run.count {
                return Some(run.at(left, self.across));
            }
            left -= run.count;
        }
        None
    }

    /// The area from the first cell to the last one, with what was left out between them.
    pub(crate) fn area(&self) -> Option<Area> {
        let last = self.runs.last()?;
        let end = last.at(last.count - 1, self.across);
        Some(Area::between(self.runs.first()?.first, end))
    }
}

impl Run {
    fn at(self, offset: u32, across: bool) -> Position {
        let (row, column) = self.first;
        if across { (row, column + offset) } else { (row + offset, column) }
    }
}

/// `A2:A7, A9`
impl fmt::Display for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, run) in self.runs.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            match run.count {
                1 => f.write_str(&cell_name(run.first))?,
                count => {
                    let area = Area { first: run.first, last: run.at(count - 1, self.across) };
                    write!(f, "{area}")?;
                }
            }
        }
        Ok(())
    }
}

/// The cells of these addresses, down a column; what is no address is left out.
impl<'a> FromIterator<&'a str> for Cells {
    fn from_iter<I: IntoIterator<Item = &'a str>>(addresses: I) -> Self {
        let mut cells = Cells::default();
        addresses.into_iter().filter_map(parse_cell).for_each(|at| cells.push(at));
        cells
    }
}

impl<const N: usize> PartialEq<[&str; N]> for Cells {
    fn eq(&self, other: &[&str; N]) -> bool {
        self.len() == N && self.iter().zip(other).all(|(cell, other)| cell == *other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_runs() {
        let mut cells = Cells::new(false);
        for row in [1, 2, 4, 5, 6, 9] {
            cells.push((row, 0));
        }
        assert_eq!(cells.to_string(), "A2:A3, A5:A7, A10");
        assert_eq!((cells.len(), cells.get(3)), (6, Some("A6".to_owned())));
        assert_eq!(cells.get(6), None);
        assert_eq!(cells, ["A2", "A3", "A5", "A6", "A7", "A10"]);
        assert_eq!(cells.area().map(|area| area.to_string()).as_deref(), Some("A2:A10"));
        cells.truncate(3);
        assert_eq!(cells, ["A2", "A3", "A5"]);
        assert_eq!(["A2", "A3"].into_iter().collect::<Cells>().to_string(), "A2:A3");
        let mut across = Cells::new(true);
        across.push((0, 1));
        across.push((0, 2));
        assert_eq!(across.to_string(), "B1:C1");
        assert_eq!(across.range().as_deref(), Some("B1:C1"));
        assert_eq!(["A2", "A3", "A5"].into_iter().collect::<Cells>().range(), None);
    }
}
