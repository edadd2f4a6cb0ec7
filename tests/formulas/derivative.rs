//! Derivatives of random formulas, three ways: symbolic, backward through the circuit of gates,
//! and by central differences. And simplifying keeps the value.

use crate::common::cases::cases;
use gdtrace::circuit::Circuit;
use gdtrace::formula::{
    Choice, Comparison, Expr, FUNCTIONS, Function, Name, Operator, differentiate, evaluate,
    operands, parse, simplify,
};
use gdtrace::value::Value;
use proptest::prelude::*;

/// A point: the values of p, q and r.
type Point = [f64; 3];

fn look_up(point: Point) -> impl Fn(&Name) -> Value {
    move |name| Value::number(point[["p", "q", "r"].iter().position(|id| *id == name.id).unwrap()])
}

fn value(tree: &Expr, point: Point) -> Option<f64> {
    evaluate(tree, &look_up(point)).get().ok()
}

fn tree() -> impl Strategy<Value = Expr> {
    let number = prop::sample::select(vec![0.5, 1.0, 2.0, 3.0]).prop_map(Expr::Number);
    let name = prop::sample::select(vec!["p", "q", "r"]).prop_map(|id| Name::here(id).into());
    let smooth: Vec<&'static Function> = FUNCTIONS.iter().collect();
    let leaf = prop_oneof![1 => number, 3 => name];
    leaf.prop_recursive(5, 40, 3, move |inner| {
        let operator = prop::sample::select(vec![
            Operator::Add,
            Operator::Subtract,
            Operator::Multiply,
            Operator::Divide,
        ]);
        let power = prop::sample::select(vec![-1.0, 2.0, 3.0, 0.5]);
        let function = prop::sample::select(smooth.clone());
        prop_oneof![
            6 => (operator, inner.clone(), inner.clone())
                .prop_map(|(operator, left, right)| left.binary(operator, right)),
            1 => (inner.clone(), power)
                .prop_map(|(base, power)| base.binary(Operator::Power, Expr::Number(power))),
            1 => (inner.clone(), inner.clone())
                .prop_map(|(base, exponent)| base.binary(Operator::Power, exponent)),
            1 => inner.clone().prop_map(|operand| Expr::Negate(Box::new(operand))),
            3 => (function, inner.clone(), inner.clone()).prop_map(|(function, u, v)| {
                Expr::Call(function, [u, v].into_iter().take(function.arity).collect())
            }),
            1 => (inner.clone(), inner.clone(), inner.clone(), inner).prop_map(
                |(left, right, then, otherwise)| {
                    let comparison = Comparison::Less;
                    Expr::If(Box::new(Choice { left, comparison, right, then, otherwise }))
                }
            ),
        ]
    })
}

fn point() -> impl Strategy<Value = Point> {
    [0.3..2.0, -1.5..1.5, 0.1..3.0]
}

/// Whether a remainder by a small number makes a saw whose teeth no difference can see.
fn has_fine_teeth(tree: &Expr, point: Point) -> bool {
    let divisor = match tree {
        Expr::Call(function, arguments) if function.name == "mod" => arguments.get(1),
        _ => None,
    };
    let is_fine = |divisor: &Expr| value(divisor, point).is_none_or(|size| size.abs() < 0.01);
    divisor.is_some_and(is_fine)
        || operands(tree).into_iter().any(|operand| has_fine_teeth(operand, point))
}

/// Central differences with two widths; none where they disagree, as near a kink or a pole.
fn central_difference(tree: &Expr, point: Point) -> Option<f64> {
    let slope = |h: f64| {
        let [mut left, mut right] = [point; 2];
        left[0] -= h;
        right[0] += h;
        Some((value(tree, right)? - value(tree, left)?) / (2.0 * h))
    };
    let (wide, narrow) = (slope(1e-4)?, slope(5e-5)?);
    let fair =
        value(tree, point)?.abs() < 1e3 && narrow.abs() < 1e3 && !has_fine_teeth(tree, point);
    (fair && (wide - narrow).abs() < 1e-6 * narrow.abs().max(1.0)).then_some(narrow)
}

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(1.0)
}

/// Whether the value hangs on no rounding: with every name a little off, each by itself, it stays.
/// At a jump, as that of mod(r + q - r, q), it does not.
fn is_settled(tree: &Expr, point: Point, value_there: f64) -> bool {
    [1e-12, -1e-12].into_iter().all(|off| {
        let mut sign = 1.0;
        let nudged = tree.substitute(&mut |name: &Name| {
            sign = -sign;
            let factor = Expr::Number(1.0 + sign * off);
            Ok::<_, ()>(Expr::Name(name.clone()).binary(Operator::Multiply, factor))
        });
        nudged
            .ok()
            .and_then(|tree| value(&tree, point))
            .is_some_and(|one| close(one, value_there, 1e-7))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(3000)))]

    #[test]
    fn symbolic_backward_and_numeric_derivatives_agree(tree in tree(), point in point()) {
        // Where there is no value there is no derivative; where a branch hangs on a rounding, simplified
        // formulas may take the other one.
        if !value(&tree, point).is_some_and(|there| is_settled(&tree, point, there)) {
            return Ok(());
        }
        let p = Name::here("p");
        let symbolic = differentiate(&tree, &|name: &Name| *name == p);
        let backward = Circuit::new(&tree).derivative(&p);
        let found = value(&symbolic, point);
        if let Some(found) = found.filter(|found| found.abs() < 1e6)
            && let Some(backward_value) = value(&backward, point)
        {
            prop_assert!(close(backward_value, found, 1e-6), "{tree}: {symbolic} {backward}");
        }
        if let Some(expected) = central_difference(&tree, point) {
            // At the edge of a domain (0^0, a power of a negative number) there may be none.
            if let Some(found) = found {
                prop_assert!(close(found, expected, 1e-4), "{tree}: {symbolic} {found} {expected}");
            }
        }
    }

    #[test]
    fn simplifying_keeps_the_value(tree in tree(), point in point()) {
        let simple = simplify(&tree);
        if let (Some(before), Some(after)) = (value(&tree, point), value(&simple, point))
            && before.abs() < 1e6
            && is_settled(&tree, point, before)
        {
            // Terms much larger than the result lose digits to the order in which they are added.
            prop_assert!(close(after, before, 1e-6), "{tree} {simple}: {before} {after}");
        }
    }

    #[test]
    fn what_is_simplified_reads_back(tree in tree()) {
        let text = simplify(&tree).to_string();
        let read = parse(&text).map(|tree| tree.to_string());
        prop_assert_eq!(read, Ok(text));
    }
}

/// Where a function has a slope, the table's derivative is that slope.
#[test]
fn every_function_has_its_derivative() {
    for function in FUNCTIONS.iter().filter(|function| function.arity > 0) {
        for point in [[0.3, 0.7, 0.0], [1.7, -0.6, 0.0], [0.9, 2.2, 0.0]] {
            let arguments = ["p", "q"][..function.arity].join(", ");
            let tree = parse(&format!("{}({arguments})", function.name)).unwrap();
            let Some(expected) = central_difference(&tree, point) else { continue };
            let derivative = differentiate(&tree, &|name: &Name| name.id == "p");
            let found = value(&derivative, point).unwrap();
            assert!(close(found, expected, 1e-6), "{tree} at {point:?}: {found} {expected}");
        }
    }
}

/// A root beside a power of the same thing whose exponent is no number.
#[test]
fn roots_beside_powers_keep_both() {
    for text in ["p^sqrt(p)", "p^q*sqrt(p)", "p^q*sqrt(p)^2", "p^q*sqrt(p)^3/p"] {
        let tree = parse(text).unwrap();
        for point in [[0.3, 0.7, 0.0], [1.7, 2.6, 0.0]] {
            let expected = central_difference(&tree, point).unwrap();
            let derivative = differentiate(&tree, &|name: &Name| name.id == "p");
            let found = value(&derivative, point).unwrap();
            assert!(close(found, expected, 1e-6), "{tree}: {derivative} {found} {expected}");
        }
    }
}
