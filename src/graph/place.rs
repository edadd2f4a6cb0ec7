//! Where cells stand, and how far one is from another.
//!
//! People lay iterations out along rows, columns, blocks or sheets; whichever it is, the same cell of
//! the next iteration stands a fixed distance away, and distances tell where it should stand.

use std::collections::HashMap;
use std::ops::{Add, Mul, Sub};

use super::{CellId, Graph, Target};

/// A place in a workbook, or the distance between two: sheets, rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Place {
    /// The sheet, counted from 0.
    pub sheet: i64,
    /// The row, counted from 0.
    pub row: i64,
    /// The column, counted from 0.
    pub column: i64,
}

impl Place {
    /// One row further down.
    pub const DOWN: Place = Place { sheet: 0, row: 1, column: 0 };
    /// One column further to the right.
    pub const RIGHT: Place = Place { sheet: 0, row: 0, column: 1 };
    /// The same place of the next sheet.
    pub const NEXT_SHEET: Place = Place { sheet: 1, row: 0, column: 0 };

    /// Where a cell stands.
    pub fn of(graph: &Graph, id: CellId) -> Place {
        let (row, column) = graph.position(id);
        Place { sheet: graph.sheet(id) as i64, row: row.into(), column: column.into() }
    }

    /// One of so many equal parts of a way; none where that is no way between cells.
    pub fn divided(self, by: i64) -> Option<Place> {
        let is_whole = [self.sheet, self.row, self.column].iter().all(|part| part % by == 0);
        is_whole.then(|| Place {
            sheet: self.sheet / by,
            row: self.row / by,
            column: self.column / by,
        })
    }

    /// Where a reference begins; none where it leads nowhere.
    pub fn of_target(graph: &Graph, target: &Target) -> Option<Place> {
        match target {
            Target::Cell(id) => Some(Place::of(graph, *id)),
            Target::Block(block) => {
                let (row, column) = block.first();
                Some(Place { sheet: block.sheet as i64, row: row.into(), column: column.into() })
            }
            Target::Nowhere(_) | Target::Unknown => None,
        }
    }

    /// The cell that stands there; none where it is blank or outside.
    pub fn cell(self, graph: &Graph) -> Option<CellId> {
        let at = (u32::try_from(self.row).ok()?, u32::try_from(self.column).ok()?);
        graph.id(usize::try_from(self.sheet).ok()?, at)
    }

    /// How many steps of one along an axis lead there from the origin.
    pub fn along(self, axis: Place) -> i64 {
        self.sheet * axis.sheet + self.row * axis.row + self.column * axis.column
    }

    /// How far it is, for the nearest of several.
    pub fn length(self) -> i64 {
        self.sheet.abs() * 1000 + self.row.abs() + self.column.abs()
    }
}

impl Add for Place {
    type Output = Place;
    fn add(self, other: Place) -> Place {
        Place {
            sheet: self.sheet + other.sheet,
            row: self.row + other.row,
            column: self.column + other.column,
        }
    }
}

impl Sub for Place {
    type Output = Place;
    fn sub(self, other: Place) -> Place {
        self + other * -1
    }
}

impl Mul<i64> for Place {
    type Output = Place;
    fn mul(self, times: i64) -> Place {
        Place { sheet: self.sheet * times, row: self.row * times, column: self.column * times }
    }
}

/// What occurs most often, the first of several that do.
pub fn most_common<T: Copy + Eq + std::hash::Hash>(items: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, (usize, usize)> = HashMap::new();
    for (index, item) in items.enumerate() {
        counts.entry(item).or_insert((0, index)).0 += 1;
    }
    let best = counts.into_iter().max_by_key(|(_, (count, first))| (*count, usize::MAX - first));
    best.map(|(item, _)| item)
}

/// The usual distance from one of the places to the next.
pub fn usual_shift(places: &[Option<Place>]) -> Option<Place> {
    let pairs = places.windows(2).filter_map(|pair| Some(pair[1]? - pair[0]?));
    most_common(pairs)
}

/// Where the place of iteration `at` should be, going by the usual distance between the others.
pub fn expected_place(places: &[Option<Place>], at: usize) -> Option<Place> {
    let shift = usual_shift(places)?;
    let others = places.iter().enumerate().filter(|(index, _)| *index != at);
    let told =
        others.filter_map(|(index, place)| Some((*place)? + shift * (at as i64 - index as i64)));
    most_common(told)
}
