//! The value of a formula.
//!
//! A formula is run into a [`Record`] of what each of its parts gave; the backward sweep (`pull`)
//! goes through the same parts from the result to the leaves.

use std::cell::{Cell, RefCell};

use super::cells::{Block, CellId, Cells, Target};
use super::formula::Node;
use super::functions::{Argument, Kind};
use super::item::{Array, Item, Outcome};
use super::operators::{Few, all_numbers, binary, compare, join};
use super::scalar::ErrorValue;
use crate::data::address::Position;

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
    pub node: &'n Node<L>,
    pub mode: Mode,
    pub outcome: Outcome,
    pub parts: Vec<Record<'n, L>>,
    /// Which of the parts is the outcome, where one of them is chosen.
    pub chosen: Option<usize>,
}

impl<'n, L> Record<'n, L> {
    pub fn new(node: &'n Node<L>, mode: Mode, outcome: Outcome) -> Self {
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
    pub fn block(&self, target: Target, mode: Mode) -> Result<Block, Item> {
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
    pub fn spend(&self, rows: usize, columns: usize) -> bool {
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
}

impl<L> Record<'_, L> {
    /// The last part is the outcome.
    pub fn choose_last(&mut self) {
        if let Some(last) = self.parts.last() {
            self.outcome = last.outcome.clone();
            self.chosen = Some(self.parts.len() - 1);
        }
    }

    /// The parts as the arguments of a function over ranges.
    pub fn arguments(&self) -> Vec<Argument> {
        let arguments = self.parts.iter().map(|part| Argument {
            outcome: part.outcome.clone(),
            is_reference: matches!(part.node, Node::Leaf(_)),
        });
        arguments.collect()
    }

    /// Whether no cell can move it.
    pub fn is_constant(&self) -> bool {
        !matches!(self.node, Node::Leaf(_)) && self.parts.iter().all(Record::is_constant)
    }
}

/// What `value` makes of the elements of all parts, place by place.
pub(super) fn elementwise<L>(parts: &[Record<'_, L>], value: impl Fn(&[Item]) -> Item) -> Outcome {
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
