//! The formula of one cell over the cells that it means, to be changed and tried.

use super::Graph;
use super::cells::{CellId, Target};
use super::formula::{Node, Reference, Slot};
use super::relative::{Axis, CellReference};

/// A formula in a cell, its leaves cells and ranges of cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The cell that it stands in.
    pub home: CellId,
    /// What it computes.
    pub root: Node<Leaf>,
}

/// A reference of one cell's formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leaf {
    /// What it means.
    pub target: Target,
    /// Which reference of the cell's own formula it was made from; it is written as that one as long
    /// as it means the same.
    pub slot: Option<Slot>,
    /// Which of its axes have a `$`: first row, first column, last row, last column.
    pub fixed: [bool; 4],
}

impl Leaf {
    /// A reference to a cell, written without `$`.
    pub fn cell(id: CellId) -> Leaf {
        Leaf { target: Target::Cell(id), slot: None, fixed: [false; 4] }
    }

    /// The same reference without `$`.
    pub fn free(&self) -> Leaf {
        Leaf { slot: None, fixed: [false; 4], ..*self }
    }

    /// Whether it refers to a blank cell: a block of one cell holds nothing.
    pub fn is_blank(&self) -> bool {
        matches!(self.target, Target::Block(block) if block.first() == block.last())
    }

    /// The cell, where it is one.
    pub fn id(&self) -> Option<CellId> {
        match self.target {
            Target::Cell(id) => Some(id),
            _ => None,
        }
    }
}

impl Tree {
    /// All leaves, in the order in which the formula is written.
    pub fn leaves(&self) -> Vec<&Leaf> {
        let mut leaves = Vec::new();
        self.root.each_leaf(&mut |leaf| leaves.push(leaf));
        leaves
    }

    /// The same tree with another cell in the place of every reference to `old`, with its `$`.
    pub fn with_all(&self, old: CellId, new: CellId) -> Tree {
        self.map(&mut |_, leaf| match leaf.id() {
            Some(id) if id == old => Leaf { target: Target::Cell(new), ..*leaf },
            _ => *leaf,
        })
    }

    /// The same tree with another cell in one place, the `nth` of [`Tree::leaves`].
    pub fn with_one(&self, nth: usize, new: CellId) -> Tree {
        self.map(&mut |at, leaf| match at == nth {
            true => Leaf { target: Target::Cell(new), ..*leaf },
            false => *leaf,
        })
    }

    /// The same tree with what `change` makes of each leaf, given its place among the leaves.
    pub fn map(&self, change: &mut impl FnMut(usize, &Leaf) -> Leaf) -> Tree {
        let mut at = 0;
        let root = self.root.map_leaves(&mut |leaf| {
            at += 1;
            change(at - 1, leaf)
        });
        Tree { home: self.home, root }
    }
}

impl Graph {
    /// The formula of a cell over the cells that it means, computed references as what they find;
    /// none for a constant and for what cannot be read.
    pub fn tree(&self, id: CellId) -> Option<Tree> {
        let formula = self.formula(id)?;
        let (targets, root) = (self.targets(id), formula.tree.as_ref().ok()?);
        let root = root.map_leaves(&mut |slot| Leaf {
            target: targets[*slot],
            slot: Some(*slot),
            fixed: fixed(&formula.references[*slot].0),
        });
        Some(Tree { home: id, root })
    }
}

pub(super) fn fixed(reference: &Reference) -> [bool; 4] {
    let of = |cell: &CellReference| [cell.row, cell.column].map(|a| matches!(a, Axis::Absolute(_)));
    match reference {
        Reference::Cell(cell) => {
            let [row, column] = of(cell);
            [row, column, row, column]
        }
        Reference::Range(from, to) => {
            let ([a, b], [c, d]) = (of(from), of(to));
            [a, b, c, d]
        }
        Reference::Computed(_) => [false; 4],
    }
}
