//! Any workbook as a computation graph: cells, families of formulas, values, derivatives.
//!
//! A workbook is, cell by cell, a program. [`Graph::lift`] reads it as one, whatever its layout: each
//! formula as a tree, its references as cells (those that are computed, such as
//! `INDEX(B:B,14+ROW())`, with the sheet's own values), all cells in an order in which each stands
//! behind what it needs, evaluated afresh. Formulas that say the same in R1C1 terms are a family:
//! they are read once.
//!
//! The graph says nothing about trainings; it answers what they are found with. How does this cell
//! depend on that one ([`Graph::adjoints`])? What would it be with other weights
//! ([`Graph::evaluate`])? What if its formula said something else ([`Graph::tree`], [`Tree`],
//! [`Graph::evaluate_tree`])?
//!
//! What cannot be read, what is drawn at random and what closes a circle is a leaf: it keeps the
//! value that the file has for it.

mod adjacency;
mod adjoint;
mod again;
pub mod arithmetic;
mod cells;
mod edit;
mod evaluate;
mod expression;
mod families;
mod find;
pub(crate) mod formula;
pub mod functions;
mod interruptions;
pub(crate) mod item;
mod lift;
pub(crate) mod lines;
mod operators;
mod parse;
pub(crate) mod place;
pub(crate) mod printed;
mod pull;
mod r1c1;
pub mod relative;
pub(crate) mod scalar;
pub(crate) mod sheet;
mod special;
mod stale;
mod tall;
mod text;
mod tree;
mod volatile;
mod workbook;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use adjacency::Adjacency;
pub use adjoint::Adjoints;
use cells::Cells;
pub use cells::{Block, CellId, Target};
pub(crate) use expression::CellExpr;
pub(crate) use formula::Slot;
pub use formula::{Formula, Node, Reference, Use};
pub use item::Item;
pub use scalar::{ErrorValue, Scalar};
pub use tree::{Leaf, Tree};

pub(crate) use sheet::Content;
pub use sheet::{Cell, SharedFormula, Sheet};
pub(crate) use workbook::DefinedName;
pub use workbook::{Options, Workbook};

use crate::data::address::{Position, cell_name};

/// The number of a family: formulas that are equal in R1C1 terms, on one sheet or on several of the
/// same layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FamilyId(pub u32);

/// A workbook as a graph of cells.
#[derive(Debug, Clone)]
pub struct Graph {
    cells: Cells,
    /// All formulas, each once a sheet.
    formulas: Vec<Written>,
    /// For each cell, its place among the formulas; [`NONE`] for a constant.
    formula_of: Vec<u32>,
    families: Vec<Vec<CellId>>,
    /// For each cell, where its targets begin.
    targets_from: Vec<u32>,
    /// For each reference of each formula cell, what it means.
    targets: Vec<Target>,
    inputs: Adjacency,
    users: Adjacency,
    order: Vec<CellId>,
    cycles: Vec<Vec<CellId>>,
    /// The formulas that can be read, but not evaluated, with the reason.
    kept: BTreeMap<CellId, &'static str>,
    /// For each cell, whether its value is taken as it is.
    is_leaf: Vec<bool>,
    stored: Vec<Option<Item>>,
    values: Values,
}

const NONE: u32 = u32::MAX;

/// A formula with its text.
#[derive(Debug, Clone)]
struct Written {
    /// Its text in relative terms.
    key: Arc<str>,
    formula: Arc<Formula>,
    /// For each reference, the sheet that it is on where it names one; none where there is none such.
    sheets: Vec<Option<usize>>,
    family: FamilyId,
    /// Which element of an array formula it is.
    element: Option<(u32, u32)>,
}

/// A value for each cell of a graph: the sheet's own, or invented ones.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values {
    items: Vec<Item>,
    is_smooth: bool,
}

impl Values {
    /// The same values for formulas whose `ROUND` hands on what it is given: rounding is meant for the
    /// eye, and a gradient of rounded steps is compared with that of the steps themselves.
    pub fn without_rounding(mut self) -> Values {
        self.is_smooth = true;
        self
    }

    /// The value of a cell.
    pub fn get(&self, id: CellId) -> &Item {
        &self.items[id.index()]
    }

    /// The number of a cell; none where it holds none.
    pub fn number(&self, id: CellId) -> Option<f64> {
        match self.items[id.index()] {
            Item::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Puts a number into a cell.
    pub fn set(&mut self, id: CellId, number: f64) {
        self.items[id.index()] = Item::number(number);
    }

    /// Puts any value into a cell.
    pub fn put(&mut self, id: CellId, item: Item) {
        self.items[id.index()] = item;
    }
}

impl Graph {
    /// All cells that are not blank: by sheet, then row, then column.
    pub fn cells(&self) -> impl Iterator<Item = CellId> + use<> {
        (0..self.cells.len() as u32).map(CellId)
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of the sheets, in the order of the file.
    pub fn sheets(&self) -> &[String] {
        &self.cells.sheets
    }

    /// The cell at a place, counted from 0; none where it is blank.
    pub fn id(&self, sheet: usize, at: (u32, u32)) -> Option<CellId> {
        self.cells.id(sheet, at)
    }

    /// The cell with an address such as `Sheet!A1` (the sheet unquoted).
    pub fn find(&self, address: &str) -> Option<CellId> {
        let (sheet, cell) = address.rsplit_once('!').unwrap_or(("", address));
        let sheet = self.cells.sheets.iter().position(|name| name == sheet)?;
        self.id(sheet, crate::data::address::parse_cell(cell)?)
    }

    /// The place of a cell's sheet in the workbook.
    pub fn sheet(&self, id: CellId) -> usize {
        self.cells.sheet(id)
    }

    /// The row and the column of a cell, counted from 0.
    pub fn position(&self, id: CellId) -> (u32, u32) {
        self.cells.position(id)
    }

    /// `Sheet!A1`, without `$`, the sheet unquoted; `A1` for a .csv file.
    pub fn address(&self, id: CellId) -> String {
        self.address_at(self.sheet(id), self.position(id))
    }

    /// The address of a place, blank or not.
    pub fn address_at(&self, sheet: usize, at: (u32, u32)) -> String {
        match self.cells.sheets.get(sheet).map_or("", String::as_str) {
            "" => cell_name(at),
            name => format!("{name}!{}", cell_name(at)),
        }
    }

    /// The cells of a block that are not blank, in the order of rows.
    pub fn within(&self, block: Block) -> impl Iterator<Item = CellId> {
        self.cells.within(block)
    }

    /// The family of a cell's formula; none for a constant.
    pub fn family(&self, id: CellId) -> Option<FamilyId> {
        self.written(id).map(|written| written.family)
    }

    /// The cells of a family, in their order.
    pub fn members(&self, family: FamilyId) -> &[CellId] {
        self.families.get(family.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// How many families there are.
    pub fn families(&self) -> impl Iterator<Item = FamilyId> + use<> {
        (0..self.families.len() as u32).map(FamilyId)
    }

    /// The formula of a cell, over references that are relative to it.
    pub fn formula(&self, id: CellId) -> Option<&Formula> {
        self.written(id).map(|written| written.formula.as_ref())
    }

    /// The formula as it stands in the cell: `=F12-$C$2*L12`.
    pub fn formula_text(&self, id: CellId) -> Option<String> {
        let written = self.written(id)?;
        Some(format!("={}", r1c1::text(&written.key, self.home(id).1)))
    }

    /// A formula text of one place as it is filled to another.
    pub fn filled(text: &str, from: (u32, u32), to: (u32, u32)) -> String {
        let mut key = String::new();
        r1c1::write(text.trim_start_matches('='), from, &mut key);
        format!("={}", r1c1::text(&key, to))
    }

    /// The cells that a cell computes with, each once, in the order in which its formula is written;
    /// of a computed reference the cells that it finds. None for a leaf.
    pub fn inputs(&self, id: CellId) -> &[CellId] {
        self.inputs.of(id)
    }

    /// The cells that compute with a cell.
    pub fn users(&self, id: CellId) -> &[CellId] {
        self.users.of(id)
    }

    /// The cells that are computed from some, directly or not, without these.
    pub fn dependents(&self, cells: &[CellId]) -> Vec<CellId> {
        let mut seen: HashSet<CellId> = cells.iter().copied().collect();
        let mut found = Vec::new();
        let mut open = cells.to_vec();
        while let Some(id) = open.pop() {
            let new = self.users(id).iter().copied().filter(|user| seen.insert(*user));
            let from = found.len();
            found.extend(new);
            open.extend(&found[from..]);
        }
        found
    }

    /// What each reference of a cell's formula means, in the order of [`Formula::references`].
    pub fn targets(&self, id: CellId) -> &[Target] {
        match self.written(id) {
            Some(written) => {
                let from = self.targets_from[id.index()] as usize;
                // Of a formula over too many cells not all references were looked at.
                self.targets.get(from..from + written.formula.references.len()).unwrap_or_default()
            }
            None => &[],
        }
    }

    /// The value of a cell, evaluated afresh.
    pub fn value(&self, id: CellId) -> Scalar {
        self.values.get(id).scalar()
    }

    /// The value of the cell at a place.
    pub fn value_at(&self, sheet: usize, at: (u32, u32)) -> Scalar {
        self.id(sheet, at).map_or(Scalar::Blank, |id| self.value(id))
    }

    /// What the file says that the cells hold, and what they would where it says nothing.
    pub fn stored_values(&self) -> Values {
        let values = self.stored.iter().zip(&self.values.items);
        let items = values.map(|(stored, value)| stored.as_ref().unwrap_or(value).clone());
        Values { items: items.collect(), is_smooth: false }
    }

    /// The values of all cells, to start from for invented ones.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// What the file says that a cell holds; none for a formula that was never calculated.
    pub fn stored(&self, id: CellId) -> Option<Scalar> {
        self.stored[id.index()].as_ref().map(Item::scalar)
    }

    /// The text of a cell that holds one.
    pub fn text(&self, id: CellId) -> Option<&str> {
        match self.values.get(id) {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a cell's value is taken as it is: a constant, a random number, a formula that cannot
    /// be read or that closes a circle.
    pub fn is_leaf(&self, id: CellId) -> bool {
        self.is_leaf[id.index()]
    }

    /// The cells with formulas that are evaluated, each behind those that it needs.
    pub fn order(&self) -> &[CellId] {
        &self.order
    }

    /// Circles: cells each of which needs the next, and the last the first. The first is a leaf.
    pub fn cycles(&self) -> &[Vec<CellId>] {
        &self.cycles
    }

    /// The formulas that cannot be read or evaluated, each with the reason: "uses CUBESET".
    pub fn unread(&self) -> impl Iterator<Item = (CellId, &str)> {
        self.cells().filter_map(|id| {
            let formula = self.formula(id)?;
            if let Some(reason) = self.kept.get(&id) {
                return Some((id, *reason));
            }
            formula.tree.as_ref().err().map(|reason| (id, reason.as_str()))
        })
    }

    /// What a cell is called by its place: the text above it in its column, else the text to the
    /// left of it in its row.
    pub fn label(&self, id: CellId) -> Option<String> {
        let (sheet, (row, column)) = (self.sheet(id), self.position(id));
        let text_at = |at| self.id(sheet, at).and_then(|other| self.text(other));
        let mut above = (0..row).rev().map(|row| (row, column));
        let mut left = (0..column).rev().map(|column| (row, column));
        let found = above.find_map(text_at).or_else(|| left.find_map(text_at));
        found.map(str::to_owned)
    }

    fn written(&self, id: CellId) -> Option<&Written> {
        self.formulas.get(self.formula_of[id.index()] as usize)
    }

    /// The sheet and the place that a cell's references count from.
    fn home(&self, id: CellId) -> (usize, Position) {
        let element = self.written(id).and_then(|written| written.element);
        (self.sheet(id), sheet::origin(element, self.position(id)))
    }

    /// Which element of an array formula a cell shows.
    fn element(&self, id: CellId) -> Option<(u32, u32)> {
        self.written(id).and_then(|written| written.element)
    }
}

#[cfg(test)]
mod tests;
