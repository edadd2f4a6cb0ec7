//! The sheets of resets: the epochs before the first one, whose states the traces start from.
//!
//! A reset has the cells of its trace as inputs, so that a learning rate is changed in one place,
//! and the trace has the states in the last row of its reset as start values.

use rust_xlsxwriter::Workbook;

use super::layout::{DataLayout, TraceLayout};
use super::style::Styles;
use super::trace::{Written, write as write_trace};
use crate::error::Result;
use crate::export::palette::colour;
use crate::optimizer::started_state;
use crate::sheet::Input;
use crate::trace::{Results, Run};
use crate::value::counted;

/// Where things stand on the sheet of the reset of `run`, where it has one.
pub fn layout(run: &Run, data: &DataLayout, results: &Results) -> Option<TraceLayout> {
    run.reset.as_deref().map(|reset| TraceLayout::new(reset, data, results))
}

/// The cell that a start value of `run` comes from, where its `reset` made it.
pub fn state(run: &Run, reset: &TraceLayout, input: &Input) -> Option<String> {
    Some(reset.end(run.reset.as_ref()?.sheet.column(started_state(input)?)?))
}

/// What the sheet of `run` says of its dialect.
pub fn of_trace(run: &Run) -> String {
    let trained = format!("Trained with {}.", run.sheet.training.join(", "));
    match &run.reset {
        Some(reset) => {
            let epochs = counted(reset.epochs(), "epoch");
            let name = &reset.sheet.name;
            format!("{trained} Starts from the states that {epochs} on the sheet {name} leave.")
        }
        None => trained,
    }
}

/// What the sheet of a reset says.
fn of_reset(run: &Run, reset: &Run) -> String {
    let epochs = counted(reset.epochs(), "epoch");
    let name = &run.sheet.name;
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
    layouts: &[TraceLayout],
    resets: &[Option<TraceLayout>],
) -> Result<()> {
    for (index, (run, trace)) in results.runs.iter().zip(layouts).enumerate() {
        let (Some(reset), Some(layout)) = (run.reset.as_deref(), &resets[index]) else { continue };
        let links = |input: &Input| Some(trace.input(run.sheet.input(&input.id)?));
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        let colour = colour(index);
        let told = &of_reset(run, reset);
        let written = Written { run: reset, layout, colour, told: Some(told), links: &links };
        write_trace(sheet, styles, &written)?;
    }
    Ok(())
}
