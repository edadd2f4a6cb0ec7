//! What stands above the table: what was run, and the best run as live look-ups.

use rust_xlsxwriter::utility::row_col_to_cell_absolute;
use rust_xlsxwriter::{Format, FormatAlign, Worksheet};

use super::table::Layout;
use crate::error::Result;
use crate::export::xlsx::digits::NumberFormat;
use crate::export::xlsx::style::Styles;
use crate::export::xlsx::write_formula;
use crate::trace::Extent;
use crate::trace::sweep::Sweep;
use crate::value::{Value, counted, number_text};

/// The column of the values; their labels stand left of it.
const VALUE: u16 = 1;

/// The rows of the facts.
pub struct Facts {
    texts: Vec<(&'static str, String)>,
    /// The row of the RMSE at the start.
    start: u32,
    /// The row with the place of the best run in the table.
    place: u32,
    axes: u32,
}

impl Facts {
    pub fn new(sweep: &Sweep) -> Self {
        let texts = texts(sweep);
        let start = 2 + texts.len() as u32;
        Facts { texts, start, place: start + 3, axes: sweep.setting.axes.len() as u32 }
    }

    /// The first row below.
    pub fn end(&self) -> u32 {
        self.place + 3 + self.axes + 3
    }

    /// The cell with the RMSE of the start weights.
    pub fn start_rmse(&self) -> String {
        row_col_to_cell_absolute(self.start, VALUE)
    }

    /// The cell with the place of the best run among the rows of the table, counted from 1.
    pub fn best_place(&self) -> String {
        row_col_to_cell_absolute(self.place, VALUE)
    }

    /// The row and column of the best run's value along an axis.
    pub fn best_value(&self, axis: usize) -> (u32, u16) {
        (self.place + 2 + axis as u32, VALUE)
    }

    /// The row and column of the best RMSE.
    pub fn best_rmse(&self) -> (u32, u16) {
        (self.place + 2 + self.axes, VALUE)
    }

    pub fn write(
        &self,
        sheet: &mut Worksheet,
        styles: &Styles,
        sweep: &Sweep,
        layout: &Layout,
        command: Option<&str>,
    ) -> Result<()> {
        let title = format!("Sweep of {}", sweep.model.equation);
        sheet.write_string_with_format(0, 0, title, &styles.title)?;
        for (row, (label, text)) in (2..).zip(&self.texts) {
            sheet.write_string_with_format(row, 0, *label, &styles.label)?;
            sheet.write_string(row, VALUE, text)?;
        }
        let left = || Format::new().set_align(FormatAlign::Left);
        let error = |value: f64| {
            let digits = NumberFormat::for_extent(Extent::of([value]));
            digits.number().set_align(FormatAlign::Left)
        };
        sheet.write_string_with_format(self.start, 0, "RMSE at the start", &styles.label)?;
        if let Ok(rmse) = sweep.start_rmse.get() {
            sheet.write_number_with_format(self.start, VALUE, rmse, &error(rmse))?;
        }
        sheet.write_string_with_format(self.start + 1, 0, "converged", &styles.label)?;
        sheet.write_string(self.start + 1, VALUE, sweep.convergence.text())?;

        sheet.write_string_with_format(self.place, 0, "row of the best", &styles.label)?;
        let rmse = layout.cells(layout.rmse());
        let place = format!("IF(COUNT({rmse})=0,0,MATCH(MIN({rmse}),{rmse},0))");
        let best = sweep.best.map_or(0, |best| best + 1);
        let number = left();
        write_formula(sheet, (self.place, VALUE), &place, Value::number(best as f64), &number)?;
        let best = sweep.best.map(|best| &sweep.runs[best]);
        let at = self.best_place();
        let look_up = |column: u16| {
            let cells = layout.cells(column);
            format!("IF({at}=0,\"none\",INDEX({cells},{at}))")
        };
        sheet.write_string_with_format(self.place + 1, 0, "best optimizer", &styles.label)?;
        let name = best.map_or("none", |best| sweep.setting.blocks[best.block].name.as_str());
        let cell = rust_xlsxwriter::Formula::new(look_up(0)).set_result(name);
        sheet.write_formula(self.place + 1, VALUE, cell)?;
        for (index, axis) in sweep.setting.axes.iter().enumerate() {
            let (row, column) = self.best_value(index);
            let label = format!("best {}", axis.name);
            sheet.write_string_with_format(row, 0, label, &styles.label)?;
            // An optimizer without the value has an empty cell there, which a look-up makes 0.
            let value = layout.cells(layout.axis(index));
            let text = format!(
                "IF({at}=0,\"none\",IF(ISNUMBER(INDEX({value},{at})),INDEX({value},{at}),\"none\"))"
            );
            let value = best.and_then(|best| best.values[index]);
            let result = value.map_or("none".to_owned(), number_text);
            let cell = rust_xlsxwriter::Formula::new(text).set_result(result);
            let format = super::table::axis_format(sweep, index).set_align(FormatAlign::Left);
            sheet.write_formula_with_format(row, column, cell, &format)?;
        }
        let (row, column) = self.best_rmse();
        sheet.write_string_with_format(row, 0, "best RMSE", &styles.label)?;
        let value = best.and_then(|best| best.error());
        let format = error(value.unwrap_or(0.0));
        let result = value.map_or("none".to_owned(), number_text);
        let cell = rust_xlsxwriter::Formula::new(look_up(layout.rmse())).set_result(result);
        sheet.write_formula_with_format(row, column, cell, &format)?;
        if let Some(command) = command {
            let row = row + 1;
            sheet.write_string_with_format(row, 0, "trace it", &styles.label)?;
            sheet.write_string_with_format(row, VALUE, command, &styles.code)?;
        }
        let told = "The numbers of the table are results, since every run needs a workbook of its \
                    own: the command writes that of the best run; put another row's values into it \
                    for that of another. Best run, marks and heat maps follow the table.";
        sheet.write_string_with_format(row + 2, 0, told, &styles.prose)?;
        Ok(())
    }
}

/// What was run, a label and a text each.
fn texts(sweep: &Sweep) -> Vec<(&'static str, String)> {
    let data = &sweep.setting.data;
    let file = data.file.file_name().unwrap_or(data.file.as_os_str()).to_string_lossy();
    let numbers = |pairs: &[(String, f64)]| {
        let pairs = pairs.iter().map(|(name, value)| format!("{name} {}", number_text(*value)));
        pairs.collect::<Vec<String>>().join(", ")
    };
    let samples = counted(data.samples(), "sample");
    let mut texts = vec![
        ("data", format!("{samples} from {file}, {}", data.place())),
        ("runs", format!("{} of {}", sweep.count(), counted(sweep.setting.plan.epochs, "epoch"))),
    ];
    if let (Some(sampled), Some(whole)) = (sweep.sampled(), &sweep.whole) {
        let best = counted(whole.best.len(), "run");
        texts.push((
            "shown",
            format!("{sampled} The sheet best has the {best} with the smallest rmse."),
        ));
    }
    if !sweep.model.is_squared {
        texts.push(("loss", sweep.model.loss.clone()));
    }
    if !sweep.setting.training.is_empty() {
        texts.push(("way to train", sweep.setting.training.join("; ")));
    }
    for block in sweep.setting.blocks.iter().filter(|block| !block.fixed.is_empty()) {
        texts.push(("not varied", format!("{}: {}", block.name, numbers(&block.fixed))));
    }
    texts.push(("start", numbers(&sweep.start)));
    texts
}
