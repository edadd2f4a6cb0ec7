//! The derivative: the same kind of tree again, with the same faces.
//!
//! Every node has a *local* derivative by each of its operands; the chain rule multiplies them
//! along each path and adds the paths up. This file goes forward, from the variables to the
//! result; [`crate::circuit`] goes backward over the same local derivatives.

use super::functions::expand;
use super::{Choice, Expr, Function, Operator, simplify};

/// The derivative of `expr` by every name that `is_variable` holds for at once, simplified.
///
/// By several names it is the sum of the partial derivatives, so usually one is asked for. Where a
/// derivative does not exist, [`super::FUNCTIONS`] states the convention.
pub fn differentiate<N: Clone + PartialEq>(
    expr: &Expr<N>,
    is_variable: &impl Fn(&N) -> bool,
) -> Expr<N> {
    let mut room = usize::MAX;
    differentiate_within(expr, is_variable, &mut room).unwrap_or(number(0.0))
}

/// As [`differentiate`], with room for so many parts (see [`Expr::size`]) before they are
/// simplified; `None` if the room does not suffice. What is used of it is taken from `room`.
///
/// The derivative of a product of n factors has n products of n factors: formulas grow quickly.
pub fn differentiate_within<N: Clone + PartialEq>(
    expr: &Expr<N>,
    is_variable: &impl Fn(&N) -> bool,
    room: &mut usize,
) -> Option<Expr<N>> {
    Some(simplify(&chain(expr, is_variable, room)?))
}

fn chain<N: Clone + PartialEq>(
    expr: &Expr<N>,
    is_variable: &impl Fn(&N) -> bool,
    room: &mut usize,
) -> Option<Expr<N>> {
    match expr {
        Expr::Number(_) => Some(number(0.0)),
        Expr::Name(name) => Some(number(f64::from(is_variable(name)))),
        Expr::If(choice) => of_choice(choice, is_variable, room),
        _ => {
            let operands = operands(expr).into_iter();
            let inner = operands.map(|operand| chain(operand, is_variable, room));
            let inner = inner.collect::<Option<Vec<_>>>()?;
            if inner.iter().all(|one| *one == number(0.0)) {
                return Some(number(0.0));
            }
            let mut sum = None;
            // Factors keep the order of the formula: 2*x*y for x^2*y.
            let inner_first = matches!(expr, Expr::Binary(Operator::Multiply, ..));
            for (way, (inner, local)) in inner.into_iter().zip(local_derivatives(expr)).enumerate()
            {
                if inner != number(0.0) {
                    // With the signs of the product and of the sum.
                    *room = room.checked_sub(local.size() + 2)?;
                    let term = match way == 0 && inner_first {
                        true => inner.binary(Operator::Multiply, local),
                        false => local.binary(Operator::Multiply, inner),
                    };
                    sum = Some(match sum {
                        None => term,
                        Some(sum) => Expr::binary(sum, Operator::Add, term),
                    });
                }
            }
            sum
        }
    }
}

/// The branch that is not taken may be an error, so it must not be multiplied by 0.
fn of_choice<N: Clone + PartialEq>(
    choice: &Choice<N>,
    is_variable: &impl Fn(&N) -> bool,
    room: &mut usize,
) -> Option<Expr<N>> {
    let then = chain(&choice.then, is_variable, room)?;
    let otherwise = chain(&choice.otherwise, is_variable, room)?;
    if then == number(0.0) && otherwise == number(0.0) {
        return Some(then);
    }
    *room = room.checked_sub(choice.left.size() + choice.right.size() + 1)?;
    let (left, right) = (choice.left.clone(), choice.right.clone());
    let comparison = choice.comparison;
    Some(Expr::If(Box::new(Choice { left, comparison, right, then, otherwise })))
}

/// The parts that a node computes with, in the order in which they are written.
pub fn operands<N>(expr: &Expr<N>) -> Vec<&Expr<N>> {
    match expr {
        Expr::Number(_) | Expr::Name(_) => vec![],
        Expr::Negate(operand) => vec![operand],
        Expr::Binary(_, left, right) => vec![left, right],
        Expr::Call(_, arguments) => arguments.iter().collect(),
        Expr::If(choice) => vec![&choice.left, &choice.right, &choice.then, &choice.otherwise],
    }
}

/// The same node over other operands; as many as it has must be given.
pub fn with_operands<N: Clone, M: Clone>(expr: &Expr<N>, new: &[Expr<M>]) -> Option<Expr<M>> {
    Some(match (expr, new) {
        (Expr::Number(number), []) => Expr::Number(*number),
        (Expr::Negate(_), [operand]) => Expr::Negate(Box::new(operand.clone())),
        (Expr::Binary(operator, ..), [left, right]) => {
            left.clone().binary(*operator, right.clone())
        }
        (Expr::Call(function, old), new) if old.len() == new.len() => {
            Expr::Call(function, new.to_vec())
        }
        (Expr::If(choice), [left, right, then, otherwise]) => Expr::If(Box::new(Choice {
            left: left.clone(),
            comparison: choice.comparison,
            right: right.clone(),
            then: then.clone(),
            otherwise: otherwise.clone(),
        })),
        _ => return None,
    })
}

/// The derivative of a node by each of its [`operands`], as trees over those operands.
///
/// - u + v: 1, 1; u − v: 1, −1; −u: −1
/// - u·v: v, u; u/v: 1/v, −u/v²
/// - u^v: v·u^(v−1), u^v·ln u
/// - if: 0 for the comparison, 1 for the branch that is taken
/// - functions: by their table
pub fn local_derivatives<N: Clone>(expr: &Expr<N>) -> Vec<Expr<N>> {
    match expr {
        Expr::Number(_) | Expr::Name(_) => vec![],
        Expr::Negate(_) => vec![number(-1.0)],
        Expr::Binary(operator, left, right) => binary(*operator, left, right).into(),
        Expr::Call(function, arguments) => of_call(function, arguments),
        Expr::If(choice) => {
            let taken = |then, otherwise| {
                Expr::If(Box::new(Choice {
                    then: number(then),
                    otherwise: number(otherwise),
                    ..(**choice).clone()
                }))
            };
            vec![number(0.0), number(0.0), taken(1.0, 0.0), taken(0.0, 1.0)]
        }
    }
}

fn of_call<N: Clone>(function: &Function, arguments: &[Expr<N>]) -> Vec<Expr<N>> {
    function.derivatives.iter().map(|derivative| expand(derivative, arguments)).collect()
}

fn binary<N: Clone>(operator: Operator, u: &Expr<N>, v: &Expr<N>) -> [Expr<N>; 2] {
    let (u, v) = (|| u.clone(), || v.clone());
    match operator {
        Operator::Add => [number(1.0), number(1.0)],
        Operator::Subtract => [number(1.0), number(-1.0)],
        Operator::Multiply => [v(), u()],
        Operator::Divide => {
            let square = v().binary(Operator::Power, number(2.0));
            let by_v = Expr::Negate(Box::new(u().binary(Operator::Divide, square)));
            [number(1.0).binary(Operator::Divide, v()), by_v]
        }
        Operator::Power => {
            let less = match v() {
                Expr::Number(exponent) => number(exponent - 1.0),
                v => v.binary(Operator::Subtract, number(1.0)),
            };
            let by_u = v().binary(Operator::Multiply, u().binary(Operator::Power, less));
            let by_v = u().binary(Operator::Power, v());
            [by_u, by_v.binary(Operator::Multiply, logarithm(u()))]
        }
    }
}

fn logarithm<N>(argument: Expr<N>) -> Expr<N> {
    match Function::find("ln") {
        Some(ln) => Expr::Call(ln, vec![argument]),
        None => argument,
    }
}

fn number<N>(number: f64) -> Expr<N> {
    Expr::Number(number)
}
