//! Small changes of a formula: the slips that people make.
//!
//! A reference to the neighbour, two references exchanged, a sign, a factor too many or too few,
//! parentheses that were lost, a range that is one row short. Nothing here knows which is right.

pub(super) mod parts;
mod references;
mod terms;

use std::collections::{HashMap, HashSet};

use parts::{
    Path, at_path, cancels, has_function, is_pair, is_product, is_sum, parts, regrouped, replaced,
    with_sign, without_slope,
};
pub use parts::{terms_of, with_signs};
pub use terms::plus_weight;

use super::terms::{Part, only_cell};
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
    /// Parentheses round a power, whose sign is lost otherwise: `-x^2` is `(-x)^2` in a spreadsheet.
    Sign(Part),
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
    /// 1 less something.
    Rest(Part),
    /// A matrix turned round, or turned back.
    Transpose(Part),
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
    /// The terms of the derivative that the formula should be, by the chain rule.
    pub paths: Vec<Part>,
    /// Ranges that formulas of the iteration take.
    pub blocks: Vec<Leaf>,
    /// Slopes of functions that cells of the iteration take.
    pub slopes: Vec<Part>,
    /// How many samples a mean is over, where it is one.
    pub counts: Vec<f64>,
    /// The numbers typed into formulas of the iteration: which class one is about, say.
    pub numbers: Vec<f64>,
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

/// So many terms of what functions are taken of may lack a factor.
const MOST_INNER: usize = 12;

/// Functions that are taken for each other.
const ALIKE: &[(&str, &str)] = &[
    ("SUM", "AVERAGE"),
    ("SUM", "SUMSQ"),
    ("AVERAGE", "SUM"),
    ("SIN", "COS"),
    ("COS", "SIN"),
    ("MAX", "MIN"),
    ("MIN", "MAX"),
    ("ABS", "SIGN"),
    ("SIGN", "ABS"),
];

/// All small changes of a formula, likely ones first.
pub fn edits(graph: &Graph, tree: &Tree, around: &Surroundings) -> Vec<Edit> {
    let mut edits = Edits { graph, tree, around, found: Vec::new() };
    edits.references();
    edits.ranges();
    edits.ranges_together();
    edits.transposes();
    edits.operators();
    edits.factors();
    edits.numbers();
    edits.terms();
    let mut found = edits.found;
    if !cancels(&tree.root) {
        found.retain(|edit| !cancels(&edit.tree.root));
    }
    found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    found
}

struct Edits<'a> {
    graph: &'a Graph,
    tree: &'a Tree,
    around: &'a Surroundings,
    found: Vec<Edit>,
}

impl<'a> Edits<'a> {
    fn push(&mut self, cost: f64, change: Change, tree: Tree) {
        self.found.push(Edit { cost, change, tree });
    }

    fn put(&mut self, cost: f64, change: Change, path: &[usize], new: Part) {
        let root = replaced(&self.tree.root, path, &new);
        let tree = Tree { home: self.tree.home, root };
        self.push(cost, change, tree);
    }

    fn operators(&mut self) {
        for (path, part) in parts(&self.tree.root) {
            let Node::Binary(operator, left, right) = part else { continue };
            if let Some((lost, new)) = with_sign(part) {
                self.put(1.0, Change::Sign(lost), &path, new);
            }
            let others = match operator {
                Operator::Power => continue,
                _ => [Operator::Add, Operator::Subtract, Operator::Multiply, Operator::Divide],
            };
            for other in others.into_iter().filter(|other| other != operator) {
                let new = Node::Binary(other, left.clone(), right.clone());
                let is_sign =
                    is_sum(part) && !matches!(other, Operator::Multiply | Operator::Divide);
                let cost = if is_sign { 1.75 } else { 2.0 };
                self.put(cost, Change::Operator(*operator, other), &path, new);
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

    /// A product without one of its factors, or a quotient without its divisor: a number is sooner one too
    /// many than what is computed.
    fn without(&mut self, path: &[usize], factor: &Part, rest: &Part) {
        let cost = if matches!(factor, Node::Number(_)) { 1.3 } else { 2.0 };
        self.put(cost, Change::Without(factor.clone()), path, rest.clone());
    }

    /// Factors less and factors more.
    fn factors(&mut self) {
        for (path, part) in parts(&self.tree.root) {
            match part {
                Node::Binary(Operator::Multiply, left, right) => {
                    if let Some((rest, slope)) = without_slope(left, right) {
                        self.put(0.9, Change::Without(slope), &path, rest);
                    }
                    self.without(&path, right, left);
                    self.without(&path, left, right);
                }
                Node::Binary(Operator::Divide, left, right) => self.without(&path, right, left),
                Node::Binary(Operator::Add | Operator::Subtract, left, right) => {
                    for (term, rest) in [(right, left), (left, right)] {
                        // Nobody works out the slope of a function for nothing.
                        let cost = if has_function(term) { 3.7 } else { 2.2 };
                        self.put(cost, Change::Without((**term).clone()), &path, (**rest).clone());
                    }
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
            self.times_slopes(Node::Leaf(self.around.leaf(cell, &Leaf::cell(cell))));
        }
        let slopes = &self.around.slopes;
        slopes.iter().for_each(|slope| self.times(&[], slope.clone()));
        if self.graph.is_one_array(self.tree.home, self.tree.home) {
            for block in self.around.blocks.clone() {
                self.times_slopes(Node::Leaf(Leaf { slot: None, ..block }));
            }
        }
        // One of the terms may lack a number, a cell or the slope of a function.
        for (path, term) in self.own_terms() {
            for number in [2.0, 0.5] {
                self.put(1.5, Change::Factor(number), &path, scaled(number, term));
            }
            self.times_cells(&path);
            slopes.iter().for_each(|slope| self.times(&path, slope.clone()));
        }
        for (path, _) in self.inner_terms() {
            self.times_cells(&path);
        }
    }

    /// The terms of a formula that is a sum, or a multiple of one, or gives one under a condition.
    fn own_terms(&self) -> Vec<(Path, &'a Part)> {
        let root = &self.tree.root;
        let mut terms = parts(root);
        terms.retain(|(path, part)| {
            let is_given = |at: usize| match at_path(root, &path[..at]) {
                Node::Call(function, _) => function.name == "IF" && path[at] > 0,
                Node::Binary(Operator::Multiply | Operator::Divide, left, right) => {
                    let other = if path[at] == 0 { right } else { left };
                    self.is_constant(other)
                }
                other => is_sum(other),
            };
            let above = path.split_last().map(|(_, above)| at_path(root, above));
            let above = above.filter(|above| !is_product(above));
            let is_term = |above: &Part| !is_sum(part) || is_sum(above) && is_pair(part);
            above.is_some_and(is_term) && (0..path.len()).all(is_given)
        });
        terms
    }

    /// Whether a part is a number, or a cell that all iterations share.
    fn is_constant(&self, part: &Part) -> bool {
        matches!(part, Node::Number(_))
            || only_cell(part).is_some_and(|id| self.around.still.contains(&id))
    }

    /// The terms of what functions are taken of, and the signs turned of: `a+b` in `EXP(-(a+b))`.
    fn inner_terms(&self) -> Vec<(Path, &'a Part)> {
        let root = &self.tree.root;
        let mut terms = parts(root);
        terms.retain(|(path, part)| {
            let Some((_, above)) = path.split_last() else { return false };
            let holds_terms = match at_path(root, above) {
                Node::Call(..) => true,
                Node::Negate(_) => !matches!(part, Node::Leaf(_)),
                other => is_sum(other),
            };
            let is_within = (0..path.len()).any(|at| {
                matches!(at_path(root, &path[..at]), Node::Call(function, _) if function.name != "IF")
            });
            let is_alone = || !is_sum(at_path(root, above));
            let is_term = match part {
                Node::Leaf(_) | Node::Binary(..) => !is_sum(part),
                Node::Negate(one) => only_cell(one).is_some(),
                Node::Number(_) => is_alone(),
                _ => false,
            };
            holds_terms && is_within && is_term
        });
        terms.truncate(MOST_INNER);
        terms
    }

    /// The formula times something, what is left of 1 without it, and both: the slope of a sigmoid.
    fn times_slopes(&mut self, one: Part) {
        let rest = rest_of(&one);
        let slope = one.clone().binary(Operator::Multiply, rest.clone());
        [one, rest, slope].into_iter().for_each(|factor| self.times(&[], factor));
    }

    /// A part times each of the cells around.
    fn times_cells(&mut self, path: &[usize]) {
        for cell in self.around.cells.clone() {
            self.times(path, Node::Leaf(self.around.leaf(cell, &Leaf::cell(cell))));
        }
    }

    fn times(&mut self, path: &[usize], factor: Part) {
        let part = at_path(&self.tree.root, path).clone();
        let new = part.binary(Operator::Multiply, factor.clone());
        // A number without its sign has no other slope.
        let is_sign = matches!(&factor, Node::Call(function, _) if function.name == "SIGN");
        let cost = match path.is_empty() {
            _ if is_sign => 2.2,
            true => 2.4,
            false => 2.5,
        };
        self.put(cost, Change::Times(factor), path, new);
    }

    /// Other numbers and other functions.
    fn numbers(&mut self) {
        let mut known = vec![0.0, 0.5, 1.0, 2.0];
        known.extend(self.around.counts.iter().chain(&self.around.numbers));
        known.sort_by(f64::total_cmp);
        known.dedup();
        for (path, part) in parts(&self.tree.root) {
            match part {
                Node::Number(number) => {
                    let near = [2.0 * number, number / 2.0, -number];
                    let known = known.iter().copied().chain(near);
                    for other in known.filter(|other| other != number) {
                        // What is times 0 is a term too many.
                        let is_factor = path
                            .split_last()
                            .is_some_and(|(_, above)| is_product(at_path(&self.tree.root, above)));
                        let cost = match other == 0.0 {
                            true if is_factor => 3.8,
                            true => 2.3,
                            false => 2.1,
                        };
                        self.put(cost, Change::Number(*number, other), &path, Node::Number(other));
                    }
                }
                Node::Call(function, arguments) => {
                    let others = ALIKE.iter().filter(|(name, _)| *name == function.name);
                    for (_, other) in others {
                        let Some(found) = SheetFunction::find(other) else { continue };
                        let new = Node::Call(found, arguments.clone());
                        self.put(1.9, Change::Function(function.name, other), &path, new);
                    }
                    self.square(&path, part);
                }
                Node::Leaf(leaf) => {
                    self.square(&path, part);
                    if leaf.id().is_some() {
                        self.put(2.0, Change::Rest(part.clone()), &path, rest_of(part));
                    }
                }
                Node::Binary(Operator::Add | Operator::Subtract, ..) => self.square(&path, part),
                _ => {}
            }
        }
    }

    fn square(&mut self, path: &[usize], part: &Part) {
        let new = part.clone().binary(Operator::Power, Node::Number(2.0));
        self.put(2.0, Change::Square(part.clone()), path, new);
    }
}

/// A product with a number in front.
fn scaled(number: f64, part: &Part) -> Part {
    match part {
        Node::Binary(operator @ (Operator::Multiply | Operator::Divide), left, right) => {
            Node::Binary(*operator, Box::new(scaled(number, left)), right.clone())
        }
        other => Node::Number(number).binary(Operator::Multiply, other.clone()),
    }
}

/// 1 less something.
fn rest_of(part: &Part) -> Part {
    Node::Number(1.0).binary(Operator::Subtract, part.clone())
}
