//! From the cells of a table to a machine: references become columns, the row above and fixed cells.

use std::collections::HashMap;

use super::fixed::FixedCells;
use super::frame::Frame;
use super::{Patterns, Table, TableColumn, View, header, outside, running};
use crate::compare::machine::{HandColumn, Leaf, Machine};
use crate::data::address::{Position, column_name};
use crate::formula::{Expr, Operator};
use crate::graph::arithmetic::Term;
use crate::graph::relative::{Axis, CellReference};
use crate::graph::{Content, Sheet};

/// The table with the rows and columns of `frame`.
pub(super) fn table(view: View, patterns: &mut Patterns, frame: Frame) -> Table {
    let sheet = patterns.sheet();
    let first = frame.rows.first().copied().unwrap_or_default();
    let last = frame.rows.last().copied().unwrap_or_default();
    let header = header::row(sheet, &frame.columns, first);
    let mut reader = Reader { view, frame: &frame, fixed: FixedCells::new(view), strays: None };
    let mut machine = Machine { rows: frame.rows.clone(), ..Machine::default() };
    let mut columns = Vec::new();
    for column in &frame.columns {
        let (hand, column) = reader.column(patterns, *column, header);
        machine.columns.push(hand);
        columns.push(column);
    }
    let mut fixed = reader.fixed;
    fixed.follow(&frame);
    fixed.add_labelled(&frame);
    fixed.follow(&frame);
    machine.fixed = fixed.finish();
    let bounds = |of: &[u32]| {
        (of.first().copied().unwrap_or_default(), of.last().copied().unwrap_or_default())
    };
    let (left, right) = bounds(&frame.columns);
    let mut table = Table {
        machine,
        first: (first, left),
        last: (last, right),
        header,
        columns,
        totals: Vec::new(),
        lists: Vec::new(),
        blank_rows: frame.blank_rows.clone(),
    };
    table.totals = outside::totals(view, &table);
    table.lists = outside::lists(sheet, &frame);
    table
}

struct Reader<'a> {
    view: View<'a>,
    frame: &'a Frame,
    fixed: FixedCells<'a>,
    /// See [`TableColumn::strays`], of the column that is read.
    strays: Option<Position>,
}

impl Reader<'_> {
    fn column(
        &mut self,
        patterns: &mut Patterns,
        column: u32,
        header: Option<u32>,
    ) -> (HandColumn, TableColumn) {
        let sheet = patterns.sheet();
        let value = |row: u32| self.view.value((row, column)).number();
        let first = self.frame.rows.first().copied().unwrap_or_default();
        let mut hand = HandColumn {
            header: header.and_then(|row| header::text(sheet, (row, column))).map(str::to_owned),
            column,
            pattern: None,
            first: None,
            values: self.frame.rows.iter().map(|row| value(*row)).collect(),
            before: first.checked_sub(1).and_then(value),
        };
        let formula = majority(patterns, self.frame, column);
        let mut unresolved = None;
        self.strays = None;
        let added = formula
            .and_then(|formula| sheet.formulas()[formula].expr())
            .and_then(|tree| running::added(tree, self.frame, column));
        if let Some(added) = added {
            let own = self.frame.columns.binary_search(&column).unwrap_or_default();
            let above = Expr::Name(Leaf::Above(own));
            hand.pattern = Some(above.binary(Operator::Add, added.clone()));
            hand.first = Some(added);
        } else if let Some(formula) = formula {
            match self.pattern(sheet, formula, column) {
                Ok(pattern) => hand.pattern = Some(pattern),
                Err(reason) => unresolved = Some(reason),
            }
            hand.first = self.first(patterns, formula, (first, column));
        }
        (hand, TableColumn { formula, unresolved, strays: self.strays })
    }

    /// What a formula says in any row.
    fn pattern(
        &mut self,
        sheet: &Sheet,
        formula: usize,
        column: u32,
    ) -> Result<Expr<Leaf>, String> {
        let shared = &sheet.formulas()[formula];
        if let Some(function) = &shared.formula.volatile {
            return Err(format!("uses {function}"));
        }
        shared.arithmetic()?.substitute(&mut |name| {
            if let Term::RowNumber(row) = name {
                return Ok(row_number(*row, None));
            }
            let cell = single(name)?;
            self.leaf(cell, column).map(Expr::Name)
        })
    }

    fn leaf(&mut self, cell: &CellReference, column: u32) -> Result<Leaf, String> {
        let target = cell.column.resolve(column).ok_or("refers to a cell outside of the sheet")?;
        let own = self.frame.columns.binary_search(&target);
        let on = self
            .view
            .workbook
            .sheet_of(self.view.sheet, cell)
            .ok_or("refers to a sheet that does not exist")?;
        match (cell.row, own) {
            (Axis::Absolute(row), _) => Ok(Leaf::Fixed(self.fixed.add(on, (row, target), true))),
            (Axis::Relative(_), _) if on != self.view.sheet => Err(format!(
                "takes its values from the sheet {}",
                self.view.workbook.sheets[on].name
            )),
            (Axis::Relative(0), Ok(index)) => Ok(Leaf::Column(index)),
            (Axis::Relative(-1), Ok(index)) => Ok(Leaf::Above(index)),
            (Axis::Relative(0 | -1), Err(_)) => {
                Err(format!("refers to the column {}, which is blank", column_name(target)))
            }
            (Axis::Relative(_), _) if self.far_number(cell, column).is_some() => {
                self.strays = self.far_number(cell, column);
                let at = self.strays.unwrap_or_default();
                Ok(Leaf::Fixed(self.fixed.add(on, at, true)))
            }
            (Axis::Relative(offset), _) => {
                let way = if offset < 0 { "above" } else { "below" };
                Err(format!("refers {} rows {way}", offset.unsigned_abs()))
            }
        }
    }

    /// The number above the table that the first row refers to without `$`, more than a row above.
    fn far_number(&self, cell: &CellReference, column: u32) -> Option<Position> {
        // The row right above is the row before: what a chain starts from.
        let is_far = matches!(cell.row, Axis::Relative(offset) if offset < -1);
        let first = *self.frame.rows.first()?;
        let at = cell.resolve((first, column)).filter(|_| is_far && cell.sheet.is_none())?;
        let sheet = &self.view.workbook.sheets[self.view.sheet];
        matches!(sheet.content(at), Some(Content::Number(_))).then_some(at)
    }

    /// What the first row computes, where that is another formula.
    fn first(
        &mut self,
        patterns: &mut Patterns,
        pattern: usize,
        at: Position,
    ) -> Option<Expr<Leaf>> {
        let sheet = patterns.sheet();
        let cell = sheet.get(at)?;
        let Some(formula) = cell.formula() else {
            return self.view.value(at).number().map(Expr::Number);
        };
        if patterns.class(formula, at.1) == patterns.class(pattern, at.1) {
            return None;
        }
        let tree = sheet.formulas()[formula].expr()?;
        let resolved = tree.substitute(&mut |name| {
            if let Term::RowNumber(row) = name {
                return Ok(row_number(*row, Some(at.0)));
            }
            let cell = single(name)?;
            let on = self.view.workbook.sheet_of(self.view.sheet, cell).ok_or("no such sheet")?;
            let target = cell.resolve(at).ok_or("refers to a cell outside of the sheet")?;
            let own = self.frame.columns.binary_search(&target.1).ok();
            let leaf = match own.filter(|_| on == self.view.sheet) {
                Some(index) if target.0 == at.0 => Leaf::Column(index),
                Some(index) if target.0 + 1 == at.0 => Leaf::Above(index),
                _ => Leaf::Fixed(self.fixed.add(on, target, true)),
            };
            Ok::<_, String>(Expr::Name(leaf))
        });
        resolved.ok()
    }
}

/// The number of a row that is a fixed one, or so many rows from the one at hand: in `row`, or in
/// any.
fn row_number(number: Axis, row: Option<u32>) -> Expr<Leaf> {
    match (number, row) {
        (Axis::Absolute(at), _) => Expr::Number(f64::from(at) + 1.0),
        (Axis::Relative(offset), Some(row)) => {
            Expr::Number(f64::from(row) + f64::from(offset) + 1.0)
        }
        (Axis::Relative(0), None) => Expr::Name(Leaf::Row),
        (Axis::Relative(offset), None) => {
            Expr::Name(Leaf::Row).binary(Operator::Add, Expr::Number(f64::from(offset)))
        }
    }
}

fn single(name: &Term) -> Result<&CellReference, String> {
    match name {
        Term::Cell(cell) => Ok(cell),
        Term::Fold(..) => Err("takes in a range of cells".to_owned()),
        Term::RowNumber(_) => Err("uses ROW".to_owned()),
        Term::ColumnNumber(_) => Err("uses COLUMN".to_owned()),
    }
}

/// The formula that most rows of a column have; none where most hold typed numbers.
fn majority(patterns: &mut Patterns, frame: &Frame, column: u32) -> Option<usize> {
    let sheet = patterns.sheet();
    let mut counts: HashMap<usize, (usize, u32, usize)> = HashMap::new();
    let mut typed = 0;
    for row in &frame.rows {
        match sheet.get((*row, column)).map(|cell| cell.formula()) {
            Some(Some(formula)) => {
                let class = patterns.class(formula, column);
                let count = counts.entry(class).or_insert((0, *row, formula));
                *count = (count.0 + 1, *row, formula);
            }
            Some(None) => typed += 1,
            None => {}
        }
    }
    let (count, _, formula) = counts.into_values().max()?;
    (count >= typed.max(2)).then_some(formula)
}
