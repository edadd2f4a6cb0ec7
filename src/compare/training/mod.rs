//! Trainings in a workbook: gradient descent by hand, whatever its layout.
//!
//! Cell by cell a workbook is a program, and a training in it always has the same bones. Cells that
//! take a step from another are `updates`; chains of them are `weights`; what is computed between
//! two updates is an iteration (`iterations`). The factor that all steps share is the learning
//! rate, the rest of a step should be the gradient (`steps`). The `loss` is the cell whose
//! derivatives the gradients are; where none is written it is inferred (`implied`).
//!
//! What should be a derivative is compared with the derivative as a function: at `invented` points
//! one backward sweep from the loss gives the derivative by every cell (`check`). What is wrong is
//! traced to the formula with the mistake, and the smallest edit that mends it is searched for
//! (`repair`).

pub mod anatomy;
mod case;
pub(crate) mod chain;
mod chain_rule;
mod chains;
mod check;
mod counterpart;
mod describe;
mod diagnose;
mod edits;
mod elements;
pub(crate) mod explain;
mod extrapolation;
pub(crate) mod factors;
mod fill;
mod forward;
mod gradients;
mod held;
mod implied;
mod invented;
mod iterations;
pub(crate) mod labels;
mod layout;
mod least_squares;
pub mod log;
pub(in crate::compare) mod logged;
mod look_ahead;
mod loss;
pub(crate) mod mended;
mod mixed;
pub(crate) mod names;
mod neighbours;
mod numbers;
mod optimizer;
mod outliers;
pub mod problem;
mod quotient;
mod ranges;
mod recognize;
mod repair;
mod report;
pub mod result;
mod roles;
mod rule;
mod shares;
mod siblings;
mod slip_search;
mod steps;
pub(crate) mod summary;
mod surroundings;
mod terms;
mod thresholds;
mod updates;
mod ways;
mod weights;

use std::collections::HashSet;

use invented::Invented;
use iterations::{Group, Tags};
use updates::Updates;

pub use optimizer::definition::Nearest;
pub use optimizer::{Fault, Start, Written};
pub use result::{
    Finding, Kind, Layout, Loss, Optimizer, Rule, Setting, Training, Trainings, Verdict, Weight,
};

use crate::graph::{CellId, Graph};

/// What is known of a workbook before its trainings are looked at one by one.
pub(crate) struct Ground<'a> {
    graph: &'a Graph,
    updates: Updates,
    groups: Vec<Group>,
    tags: Tags,
    /// What formulas compute with weights from.
    data: HashSet<CellId>,
    invented: Invented,
}

impl<'a> Ground<'a> {
    /// Looks at all cells but `states`, which step from their own values and are no weights.
    fn new(graph: &'a Graph, states: &HashSet<CellId>) -> Ground<'a> {
        let first = weights::find(graph, &Updates::find(graph, None).without(states));
        let known = first.iter().flat_map(|weight| weight.updates.iter().flatten());
        let known: HashSet<CellId> = known.map(|update| update.cell).collect();
        let updates = Updates::find(graph, Some(&known)).without(states);
        let weights = weights::find(graph, &updates);
        let mut groups = iterations::group(graph, weights);
        groups.retain(|group| may_be_training(graph, group));
        let tags = Tags::new(graph, &groups);
        let data = steps::met_by_weights(graph, &tags, &updates);
        let invented = Invented::new(graph, &tags, groups.len());
        Ground { graph, updates, groups, tags, data, invented }
    }
}

/// Whether updates follow on each other, or the only one is a multiple of something: `x - mean(x)`
/// is no step.
fn may_be_training(graph: &Graph, group: &Group) -> bool {
    let follows = |weight: &weights::Weight| weight.updates.len() > 1;
    let is_multiple = |weight: &weights::Weight| {
        weight.updates.iter().flatten().any(|update| {
            let mut part = update.step.clone();
            for _ in 0..3 {
                let found = terms::factors(&part);
                let is_number = found.numbers.iter().any(|number| number.abs() != 1.0);
                if found.parts.len() > 1 || is_number {
                    return true;
                }
                let inner = found.parts.first().and_then(|(one, _)| terms::only_cell(one));
                match inner.and_then(|id| graph.tree(id)) {
                    Some(tree) => part = tree.root,
                    None => return false,
                }
            }
            false
        })
    };
    group.iter().any(follows) || group.iter().all(is_multiple)
}

/// Finds the trainings of a workbook and checks their derivatives.
pub fn find(graph: &Graph) -> Trainings {
    if let Some(settled) = outliers::settled(graph) {
        return settled;
    }
    let found = as_they_are(graph, Depth::Rules);
    slip_search::found(graph, &found).unwrap_or(found)
}

/// How far trainings are looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Up to their derivatives.
    Derivatives,
    /// Up to whether all derivatives hold and the updates do what a known optimizer does.
    Known,
    /// Up to what the updates do with these, which may take long to find out.
    Rules,
}

/// The same, with all that is in them.
fn as_they_are(graph: &Graph, depth: Depth) -> Trainings {
    let mut ground = Ground::new(graph, &HashSet::new());
    let mut trainings = trainings(&ground, depth);
    // What an optimizer remembers may step from its own value, as weights do.
    let states: HashSet<CellId> =
        trainings.iter().flat_map(Training::states_taken_for_weights).collect();
    if !states.is_empty() {
        ground = Ground::new(graph, &states);
        trainings = self::trainings(&ground, depth);
    }
    let mut stepping: Vec<usize> =
        (0..ground.groups.len()).flat_map(|at| layout::sheets(&ground, at)).collect();
    let sheets = 0..graph.sheets().len();
    let is_told = |sheet: &usize| trainings.iter().any(|one| one.sheets.contains(sheet));
    let others: Vec<usize> = sheets.filter(|sheet| !is_told(sheet)).collect();
    trainings.extend(numbers::find(graph, &others));
    let mut neighbours: Vec<(usize, String)> = Vec::new();
    for at in others {
        let fit = least_squares::told(graph, at);
        stepping.retain(|stepping| fit.is_none() || *stepping != at);
        neighbours.extend(fit.or_else(|| neighbours::told(graph, at)).map(|told| (at, told)));
    }
    Trainings { trainings, stepping, neighbours, points: ground.invented.points }
}

/// Finds out what each group of weights is.
fn trainings(ground: &Ground, depth: Depth) -> Vec<Training> {
    (0..ground.groups.len()).filter_map(|at| training(ground, at, depth)).collect()
}

/// The sheets on which something is trained, as far as that is seen without checking it.
pub fn trained_sheets(graph: &Graph) -> Vec<usize> {
    let ground = Ground::new(graph, &HashSet::new());
    let is_training = |at: &usize| case::Case::new(&ground, *at).recognize().is_some();
    let trained = (0..ground.groups.len()).filter(is_training);
    let mut sheets: Vec<usize> = trained.flat_map(|at| layout::sheets(&ground, at)).collect();
    sheets.sort_unstable();
    sheets.dedup();
    sheets
}

/// Finds out what a group of weights is, and checks it; none where it is no training.
fn training(ground: &Ground, training: usize, depth: Depth) -> Option<Training> {
    let mut case = case::Case::new(ground, training);
    let rule = case.recognize()?;
    if rule != Rule::Perceptron {
        case.check();
    }
    // Why something is wrong is not asked.
    if depth == Depth::Known && !case.holds() {
        return None;
    }
    let mut findings = diagnose::findings(&mut case, rule);
    let (optimizer, others, written) = match rule {
        Rule::Descent => (Some(case.descent()), Vec::new(), case.written_descent()),
        Rule::Perceptron => (None, Vec::new(), case.written_rule()),
        Rule::Other if depth == Depth::Derivatives => (None, Vec::new(), case.written_rule()),
        Rule::Other if case.is_extrapolated() => {
            let (optimizer, findings) = case.extrapolated();
            (Some(optimizer), findings, case.written_rule())
        }
        Rule::Other => case.optimizer(depth),
    };
    if rule == Rule::Other && optimizer.is_none() {
        findings.extend(diagnose::climbing(&case));
    }
    // An error value is told by what leads to it.
    let is_known = |known: &Finding| known.kind != Kind::ErrorCell;
    let is_new = |one: &Finding| {
        let mut known = findings.iter().filter(|known| is_known(known));
        !known.any(|known| known.cells.iter().any(|cell| one.cells.contains(cell)))
    };
    // Of weights that differ the one is told that passes the schedule of the others by.
    let is_odd = findings.iter().any(|one| one.kind == Kind::OddWeight);
    let others = others.into_iter().filter(|one| !is_odd || one.kind != Kind::OddWeight);
    let others: Vec<Finding> = others.filter(is_new).collect();
    // What an update does otherwise with its gradient says why that is not found in it.
    findings
        .retain(|one| one.proposed.is_some() || !others.iter().any(|odd| case.leads_to(odd, one)));
    findings.extend(others);
    if rule == Rule::Other {
        let known = findings.iter().flat_map(|one| one.cells.clone()).collect();
        findings.extend(diagnose::starts::findings(&case, &known));
    }
    let findings = diagnose::causes(&case, findings);
    Some(case.result(rule, (optimizer, written), findings))
}
