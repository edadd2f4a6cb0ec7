//! References that a formula filled down takes along although they mean one cell.

use super::Lint;
use crate::compare::result::{Finding, Kind};
use crate::compare::table::Table;
use crate::data::address::{cell_name, column_name};
use crate::graph::SharedFormula;

impl Lint<'_> {
    /// A column whose first row takes a number from above the table by a reference without `$`: in
    /// every row below it is another cell. The pattern of the column is what is wrong.
    pub(super) fn stray(&mut self, table: &Table, column: u32, shared: &SharedFormula) {
        let Some(&first) = table.machine.rows.first() else { return };
        let (home, below) = ((first, column), (first + 1, column));
        let strays = table.column_at(column).and_then(|index| table.columns[index].strays);
        let Some(cell) = strays else { return };
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
}
