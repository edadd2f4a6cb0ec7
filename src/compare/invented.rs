//! Numbers to try formulas on: those of the sheet, or invented ones run through its formulas.
//!
//! Two formulas that agree on numbers drawn at random are the same formula, however they are
//! written. So a table's own formulas are run on invented samples, start values and
//! hyperparameters, and what comes out is held against what a definition's formulas give there.
//! Where small things matter (an ε of 1e-8), some trials are drawn on a tiny scale.

use std::cell::RefCell;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::machine::{HandColumn, Leaf, Machine};
use crate::formula::{Expr, evaluate};
use crate::value::Value;

/// How the numbers of a trial are drawn.
struct Draw {
    /// The size of samples, weights and states.
    scale: f64,
    /// Between which numbers hyperparameters are drawn.
    fixed: (f64, f64),
    /// How many rows there are.
    rows: usize,
    /// Whether states start from large numbers, even those that start from 0.
    is_underway: bool,
}

const USUAL: Draw = Draw { scale: 1.0, fixed: (0.05, 0.95), rows: 8, is_underway: false };
/// Where an ε of 1e-8 counts.
const TINY: Draw = Draw { scale: 1e-6, rows: 3, ..USUAL };
/// Where averages are long, so that what depends on the number of steps changes late.
const LONG: Draw = Draw { fixed: (0.9, 0.98), rows: 14, ..USUAL };
/// Where what is subtracted by mistake does not make a root impossible.
const UNDERWAY: Draw = Draw { is_underway: true, rows: 4, ..USUAL };

/// The trials that are invented; several of a kind, since numbers may coincide.
const DRAWS: [Draw; 7] = [
    USUAL,
    USUAL,
    TINY,
    Draw { scale: 1e-7, ..TINY },
    LONG,
    Draw { scale: 1e-6, ..LONG },
    UNDERWAY,
];

/// Consecutive rows of a table with the cells that they refer to; NaN where there is no number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trial {
    /// The first row to compare: what it starts from may not be what a table starts from.
    pub first: usize,
    /// The value of each fixed cell.
    pub fixed: Vec<f64>,
    /// The value of each column in the row above the first.
    pub before: Vec<f64>,
    /// The values of each column, row by row.
    pub values: Vec<Vec<f64>>,
}

impl Trial {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }

    /// The value of `column` in `row`, where -1 is the row above the first.
    pub fn at(&self, column: usize, row: isize) -> f64 {
        match usize::try_from(row) {
            Ok(row) => self.values[column].get(row).copied().unwrap_or(f64::NAN),
            Err(_) => self.before[column],
        }
    }
}

/// The numbers of the sheet itself.
pub(super) fn real(machine: &Machine) -> Trial {
    let number = |value: &Option<f64>| value.unwrap_or(f64::NAN);
    Trial {
        first: 0,
        fixed: machine.fixed.iter().map(|fixed| fixed.value).collect(),
        before: machine.columns.iter().map(|column| number(&column.before)).collect(),
        values: machine
            .columns
            .iter()
            .map(|column| column.values.iter().map(number).collect())
            .collect(),
    }
}

/// So many rows of a sheet's own numbers tell which optimizer it is.
const ENOUGH: usize = 256;

/// Trials to match the machine on: invented ones where it has formulas, else its own numbers.
pub(super) fn trials(machine: &Machine) -> Vec<Trial> {
    let carries = |pattern: &Expr<Leaf>| pattern.has_name(|leaf| matches!(leaf, Leaf::Above(_)));
    if !machine.columns.iter().filter_map(|column| column.pattern.as_ref()).any(carries) {
        let mut own = real(machine);
        own.values.iter_mut().for_each(|values| values.truncate(ENOUGH));
        return vec![own];
    }
    let kinds = Kinds::of(machine);
    let mut trials = Vec::new();
    for (seed, draw) in DRAWS.iter().enumerate() {
        trials.push(invented(machine, &kinds, seed as u64, draw));
    }
    trials
}

/// What of a machine is kept as it is and what is invented.
struct Kinds {
    /// Columns that count rows, whose numbers are kept.
    counters: Vec<bool>,
    /// Columns that follow from the samples, directly or through other columns.
    of_data: Vec<bool>,
    /// Fixed cells that only first rows refer to: start values of weights and states.
    starts: Vec<bool>,
}

impl Kinds {
    fn of(machine: &Machine) -> Kinds {
        let columns = &machine.columns;
        let counters: Vec<bool> = columns.iter().map(|column| counts(&column.values)).collect();
        let mut of_data: Vec<bool> = columns
            .iter()
            .zip(&counters)
            .map(|(column, counts)| column.pattern.is_none() && !counts)
            .collect();
        // Each pass carries the property on by one reference.
        for _ in 0..columns.len() {
            for index in 0..columns.len() {
                if let Some(pattern) = &columns[index].pattern {
                    of_data[index] |= pattern.has_name(|leaf| match *leaf {
                        Leaf::Column(other) | Leaf::Above(other) => of_data[other],
                        Leaf::Fixed(_) | Leaf::Row => false,
                    });
                }
            }
        }
        let mut starts = vec![false; machine.fixed.len()];
        let mut in_patterns = vec![false; machine.fixed.len()];
        for column in columns {
            mark(column.first.as_ref(), &mut starts);
            mark(column.pattern.as_ref(), &mut in_patterns);
        }
        for (start, used) in starts.iter_mut().zip(in_patterns) {
            *start &= !used;
        }
        Kinds { counters, of_data, starts }
    }
}

fn mark(formula: Option<&Expr<Leaf>>, marks: &mut [bool]) {
    for leaf in formula.into_iter().flat_map(Expr::names) {
        if let Leaf::Fixed(index) = leaf {
            marks[*index] = true;
        }
    }
}

/// Whether the values are whole numbers that go up by 1.
pub(super) fn counts(values: &[Option<f64>]) -> bool {
    let numbers: Vec<f64> = values.iter().map_while(|value| *value).collect();
    numbers.len() == values.len()
        && numbers.len() > 2
        && numbers[0].fract() == 0.0
        && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1.0)
}

fn invented(machine: &Machine, kinds: &Kinds, seed: u64, draw: &Draw) -> Trial {
    let scale = draw.scale;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let fixed = invented_fixed(machine, kinds, &mut random, draw);
    let before = machine.columns.iter().enumerate().map(|(index, column)| match column.before {
        // What does not follow from the samples, such as a power of β, starts as in the sheet.
        Some(before) if !kinds.of_data[index] => before,
        _ if draw.is_underway && remembers(column, index) => random.random_range(5e5..9e5),
        Some(0.0) => 0.0,
        // The square, since a second moment is of that scale.
        _ => random.random_range(0.2..1.0) * scale * scale,
    });
    let before: Vec<f64> = before.collect();
    // Weights that are both typed as 1 must not be the same: what they follow from shows nothing.
    let starts = machine.columns.iter().enumerate().map(|(index, column)| match column.first {
        Some(Expr::Number(typed)) if typed != 0.0 && kinds.of_data[index] => {
            Some(match draw.is_underway {
                // Large enough to pass what clips, small enough for finite differences.
                true => random.random_range(50.0..90.0),
                false => random.random_range(0.2..1.0) * scale * scale,
            })
        }
        _ => None,
    });
    let starts: Vec<Option<f64>> = starts.collect();
    let rows = draw.rows.min(machine.rows.len().max(2));
    let mut values = vec![vec![f64::NAN; rows]; machine.columns.len()];
    for row in 0..rows {
        for (index, column) in machine.columns.iter().enumerate() {
            let own = column.values.get(row).copied().flatten();
            let drawn: f64 = random.random_range(-2.0..2.0);
            let drawn = if scale == 1.0 { drawn } else { drawn * scale };
            values[index][row] = match &column.pattern {
                _ if kinds.counters[index] => own.unwrap_or(f64::NAN),
                None => drawn,
                Some(_) => f64::NAN,
            };
        }
        let given = Given { fixed: &fixed, before: &before, starts: &starts, values: &values };
        let filled = fill(machine, kinds, given, row);
        for (column, value) in values.iter_mut().zip(filled) {
            column[row] = value;
        }
    }
    Trial { first: usize::from(draw.is_underway), fixed, before, values }
}

/// Whether the column looks at itself in the row above.
fn remembers(column: &HandColumn, index: usize) -> bool {
    let own = |pattern: &Expr<Leaf>| pattern.has_name(|leaf| *leaf == Leaf::Above(index));
    column.pattern.as_ref().is_some_and(own)
}

/// Values for the fixed cells: counts stay, what follows from others is computed, the rest is
/// drawn.
fn invented_fixed(
    machine: &Machine,
    kinds: &Kinds,
    random: &mut ChaCha8Rng,
    draw: &Draw,
) -> Vec<f64> {
    let mut fixed: Vec<f64> = machine
        .fixed
        .iter()
        .zip(&kinds.starts)
        .map(|(cell, is_start)| {
            let drawn = random.random_range(draw.fixed.0..draw.fixed.1);
            match cell.value {
                count if count.fract() == 0.0 && count >= 2.0 => count,
                _ if *is_start => drawn * draw.scale,
                _ => drawn,
            }
        })
        .collect();
    // A cell may follow from one that follows from another: as often as there are cells.
    for _ in 0..machine.fixed.len() {
        for (index, cell) in machine.fixed.iter().enumerate() {
            if let Some(formula) = &cell.formula {
                let value = evaluate(formula, &|leaf| match leaf {
                    Leaf::Fixed(other) => Value::number(fixed[*other]),
                    Leaf::Column(_) | Leaf::Above(_) | Leaf::Row => Value::number(f64::NAN),
                });
                fixed[index] = value.get().unwrap_or(f64::NAN);
            }
        }
    }
    fixed
}

/// The values of one row.
fn fill(machine: &Machine, kinds: &Kinds, given: Given, row: usize) -> Vec<f64> {
    let filler = Filler {
        machine,
        kinds,
        given,
        row,
        done: RefCell::new(vec![State::Open; machine.columns.len()]),
    };
    (0..machine.columns.len()).map(|column| filler.value(column)).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Under,
    Done(f64),
}

/// The numbers that a row is computed from.
#[derive(Clone, Copy)]
struct Given<'a> {
    /// Those of the fixed cells.
    fixed: &'a [f64],
    /// Those above the first row.
    before: &'a [f64],
    /// Those that the first row has where the table has typed ones.
    starts: &'a [Option<f64>],
    /// Those of the rows above, and what of this row is given.
    values: &'a [Vec<f64>],
}

struct Filler<'a> {
    machine: &'a Machine,
    kinds: &'a Kinds,
    given: Given<'a>,
    row: usize,
    done: RefCell<Vec<State>>,
}

impl Filler<'_> {
    /// The value of a column in this row, whose columns may stand in any order.
    fn value(&self, column: usize) -> f64 {
        let state = self.done.borrow()[column];
        match state {
            State::Done(value) => return value,
            // Columns that refer to each other in a circle have no values.
            State::Under => return f64::NAN,
            State::Open => self.done.borrow_mut()[column] = State::Under,
        }
        let hand = &self.machine.columns[column];
        if let Some(start) = self.given.starts[column].filter(|_| self.row == 0) {
            self.done.borrow_mut()[column] = State::Done(start);
            return start;
        }
        let formula = match (&hand.first, &hand.pattern) {
            (Some(first), _) if self.row == 0 => Some(first),
            (_, pattern) => pattern.as_ref(),
        };
        let value = match formula {
            Some(formula) if !self.kinds.counters[column] => {
                evaluate(formula, &|leaf| Value::number(self.leaf(*leaf))).get().unwrap_or(f64::NAN)
            }
            _ => self.given.values[column][self.row],
        };
        self.done.borrow_mut()[column] = State::Done(value);
        value
    }

    fn leaf(&self, leaf: Leaf) -> f64 {
        match leaf {
            Leaf::Column(column) => self.value(column),
            Leaf::Above(column) if self.row == 0 => self.given.before[column],
            Leaf::Above(column) => self.given.values[column][self.row - 1],
            Leaf::Fixed(index) => self.given.fixed[index],
            Leaf::Row => {
                self.machine.rows.get(self.row).map_or(f64::NAN, |row| f64::from(*row) + 1.0)
            }
        }
    }
}
