//! Writing a derivative as a person would: `2*x*y` instead of `2*x^(2-1)*1*y + 0`.
//!
//! Only derivatives come here, never definitions: simplifying may regroup, and so change the last
//! digit. A product is taken apart into a coefficient and powers, a sum into terms with
//! coefficients; equal ones are put together, and the rest is written in the order in which it came.

use super::differentiate::decided;
use super::{Choice, Expr, Operator};

/// `expr` written more simply, with the same value wherever both have one.
pub fn simplify<N: Clone + PartialEq>(expr: &Expr<N>) -> Expr<N> {
    match expr {
        Expr::Number(_) | Expr::Name(_) => expr.clone(),
        Expr::Negate(_) | Expr::Binary(Operator::Add | Operator::Subtract, ..) => {
            let mut sum = Sum { terms: Vec::new() };
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

/// A call of numbers whose value is a whole number becomes that number: `cos(0)`, `sqrt(4)`.
fn constant<N: Clone + PartialEq>(call: Expr<N>) -> Expr<N> {
    let Expr::Call(function, arguments) = &call else { return call };
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
struct Sum<N> {
    terms: Vec<(f64, Expr<N>)>,
}

impl<N: Clone + PartialEq> Sum<N> {
    /// Adds `coefficient` times `expr`.
    fn add(&mut self, expr: &Expr<N>, coefficient: f64) {
        match expr {
            Expr::Number(number) => self.add_term(coefficient * number, Expr::Number(1.0)),
            Expr::Negate(operand) => self.add(operand, -coefficient),
            Expr::Binary(Operator::Add, left, right) => {
                self.add(left, coefficient);
                self.add(right, coefficient);
            }
            Expr::Binary(Operator::Subtract, left, right) => {
                self.add(left, coefficient);
                self.add(right, -coefficient);
            }
            other => self.add_simplified(simplify(other), coefficient),
        }
    }

    /// Adds what has become simple: perhaps a sum again, or a product with a coefficient.
    fn add_simplified(&mut self, simple: Expr<N>, coefficient: f64) {
        match &simple {
            Expr::Number(_)
            | Expr::Negate(_)
            | Expr::Binary(Operator::Add | Operator::Subtract, ..) => {
                self.add(&simple, coefficient);
            }
            Expr::Binary(Operator::Multiply | Operator::Divide, ..) => {
                let mut product = Product::new();
                product.multiply(&simple, 1.0);
                let own = std::mem::replace(&mut product.above, 1.0);
                self.add_term(coefficient * own, product.write());
            }
            _ => self.add_term(coefficient, simple),
        }
    }

    fn add_term(&mut self, coefficient: f64, term: Expr<N>) {
        match self.terms.iter_mut().find(|(_, known)| *known == term) {
            Some((sum, _)) => *sum += coefficient,
            None => self.terms.push((coefficient, term)),
        }
    }

    /// The sum; the constant stands last, a leading minus is avoided where another term can lead.
    fn write(self) -> Expr<N> {
        let one = Expr::Number(1.0);
        let (constants, mut terms): (Vec<_>, Vec<_>) =
            self.terms.into_iter().filter(|(c, _)| *c != 0.0).partition(|(_, t)| *t == one);
        terms.extend(constants);
        if let Some(positive) = terms.iter().position(|(coefficient, _)| *coefficient > 0.0) {
            terms[..=positive].rotate_right(1);
        }
        let mut terms = terms.into_iter();
        let Some((coefficient, term)) = terms.next() else { return Expr::Number(0.0) };
        let first = times(coefficient, term);
        terms.fold(first, |sum, (coefficient, term)| {
            let operator = if coefficient < 0.0 { Operator::Subtract } else { Operator::Add };
            sum.binary(operator, times(coefficient.abs(), term))
        })
    }
}

/// `coefficient` times `term`, put into the term where it is a product.
fn times<N: Clone + PartialEq>(coefficient: f64, term: Expr<N>) -> Expr<N> {
    let mut product = Product::new();
    product.above = coefficient;
    product.multiply(&term, 1.0);
    product.write()
}

/// A coefficient, as a fraction, times powers of bases.
struct Product<N> {
    above: f64,
    below: f64,
    powers: Vec<(Expr<N>, Expr<N>)>,
}

impl<N: Clone + PartialEq> Product<N> {
    fn new() -> Self {
        Product { above: 1.0, below: 1.0, powers: Vec::new() }
    }

    /// Multiplies by `expr` to the power `sign`, 1 or −1.
    fn multiply(&mut self, expr: &Expr<N>, sign: f64) {
        match expr {
            Expr::Number(number) if sign > 0.0 => self.above *= number,
            Expr::Number(number) => self.below *= number,
            Expr::Negate(operand) => {
                self.above = -self.above;
                self.multiply(operand, sign);
            }
            Expr::Binary(Operator::Multiply, left, right) => {
                self.multiply(left, sign);
                self.multiply(right, sign);
            }
            Expr::Binary(Operator::Divide, left, right) => {
                self.multiply(left, sign);
                self.multiply(right, -sign);
            }
            Expr::Binary(Operator::Power, base, exponent) => {
                self.multiply_power(&simplify(base), &simplify(exponent), sign);
            }
            Expr::Name(_) => self.add_power(expr.clone(), Expr::Number(sign)),
            other => match simplify(other) {
                simple if is_product(&simple) => self.multiply(&simple, sign),
                simple => self.add_power(simple, Expr::Number(sign)),
            },
        }
    }

    fn multiply_power(&mut self, base: &Expr<N>, exponent: &Expr<N>, sign: f64) {
        match (base, exponent) {
            (_, Expr::Number(exponent)) if *exponent == 1.0 => self.multiply(base, sign),
            (Expr::Number(base), Expr::Number(exponent))
                if whole_power(*base, *exponent).is_some() =>
            {
                let power = whole_power(*base, *exponent).unwrap_or(1.0);
                self.multiply(&Expr::Number(power), sign);
            }
            (Expr::Binary(Operator::Power, inner, times), Expr::Number(outer)) => {
                // (u^2)^3 is u^6; with a fraction, as in (u^2)^0.5, it would not be.
                match &**times {
                    Expr::Number(times) if outer.fract() == 0.0 && times.fract() == 0.0 => {
                        self.add_power((**inner).clone(), Expr::Number(outer * times * sign));
                    }
                    _ => self.add_power(base.clone(), Expr::Number(outer * sign)),
                }
            }
            (_, Expr::Number(exponent)) => {
                self.add_power(base.clone(), Expr::Number(exponent * sign));
            }
            (_, exponent) if sign > 0.0 => self.add_power(base.clone(), exponent.clone()),
            (_, exponent) => {
                self.add_power(base.clone(), simplify(&Expr::Negate(Box::new(exponent.clone()))));
            }
        }
    }

    fn add_power(&mut self, base: Expr<N>, exponent: Expr<N>) {
        let known = self
            .powers
            .iter_mut()
            .find(|(known, old)| *known == base && (is_number(old) == is_number(&exponent)));
        match known {
            Some((_, sum)) => *sum = simplify(&sum.clone().binary(Operator::Add, exponent)),
            None => self.powers.push((base, exponent)),
        }
    }

    /// The product: coefficient, bases with positive exponents, below a bar those with negative.
    fn write(mut self) -> Expr<N> {
        self.reduce();
        if self.above == 0.0 {
            return Expr::Number(0.0);
        }
        let negative = self.above < 0.0;
        self.powers.sort_by_key(|(base, _)| rank(base));
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for (base, exponent) in self.powers {
            match exponent {
                Expr::Number(0.0) => {}
                Expr::Number(exponent) if exponent < 0.0 => below.push(raised(base, -exponent)),
                Expr::Number(exponent) => above.push(raised(base, exponent)),
                exponent => above.push(base.binary(Operator::Power, exponent)),
            }
        }
        let above = chained(self.above.abs(), above);
        let product = match (self.below == 1.0, below.is_empty()) {
            (true, true) => above,
            _ => above.binary(Operator::Divide, chained(self.below, below)),
        };
        if negative { negated(product) } else { product }
    }

    /// Reduces the coefficient: 4/6 to 2/3; what is not a fraction of whole numbers is divided.
    fn reduce(&mut self) {
        if self.below < 0.0 {
            (self.above, self.below) = (-self.above, -self.below);
        }
        let whole = |number: f64| number.fract() == 0.0 && number.abs() < 1e9;
        if whole(self.above) && whole(self.below) {
            let divisor = greatest_common_divisor(self.above.abs(), self.below);
            if divisor > 0.0 {
                (self.above, self.below) = (self.above / divisor, self.below / divisor);
            }
        } else if self.below != 0.0 {
            (self.above, self.below) = (self.above / self.below, 1.0);
        }
    }
}

fn greatest_common_divisor(a: f64, b: f64) -> f64 {
    if b == 0.0 { a } else { greatest_common_divisor(b, a % b) }
}

/// A power of two whole numbers, where it is a small whole number itself.
fn whole_power(base: f64, exponent: f64) -> Option<f64> {
    let whole = base.fract() == 0.0 && exponent.fract() == 0.0 && (0.0..=16.0).contains(&exponent);
    let power = base.powi(exponent as i32);
    (whole && (base != 0.0 || exponent > 0.0) && power.abs() < 1e9).then_some(power)
}

fn raised<N>(base: Expr<N>, exponent: f64) -> Expr<N> {
    if exponent == 1.0 { base } else { base.binary(Operator::Power, Expr::Number(exponent)) }
}

/// The factors, led by the coefficient unless it is 1.
fn chained<N>(coefficient: f64, factors: Vec<Expr<N>>) -> Expr<N> {
    let mut factors = factors.into_iter();
    let first = match factors.next() {
        Some(first) if coefficient == 1.0 => first,
        Some(first) => Expr::Number(coefficient).binary(Operator::Multiply, first),
        None => Expr::Number(coefficient),
    };
    factors.fold(first, |product, factor| product.binary(Operator::Multiply, factor))
}

/// The product under a minus, which goes to its first factor: `-2*x`.
fn negated<N: Clone>(product: Expr<N>) -> Expr<N> {
    match product {
        Expr::Number(number) => Expr::Number(-number),
        Expr::Binary(operator @ (Operator::Multiply | Operator::Divide), left, right) => {
            negated(*left).binary(operator, *right)
        }
        other => Expr::Negate(Box::new(other)),
    }
}

fn is_product<N>(expr: &Expr<N>) -> bool {
    matches!(expr, Expr::Number(_) | Expr::Negate(_) | Expr::Name(_))
        || matches!(expr, Expr::Binary(Operator::Multiply | Operator::Divide | Operator::Power, ..))
}

/// The place of a factor in a product: names before calls before sums before choices.
fn rank<N>(base: &Expr<N>) -> u8 {
    match base {
        Expr::Number(_) | Expr::Name(_) => 0,
        Expr::Call(..) => 1,
        Expr::Negate(_) | Expr::Binary(..) => 2,
        Expr::If(_) => 3,
    }
}

fn is_number<N>(expr: &Expr<N>) -> bool {
    matches!(expr, Expr::Number(_))
}

#[cfg(test)]
mod tests {
    use crate::formula::{Name, differentiate, parse};

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
}
