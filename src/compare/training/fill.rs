//! Formulas filled from one cell to others, as a spreadsheet fills them.

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
    let moved = tree.map(&mut |_, leaf| {
        let kept = leaf.slot.filter(|slot| own.get(*slot) == Some(&leaf.target));
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

/// A part of a formula exchanged for another; none where it is not in it.
pub(super) fn exchange(
    root: &Node<Leaf>,
    old: &Node<Leaf>,
    new: &Node<Leaf>,
) -> Option<Node<Leaf>> {
    if root == old {
        return Some(new.clone());
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
