//! What the charts draw of a run, gathered while it is computed again.
//!
//! A run may have a million rows and a drawing has a few hundred pixels: of each stretch of rows
//! the points with the smallest and the largest values are kept, so that no extreme is hidden.

use crate::error::Result;
use crate::sheet::{Group, Sheet};
use crate::trace::{Block, Results, Run, Sink};
use crate::value::Value;

/// A line with more points than this is thinned to about as many.
const MOST_POINTS: usize = 320;

/// How many rows the tables show, about.
const TABLE_ROWS: usize = 12;

/// A row with one or two values; NaN where there is none.
type Point = (usize, [f64; 2]);

/// A quantity by row.
#[derive(Debug, Clone, Default)]
pub struct Track {
    /// Rows and values, thinned; NaN where there is a gap.
    pub points: Vec<(f64, f64)>,
    /// The values in the rows that tables show.
    pub table: Vec<Value>,
}

/// What the charts draw of a run.
#[derive(Debug)]
pub struct Tracks {
    /// The loss of the sample that each row saw.
    pub loss: Track,
    /// The mean of the losses in the last pass over the data.
    pub mean: Track,
    /// The first two weights, from their start.
    pub path: Vec<[f64; 2]>,
    /// The columns that remember something, by their places in the sheet.
    pub states: Vec<(usize, Track)>,
    /// For each weight how far it moved in the last pass over the data, divided by the sum of its
    /// gradients' sizes.
    pub rates: Vec<Track>,
}

/// The rows that tables show.
pub fn table_rows(results: &Results) -> Vec<usize> {
    let rows = results.rows();
    let stride = rows.div_ceil(TABLE_ROWS).max(1);
    let mut shown: Vec<usize> = (0..rows).step_by(stride).map(|row| row + 1).collect();
    shown.extend((shown.last() != Some(&rows)).then_some(rows));
    shown
}

/// Keeps the extremes of each stretch of rows.
#[derive(Debug, Default)]
struct Thinner {
    stride: usize,
    bucket: Vec<Point>,
    kept: Vec<Point>,
    table: Vec<Value>,
}

impl Thinner {
    fn new(rows: usize) -> Self {
        let stride = if rows <= MOST_POINTS { 1 } else { rows.div_ceil(MOST_POINTS / 2) };
        Thinner { stride, ..Thinner::default() }
    }

    fn take(&mut self, row: usize, values: [f64; 2], rows: &[usize]) {
        if rows.binary_search(&row).is_ok() {
            self.table.push(Value::number(values[0]));
        }
        if values.iter().any(|value| value.is_nan()) {
            self.empty();
            if self.kept.last().is_some_and(|last| !last.1[0].is_nan()) {
                self.kept.push((row, [f64::NAN; 2]));
            }
            return;
        }
        let is_first = self.kept.is_empty();
        self.bucket.push((row, values));
        if is_first || self.bucket.len() >= self.stride {
            self.empty();
        }
    }

    /// Keeps what is extreme among the points since the last time, and the last of them.
    fn empty(&mut self) {
        let mut ends = Vec::new();
        for dimension in 0..2 {
            let by = |one: &usize, other: &usize| {
                self.bucket[*one].1[dimension].total_cmp(&self.bucket[*other].1[dimension])
            };
            ends.extend((0..self.bucket.len()).min_by(by));
            ends.extend((0..self.bucket.len()).max_by(by));
        }
        ends.sort_unstable();
        ends.dedup();
        self.kept.extend(ends.into_iter().map(|index| self.bucket[index]));
        self.bucket.clear();
    }

    fn finish(mut self) -> (Vec<Point>, Vec<Value>) {
        let last = self.bucket.last().copied();
        self.empty();
        self.kept.extend(last.filter(|last| self.kept.last() != Some(last)));
        (self.kept, self.table)
    }

    fn track(self) -> Track {
        let (points, table) = self.finish();
        let points = points.into_iter().map(|(row, values)| (row as f64, values[0])).collect();
        Track { points, table }
    }
}

/// Sums over the last so many pairs. Nothing is ever subtracted, so that small numbers after large
/// ones keep their digits.
#[derive(Debug)]
struct Window {
    size: usize,
    /// What came last, and its sum.
    back: Vec<[f64; 2]>,
    sum: [f64; 2],
    /// Sums of what came before: of all of it first.
    front: Vec<[f64; 2]>,
}

impl Window {
    fn new(size: usize) -> Self {
        Window { size: size.max(1), back: Vec::new(), sum: [0.0; 2], front: Vec::new() }
    }

    fn push(&mut self, pair: [f64; 2]) {
        self.back.push(pair);
        self.sum = plus(self.sum, pair);
        if self.back.len() + self.front.len() > self.size {
            if self.front.is_empty() {
                let mut sum = [0.0; 2];
                for pair in self.back.drain(..).rev() {
                    sum = plus(sum, pair);
                    self.front.push(sum);
                }
                self.sum = [0.0; 2];
            }
            self.front.pop();
        }
    }

    fn total(&self) -> [f64; 2] {
        plus(self.front.last().copied().unwrap_or_default(), self.sum)
    }

    fn len(&self) -> usize {
        self.back.len() + self.front.len()
    }
}

fn plus(one: [f64; 2], other: [f64; 2]) -> [f64; 2] {
    [one[0] + other[0], one[1] + other[1]]
}

/// The columns of a weight: before, gradient, after.
type Columns = [usize; 3];

/// Gathers the tracks of a run.
#[derive(Debug)]
pub struct Keeper {
    rows: Vec<usize>,
    loss_column: usize,
    /// The column that says whether a row updates, where not every row does.
    update: Option<usize>,
    weights: Vec<Columns>,
    loss: Thinner,
    mean: Thinner,
    losses: Window,
    path: Thinner,
    states: Vec<(usize, Thinner)>,
    rates: Vec<(Thinner, Window)>,
}

impl Keeper {
    /// For `run`, with tables over the rows of all `results`.
    pub fn new(results: &Results, run: &Run) -> Self {
        let (sheet, samples) = (&run.sheet, results.data.samples());
        let thinner = || Thinner::new(run.rows);
        let weights: Vec<Columns> = sheet
            .weights
            .iter()
            .map(|weight| {
                let mean = sheet.column(&format!("mean_{}", weight.name));
                [weight.current, mean.unwrap_or(weight.gradient), weight.next]
            })
            .collect();
        let update = sheet.batch_size().and(sheet.column("update"));
        let updates = results.updates(1).unwrap_or(samples);
        Keeper {
            rows: table_rows(results),
            loss_column: sheet.loss,
            update,
            loss: thinner(),
            mean: thinner(),
            losses: Window::new(samples),
            path: thinner(),
            states: remembered(sheet).map(|column| (column, thinner())).collect(),
            rates: weights.iter().map(|_| (thinner(), Window::new(updates))).collect(),
            weights,
        }
    }

    /// What was gathered.
    pub fn finish(self) -> Tracks {
        Tracks {
            loss: self.loss.track(),
            mean: self.mean.track(),
            path: self.path.finish().0.into_iter().map(|(_, values)| values).collect(),
            states: self.states.into_iter().map(|(at, one)| (at, one.track())).collect(),
            rates: self.rates.into_iter().map(|(one, _)| one.track()).collect(),
        }
    }

    fn take(&mut self, row: usize, value: &dyn Fn(usize) -> f64) {
        let loss = value(self.loss_column);
        self.loss.take(row, [loss, 0.0], &self.rows);
        self.losses.push([loss, 0.0]);
        let mean = self.losses.total()[0] / self.losses.len() as f64;
        self.mean.take(row, [mean, 0.0], &self.rows);
        let place = |which: usize| {
            [0, 1].map(|weight| self.weights.get(weight).map_or(0.0, |one| value(one[which])))
        };
        if row == 1 {
            self.path.take(0, place(0), &[]);
        }
        self.path.take(row, place(2), &[]);
        for (column, thinner) in &mut self.states {
            thinner.take(row, [value(*column), 0.0], &self.rows);
        }
        let updates = self.update.is_none_or(|update| value(update) == 1.0);
        for ((thinner, window), [before, gradient, after]) in
            self.rates.iter_mut().zip(&self.weights)
        {
            if updates {
                let moved = (value(*before) - value(*after)).abs();
                window.push([moved, value(*gradient).abs()]);
            }
            let [moved, gradients] = window.total();
            let rate = if gradients > 0.0 { moved / gradients } else { f64::NAN };
            thinner.take(row, [rate, 0.0], &self.rows);
        }
    }
}

/// The columns that carry something from row to row for the optimizer.
pub fn remembered(sheet: &Sheet) -> impl Iterator<Item = usize> {
    let columns = sheet.columns.iter().enumerate();
    let is_state =
        |column: &crate::sheet::Column| column.group == Group::State && column.initial.is_some();
    columns.filter(move |(_, column)| is_state(column)).map(|(index, _)| index)
}

impl Sink for Keeper {
    fn block(&mut self, block: &Block) -> Result<()> {
        for index in 0..block.rows() {
            let value = |column: usize| {
                let value: Value = block.columns[column][index];
                value.get().unwrap_or(f64::NAN)
            };
            self.take(block.first_row + index, &value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_extremes_and_gaps() {
        let mut thinner = Thinner::new(100_000);
        for row in 1..=100_000 {
            let value = match row {
                4321 => 9.0,
                77_777 => -9.0,
                50_000 => f64::NAN,
                _ => 1.0,
            };
            thinner.take(row, [value, 0.0], &[1, 4321]);
        }
        let track = thinner.track();
        assert!(track.points.len() < 700, "{}", track.points.len());
        assert!(track.points.contains(&(4321.0, 9.0)) && track.points.contains(&(77_777.0, -9.0)));
        assert!(track.points.iter().any(|point| point.1.is_nan()));
        assert_eq!((track.points[0].0, track.points[track.points.len() - 1].0), (1.0, 100_000.0));
        assert_eq!(track.table, [1.0, 9.0].map(Value::number));
    }

    #[test]
    fn a_window_sums_its_last_pairs_and_forgets_large_ones() {
        let mut window = Window::new(3);
        for (value, expected) in
            [(1e300, 1e300), (1.0, 1e300), (2.0, 1e300), (4.0, 7.0), (8.0, 14.0)]
        {
            window.push([value, 1.0]);
            assert_eq!(window.total()[0], expected);
        }
        assert_eq!((window.total()[1], window.len()), (3.0, 3));
    }
}
