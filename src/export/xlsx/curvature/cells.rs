//! Writing numbers that are worked out from one another: each gets a cell, and formulas that use
//! it refer to that.

use rust_xlsxwriter::utility::row_col_to_cell_absolute;
use rust_xlsxwriter::{Color, Format, Worksheet};

use super::{LABELS, MEANING, VALUES};
use crate::error::Result;
use crate::export::xlsx::addresses::Addresses;
use crate::export::xlsx::data_layout::DataLayout;
use crate::export::xlsx::digits::NumberFormat;
use crate::export::xlsx::layout::{Total, TraceLayout};
use crate::export::xlsx::style::Styles;
use crate::export::xlsx::{formula, write_formula, write_total};
use crate::formula::{Expr, elementwise, excel};
use crate::sheet::{Ref, Sheet};
use crate::trace::curvature::{Curvature, Source};
use crate::trace::{Extent, Results};
use crate::value::Value;

/// The fill behind the headings of the blocks.
const BAND: u32 = 0xDCE6F1;

/// The sheet under way.
pub struct Cells<'a> {
    pub sheet: &'a mut Worksheet,
    pub styles: &'a Styles,
    pub results: &'a Results,
    pub curvature: &'a Curvature,
    pub layouts: &'a [TraceLayout],
    pub data: &'a DataLayout,
    /// The next free row.
    pub row: u32,
    /// The addresses of the numbers that have a cell.
    addresses: Vec<Option<String>>,
}

impl<'a> Cells<'a> {
    pub fn new(
        sheet: &'a mut Worksheet,
        styles: &'a Styles,
        results: &'a Results,
        curvature: &'a Curvature,
        addresses: &'a Addresses,
    ) -> Self {
        let (layouts, data) = (&addresses.traces, &addresses.data);
        let addresses = vec![None; curvature.numbers.len()];
        Cells { sheet, styles, results, curvature, layouts, data, row: 1, addresses }
    }

    /// The first run's sheet: that of the model.
    pub fn model(&self) -> &'a Sheet {
        &self.results.runs[0].sheet
    }

    /// The names of the weights.
    pub fn weights(&self) -> Vec<&'a str> {
        self.results.weights()
    }

    /// A block's heading and what it means, after a blank row.
    pub fn heading(&mut self, title: &str, lines: &[&str]) -> Result<()> {
        self.row += 1;
        let band = self.styles.heading.clone().set_background_color(Color::RGB(BAND));
        for column in LABELS..self.width() {
            self.sheet.write_blank(self.row, column, &band)?;
        }
        self.sheet.write_string_with_format(self.row, LABELS, title, &band)?;
        self.row += 1;
        for line in lines {
            self.sheet.write_string_with_format(self.row, LABELS, *line, &self.styles.prose)?;
            self.row += 1;
        }
        Ok(())
    }

    /// The heads of a table, the first one over labels, in the next row.
    pub fn heads(&mut self, heads: &[&str]) -> Result<()> {
        for (column, head) in (LABELS..).zip(heads) {
            let format = match column {
                LABELS => &self.styles.head,
                _ => &self.styles.number_head,
            };
            self.sheet.write_string_with_format(self.row, column, *head, format)?;
        }
        self.row += 1;
        Ok(())
    }

    /// A row with a label, the number at `place` and its meaning.
    pub fn line(&mut self, label: &str, place: usize, meaning: &str) -> Result<()> {
        self.label(label)?;
        self.number(VALUES, place)?;
        let prose = self.styles.prose.clone().set_indent(1);
        self.sheet.write_string_with_format(self.row, MEANING, meaning, &prose)?;
        self.row += 1;
        Ok(())
    }

    /// The same for a number that is a result, in bold.
    pub fn result(&mut self, label: &str, place: usize, meaning: &str) -> Result<()> {
        let row = self.row;
        self.line(label, place, meaning)?;
        let bold = digits([self.curvature.value(place)]).number().set_bold();
        self.sheet.write_string_with_format(row, LABELS, label, &self.styles.label)?;
        self.sheet.set_cell_format(row, VALUES, &bold)?;
        Ok(())
    }

    /// A label in this row.
    pub fn label(&mut self, label: &str) -> Result<()> {
        self.sheet.write_string(self.row, LABELS, label)?;
        Ok(())
    }

    /// The number at `place` in this row, with as many digits as it needs.
    pub fn number(&mut self, column: u16, place: usize) -> Result<()> {
        let format = digits([self.curvature.value(place)]).number();
        self.number_in((self.row, column), place, &format)
    }

    /// The number at `place` in a cell; formulas refer to that cell from now on.
    pub fn number_in(&mut self, at: (u32, u16), place: usize, format: &Format) -> Result<()> {
        let value = self.curvature.value(place);
        let (text, is_array) = self.text(&self.curvature.numbers[place].source);
        self.addresses[place] = Some(row_col_to_cell_absolute(at.0, at.1));
        write_total(self.sheet, at, (&text, is_array), value, format)
    }

    /// A formula that gives a text; an error where its numbers are errors.
    pub fn verdict(
        &mut self,
        column: u16,
        text: &str,
        result: Option<&str>,
        culprit: usize,
    ) -> Result<()> {
        let value = self.curvature.value(culprit);
        let told = match result {
            Some(result) => formula(text, Value::ZERO).set_result(result),
            None => formula(text, value),
        };
        let format = Format::new().set_indent(1);
        self.sheet.write_formula_with_format(self.row, column, told, &format)?;
        Ok(())
    }

    /// A number in a table of samples, which nothing refers to.
    pub fn plain(
        &mut self,
        at: (u32, u16),
        text: &str,
        value: Value,
        format: &Format,
    ) -> Result<()> {
        write_formula(self.sheet, at, text, value, format)
    }

    /// The cell of the number at `place`: its own, or the input that it is.
    pub fn address(&self, place: usize) -> String {
        match (&self.addresses[place], &self.curvature.numbers[place].source) {
            (Some(address), _) => address.clone(),
            (None, Source::Input(run, input)) => self.layouts[*run].input(*input),
            (None, _) => unreachable!("a number is written before what uses it"),
        }
    }

    /// The cells of the numbers at `places`.
    pub fn all(&self, places: &[usize]) -> Vec<String> {
        places.iter().map(|place| self.address(*place)).collect()
    }

    /// A number's formula, and whether it must be an array formula.
    fn text(&self, source: &Source) -> (String, bool) {
        match source {
            Source::Input(run, input) => (self.layouts[*run].input(*input), false),
            Source::Mean(sample, weights) if has_data(sample) => {
                let total = self.total(sample, weights);
                let samples = self.address(self.curvature.samples);
                let mean = format!("{}/{samples}", total.text);
                // Spreadsheets disagree on which error a sum over a range with an error is.
                let computed = weights.first().filter(|weight| {
                    matches!(self.curvature.numbers[**weight].source, Source::Formula(_))
                });
                let text = match computed.map(|weight| self.address(*weight)) {
                    Some(weight) => format!("IF(ISERROR({weight}),{weight},{mean})"),
                    None => mean,
                };
                (text, total.is_array)
            }
            Source::Mean(sample, weights) => (self.ranges(sample, weights), false),
            Source::Largest(sample, weights) => {
                (format!("MAX({})", self.ranges(sample, weights)), true)
            }
            Source::Where(sample, weights, value) if has_data(sample) => {
                let (value, ranges) = (self.address(*value), self.ranges(sample, weights));
                (format!("MATCH({value},{ranges},0)"), true)
            }
            Source::Where(..) => ("1".to_owned(), false),
            Source::OfLine(function) => {
                (format!("{function}({},{})", self.data.values(1), self.data.values(0)), false)
            }
            Source::Formula(tree) => (excel(tree, &|place| self.address(*place)), false),
        }
    }

    fn total(&self, sample: &Expr<Ref>, weights: &[usize]) -> Total {
        let weights = self.all(weights);
        Total::of(sample, self.model(), self.data, &self.layouts[0], &weights)
    }

    /// A formula of one sample with the ranges of the data.
    fn ranges(&self, sample: &Expr<Ref>, weights: &[usize]) -> String {
        let weights = self.all(weights);
        excel(&elementwise(sample), &|name| match *name {
            Ref::Data(column) => self.data.values(column),
            name => self.input(name, &weights),
        })
    }

    /// The cell of an input in a formula of one sample: a weight's among `weights`, or a parameter
    /// of the loss.
    pub fn input(&self, name: Ref, weights: &[String]) -> String {
        let Ref::Input(input) = name else { return String::new() };
        match self.model().weights.iter().position(|weight| weight.start == input) {
            Some(weight) => weights[weight].clone(),
            None => self.layouts[0].input(input),
        }
    }

    /// A formula of one sample in words.
    pub fn words(&self, sample: &Expr<Ref>) -> String {
        let model = self.model();
        crate::formula::text(sample, &|name| match *name {
            Ref::Data(column) => model.data[column].clone(),
            Ref::Input(input) => {
                let weight = model.weights.iter().find(|weight| weight.start == input);
                weight.map_or_else(|| model.inputs[input].id.clone(), |weight| weight.name.clone())
            }
            Ref::Column(_) | Ref::Above(_) | Ref::Order => String::new(),
        })
    }
}

/// The digits that all of `values` need.
pub fn digits(values: impl IntoIterator<Item = Value>) -> NumberFormat {
    NumberFormat::for_extent(Extent::of(values.into_iter().filter_map(|value| value.get().ok())))
}

fn has_data(sample: &Expr<Ref>) -> bool {
    sample.has_name(|name| matches!(name, Ref::Data(_)))
}
