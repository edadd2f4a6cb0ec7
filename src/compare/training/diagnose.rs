//! From what is wrong to why: causes, each with its cells and the edit that mends it.
//!
//! First how updates use what they are given (another weight, another gradient, a rate that walks
//! away), then the derivatives: for the first iteration with failing ones the edits are searched for
//! that mend them, and every other iteration with the same formulas follows.

mod cells;
mod derivatives;
mod patterns;
mod updates;

use std::collections::HashSet;

use super::Finding;
use super::case::Case;
use super::result::{Kind, Rule};
use crate::graph::CellId;

/// What is wrong with a training, causes only.
pub(super) fn findings(case: &mut Case, rule: Rule) -> Vec<Finding> {
    let mut findings = cells::findings(case);
    findings.extend(updates::findings(case));
    let mut explained: HashSet<(usize, usize)> = HashSet::new();
    for (iteration, finding) in patterns::typed(case) {
        // What follows from a typed number says nothing about derivatives.
        for weight in 0..case.group().len() {
            explained.insert((weight, iteration));
            if let Some(verdict) =
                case.verdicts.get_mut(weight).and_then(|all| all.get_mut(iteration))
            {
                *verdict = None;
            }
        }
        findings.push(finding);
    }
    if rule != Rule::Perceptron {
        findings.extend(derivatives::findings(case, &mut explained));
    }
    // An error in a cell with another mistake is no mistake of its own.
    let told: HashSet<CellId> = findings
        .iter()
        .filter(|one| one.kind != Kind::ErrorCell)
        .flat_map(|one| one.cells.clone())
        .collect();
    findings
        .retain(|one| one.kind != Kind::ErrorCell || !one.cells.iter().any(|id| told.contains(id)));
    let known: HashSet<CellId> = findings.iter().flat_map(|one| one.cells.clone()).collect();
    findings.extend(patterns::odd(case, &known));
    findings.sort_by_key(|finding| finding.cells.first().copied());
    findings
}
