//! The sheet `epochs`: a row per optimizer and epoch, both RMSEs as formulas over the trace.

use rust_xlsxwriter::{Format, Worksheet};

use super::digits::{RunDigits, column_width};
use super::layout::{DataLayout, TraceLayout, squared_errors};
use super::style::Styles;
use super::{note, set_up_page, write_formula};
use crate::error::Result;
use crate::sheet::{InputKind, Sheet};
use crate::trace::{EpochSummary, Results};

/// The first row of values; the heads stand above it.
pub const FIRST_ROW: u32 = 1;
const EPOCH: u16 = 1;
/// The column of the first weight's value.
pub const WEIGHTS: u16 = 2;

/// Where things stand in this sheet.
#[derive(Debug, Clone, Copy)]
pub struct EpochsLayout {
    /// The number of epochs of each run.
    pub epochs: u32,
    /// The number of weights.
    pub weights: u16,
}

impl EpochsLayout {
    pub fn new(results: &Results) -> Self {
        let weights = results.weights().len() as u16;
        EpochsLayout { epochs: results.epochs as u32, weights }
    }

    /// The row of an epoch, counted from 1, of the run with the given index.
    pub fn row(&self, run: usize, epoch: u32) -> u32 {
        FIRST_ROW + run as u32 * self.epochs + epoch - 1
    }

    /// The column of the RMSE with the weights at the end of the epoch.
    pub fn rmse(&self) -> u16 {
        WEIGHTS + self.weights
    }

    /// The column of the RMSE of the predictions made during the epoch.
    pub fn online_rmse(&self) -> u16 {
        self.rmse() + 1
    }
}

pub fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    results: &Results,
    layouts: &[TraceLayout],
    data: &DataLayout,
) -> Result<()> {
    sheet.set_name("epochs")?;
    let layout = EpochsLayout::new(results);
    write_heads(sheet, styles, results)?;
    let all_digits = RunDigits::of(results);
    for (index, (run, trace)) in results.runs.iter().zip(layouts).enumerate() {
        let digits = &all_digits[index];
        for (epoch, summary) in (1..).zip(&run.outcome.epochs) {
            let row = layout.row(index, epoch);
            let writer = Row { sheet: &mut *sheet, run: &run.sheet, trace, data, layout, row };
            writer.write(summary, &digits.weights.number(), &digits.errors.number())?;
        }
    }
    let last = layout.row(results.runs.len(), 0).max(FIRST_ROW);
    sheet.autofilter(0, 0, last, layout.online_rmse())?;
    sheet.set_column_width(0, 16)?;
    for digits in &all_digits {
        let width = column_width("online_rmse", &digits.errors).max(15.0);
        sheet.set_column_range_width(WEIGHTS, layout.online_rmse(), width)?;
    }
    sheet.set_freeze_panes(FIRST_ROW, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    set_up_page(sheet);
    sheet.set_portrait();
    Ok(())
}

fn write_heads(sheet: &mut Worksheet, styles: &Styles, results: &Results) -> Result<()> {
    let mut heads = vec![
        ("optimizer".to_owned(), "the sheet with every step".to_owned()),
        ("epoch".to_owned(), "how often all samples were seen".to_owned()),
    ];
    for weight in results.weights() {
        heads.push((weight.to_owned(), format!("{weight} after the epoch's last step")));
    }
    heads.push((
        "rmse".to_owned(),
        "root mean squared error over all samples with the weights at the end of the epoch"
            .to_owned(),
    ));
    heads.push((
        "online_rmse".to_owned(),
        "root mean squared error of the predictions made during the epoch, while the weights \
         moved"
            .to_owned(),
    ));
    for (column, (head, told)) in (0..).zip(&heads) {
        let format = if column == 0 { &styles.head } else { &styles.number_head };
        sheet.write_string_with_format(0, column, head, format)?;
        sheet.insert_note(0, column, &note(told))?;
    }
    Ok(())
}

/// A row under way.
struct Row<'a> {
    sheet: &'a mut Worksheet,
    run: &'a Sheet,
    trace: &'a TraceLayout,
    data: &'a DataLayout,
    layout: EpochsLayout,
    row: u32,
}

impl Row<'_> {
    fn write(self, summary: &EpochSummary, weights: &Format, errors: &Format) -> Result<()> {
        let row = self.row;
        self.sheet.write_string(row, 0, &self.run.name)?;
        self.sheet.write_number(row, EPOCH, summary.epoch as f64)?;
        let cell = |column: u16| rust_xlsxwriter::utility::row_col_to_cell(row, column);
        let epoch = format!("${}", cell(EPOCH));
        let n = self.samples();
        for (at, (weight, value)) in (WEIGHTS..).zip(self.run.weights.iter().zip(&summary.weights))
        {
            let steps = self.trace.steps(weight.next);
            let text = format!("INDEX({steps},{epoch}*{n})");
            write_formula(self.sheet, (row, at), &text, *value, weights)?;
        }
        let cells: Vec<String> =
            (WEIGHTS..).take(self.run.weights.len()).map(|at| format!("${}", cell(at))).collect();
        let sum = squared_errors(self.run, self.data, &cells);
        let rmse = format!("SQRT({sum}/{n})");
        write_formula(self.sheet, (row, self.layout.rmse()), &rmse, summary.rmse, errors)?;
        let losses = self.trace.steps(self.run.loss);
        let online =
            format!("SQRT(SUM(INDEX({losses},({epoch}-1)*{n}+1):INDEX({losses},{epoch}*{n}))/{n})");
        let at = self.layout.online_rmse();
        write_formula(self.sheet, (row, at), &online, summary.online_rmse, errors)
    }

    /// The cell with the number of samples.
    fn samples(&self) -> String {
        let index = self.run.inputs.iter().position(|one| one.kind == InputKind::Samples);
        self.trace.input(index.unwrap_or_default())
    }
}
