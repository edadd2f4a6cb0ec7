//! Weights that pass the schedule of the learning rate by: they take what it starts from.

use super::updates::merged;
use super::words::named;
use crate::compare::training::case::Case;
use crate::compare::training::result::{Finding, Kind};
use crate::graph::{CellId, Leaf, Target, Tree};

/// Updates that take the cell from which the learning rate of the other weights is computed for each iteration.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (weight, of) in case.group().iter().enumerate() {
        for at in 0..of.updates.len() {
            let Some(base) = case.rate_of(weight, at).cell() else { continue };
            let Some((other, scheduled)) = scheduled(case, at, base) else { continue };
            let (Some(own), Some(right)) =
                (place(case, weight, at, base), place(case, other, at, scheduled))
            else {
                continue;
            };
            let message = format!(
                "This update of {} takes {} itself; those of other weights take {}, which is computed from it.",
                case.weight_name(weight),
                named(case, base),
                named(case, scheduled),
            );
            let mut finding = Finding::new(Kind::OddWeight, vec![own.0.home], message);
            finding.weight = of.shown.get(at).copied();
            finding.loss = case.loss(at);
            let mended = own.0.map(&mut |_, leaf| match leaf.id() == Some(base) {
                true => Leaf { target: Target::Cell(scheduled), slot: None, ..right.1 },
                false => *leaf,
            });
            case.propose(&mut finding, &mended);
            findings.push(finding);
        }
    }
    merged(case, findings)
}

/// A weight whose learning rate is computed from a cell, otherwise in each iteration, with that rate.
fn scheduled(case: &Case, at: usize, base: CellId) -> Option<(usize, CellId)> {
    let rate = |weight: usize, at: usize| case.rate_of(weight, at).cell();
    let changes = |weight: usize, cell: CellId| {
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        let beside = beside.filter(|other| *other < case.iterations());
        let mut beside = beside.filter_map(|other| rate(weight, other)).peekable();
        beside.peek().is_some() && beside.all(|other| other != cell)
    };
    let all = (0..case.group().len()).filter_map(|one| Some((one, rate(one, at)?)));
    let mut all = all.filter(|(_, cell)| case.ground.graph.inputs(*cell).contains(&base));
    all.find(|(one, cell)| changes(*one, *cell))
}

/// The formula that takes a cell for the learning rate, and its reference to it.
fn place(case: &Case, weight: usize, at: usize, rate: CellId) -> Option<(Tree, Leaf)> {
    let step = case.steps[weight].get(at)?.as_ref()?;
    let tree = case.ground.graph.tree(step.rate_home(step.level_of(rate)?)?)?;
    let leaf = tree.leaves().into_iter().find(|leaf| leaf.id() == Some(rate)).copied()?;
    Some((tree, leaf))
}
