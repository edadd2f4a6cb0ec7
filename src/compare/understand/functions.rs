//! The functions of a spreadsheet: those of the formula trees, and those that take ranges in.

use formualizer_parse::parser::ReferenceType;
use formualizer_parse::{ASTNode, ASTNodeType};

use super::{Fold, Operand, Place, Read, Reader, Reference, Terms};
use crate::compare::key::plain_name;
use crate::compare::reference::{ArrayName, Axis, CellReference};
use crate::formula::{Expr, Function, Operator};

/// Functions that are the same in formula trees, with the names there.
const SAME: &[(&str, &str)] = &[
    ("SQRT", "sqrt"),
    ("EXP", "exp"),
    ("LN", "ln"),
    ("LOG10", "log10"),
    ("ABS", "abs"),
    ("SIGN", "sign"),
    ("INT", "floor"),
    ("MOD", "mod"),
    ("SIN", "sin"),
    ("COS", "cos"),
    ("TAN", "tan"),
    ("TANH", "tanh"),
    ("PI", "pi"),
];

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

/// Functions that give another value at each calculation, or from cells that nobody can tell.
const VOLATILE: &[&str] = &[
    "RAND",
    "RANDBETWEEN",
    "RANDARRAY",
    "NOW",
    "TODAY",
    "OFFSET",
    "INDIRECT",
    // LibreOffice
    "RAND.NV",
    "RANDBETWEEN.NV",
];

pub(super) fn is_volatile(name: &str) -> bool {
    VOLATILE.contains(&name)
}

/// Whether the function only asks where its argument stands.
pub(super) fn is_place(name: &str) -> bool {
    matches!(name, "ROW" | "ROWS" | "COLUMN" | "COLUMNS")
}

/// The function called `name` of the formula trees.
pub(super) fn call<N>(name: &str, arguments: Vec<Expr<N>>) -> Read<N> {
    match Function::find(name) {
        Some(function) if function.arity == arguments.len() => Ok(Expr::Call(function, arguments)),
        _ => {
            Err(format!("gives {} another number of arguments than it takes", name.to_uppercase()))
        }
    }
}

impl Reader<'_> {
    /// A call of the function `name`, which is in capitals.
    pub(super) fn function<N: Terms>(&mut self, name: &str, arguments: &[ASTNode]) -> Read<N> {
        if let Some((_, known)) = SAME.iter().find(|(excel, _)| *excel == name) {
            let arguments = self.trees(arguments)?;
            return call(known, arguments);
        }
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
            ("TRUE", []) => Ok(Expr::Number(1.0)),
            ("FALSE", []) => Ok(Expr::Number(0.0)),
            ("ROW" | "COLUMN", _) => self.place_number(name, arguments),
            ("ROWS" | "COLUMNS", [range]) => self.extent(name, range),
            _ => Err(format!("uses {name}")),
        }
    }

    fn trees<N: Terms>(&mut self, nodes: &[ASTNode]) -> Result<Vec<Expr<N>>, String> {
        nodes.iter().map(|node| self.tree(node)).collect()
    }

    fn place_number<N: Terms>(&mut self, name: &str, arguments: &[ASTNode]) -> Read<N> {
        let (row, column) = match arguments {
            [] => (Axis::Relative(0), Axis::Relative(0)),
            [ASTNode { node_type: ASTNodeType::Reference { reference, .. }, .. }] => {
                match self.place(reference)? {
                    Place::Cell(cell) => (cell.row, cell.column),
                    Place::Range(..) => return Err(format!("uses {name} of a range")),
                }
            }
            _ => return Err(format!("uses {name}")),
        };
        let number = match name {
            "ROW" => Reference::RowNumber(row),
            _ => Reference::ColumnNumber(column),
        };
        Ok(Expr::Name(N::reference(number)))
    }

    /// How many rows or columns a range has: `ROWS(A$4:A4)` counts the rows from the first on.
    fn extent<N: Terms>(&mut self, name: &str, range: &ASTNode) -> Read<N> {
        let ASTNodeType::Reference { reference, .. } = &range.node_type else {
            return Err(format!("uses {name}"));
        };
        let (from, to) = match self.place(reference)? {
            Place::Cell(_) => return Ok(Expr::Number(1.0)),
            Place::Range(from, to) => (from, to),
        };
        let number = |corner: CellReference| match name {
            "ROWS" => Reference::RowNumber(corner.row),
            _ => Reference::ColumnNumber(corner.column),
        };
        let [from, to] = [from, to].map(|corner| Expr::Name(N::reference(number(corner))));
        let apart = call("abs", vec![to.binary(Operator::Subtract, from)])?;
        Ok(apart.binary(Operator::Add, Expr::Number(1.0)))
    }

    /// A function over ranges; over single cells it is plain arithmetic.
    fn fold<N: Terms>(&mut self, fold: Fold, arguments: &[ASTNode]) -> Read<N> {
        let has_range = arguments.iter().any(|node| self.has_range(node));
        if arguments.is_empty() {
            return Err("has a function without its arguments".to_owned());
        }
        if !has_range && !matches!(fold, Fold::Count | Fold::Index) {
            let arguments = self.trees(arguments)?;
            return plain(fold, arguments);
        }
        let count = arguments.len();
        let fits = match fold {
            Fold::SumOfSquaredDifferences => count == 2,
            Fold::Index => (2..=3).contains(&count),
            _ => true,
        };
        if !fits {
            return Err("gives a function another number of arguments than it takes".to_owned());
        }
        let operands = arguments.iter().map(|node| self.operand(node)).collect::<Result<_, _>>()?;
        Ok(Expr::Name(N::reference(Reference::Fold(fold, operands))))
    }

    fn operand(&mut self, node: &ASTNode) -> Result<Operand, String> {
        Ok(match self.tree::<ArrayName>(node)? {
            Expr::Name(ArrayName::Range(from, to)) => Operand::Range(from, to),
            Expr::Name(ArrayName::One(Reference::Cell(cell))) => Operand::Range(cell.clone(), cell),
            formula => Operand::Formula(Box::new(formula)),
        })
    }

    /// Whether the value of `node` is that of many cells.
    fn has_range(&mut self, node: &ASTNode) -> bool {
        match &node.node_type {
            ASTNodeType::Reference { reference: ReferenceType::NamedRange(name), .. } => self
                .within_name(name, |reader, node| Ok(reader.has_range(node)))
                .unwrap_or_default(),
            ASTNodeType::Reference { reference, .. } => {
                matches!(self.place(reference), Ok(Place::Range(..)))
            }
            ASTNodeType::UnaryOp { expr, .. } => self.has_range(expr),
            ASTNodeType::BinaryOp { left, right, .. } => {
                self.has_range(left) || self.has_range(right)
            }
            ASTNodeType::Function { name, args } => {
                let name = plain_name(name);
                let gives_one = FOLDS.iter().any(|(fold, _)| *fold == name);
                !gives_one && args.iter().any(|argument| self.has_range(argument))
            }
            _ => false,
        }
    }
}

/// A function over single values as arithmetic: `SUM(A1,B1)` is `A1+B1`.
fn plain<N: Terms>(fold: Fold, arguments: Vec<Expr<N>>) -> Read<N> {
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

fn nested<N>(name: &str, arguments: Vec<Expr<N>>) -> Read<N> {
    let mut arguments = arguments.into_iter();
    let first = arguments.next().unwrap_or(Expr::Number(0.0));
    arguments.try_fold(first, |left, right| call(name, vec![left, right]))
}
