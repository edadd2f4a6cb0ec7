//! The sheet `summary`: what was run, what it came to, and how far that is from the exact line.

mod own;

use rust_xlsxwriter::utility::{row_col_to_cell, row_col_to_cell_absolute};
use rust_xlsxwriter::{Color, Format, Url, Worksheet};

use super::addresses::Addresses;
use super::charts;
use super::digits::RunDigits;
use super::epochs::{EpochsLayout, WEIGHTS};
use super::layout::rmse_formula;
use super::sheet_names::SheetName;
use super::style::Styles;
use super::{note, set_up_page, write_formula, write_total};
use crate::error::Result;
use crate::export::palette::colour;
use crate::trace::{Results, Run};
use crate::value::{Value, counted};

/// The row with the heads of the results; a row per optimizer follows, then the exact line's.
const HEADS: u32 = 5;

pub fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    results: &Results,
    addresses: &Addresses,
) -> Result<()> {
    let summary = Summary::new(styles, results, addresses);
    summary.write_title(sheet)?;
    summary.write_heads(sheet)?;
    for index in 0..results.runs.len() {
        summary.write_run(sheet, index)?;
    }
    summary.write_exact(sheet)?;
    let below = match &results.units {
        Some(units) => own::write(sheet, &summary, units)?,
        None => summary.exact_row() + 1,
    };
    let charts_row = summary.write_warnings(sheet, below)?;
    let place = summary.charts_place(charts_row);
    summary.write_rmse_by_epoch(sheet, place.rmse_heads)?;
    charts::insert(sheet, results, addresses, &place)?;
    sheet.set_column_width(0, 20)?;
    sheet.set_column_range_width(1, summary.last_column().max(12), 12.5)?;
    if let Some(error) = results.error() {
        let at = summary.rmse_column() + 2;
        sheet.set_column_width(at, 12.5_f64.max(1.2 * error.header.chars().count() as f64))?;
    }
    set_up_page(sheet);
    Ok(())
}

/// The cells with the names of the first `count` optimizers on the `summary`, from any sheet.
pub fn names(summary: &SheetName, count: usize) -> String {
    let cell = |row| row_col_to_cell_absolute(row, 0);
    summary.cell(&format!("{}:{}", cell(HEADS + 1), cell(HEADS + count.max(1) as u32)))
}

/// The parts of the summary under way.
struct Summary<'a> {
    styles: &'a Styles,
    results: &'a Results,
    addresses: &'a Addresses,
    epochs: EpochsLayout,
    /// The names of all hyperparameters of all runs, each once.
    hyper: Vec<&'a str>,
    digits: Vec<RunDigits>,
    /// Why each run ended when it did, where something could stop it.
    endings: Option<Vec<String>>,
}

impl<'a> Summary<'a> {
    fn new(styles: &'a Styles, results: &'a Results, addresses: &'a Addresses) -> Self {
        let mut hyper: Vec<&str> = Vec::new();
        for input in results.runs.iter().flat_map(|run| run.sheet.hyperparameters()) {
            if !hyper.contains(&input.id.as_str()) {
                hyper.push(&input.id);
            }
        }
        Summary {
            styles,
            results,
            addresses,
            epochs: EpochsLayout::new(results),
            hyper,
            digits: RunDigits::of(results),
            endings: results.endings(),
        }
    }

    fn write_title(&self, sheet: &mut Worksheet) -> Result<()> {
        let title = format!("Gradient descent on {}", self.results.model().equation);
        sheet.write_string_with_format(0, 0, title, &self.styles.title)?;
        let samples = counted(self.results.data.samples(), "sample");
        let loss = match self.results.model().is_squared {
            true => "err^2 = (y_pred - y)^2",
            false => &self.results.model().loss,
        };
        let each = match self.results.updates(1) {
            Some(_) => "",
            None => ", one sample a step",
        };
        let what = format!("{samples}, {}{each}; loss {loss}", self.results.length());
        sheet.write_string_with_format(1, 0, what, &self.styles.prose)?;
        let copied = self.addresses.copied().map(|told| format!(" {told}"));
        let origin = super::data::origin(self.results, self.addresses);
        let origin = origin + &copied.unwrap_or_default();
        sheet.write_string_with_format(2, 0, origin, &self.styles.prose)?;
        let training = self.results.training().map(|words| format!("Trained with {words}."));
        let training: Vec<String> = training.into_iter().chain(self.results.resets()).collect();
        if !training.is_empty() {
            sheet.write_string_with_format(3, 0, training.join(" "), &self.styles.prose)?;
        }
        let results = match self.results.units {
            Some(_) => "Results, for the scaled columns",
            None => "Results",
        };
        sheet.write_string_with_format(4, 0, results, &self.styles.heading)?;
        Ok(())
    }

    /// The column of the first final weight.
    fn weights_column(&self) -> u16 {
        1 + self.hyper.len() as u16
    }

    fn rmse_column(&self) -> u16 {
        self.weights_column() + self.epochs.weights
    }

    /// The column of the first distance from the exact line.
    fn distance_column(&self) -> u16 {
        self.rmse_column() + 2 + u16::from(self.results.error().is_some())
    }

    fn last_column(&self) -> u16 {
        let distances = if self.results.exact.is_some() { self.epochs.weights } else { 0 };
        let ends = u16::from(self.endings.is_some());
        self.distance_column() + distances + ends - 1
    }

    fn run_row(&self, index: usize) -> u32 {
        HEADS + 1 + index as u32
    }

    fn exact_row(&self) -> u32 {
        self.run_row(self.results.runs.len())
    }

    fn write_heads(&self, sheet: &mut Worksheet) -> Result<()> {
        let weights = self.results.weights();
        let mut heads: Vec<(String, String)> =
            vec![("optimizer".into(), "click to see every step".into())];
        for name in &self.hyper {
            heads.push(((*name).into(), format!("the value of {name} on the optimizer's sheet")));
        }
        for weight in &weights {
            let told = match self.results.plan.dialect {
                Some(_) => format!("{weight} that goes on from the last epoch"),
                None => format!("{weight} after the last step"),
            };
            heads.push((format!("final {weight}"), told));
        }
        let rmse = "root mean squared error over all samples with the final weights";
        heads.push(("rmse".into(), rmse.into()));
        let online = "the same over the predictions made during the last epoch";
        heads.push(("online_rmse".into(), online.into()));
        heads.extend(self.results.error().map(|error| {
            let told = format!("{} of the last epoch: {}", error.title, error.measure.meaning());
            (error.header.clone(), told)
        }));
        for weight in weights.iter().filter(|_| self.results.exact.is_some()) {
            let told = format!("final {weight} minus the {weight} of the exact least-squares line");
            heads.push((format!("{weight} - exact {weight}"), told));
        }
        if self.endings.is_some() {
            heads.push(("end".into(), "after which epoch the run stopped, and why".into()));
        }
        for (column, (head, told)) in (0..).zip(&heads) {
            let is_end = self.endings.is_some() && column == self.last_column();
            let format = match column {
                0 => self.styles.head.clone(),
                _ if is_end => self.styles.head.clone().set_indent(1),
                _ => self.styles.number_head.clone(),
            };
            sheet.write_string_with_format(HEADS, column, head, &format)?;
            sheet.insert_note(HEADS, column, &note(told))?;
        }
        Ok(())
    }

    fn write_run(&self, sheet: &mut Worksheet, index: usize) -> Result<()> {
        let (run, layout) = (&self.results.runs[index], &self.addresses.traces[index]);
        let row = self.run_row(index);
        let name = Format::new().set_bold().set_font_color(Color::RGB(colour(index)));
        let link = Url::new(format!("internal:{}", layout.sheet.cell("A1")));
        let link = link.set_text(&run.sheet.name);
        sheet.write_url_with_format(row, 0, link, &name)?;
        for (column, name) in (1..).zip(&self.hyper) {
            if let Some(input) = run.sheet.input(name) {
                let value = Value::number(run.sheet.inputs[input].value);
                write_formula(sheet, (row, column), &layout.input(input), value, &Format::new())?;
            }
        }
        if let Some(endings) = &self.endings {
            // A little room between the numbers and the words.
            let format = Format::new().set_indent(1);
            sheet.write_string_with_format(row, self.last_column(), &endings[index], &format)?;
        }
        self.write_finals(sheet, run, index)
    }

    /// The final weights and errors, and the distances from the exact line.
    fn write_finals(&self, sheet: &mut Worksheet, run: &Run, index: usize) -> Result<()> {
        let row = self.run_row(index);
        let Some(last) = run.outcome.last() else { return Ok(()) };
        let source = self.epochs.last_row(index);
        let from_epochs =
            |column: u16| self.addresses.names.epochs.cell(&row_col_to_cell(source, column));
        let digits = &self.digits[index];
        let finals = last.weights.iter().map(|value| (*value, &digits.weights));
        let errors = [(last.rmse, &digits.errors), (last.online_rmse, &digits.errors)];
        for (offset, (value, digits)) in (0..).zip(finals.chain(errors)) {
            let place = (row, self.weights_column() + offset);
            write_formula(sheet, place, &from_epochs(WEIGHTS + offset), value, &digits.number())?;
        }
        if let Some(at) = self.epochs.error() {
            let place = (row, self.rmse_column() + 2);
            let number = digits.errors.number();
            write_formula(sheet, place, &from_epochs(at), last.root_of_sum, &number)?;
        }
        let exact = self.results.exact.iter().flat_map(|exact| &exact.weights);
        for (offset, (value, exact)) in (0..).zip(last.weights.iter().zip(exact)) {
            let cell = row_col_to_cell(row, self.weights_column() + offset);
            let exact_cell =
                row_col_to_cell_absolute(self.exact_row(), self.weights_column() + offset);
            let distance = *value - *exact;
            let place = (row, self.distance_column() + offset);
            let text = format!("{cell}-{exact_cell}");
            write_formula(sheet, place, &text, distance, &digits.weights.number())?;
        }
        Ok(())
    }

    /// The exact least-squares line, by the spreadsheet's own functions.
    fn write_exact(&self, sheet: &mut Worksheet) -> Result<()> {
        let Some(exact) = &self.results.exact else { return Ok(()) };
        let row = self.exact_row();
        sheet.write_string_with_format(row, 0, "exact least squares", &self.styles.label)?;
        let data = &self.addresses.data;
        let (x, y) = (data.values(0), data.values(1));
        let functions = ["SLOPE", "INTERCEPT"];
        let well = self.results.well().next().map_or(0, |(index, _)| index);
        let digits = &self.digits[well];
        let mut cells = Vec::new();
        for (offset, (function, value)) in
            (0..).zip(functions.iter().zip(exact.weights.iter().copied()))
        {
            let place = (row, self.weights_column() + offset);
            let text = format!("{function}({y},{x})");
            write_formula(sheet, place, &text, value, &digits.weights.number())?;
            cells.push(row_col_to_cell_absolute(place.0, place.1));
        }
        if let Some(run) = self.results.runs.first() {
            let layout = &self.addresses.traces[0];
            let (rmse, is_array) = rmse_formula(&run.sheet, data, layout, &cells);
            let is_determined = exact.weights.iter().all(|weight| !weight.is_error());
            // Spreadsheets differ in which error comes out of sums over errors.
            let text =
                if is_determined { rmse } else { format!("IF(ISERROR({0}),{0},{rmse})", cells[0]) };
            let place = (row, self.rmse_column());
            let number = digits.errors.number();
            write_total(sheet, place, (&text, is_array), exact.rmse, &number)?;
        }
        Ok(())
    }

    /// A line for every run that went wrong, below the row; the row below them.
    fn write_warnings(&self, sheet: &mut Worksheet, mut row: u32) -> Result<u32> {
        for warning in self.results.runs.iter().filter_map(|run| run.warning.as_ref()) {
            row += 1;
            let told = format!("Warning: {warning}");
            sheet.write_string_with_format(row, 0, told, &self.styles.warning)?;
        }
        Ok(row + 2)
    }

    /// The RMSE of each optimizer after each epoch; epoch 0 has the start weights. A long table does not
    /// stay in memory, so it is written row by row.
    fn write_rmse_by_epoch(&self, sheet: &mut Worksheet, top: u32) -> Result<()> {
        sheet.write_string_with_format(top - 1, 0, "RMSE by epoch", &self.styles.heading)?;
        sheet.write_string_with_format(top, 0, "epoch", &self.styles.number_head)?;
        let runs = &self.results.runs;
        for (index, run) in runs.iter().enumerate() {
            let head = self.styles.number_head.clone().set_font_color(Color::RGB(colour(index)));
            sheet.write_string_with_format(top, index as u16 + 1, &run.sheet.name, &head)?;
        }
        let numbers: Vec<Format> =
            self.digits.iter().map(|digits| digits.own_errors.number()).collect();
        for epoch in 0..=self.results.epochs() {
            let row = top + 1 + epoch as u32;
            sheet.write_number(row, 0, epoch as f64)?;
            for (index, number) in numbers.iter().enumerate() {
                let place = (row, index as u16 + 1);
                match epoch.checked_sub(1) {
                    None => self.write_start_rmse(sheet, index, place, number)?,
                    Some(at) => self.write_rmse(sheet, (index, at), place, number)?,
                }
            }
        }
        Ok(())
    }

    /// The RMSE of an optimizer's start weights.
    fn write_start_rmse(
        &self,
        sheet: &mut Worksheet,
        index: usize,
        place: (u32, u16),
        number: &Format,
    ) -> Result<()> {
        let run = &self.results.runs[index];
        let (layout, data) = (&self.addresses.traces[index], &self.addresses.data);
        let starts = layout.starts(&run.sheet);
        let (mut start, is_array) = rmse_formula(&run.sheet, data, layout, &starts);
        if let Some(units) = &self.results.units {
            start = super::units::error(units, data, &start);
        }
        let value = self.results.own_error(run.outcome.start_rmse);
        write_total(sheet, place, (&start, is_array), value, number)
    }

    /// The RMSE of an optimizer after an epoch, counted from 0, where it has one.
    fn write_rmse(
        &self,
        sheet: &mut Worksheet,
        (index, at): (usize, usize),
        place: (u32, u16),
        number: &Format,
    ) -> Result<()> {
        let Some(epoch) = self.results.runs[index].outcome.epochs.get(at) else { return Ok(()) };
        let rmse = self.epochs.own_rmse().unwrap_or(self.epochs.rmse());
        let source = row_col_to_cell(self.epochs.row(index, at as u32 + 1), rmse);
        let text = self.addresses.names.epochs.cell(&source);
        write_formula(sheet, place, &text, self.results.own_error(epoch.rmse), number)
    }

    fn charts_place(&self, row: u32) -> charts::Place {
        charts::Place {
            row,
            // The table's heading stands between the charts and its heads.
            rmse_heads: row + charts::rows(self.results) + 2,
            exact: (self.exact_row(), self.weights_column()),
        }
    }
}
