//! The same cell of another iteration, and the formula that it would have there.
//!
//! Iterations stand a fixed distance apart, but not all of their cells the same one: weights in a list
//! go down by a row where blocks go by five columns to the right.

use super::case::Case;
use super::fill::{shifted, translated};
use super::iterations::Tag;
use super::terms::Part;
use crate::graph::place::Place;
use crate::graph::{Block, CellId, Graph, Leaf, Node, Target, Tree};

impl Case<'_> {
    /// The cell of another iteration that is what `cell` is of one.
    pub fn beside(&self, cell: CellId, iteration: usize, other: usize) -> Option<CellId> {
        for of in &self.roles {
            let role = |at: usize| of.get(at)?.as_ref()?.cell;
            if role(iteration) == Some(cell) {
                return role(other).filter(|found| shape(self, *found) == shape(self, cell));
            }
        }
        let update = self.group().iter().find_map(|weight| {
            let at = weight
                .updates
                .iter()
                .position(|one| one.as_ref().is_some_and(|one| one.cell == cell))?;
            let found = weight.updates.get((at + other).checked_sub(iteration)?)?.as_ref()?.cell;
            Some(found)
        });
        update.or_else(|| self.like(cell, iteration, other))
    }

    /// The cell of `iteration` that is what `loss` is of the iteration `sample`.
    pub fn like(&self, loss: CellId, sample: usize, iteration: usize) -> Option<CellId> {
        let graph = self.ground.graph;
        let is_here = |id: &CellId| {
            self.ground.tags.is_within(*id, self.training, iteration)
                && !self.ground.tags.is_variable(*id)
        };
        let family = graph.family(loss);
        let like = |id: &CellId| is_here(id) && shape(self, *id) == shape(self, loss);
        // The weights say how far the iterations stand from each other, unless they stand in a list.
        let weight = &self.group()[0];
        let shift = weight
            .shown
            .get(iteration)
            .zip(weight.shown.get(sample))
            .map(|(to, from)| Place::of(graph, *to) - Place::of(graph, *from));
        let placed = shift.and_then(|shift| (Place::of(graph, loss) + shift).cell(graph));
        if let Some(cell) = placed.filter(like) {
            return Some(cell);
        }
        let same: Vec<CellId> = self
            .cells(iteration)
            .iter()
            .copied()
            .filter(|id| is_here(id) && graph.family(*id) == family)
            .collect();
        if let [only] = same[..] {
            return Some(only);
        }
        let before = self.cells(sample).iter().filter(|id| shape(self, **id) == shape(self, loss));
        let rank = before.clone().position(|id| *id == loss)?;
        let here: Vec<CellId> = self.cells(iteration).iter().copied().filter(like).collect();
        (here.len() == before.count()).then(|| here[rank])
    }

    /// Other iterations to look for a pattern in, the nearest first.
    pub fn near(&self, iteration: usize) -> Vec<usize> {
        let after = iteration + 1..self.iterations();
        let mut near: Vec<usize> = (0..iteration).rev().take(2).chain(after.take(2)).collect();
        near.sort_by_key(|other| other.abs_diff(iteration));
        near
    }

    /// The formula that the cell of an iteration would have, if it were made like that of another;
    /// none where it is.
    pub fn pattern(&self, cell: CellId, iteration: usize, other: usize) -> Option<Tree> {
        let graph = self.ground.graph;
        let source = self.beside_by_place(cell, iteration, other)?;
        let tree = graph.tree(source)?;
        let shift = Place::of(graph, cell) - Place::of(graph, source);
        let mut is_lost = false;
        let mut changed = false;
        let own = graph.tree(cell)?;
        let own_leaves = own.leaves().into_iter().copied().collect::<Vec<_>>();
        let steady = self.steady(source, other, iteration);
        let root = tree.map(&mut |nth, leaf| {
            let is_steady = steady.get(nth) == Some(&true);
            let carried = self.carried(leaf, other, iteration, shift);
            let target = match if is_steady { Some(leaf.target) } else { carried } {
                Some(target) => target,
                None => {
                    is_lost = true;
                    return *leaf;
                }
            };
            changed |= own_leaves.get(nth).is_none_or(|own| own.target != target);
            // Written as in the cell itself where that says the same.
            let slot =
                own_leaves.get(nth).filter(|own| own.target == target).and_then(|own| own.slot);
            Leaf { target, slot, fixed: leaf.fixed }
        });
        let is_other = changed || shape(self, cell) != shape(self, source);
        (!is_lost && is_other).then_some(Tree { home: cell, root: root.root })
    }

    /// Which references of a formula mean the same cell in every iteration, `$` or not, going by an
    /// iteration near its own other than `but`.
    fn steady(&self, source: CellId, iteration: usize, but: usize) -> Vec<bool> {
        let graph = self.ground.graph;
        let Some(own) = graph.tree(source) else { return Vec::new() };
        let others = self.near(iteration).into_iter().filter(|other| *other != but);
        let third = others.into_iter().find_map(|other| {
            let steps = other as i64 - iteration as i64;
            let mut places =
                self.shifts.iter().map(|shift| Place::of(graph, source) + *shift * steps);
            places.find_map(|place| place.cell(graph).filter(|cell| self.is_like(*cell, source)))
        });
        let Some(third) = third.and_then(|third| graph.tree(third)) else { return Vec::new() };
        let pairs = own.leaves().into_iter().zip(third.leaves());
        pairs.map(|(own, third)| own.target == third.target).collect()
    }

    /// What a reference of one iteration means in another.
    pub fn carried(&self, leaf: &Leaf, from: usize, to: usize, shift: Place) -> Option<Target> {
        let graph = self.ground.graph;
        let cell = |id: CellId| -> Option<CellId> {
            let group = self.group();
            for weight in group {
                if weight.shown.get(from) == Some(&id) || weight.variables.get(from) == Some(&id) {
                    return weight.shown.get(to).or_else(|| weight.values.get(to)).copied();
                }
            }
            match self.ground.tags.get(id) {
                Tag::Of { training, last, .. } if training == self.training && last == from => {
                    self.beside_by_place(id, from, to)
                }
                _ => match shifted(graph, &Leaf { target: Target::Cell(id), ..*leaf }, shift)? {
                    Target::Cell(id) => Some(id),
                    _ => None,
                },
            }
        };
        match leaf.target {
            Target::Cell(id) => cell(id).map(Target::Cell),
            Target::Block(block) => {
                let corner = |at| cell(graph.id(block.sheet, at)?);
                let (first, last) = (corner(block.first())?, corner(block.last())?);
                let sheet = graph.sheet(first);
                Some(Target::Block(Block::between(
                    sheet,
                    graph.position(first),
                    graph.position(last),
                )))
            }
            other @ (Target::Nowhere(_) | Target::Unknown) => Some(other),
        }
    }

    /// The cell of another iteration that stands where `cell` does in one, whatever its formula.
    pub fn beside_by_place(&self, cell: CellId, iteration: usize, other: usize) -> Option<CellId> {
        let graph = self.ground.graph;
        for of in &self.roles {
            let role = |at: usize| of.get(at)?.as_ref()?.cell;
            if role(iteration) == Some(cell) {
                return role(other);
            }
        }
        if self.loss(iteration) == Some(cell) {
            return self.loss(other);
        }
        let steps = other as i64 - iteration as i64;
        let place = Place::of(graph, cell);
        let is_there = |id: &CellId| {
            matches!(self.ground.tags.get(*id), Tag::Of { training, last, .. }
                if training == self.training && last == other)
        };
        self.shifts.iter().find_map(|shift| (place + *shift * steps).cell(graph).filter(is_there))
    }

    /// Whether two cells have formulas of the same shape.
    pub fn is_like(&self, one: CellId, other: CellId) -> bool {
        shape(self, one).is_some() && shape(self, one) == shape(self, other)
    }

    /// The cells of all iterations that are filled from the same formula as one.
    pub fn cells_like(&self, cell: CellId) -> Vec<CellId> {
        let graph = self.ground.graph;
        let family = graph.family(cell);
        let is_own = |id: &CellId| graph.family(*id) == family && family.is_some();
        let all = (0..self.iterations()).flat_map(|at| self.cells(at).iter().copied());
        let mut cells: Vec<CellId> = all.filter(is_own).chain([cell]).collect();
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    /// The formula of a cell of one iteration as it would stand in a cell of another.
    pub fn filled(&self, source: CellId, home: CellId, from: usize, to: usize) -> Option<Tree> {
        let graph = self.ground.graph;
        let tree = graph.tree(source)?;
        let shift = Place::of(graph, home) - Place::of(graph, source);
        let mut is_lost = false;
        let steady = self.steady(source, from, to);
        let filled = tree.map(&mut |nth, leaf| {
            let is_steady = steady.get(nth) == Some(&true);
            let carried = self.carried(leaf, from, to, shift);
            match if is_steady { Some(leaf.target) } else { carried } {
                Some(target) => Leaf { target, slot: None, fixed: leaf.fixed },
                None => {
                    is_lost = true;
                    *leaf
                }
            }
        });
        (!is_lost).then_some(Tree { home, root: filled.root })
    }

    /// What the value of a weight after an update should be, where it is typed: the formula, and what
    /// that gives.
    pub fn continued(&self, weight: usize, at: usize, cell: CellId) -> Option<(String, f64)> {
        let graph = self.ground.graph;
        let one = &self.group()[weight];
        if let Some(Some(update)) = one.updates.get(at)
            && update.cell != cell
        {
            let tree = Tree { home: cell, root: Node::Leaf(Leaf::cell(update.cell)) };
            return Some((graph.tree_text(&tree), graph.value(update.cell).number()?));
        }
        // Filled from the update before, or from the next.
        let others = (0..at).rev().chain(at..one.updates.len());
        let (other, source) =
            others.filter_map(|at| Some((at, one.updates[at].as_ref()?.cell))).next()?;
        let moved = || translated(graph, &graph.tree(source)?, cell);
        let filled = self.filled(source, cell, other, at).or_else(moved)?;
        Some((graph.tree_text(&filled), graph.evaluate_tree(&filled, graph.values()).number()?))
    }
}

/// What a formula says without the cells that it refers to.
fn shape(case: &Case, id: CellId) -> Option<String> {
    shape_of(case.ground.graph, id)
}

/// What a formula says without the cells that it refers to.
pub(super) fn shape_of(graph: &Graph, id: CellId) -> Option<String> {
    Some(shape_of_part(&graph.tree(id)?.root))
}

/// What a part of a formula says without the cells that it refers to.
pub(super) fn shape_of_part(part: &Part) -> String {
    let mut text = String::new();
    write_shape(part, &mut text);
    text
}

fn write_shape(part: &Part, text: &mut String) {
    match part {
        Node::Number(number) => text.push_str(&number.to_string()),
        // A blank cell is a reference like any other.
        Node::Leaf(leaf) => text.push(match leaf.target {
            Target::Cell(_) => 'c',
            Target::Block(block) if block.first() == block.last() => 'c',
            _ => 'r',
        }),
        Node::Binary(operator, ..) => text.push(operator.sign()),
        Node::Compare(comparison, ..) => text.push_str(comparison.sign()),
        Node::Call(function, _) => text.push_str(function.name),
        Node::Negate(_) => text.push('~'),
        Node::Percent(_) => text.push('%'),
        Node::Join(..) => text.push('&'),
        _ => text.push('?'),
    }
    text.push('(');
    part.parts().into_iter().for_each(|part| write_shape(part, text));
    text.push(')');
}
