//! The optimizer and the row that the circuit shows, and what is looked up in its trace.

use rust_xlsxwriter::{DataValidation, DataValidationRule, Format};

use super::{Page, address};
use crate::error::Result;
use crate::export::xlsx::layout::TraceLayout;
use crate::export::xlsx::{limits, summary, write_formula};
use crate::sheet::Sheet;
use crate::trace::Keep;
use crate::value::Value;

/// The cells of the inputs, and of the number of the chosen optimizer.
const OPTIMIZER: (u32, u16) = (3, 1);
const ROW: (u32, u16) = (4, 1);
const CHOICE: (u32, u16) = (5, 1);
/// The cell of the row that is shown, where some runs do not have all rows.
const SHOWN: (u32, u16) = (6, 1);

/// How many values a `CHOOSE` gets: Excel's takes 254, LibreOffice's about thirty.
const VALUES: usize = 25;

/// How many optimizers there can be to choose from: Excel takes 64 functions in each other.
const MOST_CHOICES: usize = 50 * VALUES;

impl Page<'_> {
    pub(super) fn write_inputs(&mut self) -> Result<()> {
        let prose = &self.styles.prose.clone().set_indent(1);
        let runs = &self.results.runs;
        let name = runs.first().map_or("row", |run| run.sheet.row_name());
        let title = format!("The circuit of one {name}");
        self.sheet.write_string_with_format(0, 0, title, &self.styles.title)?;
        let told = "Forward, each gate computes its value and how fast it moves with what goes in. \
                    Backward, the chain rule multiplies these from the loss to each weight.";
        self.sheet.write_string_with_format(1, 0, told, &self.styles.prose)?;
        let first = runs.first().map_or("", |run| run.sheet.name.as_str());
        let input = self.styles.input.clone();
        for (place, label) in [(OPTIMIZER, "optimizer"), (ROW, name), (CHOICE, "its number")] {
            self.sheet.write_string_with_format(place.0, 0, label, &self.styles.label)?;
        }
        self.sheet.write_string_with_format(OPTIMIZER.0, OPTIMIZER.1, first, &input)?;
        let first = self.shown.number;
        self.sheet.write_number_with_format(ROW.0, ROW.1, first as f64, &input)?;
        let choices = self.choices();
        let told = match choices < runs.len() {
            true => format!(
                "choose one of the first {choices} from the list; a formula has no room for more"
            ),
            false => "choose one from the list".to_owned(),
        };
        self.sheet.write_string_with_format(OPTIMIZER.0, 2, told, prose)?;
        let ends = self.addresses.traces.iter().map(|layout| layout.spread.kept().last());
        let (least, rows) = match self.has_parts() {
            true => (first, ends.max().unwrap_or(1)),
            false => (1, self.results.rows()),
        };
        let told = format!("any {name} from {least} to {rows}");
        self.sheet.write_string_with_format(ROW.0, 2, told, prose)?;
        let names = summary::names(&self.addresses.names.summary, choices);
        let list = DataValidation::new().allow_list_formula(names.as_str().into());
        let (row, column) = OPTIMIZER;
        self.sheet.add_data_validation(row, column, row, column, &list)?;
        let last = i32::try_from(rows).unwrap_or(i32::MAX);
        let whole = DataValidation::new()
            .allow_whole_number(DataValidationRule::Between(least as i32, last));
        self.sheet.add_data_validation(ROW.0, ROW.1, ROW.0, ROW.1, &whole)?;
        let text = format!("MATCH({},{names},0)", address(OPTIMIZER));
        write_formula(self.sheet, CHOICE, &text, Value::number(1.0), &Format::new())?;
        self.write_shown(name)
    }

    /// Whether not all rows of the traces are written.
    fn has_parts(&self) -> bool {
        self.addresses.rows.keep != Keep::All
    }

    /// Whether the row that is shown may be another than the one that is asked for.
    fn has_shown(&self) -> bool {
        self.has_parts() || self.results.differ_in_length()
    }

    /// The row that is shown: that of the input, or the nearest one that is written, which is the last
    /// one of a run that stopped before.
    fn write_shown(&mut self, name: &str) -> Result<()> {
        if !self.has_shown() {
            return Ok(());
        }
        let label = format!("{name} shown");
        self.sheet.write_string_with_format(SHOWN.0, 0, label, &self.styles.label)?;
        let whole = self.addresses.traces.iter().all(|layout| layout.spread.is_whole());
        let text = match whole {
            true => {
                let rows = |_: &Self, sheet: &Sheet, layout: &TraceLayout| {
                    format!("ROWS({})", layout.steps(sheet.row))
                };
                format!("MIN({},{})", address(ROW), self.look_up(rows))
            }
            false => self.look_up(|_, _, layout| layout.spread.nearest(&address(ROW))),
        };
        let shown = Value::number(self.shown.number as f64);
        write_formula(self.sheet, SHOWN, &text, shown, &Format::new())?;
        let told = match self.has_parts() {
            true => "the nearest one that is written of this optimizer",
            false => "the last one of an optimizer that stopped before",
        };
        let prose = &self.styles.prose.clone().set_indent(1);
        self.sheet.write_string_with_format(SHOWN.0, 2, told, prose)?;
        Ok(())
    }

    /// What `find` names in the chosen optimizer's sheet.
    pub(super) fn look_up(&self, find: impl Fn(&Self, &Sheet, &TraceLayout) -> String) -> String {
        let runs = self.results.runs.iter().zip(&self.addresses.traces).take(self.choices());
        let cells: Vec<String> = runs.map(|(run, layout)| find(self, &run.sheet, layout)).collect();
        choose(&cells)
    }

    /// How many optimizers a look-up has room for.
    fn choices(&self) -> usize {
        // What stands around the cells of the optimizers.
        let mut room = limits::LONGEST - 100;
        // `IF($B$6<=25,CHOOSE($B$6-25,` for every so many optimizers, shared among them.
        const AROUND: usize = 2;
        let fits = |run: &(&crate::trace::Run, &TraceLayout)| {
            // A look-up at the last of the columns is the longest.
            let last = run.0.sheet.columns.len() - 1;
            let length = self.in_row(run.1, last).chars().count() + 1 + AROUND;
            let fits = length <= room;
            room = room.saturating_sub(length);
            fits
        };
        let runs = self.results.runs.iter().zip(&self.addresses.traces);
        runs.take(MOST_CHOICES).take_while(fits).count()
    }

    /// The cell of a leaf in a trace sheet at the chosen row: a column's, or an input's.
    pub(super) fn cell_of_leaf(&self, sheet: &Sheet, layout: &TraceLayout, leaf: &str) -> String {
        match (sheet.column(leaf), sheet.input(leaf)) {
            (Some(column), _) => self.in_row(layout, column),
            (None, Some(input)) => layout.input(input),
            (None, None) => String::new(),
        }
    }

    /// The gradient of a weight in a trace sheet at the chosen row.
    pub(super) fn gradient(&self, sheet: &Sheet, layout: &TraceLayout, weight: &str) -> String {
        let weight = sheet.weights.iter().find(|one| one.name == weight);
        weight.map_or(String::new(), |one| self.in_row(layout, one.gradient))
    }

    /// The value of a column at the chosen row.
    fn in_row(&self, layout: &TraceLayout, column: usize) -> String {
        let row = address(if self.has_shown() { SHOWN } else { ROW });
        match layout.spread.is_whole() {
            true => format!("INDEX({},{row})", layout.steps(column)),
            false => layout.spread.look_up(column, &row),
        }
    }
}

/// The cell whose number, counted from 1, is the chosen one.
fn choose(cells: &[String]) -> String {
    let choice = address(CHOICE);
    let mut text = String::new();
    let groups = cells.chunks(VALUES).enumerate().rev();
    for (group, cells) in groups {
        let before = group * VALUES;
        let number = if group == 0 { choice.clone() } else { format!("{choice}-{before}") };
        let chosen = format!("CHOOSE({number},{})", cells.join(","));
        let end = before + VALUES;
        let is_last = text.is_empty();
        text = if is_last { chosen } else { format!("IF({choice}<={end},{chosen},{text})") };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_values_are_chosen_from_in_groups() {
        let cells =
            |count: usize| -> Vec<String> { (1..=count).map(|at| at.to_string()).collect() };
        assert_eq!(choose(&cells(3)), "CHOOSE($B$6,1,2,3)");
        let two = choose(&cells(27));
        assert!(two.starts_with("IF($B$6<=25,CHOOSE($B$6,1,2,"), "{two}");
        assert!(two.ends_with(",25),CHOOSE($B$6-25,26,27))"), "{two}");
        assert!(choose(&cells(60)).contains(",25),IF($B$6<=50,CHOOSE($B$6-25,26,"));
    }
}
