//! Formula trees, and their faces.
//!
//! A column of a trace is defined once, as an [`Expr`]; all that a person sees of it (the number,
//! the Excel formula, the mathematics) comes from that one tree, a file for each face.
//! A tree keeps the order in which its formula is written: nothing is regrouped or folded, since
//! `a + (b + c)` is not `(a + b) + c` in floating point.

mod common;
mod differentiate;
mod evaluate;
mod excel;
mod explain;
mod functions;
mod javascript;
mod latex;
mod linear;
mod mathml;
mod parse;
mod product;
mod program;
mod ratio;
mod simplify;
mod text;

pub use differentiate::{differentiate, operands, with_operands};
pub(crate) use differentiate::{differentiate_within, local_derivatives};
pub use evaluate::evaluate;
pub(crate) use evaluate::power;
pub use excel::excel;
pub(crate) use excel::{elementwise, has_choice, written_parts};
pub(crate) use explain::{readable, with_numbers};
pub(crate) use functions::TOTALS;
pub use functions::{FUNCTIONS, Function, Notation, Written};
pub(crate) use javascript::{
    Inside, javascript, javascript_functions, javascript_of_weight, javascript_table,
};
pub use latex::{latex, latex_symbol};
pub(crate) use mathml::{escape, pieces};
pub use mathml::{mathml, symbol};
pub(crate) use parse::parse_condition;
pub use parse::{ParseError, parse};
pub(crate) use program::{Compiler, Operation, Program};
pub use simplify::simplify;
pub(crate) use text::plain_symbol;
pub use text::text;

use std::fmt;

use crate::value::Value;

/// A formula tree whose names are of type `N`: [`Name`] as written, an index once resolved.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr<N = Name> {
    /// A number.
    Number(f64),
    /// A name: a column of this row, `prev.NAME`, a hyperparameter, a data column, `t`, `n`.
    Name(N),
    /// Unary minus.
    Negate(Box<Expr<N>>),
    /// `left op right`.
    Binary(Operator, Box<Expr<N>>, Box<Expr<N>>),
    /// A function of the table [`FUNCTIONS`], with as many arguments as it takes.
    Call(&'static Function, Vec<Expr<N>>),
    /// `if(left comparison right, then, otherwise)`.
    If(Box<Choice<N>>),
}

/// The parts of an `if`.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice<N> {
    /// The left side of the comparison.
    pub left: Expr<N>,
    /// How the sides are compared.
    pub comparison: Comparison,
    /// The right side of the comparison.
    pub right: Expr<N>,
    /// The value where the comparison holds.
    pub then: Expr<N>,
    /// The value where it does not.
    pub otherwise: Expr<N>,
}

/// A comparison of two formulas that stands by itself: `rmse < 0.1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition<N = Name> {
    /// The left side.
    pub left: Expr<N>,
    /// How the sides are compared.
    pub comparison: Comparison,
    /// The right side.
    pub right: Expr<N>,
}

/// A name as it is written in a formula.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// The identifier, without `prev.`.
    pub id: String,
    /// Whether the row above is meant (`prev.NAME`).
    pub previous: bool,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.previous { "prev." } else { "" }, self.id)
    }
}

/// An arithmetic operator with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
}

impl Operator {
    /// The sign, as formulas and spreadsheets write it.
    pub fn sign(self) -> char {
        match self {
            Operator::Add => '+',
            Operator::Subtract => '-',
            Operator::Multiply => '*',
            Operator::Divide => '/',
            Operator::Power => '^',
        }
    }

    /// `-` for `+` and the other way round; none for others.
    pub fn turned(self) -> Option<Operator> {
        match self {
            Operator::Add => Some(Operator::Subtract),
            Operator::Subtract => Some(Operator::Add),
            _ => None,
        }
    }

    /// How tightly it binds: 1 for sums, 2 for products, 3 for powers.
    fn level(self) -> u8 {
        match self {
            Operator::Add | Operator::Subtract => 1,
            Operator::Multiply | Operator::Divide => 2,
            Operator::Power => 3,
        }
    }
}

/// A comparison in an `if`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
}

impl Comparison {
    /// All comparisons, with the signs that formulas and spreadsheets use; longer signs first.
    pub const SIGNS: [(&'static str, Comparison); 6] = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<>", Comparison::NotEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
        ("=", Comparison::Equal),
    ];

    /// The sign, as formulas and spreadsheets write it.
    pub fn sign(self) -> &'static str {
        Self::SIGNS.iter().find(|(_, known)| *known == self).map_or("=", |(sign, _)| sign)
    }

    /// Whether the comparison holds between two numbers.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
        }
    }
}

impl<N> Condition<N> {
    /// Whether it holds, with `look_up` giving the value of each name; where a side has no value
    /// it does not.
    pub fn holds(&self, look_up: &impl Fn(&N) -> Value) -> bool {
        match (evaluate(&self.left, look_up).get(), evaluate(&self.right, look_up).get()) {
            (Ok(left), Ok(right)) => self.comparison.holds(left, right),
            _ => false,
        }
    }

    /// As a formula: 1 where it holds, 0 where it does not.
    pub fn indicator(self) -> Expr<N> {
        Expr::If(Box::new(Choice {
            left: self.left,
            comparison: self.comparison,
            right: self.right,
            then: Expr::Number(1.0),
            otherwise: Expr::Number(0.0),
        }))
    }

    /// All names, in the order in which the comparison is written.
    pub fn names(&self) -> Vec<&N> {
        [self.left.names(), self.right.names()].concat()
    }
}

impl fmt::Display for Condition<Name> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.left, self.comparison.sign(), self.right)
    }
}

impl<N> Expr<N> {
    /// A name.
    pub fn name(name: N) -> Self {
        Expr::Name(name)
    }

    /// `self op right`.
    pub fn binary(self, operator: Operator, right: Self) -> Self {
        Expr::Binary(operator, Box::new(self), Box::new(right))
    }

    /// The same tree with every name replaced by what `replace` makes of it: a name of another
    /// kind, a number, a whole tree.
    pub fn substitute<M, E>(
        &self,
        replace: &mut impl FnMut(&N) -> Result<Expr<M>, E>,
    ) -> Result<Expr<M>, E> {
        Ok(match self {
            Expr::Number(number) => Expr::Number(*number),
            Expr::Name(name) => replace(name)?,
            Expr::Negate(operand) => Expr::Negate(Box::new(operand.substitute(replace)?)),
            Expr::Binary(operator, left, right) => {
                left.substitute(replace)?.binary(*operator, right.substitute(replace)?)
            }
            Expr::Call(function, arguments) => {
                let arguments = arguments.iter().map(|argument| argument.substitute(replace));
                Expr::Call(function, arguments.collect::<Result<_, _>>()?)
            }
            Expr::If(choice) => Expr::If(Box::new(Choice {
                left: choice.left.substitute(replace)?,
                comparison: choice.comparison,
                right: choice.right.substitute(replace)?,
                then: choice.then.substitute(replace)?,
                otherwise: choice.otherwise.substitute(replace)?,
            })),
        })
    }

    /// The same tree with every part that `replace` has something for replaced by it, from the
    /// top down; what it replaced is not looked into again.
    pub fn map(&self, replace: &impl Fn(&Self) -> Option<Self>) -> Self
    where
        N: Clone,
    {
        if let Some(replaced) = replace(self) {
            return replaced;
        }
        let inside = |part: &Self| part.map(replace);
        match self {
            Expr::Number(_) | Expr::Name(_) => self.clone(),
            Expr::Negate(operand) => Expr::Negate(Box::new(inside(operand))),
            Expr::Binary(operator, left, right) => inside(left).binary(*operator, inside(right)),
            Expr::Call(function, arguments) => {
                Expr::Call(function, arguments.iter().map(inside).collect())
            }
            Expr::If(choice) => Expr::If(Box::new(Choice {
                left: inside(&choice.left),
                comparison: choice.comparison,
                right: inside(&choice.right),
                then: inside(&choice.then),
                otherwise: inside(&choice.otherwise),
            })),
        }
    }

    /// The same tree with other names; a renaming cannot fail.
    pub fn rename<M>(&self, rename: impl Fn(&N) -> M) -> Expr<M> {
        let renamed = self
            .substitute(&mut |name| Ok::<_, std::convert::Infallible>(Expr::Name(rename(name))));
        match renamed {
            Ok(expr) => expr,
            Err(never) => match never {},
        }
    }

    /// How many numbers, names, operators and calls there are.
    pub fn size(&self) -> usize {
        1 + operands(self).into_iter().map(Expr::size).sum::<usize>()
    }

    /// All names, in the order in which the formula is written.
    pub fn names(&self) -> Vec<&N> {
        let mut names = Vec::new();
        self.each_name(&mut |name| names.push(name));
        names
    }

    /// Whether any of the names is such.
    pub fn has_name(&self, mut is: impl FnMut(&N) -> bool) -> bool {
        let mut found = false;
        self.each_name(&mut |name| found = found || is(name));
        found
    }

    fn each_name<'a>(&'a self, visit: &mut impl FnMut(&'a N)) {
        match self {
            Expr::Number(_) => {}
            Expr::Name(name) => visit(name),
            Expr::Negate(operand) => operand.each_name(visit),
            Expr::Binary(_, left, right) => {
                left.each_name(visit);
                right.each_name(visit);
            }
            Expr::Call(_, arguments) => arguments.iter().for_each(|one| one.each_name(visit)),
            Expr::If(choice) => {
                for part in [&choice.left, &choice.right, &choice.then, &choice.otherwise] {
                    part.each_name(visit);
                }
            }
        }
    }
}

impl Name {
    /// The name `id` in this row.
    pub fn here(id: impl Into<String>) -> Self {
        Name { id: id.into(), previous: false }
    }

    /// The name `id` in the row above.
    pub fn above(id: impl Into<String>) -> Self {
        Name { id: id.into(), previous: true }
    }
}

impl From<Name> for Expr<Name> {
    fn from(name: Name) -> Self {
        Expr::Name(name)
    }
}
