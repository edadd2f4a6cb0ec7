//! The sheets of resets: the epochs before the first one, whose states the traces start from.
//!
//! A reset has the cells of its trace as inputs, so that a learning rate is changed in one place,
//! and the trace has the states in the last row of its reset as start values.

use rust_xlsxwriter::Workbook;

use super::addresses::Addresses;
use super::layout::TraceLayout;
use super::pages::told_of;
use super::style::Styles;
use super::trace::{Written, write as write_trace};
use crate::error::Result;
use crate::export::palette::colour;
use crate::optimizer::started_state;
use crate::sheet::Input;
use crate::trace::{Results, Run};
use crate::value::counted;

/// The cell that a start value of `run` comes from, where its `reset` made it.
pub fn state(run: &Run, reset: &TraceLayout, input: &Input) -> Option<String> {
    Some(reset.end(run.reset.as_ref()?.sheet.column(started_state(input)?)?))
}

/// What the sheet of `run` says of its dialect and of the sheet of its reset.
pub fn of_trace(run: &Run, layout: Option<&TraceLayout>) -> String {
    let trained = format!("Trained with {}.", run.sheet.training.join(", "));
    match run.reset.as_ref().zip(layout) {
        Some((reset, layout)) => {
            let epochs = counted(reset.epochs(), "epoch");
            let name = &layout.sheet.name;
            format!("{trained} Starts from the states that {epochs} on the sheet {name} leave.")
        }
        None => trained,
    }
}

/// What the sheet of a reset says, whose trace stands on another.
fn of_reset(reset: &Run, trace: &TraceLayout) -> String {
    let epochs = counted(reset.epochs(), "epoch");
    let name = &trace.sheet.name;
    format!(
        "{epochs}, each from the start weights. The states in the last row are what {name} starts \
         from; nothing else is kept. The inputs are those of {name}: change them there."
    )
}

/// Writes the sheet of every reset, but for the rows of its steps.
pub fn write(
    workbook: &mut Workbook,
    styles: &Styles,
    results: &Results,
    addresses: &Addresses,
) -> Result<()> {
    for (index, (run, trace)) in results.runs.iter().zip(&addresses.traces).enumerate() {
        let own = run.reset.as_deref().zip(addresses.resets[index].as_ref());
        let Some((reset, layout)) = own else { continue };
        let links = |input: &Input| Some(trace.input(run.sheet.input(&input.id)?));
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        let told = &told_of([Some(of_reset(reset, trace))], addresses.rows.values_only);
        let written = Written {
            run: reset,
            layout,
            page: layout.spread.page(0),
            above: None,
            addresses,
            reset: None,
            colour: colour(index),
            told,
            links: &links,
        };
        write_trace(sheet, styles, &written)?;
    }
    Ok(())
}
