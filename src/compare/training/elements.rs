//! Formulas over ranges as formulas over single cells: `SUMPRODUCT(a*X+b-Y,X)` as a sum with a residual for
//! each sample.
//!
//! A batch gradient without cells for its residuals has them within one formula, as arrays. Written out
//! element by element they are what they would be in cells of their own.

use super::terms::Part;
use crate::formula::Operator;
use crate::graph::{Graph, Leaf, Node, Target};

/// So many elements of an array are written out.
const MOST_ELEMENTS: usize = 400;

/// The number of rows and columns that a part has.
type Shape = (usize, usize);
/// A row and a column, counted from 0.
type At = (usize, usize);

const SCALAR: Shape = (1, 1);

/// A part with the arrays in its sums written out; none where that cannot be done.
pub(super) fn written_out(graph: &Graph, part: &Part) -> Option<Part> {
    let inner = |part: &Part| written_out(graph, part);
    Some(match part {
        Node::Call(function, arguments) => match function.name {
            "SUM" | "AVERAGE" | "SUMSQ" | "SUMPRODUCT" if !arguments.iter().all(is_plain) => {
                total(graph, function.name, arguments)?
            }
            _ => Node::Call(*function, arguments.iter().map(inner).collect::<Option<_>>()?),
        },
        Node::Negate(one) => Node::Negate(Box::new(inner(one)?)),
        Node::Percent(one) => Node::Percent(Box::new(inner(one)?)),
        Node::Binary(operator, left, right) => inner(left)?.binary(*operator, inner(right)?),
        other => other.clone(),
    })
}

/// Whether a part is a single number and no array.
pub(super) fn is_scalar(part: &Part) -> bool {
    shape(part) == Some(SCALAR)
}

/// A reference or a number: nothing to write out.
fn is_plain(part: &Part) -> bool {
    matches!(part, Node::Leaf(_) | Node::Number(_))
}

/// What a function makes of all elements of its arguments.
fn total(graph: &Graph, function: &str, arguments: &[Part]) -> Option<Part> {
    let mut elements = Vec::new();
    match function {
        "SUMPRODUCT" => {
            let shape =
                arguments.iter().try_fold(SCALAR, |all, one| broadcast(all, shape(one)?))?;
            for at in places(shape)? {
                let factors = arguments.iter().map(|one| element(graph, one, at));
                let factors: Vec<Part> = factors.collect::<Option<_>>()?;
                elements.push(factors.into_iter().reduce(|a, b| a.binary(Operator::Multiply, b))?);
            }
        }
        _ => {
            for argument in arguments {
                for at in places(shape(argument)?)? {
                    elements.push(element(graph, argument, at)?);
                }
            }
        }
    }
    let count = elements.len() as f64;
    let power = |part: Part| part.binary(Operator::Power, Node::Number(2.0));
    let each = elements.into_iter().map(|one| if function == "SUMSQ" { power(one) } else { one });
    let sum = each.reduce(|sum, one| sum.binary(Operator::Add, one))?;
    Some(match function {
        "AVERAGE" => sum.binary(Operator::Divide, Node::Number(count)),
        _ => sum,
    })
}

/// All places of a shape, row by row; none of one that is too large.
fn places((rows, columns): Shape) -> Option<impl Iterator<Item = At>> {
    let places = (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)));
    (rows * columns <= MOST_ELEMENTS).then_some(places)
}

/// The shape of what a part gives; none where it is not known.
fn shape(part: &Part) -> Option<Shape> {
    match part {
        Node::Leaf(Leaf { target: Target::Block(block), .. }) => Some(block.shape()),
        Node::Negate(one) | Node::Percent(one) => shape(one),
        Node::Binary(_, left, right) => broadcast(shape(left)?, shape(right)?),
        Node::Call(function, arguments) => match (function.name, &arguments[..]) {
            ("TRANSPOSE", [one]) => shape(one).map(|(rows, columns)| (columns, rows)),
            ("MMULT", [left, right]) => Some((shape(left)?.0, shape(right)?.1)),
            _ if function.is_elementwise() => {
                arguments.iter().try_fold(SCALAR, |all, one| broadcast(all, shape(one)?))
            }
            // What a function makes of ranges is mostly one number.
            _ => Some(SCALAR),
        },
        Node::Array(rows) => Some((rows.len(), rows.first()?.len())),
        _ => Some(SCALAR),
    }
}

/// The shape of two parts joined element by element.
fn broadcast(one: Shape, other: Shape) -> Option<Shape> {
    let joined = |one: usize, other: usize| match (one, other) {
        (1, most) | (most, 1) => Some(most),
        _ => (one == other).then_some(one),
    };
    Some((joined(one.0, other.0)?, joined(one.1, other.1)?))
}

/// One element of what a part gives.
fn element(graph: &Graph, part: &Part, at: At) -> Option<Part> {
    let inner = |part: &Part| element(graph, part, at);
    Some(match part {
        Node::Leaf(leaf) => Node::Leaf(leaf_at(graph, leaf, at)?),
        Node::Negate(one) => Node::Negate(Box::new(inner(one)?)),
        Node::Percent(one) => Node::Percent(Box::new(inner(one)?)),
        Node::Binary(operator, left, right) => inner(left)?.binary(*operator, inner(right)?),
        Node::Call(function, arguments) => match (function.name, &arguments[..]) {
            ("TRANSPOSE", [one]) => element(graph, one, (at.1, at.0))?,
            ("MMULT", [left, right]) => product(graph, left, right, at)?,
            _ if function.is_elementwise() => {
                Node::Call(*function, arguments.iter().map(inner).collect::<Option<_>>()?)
            }
            _ => written_out(graph, part)?,
        },
        Node::Array(rows) => inner(rows.get(at.0)?.get(at.1)?)?,
        other => other.clone(),
    })
}

/// One element of a product of matrices.
fn product(graph: &Graph, left: &Part, right: &Part, (row, column): At) -> Option<Part> {
    let inner = shape(left)?.1;
    let terms = (0..inner).map(|at| {
        let factors = (element(graph, left, (row, at))?, element(graph, right, (at, column))?);
        Some(factors.0.binary(Operator::Multiply, factors.1))
    });
    let terms: Vec<Part> = terms.take(MOST_ELEMENTS).collect::<Option<_>>()?;
    terms.into_iter().reduce(|sum, one| sum.binary(Operator::Add, one))
}

/// The cell of a reference at a place; that of a single row or column serves all.
fn leaf_at(graph: &Graph, leaf: &Leaf, (row, column): At) -> Option<Leaf> {
    let Target::Block(block) = leaf.target else { return Some(*leaf) };
    let (rows, columns) = block.shape();
    let by = |at: usize, count: usize| if count == 1 { 0 } else { at as u32 };
    let first = block.first();
    let id = graph.id(block.sheet, (first.0 + by(row, rows), first.1 + by(column, columns)))?;
    Some(Leaf { target: Target::Cell(id), slot: None, fixed: leaf.fixed })
}
