//! The loss over two weights, and the lines of equal loss on it.
//!
//! The squared error of a linear model is a quadratic function of the weights: its lines of equal
//! loss are ellipses, known exactly from the Hessian. Of other models they are found on a grid
//! (marching squares).

use std::collections::BTreeMap;

use crate::error::Result;
use crate::formula::evaluate;
use crate::sheet::{Ref, Sheet};
use crate::trace::Results;
use crate::trace::curvature::Curvature;
use crate::value::Value;

/// A grid has at most so many cells along a side, and costs at most so many losses of samples.
const MOST_CELLS: usize = 64;
const MOST_LOSSES: usize = 3_000_000;

/// The mean loss over the data, by the weights.
#[derive(Debug)]
pub struct Surface<'a> {
    sheet: &'a Sheet,
    data: Vec<&'a [f64]>,
    /// The exact shape of the surface, where it is quadratic with a lowest point.
    pub bowl: Option<Bowl>,
}

/// A quadratic surface of two weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bowl {
    /// The weights at the lowest point.
    pub centre: [f64; 2],
    /// The mean loss there.
    pub lowest: f64,
    /// The second derivatives of the mean loss: ∂²/∂a², ∂²/∂a∂b, ∂²/∂b².
    pub hessian: [f64; 3],
}

impl<'a> Surface<'a> {
    /// The surface of what `results` trained.
    ///
    /// # Errors
    /// Those of [`Curvature::of`].
    pub fn new(results: &'a Results) -> Result<Self> {
        let sheet = &results.runs[0].sheet;
        let columns = sheet.data.iter();
        let data = columns.filter_map(|name| Some(results.data.column(name)?.values.as_slice()));
        let mut surface = Surface { sheet, data: data.collect(), bowl: None };
        if sheet.weights.len() == 2
            && let Some(curvature) = Curvature::of(results)?
        {
            surface.bowl = surface.bowl_of(&curvature);
        }
        Ok(surface)
    }

    fn bowl_of(&self, curvature: &Curvature) -> Option<Bowl> {
        let number = |place: usize| curvature.value(place).get().ok();
        let weights = &curvature.solution.as_ref()?.weights;
        let centre = [number(*weights.first()?)?, number(*weights.get(1)?)?];
        let rows = &curvature.hessian;
        let hessian = [number(rows[0][0])?, number(rows[0][1])?, number(rows[1][1])?];
        let [aa, ab, bb] = hessian;
        let is_bowl = aa > 0.0 && aa * bb - ab * ab > 1e-12 * aa * bb;
        is_bowl.then(|| Bowl { centre, lowest: self.loss(&centre).max(0.0), hessian })
    }

    /// The value of a formula of one sample with the given weights.
    fn value(
        &self,
        formula: &crate::formula::Expr<Ref>,
        weights: &[f64],
        data: &dyn Fn(usize) -> f64,
    ) -> f64 {
        let value = evaluate(formula, &|name: &Ref| match *name {
            Ref::Data(column) => Value::number(data(column)),
            Ref::Input(input) => {
                let weight = self.sheet.weights.iter().position(|one| one.start == input);
                let value = weight.map_or(self.sheet.inputs[input].value, |at| weights[at]);
                Value::number(value)
            }
            // A formula of one sample is over these alone.
            Ref::Column(_) | Ref::Above(_) | Ref::Order => Value::ZERO,
        });
        value.get().unwrap_or(f64::NAN)
    }

    /// The mean loss over the data with the given weights; NaN where it is no number.
    pub fn loss(&self, weights: &[f64]) -> f64 {
        let samples = self.data.first().map_or(0, |column| column.len());
        let loss = |sample: usize| {
            self.value(&self.sheet.sample_loss, weights, &|column| self.data[column][sample])
        };
        (0..samples).map(loss).sum::<f64>() / samples as f64
    }

    /// What the charts show for a mean loss: of the squared error its root, the RMSE.
    pub fn height(&self, loss: f64) -> f64 {
        if self.sheet.model.is_squared { loss.max(0.0).sqrt() } else { loss }
    }

    /// The name of that.
    pub fn height_name(&self) -> &'static str {
        if self.sheet.model.is_squared { "RMSE" } else { "mean loss" }
    }

    /// The prediction at `x`, for a model with one input.
    pub fn predict(&self, weights: &[f64], x: f64) -> f64 {
        self.value(&self.sheet.prediction, weights, &|_| x)
    }

    /// The prediction for a sample.
    pub fn predict_sample(&self, weights: &[f64], sample: usize) -> f64 {
        self.value(&self.sheet.prediction, weights, &|column| self.data[column][sample])
    }

    /// The heights on a grid over a box.
    pub fn grid(&self, low: [f64; 2], high: [f64; 2]) -> Grid {
        let samples = self.data.first().map_or(1, |column| column.len()).max(1);
        let cells = ((MOST_LOSSES / samples) as f64).sqrt() as usize;
        let cells = cells.clamp(16, MOST_CELLS);
        let mut grid = Grid { low, high, cells, heights: Vec::new() };
        for row in 0..=cells {
            for column in 0..=cells {
                let at = grid.place(column as f64, row as f64);
                let loss = match &self.bowl {
                    Some(bowl) => bowl.loss(at),
                    None => self.loss(&at),
                };
                grid.heights.push(self.height(loss));
            }
        }
        grid
    }
}

impl Bowl {
    /// The mean loss with the given weights.
    pub fn loss(&self, [a, b]: [f64; 2]) -> f64 {
        let (a, b) = (a - self.centre[0], b - self.centre[1]);
        let [aa, ab, bb] = self.hessian;
        self.lowest + 0.5 * (aa * a * a + 2.0 * ab * a * b + bb * b * b)
    }

    /// The point of the ellipse with a mean loss of `level` at an angle; `stretch` moves it out.
    pub fn point(&self, level: f64, angle: f64, stretch: f64) -> [f64; 2] {
        // (w − c)ᵀ H (w − c) = 2(level − lowest) with H = L·Lᵀ is a circle for Lᵀ(w − c).
        let radius = (2.0 * (level - self.lowest)).max(0.0).sqrt() * stretch;
        let [aa, ab, bb] = self.hessian;
        let first = aa.sqrt();
        let (below, second) = (ab / first, (bb - ab * ab / aa).sqrt());
        let b = radius * pxfm::f_sin(angle) / second;
        let a = (radius * pxfm::f_cos(angle) - below * b) / first;
        [self.centre[0] + a, self.centre[1] + b]
    }

    /// How many times as steep the surface is across its valley as along it.
    pub fn condition(&self) -> f64 {
        let [aa, ab, bb] = self.hessian;
        let (mean, root) = ((aa + bb) / 2.0, (((aa - bb) / 2.0).powi(2) + ab * ab).sqrt());
        (mean + root) / (aa * bb - ab * ab) * (mean + root)
    }
}

/// Heights at the corners of the cells of a box.
#[derive(Debug)]
pub struct Grid {
    low: [f64; 2],
    high: [f64; 2],
    cells: usize,
    heights: Vec<f64>,
}

/// An edge of a cell: the corner that it starts from, and whether it goes up.
type Edge = (usize, bool);

impl Grid {
    fn place(&self, column: f64, row: f64) -> [f64; 2] {
        let along = |weight: usize, at: f64| {
            self.low[weight] + (self.high[weight] - self.low[weight]) * at / self.cells as f64
        };
        [along(0, column), along(1, row)]
    }

    /// The lowest and the highest height.
    pub fn range(&self) -> (f64, f64) {
        let numbers = || self.heights.iter().copied().filter(|height| height.is_finite());
        (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max))
    }

    /// Where the surface crosses `level` on an edge.
    fn crossing(&self, (corner, up): Edge, level: f64) -> [f64; 2] {
        let width = self.cells + 1;
        let other = corner + if up { width } else { 1 };
        let share = (level - self.heights[corner]) / (self.heights[other] - self.heights[corner]);
        let (column, row) = ((corner % width) as f64, (corner / width) as f64);
        if up { self.place(column, row + share) } else { self.place(column + share, row) }
    }

    /// The lines on which the surface has the height `level`.
    pub fn lines(&self, level: f64) -> Vec<Vec<[f64; 2]>> {
        let mut next: BTreeMap<Edge, Vec<Edge>> = BTreeMap::new();
        for (one, other) in self.segments(level) {
            next.entry(one).or_default().push(other);
            next.entry(other).or_default().push(one);
        }
        let mut lines = Vec::new();
        // Open lines first, from their ends; what is left are rings.
        while let Some(start) = next
            .iter()
            .find(|(_, ends)| ends.len() == 1)
            .or_else(|| next.iter().find(|(_, ends)| !ends.is_empty()))
            .map(|(edge, _)| *edge)
        {
            let mut line = vec![self.crossing(start, level)];
            let mut at = start;
            while let Some(to) = next.get_mut(&at).and_then(Vec::pop) {
                if let Some(back) = next.get_mut(&to)
                    && let Some(found) = back.iter().position(|edge| *edge == at)
                {
                    back.swap_remove(found);
                }
                line.push(self.crossing(to, level));
                at = to;
            }
            lines.push(line);
        }
        lines
    }

    /// The pieces within the cells: from an edge to an edge.
    fn segments(&self, level: f64) -> Vec<(Edge, Edge)> {
        let width = self.cells + 1;
        let mut segments = Vec::new();
        for corner in 0..width * self.cells {
            if corner % width == self.cells {
                continue;
            }
            // Round the cell: below, right, above, left.
            let corners = [corner, corner + 1, corner + width + 1, corner + width];
            if corners.iter().any(|at| !self.heights[*at].is_finite()) {
                continue;
            }
            let edges: [Edge; 4] =
                [(corner, false), (corner + 1, true), (corner + width, false), (corner, true)];
            let above = corners.map(|at| self.heights[at] > level);
            let crossed: Vec<Edge> =
                (0..4).filter(|at| above[*at] != above[(at + 1) % 4]).map(|at| edges[at]).collect();
            segments.extend(crossed.chunks_exact(2).map(|pair| (pair[0], pair[1])));
        }
        segments
    }
}

/// Round heights between `low` and `high` to draw lines at: 1, 2 and 5 times powers of ten, or
/// where these are few, even steps.
pub fn levels(low: f64, high: f64) -> Vec<f64> {
    const MOST: usize = 9;
    let inside = |level: &f64| *level > low && *level < high;
    if low >= 0.0 && high / low.max(high / 300.0) > 12.0 {
        let from = low.max(high / 300.0);
        let first = crate::export::digits::magnitude(from);
        let last = crate::export::digits::magnitude(high);
        let power = |exponent: i32| format!("1e{exponent}").parse::<f64>().unwrap_or(1.0);
        let marks =
            (first..=last).flat_map(|exponent| [1.0, 2.0, 5.0].map(|m| m * power(exponent)));
        let levels: Vec<f64> = marks.filter(|level| inside(level) && *level >= from).collect();
        return levels[levels.len().saturating_sub(MOST)..].to_vec();
    }
    let ticks = super::super::scale::Scale::linear(low, high, 8).ticks;
    ticks.into_iter().filter(inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ellipse_has_its_level_everywhere() {
        let bowl = Bowl { centre: [2.0, 30.0], lowest: 1.0, hessian: [700.0, 30.0, 2.0] };
        for step in 0..16 {
            let at = bowl.point(50.0, f64::from(step) * 0.4, 1.0);
            assert!((bowl.loss(at) - 50.0).abs() < 1e-9, "{at:?}");
        }
        assert!((Bowl { hessian: [8.0, 0.0, 2.0], ..bowl }.condition() - 4.0).abs() < 1e-12);
    }

    #[test]
    fn marching_squares_find_rings_and_open_lines() {
        let mut grid = Grid { low: [-1.0; 2], high: [1.0; 2], cells: 40, heights: Vec::new() };
        for row in 0..=40 {
            for column in 0..=40 {
                let [a, b] = grid.place(f64::from(column), f64::from(row));
                grid.heights.push((a * a + b * b).sqrt());
            }
        }
        let rings = grid.lines(0.52);
        assert_eq!(rings.len(), 1);
        assert_eq!(rings[0][0], rings[0][rings[0].len() - 1]);
        assert!(rings[0].iter().all(|[a, b]| ((a * a + b * b).sqrt() - 0.52).abs() < 2e-3));
        assert_eq!(grid.lines(1.21).len(), 4);
        assert!(grid.lines(9.0).is_empty());
    }

    #[test]
    fn levels_are_round() {
        assert_eq!(levels(0.0, 83.0), [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]);
        assert_eq!(levels(3.0, 8.0), [4.0, 5.0, 6.0, 7.0]);
    }
}
