//! Printing a tree on one line, for every target that writes formulas as text.
//!
//! The targets disagree about precedence: `-2^2` is −4 in mathematics and 4 in Excel, `2^3^2` is
//! 512 and 64. So parentheses are put wherever two targets could read differently: round any base
//! or exponent that is not a single thing, round any such operand of a unary minus, and round a
//! right operand of the same level. What is printed here means the same everywhere.

use super::functions::{Function, Written, expand};
use super::{Choice, Expr, Operator};
use crate::value::number_text;

/// How a target spells the parts of a formula.
pub(super) struct Spelling<'a, N> {
    /// A name, as the target writes it.
    pub name: &'a dyn Fn(&N) -> String,
    /// How a function is written.
    pub function: fn(&Function) -> Written,
    /// Whether constants have empty parentheses, as `PI()`.
    pub empty_parentheses: bool,
    /// The name of the choice.
    pub choice: &'static str,
    /// What separates arguments.
    pub separator: &'static str,
    /// Whether a power binds more tightly than unary minus, as in mathematics: `-x^2`.
    pub power_first: bool,
    /// Whether spaces stand around `+`, `-` and comparisons.
    pub spaces: bool,
}

/// How tightly the printed form of a tree binds. Unary minus binds less than a product here, so
/// that it is put in parentheses wherever it is not the first thing.
const ATOM: u8 = 4;
const NEGATION: u8 = 0;

impl<N: Clone> Spelling<'_, N> {
    /// `expr` on one line.
    pub fn print(&self, expr: &Expr<N>) -> String {
        let mut out = String::new();
        self.write(expr, &mut out);
        out
    }

    fn write(&self, expr: &Expr<N>, out: &mut String) {
        match expr {
            Expr::Number(number) => out.push_str(&number_text(*number)),
            Expr::Name(name) => out.push_str(&(self.name)(name)),
            Expr::Negate(operand) => {
                out.push('-');
                self.write_in(operand, self.fits_under_minus(operand), out);
            }
            Expr::Binary(operator, left, right) => {
                let own = operator.level();
                let power = *operator == Operator::Power;
                // A leading minus needs no parentheses before a product or a sum: `-a*b` is
                // `(-a)*b` in every target.
                let left_level = if self.negative(left) { 2 } else { level(left) };
                let left_fits = if power { level(left) == ATOM } else { left_level >= own };
                self.write_in(left, left_fits, out);
                self.write_sign(operator.sign(), own == 1, out);
                let right_fits = if power { level(right) == ATOM } else { level(right) > own };
                self.write_in(right, right_fits && !starts_with_minus(right), out);
            }
            Expr::Call(function, arguments) => self.write_call(function, arguments, out),
            Expr::If(choice) => self.write_choice(choice, out),
        }
    }

    fn write_in(&self, expr: &Expr<N>, fits: bool, out: &mut String) {
        if fits {
            self.write(expr, out);
        } else {
            out.push('(');
            self.write(expr, out);
            out.push(')');
        }
    }

    /// Whether `expr` is a number or a single thing under a minus.
    fn negative(&self, expr: &Expr<N>) -> bool {
        match expr {
            Expr::Number(number) => number.is_sign_negative(),
            Expr::Negate(operand) => self.fits_under_minus(operand),
            _ => false,
        }
    }

    fn fits_under_minus(&self, operand: &Expr<N>) -> bool {
        level(operand) >= if self.power_first { Operator::Power.level() } else { ATOM }
    }

    fn write_sign(&self, sign: char, sum: bool, out: &mut String) {
        if sum && self.spaces {
            out.extend([' ', sign, ' ']);
        } else {
            out.push(sign);
        }
    }

    fn write_call(&self, function: &Function, arguments: &[Expr<N>], out: &mut String) {
        match (self.function)(function) {
            Written::Named(name) if arguments.is_empty() && !self.empty_parentheses => {
                out.push_str(name);
            }
            Written::Named(name) => self.write_named(name, arguments, out),
            // A call is a single thing, and so must be what stands for it.
            Written::Formula(text) => {
                let formula = expand(text, arguments);
                self.write_in(&formula, level(&formula) == ATOM, out);
            }
        }
    }

    fn write_named(&self, name: &str, arguments: &[Expr<N>], out: &mut String) {
        let arguments: Vec<String> = arguments.iter().map(|one| self.print(one)).collect();
        out.push_str(&format!("{name}({})", arguments.join(self.separator)));
    }

    fn write_choice(&self, choice: &Choice<N>, out: &mut String) {
        let space = if self.spaces { " " } else { "" };
        let sign = choice.comparison.sign();
        let condition = format!(
            "{}{space}{sign}{space}{}",
            self.print(&choice.left),
            self.print(&choice.right)
        );
        let arguments = [condition, self.print(&choice.then), self.print(&choice.otherwise)];
        out.push_str(&format!("{}({})", self.choice, arguments.join(self.separator)));
    }
}

/// Whether the first sign of the printed form of `expr` is a minus.
fn starts_with_minus<N>(expr: &Expr<N>) -> bool {
    match expr {
        Expr::Binary(Operator::Power, ..) => false,
        Expr::Binary(_, left, _) => starts_with_minus(left),
        Expr::Negate(_) => true,
        Expr::Number(number) => number.is_sign_negative(),
        _ => false,
    }
}

/// How tightly the printed form of `expr` binds.
fn level<N>(expr: &Expr<N>) -> u8 {
    match expr {
        Expr::Number(number) if number.is_sign_negative() => NEGATION,
        Expr::Negate(_) => NEGATION,
        Expr::Number(_) | Expr::Name(_) | Expr::Call(..) | Expr::If(_) => ATOM,
        Expr::Binary(operator, ..) => operator.level(),
    }
}
