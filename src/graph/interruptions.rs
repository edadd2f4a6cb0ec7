//! Cells that interrupt a fill: one formula or number of its own where others have one formula in common,
//! down a column, along a row, from block to block or from sheet to sheet.
//!
//! Whoever fills a formula down and types over one cell afterwards leaves such a cell. What interrupts
//! a fill again and again is meant: a step every third row, a state that starts anew with each epoch.

use std::collections::BTreeMap;

use super::{CellId, FamilyId, Graph, Scalar};

/// So many cells may interrupt one fill.
const MOST: usize = 2;
/// So many in a workbook are slips of anybody.
const MOST_IN_ALL: usize = 200;

/// So many cells of one formula may stand in a block.
const MOST_ABREAST: usize = 3;

/// The directions of a fill.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Axis {
    Down,
    Right,
    Sheets,
}

/// A place: its sheet, its row and its column.
type Place = [i64; 3];

impl Axis {
    /// Which number of a place changes along it.
    fn number(self) -> usize {
        match self {
            Axis::Sheets => 0,
            Axis::Down => 1,
            Axis::Right => 2,
        }
    }

    /// The directions across it on a sheet.
    fn across(self) -> &'static [Place] {
        match self {
            Axis::Down => &[[0, 0, -1], [0, 0, 1]],
            Axis::Right => &[[0, -1, 0], [0, 1, 0]],
            Axis::Sheets => &[],
        }
    }
}

/// A cell that interrupts a fill.
#[derive(Clone, Copy)]
struct Interruption {
    cell: CellId,
    /// A cell of the fill.
    source: CellId,
    axis: Axis,
}

impl Graph {
    /// The cells that interrupt a fill, each with one whose formula is filled there.
    pub fn interruptions(&self) -> Vec<(CellId, CellId)> {
        let axes = [Axis::Down, Axis::Right, Axis::Sheets];
        let fills = self.families().flat_map(|family| axes.map(|axis| (family, axis)));
        let mut all: BTreeMap<CellId, Interruption> = BTreeMap::new();
        for one in fills.flat_map(|(family, axis)| self.interrupted(family, axis)) {
            all.entry(one.cell).or_insert(one);
        }
        if all.len() > MOST_IN_ALL {
            return Vec::new();
        }
        let is_once = |one: &&Interruption| {
            all.keys().filter(|other| self.says_like(one.cell, **other)).count() == 1
        };
        let found = all.values().filter(|one| self.is_lone(one)).filter(is_once);
        found.map(|one| (one.cell, one.source)).collect()
    }

    fn place(&self, id: CellId) -> Place {
        let (row, column) = self.position(id);
        [self.sheet(id) as i64, row.into(), column.into()]
    }

    fn cell_at(&self, [sheet, row, column]: Place) -> Option<CellId> {
        let at = (u32::try_from(row).ok()?, u32::try_from(column).ok()?);
        self.id(usize::try_from(sheet).ok()?, at)
    }

    /// What interrupts the fills of a family along an axis.
    fn interrupted(&self, family: FamilyId, axis: Axis) -> Vec<Interruption> {
        let members = self.members(family);
        // A formula that names a sheet is another one on each.
        let names_sheets =
            || self.written(members[0]).is_none_or(|one| one.sheets.iter().any(Option::is_some));
        if members.len() <= MOST || axis == Axis::Sheets && names_sheets() {
            return Vec::new();
        }
        let mut lines: BTreeMap<Place, Vec<CellId>> = BTreeMap::new();
        for id in members {
            let mut line = self.place(*id);
            line[axis.number()] = 0;
            lines.entry(line).or_default().push(*id);
        }
        let lines = lines.into_values().filter(|line| line.len() > MOST);
        lines.flat_map(|line| self.gaps(&line, axis)).collect()
    }

    /// The cells of other formulas, or numbers, in the places that a line of equal formulas leaves out. Two or
    /// three of them may stand in each block.
    fn gaps(&self, line: &[CellId], axis: Axis) -> Vec<Interruption> {
        let numbers: Vec<i64> = line.iter().map(|id| self.place(*id)[axis.number()]).collect();
        let has = |number: i64| numbers.binary_search(&number).is_ok();
        (1..=MOST_ABREAST)
            .find_map(|abreast| {
                let steps = numbers.windows(abreast + 1).map(|some| some[abreast] - some[0]);
                let usual = most_common(steps)?;
                if numbers.iter().filter(|number| has(**number + usual)).count() < MOST {
                    return None;
                }
                let ends = line.iter().zip(&numbers);
                let wide =
                    ends.filter(|(_, number)| has(*number + 2 * usual) && !has(*number + usual));
                let found = wide.filter_map(|(source, _)| {
                    let mut place = self.place(*source);
                    place[axis.number()] += usual;
                    let cell = self.cell_at(place)?;
                    let is_number = matches!(self.value(cell), Scalar::Number(_));
                    let is_read = self.formula(cell).is_some() || is_number;
                    is_read.then_some(Interruption { cell, source: *source, axis })
                });
                let found: Vec<Interruption> = found.collect();
                (1..=MOST).contains(&found.len()).then_some(found)
            })
            .unwrap_or_default()
    }

    /// Whether no cell has the same formula, and no number stands beside one across the fill: such are a
    /// line of their own.
    fn is_lone(&self, one: &Interruption) -> bool {
        let is_number =
            |id: CellId| self.formula(id).is_none() && self.value(id).number().is_some();
        let mut across = one.axis.across().iter().filter_map(|by| {
            let place = self.place(one.cell);
            self.cell_at([place[0] + by[0], place[1] + by[1], place[2] + by[2]])
        });
        match self.formula(one.cell) {
            Some(formula) => {
                let alike = self.family(one.cell).map_or(0, |family| self.members(family).len());
                formula.broken.is_some() || alike == 1
            }
            None => !across.any(is_number),
        }
    }

    /// Whether two cells have a formula that is made alike: one slip in each of several blocks is meant,
    /// or is told of all of them.
    fn says_like(&self, one: CellId, other: CellId) -> bool {
        let formula = |id: CellId| self.formula(id).filter(|one| one.broken.is_none());
        let same =
            formula(one).zip(formula(other)).is_some_and(|(one, other)| one.tree == other.tree);
        one == other || same
    }
}

/// The number that occurs most often, the smallest of several that do.
fn most_common(numbers: impl Iterator<Item = i64>) -> Option<i64> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    numbers.for_each(|number| *counts.entry(number).or_default() += 1);
    let best = counts.into_iter().max_by_key(|(number, count)| (*count, -*number));
    best.map(|(number, _)| number)
}
