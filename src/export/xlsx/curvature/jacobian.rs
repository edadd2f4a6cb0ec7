//! The Jacobian of the residuals: a row for each sample.

use rust_xlsxwriter::Format;
use rust_xlsxwriter::utility::row_col_to_cell;

use super::cells::{Cells, digits};
use super::{LABELS, VALUES};
use crate::data::target_number;
use crate::error::Result;
use crate::export::xlsx::note;
use crate::formula::{Expr, evaluate, excel};
use crate::sheet::Ref;
use crate::value::Value;

/// The table has at most so many rows, so that the sheet opens fast.
const MOST_ROWS: usize = 10_000;

/// A column of the table.
struct Column {
    head: String,
    meaning: String,
    formula: Expr<Ref>,
    values: Vec<Value>,
    format: Format,
}

impl Cells<'_> {
    /// The table, at the bottom of the page.
    pub fn write_jacobian(&mut self) -> Result<()> {
        let samples = self.results.data.samples();
        let rows = samples.min(MOST_ROWS);
        let mut lines = vec![
            "The residual r = y_pred - y of each sample, and how it answers to each weight."
                .to_owned(),
        ];
        if self.results.model().is_squared && self.curvature.derivatives.is_linear {
            lines.push("With the squared loss, 2*J'J/n is the Hessian above.".to_owned());
        }
        if rows < samples {
            lines.push(format!(
                "The first {rows} of {samples} samples; all sums above are over all of them."
            ));
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        self.heading("Jacobian of the residuals", &lines)?;
        let columns = self.jacobian_columns(rows);
        let data = self.model().data.clone();
        let mut heads = vec!["sample"];
        heads.extend(data.iter().map(String::as_str));
        heads.extend(columns.iter().map(|column| column.head.as_str()));
        self.heads(&heads)?;
        let at = self.row - 1;
        self.sheet.write_string_with_format(at, LABELS, "sample", &self.styles.number_head)?;
        for (column, told) in (VALUES + data.len() as u16..).zip(&columns) {
            self.sheet.insert_note(at, column, &note(&told.meaning))?;
        }
        let inputs: Vec<Format> = data.iter().map(|name| self.data_format(name)).collect();
        for sample in 0..rows {
            self.write_sample(sample, &columns, &inputs)?;
        }
        Ok(())
    }

    /// How the numbers of a data column are shown.
    fn data_format(&self, name: &str) -> Format {
        let values = self.results.data.column(name).map(|column| column.values.as_slice());
        digits(values.unwrap_or_default().iter().map(|one| Value::number(*one))).number()
    }

    fn jacobian_columns(&self, rows: usize) -> Vec<Column> {
        let derivatives = &self.curvature.derivatives;
        let column = |head: String, meaning: String, formula: &Expr<Ref>| {
            let values: Vec<Value> =
                (0..rows).map(|sample| self.of_sample(formula, sample)).collect();
            let format = digits(values.iter().copied()).number();
            Column { head, meaning, formula: formula.clone(), values, format }
        };
        let (sheet, mut columns) = (self.model(), Vec::new());
        let targets = &sheet.data[sheet.features()..];
        for (at, (target, residual)) in targets.iter().zip(&derivatives.residuals).enumerate() {
            let number = target_number(at, targets.len());
            let told = format!("{target}_pred - {target} = {}", self.words(residual));
            columns.push(column(format!("residual{number}"), told, residual));
        }
        for (at, row) in derivatives.jacobian.iter().enumerate() {
            let number = target_number(at, targets.len());
            for (weight, formula) in self.weights().into_iter().zip(row) {
                let told = format!("how the residual answers to {weight}: {}", self.words(formula));
                columns.push(column(format!("dr{number}/d{weight}"), told, formula));
            }
        }
        if self.curvature.limits.sample.is_some() {
            let told = "how strongly the sample's loss curves";
            let meaning = format!("{told}: {}", self.words(&derivatives.curvature));
            columns.push(column("curvature".into(), meaning, &derivatives.curvature));
            let limit = Expr::Number(2.0)
                .binary(crate::formula::Operator::Divide, derivatives.curvature.clone());
            let told = "2/curvature: the largest learning rate that is stable for this sample";
            columns.push(column("largest lr".into(), told.into(), &limit));
        }
        columns
    }

    /// The value of a formula for the sample with this index.
    fn of_sample(&self, formula: &Expr<Ref>, sample: usize) -> Value {
        let model = self.model();
        evaluate(formula, &|name| match *name {
            Ref::Data(column) => match self.results.data.column(&model.data[column]) {
                Some(column) => Value::number(column.values[sample]),
                None => Value::ZERO,
            },
            Ref::Input(input) => Value::number(model.inputs[input].value),
            Ref::Column(_) | Ref::Above(_) | Ref::Order => Value::ZERO,
        })
    }

    fn write_sample(&mut self, sample: usize, columns: &[Column], inputs: &[Format]) -> Result<()> {
        let model = self.model();
        let row = self.row;
        let number = sample as f64 + 1.0;
        match self.data.number(sample) {
            Some(cell) => {
                self.plain((row, LABELS), &cell, Value::number(number), &Format::new())?;
            }
            None => {
                self.sheet.write_number(row, LABELS, number)?;
            }
        }
        for (index, format) in inputs.iter().enumerate() {
            let value = self.of_sample(&Expr::Name(Ref::Data(index)), sample);
            let at = (row, VALUES + index as u16);
            self.plain(at, &self.data.cell(index, sample), value, format)?;
        }
        let weights = self.all(&self.curvature.point);
        let first = VALUES + model.data.len() as u16;
        for (at, column) in (first..).zip(columns) {
            let text = match column.head.as_str() {
                // The curvature stands beside it.
                "largest lr" => format!("2/{}", row_col_to_cell(row, at - 1)),
                _ => excel(&column.formula, &|name| match *name {
                    Ref::Data(data) => format!("${}", row_col_to_cell(row, VALUES + data as u16)),
                    name => self.input(name, &weights),
                }),
            };
            self.plain((row, at), &text, column.values[sample], &column.format)?;
        }
        self.row += 1;
        Ok(())
    }
}
