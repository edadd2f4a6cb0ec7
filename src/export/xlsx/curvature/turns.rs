//! The working of more than two eigenvalues, to the right of the page: a row for each turn.

use super::VALUES;
use super::cells::{Cells, digits};
use crate::error::Result;
use crate::trace::curvature::Turn;

impl Cells<'_> {
    /// The column right of the page.
    pub fn width(&self) -> u16 {
        let outputs = self.model().predictions.len();
        let table = self.model().data.len() + outputs * (1 + self.weights().len()) + 3;
        VALUES + table.max(7) as u16
    }

    /// The turns of Jacobi's method, beside this row.
    pub fn write_turns(&mut self, turns: &[Turn]) -> Result<()> {
        if turns.is_empty() {
            return Ok(());
        }
        let left = self.width() + 1;
        let weights = self.weights();
        let mut row = self.row - 3;
        let styles = self.styles;
        let title = "Jacobi's method: turn two axes until nothing is left between them";
        self.sheet.write_string_with_format(row, left, title, &styles.heading)?;
        let told = "Each row turns the axes of two weights by an angle that makes the entry between \
                    them 0; a blank entry stays as it was. The last ones on the diagonal are the \
                    eigenvalues.";
        self.sheet.write_string_with_format(row + 1, left, told, &styles.prose)?;
        row += 2;
        let mut heads = vec!["turn".to_owned()];
        heads.extend(["tan", "cos", "sin"].map(str::to_owned));
        for (index, first) in weights.iter().enumerate() {
            heads.extend(weights[index..].iter().map(|second| format!("{first}, {second}")));
        }
        for (column, head) in (left..).zip(&heads) {
            self.sheet.write_string_with_format(row, column, head, &styles.number_head)?;
        }
        self.sheet.set_column_range_width(left, left + heads.len() as u16, 14)?;
        let values = self.curvature.hessian.iter().flatten();
        let entry = digits(values.map(|place| self.curvature.value(*place))).number();
        let angle = rust_xlsxwriter::Format::new().set_num_format("0.000000");
        let label = rust_xlsxwriter::Format::new().set_align(rust_xlsxwriter::FormatAlign::Right);
        for turn in turns {
            row += 1;
            let axes = format!("{} and {}", weights[turn.axes.0], weights[turn.axes.1]);
            self.sheet.write_string_with_format(row, left, axes, &label)?;
            for (column, place) in (left + 1..).zip(turn.angle) {
                self.number_in((row, column), place, &angle)?;
            }
            for (column, place) in (left + 4..).zip(&turn.entries) {
                if let Some(place) = place {
                    self.number_in((row, column), *place, &entry)?;
                }
            }
        }
        Ok(())
    }
}
