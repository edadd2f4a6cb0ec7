//! From what is wrong to why: causes, each with its cells and the edit that mends it.
//!
//! First how updates use what they are given (another weight, another gradient, a rate that walks
//! away), then the derivatives: for the first iteration with failing ones the edits are searched for
//! that mend them, and every other iteration with the same formulas follows.

mod cells;
pub(super) mod derivatives;
mod drift;
mod largest;
mod patterns;
mod rates;
mod schedules;
mod sigmoids;
pub(super) mod starts;
mod taken;
mod updates;
mod words;

use std::collections::HashSet;

use super::Finding;
use super::case::Case;
use super::result::{Kind, Rule};
use crate::graph::{CellId, Leaf, Node, Tree};
pub(super) use updates::climbing;

/// What is wrong with a training, causes only.
pub(super) fn findings(case: &mut Case, rule: Rule) -> Vec<Finding> {
    let mut findings = cells::findings(case);
    let mut explained: HashSet<(usize, usize)> = HashSet::new();
    let mut sigmoids = Vec::new();
    if rule != Rule::Perceptron {
        sigmoids = sigmoids::findings(case, &mut explained);
        taken::settle(case);
    }
    findings.extend(updates::findings(case, rule));
    use_own_gradients(case);
    for (weight, finding) in updates::one_sided(case) {
        explain(case, weight..weight + 1, 0..case.iterations(), &mut explained);
        findings.push(finding);
    }
    // What follows from a typed number or a lost reference says nothing about derivatives.
    for (iteration, finding) in patterns::typed(case) {
        explain(case, 0..case.group().len(), iteration..iteration + 1, &mut explained);
        findings.push(finding);
    }
    for (iteration, finding) in drift::findings(case) {
        explain(case, 0..case.group().len(), iteration..case.iterations(), &mut explained);
        findings.push(finding);
    }
    findings.extend(largest::findings(case));
    // Derivatives are looked at again when the sigmoids are right.
    if rule != Rule::Perceptron && sigmoids.is_empty() {
        findings.extend(derivatives::findings(case, &mut explained));
    }
    findings.extend(sigmoids);
    // An error value is told by the formula that gives it.
    let told = findings.iter().filter(|one| one.kind != Kind::ErrorCell);
    let known: HashSet<CellId> = told.flat_map(|one| one.cells.clone()).collect();
    findings.extend(patterns::odd(case, &known));
    let known: HashSet<CellId> = findings.iter().flat_map(|one| one.cells.clone()).collect();
    findings.extend(patterns::doubled(case, &known));
    let known: HashSet<CellId> = findings.iter().flat_map(|one| one.cells.clone()).collect();
    findings.extend(patterns::odd_samples(case, &known));
    findings
}

/// Takes the weights' own gradients for what their updates use: what takes another is told.
fn use_own_gradients(case: &mut Case) {
    for (used, roles) in case.used.iter_mut().zip(&case.roles) {
        for (used, role) in used.iter_mut().zip(roles) {
            let own = role.as_ref().and_then(|role| role.cell);
            if let (Some(used), Some(own)) = (used, own)
                && used.cell.is_some_and(|cell| taken::is_another(case.ground, cell, own))
            {
                used.cell = Some(own);
                used.tree = Tree { home: own, root: Node::Leaf(Leaf::cell(own)) };
            }
        }
    }
}

/// Leaves the derivatives of some weights in some iterations undecided.
fn explain(
    case: &mut Case,
    weights: std::ops::Range<usize>,
    iterations: std::ops::Range<usize>,
    explained: &mut HashSet<(usize, usize)>,
) {
    for iteration in iterations {
        for weight in weights.clone() {
            explained.insert((weight, iteration));
            let verdicts = case.verdicts.get_mut(weight);
            if let Some(verdict) = verdicts.and_then(|all| all.get_mut(iteration)) {
                *verdict = None;
            }
        }
    }
}

/// The findings in the order of their cells, without errors that follow from another mistake.
pub(super) fn causes(case: &Case, mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| finding.cells.first().copied());
    let is_error = |finding: &Finding| finding.kind == Kind::ErrorCell;
    if !findings.iter().any(is_error) {
        return findings;
    }
    let causes = findings.iter().filter(|one| !is_error(one) && one.kind.is_mistake());
    let mut open: Vec<CellId> = causes.flat_map(|one| one.cells.clone()).collect();
    let mut behind: HashSet<CellId> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        let users = case.ground.graph.users(id).iter().copied();
        open.extend(users.filter(|user| behind.insert(*user)));
    }
    let follows = |one: &Finding| one.cells.iter().any(|id| behind.contains(id));
    findings.into_iter().filter(|one| !is_error(one) || !follows(one)).collect()
}
