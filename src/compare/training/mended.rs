//! What the weights and the losses of a training would be if every gradient were the derivative of its loss.

use super::anatomy::Iteration;
use super::chain::Forward;
use super::result::{Kind, Training, Verdict};
use crate::graph::{CellId, Graph, Item, Values};

/// The values of all cells where wrong gradients are put right, iteration by iteration; none where nothing is wrong but
/// such gradients, each in a cell of its own, or where none is.
pub fn mended(graph: &Graph, training: &Training) -> Option<Values> {
    let mut mistakes = training.findings.iter().filter(|one| one.kind.is_mistake());
    let is_only_wrong =
        mistakes.all(|one| matches!(one.kind, Kind::WrongDerivative | Kind::DriftingReference));
    let is_wrong = training.weights.iter().any(|weight| weight.verdict == Verdict::Wrong);
    if !is_only_wrong || !is_wrong {
        return None;
    }
    let mut values = graph.values().clone();
    for (at, iteration) in training.anatomy.iter().enumerate() {
        let next = training.anatomy.get(at + 1);
        step(graph, training, (iteration, next), &mut values)?;
    }
    Some(values)
}

fn step(
    graph: &Graph,
    training: &Training,
    (iteration, next): (&Iteration, Option<&Iteration>),
    values: &mut Values,
) -> Option<()> {
    graph.evaluate(values, &iteration.cells);
    let forward = Forward::new(graph, iteration)?;
    let derivatives = forward.derivatives(values);
    let mut right: Vec<CellId> = Vec::new();
    for cells in iteration.weights.iter().filter(|cells| cells.holds == Some(false)) {
        let (value, gradient) = (cells.value?, cells.gradient?);
        values.put(gradient, Item::number(training.factor * derivatives.get(value)));
        right.push(gradient);
    }
    let behind: Vec<CellId> =
        iteration.cells.iter().copied().filter(|cell| !right.contains(cell)).collect();
    graph.evaluate(values, &behind);
    let weights = iteration.weights.iter().filter_map(|cells| cells.update);
    let next = next.into_iter().flat_map(|next| &next.weights);
    let next = next.flat_map(|cells| [cells.value, cells.shown]).flatten();
    // What only hands an update on comes behind it.
    for cell in weights.chain(next).filter(|cell| !right.contains(cell)) {
        graph.evaluate(values, &[cell]);
    }
    Some(())
}
