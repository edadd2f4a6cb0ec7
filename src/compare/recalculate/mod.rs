//! Computing every formula of a workbook afresh.
//!
//! Cells are taken in the order of rows, and what a cell needs goes before it, by a stack of our
//! own: a table of a hundred thousand rows is a chain of a hundred thousand cells. What is volatile
//! or not understood keeps the result that the file has for it.

mod fold;

use std::cell::Cell;
use std::collections::HashSet;

use self::fold::Folding;
use super::reference::{CellReference, Reference};
use super::scalar::{ErrorValue, Scalar};
use super::sheet::Sheet;
use super::understand::Formula;
use super::workbook::Workbook;
use crate::data::address::{Area, Position};
use crate::formula::{Expr, evaluate};
use crate::value::{CellError, Value};

/// How many cells ranges may take in altogether: some seconds of work, which a column of running
/// sums over a hundred thousand rows would need a hundred times.
const MAX_VISITS: usize = 50_000_000;

/// A cell by the place of its sheet and its place in [`Sheet::cells`].
pub type CellIndex = (usize, usize);

/// The values of all cells, computed from the constants.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// For each sheet, the value of each of its cells.
    pub sheets: Vec<Vec<Scalar>>,
    /// The cells with formulas, each behind those that it needs.
    pub order: Vec<CellIndex>,
    /// The cells that need themselves.
    pub circular: Vec<CellIndex>,
}

impl Values {
    /// The value of the cell `at` of a sheet.
    pub fn get(&self, workbook: &Workbook, sheet: usize, at: (u32, u32)) -> Scalar {
        let index = workbook.sheets.get(sheet).and_then(|sheet| sheet.index(at));
        index.map_or(Scalar::Blank, |index| self.sheets[sheet][index])
    }
}

/// Computes all cells of `workbook`.
pub fn recalculate(workbook: &Workbook) -> Values {
    recalculate_within(workbook, MAX_VISITS)
}

/// As [`recalculate`], with at most so many cells taken in by ranges.
fn recalculate_within(workbook: &Workbook, visits: usize) -> Values {
    let sheets: Vec<Vec<Scalar>> = workbook.sheets.iter().map(cached).collect();
    let mut work = Work {
        workbook,
        state: sheets.iter().map(|cells| vec![State::New; cells.len()]).collect(),
        values: Values { sheets, ..Values::default() },
        visits: Cell::new(visits),
        finished: HashSet::new(),
    };
    for sheet in 0..workbook.sheets.len() {
        for (index, cell) in workbook.sheets[sheet].cells().iter().enumerate() {
            if cell.formula().is_some() && work.state[sheet][index] == State::New {
                work.settle((sheet, index));
            }
        }
    }
    work.values
}

/// What the file says that the cells hold.
pub(super) fn cached(sheet: &Sheet) -> Vec<Scalar> {
    sheet.cells().iter().map(|cell| Scalar::of(&cell.content).unwrap_or(Scalar::Unknown)).collect()
}

/// What the formula of a cell gives with the values that `look` has for other cells; none where
/// it is volatile or not understood.
pub(super) fn compute(
    workbook: &Workbook,
    (sheet, index): CellIndex,
    look: &dyn Fn(CellIndex) -> Scalar,
    visits: &Cell<usize>,
) -> Option<Scalar> {
    let on = &workbook.sheets[sheet];
    let cell = &on.cells()[index];
    let tree = on.formula_of(cell)?.tree()?;
    let sight = Sight { workbook, sheet, at: cell.at, look, visits, problem: Cell::new(None) };
    Some(sight.scalar(tree))
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

struct Work<'a> {
    workbook: &'a Workbook,
    values: Values,
    state: Vec<Vec<State>>,
    /// How many cells ranges may still take in.
    visits: Cell<usize>,
    /// Ranges all of whose cells are computed.
    finished: HashSet<(usize, Position, Position)>,
}

impl Work<'_> {
    /// Computes a cell and all that it needs.
    fn settle(&mut self, first: CellIndex) {
        let mut stack = vec![first];
        while let Some(&cell) = stack.last() {
            match self.state[cell.0][cell.1] {
                State::Done => {
                    stack.pop();
                }
                State::New => {
                    self.state[cell.0][cell.1] = State::Open;
                    self.push_needed(cell, &mut stack);
                }
                State::Open => {
                    self.finish(cell);
                    stack.pop();
                }
            }
        }
    }

    fn finish(&mut self, (sheet, index): CellIndex) {
        let look = |(sheet, index): CellIndex| self.values.sheets[sheet][index];
        let value = compute(self.workbook, (sheet, index), &look, &self.visits);
        if let Some(value) = value {
            self.values.sheets[sheet][index] = value;
        }
        self.state[sheet][index] = State::Done;
        self.values.order.push((sheet, index));
    }

    fn push_needed(&mut self, (sheet, index): CellIndex, stack: &mut Vec<CellIndex>) {
        let workbook = self.workbook;
        let cell = &workbook.sheets[sheet].cells()[index];
        let Some(formula) = formula(workbook, (sheet, index)) else { return };
        for reference in &formula.cells {
            if let Some(needed) = find(workbook, sheet, cell.at, reference) {
                self.push(needed, stack);
            }
        }
        for (from, to) in &formula.ranges {
            let Some((on, area)) = rectangle(workbook, sheet, cell.at, from, to) else { continue };
            if self.finished.contains(&(on, area.first, area.last)) {
                continue;
            }
            let before = stack.len();
            let mut is_finished = true;
            for needed in workbook.sheets[on].within(area) {
                let Some(left) = self.visits.get().checked_sub(1) else { break };
                self.visits.set(left);
                is_finished &= self.is_done((on, needed));
                self.push((on, needed), stack);
            }
            if is_finished && stack.len() == before {
                self.finished.insert((on, area.first, area.last));
            }
        }
    }

    fn is_done(&self, (sheet, index): CellIndex) -> bool {
        self.workbook.sheets[sheet].cells()[index].formula().is_none()
            || self.state[sheet][index] == State::Done
    }

    fn push(&mut self, needed: CellIndex, stack: &mut Vec<CellIndex>) {
        if self.is_done(needed) {
            return;
        }
        match self.state[needed.0][needed.1] {
            State::New => stack.push(needed),
            // It waits for this cell itself.
            _ if self.values.circular.last() != Some(&needed) => {
                self.values.circular.push(needed);
            }
            _ => {}
        }
    }
}

/// The cell that a formula in `at` refers to; none where that is blank or does not exist.
pub(super) fn find(
    workbook: &Workbook,
    sheet: usize,
    at: Position,
    reference: &CellReference,
) -> Option<CellIndex> {
    let on = sheet_of(workbook, sheet, reference)?;
    workbook.sheets[on].index(reference.resolve(at)?).map(|index| (on, index))
}

/// The sheet that a reference means.
pub(super) fn sheet_of(
    workbook: &Workbook,
    sheet: usize,
    reference: &CellReference,
) -> Option<usize> {
    match &reference.sheet {
        None => Some(sheet),
        Some(name) => workbook.sheet(name),
    }
}

/// The sheet and the cells of a range in a formula in `at`.
pub(super) fn rectangle(
    workbook: &Workbook,
    sheet: usize,
    at: Position,
    from: &CellReference,
    to: &CellReference,
) -> Option<(usize, Area)> {
    let on = sheet_of(workbook, sheet, from)?;
    Some((on, Area::between(from.resolve(at)?, to.resolve(at)?)))
}

/// What one formula sees of the workbook.
struct Sight<'a> {
    workbook: &'a Workbook,
    sheet: usize,
    at: Position,
    look: &'a dyn Fn(CellIndex) -> Scalar,
    visits: &'a Cell<usize>,
    /// What stood in the way of a number first, where [`Value`] cannot say it.
    problem: Cell<Option<Scalar>>,
}

impl Sight<'_> {
    fn scalar(&self, tree: &Expr<Reference>) -> Scalar {
        // `=A1` gives whatever A1 holds, a text too.
        if let Expr::Name(Reference::Cell(cell)) = tree {
            return match self.cell(cell) {
                Scalar::Blank => Scalar::Number(0.0),
                scalar => scalar,
            };
        }
        let value = evaluate(tree, &|reference| self.value(reference));
        match self.problem.get() {
            Some(problem) if value.is_error() => problem,
            _ => value.into(),
        }
    }

    fn cell(&self, reference: &CellReference) -> Scalar {
        let Some(on) = sheet_of(self.workbook, self.sheet, reference) else {
            return Scalar::Error(ErrorValue::Reference);
        };
        match reference.resolve(self.at) {
            None => Scalar::Error(ErrorValue::Reference),
            Some(at) => self.scalar_at(on, at),
        }
    }

    fn scalar_at(&self, sheet: usize, at: Position) -> Scalar {
        let index = self.workbook.sheets[sheet].index(at);
        index.map_or(Scalar::Blank, |index| (self.look)((sheet, index)))
    }

    fn value(&self, reference: &Reference) -> Value {
        match reference {
            Reference::Cell(cell) => self.arithmetic(self.cell(cell)),
            Reference::Fold(fold, operands) => Folding { sight: self }.fold(*fold, operands),
            Reference::RowNumber(row) => number_of(row.resolve(self.at.0)),
            Reference::ColumnNumber(column) => number_of(column.resolve(self.at.1)),
        }
    }

    fn arithmetic(&self, scalar: Scalar) -> Value {
        scalar.value().unwrap_or_else(|problem| self.fail(problem))
    }

    /// Notes why there is no number.
    fn fail(&self, problem: Scalar) -> Value {
        if self.problem.get().is_none() {
            self.problem.set(Some(problem));
        }
        CellError::Number.into()
    }
}

fn number_of(place: Option<u32>) -> Value {
    place.map_or(CellError::Number.into(), |at| Value::number(f64::from(at) + 1.0))
}

/// The formula of a cell, where it has one.
pub(super) fn formula(workbook: &Workbook, (sheet, index): CellIndex) -> Option<&Formula> {
    let sheet = &workbook.sheets[sheet];
    sheet.formula_of(sheet.cells().get(index)?).map(|shared| &shared.formula)
}

#[cfg(test)]
mod tests;
