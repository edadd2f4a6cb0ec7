//! References that a formula filled down takes along although they mean one cell.

use super::Lint;
use crate::compare::reference::{Axis, CellReference};
use crate::compare::result::{Finding, Kind};
use crate::compare::sheet::{Content, SharedFormula};
use crate::compare::table::Table;
use crate::data::address::{Position, cell_name, column_name};

impl Lint<'_> {
    /// Columns whose first row takes a number from above the table by a reference without `$`: in
    /// every row below it is another cell.
    pub(super) fn strays(&mut self, table: &Table) {
        let Some(&first) = table.machine.rows.first() else { return };
        for index in 0..table.columns.len() {
            let Some(formula) = table.columns[index].formula else { continue };
            let shared = &self.sheet.formulas()[formula];
            let home = (first, table.machine.columns[index].column);
            let strays = shared.formula.cells.iter().filter_map(|cell| self.stray(home, cell));
            if let Some(cell) = strays.collect::<Vec<_>>().first() {
                let finding = self.stray_finding(home, *cell, shared);
                self.findings.push((vec![(home.0 + 1, home.1)], finding));
            }
        }
    }

    /// The number above the table that the formula in `home` refers to without `$`.
    fn stray(&self, home: Position, cell: &CellReference) -> Option<Position> {
        // The row right above is the row before: what a chain starts from.
        let is_far = matches!(cell.row, Axis::Relative(offset) if offset < -1);
        let at = cell.resolve(home).filter(|_| is_far && cell.sheet.is_none())?;
        matches!(self.sheet.content(at), Some(Content::Number(_))).then_some(at)
    }

    fn stray_finding(&self, home: Position, cell: Position, shared: &SharedFormula) -> Finding {
        let below = (home.0 + 1, home.1);
        let moved = cell_name((cell.0 + 1, cell.1));
        let fixed = format!("${}${}", column_name(cell.1), cell.0 + 1);
        let cell = cell_name(cell);
        let (home, below_name) = (cell_name(home), cell_name(below));
        Finding {
            kind: Kind::InconsistentFormula,
            cell: format!("{}!{below_name}", self.sheet.name),
            message: format!(
                "{below_name} refers to {moved} where {home} refers to {cell}: without $ the \
                 reference moves along when the formula is copied down"
            ),
            expected: Some(fixed.clone()),
            found: Some(shared.text(below)),
            cause: None,
            consequences: 0,
            fix: Some(format!("write {fixed} for {cell} in {home} and copy it down")),
        }
    }
}
