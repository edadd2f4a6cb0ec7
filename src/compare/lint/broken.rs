//! Formulas that refer to nothing: what is left behind where a row, a column or a sheet was deleted.
//!
//! One deletion breaks many formulas. Those of a row that refer to the deleted one, and those of a
//! column that refer to a deleted column or cell, are one mistake each.

use std::collections::BTreeMap;

use super::Lint;
use crate::compare::result::{Finding, Kind};
use crate::compare::table::{Patterns, Table};
use crate::data::address::{Position, cell_name};
use crate::value::listed;

/// How many findings of this kind a sheet gets; a sheet with more has one cause that they share.
const MOST: usize = 20;
/// A column with more broken cells than this has them in every row.
const FEW: usize = 3;

impl Lint<'_> {
    /// Formulas that refer to nothing.
    pub(super) fn broken(&mut self, table: Option<&Table>, patterns: &mut Patterns) {
        let cells = self.sheet.cells().iter().map(|cell| cell.at);
        let cells: Vec<Position> = cells.filter(|at| self.what_is_broken(*at).is_some()).collect();
        for cells in together(&cells, table).into_iter().take(MOST) {
            let finding = self.broken_cells(&cells, table, patterns);
            self.findings.push((cells, finding));
        }
    }

    /// What the formula of a cell refers to in vain: `#REF!`, or a name that stands for it.
    fn what_is_broken(&self, at: Position) -> Option<&str> {
        self.sheet.formula_at(at)?.formula.broken.as_deref()
    }

    fn broken_cells(
        &self,
        cells: &[Position],
        table: Option<&Table>,
        patterns: &mut Patterns,
    ) -> Finding {
        let first = cells[0];
        let broken = self.what_is_broken(first).unwrap_or_default();
        let names: Vec<String> = cells.iter().map(|at| cell_name(*at)).collect();
        let is_column = cells.iter().all(|at| at.1 == first.1);
        let message = match names.as_slice() {
            [one] => format!(
                "{one} refers to {broken}: the cell that it needs was deleted or moved away"
            ),
            [one, .., last] if is_column => format!(
                "{one} to {last} refer to {broken}: the cells that they need were deleted or moved \
                 away"
            ),
            [] => String::new(),
            names => format!(
                "{} refer to {broken}: the row that they need was deleted or moved away",
                listed(names)
            ),
        };
        let expected: Vec<Option<String>> = cells
            .iter()
            .map(|at| table.and_then(|table| self.expected(table, *at, patterns)))
            .collect();
        let edits: Option<Vec<String>> = expected
            .iter()
            .zip(&names)
            .map(|(formula, name)| Some(format!("{} into {name}", formula.as_ref()?)))
            .collect();
        let fix = match edits {
            Some(edits) => format!("write {}", edits.join(", ")),
            None if names.len() > 1 && is_column => {
                format!("write the right reference into {} and copy it down", names[0])
            }
            None => format!("write the right reference into {}", names.join(", ")),
        };
        Finding {
            expected: expected.into_iter().next().flatten(),
            found: self.sheet.formula_at(first).map(|shared| shared.text(first)),
            fix: Some(fix),
            ..self.finding(Kind::BrokenReference, first, message)
        }
    }

    /// The formula that the pattern of the column has for a cell.
    fn expected(&self, table: &Table, at: Position, patterns: &mut Patterns) -> Option<String> {
        table.row_at(at.0)?;
        let own = self.sheet.get(at)?.formula()?;
        let formula = table.columns[table.column_at(at.1)?].formula?;
        let is_own = patterns.class(formula, at.1) == patterns.class(own, at.1);
        (!is_own).then(|| self.sheet.formulas()[formula].text(at))
    }
}

/// The broken cells that one deletion explains: those of a column of the table, else those of a
/// row; cells beside the table each by themselves.
fn together(cells: &[Position], table: Option<&Table>) -> Vec<Vec<Position>> {
    let in_table = |at: &Position| {
        table.is_some_and(|one| one.row_at(at.0).is_some() && one.column_at(at.1).is_some())
    };
    let mut in_column: BTreeMap<u32, usize> = BTreeMap::new();
    for at in cells.iter().filter(|at| in_table(at)) {
        *in_column.entry(at.1).or_default() += 1;
    }
    let mut places = BTreeMap::new();
    let mut groups: Vec<Vec<Position>> = Vec::new();
    for at in cells {
        let key = match in_table(at) {
            false => (Some(at.0), Some(at.1)),
            true if in_column[&at.1] > FEW => (None, Some(at.1)),
            true => (Some(at.0), None),
        };
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(*at),
            None => groups.push(vec![*at]),
        }
    }
    groups
}
