//! Where a function has no derivative at a point, and what is taken for it there.
//!
//! The conventions are those of [`crate::formula::FUNCTIONS`]. Nobody should meet one unawares, so
//! a point that hits a kink or a jump gets a sentence.

use crate::formula::{Expr, Name, evaluate, operands};
use crate::value::{Value, number_text};

/// A sentence for every kink or jump of `formula`, as a function of `variables`, that the point
/// hits. Branches that are not taken do not count.
pub(super) fn kinks(
    formula: &Expr<Name>,
    variables: &[Name],
    look_up: &impl Fn(&Name) -> Value,
) -> Vec<String> {
    let mut found = Vec::new();
    visit(formula, variables, look_up, &mut found);
    found
}

fn visit(
    formula: &Expr<Name>,
    variables: &[Name],
    look_up: &impl Fn(&Name) -> Value,
    found: &mut Vec<String>,
) {
    let value = |part: &Expr<Name>| evaluate(part, look_up).get().ok();
    let sentence = match formula {
        Expr::Call(function, arguments) => {
            let values: Option<Vec<f64>> = arguments.iter().map(value).collect();
            values.and_then(|values| at_call(function.name, arguments, &values))
        }
        Expr::If(choice) if value(&choice.left) == value(&choice.right) => {
            value(&choice.left).map(|_| {
                format!(
                    "`if({} {} {}, ...)` is at its border; the derivative is that of the branch \
                     that is taken",
                    choice.left,
                    choice.comparison.sign(),
                    choice.right
                )
            })
        }
        _ => None,
    };
    if let Some(sentence) =
        sentence.filter(|one| varies(formula, variables) && !found.contains(one))
    {
        found.push(sentence);
    }
    let parts = match formula {
        Expr::If(choice) => match (value(&choice.left), value(&choice.right)) {
            (Some(left), Some(right)) if choice.comparison.holds(left, right) => {
                vec![&choice.then]
            }
            (Some(_), Some(_)) => vec![&choice.otherwise],
            _ => vec![],
        },
        other => operands(other),
    };
    parts.into_iter().for_each(|part| visit(part, variables, look_up, found));
}

/// Whether the arguments of a call, or the sides of a comparison, depend on a variable.
fn varies(formula: &Expr<Name>, variables: &[Name]) -> bool {
    let decisive = if matches!(formula, Expr::If(_)) { 2 } else { usize::MAX };
    let mut parts = operands(formula).into_iter().take(decisive);
    parts.any(|part| part.has_name(|name| variables.contains(name)))
}

/// What is to be said of a call of `name` with these `arguments`, which have these `values`.
fn at_call(name: &str, arguments: &[Expr<Name>], values: &[f64]) -> Option<String> {
    let call = || {
        let arguments: Vec<String> = arguments.iter().map(Expr::to_string).collect();
        format!("`{name}({})`", arguments.join(", "))
    };
    match (name, values) {
        ("abs" | "relu", [0.0]) => Some(format!(
            "{} has a kink where {} = 0; its derivative there is taken as 0",
            call(),
            arguments[0]
        )),
        ("sign", [0.0]) => Some(format!(
            "{} jumps where {} = 0; its derivative there is taken as 0",
            call(),
            arguments[0]
        )),
        ("floor", [u]) if u.fract() == 0.0 => Some(format!(
            "{} jumps where {} = {}; its derivative there is taken as 0",
            call(),
            arguments[0],
            number_text(*u)
        )),
        ("mod", [u, v]) if (u / v).fract() == 0.0 => {
            Some(format!("{} jumps at the point; its derivative is that above the jump", call()))
        }
        ("min" | "max", [u, v]) if u == v => Some(format!(
            "{} has a kink where its arguments are equal; its derivative is that of the first one",
            call()
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse;

    #[test]
    fn a_point_on_a_kink_is_told() {
        let at_zero = |formula: &str| {
            let formula = parse(formula).unwrap();
            kinks(&formula, &[Name::here("x")], &|_: &Name| Value::ZERO)
        };
        for (formula, expected) in [
            ("abs(x)", "`abs(x)` has a kink where x = 0; its derivative there is taken as 0"),
            (
                "1 + relu(2*x)",
                "`relu(2*x)` has a kink where 2*x = 0; its derivative there is taken as 0",
            ),
            ("sign(x)", "`sign(x)` jumps where x = 0; its derivative there is taken as 0"),
            (
                "floor(x + 2)",
                "`floor(x + 2)` jumps where x + 2 = 2; its derivative there is taken as 0",
            ),
            ("mod(x, 3)", "`mod(x, 3)` jumps at the point; its derivative is that above the jump"),
            (
                "max(0, x)",
                "`max(0, x)` has a kink where its arguments are equal; its derivative is that of the first one",
            ),
            (
                "if(x > 0, x^2, -x)",
                "`if(x > 0, ...)` is at its border; the derivative is that of the branch that is taken",
            ),
        ] {
            assert_eq!(at_zero(formula), [expected], "{formula}");
        }
        for smooth in
            ["x^2", "abs(x + 1)", "abs(a)", "if(x < 1, 2*x, abs(x))", "ln(abs(x) + x - x)"]
        {
            let expected = usize::from(smooth.starts_with("ln"));
            assert_eq!(at_zero(smooth).len(), expected, "{smooth}");
        }
    }
}
