//! Formulas filled from one cell to others, as a spreadsheet fills them.

use super::counterpart::shape_of;
use super::terms::{Factors, Part, factors};
use crate::formula::Operator;
use crate::graph::place::Place;
use crate::graph::{CellId, Graph, Leaf, Node, Target, Tree};

/// A formula as it stands in each of the cells, filled from its own.
pub(super) fn translated_to(graph: &Graph, tree: &Tree, cells: &[CellId]) -> Option<Vec<Tree>> {
    cells.iter().map(|cell| translated(graph, tree, *cell)).collect()
}

/// A formula filled from its cell to another: references move along unless a `$` holds them.
pub(super) fn translated(graph: &Graph, tree: &Tree, to: CellId) -> Option<Tree> {
    if tree.home == to || graph.is_one_array(tree.home, to) {
        return Some(Tree { home: to, root: tree.root.clone() });
    }
    let shift = Place::of(graph, to) - Place::of(graph, tree.home);
    let (own, others) = (graph.targets(tree.home), graph.targets(to));
    let mut is_lost = false;
    // What references lead to is known where the formula says the same.
    let is_filled = graph.family(tree.home) == graph.family(to)
        || own.len() == others.len() && shape_of(graph, tree.home) == shape_of(graph, to);
    let moved = tree.map(&mut |_, leaf| {
        let kept = leaf.slot.filter(|slot| is_filled && own.get(*slot) == Some(&leaf.target));
        if let Some(target) = kept.and_then(|slot| others.get(slot)) {
            return Leaf { target: *target, ..*leaf };
        }
        match shifted(graph, leaf, shift) {
            Some(target) => Leaf { target, slot: None, ..*leaf },
            None => {
                is_lost = true;
                *leaf
            }
        }
    });
    (!is_lost).then_some(Tree { home: to, root: moved.root })
}

/// What a reference means where its formula is filled so far.
pub(super) fn shifted(graph: &Graph, leaf: &Leaf, shift: Place) -> Option<Target> {
    let by = |fixed: [bool; 2]| Place {
        sheet: shift.sheet,
        row: if fixed[0] { 0 } else { shift.row },
        column: if fixed[1] { 0 } else { shift.column },
    };
    let [a, b, c, d] = leaf.fixed;
    match leaf.target {
        Target::Cell(id) => {
            let place = Place::of(graph, id) + by([a, b]);
            place.cell(graph).map(Target::Cell)
        }
        Target::Block(block) => {
            let corner = |at: (u32, u32), by: Place| {
                let (row, column) = (i64::from(at.0) + by.row, i64::from(at.1) + by.column);
                Some((u32::try_from(row).ok()?, u32::try_from(column).ok()?))
            };
            let sheet = usize::try_from(block.sheet as i64 + shift.sheet).ok()?;
            let (first, last) =
                (corner(block.first(), by([a, b]))?, corner(block.last(), by([c, d]))?);
            Some(Target::Block(crate::graph::Block::between(sheet, first, last)))
        }
        other @ (Target::Nowhere(_) | Target::Unknown) => Some(other),
    }
}

/// Adds the cells that the formula of the last one is filled into behind it: those of an iteration that no
/// update follows.
pub(super) fn complete(graph: &Graph, cells: &mut Vec<CellId>) {
    let mut sorted = cells.clone();
    sorted.sort_unstable_by_key(|id| Place::of(graph, *id));
    let [.., before, last] = sorted[..] else { return };
    let (step, family) = (Place::of(graph, last) - Place::of(graph, before), graph.family(last));
    let mut at = Place::of(graph, last) + step;
    while let Some(id) = at.cell(graph).filter(|id| family.is_some() && graph.family(*id) == family)
    {
        cells.push(id);
        at = at + step;
    }
}

/// A part of a formula exchanged for another, also where it is some of the factors of a product: `(p-y)*x` of
/// `lr*(p-y)*x`. None where it is not in it.
pub(super) fn exchange(root: &Part, old: &Part, new: &Part) -> Option<Part> {
    if root == old {
        return Some(new.clone());
    }
    if let Some(changed) = exchange_factors(root, old, new) {
        return Some(changed);
    }
    let mut changed = root.clone();
    for part in changed.parts_mut() {
        if let Some(inner) = exchange(part, old, new) {
            *part = inner;
            return Some(changed);
        }
    }
    None
}

/// A product with another part in the place of some of its factors, those of `old`.
fn exchange_factors(root: &Part, old: &Part, new: &Part) -> Option<Part> {
    let is_product =
        matches!(root, Node::Binary(Operator::Multiply | Operator::Divide, ..) | Node::Negate(_));
    let Factors { numbers, parts } = factors(old);
    if !is_product || parts.len() < 2 || numbers.iter().product::<f64>() != 1.0 {
        return None;
    }
    let mut gone = parts;
    let rest = without(root, false, &mut gone);
    let changed = match rest {
        Some(rest) => rest.binary(Operator::Multiply, new.clone()),
        None => new.clone(),
    };
    gone.is_empty().then_some(changed)
}

/// What is left of a product without factors, each of which is taken away once; none where nothing is.
fn without(part: &Part, is_divisor: bool, gone: &mut Vec<(&Part, bool)>) -> Option<Part> {
    match part {
        Node::Binary(operator @ (Operator::Multiply | Operator::Divide), left, right) => {
            let divides = is_divisor != (*operator == Operator::Divide);
            let left = without(left, is_divisor, gone);
            match (left, without(right, divides, gone)) {
                (Some(left), Some(right)) => Some(left.binary(*operator, right)),
                (None, Some(right)) if *operator == Operator::Divide => {
                    Some(Node::Number(1.0).binary(Operator::Divide, right))
                }
                (left, right) => left.or(right),
            }
        }
        Node::Negate(one) => {
            let left = without(one, is_divisor, gone).unwrap_or(Node::Number(1.0));
            Some(Node::Negate(Box::new(left)))
        }
        other => {
            let place = gone.iter().position(|one| *one == (other, is_divisor));
            match place {
                Some(at) => {
                    gone.swap_remove(at);
                    None
                }
                None => Some(other.clone()),
            }
        }
    }
}
