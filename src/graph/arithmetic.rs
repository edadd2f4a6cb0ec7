//! Formulas as arithmetic: trees of the formula layer, for those that it can say.
//!
//! Recognizing a formula needs what the formula layer does with trees: comparing, differentiating,
//! printing. Most formulas of a table are plain arithmetic over cells; functions over ranges stand in
//! such a tree as a [`Term`] of its own. What such a tree cannot say (texts, most of the functions of
//! spreadsheets) is told in words.

use super::formula::{Formula, Node, Reference, Slot};
use super::functions::SheetFunction;
use super::relative::{Axis, CellReference};
use super::scalar::ErrorValue;
use crate::formula::{Choice, Comparison, Expr, Function, Operator};

/// How many parts of trees may be repeated where `AND` and `OR` become choices.
const MAX_REPEATED: usize = 10_000;

/// What a name in a formula of a spreadsheet stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// A cell.
    Cell(CellReference),
    /// A function that takes ranges in.
    Fold(Fold, Vec<Operand>),
    /// The number of a row, counted from 1 (`ROW()`, `ROW(B7)`).
    RowNumber(Axis),
    /// The number of a column, counted from 1 (`COLUMN()`).
    ColumnNumber(Axis),
}

/// A function over the cells of ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fold {
    /// `SUM`
    Sum,
    /// `SUMSQ`
    SumOfSquares,
    /// `AVERAGE`
    Average,
    /// `COUNT`
    Count,
    /// `MIN`
    Min,
    /// `MAX`
    Max,
    /// `SUMPRODUCT`, each operand a range or a formula over ranges, element by element
    SumProduct,
    /// `SUMXMY2`
    SumOfSquaredDifferences,
    /// `INDEX(range, row[, column])`
    Index,
}

/// An argument of a [`Fold`].
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A range of cells between two corners, both included.
    Range(CellReference, CellReference),
    /// A formula, which may have ranges in it (`(C4:C32-B4:B32)^2`): a name is then a `Range`.
    Formula(Box<Expr<ArrayName>>),
}

/// A name in a formula over ranges.
#[derive(Debug, Clone, PartialEq)]
pub enum ArrayName {
    /// A range, taken element by element.
    Range(CellReference, CellReference),
    /// A single value.
    One(Term),
}

/// Functions that take ranges in.
const FOLDS: &[(&str, Fold)] = &[
    ("SUM", Fold::Sum),
    ("SUMSQ", Fold::SumOfSquares),
    ("AVERAGE", Fold::Average),
    ("COUNT", Fold::Count),
    ("MIN", Fold::Min),
    ("MAX", Fold::Max),
    ("SUMPRODUCT", Fold::SumProduct),
    ("SUMXMY2", Fold::SumOfSquaredDifferences),
    ("INDEX", Fold::Index),
];

/// A formula as arithmetic, or why it is none: "uses VLOOKUP".
pub(super) fn arithmetic(formula: &Formula) -> Result<Expr<Term>, String> {
    let root = formula.tree.as_ref().map_err(String::clone)?;
    Translator { formula, repeated: 0 }.tree(root)
}

/// The names of a tree: a term each, or also ranges.
trait Terms: Sized + Clone {
    fn term(term: Term) -> Self;
    fn range(from: &CellReference, to: &CellReference) -> Result<Self, String>;
}

impl Terms for Term {
    fn term(term: Term) -> Self {
        term
    }

    fn range(_: &CellReference, _: &CellReference) -> Result<Self, String> {
        Err("uses a range of cells where a single cell is needed".to_owned())
    }
}

impl Terms for ArrayName {
    fn term(term: Term) -> Self {
        ArrayName::One(term)
    }

    fn range(from: &CellReference, to: &CellReference) -> Result<Self, String> {
        Ok(ArrayName::Range(from.clone(), to.clone()))
    }
}

type Translated<N> = Result<Expr<N>, String>;

/// Translates one formula.
struct Translator<'a> {
    formula: &'a Formula,
    repeated: usize,
}

impl<'a> Translator<'a> {
    fn reference(&self, slot: Slot) -> Option<&'a Reference> {
        self.formula.references.get(slot).map(|(reference, _)| reference)
    }

    fn tree<N: Terms>(&mut self, node: &Node<Slot>) -> Translated<N> {
        Ok(match node {
            Node::Number(number) => Expr::Number(*number),
            Node::Logical(logical) => Expr::Number(f64::from(u8::from(*logical))),
            Node::Omitted => Expr::Number(0.0),
            Node::Text(_) => return Err("has a text in it".to_owned()),
            Node::Error(ErrorValue::Reference) => {
                return Err("refers to #REF!, a cell that was deleted".to_owned());
            }
            Node::Error(error) => return Err(format!("has the error value {error} in it")),
            Node::Leaf(slot) => return self.leaf(*slot),
            Node::Negate(one) => Expr::Negate(Box::new(self.tree(one)?)),
            Node::Percent(one) => self.tree(one)?.binary(Operator::Divide, Expr::Number(100.0)),
            Node::Binary(operator, left, right) => {
                self.tree(left)?.binary(*operator, self.tree(right)?)
            }
            Node::Compare(..) => {
                return self.condition(node, Expr::Number(1.0), Expr::Number(0.0));
            }
            Node::Join(..) => return Err("joins texts with &".to_owned()),
            Node::Array(_) => return Err("has a list of constants in braces".to_owned()),
            Node::Call(function, arguments) => return self.call(function, arguments),
        })
    }

    fn leaf<N: Terms>(&mut self, slot: Slot) -> Translated<N> {
        match self.reference(slot) {
            Some(Reference::Cell(cell)) => Ok(Expr::Name(N::term(Term::Cell(cell.clone())))),
            Some(Reference::Range(from, to)) => Ok(Expr::Name(N::range(from, to)?)),
            Some(Reference::Computed(node)) => match &**node {
                Node::Call(function, arguments) => self.call(function, arguments),
                _ => Err("computes a range of cells".to_owned()),
            },
            None => Err("refers to nothing".to_owned()),
        }
    }

    /// `then` where the condition holds, else `otherwise`.
    fn condition<N: Terms>(
        &mut self,
        node: &Node<Slot>,
        then: Expr<N>,
        otherwise: Expr<N>,
    ) -> Translated<N> {
        match node {
            Node::Compare(comparison, left, right) => {
                let (left, right) = (self.tree(left)?, self.tree(right)?);
                return Ok(choice(left, *comparison, right, then, otherwise));
            }
            Node::Call(function, arguments) => match function.name {
                "NOT" if arguments.len() == 1 => {
                    return self.condition(&arguments[0], otherwise, then);
                }
                "AND" => return self.all(arguments, then, otherwise),
                // Any of them holds, unless each of them fails.
                "OR" => return self.any(arguments, then, otherwise),
                _ => {}
            },
            _ => {}
        }
        let value = self.tree(node)?;
        Ok(choice(value, Comparison::NotEqual, Expr::Number(0.0), then, otherwise))
    }

    fn all<N: Terms>(
        &mut self,
        nodes: &[Node<Slot>],
        then: Expr<N>,
        otherwise: Expr<N>,
    ) -> Translated<N> {
        nodes.iter().rev().try_fold(then, |then, node| {
            self.repeat(&otherwise)?;
            self.condition(node, then, otherwise.clone())
        })
    }

    fn any<N: Terms>(
        &mut self,
        nodes: &[Node<Slot>],
        then: Expr<N>,
        otherwise: Expr<N>,
    ) -> Translated<N> {
        nodes.iter().rev().try_fold(otherwise, |otherwise, node| {
            self.repeat(&then)?;
            self.condition(node, then.clone(), otherwise)
        })
    }

    /// Counts what is repeated, so that nested conditions cannot grow without bounds.
    fn repeat<N>(&mut self, tree: &Expr<N>) -> Result<(), String> {
        self.repeated += tree.size();
        if self.repeated > MAX_REPEATED {
            return Err("has too many conditions".to_owned());
        }
        Ok(())
    }

    fn call<N: Terms>(
        &mut self,
        function: &SheetFunction,
        arguments: &[Node<Slot>],
    ) -> Translated<N> {
        if let Some(known) = function.in_formulas() {
            let arguments = self.trees(arguments)?;
            return Ok(Expr::Call(known, arguments));
        }
        let name = function.name;
        if let Some((_, fold)) = FOLDS.iter().find(|(excel, _)| *excel == name) {
            return self.fold(*fold, arguments);
        }
        match (name, arguments) {
            ("POWER", [base, exponent]) => {
                Ok(self.tree(base)?.binary(Operator::Power, self.tree(exponent)?))
            }
            ("LOG", [number]) => call("log10", vec![self.tree(number)?]),
            ("LOG", [number, base]) => {
                let (number, base) = (self.tree(number)?, self.tree(base)?);
                let (number, base) = (call("ln", vec![number])?, call("ln", vec![base])?);
                Ok(number.binary(Operator::Divide, base))
            }
            ("PRODUCT", [_, ..]) if !arguments.iter().any(|node| self.has_range(node)) => {
                let factors = self.trees(arguments)?;
                Ok(joined(factors, Operator::Multiply))
            }
            ("IF", [condition, then]) => {
                let then = self.tree(then)?;
                self.condition(condition, then, Expr::Number(0.0))
            }
            ("IF", [condition, then, otherwise]) => {
                let (then, otherwise) = (self.tree(then)?, self.tree(otherwise)?);
                self.condition(condition, then, otherwise)
            }
            ("NOT", [condition]) => self.condition(condition, Expr::Number(0.0), Expr::Number(1.0)),
            ("AND", [_, ..]) => self.all(arguments, Expr::Number(1.0), Expr::Number(0.0)),
            ("OR", [_, ..]) => self.any(arguments, Expr::Number(1.0), Expr::Number(0.0)),
            ("ROW" | "COLUMN", _) => self.place_number(name, arguments),
            ("ROWS" | "COLUMNS", [range]) => self.extent(name, range),
            _ => Err(format!("uses {name}")),
        }
    }

    fn trees<N: Terms>(&mut self, nodes: &[Node<Slot>]) -> Result<Vec<Expr<N>>, String> {
        nodes.iter().map(|node| self.tree(node)).collect()
    }

    fn place_number<N: Terms>(&mut self, name: &str, arguments: &[Node<Slot>]) -> Translated<N> {
        let (row, column) = match arguments {
            [] => (Axis::Relative(0), Axis::Relative(0)),
            [Node::Leaf(slot)] => match self.reference(*slot) {
                Some(Reference::Cell(cell)) => (cell.row, cell.column),
                Some(Reference::Range(..)) => return Err(format!("uses {name} of a range")),
                _ => return Err(format!("uses {name}")),
            },
            _ => return Err(format!("uses {name}")),
        };
        let number = match name {
            "ROW" => Term::RowNumber(row),
            _ => Term::ColumnNumber(column),
        };
        Ok(Expr::Name(N::term(number)))
    }

    /// How many rows or columns a range has: `ROWS(A$4:A4)` counts the rows from the first on.
    fn extent<N: Terms>(&mut self, name: &str, range: &Node<Slot>) -> Translated<N> {
        let Node::Leaf(slot) = range else { return Err(format!("uses {name}")) };
        let (from, to) = match self.reference(*slot) {
            Some(Reference::Cell(_)) => return Ok(Expr::Number(1.0)),
            Some(Reference::Range(from, to)) => (from, to),
            _ => return Err(format!("uses {name}")),
        };
        let number = |corner: &CellReference| match name {
            "ROWS" => Term::RowNumber(corner.row),
            _ => Term::ColumnNumber(corner.column),
        };
        let [from, to] = [from, to].map(|corner| Expr::Name(N::term(number(corner))));
        let apart = call("abs", vec![to.binary(Operator::Subtract, from)])?;
        Ok(apart.binary(Operator::Add, Expr::Number(1.0)))
    }

    /// A function over ranges; over single cells it is plain arithmetic.
    fn fold<N: Terms>(&mut self, fold: Fold, arguments: &[Node<Slot>]) -> Translated<N> {
        let has_range = arguments.iter().any(|node| self.has_range(node));
        if !has_range && !matches!(fold, Fold::Count | Fold::Index) {
            let arguments = self.trees(arguments)?;
            return plain(fold, arguments);
        }
        let operands = arguments.iter().map(|node| self.operand(node)).collect::<Result<_, _>>()?;
        Ok(Expr::Name(N::term(Term::Fold(fold, operands))))
    }

    fn operand(&mut self, node: &Node<Slot>) -> Result<Operand, String> {
        Ok(match self.tree::<ArrayName>(node)? {
            Expr::Name(ArrayName::Range(from, to)) => Operand::Range(from, to),
            Expr::Name(ArrayName::One(Term::Cell(cell))) => Operand::Range(cell.clone(), cell),
            formula => Operand::Formula(Box::new(formula)),
        })
    }

    /// Whether the value of `node` is that of many cells.
    fn has_range(&self, node: &Node<Slot>) -> bool {
        match node {
            Node::Leaf(slot) => matches!(self.reference(*slot), Some(Reference::Range(..))),
            Node::Call(function, arguments) => {
                let gives_one = FOLDS.iter().any(|(fold, _)| *fold == function.name);
                !gives_one && arguments.iter().any(|argument| self.has_range(argument))
            }
            node => node.parts().into_iter().any(|part| self.has_range(part)),
        }
    }
}

/// The function called `name` of the formula trees.
fn call<N>(name: &str, arguments: Vec<Expr<N>>) -> Translated<N> {
    match Function::find(name) {
        Some(function) if function.arity == arguments.len() => Ok(Expr::Call(function, arguments)),
        _ => {
            Err(format!("gives {} another number of arguments than it takes", name.to_uppercase()))
        }
    }
}

fn choice<N>(
    left: Expr<N>,
    comparison: Comparison,
    right: Expr<N>,
    then: Expr<N>,
    otherwise: Expr<N>,
) -> Expr<N> {
    Expr::If(Box::new(Choice { left, comparison, right, then, otherwise }))
}

/// A function over single values as arithmetic: `SUM(A1,B1)` is `A1+B1`.
fn plain<N: Terms>(fold: Fold, arguments: Vec<Expr<N>>) -> Translated<N> {
    let square = |one: Expr<N>| one.binary(Operator::Power, Expr::Number(2.0));
    let count = arguments.len() as f64;
    Ok(match fold {
        Fold::Sum => joined(arguments, Operator::Add),
        Fold::SumOfSquares => joined(arguments.into_iter().map(square).collect(), Operator::Add),
        Fold::Average => {
            joined(arguments, Operator::Add).binary(Operator::Divide, Expr::Number(count))
        }
        Fold::SumProduct => joined(arguments, Operator::Multiply),
        Fold::SumOfSquaredDifferences if arguments.len() == 2 => {
            square(joined(arguments, Operator::Subtract))
        }
        Fold::Min => nested("min", arguments)?,
        Fold::Max => nested("max", arguments)?,
        _ => return Err("gives a function another number of arguments than it takes".to_owned()),
    })
}

/// The arguments joined from the left; there is at least one.
fn joined<N>(arguments: Vec<Expr<N>>, operator: Operator) -> Expr<N> {
    let joined = arguments.into_iter().reduce(|left, right| left.binary(operator, right));
    joined.unwrap_or(Expr::Number(0.0))
}

fn nested<N>(name: &str, arguments: Vec<Expr<N>>) -> Translated<N> {
    let mut arguments = arguments.into_iter();
    let first = arguments.next().unwrap_or(Expr::Number(0.0));
    arguments.try_fold(first, |left, right| call(name, vec![left, right]))
}

#[cfg(test)]
mod tests;
