//! Products as a person writes them: the coefficient first, equal factors as a power, what has a
//! negative exponent below the bar.

use super::ratio::Ratio;
use super::simplify::{Sum, simplify};
use super::{Choice, Expr, Operator};

/// A coefficient times powers of bases. Bases and exponents are simple.
#[derive(Debug, Clone)]
pub(super) struct Product<N> {
    pub(super) coefficient: Ratio,
    pub(super) powers: Vec<(Expr<N>, Expr<N>)>,
}

impl<N: Clone + PartialEq> Product<N> {
    pub(super) fn new(coefficient: Ratio) -> Self {
        Product { coefficient, powers: Vec::new() }
    }

    pub(super) fn is_constant(&self) -> bool {
        self.powers.is_empty()
    }

    /// The exponent of `base`, where it is a factor.
    pub(super) fn exponent(&self, base: &Expr<N>) -> Option<&Expr<N>> {
        self.powers.iter().find(|(one, _)| one == base).map(|(_, exponent)| exponent)
    }

    /// Whether both have the same factors, in whatever order.
    pub(super) fn has_powers_of(&self, other: &Self) -> bool {
        // Most often they stand in the same order, which is quickly seen.
        let has = |(at, power): (usize, &(Expr<N>, Expr<N>))| {
            other.powers[at] == *power || other.powers.contains(power)
        };
        self.powers.len() == other.powers.len() && self.powers.iter().enumerate().all(has)
    }

    /// Multiplies by `expr` to the power `sign`, 1 or −1; `expr` is simplified on the way.
    pub(super) fn multiply(&mut self, expr: &Expr<N>, sign: Ratio) {
        match expr {
            Expr::Negate(operand) => {
                self.coefficient = self.coefficient * Ratio::MINUS_ONE;
                self.multiply(operand, sign);
            }
            Expr::Binary(Operator::Multiply, left, right) => {
                self.multiply(left, sign);
                self.multiply(right, sign);
            }
            Expr::Binary(Operator::Divide, left, right) => {
                self.multiply(left, sign);
                self.multiply(right, sign * Ratio::MINUS_ONE);
            }
            Expr::Binary(Operator::Power, base, exponent) => {
                self.multiply_power(&simplify(base), &simplify(exponent), sign);
            }
            other => self.multiply_simple(&simplify(other), sign),
        }
    }

    /// Multiplies by what is simple, to the power `sign`.
    pub(super) fn multiply_simple(&mut self, simple: &Expr<N>, sign: Ratio) {
        match simple {
            Expr::Number(number) if sign.is_negative() => {
                self.coefficient = self.coefficient * Ratio::new(1.0, *number);
            }
            Expr::Number(number) => self.coefficient = self.coefficient * Ratio::number(*number),
            Expr::Negate(operand) => {
                self.coefficient = self.coefficient * Ratio::MINUS_ONE;
                self.multiply_simple(operand, sign);
            }
            Expr::Binary(Operator::Multiply, left, right) => {
                self.multiply_simple(left, sign);
                self.multiply_simple(right, sign);
            }
            Expr::Binary(Operator::Divide, left, right) => {
                self.multiply_simple(left, sign);
                self.multiply_simple(right, sign * Ratio::MINUS_ONE);
            }
            Expr::Binary(Operator::Power, base, exponent) => {
                self.multiply_power(base, exponent, sign);
            }
            other => self.add_power(other.clone(), sign.write()),
        }
    }

    /// Multiplies by a power of what is simple, to the power `sign`.
    pub(super) fn multiply_power(&mut self, base: &Expr<N>, exponent: &Expr<N>, sign: Ratio) {
        let Some(ratio) = Ratio::of(exponent) else {
            let exponent = total(&[(exponent, sign)]);
            return self.add_power(base.clone(), exponent);
        };
        match (base, ratio.whole()) {
            (_, Some(1)) => self.multiply_simple(base, sign),
            (_, Some(-1)) => self.multiply_simple(base, sign * Ratio::MINUS_ONE),
            (Expr::Number(base), Some(whole)) if power_of_whole(*base, whole).is_some() => {
                let power = power_of_whole(*base, whole).unwrap_or(1.0);
                self.multiply_simple(&Expr::Number(power), sign);
            }
            (Expr::Binary(Operator::Power, inner, times), Some(_)) => match Ratio::of(times) {
                // (u^2)^3 is u^6; with a fraction, as in (u^2)^0.5, it would not be.
                Some(times) if times.whole().is_some() => {
                    self.add_power((**inner).clone(), (ratio * times * sign).write());
                }
                _ => self.add_power(base.clone(), (ratio * sign).write()),
            },
            (_, Some(whole @ (-16..=-1 | 1..=16))) if is_product(base) => {
                let mut inside = Product::new(Ratio::ONE);
                inside.multiply_simple(base, Ratio::ONE);
                inside.raise(whole * if sign.is_negative() { -1 } else { 1 });
                self.multiply_product(&inside);
            }
            _ => self.add_power(base.clone(), (ratio * sign).write()),
        }
    }

    /// Raises the whole product: (2·x)² is 4·x².
    fn raise(&mut self, exponent: i32) {
        self.coefficient = self.coefficient.power(exponent.abs());
        if exponent < 0 {
            self.coefficient = self.coefficient.inverse();
        }
        let times = Ratio::number(f64::from(exponent));
        for (_, power) in &mut self.powers {
            *power = total(&[(power, times)]);
        }
    }

    pub(super) fn multiply_product(&mut self, other: &Self) {
        self.coefficient = self.coefficient * other.coefficient;
        for (base, exponent) in &other.powers {
            self.add_power(base.clone(), exponent.clone());
        }
    }

    fn add_power(&mut self, base: Expr<N>, exponent: Expr<N>) {
        match self.powers.iter_mut().find(|(known, _)| *known == base) {
            Some((_, sum)) => {
                *sum = match (Ratio::of(sum), Ratio::of(&exponent)) {
                    (Some(one), Some(other)) => (one + other).write(),
                    _ => total(&[(sum, Ratio::ONE), (&exponent, Ratio::ONE)]),
                }
            }
            None => self.powers.push((base, exponent)),
        }
    }

    /// Puts roots together with what is under them, and leaves out what is raised to 0.
    pub(super) fn tidy(&mut self) {
        for at in 0..self.powers.len() {
            let (base, exponent) = &self.powers[at];
            let Some(times) = Ratio::of(exponent).and_then(Ratio::whole) else { continue };
            match base {
                Expr::Call(function, arguments) if function.name == "sqrt" => {
                    let argument = arguments[0].clone();
                    self.tidy_root(at, times, argument);
                }
                Expr::If(choice) if times > 1 => {
                    if let Some(power) = power_of_choice(choice, times) {
                        self.powers[at] = (power, Expr::Number(1.0));
                    }
                }
                _ => {}
            }
        }
        self.powers.retain(|(_, exponent)| *exponent != Expr::Number(0.0));
    }

    /// √u·√u is u, and u/√u is √u.
    fn tidy_root(&mut self, at: usize, times: i32, argument: Expr<N>) {
        let beside = self.exponent(&argument).and_then(Ratio::of).and_then(Ratio::whole);
        if times.abs() < 2 && beside.is_none() || beside.is_none() && times % 2 != 0 {
            return;
        }
        let halves = times + 2 * beside.unwrap_or(0);
        self.powers[at].1 = Expr::Number(f64::from(halves % 2));
        let whole = Expr::Number(f64::from(halves / 2));
        // Its exponent may be no number, as in u^x·√u·√u, and then it is added to.
        match self.powers.iter_mut().find(|(base, _)| *base == argument) {
            Some((_, exponent)) if beside.is_some() => *exponent = whole,
            _ => self.multiply_power(&argument, &whole, Ratio::ONE),
        }
    }

    /// The product: coefficient, bases with positive exponents, below a bar those with negative.
    pub(super) fn write(mut self) -> Expr<N> {
        self.tidy();
        if self.coefficient.above() == 0.0 {
            return Expr::Number(0.0);
        }
        let negative = self.coefficient.is_negative();
        self.powers.sort_by_key(|(base, _)| rank(base));
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for (base, exponent) in self.powers {
            match Ratio::of(&exponent) {
                Some(ratio) if ratio.is_negative() => {
                    below.push(raised(base, ratio * Ratio::MINUS_ONE));
                }
                Some(ratio) => above.push(raised(base, ratio)),
                None => above.push(base.binary(Operator::Power, exponent)),
            }
        }
        let above = chained(self.coefficient.above().abs(), above);
        let product = match (self.coefficient.below() == 1.0, below.is_empty()) {
            (true, true) => above,
            _ => above.binary(Operator::Divide, chained(self.coefficient.below(), below)),
        };
        if negative { negated(product) } else { product }
    }
}

/// The sum of simple things with coefficients.
fn total<N: Clone + PartialEq>(parts: &[(&Expr<N>, Ratio)]) -> Expr<N> {
    let mut sum = Sum::new();
    parts.iter().for_each(|(part, coefficient)| sum.add_simple(part, *coefficient));
    sum.write_plainly()
}

/// A power of two whole numbers, where it is a small whole number itself.
fn power_of_whole(base: f64, exponent: i32) -> Option<f64> {
    let whole = base.fract() == 0.0 && (0..=16).contains(&exponent);
    let power = base.powi(exponent);
    (whole && (base != 0.0 || exponent > 0) && power.abs() < 1e9).then_some(power)
}

/// A power of a choice between 0 and 1 is that choice.
fn power_of_choice<N: Clone + PartialEq>(choice: &Choice<N>, times: i32) -> Option<Expr<N>> {
    let power = |part: &Expr<N>| match part {
        Expr::Number(number) => Some(Expr::Number(power_of_whole(*number, times)?)),
        _ => None,
    };
    let (then, otherwise) = (power(&choice.then)?, power(&choice.otherwise)?);
    Some(Expr::If(Box::new(Choice { then, otherwise, ..choice.clone() })))
}

fn raised<N>(base: Expr<N>, exponent: Ratio) -> Expr<N> {
    if exponent == Ratio::ONE { base } else { base.binary(Operator::Power, exponent.write()) }
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

/// The product under a minus, which goes to its first factor: `-2*x`. A difference is turned
/// round.
fn negated<N: Clone + PartialEq>(product: Expr<N>) -> Expr<N> {
    match product {
        Expr::Number(number) => Expr::Number(-number),
        Expr::Binary(operator @ (Operator::Multiply | Operator::Divide), left, right) => {
            negated(*left).binary(operator, *right)
        }
        Expr::Binary(Operator::Subtract, ..) => total(&[(&product, Ratio::MINUS_ONE)]),
        other => Expr::Negate(Box::new(other)),
    }
}

fn is_product<N>(expr: &Expr<N>) -> bool {
    matches!(expr, Expr::Negate(_) | Expr::Binary(Operator::Multiply | Operator::Divide, ..))
}

/// The place of a factor in a product: constants, names, powers with names in the exponent,
/// calls, sums, choices.
fn rank<N>(base: &Expr<N>) -> u8 {
    match base {
        Expr::Number(_) => 0,
        Expr::Call(_, arguments) if arguments.is_empty() => 0,
        Expr::Name(_) => 1,
        Expr::Call(..) => 2,
        Expr::Negate(_) | Expr::Binary(..) => 3,
        Expr::If(_) => 4,
    }
}
