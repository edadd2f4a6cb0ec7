//! The cells that are the same for every row: hyperparameters, and the weights at the start.

use std::collections::HashMap;

use super::frame::Frame;
use super::{View, header};
use crate::compare::machine::{Fixed, Leaf};
use crate::data::address::{Position, cell_name};
use crate::formula::Expr;
use crate::graph::arithmetic::Term;
use crate::graph::sheet::full_address;
use crate::graph::{Content, Scalar, Sheet};

/// How many fixed cells are followed.
const MAX_FIXED: usize = 500;

/// Collects the fixed cells of a table.
pub(super) struct FixedCells<'a> {
    view: View<'a>,
    list: Vec<Fixed>,
    places: Vec<(usize, Position)>,
    known: HashMap<(usize, Position), usize>,
}

impl<'a> FixedCells<'a> {
    pub(super) fn new(view: View<'a>) -> Self {
        FixedCells { view, list: Vec::new(), places: Vec::new(), known: HashMap::new() }
    }

    /// The place of a cell among the fixed ones.
    pub(super) fn add(&mut self, sheet: usize, at: Position, is_used: bool) -> usize {
        if let Some(index) = self.known.get(&(sheet, at)) {
            return *index;
        }
        let on = &self.view.workbook.sheets[sheet];
        let value = match self.view.graph.value_at(sheet, at) {
            Scalar::Blank => 0.0,
            scalar => scalar.value().ok().and_then(|value| value.get().ok()).unwrap_or(f64::NAN),
        };
        let index = self.list.len();
        self.list.push(Fixed {
            cell: address(self.view, sheet, at),
            label: header::label(on, at),
            value,
            formula: None,
            is_used,
        });
        self.places.push((sheet, at));
        self.known.insert((sheet, at), index);
        index
    }

    /// Follows the formulas of the fixed cells to the cells that they depend on.
    pub(super) fn follow(&mut self, frame: &Frame) {
        let mut index = 0;
        while index < self.list.len() && self.list.len() < MAX_FIXED {
            self.list[index].formula = self.formula(index, frame);
            index += 1;
        }
    }

    fn formula(&mut self, index: usize, frame: &Frame) -> Option<Expr<Leaf>> {
        let (sheet, at) = self.places[index];
        let workbook = self.view.workbook;
        let tree = workbook.sheets[sheet].formula_at(at)?.expr()?;
        let own = self.view.sheet;
        let resolve = |name: &Term| -> Option<(usize, Position)> {
            let Term::Cell(cell) = name else { return None };
            let on = workbook.sheet_of(sheet, cell)?;
            let target = cell.resolve(at)?;
            let is_in_table = on == own && frame.contains(target);
            (!is_in_table && (on, target) != (sheet, at)).then_some((on, target))
        };
        // Nothing is added where a part of the formula cannot be followed.
        if tree.has_name(|name| resolve(name).is_none()) {
            return None;
        }
        let followed = tree.substitute(&mut |name| {
            let (on, target) = resolve(name).ok_or(())?;
            Ok::<_, ()>(Expr::Name(Leaf::Fixed(self.add(on, target, true))))
        });
        followed.ok()
    }

    /// Adds the cells outside of the table whose labels name a hyperparameter or a weight.
    pub(super) fn add_labelled(&mut self, frame: &Frame) {
        let sheet: &Sheet = &self.view.workbook.sheets[self.view.sheet];
        let first = frame.rows.first().copied().unwrap_or_default();
        let mut found = Vec::new();
        for cell in sheet.cells() {
            let is_number = matches!(cell.content, Content::Number(_) | Content::Uncalculated);
            if is_number
                && !frame.contains(cell.at)
                && header::label(sheet, cell.at).is_some_and(|label| header::is_known(&label))
                && !is_headed(frame, cell.at, first)
            {
                found.push(cell.at);
            }
        }
        for at in found.into_iter().take(MAX_FIXED) {
            self.add(self.view.sheet, at, false);
        }
    }

    pub(super) fn finish(self) -> Vec<Fixed> {
        self.list
    }
}

/// Whether the cell stands between the headers and the samples, and has its label from there.
fn is_headed(frame: &Frame, at: Position, first: u32) -> bool {
    at.0 + 1 == first && frame.columns.binary_search(&at.1).is_ok()
}

/// `D2`, or `setup!B4` on another sheet.
fn address(view: View, sheet: usize, at: Position) -> String {
    if sheet == view.sheet {
        return cell_name(at);
    }
    full_address(&view.workbook.sheets[sheet].name, at)
}
