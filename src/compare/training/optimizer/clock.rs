//! The cells that count the updates: whether they count 1, 2, 3 and so on.
//!
//! A bias correction divides by 1 − β^t, where t is the number of the update. A rule that is right but
//! for such cells is that rule, and the cells are what is wrong: not each formula that uses them.

use super::Followed;
use super::findings::finding;
use super::recurrence::{NEXT, Recurrence};
use crate::compare::invented::{Trial, counts};
use crate::compare::training::counterpart::shape_of;
use crate::compare::training::describe;
use crate::compare::training::result::{Finding, Kind};
use crate::formula::Operator;
use crate::graph::place::Place;
use crate::graph::{CellId, Leaf, Node, Tree};
use crate::value::number_text;

impl Recurrence<'_, '_> {
    /// The column that counts the iterations.
    pub fn counter(&self) -> Option<usize> {
        let graph = self.case.ground.graph;
        let value = |cell: &Option<CellId>| cell.and_then(|id| graph.value(id).number());
        (NEXT + 1..self.columns.len())
            .find(|at| counts(&self.columns[*at].cells.iter().map(value).collect::<Vec<_>>()))
    }

    /// Cells beside the updates, in the same row or column, that number the iterations though no formula
    /// of the updates refers to them.
    pub fn numbers_beside(&self) -> Option<Vec<Option<CellId>>> {
        let graph = self.case.ground.graph;
        let first = self.columns[NEXT].cells[0]?;
        let (sheet, (row, column)) = (graph.sheet(first), graph.position(first));
        let beside = (0..column).map(|at| (row, at)).chain((0..row).map(|at| (at, column)));
        let starts: Vec<CellId> = beside.filter_map(|at| graph.id(sheet, at)).collect();
        let cells = |start: &CellId, shift: &Place| -> Vec<Option<CellId>> {
            let place = |at: usize| (Place::of(graph, *start) + *shift * at as i64).cell(graph);
            (0..self.len()).map(place).collect()
        };
        let pairs =
            self.case.shifts.iter().flat_map(|shift| starts.iter().map(move |one| (one, shift)));
        pairs.map(|(start, shift)| cells(start, shift)).find(|cells| {
            let numbers: Vec<Option<f64>> =
                cells.iter().map(|cell| graph.value((*cell)?).number()).collect();
            counts(&numbers) && matches!(numbers[0], Some(0.0 | 1.0))
        })
    }
}

/// The columns that hold whole numbers, the same whatever gradients and hyperparameters are, which
/// do not count from 1.
pub(super) fn miscounting(recurrence: &Recurrence, trials: &[Trial]) -> Vec<usize> {
    let Some((first, others)) = trials.split_first() else { return Vec::new() };
    let is_clock = |at: &usize| {
        let values = &first.values[*at];
        let is_whole = values.iter().all(|value| *value >= 0.0 && value.fract() == 0.0);
        let counts = (1..).zip(values).all(|(number, value)| f64::from(number) == *value);
        is_whole && !counts && others.iter().all(|other| other.values[*at] == *values)
    };
    (NEXT + 1..recurrence.columns.len()).filter(is_clock).collect()
}

/// What is wrong with the count that the rule goes by: what it starts from, and how it goes on.
pub(super) fn findings(followed: &Followed) -> Vec<Finding> {
    let Some(clock) = followed.clock else { return Vec::new() };
    let graph = followed.recurrence.case.ground.graph;
    let cells: Vec<CellId> = followed.recurrence.all_cells(clock).collect();
    let number = |id: &CellId| graph.value(*id).number();
    let start = cells.first().and_then(number).filter(|start| *start != 1.0);
    let step = cells.windows(2).position(|pair| {
        let (before, here) = (number(&pair[0]), number(&pair[1]));
        before.zip(here).is_some_and(|(before, here)| here != before + 1.0)
    });
    let start = start.and_then(|start| from(followed, &cells, start));
    start.into_iter().chain(step.map(|at| stuck(followed, &cells[at..]))).collect()
}

/// A count that starts from another number than 1.
fn from(followed: &Followed, cells: &[CellId], start: f64) -> Option<Finding> {
    let case = followed.recurrence.case;
    let graph = case.ground.graph;
    let first = *cells.first()?;
    let mut message = format!(
        "{} is {} at the first update, where {} has t = 1",
        describe::name(case.ground, first),
        number_text(start),
        followed.title(),
    );
    message += match start == 0.0 {
        true => ": 1 − β^0 is 0, and the bias correction divides by it.",
        false => ": the bias correction is that of a later update.",
    };
    let Some(tree) = graph.tree(first) else {
        let mut one = finding(case, Kind::Value, vec![first], 0, None, message);
        one.expected = Some(1.0);
        one.fix = Some(format!("write 1 into {}", case.address(first)));
        return Some(one);
    };
    // Formulas that all count from elsewhere are mended alike.
    let is_like = |id: &&CellId| shape_of(graph, **id) == shape_of(graph, first);
    let all = cells.iter().take_while(is_like).copied().collect();
    let by = Node::Number((1.0 - start).abs());
    let operator = if start < 1.0 { Operator::Add } else { Operator::Subtract };
    let tree = Tree { home: first, root: tree.root.binary(operator, by) };
    Some(finding(case, Kind::Value, all, 0, Some(tree), message))
}

/// A count that does not go up by 1 from the first of the cells to the second.
fn stuck(followed: &Followed, cells: &[CellId]) -> Finding {
    let case = followed.recurrence.case;
    let (before, here) = (cells[0], cells[1]);
    let number =
        |id: CellId| case.ground.graph.value(id).number().map_or_else(String::new, number_text);
    let message = format!(
        "{} is {} after {} in {}: the bias correction of {} needs the number of the update, one more \
         each time.",
        describe::name(case.ground, here),
        number(here),
        number(before),
        case.address(before),
        followed.title(),
    );
    let next = Node::Leaf(Leaf::cell(before)).binary(Operator::Add, Node::Number(1.0));
    let tree = Tree { home: here, root: next };
    finding(case, Kind::Value, cells[1..].to_vec(), 0, Some(tree), message)
}
