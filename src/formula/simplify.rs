//! Writing a derivative as a person would: `2*x*y` instead of `2*x^(2-1)*1*y + 0`.
//!
//! Only derivatives come here, never definitions: simplifying may regroup, and so change the last
//! digit. A product is taken apart into a coefficient and powers, a sum into terms with
//! coefficients; equal ones are put together, and the rest is written in the order in which it
//! came. Every part is simplified once, from the inside out: what is simple already is only taken
//! apart again, so the time does not double with every level of nesting.

use super::common::combined;
use super::product::Product;
use super::ratio::Ratio;
use super::{Choice, Comparison, Expr, Operator};

/// `expr` written more simply, with the same value wherever both have one.
pub fn simplify<N: Clone + PartialEq>(expr: &Expr<N>) -> Expr<N> {
    match expr {
        Expr::Number(_) | Expr::Name(_) => expr.clone(),
        Expr::Negate(_) | Expr::Binary(Operator::Add | Operator::Subtract, ..) => {
            let mut sum = Sum::new();
            sum.add(expr, Ratio::ONE);
            sum.write()
        }
        Expr::Binary(..) => {
            let mut product = Product::new(Ratio::ONE);
            product.multiply(expr, Ratio::ONE);
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

/// Terms, each a product with its coefficient; a constant is a product of nothing.
pub(super) struct Sum<N> {
    pub(super) terms: Vec<Product<N>>,
}

impl<N: Clone + PartialEq> Sum<N> {
    pub(super) fn new() -> Self {
        Sum { terms: Vec::new() }
    }

    /// Adds `coefficient` times `expr`, which is simplified on the way.
    fn add(&mut self, expr: &Expr<N>, coefficient: Ratio) {
        match expr {
            Expr::Negate(operand) => self.add(operand, coefficient * Ratio::MINUS_ONE),
            Expr::Binary(Operator::Add, left, right) => {
                self.add(left, coefficient);
                self.add(right, coefficient);
            }
            Expr::Binary(Operator::Subtract, left, right) => {
                self.add(left, coefficient);
                self.add(right, coefficient * Ratio::MINUS_ONE);
            }
            other => self.add_simple(&simplify(other), coefficient),
        }
    }

    /// Adds `coefficient` times what is simple: a sum again, or a product.
    pub(super) fn add_simple(&mut self, simple: &Expr<N>, coefficient: Ratio) {
        match simple {
            Expr::Negate(operand) => self.add_simple(operand, coefficient * Ratio::MINUS_ONE),
            Expr::Binary(Operator::Add, left, right) => {
                self.add_simple(left, coefficient);
                self.add_simple(right, coefficient);
            }
            Expr::Binary(Operator::Subtract, left, right) => {
                self.add_simple(left, coefficient);
                self.add_simple(right, coefficient * Ratio::MINUS_ONE);
            }
            other => {
                let mut product = Product::new(coefficient);
                product.multiply_simple(other, Ratio::ONE);
                self.add_term(product);
            }
        }
    }

    pub(super) fn add_term(&mut self, mut term: Product<N>) {
        term.tidy();
        match self.terms.iter_mut().find(|known| known.has_powers_of(&term)) {
            Some(known) => known.coefficient = known.coefficient + term.coefficient,
            None => self.terms.push(term),
        }
    }

    /// The sum, with what all terms have in common before it where that is shorter.
    pub(super) fn write(mut self) -> Expr<N> {
        self.terms.retain(|term| term.coefficient.above() != 0.0);
        let combined = combined(&self.terms);
        let plain = self.write_plainly();
        match combined {
            Some(combined) if combined.size() < plain.size() => combined,
            _ => plain,
        }
    }

    /// The sum; the constant stands last, a leading minus is avoided where another term can lead.
    pub(super) fn write_plainly(self) -> Expr<N> {
        let used = self.terms.into_iter().filter(|term| term.coefficient.above() != 0.0);
        let (constants, mut terms): (Vec<_>, Vec<_>) = used.partition(|term| term.is_constant());
        terms.extend(constants);
        if let Some(positive) = terms.iter().position(|term| !term.coefficient.is_negative()) {
            terms[..=positive].rotate_right(1);
        }
        let mut terms = terms.into_iter();
        let Some(first) = terms.next() else { return Expr::Number(0.0) };
        terms.fold(first.write(), |sum, mut term| {
            let operator = match term.coefficient.is_negative() {
                true => Operator::Subtract,
                false => Operator::Add,
            };
            if operator == Operator::Subtract {
                term.coefficient = term.coefficient * Ratio::MINUS_ONE;
            }
            sum.binary(operator, term.write())
        })
    }
}

/// Whether two numbers compare as `comparison` says, for constant conditions.
fn decided(
    left: &Expr<impl Sized>,
    comparison: Comparison,
    right: &Expr<impl Sized>,
) -> Option<bool> {
    match (left, right) {
        (Expr::Number(left), Expr::Number(right)) => Some(comparison.holds(*left, *right)),
        _ => None,
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
            ("sin(x)^2", "x", "2*sin(x)*cos(x)"),
            ("sin(x)*cos(x)", "x", "cos(x)^2 - sin(x)^2"),
            ("x*exp(x)", "x", "exp(x)*(x + 1)"),
            ("x^2*exp(-x)", "x", "x*exp(-x)*(2 - x)"),
            ("exp(-x^2/2)", "x", "-x*exp(-x^2/2)"),
            ("x/(1 + x^2)", "x", "(1 - x^2)/(x^2 + 1)^2"),
            ("(x + 1)/(x - 1)", "x", "-2/(x - 1)^2"),
            ("ln(x)/x", "x", "(1 - ln(x))/x^2"),
            ("x^x", "x", "x^x*(ln(x) + 1)"),
            ("e^x", "x", "e^x"),
            ("pi*x^2", "x", "2*pi*x"),
            ("x^(1/3)", "x", "1/(3*x^(2/3))"),
            ("x*sqrt(x)", "x", "3*sqrt(x)/2"),
            ("sqrt(x^2 + 1)", "x", "x/sqrt(x^2 + 1)"),
            ("relu(x)^2", "x", "2*relu(x)*if(x > 0, 1, 0)"),
            ("-ln(sigmoid(x))", "x", "sigmoid(x) - 1"),
            ("sigmoid(x)*(1 - sigmoid(x))", "x", "sigmoid(x)*(1 - sigmoid(x))*(1 - 2*sigmoid(x))"),
            ("tanh(x)^2", "x", "2*tanh(x)*(1 - tanh(x)^2)"),
            ("(2*x + 1)^5", "x", "10*(2*x + 1)^4"),
            ("x - x^3/6", "x", "1 - x^2/2"),
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
