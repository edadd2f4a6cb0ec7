//! Small changes of a formula: the slips that people make.
//!
//! A reference to the neighbour, two references exchanged, a sign, a factor too many or too few,
//! parentheses that were lost, a range that is one row short. Nothing here knows which is right.

pub(super) mod parts;

use std::collections::{HashMap, HashSet};

pub use parts::terms_of;
use parts::{Path, parts, regrouped, replaced, without_slope};

use super::terms::Part;
use crate::data::address::Position;
use crate::formula::Operator;
use crate::graph::functions::SheetFunction;
use crate::graph::{Block, CellId, Graph, Leaf, Node, Target, Tree};

/// A changed formula.
#[derive(Debug, Clone)]
pub struct Edit {
    /// How unlikely it is; small slips are likely ones.
    pub cost: f64,
    /// What was changed.
    pub change: Change,
    /// The formula after it.
    pub tree: Tree,
}

/// What an edit changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Another cell in the place of one, everywhere in the formula or in one place.
    Exchange { old: CellId, new: CellId, everywhere: bool },
    /// A cell in the place of a blank one.
    Blank(CellId),
    /// Two cells exchanged for each other.
    Swap(CellId, CellId),
    /// Another operator in one place.
    Operator(Operator, Operator),
    /// Parentheses round a sum.
    Parentheses,
    /// A factor or a term less.
    Without(Part),
    /// A factor more.
    Times(Part),
    /// A number as a factor more.
    Factor(f64),
    /// A part squared.
    Square(Part),
    /// Another number.
    Number(f64, f64),
    /// A term more: a path that was left out.
    Plus(Part),
    /// A range of the same size somewhere else, or one that ends elsewhere.
    Range(Block, Block),
    /// Another function.
    Function(&'static str, &'static str),
    /// The formula as it stands in the other cells of the family.
    Pattern,
    /// The derivative of the loss by a cell, written by the chain rule.
    Derivative(CellId),
    /// Two changes.
    Both(Box<Change>, Box<Change>),
}

/// What is known around a formula.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Cells that may stand in the place of others.
    pub cells: Vec<CellId>,
    /// Those of them that formulas refer to with `$`, since they are the same for all iterations.
    pub absolute: HashMap<CellId, [bool; 4]>,
    /// The cells that hold weights.
    pub weights: HashSet<CellId>,
    /// Cells that all samples share.
    pub still: HashSet<CellId>,
    /// Whether samples stand below each other, and whether beside each other.
    pub axes: [bool; 2],
    /// Terms that may be missing.
    pub terms: Vec<Part>,
    /// How many samples a mean is over, where it is one.
    pub counts: Vec<f64>,
}

impl Surroundings {
    /// A reference to `new` in the place of another, with `$` where it needs them.
    fn leaf(&self, new: CellId, old: &Leaf) -> Leaf {
        let [row, column] = self.axes.map(|axis| axis && self.still.contains(&new));
        let was_absolute = old.id().is_some_and(|old| self.absolute.contains_key(&old));
        let fixed = match self.absolute.get(&new) {
            Some(axes) => *axes,
            None if was_absolute => [false; 4],
            None => old.fixed,
        };
        let fixed = [fixed[0] || row, fixed[1] || column, fixed[2] || row, fixed[3] || column];
        Leaf { target: Target::Cell(new), slot: None, fixed }
    }
}

/// Functions that are taken for each other.
const ALIKE: &[(&str, &str)] = &[
    ("SUM", "AVERAGE"),
    ("SUM", "SUMSQ"),
    ("AVERAGE", "SUM"),
    ("SIN", "COS"),
    ("COS", "SIN"),
    ("MAX", "MIN"),
    ("MIN", "MAX"),
];

/// All small changes of a formula, likely ones first.
pub fn edits(graph: &Graph, tree: &Tree, around: &Surroundings) -> Vec<Edit> {
    let mut edits = Edits { graph, tree, around, found: Vec::new() };
    edits.references();
    edits.ranges();
    edits.operators();
    edits.factors();
    edits.numbers();
    edits.terms();
    let mut found = edits.found;
    found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    found
}

/// A formula with a weight more, by itself or times what stands near.
pub fn plus_weight(tree: &Tree, weight: CellId, around: &Surroundings) -> Vec<Edit> {
    let leaf = |id: CellId| Node::Leaf(around.leaf(id, &Leaf::cell(id)));
    let others = around.cells.iter().filter(|id| !around.weights.contains(id));
    let times = others.map(|id| leaf(weight).binary(Operator::Multiply, leaf(*id)));
    let terms = std::iter::once(leaf(weight)).chain(times);
    // At the end of the formula, or of what a function is taken of.
    let mut places: Vec<(Path, &Part)> = vec![(Vec::new(), &tree.root)];
    for (path, part) in parts(&tree.root) {
        if let Node::Call(_, arguments) = part {
            let inside = arguments.iter().enumerate();
            places.extend(inside.map(|(at, one)| ([&path[..], &[at]].concat(), one)));
        }
    }
    let edit = |term: Part| {
        let term = &term;
        let edits = places.iter().map(|(path, part)| {
            let sum = (*part).clone().binary(Operator::Add, term.clone());
            let root = replaced(&tree.root, path, &sum);
            let change = Change::Plus(term.clone());
            Edit { cost: 2.5, change, tree: Tree { home: tree.home, root } }
        });
        edits.collect::<Vec<_>>()
    };
    terms.flat_map(edit).collect()
}

struct Edits<'a> {
    graph: &'a Graph,
    tree: &'a Tree,
    around: &'a Surroundings,
    found: Vec<Edit>,
}

impl Edits<'_> {
    /// What it costs more to take a weight for data, or data for a weight.
    fn unlike(&self, old: CellId, new: CellId) -> f64 {
        let is_weight = |id| self.around.weights.contains(&id);
        if is_weight(old) == is_weight(new) { 0.0 } else { 1.5 }
    }

    fn push(&mut self, cost: f64, change: Change, tree: Tree) {
        self.found.push(Edit { cost, change, tree });
    }

    fn put(&mut self, cost: f64, change: Change, path: &[usize], new: Part) {
        let root = replaced(&self.tree.root, path, &new);
        let tree = Tree { home: self.tree.home, root };
        self.push(cost, change, tree);
    }

    /// Other cells, everywhere or once, and two cells exchanged.
    fn references(&mut self) {
        let tree = self.tree;
        let leaves: Vec<Option<CellId>> = tree.leaves().iter().map(|leaf| leaf.id()).collect();
        // A block of one cell holds nothing.
        let is_blank = |leaf: &Leaf| matches!(leaf.target, Target::Block(block) if block.first() == block.last());
        let blanks = tree.leaves().into_iter().enumerate().filter(|(_, leaf)| is_blank(leaf));
        for (nth, _) in blanks.collect::<Vec<_>>() {
            for new in &self.around.cells {
                let changed = tree.map(&mut |at, old| match at == nth {
                    true => self.around.leaf(*new, old),
                    false => *old,
                });
                let change = Change::Blank(*new);
                self.found.push(Edit { cost: 1.0, change, tree: changed });
            }
        }
        let mut distinct: Vec<CellId> = leaves.iter().flatten().copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let mut all = self.around.cells.clone();
        all.extend(&distinct);
        all.sort_unstable();
        all.dedup();
        for old in &distinct {
            for new in all.iter().filter(|new| *new != old) {
                let change = Change::Exchange { old: *old, new: *new, everywhere: true };
                let changed = tree.map(&mut |_, leaf| match leaf.id() == Some(*old) {
                    true => self.around.leaf(*new, leaf),
                    false => *leaf,
                });
                self.push(1.0 + self.unlike(*old, *new), change, changed);
            }
        }
        for (nth, old) in leaves.iter().enumerate() {
            let Some(old) = old else { continue };
            if leaves.iter().filter(|leaf| **leaf == Some(*old)).count() < 2 {
                continue;
            }
            for new in all.iter().filter(|new| *new != old) {
                let change = Change::Exchange { old: *old, new: *new, everywhere: false };
                let changed = tree.map(&mut |at, leaf| match at == nth {
                    true => self.around.leaf(*new, leaf),
                    false => *leaf,
                });
                self.push(1.5 + self.unlike(*old, *new), change, changed);
            }
        }
        for (at, a) in distinct.iter().enumerate() {
            for b in &distinct[at + 1..] {
                let swapped = tree.map(&mut |_, leaf| match leaf.id() {
                    Some(id) if id == *a => self.around.leaf(*b, leaf),
                    Some(id) if id == *b => self.around.leaf(*a, leaf),
                    _ => *leaf,
                });
                self.push(1.8, Change::Swap(*a, *b), swapped);
            }
        }
    }

    /// Ranges of the same size elsewhere, and ranges with another end.
    fn ranges(&mut self) {
        let tree = self.tree;
        let count = tree.leaves().len();
        for nth in 0..count {
            let Some(Target::Block(block)) = tree.leaves().get(nth).map(|leaf| leaf.target) else {
                continue;
            };
            for other in moved(block) {
                let changed = tree.map(&mut |at, leaf| match at == nth {
                    true => Leaf { target: Target::Block(other), ..*leaf },
                    false => *leaf,
                });
                self.push(1.2, Change::Range(block, other), changed);
            }
        }
    }

    fn operators(&mut self) {
        for (path, part) in parts(&self.tree.root) {
            let Node::Binary(operator, left, right) = part else { continue };
            let others = match operator {
                Operator::Power => continue,
                _ => [Operator::Add, Operator::Subtract, Operator::Multiply, Operator::Divide],
            };
            for other in others.into_iter().filter(|other| other != operator) {
                let new = Node::Binary(other, left.clone(), right.clone());
                self.put(2.0, Change::Operator(*operator, other), &path, new);
            }
            if *operator == Operator::Subtract {
                // The operands of a difference, turned round.
                let new = Node::Binary(Operator::Subtract, right.clone(), left.clone());
                self.put(1.9, Change::Factor(-1.0), &path, new);
            }
            if matches!(operator, Operator::Add | Operator::Subtract) {
                for new in regrouped(*operator, left, right) {
                    self.put(2.0, Change::Parentheses, &path, new);
                }
            }
        }
    }

    /// Factors less and factors more.
    fn factors(&mut self) {
        for (path, part) in parts(&self.tree.root) {
            match part {
                Node::Binary(Operator::Multiply, left, right) => {
                    if let Some((rest, slope)) = without_slope(left, right) {
                        self.put(0.9, Change::Without(slope), &path, rest);
                    }
                    self.put(2.0, Change::Without((**right).clone()), &path, (**left).clone());
                    self.put(2.0, Change::Without((**left).clone()), &path, (**right).clone());
                }
                Node::Binary(Operator::Divide, left, right) => {
                    self.put(2.0, Change::Without((**right).clone()), &path, (**left).clone());
                }
                Node::Binary(Operator::Add | Operator::Subtract, left, right) => {
                    self.put(2.2, Change::Without((**right).clone()), &path, (**left).clone());
                    self.put(2.2, Change::Without((**left).clone()), &path, (**right).clone());
                }
                Node::Negate(one) => {
                    self.put(1.0, Change::Factor(-1.0), &path, (**one).clone());
                }
                _ => {}
            }
        }
        let root = &self.tree.root;
        let mut numbers = vec![-1.0, 2.0, 0.5, -2.0, -0.5];
        numbers.extend(self.around.counts.iter().flat_map(|n| [1.0 / n, *n, 2.0 / n]));
        for number in numbers {
            let new = match number {
                -1.0 => Node::Negate(Box::new(root.clone())),
                _ if number.abs() < 0.4 => {
                    root.clone().binary(Operator::Divide, Node::Number(1.0 / number))
                }
                _ => Node::Number(number).binary(Operator::Multiply, root.clone()),
            };
            self.put(1.4, Change::Factor(number), &[], new);
        }
        for cell in self.around.cells.clone() {
            let one = Node::Leaf(self.around.leaf(cell, &Leaf::cell(cell)));
            let rest = Node::Number(1.0).binary(Operator::Subtract, one.clone());
            let slope = one.clone().binary(Operator::Multiply, rest.clone());
            for factor in [one, rest, slope] {
                let new = root.clone().binary(Operator::Multiply, factor.clone());
                self.put(2.4, Change::Times(factor), &[], new);
            }
        }
    }

    /// Other numbers and other functions.
    fn numbers(&mut self) {
        let mut known = vec![0.0, 0.5, 1.0, 2.0];
        known.extend(&self.around.counts);
        for (path, part) in parts(&self.tree.root) {
            match part {
                Node::Number(number) => {
                    let known = known.clone();
                    for other in known.into_iter().filter(|other| other != number) {
                        self.put(2.1, Change::Number(*number, other), &path, Node::Number(other));
                    }
                }
                Node::Call(function, arguments) => {
                    let others = ALIKE.iter().filter(|(name, _)| *name == function.name);
                    for (_, other) in others {
                        let Some(found) = SheetFunction::find(other) else { continue };
                        let new = Node::Call(found, arguments.clone());
                        self.put(2.0, Change::Function(function.name, other), &path, new);
                    }
                    self.square(&path, part);
                }
                Node::Leaf(_) | Node::Binary(Operator::Add | Operator::Subtract, ..) => {
                    self.square(&path, part);
                }
                _ => {}
            }
        }
    }

    fn square(&mut self, path: &[usize], part: &Part) {
        let new = part.clone().binary(Operator::Power, Node::Number(2.0));
        self.put(2.0, Change::Square(part.clone()), path, new);
    }

    /// Terms more: paths of the chain rule that were left out.
    fn terms(&mut self) {
        let _ = self.graph;
        let terms = self.around.terms.clone();
        for term in terms {
            let new = self.tree.root.clone().binary(Operator::Add, term.clone());
            self.put(3.0, Change::Plus(term), &[], new);
        }
    }
}

/// The ranges near to one, of its size or a little longer or shorter.
fn moved(block: Block) -> Vec<Block> {
    let (first, last) = (block.first(), block.last());
    let (height, width) = (last.0 - first.0 + 1, last.1 - first.1 + 1);
    let mut found: Vec<(i64, i64, i64, i64)> = Vec::new();
    let columns = i64::from(width) * 6 + 6;
    for by in -columns..=columns {
        found.push((0, by, 0, by));
    }
    for by in [-2, -1, 1, 2, -i64::from(height), i64::from(height)] {
        found.push((by, 0, by, 0));
    }
    for by in [-1, 1] {
        found.extend([(by, 0, 0, 0), (0, 0, by, 0), (0, by, 0, 0), (0, 0, 0, by)]);
    }
    let shifted = |at: Position, row: i64, column: i64| {
        Some((
            u32::try_from(i64::from(at.0) + row).ok()?,
            u32::try_from(i64::from(at.1) + column).ok()?,
        ))
    };
    found.sort_by_key(|(a, b, c, d)| a.abs() + b.abs() + c.abs() + d.abs());
    let blocks = found.into_iter().filter_map(|(a, b, c, d)| {
        let (from, to) = (shifted(first, a, b)?, shifted(last, c, d)?);
        let is_other = (from, to) != (first, last) && from.0 <= to.0 && from.1 <= to.1;
        is_other.then(|| Block::between(block.sheet, from, to))
    });
    blocks.collect()
}
