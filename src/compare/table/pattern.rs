//! Which formulas are the same when they stand in the same column.
//!
//! Two formulas are of one class where filling either of them down gives the same values: `$F$1`
//! and `F$1` are the same within a column, `A1*B1` and `B1*A1` are the same anywhere, `F1` and
//! `$F$1` are not, even where they happen to mean the same cell.

use std::collections::HashMap;
use std::fmt::Write;

use crate::formula::{Expr, Operator};
use crate::graph::Sheet;
use crate::graph::arithmetic::{ArrayName, Operand, Term};
use crate::graph::relative::{Axis, CellReference};

/// The classes of the formulas of a sheet.
pub(crate) struct Patterns<'a> {
    sheet: &'a Sheet,
    classes: HashMap<(usize, u32), usize>,
    numbers: HashMap<String, usize>,
}

impl<'a> Patterns<'a> {
    pub(crate) fn new(sheet: &'a Sheet) -> Self {
        Patterns { sheet, classes: HashMap::new(), numbers: HashMap::new() }
    }

    /// The sheet whose formulas these are.
    pub(crate) fn sheet(&self) -> &'a Sheet {
        self.sheet
    }

    /// The class of a formula of the sheet where it stands in `column`.
    pub(crate) fn class(&mut self, formula: usize, column: u32) -> usize {
        if let Some(class) = self.classes.get(&(formula, column)) {
            return *class;
        }
        let shared = &self.sheet.formulas()[formula];
        let text = match shared.arithmetic() {
            Ok(tree) => canonical(tree, &|name| term(name, column)),
            // Formulas that are not understood are the same where their texts are.
            Err(_) => format!("?{formula}"),
        };
        let next = self.numbers.len();
        let class = *self.numbers.entry(text).or_insert(next);
        self.classes.insert((formula, column), class);
        class
    }
}

/// A text that is the same for trees that are the same up to the order of sums and products.
fn canonical<N>(tree: &Expr<N>, name: &dyn Fn(&N) -> String) -> String {
    let inside = |part: &Expr<N>| canonical(part, name);
    match tree {
        Expr::Number(number) => number.to_string(),
        Expr::Name(leaf) => name(leaf),
        Expr::Negate(operand) => format!("-({})", inside(operand)),
        Expr::Binary(operator @ (Operator::Add | Operator::Multiply), ..) => {
            let mut operands = Vec::new();
            gather(tree, *operator, &mut |operand| operands.push(inside(operand)));
            operands.sort_unstable();
            format!("{}({})", operator.sign(), operands.join(","))
        }
        Expr::Binary(operator, left, right) => {
            format!("{}({},{})", operator.sign(), inside(left), inside(right))
        }
        Expr::Call(function, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(inside).collect();
            format!("{}({})", function.name, arguments.join(","))
        }
        Expr::If(choice) => format!(
            "if({}{}{},{},{})",
            inside(&choice.left),
            choice.comparison.sign(),
            inside(&choice.right),
            inside(&choice.then),
            inside(&choice.otherwise)
        ),
    }
}

/// Hands the operands of a chain of one operator to `take`.
fn gather<N>(tree: &Expr<N>, operator: Operator, take: &mut impl FnMut(&Expr<N>)) {
    match tree {
        Expr::Binary(same, left, right) if *same == operator => {
            gather(left, operator, take);
            gather(right, operator, take);
        }
        other => take(other),
    }
}

fn term(term: &Term, column: u32) -> String {
    match term {
        Term::Cell(cell) => place(cell, column),
        Term::RowNumber(row) => format!("row{}", axis(*row)),
        Term::ColumnNumber(at) => format!("column{:?}", at.resolve(column)),
        Term::Fold(fold, operands) => {
            let mut text = format!("{fold:?}[");
            for operand in operands {
                let _ = match operand {
                    Operand::Range(from, to) => write!(text, "{},", range(from, to, column)),
                    Operand::Formula(tree) => {
                        write!(text, "{},", canonical(tree, &|name| array_name(name, column)))
                    }
                };
            }
            text + "]"
        }
    }
}

fn array_name(name: &ArrayName, column: u32) -> String {
    match name {
        ArrayName::Range(from, to) => range(from, to, column),
        ArrayName::One(one) => term(one, column),
    }
}

fn range(from: &CellReference, to: &CellReference, column: u32) -> String {
    format!("{}:{}", place(from, column), place(to, column))
}

/// A cell; within a column it makes no difference whether another column is absolute.
fn place(cell: &CellReference, column: u32) -> String {
    let sheet = cell.sheet.as_deref().map(|sheet| format!("'{sheet}'!")).unwrap_or_default();
    format!("{sheet}{}c{:?}", axis(cell.row), cell.column.resolve(column))
}

fn axis(axis: Axis) -> String {
    match axis {
        Axis::Relative(offset) => format!("r[{offset}]"),
        Axis::Absolute(at) => format!("r{at}"),
    }
}
