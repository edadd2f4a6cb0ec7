//! Telling gradient descent from other chains of rows.
//!
//! A balance, a loan and a running total refer to the row above too. What gradient descent does
//! and they do not: data multiply a weight to make a prediction, data are subtracted from it, data
//! multiply the error, and the result goes back into the same weight. So a state depends on its own
//! value in the row above through at least two multiplications with data.

use super::TableColumn;
use crate::compare::invented::counts;
use crate::compare::machine::{Leaf, Machine};
use crate::formula::{Expr, Operator};
use crate::graph::Sheet;
use crate::graph::relative::Axis;

/// How many states are looked at.
const MAX_STATES: usize = 64;
/// More multiplications are not told apart.
const MOST: u32 = 9;

/// What a formula is, seen from one state in the row above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The same for all rows.
    Constant,
    /// Changes with the rows, but not with the state.
    Data,
    /// Depends on the state, with so many multiplications by data; whether data are added.
    State(u32, bool),
}

/// Checks that the columns of a machine are steps of gradient descent.
///
/// # Errors
///
/// Why they are not, in words.
pub(super) fn check(
    machine: &Machine,
    columns: &[TableColumn],
    sheet: &Sheet,
) -> Result<(), String> {
    let search = Search { machine, columns, sheet };
    let states = search.states();
    let kinds: Vec<Vec<Kind>> = states.iter().map(|state| search.kinds(*state)).collect();
    let step = |from: usize, to: usize| kinds[from][states[to]];
    let mut ways: Vec<Vec<Kind>> = (0..states.len())
        .map(|from| (0..states.len()).map(|to| step(from, to)).collect())
        .collect();
    for via in 0..states.len() {
        for from in (0..states.len()).filter(|from| *from != via) {
            for to in (0..states.len()).filter(|to| *to != via) {
                let way = behind(ways[from][via], ways[via][to]);
                ways[from][to] = ways[from][to].max(way);
            }
        }
    }
    let descends = |state: usize| matches!(ways[state][state], Kind::State(2.., true));
    if (0..states.len()).any(descends) {
        return Ok(());
    }
    Err("its formulas are no gradient descent: no value is corrected from row to row by the error \
         of a prediction"
        .to_owned())
}

/// A way through two rows.
fn behind(first: Kind, second: Kind) -> Kind {
    match (first, second) {
        (Kind::State(a, offset), Kind::State(b, other)) => {
            Kind::State((a + b).min(MOST), offset || other)
        }
        _ => Kind::Constant,
    }
}

struct Search<'a> {
    machine: &'a Machine,
    columns: &'a [TableColumn],
    sheet: &'a Sheet,
}

impl Search<'_> {
    /// The columns that formulas refer to in the row above.
    fn states(&self) -> Vec<usize> {
        let mut states = Vec::new();
        let patterns = self.machine.columns.iter().filter_map(|column| column.pattern.as_ref());
        for leaf in patterns.flat_map(Expr::names) {
            match leaf {
                Leaf::Above(state) if !states.contains(state) => states.push(*state),
                _ => {}
            }
        }
        states.truncate(MAX_STATES);
        states
    }

    /// What every column is, seen from `state` in the row above.
    fn kinds(&self, state: usize) -> Vec<Kind> {
        let mut kinds = vec![Kind::Constant; self.machine.columns.len()];
        // Each pass brings at least one column to its end; references need not point left.
        for _ in 0..=kinds.len() {
            let before = kinds.clone();
            for column in 0..kinds.len() {
                kinds[column] = self.kind(column, state, &kinds).max(kinds[column]);
            }
            if kinds == before {
                break;
            }
        }
        kinds
    }

    fn kind(&self, column: usize, state: usize, kinds: &[Kind]) -> Kind {
        let hand = &self.machine.columns[column];
        // A sample that counts up is data, whether typed or by a formula of its own.
        if column != state && counts(&hand.values) {
            return Kind::Data;
        }
        match (&hand.pattern, self.columns[column].formula) {
            (Some(pattern), _) => of(pattern, &|leaf| match leaf {
                Leaf::Column(column) => kinds[*column],
                Leaf::Above(above) if *above == state => Kind::State(0, false),
                // A sample of the row above is data, where all of a step stands in the next row.
                Leaf::Above(above) if kinds[*above] == Kind::Data => Kind::Data,
                Leaf::Above(_) | Leaf::Fixed(_) | Leaf::Row => Kind::Constant,
            }),
            (None, Some(formula)) => self.guess(formula, hand.column, kinds),
            (None, None) => Kind::Data,
        }
    }

    /// A formula that is not understood may multiply all that it refers to.
    fn guess(&self, formula: usize, column: u32, kinds: &[Kind]) -> Kind {
        let cells = self.sheet.formulas()[formula].formula.cells();
        let near = cells.filter(|c| c.sheet.is_none() && c.row == Axis::Relative(0));
        let most = near
            .filter_map(|cell| cell.column.resolve(column))
            .filter_map(|column| {
                self.machine.columns.binary_search_by_key(&column, |known| known.column).ok()
            })
            .map(|column| kinds[column])
            .max();
        match most {
            Some(Kind::State(times, _)) => Kind::State((times + 1).min(MOST), true),
            _ => Kind::Data,
        }
    }
}

fn of(tree: &Expr<Leaf>, look: &dyn Fn(&Leaf) -> Kind) -> Kind {
    match tree {
        Expr::Number(_) => Kind::Constant,
        Expr::Name(leaf) => look(leaf),
        Expr::Negate(operand) => of(operand, look),
        Expr::Binary(operator, left, right) => {
            let (left, right) = (of(left, look), of(right, look));
            match operator {
                Operator::Add | Operator::Subtract => sum(left, right),
                Operator::Multiply | Operator::Divide => product(left, right),
                // A square multiplies with itself.
                Operator::Power => match (left, right) {
                    (Kind::State(..), Kind::Constant) => product(left, left),
                    _ => sum(left, right),
                },
            }
        }
        Expr::Call(_, arguments) => {
            arguments.iter().map(|argument| of(argument, look)).max().unwrap_or(Kind::Constant)
        }
        Expr::If(choice) => [&choice.left, &choice.right, &choice.then, &choice.otherwise]
            .into_iter()
            .map(|part| of(part, look))
            .max()
            .unwrap_or(Kind::Constant),
    }
}

fn sum(left: Kind, right: Kind) -> Kind {
    match (left, right) {
        (Kind::State(a, x), Kind::State(b, y)) => Kind::State(a.max(b), x || y),
        (Kind::State(times, _), Kind::Data) | (Kind::Data, Kind::State(times, _)) => {
            Kind::State(times, true)
        }
        _ => left.max(right),
    }
}

fn product(left: Kind, right: Kind) -> Kind {
    match (left, right) {
        (Kind::State(a, x), Kind::State(b, y)) => Kind::State((a + b).min(MOST), x || y),
        (Kind::State(times, offset), Kind::Data) | (Kind::Data, Kind::State(times, offset)) => {
            Kind::State((times + 1).min(MOST), offset)
        }
        _ => left.max(right),
    }
}
