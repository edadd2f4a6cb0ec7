//! From what is wrong to why: causes, each with its cells and the edit that mends it.
//!
//! First how updates use what they are given (another weight, another gradient, a rate that walks
//! away), then the derivatives: for the first iteration with failing ones the edits are searched for
//! that mend them, and every other iteration with the same formulas follows.

mod derivatives;
mod updates;

use super::Finding;
use super::check::Case;
use super::result::Rule;

/// What is wrong with a training, causes only.
pub(super) fn findings(case: &mut Case, rule: Rule) -> Vec<Finding> {
    let mut findings = updates::findings(case);
    if rule != Rule::Perceptron {
        findings.extend(derivatives::findings(case));
    }
    findings.sort_by_key(|finding| finding.cells.first().copied());
    findings
}
