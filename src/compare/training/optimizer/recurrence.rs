//! The updates of one weight as a recurrence: what each iteration computes from its gradient, from
//! numbers that stay, and from what the iteration before left.
//!
//! The formulas are followed reference by reference from the update on, so that it makes no difference
//! where their cells stand: the same way from the update of another iteration leads to the same thing.

use std::collections::HashSet;

use super::freed::Freed;
use crate::compare::machine::{Fixed, HandColumn, Leaf as Name, Machine};
use crate::compare::training::case::Case;
use crate::compare::training::iterations::Tag;
use crate::compare::training::names;
use crate::compare::training::steps::Gradient;
use crate::compare::training::updates::decayed_from;
use crate::compare::training::ways::{Way, references};
use crate::formula::{Expr, Operator};
use crate::graph::{CellId, Leaf, Node};

/// So many iterations are looked at.
const MOST_ITERATIONS: usize = 8;
/// So many different cells go into an update beside its gradient.
const MOST_COLUMNS: usize = 40;

/// The column of the weight's values.
pub const WEIGHT: usize = 0;
/// The column of its gradients.
pub const GRADIENT: usize = 1;
/// The column of the updates.
pub const NEXT: usize = 2;

/// What a weight's updates compute with.
pub struct Recurrence<'c, 'a> {
    pub case: &'c Case<'a>,
    pub weight: usize,
    /// The gradient of each iteration.
    pub gradients: Vec<Gradient>,
    /// What of an iteration goes into the next weight, the first three as they are called above.
    pub columns: Vec<Column>,
    /// The cells that are the same in all iterations.
    pub fixed: Vec<CellId>,
    pub freed: Freed,
}

/// A cell of each iteration.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// The cells, iteration by iteration.
    pub cells: Vec<Option<CellId>>,
    /// The cell that the first iteration has for that of the one before.
    pub before: Option<CellId>,
    /// What its formula is made of: references and typed numbers.
    pub parts: Vec<Expr<Name>>,
    /// The formula of the first iteration, where it is another one.
    pub first: Option<Expr<Name>>,
    path: Path,
}

/// What leads to a column: the way from a cell of a known column, of the same iteration or a later one.
#[derive(Debug, Clone, Default)]
struct Path {
    root: usize,
    way: Way,
    behind: usize,
}

impl Path {
    fn from(root: usize) -> Path {
        Path { root, ..Path::default() }
    }

    fn with(&self, reference: Vec<usize>) -> Path {
        Path { way: self.way.with(reference), ..*self }
    }

    fn later(&self) -> Path {
        Path { behind: self.behind + 1, ..self.clone() }
    }
}

impl<'c, 'a> Recurrence<'c, 'a> {
    /// Follows the updates of a weight; none where there are not two of the kind.
    pub fn new(case: &'c Case<'a>, weight: usize) -> Option<Self> {
        Recurrence::with(case, weight, Freed::default())
    }

    /// The same as if nothing held the updates back and the learning rate stayed; none where that is so.
    pub fn freed(case: &'c Case<'a>, weight: usize) -> Option<Self> {
        Recurrence::with(case, weight, Freed::of(case, weight)?)
    }

    fn with(case: &'c Case<'a>, weight: usize, freed: Freed) -> Option<Self> {
        let updates = &case.group()[weight].updates;
        let gradients = updates.iter().zip(&case.used[weight]);
        let gradients = gradients.map_while(|(update, used)| update.as_ref().and(used.clone()));
        let gradients: Vec<Gradient> = gradients.take(MOST_ITERATIONS).collect();
        let count = gradients.len();
        if count < 2 {
            return None;
        }
        let cells = |cell: &dyn Fn(usize) -> Option<CellId>| (0..count).map(cell).collect();
        let column = |cells| Column { cells, ..Column::default() };
        let columns = vec![
            column(cells(&|at| case.variable(weight, at))),
            column(cells(&|at| gradients[at].cell)),
            column(cells(&|at| Some(updates[at].as_ref()?.cell))),
        ];
        let fixed = Vec::new();
        let mut recurrence = Recurrence { case, weight, gradients, columns, fixed, freed };
        recurrence.explore(NEXT, &Path::from(NEXT));
        (recurrence.columns.len() <= MOST_COLUMNS).then_some(recurrence)
    }

    /// The same with what is computed from the gradients beside the updates: an average that should go
    /// into them, where another is taken instead.
    pub fn with_unused(case: &'c Case<'a>, weight: usize) -> Option<Self> {
        let mut recurrence = Recurrence::new(case, weight)?;
        let graph = case.ground.graph;
        let known = recurrence.columns.len();
        for cell in graph.users(recurrence.gradients[1].cell?) {
            let shape = crate::compare::training::counterpart::shape_of(graph, *cell);
            let alike = |at: usize| -> Option<CellId> {
                let users = graph.users(recurrence.gradients[at].cell?).iter().copied();
                let is_here = |id: CellId| matches!(case.ground.tags.get(id), Tag::Of { last, .. } if last == at);
                let is_like =
                    |id| crate::compare::training::counterpart::shape_of(graph, id) == shape;
                let mut alike = users.filter(|id| is_here(*id) && is_like(*id));
                alike.next().filter(|_| alike.next().is_none())
            };
            let cells: Vec<Option<CellId>> = (0..recurrence.len()).map(alike).collect();
            let is_known = |one: &Column| one.cells.contains(&Some(*cell));
            let is_there = cells[1] == Some(*cell) && cells.iter().skip(1).all(Option::is_some);
            if is_there && !recurrence.columns.iter().any(is_known) {
                let at = recurrence.add(cells);
                recurrence.explore(at, &Path::from(at));
            }
        }
        let count = recurrence.columns.len();
        (count > known && count <= MOST_COLUMNS).then_some(recurrence)
    }

    /// The number in a cell; 0 where it holds none.
    pub fn number(&self, cell: CellId) -> f64 {
        self.case.ground.graph.value(cell).number().unwrap_or(0.0)
    }

    /// How many iterations there are.
    pub fn len(&self) -> usize {
        self.gradients.len()
    }

    /// The cell that a path leads to.
    fn end(&self, path: &Path, iteration: usize) -> Option<CellId> {
        let start = self.columns[path.root].cells.get(iteration + path.behind).copied()??;
        path.way.cell(self.case.ground.graph, start)
    }

    /// The cells that a path leads to in all iterations.
    fn ends(&self, path: &Path) -> Vec<Option<CellId>> {
        (0..self.len()).map(|at| self.end(path, at)).collect()
    }

    /// Reads the formula of a column, to which a path leads.
    fn explore(&mut self, column: usize, path: &Path) {
        let graph = self.case.ground.graph;
        self.columns[column].path = path.clone();
        // The first iteration may start otherwise.
        let cells = &self.columns[column].cells;
        let Some(cell) = cells.get(1).copied().flatten() else { return };
        let first = cells[0];
        let Some(tree) = graph.tree(cell) else { return };
        let shape = |id: CellId| crate::compare::training::counterpart::shape_of(graph, id);
        let is_like = first.is_some_and(|first| shape(first) == shape(cell));
        if !is_like {
            self.columns[column].first = first.map(|first| self.first(first));
        }
        let mut parts = Vec::new();
        numbers(&tree.root, &mut parts);
        for reference in references(&tree.root) {
            parts.extend(self.reference(&path.with(reference), is_like));
        }
        self.columns[column].parts = parts;
    }

    /// What the first iteration has in the place of a formula.
    fn first(&self, cell: CellId) -> Expr<Name> {
        let graph = self.case.ground.graph;
        let moves = |id: &CellId| !self.case.ground.tags.is_fixed(*id);
        match graph.inputs(cell).iter().any(moves) {
            true => Expr::Name(Name::Column(GRADIENT)),
            false => Expr::Number(self.number(cell)),
        }
    }

    /// What a reference at the end of a path is; none where it leads to the forward pass.
    fn reference(&mut self, path: &Path, is_like: bool) -> Option<Expr<Name>> {
        let behind = path.behind;
        let cells = self.ends(path);
        let here = cells[1]?;
        let known = |one: &Column, by: usize| {
            let mut pairs = (1..cells.len()).map(|at| (one.cells[at - by], cells[at]));
            // The way to the first may be another one, where that iteration starts otherwise.
            let is_same = |at: usize, own: Option<CellId>, here: Option<CellId>| {
                own == here || here.is_none() || at == 0 && own.is_none()
            };
            pairs.clone().enumerate().all(|(at, (own, here))| is_same(at, own, here))
                && pairs.any(|(own, here)| own == here)
        };
        if self.is_given(here, 1 + behind) {
            return Some(Expr::Name(Name::Column(WEIGHT)));
        }
        if let Some(rate) = self.freed.schedule.first().copied()
            && self.freed.schedule.contains(&self.case.ground.updates.origin(here))
        {
            return Some(Expr::Name(Name::Fixed(self.fixed(rate))));
        }
        let later = cells.iter().skip(1).flatten();
        if self.case.ground.tags.is_fixed(here)
            && later.clone().all(|id| *id == here)
            && cells.len() > 2
        {
            return Some(Expr::Name(Name::Fixed(self.fixed(here))));
        }
        if let Some(at) = self.columns.iter().position(|one| known(one, 0)) {
            return Some(Expr::Name(Name::Column(at)));
        }
        if let Some(at) = (GRADIENT..self.columns.len()).find(|at| known(&self.columns[*at], 1)) {
            if is_like && self.columns[at].before.is_none() {
                self.columns[at].before = cells[0];
            }
            if let (None, Some(first)) = (self.columns[at].cells[0], cells[1]) {
                self.columns[at].cells[0] = Some(first);
                self.columns[at].first = Some(self.first(first));
            }
            return Some(Expr::Name(Name::Above(at)));
        }
        if self.columns.len() > MOST_COLUMNS {
            return None;
        }
        let is_decayed = || {
            let of = decayed_from(self.case.ground.graph, here);
            of.is_some_and(|of| self.is_given(of, 1 + behind))
        };
        match self.case.ground.tags.get(here) {
            Tag::Of { last, .. } if last == behind => {
                // A value of the iteration before that this one does not compute before its update.
                let at = self.add(self.ends(&path.later()));
                if is_like {
                    self.columns[at].before = cells[0];
                }
                self.explore(at, &path.later());
                Some(Expr::Name(Name::Above(at)))
            }
            Tag::Of { first, last, .. }
                if first == last && !self.follows_gradient(here) && !is_decayed() =>
            {
                None
            }
            Tag::Mixed => None,
            _ => {
                let at = self.add(cells);
                self.explore(at, path);
                Some(Expr::Name(Name::Column(at)))
            }
        }
    }

    fn add(&mut self, cells: Vec<Option<CellId>>) -> usize {
        self.columns.push(Column { cells, ..Column::default() });
        self.columns.len() - 1
    }

    /// Whether a cell holds the weight's value of an iteration.
    fn is_given(&self, id: CellId, iteration: usize) -> bool {
        let variable = self.case.variable(self.weight, iteration);
        variable.is_some_and(|own| own == id || own == self.case.ground.updates.origin(id))
    }

    /// Whether a cell is computed from the gradient of its iteration.
    fn follows_gradient(&self, id: CellId) -> bool {
        let graph = self.case.ground.graph;
        let is_gradient = |id: &CellId| self.gradients.iter().any(|one| one.cell == Some(*id));
        let mut inputs = graph.inputs(id).iter();
        inputs.any(|input| is_gradient(input) || graph.inputs(*input).iter().any(is_gradient))
    }

    /// The number of a fixed cell, with those that it follows from.
    fn fixed(&mut self, id: CellId) -> usize {
        if let Some(at) = self.fixed.iter().position(|known| *known == id) {
            return at;
        }
        self.fixed.push(id);
        let at = self.fixed.len() - 1;
        if self.freed.schedule.contains(&id) {
            return at;
        }
        for input in self.case.ground.graph.inputs(id).iter().take(MOST_COLUMNS) {
            self.fixed(*input);
        }
        at
    }

    /// The column with these cells.
    pub fn find(&self, cells: &[Option<CellId>]) -> Option<usize> {
        self.columns.iter().position(|column| column.cells == cells)
    }

    /// The column that is made as one of another weight's, which may have others before it; none where
    /// formulas have it as a part.
    pub fn like(&self, other: &Recurrence, column: usize) -> Option<usize> {
        let graph = self.case.ground.graph;
        let shape = |of: &Recurrence, at: usize| {
            let cell = of.columns.get(at)?.cells.get(1).copied()??;
            Some(crate::compare::training::counterpart::shape_of(graph, cell))
        };
        let wanted = shape(other, column)?;
        let mut places = std::iter::once(column).chain(GRADIENT..self.columns.len());
        places.find(|at| shape(self, *at).as_ref() == Some(&wanted))
    }

    /// The cells of a column in all iterations of the training.
    pub fn all_cells(&self, column: usize) -> impl Iterator<Item = CellId> {
        let Column { path, cells, .. } = &self.columns[column];
        let updates = self.case.group()[self.weight].updates.iter().skip(path.behind).flatten();
        let own = updates.filter_map(|update| path.way.cell(self.case.ground.graph, update.cell));
        let is_used = path.root == NEXT;
        let beside = cells.iter().flatten().copied().filter(move |_| !is_used);
        own.filter(move |_| is_used).chain(beside)
    }

    /// The cells of the updates in all iterations of the training.
    pub fn cells_of_updates(&self) -> impl Iterator<Item = CellId> {
        self.case.group()[self.weight].updates.iter().flatten().map(|update| update.cell)
    }

    /// The recurrence as a machine: what its columns are made of, iteration by iteration.
    pub fn machine(&self) -> Machine {
        let graph = self.case.ground.graph;
        let value = |cell: Option<CellId>| cell.and_then(|id| graph.value(id).number());
        let columns = self.columns.iter().enumerate().map(|(at, column)| HandColumn {
            header: column.cells[0].and_then(|id| names::of_cell(graph, id)),
            column: at as u32,
            pattern: (!column.parts.is_empty()).then(|| sum(&column.parts)),
            first: column.first.clone(),
            values: column.cells.iter().map(|cell| value(*cell)).collect(),
            before: value(column.before),
        });
        let fixed = self.fixed.iter().map(|id| Fixed {
            cell: graph.address(*id),
            label: names::own_label(graph, *id),
            value: graph.value(*id).number().unwrap_or(f64::NAN),
            formula: self.formula_of(*id),
            is_used: true,
        });
        Machine {
            columns: columns.collect(),
            fixed: fixed.collect(),
            rows: (0..self.len() as u32).collect(),
        }
    }

    /// What a fixed cell follows from.
    fn formula_of(&self, id: CellId) -> Option<Expr<Name>> {
        let inputs: HashSet<CellId> = self.case.ground.graph.inputs(id).iter().copied().collect();
        let known = (0..self.fixed.len()).filter(|at| inputs.contains(&self.fixed[*at]));
        let parts: Vec<Expr<Name>> = known.map(|at| Expr::Name(Name::Fixed(at))).collect();
        (!parts.is_empty()).then(|| sum(&parts))
    }
}

/// Something with all the parts: which they are is all that counts.
fn sum(parts: &[Expr<Name>]) -> Expr<Name> {
    let mut parts = parts.iter().cloned();
    let first = parts.next().unwrap_or(Expr::Number(0.0));
    parts.fold(first, |sum, part| sum.binary(Operator::Add, part))
}

/// The numbers that are typed into a formula.
fn numbers(part: &Node<Leaf>, found: &mut Vec<Expr<Name>>) {
    if let Node::Number(number) = part {
        found.push(Expr::Number(*number));
    }
    part.parts().into_iter().for_each(|part| numbers(part, found));
}
