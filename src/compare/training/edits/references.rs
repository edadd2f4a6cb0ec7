//! References to other cells than those that a formula should take.

use super::parts::parts;
use super::{Change, Edit, Edits};
use crate::data::address::Position;
use crate::graph::functions::SheetFunction;
use crate::graph::{Block, CellId, Leaf, Node, Target};

impl Edits<'_> {
    /// What it costs more to take a weight for data, data for a weight, or what all iterations share for
    /// what one computes.
    pub(super) fn unlike(&self, old: CellId, new: CellId) -> f64 {
        let is_weight = |id| self.around.weights.contains(&id);
        let is_shared = |id| self.around.absolute.contains_key(&id);
        match is_weight(old) == is_weight(new) {
            true if is_shared(old) == is_shared(new) => 0.0,
            true => 0.2,
            false => 1.5,
        }
    }

    /// Other cells, everywhere or once, and two cells exchanged.
    pub(super) fn references(&mut self) {
        let tree = self.tree;
        let leaves: Vec<Option<CellId>> = tree.leaves().iter().map(|leaf| leaf.id()).collect();
        let blanks = tree.leaves().into_iter().enumerate().filter(|(_, leaf)| leaf.is_blank());
        for (nth, _) in blanks.collect::<Vec<_>>() {
            for new in &self.around.cells {
                let changed = tree.map(&mut |at, old| match at == nth {
                    true => self.around.leaf(*new, old),
                    false => *old,
                });
                let change = Change::Blank(*new);
                self.found.push(Edit { cost: 1.0, change, tree: changed });
            }
        }
        let mut distinct: Vec<CellId> = leaves.iter().flatten().copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let mut all = self.around.cells.clone();
        all.extend(&distinct);
        all.sort_unstable();
        all.dedup();
        for old in &distinct {
            for new in all.iter().filter(|new| *new != old) {
                let change = Change::Exchange { old: *old, new: *new, everywhere: true };
                let changed = tree.map(&mut |_, leaf| match leaf.id() == Some(*old) {
                    true => self.around.leaf(*new, leaf),
                    false => *leaf,
                });
                self.push(1.0 + self.unlike(*old, *new), change, changed);
            }
        }
        for (nth, old) in leaves.iter().enumerate() {
            let Some(old) = old else { continue };
            if leaves.iter().filter(|leaf| **leaf == Some(*old)).count() < 2 {
                continue;
            }
            for new in all.iter().filter(|new| *new != old) {
                let change = Change::Exchange { old: *old, new: *new, everywhere: false };
                let changed = tree.map(&mut |at, leaf| match at == nth {
                    true => self.around.leaf(*new, leaf),
                    false => *leaf,
                });
                self.push(1.5 + self.unlike(*old, *new), change, changed);
            }
        }
        for (at, a) in distinct.iter().enumerate() {
            for b in &distinct[at + 1..] {
                let swapped = tree.map(&mut |_, leaf| match leaf.id() {
                    Some(id) if id == *a => self.around.leaf(*b, leaf),
                    Some(id) if id == *b => self.around.leaf(*a, leaf),
                    _ => *leaf,
                });
                self.push(1.8, Change::Swap(*a, *b), swapped);
            }
        }
    }

    /// Ranges of the same size elsewhere, and ranges with another end; matrices turned round.
    pub(super) fn ranges(&mut self) {
        let tree = self.tree;
        let count = tree.leaves().len();
        for nth in 0..count {
            let Some(Target::Block(block)) = tree.leaves().get(nth).map(|leaf| leaf.target) else {
                continue;
            };
            for other in self.around.blocks.clone() {
                let Target::Block(new) = other.target else { continue };
                let others = tree
                    .leaves()
                    .into_iter()
                    .filter(|leaf| leaf.target == tree.leaves()[nth].target);
                let is_repeated = others.count() > 1;
                for everywhere in [false, true].into_iter().filter(|all| !all || is_repeated) {
                    let changed = tree.map(&mut |at, leaf| {
                        let is_meant =
                            at == nth || everywhere && leaf.target == Target::Block(block);
                        if is_meant { Leaf { slot: None, ..other } } else { *leaf }
                    });
                    if new != block {
                        self.push(1.3, Change::Range(block, new), changed);
                    }
                }
            }
            for other in moved(block) {
                let changed = tree.map(&mut |at, leaf| match at == nth {
                    true => Leaf { target: Target::Block(other), ..*leaf },
                    false => *leaf,
                });
                self.push(1.2, Change::Range(block, other), changed);
            }
        }
    }

    /// All ranges of one size, longer or shorter at the same end: those that are multiplied with each other.
    pub(super) fn ranges_together(&mut self) {
        let tree = self.tree;
        let block = |leaf: &Leaf| match leaf.target {
            Target::Block(block) => Some(block),
            _ => None,
        };
        let size = |block: Block| {
            let (first, last) = (block.first(), block.last());
            (last.0 - first.0, last.1 - first.1)
        };
        let mut blocks: Vec<Block> = Vec::new();
        for one in tree.leaves().into_iter().filter_map(block) {
            if !blocks.contains(&one) {
                blocks.push(one);
            }
        }
        for (at, first) in blocks.iter().enumerate() {
            let is_like = |other: &Block| size(*other) == size(*first);
            if blocks[..at].iter().any(is_like) || !blocks[at + 1..].iter().any(is_like) {
                continue;
            }
            for by in LONGER {
                let Some(other) = resized(*first, by) else { continue };
                let changed = tree.map(&mut |_, leaf| match block(leaf).filter(is_like) {
                    Some(own) => resized(own, by)
                        .map_or(*leaf, |own| Leaf { target: Target::Block(own), ..*leaf }),
                    None => *leaf,
                });
                self.push(1.2, Change::Range(*first, other), changed);
            }
        }
    }

    /// Matrices turned round, or back.
    pub(super) fn transposes(&mut self) {
        let Some(transpose) = SheetFunction::find("TRANSPOSE") else { return };
        for (path, part) in parts(&self.tree.root) {
            let new = match part {
                Node::Call(function, inner) if *function == transpose => inner[0].clone(),
                Node::Leaf(Leaf { target: Target::Block(_), .. }) => {
                    Node::Call(transpose, vec![part.clone()])
                }
                _ => continue,
            };
            self.put(1.1, Change::Transpose(part.clone()), &path, new);
        }
    }
}

/// The ranges near to one, of its size or a little longer or shorter.
fn moved(block: Block) -> Vec<Block> {
    let (first, last) = (block.first(), block.last());
    let (height, width) = (last.0 - first.0 + 1, last.1 - first.1 + 1);
    let mut found: Vec<Ends> = Vec::new();
    let columns = i64::from(width) * 6 + 6;
    for by in -columns..=columns {
        found.push((0, by, 0, by));
    }
    for by in [-2, -1, 1, 2, -i64::from(height), i64::from(height)] {
        found.push((by, 0, by, 0));
    }
    found.extend(LONGER);
    found.sort_by_key(|(a, b, c, d)| a.abs() + b.abs() + c.abs() + d.abs());
    found.into_iter().filter_map(|by| resized(block, by)).collect()
}

/// How far the first and the last row and column go where a range is one longer or shorter.
const LONGER: [Ends; 8] = [
    (-1, 0, 0, 0),
    (0, 0, -1, 0),
    (0, -1, 0, 0),
    (0, 0, 0, -1),
    (1, 0, 0, 0),
    (0, 0, 1, 0),
    (0, 1, 0, 0),
    (0, 0, 0, 1),
];

/// How far the ends of a range go: its first row and column, its last row and column.
type Ends = (i64, i64, i64, i64);

/// A range with other ends; none where that is none, or the same.
fn resized(block: Block, (a, b, c, d): Ends) -> Option<Block> {
    let (first, last) = (block.first(), block.last());
    let shifted = |at: Position, row: i64, column: i64| {
        let row = u32::try_from(i64::from(at.0) + row).ok()?;
        Some((row, u32::try_from(i64::from(at.1) + column).ok()?))
    };
    let (from, to) = (shifted(first, a, b)?, shifted(last, c, d)?);
    let is_other = (from, to) != (first, last) && from.0 <= to.0 && from.1 <= to.1;
    is_other.then(|| Block::between(block.sheet, from, to))
}
