//! How combinations are laid out to be looked at: a curve over one axis, a grid over two.

use serde::Serialize;

use super::{Block, Sweep};

/// Optimizers of which a single axis is varied, the same one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// The index of the axis.
    pub axis: usize,
    /// The indexes of the optimizers.
    pub blocks: Vec<usize>,
}

/// The combinations of one optimizer over two axes; other axes are at their best values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grid {
    /// The index of the optimizer.
    pub block: usize,
    /// The axis whose values stand side by side.
    pub columns: usize,
    /// The axis whose values stand below each other.
    pub rows: usize,
    /// The other axes, and the place of the value that is shown.
    pub others: Vec<(usize, usize)>,
    /// The indexes of the runs, row by row.
    pub cells: Vec<Vec<usize>>,
}

impl Grid {
    /// The same with rows for columns.
    pub fn turned(&self) -> Self {
        let column = |at: usize| self.cells.iter().map(|row| row[at]).collect();
        let cells = (0..self.cells[0].len()).map(column).collect();
        Grid { columns: self.rows, rows: self.columns, cells, ..self.clone() }
    }
}

/// More values than this do not stand side by side where they could stand below each other.
const WIDEST: usize = 10;

impl Sweep {
    /// The curves: one for each axis that is the only one of an optimizer.
    pub fn curves(&self) -> Vec<Curve> {
        let mut curves: Vec<Curve> = Vec::new();
        for (index, block) in self.setting.blocks.iter().enumerate() {
            let &[axis] = block.active().as_slice() else { continue };
            match curves.iter_mut().find(|curve| curve.axis == axis) {
                Some(curve) => curve.blocks.push(index),
                None => curves.push(Curve { axis, blocks: vec![index] }),
            }
        }
        curves
    }

    /// The grids: one for each optimizer of which two axes or more are varied.
    pub fn grids(&self) -> Vec<Grid> {
        (0..self.setting.blocks.len()).filter_map(|block| self.grid(block)).collect()
    }

    /// The first axis runs along the columns, unless it is long and the second one is not: long
    /// axes have more room downwards.
    fn grid(&self, index: usize) -> Option<Grid> {
        let block = &self.setting.blocks[index];
        let active = block.active();
        let &[first, second, ref others @ ..] = active.as_slice() else { return None };
        let length = |axis: usize| block.values[axis].len();
        let (columns, rows) = match length(first) > WIDEST && length(second) < length(first) {
            true => (second, first),
            false => (first, second),
        };
        let mut places = self.best_places(index, block);
        let others = others.iter().map(|axis| (*axis, places[*axis])).collect();
        let first_run = self.first_run(index);
        let cells = (0..length(rows)).map(|row| {
            places[rows] = row;
            let cells = (0..length(columns)).map(|column| {
                places[columns] = column;
                first_run + block.index(&places)
            });
            cells.collect()
        });
        let cells = cells.collect();
        Some(Grid { block: index, columns, rows, others, cells })
    }

    /// The places along the axes of the best run of a block, or of its first one.
    fn best_places(&self, index: usize, block: &Block) -> Vec<usize> {
        let best = self.best_of(index).map(|best| &self.runs[best].values);
        let place = |axis: usize| {
            let value = best.and_then(|values| values[axis])?;
            block.values[axis].iter().position(|one| *one == value)
        };
        (0..block.values.len()).map(|axis| place(axis).unwrap_or(0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_counted_with_the_last_axis_fastest() {
        let block = Block {
            name: "sgd".into(),
            optimizer: ("sgd".into(), None),
            fixed: Vec::new(),
            values: vec![vec![1.0, 2.0], Vec::new(), vec![3.0, 4.0, 5.0]],
        };
        assert_eq!((block.runs(), block.active()), (6, vec![0, 2]));
        assert_eq!(block.combination(1), [Some(1.0), None, Some(4.0)]);
        assert_eq!(block.combination(5), [Some(2.0), None, Some(5.0)]);
        assert_eq!(block.index(&[1, 0, 2]), 5);
    }
}
