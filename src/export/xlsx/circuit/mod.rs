//! The sheet `circuit`: the gates of model and loss at one row, as boxes from what goes in on the
//! left to the loss on the right. Optimizer and row are inputs; everything follows them.

mod inputs;

use std::collections::BTreeMap;

use rust_xlsxwriter::utility::row_col_to_cell_absolute;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet};

use super::addresses::Addresses;
use super::style::{self, Styles};
use super::{set_up_page, write_formula};
use crate::circuit::{Step, Steps, backward_name, local_name};
use crate::error::Result;
use crate::export::palette::tint;
use crate::formula::{Expr, Name, evaluate, excel};
use crate::sheet::Group;
use crate::trace::{Results, Row};
use crate::value::{CellError, Value};

/// The row where the boxes begin.
const BOXES: u32 = 8;

/// A level of the circuit takes three columns: labels, values, and the way to the next level.
const LEVEL: u16 = 3;

/// The colour of backward values, and that of the boxes' edges.
const BACKWARD: u32 = 0xB3261E;
const BORDER: u32 = 0xD9A9C3;

/// Circuits with more ways from the loss to a weight show only so many of them.
const MOST_WAYS: usize = 12;

/// Writes the sheet for the gates in `steps`.
pub fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    results: &Results,
    addresses: &Addresses,
    steps: &Steps,
) -> Result<()> {
    sheet.set_name(&addresses.names.circuit.name)?;
    let first = addresses.traces.first().map_or(1, |layout| layout.spread.kept().first);
    let mut shown = Row { number: first, above: Vec::new(), values: Vec::new() };
    if let Some(run) = results.runs.first() {
        let ways = (&results.data, &results.plan);
        crate::trace::rows(run, ways, first..=first, &mut [&mut shown])?;
    }
    let mut page = Page {
        shown,
        sheet,
        styles,
        results,
        addresses,
        steps,
        cells: BTreeMap::new(),
        next_rows: BTreeMap::new(),
        places: BTreeMap::new(),
    };
    page.write_inputs()?;
    for leaf in &steps.leaves {
        page.write_leaf(leaf)?;
    }
    for gate in &steps.gates {
        page.write_gate(gate)?;
    }
    page.write_way_back()?;
    let end = page.next_rows.values().copied().max().unwrap_or(BOXES);
    page.write_chain_rule(end + 1)?;
    page.set_widths()?;
    set_up_page(sheet);
    sheet.set_print_fit_to_pages(1, 1);
    Ok(())
}

/// The sheet under way.
struct Page<'a> {
    /// The row of the first optimizer that is shown first.
    shown: Row,
    sheet: &'a mut Worksheet,
    styles: &'a Styles,
    results: &'a Results,
    addresses: &'a Addresses,
    steps: &'a Steps,
    /// The cell and the value of every name that a formula may use.
    cells: BTreeMap<String, (String, Value)>,
    /// The first free row of each level.
    next_rows: BTreeMap<u16, u32>,
    /// Where the box of each gate or leaf begins: its level and row.
    places: BTreeMap<String, (u16, u32)>,
}

impl Page<'_> {
    /// A box for a weight, a data column or a parameter of the loss.
    fn write_leaf(&mut self, leaf: &str) -> Result<()> {
        let row = self.place(leaf, 0, BOXES);
        self.write_title(row, 0, leaf)?;
        let value = self.value_of_leaf(leaf);
        let text = self.look_up(|page, sheet, layout| page.cell_of_leaf(sheet, layout, leaf));
        self.write_line(row + 1, 0, "value", leaf, &text, value)?;
        self.next_rows.insert(0, row + if self.steps.is_weight(leaf) { 4 } else { 3 });
        Ok(())
    }

    /// A box for a gate: its formula, its value, its local derivatives. The row of the backward
    /// value is kept free: it comes from the gates to the right.
    fn write_gate(&mut self, gate: &Step) -> Result<()> {
        let level = gate.depth as u16;
        let mut inputs: Vec<&str> =
            gate.forward.names().iter().map(|one| one.id.as_str()).collect();
        let beside = inputs.iter().filter_map(|input| self.places.get(*input)).map(|one| one.1);
        let row = self.place(&gate.name, level, beside.min().unwrap_or(BOXES));
        let column = level * LEVEL;
        inputs.dedup();
        let arrow = format!("{} →", inputs.join(", "));
        let way = self.styles.prose.clone().set_align(FormatAlign::Right);
        self.sheet.write_string_with_format(row, column - 1, arrow, &way)?;
        self.write_title(row, column, &format!("{} = {}", gate.name, gate.forward))?;
        let (text, value) = self.compute(&gate.forward);
        self.write_line(row + 1, column, "forward", &gate.name, &text, value)?;
        for (line, (input, derivative)) in (2..).zip(&gate.local) {
            let name = local_name(&gate.name, input);
            let (text, value) = self.compute(derivative);
            self.write_line(row + line, column, &name, &name, &text, value)?;
        }
        let backward = u32::from(gate.backward.is_some());
        self.next_rows.insert(level, row + 3 + gate.local.len() as u32 + backward);
        Ok(())
    }

    /// The backward values, from the loss to the weights.
    fn write_way_back(&mut self) -> Result<()> {
        let steps = self.steps;
        for gate in steps.gates.iter().rev() {
            if let Some(backward) = &gate.backward {
                let line = 2 + gate.local.len() as u32;
                self.write_backward(&gate.name, line, backward)?;
            }
        }
        for (weight, backward) in &steps.weights {
            self.write_backward(weight, 2, backward)?;
        }
        Ok(())
    }

    fn write_backward(&mut self, name: &str, line: u32, formula: &Expr<Name>) -> Result<()> {
        let Some((level, row)) = self.places.get(name).copied() else { return Ok(()) };
        let (text, value) = self.compute(formula);
        let label = backward_name(name);
        self.write_line(row + line, level * LEVEL, &label, &label, &text, value)
    }

    /// Each way from the loss to a weight as a product, and their sum beside the trace's gradient.
    fn write_chain_rule(&mut self, mut row: u32) -> Result<()> {
        let heading = "The chain rule, spelled out";
        self.sheet.write_string_with_format(row, 0, heading, &self.styles.heading)?;
        row += 1;
        let steps = self.steps;
        for (weight, _) in &steps.weights {
            let ways = steps.ways(weight);
            let mut products = Vec::new();
            for way in ways.iter().take(MOST_WAYS) {
                products.push(self.write_product(row, weight, way)?);
                row += 2;
            }
            row = self.write_sum(row, weight, &products, ways.len())?;
        }
        Ok(())
    }

    /// The factors' names and below them their values; the product's cell and value.
    fn write_product(
        &mut self,
        row: u32,
        weight: &str,
        way: &[(String, String)],
    ) -> Result<(String, Value)> {
        let label = format!("one way to {weight}");
        self.sheet.write_string_with_format(row, 0, label, &self.styles.prose)?;
        let right = self.styles.prose.clone().set_align(FormatAlign::Right);
        let (mut factors, mut product) = (Vec::new(), Value::number(1.0));
        for (column, (gate, input)) in (1..).zip(way) {
            let name = local_name(gate, input);
            let Some((cell, value)) = self.cells.get(&name).cloned() else { continue };
            self.sheet.write_string_with_format(row, column, name, &right)?;
            let sign = if usize::from(column) == way.len() { "=" } else { "·" };
            let format = Format::new().set_num_format(format!("General\" {sign}\""));
            write_formula(self.sheet, (row + 1, column), &cell, value, &format)?;
            product = product * value;
            factors.push(row_col_to_cell_absolute(row + 1, column));
        }
        let place = (row + 1, way.len() as u16 + 1);
        let bold = Format::new().set_bold();
        write_formula(self.sheet, place, &factors.join("*"), product, &bold)?;
        Ok((address(place), product))
    }

    /// The gradient as the sum of the products, and as the trace has it; the next free row.
    fn write_sum(
        &mut self,
        row: u32,
        weight: &str,
        products: &[(String, Value)],
        ways: usize,
    ) -> Result<u32> {
        let label = backward_name(weight);
        self.sheet.write_string_with_format(row, 0, &label, &self.styles.label)?;
        if ways > products.len() {
            let told = format!("{ways} ways; the box of {weight} adds them all up");
            self.sheet.write_string_with_format(row, 2, told, &self.styles.prose)?;
        } else {
            let cells: Vec<&str> = products.iter().map(|(cell, _)| cell.as_str()).collect();
            let total = products.iter().fold(Value::ZERO, |sum, (_, value)| sum + *value);
            write_formula(
                self.sheet,
                (row, 1),
                &cells.join("+"),
                total,
                &Format::new().set_bold(),
            )?;
        }
        let text = self.look_up(|page, sheet, layout| page.gradient(sheet, layout, weight));
        let value = self.cells.get(&label).map_or(Value::ZERO, |(_, value)| *value);
        self.sheet.write_string_with_format(row + 1, 0, "in the trace", &self.styles.prose)?;
        write_formula(self.sheet, (row + 1, 1), &text, value, &Format::new())?;
        Ok(row + 3)
    }

    /// Gives the box of `name` a place in its level, not above `least`.
    fn place(&mut self, name: &str, level: u16, least: u32) -> u32 {
        let row = self.next_rows.get(&level).copied().unwrap_or(BOXES).max(least);
        self.places.insert(name.to_owned(), (level, row));
        row
    }

    fn write_title(&mut self, row: u32, column: u16, title: &str) -> Result<()> {
        let head = style::group_band(Group::Circuit)
            .set_bold()
            .set_font_size(11)
            .set_font_color(Color::Black)
            .set_border(FormatBorder::Thin)
            .set_border_color(Color::RGB(BORDER));
        self.sheet.merge_range(row, column, row, column + 1, title, &head)?;
        Ok(())
    }

    /// A label and beside it a formula, which gets the name `name`.
    fn write_line(
        &mut self,
        row: u32,
        column: u16,
        label: &str,
        name: &str,
        text: &str,
        value: Value,
    ) -> Result<()> {
        // The way back has a colour of its own, as it goes the other way.
        let is_backward = label.starts_with("de/");
        let text_colour = Color::RGB(if is_backward { BACKWARD } else { 0x404040 });
        let line = Format::new()
            .set_background_color(Color::RGB(tint(0xF9E1EC, 0.3)))
            .set_font_color(text_colour)
            .set_border_color(Color::RGB(BORDER));
        // A box ends with its backward value; data have none.
        let ends = is_backward || (label == "value" && !self.steps.is_weight(name));
        let line = if ends { line.set_border_bottom(FormatBorder::Thin) } else { line };
        let label_format = line.clone().set_border_left(FormatBorder::Thin);
        self.sheet.write_string_with_format(row, column, label, &label_format)?;
        let value_format = line.set_border_right(FormatBorder::Thin);
        write_formula(self.sheet, (row, column + 1), text, value, &value_format)?;
        self.cells.insert(name.to_owned(), (address((row, column + 1)), value));
        Ok(())
    }

    /// A formula over names that have cells already, with its value.
    fn compute(&self, formula: &Expr<Name>) -> (String, Value) {
        let cell =
            |name: &Name| self.cells.get(&name.id).map_or(String::new(), |one| one.0.clone());
        let value = |name: &Name| self.cells.get(&name.id).map_or(Value::ZERO, |one| one.1);
        (excel(formula, &cell), evaluate(formula, &value))
    }

    /// What goes in at the first step that is written of the first optimizer.
    fn value_of_leaf(&self, leaf: &str) -> Value {
        let Some(run) = self.results.runs.first() else { return Value::ZERO };
        match (run.sheet.column(leaf), run.sheet.input(leaf)) {
            (Some(column), _) => self.shown.values.get(column).copied(),
            (None, input) => input.map(|input| Value::number(run.sheet.inputs[input].value)),
        }
        .unwrap_or(CellError::Number.into())
    }

    fn set_widths(&mut self) -> Result<()> {
        let levels = self.places.values().map(|(level, _)| *level).max().unwrap_or(0);
        for level in 0..=levels + 1 {
            for (column, width) in (level * LEVEL..).zip([13, 13, 12]) {
                self.sheet.set_column_width(column, width)?;
            }
        }
        Ok(())
    }
}

fn address(place: (u32, u16)) -> String {
    row_col_to_cell_absolute(place.0, place.1)
}
