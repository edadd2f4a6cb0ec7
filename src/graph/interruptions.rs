//! Cells that interrupt a fill: one formula or number of its own where others have one formula in common,
//! down a column, along a row, from block to block or from sheet to sheet.
//!
//! Whoever fills a formula down and types over one cell afterwards leaves such a cell. What interrupts
//! a fill again and again is meant: a step every third row, a state that starts anew with each epoch.

use std::collections::BTreeMap;

use super::place::{Place, most_common};
use super::{CellId, FamilyId, Graph, Scalar};

/// So many cells may interrupt one fill.
const MOST: usize = 2;
/// So many in a workbook are slips of anybody.
const MOST_IN_ALL: usize = 200;

/// So many cells of one formula may stand in a block.
const MOST_ABREAST: usize = 3;

/// The directions of a fill.
const AXES: [Place; 3] = [Place::DOWN, Place::RIGHT, Place::NEXT_SHEET];

/// A cell that interrupts a fill.
#[derive(Clone, Copy)]
struct Interruption {
    cell: CellId,
    /// A cell of the fill.
    source: CellId,
    axis: Place,
}

impl Graph {
    /// The cells that interrupt a fill, each with one whose formula is filled there.
    pub fn interruptions(&self) -> Vec<(CellId, CellId)> {
        let fills = self.families().flat_map(|family| AXES.map(|axis| (family, axis)));
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

    /// What interrupts the fills of a family along an axis.
    fn interrupted(&self, family: FamilyId, axis: Place) -> Vec<Interruption> {
        let members = self.members(family);
        // A formula that names a sheet is another one on each.
        let names_sheets =
            || self.written(members[0]).is_none_or(|one| one.sheets.iter().any(Option::is_some));
        if members.len() <= MOST || axis == Place::NEXT_SHEET && names_sheets() {
            return Vec::new();
        }
        let mut lines: BTreeMap<Place, Vec<CellId>> = BTreeMap::new();
        for id in members {
            let place = Place::of(self, *id);
            lines.entry(place - axis * place.along(axis)).or_default().push(*id);
        }
        let lines = lines.into_values().filter(|line| line.len() > MOST);
        lines.flat_map(|line| self.gaps(&line, axis)).collect()
    }

    /// The cells of other formulas, or numbers, in the places that a line of equal formulas leaves out. Two or
    /// three of them may stand in each block.
    fn gaps(&self, line: &[CellId], axis: Place) -> Vec<Interruption> {
        let numbers: Vec<i64> = line.iter().map(|id| Place::of(self, *id).along(axis)).collect();
        let has = |number: i64| numbers.binary_search(&number).is_ok();
        (1..=MOST_ABREAST)
            .find_map(|abreast| {
                let steps = numbers.windows(abreast + 1).map(|some| some[abreast] - some[0]);
                let mut steps: Vec<i64> = steps.collect();
                // Of several that are as common, the smallest.
                steps.sort_unstable();
                let usual = most_common(steps.into_iter())?;
                if numbers.iter().filter(|number| has(**number + usual)).count() < MOST {
                    return None;
                }
                let ends = line.iter().zip(&numbers);
                let wide =
                    ends.filter(|(_, number)| has(*number + 2 * usual) && !has(*number + usual));
                let found = wide.filter_map(|(source, _)| {
                    let cell = (Place::of(self, *source) + axis * usual).cell(self)?;
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
        let across = match one.axis {
            Place::DOWN => Some(Place::RIGHT),
            Place::RIGHT => Some(Place::DOWN),
            _ => None,
        };
        let has_number =
            |by: Place| (Place::of(self, one.cell) + by).cell(self).is_some_and(is_number);
        match self.formula(one.cell) {
            Some(formula) => {
                let alike = self.family(one.cell).map_or(0, |family| self.members(family).len());
                formula.broken.is_some() || alike == 1
            }
            None => !across.into_iter().flat_map(|by| [by * -1, by]).any(has_number),
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
