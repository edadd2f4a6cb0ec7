//! The table of all runs.

use rust_xlsxwriter::utility::row_col_to_cell_absolute;
use rust_xlsxwriter::{Color, ConditionalFormatFormula, Format, Formula, Worksheet};

use super::facts::Facts;
use crate::error::Result;
use crate::export::xlsx::digits::NumberFormat;
use crate::export::xlsx::note;
use crate::export::xlsx::style::Styles;
use crate::trace::Extent;
use crate::trace::sweep::{Sweep, SweptRun};
use crate::value::Value;

/// The columns behind the weights.
const RMSE: &str = "rmse";
const RED: u32 = 0xB00000;
const BEST_FILL: u32 = 0xFFF2CC;

/// Where the table stands.
pub struct Layout {
    /// The row of the heads.
    pub head: u32,
    rows: u32,
    axes: u16,
    weights: u16,
    has_loss: bool,
    /// The height at which a chart marks runs that diverged.
    pub top: Option<f64>,
}

impl Layout {
    pub fn new(sweep: &Sweep, head: u32) -> Self {
        let marks = sweep.diverged() > 0 && !sweep.curves().is_empty();
        Layout {
            head,
            rows: sweep.runs.len() as u32,
            axes: sweep.setting.axes.len() as u16,
            weights: sweep.start.len() as u16,
            has_loss: !sweep.model.is_squared,
            top: marks.then(|| super::chart::vertical(sweep).1),
        }
    }

    /// The row of a run.
    pub fn row(&self, run: usize) -> u32 {
        self.head + 1 + run as u32
    }

    /// The column of an axis.
    pub fn axis(&self, axis: usize) -> u16 {
        1 + axis as u16
    }

    /// The column of the final RMSE.
    pub fn rmse(&self) -> u16 {
        1 + self.axes + self.weights
    }

    /// The column of the step at which a run diverged.
    pub fn diverged(&self) -> u16 {
        self.rmse() + 5 + u16::from(self.has_loss)
    }

    /// The column with what became of a run.
    pub fn result(&self) -> u16 {
        self.diverged() + 1
    }

    /// The column of the marks in the chart.
    pub fn marks(&self) -> u16 {
        self.result() + 1
    }

    fn last(&self) -> u16 {
        if self.top.is_some() { self.marks() } else { self.result() }
    }

    /// The row of the last run.
    pub fn end(&self) -> u32 {
        self.head + self.rows
    }

    /// All cells of a column, absolutely.
    pub fn cells(&self, column: u16) -> String {
        let first = row_col_to_cell_absolute(self.head + 1, column);
        format!("{first}:{}", row_col_to_cell_absolute(self.end(), column))
    }
}

/// The heads with what they mean.
fn heads(sweep: &Sweep, layout: &Layout) -> Vec<(String, String)> {
    let head = |text: &str, told: &str| (text.to_owned(), told.to_owned());
    let mut heads = vec![head("optimizer", "the optimizer that was run")];
    for axis in &sweep.setting.axes {
        heads.push(head(&axis.name, "the value of this run; empty where the optimizer has none"));
    }
    for weight in sweep.weights() {
        let told = format!("{weight} after the last step");
        heads.push((format!("final {weight}"), told));
    }
    heads.push(head(
        RMSE,
        "root mean squared error over all samples with the final weights; empty for a run that \
         diverged",
    ));
    if layout.has_loss {
        heads.push(head("loss", "mean loss over all samples with the final weights"));
    }
    let convergence = sweep.convergence.text();
    heads.extend([
        head("best_rmse", "the smallest rmse at the end of an epoch"),
        head("best_epoch", "the epoch with the smallest rmse"),
        head(
            "converged_epoch",
            &format!("the epoch after which the run had converged: {convergence}"),
        ),
        head("converged_step", "the number of updates up to the end of that epoch"),
        head("diverged_at", "the first step of the trace with an error value"),
        head(
            "result",
            "what became of the run: best (the smallest rmse), converged, nearer to the data than \
             at the start, moved away, or diverged",
        ),
    ]);
    if layout.top.is_some() {
        heads.push(head("diverged in chart", "where the chart marks runs that diverged"));
    }
    heads
}

pub fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    sweep: &Sweep,
    layout: &Layout,
    facts: &Facts,
) -> Result<()> {
    write_heads(sheet, styles, sweep, layout)?;
    let formats = Formats::new(sweep);
    for (index, run) in sweep.runs.iter().enumerate() {
        write_run(sheet, sweep, (run, layout.row(index)), layout, &formats)?;
        write_result(sheet, sweep, index, layout, facts)?;
    }
    sheet.autofilter(layout.head, 0, layout.end(), layout.result())?;
    mark_rows(sheet, layout)
}

/// Writes the best runs of all, where the table of the sweep has a sample of them only.
pub fn write_best(sheet: &mut Worksheet, styles: &Styles, sweep: &Sweep) -> Result<()> {
    let best = sweep.ranking(usize::MAX);
    let layout = Layout { head: 2, rows: best.len() as u32, top: None, ..Layout::new(sweep, 2) };
    let title = format!("The best {} of {} runs", best.len(), sweep.count());
    sheet.write_string_with_format(0, 0, title, &styles.title)?;
    write_heads(sheet, styles, sweep, &layout)?;
    let formats = Formats::new(sweep);
    let indent = Format::new().set_indent(1);
    for (index, run) in best.into_iter().enumerate() {
        let row = layout.row(index);
        write_run(sheet, sweep, (run, row), &layout, &formats)?;
        sheet.write_string_with_format(row, layout.result(), result(sweep, run), &indent)?;
    }
    sheet.autofilter(layout.head, 0, layout.end(), layout.result())?;
    sheet.set_freeze_panes(layout.head + 1, 1)?;
    mark_rows(sheet, &layout)
}

fn write_heads(
    sheet: &mut Worksheet,
    styles: &Styles,
    sweep: &Sweep,
    layout: &Layout,
) -> Result<()> {
    for (column, (head, told)) in (0..).zip(heads(sweep, layout)) {
        let is_text = column == 0 || column == layout.result();
        let format = if is_text { &styles.head } else { &styles.number_head };
        let format = match column == layout.result() {
            true => format.clone().set_indent(1),
            false => format.clone(),
        };
        sheet.write_string_with_format(layout.head, column, &head, &format)?;
        sheet.insert_note(layout.head, column, &note(&told))?;
        let least = if column == 0 { 19.0 } else { 13.0 };
        sheet.set_column_width(column, (head.len() as f64 + 3.0).max(least))?;
    }
    sheet.set_column_width(layout.result(), 22)?;
    sheet.set_row_height(layout.head, 20)?;
    Ok(())
}

/// How the numbers of each column are shown: those of runs that went well share their digits.
struct Formats {
    weights: Vec<NumberFormat>,
    rmse: NumberFormat,
    loss: NumberFormat,
}

impl Formats {
    fn new(sweep: &Sweep) -> Self {
        let well = || {
            let runs = sweep.runs.iter().filter(|run| run.diverged_at.is_none());
            runs.filter(|run| !sweep.moved_away(run))
        };
        let format = |value: &dyn Fn(&SweptRun) -> Value| {
            NumberFormat::for_extent(Extent::of(well().filter_map(|run| value(run).get().ok())))
        };
        let weights = 0..sweep.start.len();
        Formats {
            weights: weights.map(|weight| format(&|run| run.weights[weight])).collect(),
            rmse: format(&|run| run.rmse),
            loss: format(&|run| run.loss),
        }
    }
}

/// How the values along an axis are shown: with a power of ten where they are small.
pub fn axis_format(sweep: &Sweep, axis: usize) -> Format {
    const SMALL: f64 = 1e-4;
    let mut values = sweep.setting.blocks.iter().flat_map(|block| &block.values[axis]);
    match values.any(|value| *value != 0.0 && value.abs() < SMALL) {
        true => Format::new().set_num_format("0.0##E+00"),
        false => Format::new(),
    }
}

fn write_run(
    sheet: &mut Worksheet,
    sweep: &Sweep,
    (run, row): (&SweptRun, u32),
    layout: &Layout,
    formats: &Formats,
) -> Result<()> {
    sheet.write_string(row, 0, &sweep.setting.blocks[run.block].name)?;
    for (axis, value) in run.values.iter().enumerate() {
        if let Some(value) = value {
            let format = axis_format(sweep, axis);
            sheet.write_number_with_format(row, layout.axis(axis), *value, &format)?;
        }
    }
    let whole = |number: usize| number as f64;
    if let Some(step) = run.diverged_at {
        sheet.write_number(row, layout.diverged(), whole(step))?;
        if let Some(top) = layout.top {
            let grey = Format::new().set_font_color(Color::RGB(0x7F7F7F));
            sheet.write_number_with_format(row, layout.marks(), top, &grey)?;
        }
        return Ok(());
    }
    let mut numbers: Vec<(u16, Value, &NumberFormat)> = Vec::new();
    for (column, (value, format)) in
        (1 + layout.axes..).zip(run.weights.iter().zip(&formats.weights))
    {
        numbers.push((column, *value, format));
    }
    numbers.push((layout.rmse(), run.rmse, &formats.rmse));
    if layout.has_loss {
        numbers.push((layout.rmse() + 1, run.loss, &formats.loss));
    }
    let best = layout.diverged() - 4;
    if let Some((rmse, epoch)) = run.best {
        numbers.push((best, Value::number(rmse), &formats.rmse));
        sheet.write_number(row, best + 1, whole(epoch))?;
    }
    // What moved away has numbers of any size.
    let far = NumberFormat { code: "0.000E+00".into(), width: 10 };
    for (column, value, format) in numbers {
        let format = if sweep.moved_away(run) { &far } else { format };
        if let Ok(number) = value.get() {
            sheet.write_number_with_format(row, column, number, &format.number())?;
        }
    }
    if let Some(converged) = run.converged {
        sheet.write_number(row, best + 2, whole(converged.epoch))?;
        sheet.write_number(row, best + 3, whole(converged.step))?;
    }
    Ok(())
}

/// What became of a run, as a formula over its row.
fn write_result(
    sheet: &mut Worksheet,
    sweep: &Sweep,
    index: usize,
    layout: &Layout,
    facts: &Facts,
) -> Result<()> {
    let row = layout.row(index);
    let cell = |column: u16| format!("${}", rust_xlsxwriter::utility::row_col_to_cell(row, column));
    let (diverged, rmse) = (cell(layout.diverged()), cell(layout.rmse()));
    let converged = cell(layout.diverged() - 1);
    let text = format!(
        "IF(ISNUMBER({diverged}),\"diverged at step \"&{diverged},IF(ROW()-{}={},\"best\",\
         IF(ISNUMBER({converged}),\"converged\",IF({rmse}>{},\"moved away\",\"nearer\"))))",
        layout.head + 1,
        facts.best_place(),
        facts.start_rmse()
    );
    let result = Formula::new(text).set_result(result(sweep, &sweep.runs[index]));
    let format = Format::new().set_indent(1);
    sheet.write_formula_with_format(row, layout.result(), result, &format)?;
    Ok(())
}

/// What became of a run, in a word or two.
fn result(sweep: &Sweep, run: &SweptRun) -> String {
    match sweep.mark(run) {
        mark if mark == "best" || run.diverged_at.is_some() => mark,
        _ if run.converged.is_some() => "converged".to_owned(),
        mark if mark.is_empty() => "nearer".to_owned(),
        mark => mark,
    }
}

/// Colours the rows by what became of their runs.
fn mark_rows(sheet: &mut Worksheet, layout: &Layout) -> Result<()> {
    let first = layout.head + 1;
    let cell =
        |column: u16| format!("${}", rust_xlsxwriter::utility::row_col_to_cell(first, column));
    let (result, diverged) = (cell(layout.result()), cell(layout.diverged()));
    let best = Format::new().set_bold().set_background_color(Color::RGB(BEST_FILL));
    let red = Format::new().set_font_color(Color::RGB(RED));
    for (rule, format) in
        [(format!("={result}=\"best\""), best), (format!("=ISNUMBER({diverged})"), red)]
    {
        let rule = ConditionalFormatFormula::new().set_rule(rule.as_str()).set_format(format);
        sheet.add_conditional_format(first, 0, layout.end(), layout.last(), &rule)?;
    }
    Ok(())
}
