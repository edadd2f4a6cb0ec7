//! Where the gradient stands in an update that does more with it than multiply it by a rate.
//!
//! Momentum averages it, RMSProp divides it by the root of its average square, others clip it or add
//! a penalty. Such updates look back, or take a function of the gradient; either way the gradient is
//! the only thing through which they depend on what is computed from the weights of their own
//! iteration, apart from the weight itself.

use std::collections::HashSet;

use super::case::Case;
use super::counterpart::shape_of;
use super::iterations::Tag;
use super::names;
use super::steps::Gradient;
use super::terms::{Part, cells_in, factors, only_cell, product, terms};
use super::updates::decayed_from;
use super::ways::{Piece, Way};
use crate::formula::Operator;
use crate::graph::{CellId, Leaf, Node, Tree};

/// So many formulas one behind the other lead from an update to its gradient.
const MOST_FORMULAS: usize = 8;

/// How a part of a formula depends on the weights, seen from an update of one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// On none.
    Fixed,
    /// On the weight itself, or on earlier iterations, alone.
    Own,
    /// On those of the update's iteration, and not on earlier ones.
    Pure,
    /// On both.
    Remembering,
}

impl Kind {
    fn with(self, other: Kind) -> Kind {
        match (self, other) {
            (Kind::Fixed, other) | (other, Kind::Fixed) => other,
            (one, other) if one == other => one,
            (Kind::Remembering, _) | (_, Kind::Remembering) => Kind::Remembering,
            // The weight itself beside its gradient is of the same iteration.
            (Kind::Own, Kind::Pure) | (Kind::Pure, Kind::Own) => Kind::Pure,
            _ => Kind::Remembering,
        }
    }
}

/// Looks for what an update depends on of its own iteration.
struct Search<'c, 'a> {
    case: &'c Case<'a>,
    weight: usize,
    iteration: usize,
    found: Vec<Way>,
    /// The numbers that stand beside what was found: those of the rule.
    around: HashSet<CellId>,
    seen: HashSet<CellId>,
}

impl Search<'_, '_> {
    fn of_cell(&self, id: CellId) -> Kind {
        let case = self.case;
        let variable = case.variable(self.weight, self.iteration);
        let is_own = |id| variable == Some(id) || variable == Some(case.ground.updates.origin(id));
        if is_own(id) || decayed_from(case.ground.graph, id).is_some_and(is_own) {
            return Kind::Own;
        }
        match case.ground.tags.get(id) {
            Tag::Fixed => Kind::Fixed,
            Tag::Of { first, last, .. } if last == self.iteration && first == last => Kind::Pure,
            Tag::Of { last, .. } if last == self.iteration => Kind::Remembering,
            Tag::Of { .. } | Tag::Mixed => Kind::Own,
        }
    }

    fn of(&self, part: &Part) -> Kind {
        let cells = cells_in(self.case.ground.graph, part).into_iter();
        let kind = cells.map(|id| self.of_cell(id)).fold(Kind::Fixed, Kind::with);
        // Earlier iterations beside this one, in one part.
        if kind == Kind::Pure && self.looks_back(part) { Kind::Remembering } else { kind }
    }

    /// Whether a part refers to cells of earlier iterations.
    fn looks_back(&self, part: &Part) -> bool {
        let tags = &self.case.ground.tags;
        let is_earlier = |id| matches!(tags.get(id), Tag::Of { last, .. } if last < self.iteration);
        cells_in(self.case.ground.graph, part).into_iter().any(is_earlier)
    }

    /// Walks into a part of the part at the end of the way.
    fn walk_into(&mut self, (at, inner): (usize, &Part), way: &mut Vec<Vec<usize>>) {
        if let Some(last) = way.last_mut() {
            last.push(at);
        }
        self.walk(inner, way);
        if let Some(last) = way.last_mut() {
            last.pop();
        }
    }

    fn walk(&mut self, part: &Part, way: &mut Vec<Vec<usize>>) {
        match self.of(part) {
            Kind::Pure => self.found.push(Way(way.clone())),
            Kind::Remembering => match only_cell(part) {
                Some(id) if way.len() < MOST_FORMULAS && self.seen.insert(id) => {
                    if let Some(tree) = self.case.ground.graph.tree(id) {
                        way.push(Vec::new());
                        self.walk(&tree.root, way);
                        way.pop();
                    }
                }
                Some(_) => {}
                None => {
                    // What stops an update is looked at only where nothing else leads to the gradient.
                    let is_choice =
                        matches!(part, Node::Call(function, _) if function.name == "IF");
                    let known = self.found.len();
                    let parts = part.parts().into_iter().enumerate();
                    parts
                        .clone()
                        .skip(usize::from(is_choice))
                        .for_each(|one| self.walk_into(one, way));
                    if is_choice && self.found.len() == known {
                        parts.take(1).for_each(|one| self.walk_into(one, way));
                    }
                }
            },
            Kind::Fixed => {
                self.around.extend(cells_in(self.case.ground.graph, part));
            }
            // What earlier iterations are weighed with is the rule's, too.
            Kind::Own if self.looks_back(part) => {
                let cells = cells_in(self.case.ground.graph, part).into_iter();
                self.around.extend(cells.filter(|id| self.case.ground.tags.is_fixed(*id)));
            }
            Kind::Own => {}
        }
    }
}

impl Case<'_> {
    /// The way from the updates of a weight to the only thing that they need of their own iteration,
    /// where they remember earlier ones, with the numbers that stand beside it.
    fn way_of(&self, weight: usize) -> Option<(Way, HashSet<CellId>)> {
        let updates = self.group()[weight].updates.iter().enumerate().skip(1);
        let mut updates = updates.filter_map(|(at, update)| Some((at, update.as_ref()?)));
        updates.find_map(|(iteration, update)| {
            let tree = self.ground.graph.tree(update.cell)?;
            let (found, around) = (Vec::new(), HashSet::new());
            let mut search =
                Search { case: self, weight, iteration, found, around, seen: HashSet::new() };
            if search.of(&update.step) != Kind::Remembering {
                return None;
            }
            search.walk(&tree.root, &mut vec![Vec::new()]);
            let (found, around) = (search.found, search.around);
            let only = self.only(update.cell, found)?;
            Some((only, around))
        })
    }

    /// The way that the others come from, of several: a square follows from the gradient beside it.
    fn only(&self, update: CellId, mut ways: Vec<Way>) -> Option<Way> {
        let graph = self.ground.graph;
        let cells = |way: &Way| -> Option<Vec<CellId>> {
            let piece = way.end(graph, update)?;
            let mut cells = cells_in(graph, &piece.part);
            cells.retain(|id| !self.ground.tags.is_fixed(*id));
            cells.sort_unstable();
            cells.dedup();
            Some(cells)
        };
        ways.sort_by_key(|way| way.0.len());
        let all: Vec<Vec<CellId>> = ways.iter().map(cells).collect::<Option<_>>()?;
        let follows = |one: &[CellId], other: &[CellId]| {
            one == other
                || one.iter().all(|id| {
                    let inputs = graph.inputs(*id);
                    let mut moving = inputs.iter().filter(|id| !self.ground.tags.is_fixed(**id));
                    other.contains(id)
                        || moving.clone().count() > 0 && moving.all(|id| other.contains(id))
                })
        };
        let root = (0..ways.len()).find(|at| all.iter().all(|one| follows(one, &all[*at])))?;
        Some(ways.swap_remove(root))
    }

    /// What the updates of all weights take for the gradients, `depth` parts or formulas further in
    /// than where they first depend on their own iteration.
    pub fn find_used(&self, depth: usize) -> Vec<Vec<Option<Gradient>>> {
        let ways: Vec<_> = (0..self.group().len()).map(|weight| self.way_of(weight)).collect();
        let rule = self.cells_of_rule(&ways);
        let are_together = self.are_trained_together();
        let of = |weight: usize| {
            let updates = self.group()[weight].updates.iter().enumerate();
            let used = updates.map(|(at, update)| {
                let cell = update.as_ref()?.cell;
                let ahead = match &ways[weight] {
                    Some((way, _)) => way.end(self.ground.graph, cell),
                    None if are_together => self.as_by_others(&ways, at, cell),
                    None => None,
                };
                let gradient = match ahead {
                    Some(piece) => Some(self.without_rule(piece, &rule)),
                    None => self.multiple(weight, at),
                };
                (0..depth).try_fold(gradient?, |gradient, _| self.within(weight, at, gradient))
            });
            let mut used: Vec<Option<Gradient>> = used.collect();
            if ways[weight].is_some()
                && let Some(first) = self.first_used(weight, &used)
            {
                used[0] = Some(first);
            }
            used
        };
        (0..self.group().len()).map(of).collect()
    }

    /// Whether all weights take as many steps.
    fn are_trained_together(&self) -> bool {
        let counts = self.group().iter().map(|weight| weight.updates.iter().flatten().count());
        let mut counts: Vec<usize> = counts.collect();
        counts.dedup();
        counts.len() <= 1
    }

    /// What an update that remembers nothing takes for the gradient, where one that remembers has the same
    /// formula: what should be remembered may have been forgotten.
    fn as_by_others(
        &self,
        ways: &[Option<(Way, HashSet<CellId>)>],
        at: usize,
        cell: CellId,
    ) -> Option<Piece> {
        let graph = self.ground.graph;
        let mut others = ways.iter().enumerate().filter_map(|(at, way)| Some((at, way.as_ref()?)));
        let shape = others.clone().next().and_then(|_| shape_of(graph, cell))?;
        others.find_map(|(weight, (way, _))| {
            let other = self.group()[weight].updates.get(at)?.as_ref()?.cell;
            let piece =
                way.end(graph, cell).filter(|_| shape_of(graph, other).as_ref() == Some(&shape))?;
            let mut taken = cells_in(graph, &piece.part);
            taken.retain(|id| !self.ground.tags.is_fixed(*id));
            matches!(taken[..], [_]).then_some(piece)
        })
    }

    /// The gradient of the first iteration, where its formula starts otherwise, so that the way through
    /// the others leads past it.
    fn first_used(&self, weight: usize, used: &[Option<Gradient>]) -> Option<Gradient> {
        let [first, second, ..] = used else { return None };
        let second = second.as_ref()?;
        let cell = self.like(second.cell?, 1, 0)?;
        // Unless the others take another weight's.
        let update = self.group()[weight].updates.first()?.as_ref()?;
        if !self.behind(self.ground.graph.inputs(update.cell)).contains(&cell) {
            return None;
        }
        let is_there = first.as_ref().is_some_and(|first| first.cell == Some(cell));
        (!is_there).then(|| Gradient {
            cell: Some(cell),
            tree: Tree { home: cell, root: Node::Leaf(Leaf::cell(cell)) },
            factor: second.factor,
        })
    }

    /// The numbers that belong to the rule, not to the gradients: those beside them, and factors that
    /// the gradients of all weights share in an iteration, as a power of β with its number.
    fn cells_of_rule(&self, ways: &[Option<(Way, HashSet<CellId>)>]) -> HashSet<CellId> {
        let graph = self.ground.graph;
        let ways: Vec<(usize, &(Way, HashSet<CellId>))> =
            ways.iter().enumerate().filter_map(|(at, one)| Some((at, one.as_ref()?))).collect();
        let mut rule: HashSet<CellId> = ways.iter().flat_map(|(_, one)| &one.1).copied().collect();
        let fixed = |weight: usize, way: &Way, at: usize| -> Option<HashSet<CellId>> {
            let update = self.group()[weight].updates.get(at)?.as_ref()?;
            let piece = way.end(graph, update.cell)?;
            let found = factors(&piece.part);
            let cells = found.parts.iter().flat_map(|(part, _)| cells_in(graph, part));
            Some(cells.filter(|id| self.ground.tags.is_fixed(*id)).collect())
        };
        let shared = |all: Vec<HashSet<CellId>>| {
            let both = |one: HashSet<CellId>, other: HashSet<CellId>| &one & &other;
            all.into_iter().reduce(both).unwrap_or_default()
        };
        // The first iteration may start otherwise, as `(1 - beta) * g` without a state.
        let iterations = 1..self.iterations();
        if let [(only, (way, _))] = ways[..] {
            // The factors of a single weight may be data.
            let all = shared(iterations.filter_map(|at| fixed(only, way, at)).take(3).collect());
            let is_alone = self.group().len() == 1;
            rule.extend(all.iter().filter(|id| !is_alone || names::is_called_rate(graph, **id)));
        } else {
            let of = |at| -> Vec<HashSet<CellId>> {
                ways.iter().filter_map(|(one, way)| fixed(*one, &way.0, at)).collect()
            };
            rule.extend(iterations.clone().flat_map(|at| shared(of(at))));
            // One of the weights may have forgotten the rate.
            let rates = iterations.take(3).flat_map(of).flatten();
            rule.extend(rates.filter(|id| names::is_called_rate(graph, *id)));
        }
        rule
    }

    /// The gradient in a part, without the factors that belong to the rule.
    fn without_rule(&self, piece: Piece, rule: &HashSet<CellId>) -> Gradient {
        let graph = self.ground.graph;
        let found = factors(&piece.part);
        // What refers to nothing is the typed 1 - 0.9 of an average.
        let is_rule = |part: &Part| cells_in(graph, part).iter().all(|id| rule.contains(id));
        let kept = found.parts.iter().filter(|(part, _)| !is_rule(part));
        let kept: Vec<(&Part, bool)> = kept.copied().collect();
        let [(only, false)] = kept[..] else {
            let is_plain = kept.len() == found.parts.len();
            let root = if is_plain { piece.part.clone() } else { product(&found.numbers, &kept) };
            return Gradient {
                cell: only_cell(&root),
                tree: Tree { home: piece.home, root },
                factor: 1.0,
            };
        };
        let root = self.base(only).clone();
        let cell = only_cell(&root);
        let number: f64 = found.numbers.iter().product();
        // A typed 0.1 beside 0.9 belongs to the average; beside a formula a number is the gradient's.
        match cell {
            Some(_) => {
                Gradient { cell, tree: Tree { home: piece.home, root }, factor: number.signum() }
            }
            None => Gradient { cell, tree: Tree { home: piece.home, root }, factor: number },
        }
    }

    /// What a power or a square is of.
    fn base<'p>(&self, part: &'p Part) -> &'p Part {
        match part {
            Node::Binary(Operator::Power, base, exponent)
                if matches!(**exponent, Node::Number(_)) =>
            {
                base
            }
            other => other,
        }
    }

    /// The only part of a gradient that it is a function of, beside the weight itself.
    fn within(&self, weight: usize, iteration: usize, gradient: Gradient) -> Option<Gradient> {
        let search = Search {
            case: self,
            weight,
            iteration,
            found: Vec::new(),
            around: HashSet::new(),
            seen: HashSet::new(),
        };
        let graph = self.ground.graph;
        let tree = match gradient.cell {
            Some(cell) => graph.tree(cell)?,
            None => gradient.tree,
        };
        let found = factors(&tree.root);
        let moving: Vec<&(&Part, bool)> =
            found.parts.iter().filter(|(part, _)| search.of(part) == Kind::Pure).collect();
        let terms = terms(&tree.root);
        let pure: Vec<&Part> = terms
            .iter()
            .filter(|(_, term)| search.of(term) != Kind::Own)
            .map(|(_, term)| *term)
            .collect();
        // A sign or a number is a mistake or not: it stays.
        let mut factor = gradient.factor;
        let inner: Part = if let [(only, false)] = moving[..]
            && *only != &tree.root
        {
            factor *= found.numbers.iter().product::<f64>();
            (*only).clone()
        } else if let [only] = pure[..]
            && terms.len() > 1
        {
            only.clone()
        } else {
            let mut cells = cells_in(graph, &tree.root);
            cells.retain(|id| search.of_cell(*id) == Kind::Pure);
            cells.sort_unstable();
            cells.dedup();
            let [only] = cells[..] else { return None };
            Node::Leaf(Leaf::cell(only))
        };
        if only_cell(&inner).is_some_and(|id| self.ground.tags.is_variable(id)) {
            return None;
        }
        let cell = only_cell(&inner);
        Some(Gradient { cell, tree: Tree { home: tree.home, root: inner }, factor })
    }
}
