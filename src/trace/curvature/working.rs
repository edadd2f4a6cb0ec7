//! Numbers that are worked out from one another, each with where it comes from.
//!
//! A number of a trace has one formula, from which its value and its cell come; the same holds
//! here. Formulas are written as text over the names of earlier numbers, so that eigenvalues and
//! determinants read as in a book.

use crate::error::Result;
use crate::formula::{Expr, Name, ParseError, evaluate, parse};
use crate::sheet::{Ref, Sheet};
use crate::trace::summary::{each_sample, mean};
use crate::value::Value;

/// Where a number comes from. Other numbers are named by their place in [`Working::numbers`].
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The input with this index of the run with this index.
    Input(usize, usize),
    /// The mean of a formula of one sample over all samples, with these numbers as the weights.
    Mean(Expr<Ref>, Vec<usize>),
    /// The largest value of a formula of one sample, with these numbers as the weights.
    Largest(Expr<Ref>, Vec<usize>),
    /// Which sample, counted from 1, has the value that the last number is: the first one.
    Where(Expr<Ref>, Vec<usize>, usize),
    /// A spreadsheet's function of y and x.
    OfLine(&'static str),
    /// A formula over earlier numbers.
    Formula(Expr<usize>),
}

/// A number with where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Where it comes from.
    pub source: Source,
    /// What it is.
    pub value: Value,
}

/// Numbers in the order in which they are worked out.
#[derive(Debug)]
pub struct Working<'a> {
    sheet: &'a Sheet,
    data: &'a [&'a [f64]],
    /// All numbers so far.
    pub numbers: Vec<Number>,
}

impl<'a> Working<'a> {
    /// No numbers yet, over the `data` columns of `sheet`.
    pub fn new(sheet: &'a Sheet, data: &'a [&'a [f64]]) -> Self {
        Working { sheet, data, numbers: Vec::new() }
    }

    /// Adds a number and returns its place.
    pub fn add(&mut self, source: Source, value: Value) -> usize {
        self.numbers.push(Number { source, value });
        self.numbers.len() - 1
    }

    /// Adds an input of the run with this index, whose sheet is `sheet`.
    pub fn input(&mut self, run: usize, sheet: &Sheet, input: usize) -> usize {
        self.add(Source::Input(run, input), Value::number(sheet.inputs[input].value))
    }

    /// Whether the model is the line, with the squared error.
    pub fn is_line(&self) -> bool {
        self.sheet.model.is_line
    }

    /// The data column that [`Ref::Data`] counts so.
    pub fn column(&self, index: usize) -> &'a [f64] {
        self.data[index]
    }

    /// The value of the number at `place`.
    pub fn value(&self, place: usize) -> Value {
        self.numbers[place].value
    }

    /// Adds what `formula` gives, with `names` for numbers that are there.
    ///
    /// # Errors
    /// A formula that does not parse or has other names.
    pub fn formula(&mut self, formula: &str, names: &[(&str, usize)]) -> Result<usize> {
        let tree = parse(formula).map_err(|error: ParseError| error.in_formula("", formula))?;
        let placed = tree.substitute(&mut |name: &Name| {
            let known = names.iter().find(|(known, _)| *known == name.id);
            known.map(|(_, place)| Expr::Name(*place)).ok_or_else(|| {
                crate::error::Error::new(format!("`{formula}` uses `{name}`, which is not there"))
            })
        })?;
        Ok(self.tree(placed))
    }

    /// Adds what a formula over earlier numbers gives.
    pub fn tree(&mut self, formula: Expr<usize>) -> usize {
        let value = evaluate(&formula, &|place: &usize| self.value(*place));
        self.add(Source::Formula(formula), value)
    }

    /// Adds the mean of `sample` with the given numbers as weights.
    pub fn mean(&mut self, sample: &Expr<Ref>, weights: &[usize]) -> usize {
        let value = mean(&self.each_sample(sample, weights));
        self.add(Source::Mean(sample.clone(), weights.to_vec()), value)
    }

    /// Adds the largest value of `sample`, and which sample has it.
    pub fn largest(&mut self, sample: &Expr<Ref>, weights: &[usize]) -> (usize, usize) {
        let values = self.each_sample(sample, weights);
        let error = values.iter().find(|value| value.is_error());
        let (mut at, mut largest) = (0, values.first().copied().unwrap_or(Value::ZERO));
        for (index, value) in values.iter().enumerate() {
            if value.raw() > largest.raw() {
                (at, largest) = (index, *value);
            }
        }
        let weights = weights.to_vec();
        let value = error.copied().unwrap_or(largest);
        let place = self.add(Source::Largest(sample.clone(), weights.clone()), value);
        let number = error.copied().unwrap_or(Value::number(at as f64 + 1.0));
        (place, self.add(Source::Where(sample.clone(), weights, place), number))
    }

    fn each_sample(&self, sample: &Expr<Ref>, weights: &[usize]) -> Vec<Value> {
        let weights: Vec<Value> = weights.iter().map(|place| self.value(*place)).collect();
        each_sample(self.sheet, sample, self.data, &weights)
    }
}
