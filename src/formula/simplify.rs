//! Writing a derivative as a person would: `2*x*y` instead of `2*x^(2-1)*1*y + 0`.
//!
//! Only derivatives come here, never definitions: simplifying may regroup, and so change the last
//! digit. A product is taken apart into a coefficient and powers, a sum into terms with
//! coefficients; equal ones are put together, and the rest is written in the order in which it
//! came. Every part is simplified once, from the inside out: what is simple already is only taken
//! apart again, so the time does not double with every level of nesting.

use super::differentiate::decided;
use super::product::{Product, times};
use super::{Choice, Expr, Operator};

/// `expr` written more simply, with the same value wherever both have one.
pub fn simplify<N: Clone + PartialEq>(expr: &Expr<N>) -> Expr<N> {
    match expr {
        Expr::Number(_) | Expr::Name(_) => expr.clone(),
        Expr::Negate(_) | Expr::Binary(Operator::Add | Operator::Subtract, ..) => {
            let mut sum = Sum::new();
            sum.add(expr, 1.0);
            sum.write()
        }
        Expr::Binary(..) => {
            let mut product = Product::new();
            product.multiply(expr, 1.0);
            product.write()
        }
        Expr::Call(function, arguments) => {
            constant(Expr::Call(function, arguments.iter().map(simplify).collect()))
        }
        Expr::If(choice) => simplify_choice(choice),
    }
}

fn simplify_choice<N: Clone + PartialEq>(choice: &Choice<N>) -> Expr<N> {
    let choice = Choice {
        left: simplify(&choice.left),
        comparison: choice.comparison,
        right: simplify(&choice.right),
        then: simplify(&choice.then),
        otherwise: simplify(&choice.otherwise),
    };
    match decided(&choice.left, choice.comparison, &choice.right) {
        Some(true) => choice.then,
        Some(false) => choice.otherwise,
        None if choice.then == choice.otherwise => choice.then,
        None => Expr::If(Box::new(choice)),
    }
}

/// A call of numbers whose value is a whole number becomes that number: `cos(0)`, `sqrt(4)`; the
/// logarithm of e is 1, and a logarithm undoes an exponential.
fn constant<N: Clone + PartialEq>(call: Expr<N>) -> Expr<N> {
    let Expr::Call(function, arguments) = &call else { return call };
    if let ("ln", [Expr::Call(inner, inside)]) = (function.name, &arguments[..]) {
        match (inner.name, &inside[..]) {
            ("e", []) => return Expr::Number(1.0),
            ("exp", [exponent]) => return exponent.clone(),
            _ => {}
        }
    }
    let numbers = arguments.iter().map(|argument| match argument {
        Expr::Number(number) => Some(*number),
        _ => None,
    });
    let Some(numbers) = numbers.collect::<Option<Vec<f64>>>() else { return call };
    match (function.value)(&numbers).get() {
        Ok(value) if value == value.trunc() && function.arity > 0 => Expr::Number(value),
        _ => call,
    }
}

/// Terms with their coefficients; a constant is the term 1.
pub(super) struct Sum<N> {
    terms: Vec<(f64, Expr<N>)>,
}

impl<N: Clone + PartialEq> Sum<N> {
    pub(super) fn new() -> Self {
        Sum { terms: Vec::new() }
    }

    /// Adds `coefficient` times `expr`, which is simplified on the way.
    fn add(&mut self, expr: &Expr<N>, coefficient: f64) {
        match expr {
            Expr::Negate(operand) => self.add(operand, -coefficient),
            Expr::Binary(Operator::Add, left, right) => {
                self.add(left, coefficient);
                self.add(right, coefficient);
            }
            Expr::Binary(Operator::Subtract, left, right) => {
                self.add(left, coefficient);
                self.add(right, -coefficient);
            }
            other => self.add_simple(&simplify(other), coefficient),
        }
    }

    /// Adds `coefficient` times what is simple: a sum again, a product with a coefficient, or a
    /// single thing.
    pub(super) fn add_simple(&mut self, simple: &Expr<N>, coefficient: f64) {
        match simple {
            Expr::Number(number) => self.add_term(coefficient * number, Expr::Number(1.0)),
            Expr::Negate(operand) => self.add_simple(operand, -coefficient),
            Expr::Binary(Operator::Add, left, right) => {
                self.add_simple(left, coefficient);
                self.add_simple(right, coefficient);
            }
            Expr::Binary(Operator::Subtract, left, right) => {
                self.add_simple(left, coefficient);
                self.add_simple(right, -coefficient);
            }
            Expr::Binary(Operator::Multiply | Operator::Divide, ..) => {
                let mut product = Product::new();
                product.multiply_simple(simple, 1.0);
                let own = product.take_coefficient();
                self.add_term(coefficient * own, product.write());
            }
            _ => self.add_term(coefficient, simple.clone()),
        }
    }

    fn add_term(&mut self, coefficient: f64, term: Expr<N>) {
        match self.terms.iter_mut().find(|(_, known)| *known == term) {
            Some((sum, _)) => *sum += coefficient,
            None => self.terms.push((coefficient, term)),
        }
    }

    /// The sum; the constant stands last, a leading minus is avoided where another term can lead.
    pub(super) fn write(self) -> Expr<N> {
        let one = Expr::Number(1.0);
        let (constants, mut terms): (Vec<_>, Vec<_>) =
            self.terms.into_iter().filter(|(c, _)| *c != 0.0).partition(|(_, t)| *t == one);
        terms.extend(constants);
        if let Some(positive) = terms.iter().position(|(coefficient, _)| *coefficient > 0.0) {
            terms[..=positive].rotate_right(1);
        }
        let mut terms = terms.into_iter();
        let Some((coefficient, term)) = terms.next() else { return Expr::Number(0.0) };
        let first = times(coefficient, &term);
        terms.fold(first, |sum, (coefficient, term)| {
            let operator = if coefficient < 0.0 { Operator::Subtract } else { Operator::Add };
            sum.binary(operator, times(coefficient.abs(), &term))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::{Name, differentiate, parse, simplify};

    #[test]
    fn derivatives_are_written_as_a_person_would() {
        for (formula, by, expected) in [
            ("x^2*y", "x", "2*x*y"),
            ("x^2*y", "y", "x^2"),
            ("5*x + sin(y)", "x", "5"),
            ("5*x + sin(y)", "y", "cos(y)"),
            ("(a*x + b - y)^2", "b", "2*(a*x + b - y)"),
            ("(a*x + b - y)^2", "a", "2*x*(a*x + b - y)"),
            ("sqrt(x)", "x", "1/(2*sqrt(x))"),
            ("1/x", "x", "-1/x^2"),
            ("x^n", "x", "n*x^(n - 1)"),
            ("2^x", "x", "2^x*ln(2)"),
            ("exp(-x)", "x", "-exp(-x)"),
            ("ln(3*x)", "x", "1/x"),
            ("cos(2*x)", "x", "-2*sin(2*x)"),
            ("x*x*x", "x", "3*x^2"),
            ("3", "x", "0"),
            ("x - x", "x", "0"),
            ("tanh(x)", "x", "1 - tanh(x)^2"),
            ("relu(w*x)", "w", "x*if(w*x > 0, 1, 0)"),
            ("if(x > 0, x^2, -x)", "x", "if(x > 0, 2*x, -1)"),
        ] {
            let tree = parse(formula).unwrap();
            let derivative = differentiate(&tree, &|name: &Name| name.id == by);
            assert_eq!(derivative.to_string(), expected, "d({formula})/d{by}");
        }
    }

    #[test]
    fn nesting_does_not_double_the_time() {
        let deep = (0..60).fold("x".to_owned(), |inner, _| format!("x + sin({inner})"));
        let tree = parse(&deep).unwrap();
        assert_eq!(simplify(&tree), tree);
    }
}
