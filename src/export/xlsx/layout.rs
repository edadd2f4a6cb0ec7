//! Where things stand: the addresses of a workbook's cells.
//!
//! A column's formula is printed once, with marks where row numbers go; each row then costs a few
//! copies of text. Columns therefore cannot help having one formula in R1C1 terms.

use rust_xlsxwriter::utility::{column_number_to_name, row_col_to_cell_absolute};

use super::data_layout::DataLayout;
use super::order::OrderLayout;
use super::sheet_names::SheetName;
use super::spread::{Extent, Spread};
use crate::formula::{Expr, Function, Name, Operator, elementwise, excel, has_choice};
use crate::sheet::{InputKind, Ref, Sheet};
use crate::trace::Run;

/// Marks for the number of a formula's own row and of the row above it.
pub const THIS_ROW: char = '\u{1}';
pub const ROW_ABOVE: char = '\u{2}';

/// Where things stand in a trace sheet; rows are counted from 0.
#[derive(Debug)]
pub struct TraceLayout {
    /// The sheet, the first one of several.
    pub sheet: SheetName,
    /// The row of the first input.
    pub inputs: u32,
    /// The row with the groups' names.
    pub band: u32,
    /// The row with the heads.
    pub heads: u32,
    /// The step-0 row, above the first one of each of its sheets.
    pub start: u32,
    /// Where its rows stand.
    pub spread: Spread,
    /// Each column's formula, and its start formula where it has one.
    pub columns: Vec<ColumnFormulas>,
    /// The formula that counts the samples.
    pub count: String,
    inputs_absolute: Vec<String>,
}

/// The formulas of a column, as text.
#[derive(Debug)]
pub struct ColumnFormulas {
    /// For every step.
    pub step: Template,
    /// For the step-0 row.
    pub initial: Option<String>,
}

impl TraceLayout {
    /// The column with the inputs' values.
    pub const VALUES: u16 = 1;
    /// The row of the first input, below title, summary, a blank row, the heads of the inputs.
    const INPUTS: u32 = 4;

    /// The row with the groups' names, a blank row below the inputs and the update's formulas.
    fn band(sheet: &Sheet) -> u32 {
        Self::INPUTS + sheet.inputs.len().max(sheet.rule.len()) as u32 + 1
    }

    /// The step-0 row, below the heads.
    pub fn first_row(sheet: &Sheet) -> u32 {
        Self::band(sheet) + 2
    }

    /// The layout of `run` on `sheets`, as many as the extent of its rows takes.
    pub fn new(
        run: &Run,
        (sheets, extent): (&[SheetName], Extent),
        (order, data): (&OrderLayout, &DataLayout),
    ) -> Self {
        let sheet = &run.sheet;
        let inputs = Self::INPUTS;
        let band = Self::band(sheet);
        let absolute = |index| row_col_to_cell_absolute(inputs + index as u32, Self::VALUES);
        let inputs_absolute: Vec<String> = (0..sheet.inputs.len()).map(absolute).collect();
        let sample = column_number_to_name(sheet.sample as u16);
        let row = column_number_to_name(sheet.row as u16);
        let reference = |reference: &Ref| match *reference {
            Ref::Column(column) => format!("{}{THIS_ROW}", column_number_to_name(column as u16)),
            Ref::Above(column) => format!("{}{ROW_ABOVE}", column_number_to_name(column as u16)),
            Ref::Input(input) => inputs_absolute[input].clone(),
            Ref::Data(column) => data.look_up(column, &format!("${sample}{THIS_ROW}")),
            Ref::Order => order.look_up(&format!("${row}{THIS_ROW}")),
        };
        let formulas = |column: &crate::sheet::Column| ColumnFormulas {
            step: Template::of(&column.formula, run.rows, &reference),
            initial: column.initial.as_ref().and_then(|start| match start {
                Expr::Number(_) => None,
                start => Some(excel(start, &reference)),
            }),
        };
        let columns = sheet.columns.iter().map(formulas).collect();
        let start = Self::first_row(sheet);
        TraceLayout {
            sheet: sheets[0].clone(),
            inputs,
            band,
            heads: band + 1,
            start,
            spread: Spread::new(run, sheets.to_vec(), extent),
            columns,
            count: format!("COUNT({})", data.values(0)),
            inputs_absolute,
        }
    }

    /// The formula of an input that follows from others.
    pub fn input_formula(&self, sheet: &Sheet, formula: &Expr<Name>) -> String {
        let cell = |name: &Name| sheet.input(&name.id).map(|index| &self.inputs_absolute[index]);
        excel(formula, &|name| cell(name).cloned().unwrap_or_default())
    }

    /// The cell of an input from any sheet: `sgd!$B$5`.
    pub fn input(&self, index: usize) -> String {
        self.sheet.cell(&self.inputs_absolute[index])
    }

    /// The cells of the start weights, from any sheet.
    pub fn starts(&self, sheet: &Sheet) -> Vec<String> {
        sheet.weights.iter().map(|weight| self.input(weight.start)).collect()
    }

    /// The cell of a column in the last row, from any sheet: `sgd!$J$303`.
    pub fn end(&self, column: usize) -> String {
        let last = self.spread.kept().last();
        self.spread.cell(last, column).unwrap_or_default()
    }

    /// The rows of all steps in a column, from any sheet, where they stand on one: `sgd!$J$14:$J$303`.
    pub fn steps(&self, column: usize) -> String {
        let kept = self.spread.kept();
        self.spread.ranges((kept.first, kept.last()), column).unwrap_or_default()
    }
}

/// Runs with more steps than this have their decays bounded.
const LONG_RUN: usize = 1000;

/// `expr` with every `1 - base^exponent` as `1 - base^min(exponent, 40/(1 - base))`, also where the
/// power has a number before it, as in `1 - 0.5*0.96^t`.
///
/// LibreOffice makes an error of a power that underflows, as 0.9^t does from step 6723 on. The
/// value is the same to the last digit: for a base between 0 and 1 the power is below e^-40 at
/// the bound, and what is left of 1 is 1.
fn bounded_decay(expr: &Expr<Ref>) -> Expr<Ref> {
    let bounded = |base: &Expr<Ref>, exponent: &Expr<Ref>| {
        let rest = Expr::Number(1.0).binary(Operator::Subtract, base.clone());
        let bound = Expr::Number(40.0).binary(Operator::Divide, rest);
        let least = Function::find("min")
            .map_or_else(|| exponent.clone(), |min| Expr::Call(min, vec![exponent.clone(), bound]));
        base.clone().binary(Operator::Power, least)
    };
    let bounded_power = |power: &Expr<Ref>| match power {
        Expr::Binary(Operator::Power, base, exponent) if !matches!(**exponent, Expr::Number(_)) => {
            Some(bounded(base, exponent))
        }
        _ => None,
    };
    expr.map(&|node| match node {
        Expr::Binary(Operator::Subtract, one, taken) if **one == Expr::Number(1.0) => {
            let taken = match &**taken {
                Expr::Binary(Operator::Multiply, factor, power)
                    if matches!(**factor, Expr::Number(_)) =>
                {
                    let power = bounded_power(power)?;
                    Some((**factor).clone().binary(Operator::Multiply, power))
                }
                power => bounded_power(power),
            };
            Some((**one).clone().binary(Operator::Subtract, taken?))
        }
        _ => None,
    })
}

/// A sum over the whole data set, as a spreadsheet computes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// The formula.
    pub text: String,
    /// Whether it must be entered as an array formula.
    pub is_array: bool,
}

impl Total {
    /// Σ(ŷ − y)² over all outputs, with `weights` giving each weight's cell.
    pub fn of_squares(
        sheet: &Sheet,
        data: &DataLayout,
        trace: &TraceLayout,
        weights: &[String],
    ) -> Self {
        let square = |error: Expr<Ref>| error.binary(Operator::Power, Expr::Number(2.0));
        let squares = sheet.residuals().into_iter().map(square);
        let sum = squares.reduce(|sum, square| sum.binary(Operator::Add, square));
        Total::of(&sum.unwrap_or(Expr::Number(0.0)), sheet, data, trace, weights)
    }

    /// The sum of the loss of every sample.
    pub fn of_loss(
        sheet: &Sheet,
        data: &DataLayout,
        trace: &TraceLayout,
        weights: &[String],
    ) -> Self {
        Total::of(&sheet.sample_loss, sheet, data, trace, weights)
    }

    /// The sum of a formula of one sample.
    pub fn of(
        sample: &Expr<Ref>,
        sheet: &Sheet,
        data: &DataLayout,
        trace: &TraceLayout,
        weights: &[String],
    ) -> Self {
        let sample = elementwise(sample);
        let text = excel(&sample, &|reference| match *reference {
            Ref::Data(column) => data.values(column),
            Ref::Input(input) => match sheet.weights.iter().position(|one| one.start == input) {
                Some(weight) => weights[weight].clone(),
                None => trace.input(input),
            },
            Ref::Column(_) | Ref::Above(_) | Ref::Order => String::new(),
        });
        let is_array = has_choice(&sample);
        let sum = if is_array { "SUM" } else { "SUMPRODUCT" };
        Total { text: format!("{sum}({text})"), is_array }
    }
}

/// √(Σ(ŷ − y)²/n) with the weights in `cells`, and whether it is an array formula.
pub fn rmse_formula(
    sheet: &Sheet,
    data: &DataLayout,
    layout: &TraceLayout,
    cells: &[String],
) -> (String, bool) {
    let n = layout.input(sheet.input_of(InputKind::Samples));
    let sum = Total::of_squares(sheet, data, layout, cells);
    (format!("SQRT({}/{n})", sum.text), sum.is_array)
}

/// A formula with holes for row numbers.
#[derive(Debug)]
pub struct Template {
    /// Texts, each followed by its mark's row number; the last one by nothing.
    pieces: Vec<(String, Option<char>)>,
}

impl Template {
    /// The formula of a column of so many `rows`; `reference` gives addresses with marks.
    pub fn of(formula: &Expr<Ref>, rows: usize, reference: &dyn Fn(&Ref) -> String) -> Self {
        Template::new(&match rows > LONG_RUN {
            true => excel(&bounded_decay(formula), reference),
            false => excel(formula, reference),
        })
    }

    /// The formula with marks where row numbers go.
    fn new(marked: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = marked;
        while let Some(at) = rest.find([THIS_ROW, ROW_ABOVE]) {
            pieces.push((rest[..at].to_owned(), rest[at..].chars().next()));
            rest = &rest[at + 1..];
        }
        pieces.push((rest.to_owned(), None));
        Template { pieces }
    }

    /// The formula's texts, each with the mark of the row number that follows it.
    pub fn pieces(&self) -> &[(String, Option<char>)] {
        &self.pieces
    }

    /// The formula with words for the numbers of its row and of the one above.
    pub fn marked(&self, row: &str, above: &str) -> String {
        let word = |mark: &Option<char>| match mark {
            Some(THIS_ROW) => row,
            Some(_) => above,
            None => "",
        };
        self.pieces.iter().map(|(text, mark)| format!("{text}{}", word(mark))).collect()
    }

    /// The formula in the given row, counted from 0.
    pub fn in_row(&self, row: u32) -> String {
        use std::fmt::Write;
        let mut out = String::with_capacity(64);
        for (text, mark) in &self.pieces {
            out.push_str(text);
            // Writing to a String cannot fail.
            let _ = match mark {
                Some(THIS_ROW) => write!(out, "{}", row + 1),
                Some(_) => write!(out, "{row}"),
                None => Ok(()),
            };
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_gets_the_numbers_of_its_row_and_of_the_one_above() {
        let template = Template::new(&format!("F{ROW_ABOVE}-$C$2*L{THIS_ROW}/2"));
        assert_eq!(template.in_row(11), "F11-$C$2*L12/2");
    }

    #[test]
    fn decays_of_long_runs_are_bounded() {
        let beta = Expr::Name(Ref::Input(0)).binary(Operator::Power, Expr::Name(Ref::Column(0)));
        let corrected = Expr::Name(Ref::Column(1))
            .binary(Operator::Divide, Expr::Number(1.0).binary(Operator::Subtract, beta));
        let name = |reference: &Ref| match reference {
            Ref::Input(_) => "$B$5".to_owned(),
            Ref::Column(0) => "A9".to_owned(),
            _ => "Q9".to_owned(),
        };
        assert_eq!(excel(&corrected, &name), "Q9/(1-$B$5^A9)");
        let bounded = excel(&bounded_decay(&corrected), &name);
        assert_eq!(bounded, "Q9/(1-$B$5^MIN(A9,40/(1-$B$5)))");
    }
}
