//! The chain rule over the user's own cells: the derivative of the loss by a cell, factor by factor.
//!
//! Going from a cell towards the loss, as long as only one other cell is computed from it the
//! derivative is a product of local ones. Where several are, that of the cell is a sum over all ways
//! from there to the loss. So a derivative is a sum of ways, times the factors that all of them share.

use std::collections::{HashMap, HashSet};

use super::anatomy::Iteration;
use super::implied::is_sigmoid;
use super::terms::Part;
use crate::formula::{self, Expr, Operator};
use crate::graph::{Adjoints, CellExpr, CellId, Graph, Node, Tree, Values};
use crate::value::Value;

/// So many ways from the loss are told; the others are counted.
const MOST_WAYS: usize = 8;
/// Ways through more cells are only counted.
const DEEPEST: usize = 100;
/// Longer formulas of local derivatives say less than their value.
const LONGEST: usize = 60;

/// What has a derivative, or is differentiated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantity {
    /// A loss that the sheet does not compute.
    Loss,
    /// A part of such a loss.
    Residual(usize),
    /// A cell.
    Cell(CellId),
}

/// The derivative of a formula by one of the cells in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// What is differentiated.
    pub of: Quantity,
    /// By what.
    pub by: Quantity,
    /// The local derivative over the user's cells; none where no short formula says it.
    pub formula: Option<CellExpr>,
    /// The same over whole ranges, where it has them.
    pub over_ranges: Option<Tree>,
    /// Its value in the sheet.
    pub value: f64,
}

/// The derivative of the loss by a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// What is differentiated.
    pub loss: Quantity,
    /// The ways from the loss to the joint, each a product.
    pub ways: Vec<Vec<Factor>>,
    /// How many more ways there are.
    pub more: usize,
    /// The cell from which several ways lead to the loss.
    pub joint: Quantity,
    /// The derivative of the loss by the joint, in the sheet.
    pub joint_value: f64,
    /// The factors from the joint to the cell.
    pub rest: Vec<Factor>,
    /// The cell.
    pub target: CellId,
    /// The derivative by it, in the sheet.
    pub value: f64,
}

impl Chain {
    /// The sum of the ways as one formula; none where a part of it has none.
    pub fn sum(&self) -> Option<CellExpr> {
        if self.more > 0 {
            return None;
        }
        let ways = self.ways.iter().map(|way| product(way)).collect::<Option<Vec<_>>>()?;
        ways.into_iter().reduce(|sum, way| sum.binary(Operator::Add, way))
    }

    /// The factors in their order, each with the way that it is on; none for those that all ways
    /// share.
    pub fn factors(&self) -> impl Iterator<Item = (Option<usize>, &Factor)> {
        let ways = self.ways.iter().enumerate();
        let ways = ways.flat_map(|(at, way)| way.iter().map(move |factor| (Some(at), factor)));
        ways.chain(self.rest.iter().map(|factor| (None, factor)))
    }

    /// The whole derivative as one formula; none where a part of it has none.
    pub fn formula(&self) -> Option<CellExpr> {
        let (sum, rest) = (self.sum()?, product(&self.rest)?);
        Some(times(sum, rest))
    }
}

/// The product of factors, those left out that are 1.
fn product(factors: &[Factor]) -> Option<CellExpr> {
    let formulas = factors.iter().map(|factor| factor.formula.clone());
    let formulas = formulas.collect::<Option<Vec<_>>>()?;
    Some(formulas.into_iter().fold(Expr::Number(1.0), times))
}

/// `left * right`, without factors that are 1.
pub(super) fn times(left: CellExpr, right: CellExpr) -> CellExpr {
    match (left, right) {
        (Expr::Number(1.0), other) | (other, Expr::Number(1.0)) => other,
        // Without parentheses that say nothing.
        (left, Expr::Binary(Operator::Multiply, first, second)) => {
            times(left, *first).binary(Operator::Multiply, *second)
        }
        (left, right) => left.binary(Operator::Multiply, right),
    }
}

/// The forward pass of one iteration: what its loss is computed from.
pub struct Forward<'a> {
    graph: &'a Graph,
    iteration: &'a Iteration,
    loss: Quantity,
    /// The cells that the loss is computed from.
    ahead: HashSet<CellId>,
    /// What of the forward pass is computed from a cell directly.
    users: HashMap<CellId, Vec<Quantity>>,
}

impl<'a> Forward<'a> {
    /// The forward pass of an iteration; none where it has no loss.
    pub fn new(graph: &'a Graph, iteration: &'a Iteration) -> Option<Forward<'a>> {
        let mut users: HashMap<CellId, Vec<Quantity>> = HashMap::new();
        let mut open: Vec<CellId> = Vec::new();
        let loss = match iteration.loss {
            Some(cell) => {
                open.push(cell);
                Quantity::Cell(cell)
            }
            None if iteration.residuals.is_empty() => return None,
            None => Quantity::Loss,
        };
        for (at, residual) in iteration.residuals.iter().enumerate() {
            for cell in names(&residual.value) {
                users.entry(cell).or_default().push(Quantity::Residual(at));
                open.push(cell);
            }
        }
        let computed: HashSet<CellId> = iteration.cells.iter().copied().collect();
        let mut ahead: HashSet<CellId> = open.iter().copied().collect();
        while let Some(cell) = open.pop() {
            if !computed.contains(&cell) {
                continue;
            }
            for input in graph.inputs(cell) {
                users.entry(*input).or_default().push(Quantity::Cell(cell));
                if ahead.insert(*input) {
                    open.push(*input);
                }
            }
        }
        for users in users.values_mut() {
            users.sort_unstable();
        }
        Some(Forward { graph, iteration, loss, ahead, users })
    }

    /// What is differentiated.
    pub fn loss(&self) -> Quantity {
        self.loss
    }

    /// Whether the loss is computed from a cell.
    pub fn is_ahead(&self, cell: CellId) -> bool {
        self.ahead.contains(&cell)
    }

    /// The cells that the loss is computed from, in their order.
    pub fn cells(&self) -> Vec<CellId> {
        let mut cells: Vec<CellId> = self.ahead.iter().copied().collect();
        cells.sort_unstable();
        cells
    }

    /// What of the forward pass is computed from a cell directly.
    pub fn users(&self, cell: CellId) -> &[Quantity] {
        self.users.get(&cell).map_or(&[], Vec::as_slice)
    }

    /// The derivatives of the loss by all cells, at some values.
    pub fn derivatives(&self, values: &Values) -> Adjoints {
        let mut seeds: Vec<(CellId, f64)> = Vec::new();
        if let Quantity::Cell(cell) = self.loss {
            seeds.push((cell, 1.0));
        }
        for residual in &self.iteration.residuals {
            let slope = evaluated(&residual.slope, values).unwrap_or(f64::NAN);
            for cell in names(&residual.value) {
                let local = formula::differentiate(&residual.value, &|id: &CellId| *id == cell);
                seeds.push((cell, slope * evaluated(&local, values).unwrap_or(f64::NAN)));
            }
        }
        self.graph.adjoints_from(&seeds, values, &self.iteration.cells)
    }

    /// The chain rule from the loss to a cell; none where the loss is not computed from it.
    pub fn chain(&self, target: CellId) -> Option<Chain> {
        if !self.is_ahead(target) {
            return None;
        }
        let adjoints = self.derivatives(self.graph.values());
        let mut joint = Quantity::Cell(target);
        let mut rest = Vec::new();
        while let [only] = self.above(joint)[..] {
            rest.insert(0, self.factor(only, joint));
            joint = only;
        }
        let mut ways = Vec::new();
        // Without a branch all factors are the only way.
        let joint_value = match joint {
            Quantity::Cell(cell) => adjoints.get(cell),
            _ => 1.0,
        };
        let mut more = 0;
        match joint == self.loss {
            true => ways.push(std::mem::take(&mut rest)),
            false => {
                self.follow(joint, &mut Vec::new(), &mut ways);
                more = self.count(joint).saturating_sub(ways.len());
            }
        }
        let joint = if joint == self.loss { Quantity::Cell(target) } else { joint };
        let total = adjoints.get(target);
        let joint_value = if joint == Quantity::Cell(target) { total } else { joint_value };
        Some(Chain { loss: self.loss, ways, more, joint, joint_value, rest, target, value: total })
    }

    /// What is computed from a quantity on the way to the loss.
    fn above(&self, of: Quantity) -> Vec<Quantity> {
        match of {
            Quantity::Cell(_) if of == self.loss => Vec::new(),
            Quantity::Cell(cell) => self.users(cell).to_vec(),
            Quantity::Residual(_) => vec![Quantity::Loss],
            Quantity::Loss => Vec::new(),
        }
    }

    /// Collects the ways from the loss down to where `way` begins.
    fn follow(&self, from: Quantity, way: &mut Vec<Factor>, ways: &mut Vec<Vec<Factor>>) {
        if ways.len() >= MOST_WAYS || way.len() > DEEPEST {
            return;
        }
        if from == self.loss {
            ways.push(way.iter().rev().cloned().collect());
            return;
        }
        for user in self.above(from) {
            way.push(self.factor(user, from));
            self.follow(user, way, ways);
            way.pop();
        }
    }

    /// How many ways lead from a quantity to the loss.
    fn count(&self, from: Quantity) -> usize {
        let mut counts: HashMap<Quantity, usize> = HashMap::from([(self.loss, 1)]);
        let residuals = (0..self.iteration.residuals.len()).map(Quantity::Residual);
        counts.extend(residuals.map(|residual| (residual, 1)));
        let mut count = |of: Quantity| {
            let above = self.above(of).into_iter();
            let sum =
                above.filter_map(|user| counts.get(&user)).fold(0, |a, b| b.saturating_add(a));
            *counts.entry(of).or_insert(sum)
        };
        for cell in self.iteration.cells.iter().rev().filter(|cell| self.is_ahead(**cell)) {
            count(Quantity::Cell(*cell));
        }
        count(from)
    }

    fn factor(&self, of: Quantity, by: Quantity) -> Factor {
        let formula = self.local(of, by).filter(|formula| formula.size() <= LONGEST);
        let values = self.graph.values();
        let by_formula = formula.as_ref().and_then(|formula| evaluated(formula, values));
        let value = by_formula.unwrap_or_else(|| match (of, by) {
            (Quantity::Cell(of), Quantity::Cell(by)) => slope(self.graph, of, by, values),
            _ => f64::NAN,
        });
        let over_ranges = match (&formula, of, by) {
            (None, Quantity::Cell(of), Quantity::Cell(by)) => {
                super::ranges::local(self.graph, of, by)
            }
            _ => None,
        };
        Factor { of, by, formula, over_ranges, value }
    }

    fn local(&self, of: Quantity, by: Quantity) -> Option<CellExpr> {
        match (of, by) {
            (Quantity::Cell(of), Quantity::Cell(by)) => local(self.graph, of, by),
            (Quantity::Loss, Quantity::Residual(at)) => {
                Some(self.iteration.residuals.get(at)?.slope.clone())
            }
            (Quantity::Residual(at), Quantity::Cell(by)) => {
                let value = &self.iteration.residuals.get(at)?.value;
                Some(formula::differentiate(value, &|id: &CellId| *id == by))
            }
            _ => None,
        }
    }
}

/// The cells in a formula, each once.
pub(super) fn names(formula: &CellExpr) -> Vec<CellId> {
    let mut cells = Vec::new();
    for id in formula.names() {
        if !cells.contains(id) {
            cells.push(*id);
        }
    }
    cells
}

/// What a formula gives; none where it is an error.
pub fn evaluated(formula: &CellExpr, values: &Values) -> Option<f64> {
    let number = |id: &CellId| Value::number(values.number(*id).unwrap_or(0.0));
    formula::evaluate(formula, &number).get().ok()
}

/// The derivative of a cell's formula by one of its inputs, as a number.
fn slope(graph: &Graph, of: CellId, by: CellId, values: &Values) -> f64 {
    let slopes = graph.tree(of).map_or(Vec::new(), |tree| graph.tree_adjoints(&tree, values));
    slopes.iter().find(|(id, _)| *id == by).map_or(0.0, |(_, slope)| *slope)
}

/// The derivative of a cell's formula by one of its inputs, over the cells of the sheet: that of a
/// sigmoid in `J5` is `J5*(1-J5)`.
pub fn local(graph: &Graph, of: CellId, by: CellId) -> Option<CellExpr> {
    let tree = graph.tree(of)?;
    let inner = |part: &Part| -> Option<CellExpr> {
        let inside = graph.expression(&Tree { home: of, root: part.clone() })?;
        Some(formula::differentiate(&inside, &|id: &CellId| *id == by))
    };
    let own = || Expr::Name(of);
    let one = || Expr::Number(1.0);
    if let Some((inside, sign)) = sigmoid(&tree.root) {
        let slope = own().binary(Operator::Multiply, one().binary(Operator::Subtract, own()));
        let inside = inner(inside)?;
        let inside =
            if sign < 0.0 { formula::simplify(&Expr::Negate(Box::new(inside))) } else { inside };
        return Some(times(slope, inside));
    }
    if let Node::Call(function, arguments) = &tree.root
        && let [argument] = &arguments[..]
    {
        let slope = match function.name {
            "TANH" => {
                let square = own().binary(Operator::Power, Expr::Number(2.0));
                Some(one().binary(Operator::Subtract, square))
            }
            "EXP" => Some(own()),
            _ => None,
        };
        if let Some(slope) = slope {
            return Some(times(slope, inner(argument)?));
        }
    }
    inner(&tree.root)
}

/// What a sigmoid is taken of: the z of `1/(1+EXP(-z))`, or what stands there, with the sign -1.
fn sigmoid(part: &Part) -> Option<(&Part, f64)> {
    if !is_sigmoid(part) {
        return None;
    }
    let Node::Binary(Operator::Divide, above, below) = part else { return None };
    let Node::Binary(_, left, right) = below.as_ref() else { return None };
    let exponential = |part: &'_ Part| matches!(part, Node::Call(..));
    let call = if exponential(left) { left } else { right };
    let Node::Call(_, arguments) = call.as_ref() else { return None };
    let argument = arguments.first()?;
    // EXP(z)/(1+EXP(z)) rises with z, 1/(1+EXP(-z)) with what follows the sign.
    if let Node::Call(_, own) = above.as_ref() {
        return (own == arguments).then_some((argument, 1.0));
    }
    Some(match argument {
        Node::Negate(inside) => (inside, 1.0),
        other => (other, -1.0),
    })
}
