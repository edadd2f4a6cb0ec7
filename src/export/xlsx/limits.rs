//! What a sheet and a cell have room for. A formula that is too long or nested too deeply would be
//! found out only by the program that opens the workbook, and be lost there; too many rows would be
//! found out after minutes of work.

use super::addresses::Addresses;
use super::epochs::{EpochsLayout, FIRST_ROW};
use super::host::RowOptions;
use super::layout::{Total, TraceLayout};
use super::spread::Extent;
use super::until::Place;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::sheet::Sheet;
use crate::trace::Results;
use crate::trace::curvature::{Derivatives, MOST_WEIGHTS, is_too_long};
use crate::value::counted;

/// How many characters a formula may have, with its `=`.
pub const LONGEST: usize = 8192;

/// How many calls of functions may stand in each other.
const DEEPEST: usize = 64;

/// How many rows a sheet has.
pub const ROWS: usize = 1_048_576;

/// How many columns a sheet has.
const COLUMNS: usize = 16_384;

/// The last row of a sheet, whose number has the most digits.
const LAST_ROW: u32 = ROWS as u32 - 1;

/// Checks that `steps` steps with everything above them fit a sheet; `other` is what else there is to do
/// where they do not.
///
/// # Errors
/// They do not.
pub fn check_height(samples: usize, epochs: usize, other: &str) -> Result<()> {
    // Inputs and heads of most models take fewer rows than this; `check_sheet` knows them all.
    let room = ROWS - 100;
    match samples.checked_mul(epochs) {
        Some(steps) if steps <= room => Ok(()),
        steps => {
            let steps = steps.map_or("too many".to_owned(), |steps| steps.to_string());
            Err(Error::new(format!(
                "{epochs} epochs of {samples} samples are {steps} steps, but a sheet has room for \
                 {room}"
            ))
            .help(format!("at most --epochs {} with these data{other}", room / samples.max(1))))
        }
    }
}

/// Checks that the sheet `epochs` has room for so many `runs` of so many `epochs`.
///
/// # Errors
/// It has not.
pub fn check_epochs(runs: usize, epochs: usize) -> Result<()> {
    let room = ROWS - FIRST_ROW as usize;
    match runs.checked_mul(epochs) {
        Some(rows) if rows <= room => Ok(()),
        _ => Err(Error::new(format!(
            "{epochs} epochs of {} are more rows than the sheet epochs has room for ({room})",
            counted(runs, "optimizer")
        ))
        .help(format!(
            "at most --epochs {} with so many optimizers; name fewer with --optimizers",
            room / runs.max(1)
        ))),
    }
}

/// Checks that the trace of so many `epochs` over `data` has a sheet with room for it.
///
/// # Errors
/// It has more rows or columns than a sheet.
pub fn check_sheet(sheet: &Sheet, data: &Data, epochs: usize) -> Result<()> {
    let name = &sheet.name;
    let columns = sheet.columns.len();
    if columns > COLUMNS {
        return Err(Error::new(format!(
            "the sheet {name} would have {columns} columns, but a sheet has room for {COLUMNS}"
        ))
        .in_argument(crate::circuit::argument(&sheet.model.prediction))
        .help("take a model with fewer weights or terms"));
    }
    let samples = data.samples().max(1);
    let above = TraceLayout::first_row(sheet) as usize + 1;
    let room = ROWS.saturating_sub(above);
    if samples * epochs <= room {
        return Ok(());
    }
    let steps = samples * epochs;
    Err(Error::new(format!(
        "the sheet {name} has room for {room} steps below its {above} rows of inputs and heads, but \
         {epochs} epochs of {samples} samples are {steps}"
    ))
    .help(format!("at most --epochs {} with these data and this model", room / samples)))
}

/// Checks that the sheets of a finished run have room for what is written of it: a sheet at least for
/// one row, and one of each reset for all of theirs.
///
/// # Errors
/// They have not, or nothing is to be written.
pub fn check_rows(results: &Results, options: RowOptions) -> Result<()> {
    let samples = results.data.samples();
    for run in &results.runs {
        let kept = options.keep.of(run.rows, samples);
        let start = TraceLayout::first_row(&run.sheet);
        if kept.count == 0 {
            let told =
                format!("none of the {} of {} is kept", counted(run.rows, "row"), run.sheet.name);
            return Err(Error::new(told)
                .in_argument(format!("--keep {}", options.keep))
                .help("keep more of them: --keep last:1000"));
        }
        if Extent::room(options.height, start, kept.stride) == 0 {
            check_sheet(&run.sheet, &results.data, options.height)?;
        }
        check_sheet(&run.sheet, &results.data, 0)?;
        if let Some(reset) = &run.reset {
            check_sheet(&reset.sheet, &results.data, reset.epochs())?;
        }
    }
    Ok(())
}

/// The least that the workbook of these traces of so many `rows` takes on a disk, in bytes, unless most
/// of its numbers are the same.
pub fn least_size<'s>(sheets: impl IntoIterator<Item = &'s Sheet>, rows: usize) -> u64 {
    // A formula with its result takes more where the result has many digits.
    const CELL: u64 = 8;
    let columns: usize = sheets.into_iter().map(|sheet| sheet.columns.len()).sum();
    rows as u64 * columns as u64 * CELL
}

/// Checks every formula of the trace, and the sums over the data.
///
/// # Errors
/// A formula that a cell has no room for.
pub fn check(results: &Results, addresses: &Addresses) -> Result<()> {
    let data = &addresses.data;
    let widest = addresses.names.summary.cell("$AAA$1048576");
    for (run, layout) in results.runs.iter().zip(&addresses.traces) {
        let sheet = &run.sheet;
        for (column, formulas) in sheet.columns.iter().zip(&layout.columns) {
            check_text(sheet, &column.header, &formulas.step.in_row(LAST_ROW))?;
        }
        let cells = vec![widest.clone(); sheet.weights.len()];
        let squares = Total::of_squares(sheet, data, layout, &cells);
        check_text(sheet, "rmse", &squares.text)?;
        if !sheet.model.is_squared {
            check_text(sheet, "loss", &Total::of_loss(sheet, data, layout, &cells).text)?;
        }
        if let Some(until) = results.plan.until.as_ref().filter(|one| one.condition().is_some()) {
            let epochs = EpochsLayout::new(results);
            let units = results.units.as_ref();
            let place =
                Place { run: sheet, trace: layout, data, layout: &epochs, units, row: LAST_ROW };
            check_text(sheet, "until", &place.condition(until, true).0)?;
        }
    }
    Ok(())
}

/// Whether the formulas over the samples have room for the name of the sheet with these, which they
/// say for every number that they take.
pub fn have_room(results: &Results, addresses: &Addresses) -> bool {
    // What a workbook of its own has: limits by the number of names suit that.
    const USUAL: usize = "data!$B$6:$B$1048576".len();
    let Some(run) = results.runs.first() else { return true };
    let longest = (0..run.sheet.data.len()).map(|column| addresses.data.values(column).len());
    if longest.max().unwrap_or(0) <= USUAL {
        return true;
    }
    check(results, addresses).is_ok() && has_room_for_curvature(&run.sheet, addresses)
}

/// The same of the sheet `curvature`.
fn has_room_for_curvature(sheet: &Sheet, addresses: &Addresses) -> bool {
    if sheet.weights.len() > MOST_WEIGHTS {
        return true;
    }
    let derivatives = Derivatives::of(sheet);
    let entries = derivatives.hessian.iter().flatten().chain(&derivatives.gradient);
    let mut written = entries.chain([&derivatives.curvature]).filter(|one| !is_too_long(one));
    let weights = vec!["$B$1048576".to_owned(); sheet.weights.len()];
    let layout = &addresses.traces[0];
    written.all(|sample| {
        let total = Total::of(sample, sheet, &addresses.data, layout, &weights);
        check_text(sheet, "curvature", &total.text).is_ok()
    })
}

fn check_text(sheet: &Sheet, header: &str, formula: &str) -> Result<()> {
    // Room for what stands around a sum: a root, the number of samples.
    const AROUND: usize = 40;
    let length = formula.chars().count() + AROUND;
    let depth = depth(formula) + 1;
    let what = if length > LONGEST {
        format!("has {length} characters, but a cell has room for {LONGEST}")
    } else if depth > DEEPEST {
        format!("has {depth} functions in each other, but a cell takes {DEEPEST}")
    } else {
        return Ok(());
    };
    Err(Error::new(format!("the formula of {header} {what}"))
        .in_argument(crate::circuit::argument(&sheet.model.prediction))
        .help("take a model with fewer or less nested parts"))
}

/// How many calls of functions stand in each other at most.
fn depth(formula: &str) -> usize {
    let mut open: Vec<bool> = Vec::new();
    let (mut calls, mut most, mut before) = (0, 0, ' ');
    for c in formula.chars() {
        match c {
            '(' => {
                let call = before.is_ascii_alphanumeric();
                calls += usize::from(call);
                most = most.max(calls);
                open.push(call);
            }
            ')' => calls -= usize::from(open.pop() == Some(true)),
            _ => {}
        }
        before = c;
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_in_calls_are_counted_and_parentheses_are_not() {
        assert_eq!(depth("A1+((B2))"), 0);
        assert_eq!(depth("1/(1+EXP(MIN(-(A1*B2),700)))+SUM(C1)"), 2);
        assert_eq!(depth("LOG10(MAX(0,A1))*MAX(0,MAX(0,MAX(0,1)))"), 3);
    }

    #[test]
    fn too_many_steps_are_refused_before_anything_is_written() {
        assert!(check_height(29, 10, "").is_ok());
        assert_eq!(
            check_height(29, 100_000, "").unwrap_err().to_string(),
            "100000 epochs of 29 samples are 2900000 steps, but a sheet has room for 1048476\n  \
             help: at most --epochs 36154 with these data"
        );
    }

    #[test]
    fn too_many_epochs_are_refused_before_anything_is_computed() {
        assert!(check_epochs(1, 1_048_575).is_ok());
        assert_eq!(
            check_epochs(4, 300_000).unwrap_err().to_string(),
            "300000 epochs of 4 optimizers are more rows than the sheet epochs has room for \
             (1048575)\n  help: at most --epochs 262143 with so many optimizers; name fewer with \
             --optimizers"
        );
    }
}
