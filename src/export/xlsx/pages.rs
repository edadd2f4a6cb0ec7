//! The sheets of one run: the first one, and those on which a long trace goes on.
//!
//! A sheet that goes on has the same inputs, each the cell of the first sheet, and above its rows the
//! cells of the last row before: so every column keeps its one formula.

use rust_xlsxwriter::Workbook;

use super::addresses::Addresses;
use super::layout::TraceLayout;
use super::reset;
use super::spread::Page;
use super::style::Styles;
use super::trace::{Written, write as write_trace};
use crate::error::Result;
use crate::export::palette::colour;
use crate::sheet::Input;
use crate::trace::{Results, Run, row_above};
use crate::value::Value;

/// Writes the sheets of the run with the given index, but for the rows of its steps.
pub fn write(
    workbook: &mut Workbook,
    styles: &Styles,
    (results, index): (&Results, usize),
    addresses: &Addresses,
) -> Result<()> {
    let (run, layout) = (&results.runs[index], &addresses.traces[index]);
    let reset = addresses.resets[index].as_ref();
    let dialect = results.plan.dialect.map(|_| reset::of_trace(run, reset));
    for page in layout.spread.pages() {
        // The kind of sheet whose cells are written as soon as they are known has its strings in it.
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        let links = |input: &Input| match page.at {
            0 => reset::state(run, reset?, input),
            _ => Some(layout.input(run.sheet.input(&input.id)?)),
        };
        let told = [dialect.clone(), goes_on(layout, &page), part(addresses, layout, run)];
        let told = &told_of(told, addresses.rows.values_only);
        let above = above(results, run, &page)?;
        let colour = colour(index);
        let (page, links) = (page.clone(), &links);
        let written = Written { run, layout, page, above, addresses, reset, colour, told, links };
        write_trace(sheet, styles, &written)?;
    }
    Ok(())
}

/// The values above the first row of a page; none where they are the initial ones.
fn above(results: &Results, run: &Run, page: &Page) -> Result<Option<Vec<Option<Value>>>> {
    match (page.at, page.kept.first, page.is_apart()) {
        (0, 1, _) | (0, _, true) => Ok(None),
        // Each row has the values above it with it.
        (_, _, true) => Ok(Some(Vec::new())),
        (_, first, false) => row_above(run, (&results.data, &results.plan), first).map(Some),
    }
}

/// Where the rows before those of a sheet stand.
fn goes_on(layout: &TraceLayout, page: &Page) -> Option<String> {
    let before = &layout.spread.sheets()[page.at.checked_sub(1)?].name;
    let first = &layout.sheet.name;
    let above =
        if page.is_apart() { "" } else { ", whose last row is linked above the first one here" };
    Some(format!(
        "Goes on from the sheet {before}{above}. The inputs are those of {first}: change them there."
    ))
}

/// Which rows of a trace are written, where that is not all of them.
fn part(addresses: &Addresses, layout: &TraceLayout, run: &Run) -> Option<String> {
    let kept = layout.spread.kept();
    if kept.count == run.rows {
        return None;
    }
    let reach = match kept.stride {
        1 => {
            "The row above the first one is not written: its numbers (grey) stand there, and what is \
              written is computed from them; a change of an input changes nothing before"
        }
        _ => {
            "The row above each is not written: its numbers (grey) stand there, and each row is \
              computed from them; a change of an input changes one step"
        }
    };
    let (rows, keep) = (run.rows, addresses.rows.keep);
    Some(format!("{} of {rows} rows (--keep {keep}). {reach}.", kept.count))
}

/// What a sheet says below its title: all that is told of it, and that it has no formulas.
pub fn told_of(told: impl IntoIterator<Item = Option<String>>, values_only: bool) -> String {
    let numbers =
        "Numbers only: nothing is computed again, and nothing follows a change.".to_owned();
    let told = told.into_iter().chain([values_only.then_some(numbers)]).flatten();
    told.collect::<Vec<_>>().join(" ")
}
