//! Cells that interrupt a fill: what stands in one iteration only says nothing about the others.
//!
//! A formula or a number of its own in a filled row or column breaks more than itself: a chain of
//! updates, the rule that they follow, what is seen as the gradient. So the trainings are looked at
//! again with the fill in these cells, and that is what is said of all others.

use std::collections::HashSet;

use super::check::is_rounded;
use super::names;
use super::result::{Finding, Kind, Training, Trainings};
use super::{Depth, as_they_are};
use crate::graph::{CellId, Graph};
use crate::value::number_text;

/// The trainings of a graph as they would be if nothing interrupted a fill, and what of them does; none
/// where nothing does.
pub(super) fn settled(graph: &Graph) -> Option<Trainings> {
    let interruptions = graph.interruptions();
    if interruptions.is_empty() {
        return None;
    }
    let first = as_they_are(graph, Depth::Derivatives);
    let filled = graph.refilled(&interruptions);
    let outliers = Outliers { graph, filled: &filled };
    let differing = interruptions.iter().copied();
    let differing: Vec<_> = differing.filter(|(id, _)| outliers.differs(*id, &first)).collect();
    if differing.is_empty() {
        return None;
    }
    // What gives the same stays as it is.
    let filled = match differing.len() == interruptions.len() {
        true => filled,
        false => graph.refilled(&differing),
    };
    let outliers = Outliers { graph, filled: &filled };
    let odd: HashSet<CellId> = differing.into_iter().map(|(id, _)| id).collect();
    let mut second = as_they_are(&filled, Depth::Rules);
    let is_lost = |one: &Training| !second.trainings.iter().any(|other| is_same(one, other));
    if first.trainings.iter().any(|one| one.holds() && is_lost(one)) {
        return None;
    }
    let mut is_any = false;
    for training in &mut second.trainings {
        let used = cells(training);
        let mut own: Vec<CellId> = odd.intersection(&used).copied().collect();
        own.sort_unstable();
        is_any |= !own.is_empty();
        let before = first.trainings.iter().find(|one| is_same(one, training));
        outliers.settle(training, &own, &first, before);
    }
    is_any.then_some(Trainings { points: first.points, ..second })
}

/// Whether two trainings are of the same weights.
fn is_same(one: &Training, other: &Training) -> bool {
    one.weights.iter().any(|weight| other.weights.iter().any(|same| same.start == weight.start))
}

/// All cells that the iterations of a training consist of.
fn cells(training: &Training) -> HashSet<CellId> {
    let iterations = training.anatomy.iter();
    let weights = iterations.clone().flat_map(|one| &one.weights);
    let weights = weights.flat_map(|one| [one.value, one.shown, one.update]).flatten();
    iterations.flat_map(|one| &one.cells).copied().chain(weights).collect()
}

/// A graph as it is, and with the fill in the cells that interrupt it.
struct Outliers<'a> {
    graph: &'a Graph,
    filled: &'a Graph,
}

impl Outliers<'_> {
    /// Whether a cell says something else than the fill: another value, anywhere, or the same by a
    /// reference that does not stay.
    fn differs(&self, id: CellId, first: &Trainings) -> bool {
        let own = |graph: &Graph| graph.formula(id).map(|one| one.broken.is_some());
        if own(self.graph).is_some() && own(self.graph) != own(self.filled) || self.walks(id) {
            return true;
        }
        if let (None, Some(typed)) = (self.graph.formula(id), self.graph.value(id).number()) {
            // A number that is what the fill gives, as far as it was typed.
            return self.expected(id).is_none_or(|given| !is_rounded(given, typed));
        }
        let mut points = first.points.iter().chain([self.graph.values()]);
        points.any(|at| {
            let value = |graph: &Graph| graph.computed(id, at).map(|item| item.scalar().number());
            value(self.graph) != value(self.filled)
        })
    }

    /// Whether a formula refers to the cells of the fill, but not as that does: a `$` is missing.
    fn walks(&self, id: CellId) -> bool {
        let text = |graph: &Graph| graph.formula_text(id).unwrap_or_default();
        let plain = |graph: &Graph| text(graph).replace('$', "");
        text(self.graph) != text(self.filled) && plain(self.graph) == plain(self.filled)
    }

    /// Says of a training that was found over the fill what stands in its `odd` cells.
    fn settle(
        &self,
        training: &mut Training,
        odd: &[CellId],
        first: &Trainings,
        before: Option<&Training>,
    ) {
        let told: Vec<Finding> = self
            .broken(odd)
            .into_iter()
            .chain(odd.iter().filter_map(|id| self.told(*id, odd, first)))
            .collect();
        for finding in training.findings.iter_mut().filter(|one| one.found.is_some()) {
            finding.found = finding.cells.first().and_then(|id| self.graph.value(*id).number());
        }
        // What the file says is old, whatever should stand there.
        let old = before.into_iter().flat_map(|one| &one.findings);
        let old = old
            .filter(|one| one.kind == Kind::Stale && !one.cells.iter().any(|id| odd.contains(id)));
        training.findings.extend(old.cloned());
        let is_derivative = |kind| {
            matches!(
                kind,
                Kind::WrongDerivative
                    | Kind::DriftingReference
                    | Kind::WrongForward
                    | Kind::WrongWeight
            )
        };
        if let Some(before) = before.filter(|one| one.iterations == training.iterations)
            && told.iter().any(|one| is_derivative(one.kind))
        {
            training.weights.clone_from(&before.weights);
            training.anatomy.clone_from(&before.anatomy);
        }
        training.findings.extend(told);
        training.findings.sort_by_key(|one| one.cells.first().copied());
    }

    /// The cells that lost a reference, as one finding: a row or a column was deleted.
    fn broken(&self, odd: &[CellId]) -> Option<Finding> {
        let is_broken = |id: &CellId| self.is_broken(*id);
        let cells: Vec<CellId> = odd.iter().copied().filter(is_broken).collect();
        let first = *cells.first()?;
        let message = match cells.len() {
            1 => "The formula refers to #REF!: a cell that it needs was deleted.".to_owned(),
            count => format!("{count} formulas refer to #REF!: cells that they need were deleted."),
        };
        let consequences = self.graph.dependents(&cells).len();
        let mut finding = Finding::new(Kind::BrokenReference, cells, message);
        finding.consequences = consequences;
        self.propose(&mut finding, first);
        Some(finding)
    }

    fn is_broken(&self, id: CellId) -> bool {
        self.graph.formula(id).is_some_and(|one| one.broken.is_some())
    }

    /// What is said of an odd cell: what was said of it alone, or that it is none of the fill.
    fn told(&self, id: CellId, odd: &[CellId], first: &Trainings) -> Option<Finding> {
        if self.is_broken(id) {
            return None;
        }
        let is_typed = self.graph.formula(id).is_none();
        let mut known = first.trainings.iter().flat_map(|one| &one.findings).filter(|one| {
            one.cells.first() == Some(&id) && one.cells.iter().all(|cell| odd.contains(cell))
        });
        let proposed = self.filled.formula_text(id);
        let known = known.find(|one| match is_typed {
            true => one.proposed == proposed,
            false => one.kind != Kind::OddWeight || one.proposed.is_some(),
        });
        let mut finding = known.cloned().unwrap_or_else(|| self.finding(id));
        finding.consequences = self.graph.dependents(&[id]).len();
        if finding.proposed != proposed {
            // A derivative is what it is, however the fill computes it.
            let derivative = finding.expected.filter(|_| finding.kind == Kind::WrongDerivative);
            self.propose(&mut finding, id);
            finding.expected = derivative.or(finding.expected);
        }
        Some(finding)
    }

    fn finding(&self, id: CellId) -> Finding {
        let graph = self.graph;
        let name = names::of_cell(graph, id).unwrap_or_else(|| graph.address(id));
        let (kind, what) = match graph.value(id).number().filter(|_| graph.formula(id).is_none()) {
            Some(number) => (
                Kind::Value,
                format!("is {}, typed over the formula that the cells beside it have.", number_text(number)),
            ),
            None if self.walks(id) => (
                Kind::InconsistentFormula,
                "lacks the `$` that the cells beside it have: it is right here, and wrong wherever it is filled to.".to_owned(),
            ),
            None => (
                Kind::InconsistentFormula,
                "has another formula than the cells beside it.".to_owned(),
            ),
        };
        Finding::new(kind, vec![id], format!("{name} ({}) {what}", self.address(id)))
    }

    fn address(&self, id: CellId) -> String {
        names::address(self.graph, id)
    }

    /// What the fill gives in a cell, with the numbers as they are.
    fn expected(&self, id: CellId) -> Option<f64> {
        self.filled.computed(id, self.graph.values())?.scalar().number()
    }

    /// Says what stands in a cell, and what the fill has there.
    fn propose(&self, finding: &mut Finding, id: CellId) {
        let graph = self.graph;
        let proposed = self.filled.formula_text(id).unwrap_or_default();
        finding.formula = graph.formula_text(id);
        finding.found = graph.value(id).number();
        finding.expected = self.expected(id);
        finding.fix = Some(format!("write {proposed} into {}", self.address(id)));
        finding.proposed = Some(proposed);
    }
}
