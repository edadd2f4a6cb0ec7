//! Products as a person writes them: the coefficient first, equal factors as a power, what has a
//! negative exponent below the bar.

use super::simplify::{Sum, simplify};
use super::{Expr, Operator};

/// A coefficient, as a fraction, times powers of bases.
pub(super) struct Product<N> {
    above: f64,
    below: f64,
    powers: Vec<(Expr<N>, Expr<N>)>,
}

impl<N: Clone + PartialEq> Product<N> {
    pub(super) fn new() -> Self {
        Product { above: 1.0, below: 1.0, powers: Vec::new() }
    }

    /// Multiplies by `expr` to the power `sign`, 1 or −1; `expr` is simplified on the way.
    pub(super) fn multiply(&mut self, expr: &Expr<N>, sign: f64) {
        match expr {
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
            other => self.multiply_simple(&simplify(other), sign),
        }
    }

    /// Multiplies by what is simple.
    pub(super) fn multiply_simple(&mut self, simple: &Expr<N>, sign: f64) {
        match simple {
            Expr::Number(number) if sign > 0.0 => self.above *= number,
            Expr::Number(number) => self.below *= number,
            Expr::Negate(operand) => {
                self.above = -self.above;
                self.multiply_simple(operand, sign);
            }
            Expr::Binary(Operator::Multiply, left, right) => {
                self.multiply_simple(left, sign);
                self.multiply_simple(right, sign);
            }
            Expr::Binary(Operator::Divide, left, right) => {
                self.multiply_simple(left, sign);
                self.multiply_simple(right, -sign);
            }
            Expr::Binary(Operator::Power, base, exponent) => {
                self.multiply_power(base, exponent, sign);
            }
            other => self.add_power(other.clone(), Expr::Number(sign)),
        }
    }

    /// Multiplies by a power of what is simple.
    fn multiply_power(&mut self, base: &Expr<N>, exponent: &Expr<N>, sign: f64) {
        match (base, exponent) {
            (_, Expr::Number(exponent)) if *exponent == 1.0 => self.multiply_simple(base, sign),
            (Expr::Number(base), Expr::Number(exponent))
                if whole_power(*base, *exponent).is_some() =>
            {
                let power = whole_power(*base, *exponent).unwrap_or(1.0);
                self.multiply_simple(&Expr::Number(power), sign);
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
            (_, Expr::Number(exponent)) => self.multiply_whole(base, *exponent, sign),
            (_, exponent) if sign > 0.0 => self.add_power(base.clone(), exponent.clone()),
            (_, exponent) => self.add_power(base.clone(), total(&[(exponent, -1.0)])),
        }
    }

    /// Multiplies by a power of what is simple; a whole power of a product, as (2·x)^2, is a
    /// product of powers.
    fn multiply_whole(&mut self, base: &Expr<N>, exponent: f64, sign: f64) {
        let is_product = matches!(
            base,
            Expr::Binary(Operator::Multiply | Operator::Divide, ..) | Expr::Negate(_)
        );
        if !is_product || exponent.fract() != 0.0 || !(1.0..=16.0).contains(&exponent.abs()) {
            return self.add_power(base.clone(), Expr::Number(exponent * sign));
        }
        let mut inside = Product::new();
        inside.multiply_simple(base, 1.0);
        let times = exponent.abs() as i32;
        let (above, below) = (inside.above.powi(times), inside.below.powi(times));
        let sign = if exponent < 0.0 { -sign } else { sign };
        self.multiply_simple(&Expr::Number(above), sign);
        self.multiply_simple(&Expr::Number(below), -sign);
        for (base, power) in inside.powers {
            let power = times_number(&power, exponent.abs() * sign);
            self.add_power(base, power);
        }
    }

    fn add_power(&mut self, base: Expr<N>, exponent: Expr<N>) {
        match self.powers.iter_mut().find(|(known, _)| *known == base) {
            Some((_, sum)) => *sum = total(&[(sum, 1.0), (&exponent, 1.0)]),
            None => self.powers.push((base, exponent)),
        }
    }

    /// The coefficient where it is whole; it is 1 afterwards.
    pub(super) fn take_coefficient(&mut self) -> f64 {
        std::mem::replace(&mut self.above, 1.0)
    }

    /// The product: coefficient, bases with positive exponents, below a bar those with negative.
    pub(super) fn write(mut self) -> Expr<N> {
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

/// The sum of simple things with coefficients.
fn total<N: Clone + PartialEq>(parts: &[(&Expr<N>, f64)]) -> Expr<N> {
    let mut sum = Sum::new();
    parts.iter().for_each(|(part, coefficient)| sum.add_simple(part, *coefficient));
    sum.write()
}

fn times_number<N: Clone + PartialEq>(simple: &Expr<N>, number: f64) -> Expr<N> {
    total(&[(simple, number)])
}

/// `coefficient` times `term`, which is simple, put into the term where it is a product.
pub(super) fn times<N: Clone + PartialEq>(coefficient: f64, term: &Expr<N>) -> Expr<N> {
    let mut product = Product::new();
    product.above = coefficient;
    product.multiply_simple(term, 1.0);
    product.write()
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

/// The place of a factor in a product: names before calls before sums before choices.
fn rank<N>(base: &Expr<N>) -> u8 {
    match base {
        Expr::Number(_) | Expr::Name(_) => 0,
        Expr::Call(..) => 1,
        Expr::Negate(_) | Expr::Binary(..) => 2,
        Expr::If(_) => 3,
    }
}
