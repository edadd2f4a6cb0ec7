//! Derivatives of formulas over ranges by a single cell: that of `SUMSQ(w*A2:A9-B2:B9)` by `w` is
//! `SUMPRODUCT(2*(w*A2:A9-B2:B9)*A2:A9)`, as one would write it.

use super::terms::Part;
use crate::formula::Operator;
use crate::graph::functions::SheetFunction;
use crate::graph::{CellId, Graph, Node, Target, Tree};

/// The derivative of a cell's formula by another cell that is in no range of it; none where no rule
/// of this file gives it.
pub(super) fn local(graph: &Graph, of: CellId, by: CellId) -> Option<Tree> {
    let tree = graph.tree(of)?;
    let place = (graph.sheet(by), graph.position(by));
    let root = Rules { by, place }.derivative(&tree.root)?;
    let is_zero = root == Node::Number(0.0);
    (!is_zero).then_some(Tree { home: of, root })
}

struct Rules {
    by: CellId,
    place: (usize, (u32, u32)),
}

impl Rules {
    /// The derivative of a part, element by element where it is an array.
    fn derivative(&self, part: &Part) -> Option<Part> {
        Some(match part {
            Node::Number(_) => Node::Number(0.0),
            Node::Leaf(leaf) => match leaf.target {
                Target::Cell(id) => Node::Number(f64::from(u8::from(id == self.by))),
                Target::Block(block) => {
                    let (sheet, (row, column)) = self.place;
                    let (first, last) = (block.first(), block.last());
                    let is_within = sheet == block.sheet
                        && (first.0..=last.0).contains(&row)
                        && (first.1..=last.1).contains(&column);
                    return (!is_within).then_some(Node::Number(0.0));
                }
                Target::Nowhere(_) | Target::Unknown => return None,
            },
            Node::Negate(one) => times(Node::Number(-1.0), self.derivative(one)?),
            Node::Binary(operator, left, right) => self.binary(*operator, left, right)?,
            Node::Call(function, arguments) => self.call(function.name, arguments)?,
            _ => return None,
        })
    }

    fn binary(&self, operator: Operator, left: &Part, right: &Part) -> Option<Part> {
        let (by_left, by_right) = (self.derivative(left)?, self.derivative(right)?);
        Some(match operator {
            Operator::Add => plus(by_left, by_right),
            Operator::Subtract => plus(by_left, times(Node::Number(-1.0), by_right)),
            Operator::Multiply => {
                plus(times(by_left, right.clone()), times(left.clone(), by_right))
            }
            Operator::Divide if by_right == Node::Number(0.0) => over(by_left, right.clone()),
            Operator::Power => {
                let Node::Number(exponent) = right else { return None };
                let power = match exponent - 1.0 {
                    1.0 => left.clone(),
                    less => left.clone().binary(Operator::Power, Node::Number(less)),
                };
                times(times(Node::Number(*exponent), power), by_left)
            }
            Operator::Divide => return None,
        })
    }

    fn call(&self, name: &str, arguments: &[Part]) -> Option<Part> {
        let summed = |part: Part| -> Option<Part> {
            let inside = self.derivative(&part)?;
            match inside {
                Node::Number(0.0) => Some(inside),
                _ => Some(Node::Call(SheetFunction::find("SUMPRODUCT")?, vec![inside])),
            }
        };
        let square = |part: Part| part.binary(Operator::Power, Node::Number(2.0));
        match (name, arguments) {
            ("SUM", [one]) => summed(one.clone()),
            ("SUMPRODUCT", [first, others @ ..]) => {
                let product = others.iter().fold(first.clone(), |product, other| {
                    product.binary(Operator::Multiply, other.clone())
                });
                summed(product)
            }
            ("SUMSQ", [one]) => summed(square(one.clone())),
            ("SUMXMY2", [one, other]) => {
                summed(square(one.clone().binary(Operator::Subtract, other.clone())))
            }
            ("AVERAGE", [one]) => {
                let inside = self.derivative(one)?;
                let is_zero = inside == Node::Number(0.0);
                Some(if is_zero {
                    inside
                } else {
                    Node::Call(SheetFunction::find("AVERAGE")?, vec![inside])
                })
            }
            ("EXP", [one]) => Some(times(whole(name, one)?, self.derivative(one)?)),
            ("LN", [one]) => Some(over(self.derivative(one)?, one.clone())),
            ("TANH", [one]) => {
                let slope = Node::Number(1.0).binary(Operator::Subtract, square(whole(name, one)?));
                Some(times(slope, self.derivative(one)?))
            }
            _ => None,
        }
    }
}

fn whole(name: &str, argument: &Part) -> Option<Part> {
    Some(Node::Call(SheetFunction::find(name)?, vec![argument.clone()]))
}

fn plus(left: Part, right: Part) -> Part {
    match (left, right) {
        (Node::Number(0.0), other) | (other, Node::Number(0.0)) => other,
        (left, right) => left.binary(Operator::Add, right),
    }
}

fn times(left: Part, right: Part) -> Part {
    match (left, right) {
        (Node::Number(0.0), _) | (_, Node::Number(0.0)) => Node::Number(0.0),
        (Node::Number(1.0), other) | (other, Node::Number(1.0)) => other,
        (Node::Number(one), Node::Number(other)) => Node::Number(one * other),
        (left, Node::Number(number)) => times(Node::Number(number), left),
        (left, right) => left.binary(Operator::Multiply, right),
    }
}

fn over(left: Part, right: Part) -> Part {
    match left {
        Node::Number(0.0) => left,
        left => left.binary(Operator::Divide, right),
    }
}
