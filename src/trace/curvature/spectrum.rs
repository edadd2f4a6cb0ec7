//! The eigenvalues of a symmetric matrix by formulas that a spreadsheet can follow.
//!
//! One weight needs nothing, two have the closed form. For more there is Jacobi's method: turn
//! two axes so that the entry between them becomes 0, and again for every pair, until nothing is
//! left off the diagonal. It finds every eigenvalue, also negative ones, to nearly all digits of a
//! double; iterating with powers of the matrix would find two of them, and slowly where they are
//! close.
//!
//! Source: C. G. J. Jacobi 1846; G. H. Golub, C. F. Van Loan: Matrix Computations, 8.5. That small
//! eigenvalues keep their digits: J. Demmel, K. Veselić 1992.

use super::Working;
use crate::error::Result;
use crate::formula::{Expr, Function};
use crate::value::Value;

/// What is left of a determinant or an eigenvalue is rounding if it is so much smaller than the
/// numbers that it comes from, and counts as 0.
pub const ROUNDING: &str = "1e-13";

/// How often Jacobi's method goes over all pairs. The entries off the diagonal shrink faster and
/// faster; a test sees that they are gone.
const SWEEPS: usize = 7;

/// The eigenvalues of a Hessian and what follows from them, as places in a [`Working`].
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// What is computed on the way: label, place, meaning.
    pub steps: Vec<(String, usize, &'static str)>,
    /// The turns of Jacobi's method; none where there is a closed form.
    pub turns: Vec<Turn>,
    /// The largest eigenvalue.
    pub largest: usize,
    /// The smallest eigenvalue.
    pub smallest: usize,
    /// The largest absolute value of an eigenvalue by the smallest.
    pub condition: usize,
}

/// One turn: of which two axes, by which angle, and what the matrix is then.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The two axes, counted from 0.
    pub axes: (usize, usize),
    /// The places of tangent, cosine and sine of the angle.
    pub angle: [usize; 3],
    /// The places of the entries on and above the diagonal, row by row; none where an entry stays.
    pub entries: Vec<Option<usize>>,
}

/// What the loss looks like around a point, by the signs of the eigenvalues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// All are positive.
    Bowl,
    /// None is negative, some are 0.
    Trough,
    /// Some are positive, some negative.
    Saddle,
    /// None is positive, some are negative.
    Hilltop,
    /// All are 0.
    Flat,
}

impl Shape {
    /// In plain words.
    pub fn text(self) -> &'static str {
        match self {
            Shape::Bowl => "a bowl: the slope grows in every direction",
            Shape::Trough => "a trough: flat in at least one direction",
            Shape::Saddle => "a saddle: upwards in one direction, downwards in another",
            Shape::Hilltop => "a hilltop: it curves upwards in no direction",
            Shape::Flat => "flat: the slope is the same all around",
        }
    }
}

impl Spectrum {
    /// What the loss looks like; `None` where an eigenvalue is an error.
    pub fn shape(&self, value: impl Fn(usize) -> Value) -> Option<Shape> {
        let (largest, smallest) =
            (value(self.largest).get().ok()?, value(self.smallest).get().ok()?);
        Some(match (smallest, largest) {
            (smallest, _) if smallest > 0.0 => Shape::Bowl,
            (smallest, largest) if largest > 0.0 && smallest < 0.0 => Shape::Saddle,
            (_, largest) if largest > 0.0 => Shape::Trough,
            (smallest, _) if smallest < 0.0 => Shape::Hilltop,
            _ => Shape::Flat,
        })
    }

    /// The spectrum of the symmetric matrix whose entries are at the places `matrix`.
    ///
    /// # Errors
    /// None: the formulas are constants that a test reads.
    pub fn of(working: &mut Working, matrix: &[Vec<usize>]) -> Result<Self> {
        match matrix.len() {
            1 => Self::of_one(working, matrix[0][0]),
            2 => Self::of_two(working, matrix),
            _ => Self::of_many(working, matrix),
        }
    }

    fn of_one(working: &mut Working, entry: usize) -> Result<Self> {
        let condition = working.formula("abs(h/h)", &[("h", entry)])?;
        Ok(Spectrum {
            steps: Vec::new(),
            turns: Vec::new(),
            largest: entry,
            smallest: entry,
            condition,
        })
    }

    /// λ = (trace ± √((h₁₁ − h₂₂)² + 4h₁₂²))/2 for the eigenvalue farther from 0; the other one is
    /// determinant/λ, which loses no digits to a difference.
    fn of_two(working: &mut Working, matrix: &[Vec<usize>]) -> Result<Self> {
        let entries = [("p", matrix[0][0]), ("q", matrix[0][1]), ("r", matrix[1][1])];
        let trace = working.formula("p + r", &entries)?;
        let determinant = super::exact::determinant(working, matrix)?;
        let root = working.formula("sqrt((p - r)^2 + 4*q^2)", &entries)?;
        let names = [("trace", trace), ("root", root), ("determinant", determinant)];
        let far = working.formula("if(trace < 0, (trace - root)/2, (trace + root)/2)", &names)?;
        let names = [("far", far), ("determinant", determinant)];
        let near = working.formula("if(far = 0, 0, determinant/far)", &names)?;
        let names = [("far", far), ("near", near)];
        Ok(Spectrum {
            steps: vec![
                ("trace".into(), trace, "the sum of the diagonal, and of the eigenvalues"),
                ("determinant".into(), determinant, "the product of the eigenvalues"),
                ("root".into(), root, "how far apart the eigenvalues are"),
                ("eigenvalue 1".into(), far, "half of trace and root together"),
                ("eigenvalue 2".into(), near, "the determinant by the first eigenvalue"),
            ],
            turns: Vec::new(),
            largest: working.formula("max(far, near)", &names)?,
            smallest: working.formula("min(far, near)", &names)?,
            condition: working.formula("abs(far/near)", &names)?,
        })
    }

    fn of_many(working: &mut Working, matrix: &[Vec<usize>]) -> Result<Self> {
        let size = matrix.len();
        let mut state = matrix.to_vec();
        let mut turns = Vec::new();
        for _ in 0..SWEEPS {
            for first in 0..size {
                for second in first + 1..size {
                    turns.push(turn(working, &mut state, first, second)?);
                }
            }
        }
        let diagonal: Vec<usize> = (0..size).map(|index| matrix[index][index]).collect();
        let absolute =
            |places: &[usize]| places.iter().map(|place| call("abs", [*place])).collect();
        let least = working.tree(fold("min", absolute(&diagonal)));
        let mut eigenvalues = Vec::new();
        for (index, row) in state.iter().enumerate() {
            let formula = format!("if(abs(found) <= {ROUNDING}*least, 0, found)");
            let names = [("found", row[index]), ("least", least)];
            eigenvalues.push(working.formula(&formula, &names)?);
        }
        let off: Vec<usize> =
            (0..size).flat_map(|row| state[row][row + 1..].iter().copied()).collect();
        let left = working.tree(fold("max", absolute(&off)));
        let names = |places: &[usize]| places.iter().map(|place| Expr::Name(*place)).collect();
        let mut steps = vec![
            (
                "smallest on the diagonal".into(),
                least,
                "of the Hessian: what rounding is held against",
            ),
            (
                "left off the diagonal".into(),
                left,
                "what Jacobi's turns to the right leave: 0 when they are done",
            ),
        ];
        for (index, place) in eigenvalues.iter().enumerate() {
            steps.push((format!("eigenvalue {}", index + 1), *place, ""));
        }
        let largest = working.tree(fold("max", names(&eigenvalues)));
        let smallest = working.tree(fold("min", names(&eigenvalues)));
        let above = fold("max", absolute(&eigenvalues));
        let below = fold("min", absolute(&eigenvalues));
        let condition = working.tree(above.binary(crate::formula::Operator::Divide, below));
        Ok(Spectrum { steps, turns, largest, smallest, condition })
    }
}

/// Turns the axes p and q of the matrix at the places `state`.
///
/// t = tan of the angle is the smaller root of t² + t·(r − p)/q = 1, for the entries p and r on
/// the diagonal and q between them; what is rounding already is not turned.
fn turn(working: &mut Working, state: &mut [Vec<usize>], p: usize, q: usize) -> Result<Turn> {
    let entries = [("p", state[p][p]), ("q", state[p][q]), ("r", state[q][q])];
    let tangent = "if(abs(q) <= 1e-15*(abs(p) + abs(r)), 0, \
                   if(r < p, -2, 2)*q/(abs(r - p) + sqrt((r - p)*(r - p) + 4*q*q)))";
    let t = working.formula(tangent, &entries)?;
    let c = working.formula("1/sqrt(1 + t*t)", &[("t", t)])?;
    let s = working.formula("t*c", &[("t", t), ("c", c)])?;
    let before = state.to_vec();
    let mut entries = Vec::new();
    for row in 0..before.len() {
        for column in row..before.len() {
            let Some(formula) = turned((row, column), p, q) else {
                entries.push(None);
                continue;
            };
            // The other axis of an entry that lies along p or q.
            let other = if row == p || row == q { column } else { row };
            let (along_p, along_q) = (before[p][other], before[q][other]);
            let between = before[p][q];
            let names = [
                ("t", t),
                ("c", c),
                ("s", s),
                ("old", before[row][column]),
                ("between", between),
                ("p", along_p),
                ("q", along_q),
            ];
            let place = working.formula(formula, &names)?;
            (state[row][column], state[column][row]) = (place, place);
            entries.push(Some(place));
        }
    }
    Ok(Turn { axes: (p, q), angle: [t, c, s], entries })
}

/// The formula of an entry after the axes p and q were turned; `None` where it stays.
fn turned(at: (usize, usize), p: usize, q: usize) -> Option<&'static str> {
    let along = |axis| at.0 == axis || at.1 == axis;
    match at {
        at if at == (p, p) => Some("old - t*between"),
        at if at == (q, q) => Some("old + t*between"),
        at if at == (p, q) => Some("0"),
        _ if along(p) => Some("c*p - s*q"),
        _ if along(q) => Some("s*p + c*q"),
        _ => None,
    }
}

/// `name(...)` of one number.
fn call(name: &str, places: [usize; 1]) -> Expr<usize> {
    let [place] = places.map(Expr::Name);
    match Function::find(name) {
        Some(function) => Expr::Call(function, vec![place]),
        None => place,
    }
}

/// A function of two arguments over many.
fn fold(name: &str, terms: Vec<Expr<usize>>) -> Expr<usize> {
    let folded = terms.into_iter().reduce(|one, other| match Function::find(name) {
        Some(function) => Expr::Call(function, vec![one, other]),
        None => one,
    });
    folded.unwrap_or(Expr::Number(0.0))
}
