//! How many cells follow from a cell.

use crate::compare::recalculate::{CellIndex, Values, find, formula, rectangle};
use crate::compare::workbook::Workbook;
use crate::data::address::Area;

/// How many cells are looked at for all causes together: a second or two of work.
const MAX_CELLS: usize = 30_000_000;
/// How many cells of ranges are looked at for one cause.
const MAX_VISITS: usize = 20_000_000;

/// Counts the cells that depend on others.
pub(super) struct Dependents<'a> {
    workbook: &'a Workbook,
    values: &'a Values,
    /// How many cells may still be looked at.
    left: usize,
}

impl<'a> Dependents<'a> {
    pub(super) fn new(workbook: &'a Workbook, values: &'a Values) -> Self {
        Dependents { workbook, values, left: MAX_CELLS }
    }

    /// How many other cells depend on `causes`; 0 after very many questions.
    pub(super) fn count(&mut self, causes: &[CellIndex]) -> usize {
        let order = &self.values.order;
        let Some(left) = self.left.checked_sub(order.len()) else { return 0 };
        self.left = left;
        let mut marks = Marks::new(self.workbook);
        for cause in causes {
            marks.add(self.workbook, *cause);
        }
        // Whatever depends on a formula is computed after it.
        let start = match causes {
            [cause] => order.iter().position(|cell| cell == cause).map_or(0, |at| at + 1),
            _ => 0,
        };
        let mut count = 0;
        for cell in &order[start..] {
            if !marks.is_marked(*cell) && self.depends(*cell, &mut marks) {
                marks.add(self.workbook, *cell);
                count += 1;
            }
        }
        count
    }

    fn depends(&self, cell: CellIndex, marks: &mut Marks) -> bool {
        let workbook = self.workbook;
        let Some(formula) = formula(workbook, cell) else { return false };
        let at = workbook.sheets[cell.0].cells()[cell.1].at;
        let mut cells = formula.cells.iter();
        if cells.any(|c| find(workbook, cell.0, at, c).is_some_and(|c| marks.is_marked(c))) {
            return true;
        }
        formula.ranges.iter().any(|(from, to)| {
            let range = rectangle(workbook, cell.0, at, from, to);
            range.is_some_and(|(sheet, area)| marks.meet(workbook, sheet, area))
        })
    }
}

/// The cells that depend on the cause.
struct Marks {
    cells: Vec<Vec<bool>>,
    /// For each sheet, the rectangle round all of them.
    bounds: Vec<Option<Area>>,
    visits: usize,
}

impl Marks {
    fn new(workbook: &Workbook) -> Marks {
        let sheets = &workbook.sheets;
        Marks {
            cells: sheets.iter().map(|sheet| vec![false; sheet.cells().len()]).collect(),
            bounds: vec![None; sheets.len()],
            visits: 0,
        }
    }

    fn add(&mut self, workbook: &Workbook, (sheet, index): CellIndex) {
        self.cells[sheet][index] = true;
        let (row, column) = workbook.sheets[sheet].cells()[index].at;
        let bounds = &mut self.bounds[sheet];
        let known = bounds.unwrap_or(Area { first: (row, column), last: (row, column) });
        *bounds = Some(Area {
            first: (known.first.0.min(row), known.first.1.min(column)),
            last: (known.last.0.max(row), known.last.1.max(column)),
        });
    }

    fn is_marked(&self, (sheet, index): CellIndex) -> bool {
        self.cells[sheet][index]
    }

    /// Whether any of them is in the range.
    fn meet(&mut self, workbook: &Workbook, sheet: usize, area: Area) -> bool {
        let Some(bounds) = self.bounds[sheet] else { return false };
        let common = Area {
            first: (bounds.first.0.max(area.first.0), bounds.first.1.max(area.first.1)),
            last: (bounds.last.0.min(area.last.0), bounds.last.1.min(area.last.1)),
        };
        let is_empty = common.first.0 > common.last.0 || common.first.1 > common.last.1;
        if is_empty || self.visits > MAX_VISITS {
            return false;
        }
        for index in workbook.sheets[sheet].within(common) {
            self.visits += 1;
            if self.cells[sheet][index] {
                return true;
            }
        }
        false
    }
}
