//! Formulas of a spreadsheet as trees.
//!
//! A [`Node`] says everything that a spreadsheet's formula can say: texts and arrays too, functions
//! over ranges, references that are computed. It is generic over its leaves: a [`Formula`], shared by
//! all cells that it was filled to, has numbered [`Reference`]s that are relative to their cell; the
//! [`Tree`](super::Tree) of one cell has cells.

use std::sync::Arc;

use super::functions::SheetFunction;
use super::relative::CellReference;
use super::scalar::ErrorValue;
use crate::formula::{Comparison, Operator};

/// A formula tree with leaves of type `L`.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<L> {
    /// A number.
    Number(f64),
    /// A text in quotes.
    Text(Arc<str>),
    /// TRUE or FALSE.
    Logical(bool),
    /// An error value, written out.
    Error(ErrorValue),
    /// An argument that is left out: `IF(A1,,2)`.
    Omitted,
    /// A reference.
    Leaf(L),
    /// Unary minus.
    Negate(Box<Node<L>>),
    /// A hundredth.
    Percent(Box<Node<L>>),
    /// `left op right`.
    Binary(Operator, Box<Node<L>>, Box<Node<L>>),
    /// A comparison, which gives TRUE or FALSE.
    Compare(Comparison, Box<Node<L>>, Box<Node<L>>),
    /// Two texts joined with `&`.
    Join(Box<Node<L>>, Box<Node<L>>),
    /// A function of the table.
    Call(&'static SheetFunction, Vec<Node<L>>),
    /// A list of constants in braces, row by row.
    Array(Vec<Vec<Node<L>>>),
}

/// The number of a reference within [`Formula::references`].
pub type Slot = usize;

/// What a formula refers to, in terms that do not change when it is filled.
#[derive(Debug, Clone, PartialEq)]
pub enum Reference {
    /// One cell.
    Cell(CellReference),
    /// The cells between two corners, both included.
    Range(CellReference, CellReference),
    /// What a function finds: `INDEX(B:B,14+ROW())`, `OFFSET(A1,2,0)`.
    Computed(Box<Node<Slot>>),
}

impl Reference {
    /// The sheet that it names, where that is another than the formula's own.
    pub fn sheet(&self) -> Option<&str> {
        match self {
            Reference::Cell(cell) | Reference::Range(cell, _) => cell.sheet.as_deref(),
            Reference::Computed(_) => None,
        }
    }
}

/// How a formula uses one of its references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It computes with what the cells hold.
    Value,
    /// It computes with it only where a condition says so.
    Perhaps,
    /// It finds a cell by it or in it: `INDEX(B:B,A1)`.
    Search,
    /// It only asks where it stands: `ROW(B7)`.
    Place,
}

/// A formula, as it is shared by all cells that it was filled to.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// The formula as a tree over [`Formula::references`], or why it cannot be read: "uses CUBESET".
    pub tree: Result<Node<Slot>, String>,
    /// What it refers to, in the order in which it is written.
    pub references: Vec<(Reference, Use)>,
    /// The references that are written otherwise than as addresses: a name, `[@x]`.
    pub names: Vec<(Slot, Arc<str>)>,
    /// The function in it that gives another value at each calculation: `RANDBETWEEN`.
    pub volatile: Option<String>,
    /// What in it refers to nothing: `#REF!`, or the name that does.
    pub broken: Option<String>,
}

impl Formula {
    /// The single cells that it refers to, also where it cannot be read; not those that it only asks
    /// for their places.
    pub fn cells(&self) -> impl Iterator<Item = &CellReference> {
        self.used().filter_map(|reference| match reference {
            Reference::Cell(cell) => Some(cell),
            _ => None,
        })
    }

    /// The ranges that it refers to, by their corners.
    pub fn ranges(&self) -> impl Iterator<Item = (&CellReference, &CellReference)> {
        self.used().filter_map(|reference| match reference {
            Reference::Range(from, to) => Some((from, to)),
            _ => None,
        })
    }

    fn used(&self) -> impl Iterator<Item = &Reference> {
        let used = self.references.iter().filter(|(_, used)| *used != Use::Place);
        used.map(|(reference, _)| reference)
    }
}

impl<L> Node<L> {
    /// `self op right`.
    pub fn binary(self, operator: Operator, right: Self) -> Self {
        Node::Binary(operator, Box::new(self), Box::new(right))
    }

    /// The parts that this node computes with, in the order in which they are written.
    pub fn parts(&self) -> Vec<&Node<L>> {
        match self {
            Node::Negate(one) | Node::Percent(one) => vec![one],
            Node::Binary(_, left, right)
            | Node::Compare(_, left, right)
            | Node::Join(left, right) => vec![left, right],
            Node::Call(_, arguments) => arguments.iter().collect(),
            Node::Array(rows) => rows.iter().flatten().collect(),
            _ => Vec::new(),
        }
    }

    /// The parts, to be changed.
    pub fn parts_mut(&mut self) -> Vec<&mut Node<L>> {
        match self {
            Node::Negate(one) | Node::Percent(one) => vec![one],
            Node::Binary(_, left, right)
            | Node::Compare(_, left, right)
            | Node::Join(left, right) => vec![left, right],
            Node::Call(_, arguments) => arguments.iter_mut().collect(),
            Node::Array(rows) => rows.iter_mut().flatten().collect(),
            _ => Vec::new(),
        }
    }

    /// Calls `visit` for every leaf, in the order in which the formula is written.
    pub fn each_leaf<'a>(&'a self, visit: &mut impl FnMut(&'a L)) {
        match self {
            Node::Leaf(leaf) => visit(leaf),
            other => other.parts().into_iter().for_each(|part| part.each_leaf(visit)),
        }
    }

    /// The same tree with other leaves.
    pub fn map_leaves<M>(&self, map: &mut impl FnMut(&L) -> M) -> Node<M> {
        let mut boxed = |node: &Node<L>| Box::new(node.map_leaves(map));
        match self {
            Node::Number(number) => Node::Number(*number),
            Node::Text(text) => Node::Text(text.clone()),
            Node::Logical(logical) => Node::Logical(*logical),
            Node::Error(error) => Node::Error(*error),
            Node::Omitted => Node::Omitted,
            Node::Leaf(leaf) => Node::Leaf(map(leaf)),
            Node::Negate(one) => Node::Negate(boxed(one)),
            Node::Percent(one) => Node::Percent(boxed(one)),
            Node::Binary(operator, left, right) => {
                Node::Binary(*operator, boxed(left), boxed(right))
            }
            Node::Compare(comparison, left, right) => {
                Node::Compare(*comparison, boxed(left), boxed(right))
            }
            Node::Join(left, right) => Node::Join(boxed(left), boxed(right)),
            Node::Call(function, arguments) => {
                Node::Call(function, arguments.iter().map(|one| one.map_leaves(map)).collect())
            }
            Node::Array(rows) => {
                let row = |row: &Vec<Node<L>>, map: &mut _| {
                    row.iter().map(|one| one.map_leaves(map)).collect()
                };
                Node::Array(rows.iter().map(|one| row(one, map)).collect())
            }
        }
    }

    /// How many numbers, leaves, operators and calls there are.
    pub fn size(&self) -> usize {
        1 + self.parts().into_iter().map(Node::size).sum::<usize>()
    }
}
