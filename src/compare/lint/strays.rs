//! References that a formula filled down takes along although they mean one cell.

use super::Lint;
use crate::compare::reference::{Axis, CellReference};
use crate::compare::result::{Finding, Kind};
use crate::compare::sheet::{Content, SharedFormula};
use crate::compare::table::Table;
use crate::data::address::{Position, cell_name, column_name};

impl Lint<'_> {
    /// A column whose first row takes a number from above the table by a reference without `$`: in
    /// every row below it is another cell. The pattern of the column is what is wrong.
    pub(super) fn stray(&mut self, table: &Table, column: u32, shared: &SharedFormula) {
        let Some(&first) = table.machine.rows.first() else { return };
        let (home, below) = ((first, column), (first + 1, column));
        let mut cells = shared.formula.cells.iter();
        let Some(cell) = cells.find_map(|cell| self.far_number(home, cell)) else { return };
        let fixed = format!("${}${}", column_name(cell.1), cell.0 + 1);
        let (meant, moved) = (cell_name(cell), cell_name((cell.0 + 1, cell.1)));
        let (home, name) = (cell_name(home), cell_name(below));
        let message = format!(
            "{name} refers to {moved} where {home} refers to {meant}: without $ the reference \
             moves along when the formula is copied down"
        );
        self.report(Finding {
            expected: Some(fixed.clone()),
            found: Some(shared.text(below)),
            fix: Some(format!("write {fixed} for {meant} in {home} and copy it down")),
            ..self.finding(Kind::InconsistentFormula, below, message)
        });
    }

    /// The number that the formula in `home` refers to without `$`, more than a row above.
    fn far_number(&self, home: Position, cell: &CellReference) -> Option<Position> {
        // The row right above is the row before: what a chain starts from.
        let is_far = matches!(cell.row, Axis::Relative(offset) if offset < -1);
        let at = cell.resolve(home).filter(|_| is_far && cell.sheet.is_none())?;
        matches!(self.sheet.content(at), Some(Content::Number(_))).then_some(at)
    }
}
