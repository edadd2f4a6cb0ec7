//! The value of a formula, and how it moves with its inputs.
//!
//! A formula is run into a [`Record`] of what each of its parts gave. From the record the backward
//! sweep goes through the same parts from the result to the leaves: each part hands the weight of
//! its value on to the parts that it was computed from, times its local derivatives.

use std::cell::{Cell, RefCell};

use super::cells::{Block, CellId, Cells, Target};
use super::formula::Node;
use super::functions::{Argument, Kind, Special, from_value};
use super::item::{Array, Item, Outcome};
use super::scalar::ErrorValue;
use crate::data::address::Position;
use crate::formula::{Comparison, Operator, power};
use crate::value::number_text;

/// How many elements an array may have.
const MAX_ELEMENTS: usize = 5_000_000;

/// What a formula sees of the workbook.
pub(super) struct Sight<'a, L> {
    /// Where all cells stand.
    pub cells: &'a Cells,
    /// The cell that holds the formula: its sheet and its place.
    pub home: (usize, Position),
    /// What leaves refer to.
    pub leaves: &'a dyn Resolve<L>,
    /// The values of cells; none where a cell must be computed first.
    pub look: &'a dyn Fn(CellId) -> Option<Item>,
    /// Whether `ROUND` hands on what it is given.
    pub is_smooth: bool,
    /// The cells that must be computed first.
    pub missing: RefCell<Vec<CellId>>,
    /// How many more elements of ranges may be looked at.
    pub visits: Cell<usize>,
}

/// What the leaves of a tree refer to.
pub(super) trait Resolve<L> {
    /// What a leaf refers to, in a formula that sees `sight`.
    fn resolve(&self, leaf: &L, sight: &Sight<'_, L>) -> Target;
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
    parts: Vec<Record<'n, L>>,
    /// Which of the parts is the outcome, where one of them is chosen.
    chosen: Option<usize>,
}

impl<'n, L> Record<'n, L> {
    fn new(node: &'n Node<L>, mode: Mode, outcome: Outcome) -> Self {
        Record { node, mode, outcome, parts: Vec::new(), chosen: None }
    }
}

impl<'a, L> Sight<'a, L> {
    pub fn new(
        cells: &'a Cells,
        home: (usize, Position),
        leaves: &'a dyn Resolve<L>,
        look: &'a dyn Fn(CellId) -> Option<Item>,
    ) -> Self {
        let missing = RefCell::default();
        Sight {
            cells,
            home,
            leaves,
            look,
            is_smooth: false,
            missing,
            visits: Cell::new(usize::MAX),
        }
    }

    /// Computes `node` and what it needs.
    pub fn run<'n>(&self, node: &'n Node<L>, mode: Mode) -> Record<'n, L> {
        let one = |item| Record::new(node, mode, Outcome::One(item));
        match node {
            Node::Number(number) => one(Item::number(*number)),
            Node::Text(text) => one(Item::Text(text.clone())),
            Node::Logical(logical) => one(Item::Logical(*logical)),
            Node::Error(error) => one(Item::Error(*error)),
            Node::Omitted => one(Item::Blank),
            Node::Leaf(leaf) => Record::new(node, mode, self.read(leaf, mode)),
            Node::Call(function, arguments) => match &function.kind {
                Kind::Special(special) => self.special(*special, node, arguments, mode),
                Kind::Numbers(_) if self.is_smooth && function.name == "ROUND" => {
                    self.each(node, mode, |items| items[0].clone())
                }
                Kind::Numbers(numbers) => self.each(node, mode, |items| match all_numbers(items) {
                    Ok(arguments) => numbers.value(arguments.as_slice()),
                    Err(failure) => failure,
                }),
                Kind::Items(value) => self.each(node, mode, value),
                Kind::Ranges { value, .. } => {
                    let mut record = self.parts(node, mode, Mode::Array);
                    let arguments = record.arguments();
                    record.outcome = match self.spend(function.work(&arguments), 1) {
                        true => value(&arguments),
                        false => Outcome::One(Item::Unknown),
                    };
                    record
                }
            },
            Node::Array(rows) => {
                let mut record = self.parts(node, mode, mode);
                let items = record.parts.iter().map(|part| part.outcome.first()).collect();
                let columns = rows.first().map_or(1, Vec::len);
                record.outcome = Outcome::Many(Array { rows: rows.len(), columns, items });
                record
            }
            Node::Negate(_) => self.each(node, mode, |items| match items[0].arithmetic() {
                Ok(number) => Item::Number(-number),
                Err(failure) => failure,
            }),
            Node::Percent(_) => self.each(node, mode, |items| match items[0].arithmetic() {
                Ok(number) => Item::Number(number / 100.0),
                Err(failure) => failure,
            }),
            Node::Binary(operator, ..) => {
                self.each(node, mode, |items| binary(*operator, &items[0], &items[1]))
            }
            Node::Compare(comparison, ..) => {
                self.each(node, mode, |items| compare(*comparison, &items[0], &items[1]))
            }
            Node::Join(..) => self.each(node, mode, |items| join(&items[0], &items[1])),
        }
    }

    /// Computes all parts of a node.
    fn parts<'n>(&self, node: &'n Node<L>, mode: Mode, inner: Mode) -> Record<'n, L> {
        let mut record = Record::new(node, mode, Outcome::One(Item::Blank));
        record.parts = match node {
            Node::Binary(_, left, right) => vec![self.run(left, inner), self.run(right, inner)],
            node => node.parts().into_iter().map(|part| self.run(part, inner)).collect(),
        };
        record
    }

    /// Computes all parts of a node, then its value element by element.
    fn each<'n>(
        &self,
        node: &'n Node<L>,
        mode: Mode,
        value: impl Fn(&[Item]) -> Item,
    ) -> Record<'n, L> {
        let mut record = self.parts(node, mode, mode);
        let (rows, columns) = shape(&record.parts);
        record.outcome = match rows * columns == 1 || self.spend(rows, columns) {
            true => elementwise(&record.parts, value),
            false => Outcome::One(Item::Unknown),
        };
        record
    }

    /// The block that a leaf stands for in a mode; or why there is none.
    fn block(&self, target: Target, mode: Mode) -> Result<Block, Item> {
        match target {
            Target::Cell(id) => Ok(Block::cell(self.cells.sheet(id), self.cells.position(id))),
            Target::Nowhere(error) => Err(Item::Error(error)),
            Target::Unknown => Err(Item::Unknown),
            Target::Block(block) if mode == Mode::Array => Ok(block),
            Target::Block(block) => self.intersection(block).ok_or(Item::Error(ErrorValue::Value)),
        }
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
        let target = self.leaves.resolve(leaf, self);
        if let Target::Cell(id) = target {
            return Outcome::One(self.item(id));
        }
        match self.block(target, mode) {
            Ok(block) => self.read_block(block),
            Err(failure) => Outcome::One(failure),
        }
    }

    fn item(&self, id: CellId) -> Item {
        (self.look)(id).unwrap_or_else(|| {
            self.missing.borrow_mut().push(id);
            Item::Unknown
        })
    }

    /// Whether so many elements may be made at once, and all in all.
    fn spend(&self, rows: usize, columns: usize) -> bool {
        let elements = rows.saturating_mul(columns);
        let left = self.visits.get().checked_sub(elements).filter(|_| elements <= MAX_ELEMENTS);
        self.visits.set(left.unwrap_or_else(|| self.visits.get()));
        left.is_some()
    }

    /// The values of all cells of a block.
    pub fn read_block(&self, block: Block) -> Outcome {
        if block.first() == block.last() {
            let id = self.cells.id(block.sheet, block.first());
            return Outcome::One(id.map_or(Item::Blank, |id| self.item(id)));
        }
        let (rows, columns) = block.shape();
        if !self.spend(rows, columns) {
            return Outcome::One(Item::Unknown);
        }
        let mut items = vec![Item::Blank; rows * columns];
        for id in self.cells.within(block) {
            if let Some(place) = block.place(self.cells.position(id)) {
                items[place] = self.item(id);
            }
        }
        Outcome::Many(Array { rows, columns, items })
    }

    fn special<'n>(
        &self,
        special: Special,
        node: &'n Node<L>,
        arguments: &'n [Node<L>],
        mode: Mode,
    ) -> Record<'n, L> {
        let mut record = Record::new(node, mode, Outcome::One(Item::Unknown));
        match special {
            Special::If | Special::Ifs => self.first_that_holds(&mut record, arguments),
            Special::IfError | Special::IfNotAvailable => {
                let is_meant = |item: &Item| match item {
                    Item::Error(ErrorValue::NotAvailable) => true,
                    Item::Error(_) => special == Special::IfError,
                    _ => false,
                };
                if is_meant(&self.part(&mut record, &arguments[0]).first()) {
                    self.part(&mut record, &arguments[1]);
                }
                record.choose_last();
            }
            Special::Single => {
                record.parts.push(self.run(&arguments[0], Mode::Single));
                record.choose_last();
            }
            Special::Choose => match self.part(&mut record, &arguments[0]).first().arithmetic() {
                Ok(nth) if nth >= 1.0 && nth < arguments.len() as f64 => {
                    self.part(&mut record, &arguments[nth as usize]);
                    record.choose_last();
                }
                Ok(_) => record.outcome = Outcome::One(Item::Error(ErrorValue::Value)),
                Err(failure) => record.outcome = Outcome::One(failure),
            },
            Special::Switch => self.switch(&mut record, arguments),
            Special::Row | Special::Column | Special::Rows | Special::Columns => {
                record.outcome = self.place(special, arguments.first(), mode);
            }
            // References that are computed are leaves.
            _ => {}
        }
        record
    }

    /// Computes one more part of a record.
    fn part<'r, 'n>(&self, record: &'r mut Record<'n, L>, node: &'n Node<L>) -> &'r Outcome {
        let part = self.run(node, record.mode);
        record.parts.push(part);
        let last = record.parts.len() - 1;
        &record.parts[last].outcome
    }

    /// `IF(condition, then, otherwise)` and `IFS(condition, value, ...)`: only the branch that is
    /// taken is looked at.
    fn first_that_holds<'n>(&self, record: &mut Record<'n, L>, arguments: &'n [Node<L>]) {
        for pair in arguments.chunks(2) {
            let (condition, value) = match pair {
                [condition, value] => (condition, value),
                [otherwise, ..] => {
                    self.part(record, otherwise);
                    return record.choose_last();
                }
                [] => return,
            };
            let outcome = self.part(record, condition);
            if matches!(outcome, Outcome::Many(_)) && arguments.len() <= 3 {
                return self.choose_each(record, arguments);
            }
            match outcome.first().arithmetic() {
                Err(failure) => {
                    record.outcome = Outcome::One(failure);
                    return;
                }
                Ok(number) if number != 0.0 => {
                    self.part(record, value);
                    return record.choose_last();
                }
                Ok(_) => {}
            }
        }
        record.outcome = Outcome::One(match arguments.len() {
            2 => Item::Logical(false),
            _ => Item::Error(ErrorValue::NotAvailable),
        });
    }

    /// An `IF` over arrays: all branches, element by element.
    fn choose_each<'n>(&self, record: &mut Record<'n, L>, arguments: &'n [Node<L>]) {
        for branch in &arguments[1..] {
            self.part(record, branch);
        }
        record.outcome = elementwise(&record.parts, |items| match items[0].arithmetic() {
            Err(failure) => failure,
            Ok(number) => match items.get(if number != 0.0 { 1 } else { 2 }) {
                Some(item) => item.clone().shown(),
                None => Item::Logical(false),
            },
        });
    }

    /// `SWITCH(value, case, result, ..., [otherwise])`
    fn switch<'n>(&self, record: &mut Record<'n, L>, arguments: &'n [Node<L>]) {
        let value = self.part(record, &arguments[0]).first();
        for pair in arguments[1..].chunks(2) {
            let (case, result) = match pair {
                [case, result] => (Some(case), result),
                [otherwise, ..] => (None, otherwise),
                [] => return,
            };
            let is_met = case.is_none_or(|case| {
                let case = self.part(record, case).first();
                compare(Comparison::Equal, &value, &case) == Item::Logical(true)
            });
            if is_met {
                self.part(record, result);
                return record.choose_last();
            }
        }
        record.outcome = Outcome::One(Item::Error(ErrorValue::NotAvailable));
    }

    /// The number of a row or a column, or how many there are.
    fn place(&self, special: Special, argument: Option<&Node<L>>, mode: Mode) -> Outcome {
        let block = match argument {
            None => Ok(Block::cell(self.home.0, self.home.1)),
            Some(Node::Leaf(leaf)) => self.block(self.leaves.resolve(leaf, self), Mode::Array),
            Some(other) if special == Special::Rows || special == Special::Columns => {
                let (rows, columns) = self.run(other, Mode::Array).outcome.shape();
                let count = if special == Special::Rows { rows } else { columns };
                return Outcome::One(Item::Number(count as f64));
            }
            Some(_) => Err(Item::Error(ErrorValue::Value)),
        };
        let block = match block {
            Ok(block) => block,
            Err(failure) => return Outcome::One(failure),
        };
        let (rows, columns) = block.shape();
        if mode == Mode::Array && !self.spend(rows, 1) {
            return Outcome::One(Item::Unknown);
        }
        let from = |first: u32, count: usize| {
            (0..count).map(|at| Item::Number(f64::from(first) + at as f64 + 1.0)).collect()
        };
        Outcome::One(Item::Number(match special {
            Special::Row if mode == Mode::Array && rows > 1 => {
                let items = from(block.first().0, rows);
                return Outcome::Many(Array { rows, columns: 1, items });
            }
            Special::Column if mode == Mode::Array && columns > 1 => {
                let items = from(block.first().1, columns);
                return Outcome::Many(Array { rows: 1, columns, items });
            }
            Special::Row => f64::from(block.first().0) + 1.0,
            Special::Column => f64::from(block.first().1) + 1.0,
            Special::Rows => rows as f64,
            _ => columns as f64,
        }))
    }

    /// Hands the weights of the elements of a record's outcome on to the cells that it was computed
    /// from.
    pub fn pull(&self, record: &Record<'_, L>, weights: &[f64], take: &mut dyn FnMut(CellId, f64)) {
        if weights.iter().all(|weight| *weight == 0.0) {
            return;
        }
        if let Some(part) = record.chosen {
            return self.pull(&record.parts[part], weights, take);
        }
        match record.node {
            Node::Leaf(leaf) => self.pull_leaf(leaf, record.mode, weights, take),
            Node::Call(function, _) => match &function.kind {
                Kind::Special(Special::If) => self.pull_choices(record, weights, take),
                Kind::Special(_) | Kind::Items(_) => {}
                Kind::Numbers(numbers) => {
                    self.pull_elements(record, weights, take, |by, n| numbers.derivative(by, n));
                }
                Kind::Ranges { adjoint, .. } => {
                    let pulled = adjoint(&record.arguments(), &record.outcome, weights);
                    for (part, weights) in record.parts.iter().zip(pulled) {
                        self.pull(part, &weights, take);
                    }
                }
            },
            Node::Array(_) => {
                for (part, weight) in record.parts.iter().zip(weights) {
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

    fn pull_leaf(&self, leaf: &L, mode: Mode, weights: &[f64], take: &mut dyn FnMut(CellId, f64)) {
        let target = self.leaves.resolve(leaf, self);
        if let Target::Cell(id) = target {
            return take(id, weights[0]);
        }
        let Ok(block) = self.block(target, mode) else { return };
        for id in self.cells.within(block) {
            let place = block.place(self.cells.position(id));
            if let Some(weight) = place.and_then(|place| weights.get(place)) {
                take(id, *weight);
            }
        }
    }

    /// Hands weights on to the branches that were taken, element by element.
    fn pull_choices(
        &self,
        record: &Record<'_, L>,
        weights: &[f64],
        take: &mut dyn FnMut(CellId, f64),
    ) {
        let Some((condition, branches)) = record.parts.split_first() else { return };
        self.pull_shared(record, weights, take, branches, |branch, row, column| {
            let holds = condition.outcome.at(row, column).arithmetic().is_ok_and(|n| n != 0.0);
            f64::from(u8::from(holds == (branch == 0)))
        });
    }

    /// Hands weights on through a function of numbers, element by element.
    fn pull_elements(
        &self,
        record: &Record<'_, L>,
        weights: &[f64],
        take: &mut dyn FnMut(CellId, f64),
        derivative: impl Fn(usize, &[f64]) -> f64,
    ) {
        self.pull_shared(record, weights, take, &record.parts, |by, row, column| {
            let items = Few::of(record.parts.iter().map(|part| part.outcome.at(row, column)));
            let numbers = all_numbers(items.as_slice());
            numbers.map_or(0.0, |numbers| derivative(by, numbers.as_slice()))
        });
    }

    /// Hands the weight of each element on to the elements of `parts`, times what `share` says.
    fn pull_shared(
        &self,
        record: &Record<'_, L>,
        weights: &[f64],
        take: &mut dyn FnMut(CellId, f64),
        parts: &[Record<'_, L>],
        share: impl Fn(usize, usize, usize) -> f64,
    ) {
        let (rows, columns) = record.outcome.shape();
        for (by, part) in parts.iter().enumerate() {
            if part.is_constant() {
                continue;
            }
            if rows * columns == 1 && part.outcome.items().len() == 1 {
                self.pull(part, &[weights[0] * share(by, 0, 0)], take);
                continue;
            }
            let mut pulled = vec![0.0; part.outcome.items().len()];
            for row in 0..rows {
                for column in 0..columns {
                    let weight = weights.get(row * columns + column).copied().unwrap_or(0.0);
                    if weight != 0.0
                        && let Some(place) = part.outcome.place(row, column)
                    {
                        pulled[place] += weight * share(by, row, column);
                    }
                }
            }
            self.pull(part, &pulled, take);
        }
    }
}

impl<L> Record<'_, L> {
    /// The last part is the outcome.
    fn choose_last(&mut self) {
        if let Some(last) = self.parts.last() {
            self.outcome = last.outcome.clone();
            self.chosen = Some(self.parts.len() - 1);
        }
    }

    /// The parts as the arguments of a function over ranges.
    fn arguments(&self) -> Vec<Argument> {
        let arguments = self.parts.iter().map(|part| Argument {
            outcome: part.outcome.clone(),
            is_reference: matches!(part.node, Node::Leaf(_)),
        });
        arguments.collect()
    }

    /// Whether no cell can move it.
    fn is_constant(&self) -> bool {
        !matches!(self.node, Node::Leaf(_)) && self.parts.iter().all(Record::is_constant)
    }
}

/// Up to two things without an allocation, as most operations have.
enum Few<T> {
    Inline([T; 2], usize),
    Many(Vec<T>),
}

impl<T: Default> Few<T> {
    fn of(things: impl Iterator<Item = T>) -> Few<T> {
        let mut inline = [T::default(), T::default()];
        let mut count = 0;
        let mut things = things;
        while let Some(thing) = things.next() {
            if count == 2 {
                let [first, second] = inline;
                return Few::Many([first, second, thing].into_iter().chain(things).collect());
            }
            inline[count] = thing;
            count += 1;
        }
        Few::Inline(inline, count)
    }

    fn as_slice(&self) -> &[T] {
        match self {
            Few::Inline(things, count) => &things[..*count],
            Few::Many(things) => things,
        }
    }
}

fn all_numbers(items: &[Item]) -> Result<Few<f64>, Item> {
    let mut failure = None;
    let numbers = Few::of(items.iter().map(|item| {
        item.arithmetic().unwrap_or_else(|found| {
            failure.get_or_insert(found);
            0.0
        })
    }));
    failure.map_or(Ok(numbers), Err)
}

/// What `value` makes of the elements of all parts, place by place.
fn elementwise<L>(parts: &[Record<'_, L>], value: impl Fn(&[Item]) -> Item) -> Outcome {
    let at = |row, column| {
        let items = Few::of(parts.iter().map(|part| part.outcome.at(row, column)));
        value(items.as_slice())
    };
    if parts.iter().all(|part| matches!(part.outcome, Outcome::One(_))) {
        return Outcome::One(at(0, 0));
    }
    let (rows, columns) = shape(parts);
    let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    Outcome::Many(Array { rows, columns, items: places.map(|(r, c)| at(r, c)).collect() })
}

/// The most rows and columns of any part.
fn shape<L>(parts: &[Record<'_, L>]) -> Shape {
    let shapes = || parts.iter().map(|part| part.outcome.shape());
    let rows = shapes().map(|(rows, _)| rows).max().unwrap_or(1);
    let columns = shapes().map(|(_, columns)| columns).max().unwrap_or(1);
    (rows, columns)
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
pub(super) fn compare(comparison: Comparison, left: &Item, right: &Item) -> Item {
    use std::cmp::Ordering;
    for side in [left, right] {
        if side.is_failure() {
            return side.clone();
        }
    }
    let rank = |item: &Item| match item {
        Item::Text(_) => 1,
        Item::Logical(_) => 2,
        _ => 0,
    };
    let number = |item: &Item| item.arithmetic().unwrap_or(0.0);
    let ordering = match (left, right) {
        (Item::Text(l), Item::Text(r)) => l.to_lowercase().cmp(&r.to_lowercase()),
        (Item::Text(l), Item::Blank) => l.as_ref().cmp(""),
        (Item::Blank, Item::Text(r)) => "".cmp(r.as_ref()),
        _ if rank(left) == rank(right) || *left == Item::Blank || *right == Item::Blank => {
            number(left).partial_cmp(&number(right)).unwrap_or(Ordering::Equal)
        }
        _ => rank(left).cmp(&rank(right)),
    };
    Item::Logical(comparison.holds(f64::from(ordering as i8), 0.0))
}

fn join(left: &Item, right: &Item) -> Item {
    match (text_of(left), text_of(right)) {
        (Ok(left), Ok(right)) => Item::Text((left + &right).into()),
        (Err(failure), _) | (_, Err(failure)) => failure,
    }
}

/// A value as a spreadsheet shows it where a text is needed.
pub(super) fn text_of(item: &Item) -> Result<String, Item> {
    Ok(match item {
        Item::Blank => String::new(),
        Item::Number(number) => number_text(*number),
        Item::Logical(true) => "TRUE".to_owned(),
        Item::Logical(false) => "FALSE".to_owned(),
        Item::Text(text) => text.to_string(),
        failure => return Err(failure.clone()),
    })
}
