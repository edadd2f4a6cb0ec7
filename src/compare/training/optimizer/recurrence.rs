//! The updates of one weight as a recurrence: what each iteration computes from its gradient, from
//! numbers that stay, and from what the iteration before left.
//!
//! The formulas are followed reference by reference from the update on, so that it makes no difference
//! where their cells stand: the same way from the update of another iteration leads to the same thing.

use std::collections::HashSet;

use crate::compare::invented::counts;
use crate::compare::machine::{Fixed, HandColumn, Leaf as Name, Machine};
use crate::compare::training::case::Case;
use crate::compare::training::iterations::Tag;
use crate::compare::training::names;
use crate::compare::training::steps::Gradient;
use crate::compare::training::updates::decayed_from;
use crate::compare::training::ways::{Way, references};
use crate::formula::{Expr, Operator};
use crate::graph::{CellId, Leaf, Node, Target, Tree};

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
    /// The way that leads to it from the update of its iteration, or from that of a later one.
    way: Way,
    behind: usize,
}

impl<'c, 'a> Recurrence<'c, 'a> {
    /// Follows the updates of a weight; none where there are not two of the kind.
    pub fn new(case: &'c Case<'a>, weight: usize) -> Option<Self> {
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
        let mut recurrence = Recurrence { case, weight, gradients, columns, fixed };
        recurrence.explore(NEXT, &Way::default(), 0);
        (recurrence.columns.len() <= MOST_COLUMNS).then_some(recurrence)
    }

    /// The number in a cell; 0 where it holds none.
    pub fn number(&self, cell: CellId) -> f64 {
        self.case.ground.graph.value(cell).number().unwrap_or(0.0)
    }

    /// How many iterations there are.
    pub fn len(&self) -> usize {
        self.gradients.len()
    }

    /// The cell at the end of a way from an update.
    fn end(&self, way: &Way, iteration: usize) -> Option<CellId> {
        let start = self.columns[NEXT].cells.get(iteration).copied()??;
        way.cell(self.case.ground.graph, start)
    }

    /// The cells at the end of a way in all iterations, or in those behind them.
    fn ends(&self, way: &Way, behind: usize) -> Vec<Option<CellId>> {
        (0..self.len()).map(|at| self.end(way, at + behind)).collect()
    }

    /// Reads the formula of a column, at the end of `way` of the iteration `behind` each.
    fn explore(&mut self, column: usize, way: &Way, behind: usize) {
        let graph = self.case.ground.graph;
        (self.columns[column].way, self.columns[column].behind) = (way.clone(), behind);
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
            parts.extend(self.reference(&way.with(reference), behind, is_like));
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

    /// What a reference at the end of a way is; none where it leads to the forward pass.
    fn reference(&mut self, way: &Way, behind: usize, is_like: bool) -> Option<Expr<Name>> {
        let cells = self.ends(way, behind);
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
                let at = self.add(self.ends(way, behind + 1));
                if is_like {
                    self.columns[at].before = cells[0];
                }
                self.explore(at, way, behind + 1);
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
                self.explore(at, way, behind);
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
        for input in self.case.ground.graph.inputs(id).iter().take(MOST_COLUMNS) {
            self.fixed(*input);
        }
        at
    }

    /// The column that counts the iterations.
    pub fn counter(&self) -> Option<usize> {
        let graph = self.case.ground.graph;
        let value = |cell: &Option<CellId>| cell.and_then(|id| graph.value(id).number());
        (NEXT + 1..self.columns.len())
            .find(|at| counts(&self.columns[*at].cells.iter().map(value).collect::<Vec<_>>()))
    }

    /// The cells of a column in all iterations of the training.
    pub fn all_cells(&self, column: usize) -> impl Iterator<Item = CellId> {
        let Column { way, behind, .. } = &self.columns[column];
        let updates = self.case.group()[self.weight].updates.iter().skip(*behind).flatten();
        updates.filter_map(|update| way.cell(self.case.ground.graph, update.cell))
    }

    /// A formula of this weight's columns as it would stand in a cell of another weight's, in the
    /// second iteration.
    pub fn filled(&self, tree: &Tree, other: &Recurrence, home: CellId) -> Option<Tree> {
        let mut is_lost = false;
        let filled = tree.map(&mut |_, leaf| {
            let Some(id) = leaf.id() else { return *leaf };
            let counterpart = self.columns.iter().zip(&other.columns).find_map(|(own, others)| {
                (0..2).find_map(|at| (own.cells[at] == Some(id)).then_some(others.cells[at]))
            });
            // A cell that hands the weight on stands beside one that hands on the other's.
            let shown =
                |of: &Recurrence, at: usize| self.case.group()[of.weight].shown.get(at).copied();
            let handed = (0..2).find(|at| shown(self, *at) == Some(id));
            match counterpart.or_else(|| Some(shown(other, handed?))) {
                Some(Some(id)) => Leaf { target: Target::Cell(id), slot: None, ..*leaf },
                None if self.fixed.contains(&id) => Leaf { slot: None, ..*leaf },
                _ => {
                    is_lost = true;
                    *leaf
                }
            }
        });
        (!is_lost).then_some(Tree { home, root: filled.root })
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
