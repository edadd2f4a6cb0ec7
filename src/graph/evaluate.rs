//! The value of a formula, and how it moves with its inputs.
//!
//! A formula is run into a [`Record`] of what each of its parts gave. From the record the backward
//! sweep goes through the same parts from the result to the leaves: each part hands the weight of
//! its value on to the parts that it was computed from, times its local derivatives.

use std::cell::RefCell;

use super::cells::{Block, CellId, Cells, Target};
use super::formula::Node;
use super::functions::{Argument, Kind, Special, from_value};
use super::item::{Array, Item, Outcome};
use super::scalar::ErrorValue;
use crate::data::address::Position;
use crate::formula::{Comparison, Operator, power};

/// What a formula sees of the workbook.
pub(super) struct Sight<'a, L> {
    /// Where all cells stand.
    pub cells: &'a Cells,
    /// The cell that holds the formula: its sheet and its place.
    pub home: (usize, Position),
    /// What a leaf refers to.
    pub resolve: &'a dyn Fn(&L) -> Target,
    /// The values of cells; none where a cell must be computed first.
    pub look: &'a dyn Fn(CellId) -> Option<Item>,
    /// The cells that must be computed first.
    pub missing: RefCell<Vec<CellId>>,
}

/// Rows and columns.
type Shape = (usize, usize);

/// Whether a range stands for all of its cells, or for the one in the formula's own row or column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Single,
    Array,
}

/// What a part of a formula gave, with the parts that were computed for it.
pub(super) struct Record<'n, L> {
    node: &'n Node<L>,
    mode: Mode,
    pub outcome: Outcome,
    /// The parts that were looked at, with their places among all parts.
    parts: Vec<(usize, Record<'n, L>)>,
}

impl<'a, L> Sight<'a, L> {
    pub fn new(
        cells: &'a Cells,
        home: (usize, Position),
        resolve: &'a dyn Fn(&L) -> Target,
        look: &'a dyn Fn(CellId) -> Option<Item>,
    ) -> Self {
        Sight { cells, home, resolve, look, missing: RefCell::default() }
    }

    /// Computes `node` and what it needs.
    pub fn run<'n>(&self, node: &'n Node<L>, mode: Mode) -> Record<'n, L> {
        let done = |outcome| Record { node, mode, outcome, parts: Vec::new() };
        match node {
            Node::Number(number) => done(Outcome::One(Item::number(*number))),
            Node::Text(text) => done(Outcome::One(Item::Text(text.clone()))),
            Node::Logical(logical) => done(Outcome::One(Item::Logical(*logical))),
            Node::Error(error) => done(Outcome::One(Item::Error(*error))),
            Node::Omitted => done(Outcome::One(Item::Blank)),
            Node::Leaf(leaf) => done(self.read(leaf, mode)),
            Node::Call(function, arguments) => match &function.kind {
                Kind::Special(special) => self.special(*special, node, arguments, mode),
                Kind::Numbers(numbers) => self.over_parts(node, mode, mode, |parts| {
                    elementwise(parts, |items| match all_numbers(items) {
                        Ok(arguments) => numbers.value(&arguments),
                        Err(failure) => failure,
                    })
                }),
                Kind::Ranges { value, .. } => {
                    let record =
                        self.over_parts(node, mode, Mode::Array, |_| Outcome::One(Item::Blank));
                    let outcome = value(&record.arguments());
                    Record { outcome, ..record }
                }
            },
            Node::Array(rows) => self.over_parts(node, mode, mode, |parts| {
                let items = parts.iter().map(|(_, part)| part.outcome.first()).collect();
                let columns = rows.first().map_or(1, Vec::len);
                Outcome::Many(Array { rows: rows.len(), columns, items })
            }),
            Node::Negate(_) => self.over_parts(node, mode, mode, |parts| {
                elementwise(parts, |items| match items[0].arithmetic() {
                    Ok(number) => Item::Number(-number),
                    Err(failure) => failure,
                })
            }),
            Node::Percent(_) => self.over_parts(node, mode, mode, |parts| {
                elementwise(parts, |items| match items[0].arithmetic() {
                    Ok(number) => Item::Number(number / 100.0),
                    Err(failure) => failure,
                })
            }),
            Node::Binary(operator, ..) => self.over_parts(node, mode, mode, |parts| {
                elementwise(parts, |items| binary(*operator, &items[0], &items[1]))
            }),
            Node::Compare(comparison, ..) => self.over_parts(node, mode, mode, |parts| {
                elementwise(parts, |items| compare(*comparison, &items[0], &items[1]))
            }),
            Node::Join(..) => self.over_parts(node, mode, mode, |parts| {
                elementwise(parts, |items| join(&items[0], &items[1]))
            }),
        }
    }

    /// Computes all parts, then what is made of them.
    fn over_parts<'n>(
        &self,
        node: &'n Node<L>,
        mode: Mode,
        inner: Mode,
        value: impl FnOnce(&[(usize, Record<'n, L>)]) -> Outcome,
    ) -> Record<'n, L> {
        let parts = node.parts().into_iter().map(|part| self.run(part, inner));
        let parts: Vec<_> = parts.enumerate().collect();
        let outcome = value(&parts);
        Record { node, mode, outcome, parts }
    }

    /// The cells that a leaf stands for, row by row, none for a blank one; with their shape.
    fn cells_of(&self, leaf: &L, mode: Mode) -> Option<(Vec<Option<CellId>>, Shape)> {
        let block = match (self.resolve)(leaf) {
            Target::Cell(id) => return Some((vec![Some(id)], (1, 1))),
            Target::Nowhere => return None,
            Target::Block(block) => match mode {
                Mode::Array => block,
                Mode::Single => self.intersection(block)?,
            },
        };
        let area = block.area;
        let shape = ((area.last.0 - area.first.0) as usize + 1, area.width() as usize);
        Some((self.cells.in_block(block), shape))
    }

    /// The cell of a range in the formula's own row or column.
    fn intersection(&self, block: Block) -> Option<Block> {
        let (area, (row, column)) = (block.area, self.home.1);
        let is_row = area.first.0 == area.last.0;
        let is_column = area.first.1 == area.last.1;
        let at = match (is_row, is_column) {
            (true, true) => area.first,
            (true, false) => (area.first.0, column),
            (false, true) => (row, area.first.1),
            (false, false) => (row, column),
        };
        area.contains(at).then(|| Block::cell(block.sheet, at))
    }

    fn read(&self, leaf: &L, mode: Mode) -> Outcome {
        let Some((cells, (rows, columns))) = self.cells_of(leaf, mode) else {
            let error = match (self.resolve)(leaf) {
                Target::Nowhere => ErrorValue::Reference,
                _ => ErrorValue::Value,
            };
            return Outcome::One(Item::Error(error));
        };
        let item = |cell: &Option<CellId>| match cell {
            None => Item::Blank,
            Some(id) => (self.look)(*id).unwrap_or_else(|| {
                self.missing.borrow_mut().push(*id);
                Item::Unknown
            }),
        };
        if let [cell] = cells.as_slice() {
            return Outcome::One(item(cell));
        }
        Outcome::Many(Array { rows, columns, items: cells.iter().map(item).collect() })
    }

    fn special<'n>(
        &self,
        special: Special,
        node: &'n Node<L>,
        arguments: &'n [Node<L>],
        mode: Mode,
    ) -> Record<'n, L> {
        match special {
            Special::If => self.choice(node, arguments, mode),
            Special::Row | Special::Column | Special::Rows | Special::Columns => {
                let outcome = self.place(special, arguments.first());
                Record { node, mode, outcome, parts: Vec::new() }
            }
        }
    }

    /// `IF(condition, then, otherwise)`: only the branch that is taken is looked at.
    fn choice<'n>(&self, node: &'n Node<L>, arguments: &'n [Node<L>], mode: Mode) -> Record<'n, L> {
        let condition = self.run(&arguments[0], mode);
        let mut parts = Vec::new();
        let outcome = match condition.outcome.first().arithmetic() {
            Err(failure) => Outcome::One(failure),
            Ok(number) => {
                let taken = if number != 0.0 { 1 } else { 2 };
                match arguments.get(taken) {
                    Some(branch) => {
                        let branch = self.run(branch, mode);
                        let outcome = branch.outcome.clone();
                        parts.push((taken, branch));
                        outcome
                    }
                    None => Outcome::One(Item::Logical(false)),
                }
            }
        };
        parts.push((0, condition));
        Record { node, mode, outcome, parts }
    }

    /// The number of a row or a column, or how many there are.
    fn place(&self, special: Special, argument: Option<&Node<L>>) -> Outcome {
        let area = match argument {
            None => Block::cell(self.home.0, self.home.1).area,
            Some(Node::Leaf(leaf)) => match (self.resolve)(leaf) {
                Target::Cell(id) => Block::cell(0, self.cells.position(id)).area,
                Target::Block(block) => block.area,
                Target::Nowhere => return Outcome::One(Item::Error(ErrorValue::Reference)),
            },
            Some(_) => return Outcome::One(Item::Error(ErrorValue::Value)),
        };
        Outcome::One(Item::Number(match special {
            Special::Row => f64::from(area.first.0) + 1.0,
            Special::Column => f64::from(area.first.1) + 1.0,
            Special::Rows => f64::from(area.last.0 - area.first.0) + 1.0,
            _ => f64::from(area.width()),
        }))
    }

    /// Hands the weights of the elements of a record's outcome on to the cells that it was computed
    /// from.
    pub fn pull(&self, record: &Record<'_, L>, weights: &[f64], take: &mut dyn FnMut(CellId, f64)) {
        if weights.iter().all(|weight| *weight == 0.0) {
            return;
        }
        match record.node {
            Node::Leaf(leaf) => {
                let cells = self.cells_of(leaf, record.mode).map(|(cells, _)| cells);
                for (cell, weight) in cells.unwrap_or_default().into_iter().zip(weights) {
                    if let Some(id) = cell.filter(|_| *weight != 0.0) {
                        take(id, *weight);
                    }
                }
            }
            Node::Call(function, _) => match &function.kind {
                Kind::Special(_) => {
                    // The branch that was taken is the value.
                    for (place, part) in &record.parts {
                        if *place > 0 {
                            self.pull(part, weights, take);
                        }
                    }
                }
                Kind::Numbers(numbers) => {
                    self.pull_elements(record, weights, take, |by, n| numbers.derivative(by, n));
                }
                Kind::Ranges { adjoint, .. } => {
                    let pulled = adjoint(&record.arguments(), &record.outcome, weights);
                    for ((_, part), weights) in record.parts.iter().zip(pulled) {
                        self.pull(part, &weights, take);
                    }
                }
            },
            Node::Array(_) => {
                for ((_, part), weight) in record.parts.iter().zip(weights) {
                    self.pull(part, &[*weight], take);
                }
            }
            Node::Negate(_) => self.pull_elements(record, weights, take, |_, _| -1.0),
            Node::Percent(_) => self.pull_elements(record, weights, take, |_, _| 0.01),
            Node::Binary(operator, ..) => {
                self.pull_elements(record, weights, take, |by, n| slope(*operator, by, n));
            }
            _ => {}
        }
    }

    /// Hands weights on through a function of numbers, element by element.
    fn pull_elements(
        &self,
        record: &Record<'_, L>,
        weights: &[f64],
        take: &mut dyn FnMut(CellId, f64),
        derivative: impl Fn(usize, &[f64]) -> f64,
    ) {
        let (rows, columns) = record.outcome.shape();
        let mut pulled: Vec<Vec<f64>> =
            record.parts.iter().map(|(_, part)| vec![0.0; part.outcome.items().len()]).collect();
        for row in 0..rows {
            for column in 0..columns {
                let weight = weights.get(row * columns + column).copied().unwrap_or(0.0);
                let items: Vec<Item> =
                    record.parts.iter().map(|(_, part)| part.outcome.at(row, column)).collect();
                let Ok(numbers) = all_numbers(&items) else { continue };
                for (by, (_, part)) in record.parts.iter().enumerate() {
                    if weight != 0.0
                        && let Some(place) = place(&part.outcome, row, column)
                    {
                        pulled[by][place] += weight * derivative(by, &numbers);
                    }
                }
            }
        }
        for ((_, part), weights) in record.parts.iter().zip(&pulled) {
            self.pull(part, weights, take);
        }
    }
}

impl<L> Record<'_, L> {
    /// The parts as the arguments of a function over ranges.
    fn arguments(&self) -> Vec<Argument> {
        let arguments = self.parts.iter().map(|(_, part)| Argument {
            outcome: part.outcome.clone(),
            is_reference: matches!(part.node, Node::Leaf(_)),
        });
        arguments.collect()
    }
}

fn place(outcome: &Outcome, row: usize, column: usize) -> Option<usize> {
    match outcome {
        Outcome::One(_) => Some(0),
        Outcome::Many(array) => array.place(row, column),
    }
}

fn all_numbers(items: &[Item]) -> Result<Vec<f64>, Item> {
    items.iter().map(Item::arithmetic).collect()
}

/// What `value` makes of the elements of all parts, place by place.
fn elementwise<L>(parts: &[(usize, Record<'_, L>)], value: impl Fn(&[Item]) -> Item) -> Outcome {
    let shapes = || parts.iter().map(|(_, part)| part.outcome.shape());
    let rows = shapes().map(|(rows, _)| rows).max().unwrap_or(1);
    let columns = shapes().map(|(_, columns)| columns).max().unwrap_or(1);
    let at = |row, column| {
        let items: Vec<Item> = parts.iter().map(|(_, part)| part.outcome.at(row, column)).collect();
        value(&items)
    };
    if parts.iter().all(|(_, part)| matches!(part.outcome, Outcome::One(_))) {
        return Outcome::One(at(0, 0));
    }
    let items = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    Outcome::Many(Array { rows, columns, items: items.map(|(r, c)| at(r, c)).collect() })
}

fn binary(operator: Operator, left: &Item, right: &Item) -> Item {
    let (l, r) = match (left.arithmetic(), right.arithmetic()) {
        (Ok(l), Ok(r)) => (l, r),
        (Err(failure), _) | (_, Err(failure)) => return failure,
    };
    match operator {
        Operator::Add => Item::number(l + r),
        Operator::Subtract => Item::number(l - r),
        Operator::Multiply => Item::number(l * r),
        Operator::Divide if r == 0.0 => Item::Error(ErrorValue::Division),
        Operator::Divide => Item::number(l / r),
        Operator::Power => from_value(power(l, r)),
    }
}

/// The derivative of `u op v` by one of them.
fn slope(operator: Operator, by: usize, numbers: &[f64]) -> f64 {
    let (u, v) = (numbers[0], numbers[1]);
    match (operator, by) {
        (Operator::Add, _) | (Operator::Subtract, 0) => 1.0,
        (Operator::Subtract, _) => -1.0,
        (Operator::Multiply, 0) => v,
        (Operator::Multiply, _) => u,
        (Operator::Divide, 0) => 1.0 / v,
        (Operator::Divide, _) => -u / (v * v),
        (Operator::Power, 0) if v == 1.0 => 1.0,
        (Operator::Power, 0) => v * power(u, v - 1.0).get().unwrap_or(0.0),
        (Operator::Power, _) if u > 0.0 => power(u, v).get().unwrap_or(0.0) * pxfm::f_log(u),
        (Operator::Power, _) => 0.0,
    }
}

/// Numbers go before texts, texts before logical values; capitals do not matter.
fn compare(comparison: Comparison, left: &Item, right: &Item) -> Item {
    use std::cmp::Ordering;
    if left.is_failure() {
        return left.clone();
    }
    if right.is_failure() {
        return right.clone();
    }
    let rank = |item: &Item| match item {
        Item::Text(_) => 1,
        Item::Logical(_) => 2,
        _ => 0,
    };
    let ordering = match (left, right) {
        (Item::Text(l), Item::Text(r)) => l.to_lowercase().cmp(&r.to_lowercase()),
        (Item::Text(l), Item::Blank) => l.as_ref().cmp(""),
        (Item::Blank, Item::Text(r)) => "".cmp(r.as_ref()),
        (Item::Logical(_), Item::Blank) | (Item::Blank, Item::Logical(_)) | (_, _)
            if rank(left) == rank(right) || *left == Item::Blank || *right == Item::Blank =>
        {
            let number = |item: &Item| item.arithmetic().unwrap_or(0.0);
            number(left).partial_cmp(&number(right)).unwrap_or(Ordering::Equal)
        }
        _ => rank(left).cmp(&rank(right)),
    };
    let number = match ordering {
        Ordering::Less => -1.0,
        Ordering::Equal => 0.0,
        Ordering::Greater => 1.0,
    };
    Item::Logical(comparison.holds(number, 0.0))
}

fn join(left: &Item, right: &Item) -> Item {
    match (text_of(left), text_of(right)) {
        (Ok(left), Ok(right)) => Item::Text((left + &right).into()),
        (Err(failure), _) | (_, Err(failure)) => failure,
    }
}

/// A value as a spreadsheet shows it where a text is needed.
fn text_of(item: &Item) -> Result<String, Item> {
    Ok(match item {
        Item::Blank => String::new(),
        Item::Number(number) => crate::value::number_text(*number),
        Item::Logical(true) => "TRUE".to_owned(),
        Item::Logical(false) => "FALSE".to_owned(),
        Item::Text(text) => text.to_string(),
        failure => return Err(failure.clone()),
    })
}
