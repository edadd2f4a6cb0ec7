//! Formula trees taken apart: sums into terms, products into factors.

use crate::formula::Operator;
use crate::graph::{CellId, Graph, Leaf, Node, Target};

/// A part of the formula of a cell.
pub type Part = Node<Leaf>;

/// One of two signs.
pub type Sign = f64;

/// The terms of a sum, each with its sign.
pub fn terms(part: &Part) -> Vec<(Sign, &Part)> {
    let mut found = Vec::new();
    collect_terms(part, 1.0, &mut found);
    found
}

fn collect_terms<'a>(part: &'a Part, sign: Sign, found: &mut Vec<(Sign, &'a Part)>) {
    match part {
        Node::Binary(Operator::Add, left, right) => {
            collect_terms(left, sign, found);
            collect_terms(right, sign, found);
        }
        Node::Binary(Operator::Subtract, left, right) => {
            collect_terms(left, sign, found);
            collect_terms(right, -sign, found);
        }
        Node::Negate(one) => collect_terms(one, -sign, found),
        Node::Call(function, arguments)
            if function.name == "SUM" && arguments.iter().all(is_single) =>
        {
            arguments.iter().for_each(|one| collect_terms(one, sign, found));
        }
        other => found.push((sign, other)),
    }
}

/// Whether the part gives one number: it is no range.
fn is_single(part: &Part) -> bool {
    match part {
        Node::Leaf(leaf) => matches!(leaf.target, Target::Cell(_)),
        _ => true,
    }
}

/// The sum of the terms.
pub fn sum(terms: &[(Sign, &Part)]) -> Part {
    let mut terms = terms.iter();
    let Some((sign, first)) = terms.next() else { return Node::Number(0.0) };
    let first = if *sign < 0.0 { negated(first) } else { (*first).clone() };
    terms.fold(first, |sum, (sign, term)| {
        let operator = if *sign < 0.0 { Operator::Subtract } else { Operator::Add };
        sum.binary(operator, (*term).clone())
    })
}

/// A part with the other sign, as people write it: `-a*b` for the product `a*b`.
fn negated(part: &Part) -> Part {
    match part {
        Node::Binary(operator @ (Operator::Multiply | Operator::Divide), left, right) => {
            Node::Binary(*operator, Box::new(negated(left)), right.clone())
        }
        Node::Number(number) => Node::Number(-number),
        other => Node::Negate(Box::new(other.clone())),
    }
}

/// The cell, where the part is nothing but a reference to one.
pub fn only_cell(part: &Part) -> Option<CellId> {
    match part {
        Node::Leaf(leaf) => leaf.id(),
        _ => None,
    }
}

/// Whether a part is nothing but a reference to a blank cell: a block of one cell holds nothing.
pub fn is_blank(part: &Part) -> bool {
    match part {
        Node::Leaf(leaf) => leaf.is_blank(),
        _ => false,
    }
}

/// All cells that a part refers to, those of ranges one by one.
pub fn cells_in(graph: &Graph, part: &Part) -> Vec<CellId> {
    let mut cells = Vec::new();
    part.each_leaf(&mut |leaf| match leaf.target {
        Target::Cell(id) => cells.push(id),
        Target::Block(block) => cells.extend(graph.within(block)),
        Target::Nowhere(_) | Target::Unknown => {}
    });
    cells
}

/// The factors of a product or quotient, however grouped.
#[derive(Debug, Default)]
pub struct Factors<'a> {
    /// The sign, and the numbers that are written among the factors.
    pub numbers: Vec<f64>,
    /// The other factors; those that the product is divided by are marked.
    pub parts: Vec<(&'a Part, bool)>,
}

/// Takes a product apart.
pub fn factors(part: &Part) -> Factors<'_> {
    let mut found = Factors::default();
    collect_factors(part, false, &mut found);
    found
}

fn collect_factors<'a>(part: &'a Part, is_divisor: bool, found: &mut Factors<'a>) {
    match part {
        Node::Binary(Operator::Multiply, left, right) => {
            collect_factors(left, is_divisor, found);
            collect_factors(right, is_divisor, found);
        }
        Node::Binary(Operator::Divide, left, right) => {
            collect_factors(left, is_divisor, found);
            collect_factors(right, !is_divisor, found);
        }
        Node::Negate(one) => {
            found.numbers.push(-1.0);
            collect_factors(one, is_divisor, found);
        }
        Node::Percent(one) => {
            found.numbers.push(if is_divisor { 100.0 } else { 0.01 });
            collect_factors(one, is_divisor, found);
        }
        Node::Number(number) => {
            found.numbers.push(if is_divisor { 1.0 / number } else { *number });
        }
        Node::Call(function, arguments)
            if function.name == "PRODUCT" && arguments.iter().all(is_single) =>
        {
            arguments.iter().for_each(|one| collect_factors(one, is_divisor, found));
        }
        other => found.parts.push((other, is_divisor)),
    }
}

/// A product of numbers and parts; divisors are marked.
pub fn product(numbers: &[f64], parts: &[(&Part, bool)]) -> Part {
    let number: f64 = numbers.iter().product();
    parts.iter().fold(Node::Number(number), |product, (part, is_divisor)| {
        let operator = if *is_divisor { Operator::Divide } else { Operator::Multiply };
        match product {
            Node::Number(1.0) if !is_divisor => (*part).clone(),
            product => product.binary(operator, (*part).clone()),
        }
    })
}

/// Whether two parts are made by the same operation on their parts.
pub fn is_made_alike(one: &Part, two: &Part) -> bool {
    match (one, two) {
        (Node::Binary(one, ..), Node::Binary(two, ..)) => one == two,
        (Node::Compare(one, ..), Node::Compare(two, ..)) => one == two,
        (Node::Call(one, inner), Node::Call(two, other)) => {
            one == two && inner.len() == other.len()
        }
        _ => std::mem::discriminant(one) == std::mem::discriminant(two),
    }
}
