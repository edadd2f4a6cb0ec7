//! What is remembered starts as it goes on: `(1-beta)*g` where `beta*m + (1-beta)*g` follows.
//!
//! In the first iteration nothing is remembered yet, so that people write there what is left of the
//! formula. A number, or the gradient as it is, is a start of its own; anything else is a slip, in the
//! first formula or in all that follow.

use std::collections::HashSet;

use super::patterns::differs;
use super::updates::merged;
use super::words::named;
use crate::compare::training::case::Case;
use crate::compare::training::check::agrees;
use crate::compare::training::fill::translated;
use crate::compare::training::result::{Finding, Kind};
use crate::compare::training::terms::{Part, Sign, cells_in, factors, only_cell, sum, terms};
use crate::graph::place::Place;
use crate::graph::{CellId, Node, Tree, Values};

/// What does not go on as it starts, but for the cells that are known.
pub(in crate::compare::training) fn findings(case: &Case, known: &HashSet<CellId>) -> Vec<Finding> {
    let graph = case.ground.graph;
    let mut findings: Vec<Finding> = Vec::new();
    for shift in case.shifts.iter().copied() {
        for next in case.cells(1).iter().copied().filter(|id| case.weight_after(*id).is_none()) {
            // What it remembers stands before it.
            let before = |id: CellId| (Place::of(graph, id) - shift).cell(graph);
            let remembered = |id: CellId| before(id).filter(|one| graph.inputs(id).contains(one));
            let after = (Place::of(graph, next) + shift).cell(graph);
            let goes_on = after.is_some_and(|after| case.is_like(after, next));
            let is_told = |id: CellId| findings.iter().any(|one| one.cells.contains(&id));
            let is_new = |id: CellId| !known.contains(&id) && !is_told(id);
            let Some(start) = remembered(next).filter(|start| {
                goes_on && remembered(*start).is_none() && is_new(*start) && is_new(next)
            }) else {
                continue;
            };
            let memory = graph.tree(next).and_then(|next| Memory::of(case, start, next));
            findings.extend(memory.and_then(|memory| memory.told()));
        }
    }
    // Those of several weights are one slip.
    merged(case, findings)
}

/// The formula that what is remembered should start with, given the one that should follow, where that is
/// another than it has.
pub(in crate::compare::training) fn start_of(
    case: &Case,
    start: CellId,
    next: Tree,
) -> Option<Tree> {
    let memory = Memory::of(case, start, next)?;
    memory.left().filter(|left| differs(case, &memory.start, left))
}

/// What an optimizer remembers: its first two formulas, the terms of the second that are multiples of what
/// is remembered, and those that are not.
struct Memory<'c, 'a> {
    case: &'c Case<'a>,
    start: Tree,
    next: Tree,
    multiples: Vec<(Sign, Part)>,
    others: Vec<(Sign, Part)>,
}

impl<'c, 'a> Memory<'c, 'a> {
    /// None where what is remembered stands anywhere else in the formula than in terms that it is a
    /// factor of.
    fn of(case: &'c Case<'a>, start: CellId, next: Tree) -> Option<Self> {
        let graph = case.ground.graph;
        let own = graph.tree(start)?;
        let is_multiple = |part: &Part| {
            let found = factors(part);
            found.parts.iter().any(|(one, over)| !over && only_cell(one) == Some(start))
        };
        let terms = match &next.root {
            // The largest so far.
            Node::Call(function, arguments) if function.name == "MAX" => {
                arguments.iter().map(|one| (1.0, one.clone())).collect()
            }
            root => terms(root).into_iter().map(|(sign, term)| (sign, term.clone())).collect(),
        };
        let terms: Vec<(Sign, Part)> = terms;
        let (multiples, others): (Vec<_>, Vec<_>) =
            terms.into_iter().partition(|(_, term)| is_multiple(term));
        let stays = others.iter().any(|(_, term)| cells_in(graph, term).contains(&start));
        let memory = Memory { case, start: own, next: next.clone(), multiples, others };
        (!stays && !memory.others.is_empty() && !memory.multiples.is_empty()).then_some(memory)
    }

    /// What is left of the second formula in the place of the first, where nothing is remembered.
    fn left(&self) -> Option<Tree> {
        let others: Vec<(Sign, &Part)> =
            self.others.iter().map(|(sign, term)| (*sign, term)).collect();
        let left = Tree { home: self.next.home, root: sum(&others) };
        translated(self.case.ground.graph, &left, self.start.home)
    }

    fn told(&self) -> Option<Finding> {
        let (case, graph) = (self.case, self.case.ground.graph);
        let left = self.left()?;
        let is_here = |id: &CellId| {
            let tags = &case.ground.tags;
            tags.is_fixed(*id) || tags.is_within(*id, case.training, 0)
        };
        let (own, wanted) = (cells_in(graph, &self.start.root), cells_in(graph, &left.root));
        if wanted.is_empty()
            || !wanted.iter().all(is_here)
            || !differs(case, &self.start, &left)
            || only_cell(&self.start.root).is_some_and(|id| case.ground.tags.is_fixed(id))
        {
            return None;
        }
        let gradient = self.gradient();
        let takes_it = |cells: &[CellId]| gradient.is_some_and(|one| cells.contains(&one));
        let is_start_right = takes_it(&own) && !takes_it(&wanted)
            || self.is_average(&self.start) && !self.is_average(&left);
        // The gradient as it is, or its square.
        let is_moving = |id: &CellId| !case.ground.tags.is_fixed(*id);
        let is_plain = || own.iter().all(|id| is_moving(id) && wanted.contains(id));
        match is_start_right {
            true => self.goes_on_wrongly(),
            false if is_plain() => None,
            false => Some(self.starts_wrongly(&left)),
        }
    }

    /// The gradient in the first iteration of the weight whose update takes what is remembered.
    fn gradient(&self) -> Option<CellId> {
        let (case, graph) = (self.case, self.case.ground.graph);
        let users = graph.users(self.start.home).iter();
        let weight = users.filter_map(|user| case.weight_after(*user)).next()?;
        case.roles[weight].first()?.as_ref()?.cell
    }

    /// Whether a formula for the start is as much of something as is missing to the whole where what is
    /// remembered goes on: an average.
    fn is_average(&self, start: &Tree) -> bool {
        let (case, graph) = (self.case, self.case.ground.graph);
        let terms = terms(&start.root);
        let [(sign, term)] = terms[..] else { return false };
        let found = factors(term);
        let is_fixed =
            |part: &Part| cells_in(graph, part).iter().all(|id| case.ground.tags.is_fixed(*id));
        case.ground.invented.points.iter().all(|values: &Values| {
            let of = |part: &Part| {
                let tree = Tree { home: start.home, root: part.clone() };
                graph.evaluate_tree(&tree, values).number()
            };
            let fixed = found.parts.iter().filter(|(part, _)| is_fixed(part));
            let fixed = fixed.map(|(part, over)| {
                let value = of(part)?;
                Some(if *over { 1.0 / value } else { value })
            });
            let share: Option<f64> = fixed.product();
            let kept = graph.tree_adjoints(&self.next, values);
            let kept: f64 =
                kept.iter().filter(|(id, _)| *id == self.start.home).map(|one| one.1).sum();
            let numbers: f64 = found.numbers.iter().product();
            share.is_some_and(|share| agrees(sign * numbers * share + kept, 1.0))
        })
    }

    fn starts_wrongly(&self, left: &Tree) -> Finding {
        let (case, start) = (self.case, self.start.home);
        let message = format!(
            "{} does not start as it goes on in {}: where nothing is remembered yet, that leaves {}.",
            named(case, start),
            case.address(self.next.home),
            case.ground.graph.tree_text(left).trim_start_matches('='),
        );
        let mut finding = Finding::new(Kind::InconsistentFormula, vec![start], message);
        case.propose(&mut finding, left);
        finding.consequences = case.consequences(&finding.cells);
        finding
    }

    fn goes_on_wrongly(&self) -> Option<Finding> {
        let (case, graph) = (self.case, self.case.ground.graph);
        if matches!(self.next.root, Node::Call(..)) {
            return None;
        }
        let next = self.next.home;
        let own = translated(graph, &self.start, next)?;
        let multiples = self.multiples.iter().map(|(sign, term)| (*sign, term));
        let whole: Vec<(Sign, &Part)> = multiples.chain(terms(&own.root)).collect();
        let mended = Tree { home: next, root: sum(&whole) };
        let message = format!(
            "{} does not go on as it starts in {}: beside what is remembered, that is {}.",
            named(case, next),
            case.address(self.start.home),
            graph.tree_text(&own).trim_start_matches('='),
        );
        let cells = case.cells_like(next);
        let mut finding = Finding::new(Kind::InconsistentFormula, cells, message);
        case.propose_for_all(&mut finding, &mended);
        finding.consequences = case.consequences(&finding.cells);
        Some(finding)
    }
}
