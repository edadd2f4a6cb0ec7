//! Where the cells of a workbook stand: all that are not blank, numbered over all sheets.

use super::scalar::ErrorValue;
use super::{Graph, Workbook};
use crate::data::address::{Area, Position, cell_name};

/// The number of a cell that is not blank, over all sheets: by sheet, then row, then column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellId(pub u32);

impl CellId {
    /// The number, to index lists with.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A rectangle of cells on a sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// The place of the sheet in the workbook.
    pub sheet: usize,
    pub(crate) area: Area,
}

impl Block {
    /// A block of one cell.
    pub fn cell(sheet: usize, at: Position) -> Block {
        Block { sheet, area: Area { first: at, last: at } }
    }

    /// The block between two corners.
    pub(crate) fn between(sheet: usize, one: Position, other: Position) -> Block {
        Block { sheet, area: Area::between(one, other) }
    }

    /// Its rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        let (first, last) = (self.area.first, self.area.last);
        ((last.0 - first.0) as usize + 1, (last.1 - first.1) as usize + 1)
    }

    /// Where a cell stands in it, counted row by row.
    pub(super) fn place(&self, at: Position) -> Option<usize> {
        let row = at.0.checked_sub(self.area.first.0)? as usize;
        let column = at.1.checked_sub(self.area.first.1)? as usize;
        let (rows, columns) = self.shape();
        (row < rows && column < columns).then_some(row * columns + column)
    }

    /// The upper left cell.
    pub fn first(&self) -> (u32, u32) {
        self.area.first
    }

    /// The lower right cell.
    pub fn last(&self) -> (u32, u32) {
        self.area.last
    }
}

/// What a reference of one cell's formula means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// A cell that is not blank.
    Cell(CellId),
    /// A rectangle of cells; a blank cell is one of one cell.
    Block(Block),
    /// Nothing: `#REF!`, or another error value.
    Nowhere(ErrorValue),
    /// Nobody knows.
    Unknown,
}

/// All cells that are not blank.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    /// The names of the sheets, in the order of the file.
    pub sheets: Vec<String>,
    /// The number of the first cell of each sheet, and one behind the last.
    first: Vec<u32>,
    positions: Vec<Position>,
    /// For each sheet, where the cells of each row begin, counted over all sheets.
    rows: Vec<Vec<u32>>,
    /// For each sheet, one more than the last column that holds anything.
    columns: Vec<u32>,
}

impl Cells {
    pub fn of(workbook: &Workbook) -> Cells {
        let mut cells = Cells::default();
        for sheet in &workbook.sheets {
            let first = cells.positions.len() as u32;
            cells.first.push(first);
            let mut rows = Vec::with_capacity(sheet.rows() as usize + 1);
            for (index, cell) in sheet.cells().iter().enumerate() {
                while rows.len() <= cell.at.0 as usize {
                    rows.push(first + index as u32);
                }
                cells.positions.push(cell.at);
            }
            rows.push(cells.positions.len() as u32);
            cells.rows.push(rows);
            let columns = sheet.cells().iter().map(|cell| cell.at.1 + 1);
            cells.columns.push(columns.max().unwrap_or(0));
            cells.sheets.push(sheet.name.clone());
        }
        cells.first.push(cells.positions.len() as u32);
        cells
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    pub fn position(&self, id: CellId) -> Position {
        self.positions[id.index()]
    }

    /// The sheet of a cell.
    pub fn sheet(&self, id: CellId) -> usize {
        self.first.partition_point(|first| *first <= id.0) - 1
    }

    /// One more than the last row of a sheet that holds anything.
    pub fn rows(&self, sheet: usize) -> u32 {
        self.rows.get(sheet).map_or(0, |rows| rows.len().saturating_sub(1) as u32)
    }

    fn bounds(&self, sheet: usize, row: u32) -> (usize, usize) {
        let Some(rows) = self.rows.get(sheet) else { return (0, 0) };
        match (rows.get(row as usize), rows.get(row as usize + 1)) {
            (Some(from), Some(to)) => (*from as usize, *to as usize),
            _ => (0, 0),
        }
    }

    /// The cell at a place; none where it is blank.
    pub fn id(&self, sheet: usize, at: Position) -> Option<CellId> {
        let (start, end) = self.bounds(sheet, at.0);
        let cells = &self.positions[start..end];
        let first = cells.first()?.1;
        // Most rows have no gaps.
        let guess = at.1.checked_sub(first)? as usize;
        if cells.get(guess).is_some_and(|cell| cell.1 == at.1) {
            return Some(CellId((start + guess) as u32));
        }
        let found = cells.binary_search_by_key(&at.1, |cell| cell.1).ok()?;
        Some(CellId((start + found) as u32))
    }

    /// What a place is to a formula.
    pub fn target(&self, sheet: usize, at: Position) -> Target {
        match self.id(sheet, at) {
            Some(id) => Target::Cell(id),
            None => Target::Block(Block::cell(sheet, at)),
        }
    }

    /// The cells of a block that are not blank, in the order of rows.
    pub fn within(&self, block: Block) -> impl Iterator<Item = CellId> {
        let area = block.area;
        let last = area.last.0.min(self.rows(block.sheet).saturating_sub(1));
        (area.first.0..=last).flat_map(move |row| {
            let (start, end) = self.bounds(block.sheet, row);
            let cells = &self.positions[start..end];
            let from = cells.partition_point(|cell| cell.1 < area.first.1);
            let to = cells.partition_point(|cell| cell.1 <= area.last.1);
            (start + from..start + to.max(from)).map(|id| CellId(id as u32))
        })
    }

    /// A block without the blank rows and columns at the end of the sheet, where it goes far beyond
    /// what anybody fills: whole columns, whole rows.
    pub fn used(&self, block: Block) -> Block {
        const FAR: (usize, usize) = (100_000, 1_000);
        let (mut block, shape) = (block, block.shape());
        let (first, last) = (block.area.first, &mut block.area.last);
        if shape.0 > FAR.0 {
            last.0 = last.0.min(self.rows(block.sheet).max(first.0 + 1) - 1);
        }
        if shape.1 > FAR.1 {
            let columns = self.columns.get(block.sheet).copied().unwrap_or_default();
            last.1 = last.1.min(columns.max(first.1 + 1) - 1);
        }
        block
    }

    /// The sheet called `name`, in any case.
    pub fn sheet_called(&self, name: &str) -> Option<usize> {
        let name = name.to_lowercase();
        self.sheets.iter().position(|sheet| sheet.to_lowercase() == name)
    }
}

impl Graph {
    /// Cells as few rectangles, each with its sheet: `Sheet!Y9:Y33`, `pass 1!F17,pass 2!F17`.
    pub fn ranges(&self, cells: &[CellId]) -> String {
        let mut places: Vec<(usize, u32, u32)> = cells
            .iter()
            .map(|id| {
                let (row, column) = self.position(*id);
                (self.sheet(*id), column, row)
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        // Down each column first, then columns of the same rows beside each other.
        let mut runs: Vec<(usize, u32, u32, u32, u32)> = Vec::new();
        for (sheet, column, row) in places {
            match runs.last_mut() {
                Some((of, first, last, _, to))
                    if *of == sheet && *first == column && *last == column && *to + 1 == row =>
                {
                    *to = row;
                }
                _ => runs.push((sheet, column, column, row, row)),
            }
        }
        let mut blocks: Vec<(usize, u32, u32, u32, u32)> = Vec::new();
        for run in runs {
            let (sheet, column, _, from, to) = run;
            let beside = blocks.iter_mut().find(|(of, _, last, top, bottom)| {
                *of == sheet && *last + 1 == column && (*top, *bottom) == (from, to)
            });
            match beside {
                Some(block) => block.2 = column,
                None => blocks.push(run),
            }
        }
        let shown = blocks.into_iter().map(|(sheet, first, last, from, to)| {
            let start = self.address_at(sheet, (from, first));
            match (first, from) == (last, to) {
                true => start,
                false => format!("{start}:{}", cell_name((to, last))),
            }
        });
        shown.collect::<Vec<_>>().join(",")
    }
}
