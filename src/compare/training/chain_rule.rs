//! The derivative of the loss by a weight as a formula over the user's own cells.
//!
//! Where no small edit mends a formula, the chain rule writes it anew: from the weight through every
//! cell that it leads to, on to the loss. A cell that already holds the derivative by one of these (a
//! delta) is used instead of going on; so is the value of a sigmoid for its slope.

use std::collections::{HashMap, HashSet};

use super::case::Case;
use super::check::agrees;
use super::implied::is_sigmoid;
use super::terms::{Part, cells_in};
use crate::formula::Operator;
use crate::graph::{CellId, Leaf, Node, Target, Tree};

/// Longer formulas help nobody.
const MOST_PARTS: usize = 150;

/// The derivative by `weight` for the cell `home`, checked at all invented points.
pub(super) fn derivative(
    case: &Case,
    iteration: usize,
    weight: usize,
    home: CellId,
) -> Option<Tree> {
    let loss = case.losses.get(iteration).copied().flatten()?;
    let variable = case.variable(weight, iteration)?;
    let mut chain = Chain {
        case,
        loss,
        cells: case.cells(iteration).iter().copied().collect(),
        known: known(case, iteration, home),
        done: HashMap::new(),
    };
    let mut root = chain.by(variable)?;
    if case.factor != 1.0 {
        root = times(Node::Number(case.factor), root);
    }
    let shown = case.group()[weight].shown.get(iteration).copied();
    if let Some(shown) = shown.filter(|shown| *shown != variable) {
        root = root.map_leaves(&mut |leaf| match leaf.id() == Some(variable) {
            true => Leaf::cell(shown),
            false => *leaf,
        });
    }
    let tree = Tree { home, root };
    let holds = case.ground.invented.points.iter().all(|values| {
        let value = case.ground.graph.evaluate_tree(&tree, values).number();
        value.is_some_and(|value| agrees(value, case.expected(iteration, values)[weight]))
    });
    holds.then_some(tree)
}

/// The cells that hold the derivative of the loss by another, and that do not depend on `home`.
fn known(case: &Case, iteration: usize, home: CellId) -> HashMap<CellId, CellId> {
    let graph = case.ground.graph;
    let ahead = case.ahead(iteration);
    let points = &case.ground.invented.points;
    let all: Option<Vec<_>> =
        points.iter().map(|values| case.derivatives(iteration, values)).collect();
    let mut known = HashMap::new();
    let Some(all) = all else { return known };
    let mut behind: HashSet<CellId> = HashSet::from([home]);
    for id in case.cells(iteration) {
        if graph.inputs(*id).iter().any(|input| behind.contains(input)) {
            behind.insert(*id);
        }
    }
    for holder in
        case.cells(iteration).iter().filter(|id| !ahead.contains(id) && !behind.contains(id))
    {
        let of = ahead.iter().find(|of| {
            points.iter().zip(&all).all(|(values, derivatives)| {
                let derivative = derivatives.get(**of);
                derivative != 0.0
                    && values.number(*holder).is_some_and(|value| agrees(value, derivative))
            })
        });
        if let Some(of) = of {
            known.entry(*of).or_insert(*holder);
        }
    }
    known
}

struct Chain<'a, 'b> {
    case: &'a Case<'b>,
    loss: CellId,
    cells: HashSet<CellId>,
    known: HashMap<CellId, CellId>,
    done: HashMap<CellId, Option<Part>>,
}

impl Chain<'_, '_> {
    /// The derivative of the loss by a cell; none where it is 0 or too long.
    fn by(&mut self, id: CellId) -> Option<Part> {
        if id == self.loss {
            return Some(Node::Number(1.0));
        }
        if let Some(holder) = self.known.get(&id) {
            return Some(Node::Leaf(Leaf::cell(*holder)));
        }
        if let Some(done) = self.done.get(&id) {
            return done.clone();
        }
        let graph = self.case.ground.graph;
        let users: Vec<CellId> =
            graph.users(id).iter().copied().filter(|user| self.cells.contains(user)).collect();
        let mut total: Option<Part> = None;
        for user in users {
            let Some(outer) = self.by(user) else { continue };
            let inner = graph.tree(user).and_then(|tree| slope(self.case, &tree, id));
            let Some(inner) = inner else { continue };
            let path = times(outer, inner);
            total = Some(match total {
                Some(total) => total.binary(Operator::Add, path),
                None => path,
            });
        }
        let total = total.filter(|part| part.size() <= MOST_PARTS);
        self.done.insert(id, total.clone());
        total
    }
}

/// The derivative of a cell's formula by another cell; none where it is 0, or not known.
fn slope(case: &Case, tree: &Tree, by: CellId) -> Option<Part> {
    // A sigmoid's slope is known from its value.
    if is_sigmoid(&tree.root)
        && let Some(argument) = exponent(&tree.root)
    {
        let own = Node::Leaf(Leaf::cell(tree.home));
        let rest = Node::Number(1.0).binary(Operator::Subtract, own.clone());
        let is_falling =
            matches!(&tree.root, Node::Binary(_, above, _) if matches!(**above, Node::Number(_)));
        let inner = part_slope(case, argument, by)?;
        let inner = if is_falling { negated(inner) } else { inner };
        return Some(times(own.binary(Operator::Multiply, rest), inner));
    }
    part_slope(case, &tree.root, by)
}

/// The argument of the only `EXP` of a sigmoid's divisor.
fn exponent(part: &Part) -> Option<&Part> {
    let Node::Binary(_, _, below) = part else { return None };
    let mut parts = below.parts().into_iter();
    parts.find_map(|part| match part {
        Node::Call(function, arguments) if function.name == "EXP" => arguments.first(),
        _ => None,
    })
}

fn part_slope(case: &Case, part: &Part, by: CellId) -> Option<Part> {
    let slope = |part: &Part| part_slope(case, part, by);
    match part {
        Node::Leaf(leaf) => (leaf.id() == Some(by)).then_some(Node::Number(1.0)),
        Node::Negate(one) => slope(one).map(negated),
        Node::Binary(Operator::Add, left, right) => match (slope(left), slope(right)) {
            (Some(left), Some(right)) => Some(left.binary(Operator::Add, right)),
            (one, other) => one.or(other),
        },
        Node::Binary(Operator::Subtract, left, right) => match (slope(left), slope(right)) {
            (Some(left), Some(right)) => Some(left.binary(Operator::Subtract, right)),
            (one, other) => one.or(other.map(negated)),
        },
        Node::Binary(Operator::Multiply, left, right) => {
            let first = slope(left).map(|slope| times(slope, (**right).clone()));
            let second = slope(right).map(|slope| times((**left).clone(), slope));
            match (first, second) {
                (Some(first), Some(second)) => Some(first.binary(Operator::Add, second)),
                (one, other) => one.or(other),
            }
        }
        Node::Binary(Operator::Divide, left, right) => {
            let first = slope(left).map(|slope| slope.binary(Operator::Divide, (**right).clone()));
            let second = slope(right).map(|slope| {
                let square = (**right).clone().binary(Operator::Power, Node::Number(2.0));
                negated(times((**left).clone(), slope)).binary(Operator::Divide, square)
            });
            match (first, second) {
                (Some(first), Some(second)) => Some(first.binary(Operator::Add, second)),
                (one, other) => one.or(other),
            }
        }
        Node::Binary(Operator::Power, base, exponent) => power_slope(case, base, exponent, by),
        Node::Call(function, arguments) => call_slope(case, function.name, arguments, by),
        _ => None,
    }
}

fn power_slope(case: &Case, base: &Part, exponent: &Part, by: CellId) -> Option<Part> {
    let Node::Number(power) = exponent else { return None };
    let inner = part_slope(case, base, by)?;
    let lower = match *power {
        2.0 => base.clone(),
        other => base.clone().binary(Operator::Power, Node::Number(other - 1.0)),
    };
    Some(times(times(Node::Number(*power), lower), inner))
}

fn call_slope(case: &Case, name: &str, arguments: &[Part], by: CellId) -> Option<Part> {
    let own = || {
        let found = crate::graph::functions::SheetFunction::find(name)?;
        Some(Node::Call(found, arguments.to_vec()))
    };
    let inner = || part_slope(case, arguments.first()?, by);
    let one = || arguments.first().cloned();
    match name {
        "EXP" => Some(times(own()?, inner()?)),
        "LN" => Some(inner()?.binary(Operator::Divide, one()?)),
        "SQRT" => Some(inner()?.binary(Operator::Divide, times(Node::Number(2.0), own()?))),
        "TANH" => {
            let square = own()?.binary(Operator::Power, Node::Number(2.0));
            Some(times(Node::Number(1.0).binary(Operator::Subtract, square), inner()?))
        }
        "POWER" => power_slope(case, arguments.first()?, arguments.get(1)?, by),
        "SUM" | "AVERAGE" => {
            let count: usize =
                arguments.iter().map(|part| cells_in(case.ground.graph, part).len()).sum();
            let is_in = arguments.iter().any(|part| match part {
                Node::Leaf(Leaf { target: Target::Block(_), .. }) => {
                    cells_in(case.ground.graph, part).contains(&by)
                }
                _ => false,
            });
            let slope = match is_in {
                true => Some(Node::Number(1.0)),
                false => arguments.iter().find_map(|part| part_slope(case, part, by)),
            }?;
            Some(match name {
                "SUM" => slope,
                _ => slope.binary(Operator::Divide, Node::Number(count as f64)),
            })
        }
        "SUMSQ" => {
            let is_in =
                arguments.iter().any(|part| cells_in(case.ground.graph, part).contains(&by));
            is_in.then(|| times(Node::Number(2.0), Node::Leaf(Leaf::cell(by))))
        }
        _ => None,
    }
}

fn negated(part: Part) -> Part {
    match part {
        Node::Negate(one) => *one,
        Node::Number(number) => Node::Number(-number),
        other => Node::Negate(Box::new(other)),
    }
}

/// A product, without factors of 1.
fn times(one: Part, other: Part) -> Part {
    match (one, other) {
        (Node::Number(1.0), other) => other,
        (one, Node::Number(1.0)) => one,
        (Node::Number(-1.0), other) | (other, Node::Number(-1.0)) => negated(other),
        (Node::Negate(one), other) | (other, Node::Negate(one)) => negated(times(*one, other)),
        (one, other) => one.binary(Operator::Multiply, other),
    }
}
