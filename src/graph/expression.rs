//! Formulas of cells as expressions of the formula layer, over cells.
//!
//! The formula layer can differentiate, simplify and print what a formula says as mathematics. For
//! that, functions over ranges are written out, cell by cell: `SUMSQ(F4:F6)` as `F4^2+F5^2+F6^2`.
//! What cannot be said so, or only at too great a length, has no expression.

use super::{Block, CellId, Graph, Leaf, Node, Scalar, Target, Tree};
use crate::formula::{Choice, Comparison, Expr, Function, Operator};

/// A formula over cells.
pub type CellExpr = Expr<CellId>;

/// So many elements of ranges are written out.
const MOST_ELEMENTS: usize = 2_000;

/// Values beside and below each other, row by row.
#[derive(Debug, Clone)]
struct Table {
    columns: usize,
    items: Vec<CellExpr>,
}

impl Table {
    fn one(item: CellExpr) -> Table {
        Table { columns: 1, items: vec![item] }
    }

    fn rows(&self) -> usize {
        self.items.len() / self.columns.max(1)
    }

    /// The element at a place, where a single row or column serves for all.
    fn at(&self, row: usize, column: usize) -> Option<&CellExpr> {
        let row = if self.rows() == 1 { 0 } else { row };
        let column = if self.columns == 1 { 0 } else { column };
        let is_inside = row < self.rows() && column < self.columns;
        is_inside.then(|| &self.items[row * self.columns + column])
    }

    fn single(self) -> Option<CellExpr> {
        let [only] = <[CellExpr; 1]>::try_from(self.items).ok()?;
        Some(only)
    }

    fn map(self, change: impl Fn(CellExpr) -> CellExpr) -> Table {
        Table { columns: self.columns, items: self.items.into_iter().map(change).collect() }
    }

    fn with(&self, other: &Table, join: impl Fn(CellExpr, CellExpr) -> CellExpr) -> Option<Table> {
        let (rows, columns) = (self.rows().max(other.rows()), self.columns.max(other.columns));
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let items = places.map(|(row, column)| {
            Some(join(self.at(row, column)?.clone(), other.at(row, column)?.clone()))
        });
        Some(Table { columns, items: items.collect::<Option<_>>()? })
    }
}

impl Graph {
    /// What a formula computes, as an expression over cells; none where it cannot be said so.
    pub fn expression(&self, tree: &Tree) -> Option<CellExpr> {
        Writer { graph: self, room: std::cell::Cell::new(MOST_ELEMENTS) }
            .table(&tree.root)?
            .single()
    }
}

struct Writer<'a> {
    graph: &'a Graph,
    /// How many elements may still be written out.
    room: std::cell::Cell<usize>,
}

impl Writer<'_> {
    fn take(&self, count: usize) -> Option<()> {
        self.room.set(self.room.get().checked_sub(count)?);
        Some(())
    }

    fn table(&self, node: &Node<Leaf>) -> Option<Table> {
        Some(match node {
            Node::Number(number) => Table::one(Expr::Number(*number)),
            Node::Logical(is) => Table::one(Expr::Number(f64::from(u8::from(*is)))),
            Node::Omitted => Table::one(Expr::Number(0.0)),
            Node::Leaf(leaf) => self.leaf(leaf)?,
            Node::Negate(one) => self.table(one)?.map(|one| Expr::Negate(Box::new(one))),
            Node::Percent(one) => {
                self.table(one)?.map(|one| one.binary(Operator::Divide, Expr::Number(100.0)))
            }
            Node::Binary(operator, left, right) => {
                let (left, right) = (self.table(left)?, self.table(right)?);
                left.with(&right, |left, right| left.binary(*operator, right))?
            }
            Node::Call(function, arguments) => self.call(function.name, arguments)?,
            Node::Compare(..) => {
                let (one, zero) = (Expr::Number(1.0), Expr::Number(0.0));
                Table::one(self.choice(node, one, zero)?)
            }
            Node::Text(_) | Node::Error(_) | Node::Join(..) | Node::Array(_) => return None,
        })
    }

    fn leaf(&self, leaf: &Leaf) -> Option<Table> {
        match leaf.target {
            Target::Cell(id) => Some(Table::one(Expr::Name(id))),
            Target::Block(block) => self.block(block),
            Target::Nowhere(_) | Target::Unknown => None,
        }
    }

    fn block(&self, block: Block) -> Option<Table> {
        let block = self.graph.cells.used(block);
        let (rows, columns) = block.shape();
        self.take(rows.checked_mul(columns)?)?;
        let (top, left) = block.first();
        let places = (0..rows as u32).flat_map(|row| (0..columns as u32).map(move |at| (row, at)));
        let item = |(row, column): (u32, u32)| match self
            .graph
            .id(block.sheet, (top + row, left + column))
        {
            Some(id) => Expr::Name(id),
            None => Expr::Number(0.0),
        };
        Some(Table { columns, items: places.map(item).collect() })
    }

    fn call(&self, name: &str, arguments: &[Node<Leaf>]) -> Option<Table> {
        let one = |at: usize| self.table(arguments.get(at)?);
        match name {
            // The number itself, and 0 for a header.
            "N" => match arguments {
                [Node::Leaf(leaf)] if leaf.id().is_some_and(|id| self.graph.text(id).is_some()) => {
                    Some(Table::one(Expr::Number(0.0)))
                }
                _ => one(0),
            },
            "SUM" => Some(Table::one(sum(self.numbers(arguments)?))),
            "SUMSQ" => {
                Some(Table::one(sum(self.numbers(arguments)?.into_iter().map(square).collect())))
            }
            "AVERAGE" => {
                let numbers = self.numbers(arguments)?;
                let count = Expr::Number(numbers.len() as f64);
                Some(Table::one(sum(numbers).binary(Operator::Divide, count)))
            }
            "SUMXMY2" => {
                let differences = one(0)?.with(&one(1)?, |a, b| a.binary(Operator::Subtract, b))?;
                Some(Table::one(sum(differences.items.into_iter().map(square).collect())))
            }
            "SUMPRODUCT" => {
                let mut product = one(0)?;
                for at in 1..arguments.len() {
                    product = product.with(&one(at)?, |a, b| a.binary(Operator::Multiply, b))?;
                }
                Some(Table::one(sum(product.items)))
            }
            "PRODUCT" => {
                let factors = self.numbers(arguments)?.into_iter();
                factors.reduce(|a, b| a.binary(Operator::Multiply, b)).map(Table::one)
            }
            "MMULT" => self.matrix_product(&one(0)?, &one(1)?),
            "TRANSPOSE" => {
                let table = one(0)?;
                let (rows, columns) = (table.rows(), table.columns);
                let places = (0..columns).flat_map(|row| (0..rows).map(move |at| (at, row)));
                let items = places.map(|(row, at)| table.items[row * columns + at].clone());
                Some(Table { columns: rows, items: items.collect() })
            }
            "POWER" => one(0)?.with(&one(1)?, |a, b| a.binary(Operator::Power, b)),
            "LOG" => self.logarithm(arguments),
            // Rounding is for the eye.
            "ROUND" => one(0),
            "MAX" | "MIN" => {
                let function = Function::find(if name == "MAX" { "max" } else { "min" })?;
                let numbers = self.numbers(arguments)?.into_iter();
                let pair = |a, b| Expr::Call(function, vec![a, b]);
                numbers.reduce(pair).map(Table::one)
            }
            "IF" => {
                let (then, otherwise) = (one(1)?.single()?, one(2)?.single()?);
                self.choice(&arguments[0], then, otherwise).map(Table::one)
            }
            "CHOOSE" => self.one_of(arguments).map(Table::one),
            _ => self.function(name, arguments),
        }
    }

    /// A function of numbers that the formula layer has.
    fn function(&self, name: &str, arguments: &[Node<Leaf>]) -> Option<Table> {
        let function = super::functions::SheetFunction::find(name)?.in_formulas()?;
        let arguments = arguments.iter().map(|one| self.table(one)).collect::<Option<Vec<_>>>()?;
        if arguments.len() != function.arity {
            return None;
        }
        match &arguments[..] {
            [only] => Some(only.clone().map(|one| Expr::Call(function, vec![one]))),
            [left, right] => left.with(right, |a, b| Expr::Call(function, vec![a, b])),
            _ => Some(Table::one(Expr::Call(function, Vec::new()))),
        }
    }

    fn logarithm(&self, arguments: &[Node<Leaf>]) -> Option<Table> {
        let of = |name: &str, one| Some(Expr::Call(Function::find(name)?, vec![one]));
        let number = self.table(arguments.first()?)?.single()?;
        let found = match arguments.get(1) {
            None => of("log10", number)?,
            Some(base) => {
                let base = self.table(base)?.single()?;
                of("ln", number)?.binary(Operator::Divide, of("ln", base)?)
            }
        };
        Some(Table::one(found))
    }

    fn matrix_product(&self, left: &Table, right: &Table) -> Option<Table> {
        if left.columns != right.rows() {
            return None;
        }
        self.take(left.rows().checked_mul(left.columns)?.checked_mul(right.columns)?)?;
        let element = |row: usize, column: usize| {
            let products = (0..left.columns).map(|at| {
                let (a, b) = (left.at(row, at)?.clone(), right.at(at, column)?.clone());
                Some(a.binary(Operator::Multiply, b))
            });
            products.collect::<Option<Vec<_>>>().map(sum)
        };
        let places = (0..left.rows()).flat_map(|row| (0..right.columns).map(move |at| (row, at)));
        let items = places.map(|(row, at)| element(row, at)).collect::<Option<_>>()?;
        Some(Table { columns: right.columns, items })
    }

    /// What stands in arguments, without cells that a sum passes over.
    fn numbers(&self, arguments: &[Node<Leaf>]) -> Option<Vec<CellExpr>> {
        let mut numbers = Vec::new();
        for argument in arguments {
            let is_reference = matches!(argument, Node::Leaf(_));
            let is_number = |item: &CellExpr| match item {
                Expr::Name(id) => !matches!(
                    self.graph.value(*id),
                    Scalar::Text(_) | Scalar::Blank | Scalar::Logical(_)
                ),
                Expr::Number(_) => false,
                _ => true,
            };
            let items = self.table(argument)?.items.into_iter();
            numbers.extend(items.filter(|item| !is_reference || is_number(item)));
        }
        Some(numbers)
    }

    fn choice(
        &self,
        condition: &Node<Leaf>,
        then: CellExpr,
        otherwise: CellExpr,
    ) -> Option<CellExpr> {
        let (left, comparison, right) = match condition {
            Node::Compare(comparison, left, right) => {
                (self.table(left)?.single()?, *comparison, self.table(right)?.single()?)
            }
            other => (self.table(other)?.single()?, Comparison::NotEqual, Expr::Number(0.0)),
        };
        Some(Expr::If(Box::new(Choice { left, comparison, right, then, otherwise })))
    }

    /// `CHOOSE(k, a, b, c)`, as a choice between the first and the others, and so on.
    fn one_of(&self, arguments: &[Node<Leaf>]) -> Option<CellExpr> {
        let (index, values) = arguments.split_first()?;
        let index = self.table(index)?.single()?;
        let values = values.iter().map(|value| self.table(value)?.single());
        let values = values.collect::<Option<Vec<CellExpr>>>()?.into_iter().enumerate().rev();
        values
            .reduce(|(next, otherwise), (at, then)| {
                // The index is cut off to a whole number: 1.9 is the first.
                let (left, right) = (index.clone(), Expr::Number(next as f64 + 1.0));
                let comparison = Comparison::Less;
                (at, Expr::If(Box::new(Choice { left, comparison, right, then, otherwise })))
            })
            .map(|(_, all)| all)
    }
}

fn square(one: CellExpr) -> CellExpr {
    one.binary(Operator::Power, Expr::Number(2.0))
}

fn sum(terms: Vec<CellExpr>) -> CellExpr {
    let sum = terms.into_iter().reduce(|sum, term| sum.binary(Operator::Add, term));
    sum.unwrap_or(Expr::Number(0.0))
}
