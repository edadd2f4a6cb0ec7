//! The sheet `epochs`: a row per optimizer and epoch, both RMSEs as formulas over the trace.

use rust_xlsxwriter::utility::row_col_to_cell;
use rust_xlsxwriter::{Format, Worksheet};

use super::addresses::Addresses;
use super::data_layout::DataLayout;
use super::digits::{RunDigits, column_width};
use super::layout::{Total, TraceLayout};
use super::style::{Styles, as_number_only};
use super::until::Place;
use super::{note, set_up_page, write_formula, write_total, write_value};
use crate::error::Result;
use crate::sheet::{InputKind, Sheet};
use crate::trace::{EpochSummary, Figure, Keep, Results, Units, Until};
use crate::value::Value;

/// The first row of values; the heads stand above it.
pub const FIRST_ROW: u32 = 1;
/// The column of the epoch.
pub const EPOCH: u16 = 1;
/// The column of the first weight's value.
pub const WEIGHTS: u16 = 2;

/// Where things stand in this sheet.
#[derive(Debug)]
pub struct EpochsLayout {
    /// The row of each run's first epoch, and the row after the last run.
    firsts: Vec<u32>,
    /// The number of weights.
    pub weights: u16,
    /// Whether there is a column with the mean loss; that of the squared error is the RMSE's square.
    has_loss: bool,
    /// Whether there is a column with the error as a dialect has it.
    has_error: bool,
    /// Whether there is a column with the condition that stops a run.
    has_until: bool,
    /// Which weights and errors stand here in the units of the data too, where those are scaled.
    own: Option<Own>,
}

/// The columns in the units of the data.
#[derive(Debug, Clone, Copy)]
struct Own {
    /// How many weights there are among them: none where they have no counterpart.
    weights: u16,
}

impl EpochsLayout {
    pub fn new(results: &Results) -> Self {
        let weights = results.weights().len() as u16;
        let until = results.plan.until.as_ref();
        let names_loss = until.is_some_and(|until| until.names(Figure::Loss));
        let mut firsts = vec![FIRST_ROW];
        for run in &results.runs {
            firsts.push(firsts[firsts.len() - 1] + run.epochs() as u32);
        }
        EpochsLayout {
            firsts,
            weights,
            has_loss: !results.model().is_squared || names_loss,
            has_error: results.plan.dialect.is_some(),
            has_until: until.is_some_and(|until| until.condition().is_some()),
            own: results
                .units
                .as_ref()
                .map(|units| Own { weights: if units.parts.is_some() { weights } else { 0 } }),
        }
    }

    /// The column of the first weight in the units of the data, where there are any.
    pub fn own_weights(&self) -> Option<u16> {
        self.own.filter(|own| own.weights > 0).map(|_| self.before_own() + 1)
    }

    /// The column of the RMSE in the units of the data; that of the online RMSE follows.
    pub fn own_rmse(&self) -> Option<u16> {
        self.own.map(|own| self.before_own() + 1 + own.weights)
    }

    /// The last column that is not in the units of the data.
    fn before_own(&self) -> u16 {
        self.until().or(self.error()).or(self.loss()).unwrap_or(self.online_rmse())
    }

    /// The row of an epoch, counted from 1, of the run with the given index.
    pub fn row(&self, run: usize, epoch: u32) -> u32 {
        self.firsts[run] + epoch - 1
    }

    /// The row of the last epoch of the run with the given index.
    pub fn last_row(&self, run: usize) -> u32 {
        self.firsts[run + 1] - 1
    }

    /// The column of the RMSE with the weights at the end of the epoch.
    pub fn rmse(&self) -> u16 {
        WEIGHTS + self.weights
    }

    /// The column of the RMSE of the predictions made during the epoch.
    pub fn online_rmse(&self) -> u16 {
        self.rmse() + 1
    }

    /// The column of the mean loss with the weights at the end of the epoch, where there is one.
    pub fn loss(&self) -> Option<u16> {
        self.has_loss.then(|| self.online_rmse() + 1)
    }

    /// The column of the error as a dialect has it, where there is one.
    pub fn error(&self) -> Option<u16> {
        self.has_error.then(|| self.loss().unwrap_or(self.online_rmse()) + 1)
    }

    /// The column of the condition that stops a run, where there is one.
    pub fn until(&self) -> Option<u16> {
        let before = self.error().or(self.loss()).unwrap_or(self.online_rmse());
        self.has_until.then_some(before + 1)
    }

    /// The last column.
    fn last(&self) -> u16 {
        self.own_rmse().map_or(self.before_own(), |rmse| rmse + 1)
    }
}

pub fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    results: &Results,
    addresses: &Addresses,
) -> Result<()> {
    sheet.set_name(&addresses.names.epochs.name)?;
    let data = &addresses.data;
    let layout = EpochsLayout::new(results);
    write_heads(sheet, styles, results, addresses)?;
    let all_digits = RunDigits::of(results);
    for (index, (run, trace)) in results.runs.iter().zip(&addresses.traces).enumerate() {
        let digits = &all_digits[index];
        for (epoch, summary) in (1..).zip(&run.outcome.epochs) {
            let row = layout.row(index, epoch);
            let layout = &layout;
            let (sheet, samples) = (&mut *sheet, results.data.samples());
            let writer = Row { sheet, run: &run.sheet, trace, data, layout, samples, row };
            writer.write(summary, &digits.weights.number(), &digits.errors.number())?;
            if let Some(units) = &results.units {
                let own = OwnUnits { units, data, layout, row, weights: run.sheet.weights.len() };
                own.write(sheet, &units.epoch(summary), &all_digits[index])?;
            }
            if let (Some(at), Some(until)) = (layout.until(), &results.plan.until) {
                let units = results.units.as_ref();
                let place = Place { run: &run.sheet, trace, data, layout, units, row };
                let (text, is_array) = place.condition(until, epoch == 1);
                let value = summary.until.unwrap_or(Value::ZERO);
                write_total(sheet, (row, at), (&text, is_array), value, &Format::new())?;
            }
        }
    }
    let last = layout.firsts[results.runs.len()].max(FIRST_ROW + 1) - 1;
    sheet.autofilter(0, 0, last, layout.last())?;
    sheet.set_column_width(0, 16)?;
    for digits in &all_digits {
        let width = column_width("online_rmse", &digits.errors).max(15.0);
        sheet.set_column_range_width(WEIGHTS, layout.before_own(), width)?;
        if layout.own.is_some() {
            let width = column_width("unscaled online_rmse", &digits.own_errors).max(15.0);
            sheet.set_column_range_width(layout.before_own() + 1, layout.last(), width)?;
        }
    }
    if let (Some(at), Some(error)) = (layout.error(), results.error()) {
        sheet.set_column_width(at, 15.0_f64.max(1.2 * error.header.chars().count() as f64))?;
    }
    sheet.set_freeze_panes(FIRST_ROW, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    set_up_page(sheet);
    sheet.set_portrait();
    Ok(())
}

fn write_heads(
    sheet: &mut Worksheet,
    styles: &Styles,
    results: &Results,
    addresses: &Addresses,
) -> Result<()> {
    let mut heads = vec![
        ("optimizer".to_owned(), every_step(results, addresses)),
        ("epoch".to_owned(), "how often all samples were seen".to_owned()),
    ];
    for weight in results.weights() {
        heads.push((weight.to_owned(), kept(results, addresses, weight)));
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
            .to_owned()
            + if addresses.rows.keep == Keep::All {
                ""
            } else {
                "; a number alone (grey) where not all of them are written"
            },
    ));
    let layout = EpochsLayout::new(results);
    if layout.loss().is_some() {
        let told = "mean loss over all samples with the weights at the end of the epoch";
        heads.push(("loss".to_owned(), told.to_owned()));
    }
    heads.extend(results.error().map(|error| {
        let told = format!("{}: {}", error.title, error.measure.meaning());
        (error.header.clone(), told)
    }));
    let condition = results.plan.until.as_ref().and_then(Until::condition_text);
    if let Some(condition) = condition.filter(|_| layout.until().is_some()) {
        let told = format!("1 where the run stops because {condition}, 0 where it goes on");
        heads.push(("until".to_owned(), told));
    }
    if layout.own_weights().is_some() {
        heads.extend(results.weights().into_iter().map(|weight| {
            (format!("unscaled {weight}"), format!("{weight} for x and y in the units of the data"))
        }));
    }
    if layout.own_rmse().is_some() {
        for name in ["rmse", "online_rmse"] {
            let told = format!("{name} in the unit of y");
            heads.push((format!("unscaled {name}"), told));
        }
    }
    for (column, (head, told)) in (0..).zip(&heads) {
        let format = if column == 0 { &styles.head } else { &styles.number_head };
        sheet.write_string_with_format(0, column, head, format)?;
        sheet.insert_note(0, column, &note(told))?;
    }
    Ok(())
}

/// Where an optimizer's steps stand: on the sheet of its name, or one with a number behind it.
fn every_step(results: &Results, addresses: &Addresses) -> String {
    let names = results.runs.iter().map(|run| run.sheet.name.as_str()).zip(&addresses.traces);
    let others = names.filter(|(name, layout)| *name != layout.sheet.name);
    let others: Vec<String> =
        others.map(|(name, layout)| format!("{name} on {}", layout.sheet.name)).collect();
    let others = match others.is_empty() {
        true => String::new(),
        false => format!(" ({})", others.join(", ")),
    };
    format!("the sheet with every step{others}")
}

/// What the weight of an epoch is.
fn kept(results: &Results, addresses: &Addresses, weight: &str) -> String {
    let weights = results.runs.iter().flat_map(|run| &run.sheet.weights);
    let what = match weights.into_iter().any(|one| one.carried != one.next) {
        true => format!("{weight} that goes on from the epoch: the one that its last step used"),
        false => format!("{weight} after the epoch's last step"),
    };
    match addresses.rows.keep {
        Keep::All => what,
        _ => format!("{what}; a number alone (grey) where that step is not written"),
    }
}

/// Writes a formula, or the number alone where there is none, since what it would be over is not
/// written.
fn write_or_value(
    sheet: &mut Worksheet,
    place: (u32, u16),
    text: Option<&str>,
    value: Value,
    format: &Format,
) -> Result<()> {
    match text {
        Some(text) => write_formula(sheet, place, text, value, format),
        None => write_value(sheet, place, value, &as_number_only(format)),
    }
}

/// A row under way.
struct Row<'a> {
    sheet: &'a mut Worksheet,
    run: &'a Sheet,
    trace: &'a TraceLayout,
    data: &'a DataLayout,
    layout: &'a EpochsLayout,
    samples: usize,
    row: u32,
}

impl Row<'_> {
    fn write(self, summary: &EpochSummary, weights: &Format, errors: &Format) -> Result<()> {
        let row = self.row;
        self.sheet.write_string(row, 0, &self.run.name)?;
        self.sheet.write_number(row, EPOCH, summary.epoch as f64)?;
        let cell = |column: u16| rust_xlsxwriter::utility::row_col_to_cell(row, column);
        let epoch = format!("${}", cell(EPOCH));
        let n = self.count();
        for (at, (weight, value)) in (WEIGHTS..).zip(self.run.weights.iter().zip(&summary.weights))
        {
            let spread = &self.trace.spread;
            let text = match spread.is_whole() {
                true => Some(format!("INDEX({},{epoch}*{n})", self.trace.steps(weight.carried))),
                false => spread.cell(self.last_step(summary.epoch), weight.carried),
            };
            write_or_value(self.sheet, (row, at), text.as_deref(), *value, weights)?;
        }
        let cells: Vec<String> =
            (WEIGHTS..).take(self.run.weights.len()).map(|at| format!("${}", cell(at))).collect();
        let sum = Total::of_squares(self.run, self.data, self.trace, &cells);
        let rmse = format!("SQRT({}/{n})", sum.text);
        let at = self.layout.rmse();
        write_total(self.sheet, (row, at), (&rmse, sum.is_array), summary.rmse, errors)?;
        let squares = self.squares_of_epoch(summary.epoch, (&epoch, &n));
        let online = squares.as_ref().map(|squares| format!("SQRT({squares}/{n})"));
        let place = (row, self.layout.online_rmse());
        write_or_value(self.sheet, place, online.as_deref(), summary.online_rmse, errors)?;
        if let Some(at) = self.layout.error() {
            let root = squares.as_ref().map(|squares| format!("SQRT({squares})"));
            write_or_value(self.sheet, (row, at), root.as_deref(), summary.root_of_sum, errors)?;
        }
        let Some(at) = self.layout.loss() else { return Ok(()) };
        let sum = Total::of_loss(self.run, self.data, self.trace, &cells);
        let mean = format!("{}/{n}", sum.text);
        write_total(self.sheet, (row, at), (&mean, sum.is_array), summary.loss, errors)
    }

    /// The sum of the squared errors of the epoch's own predictions. Where the trace has the
    /// squares in a column, as loss, they are summed up. None where the trace has not all of its rows.
    fn squares_of_epoch(&self, number: usize, (epoch, n): (&str, &str)) -> Option<String> {
        let (function, column) = match self.run.model.is_squared {
            true => ("SUM", self.run.loss),
            false => ("SUMSQ", self.run.error),
        };
        if !self.trace.spread.is_whole() {
            let rows = (self.last_step(number - 1) + 1, self.last_step(number));
            let cells = self.trace.spread.ranges(rows, column)?;
            return Some(format!("{function}({cells})"));
        }
        let steps = self.trace.steps(column);
        Some(format!("{function}(INDEX({steps},({epoch}-1)*{n}+1):INDEX({steps},{epoch}*{n}))"))
    }

    /// The number of the last step of an epoch.
    fn last_step(&self, epoch: usize) -> usize {
        epoch * self.samples
    }

    /// The cell with the number of samples.
    fn count(&self) -> String {
        self.trace.input(self.run.input_of(InputKind::Samples))
    }
}

/// The weights and errors of a row in the units of the data, each a formula over the scaled ones.
struct OwnUnits<'a> {
    units: &'a Units,
    data: &'a DataLayout,
    layout: &'a EpochsLayout,
    row: u32,
    weights: usize,
}

impl OwnUnits<'_> {
    fn write(self, sheet: &mut Worksheet, own: &EpochSummary, digits: &RunDigits) -> Result<()> {
        let cell = |column: u16| row_col_to_cell(self.row, column);
        if let Some(first) = self.layout.own_weights() {
            let scaled: Vec<String> =
                (WEIGHTS..).take(self.weights).map(|at| format!("${}", cell(at))).collect();
            let back: Vec<String> =
                (first..).take(self.weights).map(|at| format!("${}", cell(at))).collect();
            let formulas = super::units::weights(self.units, self.data, &scaled, &back);
            for (at, (text, value)) in (first..).zip(formulas.iter().zip(&own.weights)) {
                let format = digits.own_weights.number();
                write_formula(sheet, (self.row, at), text, *value, &format)?;
            }
        }
        let Some(first) = self.layout.own_rmse() else { return Ok(()) };
        let errors = [(self.layout.rmse(), own.rmse), (self.layout.online_rmse(), own.online_rmse)];
        for (at, (scaled, value)) in (first..).zip(errors) {
            let text = super::units::error(self.units, self.data, &format!("${}", cell(scaled)));
            write_formula(sheet, (self.row, at), &text, value, &digits.own_errors.number())?;
        }
        Ok(())
    }
}
