//! Divergence: a run whose numbers leave the range of numbers. It is not a crash but a lesson.

use super::{Block, Outcome};
use crate::circuit::largest_curvature;
use crate::data::Data;
use crate::formula::evaluate;
use crate::optimizer::Definition;
use crate::sheet::Sheet;
use crate::value::{CellError, Value, number_text};

/// The first cell of a trace that holds an error value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Divergence {
    /// The row, counted from 1.
    pub row: usize,
    /// The update that the row belongs to, where an update takes more than one.
    pub update: Option<usize>,
    /// The index of the column in the sheet.
    pub column: usize,
    /// The error value.
    pub error: CellError,
}

impl Divergence {
    /// The first error value in `block`, in reading order.
    pub(super) fn find(sheet: &Sheet, block: &Block) -> Option<Self> {
        let first = |(column, values): (usize, &Vec<Value>)| {
            let row = values.iter().position(|value| value.is_error())?;
            Some((row, column, values[row].error()?))
        };
        let (row, column, error) =
            block.columns.iter().enumerate().filter_map(first).min_by_key(|one| (one.0, one.1))?;
        let update = sheet.batch_size().and(sheet.column("step")).map(|step| {
            let update = block.columns[step][row].get();
            update.map_or(0, |update| update as usize)
        });
        Some(Divergence { row: block.first_row + row, update, column, error })
    }
}

/// What went wrong in a run, in a sentence for its user: where the numbers ended or that they
/// grow, and the learning rate against the largest stable one. `None` where nothing went wrong.
pub fn explain(
    definition: &Definition,
    sheet: &Sheet,
    data: &Data,
    outcome: &Outcome,
) -> Option<String> {
    let name = &sheet.name;
    let what = match (outcome.divergence, outcome.last()) {
        (Some(Divergence { row, update, column, error }), _) => {
            let epoch = row.div_ceil(data.samples());
            let place = match update {
                Some(update) => format!("row {row} (step {update}, epoch {epoch})"),
                None => format!("step {row} (epoch {epoch})"),
            };
            let header = &sheet.columns[column].header;
            let why = match error {
                CellError::Number if sheet.model.is_line => "its number is too large for a cell",
                CellError::Number => "it has no number that fits a cell",
                CellError::DivisionByZero => "it divides by 0",
            };
            format!("{name} diverged at {place}: {header} is {error}, {why}")
        }
        (None, Some(last)) => match (outcome.start_rmse.get(), last.rmse.get()) {
            (Ok(start), Ok(end)) if end > start => {
                let spread =
                    data.scale.as_ref().map_or(1.0, |scale| scale.of(data.columns.len() - 1).1);
                let (start, end) = (brief(start * spread), brief(end * spread));
                format!("{name} moved away from the data: its RMSE went from {start} to {end}")
            }
            _ => return None,
        },
        (None, None) => return None,
    };
    Some(format!("{what}{}", learning_rate_advice(definition, sheet, data)))
}

/// A number for a sentence: four decimals, or a power of ten where digits would have to be counted.
fn brief(number: f64) -> String {
    if number < 1e7 { format!("{number:.4}") } else { format!("{number:.3e}") }
}

/// The learning rate against the largest one that is stable for every sample.
fn learning_rate_advice(definition: &Definition, sheet: &Sheet, data: &Data) -> String {
    let Some(lr) = sheet.input("lr").map(|lr| sheet.inputs[lr].value) else {
        return String::new();
    };
    let set = number_text(lr);
    let Some((largest, x)) = largest_lr(definition, sheet, data) else {
        return format!("; lr is {set}: try a smaller one");
    };
    if lr > largest {
        format!(
            "; lr {set} is above {largest:.3e}, the largest that is stable for the steepest sample \
             (x = {}): try a smaller one",
            number_text(x)
        )
    } else {
        format!("; lr {set} is below the largest stable one, {largest:.3e}")
    }
}

/// The largest stable learning rate of `definition` for the steepest sample, and that sample's x.
fn largest_lr(definition: &Definition, sheet: &Sheet, data: &Data) -> Option<(f64, f64)> {
    let formula = definition.largest_lr.as_ref()?;
    let input = sheet.data.first().filter(|_| sheet.model.is_line)?;
    let (curvature, x) = largest_curvature(&data.column(input)?.values)?;
    let value = evaluate(formula, &|name| match sheet.input(&name.id) {
        Some(input) => Value::number(sheet.inputs[input].value),
        None => Value::number(curvature),
    });
    Some((value.get().ok()?, x))
}
