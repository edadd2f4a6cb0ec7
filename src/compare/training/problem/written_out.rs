//! The loss of one iteration over weights and cells that no weight changes.

use std::collections::{HashMap, HashSet};

use super::super::anatomy::Iteration;
use super::super::optimizer::definition::Fault;
use crate::formula::{Expr, Operator};
use crate::graph::{CellExpr, CellId, Graph};

/// So large a loss may be, written out.
const LARGEST: usize = 100_000;

/// What a written-out formula is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    /// A weight, by its place.
    Weight(usize),
    /// A cell that no weight changes.
    Cell(CellId),
}

/// Writes the loss of an iteration out.
pub(super) fn loss(graph: &Graph, iteration: &Iteration) -> Result<Expr<Part>, Fault> {
    let whole = match iteration.loss {
        Some(cell) => Expr::Name(cell),
        None => {
            let terms = iteration.residuals.iter().map(|one| one.term.clone());
            let sum = terms.reduce(|sum, term| sum.binary(Operator::Add, term));
            sum.ok_or_else(|| {
                let cell = iteration.weights.iter().find_map(|weight| weight.update);
                let what = "the sheet follows the slope of no loss that is known: it computes none, \
                            and its gradients tell none";
                Fault::of_loss(cell, what)
            })?
        }
    };
    let mut weights = HashMap::new();
    for (at, weight) in iteration.weights.iter().enumerate() {
        weights.extend([weight.value, weight.shown].into_iter().flatten().map(|cell| (cell, at)));
    }
    let inner = iteration.cells.iter().copied().collect();
    let written = Writer { graph, weights, inner, room: LARGEST }.written(&whole)?;
    match written.has_name(|part| matches!(part, Part::Weight(_))) {
        true => Ok(written),
        false => {
            let what = "the loss is a number here and no formula of the weights, so that nobody can \
                        tell what it is the loss of";
            Err(Fault::of_loss(iteration.loss, what))
        }
    }
}

struct Writer<'a> {
    graph: &'a Graph,
    weights: HashMap<CellId, usize>,
    /// The cells that are computed from the iteration's weights.
    inner: HashSet<CellId>,
    room: usize,
}

impl Writer<'_> {
    fn written(&mut self, formula: &CellExpr) -> Result<Expr<Part>, Fault> {
        formula.substitute(&mut |id| self.cell(*id))
    }

    fn cell(&mut self, id: CellId) -> Result<Expr<Part>, Fault> {
        let fault = |what: String| Fault::of_loss(Some(id), what);
        self.room = self.room.checked_sub(1).ok_or_else(|| {
            fault("the loss is too large to be written out as one formula".to_owned())
        })?;
        if let Some(weight) = self.weights.get(&id) {
            return Ok(Expr::Name(Part::Weight(*weight)));
        }
        if !self.inner.contains(&id) {
            return Ok(Expr::Name(Part::Cell(id)));
        }
        let formula = self.graph.tree(id).and_then(|tree| self.graph.expression(&tree));
        let Some(formula) = formula else {
            let text = self.graph.formula_text(id).unwrap_or_default();
            return Err(fault(format!("the loss has a formula that no model can say: {text}")));
        };
        self.written(&formula)
    }
}
