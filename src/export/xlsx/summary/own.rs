//! The results of a run over scaled columns in the units of the data: the weights and errors once
//! more, by the formulas that lead back, and those formulas in words.

use rust_xlsxwriter::utility::{row_col_to_cell, row_col_to_cell_absolute};
use rust_xlsxwriter::{Color, Format, Worksheet};

use super::Summary;
use crate::error::Result;
use crate::export::palette::colour;
use crate::export::xlsx::{note, units, write_formula};
use crate::trace::{Exact, Units};

/// Writes them below the other results; the row below.
pub fn write(sheet: &mut Worksheet, summary: &Summary, way: &Units) -> Result<u32> {
    let block = Block { summary, way, top: summary.exact_row() + 2 };
    let heading = "Results, in the units of the data";
    sheet.write_string_with_format(block.top, 0, heading, &summary.styles.heading)?;
    block.write_heads(sheet)?;
    for index in 0..summary.results.runs.len() {
        block.write_run(sheet, index)?;
    }
    block.write_exact(sheet)?;
    let mut row = block.exact_row() + 1;
    let columns = &summary.results.runs[0].sheet.data;
    let sheet_name = summary.addresses.data_sheet();
    for line in way.way_back(columns, &summary.results.weights(), sheet_name) {
        sheet.write_string_with_format(row, 0, line, &summary.styles.prose)?;
        row += 1;
    }
    Ok(row)
}

struct Block<'a> {
    summary: &'a Summary<'a>,
    way: &'a Units,
    top: u32,
}

impl Block<'_> {
    fn row(&self, index: usize) -> u32 {
        self.top + 2 + index as u32
    }

    fn exact_row(&self) -> u32 {
        self.row(self.summary.results.runs.len())
    }

    /// The number of weights that have a counterpart in the units of the data.
    fn weights(&self) -> u16 {
        if self.way.parts.is_some() { self.summary.epochs.weights } else { 0 }
    }

    /// Weights and errors stand below those of the scaled columns.
    fn first(&self) -> u16 {
        match self.weights() {
            0 => self.summary.rmse_column(),
            _ => self.summary.weights_column(),
        }
    }

    fn distances(&self) -> u16 {
        self.summary.rmse_column() + 2
    }

    fn exact(&self) -> Option<Exact> {
        self.summary.results.own_exact().filter(|_| self.weights() > 0)
    }

    fn write_heads(&self, sheet: &mut Worksheet) -> Result<()> {
        let styles = self.summary.styles;
        let row = self.top + 1;
        sheet.write_string_with_format(row, 0, "optimizer", &styles.head)?;
        let mut heads: Vec<(String, String)> = Vec::new();
        let weights = self.summary.results.weights();
        for weight in weights.iter().take(usize::from(self.weights())) {
            let told = format!("{weight} after the last step, for the columns as they were read");
            heads.push((format!("final {weight}"), told));
        }
        heads.push(("rmse".into(), "with the final weights, in the unit of y".into()));
        heads.push(("online_rmse".into(), "over the last epoch, in the unit of y".into()));
        if self.exact().is_some() {
            heads.extend(weights.iter().map(|weight| {
                let told = format!("final {weight} minus that of the exact least-squares line");
                (format!("{weight} - exact {weight}"), told)
            }));
        }
        for (at, (head, told)) in (self.first()..).zip(&heads) {
            sheet.write_string_with_format(row, at, head, &styles.number_head)?;
            sheet.insert_note(row, at, &note(told))?;
        }
        Ok(())
    }

    fn write_run(&self, sheet: &mut Worksheet, index: usize) -> Result<()> {
        let (summary, row) = (self.summary, self.row(index));
        let run = &summary.results.runs[index];
        let name = Format::new().set_bold().set_font_color(Color::RGB(colour(index)));
        sheet.write_string_with_format(row, 0, &run.sheet.name, &name)?;
        let Some(last) = run.outcome.last() else { return Ok(()) };
        let own = self.way.epoch(last);
        let digits = &summary.digits[index];
        let source = summary.epochs.last_row(index);
        let epochs = &summary.addresses.names.epochs;
        let from = |column: u16| epochs.cell(&row_col_to_cell(source, column));
        if let Some(first) = summary.epochs.own_weights() {
            for (offset, value) in (0..).zip(&own.weights) {
                let place = (row, self.first() + offset);
                let format = digits.own_weights.number();
                write_formula(sheet, place, &from(first + offset), *value, &format)?;
            }
        }
        if let Some(first) = summary.epochs.own_rmse() {
            for (offset, value) in (0..).zip([own.rmse, own.online_rmse]) {
                let place = (row, summary.rmse_column() + offset);
                let format = digits.own_errors.number();
                write_formula(sheet, place, &from(first + offset), value, &format)?;
            }
        }
        let Some(exact) = self.exact() else { return Ok(()) };
        for (offset, (value, exact)) in (0..).zip(own.weights.iter().zip(&exact.weights)) {
            let at = self.first() + offset;
            let exact_cell = row_col_to_cell_absolute(self.exact_row(), at);
            let text = format!("{}-{exact_cell}", row_col_to_cell(row, at));
            let place = (row, self.distances() + offset);
            let format = digits.own_weights.number();
            write_formula(sheet, place, &text, *value - *exact, &format)?;
        }
        Ok(())
    }

    /// The exact line of the scaled columns, led back in the same way.
    fn write_exact(&self, sheet: &mut Worksheet) -> Result<()> {
        let (summary, row) = (self.summary, self.exact_row());
        let Some(exact) = self.exact() else { return Ok(()) };
        sheet.write_string_with_format(row, 0, "exact least squares", &summary.styles.label)?;
        let well = summary.results.well().next().map_or(0, |(index, _)| index);
        let digits = &summary.digits[well];
        let cell = |row: u32, at: u16| row_col_to_cell_absolute(row, at);
        let columns = || (self.first()..).take(exact.weights.len());
        let scaled: Vec<String> = columns().map(|at| cell(summary.exact_row(), at)).collect();
        let back: Vec<String> = columns().map(|at| cell(row, at)).collect();
        let formulas = units::weights(self.way, &summary.addresses.data, &scaled, &back);
        for (at, (text, value)) in columns().zip(formulas.iter().zip(&exact.weights)) {
            write_formula(sheet, (row, at), text, *value, &digits.own_weights.number())?;
        }
        let rmse = cell(summary.exact_row(), summary.rmse_column());
        let text = units::error(self.way, &summary.addresses.data, &rmse);
        let place = (row, summary.rmse_column());
        write_formula(sheet, place, &text, exact.rmse, &digits.own_errors.number())
    }
}
