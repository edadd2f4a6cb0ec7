//! A hand-built table as a machine: what each column computes, whatever its place and its name.

use crate::formula::Expr;

/// A table of samples, row by row, reduced to what its formulas say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Machine {
    /// The columns, from left to right.
    pub columns: Vec<HandColumn>,
    /// The cells outside of the table that its rows refer to, or that a label names.
    pub fixed: Vec<Fixed>,
    /// The rows of the sheet that hold the samples, counted from 0.
    pub rows: Vec<u32>,
}

/// A column of a hand-built table.
#[derive(Debug, Clone, PartialEq)]
pub struct HandColumn {
    /// What stands above it.
    pub header: Option<String>,
    /// Its column in the sheet, counted from 0.
    pub column: u32,
    /// What most of its rows compute; none where they hold numbers, or formulas that are not
    /// understood.
    pub pattern: Option<Expr<Leaf>>,
    /// What the first row computes, where that is another formula than the pattern.
    pub first: Option<Expr<Leaf>>,
    /// The values, row by row; none for a cell without a number.
    pub values: Vec<Option<f64>>,
    /// The number in the row above the first sample, which is the state that the table starts from
    /// where a formula refers to it.
    pub before: Option<f64>,
}

impl HandColumn {
    /// Whether the first row has something else than the pattern that no column goes into: a typed
    /// number, or a cell of the start.
    pub(super) fn starts_without_samples(&self) -> bool {
        let moves = |leaf: &Leaf| !matches!(leaf, Leaf::Fixed(_));
        self.first.as_ref().is_some_and(|first| !first.has_name(moves))
    }
}

/// What a name in the formula of a column stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leaf {
    /// A column of this row.
    Column(usize),
    /// A column of the row above.
    Above(usize),
    /// The number of the row in the sheet, counted from 1.
    Row,
    /// A cell that is the same for every row.
    Fixed(usize),
}

/// A cell that is the same for every row.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed {
    /// Its address, with the sheet where that is another: `D2`, `setup!B4`.
    pub cell: String,
    /// What stands to the left of it or above it.
    pub label: Option<String>,
    /// Its value.
    pub value: f64,
    /// How it follows from other fixed cells (`=1-J1`), where it does; names are [`Leaf::Fixed`].
    pub formula: Option<Expr<Leaf>>,
    /// Whether a formula of the table refers to it, or only its label makes it of interest.
    pub is_used: bool,
}
