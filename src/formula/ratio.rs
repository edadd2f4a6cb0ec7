//! Coefficients and exponents of derivatives: fractions of whole numbers where they are such, so
//! that thirds stay thirds, and plain numbers otherwise.

use super::{Expr, Operator};

/// `above / below`; `below` is positive, and 1 unless both are whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ratio {
    above: f64,
    below: f64,
}

impl Ratio {
    pub const ONE: Ratio = Ratio { above: 1.0, below: 1.0 };
    pub const ZERO: Ratio = Ratio { above: 0.0, below: 1.0 };
    pub const MINUS_ONE: Ratio = Ratio { above: -1.0, below: 1.0 };

    pub fn new(above: f64, below: f64) -> Self {
        let (above, below) = if below < 0.0 { (-above, -below) } else { (above, below) };
        let whole = |number: f64| number.fract() == 0.0 && number.abs() < 1e9;
        if below == 0.0 {
            // Nothing to reduce; what is written has the error value that was meant.
            return Ratio { above, below };
        }
        if !whole(above) || !whole(below) {
            return Ratio { above: above / below, below: 1.0 };
        }
        let divisor = greatest_common_divisor(above.abs(), below).max(1.0);
        Ratio { above: above / divisor, below: below / divisor }
    }

    pub fn number(number: f64) -> Self {
        Ratio { above: number, below: 1.0 }
    }

    /// The ratio that `expr` is, where it is a number or a fraction of two.
    pub fn of<N>(expr: &Expr<N>) -> Option<Self> {
        match expr {
            Expr::Number(number) => Some(Ratio::number(*number)),
            Expr::Negate(operand) => Some(Ratio::of(operand)? * Ratio::MINUS_ONE),
            Expr::Binary(Operator::Divide, above, below) => match (&**above, &**below) {
                (Expr::Number(above), Expr::Number(below)) if *below != 0.0 => {
                    Some(Ratio::new(*above, *below))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// This ratio as a formula.
    pub fn write<N>(self) -> Expr<N> {
        match self.below == 1.0 {
            true => Expr::Number(self.above),
            false => Expr::Number(self.above).binary(Operator::Divide, Expr::Number(self.below)),
        }
    }

    pub fn above(self) -> f64 {
        self.above
    }

    pub fn below(self) -> f64 {
        self.below
    }

    pub fn is_negative(self) -> bool {
        self.above < 0.0
    }

    /// Whether it is a whole number of a size that no rounding touches.
    pub fn whole(self) -> Option<i32> {
        let whole = self.below == 1.0 && self.above.fract() == 0.0 && self.above.abs() < 1e9;
        whole.then_some(self.above as i32)
    }

    pub fn size(self) -> f64 {
        self.above / self.below
    }

    pub fn inverse(self) -> Self {
        Ratio::new(self.below, self.above)
    }

    pub fn power(self, exponent: i32) -> Self {
        Ratio::new(self.above.powi(exponent), self.below.powi(exponent))
    }
}

impl std::ops::Mul for Ratio {
    type Output = Ratio;

    fn mul(self, other: Ratio) -> Ratio {
        Ratio::new(self.above * other.above, self.below * other.below)
    }
}

impl std::ops::Add for Ratio {
    type Output = Ratio;

    fn add(self, other: Ratio) -> Ratio {
        let above = self.above * other.below + other.above * self.below;
        Ratio::new(above, self.below * other.below)
    }
}

pub(super) fn greatest_common_divisor(a: f64, b: f64) -> f64 {
    if b == 0.0 { a } else { greatest_common_divisor(b, a % b) }
}
